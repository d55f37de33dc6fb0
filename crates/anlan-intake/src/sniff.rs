//! What a file is, before anything is made of it: packing, format, encoding, delimiter. Reads; changes nothing.

use crate::compression::{Bytes, Compression, Unpacked, read_refusal, unpack};
use crate::csv_rows::{Attempt, split};
use crate::encodings::{Classifier, Encoding, from_head, misfit};
use crate::refusals::Refusal;
use crate::rows::Row;
use crate::text::decodes;
use serde::Serialize;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much of the beginning is looked at.
const HEAD_LEN: usize = 256 * 1024;

/// The formats rows are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Format {
    /// One row per line, fields separated by a character.
    Delimited {
        /// Comma, tab, semicolon or bar.
        delimiter: char,
    },
    /// An array of objects, or one object per line.
    Json,
    /// An Excel workbook.
    Xlsx,
}

/// What the sender says about a file; what is left open is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// The encoding; Windows-1252 is only ever taken on the sender's word.
    pub encoding: Option<Encoding>,
    /// The format, delimiter included.
    pub format: Option<Format>,
    /// Lines before the header, titles and the like.
    pub skip_lines: u64,
    /// The sheet of a workbook; otherwise the first that holds anything.
    pub sheet: Option<String>,
}

impl Stated {
    /// The same, with what a survey found.
    #[must_use]
    pub fn with(mut self, sniffed: &Sniffed) -> Self {
        self.encoding = sniffed.encoding;
        self.format = Some(sniffed.format);
        self
    }
}

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sniffed {
    /// How it is packed.
    pub compression: Compression,
    /// What it holds.
    pub format: Format,
    /// The text's encoding; `None` for a workbook.
    pub encoding: Option<Encoding>,
    /// Whether it begins with a byte order mark.
    pub has_bom: bool,
    /// Physical lines, where the whole file was looked at.
    pub lines: Option<u64>,
}

impl Sniffed {
    pub(crate) fn text_encoding(&self) -> Encoding {
        self.encoding.unwrap_or(Encoding::Utf8)
    }
}

/// A file opened for reading, its byte order mark taken off.
pub(crate) struct Opened {
    pub(crate) sniffed: Sniffed,
    /// The beginning, as UTF-8, whole lines.
    pub(crate) sample: Vec<u8>,
    pub(crate) all: Bytes,
    pub(crate) packed_read: Arc<AtomicU64>,
    pub(crate) is_cr_only: bool,
    /// The encoding was stated or shows in the first bytes; otherwise it was concluded from the beginning.
    is_encoding_certain: bool,
}

/// Opens a file and finds out what `stated` leaves open.
pub(crate) fn open(input: impl Read + Send + 'static, stated: &Stated) -> Result<Opened, Refusal> {
    open_with(input, stated, encoding_of_head)
}

fn open_with(
    input: impl Read + Send + 'static,
    stated: &Stated,
    conclude: fn(&[u8]) -> Result<Encoding, Refusal>,
) -> Result<Opened, Refusal> {
    let Unpacked {
        compression,
        head,
        mut all,
        packed_read,
    } = unpack(input, HEAD_LEN)?;
    refuse_strangers(&head, &mut all, compression)?;
    if is_workbook(&head) {
        let sniffed = Sniffed {
            compression,
            format: Format::Xlsx,
            encoding: None,
            has_bom: false,
            lines: None,
        };
        let sample = Vec::new();
        return Ok(Opened {
            sniffed,
            sample,
            all,
            packed_read,
            is_cr_only: false,
            is_encoding_certain: true,
        });
    }
    let marked = from_head(&head);
    let bom_len = marked.map_or(0, |(_, len)| len);
    let encoding = match (stated.encoding, marked) {
        (Some(encoding), _) | (None, Some((encoding, _))) => encoding,
        (None, None) => conclude(&head)?,
    };
    let is_encoding_certain = stated.encoding.is_some() || marked.is_some();
    let (sample, is_cr_only) = sample(&head, bom_len, encoding);
    if sample.trim_ascii().is_empty() && head.len() < HEAD_LEN {
        return Err(empty());
    }
    let format = match stated.format {
        Some(format) => format,
        None if matches!(sample.trim_ascii_start().first(), Some(b'{' | b'[')) => Format::Json,
        None => Format::Delimited {
            delimiter: delimiter(&sample, stated.skip_lines),
        },
    };
    let mut bom = Vec::new();
    let taken = all.by_ref().take(bom_len as u64).read_to_end(&mut bom);
    taken.map_err(|error| read_refusal(&error, compression))?;
    let sniffed = Sniffed {
        compression,
        format,
        encoding: Some(encoding),
        has_bom: bom_len > 0,
        lines: None,
    };
    Ok(Opened {
        sniffed,
        sample,
        all,
        packed_read,
        is_cr_only,
        is_encoding_certain,
    })
}

