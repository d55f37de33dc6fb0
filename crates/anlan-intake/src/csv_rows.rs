//! Delimited text into fields, RFC 4180 with the leniencies spreadsheets need. Splits only; judges no value.
//!
//! A parser of our own because three things must be known that others hide: that a quote was still open at the end,
//! that a row is longer than the limit (and where the next one starts), and the line a row begins on.

use crate::refusals::{Refusal, fault};
use crate::rows::{ROW_BYTES_MAX, Row};
use crate::text::Text;

/// Characters kept of each field of a row that is kept back for its length.
const KEPT_CHARS: usize = 1000;

/// Rows of a delimited text, one after the other.
pub(crate) struct CsvRows {
    text: Text,
    delimiter: u8,
    line: u64,
}

impl CsvRows {
    /// Rows of `text`, whose first line counts as line 1.
    pub(crate) fn new(text: Text, delimiter: u8) -> Self {
        Self {
            text,
            delimiter,
            line: 1,
        }
    }

    /// Passes over whole lines, whatever is in them.
    pub(crate) fn skip_lines(&mut self, count: u64) {
        let mut left = count;
        while left > 0 {
            let line = memchr::memchr(b'\n', self.text.ahead());
            self.text
                .consume(line.map_or(self.text.ahead().len(), |at| at + 1));
            if line.is_some() {
                self.line += 1;
                left -= 1;
            } else if self.text.is_at_end() {
                return;
            } else {
                self.text.fill();
            }
        }
    }

    /// The next row that is not a blank line; `false` at the end.
    pub(crate) fn next_row(&mut self, row: &mut Row) -> Result<bool, Refusal> {
        loop {
            if let Some(is_found) = self.step(row)? {
                return Ok(is_found);
            }
        }
    }

    /// One attempt; `None` where it must be made again with more input or past a blank line.
    fn step(&mut self, row: &mut Row) -> Result<Option<bool>, Refusal> {
        let is_at_end = self.text.is_at_end();
        if self.text.ahead().is_empty() && is_at_end {
            return self.text.take_failure().map_or(Ok(Some(false)), Err);
        }
        row.begin(self.line, self.text.consumed());
        let is_whole = is_at_end && !self.text.has_failed();
        let attempt = split(self.text.ahead(), self.delimiter, is_whole, row);
        match attempt {
            Attempt::Row(used) if used <= ROW_BYTES_MAX => {
                self.pass(used);
                row.settle();
                return Ok((!row.is_blank_line()).then_some(true));
            }
            Attempt::More if is_at_end => {
                return self.text.take_failure().map_or(Ok(Some(false)), Err);
            }
            Attempt::More if self.text.ahead().len() <= ROW_BYTES_MAX => {
                self.text.fill();
                return Ok(None);
            }
            Attempt::OpenQuote if self.text.ahead().len() <= ROW_BYTES_MAX => self.open_quote(row),
            Attempt::Row(_) | Attempt::More | Attempt::OpenQuote => self.overlong(row)?,
        }
        Ok(Some(true))
    }

    fn pass(&mut self, used: usize) {
        let taken = self.text.ahead().get(..used).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.text.consume(used);
    }

    /// A quote never closed would swallow the rest of the file: only its own line is kept back, and reading goes on
    /// with the next one.
    fn open_quote(&mut self, row: &mut Row) {
        let ahead = self.text.ahead();
        let used = memchr::memchr(b'\n', ahead).map_or(ahead.len(), |at| at + 1);
        let line = ahead.get(..used).unwrap_or_default();
        if split(line.trim_ascii_end(), self.delimiter, true, row) == Attempt::OpenQuote {
            row.end_field();
        }
        self.pass(used);
        row.settle();
        let message = "A quote in this row is never closed. The row was kept back; reading went on with the next line. Close the quote and replay the row.";
        row.add_fault(fault(
            row.line(),
            "quote.unterminated",
            None,
            row.field(row.len().saturating_sub(1)),
            message.to_owned(),
        ));
    }

    fn overlong(&mut self, row: &mut Row) -> Result<(), Refusal> {
        let front = self
            .text
            .ahead()
            .get(..ROW_BYTES_MAX)
            .unwrap_or(self.text.ahead());
        if split(front, self.delimiter, true, row) == Attempt::OpenQuote {
            row.end_field();
        }
        row.settle();
        row.cut_fields(KEPT_CHARS);
        let begun = self.line;
        let passed = pass_over(&mut self.text, self.delimiter);
        self.line += passed.lines;
        if let Some(failure) = self.text.take_failure() {
            return Err(failure);
        }
        let kept = format!("Of each field the first {KEPT_CHARS} characters were kept.");
        let (code, message) = if passed.is_open {
            let lines = passed.lines.max(1);
            (
                "quote.unterminated",
                format!(
                    "A quote opened in the row of line {begun} is never closed; the {lines} lines from there to the end of the file could not be told apart. {kept} Close the quote and import the file again; rows already taken in are not taken twice."
                ),
            )
        } else {
            (
                "row.too_long",
                format!(
                    "The row is {} bytes long; at most {ROW_BYTES_MAX} are read. {kept} Shorten it and replay it.",
                    passed.bytes
                ),
            )
        };
        row.add_fault(fault(begun, code, None, None, message));
        Ok(())
    }
}

/// What one attempt at a row found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// A row, with the bytes it took, its line end included.
    Row(usize),
    /// The input ends before the row does.
    More,
    /// The input ended inside a quoted field.
    OpenQuote,
}

