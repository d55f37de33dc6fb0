//! XLSX workbooks, one sheet held in memory within a stated limit. Prints cells as text; judges no value.

use crate::refusals::Refusal;
use crate::rows::Row;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use std::fmt::Write;
use std::io::{Cursor, Read};

/// Largest workbook file taken, unpacked from gzip or zstd: 64 MiB.
pub const XLSX_FILE_MAX: u64 = 64 << 20;
/// Largest sum of the parts inside, by the workbook's own table of contents: 512 MiB.
pub const XLSX_PARTS_MAX: u64 = 512 << 20;
/// Most text taken out of one sheet: 96 MiB.
pub const XLSX_TEXT_MAX: usize = 96 << 20;

/// The rows of one sheet.
#[derive(Debug)]
pub(crate) struct Sheet {
    text: String,
    ends: Vec<u32>,
    rows: Vec<SheetRow>,
    next: usize,
    /// The sheet read and the others the workbook has.
    pub(crate) names: (String, Vec<String>),
}

#[derive(Debug, Clone, Copy)]
struct SheetRow {
    line: u32,
    cells: u32,
    first_cell: u32,
    start: u32,
}

fn too_big(what: &str, max: u64) -> Refusal {
    Refusal::new(
        "xlsx.too_big",
        format!(
            "The workbook is too big to be read: {what} over {} MiB. Save the sheet as CSV (UTF-8) and import that; CSV has no limit.",
            max >> 20
        ),
    )
}

fn broken(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::new(
            "xlsx.password",
            "The workbook is protected by a password. Save it without one and import it again.",
        ),
        other => Refusal::new(
            "xlsx.broken",
            format!(
                "The workbook cannot be read ({other}). Open it in a spreadsheet program, save it as XLSX or CSV and import that."
            ),
        ),
    }
}

impl Sheet {
    /// Reads the sheet called `name`, or the first one that holds anything.
    pub(crate) fn read(from: impl Read, name: Option<&str>) -> Result<Self, Refusal> {
        let mut bytes = Vec::new();
        from.take(XLSX_FILE_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                Refusal::new(
                    "read.failed",
                    format!("The workbook could not be read ({error})."),
                )
            })?;
        if bytes.len() as u64 > XLSX_FILE_MAX {
            return Err(too_big("the file is", XLSX_FILE_MAX));
        }
        if parts_size(&bytes) > XLSX_PARTS_MAX {
            return Err(too_big("its parts, unpacked, are", XLSX_PARTS_MAX));
        }
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        let names = book.sheet_names();
        let wanted: Vec<&String> = names
            .iter()
            .filter(|known| name.is_none_or(|name| name == *known))
            .collect();
        for wanted in &wanted {
            let mut sheet = Self::read_sheet(&mut book, wanted)?;
            if !sheet.rows.is_empty() {
                let others = names.iter().filter(|name| name != wanted).cloned().collect();
                sheet.names = ((*wanted).clone(), others);
                return Ok(sheet);
            }
        }
        if let (Some(name), true) = (name, wanted.is_empty()) {
            let known = names.join(", ");
            return Err(Refusal::new(
                "xlsx.no_sheet",
                format!("The workbook has no sheet “{name}”. It has: {known}."),
            ));
        }
        Err(Refusal::new(
            "file.empty",
            "The workbook has no sheet with anything in it. There is nothing to import.",
        ))
    }

    fn read_sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Self, Refusal> {
        let mut cells = match book.worksheet_cells_reader(name) {
            Ok(cells) => cells,
            // Chart sheets and the like have no cells.
            Err(XlsxError::NotAWorksheet(_)) => return Ok(Self::empty()),
            Err(error) => return Err(broken(&error)),
        };
        let mut sheet = Self::empty();
        while let Some(cell) = cells.next_cell().map_err(|error| broken(&error))? {
            let (line, column) = cell.get_position();
            sheet.put(line, column, cell.get_value());
            if sheet.text.len() > XLSX_TEXT_MAX || sheet.ends.len() > XLSX_TEXT_MAX / 4 {
                return Err(too_big("the sheet's text is", XLSX_TEXT_MAX as u64));
            }
        }
        sheet.rows.retain(|row| row.cells > 0);
        Ok(sheet)
    }

    fn empty() -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
            rows: Vec::new(),
            next: 0,
            names: (String::new(), Vec::new()),
        }
    }

    fn len_u32(len: usize) -> u32 {
        u32::try_from(len).unwrap_or(u32::MAX)
    }

    fn put(&mut self, line: u32, column: u32, value: &DataRef<'_>) {
        let before = self.text.len();
        let mut words = std::mem::take(&mut self.text);
        print(value, &mut words);
        self.text = words;
        if self.text.len() == before {
            return;
        }
        let (first_cell, start) = (Self::len_u32(self.ends.len()), Self::len_u32(before));
        if self.rows.last().is_none_or(|row| row.line != line + 1) {
            self.rows.push(SheetRow {
                line: line + 1,
                cells: 0,
                first_cell,
                start,
            });
        }
        let Some(row) = self.rows.last_mut() else { return };
        // Cells left out are blank; a cell out of order or far to the right of all others is not a table's.
        let missing = column.saturating_sub(row.cells).min(16_384);
        for _ in 0..missing {
            self.ends.push(Self::len_u32(before));
        }
        self.ends.push(Self::len_u32(self.text.len()));
        row.cells += missing + 1;
    }

    /// The next row; its line is its number in the sheet.
    pub(crate) fn next_row(&mut self, row: &mut Row) -> Option<u64> {
        let found = *self.rows.get(self.next)?;
        self.next += 1;
        row.clear_fields();
        let mut start = found.start as usize;
        for end in self
            .ends
            .iter()
            .skip(found.first_cell as usize)
            .take(found.cells as usize)
        {
            let end = *end as usize;
            row.push(self.text.get(start..end).unwrap_or_default().as_bytes());
            row.end_field();
            start = end;
        }
        Some(u64::from(found.line))
    }
}

fn print(value: &DataRef<'_>, to: &mut String) {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => to.push_str(text),
        DataRef::SharedString(text) => to.push_str(text),
        DataRef::Int(number) => to.push_str(&number.to_string()),
        // Printed without an exponent, so that long ids stay whole.
        DataRef::Float(number) => to.push_str(&number.to_string()),
        DataRef::Bool(yes) => to.push_str(if *yes { "true" } else { "false" }),
        DataRef::DateTime(at) => print_time(at, to),
        DataRef::Error(error) => to.push_str(&error.to_string()),
        DataRef::Empty => {}
    }
}

fn print_time(at: &ExcelDateTime, to: &mut String) {
    if at.is_duration() {
        to.push_str(&at.as_f64().to_string());
        return;
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let _ = write!(to, "{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) != (0, 0, 0) {
        let _ = write!(to, " {hour:02}:{minute:02}:{second:02}");
    }
}

/// Sum of the unpacked sizes in a ZIP's table of contents: a bomb is refused before it is unpacked.
fn parts_size(zip: &[u8]) -> u64 {
    memchr::memmem::find_iter(zip, b"PK\x01\x02")
        .filter_map(|at| zip.get(at + 24..at + 28))
        .filter_map(|size| <[u8; 4]>::try_from(size).ok())
        .map(|size| u64::from(u32::from_le_bytes(size)))
        .sum()
}
