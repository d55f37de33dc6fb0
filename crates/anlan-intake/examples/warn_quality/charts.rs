//! The published methods at their usual settings: what each says of the time points of a range, as an alarm and as a score that
//! another bar can be put to. They see the past up to each time point only.

use super::baselines::Panel;
use anlan_scan::temporal::{
    Cusum, CusumMean, Detector as _, Ears, EarsMethod, Ewma, Farrington, FarringtonFlexible,
    FlexibleSettings, Glr, GlrSettings, Refusal, Series, Transform, weekday_columns,
};
use std::ops::Range;

/// What a method says of one time point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look {
    pub(crate) alarm: bool,
    /// The larger, the more unusual; compared with the same method's scores only.
    pub(crate) score: f64,
}

/// A published method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Chart {
    C1,
    C2,
    C3,
    Cusum,
    Ewma,
    Farrington,
    Improved,
    Glr,
}

/// Years that the methods of Farrington's kind look back.
const YEARS: usize = 3;
/// A limit that no chart reaches: it never starts anew, and its statistic is a score.
const NEVER: f64 = 1e12;

impl Chart {
    pub(crate) const ALL: [Self; 8] = [
        Self::C1,
        Self::C2,
        Self::C3,
        Self::Cusum,
        Self::Ewma,
        Self::Farrington,
        Self::Improved,
        Self::Glr,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::C1 => "EARS C1",
            Self::C2 => "EARS C2",
            Self::C3 => "EARS C3",
            Self::Cusum => "CUSUM (Rossi)",
            Self::Ewma => "EWMA",
            Self::Farrington => "Farrington",
            Self::Improved => "improved Farrington",
            Self::Glr => "negative-binomial GLR",
        }
    }

    /// Charts that sum up are started anew every so many time points, with the year before as their past; 0 for methods that
    /// judge each time point by itself.
    fn run(self, panel: Panel) -> usize {
        match self {
            Self::Cusum | Self::Ewma | Self::Glr if panel.is_daily() => 28,
            Self::Cusum | Self::Ewma | Self::Glr => 13,
            _ => 0,
        }
    }

    /// Looks at all time points of `range`, charts being started anew from its beginning on.
    pub(crate) fn looks(
        self,
        place: (Panel, i32),
        counts: &[f64],
        range: Range<usize>,
    ) -> Result<Vec<Look>, Refusal> {
        let run = self.run(place.0);
        if run == 0 {
            return self.follow(place, counts, (range.start, range));
        }
        let mut all = Vec::new();
        for start in range.clone().step_by(run) {
            let own = start..(start + run).min(range.end);
            all.extend(self.follow(place, counts, (range.start, own))?);
        }
        Ok(all)
    }

    /// Looks at the time points of `range` in one run, begun where it would have been begun counting from `origin`.
    pub(crate) fn follow(
        self,
        (panel, first_day): (Panel, i32),
        counts: &[f64],
        (origin, range): (usize, Range<usize>),
    ) -> Result<Vec<Look>, Refusal> {
        let run = self.run(panel);
        let counts = counts.get(..range.end).unwrap_or(counts);
        if run == 0 {
            return self.judge((panel, first_day), counts, range);
        }
        let start = origin + (range.start - origin) / run * run;
        let past = start.min(panel.frequency().points());
        let counts = counts.get(start - past..).unwrap_or_default();
        let looks = self.judge((panel, first_day), counts, past..counts.len())?;
        Ok(looks.into_iter().skip(range.start - start).collect())
    }

    fn judge(
        self,
        (panel, first_day): (Panel, i32),
        counts: &[f64],
        range: Range<usize>,
    ) -> Result<Vec<Look>, Refusal> {
        let series = Series::new(counts, panel.frequency())?;
        match self {
            Self::C1 => ears(EarsMethod::C1, &series, range),
            Self::C2 => ears(EarsMethod::C2, &series, range),
            Self::C3 => ears(EarsMethod::C3, &series, range),
            Self::Cusum => {
                let chart = Cusum::new(1.04, 2.26, Transform::Rossi, CusumMean::Past)?;
                let points = chart.assess(&series, range)?;
                Ok(points.iter().map(|point| look(point.alarm, point.sum)).collect())
            }
            Self::Ewma => {
                let points = Ewma::new(0.3, 3.0, range.start)?.assess(&series, range)?;
                let score = |average: f64, mean: f64, upper: f64| (average - mean) / (upper - mean);
                let told = points
                    .iter()
                    .map(|point| look(point.alarm, score(point.average, point.mean, point.upper)));
                Ok(told.collect())
            }
            Self::Farrington => {
                let points = Farrington::new(YEARS, window(panel), 0.02)?.assess(&series, range)?;
                Ok(points
                    .iter()
                    .map(|point| look(point.alarm, point.score))
                    .collect())
            }
            Self::Improved => improved(panel, first_day, series, range),
            Self::Glr => {
                let usual = Glr::new(GlrSettings::default())?.verdicts(&series, range.clone())?;
                let never = GlrSettings {
                    limit: NEVER,
                    ..GlrSettings::default()
                };
                let scores = Glr::new(never)?.assess(&series, range)?;
                let both = usual.iter().zip(scores);
                Ok(both
                    .map(|(usual, point)| look(usual.alarm, point.value))
                    .collect())
            }
        }
    }
}

