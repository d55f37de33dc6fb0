//! The slim columns as an application holds them: read once, followed from then on, shared by all. It decides nothing.

use super::index::Index;
use crate::Error;
use anlan_model::ids::CaseId;
use anlan_store::Store;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

/// So many cases are read in a moment: whoever asks first waits for it.
const SMALL: i64 = 20_000;

/// The index and the one who reads it in.
#[derive(Debug, Default)]
pub(crate) struct Held {
    index: RwLock<Index>,
    loading: Mutex<()>,
}

impl Held {
    /// The index as of now. The first time this waits until every case is read.
    pub(crate) fn now(&self, store: &Store) -> Result<RwLockReadGuard<'_, Index>, Error> {
        self.load(store)?;
        self.follow(store)
    }

    /// The index as of now, or `None` where there are many cases and they have not been read yet.
    pub(crate) fn if_loaded(&self, store: &Store) -> Result<Option<RwLockReadGuard<'_, Index>>, Error> {
        if !self.seen().is_loaded() {
            let cases = store.read(|tx| anlan_store::cases::newest(tx).map_err(Error::from))?;
            if cases.is_some_and(|CaseId(newest)| newest > SMALL) {
                return Ok(None);
            }
        }
        self.now(store).map(Some)
    }

    /// Reads every case, unless that was done.
    pub(crate) fn load(&self, store: &Store) -> Result<(), Error> {
        if self.seen().is_loaded() {
            return Ok(());
        }
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.seen().is_loaded() {
            return Ok(());
        }
        // Beside the shared one, so that nobody waits who can do without.
        let fresh = Index::load(store)?;
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn seen(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only who finds news shuts the others out.
    fn follow(&self, store: &Store) -> Result<RwLockReadGuard<'_, Index>, Error> {
        let seen = self.seen();
        let newest = store.read(|tx| anlan_store::events::last(tx).map_err(Error::from))?;
        if newest == seen.seq() {
            return Ok(seen);
        }
        drop(seen);
        self.index
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .follow(store)?;
        Ok(self.seen())
    }
}
