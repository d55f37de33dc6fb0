//! The main results (.txt): head, summary, clusters, critical values, files, settings, run. Prints only.

use super::cluster_text::{self, WIDTH, wrap};
use super::settings_text;
use super::{Ended, Page, REPLICATIONS_MIN, Run, to_f64};
use crate::satscan::choices::{Model, PValue, Rates};
use crate::satscan::dates::{self, Precision};
use crate::satscan::numbers::{general, significant};
use jiff::civil::DateTime;
use std::fmt::Write as _;

/// Width of the head that names the program.
const HEAD: usize = 29;

/// Width of a label in the summary.
const LABEL: usize = 35;

/// Levels of significance, and one in how many that is.
const LEVELS: [(&str, usize); 4] = [("0.05", 20), ("0.01", 100), ("0.001", 1000), ("0.0001", 10_000)];

/// The whole file.
pub(super) fn print(page: &Page<'_>, run: &Run) -> String {
    let mut text = String::new();
    head(page, run, &mut text);
    summary(page, &mut text);
    clusters(page, &mut text);
    critical_values(page, &mut text);
    files(page, &mut text);
    let _ = writeln!(text, "\nPARAMETER SETTINGS");
    text.push_str(&settings_text::print(page));
    rule(&mut text);
    let _ = write!(
        text,
        "\nRUN INFORMATION\n\nProgram completed  : {}\nTotal Running Time : {}",
        stamp(run.ended),
        duration(run.seconds)
    );
    if run.threads > 1 {
        let _ = write!(text, "\nProcessor Usage    : {} processors", run.threads);
    }
    text
}

fn rule(text: &mut String) {
    let _ = writeln!(text, "{}", "_".repeat(WIDTH));
}

fn head(page: &Page<'_>, run: &Run, text: &mut String) {
    let program = format!("Anlan scan v{}", env!("CARGO_PKG_VERSION"));
    let margin = (WIDTH - HEAD) / 2;
    let line = "_".repeat(HEAD);
    let inner = (WIDTH - program.len()) / 2;
    let _ = writeln!(
        text,
        "{:margin$}{line}\n\n{:inner$}{program}\n{:margin$}{line}\n",
        "", "", ""
    );
    let title = page.project.parameters.text("ResultsTitle");
    if !title.is_empty() {
        let _ = writeln!(text, "{}", wrap(title, 0));
    }
    let settings = &page.project.settings;
    let _ = writeln!(
        text,
        "\nProgram run on: {}\n\n{} analysis\nscanning for clusters with {}",
        stamp(run.began),
        settings.analysis.name(),
        settings.rates.name().to_lowercase(),
    );
    let is_known = settings.analysis.is_space_time() && settings.model != Model::Permutation;
    let pure = match (
        page.is_yes("IncludePurelySpatial"),
        page.is_yes("IncludePurelyTemporal"),
    ) {
        (true, true) if is_known => "\nincluding purely spatial and purely temporal clusters",
        (true, false) if is_known => "\nincluding purely spatial clusters",
        (false, true) if is_known => "\nincluding purely temporal clusters",
        _ => "",
    };
    let _ = writeln!(text, "using the {} model{pure}.", settings.model.name());
    adjusted(page, text);
    rule(text);
}

fn adjusted(page: &Page<'_>, text: &mut String) {
    let is_poisson = page.model() == Model::Poisson;
    if page.is_yes("IterativeScan") {
        let _ = writeln!(text, "Iterative analysis performed.");
    }
    if page.analysis().is_temporal() && page.is_yes("AdjustForWeeklyTrends") {
        let _ = writeln!(text, "Adjusted for weekly trends, nonparametric.");
    }
    if is_poisson && page.is_yes("UseAdjustmentsByRRFile") {
        let _ = writeln!(text, "Adjusted for known relative risks.");
    }
    if is_poisson && page.analysis().is_temporal() {
        let trend = match page.project.parameters.whole("TimeTrendAdjustmentType") {
            1 => "Adjusted for time nonparametrically.".to_owned(),
            2 => {
                let percent = page.project.parameters.number("TimeTrendPercentage");
                let word = if percent < 0.0 {
                    "a decrease"
                } else {
                    "an increase"
                };
                let percent = general(percent.abs());
                format!("Adjusted for time with {word} of {percent}% per year.")
            }
            3 => "Adjusted for time with a log linear trend.".to_owned(),
            4 => "Adjusted for time by stratified randomization.".to_owned(),
            _ => return,
        };
        let _ = writeln!(text, "{trend}");
    }
}

