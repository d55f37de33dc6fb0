//! What the watch costs on a real store: a made-up node of cells, class groups and days is written case by case, then watched as the
//! program does. Prints one JSON line per figure, in CPU seconds of all threads. It makes its own folder and leaves nothing.
//!
//! `live [PLACES [CASES_A_DAY [DAYS [GROUPS]]]]`, 300, 1000, 365 and 40 unless said otherwise.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program of its own: it prints what it measures and starts the store's thread"
)]

use anlan_app::jurisdictions::{NodeSettings, documents};
use anlan_app::{App, Caller, reference, warnings};
use anlan_model::cases::{Clocks, Phase};
use anlan_model::classes::{Class, ClassKind, ClosingDemand, Priority};
use anlan_model::clock::{Clock, SetClock};
use anlan_model::events::{Opened, Stamp};
use anlan_model::ids::{CellId, ClassCode, StateCode};
use anlan_model::incoming::Channel;
use anlan_model::offices::OfficeKind;
use anlan_model::places::Place;
use anlan_policy::Policy;
use anlan_store::cells::NewCell;
use anlan_store::offices::NewOffice;
use anlan_store::{Store, StoreConfig};
use jiff::{SignedDuration, Timestamp};
use rand_core::SeedableRng as _;
use rand_distr::{Distribution as _, Poisson, Uniform};
use rand_pcg::Pcg64Mcg;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Reports that come one by one while the node is watched.
const REPORTS: u32 = 200;
/// Cases written in one unit of work.
const BATCH: usize = 5_000;

#[derive(Clone, Copy)]
struct Size {
    places: u32,
    cases_a_day: u32,
    days: u32,
    groups: u32,
}

struct Made {
    app: Arc<App>,
    clock: Arc<SetClock>,
    cells: Vec<CellId>,
    _folder: tempfile::TempDir,
}

fn main() -> Fallible<()> {
    let mut words = std::env::args().skip(1);
    let mut number = |usual: u32| words.next().map_or(Ok(usual), |word| word.parse::<u32>());
    let size = Size {
        places: number(300)?,
        cases_a_day: number(1000)?,
        days: number(365)?,
        groups: number(40)?,
    };
    let mut rng = Pcg64Mcg::seed_from_u64(300);
    let made = make(size, &mut rng)?;
    let now = start().checked_add(SignedDuration::from_hours(24 * i64::from(size.days)))?;
    let now = now.checked_add(SignedDuration::from_hours(10))?;
    made.clock.set(now);
    let (first, looked) = timed(|| warnings::pass(&made.app))?;
    tell(size, "first full pass", first, 1.0);
    let (again, _) = timed(|| warnings::pass(&made.app))?;
    tell(size, "full pass", again, 1.0);
    let (idle, ()) = timed(|| {
        for _ in 0..100 {
            warnings::watch(&made.app)?;
        }
        Ok(())
    })?;
    tell(size, "look when nothing has changed", idle, 100.0);
    let (mut all, mut most, mut groups) = (0.0, 0.0_f64, 0);
    for report in 0..REPORTS {
        let at = now.checked_add(SignedDuration::from_secs(i64::from(report) * 10))?;
        made.clock.set(at);
        write(&made, vec![drawn(size, &made.cells, at, &mut rng)?])?;
        let (seconds, passed) = timed(|| warnings::watch(&made.app))?;
        (all, most) = (all + seconds, most.max(seconds));
        groups += passed.groups;
    }
    tell(size, "pass after one report, mean", all, f64::from(REPORTS));
    tell(size, "pass after one report, most", most, 1.0);
    println!(
        "{{\"figure\":\"judged\",\"groups_in_full_pass\":{},\"groups_after_reports\":{groups},\"memory_peak_mib\":{}}}",
        looked.groups,
        memory_peak_mib().unwrap_or_default()
    );
    made.app.store.close();
    Ok(())
}

fn tell(size: Size, figure: &str, seconds: f64, times: f64) {
    println!(
        "{{\"figure\":\"{figure}\",\"places\":{},\"cases_a_day\":{},\"days\":{},\"groups\":{},\"cpu_ms\":{:.3}}}",
        size.places,
        size.cases_a_day,
        size.days,
        size.groups,
        seconds * 1e3 / times
    );
}

fn start() -> Timestamp {
    Timestamp::from_second(1_735_660_800).unwrap_or_default()
}

fn timed<T>(work: impl FnOnce() -> Result<T, anlan_app::Error>) -> Fallible<(f64, T)> {
    let before = cpu_seconds()?;
    let done = work()?;
    Ok((cpu_seconds()? - before, done))
}

/// CPU seconds of all threads of this process so far, as the scheduler counts them, to the nanosecond.
fn cpu_seconds() -> Fallible<f64> {
    let mut sum = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let spent = text.split_whitespace().next().ok_or("schedstat is empty")?;
        sum += spent.parse::<f64>()? / 1e9;
    }
    Ok(sum)
}

fn memory_peak_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

