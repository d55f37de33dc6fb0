//! A review: what one account's accesses of one day look like where they are not explained, and what was decided. Its life is
//! the fold of its events, like a case's.

use crate::events::Stamp;
use crate::ids::{AccountId, ReviewId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Nobody has decided yet.
    Open,
    /// The office was asked for the reason.
    Asked,
    /// There was a reason.
    Cleared,
    /// Passed on to whoever looks into breaches of duty.
    PassedOn,
}

impl ReviewState {
    /// Every state, in the order a filter shows them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Asked, Self::Cleared, Self::PassedOn];

    /// The word kept and shown by doors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Asked => "asked",
            Self::Cleared => "cleared",
            Self::PassedOn => "passed_on",
        }
    }

    /// The word on a Chinese screen.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Open => "待复核",
            Self::Asked => "已要求说明",
            Self::Cleared => "已排除",
            Self::PassedOn => "已移交",
        }
    }
}

/// Why a review is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClearReason {
    /// It was work that left no record.
    Work,
    /// An order was shown.
    Ordered,
    /// Training or handing over.
    Training,
    /// A slip: a wrong number, a wrong row.
    Slip,
}

/// What counts towards a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// More looks that nothing explains than usual.
    Unexplained,
    /// The same case or place again and again.
    Repeated,
    /// Contact data without any work on the case.
    Contacts,
    /// More cases opened than usual.
    Volume,
    /// More rows of lists shown than usual.
    Rows,
    /// A little more each day, for weeks.
    Slow,
    /// Outside the usual hours.
    OffDuty,
    /// Case numbers one after another.
    Sequence,
    /// Another account looked at the same cases, unexplained too.
    Shared,
    /// Several accounts looked at one case, unexplained.
    Crowd,
}

/// One part of a score: what was seen, what is usual, and the points it gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What counts.
    pub kind: PartKind,
    /// Points.
    pub points: f64,
    /// What was seen.
    pub seen: f64,
    /// What is usual for this account and its peers.
    pub usual: f64,
    /// The other account, for shared cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<AccountId>,
}

/// What the examination of a day found about one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DayFinding {
    /// Whose accesses.
    pub account: AccountId,
    /// Of which day, local.
    pub day: Date,
    /// The points of all parts: what the queue is ranked by.
    pub score: f64,
    /// The parts, most points first.
    pub parts: Vec<Part>,
    /// Cases looked at that day.
    pub cases: u32,
    /// Of those, cases with a look that nothing explains.
    pub unexplained: u32,
}

/// A review, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Counts its events.
    pub version: u32,
    /// Where it stands.
    pub state: ReviewState,
    /// What was found.
    pub finding: DayFinding,
    /// Who decided or asked last, and when; `None` before.
    pub decided: Option<Stamp>,
    /// Why it was cleared.
    pub reason: Option<ClearReason>,
    /// The words of whoever decided or asked last.
    pub note: String,
    /// When it came into the queue.
    pub raised_at: Timestamp,
}

/// Something that happened to a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReviewEvent {
    /// It came into the queue.
    Raised {
        /// What was found.
        finding: Box<DayFinding>,
    },
    /// The office was asked.
    Asked {
        /// The question.
        note: String,
    },
    /// There was a reason.
    Cleared {
        /// From the closed list.
        reason: ClearReason,
        /// In words.
        note: String,
    },
    /// Passed on.
    PassedOn {
        /// In words.
        note: String,
    },
}

/// A decision that the review's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchDecision {
    /// Where it stands.
    pub state: ReviewState,
}

impl ReviewEvent {
    /// The name stored beside the event.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Raised { .. } => "raised",
            Self::Asked { .. } => "asked",
            Self::Cleared { .. } => "cleared",
            Self::PassedOn { .. } => "passed_on",
        }
    }

    /// Whether it may happen to the review as it stands: what is decided stays decided, and an office is asked once.
    pub fn check(&self, review: &Review) -> Result<(), NoSuchDecision> {
        let is_allowed = match self {
            Self::Raised { .. } => false,
            Self::Asked { .. } => review.state == ReviewState::Open,
            Self::Cleared { .. } | Self::PassedOn { .. } => {
                matches!(review.state, ReviewState::Open | ReviewState::Asked)
            }
        };
        let refused = NoSuchDecision { state: review.state };
        if is_allowed { Ok(()) } else { Err(refused) }
    }

    /// The review as it stands after this event; every event but the first needs a review.
    pub fn apply(&self, id: ReviewId, review: Option<Review>, stamp: &Stamp) -> Option<Review> {
        if let Self::Raised { finding } = self {
            return Some(Review {
                id,
                version: 1,
                state: ReviewState::Open,
                finding: finding.as_ref().clone(),
                decided: None,
                reason: None,
                note: String::new(),
                raised_at: stamp.at,
            });
        }
        let mut review = review?;
        review.version += 1;
        review.decided = Some(stamp.clone());
        match self {
            Self::Raised { .. } => {}
            Self::Asked { note } => (review.state, review.note) = (ReviewState::Asked, note.clone()),
            Self::Cleared { reason, note } => {
                (review.state, review.note) = (ReviewState::Cleared, note.clone());
                review.reason = Some(*reason);
            }
            Self::PassedOn { note } => (review.state, review.note) = (ReviewState::PassedOn, note.clone()),
        }
        Some(review)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised() -> Review {
        let finding = DayFinding {
            account: AccountId(1),
            day: jiff::civil::date(2026, 3, 1),
            score: 5.0,
            parts: Vec::new(),
            cases: 3,
            unexplained: 3,
        };
        let event = ReviewEvent::Raised {
            finding: Box::new(finding),
        };
        event.apply(ReviewId(1), None, &stamp()).unwrap()
    }

    fn stamp() -> Stamp {
        Stamp {
            at: Timestamp::UNIX_EPOCH,
            by: Some(AccountId(9)),
            post: None,
        }
    }

    #[test]
    fn an_office_is_asked_once_and_what_is_decided_stays() {
        let note = || "words".to_owned();
        let asked = ReviewEvent::Asked { note: note() };
        let cleared = ReviewEvent::Cleared {
            reason: ClearReason::Slip,
            note: note(),
        };
        let passed = ReviewEvent::PassedOn { note: note() };
        let review = raised();
        assert_eq!((review.state, review.version), (ReviewState::Open, 1));
        let after = |review: &Review, event: &ReviewEvent| {
            event.check(review).ok()?;
            event.apply(review.id, Some(review.clone()), &stamp())
        };
        let once = after(&review, &asked).unwrap();
        assert_eq!((once.state, once.version), (ReviewState::Asked, 2));
        assert_eq!(after(&once, &asked), None);
        let done = after(&once, &cleared).unwrap();
        assert_eq!(
            (done.state, done.reason),
            (ReviewState::Cleared, Some(ClearReason::Slip))
        );
        for event in [&asked, &cleared, &passed] {
            assert_eq!(after(&done, event), None);
        }
        assert_eq!(after(&review, &passed).unwrap().state, ReviewState::PassedOn);
    }
}
