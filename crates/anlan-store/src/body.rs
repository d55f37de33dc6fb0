//! JSON bodies as they are stored: the model's own serde form, without fields that are null. Nothing else is left out.

use crate::error::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a value.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value)
        .map(|json| without_nulls(&json))
        .map_err(|e| Error::Invalid(format!("cannot be stored: {e}")))
}

/// Leaves out members that are null: a case has a dozen, and serde reads a missing `Option` as `None` all the same.
/// Takes compact JSON only. A map that means something by a null value must not be stored this way.
fn without_nulls(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        if first != b'"' {
            out.push(first);
            rest = after;
            continue;
        }
        let key = out.len();
        let (string, after) = rest.split_at(string_length(rest));
        out.extend_from_slice(string);
        rest = after;
        // Outside strings a colon only follows a key.
        if let Some(after) = rest.strip_prefix(b":null") {
            out.truncate(key);
            rest = after.strip_prefix(b",").unwrap_or(after);
            if rest.len() == after.len() && out.last() == Some(&b',') {
                out.pop();
            }
        }
    }
    // INVARIANT: whole members were left out, so what is left is still UTF-8.
    String::from_utf8(out).unwrap_or_else(|_gone| json.to_owned())
}

/// Bytes of the string that begins here, quotes included.
fn string_length(bytes: &[u8]) -> usize {
    let mut is_escaped = false;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    bytes.len()
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn nulls_go_and_nothing_else() {
        for (json, kept) in [
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":null,"b":1}"#, r#"{"b":1}"#),
            (r#"{"a":1,"b":null}"#, r#"{"a":1}"#),
            (
                r#"{"a":1,"b":null,"c":null,"d":[null,{"e":null}]}"#,
                r#"{"a":1,"d":[null,{}]}"#,
            ),
            (
                r#"{"a":"\":null,","b":"\\","c":null}"#,
                r#"{"a":"\":null,","b":"\\"}"#,
            ),
            (r#"[null,"x:null"]"#, r#"[null,"x:null"]"#),
        ] {
            assert_eq!(without_nulls(json), kept);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(map in proptest::collection::btree_map(".*", ".*", 0..8)) {
            let text = write(&map).unwrap();
            proptest::prop_assert_eq!(read::<BTreeMap<String, String>>(&text).unwrap(), map);
        }
    }
}