fn summary(page: &Page<'_>, text: &mut String) {
    let _ = writeln!(text, "\nSUMMARY OF DATA\n");
    let mut line = |label: &str, value: String| {
        let _ = writeln!(text, "{label:.<LABEL$}: {value}");
    };
    let settings = &page.project.settings;
    let precision = if settings.precision == Precision::Generic {
        Precision::Generic
    } else {
        Precision::Day
    };
    let day = |day| dates::print(day, precision);
    line(
        "Study period",
        format!("{} to {}", day(settings.study.0), day(settings.study.1)),
    );
    let totals = &page.outcome.totals;
    if settings.analysis.is_spatial() {
        line("Number of locations", totals.places.to_string());
    }
    if let Some(people) = totals.population {
        match settings.model {
            Model::Poisson if page.has_population() => {
                line("Population, averaged over time", format!("{people:.0}"));
            }
            Model::Bernoulli => line("Total population", format!("{people:.0}")),
            _ => {}
        }
    }
    line("Total number of cases", totals.cases.to_string());
    if let Some(rate) = totals.annual_rate.filter(|_| page.has_population()) {
        line("Annual cases / 100000", significant(rate, 1));
    }
    if let Some(people) = totals.population.filter(|_| settings.model == Model::Bernoulli) {
        line(
            "Percent cases",
            significant(100.0 * to_f64(totals.cases) / people, 1),
        );
    }
    rule(text);
}

fn clusters(page: &Page<'_>, text: &mut String) {
    let found = &page.outcome.clusters;
    let _ = writeln!(text, "\nCLUSTERS DETECTED");
    if found.is_empty() {
        let _ = writeln!(text, "\nNo clusters were found.");
    }
    for (cluster, number) in found.iter().zip(1..) {
        let _ = write!(text, "\n{}", cluster_text::print(page, cluster, number));
    }
    for note in notes(page) {
        let _ = writeln!(text, "\n{}", wrap(&note, 0));
    }
    rule(text);
}

fn notes(page: &Page<'_>) -> Vec<String> {
    let (asked, made) = (page.project.settings.replications, page.replications());
    let mut notes = Vec::new();
    match page.outcome.ended {
        Ended::Whole => {}
        Ended::Early => notes.push(format!(
            "Note: The replications ended after {made} of {asked}, because that is enough to tell."
        )),
        Ended::Stopped => notes.push(format!(
            "Note: The run was stopped after {made} of {asked} replications. P-values are from those."
        )),
    }
    if asked == 0 {
        notes.push("Note: As the number of Monte Carlo replications was set to zero, no hypothesis testing was done and no p-values are reported.".to_owned());
    } else if made < REPLICATIONS_MIN {
        notes.push(format!("Note: With fewer than {REPLICATIONS_MIN} Monte Carlo replications a meaningful hypothesis test cannot be done. No p-values are reported."));
    }
    notes
}

fn critical_values(page: &Page<'_>, text: &mut String) {
    let made = page.outcome.simulated.len();
    let p_value = page.project.settings.p_value;
    if !page.is_yes("CriticalValue") || made < 19 || page.outcome.clusters.is_empty() {
        return;
    }
    let name = if page.model() == Model::Permutation {
        "test statistic"
    } else {
        "log likelihood ratio"
    };
    let _ = writeln!(text, "\nCRITICAL VALUES\n");
    let words = format!(
        "A cluster is statistically significant when its {name} is greater than the critical value, which is, for significance level:"
    );
    let _ = writeln!(text, "{}", wrap(&words, 0));
    let is_gumbel =
        matches!(p_value, PValue::Gumbel | PValue::Default) && page.project.settings.rates != Rates::Both;
    if is_gumbel {
        let _ = writeln!(text, "\nGumbel Critical Values:");
        for (level, in_all) in LEVELS {
            if let Some(value) = gumbel_critical(&page.outcome.simulated, in_all) {
                let _ = writeln!(text, "{:.>11}: {value:.6}", format!(" {level}"));
            }
        }
    }
    if p_value != PValue::Gumbel {
        let _ = writeln!(text, "\nStandard Monte Carlo Critical Values:");
        let mut ratios = page.outcome.simulated.clone();
        ratios.sort_by(|one, other| other.total_cmp(one));
        for (level, in_all) in LEVELS {
            // The value that 1 in `in_all` of the replications and the data together reach or pass.
            let Some(value) = ((made + 1) / in_all)
                .checked_sub(1)
                .and_then(|index| ratios.get(index))
            else {
                continue;
            };
            let _ = writeln!(text, "{:.>11}: {value:.6}", format!(" {level}"));
        }
    }
    rule(text);
}

