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
    seen: Vec<Seen>,
    rings: Vec<Ring>,
    /// The square of a straight line that is thought to be long enough, from the centre before.
    enough: Option<f64>,
    keys: Vec<u64>,
    pub(crate) found: Vec<Neighbour>,
}

/// A place that may be near enough.
#[derive(Debug, Clone, Copy)]
struct Seen {
    square: f64,
    place: u32,
    ring: u32,
}

/// Places that are about as far away. Rings are equally large, so that evenly strewn places fill them evenly.
#[derive(Debug, Clone, Copy, Default)]
struct Ring {
    /// How many places, and who lives there.
    many: usize,
    held: f64,
    /// Where the next one of its places goes.
    next: usize,
}

/// How much of what was seen holds enough people.
#[derive(Debug, Clone, Copy)]
struct Needed {
    rings: usize,
    square: f64,
}

/// How far to look: up to a distance, and until so many people are held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit<'a> {
    pub(crate) distance: f64,
    pub(crate) population: &'a [f64],
    pub(crate) most: f64,
}

/// Places in a ring on the average.
const PER_RING: usize = 4;
/// A distance that is out of reach.
const FAR: u64 = u64::MAX;

/// Answers, centre by centre, which places are near.
pub(crate) struct Surroundings<'a> {
    coordinates: &'a Coordinates,
    places: Vec<[f64; 3]>,
    /// The same with their numbers, in an order in which near ones are near: so a processor foresees which are.
    strewn: Vec<([f64; 3], u32)>,
    /// Two opposite corners of what holds all places.
    corners: [[f64; 3]; 2],
    centres: Vec<[f64; 3]>,
}

/// By how much the square of the line that was long enough for one centre is lengthened for the next.
const LONGER: f64 = 1.2;

impl<'a> Surroundings<'a> {
    pub(crate) fn new(
        places: &'a Coordinates,
        (centres, along): (Option<&Coordinates>, &[u32]),
        ellipse: Option<Ellipse>,
    ) -> Self {
        let squeezed = |coordinates: &Coordinates| -> Vec<[f64; 3]> {
            let points = coordinates.points();
            match ellipse {
                None => points,
                Some(ellipse) => points.into_iter().map(|point| ellipse.squeeze(point)).collect(),
            }
        };
        let points = squeezed(places);
        let strewn = along
            .iter()
            .filter_map(|place| Some((*points.get(*place as usize)?, *place)));
        let corner = |start: f64, pick: fn(f64, f64) -> f64| {
            let all = points.iter();
            all.fold([start; 3], |[a, b, c], [x, y, z]| {
                [pick(a, *x), pick(b, *y), pick(c, *z)]
            })
        };
        Self {
            coordinates: places,
            strewn: strewn.collect(),
            corners: [
                corner(f64::INFINITY, f64::min),
                corner(f64::NEG_INFINITY, f64::max),
            ],
            centres: squeezed(centres.unwrap_or(places)),
            places: points,
        }
    }

    pub(crate) fn centres(&self) -> usize {
        self.centres.len()
    }

