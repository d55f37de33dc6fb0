//! Groups of directories as JSON, as administrators see them.

use super::words::Role;
use anlan_app::directories;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group that a directory keeps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DirectoryGroup {
    pub(crate) id: i64,
    /// The directory: its machine account.
    pub(crate) keeper: i64,
    /// Its name there.
    pub(crate) name: String,
    /// How many accounts are in it.
    pub(crate) members: usize,
    /// Roles that come with it.
    pub(crate) roles: Vec<Role>,
}

impl From<directories::Group> for DirectoryGroup {
    fn from(group: directories::Group) -> Self {
        Self {
            id: group.group.id.0,
            keeper: group.group.keeper.0,
            name: group.group.name,
            members: group.members.len(),
            roles: group.group.roles.into_iter().map(Role::from).collect(),
        }
    }
}

/// The roles that are to come with a group, and no others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupRoles {
    pub(crate) roles: Vec<Role>,
}
