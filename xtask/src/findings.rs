//! What a check found wrong, and how it is told: where, which rule, what to do. It decides nothing.

use std::fmt;
use std::process::ExitCode;

/// One thing that is not as the rules want it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Path from the root of the repository.
    pub(crate) path: String,
    /// Line, from 1; 0 means the file or folder as a whole.
    pub(crate) line: usize,
    /// Short name of the rule, as exceptions name it.
    pub(crate) rule: &'static str,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) instead: String,
}

impl Finding {
    pub(crate) fn new(
        path: &str,
        line: usize,
        rule: &'static str,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            what: what.into(),
            instead: instead.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": [{}] {}\n    do: {}", self.rule, self.what, self.instead)
    }
}

/// Prints the findings in order of place; fails if there is one.
pub(crate) fn report(check: &str, findings: &[Finding]) -> ExitCode {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort();
    for finding in &sorted {
        println!("{finding}");
    }
    if sorted.is_empty() {
        println!("{check}: in order");
        return ExitCode::SUCCESS;
    }
    println!("{check}: {} to mend", sorted.len());
    ExitCode::FAILURE
}
