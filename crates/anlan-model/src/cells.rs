//! A cell (单元网格): the smallest place, a polygon with a code and the division it lies in.

use crate::ids::CellId;
use serde::{Deserialize, Serialize};

/// One cell; its polygon is kept beside it as GeoJSON in WGS84.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its id.
    pub id: CellId,
    /// The numbering it follows, e.g. `gbt47678.3` (15 digits) or `boston-neighborhoods`.
    pub scheme: String,
    /// Its code, unique within the scheme.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Division code, 12 digits where known, so that prefixes give street, county, city, province.
    pub division: String,
    /// Residents living in it, where known: small counts are widened, not shown.
    pub population: Option<u32>,
    /// The polygon, a GeoJSON geometry (Polygon or `MultiPolygon`) as text.
    pub geometry: String,
}

/// A named division above the cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    /// 2, 4, 6, 9 or 12 digits.
    pub code: String,
    /// Its level.
    pub level: crate::places::Level,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}
