//! Reads boundary files of the shared data for tests; says so where they are absent.

use anlan_grid::geo_json::{Feature, parse};
use std::path::PathBuf;

/// The features of a file under `data/given`, unpacked if its name ends in `.zst`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test finds its data through the environment"
)]
#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panic and says what it skips"
)]
pub(crate) fn features(path: &str) -> Option<Vec<Feature>> {
    let root = std::env::var("ANLAN_SHARED").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = root.join("data/given").join(path);
    let Ok(bytes) = std::fs::read(&file) else {
        println!(
            "skipped: {} is absent; set ANLAN_SHARED to the folder of shared data",
            file.display()
        );
        return None;
    };
    let bytes = if file.extension().is_some_and(|ext| ext == "zst") {
        zstd::decode_all(bytes.as_slice()).unwrap()
    } else {
        bytes
    };
    Some(parse(&String::from_utf8(bytes).unwrap()).unwrap())
}
