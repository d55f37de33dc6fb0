//! Alerts from feeds and files through the built program: feeds that are right, that break, hang, lie about where their documents are;
//! and files at the command line.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panic")]

#[path = "../src/keys.rs"]
mod keys;
mod support;

use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;
use support::client::Client;
use support::node::{Node, add_account, program};

fn document(identifier: &str) -> String {
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier><sender>weather.example</sender>\
         <sent>2026-05-20T08:00:00+08:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>\
         <category>Met</category><event>Rain</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>\
         <expires>2099-01-01T00:00:00+08:00</expires><area><areaDesc>Town</areaDesc><circle>27.9,113.2 8</circle></area></info></alert>"
    )
}

fn entry(id: &str, link: &str) -> String {
    format!(
        "<entry><id>{id}</id><title>{id}</title><updated>2026-05-20T00:00:00Z</updated>\
         <link type=\"application/cap+xml\" href=\"{link}\"/></entry>"
    )
}

fn atom(entries: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>f</id><title>f</title><updated>2026-05-20T00:00:00Z</updated>{entries}</feed>"
    )
}

/// What a server answers to a path; `None`: nothing at all, and holds the line.
type Answers = fn(&str, &str) -> Option<String>;

/// A server of feeds; its address with its port.
#[expect(clippy::disallowed_methods, reason = "a server needs a thread")]
fn server(answers: Answers) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = address.clone();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut first = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            lines.read_line(&mut first).unwrap();
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let path = first.split(' ').nth(1).unwrap_or_default();
            if let Some(body) = answers(path, &own) {
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length";
                let _ = write!(stream, "{head}: {}\r\n\r\n{body}", body.len());
            } else {
                held.push(stream);
            }
        }
    });
    address
}

fn answers(path: &str, own: &str) -> Option<String> {
    let good = |name: &str| entry(name, &format!("http://{own}/doc/{name}"));
    match path {
        "/good" => Some(atom(&[good("g1"), good("g2")].concat())),
        "/single" => Some(document("alone")),
        "/mixed" => {
            let elsewhere = entry("far", "http://127.0.0.2:9/doc/far");
            let file = entry("file", "file:///etc/passwd");
            let broken = entry("bad", &format!("http://{own}/bad"));
            Some(atom(&[broken, elsewhere, file, good("m1")].concat()))
        }
        "/cut" => Some(atom(&good("c1")).replace("</feed>", "<entry><id>c2</id>")),
        "/bad" => Some(document("bad").replace("Actual", "Real")),
        "/bomb" => Some("<!DOCTYPE feed [<!ENTITY a \"b\">]><feed>&a;</feed>".to_owned()),
        _ => path.strip_prefix("/doc/").map(document),
    }
}

fn feeds(client: &Client, until: usize) -> Vec<Value> {
    for _ in 0..600 {
        let told: Value = serde_json::from_slice(&client.get("/api/alert-feeds").unwrap().body).unwrap();
        let told = told.as_array().unwrap().clone();
        if told.len() >= until {
            return told;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("fewer than {until} feeds were asked");
}

#[test]
fn feeds_are_read_and_a_bad_one_holds_up_none_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(add_account(&data, "duty", "duty").status.success());
    let address = server(answers);
    let names = ["bomb", "cut", "good", "mixed", "single"];
    // The first hangs for as long as the client bears it.
    let keys = |name: &str| format!("[[cap_feeds]]\nname = \"{name}\"\nurl = \"http://{address}/{name}\"\n");
    let more = keys("hangs") + &names.map(keys).concat();
    let node = Node::configured(&data, &folder.path().join("said"), &more);
    let duty = node.signed_in("duty");
    let told = feeds(&duty, names.len());
    let trouble = |name: &str| {
        let feed = told.iter().find(|feed| feed["name"] == name).unwrap();
        feed["trouble"].as_str().unwrap_or_default().to_owned()
    };
    for name in ["good", "single"] {
        assert_eq!(trouble(name), "", "{told:?}");
    }
    // The broken document, the one elsewhere and the file; the one that is right was kept.
    assert!(trouble("mixed").contains("alert/status"), "{}", trouble("mixed"));
    assert!(trouble("mixed").contains("and 2 more"), "{}", trouble("mixed"));
    for name in ["cut", "bomb"] {
        assert_ne!(trouble(name), "", "{name}");
    }
    let page: Value = serde_json::from_slice(&duty.get("/api/alerts").unwrap().body).unwrap();
    let mut kept: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"]["identifier"].as_str().unwrap())
        .collect();
    kept.sort_unstable();
    assert_eq!(kept, ["alone", "c1", "g1", "g2", "m1"]);
}

fn receive(data: &Path, files: &[&Path]) -> (bool, String) {
    let mut command = program(data, &["alerts", "receive"]);
    let output = command.args(files).output().unwrap();
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.success(), String::from_utf8(both).unwrap())
}

#[test]
fn files_are_taken_in_once_and_what_is_wrong_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (data, good, bad) = (
        folder.path().join("data"),
        folder.path().join("good.xml"),
        folder.path().join("bad.xml"),
    );
    fs::write(&good, document("1")).unwrap();
    fs::write(&bad, document("2").replace("Severe", "Awful")).unwrap();
    let (is_well, told) = receive(&data, &[&good]);
    assert!(
        is_well && told.contains("1 new, 0 here already, 0 refused"),
        "{told}"
    );
    let (is_well, told) = receive(&data, &[&bad, &good]);
    assert!(!is_well, "{told}");
    assert!(told.contains("0 new, 1 here already, 1 refused"), "{told}");
    assert!(told.contains("line 1, alert/info/severity"), "{told}");
}

#[test]
fn a_feed_that_cannot_be_asked_and_a_file_without_certificates_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (text, wanted) in [
        (
            "[[cap_feeds]]\nname = \"x\"\nurl = \"ftp://h/\"\n",
            "cap_feeds: x",
        ),
        (
            "[[cap_feeds]]\nname = \"x\"\nurl = \"https://a@h/\"\n",
            "cap_feeds: x",
        ),
        ("cap_trusted = [\"/dev/null\"]\n", "cap_trusted: /dev/null"),
    ] {
        let config = folder.path().join("c.toml");
        fs::write(&config, text).unwrap();
        let mut command = program(&folder.path().join("data"), &["serve", "--config"]);
        let output = command.arg(&config).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(wanted), "{told}");
    }
}
