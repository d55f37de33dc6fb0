//! Class tables in our own CSV form: a table is read whole or refused with every fault, by line and column.
//! Lines that begin with `#` are for people. The table shipped with Anlan is one of many a jurisdiction may load.

use crate::classes::{Class, ClassKind, ClosingDemand, Priority};
use crate::ids::ClassCode;
use crate::tables::{Faults, TableError, TableFault};
use csv::StringRecord;
use std::collections::BTreeSet;

/// Columns, in their order in the file.
pub const COLUMNS: [&str; 12] = [
    "code",
    "kind",
    "group_zh",
    "group_en",
    "name_zh",
    "name_en",
    "priority",
    "photo",
    "second_person",
    "reporter_word",
    "duplicate_radius_m",
    "is_active",
];
const RADIUS_MAX_M: u32 = 5000;
const CODE_MAX: usize = 64;
const KINDS: [ClassKind; 3] = [ClassKind::Component, ClassKind::Matter, ClassKind::Local];

/// The classes of GB/T 47678.5 shipped with Anlan.
pub fn gbt47678() -> Result<Vec<Class>, TableError> {
    read(
        "gbt47678.5",
        include_str!("../../../standards/classes-gbt47678.csv"),
    )
}

/// Reads a class table; `table` is its name, kept in each class.
pub fn read(table: &str, text: &str) -> Result<Vec<Class>, TableError> {
    let mut faults = Faults::new("classes", text);
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map(|header| header.iter().map(str::trim).eq(COLUMNS));
    if !header.unwrap_or(false) {
        faults.add("header", format!("the first line must be {}", COLUMNS.join(",")));
        return faults.done(Vec::new());
    }
    let mut classes = Vec::new();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let mut row = Row {
            line: 0,
            faults: &mut faults,
        };
        match record {
            Ok(record) => {
                row.line = record.position().map_or(0, csv::Position::line);
                let class = row.class(table, &record);
                if class
                    .as_ref()
                    .is_some_and(|class| !seen.insert(class.code.clone()))
                {
                    row.fault(0, "is taken by a line above".into());
                }
                classes.extend(class);
            }
            Err(error) => {
                row.line = error.position().map_or(0, csv::Position::line);
                row.fault(0, error.to_string());
            }
        }
    }
    if classes.is_empty() {
        faults.add("", "names no class");
    }
    faults.done(classes)
}

/// Writes classes in the form `read` takes.
pub fn write(classes: &[Class]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // INVARIANT: writing to memory does not fail, and every row has as many fields as the header.
    let _ = writer.write_record(COLUMNS);
    for class in classes {
        let yes_no = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let _ = writer.write_record([
            class.code.0.clone(),
            kind_word(class.kind).to_owned(),
            class.group_zh.clone(),
            class.group_en.clone(),
            class.name_zh.clone(),
            class.name_en.clone(),
            format!("P{}", class.priority.number()),
            yes_no(class.closing.photo),
            yes_no(class.closing.second_person),
            yes_no(class.closing.reporter_word),
            class.duplicate_radius_m.to_string(),
            yes_no(class.is_active),
        ]);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn kind_word(kind: ClassKind) -> &'static str {
    match kind {
        ClassKind::Component => "component",
        ClassKind::Matter => "matter",
        ClassKind::Local => "local",
    }
}

struct Row<'a, 'b> {
    line: u64,
    faults: &'a mut Faults<'b>,
}

impl Row<'_, '_> {
    fn fault(&mut self, column: usize, message: String) {
        self.faults.push(TableFault {
            line: u32::try_from(self.line).ok(),
            column: u32::try_from(column + 1).ok(),
            field: COLUMNS.get(column).copied().unwrap_or_default().to_owned(),
            message,
            zh: None,
        });
    }

    fn class(&mut self, table: &str, record: &StringRecord) -> Option<Class> {
        if record.len() != COLUMNS.len() {
            self.fault(
                0,
                format!("the line has {} fields, not {}", record.len(), COLUMNS.len()),
            );
            return None;
        }
        let field = |column: usize| record.get(column).unwrap_or_default().trim().to_owned();
        let kind = self.one_of(1, &field(1), &KINDS.map(|kind| (kind_word(kind), kind)));
        let code = self.code(&field(0), kind);
        let texts = [2, 3, 4, 5].map(|column| self.text(column, field(column)));
        let priorities = [
            ("P1", Priority::P1),
            ("P2", Priority::P2),
            ("P3", Priority::P3),
            ("P4", Priority::P4),
        ];
        let priority = self.one_of(6, &field(6), &priorities);
        let [photo, second_person, reporter_word] =
            [7, 8, 9].map(|column| self.yes_no(column, &field(column)));
        let duplicate_radius_m = self.radius(&field(10));
        let is_active = self.yes_no(11, &field(11));
        let [group_zh, group_en, name_zh, name_en] = texts;
        Some(Class {
            code: code?,
            kind: kind?,
            table: table.to_owned(),
            group_zh: group_zh?,
            group_en: group_en?,
            name_zh: name_zh?,
            name_en: name_en?,
            priority: priority?,
            closing: ClosingDemand {
                photo: photo?,
                second_person: second_person?,
                reporter_word: reporter_word?,
            },
            is_active: is_active?,
            duplicate_radius_m: duplicate_radius_m?,
        })
    }

    /// `c` or `m` and five digits for the standard's kinds; a city's own code is `city/name`.
    fn code(&mut self, text: &str, kind: Option<ClassKind>) -> Option<ClassCode> {
        let of_standard = |letter: char| {
            text.strip_prefix(letter)
                .is_some_and(|rest| rest.len() == 5 && rest.bytes().all(|c| c.is_ascii_digit()))
        };
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | '_');
        let is_right = match kind? {
            ClassKind::Component => of_standard('c'),
            ClassKind::Matter => of_standard('m'),
            ClassKind::Local => !text.is_empty() && text.len() <= CODE_MAX && text.chars().all(plain),
        };
        if !is_right {
            let message =
                format!("\"{text}\" is no code of this kind; write c01001, m06010 or, for local, city/name");
            self.fault(0, message);
        }
        is_right.then(|| ClassCode::from(text))
    }

    fn text(&mut self, column: usize, text: String) -> Option<String> {
        if text.is_empty() {
            self.fault(column, "is empty".into());
            return None;
        }
        Some(text)
    }

    fn yes_no(&mut self, column: usize, text: &str) -> Option<bool> {
        self.one_of(column, text, &[("yes", true), ("no", false)])
    }

    fn one_of<T: Copy>(&mut self, column: usize, text: &str, known: &[(&str, T)]) -> Option<T> {
        let found = known
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.fault(column, format!("\"{text}\" is none of {}", words.join(", ")));
        }
        found
    }

    fn radius(&mut self, text: &str) -> Option<u32> {
        let radius = text
            .parse()
            .ok()
            .filter(|radius| (1..=RADIUS_MAX_M).contains(radius));
        if radius.is_none() {
            self.fault(
                10,
                format!("\"{text}\" is no radius; write whole metres from 1 to {RADIUS_MAX_M}"),
            );
        }
        radius
    }
}
