//! What the library found, put into the words of the result files. Arranges; every statistic is the library's.

use super::analysis::Ready;
use super::choices::{Frequency, Model, PValue, Rates};
use super::dates::Precision;
use super::results::{self, Cluster, Ended, Figures, Gumbel, Interval, Outcome, Totals};
use anlan_scan::scan::{self, Ellipse, Geography, Null, Scan};

/// Days in a year for rates, and for intervals between looks, as SaTScan counts them.
const YEAR_DAYS: f64 = 365.2425;
const YEAR_DAYS_OF_LOOKS: f64 = 365.25;

/// Below this a Gumbel p-value is only told to be below.
const GUMBEL_LEAST: f64 = 1e-17;

/// A cluster with a smaller statistic is not told, as in SaTScan.
const STATISTIC_LEAST: f64 = 0.001;

impl Ready<'_> {
    /// The scan itself: make replications with its benches.
    pub fn scan(&self) -> &Scan {
        &self.scan
    }

    /// After how many replications one can stop, where the project asks for sequential Monte Carlo: as soon as so many were
    /// as extreme as the most likely cluster.
    pub fn enough(&self, clusters: &[scan::Cluster], maxima: &[f64]) -> Option<usize> {
        if self.project.settings.p_value != PValue::Sequential {
            return None;
        }
        let threshold = usize::try_from(self.project.parameters.whole("EarlyTerminationThreshold")).ok()?;
        let top = clusters.first()?.statistic;
        let extreme = maxima.iter().enumerate().filter(|(_, value)| **value >= top);
        extreme.map(|(at, _)| at + 1).nth(threshold.checked_sub(1)?)
    }

    /// What was found, for the result files. `maxima` are those of the replications that were made, in order.
    pub fn outcome(&self, clusters: &[scan::Cluster], maxima: Vec<f64>, ended: Ended) -> Outcome {
        let null = Null::new(maxima);
        let annual_rate = self.annual_rate();
        let told: Vec<Cluster> = clusters
            .iter()
            .enumerate()
            .filter(|(_, cluster)| cluster.statistic >= STATISTIC_LEAST)
            .map(|(index, cluster)| self.cluster(cluster, index == 0, &null, ended, annual_rate))
            .filter(|cluster| {
                null.maxima().is_empty() || results::to_usize(cluster.rank) <= null.maxima().len()
            })
            .collect();
        let (from, until) = self.risk_span(clusters);
        Outcome {
            intervals: self.intervals(&told),
            clusters: told,
            simulated: null.maxima().to_vec(),
            ended,
            totals: Totals {
                places: self.input.places,
                cases: u64::from(self.scan.study().cases()),
                population: self.people.as_ref().map(|people| people.iter().sum()),
                annual_rate,
            },
            places: (0..self.input.places)
                .map(|place| self.figures(place, from, until))
                .collect(),
        }
    }

    /// Over which intervals each place's risk is told. With permuted times every place has over the whole study as many cases as
    /// are expected: there it is the time of the most likely cluster, as in SaTScan.
    fn risk_span(&self, clusters: &[scan::Cluster]) -> (usize, usize) {
        let top = clusters
            .first()
            .filter(|_| self.project.settings.model == Model::Permutation);
        top.map_or((0, self.input.intervals.len()), |cluster| {
            (cluster.span.from, cluster.span.until)
        })
    }

    fn annual_rate(&self) -> Option<f64> {
        let people: f64 = self
            .people
            .as_ref()
            .filter(|_| self.project.settings.model == Model::Poisson)?
            .iter()
            .sum();
        let (start, end) = self.project.settings.study;
        let years = f64::from(u32::try_from(end - start + 1).ok()?) / YEAR_DAYS;
        (people > 0.0).then(|| f64::from(self.scan.study().cases()) / people / years * 100_000.0)
    }

    /// One place over some intervals.
    fn figures(&self, place: usize, from: usize, until: usize) -> Figures {
        let steps = self.input.intervals.len();
        let own = place * steps + from..place * steps + until;
        let count = |list: &[u32]| {
            list.get(own.clone())
                .unwrap_or_default()
                .iter()
                .map(|count| u64::from(*count))
                .sum::<u64>()
        };
        let observed = count(&self.input.cases);
        let expected: f64 = self.expected.get(own.clone()).unwrap_or_default().iter().sum();
        let population = match self.project.settings.model {
            Model::Bernoulli => Some(results::to_f64(observed + count(&self.input.controls))),
            _ => self.people.as_ref().and_then(|people| people.get(place).copied()),
        };
        Figures {
            place,
            observed,
            expected,
            relative_risk: self.relative_risk(observed, expected),
            population,
        }
    }

    /// Risk inside over risk outside; nothing where all cases are inside.
    fn relative_risk(&self, observed: u64, expected: f64) -> Option<f64> {
        let all = f64::from(self.scan.study().cases());
        let seen = results::to_f64(observed);
        if seen >= all {
            return None;
        }
        let risk = (seen / expected) / ((all - seen) / (all - expected));
        Some(if expected > 0.0 && risk.is_finite() {
            risk
        } else {
            0.0
        })
    }

    fn cluster(
        &self,
        found: &scan::Cluster,
        is_first: bool,
        null: &Null,
        ended: Ended,
        annual_rate: Option<f64>,
    ) -> Cluster {
        let span = found.span;
        let members: Vec<Figures> = found
            .places
            .iter()
            .map(|place| self.figures(*place, span.from, span.until))
            .collect();
        let model = self.project.settings.model;
        let observed = u64::from(found.observed);
        let population = match model {
            Model::Bernoulli => found.population,
            Model::Poisson => Some(members.iter().filter_map(|member| member.population).sum()),
            Model::Permutation => None,
        };
        let figures = Figures {
            place: found.centre,
            observed,
            expected: found.expected,
            relative_risk: self.relative_risk(observed, found.expected),
            population,
        };
        let beaten = null
            .maxima()
            .iter()
            .filter(|value| **value >= found.statistic)
            .count();
        let p_value = self.p_value(found, is_first, beaten, null, ended);
        let gumbel = self.gumbel(found, null);
        let is_spatial = self.project.settings.analysis.is_spatial() && !found.is_everywhere;
        let ellipse = found.ellipse.map(|ellipse| self.ellipse(found, ellipse));
        let penalty = found.ellipse.map_or(1.0, |ellipse| self.penalty(ellipse));
        let mut cluster = Cluster {
            centre: self.centre(found).filter(|_| is_spatial),
            radius: found.radius(&self.geography).filter(|_| is_spatial),
            span: found.extent(&self.geography).filter(|_| is_spatial),
            ellipse,
            days: self.input.intervals.days(span.from, span.until),
            is_all_places: found.is_everywhere,
            annual_rate: annual_rate.map(|rate| rate * figures.ratio()),
            figures,
            members,
            ratio: found.statistic / penalty,
            statistic: found.statistic,
            rank: u32::try_from(beaten + 1).unwrap_or(u32::MAX),
            p_value,
            gumbel,
            recurrence_days: None,
        };
        cluster.recurrence_days = self.recurrence(&cluster);
        cluster
    }

    fn p_value(
        &self,
        found: &scan::Cluster,
        is_first: bool,
        beaten: usize,
        null: &Null,
        ended: Ended,
    ) -> Option<f64> {
        let made = null.maxima().len();
        if made == 0 {
            return None;
        }
        if ended != Ended::Early {
            return Some(null.p_value(found.statistic));
        }
        // As in SaTScan: the most likely cluster's is what the stopping rule gives, the others' the share that beat them.
        let extreme = if is_first {
            self.project.parameters.whole("EarlyTerminationThreshold")
        } else {
            i64::try_from(beaten).ok()?
        };
        Some(f64::from(i32::try_from(extreme).ok()?) / f64::from(u32::try_from(made).ok()?))
    }

    fn gumbel(&self, found: &scan::Cluster, null: &Null) -> Option<Gumbel> {
        if self.project.settings.rates == Rates::Both {
            return None;
        }
        let p = null.gumbel_p_value(found.statistic)?;
        Some(if p < GUMBEL_LEAST {
            Gumbel::Below(GUMBEL_LEAST)
        } else {
            Gumbel::Is(p)
        })
    }

    /// Days until chance alone brings one as strong, where one looks as often as the project says (Kleinman et al. 2004; the
    /// p-value is first brought from all looks since surveillance began to one look).
    fn recurrence(&self, cluster: &Cluster) -> Option<f64> {
        let settings = &self.project.settings;
        let p = cluster
            .reported_p(settings.p_value)
            .filter(|_| settings.analysis.is_prospective())?;
        let steps = self.input.intervals.len();
        let first = self
            .input
            .intervals
            .step(settings.prospective_start)
            .unwrap_or(steps.saturating_sub(1));
        let looks = steps.saturating_sub(first);
        let units = |length: u32| scan::recurrence_since(p, f64::from(length), looks);
        let days = match settings.frequency {
            Frequency::SameAsAggregation => match settings.unit {
                Precision::Year => units(settings.unit_length) * YEAR_DAYS_OF_LOOKS,
                Precision::Month => units(settings.unit_length) * YEAR_DAYS_OF_LOOKS / 12.0,
                _ => units(settings.unit_length),
            },
            Frequency::Daily => units(settings.frequency_length),
            Frequency::Weekly => units(settings.frequency_length) * YEAR_DAYS_OF_LOOKS / 52.0,
            Frequency::Monthly => units(settings.frequency_length) * YEAR_DAYS_OF_LOOKS / 12.0,
            Frequency::Quarterly => units(settings.frequency_length) * YEAR_DAYS_OF_LOOKS / 4.0,
            Frequency::Yearly => units(settings.frequency_length) * YEAR_DAYS_OF_LOOKS,
        };
        Some(days.max(1.0))
    }

    fn centre(&self, found: &scan::Cluster) -> Option<Vec<f64>> {
        let Geography::Coordinates { places, centres } = &self.geography else {
            return None;
        };
        let pairs = centres.as_ref().unwrap_or(places).pairs();
        pairs.get(found.centre).map(|pair| pair.to_vec())
    }

    fn penalty(&self, ellipse: Ellipse) -> f64 {
        let power: f64 = match self.project.parameters.whole("NonCompactnessPenalty") {
            0 => return 1.0,
            1 => 0.5,
            _ => 1.0,
        };
        (4.0 * ellipse.shape / (ellipse.shape + 1.0).powi(2)).powf(power)
    }

    /// The ellipse about the centre that just holds the farthest place.
    fn ellipse(&self, found: &scan::Cluster, ellipse: Ellipse) -> results::Ellipse {
        let centre = self.centre(found).unwrap_or_default();
        let (sine, cosine) = ellipse.angle.sin_cos();
        let reach = |place: &usize| match (
            centre.as_slice(),
            self.project
                .data
                .places
                .get(*place)
                .map(|place| place.coordinates.as_slice()),
        ) {
            ([x, y], Some([px, py])) => {
                let (east, north) = (px - x, py - y);
                ((east * cosine + north * sine) / ellipse.shape).hypot(north * cosine - east * sine)
            }
            _ => 0.0,
        };
        let degrees = ellipse.angle.to_degrees();
        results::Ellipse {
            minor: found.places.iter().map(reach).fold(0.0, f64::max),
            shape: ellipse.shape,
            angle: if degrees > 90.0 { degrees - 180.0 } else { degrees },
        }
    }

    /// Cases seen and expected over time, everywhere and in each cluster's places.
    fn intervals(&self, clusters: &[Cluster]) -> Vec<Interval> {
        let steps = self.input.intervals.len();
        if !self.project.settings.analysis.is_temporal() {
            return Vec::new();
        }
        let sum = |places: &mut dyn Iterator<Item = usize>, step: usize| {
            places.fold((0, 0.0), |(observed, expected), place| {
                let at = place * steps + step;
                let count = self.input.cases.get(at).copied().unwrap_or_default();
                (
                    observed + u64::from(count),
                    expected + self.expected.get(at).copied().unwrap_or_default(),
                )
            })
        };
        (0..steps)
            .map(|step| {
                let (observed, expected) = sum(&mut (0..self.input.places), step);
                let own = clusters
                    .iter()
                    .map(|cluster| sum(&mut cluster.members.iter().map(|member| member.place), step));
                Interval {
                    days: self.input.intervals.days(step, step + 1),
                    observed,
                    expected,
                    inside: own.collect(),
                }
            })
            .collect()
    }
}
