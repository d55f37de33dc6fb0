//! The ends of cases' chains that the writer has at hand, so that the next access to a case needs no look at the one before.
//! They are those of the running transaction and are kept from one to the next; who drops them in time is the writer.

use super::chains::Chain;
use anlan_model::ids::CaseId;
use std::collections::HashMap;

/// More than the cases that are being worked on, and less than a MiB.
const ENDS_MAX: usize = 1024;

/// By case.
// INVARIANT: what is here is in the database as this transaction sees it. A chain is put in only after its last entry was
// written, is taken out before the next one is, and goes with the case's key.
#[derive(Debug, Default)]
pub(crate) struct Ends(HashMap<CaseId, Chain>);

impl Ends {
    /// Takes out the end of a case's chain.
    pub(super) fn take(&mut self, case: CaseId) -> Option<Chain> {
        self.0.remove(&case)
    }

    /// Keeps the end of a chain. When there are too many all others go: each costs one statement to find again.
    pub(super) fn keep(&mut self, chain: Chain) {
        if self.0.len() >= ENDS_MAX {
            self.0.clear();
        }
        self.0.insert(chain.case(), chain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anlan_tlog::commitments::SubjectKey;

    #[test]
    fn an_end_is_handed_out_once_and_few_are_kept() {
        let mut ends = Ends::default();
        let most = i64::try_from(ENDS_MAX).unwrap();
        for case in 0..most * 2 + 5 {
            ends.keep(Chain::new(CaseId(case), SubjectKey::new([7; 32])));
            assert!(ends.0.len() <= ENDS_MAX);
        }
        let newest = CaseId(most * 2 + 4);
        assert_eq!(ends.take(newest).map(|chain| chain.case()), Some(newest));
        assert!(ends.take(newest).is_none());
    }
}
