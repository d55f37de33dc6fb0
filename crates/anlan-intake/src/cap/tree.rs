//! A document as a tree of elements, each with its line. What is read is hostile: no document type, no entity but XML's own, no
//! more depth or elements than the limits. It knows no names of the protocol.

use super::faults::Fault;
use super::text::{self, Unreadable, is_char};
use super::{BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX};
use crate::refusals::cut;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, QName, ResolveResult};
use quick_xml::reader::NsReader;

/// Says where schemas are, in attributes that every document may have.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element.
#[derive(Debug)]
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: String,
    /// Its namespace; empty for none.
    pub(super) namespace: String,
    /// The line where it begins.
    pub(super) line: u64,
    /// Its own text, put together.
    pub(super) text: String,
    /// Its attributes but those that declare namespaces or tell where a schema is; names without a prefix.
    pub(super) attributes: Vec<(String, String)>,
    /// Its elements.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Its text without the blanks around it.
    pub(super) fn trimmed(&self) -> &str {
        self.text.trim_matches(is_blank)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.children.is_empty() && self.trimmed().is_empty()
    }
}

/// What XML takes for a blank.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Reads a whole document.
pub(super) fn read(bytes: &[u8]) -> Result<Element, Fault> {
    if bytes.len() > BYTES_MAX {
        let message = format!(
            "the document has {} bytes, {BYTES_MAX} are read; shorten it",
            bytes.len()
        );
        return Err(fault("cap.too_big", 1, message));
    }
    let text = text::decode(bytes).map_err(of_document)?;
    Building::new(&text).run()
}

fn fault(code: &'static str, line: u64, message: String) -> Fault {
    Fault {
        code,
        line,
        path: String::new(),
        message,
        is_refused: true,
    }
}

fn xml(line: u64, why: &str) -> Fault {
    let why = cut(why, 200);
    fault("cap.xml", line, format!("this is no XML to be read: {why}"))
}

fn entity(line: u64) -> Fault {
    let message = "an entity is named that XML does not know by itself; write the characters";
    fault("cap.xml", line, message.to_owned())
}

fn undeclared(prefix: &str, line: u64) -> Fault {
    xml(line, &format!("the prefix {prefix} is not declared"))
}

/// The namespace, or the prefix that has none.
fn named(namespace: ResolveResult<'_>) -> Result<String, String> {
    match namespace {
        ResolveResult::Bound(Namespace(uri)) => Ok(uri.to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(prefix),
    }
}

pub(super) fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

pub(super) fn character(name: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return is_char(c).then(|| c.to_string());
    }
    let name = name.borrow().into_inner();
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned)
}

fn of_document(unreadable: Unreadable) -> Fault {
    fault(unreadable.code, unreadable.line, unreadable.message)
}

struct Building<'a> {
    text: &'a str,
    reader: NsReader<&'a [u8]>,
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
    /// A place and its line, to count on from.
    counted: (usize, u64),
}

