//! Alerts as JSON. Points are longitude first, as everywhere in this API; the protocol's own documents say latitude first.

use super::words::{
    AlertCategory, AlertCertainty, AlertKind, AlertResponse, AlertScope, AlertSeverity, AlertState,
    AlertStatus, AlertUrgency, Sentence,
};
use crate::languages::Lang;
use anlan_app::alerts as app;
use anlan_model::alerts as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names a message among all everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertName {
    pub(crate) sender: String,
    pub(crate) identifier: String,
    pub(crate) sent: Timestamp,
}

impl From<&model::MessageRef> for AlertName {
    fn from(name: &model::MessageRef) -> Self {
        Self {
            sender: name.sender.clone(),
            identifier: name.identifier.clone(),
            sent: name.sent,
        }
    }
}

/// What is known of who sent it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertSeal {
    /// `unsigned`, `trusted`, `unknown` (a good signature by somebody this node was not told to trust), `broken`.
    pub(crate) is: String,
    /// Whose certificate it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl From<&model::Seal> for AlertSeal {
    fn from(seal: &model::Seal) -> Self {
        let (is, subject, reason) = match seal {
            model::Seal::Unsigned => ("unsigned", None, None),
            model::Seal::Trusted { subject } => ("trusted", Some(subject), None),
            model::Seal::Unknown { subject } => ("unknown", Some(subject), None),
            model::Seal::Broken { reason } => ("broken", None, Some(reason)),
        };
        Self {
            is: is.into(),
            subject: subject.cloned(),
            reason: reason.cloned(),
        }
    }
}

/// One line of the list of alerts, in the caller's language where the message speaks it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertSummary {
    pub(crate) id: i64,
    /// Units of work so far; send it back in `If-Match`.
    pub(crate) version: u32,
    pub(crate) state: AlertState,
    /// Whether it holds now.
    pub(crate) holds: bool,
    /// The feed it came by, or who handed it in.
    pub(crate) source: String,
    pub(crate) name: AlertName,
    pub(crate) status: AlertStatus,
    pub(crate) kind: AlertKind,
    pub(crate) severity: AlertSeverity,
    pub(crate) event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) headline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender_name: Option<String>,
    /// From when it holds.
    pub(crate) from: Timestamp,
    /// Until when, if it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
    /// Where, in words.
    pub(crate) areas: Vec<String>,
    /// West, south, east, north of all of its shapes; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 4, max_items = 4)]
    pub(crate) bounds: Option<[f64; 4]>,
    pub(crate) seal: AlertSeal,
    pub(crate) received_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Cases it was linked to.
    pub(crate) cases: Vec<i64>,
    /// Since when somebody watches its area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) watched_from: Option<Timestamp>,
    /// The alert that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_by: Option<i64>,
}

impl AlertSummary {
    pub(crate) fn of(alert: &model::Alert, lang: Lang, now: Timestamp) -> Self {
        let message = &alert.message;
        let info = message.info(lang.pick("zh", "en"));
        let (from, until) = message.holds();
        let areas = info.into_iter().flat_map(|info| &info.areas);
        Self {
            id: alert.id.0,
            version: alert.version,
            state: alert.state.into(),
            holds: alert.holds_at(now),
            source: alert.source.clone(),
            name: (&message.name).into(),
            status: message.status.into(),
            kind: message.kind.into(),
            severity: message.severity().into(),
            event: info.map_or_else(String::new, |info| info.event.clone()),
            headline: info.and_then(|info| info.headline.clone()),
            sender_name: info.and_then(|info| info.sender_name.clone()),
            from,
            until,
            areas: areas.map(|area| area.description.clone()).collect(),
            bounds: message.bounds(),
            seal: (&alert.seal).into(),
            received_at: alert.received_at,
            updated_at: alert.updated_at,
            cases: alert.cases.iter().map(|case| case.0).collect(),
            watched_from: alert.watched_from,
            ended_by: alert.ended_by.map(|id| id.0),
        }
    }
}

/// A page of alerts, the newest received first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertPage {
    pub(crate) items: Vec<AlertSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A value in a system of codes that has a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertValue {
    pub(crate) name: String,
    pub(crate) value: String,
}

fn values(all: &[model::NamedValue]) -> Vec<AlertValue> {
    let one = |own: &model::NamedValue| AlertValue {
        name: own.name.clone(),
        value: own.value.clone(),
    };
    all.iter().map(one).collect()
}

/// A circle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertCircle {
    /// Longitude and latitude.
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) middle: [f64; 2],
    pub(crate) radius_km: f64,
}

/// Where an alert holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertArea {
    pub(crate) description: String,
    /// Closed rings of longitude and latitude.
    pub(crate) polygons: Vec<Vec<[f64; 2]>>,
    pub(crate) circles: Vec<AlertCircle>,
    pub(crate) geocodes: Vec<AlertValue>,
}

impl From<&model::Area> for AlertArea {
    fn from(area: &model::Area) -> Self {
        let ring = |ring: &Vec<_>| ring.iter().map(pair).collect();
        let circle = |circle: &model::Circle| AlertCircle {
            middle: pair(&circle.middle),
            radius_km: circle.radius_km,
        };
        Self {
            description: area.description.clone(),
            polygons: area.polygons.iter().map(ring).collect(),
            circles: area.circles.iter().map(circle).collect(),
            geocodes: values(&area.geocodes),
        }
    }
}

fn pair(point: &anlan_model::places::Point) -> [f64; 2] {
    [point.lon, point.lat]
}

