//! Who stands at a post: by hand, and against a slow second reading of the rule.

use super::*;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn post(roster: Roster) -> Post {
    Post {
        id: PostId(1),
        name: "值班岗".into(),
        office: OfficeId(3),
        division: String::new(),
        roles: vec![Role::Officer],
        roster,
        is_active: true,
    }
}

fn row(kind: RowKind, account: i64, from: i64, until: Option<i64>) -> PostRow {
    PostRow {
        id: PostRowId(0),
        post: PostId(1),
        kind,
        account: AccountId(account),
        stands_for: None,
        from: at(from),
        until: until.map(at),
        reference: String::new(),
        by: AccountId(99),
        at: at(0),
        ended_by: None,
    }
}

fn deputy(account: i64, stands_for: i64, from: i64, until: i64) -> PostRow {
    PostRow {
        stands_for: Some(AccountId(stands_for)),
        ..row(RowKind::Deputy, account, from, Some(until))
    }
}

fn stands(roster: Roster, rows: &[PostRow], account: i64, second: i64) -> Option<Standing> {
    standing(&post(roster), rows, AccountId(account), at(second))
}

#[test]
fn a_member_holds_a_post_from_the_first_instant_to_just_before_the_last() {
    let rows = [row(RowKind::Member, 1, 10, Some(20))];
    let held: Vec<bool> = [9, 10, 19, 20]
        .map(|second| stands(Roster::None, &rows, 1, second).is_some())
        .into();
    assert_eq!(held, [false, true, true, false]);
    assert_eq!(stands(Roster::None, &rows, 2, 15), None);
    let closed = Post {
        is_active: false,
        ..post(Roster::None)
    };
    assert_eq!(standing(&closed, &rows, AccountId(1), at(15)), None);
}

#[test]
fn a_roster_binds_or_only_tells() {
    let rows = [
        row(RowKind::Member, 1, 0, None),
        row(RowKind::Shift, 1, 10, Some(20)),
        row(RowKind::Shift, 2, 10, Some(20)),
    ];
    let told = |roster, second| stands(roster, &rows, 1, second).map(|one| one.on_shift);
    assert_eq!(told(Roster::None, 15), Some(None));
    assert_eq!(told(Roster::Kept, 15), Some(Some(true)));
    assert_eq!(told(Roster::Kept, 20), Some(Some(false)));
    assert_eq!(told(Roster::Binding, 15), Some(Some(true)));
    assert_eq!(told(Roster::Binding, 20), None);
    assert_eq!(
        stands(Roster::Binding, &rows, 2, 15),
        None,
        "a shift without membership gives nothing"
    );
}

#[test]
fn deputies_stand_in_for_members_and_have_none_themselves() {
    let rows = [
        row(RowKind::Member, 1, 0, Some(50)),
        deputy(2, 1, 10, 60),
        deputy(3, 2, 10, 60),
    ];
    assert_eq!(
        stands(Roster::None, &rows, 2, 20).unwrap().stands_for,
        Some(AccountId(1))
    );
    assert_eq!(
        stands(Roster::None, &rows, 3, 20),
        None,
        "a deputy's deputy is nobody's"
    );
    assert_eq!(
        stands(Roster::None, &rows, 2, 55),
        None,
        "the member has left, so has the deputy"
    );
    assert_eq!(
        stands(Roster::Binding, &rows, 2, 20),
        None,
        "off shift a deputy holds no more than a member"
    );
    let both = [rows[0].clone(), rows[1].clone(), row(RowKind::Member, 2, 0, None)];
    assert_eq!(stands(Roster::None, &both, 2, 20).unwrap().stands_for, None);
}

#[test]
fn no_post_rules_or_watches() {
    for role in Role::ALL {
        let fits = !matches!(
            role,
            Role::Admin
                | Role::Security
                | Role::Auditor
                | Role::Privacy
                | Role::Directory
                | Role::Resident
                | Role::System
        );
        assert_eq!(may_carry(&[Role::Clerk, role]).is_ok(), fits, "{role:?}");
    }
    assert_eq!(may_carry(&[]), Err(PostClash::NoRole));
}

