//! Windows of every kind against plain counting: ellipses, a grid of its own, neighbour lists, spans since a first look.
//! Nothing of the library's own layout is used to find what has to come out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic, and its lists are small"
)]

use anlan_scan::scan::{
    Baseline, Cluster, Coordinates, Ellipse, Geography, Reach, Scan, Settings, Study, Time,
};

const PLACES: usize = 17;
const STEPS: usize = 6;

fn pairs() -> Vec<[f64; 2]> {
    let place = |at: u32| [f64::from(at * 37 % 101) / 7.0, f64::from(at * 53 % 89) / 5.0];
    (0..17).map(place).collect()
}

fn study() -> Study {
    let cases = (0..102_u32).map(|at| (at * 7919 % 13) / 4 + u32::from(at % 17 == 3) * 3);
    let measure = (0..102_u32).map(|at| 1.0 + f64::from(at * 31 % 11) / 3.0);
    Study::new(
        PLACES,
        STEPS,
        cases.collect(),
        Baseline::Poisson(measure.collect()),
    )
    .unwrap()
}

/// The likelihood ratio from Kulldorff 1997, by places and steps, where the count is high; else 0.
fn ratio(places: &[usize], from: usize, until: usize) -> (f64, u32) {
    let cases: Vec<u32> = (0..102_u32)
        .map(|at| (at * 7919 % 13) / 4 + u32::from(at % 17 == 3) * 3)
        .collect();
    let measure: Vec<f64> = (0..102_u32)
        .map(|at| 1.0 + f64::from(at * 31 % 11) / 3.0)
        .collect();
    let all: u32 = cases.iter().sum();
    let scale = f64::from(all) / measure.iter().sum::<f64>();
    let cells = || {
        places
            .iter()
            .flat_map(|place| (from..until).map(move |step| place * STEPS + step))
    };
    let seen: u32 = cells().map(|at| cases[at]).sum();
    let expected: f64 = cells().map(|at| measure[at] * scale).sum();
    let (c, rest) = (f64::from(seen), f64::from(all - seen));
    if c <= expected || seen < 2 {
        return (0.0, seen);
    }
    let outside = if rest > 0.0 {
        rest * (rest / (f64::from(all) - expected)).ln()
    } else {
        0.0
    };
    (c * (c / expected).ln() + outside, seen)
}

/// Share of the expected cases in some places.
fn share(places: &[usize]) -> f64 {
    let measure: Vec<f64> = (0..102_u32)
        .map(|at| 1.0 + f64::from(at * 31 % 11) / 3.0)
        .collect();
    let own = places
        .iter()
        .map(|place| measure[place * STEPS..][..STEPS].iter().sum::<f64>());
    own.sum::<f64>() / measure.iter().sum::<f64>()
}

/// The best of all windows: every beginning of every order, in every span.
fn best(orders: &[(Vec<usize>, f64)], spans: &[(usize, usize)], share_max: f64) -> (f64, u32) {
    let mut best = (0.0, 0);
    for (order, penalty) in orders {
        for many in 1..=order.len() {
            if share(&order[..many]) > share_max {
                break;
            }
            let values = spans
                .iter()
                .map(|(from, until)| ratio(&order[..many], *from, *until));
            let all = values.map(|(value, seen)| (value * penalty, seen));
            best = all.fold(best, |best, one| if one.0 > best.0 { one } else { best });
        }
    }
    best
}

/// Places by a distance from a point; no two are equal here.
fn ordered(from: [f64; 2], distance: impl Fn([f64; 2]) -> f64) -> Vec<usize> {
    let pairs = pairs();
    let mut order: Vec<usize> = (0..PLACES).collect();
    let far = |at: usize| distance([pairs[at][0] - from[0], pairs[at][1] - from[1]]);
    order.sort_by(|one, other| far(*one).total_cmp(&far(*other)));
    order
}

fn round(from: [f64; 2]) -> Vec<usize> {
    ordered(from, |[x, y]| x.hypot(y))
}

fn strongest(geography: &Geography, settings: &Settings) -> Cluster {
    let scan = Scan::new(study(), geography, settings).unwrap();
    scan.clusters().into_iter().next().unwrap()
}

#[track_caller]
fn same(found: &Cluster, (value, seen): (f64, u32)) {
    assert!(
        (found.statistic - value).abs() < 1e-9,
        "{} for {value}",
        found.statistic
    );
    assert_eq!(found.observed, seen);
}

fn coordinates(centres: Option<Vec<[f64; 2]>>) -> Geography {
    Geography::Coordinates {
        places: Coordinates::Cartesian(pairs()),
        centres: centres.map(Coordinates::Cartesian),
    }
}

const LAST_SPANS: [(usize, usize); 3] = [(5, 6), (4, 6), (3, 6)];

fn recent() -> Settings {
    Settings {
        time: Time::Alive { min: 1, max: 3 },
        ..Settings::default()
    }
}

