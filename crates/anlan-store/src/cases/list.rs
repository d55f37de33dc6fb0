//! Pages and counts of cases. Paging is by key, never by offset: page 1,000 costs what page 1 costs.

use crate::cases::filter::{CaseFilter, Conditions};
use crate::error::Error;
use crate::search::{self, Words};
use crate::tx::{Tx, Value};
use crate::{Cursor, Page};
use anlan_model::cases::{Case, Phase};

/// Cases on one page at most.
const PAGE_MAX: usize = 1000;
/// Cases walked at first before asking which of them match common words; doubles up to the second.
const STRETCH_FIRST: usize = 1024;
const STRETCH_MAX: usize = 8192;
/// Cases from the words they match: the engine must not turn it round.
const MATCHING: &str = "search CROSS JOIN cases ON cases.id = search.rowid";

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
    let after = after.map(|cursor| place_of(sort, cursor)).transpose()?;
    let Some(asked) = Asked::of(tx, filter)? else {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    };
    let mut found = Vec::with_capacity(limit + 1);
    for &section in sections(sort) {
        if found.len() <= limit && after.is_none_or(|[first, ..]| section.may_follow(first)) {
            let here = after.filter(|[first, ..]| section.holds(*first));
            let part = Part {
                sort,
                section,
                after: here,
                limit: limit + 1 - found.len(),
            };
            found.extend(keys(tx, &asked, &part)?);
        }
    }
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

/// A filter, and the words asked for with it.
struct Asked<'f> {
    filter: &'f CaseFilter,
    words: Option<Words>,
}

impl<'f> Asked<'f> {
    /// `None` where words were asked for and none of them can be looked up: then nothing matches.
    fn of(tx: &mut Tx<'_>, filter: &'f CaseFilter) -> Result<Option<Self>, Error> {
        let Some(text) = &filter.text else {
            return Ok(Some(Self { filter, words: None }));
        };
        let words = search::words_in(tx, text)?;
        Ok(words.map(|words| Self {
            filter,
            words: Some(words),
        }))
    }

    fn rare(&self) -> Option<&Words> {
        self.words.as_ref().filter(|words| words.are_rare)
    }

    fn phases(&self) -> &'static [Phase] {
        match self.filter.phase {
            None => &[Phase::Open, Phase::Closed, Phase::Void],
            Some(Phase::Open) => &[Phase::Open],
            Some(Phase::Closed) => &[Phase::Closed],
            Some(Phase::Void) => &[Phase::Void],
        }
    }
}

/// A stretch of a list. By deadline downwards there are two: those with one, then those without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    All,
    WithDue,
    WithoutDue,
    OfPriority(i64),
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
    fn condition(self) -> Option<String> {
        match self {
            Self::All => None,
            Self::WithDue => Some(format!("due_at < {}", i64::MAX)),
            Self::WithoutDue => Some(format!("due_at = {}", i64::MAX)),
            Self::OfPriority(priority) => Some(format!("priority = {priority}")),
        }
    }

    fn holds(self, first: i64) -> bool {
        match self {
            Self::All | Self::OfPriority(_) => true,
            Self::WithDue => first != i64::MAX,
            Self::WithoutDue => first == i64::MAX,
        }
    }

    /// Whether a page that goes on after this key can reach into the section.
    fn may_follow(self, first: i64) -> bool {
        self != Self::WithDue || self.holds(first)
    }
}

#[derive(Clone, Copy)]
struct Part {
    sort: Sort,
    section: Section,
    after: Option<[i64; 3]>,
    limit: usize,
}

/// What a case is sorted by, then its id: a place in the list.
pub type Keys = [i64; 3];

impl Part {
    /// What the list is sorted by before the id; `0` where there is no second.
    fn columns(&self) -> [&'static str; 2] {
        match self.sort.key {
            SortKey::Due => ["due_at", "0"],
            SortKey::Opened => ["opened_at", "0"],
            SortKey::Updated => ["updated_at", "0"],
            SortKey::Priority => ["priority", "due_at"],
        }
    }