#[test]
fn no_row_works_backwards_or_lasts_too_long() {
    let written = |row: PostRow| PostRow { at: at(100), ..row };
    let late = timed(written(row(RowKind::Shift, 1, 50, Some(200)))).unwrap();
    assert_eq!(late.from, at(100));
    let over = timed(written(row(RowKind::Shift, 1, 50, Some(100))));
    assert_eq!(over, Err(RowFault::Over));
    assert_eq!(timed(row(RowKind::Member, 1, 30, Some(30))), Err(RowFault::Over));
    let day = SHIFT_MAX.as_secs();
    timed(row(RowKind::Shift, 1, 5, Some(5 + day))).unwrap();
    assert_eq!(
        timed(row(RowKind::Shift, 1, 5, Some(6 + day))),
        Err(RowFault::TooLong)
    );
    assert_eq!(timed(row(RowKind::Shift, 1, 5, None)), Err(RowFault::TooLong));
    timed(row(RowKind::Member, 1, 5, None)).unwrap();
    assert_eq!(
        timed(deputy(1, 2, 5, 6 + DEPUTY_MAX.as_secs())),
        Err(RowFault::TooLong)
    );
    assert_eq!(timed(deputy(1, 1, 5, 6)), Err(RowFault::StandsFor));
    assert_eq!(
        timed(row(RowKind::Deputy, 1, 5, Some(6))),
        Err(RowFault::StandsFor)
    );
    let member_for = PostRow {
        stands_for: Some(AccountId(2)),
        ..row(RowKind::Member, 1, 5, None)
    };
    assert_eq!(timed(member_for), Err(RowFault::StandsFor));
    let far = AHEAD_MAX.as_secs() + 1;
    assert_eq!(timed(row(RowKind::Member, 1, far, None)), Err(RowFault::TooFar));
}

prop_compose! {
    fn rows()(
        kind in 0..3, account in 1..5_i64, other in 1..5_i64, from in 0..20_i64, length in prop::option::of(0..12_i64),
    ) -> PostRow {
        let until = length.map(|length| from + length);
        match kind {
            0 => row(RowKind::Member, account, from, until),
            1 => row(RowKind::Shift, account, from, until),
            _ => deputy(account, other, from, until.unwrap_or(from + 3)),
        }
    }
}

proptest! {
    #[test]
    fn standing_is_what_the_rule_says(all in prop::collection::vec(rows(), 0..12), account in 1..5_i64, second in 0..34_i64) {
        // Read once more the other way round: first everybody there, then who is let through.
        let now: Vec<&PostRow> = all.iter().filter(|row| row.from <= at(second) && row.until.is_none_or(|until| until > at(second))).collect();
        let of = |kind: RowKind| -> Vec<i64> { now.iter().filter(|row| row.kind == kind).map(|row| row.account.0).collect() };
        let (members, shifts) = (of(RowKind::Member), of(RowKind::Shift));
        let mut there = members.clone();
        for row in now.iter().filter(|row| row.kind == RowKind::Deputy) {
            if row.stands_for.is_some_and(|absent| members.contains(&absent.0)) {
                there.push(row.account.0);
            }
        }
        let is_there = there.contains(&account);
        prop_assert_eq!(stands(Roster::None, &all, account, second).is_some(), is_there);
        prop_assert_eq!(stands(Roster::Kept, &all, account, second).is_some(), is_there);
        prop_assert_eq!(stands(Roster::Binding, &all, account, second).is_some(), is_there && shifts.contains(&account));
        if let Some(standing) = stands(Roster::Kept, &all, account, second) {
            prop_assert_eq!(standing.on_shift, Some(shifts.contains(&account)));
            prop_assert_eq!(standing.stands_for.is_none(), members.contains(&account));
        }
    }

    #[test]
    fn a_standing_turns_when_it_is_said_to(all in prop::collection::vec(rows(), 0..12), account in 1..5_i64, second in 0..34_i64) {
        let held = |second| stands(Roster::Binding, &all, account, second).is_some();
        let turn = (second + 1..60).find(|later| held(*later) != held(second));
        prop_assert_eq!(turns_at(&post(Roster::Binding), &all, AccountId(account), at(second)), turn.map(at));
    }

    #[test]
    fn rows_overlap_where_an_instant_has_both(one in rows(), other in rows()) {
        let both = (0..40).any(|second| one.holds(at(second)) && other.holds(at(second)));
        let same = one.kind == other.kind && one.account == other.account && one.stands_for == other.stands_for;
        prop_assert_eq!(overlap(&one, &other), both && same);
        prop_assert_eq!(overlap(&one, &other), overlap(&other, &one));
    }
}
