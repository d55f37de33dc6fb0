//! Working time and deadlines over the Chinese holiday years 2025 and 2026, computed by hand, and over summer time in
//! New York; then the laws that must hold for every instant.
#![expect(clippy::unwrap_used, reason = "a test that stops says what is wrong")]

use anlan_model::calendars::Calendar;
use anlan_model::cases::Clocks;
use anlan_model::deadlines::{ClockKind, DeadlineTable, Stops, Term};
use anlan_model::ids::{ClassCode, ReasonCode, StateCode};
use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::LazyLock;

static CHINA: LazyLock<Calendar> = LazyLock::new(|| Calendar::china().unwrap());
static CHINA_SAME_TIME: LazyLock<Calendar> = LazyLock::new(|| {
    let text = include_str!("../../../standards/calendar-cn.toml").replace("close_of_business", "same_time");
    Calendar::from_toml(&text).unwrap()
});
const NEW_YORK_TEXT: &str = r#"
name = "us"
time_zone = "America/New_York"
day_ends = "same_time"
source = "made for this test"
known_years = [2026]
urgent_hours = ["00:00-24:00"]
[office_hours]
monday = ["09:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["09:00-17:00"]
# A night shift, so that office hours meet the change of the clock.
sunday = ["00:00-06:00"]
[[holiday]]
name_zh = "独立日"
name_en = "Independence Day"
from = "2026-07-03"
to = "2026-07-03"
"#;
static NEW_YORK: LazyLock<Calendar> = LazyLock::new(|| Calendar::from_toml(NEW_YORK_TEXT).unwrap());

fn at(calendar: &Calendar, text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    calendar.zone().to_timestamp(local).unwrap()
}

fn shows(calendar: &Calendar, at: Timestamp) -> String {
    calendar
        .zone()
        .to_datetime(at)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

fn check_due(calendar: &Calendar, rows: &[(&str, &str, &str)]) {
    for (from, term, due) in rows {
        let term: Term = term.parse().unwrap();
        assert_eq!(
            shows(calendar, calendar.due(at(calendar, from), &term)),
            format!("{due}:00"),
            "{from} + {term}"
        );
    }
}

#[test]
fn terms_around_the_chinese_holidays_of_2025() {
    check_due(
        &CHINA,
        &[
            // Plain days. Office hours 08:30–12:00 and 13:30–17:30, 7.5 hours.
            ("2025-03-03 09:00", "1 工作时", "2025-03-03 10:00"),
            ("2025-03-03 11:30", "1 工作时", "2025-03-03 14:00"),
            ("2025-03-03 08:30", "7 工作时", "2025-03-03 17:00"),
            ("2025-03-03 17:00", "1 工作时", "2025-03-04 09:00"),
            ("2025-03-07 17:30", "1 工作时", "2025-03-10 09:30"),
            ("2025-03-07 20:00", "1 工作时", "2025-03-10 09:30"),
            ("2025-03-03 10:00", "1 工作日", "2025-03-04 17:30"),
            ("2025-03-07 10:00", "1 工作日", "2025-03-10 17:30"),
            ("2025-03-08 10:00", "1 工作日", "2025-03-10 17:30"),
            // 春节: off from Tue 28 Jan to Tue 4 Feb; work on Sun 26 Jan and Sat 8 Feb.
            ("2025-01-24 16:30", "2 工作时", "2025-01-26 09:30"),
            ("2025-01-25 10:00", "1 工作日", "2025-01-26 17:30"),
            ("2025-01-27 16:30", "4 工作时", "2025-02-05 11:30"),
            ("2025-01-27 09:00", "1 工作日", "2025-02-05 17:30"),
            ("2025-01-27 09:00", "4 工作日", "2025-02-08 17:30"),
            ("2025-01-27 09:00", "5 工作日", "2025-02-10 17:30"),
            ("2025-01-30 03:00", "2 工作日", "2025-02-06 17:30"),
            // Urgent hours run through the holiday, 06:00–22:00.
            ("2025-01-29 21:00", "2 紧急工作时", "2025-01-30 07:00"),
            ("2025-01-29 23:30", "1 紧急工作时", "2025-01-30 07:00"),
            // Calendar days end with the day.
            ("2025-01-27 09:00", "3 日历日", "2025-01-31 00:00"),
            // 国庆 with 中秋: off from 1 to 8 Oct; work on Sun 28 Sep and Sat 11 Oct.
            ("2025-09-26 09:00", "1 工作日", "2025-09-28 17:30"),
            ("2025-09-30 15:30", "4 工作时", "2025-10-09 10:30"),
            ("2025-09-30 10:00", "3 工作日", "2025-10-11 17:30"),
            ("2025-09-30 10:00", "4 工作日", "2025-10-13 17:30"),
            // 劳动节: work on Sun 27 Apr.
            ("2025-04-25 10:00", "1 工作日", "2025-04-27 17:30"),
            ("2025-04-30 10:00", "1 工作日", "2025-05-06 17:30"),
            // 清明 and 端午.
            ("2025-04-03 10:00", "1 工作日", "2025-04-07 17:30"),
            ("2025-05-30 10:00", "1 工作日", "2025-06-03 17:30"),
        ],
    );
}

#[test]
fn terms_around_the_chinese_holidays_of_2026() {
    check_due(
        &CHINA,
        &[
            // 元旦: off 1 to 3 Jan, work on Sun 4 Jan.
            ("2025-12-31 17:00", "1 工作时", "2026-01-04 09:00"),
            ("2025-12-31 17:00", "2 工作日", "2026-01-05 17:30"),
            // 春节: off from Sun 15 to Mon 23 Feb; work on Sat 14 and Sat 28 Feb.
            ("2026-02-13 10:00", "1 工作日", "2026-02-14 17:30"),
            ("2026-02-14 16:30", "2 工作时", "2026-02-24 09:30"),
            ("2026-02-14 10:00", "4 工作日", "2026-02-27 17:30"),
            ("2026-02-14 10:00", "5 工作日", "2026-02-28 17:30"),
            ("2026-02-14 10:00", "6 工作日", "2026-03-02 17:30"),
            // 国庆: off 1 to 7 Oct; work on Sun 20 Sep and Sat 10 Oct. 中秋: off 25 to 27 Sep.
            ("2026-09-18 10:00", "1 工作日", "2026-09-20 17:30"),
            ("2026-09-24 10:00", "1 工作日", "2026-09-28 17:30"),
            ("2026-09-30 10:00", "3 工作日", "2026-10-10 17:30"),
            ("2026-06-18 10:00", "1 工作日", "2026-06-22 17:30"),
            ("2026-04-30 10:00", "4 工作日", "2026-05-09 17:30"),
        ],
    );
}

#[test]
fn the_two_years_have_as_many_working_days_as_the_state_council_says() {
    for (from, to, days) in [
        ("2024-12-31 12:00", "2025-12-31 12:00", 248),
        ("2025-12-31 12:00", "2026-12-31 12:00", 248),
    ] {
        let between = CHINA.days_between(at(&CHINA, from), at(&CHINA, to), ClockKind::WorkingDay);
        assert_eq!(between, days, "{from} … {to}");
    }
    assert!(CHINA.knows_year_of(at(&CHINA, "2026-12-31 23:59")));
    assert!(!CHINA.knows_year_of(at(&CHINA, "2027-01-01 00:00")));
}

#[test]
fn days_at_the_same_time_are_moved_into_office_hours() {
    check_due(
        &CHINA_SAME_TIME,
        &[
            ("2025-03-03 10:00", "1 工作日", "2025-03-04 10:00"),
            ("2025-03-03 20:00", "1 工作日", "2025-03-04 17:30"),
            ("2025-03-04 03:00", "1 工作日", "2025-03-05 08:30"),
            ("2025-03-08 10:00", "1 工作日", "2025-03-10 17:30"),
            ("2025-01-27 10:00", "4 工作日", "2025-02-08 10:00"),
            ("2025-01-27 10:00", "4 日历日", "2025-01-31 10:00"),
        ],
    );
}

#[test]
fn summer_time_in_new_york() {
    check_due(
        &NEW_YORK,
        &[
            // 8 March 2026: 02:00 becomes 03:00. Elapsed hours count, not the wall's.
            ("2026-03-08 00:00", "4 urgent_hours", "2026-03-08 05:00"),
            ("2026-03-08 00:00", "4 working_hours", "2026-03-08 05:00"),
            ("2026-03-07 12:00", "24 urgent_hours", "2026-03-08 13:00"),
            // A calendar day is a day by the wall clock.
            ("2026-03-07 12:00", "1 calendar_days", "2026-03-08 12:00"),
            ("2026-03-07 02:30", "1 calendar_days", "2026-03-08 03:00"),
            // 1 November 2026: 02:00 becomes 01:00 again.
            ("2026-11-01 00:00", "4 urgent_hours", "2026-11-01 03:00"),
            ("2026-11-01 00:00", "4 working_hours", "2026-11-01 03:00"),
            ("2026-10-31 12:00", "24 urgent_hours", "2026-11-01 11:00"),
            ("2026-10-31 12:00", "1 calendar_days", "2026-11-01 12:00"),
            // The night shift is 5, 6 and 7 hours long on the three kinds of Sunday.
            ("2026-03-07 12:00", "5 working_hours", "2026-03-08 06:00"),
            ("2026-03-14 12:00", "6 working_hours", "2026-03-15 06:00"),
            ("2026-10-31 12:00", "7 working_hours", "2026-11-01 06:00"),
            ("2026-07-02 10:00", "1 working_days", "2026-07-05 06:00"),
        ],
    );
}

#[test]
fn what_is_out_of_the_table_stays_at_its_ends() {
    let last = "9999-12-30T00:00:00Z".parse().unwrap();
    let term = "9999 working_days".parse().unwrap();
    assert_eq!(
        CHINA.worked(
            Timestamp::MIN,
            "1980-01-01T00:00:00Z".parse().unwrap(),
            ClockKind::CalendarDay
        ),
        0
    );
    assert_eq!(CHINA.due(last, &term), "2079-12-31T16:00:00Z".parse().unwrap());
    assert_eq!(
        shows(&CHINA, CHINA.due(at(&CHINA, "2060-01-01 00:00"), &term)),
        "2080-01-01 00:00:00"
    );
}

#[test]
fn a_wrong_calendar_is_refused_with_line_and_field() {
    let text = NEW_YORK_TEXT
        .replace("America/New_York", "America/Atlantis")
        .replace(
            "tuesday = [\"09:00-17:00\"]",
            "tuesday = [\"09:00-17:00\", \"16:00-18:00\", \"9-12\"]",
        )
        .replace("to = \"2026-07-03\"", "to = \"2026-02-30\"");
    let error = Calendar::from_toml(&text).unwrap_err();
    let found: Vec<_> = error
        .faults
        .iter()
        .map(|fault| (fault.line, fault.field.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some(3), "time_zone"),
            (Some(10), "office_hours.tuesday"),
            (Some(10), "office_hours.tuesday"),
            (Some(20), "holiday.Independence Day.to"),
        ]
    );
    let error = Calendar::from_toml("name = 3").unwrap_err();
    assert_eq!((error.faults[0].line, error.faults[0].column), (Some(1), Some(8)));
    let none = NEW_YORK_TEXT
        .replace("[\"09:00-17:00\"]", "[]")
        .replace("[\"00:00-06:00\"]", "[]");
    assert!(
        Calendar::from_toml(&none)
            .unwrap_err()
            .to_string()
            .contains("no weekday has office hours")
    );
}

const TABLE: &str = r#"
name = "test"
source = "made for this test"
extension = "2 working_days"
[[overall]]
classes = ["m06010"]
term = "16 working_hours"
[[overall]]
classes = ["m06*", "c01001"]
term = "5 working_days"
extension = "1 working_days"
[[state]]
state = "handle"
classes = ["*"]
term = "4 working_hours"
"#;

#[test]
fn the_first_line_that_takes_the_class_counts() {
    let table = DeadlineTable::from_toml(TABLE).unwrap();
    let overall = |code: &str| {
        table
            .overall(Some(&ClassCode::from(code)))
            .map(|term| term.to_string())
    };
    assert_eq!(overall("m06010").as_deref(), Some("16 working_hours"));
    assert_eq!(overall("m06011").as_deref(), Some("5 working_days"));
    assert_eq!(overall("c01001").as_deref(), Some("5 working_days"));
    assert_eq!((overall("c01002"), table.overall(None)), (None, None));
    assert!(table.state(&StateCode::from("handle"), None).is_some());
    assert_eq!(table.extension(Some(&ClassCode::from("m06011"))).amount(), 1);
    assert_eq!(table.extension(Some(&ClassCode::from("m06010"))).amount(), 2);
}

#[test]
fn a_wrong_deadline_table_is_refused_with_line_and_field() {
    let text = TABLE
        .replace("16 working_hours", "16 hours")
        .replace("classes = [\"m06*\", \"c01001\"]", "classes = []");
    let text = format!("{text}[[state]]\nstate = \"handle\"\nclasses = [\"m*\"]\nterm = \"1 工作时\"\n");
    let error = DeadlineTable::from_toml(&text).unwrap_err();
    let found: Vec<_> = error
        .faults
        .iter()
        .map(|fault| (fault.line, fault.field.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some(7), "overall.term"),
            (Some(9), "overall.classes"),
            (Some(18), "classes")
        ]
    );
}

