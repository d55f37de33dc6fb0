//! Folders whose names outlive a power cut: a new name is durable only once the folder that has it is synced. What lies
//! in them is not known here.

use crate::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

/// Makes a folder and those above it where they are missing, durably. One that is there already is synced into the folder
/// above it all the same: whoever made it may have ended before that.
pub fn make(folder: &Path) -> Result<(), Error> {
    let missing = folder.ancestors().filter(|path| !path.exists()).count();
    fs::create_dir_all(folder).map_err(|e| Error::file(folder, e))?;
    let above = folder.ancestors().skip(1).take(missing.max(1));
    above.into_iter().try_for_each(sync)
}

/// Makes the names in a folder durable.
pub fn sync(folder: &Path) -> Result<(), Error> {
    let here = Path::new(".");
    let folder = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    File::open(folder)
        .and_then(|open| open.sync_all())
        .map_err(|e| Error::file(folder, e))
}

/// Whether a file was written longer ago than this; one whose time cannot be told was not.
pub fn is_older(file: &Path, age: Duration) -> bool {
    let written = fs::metadata(file).and_then(|found| found.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|elapsed| elapsed >= age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_with_those_above_and_a_second_time_is_no_error() {
        let home = tempfile::tempdir().unwrap();
        let deep = home.path().join("a/b/c");
        for _ in 0..2 {
            make(&deep).unwrap();
            assert!(deep.is_dir());
        }
        fs::write(home.path().join("file"), "").unwrap();
        assert!(make(&home.path().join("file/below")).is_err());
        assert!(sync(&home.path().join("nowhere")).is_err());
    }
}