fn make(size: Size, rng: &mut Pcg64Mcg) -> Fallible<Made> {
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(SetClock::at(start()));
    let (store, writer) = Store::open(&StoreConfig {
        path: folder.path().join("anlan.db"),
        readers: 2,
        cache_mib: 64,
        master_key: [7; 32],
        pseudonym_key: [8; 32],
    })?;
    std::thread::spawn(move || writer.run());
    let shared: Arc<dyn Clock> = Arc::<SetClock>::clone(&clock);
    let app = Arc::new(App::new(store, Policy::shipped()?, shared, [9; 32])?);
    let system = Caller::system();
    reference::put_offices(&app, &system, vec![centre()])?;
    let cells = (0..size.places).map(|place| cell(size, place)).collect();
    reference::put_cells(&app, &system, "squares", cells, Vec::new())?;
    reference::put_classes(&app, &system, (0..size.groups).map(class).collect())?;
    let node = NodeSettings {
        centre_office: "centre".into(),
        ..NodeSettings::default()
    };
    reference::put_document(&app, &system, documents::NODE, serde_json::to_string(&node)?)?;
    reference::put_document(&app, &system, documents::WARNINGS, plan(size)?)?;
    let cells = app.node().cells.keys().copied().collect();
    let made = Made {
        app,
        clock,
        cells,
        _folder: folder,
    };
    let a_day = Poisson::new(f64::from(size.cases_a_day))?;
    let hour = Uniform::new(0.0_f64, 24.0)?;
    let mut batch = Vec::new();
    for day in 0..=size.days {
        let mut left: f64 = a_day.sample(rng);
        while left >= 1.0 {
            left -= 1.0;
            let after = f64::from(day) * 24.0 + hour.sample(rng);
            // The last day ends where it is watched.
            if after > f64::from(size.days) * 24.0 + 10.0 {
                continue;
            }
            let at = start().checked_add(SignedDuration::try_from_secs_f64(after * 3600.0)?)?;
            batch.push(drawn(size, &made.cells, at, rng)?);
            if batch.len() >= BATCH {
                write(&made, std::mem::take(&mut batch))?;
            }
        }
    }
    write(&made, batch)?;
    Ok(made)
}

fn write(made: &Made, cases: Vec<Opened>) -> Fallible<()> {
    made.app.store.write(move |tx| {
        for opened in &cases {
            let stamp = Stamp {
                at: opened.opened_at,
                by: None,
                post: None,
            };
            anlan_store::cases::open_for_reports(tx, opened, &stamp)?;
        }
        Ok::<_, anlan_store::Error>(())
    })?;
    Ok(())
}

fn drawn(size: Size, cells: &[CellId], at: Timestamp, rng: &mut Pcg64Mcg) -> Fallible<Opened> {
    let group = Uniform::new(0, size.groups)?.sample(rng);
    let cell = cells.get(Uniform::new(0, cells.len())?.sample(rng)).copied();
    Ok(Opened {
        class: Some(ClassCode::from(format!("m{group:05}").as_str())),
        title: String::new(),
        channel: Channel::Hotline,
        source: "hotline".into(),
        state: StateCode::from("verify"),
        phase: Phase::Open,
        priority: Priority::P2,
        place: Place {
            cell,
            ..Place::default()
        },
        office: None,
        route: None,
        opened_at: at,
        clocks: Clocks::default(),
        closing: None,
        about_office: None,
        split_from: None,
        reports: 1,
        is_marked_duplicate: false,
        source_on_time: None,
    })
}

fn centre() -> NewOffice {
    NewOffice {
        code: "centre".into(),
        name_zh: "中心".into(),
        name_en: "centre".into(),
        kind: OfficeKind::Centre,
        parent: None,
        division: String::new(),
        is_active: true,
    }
}

/// Squares of about a kilometre, side by side.
fn cell(size: Size, place: u32) -> NewCell {
    let across = f64::from(size.places).sqrt().ceil();
    let (row, column) = ((f64::from(place) / across).floor(), f64::from(place) % across);
    let (west, south) = (113.0 + column * 0.01, 27.0 + row * 0.009);
    let (east, north) = (west + 0.01, south + 0.009);
    NewCell {
        code: format!("99010100{place:07}"),
        name_zh: format!("格 {place}"),
        name_en: format!("square {place}"),
        division: String::new(),
        population: None,
        geometry: format!(
            r#"{{"type":"Polygon","coordinates":[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}"#
        ),
    }
}

fn class(number: u32) -> Class {
    Class {
        code: ClassCode::from(format!("m{number:05}").as_str()),
        kind: ClassKind::Matter,
        table: "made-up".into(),
        group_zh: "市容".into(),
        group_en: "Street".into(),
        name_zh: format!("类别 {number}"),
        name_en: format!("class {number}"),
        priority: Priority::P2,
        closing: ClosingDemand::default(),
        is_active: true,
        duplicate_radius_m: 100,
    }
}

fn plan(size: Size) -> Fallible<String> {
    let mut text = "beat_minutes = 60\npopulation_min = 0\n[budget]\nfalse_alarms_per_month = 1.0\n[baseline]\ndays_min = 28\n\
        days_max = 730\ntrend = true\nseason = true\nweekday = true\nholidays = true\ndelay_hours = 0\n[leave_out]\n\
        default_points = true\nrepeats = true\nsources = []\n"
        .to_owned();
    for group in 0..size.groups {
        write!(
            text,
            "[[group]]\nname = \"group-{group}\"\nname_zh = \"类别组 {group}\"\nname_en = \"Group {group}\"\n\
            classes = [\"m{group:05}\"]\nmethods = [\"space_time\", \"surge\"]\nobserved_min = 5\nratio_min = 1.5\n\
            span_days_max = 3\nradius_m_max = 6000\n"
        )?;
    }
    Ok(text)
}
