//! The access review (访问复核): why an official looked at a case, and what a privacy officer decides where nothing explains
//! it. It watches how officials use data; residents have no account and are never looked at.

mod days;
mod deciding;
mod explaining;
mod facts;
mod looks;
mod words;

pub use days::{AccountDay, LooseLook};
pub use deciding::{
    ClearReason, DayFinding, NoSuchDecision, Part, PartKind, Review, ReviewEvent, ReviewState,
};
pub use explaining::{Desk, Looker, Mandate, Surroundings, WarnedArea, Worked, explain, is_slip, mistyped};
pub use facts::{CaseFacts, Doing, Stand};
pub use looks::{Look, LookKind, is_act, is_list};

use serde::{Deserialize, Serialize};

/// Percent from which a look counts as explained.
const EXPLAINED_FROM: f64 = 50.0;
/// The same for contact data, which serves to answer a report and nothing else.
const CONTACT_FROM: f64 = 60.0;

/// What a look at a case can be explained by. Having the right to look is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExplanationKind {
    /// The person had taken the case on.
    Assigned,
    /// The person had moved or corrected it before.
    Acted,
    /// The person moved or corrected it soon after.
    ActedAfter,
    /// The person had written a remark on it before.
    Noted,
    /// The person wrote a remark on it soon after.
    NotedAfter,
    /// The person had typed the report in.
    TypedIn,
    /// The person's office had to act on it.
    OwnOffice,
    /// The person's office had it before it was closed or sent on.
    OfficeBefore,
    /// Its state waited for a move that the person's role makes.
    WaitsForRole,
    /// It lay where the person works.
    Area,
    /// It was overdue, urged, returned again and again or of the first priority, and the person watches over such cases.
    Pressing,
    /// It was closed lately, and the person checks closed cases.
    ClosedCheck,
    /// It was merged with, or split from, a case the person worked on.
    Kin,
    /// It is close in place, class and time to a case the person worked on.
    Near,
    /// It is behind a warning the person had opened.
    Warned,
    /// A list or map was shown to the person just before.
    Listed,
    /// A colleague of the same office and role was working on it.
    Colleague,
    /// A hotline clerk may be asked about it by its reporter.
    Callback,
    /// A written order covers it: deputising, a project, a sample.
    Mandate,
    /// A case with nearly the same number was opened right after, and that one is explained.
    Mistyped,
    /// It was opened in an emergency, with a reason that somebody else reviews.
    Opened,
}

/// One explanation of a look, and how much of it that explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Explanation {
    /// What explains it.
    pub kind: ExplanationKind,
    /// How much, in percent.
    pub percent: u8,
}

impl ExplanationKind {
    /// Whether it ties this very person to the case, and not only their office or post.
    pub fn is_personal(self) -> bool {
        !matches!(
            self,
            Self::OwnOffice
                | Self::OfficeBefore
                | Self::WaitsForRole
                | Self::Area
                | Self::Pressing
                | Self::ClosedCheck
                | Self::Listed
                | Self::Colleague
                | Self::Callback
        )
    }
}

/// How much all explanations together explain, in percent: what one leaves open the next may explain.
pub fn strength(explanations: &[Explanation]) -> f64 {
    let open = explanations
        .iter()
        .map(|one| 1.0 - f64::from(one.percent.min(100)) / 100.0)
        .product::<f64>();
    100.0 * (1.0 - open)
}

/// Whether that is enough for a look of this kind.
pub fn is_explained(kind: LookKind, explanations: &[Explanation]) -> bool {
    let from = match kind {
        LookKind::Contact => CONTACT_FROM,
        LookKind::Read | LookKind::Photo => EXPLAINED_FROM,
    };
    strength(explanations) >= from
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(kind: ExplanationKind, percent: u8) -> Explanation {
        Explanation { kind, percent }
    }

    #[test]
    fn weak_explanations_add_up_and_contact_data_needs_more() {
        let weak = [
            one(ExplanationKind::Listed, 20),
            one(ExplanationKind::Colleague, 40),
        ];
        assert!((strength(&weak) - 52.0).abs() < 1e-9);
        assert!(is_explained(LookKind::Read, &weak));
        assert!(!is_explained(LookKind::Contact, &weak));
        assert!(!is_explained(LookKind::Read, &[]));
    }
}
