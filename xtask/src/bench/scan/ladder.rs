//! The library's example that measures one scan: built once, asked in words, answers in JSON. It judges nothing.

use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An example of the library, built as users build it.
pub(super) fn example(repo: &Repo, name: &str) -> Command {
    let words = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "anlan-scan",
        "--example",
        name,
        "--",
    ];
    process::cargo(&repo.root, &words)
}

/// The built example.
pub(super) struct Ladder {
    program: PathBuf,
    root: PathBuf,
}

/// What one scan cost and found.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub(super) struct Found {
    pub(super) cases: u32,
    pub(super) cpu_s: f64,
    pub(super) wall_s: f64,
    pub(super) peak_mib: f64,
    pub(super) statistic: f64,
    pub(super) p: f64,
}

impl Ladder {
    pub(super) fn build(repo: &Repo) -> Result<Self> {
        let words = [
            "build",
            "--quiet",
            "--release",
            "--package",
            "anlan-scan",
            "--example",
            "ladder",
        ];
        process::show(process::cargo(&repo.root, &words))?;
        let folder = process::target_folder(&repo.root)?;
        Ok(Self {
            program: folder.join("release/examples/ladder"),
            root: repo.root.clone(),
        })
    }

    /// One scan, as `MODEL key=value …`.
    pub(super) fn run(&self, task: &str) -> Result<Found> {
        let output = command(&self.program, &self.root)
            .args(task.split(' '))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(text.trim()).with_context(|| {
            let error = String::from_utf8_lossy(&output.stderr);
            format!("`ladder {task}` told no figures: {text}{error}")
        })
    }
}

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_example_prints_is_read() {
        let line = r#"{"model":"permutation","places":5000,"days":365,"cases":58231,"replications":999,"threads":1,
            "km":"5","share":0.5,"cpu_s":1.250,"wall_s":1.300,"peak_mib":80,"statistic":12.300479,"p":0.07}"#;
        let found: Found = serde_json::from_str(line).unwrap();
        assert_eq!(found.cases, 58_231);
        assert!((found.cpu_s - 1.25).abs() < 1e-12 && (found.p - 0.07).abs() < 1e-12);
    }
}
