//! The reference program: what it needed for the shared ladder, and itself where it is found on this machine.

use super::super::{Bar, Figures, node};
use super::ladder::Ladder;
use crate::process;
use crate::repo::Repo;
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// One of the reference's runs. Times are user and system time of SaTScan 10.3.2 on one thread, 999 replications unless
/// said otherwise, as written down in `vectors/scan/ladder/ladder_results.jsonl` and `design/scan.md` of the shared files.
pub(super) struct Known {
    pub(super) name: &'static str,
    /// Folder of the ladder.
    pub(super) rung: &'static str,
    /// The reference's own parameter file, without its ending.
    run: &'static str,
    /// The same scan in our words.
    pub(super) task: &'static str,
    pub(super) is_spatial: bool,
    pub(super) cpu_s: f64,
}

impl Known {
    /// Times of the reference that have to be reached at the least.
    pub(super) fn times(&self) -> f64 {
        if self.is_spatial { 30.0 } else { 20.0 }
    }
}

pub(super) const KNOWN: &[Known] = &[
    Known {
        name: "spatial Poisson, 1,000 places",
        rung: "L1k",
        run: "ss_sp_poisson_r999_t1",
        task: "poisson-space",
        is_spatial: true,
        cpu_s: 3.13,
    },
    Known {
        name: "spatial Bernoulli, 1,000 places",
        rung: "L1k",
        run: "ss_sp_bern_r999_t1",
        task: "bernoulli-space",
        is_spatial: true,
        cpu_s: 2.29,
    },
    Known {
        name: "space-time permutation, 1,000 places",
        rung: "L1k",
        run: "ss_stp_pro30_r999_t1",
        task: "permutation",
        is_spatial: false,
        cpu_s: 87.57,
    },
    Known {
        name: "space-time Poisson, 1,000 places",
        rung: "L1k",
        run: "ss_poi_pro30_r999_t1",
        task: "poisson",
        is_spatial: false,
        cpu_s: 96.04,
    },
    Known {
        name: "space-time permutation, 5,000 places, windows of 5 km",
        rung: "L5k",
        run: "ss_stp_pro30_5km_r999_t1",
        task: "permutation km=5",
        is_spatial: false,
        cpu_s: 239.86,
    },
    Known {
        name: "space-time permutation, 5,000 places, 9 replications",
        rung: "L5k",
        run: "ss_stp_pro30_r9_t1",
        task: "permutation replications=9",
        is_spatial: false,
        cpu_s: 34.43,
    },
];

/// The folder of a rung of the shared ladder.
pub(super) fn folder(repo: &Repo, rung: &str) -> Option<PathBuf> {
    node::shared(repo, &format!("vectors/scan/ladder/{rung}"))
}

/// Names under which the reference's program without a window is installed.
const PROGRAMS: [&str; 3] = ["satscan", "satscan64", "SaTScanBatch64"];

/// Runs the reference itself on the same files, where it is found on the path.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let found = PROGRAMS
        .iter()
        .find(|name| process::ask("sh", &["-c", &format!("command -v {name}")]).is_some());
    let Some(program) = found else {
        let why =
            "it is not on the path; its figures beside ours were measured before (ladder_results.jsonl)";
        figures.leave_out("SaTScan itself", why);
        return Ok(());
    };
    let ladder = Ladder::build(repo)?;
    for known in KNOWN {
        if let Some(folder) = folder(repo, known.rung) {
            let theirs = run(repo, program, &folder, known)?;
            let ours = ladder.run(&format!("{} folder={}", known.task, folder.display()))?;
            let beside = format!("{theirs:.1} and {:.2} CPU s on this machine now", ours.cpu_s);
            figures.add(
                format!("{}, SaTScan's processor time to ours", known.name),
                (theirs / ours.cpu_s.max(0.01), "times"),
                Bar::AtLeast(known.times()),
                beside,
            );
        }
    }
    Ok(())
}

/// Processor seconds of one run on a copy of the files, since it writes beside them.
fn run(repo: &Repo, program: &str, folder: &Path, known: &Known) -> Result<f64> {
    let copy = node::folder(repo, "satscan")?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_input = ["prm", "geo", "cas", "pop", "bcas", "ctl"]
            .iter()
            .any(|ending| path.extension().is_some_and(|own| own == *ending));
        if let (true, Some(name)) = (is_input, path.file_name()) {
            fs::copy(&path, copy.join(name))?;
        }
    }
    let before = node::Seen::cpu_of_children()?;
    let mut command = std::process::Command::new(program);
    command.arg(format!("{}.prm", known.run)).current_dir(&copy);
    let output = command.output()?;
    if !output.status.success() {
        bail!(
            "`{program} {}.prm` failed: {}",
            known.run,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(node::Seen::cpu_of_children()? - before)
}
