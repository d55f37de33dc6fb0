//! `anlan scan run --like METHOD table.csv`: alarms in series of counts. Wires the reader to the detectors and prints a table.

use super::{DONE, REFUSED, Run, complain};
use crate::cli;
use anlan_intake::satscan::dates::{self, Precision};
use anlan_intake::satscan::series::{Counted, Gaps, Step, Table, read};
use anlan_scan::temporal::{
    Cdc, Change, Cusum, CusumMean, Dependence, Detector, Dispersion, Ears, EarsMethod, EssenceEwma, Ewma,
    Farrington, FarringtonFlexible, FlexibleSettings, Frequency, Glr, GlrSettings, OutbreakP, Refusal,
    Series, Transform, Verdict, adjust,
};
use anyhow::Context as _;
use serde::Serialize;
use std::fmt::Write as _;

/// A detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Method {
    /// Farrington et al. 1996: 5 years, windows of ±3, 5 % two-sided.
    Farrington,
    /// Noufaily et al. 2013, the improved Farrington method: 5 years, 10 periods, 1 %.
    FarringtonFlexible,
    /// EARS C1: the week just before, α 0.001.
    Ears,
    /// EARS C2: a week that ends three days before, α 0.001.
    EarsC2,
    /// EARS C3: C2 over three days, α 0.025.
    EarsC3,
    /// Cumulative sum of Rossi et al. 1999: k 1.04, h 2.26.
    Cusum,
    /// Exponentially weighted moving average: λ 0.3, 3 deviations, baseline of the first 26 points.
    Ewma,
    /// ESSENCE's two averages for days: baseline of 28 days, 2 days of guard.
    EwmaEssence,
    /// Likelihood ratio of Höhle & Paul 2008, negative binomial: limit 5, a wave of the year.
    Glrnb,
    /// The same, Poisson.
    Glrpois,
    /// The CDC's method of Stroup et al. 1989 for weeks.
    Cdc,
    /// Frisén et al. 2009: has a rise begun, limit 100.
    Outbreakp,
}

