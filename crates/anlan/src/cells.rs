//! `anlan cells`: looks at a GeoJSON file of cells, says what is wrong with it, and puts it in place if it is fit.

use crate::cli;
use crate::config::Config;
use anlan_app::{Caller, reference};
use anlan_grid::topology::{self, Finding, Severity, Shape};
use anlan_grid::{datum, geo_json};
use anlan_model::places::Datum;
use anlan_store::cells::NewCell;
use anyhow::{Context as _, bail};
use std::path::PathBuf;

/// What to check and where to put it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A GeoJSON `FeatureCollection` of polygons.
    file: PathBuf,
    /// Name of the numbering, e.g. `gbt47678.3` or `boston-neighborhoods`.
    #[arg(long)]
    scheme: String,
    /// The property that holds each cell's code.
    #[arg(long)]
    code: String,
    /// The property that holds the Chinese name.
    #[arg(long)]
    name_zh: Option<String>,
    /// The property that holds the English name.
    #[arg(long)]
    name_en: Option<String>,
    /// The property that holds the 12-digit division code; without it the code's first 12 digits, where it has them.
    #[arg(long)]
    division: Option<String>,
    /// The property that holds the number of residents.
    #[arg(long)]
    population: Option<String>,
    /// The datum the coordinates are in. It is asked for, never guessed: polygons drawn in GCJ-02 lie about 570 m off.
    #[arg(long, value_parser = datum_named)]
    datum: Datum,
    /// Only say what is wrong.
    #[arg(long)]
    check: bool,
    /// Import although there are warnings.
    #[arg(long)]
    accept_warnings: bool,
}

/// Reads the name of a datum.
pub(crate) fn datum_named(text: &str) -> Result<Datum, String> {
    match text.to_ascii_lowercase().replace('-', "").as_str() {
        "wgs84" => Ok(Datum::Wgs84),
        "cgcs2000" => Ok(Datum::Cgcs2000),
        "gcj02" => Ok(Datum::Gcj02),
        "bd09" => Ok(Datum::Bd09),
        _ => Err("a datum is one of wgs84, cgcs2000, gcj02, bd09".into()),
    }
}

/// Checks, and imports unless told otherwise.
pub(crate) fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let mut features = geo_json::parse(&text).with_context(|| args.file.display().to_string())?;
    for feature in &mut features {
        feature.polygons = match args.datum {
            Datum::Wgs84 | Datum::Cgcs2000 => continue,
            Datum::Gcj02 => feature.moved(datum::gcj02_to_wgs84),
            Datum::Bd09 => feature.moved(datum::bd09_to_wgs84),
        };
    }
    let codes: Vec<_> = features.iter().map(|feature| feature.text(&args.code)).collect();
    let shapes: Vec<_> = features
        .iter()
        .zip(&codes)
        .map(|(feature, code)| shape(feature, code.as_deref()))
        .collect();
    let findings = topology::check(&shapes, None);
    for finding in &findings {
        cli::say(&describe(finding));
    }
    let weighing = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (refused, warned) = (weighing(Severity::Refuse), weighing(Severity::Warn));
    cli::say(&format!(
        "{} cells, {refused} faults, {warned} warnings",
        features.len()
    ));
    if refused > 0 {
        bail!(
            "{} is not fit to be cells: mend the faults above and try again; nothing was changed",
            args.file.display()
        );
    }
    if args.check {
        return Ok(());
    }
    if warned > 0 && !args.accept_warnings {
        bail!("there are warnings: mend them, or say --accept-warnings; nothing was changed");
    }
    let cells = features
        .iter()
        .map(|feature| cell(feature, args))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let kept = reference::put_cells(
        &cli::open(config)?.app,
        &Caller::system(),
        &args.scheme,
        cells,
        Vec::new(),
    )?;
    cli::say(&format!("{kept} cells of {} are in place", args.scheme));
    Ok(())
}

fn shape<'a>(feature: &'a geo_json::Feature, code: Option<&'a str>) -> Shape<'a> {
    Shape::of(feature, code.unwrap_or("without a code"), code)
}

fn describe(finding: &Finding) -> String {
    let weight = match finding.severity {
        Severity::Refuse => "fault",
        Severity::Warn => "warning",
        Severity::Note => "note",
    };
    let at = finding
        .at
        .map_or(String::new(), |[lon, lat]| format!(" at {lon:.6}, {lat:.6}"));
    let who = match (finding.feature, &finding.name) {
        (Some(number), Some(name)) => format!("feature {number} ({name}): "),
        (Some(number), None) => format!("feature {number}: "),
        _ => String::new(),
    };
    format!("{weight} {:?}: {who}{}{at}", finding.code, finding.message)
}

fn cell(feature: &geo_json::Feature, args: &Args) -> anyhow::Result<NewCell> {
    let property = |name: &Option<String>| name.as_deref().and_then(|name| feature.text(name));
    let code = feature
        .text(&args.code)
        .with_context(|| format!("feature {} has no property \"{}\"", feature.number, args.code))?;
    let zh = property(&args.name_zh);
    let en = property(&args.name_en);
    let division = property(&args.division)
        .or_else(|| division_of(&code))
        .unwrap_or_default();
    Ok(NewCell {
        name_zh: zh.clone().or_else(|| en.clone()).unwrap_or_else(|| code.clone()),
        name_en: en.or(zh).unwrap_or_else(|| code.clone()),
        division,
        population: property(&args.population).and_then(|text| text.parse().ok()),
        geometry: geo_json::print(&feature.polygons),
        code,
    })
}

fn division_of(code: &str) -> Option<String> {
    let is_numbered = code.len() == 15 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_numbered.then(|| code.chars().take(12).collect())
}
