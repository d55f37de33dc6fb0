//! The rights once more, as a plain table by role, written without the policies and evaluated without Cedar. It is what
//! was meant; `agreement` compares.

use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::cases::Case;
use anlan_policy::{Actor, PostFacts};

#[derive(Clone, Copy)]
enum Reach {
    Everywhere,
    OwnOffice,
    /// Unless known to be off shift.
    OwnDivision,
}

struct Line(Role, &'static str, Reach);

const WORK: [Purpose; 2] = [Purpose::Case, Purpose::Emergency];
const UPKEEP: [Purpose; 1] = [Purpose::Maintenance];

/// What each role may do to cases while it works on them, or averts harm.
const CASES: &[Line] = &[
    Line(
        Role::Clerk,
        "case.list case.read case.words case.place case.move case.note case.contact photo.add photo.read",
        Reach::Everywhere,
    ),
    Line(
        Role::Worker,
        "case.list case.read case.words case.place case.move case.note photo.add photo.read",
        Reach::OwnDivision,
    ),
    Line(
        Role::Duty,
        "case.list case.read case.words case.place case.move case.note case.contact case.edit case.merge photo.add photo.read",
        Reach::Everywhere,
    ),
    Line(
        Role::Officer,
        "case.list case.read case.words case.place case.move case.note case.contact photo.add photo.read",
        Reach::OwnOffice,
    ),
    Line(
        Role::Supervisor,
        "case.list case.read case.words case.place case.move case.note case.contact photo.read",
        Reach::Everywhere,
    ),
    Line(
        Role::Arbiter,
        "case.list case.read case.words case.place case.move case.note photo.read",
        Reach::Everywhere,
    ),
    Line(
        Role::Commander,
        "case.list case.read case.words case.place case.note photo.read",
        Reach::Everywhere,
    ),
    Line(
        Role::System,
        "case.list case.read case.place case.move",
        Reach::Everywhere,
    ),
];

/// What a data steward sees of cases, at work or for upkeep, but not in an emergency.
const STEWARD: &str = "case.list case.read case.place";

/// What a running grant shows of the case it opens.
const OPENED: &str = "case.read case.words case.place photo.read";

fn has(words: &str, code: &str) -> bool {
    words.split(' ').any(|word| word == code)
}

/// Whether it is meant to be allowed. Actions on cases only.
pub(crate) fn is_meant(actor: &Actor, code: &str, purpose: Purpose, case: &Case) -> bool {
    if actor.office.is_some() && case.about_office == actor.office {
        return false;
    }
    if code == "case.publish" {
        return actor.roles.contains(&Role::Resident) && purpose == Purpose::Publication;
    }
    let is_steward = actor.roles.contains(&Role::Steward);
    if is_steward && has(STEWARD, code) && [Purpose::Case, UPKEEP[0]].contains(&purpose) {
        return true;
    }
    let erases = [Role::Supervisor, Role::Steward]
        .iter()
        .any(|role| actor.roles.contains(role));
    if code == "case.erase" {
        return erases && purpose == Purpose::Case;
    }
    let is_afield = [Role::Worker, Role::Officer]
        .iter()
        .any(|role| actor.roles.contains(role));
    let is_opened = has(OPENED, code) && actor.opened.contains(&case.id);
    if is_afield && purpose == Purpose::Emergency && (code == "grant.open" || is_opened) {
        return true;
    }
    WORK.contains(&purpose)
        && CASES
            .iter()
            .filter(|Line(role, words, _)| actor.roles.contains(role) && has(words, code))
            .any(|Line(_, _, reach)| reaches(actor, *reach, case))
}

fn reaches(actor: &Actor, reach: Reach, case: &Case) -> bool {
    match reach {
        Reach::Everywhere => true,
        Reach::OwnOffice => actor.office.is_some_and(|own| case.office == Some(own)),
        Reach::OwnDivision if actor.on_shift == Some(false) => false,
        Reach::OwnDivision => {
            let lies = case.place.division.as_deref().unwrap_or_default();
            lies.starts_with(actor.division.as_str())
        }
    }
}

/// What each role may do to things that are not cases, and for what; told apart by nothing else.
const OTHERS: &[(&str, &[Purpose], &[Role])] = &[
    (
        "session.use",
        &UPKEEP,
        &[
            Role::Clerk,
            Role::Worker,
            Role::Duty,
            Role::Officer,
            Role::Supervisor,
            Role::Arbiter,
            Role::Commander,
            Role::Steward,
            Role::Admin,
            Role::Security,
            Role::Auditor,
            Role::Privacy,
        ],
    ),
    (
        "report.create",
        &[Purpose::Case, Purpose::OwnReport, Purpose::Emergency],
        &[
            Role::Resident,
            Role::Clerk,
            Role::Worker,
            Role::Duty,
            Role::Officer,
        ],
    ),
    (
        "report.create",
        &[Purpose::Case, Purpose::Maintenance],
        &[Role::System],
    ),
    (
        "reference.write",
        &UPKEEP,
        &[Role::Steward, Role::Admin, Role::System],
    ),
    (
        "account.read",
        &[Purpose::Maintenance, Purpose::Audit],
        &[Role::Admin, Role::Security, Role::Auditor],
    ),
    (
        "account.entrust",
        &UPKEEP,
        // Nobody's approval is among the random questions.
        &[Role::System],
    ),
    ("grant.ask", &UPKEEP, &[Role::Security]),
    ("grant.approve", &UPKEEP, &[Role::Security]),
    (
        "grant.review",
        &[Purpose::Audit],
        &[Role::Supervisor, Role::Auditor],
    ),
    ("account.write", &UPKEEP, &[Role::Admin, Role::System]),
    ("role.grant", &UPKEEP, &[Role::Security, Role::System]),
    ("session.end", &UPKEEP, &[Role::Security]),
    ("factor.remove", &UPKEEP, &[Role::Security]),
    ("lock.clear", &UPKEEP, &[Role::Security]),
    ("key.make", &UPKEEP, &[Role::Security]),
    ("key.revoke", &UPKEEP, &[Role::Admin, Role::Security]),
    ("account.provision", &UPKEEP, &[Role::Directory]),
    ("lock.read", &UPKEEP, &[Role::Admin, Role::Security]),
    ("access.read", &[Purpose::Audit], &[Role::Auditor, Role::System]),
    (
        "retention.read",
        &[Purpose::Maintenance, Purpose::Audit],
        &[Role::Steward, Role::Admin, Role::Auditor, Role::System],
    ),
    ("retention.run", &UPKEEP, &[Role::Admin, Role::System]),
    ("review.read", &[Purpose::Audit], &[Role::Auditor, Role::Privacy]),
    ("review.decide", &[Purpose::Audit], &[Role::Privacy]),
    ("backup.run", &UPKEEP, &[Role::Admin, Role::System]),
    ("backup.ask", &UPKEEP, &[Role::Admin]),
    ("restore.confirm", &UPKEEP, &[Role::Admin, Role::Security]),
    ("policy.load", &UPKEEP, &[Role::System]),
    ("rules.publish", &UPKEEP, &[Role::Steward, Role::System]),
    (
        "warning.decide",
        &WORK,
        &[Role::Duty, Role::Supervisor, Role::Commander, Role::System],
    ),
];

/// Whether it is meant to be allowed; `None` where the table says nothing of the action.
pub(crate) fn is_meant_at_all(actor: &Actor, code: &str, purpose: Purpose) -> Option<bool> {
    let mut lines = OTHERS.iter().filter(|(of, ..)| *of == code).peekable();
    lines.peek()?;
    Some(lines.any(|(_, purposes, roles)| {
        purposes.contains(&purpose) && roles.iter().any(|role| actor.roles.contains(role))
    }))
}

/// Whether an action on a post is meant to be allowed.
pub(crate) fn is_meant_on_post(actor: &Actor, code: &str, purpose: Purpose, post: PostFacts<'_>) -> bool {
    let is_any = |roles: &[Role]| roles.iter().any(|role| actor.roles.contains(role));
    let is_upkeep = purpose == Purpose::Maintenance;
    let is_own_office = actor.office == Some(post.office);
    // Policies know somebody without an account, too: as nobody's number.
    let is_about_self = post.subject.is_some() && post.subject == actor.account;
    let is_for_self = post.stands_for.is_some() && post.stands_for == actor.account;
    let above = [
        Role::Admin,
        Role::Security,
        Role::Auditor,
        Role::Supervisor,
        Role::Commander,
    ];
    let staff = [
        Role::Clerk,
        Role::Worker,
        Role::Duty,
        Role::Officer,
        Role::Arbiter,
        Role::Steward,
    ];
    let working = is_any(&staff) || is_any(&[Role::Supervisor, Role::Commander]);
    match code {
        "post.read" => {
            (is_any(&above) && (is_upkeep || purpose == Purpose::Audit))
                || (is_any(&staff) && is_upkeep && is_own_office)
        }
        "post.write" => {
            let is_holder = actor.account.is_some_and(|own| post.holders.contains(&own));
            is_any(&[Role::Security]) && is_upkeep && !is_holder
        }
        "post.staff" => is_any(&[Role::Security]) && is_upkeep && !is_about_self,
        "post.roster" => {
            let leads = is_any(&[Role::Supervisor, Role::Duty]) && is_own_office;
            (is_any(&[Role::Security]) || leads) && is_upkeep && !is_about_self
        }
        "post.deputise" => {
            let leads = is_any(&[Role::Supervisor]) && is_own_office;
            let gives = working && is_for_self;
            (is_any(&[Role::Security]) || leads || gives) && is_upkeep && !is_about_self
        }
        _ => false,
    }
}
