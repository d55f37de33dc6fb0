//! A project made ready for the library: counts, expectations, geography, settings. Arranges; every statistic is the
//! library's.

use super::Project;
use super::choices::{Analysis, Model, Rates};
use super::dates::{self, Precision};
use super::faults::Fault;
use super::input::{Input, spans};
use super::results;
use anlan_scan::scan::{
    self, Baseline, Census, Coordinates, Ellipse, Geography, Reach, Refusal, Scan, Secondary, Stratum, Study,
    Time, person_time,
};

/// Spans of time that one study may have: 16 bytes each, and as much again for each place that is looked at.
const SPANS_MAX: usize = 1 << 24;

/// A project ready to be scanned.
#[derive(Debug)]
pub struct Ready<'a> {
    pub(super) project: &'a Project,
    pub(super) scan: Scan,
    pub(super) input: Input,
    pub(super) geography: Geography,
    /// Expected cases, place by place, each interval by interval.
    pub(super) expected: Vec<f64>,
    /// Population by place: averaged over time, or cases and controls together.
    pub(super) people: Option<Vec<f64>>,
}

impl Project {
    /// Lays out counts, expectations and windows.
    ///
    /// # Errors
    /// A fault of the project where the library refuses it.
    pub fn ready(&self) -> Result<Ready<'_>, Fault> {
        let input = Input::of(self)?;
        let (baseline, people) = self.baseline(&input)?;
        let study = Study::new(input.places, input.intervals.len(), input.cases.clone(), baseline);
        let study = study.map_err(|refusal| self.refused(&refusal, &input))?;
        let geography = self.geography();
        let settings = self.scan_settings(&input);
        self.check_spans(settings.time, input.intervals.len())?;
        let scan =
            Scan::new(study, &geography, &settings).map_err(|refusal| self.refused(&refusal, &input))?;
        let expected = expected(&scan, self.settings.model);
        Ok(Ready {
            project: self,
            scan,
            input,
            geography,
            expected,
            people,
        })
    }

    /// That the spans of time can be held: they grow with the square of the intervals.
    fn check_spans(&self, time: Time, steps: usize) -> Result<(), Fault> {
        let (Time::Any { min, max } | Time::AliveSince { min, max, .. }) = time else {
            return Ok(());
        };
        // Of each length there are as many as fit: a sum of whole numbers from the shortest to the longest.
        let (least, most) = (min.max(1), max.min(steps));
        let lengths = (most + 1).saturating_sub(least);
        let spans = lengths.saturating_mul((2 * steps + 2).saturating_sub(least + most)) / 2;
        if spans <= SPANS_MAX {
            return Ok(());
        }
        Err(self.parameters.fault(
            "MaxTemporalSize",
            "study.large",
            format!("{spans} spans of time over {steps} intervals are more than can be held."),
            "Choose shorter clusters with MaxTemporalSize, a coarser time aggregation or a shorter study; see whether StartDate is there.",
        ))
    }

    fn baseline(&self, input: &Input) -> Result<(Baseline, Option<Vec<f64>>), Fault> {
        match self.settings.model {
            Model::Permutation if self.data.strata.len() > 1 => {
                Ok((Baseline::PermutationBy(input.strata(self)), None))
            }
            Model::Permutation => Ok((Baseline::Permutation, None)),
            Model::Bernoulli => {
                let steps = input.intervals.len();
                let both = input.cases.chunks(steps).zip(input.controls.chunks(steps));
                let sum = |counts: &[u32]| counts.iter().copied().map(f64::from).sum::<f64>();
                let people = both.map(|(cases, controls)| sum(cases) + sum(controls)).collect();
                Ok((Baseline::Bernoulli(input.controls.clone()), Some(people)))
            }
            Model::Poisson => self
                .at_risk(input)
                .map_err(|refusal| self.refused(&refusal, input)),
        }
    }

    /// What a Poisson model expects, and the population of each place.
    fn at_risk(&self, input: &Input) -> Result<(Baseline, Option<Vec<f64>>), Refusal> {
        let mut cases = vec![0.0; self.data.strata.len()];
        for case in &self.data.cases {
            if let Some(sum) = cases.get_mut(case.stratum) {
                *sum += results::to_f64(case.count);
            }
        }
        let strata: Vec<Stratum> = cases.into_iter().map(|cases| Stratum { cases }).collect();
        let censuses: Vec<Census> = self.censuses(|place, stratum| (place, stratum)).collect();
        let mut measure = person_time(input.places, &input.intervals.edges, &strata, &censuses)?;
        input.adjust_known(self, &mut measure);
        if self.settings.analysis.is_temporal() && self.parameters.whole("TimeTrendAdjustmentType") == 1 {
            input.adjust_time(&mut measure);
        }
        Ok((Baseline::Poisson(measure), Some(self.average_people(input)?)))
    }

    fn censuses(&self, of: impl Fn(usize, usize) -> (usize, usize)) -> impl Iterator<Item = Census> {
        self.data.populations.iter().map(move |population| {
            let (place, stratum) = of(population.place, population.stratum);
            Census {
                place,
                stratum,
                day: population.day.unwrap_or(self.settings.study.0),
                is_exact: population.precision == Precision::Day,
                population: population.people,
            }
        })
    }

    /// The population of each place averaged over the study. Each combination of place and covariates counts as a place
    /// of its own, beside one place of one person at all times: the person-time of both compared is the average.
    fn average_people(&self, input: &Input) -> Result<Vec<f64>, Refusal> {
        let strata = self.data.strata.len().max(1);
        let one = input.places * strata;
        let (start, end) = (self.settings.study.0, self.settings.study.1 + 1);
        let mut censuses: Vec<Census> = self
            .censuses(|place, stratum| (place * strata + stratum, 0))
            .collect();
        censuses.push(Census {
            place: one,
            stratum: 0,
            day: start,
            is_exact: false,
            population: 1.0,
        });
        let times = person_time(one + 1, &[start, end], &[Stratum { cases: 1.0 }], &censuses)?;
        let unit = times.last().copied().unwrap_or(1.0);
        let places = times.chunks(strata).take(input.places);
        Ok(places.map(|own| own.iter().sum::<f64>() / unit).collect())
    }

    fn geography(&self) -> Geography {
        if !self.settings.analysis.is_spatial() {
            return Geography::Whole;
        }
        if let Some(lists) = &self.data.neighbours {
            let index = |place: &usize| u32::try_from(*place).unwrap_or(u32::MAX);
            return Geography::Neighbours(
                lists
                    .iter()
                    .map(|list| list.iter().map(index).collect())
                    .collect(),
            );
        }
        let pair = |axes: &Vec<f64>| match axes.as_slice() {
            [first, second] => [*first, *second],
            _ => [0.0, 0.0],
        };
        let coordinates = |pairs: Vec<[f64; 2]>| {
            if self.settings.is_lat_long {
                Coordinates::LatLong(pairs)
            } else {
                Coordinates::Cartesian(pairs)
            }
        };
        Geography::Coordinates {
            places: coordinates(
                self.data
                    .places
                    .iter()
                    .map(|place| pair(&place.coordinates))
                    .collect(),
            ),
            centres: self
                .data
                .centres
                .as_ref()
                .map(|centres| coordinates(centres.iter().map(pair).collect())),
        }
    }

    pub(super) fn scan_settings(&self, input: &Input) -> scan::Settings {
        let settings = &self.settings;
        let parameters = &self.parameters;
        let is_pure_known = settings.analysis.is_space_time() && settings.model != Model::Permutation;
        let small = |key: &str| u32::try_from(parameters.whole(key)).unwrap_or(0);
        scan::Settings {
            reach: Reach {
                population_share_max: settings.size_max.population_percent / 100.0,
                distance_max: settings.size_max.distance.unwrap_or(f64::INFINITY),
                ellipses: self.ellipses(),
                compactness: match parameters.whole("NonCompactnessPenalty") {
                    0 => 0.0,
                    1 => 0.5,
                    _ => 1.0,
                },
            },
            time: self.time(input),
            rates: match settings.rates {
                Rates::High => scan::Rates::High,
                Rates::Low => scan::Rates::Low,
                Rates::Both => scan::Rates::Both,
            },
            high_cases_min: small("MinimumCasesInHighRateClusters"),
            low_cases_min: small("MinimumCasesInLowRateClusters"),
            with_spatial: is_pure_known && parameters.is_yes("IncludePurelySpatial"),
            with_temporal: is_pure_known && parameters.is_yes("IncludePurelyTemporal"),
            secondary: match parameters.whole("CriteriaForReportingSecondaryClusters") {
                0 => Secondary::NoOverlap,
                1 => Secondary::NoCentreInOther,
                2 => Secondary::NoCentreInStronger,
                3 => Secondary::NoCentreInWeaker,
                4 => Secondary::NoCentresInEachOther,
                _ => Secondary::Everything,
            },
        }
    }

    fn time(&self, input: &Input) -> Time {
        let steps = input.intervals.len();
        let (min, max) = spans(self, steps);
        match self.settings.analysis {
            Analysis::PurelySpatial => Time::Whole,
            _ if self.settings.is_alive_only && self.parameters.is_yes("AdjustForEarlierAnalyses") => {
                Time::AliveSince {
                    min,
                    max,
                    first_end: input
                        .intervals
                        .step(self.settings.prospective_start)
                        .unwrap_or(steps.saturating_sub(1)),
                }
            }
            _ if self.settings.is_alive_only => Time::Alive { min, max },
            _ => Time::Any { min, max },
        }
    }

    /// Each shape with as many angles as the project says, evenly over half a turn.
    fn ellipses(&self) -> Vec<Ellipse> {
        if self.parameters.whole("SpatialWindowShapeType") != 1 {
            return Vec::new();
        }
        let shapes = self.parameters.numbers("EllipseShapes");
        let angles = self.parameters.numbers("EllipseAngles");
        let all = shapes.into_iter().zip(angles).flat_map(|(shape, count)| {
            let turn = move |index: i32| f64::from(index) * std::f64::consts::PI / count;
            (0..1_000)
                .take_while(move |index| f64::from(*index) < count)
                .map(move |index| Ellipse {
                    shape,
                    angle: turn(index),
                })
        });
        all.collect()
    }

    /// The library's refusal as a fault of the project.
    fn refused(&self, refusal: &Refusal, input: &Input) -> Fault {
        let name = |place: usize| {
            self.data
                .places
                .get(place)
                .map_or("", |place| place.name.as_str())
        };
        let (key, message, cure) = match refusal {
            Refusal::CasesWithoutPopulation { place, step } => {
                let (first, last) = input.intervals.days(*step, *step + 1);
                let day = |day| dates::print(day, Precision::Day);
                let message = format!(
                    "{} has cases from {} to {} and no population then.",
                    name(*place),
                    day(first),
                    day(last)
                );
                (
                    "PopulationFile",
                    message,
                    "Give it a population at that time, or take the cases out.",
                )
            }
            Refusal::TooFewCases { cases } => (
                "CaseFile",
                format!("{cases} cases are too few for a scan."),
                "Give at least two cases within the study period.",
            ),
            Refusal::NothingExpected if self.settings.model == Model::Bernoulli => (
                "ControlFile",
                "There are no controls.".to_owned(),
                "Give controls within the study period.",
            ),
            Refusal::NothingExpected => (
                "PopulationFile",
                "There is no population to expect cases from.".to_owned(),
                "Give populations above 0.",
            ),
            other => (
                "CaseFile",
                format!("The scan refuses the project: {other}."),
                "Mend the project's files or settings.",
            ),
        };
        self.parameters.fault(key, "scan.refused", message, cure)
    }
}

/// What is expected by place and interval.
pub(super) fn expected(scan: &Scan, model: Model) -> Vec<f64> {
    let mut sizes = scan.study().sizes();
    if model == Model::Bernoulli {
        let all: f64 = sizes.iter().sum();
        let share = f64::from(scan.study().cases()) / all;
        for size in &mut sizes {
            *size *= share;
        }
    }
    sizes
}
