//! Imports: opens a file through its mapping and hands rows to the application in batches, with a progress bar on the
//! command line and as a job of the node. Parsing is intake's, keeping is the application's.

mod pump;

use crate::{cells, cli};
use anlan_app::imports::{self, Begin, Retried};
use anlan_app::uploads::{self, Plan};
use anlan_app::{App, Caller};
use anlan_intake::mapping::{Mapping, companion, remap, shipped};
use anlan_model::ids::ImportId;
use anlan_model::imports::{Import, ImportState};
use anlan_model::places::Datum;
use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use pump::{Pump, Source};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What to import and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file: CSV, JSON or XLSX, plain or packed with gz or zst.
    file: PathBuf,
    #[command(flatten)]
    how: How,
    /// Go on with a run that a crash left behind.
    #[arg(long)]
    take_over: bool,
}

#[derive(Debug, clap::Args)]
struct How {
    /// A shipped mapping by name (`anlan import --mapping list x` prints them), or a mapping file of your own.
    #[arg(long)]
    mapping: String,
    /// The datum of the coordinates, where the mapping does not say it: wgs84, cgcs2000, gcj02 or bd09.
    #[arg(long, value_parser = cells::datum_named)]
    datum: Option<Datum>,
}

/// Which run to try again.
#[derive(Debug, clap::Args)]
pub(crate) struct ReplayArgs {
    /// The run's number, as the import printed it.
    import: i64,
    #[command(flatten)]
    how: How,
}

/// A bar for work whose size is not known yet.
pub(crate) fn bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(what);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A shipped mapping, or one in a file.
pub(crate) fn mapping(name: &str) -> anyhow::Result<Arc<Mapping>> {
    if shipped().iter().any(|(known, _)| *known == name) {
        return Ok(Arc::new(Mapping::named(name)?));
    }
    let path = Path::new(name);
    if !path.is_file() {
        let known: Vec<&str> = shipped().iter().map(|(known, _)| *known).collect();
        bail!(
            "there is no mapping {name}: shipped are {}; or name a mapping file",
            known.join(", ")
        );
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let beside = path.parent().unwrap_or(Path::new(".")).to_path_buf();
    let read = |file: &str| {
        std::fs::read_to_string(beside.join(file))
            .ok()
            .or_else(|| companion(file).map(str::to_owned))
    };
    Ok(Arc::new(
        Mapping::parse(&text, &read).with_context(|| name.to_owned())?,
    ))
}

/// `anlan import`.
pub(crate) fn run(app: &App, args: &Args) -> anyhow::Result<()> {
    if args.how.mapping == "list" {
        for (name, _) in shipped() {
            let mapping = Mapping::named(name)?;
            cli::say(&format!("{name:20} {} / {}", mapping.title_en, mapping.title_zh));
        }
        return Ok(());
    }
    let mapping = mapping(&args.how.mapping)?;
    let bytes_total = std::fs::metadata(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?
        .len();
    let name = args
        .file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let begin = Begin {
        file: name,
        digest: uploads::digest(&args.file)?,
        mapping: mapping.name.clone(),
        bytes_total,
        take_over: args.take_over,
    };
    let stop = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&stop))?;
    let caller = Caller::system();
    let import = imports::begin(app, &caller, &begin)?;
    let bar = bar("importing").with_style(rows_style());
    bar.set_length(bytes_total);
    let source = Source {
        path: &args.file,
        mapping,
        datum: args.how.datum,
    };
    let done = Pump {
        app,
        caller: &caller,
        stop: &stop,
    }
    .run(&import, &source, &mut |import| {
        bar.set_position(import.bytes_done);
        bar.set_message(told(import));
    });
    bar.finish_and_clear();
    report(&done?)
}