/// The beginning as UTF-8, and whether its lines end in a lone carriage return.
fn sample(head: &[u8], bom_len: usize, encoding: Encoding) -> (Vec<u8>, bool) {
    let (words, ..) = encoding
        .table()
        .decode_without_bom_handling(head.get(bom_len..).unwrap_or_default());
    let is_cr_only = !words.contains('\n') && words.contains('\r');
    let mut bytes = if is_cr_only {
        words.replace('\r', "\n")
    } else {
        words.into_owned()
    }
    .into_bytes();
    if head.len() >= HEAD_LEN {
        // The last line may be cut off.
        let end = memchr::memrchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
        bytes.truncate(end);
    }
    (bytes, is_cr_only)
}

fn empty() -> Refusal {
    Refusal::new("file.empty", "The file is empty. There is nothing to import.")
}

fn is_workbook(head: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(head, part).is_some();
    head.starts_with(b"PK\x03\x04") && (has(b"[Content_Types].xml") || has(b"xl/"))
}

/// Formats that are recognised only to say in words why they are not read.
fn refuse_strangers(head: &[u8], all: &mut Bytes, compression: Compression) -> Result<(), Refusal> {
    if head.is_empty() {
        // Either nothing is there or reading failed at once; the stream knows which.
        let mut byte = [0];
        return match all.read(&mut byte) {
            Err(error) => Err(read_refusal(&error, compression)),
            Ok(_) => Err(empty()),
        };
    }
    let (code, words) = match head {
        [b'P', b'K', 3, 4, ..] if is_workbook(head) => return Ok(()),
        [b'P', b'K', 3, 4, ..] if memchr::memmem::find(head, b"opendocument").is_some() => (
            "format.ods",
            "This is an OpenDocument file. Save the sheet as XLSX or CSV and import that.",
        ),
        [b'P', b'K', 3 | 5 | 7, ..] => (
            "format.zip",
            "This is a ZIP archive, not a table. Unpack it and import the files in it one by one.",
        ),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => (
            "format.xls",
            "This is an old Excel workbook (XLS) or one protected by a password. Save it as XLSX without a password, or as CSV, and import that.",
        ),
        [0x09, 0x08, ..] => (
            "format.xls",
            "This is an old Excel workbook (XLS). Save it as XLSX or CSV and import that.",
        ),
        [b'%', b'P', b'D', b'F', ..] => ("format.pdf", "This is a PDF. Import the table it was made from."),
        [b'P', b'A', b'R', b'1', ..] => (
            "format.parquet",
            "This is a Parquet file. Export it as CSV and import that.",
        ),
        _ if looks_like_markup(head) => (
            "format.markup",
            "This is a web page or XML, not a table. Save the table as CSV, XLSX or JSON and import that.",
        ),
        _ if looks_binary(head) => (
            "format.unknown",
            "This is not text in any format known here. CSV, TSV, JSON and XLSX can be imported, also packed with gzip or zstd.",
        ),
        _ => return Ok(()),
    };
    Err(Refusal::new(code, words))
}

fn looks_like_markup(head: &[u8]) -> bool {
    let start = head
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(head)
        .trim_ascii_start();
    matches!(start, [b'<', next, ..] if next.is_ascii_alphabetic() || b"!?".contains(next))
}

fn looks_binary(head: &[u8]) -> bool {
    if from_head(head).is_some() {
        return false;
    }
    let sample = head.get(..head.len().min(8192)).unwrap_or_default();
    let odd = sample
        .iter()
        .filter(|byte| **byte < 0x20 && !b"\t\n\r\x0c\x1a".contains(byte))
        .count();
    odd * 10 > sample.len()
}

/// The encoding the beginning shows, its last line left out where it may be cut off.
fn encoding_of_head(head: &[u8]) -> Result<Encoding, Refusal> {
    let mut classifier = Classifier::default();
    let end = memchr::memrchr(b'\n', head).map_or(head.len(), |at| at + 1);
    let whole = if head.len() < HEAD_LEN {
        head
    } else {
        head.get(..end).unwrap_or(head)
    };
    classifier.feed(whole);
    classifier.finish()
}

