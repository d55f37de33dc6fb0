//! Where and when did more come than chance lets us expect? Scan statistics over places and time, on counts.
//!
//! A window is a circle or ellipse about a centre, times a span of time. For every window the count is compared with
//! what the null hypothesis expects there, by the likelihood ratio; the most unlikely windows are the clusters, and
//! replications under the null hypothesis say how often chance alone would bring as unlikely a one *anywhere*. So the
//! many looks are paid for.
//!
//! | part | paper |
//! |---|---|
//! | Poisson model | Kulldorff 1997, Communications in Statistics 26(6) |
//! | Bernoulli model | Kulldorff & Nagarwalla 1995, Statistics in Medicine 14 |
//! | space-time permutation model | Kulldorff et al. 2005, `PLoS` Medicine 2(3) |
//! | prospective scan | Kulldorff 2001, JRSS A 164 |
//! | ellipses | Kulldorff et al. 2006, Statistics in Medicine 25 |
//! | Gumbel approximation | Abrams, Kulldorff & Kleinman 2010, International Journal of Health Geographics 9 |
//! | sequential stopping | Besag & Clifford 1991, Biometrika 78 |
//! | iterative scan | Zhang, Assunção & Kulldorff 2010, Journal of Probability and Statistics, 642379 |
//!
//! Places and steps of time are indices from 0; names and calendars stay outside. Counts lie place by place, each step by
//! step. Replications come in groups of [`GROUP`]; each group is a pure function of study, settings, seed and its
//! number, so the caller may spread groups over threads as it likes, stop early, and always get the same.
//!
//! Rules that decide between equals, as `SaTScan` has them: of windows with the same statistic the one with fewer
//! places comes first, then that of the first centre; places at the same distance come in the order of their first
//! coordinate; places on one point are in a window together or not at all; spans that touch count as overlapping; a
//! centre also brings forward its best windows in the times that its best one leaves free. The earth's radius is
//! 6,367 km. Unlike there, clusters are not filtered by the Gini coefficient, and every cluster is given, also one that
//! no replication falls short of: the caller decides what is told.
//!
//! ```
//! use anlan_scan::scan::{Baseline, Coordinates, Geography, Scan, Settings, Study};
//!
//! # fn main() -> Result<(), anlan_scan::scan::Refusal> {
//! // Five places on a line, one step; the last two have far more cases than their population lets expect.
//! let study = Study::new(5, 1, vec![9, 11, 10, 31, 29], Baseline::Poisson(vec![100.0; 5]))?;
//! let places = Coordinates::Cartesian((0..5_u32).map(|x| [f64::from(x), 0.0]).collect());
//! let geography = Geography::Coordinates { places, centres: None };
//! let scan = Scan::new(study, &geography, &Settings::default())?;
//! let null = scan.null(999, 1);
//! let clusters = scan.clusters();
//! assert_eq!(clusters[0].places, [4, 3], "nearest to the centre first");
//! assert!(null.p_value(clusters[0].statistic) < 0.01);
//! # Ok(())
//! # }
//! ```

mod axis;
mod bars;
mod chance;
mod clusters;
mod counts;
mod curve;
mod differences;
mod excess;
mod inference;
mod iterations;
mod places;
mod plan;
mod population;
mod statistic;
mod steps;
mod strongest;
mod study;
mod walks;
mod windows;

pub use clusters::Cluster;
pub use inference::{Null, recurrence, recurrence_since};
pub use iterations::{Found, Iterations, iterate};
pub use places::{Coordinates, Ellipse};
pub use population::{Census, Stratum, person_time};
pub use study::{Baseline, Study};
pub use windows::{Geography, Reach, Span, Time, Windows};

use axis::Axis;
use bars::Bars;
use chance::Chance;
use counts::{Count, Counts, LANES};
use statistic::Statistic;
use walks::{Pass, Seek};

/// Replications in a group.
pub const GROUP: usize = LANES;

