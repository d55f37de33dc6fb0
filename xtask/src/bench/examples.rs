//! The examples of our crates that measure: each is built once as users build it, and run as a process of its own. Nothing
//! is judged here.

use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::process::Command;

/// A built example.
pub(super) struct Example {
    program: PathBuf,
    root: PathBuf,
}

impl Example {
    /// Builds it.
    pub(super) fn build(repo: &Repo, package: &str, name: &str) -> Result<Self> {
        let words = [
            "build",
            "--quiet",
            "--release",
            "--package",
            package,
            "--example",
            name,
        ];
        process::show(process::cargo(&repo.root, &words))?;
        let folder = process::target_folder(&repo.root)?;
        Ok(Self {
            program: folder.join("release/examples").join(name),
            root: repo.root.clone(),
        })
    }

    /// A call of it, to which words are to be added.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.root);
        command
    }

    /// What it prints when called with these words.
    pub(super) fn text(&self, words: &[&str]) -> Result<String> {
        let mut command = self.command();
        command.args(words);
        let output = command.output().with_context(|| process::line_of(&command))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            bail!("`{}` failed: {text}{error}", process::line_of(&command));
        }
        Ok(text)
    }

    /// The one JSON object that it prints.
    pub(super) fn ask<T: DeserializeOwned>(&self, words: &[&str]) -> Result<T> {
        let text = self.text(words)?;
        serde_json::from_str(text.trim())
            .with_context(|| format!("{} told no figures: {text}", self.program.display()))
    }
}