    /// The places within the limit, nearest first, and perhaps some more than whose population is asked for; of equals
    /// the one with the smaller first coordinate.
    pub(crate) fn of(&self, centre: usize, limit: Limit<'_>, near: &mut Near) {
        near.keys.clear();
        near.found.clear();
        let Some(centre) = self.centres.get(centre) else {
            return;
        };
        // Distances are not negative, so that their bits order as they do. The place takes the lowest of them, which
        // distances that are almost the same are put in order for afterwards.
        let low = (self.places.len() as u64).next_power_of_two() - 1;
        // A straight line that is certainly too long, so that the exact distance is not needed.
        let far = self.coordinates.chord_of(limit.distance).powi(2) * (1.0 + 1e-9);
        let enough = near.enough.map_or(far, |enough| far.min(enough * LONGER));
        let needed = self.see(*centre, enough, limit, near);
        let needed = needed.or_else(|| self.see(*centre, far, limit, near));
        near.enough = needed.map(|needed| needed.square);
        self.sort(
            limit,
            low,
            needed.map_or(near.rings.len(), |needed| needed.rings),
            near,
        );
        let Near { keys, found, .. } = near;
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

    /// Looks as far as a straight line with this square, and puts what is there into rings. How much of it is needed; nothing
    /// if there are too few people.
    fn see(&self, centre: [f64; 3], far: f64, limit: Limit<'_>, near: &mut Near) -> Option<Needed> {
        let Near { seen, rings, .. } = near;
        let farthest = |axis: usize| {
            let ends = self
                .corners
                .map(|corner| corner.get(axis).copied().unwrap_or(0.0));
            let own = centre.get(axis).copied().unwrap_or(0.0);
            ends.map(|end| (end - own).powi(2))
                .into_iter()
                .fold(0.0, f64::max)
        };
        let farthest = far.min((0..3).map(farthest).sum());
        let many = self.places.len() / PER_RING + 1;
        let scale = super::statistic::real(many) / farthest.max(f64::MIN_POSITIVE);
        rings.clear();
        rings.resize(many, Ring::default());
        seen.clear();
        for (point, place) in &self.strewn {
            let square = square(centre, *point);
            if square > far {
                continue;
            }
            let ring = super::statistic::floor(square * scale);
            let at = (ring as usize).min(many - 1);
            if let Some(own) = rings.get_mut(at) {
                own.many += 1;
                own.held += limit.population.get(*place as usize).copied().unwrap_or(0.0);
            }
            seen.push(Seen {
                square,
                place: *place,
                ring,
            });
        }
        // One ring more: what is just as far away but for rounding may be there.
        let enough = limit.most * (1.0 + 1e-9);
        let held = rings.iter().scan(0.0, |held, ring| {
            *held += ring.held;
            Some(*held)
        });
        let last = held.take_while(|held| *held <= enough).count() + 1;
        let rings = (last < many).then_some(last + 1)?;
        Some(Needed {
            rings,
            square: super::statistic::real(rings) / scale,
        })
    }

    /// Sorts so many rings of what was seen.
    fn sort(&self, limit: Limit<'_>, low: u64, needed: usize, near: &mut Near) {
        let Near {
            seen, rings, keys, ..
        } = near;
        let mut all = 0;
        for ring in rings.iter_mut().take(needed) {
            ring.next = all;
            all += ring.many;
        }
        keys.resize(all, FAR);
        let last = rings.len().saturating_sub(1);
        for one in &*seen {
            let at = (one.ring as usize).min(last);
            let Some(ring) = rings.get_mut(at).filter(|_| at < needed) else {
                continue;
            };
            let distance = self.coordinates.distance_of(one.square.sqrt());
            if let Some(key) = keys.get_mut(ring.next).filter(|_| distance <= limit.distance) {
                *key = distance.to_bits() & !low | u64::from(one.place);
            }
            ring.next += 1;
        }
        let mut rest = keys.as_mut_slice();
        for ring in rings.iter().take(needed) {
            let Some((own, after)) = rest.split_at_mut_checked(ring.many) else {
                break;
            };
            own.sort_unstable();
            rest = after;
        }
        keys.truncate(
            keys.iter()
                .rposition(|key| *key != FAR)
                .map_or(0, |last| last + 1),
        );
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
        let everything = Limit {
            distance: f64::INFINITY,
            population: &[1.0; 4],
            most: 4.0,
        };
        Surroundings::new(&places, (None, &[3, 1, 0, 2]), None).of(0, everything, &mut near);
        let seen: Vec<(u32, bool)> = near.found.iter().map(|n| (n.place, n.is_tied)).collect();
        assert_eq!(seen, [(0, false), (3, false), (1, true), (2, false)]);
    }

    /// Each list breaks off no earlier than where it holds as many as are asked for, and is in the same order until then.
    fn check(places: &Coordinates, distance: f64, most: f64) {
        let population: Vec<f64> = (0..places.len()).map(|at| [0.0, 1.0, 5.0][at % 3]).collect();
        let along: Vec<u32> = (0..).take(places.len()).collect();
        let around = Surroundings::new(places, (None, &along), None);
        let of = |centre: usize, most: f64, near: &mut Near| {
            let limit = Limit {
                distance,
                population: &population,
                most,
            };
            around.of(centre, limit, near);
            std::mem::take(&mut near.found)
        };
        let (mut far, mut near) = (Near::default(), Near::default());
        for centre in 0..places.len() {
            let (all, some) = (of(centre, f64::INFINITY, &mut far), of(centre, most, &mut near));
            let by_hand = |place: usize| places.distance(centre, place).unwrap();
            let reached = (0..places.len())
                .filter(|place| by_hand(*place) <= distance)
                .count();
            assert_eq!(all.len(), reached);
            assert!(
                all.windows(2)
                    .all(|two| by_hand(two[0].place as usize) <= by_hand(two[1].place as usize))
            );
            assert!(all.starts_with(&some));
            let held: f64 = some.iter().map(|one| population[one.place as usize]).sum();
            assert!(some.len() == all.len() || held > most, "{held} of {most}");
        }
    }

    #[test]
    fn lists_are_the_same_however_far_one_looks() {
        let pairs: Vec<[f64; 2]> = (0..400_u32)
            .map(|at| [f64::from(at % 20), f64::from(at / 20)])
            .chain((0..40_u32).map(|at| [f64::from(at * at % 37) / 7.0, f64::from(at % 5)]))
            .collect();
        for places in [Coordinates::Cartesian(pairs.clone()), Coordinates::LatLong(pairs)] {
            for (distance, most) in [(f64::INFINITY, 300.0), (6.0, 50.0), (300.0, 11.0), (0.0, 3.0)] {
                check(&places, distance, most);
            }
        }
    }
}
