//! Reports over HTTP: what one costs the server, how many it takes in a second from many at once, and how many
//! statements it runs for one. The county is the demo's; what is sent is what a resident's form and a clerk's desk send.

use super::http::Client;
use super::node::{self, Node, PASSWORD, Seen};
use super::{Bar, Figures, quantile};
use crate::outside;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const CLIENTS: usize = 64;
const REPORTS: usize = 20_000;
/// Enough that the clock's steps of 10 ms do not matter.
const REPORTS_ALONE: usize = 2_000;
/// Before measuring, so that caches and threads are as in a running node.
const WARM_UP: usize = 500;
const REPORTS_COUNTED: usize = 500;
const PEERS: &str = "Alerta 9 ms, Signalen 85–93 ms on such a machine";

/// The middle of the demo county.
const MIDDLE: [f64; 2] = [113.2, 27.9];
const MATTERS: [(&str, &str); 4] = [
    (
        "m01001",
        "人行道地砖破损，老人经过时容易绊倒，已经有两个人在这里摔过",
    ),
    ("m02004", "路口的井盖松动，车一压就响，晚上看不清很危险"),
    (
        "",
        "Street light out between the school gate and the bus stop, very dark after six",
    ),
    ("c01001", "小区门口积水没过脚踝，下水道口被树叶堵住了"),
];

/// Who hands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A resident's form.
    Form,
    /// A clerk's desk, which is also told what may be the same thing.
    Desk,
}

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let program = node::program(repo)?;
    let data = node::folder(repo, "reports")?;
    node::seed(repo, &program, &data)?;
    statements(repo, &program, &data, figures)?;
    let node = Node::start(repo, &program, &data, "serve")?;
    load(&node, Way::Form, (CLIENTS, WARM_UP))?;
    for (way, who) in [(Way::Form, "a resident's form"), (Way::Desk, "a clerk's desk")] {
        let many = load(&node, way, (CLIENTS, REPORTS))?;
        let alone = load(&node, way, (1, REPORTS_ALONE))?;
        let name = |what: &str| format!("one report from {who}, {what}: server CPU");
        let cpu = (many.cpu_ms, "ms");
        figures.add(name("64 clients"), cpu, Bar::AtMost(0.5), PEERS);
        let beside = format!(
            "answered in {:.2} ms at the median; every one waits for its own fsync",
            alone.median_ms
        );
        figures.add(name("one client"), (alone.cpu_ms, "ms"), Bar::AtMost(0.5), beside);
        let load = format!(
            "load generator on the same cores: {:.2} ms CPU each",
            many.own_cpu_ms
        );
        figures.add(
            format!("reports a second from {who}, 64 clients"),
            (many.per_second, "/s"),
            Bar::AtLeast(2500.0),
            load,
        );
        let beside = format!("median {:.1} ms", many.median_ms);
        figures.add(
            format!("answer to {who}, 64 clients, p99"),
            (many.p99_ms, "ms"),
            Bar::AtMost(100.0),
            beside,
        );
    }
    node.stop()?;
    fs::remove_dir_all(&data)?;
    Ok(())
}

/// CPU that the server needs for one report from a resident's form with many clients, ms.
pub(super) fn cpu_ms(node: &Node) -> Result<f64> {
    load(node, Way::Form, (CLIENTS, WARM_UP))?;
    Ok(load(node, Way::Form, (CLIENTS, REPORTS))?.cpu_ms)
}

/// Takes so many in over residents' forms, with many clients.
pub(super) fn fill(node: &Node, count: usize) -> Result<()> {
    load(node, Way::Form, (CLIENTS, count)).map(drop)
}

/// The program says at its end, when it logs what it does in detail, how many statements it ran. A run that only starts
/// and stops is taken off.
fn statements(repo: &Repo, program: &Path, data: &Path, figures: &mut Figures) -> Result<()> {
    let config = data.join("bench.toml");
    fs::write(&config, "log = \"warn,anlan=debug\"\n")?;
    let run = |reports: usize| -> Result<f64> {
        let node = Node::configured(repo, program, data, ("serve", Some(&config)))?;
        load(&node, Way::Form, (1, reports))?;
        node.stop()?;
        let log = fs::read_to_string(node::log_of(data))?;
        let told = log
            .lines()
            .find_map(|line| line.rsplit_once("statements=")?.1.trim().parse().ok());
        told.context("the program did not say how many statements it ran")
    };
    let without = run(0)?;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let each = (run(REPORTS_COUNTED)? - without) / REPORTS_COUNTED as f64;
    // A report runs a whole number of them; the fraction is the beat of early warning meanwhile.
    let each = each.round();
    figures.add(
        "SQL statements for one report",
        (each, ""),
        Bar::AtMost(6.0),
        "Signalen 46",
    );
    Ok(())
}

