//! Access: what a decision of policy costs.

mod decisions;

use super::Figures;
use crate::repo::Repo;
use anyhow::Result;

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    decisions::measure(repo, figures)
}
