//! Which encoding a text is in, told line by line, never guessed from one byte.
//! Only UTF-8, UTF-16 and GB18030 are recognised; one-byte encodings fit any bytes and so must be stated.

use crate::refusals::Refusal;
use encoding_rs::GB18030;
use serde::{Deserialize, Serialize};

/// An encoding a file may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, plain ASCII included.
    Utf8,
    /// UTF-16, low byte first.
    Utf16le,
    /// UTF-16, high byte first.
    Utf16be,
    /// GB18030, GBK and GB2312 included.
    Gb18030,
    /// Windows-1252, Latin-1 included; only when stated.
    Windows1252,
}

impl Encoding {
    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16le => "UTF-16LE",
            Self::Utf16be => "UTF-16BE",
            Self::Gb18030 => "GB18030",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// The decoder's table.
    pub(crate) fn table(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16le => encoding_rs::UTF_16LE,
            Self::Utf16be => encoding_rs::UTF_16BE,
            Self::Gb18030 => GB18030,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        }
    }
}

/// UTF-16 and the byte order mark, which the first bytes settle alone. Returns the mark's length.
pub(crate) fn from_head(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return Some((Encoding::Utf8, 3)),
        [0xFF, 0xFE, ..] => return Some((Encoding::Utf16le, 2)),
        [0xFE, 0xFF, ..] => return Some((Encoding::Utf16be, 2)),
        _ => {}
    }
    // Without a mark: mostly-ASCII text in UTF-16 has a zero in nearly every other byte.
    let sample = head.get(..head.len().min(4096)).unwrap_or_default();
    let pairs = sample.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |odd: usize| {
        sample
            .iter()
            .skip(odd)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 > pairs * 4 && even * 20 < pairs {
        return Some((Encoding::Utf16le, 0));
    }
    (even * 10 > pairs * 4 && odd * 20 < pairs).then_some((Encoding::Utf16be, 0))
}

/// Longest stretch without a line end that is looked at in one piece.
const PIECE_MAX: usize = 1 << 20;

/// Tells UTF-8 from GB18030 over a whole text: each line is tried in both.
/// Neither has a line feed inside a character, so lines can be judged apart.
#[derive(Debug, Default)]
pub(crate) struct Classifier {
    carry: Vec<u8>,
    lines: u64,
    not_utf8: Option<u64>,
    not_gb: Option<u64>,
    only_utf8: Option<u64>,
    only_gb: Option<u64>,
    gb_pairs: u64,
    gb_common: u64,
}

impl Classifier {
    /// Lines ended so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether more input can change nothing.
    pub(crate) fn is_settled(&self) -> bool {
        self.not_utf8.is_some() && self.not_gb.is_some()
    }

    /// Takes the next bytes, cut anywhere.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let end = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (whole, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        if !whole.is_empty() {
            let mut carried = std::mem::take(&mut self.carry);
            if carried.is_empty() {
                self.block(whole);
            } else {
                carried.extend_from_slice(whole);
                self.block(&carried);
            }
        }
        self.carry.extend_from_slice(rest);
        if self.carry.len() > PIECE_MAX {
            self.cut_carry();
        }
    }

    /// A line of a megabyte is judged in pieces, cut between two ASCII bytes: no character of either encoding spans such a cut.
    fn cut_carry(&mut self) {
        let Some(at) = self
            .carry
            .windows(2)
            .rposition(|pair| pair.iter().all(u8::is_ascii))
        else {
            return;
        };
        let rest = self.carry.split_off(at + 1);
        let piece = std::mem::replace(&mut self.carry, rest);
        self.line(&piece, self.lines + 1);
    }

    fn block(&mut self, block: &[u8]) {
        let count = memchr::memchr_iter(b'\n', block).count() as u64;
        let is_plain = block.is_ascii();
        let is_known = self.only_utf8.is_some() && std::str::from_utf8(block).is_ok();
        if !is_plain && !is_known {
            for (line, number) in block.split(|byte| *byte == b'\n').zip(self.lines + 1..) {
                self.line(line, number);
            }
        }
        self.lines += count;
    }

    fn line(&mut self, line: &[u8], number: u64) {
        if line.is_ascii() {
            return;
        }
        let is_utf8 = std::str::from_utf8(line).is_ok();
        let is_gb = GB18030
            .decode_without_bom_handling_and_without_replacement(line)
            .is_some();
        if !is_utf8 {
            self.not_utf8.get_or_insert(number);
        }
        if !is_gb {
            self.not_gb.get_or_insert(number);
        }
        if is_utf8 && !is_gb {
            self.only_utf8.get_or_insert(number);
        }
        if is_gb && !is_utf8 {
            self.only_gb.get_or_insert(number);
            self.weigh(line);
        }
    }

    /// Text written in GB18030 keeps almost wholly to the GB2312 area, whose second bytes are ≥ A1. The accidental pairs
    /// of a one-byte encoding end in ASCII letters, and two in five characters of Big5 do.
    fn weigh(&mut self, line: &[u8]) {
        let mut bytes = line.iter();
        while let Some(lead) = bytes.next() {
            if lead.is_ascii() {
                continue;
            }
            let Some(trail) = bytes.next() else { break };
            self.gb_pairs += 1;
            self.gb_common += u64::from(matches!(lead, 0xA1..=0xA9 | 0xB0..=0xF7) && *trail >= 0xA1);
        }
    }

    /// Six in seven: rare characters outside GB2312 stand in names, not in every word.
    fn is_likely_chinese(&self) -> bool {
        self.gb_common * 7 >= self.gb_pairs * 6
    }

    /// The verdict over everything fed.
    pub(crate) fn finish(mut self) -> Result<Encoding, Refusal> {
        let last = std::mem::take(&mut self.carry);
        self.line(&last, self.lines + 1);
        let Some(not_utf8) = self.not_utf8 else {
            return Ok(Encoding::Utf8);
        };
        let Some(not_gb) = self.not_gb else {
            return if self.is_likely_chinese() {
                Ok(Encoding::Gb18030)
            } else {
                Err(unknown(not_utf8))
            };
        };
        match (self.only_utf8, self.only_gb) {
            (Some(utf8), gb) if gb.is_none_or(|gb| utf8 < gb) => Err(mixed(
                Encoding::Utf8,
                not_utf8,
                self.only_gb.is_some().then_some(Encoding::Gb18030),
            )),
            (utf8, Some(_)) if self.is_likely_chinese() => Err(mixed(
                Encoding::Gb18030,
                not_gb,
                utf8.is_some().then_some(Encoding::Utf8),
            )),
            _ => Err(unknown(not_utf8)),
        }
    }
}

