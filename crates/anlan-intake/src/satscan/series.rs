//! Series of counts from a table of date, count and, where there are several, the series' name. Finds the step between
//! dates and the gaps; judges no count as high or low.

use super::dates::{self, Day, Precision};
use super::faults::{Fault, Faults};
use super::lines::{Layout, Row, decode, rows};
use std::collections::BTreeMap;

/// Time points that one series may have.
const POINTS_MAX: usize = 1_000_000;

/// How far two neighbouring time points are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A month.
    Month,
}

impl Step {
    /// Time points in a year.
    pub fn per_year(self) -> u16 {
        match self {
            Self::Day => 365,
            Self::Week => 52,
            Self::Month => 12,
        }
    }

    /// The time point after this one.
    fn after(self, day: Day) -> Day {
        match self {
            Self::Day => day + 1,
            Self::Week => day + 7,
            Self::Month => dates::month_after(day),
        }
    }
}

/// What is done about time points that are not in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// The table is refused.
    Refused,
    /// They count as zero.
    Zero,
}

/// One series, every time point of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Its name; empty where the table has only one.
    pub name: String,
    /// The days, rising by one step each.
    pub days: Vec<Day>,
    /// The counts.
    pub counts: Vec<f64>,
}

/// The series of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The step between time points.
    pub step: Step,
    /// The series by name.
    pub series: Vec<Counted>,
}

/// A count on a day, and the line it stands on.
type Points = BTreeMap<Day, (f64, u64)>;

/// Reads a table. `step` is that of the time points, where it is known; else the commonest distance decides.
pub fn read(file: &str, bytes: &[u8], step: Option<Step>, gaps: Gaps) -> (Option<Table>, Faults) {
    let mut faults = Faults::default();
    let points = match decode(file, bytes) {
        Ok(text) => points(file, &text, &mut faults),
        Err(fault) => {
            faults.add(fault);
            return (None, faults);
        }
    };
    if faults.is_refused() {
        return (None, faults);
    }
    let Some(step) = step.or_else(|| commonest(&points)) else {
        faults.add(Fault::new(
            file,
            "series.step",
            "The time points are neither days nor weeks nor months apart.",
            "Write one line per day, week or month, or say which with --step.",
        ));
        return (None, faults);
    };
    let mut series = Vec::with_capacity(points.len());
    for (name, points) in points {
        match whole(file, &name, &points, step, gaps, &mut faults) {
            Ok(counted) => series.push(counted),
            Err(fault) => faults.add(fault),
        }
    }
    let table = (!faults.is_refused()).then_some(Table { step, series });
    (table, faults)
}

/// Which column holds what.
struct Columns {
    date: usize,
    count: usize,
    name: Option<usize>,
}

impl Columns {
    /// By the names in the head, or in the order date, count, series.
    fn of(row: &Row<'_>) -> (Self, bool) {
        let find = |names: &[&str]| {
            row.fields
                .iter()
                .position(|field| names.iter().any(|name| field.eq_ignore_ascii_case(name)))
        };
        let date = find(&["date", "day", "week", "month", "time", "日期", "时间"]);
        let count = find(&["count", "cases", "n", "value", "数量", "件数", "例数"]);
        let name = find(&["series", "name", "class", "group", "序列", "名称", "类别"]);
        let is_head = row.field(1).is_none_or(|field| field.parse::<f64>().is_err())
            && row.field(0).is_none_or(|field| dates::read(field, None).is_err());
        let columns = Self {
            date: date.unwrap_or(0),
            count: count.unwrap_or(1),
            name: name.or_else(|| (row.fields.len() > 2 && date.is_none()).then_some(2)),
        };
        (columns, is_head)
    }
}

