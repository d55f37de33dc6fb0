//! The profile of every real file names the defects that are known of it.

use crate::support::{given, now};
use anlan_intake::mapping::Mapping;
use anlan_intake::profile::{Kind, Profile, Try, profile};
use anlan_intake::rows::RowReader;
use anlan_intake::sniff::{Stated, survey};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

fn look(path: &Path, mapping: Option<&str>) -> Profile {
    let with = mapping.map(|name| Try {
        mapping: Arc::new(Mapping::named(name).unwrap()),
        datum: None,
        now: now(),
    });
    let stated = with
        .as_ref()
        .map_or_else(Stated::default, |with| with.mapping.stated());
    let sniffed = survey(File::open(path).unwrap(), &stated, &mut |_| {}).unwrap();
    let mut reader = RowReader::open(File::open(path).unwrap(), &stated.with(&sniffed)).unwrap();
    let size = std::fs::metadata(path).unwrap().len();
    let mut last = 0;
    let found = profile(&mut reader, with.as_ref(), &mut |bytes, _| {
        assert!(bytes >= last && bytes <= size);
        last = bytes;
    });
    let found = found.unwrap();
    assert_eq!(last, size, "every byte was read and told");
    assert!(serde_json::to_string(&found).unwrap().starts_with('{'));
    found
}

fn kind(found: &Profile, column: &str) -> Kind {
    found.columns.iter().find(|one| one.name == column).unwrap().kind
}

fn suspects(found: &Profile) -> Vec<(f64, f64, u64)> {
    found
        .coordinates
        .iter()
        .flat_map(|pair| &pair.suspects)
        .map(|point| (point.x, point.y, point.rows))
        .collect()
}

#[test]
fn boston_2011_stands_on_city_hall() {
    let Some(given) = given() else { return };
    let found = look(
        &given.join("boston-311/boston311_2011h2.csv.zst"),
        Some("boston-2011"),
    );
    assert_eq!(suspects(&found), [(-71.0587, 42.3594, 4_775)]);
    assert_eq!(found.trial.as_ref().unwrap().default_points, 4_775);
    assert_eq!(kind(&found, "case_enquiry_id"), Kind::Int);
    assert_eq!(kind(&found, "open_dt"), Kind::DateTime);
    assert_eq!(kind(&found, "latitude"), Kind::Decimal);
    assert_eq!(kind(&found, "ontime"), Kind::Codes);
    let target = found.columns.iter().find(|one| one.name == "target_dt").unwrap();
    assert_eq!(
        (target.blanks, target.max.as_deref()),
        (10_981, Some("2059-12-31T19:00:00"))
    );
    let ward = found.columns.iter().find(|one| one.name == "ward").unwrap();
    assert_eq!((ward.blanks, ward.spaces_only), (2_867, 2_833));
    assert!(found.repeated_ids.iter().all(|repeats| repeats.rows == 0));
    assert_eq!(found.questions, []);
}

#[test]
fn boston_2015_stands_on_city_hall_and_writes_american_times() {
    let Some(given) = given() else { return };
    let found = look(&given.join("boston-311/boston311_2015_partial.csv.zst"), None);
    assert_eq!(suspects(&found), [(-71.0587, 42.3594, 17_070)]);
    let open = found.columns.iter().find(|one| one.name == "OPEN_DT").unwrap();
    assert_eq!(
        (open.kind, open.time_formats.as_slice()),
        (Kind::DateTime, &["mdy".to_owned()][..])
    );
    let zip = found
        .columns
        .iter()
        .find(|one| one.name == "LOCATION_ZIPCODE")
        .unwrap();
    assert_eq!((zip.kind, zip.blanks), (Kind::Int, 34_687));
    assert_eq!(zip.ints_with_point, 121_145 - 34_687);
    let geocoded = found
        .columns
        .iter()
        .find(|one| one.name == "Geocoded_Location")
        .unwrap();
    assert_eq!(geocoded.null_words[0].count, 17_070);
}

#[test]
fn chicago_repeats_ids_and_has_feet_beside_degrees() {
    let Some(given) = given() else { return };
    let file = "chicago-311-sanitation/sanitation_code_complaints.csv.zst";
    let found = look(&given.join(file), Some("chicago-sanitation"));
    assert_eq!(suspects(&found), []);
    assert_eq!(found.repeated_ids.len(), 1);
    assert_eq!(
        (found.repeated_ids[0].rows, found.repeated_ids[0].examples.len()),
        (375, 20)
    );
    let feet = found
        .coordinates
        .iter()
        .find(|pair| pair.x == "X_Coordinate")
        .unwrap();
    assert!(feet.can_be.contains(&"feet of a US State Plane zone"));
    assert!(feet.cannot_be.contains(&"metres of a UTM zone"));
    assert_eq!(
        found
            .questions
            .iter()
            .map(|question| question.code)
            .collect::<Vec<_>>(),
        ["projection"]
    );
    assert!(found.look_alikes.unwrap().rows > 1_000);
}

#[test]
fn montgomery_has_no_id_and_no_stand_in() {
    let Some(given) = given() else { return };
    let found = look(&given.join("montgomery-911/911.csv.zst"), Some("montgomery-911"));
    assert_eq!(suspects(&found), []);
    assert_eq!(found.repeated_ids, []);
    assert_eq!(found.trial.as_ref().unwrap().kept_back, 19);
    assert_eq!(found.trial.as_ref().unwrap().examples.len(), 19);
}

#[test]
fn boston_crashes_have_two_coordinate_systems_and_an_unnamed_column() {
    let Some(given) = given() else { return };
    let found = look(&given.join("boston-crashes/vision-zero-crash-records.csv"), None);
    assert_eq!(found.rows, 6_083);
    assert_eq!(found.columns[0].name, "column 1");
    assert_eq!(kind(&found, "dispatch_ts"), Kind::DateTime);
    assert_eq!(found.coordinates.len(), 2);
    assert!(
        !found.coordinates[1]
            .can_be
            .contains(&"degrees (WGS84 and the like)")
    );
}

#[test]
fn an_open311_array_names_what_is_null() {
    let Some(given) = given() else { return };
    let found = look(
        &given.join("open311/boston-api/requests_sample.json"),
        Some("boston-open311"),
    );
    assert_eq!(found.rows, 2_402);
    assert_eq!(found.trial.as_ref().unwrap().kept_back, 2);
    insta::assert_snapshot!(found.to_string());
}
