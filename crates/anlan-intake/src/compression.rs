//! Unpacks gzip and zstd streams, recognised by their first bytes, and counts the packed bytes read.
//! Knows nothing of what is inside.

use crate::refusals::Refusal;
use serde::Serialize;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// As it is.
    #[default]
    None,
    /// gzip, one or several members.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// A boxed byte stream that may move between threads.
pub(crate) type Bytes = Box<dyn Read + Send>;

/// Largest zstd window accepted: 2^27 bytes = 128 MiB, the format's own default limit.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// An unpacked stream, its beginning already read.
pub(crate) struct Unpacked {
    /// How the file was packed.
    pub(crate) compression: Compression,
    /// The first bytes, at most what was asked for.
    pub(crate) head: Vec<u8>,
    /// Everything, the head included.
    pub(crate) all: Bytes,
    /// Packed bytes read so far.
    pub(crate) packed_read: Arc<AtomicU64>,
}

struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Yields an error once, then the end: a failure met while the head was read is passed on in its place.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Unpacks `input` and reads up to `head_len` bytes ahead.
pub(crate) fn unpack(input: impl Read + Send + 'static, head_len: usize) -> Result<Unpacked, Refusal> {
    let packed_read = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: input,
        count: Arc::clone(&packed_read),
    };
    let (magic, counted) = peek(Box::new(counted), 4);
    let (compression, plain): (_, Bytes) = match magic.as_slice() {
        [0x1f, 0x8b, ..] => (
            Compression::Gzip,
            Box::new(flate2::read::MultiGzDecoder::new(counted)),
        ),
        [0x28, 0xb5, 0x2f, 0xfd] => (Compression::Zstd, Box::new(zstd(counted)?)),
        _ => (Compression::None, counted),
    };
    let (head, all) = peek(plain, head_len);
    Ok(Unpacked {
        compression,
        head,
        all,
        packed_read,
    })
}

fn zstd(packed: Bytes) -> Result<impl Read + Send, Refusal> {
    let mut decoder =
        zstd::stream::read::Decoder::new(packed).map_err(|error| read_refusal(&error, Compression::Zstd))?;
    decoder
        .window_log_max(ZSTD_WINDOW_LOG_MAX)
        .map_err(|error| read_refusal(&error, Compression::Zstd))?;
    Ok(decoder)
}

/// Reads up to `len` bytes and puts them back in front; an error met meanwhile follows them.
fn peek(mut from: Bytes, len: usize) -> (Vec<u8>, Bytes) {
    let mut head = Vec::new();
    let mut taken = from.by_ref().take(len as u64);
    let failed = taken.read_to_end(&mut head).err();
    let front = Cursor::new(head.clone());
    match failed {
        Some(error) => (head, Box::new(front.chain(Failing(Some(error))))),
        None => (head, Box::new(front.chain(from))),
    }
}

/// What a failed read means for the person who sent the file.
pub(crate) fn read_refusal(error: &io::Error, compression: Compression) -> Refusal {
    let (name, is_packed) = match compression {
        Compression::Gzip => ("gzip", true),
        Compression::Zstd => ("zstd", true),
        Compression::None => ("", false),
    };
    if is_packed && error.kind() == io::ErrorKind::UnexpectedEof {
        return Refusal::new(
            "compression.truncated",
            format!(
                "The {name} file ends in the middle: it was cut off on its way. Fetch it again and import it again; rows already taken in are not taken twice."
            ),
        );
    }
    if is_packed {
        return Refusal::new(
            "compression.broken",
            format!("The {name} file is damaged ({error}). Fetch it again and import it again."),
        );
    }
    Refusal::new(
        "read.failed",
        format!("The file could not be read on ({error}). Try again."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn unpacks_by_the_first_bytes_and_counts() {
        let plain = b"a,b\n1,2\n".repeat(1000);
        let zst = zstd::encode_all(plain.as_slice(), 1).unwrap();
        for (packed, expected) in [
            (gz(&plain), Compression::Gzip),
            (zst, Compression::Zstd),
            (plain.clone(), Compression::None),
        ] {
            let size = packed.len() as u64;
            let mut unpacked = unpack(Cursor::new(packed), 16).unwrap();
            assert_eq!(unpacked.compression, expected);
            assert_eq!(unpacked.head, plain[..16]);
            let mut all = Vec::new();
            unpacked.all.read_to_end(&mut all).unwrap();
            assert_eq!(all, plain);
            assert_eq!(unpacked.packed_read.load(Ordering::Relaxed), size);
        }
    }

    #[test]
    fn a_stream_cut_off_is_an_error_not_an_end() {
        let plain: Vec<u8> = (0..20_000u32)
            .flat_map(|n| format!("{n},{}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect();
        let zst = zstd::encode_all(plain.as_slice(), 1).unwrap();
        for packed in [gz(&plain), zst] {
            let half = packed[..packed.len() / 2].to_vec();
            let mut unpacked = unpack(Cursor::new(half), 16).unwrap();
            let error = unpacked.all.read_to_end(&mut Vec::new()).unwrap_err();
            assert_eq!(
                read_refusal(&error, unpacked.compression).code,
                "compression.truncated"
            );
        }
    }
}
