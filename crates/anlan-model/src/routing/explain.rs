//! Why a case was sent where it was sent, in words a resident can read, Chinese and English.

use super::{Router, Rule};
use crate::cases::Route;
use crate::ids::OfficeId;
use crate::incoming::Channel;

const SHOWN_MAX: usize = 4;

fn list(items: &[String], comma: &str, more: &str) -> String {
    let mut text = items
        .iter()
        .take(SHOWN_MAX)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(comma);
    if items.len() > SHOWN_MAX {
        text.push_str(more);
    }
    text
}

fn zh(items: &[String]) -> String {
    list(items, "、", "等")
}

fn en(items: &[String]) -> String {
    list(items, ", ", ", …")
}

fn channel(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::Web => ("网页", "web"),
        Channel::Hotline => ("热线", "hotline"),
        Channel::Worker => ("网格员", "grid worker"),
        Channel::Office => ("窗口", "office"),
        Channel::Import => ("导入", "import"),
    }
}

/// What a rule asks for.
fn conditions(rule: &Rule) -> (Vec<String>, Vec<String>) {
    let classes: Vec<String> = rule.classes.iter().chain(&rule.groups).cloned().collect();
    let places: Vec<String> = rule.divisions.iter().chain(&rule.cells).cloned().collect();
    let channels = |name: fn((&'static str, &'static str)) -> &'static str| -> Vec<String> {
        rule.channels
            .iter()
            .map(|way| name(channel(*way)).to_owned())
            .collect()
    };
    let parts = [
        ("类别", "class", classes.clone(), classes),
        ("区划", "place", places.clone(), places),
        ("时间", "time", rule.hours.clone(), rule.hours.clone()),
        ("关键词", "words", rule.keywords.clone(), rule.keywords.clone()),
        ("渠道", "channel", channels(|(zh, _)| zh), channels(|(_, en)| en)),
    ];
    let given = parts.into_iter().filter(|(_, _, items, _)| !items.is_empty());
    given
        .map(|(name_zh, name_en, a, b)| (format!("{name_zh} {}", zh(&a)), format!("{name_en} {}", en(&b))))
        .unzip()
}

impl Router {
    pub(super) fn explain_rule(&self, office: OfficeId, rule: Option<usize>) -> (String, String) {
        let rule = rule.and_then(|number| self.set.rules.get(number));
        self.words(office, rule)
    }

    fn words(&self, office: OfficeId, rule: Option<&Rule>) -> (String, String) {
        let unknown = ("—".to_owned(), "—".to_owned());
        let (office_zh, office_en) = self.offices.get(&office).unwrap_or(&unknown);
        let Some(rule) = rule else {
            return (
                format!("没有规则适用，交由{office_zh}"),
                format!("no rule applies; sent to {office_en}"),
            );
        };
        let (zh, en) = conditions(rule);
        let zh = if zh.is_empty() {
            "适用于所有案件".to_owned()
        } else {
            zh.join("；")
        };
        let en = if en.is_empty() {
            "takes every case".to_owned()
        } else {
            en.join("; ")
        };
        (
            format!("按规则“{}”（{zh}）派往{office_zh}", rule.name),
            format!("by rule \"{}\" ({en}) to {office_en}", rule.name),
        )
    }

    /// Why a case's route was taken, Chinese and English. A route of another version is told by its rule's name alone.
    pub fn explain(&self, route: &Route) -> (String, String) {
        let rule = route
            .rule
            .as_ref()
            .and_then(|name| self.set.rules.iter().find(|rule| rule.name == *name));
        match (&route.rule, rule) {
            (Some(_), Some(rule)) if route.rule_set == self.set.version => {
                self.words(route.office, Some(rule))
            }
            (Some(name), _) => {
                let (version, unknown) = (route.rule_set, ("—".to_owned(), "—".to_owned()));
                let (office_zh, office_en) = self.offices.get(&route.office).unwrap_or(&unknown);
                (
                    format!("按第 {version} 版规则“{name}”派往{office_zh}"),
                    format!("by rule \"{name}\" of version {version} to {office_en}"),
                )
            }
            (None, _) => self.words(route.office, None),
        }
    }
}
