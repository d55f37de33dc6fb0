//! Text files of fixed columns as SaTScan writes them. Lays out; knows no figure's meaning.

use crate::satscan::numbers;
use std::fmt::Write as _;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Text, in this many characters.
    Text(usize),
    /// A number with so many decimals that count.
    Number(usize),
    /// A number in the shortest form.
    General,
    /// `T` or `F`.
    Flag,
}

/// Characters of a number.
const NUMBER_CHARS: usize = 19;

/// What stands where there is no value.
const NONE: &str = "n/a";

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    None,
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::None, Self::Number)
    }
}

/// A file in the making.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<(&'static str, Column)>,
    text: String,
}

impl Table {
    /// A file with these columns; the first line names them where that is asked for.
    pub(super) fn new(columns: Vec<(&'static str, Column)>, has_names: bool) -> Self {
        let mut table = Self {
            columns,
            text: String::new(),
        };
        if has_names {
            for (name, column) in &table.columns {
                let width = match column {
                    Column::Text(chars) => chars + 2,
                    Column::Number(_) | Column::General => NUMBER_CHARS + 1,
                    Column::Flag => 2,
                };
                let _ = write!(table.text, "{name:width$}");
            }
            table.text.push('\n');
        }
        table
    }

    /// One line.
    pub(super) fn add(&mut self, values: Vec<Value>) {
        for ((_, column), value) in self.columns.iter().zip(values) {
            let text = match (column, value) {
                (Column::Text(chars), Value::Text(text)) => text_field(&text, *chars),
                (Column::Number(decimals), Value::Number(number)) => number_field(number, *decimals),
                (_, Value::Number(number)) => format!("{:NUMBER_CHARS$}", numbers::general(number)),
                (_, Value::Flag(is_true)) => (if is_true { "T" } else { "F" }).to_owned(),
                (Column::Text(chars), _) => text_field(NONE, *chars),
                _ => format!("{NONE:NUMBER_CHARS$}"),
            };
            self.text.push_str(&text);
            self.text.push(' ');
        }
        self.text.push('\n');
    }

    /// The whole file.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Text in its column, which is one character wider than the text may be.
fn text_field(text: &str, chars: usize) -> String {
    let cut: String = text.chars().take(chars).collect();
    format!("{cut:width$}", width = chars + 1)
}

/// A number in its column; one that is too long is told in the shortest form.
fn number_field(number: f64, decimals: usize) -> String {
    let text = numbers::significant(number, decimals);
    let text = if text.len() > NUMBER_CHARS {
        numbers::general(number)
    } else {
        text
    };
    format!("{text:NUMBER_CHARS$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_places() {
        let columns = vec![
            ("LOC_ID", Column::Text(30)),
            ("P", Column::Number(2)),
            ("X", Column::General),
            ("GINI_CLUST", Column::Flag),
        ];
        let mut table = Table::new(columns, true);
        table.add(vec![
            Value::Text("海口".to_owned()),
            Value::Number(1e-17),
            Value::None,
            Value::Flag(false),
        ]);
        let text = table.into_text();
        let lines: Vec<&str> = text.lines().collect();
        let expected = format!("{:32}{:20}{:20}F ", "海口", "1e-17", "n/a");
        assert_eq!(lines.last(), Some(&expected.as_str()));
        assert_eq!(lines.first().map(|line| line.find("GINI")), Some(Some(72)));
    }
}
