//! The shipped procedure by tables: paths through it and what stands in the way.

use crate::story::{CENTRE, CLEANING, POWER, PROCEDURE, Story, class, returned, who, wish, with_reason};
use anlan_model::accounts::Role;
use anlan_model::cases::{Phase, Rating};
use anlan_model::classes::ClosingDemand;
use anlan_model::events::Event;
use anlan_model::ids::{AccountId, ReasonCode};
use anlan_model::incoming::Channel;
use anlan_model::procedures::{Actor, MoveRequest};
use jiff::{SignedDuration, Timestamp};

#[test]
fn where_cases_begin() {
    let rows = [
        (Channel::Web, true, true, "report"),
        (Channel::Hotline, true, true, "accept"),
        (Channel::Office, false, false, "accept"),
        (Channel::Worker, true, true, "handle"),
        (Channel::Worker, true, false, "accept"),
        (Channel::Worker, false, true, "accept"),
        (Channel::Import, true, true, "handle"),
    ];
    for (channel, class, office, state) in rows {
        let start = PROCEDURE.start(channel, class, office);
        assert_eq!(
            (start.state.as_str(), start.phase),
            (state, Phase::Open),
            "{channel:?}"
        );
    }
    assert_eq!(
        (PROCEDURE.closed_state().as_str(), PROCEDURE.void_state().as_str()),
        ("close", "void")
    );
}

#[test]
fn from_report_to_rating_and_back() {
    let mut story = Story::begin(Channel::Web, Some(CLEANING));
    let due = story.case.clocks.due_at;
    assert_eq!(story.go(Role::Duty, &wish("send_verify")), Ok("verify".into()));
    assert_eq!(story.go(Role::Worker, &wish("verify_ok")), Ok("accept".into()));
    assert_eq!(story.go(Role::Clerk, &wish("accept")), Ok("file".into()));
    assert_eq!(story.go(Role::Duty, &wish("file")), Ok("dispatch".into()));
    assert_eq!(story.go(Role::Duty, &wish("dispatch")), Ok("handle".into()));
    assert_eq!(story.case.office, Some(CLEANING));
    assert_eq!(story.go(Role::Officer, &wish("take")), Ok("handle".into()));
    assert_eq!(story.case.assignee, Some(AccountId(20)));
    assert_eq!(story.go(Role::Officer, &wish("finish")), Ok("check".into()));
    assert_eq!(
        story.go(Role::Worker, &with_reason("rework", "partly_done")),
        Ok("handle".into())
    );
    assert_eq!(
        (story.case.reworks, story.case.assignee),
        (1, Some(AccountId(20)))
    );
    assert_eq!(story.go(Role::Officer, &wish("finish")), Ok("check".into()));
    assert_eq!(
        story.go(Role::Worker, &with_reason("check_pass", "fixed")),
        Ok("close".into())
    );
    let closing = story.case.closing.clone().unwrap();
    assert_eq!(
        (closing.reason.as_str(), closing.by, closing.forced),
        ("fixed", Some(AccountId(30)), false)
    );
    assert_eq!(
        (story.case.phase, story.case.clocks.state_due_at),
        (Phase::Closed, None)
    );
    assert_eq!(story.go(Role::Resident, &wish("rate")), Ok("rated".into()));
    assert!(story.case.closing.is_some());
    assert_eq!(story.go(Role::Resident, &wish("reopen")), Ok("dispatch".into()));
    assert_eq!(
        (
            story.case.reopened,
            story.case.phase,
            story.case.closing.is_none()
        ),
        (1, Phase::Open, true)
    );
    assert_eq!(
        story.case.clocks.due_at, due,
        "the promise is one and the same from the first day on"
    );
}

#[test]
fn a_resident_reopens_within_the_window_a_supervisor_at_any_time() {
    for (hours, role, answer) in [
        (24 * 10, Role::Resident, Ok("dispatch".to_owned())),
        (24 * 10 + 1, Role::Resident, Err("reopen.too_late")),
        (24 * 100, Role::Supervisor, Ok("dispatch".to_owned())),
        (1, Role::Officer, Err("move.wrong_role")),
    ] {
        let mut story = Story::to_handling();
        story
            .go(Role::Supervisor, &with_reason("force_close", "answered"))
            .unwrap();
        assert!(story.case.closing.as_ref().unwrap().forced);
        story.wait(hours);
        assert_eq!(story.go(role, &wish("reopen")), answer, "{hours} {role:?}");
    }
}

