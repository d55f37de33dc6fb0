//! What becomes of a report: verified, accepted, filed, sent out, taken, returned, worked on, checked, closed, rated; or
//! stuck on the way. Times follow the terms of its class, mostly kept, sometimes not.

use super::super::dice::Dice;
use super::super::matters::Matter;
use super::super::places::Land;
use super::spots::{given, spot};
use super::{Act, Beat, Language, Report, Rules, Seed, Story, Teller, Whither, Who, Words, later};
use anlan_model::deadlines::ClockKind;
use anlan_model::incoming::Channel;
use anlan_model::places::Point;
use jiff::Timestamp;

const CHANNELS: [Channel; 4] = [Channel::Hotline, Channel::Worker, Channel::Web, Channel::Office];
const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

/// A story being told: beats so far, and the instant it has come to.
struct Path<'a> {
    teller: &'a Teller<'a>,
    matter: &'a Matter,
    dice: Dice,
    opened: Timestamp,
    at: Timestamp,
    beats: Vec<Beat>,
    is_stuck: bool,
}

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
        let (Some(cell), Some(matter)) = (cells.get(position), self.world.matters.get(seed.matter)) else { return story };
        let report = &mut story.report;
        let is_service = matter.class.as_str() == "demo/service";
        report.channel = channel(dice, cell.land, is_service);
        let words = Words::new(dice, &self.world.county.places, cell);
        report.address = words.address(dice);
        let place = spot(dice, cell);
        report.point = given(dice, place, report.channel);
        self.fill(dice, &words, matter, report);
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

    fn fill(&self, dice: &mut Dice, words: &Words, matter: &Matter, report: &mut Report) {
        let english = match report.channel {
            Channel::Web => 0.13,
            Channel::Hotline => 0.04,
            _ => 0.0,
        };
        let language = if dice.chance(english) { Language::En } else { Language::Zh };
        (report.title, report.description) = words.tell(dice, matter, report.channel, language);
        report.has_contact = match report.channel {
            Channel::Web => dice.chance(0.55),
            Channel::Hotline => dice.chance(0.85),
            _ => false,
        };
        // Residents often leave the class to the desk.
        let knows = report.channel != Channel::Web || dice.chance(0.72);
        report.class = knows.then(|| matter.class.clone());
    }

    /// Somebody else reports the same thing a little later; the desk puts the two together.
    pub(super) fn twin(&self, dice: &mut Dice, first: &Story, position: usize) -> Option<Story> {
        let matter = self.world.matters.get(first.matter)?;
        let chance = if matter.rain > 2.0 { 0.07 } else { 0.025 };
        let point = first.report.point.filter(|_| dice.chance(chance))?;
        let done = first.beats.iter().find(|beat| matches!(beat.act, Act::Move { code: "finish" | "void" | "verify_not_exist", .. }));
        let at = later(first.report.at, dice.between(300.0, 3.0 * HOUR));
        let joined = later(at, dice.between(180.0, 2_400.0));
        if done.is_some_and(|done| done.at < later(joined, 600.0)) || at >= self.now || first.beats.iter().any(|beat| matches!(beat.act, Act::Merge(_))) {
            return None;
        }
        let cell = self.world.county.cells.get(first.cell)?;
        let words = Words::new(dice, &self.world.county.places, cell);
        let channel = if dice.chance(0.7) { Channel::Hotline } else { Channel::Web };
        let mut report = Report { at, channel, ..first.report.clone() };
        let near = Point { lon: point.lon + dice.between(-0.000_12, 0.000_12), lat: point.lat + dice.between(-0.000_1, 0.000_1) };
        report.point = Some(anlan_model::places::GivenPoint { lon: near.lon, lat: near.lat, ..point });
        (report.title, report.description) = words.tell(dice, matter, channel, Language::Zh);
        report.address.clone_from(&first.report.address);
        report.class = Some(matter.class.clone());
        report.has_contact = dice.chance(0.6);
        let merge = Beat { at: joined, who: Who::Duty, act: Act::Merge(position) };
        Some(Story { report, beats: vec![merge], ..first.clone() })
    }
}

