//! Decisions of policy with a thousand policies and ten thousand accounts, and row rules. Measured by policy's own example.

use crate::bench::examples::Example;
use crate::bench::{Bar, Figures};
use crate::repo::Repo;
use anyhow::{Context, Result};

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let told: serde_json::Value = Example::build(repo, "anlan-policy", "decisions")?.ask(&[])?;
    let number = |key: &str| {
        told.get(key)
            .and_then(serde_json::Value::as_f64)
            .with_context(|| format!("no {key}"))
    };
    let scan = format!(
        "asked of all 1,000 policies at once: {:.0} us; {:.0} % allowed; loading them {:.0} ms",
        number("scan_median_us")?,
        number("allowed_percent")?,
        number("load_us")? / 1000.0
    );
    let (most, worst) = (Bar::AtMost(20.0), Bar::AtMost(200.0));
    let name = "decision, 1,000 policies, 10,000 accounts";
    figures.add(
        format!("{name}, median"),
        (number("median_us")?, "us"),
        most,
        scan,
    );
    figures.add(format!("{name}, p99"), (number("p99_us")?, "us"), worst, "");
    let shipped = format!("loading them {:.1} ms", number("shipped_load_us")? / 1000.0);
    let name = "decision, shipped policies";
    figures.add(
        format!("{name}, median"),
        (number("shipped_median_us")?, "us"),
        most,
        shipped,
    );
    figures.add(
        format!("{name}, p99"),
        (number("shipped_p99_us")?, "us"),
        worst,
        "",
    );
    let first = format!(
        "p99 with the first of each kind {:.0} us",
        number("row_first_p99_us")?
    );
    figures.add(
        "row rule, median",
        (number("row_median_us")?, "us"),
        Bar::AtMost(5.0),
        first,
    );
    figures.add(
        "row rule, p99",
        (number("row_p99_us")?, "us"),
        Bar::AtMost(50.0),
        "",
    );
    figures.add(
        "answers where row rule and decision differ",
        (number("apart")?, ""),
        Bar::AtMost(0.0),
        "of 100,000",
    );
    Ok(())
}
