//! The checks on real boundary files, whose defects are known. Skipped, saying so, where the shared data are absent.

mod shared;

use anlan_grid::topology::{Finding, FindingCode, Shape, check, is_refused};

/// Findings of a file whose features are named by a property.
fn found(path: &str, name: &str, expected: Option<[f64; 4]>) -> Option<Vec<Finding>> {
    let features = shared::features(path)?;
    let names: Vec<_> = features
        .iter()
        .map(|one| one.text(name).unwrap_or_default())
        .collect();
    let shapes: Vec<_> = features
        .iter()
        .zip(&names)
        .map(|(one, name)| Shape::of(one, name, None))
        .collect();
    Some(check(&shapes, expected))
}

fn count(findings: &[Finding], codes: &[FindingCode]) -> usize {
    findings.iter().filter(|one| codes.contains(&one.code)).count()
}

const SELF: [FindingCode; 2] = [FindingCode::SelfCrossing, FindingCode::SelfTouching];

/// The finding of a code with the largest ground.
fn largest(findings: &[Finding], code: FindingCode) -> f64 {
    findings
        .iter()
        .filter(|one| one.code == code)
        .filter_map(|one| one.area_m2)
        .fold(0.0, f64::max)
}

#[test]
fn boston_has_four_invalid_outlines_and_an_island_hole() {
    let expected = [-71.2, 42.2, -70.9, 42.4];
    let Some(findings) = found(
        "boundaries/click_that_hood/boston.geojson",
        "name",
        Some(expected),
    ) else {
        return;
    };
    assert_eq!(count(&findings, &SELF), 4);
    assert_eq!(
        (
            count(&findings, &[FindingCode::Overlap]),
            count(&findings, &[FindingCode::Gap])
        ),
        (1, 2)
    );
    assert!((largest(&findings, FindingCode::Gap) - 578_964.0).abs() < 1_000.0);
    assert!(!is_refused(&findings));
}

#[test]
fn chicago_has_four_invalid_outlines_and_encloses_its_suburbs() {
    let Some(findings) = found("boundaries/click_that_hood/chicago.geojson.zst", "name", None) else {
        return;
    };
    assert_eq!(count(&findings, &SELF), 4);
    assert_eq!(
        (
            count(&findings, &[FindingCode::Overlap]),
            count(&findings, &[FindingCode::Gap])
        ),
        (0, 3)
    );
    // Harwood Heights and Norridge are towns of their own inside the city, 7.9 km² together.
    assert!((largest(&findings, FindingCode::Gap) / 1e6 - 7.99).abs() < 0.1);
    assert!(!is_refused(&findings));
}

#[test]
fn austin_has_overlaps_and_gaps_but_valid_outlines() {
    let Some(findings) = found("boundaries/click_that_hood/austin.geojson", "name", None) else {
        return;
    };
    assert_eq!(count(&findings, &SELF), 0);
    assert_eq!(
        (
            count(&findings, &[FindingCode::Overlap]),
            count(&findings, &[FindingCode::Gap])
        ),
        (4, 2)
    );
    assert!(!is_refused(&findings));
}

#[test]
fn the_counties_of_china_have_one_invalid_outline() {
    let Some(findings) = found(
        "admin-cn/mapchina/china_counties.geojson.zst",
        "Name_County",
        None,
    ) else {
        return;
    };
    assert_eq!(count(&findings, &SELF), 1);
    assert_eq!(
        (
            count(&findings, &[FindingCode::Overlap]),
            count(&findings, &[FindingCode::Gap])
        ),
        (2, 2)
    );
    assert!(!is_refused(&findings));
}
