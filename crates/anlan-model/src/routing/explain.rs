//! Why a case was sent where it was sent, in words a resident can read, Chinese and English.

use super::{Router, Rule};
use crate::cases::Route;
use crate::classes::Class;
use crate::ids::{ClassCode, OfficeId};
use crate::incoming::Channel;
use std::collections::BTreeMap;

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
        Channel::Open311 => ("Open311 接口", "Open311"),
    }
}

/// What a rule asks for, Chinese and English. Classes are told by name; a pattern of codes stays what it is.
pub(super) fn conditions(rule: &Rule, classes: &BTreeMap<ClassCode, Class>) -> (String, String) {
    let named = |name: fn(&Class) -> &String| -> Vec<String> {
        let of_code = |code: &String| {
            classes
                .get(&ClassCode(code.clone()))
                .map_or_else(|| code.clone(), |class| name(class).clone())
        };
        let mut names: Vec<String> = rule.classes.iter().map(of_code).collect();
        names.dedup();
        names.extend(rule.groups.iter().cloned());
        names
    };
    let places: Vec<String> = rule.divisions.iter().chain(&rule.cells).cloned().collect();
    let channels = |name: fn((&'static str, &'static str)) -> &'static str| -> Vec<String> {
        rule.channels
            .iter()
            .map(|way| name(channel(*way)).to_owned())
            .collect()
    };
    let parts = [
        (
            "类别",
            "class",
            named(|class| &class.name_zh),
            named(|class| &class.name_en),
        ),
        ("区划", "place", places.clone(), places),
        ("时间", "time", rule.hours.clone(), rule.hours.clone()),
        ("关键词", "words", rule.keywords.clone(), rule.keywords.clone()),
        ("渠道", "channel", channels(|(zh, _)| zh), channels(|(_, en)| en)),
    ];
    let given = parts.into_iter().filter(|(_, _, items, _)| !items.is_empty());
    let (zh, en): (Vec<_>, Vec<_>) = given
        .map(|(name_zh, name_en, a, b)| (format!("{name_zh} {}", zh(&a)), format!("{name_en} {}", en(&b))))
        .unzip();
    if zh.is_empty() {
        return ("适用于所有案件".to_owned(), "takes every case".to_owned());
    }
    (zh.join("；"), en.join("; "))
}

impl Router {
    fn office_names(&self, office: OfficeId) -> (&str, &str) {
        self.offices.get(&office).map_or(("—", "—"), |(zh, en)| (zh, en))
    }

    pub(super) fn explain_rule(&self, office: OfficeId, number: Option<usize>) -> (String, String) {
        let (office_zh, office_en) = self.office_names(office);
        let rule = number.and_then(|number| self.set.rules.get(number).zip(self.conditions.get(number)));
        let Some((Rule { name, .. }, (zh, en))) = rule else {
            let zh = format!("没有规则适用，交由{office_zh}");
            return (zh, format!("no rule applies; sent to {office_en}"));
        };
        (
            format!("按规则“{name}”（{zh}）派往{office_zh}"),
            format!("by rule \"{name}\" ({en}) to {office_en}"),
        )
    }

    /// Why a case's route was taken, Chinese and English. A route of another version is told by its rule's name alone.
    pub fn explain(&self, route: &Route) -> (String, String) {
        let Some(name) = &route.rule else {
            return self.explain_rule(route.office, None);
        };
        let number = self.set.rules.iter().position(|rule| rule.name == *name);
        if number.is_some() && route.rule_set == self.set.version {
            return self.explain_rule(route.office, number);
        }
        let (version, (office_zh, office_en)) = (route.rule_set, self.office_names(route.office));
        (
            format!("按第 {version} 版规则“{name}”派往{office_zh}"),
            format!("by rule \"{name}\" of version {version} to {office_en}"),
        )
    }
}
