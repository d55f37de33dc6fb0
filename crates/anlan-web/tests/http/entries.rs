//! The access log is complete: doors are walked through in a random order, and after each step exactly the entries are
//! there that the step must leave, none missing and none double. Removing any call that notes an access makes this fail
//! (`cargo xtask mutate-log` removes each in turn).

mod accounts;
mod alerts;
mod api;
mod directories;
mod grants;
mod identities;
mod machines;
mod open311;
mod pages;
mod posts;
mod program;
mod retention;
mod reviews;
mod steward;

use crate::bench::{Bench, Client};
use crate::things::{self, Lies};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Role;
use anlan_policy::Action;
use anlan_store::accesses::{self, AccessFilter};
use anlan_web::doors::DOORS;
use std::collections::BTreeSet;
use std::pin::Pin;

/// An entry that must be there: actor, action, kind of thing, id, purpose, count.
pub(crate) type Want = (Option<i64>, Action, &'static str, String, Purpose, u32);

/// What a step went through and must have left.
pub(crate) struct Left {
    /// The door as the table names it; `None` for what the program itself does.
    pub(crate) door: Option<&'static str>,
    pub(crate) wants: Vec<Want>,
}

/// A step, by name.
pub(crate) type Step = (
    &'static str,
    for<'a> fn(&'a mut World) -> Pin<Box<dyn Future<Output = Left> + 'a>>,
);

macro_rules! steps {
    ($($name:ident),* $(,)?) => {
        /// The steps of this file.
        pub(super) const STEPS: &[$crate::entries::Step] =
            &[$((stringify!($name), |world| Box::pin($name(world)))),*];
    };
}
pub(crate) use steps;

/// Which step drives each call that notes an access. A call in a function that is not named here fails a test, so that
/// none comes without a step.
const DRIVEN: &[(&str, &str)] = &[
    ("accesses::keep_node", "backup"),
    ("accesses::list", "audit"),
    ("accesses::log", "read"),
    ("accounts::change", "change_account"),
    ("accounts::find_secured", "read_account"),
    ("accounts::note_made", "open_account"),
    ("accounts::list_secured", "list_accounts"),
    ("accounts::remove_factors", "remove_factors"),
    ("accounts::set_roles", "set_roles"),
    ("alerts::decide", "decide_alert"),
    ("alerts::find", "read_alert"),
    ("alerts::list", "list_alerts"),
    ("alerts::note", "receive_alert"),
    ("backups::take", "backup"),
    ("backups::verify", "verify"),
    ("cases/duplicates::duplicates", "duplicates_of_nowhere"),
    ("cases/duplicates::shown", "duplicates"),
    ("cases/merging::note_on_both", "merge"),
    ("cases/queue::list", "list"),
    ("cases::contact", "contact"),
    ("cases::edit", "edit"),
    ("cases::move_in", "move_one"),
    ("cases::read", "read"),
    ("cases::record", "note"),
    ("directories/groups::create_group", "create_group"),
    ("directories/groups::find_group", "read_group"),
    ("directories/groups::list_all_groups", "list_all_groups"),
    ("directories/groups::list_groups", "list_kept_groups"),
    ("directories/groups::put_group", "patch_group"),
    ("directories/groups::remove_group", "delete_group"),
    ("directories/groups::set_group_roles", "set_group_roles"),
    ("directories::create", "create_user"),
    ("directories::find", "read_user"),
    ("directories::list", "list_users"),
    ("directories::put", "put_user"),
    ("directories::remove", "delete_user"),
    ("directories::settle", "set_group_roles"),
    ("erasures::list", "see_erasures"),
    ("erasures::note", "erase_due"),
    ("erasures::preview", "see_erasures"),
    ("grants::answer", "review_opening"),
    ("grants::request", "ask_roles"),
    ("grants::give", "approve_roles"),
    ("grants::list", "list_grants"),
    ("grants::open_case", "open_in_need"),
    ("grants::use_for_backup", "backup_out"),
    ("identities::forget", "forget_identity"),
    ("identities::link", "sign_in_through"),
    ("identities::name", "name_identity"),
    ("imports/quarantine::mend", "mend"),
    ("imports/quarantine::page", "quarantine"),
    ("imports/quarantine::retry", "retry"),
    ("imports/queue::change", "stop"),
    ("imports/queue::queue", "start"),
    ("imports::add_classes", "add_classes"),
    ("imports::begin", "begin"),
    ("imports::take_batch", "take_batch"),
    ("live::open", "live"),
    ("locks::clear", "clear_lock"),
    ("locks::failed", "sign_in_wrongly"),
    ("locks::list", "list_locks"),
    ("logs::prove_entry", "prove_entry"),
    ("logs::prove_stays", "looks"),
    ("logs::verify", "verify_log"),
    ("machines::list", "list_keys"),
    ("machines::make_key", "make_key"),
    ("machines::revoke_key", "revoke_key"),
    ("maps::each", "heat"),
    ("passkeys::keep", "register_passkey"),
    ("passkeys::remove", "remove_passkey"),
    ("passwords::change", "change_password"),
    ("passwords::reset", "reset_password"),
    ("photos::bytes", "see_photo"),
    ("photos::keep", "add_photo"),
    ("policies::loaded", "load_policies"),
    ("posts/acting::act_for", "act_for"),
    ("posts/rows::add", "write_rows"),
    ("posts/rows::end", "end_row"),
    ("posts::change", "change_post"),
    ("posts::create", "create_post"),
    ("posts::find", "read_post"),
    ("posts::list", "list_posts"),
    ("publications::note", "open311_list"),
    ("reference::put_cells", "put_cells"),
    ("reference::put_classes", "put_classes"),
    ("reference::put_document", "put_document"),
    ("reference::put_offices", "put_offices"),
    ("reports::hold", "report"),
    ("reports::take_and_compare", "report_again"),
    ("restorations::confirm", "confirm_restoration"),
    ("restorations::note", "note_restoration"),
    ("reviews/passing::keep", "pass_review"),
    ("reviews/reading::read", "read_review"),
    ("reviews::decide", "ask_office"),
    ("reviews::list", "list_reviews"),
    ("rules::publish", "publish_rules"),
    ("rules::try_on", "try_rules"),
    ("sessions::answer_password", "choose_password"),
    ("sessions::end", "end_one"),
    ("sessions::end_all_of", "end_sessions_of"),
    ("sessions::end_others", "end_others"),
    ("sessions::list_of", "sessions_of"),
    ("sessions::open", "sign_in"),
    ("totps::renew_codes", "renew_codes"),
    ("totps::turn_off", "turn_off_totp"),
    ("totps::turn_on", "confirm_totp"),
    ("tracks::act", "rate"),
    ("tracks::open", "follow"),
    ("tracks::photo", "follow_photo"),
    ("uploads::profile", "profile"),
    ("uploads::put", "hand_in_file"),
    ("warnings/reviewing::tune", "tune"),
    ("warnings::decide", "decide"),
    ("warnings::list", "list_warnings"),
    ("warnings::read", "read_warning"),
];

