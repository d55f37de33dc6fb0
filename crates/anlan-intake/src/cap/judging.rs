//! Walks a document's elements against the protocol's shapes and tells every fault at its place. What the elements mean is left to
//! `message`.

use super::Version;
use super::faults::{Fault, Faults};
use super::shapes::Part;
use super::tree::{Element, is_blank};
use super::values;
use crate::refusals::cut;
use anlan_model::alerts::Word;
use jiff::Timestamp;

/// The namespace of XML signatures.
pub(super) const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The longest value that a fault quotes, in characters.
const QUOTED_CHARS_MAX: usize = 60;

/// An element and where it stands.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) element: &'a Element,
    pub(super) path: String,
}

impl Place<'_> {
    fn name(&self) -> &str {
        &self.element.name
    }
}

/// The elements of one, as far as the protocol knows them.
#[derive(Debug)]
pub(super) struct Parts<'a>(Vec<Place<'a>>);

impl<'a> Parts<'a> {
    /// The first of that name.
    pub(super) fn one(&self, name: &str) -> Option<&Place<'a>> {
        self.0.iter().find(|place| place.name() == name)
    }

    /// All of that name.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &Place<'a>> {
        self.0.iter().filter(move |place| place.name() == name)
    }
}

/// Who judges one document.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) version: Version,
    pub(super) faults: Faults,
    /// Areas met so far.
    pub(super) areas: usize,
    /// Points met so far.
    pub(super) points: usize,
}

impl Judge {
    /// Tells a reason to refuse.
    pub(super) fn refuse(&mut self, code: &'static str, place: &Place<'_>, message: String) {
        self.tell(code, place.element.line, place.path.clone(), message, true);
    }

    /// Tells what is kept all the same.
    pub(super) fn warn(&mut self, code: &'static str, place: &Place<'_>, message: String) {
        self.tell(code, place.element.line, place.path.clone(), message, false);
    }

    pub(super) fn tell(
        &mut self,
        code: &'static str,
        line: u64,
        path: String,
        message: String,
        is_refused: bool,
    ) {
        self.faults.push(Fault {
            code,
            line,
            path,
            message,
            is_refused,
        });
    }

