//! Where counts belong and how far apart that is: coordinates, distances, the order of neighbours. Knows no counts.

use super::Refusal;
use std::cmp::Ordering;

/// Mean radius of the earth in km with which `SaTScan` turns an angle into a distance.
const EARTH_KM: f64 = 6367.0;

/// Where the places lie.
#[derive(Debug, Clone, PartialEq)]
pub enum Coordinates {
    /// x and y in any unit; distances are in that unit.
    Cartesian(Vec<[f64; 2]>),
    /// Latitude and longitude in degrees; distances are great-circle distances in km.
    LatLong(Vec<[f64; 2]>),
}

impl Coordinates {
    /// Refuses what cannot be a coordinate.
    ///
    /// # Errors
    /// [`Refusal::NotANumber`], [`Refusal::Latitude`].
    pub fn check(&self) -> Result<(), Refusal> {
        for (at, [first, second]) in self.pairs().iter().enumerate() {
            if !first.is_finite() || !second.is_finite() {
                return Err(Refusal::NotANumber {
                    what: "coordinate",
                    at,
                });
            }
            let is_off = first.abs() > 90.0 || second.abs() > 360.0;
            if matches!(self, Self::LatLong(_)) && is_off {
                return Err(Refusal::Latitude { at });
            }
        }
        Ok(())
    }

    /// The numbers, in the order of the places.
    pub fn pairs(&self) -> &[[f64; 2]] {
        match self {
            Self::Cartesian(pairs) | Self::LatLong(pairs) => pairs,
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.pairs().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// Points in which straight lines order as distances do: x, y, 0, or a point on the unit sphere.
    fn points(&self) -> Vec<[f64; 3]> {
        match self {
            Self::Cartesian(pairs) => pairs.iter().map(|[x, y]| [*x, *y, 0.0]).collect(),
            Self::LatLong(pairs) => pairs.iter().map(|pair| on_sphere(*pair)).collect(),
        }
    }

    /// The distance that a straight line between two of [`Self::points`] stands for.
    fn distance_of(&self, chord: f64) -> f64 {
        match self {
            Self::Cartesian(_) => chord,
            Self::LatLong(_) => 2.0 * EARTH_KM * (chord / 2.0).clamp(0.0, 1.0).asin(),
        }
    }

    /// The straight line that stands for a distance.
    fn chord_of(&self, distance: f64) -> f64 {
        match self {
            Self::Cartesian(_) => distance,
            Self::LatLong(_) => {
                let angle = (distance / (2.0 * EARTH_KM)).min(std::f64::consts::FRAC_PI_2);
                2.0 * angle.sin()
            }
        }
    }

    /// Distance of two places; `None` if one is not there.
    pub fn distance(&self, one: usize, other: usize) -> Option<f64> {
        let point = |at: usize| {
            let [first, second] = *self.pairs().get(at)?;
            Some(match self {
                Self::Cartesian(_) => [first, second, 0.0],
                Self::LatLong(_) => on_sphere([first, second]),
            })
        };
        Some(self.distance_of(square(point(one)?, point(other)?).sqrt()))
    }
}

fn on_sphere([latitude, longitude]: [f64; 2]) -> [f64; 3] {
    let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
    [
        latitude.cos() * longitude.cos(),
        latitude.cos() * longitude.sin(),
        latitude.sin(),
    ]
}

fn square(one: [f64; 3], other: [f64; 3]) -> f64 {
    let [x, y, z] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
    x * x + y * y + z * z
}

/// An ellipse as window: long over short axis, and the angle of the long axis to the x axis in radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Long over short axis, at least 1.
    pub shape: f64,
    /// Radians, against the clock, from the x axis.
    pub angle: f64,
}

impl Ellipse {
    /// The point in a plane in which this ellipse is a circle with the short axis as radius.
    fn squeeze(self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let (sine, cosine) = self.angle.sin_cos();
        let (along, across) = (x * cosine + y * sine, y * cosine - x * sine);
        [along / self.shape, across, z]
    }
}

/// A place seen from a centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbour {
    pub(crate) place: u32,
    /// Whether the next one lies on the very same point: then a window cannot end here.
    pub(crate) is_tied: bool,
}

/// The places near one centre, and room to find them.
#[derive(Debug, Default)]
pub(crate) struct Near {
    keys: Vec<u64>,
    pub(crate) found: Vec<Neighbour>,
}