/// Why data or a setting is refused. Nothing is computed from a refused input.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No place or no step.
    #[error("there is no place, or no step of time")]
    Empty,
    /// Beyond what is counted with.
    #[error("too large: at most 1,000,000,000 places and 2,000,000,000 cases are taken")]
    TooLarge,
    /// A scan needs something to compare.
    #[error("{cases} cases are too few for a scan")]
    TooFewCases {
        /// How many there are.
        cases: u32,
    },
    /// A list does not fit the others.
    #[error("{got} {what} were given where {want} are needed")]
    Length {
        /// Which list.
        what: &'static str,
        /// Needed.
        want: usize,
        /// Given.
        got: usize,
    },
    /// A value that is NaN, infinite or negative.
    #[error("{what} at index {at} is not a number that makes sense")]
    NotANumber {
        /// Which input.
        what: &'static str,
        /// 0-based place in its list.
        at: usize,
    },
    /// Latitude beyond the poles, as when the two are swapped.
    #[error("the coordinates of place {at} are no latitude and longitude; are they swapped?")]
    Latitude {
        /// 0-based place.
        at: usize,
    },
    /// Population or controls are 0 everywhere.
    #[error("nothing is expected anywhere: population or controls are 0")]
    NothingExpected,
    /// Cases where there is nobody.
    #[error("place {place} has cases in step {step} but no population")]
    CasesWithoutPopulation {
        /// 0-based place.
        place: usize,
        /// 0-based step.
        step: usize,
    },
    /// A neighbour that is no place.
    #[error("place {place} of a neighbour list does not exist")]
    NoSuchPlace {
        /// As given.
        place: usize,
    },
    /// A setting out of its range.
    #[error("{0}")]
    Setting(&'static str),
}

/// Which windows are sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rates {
    /// With more cases than expected.
    #[default]
    High,
    /// With fewer.
    Low,
    /// Either.
    Both,
}

/// Which weaker clusters are told beside stronger ones that share time with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secondary {
    /// No place in common.
    #[default]
    NoOverlap,
    /// Their centre is in no stronger cluster.
    NoCentreInStronger,
    /// They hold no centre of a stronger one.
    NoCentreInWeaker,
    /// Neither of the two.
    NoCentreInOther,
    /// Not both of the two.
    NoCentresInEachOther,
    /// One for each centre, whatever it shares.
    Everything,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How far windows reach in space.
    pub reach: Reach,
    /// Which spans of time they have.
    pub time: Time,
    /// High, low or both.
    pub rates: Rates,
    /// Fewest cases of a cluster of high rates.
    pub high_cases_min: u32,
    /// Fewest cases of a cluster of low rates.
    pub low_cases_min: u32,
    /// Beside windows in space and time, also those over the whole of time.
    pub with_spatial: bool,
    /// Beside windows in space and time, also those over all places.
    pub with_temporal: bool,
    /// Which weaker clusters are told.
    pub secondary: Secondary,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reach: Reach::default(),
            time: Time::Whole,
            rates: Rates::High,
            high_cases_min: 2,
            low_cases_min: 0,
            with_spatial: false,
            with_temporal: false,
            secondary: Secondary::NoOverlap,
        }
    }
}

/// Most clusters that are told.
const CLUSTERS_MAX: usize = 500;

/// A scan, ready to run.
#[derive(Debug)]
pub struct Scan {
    study: Study,
    statistic: Statistic,
    passes: Vec<(Pass, bool)>,
    first: usize,
    is_spatial: bool,
    secondary: Secondary,
}