/// The separator that cuts most rows into the same number of fields, two at least; a comma where none does.
fn delimiter(sample: &[u8], skip_lines: u64) -> char {
    let mut best = (0, 0, ',');
    for candidate in [',', '\t', ';', '|'] {
        let (agreeing, fields) = agreement(sample, u8::try_from(candidate).unwrap_or(b','), skip_lines);
        if fields > 1 && (agreeing, fields) > (best.0, best.1) {
            best = (agreeing, fields, candidate);
        }
    }
    best.2
}

/// How many rows in a hundred share the commonest number of fields, and that number.
fn agreement(sample: &[u8], delimiter: u8, skip_lines: u64) -> (usize, usize) {
    let mut rest = sample;
    for _ in 0..skip_lines {
        rest = memchr::memchr(b'\n', rest)
            .and_then(|at| rest.get(at + 1..))
            .unwrap_or_default();
    }
    let mut widths = std::collections::BTreeMap::<usize, usize>::new();
    let mut row = Row::default();
    for _ in 0..200 {
        let Attempt::Row(used) = split(rest, delimiter, true, &mut row) else {
            break;
        };
        if used > 0 && !row.is_empty() && !rest.starts_with(b"\n") && !rest.starts_with(b"\r\n") {
            *widths.entry(row.len()).or_default() += 1;
        }
        rest = rest.get(used..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
    }
    let all: usize = widths.values().sum();
    let (width, count) = widths
        .into_iter()
        .max_by_key(|(width, count)| (*count, *width))
        .unwrap_or((1, 0));
    (count * 100 / all.max(1), width)
}

/// Looks at the whole file: its packing is sound, its encoding is one and the same from the first line to the last.
/// `progress` is told the packed bytes read. What it returns belongs into `Stated::with` for the reading proper.
pub fn survey(
    input: impl Read + Send + 'static,
    stated: &Stated,
    progress: &mut dyn FnMut(u64),
) -> Result<Sniffed, Refusal> {
    // The beginning alone must not settle the encoding here: the whole file is asked.
    let opened = open_with(input, stated, |_| Ok(Encoding::Utf8))?;
    let mut sniffed = opened.sniffed;
    if sniffed.format == Format::Xlsx {
        return Ok(sniffed);
    }
    let mut looker = if opened.is_encoding_certain {
        Looker::checking(sniffed.text_encoding())
    } else {
        Looker::asking()
    };
    let mut all = opened.all;
    let mut chunk = vec![0; 128 * 1024];
    loop {
        let read = all.read(&mut chunk);
        let len =
            read.map_err(|error| read_refusal(&error, sniffed.compression).at_line(looker.lines() + 1))?;
        let bytes = chunk.get(..len).unwrap_or_default();
        looker.look(bytes, len == 0)?;
        progress(opened.packed_read.load(Ordering::Relaxed));
        if len == 0 || looker.is_settled() {
            break;
        }
    }
    sniffed.lines = Some(looker.lines());
    sniffed.encoding = Some(looker.finish()?);
    Ok(sniffed)
}

enum Looker {
    Asking(Classifier),
    Checking {
        encoding: Encoding,
        decoder: encoding_rs::Decoder,
        newlines: u64,
    },
}

impl Looker {
    fn asking() -> Self {
        Self::Asking(Classifier::default())
    }

    fn checking(encoding: Encoding) -> Self {
        Self::Checking {
            encoding,
            decoder: encoding.table().new_decoder_without_bom_handling(),
            newlines: 0,
        }
    }

    fn look(&mut self, bytes: &[u8], is_last: bool) -> Result<(), Refusal> {
        match self {
            Self::Asking(classifier) => {
                classifier.feed(bytes);
                Ok(())
            }
            Self::Checking {
                encoding,
                decoder,
                newlines,
            } => {
                if decodes(decoder, bytes, is_last, newlines) {
                    return Ok(());
                }
                Err(misfit(*encoding, *newlines + 1))
            }
        }
    }

    fn is_settled(&self) -> bool {
        matches!(self, Self::Asking(classifier) if classifier.is_settled())
    }

    fn lines(&self) -> u64 {
        match self {
            Self::Asking(classifier) => classifier.lines(),
            Self::Checking { newlines, .. } => *newlines,
        }
    }

    fn finish(self) -> Result<Encoding, Refusal> {
        match self {
            Self::Asking(classifier) => classifier.finish(),
            Self::Checking { encoding, .. } => Ok(encoding),
        }
    }
}
