//! The report as one HTML file that needs no network: sentences, map, charts, table, parameters. Lays out; computes no
//! statistics.

mod chart;
mod map;
mod words;

pub(crate) use words::Language;

use anlan_intake::satscan::results::{Cluster, Ended, Gumbel, Outcome, Run};
use anlan_intake::satscan::{Faults, Project};
use askama::Template;
use words::{Told, Verdict};

/// Clusters that get a chart of their own.
const CHARTS_MAX: usize = 6;

/// Names of places that are listed whole.
const NAMES_MAX: usize = 40;

/// One cluster as the report shows it.
struct Item {
    number: usize,
    kind: &'static str,
    line: &'static str,
    verdict: &'static str,
    sentence: String,
    names: String,
    place: String,
    time: String,
    observed: u64,
    expected: String,
    ratio: String,
    risk: String,
    statistic: String,
    p: String,
    recurrence: String,
}

/// Columns that the table has beside the common ones.
struct Columns {
    time: bool,
    risk: bool,
    recurrence: bool,
}

#[derive(Template)]
#[template(path = "scan_report.html")]
struct Page<'a> {
    zh: bool,
    tag: &'static str,
    title: String,
    analysis: String,
    study: String,
    cases: u64,
    places: usize,
    replications: String,
    notes: Vec<String>,
    lead: String,
    items: Vec<Item>,
    has: Columns,
    map: Option<map::Map>,
    charts: Vec<chart::Chart>,
    parameters: Vec<(&'a str, &'a str)>,
    version: &'static str,
    made: String,
    seed: u64,
}

/// What the report is made of.
pub(crate) struct Report<'a> {
    pub(crate) project: &'a Project,
    pub(crate) outcome: &'a Outcome,
    pub(crate) faults: &'a Faults,
    pub(crate) run: Run,
    pub(crate) seed: u64,
    pub(crate) language: Language,
}

