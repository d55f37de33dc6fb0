//! A profile as text for the command line. Prints; computes nothing.

use super::{Column, CoordinatePair, Kind, Profile, Repeats, Trial, Word};
use crate::compression::Compression;
use crate::refusals::cut;
use crate::sniff::{Format, Sniffed};
use std::collections::BTreeMap;
use std::fmt;

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        file(f, &self.file)?;
        writeln!(f, "{} rows, {} columns", self.rows, self.columns.len())?;
        if self.broken_rows > 0 {
            writeln!(f, "{} rows are broken as rows; the first:", self.broken_rows)?;
        }
        for fault in self.broken_examples.iter().take(5) {
            writeln!(f, "  line {}: {}", fault.line, fault.message)?;
        }
        writeln!(
            f,
            "\n{:<28} {:<9} {:>9} {:>8} {:>9}  range and commonest values",
            "column", "type", "blank", "misfits", "distinct"
        )?;
        for one in &self.columns {
            column(f, one)?;
        }
        for pair in &self.coordinates {
            coordinates(f, pair)?;
        }
        for repeated in &self.repeated_ids {
            repeats(f, "same id", repeated)?;
        }
        if let Some(alike) = &self.look_alikes {
            repeats(f, "likely the same matter", alike)?;
        }
        if let Some(found) = &self.trial {
            trial(f, found)?;
        }
        for question in &self.questions {
            writeln!(f, "\n? {}", question.message)?;
        }
        Ok(())
    }
}

fn file(f: &mut fmt::Formatter<'_>, file: &Sniffed) -> fmt::Result {
    match file.format {
        Format::Xlsx => write!(f, "Excel workbook")?,
        Format::Json => write!(f, "JSON")?,
        Format::Delimited { delimiter: '\t' } => write!(f, "tab-separated text")?,
        Format::Delimited { delimiter } => write!(f, "text separated by “{delimiter}”")?,
    }
    if let Some(encoding) = file.encoding {
        write!(
            f,
            ", {}{}",
            encoding.name(),
            if file.has_bom { " with byte order mark" } else { "" }
        )?;
    }
    match file.compression {
        Compression::None => writeln!(f),
        Compression::Gzip => writeln!(f, ", packed with gzip"),
        Compression::Zstd => writeln!(f, ", packed with zstd"),
    }
}

fn column(f: &mut fmt::Formatter<'_>, one: &Column) -> fmt::Result {
    let kind = match one.kind {
        Kind::Empty => "empty",
        Kind::Int => "int",
        Kind::Decimal => "decimal",
        Kind::DateTime => "date-time",
        Kind::Boolean => "boolean",
        Kind::Codes => "codes",
        Kind::Text => "text",
    };
    let distinct = format!("{}{}", if one.has_more_distinct { ">" } else { "" }, one.distinct);
    write!(
        f,
        "{:<28} {kind:<9} {:>9} {:>8} {distinct:>9}  ",
        cut(&one.name, 27),
        one.blanks,
        one.misfits
    )?;
    let is_ordered = matches!(one.kind, Kind::Int | Kind::Decimal | Kind::DateTime);
    if let (true, Some(min), Some(max)) = (is_ordered, &one.min, &one.max) {
        write!(f, "{min} … {max}")?;
    } else {
        let quoted = |word: &Word| format!("{} ({})", cut(&word.value, 24), word.count);
        let words: Vec<String> = one.common.iter().take(3).map(quoted).collect();
        write!(f, "{}", words.join(", "))?;
    }
    if !one.time_formats.is_empty() {
        write!(f, " [{}]", one.time_formats.join(" or "))?;
    }
    if one.impossible_dates > 0 {
        write!(f, " {} impossible", one.impossible_dates)?;
    }
    if one.spaces_only > 0 {
        write!(f, " · {} of spaces only", one.spaces_only)?;
    }
    for word in &one.null_words {
        write!(f, " · “{}” {}×", word.value, word.count)?;
    }
    writeln!(f)
}

fn coordinates(f: &mut fmt::Formatter<'_>, pair: &CoordinatePair) -> fmt::Result {
    let [west, east] = pair.x_range;
    let [south, north] = pair.y_range;
    writeln!(
        f,
        "\ncoordinates in {} and {}: {} rows, {west} … {east}, {south} … {north}",
        pair.x, pair.y, pair.rows
    )?;
    writeln!(f, "  can be: {}", pair.can_be.join("; "))?;
    if pair.zeros > 0 {
        writeln!(f, "  {} rows at 0, 0", pair.zeros)?;
    }
    if pair.swapped > 0 {
        writeln!(
            f,
            "  {} rows seem to have longitude and latitude exchanged",
            pair.swapped
        )?;
    }
    for suspect in &pair.suspects {
        writeln!(
            f,
            "  {} rows ({:.1} %) stand on {}, {}: likely a stand-in for “unknown”",
            suspect.rows,
            suspect.share * 100.0,
            suspect.x,
            suspect.y
        )?;
    }
    Ok(())
}

fn repeats(f: &mut fmt::Formatter<'_>, what: &str, found: &Repeats) -> fmt::Result {
    writeln!(
        f,
        "\n{what} ({}): {} rows repeat an earlier one",
        found.of, found.rows
    )?;
    for example in found.examples.iter().take(5) {
        writeln!(
            f,
            "  line {} like line {}: {}",
            example.line, example.first_line, example.value
        )?;
    }
    Ok(())
}

fn trial(f: &mut fmt::Formatter<'_>, found: &Trial) -> fmt::Result {
    writeln!(
        f,
        "\nwith the mapping {}: {} rows would go in, {} be kept back",
        found.mapping, found.taken, found.kept_back
    )?;
    writeln!(
        f,
        "  {} on a known stand-in point, {} of a class the tables do not have",
        found.default_points, found.local_classes
    )?;
    let list = |f: &mut fmt::Formatter<'_>, what: &str, counts: &BTreeMap<String, u64>| -> fmt::Result {
        counts
            .iter()
            .try_for_each(|(code, count)| writeln!(f, "  {what} {code}: {count}"))
    };
    list(f, "kept back for", &found.faults)?;
    list(f, "noted", &found.warnings)?;
    for fault in found.examples.iter().take(5) {
        writeln!(f, "  line {}: {}", fault.line, fault.message)?;
    }
    Ok(())
}
