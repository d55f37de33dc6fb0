//! What a queue may be narrowed by, turned into SQL. Which cases an actor may see comes in as data and always applies.

use crate::cases::{channel_word, phase_number};
use crate::tx::Value;
use anlan_model::cases::Phase;
use anlan_model::classes::Priority;
use anlan_model::ids::{AccountId, CaseId, CellId, ClassCode, OfficeId, StateCode};
use anlan_model::incoming::Channel;
use jiff::Timestamp;

/// Which cases are asked for. Empty lists and `None` mean "any".
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseFilter {
    /// Open, closed or void.
    pub phase: Option<Phase>,
    /// In one of these states.
    pub states: Vec<StateCode>,
    /// Of one of these classes.
    pub classes: Vec<ClassCode>,
    /// With one of these offices.
    pub offices: Vec<OfficeId>,
    /// In one of these cells.
    pub cells: Vec<CellId>,
    /// Of one of these priorities.
    pub priorities: Vec<Priority>,
    /// Overdue at that instant: open past its deadline, or closed late.
    pub overdue_at: Option<Timestamp>,
    /// Words in title, address or description.
    pub text: Option<String>,
    /// By that way.
    pub channel: Option<Channel>,
    /// From that feed.
    pub source: Option<String>,
    /// Taken on by that person.
    pub assignee: Option<AccountId>,
    /// In divisions whose code begins so.
    pub division: Option<String>,
    /// Within west, south, east, north (degrees).
    pub bbox: Option<[f64; 4]>,
    /// Opened at or after.
    pub opened_from: Option<Timestamp>,
    /// Opened before.
    pub opened_to: Option<Timestamp>,
    /// What the actor may see.
    pub visible: Visibility,
}

/// The rows an actor may see, as policy decided it: `all`, or the union of office, division, assignee and opened
/// cases; never a complaint about the hidden office. The default sees nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visibility {
    /// Every case.
    pub all: bool,
    /// Cases this office must act on.
    pub office: Option<OfficeId>,
    /// Cases in divisions whose code begins so.
    pub division: Option<String>,
    /// Cases this person took on.
    pub assignee: Option<AccountId>,
    /// These cases.
    pub opened: Vec<CaseId>,
    /// Complaints about this office stay hidden, whatever else holds.
    pub hide_about: Option<OfficeId>,
}

impl Visibility {
    /// Every case: for timers and tests.
    pub fn everything() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }
}

/// SQL conditions over `cases`, with their parameters.
#[derive(Debug, Default)]
pub(crate) struct Conditions<'a> {
    pub(crate) sql: String,
    pub(crate) params: Vec<Value<'a>>,
}

impl<'a> Conditions<'a> {
    pub(crate) fn of(filter: &'a CaseFilter) -> Self {
        let mut all = Self::default();
        if let Some(phase) = filter.phase {
            all.and(&format!("phase = {}", phase_number(phase)));
        }
        all.any_of("state", filter.states.iter().map(|code| code.as_str().into()));
        all.any_of("class", filter.classes.iter().map(|code| code.as_str().into()));
        all.any_of("office", filter.offices.iter().map(|id| (*id).into()));
        all.any_of("cell", filter.cells.iter().map(|id| (*id).into()));
        all.any_of(
            "priority",
            filter.priorities.iter().map(|priority| priority.number().into()),
        );
        all.compare("overdue_from <", filter.overdue_at.map(Into::into));
        all.compare(
            "channel =",
            filter.channel.map(|channel| channel_word(channel).into()),
        );
        all.compare("source =", filter.source.as_deref().map(Into::into));
        all.compare("assignee =", filter.assignee.map(Into::into));
        all.compare("opened_at >=", filter.opened_from.map(Into::into));
        all.compare("opened_at <", filter.opened_to.map(Into::into));
        if let Some(prefix) = &filter.division {
            all.begins(prefix);
        }
        all.within(filter.bbox);
        all.seen_by(&filter.visible);
        all
    }

    pub(crate) fn bind(&mut self, value: Value<'a>) -> usize {
        self.params.push(value);
        self.params.len()
    }

    pub(crate) fn and(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { "" } else { " AND " });
        self.sql.push_str(condition);
    }

    /// Cases whose words match; `words` is what `search::words_in` made.
    pub(crate) fn matching(&mut self, words: &'a str) {
        let at = self.bind(words.into());
        self.and(&format!(
            "id IN (SELECT rowid FROM search WHERE search MATCH ?{at})"
        ));
    }

    /// The conditions as a `WHERE`, nothing if there are none.
    pub(crate) fn clause(&self) -> String {
        if self.sql.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.sql)
        }
    }

    fn compare(&mut self, left: &str, value: Option<Value<'a>>) {
        if let Some(value) = value {
            let at = self.bind(value);
            self.and(&format!("{left} ?{at}"));
        }
    }

    fn any_of(&mut self, column: &str, values: impl Iterator<Item = Value<'a>>) {
        let places: Vec<String> = values.map(|value| format!("?{}", self.bind(value))).collect();
        match places.as_slice() {
            [] => {}
            [one] => self.and(&format!("{column} = {one}")),
            several => self.and(&format!("{column} IN ({})", several.join(", "))),
        }
    }

    fn begins(&mut self, prefix: &'a str) {
        if !prefix.is_empty() {
            let condition = self.prefix_of_division(prefix);
            self.and(&condition);
        }
    }

    /// Codes are digits, so every code that begins so sorts from the prefix up to the prefix followed by `:`.
    fn prefix_of_division(&mut self, prefix: &'a str) -> String {
        let at = self.bind(prefix.into());
        format!("(division >= ?{at} AND division < ?{at} || ':')")
    }

    fn within(&mut self, bbox: Option<[f64; 4]>) {
        let Some([west, south, east, north]) = bbox else {
            return;
        };
        let [west, south, east, north] = [west, south, east, north].map(|edge| self.bind(edge.into()));
        self.and(&format!("lat BETWEEN ?{south} AND ?{north}"));
        // A box across the date line has its west east of its east.
        self.and(&format!(
            "CASE WHEN ?{west} <= ?{east} THEN lon BETWEEN ?{west} AND ?{east} ELSE lon >= ?{west} OR lon <= ?{east} END"
        ));
    }

    fn seen_by(&mut self, visible: &'a Visibility) {
        if let Some(office) = visible.hide_about {
            let at = self.bind(office.into());
            self.and(&format!("(about_office IS NULL OR about_office <> ?{at})"));
        }
        if visible.all {
            return;
        }
        let mut own = Vec::new();
        if let Some(office) = visible.office {
            own.push(format!("office = ?{}", self.bind(office.into())));
        }
        if let Some(prefix) = &visible.division {
            own.push(self.prefix_of_division(prefix));
        }
        if let Some(person) = visible.assignee {
            own.push(format!("assignee = ?{}", self.bind(person.into())));
        }
        own.extend(
            visible
                .opened
                .iter()
                .map(|id| format!("id = ?{}", self.bind((*id).into()))),
        );
        match own.as_slice() {
            [] => self.and("0 = 1"),
            ways => self.and(&format!("({})", ways.join(" OR "))),
        }
    }
}
