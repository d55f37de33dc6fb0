//! Reads a document of another server, whichever of the two formats it is in: the same document gives the same values. What is
//! read is hostile: no document type is taken, no entity but XML's own, nothing deeper than the protocol goes.

use super::print::Format;
use crate::refusals::Refusal;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Elements whose children are items of one list, as the protocol names them.
const LISTS: [&str; 9] = [
    "services",
    "service_requests",
    "service_request_updates",
    "request_updates",
    "errors",
    "attributes",
    "values",
    "endpoints",
    "formats",
];
/// The protocol itself goes six deep.
const DEPTH_MAX: usize = 16;

/// A value of a document. What is empty is nothing, in both formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Empty, or absent.
    Nothing,
    /// A text; also what JSON has as a number or a truth value.
    Text(String),
    /// Items of a list.
    List(Vec<Value>),
    /// Named values, in order.
    Record(Vec<(String, Value)>),
}

static NOTHING: Value = Value::Nothing;

impl Value {
    /// The value of that name; nothing if there is none.
    pub fn field(&self, name: &str) -> &Self {
        let Self::Record(fields) = self else {
            return &NOTHING;
        };
        let found = fields.iter().find(|(own, _)| own == name);
        found.map_or(&NOTHING, |(_, value)| value)
    }

    /// The text of that name.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.field(name) {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its items, if it is a list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

/// Reads a whole document.
pub fn read(bytes: &[u8], format: Format) -> Result<Value, Refusal> {
    match format {
        Format::Json => {
            let found: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| {
                let line = u64::try_from(error.line()).unwrap_or_default();
                Refusal::new("open311.json", format!("this is no JSON: {error}")).at_line(line)
            })?;
            Ok(of_json(found))
        }
        Format::Xml => of_xml(bytes),
    }
}

fn of_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Nothing,
        serde_json::Value::String(text) => of_text(&text),
        serde_json::Value::Bool(flag) => Value::Text(flag.to_string()),
        serde_json::Value::Number(number) => Value::Text(number.to_string()),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, of_json(value)));
            Value::Record(fields.collect())
        }
    }
}

fn of_text(text: &str) -> Value {
    match text.trim() {
        "" => Value::Nothing,
        text => Value::Text(text.to_owned()),
    }
}

/// An element that is being read.
struct Open {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Open {
    fn close(self) -> (String, Value) {
        let is_list = LISTS.contains(&self.name.as_str());
        let value = match self.children {
            children if is_list => Value::List(children.into_iter().map(|(_, value)| value).collect()),
            children if children.is_empty() => of_text(&self.text),
            children => Value::Record(children),
        };
        (self.name, value)
    }
}

fn of_xml(bytes: &[u8]) -> Result<Value, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refusal(
            bytes,
            error.valid_up_to(),
            "it is not UTF-8, which the protocol demands",
        )
    })?;
    let mut reader = Reader::from_str(text);
    let (mut open, mut root): (Vec<Open>, Option<Value>) = (Vec::new(), None);
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = event.map_err(|error| refusal(bytes, at, &error.to_string()))?;
        match event {
            Event::Start(start) => {
                if open.len() >= DEPTH_MAX || root.is_some() {
                    return Err(refusal(
                        bytes,
                        at,
                        "it is deeper than the protocol goes, or has two roots",
                    ));
                }
                open.push(begun(start.local_name().as_ref()));
            }
            Event::Empty(start) => settle(begun(start.local_name().as_ref()), &mut open, &mut root),
            Event::End(_) => {
                if let Some(done) = open.pop() {
                    settle(done, &mut open, &mut root);
                }
            }
            Event::Text(part) => add(&mut open, &part.into_inner()),
            Event::CData(part) => add(&mut open, &part.into_inner()),
            Event::GeneralRef(name) => match character(&name) {
                Some(text) => add(&mut open, &text),
                None => {
                    return Err(refusal(
                        bytes,
                        at,
                        "it names an entity that XML does not know by itself",
                    ));
                }
            },
            Event::DocType(_) => {
                return Err(refusal(bytes, at, "it has a document type, which is not taken"));
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
    match (root, open.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err(refusal(bytes, bytes.len(), "it ends before its root does")),
    }
}

fn begun(name: &str) -> Open {
    Open {
        name: name.to_owned(),
        text: String::new(),
        children: Vec::new(),
    }
}

fn settle(done: Open, open: &mut [Open], root: &mut Option<Value>) {
    let (name, value) = done.close();
    match open.last_mut() {
        Some(parent) => parent.children.push((name, value)),
        None => *root = Some(value),
    }
}

fn add(open: &mut [Open], text: &str) {
    if let Some(inner) = open.last_mut() {
        inner.text.push_str(text);
    }
}

fn character(name: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return Some(c.to_string());
    }
    let name = name.borrow().into_inner();
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned)
}