/// The node, who walks through its doors, and how much of the log was seen.
pub(crate) struct World {
    pub(crate) bench: Bench,
    pub(crate) duty: Client,
    pub(crate) steward: Client,
    pub(crate) admin: Client,
    pub(crate) security: Client,
    pub(crate) resident: Client,
    /// Every case there is.
    pub(crate) cases: Vec<i64>,
    random: u64,
    seen: usize,
    /// Entries of something refused that the step must leave.
    refused: Vec<Want>,
}

impl World {
    async fn new(seed: u64) -> Self {
        let bench = Bench::named();
        let duty = bench.sign_in(Role::Duty, bench.centre).await;
        let steward = bench.sign_in(Role::Steward, bench.centre).await;
        let admin = bench.sign_in(Role::Admin, bench.centre).await;
        let security = bench.sign_in(Role::Security, bench.centre).await;
        let mut world = Self {
            resident: bench.client(),
            duty,
            steward,
            admin,
            security,
            bench,
            cases: Vec::new(),
            random: seed,
            seen: 0,
            refused: Vec::new(),
        };
        for lies in [Lies::Here, Lies::Elsewhere, Lies::About] {
            world.case(lies);
        }
        world
    }

    /// The next random number below `end` (that of Steele, Lea and Flood, 2014).
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }

    /// A new case.
    pub(crate) fn case(&mut self, lies: Lies) -> i64 {
        let id = things::case(&self.bench, lies).id.0;
        self.cases.push(id);
        id
    }

    /// One of the cases.
    pub(crate) fn any_case(&mut self) -> i64 {
        let at = self.below(self.cases.len());
        self.cases[at]
    }

    /// The version a case is at.
    pub(crate) fn version(&self, id: i64) -> u32 {
        let id = anlan_model::ids::CaseId(id);
        let case = self.bench.app.store.read(|tx| anlan_store::cases::get(tx, id));
        case.map_err(|error: anlan_store::Error| error).unwrap().version
    }

    pub(crate) fn account(&self, client: &Client) -> Option<i64> {
        self.bench.actor(client).account.map(|id| id.0)
    }

    /// What comes from here on is the step's own.
    pub(crate) fn mark(&mut self) {
        self.seen = self.entries().len();
    }

    /// The step must leave this too, as something refused.
    pub(crate) fn refused(&mut self, want: Want) {
        self.refused.push(want);
    }

    /// Every entry, the oldest first.
    fn entries(&self) -> Vec<Access> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .bench
                .app
                .store
                .read(|tx| accesses::list(tx, &AccessFilter::default(), after.as_ref(), 1000));
            let page = page.map_err(|error: anlan_store::Error| error).unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                all.reverse();
                return all;
            }
        }
    }

    /// Compares what is new in the log with what the step must have left.
    fn check(&mut self, left: &Left) -> Result<(), String> {
        let all = self.entries();
        let mut found: Vec<String> = all[self.seen..].iter().map(shown).collect();
        let mut wanted: Vec<String> = left.wants.iter().map(self::wanted).collect();
        let refused = self.refused.drain(..);
        wanted.extend(refused.map(|want| format!("{} refused", self::wanted(&want))));
        self.seen = all.len();
        found.sort();
        wanted.sort();
        if found == wanted {
            return Ok(());
        }
        Err(format!("the log has\n  {found:#?}\nand must have\n  {wanted:#?}"))
    }
}