    fn index(&self, phase: Phase) -> String {
        let name = match self.sort.key {
            SortKey::Due => "due",
            SortKey::Opened => "opened",
            SortKey::Updated => "updated",
            SortKey::Priority => "priority",
        };
        format!(
            "cases_{}_by_{name}",
            if phase == Phase::Open { "open" } else { "done" }
        )
    }

    /// `WHERE … ORDER BY …` over what holds already.
    fn complete(&self, all: &mut Conditions<'_>) -> String {
        all.extend(self.section.condition().as_deref());
        let [first, second] = self.columns();
        let (way, beyond) = if self.sort.is_descending {
            ("DESC", "<")
        } else {
            ("ASC", ">")
        };
        let order: Vec<&str> = [first, second, "id"]
            .into_iter()
            .filter(|column| *column != "0")
            .collect();
        if let Some([one, two, id]) = self.after {
            let keys: &[i64] = if second == "0" {
                &[one, id]
            } else {
                &[one, two, id]
            };
            let places: Vec<String> = keys
                .iter()
                .map(|key| format!("?{}", all.bind((*key).into())))
                .collect();
            all.and(&format!(
                "({}) {beyond} ({})",
                order.join(", "),
                places.join(", ")
            ));
        }
        let order: Vec<String> = order.iter().map(|column| format!("{column} {way}")).collect();
        format!("{} ORDER BY {}", all.clause(), order.join(", "))
    }
}

/// The places of the cases in one stretch of the list.
fn keys(tx: &mut Tx<'_>, asked: &Asked<'_>, part: &Part) -> Result<Vec<Keys>, Error> {
    if let Some(words) = asked.rare() {
        return of_rare(tx, asked.filter, words, part);
    }
    let mut found = Vec::new();
    for &phase in asked.phases() {
        found.extend(match &asked.words {
            None => of_phase(tx, asked.filter, phase, part)?,
            Some(words) => of_common(tx, asked.filter, words, (phase, part))?,
        });
    }
    found.sort_unstable();
    if part.sort.is_descending {
        found.reverse();
    }
    found.truncate(part.limit);
    Ok(found)
}

/// The places of one phase's cases.
fn of_phase(tx: &mut Tx<'_>, filter: &CaseFilter, phase: Phase, part: &Part) -> Result<Vec<Keys>, Error> {
    if part.sort.key == SortKey::Priority && phase != Phase::Open {
        return of_each_priority(tx, filter, phase, part);
    }
    walk(tx, filter, phase, part)
}

/// Done cases are rarely wanted by priority: no index of their own, but each priority in turn by deadline.
fn of_each_priority(
    tx: &mut Tx<'_>,
    filter: &CaseFilter,
    phase: Phase,
    part: &Part,
) -> Result<Vec<Keys>, Error> {
    let mut order = [1, 2, 3, 4];
    if part.sort.is_descending {
        order.reverse();
    }
    let begun = part
        .after
        .and_then(|[priority, ..]| order.iter().position(|here| *here == priority));
    let mut found = Vec::new();
    for &priority in order.iter().skip(begun.unwrap_or(0)) {
        let here = Part {
            sort: Sort {
                key: SortKey::Due,
                ..part.sort
            },
            section: Section::OfPriority(priority),
            after: part
                .after
                .filter(|[first, ..]| *first == priority)
                .map(|[_, due, id]| [due, 0, id]),
            limit: part.limit - found.len(),
        };
        found.extend(
            walk(tx, filter, phase, &here)?
                .into_iter()
                .map(|[due, _, id]| [priority, due, id]),
        );
        if found.len() >= part.limit {
            break;
        }
    }
    Ok(found)
}

/// Walks the phase's index in the order asked for until the page is full. The index holds every column that is filtered
/// by, so rows that do not match cost no look at the case itself.
fn walk(tx: &mut Tx<'_>, filter: &CaseFilter, phase: Phase, part: &Part) -> Result<Vec<Keys>, Error> {
    let mut all = Conditions::of_phase(phase, filter);
    let [first, second] = part.columns();
    let clause = part.complete(&mut all);
    let limit = all.bind(Value::Int(i64::try_from(part.limit).unwrap_or(i64::MAX)));
    let index = part.index(phase);
    let sql = format!("SELECT {first}, {second}, id FROM cases INDEXED BY {index} {clause} LIMIT ?{limit}");
    tx.query(&sql, &all.params, |row| {
        Ok([row.int(0)?, row.int(1)?, row.int(2)?])
    })
}

