//! Which rows an actor may see, as data: checked here on one case, applied by the store as a filter on many.

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
        if self.hide_about.is_some() && case.about_office == self.hide_about {
            return false;
        }
        self.all
            || (self.office.is_some() && case.office == self.office)
            || (self.assignee.is_some() && case.assignee == self.assignee)
            || self.opened.contains(&case.id)
            || self.division.as_deref().is_some_and(|prefix| {
                case.place
                    .division
                    .as_deref()
                    .is_some_and(|division| division.starts_with(prefix))
            })
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
