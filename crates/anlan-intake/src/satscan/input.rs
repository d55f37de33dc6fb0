//! A project as the library takes it: intervals of time, dense counts, what is to be expected, geography. Arranges numbers;
//! the statistics are the library's.

use super::choices::{Analysis, Model, Rates, SpanMax};
use super::data::{Adjustment, Count};
use super::dates::{self, Day, Precision};
use super::faults::Fault;
use super::{Parameters, Project, Settings};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// Cells of places × intervals that one study may have.
const CELLS_MAX: usize = 1 << 28;

/// Intervals of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervals {
    /// The first day of each, and the day after the last one.
    pub edges: Vec<Day>,
}

impl Intervals {
    /// Those of a project: counted back from the study's end, so that the first one may be shorter.
    pub fn of(project: &Project) -> Self {
        let settings = &project.settings;
        let (start, end) = (settings.study.0, settings.study.1 + 1);
        if !settings.analysis.is_temporal() {
            return Self {
                edges: vec![start, end],
            };
        }
        let mut edges = vec![end];
        for count in 1.. {
            let edge = back(end, settings.unit, i64::from(settings.unit_length) * count);
            if edge <= start {
                break;
            }
            edges.push(edge);
        }
        edges.push(start);
        edges.reverse();
        Self { edges }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The interval a day lies in.
    pub fn step(&self, day: Day) -> Option<usize> {
        let after = self.edges.partition_point(|edge| *edge <= day);
        after.checked_sub(1).filter(|step| *step < self.len())
    }

    /// Adds a count where it belongs.
    fn add(&self, list: &mut [u32], count: &Count) {
        let at = self.step(count.day).map(|step| count.place * self.len() + step);
        if let Some(slot) = at.and_then(|at| list.get_mut(at)) {
            *slot = slot.saturating_add(u32::try_from(count.count).unwrap_or(u32::MAX));
        }
    }

    /// First and last day of some intervals, the last one not included.
    pub fn days(&self, from: usize, until: usize) -> (Day, Day) {
        let edge = |at: usize| self.edges.get(at).copied().unwrap_or_default();
        (edge(from), edge(until) - 1)
    }
}

/// The day so many units before.
fn back(day: Day, unit: Precision, units: i64) -> Day {
    let date: Date = dates::date_of(day);
    let span = match unit {
        Precision::Year => units.years(),
        Precision::Month => units.months(),
        _ => return day - units,
    };
    date.checked_sub(span).map_or(Day::MIN, dates::day_of)
}

/// Counts and expectations, place by place, each interval by interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Intervals of time.
    pub intervals: Intervals,
    /// Cases.
    pub cases: Vec<u32>,
    /// Controls; empty unless the model has them.
    pub controls: Vec<u32>,
    /// How many places there are.
    pub places: usize,
}

impl Input {
    /// Adds up the counts of a project.
    pub fn of(project: &Project) -> Result<Self, Fault> {
        let intervals = Intervals::of(project);
        let places = project.data.places.len();
        let cells = places
            .checked_mul(intervals.len())
            .filter(|cells| *cells <= CELLS_MAX);
        let Some(cells) = cells else {
            return Err(project.parameters.fault(
                "TimeAggregationLength",
                "study.large",
                format!(
                    "{places} locations times {} intervals are more than can be held.",
                    intervals.len()
                ),
                "Choose a coarser time aggregation or a shorter study.",
            ));
        };
        let is_bernoulli = project.settings.model == Model::Bernoulli;
        let mut input = Self {
            intervals,
            cases: vec![0; cells],
            controls: vec![0; if is_bernoulli { cells } else { 0 }],
            places,
        };
        for case in &project.data.cases {
            input.intervals.add(&mut input.cases, case);
        }
        for control in &project.data.controls {
            input.intervals.add(&mut input.controls, control);
        }
        Ok(input)
    }

    /// The cases of each combination of covariates.
    pub(crate) fn strata(&self, project: &Project) -> Vec<Vec<u32>> {
        let mut strata = vec![vec![0; self.cases.len()]; project.data.strata.len()];
        for case in &project.data.cases {
            if let Some(stratum) = strata.get_mut(case.stratum) {
                self.intervals.add(stratum, case);
            }
        }
        strata
    }

    /// Multiplies expectations by the known relative risks, by the share of each interval's days that a risk covers.
    pub(crate) fn adjust_known(&self, project: &Project, measure: &mut [f64]) {
        let steps = self.intervals.len().max(1);
        for adjustment in &project.data.adjustments {
            let places = measure.chunks_mut(steps).enumerate();
            let wanted = places.filter(|(place, _)| adjustment.place.is_none_or(|wanted| wanted == *place));
            wanted.for_each(|(_, values)| self.multiply(adjustment, values));
        }
    }

    fn multiply(&self, adjustment: &Adjustment, values: &mut [f64]) {
        for (step, value) in values.iter_mut().enumerate() {
            let (first, last) = self.intervals.days(step, step + 1);
            let covered = last.min(adjustment.days.1) - first.max(adjustment.days.0) + 1;
            *value *= 1.0 + (adjustment.risk - 1.0) * share(covered.max(0), last - first + 1);
        }
    }

    /// Gives every interval as many expected cases as it has seen: the nonparametric adjustment for time.
    pub(crate) fn adjust_time(&self, measure: &mut [f64]) {
        let steps = self.intervals.len().max(1);
        for step in 0..steps {
            let seen: f64 = self
                .cases
                .iter()
                .skip(step)
                .step_by(steps)
                .copied()
                .map(f64::from)
                .sum();
            let wanted: f64 = measure.iter().skip(step).step_by(steps).sum();
            let factor = if wanted > 0.0 { seen / wanted } else { 0.0 };
            for value in measure.iter_mut().skip(step).step_by(steps) {
                *value *= factor;
            }
        }
    }
}

