//! Reads feeds of alerts: Atom (RFC 4287), RSS 2.0, and envelopes of EDXL-DE 1.0 (OASIS). One pass, in time linear in its length.
//! What breaks in the middle keeps what came before. It fetches nothing and does not read the alerts themselves.

use super::entries::{ATOM, EDXL_DE, Entry, Opened, is_alert, time};
use super::text;
use super::tree::{character, is_blank, position};
use super::{DEPTH_MAX, ENTRIES_MAX, FEED_BYTES_MAX};
use crate::refusals::{Refusal, cut};
use jiff::Timestamp;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, PrefixDeclaration, ResolveResult};
use quick_xml::reader::NsReader;

/// Which kind of feed it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKind {
    /// Atom.
    Atom,
    /// RSS 2.0.
    Rss,
    /// An envelope that carries alerts.
    EdxlDe,
}

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Which kind.
    pub kind: FeedKind,
    /// What it is called; of an envelope, its distribution's name.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it was last changed; of an envelope, when it was sent.
    pub updated: Option<Timestamp>,
    /// Its entries, in their order.
    pub entries: Vec<Entry>,
    /// Why it could not be read to its end; the entries before that stand.
    pub broken: Option<Refusal>,
}

/// Reads a feed.
///
/// # Errors
/// `cap.feed_too_big`, or `cap.feed_root` or `cap.feed_xml` where it breaks before it shows what it is. What breaks later is told
/// in [`Feed::broken`].
pub fn feed(bytes: &[u8]) -> Result<Feed, Refusal> {
    if bytes.len() > FEED_BYTES_MAX {
        let message = format!(
            "the feed has {} bytes, {FEED_BYTES_MAX} are read; ask its publisher for a shorter one",
            bytes.len()
        );
        return Err(Refusal::new("cap.feed_too_big", message));
    }
    let (text, torn) = text::readable(bytes);
    let mut reading = Reading::new(&text);
    let ended = reading.run();
    let torn = torn.map(|why| broken(why.line, &why.message));
    let why = torn.or(ended.err());
    match (reading.feed, why) {
        (Some(feed), broken) => Ok(Feed { broken, ..feed }),
        (None, Some(why)) => Err(why),
        (None, None) => Err(broken(1, "it is empty")),
    }
}

fn broken(line: u64, why: &str) -> Refusal {
    let message = format!(
        "the feed cannot be read on: {}; tell its publisher",
        cut(why, 200)
    );
    Refusal::new("cap.feed_xml", message).at_line(line)
}

/// An element that is open.
struct Open {
    namespace: String,
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

/// An alert that is being passed over, to be kept whole.
struct Carried {
    from: usize,
    depth: usize,
    /// Declarations around it that it needs to stand alone.
    declared: String,
    /// Where its name ends, to put them.
    name_end: usize,
}

struct Reading<'a> {
    text: &'a str,
    reader: NsReader<&'a [u8]>,
    feed: Option<Feed>,
    open: Vec<Open>,
    entry: Option<(usize, Opened)>,
    carried: Option<Carried>,
    counted: (usize, u64),
}

