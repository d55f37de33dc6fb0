//! Pages and counts of cases by plain statements over every case: for timers, trials and tests. Queues that people wait for
//! are answered from columns in memory, and these are what they are held against. Paging is by key, never by offset.

use crate::cases::filter::{CaseFilter, Conditions};
use crate::error::Error;
use crate::search::{self, Part, Words};
use crate::tx::{Tx, Value};
use crate::{Cursor, Page};
use anlan_model::cases::Case;

/// Cases on one page at most.
const PAGE_MAX: usize = 1000;
/// Deadlines downwards, the largest number, which stands for none, still last.
const DUE_DOWN: &str = "iif(due_at = 9223372036854775807, due_at, ~due_at)";

/// What a case is sorted by, then its id: a place in the list.
pub type Keys = [i64; 3];

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// The deadline; cases without one come last, either way.
    Due,
    /// First received.
    Opened,
    /// Last changed.
    Updated,
    /// Priority, then deadline; the other way round everything is reversed.
    Priority,
}

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Largest first.
    pub is_descending: bool,
}

impl Sort {
    /// Smallest first.
    pub const fn ascending(key: SortKey) -> Self {
        Self {
            key,
            is_descending: false,
        }
    }

    /// Largest first.
    pub const fn descending(key: SortKey) -> Self {
        Self {
            key,
            is_descending: true,
        }
    }
}

impl Sort {
    /// Numbers that are the smaller the sooner a case comes, and the way back from them. By deadline downwards, cases
    /// without one still come last.
    pub fn rank(self, keys: Keys) -> Keys {
        if !self.is_descending {
            return keys;
        }
        match (self.key, keys) {
            (SortKey::Due, [i64::MAX, none, id]) => [i64::MAX, !none, !id],
            (_, keys) => keys.map(|key| !key),
        }
    }

    /// The columns of the keys before the id, and the same as `rank` in the engine's language.
    fn columns(self) -> ([&'static str; 2], [&'static str; 3]) {
        match (self.key, self.is_descending) {
            (SortKey::Due, false) => (["due_at", "0"], ["due_at", "0+0", "id"]),
            (SortKey::Due, true) => (["due_at", "0"], [DUE_DOWN, "~0", "~id"]),
            (SortKey::Opened, false) => (["opened_at", "0"], ["opened_at", "0+0", "id"]),
            (SortKey::Opened, true) => (["opened_at", "0"], ["~opened_at", "~0", "~id"]),
            (SortKey::Updated, false) => (["updated_at", "0"], ["updated_at", "0+0", "id"]),
            (SortKey::Updated, true) => (["updated_at", "0"], ["~updated_at", "~0", "~id"]),
            (SortKey::Priority, false) => (["priority", "due_at"], ["priority", "due_at", "id"]),
            (SortKey::Priority, true) => (["priority", "due_at"], ["~priority", "~due_at", "~id"]),
        }
    }
}

impl std::str::FromStr for Sort {
    type Err = Error;

    /// `due`, `opened`, `updated` or `priority`; with `-` in front the largest first.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (is_descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let key = match name {
            "due" => SortKey::Due,
            "opened" => SortKey::Opened,
            "updated" => SortKey::Updated,
            "priority" => SortKey::Priority,
            _ => {
                return Err(Error::Invalid(
                    "sort by due, opened, updated or priority, with - for the largest first".into(),
                ));
            }
        };
        Ok(Self { key, is_descending })
    }
}

/// The cases that match, in order, `limit` of them from `after` on.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &CaseFilter,
    sort: Sort,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Case>, Error> {
    let limit = limit.clamp(1, PAGE_MAX);
    let after = after.map(|cursor| place_of(sort, cursor)).transpose()?;
    let words = words(tx, filter)?;
    let mut all = conditions(filter, words.as_ref());
    let ([first, second], ranks) = sort.columns();
    let ranks = ranks.join(", ");
    if let Some(keys) = after {
        let [one, two, three] = sort.rank(keys).map(|key| all.bind(key.into()));
        all.and(&format!("({ranks}) > (?{one}, ?{two}, ?{three})"));
    }
    let most = all.bind(Value::Int(i64::try_from(limit + 1).unwrap_or(i64::MAX)));
    let clause = all.clause();
    let sql = format!("SELECT {first}, {second}, id FROM cases {clause} ORDER BY {ranks} LIMIT ?{most}");
    let mut found: Vec<Keys> = tx.query(&sql, &all.params, |row| {
        Ok([row.int(0)?, row.int(1)?, row.int(2)?])
    })?;
    let is_more = found.len() > limit;
    found.truncate(limit);
    at(tx, sort, &found, is_more)
}

/// The place a cursor of this list stands at: what its case is sorted by, then the case's id. By deadline, opening and
/// change the second number is 0.
pub fn place_of(sort: Sort, cursor: &Cursor) -> Result<Keys, Error> {
    cursor.keys::<3>(tag(sort))
}

/// The cases at these places, in this order; the next page begins after the last of them if there is more.
pub fn at(tx: &mut Tx<'_>, sort: Sort, places: &[Keys], is_more: bool) -> Result<Page<Case>, Error> {
    let next = places.last().filter(|_| is_more);
    Ok(Page {
        items: read(tx, places)?,
        next: next.map(|keys| Cursor::new(tag(sort), keys)),
    })
}

fn tag(sort: Sort) -> u8 {
    0x10 + u8::from(sort.is_descending) * 8 + sort.key as u8
}

fn words(tx: &mut Tx<'_>, filter: &CaseFilter) -> Result<Option<Words>, Error> {
    let text = filter.text.as_deref().unwrap_or_default();
    search::words_in(tx, text, Part::Any)
}

/// What was asked for in words that cannot be looked up matches nothing.
fn conditions<'a>(filter: &'a CaseFilter, words: Option<&'a Words>) -> Conditions<'a> {
    let mut all = Conditions::of(filter);
    match words {
        Some(words) => all.matching(&words.0),
        None if filter.text.is_some() => all.and("0 = 1"),
        None => {}
    }
    all
}

/// The cases at these places, in this order.
fn read(tx: &mut Tx<'_>, found: &[Keys]) -> Result<Vec<Case>, Error> {
    let sql = "SELECT body FROM cases WHERE id = ?1";
    let one = |[.., id]: &Keys| {
        let case = tx.query_one(sql, &[(*id).into()], |row| row.json(0))?;
        case.ok_or_else(|| Error::missing("case", id))
    };
    found.iter().map(one).collect()
}

/// How many cases match, exactly.
pub fn count(tx: &mut Tx<'_>, filter: &CaseFilter) -> Result<u64, Error> {
    let words = words(tx, filter)?;
    let all = conditions(filter, words.as_ref());
    let sql = format!("SELECT count(*) FROM cases {}", all.clause());
    let count = tx.query_one(&sql, &all.params, |row| row.int(0))?;
    Ok(count.unwrap_or(0).unsigned_abs())
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
            let all = [[5, 0, 1], [i64::MAX, 0, 2], [-7, 0, 3], [i64::MAX, 0, 4]];
            let mut ranks = all.map(|keys| sort.rank(keys));
            assert_eq!(ranks.map(|rank| sort.rank(rank)), all);
            ranks.sort_unstable();
            let ids = ranks.map(|rank| sort.rank(rank)[2]);
            assert_eq!(ids, if is_descending { [1, 3, 4, 2] } else { [3, 1, 2, 4] });
        }
    }
}
