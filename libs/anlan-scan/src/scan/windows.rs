//! The windows of a scan: for each centre the places in the order in which a growing circle or ellipse takes them in,
//! and the spans of time. Knows sizes and limits; counts nothing.

use super::Refusal;
use super::curve::along_curve;
use super::places::{Coordinates, Ellipse, Limit, Near, Neighbour, Surroundings};

/// How far windows reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Share of the population at risk that a window holds at most, above 0 and up to 1.
    pub population_share_max: f64,
    /// Distance from the centre at most, in the unit of the coordinates or km; infinite for no limit.
    pub distance_max: f64,
    /// Ellipses to look at beside the circle; none for circles only.
    pub ellipses: Vec<Ellipse>,
    /// Exponent of the non-compactness penalty `(4s/(s+1)²)^a` that an ellipse of shape `s` pays; 0 for none, 0.5
    /// medium, 1 strong (Kulldorff et al. 2006).
    pub compactness: f64,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            population_share_max: 0.5,
            distance_max: f64::INFINITY,
            ellipses: Vec::new(),
            compactness: 0.0,
        }
    }
}

impl Reach {
    fn check(&self) -> Result<(), Refusal> {
        let share = self.population_share_max;
        let fault = if !(share > 0.0 && share <= 1.0) {
            Some("the largest share of the population is above 0 and at most 1")
        } else if self.distance_max.is_nan() || self.distance_max < 0.0 {
            Some("the largest distance is 0 or more")
        } else if !(self.compactness >= 0.0 && self.compactness.is_finite()) {
            Some("the penalty's exponent is 0 or more")
        } else if self
            .ellipses
            .iter()
            .any(|e| !(e.shape >= 1.0 && e.shape.is_finite() && e.angle.is_finite()))
        {
            Some("an ellipse's shape is 1 or more and its angle a number")
        } else {
            None
        };
        fault.map_or(Ok(()), |why| Err(Refusal::Setting(why)))
    }
}

/// What makes places neighbours.
#[derive(Debug, Clone, PartialEq)]
pub enum Geography {
    /// Distance. `centres` are those of the windows; the places themselves where it is `None`.
    Coordinates {
        /// One pair for each place.
        places: Coordinates,
        /// A grid of its own.
        centres: Option<Coordinates>,
    },
    /// A list for each centre, nearest first: a network, or any other order.
    Neighbours(Vec<Vec<u32>>),
    /// One place only, or all as one.
    Whole,
}

/// A place in a list; the top bit says that no window ends here.
const TIED: u32 = 1 << 31;

/// The cell of a member, and whether a window ends with it.
#[inline]
pub(crate) fn split(member: u32) -> (usize, bool) {
    ((member & !TIED) as usize, member & TIED == 0)
}

/// The windows about one centre in one shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct List {
    pub(crate) centre: u32,
    start: usize,
    end: usize,
    pub(crate) ellipse: Option<Ellipse>,
    /// What the statistic is multiplied with.
    pub(crate) penalty: f64,
}

impl List {
    /// No windows.
    const NONE: Self = Self {
        centre: 0,
        start: 0,
        end: 0,
        ellipse: None,
        penalty: 1.0,
    };
}

/// Every window of a scan.
///
/// Counts do not lie in the order of the places but in that of their cells, so that places that are near each other are
/// so in memory, too.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    lists: Vec<List>,
    /// The order in which lists are walked.
    walk: Vec<u32>,
    /// Cells of the places of the lists.
    members: Vec<u32>,
    /// The place of each cell; nothing where it is its number.
    places: Vec<u32>,
    /// The cell of each place; nothing where it is its number.
    cells: Vec<u32>,
}

impl Windows {
    /// Windows by distance, by neighbour lists, or one that holds everything. `population` has one number for each
    /// place: what [`Reach::population_share_max`] is a share of.
    ///
    /// # Errors
    /// [`Refusal`] for settings out of range, coordinates that are none, places that do not exist, or if the list of
    /// populations has another length.
    pub fn new(geography: &Geography, population: &[f64], reach: &Reach) -> Result<Self, Refusal> {
        reach.check()?;
        let mut windows = Self::default();
        match geography {
            Geography::Whole => windows.push_whole(population.len()),
            Geography::Coordinates { places, centres } => {
                check_length(places.len(), population)?;
                places.check()?;
                if let Some(centres) = centres {
                    centres.check()?;
                }
                windows.by_distance(places, centres.as_ref(), population, reach);
            }
            Geography::Neighbours(lists) => windows.by_lists(lists, population, reach)?,
        }
        Ok(windows)
    }

