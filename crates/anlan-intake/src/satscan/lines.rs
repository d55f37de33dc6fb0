//! Bytes of a project's file into lines and fields: byte order marks, GB18030, CRLF, blanks or commas, quotes.
//! Splits only; judges no value.

use super::faults::Fault;
use crate::encodings::{Classifier, from_head};
use std::borrow::Cow;

/// How fields are set apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    /// The character between fields; `None`: any run of blanks.
    pub(crate) delimiter: Option<char>,
    /// The character around a field that holds the delimiter.
    pub(crate) quote: Option<char>,
    /// Lines passed over at the start.
    pub(crate) skip: u64,
    /// Which column each field stands in, from 1; empty: in order.
    pub(crate) columns: Vec<Column>,
    /// Whether the layout was stated; otherwise the first line decides between blanks and commas.
    pub(crate) is_stated: bool,
}

/// Where a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The column of this number, from 1.
    At(usize),
    /// Always "1".
    One,
    /// The number of the row, as a made-up name.
    Generated,
    /// No date is stated.
    Undated,
}

/// One line that is not blank.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The line, from 1.
    pub(crate) line: u64,
    /// Its fields.
    pub(crate) fields: Vec<Cow<'a, str>>,
    /// Whether a quote was opened and not closed.
    pub(crate) is_open: bool,
}

impl Row<'_> {
    /// The field at `index`, from 0.
    pub(crate) fn field(&self, index: usize) -> Option<&str> {
        self.fields.get(index).map(AsRef::as_ref)
    }
}

/// The text of a file, whatever of UTF-8, UTF-16 and GB18030 it is in; the byte order mark is taken off.
pub(crate) fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Fault> {
    if let Some((encoding, mark)) = from_head(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        let (text, has_misfits) = encoding.table().decode_without_bom_handling(rest);
        return if has_misfits {
            Err(Fault::new(
                file,
                "encoding.misfit",
                format!("The file begins as {} and does not go on in it.", encoding.name()),
                "Save the whole file as UTF-8.",
            ))
        } else {
            Ok(text)
        };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let mut classifier = Classifier::default();
    classifier.feed(bytes);
    match classifier.finish() {
        Ok(encoding) => Ok(encoding.table().decode_without_bom_handling(bytes).0),
        Err(refusal) => {
            let fault = Fault::new(
                file,
                refusal.code,
                "The file is in no encoding that can be told: neither UTF-8 nor GB18030 fits all its lines.",
                "Save the whole file as UTF-8.",
            );
            Err(refusal.line.map_or(fault.clone(), |line| fault.at(line)))
        }
    }
}

/// The lines of a text with their numbers; CRLF, LF and CR alone end a line.
fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut rest = Some(text);
    let mut number = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        number += 1;
        let Some(at) = text.find(['\n', '\r']) else {
            rest = None;
            return Some((number, text));
        };
        let (line, after) = text.split_at(at);
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..));
        Some((number, line))
    })
}

/// The rows of a text under its layout. A NUL counts as a blank: old exports pad with it.
pub(crate) fn rows<'a>(text: &'a str, layout: &'a Layout) -> impl Iterator<Item = Row<'a>> {
    let guessed = if layout.is_stated {
        layout.delimiter
    } else {
        guess(text)
    };
    lines(text)
        .skip(usize::try_from(layout.skip).unwrap_or(usize::MAX))
        .filter(|(_, line)| !line.chars().all(is_blank))
        .zip(1_u64..)
        .map(move |((number, line), row)| {
            let (fields, is_open) = split(line, guessed, layout.quote.unwrap_or('"'));
            let fields = if layout.columns.is_empty() {
                fields
            } else {
                mapped(&fields, &layout.columns, row)
            };
            Row {
                line: number,
                fields,
                is_open,
            }
        })
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter == '\0'
}

/// A comma where the first line is set apart by commas and not by blanks alone.
fn guess(text: &str) -> Option<char> {
    let (_, first) = lines(text).find(|(_, line)| !line.chars().all(is_blank))?;
    let (by_comma, is_open) = split(first, Some(','), '"');
    let (by_blank, _) = split(first, None, '"');
    let ends_with_comma = |field: &Cow<'_, str>| field.ends_with(',');
    let leading = by_blank.len().saturating_sub(1);
    let is_comma = !is_open
        && by_comma.len() > 1
        && (by_blank.len() < by_comma.len() || by_blank.iter().take(leading).all(ends_with_comma));
    is_comma.then_some(',')
}

fn mapped<'a>(fields: &[Cow<'a, str>], columns: &[Column], row: u64) -> Vec<Cow<'a, str>> {
    columns
        .iter()
        .map(|column| match column {
            Column::At(number) => fields.get(number.saturating_sub(1)).cloned().unwrap_or_default(),
            Column::One => Cow::Borrowed("1"),
            Column::Generated => Cow::Owned(format!("location{row}")),
            Column::Undated => Cow::Borrowed(UNDATED),
        })
        .collect()
}

