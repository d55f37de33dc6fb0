//! The text of a document from its bytes: the encoding that its mark or its declaration names, else UTF-8. Characters that XML
//! does not hold are refused here, once for all readers.

use crate::refusals::cut;
use encoding_rs::{DecoderResult, Encoding, UTF_8};
use std::borrow::Cow;

/// What is wrong, and at which line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) code: &'static str,
    pub(super) line: u64,
    pub(super) message: String,
}

/// The text of the bytes, without a mark of order at its start.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    match readable(bytes) {
        (text, None) => Ok(text),
        (_, Some(why)) => Err(why),
    }
}

/// The text of the bytes as far as they can be read, and why they cannot be read on.
pub(super) fn readable(bytes: &[u8]) -> (Cow<'_, str>, Option<Unreadable>) {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => match declared(bytes) {
            Ok(encoding) => (encoding, bytes),
            Err(why) => return (Cow::Borrowed(""), Some(why)),
        },
    };
    let (text, why) = match encoding {
        utf8 if utf8 == UTF_8 => of_utf8(bytes),
        other => of_other(other, bytes),
    };
    match text.char_indices().find(|(_, c)| !is_char(*c)) {
        None => (text, why),
        Some((at, c)) => {
            let line = line_at(text.as_bytes(), at);
            let message = format!(
                "the character U+{:04X} cannot stand in XML; remove it",
                u32::from(c)
            );
            let code = "cap.xml";
            (cut_at(text, at), Some(Unreadable { code, line, message }))
        }
    }
}

fn cut_at(text: Cow<'_, str>, at: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..at).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.truncate(at);
            Cow::Owned(text)
        }
    }
}

fn of_utf8(bytes: &[u8]) -> (Cow<'_, str>, Option<Unreadable>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            let (good, _) = bytes.split_at(error.valid_up_to());
            let text = std::str::from_utf8(good).unwrap_or_default();
            let why = misfit(UTF_8, line_at(bytes, error.valid_up_to()));
            (Cow::Borrowed(text), Some(why))
        }
    }
}

fn of_other(encoding: &'static Encoding, bytes: &[u8]) -> (Cow<'static, str>, Option<Unreadable>) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(0));
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    let why = match result {
        DecoderResult::InputEmpty => None,
        _ => Some(misfit(encoding, line_at(text.as_bytes(), text.len()))),
    };
    (Cow::Owned(text), why)
}

/// Whether XML 1.0 holds the character (section 2.2).
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// The line of a place, from 1.
pub(super) fn line_at(bytes: &[u8], at: usize) -> u64 {
    let before = bytes.get(..at.min(bytes.len())).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    u64::try_from(line).unwrap_or(u64::MAX)
}

fn misfit(encoding: &'static Encoding, line: u64) -> Unreadable {
    Unreadable {
        code: "cap.encoding",
        line,
        message: format!(
            "the bytes are not {}; send the document in UTF-8",
            encoding.name()
        ),
    }
}

/// The encoding of the declaration. A document in UTF-16 has a mark, so the declaration can be read as ASCII.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, Unreadable> {
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let declaration = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .map(|(declaration, _)| declaration);
    let Some(label) = declaration.and_then(encoding_label) else {
        return Ok(UTF_8);
    };
    let known = Encoding::for_label(label.as_bytes());
    // Without a mark it cannot be two bytes a character, as it was read byte by byte.
    let one = known.map(|encoding| {
        if encoding.is_ascii_compatible() {
            encoding
        } else {
            UTF_8
        }
    });
    one.ok_or_else(|| Unreadable {
        code: "cap.encoding",
        line: 1,
        message: format!(
            "the declaration names the encoding {}, which nobody knows; send the document in UTF-8",
            cut(label, 40)
        ),
    })
}

fn encoding_label(declaration: &str) -> Option<&str> {
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_or_the_declaration_says_how_bytes_are_read() {
        let latin = b"<?xml version='1.0' encoding = 'ISO-8859-1'?><a>Usulut\xe1n</a>";
        assert!(decode(latin).unwrap().ends_with("<a>Usulut\u{e1}n</a>"));
        let chinese = encoding_rs::GB18030
            .encode("<?xml version=\"1.0\" encoding=\"GB2312\"?><a>警报</a>")
            .0;
        assert!(decode(&chinese).unwrap().ends_with("<a>警报</a>"));
        let wide: Vec<u8> = "\u{feff}<a>警</a>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&wide).unwrap(), "<a>警</a>");
        assert_eq!(decode(b"\xef\xbb\xbf<a/>").unwrap(), "<a/>");
        assert_eq!(decode(b"").unwrap(), "");
    }

    #[test]
    fn what_fits_no_encoding_is_refused_with_its_line() {
        for (bytes, code, line) in [
            (&b"<a>\n\xff</a>"[..], "cap.encoding", 2),
            (
                b"<?xml version='1.0' encoding='gb18030'?>\n\n<a>\xff</a>",
                "cap.encoding",
                3,
            ),
            (b"<?xml version='1.0' encoding='klingon'?><a/>", "cap.encoding", 1),
            (b"<a>\n\n\x01</a>", "cap.xml", 3),
            (b"<a>\0</a>", "cap.xml", 1),
        ] {
            let told = decode(bytes).unwrap_err();
            assert_eq!((told.code, told.line), (code, line), "{told:?}");
        }
    }
}