fn mixed(first: Encoding, line: u64, then: Option<Encoding>) -> Refusal {
    let name = first.name();
    let fits = then.map_or_else(String::new, |other| {
        format!(" Read as {} that line makes sense.", other.name())
    });
    Refusal::new(
        "encoding.mixed",
        format!("Line {line} does not fit: the lines before it are {name}, this one is not.{fits} Nothing was imported. Save the whole file in one encoding (UTF-8) and send it again."),
    )
    .at_line(line)
}

fn unknown(line: u64) -> Refusal {
    Refusal::new(
        "encoding.unknown",
        format!("Line {line} is not UTF-8, and the file does not read as GB18030 either. Nothing was imported. If it is in Windows-1252 (Latin-1) or in GB18030 with many traditional characters, say so; if it is in Big5 or anything else, save it as UTF-8 and send it again."),
    )
    .at_line(line)
}

/// A line that breaks the encoding the file was read in.
pub(crate) fn misfit(encoding: Encoding, line: u64) -> Refusal {
    Refusal::new(
        "encoding.misfit",
        format!("Line {line} is not {}, in which the file was being read. Check the file's encoding, save it as UTF-8 and import it again; rows already taken in are not taken twice.", encoding.name()),
    )
    .at_line(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bytes: &[u8], step: usize) -> Result<Encoding, Refusal> {
        let mut classifier = Classifier::default();
        for piece in bytes.chunks(step) {
            classifier.feed(piece);
        }
        classifier.finish()
    }

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn whole_texts_are_told_apart_however_they_are_cut() {
        let text = "编号,地址\n1,联通大厦\n2,暴露垃圾，模具厂\n";
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(verdict(text.as_bytes(), step), Ok(Encoding::Utf8));
            assert_eq!(verdict(&gb(text), step), Ok(Encoding::Gb18030));
            assert_eq!(verdict(b"a,b\n1,2\n", step), Ok(Encoding::Utf8));
        }
    }

    #[test]
    fn mixed_texts_name_the_first_line_that_does_not_fit() {
        let mut bytes = "编号,地址\n1,北京市\n".as_bytes().to_vec();
        bytes.extend(gb("2,上海市\n"));
        let refusal = verdict(&bytes, 5).unwrap_err();
        assert_eq!((refusal.code, refusal.line), ("encoding.mixed", Some(3)));
        let mut bytes = gb("编号,地址\n1,北京市，朝阳区\n");
        bytes.extend("2,上海市\n".as_bytes());
        let refusal = verdict(&bytes, 5).unwrap_err();
        assert_eq!((refusal.code, refusal.line), ("encoding.mixed", Some(3)));
    }

    #[test]
    fn latin_1_is_never_taken_for_chinese() {
        let (latin, ..) = encoding_rs::WINDOWS_1252.encode("Descripción,gestión señal\n");
        assert_eq!(verdict(&latin, 9).unwrap_err().code, "encoding.unknown");
    }

    #[test]
    fn big5_is_never_taken_for_gb18030() {
        let (big5, ..) = encoding_rs::BIG5.encode("編號,景點名稱\n1,陽明山國家公園管理處\n2,遊客服務中心\n");
        assert_eq!(verdict(&big5, 9).unwrap_err().code, "encoding.unknown");
    }

    #[test]
    fn a_long_line_is_judged_in_pieces() {
        let mut bytes = vec![b'x'; 3 << 20];
        bytes.extend("京\n".as_bytes());
        assert_eq!(verdict(&bytes, 1 << 16), Ok(Encoding::Utf8));
    }

    #[test]
    fn utf_16_shows_in_its_first_bytes() {
        let le: Vec<u8> = "case,class\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "case,class\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(from_head(&le), Some((Encoding::Utf16le, 0)));
        assert_eq!(from_head(&be), Some((Encoding::Utf16be, 0)));
        assert_eq!(from_head(b"case,class\n\0\0\0"), None);
    }
}
