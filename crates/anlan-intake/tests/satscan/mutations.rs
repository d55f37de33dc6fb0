//! Any bytes in any file: faults or a project, never a panic, and never a fault without file and cure.

use crate::small::Small;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["a.prm", "a.cas", "a.pop", "a.geo"];

fn looked_at(what: &Small) {
    let (project, faults) = what.read();
    assert!(project.is_some() != faults.is_refused());
    for fault in faults.list() {
        assert!(!fault.file.is_empty() && !fault.cure.is_empty(), "{fault}");
    }
}

/// One change to a file's bytes.
#[derive(Debug, Clone)]
enum Change {
    Put(usize, Vec<u8>),
    Cut(usize, usize),
    Swap(usize, u8),
    Twice(usize, usize),
}

fn changed(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    let len = bytes.len().max(1);
    match change {
        Change::Put(at, more) => {
            let tail = bytes.split_off((at % len).min(bytes.len()));
            bytes.extend_from_slice(more);
            bytes.extend(tail);
        }
        Change::Cut(at, many) => {
            let from = (at % len).min(bytes.len());
            let to = (from + many % 20).min(bytes.len());
            bytes.drain(from..to);
        }
        Change::Swap(at, byte) => {
            if let Some(slot) = bytes.get_mut(at % len) {
                *slot = *byte;
            }
        }
        Change::Twice(at, many) => {
            let from = (at % len).min(bytes.len());
            let to = (from + many % 40).min(bytes.len());
            let copy: Vec<u8> = bytes.drain(from..to).collect();
            bytes.extend(copy.repeat(2));
        }
    }
    bytes
}

fn change() -> impl Strategy<Value = Change> {
    let bits = prop_oneof![
        Just(b"-".to_vec()),
        Just(b"99999999999999999999".to_vec()),
        Just(b"1e308".to_vec()),
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b"\xff\xfe".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"=".to_vec()),
        Just(b"nan".to_vec()),
        Just(b"y".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    prop_oneof![
        (any::<usize>(), bits).prop_map(|(at, more)| Change::Put(at, more)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, many)| Change::Cut(at, many)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Swap(at, byte)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, many)| Change::Twice(at, many)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_never_panic(changes in proptest::collection::vec((0..NAMES.len(), change()), 1..6)) {
        let mut what = Small::new();
        for (file, one) in &changes {
            let name = NAMES[*file];
            let bytes = what.0[name].clone();
            what = what.with(name, &changed(bytes, one));
        }
        looked_at(&what);
    }

    #[test]
    fn any_bytes_never_panic(file in 0..NAMES.len(), bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        looked_at(&Small::new().with(NAMES[file], &bytes));
    }

    #[test]
    fn any_value_of_any_key_never_panics(
        key in proptest::sample::select(vec![
            "AnalysisType", "ModelType", "PrecisionCaseTimes", "StartDate", "EndDate", "TimeAggregationUnits",
            "TimeAggregationLength", "MaxTemporalSize", "UseGridFile", "UseNeighborsFile", "NeighborsFilename",
            "MaxSpatialSizeInPopulationAtRisk", "CaseFile-SourceFieldMap", "CaseFile-SourceDelimiter",
            "UseAdjustmentsByRRFile", "AdjustForEarlierAnalyses", "ProspectiveStartDate", "CoordinatesType",
        ]),
        value in "[ -~]{0,12}|-?[0-9]{1,12}|y|a.cas|a.geo",
    ) {
        looked_at(&Small::new().setting(&format!("{key}={}", value.replace('\n', ""))));
    }
}
