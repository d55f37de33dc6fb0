//! How a report comes about: who sends it, from where, in which words; and sometimes a second one about the same thing.

use super::super::dice::Dice;
use super::super::matters::Matter;
use super::super::places::Land;
use super::paths::{HOUR, Path};
use super::spots::{given, spot};
use super::{Act, Beat, Language, Report, Seed, Story, Teller, Who, Words, later};
use anlan_model::incoming::Channel;
use anlan_model::places::Point;

const CHANNELS: [Channel; 4] = [Channel::Hotline, Channel::Worker, Channel::Web, Channel::Office];

impl Teller<'_> {
    /// The story of one report.
    pub(super) fn story(&self, dice: &mut Dice, seed: &Seed) -> Story {
        let cells = &self.world.county.cells;
        let position = self.spots.cell(dice, seed.matter, seed.is_wet);
        let mut story = Story {
            key: 0,
            matter: seed.matter,
            cell: position,
            report: Report {
                at: seed.at,
                channel: Channel::Web,
                class: None,
                title: String::new(),
                description: String::new(),
                address: String::new(),
                point: None,
                has_contact: false,
                is_about_street: false,
            },
            beats: Vec::new(),
        };
        let (Some(cell), Some(matter)) = (cells.get(position), self.world.matters.get(seed.matter)) else {
            return story;
        };
        let report = &mut story.report;
        let is_service = matter.class.as_str() == "demo/service";
        report.channel = channel(dice, cell.land, is_service);
        let words = Words::new(dice, &self.world.county.places, cell);
        report.address = words.address(dice);
        let place = spot(dice, cell);
        report.point = given(dice, place, report.channel);
        fill(dice, &words, matter, report);
        report.is_about_street = is_service && dice.chance(0.7);
        let path = Path {
            teller: self,
            matter,
            dice: dice.fork(&format!("path {}", seed.at)),
            opened: seed.at,
            at: seed.at,
            beats: Vec::new(),
            is_stuck: false,
        };
        story.beats = path.walk(report);
        story
    }

    /// Somebody else reports the same thing a little later; the desk puts the two together.
    pub(super) fn twin(&self, dice: &mut Dice, first: &Story, position: usize) -> Option<Story> {
        let matter = self.world.matters.get(first.matter)?;
        let chance = if matter.rain > 2.0 { 0.07 } else { 0.025 };
        let point = first.report.point.filter(|_| dice.chance(chance))?;
        let done = first.beats.iter().find(|beat| {
            matches!(
                beat.act,
                Act::Move {
                    code: "finish" | "void" | "verify_not_exist",
                    ..
                }
            )
        });
        let at = later(first.report.at, dice.between(300.0, 3.0 * HOUR));
        let joined = later(at, dice.between(180.0, 2_400.0));
        if done.is_some_and(|done| done.at < later(joined, 600.0))
            || at >= self.now
            || first.beats.iter().any(|beat| matches!(beat.act, Act::Merge(_)))
        {
            return None;
        }
        let cell = self.world.county.cells.get(first.cell)?;
        let words = Words::new(dice, &self.world.county.places, cell);
        let channel = if dice.chance(0.7) {
            Channel::Hotline
        } else {
            Channel::Web
        };
        let mut report = Report {
            at,
            channel,
            ..first.report.clone()
        };
        let near = Point {
            lon: point.lon + dice.between(-0.000_12, 0.000_12),
            lat: point.lat + dice.between(-0.000_1, 0.000_1),
        };
        report.point = Some(anlan_model::places::GivenPoint {
            lon: near.lon,
            lat: near.lat,
            ..point
        });
        (report.title, report.description) = words.tell(dice, matter, channel, Language::Zh);
        report.address.clone_from(&first.report.address);
        report.class = Some(matter.class.clone());
        report.has_contact = dice.chance(0.6);
        let merge = Beat {
            at: joined,
            who: Who::Duty,
            act: Act::Merge(position),
        };
        Some(Story {
            report,
            beats: vec![merge],
            ..first.clone()
        })
    }
}

/// The words and the class of a report.
fn fill(dice: &mut Dice, words: &Words, matter: &Matter, report: &mut Report) {
    let english = match report.channel {
        Channel::Web => 0.13,
        Channel::Hotline => 0.04,
        _ => 0.0,
    };
    let language = if dice.chance(english) {
        Language::En
    } else {
        Language::Zh
    };
    (report.title, report.description) = words.tell(dice, matter, report.channel, language);
    report.has_contact = match report.channel {
        Channel::Web => dice.chance(0.55),
        Channel::Hotline => dice.chance(0.85),
        _ => false,
    };
    // Residents often leave the class to the desk.
    let knows = report.channel != Channel::Web || dice.chance(0.84);
    report.class = knows.then(|| matter.class.clone());
}

fn channel(dice: &mut Dice, land: Land, is_service: bool) -> Channel {
    let weights = match land {
        _ if is_service => [0.6, 0.0, 0.4, 0.0],
        Land::Water => [0.2, 0.55, 0.15, 0.1],
        Land::Village => [0.35, 0.45, 0.1, 0.1],
        _ => [0.37, 0.33, 0.22, 0.08],
    };
    CHANNELS
        .get(dice.weighted(weights))
        .copied()
        .unwrap_or(Channel::Hotline)
}
