//! Arbitrary series with gaps, zeros and jumps through every temporal detector: refused, or answered with numbers.

use anlan_scan::temporal::{
    Bayes, Cdc, Change, Cusum, CusumMean, Detector, Direction, Dispersion, Ears, EarsMethod, Ewma, Farrington,
    FarringtonFlexible, FlexibleSettings, Frequency, Glr, GlrMean, GlrSettings, OutbreakP, Refusal, Report, Rki,
    Series, Transform, Verdict,
};
use arbitrary::Arbitrary;
use crate::Number;

/// A stretch of a series.
#[derive(Debug, Arbitrary)]
enum Piece {
    Zeros(u8),
    Same(u16, u8),
    Counts(Vec<u8>),
    Jump(u32),
    Any(Vec<f64>),
    Gap(u8),
}

#[derive(Debug, Arbitrary)]
enum Method {
    Ears(u8),
    Cusum(Number, Number, u8, u8, Number),
    Ewma(Number, Number, u8),
    Farrington(u8, u8, Number),
    Flexible { years: u8, half_window: u8, periods: u8, left_out: u8, alpha: Number, is_plain: bool },
    Bayes(u8, u8, bool, Number),
    Rki(u8, u8, bool),
    Cdc(u8, u8, Number),
    OutbreakP(Number),
    Glr { limit: Number, harmonics: u8, kinds: u8, window: Option<u8>, least: u8, value: Number },
}

/// A series, and a method for a stretch of it.
#[derive(Debug, Arbitrary)]
pub struct Input {
    pieces: Vec<Piece>,
    frequency: u16,
    days: Option<Vec<u8>>,
    population: Option<Vec<f64>>,
    from: u16,
    until: Option<u16>,
    method: Method,
}

impl Input {
    /// Which method it is for.
    pub fn kind(&self) -> impl Eq + std::hash::Hash + use<> {
        std::mem::discriminant(&self.method)
    }
}

const POINTS_MAX: usize = 420;

/// Counts, and which of them are gaps.
fn counted(pieces: Vec<Piece>) -> (Vec<f64>, Vec<bool>) {
    let (mut counts, mut gaps) = (Vec::new(), Vec::new());
    for piece in pieces {
        let is_gap = matches!(piece, Piece::Gap(_));
        match piece {
            Piece::Zeros(many) | Piece::Gap(many) => counts.extend(vec![0.0; usize::from(many)]),
            Piece::Same(value, many) => counts.extend(vec![f64::from(value); usize::from(many)]),
            Piece::Counts(values) => counts.extend(values.into_iter().map(f64::from)),
            Piece::Jump(value) => counts.push(f64::from(value)),
            Piece::Any(values) => counts.extend(values),
        }
        gaps.resize(counts.len(), is_gap);
    }
    counts.truncate(POINTS_MAX);
    gaps.truncate(POINTS_MAX);
    (counts, gaps)
}

