//! What is wrong with a set of polygons that is to be used as cells.
//! It must not mend anything: it says what it found, where, how large, and what follows from it.
//!
//! Real sets are never clean. Of those this was tried on, each has polygons that touch or cross themselves and
//! slivers between neighbours, and a shapefile without its projection file has arrived as feet. So findings have a
//! weight: [`Severity::Refuse`] where cells made from the set would be wrong (numbers that are no degrees, latitude
//! first, two cells of one code, a cell that would never get a point), [`Severity::Warn`] where the set works but
//! someone should know (an overlap goes to the cell given first, a gap has no cell), [`Severity::Note`] for form.
//!
//! Coordinates are judged first; where they are no degrees, distances and areas mean nothing and nothing further is
//! looked at. Crossings are found exactly, on the same whole-number grid as in [`crate::cells`]. Overlaps and gaps
//! are measured; those below one square metre are left out as they come from rounding. A gap is a place that cells
//! enclose on all sides: a notch in the outer rim, or a bay that is open to it, is not one.

mod coordinates;
mod coverage;
mod rings;

use crate::geo_json::{Feature, Flaw};
use geo::MultiPolygon;
use serde::{Deserialize, Serialize};

/// At most this many findings of one code are listed; the last one says how many there are in all.
pub const LISTED_MAX: usize = 200;

/// One polygon set as given, with what it is called.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// Its number in the file, from 1.
    pub number: usize,
    /// Its name, for messages.
    pub name: &'a str,
    /// Its code, where codes are to be distinct.
    pub code: Option<&'a str>,
    /// Its polygons, degrees, longitude first.
    pub polygons: &'a MultiPolygon<f64>,
    /// What was mended while reading.
    pub flaws: &'a [Flaw],
}

impl<'a> Shape<'a> {
    /// A feature as read, under a name and a code taken from wherever the caller found them.
    pub fn of(feature: &'a Feature, name: &'a str, code: Option<&'a str>) -> Self {
        Self {
            number: feature.number,
            name,
            code,
            polygons: &feature.polygons,
            flaws: &feature.flaws,
        }
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A matter of form; nothing follows from it.
    Note,
    /// The set works, with the consequence named.
    Warn,
    /// The set would give wrong answers.
    Refuse,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// Numbers far beyond degrees: metres or feet of a projection.
    Projected,
    /// Latitude first.
    SwappedAxes,
    /// The set lies nowhere near the place expected.
    FarAway,
    /// A feature without a polygon.
    EmptyGeometry,
    /// Two features with one code.
    DuplicateCode,
    /// A ring whose last position is not its first.
    UnclosedRing,
    /// A ring that encloses nothing.
    ShortRing,
    /// A polygon whose edges cross or run along each other.
    SelfCrossing,
    /// A ring that comes back to a point of itself.
    SelfTouching,
    /// Outer rings that turn clockwise, or holes that do not.
    WrongOrientation,
    /// Polygons with holes.
    Hole,
    /// Two cells share ground.
    Overlap,
    /// A cell lies under another one nearly whole.
    Covered,
    /// Ground enclosed by cells and in none.
    Gap,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// How much it weighs.
    pub severity: Severity,
    /// The number of the feature it is about, the first one where it is about several; `None` for the whole set.
    pub feature: Option<usize>,
    /// That feature's name.
    pub name: Option<String>,
    /// What was found and what follows, in a sentence.
    pub message: String,
    /// A place to look at, longitude and latitude.
    pub at: Option<[f64; 2]>,
    /// How much ground it is about.
    pub area_m2: Option<f64>,
}

impl Finding {
    fn new(code: FindingCode, severity: Severity, message: String) -> Self {
        Self {
            code,
            severity,
            feature: None,
            name: None,
            message,
            at: None,
            area_m2: None,
        }
    }

    fn about(mut self, shape: &Shape<'_>) -> Self {
        self.feature = Some(shape.number);
        self.name = Some(shape.name.to_owned());
        self
    }

    fn at(mut self, at: Option<[f64; 2]>) -> Self {
        self.at = at;
        self
    }

