//! One run of retention: kind by kind, a bounded unit of work at a time, so that it can be stopped or cut off anywhere and goes
//! on where it was.

use super::{ErasureGround, ErasureKind, before, days, due_imports, is_due, note, orphan_age};
use crate::{App, Caller, Error, accesses, uploads};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::events::Stamp;
use anlan_model::ids::{CaseId, ImportId};
use anlan_model::imports::Import;
use anlan_policy::Action;
use anlan_store::contacts::SubjectId;
use anlan_store::{Error as StoreError, Tx, erasures, imports, jobs, quarantine, search, sessions};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Things erased in one unit of work: the desk waits at most that long.
const PER_UNIT: usize = 20;
/// Rows kept back, and contacts, are smaller.
const SMALL_PER_UNIT: usize = 200;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many of each kind were erased.
    pub erased: BTreeMap<ErasureKind, u64>,
    /// Files removed: photos, files handed in, files no row spoke of.
    pub files: u64,
    /// Pages of the database in which something was left and overwritten; `None` where nothing had been erased since the last time.
    pub pages: Option<u64>,
    /// Backups in the data folder: they hold what was erased until they are removed.
    pub backups: Vec<PathBuf>,
    /// Whether all that was due is gone.
    pub is_finished: bool,
}

/// A run under way.
struct Run<'a> {
    app: &'a App,
    caller: &'a Caller,
    now: Timestamp,
    goes_on: &'a dyn Fn() -> bool,
    outcome: Outcome,
}

/// Erases what is due. `goes_on` is asked before each unit of work; once it says no, the rest waits for the next run.
pub fn run(app: &App, caller: &Caller, goes_on: &dyn Fn() -> bool) -> Result<Outcome, Error> {
    app.require(caller, Action::RetentionRun)?;
    let mut run = Run {
        app,
        caller,
        now: app.clock.now(),
        goes_on,
        outcome: Outcome::default(),
    };
    run.outcome.is_finished = run.all()?;
    run.outcome.backups = anlan_store::backup::inside(&app.store)?;
    Ok(run.outcome)
}