/// What stands for a date that is not stated.
pub(crate) const UNDATED: &str = "unspecified";

/// The fields of a line, and whether a quote stayed open.
fn split(line: &str, delimiter: Option<char>, quote: char) -> (Vec<Cow<'_, str>>, bool) {
    let mut fields = Vec::new();
    let mut rest = line.trim_matches(is_blank);
    let mut is_open = false;
    loop {
        let (field, after, is_unclosed) = take(rest, delimiter, quote);
        fields.push(field);
        is_open |= is_unclosed;
        match after {
            Some(after) => rest = after,
            None => return (fields, is_open),
        }
    }
}

/// The first field of `text`, what follows the delimiter, and whether its quote stayed open.
fn take(text: &str, delimiter: Option<char>, quote: char) -> (Cow<'_, str>, Option<&str>, bool) {
    let is_end = |letter: char| delimiter.map_or(is_blank(letter), |wanted| letter == wanted);
    let text = text.trim_start_matches(|letter| is_blank(letter) && delimiter != Some(letter));
    if let Some(inside) = text.strip_prefix(quote) {
        let (field, after, is_open) = quoted(inside, quote);
        let next = after
            .find(is_end)
            .and_then(|at| after.get(at..))
            .map(|rest| past(rest, delimiter));
        return (field, next, is_open);
    }
    match text.find(is_end) {
        None => (Cow::Borrowed(text.trim_end_matches(is_blank)), None, false),
        Some(at) => {
            let (field, rest) = text.split_at(at);
            (
                Cow::Borrowed(field.trim_end_matches(is_blank)),
                Some(past(rest, delimiter)),
                false,
            )
        }
    }
}

/// Past one delimiter, or a run of blanks.
fn past(rest: &str, delimiter: Option<char>) -> &str {
    match delimiter {
        Some(wanted) => rest.strip_prefix(wanted).unwrap_or(rest),
        None => rest.trim_start_matches(is_blank),
    }
}

/// The inside of a quoted field (a doubled quote is one), what follows, and whether the quote stayed open.
fn quoted(inside: &str, quote: char) -> (Cow<'_, str>, &str, bool) {
    let mut field = Cow::Borrowed("");
    let mut rest = inside;
    loop {
        let Some(at) = rest.find(quote) else {
            field += rest;
            return (field, "", true);
        };
        let (before, after) = rest.split_at(at);
        field += before;
        let after = after.strip_prefix(quote).unwrap_or_default();
        let Some(next) = after.strip_prefix(quote) else {
            return (field, after, false);
        };
        field.to_mut().push(quote);
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, layout: &Layout) -> Vec<Vec<String>> {
        rows(text, layout)
            .map(|row| row.fields.iter().map(ToString::to_string).collect())
            .collect()
    }

    #[test]
    fn blanks_commas_and_quotes_are_told_from_the_first_line() {
        let plain = Layout::default();
        for text in [
            "a b\t 3  4 \r\n",
            "a,b,3,4",
            "a, b, 3, 4\n",
            "\"a\" b 3 4",
            "\"a\",\"b\",3,4\r",
        ] {
            assert_eq!(fields(text, &plain), [["a", "b", "3", "4"]], "{text:?}");
        }
        assert_eq!(
            fields("\"San Juan\" 1\n\n\"x\"\"y\" 2", &plain),
            [["San Juan", "1"], ["x\"y", "2"]]
        );
        assert_eq!(fields("a,,3", &plain), [["a", "", "3"]]);
        let numbers: Vec<u64> = rows("a 1\r\n\r\nb 2\rc 3", &plain).map(|row| row.line).collect();
        assert_eq!(numbers, [1, 3, 4]);
    }

    #[test]
    fn a_stated_layout_holds_and_maps_columns() {
        let layout = Layout {
            delimiter: Some(';'),
            skip: 1,
            columns: vec![Column::At(2), Column::One, Column::At(9)],
            is_stated: true,
            ..Layout::default()
        };
        assert_eq!(fields("id;name\n7; x y ;z", &layout), [["x y", "1", ""]]);
    }

    #[test]
    fn an_open_quote_is_seen() {
        let layout = Layout::default();
        assert!(rows("\"a 1 2", &layout).any(|row| row.is_open));
    }

    #[test]
    fn marks_and_encodings_are_taken_off() {
        let (gb, ..) = encoding_rs::GB18030.encode("海口市 3\n三亚市 4\n");
        assert_eq!(decode("x", &gb).ok().as_deref(), Some("海口市 3\n三亚市 4\n"));
        assert_eq!(decode("x", b"\xEF\xBB\xBFa 1").ok().as_deref(), Some("a 1"));
        let utf16: Vec<u8> = "\u{feff}ab 1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode("x", &utf16).ok().as_deref(), Some("ab 1"));
        assert!(decode("x", b"a\xff\xff\xff\x80").is_err());
    }
}
