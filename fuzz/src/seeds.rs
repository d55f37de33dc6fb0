//! Writes seeds for each target into `corpus/`: small projects of every kind of analysis, with the shared vectors' own where
//! `ANLAN_SHARED` names them, bytes that come far as a study or as a series, and what a log signs. It fuzzes nothing.
//!
//! `cargo run --manifest-path fuzz/Cargo.toml --bin seeds`

use anlan_fuzz::{alerts, notes, projects, series, studies, tiles, witnesses};
use arbitrary::{Arbitrary as _, Unstructured};
use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use std::collections::HashMap;
use std::hash::Hash;
use std::path::Path;
use std::{env, fs, io};

/// Seeds of one kind, and bytes tried for them.
const OF_A_KIND: usize = 6;
const TRIED: u32 = 20_000;
const BYTES_MAX: u32 = 900;
/// Larger projects make a round slow.
const PROJECT_BYTES_MAX: usize = 16 * 1024;

const HEAD: &str = "[Input]\nCaseFile=a.cas\nPopulationFile=a.pop\nControlFile=a.ctl\nCoordinatesFile=a.geo\nGridFile=a.grd\n\
    PrecisionCaseTimes=3\nStartDate=2024/1/1\nEndDate=2024/3/31\nMonteCarloReps=9\n";
const FILES: &str = "=== a.cas\neast 9 2024/3/30\nwest 2 2024/2/2\n\"north hill\" 1 2024/1/9\nsouth 3 2024/3/31\n\
    === a.pop\neast 2024 1000\nwest 2024 900\n\"north hill\" 2024 300\nsouth 2024 500\n\
    === a.ctl\neast 4 2024/3/1\nwest 3 2024/2/2\n\"north hill\" 6 2024/1/9\nsouth 2 2024/3/31\n\
    === a.geo\neast 30.1 110.2\nwest 30.2 110.1\n\"north hill\" 30.3 110.15\nsouth 30.05 110.12\n\
    === a.grd\n30.1 110.2\n30.2 110.1\n\
    === a.nbr\neast west\nwest east south\n\"north hill\"\nsouth west\n";
/// Lines that change one thing each.
const VARIANTS: [&str; 14] = [
    "",
    "ScanAreas=3\n",
    "CoordinatesType=0\n",
    "UseNeighborsFile=y\nNeighborsFilename=a.nbr\n",
    "UseGridFile=y\n",
    "SpatialWindowShapeType=1\nNonCompactnessPenalty=1\n",
    "MaxSpatialSizeInPopulationAtRisk=25\nUseDistanceFromCenterOption=y\nMaxSpatialSizeInDistanceFromCenter=15\n",
    "IncludePurelySpatial=y\nIncludePurelyTemporal=y\n",
    "MaxTemporalSizeInterpretation=1\nMaxTemporalSize=7\nMinimumTemporalClusterSize=2\n",
    "TimeAggregationUnits=2\nTimeAggregationLength=1\n",
    "TimeAggregationUnits=1\n",
    "AdjustForEarlierAnalyses=y\nProspectiveStartDate=2024/3/1\n",
    "CriteriaForReportingSecondaryClusters=5\n",
    "IterativeScan=y\nIterativeScanMaxIterations=3\nIterativeScanMaxPValue=0.5\n",
];

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let own = made().into_iter().chain(shared()?);
    let far: Vec<Vec<u8>> = own.filter(|bytes| projects::run(bytes)).collect();
    write(&corpus.join("project"), &far)?;
    let studies = found(|bytes| {
        let input = studies::Input::arbitrary_take_rest(Unstructured::new(bytes)).ok()?;
        let kind = input.kind();
        studies::run(input).filter(|clusters| *clusters > 0).map(|_| kind)
    });
    write(&corpus.join("scan"), &studies)?;
    let all = found(|bytes| {
        let input = series::Input::arbitrary_take_rest(Unstructured::new(bytes)).ok()?;
        let kind = input.kind();
        series::run(input).map(|_| kind)
    });
    write(&corpus.join("series"), &all)?;
    write(&corpus.join("cap"), &alerts::seeds())?;
    write(&corpus.join("note"), &notes::seeds())?;
    write(&corpus.join("tile"), &tiles::seeds())?;
    write(&corpus.join("witness"), &witnesses::seeds())
}

/// Projects of every kind of analysis and model, each with one thing changed.
fn made() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for analysis in 1..=5 {
        for model in 0..=2 {
            for variant in VARIANTS {
                let kind = format!("CoordinatesType=1\n[Analysis]\nAnalysisType={analysis}\nModelType={model}\n");
                let units = "TimeAggregationUnits=3\n";
                all.push(format!("=== a.prm\n{variant}{HEAD}{kind}{units}{FILES}").into_bytes());
            }
        }
    }
    all
}

/// The projects of the shared vectors, where they are, in the form of this target.
fn shared() -> io::Result<Vec<Vec<u8>>> {
    let root = env::var("ANLAN_SHARED").unwrap_or_else(|_| format!("{}/../../shared", env!("CARGO_MANIFEST_DIR")));
    let folder = Path::new(&root).join("vectors/scan/given");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for project in fs::read_dir(folder)? {
        let mut bytes = Vec::new();
        for file in fs::read_dir(project?.path())? {
            let path = file?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let kind = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            if !["prm", "cas", "bcas", "ctl", "pop", "geo", "grd", "nbr"].contains(&kind.as_str()) {
                continue;
            }
            let name = if kind == "prm" { "a.prm".to_owned() } else { name };
            bytes.extend(format!("=== {name}\n").into_bytes());
            bytes.extend(fs::read(path)?);
        }
        if bytes.len() <= PROJECT_BYTES_MAX {
            all.push(bytes);
        }
    }
    Ok(all)
}

/// Bytes that come far: some of each kind.
fn found<K: Eq + Hash>(mut far: impl FnMut(&[u8]) -> Option<K>) -> Vec<Vec<u8>> {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut kinds: HashMap<K, usize> = HashMap::new();
    let mut all = Vec::new();
    for _ in 0..TRIED {
        let len = 40 + rng.next_u32() % BYTES_MAX;
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(40)];
        rng.fill_bytes(&mut bytes);
        if let Some(kind) = far(&bytes) {
            let kept = kinds.entry(kind).or_default();
            if *kept < OF_A_KIND {
                *kept += 1;
                all.push(bytes);
            }
        }
    }
    all
}

fn write(folder: &Path, seeds: &[Vec<u8>]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, bytes) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:03}")), bytes)?;
    }
    println!("{}: {} seeds", folder.display(), seeds.len());
    Ok(())
}