fn channel(dice: &mut Dice, land: Land, is_service: bool) -> Channel {
    let weights = match land {
        _ if is_service => [0.6, 0.0, 0.4, 0.0],
        Land::Water => [0.2, 0.55, 0.15, 0.1],
        Land::Village => [0.35, 0.45, 0.1, 0.1],
        _ => [0.37, 0.33, 0.22, 0.08],
    };
    CHANNELS.get(dice.weighted(weights)).copied().unwrap_or(Channel::Hotline)
}

impl Path<'_> {
    fn rules(&self) -> Rules<'_> {
        self.teller.rules
    }

    fn note(&mut self, occasion: &str) -> String {
        self.teller.world.notes.pick(&mut self.dice, occasion)
    }

    fn beat(&mut self, who: Who, act: Act) {
        self.beats.push(Beat { at: self.at, who, act });
    }

    fn go(&mut self, who: Who, code: &'static str, note: String) {
        self.beat(who, Act::Move { code, reason: None, rule: None, office: None, note });
    }

    fn go_for(&mut self, who: Who, code: &'static str, reason: &'static str, note: String) {
        self.beat(who, Act::Move { code, reason: Some(reason), rule: None, office: None, note });
    }

    fn send(&mut self, whither: Whither, occasion: &str) {
        let note = self.note(occasion);
        self.beat(Who::Duty, Act::Move { code: "dispatch", reason: None, rule: None, office: Some(whither), note });
    }

    /// The class's clock runs day and night.
    fn is_urgent(&self) -> bool {
        let term = self.rules().deadlines.overall(Some(&self.matter.class));
        term.is_some_and(|term| term.clock() == ClockKind::UrgentHour)
    }

    /// The duty desk acts at any hour, within minutes.
    fn desk(&mut self, median_s: f64) {
        let factor = if self.is_urgent() { 0.35 } else { 1.0 };
        self.at = later(self.at, factor * self.dice.stretch(median_s, 0.7));
    }

    /// Offices and workers act in their hours: urgent ones early and late, others in office time.
    fn office(&mut self, median_hours: f64) {
        let (clock, factor) = if self.is_urgent() { (ClockKind::UrgentHour, 0.4) } else { (ClockKind::WorkingHour, 1.0) };
        let seconds = factor * HOUR * self.dice.stretch(median_hours, 0.55);
        self.at = self.advance(self.at, seconds, clock);
    }

    fn advance(&self, from: Timestamp, seconds: f64, clock: ClockKind) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a demo's days")]
        let seconds = seconds.max(60.0) as i64;
        self.rules().calendar.advance(from, seconds, clock)
    }

    /// It gets no further: forgotten, waiting, or beyond anyone's means. Rare, and rarer for what is long past.
    fn stuck(&mut self, chance: f64) -> bool {
        let age_days = self.teller.now.duration_since(self.opened).as_secs_f64() / DAY;
        let factor = if age_days < 12.0 { 2.2 } else if age_days < 35.0 { 0.55 } else { 0.12 };
        self.is_stuck |= self.dice.chance(chance * factor);
        self.is_stuck
    }

    fn walk(mut self, report: &Report) -> Vec<Beat> {
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
            let (reason, occasion) =
                *self.dice.pick(&[("test", "void_test"), ("empty", "void_empty"), ("emergency_line", "void_emergency_line")]).unwrap_or(&("test", "void_test"));
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
        if self.dice.chance(looks) && report.point.is_some() && !self.verification() {
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

    /// From the office to the end.
    fn handling(&mut self, report: &Report) {
        if !self.disputes() {
            return;
        }
        self.office(0.5);
        if self.stuck(0.03) {
            return;
        }
        self.go(Who::Officer, "take", String::new());
        if self.dice.chance(0.05) {
            let wait = self.dice.between(120.0, 1_500.0);
            self.at = later(self.at, wait);
            let note = self.note("remark");
            self.beat(Who::Duty, Act::Remark(note));
        }
        if self.work() && self.check(report) {
            self.after(report);
        }
    }

    /// Returns, appeals and the arbiter, where offices disagree. `false` where it stays there.
    fn disputes(&mut self) -> bool {
        if self.dice.chance(0.006) {
            self.office(1.5);
            let (rule, note) = (self.note("return_rule"), self.note("appeal_note"));
            self.beat(Who::Officer, Act::Move { code: "appeal", reason: None, rule: Some(rule), office: None, note });
            return self.arbiter();
        }
        if !self.dice.chance(0.06) {
            return true;
        }
        self.give_back();
        if self.stuck(0.06) {
            return false;
        }
        self.desk(900.0);
        let whither = if self.dice.chance(0.55) { Whither::Other } else { Whither::Usual };
        self.send(whither, "redispatch");
        if !self.dice.chance(0.25) {
            return true;
        }
        self.give_back();
        self.desk(900.0);
        let note = self.note("ask_arbiter");
        self.go(Who::Duty, "ask_arbiter", note);
        self.arbiter()
    }

    fn give_back(&mut self) {
        self.office(1.4);
        let reason = *self.dice.pick(&["not_our_duty", "not_our_duty", "not_our_area", "wrong_class", "facts_missing"]).unwrap_or(&"not_our_duty");
        let (rule, note) = (self.note("return_rule"), self.note("return_note"));
        self.beat(Who::Officer, Act::Move { code: "return", reason: Some(reason), rule: Some(rule), office: None, note });
    }

    fn arbiter(&mut self) -> bool {
        let hours = self.dice.stretch(4.0, 0.5);
        self.at = self.advance(self.at, HOUR * hours, ClockKind::WorkingHour);
        if self.stuck(0.1) {
            return false;
        }
        let (code, occasion, office) = if self.dice.chance(0.5) {
            ("arbitrate_confirm", "confirm", None)
        } else {
            ("arbitrate_redirect", "redirect", Some(Whither::Other))
        };
        // After a return the case lies at the centre, so there is nobody to confirm.
        let has_office = self.beats.iter().all(|beat| !matches!(beat.act, Act::Move { code: "return", .. }));
        let (code, occasion, office) = if has_office { (code, occasion, office) } else { ("arbitrate_redirect", "redirect", Some(Whither::Other)) };
        let note = self.note(occasion);
        self.beat(Who::Arbiter, Act::Move { code, reason: None, rule: None, office, note });
        true
    }

    /// The work itself. `false` where it is not finished.
    fn work(&mut self) -> bool {
        if self.matter.hours > 8.0 && self.dice.chance(0.09) {
            self.pause();
        }
        let late = if self.dice.chance(0.085) { self.dice.between(2.2, 4.5) } else { 1.0 };
        let share = self.dice.stretch(0.36, 0.38).min(0.72) * late;
        let done = self.within_term(share).max(later(self.at, 900.0));
        self.watch(done, share);
        if self.stuck(0.05) {
            return false;
        }
        // Offices put things right in their hours; what is urgent, when it is done.
        let (clock, hours) = if self.is_urgent() { (ClockKind::UrgentHour, 0.05) } else { (ClockKind::WorkingHour, 0.5) };
        let hours = self.dice.between(0.02, hours);
        self.at = self.advance(done, HOUR * hours, clock);
        self.finish();
        true
    }

    /// The instant at which this share of the overall term is used up, by its own clock.
    fn within_term(&self, share: f64) -> Timestamp {
        let term = self.rules().deadlines.overall(Some(&self.matter.class));
        let Some(term) = term else { return later(self.at, self.matter.hours * HOUR) };
        #[expect(clippy::cast_precision_loss, reason = "a few weeks of seconds")]
        let seconds = term.seconds() as f64;
        self.advance(self.opened, share * seconds, term.clock())
    }

    /// Urging and extension on the way to `done`.
    fn watch(&mut self, done: Timestamp, share: f64) {
        if share < 0.75 {
            return;
        }
        let warned = self.within_term(0.85);
        if warned > self.at && warned < done {
            let back = std::mem::replace(&mut self.at, warned);
            if self.dice.chance(0.3) {
                let note = self.note("extend");
                let reason = *self.dice.pick(&["complex", "joint_work", "season"]).unwrap_or(&"complex");
                self.go_for(Who::Supervisor, "extend", reason, note);
            } else if self.dice.chance(0.6) {
                let note = self.note("urge");
                self.go(Who::Supervisor, "urge", note);
            }
            self.at = self.at.max(back);
        }
    }

    fn pause(&mut self) {
        let (reason, occasion) = *self
            .dice
            .pick(&[("weather", "pause_weather"), ("contractor", "pause_contractor"), ("legal_step", "pause_legal_step"), ("waiting_reporter", "pause_waiting_reporter")])
            .unwrap_or(&("weather", "pause_weather"));
        self.office(2.0);
        let note = self.note(occasion);
        self.go_for(Who::Officer, "pause", reason, note);
        self.office(9.0);
        self.go(Who::Officer, "resume", String::new());
    }

    fn finish(&mut self) {
        if !self.matter.scene.is_empty() {
            self.beat(Who::Officer, Act::Photo { shows: "after" });
            self.at = later(self.at, 75.0);
        }
        let note = self.dice.pick(&self.matter.done_zh).cloned().unwrap_or_default();
        self.go(Who::Officer, "finish", note);
    }

    /// The check, with rework. `false` where it is not over.
    fn check(&mut self, report: &Report) -> bool {
        self.office(1.6);
        if self.stuck(0.03) {
            return false;
        }
        if self.dice.chance(0.055) {
            let reason = *self.dice.pick(&["partly_done", "not_done", "came_back", "wrong_photo"]).unwrap_or(&"partly_done");
            let note = self.note("rework");
            self.go_for(Who::Worker, "rework", reason, note);
            self.office(0.4 * self.matter.hours.min(16.0));
            if self.stuck(0.1) {
                return false;
            }
            self.finish();
            self.office(1.4);
        }
        self.asked(report);
        let reason = match self.dice.weighted([0.84, 0.08, 0.08]) {
            0 => "fixed",
            1 => "fixed_temporarily",
            _ if self.matter.class.as_str().starts_with("m09") => "enforced",
            _ => "fixed",
        };
        let reason = if self.matter.class.as_str() == "demo/service" { "answered" } else { reason };
        let note = self.note("check_pass");
        let who = if self.dice.chance(0.7) { Who::Worker } else { Who::Duty };
        self.go_for(who, "check_pass", reason, note);
        true
    }

    fn needs_word(&self, report: &Report) -> bool {
        let class = self.rules().classes.get(&self.matter.class);
        class.is_some_and(|class| class.closing.reporter_word) && matches!(report.channel, Channel::Web | Channel::Hotline)
    }

    /// Some classes are only closed on the reporter's word.
    fn asked(&mut self, report: &Report) {
        if self.needs_word(report) {
            let comment = self.note("good");
            let stars = if self.dice.chance(0.7) { 5 } else { 4 };
            self.beat(Who::Resident, Act::Rate { stars, is_fixed: true, comment });
            self.office(0.5);
        }
    }

    /// The reporter's word, and sometimes a second round.
    fn after(&mut self, report: &Report) {
        let asks = if report.has_contact && !self.needs_word(report) { 0.42 } else { 0.0 };
        if !self.dice.chance(asks) {
            return;
        }
        let hours = self.dice.between(1.0, 40.0);
        self.at = later(self.at, hours * HOUR);
        let stars = [5_u8, 4, 3, 2, 1].get(self.dice.weighted([0.58, 0.22, 0.09, 0.05, 0.06])).copied().unwrap_or(5);
        let occasion = match stars {
            4.. => "good",
            3 => "fair",
            _ => "bad",
        };
        let comment = self.note(occasion);
        self.beat(Who::Resident, Act::Rate { stars, is_fixed: stars > 2, comment });
        if stars <= 2 && self.dice.chance(0.6) {
            self.again(report);
        }
    }

    fn again(&mut self, report: &Report) {
        let hours = self.dice.between(0.1, 20.0);
        self.at = later(self.at, hours * HOUR);
        let note = self.note("reopen");
        self.go(Who::Resident, "reopen", note);
        self.desk(1_200.0);
        if self.stuck(0.03) {
            return;
        }
        self.send(Whither::Usual, "redispatch");
        self.office(0.6);
        self.go(Who::Officer, "take", String::new());
        self.office(self.matter.hours.min(20.0));
        if self.stuck(0.05) {
            return;
        }
        self.finish();
        self.office(1.5);
        self.asked(report);
        let note = self.note("check_pass");
        self.go_for(Who::Duty, "check_pass", "fixed", note);
    }
}
