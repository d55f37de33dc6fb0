//! Cases that may be the same thing: suggested by class, distance and time. Nobody merges but a person.

use super::{CaseQuery, reachable};
use crate::jurisdictions::Jurisdiction;
use crate::maps::{self, Near};
use crate::{App, Caller, Error, accesses, places};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::cases::{Case, Phase};
use anlan_model::duplicates::{self, Candidate};
use anlan_model::events::Opened;
use anlan_model::ids::{CaseId, ClassCode};
use anlan_model::places::{GivenPoint, Place, Point};
use anlan_policy::{Action, RowRule};
use jiff::{SignedDuration, Timestamp};

const WINDOW_DAYS: i64 = 30;
const SHOWN_MAX: usize = 10;
const MS_PER_HOUR: f64 = 3_600_000.0;

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
    /// The case itself, where there is one already.
    own: Option<CaseId>,
}

impl Sought {
    /// `None` where the place is not known, or only by a source's stand-in.
    fn new(class: Option<&ClassCode>, place: &Place, at: Timestamp) -> Option<Self> {
        Some(Self {
            class: class.cloned(),
            point: place.point.filter(|_| !place.is_default_point)?,
            at,
            own: None,
        })
    }
}

/// A case that may be the same thing, before it is read.
struct Match {
    case: CaseId,
    distance_m: f64,
    hours_apart: f64,
    score: f64,
}

/// Open cases that may be the same as this one.
pub fn duplicates(app: &App, caller: &Caller, id: CaseId) -> Result<Vec<Likeness>, Error> {
    let case = reachable(app, caller, Action::CaseRead, id)?;
    let Some(mut sought) = Sought::new(case.class.as_ref(), &case.place, case.opened_at) else {
        // That it lies nowhere was told: a look like any other.
        accesses::log(app, looked(app, caller, 0))?;
        return Ok(Vec::new());
    };
    sought.own = Some(id);
    shown(app, caller, &sought)
}

/// Open cases that may be the same as a report not yet handed in.
pub fn likely(app: &App, caller: &Caller, draft: &Draft) -> Result<Vec<Likeness>, Error> {
    let sought = Sought {
        class: draft.class.clone(),
        point: places::inside(&draft.point)?,
        at: app.clock.now(),
        own: None,
    };
    shown(app, caller, &sought)
}

/// Open cases that may be the same as one that is about to be opened, and the access to be kept with it. Nobody who
/// may not list cases is told of any.
pub(crate) fn likely_before(
    app: &App,
    caller: &Caller,
    opened: &Opened,
) -> Result<(Vec<Likeness>, Option<Access>), Error> {
    let may_look = app.policy.may(&caller.actor, Action::CaseList).allowed;
    let sought = Sought::new(opened.class.as_ref(), &opened.place, opened.opened_at);
    match sought.filter(|_| may_look) {
        None => Ok((Vec::new(), None)),
        Some(sought) => {
            let found = near(app, caller, &sought)?;
            let entry = looked(app, caller, found.len());
            Ok((found, Some(entry)))
        }
    }
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
        own: None,
    };
    // Only their number leaves this function.
    let everything = RowRule {
        all: true,
        ..RowRule::default()
    };
    let mut query = query(&sought);
    query.classes.push(class.code.clone());
    let mut count = 0;
    matches(app, caller, (&sought, &query, &everything), |near, _| {
        count += usize::from(!near.is_about_an_office);
    })?;
    Ok(count)
}

/// Open cases about then.
fn query(sought: &Sought) -> CaseQuery {
    let window = SignedDuration::from_hours(24 * WINDOW_DAYS);
    CaseQuery {
        phase: Some(Phase::Open),
        opened_from: sought.at.checked_sub(window).ok(),
        opened_to: sought.at.checked_add(window).ok(),
        ..CaseQuery::default()
    }
}

/// Runs `take` over every case that is like what is sought.
fn matches(
    app: &App,
    caller: &Caller,
    (sought, query, rule): (&Sought, &CaseQuery, &RowRule),
    mut take: impl FnMut(&Near<'_>, Match),
) -> Result<(), Error> {
    let node = app.node();
    let class = sought.class.as_ref().and_then(|code| node.classes.get(code));
    let radius_m = f64::from(class.map_or(100, |class| class.duplicate_radius_m));
    let bbox = around(sought.point, radius_m);
    maps::open_about(app, caller, (query, rule), bbox, |near| {
        if sought.own != Some(near.id)
            && let Some(found) = likeness(&node, sought, radius_m, near)
        {
            take(near, found);
        }
    })
}

/// The likeliest, read.
fn near(app: &App, caller: &Caller, sought: &Sought) -> Result<Vec<Likeness>, Error> {
    let rule = app.rows(caller, Action::CaseList)?;
    let query = query(sought);
    let mut found = Vec::new();
    matches(app, caller, (sought, &query, &rule), |_, one| found.push(one))?;
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.case.0.cmp(&a.case.0)));
    found.truncate(SHOWN_MAX);
    let shown = app.policy.fields(&caller.actor);
    app.store.read(|tx| {
        let mut read = Vec::with_capacity(found.len());
        for one in &found {
            let case = anlan_store::cases::find(tx, one.case)?;
            // It may have left the caller's reach meanwhile.
            if let Some(mut case) = case.filter(|case| rule.admits(case)) {
                super::veil(&mut case, &shown);
                read.push(Likeness {
                    case,
                    distance_m: one.distance_m,
                    hours_apart: one.hours_apart,
                    score: one.score,
                });
            }
        }
        Ok::<_, Error>(read)
    })
}

/// The same, logged.
fn shown(app: &App, caller: &Caller, sought: &Sought) -> Result<Vec<Likeness>, Error> {
    let found = near(app, caller, sought)?;
    accesses::log(app, looked(app, caller, found.len()))?;
    Ok(found)
}

fn looked(app: &App, caller: &Caller, count: usize) -> Access {
    let (action, purpose) = (Action::CaseList, Purpose::Case);
    accesses::entry(app, caller, action, "cases", "duplicates", purpose).of_many(count)
}

/// West, south, east, north of a circle.
fn around(point: Point, radius_m: f64) -> [f64; 4] {
    let lat = radius_m / 110_000.0;
    let lon = radius_m / anlan_grid::distance::metres_per_degree_lon(point.lat).max(1.0);
    [point.lon - lon, point.lat - lat, point.lon + lon, point.lat + lat]
}

fn likeness(node: &Jurisdiction, sought: &Sought, radius_m: f64, near: &Near<'_>) -> Option<Match> {
    let distance_m = anlan_grid::distance::haversine_m([sought.point.lon, sought.point.lat], near.lon_lat);
    let apart_ms = sought.at.as_millisecond().abs_diff(near.opened_ms);
    #[expect(clippy::cast_precision_loss, reason = "a window of weeks in milliseconds")]
    let hours_apart = apart_ms as f64 / MS_PER_HOUR;
    let class_of = |code: Option<&str>| code.and_then(|code| node.classes.get(&ClassCode::from(code)));
    let own = class_of(sought.class.as_ref().map(ClassCode::as_str));
    let score = duplicates::score(&Candidate {
        distance_m,
        hours_apart,
        radius_m,
        same_class: duplicates::same_class(own, class_of(near.class)),
    });
    (score > 0.0).then_some(Match {
        case: near.id,
        distance_m,
        hours_apart,
        score,
    })
}
