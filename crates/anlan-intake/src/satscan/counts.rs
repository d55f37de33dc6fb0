//! Cases and controls: location, count, time, covariates. Checks each against the study and the places.

use super::choices::Model;
use super::data::{COUNT_MAX, Context, Count, Data, LeftOut, Names, Source, Strata};
use super::dates::{self, Precision};
use super::faults::{Fault, Faults};
use super::lines::{Row, rows};
use super::places::empty;
use std::collections::BTreeMap;

/// Reads the case file, and the control file where the model has one.
pub(crate) fn read(
    context: &Context<'_>,
    names: Option<&Names>,
    strata: &mut Strata,
    data: &mut Data,
    faults: &mut Faults,
) {
    let model = context.settings.model;
    if let Some(source) = context.open("CaseFile", "cases", faults) {
        let mut reader = Reader::new(context, names, &source, strata);
        reader.read(faults);
        data.cases = std::mem::take(&mut reader.counts);
        let (total, first_lines) = (reader.total, std::mem::take(&mut reader.first_lines));
        if total == 0 && !faults.is_refused() {
            faults.add(empty(&source.name, "case"));
        }
        if model == Model::Poisson {
            without_people(&source.name, data, &first_lines, faults);
        }
    }
    if model == Model::Bernoulli
        && let Some(source) = context.open("ControlFile", "controls", faults)
    {
        let mut reader = Reader::new(context, names, &source, strata);
        reader.read(faults);
        data.controls = std::mem::take(&mut reader.counts);
        if reader.total == 0 && !faults.is_refused() {
            faults.add(empty(&source.name, "control"));
        }
    }
}

/// Cases where nobody lives: their expected number is zero, and their ratio is not defined.
fn without_people(file: &str, data: &Data, first_lines: &BTreeMap<(usize, usize), u64>, faults: &mut Faults) {
    let mut of_place = vec![0.0; data.places.len()];
    let mut of_stratum: BTreeMap<usize, f64> = BTreeMap::new();
    for population in &data.populations {
        if let Some(people) = of_place.get_mut(population.place) {
            *people += population.people;
        }
        *of_stratum.entry(population.stratum).or_default() += population.people;
    }
    for ((place, stratum), line) in first_lines {
        let is_empty_place = of_place.get(*place).is_some_and(|people| *people <= 0.0);
        let is_empty_stratum = of_stratum.get(stratum).is_none_or(|people| *people <= 0.0);
        if !is_empty_place && !is_empty_stratum {
            continue;
        }
        let name = data.places.get(*place).map_or("", |place| place.name.as_str());
        let whose = if is_empty_place {
            "this location has no population at any time"
        } else {
            "nobody anywhere has these covariates"
        };
        faults.add(
            Fault::new(
                file,
                "population.zero",
                format!("There are cases here, and {whose}."),
                "Give it a population in the population file, or take the cases out.",
            )
            .at(*line)
            .in_field("location", name),
        );
    }
}

struct Reader<'a> {
    context: &'a Context<'a>,
    names: Option<&'a Names>,
    source: &'a Source,
    strata: &'a mut Strata,
    counts: Vec<Count>,
    total: u64,
    first_lines: BTreeMap<(usize, usize), u64>,
    outside: LeftOut,
    unknown: LeftOut,
}

impl<'a> Reader<'a> {
    fn new(
        context: &'a Context<'a>,
        names: Option<&'a Names>,
        source: &'a Source,
        strata: &'a mut Strata,
    ) -> Self {
        Self {
            context,
            names,
            source,
            strata,
            counts: Vec::new(),
            total: 0,
            first_lines: BTreeMap::new(),
            outside: LeftOut::default(),
            unknown: LeftOut::default(),
        }
    }

    fn read(&mut self, faults: &mut Faults) {
        let source = self.source;
        let Some(text) = source.text(faults) else { return };
        let mut is_over = false;
        for row in rows(&text, &source.layout) {
            match self.row(&row) {
                Ok(Some(count)) => self.take(row.line, count, &mut is_over, faults),
                Ok(None) => {}
                Err(fault) => faults.add(fault.at(row.line)),
            }
        }
        let file = &source.name;
        self.outside.tell(
            file,
            "date.outside",
            "their times lie outside the study period",
            faults,
        );
        self.unknown.tell(
            file,
            "place.unknown",
            "their locations have no coordinates",
            faults,
        );
    }

    fn take(&mut self, line: u64, count: Count, is_over: &mut bool, faults: &mut Faults) {
        if count.count == 0 {
            return;
        }
        self.total += count.count;
        if self.total > COUNT_MAX && !*is_over {
            *is_over = true;
            faults.add(
                Fault::new(
                    &self.source.name,
                    "count.total",
                    format!("With this line the counts come to more than {COUNT_MAX}."),
                    "Check the counts; a smaller study or a coarser unit keeps below that.",
                )
                .at(line)
                .in_field("count", &count.count.to_string()),
            );
        }
        self.first_lines
            .entry((count.place, count.stratum))
            .or_insert(line);
        self.counts.push(count);
    }

