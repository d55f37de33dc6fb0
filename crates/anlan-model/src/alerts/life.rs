//! What happened to a message here: it came in, somebody looked, it belongs to cases, another message ended it. An alert is the
//! fold of these events.

use super::{Message, MessageKind, Seal};
use crate::events::Stamp;
use crate::ids::{AccountId, AlertId, CaseId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an alert stands here. Whether it holds is another question, which its times answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has looked at it yet.
    Received,
    /// Somebody looked at it.
    Seen,
    /// A later message took its place.
    Replaced,
    /// A later message called it off.
    Cancelled,
}

impl AlertState {
    /// The word kept and shown by doors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Seen => "seen",
            Self::Replaced => "replaced",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether no later message ended it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Seen)
    }
}

/// An alert. Built only by folding its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Number of units of work so far; a decision names the version it was made on.
    pub version: u32,
    /// Where it stands.
    pub state: AlertState,
    /// The feed it came by, or the machine that handed it in.
    pub source: String,
    /// What it says.
    pub message: Message,
    /// What is known of who sent it.
    pub seal: Seal,
    /// When it came.
    pub received_at: Timestamp,
    /// When it last changed here.
    pub updated_at: Timestamp,
    /// Who looked first.
    pub seen_by: Option<AccountId>,
    /// Cases it was linked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseId>,
    /// Since when somebody watches its area.
    pub watched_from: Option<Timestamp>,
    /// The message that ended it.
    pub ended_by: Option<AlertId>,
}

/// Something that happened to an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertEvent {
    /// It came.
    Received {
        /// By which feed or machine.
        source: String,
        /// What it says.
        message: Box<Message>,
        /// What is known of who sent it.
        seal: Seal,
    },
    /// Somebody looked at it.
    Seen,
    /// It belongs to a case.
    Linked {
        /// The case.
        case: CaseId,
    },
    /// It does not belong to that case after all.
    Unlinked {
        /// The case.
        case: CaseId,
    },
    /// Somebody watches its area.
    Watched,
    /// Nobody does any more.
    Unwatched,
    /// A later message took its place or called it off.
    Ended {
        /// That message.
        by: AlertId,
        /// Called off, not replaced.
        is_cancelled: bool,
    },
}

/// A step that an alert as it stands does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchStep {
    /// Where the alert stands.
    pub state: AlertState,
    /// What was wanted.
    pub wanted: &'static str,
}

impl AlertEvent {
    /// The name stored beside the event.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Seen => "seen",
            Self::Linked { .. } => "linked",
            Self::Unlinked { .. } => "unlinked",
            Self::Watched => "watched",
            Self::Unwatched => "unwatched",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether an alert that stands so may take this step.
    pub fn check(&self, alert: &Alert) -> Result<(), NoSuchStep> {
        let is_open = alert.state.is_open();
        let fits = match self {
            Self::Received { .. } => false,
            Self::Seen => alert.state == AlertState::Received,
            Self::Linked { case } => !alert.cases.contains(case),
            Self::Unlinked { case } => alert.cases.contains(case),
            Self::Watched => is_open && alert.watched_from.is_none(),
            Self::Unwatched => alert.watched_from.is_some(),
            Self::Ended { by, .. } => is_open && *by != alert.id,
        };
        if fits {
            return Ok(());
        }
        Err(NoSuchStep {
            state: alert.state,
            wanted: self.kind(),
        })
    }

    /// The alert as it stands after this event. Every event but `Received` needs an alert.
    pub fn apply(&self, id: AlertId, alert: Option<Alert>, stamp: &Stamp) -> Option<Alert> {
        if let Self::Received {
            source,
            message,
            seal,
        } = self
        {
            return Some(Alert {
                id,
                version: 1,
                state: AlertState::Received,
                source: source.clone(),
                message: (**message).clone(),
                seal: seal.clone(),
                received_at: stamp.at,
                updated_at: stamp.at,
                seen_by: None,
                cases: Vec::new(),
                watched_from: None,
                ended_by: None,
            });
        }
        let mut alert = alert?;
        alert.version += 1;
        alert.updated_at = stamp.at;
        self.change(&mut alert, stamp);
        Some(alert)
    }

    fn change(&self, alert: &mut Alert, stamp: &Stamp) {
        match self {
            Self::Received { .. } => {}
            Self::Seen => see(alert, stamp),
            Self::Linked { case } => {
                see(alert, stamp);
                alert.cases.push(*case);
            }
            Self::Unlinked { case } => alert.cases.retain(|own| own != case),
            Self::Watched => {
                see(alert, stamp);
                alert.watched_from = Some(stamp.at);
            }
            Self::Unwatched => alert.watched_from = None,
            Self::Ended { by, is_cancelled } => {
                alert.state = if *is_cancelled {
                    AlertState::Cancelled
                } else {
                    AlertState::Replaced
                };
                alert.ended_by = Some(*by);
                alert.watched_from = None;
            }
        }
    }
}

