//! Pages and counts of cases. Paging is by key, never by offset: page 1,000 costs what page 1 costs.

use crate::body;
use crate::cases::filter::{CaseFilter, Conditions};
use crate::error::Error;
use crate::tx::{Tx, Value};
use crate::{Cursor, Page, search};
use anlan_model::cases::Case;

/// Cases on one page at most.
const PAGE_MAX: usize = 1000;

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
    let after = after.map(|cursor| cursor.keys::<3>(tag(sort))).transpose()?;
    let mut found = Vec::with_capacity(limit + 1);
    for &section in sections(sort) {
        if found.len() <= limit && after.is_none_or(|[first, ..]| section.may_follow(first)) {
            let here = after.filter(|[first, ..]| section.holds(*first));
            found.extend(part(
                tx,
                filter,
                &Part {
                    sort,
                    section,
                    after: here,
                    limit: limit + 1 - found.len(),
                },
            )?);
        }
    }
    let next = (found.len() > limit).then(|| {
        found.truncate(limit);
        found.last().map(|(keys, _)| Cursor::new(tag(sort), keys))
    });
    let items = found
        .into_iter()
        .map(|(_, body)| body::read(&body))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        next: next.flatten(),
    })
}

fn tag(sort: Sort) -> u8 {
    0x10 + u8::from(sort.is_descending) * 8 + sort.key as u8
}

/// A stretch of a list. By deadline downwards there are two: those with one, then those without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    All,
    WithDue,
    WithoutDue,
}

fn sections(sort: Sort) -> &'static [Section] {
    match sort {
        Sort {
            key: SortKey::Due,
            is_descending: true,
        } => &[Section::WithDue, Section::WithoutDue],
        _ => &[Section::All],
    }
}

impl Section {
    fn condition(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::WithDue => Some("due_at < 9223372036854775807"),
            Self::WithoutDue => Some("due_at = 9223372036854775807"),
        }
    }

    fn holds(self, first: i64) -> bool {
        match self {
            Self::All => true,
            Self::WithDue => first != i64::MAX,
            Self::WithoutDue => first == i64::MAX,
        }
    }

    /// Whether a page that goes on after this key can reach into the section.
    fn may_follow(self, first: i64) -> bool {
        self != Self::WithDue || self.holds(first)
    }
}

struct Part {
    sort: Sort,
    section: Section,
    after: Option<[i64; 3]>,
    limit: usize,
}

type Found = ([i64; 3], String);

/// Finds the ids by what the indexes hold, then reads only the bodies of those that are shown.
fn part(tx: &mut Tx<'_>, filter: &CaseFilter, part: &Part) -> Result<Vec<Found>, Error> {
    let words = filter.text.as_deref().map(search::query);
    let mut all = Conditions::of(filter);
    if let Some(words) = &words {
        match words {
            Some(words) => all.matching(words),
            None => return Ok(Vec::new()),
        }
    }
    if let Some(condition) = part.section.condition() {
        all.and(condition);
    }
    let keys = match part.sort.key {
        SortKey::Due => ["due_at", "0"],
        SortKey::Opened => ["opened_at", "0"],
        SortKey::Updated => ["updated_at", "0"],
        SortKey::Priority => ["priority", "due_at"],
    };
    let [first, second] = keys;
    let (way, beyond) = if part.sort.is_descending {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    let order = keys
        .iter()
        .filter(|key| **key != "0")
        .chain(&["id"])
        .copied()
        .collect::<Vec<_>>();
    if let Some([one, two, id]) = part.after {
        let [one, two, id] = [one, two, id].map(|key| all.bind(key.into()));
        let places = if second == "0" {
            format!("?{one}, ?{id}")
        } else {
            format!("?{one}, ?{two}, ?{id}")
        };
        all.and(&format!("({}) {beyond} ({places})", order.join(", ")));
    }
    let limit = all.bind(Value::Int(i64::try_from(part.limit).unwrap_or(i64::MAX)));
    let order_by = order
        .iter()
        .map(|key| format!("{key} {way}"))
        .collect::<Vec<_>>()
        .join(", ");
    let clause = if all.sql.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", all.sql)
    };
    let sql = format!(
        "SELECT found.first, found.second, cases.id, cases.body
         FROM (SELECT id, {first} AS first, {second} AS second FROM cases {clause} ORDER BY {order_by} LIMIT ?{limit}) AS found
         CROSS JOIN cases ON cases.id = found.id ORDER BY found.first {way}, found.second {way}, found.id {way}"
    );
    tx.query(&sql, &all.params, |row| {
        Ok(([row.int(0)?, row.int(1)?, row.int(2)?], row.text(3)?.to_owned()))
    })
}

/// How many cases match, exactly.
pub fn count(tx: &mut Tx<'_>, filter: &CaseFilter) -> Result<u64, Error> {
    let words = filter.text.as_deref().map(search::query);
    let mut all = Conditions::of(filter);
    if let Some(words) = &words {
        match words {
            Some(words) => all.matching(words),
            None => return Ok(0),
        }
    }
    let clause = if all.sql.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", all.sql)
    };
    let found = tx.query_one(
        &format!("SELECT count(*) FROM cases {clause}"),
        &all.params,
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0).unsigned_abs())
}
