//! `anlan scan run project.prm` and `anlan scan check`: opens the project's files, makes the replications on several threads,
//! writes what was found. Reading and printing is intake's, the statistics are the library's.

use super::report::Report;
use super::{Check, DONE, REFUSED, Run, STOPPED, complain, json, write};
use crate::cli;
use anlan_intake::satscan::analysis::Ready;
use anlan_intake::satscan::results::{self, Ended, Outcome, stem};
use anlan_intake::satscan::{self, Faults, Project, Weight, geojson};
use anlan_model::clock::{Clock as _, SystemClock};
use anlan_scan::scan::{Cluster, GROUP, Scan};
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Reads a project and says its faults.
fn read(input: &Path, over: &[String]) -> anyhow::Result<(Option<Project>, Faults)> {
    let bytes = std::fs::read(input).with_context(|| format!("cannot read {}", input.display()))?;
    let name = input
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let folder = input.parent().unwrap_or(Path::new(".")).to_path_buf();
    let files = |name: &str| std::fs::read(folder.join(name));
    Ok(satscan::read(&name, &bytes, over, &files))
}

/// Reports faults only.
pub(super) fn check(check: &Check) -> anyhow::Result<u8> {
    let (project, mut faults) = read(&check.input, &check.over)?;
    if let Some(Err(fault)) = project.as_ref().map(Project::ready) {
        faults.add(fault);
    }
    complain(&faults, false);
    let warnings = faults
        .list()
        .iter()
        .filter(|fault| fault.weight == Weight::Warning)
        .count();
    if faults.is_refused() {
        cli::say(&format!(
            "{} errors, {warnings} warnings: it cannot be run",
            faults.errors()
        ));
        return Ok(REFUSED);
    }
    cli::say(&format!("no errors, {warnings} warnings: it can be run"));
    Ok(DONE)
}

/// Runs a project and writes everything asked for.
pub(super) fn run(run: &Run) -> anyhow::Result<u8> {
    let began = SystemClock.now();
    let (project, faults) = read(&run.input, &run.over)?;
    complain(
        &faults,
        project
            .as_ref()
            .is_some_and(|project| project.parameters.text("SuppressWarnings") == "y"),
    );
    let Some(project) = project else {
        return Ok(REFUSED);
    };
    let ready = match project.ready() {
        Ok(ready) => ready,
        Err(fault) => {
            cli::complain(&fault.to_string());
            return Ok(REFUSED);
        }
    };
    let threads = threads(run, &project)?;
    let outcome = scanned(&ready, &project, (threads, run.seed))?;
    let ended = outcome.ended;
    let finished = SystemClock.now();
    let moment = |at: jiff::Timestamp| jiff::tz::TimeZone::UTC.to_datetime(at);
    let about = results::Run {
        began: moment(began),
        ended: moment(finished),
        seconds: u64::try_from(finished.as_second() - began.as_second()).unwrap_or(0),
        threads,
    };
    let report = Report {
        project: &project,
        outcome: &outcome,
        faults: &faults,
        run: about,
        seed: run.seed,
        language: run.lang,
    };
    let files = write_all(run, &report)?;
    if run.json.as_deref() != Some(Path::new("-")) {
        cli::say(&summary(&project, &outcome, &files));
    }
    Ok(if ended == Ended::Stopped { STOPPED } else { DONE })
}

/// Scans once, or round by round where the project asks for it.
fn scanned(ready: &Ready<'_>, project: &Project, (threads, seed): (usize, u64)) -> anyhow::Result<Outcome> {
    let mut made = |ready: &Ready<'_>, clusters: &[Cluster], round: usize| {
        let seed = seed.wrapping_add(u64::try_from(round)?);
        replicate(ready, project, threads, seed, |maxima| {
            ready.enough(clusters, maxima)
        })
    };
    if ready.is_iterative() {
        return ready.rounds(&mut made);
    }
    let clusters = ready.scan().clusters();
    let (maxima, ended) = made(ready, &clusters, 0)?;
    Ok(ready.outcome(&clusters, maxima, ended))
}

fn threads(run: &Run, project: &Project) -> anyhow::Result<usize> {
    let asked = match run.threads {
        Some(threads) => threads,
        None => project
            .parameters
            .text("NumberParallelProcesses")
            .parse()
            .unwrap_or(0),
    };
    let there = std::thread::available_parallelism().context("cannot tell how many processors there are")?;
    Ok(if asked == 0 {
        there.get()
    } else {
        asked.min(there.get() * 4)
    })
}

/// Makes the replications, group by group, on several threads, until all are made, enough are, or Ctrl-C is pressed.
/// What comes back are the maxima of a whole beginning of the replications: the same on any number of threads.
fn replicate(
    ready: &Ready<'_>,
    project: &Project,
    threads: usize,
    seed: u64,
    enough: impl Fn(&[f64]) -> Option<usize>,
) -> anyhow::Result<(Vec<f64>, Ended)> {
    let wanted = usize::try_from(project.settings.replications)?;
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let signal = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&is_interrupted))?;
    let is_over = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    let bar = bar(u64::from(project.settings.replications));
    let (sender, done) = mpsc::channel::<(usize, [f64; GROUP])>();
    let mut collected = Collected::default();
    let is_over_now = || is_over.load(Ordering::Relaxed) || is_interrupted.load(Ordering::Relaxed);
    let work = |sender: &mpsc::Sender<(usize, [f64; GROUP])>| {
        let mut bench = ready.scan().bench();
        let groups = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        groups
            .take_while(|group| *group < Scan::groups(wanted) && !is_over_now())
            .all(|group| sender.send((group, bench.group(group, seed))).is_ok())
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn(move || work(&sender));
        }
        drop(sender);
        for (group, maxima) in done {
            collected.take(group, maxima);
            bar.set_position(u64::try_from(collected.maxima.len().min(wanted)).unwrap_or(0));
            is_over.fetch_or(enough(&collected.maxima).is_some(), Ordering::Relaxed);
        }
    });
    bar.finish_and_clear();
    signal_hook::low_level::unregister(signal);
    let mut maxima = collected.maxima;
    maxima.truncate(wanted);
    if let Some(many) = enough(&maxima).filter(|many| *many < wanted) {
        maxima.truncate(many);
        return Ok((maxima, Ended::Early));
    }
    let ended = if maxima.len() < wanted {
        Ended::Stopped
    } else {
        Ended::Whole
    };
    Ok((maxima, ended))
}

