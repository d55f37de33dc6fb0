//! From the office to the end: taken, disputed, worked on, checked, closed, rated; or stuck on the way.

use super::paths::{HOUR, Path};
use super::{Act, Report, Whither, Who, later};
use anlan_model::deadlines::ClockKind;
use anlan_model::incoming::Channel;
use jiff::Timestamp;

impl Path<'_> {
    /// From the office to the end.
    pub(super) fn handling(&mut self, report: &Report) {
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
            self.beat(
                Who::Officer,
                Act::Move {
                    code: "appeal",
                    reason: None,
                    rule: Some(rule),
                    office: None,
                    note,
                },
            );
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
        let whither = if self.dice.chance(0.55) {
            Whither::Other
        } else {
            Whither::Usual
        };
        let occasion = if whither == Whither::Other {
            "redispatch_other"
        } else {
            "redispatch_usual"
        };
        self.send(whither, occasion);
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
        let reason = *self
            .dice
            .pick(&[
                "not_our_duty",
                "not_our_duty",
                "not_our_area",
                "wrong_class",
                "facts_missing",
            ])
            .unwrap_or(&"not_our_duty");
        let (rule, note) = (self.note("return_rule"), self.note(&format!("return_{reason}")));
        self.beat(
            Who::Officer,
            Act::Move {
                code: "return",
                reason: Some(reason),
                rule: Some(rule),
                office: None,
                note,
            },
        );
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
        let has_office = self
            .beats
            .iter()
            .all(|beat| !matches!(beat.act, Act::Move { code: "return", .. }));
        let (code, occasion, office) = if has_office {
            (code, occasion, office)
        } else {
            ("arbitrate_redirect", "redirect", Some(Whither::Other))
        };
        let note = self.note(occasion);
        self.beat(
            Who::Arbiter,
            Act::Move {
                code,
                reason: None,
                rule: None,
                office,
                note,
            },
        );
        true
    }

    /// The work itself. `false` where it is not finished.
    fn work(&mut self) -> bool {
        if self.matter.hours > 8.0 && self.dice.chance(0.09) {
            self.pause();
        }
        let late = if self.dice.chance(0.085) {
            self.dice.between(1.8, 3.6)
        } else {
            1.0
        };
        let share = self.dice.stretch(0.58, 0.3).min(0.76) * late;
        let done = self.within_term(share).max(later(self.at, 900.0));
        self.watch(done, share);
        if self.dice.chance(0.004) {
            self.at = done;
            let note = self.note("force_close");
            self.go_for(Who::Supervisor, "force_close", "cannot_fix", note);
            return false;
        }
        if self.stuck(0.05) {
            return false;
        }
        // Offices put things right in their hours; what is urgent, when it is done.
        let (clock, hours) = if self.is_urgent() {
            (ClockKind::UrgentHour, 0.05)
        } else {
            (ClockKind::WorkingHour, 0.5)
        };
        let hours = self.dice.between(0.02, hours);
        self.at = self.advance(done, HOUR * hours, clock);
        self.finish();
        true
    }

    /// The instant at which this share of the overall term is used up, by its own clock.
    fn within_term(&self, share: f64) -> Timestamp {
        let term = self.rules().deadlines.overall(Some(&self.matter.class));
        let Some(term) = term else {
            return later(self.at, self.matter.hours * HOUR);
        };
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
                let reason = *self
                    .dice
                    .pick(&["complex", "joint_work", "season"])
                    .unwrap_or(&"complex");
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
            .pick(&[
                ("weather", "pause_weather"),
                ("contractor", "pause_contractor"),
                ("legal_step", "pause_legal_step"),
                ("waiting_reporter", "pause_waiting_reporter"),
            ])
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
        let wait = if self.is_short() { 1.6 } else { 6.0 };
        self.office(wait);
        if self.stuck(0.03) {
            return false;
        }
        if self.dice.chance(0.055) {
            let reason = *self
                .dice
                .pick(&["partly_done", "not_done", "came_back", "wrong_photo"])
                .unwrap_or(&"partly_done");
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
        let reason = if self.matter.class.as_str() == "demo/service" {
            "answered"
        } else {
            reason
        };
        let note = self.note("check_pass");
        let who = if self.dice.chance(0.7) {
            Who::Worker
        } else {
            Who::Duty
        };
        self.go_for(who, "check_pass", reason, note);
        true
    }

    fn needs_word(&self, report: &Report) -> bool {
        let class = self.rules().classes.get(&self.matter.class);
        class.is_some_and(|class| class.closing.reporter_word)
            && matches!(report.channel, Channel::Web | Channel::Hotline)
    }

    /// Some classes are only closed on the reporter's word.
    fn asked(&mut self, report: &Report) {
        if self.needs_word(report) {
            let comment = self.note("good");
            let stars = if self.dice.chance(0.7) { 5 } else { 4 };
            self.beat(
                Who::Resident,
                Act::Rate {
                    stars,
                    is_fixed: true,
                    comment,
                },
            );
            self.office(0.5);
        }
    }

    /// The reporter's word, and sometimes a second round.
    fn after(&mut self, report: &Report) {
        let asks = if report.has_contact && !self.needs_word(report) {
            0.42
        } else {
            0.0
        };
        if !self.dice.chance(asks) {
            return;
        }
        let hours = self.dice.between(1.0, 24.0);
        self.at = self.advance(self.at, hours * HOUR, ClockKind::UrgentHour);
        let stars = [5_u8, 4, 3, 2, 1]
            .get(self.dice.weighted([0.58, 0.22, 0.09, 0.05, 0.06]))
            .copied()
            .unwrap_or(5);
        let occasion = match stars {
            4.. => "good",
            3 => "fair",
            _ => "bad",
        };
        let comment = self.note(occasion);
        self.beat(
            Who::Resident,
            Act::Rate {
                stars,
                is_fixed: stars > 2,
                comment,
            },
        );
        if stars <= 2 && self.dice.chance(0.6) {
            self.again(report);
        }
    }

    fn again(&mut self, report: &Report) {
        let hours = self.dice.between(0.1, 14.0);
        self.at = self.advance(self.at, hours * HOUR, ClockKind::UrgentHour);
        let note = self.note("reopen");
        self.go(Who::Resident, "reopen", note);
        self.desk(1_200.0);
        if self.stuck(0.03) {
            return;
        }
        self.send(Whither::Usual, "again");
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