impl<'a> Building<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().enable_all_checks(true);
        Self {
            text,
            reader,
            open: Vec::new(),
            root: None,
            count: 0,
            counted: (0, 1),
        }
    }

    fn run(mut self) -> Result<Element, Fault> {
        loop {
            let from = position(self.reader.buffer_position());
            let read = self.reader.read_resolved_event();
            let (namespace, event) = match read {
                Ok((namespace, event)) => (named(namespace), event),
                Err(error) => {
                    let at = position(self.reader.error_position());
                    return Err(self.broken(at, &error.to_string()));
                }
            };
            let line = self.line(from);
            match event {
                Event::Start(start) => self.begin(namespace, &start, line)?,
                Event::Empty(start) => {
                    self.begin(namespace, &start, line)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(part) => self.add(&part.xml10_content(), line)?,
                Event::CData(part) => self.add(&part.xml10_content(), line)?,
                Event::GeneralRef(name) => match character(&name) {
                    Some(text) => self.add(&text, line)?,
                    None => return Err(entity(line)),
                },
                Event::DocType(_) => {
                    let message = "the document has a document type, which is not taken; send it without";
                    return Err(fault("cap.doctype", line, message.to_owned()));
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
        let end = self.text.len();
        match (self.root.take(), self.open.is_empty()) {
            (Some(root), true) => Ok(root),
            _ => Err(self.broken(end, "it ends before its root does")),
        }
    }

    fn begin(
        &mut self,
        namespace: Result<String, String>,
        start: &BytesStart<'_>,
        line: u64,
    ) -> Result<(), Fault> {
        let namespace = namespace.map_err(|prefix| undeclared(&prefix, line))?;
        self.count += 1;
        if self.root.is_some() {
            return Err(xml(line, "it has two roots"));
        }
        if self.open.len() >= DEPTH_MAX || self.count > ELEMENTS_MAX {
            let message = format!(
                "there are more than {ELEMENTS_MAX} elements, or they go deeper than {DEPTH_MAX}; shorten the document"
            );
            return Err(fault("cap.limit", line, message));
        }
        let attributes = self.attributes(start, line)?;
        self.open.push(Element {
            name: start.local_name().as_ref().to_owned(),
            namespace,
            line,
            text: String::new(),
            attributes,
            children: Vec::new(),
        });
        Ok(())
    }

    fn attributes(&self, start: &BytesStart<'_>, line: u64) -> Result<Vec<(String, String)>, Fault> {
        let mut kept = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| xml(line, &error.to_string()))?;
            let key: QName<'_> = attribute.key;
            if attribute.value.contains('<') {
                return Err(xml(line, "there is a < in an attribute"));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_unknown| entity(line))?;
            if key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, name) = self.reader.resolver().resolve_attribute(key);
            match namespace {
                ResolveResult::Bound(Namespace(uri)) if uri == SCHEMA_INSTANCE => {}
                ResolveResult::Unknown(prefix) => return Err(undeclared(&prefix, line)),
                ResolveResult::Bound(_) | ResolveResult::Unbound => {
                    kept.push((name.as_ref().to_owned(), value.into_owned()));
                }
            }
        }
        Ok(kept)
    }

    fn end(&mut self) {
        let Some(done) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
    }

    fn add(&mut self, text: &str, line: u64) -> Result<(), Fault> {
        match self.open.last_mut() {
            Some(inner) => inner.text.push_str(text),
            None if text.chars().all(is_blank) => {}
            None => {
                let at = text.find(|c| !is_blank(c)).unwrap_or(0);
                let line = line + text::line_at(text.as_bytes(), at) - 1;
                return Err(xml(line, "there is text outside its root"));
            }
        }
        Ok(())
    }

    /// The line of a place at or behind the last one asked for.
    fn line(&mut self, at: usize) -> u64 {
        let (from, line) = self.counted;
        let between = self.text.as_bytes().get(from..at).unwrap_or_default();
        let more = memchr::memchr_iter(b'\n', between).count();
        self.counted = (at.max(from), line + u64::try_from(more).unwrap_or(0));
        self.counted.1
    }

    fn broken(&self, at: usize, why: &str) -> Fault {
        xml(text::line_at(self.text.as_bytes(), at), why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_keep_their_line_namespace_and_text() {
        let root = read(b"<?xml version='1.0'?>\n<!-- c -->\n<a xmlns='u' xmlns:v='w'>\n <v:b x='1'>one<![CDATA[ & ]]>&#x4e00;\r\n</v:b>\n<c/></a>\n").unwrap();
        assert_eq!(
            (root.name.as_str(), root.namespace.as_str(), root.line),
            ("a", "u", 3)
        );
        let [b, c] = root.children.as_slice() else {
            panic!("{root:?}")
        };
        assert_eq!(
            (b.namespace.as_str(), b.line, b.text.as_str()),
            ("w", 4, "one & \u{4e00}\n")
        );
        assert_eq!((b.attribute("x"), c.line, c.is_empty()), (Some("1"), 6, true));
    }

    #[test]
    fn what_is_hostile_or_broken_is_refused_with_its_line() {
        let deep = "<a>".repeat(40);
        let wide = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS_MAX));
        for (text, code, line) in [
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "cap.doctype", 1),
            ("<a>\n&x;</a>", "cap.xml", 2),
            ("<a>\n<b c='&x;'/></a>", "cap.xml", 2),
            ("<a>&#1;</a>", "cap.xml", 1),
            ("<a>\n<v:b/></a>", "cap.xml", 2),
            ("<a v:b='1'/>", "cap.xml", 1),
            ("<a b='1' b='2'/>", "cap.xml", 1),
            (deep.as_str(), "cap.limit", 1),
            (wide.as_str(), "cap.limit", 1),
            ("<a/><b></b>", "cap.xml", 1),
            ("<a/>\nb", "cap.xml", 2),
            ("<a>\n<b></a>", "cap.xml", 2),
            ("<a>\n", "cap.xml", 2),
            ("", "cap.xml", 1),
            ("plain", "cap.xml", 1),
        ] {
            let told = read(text.as_bytes()).unwrap_err();
            assert_eq!((told.code, told.line), (code, line), "{text:.60}: {told}");
            assert!(told.is_refused);
        }
        let big = vec![b' '; BYTES_MAX + 1];
        assert_eq!(read(&big).unwrap_err().code, "cap.too_big");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>, text in "[<>/a:=&; x'\"!?\\[\\]#1-]{0,80}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }
    }
}
