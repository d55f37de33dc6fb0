//! A grant (授权): leave for one person to do one thing beyond their usual reach. It has a reason and an end, and somebody
//! else answers for it: a case opened in an emergency is reviewed afterwards; roles that rule the node, and copies of it that are taken
//! out, are approved before.

use crate::accounts::Role;
use crate::ids::{AccountId, CaseId, GrantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest reason or note, characters.
pub const WORDS_MAX: usize = 1_000;
/// Shortest reason: a word is not one.
pub const REASON_MIN: usize = 5;
/// Longest time for which copies may be taken on one approval.
pub const STANDING_MAX: SignedDuration = SignedDuration::from_hours(24 * 400);

/// What a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantSubject {
    /// Looking into one case out of reach; reviewed afterwards.
    Case(CaseId),
    /// These roles for that account; approved before.
    Roles {
        /// Whose roles.
        account: AccountId,
        /// All roles it is to have.
        roles: Vec<Role>,
    },
    /// Copies of the node out of its data folder; approved before.
    Backup(BackupLeave),
}

/// Which copies of the node may be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupLeave {
    /// One, before the grant ends.
    Once,
    /// Any number until then, as a nightly backup needs.
    Until(Timestamp),
}

/// What somebody else says to a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantVerdict {
    /// It may be done, and is done with this word.
    Approved,
    /// It may not be done.
    Refused,
    /// Looking was right.
    Justified,
    /// Looking was wrong.
    Unjustified,
}

/// Somebody else's word on a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantAnswer {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub verdict: GrantVerdict,
    /// In words.
    pub note: String,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who asked.
    pub asker: AccountId,
    /// When.
    pub asked_at: Timestamp,
    /// Why, in words.
    pub reason: String,
    /// It ends by itself then; what has not been approved by then lapses.
    pub until: Timestamp,
    /// For what.
    pub subject: GrantSubject,
    /// Somebody else's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<GrantAnswer>,
    /// When the one thing it was for was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// The case is open to the asker now.
    Running,
    /// It has ended, and nobody has reviewed it yet.
    Unreviewed,
    /// It was reviewed.
    Reviewed,
    /// Somebody else must approve it.
    Waiting,
    /// Nobody did in time.
    Lapsed,
    /// Approved: roles were given with it, a backup may be taken now.
    Approved,
    /// Refused.
    Refused,
    /// The one backup that it was for was taken.
    Used,
}

/// Why a grant cannot be answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantFault {
    /// The asker cannot answer.
    #[error("nobody answers their own request")]
    Own,
    /// There is an answer already.
    #[error("it has been answered already")]
    Answered,
    /// Too late to approve or refuse.
    #[error("it has lapsed")]
    Lapsed,
    /// It is not approved, not for this, or was used before.
    #[error("it gives no leave for this")]
    NoLeave,
    /// The verdict is not one for this kind of grant.
    #[error("this verdict does not fit the request")]
    Unfitting,
}

impl Grant {
    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> GrantState {
        let is_over = self.until <= now;
        match (&self.subject, self.answer.as_ref().map(|answer| answer.verdict)) {
            (GrantSubject::Case(_), _) if !is_over => GrantState::Running,
            (GrantSubject::Case(_), Some(_)) => GrantState::Reviewed,
            (GrantSubject::Case(_), None) => GrantState::Unreviewed,
            (GrantSubject::Roles { .. }, Some(GrantVerdict::Approved)) => GrantState::Approved,
            (GrantSubject::Backup(leave), Some(GrantVerdict::Approved)) => self.left_of(*leave, now),
            (_, Some(_)) => GrantState::Refused,
            (_, None) if is_over => GrantState::Lapsed,
            (_, None) => GrantState::Waiting,
        }
    }

    fn left_of(&self, leave: BackupLeave, now: Timestamp) -> GrantState {
        let end = match leave {
            BackupLeave::Once => self.until,
            BackupLeave::Until(end) => end,
        };
        match self.used_at {
            Some(_) => GrantState::Used,
            None if end <= now => GrantState::Lapsed,
            None => GrantState::Approved,
        }
    }

    /// The same after a backup was taken with it.
    pub fn used(mut self, now: Timestamp) -> Result<Self, GrantFault> {
        match (&self.subject, self.state(now)) {
            (GrantSubject::Backup(BackupLeave::Once), GrantState::Approved) => {
                self.used_at = Some(now);
                Ok(self)
            }
            (GrantSubject::Backup(_), GrantState::Approved) => Ok(self),
            _ => Err(GrantFault::NoLeave),
        }
    }

    /// Whether somebody else's word is still wanted.
    pub fn wants_answer(&self, now: Timestamp) -> bool {
        self.answer.is_none() && self.state(now) != GrantState::Lapsed
    }

    /// The same without what people wrote: it goes with the words of the case it opened.
    #[must_use]
    pub fn without_words(mut self) -> Self {
        self.reason.clear();
        if let Some(answer) = &mut self.answer {
            answer.note.clear();
        }
        self
    }