    /// The elements within one, against its shape.
    pub(super) fn parts<'a>(&mut self, place: &Place<'a>, shape: &[Part]) -> Parts<'a> {
        self.plain(place);
        if place.element.text.contains(|c| !is_blank(c)) {
            self.refuse(
                "cap.text",
                place,
                format!(
                    "there is text between the elements: {}; remove it",
                    quoted(place.element.trimmed())
                ),
            );
        }
        let mut seen = vec![false; shape.len()];
        let mut last = 0;
        let mut parts = Vec::new();
        let own = self.version.namespace();
        let is_own = |child: &Element| child.namespace == own;
        let end = place
            .element
            .children
            .iter()
            .rposition(is_own)
            .map_or(0, |at| at + 1);
        for (nth, child) in children(place).into_iter().enumerate() {
            if child.element.namespace != own {
                self.foreign(&child, place.path == "alert" && nth >= end);
                continue;
            }
            let Some(at) = self.known(&child, place, shape) else {
                continue;
            };
            let is_again = seen.get(at).copied().unwrap_or_default();
            let part = shape.get(at);
            if is_again && part.is_some_and(|part| !part.is_many) {
                let message = "it may stand here only once; remove the others".to_owned();
                self.refuse("cap.repeated", &child, message);
            } else if at < last {
                let before = shape.get(last).map_or("", |part| part.name);
                let message = format!("it must stand before {before}; put it there");
                self.refuse("cap.order", &child, message);
            }
            if let Some(flag) = seen.get_mut(at) {
                *flag = true;
            }
            last = last.max(at);
            parts.push(child);
        }
        for (part, seen) in shape.iter().zip(seen) {
            if part.is_must(self.version) && !seen {
                let path = format!("{}/{}", place.path, part.name);
                let message = format!("{} is missing; add it", part.name);
                self.tell("cap.missing", place.element.line, path, message, true);
            }
        }
        Parts(parts)
    }

    /// Which part of the shape a child is; tells why it is none.
    fn known(&mut self, child: &Place<'_>, parent: &Place<'_>, shape: &[Part]) -> Option<usize> {
        let version = self.version;
        let at = shape
            .iter()
            .position(|part| part.name == child.name() && part.is_known(version));
        if at.is_none() {
            let message = format!(
                "CAP {version} has no such element in {}; check its spelling and place",
                parent.element.name
            );
            self.refuse("cap.unknown", child, message);
        }
        at
    }

    /// An element of another namespace: taken at the end of the whole, where a signature stands, and nowhere else.
    fn foreign(&mut self, child: &Place<'_>, is_at_end: bool) {
        let namespace = child.element.namespace.as_str();
        if namespace.is_empty() || Version::of_namespace(namespace).is_some() {
            let own = self.version.namespace();
            let message = format!("its namespace is {}; it must be {own}", quoted(namespace));
            self.refuse("cap.namespace", child, message);
        } else if !is_at_end {
            let message = format!(
                "an element of {} cannot stand here; remove it, or put it at the end of alert",
                quoted(namespace)
            );
            self.refuse("cap.unknown", child, message);
        } else if namespace != SIGNATURES {
            let message = format!("what is of {} is not read", quoted(namespace));
            self.warn("cap.foreign", child, message);
        }
    }

    /// The text of an element that holds nothing else.
    pub(super) fn leaf<'a>(&mut self, place: &Place<'a>) -> &'a str {
        self.plain(place);
        if let Some(inner) = place.element.children.first() {
            let message = format!("it holds text only, but {} is in it; remove that", inner.name);
            self.refuse("cap.nested", place, message);
        }
        &place.element.text
    }

    fn plain(&mut self, place: &Place<'_>) {
        if let Some((name, _)) = place.element.attributes.first() {
            let message = format!("CAP has no attributes, but {} is here; remove it", quoted(name));
            self.refuse("cap.attribute", place, message);
        }
    }

    /// A free text without the blanks around it; what is empty is nothing, and told.
    pub(super) fn text(&mut self, place: Option<&Place<'_>>) -> Option<String> {
        let place = place?;
        let text = self.leaf(place).trim_matches(is_blank);
        if text.is_empty() {
            let message = "it is empty, which counts as absent; fill it or leave it out".to_owned();
            self.warn("cap.empty", place, message);
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that must be there; what an empty one breaks stands with the rules of the model.
    pub(super) fn must(&mut self, place: Option<&Place<'_>>) -> Option<String> {
        let text = self.leaf(place?).trim_matches(is_blank);
        Some(text.to_owned())
    }

    /// A word of a closed list.
    pub(super) fn word<W: Word>(&mut self, place: Option<&Place<'_>>) -> Option<W> {
        let place = place?;
        let text = self.leaf(place);
        let known = super::shapes::word::<W>(self.version, place.name(), text);
        if known.is_none() {
            let all = W::ALL.iter().map(|word| word.word());
            let own = all.filter(|word| super::shapes::is_word_of(self.version, place.name(), word));
            let list = own.collect::<Vec<_>>().join(", ");
            let message = format!("{} is none of: {list}; write one of them", quoted(text));
            self.refuse("cap.word", place, message);
        }
        known
    }

    /// A time.
    pub(super) fn time(&mut self, place: Option<&Place<'_>>) -> Option<Timestamp> {
        let place = place?;
        let text = self.leaf(place);
        let read = values::time(text, self.version);
        if read.is_none() {
            let why = match text.trim_matches(is_blank) {
                bare if bare.ends_with(['Z', 'z']) => "Z is not allowed, UTC is written -00:00",
                _ => "a time is written 2026-07-23T10:15:00+08:00, with its offset",
            };
            self.refuse("cap.time", place, format!("{} is no time: {why}", quoted(text)));
        }
        read
    }
}

/// Children with their paths; of several with a name each has its number.
fn children<'a>(place: &Place<'a>) -> Vec<Place<'a>> {
    let all = &place.element.children;
    let mut counts: std::collections::HashMap<&str, (usize, usize)> = std::collections::HashMap::new();
    for child in all {
        counts.entry(&child.name).or_default().1 += 1;
    }
    let mut places = Vec::with_capacity(all.len());
    for child in all {
        let (nth, of) = counts.entry(&child.name).or_default();
        *nth += 1;
        let (parent, name) = (&place.path, &child.name);
        let path = match *of {
            1 => format!("{parent}/{name}"),
            _ => format!("{parent}/{name}[{nth}]"),
        };
        places.push(Place { element: child, path });
    }
    places
}

/// A value as a fault quotes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text, QUOTED_CHARS_MAX))
}
