//! What was promised and how it stands, in words a resident can trust: pauses, extensions and lateness are said.

use super::times::{moment, span};
use crate::languages::Lang;
use anlan_model::cases::{Case, Phase, Timeliness};
use anlan_model::procedures::Procedure;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How a case stands against its promise.
pub(crate) struct Promise {
    /// `late`, `paused` or nothing, for the colour of the card.
    pub(crate) tone: &'static str,
    /// Sentences, the most important first.
    pub(crate) lines: Vec<String>,
}

/// Everything a promise is told from.
pub(crate) struct Standing<'a> {
    pub(crate) lang: Lang,
    pub(crate) case: &'a Case,
    pub(crate) procedure: &'a Procedure,
    pub(crate) zone: &'a TimeZone,
    pub(crate) now: Timestamp,
    pub(crate) remaining_s: Option<i64>,
}

impl Standing<'_> {
    pub(crate) fn promise(&self) -> Promise {
        let mut promise = match self.case.phase {
            Phase::Open => self.open(),
            Phase::Closed => self.closed(),
            Phase::Void => Promise {
                tone: "",
                lines: vec![],
            },
        };
        promise.lines.extend(self.extended());
        promise
    }

    fn say(&self, zh: String, en: String) -> String {
        self.lang.pick(zh, en)
    }

    fn at(&self, at: Timestamp) -> String {
        moment(self.lang, at, self.zone)
    }

    fn open(&self) -> Promise {
        let Some(due) = self.case.clocks.due_at else {
            let line = self.say(
                "此类事项没有固定的办结期限。".into(),
                "There is no fixed time limit for this kind of report.".into(),
            );
            return Promise {
                tone: "",
                lines: vec![line],
            };
        };
        let when = self.at(due);
        // Some pauses stop only the office's own clock: the promise to the reporter runs on and nothing is to be said.
        let is_stopped = self
            .case
            .clocks
            .pauses
            .last()
            .is_some_and(|pause| pause.until.is_none() && pause.stops_overall);
        if is_stopped {
            return self.paused(&when);
        }
        if self.case.timeliness(self.now) == Timeliness::Overdue {
            let late = span(self.lang, self.now.duration_since(due).as_secs());
            let line = self.say(
                format!("承诺 {when} 前办结，现已超过 {late}。督办人员可以看到这一延误。"),
                format!("It was promised by {when} and is {late} late. Supervisors can see the delay."),
            );
            return Promise {
                tone: "late",
                lines: vec![line],
            };
        }
        let first = self.say(
            format!("承诺 {when} 前办结。"),
            format!("Promised to be done by {when}."),
        );
        Promise {
            tone: "",
            lines: vec![first, self.left(due)],
        }
    }

    fn left(&self, due: Timestamp) -> String {
        let wall_s = due.duration_since(self.now).as_secs();
        let calendar = span(self.lang, wall_s);
        let Some(working_s) = self
            .remaining_s
            .filter(|left| (0..wall_s * 99 / 100).contains(left))
        else {
            return self.say(format!("还剩 {calendar}。"), format!("{calendar} left."));
        };
        let working = span(self.lang, working_s);
        self.say(
            format!("距离期限还有 {calendar}，其中工作时间 {working}（夜间、周末和节假日不计）。"),
            format!("{calendar} left by the calendar, {working} of it working time; nights, weekends and holidays do not count."),
        )
    }

    fn paused(&self, when: &str) -> Promise {
        let pause = self.case.clocks.pauses.last();
        let reason = pause.and_then(|pause| self.procedure.reason(&pause.reason));
        let reason = reason.map(|reason| self.lang.pick(reason.name_zh.as_str(), reason.name_en.as_str()));
        let since = pause.map(|pause| self.at(pause.from)).unwrap_or_default();
        let why = reason
            .map(|text| self.lang.pick(format!("，原因：{text}"), format!(": {text}")))
            .unwrap_or_default();
        let first = self.say(
            format!("期限自 {since} 起暂停计时{why}。"),
            format!("The clock has stood still since {since}{why}."),
        );
        let second = self.say(
            format!("暂停前的承诺是 {when} 前办结；恢复后按暂停的时长顺延。"),
            format!(
                "Before that it was promised by {when}; the time it stands still is added when it runs on."
            ),
        );
        Promise {
            tone: "paused",
            lines: vec![first, second],
        }
    }

    fn closed(&self) -> Promise {
        let Some(closing) = &self.case.closing else {
            return Promise {
                tone: "",
                lines: vec![],
            };
        };
        let done = self.at(closing.at);
        let (tone, line) = match (self.case.clocks.due_at, self.case.timeliness(self.now)) {
            (Some(due), Timeliness::Overdue) => {
                let late = span(self.lang, closing.at.duration_since(due).as_secs());
                let line = self.say(
                    format!("{done} 办结，比承诺的 {} 晚了 {late}。", self.at(due)),
                    format!("Closed on {done}, {late} later than promised ({}).", self.at(due)),
                );
                ("late", line)
            }
            (Some(due), _) => {
                let line = self.say(
                    format!("{done} 办结，在承诺的 {} 之前。", self.at(due)),
                    format!("Closed on {done}, within the promised time ({}).", self.at(due)),
                );
                ("", line)
            }
            (None, _) => (
                "",
                self.say(format!("{done} 办结。"), format!("Closed on {done}.")),
            ),
        };
        Promise {
            tone,
            lines: vec![line],
        }
    }

    fn extended(&self) -> Option<String> {
        let count = self.case.clocks.extensions;
        (count > 0).then(|| {
            self.say(
                format!("期限曾经批准延长 {count} 次，上面是延长后的期限。"),
                format!(
                    "The time was extended {count} time{} with approval; the above is the extended time.",
                    if count == 1 { "" } else { "s" }
                ),
            )
        })
    }
}
