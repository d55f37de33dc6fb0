//! Closed lists of words as the API writes them, each the twin of an enum of the model.

use anlan_model::{
    accounts, alerts, cases, classes, grants, imports, incoming, locks, offices, places, posts, reviews,
    sessions, warnings,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident = $model:path { $($variant:ident),* $(,)? })*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        $(#[$meta])*
        pub(crate) enum $name { $($variant),* }

        impl From<$model> for $name {
            fn from(value: $model) -> Self {
                match value { $(<$model>::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for $model {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => <$model>::$variant),* }
            }
        }
    )*};
}

words! {
    /// What somebody is there for.
    #[serde(rename_all = "snake_case")]
    Role = accounts::Role {
        Resident, Clerk, Worker, Duty, Officer, Supervisor, Arbiter, Commander, Steward, Admin, Security, Auditor, Privacy, Directory, System,
    }
    /// How urgent: P1 danger now, P2 danger soon, P3 ordinary, P4 when there is time.
    Priority = classes::Priority { P1, P2, P3, P4 }
    /// What a state comes down to.
    #[serde(rename_all = "snake_case")]
    Phase = cases::Phase { Open, Closed, Void }
    /// Whether a case was, or is still, on time.
    #[serde(rename_all = "snake_case")]
    Timeliness = cases::Timeliness { NoDeadline, Running, OnTime, Overdue }
    /// How sure it is that a point lies in the cell it was put in.
    #[serde(rename_all = "snake_case")]
    Certainty = places::Certainty { Sure, NearCell, NearOwner, Outside }
    /// The datum of a coordinate, as its sender states it.
    #[serde(rename_all = "kebab-case")]
    Datum = places::Datum { Wgs84, Cgcs2000, Gcj02, Bd09 }
    /// What kind of office it is.
    #[serde(rename_all = "snake_case")]
    OfficeKind = offices::OfficeKind { Centre, Department, Street, Station }
    /// Thing, event or a city's own type.
    #[serde(rename_all = "snake_case")]
    ClassKind = classes::ClassKind { Component, Matter, Local }
    /// The way a report came.
    #[serde(rename_all = "snake_case")]
    Channel = incoming::Channel { Web, Hotline, Worker, Office, Import, Open311 }
    /// What failed tries to sign in are counted by.
    #[serde(rename_all = "snake_case")]
    LockKind = locks::LockKind { Account, Address, Device, Code }
    /// What is wanted of somebody whose name and password were right.
    #[serde(rename_all = "snake_case")]
    Step = sessions::Step { Code, Password, Passkey, Enrol }
    /// Where a grant stands.
    #[serde(rename_all = "snake_case")]
    GrantState = grants::GrantState { Running, Unreviewed, Reviewed, Waiting, Lapsed, Approved, Refused, Used }
    /// What somebody else says to a grant.
    #[serde(rename_all = "snake_case")]
    GrantVerdict = grants::GrantVerdict { Approved, Refused, Justified, Unjustified }
    /// What a post's roster decides: nothing, who is on shift, or who holds the post.
    #[serde(rename_all = "snake_case")]
    Roster = posts::Roster { None, Kept, Binding }
    /// What a row of a post makes of a person.
    #[serde(rename_all = "snake_case")]
    RowKind = posts::RowKind { Member, Shift, Deputy }
    /// Where a warning stands.
    #[serde(rename_all = "snake_case")]
    WarningState = warnings::WarningState { Raised, Seen, Linked, Dismissed, Closed }
    /// Where an alert stands here.
    #[serde(rename_all = "snake_case")]
    AlertState = alerts::AlertState { Received, Seen, Replaced, Cancelled }
    /// How serious a message is meant; CAP's words, as those below.
    AlertStatus = alerts::AlertStatus { Actual, Exercise, System, Test, Draft }
    /// What a message does.
    AlertKind = alerts::MessageKind { Alert, Update, Cancel, Ack, Error }
    /// Whom a message is for.
    AlertScope = alerts::AlertScope { Public, Restricted, Private }
    /// What kind of hazard.
    #[expect(clippy::upper_case_acronyms, reason = "CAP writes it so")]
    AlertCategory = alerts::AlertCategory {
        Geo, Met, Safety, Security, Rescue, Fire, Health, Env, Transport, Infra, CBRNE, Other,
    }
    /// What people should do.
    AlertResponse = alerts::Response { Shelter, Evacuate, Prepare, Execute, Avoid, Monitor, Assess, AllClear, None }
    /// How soon people should act.
    AlertUrgency = alerts::Urgency { Immediate, Expected, Future, Past, Unknown }
    /// How bad it is or will be.
    AlertSeverity = alerts::Severity { Extreme, Severe, Moderate, Minor, Unknown }
    /// How sure it is.
    AlertCertainty = alerts::Certainty { Observed, Likely, Possible, Unlikely, Unknown }
    /// `space_time`: neighbouring cells together; `surge`: everywhere at once.
    #[serde(rename_all = "snake_case")]
    Method = warnings::Method { SpaceTime, Surge }
    /// Why a warning was put aside; the first three say that it should not have come.
    #[serde(rename_all = "snake_case")]
    DismissReason = warnings::DismissReason { NothingThere, Recording, Usual, KnownBefore, ElsewhereInHand }
    /// Where a review stands.
    #[serde(rename_all = "snake_case")]
    ReviewState = reviews::ReviewState { Open, Asked, Cleared, PassedOn }
    /// Why a review was cleared.
    #[serde(rename_all = "snake_case")]
    ClearReason = reviews::ClearReason { Work, Ordered, Training, Slip }
    /// What was looked at: the case, the contact data of its reporters, a photo.
    #[serde(rename_all = "snake_case")]
    LookKind = reviews::LookKind { Read, Contact, Photo }
    /// What counts towards a review.
    #[serde(rename_all = "snake_case")]
    PartKind = reviews::PartKind {
        Unexplained, Repeated, Contacts, Volume, Rows, Slow, OffDuty, Sequence, Shared, Crowd,
    }
    /// Where an import stands.
    #[serde(rename_all = "snake_case")]
    ImportState = imports::ImportState { Queued, Running, Stopped, Done, Refused }
}

/// The same in both languages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sentence {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl From<(String, String)> for Sentence {
    fn from((zh, en): (String, String)) -> Self {
        Self { zh, en }
    }
}

/// Reads one word of a closed list, for filters.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_model() {
        for role in accounts::Role::ALL {
            let ours = serde_json::to_string(&Role::from(role)).unwrap();
            assert_eq!(ours, serde_json::to_string(&role).unwrap());
        }
        for datum in ["wgs84", "cgcs2000", "gcj02", "bd09"] {
            let ours = read::<Datum>(datum).unwrap();
            let model = read::<places::Datum>(datum).unwrap();
            assert_eq!(places::Datum::from(ours), model);
        }
    }
}
