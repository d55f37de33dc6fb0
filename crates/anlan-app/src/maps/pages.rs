//! Pages of the queue and their totals out of the slim columns: one pass over them costs the same whatever is asked, where
//! an index of the store is quick only if many of its cases match. Words are looked up in the store.

use super::bits::Bits;
use super::index::{Extent, Index};
use super::wanted::{Asked, Wanted};
use crate::cases::{CasePage, Query};
use crate::{App, Caller, Error};
use anlan_policy::RowRule;
use anlan_store::Cursor;
use anlan_store::cases::{Keys, Sort, SortKey};
use std::collections::BinaryHeap;

/// A page of what the caller may see.
pub(crate) fn page(
    app: &App,
    caller: &Caller,
    query: &Query,
    rule: &RowRule,
    limit: usize,
) -> Result<CasePage, Error> {
    let mut page = found(app, caller, (query, rule), limit)?;
    let shown = app.policy.fields(&caller.actor);
    for case in &mut page.items {
        crate::cases::veil(case, &shown);
    }
    Ok(page)
}

/// Where the cases of a page stand in their order, whether there are more, and how many there are in all.
pub(crate) struct Places {
    pub(crate) keys: Vec<Keys>,
    is_more: bool,
    total: u64,
}

/// A page of the cases that the rule admits, at most so many. Nothing of them is veiled: the caller's fields are the caller's to
/// mind.
fn found(
    app: &App,
    caller: &Caller,
    (query, rule): (&Query, &RowRule),
    limit: usize,
) -> Result<CasePage, Error> {
    let places = places(app, caller, (query, rule), (0, limit))?;
    let mut page = app.store.read(|tx| {
        anlan_store::cases::at(tx, query.sort, &places.keys, places.is_more).map_err(Error::from)
    })?;
    // A case may have left the caller's reach since the columns were looked at.
    page.items.retain(|case| rule.admits(case));
    Ok(CasePage {
        items: page.items,
        next: page.next.map(|cursor| cursor.0),
        total: places.total,
    })
}

/// Which cases a page holds that the rule admits, after so many that are passed over, at most so many.
pub(crate) fn places(
    app: &App,
    caller: &Caller,
    (query, rule): (&Query, &RowRule),
    (skip, limit): (usize, usize),
) -> Result<Places, Error> {
    let after = query.cursor.clone().map(Cursor);
    let after = after
        .map(|cursor| anlan_store::cases::place_of(query.sort, &cursor))
        .transpose()?;
    let words = super::worded(app, caller, &query.filter, rule)?;
    let index = app.map_index(Extent::of(query.filter.phase))?;
    let words = words.map(|words| words.shown(&index));
    let asked = Asked {
        query: &query.filter,
        rule,
        account: caller.actor.account,
        words: words.as_deref(),
    };
    let found = Wanted::new(&index, asked, query.filter.bbox, app.clock.now())
        .map(|wanted| wanted.all())
        .unwrap_or_default();
    let picker = Picker::new(query.sort, after, skip + limit + 1);
    let picker = match query.sort.key {
        SortKey::Due => picker.pick(&index, &found, |at| index.columns.due_ms(at)),
        SortKey::Opened => picker.pick(&index, &found, |at| index.columns.opened_ms(at)),
        SortKey::Updated => picker.pick(&index, &found, |at| index.columns.updated_ms(at)),
        SortKey::Priority => picker.pick(&index, &found, |at| index.columns.priority(at).into()),
    };
    let total = found.count();
    drop(index);
    let mut keys = picker.places();
    keys.drain(..skip.min(keys.len()));
    let is_more = keys.len() > limit;
    keys.truncate(limit);
    Ok(Places { keys, is_more, total })
}

/// Picks the first cases of a list out of all.
struct Picker {
    sort: Sort,
    limit: usize,
    after: Option<Keys>,
    /// The largest rank on top.
    first: BinaryHeap<Keys>,
    /// What the last case to come is sorted by first, once the page is full.
    bound: Option<i64>,
}

impl Picker {
    fn new(sort: Sort, after: Option<Keys>, limit: usize) -> Self {
        Self {
            sort,
            limit,
            after: after.map(|keys| sort.rank(keys)),
            first: BinaryHeap::with_capacity(limit + 1),
            bound: None,
        }
    }

    /// Looks at every case that was found. Most are told by the first key alone that they come too late.
    fn pick(mut self, index: &Index, found: &Bits, first: impl Fn(usize) -> i64) -> Self {
        let key = self.sort.key;
        // Cases that came last stand last: who looks for the newest then sees them before the million older ones.
        if self.sort.is_descending {
            found.each_back(|at| match self.bound {
                Some(bound) if first(at) < bound => {}
                _ => self.take(index.keys(at, key)),
            });
        } else {
            found.each(|at| match self.bound {
                Some(bound) if first(at) > bound => {}
                _ => self.take(index.keys(at, key)),
            });
        }
        self
    }

    fn take(&mut self, keys: Keys) {
        let rank = self.sort.rank(keys);
        let is_full = self.first.len() >= self.limit;
        let is_late = is_full && self.first.peek().is_some_and(|last| *last < rank);
        if is_late || self.after.is_some_and(|after| rank <= after) {
            return;
        }
        self.first.push(rank);
        if is_full {
            self.first.pop();
        }
        if self.first.len() >= self.limit {
            self.bound = self.last_key();
        }
    }

    /// By deadline downwards a case without one comes last, and its number says nothing about the others.
    fn last_key(&self) -> Option<i64> {
        let [key, ..] = self.sort.rank(*self.first.peek()?);
        let is_without = self.sort.is_descending && key == i64::MAX;
        (!is_without).then_some(key)
    }

    fn places(self) -> Vec<Keys> {
        let ranks = self.first.into_sorted_vec();
        ranks.into_iter().map(|rank| self.sort.rank(rank)).collect()
    }
}
