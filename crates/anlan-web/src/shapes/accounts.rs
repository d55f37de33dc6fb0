//! Sessions and accounts as JSON.

use super::identities::Identity;
use super::posts::HeldPost;
use super::reference::Office;
use super::restorations::Restoration;
use super::words::Role;
use anlan_app::{App, accounts};
use anlan_model::accounts as model;
use jiff::Timestamp;
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
    /// The post the session acts for; its roles, office and area count then, and not the account's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) post: Option<HeldPost>,
    /// The office acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<Office>,
    pub(crate) node: Node,
    /// Codes of the actions policy allows, e.g. `report.create`.
    pub(crate) may: Vec<String>,
    /// The node was put back from a backup and serves nobody until this is confirmed; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restoration: Option<Restoration>,
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

/// An account and how it is secured, for who looks after accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecuredAccount {
    #[serde(flatten)]
    pub(crate) account: Account,
    /// Until when its password is a one-time word; left out if it is the holder's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) word_until: Option<Timestamp>,
    /// Signing in takes a code of an authenticator app.
    pub(crate) has_totp: bool,
    /// How many passkeys it has.
    pub(crate) passkeys: u32,
    /// A role of it demands a second factor, and it has none yet: its holder sets one up at the next sign-in.
    pub(crate) lacks_factor: bool,
    /// As whom a provider elsewhere knows its holder; left out where they sign in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<Identity>,
    /// It is a machine's: it has keys in place of a password.
    pub(crate) is_machine: bool,
    /// The directory that keeps it, by its display name; left out where nobody but the administrators does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keeper: Option<String>,
}

impl SecuredAccount {
    pub(crate) fn of(app: &App, secured: accounts::Secured) -> Self {
        let has_factor = secured.has_totp || secured.passkeys > 0;
        let is_demanded = app.demands_two_factors(&secured.account.roles);
        Self {
            lacks_factor: is_demanded && !has_factor && !secured.is_machine,
            account: secured.account.into(),
            word_until: secured.word_until,
            has_totp: secured.has_totp,
            passkeys: secured.passkeys,
            identity: secured.identity.map(Identity::from),
            is_machine: secured.is_machine,
            keeper: secured.keeper,
        }
    }
}

/// A new account. It has no roles until somebody else gives it some.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// What its holder types to sign in.
    pub(crate) name: String,
    /// What others see.
    pub(crate) display_name: String,
    /// Office (id) it belongs to.
    #[serde(default)]
    pub(crate) office: Option<i64>,
    /// Division code prefix it works in; empty for everywhere.
    #[serde(default)]
    pub(crate) division: String,
}

/// What is to be different about an account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    /// Office (id) it belongs to. Who moves arrives without roles.
    #[serde(default)]
    pub(crate) office: Option<i64>,
    /// It belongs to no office any more.
    #[serde(default)]
    pub(crate) no_office: bool,
    #[serde(default)]
    pub(crate) division: Option<String>,
    #[serde(default)]
    pub(crate) is_active: Option<bool>,
}

/// The roles an account is to have, and no others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    pub(crate) roles: Vec<Role>,
}

/// A one-time word in place of a password, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneTimeWord {
    pub(crate) account: i64,
    pub(crate) word: String,
    /// Until when it is taken.
    pub(crate) until: Timestamp,
}
