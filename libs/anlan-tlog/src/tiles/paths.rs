//! The last part of a path, `x001/x234/067.p/8`: number and width. What stands before it is the caller's.

use super::TILE_WIDTH;
use std::fmt::Write as _;

/// Digits of a part.
const DIGITS: usize = 3;

/// Why a path is no path of a tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It does not begin as it should.
    #[error("the path does not begin with `tile/` or `tile/entries/`")]
    Prefix,
    /// Not a number without leading zeros, or too large.
    #[error("the level is not a number from 0 to 7")]
    Level,
    /// The index is not in groups of three digits, all but the last behind an `x`, the first not zero unless alone.
    #[error("the index is not in groups of three digits, all but the last with `x`, without needless zeros")]
    Index,
    /// The width is not a number without leading zeros from 1 to 255.
    #[error("the width is not a number from 1 to 255")]
    Width,
    /// No tree of less than 2^64 leaves has such a tile.
    #[error("no tree has a tile so far out")]
    Beyond,
}

/// `x001/234`, or `x001/234.p/8` if it is partial.
pub(crate) fn to_path(index: u64, width: u16) -> String {
    let digits = index.to_string();
    let padding = digits.len().next_multiple_of(DIGITS);
    let digits = format!("{digits:0>padding$}");
    let mut path = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at % DIGITS == 0 {
            path.push_str(if at == 0 { "" } else { "/" });
            path.push_str(if at + DIGITS < padding { "x" } else { "" });
        }
        path.push(digit);
    }
    if width < TILE_WIDTH {
        // INVARIANT: a string takes everything.
        let _ = write!(path, ".p/{width}");
    }
    path
}

/// Number and width of a path in its one spelling.
pub(crate) fn from_path(path: &str) -> Result<(u64, u16), PathError> {
    let (number, width) = match path.split_once(".p/") {
        Some((number, width)) => (number, partial_width(width)?),
        None => (path, TILE_WIDTH),
    };
    let mut index: u64 = 0;
    let mut parts = number.split('/').enumerate().peekable();
    while let Some((at, part)) = parts.next() {
        let is_last = parts.peek().is_none();
        let group = if is_last {
            Some(part)
        } else {
            part.strip_prefix('x')
        };
        let group = group.and_then(three_digits).ok_or(PathError::Index)?;
        if at == 0 && group == 0 && !is_last {
            return Err(PathError::Index);
        }
        let shifted = index.checked_mul(1000).and_then(|index| index.checked_add(group));
        index = shifted.ok_or(PathError::Beyond)?;
    }
    Ok((index, width))
}

fn three_digits(part: &str) -> Option<u64> {
    let is_group = part.len() == DIGITS && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_group { part.parse().ok() } else { None }
}

fn partial_width(text: &str) -> Result<u16, PathError> {
    let width = crate::texts::decimal(text).and_then(|width| u16::try_from(width).ok());
    width
        .filter(|width| (1..TILE_WIDTH).contains(width))
        .ok_or(PathError::Width)
}