fn look(alarm: bool, score: f64) -> Look {
    Look { alarm, score }
}

/// Half a window around each anniversary: three weeks, and as many days on either side.
fn window(panel: Panel) -> usize {
    if panel.is_daily() { 10 } else { 3 }
}

fn ears(method: EarsMethod, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Look>, Refusal> {
    let points = Ears::new(method)?.assess(series, range)?;
    let score = |point: &anlan_scan::temporal::EarsPoint| match (method, point.upper) {
        // The bound of C3 holds the count itself: what lies between them is how far its sum is above the quantile.
        (EarsMethod::C3, Some(upper)) => (point.observed - upper) / point.deviation,
        (EarsMethod::C3, None) => f64::NAN,
        _ => (point.observed - point.mean) / point.deviation,
    };
    Ok(points
        .iter()
        .map(|point| look(point.alarm, score(point)))
        .collect())
}

/// With columns for the weekday where counts are daily: the paper's are weekly.
fn improved(
    panel: Panel,
    first_day: i32,
    series: Series<'_>,
    range: Range<usize>,
) -> Result<Vec<Look>, Refusal> {
    let weekly = FlexibleSettings {
        years: YEARS,
        ..FlexibleSettings::default()
    };
    let settings = if panel.is_daily() {
        FlexibleSettings {
            half_window: window(panel),
            recent_left_out: 182,
            enough: (5.0, 28),
            ..weekly
        }
    } else {
        weekly
    };
    let method = FarringtonFlexible::new(settings)?;
    let days: Vec<i32> = (first_day..).take(series.len()).collect();
    let columns = if panel.is_daily() {
        weekday_columns(&days)
    } else {
        Vec::new()
    };
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let points = method.assess(&series.with_regressors(&columns)?, range)?;
    let score = |score: Option<f64>| score.unwrap_or(f64::NEG_INFINITY);
    Ok(points
        .iter()
        .map(|point| look(point.alarm, score(point.score)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Vec<f64> {
        (0..1500_u32)
            .map(|day| f64::from(8 + day * day * 7 % 5 + day % 7))
            .collect()
    }

    #[test]
    fn every_method_sees_a_large_outbreak_and_scores_it_highest() {
        let mut counts = quiet();
        for day in &mut counts[1440..1444] {
            *day += 60.0;
        }
        for chart in Chart::ALL {
            let looks = chart.looks((Panel::Years, 16_000), &counts, 1200..1480).unwrap();
            assert_eq!(looks.len(), 280, "{}", chart.word());
            assert!(looks[240..244].iter().any(|look| look.alarm), "{}", chart.word());
            let most = |looks: &[Look]| {
                looks
                    .iter()
                    .map(|look| look.score)
                    .fold(f64::NEG_INFINITY, f64::max)
            };
            assert!(most(&looks[240..244]) > most(&looks[..240]), "{}", chart.word());
        }
    }

    #[test]
    fn an_outbreak_in_the_middle_of_a_run_is_seen_as_in_the_whole() {
        let mut counts = quiet();
        counts[1370] += 50.0;
        counts[1371] += 50.0;
        for chart in Chart::ALL {
            let whole = chart.looks((Panel::Years, 16_000), &counts, 1200..1480).unwrap();
            let part = chart
                .follow((Panel::Years, 16_000), &counts, (1200, 1370..1373))
                .unwrap();
            assert_eq!(part.len(), 3);
            for (a, b) in part.iter().zip(&whole[170..]) {
                assert!(
                    a.alarm == b.alarm && (a.score - b.score).abs() < 1e-9,
                    "{}",
                    chart.word()
                );
            }
        }
    }
}
