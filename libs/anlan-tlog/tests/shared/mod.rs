//! Finds the shared vectors for tests; says so where they are absent.

use std::path::PathBuf;

/// A folder or file under `vectors`, if it is there.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test finds its data through the environment and says what it skips"
)]
pub(crate) fn vectors(path: &str) -> Option<PathBuf> {
    let root = std::env::var("ANLAN_SHARED").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let found = root.join("vectors").join(path);
    if found.exists() {
        return Some(found);
    }
    println!(
        "skipped: {} is absent; set ANLAN_SHARED to the folder of shared data",
        found.display()
    );
    None
}
