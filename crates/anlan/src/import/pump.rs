//! Rows from a file into the application: one thread reads, maps, places and routes, the other keeps batches.

use anlan_app::imports::{self, BadRow, Row};
use anlan_app::{App, Caller};
use anlan_intake::mapping::{LocalClass, Mapped, Mapper, Mapping};
use anlan_intake::refusals::Refusal;
use anlan_intake::rows::{Row as FileRow, RowReader};
use anlan_intake::sniff::survey;
use anlan_model::classes::{Class, ClassKind, ClosingDemand, Priority};
use anlan_model::imports::{Import, ImportState};
use anlan_model::places::Datum;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// The first batch is small, so that it is being kept while the second is read; each after it is twice as large.
const FIRST_ROWS: usize = 250;
const BATCH_ROWS: usize = 4000;
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
        let (state, why) = match self.both(import, source, told) {
            Err(error) => {
                // The run's end is a courtesy here; the error itself is what the caller must hear.
                let _ = imports::end(
                    self.app,
                    import.id,
                    ImportState::Stopped,
                    Some((
                        format!("导入中断，已入库的行保留；可继续导入。技术原因：{error:#}"),
                        format!("{error:#}"),
                    )),
                );
                return Err(error);
            }
            Ok(Err(refusal)) => (ImportState::Refused, Some(words(&refusal))),
            Ok(Ok(true)) => (ImportState::Done, None),
            Ok(Ok(false)) => (
                ImportState::Stopped,
                Some((
                    "已停止；再次运行即可继续，没有丢失任何内容。".to_owned(),
                    "Stopped; run it again to go on, nothing is lost.".to_owned(),
                )),
            ),
        };
        Ok(imports::end(self.app, import.id, state, why)?)
    }

    /// The reading thread beside the keeping one; the outer error is ours, the inner the file's.
    fn both(
        &self,
        import: &Import,
        source: &Source<'_>,
        told: &mut dyn FnMut(&Import),
    ) -> anyhow::Result<Result<bool, Refusal>> {
        let (batches, waiting) = sync_channel::<Batch>(BATCHES_AHEAD);
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| self.read(import.rows, source, &taker(batches)));
            let kept = self.keep_all(import, source, &waiting, told);
            // Without a receiver the reader stops at its next batch.
            drop(waiting);
            let failed = |_| {
                Err(Refusal::new(
                    "reader.failed",
                    "The reader failed inside; rows kept so far stand.",
                ))
            };
            let read = reading.join().unwrap_or_else(failed);
            kept.map(|is_stopped| read.map(|is_end| is_end && !is_stopped))
        })
    }

    /// Keeps batches until there are none; `true` if it was told to stop before.
    fn keep_all(
        &self,
        import: &Import,
        source: &Source<'_>,
        waiting: &Receiver<Batch>,
        told: &mut dyn FnMut(&Import),
    ) -> anyhow::Result<bool> {
        for batch in waiting {
            let is_stopped = self.keep(import, source, batch, told)?;
            if is_stopped || self.stop.load(Ordering::SeqCst) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads to the end (`true`) or until nobody takes batches any more (`false`).
    fn read(&self, skip: u64, source: &Source<'_>, take: &dyn Fn(Batch) -> bool) -> Result<bool, Refusal> {
        let stated = source.mapping.stated();
        let sniffed = survey(open(source.path)?, &stated, &mut |_| {})?;
        let mut reader = RowReader::open(open(source.path)?, &stated.with(&sniffed))?;
        let mut mapper = Mapper::new(
            Arc::clone(&source.mapping),
            reader.header(),
            self.app.clock.now(),
            source.datum,
        )?;
        reader.skip_rows(skip)?;
        let (mut batch, mut row) = (Batch::default(), FileRow::default());
        let mut full = FIRST_ROWS;
        loop {
            let more = reader.read(&mut row);
            let is_more = matches!(more, Ok(true));
            if is_more {
                let mapped = mapper.map(reader.header(), &row);
                batch.add((self.app, self.caller), &row, mapped, reader.header());
            }
            if is_more && batch.rows.len() < full {
                continue;
            }
            full = (full * 2).min(BATCH_ROWS);
            batch.bytes_done = reader.bytes_read();
            let is_taken = take(std::mem::take(&mut batch));
            if !is_more {
                return more.map(|_| is_taken);
            }
            if !is_taken {
                return Ok(false);
            }
        }
    }

    /// Keeps one batch; `true` if somebody stopped the run meanwhile.
    fn keep(
        &self,
        import: &Import,
        source: &Source<'_>,
        batch: Batch,
        told: &mut dyn FnMut(&Import),
    ) -> anyhow::Result<bool> {
        let classes = batch
            .classes
            .into_values()
            .map(|class| local(&source.mapping, class))
            .collect();
        imports::add_classes(self.app, self.caller, classes)?;
        let rows = Arc::new(batch.rows);
        let held = Arc::clone(&rows);
        let kept = imports::take_batch(self.app, self.caller, import.id, rows, batch.bytes_done);
        drop_aside(held);
        let kept = kept.context("rows could not be kept; those kept so far stand")?;
        told(&kept);
        Ok(kept.state != ImportState::Running)
    }
}

/// Thousands of rows take a while to drop, and both the writer and the next batch wait for this thread.
#[expect(clippy::disallowed_methods, reason = "the program is where threads start")]
fn drop_aside(rows: Arc<Vec<Row>>) {
    std::thread::spawn(move || drop(rows));
}

fn open(path: &Path) -> Result<File, Refusal> {
    File::open(path)
        .map_err(|error| Refusal::new("file.unreadable", format!("The file cannot be opened: {error}.")))
}

fn taker(sender: SyncSender<Batch>) -> impl Fn(Batch) -> bool {
    move |batch| sender.send(batch).is_ok()
}

impl Batch {
    fn add(&mut self, whose: (&App, &Caller), row: &FileRow, mapped: Mapped, header: &[String]) {
        if let Ok(taken) = &mapped
            && let Some(class) = &taken.local_class
        {
            self.classes
                .entry(class.code.0.clone())
                .or_insert_with(|| class.clone());
        }
        self.rows
            .push(self::row(whose, row.line(), mapped, || row.pairs(header)));
    }
}

/// A mapped row, checked, placed and routed.
pub(super) fn row(
    (app, caller): (&App, &Caller),
    line: u64,
    mapped: Mapped,
    fields: impl FnOnce() -> Vec<(String, String)>,
) -> Row {
    match mapped {
        Ok(taken) => imports::ready(app, caller, taken.incoming, line, fields),
        Err(kept) => Row::Bad(BadRow {
            faults: kept.faults,
            fields: kept.fields,
        }),
    }
}

/// Chinese and English, with the line where there is one.
fn words(refusal: &Refusal) -> (String, String) {
    let (zh, en) = refusal.line.map_or_else(Default::default, |line| {
        (format!("第 {line} 行："), format!("line {line}: "))
    });
    (
        format!("{zh}{}", refusal.zh()),
        format!("{en}{}", refusal.message),
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_kept_in_both_languages_with_its_line() {
        let refusal = Refusal::new("encoding.mixed", "From this line on the encoding is another.").at_line(7);
        let (zh, en) = words(&refusal);
        assert!(zh.starts_with("第 7 行：文件混用了多种编码"), "{zh}");
        assert_eq!(en, "line 7: From this line on the encoding is another.");
        assert!(
            words(&Refusal::new("file.empty", "Empty."))
                .0
                .starts_with("文件为空")
        );
    }
}
