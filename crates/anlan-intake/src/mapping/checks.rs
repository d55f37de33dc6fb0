//! Checks of a mapping file as such, with messages that say what to write instead. Knows no file to be imported.

use super::{FAULTS, Mapping, invalid};
use crate::refusals::Refusal;

impl Mapping {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        for (name, value) in [
            ("name", &self.name),
            ("source", &self.source),
            ("title_zh", &self.title_zh),
            ("title_en", &self.title_en),
        ] {
            if value.trim().is_empty() {
                return Err(invalid(format!("`{name}` is empty.")));
            }
        }
        self.zone()?;
        self.formats()?;
        for (name, take) in self.takes() {
            if let Some(complaint) = take.complaint() {
                return Err(invalid(format!("`{name}` {complaint}.")));
            }
        }
        if self.id.columns.is_empty() {
            return Err(invalid(
                "`id.columns` is empty: name the column with the sender's id, or with `is_fingerprint = true` the columns that together make a row unlike any other.",
            ));
        }
        if self.place.lon.is_some() != self.place.lat.is_some() {
            return Err(invalid("[place] needs both `lon` and `lat`, or neither."));
        }
        if self.place.lon.is_none() && self.place.address.is_none() {
            return Err(invalid("[place] needs `lon` and `lat`, or `address`, or both."));
        }
        self.check_numbers()?;
        self.check_names()
    }

    fn check_numbers(&self) -> Result<(), Refusal> {
        if let Some([west, south, east, north]) = self.place.bounds
            && !(west < east
                && south < north
                && (-180.0..=180.0).contains(&west)
                && (-180.0..=180.0).contains(&east)
                && (-90.0..=90.0).contains(&south)
                && (-90.0..=90.0).contains(&north))
        {
            return Err(invalid(
                "`place.bounds` must be [west, south, east, north] in degrees, west < east, south < north.",
            ));
        }
        if self.place.sea.iter().any(|ring| ring.len() < 3) {
            return Err(invalid("Every ring in `place.sea` needs three points at least."));
        }
        if self
            .place
            .default_points
            .iter()
            .any(|point| !(0.0..=10_000.0).contains(&point.radius_m))
        {
            return Err(invalid(
                "`radius_m` of a default point must be 0 to 10,000 metres.",
            ));
        }
        if let Some(day) = &self.time.earliest
            && day.parse::<jiff::civil::Date>().is_err()
        {
            return Err(invalid(format!(
                "`time.earliest` “{day}” is no day: write it as 2010-01-31."
            )));
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), Refusal> {
        for code in self.on_fault.keys() {
            if !FAULTS.iter().any(|(known, _)| known == code) {
                let known: Vec<&str> = FAULTS.iter().map(|(known, _)| *known).collect();
                return Err(invalid(format!(
                    "`on_fault` names “{code}”, which is no fault. Known are: {}.",
                    known.join(", ")
                )));
            }
        }
        let columns = self.columns();
        for name in self.headers.keys().chain(&self.optional) {
            if !columns.contains(name.as_str()) {
                return Err(invalid(format!(
                    "`headers` or `optional` names the column “{name}”, which nothing in the mapping uses."
                )));
            }
        }
        if let Some(history) = &self.history
            && history.status.is_some()
            && history.closed_words.is_empty()
        {
            return Err(invalid("`history.status` needs `closed_words`."));
        }
        Ok(())
    }
}
