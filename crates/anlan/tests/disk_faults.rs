//! A disk that fails while the built program runs on it: nothing is acknowledged or shown that is not durable, what is wrong
//! is told in words, and nothing that was acknowledged is lost.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

#[path = "../src/keys.rs"]
mod keys;
mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use support::client::{Answer, Client};
use support::cuts::Deaf;
use support::disk::Fails;
use support::images::Told;
use support::mounted::Mounted;
use support::node::{Node, add_account};
use support::recording::{Teller, cut};

const TITLE: &str = "井盖松动";

/// A node on a disk that can fail, and somebody who works with it.
struct Scene {
    teller: Teller,
    node: Node,
    client: Client,
    data: PathBuf,
    said: tempfile::TempDir,
    /// Last, so that the program has ended before.
    mounted: Mounted,
}

impl Scene {
    fn new() -> Option<Self> {
        let mounted = Mounted::or_skip()?;
        let data = mounted.path().join("data");
        let said = tempfile::tempdir().unwrap();
        let teller = Teller::new(&mounted.disk);
        assert!(add_account(&data, "li", "duty").status.success());
        let key = fs::read(data.join("node.key")).unwrap();
        teller.tell(Told::Account { key });
        let node = Node::serve(&data, &said.path().join("first"));
        let client = node.signed_in("li");
        Some(Self {
            teller,
            node,
            client,
            data,
            said,
            mounted,
        })
    }

    fn report(&self) -> Answer {
        let report = json!({ "channel": "hotline", "title": TITLE, "description": "manhole cover is loose" });
        let answer = self.client.post("/api/reports", &report).unwrap();
        if answer.status == 201 {
            let case = answer.json()["case"].as_i64().unwrap();
            let title = TITLE.to_owned();
            self.teller.tell(Told::Taken { case, title });
        }
        answer
    }

    fn look(&self, case: &Value) -> Answer {
        let answer = self.client.get(&format!("/api/cases/{case}")).unwrap();
        if answer.status == 200 {
            let case = case.as_i64().unwrap();
            self.teller.tell(Told::Shown { case });
        }
        answer
    }

    /// A report is not taken and a case not shown, and both are told so.
    fn is_refused(&self, case: &Value) {
        for answer in [self.report(), self.look(case)] {
            let text = answer.text();
            assert_eq!(answer.status, 503, "{text}");
            assert!(text.contains("Nothing was changed"), "{text}");
            assert!(!text.contains(TITLE), "nothing is shown: {text}");
        }
    }

    fn works(&self, case: &Value) {
        let answer = self.look(case);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains(TITLE));
        assert_eq!(self.report().status, 201);
    }

    fn restart(&mut self, name: &str) {
        self.node = Node::serve(&self.data, &self.said.path().join(name));
        self.client = self.node.signed_in("li");
    }

    /// Whatever a power cut leaves of this run, nothing told is lost.
    fn survives_cuts(&self) {
        let outcome = cut(&self.teller.recording(), 40, Deaf::No);
        assert!(outcome.wrong.is_empty(), "{:#?}", outcome.wrong);
    }
}

#[test]
fn after_a_failed_write_or_sync_nothing_is_acknowledged_until_a_restart() {
    for fails in [Fails::Sync("-wal"), Fails::Write("-wal")] {
        let Some(mut scene) = Scene::new() else { return };
        let case = scene.report().json()["case"].clone();
        scene.works(&case);
        scene.mounted.disk.fail(fails);
        scene.is_refused(&case);
        // The disk says that all is well again. What it has lost meanwhile nobody knows, so nothing is written.
        scene.mounted.disk.fail(Fails::Never);
        scene.is_refused(&case);
        let said = scene.node.said();
        assert!(
            said.contains("takes no writes") && said.contains("start"),
            "{said}"
        );
        scene.restart("second");
        scene.works(&case);
        scene.survives_cuts();
    }
}

#[test]
fn a_full_disk_refuses_with_words_and_works_again_once_there_is_space() {
    let Some(scene) = Scene::new() else { return };
    let case = scene.report().json()["case"].clone();
    scene.works(&case);
    scene.mounted.disk.fail(Fails::Full);
    // What still fits into what the files have is taken; before long it does not.
    for _ in 0..200 {
        if scene.report().status != 201 {
            break;
        }
    }
    scene.is_refused(&case);
    let said = scene.node.said();
    assert!(said.contains("the disk is full"), "{said}");
    scene.mounted.disk.fail(Fails::Never);
    scene.works(&case);
    scene.survives_cuts();
}

#[test]
fn a_log_that_cannot_be_written_is_not_signed_and_the_node_goes_on() {
    let Some(mut scene) = Scene::new() else { return };
    let case = scene.report().json()["case"].clone();
    for fails in [Fails::Sync(".new"), Fails::Write(".new")] {
        scene.mounted.disk.fail(fails);
        scene.works(&case);
        for _ in 0..100 {
            if scene.node.said().contains("not signed") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(scene.node.said().contains("the access log is not signed"));
        scene.works(&case);
        scene.mounted.disk.fail(Fails::Never);
        scene.restart("again");
        scene.works(&case);
    }
    scene.survives_cuts();
}