impl<'a> Reading<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().enable_all_checks(true);
        Self {
            text,
            reader,
            feed: None,
            open: Vec::new(),
            entry: None,
            carried: None,
            counted: (0, 1),
        }
    }

    fn run(&mut self) -> Result<(), Refusal> {
        loop {
            let from = position(self.reader.buffer_position());
            let read = self.reader.read_resolved_event();
            let (namespace, event) = match read {
                Ok((namespace, event)) => (named(&namespace), event),
                Err(error) => {
                    let at = position(self.reader.error_position());
                    return Err(broken(self.line(at), &error.to_string()));
                }
            };
            let to = position(self.reader.buffer_position());
            match event {
                Event::Start(start) => self.begin(namespace, &start, from)?,
                Event::Empty(start) => {
                    self.begin(namespace, &start, from)?;
                    self.end(to);
                }
                Event::End(_) => self.end(to),
                Event::Text(part) => self.add(&part.xml10_content()),
                Event::CData(part) => self.add(&part.xml10_content()),
                Event::GeneralRef(name) => match character(&name) {
                    Some(text) => self.add(&text),
                    None => {
                        return Err(broken(
                            self.line(from),
                            "it names an entity that XML does not know",
                        ));
                    }
                },
                Event::DocType(_) => return Err(broken(self.line(from), "it has a document type")),
                Event::Eof if self.open.is_empty() => return Ok(()),
                Event::Eof => return Err(broken(self.line(self.text.len()), "it ends before its root does")),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
    }

    fn begin(&mut self, namespace: String, start: &BytesStart<'_>, from: usize) -> Result<(), Refusal> {
        let name = start.local_name().as_ref().to_owned();
        if self.open.is_empty() {
            self.root(&namespace, &name, from)?;
        }
        // An alert within may be as deep as an alert can be.
        if self.open.len() >= 2 * DEPTH_MAX {
            let message = "the feed goes deeper than any feed of alerts; tell its publisher";
            return Err(Refusal::new("cap.feed_limit", message).at_line(self.line(from)));
        }
        let depth = self.open.len();
        if self.entry.is_none() && self.is_entry(&namespace, &name) {
            self.count(from)?;
            let line = self.line(from);
            self.entry = Some((depth, Opened::new(line)));
        } else if self.carried.is_none() && self.entry.is_some() && is_alert(&namespace, &name) {
            self.carried = Some(Carried {
                from,
                depth,
                declared: self.declared(start),
                name_end: from + 1 + start.name().as_ref().len(),
            });
        }
        let attributes = match self.carried {
            Some(_) => Vec::new(),
            None => self.attributes(start, from)?,
        };
        self.open.push(Open {
            namespace,
            name,
            attributes,
            text: String::new(),
        });
        Ok(())
    }

    fn root(&mut self, namespace: &str, name: &str, from: usize) -> Result<(), Refusal> {
        if self.feed.is_some() {
            return Err(broken(self.line(from), "it has two roots"));
        }
        let kind = match (namespace, name) {
            (ATOM, "feed") => FeedKind::Atom,
            ("", "rss") => FeedKind::Rss,
            (EDXL_DE, "EDXLDistribution") => FeedKind::EdxlDe,
            _ => {
                let message = format!(
                    "this is \"{}\" of \"{}\", no feed of Atom, RSS 2.0 or EDXL-DE 1.0; check its address",
                    cut(name, 60),
                    cut(namespace, 60)
                );
                return Err(Refusal::new("cap.feed_root", message).at_line(self.line(from)));
            }
        };
        self.feed = Some(Feed {
            kind,
            id: None,
            title: None,
            updated: None,
            entries: Vec::new(),
            broken: None,
        });
        Ok(())
    }

    fn is_entry(&self, namespace: &str, name: &str) -> bool {
        let Some(feed) = &self.feed else { return false };
        let (kind, depth) = (feed.kind, self.open.len());
        match kind {
            FeedKind::Atom => depth == 1 && (namespace, name) == (ATOM, "entry"),
            FeedKind::Rss => depth == 2 && (namespace, name) == ("", "item"),
            FeedKind::EdxlDe => depth == 1 && (namespace, name) == (EDXL_DE, "contentObject"),
        }
    }

    fn count(&mut self, from: usize) -> Result<(), Refusal> {
        let count = self.feed.as_ref().map_or(0, |feed| feed.entries.len());
        if count < ENTRIES_MAX {
            return Ok(());
        }
        let message = format!("the feed has more than {ENTRIES_MAX} entries; tell its publisher");
        Err(Refusal::new("cap.feed_limit", message).at_line(self.line(from)))
    }

    fn attributes(&mut self, start: &BytesStart<'_>, from: usize) -> Result<Vec<(String, String)>, Refusal> {
        let mut kept = Vec::new();
        for attribute in start.attributes() {
            let read = attribute
                .map_err(|error| error.to_string())
                .and_then(|attribute| {
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                    let value = value.map_err(|error| error.to_string())?;
                    Ok((attribute.key.as_ref().to_owned(), value.into_owned()))
                });
            kept.push(read.map_err(|why| broken(self.line(from), &why))?);
        }
        Ok(kept)
    }

    /// The declarations of namespaces around an element that it does not make itself.
    fn declared(&self, start: &BytesStart<'_>) -> String {
        let own: Vec<_> = start
            .attributes()
            .flatten()
            .filter_map(|one| one.key.as_namespace_binding())
            .collect();
        let mut declared = String::new();
        for (prefix, Namespace(uri)) in self.outer_bindings() {
            if own.contains(&prefix) {
                continue;
            }
            let (name, sign) = match prefix {
                PrefixDeclaration::Default => ("", ""),
                PrefixDeclaration::Named(name) => (name, ":"),
            };
            for part in [" xmlns", sign, name, "=\""] {
                declared.push_str(part);
            }
            super::print::escape(uri, &mut declared);
            declared.push('"');
        }
        declared
    }

    fn outer_bindings(&self) -> impl Iterator<Item = (PrefixDeclaration<'_>, Namespace<'_>)> {
        self.reader.resolver().bindings()
    }

    fn add(&mut self, text: &str) {
        if self.carried.is_none()
            && let Some(inner) = self.open.last_mut()
        {
            inner.text.push_str(text);
        }
    }

    fn end(&mut self, to: usize) {
        let Some(done) = self.open.pop() else { return };
        let depth = self.open.len();
        if let Some(carried) = self.carried.take_if(|carried| carried.depth == depth) {
            self.keep(&carried, to);
            return;
        }
        if self.carried.is_some() {
            return;
        }
        match self.entry.take() {
            Some((own, opened)) if own == depth => {
                let envelope = self.feed.as_mut();
                if let Some(feed) = envelope {
                    feed.entries.push(opened.close());
                }
            }
            Some((own, mut opened)) => {
                opened.take(&done.namespace, &done.name, &done.attributes, &done.text);
                self.entry = Some((own, opened));
            }
            None => self.of_feed(&done, depth),
        }
    }

    /// The alert's own source, made to stand alone.
    fn keep(&mut self, carried: &Carried, to: usize) {
        let head = self.text.get(carried.from..carried.name_end).unwrap_or_default();
        let rest = self.text.get(carried.name_end..to).unwrap_or_default();
        if let Some((_, opened)) = &mut self.entry {
            opened
                .entry
                .documents
                .push([head, &carried.declared, rest].concat());
        }
    }

    fn of_feed(&mut self, done: &Open, depth: usize) {
        let Some(feed) = &mut self.feed else { return };
        let level = match feed.kind {
            FeedKind::Rss => 2,
            FeedKind::Atom | FeedKind::EdxlDe => 1,
        };
        if depth != level {
            return;
        }
        let text = done.text.trim_matches(is_blank);
        match (done.namespace.as_str(), done.name.as_str()) {
            (ATOM, "id") | (EDXL_DE, "distributionID") => feed.id = Some(text.to_owned()),
            (ATOM | "", "title") => feed.title = Some(text.to_owned()),
            (ATOM, "updated") | ("", "lastBuildDate" | "pubDate") | (EDXL_DE, "dateTimeSent") => {
                feed.updated = time(text).or(feed.updated);
            }
            _ => {}
        }
    }

    fn line(&mut self, at: usize) -> u64 {
        let (from, line) = self.counted;
        let between = self.text.as_bytes().get(from..at).unwrap_or_default();
        let more = memchr::memchr_iter(b'\n', between).count();
        self.counted = (at.max(from), line + u64::try_from(more).unwrap_or(0));
        self.counted.1
    }
}

/// The namespace; a prefix that nobody declares has none.
fn named(namespace: &ResolveResult<'_>) -> String {
    match namespace {
        ResolveResult::Bound(Namespace(uri)) => (*uri).to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => format!("undeclared:{prefix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::super::tests::DOCUMENT;
    use super::*;
    use proptest::prelude::*;

    fn alert() -> &'static str {
        DOCUMENT.split_once("?>\n").unwrap().1
    }

    fn atom(entries: &str) -> String {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:c='urn:oasis:names:tc:emergency:cap:1.2'>\n<id>f</id><title>t</title><updated>2026-07-23T10:15:00Z</updated>{entries}</feed>"
        )
    }

    #[test]
    fn the_link_is_the_one_of_cap_or_the_only_one() {
        for (links, chosen) in [
            ("<link href='a'/>", Some("a")),
            ("<link rel='self' href='s'/><link href='a'/>", Some("a")),
            (
                "<link href='a'/><link type='application/cap+xml; charset=utf-8' href='b&amp;c'/>",
                Some("b&c"),
            ),
            ("<link href='a'/><link href='b' type='text/html'/>", None),
            ("<link/>", None),
        ] {
            let found =
                feed(atom(&format!("<entry><id>1</id><title>x</title>{links}</entry>")).as_bytes()).unwrap();
            assert_eq!(found.entries[0].link.as_deref(), chosen, "{links}");
            assert_eq!(
                (found.kind, found.id.as_deref(), found.broken),
                (FeedKind::Atom, Some("f"), None)
            );
        }
    }

    #[test]
    fn rss_gives_items_with_their_times() {
        let text = "<rss version='2.0'><channel><title>r</title><link>home</link><item><title>one</title>\
            <link>https://e.org/1.cap</link><guid>g1</guid><pubDate>Thu, 23 Jul 2026 10:15:00 +0800</pubDate></item>\
            <item><enclosure url='x' type='application/cap+xml'/><link>y</link></item></channel></rss>";
        let found = feed(text.as_bytes()).unwrap();
        let [one, two] = found.entries.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((found.kind, found.title.as_deref()), (FeedKind::Rss, Some("r")));
        assert_eq!(
            (one.id.as_deref(), one.link.as_deref()),
            (Some("g1"), Some("https://e.org/1.cap"))
        );
        assert_eq!(one.updated, Some("2026-07-23T02:15:00Z".parse().unwrap()));
        assert_eq!((two.link.as_deref(), two.updated), (Some("x"), None));
    }

    #[test]
    fn an_alert_within_is_kept_whole_and_reads_by_itself() {
        let prefixed = alert()
            .replace("</", "\u{1}")
            .replace('<', "<c:")
            .replace('\u{1}', "</c:");
        let prefixed = prefixed.replace(" xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"", "");
        let envelope = format!(
            "<EDXLDistribution xmlns='{EDXL_DE}'><distributionID>d</distributionID><dateTimeSent>2026-07-23T10:15:00+08:00</dateTimeSent>\n\
            <contentObject><contentDescription>one</contentDescription><xmlContent><embeddedXMLContent>{}</embeddedXMLContent></xmlContent></contentObject></EDXLDistribution>",
            alert()
        );
        let inline = atom(&format!(
            "<entry><content type='text/xml'>{prefixed}</content></entry>"
        ));
        for text in [envelope, inline] {
            let found = feed(text.as_bytes()).unwrap();
            assert_eq!((found.broken, found.entries[0].line), (None, 2));
            let document = &found.entries[0].documents[0];
            let inside = read(document.as_bytes()).unwrap();
            assert_eq!(
                inside.message,
                read(DOCUMENT.as_bytes()).unwrap().message,
                "{document}"
            );
        }
    }

    #[test]
    fn what_breaks_in_the_middle_keeps_what_came_before() {
        let good = "<entry><id>1</id><link href='a'/></entry>\n".repeat(3);
        for torn in [
            "<entry><id>2</entry>",
            "<entry><id>&x;",
            "<entry>",
            "<!DOCTYPE a>",
            "\u{1}",
        ] {
            let found = feed(atom(&format!("{good}{torn}")).as_bytes()).unwrap();
            let why = found.broken.unwrap();
            assert_eq!(
                (found.entries.len(), why.code, why.line),
                (3, "cap.feed_xml", Some(5)),
                "{torn}: {why}"
            );
        }
        let mut bytes = atom(&good).into_bytes();
        let at = bytes.len() - "</feed>".len();
        bytes.splice(at..at, [0xff]);
        let found = feed(&bytes).unwrap();
        assert_eq!(
            (found.entries.len(), found.broken.map(|why| why.line)),
            (3, Some(Some(5)))
        );
    }

    #[test]
    fn what_is_no_feed_or_too_long_is_refused() {
        let code = |bytes: &[u8]| feed(bytes).unwrap_err().code;
        assert_eq!(code(DOCUMENT.as_bytes()), "cap.feed_root");
        assert_eq!((code(b""), code(b"plain")), ("cap.feed_xml", "cap.feed_xml"));
        assert_eq!(code(&vec![b' '; FEED_BYTES_MAX + 1]), "cap.feed_too_big");
        let many = feed(atom(&"<entry/>".repeat(ENTRIES_MAX + 1)).as_bytes()).unwrap();
        assert_eq!(
            (many.entries.len(), many.broken.unwrap().code),
            (ENTRIES_MAX, "cap.feed_limit")
        );
        let deep = feed(atom(&"<a>".repeat(100)).as_bytes()).unwrap();
        assert_eq!(deep.broken.unwrap().code, "cap.feed_limit");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "[<>/a:=&; x'\"!?-]{0,60}", bytes: Vec<u8>) {
            let _ = feed(&bytes);
            let _ = feed(atom(&text).as_bytes());
            let _ = feed(atom(&format!("<entry>{text}</entry>")).as_bytes());
        }
    }
}
