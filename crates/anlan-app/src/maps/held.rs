//! The slim columns as an application holds them: read once, followed from then on, shared by all. It decides nothing.

use super::index::{Extent, Index};
use crate::Error;
use anlan_store::Store;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

/// The index and the one who reads it in.
#[derive(Debug, Default)]
pub(crate) struct Held {
    index: RwLock<Index>,
    loading: [Mutex<()>; 2],
}

impl Held {
    /// The index as of now. Who asks first waits until so much of it is read.
    pub(crate) fn now(&self, store: &Store, extent: Extent) -> Result<RwLockReadGuard<'_, Index>, Error> {
        self.load(store, extent)?;
        self.follow(store)
    }

    /// Reads every case, unless that was done.
    pub(crate) fn load_all(&self, store: &Store) -> Result<(), Error> {
        self.load(store, Extent::All)
    }

    /// Reads beside the shared index, so that nobody waits who can do with what is there: open cases, which are few, can be
    /// asked for long before all are.
    fn load(&self, store: &Store, extent: Extent) -> Result<(), Error> {
        if self.seen().holds(extent) {
            return Ok(());
        }
        let [open, all] = &self.loading;
        self.read_in(open, Extent::Open, || Index::open(store))?;
        if extent == Extent::All {
            self.read_in(all, Extent::All, || {
                let mut index = self.seen().clone();
                index.rest(store)?;
                index.follow(store)?;
                Ok(index)
            })?;
        }
        Ok(())
    }

    fn read_in(
        &self,
        loading: &Mutex<()>,
        extent: Extent,
        read: impl FnOnce() -> Result<Index, Error>,
    ) -> Result<(), Error> {
        let _one_at_a_time = loading.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.seen().holds(extent) {
            let fresh = read()?;
            *self.index.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
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
