//! A node put back from a backup: what it holds is what a copy held, so it serves nobody until two administrators of different
//! kinds have said that it is the right one. Who may say so is policy, not here.

use crate::accounts::Role;
use crate::ids::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The administrators that both have to say so: no account can be the one and the other.
pub const CONFIRMING: [Role; 2] = [Role::Admin, Role::Security];

/// Somebody's word that the node is the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Whose.
    pub by: AccountId,
    /// As what.
    pub role: Role,
    /// When.
    pub at: Timestamp,
}

/// A node that was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restoration {
    /// When.
    pub restored_at: Timestamp,
    /// Whether the access log of this node knows of it.
    pub is_noted: bool,
    /// Who said that it is the right one.
    pub confirmed: Vec<Confirmation>,
}

/// Why a word does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestorationFault {
    /// The account has none of the two roles.
    #[error("only a system and a security administrator confirm")]
    NotConfirming,
    /// An administrator of this kind has said so already.
    #[error("an administrator of this kind has confirmed already")]
    Already,
}

impl Restoration {
    /// A node that was put back just now.
    pub fn begun(restored_at: Timestamp) -> Self {
        Self {
            restored_at,
            is_noted: false,
            confirmed: Vec::new(),
        }
    }

    /// Whether the node serves again.
    pub fn is_over(&self) -> bool {
        let has_word = |role: &Role| self.confirmed.iter().any(|word| word.role == *role);
        CONFIRMING.iter().all(has_word)
    }

    /// The same with an account's word.
    pub fn confirmed(
        mut self,
        by: AccountId,
        roles: &[Role],
        at: Timestamp,
    ) -> Result<Self, RestorationFault> {
        let role = CONFIRMING.into_iter().find(|role| roles.contains(role));
        let role = role.ok_or(RestorationFault::NotConfirming)?;
        if self
            .confirmed
            .iter()
            .any(|word| word.role == role || word.by == by)
        {
            return Err(RestorationFault::Already);
        }
        self.confirmed.push(Confirmation { by, role, at });
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_two_administrators_of_different_kinds() {
        let at = Timestamp::UNIX_EPOCH;
        let begun = Restoration::begun(at);
        let admin = begun.clone().confirmed(AccountId(1), &[Role::Admin], at).unwrap();
        assert!(!begun.is_over() && !admin.is_over());
        for (by, roles, fault) in [
            (1, vec![Role::Admin], RestorationFault::Already),
            (2, vec![Role::Admin], RestorationFault::Already),
            (1, vec![Role::Security], RestorationFault::Already),
            (
                3,
                vec![Role::Auditor, Role::Duty],
                RestorationFault::NotConfirming,
            ),
            (3, vec![], RestorationFault::NotConfirming),
        ] {
            assert_eq!(admin.clone().confirmed(AccountId(by), &roles, at), Err(fault));
        }
        let both = admin.confirmed(AccountId(2), &[Role::Security], at).unwrap();
        assert!(both.is_over());
        let read: Restoration = serde_json::from_str(&serde_json::to_string(&both).unwrap()).unwrap();
        assert_eq!(read, both);
    }
}
