//! Power cuts: the built program runs on a disk that remembers every write and sync; then the disk is cut at many points of
//! that one run, each time losing, tearing and reordering what was not synced. Nothing acknowledged may be lost, and the
//! log must verify and go on. Ending a process does not show this, as the system's cache outlives it.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panic, and tells what it did"
)]

#[path = "../src/keys.rs"]
mod keys;
mod support;

use serde_json::json;
use std::fs;
use support::client::Client;
use support::cuts::Deaf;
use support::images::Told;
use support::mounted::Mounted;
use support::node::{Node, add_account};
use support::recording::{Recording, Teller, cut};

const CLIENTS: usize = 8;

/// Runs the program twice, with clients that report and read; `rounds` each.
fn record(rounds: usize) -> Option<Recording> {
    let mounted = Mounted::or_skip()?;
    let data = mounted.path().join("data");
    let said = tempfile::tempdir().unwrap();
    let teller = Teller::new(&mounted.disk);
    let output = add_account(&data, "li", "duty");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let key = fs::read(data.join("node.key")).unwrap();
    teller.tell(Told::Account { key });
    for run in 0..2 {
        let node = Node::serve(&data, &said.path().join(run.to_string()));
        let client = node.signed_in("li");
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let (client, teller) = (client.clone(), teller.clone());
                scope.spawn(move || live(&client, &teller, &format!("{run}.{number}"), rounds));
            }
        });
        assert!(!node.said().contains("ERROR"), "{}", node.said());
        // The first is killed, so that the second has to recover.
        if run == 1 {
            node.stop();
        }
    }
    Some(teller.recording())
}

fn live(client: &Client, teller: &Teller, name: &str, rounds: usize) {
    for round in 0..rounds {
        let title = format!("井盖松动 {name}.{round}");
        let report = json!({ "channel": "hotline", "title": title, "description": "manhole cover is loose" });
        let answer = client.post("/api/reports", &report).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
        let case = answer.json()["case"].as_i64().unwrap();
        teller.tell(Told::Taken { case, title });
        for _ in 0..round % 3 {
            let answer = client.get(&format!("/api/cases/{case}")).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
            teller.tell(Told::Shown { case });
        }
        let answer = client.get("/log/checkpoint").unwrap();
        if answer.status == 200 {
            teller.tell(Told::Signed { note: answer.body });
        }
    }
}

fn nothing_is_lost(rounds: usize, cuts: usize) {
    let Some(recording) = record(rounds) else { return };
    let outcome = cut(&recording, cuts, Deaf::No);
    let steps = recording.steps.len();
    eprintln!(
        "{cuts} power cuts in {steps} steps, {} acknowledged entries looked for; wrong: {:?}",
        outcome.entries, outcome.wrong
    );
    assert!(outcome.wrong.is_empty(), "{:#?}", outcome.wrong);
}

#[test]
fn a_hundred_power_cuts_lose_nothing_acknowledged() {
    // As many rounds as it takes to fill a bundle, whose partial files go then.
    nothing_is_lost(9, 100);
}

#[test]
#[ignore = "a thousand power cuts take minutes"]
fn long_a_thousand_power_cuts_lose_nothing_acknowledged() {
    nothing_is_lost(40, 1000);
}

#[test]
fn a_disk_that_only_says_it_syncs_is_found_out() {
    let Some(recording) = record(4) else { return };
    for deaf in [
        Deaf::File("db-wal"),
        Deaf::Folders,
        Deaf::File("/.new"),
        Deaf::File("node.key"),
    ] {
        let outcome = cut(&recording, 60, deaf);
        eprintln!("{deaf:?}: {:?}", outcome.wrong);
        assert!(!outcome.wrong.is_empty(), "{deaf:?} was not noticed");
    }
}