/// Whoever decides on an alert has looked at it.
fn see(alert: &mut Alert, stamp: &Stamp) {
    if alert.state == AlertState::Received {
        alert.state = AlertState::Seen;
    }
    alert.seen_by = alert.seen_by.or(stamp.by);
}

impl Alert {
    /// Whether it holds at that time: meant for real, not ended, begun and not over.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        let (from, until) = self.message.holds();
        self.state.is_open()
            && self.message.is_telling()
            && from <= at
            && until.is_none_or(|until| at < until)
    }

    /// Whether this message ends that one, as an update or a cancellation of the same sender that is as well sealed; `Some(true)`
    /// where it calls it off.
    pub fn ends(&self, other: &Self) -> Option<bool> {
        let is_cancelled = match self.message.kind {
            MessageKind::Update => false,
            MessageKind::Cancel => true,
            MessageKind::Alert | MessageKind::Ack | MessageKind::Error => return None,
        };
        let (own, that) = (&self.message, &other.message);
        let may = own.references.contains(&that.name)
            && own.name.sender == that.name.sender
            && own.name.sent >= that.name.sent
            && own.status == that.status
            && self.seal.is_as_good_as(&other.seal);
        may.then_some(is_cancelled)
    }
}

impl Seal {
    /// Whether what came with this seal may end what came with that one.
    pub fn is_as_good_as(&self, other: &Self) -> bool {
        let is_trusted = |seal: &Self| matches!(seal, Self::Trusted { .. });
        !matches!(self, Self::Broken { .. }) && (is_trusted(self) || !is_trusted(other))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AlertScope, AlertStatus, MessageRef};
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn alert(id: i64, sent: i64) -> Alert {
        let message = Message {
            name: MessageRef {
                sender: "weather".into(),
                identifier: id.to_string(),
                sent: at(sent),
            },
            status: AlertStatus::Actual,
            kind: MessageKind::Alert,
            scope: AlertScope::Public,
            source: None,
            restriction: None,
            addresses: vec![],
            codes: vec![],
            note: None,
            references: vec![],
            incidents: vec![],
            infos: vec![],
        };
        let event = AlertEvent::Received {
            source: "feed".into(),
            message: Box::new(message),
            seal: Seal::Unsigned,
        };
        let stamp = Stamp {
            at: at(100),
            by: None,
            post: None,
        };
        event.apply(AlertId(id), None, &stamp).unwrap()
    }

    fn update_of(one: &Alert) -> Alert {
        let mut update = alert(2, 20);
        update.message.kind = MessageKind::Update;
        update.message.references = vec![one.message.name.clone()];
        update
    }

    #[test]
    fn only_its_own_sender_ends_an_alert_and_only_later_and_in_earnest() {
        let one = alert(1, 10);
        let update = update_of(&one);
        assert_eq!(update.ends(&one), Some(false));
        let changed = |change: fn(&mut Alert)| {
            let mut other = update.clone();
            change(&mut other);
            other.ends(&one)
        };
        assert_eq!(changed(|own| own.message.kind = MessageKind::Cancel), Some(true));
        assert_eq!(changed(|own| own.message.kind = MessageKind::Ack), None);
        assert_eq!(changed(|own| own.message.references.clear()), None);
        assert_eq!(changed(|own| own.message.name.sender = "somebody".into()), None);
        assert_eq!(changed(|own| own.message.name.sent = at(9)), None);
        assert_eq!(changed(|own| own.message.status = AlertStatus::Test), None);
        let broken = |own: &mut Alert| {
            own.seal = Seal::Broken {
                reason: "digest".into(),
            }
        };
        assert_eq!(changed(broken), None);
    }

    #[test]
    fn what_is_signed_by_somebody_trusted_is_ended_by_nobody_who_is_not() {
        let subject = || "CN=weather".to_owned();
        let seals = [
            Seal::Unsigned,
            Seal::Unknown { subject: subject() },
            Seal::Trusted { subject: subject() },
        ];
        for (at, by) in seals.iter().enumerate() {
            for (other, of) in seals.iter().enumerate() {
                assert_eq!(by.is_as_good_as(of), at == 2 || other != 2, "{by:?} {of:?}");
            }
        }
    }

    #[test]
    fn an_alert_holds_from_its_beginning_to_its_end_unless_ended_or_not_meant() {
        let mut one = alert(1, 10);
        assert!(!one.holds_at(at(9)) && one.holds_at(at(10)) && one.holds_at(at(9_999)));
        one.message.status = AlertStatus::Exercise;
        assert!(!one.holds_at(at(10)));
        one.message.status = AlertStatus::Actual;
        let ended = AlertEvent::Ended {
            by: AlertId(2),
            is_cancelled: true,
        };
        let stamp = Stamp {
            at: at(200),
            by: None,
            post: None,
        };
        ended.check(&one).unwrap();
        let one = ended.apply(one.id, Some(one), &stamp).unwrap();
        assert_eq!(
            (one.state, one.version, one.holds_at(at(10))),
            (AlertState::Cancelled, 2, false)
        );
        ended.check(&one).unwrap_err();
        AlertEvent::Watched.check(&one).unwrap_err();
    }
}
