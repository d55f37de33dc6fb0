//! What was found, by panel, method and kind of outbreak, at the methods' usual settings and at equal false alarms; told as one JSON
//! line each. It runs no method.

use super::baselines::Panel;
use super::charts::Look;
use anlan_scan::temporal::{Quality, bar_at, episodes};
use serde_json::json;
use std::collections::BTreeMap;

/// False alarms a year and series at which methods are compared; weeks are too few for one a month.
const DAILY: [(f64, &str); 2] = [(1.0, "1 false alarm a year"), (12.0, "12 false alarms a year")];
const WEEKLY: [(f64, &str); 2] = [(1.0, "1 false alarm a year"), (3.0, "3 false alarms a year")];
const USUAL: &str = "usual settings";

/// The looks at one outbreak's time points, with it and without.
struct Outbreak {
    kind: String,
    looks: Vec<Look>,
    quiet: Vec<Look>,
}

/// One method in one panel.
#[derive(Default)]
struct Method {
    quiet: Vec<Vec<Look>>,
    outbreaks: Vec<Outbreak>,
}

/// Everything that is told in the end.
#[derive(Default)]
pub(crate) struct Found {
    series: Vec<(Panel, String, usize, f64)>,
    refused: BTreeMap<(Panel, &'static str, String), Vec<String>>,
    methods: BTreeMap<(Panel, &'static str), Method>,
}

/// What an alarm is.
#[derive(Clone, Copy)]
enum Rule {
    Usual,
    Bar(f64),
}

impl Rule {
    fn alarms(self, look: &Look) -> bool {
        match self {
            Self::Usual => look.alarm,
            Self::Bar(bar) => look.score >= bar,
        }
    }
}

impl Method {
    /// False alarms on the untouched series; outbreaks detected, those of one kind or all.
    fn quality(&self, panel: Panel, rule: Rule, kind: Option<&str>) -> Quality {
        let points: usize = self.quiet.iter().map(Vec::len).sum();
        let per_year = panel.frequency().as_f64();
        let alarms = |looks: &Vec<Look>| episodes(looks.iter().map(|look| rule.alarms(look)));
        let mut quality = Quality {
            quiet_points: points,
            false_alarms: self.quiet.iter().map(alarms).sum(),
            years: f64::from(u32::try_from(points).unwrap_or(u32::MAX)) / per_year,
            ..Quality::default()
        };
        let days = 365.0 / per_year;
        for outbreak in self
            .outbreaks
            .iter()
            .filter(|one| kind.is_none_or(|kind| one.kind == kind))
        {
            quality.outbreaks += 1;
            let first = (0_u32..).zip(&outbreak.looks).find(|(_, look)| rule.alarms(look));
            if let Some((after, _)) = first {
                quality.detected += 1;
                quality.days_to_detection.push(f64::from(after) * days);
            }
        }
        quality
    }

    /// Share of the outbreaks on whose days the method alarms without them, too.
    fn by_chance(&self, rule: Rule) -> f64 {
        let alarmed = |one: &&Outbreak| one.quiet.iter().any(|look| rule.alarms(look));
        let count = |many: usize| f64::from(u32::try_from(many).unwrap_or(u32::MAX));
        count(self.outbreaks.iter().filter(alarmed).count()) / count(self.outbreaks.len()).max(1.0)
    }

    /// The bar at which the untouched series have so many false alarms a year.
    fn rule_at(&self, panel: Panel, a_year: f64) -> Rule {
        let scores: Vec<Vec<f64>> = self
            .quiet
            .iter()
            .map(|looks| looks.iter().map(|look| look.score).collect())
            .collect();
        let years = self.quality(panel, Rule::Usual, None).years;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some thousands, not below 0"
        )]
        let most = (years * a_year).round() as usize;
        Rule::Bar(bar_at(&scores, most))
    }
}

impl Found {
    pub(crate) fn series(&mut self, panel: Panel, name: &str, judged: usize, totals: &[u32]) {
        let seen = totals.iter().rev().take(judged);
        let sum: f64 = seen.map(|count| f64::from(*count)).sum();
        let mean = sum / f64::from(u32::try_from(judged).unwrap_or(u32::MAX)).max(1.0);
        self.series.push((panel, name.to_owned(), judged, mean));
    }

    pub(crate) fn refused(&mut self, panel: Panel, method: &'static str, series: &str, why: &str) {
        let list = self.refused.entry((panel, method, why.to_owned())).or_default();
        list.push(series.to_owned());
    }

    pub(crate) fn quiet(&mut self, panel: Panel, method: &'static str, looks: Vec<Look>) {
        self.methods.entry((panel, method)).or_default().quiet.push(looks);
    }