fn points(file: &str, text: &str, faults: &mut Faults) -> BTreeMap<String, Points> {
    let mut series: BTreeMap<String, Points> = BTreeMap::new();
    let layout = Layout::default();
    let mut rows = rows(text, &layout).peekable();
    let Some((columns, is_head)) = rows.peek().map(Columns::of) else {
        faults.add(Fault::new(
            file,
            "file.empty",
            "The file holds no time point.",
            "Write lines of date and count, such as 2024-02-09,4.",
        ));
        return series;
    };
    for row in rows.skip(usize::from(is_head)) {
        match point(file, &row, &columns) {
            Ok((name, day, count)) => {
                let earlier = series.entry(name).or_default().insert(day, (count, row.line));
                if let Some((_, line)) = earlier {
                    let message = format!("This series has this date on line {line} already.");
                    faults.add(
                        Fault::new(
                            file,
                            "series.twice",
                            message,
                            "Add the two counts up, or name the series in a third column.",
                        )
                        .at(row.line)
                        .in_field("date", row.field(columns.date).unwrap_or_default()),
                    );
                }
            }
            Err(fault) => faults.add(fault.at(row.line)),
        }
    }
    series
}

fn point(file: &str, row: &Row<'_>, columns: &Columns) -> Result<(String, Day, f64), Fault> {
    let fault = |code, message: &str, cure: &str| Fault::new(file, code, message, cure);
    let (Some(date), Some(count)) = (row.field(columns.date), row.field(columns.count)) else {
        let message = "The line lacks the date or the count.";
        return Err(fault(
            "columns.count",
            message,
            "Write date,count or date,count,series.",
        ));
    };
    let written = dates::read(date, None).map_err(|reason| {
        fault(
            "date.form",
            super::settings::said(reason, false),
            super::settings::cure(false),
        )
        .in_field("date", date)
    })?;
    if written.precision < Precision::Month {
        let message = "A year is too coarse for a series.";
        return Err(fault(
            "date.precision",
            message,
            "Write days, the first days of weeks, or months.",
        )
        .in_field("date", date));
    }
    let number: f64 = count.parse().unwrap_or(f64::NAN);
    let wrong = if number.is_nan() || number.is_infinite() {
        Some((
            "count.form",
            "That is no count.",
            "Write a whole number; where nothing was counted leave the line out and say --gaps zero.",
        ))
    } else if number < 0.0 {
        Some((
            "count.negative",
            "A count cannot be below zero.",
            "Write 0 or more.",
        ))
    } else if number.fract() != 0.0 {
        Some((
            "count.fraction",
            "A count cannot have a fraction.",
            "Write whole cases, not rates.",
        ))
    } else if number > 1e9 {
        Some((
            "count.large",
            "The count is larger than any that can be judged.",
            "Check it; counts go up to 1000000000.",
        ))
    } else {
        None
    };
    if let Some((code, message, cure)) = wrong {
        return Err(fault(code, message, cure).in_field("count", count));
    }
    let name = columns.name.and_then(|at| row.field(at)).unwrap_or_default();
    Ok((name.to_owned(), written.first(), number))
}

/// The step that most pairs of neighbouring dates have.
fn commonest(series: &BTreeMap<String, Points>) -> Option<Step> {
    let mut votes = [(Step::Day, 0_u64), (Step::Week, 0), (Step::Month, 0)];
    for points in series.values() {
        let days: Vec<Day> = points.keys().copied().collect();
        for pair in days.windows(2) {
            let [before, after] = pair else { continue };
            for (step, count) in &mut votes {
                *count += u64::from(step.after(*before) == *after);
            }
        }
    }
    let (step, count) = votes.into_iter().max_by_key(|(_, count)| *count)?;
    (count > 0).then_some(step)
}