impl Run<'_> {
    /// `false` once it was told to stop.
    fn all(&mut self) -> Result<bool, Error> {
        Ok(self.contacts()?
            && self.cases()?
            && self.imports()?
            && self.uploads()?
            && self.small(ErasureKind::Job, "job", jobs::erase_dead)?
            && self.small(ErasureKind::Session, "session", sessions::delete_expired)?
            && self.files()?
            && self.residues()?)
    }

    fn entry(&self, kind: ErasureKind) -> Access {
        accesses::entry(
            self.app,
            self.caller,
            Action::RetentionRun,
            "erasure",
            kind.word(),
            Purpose::Maintenance,
        )
    }

    fn before(&self, period: &str) -> Result<Timestamp, Error> {
        Ok(before(self.now, days(self.app, period)?))
    }

    /// One unit of work that says how many things it erased; noted if there were any.
    fn unit(
        &mut self,
        kind: ErasureKind,
        erase: impl Fn(&mut Tx<'_>) -> Result<u32, StoreError> + Send + 'static,
    ) -> Result<u32, Error> {
        let entry = self.entry(kind);
        let count = self.app.store.write(move |tx| {
            let count = erase(tx)?;
            if count > 0 {
                note(tx, &entry, (kind, ErasureGround::Period), count)?;
            }
            Ok::<_, StoreError>(count)
        })?;
        *self.outcome.erased.entry(kind).or_default() += u64::from(count);
        Ok(count)
    }

    fn contacts(&mut self) -> Result<bool, Error> {
        let (before, now) = (self.before("contact")?, self.now);
        let mut after = SubjectId(0);
        while (self.goes_on)() {
            let due = self
                .app
                .store
                .read(|tx| erasures::due_contacts(tx, before, after, SMALL_PER_UNIT))?;
            let Some(last) = due.last() else {
                return Ok::<_, Error>(true);
            };
            after = *last;
            let erase = move |tx: &mut Tx<'_>, subject| erasures::erase_due_contact(tx, subject, before, now);
            self.unit(ErasureKind::Contact, move |tx| each(tx, &due, &erase))?;
        }
        Ok(false)
    }

    fn cases(&mut self) -> Result<bool, Error> {
        let before = self.before("case")?;
        let stamp = self.caller.stamp(self.now);
        let mut after = CaseId(0);
        while (self.goes_on)() {
            let due = self
                .app
                .store
                .read(|tx| erasures::due_cases(tx, before, after, PER_UNIT))?;
            let Some(last) = due.last() else {
                return Ok::<_, Error>(true);
            };
            after = *last;
            let stamp = stamp.clone();
            let erase = move |tx: &mut Tx<'_>, case| erase_if_due(tx, case, before, &stamp);
            self.unit(ErasureKind::Case, move |tx| each(tx, &due, &erase))?;
        }
        Ok(false)
    }

    fn imports(&mut self) -> Result<bool, Error> {
        let before = self.before("import")?;
        let due = self.app.store.read(|tx| due_imports(tx, before))?;
        for import in due {
            if !self.rows_of(import)? {
                return Ok(false);
            }
            self.unit(ErasureKind::Import, move |tx| erase_import(tx, import, before))?;
        }
        Ok(true)
    }

    /// The rows that a run kept back; `false` once it was told to stop.
    fn rows_of(&self, import: ImportId) -> Result<bool, Error> {
        let erase = move |tx: &mut Tx<'_>| quarantine::erase(tx, import, SMALL_PER_UNIT);
        while (self.goes_on)() {
            if self.app.store.write(erase)? == 0 {
                return Ok::<_, Error>(true);
            }
        }
        Ok(false)
    }

    fn uploads(&mut self) -> Result<bool, Error> {
        let before = self.before("upload")?;
        let due = self
            .app
            .store
            .read(|tx| anlan_store::uploads::before(tx, before))?;
        for upload in due {
            if !(self.goes_on)() {
                return Ok(false);
            }
            self.outcome.files += u64::from(uploads::remove_file(self.app, &upload.id)?);
            self.unit(ErasureKind::Upload, move |tx| {
                anlan_store::uploads::delete(tx, &upload.id).map(|()| 1)
            })?;
        }
        Ok(true)
    }

    /// Rows that go in one statement.
    fn small(
        &mut self,
        kind: ErasureKind,
        period: &str,
        erase: fn(&mut Tx<'_>, Timestamp) -> Result<usize, StoreError>,
    ) -> Result<bool, Error> {
        let before = self.before(period)?;
        if super::count(self.app, kind, before)? > 0 {
            self.unit(kind, move |tx| {
                Ok(u32::try_from(erase(tx, before)?).unwrap_or(u32::MAX))
            })?;
        }
        Ok((self.goes_on)())
    }

    /// Files that no row speaks of: photos of erased cases, and what was left by a program that was cut off.
    fn files(&mut self) -> Result<bool, Error> {
        self.ending()?;
        let orphans = erasures::orphan_blobs(&self.app.store, orphan_age())?;
        for some in orphans.chunks(PER_UNIT) {
            let some = some.to_vec();
            let gone = self.unit(ErasureKind::Orphan, move |tx| erasures::end_blobs(tx, &some))?;
            self.outcome.files += u64::from(gone);
        }
        for id in uploads::orphans(self.app, orphan_age())? {
            let gone = uploads::remove_file(self.app, &id)?;
            self.unit(ErasureKind::Orphan, move |_| Ok(u32::from(gone)))?;
            self.outcome.files += u64::from(gone);
        }
        Ok((self.goes_on)())
    }

    fn ending(&mut self) -> Result<(), Error> {
        loop {
            let ending = self.app.store.read(|tx| erasures::ending_blobs(tx, PER_UNIT))?;
            if ending.is_empty() {
                return Ok::<_, Error>(());
            }
            let gone = self.app.store.write(move |tx| erasures::end_blobs(tx, &ending))?;
            self.outcome.files += u64::from(gone);
        }
    }

    /// What is left of all that in the search index, in pages and in the database's log. It is a line of the register too: a run
    /// that was cut off before leaves none, and the next one does it.
    fn residues(&mut self) -> Result<bool, Error> {
        if !self.app.store.read(erasures::awaits_scrub)? {
            return Ok(true);
        }
        let mut is_first = true;
        while self.app.store.write(move |tx| search::merge(tx, is_first))? {
            is_first = false;
            if !(self.goes_on)() {
                return Ok(false);
            }
        }
        let pages = erasures::scrub(&self.app.store)?;
        self.outcome.pages = Some(super::size(pages));
        let (entry, kind) = (self.entry(ErasureKind::Residue), ErasureKind::Residue);
        let count = u32::try_from(pages).unwrap_or(u32::MAX);
        self.app
            .store
            .write(move |tx| note(tx, &entry, (kind, ErasureGround::Period), count).map_err(Error::from))?;
        Ok(true)
    }
}

/// Erases each of these that is still due; how many were.
fn each<T: Copy>(
    tx: &mut Tx<'_>,
    due: &[T],
    erase: &impl Fn(&mut Tx<'_>, T) -> Result<bool, StoreError>,
) -> Result<u32, StoreError> {
    due.iter()
        .try_fold(0, |count, one| Ok(count + u32::from(erase(tx, *one)?)))
}

/// Erases a case's words, photos and access chain unless somebody has worked on it meanwhile.
fn erase_if_due(tx: &mut Tx<'_>, id: CaseId, before: Timestamp, stamp: &Stamp) -> Result<bool, StoreError> {
    let case = anlan_store::cases::get(tx, id)?;
    if !case.is_due(before) {
        return Ok(false);
    }
    erasures::erase_case(tx, &case, ErasureGround::Period, stamp)?;
    erasures::erase_photos(tx, id)?;
    anlan_store::accesses::erase_key(tx, id)?;
    Ok(true)
}

/// Erases what an import has in words; its rows are gone already.
fn erase_import(tx: &mut Tx<'_>, id: ImportId, before: Timestamp) -> Result<u32, StoreError> {
    let Some(import) = imports::find(tx, id)?.filter(|import| is_due(import, before)) else {
        return Ok(0);
    };
    let bare = Import {
        file: String::new(),
        error: None,
        error_zh: None,
        ..import
    };
    imports::update(tx, &bare).map(|()| 1)
}