impl Scan {
    /// Checks everything and lays out the windows.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn new(study: Study, geography: &Geography, settings: &Settings) -> Result<Self, Refusal> {
        let population = study.population();
        let windows = match geography {
            Geography::Whole => Windows::whole(study.places),
            other => Windows::new(other, &population, &settings.reach)?,
        };
        let spans = settings.time.spans(study.steps);
        if spans.is_empty() {
            return Err(Refusal::Setting("no span of time is as long as asked for"));
        }
        let seek = Seek {
            high: settings.rates != Rates::Low,
            low: settings.rates != Rates::High,
            high_min: settings.high_cases_min.max(1),
            low_min: settings.low_cases_min,
        };
        let (sizes, statistic) = (study.sizes(), study.statistic());
        let pass = |windows: Windows, time: Time| {
            let axis = Axis::new(time, study.steps);
            Pass::new(windows, axis, &sizes, study.steps, (seek, &statistic))
        };
        let is_everywhere = *geography == Geography::Whole;
        let mut passes = vec![(pass(windows.clone(), settings.time), is_everywhere)];
        if settings.with_spatial && settings.time != Time::Whole {
            passes.push((pass(windows, Time::Whole), false));
        }
        if settings.with_temporal && !is_everywhere {
            passes.push((pass(Windows::whole(study.places), settings.time), true));
        }
        let is_spatial = passes
            .iter()
            .all(|(pass, _)| pass.axis.slots == 1 && pass.axis.first == 0);
        Ok(Self {
            first: passes.iter().map(|(pass, _)| pass.axis.first).min().unwrap_or(0),
            statistic,
            secondary: settings.secondary,
            is_spatial,
            passes,
            study,
        })
    }

    /// The study.
    pub fn study(&self) -> &Study {
        &self.study
    }

    /// The clusters of the data, the strongest first, the weaker ones as [`Settings::secondary`] allows.
    pub fn clusters(&self) -> Vec<Cluster> {
        let all = self.passes.iter().flat_map(|(pass, is_everywhere)| {
            clusters::best(&self.study, &self.statistic, pass, *is_everywhere)
        });
        let known = (&self.study, &self.statistic);
        clusters::choose(known, all.collect(), self.secondary, CLUSTERS_MAX)
    }

    /// Groups needed for so many replications.
    pub fn groups(replications: usize) -> usize {
        replications.div_ceil(GROUP)
    }

    /// What simulating needs to keep between groups: one for each thread.
    pub fn bench(&self) -> Bench<'_> {
        Bench {
            scan: self,
            chance: Chance::new(&self.study, self.first, self.is_spatial),
            bars: self.passes.iter().map(|_| Bars::default()).collect(),
            narrow: Vec::new(),
            wide: Vec::new(),
        }
    }

    /// The same, but cases come in proportion to another measure than the null hypothesis has: `measure` has a number
    /// for each place and step, in the order of the study. How often the largest statistic then passes a critical value
    /// is the power against that alternative.
    ///
    /// # Errors
    /// [`Refusal`] if the model is not Poisson's or the measure is none.
    pub fn bench_under(&self, measure: &[f64]) -> Result<Bench<'_>, Refusal> {
        let study = self.study.under(measure)?;
        Ok(Bench {
            chance: Chance::new(&study, self.first, self.is_spatial),
            ..self.bench()
        })
    }

    /// The largest statistics of `replications` replications, computed here and now.
    pub fn null(&self, replications: usize, seed: u64) -> Null {
        self.bench().maxima(replications, seed)
    }
}

/// Makes replications and finds their largest statistics.
#[derive(Debug)]
pub struct Bench<'a> {
    scan: &'a Scan,
    chance: Chance,
    bars: Vec<Bars>,
    /// Counts of each pass, kept so that their memory is.
    narrow: Vec<Counts<i16>>,
    /// The same, once a replication had more cases in its windows than narrow ones can tell.
    wide: Vec<Counts<i32>>,
}