fn whole(
    file: &str,
    name: &str,
    points: &Points,
    step: Step,
    gaps: Gaps,
    faults: &mut Faults,
) -> Result<Counted, Fault> {
    let mut counted = Counted {
        name: name.to_owned(),
        days: Vec::with_capacity(points.len()),
        counts: Vec::with_capacity(points.len()),
    };
    let said = if name.is_empty() {
        String::new()
    } else {
        format!(" of {name}")
    };
    let print = |day| dates::print(day, Precision::Day);
    let mut filled = 0_u64;
    let mut first_gap = None;
    let mut next = points.keys().next().copied().unwrap_or_default();
    for (day, (count, line)) in points {
        if *day < next {
            return Err(Fault::new(
                file,
                "series.off",
                format!(
                    "This date{said} lies between two time points; the one after the line before is {}.",
                    print(next)
                ),
                "Write the same weekday every week or the same day every month, or say another --step.",
            )
            .at(*line)
            .in_field("date", &print(*day)));
        }
        while next < *day {
            if gaps == Gaps::Refused || counted.days.len() >= POINTS_MAX {
                return Err(Fault::new(
                    file,
                    "series.gap",
                    format!(
                        "Time points{said} are missing before this line, from {} on.",
                        print(next)
                    ),
                    "Add them with what was counted, or say --gaps zero if nothing was.",
                )
                .at(*line)
                .in_field("date", &print(*day)));
            }
            first_gap.get_or_insert((*line, next));
            filled += 1;
            counted.days.push(next);
            counted.counts.push(0.0);
            next = step.after(next);
        }
        counted.days.push(*day);
        counted.counts.push(*count);
        next = step.after(*day);
    }
    if let Some((line, day)) = first_gap {
        faults.add(
            Fault::new(
                file,
                "series.filled",
                format!(
                    "{filled} missing time points{said} count as zero, the first being {}.",
                    print(day)
                ),
                "That is what --gaps zero asks for; nothing needs to be done.",
            )
            .at(line)
            .as_warning(),
        );
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str, gaps: Gaps) -> Result<Table, String> {
        let (table, faults) = read("s.csv", text.as_bytes(), None, gaps);
        table.ok_or_else(|| faults.list().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn steps_heads_and_names_are_found() {
        let daily = read_text(
            "date,count\n2024-02-28,1\n2024-02-29,2\n2024-03-01,3\n",
            Gaps::Refused,
        )
        .unwrap();
        assert_eq!((daily.step, daily.series.len()), (Step::Day, 1));
        assert_eq!(
            daily.series.first().map(|one| one.counts.clone()),
            Some(vec![1.0, 2.0, 3.0])
        );
        let weekly = read_text(
            "2024/1/1 4 fire\n2024/1/8 5 fire\n2024/1/1 1 flood\n2024/1/8 0 flood\n",
            Gaps::Refused,
        )
        .unwrap();
        assert_eq!((weekly.step, weekly.series.len()), (Step::Week, 2));
        let monthly = read_text("日期,数量\n2024/1,4\n2024/2,5\n2024/3,5\n", Gaps::Refused).unwrap();
        assert_eq!(monthly.step, Step::Month);
    }

    #[test]
    fn gaps_are_refused_with_their_line_or_filled_and_told() {
        let text = "2024-01-01,1\n2024-01-02,1\n2024-01-05,9\n";
        let said = read_text(text, Gaps::Refused).unwrap_err();
        assert!(
            said.contains("s.csv:3: error [series.gap]") && said.contains("from 2024/1/3 on"),
            "{said}"
        );
        let (table, faults) = read("s.csv", text.as_bytes(), None, Gaps::Zero);
        let counts: Vec<f64> = table
            .unwrap()
            .series
            .into_iter()
            .flat_map(|one| one.counts)
            .collect();
        assert_eq!(counts, [1.0, 1.0, 0.0, 0.0, 9.0]);
        assert!(
            faults
                .list()
                .iter()
                .any(|fault| fault.message.starts_with("2 missing time points"))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, says) in [
            ("", "[file.empty]"),
            ("2024-01-01,1\n2024-01-01,2\n", ":2: error [series.twice]"),
            ("2024-01-01,1\n2024-01-02,-2\n", ":2: error [count.negative]"),
            ("2024-01-01,1\n2024-01-02,1.5\n", ":2: error [count.fraction]"),
            ("2024-01-01,1\n2024-01-02,\n", ":2: error [count.form]"),
            ("2024-01-01,1\n2024-02-30,1\n", ":2: error [date.form]"),
            ("2024,1\n2025,1\n", ":1: error [date.precision]"),
            ("2024-01-01,1\n2024-01-11,1\n", "[series.step]"),
            (
                "2024-01-01,1\n2024-01-08,1\n2024-01-15,1\n2024-01-16,1\n",
                ":4: error [series.off]",
            ),
        ] {
            let said = read_text(text, Gaps::Refused).unwrap_err();
            assert!(said.contains(says), "{text:?}: {said}");
        }
    }
}
