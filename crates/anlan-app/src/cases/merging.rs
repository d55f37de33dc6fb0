//! Merging and splitting: the same thing reported twice becomes one case, and comes apart again where it was not the same.

use super::{CaseFile, file, reachable, visibility};
use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::cases::{Case, Phase};
use anlan_model::duplicates::{self, Candidate};
use anlan_model::events::{Event, Opened, Stamp};
use anlan_model::ids::{CaseId, ClassCode, ReportId};
use anlan_model::places::Point;
use anlan_policy::Action;
use anlan_store::cases::{CaseFilter, Sort, SortKey};
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
    /// Where.
    pub point: Point,
}

/// Open cases that may be the same as this one.
pub fn duplicates(app: &App, caller: &Caller, id: CaseId) -> Result<Vec<Likeness>, Error> {
    let case = reachable(app, caller, Action::CaseRead, id)?;
    let Some(point) = case.place.point.filter(|_| !case.place.is_default_point) else {
        return Ok(Vec::new());
    };
    let draft = Draft {
        class: case.class.clone(),
        point,
    };
    let mut found = near(app, caller, &draft, case.opened_at)?;
    found.retain(|like| like.case.id != id);
    Ok(found)
}

/// Open cases that may be the same as a report not yet handed in.
pub fn likely(app: &App, caller: &Caller, draft: &Draft) -> Result<Vec<Likeness>, Error> {
    near(app, caller, draft, app.clock.now())
}

