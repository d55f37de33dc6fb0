//! One document, printed either way: lists are arrays in JSON and repeated elements in XML (the "Spark" convention that
//! GeoReport v2 follows). XML has no namespace and no attributes.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// The two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/xml`
    Xml,
    /// `application/json`
    Json,
}

impl Format {
    /// From the end of a path: `requests.xml`; what stands before the end.
    pub fn of_name(name: &str) -> Option<(&str, Self)> {
        let (stem, end) = name.rsplit_once('.')?;
        match end {
            "xml" => Some((stem, Self::Xml)),
            "json" => Some((stem, Self::Json)),
            _ => None,
        }
    }

    /// The media type with its charset.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Nothing,
    Text(String),
    Number(f64),
    Whole(u32),
    Flag(bool),
    /// In the order in which they are printed.
    Record(Vec<(&'static str, Piece)>),
    /// Items, each an element of this name.
    List(&'static str, Vec<Piece>),
}

impl From<Option<String>> for Piece {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Option<f64>> for Piece {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => to.serialize_unit(),
            Self::Text(text) => to.serialize_str(text),
            Self::Number(number) => to.serialize_f64(*number),
            Self::Whole(number) => to.serialize_u32(*number),
            Self::Flag(flag) => to.serialize_bool(*flag),
            Self::Record(fields) => {
                let mut map = to.serialize_map(Some(fields.len()))?;
                for (name, piece) in fields {
                    map.serialize_entry(name, piece)?;
                }
                map.end()
            }
            Self::List(_, items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
        }
    }
}

/// A whole document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub(super) root: &'static str,
    pub(super) piece: Piece,
}

impl Document {
    /// Its bytes.
    pub fn print(&self, format: Format) -> std::io::Result<Vec<u8>> {
        match format {
            Format::Json => Ok(serde_json::to_vec(&self.piece)?),
            Format::Xml => {
                let mut writer = Writer::new(Vec::new());
                writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
                element(&mut writer, self.root, &self.piece)?;
                Ok(writer.into_inner())
            }
        }
    }
}

fn element(to: &mut Writer<Vec<u8>>, name: &str, piece: &Piece) -> std::io::Result<()> {
    if *piece == Piece::Nothing {
        return to.write_event(Event::Empty(BytesStart::new(name)));
    }
    to.write_event(Event::Start(BytesStart::new(name)))?;
    match piece {
        Piece::Nothing => {}
        Piece::Text(text) => to.write_event(Event::Text(BytesText::new(&printable(text))))?,
        Piece::Number(number) => to.write_event(Event::Text(BytesText::new(&number.to_string())))?,
        Piece::Whole(number) => to.write_event(Event::Text(BytesText::new(&number.to_string())))?,
        Piece::Flag(flag) => to.write_event(Event::Text(BytesText::new(&flag.to_string())))?,
        Piece::Record(fields) => fields
            .iter()
            .try_for_each(|(name, piece)| element(to, name, piece))?,
        Piece::List(each, items) => items.iter().try_for_each(|item| element(to, each, item))?,
    }
    to.write_event(Event::End(BytesEnd::new(name)))
}

/// The text with what XML 1.0 (section 2.2) has no room for replaced.
fn printable(text: &str) -> String {
    let has_room = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars()
        .map(|c| if has_room(c) { c } else { '\u{fffd}' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    fn shown(piece: Piece) -> (String, String) {
        let document = Document { root: "all", piece };
        let text = |format| String::from_utf8(document.print(format).unwrap()).unwrap();
        (text(Format::Xml), text(Format::Json))
    }

    #[test]
    fn a_list_repeats_its_element_and_nothing_is_empty() {
        let one = Piece::Record(vec![
            ("code", "001".into()),
            ("note", Piece::Nothing),
            ("lat", Piece::Number(27.9)),
            ("kinds", Piece::List("kind", vec!["a<b & \"c\"".into()])),
        ]);
        let (xml, json) = shown(Piece::List("one", vec![one]));
        assert_eq!(
            xml,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><all><one><code>001</code><note/><lat>27.9</lat>\
             <kinds><kind>a&lt;b &amp; &quot;c&quot;</kind></kinds></one></all>"
        );
        assert_eq!(
            json,
            r#"[{"code":"001","note":null,"lat":27.9,"kinds":["a<b & \"c\""]}]"#
        );
    }

    #[test]
    fn a_name_ends_in_its_format() {
        assert_eq!(Format::of_name("requests.xml"), Some(("requests", Format::Xml)));
        assert_eq!(Format::of_name("a.b.json"), Some(("a.b", Format::Json)));
        for not in ["requests", "requests.csv", "requests.", ""] {
            assert_eq!(Format::of_name(not), None, "{not}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_out_of_xml(text: String) {
            let (xml, _) = shown(Piece::Text(text.clone()));
            let mut reader = Reader::from_str(&xml);
            let mut read = String::new();
            loop {
                match reader.read_event().unwrap() {
                    Event::Text(part) => read.push_str(&part.into_inner()),
                    Event::GeneralRef(name) => {
                        let c = name.resolve_char_ref().unwrap().map(String::from);
                        let name = name.into_inner();
                        let known = || quick_xml::escape::resolve_predefined_entity(&name).unwrap().to_owned();
                        read.push_str(&c.unwrap_or_else(known));
                    }
                    Event::Eof => break,
                    _ => {}
                }
            }
            prop_assert_eq!(read, printable(&text));
        }
    }
}
