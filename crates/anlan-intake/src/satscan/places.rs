//! Locations: the coordinates file, the neighbours file and the grid file. Checks degrees, repeats and columns.

use super::data::{Context, Data, Names, Place, Source};
use super::faults::{Fault, Faults};
use super::lines::{Row, rows};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Axes that a place has.
const AXES: usize = 2;

/// Reads the places into `data`; their names, where any file could be read.
pub(crate) fn read(context: &Context<'_>, data: &mut Data, faults: &mut Faults) -> Option<Names> {
    if context.parameters.is_yes("UseNeighborsFile") {
        return neighbours(context, data, faults);
    }
    let source = context.open("CoordinatesFile", "the coordinates of its locations", faults)?;
    let mut found: BTreeMap<String, (u64, Vec<f64>)> = BTreeMap::new();
    let reader = Reader::new(context, &source, 1);
    for (line, name, coordinates) in reader.read(faults)? {
        match found.entry(name) {
            Entry::Vacant(slot) => {
                slot.insert((line, coordinates));
            }
            Entry::Occupied(slot) if slot.get().1 == coordinates || coordinates.is_empty() => {}
            Entry::Occupied(slot) => faults.add(
                Fault::new(
                    &source.name,
                    "place.twice",
                    format!("This location has other coordinates on line {}.", slot.get().0),
                    "Keep one of the two lines.",
                )
                .at(line)
                .in_field("location", slot.key()),
            ),
        }
    }
    if found.is_empty() {
        faults.add(empty(&source.name, "location"));
        return None;
    }
    let mut names = Names::new();
    for (name, (_, coordinates)) in found {
        names.insert(name.clone(), data.places.len());
        data.places.push(Place { name, coordinates });
    }
    if context.parameters.is_yes("UseGridFile") {
        grid(context, data, faults);
    }
    Some(names)
}

/// A file that says nothing.
pub(crate) fn empty(file: &str, what: &str) -> Fault {
    Fault::new(
        file,
        "file.empty",
        format!("The file holds no {what} that can be used."),
        "Check that it is the right file, and mend the faults named above.",
    )
}

fn grid(context: &Context<'_>, data: &mut Data, faults: &mut Faults) {
    let Some(source) = context.open("GridFile", "the centres of its windows", faults) else {
        return;
    };
    let Some(points) = Reader::new(context, &source, 0).read(faults) else {
        return;
    };
    let centres: Vec<Vec<f64>> = points
        .into_iter()
        .map(|(_, _, coordinates)| coordinates)
        .filter(|axes| !axes.is_empty())
        .collect();
    if centres.is_empty() {
        faults.add(empty(&source.name, "centre"));
    }
    data.centres = Some(centres);
}

/// Reads rows of a name (where `leading` is 1) and coordinates.
struct Reader<'a> {
    source: &'a Source,
    leading: usize,
    is_lat_long: bool,
}

impl<'a> Reader<'a> {
    fn new(context: &Context<'_>, source: &'a Source, leading: usize) -> Self {
        Self {
            source,
            leading,
            is_lat_long: context.settings.is_lat_long,
        }
    }

    fn read(&self, faults: &mut Faults) -> Option<Vec<(u64, String, Vec<f64>)>> {
        let text = self.source.text(faults)?;
        let mut list = Vec::new();
        for row in rows(&text, &self.source.layout) {
            let name = if self.leading == 0 {
                ""
            } else {
                row.field(0).unwrap_or_default()
            };
            // A location whose coordinates are at fault is known all the same, or each of its cases would be a fault too.
            let coordinates = self.row(&row).unwrap_or_else(|fault| {
                faults.add(fault.at(row.line));
                Vec::new()
            });
            list.push((row.line, name.to_owned(), coordinates));
        }
        Some(list)
    }

    fn fault(&self, code: &'static str, message: impl Into<String>, cure: &str) -> Fault {
        Fault::new(&self.source.name, code, message, cure)
    }

