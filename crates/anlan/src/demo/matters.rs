//! What is reported in the demo county and in which words, as `demo/matters.toml` and `demo/notes.toml` say. Reading only.

use super::dice::Dice;
use super::places::Land;
use anlan_model::ids::ClassCode;
use serde::Deserialize;
use std::collections::BTreeMap;

/// When in the day it is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rhythm {
    /// In daylight.
    Day,
    /// In the evening and at night.
    Night,
    /// Around meals.
    Meal,
    /// On the way to work and back.
    Commute,
    /// At any hour people are awake.
    Any,
}

/// One kind of thing that is reported.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matter {
    /// Its class.
    pub(crate) class: ClassCode,
    /// Relative frequency.
    pub(crate) weight: f64,
    /// Factor by kind of land.
    pub(crate) lands: BTreeMap<Land, f64>,
    /// Factor on wet days.
    pub(crate) rain: f64,
    /// When it is noticed.
    pub(crate) rhythm: Rhythm,
    /// Places where it happens again and again.
    pub(crate) hot: usize,
    /// Working hours it takes to put right.
    pub(crate) hours: f64,
    /// What its photos show; empty for none.
    pub(crate) scene: String,
    pub(crate) title_zh: Vec<String>,
    pub(crate) zh: Vec<String>,
    pub(crate) title_en: Vec<String>,
    pub(crate) en: Vec<String>,
    pub(crate) done_zh: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct File {
    matter: Vec<Matter>,
}

/// What people write, by occasion.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Notes(BTreeMap<String, Vec<String>>);

impl Notes {
    /// As shipped.
    pub(crate) fn shipped() -> anyhow::Result<Self> {
        Ok(toml::from_str(include_str!("../../../../demo/notes.toml"))?)
    }

    /// Something for this occasion; nothing where none is known.
    pub(crate) fn pick(&self, dice: &mut Dice, occasion: &str) -> String {
        self.0
            .get(occasion)
            .and_then(|notes| dice.pick(notes))
            .cloned()
            .unwrap_or_default()
    }

    /// Every sentence, for checks.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        self.0.values().flatten()
    }
}

impl Matter {
    /// As shipped.
    pub(crate) fn shipped() -> anyhow::Result<Vec<Self>> {
        Ok(toml::from_str::<File>(include_str!("../../../../demo/matters.toml"))?.matter)
    }

    /// Every sentence, for checks.
    #[cfg(test)]
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &String> {
        [&self.title_zh, &self.zh, &self.title_en, &self.en, &self.done_zh]
            .into_iter()
            .flatten()
    }
}
