//! The words of a report: an address that fits its cell, a title and a description in the reporter's language.

use super::super::county::DemoCell;
use super::super::dice::Dice;
use super::super::matters::Matter;
use super::super::places::{Name, Places};
use anlan_model::incoming::Channel;

/// The reporter's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// A place in words.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    road: Name,
    mark: Name,
    number: usize,
    side: usize,
    street_zh: String,
    community_zh: String,
}

const SIDES: [(&str, &str); 4] = [("东", "east"), ("南", "south"), ("西", "west"), ("北", "north")];

impl Words {
    /// Words for a spot in this cell.
    pub(crate) fn new(dice: &mut Dice, places: &Places, cell: &DemoCell) -> Self {
        let nothing = || Name(String::new(), String::new());
        let street = places.street.get(cell.street);
        let marks = places.landmark.iter().find(|landmark| landmark.land == cell.land);
        Self {
            road: street
                .and_then(|street| dice.pick(&street.roads))
                .cloned()
                .unwrap_or_else(nothing),
            mark: marks
                .and_then(|marks| dice.pick(&marks.names))
                .cloned()
                .unwrap_or_else(nothing),
            number: 1 + dice.below(260),
            side: dice.below(SIDES.len()),
            street_zh: street.map(|street| street.zh.clone()).unwrap_or_default(),
            community_zh: cell.community_zh.clone(),
        }
    }

    /// The address, Chinese as on every door plate.
    pub(crate) fn address(&self, dice: &mut Dice) -> String {
        let Self {
            road,
            mark,
            number,
            street_zh,
            community_zh,
            ..
        } = self;
        match dice.below(4) {
            0 => format!("{street_zh}{community_zh}{}", mark.0),
            1 => format!("{street_zh}{}{number}号", road.0),
            2 => format!("{}{number}号（{}）", road.0, mark.0),
            _ => format!("{street_zh}{community_zh}{}{number}号附近", road.0),
        }
    }

    /// Fills a sentence's blanks.
    pub(crate) fn fill(&self, sentence: &str, language: Language) -> String {
        let (side_zh, side_en) = SIDES.get(self.side).copied().unwrap_or(("东", "east"));
        let (road, mark, side) = match language {
            Language::Zh => (&self.road.0, &self.mark.0, side_zh),
            Language::En => (&self.road.1, &self.mark.1, side_en),
        };
        let number = self.number.to_string();
        let filled = sentence
            .replace("{road}", road)
            .replace("{mark}", mark)
            .replace("{no}", &number)
            .replace("{side}", side);
        // "东侧" where the sentence says 侧 already.
        filled.replace("侧侧", "侧")
    }

    /// Title and description of a matter, as this channel words them.
    pub(crate) fn tell(
        &self,
        dice: &mut Dice,
        matter: &Matter,
        channel: Channel,
        language: Language,
    ) -> (String, String) {
        let (titles, texts) = match language {
            Language::Zh => (&matter.title_zh, &matter.zh),
            Language::En => (&matter.title_en, &matter.en),
        };
        let which = dice.below(texts.len());
        let title = titles
            .get(which)
            .map(|title| self.fill(title, language))
            .unwrap_or_default();
        let text = texts
            .get(which)
            .map(|text| self.fill(text, language))
            .unwrap_or_default();
        if language == Language::En {
            return (capital(&title), text);
        }
        let text = match channel {
            Channel::Hotline => format!(
                "{}{text}",
                dice.pick(&["来电反映：", "市民来电：", "来电人称，", ""])
                    .copied()
                    .unwrap_or_default()
            ),
            Channel::Worker => format!(
                "{}{text}",
                dice.pick(&["巡查发现：", "网格巡查：", ""])
                    .copied()
                    .unwrap_or_default()
            ),
            Channel::Office => format!("转来：{text}"),
            Channel::Web | Channel::Import | Channel::Open311 => {
                format!(
                    "{text}{}",
                    dice.pick(&[
                        "请尽快处理，谢谢。",
                        "麻烦安排人来看看。",
                        "",
                        "",
                        "已经反映过一次了。"
                    ])
                    .copied()
                    .unwrap_or_default()
                )
            }
        };
        (title, text)
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
