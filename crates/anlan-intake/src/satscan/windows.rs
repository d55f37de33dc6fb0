//! Files that shape the windows or the expectation: populations for the limit on windows, known relative risks.

use super::choices::Model;
use super::data::{Adjustment, Context, Data, Names};
use super::dates::{self, Precision};
use super::faults::{Fault, Faults};
use super::lines::{Row, rows};

/// Reads those that the project asks for.
pub(crate) fn read(context: &Context<'_>, names: &Names, data: &mut Data, faults: &mut Faults) {
    let is_yes = |key| context.parameters.is_yes(key);
    if is_yes("UseMaxCirclePopulationFileOption") || is_yes("UseMaxCirclePopulationFileOption_Reported") {
        window_people(context, names, data, faults);
    }
    if is_yes("UseAdjustmentsByRRFile") && context.settings.model == Model::Poisson {
        adjustments(context, names, data, faults);
    }
}

fn unknown(file: &str, line: u64, name: &str) -> Fault {
    Fault::new(
        file,
        "place.unknown",
        "This location is not in the coordinates file.",
        "Add it there, or take the row out.",
    )
    .at(line)
    .in_field("location", name)
}

fn columns(file: &str, row: &Row<'_>, wanted: &str) -> Fault {
    Fault::new(
        file,
        "columns.count",
        format!("The line has {} fields.", row.fields.len()),
        format!("Write {wanted}."),
    )
    .at(row.line)
}

fn window_people(context: &Context<'_>, names: &Names, data: &mut Data, faults: &mut Faults) {
    let Some(source) = context.open(
        "MaxCirclePopulationFile",
        "populations for the limit on windows",
        faults,
    ) else {
        return;
    };
    let Some(text) = source.text(faults) else { return };
    let mut people = vec![0.0; data.places.len()];
    for row in rows(&text, &source.layout) {
        let [name, number] = row.fields.as_slice() else {
            faults.add(columns(&source.name, &row, "the location and its population"));
            continue;
        };
        let value: f64 = number.parse().unwrap_or(f64::NAN);
        let slot = names.get(name.as_ref()).and_then(|index| people.get_mut(*index));
        match slot {
            None => faults.add(unknown(&source.name, row.line, name)),
            Some(slot) if value.is_finite() && value >= 0.0 => *slot += value,
            Some(_) => faults.add(
                Fault::new(
                    &source.name,
                    "population.form",
                    "That is no population.",
                    "Write a number, 0 or more.",
                )
                .at(row.line)
                .in_field("population", number),
            ),
        }
    }
    data.window_people = Some(people);
}

fn adjustments(context: &Context<'_>, names: &Names, data: &mut Data, faults: &mut Faults) {
    let key = "AdjustmentsByKnownRelativeRisksFilename";
    let Some(source) = context.open(key, "known relative risks", faults) else {
        return;
    };
    let Some(text) = source.text(faults) else { return };
    for row in rows(&text, &source.layout) {
        match adjustment(context, names, &source.name, &row) {
            Ok(adjustment) => data.adjustments.push(adjustment),
            Err(fault) => faults.add(fault),
        }
    }
}

fn adjustment(context: &Context<'_>, names: &Names, file: &str, row: &Row<'_>) -> Result<Adjustment, Fault> {
    if !matches!(row.fields.len(), 2 | 4) {
        return Err(columns(
            file,
            row,
            "the location (or All), the relative risk and, if it is not for all times, the first and the last time",
        ));
    }
    let name = row.field(0).unwrap_or_default();
    let place = match names.get(name) {
        Some(index) => Some(*index),
        None if name.eq_ignore_ascii_case("all") => None,
        None => return Err(unknown(file, row.line, name)),
    };
    let text = row.field(1).unwrap_or_default();
    let risk: f64 = text.parse().unwrap_or(f64::NAN);
    if !(risk.is_finite() && risk >= 0.0) {
        return Err(Fault::new(
            file,
            "risk.form",
            "That is no relative risk.",
            "Write a number, 0 or more.",
        )
        .at(row.line)
        .in_field("relative risk", text));
    }
    let settings = context.settings;
    let is_generic = settings.precision == Precision::Generic;
    let time = |index: usize| {
        let text = row.field(index).unwrap_or_default();
        let written = if is_generic {
            dates::read_generic(text)
        } else {
            dates::read(text, None)
        };
        written.map_err(|reason| Fault::of_time(file, row.line, text, reason, is_generic))
    };
    let days = if row.fields.len() == 4 {
        (time(2)?.first(), time(3)?.last())
    } else {
        settings.study
    };
    Ok(Adjustment { place, risk, days })
}
