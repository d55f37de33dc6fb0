//! Where the repository is and which files it has. Paths are relative to its root, with `/`. It writes nothing.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that never hold sources; only needed where git cannot say.
const NOT_SOURCES: [&str; 6] = [".git", "target", "node_modules", "dist", ".anlan", "test-results"];

/// The checked-out repository.
pub(crate) struct Repo {
    /// Its root.
    pub(crate) root: PathBuf,
}

impl Repo {
    /// The repository this tool was started in by cargo.
    pub(crate) fn find() -> Result<Self> {
        let Some(manifest) = crate::outside::variable("CARGO_MANIFEST_DIR") else {
            bail!("start this with `cargo xtask`, not by itself: cargo says where the repository is");
        };
        let root = Path::new(&manifest)
            .parent()
            .context("xtask lies in the repository's root folder")?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The full path of something in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The text of a file.
    pub(crate) fn read(&self, relative: &str) -> Result<String> {
        fs::read_to_string(self.path(relative)).with_context(|| format!("cannot read {relative}"))
    }

    /// Every file that is committed or would be: what git lists, else (in an unpacked archive) all but build output.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .output();
        let mut files = match listed {
            Ok(output) if output.status.success() => split_names(&output.stdout),
            _ => self.walk(Path::new(""))?,
        };
        files.retain(|file| self.path(file).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn walk(&self, folder: &Path) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            if !entry.file_type()?.is_dir() {
                files.push(path.to_string_lossy().replace('\\', "/"));
            } else if !NOT_SOURCES.iter().any(|skip| name == *skip) {
                files.extend(self.walk(&path)?);
            }
        }
        Ok(files)
    }
}

fn split_names(output: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(output)
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
