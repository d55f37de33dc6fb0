//! Access: what the log of accesses keeps, and how fast.

mod logs;

use super::Figures;
use crate::repo::Repo;
use anyhow::Result;

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    logs::measure(repo, figures)
}
