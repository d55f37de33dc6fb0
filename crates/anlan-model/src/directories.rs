//! Directories elsewhere that keep accounts here: which accounts and groups are theirs, and what follows from a group. A group
//! gives no more than somebody here decided that it gives.

use crate::accounts::Role;
use crate::ids::{AccountId, GroupId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// That a directory keeps an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    /// The account that is kept.
    pub account: AccountId,
    /// The directory: its machine account.
    pub keeper: AccountId,
    /// The directory's own word for the person.
    pub external: Option<String>,
    /// Roles that the account holds for its groups.
    pub group_roles: Vec<Role>,
    /// Counts the changes.
    pub version: u32,
    /// Since when it is kept.
    pub created_at: Timestamp,
    /// When the directory last changed it.
    pub changed_at: Timestamp,
}

/// A group that a directory keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// The directory: its machine account.
    pub keeper: AccountId,
    /// Its name there.
    pub name: String,
    /// The directory's own word for it.
    pub external: Option<String>,
    /// Roles that its members hold, as somebody here decided; none at first.
    pub roles: Vec<Role>,
    /// Counts the changes.
    pub version: u32,
    /// Since when it is kept.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// Whether a role may come with a group: those that rule the node or watch over it are given to a person by two people, and
/// those of machines to machines.
pub fn comes_with_groups(role: Role) -> bool {
    role.is_given() && !role.is_apart() && !role.is_for_machines() && role != Role::Privacy
}

/// The roles of an account after its groups changed: what it held for groups goes, what it holds for them now comes, what it was
/// given otherwise stays.
pub fn roles_after(held: &[Role], for_groups_before: &[Role], for_groups: &[Role]) -> Vec<Role> {
    let stays = held.iter().filter(|role| !for_groups_before.contains(role));
    let all: BTreeSet<Role> = stays.chain(for_groups).copied().collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_give_and_take_their_own_and_nothing_else() {
        use Role::{Admin, Clerk, Duty, Officer};
        assert_eq!(roles_after(&[], &[], &[Duty]), [Duty]);
        assert_eq!(roles_after(&[Clerk, Duty], &[Duty], &[]), [Clerk]);
        assert_eq!(roles_after(&[Admin, Duty], &[Duty], &[Officer]), [Officer, Admin]);
        assert_eq!(roles_after(&[Duty], &[Duty], &[Duty]), [Duty]);
    }

    #[test]
    fn grave_roles_and_those_of_machines_come_with_no_group() {
        let comes: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|role| comes_with_groups(*role))
            .collect();
        assert_eq!(comes.len(), 8);
        for not in [
            Role::Resident,
            Role::Admin,
            Role::Security,
            Role::Auditor,
            Role::Privacy,
            Role::Directory,
            Role::System,
        ] {
            assert!(!comes.contains(&not), "{not:?}");
        }
    }
}