    fn sized(mut self, area_m2: f64) -> Self {
        self.area_m2 = Some(area_m2);
        self
    }
}

/// Looks a set over. `expected` is the box, west, south, east, north, that the set should lie in, where known.
///
/// The heaviest findings come first; those of one code are largest first where they have a size, else as in the file.
pub fn check(shapes: &[Shape<'_>], expected: Option<[f64; 4]>) -> Vec<Finding> {
    let mut findings = coordinates::check(shapes, expected);
    if findings.is_empty() {
        findings.extend(rings::check(shapes));
        findings.extend(coverage::overlaps(shapes));
        findings.extend(coverage::gaps(shapes));
    }
    findings.extend(coordinates::forms(shapes));
    let size = |finding: &Finding| finding.area_m2.unwrap_or(0.0);
    findings.sort_by(|a, b| {
        let weight = b.severity.cmp(&a.severity).then(a.code.cmp(&b.code));
        weight.then(size(b).total_cmp(&size(a)))
    });
    shorten(&findings)
}

/// A place where the outline crosses itself, if it does.
pub(crate) fn crossing(shape: &Shape<'_>, pairs: &mut usize) -> Option<[f64; 2]> {
    rings::crossing(shape, pairs)
}

/// Whether anything found forbids using the set.
pub fn is_refused(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Refuse)
}

fn shorten(findings: &[Finding]) -> Vec<Finding> {
    let mut kept = Vec::new();
    for same in findings.chunk_by(|a, b| (a.severity, a.code) == (b.severity, b.code)) {
        kept.extend(same.iter().take(LISTED_MAX).cloned());
        let all = same.len();
        if let Some(last) = kept.last_mut().filter(|_| all > LISTED_MAX) {
            last.message = format!("{} ({all} such in all, {LISTED_MAX} listed)", last.message);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo_json::{FlawKind, parse_geometry};

    fn polygon(rings: &str) -> MultiPolygon<f64> {
        parse_geometry(&format!(r#"{{"type":"Polygon","coordinates":{rings}}}"#)).unwrap()
    }

    /// Findings of polygons named a, b, c … whose code is their name, as code, severity and name.
    fn found(rings: &[&str]) -> Vec<(FindingCode, Severity, String)> {
        let polygons: Vec<_> = rings.iter().map(|rings| polygon(rings)).collect();
        let names: Vec<String> = ('a'..).take(polygons.len()).map(String::from).collect();
        let shapes: Vec<_> = (1..)
            .zip(polygons.iter().zip(&names))
            .map(|(number, (polygons, name))| Shape {
                number,
                name,
                code: Some(name),
                polygons,
                flaws: &[],
            })
            .collect();
        let findings = check(&shapes, None);
        findings
            .into_iter()
            .map(|f| (f.code, f.severity, f.name.unwrap_or_default()))
            .collect()
    }

    const A: &str = "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]";

    #[test]
    fn a_clean_pair_has_no_finding() {
        assert_eq!(found(&[A, "[[[1,0],[2,0],[2,1],[1,1],[1,0]]]"]), []);
    }

    #[test]
    fn each_defect_is_found() {
        use FindingCode as C;
        use Severity::{Note, Refuse, Warn};
        let table: [(&str, C, Severity); 8] = [
            ("[[[5,5],[6,6],[6,5],[5,6],[5,5]]]", C::SelfCrossing, Warn),
            ("[[[5,5],[7,5],[7,6],[6,5],[5,6],[5,5]]]", C::SelfTouching, Warn),
            ("[[[5,5],[7,5],[8,5],[7,5],[7,6],[5,5]]]", C::SelfCrossing, Warn),
            ("[[[5,5],[5,6],[6,6],[6,5],[5,5]]]", C::WrongOrientation, Note),
            ("[[[0.5,0],[2,0],[2,1],[0.5,1],[0.5,0]]]", C::Overlap, Warn),
            ("[[[0.2,0.2],[0.4,0.2],[0.4,0.4],[0.2,0.2]]]", C::Covered, Refuse),
            ("[[[5,5],[6,5],[6,99],[5,5]]]", C::SwappedAxes, Refuse),
            (
                "[[[1176000,1899000],[1177000,1899000],[1177000,1900000],[1176000,1899000]]]",
                C::Projected,
                Refuse,
            ),
        ];
        for (rings, code, severity) in table {
            let found = found(&[A, rings]);
            let hits: Vec<_> = found
                .iter()
                .filter(|one| (one.0, one.1) == (code, severity))
                .collect();
            assert_eq!(hits.len(), 1, "{rings} {found:?}");
        }
    }

    #[test]
    fn a_hole_that_no_cell_fills_is_a_gap_and_one_that_is_filled_is_none() {
        let ring = "[[[0,0],[3,0],[3,3],[0,3],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]";
        let codes = |rings: &[&str]| found(rings).into_iter().map(|one| one.0).collect::<Vec<_>>();
        assert_eq!(codes(&[ring]), [FindingCode::Gap, FindingCode::Hole]);
        assert_eq!(
            codes(&[ring, "[[[1,1],[2,1],[2,2],[1,2],[1,1]]]"]),
            [FindingCode::Hole]
        );
    }

    #[test]
    fn a_sliver_between_two_cells_is_a_gap_with_its_place_and_size() {
        let left = polygon("[[[0,0],[1,0],[1,0.25],[1,0.75],[1,1],[0,1],[0,0]]]");
        let right = polygon("[[[1,0],[2,0],[2,1],[1,1],[1,0.75],[1.0001,0.5],[1,0.25],[1,0]]]");
        let shape = |number, name, polygons| Shape {
            number,
            name,
            code: None,
            polygons,
            flaws: &[],
        };
        let findings = check(&[shape(1, "left", &left), shape(2, "right", &right)], None);
        let [gap] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        assert_eq!(gap.code, FindingCode::Gap);
        let area = gap.area_m2.unwrap();
        assert!(
            (area - 0.25 * 0.0001 * 12_308_778_361.0).abs() < area * 0.01,
            "{area}"
        );
        assert!((gap.at.unwrap()[0] - 1.000_05).abs() < 0.000_05);
        assert!(
            gap.message.contains("left") && gap.message.contains("right"),
            "{}",
            gap.message
        );
    }

    #[test]
    fn a_cell_within_a_gap_is_not_counted_as_gap() {
        let ring = polygon("[[[0,0],[3,0],[3,3],[0,3],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]");
        let island = polygon("[[[1.25,1.25],[1.75,1.25],[1.75,1.75],[1.25,1.75],[1.25,1.25]]]");
        let shape = |number, polygons| Shape {
            number,
            name: "x",
            code: None,
            polygons,
            flaws: &[],
        };
        let findings = check(&[shape(1, &ring), shape(2, &island)], None);
        let is_gap = |f: &&Finding| f.code == FindingCode::Gap;
        let gaps: Vec<f64> = findings.iter().filter(is_gap).filter_map(|f| f.area_m2).collect();
        assert_eq!(gaps.len(), 1);
        assert!((gaps[0] / 12_308_778_361.0 - 0.75).abs() < 0.01, "{gaps:?}");
    }

    #[test]
    fn what_the_reader_mended_and_codes_given_twice_are_named() {
        let one = polygon(A);
        let flaws = [Flaw {
            kind: FlawKind::UnclosedRing,
            at: Some([0.0, 0.0]),
        }];
        let empty = MultiPolygon(vec![]);
        let shape = |number, polygons, flaws| Shape {
            number,
            name: "n",
            code: Some("7"),
            polygons,
            flaws,
        };
        let findings = check(&[shape(1, &one, flaws.as_slice()), shape(2, &empty, &[])], None);
        let codes: Vec<_> = findings.iter().map(|f| (f.code, f.severity)).collect();
        let wanted =
            [FindingCode::EmptyGeometry, FindingCode::DuplicateCode].map(|code| (code, Severity::Refuse));
        assert_eq!(codes[..2], wanted);
        assert_eq!(codes[2..], [(FindingCode::UnclosedRing, Severity::Warn)]);
        assert!(is_refused(&findings));
    }

    #[test]
    fn the_expected_box_shows_swapped_axes_and_far_sets() {
        let boston = [-71.2, 42.2, -70.9, 42.4];
        let swapped = polygon("[[[42.3,-71.1],[42.31,-71.1],[42.31,-71.0],[42.3,-71.1]]]");
        let far = polygon(A);
        for (polygons, code) in [(&swapped, FindingCode::SwappedAxes), (&far, FindingCode::FarAway)] {
            let shape = Shape {
                number: 1,
                name: "x",
                code: None,
                polygons,
                flaws: &[],
            };
            assert_eq!(check(&[shape], Some(boston))[0].code, code);
        }
    }

    #[test]
    fn a_list_without_end_is_cut_with_its_length_told() {
        let one = polygon(A);
        let shape = Shape {
            number: 1,
            name: "x",
            code: Some("1"),
            polygons: &one,
            flaws: &[],
        };
        let empty = MultiPolygon(vec![]);
        let shapes: Vec<_> = (0..300)
            .map(|number| Shape {
                number,
                polygons: &empty,
                code: None,
                ..shape
            })
            .collect();
        let findings = check(&shapes, None);
        assert_eq!(findings.len(), LISTED_MAX);
        assert!(
            findings[LISTED_MAX - 1]
                .message
                .ends_with("(300 such in all, 200 listed)")
        );
    }
}