    /// One window that holds every place.
    pub(crate) fn whole(places: usize) -> Self {
        let mut windows = Self::default();
        windows.push_whole(places);
        windows
    }

    fn push_whole(&mut self, places: usize) {
        let last = places.saturating_sub(1);
        for (index, place) in (0..places).zip(0_u32..) {
            let tied = if index == last { 0 } else { TIED };
            self.members.push(place | tied);
        }
        self.close(0, 0, None, 1.0);
    }

    fn close(&mut self, start: usize, centre: u32, ellipse: Option<Ellipse>, penalty: f64) {
        self.walk
            .push(u32::try_from(self.lists.len()).unwrap_or(u32::MAX));
        self.lists.push(List {
            centre,
            start,
            end: self.members.len(),
            ellipse,
            penalty,
        });
    }

    fn by_distance(
        &mut self,
        places: &Coordinates,
        centres: Option<&Coordinates>,
        population: &[f64],
        reach: &Reach,
    ) {
        let most = reach.population_share_max * population.iter().sum::<f64>();
        self.places = along_curve(places.pairs());
        self.cells = vec![0; self.places.len()];
        for (cell, place) in (0..).zip(&self.places) {
            if let Some(own) = self.cells.get_mut(*place as usize) {
                *own = cell;
            }
        }
        let along = centres.map_or_else(|| self.places.clone(), |centres| along_curve(centres.pairs()));
        let shapes = std::iter::once(None).chain(reach.ellipses.iter().copied().map(Some));
        let mut near = Near::default();
        let limit = Limit {
            distance: reach.distance_max,
            population,
            most,
        };
        for ellipse in shapes {
            let around = Surroundings::new(places, (centres, &self.places), ellipse);
            let penalty = ellipse.map_or(1.0, |e| {
                (4.0 * e.shape / (e.shape + 1.0).powi(2)).powf(reach.compactness)
            });
            for (index, centre) in (0..around.centres()).zip(0_u32..) {
                around.of(index, limit, &mut near);
                let start = self.members.len();
                self.take(&near.found, population, most);
                self.close(start, centre, ellipse, penalty);
            }
        }
        let many = u32::try_from(along.len()).unwrap_or(u32::MAX);
        for shape in self.walk.chunks_mut(along.len().max(1)).zip(0..) {
            let (walk, shape) = shape;
            for (list, centre) in walk.iter_mut().zip(&along) {
                *list = shape * many + centre;
            }
        }
    }

    /// Takes places in until the population is used up; those on one point together or not at all.
    fn take(&mut self, near: &[Neighbour], population: &[f64], most: f64) {
        let mut held = 0.0;
        let mut whole = self.members.len();
        for neighbour in near {
            held += population.get(neighbour.place as usize).copied().unwrap_or(0.0);
            if held > most {
                break;
            }
            let tied = if neighbour.is_tied { TIED } else { 0 };
            self.members.push(self.cell_of(neighbour.place) | tied);
            if !neighbour.is_tied {
                whole = self.members.len();
            }
        }
        self.members.truncate(whole);
    }

    fn by_lists(&mut self, lists: &[Vec<u32>], population: &[f64], reach: &Reach) -> Result<(), Refusal> {
        let most = reach.population_share_max * population.iter().sum::<f64>();
        for (centre, list) in (0_u32..).zip(lists) {
            let start = self.members.len();
            self.take_listed(list, population, most)?;
            self.close(start, centre, None, 1.0);
        }
        Ok(())
    }

    fn take_listed(&mut self, list: &[u32], population: &[f64], most: f64) -> Result<(), Refusal> {
        let mut held = 0.0;
        for place in list {
            let own = population.get(*place as usize);
            held += own.ok_or(Refusal::NoSuchPlace {
                place: *place as usize,
            })?;
            if held > most {
                break;
            }
            self.members.push(*place);
        }
        Ok(())
    }

    /// The windows, centre by centre.
    pub(crate) fn lists(&self) -> &[List] {
        &self.lists
    }

    /// The same in the order in which they are best walked: neighbours one after the other.
    pub(crate) fn walk(&self) -> impl ExactSizeIterator<Item = &List> {
        let none = const { &List::NONE };
        self.walk
            .iter()
            .map(move |at| self.lists.get(*at as usize).unwrap_or(none))
    }

    /// The numbers of the lists in that order.
    pub(crate) fn turns(&self) -> impl Iterator<Item = usize> {
        self.walk.iter().map(|at| *at as usize)
    }

    fn cell_of(&self, place: u32) -> u32 {
        self.cells.get(place as usize).copied().unwrap_or(place)
    }