fn near(app: &App, caller: &Caller, draft: &Draft, at: Timestamp) -> Result<Vec<Likeness>, Error> {
    let rule = app.rows(caller, Action::CaseList)?;
    let node = app.node();
    let class = draft.class.as_ref().and_then(|code| node.classes.get(code));
    let radius_m = f64::from(class.map_or(100, |class| class.duplicate_radius_m));
    let window = SignedDuration::from_hours(24 * WINDOW_DAYS);
    let filter = CaseFilter {
        phase: Some(Phase::Open),
        bbox: Some(around(draft.point, radius_m)),
        opened_from: at.checked_sub(window).ok(),
        opened_to: at.checked_add(window).ok(),
        visible: visibility(&rule),
        ..CaseFilter::default()
    };
    let page = app.store.read(|tx| {
        anlan_store::cases::list(
            tx,
            &filter,
            Sort::descending(SortKey::Opened),
            None,
            CANDIDATES_MAX,
        )
        .map_err(Error::from)
    })?;
    let mut entry = accesses::entry(
        app,
        caller,
        Action::CaseList,
        "cases",
        "duplicates",
        Purpose::Case,
    );
    entry.count = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
    accesses::log(app, entry)?;
    let mut found: Vec<Likeness> = page
        .items
        .into_iter()
        .filter_map(|case| likeness(&node, draft, at, radius_m, case))
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

fn likeness(
    node: &Jurisdiction,
    draft: &Draft,
    at: Timestamp,
    radius_m: f64,
    case: Case,
) -> Option<Likeness> {
    let point = case.place.point.filter(|_| !case.place.is_default_point)?;
    let distance_m =
        anlan_grid::distance::haversine_m([draft.point.lon, draft.point.lat], [point.lon, point.lat]);
    let hours_apart = at.duration_since(case.opened_at).as_secs_f64().abs() / 3600.0;
    let class_of = |code: &Option<ClassCode>| code.as_ref().and_then(|code| node.classes.get(code));
    let same_class = duplicates::same_class(class_of(&draft.class), class_of(&case.class));
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

fn not_open(case: &Case) -> Error {
    let (zh, en) = (
        format!("案件 {} 不在办理中。", case.number()),
        format!("case {} is not open.", case.number()),
    );
    Error::denied("case.not_open", zh, en)
}

/// Puts a case's reports into another case. The earlier promise of the two holds for both.
pub fn merge(app: &App, caller: &Caller, id: CaseId, into: CaseId) -> Result<CaseFile, Error> {
    if id == into {
        return Err(Error::field("into", "merge.same", "a case cannot go into itself"));
    }
    reachable(app, caller, Action::CaseMerge, id)?;
    reachable(app, caller, Action::CaseMerge, into)?;
    let stamp = Stamp {
        at: app.clock.now(),
        by: caller.actor.account,
    };
    let entry = accesses::entry(app, caller, Action::CaseMerge, "case", id, Purpose::Case);
    let void = app.node().procedure.void_state();
    let case = app.store.write(move |tx| {
        let (from, target) = (
            anlan_store::cases::get(tx, id)?,
            anlan_store::cases::get(tx, into)?,
        );
        if let Some(shut) = [&from, &target]
            .into_iter()
            .find(|case| case.phase != Phase::Open)
        {
            return Err(not_open(shut));
        }
        let reports: Vec<ReportId> = anlan_store::reports::of_case(tx, id)?
            .into_iter()
            .map(|report| report.id)
            .collect();
        anlan_store::reports::move_to(tx, &reports, into)?;
        let gone = Event::CaseMerged {
            into,
            state: void.clone(),
        };
        anlan_store::cases::record(tx, &from, &[gone], &stamp)?;
        let due_at = [from.clocks.due_at, target.clocks.due_at]
            .into_iter()
            .flatten()
            .min();
        let joined = Event::ReportJoined {
            reports,
            from: id,
            due_at,
        };
        let case = anlan_store::cases::record(tx, &target, &[joined], &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(case)
    })?;
    file(app, caller, case)
}

/// Takes reports out of a case into one of their own, which starts with the same class, place, office and promise.
pub fn split(app: &App, caller: &Caller, id: CaseId, reports: &[ReportId]) -> Result<CaseFile, Error> {
    reachable(app, caller, Action::CaseMerge, id)?;
    let now = app.clock.now();
    let stamp = Stamp {
        at: now,
        by: caller.actor.account,
    };
    let entry = accesses::entry(app, caller, Action::CaseMerge, "case", id, Purpose::Case);
    let leaving = reports.to_vec();
    let case = app.store.write(move |tx| {
        let from = anlan_store::cases::get(tx, id)?;
        if from.phase != Phase::Open {
            return Err(not_open(&from));
        }
        let all = anlan_store::reports::of_case(tx, id)?;
        let stays = all.iter().filter(|report| !leaving.contains(&report.id)).count();
        let first = all.iter().find(|report| leaving.contains(&report.id));
        let (Some(first), true) = (first, stays + leaving.len() == all.len() && stays > 0) else {
            let detail = "choose some of the case's reports, and leave at least one";
            return Err(Error::field("reports", "split.reports", detail));
        };
        let count = u16::try_from(leaving.len()).unwrap_or(u16::MAX);
        let opened = opened_from(&from, count, first.reported_at, &first.description);
        let case = anlan_store::cases::open_for_reports(tx, &opened, &stamp)?;
        anlan_store::reports::move_to(tx, &leaving, case.id)?;
        let event = Event::CaseSplit {
            into: case.id,
            reports: leaving.clone(),
        };
        anlan_store::cases::record(tx, &from, &[event], &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(case)
    })?;
    file(app, caller, case)
}

fn opened_from(from: &Case, reports: u16, opened_at: Timestamp, text: &str) -> Opened {
    let words: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .chars()
        .take(60)
        .collect();
    Opened {
        class: from.class.clone(),
        title: if words.is_empty() {
            from.title.clone()
        } else {
            words
        },
        channel: from.channel,
        source: from.source.clone(),
        state: from.state.clone(),
        phase: from.phase,
        priority: from.priority,
        place: from.place.clone(),
        office: from.office,
        route: from.route.clone(),
        opened_at,
        clocks: from.clocks.clone(),
        closing: None,
        about_office: from.about_office,
        split_from: Some(from.id),
        reports,
        is_marked_duplicate: false,
        source_on_time: None,
    }
}
