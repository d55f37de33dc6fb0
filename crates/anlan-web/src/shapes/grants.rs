//! Grants as JSON.

use super::words::{GrantState, GrantVerdict, Role};
use anlan_app::grants::GrantLine;
use anlan_model::grants as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Leave for one person to do one thing beyond their usual reach.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Grant {
    pub(crate) id: i64,
    pub(crate) state: GrantState,
    pub(crate) asker: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asker_name: Option<String>,
    pub(crate) asked_at: Timestamp,
    pub(crate) reason: String,
    /// It ends by itself then.
    pub(crate) until: Timestamp,
    /// The case it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<i64>,
    /// The account whose roles are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_name: Option<String>,
    /// All roles it is to have.
    pub(crate) roles: Vec<Role>,
    /// It is for backups out of the data folder.
    pub(crate) is_backup: bool,
    /// Any number of them until then; left out where it is for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backups_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<GrantAnswer>,
    /// The caller may answer it now.
    pub(crate) may_answer: bool,
}

/// Somebody else's word on a grant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantAnswer {
    pub(crate) by: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) verdict: GrantVerdict,
    pub(crate) note: String,
}

impl Grant {
    pub(crate) fn of(line: GrantLine, now: Timestamp) -> Self {
        let grant = line.grant;
        let state = grant.state(now).into();
        let (mut case, mut account, mut roles, mut leave) = (None, None, Vec::new(), None);
        match grant.subject {
            model::GrantSubject::Case(opened) => case = Some(opened.0),
            model::GrantSubject::Roles {
                account: whose,
                roles: all,
            } => {
                account = Some(whose.0);
                roles = all;
            }
            model::GrantSubject::Backup(backups) => leave = Some(backups),
        }
        Self {
            id: grant.id.0,
            state,
            asker: grant.asker.0,
            asker_name: line.asker_name,
            asked_at: grant.asked_at,
            reason: grant.reason,
            until: grant.until,
            case,
            account,
            account_name: line.subject_name,
            roles: roles.into_iter().map(Role::from).collect(),
            is_backup: leave.is_some(),
            backups_until: match leave {
                Some(model::BackupLeave::Until(end)) => Some(end),
                _ => None,
            },
            answer: grant.answer.map(|answer| GrantAnswer {
                by: answer.by.0,
                by_name: line.answerer_name,
                at: answer.at,
                verdict: answer.verdict.into(),
                note: answer.note,
            }),
            may_answer: line.may_answer,
        }
    }
}

/// Why a case out of reach must be opened now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenCase {
    pub(crate) reason: String,
}

/// Roles wanted for an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolesRequest {
    pub(crate) account: i64,
    /// All roles it is to have.
    pub(crate) roles: Vec<Role>,
    pub(crate) reason: String,
}

/// Backups wanted out of the data folder.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupRequest {
    pub(crate) reason: String,
    /// Any number of them until then; left out for one.
    #[serde(default)]
    pub(crate) until: Option<Timestamp>,
}

/// A word on somebody else's grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantWord {
    pub(crate) verdict: GrantVerdict,
    pub(crate) note: Option<String>,
}
