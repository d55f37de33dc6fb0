//! Imports through the built program: real cities' exports counted row by row, twice in a row, and a run that is killed
//! in the middle. Cities are skipped, saying so, where the shared data are absent.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test fails by panic and says what it skips"
)]

use anlan_model::ids::CaseId;
use anlan_model::imports::ImportState;
use anlan_store::{Error, Store, StoreConfig};
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// File under the shared data, its mapping, and how many of its rows the quick test takes.
const CITIES: [(&str, &str, usize); 3] = [
    ("boston-311/boston311_2011h2.csv.zst", "boston-2011", 1500),
    (
        "chicago-311-sanitation/sanitation_code_complaints.csv.zst",
        "chicago-sanitation",
        1500,
    ),
    ("montgomery-911/911.csv.zst", "montgomery-911", 1500),
];

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anlan"));
    command
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn import(data: &Path, file: &Path, mapping: &str, more: &[&str]) -> Command {
    let mut command = program(data);
    command
        .arg("import")
        .arg(file)
        .args(["--mapping", mapping])
        .args(more);
    command
}

fn said(mut command: Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

/// Rows, imported, known, kept back: as the program says at the end of a run.
fn counts(said: &str) -> [u64; 4] {
    let numbers: Vec<u64> = said
        .lines()
        .find(|line| line.starts_with("import "))
        .unwrap_or_else(|| panic!("no counts in {said}"))
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    // The first is the run's own number.
    numbers[1..].try_into().unwrap()
}

fn digest(data: &Path) -> String {
    let mut command = program(data);
    command.arg("verify");
    said(command).lines().last().unwrap().to_owned()
}

/// The text of a packed file of the shared data.
fn given(path: &str) -> Option<String> {
    let root = std::env::var_os("ANLAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = root.join("data/given").join(path);
    let Ok(packed) = File::open(&file) else {
        println!("skipped: {} is absent (set ANLAN_SHARED)", file.display());
        return None;
    };
    Some(String::from_utf8(zstd::decode_all(packed).unwrap()).unwrap())
}

/// Where each row of a CSV text ends: a line's end outside quotes. The first is the header's.
fn ends(text: &str) -> Vec<usize> {
    let mut is_quoted = false;
    let mut ends = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        is_quoted ^= byte == b'"';
        if byte == b'\n' && !is_quoted {
            ends.push(at + 1);
        }
    }
    if ends.last().is_some_and(|last| *last < text.len()) {
        ends.push(text.len());
    }
    ends
}

/// Imports a city's first rows, or all, twice: nothing is lost and nothing is there twice.
fn twice(path: &str, mapping: &str, most: usize) {
    let Some(text) = given(path) else { return };
    let ends = ends(&text);
    let rows = most.min(ends.len() - 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.csv");
    std::fs::write(&file, text.get(..ends[rows]).unwrap()).unwrap();
    let data = folder.path().join("node");
    let rows = u64::try_from(rows).unwrap();

    let [counted, imported, known, kept_back] = counts(&said(import(&data, &file, mapping, &[])));
    assert_eq!((counted, imported + known + kept_back), (rows, rows), "{mapping}");
    assert!(imported > rows / 2, "{mapping}: {imported} of {rows}");
    let before = digest(&data);

    let again = counts(&said(import(&data, &file, mapping, &[])));
    assert_eq!(again, [rows, 0, imported + known, kept_back], "{mapping}, again");
    assert_eq!(
        digest(&data),
        before,
        "{mapping}: the second time changed something"
    );
}

#[test]
fn every_row_of_a_city_is_imported_known_or_kept_back_and_a_second_time_changes_nothing() {
    for (path, mapping, most) in CITIES {
        twice(path, mapping, most);
    }
}

#[test]
#[ignore = "long: whole files, some minutes without optimisation"]
fn long_whole_files_of_cities_are_imported_twice() {
    for (path, mapping, _) in CITIES {
        twice(path, mapping, usize::MAX);
    }
}

/// A backlog in our own template; every 97th row has no time that can be.
fn backlog(rows: u32) -> String {
    let mut text = "id,reported_at,title,description,address,longitude,latitude\n".to_owned();
    for row in 0..rows {
        let day = if row % 97 == 0 { 31 } else { 1 + row % 28 };
        let (month, lon) = (
            if day == 31 { 2 } else { 1 + row % 12 },
            113.0 + f64::from(row % 1000) / 5000.0,
        );
        writeln!(text, "b{row},2024-{month:02}-{day:02} 08:00:00,路灯不亮 {row},Lamp {row} is out,澜江大道{row}号,{lon:.4},27.9").unwrap();
    }
    text
}

fn open(data: &Path) -> Store {
    let config = StoreConfig {
        path: data.join("anlan.db"),
        readers: 1,
        cache_mib: 8,
        master_key: [0; 32],
        pseudonym_key: [0; 32],
    };
    Store::open(&config).unwrap().0
}

/// Everything a node knows, without the instants at which it learnt it.
fn knowledge(data: &Path) -> Vec<String> {
    open(data)
        .read(|tx| {
            let newest = anlan_store::cases::newest(tx)?.unwrap().0;
            let mut all = Vec::new();
            for id in (1..=newest).map(CaseId) {
                let mut case = anlan_store::cases::get(tx, id)?;
                case.updated_at = case.opened_at;
                for report in anlan_store::reports::of_case(tx, id)? {
                    all.push(format!(
                        "{case:?} {:?} {} {:?}",
                        report.external_id, report.description, report.reported_at
                    ));
                }
                let events = anlan_store::events::of_case(tx, id)?;
                all.extend(
                    events
                        .iter()
                        .map(|kept| format!("{} {}", kept.seq, kept.event.kind())),
                );
            }
            Ok::<_, Error>(all)
        })
        .unwrap()
}

#[test]
fn a_run_that_is_killed_goes_on_and_ends_as_one_that_was_not() {
    const ROWS: u32 = 14_000;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backlog.csv");
    std::fs::write(&file, backlog(ROWS)).unwrap();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    let datum = ["--datum", "wgs84"];
    let once = counts(&said(import(&whole, &file, "anlan", &datum)));
    assert_eq!(once[0], u64::from(ROWS));
    assert_eq!(
        once[3],
        u64::from(ROWS.div_ceil(97)),
        "rows without a time are kept back"
    );

    // Kill it once the first batch is in, before the last.
    let beside = open(&broken);
    let mut running = import(&broken, &file, "anlan", &datum)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let is_begun = || {
        let seen = beside.read(anlan_store::imports::list).unwrap();
        seen.first().is_some_and(|import| import.rows > 0)
    };
    while !is_begun() {
        assert!(
            running.try_wait().unwrap().is_none(),
            "it ended before it could be killed"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    drop(beside);
    let left = open(&broken).read(anlan_store::imports::list).unwrap();
    assert_eq!(
        left[0].state,
        ImportState::Running,
        "nobody told it that it ended"
    );
    assert!(
        (1..u64::from(ROWS)).contains(&left[0].rows),
        "{} rows were in",
        left[0].rows
    );

    let refused = import(&broken, &file, "anlan", &datum).output().unwrap();
    assert!(
        !refused.status.success(),
        "a run that says it runs is not begun twice"
    );
    let resumed = counts(&said(import(
        &broken,
        &file,
        "anlan",
        &[&datum[..], &["--take-over"]].concat(),
    )));
    assert_eq!(resumed, once, "counted over both parts");
    assert!(
        knowledge(&broken) == knowledge(&whole),
        "the two nodes know different things"
    );
    let [one, two] = [&broken, &whole].map(|data| digest(data));
    assert!(
        one.starts_with("digest ") && two.starts_with("digest "),
        "both verify: {one} {two}"
    );
}
