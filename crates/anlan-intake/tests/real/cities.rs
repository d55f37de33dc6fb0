//! Every shipped mapping over the whole of its real file: no row is lost, and the known defects are found.

use crate::support::{Counts, count, given};

fn check(name: &str, file: &str, rows: u64) -> Option<Counts> {
    let counts = count(name, &given()?.join(file));
    assert_eq!(counts.rows, rows, "{name}");
    Some(counts)
}

#[test]
fn boston_2011() {
    let Some(counts) = check("boston-2011", "boston-311/boston311_2011h2.csv.zst", 58_251) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}

#[test]
fn boston_2015() {
    let Some(counts) = check(
        "boston-2015",
        "boston-311/boston311_2015_partial.csv.zst",
        121_145,
    ) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}

#[test]
fn boston_2025() {
    let Some(counts) = check("boston-2025", "boston-311/boston311_2025_sample.csv", 2_424) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}

#[test]
fn chicago_sanitation() {
    let file = "chicago-311-sanitation/sanitation_code_complaints.csv.zst";
    let Some(counts) = check("chicago-sanitation", file, 74_401) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}

#[test]
fn montgomery_911() {
    let Some(counts) = check("montgomery-911", "montgomery-911/911.csv.zst", 99_492) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}

#[test]
fn boston_open311_lines() {
    let Some(counts) = check(
        "boston-open311",
        "open311/boston-api/requests_all.jsonl.zst",
        320_771,
    ) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}

#[test]
fn boston_open311_array() {
    let Some(counts) = check("boston-open311", "open311/boston-api/requests_sample.json", 2_402) else {
        return;
    };
    insta::assert_debug_snapshot!(counts);
}