/// Splits one row off `input`. A quote counts only at the start of a field, doubled quotes stand for one.
pub(crate) fn split(input: &[u8], delimiter: u8, is_at_end: bool, row: &mut Row) -> Attempt {
    row.clear_fields();
    let mut at = 0;
    loop {
        let rest = input.get(at..).unwrap_or_default();
        if rest.first() == Some(&b'"') {
            at += 1;
            match quoted(input.get(at..).unwrap_or_default(), is_at_end, row) {
                Ok(used) => at += used,
                Err(stop) => return stop,
            }
        }
        let rest = input.get(at..).unwrap_or_default();
        let Some(len) = memchr::memchr2(delimiter, b'\n', rest) else {
            if !is_at_end {
                return Attempt::More;
            }
            row.push(rest.strip_suffix(b"\r").unwrap_or(rest));
            row.end_field();
            return Attempt::Row(input.len());
        };
        let value = rest.get(..len).unwrap_or_default();
        at += len + 1;
        if rest.get(len) == Some(&delimiter) {
            row.push(value);
            row.end_field();
            continue;
        }
        row.push(value.strip_suffix(b"\r").unwrap_or(value));
        row.end_field();
        return Attempt::Row(at);
    }
}

/// The inside of a quoted field, its opening quote already taken; returns the bytes up to and with the closing one.
fn quoted(input: &[u8], is_at_end: bool, row: &mut Row) -> Result<usize, Attempt> {
    let open = if is_at_end {
        Attempt::OpenQuote
    } else {
        Attempt::More
    };
    let mut at = 0;
    loop {
        let rest = input.get(at..).unwrap_or_default();
        let Some(len) = memchr::memchr(b'"', rest) else {
            row.push(rest);
            return Err(open);
        };
        row.push(rest.get(..len).unwrap_or_default());
        at += len + 1;
        match rest.get(len + 1) {
            Some(b'"') => {
                row.push(b"\"");
                at += 1;
            }
            None if !is_at_end => return Err(Attempt::More),
            _ => return Ok(at),
        }
    }
}

/// Where the scan of an overlong row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    FieldStart,
    Plain,
    Quoted,
    Closed,
}

/// An overlong row, passed over without being kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Its bytes.
    pub(crate) bytes: u64,
    /// Line ends in it, its own included.
    pub(crate) lines: u64,
    /// The file ended inside a quoted field of it.
    pub(crate) is_open: bool,
}

/// Consumes a row however long it is, in constant memory.
pub(crate) fn pass_over(text: &mut Text, delimiter: u8) -> Passed {
    let mut within = Within::FieldStart;
    let mut passed = Passed {
        bytes: 0,
        lines: 0,
        is_open: false,
    };
    loop {
        let (used, is_done) = scan(text.ahead(), delimiter, &mut within, &mut passed.lines);
        text.consume(used);
        passed.bytes += used as u64;
        if is_done {
            return passed;
        }
        if text.is_at_end() {
            passed.is_open = within == Within::Quoted;
            return passed;
        }
        text.fill();
    }
}

fn scan(bytes: &[u8], delimiter: u8, within: &mut Within, lines: &mut u64) -> (usize, bool) {
    for (at, byte) in bytes.iter().enumerate() {
        *lines += u64::from(*byte == b'\n');
        *within = match (*within, *byte) {
            (Within::Quoted, b'"') => Within::Closed,
            (Within::Quoted, _) | (Within::FieldStart | Within::Closed, b'"') => Within::Quoted,
            (_, b'\n') => return (at + 1, true),
            (_, other) if other == delimiter => Within::FieldStart,
            _ => Within::Plain,
        };
    }
    (bytes.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(input: &[u8], delimiter: u8) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let mut rest = input;
        while !rest.is_empty() {
            let mut row = Row::default();
            match split(rest, delimiter, true, &mut row) {
                Attempt::Row(used) => {
                    row.settle();
                    rows.push(row.fields().map(str::to_owned).collect());
                    rest = &rest[used..];
                }
                other => panic!("{other:?}"),
            }
        }
        rows
    }

    #[test]
    fn quotes_line_ends_and_leniencies() {
        let got = rows(b"a,\"b,\"\"c\"\"\nd\",e\r\n5\" pipe,\"x\"y,\n\"\",,", b',');
        assert_eq!(
            got,
            [
                vec!["a", "b,\"c\"\nd", "e"],
                vec!["5\" pipe", "xy", ""],
                vec!["", "", ""]
            ]
        );
    }

    #[test]
    fn an_open_quote_is_told_apart_from_missing_input() {
        let mut row = Row::default();
        assert_eq!(split(b"a,\"b", b',', false, &mut row), Attempt::More);
        assert_eq!(split(b"a,\"b", b',', true, &mut row), Attempt::OpenQuote);
        assert_eq!(split(b"a,\"b\"", b',', false, &mut row), Attempt::More);
    }

    proptest! {
        /// Against the csv crate, on everything but lone carriage returns, which it takes as line ends.
        #[test]
        fn agrees_with_the_csv_crate(text in "[ab,\";\n\u{4e2d}]{0,40}") {
            let mut whole = Row::default();
            let mut rest = text.as_bytes();
            let mut ours: Vec<Vec<String>> = Vec::new();
            let mut is_open = false;
            while !rest.is_empty() && !is_open {
                match split(rest, b',', true, &mut whole) {
                    Attempt::Row(used) => {
                        whole.settle();
                        let fields: Vec<String> = whole.fields().map(str::to_owned).collect();
                        if rest.first() != Some(&b'\n') { ours.push(fields); }
                        rest = &rest[used..];
                    }
                    _ => is_open = true,
                }
            }
            prop_assume!(!is_open);
            let theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .has_headers(false).flexible(true).from_reader(text.as_bytes())
                .records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
