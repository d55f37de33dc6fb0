//! The built release program as a bench sees it from outside: seeded, started, watched through `/proc`, stopped.

use crate::process::{self, Running};
use crate::repo::Repo;
use crate::{demo, ui};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What every account of the demo county has.
pub(crate) const PASSWORD: &str = "anlan-demo-2026";

/// Builds the program as it is released, and the screens it shows.
pub(crate) fn program(repo: &Repo) -> Result<PathBuf> {
    process::show(process::cargo(
        &repo.root,
        &["build", "--release", "--package", "anlan"],
    ))?;
    Ok(process::target_folder(&repo.root)?.join("release/anlan"))
}

/// An empty folder for a bench's data.
pub(crate) fn folder(repo: &Repo, name: &str) -> Result<PathBuf> {
    let folder = repo.path(".anlan/bench").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Makes the demo county in an empty folder.
pub(crate) fn seed(repo: &Repo, program: &Path, data: &Path) -> Result<()> {
    Node::start(repo, program, data, "demo")
        .context("seeding")?
        .stop()
}

/// A running node.
pub(crate) struct Node {
    running: Running,
    pub(crate) address: String,
}

impl Node {
    /// Starts it as `serve` or `demo` and waits until it answers. A password is enough to sign in.
    pub(crate) fn start(repo: &Repo, program: &Path, data: &Path, role: &str) -> Result<Self> {
        let config = data.join("node.toml");
        // One account asks for all.
        fs::write(&config, "two_factor_roles = []\nlimit_search = [0, 0]\n")?;
        Self::configured(repo, program, data, (role, Some(&config)))
    }

    /// The same with a configuration file. What it says goes to `messages` in its folder, as a service manager would keep it.
    pub(crate) fn configured(
        repo: &Repo,
        program: &Path,
        data: &Path,
        (role, config): (&str, Option<&Path>),
    ) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut command = Command::new(program);
        if let Some(config) = config {
            command.arg("--config").arg(config);
        }
        command.arg("--data").arg(data).args([role, "--listen", &address]);
        command.arg("--ui").arg(ui::dist(repo)).current_dir(&repo.root);
        let log = fs::File::create(log_of(data))?;
        command.stdout(Stdio::null()).stderr(log);
        let mut running = Running::start(command)?;
        demo::wait_until_ready(&mut running, &address)
            .with_context(|| format!("see {}", log_of(data).display()))?;
        Ok(Self { running, address })
    }

    /// Seconds of CPU it has used so far, its own and the kernel's for it.
    pub(crate) fn cpu(&self) -> Result<f64> {
        Ok(Seen::of(self.running.id())?.cpu)
    }

    /// Its resident memory in MiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        Ok(Seen::of(self.running.id())?.memory)
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) -> Result<()> {
        let status = self.running.stop()?;
        if !status.success() {
            bail!("the program ended with {status}");
        }
        Ok(())
    }
}

/// Where what a node of a bench says goes; its `log` is the access log.
pub(crate) fn log_of(data: &Path) -> PathBuf {
    data.join("messages")
}

/// What `/proc` tells of a process.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Seconds of CPU so far.
    pub(crate) cpu: f64,
    /// Resident MiB now.
    pub(crate) memory: f64,
    /// The most there ever were.
    pub(crate) memory_peak: f64,
}

impl Seen {
    /// Seconds of CPU of our children that have ended.
    pub(crate) fn cpu_of_children() -> Result<f64> {
        let stat = fs::read_to_string("/proc/self/stat").context("this system has no /proc")?;
        cpu_in(&stat, CHILDREN)
    }

    pub(crate) fn of(id: u32) -> Result<Self> {
        let read = |name: &str| {
            fs::read_to_string(format!("/proc/{id}/{name}")).context("this system has no /proc for it")
        };
        let (stat, status) = (read("stat")?, read("status")?);
        let mebibytes = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
                .map(|kibibytes| kibibytes / 1024.0)
        };
        Ok(Self {
            cpu: cpu_in(&stat, OWN)?,
            memory: mebibytes("VmRSS:").context("no VmRSS in /proc")?,
            memory_peak: mebibytes("VmHWM:").context("no VmHWM in /proc")?,
        })
    }
}

/// Where times of a process itself stand in its `stat`, counted after its name, and those of its children that have ended.
const OWN: usize = 11;
const CHILDREN: usize = 13;

/// The user's and the system's time from there on, in seconds.
fn cpu_in(stat: &str, from: usize) -> Result<f64> {
    // The name in parentheses may hold anything; after it the fields count from the third.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(from).take(2);
    let both: Vec<f64> = ticks.filter_map(|text| text.parse().ok()).collect();
    let [user, system] = both[..] else {
        bail!("no CPU time in /proc");
    };
    Ok((user + system) / ticks_per_second())
}

/// In what `/proc` counts CPU time.
fn ticks_per_second() -> f64 {
    let told = process::ask("getconf", &["CLK_TCK"]).and_then(|text| text.parse().ok());
    // What every Linux has that does not say.
    told.unwrap_or(100.0)
}

/// Where a file or folder of the shared data lies, if it is there: exports, boundaries and vectors, kept outside the
/// repository.
pub(crate) fn shared(repo: &Repo, path: &str) -> Option<PathBuf> {
    let root = crate::outside::variable("ANLAN_SHARED").map_or_else(|| repo.path("../shared"), PathBuf::from);
    Some(root.join(path)).filter(|file| file.exists())
}

#[cfg(test)]
mod tests {
    #[test]
    fn our_own_process_is_seen() {
        let seen = super::Seen::of(std::process::id()).unwrap();
        assert!(seen.memory > 0.5 && seen.memory <= seen.memory_peak, "{seen:?}");
        assert!(seen.cpu < 3600.0, "{seen:?}");
    }
}
