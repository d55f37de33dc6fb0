//! The tests of `tools/`: the log of the built program against verifiers and a witness that are not ours, in a Python
//! environment of its own. Where there is no Python it says so.

use crate::repo::Repo;
use crate::{debian, doctor, outside, process, wheel};
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
    if let Some(witness) = debian::witness(repo) {
        let rest = outside::variable("PATH").unwrap_or_default();
        tests.env("PATH", format!("{}:{rest}", witness.display()));
    }
    process::listen(tests).map(Some)
}
