//! Pages of the queue and their totals out of the slim columns: one pass over them costs the same whatever is asked, where
//! an index of the store is quick only if many of its cases match. Words are looked up in the store.

use super::index::{Asked, Dot, Index, Wanted};
use crate::cases::{CasePage, Query};
use crate::{App, Caller, Error};
use anlan_model::ids::CaseId;
use anlan_policy::{Action, RowRule};
use anlan_store::cases::{Keys, Sort, SortKey};
use anlan_store::search::{self, Words};
use anlan_store::{Cursor, Tx};
use std::collections::BinaryHeap;

/// Cases with common words that are looked at before a total is told as "at least".
const LOOKED_AT_MAX: u32 = 10_000;
/// Cases that are walked in the order asked for, to see which have the words: at first, then. Beyond that every case
/// with the words is looked at, which costs less than asking for thousands one by one.
const STRETCHES: [usize; 2] = [128, 1024];

/// A page, or `None` where the store has to be asked because the columns are still being read.
pub(crate) fn page(
    app: &App,
    caller: &Caller,
    query: &Query,
    rule: &RowRule,
    limit: usize,
) -> Result<Option<CasePage>, Error> {
    let Some(index) = app.map_index_if_loaded()? else {
        return Ok(None);
    };
    let asked = Asked {
        query: &query.filter,
        rule,
        account: caller.actor.account,
        words: None,
    };
    let after = query.cursor.clone().map(Cursor);
    let after = after
        .map(|cursor| anlan_store::cases::place_of(query.sort, &cursor))
        .transpose()?;
    let order = Order {
        sort: query.sort,
        after,
        limit: limit + 1,
    };
    let wanted = Wanted::new(&index, &asked, query.filter.bbox, app.clock.now());
    let mut found = match &wanted {
        None => Found::default(),
        Some(wanted) => match &query.filter.text {
            None => everything(&index, wanted, order),
            Some(text) => app.store.read(|tx| worded(tx, &index, wanted, (order, text)))?,
        },
    };
    drop(wanted);
    drop(index);
    let is_more = found.places.len() > limit;
    found.places.truncate(limit);
    let mut page = app
        .store
        .read(|tx| anlan_store::cases::at(tx, query.sort, &found.places, is_more).map_err(Error::from))?;
    // A case may have left the caller's reach since the columns were looked at.
    page.items
        .retain(|case| app.policy.may_on(&caller.actor, Action::CaseList, case).allowed);
    Ok(Some(CasePage {
        items: page.items,
        next: page.next.map(|cursor| cursor.0),
        total: found.total,
        total_is_exact: !found.is_at_least,
    }))
}

/// What a page needs.
#[derive(Debug, Default)]
struct Found {
    places: Vec<Keys>,
    total: u64,
    is_at_least: bool,
}

fn everything(index: &Index, wanted: &Wanted<'_>, order: Order) -> Found {
    let mut picker = Picker::new(order);
    let take = |dot: &Dot| {
        if wanted.admits(dot) {
            picker.take(dot);
        }
    };
    if order.sort.is_descending {
        index.each_back(wanted.phase(), take);
    } else {
        index.each(wanted.phase(), take);
    }
    picker.found()
}

/// Few cases with the words are all looked at. Of many, the newest are counted and the page is walked.
fn worded(
    tx: &mut Tx<'_>,
    index: &Index,
    wanted: &Wanted<'_>,
    (order, text): (Order, &str),
) -> Result<Found, Error> {
    let Some(words) = search::words_in(tx, text)? else {
        return Ok(Found::default());
    };
    let mut picker = Picker::new(order);
    let is_all = look(tx, index, wanted, (&words, LOOKED_AT_MAX), &mut picker)?;
    if is_all {
        return Ok(picker.found());
    }
    let counted = picker.found().total;
    let Some(places) = walk(tx, index, wanted, (&words, order))? else {
        let mut picker = Picker::new(order);
        look(tx, index, wanted, (&words, u32::MAX), &mut picker)?;
        return Ok(picker.found());
    };
    Ok(Found {
        total: counted.max(places.len() as u64),
        places,
        is_at_least: true,
    })
}

