//! Which fields of a case and its reports an actor may see, as data: applied where a case is shown.

use crate::actions::Action;
use crate::rows::RowRule;
use anlan_model::cases::Case;

/// What is shown of a case. The default shows none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one per field, each on its own")]
pub struct FieldRule {
    /// What the reporter wrote and people noted.
    pub words: bool,
    /// The exact point and the address; otherwise the cell.
    pub place: bool,
    /// How to reach the reporter.
    pub contact: bool,
    /// Photos.
    pub photos: bool,
}

impl FieldRule {
    /// The fields with the action that stands for seeing them.
    pub const FIELDS: [Action; 4] = [
        Action::CaseWords,
        Action::CasePlace,
        Action::CaseContact,
        Action::PhotoRead,
    ];
}

/// Whose fields are shown, for every case at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldRows([Option<RowRule>; 4]);

impl FieldRows {
    /// Out of the row rule for each of `FieldRule::FIELDS`.
    pub(crate) fn of(rows: impl Fn(Action) -> Option<RowRule>) -> Self {
        Self(FieldRule::FIELDS.map(rows))
    }

    /// What is shown of this case.
    pub fn on(&self, case: &Case) -> FieldRule {
        let shows = |rule: &Option<RowRule>| rule.as_ref().is_some_and(|rule| rule.admits(case));
        let [words, place, contact, photos] = &self.0;
        FieldRule {
            words: shows(words),
            place: shows(place),
            contact: shows(contact),
            photos: shows(photos),
        }
    }
}
