//! From what was judged to warnings: one standing warning per cluster, which grows and moves instead of being raised
//! again; two whose cells meet go on as the older one. One unit of work, so that doing it twice changes nothing.

use super::Window;
use super::judging::Judged;
use super::tally::{self, Tally, start_of};
use super::watching::Look;
use crate::jurisdictions::Jurisdiction;
use crate::{App, Error};
use anlan_model::events::Stamp;
use anlan_model::ids::CellId;
use anlan_model::warnings::{Finding, GroupName, Warning, WarningEvent, WarningState};
use anlan_store::Tx;
use anlan_store::warnings as store;
use jiff::{SignedDuration, Timestamp};

/// A cluster not found for so long is over.
const QUIET_HOURS: i64 = 12;
/// What is over and decided is closed after so long.
const CLOSE_DAYS: i64 = 3;

/// Keeps what was seen, and raises, grows, merges and ends warnings. How many changed.
pub(crate) fn raise(
    app: &App,
    node: &Jurisdiction,
    tally: &Tally,
    looks: &[Look],
    (at, is_full): (Timestamp, bool),
) -> Result<usize, Error> {
    let stamp = Stamp {
        at: app.clock.now(),
        by: None,
        post: None,
    };
    let found = findings(app, node, tally, looks, at)?;
    let records = records(node, tally, looks, at);
    let looked: Vec<GroupName> = looks
        .iter()
        .filter_map(|look| node.watch.groups.get(look.group).map(|group| group.name.clone()))
        .collect();
    app.store.write(move |tx| {
        for record in &records {
            store::keep_look(tx, record)?;
        }
        let mut standing = store::standing(tx)?;
        standing.retain(|warning| looked.contains(&warning.group));
        let mut changed = 0;
        let mut met = Vec::new();
        for (group, finding) in &found {
            let (warning, steps) = settle(tx, &standing, &met, group, finding, &stamp)?;
            changed += steps;
            met.push(warning);
        }
        if is_full {
            changed += fade(tx, &standing, &met, &stamp)?;
            changed += close_done(tx, &stamp)?;
        }
        Ok::<_, Error>(changed)
    })
}

/// Findings worth a warning, with the classes behind them. Where everything surges, single places are part of it.
fn findings(
    app: &App,
    node: &Jurisdiction,
    tally: &Tally,
    looks: &[Look],
    at: Timestamp,
) -> Result<Vec<(GroupName, Finding)>, Error> {
    let mut found = Vec::new();
    for look in looks {
        let Some(group) = node.watch.groups.get(look.group) else {
            continue;
        };
        let surges = look
            .judged
            .iter()
            .any(|judged| judged.is_warning && judged.cells.is_empty());
        let worth = |judged: &&Judged| judged.is_warning && (!surges || judged.cells.is_empty());
        for judged in look.judged.iter().filter(worth) {
            let window = window(node, tally, look.group, judged, at);
            let classes = app.store.read(|tx| tally::classes(tx, node, tally, &window))?;
            found.push((group.name.clone(), finding(judged, &window, classes)));
        }
    }
    Ok(found)
}

fn window<'a>(
    node: &Jurisdiction,
    tally: &Tally,
    group: usize,
    judged: &'a Judged,
    at: Timestamp,
) -> Window<'a> {
    let (today, _) = tally::local(node, at);
    let back = i32::try_from(judged.days).unwrap_or(1) - 1;
    Window {
        group,
        cells: &judged.cells,
        from: start_of(node, (today - back).max(tally.first_day)),
        to: at,
    }
}

fn finding(
    judged: &Judged,
    window: &Window<'_>,
    classes: Vec<(anlan_model::ids::ClassCode, u32)>,
) -> Finding {
    Finding {
        method: judged.method,
        cells: judged.cells.clone(),
        from: window.from,
        to: window.to,
        observed: judged.observed,
        expected: judged.expected,
        statistic: judged.statistic,
        recurrence_days: judged.recurrence_days,
        classes,
    }
}