fn refusal(bytes: &[u8], at: usize, why: &str) -> Refusal {
    let before = bytes.get(..at.min(bytes.len())).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let line = u64::try_from(line).unwrap_or(u64::MAX);
    Refusal::new("open311.xml", format!("this is no XML to be read: {why}")).at_line(line)
}

#[cfg(test)]
mod tests {
    use super::super::{Request, Service, requests, services};
    use super::*;
    use proptest::prelude::*;

    fn xml(text: &str) -> Result<Value, String> {
        read(text.as_bytes(), Format::Xml).map_err(|refusal| refusal.message)
    }

    #[test]
    fn the_same_document_reads_the_same_in_both_formats() {
        let request = Request {
            id: "AL26-000001".into(),
            is_open: true,
            status_notes: Some("a <b> & c".into()),
            service_name: "路灯".into(),
            service_code: "001".into(),
            agency: None,
            requested: "2026-11-23T10:00:00+08:00".into(),
            updated: "2026-11-23T10:00:00+08:00".into(),
            expected: None,
            lat_long: Some([27.9, 113.2]),
        };
        let service = Service {
            code: "001".into(),
            name: "lamp".into(),
            group: String::new(),
        };
        for document in [
            requests(&[request.clone(), request]),
            services(&[service]),
            services(&[]),
        ] {
            let both =
                [Format::Xml, Format::Json].map(|format| read(&document.print(format).unwrap(), format));
            let [xml, json] = both.map(Result::unwrap);
            assert_eq!(xml, json);
        }
    }

    #[test]
    fn what_is_hostile_or_broken_is_refused_with_its_line() {
        let deep = "<a>".repeat(40);
        for (text, said) in [
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "document type"),
            ("<a>&x;</a>", "entity"),
            (deep.as_str(), "deeper"),
            ("<a/><b></b>", "two roots"),
            ("<a>\n<b></a>", "no XML"),
            ("<a>", "ends before"),
            ("", "ends before"),
            ("plain", "ends before"),
        ] {
            let told = xml(text).unwrap_err();
            assert!(told.contains(said), "{text}: {told}");
        }
        let torn = read(b"<a>\n\xff</a>", Format::Xml).unwrap_err();
        assert_eq!(torn.line, Some(2));
        assert_eq!(read(b"[1,\n", Format::Json).unwrap_err().code, "open311.json");
    }

    #[test]
    fn blanks_prefixes_and_cdata_do_not_matter() {
        let read = xml("<x:services xmlns:x='u'> <service>\n<service_code> 001 </service_code><note/><d><![CDATA[a<b]]>&#33;</d></service></x:services>").unwrap();
        let [service] = read.items() else {
            panic!("{read:?}")
        };
        assert_eq!(service.text("service_code"), Some("001"));
        assert_eq!(service.text("d"), Some("a<b!"));
        assert_eq!(
            (service.field("note"), service.text("none")),
            (&Value::Nothing, None)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>, text in "[<>/a&; \"!\\[\\]-]{0,60}") {
            for format in [Format::Xml, Format::Json] {
                let _ = read(&bytes, format);
                let _ = read(text.as_bytes(), format);
            }
        }
    }
}
