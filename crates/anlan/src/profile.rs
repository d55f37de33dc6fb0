//! `anlan profile`, and what the browser asks of a file before it is imported: a look at the whole file that imports
//! nothing.

use crate::{cells, cli, import};
use anlan_app::ports::{Files, MappingInfo};
use anlan_intake::mapping::{Mapping, shipped};
use anlan_intake::profile::{Profile, Try, profile};
use anlan_intake::refusals::Refusal;
use anlan_intake::rows::RowReader;
use anlan_intake::sniff::Stated;
use anlan_model::places::Datum;
use anyhow::Context as _;
use jiff::Timestamp;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to look at.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file.
    file: PathBuf,
    /// Also try this mapping on every row and say what it would do.
    #[arg(long)]
    mapping: Option<String>,
    /// The datum of the coordinates, where the mapping does not say it.
    #[arg(long, value_parser = cells::datum_named)]
    datum: Option<Datum>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `anlan profile`.
pub(crate) fn run(args: &Args, now: Timestamp) -> anyhow::Result<()> {
    let mapping = args.mapping.as_deref().map(import::mapping).transpose()?;
    let bytes = std::fs::metadata(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?
        .len();
    let bar = import::bar("looking through the file");
    bar.set_length(bytes);
    let found = look(&args.file, mapping, args.datum, now, &mut |done, _| {
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let found = found.with_context(|| args.file.display().to_string())?;
    cli::say(&if args.json {
        serde_json::to_string_pretty(&found)?
    } else {
        found.to_string()
    });
    Ok(())
}

fn look(
    path: &Path,
    mapping: Option<Arc<Mapping>>,
    datum: Option<Datum>,
    now: Timestamp,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Profile, Refusal> {
    let stated = mapping
        .as_ref()
        .map_or_else(Stated::default, |mapping| mapping.stated());
    let file = File::open(path)
        .map_err(|error| Refusal::new("file.unreadable", format!("The file cannot be opened: {error}.")))?;
    let mut reader = RowReader::open(file, &stated)?;
    let with = mapping.map(|mapping| Try { mapping, datum, now });
    profile(&mut reader, with.as_ref(), progress)
}

/// The browser's side of it.
#[derive(Debug)]
pub(crate) struct Uploads;

impl Files for Uploads {
    fn mappings(&self) -> Vec<MappingInfo> {
        let known = shipped().iter().filter_map(|(name, _)| Mapping::named(name).ok());
        let info = known.map(|mapping| MappingInfo {
            name: mapping.name,
            title_zh: mapping.title_zh,
            title_en: mapping.title_en,
            description_zh: mapping.description_zh,
            description_en: mapping.description,
        });
        info.collect()
    }

    fn profile(
        &self,
        file: &Path,
        mapping: Option<&str>,
        now: Timestamp,
    ) -> Result<serde_json::Value, anlan_app::Error> {
        let mapping = match mapping {
            None => None,
            Some(name) => {
                let known = Mapping::named(name).map_err(|refusal| refused("mapping", &refusal))?;
                Some(Arc::new(known))
            }
        };
        let found = look(file, mapping, None, now, &mut |_, _| {});
        let found = found.map_err(|refusal| refused("file", &refusal))?;
        serde_json::to_value(&found).map_err(|error| anlan_app::Error::Unavailable {
            detail: error.to_string(),
        })
    }
}

fn refused(field: &str, refusal: &Refusal) -> anlan_app::Error {
    let (zh, en) = match refusal.line {
        Some(line) => (format!("第 {line} 行："), format!("Line {line}: ")),
        None => (String::new(), String::new()),
    };
    anlan_app::Error::field(
        field,
        refusal.code,
        format!("{zh}{}", refusal.zh()),
        format!("{en}{}", refusal.message),
    )
}
