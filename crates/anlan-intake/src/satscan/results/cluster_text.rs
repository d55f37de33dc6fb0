//! Clusters in the main results: labels with dots, wrapped lists, one block per cluster. Prints only.

use super::cluster_file::days;
use super::{Cluster, Gumbel, Page, to_f64};
use crate::satscan::choices::{Model, PValue};
use crate::satscan::dates::Precision;
use crate::satscan::numbers::{general, population, significant};
use std::fmt::Write as _;

/// The widest line.
pub(super) const WIDTH: usize = 95;

/// Width of a label in a cluster's block.
const LABEL: usize = 22;

/// Days in a year, on average.
const YEAR_DAYS: f64 = 365.2425;

/// Words set in lines: the first goes on a line that `indent` characters already stand on, the others are indented so.
pub(super) fn wrap(text: &str, indent: usize) -> String {
    let width = WIDTH.saturating_sub(indent).max(1);
    let mut out = String::new();
    let mut line = String::new();
    let mut used = 0;
    let flush = |out: &mut String, line: &mut String| {
        if !out.is_empty() {
            let _ = write!(out, "\n{:indent$}", "");
        }
        out.push_str(line);
        line.clear();
    };
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() > width {
            flush(&mut out, &mut line);
            used = 0;
        }
        while used == 0 && word.len() > width {
            let rest = word.split_off(width);
            line.extend(word);
            flush(&mut out, &mut line);
            word = rest;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        used += word.len();
        line.extend(word);
    }
    flush(&mut out, &mut line);
    out
}

/// One block in the making.
struct Block {
    text: String,
    margin: usize,
}

impl Block {
    fn line(&mut self, label: &str, value: &str) {
        let margin = self.margin;
        let indent = margin + LABEL + 2;
        let _ = writeln!(
            self.text,
            "{:margin$}{label:.<LABEL$}: {}",
            "",
            wrap(value, indent)
        );
    }
}

/// A cluster's block, the number in front.
pub(super) fn print(page: &Page<'_>, cluster: &Cluster, number: usize) -> String {
    let digits = number.to_string();
    let mut block = Block {
        text: String::new(),
        margin: digits.len() + 1,
    };
    let indent = block.margin + LABEL + 2;
    let label = "Location IDs included";
    let _ = writeln!(
        block.text,
        "{digits}.{label:.<LABEL$}: {}",
        wrap(&names(page, cluster), indent)
    );
    window(page, cluster, &mut block);
    if page.analysis().is_temporal() {
        let (first, last) = days(page, cluster);
        block.line("Time frame", &format!("{first} to {last}"));
    }
    counts(page, cluster, &mut block);
    inference(page, cluster, &mut block);
    block.text
}

fn names(page: &Page<'_>, cluster: &Cluster) -> String {
    if cluster.is_all_places {
        return "All".to_owned();
    }
    let places = &page.project.data.places;
    let names: Vec<&str> = cluster
        .members
        .iter()
        .filter_map(|member| places.get(member.place))
        .map(|place| place.name.as_str())
        .collect();
    names.join(", ")
}

fn window(page: &Page<'_>, cluster: &Cluster, block: &mut Block) {
    let Some(centre) = &cluster.centre else { return };
    let is_lat_long = page.project.settings.is_lat_long;
    let unit = if is_lat_long { " km" } else { "" };
    let at = match centre.as_slice() {
        [latitude, longitude] if is_lat_long => {
            let side = |value: f64, plus, minus| if value >= 0.0 { plus } else { minus };
            format!(
                "({:.6} {}, {:.6} {})",
                latitude.abs(),
                side(*latitude, 'N', 'S'),
                longitude.abs(),
                side(*longitude, 'E', 'W')
            )
        }
        axes => {
            let axes: Vec<String> = axes.iter().map(|axis| general(*axis)).collect();
            format!("({})", axes.join(","))
        }
    };
    match cluster.ellipse.filter(|_| page.is_elliptic()) {
        None => {
            let radius = significant(cluster.radius.unwrap_or_default(), 2);
            block.line("Coordinates / radius", &format!("{at} / {radius}{unit}"));
        }
        Some(ellipse) => {
            block.line("Coordinates", &at);
            block.line("Semiminor axis", &significant(ellipse.minor, 2));
            block.line("Semimajor axis", &significant(ellipse.minor * ellipse.shape, 2));
            block.line("Angle (degrees)", &significant(ellipse.angle, 2));
            block.line("Shape", &significant(ellipse.shape, 2));
        }
    }
    let span = cluster.span.map_or_else(
        || "N/A".to_owned(),
        |span| format!("{}{unit}", significant(span, 2)),
    );
    block.line("Span", &span);
}