/// Groups as they come; the maxima of those without a gap before them.
#[derive(Default)]
struct Collected {
    maxima: Vec<f64>,
    groups: usize,
    early: BTreeMap<usize, [f64; GROUP]>,
}

impl Collected {
    fn take(&mut self, group: usize, maxima: [f64; GROUP]) {
        self.early.insert(group, maxima);
        while let Some(maxima) = self.early.remove(&self.groups) {
            self.maxima.extend(maxima);
            self.groups += 1;
        }
    }
}

fn bar(replications: u64) -> ProgressBar {
    let template = "replications {wide_bar} {pos}/{len} {per_sec} {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(replications).with_style(style)
}

/// Where the main results go.
fn results_path(run: &Run, project: &Project) -> PathBuf {
    let named = project.parameters.text("ResultsFile");
    let base = named.rsplit(['/', '\\']).next().unwrap_or(named);
    let own = run.input.with_extension("txt");
    let own = own
        .file_name()
        .map_or_else(|| PathBuf::from("results.txt"), PathBuf::from);
    let base = if base.is_empty() { own } else { PathBuf::from(base) };
    let folder = run.input.parent().unwrap_or(Path::new("."));
    match &run.out {
        Some(out) => out.join(base),
        // The folders of another system mean nothing here.
        None if named.contains('\\') || named.is_empty() => folder.join(base),
        None => folder.join(named),
    }
}

/// Writes the files; their names.
fn write_all(run: &Run, report: &Report<'_>) -> anyhow::Result<Vec<PathBuf>> {
    let path = results_path(run, report.project);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut written = Vec::new();
    let base = path.to_string_lossy().into_owned();
    for file in results::print(report.project, report.outcome, &report.run) {
        let name = if file.ending == ".txt" {
            path.clone()
        } else {
            PathBuf::from(format!("{}{}", stem(&base), file.ending))
        };
        write(&name, &file.text)?;
        written.push(name);
    }
    if let Some(path) = &run.json {
        write(path, &serde_json::to_string_pretty(&json::value(report))?)?;
        written.push(path.clone());
    }
    if let Some(path) = &run.geojson {
        match geojson::print(report.project, report.outcome) {
            Some(text) => {
                write(path, &text)?;
                written.push(path.clone());
            }
            None => cli::complain("no GeoJSON was written: the project has no coordinates"),
        }
    }
    if let Some(path) = &run.html {
        write(path, &report.html()?)?;
        written.push(path.clone());
    }
    Ok(written)
}

/// What a person sees at the end.
fn summary(project: &Project, outcome: &Outcome, files: &[PathBuf]) -> String {
    let mut text = String::new();
    let asked = project.settings.replications;
    let made = outcome.simulated.len();
    match outcome.ended {
        Ended::Stopped => {
            let _ = writeln!(
                text,
                "stopped after {made} of {asked} replications; the p-values are from those"
            );
        }
        Ended::Early => {
            let _ = writeln!(text, "{made} of {asked} replications were enough to tell");
        }
        Ended::Whole => {}
    }
    let _ = writeln!(text, "{} clusters", outcome.clusters.len());
    for (cluster, number) in outcome.clusters.iter().zip(1..).take(20) {
        let central = cluster.members.first().filter(|_| !cluster.is_all_places);
        let name = central
            .and_then(|member| project.data.places.get(member.place))
            .map_or("All", |place| place.name.as_str());
        let others = cluster.members.len().saturating_sub(1);
        let place = if cluster.is_all_places || others == 0 {
            name.to_owned()
        } else {
            format!("{name} +{others}")
        };
        let p = cluster
            .reported_p(project.settings.p_value)
            .map_or_else(|| "-".to_owned(), |p| format!("{p:.4}"));
        let _ = write!(
            text,
            "{number:>3}  {place:<24}  seen {}  expected {:.2}  statistic {:.2}  p {p}",
            cluster.figures.observed, cluster.figures.expected, cluster.statistic
        );
        if project.settings.analysis.is_temporal() {
            let (first, last) = cluster.days;
            let precision = project.settings.precision.max(satscan::dates::Precision::Day);
            let day = |day| satscan::dates::print(day, precision);
            let _ = write!(text, "  {} to {}", day(first), day(last));
        }
        text.push('\n');
    }
    for file in files.iter().filter(|file| *file != Path::new("-")) {
        let _ = writeln!(text, "wrote {}", file.display());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_beginning_counts() {
        let mut collected = Collected::default();
        collected.take(1, [2.0; GROUP]);
        assert!(collected.maxima.is_empty());
        collected.take(0, [1.0; GROUP]);
        assert_eq!(collected.maxima.len(), 2 * GROUP);
        assert_eq!(collected.maxima.first(), Some(&1.0));
    }
}
