//! Files nobody would want: each is read or refused in words, none makes the program fall over.

use crate::support::given;
use anlan_intake::Encoding;
use anlan_intake::profile::profile;
use anlan_intake::refusals::Refusal;
use anlan_intake::rows::RowReader;
use anlan_intake::sniff::{Stated, survey};
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};

fn read(path: &Path, stated: &Stated) -> Result<String, Refusal> {
    let sniffed = survey(File::open(path).unwrap(), stated, &mut |_| {})?;
    let mut reader = RowReader::open(File::open(path).unwrap(), &stated.clone().with(&sniffed))?;
    let found = profile(&mut reader, None, &mut |_, _| {})?;
    let encoding = sniffed.encoding.map_or("", Encoding::name);
    let _ = found.to_string();
    Ok(format!(
        "{:?} {encoding}: {} rows × {} columns, {} broken",
        sniffed.format,
        found.rows,
        found.columns.len(),
        found.broken_rows
    ))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

#[test]
fn every_messy_file_is_read_or_refused_in_words() {
    let Some(given) = given() else { return };
    let mut report = String::new();
    let folders = [
        "messy/messytables-horror",
        "messy/openrefine",
        "messy/areacity",
        "messy/transcoded-areacodes",
        "open311/chicago",
        "open311/node-open311-mocks",
        "cap",
    ];
    for path in folders.iter().flat_map(|folder| files(&given.join(folder))) {
        let name = path.strip_prefix(&given).unwrap().display().to_string();
        let verdict = match read(&path, &Stated::default()) {
            Ok(words) => words,
            Err(refusal) => format!("{} at line {:?}", refusal.code, refusal.line),
        };
        let _ = writeln!(report, "{name}: {verdict}");
    }
    insta::assert_snapshot!(report);
}

#[test]
fn the_half_and_half_file_is_refused_naming_its_line() {
    let Some(given) = given() else { return };
    let path = given.join("messy/transcoded-areacodes/result_mixed_utf8_then_gb18030.csv");
    let refusal = survey(File::open(&path).unwrap(), &Stated::default(), &mut |_| {}).unwrap_err();
    assert_eq!((refusal.code, refusal.line), ("encoding.mixed", Some(3_413)));
    // Read without having looked at the whole file first, the same line stops it, and the rows before it are counted.
    let stated = Stated {
        encoding: Some(Encoding::Utf8),
        ..Stated::default()
    };
    let mut reader = RowReader::open(File::open(&path).unwrap(), &stated).unwrap();
    let refusal = reader.find_map(Result::err).unwrap();
    assert_eq!(
        (refusal.code, refusal.line, refusal.rows_before),
        ("encoding.misfit", Some(3_413), Some(3_411))
    );
}

#[test]
fn four_encodings_give_the_same_rows() {
    let Some(given) = given() else { return };
    let folder = given.join("messy/transcoded-areacodes");
    let rows = |name: &str| -> Vec<Vec<String>> {
        let path = folder.join(name);
        let sniffed = survey(File::open(&path).unwrap(), &Stated::default(), &mut |_| {}).unwrap();
        let reader = RowReader::open(File::open(&path).unwrap(), &Stated::default().with(&sniffed)).unwrap();
        reader
            .map(|row| {
                row.unwrap()
                    .fields()
                    .map(|field| field.replace('|', ";"))
                    .collect()
            })
            .collect()
    };
    let gb = rows("result_gb18030_crlf.csv");
    assert_eq!(gb.len(), 6_823);
    assert_eq!(gb, rows("result_utf16le_bom_tab.txt"));
    assert_eq!(gb, rows("result_utf8_bom_semicolon.csv"));
}

#[test]
fn latin_1_is_read_only_when_stated() {
    let Some(given) = given() else { return };
    let path = given.join("messy/messytables-horror/spanish_chars.csv");
    assert_eq!(
        read(&path, &Stated::default()).unwrap_err().code,
        "encoding.unknown"
    );
    let stated = Stated {
        encoding: Some(Encoding::Windows1252),
        ..Stated::default()
    };
    let reader = RowReader::open(File::open(&path).unwrap(), &stated).unwrap();
    assert_eq!(reader.header().last().unwrap(), "Descripción");
}