fn rows_style() -> ProgressStyle {
    let template = "{wide_bar} {bytes}/{total_bytes} {eta} left\n{msg} {elapsed}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn told(import: &Import) -> String {
    let Import {
        rows,
        imported,
        known,
        quarantined,
        ..
    } = import;
    format!("{rows} rows: {imported} imported, {known} known already, {quarantined} kept back")
}

fn report(import: &Import) -> anyhow::Result<()> {
    cli::say(&format!("import {}: {}", import.id, told(import)));
    match import.state {
        ImportState::Done if import.quarantined > 0 => {
            cli::say(
                "Rows kept back are listed with their reasons on the import's screen; mend them there and replay.",
            );
            Ok(())
        }
        ImportState::Done => Ok(()),
        _ => bail!(
            "{}",
            import.error.as_deref().unwrap_or("the import did not finish")
        ),
    }
}

/// `anlan replay`.
pub(crate) fn replay(app: &App, args: &ReplayArgs) -> anyhow::Result<()> {
    let (into, still) = again(
        app,
        ImportId(args.import),
        &mapping(&args.how.mapping)?,
        args.how.datum,
    )?;
    cli::say(&format!("{into} rows went in, {still} are still kept back"));
    Ok(())
}

/// Tries every row a run kept back again; how many went in and how many did not.
fn again(
    app: &App,
    id: ImportId,
    mapping: &Arc<Mapping>,
    datum: Option<Datum>,
) -> anyhow::Result<(u64, u64)> {
    let caller = Caller::system();
    let (mut into, mut still, mut after) = (0, 0, None);
    loop {
        let page = imports::waiting(app, &caller, id, after.as_ref())?;
        for kept in &page.items {
            let line = kept.faults.first().map_or(1, |fault| fault.line);
            let mapped = remap(mapping, &kept.fields, line, app.clock.now(), datum);
            let row = pump::row((app, &caller), line, mapped, || kept.fields.clone());
            match imports::retry(app, &caller, kept, row)? {
                Retried::In => into += 1,
                Retried::Still(_) => still += 1,
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok((into, still));
        }
    }
}

/// Does the job that the browser's import queued.
pub(crate) fn job(app: &App, body: &str, stop: &AtomicBool) -> anyhow::Result<()> {
    let plan: Plan = serde_json::from_str(body).context("the job's plan")?;
    let caller = Caller::system();
    let mapping = mapping(&plan.mapping)?;
    let datum = mapping.place.datum.is_none().then_some(plan.datum);
    if plan.replay {
        again(app, plan.import, &mapping, datum)?;
        return Ok(());
    }
    let import = imports::find(app, &caller, plan.import)?;
    if import.state != ImportState::Queued {
        return Ok(());
    }
    let import = imports::end(app, import.id, ImportState::Running, None)?;
    let path = uploads::path(app, &plan.upload)?;
    let source = Source {
        path: &path,
        mapping,
        datum,
    };
    Pump {
        app,
        caller: &caller,
        stop,
    }
    .run(&import, &source, &mut |_| {})?;
    Ok(())
}

/// A file to import as a whole.
#[cfg(test)]
pub(crate) struct Trial<'a> {
    pub(crate) file: &'a Path,
    pub(crate) mapping: &'a str,
}

/// Imports a file from its beginning to its end, for tests that need a city.
#[cfg(test)]
pub(crate) fn whole(app: &App, trial: &Trial<'_>) -> anyhow::Result<Import> {
    let mapping = mapping(trial.mapping)?;
    let begin = Begin {
        file: "city".to_owned(),
        digest: uploads::digest(trial.file)?,
        mapping: mapping.name.clone(),
        bytes_total: std::fs::metadata(trial.file)?.len(),
        take_over: false,
    };
    let caller = Caller::system();
    let import = imports::begin(app, &caller, &begin)?;
    let source = Source {
        path: trial.file,
        mapping,
        datum: None,
    };
    Pump {
        app,
        caller: &caller,
        stop: &AtomicBool::new(false),
    }
    .run(&import, &source, &mut |_| {})
}
