//! `OutbreakP` (Frisén, Andersson & Schiöler, *Robust outbreak surveillance of epidemics in Sweden*, Statistics in Medicine 28,
//! 2009): has a rise begun? It compares a rising curve of any shape with a constant, and needs no past at all.
//!
//! The statistic of the points up to now is `∏ (ŷ_t / ȳ)^{y_t}` (equation 5), ŷ the least-squares fit that never falls
//! (pool adjacent violators), ȳ the mean; 0/0 counts as 1. In logarithms, with blocks of pooled points of sum `S_b` and mean
//! `m_b`, it is `Σ_b S_b ln m_b − S ln ȳ`, which is kept up to date in a stack of blocks.

use super::{Detector, Refusal, Series, Verdict};
use std::ops::Range;

/// The method and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct OutbreakP {
    limit: f64,
}

/// What the method says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct OutbreakPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// The likelihood-ratio statistic; infinite beyond the largest number.
    pub statistic: f64,
    /// Its natural logarithm, always finite.
    pub log_statistic: f64,
    /// The least whole count here that would alarm, up to 100,000.
    pub cases: Option<f64>,
    /// Statistic above the limit.
    pub alarm: bool,
}

/// Pooled neighbours: sum and number of points.
#[derive(Debug, Clone, Copy)]
struct Block {
    sum: f64,
    points: f64,
}

#[derive(Debug, Clone, Default)]
struct Rising {
    blocks: Vec<Block>,
    sum: f64,
    points: f64,
    /// Σ S ln m of all blocks but those pooled away by the next count.
    logs: Vec<f64>,
}

fn own_log(block: Block) -> f64 {
    if block.sum > 0.0 {
        block.sum * (block.sum / block.points).ln()
    } else {
        0.0
    }
}

impl Rising {
    /// How many blocks the next count pools with, and the pooled block.
    fn pooled(&self, count: f64) -> (usize, Block) {
        let mut block = Block {
            sum: count,
            points: 1.0,
        };
        let mut kept = self.blocks.len();
        while let Some(before) = kept.checked_sub(1).and_then(|at| self.blocks.get(at)) {
            if block.sum / block.points > before.sum / before.points {
                break;
            }
            block = Block {
                sum: block.sum + before.sum,
                points: block.points + before.points,
            };
            kept -= 1;
        }
        (kept, block)
    }

    /// The logarithm of the statistic if `count` came next.
    fn log_with(&self, count: f64) -> f64 {
        let (kept, block) = self.pooled(count);
        let before = kept
            .checked_sub(1)
            .and_then(|at| self.logs.get(at))
            .copied()
            .unwrap_or(0.0);
        let whole = Block {
            sum: self.sum + count,
            points: self.points + 1.0,
        };
        before + own_log(block) - own_log(whole)
    }

    fn push(&mut self, count: f64) {
        let (kept, block) = self.pooled(count);
        self.blocks.truncate(kept);
        self.logs.truncate(kept);
        let before = self.logs.last().copied().unwrap_or(0.0);
        self.blocks.push(block);
        self.logs.push(before + own_log(block));
        self.sum += count;
        self.points += 1.0;
    }
}

impl OutbreakP {
    /// Alarms above `limit` (> 0; 100 is usual).
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Frequency, OutbreakP, Series};
    /// let counts = [1.0, 0.0, 1.0, 1.0, 0.0, 2.0, 5.0, 9.0];
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// let points = OutbreakP::new(100.0)?.assess(&series, 0..8)?;
    /// assert!(!points[4].alarm && points[7].alarm);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(limit: f64) -> Result<Self, Refusal> {
        if !limit.is_finite() || limit <= 0.0 {
            return Err(Refusal::Setting("the limit must be above 0"));
        }
        Ok(Self { limit })
    }

    /// One answer per time point of `range`; the statistic always looks at everything from index 0 on.
    ///
    /// # Errors
    /// [`Refusal::Range`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<OutbreakPoint>, Refusal> {
        series.check_range(&range, 0)?;
        let mut rising = Rising::default();
        let mut points = Vec::with_capacity(range.len());
        for (at, &observed) in series.counts.iter().enumerate().take(range.end) {
            if at >= range.start {
                let log_statistic = rising.log_with(observed);
                points.push(OutbreakPoint {
                    at,
                    observed,
                    statistic: log_statistic.exp(),
                    log_statistic,
                    cases: self.cases(&rising, at),
                    alarm: log_statistic > self.limit.ln(),
                });
            }
            if series.teaches(at) {
                rising.push(observed);
            }
        }
        Ok(points)
    }

    /// The statistic never falls with the last count, so halving finds where it passes the limit.
    fn cases(&self, rising: &Rising, at: usize) -> Option<f64> {
        const MOST: f64 = 1e5;
        let log = self.limit.ln();
        if at == 0 {
            return (self.limit < 1.0).then_some(0.0);
        }
        if rising.log_with(MOST) <= log {
            return None;
        }
        let (mut low, mut high) = (-1.0, MOST);
        while high - low > 1.0 {
            let middle: f64 = (0.5_f64 * (low + high)).floor();
            if rising.log_with(middle.max(0.0)) > log {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }
}

impl Detector for OutbreakP {
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: None,
                upper: point.cases.map(|cases| cases - 1.0),
                p: None,
                score: Some(point.log_statistic),
                alarm: point.alarm,
            })
            .collect())
    }
}
