//! What the files of a project hold, read and checked: places, cases, controls, populations. No statistics.

use super::choices::Model;
use super::dates::{Day, Precision};
use super::faults::{Fault, Faults};
use super::lines::{Layout, decode};
use super::parameters::Parameters;
use super::settings::Settings;
use super::{counts, places, populations, windows};
use std::collections::BTreeMap;
use std::io;

/// Cases, controls and counts in all that one project may have: beyond, SaTScan's own counters run over.
pub const COUNT_MAX: u64 = 2_147_483_647;

/// Where the project's files come from: their bytes by the name that the parameter file gives.
pub trait Files {
    /// The whole file.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
}

impl<F: Fn(&str) -> io::Result<Vec<u8>>> Files for F {
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self(name)
    }
}

/// One location.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its identifier.
    pub name: String,
    /// Latitude and longitude in degrees, or x, y and further axes; empty where neighbours are given instead.
    pub coordinates: Vec<f64>,
}

/// Some cases or controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Index of the place.
    pub place: usize,
    /// How many.
    pub count: u64,
    /// When; the first day of a month or year.
    pub day: Day,
    /// Index of the combination of covariates.
    pub stratum: usize,
}

/// A population.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Index of the place.
    pub place: usize,
    /// The day it is meant for; nothing where no date is stated.
    pub day: Option<Day>,
    /// How exact the date was.
    pub precision: Precision,
    /// How many people.
    pub people: f64,
    /// Index of the combination of covariates.
    pub stratum: usize,
}

/// A known relative risk.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    /// Index of the place; nothing for all.
    pub place: Option<usize>,
    /// The risk.
    pub risk: f64,
    /// First and last day.
    pub days: (Day, Day),
}

/// A project's data.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// Locations by name, in byte order, as SaTScan sorts them.
    pub places: Vec<Place>,
    /// Cases in the order of the file.
    pub cases: Vec<Count>,
    /// Controls in the order of the file.
    pub controls: Vec<Count>,
    /// Populations in the order of the file.
    pub populations: Vec<Population>,
    /// Combinations of covariates.
    pub strata: Vec<Vec<String>>,
    /// Centres of windows, where they are not the places.
    pub centres: Option<Vec<Vec<f64>>>,
    /// For each place the places of its windows in order, itself first, where a file says so.
    pub neighbours: Option<Vec<Vec<usize>>>,
    /// A population of each place for the limit on windows, where a file says so.
    pub window_people: Option<Vec<f64>>,
    /// Known relative risks.
    pub adjustments: Vec<Adjustment>,
}

/// Names of places and their indices.
pub(crate) type Names = BTreeMap<String, usize>;

/// What every reader of a file needs.
pub(crate) struct Context<'a> {
    pub(crate) parameters: &'a Parameters,
    pub(crate) settings: &'a Settings,
    pub(crate) files: &'a dyn Files,
}

/// A file of the project: its name, its bytes and its layout.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) layout: Layout,
}

impl Source {
    /// Its text.
    pub(crate) fn text(&self, faults: &mut Faults) -> Option<std::borrow::Cow<'_, str>> {
        match decode(&self.name, &self.bytes) {
            Ok(text) => Some(text),
            Err(fault) => {
                faults.add(fault);
                None
            }
        }
    }
}

