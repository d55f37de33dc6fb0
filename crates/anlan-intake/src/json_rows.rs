//! JSON objects as rows: one array, or one object per line. Splits and flattens; judges no value.

use crate::refusals::{Refusal, cut, fault};
use crate::rows::{ROW_BYTES_MAX, Row};
use crate::text::Text;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Rows of a JSON text, one after the other.
pub(crate) struct JsonRows {
    text: Text,
    layout: Layout,
    line: u64,
    pairs: Pairs,
    is_array: bool,
    is_closed: bool,
}

impl JsonRows {
    /// Rows of `text`, laid out as `layout` says; `head` is its beginning.
    pub(crate) fn new(text: Text, head: &[u8]) -> Self {
        let is_array = head.trim_ascii_start().first() == Some(&b'[');
        Self {
            text,
            layout: layout(head),
            line: 1,
            pairs: Pairs::default(),
            is_array,
            is_closed: false,
        }
    }

    /// The next object laid out by `header`, which grows by names not met before; `false` at the end.
    pub(crate) fn next_row(&mut self, header: &mut Vec<String>, row: &mut Row) -> Result<bool, Refusal> {
        loop {
            let is_at_end = self.text.is_at_end() && !self.text.has_failed();
            match next(self.text.ahead(), self.layout, is_at_end) {
                Next::Gap(len) => self.pass_gap(len),
                Next::End => return self.at_end(),
                Next::More if self.text.is_at_end() => {
                    return Err(self.text.take_failure().unwrap_or_else(|| cut_off(self.line)));
                }
                Next::More if self.text.ahead().len() > ROW_BYTES_MAX => return Err(too_long(self.line)),
                Next::More => self.text.fill(),
                Next::Object(gap, len) => {
                    self.pass(gap);
                    self.is_closed = false;
                    self.object(len, header, row);
                    return Ok(true);
                }
                Next::Stray(gap, len) => {
                    self.pass(gap);
                    self.is_closed = false;
                    self.stray(len, "This is no JSON object.", row);
                    return Ok(true);
                }
            }
        }
    }

    fn at_end(&mut self) -> Result<bool, Refusal> {
        let len = self.text.ahead().len();
        self.pass_gap(len);
        if self.is_array && !self.is_closed {
            return Err(cut_off(1));
        }
        Ok(false)
    }

    /// Passes over what stands between objects, where an array may be closed.
    fn pass_gap(&mut self, len: usize) {
        let gap = self.text.ahead().get(..len).unwrap_or_default();
        self.is_closed |= memchr::memchr(b']', gap).is_some();
        self.pass(len);
    }

    fn pass(&mut self, used: usize) {
        let taken = self.text.ahead().get(..used).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.text.consume(used);
    }

    fn object(&mut self, len: usize, header: &mut Vec<String>, row: &mut Row) {
        row.begin(self.line, self.text.consumed());
        let object = self.text.ahead().get(..len).unwrap_or_default();
        match self.pairs.read(object) {
            Ok(()) => {
                self.pairs.lay_out(header, row);
                row.settle();
                self.pass(len);
            }
            Err(error) => self.stray(len, &format!("This is no whole JSON object ({error})."), row),
        }
    }

    /// Something that is not a row is kept back as it stands.
    fn stray(&mut self, len: usize, what: &str, row: &mut Row) {
        row.begin(self.line, self.text.consumed());
        row.clear_fields();
        let piece = String::from_utf8_lossy(self.text.ahead().get(..len).unwrap_or_default()).into_owned();
        row.push(cut(piece.trim(), 1000).as_bytes());
        row.end_field();
        row.settle();
        self.pass(len);
        let message = format!(
            "{what} It was kept back; reading went on after it. Mend the file there and import it again; rows already taken in are not taken twice."
        );
        row.add_fault(fault(row.line(), "json.broken", None, row.field(0), message));
    }
}

fn too_long(line: u64) -> Refusal {
    Refusal::new(
        "json.too_long",
        format!("The JSON object that begins on line {line} is longer than {ROW_BYTES_MAX} bytes or is never closed. Mend the file there and import it again; rows already taken in are not taken twice."),
    )
    .at_line(line)
}

/// The names met in the beginning of a text, for a header to start from.
pub(crate) fn names(head: &[u8], header: &mut Vec<String>) {
    let layout = layout(head);
    let mut pairs = Pairs::default();
    let mut row = Row::default();
    let mut rest = head;
    loop {
        let (gap, len) = match next(rest, layout, false) {
            Next::Object(gap, len) | Next::Stray(gap, len) => (gap, len),
            Next::Gap(_) | Next::More | Next::End => return,
        };
        if pairs.read(rest.get(gap..gap + len).unwrap_or_default()).is_ok() {
            pairs.lay_out(header, &mut row);
        }
        rest = rest.get(gap + len..).unwrap_or_default();
    }
}