#[test]
fn returns_cite_a_rule_are_counted_and_end_with_the_arbiter() {
    let mut story = Story::to_handling();
    assert_eq!(
        story.go(Role::Officer, &with_reason("return", "not_our_duty")),
        Err("rule.missing")
    );
    assert_eq!(
        story.go(
            Role::Officer,
            &MoveRequest {
                reason: None,
                ..returned()
            }
        ),
        Err("reason.missing")
    );
    let wrong = MoveRequest {
        reason: Some(ReasonCode::from("fixed")),
        ..returned()
    };
    assert_eq!(story.go(Role::Officer, &wrong), Err("reason.unknown"));
    let silent = MoveRequest {
        note: " ".into(),
        ..returned()
    };
    assert_eq!(story.go(Role::Officer, &silent), Err("note.missing"));
    assert_eq!(
        story.try_as(Role::Officer, Some(POWER), &returned()),
        Err("office.not_own")
    );

    assert_eq!(story.go(Role::Officer, &returned()), Ok("dispatch".into()));
    assert_eq!((story.case.returns, story.case.office), (1, Some(CENTRE)));
    // The centre is not an office that acts: one must be named.
    assert_eq!(story.go(Role::Duty, &wish("dispatch")), Err("office.missing"));
    let power = MoveRequest {
        office: Some(POWER),
        ..wish("dispatch")
    };
    assert_eq!(story.go(Role::Duty, &power), Ok("handle".into()));
    assert_eq!(
        story.try_as(Role::Officer, Some(POWER), &returned()),
        Ok("dispatch".into())
    );
    assert_eq!(story.case.returns, 2);
    assert_eq!(story.go(Role::Duty, &power), Err("returns.exhausted"));
    assert_eq!(story.go(Role::Duty, &wish("ask_arbiter")), Ok("arbitrate".into()));
    assert_eq!(
        story.go(Role::Arbiter, &wish("arbitrate_confirm")),
        Err("office.missing")
    );
    assert_eq!(
        story.go(Role::Arbiter, &wish("arbitrate_redirect")),
        Err("office.missing")
    );
    let verdict = MoveRequest {
        office: Some(CLEANING),
        ..wish("arbitrate_redirect")
    };
    assert_eq!(story.go(Role::Arbiter, &verdict), Ok("handle".into()));
    assert!(story.case.is_arbitrated);
    assert_eq!(story.go(Role::Officer, &returned()), Err("case.arbitrated"));
    let appeal = MoveRequest {
        rule_cited: Some("x".into()),
        ..wish("appeal")
    };
    assert_eq!(story.go(Role::Officer, &appeal), Err("case.arbitrated"));
    assert_eq!(story.go(Role::Officer, &wish("finish")), Ok("check".into()));
}

#[test]
fn an_appeal_goes_to_the_arbiter_who_may_confirm_the_office() {
    let mut story = Story::to_handling();
    let appeal = MoveRequest {
        rule_cited: Some("条例第 7 条".into()),
        ..wish("appeal")
    };
    assert_eq!(story.go(Role::Officer, &appeal), Ok("arbitrate".into()));
    assert_eq!(
        story.go(Role::Supervisor, &wish("arbitrate_confirm")),
        Err("move.wrong_role")
    );
    assert_eq!(
        story.go(Role::Arbiter, &wish("arbitrate_confirm")),
        Ok("handle".into())
    );
    assert_eq!(
        (story.case.office, story.case.is_arbitrated),
        (Some(CLEANING), true)
    );
}

#[test]
fn closing_needs_what_the_class_demands() {
    let mut story = Story::to_handling();
    story.class = class(ClosingDemand {
        photo: true,
        second_person: true,
        reporter_word: true,
    });
    story.reporter_known = true;
    let pass = with_reason("check_pass", "fixed");
    assert_eq!(story.go(Role::Officer, &wish("finish")), Err("closing.photo"));
    story.apply(&Event::PhotoAdded {
        photo: anlan_model::ids::PhotoId(1),
        shows: "after".into(),
    });
    // The supervisor's account does the work this time.
    let officer = Actor {
        account: Some(AccountId(40)),
        roles: &[Role::Officer],
        office: Some(CLEANING),
    };
    let event = PROCEDURE
        .decide(&story.case, &wish("finish"), &officer, &story.ground())
        .unwrap();
    story.apply(&event);
    assert_eq!(story.go(Role::Supervisor, &pass), Err("closing.second_person"));
    assert_eq!(story.go(Role::Worker, &pass), Err("closing.reporter_word"));
    let rating = |story: &Story, is_fixed| Event::CaseRated {
        rating: Rating {
            stars: 3,
            is_fixed,
            comment: String::new(),
            at: story.now,
        },
    };
    let no = rating(&story, false);
    story.apply(&no);
    assert_eq!(story.go(Role::Worker, &pass), Err("closing.reporter_word"));
    assert_eq!(
        story.go(Role::Resident, &wish("rate")),
        Ok("check".into()),
        "a rating during the check stays there"
    );
    let yes = rating(&story, true);
    story.apply(&yes);
    // A word about earlier work does not count after rework.
    let mut again = Story {
        case: story.case.clone(),
        class: story.class.clone(),
        ..story
    };
    assert_eq!(
        again.go(Role::Worker, &with_reason("rework", "not_done")),
        Ok("handle".into())
    );
    again.wait(1);
    assert_eq!(again.go(Role::Officer, &wish("finish")), Ok("check".into()));
    assert_eq!(again.go(Role::Worker, &pass), Err("closing.reporter_word"));
    again.reporter_known = false;
    assert_eq!(
        again.go(Role::Worker, &pass),
        Ok("close".into()),
        "nobody is there to be asked"
    );
}

