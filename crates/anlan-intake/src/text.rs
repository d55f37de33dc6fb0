//! A byte stream as valid UTF-8 in a sliding buffer. Knows lines only as a count, rows not at all.

use crate::compression::{Bytes, Compression, read_refusal};
use crate::encodings::{Encoding, misfit};
use crate::refusals::Refusal;
use encoding_rs::{Decoder, DecoderResult};
use std::io::Read;

const CHUNK: usize = 64 * 1024;

/// Decoded text, read as it is consumed. What was valid before a failure is handed out before the failure is.
pub(crate) struct Text {
    from: Bytes,
    compression: Compression,
    encoding: Encoding,
    decoder: Option<Decoder>,
    is_cr_only: bool,
    raw: Vec<u8>,
    buf: Vec<u8>,
    start: usize,
    /// Bytes of `buf` known to be valid UTF-8.
    valid: usize,
    newlines: u64,
    consumed: u64,
    is_at_end: bool,
    failure: Option<Refusal>,
}

impl Text {
    /// Text in `encoding`; its byte order mark, if any, must already be off.
    pub(crate) fn new(from: Bytes, compression: Compression, encoding: Encoding, is_cr_only: bool) -> Self {
        let decoder =
            (encoding != Encoding::Utf8).then(|| encoding.table().new_decoder_without_bom_handling());
        Self {
            from,
            compression,
            encoding,
            decoder,
            is_cr_only,
            raw: Vec::new(),
            buf: Vec::new(),
            start: 0,
            valid: 0,
            newlines: 0,
            consumed: 0,
            is_at_end: false,
            failure: None,
        }
    }

    /// What is decoded and not yet consumed.
    pub(crate) fn ahead(&self) -> &[u8] {
        self.buf.get(self.start..self.valid).unwrap_or_default()
    }

    /// Whether nothing follows `ahead`; if so and a failure is due, reading must end with it.
    pub(crate) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Bytes of decoded text consumed so far.
    pub(crate) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// The failure that ended the text early, once.
    pub(crate) fn take_failure(&mut self) -> Option<Refusal> {
        self.failure.take()
    }

    /// Whether the text ended early.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Moves past `count` bytes of `ahead`.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.valid);
        self.consumed += count as u64;
    }

    /// Reads more; afterwards `ahead` is longer or `is_at_end` holds.
    pub(crate) fn fill(&mut self) {
        if self.start > 0 {
            self.buf.drain(..self.start);
            self.valid -= self.start;
            self.start = 0;
        }
        let before = self.valid;
        while self.valid == before && !self.is_at_end {
            self.fill_once(self.valid.max(CHUNK));
        }
    }

    fn fill_once(&mut self, want: usize) {
        let tail = self.buf.len();
        let read = if self.decoder.is_some() {
            self.read_decoded()
        } else {
            self.read_plain(want)
        };
        if self.is_cr_only {
            self.buf
                .iter_mut()
                .skip(tail)
                .filter(|byte| **byte == b'\r')
                .for_each(|byte| *byte = b'\n');
        }
        if let Err(error) = read {
            self.end(Some(read_refusal(&error, self.compression)));
        }
        let from = self.valid;
        self.validate();
        let fresh = self.buf.get(from..self.valid).unwrap_or_default();
        self.newlines += memchr::memchr_iter(b'\n', fresh).count() as u64;
        if self
            .failure
            .as_ref()
            .is_some_and(|failure| failure.code == "encoding.misfit")
        {
            self.failure = Some(misfit(self.encoding, self.newlines + 1));
        }
    }

    fn end(&mut self, failure: Option<Refusal>) {
        self.is_at_end = true;
        if self.failure.is_none() {
            self.failure = failure;
        }
    }

    fn read_plain(&mut self, want: usize) -> std::io::Result<()> {
        let read = self.from.by_ref().take(want as u64).read_to_end(&mut self.buf)?;
        if read == 0 {
            self.end(None);
        }
        Ok(())
    }

    fn read_decoded(&mut self) -> std::io::Result<()> {
        let read = self.from.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
        let is_last = read == 0;
        let Some(decoder) = self.decoder.as_mut() else {
            return Ok(());
        };
        let mut done = 0;
        let mut out = vec![0; CHUNK];
        let mut misfit_found = false;
        loop {
            let rest = self.raw.get(done..).unwrap_or_default();
            let (result, used, written) = decoder.decode_to_utf8_without_replacement(rest, &mut out, is_last);
            done += used;
            self.buf.extend_from_slice(out.get(..written).unwrap_or_default());
            match result {
                DecoderResult::OutputFull => {}
                DecoderResult::InputEmpty => break,
                DecoderResult::Malformed(..) => {
                    misfit_found = true;
                    break;
                }
            }
        }
        self.raw.clear();
        if misfit_found {
            self.end(Some(misfit(self.encoding, 0)));
        } else if is_last {
            self.end(None);
        }
        Ok(())
    }

    /// Extends `valid` over whole characters; a byte that cannot be UTF-8 ends the text.
    fn validate(&mut self) {
        let fresh = self.buf.get(self.valid..).unwrap_or_default();
        match std::str::from_utf8(fresh) {
            Ok(_) => self.valid = self.buf.len(),
            Err(error) => {
                self.valid += error.valid_up_to();
                // A character cut by the end of a cut-off stream is not a misfit; the stream's own failure stands.
                if error.error_len().is_some() || self.is_at_end {
                    self.end(Some(misfit(self.encoding, 0)));
                }
            }
        }
    }
}

/// Whether a decoder's whole output fits; used where a stated encoding is checked without keeping the text.
pub(crate) fn decodes(decoder: &mut Decoder, bytes: &[u8], is_last: bool, newlines: &mut u64) -> bool {
    let mut rest = bytes;
    let mut out = vec![0; CHUNK];
    loop {
        let (result, used, written) = decoder.decode_to_utf8_without_replacement(rest, &mut out, is_last);
        *newlines += memchr::memchr_iter(b'\n', out.get(..written).unwrap_or_default()).count() as u64;
        rest = rest.get(used..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return true,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read_all(bytes: Vec<u8>, encoding: Encoding) -> (String, Option<Refusal>) {
        let mut text = Text::new(Box::new(Cursor::new(bytes)), Compression::None, encoding, false);
        let mut out = Vec::new();
        loop {
            text.fill();
            out.extend_from_slice(text.ahead());
            let len = text.ahead().len();
            text.consume(len);
            if text.is_at_end() {
                return (String::from_utf8(out).unwrap(), text.take_failure());
            }
        }
    }

    #[test]
    fn every_encoding_comes_out_as_utf_8() {
        let words = "编号,地址\n1,朝阳区\n".repeat(9000);
        let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let gb = encoding_rs::GB18030.encode(&words).0.into_owned();
        for (bytes, encoding) in [
            (words.clone().into_bytes(), Encoding::Utf8),
            (utf16, Encoding::Utf16le),
            (gb, Encoding::Gb18030),
        ] {
            assert_eq!(read_all(bytes, encoding), (words.clone(), None));
        }
    }

    #[test]
    fn a_misfit_is_named_by_line_and_what_came_before_is_kept() {
        let mut bytes = "a\nä\nb".as_bytes().to_vec();
        bytes.push(0xFF);
        bytes.extend(b"\nc\n");
        let (kept, failure) = read_all(bytes, Encoding::Utf8);
        assert_eq!(kept, "a\nä\nb");
        assert_eq!(failure.unwrap().line, Some(3));
        let (_, failure) = read_all(b"a\nb\xE4".to_vec(), Encoding::Utf8);
        assert_eq!(failure.unwrap().line, Some(2));
    }
}
