//! What was counted: cases by place and step of time, and what they are compared with. Knows no windows.

use super::Refusal;
use super::statistic::{Ratio, Statistic};
use super::windows::Span;

/// What cases are compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Baseline {
    /// The discrete Poisson model: a number of any scale by place and step, in proportion to which cases would come by
    /// chance: population at risk, or what a regression expects.
    Poisson(Vec<f64>),
    /// The Bernoulli model: controls by place and step.
    Bernoulli(Vec<u32>),
    /// The space-time permutation model: cases alone; when and where are independent by chance.
    Permutation,
    /// The same within each stratum of covariates: the cases of each, which add up to all cases.
    PermutationBy(Vec<Vec<u32>>),
}

/// A study: `cases` and the baseline are in the order place by place, each place step by step.
#[derive(Debug, Clone)]
pub struct Study {
    pub(crate) places: usize,
    pub(crate) steps: usize,
    pub(crate) cases: Vec<u32>,
    pub(crate) baseline: Baseline,
    /// Number of cases.
    pub(crate) all: u32,
    /// What sizes of windows add up to over everything.
    pub(crate) size_all: f64,
}

impl Study {
    /// A study of `places` × `steps`.
    ///
    /// # Errors
    /// [`Refusal`] if a list has another length than places × steps, if there are fewer than two cases or more than
    /// 2,000,000,000, if a number is negative or none, if nothing is expected anywhere, or where cases came and none can be expected.
    pub fn new(places: usize, steps: usize, cases: Vec<u32>, baseline: Baseline) -> Result<Self, Refusal> {
        let want = places.checked_mul(steps).ok_or(Refusal::TooLarge)?;
        if places == 0 || steps == 0 {
            return Err(Refusal::Empty);
        }
        if u32::try_from(places).is_err() || u32::try_from(steps).is_err() || places > 1 << 30 {
            return Err(Refusal::TooLarge);
        }
        length("cases", want, cases.len())?;
        let sum: u64 = cases.iter().map(|count| u64::from(*count)).sum();
        let all = u32::try_from(sum).ok().filter(|all| *all <= 2_000_000_000);
        let all = all.ok_or(Refusal::TooLarge)?;
        if all < 2 {
            return Err(Refusal::TooFewCases { cases: all });
        }
        let mut study = Self {
            places,
            steps,
            cases,
            baseline,
            all,
            size_all: f64::from(all),
        };
        study.check(want)?;
        Ok(study)
    }

    fn check(&mut self, want: usize) -> Result<(), Refusal> {
        match &self.baseline {
            Baseline::Permutation => {}
            Baseline::PermutationBy(strata) => {
                for stratum in strata {
                    length("cases of a stratum", want, stratum.len())?;
                }
                let sum = |at: usize| -> u64 {
                    let own = strata.iter().filter_map(|stratum| stratum.get(at));
                    own.map(|count| u64::from(*count)).sum()
                };
                let mut cases = self.cases.iter().enumerate();
                if cases.any(|(at, count)| sum(at) != u64::from(*count)) {
                    return Err(Refusal::Setting(
                        "the cases of the strata do not add up to the cases",
                    ));
                }
            }
            Baseline::Bernoulli(controls) => {
                length("controls", want, controls.len())?;
                let sum: u64 = controls.iter().map(|count| u64::from(*count)).sum();
                let everyone = u32::try_from(sum + u64::from(self.all));
                let everyone = everyone.map_err(|_error| Refusal::TooLarge)?;
                if sum == 0 {
                    return Err(Refusal::NothingExpected);
                }
                self.size_all = f64::from(everyone);
            }
            Baseline::Poisson(measure) => {
                length("expectations", want, measure.len())?;
                for (at, (value, count)) in measure.iter().zip(&self.cases).enumerate() {
                    expectation(at, *value, *count, self.steps)?;
                }
                let sum: f64 = measure.iter().sum();
                if !(sum > EXPECTED_MIN && sum.is_finite()) {
                    return Err(Refusal::NothingExpected);
                }
            }
        }
        Ok(())
    }

    /// The same study with another measure of where cases come.
    pub(crate) fn under(&self, measure: &[f64]) -> Result<Self, Refusal> {
        if !matches!(self.baseline, Baseline::Poisson(_)) {
            return Err(Refusal::Setting(
                "an alternative is a measure, which only the Poisson model has",
            ));
        }
        length("expectations", self.cases.len(), measure.len())?;
        for (at, value) in measure.iter().enumerate() {
            expectation(at, *value, 0, self.steps)?;
        }
        let sum: f64 = measure.iter().sum();
        if !(sum > EXPECTED_MIN && sum.is_finite()) {
            return Err(Refusal::NothingExpected);
        }
        let baseline = Baseline::Poisson(measure.to_vec());
        Ok(Self {
            baseline,
            ..self.clone()
        })
    }

