//! A finding in one plain sentence, Chinese and English: where, since when, seen, expected, how often chance would do it.

use crate::jurisdictions::Jurisdiction;
use anlan_model::ids::CellId;
use anlan_model::warnings::{Finding, GroupName};

const NAMED_MAX: usize = 2;

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

pub(crate) fn sentence(node: &Jurisdiction, group: &GroupName, finding: &Finding) -> Sentence {
    let watched = node.watch.group(group);
    let (name_zh, name_en) = watched.map_or((group.as_str(), group.as_str()), |group| {
        (group.name_zh.as_str(), group.name_en.as_str())
    });
    let place = place(node, &finding.cells);
    let chance = chance(finding.recurrence_days);
    let (span_zh, span_en) = span(node, finding);
    let (observed, expected) = (finding.observed, number(finding.expected));
    Sentence {
        zh: format!(
            "{}：{span_zh}“{name_zh}”上报 {observed} 件，平常约 {expected} 件；{}。",
            place.zh, chance.zh
        ),
        en: format!(
            "{}: {observed} cases of “{name_en}” {span_en}, where about {expected} are usual; {}.",
            place.en, chance.en
        ),
    }
}

/// One decimal where it says something.
pub(crate) fn number(value: f64) -> String {
    if value < 9.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

fn span(node: &Jurisdiction, finding: &Finding) -> (String, String) {
    let zone = node.calendar.zone();
    let (from, to) = (
        zone.to_datetime(finding.from).date(),
        zone.to_datetime(finding.to).date(),
    );
    let days = (to - from).get_days() + 1;
    if days <= 1 {
        return (format!("{} 月 {} 日", to.month(), to.day()), format!("on {to}"));
    }
    (
        format!("{} 月 {} 日起 {days} 天内", from.month(), from.day()),
        format!("in {days} days since {from}"),
    )
}

fn place(node: &Jurisdiction, cells: &[CellId]) -> Sentence {
    if cells.is_empty() {
        return Sentence {
            zh: format!("{}全域", node.node.name_zh),
            en: format!("All of {}", node.node.name_en),
        };
    }
    let known: Vec<_> = cells.iter().filter_map(|cell| node.cells.get(cell)).collect();
    let first = |name: fn(&anlan_model::cells::Cell) -> &str| -> Vec<String> {
        known
            .iter()
            .take(NAMED_MAX)
            .map(|cell| name(cell).to_owned())
            .collect()
    };
    let (zh, en) = (
        first(|cell| &cell.name_zh).join("、"),
        first(|cell| &cell.name_en).join(", "),
    );
    if cells.len() <= NAMED_MAX {
        return Sentence { zh, en };
    }
    Sentence {
        zh: format!("{zh}等 {} 个网格", cells.len()),
        en: format!("{en} and {} more cells", cells.len() - NAMED_MAX.min(known.len())),
    }
}

/// How often chance alone brings as much, in words.
pub(crate) fn chance(recurrence_days: f64) -> Sentence {
    let rounded = |value: f64| format!("{:.0}", value.max(1.0));
    let (zh, en) = if recurrence_days < 2.0 {
        (
            "仅凭偶然，几乎每天都会出现".to_owned(),
            "chance alone brings as much almost every day".to_owned(),
        )
    } else if recurrence_days < 60.0 {
        let days = rounded(recurrence_days);
        (
            format!("仅凭偶然，约 {days} 天出现一次"),
            format!("chance alone brings as much about once in {days} days"),
        )
    } else if recurrence_days < 700.0 {
        let months = rounded(recurrence_days / 30.4375);
        (
            format!("仅凭偶然，约 {months} 个月才出现一次"),
            format!("chance alone brings as much about once in {months} months"),
        )
    } else if recurrence_days < 36_525.0 {
        let years = rounded(recurrence_days / 365.25);
        (
            format!("仅凭偶然，约 {years} 年才出现一次"),
            format!("chance alone brings as much about once in {years} years"),
        )
    } else {
        (
            "仅凭偶然，百年也难遇一次".to_owned(),
            "chance alone brings as much less than once in a hundred years".to_owned(),
        )
    };
    Sentence { zh, en }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarity_has_words_for_every_size() {
        for (days, en) in [
            (0.6, "almost every day"),
            (12.2, "once in 12 days"),
            (366.0, "once in 12 months"),
            (3_652.0, "once in 10 years"),
            (1e9, "less than once in a hundred years"),
        ] {
            assert!(chance(days).en.contains(en), "{days}: {}", chance(days).en);
        }
        assert_eq!(chance(3_652.0).zh, "仅凭偶然，约 10 年才出现一次");
    }
}
