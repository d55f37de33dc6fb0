//! An alert (警报): what an authority tells the public about a hazard, in the terms of the Common Alerting Protocol 1.2 (OASIS).
//! A message is never changed: an update or a cancellation is another message that names the ones before.

mod checks;
mod life;
mod rules;
mod words;

use crate::places::Point;
use anlan_grid::distance::{METRES_PER_DEGREE, haversine_m, metres_per_degree_lon};
use anlan_grid::rings;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use checks::AlertFault;
pub use life::{Alert, AlertEvent, AlertState, NoSuchStep};
pub use rules::AlertRule;
pub use words::{
    AlertCategory, AlertScope, AlertStatus, Certainty, MessageKind, Response, Severity, Urgency, Word,
};

/// Names a message among all messages everywhere, by its three parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageRef {
    /// Who sent it, as a name that is unique in the world.
    pub sender: String,
    /// The sender's own number for it.
    pub identifier: String,
    /// When it was sent.
    pub sent: Timestamp,
}

/// One message of the protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Which it is.
    #[serde(flatten)]
    pub name: MessageRef,
    /// How serious it is meant.
    pub status: AlertStatus,
    /// What it does.
    pub kind: MessageKind,
    /// Whom it is for.
    pub scope: AlertScope,
    /// What it comes from: an operator, a device.
    pub source: Option<String>,
    /// What limits a restricted one.
    pub restriction: Option<String>,
    /// Whom a private one is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// Codes of special handling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// About the message itself: why it was cancelled, that it is an exercise.
    pub note: Option<String>,
    /// The messages before it that it updates, cancels or answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<MessageRef>,
    /// Names of incidents that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<String>,
    /// What it says, once for each language or stretch of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infos: Vec<Info>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// The language it is written in, as RFC 3066 has it.
    pub language: String,
    /// What kinds of hazard.
    pub categories: Vec<AlertCategory>,
    /// The hazard in a few words.
    pub event: String,
    /// What people should do, from the closed list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<Response>,
    /// How soon.
    pub urgency: Urgency,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// Whom it is meant for.
    pub audience: Option<String>,
    /// The hazard in systems of codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_codes: Vec<NamedValue>,
    /// From when it holds; from when it was sent, where it does not say.
    pub effective: Option<Timestamp>,
    /// When the hazard is to begin.
    pub onset: Option<Timestamp>,
    /// Until when it holds.
    pub expires: Option<Timestamp>,
    /// The authority in words.
    pub sender_name: Option<String>,
    /// One line.
    pub headline: Option<String>,
    /// What happens.
    pub description: Option<String>,
    /// What to do.
    pub instruction: Option<String>,
    /// Where there is more.
    pub web: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Values of systems that read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<NamedValue>,
    /// Pictures and other files. Their content is not kept here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<Area>,
}

/// A value in a system of codes that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    /// The system.
    pub name: String,
    /// The value in it.
    pub value: String,
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is, in words.
    pub description: String,
    /// Its media type.
    pub media_type: String,
    /// Its length, bytes.
    pub size: Option<u64>,
    /// Where it is.
    pub uri: Option<String>,
    /// Its SHA-1, as it was sent.
    pub digest: Option<String>,
    /// Whether the message itself carries it.
    #[serde(default)]
    pub is_inside: bool,
}

/// Where a message holds: all of its shapes together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// In words.
    pub description: String,
    /// Closed rings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygons: Vec<Vec<Point>>,
    /// Circles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub circles: Vec<Circle>,
    /// Codes of divisions or zones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub geocodes: Vec<NamedValue>,
    /// The lower height it holds for, feet above mean sea level.
    pub altitude: Option<f64>,
    /// The upper.
    pub ceiling: Option<f64>,
}

/// Everything within some way of a point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// The middle.
    pub middle: Point,
    /// How far it reaches, kilometres.
    pub radius_km: f64,
}