    /// What is left if these places are taken out for these steps: neither cases nor population there.
    ///
    /// # Errors
    /// [`Refusal`] if too little is left for a scan.
    pub fn without(&self, places: &[usize], span: Span) -> Result<Self, Refusal> {
        let mut left = self.clone();
        for place in places {
            let cells = place * self.steps + span.from..place * self.steps + span.until.min(self.steps);
            clear(&mut left.cases, cells.clone());
            match &mut left.baseline {
                Baseline::Poisson(measure) => clear(measure, cells),
                Baseline::Bernoulli(controls) => clear(controls, cells),
                Baseline::Permutation => {}
                Baseline::PermutationBy(strata) => clear_all(strata, &cells),
            }
        }
        Self::new(self.places, self.steps, left.cases, left.baseline)
    }

    /// Number of cases.
    pub fn cases(&self) -> u32 {
        self.all
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.places
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.steps
    }

    pub(crate) fn statistic(&self) -> Statistic {
        let ratio = match self.baseline {
            Baseline::Bernoulli(_) => Ratio::Bernoulli { all: self.size_all },
            Baseline::Poisson(_) | Baseline::Permutation | Baseline::PermutationBy(_) => Ratio::Poisson,
        };
        Statistic::new(ratio, self.all)
    }

    /// Cases by place.
    pub fn cases_by_place(&self) -> Vec<u32> {
        by_place(&self.cases, self.steps)
    }

    /// Cases by step.
    pub fn cases_by_step(&self) -> Vec<u32> {
        by_step(&self.cases, self.steps)
    }

    /// The size of each place and step: what a window's size is the sum of. Expected cases; for the Bernoulli model
    /// cases and controls together.
    pub fn sizes(&self) -> Vec<f64> {
        match &self.baseline {
            Baseline::Poisson(measure) => {
                let scale = f64::from(self.all) / measure.iter().sum::<f64>();
                measure.iter().map(|value| value * scale).collect()
            }
            Baseline::Bernoulli(controls) => {
                let both = self.cases.iter().zip(controls);
                both.map(|(one, other)| f64::from(*one) + f64::from(*other))
                    .collect()
            }
            Baseline::Permutation => independent(&self.cases, self.steps),
            Baseline::PermutationBy(strata) => {
                let none = vec![0.0; self.cases.len()];
                strata.iter().fold(none, |sizes, stratum| {
                    let both = sizes.iter().zip(independent(stratum, self.steps));
                    both.map(|(size, own)| size + own).collect()
                })
            }
        }
    }

    /// The strata within which times are dealt, for a permutation model.
    pub(crate) fn strata(&self) -> Vec<&[u32]> {
        match &self.baseline {
            Baseline::PermutationBy(strata) => strata.iter().map(Vec::as_slice).collect(),
            _ => vec![&self.cases],
        }
    }

    /// What the largest share of the population is a share of: a number for each place.
    pub fn population(&self) -> Vec<f64> {
        match &self.baseline {
            Baseline::Permutation | Baseline::PermutationBy(_) => {
                self.cases_by_place().into_iter().map(f64::from).collect()
            }
            Baseline::Poisson(_) | Baseline::Bernoulli(_) => {
                let sizes = self.sizes();
                sizes.chunks(self.steps).map(|own| own.iter().sum()).collect()
            }
        }
    }
}

/// A measure that adds up to less is nothing: numbers cannot be told apart there.
const EXPECTED_MIN: f64 = 1e-200;

fn clear_all(strata: &mut [Vec<u32>], cells: &std::ops::Range<usize>) {
    for stratum in strata {
        clear(stratum, cells.clone());
    }
}

fn clear<T: Default>(list: &mut [T], cells: std::ops::Range<usize>) {
    for cell in list.get_mut(cells).unwrap_or_default() {
        *cell = T::default();
    }
}

fn expectation(at: usize, value: f64, count: u32, steps: usize) -> Result<(), Refusal> {
    if !value.is_finite() || value < 0.0 {
        return Err(Refusal::NotANumber {
            what: "expectation",
            at,
        });
    }
    if value == 0.0 && count > 0 {
        return Err(Refusal::CasesWithoutPopulation {
            place: at / steps,
            step: at % steps,
        });
    }
    Ok(())
}

fn length(what: &'static str, want: usize, got: usize) -> Result<(), Refusal> {
    if want == got {
        Ok(())
    } else {
        Err(Refusal::Length { what, want, got })
    }
}

pub(crate) fn by_place(cases: &[u32], steps: usize) -> Vec<u32> {
    cases.chunks(steps).map(|own| own.iter().sum()).collect()
}

pub(crate) fn by_step(cases: &[u32], steps: usize) -> Vec<u32> {
    let mut sums = vec![0; steps];
    for own in cases.chunks(steps) {
        for (sum, count) in sums.iter_mut().zip(own) {
            *sum += count;
        }
    }
    sums
}

/// Expected cases where place and time are independent (Kulldorff et al. 2005).
fn independent(cases: &[u32], steps: usize) -> Vec<f64> {
    let times = by_step(cases, steps);
    let all: f64 = times.iter().map(|count| f64::from(*count)).sum();
    let share = |place: &u32| if all > 0.0 { f64::from(*place) / all } else { 0.0 };
    let places = by_place(cases, steps);
    let sizes = places.iter().flat_map(|place| {
        let share = share(place);
        times.iter().map(move |step| share * f64::from(*step))
    });
    sizes.collect()
}
