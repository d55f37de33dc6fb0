//! How good a method is on series whose outbreaks are known: sensitivity, false alarms, days to detection. It compares alarms with
//! truth and runs no method.

use super::series::real;
use super::{Frequency, Verdict};
use std::ops::RangeInclusive;

/// A known outbreak: indices of its first and last time point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbreak {
    /// First to last, 0-based, both inclusive.
    pub at: RangeInclusive<usize>,
}

/// What the alarms were worth. Sums over series by [`Quality::add`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quality {
    /// Outbreaks with at least one assessed time point.
    pub outbreaks: usize,
    /// Those with at least one alarm.
    pub detected: usize,
    /// Assessed time points inside outbreaks, and alarms among them.
    pub outbreak_points: usize,
    /// Alarms inside outbreaks.
    pub true_alarms: usize,
    /// Assessed time points outside outbreaks.
    pub quiet_points: usize,
    /// Alarms outside outbreaks.
    pub false_alarms: usize,
    /// For each detected outbreak the days from its first time point to the first alarm, in order of detection.
    pub days_to_detection: Vec<f64>,
    /// Assessed time, in years over all series.
    pub years: f64,
}

impl Quality {
    /// Share of outbreaks detected, if there were any.
    pub fn sensitivity(&self) -> Option<f64> {
        (self.outbreaks > 0).then(|| real(self.detected) / real(self.outbreaks))
    }

    /// Share of quiet time points with an alarm, if there were any.
    pub fn false_positive_rate(&self) -> Option<f64> {
        (self.quiet_points > 0).then(|| real(self.false_alarms) / real(self.quiet_points))
    }

    /// False alarms per year and series.
    pub fn false_alarms_per_year(&self) -> Option<f64> {
        (self.years > 0.0).then(|| real(self.false_alarms) / self.years)
    }

    /// Share of alarms that lay in an outbreak.
    pub fn precision(&self) -> Option<f64> {
        let alarms = self.true_alarms + self.false_alarms;
        (alarms > 0).then(|| real(self.true_alarms) / real(alarms))
    }

    /// Median days from the first time point of an outbreak to its first alarm, of those detected.
    pub fn median_days_to_detection(&self) -> Option<f64> {
        let mut sorted = self.days_to_detection.clone();
        sorted.sort_by(f64::total_cmp);
        let upper = sorted.get(sorted.len() / 2)?;
        let lower = sorted.get((sorted.len() - 1) / 2)?;
        Some(0.5 * (lower + upper))
    }

    /// Adds another series' figures.
    pub fn add(&mut self, other: &Self) {
        self.outbreaks += other.outbreaks;
        self.detected += other.detected;
        self.outbreak_points += other.outbreak_points;
        self.true_alarms += other.true_alarms;
        self.quiet_points += other.quiet_points;
        self.false_alarms += other.false_alarms;
        self.days_to_detection.extend_from_slice(&other.days_to_detection);
        self.years += other.years;
    }
}

/// How many alarms there are where days that follow each other count as one: each run of `true` is an episode.
///
/// ```
/// assert_eq!(anlan_scan::temporal::episodes([true, true, false, true]), 2);
/// ```
pub fn episodes(alarms: impl IntoIterator<Item = bool>) -> usize {
    let mut before = false;
    let mut runs = 0;
    for alarm in alarms {
        runs += usize::from(alarm && !before);
        before = alarm;
    }
    runs
}

/// The lowest bar for a method's scores at which series without outbreaks have at most `most` episodes together, an alarm being
/// a score at or above the bar: it makes methods comparable at the same price. One list of scores per series; NaN never
/// alarms. Above every score where even the highest is too much, and where there is none.
///
/// The bar comes down from the highest score and stops before the first that is too much, or at which more than half of all time
/// points alarm: there episodes have grown together and their number says nothing. Costs the number of scores times the number of bars looked at.
pub fn bar_at(scores: &[Vec<f64>], most: usize) -> f64 {
    let mut steps: Vec<f64> = scores
        .iter()
        .flatten()
        .copied()
        .filter(|score| !score.is_nan())
        .collect();
    steps.sort_by(|a, b| b.total_cmp(a));
    steps.dedup();
    let points: usize = scores.iter().map(Vec::len).sum();
    let mut bar = f64::INFINITY;
    for step in steps {
        let at = |series: &Vec<f64>| episodes(series.iter().map(|score| *score >= step));
        let alarms = scores.iter().flatten().filter(|score| **score >= step).count();
        if 2 * alarms > points || scores.iter().map(at).sum::<usize>() > most {
            break;
        }
        bar = step;
    }
    bar
}

/// Holds one series' verdicts (of any method, in order) against its known outbreaks.
///
/// ```
/// use anlan_scan::temporal::{evaluate, Detector, Ears, EarsMethod, Frequency, Outbreak, Series};
/// let counts = [2.0, 3.0, 2.0, 4.0, 3.0, 2.0, 3.0, 3.0, 4.0, 30.0, 2.0];
/// let series = Series::new(&counts, Frequency::DAILY)?;
/// let verdicts = Ears::new(EarsMethod::C1)?.verdicts(&series, 7..11)?;
/// let quality = evaluate(&verdicts, &[Outbreak { at: 8..=9 }], Frequency::DAILY);
/// assert_eq!(quality.sensitivity(), Some(1.0));
/// assert_eq!(quality.false_alarms, 0);
/// assert_eq!(quality.median_days_to_detection(), Some(1.0));
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
pub fn evaluate(verdicts: &[Verdict], outbreaks: &[Outbreak], frequency: Frequency) -> Quality {
    let mut quality = Quality {
        years: real(verdicts.len()) / frequency.as_f64(),
        ..Quality::default()
    };
    for verdict in verdicts {
        let inside = outbreaks.iter().any(|outbreak| outbreak.at.contains(&verdict.at));
        let alarm = usize::from(verdict.alarm);
        if inside {
            quality.outbreak_points += 1;
            quality.true_alarms += alarm;
        } else {
            quality.quiet_points += 1;
            quality.false_alarms += alarm;
        }
    }
    let days_per_point = 365.0 / frequency.as_f64();
    for outbreak in outbreaks {
        let mut assessed = verdicts.iter().filter(|v| outbreak.at.contains(&v.at)).peekable();
        if assessed.peek().is_none() {
            continue;
        }
        quality.outbreaks += 1;
        if let Some(first) = assessed.find(|verdict| verdict.alarm) {
            quality.detected += 1;
            quality
                .days_to_detection
                .push(real(first.at - outbreak.at.start()) * days_per_point);
        }
    }
    quality
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_bears_as_many_episodes_as_it_is_told() {
        let scores = vec![
            vec![0.1, 5.0, 4.5, 0.2, 3.0, f64::NAN, 0.3],
            vec![0.1, 0.1, 2.0, 0.1],
        ];
        for (most, wanted) in [(0, f64::INFINITY), (1, 4.5), (2, 3.0), (3, 2.0), (99, 0.3)] {
            let bar = bar_at(&scores, most);
            assert!(bar.total_cmp(&wanted).is_eq(), "{most}: {bar}");
            let found: usize = scores
                .iter()
                .map(|one| episodes(one.iter().map(|score| *score >= bar)))
                .sum();
            assert!(found <= most, "{most}: {found}");
        }
        assert!(bar_at(&[], 3).is_infinite() && bar_at(&[vec![f64::NAN]], 3).is_infinite());
    }

    #[test]
    fn scores_that_never_end_count_as_one() {
        assert_eq!(episodes([true; 9]), 1);
        assert_eq!(episodes([false; 9]), 0);
        assert_eq!(episodes([]), 0);
    }
}