/// How a load went.
struct Load {
    cpu_ms: f64,
    own_cpu_ms: f64,
    per_second: f64,
    median_ms: f64,
    p99_ms: f64,
}

/// `count` reports from so many clients, each on a connection of its own.
fn load(node: &Node, way: Way, (clients, count): (usize, usize)) -> Result<Load> {
    let mut ready = Vec::new();
    for _ in 0..clients {
        ready.push(Client::new(&node.address)?);
    }
    if way == Way::Desk {
        // One session for all: signing in is made slow on purpose.
        let cookie = Client::signed_in(&node.address, "clerk", PASSWORD)?;
        let cookie = cookie.cookie().context("no session")?.to_owned();
        for client in &mut ready {
            client.sign(&cookie);
        }
    }
    let next = AtomicUsize::new(0);
    let (before, own_before) = (node.cpu()?, Seen::of(std::process::id())?.cpu);
    let started = outside::stopwatch();
    let times = thread::scope(|scope| {
        let hands: Vec<_> = ready
            .into_iter()
            .map(|client| scope.spawn(|| hand_in(client, way, &next, count)))
            .collect();
        let mut all = Vec::with_capacity(count);
        for hand in hands {
            match hand.join() {
                Ok(times) => all.extend(times?),
                Err(_) => bail!("a client broke off"),
            }
        }
        Ok(all)
    });
    let (mut times, seconds) = (times?, started.elapsed().as_secs_f64());
    let (cpu, own) = (
        node.cpu()? - before,
        Seen::of(std::process::id())?.cpu - own_before,
    );
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let count = count.max(1) as f64;
    Ok(Load {
        cpu_ms: cpu * 1000.0 / count,
        own_cpu_ms: own * 1000.0 / count,
        per_second: count / seconds,
        median_ms: quantile(&mut times, 0.5),
        p99_ms: quantile(&mut times, 0.99),
    })
}

/// Takes numbers until there are none, and hands in a report for each; how long each answer took, in ms.
fn hand_in(mut client: Client, way: Way, next: &AtomicUsize, count: usize) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(times);
        }
        let (path, kind, body) = match way {
            Way::Form => ("/report", "multipart/form-data; boundary=calm", form(number)),
            Way::Desk => ("/api/reports", "application/json", desk(number)),
        };
        let started = outside::stopwatch();
        let answer = client.send("POST", path, Some((kind, body.as_bytes())))?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        let wanted = if way == Way::Form { 303 } else { 201 };
        if answer.status != wanted {
            bail!(
                "the server answered {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
    }
}

/// Somewhere in the county, unlike for each number: steps of the golden ratio fill a square evenly.
fn point(number: usize) -> [f64; 2] {
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let at = |step: f64| (number as f64 * step).fract() - 0.5;
    let [lon, lat] = MIDDLE;
    [lon + at(0.618_033_988_7) * 0.12, lat + at(0.754_877_666_2) * 0.1]
}

fn matter(number: usize) -> (&'static str, &'static str) {
    MATTERS.get(number % MATTERS.len()).copied().unwrap_or_default()
}

fn form(number: usize) -> String {
    let ([lon, lat], (class, words)) = (point(number), matter(number));
    let (lon, lat, error) = (format!("{lon:.6}"), format!("{lat:.6}"), "15".to_owned());
    let fields = [
        ("class", class),
        ("description", words),
        ("lon", &lon),
        ("lat", &lat),
        ("error_m", &error),
    ];
    let mut body = String::with_capacity(1024);
    for (name, value) in fields {
        body.push_str("--calm\r\nContent-Disposition: form-data; name=\"");
        body.push_str(name);
        body.push_str("\"\r\n\r\n");
        body.push_str(value);
        body.push_str("\r\n");
    }
    body.push_str("--calm--\r\n");
    body
}

fn desk(number: usize) -> String {
    let (point, (class, words)) = (point(number), matter(number));
    let class = if class.is_empty() { None } else { Some(class) };
    serde_json::json!({
        "channel": "hotline", "class": class, "description": words, "point": point, "error_m": 15.0,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_in_the_county_and_apart() {
        let all: std::collections::BTreeSet<String> =
            (0..1000).map(|number| format!("{:?}", point(number))).collect();
        assert_eq!(all.len(), 1000);
        assert!(form(2).contains("Street light") && desk(0).contains("m01001"));
    }
}
