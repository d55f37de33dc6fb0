//! The invented places as they stand in `demo/places.toml`. Reading only.

use serde::Deserialize;

/// A Chinese and an English name.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Name(pub(crate) String, pub(crate) String);

/// The county.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CountyName {
    /// Six digits, not in use.
    pub(crate) code: String,
    /// Chinese name.
    pub(crate) zh: String,
    /// English name.
    pub(crate) en: String,
    /// The river, Chinese.
    pub(crate) river_zh: String,
    /// The river, English.
    pub(crate) river_en: String,
}

/// A street office or a town.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StreetName {
    /// Three digits.
    pub(crate) code: String,
    /// Chinese name.
    pub(crate) zh: String,
    /// English name.
    pub(crate) en: String,
    /// Its hub, metres from the county's middle.
    pub(crate) at: [f64; 2],
    /// Relative number of cells.
    pub(crate) share: f64,
    /// A town with villages.
    pub(crate) is_town: bool,
    /// Communities and villages.
    pub(crate) communities: Vec<Name>,
    /// Roads.
    pub(crate) roads: Vec<Name>,
}

/// Landmarks of one kind of land.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Landmarks {
    /// Kind of land.
    #[serde(rename = "use")]
    pub(crate) land: Land,
    /// The landmarks.
    pub(crate) names: Vec<Name>,
}

/// What a cell is mostly used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Land {
    /// Shops and offices in the middle of town.
    Core,
    /// Where people live.
    Homes,
    /// Market streets.
    Market,
    /// Workshops and yards.
    Works,
    /// Main street of a town.
    Town,
    /// Villages and fields.
    Village,
    /// The river.
    Water,
}

/// All of it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Places {
    /// The county.
    pub(crate) county: CountyName,
    /// Its streets and towns.
    pub(crate) street: Vec<StreetName>,
    /// Its landmarks.
    pub(crate) landmark: Vec<Landmarks>,
}

impl Places {
    /// As shipped.
    pub(crate) fn shipped() -> anyhow::Result<Self> {
        Ok(toml::from_str(include_str!("../../../../demo/places.toml"))?)
    }
}