/// What is known of who really sent a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Seal {
    /// It carries no signature.
    Unsigned,
    /// Its signature was made by the holder of that certificate, which this node trusts.
    Trusted {
        /// The certificate's subject.
        subject: String,
    },
    /// Its signature is good, but nobody here has said that its certificate is to be trusted.
    Unknown {
        /// The certificate's subject, or what the signature gives instead.
        subject: String,
    },
    /// Its signature does not fit what it says, or is made in a way that is not taken.
    Broken {
        /// What is wrong.
        reason: String,
    },
}

/// A message that was read, with the document it came as.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// The feed it came by, or who handed it in.
    pub source: String,
    /// What it says.
    pub message: Message,
    /// What is known of who sent it.
    pub seal: Seal,
    /// Byte for byte.
    pub document: Vec<u8>,
}

impl Message {
    /// From when to when it holds, over all that it says; `None` for the end where it does not say.
    pub fn holds(&self) -> (Timestamp, Option<Timestamp>) {
        let from = self.infos.iter().filter_map(|info| info.effective).min();
        let ends: Option<Vec<Timestamp>> = self.infos.iter().map(|info| info.expires).collect();
        let until = ends.and_then(|ends| ends.into_iter().max());
        (from.unwrap_or(self.name.sent), until)
    }

    /// Whether it tells people of a hazard that is meant for real.
    pub fn is_telling(&self) -> bool {
        self.status == AlertStatus::Actual && matches!(self.kind, MessageKind::Alert | MessageKind::Update)
    }

    /// The rectangle around all of its shapes, west, south, east, north; `None` where it has none.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let areas = self.infos.iter().flat_map(|info| &info.areas);
        areas.filter_map(Area::bounds).reduce(joined)
    }

    /// Whether the point lies in one of its areas.
    pub fn reaches(&self, point: Point) -> bool {
        self.infos
            .iter()
            .flat_map(|info| &info.areas)
            .any(|area| area.holds(point))
    }

    /// The worst that it says.
    pub fn severity(&self) -> Severity {
        let all = self.infos.iter().map(|info| info.severity);
        all.min().unwrap_or(Severity::Unknown)
    }

    /// What it says in a language that begins so, or whatever it says first.
    pub fn info(&self, language: &str) -> Option<&Info> {
        let speaks = |info: &&Info| {
            info.language
                .get(..language.len())
                .is_some_and(|own| own.eq_ignore_ascii_case(language))
        };
        self.infos.iter().find(speaks).or_else(|| self.infos.first())
    }
}

impl Area {
    /// Whether the point lies in one of its shapes. An area of codes alone holds no point.
    pub fn holds(&self, point: Point) -> bool {
        let at = [point.lon, point.lat];
        let reaches = |circle: &Circle| {
            let middle = [circle.middle.lon, circle.middle.lat];
            haversine_m(middle, at) <= circle.radius_km * 1000.0
        };
        self.polygons.iter().any(|ring| rings::holds(&bare(ring), at)) || self.circles.iter().any(reaches)
    }
}

impl Area {
    fn bounds(&self) -> Option<[f64; 4]> {
        let corners = self
            .polygons
            .iter()
            .flatten()
            .map(|at| [at.lon, at.lat, at.lon, at.lat]);
        let around = self.circles.iter().map(|circle| {
            let Point { lon, lat } = circle.middle;
            let metres = circle.radius_km * 1000.0;
            let north = metres / METRES_PER_DEGREE;
            let east = (metres / metres_per_degree_lon(lat)).min(180.0);
            [lon - east, lat - north, lon + east, lat + north]
        });
        corners.chain(around).reduce(joined)
    }
}

/// A ring as geometry takes it.
fn bare(ring: &[Point]) -> Vec<[f64; 2]> {
    ring.iter().map(|point| [point.lon, point.lat]).collect()
}

/// The rectangle around two.
fn joined(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    let [west, south, east, north] = one;
    [
        west.min(other[0]),
        south.min(other[1]),
        east.max(other[2]),
        north.max(other[3]),
    ]
}
