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
    const NULL: &str = "\":null";
    const BEGINS: [char; 2] = ['{', ','];
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once(NULL) {
        // A quote inside a string is escaped, so an unescaped one before a colon ends a key.
        let key = before.rfind('"').filter(|_| !before.ends_with('\\'));
        let kept = key.and_then(|key| before.get(..key));
        let kept = kept.filter(|kept| {
            if kept.is_empty() {
                out.ends_with(BEGINS)
            } else {
                kept.ends_with(BEGINS)
            }
        });
        let Some(kept) = kept else {
            out.push_str(before);
            out.push_str(NULL);
            rest = after;
            continue;
        };
        out.push_str(kept);
        rest = after.strip_prefix(',').unwrap_or(after);
        if rest.len() == after.len() && out.ends_with(',') {
            out.pop();
        }
    }
    out.push_str(rest);
    out
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