impl Context<'_> {
    /// Opens the file that a key names. `what` says what it holds.
    pub(crate) fn open(&self, key: &str, what: &str, faults: &mut Faults) -> Option<Source> {
        let name = self.parameters.text(key);
        let layout = self.parameters.layout(key, faults);
        if name.is_empty() {
            faults.add(self.parameters.fault(
                key,
                "file.unnamed",
                format!("The analysis needs {what}, and no file is named."),
                format!("Write {key}=name of the file."),
            ));
            return None;
        }
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        match self.files.read(name) {
            Ok(bytes) => Some(Source {
                name: name.to_owned(),
                bytes,
                layout,
            }),
            Err(error) if base == name => {
                faults.add(self.missing(key, name, &error));
                None
            }
            Err(error) => {
                let Ok(bytes) = self.files.read(base) else {
                    faults.add(self.missing(key, name, &error));
                    return None;
                };
                let fault = self.parameters.fault(
                    key,
                    "file.elsewhere",
                    format!("{name} is not there; {base} beside the parameter file was read instead."),
                    "Write the name without folders.",
                );
                faults.add(fault.as_warning());
                Some(Source {
                    name: base.to_owned(),
                    bytes,
                    layout,
                })
            }
        }
    }

    fn missing(&self, key: &str, name: &str, error: &io::Error) -> Fault {
        let (code, message) = if error.kind() == io::ErrorKind::NotFound {
            ("file.missing", format!("The file {name} is not there."))
        } else {
            (
                "file.unreadable",
                format!("The file {name} cannot be read: {error}."),
            )
        };
        self.parameters.fault(
            key,
            code,
            message,
            "Put it beside the parameter file or write where it is.",
        )
    }
}

/// Reads every file that the analysis needs.
pub(crate) fn read(context: &Context<'_>, faults: &mut Faults) -> Data {
    let mut data = Data::default();
    let is_spatial = context.settings.analysis.is_spatial();
    let names = if is_spatial {
        places::read(context, &mut data, faults)
    } else {
        data.places.push(Place {
            name: "All".to_owned(),
            coordinates: Vec::new(),
        });
        None
    };
    if is_spatial && names.is_none() {
        return data;
    }
    let mut strata = Strata::default();
    if context.settings.model == Model::Poisson {
        populations::read(context, names.as_ref(), &mut strata, &mut data, faults);
    }
    counts::read(context, names.as_ref(), &mut strata, &mut data, faults);
    if let Some(names) = &names {
        windows::read(context, names, &mut data, faults);
    }
    data.strata = strata.into_list();
    data
}

/// Combinations of covariates and their numbers.
#[derive(Debug, Default)]
pub(crate) struct Strata {
    numbers: BTreeMap<Vec<String>, usize>,
    covariates: Option<(usize, String)>,
}

impl Strata {
    /// The number of a combination, a new one where it is new.
    pub(crate) fn number(&mut self, covariates: Vec<String>) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(covariates).or_insert(next)
    }

    /// The number of a combination that is known.
    pub(crate) fn find(&self, covariates: &[String]) -> Option<usize> {
        self.numbers.get(covariates).copied()
    }

    /// How many covariates a row must have, and the file that said so first; this row says so if none did.
    pub(crate) fn expect(&mut self, covariates: usize, file: &str) -> (usize, String) {
        self.covariates
            .get_or_insert_with(|| (covariates, file.to_owned()))
            .clone()
    }

    fn into_list(self) -> Vec<Vec<String>> {
        let mut list = vec![Vec::new(); self.numbers.len()];
        for (covariates, number) in self.numbers {
            if let Some(slot) = list.get_mut(number) {
                *slot = covariates;
            }
        }
        list
    }
}

/// Rows left out because the project says to leave such rows out, told once per file.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    rows: u64,
    count: f64,
    first: Option<u64>,
}

impl LeftOut {
    pub(crate) fn add(&mut self, line: u64, count: f64) {
        self.rows += 1;
        self.count += count;
        self.first.get_or_insert(line);
    }

    pub(crate) fn tell(&self, file: &str, code: &'static str, why: &str, faults: &mut Faults) {
        let Some(first) = self.first else { return };
        faults.add(
            Fault::new(
                file,
                code,
                format!(
                    "{} rows with {} in all were left out: {why}; this is the first.",
                    self.rows, self.count
                ),
                "That is what the project asks for; nothing needs to be done.",
            )
            .at(first)
            .as_warning(),
        );
    }
}