/// Where many cases match the words: walks as `of_phase` does, stretch by stretch, and asks which of a stretch match.
/// Cases that follow each other in a list mostly have ids close together, so that is a short look.
fn of_common(
    tx: &mut Tx<'_>,
    filter: &CaseFilter,
    words: &Words,
    (phase, part): (Phase, &Part),
) -> Result<Vec<Keys>, Error> {
    let mut found = Vec::new();
    let mut stretch = Part {
        limit: STRETCH_FIRST,
        ..*part
    };
    loop {
        let here = of_phase(tx, filter, phase, &stretch)?;
        let ids = || here.iter().map(|[.., id]| *id);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok(found);
        };
        let matching = search::between(tx, words, first, last)?;
        found.extend(here.iter().filter(|[.., id]| matching.binary_search(id).is_ok()));
        if found.len() >= part.limit || here.len() < stretch.limit {
            return Ok(found);
        }
        stretch = Part {
            after: here.last().copied(),
            limit: (stretch.limit * 2).min(STRETCH_MAX),
            ..stretch
        };
    }
}

/// Looks at every case the words match, and sorts those that pass.
fn of_rare(tx: &mut Tx<'_>, filter: &CaseFilter, words: &Words, part: &Part) -> Result<Vec<Keys>, Error> {
    let mut all = Conditions::of(filter);
    all.matching(&words.query);
    let [first, second] = part.columns();
    let clause = part.complete(&mut all);
    let limit = all.bind(Value::Int(i64::try_from(part.limit).unwrap_or(i64::MAX)));
    let sql = format!("SELECT {first}, {second}, id FROM {MATCHING} {clause} LIMIT ?{limit}");
    tx.query(&sql, &all.params, |row| {
        Ok([row.int(0)?, row.int(1)?, row.int(2)?])
    })
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
    let Some(asked) = Asked::of(tx, filter)? else {
        return Ok(0);
    };
    let mut all = Conditions::of(filter);
    match &asked.words {
        Some(words) if all.sql.is_empty() => {
            all.matching(&words.query);
            return number(tx, &format!("SELECT count(*) FROM search {}", all.clause()), &all);
        }
        Some(words) if words.are_rare => {
            all.matching(&words.query);
            return number(
                tx,
                &format!("SELECT count(*) FROM {MATCHING} {}", all.clause()),
                &all,
            );
        }
        _ => {}
    }
    let matching = asked
        .words
        .as_ref()
        .map(|words| search::between(tx, words, 0, i64::MAX))
        .transpose()?;
    let mut total = 0;
    for &phase in asked.phases() {
        total += count_phase(tx, filter, phase, matching.as_deref())?;
    }
    Ok(total)
}

fn count_phase(
    tx: &mut Tx<'_>,
    filter: &CaseFilter,
    phase: Phase,
    matching: Option<&[i64]>,
) -> Result<u64, Error> {
    let all = Conditions::of_phase(phase, filter);
    let index = if phase == Phase::Open {
        "cases_open_by_due"
    } else {
        "cases_done_by_opened"
    };
    let from = format!("FROM cases INDEXED BY {index} {}", all.clause());
    let Some(matching) = matching else {
        return number(tx, &format!("SELECT count(*) {from}"), &all);
    };
    let mut total = 0;
    tx.each(&format!("SELECT id {from}"), &all.params, |row| {
        total += u64::from(matching.binary_search(&row.int(0)?).is_ok());
        Ok(true)
    })?;
    Ok(total)
}

fn number(tx: &mut Tx<'_>, sql: &str, all: &Conditions<'_>) -> Result<u64, Error> {
    Ok(tx
        .query_one(sql, &all.params, |row| row.int(0))?
        .unwrap_or(0)
        .unsigned_abs())
}
