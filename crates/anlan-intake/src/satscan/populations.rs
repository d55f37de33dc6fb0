//! The population file: location, time, people, covariates. Where there is none, every place counts as one.

use super::data::{Context, Data, LeftOut, Names, Population, Source, Strata};
use super::dates::{self, Precision};
use super::faults::{Fault, Faults};
use super::lines::{Row, rows};
use super::places::empty;

/// People that one row may have.
const PEOPLE_MAX: f64 = 1e12;

/// Reads the population file into `data`.
pub(crate) fn read(
    context: &Context<'_>,
    names: Option<&Names>,
    strata: &mut Strata,
    data: &mut Data,
    faults: &mut Faults,
) {
    if context.parameters.text("PopulationFile").is_empty() {
        let stratum = strata.number(Vec::new());
        strata.expect(0, "no population file");
        data.populations = (0..data.places.len())
            .map(|place| Population {
                place,
                day: None,
                precision: Precision::None,
                people: 1.0,
                stratum,
            })
            .collect();
        return;
    }
    let Some(source) = context.open("PopulationFile", "populations", faults) else {
        return;
    };
    let Some(text) = source.text(faults) else { return };
    let mut reader = Reader {
        context,
        names,
        source: &source,
        unknown: LeftOut::default(),
    };
    for row in rows(&text, &source.layout) {
        match reader.row(&row, strata) {
            Ok(Some(population)) => data.populations.push(population),
            Ok(None) => {}
            Err(fault) => faults.add(fault.at(row.line)),
        }
    }
    reader.unknown.tell(
        &source.name,
        "place.unknown",
        "their locations have no coordinates",
        faults,
    );
    if data.populations.is_empty() && !faults.is_refused() {
        faults.add(empty(&source.name, "population"));
    }
}

struct Reader<'a> {
    context: &'a Context<'a>,
    names: Option<&'a Names>,
    source: &'a Source,
    unknown: LeftOut,
}

impl Reader<'_> {
    fn fault(&self, code: &'static str, message: impl Into<String>, cure: &str) -> Fault {
        Fault::new(&self.source.name, code, message, cure)
    }

    fn row(&mut self, row: &Row<'_>, strata: &mut Strata) -> Result<Option<Population>, Fault> {
        if row.fields.len() < 3 || row.is_open {
            let message = format!("The line has {} of the 3 fields needed.", row.fields.len());
            let cure =
                "Write the location, the time and the population; put a name with blanks in double quotes.";
            return Err(self.fault("columns.count", message, cure));
        }
        let text = row.field(2).unwrap_or_default();
        let people = self.people(text)?;
        let name = row.field(0).unwrap_or_default();
        let Some(place) = self.names.map_or(Some(0), |names| names.get(name).copied()) else {
            if self.context.parameters.whole("GeographicalCoordinatesCheckType") == 1 {
                self.unknown.add(row.line, people);
                return Ok(None);
            }
            let cure = "Add it to the coordinates file, or set GeographicalCoordinatesCheckType=1 to leave such rows out.";
            let fault = self.fault("place.unknown", "This location has no coordinates.", cure);
            return Err(fault.in_field("location", name));
        };
        let (day, precision) = self.day(row)?;
        let covariates: Vec<String> = row
            .fields
            .iter()
            .skip(3)
            .map(|field| field.as_ref().to_owned())
            .collect();
        let (wanted, file) = strata.expect(covariates.len(), &self.source.name);
        if covariates.len() != wanted {
            let message = format!(
                "The line has {} covariates, and the first of {file} has {wanted}.",
                covariates.len()
            );
            return Err(self.fault(
                "columns.count",
                message,
                "Give every row the same covariates in the same order.",
            ));
        }
        Ok(Some(Population {
            place,
            day,
            precision,
            people,
            stratum: strata.number(covariates),
        }))
    }

    fn people(&self, text: &str) -> Result<f64, Fault> {
        let people: f64 = text.parse().unwrap_or(f64::NAN);
        if people.is_finite() && (0.0..=PEOPLE_MAX).contains(&people) {
            return Ok(people);
        }
        let (code, message) = if people < 0.0 {
            ("population.negative", "A population cannot be below zero.")
        } else if people > PEOPLE_MAX {
            (
                "population.large",
                "The population is larger than any that can be analysed.",
            )
        } else {
            ("population.form", "That is no population.")
        };
        Err(self
            .fault(
                code,
                message,
                "Write a number of people, 0 or more, in plain digits.",
            )
            .in_field("population", text))
    }

    fn day(&self, row: &Row<'_>) -> Result<(Option<dates::Day>, Precision), Fault> {
        let settings = self.context.settings;
        let text = row.field(1).unwrap_or_default();
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
        let written = written
            .map_err(|reason| Fault::of_time(&self.source.name, row.line, text, reason, is_generic))?;
        let day = (written.precision != Precision::None).then(|| written.middle());
        Ok((day, written.precision))
    }
}
