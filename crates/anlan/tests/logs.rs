//! The access log through the built program: signed while it serves, verified by its commands, and what is wrong told with
//! exit code 1.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panic")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn program(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anlan"));
    command.arg("--data").arg(data).args(args).stdin(Stdio::null());
    command
}

fn run(data: &Path, args: &[&str]) -> Output {
    program(data, args).output().unwrap()
}

fn said(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is complained of, with exit code 1.
fn refused(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn add_account(data: &Path, name: &str) {
    let mut child = program(data, &["add-account", name, "--role", "auditor"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"calm-water-2026\n").unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// A node that serves; killed when dropped, as a machine that fails would.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(data: &Path) -> Served {
    let mut command = program(data, &["serve", "--listen", "127.0.0.1:0"]);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    Served(quiet.spawn().unwrap())
}

/// Waits until this many entries are signed.
fn wait_for(data: &Path, entries: u64) {
    for _ in 0..600 {
        let checkpoint = fs::read_to_string(data.join("log/checkpoint")).unwrap_or_default();
        let size = checkpoint
            .lines()
            .nth(1)
            .and_then(|size| size.parse::<u64>().ok());
        if size.is_some_and(|size| size >= entries) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{entries} entries are not signed");
}

#[test]
fn a_served_node_signs_and_its_log_verifies_inside_and_outside() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    add_account(&data, "first");
    {
        let _served = serve(&data);
        wait_for(&data, 1);
        add_account(&data, "second");
        wait_for(&data, 2);
    }
    let _served = serve(&data);
    add_account(&data, "third");
    wait_for(&data, 3);

    let key = said(&data, &["log", "key"]);
    let key = key.trim();
    assert!(key.starts_with("anlan/log+"), "{key}");
    let told = said(&data, &["log", "verify"]);
    assert!(
        told.contains("anlan/log: ") && told.contains("accesses"),
        "{told}"
    );

    let log = data.join("log");
    let log = log.to_str().unwrap();
    let nowhere = folder.path().join("nowhere");
    said(&nowhere, &["log", "verify", log, "--key", key]);
    assert!(!nowhere.exists(), "no node is made for it");
    said(&data, &["log", "verify", log]);

    let other = key.replace("anlan/log", "other/log");
    refused(&nowhere, &["log", "verify", log, "--key", &other]);
    refused(&nowhere, &["log", "verify", log, "--key", "x"]);
    let copy = folder.path().join("copy");
    fs::create_dir_all(copy.join("tile")).unwrap();
    fs::copy(data.join("log/checkpoint"), copy.join("checkpoint")).unwrap();
    let told = refused(&nowhere, &["log", "verify", copy.to_str().unwrap(), "--key", key]);
    assert!(
        told.contains("tile/entries/000.p/") && told.contains("not there"),
        "{told}"
    );
}