fn detector(method: Method) -> Result<Box<dyn Detector>, Refusal> {
    let many = usize::from;
    Ok(match method {
        Method::Ears(which) => {
            let method = [EarsMethod::C1, EarsMethod::C2, EarsMethod::C3][many(which % 3)];
            Box::new(Ears::new(method)?)
        }
        Method::Cusum(reference, decision, transform, mean, value) => {
            let transform = match transform % 6 {
                0 => Transform::Standard,
                1 => Transform::Rossi,
                2 => Transform::Anscombe,
                3 => Transform::AnscombeSecondOrder,
                4 => Transform::PearsonNegativeBinomial(value.value()),
                _ => Transform::AnscombeNegativeBinomial(value.value()),
            };
            let mean = match mean % 3 {
                0 => CusumMean::Past,
                1 => CusumMean::Season,
                _ => CusumMean::Known(value.value()),
            };
            Box::new(Cusum::new(reference.value(), decision.value(), transform, mean)?)
        }
        Method::Ewma(lambda, limit, baseline) => Box::new(Ewma::new(lambda.value(), limit.value(), many(baseline))?),
        Method::Farrington(years, half, alpha) => Box::new(Farrington::new(many(years), many(half), alpha.value())?),
        Method::Flexible { years, half_window, periods, left_out, alpha, is_plain } => {
            let settings = FlexibleSettings {
                years: many(years),
                half_window: many(half_window),
                periods: many(periods),
                recent_left_out: many(left_out),
                alpha: alpha.value(),
                ..FlexibleSettings::default()
            };
            let plain = FlexibleSettings {
                reweight_above: None,
                trend_below: None,
                ..settings.clone()
            };
            Box::new(FarringtonFlexible::new(if is_plain { plain } else { settings })?)
        }
        Method::Bayes(years, half, this, alpha) => {
            Box::new(Bayes::new(many(years), many(half), this, alpha.value())?)
        }
        Method::Rki(years, half, this) => Box::new(Rki::new(many(years), many(half), this)?),
        Method::Cdc(years, months, alpha) => Box::new(Cdc::new(many(years), many(months), alpha.value())?),
        Method::OutbreakP(limit) => Box::new(OutbreakP::new(limit.value())?),
        Method::Glr { limit, harmonics, kinds, window, least, value } => Box::new(Glr::new(GlrSettings {
            limit: limit.value(),
            mean: GlrMean::Estimated {
                harmonics: many(harmonics % 4),
                trend: kinds & 1 > 0,
                refit: kinds & 2 > 0,
            },
            dispersion: [Dispersion::Poisson, Dispersion::Known(value.value()), Dispersion::Estimated]
                [many(kinds >> 2 & 3).min(2)],
            change: [Change::Known(value.value()), Change::Intercept, Change::Epidemic][many(kinds >> 4 & 3).min(2)],
            direction: if kinds & 64 > 0 { Direction::Decrease } else { Direction::Increase },
            window: window.map(many),
            least: many(least),
            report: if kinds & 128 > 0 { Report::Cases } else { Report::Statistic },
        })?),
    })
}

fn check(verdict: &Verdict, from: usize, until: usize) {
    assert!((from..until).contains(&verdict.at));
    assert!(verdict.p.is_none_or(|p| (0.0..=1.0).contains(&p)), "{verdict:?}");
    for value in [verdict.expected, verdict.upper, verdict.score].into_iter().flatten() {
        assert!(!value.is_nan(), "{verdict:?}");
    }
}

/// The verdicts there were; `None` where the series or the method is refused.
pub fn run(input: Input) -> Option<usize> {
    let (counts, gaps) = counted(input.pieces);
    let frequency = Frequency::per_year(input.frequency).ok()?;
    let series = Series::new(&counts, frequency).and_then(|series| series.excluding(&gaps)).ok()?;
    let mut day = 0;
    let steps = input.days.unwrap_or_default();
    let rising = steps.iter().map(|step| {
        day += i32::from(*step);
        day
    });
    let days: Vec<i32> = rising.take(counts.len()).collect();
    let series = match (days.is_empty(), series.clone()) {
        (true, series) => series,
        (false, plain) => plain.with_days(&days).unwrap_or(series),
    };
    let mut population = input.population.unwrap_or_default();
    population.resize(if population.is_empty() { 0 } else { counts.len() }, 1000.0);
    let series = match (population.is_empty(), series.clone()) {
        (true, series) => series,
        (false, plain) => plain.with_population(&population).unwrap_or(series),
    };
    let until = input.until.map_or(counts.len(), usize::from);
    let from = usize::from(input.from);
    let detector = detector(input.method).ok()?;
    let verdicts = detector.verdicts(&series, from..until).ok()?;
    assert_eq!(verdicts.len(), until - from);
    verdicts.iter().for_each(|verdict| check(verdict, from, until));
    Some(verdicts.len())
}