#[test]
fn the_clock_survives_returns_and_stands_still_in_pauses() {
    let table = DeadlineTable::from_toml(TABLE).unwrap();
    let class = ClassCode::from("m06010");
    let keeper = table.on(&CHINA, Some(&class));
    let [dispatch, handle] = ["dispatch", "handle"].map(StateCode::from);
    let time = |text| at(&CHINA, text);
    let due = |clocks: &Clocks| clocks.due_at.map(|due| shows(&CHINA, due)).unwrap();
    let state_due = |clocks: &Clocks| clocks.state_due_at.map(|due| shows(&CHINA, due));

    // Monday 08:30, 16 working hours: Wednesday 09:30.
    let clocks = keeper.open(&dispatch, time("2025-03-03 08:30"));
    assert_eq!(
        (due(&clocks), state_due(&clocks)),
        ("2025-03-05 09:30:00".into(), None)
    );
    let clocks = keeper.enter_state(&clocks, &dispatch, &handle, time("2025-03-03 09:00"));
    assert_eq!(state_due(&clocks).unwrap(), "2025-03-03 14:30:00");
    // Returned after one hour and sent again: three of the four hours are left, the promise did not move.
    let clocks = keeper.enter_state(&clocks, &handle, &dispatch, time("2025-03-03 10:00"));
    let clocks = keeper.enter_state(&clocks, &dispatch, &handle, time("2025-03-03 11:00"));
    assert_eq!(state_due(&clocks).unwrap(), "2025-03-03 15:30:00");
    assert_eq!(due(&clocks), "2025-03-05 09:30:00");
    // Paused from 11:30 to 14:30 next to the lunch break: 1.5 working hours.
    let paused = keeper.pause(
        &clocks,
        &ReasonCode::from("weather"),
        Stops {
            overall: true,
            state: true,
        },
        time("2025-03-03 11:30"),
    );
    assert_eq!(
        keeper.remaining_s(&paused, time("2025-03-03 14:00")),
        keeper.remaining_s(&clocks, time("2025-03-03 11:30"))
    );
    let resumed = keeper.resume(&paused, &handle, time("2025-03-03 14:30"));
    assert_eq!(
        (due(&resumed), state_due(&resumed).unwrap()),
        ("2025-03-05 11:00:00".into(), "2025-03-03 17:00:00".into())
    );
    // A pause that stops the state's clock only leaves the promise.
    let half = keeper.pause(
        &clocks,
        &ReasonCode::from("contractor"),
        Stops {
            overall: false,
            state: true,
        },
        time("2025-03-03 11:30"),
    );
    let half = keeper.resume(&half, &handle, time("2025-03-03 14:30"));
    assert_eq!(
        (due(&half), state_due(&half).unwrap()),
        ("2025-03-05 09:30:00".into(), "2025-03-03 17:00:00".into())
    );
    // Leaving the state ends a pause, and the paused time is not counted as used.
    let left = keeper.enter_state(&paused, &handle, &dispatch, time("2025-03-03 14:30"));
    assert!(!left.is_paused());
    assert_eq!(left.used_s[&handle], 3600 + 1800);
    // An extension: two working days after the day of the promise.
    let longer = keeper.extend(&resumed, None);
    assert_eq!(
        (due(&longer), longer.extensions),
        ("2025-03-07 17:30:00".into(), 1)
    );
    let some = keeper.extend(&resumed, Some(time("2025-03-06 12:00")));
    assert_eq!(due(&some), "2025-03-06 12:00:00");
    // Another class: counted from receipt again, the pause kept: 5 working days, end of 10 March, and 1.5 h of pause is
    // no time on the working-day clock but the three hours of the wall are.
    let other = ClassCode::from("m06011");
    let again = table
        .on(&CHINA, Some(&other))
        .reclassify(&resumed, &handle, time("2025-03-03 08:30"));
    assert_eq!(due(&again), "2025-03-10 20:30:00");
}

