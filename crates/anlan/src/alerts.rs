//! Alerts from feeds and files: feeds are asked on their beat, what they name is fetched and handed to the application. One feed
//! never waits for another, and a broken document holds up none of the others.

use crate::http::Client;
use crate::{cli, serve};
use anlan_app::{App, Caller, alerts};
use anlan_intake::cap::{self, Entry};
use anlan_model::alerts::Arrived;
use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A feed answers slowly at times, and whole.
const PATIENCE: Duration = Duration::from_mins(1);
/// Documents that are kept in one unit of work.
const BATCH: usize = 100;
/// Or fewer, where they are this large together.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// An entry's id and when it was changed.
type Key = (String, Option<Timestamp>);

/// One feed in the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedKeys {
    name: String,
    url: String,
    #[serde(default = "minutes")]
    every_minutes: u16,
    /// Hosts beside the feed's own whose documents may be fetched.
    #[serde(default)]
    hosts: Vec<String>,
}

fn minutes() -> u16 {
    5
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take in CAP documents and feeds from files. What was here already adds nothing.
    Receive {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Certificates whose holders' signatures are trusted, out of PEM files.
pub(crate) fn trusted(files: &[PathBuf]) -> anyhow::Result<Arc<Vec<Vec<u8>>>> {
    let mut all = Vec::new();
    for file in files {
        let named = || format!("cap_trusted: {}", file.display());
        let found = CertificateDer::pem_file_iter(file).with_context(named)?;
        let found: Vec<CertificateDer<'_>> = found.collect::<Result<_, _>>().with_context(named)?;
        if found.is_empty() {
            bail!("{} holds no certificate in PEM", named());
        }
        all.extend(found.iter().map(|certificate| certificate.to_vec()));
    }
    Ok(Arc::new(all))
}

/// Feeds that cannot be asked are refused by name.
pub(crate) fn check(feeds: &[FeedKeys]) -> anyhow::Result<()> {
    let mut names = BTreeSet::new();
    for feed in feeds {
        if host(&feed.url).is_none() {
            bail!("cap_feeds: {}: url begins with https:// or http://", feed.name);
        }
        if feed.every_minutes == 0 || feed.name.trim().is_empty() || !names.insert(&feed.name) {
            bail!(
                "cap_feeds: {}: every feed has a name of its own and every_minutes of at least 1",
                feed.name
            );
        }
    }
    Ok(())
}

/// The host of an address, with its port, if it is one for the web.
fn host(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    // Who is named before an @ is not the host.
    (!host.is_empty() && !host.contains('@')).then_some(host)
}

/// What is known of a feed while the program runs.
struct Reader<'a> {
    app: &'a App,
    feed: &'a FeedKeys,
    client: Client,
    trusted: &'a [Vec<u8>],
    /// Entries whose documents were dealt with, with the time they had.
    done: BTreeSet<Key>,
}

/// What came of asking a feed once.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    new: usize,
    /// The first thing that was wrong, and how many.
    trouble: Option<String>,
    troubles: usize,
}

impl Asked {
    fn fail(&mut self, why: String) {
        self.trouble.get_or_insert(why);
        self.troubles += 1;
    }

    fn told(&self) -> Option<String> {
        let first = self.trouble.as_ref()?;
        Some(match self.troubles {
            0 | 1 => first.clone(),
            all => format!("{first} (and {} more)", all - 1),
        })
    }
}

/// Asks one feed until told to stop.
pub(crate) fn work(app: &App, feed: &FeedKeys, trusted: &[Vec<u8>], stop: &AtomicBool) {
    let mut reader = Reader {
        app,
        feed,
        client: Client::with_time(PATIENCE),
        trusted,
        done: BTreeSet::new(),
    };
    loop {
        let asked = reader.ask(stop);
        let trouble = asked.told();
        if asked.new > 0 {
            tracing::info!("alerts: {} new from {}", asked.new, feed.name);
        }
        if let Some(trouble) = &trouble {
            tracing::warn!("alerts: {}: {trouble}", feed.name);
        }
        if let Err(error) = alerts::note_feed(app, &Caller::system(), &feed.name, trouble.as_deref()) {
            tracing::error!("alerts: how {} fares cannot be noted: {error}", feed.name);
        }
        let wait = Duration::from_secs(u64::from(feed.every_minutes) * 60);
        if !serve::nap(wait, stop) {
            return;
        }
    }
}

