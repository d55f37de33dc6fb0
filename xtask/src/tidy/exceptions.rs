//! Exceptions to the tidy rules: read, matched, and refused when they lack a reason or are no longer needed.

use crate::findings::Finding;
use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// A file, or a folder ending in `/` for all that is in it.
    path: String,
    /// The rule not applied.
    rule: String,
    /// Why.
    reason: String,
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let is_there = if self.path.ends_with('/') {
            finding.path.starts_with(&self.path)
        } else {
            finding.path == self.path
        };
        is_there && self.rule == finding.rule
    }
}

/// The findings that no exception covers, and one for each exception that is itself out of order.
pub(super) fn apply(file: &str, text: &str, findings: Vec<Finding>) -> Result<Vec<Finding>> {
    let list: Exceptions = toml::from_str(text).with_context(|| format!("{file} does not parse"))?;
    let mut left: Vec<Finding> = Vec::new();
    for exception in &list.exception {
        let line = text
            .lines()
            .position(|line| line.contains(&exception.path))
            .map_or(0, |index| index + 1);
        if exception.reason.split_whitespace().count() < 3 {
            let what = format!("the exception for {} gives no reason", exception.path);
            left.push(Finding::new(
                file,
                line,
                "exceptions",
                what,
                "say in a sentence why it is needed",
            ));
        }
        if !findings.iter().any(|finding| exception.covers(finding)) {
            let what = format!("{} no longer breaks `{}`", exception.path, exception.rule);
            left.push(Finding::new(
                file,
                line,
                "exceptions",
                what,
                "remove the exception",
            ));
        }
    }
    left.extend(
        findings
            .into_iter()
            .filter(|f| !list.exception.iter().any(|exception| exception.covers(f))),
    );
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> Vec<String> {
        let findings = vec![Finding::new("a/b.rs", 0, "lines", "too long", "split")];
        apply("t.toml", text, findings)
            .unwrap()
            .into_iter()
            .map(|f| f.what)
            .collect()
    }

    #[test]
    fn an_exception_needs_a_reason_and_a_use() {
        assert_eq!(left(""), ["too long"]);
        assert!(left("[[exception]]\npath='a/'\nrule='lines'\nreason='one table, read as one'").is_empty());
        assert_eq!(
            left("[[exception]]\npath='a/b.rs'\nrule='lines'\nreason='because'").len(),
            1
        );
        assert_eq!(
            left("[[exception]]\npath='a/b.rs'\nrule='bytes'\nreason='it is a large one'").len(),
            2
        );
    }
}
