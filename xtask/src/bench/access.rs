//! Access: what a decision of policy costs, how soon a session that was ended is refused, and what the log of accesses keeps
//! and how fast.

mod decisions;
mod logs;
mod revocation;

use super::Figures;
use crate::repo::Repo;
use anyhow::Result;

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    decisions::measure(repo, figures)?;
    logs::measure(repo, figures)
}