fn counts(page: &Page<'_>, cluster: &Cluster, block: &mut Block) {
    let figures = &cluster.figures;
    let is_bernoulli = page.model() == Model::Bernoulli;
    if let Some(people) = figures.population
        && (is_bernoulli || (page.has_population() && !cluster.is_all_places))
    {
        block.line("Population", &population(people));
    }
    block.line("Number of cases", &figures.observed.to_string());
    block.line("Expected cases", &significant(figures.expected, 2));
    if let Some(rate) = cluster.annual_rate.filter(|_| page.has_population()) {
        block.line("Annual cases / 100000", &significant(rate, 1));
    }
    block.line("Observed / expected", &significant(figures.ratio(), 2));
    if page.has_relative_risk() {
        let risk = figures
            .relative_risk
            .map_or_else(|| "infinity".to_owned(), |risk| significant(risk, 2));
        block.line("Relative risk", &risk);
    }
    if let Some(people) = figures.population.filter(|people| is_bernoulli && *people > 0.0) {
        block.line(
            "Percent cases in area",
            &significant(100.0 * to_f64(figures.observed) / people, 1),
        );
    }
    if page.model() == Model::Permutation {
        block.line("Test statistic", &format!("{:.6}", cluster.statistic));
    } else {
        block.line("Log likelihood ratio", &format!("{:.6}", cluster.ratio));
        if page.is_elliptic() {
            block.line("Test statistic", &format!("{:.6}", cluster.statistic));
        }
    }
}

fn gumbel(value: Gumbel) -> String {
    match value {
        Gumbel::Is(value) => significant(value, 2),
        Gumbel::Below(bound) => format!("< {}", significant(bound, 1)),
    }
}

fn inference(page: &Page<'_>, cluster: &Cluster, block: &mut Block) {
    let replications = page.replications();
    if replications == 0 {
        return;
    }
    if page.is_yes("ReportClusterRank") {
        block.line(
            "Monte Carlo rank",
            &format!("{}/{}", cluster.rank, replications + 1),
        );
    }
    if !page.has_p_values() {
        return;
    }
    let p_value = page.project.settings.p_value;
    let is_gumbel = p_value == PValue::Gumbel || (p_value == PValue::Default && cluster.rank < 10);
    match (cluster.gumbel.filter(|_| is_gumbel), cluster.p_value) {
        (Some(value), _) => block.line("P-value", &gumbel(value)),
        (None, Some(value)) => {
            let digits = replications.to_string().len();
            block.line("P-value", &format!("{value:.digits$}"));
        }
        (None, None) => {}
    }
    if let Some(days) = cluster
        .recurrence_days
        .filter(|_| page.analysis().is_prospective())
    {
        block.line(
            "Recurrence interval",
            &recurrence(days, page.project.settings.unit),
        );
    }
    if let Some(value) = cluster.gumbel.filter(|_| page.has_gumbel_column()) {
        block.line("Gumbel P-value", &gumbel(value));
    }
}

/// How often chance would do this, in the unit that suits.
fn recurrence(days: f64, unit: Precision) -> String {
    if unit == Precision::Generic {
        let plural = if days < 1.05 { "" } else { "s" };
        return format!("{days:.1} unit{plural}");
    }
    let years = days / YEAR_DAYS;
    if years < 1.0 {
        let plural = if days < 1.5 { "" } else { "s" };
        format!("{days:.0} day{plural}")
    } else {
        let plural = if years < 1.05 { "" } else { "s" };
        format!("{years:.1} year{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_at_the_margin_and_keep_their_column() {
        let names: Vec<String> = (0..20).map(|number| format!("u{number:03}")).collect();
        let text = wrap(&names.join(", "), 26);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
        assert!(lines.last().is_some_and(|line| line.starts_with(&" ".repeat(26))));
        assert_eq!(wrap(&"x".repeat(100), 90).lines().count(), 20);
    }

    #[test]
    fn intervals_are_told_in_days_or_years() {
        for (days, text) in [
            (1.2, "1 day"),
            (8.3, "8 days"),
            (40_583.0, "111.1 years"),
            (365.2425, "1.0 year"),
        ] {
            assert_eq!(recurrence(days, Precision::Day), text);
        }
    }
}
