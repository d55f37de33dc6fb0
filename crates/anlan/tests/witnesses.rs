//! Witnesses through the built program: one node cosigns another's log; dead, slow, loud and lying witnesses hold nothing up;
//! a log that is set back is refused, and that is an alarm.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panic")]

#[path = "../src/keys.rs"]
mod keys;
mod support;

use anlan_tlog::notes::{Note, VerifierKey};
use anlan_tlog::policies::Policy;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::node::add_account;

/// Signed far in the future counts for nothing; this is now, for every run of this test.
const LATE: u64 = 4_000_000_000;

/// A node's folder with its configuration.
struct Node {
    folder: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Node {
    fn new(home: &Path, name: &str) -> Self {
        let folder = home.join(name);
        fs::create_dir_all(&folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let node = Self {
            folder,
            address,
            child: None,
        };
        node.configure("");
        node
    }

    fn configure(&self, more: &str) {
        let name = self.folder.file_name().unwrap().to_str().unwrap();
        let text = format!(
            "data = '{}'\nlisten = \"{}\"\nlog_origin = \"{name}.example/log\"\n{more}",
            self.data().display(),
            self.address
        );
        fs::write(self.folder.join("anlan.toml"), text).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anlan"));
        command
            .arg("--config")
            .arg(self.folder.join("anlan.toml"))
            .args(args);
        command.stdin(Stdio::null());
        command
    }

    fn said(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn start(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("output"))
            .unwrap();
        let mut command = self.command(&["serve"]);
        command.stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        wait(&format!("{} answers", self.address), || {
            TcpStream::connect(self.address).ok()
        });
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Makes an entry in the log.
    fn look(&self, name: &str) {
        let made = add_account(&self.data(), name, "clerk");
        assert!(made.status.success(), "{made:?}");
    }

    /// Waits until its newest head is cosigned.
    fn cosigned(&self) {
        wait("the newest head is cosigned", || {
            let cosigned = self.size("cosigned");
            cosigned.filter(|_| cosigned == self.size("checkpoint"))
        });
    }

    fn file(&self, name: &str) -> Option<Note> {
        Note::parse(&fs::read(self.data().join("log").join(name)).ok()?).ok()
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.file(name)?.text().lines().nth(1)?.parse().ok()
    }

    fn output(&self) -> String {
        fs::read_to_string(self.folder.join("output")).unwrap_or_default()
    }
}

fn wait<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1200 {
        if let Some(found) = found() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("never: {what}");
}

/// Somebody who takes connections and does this with each.
#[expect(clippy::disallowed_methods, reason = "somebody else's server")]
fn somebody(act: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().flatten().for_each(act));
    address
}

/// A witness line for a policy, with a key that nobody has.
fn line(name: &str, address: SocketAddr, seed: u8) -> String {
    let key =
        anlan_tlog::cosignatures::Cosigner::new(format!("{name}.example/w").parse().unwrap(), &[seed; 32]);
    format!("witness {name} {} http://{address}/\n", key.key())
}

/// Witnesses that never answer as they should: slow, endless, lying, sending away, and not there.
fn bad_witnesses() -> String {
    let slow = somebody(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
        std::thread::sleep(Duration::from_mins(1));
    });
    let loud = somebody(|mut stream| {
        let _ = stream.read(&mut [0; 1000]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
        let much = vec![b'a'; 65536];
        while stream.write_all(&much).is_ok() {}
    });
    let liar = somebody(|mut stream| {
        let _ = stream.read(&mut [0; 1000]);
        let body = "\u{2014} liar.example/w AAAAAAAAAAAAAAAAAAAAAAAA\n";
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all((head + body).as_bytes());
    });
    let away = somebody(|mut stream| {
        let _ = stream.read(&mut [0; 1000]);
        let _ = stream
            .write_all(b"HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    });
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let all = [
        ("slow", slow, 1),
        ("loud", loud, 2),
        ("liar", liar, 3),
        ("away", away, 4),
        ("dead", dead, 5),
    ];
    all.map(|(name, address, seed)| line(name, address, seed))
        .concat()
}

/// A city that witnesses the county's log, running, and its witness line; the county's key as well.
fn pair(home: &Path) -> (Node, Node, VerifierKey, String) {
    let (county, mut city) = (Node::new(home, "county"), Node::new(home, "city"));
    let key: VerifierKey = county.said(&["log", "key"]).parse().unwrap();
    city.configure(&format!("witness_of = [\"{key}\"]\n"));
    let witness = city.said(&["log", "witness"]);
    assert!(witness.starts_with("city.example/witness+"), "{witness}");
    city.start();
    let line = format!("witness city {witness} http://{}/witness\n", city.address);
    (county, city, key, line)
}

/// The county asks these witnesses from here on.
fn asks(county: &mut Node, policy: &str) {
    let path = county.folder.join("policy");
    fs::write(&path, policy).unwrap();
    county.configure(&format!("log_policy = '{}'\n", path.display()));
    county.start();
}

#[test]
fn a_sibling_cosigns_and_nobody_else_holds_the_log_up() {
    let home = tempfile::tempdir().unwrap();
    let (mut county, mut city, key, line) = pair(home.path());
    let group = "group enough 1 city slow loud liar away dead\nquorum enough\n";
    let policy = format!("{line}{}{group}", bad_witnesses());
    asks(&mut county, &policy);
    county.look("first");
    county.cosigned();
    let believed: Policy = format!("log {key}\n{policy}").parse().unwrap();
    let by = believed
        .believe(&county.file("checkpoint").unwrap(), LATE)
        .unwrap();
    let by: Vec<&str> = by.cosigned.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(by, ["city"]);

    // Without the only one that answers the log goes on, and is cosigned again once it is back.
    city.stop();
    let before = county.size("cosigned").unwrap();
    county.look("second");
    wait("the log goes on", || {
        county.size("checkpoint").filter(|size| *size > before)
    });
    assert_eq!(county.size("cosigned"), Some(before));
    city.start();
    county.look("third");
    county.cosigned();
    assert!(!county.output().contains("ALARM"), "{}", county.output());
    believed_outside(&county, home.path(), &believed, &key);
}

/// The proof of an entry is believed by the policy, also where there is no node.
fn believed_outside(county: &Node, home: &Path, believed: &Policy, key: &VerifierKey) {
    let outside = Node::new(home, "outside");
    let proof = outside.folder.join("first.tlog-proof");
    fs::write(outside.folder.join("policy"), believed.to_string()).unwrap();
    let (path, key) = (proof.to_str().unwrap(), key.to_string());
    county.said(&["log", "prove", "--entry", "0", "--to", path]);
    let bytes = fs::read_to_string(&proof).unwrap();
    assert!(bytes.starts_with("c2sp.org/tlog-proof@v1\nextra "), "{bytes}");
    let args = ["log", "verify", "--proof", path, "--key", &key];
    let told = outside.said(&args);
    assert!(
        told.contains("entry 0 of") && told.contains("\"action\":"),
        "{told}"
    );
    assert!(!outside.data().exists(), "no node is made for it");
    fs::write(&proof, bytes.replacen("index 0", "index 1", 1)).unwrap();
    let refused = outside.command(&args).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn a_log_that_is_set_back_is_refused_and_that_is_an_alarm() {
    let home = tempfile::tempdir().unwrap();
    let (mut county, _city, _, line) = pair(home.path());
    asks(&mut county, &format!("{line}quorum city\n"));
    for name in ["first", "second", "third"] {
        county.look(name);
    }
    wait("cosigned", || county.size("cosigned").filter(|size| *size >= 3));
    county.stop();
    // The same key and name, another history.
    let data = county.data();
    let secret = fs::read(data.join("node.key")).unwrap();
    fs::remove_dir_all(&data).unwrap();
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("node.key"), secret).unwrap();
    county.start();
    county.look("another");
    wait("an alarm", || county.output().contains("ALARM").then_some(()));
    wait("the log goes on all the same", || {
        county.size("checkpoint").filter(|size| *size >= 1)
    });
    assert_eq!(county.size("cosigned"), None);
}
