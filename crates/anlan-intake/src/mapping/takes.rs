//! A value taken from a row: which column, and what small things are done to it. Knows no meaning.

use crate::rows::Row;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How a mapping file says where a value comes from: a column's name, or a table with more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Take {
    /// One column as it is.
    Column(String),
    /// Columns and steps.
    Steps(Box<Steps>),
}

/// Columns and the steps that follow, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// One column.
    pub column: Option<String>,
    /// Several columns put together, blank ones left out.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What stands between them.
    #[serde(default = "space")]
    pub join: String,
    /// The first of several columns that is not blank.
    #[serde(default)]
    pub first_of: Vec<String>,
    /// Always this.
    pub constant: Option<String>,
    /// Cut at this text …
    pub split: Option<String>,
    /// … and take this piece, from 0.
    #[serde(default)]
    pub part: usize,
    /// Taken off the front, where it is there.
    pub strip_prefix: Option<String>,
    /// Taken off the end, where it is there.
    pub strip_suffix: Option<String>,
    /// A whole number written as `6.0` becomes `6`.
    #[serde(default)]
    pub number: bool,
    /// Zeros put in front up to this length, as for ZIP codes that a spreadsheet ate.
    pub pad_zeros: Option<usize>,
    /// In small letters.
    #[serde(default)]
    pub lower: bool,
    /// Words for words; others stay.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}

fn space() -> String {
    " ".to_owned()
}

impl Take {
    /// Columns named.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Column(name) => vec![name],
            Self::Steps(steps) => steps
                .column
                .iter()
                .chain(&steps.columns)
                .chain(&steps.first_of)
                .map(String::as_str)
                .collect(),
        }
    }

    /// What is wrong with it, in words.
    pub(crate) fn complaint(&self) -> Option<&'static str> {
        let Self::Steps(steps) = self else { return None };
        let sources = [
            steps.column.is_some(),
            !steps.columns.is_empty(),
            !steps.first_of.is_empty(),
            steps.constant.is_some(),
        ];
        match sources.iter().filter(|is_given| **is_given).count() {
            1 => None,
            0 => Some("names no source: give `column`, `columns`, `first_of` or `constant`"),
            _ => Some(
                "names more than one source: give only one of `column`, `columns`, `first_of` and `constant`",
            ),
        }
    }
}

/// Words that stand for nothing, compared without regard to case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nulls {
    words: Vec<String>,
    longest: usize,
}

impl Nulls {
    pub(crate) fn new(words: &[String]) -> Self {
        let words: Vec<String> = words
            .iter()
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        Self { words, longest }
    }

    /// The value without space around it; nothing where it stands for nothing.
    pub(crate) fn clean<'a>(&self, value: &'a str) -> &'a str {
        let value = value.trim();
        let is_null =
            value.len() <= self.longest && self.words.iter().any(|word| word.eq_ignore_ascii_case(value));
        if is_null { "" } else { value }
    }
}

/// A take bound to the positions of a header.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    source: Source,
    steps: Option<Box<Steps>>,
}

#[derive(Debug, Clone)]
enum Source {
    Column(Option<usize>),
    Joined(Vec<usize>),
    First(Vec<usize>),
    Constant,
}

impl Bound {
    /// Binds to positions; columns that are not there are blank (whether they may be missing is checked before).
    pub(crate) fn new(take: &Take, position: &dyn Fn(&str) -> Option<usize>) -> Self {
        let all = |names: &[String]| names.iter().filter_map(|name| position(name)).collect();
        match take {
            Take::Column(name) => Self {
                source: Source::Column(position(name)),
                steps: None,
            },
            Take::Steps(steps) => {
                let source = if let Some(name) = &steps.column {
                    Source::Column(position(name))
                } else if !steps.columns.is_empty() {
                    Source::Joined(all(&steps.columns))
                } else if steps.constant.is_some() {
                    Source::Constant
                } else {
                    Source::First(all(&steps.first_of))
                };
                Self {
                    source,
                    steps: Some(steps.clone()),
                }
            }
        }
    }