fn shown(entry: &Access) -> String {
    let Access {
        actor,
        action,
        resource,
        resource_id,
        purpose,
        count,
        allowed,
        ..
    } = entry;
    let actor = actor.map(|actor| actor.0);
    let end = if *allowed { "" } else { " refused" };
    format!("{actor:?} {action} {resource}/{resource_id} {purpose:?} {count}{end}")
}

fn wanted((actor, action, resource, id, purpose, count): &Want) -> String {
    format!("{actor:?} {} {resource}/{id} {purpose:?} {count}", action.code())
}

fn all_steps() -> Vec<Step> {
    [
        accounts::STEPS,
        api::STEPS,
        directories::STEPS,
        grants::STEPS,
        identities::STEPS,
        machines::STEPS,
        open311::STEPS,
        alerts::STEPS,
        steward::STEPS,
        pages::STEPS,
        posts::STEPS,
        program::STEPS,
        retention::STEPS,
        reviews::STEPS,
    ]
    .concat()
}

/// Every step once in a random order, then as many again at random.
fn order(world: &mut World) -> Vec<Step> {
    let mut rest = all_steps();
    let again: Vec<Step> = (0..rest.len()).map(|_| rest[world.below(rest.len())]).collect();
    let mut order = Vec::new();
    while !rest.is_empty() {
        let at = world.below(rest.len());
        order.push(rest.swap_remove(at));
    }
    order.extend(again);
    order
}

async fn run(seed: u64) -> BTreeSet<(&'static str, String)> {
    let mut world = World::new(seed).await;
    let (mut taken, mut traces) = (Vec::new(), BTreeSet::new());
    for (name, step) in order(&mut world) {
        taken.push(name);
        world.mark();
        let left = step(&mut world).await;
        if let Err(why) = world.check(&left) {
            panic!("seed {seed}, after {}: {why}", taken.join(", "));
        }
        if let Some(door) = left.door {
            let kinds = left.wants.iter();
            traces.extend(kinds.map(|want| (door, format!("{} {} {:?}", want.1.code(), want.2, want.4))));
        }
    }
    traces
}

#[tokio::test]
async fn each_step_leaves_exactly_its_entries() {
    let mut traces = BTreeSet::new();
    for seed in [1, 2026] {
        traces.extend(run(seed).await);
    }
    let stated: BTreeSet<_> = DOORS
        .iter()
        .flat_map(|door| door.traces.iter().map(move |trace| (door.at, trace)))
        .map(|(at, trace)| (at, format!("{} {} {:?}", trace.0.code(), trace.1, trace.2)))
        .collect();
    let unlike: Vec<_> = traces.symmetric_difference(&stated).collect();
    assert!(
        unlike.is_empty(),
        "what the doors state and what walking through them left differ in {unlike:#?}"
    );
}

/// The functions of the application that note accesses, as `file::function`.
fn noting() -> BTreeSet<String> {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../anlan-app/src"));
    let (mut found, mut folders) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path.strip_prefix(root).unwrap().with_extension("");
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(calls(&text).map(|function| format!("{}::{function}", module.display())));
        }
    }
    found
}

/// The functions of a file that call what notes an access.
fn calls(text: &str) -> impl Iterator<Item = String> {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let (mut function, mut found) = (String::new(), BTreeSet::new());
    for line in text.lines().map(str::trim_start) {
        let start = line
            .split("fn ")
            .nth(1)
            .filter(|_| line.contains("fn ") && !line.starts_with("//"));
        if let Some(name) = start.and_then(|rest| rest.split(['(', '<']).next()) {
            name.clone_into(&mut function);
        }
        let is_call = ["accesses::log(", "accesses::append(", "keep_node("]
            .iter()
            .any(|call| line.contains(call));
        let is_own = line.contains("fn keep_node(");
        let is_plain = line == "log(" || line.starts_with("log(app");
        if (is_call && !is_own) || is_plain {
            found.insert(function.clone());
        }
    }
    found.into_iter()
}

#[test]
fn every_call_that_notes_an_access_is_driven_by_a_step() {
    let named: BTreeSet<String> = DRIVEN.iter().map(|(call, _)| (*call).to_owned()).collect();
    let found = noting();
    let unlike: Vec<_> = named.symmetric_difference(&found).collect();
    assert!(
        unlike.is_empty(),
        "DRIVEN and the application differ in {unlike:?}"
    );
    let names: BTreeSet<&str> = all_steps().iter().map(|(name, _)| *name).collect();
    for (call, step) in DRIVEN {
        assert!(names.contains(step), "{call}: there is no step {step}");
    }
}
