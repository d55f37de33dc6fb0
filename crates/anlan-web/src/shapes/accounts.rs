//! Sessions and accounts as JSON.

use super::reference::Office;
use super::words::Role;
use anlan_model::accounts as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody types to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// Who is signed in, where, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    pub(crate) account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<Office>,
    pub(crate) node: Node,
    /// Codes of the actions policy allows, e.g. `report.create`.
    pub(crate) may: Vec<String>,
}

/// This installation: its name and where its map begins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Node {
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    /// Everything in it is made up.
    pub(crate) is_demo: bool,
    /// IANA name of the zone its clocks run in.
    pub(crate) time_zone: String,
    /// Longitude and latitude.
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) center: [f64; 2],
    pub(crate) zoom: f64,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    pub(crate) id: i64,
    /// What its holder types to sign in.
    pub(crate) name: String,
    /// What others see.
    pub(crate) display_name: String,
    pub(crate) roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<i64>,
    /// Division code prefix it works in; empty for everywhere.
    pub(crate) division: String,
    pub(crate) is_active: bool,
}

impl From<model::Account> for Account {
    fn from(account: model::Account) -> Self {
        Self {
            id: account.id.0,
            name: account.name,
            display_name: account.display_name,
            roles: account.roles.into_iter().map(Role::from).collect(),
            office: account.office.map(|office| office.0),
            division: account.division,
            is_active: account.is_active,
        }
    }
}

/// The name beside what somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountName {
    pub(crate) id: i64,
    pub(crate) display_name: String,
}

impl From<model::Account> for AccountName {
    fn from(account: model::Account) -> Self {
        Self {
            id: account.id.0,
            display_name: account.display_name,
        }
    }
}