/// Takes cases that have the words, the newest first, at most so many; `true` if those were all.
fn look(
    tx: &mut Tx<'_>,
    index: &Index,
    wanted: &Wanted<'_>,
    (words, most): (&Words, u32),
    picker: &mut Picker,
) -> Result<bool, Error> {
    let mut left = most;
    let mut take = |id: CaseId| {
        if left == 0 {
            return false;
        }
        left -= 1;
        if let Some(dot) = index.find(id).filter(|dot| wanted.admits(dot)) {
            picker.take(dot);
        }
        true
    };
    let mut is_all = true;
    search::each(tx, words, |id| {
        is_all = take(id);
        is_all
    })?;
    Ok(is_all)
}

/// Walks the cases in the order asked for and sees which have the words; `None` where these are too far apart for that.
fn walk(
    tx: &mut Tx<'_>,
    index: &Index,
    wanted: &Wanted<'_>,
    (words, order): (&Words, Order),
) -> Result<Option<Vec<Keys>>, Error> {
    let (mut places, mut after) = (Vec::new(), order.after);
    for stretch in STRETCHES {
        let here = Order {
            after,
            limit: stretch,
            ..order
        };
        let here = everything(index, wanted, here).places;
        let ids: Vec<i64> = here.iter().map(|[.., id]| *id).collect();
        let with_words = search::among(tx, words, &ids)?;
        places.extend(
            here.iter()
                .filter(|[.., id]| with_words.binary_search(id).is_ok()),
        );
        if places.len() >= order.limit || here.len() < stretch {
            places.truncate(order.limit);
            return Ok(Some(places));
        }
        after = here.last().copied();
    }
    Ok(None)
}

/// How a list is sorted, where it goes on, and how much of it is wanted.
#[derive(Debug, Clone, Copy)]
struct Order {
    sort: Sort,
    after: Option<Keys>,
    limit: usize,
}

impl Order {
    /// Numbers that are the smaller the sooner a case comes. By deadline downwards, cases without one still come last.
    fn rank(&self, keys: Keys) -> Keys {
        if !self.sort.is_descending {
            return keys;
        }
        match (self.sort.key, keys) {
            (SortKey::Due, [i64::MAX, none, id]) => [i64::MAX, !none, !id],
            (_, keys) => keys.map(|key| !key),
        }
    }

    /// The other way.
    fn keys(&self, rank: Keys) -> Keys {
        self.rank(rank)
    }
}

/// Picks the first cases of a list out of all, and counts all.
struct Picker {
    order: Order,
    after: Option<Keys>,
    /// The largest rank on top.
    first: BinaryHeap<Keys>,
    total: u64,
}

impl Picker {
    fn new(order: Order) -> Self {
        Self {
            order,
            after: order.after.map(|keys| order.rank(keys)),
            first: BinaryHeap::with_capacity(order.limit + 1),
            total: 0,
        }
    }

    fn take(&mut self, dot: &Dot) {
        self.total += 1;
        let rank = self.order.rank(dot.keys(self.order.sort.key));
        let is_full = self.first.len() >= self.order.limit;
        let is_late = is_full && self.first.peek().is_some_and(|last| *last < rank);
        if is_late || self.after.is_some_and(|after| rank <= after) {
            return;
        }
        self.first.push(rank);
        if is_full {
            self.first.pop();
        }
    }

    fn found(self) -> Found {
        let order = self.order;
        let ranks = self.first.into_sorted_vec();
        Found {
            places: ranks.into_iter().map(|rank| order.keys(rank)).collect(),
            total: self.total,
            is_at_least: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_turn_back_into_keys_and_no_deadline_comes_last() {
        for is_descending in [false, true] {
            let sort = Sort {
                key: SortKey::Due,
                is_descending,
            };
            let order = Order {
                sort,
                after: None,
                limit: 1,
            };
            let all = [[5, 0, 1], [i64::MAX, 0, 2], [-7, 0, 3], [i64::MAX, 0, 4]];
            let mut ranks = all.map(|keys| order.rank(keys));
            assert_eq!(ranks.map(|rank| order.keys(rank)), all);
            ranks.sort_unstable();
            let ids = ranks.map(|rank| order.keys(rank)[2]);
            assert_eq!(ids, if is_descending { [1, 3, 4, 2] } else { [3, 1, 2, 4] });
        }
    }
}
