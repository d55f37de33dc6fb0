//! Rows of a file, one at a time in constant memory, whatever the file is. Splits; judges no value.

use crate::compression::Compression;
use crate::csv_rows::CsvRows;
use crate::json_rows::{JsonRows, names};
use crate::refusals::{Refusal, cut, fault};
use crate::sheet_rows::Sheet;
use crate::sniff::{Format, Sniffed, Stated, open};
use crate::text::Text;
use anlan_model::imports::Fault;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest row read whole: 1 MiB. A longer one is kept back with the beginning of each field.
pub const ROW_BYTES_MAX: usize = 1 << 20;

/// One row. Made once and filled again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    line: u64,
    number: u64,
    byte_offset: u64,
    bytes: Vec<u8>,
    text: String,
    ends: Vec<usize>,
    faults: Vec<Fault>,
}

impl Row {
    /// A row made of values alone, as for a mended one.
    pub fn of<'a>(line: u64, values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut row = Self {
            line,
            ..Self::default()
        };
        for value in values {
            row.push(value.as_bytes());
            row.end_field();
        }
        row.settle();
        row
    }

    /// Physical line where the row begins, from 1; for a sheet its row number.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Which data row it is, from 1, the header not counted.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where the row begins, in bytes of the unpacked text read as UTF-8; 0 for a sheet.
    pub fn byte_offset(&self) -> u64 {
        self.byte_offset
    }

    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no field at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The field at `index`, from 0.
    pub fn field(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.text.get(start..end)
    }

    /// All fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.field(index).unwrap_or_default())
    }

    /// What is wrong with the row as a row; its values are not judged here.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Header and value pairs, as a quarantine keeps them.
    pub fn pairs(&self, header: &[String]) -> Vec<(String, String)> {
        let names = header
            .iter()
            .cloned()
            .chain((header.len() + 1..).map(|number| format!("column {number}")));
        names.zip(self.fields().map(str::to_owned)).collect()
    }

    pub(crate) fn begin(&mut self, line: u64, byte_offset: u64) {
        self.line = line;
        self.byte_offset = byte_offset;
        self.faults.clear();
    }

    pub(crate) fn clear_fields(&mut self) {
        if self.bytes.capacity() == 0 {
            self.bytes = std::mem::take(&mut self.text).into_bytes();
        }
        self.bytes.clear();
        self.ends.clear();
    }

    pub(crate) fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
    }

    pub(crate) fn end_field(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Ends the filling. The text a row is made of was decoded before, so nothing is lost here.
    pub(crate) fn settle(&mut self) {
        self.text = String::from_utf8(std::mem::take(&mut self.bytes))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }

    pub(crate) fn is_blank_line(&self) -> bool {
        self.ends.len() == 1 && self.text.is_empty()
    }

    pub(crate) fn has_null_bytes(&self) -> bool {
        memchr::memchr(0, self.text.as_bytes()).is_some()
    }

    pub(crate) fn without_null_bytes(&self) -> Self {
        let clean: Vec<String> = self.fields().map(|value| value.replace('\0', "")).collect();
        let mut row = Self::of(self.line, clean.iter().map(String::as_str));
        row.number = self.number;
        row.byte_offset = self.byte_offset;
        row
    }

    pub(crate) fn cut_fields(&mut self, chars: usize) {
        let short: Vec<String> = self.fields().map(|value| cut(value, chars)).collect();
        self.clear_fields();
        for value in short {
            self.push(value.as_bytes());
            self.end_field();
        }
        self.settle();
    }

    pub(crate) fn add_fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Makes the row as wide as the header where that changes nothing, else says what is wrong.
    fn fit(&mut self, width: usize, is_padded: bool) {
        let len = self.len();
        if len > width {
            let start = self.ends.get(width.saturating_sub(1)).copied().unwrap_or(0);
            if self.text.get(start..).is_some_and(|rest| rest.trim().is_empty()) {
                self.ends.truncate(width);
                self.text.truncate(start);
            } else {
                let message = format!(
                    "The row has {len} fields, the header {width}: a delimiter inside a value is not quoted, or a quote is left open. Mend the row and replay it."
                );
                self.faults.push(fault(
                    self.line,
                    "row.too_many_fields",
                    None,
                    self.field(width),
                    message,
                ));
            }
        } else if len < width && is_padded {
            self.ends.resize(width, self.text.len());
        } else if len < width {
            let message = format!(
                "The row has {len} fields, the header {width}: the row is cut off or a line break in a value is not quoted. Mend the row and replay it."
            );
            self.faults
                .push(fault(self.line, "row.too_few_fields", None, None, message));
        }
    }
}

enum Inner {
    Csv(CsvRows),
    Json(JsonRows),
    Sheet(Sheet),
}

/// Rows of one file.
pub struct RowReader {
    inner: Inner,
    header: Vec<String>,
    sniffed: Sniffed,
    packed_read: Arc<AtomicU64>,
    rows: u64,
    is_over: bool,
}

