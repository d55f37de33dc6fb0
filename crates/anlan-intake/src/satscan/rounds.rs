//! The iterative scan of a project: what is significant is taken out and the rest scanned anew, so that a strong cluster does
//! not hide weaker ones (Zhang, Assunção & Kulldorff 2010). Whoever calls makes the replications of each round.

use super::analysis::Ready;
use super::results::{Ended, Outcome};
use anlan_scan::scan::{self, Scan};

/// What whoever makes replications is asked: the round's project, its clusters, and which round it is, from 0.
pub type Replicate<'r, E> =
    dyn FnMut(&Ready<'_>, &[scan::Cluster], usize) -> Result<(Vec<f64>, Ended), E> + 'r;

impl Ready<'_> {
    /// Whether the project asks for an iterative scan.
    pub fn is_iterative(&self) -> bool {
        self.project.parameters.is_yes("IterativeScan")
    }

    /// The most likely cluster of each round, each with the p-value and the figures of its round; all else is the first
    /// round's. A round whose p-value is above the project's limit is the last and is not told, but for the first. A round
    /// that was stopped is not told either, and the outcome says that it was stopped.
    ///
    /// # Errors
    /// What `replicate` answers.
    pub fn rounds<E>(&self, replicate: &mut Replicate<'_, E>) -> Result<Outcome, E> {
        let most = usize::try_from(self.project.parameters.whole("IterativeScanMaxIterations")).unwrap_or(1);
        let p_max = self.project.parameters.number("IterativeScanMaxPValue");
        let clusters = self.scan.clusters();
        let top = clusters.get(..1).unwrap_or_default();
        let (maxima, ended) = replicate(self, top, 0)?;
        let mut outcome = self.outcome(top, maxima, ended);
        let mut left = top.first().and_then(|cluster| self.without(cluster));
        for round in 1..most.max(1) {
            let is_over = outcome.ended == Ended::Stopped || !is_significant(&outcome, p_max);
            let Some(ready) = left.take().filter(|_| !is_over) else {
                break;
            };
            let clusters = ready.scan.clusters();
            let top = clusters.get(..1).unwrap_or_default();
            let (maxima, ended) = replicate(&ready, top, round)?;
            let next = ready.outcome(top, maxima, ended);
            if ended == Ended::Stopped {
                outcome.ended = ended;
                break;
            }
            if !is_significant(&next, p_max) {
                break;
            }
            left = top.first().and_then(|cluster| ready.without(cluster));
            join(&mut outcome, next);
        }
        Ok(outcome)
    }

    /// What is left without a cluster: its places have neither cases nor population for its time. `None` where that is too little.
    fn without(&self, cluster: &scan::Cluster) -> Option<Self> {
        let study = self.scan.study().without(&cluster.places, cluster.span).ok()?;
        let mut input = self.input.clone();
        let steps = input.intervals.len();
        for place in &cluster.places {
            let own = place * steps + cluster.span.from..place * steps + cluster.span.until.min(steps);
            for counts in [&mut input.cases, &mut input.controls] {
                counts.get_mut(own.clone()).unwrap_or_default().fill(0);
            }
        }
        let scan = Scan::new(study, &self.geography, &self.project.scan_settings(&input)).ok()?;
        let expected = super::analysis::expected(&scan, self.project.settings.model);
        Some(Self {
            project: self.project,
            scan,
            input,
            geography: self.geography.clone(),
            expected,
            people: self.people.clone(),
        })
    }
}

/// Whether the last cluster told is, by the p-value that the results report.
fn is_significant(outcome: &Outcome, p_max: f64) -> bool {
    let last = outcome.clusters.last();
    last.and_then(|cluster| cluster.p_value)
        .is_some_and(|p| p <= p_max)
}

/// Puts a later round's cluster to those before. Places that were taken out before are no members of it.
fn join(outcome: &mut Outcome, next: Outcome) {
    for mut cluster in next.clusters {
        cluster
            .members
            .retain(|member| member.observed > 0 || member.expected > 0.0);
        outcome.clusters.push(cluster);
    }
    for (interval, later) in outcome.intervals.iter_mut().zip(next.intervals) {
        interval.inside.extend(later.inside);
    }
}