    /// Where the counts of a place lie.
    pub(crate) fn cell(&self, place: usize) -> usize {
        self.cells.get(place).map_or(place, |cell| *cell as usize)
    }

    /// The places of a list in their order, each with whether a window ends with it.
    pub(crate) fn members(&self, list: &List) -> impl Iterator<Item = (usize, bool)> {
        self.raw(list).iter().map(|member| {
            let (cell, is_end) = split(*member);
            let place = self.places.get(cell).map_or(cell, |place| *place as usize);
            (place, is_end)
        })
    }

    /// The cells of a list as they are kept; [`split`] takes one apart.
    pub(crate) fn raw(&self, list: &List) -> &[u32] {
        self.members.get(list.start..list.end).unwrap_or_default()
    }

    /// How many windows there are, each counted once for each of its places.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether no place is in any window.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

fn check_length(places: usize, population: &[f64]) -> Result<(), Refusal> {
    if places == population.len() {
        Ok(())
    } else {
        Err(Refusal::Length {
            what: "populations",
            want: places,
            got: population.len(),
        })
    }
}

/// Some steps of time, `from` to `until`, the latter not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First step.
    pub from: usize,
    /// The step after the last.
    pub until: usize,
}

impl Span {
    /// Number of steps.
    pub fn len(&self) -> usize {
        self.until.saturating_sub(self.from)
    }

    /// Whether it has no step.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both have a step in common, or one begins where the other ends: spans that touch count as one time, as in
    /// the reference.
    pub fn touches(&self, other: &Self) -> bool {
        self.from <= other.until && other.from <= self.until
    }
}

/// Which spans of time are windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// All of the study, and nothing else: a purely spatial scan.
    Whole,
    /// Spans of `min` to `max` steps that end with the study: a prospective scan (Kulldorff 2001).
    Alive {
        /// Fewest steps.
        min: usize,
        /// Most steps.
        max: usize,
    },
    /// Every span of `min` to `max` steps: a retrospective scan.
    Any {
        /// Fewest steps.
        min: usize,
        /// Most steps.
        max: usize,
    },
    /// Spans of `min` to `max` steps that end at or after step `first_end` (counted from 0, the last step included):
    /// a prospective scan adjusted for earlier looks.
    AliveSince {
        /// Fewest steps.
        min: usize,
        /// Most steps.
        max: usize,
        /// The last step of the first look.
        first_end: usize,
    },
}

impl Time {
    /// The spans of a study of so many steps: the earliest start first, of those the longest. That order breaks ties.
    pub(crate) fn spans(self, steps: usize) -> Vec<Span> {
        let (min, max, first_end) = match self {
            Self::Whole => {
                return vec![Span {
                    from: 0,
                    until: steps,
                }];
            }
            Self::Alive { min, max } => (min, max, steps.saturating_sub(1)),
            Self::Any { min, max } => (min, max, 0),
            Self::AliveSince { min, max, first_end } => (min, max, first_end),
        };
        let mut spans = Vec::new();
        for from in 0..steps {
            let first = (from + min.max(1)).max(first_end + 1);
            for until in (first..=steps.min(from.saturating_add(max))).rev() {
                spans.push(Span { from, until });
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_those_asked_for() {
        let ends = |time: Time| {
            time.spans(5)
                .iter()
                .map(|s| (s.from, s.until))
                .collect::<Vec<_>>()
        };
        assert_eq!(ends(Time::Whole), [(0, 5)]);
        assert_eq!(ends(Time::Alive { min: 1, max: 2 }), [(3, 5), (4, 5)]);
        assert_eq!(
            ends(Time::Any { min: 2, max: 2 }),
            [(0, 2), (1, 3), (2, 4), (3, 5)]
        );
        let since = Time::AliveSince {
            min: 1,
            max: 2,
            first_end: 3,
        };
        assert_eq!(ends(since), [(2, 4), (3, 5), (3, 4), (4, 5)]);
    }

    #[test]
    fn windows_stop_at_half_of_the_population() {
        let places = Coordinates::Cartesian((0..4_u32).map(|x| [f64::from(x), 0.0]).collect());
        let geography = Geography::Coordinates {
            places,
            centres: None,
        };
        let windows = Windows::new(&geography, &[1.0; 4], &Reach::default()).unwrap();
        let firsts: Vec<Vec<usize>> = (windows.lists().iter())
            .map(|list| windows.members(list).map(|(place, _)| place).collect())
            .collect();
        assert_eq!(firsts, [vec![0, 1], vec![1, 0], vec![2, 1], vec![3, 2]]);
    }
}
