//! What an entry of the access log says about the use of a case: a look at it, or work on it.

use crate::accesses::{Access, Purpose};
use crate::ids::{AccountId, CaseId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookKind {
    /// The case.
    Read,
    /// The contact data of its reporters.
    Contact,
    /// One of its photos.
    Photo,
}

/// One look of an account at a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// The entry's number in the access log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Whose account.
    pub account: AccountId,
    /// At which case.
    pub case: CaseId,
    /// At what of it.
    pub kind: LookKind,
    /// Whether the case was open to the person in an emergency only.
    pub is_emergency: bool,
}

impl Look {
    /// The look that an entry tells of; `None` where it tells of something else, of a resident or of the program itself.
    pub fn of(seq: i64, access: &Access) -> Option<Self> {
        let kind = match access.action.as_str() {
            "case.read" => LookKind::Read,
            "case.contact" => LookKind::Contact,
            "photo.read" => LookKind::Photo,
            _ => return None,
        };
        Some(Self {
            seq,
            at: access.at,
            account: access.actor.filter(|_| access.allowed)?,
            case: access.resource_id.parse().ok()?,
            kind,
            is_emergency: access.purpose == Purpose::Emergency,
        })
    }
}

/// Whether an entry tells of work: something was moved, corrected, written or added.
pub fn is_act(access: &Access) -> bool {
    let acts = [
        "case.move",
        "case.edit",
        "case.merge",
        "case.note",
        "photo.add",
        "report.create",
        "warning.decide",
    ];
    access.allowed && acts.contains(&access.action.as_str())
}

/// Whether an entry tells of a list or map of cases that was shown.
pub fn is_list(access: &Access) -> bool {
    access.allowed && access.action == "case.list"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(action: &str, actor: Option<i64>, allowed: bool) -> Access {
        Access {
            at: Timestamp::UNIX_EPOCH,
            actor: actor.map(AccountId),
            post: None,
            office: None,
            action: action.into(),
            resource: "case".into(),
            resource_id: "7".into(),
            purpose: Purpose::Case,
            allowed,
            count: 1,
        }
    }

    #[test]
    fn looks_are_of_accounts_at_cases_and_were_allowed() {
        let look = Look::of(3, &entry("case.contact", Some(2), true)).unwrap();
        assert_eq!((look.case, look.kind), (CaseId(7), LookKind::Contact));
        assert_eq!(Look::of(3, &entry("case.read", None, true)), None);
        assert_eq!(Look::of(3, &entry("case.read", Some(2), false)), None);
        assert_eq!(Look::of(3, &entry("case.move", Some(2), true)), None);
        assert!(is_act(&entry("case.move", Some(2), true)) && !is_act(&entry("case.read", Some(2), true)));
    }
}
