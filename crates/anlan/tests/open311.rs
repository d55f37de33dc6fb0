//! `anlan open311 check` through the built program: against a node of ours, over the wire, and against servers that are wrong.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

#[path = "../src/keys.rs"]
mod keys;
mod support;

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use support::node::{Node, add_account, program};

fn check(data: &Path, args: &[&str]) -> Output {
    program(data, &[&["open311", "check"], args].concat())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

#[test]
fn a_node_of_ours_answers_as_the_protocol_says() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(
        program(&data, &["reference", "classes"])
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(add_account(&data, "clerk", "clerk").status.success());
    let more = "open311_classes = [\"m\"]\nopen311_jurisdiction = \"county.test\"\n";
    let node = Node::configured(&data, &folder.path().join("said"), more);
    let clerk = node.signed_in("clerk");
    for class in ["m06010", "m06013", "m06010"] {
        let report =
            json!({"channel": "hotline", "class": class, "description": "x", "point": [113.2, 27.9]});
        assert_eq!(clerk.post("/api/reports", &report).unwrap().status, 201);
    }
    let found = folder.path().join("found.json");
    let url = format!("{}/open311/discovery.xml", node.url());
    let args = [
        "--post",
        "--jurisdiction",
        "county.test",
        "--json",
        found.to_str().unwrap(),
        &url,
    ];
    let output = check(&data, &args);
    assert!(output.status.success(), "{}", said(&output));
    let all: Vec<Value> = serde_json::from_slice(&std::fs::read(&found).unwrap()).unwrap();
    let names: Vec<&str> = all.iter().map(|one| one["check"].as_str().unwrap()).collect();
    for format in ["Xml", "Json"] {
        for name in [
            "services",
            "requests",
            "one request",
            "open requests",
            "requests of a day",
            "an empty form",
        ] {
            let name = format!("{name} ({format})");
            assert!(names.contains(&name.as_str()), "{name}: {names:?}");
        }
    }
    let asked = |name: &str| {
        let one = all.iter().find(|one| one["check"] == name).unwrap();
        one["found"].as_str().unwrap().to_owned()
    };
    assert_eq!(asked("requests (Xml)"), "3 requests");
    assert_eq!(asked("open requests (Json)"), "3 requests");
    assert_eq!(asked("closed requests (Json)"), "0 requests");

    let other = check(
        &data,
        &[
            "--jurisdiction",
            "elsewhere",
            &format!("{}/open311/v2", node.url()),
        ],
    );
    assert_eq!(other.status.code(), Some(1));
    assert!(
        said(&other).contains("the status is 404, not 200"),
        "{}",
        said(&other)
    );
}

/// A server that answers everything with the same; its address.
#[expect(clippy::disallowed_methods, reason = "a server needs a thread")]
fn parrot(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/open311/v2", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn what_is_wrong_is_told_and_nothing_hostile_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n\
        [{\"service_request_id\":1,\"status\":\"done\",\"email\":\"a@b.example\"}]";
    let output = check(folder.path(), &[&parrot(wrong)]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for fault in [
        "lacks service_code",
        "status done",
        "tells email",
        "the content type is",
        "the status is 200, not 404",
    ] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
    let bomb = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: 79\r\n\r\n\
        <!DOCTYPE services [<!ENTITY a \"aaaaaaaaaa\">]><services>&a;&a;&a;&a;</services>";
    let told = said(&check(folder.path(), &[&parrot(bomb)]));
    assert!(told.contains("document type"), "{told}");
    let nobody = said(&check(folder.path(), &["http://127.0.0.1:1/open311/v2"]));
    assert!(nobody.contains("no answer from"), "{nobody}");
}

/// The program is asked as people do.
#[test]
fn help_names_the_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_anlan"))
        .args(["open311", "check", "--help"])
        .output()
        .unwrap();
    assert!(said(&output).contains("GeoReport v2"));
}
