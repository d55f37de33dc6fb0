//! A parameter file (.prm): sections, keys and values with their lines, checked against the table of keys.
//! Knows nothing of what the values mean together.

use super::faults::{Fault, Faults};
use super::keys::{FILES, KEYS, Key, Kind, LAYOUT_KEYS, Use, find, nearest};
use super::lines::{Column, Layout, decode};
use std::collections::BTreeMap;

/// One value and where it stands; no line where it was set from outside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    value: String,
    line: Option<u64>,
}

/// The keys of one project as they are given; absent ones have SaTScan's defaults.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    file: String,
    given: BTreeMap<&'static str, Given>,
    layouts: BTreeMap<String, Given>,
}

impl Parameters {
    /// Reads the text of a parameter file. `file` is its name in faults.
    pub fn parse(file: &str, bytes: &[u8], faults: &mut Faults) -> Self {
        let mut parameters = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        let text = match decode(file, bytes) {
            Ok(text) => text,
            Err(fault) => {
                faults.add(fault);
                return parameters;
            }
        };
        let mut section = "";
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
            if line.is_empty() || line.starts_with([';', '#', '[']) {
                section = line
                    .strip_prefix('[')
                    .map_or(section, |rest| rest.trim_end_matches(']'));
                continue;
            }
            match line.split_once('=') {
                Some((name, value)) => {
                    parameters.take(name.trim(), value.trim(), Some(number), faults);
                    faults.extend(parameters.stray(name.trim(), section));
                }
                None => faults.add(
                    Fault::new(
                        file,
                        "parameter.form",
                        "The line is neither a section, a comment nor Key=Value.",
                        "Write Key=Value, or put a semicolon before it.",
                    )
                    .at(number)
                    .in_field("line", line),
                ),
            }
        }
        if parameters.given.is_empty() && !faults.is_refused() {
            faults.add(Fault::new(
                file,
                "parameter.none",
                "The file holds no parameter at all.",
                "Name the project's .prm file, not one of its data files.",
            ));
        }
        parameters
    }

    /// Sets one key over what the file says, as `Key=Value`.
    pub fn set(&mut self, assignment: &str) -> Result<(), Fault> {
        let fault = |message: String, cure: String| {
            Fault::new("--set", "parameter.unknown", message, cure).in_field("Key=Value", assignment)
        };
        let Some((name, value)) = assignment.split_once('=') else {
            return Err(fault(
                "That is not Key=Value.".to_owned(),
                "Write for example --set MonteCarloReps=9999.".to_owned(),
            ));
        };
        let mut faults = Faults::default();
        let name = name.trim();
        if find(name).is_none() && !is_layout(name) {
            return Err(fault(format!("There is no key {name}."), cure_of_unknown(name)));
        }
        self.given.retain(|known, _| !known.eq_ignore_ascii_case(name));
        self.layouts.remove(&name.to_ascii_lowercase());
        self.take(name, value.trim(), None, &mut faults);
        Ok(())
    }

    fn take(&mut self, name: &str, value: &str, line: Option<u64>, faults: &mut Faults) {
        let given = Given {
            value: value.to_owned(),
            line,
        };
        let place = |fault: Fault| line.map_or(fault.clone(), |line| fault.at(line).in_field(name, value));
        let earlier = if let Some(key) = find(name) {
            self.given.insert(key.name, given)
        } else if is_layout(name) {
            self.layouts.insert(name.to_ascii_lowercase(), given)
        } else {
            if let Some(fault) = further_set(&self.file, name, value) {
                faults.add(place(fault));
            } else {
                let fault = Fault::new(
                    &self.file,
                    "parameter.unknown",
                    format!("There is no key {name} in SaTScan 10.3; it was passed over."),
                    cure_of_unknown(name),
                );
                faults.add(place(fault).as_warning());
            }
            None
        };
        if let Some(earlier) = earlier.filter(|earlier| earlier.value != value) {
            let earlier_line = earlier.line.unwrap_or_default();
            faults.add(place(Fault::new(
                &self.file,
                "parameter.twice",
                format!(
                    "{name} is given twice and differently; line {earlier_line} says {:?}.",
                    earlier.value
                ),
                "Keep one of the two lines.",
            )));
        }
    }

    /// A key under another section than its own: read all the same, and told.
    fn stray(&self, name: &str, section: &str) -> Faults {
        let mut faults = Faults::default();
        if let Some(key) =
            find(name).filter(|key| !section.is_empty() && !key.section.eq_ignore_ascii_case(section))
        {
            let message = format!("{} stands under [{section}]; it was read all the same.", key.name);
            let cure = format!("Put it under [{}], where SaTScan looks for it.", key.section);
            faults.add(
                self.fault(key.name, "parameter.section", message, cure)
                    .as_warning(),
            );
        }
        faults
    }

    /// Checks every value given against its key.
    pub fn check(&self, faults: &mut Faults) {
        for key in KEYS {
            let Some(given) = self.given.get(key.name) else {
                continue;
            };
            if let Err(wanted) = fits(key.kind, &given.value) {
                let cure = format!("Write {wanted}; SaTScan's default is {:?}.", key.default);
                faults.add(self.fault(
                    key.name,
                    "parameter.value",
                    format!("{} cannot have this value.", key.name),
                    cure,
                ));
                continue;
            }
            if same(key, &given.value) {
                continue;
            }
            match key.usage {
                Use::Honoured | Use::Idle => {}
                Use::Extra(why) => faults.add(
                    self.fault(
                        key.name,
                        "parameter.extra",
                        format!("{} is not honoured.", key.name),
                        why,
                    )
                    .as_warning(),
                ),
                Use::Refused(why) => faults.add(self.fault(
                    key.name,
                    "parameter.unsupported",
                    format!(
                        "{} cannot be honoured, and the results would not be those asked for.",
                        key.name
                    ),
                    why,
                )),
            }
        }
    }

    /// A fault of one key, at its line.
    pub(crate) fn fault(
        &self,
        name: &str,
        code: &'static str,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Fault {
        let given = find(name).and_then(|key| self.given.get(key.name));
        let fault = Fault::new(&self.file, code, message, cure).in_field(name, self.text(name));
        match given.and_then(|given| given.line) {
            Some(line) => fault.at(line),
            None => fault,
        }
    }

    /// A key's value, or its default.
    pub fn text(&self, name: &str) -> &str {
        let Some(key) = find(name) else { return "" };
        self.given
            .get(key.name)
            .map_or(key.default, |given| given.value.as_str())
    }

    /// Whether a key says yes.
    pub(crate) fn is_yes(&self, name: &str) -> bool {
        matches!(self.text(name), "y" | "Y" | "1" | "yes" | "true")
    }

    /// A key's whole number.
    pub(crate) fn whole(&self, name: &str) -> i64 {
        let default = find(name).map_or("", |key| key.default);
        self.text(name)
            .parse()
            .or_else(|_error| default.parse())
            .unwrap_or_default()
    }

    /// A key's number.
    pub(crate) fn number(&self, name: &str) -> f64 {
        let default = find(name).map_or("", |key| key.default);
        self.text(name)
            .parse()
            .or_else(|_error| default.parse())
            .unwrap_or_default()
    }

    /// A key's numbers.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        self.text(name)
            .split(',')
            .filter_map(|part| part.trim().parse().ok())
            .collect()
    }

    /// Every key given and its value, in SaTScan's order.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        KEYS.iter()
            .filter_map(|key| Some((key.name, self.given.get(key.name)?.value.as_str())))
    }

    /// The layout stated for a file's key, where one is.
    pub(crate) fn layout(&self, file_key: &str, faults: &mut Faults) -> Layout {
        let of = |ending: &str| {
            let name = format!("{file_key}-{ending}").to_ascii_lowercase();
            self.layouts.get(&name)
        };
        let is_stated = ["SourceDelimiter", "SourceFieldMap"]
            .into_iter()
            .any(|ending| of(ending).is_some_and(|given| !given.value.is_empty()));
        let text = |ending: &str| of(ending).map_or("", |given| given.value.as_str());
        let complain = |ending: &str, message: &str, cure: &str| {
            let given = of(ending);
            let fault = Fault::new(&self.file, "layout.unsupported", message, cure).in_field(
                &format!("{file_key}-{ending}"),
                given.map_or("", |given| given.value.as_str()),
            );
            given
                .and_then(|given| given.line)
                .map_or(fault.clone(), |line| fault.at(line))
        };
        if !matches!(text("SourceType"), "" | "0") {
            faults.add(complain(
                "SourceType",
                "Only text files are read; this is a dBase, shape or Excel file.",
                "Export it as CSV and set SourceType=0.",
            ));
        }
        let columns = columns(text("SourceFieldMap")).unwrap_or_else(|| {
            faults.add(complain(
                "SourceFieldMap",
                "The map of fields is not a list of column numbers.",
                "Write column numbers from 1, commas between; oneCount, generatedId and unspecifiedPopDate are known too.",
            ));
            Vec::new()
        });
        let skip: u64 = text("SourceSkip").parse().unwrap_or(0);
        let has_header = matches!(text("SourceFirstRowHeader"), "y" | "Y" | "1");
        let delimiter = match text("SourceDelimiter") {
            "" if is_stated => Some(','),
            "" | "whitespace" | "space" => None,
            "tab" | "\\t" => Some('\t'),
            "semicolon" => Some(';'),
            "comma" => Some(','),
            other => other.chars().next(),
        };
        Layout {
            delimiter,
            quote: text("SourceGrouper").chars().next(),
            skip: skip + u64::from(has_header),
            columns,
            is_stated,
        }
    }
}

