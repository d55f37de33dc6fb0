//! How good the alarms are: runs the library's own evaluation on planted outbreaks and shows each method's figures. They
//! have no bar: sensitivity and false alarms are bought with each other, and a county chooses.

use super::{Bar, Figures};
use crate::process;
use crate::repo::Repo;
use anyhow::{Result, bail};
use serde_json::Value;

/// Over the 21 methods of that comparison, on series made by the same formula.
const PUBLISHED: &str = "43.3–88.7 % over 21 methods (Bédubourg & Le Strat 2017)";

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let example = ["--package", "anlan-scan", "--example", "warn_quality"];
    let arguments = [["run", "--quiet", "--release"].as_slice(), &example].concat();
    let output = process::cargo(&repo.root, &arguments).output()?;
    if !output.status.success() {
        bail!(
            "the evaluation failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    for told in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        let name = told.get("method").and_then(Value::as_str).unwrap_or_default();
        let peer = if name.starts_with("space-time") {
            ""
        } else {
            PUBLISHED
        };
        let parts = [
            ("sensitivity", "outbreaks detected", 100.0, "%", peer),
            (
                "false_alarms_per_year",
                "false alarms a year and series",
                1.0,
                "",
                "",
            ),
            (
                "median_days_to_detection",
                "median time to detection",
                1.0,
                "days",
                "",
            ),
        ];
        for (key, what, scale, unit, peer) in parts {
            if let Some(value) = told.get(key).and_then(Value::as_f64) {
                figures.add(format!("{name}: {what}"), (value * scale, unit), Bar::None, peer);
            }
        }
    }
    Ok(())
}
