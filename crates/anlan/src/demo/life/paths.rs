//! The way of a case as it is told, beat by beat, and its first part: seen, verified, accepted, filed, sent to an office.
//! Times follow the terms of its class, mostly kept, sometimes not; what follows at the office is told in `handling`.

use super::super::dice::Dice;
use super::super::matters::Matter;
use super::{Act, Beat, Report, Rules, Teller, Whither, Who, later};
use anlan_model::deadlines::ClockKind;
use anlan_model::incoming::Channel;
use jiff::Timestamp;

/// Seconds.
pub(super) const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// A story being told: beats so far, and the instant it has come to.
pub(super) struct Path<'a> {
    pub(super) teller: &'a Teller<'a>,
    pub(super) matter: &'a Matter,
    pub(super) dice: Dice,
    pub(super) opened: Timestamp,
    pub(super) at: Timestamp,
    pub(super) beats: Vec<Beat>,
    pub(super) is_stuck: bool,
}

impl Path<'_> {
    pub(super) fn rules(&self) -> Rules<'_> {
        self.teller.rules
    }

    pub(super) fn note(&mut self, occasion: &str) -> String {
        self.teller.world.notes.pick(&mut self.dice, occasion)
    }

    pub(super) fn beat(&mut self, who: Who, act: Act) {
        self.beats.push(Beat {
            at: self.at,
            who,
            act,
        });
    }

    pub(super) fn go(&mut self, who: Who, code: &'static str, note: String) {
        self.beat(
            who,
            Act::Move {
                code,
                reason: None,
                rule: None,
                office: None,
                note,
            },
        );
    }

    pub(super) fn go_for(&mut self, who: Who, code: &'static str, reason: &'static str, note: String) {
        self.beat(
            who,
            Act::Move {
                code,
                reason: Some(reason),
                rule: None,
                office: None,
                note,
            },
        );
    }

    pub(super) fn send(&mut self, whither: Whither, occasion: &str) {
        let note = self.note(occasion);
        self.beat(
            Who::Duty,
            Act::Move {
                code: "dispatch",
                reason: None,
                rule: None,
                office: Some(whither),
                note,
            },
        );
    }

    /// The class's clock runs day and night.
    pub(super) fn is_urgent(&self) -> bool {
        let term = self.rules().deadlines.overall(Some(&self.matter.class));
        term.is_some_and(|term| term.clock() == ClockKind::UrgentHour)
    }

    /// Its term is a matter of hours, not of days.
    pub(super) fn is_short(&self) -> bool {
        let term = self.rules().deadlines.overall(Some(&self.matter.class));
        term.is_some_and(|term| matches!(term.clock(), ClockKind::UrgentHour | ClockKind::WorkingHour))
    }

    /// The duty desk acts at any hour, within minutes.
    pub(super) fn desk(&mut self, median_s: f64) {
        let factor = if self.is_urgent() { 0.35 } else { 1.0 };
        self.at = later(self.at, factor * self.dice.stretch(median_s, 0.7));
    }

    /// Offices and workers act in their hours: urgent ones early and late, others in office time.
    pub(super) fn office(&mut self, median_hours: f64) {
        let (clock, factor) = if self.is_urgent() {
            (ClockKind::UrgentHour, 0.4)
        } else {
            (ClockKind::WorkingHour, 1.0)
        };
        let seconds = factor * HOUR * self.dice.stretch(median_hours, 0.55);
        self.at = self.advance(self.at, seconds, clock);
    }

    pub(super) fn advance(&self, from: Timestamp, seconds: f64, clock: ClockKind) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a demo's days")]
        let seconds = seconds.max(60.0) as i64;
        self.rules().calendar.advance(from, seconds, clock)
    }

    /// It gets no further: forgotten, waiting, or beyond anyone's means. Rare, and rarer for what is long past.
    pub(super) fn stuck(&mut self, chance: f64) -> bool {
        let age_days = self.teller.now.duration_since(self.opened).as_secs_f64() / DAY;
        let factor = if age_days < 9.0 {
            0.9
        } else if age_days < 30.0 {
            0.2
        } else {
            0.03
        };
        self.is_stuck |= self.dice.chance(chance * factor);
        self.is_stuck
    }

    pub(super) fn walk(mut self, report: &Report) -> Vec<Beat> {
        if self.dice.chance(0.1) && report.channel != Channel::Office && !self.matter.scene.is_empty() {
            self.at = later(self.at, 40.0);
            self.beat(Who::Worker, Act::Photo { shows: "before" });
        }
        let goes_on = report.channel == Channel::Worker || self.reception(report);
        if goes_on && !self.stuck(0.02) {
            self.handling(report);
        }
        self.beats
    }

    /// Up to the office: verification, acceptance, filing, dispatch. `false` where it ends or stays there.
    fn reception(&mut self, report: &Report) -> bool {
        self.desk(420.0);
        if report.channel == Channel::Web && self.dice.chance(0.035) {
            let (reason, occasion) = *self
                .dice
                .pick(&[
                    ("test", "void_test"),
                    ("empty", "void_empty"),
                    ("emergency_line", "void_emergency_line"),
                ])
                .unwrap_or(&("test", "void_test"));
            let note = self.note(occasion);
            self.go_for(Who::Duty, "void", reason, note);
            return false;
        }
        if self.stuck(0.025) {
            return false;
        }
        let looks = match report.channel {
            Channel::Web => 0.55,
            Channel::Hotline => 0.25,
            _ => 0.0,
        };
        if self.dice.chance(looks)
            && report.point.is_some()
            && !self.matter.scene.is_empty()
            && !self.verification()
        {
            return false;
        }
        if report.class.is_none() {
            self.desk(90.0);
            self.beat(Who::Duty, Act::Classify(self.matter.class.clone()));
        }
        self.desk(150.0);
        self.go(Who::Duty, "accept", String::new());
        self.desk(120.0);
        if self.stuck(0.008) {
            return false;
        }
        self.go(Who::Duty, "file", String::new());
        self.desk(200.0);
        if self.stuck(0.012) {
            return false;
        }
        self.send(Whither::Usual, "dispatch");
        true
    }

    fn verification(&mut self) -> bool {
        self.go(Who::Duty, "send_verify", String::new());
        self.office(1.1);
        if self.stuck(0.03) {
            return false;
        }
        if self.dice.chance(0.09) {
            let note = self.note("not_found");
            self.go(Who::Worker, "verify_not_exist", note);
            return false;
        }
        if self.dice.chance(0.05) {
            let note = self.note("unable");
            self.go_for(Who::Worker, "verify_unable", "no_access", note);
        } else {
            let note = self.note("verify_ok");
            self.go(Who::Worker, "verify_ok", note);
        }
        self.desk(400.0);
        true
    }
}