impl Report<'_> {
    /// The whole file.
    pub(crate) fn html(&self) -> anyhow::Result<String> {
        let outcome = self.outcome;
        let settings = &self.project.settings;
        let verdicts: Vec<Verdict> = outcome
            .clusters
            .iter()
            .map(|cluster| self.verdict(cluster))
            .collect();
        let is_generic = settings.precision.name() == "Generic";
        let charts = if settings.analysis.is_temporal() {
            (outcome.clusters.iter().enumerate())
                .take(CHARTS_MAX)
                .filter_map(|(index, cluster)| chart::chart(&outcome.intervals, cluster, index, is_generic))
                .collect()
        } else {
            Vec::new()
        };
        let title = self.project.parameters.text("ResultsTitle");
        let day = |value| words::day(self.language, value, is_generic);
        let page = Page {
            zh: self.language == Language::Zh,
            tag: self.language.tag(),
            title: if title.is_empty() {
                self.pick("Scan report", "扫描报告").to_owned()
            } else {
                title.to_owned()
            },
            analysis: self.analysis(),
            study: format!("{} – {}", day(settings.study.0), day(settings.study.1)),
            cases: outcome.totals.cases,
            places: outcome.totals.places,
            replications: format!("{} / {}", outcome.simulated.len(), settings.replications),
            notes: self.notes(),
            lead: self.lead(&verdicts),
            items: (outcome.clusters.iter().zip(1..).zip(&verdicts))
                .map(|((cluster, number), verdict)| self.item(cluster, number, *verdict))
                .collect(),
            has: Columns {
                time: settings.analysis.is_temporal(),
                risk: settings.model.name() != "Space-Time Permutation",
                recurrence: settings.analysis.is_prospective(),
            },
            map: map::map(self.project, outcome, &verdicts),
            charts,
            parameters: self
                .project
                .parameters
                .all()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
            version: env!("CARGO_PKG_VERSION"),
            made: self.run.ended.strftime("%Y-%m-%d %H:%M").to_string(),
            seed: self.seed,
        };
        Ok(page.render()?)
    }

    fn pick<'s>(&self, en: &'s str, zh: &'s str) -> &'s str {
        self.language.pick(en, zh)
    }

    fn p(&self, cluster: &Cluster) -> Option<f64> {
        cluster.reported_p(self.project.settings.p_value)
    }

    fn verdict(&self, cluster: &Cluster) -> Verdict {
        words::verdict(self.p(cluster), cluster.recurrence_days)
    }

    fn analysis(&self) -> String {
        let settings = &self.project.settings;
        let (analysis, model) = (settings.analysis.name(), settings.model.name());
        if self.language == Language::En {
            return format!("{analysis} analysis, {model} model");
        }
        let analysis = match analysis {
            "Purely Spatial" => "纯空间扫描",
            "Retrospective Purely Temporal" => "回顾性纯时间扫描",
            "Prospective Purely Temporal" => "前瞻性纯时间扫描",
            "Retrospective Space-Time" => "回顾性时空扫描",
            _ => "前瞻性时空扫描",
        };
        let model = match model {
            "Discrete Poisson" => "离散泊松模型",
            "Bernoulli" => "伯努利模型",
            _ => "时空置换模型",
        };
        format!("{analysis}，{model}")
    }

    fn notes(&self) -> Vec<String> {
        let (made, asked) = (self.outcome.simulated.len(), self.project.settings.replications);
        let mut notes = Vec::new();
        if self.outcome.ended == Ended::Stopped {
            notes.push(self.language.pick(
                format!("The run was stopped after {made} of {asked} replications. P-values are from those."),
                format!("运行在第 {made} 次重复后停止（共要求 {asked} 次），p 值只用已完成的重复计算。"),
            ));
        }
        notes.extend(self.faults.list().iter().map(ToString::to_string));
        notes
    }

    fn lead(&self, verdicts: &[Verdict]) -> String {
        let all = verdicts.len();
        let sure = verdicts
            .iter()
            .filter(|verdict| **verdict == Verdict::Unlikely)
            .count();
        match (all, sure) {
            (0, _) => self.pick("No cluster was found.", "没有发现聚集。").to_owned(),
            (_, 0) => self.language.pick(
                format!("Nothing stands out: {all} clusters were looked at, and chance could easily have made each of them."),
                format!("没有明显异常：共看了 {all} 处聚集，每一处都可能只是偶然。"),
            ),
            (_, 1) => self.language.pick(
                format!("1 of the {all} clusters below is unlikely to be chance."),
                format!("下列 {all} 处聚集中有 1 处不像是偶然。"),
            ),
            _ => self.language.pick(
                format!("{sure} of the {all} clusters below are unlikely to be chance."),
                format!("下列 {all} 处聚集中有 {sure} 处不像是偶然。"),
            ),
        }
    }

    fn item(&self, cluster: &Cluster, number: usize, verdict: Verdict) -> Item {
        let settings = &self.project.settings;
        let name = |place: usize| {
            self.project
                .data
                .places
                .get(place)
                .map_or("", |place| place.name.as_str())
        };
        let central = (cluster.members.first())
            .filter(|_| !cluster.is_all_places)
            .map(|member| name(member.place));
        let p = self.p(cluster);
        let is_generic = settings.precision.name() == "Generic";
        let told = Told {
            language: self.language,
            central,
            places: cluster.members.len(),
            unit: if settings.is_lat_long { "km" } else { "" },
            is_temporal: settings.analysis.is_temporal(),
            is_generic,
            end: settings.study.1,
            p,
            replications: self.outcome.simulated.len(),
        };
        let names = self.names(cluster);
        let all = self.pick("All locations", "全部地点");
        Item {
            number,
            kind: map::kind(cluster),
            line: map::line(verdict),
            verdict: words::verdict_words(self.language, verdict),
            sentence: words::sentence(&told, cluster),
            names,
            place: match (central, cluster.members.len()) {
                (None, _) => all.to_owned(),
                (Some(name), 0 | 1) => name.to_owned(),
                (Some(name), count) => format!("{name} +{}", count - 1),
            },
            time: format!(
                "{} – {}",
                words::short_day(cluster.days.0, is_generic),
                words::short_day(cluster.days.1, is_generic)
            ),
            observed: cluster.figures.observed,
            expected: words::expected(cluster.figures.expected),
            ratio: format!("{:.2}", cluster.figures.ratio()),
            risk: cluster
                .figures
                .relative_risk
                .map_or_else(|| "∞".to_owned(), |risk| format!("{risk:.2}")),
            statistic: format!("{:.2}", cluster.statistic),
            p: p.map_or_else(
                || "–".to_owned(),
                |p| {
                    words::p_value(
                        p,
                        cluster.gumbel.filter(|gumbel| matches!(gumbel, Gumbel::Below(_))),
                    )
                },
            ),
            recurrence: cluster
                .recurrence_days
                .map_or_else(|| "–".to_owned(), |days| self.interval(days)),
        }
    }

    /// The names of a cluster's places, the first of them where there are many; nothing where the sentence says them.
    fn names(&self, cluster: &Cluster) -> String {
        if cluster.is_all_places || cluster.members.len() < 2 {
            return String::new();
        }
        let places = &self.project.data.places;
        let name = |place: usize| places.get(place).map_or("", |place| place.name.as_str());
        let shown = cluster.members.iter().take(NAMES_MAX);
        let listed: Vec<&str> = shown.map(|member| name(member.place)).collect();
        let more = cluster.members.len().saturating_sub(NAMES_MAX);
        let mut names = listed.join(self.pick(", ", "、"));
        if more > 0 {
            names.push_str(
                &self
                    .language
                    .pick(format!(" and {more} more"), format!(" 等另外 {more} 个")),
            );
        }
        names
    }

    fn interval(&self, days: f64) -> String {
        let years = days / 365.2425;
        if years < 1.0 {
            self.language
                .pick(format!("{days:.0} d"), format!("{days:.0} 天"))
        } else {
            self.language
                .pick(format!("{years:.1} y"), format!("{years:.1} 年"))
        }
    }
}
