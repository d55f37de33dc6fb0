//! What the report says, in both languages: headings and the plain sentence about each cluster. Words only; no layout.

use anlan_intake::satscan::dates::{self, Day, Precision};
use anlan_intake::satscan::results::{Cluster, Gumbel};
use jiff::civil::Date;

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// English.
    En,
    /// 中文。
    Zh,
}

impl Language {
    /// One of the two.
    pub(super) fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }

    /// For the `lang` attribute.
    pub(super) fn tag(self) -> &'static str {
        self.pick("en", "zh-CN")
    }
}

/// A day as a person reads it.
pub(super) fn day(language: Language, day: Day, is_generic: bool) -> String {
    if is_generic {
        return day.to_string();
    }
    let date = dates::date_of(day);
    language.pick(
        date.strftime("%-d %b %Y").to_string(),
        format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    )
}

/// A day on an axis.
pub(super) fn short_day(day: Day, is_generic: bool) -> String {
    if is_generic {
        day.to_string()
    } else {
        dates::print(day, Precision::Day)
    }
}

/// An expected number: one decimal, or two digits that count below one.
pub(super) fn expected(value: f64) -> String {
    if value >= 1.0 || value <= 0.0 {
        return format!("{value:.1}");
    }
    let text = format!("{value:.2e}");
    let exponent: usize = text
        .rsplit_once("e-")
        .and_then(|(_, digits)| digits.parse().ok())
        .unwrap_or(1);
    format!("{value:.*}", exponent.min(12) + 1)
}

/// A p-value as printed.
pub(super) fn p_value(p: f64, gumbel: Option<Gumbel>) -> String {
    if let Some(Gumbel::Below(_)) = gumbel
        && p < 1e-15
    {
        return "< 1e-15".to_owned();
    }
    if p < 0.0001 {
        format!("{p:.0e}")
    } else if p < 0.001 {
        format!("{p:.4}")
    } else {
        format!("{p:.3}")
    }
}

/// How unlikely chance is as the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Unlikely,
    Possible,
    Untested,
}

/// The verdict: a p-value of 0.05 at most and, where one looks again and again, not oftener than once a year by chance.
pub(super) fn verdict(p: Option<f64>, recurrence_days: Option<f64>) -> Verdict {
    match p {
        None => Verdict::Untested,
        Some(p) if p <= 0.05 && recurrence_days.is_none_or(|days| days >= 365.0) => Verdict::Unlikely,
        Some(_) => Verdict::Possible,
    }
}

/// The verdict in words.
pub(super) fn verdict_words(language: Language, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unlikely => language.pick("unlikely to be chance", "不像是偶然"),
        Verdict::Possible => language.pick("may well be chance", "很可能只是偶然"),
        Verdict::Untested => language.pick("not tested against chance", "未检验是否偶然"),
    }
}

/// How often chance alone would do this.
fn chance(language: Language, p: f64) -> String {
    let in_all = if p >= 0.0995 {
        10.0
    } else if p >= 0.01 {
        100.0
    } else if p >= 0.001 {
        1_000.0
    } else if p >= 0.0001 {
        10_000.0
    } else {
        return language.pick(
            "Chance alone would show a cluster at least this strong in fewer than 1 of 10,000 such studies."
                .to_owned(),
            "若纯属偶然，一万次同样的研究里出现这样强的聚集不到一次。".to_owned(),
        );
    };
    let times = (p * in_all).round().max(1.0);
    let whole = language.pick(grouped(in_all), format!("{in_all:.0}"));
    if times >= in_all {
        return language.pick(
            "Chance alone would show a cluster at least this strong in nearly every such study.".to_owned(),
            "若纯属偶然，几乎每次同样的研究里都会出现这样强的聚集。".to_owned(),
        );
    }
    language.pick(
        format!("Chance alone would show a cluster at least this strong in about {times:.0} of {whole} such studies."),
        format!("若纯属偶然，{whole} 次同样的研究里约有 {times:.0} 次会出现这样强的聚集。"),
    )
}

/// That no replication came this far.
fn never(language: Language, replications: usize) -> String {
    language.pick(
        format!("Chance alone showed none as strong in any of {replications} simulated studies."),
        format!("模拟了 {replications} 次纯属偶然的情形，没有一次出现这样强的聚集。"),
    )
}

fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (letter, left) in digits.chars().zip((1..=digits.len()).rev()) {
        out.push(letter);
        if left > 1 && left % 3 == 1 {
            out.push(',');
        }
    }
    out
}

/// How long one waits on average until chance does this, where one looks again and again.
fn recurrence(language: Language, days: f64) -> String {
    let years = days / 365.2425;
    let (en, zh) = if days < 1.5 {
        ("every day".to_owned(), "1 天一次".to_owned())
    } else if years < 1.0 {
        (format!("once in {days:.0} days"), format!("{days:.0} 天一次"))
    } else {
        (format!("once in {years:.1} years"), format!("{years:.1} 年一次"))
    };
    language.pick(
        format!("Looking as often as this study does, chance alone would show one this strong about {en}."),
        format!("按本研究的频率看下去，单凭偶然大约 {zh}。"),
    )
}