/// The columns of one object, nested objects flattened with dots, in the order they stand.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Pairs {
    /// Reads one object; `Err` says what is wrong with it.
    pub(crate) fn read(&mut self, object: &[u8]) -> Result<(), serde_json::Error> {
        self.text.clear();
        self.ends.clear();
        let mut json = serde_json::Deserializer::from_slice(object);
        json.deserialize_map(Columns {
            pairs: self,
            prefix: "",
        })?;
        json.end()
    }

    /// Name and value of each column.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, (middle, end))| {
            let part = |from, to| self.text.get(from..to).unwrap_or_default();
            (part(start, *middle), part(*middle, *end))
        })
    }

    fn push(&mut self, prefix: &str, name: &str, value: &RawValue) -> Result<(), serde_json::Error> {
        let raw = value.get();
        if raw.starts_with('{') {
            let name = format!("{prefix}{name}.");
            let mut json = serde_json::Deserializer::from_str(raw);
            return json.deserialize_map(Columns {
                pairs: self,
                prefix: &name,
            });
        }
        self.text.push_str(prefix);
        self.text.push_str(name);
        let middle = self.text.len();
        if raw.starts_with('"') {
            let words: Cow<'_, str> = serde_json::from_str(raw)?;
            self.text.push_str(&words);
        } else if raw != "null" {
            self.text.push_str(raw);
        }
        self.ends.push((middle, self.text.len()));
        Ok(())
    }

    /// Lays the values out in the header's order, lengthening the header by names not met before.
    pub(crate) fn lay_out(&self, header: &mut Vec<String>, row: &mut Row) {
        for (name, _) in self.iter() {
            if !header.iter().any(|known| known == name) {
                header.push(name.to_owned());
            }
        }
        row.clear_fields();
        // Objects of one file mostly have the same keys in the same order: look first where the last one was left.
        let mut ahead = self.iter();
        for column in header.iter() {
            let mut look = ahead.clone();
            let found = look.find(|(name, _)| name == column);
            if found.is_some() {
                ahead = look;
            }
            let found = found.or_else(|| self.iter().find(|(name, _)| name == column));
            row.push(found.map_or("", |(_, value)| value).as_bytes());
            row.end_field();
        }
    }
}

struct Columns<'a> {
    pairs: &'a mut Pairs,
    prefix: &'a str,
}

impl<'de> Visitor<'de> for Columns<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            self.pairs
                .push(self.prefix, &name, value)
                .map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

/// How the objects of a file follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One object per line.
    Lines,
    /// Objects in an array, or one after the other, over any number of lines.
    Objects,
}

/// What comes next in a text of objects.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// An object: bytes before it, its own bytes.
    Object(usize, usize),
    /// Bytes that are no object, to be passed over.
    Gap(usize),
    /// Something else than an object where one should be: bytes before it, its own bytes.
    Stray(usize, usize),
    /// The input ends before the object does.
    More,
    /// Nothing more.
    End,
}

/// Looks for the next object.
pub(crate) fn next(input: &[u8], layout: Layout, is_at_end: bool) -> Next {
    let is_between =
        |byte: &u8| byte.is_ascii_whitespace() || (layout == Layout::Objects && b"[],".contains(byte));
    let Some(gap) = input.iter().position(|byte| !is_between(byte)) else {
        return if is_at_end {
            Next::End
        } else if input.is_empty() {
            Next::More
        } else {
            Next::Gap(input.len())
        };
    };
    let rest = input.get(gap..).unwrap_or_default();
    let line_end = |what: fn(usize, usize) -> Next| match memchr::memchr(b'\n', rest) {
        Some(len) => what(gap, len),
        None if is_at_end => what(gap, rest.len()),
        None => Next::More,
    };
    if layout == Layout::Lines {
        return line_end(Next::Object);
    }
    if rest.first() != Some(&b'{') {
        return line_end(Next::Stray);
    }
    match object_len(rest) {
        Some(len) => Next::Object(gap, len),
        None => Next::More,
    }
}

/// Bytes from an opening brace to the brace that closes it.
fn object_len(input: &[u8]) -> Option<usize> {
    let mut depth = 0u32;
    let mut is_text = false;
    let mut is_escaped = false;
    for (at, byte) in input.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' if !is_text => depth += 1,
            b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Lines or not, from the beginning of the text: lines if the first one is a whole object.
pub(crate) fn layout(head: &[u8]) -> Layout {
    let first = head
        .trim_ascii_start()
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let is_whole = Pairs::default().read(first.trim_ascii()).is_ok();
    if is_whole { Layout::Lines } else { Layout::Objects }
}

/// An array or object that never closes.
pub(crate) fn cut_off(line: u64) -> Refusal {
    Refusal::new(
        "json.truncated",
        format!("The JSON that begins on line {line} is never closed: the file was cut off or is damaged. Fetch it again and import it again; rows already taken in are not taken twice."),
    )
    .at_line(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_flattened_as_written() {
        let mut pairs = Pairs::default();
        pairs
            .read(br#"{"id":101000295613,"lat":-71.0570,"w":{"zh":"\u4e2d\"x","n":null},"t":[1,2],"b":true}"#)
            .unwrap();
        let got: Vec<_> = pairs.iter().collect();
        assert_eq!(
            got,
            [
                ("id", "101000295613"),
                ("lat", "-71.0570"),
                ("w.zh", "中\"x"),
                ("w.n", ""),
                ("t", "[1,2]"),
                ("b", "true")
            ]
        );
        assert!(pairs.read(b"[1]").is_err());
        assert!(pairs.read(b"{\"a\":1} x").is_err());
    }

    #[test]
    fn objects_are_found_whatever_stands_between() {
        assert_eq!(
            next(b"[\n {\"a\":\"}\\\"\"},", Layout::Objects, false),
            Next::Object(3, 11)
        );
        assert_eq!(next(b"{\"a\":1", Layout::Objects, true), Next::More);
        assert_eq!(next(b" ]\n", Layout::Objects, true), Next::End);
        assert_eq!(next(b"[1,\n{", Layout::Objects, false), Next::Stray(1, 2));
        assert_eq!(next(b"{oops\n{", Layout::Lines, false), Next::Object(0, 5));
        assert_eq!(layout(b"{\"a\":1}\n{\"a\":2}\n"), Layout::Lines);
        assert_eq!(layout(b"{\n\"a\":1}\n"), Layout::Objects);
        assert_eq!(layout(b"[{\"a\":1}]"), Layout::Objects);
    }
}