fn is_layout(name: &str) -> bool {
    let Some((file, ending)) = name.split_once('-') else {
        return false;
    };
    FILES.iter().any(|known| known.eq_ignore_ascii_case(file))
        && LAYOUT_KEYS
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(ending))
}

/// A second data set, which changes the analysis and is not supported.
fn further_set(file: &str, name: &str, value: &str) -> Option<Fault> {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let is_further = stem.len() < name.len() && matches!(stem, "CaseFile" | "ControlFile" | "PopulationFile");
    (is_further && !value.is_empty()).then(|| {
        Fault::new(
            file,
            "parameter.datasets",
            "The project has more than one data set, and one is what is analysed.",
            "Run one project per data set.",
        )
    })
}

fn cure_of_unknown(name: &str) -> String {
    nearest(name).map_or_else(
        || "Delete the line, or check the key's spelling.".to_owned(),
        |known| format!("Did you mean {known}?"),
    )
}

fn columns(map: &str) -> Option<Vec<Column>> {
    if map.is_empty() {
        return Some(Vec::new());
    }
    map.split(',')
        .map(|part| match part.trim() {
            "oneCount" => Some(Column::One),
            "generatedId" => Some(Column::Generated),
            "unspecifiedPopDate" => Some(Column::Undated),
            number => number
                .parse()
                .ok()
                .filter(|number| (1..=10_000).contains(number))
                .map(Column::At),
        })
        .collect()
}

