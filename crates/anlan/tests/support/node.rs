//! The built program on a folder: an account, a node that serves, and what it says.

use super::client::Client;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

pub const PASSWORD: &str = "calm-water-2026";

pub fn program(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anlan"));
    command.arg("--data").arg(data).args(args).stdin(Stdio::null());
    command
}

pub fn add_account(data: &Path, name: &str, role: &str) -> Output {
    let mut child = program(data, &["add-account", name, "--role", role])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse before it asks.
    let _ = writeln!(child.stdin.take().unwrap(), "{PASSWORD}");
    child.wait_with_output().unwrap()
}

/// A node that serves; killed when dropped.
pub struct Node {
    child: Child,
    address: String,
    said: PathBuf,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    /// Starts it and waits until it answers; what it says goes to a file outside its data.
    pub fn serve(data: &Path, said: &Path) -> Self {
        Self::configured(data, said, "")
    }

    /// The same with more lines of configuration.
    pub fn configured(data: &Path, said: &Path, more: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = address.to_string();
        // Whoever signs in here has a password and nothing else.
        let config = said.with_extension("toml");
        fs::write(&config, format!("two_factor_roles = []\n{more}")).unwrap();
        let child = program(data, &["serve", "--listen", &address, "--config"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(File::create(said).unwrap())
            .spawn()
            .unwrap();
        let mut node = Self {
            child,
            address,
            said: said.to_owned(),
        };
        node.wait();
        node
    }

    fn wait(&mut self) {
        for _ in 0..1200 {
            if self.client().get("/api/session").is_ok() {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it does not answer: {}", self.said());
    }

    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    pub fn signed_in(&self, name: &str) -> Client {
        let mut client = self.client();
        let answer = client.sign_in(name, PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.text());
        client
    }

    /// Asks it to end, as a service manager does.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap();
    }
}
