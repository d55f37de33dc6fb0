//! Where something is: a point with its stated error and datum, and what it was found to lie in.

use crate::ids::CellId;
use serde::{Deserialize, Serialize};

/// Longitude and latitude in degrees, WGS84 (CGCS2000 agrees with it to centimetres). The only datum inside Anlan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Degrees east, −180 … 180.
    pub lon: f64,
    /// Degrees north, −90 … 90.
    pub lat: f64,
}

impl Point {
    /// Whether both numbers are finite and within their ranges.
    pub fn is_on_earth(self) -> bool {
        (-180.0..=180.0).contains(&self.lon) && (-90.0..=90.0).contains(&self.lat)
    }

    /// About where it is, for who is not to know it exactly: both numbers to three decimals, so at most 56 m off northwards
    /// and as much or less eastwards. The same place always comes to the same, so that asking often tells no more.
    #[must_use]
    pub fn coarse(self) -> Self {
        let rounded = |degrees: f64| (degrees * 1000.0).round() / 1000.0;
        Self {
            lon: rounded(self.lon),
            lat: rounded(self.lat),
        }
    }
}

/// The datum a foreign coordinate is given in. It is stated by the sender, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Datum {
    /// WGS84, as GPS gives it.
    #[default]
    Wgs84,
    /// CGCS2000, China's survey datum; taken as WGS84.
    Cgcs2000,
    /// GCJ-02, shifted by some hundred metres inside China.
    Gcj02,
    /// BD-09, shifted once more.
    Bd09,
}

/// A point as it was sent: in its own datum, with the error its sender states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GivenPoint {
    /// Longitude as sent, degrees.
    pub lon: f64,
    /// Latitude as sent, degrees.
    pub lat: f64,
    /// The datum the two numbers are in.
    #[serde(default)]
    pub datum: Datum,
    /// Radius in metres that holds the true place with 95 %; `None` where the sender did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_m: Option<f64>,
}

/// How sure it is that a point lies in the cell it was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The point's error circle stays inside one cell.
    Sure,
    /// The circle reaches another cell of the same office's area: the cell may be wrong, the office is not.
    NearCell,
    /// The circle reaches a cell of another owner: ask, or name a lead.
    NearOwner,
    /// The point lies in no cell.
    #[default]
    Outside,
}

/// The place of a case.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Place {
    /// Where, in WGS84; `None` if only words are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Stated error radius in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_m: Option<f64>,
    /// The datum it came in.
    #[serde(default)]
    pub datum: Datum,
    /// Street, house, landmark, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The cell it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<CellId>,
    /// Division code of that cell, street or community level (9 or 12 digits), for roll-up by prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// How sure the cell is.
    #[serde(default)]
    pub certainty: Certainty,
    /// Other cells within the error circle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_cells: Vec<CellId>,
    /// A stand-in point that a source gives where it knows none (a city hall, say); detectors leave it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default_point: bool,
}

/// Administrative levels, smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Unit grid cell (单元网格).
    Cell,
    /// Community or village (社区/村), 12 digits.
    Community,
    /// Street or township (街道/乡镇), 9 digits.
    Street,
    /// County or district (区县), 6 digits.
    County,
    /// City or prefecture (地市), 4 digits.
    City,
    /// Province (省), 2 digits.
    Province,
}