/// What an alert says, in one language or for one stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertInfo {
    pub(crate) language: String,
    pub(crate) categories: Vec<AlertCategory>,
    pub(crate) event: String,
    pub(crate) responses: Vec<AlertResponse>,
    pub(crate) urgency: AlertUrgency,
    pub(crate) severity: AlertSeverity,
    pub(crate) certainty: AlertCertainty,
    pub(crate) event_codes: Vec<AlertValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effective: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) onset: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) headline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instruction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<String>,
    pub(crate) parameters: Vec<AlertValue>,
    pub(crate) areas: Vec<AlertArea>,
}

impl From<&model::Info> for AlertInfo {
    fn from(info: &model::Info) -> Self {
        Self {
            language: info.language.clone(),
            categories: info.categories.iter().map(|word| (*word).into()).collect(),
            event: info.event.clone(),
            responses: info.responses.iter().map(|word| (*word).into()).collect(),
            urgency: info.urgency.into(),
            severity: info.severity.into(),
            certainty: info.certainty.into(),
            event_codes: values(&info.event_codes),
            effective: info.effective,
            onset: info.onset,
            expires: info.expires,
            sender_name: info.sender_name.clone(),
            headline: info.headline.clone(),
            description: info.description.clone(),
            instruction: info.instruction.clone(),
            web: info.web.clone(),
            contact: info.contact.clone(),
            parameters: values(&info.parameters),
            areas: info.areas.iter().map(AlertArea::from).collect(),
        }
    }
}

/// What happened to an alert here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertHappening {
    pub(crate) at: Timestamp,
    /// `received`, `seen`, `linked`, `unlinked`, `watched`, `unwatched`, `ended`.
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<i64>,
    /// The alert that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alert: Option<i64>,
}

impl AlertHappening {
    fn of(kept: &app::KeptEvent, by_name: Option<&String>) -> Self {
        let (case, alert) = match &kept.event {
            model::AlertEvent::Linked { case } | model::AlertEvent::Unlinked { case } => (Some(case.0), None),
            model::AlertEvent::Ended { by, .. } => (None, Some(by.0)),
            model::AlertEvent::Received { .. }
            | model::AlertEvent::Seen
            | model::AlertEvent::Watched
            | model::AlertEvent::Unwatched => (None, None),
        };
        Self {
            at: kept.stamp.at,
            kind: kept.event.kind().into(),
            by_name: by_name.cloned(),
            case,
            alert,
        }
    }
}

/// One alert, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertDetail {
    #[serde(flatten)]
    pub(crate) summary: AlertSummary,
    pub(crate) scope: AlertScope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// Messages before it that it names.
    pub(crate) references: Vec<AlertName>,
    pub(crate) infos: Vec<AlertInfo>,
    /// What of it is not as the protocol has it, though it was kept.
    pub(crate) faults: Vec<Sentence>,
    pub(crate) events: Vec<AlertHappening>,
}

impl AlertDetail {
    pub(crate) fn of(file: &app::AlertFile, lang: Lang, now: Timestamp) -> Self {
        let message = &file.alert.message;
        let events = file.events.iter();
        Self {
            summary: AlertSummary::of(&file.alert, lang, now),
            scope: message.scope.into(),
            note: message.note.clone(),
            references: message.references.iter().map(AlertName::from).collect(),
            infos: message.infos.iter().map(AlertInfo::from).collect(),
            faults: faults(message),
            events: events
                .map(|(kept, by)| AlertHappening::of(kept, by.as_ref()))
                .collect(),
        }
    }
}

/// What of a message is not as the protocol has it, though it was kept.
fn faults(message: &model::Message) -> Vec<Sentence> {
    let told = message.faults().into_iter().map(|fault| Sentence {
        zh: format!("{}：{}", fault.at, fault.rule.chinese()),
        en: format!("{}: {}", fault.at, fault.rule.english()),
    });
    told.collect()
}

/// What may be done with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertMove {
    /// Say that somebody looked at it.
    Look,
    /// Link it to a case.
    Link,
    /// Take that back.
    Unlink,
    /// Watch its area.
    Watch,
    /// Watch no more.
    Unwatch,
}

/// What is done with an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertDecision {
    #[serde(rename = "move")]
    pub(crate) code: AlertMove,
    /// For linking: the case's number as the queue shows it, or its id.
    pub(crate) case: Option<String>,
}

/// What became of a message that was handed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertTaken {
    pub(crate) id: i64,
    /// It was here already; nothing was added.
    pub(crate) known: bool,
    /// Alerts that it ended.
    pub(crate) ended: Vec<i64>,
    pub(crate) seal: AlertSeal,
    /// What of it is not as the protocol has it, though it was kept.
    pub(crate) faults: Vec<Sentence>,
}

impl From<app::Taken> for AlertTaken {
    fn from(taken: app::Taken) -> Self {
        Self {
            id: taken.alert.id.0,
            known: taken.is_known,
            ended: taken.ended.iter().map(|id| id.0).collect(),
            seal: (&taken.alert.seal).into(),
            faults: faults(&taken.alert.message),
        }
    }
}

/// How a feed fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertFeed {
    pub(crate) name: String,
    /// When it was asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_at: Option<Timestamp>,
    /// When it last answered well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) good_at: Option<Timestamp>,
    /// What was wrong the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trouble: Option<String>,
}

impl From<app::Feed> for AlertFeed {
    fn from(feed: app::Feed) -> Self {
        Self {
            name: feed.name,
            read_at: feed.read_at,
            good_at: feed.good_at,
            trouble: feed.trouble,
        }
    }
}
