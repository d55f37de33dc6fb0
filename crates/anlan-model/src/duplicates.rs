//! How likely two reports speak of the same thing, by class, distance and time, as a number that can be explained.
//! It looks nothing up: candidates and their distances are handed in.

use crate::classes::Class;
use serde::Serialize;

/// Hours after which the time between two reports counts half.
const HALF_LIFE_H: f64 = 72.0;
/// What two reports of different classes keep of their likeness: reporters choose classes by eye.
const OTHER_CLASS: f64 = 0.25;
/// What is kept where one of the two has no class yet.
const UNKNOWN_CLASS: f64 = 0.7;
/// At the rim of the radius this much of the likeness is left; beyond it none.
const AT_RIM: f64 = 0.4;

/// Two reports, as far as they can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Metres between them.
    pub distance_m: f64,
    /// Hours between them, either way.
    pub hours_apart: f64,
    /// Radius of the class within which two open reports are likely the same.
    pub radius_m: f64,
    /// Whether they are of the same class; `None` where one has none.
    pub same_class: Option<bool>,
}

/// A score with its parts. `score = class × place × time`, each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// The product.
    pub score: f64,
    /// Share by class.
    pub class: f64,
    /// Share by distance: 1 at the same spot, falling with the square of the distance to 0.4 at the radius, 0 beyond.
    pub place: f64,
    /// Share by time: halves every 72 hours.
    pub time: f64,
}

impl Score {
    /// Why, in Chinese and English.
    pub fn explain(&self, candidate: &Candidate) -> (String, String) {
        let (class_zh, class_en) = match candidate.same_class {
            Some(true) => ("类别相同", "same class"),
            Some(false) => ("类别不同", "other class"),
            None => ("类别未定", "class not known"),
        };
        let Candidate {
            distance_m,
            hours_apart,
            radius_m,
            ..
        } = candidate;
        let percent = self.score * 100.0;
        (
            format!(
                "{class_zh}，相距 {distance_m:.0} 米（半径 {radius_m:.0} 米），相隔 {hours_apart:.0} 小时：{percent:.0}%"
            ),
            format!(
                "{class_en}, {distance_m:.0} m apart (radius {radius_m:.0} m), {hours_apart:.0} h apart: {percent:.0}%"
            ),
        )
    }
}

/// Whether two classes name the same thing: equal, or a thing and what is wrong with it (`c01001`, `m01001`).
pub fn same_class(a: Option<&Class>, b: Option<&Class>) -> Option<bool> {
    let (a, b) = (a?, b?);
    let digits = |class: &Class| class.code.as_str().strip_prefix(['c', 'm']).map(str::to_owned);
    Some(a.code == b.code || (a.table == b.table && digits(a).is_some() && digits(a) == digits(b)))
}

/// The score with its parts.
pub fn compare(candidate: &Candidate) -> Score {
    let class = match candidate.same_class {
        Some(true) => 1.0,
        Some(false) => OTHER_CLASS,
        None => UNKNOWN_CLASS,
    };
    let place = place(candidate.distance_m, candidate.radius_m);
    let time = if candidate.hours_apart.is_finite() {
        (-candidate.hours_apart.abs() / HALF_LIFE_H).exp2()
    } else {
        0.0
    };
    Score {
        score: class * place * time,
        class,
        place,
        time,
    }
}

fn place(distance_m: f64, radius_m: f64) -> f64 {
    if !(distance_m >= 0.0 && radius_m > 0.0 && distance_m <= radius_m) {
        return 0.0;
    }
    let share = distance_m / radius_m;
    1.0 - (1.0 - AT_RIM) * share * share
}

/// The score alone.
pub fn score(candidate: &Candidate) -> f64 {
    compare(candidate).score
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(distance_m: f64, hours_apart: f64, same_class: Option<bool>) -> f64 {
        score(&Candidate {
            distance_m,
            hours_apart,
            radius_m: 50.0,
            same_class,
        })
    }

    #[test]
    fn the_same_thing_scores_one_and_falls_with_distance_time_and_class() {
        assert!((at(0.0, 0.0, Some(true)) - 1.0).abs() < 1e-12);
        assert!((at(50.0, 0.0, Some(true)) - 0.4).abs() < 1e-12);
        assert!((at(0.0, 72.0, Some(true)) - 0.5).abs() < 1e-12);
        assert!(at(0.0, 0.0, Some(true)) > at(0.0, 0.0, None));
        assert!(at(0.0, 0.0, None) > at(0.0, 0.0, Some(false)));
        assert!(at(10.0, 1.0, Some(true)) > at(30.0, 1.0, Some(true)));
    }

    #[test]
    fn nonsense_scores_nothing() {
        for (distance_m, hours) in [
            (50.1, 0.0),
            (f64::NAN, 0.0),
            (-1.0, 0.0),
            (1.0, f64::NAN),
            (1.0, f64::INFINITY),
        ] {
            assert!(
                at(distance_m, hours, Some(true)).abs() < 1e-300,
                "{distance_m} {hours}"
            );
        }
        let no_radius = Candidate {
            distance_m: 0.0,
            hours_apart: 0.0,
            radius_m: 0.0,
            same_class: Some(true),
        };
        assert!(score(&no_radius).abs() < 1e-300);
    }

    #[test]
    fn the_explanation_names_every_part() {
        let candidate = Candidate {
            distance_m: 12.4,
            hours_apart: 3.0,
            radius_m: 50.0,
            same_class: Some(true),
        };
        let (zh, en) = compare(&candidate).explain(&candidate);
        assert_eq!(zh, "类别相同，相距 12 米（半径 50 米），相隔 3 小时：94%");
        assert_eq!(en, "same class, 12 m apart (radius 50 m), 3 h apart: 94%");
    }
}
