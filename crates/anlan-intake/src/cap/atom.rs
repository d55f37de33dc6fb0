//! Prints a feed of messages (Atom, RFC 4287), each with a link to its CAP document. It decides neither what is in the feed nor where
//! its documents are.

use super::entries::{ATOM, CAP_TYPE};
use super::print::{escape, time};
use anlan_model::alerts::Message;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A feed to be printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<'a> {
    /// Its name, an address that stays the same.
    pub id: &'a str,
    /// Where it is itself.
    pub link: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who publishes it.
    pub author: &'a str,
    /// When it last changed.
    pub updated: Timestamp,
    /// The messages, in the order in which they are to stand.
    pub messages: Vec<Listed<'a>>,
}

/// A message of a feed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Listed<'a> {
    /// The message.
    pub message: &'a Message,
    /// Where its CAP document is. It is the entry's name as well, so it must not change.
    pub link: &'a str,
}

/// The feed as a document, its times at the offsets of a zone. Titles are in the language that begins so, where a message has it.
pub fn atom(listing: &Listing<'_>, language: &str, zone: &TimeZone) -> String {
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"{ATOM}\">\n");
    put(&mut out, 1, "id", listing.id);
    put(&mut out, 1, "title", listing.title);
    put(&mut out, 1, "updated", &time(listing.updated, zone));
    author(&mut out, 1, listing.author);
    link(&mut out, 1, "self", "application/atom+xml", listing.link);
    for listed in &listing.messages {
        entry(&mut out, listed, language, zone);
    }
    out.push_str("</feed>\n");
    out
}

fn entry(out: &mut String, listed: &Listed<'_>, language: &str, zone: &TimeZone) {
    let message = listed.message;
    let info = message.info(language);
    let headline = info.map(|info| info.headline.as_deref().unwrap_or(&info.event));
    let sender = info.and_then(|info| info.sender_name.as_deref());
    out.push_str("  <entry>\n");
    put(out, 2, "id", listed.link);
    put(out, 2, "title", headline.unwrap_or(&message.name.identifier));
    put(out, 2, "updated", &time(message.name.sent, zone));
    author(out, 2, sender.unwrap_or(&message.name.sender));
    link(out, 2, "alternate", CAP_TYPE, listed.link);
    if let Some(description) = info.and_then(|info| info.description.as_deref()) {
        put(out, 2, "summary", description);
    }
    out.push_str("  </entry>\n");
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn put(out: &mut String, depth: usize, name: &str, text: &str) {
    indent(out, depth);
    for part in ["<", name, ">"] {
        out.push_str(part);
    }
    escape(text, out);
    for part in ["</", name, ">\n"] {
        out.push_str(part);
    }
}

fn author(out: &mut String, depth: usize, name: &str) {
    indent(out, depth);
    out.push_str("<author><name>");
    escape(name, out);
    out.push_str("</name></author>\n");
}

fn link(out: &mut String, depth: usize, relation: &str, media_type: &str, address: &str) {
    indent(out, depth);
    for part in ["<link rel=\"", relation, "\" type=\"", media_type, "\" href=\""] {
        out.push_str(part);
    }
    escape(address, out);
    out.push_str("\"/>\n");
}

#[cfg(test)]
mod tests {
    use super::super::tests::{self as made, DOCUMENT};
    use super::super::{feed, read};
    use super::*;

    #[test]
    fn a_feed_reads_back_and_is_valid_by_the_schema_of_atom() {
        let mut message = read(DOCUMENT.as_bytes()).unwrap().message;
        message.infos[0].headline = Some("a <b> & \"c\"".into());
        let bare = Message {
            infos: vec![],
            ..message.clone()
        };
        let listed = |message, link| Listed { message, link };
        let listing = Listing {
            id: "https://example.org/feed",
            link: "https://example.org/feed?a=1&b=2",
            title: "警报",
            author: "示例市",
            updated: message.name.sent,
            messages: vec![
                listed(&message, "https://example.org/1"),
                listed(&bare, "https://example.org/2"),
            ],
        };
        let printed = atom(&listing, "zh", &TimeZone::UTC);
        let back = feed(printed.as_bytes()).unwrap();
        let [one, two] = back.entries.as_slice() else {
            panic!("{printed}")
        };
        assert_eq!(
            (one.title.as_deref(), one.link.as_deref()),
            (Some("a <b> & \"c\""), Some("https://example.org/1"))
        );
        assert_eq!(
            (two.title.as_deref(), two.updated),
            (Some("a-1"), Some(message.name.sent))
        );
        assert_eq!((back.updated, back.broken), (Some(message.name.sent), None));
        let Some(schema) = made::schema("feed/atom_rfc4287.rng") else {
            return;
        };
        // The schema is in the compact form, which xmllint does not read.
        let path = std::env::temp_dir().join(format!("anlan-atom-{}.xml", std::process::id()));
        std::fs::write(&path, &printed).unwrap();
        let judged = made::run("jing", &["-c", &schema, &path.display().to_string()], b"");
        if let Some(judged) = judged {
            assert!(
                judged.status.success(),
                "{}",
                String::from_utf8_lossy(&judged.stdout)
            );
        }
    }
}