/// The value that a Gumbel distribution with the replications' mean and deviation passes once in `in_all`
/// (Abrams, Kulldorff, Kleinman 2010).
fn gumbel_critical(simulated: &[f64], in_all: usize) -> Option<f64> {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let count = f64::from(u32::try_from(simulated.len()).ok()?);
    let level = 1.0 / f64::from(u32::try_from(in_all).ok()?);
    if count < 2.0 {
        return None;
    }
    let mean = simulated.iter().sum::<f64>() / count;
    let variance = simulated.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let scale = variance.sqrt() * 6.0_f64.sqrt() / std::f64::consts::PI;
    Some(mean - EULER * scale - scale * (-(1.0 - level).ln()).ln())
}

fn files(page: &Page<'_>, text: &mut String) {
    let results = page.project.parameters.text("ResultsFile");
    let base = results.rsplit(['/', '\\']).next().unwrap_or(results);
    let stem = super::stem(base);
    let simulated = if page.model() == Model::Permutation {
        "Simulated Test Statistics"
    } else {
        "Simulated Log Likelihood Ratios"
    };
    let list: Vec<(&str, &str)> = [
        (
            "Cluster Information",
            ".col.txt",
            page.is_yes("MostLikelyClusterEachCentroidASCII"),
        ),
        (
            "Location Information",
            ".gis.txt",
            page.is_yes("CensusAreasReportedClustersASCII"),
        ),
        ("Risk Estimates for Each Location", ".rr.txt", page.has_risks()),
        (simulated, ".llr.txt", page.is_yes("SaveSimLLRsASCII")),
    ]
    .into_iter()
    .filter(|(_, _, is_asked)| *is_asked)
    .map(|(label, ending, _)| (label, ending))
    .collect();
    let Some(width) = list.iter().map(|(label, _)| label.len()).max() else {
        return;
    };
    let _ = writeln!(text, "\nADDITIONAL RESULTS FILES\n");
    for (label, ending) in list {
        let _ = writeln!(text, "{label:width$} : {stem}{ending}");
    }
    rule(text);
}

/// A moment as C's `ctime` prints it.
fn stamp(moment: DateTime) -> String {
    moment.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

fn duration(seconds: u64) -> String {
    let plural = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    let rest = plural(rest, "second");
    match (hours, minutes) {
        (0, 0) => rest,
        (0, _) => format!("{} {rest}", plural(minutes, "minute")),
        _ => format!("{} {} {rest}", plural(hours, "hour"), plural(minutes, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_they_do_there() {
        let moment = jiff::civil::date(2026, 11, 3).at(9, 4, 5, 0);
        assert_eq!(stamp(moment), "Tue Nov  3 09:04:05 2026");
        assert_eq!(duration(410), "6 minutes 50 seconds");
        assert_eq!(duration(3_661), "1 hour 1 minute 1 second");
        assert_eq!(duration(0), "0 seconds");
    }

    #[test]
    fn a_gumbel_critical_value_has_its_level() {
        // Mean 0.5772·b + a and deviation π·b/√6 of a Gumbel distribution with a = 5, b = 1.
        let deviation = std::f64::consts::PI / 6.0_f64.sqrt();
        let mean = 5.577_215_664_9;
        let pair = [
            mean - deviation / 2.0_f64.sqrt(),
            mean + deviation / 2.0_f64.sqrt(),
        ];
        let value = gumbel_critical(&pair, 20).unwrap_or_default();
        assert!((value - (5.0 - (-(0.95_f64.ln())).ln())).abs() < 1e-9, "{value}");
    }
}
