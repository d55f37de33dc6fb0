//! Refuses crate and module names that say nothing. Only names, no contents.

use super::table::EMPTY_NAMES;
use crate::findings::Finding;

/// The finding for a source file whose own name, or whose folder's, says nothing.
pub(super) fn check(path: &str) -> Option<Finding> {
    let empty = path.split('/').find_map(|part| {
        let part = part.strip_suffix(".rs").unwrap_or(part);
        let name = part.strip_prefix("anlan-").unwrap_or(part);
        EMPTY_NAMES.contains(&name).then_some(name)
    })?;
    let what = format!("`{empty}` does not say what is inside");
    let instead = "name it after the noun it is about, or put each function beside its only user";
    Some(Finding::new(path, 0, "names", what, instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_refused() {
        for path in [
            "crates/anlan-app/src/utils.rs",
            "crates/anlan-app/src/core/a.rs",
            "crates/anlan-common/src/lib.rs",
        ] {
            assert!(check(path).is_some(), "{path}");
        }
        assert_eq!(check("crates/anlan-app/src/cases.rs"), None);
    }
}