/// What a sentence needs besides the cluster.
pub(super) struct Told<'a> {
    pub(super) language: Language,
    /// Name of the most central place; nothing for all places.
    pub(super) central: Option<&'a str>,
    pub(super) places: usize,
    /// `km`, or nothing where the coordinates have no unit.
    pub(super) unit: &'static str,
    pub(super) is_temporal: bool,
    pub(super) is_generic: bool,
    /// Last day of the study.
    pub(super) end: Day,
    pub(super) p: Option<f64>,
    /// Replications made.
    pub(super) replications: usize,
}

/// Where, since when, how many, how likely: one plain sentence and the word on chance.
pub(super) fn sentence(told: &Told<'_>, cluster: &Cluster) -> String {
    let place = place(told, cluster);
    let time = time(told, cluster);
    let figures = &cluster.figures;
    let ratio = figures.ratio();
    let (seen, wanted) = (figures.observed, expected(figures.expected));
    let counts = told.language.pick(
        format!("{seen} cases were seen where {wanted} were expected, {ratio:.2} times as many."),
        format!("共 {seen} 例，预期 {wanted} 例，是预期的 {ratio:.2} 倍。"),
    );
    let mut text = told.language.pick(
        format!("{place}{time}, {counts}"),
        format!("{place}{time}，{counts}"),
    );
    let chance = match (cluster.recurrence_days, told.p) {
        (Some(days), _) => recurrence(told.language, days),
        (None, Some(_)) if cluster.rank == 1 && told.replications > 0 => {
            never(told.language, told.replications)
        }
        (None, Some(p)) => chance(told.language, p),
        (None, None) => return text,
    };
    text.push_str(told.language.pick(" ", ""));
    text.push_str(&chance);
    text
}

fn place(told: &Told<'_>, cluster: &Cluster) -> String {
    let language = told.language;
    let Some(name) = told.central else {
        return language.pick("In all locations together".to_owned(), "全部地点合计".to_owned());
    };
    let others = told.places.saturating_sub(1);
    if others == 0 {
        return language.pick(format!("In {name}"), format!("在 {name}"));
    }
    let radius = cluster.radius.filter(|radius| *radius > 0.0 && told.unit == "km");
    match radius {
        Some(radius) => language.pick(
            format!("Within {radius:.1} km of {name} ({} locations)", told.places),
            format!("在 {name} 周围 {radius:.1} 公里内（{} 个地点）", told.places),
        ),
        None => language.pick(
            if others == 1 {
                format!("In {name} and the location nearest to it")
            } else {
                format!("In {name} and the {others} locations nearest to it")
            },
            format!("在 {name} 及其最近的 {others} 个地点"),
        ),
    }
}

fn time(told: &Told<'_>, cluster: &Cluster) -> String {
    if !told.is_temporal {
        return String::new();
    }
    let language = told.language;
    let (first, last) = cluster.days;
    let day = |value| day(language, value, told.is_generic);
    if first == last {
        return language.pick(format!(", on {}", day(first)), format!("，{}当天", day(first)));
    }
    if last >= told.end {
        return language.pick(
            format!(", since {} and up to the end of the data", day(first)),
            format!("，自{}起直到数据末日", day(first)),
        );
    }
    language.pick(
        format!(", from {} to {}", day(first), day(last)),
        format!("，{}至{}", day(first), day(last)),
    )
}

/// The year of a day, for axes.
pub(super) fn is_year_start(day: Day) -> bool {
    let date: Date = dates::date_of(day);
    date.month() == 1 && date.day() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_told_in_round_numbers() {
        for (p, part) in [
            (0.009, "about 9 of 1,000"),
            (0.05, "about 5 of 100"),
            (0.456, "about 5 of 10"),
            (0.999, "nearly every"),
            (9.6e-7, "fewer than 1 of 10,000"),
        ] {
            assert!(
                chance(Language::En, p).contains(part),
                "{p}: {}",
                chance(Language::En, p)
            );
        }
        assert!(chance(Language::Zh, 0.009).contains("1000 次同样的研究里约有 9 次"));
        assert_eq!(expected(0.0319), "0.032");
        assert_eq!(expected(252.84), "252.8");
        assert_eq!(p_value(1e-17, Some(Gumbel::Below(1e-17))), "< 1e-15");
    }

    #[test]
    fn verdicts_follow_the_interval_where_there_is_one() {
        assert_eq!(verdict(Some(0.02), Some(50.0)), Verdict::Possible);
        assert_eq!(verdict(Some(0.493), Some(741.0)), Verdict::Possible);
        assert_eq!(verdict(Some(0.009), Some(40_583.0)), Verdict::Unlikely);
        assert_eq!(verdict(Some(0.05), None), Verdict::Unlikely);
        assert_eq!(verdict(None, None), Verdict::Untested);
    }
}