    /// An outbreak in the series whose quiet looks came last, so many time points after the first of them.
    pub(crate) fn outbreak(
        &mut self,
        (panel, method): (Panel, &'static str),
        kind: &str,
        looks: Vec<Look>,
        after: usize,
    ) {
        let method = self.methods.entry((panel, method)).or_default();
        let quiet = method
            .quiet
            .last()
            .and_then(|all| all.get(after..after + looks.len()));
        method.outbreaks.push(Outbreak {
            kind: kind.to_owned(),
            quiet: quiet.unwrap_or_default().to_vec(),
            looks,
        });
    }

    /// One JSON line each: series, methods that could not be run, figures.
    pub(crate) fn lines(&self) -> Vec<serde_json::Value> {
        let mut lines = Vec::new();
        for (panel, name, points, mean) in &self.series {
            lines.push(
                json!({"series": name, "panel": panel.word(), "points": points, "cases_per_point": mean}),
            );
        }
        for ((panel, method, why), series) in &self.refused {
            lines.push(json!({"refused": method, "panel": panel.word(), "why": why, "series": series.len()}));
        }
        for ((panel, name), method) in &self.methods {
            // A method that refuses some series is told of those that it takes.
            let mut rules = vec![(USUAL, Rule::Usual)];
            let rates = if panel.is_daily() { DAILY } else { WEEKLY };
            rules.extend(rates.map(|(a_year, word)| (word, method.rule_at(*panel, a_year))));
            for (at, rule) in rules {
                lines.push(figure(*panel, name, (at, rule), method));
            }
        }
        lines
    }
}

fn figure(panel: Panel, name: &str, (at, rule): (&str, Rule), method: &Method) -> serde_json::Value {
    let all = method.quality(panel, rule, None);
    let mut kinds: Vec<&str> = method.outbreaks.iter().map(|one| one.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of = |kind: &&str| {
        let quality = method.quality(panel, rule, Some(kind));
        let told = json!({
            "outbreaks": quality.outbreaks,
            "sensitivity": quality.sensitivity(),
            "median_days": quality.median_days_to_detection(),
        });
        ((*kind).to_owned(), told)
    };
    let kinds: serde_json::Map<String, serde_json::Value> = kinds.iter().map(of).collect();
    json!({
        "method": name, "panel": panel.word(), "at": at, "series": method.quiet.len(), "years": all.years,
        "false_alarms_per_year": all.false_alarms_per_year(), "outbreaks": all.outbreaks,
        "sensitivity": all.sensitivity(), "by_chance": method.by_chance(rule),
        "median_days": all.median_days_to_detection(), "kinds": kinds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(scores: &[f64], usual: f64) -> Vec<Look> {
        let look = |score: &f64| Look {
            alarm: *score >= usual,
            score: *score,
        };
        scores.iter().map(look).collect()
    }

    #[test]
    fn figures_are_those_of_the_looks() {
        let mut found = Found::default();
        let mut year = vec![0.0; 365];
        year[3] = 9.0;
        year[4] = 9.0;
        year[100] = 5.0;
        for day in 0..30 {
            year[150 + day * 2] = 2.0;
        }
        found.quiet(Panel::Years, "a", looks(&year, 4.0));
        found.outbreak((Panel::Years, "a"), "large", looks(&[0.0, 6.0, 8.0], 4.0), 40);
        found.outbreak((Panel::Years, "a"), "large", looks(&[9.0], 4.0), 100);
        found.outbreak((Panel::Years, "a"), "small", looks(&[1.0, 1.0], 4.0), 0);
        let lines = found.lines();
        let of = |at: &str| lines.iter().find(|line| line["at"] == at).unwrap();
        // At the usual bar of 4 two episodes; at one a year the bar is 9 and the first large outbreak is missed.
        let usual = of(USUAL);
        assert!((usual["false_alarms_per_year"].as_f64().unwrap() - 2.0).abs() < 1e-9);
        assert!((usual["sensitivity"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9);
        assert!((usual["median_days"].as_f64().unwrap() - 0.5).abs() < 1e-9);
        // One of the three lies where the method alarms without it.
        assert!((usual["by_chance"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-9);
        let one = of("1 false alarm a year");
        assert!(one["by_chance"].as_f64().unwrap().abs() < 1e-9);
        assert!((one["false_alarms_per_year"].as_f64().unwrap() - 1.0).abs() < 1e-9);
        assert!((one["kinds"]["large"]["sensitivity"].as_f64().unwrap() - 0.5).abs() < 1e-9);
        assert!(one["kinds"]["small"]["median_days"].is_null());
        // Thirty-two episodes come with the bar of 2: more than twelve, so the bar stays at 5.
        let twelve = of("12 false alarms a year");
        assert!((twelve["false_alarms_per_year"].as_f64().unwrap() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn weeks_are_told_in_days() {
        let mut found = Found::default();
        found.quiet(Panel::Weeks, "a", looks(&[0.0; 52], 4.0));
        found.outbreak((Panel::Weeks, "a"), "large", looks(&[0.0, 6.0], 4.0), 0);
        let lines = found.lines();
        let days = lines[0]["median_days"].as_f64().unwrap();
        assert!((days - 365.0 / 52.0).abs() < 1e-9, "{days}");
    }
}
