//! XLSX workbooks, one sheet held in memory within a stated limit. Prints cells as text; judges no value.

use crate::refusals::Refusal;
use crate::rows::Row;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use std::fmt::Write;
use std::io::{Cursor, Read};
use zip::ZipArchive;

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
        measure(&bytes, XLSX_PARTS_MAX)?;
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

/// Refuses a workbook whose parts, by its own table of contents, are more than that when they are unpacked. What lies there is
/// cut off by who unpacks: a part that is longer than it says is an error, so a bomb is refused before it is unpacked.
fn measure(zip: &[u8], max: u64) -> Result<(), Refusal> {
    // What is no ZIP at all is told by who reads it.
    let Ok(mut archive) = ZipArchive::new(Cursor::new(zip)) else {
        return Ok(());
    };
    let mut size = 0_u64;
    for at in 0..archive.len() {
        // A part that cannot be found is told by who reads it, too.
        size = size.saturating_add(archive.by_index_raw(at).map_or(0, |part| part.size()));
    }
    if size > max {
        return Err(too_big("its parts, unpacked, are", max));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::write::{SimpleFileOptions, ZipWriter};

    /// A ZIP of two parts, the second one of zeros.
    fn bomb(zeros: usize) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for (name, bytes) in [("xl/workbook.xml", 10), ("xl/sharedStrings.xml", zeros)] {
            zip.start_file(name, options).unwrap();
            zip.write_all(&vec![0; bytes]).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// The same, which says of its second part that it has ten bytes: in the table of contents and before the part itself.
    fn lying(mut zip: Vec<u8>, zeros: usize) -> Vec<u8> {
        let said = u32::try_from(zeros).unwrap().to_le_bytes();
        let places: Vec<usize> = memchr::memmem::find_iter(&zip, &said).collect();
        assert!(places.len() >= 2, "{places:?}");
        for at in places {
            zip[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
        zip
    }

    #[test]
    fn a_workbook_is_measured_before_it_is_unpacked_and_a_lie_is_cut_off() {
        let zeros = 3_000_017;
        let honest = bomb(zeros);
        assert!(honest.len() < 20_000, "it is small as it comes: {}", honest.len());
        let max = u64::try_from(zeros).unwrap() + 10;
        measure(&honest, max).unwrap();
        let refusal = measure(&honest, max - 1).unwrap_err();
        assert_eq!(refusal.code, "xlsx.too_big");
        // One that says it is small passes, and unpacks to no more than it says.
        let lie = lying(honest, zeros);
        measure(&lie, 20).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(lie)).unwrap();
        let mut unpacked = Vec::new();
        let read = archive.by_index(1).unwrap().read_to_end(&mut unpacked);
        assert!(read.is_err() && unpacked.len() < 100, "{}", unpacked.len());
        measure(b"no workbook", 1).unwrap();
    }
}