fn share(part: i64, whole: i64) -> f64 {
    let number = |value: i64| i32::try_from(value).map_or(f64::from(i32::MAX), f64::from);
    if whole > 0 {
        number(part) / number(whole)
    } else {
        0.0
    }
}

/// The fewest and the most intervals a window may have.
pub(crate) fn spans(project: &Project, steps: usize) -> (usize, usize) {
    let settings = &project.settings;
    let length = settings.unit_length.max(1);
    let units = |count: u32| usize::try_from(count / length).unwrap_or(usize::MAX);
    let least = usize::try_from(settings.span_min.div_ceil(length))
        .unwrap_or(usize::MAX)
        .max(1);
    let most = match settings.span_max {
        SpanMax::Units(count) => units(whole(count)),
        SpanMax::Percent(percent) => {
            let steps = u32::try_from(steps).map_or(f64::from(u32::MAX), f64::from);
            usize::try_from(whole(steps * percent / 100.0)).unwrap_or(usize::MAX)
        }
    };
    (least, most.max(1))
}

/// The whole part of a number.
fn whole(number: f64) -> u32 {
    // Found by halves: a float has no checked way into a whole number.
    let (mut low, mut high) = (0_u32, u32::MAX);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if f64::from(middle) <= number + 1e-9 {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// What the library cannot do of what a project asks; each is an error.
pub(crate) fn unsupported(parameters: &Parameters, settings: &Settings) -> Vec<Fault> {
    let is_poisson = settings.model == Model::Poisson;
    let is_temporal = settings.analysis.is_temporal();
    let yes = |key: &str| parameters.is_yes(key);
    let trend = parameters.whole("TimeTrendAdjustmentType");
    let is_flexible = parameters.whole("IncludeClusters") == 2
        && matches!(settings.analysis, Analysis::SpaceTime | Analysis::PurelyTemporal);
    let wanted = [
        (
            "UseMaxCirclePopulationFileOption",
            yes("UseMaxCirclePopulationFileOption"),
            "Limit windows by population at risk or by distance.",
        ),
        (
            "UseReportOnlySmallerClusters",
            settings.reported_max.is_some(),
            "Limit the windows themselves, and set UseReportOnlySmallerClusters=n.",
        ),
        (
            "UseLocationsNetworkFile",
            yes("UseLocationsNetworkFile"),
            "Write the neighbours of each location into a neighbours file.",
        ),
        (
            "IncludeClusters",
            is_flexible,
            "Set IncludeClusters to 0 (all) or 1 (those that reach the study's end).",
        ),
        (
            "RiskLimitHighClusters",
            yes("RiskLimitHighClusters") && settings.rates != Rates::Low,
            "Pick clusters by their relative risk from the results.",
        ),
        (
            "RiskLimitLowClusters",
            yes("RiskLimitLowClusters") && settings.rates != Rates::High,
            "Pick clusters by their relative risk from the results.",
        ),
        (
            "TimeTrendAdjustmentType",
            is_poisson && is_temporal && trend > 1,
            "Set TimeTrendAdjustmentType to 0 (none) or 1 (nonparametric).",
        ),
        (
            "AdjustForWeeklyTrends",
            is_temporal && yes("AdjustForWeeklyTrends"),
            "Aggregate time by 7 days, which holds every weekday once.",
        ),
        (
            "SpatialAdjustmentType",
            is_poisson && settings.analysis.is_space_time() && parameters.whole("SpatialAdjustmentType") > 0,
            "Set SpatialAdjustmentType=0, or use the space-time permutation model.",
        ),
    ];
    wanted
        .into_iter()
        .chain(rounds_in_vain(settings, yes("IterativeScan")))
        .filter(|(_, is_wanted, _)| *is_wanted)
        .map(|(key, _, cure)| {
            parameters.fault(
                key,
                "parameter.unsupported",
                format!("{key} cannot be honoured, and the results would not be those asked for."),
                cure,
            )
        })
        .collect()
}

/// Where an iterative scan is asked for that could not end or has nothing to take away.
fn rounds_in_vain(settings: &Settings, is_asked: bool) -> [(&'static str, bool, &'static str); 2] {
    [
        (
            "IterativeScan",
            is_asked && !settings.analysis.is_spatial(),
            "Set IterativeScan=n: in time alone secondary clusters are reported by the overlap rule.",
        ),
        (
            "IterativeScan",
            is_asked && settings.replications == 0,
            "Set MonteCarloReps to 99 or more: a round ends by its p-value.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_years_are_counted_back_from_the_end() {
        let day = |text: &str| dates::read(text, None).unwrap().first();
        assert_eq!(back(day("2024/1/1"), Precision::Month, 3), day("2023/10/1"));
        assert_eq!(back(day("1992/1/1"), Precision::Year, 19), day("1973/1/1"));
        assert_eq!(back(day("2024/12/31"), Precision::Day, 30), day("2024/12/1"));
        assert_eq!(back(day("2024/3/31"), Precision::Month, 1), day("2024/2/29"));
    }

    #[test]
    fn whole_parts_and_shares() {
        assert_eq!(
            [whole(9.5), whole(52.0), whole(0.3), whole(1e12)],
            [9, 52, 0, u32::MAX]
        );
        assert!((share(3, 12) - 0.25).abs() < 1e-12);
    }
}
