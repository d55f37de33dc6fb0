//! JSON bodies as they are stored: the model's own serde form.

use crate::error::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a value.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::Invalid(format!("cannot be stored: {e}")))
}

/// Reads a value.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| Error::Corrupt(format!("body: {e}")))
}

/// A word as serde writes it, e.g. `handle` or `web`: for enums kept in a column of their own.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Error::Invalid("not a word".to_owned())),
    }
}

/// Reads such a word.
pub(crate) fn from_word<T: DeserializeOwned>(word: &str) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|e| Error::Corrupt(format!("word {word}: {e}")))
}

/// These words for `instr(…, ',' || column || ',')`: whether a column has one of them. Empty for none.
pub(crate) fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    if words.is_empty() {
        return String::new();
    }
    format!(",{},", words.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(map in proptest::collection::btree_map(".*", ".*", 0..8)) {
            let text = write(&map).unwrap();
            proptest::prop_assert_eq!(read::<BTreeMap<String, String>>(&text).unwrap(), map);
        }
    }
}