/// Answers, centre by centre, which places are near.
pub(crate) struct Surroundings<'a> {
    coordinates: &'a Coordinates,
    places: Vec<[f64; 3]>,
    centres: Vec<[f64; 3]>,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn new(
        places: &'a Coordinates,
        centres: Option<&Coordinates>,
        ellipse: Option<Ellipse>,
    ) -> Self {
        let squeezed = |coordinates: &Coordinates| -> Vec<[f64; 3]> {
            let points = coordinates.points();
            match ellipse {
                None => points,
                Some(ellipse) => points.into_iter().map(|point| ellipse.squeeze(point)).collect(),
            }
        };
        Self {
            coordinates: places,
            places: squeezed(places),
            centres: squeezed(centres.unwrap_or(places)),
        }
    }

    pub(crate) fn centres(&self) -> usize {
        self.centres.len()
    }

    /// The places within `reach`, nearest first; of equals the one with the smaller first coordinate.
    pub(crate) fn of(&self, centre: usize, reach: f64, near: &mut Near) {
        let Near { keys, found } = near;
        keys.clear();
        found.clear();
        let Some(centre) = self.centres.get(centre) else {
            return;
        };
        // Distances are not negative, so that their bits order as they do. The place takes the lowest of them, which
        // distances that are almost the same are put in order for afterwards.
        let low = (self.places.len() as u64).next_power_of_two() - 1;
        // A straight line that is certainly too long, so that the exact distance is not needed.
        let far = self.coordinates.chord_of(reach).powi(2) * (1.0 + 1e-9);
        for (place, point) in (0_u64..).zip(&self.places) {
            let square = square(*centre, *point);
            if square > far {
                continue;
            }
            let distance = self.coordinates.distance_of(square.sqrt());
            if distance <= reach {
                keys.push((distance.to_bits() & !low) | place);
            }
        }
        keys.sort_unstable();
        found.extend(keys.iter().map(|key| Neighbour {
            place: u32::try_from(key & low).unwrap_or(u32::MAX),
            is_tied: false,
        }));
        let mut from = 0;
        for same in keys.chunk_by(|one, other| one & !low == other & !low) {
            let until = from + same.len();
            if let Some(same) = found.get_mut(from..until).filter(|same| same.len() > 1) {
                self.order(*centre, same);
            }
            from = until;
        }
    }

    /// Puts places that are almost or just as far away in order. At the same distance the one farther west comes first,
    /// as in the reference: it decides which windows there are.
    fn order(&self, centre: [f64; 3], same: &mut [Neighbour]) {
        let point = |neighbour: &Neighbour| self.places.get(neighbour.place as usize).copied();
        let distance = |neighbour: &Neighbour| {
            let square = point(neighbour).map_or(0.0, |point| square(centre, point));
            self.coordinates.distance_of(square.sqrt())
        };
        same.sort_unstable_by(|one, other| {
            let by_distance = distance(one).total_cmp(&distance(other));
            let by_point = || point(one).partial_cmp(&point(other)).unwrap_or(Ordering::Equal);
            by_distance.then_with(by_point).then(one.place.cmp(&other.place))
        });
        let mut next: Option<[f64; 3]> = None;
        for neighbour in same.iter_mut().rev() {
            let here = point(neighbour);
            neighbour.is_tied = next.is_some() && here == next;
            next = here;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_what_maps_say() {
        let cities = Coordinates::LatLong(vec![[39.9042, 116.4074], [31.2304, 121.4737]]);
        let km = cities.distance(0, 1).unwrap();
        assert!((km - 1067.0).abs() < 3.0, "Beijing to Shanghai is {km} km");
        let plane = Coordinates::Cartesian(vec![[0.0, 0.0], [3.0, 4.0]]);
        assert_eq!(plane.distance(0, 1), Some(5.0));
        assert_eq!(plane.distance(0, 2), None);
    }

    #[test]
    fn places_on_one_point_are_tied() {
        let places = Coordinates::Cartesian(vec![[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]);
        let mut near = Near::default();
        Surroundings::new(&places, None, None).of(0, f64::INFINITY, &mut near);
        let seen: Vec<(u32, bool)> = near.found.iter().map(|n| (n.place, n.is_tied)).collect();
        assert_eq!(seen, [(0, false), (3, false), (1, true), (2, false)]);
    }
}