    fn fault(&self, code: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Fault {
        Fault::new(&self.source.name, code, message, cure)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<Option<Count>, Fault> {
        let has_time = self.context.settings.precision != Precision::None;
        let least = 2 + usize::from(has_time);
        let most = if self.context.settings.model == Model::Bernoulli {
            least
        } else {
            usize::MAX
        };
        if row.fields.len() < least || row.fields.len() > most || row.is_open {
            return Err(self.columns(row, least, most));
        }
        let count = self.count(row.field(1).unwrap_or_default())?;
        let is_spatial = self.names.is_some();
        let name = row.field(0).unwrap_or_default();
        let place = self.names.map_or(Some(0), |names| names.get(name).copied());
        let Some(place) = place else {
            return self.unknown_place(row.line, name, count);
        };
        debug_assert!(is_spatial || place == 0);
        let day = if has_time {
            match self.day(row.line, row.field(2).unwrap_or_default(), count)? {
                Some(day) => day,
                None => return Ok(None),
            }
        } else {
            self.context.settings.study.0
        };
        let stratum = self.stratum(row, least)?;
        Ok(Some(Count {
            place,
            count,
            day,
            stratum,
        }))
    }

    fn columns(&self, row: &Row<'_>, least: usize, most: usize) -> Fault {
        let time = if least > 2 { " and the time" } else { "" };
        let message = if row.is_open {
            "A quote is opened on this line and not closed.".to_owned()
        } else if row.fields.len() > most {
            format!(
                "The line has {} fields where {most} are needed.",
                row.fields.len()
            )
        } else {
            format!("The line has {} of the {least} fields needed.", row.fields.len())
        };
        self.fault(
            "columns.count",
            message,
            format!("Write the location, the count{time}; put a name with blanks in double quotes, or state the layout in the parameter file."),
        )
    }

    fn count(&self, text: &str) -> Result<u64, Fault> {
        let found: Result<u64, (&'static str, &str, &str)> = match text.parse::<u64>() {
            Ok(count) if count <= COUNT_MAX => Ok(count),
            Ok(_) => Err((
                "count.large",
                "The count is larger than any that can be analysed.",
                "Check it; counts go up to 2147483647.",
            )),
            Err(_error) => match text.parse::<f64>() {
                Ok(number) if number < 0.0 => Err((
                    "count.negative",
                    "A count cannot be below zero.",
                    "Write 0 or more.",
                )),
                Ok(number) if number.is_finite() && number.fract() != 0.0 => Err((
                    "count.fraction",
                    "A count cannot have a fraction.",
                    "Write whole cases; a rate belongs into no case file.",
                )),
                _ => Err((
                    "count.form",
                    "That is no count.",
                    "Write a whole number in plain digits.",
                )),
            },
        };
        found.map_err(|(code, message, cure)| self.fault(code, message, cure).in_field("count", text))
    }

    fn unknown_place(&mut self, line: u64, name: &str, count: u64) -> Result<Option<Count>, Fault> {
        if self.context.parameters.whole("GeographicalCoordinatesCheckType") == 1 {
            self.unknown.add(line, weight(count));
            return Ok(None);
        }
        let cure = "Add it to the coordinates file, or set GeographicalCoordinatesCheckType=1 to leave such rows out.";
        Err(self
            .fault("place.unknown", "This location has no coordinates.", cure)
            .in_field("location", name))
    }

    fn day(&mut self, line: u64, text: &str, count: u64) -> Result<Option<dates::Day>, Fault> {
        let settings = self.context.settings;
        let is_generic = settings.precision == Precision::Generic;
        let study = (
            dates::date_of(settings.study.0).year(),
            dates::date_of(settings.study.1).year(),
        );
        let written = if is_generic {
            dates::read_generic(text)
        } else {
            dates::read(text, Some(study))
        };
        let written =
            written.map_err(|reason| Fault::of_time(&self.source.name, line, text, reason, is_generic))?;
        if written.precision < settings.precision {
            let message = format!(
                "The time is less exact than the {} that PrecisionCaseTimes asks for.",
                settings.precision.name().to_lowercase()
            );
            let cure = "Write it as exact as that, or set a coarser PrecisionCaseTimes.";
            return Err(self.fault("date.precision", message, cure).in_field("time", text));
        }
        let day = written.first();
        if (settings.study.0..=settings.study.1).contains(&day) {
            return Ok(Some(day));
        }
        if self.context.parameters.whole("StudyPeriodCheckType") == 1 {
            self.outside.add(line, weight(count));
            return Ok(None);
        }
        let (start, end) = (
            self.context.parameters.text("StartDate"),
            self.context.parameters.text("EndDate"),
        );
        let message = format!("The time lies outside the study period, which is {start} to {end}.");
        let cure = "Take the row out, widen the study, or set StudyPeriodCheckType=1 to leave such rows out.";
        Err(self.fault("date.outside", message, cure).in_field("time", text))
    }

    fn stratum(&mut self, row: &Row<'_>, least: usize) -> Result<usize, Fault> {
        let covariates: Vec<String> = row
            .fields
            .iter()
            .skip(least)
            .map(|field| field.as_ref().to_owned())
            .collect();
        let (wanted, file) = self.strata.expect(covariates.len(), &self.source.name);
        if covariates.len() != wanted {
            let message = format!(
                "The line has {} covariates, and {file} has {wanted}.",
                covariates.len()
            );
            return Err(self.fault(
                "columns.count",
                message,
                "Give every row the same covariates in the same order.",
            ));
        }
        if self.context.settings.model != Model::Poisson {
            return Ok(self.strata.number(covariates));
        }
        self.strata.find(&covariates).ok_or_else(|| {
            self.fault(
                "covariates.unknown",
                "No row of the population file has these covariates.",
                "Write them as the population file does, or add them there.",
            )
            .in_field("covariates", &covariates.join(" "))
        })
    }
}

/// A count as what it adds to a sum that is only told.
fn weight(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