    fn row(&self, row: &Row<'_>) -> Result<Vec<f64>, Fault> {
        let has = row.fields.len().saturating_sub(self.leading);
        if has != AXES || row.is_open {
            return Err(self.fault(
                "columns.count",
                format!("The line has {} fields where {} are needed.", row.fields.len(), AXES + self.leading),
                if self.is_lat_long {
                    "Write the location, its latitude and its longitude; put a name with blanks in double quotes."
                } else {
                    "Write the location, x and y; put a name with blanks in double quotes."
                },
            ));
        }
        let names = if self.is_lat_long {
            ["latitude", "longitude"]
        } else {
            ["x", "y"]
        };
        let mut coordinates = Vec::with_capacity(AXES);
        for (index, text) in row.fields.iter().skip(self.leading).enumerate() {
            let name = names.get(index).copied().unwrap_or("axis");
            let number: f64 = text.parse().unwrap_or(f64::NAN);
            if !number.is_finite() {
                let fault = self.fault(
                    "place.number",
                    "That is no coordinate.",
                    "Write a number with a point, without units.",
                );
                return Err(fault.in_field(name, text));
            }
            coordinates.push(number);
        }
        if self.is_lat_long {
            self.degrees(&coordinates)?;
        }
        Ok(coordinates)
    }

    fn degrees(&self, coordinates: &[f64]) -> Result<(), Fault> {
        let &[latitude, longitude] = coordinates else {
            return Ok(());
        };
        if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 {
            return Ok(());
        }
        let (field, value) = if latitude.abs() > 90.0 {
            ("latitude", latitude)
        } else {
            ("longitude", longitude)
        };
        let fault = if latitude.abs() > 90.0 && latitude.abs() <= 180.0 && longitude.abs() <= 90.0 {
            self.fault(
                "place.swapped",
                "A latitude lies beyond 90 degrees; latitude and longitude seem to be mixed up.",
                "Write latitude before longitude, or set CoordinatesFile-SourceFieldMap=1,3,2.",
            )
        } else {
            self.fault(
                "place.degrees",
                "That is no latitude and longitude in degrees.",
                "Write degrees (latitude up to 90, longitude up to 180), or set CoordinatesType=0 for x and y.",
            )
        };
        Err(fault.in_field(field, &value.to_string()))
    }
}

/// The neighbours file: a place and those of its windows, nearest first. It says which places there are.
fn neighbours(context: &Context<'_>, data: &mut Data, faults: &mut Faults) -> Option<Names> {
    let source = context.open("NeighborsFilename", "the neighbours of its locations", faults)?;
    let text = source.text(faults)?;
    let mut lines: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
    for row in rows(&text, &source.layout) {
        let mut names = row
            .fields
            .iter()
            .map(|field| field.as_ref().to_owned())
            .filter(|name| !name.is_empty());
        let Some(centre) = names.next() else { continue };
        let names: Vec<String> = names.collect();
        match lines.entry(centre) {
            Entry::Vacant(slot) => {
                slot.insert((row.line, names));
            }
            Entry::Occupied(slot) => faults.add(
                Fault::new(
                    &source.name,
                    "place.twice",
                    format!(
                        "The neighbours of this location are on line {} already.",
                        slot.get().0
                    ),
                    "Keep one of the two lines.",
                )
                .at(row.line)
                .in_field("location", slot.key()),
            ),
        }
    }
    if lines.is_empty() {
        faults.add(empty(&source.name, "location"));
        return None;
    }
    let mut names = Names::new();
    for name in lines
        .iter()
        .flat_map(|(centre, (_, others))| std::iter::once(centre).chain(others))
    {
        names.insert(name.clone(), 0);
    }
    for ((name, index), number) in names.iter_mut().zip(0..) {
        *index = number;
        data.places.push(Place {
            name: name.clone(),
            coordinates: Vec::new(),
        });
    }
    let mut lists = vec![Vec::new(); names.len()];
    for (centre, (_, others)) in lines {
        let mut list: Vec<usize> = Vec::with_capacity(others.len() + 1);
        for name in std::iter::once(&centre).chain(&others) {
            list.extend(names.get(name).filter(|index| !list.contains(index)));
        }
        if let Some(slot) = names.get(&centre).and_then(|index| lists.get_mut(*index)) {
            *slot = list;
        }
    }
    data.neighbours = Some(lists);
    Some(names)
}
