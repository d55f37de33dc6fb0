//! Doors for other systems: what a list of public requests over Open311 costs the server, and how soon a feed of alerts is kept.

use super::http::Client;
use super::node::{self, Node, PASSWORD};
use super::{Bar, Figures, reports};
use crate::outside;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const REQUESTS: usize = 1_000;
/// Enough that the clock's steps of 10 ms do not matter.
const LISTS: usize = 50;
const ALERTS: usize = 1_000;
/// Longest wait for the feed, seconds.
const PATIENCE_S: f64 = 60.0;
const LIST: &str = "/open311/v2/requests.json?page_size=1000";

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let program = node::program(repo)?;
    let data = node::folder(repo, "doors")?;
    node::seed(repo, &program, &data)?;
    list(repo, &program, &data, figures)?;
    feed(repo, &program, &data, figures)?;
    fs::remove_dir_all(&data)?;
    Ok(())
}

fn list(repo: &Repo, program: &Path, data: &Path, figures: &mut Figures) -> Result<()> {
    let config = data.join("bench.toml");
    fs::write(
        &config,
        "two_factor_roles = []\nopen311_classes = [\"c\", \"m\"]\nlimit_publication = [0, 0]\nlimit_report = [0, 0]\n",
    )?;
    let node = Node::configured(repo, program, data, ("serve", Some(&config)))?;
    // Those without a class are not public.
    reports::fill(&node, REQUESTS * 2)?;
    let mut client = Client::new(&node.address)?;
    let mut ask = || -> Result<usize> {
        let answer = client.send("GET", LIST, None)?;
        if answer.status != 200 {
            bail!("the list was answered {}", answer.status);
        }
        Ok(answer.body.len())
    };
    let bytes = ask()?;
    let before = node.cpu()?;
    for _ in 0..LISTS {
        ask()?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let each = (node.cpu()? - before) * 1000.0 / LISTS as f64;
    let told = format!("{} KiB of JSON, one entry in the access log each", bytes / 1024);
    figures.add(
        "Open311 list of 1,000 requests: server CPU",
        (each, "ms"),
        Bar::AtMost(30.0),
        told,
    );
    node.stop()
}

/// A server with a feed of alerts that are each a document of their own; says when it is asked first.
fn serve(listener: &TcpListener, told: &mpsc::Sender<()>) -> Result<()> {
    let index = index(&listener.local_addr()?.to_string());
    for stream in listener.incoming() {
        let (mut stream, index, told) = (stream?, index.clone(), told.clone());
        thread::Builder::new().spawn(move || {
            // Whoever hangs up has heard enough.
            let _ = answer(&mut stream, &index, &told);
        })?;
    }
    Ok(())
}

fn answer(stream: &mut TcpStream, index: &str, told: &mpsc::Sender<()>) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    loop {
        let mut first = String::new();
        if lines.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        while lines.read_line(&mut line)? > 2 {
            line.clear();
        }
        let path = first.split(' ').nth(1).context("no path")?;
        let body = if let Some(number) = path.strip_prefix("/alerts/") {
            document(number)
        } else {
            let _ = told.send(());
            index.to_owned()
        };
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}

fn index(address: &str) -> String {
    let mut text = String::from(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:bench</id><title>bench</title><updated>2026-11-01T00:00:00Z</updated>",
    );
    for number in 0..ALERTS {
        let _ = write!(
            text,
            "<entry><id>urn:bench:{number}</id><title>{number}</title><updated>2026-11-01T00:00:00Z</updated>\
             <link href=\"http://{address}/alerts/{number}\" type=\"application/cap+xml\"/></entry>"
        );
    }
    text + "</feed>"
}

/// As long as what weather services send.
fn document(number: &str) -> String {
    let words = "Heavy rain and gusts of wind are expected; streams may rise quickly. ".repeat(12);
    let ring: Vec<String> = (0..=40)
        .map(|corner| {
            let turn = f64::from(corner % 40) * std::f64::consts::TAU / 40.0;
            format!("{:.4},{:.4}", 27.9 + turn.sin() * 0.1, 113.2 + turn.cos() * 0.1)
        })
        .collect();
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>bench-{number}</identifier><sender>bench.example</sender>\
         <sent>2026-11-01T00:00:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>\
         <category>Met</category><event>Rain</event><urgency>Expected</urgency><severity>Moderate</severity><certainty>Likely</certainty>\
         <expires>2099-01-01T00:00:00-00:00</expires><headline>Rain {number}</headline><description>{words}</description>\
         <area><areaDesc>Town</areaDesc><polygon>{}</polygon></area></info></alert>",
        ring.join(" ")
    )
}

/// A text of an object.
fn of<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn feed(repo: &Repo, program: &Path, data: &Path, figures: &mut Figures) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let config = data.join("bench.toml");
    let text = format!(
        "two_factor_roles = []\nlimit_search = [0, 0]\n[[cap_feeds]]\nname = \"bench\"\nurl = \"http://{}/\"\n",
        listener.local_addr()?
    );
    fs::write(&config, text)?;
    let (tell, told) = mpsc::channel();
    thread::Builder::new().spawn(move || serve(&listener, &tell))?;
    let node = Node::configured(repo, program, data, ("serve", Some(&config)))?;
    let mut client = Client::signed_in(&node.address, "duty", PASSWORD)?;
    told.recv_timeout(Duration::from_secs(30))
        .context("the feed was not asked")?;
    let begun = outside::stopwatch();
    let seconds = loop {
        // The feed is noted when all of it is kept.
        let answer = client.send("GET", "/api/alert-feeds", None)?;
        let feeds: Value = serde_json::from_slice(&answer.body)?;
        if let Some(feed) = feeds
            .as_array()
            .and_then(|feeds| feeds.iter().find(|feed| of(feed, "name") == Some("bench")))
        {
            if let Some(trouble) = of(feed, "trouble") {
                bail!("the feed has trouble: {trouble}");
            }
            break begun.elapsed().as_secs_f64();
        }
        if begun.elapsed().as_secs_f64() > PATIENCE_S {
            bail!("the feed was not read within {PATIENCE_S} s");
        }
        thread::sleep(Duration::from_millis(20));
    };
    let kept = client.send("GET", "/api/alerts?current=true&limit=200", None)?;
    let kept: Value = serde_json::from_slice(&kept.body)?;
    let lines = kept.get("items").and_then(Value::as_array).map_or(0, Vec::len);
    if lines < 200 {
        bail!("only {lines} alerts are shown");
    }
    figures.add(
        "feed of 1,000 alerts, each fetched, judged and kept",
        (seconds, "s"),
        Bar::AtMost(2.0),
        "from when the feed is asked; documents of 2 KiB with 41 corners, over loopback",
    );
    node.stop()
}