    /// The same with somebody's answer. Looking that was wrong ends at once.
    pub fn answered(mut self, answer: GrantAnswer) -> Result<Self, GrantFault> {
        let is_review = matches!(
            answer.verdict,
            GrantVerdict::Justified | GrantVerdict::Unjustified
        );
        if answer.by == self.asker {
            return Err(GrantFault::Own);
        }
        if is_review != matches!(self.subject, GrantSubject::Case(_)) {
            return Err(GrantFault::Unfitting);
        }
        if self.answer.is_some() {
            return Err(GrantFault::Answered);
        }
        if !is_review && self.until <= answer.at {
            return Err(GrantFault::Lapsed);
        }
        if answer.verdict == GrantVerdict::Unjustified {
            self.until = self.until.min(answer.at);
        }
        self.answer = Some(answer);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn grant(subject: GrantSubject) -> Grant {
        Grant {
            id: GrantId(1),
            asker: AccountId(1),
            asked_at: at(0),
            reason: "a child is missing".into(),
            until: at(100),
            subject,
            answer: None,
            used_at: None,
        }
    }

    fn answer(by: i64, second: i64, verdict: GrantVerdict) -> GrantAnswer {
        GrantAnswer {
            by: AccountId(by),
            at: at(second),
            verdict,
            note: String::new(),
        }
    }

    #[test]
    fn an_opened_case_ends_by_itself_and_is_reviewed_by_somebody_else() {
        let opened = grant(GrantSubject::Case(CaseId(7)));
        assert_eq!(opened.state(at(99)), GrantState::Running);
        assert_eq!(opened.state(at(100)), GrantState::Unreviewed);
        let own = opened.clone().answered(answer(1, 200, GrantVerdict::Justified));
        assert_eq!(own, Err(GrantFault::Own));
        let unfit = opened.clone().answered(answer(2, 200, GrantVerdict::Approved));
        assert_eq!(unfit, Err(GrantFault::Unfitting));
        let reviewed = opened
            .clone()
            .answered(answer(2, 200, GrantVerdict::Justified))
            .unwrap();
        assert_eq!(reviewed.state(at(200)), GrantState::Reviewed);
        let again = reviewed.answered(answer(3, 201, GrantVerdict::Unjustified));
        assert_eq!(again, Err(GrantFault::Answered));
        let wrong = opened.answered(answer(2, 50, GrantVerdict::Unjustified)).unwrap();
        assert_eq!(
            wrong.state(at(50)),
            GrantState::Reviewed,
            "looking that was wrong ends at once"
        );
    }

    #[test]
    fn roles_wait_for_a_second_person_and_lapse() {
        let asked = grant(GrantSubject::Roles {
            account: AccountId(5),
            roles: vec![Role::Admin],
        });
        assert_eq!(asked.state(at(99)), GrantState::Waiting);
        assert_eq!(asked.state(at(100)), GrantState::Lapsed);
        let late = asked.clone().answered(answer(2, 100, GrantVerdict::Approved));
        assert_eq!(late, Err(GrantFault::Lapsed));
        let own = asked.clone().answered(answer(1, 50, GrantVerdict::Approved));
        assert_eq!(own, Err(GrantFault::Own));
        let approved = asked
            .clone()
            .answered(answer(2, 99, GrantVerdict::Approved))
            .unwrap();
        assert_eq!(approved.state(at(5_000)), GrantState::Approved);
        let refused = asked.answered(answer(2, 99, GrantVerdict::Refused)).unwrap();
        assert_eq!(refused.state(at(5_000)), GrantState::Refused);
    }

    #[test]
    fn a_backup_is_approved_by_somebody_else_and_taken_once_or_until_an_end() {
        let once = grant(GrantSubject::Backup(BackupLeave::Once));
        assert_eq!(once.clone().used(at(10)), Err(GrantFault::NoLeave));
        let own = once.clone().answered(answer(1, 20, GrantVerdict::Approved));
        assert_eq!(own, Err(GrantFault::Own));
        let refused = once
            .clone()
            .answered(answer(2, 20, GrantVerdict::Refused))
            .unwrap();
        assert_eq!(refused.used(at(21)), Err(GrantFault::NoLeave));
        let approved = once.answered(answer(2, 20, GrantVerdict::Approved)).unwrap();
        assert_eq!(
            approved.clone().used(at(100)),
            Err(GrantFault::NoLeave),
            "too late"
        );
        let used = approved.used(at(99)).unwrap();
        assert_eq!(used.state(at(99)), GrantState::Used);
        assert_eq!(used.used(at(99)), Err(GrantFault::NoLeave));

        let standing = grant(GrantSubject::Backup(BackupLeave::Until(at(5_000))));
        let approved = standing.answered(answer(2, 20, GrantVerdict::Approved)).unwrap();
        let again = approved.used(at(1_000)).unwrap().used(at(4_999)).unwrap();
        assert_eq!(again.state(at(4_999)), GrantState::Approved);
        assert_eq!(again.clone().used(at(5_000)), Err(GrantFault::NoLeave));
        let roles = grant(GrantSubject::Roles {
            account: AccountId(5),
            roles: vec![Role::Admin],
        });
        let given = roles.answered(answer(2, 20, GrantVerdict::Approved)).unwrap();
        assert_eq!(
            given.used(at(30)),
            Err(GrantFault::NoLeave),
            "leave for something else"
        );
    }
}