impl Bench<'_> {
    /// The largest statistics of the first so many replications.
    pub fn maxima(&mut self, replications: usize, seed: u64) -> Null {
        let groups = 0..Scan::groups(replications);
        let mut maxima: Vec<f64> = groups.flat_map(|group| self.group(group, seed)).collect();
        maxima.truncate(replications);
        Null::new(maxima)
    }

    /// The largest statistics of the replications `group · GROUP ..`; the same on every call.
    pub fn group(&mut self, group: usize, seed: u64) -> [f64; GROUP] {
        if self.wide.is_empty() {
            let mut counts = std::mem::take(&mut self.narrow);
            let found = self.run(&mut counts, group, seed);
            if let Some(found) = found {
                self.narrow = counts;
                return found;
            }
        }
        let mut counts = std::mem::take(&mut self.wide);
        let found = self.run(&mut counts, group, seed);
        self.wide = counts;
        found.unwrap_or([f64::INFINITY; GROUP])
    }

    /// `None` if there are more cases than this kind of count can tell.
    fn run<N: Count>(
        &mut self,
        counts: &mut Vec<Counts<N>>,
        group: usize,
        seed: u64,
    ) -> Option<[f64; GROUP]> {
        let scan = self.scan;
        if counts.is_empty() {
            let passes = scan.passes.iter();
            counts.extend(passes.map(|(pass, _)| Counts::new(scan.study.places, &pass.axis)));
        } else {
            counts.iter_mut().for_each(Counts::clear);
        }
        let mut rngs: [_; GROUP] =
            std::array::from_fn(|lane| chance::numbers(seed, (group * GROUP + lane) as u64));
        if let Some(rows) = self.chance.rows(&mut rngs) {
            for (place, row) in rows.chunks(GROUP).enumerate() {
                let both = scan.passes.iter().zip(counts.iter_mut());
                both.for_each(|((pass, _), counts)| counts.add_row(pass.windows.cell(place), row));
            }
        } else {
            self.chance.draw(&mut rngs, |place, step, lane, count| {
                let both = scan.passes.iter().zip(counts.iter_mut());
                let slots =
                    both.filter_map(|((pass, _), counts)| Some((pass, pass.axis.slot(step)?, counts)));
                slots
                    .for_each(|(pass, slot, counts)| counts.add(pass.windows.cell(place), slot, lane, count));
            });
        }
        if counts.iter().any(Counts::is_over) {
            return None;
        }
        let mut largest = [0.0; GROUP];
        for (((pass, _), counts), bars) in scan.passes.iter().zip(counts).zip(&mut self.bars) {
            counts.cumulate();
            largest = walks::scan(pass, &scan.statistic, counts, largest, bars);
        }
        Some(largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a group finds is what the plain walk finds in each replication.
    fn check(baseline: Baseline, rates: Rates, time: Time) {
        let places = 23_u32;
        let cases: Vec<u32> = (0..places * 6).map(|at| (at * 7 + at / 5) % 4).collect();
        let study = Study::new(23, 6, cases, baseline).unwrap();
        let pairs = (0..places).map(|at| [f64::from(at * 17 % 23), f64::from(at * at % 11)]);
        let geography = Geography::Coordinates {
            places: Coordinates::Cartesian(pairs.collect()),
            centres: None,
        };
        let ellipses = vec![Ellipse {
            shape: 2.0,
            angle: 0.5,
        }];
        let settings = Settings {
            reach: Reach {
                ellipses,
                compactness: 1.0,
                ..Reach::default()
            },
            time,
            rates,
            with_spatial: true,
            with_temporal: true,
            ..Settings::default()
        };
        let scan = Scan::new(study.clone(), &geography, &settings).unwrap();
        let found = scan.bench().group(1, 4);
        let mut chance = Chance::new(&study, scan.first, scan.is_spatial);
        for (lane, found) in found.into_iter().enumerate() {
            let mut drawn = study.clone();
            drawn.cases.fill(0);
            chance.draw(
                &mut [chance::numbers(4, (GROUP + lane) as u64)],
                |place, step, _, count| {
                    drawn.cases[place * 6 + step] += count;
                },
            );
            let all = scan.passes.iter().flat_map(|(pass, is_everywhere)| {
                clusters::best(&drawn, &scan.statistic, pass, *is_everywhere)
            });
            let want = all.map(|one| one.best.value).fold(0.0, f64::max);
            assert!(
                (found - want).abs() < 1e-12,
                "{found} for {want}, {rates:?} {time:?}"
            );
        }
    }

    #[test]
    fn lanes_find_what_a_plain_walk_finds() {
        for rates in [Rates::High, Rates::Low, Rates::Both] {
            for time in [
                Time::Whole,
                Time::Alive { min: 1, max: 5 },
                Time::Alive { min: 2, max: 3 },
                Time::Any { min: 1, max: 3 },
            ] {
                check(Baseline::Permutation, rates, time);
                check(
                    Baseline::Bernoulli((0..138).map(|at| at % 5 + 1).collect()),
                    rates,
                    time,
                );
                check(
                    Baseline::Poisson((0..138_u32).map(|at| f64::from(at % 7) + 0.3).collect()),
                    rates,
                    time,
                );
            }
        }
    }

    /// Replications that are far from the null hypothesis need more than 16 bits; they are walked about another way.
    #[test]
    fn what_is_too_far_off_for_steps_is_found_all_the_same() {
        let places = Coordinates::Cartesian((0..50_u32).map(|x| [f64::from(x), 0.0]).collect());
        let geography = Geography::Coordinates {
            places,
            centres: None,
        };
        let study = Study::new(50, 1, vec![400; 50], Baseline::Poisson(vec![1.0; 50])).unwrap();
        let scan = Scan::new(study, &geography, &Settings::default()).unwrap();
        let mut measure = [0.0; 50];
        measure[7] = 1.0;
        let found = scan.bench_under(&measure).unwrap().group(0, 1);
        let want = scan.statistic.llr(20_000, 400.0);
        assert!(
            found.iter().all(|found| (found / want - 1.0).abs() < 1e-12),
            "{found:?} for {want}"
        );
        let null = scan.null(99, 1);
        assert!(
            null.maxima().iter().all(|found| *found > 0.0 && *found < 30.0),
            "{null:?}"
        );
    }
}
