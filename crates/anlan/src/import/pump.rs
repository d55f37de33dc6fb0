//! Rows from a file into the application: one thread reads, maps, places and routes, the other keeps batches.

use anlan_app::imports::{self, BadRow, Row};
use anlan_app::{App, Caller};
use anlan_intake::mapping::{LocalClass, Mapped, Mapper, Mapping};
use anlan_intake::refusals::Refusal;
use anlan_intake::rows::{Row as FileRow, RowReader};
use anlan_model::classes::{Class, ClassKind, ClosingDemand, Priority};
use anlan_model::imports::{Import, ImportState};
use anlan_model::places::Datum;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

const BATCH_ROWS: usize = 1000;
const BATCHES_AHEAD: usize = 2;

/// The file and how to read it.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) mapping: Arc<Mapping>,
    pub(super) datum: Option<Datum>,
}

/// Some rows, ready to be kept together.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    classes: BTreeMap<String, LocalClass>,
    bytes_done: u64,
}

/// Runs an import to its end, to a stop, or to the fault that refuses the file.
pub(super) struct Pump<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) stop: &'a AtomicBool,
}

impl Pump<'_> {
    /// Rows already read by an earlier try are passed over.
    pub(super) fn run(
        &self,
        import: &Import,
        source: &Source<'_>,
        told: &mut dyn FnMut(&Import),
    ) -> anyhow::Result<Import> {
        let (batches, waiting) = sync_channel::<Batch>(BATCHES_AHEAD);
        let ended = AtomicBool::new(false);
        let result = std::thread::scope(|scope| {
            let reading = scope.spawn(|| self.read(import.rows, source, batches, &ended));
            let mut kept = Ok(());
            while let Ok(batch) = waiting.recv() {
                kept = self.keep(import, source, batch, told);
                if kept.is_err() || self.stop.load(Ordering::SeqCst) {
                    break;
                }
            }
            ended.store(true, Ordering::SeqCst);
            drop(waiting);
            let read = reading.join().unwrap_or_else(|_| Err(Refusal::new("reader.failed", "The reader failed inside; rows kept so far stand.")));
            kept.map(|()| read)
        });
        let (state, error) = match result {
            Err(error) => {
                let _ = imports::end(self.app, import.id, ImportState::Stopped, Some(format!("{error:#}")));
                return Err(error);
            }
            Ok(Err(refusal)) => (ImportState::Refused, Some(words(&refusal))),
            Ok(Ok(true)) => (ImportState::Done, None),
            Ok(Ok(false)) => (ImportState::Stopped, Some("stopped; run it again to go on, nothing is lost".to_owned())),
        };
        Ok(imports::end(self.app, import.id, state, error)?)
    }

    /// Reads to the end (`true`) or until told to stop (`false`).
    fn read(
        &self,
        skip: u64,
        source: &Source<'_>,
        batches: SyncSender<Batch>,
        ended: &AtomicBool,
    ) -> Result<bool, Refusal> {
        let file = File::open(source.path)
            .map_err(|error| Refusal::new("file.unreadable", format!("The file cannot be opened: {error}.")))?;
        let mut reader = RowReader::open(file, &source.mapping.stated())?;
        let mut mapper = Mapper::new(Arc::clone(&source.mapping), reader.header(), self.app.clock.now(), source.datum)?;
        RowReader::skip(&mut reader, skip)?;
        let (mut batch, mut row) = (Batch::default(), FileRow::default());
        loop {
            let more = reader.read(&mut row);
            let is_more = matches!(more, Ok(true));
            if is_more {
                let mapped = mapper.map(reader.header(), &row);
                batch.add(self.app, &row, mapped, reader.header());
            }
            if batch.rows.len() >= BATCH_ROWS || !is_more {
                batch.bytes_done = reader.bytes_read();
                if batches.send(std::mem::take(&mut batch)).is_err() || ended.load(Ordering::SeqCst) {
                    return Ok(!is_more && !ended.load(Ordering::SeqCst));
                }
            }
            if !is_more {
                return more.map(|_| true);
            }
        }
    }

    fn keep(&self, import: &Import, source: &Source<'_>, batch: Batch, told: &mut dyn FnMut(&Import)) -> anyhow::Result<()> {
        let classes = batch.classes.into_values().map(|class| local(&source.mapping, class)).collect();
        imports::add_classes(self.app, self.caller, classes)?;
        let kept = imports::take_batch(self.app, self.caller, import.id, batch.rows, batch.bytes_done);
        let kept = kept.context("rows could not be kept; those kept so far stand")?;
        told(&kept);
        if kept.state != ImportState::Running {
            self.stop.store(true, Ordering::SeqCst);
        }
        Ok(())
    }
}

impl Batch {
    fn add(&mut self, app: &App, row: &FileRow, mapped: Mapped, header: &[String]) {
        if let Ok(taken) = &mapped
            && let Some(class) = &taken.local_class
        {
            self.classes.entry(class.code.0.clone()).or_insert_with(|| class.clone());
        }
        self.rows.push(self::row(app, row.line(), mapped, || row.pairs(header)));
    }
}

/// A mapped row, checked, placed and routed.
pub(super) fn row(app: &App, line: u64, mapped: Mapped, fields: impl FnOnce() -> Vec<(String, String)>) -> Row {
    match mapped {
        Ok(taken) => imports::ready(app, taken.incoming, line, fields),
        Err(kept) => Row::Bad(BadRow { faults: kept.faults, fields: kept.fields }),
    }
}

fn words(refusal: &Refusal) -> String {
    let line = refusal.line.map_or(String::new(), |line| format!("line {line}: "));
    format!("{line}{}", refusal.message)
}

/// A class in the city's own words.
fn local(mapping: &Mapping, class: LocalClass) -> Class {
    Class {
        code: class.code,
        kind: ClassKind::Local,
        table: mapping.source.clone(),
        group_zh: mapping.title_zh.clone(),
        group_en: mapping.title_en.clone(),
        name_zh: class.words.clone(),
        name_en: class.words,
        priority: Priority::P3,
        closing: ClosingDemand::default(),
        is_active: false,
        duplicate_radius_m: 50,
    }
}