impl std::fmt::Debug for RowReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowReader")
            .field("sniffed", &self.sniffed)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl RowReader {
    /// Opens a file and reads its header. What `stated` leaves open is found out from the beginning of the file;
    /// `sniff::survey` finds out over the whole of it.
    pub fn open(input: impl Read + Send + 'static, stated: &Stated) -> Result<Self, Refusal> {
        let opened = open(input, stated)?;
        let sniffed = opened.sniffed;
        let mut header = Vec::new();
        let inner = match sniffed.format {
            Format::Xlsx => Inner::Sheet(Sheet::read(opened.all, stated.sheet.as_deref())?),
            Format::Json => {
                names(&opened.sample, &mut header);
                let text = Text::new(opened.all, sniffed.compression, sniffed.text_encoding(), false);
                Inner::Json(JsonRows::new(text, &opened.sample))
            }
            Format::Delimited { delimiter } => {
                let text = Text::new(
                    opened.all,
                    sniffed.compression,
                    sniffed.text_encoding(),
                    opened.is_cr_only,
                );
                Inner::Csv(CsvRows::new(text, u8::try_from(delimiter).unwrap_or(b',')))
            }
        };
        let mut reader = Self {
            inner,
            header,
            sniffed,
            packed_read: opened.packed_read,
            rows: 0,
            is_over: false,
        };
        reader.read_header(stated.skip_lines)?;
        Ok(reader)
    }

    fn read_header(&mut self, skip_lines: u64) -> Result<(), Refusal> {
        let mut row = Row::default();
        let is_found = match &mut self.inner {
            Inner::Json(_) => return Ok(()),
            Inner::Csv(csv) => {
                csv.skip_lines(skip_lines);
                csv.next_row(&mut row)?
            }
            Inner::Sheet(sheet) => loop {
                match sheet.next_row(&mut row) {
                    None => break false,
                    Some(line) if line <= skip_lines => {}
                    Some(_) => {
                        row.settle();
                        break true;
                    }
                }
            },
        };
        if !is_found {
            return Err(Refusal::new(
                "file.empty",
                "The file has no header and no rows. There is nothing to import.",
            ));
        }
        if let Some(fault) = row.faults().first() {
            return Err(Refusal::new(
                "header.broken",
                format!("The header cannot be read: {}", fault.message),
            )
            .at_line(row.line()));
        }
        self.header = header_names(row.fields());
        Ok(())
    }

    /// The columns. For JSON they may grow while reading.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Of a workbook, the sheet that is read and the names of the others.
    pub fn sheets(&self) -> Option<(&str, &[String])> {
        match &self.inner {
            Inner::Sheet(sheet) => Some((&sheet.names.0, &sheet.names.1)),
            Inner::Csv(_) | Inner::Json(_) => None,
        }
    }

    /// What the file was found to be.
    pub fn sniffed(&self) -> &Sniffed {
        &self.sniffed
    }

    /// Data rows read so far, those with faults included.
    pub fn rows_read(&self) -> u64 {
        self.rows
    }

    /// Bytes of the file, as it is packed, read so far.
    pub fn bytes_read(&self) -> u64 {
        self.packed_read.load(Ordering::Relaxed)
    }

    /// Fills `row` with the next row; `false` at the end. A refusal says how many rows were read before it.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, Refusal> {
        if self.is_over {
            return Ok(false);
        }
        // INVARIANT: after a refusal nothing more is read, so that half a row is never taken for one.
        self.is_over = true;
        let is_found = match &mut self.inner {
            Inner::Csv(csv) => csv.next_row(row),
            Inner::Json(json) => json.next_row(&mut self.header, row),
            Inner::Sheet(sheet) => Ok(match sheet.next_row(row) {
                None => false,
                Some(line) => {
                    row.begin(line, 0);
                    row.settle();
                    true
                }
            }),
        };
        if !is_found.map_err(|refusal| refusal.after_rows(self.rows))? {
            return Ok(false);
        }
        self.is_over = false;
        self.rows += 1;
        row.number = self.rows;
        if row.faults.is_empty() {
            row.fit(self.header.len(), !matches!(self.inner, Inner::Csv(_)));
        }
        Ok(true)
    }

    /// Passes over `rows` rows, to go on where an earlier run stopped; returns how many there were.
    pub fn skip_rows(&mut self, rows: u64) -> Result<u64, Refusal> {
        let mut row = Row::default();
        for passed in 0..rows {
            if !self.read(&mut row)? {
                return Ok(passed);
            }
        }
        Ok(rows)
    }

    /// How the file is packed.
    pub fn compression(&self) -> Compression {
        self.sniffed.compression
    }
}

impl Iterator for RowReader {
    type Item = Result<Row, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Row::default();
        match self.read(&mut row) {
            Ok(true) => Some(Ok(row)),
            Ok(false) => None,
            Err(refusal) => Some(Err(refusal)),
        }
    }
}

/// Trimmed names; blank ones get their position, repeated ones a number.
fn header_names<'a>(fields: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (position, field) in fields.enumerate() {
        let field = field.trim().trim_start_matches('\u{feff}');
        let base = if field.is_empty() {
            format!("column {}", position + 1)
        } else {
            cut(field, 200)
        };
        let mut name = base.clone();
        let mut copy = 2;
        while names.contains(&name) {
            name = format!("{base} ({copy})");
            copy += 1;
        }
        names.push(name);
    }
    names
}