impl Reader<'_> {
    fn ask(&mut self, stop: &AtomicBool) -> Asked {
        let mut asked = Asked::default();
        let bytes = match self.fetch(&self.feed.url, cap::FEED_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(why) => {
                asked.fail(format!("{why:#}"));
                return asked;
            }
        };
        let feed = match cap::feed(&bytes) {
            Ok(feed) => feed,
            Err(why) => {
                // Some put the one alert that holds where others put a feed.
                match self.arrived(bytes) {
                    Ok(arrived) => self.hand_on(vec![arrived], vec![], &mut asked),
                    Err(refused) if is_alert(&refused) => asked.fail(refused.to_string()),
                    Err(_) => asked.fail(why.to_string()),
                }
                return asked;
            }
        };
        let present: BTreeSet<Key> = feed.entries.iter().map(key).collect();
        // What the feed names no more is not remembered for ever.
        self.done.retain(|key| present.contains(key));
        let new: Vec<Entry> = feed
            .entries
            .into_iter()
            .filter(|entry| !self.done.contains(&key(entry)))
            .collect();
        let mut batch = Batch::default();
        for entry in &new {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            match self.documents(entry) {
                Ok(documents) => {
                    batch.keys.push(key(entry));
                    self.read(documents, &mut batch, &mut asked);
                }
                Err(why) => asked.fail(format!("{why:#}")),
            }
            if batch.is_full() {
                let Batch { all, keys, .. } = std::mem::take(&mut batch);
                self.hand_on(all, keys, &mut asked);
            }
        }
        self.hand_on(batch.all, batch.keys, &mut asked);
        if let Some(why) = feed.broken {
            asked.fail(why.to_string());
        }
        asked
    }

    /// Puts an entry's documents into the batch; one that is refused will be no better the next time.
    fn read(&self, documents: Vec<Vec<u8>>, batch: &mut Batch, asked: &mut Asked) {
        for document in documents {
            batch.bytes += document.len();
            match self.arrived(document) {
                Ok(arrived) => batch.all.push(arrived),
                Err(why) => asked.fail(why.to_string()),
            }
        }
    }

    fn arrived(&self, document: Vec<u8>) -> Result<Arrived, cap::Refused> {
        cap::arrived(self.feed.name.clone(), document, self.trusted)
    }

    /// Hands documents on; what cannot be kept now is tried again with the next beat.
    fn hand_on(&mut self, all: Vec<Arrived>, keys: Vec<Key>, asked: &mut Asked) {
        let taken = if all.is_empty() {
            Ok(Vec::new())
        } else {
            alerts::receive_all(self.app, &Caller::system(), all)
        };
        match taken {
            Ok(taken) => {
                asked.new += taken.iter().filter(|taken| !taken.is_known).count();
                self.done.extend(keys);
            }
            Err(error) => asked.fail(error.to_string()),
        }
    }

    /// The documents an entry carries, or the one it names.
    fn documents(&self, entry: &Entry) -> anyhow::Result<Vec<Vec<u8>>> {
        if !entry.documents.is_empty() {
            let carried = entry.documents.iter();
            return Ok(carried.map(|text| text.clone().into_bytes()).collect());
        }
        let link = entry.link.as_deref();
        let link = link.with_context(|| format!("line {}: an entry names no document", entry.line))?;
        Ok(vec![self.follow(link)?])
    }

    fn fetch(&self, url: &str, most: usize) -> anyhow::Result<Vec<u8>> {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let answer = self.client.get(url, most)?;
        if answer.status != 200 {
            bail!("{url} answered {}", answer.status);
        }
        Ok(answer.body)
    }

    /// Fetches a document that the feed names, if it lies where the feed may send us.
    fn follow(&self, link: &str) -> anyhow::Result<Vec<u8>> {
        let named = host(link).with_context(|| format!("{link} is no address of a document"))?;
        let is_own = host(&self.feed.url) == Some(named);
        if !is_own && !self.feed.hosts.iter().any(|host| host == named) {
            bail!("{link} lies on another host; name it in the feed's `hosts` if it is to be asked");
        }
        self.fetch(link, cap::BYTES_MAX)
    }
}

/// An entry as it was when it was dealt with: a feed may say something else under the same id.
fn key(entry: &Entry) -> Key {
    let id = entry.id.clone().or_else(|| entry.link.clone());
    (id.unwrap_or_default(), entry.updated)
}

/// Whether what was refused is an alert at all.
fn is_alert(refused: &cap::Refused) -> bool {
    !refused
        .faults
        .iter()
        .any(|fault| ["cap.root", "cap.xml"].contains(&fault.code))
}

/// Documents that are kept together.
#[derive(Default)]
struct Batch {
    all: Vec<Arrived>,
    keys: Vec<Key>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.all.len() >= BATCH || self.bytes >= BATCH_BYTES
    }
}

/// What became of the documents of some files.
#[derive(Default)]
struct Received {
    new: usize,
    known: usize,
    refused: usize,
}

/// The command.
pub(crate) fn run(app: &App, trusted: &[Vec<u8>], command: &Command) -> anyhow::Result<()> {
    let Command::Receive { files } = command;
    let mut received = Received::default();
    for file in files {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).with_context(|| name.clone())?;
        for document in received.documents(&name, bytes) {
            received.take(app, cap::arrived(name.clone(), document, trusted))?;
        }
    }
    let Received { new, known, refused } = received;
    cli::say(&format!("{new} new, {known} here already, {refused} refused"));
    if refused > 0 {
        bail!("{refused} of the documents cannot be taken in; the others were");
    }
    Ok(())
}

impl Received {
    /// The documents that a file is, or carries if it is a feed.
    fn documents(&mut self, name: &str, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let Ok(feed) = cap::feed(&bytes) else {
            return vec![bytes];
        };
        if let Some(why) = feed.broken {
            self.refused += 1;
            cli::say(&format!("{name}: {why}"));
        }
        let linked = feed.entries.iter().filter(|entry| entry.documents.is_empty());
        let linked = linked.count();
        if linked > 0 {
            cli::say(&format!("{name}: {linked} entries carry no document; left out"));
        }
        let carried = feed.entries.into_iter().flat_map(|entry| entry.documents);
        carried.map(String::into_bytes).collect()
    }

    fn take(&mut self, app: &App, arrived: Result<Arrived, cap::Refused>) -> anyhow::Result<()> {
        match arrived {
            Ok(arrived) => match alerts::receive(app, &Caller::system(), arrived)? {
                taken if taken.is_known => self.known += 1,
                _ => self.new += 1,
            },
            Err(why) => {
                self.refused += 1;
                for fault in why.faults.iter().filter(|fault| fault.is_refused) {
                    cli::say(&fault.to_string());
                }
            }
        }
        Ok(())
    }
}
