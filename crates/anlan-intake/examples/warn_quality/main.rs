//! How good are warnings? Plants outbreaks of known size and shape into the daily counts of real cities and into real weekly
//! series, lets every method look at them, and prints one JSON line per figure; a bar on standard error says how far it is.
//!
//! `warn_quality SHARED`, the folder of shared files; what is not there is left out and said so. Nothing is random but what a fixed seed
//! draws, so that two runs print the same.
//!
//! Alarms on the untouched counts are all called false, also those of real storms: nobody has marked these. A detection is an alarm
//! on a time point of the outbreak, wherever the method puts it.

#![expect(clippy::print_stdout, reason = "a program that measures and prints")]

mod baselines;
mod charts;
mod cities;
mod live;
mod tables;
mod trials;

use baselines::Baseline;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::error::Error;
use std::path::PathBuf;
use tables::Found;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os()
        .nth(1)
        .ok_or("name the folder of shared files")?;
    let root = PathBuf::from(root);
    let mut found = Found::default();
    let mut all: Vec<Baseline> = Vec::new();
    for city in &cities::CITIES {
        let path = root.join("data/given").join(city.file);
        if path.is_file() {
            all.extend(city.read(&path)?);
        } else {
            left_out(city.name);
        }
    }
    let folder = root.join("vectors/temporal");
    let mut scenarios = Vec::new();
    if folder.is_dir() {
        all.extend(baselines::weeks(&folder)?);
        scenarios = baselines::scenarios(&folder)?;
    } else {
        left_out("weekly series and scenarios");
    }
    let bar = bar();
    for (number, baseline) in all.iter().enumerate() {
        bar.set_message(format!(
            "{} of {} series: {}",
            number + 1,
            all.len(),
            baseline.name
        ));
        trials::on_baseline(baseline, &mut found, &mut || bar.inc(1))?;
    }
    bar.set_message(format!("{} scenarios", scenarios.len()));
    for scenario in &scenarios {
        trials::on_scenario(scenario, &mut found);
        bar.inc(1);
    }
    bar.finish_and_clear();
    for line in found.lines() {
        println!("{line}");
    }
    Ok(())
}

fn left_out(what: &str) {
    println!(
        "{}",
        json!({"left_out": what, "why": "its files are not there (ANLAN_SHARED)"})
    );
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} · {pos} steps · {elapsed}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}
