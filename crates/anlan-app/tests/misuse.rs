//! The access review on a short simulated stretch of a county's desk with planted misuse. The whole year is measured by
//! `cargo xtask bench misuse`.

#[path = "../examples/misuse/beside.rs"]
mod beside;
#[path = "../examples/misuse/desk.rs"]
mod desk;
#[path = "../examples/misuse/dice.rs"]
mod dice;
#[path = "../examples/misuse/habits.rs"]
mod habits;
#[path = "../examples/misuse/judging.rs"]
mod judging;
#[path = "../examples/misuse/planting.rs"]
mod planting;
#[path = "../examples/misuse/staff.rs"]
mod staff;

use anlan_model::calendars::Calendar;
use judging::{Size, Year, judge, share};
use planting::Misuse;

#[test]
fn work_is_explained_and_gross_misuse_leads_the_queue() {
    let calendar = Calendar::china().unwrap();
    let size = Size {
        seed: 1,
        days: 75,
        cases_per_day: 50.0,
        each: 1,
    };
    let year = Year::simulate(size, &calendar);
    let judged = judge(&year, &calendar);
    let explained = judged.share_explained();
    assert!(judged.legitimate.0 > 10_000, "{judged:?}");
    assert!(explained >= 0.97, "{explained}");
    let planted = share(judged.planted.1, judged.planted.0);
    assert!(
        planted < 0.5,
        "what explains everything explains nothing: {planted}"
    );
    for kind in [Misuse::Bulk, Misuse::Pages, Misuse::Slow] {
        assert_eq!(judged.found.get(&kind), Some(&(1, 1)), "{}", kind.word());
    }
    assert!(judged.share_found() >= 0.6, "{:?}", judged.places);
}

#[test]
fn the_same_seed_gives_the_same_year() {
    let calendar = Calendar::china().unwrap();
    let size = Size {
        seed: 9,
        days: 50,
        cases_per_day: 8.0,
        each: 1,
    };
    let (one, other) = (Year::simulate(size, &calendar), Year::simulate(size, &calendar));
    assert!(!one.lines.is_empty());
    let entries = |year: &Year| {
        year.lines
            .iter()
            .map(|line| line.access.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(entries(&one), entries(&other));
}
