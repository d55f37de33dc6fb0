//! Places in lists: a few numbers in hex, opaque to callers. A cursor of another list, or one tampered with, is refused.

use crate::Page;
use crate::error::Error;

/// A place in a list, opaque to callers: hand back what was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

impl Cursor {
    /// A cursor of the list `tag` at these keys.
    pub(crate) fn new(tag: u8, keys: &[i64]) -> Self {
        let bytes: Vec<u8> = keys.iter().flat_map(|key| key.to_be_bytes()).collect();
        Self(format!("{tag:02x}{}", crate::migrations::hex(&bytes)))
    }

    /// The keys, if the cursor belongs to the list `tag` and has as many.
    pub(crate) fn keys<const N: usize>(&self, tag: u8) -> Result<[i64; N], Error> {
        let refused =
            || Error::Invalid("this cursor does not belong to this list: begin at the first page".to_owned());
        let rest = self.0.strip_prefix(&format!("{tag:02x}")).ok_or_else(refused)?;
        if rest.len() != N * 16 || !rest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let mut keys = [0; N];
        for (at, key) in keys.iter_mut().enumerate() {
            let digits = rest.get(at * 16..at * 16 + 16).ok_or_else(refused)?;
            *key = u64::from_str_radix(digits, 16)
                .map_err(|_error| refused())?
                .cast_signed();
        }
        Ok(keys)
    }
}

impl<T> Page<T> {
    /// A page of the list `tag` from what was found with its keys, where one more than `limit` was asked for.
    pub(crate) fn cut<const N: usize>(tag: u8, mut found: Vec<([i64; N], T)>, limit: usize) -> Self {
        let is_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| is_more);
        Self {
            next: last.map(|(keys, _)| Cursor::new(tag, keys)),
            items: found.into_iter().map(|(_, item)| item).collect(),
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Cursor {
    type Err = Error;

    /// Takes any text: whether it belongs to a list shows when that list is asked.
    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_and_strangers_are_refused() {
        let cursor = Cursor::new(3, &[-1, i64::MAX]);
        assert_eq!(cursor.keys::<2>(3).unwrap(), [-1, i64::MAX]);
        assert!(cursor.keys::<2>(4).is_err());
        assert!(cursor.keys::<1>(3).is_err());
        for text in [
            "",
            "03",
            "x",
            "03zzzzzzzzzzzzzzzz",
            "03+000000000000000",
            "案件",
            "03é00000000000000",
        ] {
            assert!(Cursor(text.to_owned()).keys::<1>(3).is_err(), "{text}");
        }
    }
}
