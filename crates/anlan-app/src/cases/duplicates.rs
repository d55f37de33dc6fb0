//! Cases that may be the same thing: suggested by class, distance and time. Nobody merges but a person.

use super::{reachable, visibility};
use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, accesses, places};
use anlan_model::accesses::Purpose;
use anlan_model::cases::{Case, Phase};
use anlan_model::duplicates::{self, Candidate};
use anlan_model::ids::{CaseId, ClassCode};
use anlan_model::places::{GivenPoint, Point};
use anlan_policy::Action;
use anlan_store::cases::{CaseFilter, Sort, SortKey, Visibility};
use jiff::{SignedDuration, Timestamp};

const WINDOW_DAYS: i64 = 30;
const CANDIDATES_MAX: usize = 200;
const SHOWN_MAX: usize = 10;

/// A case that may be the same thing.
#[derive(Debug, Clone)]
pub struct Likeness {
    /// The other case.
    pub case: Case,
    /// How far away, metres.
    pub distance_m: f64,
    /// How long before or after, hours.
    pub hours_apart: f64,
    /// 0 … 1.
    pub score: f64,
}

/// What is known of a report before it is handed in.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its class.
    pub class: Option<ClassCode>,
    /// Where, as it was pointed at.
    pub point: GivenPoint,
}

/// Class and place of what is looked for.
struct Sought {
    class: Option<ClassCode>,
    point: Point,
    at: Timestamp,
}

/// Open cases that may be the same as this one.
pub fn duplicates(app: &App, caller: &Caller, id: CaseId) -> Result<Vec<Likeness>, Error> {
    let case = reachable(app, caller, Action::CaseRead, id)?;
    let Some(point) = case.place.point.filter(|_| !case.place.is_default_point) else {
        return Ok(Vec::new());
    };
    let sought = Sought {
        class: case.class.clone(),
        point,
        at: case.opened_at,
    };
    let mut found = near(app, caller, &sought)?;
    found.retain(|like| like.case.id != id);
    Ok(found)
}

/// Open cases that may be the same as a report not yet handed in.
pub fn likely(app: &App, caller: &Caller, draft: &Draft) -> Result<Vec<Likeness>, Error> {
    let sought = Sought {
        class: draft.class.clone(),
        point: places::inside(&draft.point)?,
        at: app.clock.now(),
    };
    near(app, caller, &sought)
}

/// How many open cases of this very class lie near the draft: a number and nothing else, for anybody who may report.
/// No access is logged, as nothing about any case is given away; without a class nothing is counted.
pub fn count_nearby(app: &App, caller: &Caller, draft: &Draft) -> Result<usize, Error> {
    app.require(caller, Action::ReportCreate)?;
    let node = app.node();
    let Some(class) = draft.class.as_ref().and_then(|code| node.classes.get(code)) else {
        return Ok(0);
    };
    let sought = Sought {
        class: Some(class.code.clone()),
        point: places::inside(&draft.point)?,
        at: app.clock.now(),
    };
    let radius_m = radius_m(&node, &sought);
    let filter = CaseFilter {
        classes: vec![class.code.clone()],
        // Only their number leaves this function.
        visible: Visibility::everything(),
        ..filter(&sought, radius_m)
    };
    let cases = newest(app, &filter)?;
    let near = cases
        .into_iter()
        .filter(|case| case.about_office.is_none())
        .filter_map(|case| likeness(&node, &sought, radius_m, case));
    Ok(near.count())
}

fn radius_m(node: &Jurisdiction, sought: &Sought) -> f64 {
    let class = sought.class.as_ref().and_then(|code| node.classes.get(code));
    f64::from(class.map_or(100, |class| class.duplicate_radius_m))
}

/// Open cases about there and then.
fn filter(sought: &Sought, radius_m: f64) -> CaseFilter {
    let window = SignedDuration::from_hours(24 * WINDOW_DAYS);
    CaseFilter {
        phase: Some(Phase::Open),
        bbox: Some(around(sought.point, radius_m)),
        opened_from: sought.at.checked_sub(window).ok(),
        opened_to: sought.at.checked_add(window).ok(),
        ..CaseFilter::default()
    }
}

fn newest(app: &App, filter: &CaseFilter) -> Result<Vec<Case>, Error> {
    let newest_first = Sort::descending(SortKey::Opened);
    let page = app.store.read(|tx| {
        anlan_store::cases::list(tx, filter, newest_first, None, CANDIDATES_MAX).map_err(Error::from)
    })?;
    Ok(page.items)
}

fn near(app: &App, caller: &Caller, sought: &Sought) -> Result<Vec<Likeness>, Error> {
    let rule = app.rows(caller, Action::CaseList)?;
    let node = app.node();
    let radius_m = radius_m(&node, sought);
    let filter = CaseFilter {
        visible: visibility(&rule),
        ..filter(sought, radius_m)
    };
    let cases = newest(app, &filter)?;
    let mut entry = accesses::entry(
        app,
        caller,
        Action::CaseList,
        "cases",
        "duplicates",
        Purpose::Case,
    );
    entry.count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    accesses::log(app, entry)?;
    let mut found: Vec<Likeness> = cases
        .into_iter()
        .filter_map(|case| likeness(&node, sought, radius_m, case))
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(SHOWN_MAX);
    Ok(found)
}

/// West, south, east, north of a circle.
fn around(point: Point, radius_m: f64) -> [f64; 4] {
    let lat = radius_m / 110_000.0;
    let lon = radius_m / anlan_grid::distance::metres_per_degree_lon(point.lat).max(1.0);
    [point.lon - lon, point.lat - lat, point.lon + lon, point.lat + lat]
}

fn likeness(node: &Jurisdiction, sought: &Sought, radius_m: f64, case: Case) -> Option<Likeness> {
    let point = case.place.point.filter(|_| !case.place.is_default_point)?;
    let distance_m =
        anlan_grid::distance::haversine_m([sought.point.lon, sought.point.lat], [point.lon, point.lat]);
    let hours_apart = sought.at.duration_since(case.opened_at).as_secs_f64().abs() / 3600.0;
    let class_of = |code: &Option<ClassCode>| code.as_ref().and_then(|code| node.classes.get(code));
    let same_class = duplicates::same_class(class_of(&sought.class), class_of(&case.class));
    let score = duplicates::score(&Candidate {
        distance_m,
        hours_apart,
        radius_m,
        same_class,
    });
    (score > 0.0).then_some(Likeness {
        case,
        distance_m,
        hours_apart,
        score,
    })
}
