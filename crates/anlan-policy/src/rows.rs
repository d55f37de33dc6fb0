//! Which rows an actor may see, as data: checked here on one case, applied by the store as a filter on many.

use crate::questions::CaseFacts;
use anlan_model::cases::Case;
use anlan_model::ids::{AccountId, CaseId, OfficeId};

/// The cases an actor may reach with one action: `all`, or the union of office, division, assignee and opened cases;
/// never a complaint about the hidden office.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowRule {
    /// Every case.
    pub all: bool,
    /// Cases this office must act on.
    pub office: Option<OfficeId>,
    /// Cases whose place lies under this division code.
    pub division: Option<String>,
    /// Cases this account took on.
    pub assignee: Option<AccountId>,
    /// Cases opened by a running grant.
    pub opened: Vec<CaseId>,
    /// Complaints about this office stay hidden, whatever else holds.
    pub hide_about: Option<OfficeId>,
}

impl RowRule {
    /// Whether the case is within reach.
    pub fn admits(&self, case: &Case) -> bool {
        self.admits_facts(&case.into())
    }

    /// The same, where no more is known of the case.
    pub fn admits_facts(&self, case: &CaseFacts<'_>) -> bool {
        if self.hide_about.is_some() && case.about == self.hide_about {
            return false;
        }
        self.all
            || (self.office.is_some() && case.office == self.office)
            || (self.assignee.is_some() && case.assignee == self.assignee)
            || self.opened.contains(&case.id)
            || self.division.as_deref().is_some_and(|prefix| {
                let lies_in = |division: &str| division.starts_with(prefix);
                case.division.is_some_and(lies_in)
            })
    }

    /// Whether every case the other rule admits is within reach, as far as the rules alone tell: `false` may be too careful,
    /// `true` never is.
    pub fn covers(&self, other: &Self) -> bool {
        let within = |wide: Option<i64>, narrow: Option<i64>| narrow.is_none() || wide == narrow;
        let division = other.division.as_deref().is_none_or(|narrow| {
            let wide = self.division.as_deref();
            wide.is_some_and(|wide| narrow.starts_with(wide))
        });
        let ways = !other.all
            && division
            && within(self.office.map(|id| id.0), other.office.map(|id| id.0))
            && within(self.assignee.map(|id| id.0), other.assignee.map(|id| id.0))
            && other.opened.iter().all(|case| self.opened.contains(case));
        (self.hide_about.is_none() || self.hide_about == other.hide_about) && (self.all || ways)
    }

    /// Whether it can admit any case at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.all
            && self.office.is_none()
            && self.division.is_none()
            && self.assignee.is_none()
            && self.opened.is_empty()
    }
}
