//! Sessions, steps of signing in, authenticator apps and locks as JSON.

use super::accounts::Session;
use super::words::{LockKind, Step};
use crate::{agents, qr_codes};
use anlan_app::{locks, sessions, totps};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name and password were right; one step more is wanted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextStep {
    pub(crate) step: Step,
}

/// A code of the authenticator app, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    pub(crate) code: String,
}

/// A password of one's own in place of the one-time word.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    pub(crate) password: String,
}

/// Who is there, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    pub(crate) password: String,
    /// Wanted where an authenticator app is on.
    #[serde(default)]
    pub(crate) code: Option<String>,
}

/// A changed password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    pub(crate) current: String,
    pub(crate) password: String,
}

/// Where an account is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionLine {
    pub(crate) id: i64,
    /// The session this very request came in.
    pub(crate) is_this: bool,
    /// The browser's name, where it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) browser: Option<String>,
    /// The system it runs on, where it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system: Option<String>,
    pub(crate) address: String,
    pub(crate) created_at: Timestamp,
    /// When a person last did something in it, to the minute.
    pub(crate) seen_at: Timestamp,
    /// When it ends at the latest.
    pub(crate) expires_at: Timestamp,
}

impl SessionLine {
    pub(crate) fn of(line: sessions::SessionLine, own: Option<anlan_model::ids::SessionId>) -> Self {
        let (browser, system) = agents::words(&line.agent);
        Self {
            id: line.id.0,
            is_this: own == Some(line.id),
            browser: browser.map(str::to_owned),
            system: system.map(str::to_owned),
            address: line.address,
            created_at: line.created_at,
            seen_at: line.seen_at,
            expires_at: line.expires_at,
        }
    }
}

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ended {
    pub(crate) ended: usize,
}

/// How the caller's account is secured beyond its password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondStep {
    /// An authenticator app is on.
    pub(crate) is_on: bool,
    /// Recovery codes left.
    pub(crate) codes_left: u32,
}

impl From<totps::SecondStep> for SecondStep {
    fn from(own: totps::SecondStep) -> Self {
        Self {
            is_on: own.is_on,
            codes_left: own.codes_left,
        }
    }
}

/// An authenticator app that is being set up; of no effect until a code confirms it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// The secret in base 32, to be typed where no camera is.
    pub(crate) secret: String,
    /// What the QR code says.
    pub(crate) uri: String,
    /// The QR code, an SVG picture.
    pub(crate) qr_svg: String,
}

impl Enrolment {
    /// With its picture; `None` if the address is too long for one.
    pub(crate) fn of(made: totps::Enrolment) -> Option<Self> {
        let qr_svg = qr_codes::picture(&made.uri)?;
        Some(Self {
            secret: made.secret,
            uri: made.uri,
            qr_svg,
        })
    }
}

/// Recovery codes, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    pub(crate) codes: Vec<String>,
}

/// Somebody who is in with a second factor that they have just set up.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolled {
    /// Recovery codes, shown this once.
    pub(crate) codes: Vec<String>,
    pub(crate) session: Session,
}

/// Tries to sign in that failed and are counted together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Lock {
    pub(crate) id: i64,
    pub(crate) kind: LockKind,
    /// The account tried at, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<i64>,
    /// The address, where that is what is counted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    pub(crate) tries: u32,
    pub(crate) last_at: Timestamp,
    /// Until when the next try is refused unheard; past if nobody waits.
    pub(crate) wait_until: Timestamp,
}

impl From<locks::Lock> for Lock {
    fn from(lock: locks::Lock) -> Self {
        Self {
            id: lock.id.0,
            kind: lock.kind.into(),
            account: lock.account.map(|account| account.0),
            address: lock.address,
            tries: lock.tries.count,
            last_at: lock.tries.last_at,
            wait_until: lock.tries.wait_until,
        }
    }
}