fn clocks() -> impl Strategy<Value = ClockKind> {
    prop::sample::select(ClockKind::ALL.to_vec())
}

/// Instants from 2024 to 2027, to the millisecond.
fn instants() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_000_i64..1_830_297_600_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn calendars() -> impl Strategy<Value = &'static Calendar> {
    prop::sample::select(vec![&*CHINA, &*CHINA_SAME_TIME, &*NEW_YORK])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_amount_of_hours_is_over_exactly_when_it_has_passed(
        calendar in calendars(), from in instants(), amount in 1_u32..400, urgent in any::<bool>(),
    ) {
        let clock = if urgent { ClockKind::UrgentHour } else { ClockKind::WorkingHour };
        let term = Term::new(amount, clock).unwrap();
        let due = calendar.due(from, &term);
        prop_assert_eq!(calendar.worked(from, due, clock), term.seconds());
        // A moment earlier it was not over.
        prop_assert!(calendar.worked(from, due.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap(), clock) < term.seconds());
    }

    #[test]
    fn the_nth_counted_day_is_the_day_a_term_of_n_days_is_over(from in instants(), amount in 1_u32..400, working in any::<bool>()) {
        let clock = if working { ClockKind::WorkingDay } else { ClockKind::CalendarDay };
        let due = CHINA.due(from, &Term::new(amount, clock).unwrap());
        prop_assert_eq!(CHINA.days_between(from.checked_add(jiff::SignedDuration::from_millis(1)).unwrap(), due, clock), i64::from(amount));
        if working {
            prop_assert!(CHINA.local(due).is_working_day);
        }
    }

    #[test]
    fn days_at_the_same_time_are_exactly_n_days(from in instants(), amount in 1_u32..400) {
        let due = CHINA_SAME_TIME.due(from, &Term::new(amount, ClockKind::CalendarDay).unwrap());
        prop_assert_eq!(CHINA_SAME_TIME.worked(from, due, ClockKind::CalendarDay), i64::from(amount) * 86_400);
        let shown = |at| CHINA_SAME_TIME.local(at).second;
        prop_assert_eq!(shown(from), shown(due));
    }

    #[test]
    fn advancing_is_the_inverse_of_measuring_on_every_clock(from in instants(), seconds in 0_i64..20_000_000, clock in clocks()) {
        let to = CHINA.advance(from, seconds, clock);
        prop_assert!(to >= from);
        prop_assert_eq!(CHINA.worked(from, to, clock), seconds);
    }

    #[test]
    fn time_adds_up_and_never_runs_back(
        calendar in calendars(), mut at in prop::array::uniform3(instants()), clock in clocks(),
    ) {
        at.sort();
        let [a, b, c] = at;
        let (ab, bc, ac) = (calendar.worked(a, b, clock), calendar.worked(b, c, clock), calendar.worked(a, c, clock));
        prop_assert!(ab >= 0 && bc >= 0);
        prop_assert!((ac - ab - bc).abs() <= 1, "{} + {} and {}", ab, bc, ac);
        let elapsed = c.duration_since(a).as_secs();
        // A working day counts 24 h by the wall, so an hour may be gained where the clock is put forward.
        prop_assert!(ac <= elapsed + 4 * 3600);
    }

    #[test]
    fn a_later_start_is_never_due_earlier(
        calendar in calendars(), a in instants(), b in instants(), amount in 1_u32..60, clock in clocks(),
    ) {
        let term = Term::new(amount, clock).unwrap();
        let (first, second) = (a.min(b), a.max(b));
        prop_assert!(calendar.due(first, &term) <= calendar.due(second, &term));
    }

    #[test]
    fn a_pause_moves_the_promise_by_exactly_the_time_it_lasted(
        opened in instants(), before in 0_i64..3_000_000, lasted in 0_i64..3_000_000, code in prop::sample::select(vec!["m06010", "m06011"]),
    ) {
        let table = DeadlineTable::from_toml(TABLE).unwrap();
        let class = ClassCode::from(code);
        let clock = table.overall(Some(&class)).unwrap().clock();
        let keeper = table.on(&CHINA, Some(&class));
        let handle = StateCode::from("handle");
        let later = |at: Timestamp, s| at.checked_add(jiff::SignedDuration::from_secs(s)).unwrap();
        let (from, to) = (later(opened, before), later(opened, before + lasted));
        let clocks = keeper.open(&handle, opened);
        let paused = keeper.pause(&clocks, &ReasonCode::from("weather"), Stops { overall: true, state: true }, from);
        prop_assert_eq!(paused.due_at, clocks.due_at);
        let resumed = keeper.resume(&paused, &handle, to);
        prop_assert_eq!(CHINA.worked(clocks.due_at.unwrap(), resumed.due_at.unwrap(), clock), CHINA.worked(from, to, clock));
        // What was left before is left after; who was late stays as late.
        let (left, after) = (keeper.remaining_s(&clocks, from).unwrap(), keeper.remaining_s(&resumed, to).unwrap());
        prop_assert!((left - after).abs() <= 1, "{} {}", left, after);
    }
}
