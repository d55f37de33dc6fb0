//! How good warnings are: outbreaks planted in real counts, and every method looking at them. The example of `anlan-intake` measures;
//! here is how it is run and what stands beside its figures. They have no bar: sensitivity is bought with false alarms, and
//! a county chooses.

use super::{Bar, Figures, node};
use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write as _;
use std::process::Stdio;

/// Figures that others have published: method, panel it is closest to, and what they found where. Their data are others.
const PUBLISHED: &[(&str, &str, &str)] = &[
    (
        "EARS C1",
        "daily",
        "Watkins et al. 2008, table 1: 53 % on the mean at 1.8 false alarms a year (0.0049 a day)",
    ),
    (
        "EARS C2",
        "daily",
        "Watkins et al. 2008, table 1: 53 % on the mean at 1.5 false alarms a year (0.0042 a day)",
    ),
    (
        "EARS C3",
        "daily",
        "Watkins et al. 2008, table 1: 60 % on the mean at 1.8 false alarms a year (0.0049 a day)",
    ),
    (
        "CUSUM (Rossi)",
        "daily",
        "Watkins et al. 2008, table 1, a negative-binomial CUSUM: 87 to 100 % at 1.5 to 1.8 false alarms a year",
    ),
    (
        "the watch: local cluster",
        "daily",
        "Neill 2009, tables 2 and 3, the same statistic: 88 to 100 % after 2.5 to 4.6 days on the mean at 12 false alarms a year",
    ),
    (
        "",
        "weekly, the published scenarios",
        "Bédubourg & Le Strat 2017, 21 methods: 43.3 to 88.7 % at 0.7 to 59.9 % of weeks",
    ),
];

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let Some(shared) = node::shared(repo, "") else {
        figures.leave_out("everything", "needs the shared files (ANLAN_SHARED)");
        return Ok(());
    };
    let words = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "anlan-intake",
        "--example",
        "warn_quality",
        "--",
    ];
    let mut command = process::cargo(&repo.root, &words);
    // The bar goes to the terminal as it is.
    let output = command.arg(shared).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the evaluation failed");
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let told: Value = serde_json::from_str(line).with_context(|| format!("not understood: {line}"))?;
        tell(&told, figures);
    }
    Ok(())
}

fn tell(told: &Value, figures: &mut Figures) {
    let text = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| told.get(key).and_then(Value::as_f64).unwrap_or_default();
    let panel = text("panel");
    if told.get("left_out").is_some() {
        figures.leave_out(text("left_out"), text("why"));
    } else if told.get("refused").is_some() {
        let what = format!("{panel}: {} on {:.0} series", text("refused"), number("series"));
        figures.leave_out(&what, text("why"));
    } else if told.get("series").is_some_and(Value::is_string) {
        // Scenarios are two hundred and made; the real series are told.
        if !panel.contains("scenarios") {
            let what = format!("{panel}: {}", text("series"));
            let beside = format!("{:.0} time points judged", number("points"));
            figures.add(what, (number("cases_per_point"), "cases each"), Bar::None, beside);
        }
    } else {
        let what = format!("{panel}: {}, {}", text("method"), text("at"));
        let share = 100.0 * number("sensitivity");
        figures.add(what, (share, "% detected"), Bar::None, beside(told));
    }
}

/// What a figure was bought with, what it is made of, and what others found.
fn beside(told: &Value) -> String {
    let text = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| told.get(key).and_then(Value::as_f64).unwrap_or_default();
    let mut beside = format!(
        "{:.1} false alarms a year, {:.0} series of {:.1} years together; median {}; {:.0} outbreaks, {:.0} % by chance",
        number("false_alarms_per_year"),
        number("series"),
        number("years"),
        days(told.get("median_days")),
        number("outbreaks"),
        100.0 * number("by_chance"),
    );
    for (kind, of) in told.get("kinds").and_then(Value::as_object).into_iter().flatten() {
        let share = of.get("sensitivity").and_then(Value::as_f64).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = write!(beside, "; {kind}: {:.0} %", 100.0 * share);
    }
    if let Some(known) = published(text("method"), text("panel")) {
        let _ = write!(beside, "; elsewhere, on other data: {known}");
    }
    beside
}

fn days(value: Option<&Value>) -> String {
    value
        .and_then(Value::as_f64)
        .map_or_else(|| "of none".to_owned(), |days| format!("{days:.1} days"))
}

fn published(method: &str, panel: &str) -> Option<&'static str> {
    let known = PUBLISHED
        .iter()
        .find(|(of, on, _)| (of.is_empty() || *of == method) && panel.starts_with(on));
    known.map(|(.., what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_figures_beside_what_others_found() {
        let mut figures = Figures::default();
        for line in [
            r#"{"left_out":"Chicago","why":"its files are not there"}"#,
            r#"{"refused":"Farrington","panel":"daily, months of past","why":"short","series":6}"#,
            r#"{"series":"Chicago: dirt","panel":"daily, three years of past","points":364,"cases_per_point":2.9}"#,
            r#"{"series":"s01_r01","panel":"weekly, the published scenarios","points":49,"cases_per_point":2.9}"#,
            r#"{"method":"EARS C1","panel":"daily, months of past","at":"usual settings","series":6,"years":3.7,
                "false_alarms_per_year":9.5,"outbreaks":12,"sensitivity":0.25,"by_chance":0.125,
                "median_days":1.0,"kinds":{"sharp, 2 sd, everywhere":{"outbreaks":12,"sensitivity":0.25,"median_days":1.0}}}"#,
        ] {
            tell(&serde_json::from_str(line).unwrap(), &mut figures);
        }
        assert_eq!(figures.left_out.len(), 2);
        let [series, figure] = figures.all.as_slice() else {
            panic!("{figures:?}")
        };
        assert!((series.value - 2.9).abs() < 1e-12);
        assert!((figure.value - 25.0).abs() < 1e-12 && figure.holds());
        let beside = figure.peer.as_deref().unwrap();
        for part in [
            "9.5 false alarms a year",
            "median 1.0 days",
            "everywhere: 25 %",
            "Watkins",
        ] {
            assert!(beside.contains(part), "{part}: {beside}");
        }
        assert!(published("EWMA", "daily, months of past").is_none());
        assert!(
            published("EWMA", "weekly, the published scenarios")
                .unwrap()
                .starts_with("Bédubourg")
        );
    }
}
