//! The globals this tool reads, the environment and the clock, in one place. Nothing else belongs here.

use std::process::Command;
use std::time::Instant;

/// The value of an environment variable, if it is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "this tool runs outside the program and has no configuration of its own"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A running stopwatch.
#[expect(
    clippy::disallowed_methods,
    reason = "measures how long a step takes; no rule of the domain hangs on it"
)]
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}

/// Days since 1970-01-01, UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "a made-up backlog ends today; no rule of the domain hangs on it"
)]
pub(crate) fn today() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = since.map_or(0, |since| since.as_secs() / 86_400);
    i64::try_from(days).unwrap_or(0)
}

/// Takes out of a child's environment what `cargo run` put there about this tool's own package, so that a cargo
/// started by us decides as one started by hand would, and both share one build.
pub(crate) fn forget_own_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}