fn records(node: &Jurisdiction, tally: &Tally, looks: &[Look], at: Timestamp) -> Vec<store::Look> {
    let (day, _) = tally::local(node, at);
    debug_assert!(day >= tally.first_day);
    let mut records = Vec::new();
    for look in looks {
        let Some(group) = node.watch.groups.get(look.group) else {
            continue;
        };
        records.extend(look.judged.iter().map(|judged| store::Look {
            group: group.name.0.clone(),
            day,
            method: judged.method.word().to_owned(),
            at,
            observed: judged.observed,
            expected: judged.expected,
            statistic: judged.statistic,
            recurrence_days: judged.recurrence_days,
            cells: judged.cells.clone(),
        }));
    }
    records
}

/// Whether two sets of cells have one in common; no cells means all of them.
pub(crate) fn meet(a: &[CellId], b: &[CellId]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|cell| b.contains(cell))
}

/// Puts a finding to the standing warning it belongs to, or raises a new one. The warning, and how many changed.
fn settle(
    tx: &mut Tx<'_>,
    standing: &[Warning],
    met: &[Warning],
    group: &GroupName,
    finding: &Finding,
    stamp: &Stamp,
) -> Result<(Warning, usize), Error> {
    let is_free = |warning: &&Warning| met.iter().all(|one| one.id != warning.id);
    let mut same = standing
        .iter()
        .filter(|warning| warning.group == *group && meet(&warning.latest.cells, &finding.cells))
        .filter(is_free);
    let Some(oldest) = same.next() else {
        let event = WarningEvent::Raised {
            group: group.clone(),
            finding: Box::new(finding.clone()),
        };
        return Ok((store::raise(tx, &event, stamp)?, 1));
    };
    let mut changed = 0;
    for younger in same {
        store::record(tx, younger, &WarningEvent::Merged { into: oldest.id }, stamp)?;
        changed += 1;
    }
    let known = &oldest.latest;
    if changed == 0
        && known.observed == finding.observed
        && known.cells == finding.cells
        && known.from == finding.from
    {
        return Ok((oldest.clone(), 0));
    }
    let event = WarningEvent::Updated {
        finding: Box::new(finding.clone()),
    };
    Ok((store::record(tx, oldest, &event, stamp)?, changed + 1))
}

/// Ends standing warnings that have not been found for a while.
fn fade(tx: &mut Tx<'_>, standing: &[Warning], met: &[Warning], stamp: &Stamp) -> Result<usize, Error> {
    let quiet = SignedDuration::from_hours(QUIET_HOURS);
    let mut changed = 0;
    for warning in standing {
        let is_met = met.iter().any(|one| one.id == warning.id);
        // Merged ones were closed a moment ago.
        let is_there = store::find(tx, warning.id)?.filter(Warning::stands);
        let Some(warning) = is_there.filter(|_| !is_met) else {
            continue;
        };
        if stamp.at.duration_since(warning.latest.to) >= quiet {
            store::record(tx, &warning, &WarningEvent::Ended, stamp)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Closes what is over and was decided days ago.
fn close_done(tx: &mut Tx<'_>, stamp: &Stamp) -> Result<usize, Error> {
    let filter = store::WarningFilter {
        states: vec![WarningState::Linked, WarningState::Dismissed],
        ..store::WarningFilter::default()
    };
    let wait = SignedDuration::from_hours(24 * CLOSE_DAYS);
    let mut changed = 0;
    for warning in store::list(tx, &filter, None, 500)?.items {
        if warning
            .ended_at
            .is_some_and(|at| stamp.at.duration_since(at) >= wait)
        {
            let note = String::new();
            store::record(tx, &warning, &WarningEvent::Closed { note }, stamp)?;
            changed += 1;
        }
    }
    Ok(changed)
}