impl Method {
    /// How many of the first time points only teach. Charts that learn once from all that lies before need enough of it: two years,
    /// or half of the series where it is shorter; the others look back from each time point.
    fn learns_from(self, len: usize, step: Step) -> usize {
        match self {
            Self::Cusum | Self::Glrnb | Self::Glrpois => (2 * usize::from(step.per_year())).min(len / 2),
            _ => 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum StepName {
    Day,
    Week,
    Month,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum GapsName {
    /// Say where the first one is, and stop.
    Refuse,
    /// Count them as zero.
    Zero,
}

/// What only the detectors of series take.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Series")]
pub(crate) struct Args {
    /// Look for alarms in a table of counts over time with this method, its usual settings.
    #[arg(long, value_enum, value_name = "METHOD")]
    like: Option<Method>,
    /// How far time points are apart, where the table does not show it.
    #[arg(long, value_enum, requires = "like")]
    step: Option<StepName>,
    /// What to do about time points that are not in the table.
    #[arg(long, value_enum, default_value = "refuse")]
    gaps: GapsName,
    /// Judge only so many of the last time points; without it, all that have enough before them.
    #[arg(long, requires = "like", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// Print alarms only.
    #[arg(long, requires = "like")]
    alarms: bool,
}

impl Args {
    /// The method, where one is asked for.
    pub(super) fn method(&self) -> Option<Method> {
        self.like
    }
}

/// One time point judged.
#[derive(Debug, Serialize)]
struct Judged {
    #[serde(skip_serializing_if = "String::is_empty")]
    series: String,
    date: String,
    observed: f64,
    expected: Option<f64>,
    upper: Option<f64>,
    score: Option<f64>,
    p: Option<f64>,
    /// The p-value adjusted over the series of this date (Benjamini & Hochberg 1995); only where there are several.
    p_adjusted: Option<f64>,
    alarm: bool,
}

/// Runs one method over every series of the table.
pub(super) fn run(run: &Run, method: Method) -> anyhow::Result<u8> {
    let bytes = std::fs::read(&run.input).with_context(|| format!("cannot read {}", run.input.display()))?;
    let name = run
        .input
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let step = run.like.step.map(|step| match step {
        StepName::Day => Step::Day,
        StepName::Week => Step::Week,
        StepName::Month => Step::Month,
    });
    let gaps = match run.like.gaps {
        GapsName::Refuse => Gaps::Refused,
        GapsName::Zero => Gaps::Zero,
    };
    let (table, faults) = read(&name, &bytes, step, gaps);
    complain(&faults, false);
    let Some(table) = table else {
        return Ok(REFUSED);
    };
    let detector = detector(method)?;
    let mut judged = Vec::new();
    let mut refused = 0_usize;
    for counted in &table.series {
        match judge((detector.as_ref(), method), counted, table.step, run.like.last) {
            Ok(verdicts) => judged.extend(verdicts.iter().filter_map(|verdict| told(counted, verdict))),
            Err(refusal) => {
                refused += 1;
                let whose = if counted.name.is_empty() {
                    name.clone()
                } else {
                    format!("{name}, series {}", counted.name)
                };
                cli::complain(&format!("{whose}: error [series.refused]: {refusal}"));
            }
        }
    }
    adjust_dates(&mut judged, table.series.len())?;
    if let Some(path) = &run.json {
        super::write(
            path,
            &serde_json::to_string_pretty(&json(method, &table, &judged)?)?,
        )?;
    }
    if run.json.as_deref() != Some(std::path::Path::new("-")) {
        cli::say(&print(&judged, table.series.len() > 1, run.like.alarms));
    }
    Ok(if refused > 0 { REFUSED } else { DONE })
}

fn detector(method: Method) -> Result<Box<dyn Detector>, Refusal> {
    Ok(match method {
        Method::Farrington => Box::new(Farrington::new(5, 3, 0.05)?),
        Method::FarringtonFlexible => Box::new(FarringtonFlexible::new(FlexibleSettings::default())?),
        Method::Ears => Box::new(Ears::new(EarsMethod::C1)?),
        Method::EarsC2 => Box::new(Ears::new(EarsMethod::C2)?),
        Method::EarsC3 => Box::new(Ears::new(EarsMethod::C3)?),
        Method::Cusum => Box::new(Cusum::new(1.04, 2.26, Transform::Rossi, CusumMean::Past)?),
        Method::Ewma => Box::new(Ewma::new(0.3, 3.0, 26)?),
        Method::EwmaEssence => Box::new(EssenceEwma::new(28, 2, 0.4, 0.9)?),
        Method::Glrnb => Box::new(Glr::new(GlrSettings::default())?),
        Method::Glrpois => Box::new(Glr::new(GlrSettings {
            dispersion: Dispersion::Poisson,
            change: Change::Intercept,
            ..GlrSettings::default()
        })?),
        Method::Cdc => Box::new(Cdc::new(5, 1, 0.025)?),
        Method::Outbreakp => Box::new(OutbreakP::new(100.0)?),
    })
}

/// Judges the last points asked for, or all that have enough before them.
fn judge(
    (detector, method): (&dyn Detector, Method),
    counted: &Counted,
    step: Step,
    last: Option<u32>,
) -> Result<Vec<Verdict>, Refusal> {
    let days: Vec<i32> = counted
        .days
        .iter()
        .map(|day| i32::try_from(*day).unwrap_or(i32::MAX))
        .collect();
    let series = Series::new(&counted.counts, Frequency::per_year(step.per_year())?)?.with_days(&days)?;
    let len = series.len();
    if let Some(last) = last {
        let last = usize::try_from(last).unwrap_or(usize::MAX);
        return detector.verdicts(&series, len.saturating_sub(last)..len);
    }
    let mut from = method.learns_from(len, step);
    loop {
        match detector.verdicts(&series, from..len) {
            // The refusal says how many earlier points are missing: begin where they are there.
            Err(Refusal::ShortBaseline { needed, found }) if from + 1 < len => {
                from = (from + needed.saturating_sub(found).max(1)).min(len - 1);
            }
            // A past of equal counts has no scale yet: begin a year's twelfth later.
            Err(Refusal::NoVariance) if from < len / 2 => from += usize::from(step.per_year() / 12).max(1),
            other => return other,
        }
    }
}

fn told(counted: &Counted, verdict: &Verdict) -> Option<Judged> {
    Some(Judged {
        series: counted.name.clone(),
        date: dates::print(*counted.days.get(verdict.at)?, Precision::Day),
        observed: verdict.observed,
        expected: verdict.expected,
        upper: verdict.upper,
        score: verdict.score,
        p: verdict.p,
        p_adjusted: None,
        alarm: verdict.alarm,
    })
}

/// Adjusts the p-values of each date over all series.
fn adjust_dates(judged: &mut [Judged], series: usize) -> Result<(), Refusal> {
    if series < 2 {
        return Ok(());
    }
    let mut dates: std::collections::BTreeMap<&str, Vec<(usize, f64)>> = std::collections::BTreeMap::new();
    for (index, one) in judged.iter().enumerate() {
        if let Some(p) = one.p {
            dates.entry(&one.date).or_default().push((index, p));
        }
    }
    let mut found = Vec::new();
    for list in dates.into_values() {
        let p: Vec<f64> = list.iter().map(|(_, p)| *p).collect();
        found.extend(
            list.iter()
                .map(|(index, _)| *index)
                .zip(adjust(&p, Dependence::Positive)?),
        );
    }
    for (index, p) in found {
        if let Some(one) = judged.get_mut(index) {
            one.p_adjusted = Some(p);
        }
    }
    Ok(())
}

fn json(method: Method, table: &Table, judged: &[Judged]) -> anyhow::Result<serde_json::Value> {
    let name = clap::ValueEnum::to_possible_value(&method)
        .map_or_else(String::new, |value| value.get_name().to_owned());
    Ok(serde_json::json!({
        "program": format!("anlan {}", env!("CARGO_PKG_VERSION")),
        "method": name,
        "step": format!("{:?}", table.step).to_lowercase(),
        "alarms": judged.iter().filter(|one| one.alarm).count(),
        "points": serde_json::to_value(judged)?,
    }))
}

fn print(judged: &[Judged], has_names: bool, is_alarms_only: bool) -> String {
    let mut text = String::new();
    let width = judged
        .iter()
        .map(|one| one.series.chars().count())
        .max()
        .unwrap_or(0)
        .max(6);
    if has_names {
        let _ = write!(text, "{:width$}  ", "series");
    }
    let _ = write!(
        text,
        "{:10} {:>9} {:>10} {:>10} {:>9}",
        "date", "observed", "expected", "upper", "p"
    );
    let _ = writeln!(
        text,
        "{}  alarm",
        if has_names {
            format!(" {:>10}", "p adjusted")
        } else {
            String::new()
        }
    );
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let p = |value: Option<f64>| {
        value.map_or_else(
            || "-".to_owned(),
            |p| {
                if p < 1e-15 {
                    "<1e-15".to_owned()
                } else if p < 0.0001 {
                    format!("{p:.1e}")
                } else {
                    format!("{p:.4}")
                }
            },
        )
    };
    for one in judged.iter().filter(|one| one.alarm || !is_alarms_only) {
        if has_names {
            let _ = write!(text, "{:width$}  ", one.series);
        }
        let _ = write!(
            text,
            "{:10} {:>9} {:>10} {:>10} {:>9}",
            one.date,
            one.observed,
            number(one.expected),
            number(one.upper),
            p(one.p)
        );
        if has_names {
            let _ = write!(text, " {:>10}", p(one.p_adjusted));
        }
        let _ = writeln!(text, "  {}", if one.alarm { "ALARM" } else { "" });
    }
    let alarms = judged.iter().filter(|one| one.alarm).count();
    let _ = write!(text, "{alarms} alarms in {} time points judged", judged.len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(counts: Vec<f64>) -> Counted {
        let end = i64::try_from(counts.len()).unwrap();
        Counted {
            name: String::new(),
            days: (0..end).map(|week| week * 7 + 4).collect(),
            counts,
        }
    }

    #[test]
    fn every_method_finds_a_tenfold_week_and_survives_odd_series() {
        use clap::ValueEnum as _;
        let mut counts: Vec<f64> = (0..320).map(|week: i32| f64::from(8 + (week * 7) % 5)).collect();
        counts.extend([90.0, 95.0]);
        for method in Method::value_variants() {
            let detector = detector(*method).unwrap();
            let verdicts = judge(
                (detector.as_ref(), *method),
                &counted(counts.clone()),
                Step::Week,
                None,
            );
            let verdicts = verdicts.unwrap_or_else(|refusal| unreachable!("{method:?}: {refusal}"));
            assert!(
                verdicts.iter().rev().take(2).any(|verdict| verdict.alarm),
                "{method:?}"
            );
            for odd in [vec![0.0; 320], vec![5.0; 320], vec![1.0], vec![3.0, 3_000.0]] {
                // A refusal is an answer; a panic is not.
                let _ = judge((detector.as_ref(), *method), &counted(odd), Step::Week, None);
            }
        }
    }
}
