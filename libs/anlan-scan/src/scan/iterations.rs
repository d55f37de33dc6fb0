//! The iterative scan: what is significant is taken out and the rest scanned anew, so that a strong cluster does not hide
//! weaker ones (Zhang, Assunção & Kulldorff 2010). It knows neither windows nor draws.

use super::{Cluster, Geography, Refusal, Scan, Settings, Study};

/// How long an iterative scan goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iterations {
    /// Most rounds.
    pub rounds_max: usize,
    /// The last round is the one whose strongest cluster has a larger p-value.
    pub p_max: f64,
    /// Replications in each round.
    pub replications: usize,
    /// Of the random numbers; each round has its own.
    pub seed: u64,
}

impl Default for Iterations {
    fn default() -> Self {
        Self {
            rounds_max: 10,
            p_max: 0.05,
            replications: 999,
            seed: 1,
        }
    }
}

/// The strongest cluster of one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Among what was left by the rounds before.
    pub cluster: Cluster,
    /// Its p-value in that round.
    pub p_value: f64,
}

/// The strongest cluster of every round, adjusted for those of the rounds before: their places are without cases and
/// population for the time of the cluster. Only significant ones are told.
///
/// # Errors
/// [`Refusal`] of the first round; a later round that has too little left is the end.
pub fn iterate(
    study: Study,
    geography: &Geography,
    settings: &Settings,
    iterations: &Iterations,
) -> Result<Vec<Found>, Refusal> {
    let mut found: Vec<Found> = Vec::new();
    let mut study = study;
    for round in (iterations.seed..).take(iterations.rounds_max) {
        let scan = match Scan::new(study.clone(), geography, settings) {
            Ok(scan) => scan,
            Err(why) if found.is_empty() => return Err(why),
            Err(_) => break,
        };
        let Some(cluster) = scan.clusters().into_iter().next() else {
            break;
        };
        let p_value = scan
            .null(iterations.replications, round)
            .p_value(cluster.statistic);
        if p_value > iterations.p_max {
            break;
        }
        let left = study.without(&cluster.places, cluster.span);
        found.push(Found { cluster, p_value });
        let Ok(left) = left else { break };
        study = left;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Baseline, Coordinates};

    /// A line of places with a strong cluster at one end and a weaker one at the other.
    #[test]
    fn a_strong_cluster_no_longer_hides_a_weaker_one() {
        let mut cases = vec![20_u32; 24];
        cases[1..4].fill(90);
        cases[18..20].fill(38);
        let study = Study::new(24, 1, cases, Baseline::Poisson(vec![1.0; 24])).unwrap();
        let pairs = (0..24_u32).map(|x| [f64::from(x), 0.0]);
        let geography = Geography::Coordinates {
            places: Coordinates::Cartesian(pairs.collect()),
            centres: None,
        };
        let settings = Settings::default();
        let at_once = Scan::new(study.clone(), &geography, &settings).unwrap();
        let weaker = at_once
            .clusters()
            .into_iter()
            .find(|one| one.places.contains(&18));
        let hidden = weaker.map_or(1.0, |one| at_once.null(999, 1).p_value(one.statistic));
        assert!(
            hidden > 0.05,
            "beside the strong one it is not significant: {hidden}"
        );
        let found = iterate(study, &geography, &settings, &Iterations::default()).unwrap();
        let mut places: Vec<Vec<usize>> = found.iter().map(|one| one.cluster.places.clone()).collect();
        for own in &mut places {
            own.sort_unstable();
        }
        assert_eq!(places, [vec![1, 2, 3], vec![18, 19]]);
        assert!(found.iter().all(|one| one.p_value <= 0.05));
        assert!((found[1].cluster.expected - 2.0 * (19.0 * 20.0 + 76.0) / 21.0).abs() < 1e-9);
    }

    #[test]
    fn it_ends_where_nothing_is_left() {
        let study = Study::new(3, 1, vec![0, 30, 0], Baseline::Bernoulli(vec![20, 0, 20])).unwrap();
        let places = Coordinates::Cartesian(vec![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]);
        let geography = Geography::Coordinates {
            places,
            centres: None,
        };
        let found = iterate(study, &geography, &Settings::default(), &Iterations::default()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cluster.places, [1]);
    }
}
