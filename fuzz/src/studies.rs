//! Small arbitrary studies, geographies and settings: refused, or scanned to numbers that hold together.

use anlan_scan::scan::{
    Baseline, Coordinates, Ellipse, Geography, Rates, Reach, Scan, Secondary, Settings, Study, Time,
};
use crate::Number;
use arbitrary::Arbitrary;

#[derive(Debug, Arbitrary)]
enum Model {
    Poisson(Vec<f64>),
    Even,
    Bernoulli(Vec<u32>),
    Permutation,
    Strata(Vec<Vec<u32>>),
}

#[derive(Debug, Arbitrary)]
enum Ground {
    Cartesian(Vec<[f64; 2]>),
    LatLong(Vec<[f64; 2]>),
    /// Whole numbers: places on one point and at the same distance.
    Raster(Vec<[i8; 2]>, Option<Vec<[i8; 2]>>),
    Lists(Vec<Vec<u8>>),
    Whole,
}

/// A study, a geography and settings.
#[derive(Debug, Arbitrary)]
pub struct Input {
    places: u8,
    steps: u8,
    cases: Vec<u16>,
    large: Option<(u8, u32)>,
    model: Model,
    ground: Ground,
    share: Number,
    distance: Option<Number>,
    ellipses: Vec<(Number, Number)>,
    compactness: Number,
    time: (u8, u8, u8, u8),
    kinds: (u8, u8, bool, bool),
    least: (u8, u8),
    seed: u64,
}

impl Input {
    /// Which model it is, on which kind of ground.
    pub fn kind(&self) -> impl Eq + std::hash::Hash + use<> {
        (std::mem::discriminant(&self.model), std::mem::discriminant(&self.ground))
    }
}

fn filled<T: Clone + Default>(given: Vec<T>, many: usize) -> Vec<T> {
    let mut all = given;
    all.resize(many, T::default());
    all
}

fn geography(ground: Ground, places: usize) -> Geography {
    let whole = |pairs: Vec<[i8; 2]>| -> Vec<[f64; 2]> {
        pairs.into_iter().map(|[x, y]| [f64::from(x), f64::from(y)]).collect()
    };
    match ground {
        Ground::Cartesian(pairs) => Geography::Coordinates {
            places: Coordinates::Cartesian(filled(pairs, places)),
            centres: None,
        },
        Ground::LatLong(pairs) => Geography::Coordinates {
            places: Coordinates::LatLong(filled(pairs, places)),
            centres: None,
        },
        Ground::Raster(pairs, centres) => Geography::Coordinates {
            places: Coordinates::Cartesian(whole(filled(pairs, places))),
            centres: centres.map(|mut centres| {
                centres.truncate(16);
                Coordinates::Cartesian(whole(centres))
            }),
        },
        Ground::Lists(mut lists) => {
            lists.truncate(16);
            let lists = lists.into_iter().map(|list| list.into_iter().take(32).map(u32::from).collect());
            Geography::Neighbours(lists.collect())
        }
        Ground::Whole => Geography::Whole,
    }
}

/// What it found: the clusters; `None` where it is refused.
pub fn run(input: Input) -> Option<usize> {
    let (places, steps) = (usize::from(input.places % 24), usize::from(input.steps % 20));
    let mut cases: Vec<u32> = filled(input.cases, places * steps).into_iter().map(u32::from).collect();
    if let Some((at, count)) = input.large
        && let Some(own) = cases.get_mut(usize::from(at))
    {
        *own = count % 40_000;
    }
    let many = places * steps;
    // Permutations move every case by itself: few of them, or an input takes a second.
    let cases_max = if matches!(input.model, Model::Permutation | Model::Strata(_)) { 4_000 } else { 60_000 };
    let baseline = match input.model {
        Model::Poisson(measure) => Baseline::Poisson(filled(measure, many)),
        Model::Even => Baseline::Poisson(vec![1.0; many]),
        Model::Bernoulli(controls) => {
            let controls = filled(controls, many);
            Baseline::Bernoulli(controls.into_iter().map(|own| own % 70_000).collect())
        }
        Model::Permutation => Baseline::Permutation,
        Model::Strata(strata) => Baseline::PermutationBy(strata),
    };
    let Ok(study) = Study::new(places, steps, cases, baseline) else { return None };
    if study.cases() > cases_max {
        return None;
    }
    let (min, max) = (usize::from(input.time.1), usize::from(input.time.2));
    let settings = Settings {
        reach: Reach {
            population_share_max: input.share.value(),
            distance_max: input.distance.map_or(f64::INFINITY, Number::value),
            ellipses: (input.ellipses.into_iter().take(3))
                .map(|(shape, angle)| Ellipse { shape: shape.value(), angle: angle.value() })
                .collect(),
            compactness: input.compactness.value(),
        },
        time: match input.time.0 % 4 {
            0 => Time::Whole,
            1 => Time::Alive { min, max },
            2 => Time::Any { min, max },
            _ => Time::AliveSince { min, max, first_end: usize::from(input.time.3) },
        },
        rates: [Rates::High, Rates::Low, Rates::Both][usize::from(input.kinds.0 % 3)],
        high_cases_min: u32::from(input.least.0),
        low_cases_min: u32::from(input.least.1),
        with_spatial: input.kinds.2,
        with_temporal: input.kinds.3,
        secondary: [
            Secondary::NoOverlap,
            Secondary::NoCentreInStronger,
            Secondary::NoCentreInWeaker,
            Secondary::NoCentreInOther,
            Secondary::NoCentresInEachOther,
            Secondary::Everything,
        ][usize::from(input.kinds.1 % 6)],
    };
    let Ok(scan) = Scan::new(study, &geography(input.ground, places), &settings) else { return None };
    let null = scan.null(40, input.seed);
    assert!(null.maxima().iter().all(|value| value.is_finite() && *value >= 0.0));
    let clusters = scan.clusters();
    for pair in clusters.windows(2) {
        assert!(pair[0].statistic >= pair[1].statistic - 1e-8);
    }
    for cluster in &clusters {
        assert!(cluster.statistic > 0.0 && !cluster.places.is_empty() && !cluster.span.is_empty());
        assert!((0.0..=1.0).contains(&null.p_value(cluster.statistic)));
    }
    Some(clusters.len())
}
