//! One entry of a feed, as it is put together from its elements. Which link leads to the alert is decided here; nothing is fetched.

use super::Version;
use super::tree::is_blank;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// The media type of CAP (its section 3.3.1.3 leaves it open; feeds have it so).
pub(super) const CAP_TYPE: &str = "application/cap+xml";
pub(super) const ATOM: &str = "http://www.w3.org/2005/Atom";
pub(super) const EDXL_DE: &str = "urn:oasis:names:tc:emergency:EDXL:DE:1.0";

/// An entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The line where it begins, from 1.
    pub line: u64,
    /// What the feed calls it; of an envelope, its own name.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it was last changed, if that can be read.
    pub updated: Option<Timestamp>,
    /// Where its CAP document is: the link of that media type, or the only link.
    pub link: Option<String>,
    /// The CAP documents that it carries, each whole, to be read or verified by itself.
    pub documents: Vec<String>,
}

/// A link of an entry.
#[derive(Debug)]
struct Link {
    address: String,
    media_type: Option<String>,
}

/// An entry that is being read.
#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) entry: Entry,
    links: Vec<Link>,
}

impl Opened {
    pub(super) fn new(line: u64) -> Self {
        let entry = Entry {
            line,
            ..Entry::default()
        };
        Self {
            entry,
            links: Vec::new(),
        }
    }

    /// Takes what an element of it says: its namespace and name, its attributes, its text.
    pub(super) fn take(&mut self, namespace: &str, name: &str, attributes: &[(String, String)], text: &str) {
        let text = text.trim_matches(is_blank);
        let filled = || (!text.is_empty()).then(|| text.to_owned());
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(own, _)| own == name);
            found.map(|(_, value)| value.trim_matches(is_blank).to_owned())
        };
        let entry = &mut self.entry;
        match (namespace, name) {
            (ATOM, "id") | ("", "guid") => entry.id = entry.id.take().or_else(filled),
            (ATOM | "", "title") | (EDXL_DE, "contentDescription") => {
                entry.title = entry.title.take().or_else(filled);
            }
            (ATOM, "updated") | ("", "pubDate") => entry.updated = entry.updated.or_else(|| time(text)),
            (ATOM, "link") => {
                let is_own = matches!(
                    attribute("rel").as_deref(),
                    Some("self" | "edit" | "replies" | "via")
                );
                self.add(attribute("href").filter(|_| !is_own), attribute("type"));
            }
            ("", "link") | (EDXL_DE, "uri") => self.add(filled(), None),
            (EDXL_DE, "mimeType") => {
                if let Some(last) = self.links.last_mut() {
                    last.media_type = filled();
                }
            }
            ("", "enclosure") => self.add(attribute("url"), attribute("type")),
            _ => {}
        }
    }

    fn add(&mut self, address: Option<String>, media_type: Option<String>) {
        if let Some(address) = address.filter(|address| !address.is_empty()) {
            self.links.push(Link { address, media_type });
        }
    }

    /// The entry, with its link chosen.
    pub(super) fn close(mut self) -> Entry {
        let is_cap = |link: &&Link| {
            let bare = link.media_type.as_deref().and_then(|own| own.split(';').next());
            bare.is_some_and(|own| own.trim().eq_ignore_ascii_case(CAP_TYPE))
        };
        let chosen = match (self.links.iter().find(is_cap), self.links.as_slice()) {
            (Some(cap), _) => Some(cap),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        self.entry.link = chosen.map(|link| link.address.clone());
        self.entry
    }
}

/// A time of Atom (RFC 3339) or of RSS (RFC 2822).
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let of_rss = || rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(of_rss)
}

/// Whether the element is an alert of some version.
pub(super) fn is_alert(namespace: &str, name: &str) -> bool {
    name == "alert" && Version::of_namespace(namespace).is_some()
}
