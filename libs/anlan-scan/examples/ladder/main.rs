//! Measures scans and prints what each cost, one line of JSON each. Without arguments: synthetic counties of a growing
//! number of places. With arguments, one scan: `MODEL key=value …`, as in
//! `cargo run --release -p anlan-scan --example ladder -- permutation places=5000 km=5 threads=2`, or on the columns of
//! a folder: `poisson-space folder=…/L1k`. It compares with nothing itself.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    reason = "an example that prints what it measures and ends where it cannot"
)]

mod county;

use anlan_scan::scan::{Baseline, Null, Reach, Scan, Settings, Study, Time};
use county::{County, Model};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Which scan.
#[derive(Debug, Clone)]
struct Task {
    model: Model,
    places: usize,
    days: usize,
    /// Longest span of a scan in space and time.
    span: usize,
    replications: usize,
    threads: usize,
    /// Farthest place of a window.
    km: f64,
    /// Largest share of the population in a window.
    share: f64,
    /// Every span of the study instead of those that end with it.
    is_retrospective: bool,
    /// Where the columns of a real ladder lie.
    folder: Option<String>,
}

impl Task {
    fn new(model: Model, places: usize) -> Self {
        Self {
            model,
            places,
            days: 365,
            span: 30,
            replications: 999,
            threads: 1,
            km: f64::INFINITY,
            share: 0.5,
            is_retrospective: false,
            folder: None,
        }
    }

    /// From `MODEL key=value …`.
    fn read(words: &[String]) -> Option<Self> {
        let (model, rest) = words.split_first()?;
        let mut task = Self::new(Model::named(model)?, 1000);
        for word in rest {
            let (key, value) = word.split_once('=')?;
            match key {
                "places" => task.places = value.parse().ok()?,
                "days" => task.days = value.parse().ok()?,
                "span" => task.span = value.parse().ok()?,
                "replications" => task.replications = value.parse().ok()?,
                "threads" => task.threads = value.parse().ok()?,
                "km" => task.km = value.parse().ok()?,
                "share" => task.share = value.parse().ok()?,
                "retrospective" => task.is_retrospective = value.parse().ok()?,
                "folder" => task.folder = Some(value.to_owned()),
                _ => return None,
            }
        }
        Some(task)
    }

    fn settings(&self) -> Settings {
        let (min, max) = (1, self.span);
        Settings {
            reach: Reach {
                population_share_max: self.share,
                distance_max: self.km,
                ..Reach::default()
            },
            time: match (self.model.is_timeless(), self.is_retrospective) {
                (true, _) => Time::Whole,
                (false, true) => Time::Any { min, max },
                (false, false) => Time::Alive { min, max },
            },
            ..Settings::default()
        }
    }

    fn run(&self) {
        let county = match &self.folder {
            Some(folder) => County::read(folder, self.days, self.model).expect("the columns can be read"),
            None => County::made_up(self.places, self.days, self.model),
        };
        let (before, began) = (cpu_s(), Instant::now());
        let places = county.places();
        let steps = if self.model.is_timeless() { 1 } else { self.days };
        let geography = county.geography();
        let study = Study::new(places, steps, county.cases, county.baseline).expect("the county is sound");
        let cases = study.cases();
        let scan = Scan::new(study, &geography, &self.settings()).expect("the settings are sound");
        let alone = cpu_s();
        let null = self.null(&scan);
        let side_by_side = cpu_s() - alone;
        let clusters = scan.clusters();
        let first = clusters.first();
        let (statistic, p) = first.map_or((0.0, 1.0), |one| (one.statistic, null.p_value(one.statistic)));
        println!(
            "{{\"model\":\"{}\",\"places\":{places},\"days\":{steps},\"cases\":{cases},\"replications\":{},\
             \"threads\":{},\"km\":\"{}\",\"share\":{},\"cpu_s\":{:.3},\"side_by_side_s\":{side_by_side:.3},\
             \"wall_s\":{:.3},\"peak_mib\":{:.0},\"statistic\":{statistic:.6},\"p\":{p}}}",
            self.model.name(),
            self.replications,
            self.threads,
            self.km,
            self.share,
            cpu_s() - before,
            began.elapsed().as_secs_f64(),
            peak_mib()
        );
    }

    /// Groups of replications spread over threads: the same numbers on any number of them.
    fn null(&self, scan: &Scan) -> Null {
        let groups = Scan::groups(self.replications);
        let next = AtomicUsize::new(0);
        let found = Mutex::new(vec![Vec::new(); groups]);
        let work = || {
            let mut bench = scan.bench();
            let mine = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
            for group in mine.take_while(|group| *group < groups) {
                let maxima = bench.group(group, 1);
                let mut found = found.lock().expect("nobody fails");
                found
                    .iter_mut()
                    .skip(group)
                    .take(1)
                    .for_each(|own: &mut Vec<f64>| own.extend(maxima));
            }
        };
        std::thread::scope(|scope| {
            (0..self.threads).for_each(|_| drop(scope.spawn(work)));
        });
        let mut maxima = found.into_inner().expect("nobody fails").concat();
        maxima.truncate(self.replications);
        Null::new(maxima)
    }
}

/// Processor time of this process in seconds, all its threads together.
fn cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Most memory that was held, in MiB.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Every kind of scan at so many places; windows up to half of the population only where that takes seconds.
fn rung(places: usize) {
    for model in [
        Model::PoissonSpace,
        Model::BernoulliSpace,
        Model::Permutation,
        Model::Poisson,
    ] {
        let km = if model.is_timeless() || places < 5000 {
            f64::INFINITY
        } else {
            5.0
        };
        Task {
            km,
            ..Task::new(model, places)
        }
        .run();
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() {
        [200, 1000, 5000].into_iter().for_each(rung);
        return;
    }
    match Task::read(&words) {
        Some(task) => task.run(),
        None => println!(
            "MODEL is poisson-space, bernoulli-space, permutation or poisson; keys are places, days, span, \
             replications, threads, km, share, retrospective, folder"
        ),
    }
}

/// What the scan compares with, by model.
impl County {
    fn baseline_of(model: Model, population: &[f64], both: Vec<u32>, days: usize) -> Baseline {
        match model {
            Model::PoissonSpace => Baseline::Poisson(population.to_vec()),
            Model::BernoulliSpace => Baseline::Bernoulli(both),
            Model::Permutation => Baseline::Permutation,
            Model::Poisson => {
                let daily = population.iter().flat_map(|own| std::iter::repeat_n(*own, days));
                Baseline::Poisson(daily.collect())
            }
        }
    }
}
