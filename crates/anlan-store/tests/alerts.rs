//! Alerts as they are kept: once, as they came, found by what names them, and folded from their events.

mod support;

use anlan_model::alerts::{
    Alert, AlertEvent, AlertScope, AlertState, AlertStatus, Message, MessageKind, MessageRef, Seal,
};
use anlan_model::ids::{AlertId, CaseId};
use anlan_store::Error;
use anlan_store::alerts::{self, AlertFilter};
use support::{Bench, at, stamp};

fn name(identifier: &str) -> MessageRef {
    MessageRef {
        sender: "weather".into(),
        identifier: identifier.into(),
        sent: at(1),
    }
}

fn event(identifier: &str, references: Vec<MessageRef>) -> AlertEvent {
    let message = Message {
        name: name(identifier),
        status: AlertStatus::Actual,
        kind: MessageKind::Alert,
        scope: AlertScope::Public,
        source: None,
        restriction: None,
        addresses: vec![],
        codes: vec![],
        note: None,
        references,
        incidents: vec![],
        infos: vec![],
    };
    AlertEvent::Received {
        source: "feed".into(),
        message: Box::new(message),
        seal: Seal::Unsigned,
    }
}

fn receive(bench: &Bench, identifier: &str, references: Vec<MessageRef>) -> Result<Alert, Error> {
    let event = event(identifier, references);
    bench.write(move |tx| alerts::receive(tx, &event, &stamp(5), b"<alert/>"))
}

#[test]
fn a_message_is_kept_once_with_its_document() {
    let bench = Bench::new();
    let one = receive(&bench, "1", vec![]).unwrap();
    assert!(matches!(receive(&bench, "1", vec![]), Err(Error::Conflict)));
    assert_eq!(
        bench.read(|tx| alerts::of_name(tx, &name("1"))),
        Some(one.clone())
    );
    assert_eq!(
        bench.read(|tx| alerts::document(tx, one.id)).unwrap(),
        b"<alert/>"
    );
    assert_eq!(bench.read(|tx| alerts::document(tx, AlertId(9))), None);
}

#[test]
fn who_names_a_message_is_found_whichever_came_first() {
    let bench = Bench::new();
    let later = receive(&bench, "2", vec![name("1"), name("1")]).unwrap();
    assert_eq!(bench.read(|tx| alerts::naming(tx, &name("1"))), [later]);
    assert_eq!(bench.read(|tx| alerts::naming(tx, &name("2"))), []);
}

#[test]
fn an_alert_is_the_fold_of_its_events_and_two_decisions_on_one_version_are_one() {
    let bench = Bench::new();
    let one = receive(&bench, "1", vec![]).unwrap();
    let step = |alert: &Alert, event: AlertEvent| {
        let alert = alert.clone();
        bench.write(move |tx| alerts::record(tx, &alert, &event, &stamp(6)))
    };
    let seen = step(&one, AlertEvent::Seen).unwrap();
    assert!(matches!(step(&one, AlertEvent::Watched), Err(Error::Conflict)));
    let linked = step(&seen, AlertEvent::Linked { case: CaseId(3) }).unwrap();
    let ended = AlertEvent::Ended {
        by: AlertId(7),
        is_cancelled: false,
    };
    let ended = step(&linked, ended).unwrap();
    assert_eq!((ended.state, ended.version), (AlertState::Replaced, 4));
    assert_eq!(bench.read(|tx| alerts::replay(tx, one.id)), Some(ended.clone()));
    assert_eq!(bench.read(|tx| alerts::find(tx, one.id)), Some(ended));
    let events = bench.read(|tx| alerts::events(tx, one.id));
    assert_eq!(events.len(), 4);
    let gone = bench.write(|tx| tx.exec("DELETE FROM alert_events", &[]).map(drop));
    assert!(gone.is_err(), "events are append-only");
}

#[test]
fn lists_are_paged_and_hold_what_is_not_over() {
    let bench = Bench::new();
    for identifier in ["1", "2", "3"] {
        receive(&bench, identifier, vec![]).unwrap();
    }
    let first = bench.read(|tx| alerts::list(tx, &AlertFilter::default(), None, 2));
    assert_eq!(first.items.len(), 2);
    let rest = bench.read(|tx| alerts::list(tx, &AlertFilter::default(), first.next.as_ref(), 2));
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let current = AlertFilter {
        not_over_at: Some(at(50)),
        ..AlertFilter::default()
    };
    assert_eq!(
        bench.read(|tx| alerts::list(tx, &current, None, 9)).items.len(),
        3
    );
    let newest = first.items[0].clone();
    let event = AlertEvent::Ended {
        by: AlertId(9),
        is_cancelled: true,
    };
    bench
        .write(move |tx| alerts::record(tx, &newest, &event, &stamp(6)))
        .unwrap();
    assert_eq!(
        bench.read(|tx| alerts::list(tx, &current, None, 9)).items.len(),
        2
    );
    let cancelled = AlertFilter {
        states: vec![AlertState::Cancelled],
        ..AlertFilter::default()
    };
    assert_eq!(
        bench.read(|tx| alerts::list(tx, &cancelled, None, 9)).items.len(),
        1
    );
}

#[test]
fn a_feed_remembers_when_it_was_well() {
    let bench = Bench::new();
    for (second, trouble) in [(1, None), (2, Some("hangs")), (3, Some("hangs still"))] {
        bench
            .write(move |tx| alerts::note_feed(tx, "weather", at(second), trouble))
            .unwrap();
    }
    let [feed] = bench.read(alerts::feeds).try_into().unwrap();
    assert_eq!((feed.read_at, feed.good_at), (Some(at(3)), Some(at(1))));
    assert_eq!(feed.trouble.as_deref(), Some("hangs still"));
}