    /// The value in a row; blank where there is none.
    pub(crate) fn of<'a>(&'a self, row: &'a Row, nulls: &Nulls) -> Cow<'a, str> {
        let field = |position: usize| nulls.clean(row.field(position).unwrap_or_default());
        let Some(steps) = &self.steps else {
            let Source::Column(position) = self.source else {
                return Cow::Borrowed("");
            };
            return Cow::Borrowed(position.map_or("", field));
        };
        let value = match &self.source {
            Source::Column(position) => Cow::Borrowed(position.map_or("", field)),
            Source::Constant => Cow::Borrowed(steps.constant.as_deref().unwrap_or_default()),
            Source::First(positions) => Cow::Borrowed(
                positions
                    .iter()
                    .map(|at| field(*at))
                    .find(|value| !value.is_empty())
                    .unwrap_or_default(),
            ),
            Source::Joined(positions) => {
                let parts: Vec<&str> = positions
                    .iter()
                    .map(|at| field(*at))
                    .filter(|value| !value.is_empty())
                    .collect();
                Cow::Owned(parts.join(&steps.join))
            }
        };
        match value {
            Cow::Borrowed(value) => steps.run(value),
            Cow::Owned(value) => Cow::Owned(steps.run(&value).into_owned()),
        }
    }
}

impl Steps {
    fn run<'a>(&'a self, value: &'a str) -> Cow<'a, str> {
        let mut value = value;
        if value.is_empty() {
            return Cow::Borrowed("");
        }
        if let Some(at) = &self.split {
            value = value.split(at.as_str()).nth(self.part).unwrap_or_default().trim();
        }
        if let Some(prefix) = &self.strip_prefix {
            value = value.strip_prefix(prefix.as_str()).unwrap_or(value).trim_start();
        }
        if let Some(suffix) = &self.strip_suffix {
            value = value.strip_suffix(suffix.as_str()).unwrap_or(value).trim_end();
        }
        if self.number {
            value = whole(value);
        }
        let mut value = Cow::Borrowed(value);
        if let Some(len) = self
            .pad_zeros
            .filter(|len| value.len() < *len && !value.is_empty())
        {
            value = Cow::Owned(format!("{value:0>len$}"));
        }
        if self.lower {
            value = Cow::Owned(value.to_lowercase());
        }
        match self.words.get(value.as_ref()) {
            Some(word) => Cow::Borrowed(word),
            None => value,
        }
    }
}

/// `6.0` and `6.` without their tail; anything else as it is.
fn whole(value: &str) -> &str {
    match value.split_once('.') {
        Some((number, tail)) if !number.is_empty() && tail.bytes().all(|byte| byte == b'0') => {
            let digits = number.strip_prefix('-').unwrap_or(number);
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                number
            } else {
                value
            }
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(toml: &str, fields: &[(&str, &str)]) -> String {
        #[derive(Deserialize)]
        struct File {
            take: Take,
        }
        let file: File = toml::from_str(&format!("take = {toml}")).unwrap();
        assert_eq!(file.take.complaint(), None);
        let bound = Bound::new(&file.take, &|name| {
            fields.iter().position(|(column, _)| *column == name)
        });
        let row = Row::of(1, fields.iter().map(|(_, value)| *value));
        bound
            .of(&row, &Nulls::new(&["NA".to_owned(), "-".to_owned()]))
            .into_owned()
    }

    #[test]
    fn values_are_taken_as_the_mapping_says() {
        let row = [
            ("a", " Ward 18 "),
            ("b", "6.0"),
            ("c", "na"),
            ("d", "EMS: FALL -"),
            ("e", "2124.0"),
            ("f", " "),
        ];
        for (toml, expected) in [
            ("'a'", "Ward 18"),
            ("'c'", ""),
            ("'missing'", ""),
            ("{ column = 'a', strip_prefix = 'Ward ' }", "18"),
            ("{ column = 'b', number = true }", "6"),
            ("{ column = 'e', number = true, pad_zeros = 5 }", "02124"),
            ("{ column = 'f', number = true, pad_zeros = 5 }", ""),
            ("{ columns = ['a', 'c', 'b'], join = ', ' }", "Ward 18, 6.0"),
            ("{ first_of = ['c', 'f', 'b'] }", "6.0"),
            ("{ constant = 'x' }", "x"),
            (
                "{ column = 'd', split = ':', part = 1, strip_suffix = '-' }",
                "FALL",
            ),
            ("{ column = 'd', split = ':', lower = true }", "ems"),
            (
                "{ column = 'd', split = ':', words = { EMS = 'ambulance' } }",
                "ambulance",
            ),
        ] {
            assert_eq!(take(toml, &row), expected, "{toml}");
        }
        assert_eq!(whole("-71.05"), "-71.05");
        assert_eq!(whole("v1.0"), "v1.0");
    }
}
