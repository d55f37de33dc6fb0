//! Ninety days of the demo county, as stories: who reports what, where and when, and what then happens, beat by beat.
//! Pure: from a seed, a calendar and a "now". Whether a beat is allowed is the procedure's to say when it is played.

mod handling;
mod paths;
mod spots;
mod telling;
mod weather;
mod words;

use super::county::County;
use super::dice::Dice;
use super::matters::{Matter, Notes};
use anlan_model::calendars::Calendar;
use anlan_model::classes::Class;
use anlan_model::deadlines::DeadlineTable;
use anlan_model::ids::ClassCode;
use anlan_model::incoming::Channel;
use anlan_model::places::GivenPoint;
use jiff::Timestamp;
pub(crate) use spots::Spots;
use std::collections::BTreeMap;
use words::{Language, Words};

/// Days that are told.
pub(crate) const DAYS: i64 = 90;
/// Reports on an ordinary dry Wednesday.
const PER_DAY: f64 = 41.0;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody at the duty desk.
    Duty,
    /// A grid worker of the place.
    Worker,
    /// An officer of the office that has it.
    Officer,
    /// The supervisor.
    Supervisor,
    /// The arbiter.
    Arbiter,
    /// The reporter.
    Resident,
}

/// An office as a story names it; which one that is shows when it is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whither {
    /// Where it would go anyhow.
    Usual,
    /// Somebody else who might be meant.
    Other,
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Act {
    /// A move of the procedure.
    Move {
        /// Which.
        code: &'static str,
        /// From its closed list.
        reason: Option<&'static str>,
        /// The rule cited.
        rule: Option<String>,
        /// The office it is sent to.
        office: Option<Whither>,
        /// In words.
        note: String,
    },
    /// A photo is added.
    Photo {
        /// `before` or `after`.
        shows: &'static str,
    },
    /// The class is set by the duty desk.
    Classify(ClassCode),
    /// The case goes into another story's.
    Merge(usize),
    /// The reporter rates the result.
    Rate {
        /// 1 to 5.
        stars: u8,
        /// Whether it is fixed.
        is_fixed: bool,
        /// In words.
        comment: String,
    },
    /// A remark of the duty desk.
    Remark(String),
}

/// One thing that happens to a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beat {
    /// When.
    pub(crate) at: Timestamp,
    /// Who.
    pub(crate) who: Who,
    /// What.
    pub(crate) act: Act,
}

/// How a story begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    /// When.
    pub(crate) at: Timestamp,
    /// The way it comes.
    pub(crate) channel: Channel,
    /// Its class, where the reporter or the clerk names it.
    pub(crate) class: Option<ClassCode>,
    /// One line.
    pub(crate) title: String,
    /// In words.
    pub(crate) description: String,
    /// Where, in words.
    pub(crate) address: String,
    /// Where.
    pub(crate) point: Option<GivenPoint>,
    /// Leaves a way to be told.
    pub(crate) has_contact: bool,
    /// A complaint about the office that has the place's street, say.
    pub(crate) is_about_street: bool,
}

/// One report and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Story {
    /// Its own number, from 0, in order of time.
    pub(crate) key: usize,
    /// Position of its matter.
    pub(crate) matter: usize,
    /// Position of its cell.
    pub(crate) cell: usize,
    /// How it begins.
    pub(crate) report: Report,
    /// What follows, in order of time.
    pub(crate) beats: Vec<Beat>,
}

/// What stories are made from.
#[derive(Debug)]
pub(crate) struct World {
    /// The county.
    pub(crate) county: County,
    /// What is reported.
    pub(crate) matters: Vec<Matter>,
    /// What people write.
    pub(crate) notes: Notes,
}

impl World {
    /// The world of this seed.
    pub(crate) fn build(dice: &Dice) -> anyhow::Result<Self> {
        Ok(Self {
            county: County::build(&dice.fork("county"))?,
            matters: Matter::shipped()?,
            notes: Notes::shipped()?,
        })
    }
}

/// The rules that times are told by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// Working time.
    pub(crate) calendar: &'a Calendar,
    /// Terms.
    pub(crate) deadlines: &'a DeadlineTable,
    /// What each class demands before it may be closed.
    pub(crate) classes: &'a BTreeMap<ClassCode, Class>,
}