#[test]
fn a_pause_stops_the_work_until_it_is_resumed() {
    let mut story = Story::to_handling();
    let due = story.case.clocks.due_at;
    assert_eq!(
        story.go(Role::Officer, &with_reason("pause", "weather")),
        Ok("handle".into())
    );
    for code in ["finish", "extend", "pause"] {
        let refused = story.go(
            if code == "extend" {
                Role::Supervisor
            } else {
                Role::Officer
            },
            &with_reason(code, "weather"),
        );
        assert_eq!(refused, Err("case.paused"), "{code}");
    }
    story.wait(24);
    assert_eq!(story.case.clocks.due_at, due);
    assert_eq!(
        story.try_as(Role::Officer, Some(POWER), &wish("resume")),
        Err("office.not_own")
    );
    assert_eq!(story.go(Role::Supervisor, &wish("resume")), Ok("handle".into()));
    assert!(story.case.clocks.due_at > due);
    assert_eq!(story.go(Role::Officer, &wish("resume")), Err("case.not_paused"));
}

#[test]
fn extensions_are_limited_in_number_and_reach() {
    let mut story = Story::to_handling();
    let due = story.case.clocks.due_at.unwrap();
    let until = |at: Timestamp| MoveRequest {
        until: Some(at),
        ..with_reason("extend", "complex")
    };
    let day = SignedDuration::from_hours(24);
    assert_eq!(story.go(Role::Officer, &until(due)), Err("move.wrong_role"));
    assert_eq!(story.go(Role::Supervisor, &until(due)), Err("until.out_of_reach"));
    assert_eq!(
        story.go(Role::Supervisor, &until(due.checked_add(day * 30).unwrap())),
        Err("until.out_of_reach")
    );
    let later = due.checked_add(SignedDuration::from_hours(1)).unwrap();
    assert_eq!(story.go(Role::Supervisor, &until(later)), Ok("handle".into()));
    assert_eq!(story.case.clocks.due_at, Some(later));
    assert_eq!(
        story.go(Role::Supervisor, &with_reason("extend", "complex")),
        Ok("handle".into())
    );
    assert_eq!(story.case.clocks.extensions, 2);
    assert_eq!(
        story.go(Role::Supervisor, &with_reason("extend", "complex")),
        Err("extensions.exhausted")
    );
}

#[test]
fn a_complaint_is_not_sent_to_the_office_it_is_about() {
    let mut story = Story::begin(Channel::Web, Some(POWER));
    story.case.about_office = Some(CLEANING);
    story.go(Role::Duty, &wish("accept")).unwrap();
    story.go(Role::Duty, &wish("file")).unwrap();
    let to_it = MoveRequest {
        office: Some(CLEANING),
        ..wish("dispatch")
    };
    assert_eq!(story.go(Role::Duty, &to_it), Err("office.is_subject"));
    assert_eq!(story.go(Role::Duty, &wish("dispatch")), Ok("handle".into()));
}

#[test]
fn every_refusal_speaks_both_languages() {
    let mut story = Story::to_handling();
    let (_, office) = who(Role::Officer);
    for code in ["nothing", "accept", "return", "resume"] {
        let actor = Actor {
            account: None,
            roles: &[Role::Officer],
            office,
        };
        let refusal = PROCEDURE
            .decide(&story.case, &wish(code), &actor, &story.ground())
            .unwrap_err();
        assert!(
            !refusal.en.is_ascii() || refusal.en.ends_with('.'),
            "{}",
            refusal.en
        );
        assert!(
            refusal.zh.ends_with('。') && !refusal.zh.is_ascii(),
            "{}",
            refusal.zh
        );
    }
    assert_eq!(story.go(Role::Officer, &wish("nothing")), Err("move.unknown"));
    assert_eq!(story.go(Role::Duty, &wish("accept")), Err("move.wrong_state"));
}
