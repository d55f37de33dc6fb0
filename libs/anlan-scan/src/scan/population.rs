//! Population at risk over time: from censuses of some days to what a Poisson model expects by place and step. Knows no
//! windows; days are whole numbers of any calendar.

use super::Refusal;

/// A population on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Census {
    /// Index of the place.
    pub place: usize,
    /// Index of the combination of covariates; 0 where there are none.
    pub stratum: usize,
    /// The day at whose beginning it holds.
    pub day: i64,
    /// Whether it is known to the day: then it holds until the day's end.
    pub is_exact: bool,
    /// How many, 0 or more.
    pub population: f64,
}

/// Number of cases of a combination of covariates, everywhere and always.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// How many.
    pub cases: f64,
}

/// Expected cases by place and step, place by place, each step by step: person-time by stratum, weighted with the
/// stratum's rate over everything (indirect standardisation). Between censuses the population changes evenly; before
/// the first and after the last it stays. `edges` are the first days of the steps, and the day after the last step.
///
/// # Errors
/// [`Refusal`] if edges do not rise, a place or stratum does not exist, a number is negative or none, or a stratum has
/// cases and no population.
pub fn person_time(
    places: usize,
    edges: &[i64],
    strata: &[Stratum],
    censuses: &[Census],
) -> Result<Vec<f64>, Refusal> {
    if edges.len() < 2
        || edges
            .windows(2)
            .any(|pair| matches!(pair, [one, next] if one >= next))
    {
        return Err(Refusal::Setting(
            "the steps' first days rise, and there are at least two of them",
        ));
    }
    let steps = edges.len() - 1;
    let mut lives: Vec<Vec<(i64, f64)>> = vec![Vec::new(); places * strata.len()];
    for (at, census) in censuses.iter().enumerate() {
        if !(census.population >= 0.0 && census.population.is_finite()) {
            return Err(Refusal::NotANumber {
                what: "population",
                at,
            });
        }
        if census.place >= places {
            return Err(Refusal::NoSuchPlace { place: census.place });
        }
        let life = (census.stratum < strata.len()).then_some(census.place * strata.len() + census.stratum);
        let life = life
            .and_then(|at| lives.get_mut(at))
            .ok_or(Refusal::Setting("a census is of a stratum that does not exist"))?;
        life.push((census.day, census.population));
        if census.is_exact {
            life.push((census.day + 1, census.population));
        }
    }
    let mut measure = vec![0.0; places * steps];
    let mut times: Vec<Vec<f64>> = lives
        .iter_mut()
        .map(|life| {
            merge(life);
            edges
                .windows(2)
                .map(|pair| {
                    matches!(pair, [_, _])
                        .then(|| integral(life, pair))
                        .unwrap_or(0.0)
                })
                .collect()
        })
        .collect();
    for (index, stratum) in strata.iter().enumerate() {
        let all: f64 = times.iter().skip(index).step_by(strata.len()).flatten().sum();
        if stratum.cases > 0.0 && all <= 0.0 {
            return Err(Refusal::NothingExpected);
        }
        let rate = if all > 0.0 { stratum.cases / all } else { 0.0 };
        let own = times.iter_mut().skip(index).step_by(strata.len());
        for (sums, time) in measure.chunks_mut(steps).zip(own) {
            for (sum, time) in sums.iter_mut().zip(time) {
                *sum += *time * rate;
            }
        }
    }
    Ok(measure)
}

/// In order of time; several of one day add up.
fn merge(life: &mut Vec<(i64, f64)>) {
    life.sort_by_key(|(day, _)| *day);
    let mut merged: Vec<(i64, f64)> = Vec::with_capacity(life.len());
    for (day, population) in life.drain(..) {
        match merged.last_mut() {
            Some((last, sum)) if *last == day => *sum += population,
            _ => merged.push((day, population)),
        }
    }
    *life = merged;
}

/// Person-days between two days.
fn integral(life: &[(i64, f64)], between: &[i64]) -> f64 {
    let (Some(from), Some(until)) = (between.first(), between.last()) else {
        return 0.0;
    };
    let mut sum = 0.0;
    let mut at = *from;
    while at < *until {
        let next = life.iter().map(|(day, _)| *day).find(|day| *day > at);
        let stop = next.unwrap_or(*until).min(*until);
        sum += (population(life, at) + population(life, stop)) / 2.0 * (stop - at) as f64;
        at = stop;
    }
    sum
}

/// The population at the beginning of a day.
fn population(life: &[(i64, f64)], day: i64) -> f64 {
    let after = life.partition_point(|(known, _)| *known <= day);
    let before = after.checked_sub(1).and_then(|at| life.get(at));
    match (before, life.get(after)) {
        (Some((_, same)), None) | (None, Some((_, same))) => *same,
        (Some((one, from)), Some((other, to))) => {
            from + (to - from) * (day - one) as f64 / (other - one) as f64
        }
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn population_changes_evenly_between_censuses() {
        let census = |day: i64, population: f64| Census {
            place: 0,
            stratum: 0,
            day,
            is_exact: false,
            population,
        };
        let cases = [Stratum { cases: 30.0 }];
        let measure = person_time(1, &[0, 10, 20], &cases, &[census(0, 100.0), census(20, 300.0)]).unwrap();
        // 1500 and 2500 person-days.
        assert!((measure[0] - 30.0 * 1500.0 / 4000.0).abs() < 1e-9);
        assert!((measure[1] - 30.0 * 2500.0 / 4000.0).abs() < 1e-9);
    }
}