fn same(key: &Key, value: &str) -> bool {
    match key.kind {
        Kind::YesNo => {
            let is_yes = |text: &str| matches!(text, "y" | "Y" | "1" | "yes" | "true");
            is_yes(key.default) == is_yes(value)
        }
        Kind::Choice(_) | Kind::Whole(..) | Kind::Number(..) => {
            key.default.parse::<f64>() == value.parse::<f64>()
        }
        _ => key.default == value,
    }
}

/// Whether a value is one that a key of this kind may have; else what it may.
fn fits(kind: Kind, value: &str) -> Result<(), String> {
    let is_fit = match kind {
        Kind::YesNo => matches!(
            value,
            "y" | "n" | "Y" | "N" | "0" | "1" | "yes" | "no" | "true" | "false"
        ),
        Kind::Choice(known) => value.parse().is_ok_and(|number: i64| known.contains(&number)),
        Kind::Whole(least, most) => value.parse().is_ok_and(|number| (least..=most).contains(&number)),
        Kind::Number(least, most) => value.parse().is_ok_and(|number| (least..=most).contains(&number)),
        Kind::Numbers => value
            .split(',')
            .all(|part| part.trim().parse::<f64>().is_ok_and(f64::is_finite)),
        // What a time may be depends on the precision: judged where it is read.
        Kind::Time | Kind::Times | Kind::Text => true,
    };
    if is_fit {
        return Ok(());
    }
    Err(match kind {
        Kind::YesNo => "y or n".to_owned(),
        Kind::Choice(known) => {
            let known: Vec<String> = known.iter().map(ToString::to_string).collect();
            format!("one of {}", known.join(", "))
        }
        Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Number(least, most) => format!("a number from {least} to {most}"),
        _ => "numbers with commas between".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Parameters, Vec<String>) {
        let mut faults = Faults::default();
        let parameters = Parameters::parse("p.prm", text.as_bytes(), &mut faults);
        parameters.check(&mut faults);
        let said = faults.list().iter().map(ToString::to_string).collect();
        (parameters, said)
    }

    #[test]
    fn values_have_defaults_and_can_be_set_over() {
        let (mut parameters, said) = parsed("[Inference]\r\n; reps\r\nMonteCarloReps=99\r\n");
        assert_eq!((parameters.whole("MonteCarloReps"), said.len()), (99, 0));
        parameters.set("montecarloreps=9999").unwrap();
        assert_eq!(parameters.whole("MonteCarloReps"), 9999);
        assert!((parameters.number("MaxTemporalSize") - 50.0).abs() < 1e-12);
        assert!(parameters.is_yes("ReportHierarchicalClusters"));
        assert!(
            parameters
                .set("MonteCarloRep=1")
                .unwrap_err()
                .cure
                .contains("MonteCarloReps")
        );
    }

    #[test]
    fn nothing_is_silently_passed_over() {
        for (text, code, part) in [
            (
                "MonteCarloRep=9",
                "parameter.unknown",
                "Did you mean MonteCarloReps?",
            ),
            (
                "MonteCarloReps=many",
                "parameter.value",
                "a whole number from 0 to 999999",
            ),
            ("IsotonicScan=1", "parameter.unsupported", "set IsotonicScan=0"),
            ("OutputShapefiles=y", "parameter.extra", "--geojson"),
            (
                "CaseFile2=b.cas",
                "parameter.datasets",
                "one project per data set",
            ),
            ("just words", "parameter.form", "Key=Value"),
            ("ScanAreas=1\nScanAreas=2", "parameter.twice", "line 1"),
        ] {
            let (_, said) = parsed(text);
            assert!(
                said.iter().any(|one| one.contains(code) && one.contains(part)),
                "{text}: {said:?}"
            );
        }
    }

    #[test]
    fn a_stated_layout_is_read() {
        let (parameters, said) = parsed(
            "CaseFile=a.csv\nCaseFile-SourceFieldMap=3,oneCount,1\nCaseFile-SourceDelimiter=;\nCaseFile-SourceFirstRowHeader=y",
        );
        assert_eq!(said, [""; 0]);
        let mut faults = Faults::default();
        let layout = parameters.layout("CaseFile", &mut faults);
        assert_eq!((layout.delimiter, layout.skip), (Some(';'), 1));
        assert_eq!(layout.columns, [Column::At(3), Column::One, Column::At(1)]);
        assert!(!parameters.layout("ControlFile", &mut faults).is_stated);
    }
}
