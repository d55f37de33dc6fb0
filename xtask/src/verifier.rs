//! Tests `tools/verify_access.py` against the built program, in a Python environment of its own. Where there is no Python
//! it says so.

use crate::repo::Repo;
use crate::{doctor, process, wheel};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Whether the tests passed, and what they printed; `None` where there is no Python to run them with.
pub(crate) fn test(repo: &Repo, program: &Path) -> Result<Option<(bool, String)>> {
    let Some(version) = doctor::python_with_venv() else {
        return Ok(None);
    };
    let python = wheel::environment(repo, "verifier", &version)?.join("python");
    let mut tests = Command::new(python);
    tests.args(["-m", "unittest", "discover", "--start-directory"]);
    tests
        .arg(repo.path("tools/tests"))
        .current_dir(repo.path(".anlan"));
    tests
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("ANLAN_BIN", program);
    process::listen(tests).map(Some)
}