#[test]
fn ellipses_take_places_in_by_their_own_distance_and_pay_for_being_thin() {
    let shapes = [(2.0_f64, 0.4_f64), (4.0, 2.1), (4.0, 1.2)];
    let (compactness, share_max) = (0.5, 0.4);
    let mut orders: Vec<(Vec<usize>, f64)> = pairs().into_iter().map(|from| (round(from), 1.0)).collect();
    for (shape, angle) in shapes {
        let penalty = (4.0 * shape / (shape + 1.0_f64).powi(2)).powf(compactness);
        for from in pairs() {
            let order = ordered(from, |[x, y]| {
                let along = x * angle.cos() + y * angle.sin();
                let across = y * angle.cos() - x * angle.sin();
                (along / shape).hypot(across)
            });
            orders.push((order, penalty));
        }
    }
    for time in [Time::Whole, Time::Alive { min: 1, max: 3 }] {
        let settings = Settings {
            reach: Reach {
                ellipses: shapes
                    .iter()
                    .map(|(shape, angle)| Ellipse {
                        shape: *shape,
                        angle: *angle,
                    })
                    .collect(),
                compactness,
                population_share_max: share_max,
                ..Reach::default()
            },
            time,
            ..Settings::default()
        };
        let spans = if time == Time::Whole {
            &[(0, STEPS)][..]
        } else {
            &LAST_SPANS[..]
        };
        same(
            &strongest(&coordinates(None), &settings),
            best(&orders, spans, share_max),
        );
    }
}

#[test]
fn a_grid_of_its_own_gives_the_centres() {
    let grid: Vec<[f64; 2]> = (0..5_u32)
        .map(|at| [f64::from(at) * 3.1 + 0.2, f64::from(at * at % 7) * 2.3])
        .collect();
    let orders: Vec<_> = grid.iter().map(|from| (round(*from), 1.0)).collect();
    let found = strongest(&coordinates(Some(grid.clone())), &recent());
    same(&found, best(&orders, &LAST_SPANS, 0.5));
    assert!(found.centre < grid.len(), "a centre is a point of the grid");
}

#[test]
fn a_radius_keeps_far_places_out() {
    let reach = 5.5;
    let pairs = pairs();
    let orders: Vec<_> = pairs
        .iter()
        .map(|from| {
            let near = |at: &usize| (pairs[*at][0] - from[0]).hypot(pairs[*at][1] - from[1]) <= reach;
            (round(*from).into_iter().take_while(near).collect::<Vec<_>>(), 1.0)
        })
        .collect();
    let settings = Settings {
        reach: Reach {
            distance_max: reach,
            ..Reach::default()
        },
        ..recent()
    };
    same(
        &strongest(&coordinates(None), &settings),
        best(&orders, &LAST_SPANS, 0.5),
    );
}

#[test]
fn neighbour_lists_are_taken_in_their_own_order() {
    let lists: Vec<Vec<u32>> = (0..17_u32)
        .map(|centre| (0..6).map(|at| (centre + at * at * 3) % 17).collect())
        .collect();
    let unique = |list: &Vec<u32>| {
        let mut seen = Vec::new();
        for place in list {
            if !seen.contains(place) {
                seen.push(*place);
            }
        }
        seen
    };
    let lists: Vec<Vec<u32>> = lists.iter().map(unique).collect();
    let orders: Vec<_> = lists
        .iter()
        .map(|list| (list.iter().map(|place| *place as usize).collect::<Vec<_>>(), 1.0))
        .collect();
    let found = strongest(&Geography::Neighbours(lists), &recent());
    same(&found, best(&orders, &LAST_SPANS, 0.5));
    assert_eq!(found.radius(&Geography::Whole), None);
}

#[test]
fn spans_since_a_first_look_end_at_it_or_later() {
    let orders: Vec<_> = pairs().into_iter().map(|from| (round(from), 1.0)).collect();
    let spans: Vec<(usize, usize)> = (0..STEPS)
        .flat_map(|from| (from + 1..=STEPS).map(move |until| (from, until)))
        .filter(|(from, until)| until - from <= 3 && *until > 3)
        .collect();
    let settings = Settings {
        time: Time::AliveSince {
            min: 1,
            max: 3,
            first_end: 3,
        },
        ..Settings::default()
    };
    let found = strongest(&coordinates(None), &settings);
    same(&found, best(&orders, &spans, 0.5));
    assert!(found.span.until > 3);
    // More looks are paid for: the critical value is higher than that of one look.
    let critical = |time: Time| {
        let settings = Settings {
            time,
            ..Settings::default()
        };
        let scan = Scan::new(study(), &coordinates(None), &settings).unwrap();
        scan.null(1999, 3).critical_value(0.05).unwrap()
    };
    let (one, all) = (critical(Time::Alive { min: 1, max: 3 }), critical(settings.time));
    assert!(all > one, "{all} for all looks, {one} for the last");
}

/// A measure far too small to compute with is refused, and large counts at few places need no large tables.
#[test]
fn measures_and_counts_of_any_size_are_refused_or_scanned() {
    let tiny = Study::new(
        3,
        1,
        vec![9, 9, 9],
        Baseline::Poisson(vec![5e-324, 0.5e-310, 1e-310]),
    );
    assert!(tiny.is_err());
    let line = Geography::Coordinates {
        places: Coordinates::Cartesian(vec![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]),
        centres: None,
    };
    let large = [
        Baseline::Poisson(vec![1.0, 2.0, 3.0]),
        Baseline::Bernoulli(vec![400_000_000, 500_000_000, 600_000_000]),
    ];
    for baseline in large {
        let study = Study::new(3, 1, vec![100_000_000, 200_000_000, 300_000_000], baseline).unwrap();
        let null = Scan::new(study, &line, &Settings::default()).unwrap().null(99, 1);
        assert!(
            null.maxima()
                .iter()
                .all(|value| value.is_finite() && *value < 60.0)
        );
    }
}
