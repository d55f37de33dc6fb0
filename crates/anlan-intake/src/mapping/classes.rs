//! The sender's words for what it is about, turned into class codes by a crosswalk, or kept as local classes.

use super::mapper::LocalClass;
use super::{ClassSpec, Unknown};
use crate::refusals::Refusal;
use anlan_model::ids::ClassCode;
use std::collections::{BTreeMap, HashMap};

/// Longest code of a local class, in characters of its words.
const SLUG_CHARS_MAX: usize = 80;
/// Words remembered so that each is looked up once.
const REMEMBERED_MAX: usize = 10_000;

/// Reads `word,class` lines; further columns are notes.
pub(crate) fn read_crosswalk(file: &str, text: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let mut reader = crate::rows::RowReader::open(
        std::io::Cursor::new(text.to_owned()),
        &crate::sniff::Stated {
            format: Some(crate::sniff::Format::Delimited { delimiter: ',' }),
            ..crate::sniff::Stated::default()
        },
    )?;
    let bad = |line: u64, what: &str| {
        Refusal::new("mapping.invalid", format!("{file}, line {line}: {what}.")).at_line(line)
    };
    if reader.header().iter().take(2).ne(["word", "class"].iter()) {
        return Err(bad(1, "the header must begin with `word,class`"));
    }
    let mut words = BTreeMap::new();
    let mut row = crate::rows::Row::default();
    while reader.read(&mut row)? {
        let (Some(word), Some(class)) = (row.field(0), row.field(1)) else {
            return Err(bad(row.line(), "a word and a class are needed"));
        };
        if word.trim().is_empty() || class.trim().is_empty() {
            return Err(bad(row.line(), "the word or the class is blank"));
        }
        if words
            .insert(word.trim().to_lowercase(), class.trim().to_owned())
            .is_some()
        {
            return Err(bad(row.line(), "the word stands here a second time"));
        }
    }
    Ok(words)
}

/// What a word was found to mean.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// A class of the tables.
    Known(ClassCode),
    /// A class of the sender's own.
    Local(LocalClass),
    /// Nothing known, and the mapping does not keep it.
    Unknown,
}

/// Meanings by the sender's words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meanings {
    remembered: HashMap<String, Meaning>,
}

impl Meanings {
    pub(crate) fn of(
        &mut self,
        words: &str,
        spec: &ClassSpec,
        crosswalk: &BTreeMap<String, String>,
    ) -> Meaning {
        if let Some(meaning) = self.remembered.get(words) {
            return meaning.clone();
        }
        let meaning = find(words, spec, crosswalk);
        if self.remembered.len() < REMEMBERED_MAX {
            self.remembered.insert(words.to_owned(), meaning.clone());
        }
        meaning
    }
}

fn find(words: &str, spec: &ClassSpec, crosswalk: &BTreeMap<String, String>) -> Meaning {
    if let Some(code) = crosswalk.get(&words.to_lowercase()) {
        return Meaning::Known(ClassCode(code.clone()));
    }
    if spec.may_be_code && looks_like_code(words) {
        return Meaning::Known(ClassCode(words.to_lowercase()));
    }
    match spec.unknown {
        Unknown::Fault => Meaning::Unknown,
        Unknown::Local => {
            let code = ClassCode(format!("{}/{}", spec.prefix, slug(words)));
            Meaning::Local(LocalClass {
                code,
                words: words.to_owned(),
            })
        }
    }
}

/// Kind letter and five digits, or a prefix and a slug.
fn looks_like_code(words: &str) -> bool {
    let mut chars = words.chars();
    let is_table = matches!(chars.next(), Some('c' | 'm' | 'C' | 'M'))
        && words.len() == 6
        && chars.all(|c| c.is_ascii_digit());
    let is_slug = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    is_table
        || words
            .split_once('/')
            .is_some_and(|(prefix, rest)| is_slug(prefix) && is_slug(rest))
}

/// Letters and digits in small letters, everything else a single dash.
pub(crate) fn slug(words: &str) -> String {
    let mut slug = String::with_capacity(words.len());
    for c in words.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let cut: String = slug.chars().take(SLUG_CHARS_MAX).collect();
    let cut = cut.trim_end_matches('-');
    if cut.is_empty() {
        "other".to_owned()
    } else {
        cut.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        assert_eq!(
            slug("Missed Trash/Recycling/Yard Waste/Bulk Item"),
            "missed-trash-recycling-yard-waste-bulk-item"
        );
        assert_eq!(
            slug("Heat - Excessive  Insufficient"),
            "heat-excessive-insufficient"
        );
        assert_eq!(slug("道路 积水"), "道路-积水");
        assert_eq!(slug("---"), "other");
    }

    #[test]
    fn codes_are_told_from_words() {
        for code in ["m06010", "C01037", "boston/street-light-outages"] {
            assert!(looks_like_code(code), "{code}");
        }
        for words in ["m0601", "road/Street", "暴露垃圾", "a/"] {
            assert!(!looks_like_code(words), "{words}");
        }
    }

    #[test]
    fn a_crosswalk_is_checked() {
        assert_eq!(
            read_crosswalk("x.csv", "word,class,note\nTrees,m04002,x\n").unwrap()["trees"],
            "m04002"
        );
        let refusal = read_crosswalk("x.csv", "word,class\na,m1\nA,m2\n").unwrap_err();
        assert_eq!(
            refusal.message,
            "x.csv, line 3: the word stands here a second time."
        );
        assert!(read_crosswalk("x.csv", "a,b\n").is_err());
    }
}