/// An instant some seconds later.
pub(crate) fn later(at: Timestamp, seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a demo's days")]
    let seconds = seconds.round() as i64;
    Timestamp::from_second(at.as_second() + seconds).unwrap_or(at)
}

/// Every story up to `now`, in order of time.
pub(crate) fn tell(dice: &Dice, world: &World, rules: Rules<'_>, now: Timestamp) -> Vec<Story> {
    let spots = Spots::new(&dice.fork("spots"), world);
    let mut seeds = Vec::new();
    for day in weather::days(&dice.fork("weather"), rules.calendar, now) {
        let mut dice = dice.fork("days").fork(&day.name);
        for (matter, _) in world.matters.iter().enumerate() {
            seeds.extend(happenings(&mut dice, world, &day, matter));
        }
    }
    seeds.retain(|seed| seed.at < now);
    seeds.sort_by_key(|seed| (seed.at, seed.matter));
    let teller = Teller {
        world,
        rules,
        spots: &spots,
        now,
    };
    let mut dice = dice.fork("stories");
    let mut stories = Vec::with_capacity(seeds.len() + seeds.len() / 16);
    for seed in seeds {
        let first = teller.story(&mut dice, &seed);
        let twin = teller.twin(&mut dice, &first, stories.len());
        stories.push(first);
        stories.extend(twin);
    }
    in_order(stories)
}

/// Something is about to be reported.
#[derive(Debug, Clone)]
struct Seed {
    at: Timestamp,
    matter: usize,
    is_wet: bool,
}

fn happenings(dice: &mut Dice, world: &World, day: &weather::Day, matter: usize) -> Vec<Seed> {
    let Some(kind) = world.matters.get(matter) else {
        return Vec::new();
    };
    let all: f64 = world.matters.iter().map(|matter| matter.weight).sum();
    let mean = PER_DAY * kind.weight / all
        * day.busy
        * if day.is_wet {
            kind.rain.powf(day.wetness)
        } else {
            1.0
        };
    let count = dice.poisson(mean);
    let mut seeds = Vec::new();
    for _ in 0..count {
        seeds.push(Seed {
            at: day.moment(dice, kind),
            matter,
            is_wet: day.is_wet,
        });
    }
    seeds
}

/// Numbers the stories by time and lets twins name their first by its number.
fn in_order(mut stories: Vec<Story>) -> Vec<Story> {
    for (position, story) in stories.iter_mut().enumerate() {
        story.key = position;
    }
    let mut order: Vec<(Timestamp, usize)> =
        stories.iter().map(|story| (story.report.at, story.key)).collect();
    order.sort_unstable();
    let numbers: BTreeMap<usize, usize> = order
        .into_iter()
        .enumerate()
        .map(|(number, (_, key))| (key, number))
        .collect();
    let number = |key: usize| numbers.get(&key).copied().unwrap_or(key);
    let mut told: Vec<Story> = stories
        .into_iter()
        .map(|mut story| {
            story.key = number(story.key);
            for beat in &mut story.beats {
                if let Act::Merge(into) = &mut beat.act {
                    *into = number(*into);
                }
            }
            story
        })
        .collect();
    told.sort_by_key(|story| story.key);
    told
}

/// Makes stories out of seeds.
pub(crate) struct Teller<'a> {
    pub(crate) world: &'a World,
    pub(crate) rules: Rules<'a>,
    pub(crate) spots: &'a Spots,
    pub(crate) now: Timestamp,
}

impl Teller<'_> {
    /// Something that is reported at this very moment, whatever becomes of it.
    pub(crate) fn something(&self, dice: &mut Dice) -> Story {
        let matter = dice.weighted(self.world.matters.iter().map(|matter| matter.weight));
        let mut story = self.story(
            dice,
            &Seed {
                at: self.now,
                matter,
                is_wet: false,
            },
        );
        // The class is given: nobody but the procedure acts on it later.
        story.report.class = self.world.matters.get(matter).map(|matter| matter.class.clone());
        story.report.is_about_street = false;
        story
    }
}
