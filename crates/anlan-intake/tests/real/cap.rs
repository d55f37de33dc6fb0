//! Every given file of CAP, counted.
use crate::support::given;
use anlan_intake::cap;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    match path.extension().and_then(|end| end.to_str()) {
        Some("zst") => zstd::decode_all(bytes.as_slice()).unwrap(),
        _ => bytes,
    }
}

#[test]
fn every_given_file_is_kept_or_refused_for_its_reason() {
    let Some(given) = given() else { return };
    let mut all = Vec::new();
    files(&given.join("cap"), &mut all);
    let read = |path: &PathBuf| cap::read(&bytes(path)).is_ok();
    let kept = all.iter().filter(|path| read(path)).count();
    assert_eq!((all.len(), kept), (47, 40));
}
