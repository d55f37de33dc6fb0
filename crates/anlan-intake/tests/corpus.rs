//! One small file per thing that can be wrong with a file or a row, and what is said about it.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure is the test's")]

use anlan_intake::mapping::{
    Language, Mapper, Mapping, ROW_FAULT_COLUMN, companion, remap, shipped, template_header, template_rows,
};
use anlan_intake::refusals::Refusal;
use anlan_intake::rows::{ROW_BYTES_MAX, Row, RowReader};
use anlan_intake::sniff::{Stated, survey};
use anlan_model::imports::Fault;
use anlan_model::places::Datum;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn corpus(name: &str) -> Vec<u8> {
    std::fs::read(
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/corpus")
            .join(name),
    )
    .unwrap()
}

fn town() -> Arc<Mapping> {
    let toml = String::from_utf8(corpus("town.toml")).unwrap();
    let classes = String::from_utf8(corpus("town.classes.csv")).unwrap();
    Arc::new(
        Mapping::parse(&toml, &|name| {
            (name == "town.classes.csv").then(|| classes.clone())
        })
        .unwrap(),
    )
}

fn open(bytes: Vec<u8>) -> Result<RowReader, Refusal> {
    let sniffed = survey(Cursor::new(bytes.clone()), &Stated::default(), &mut |_| {})?;
    RowReader::open(Cursor::new(bytes), &Stated::default().with(&sniffed))
}

fn say(report: &mut String, what: &str, faults: &[Fault]) {
    for fault in faults {
        let _ = writeln!(
            report,
            "line {} {what} {} [{}] {:?}: {}",
            fault.line,
            fault.code,
            fault.column.as_deref().unwrap_or(""),
            fault.value.as_deref().unwrap_or(""),
            fault.message
        );
    }
}

fn report(name: &str) -> String {
    let mut report = String::new();
    let mut reader = match open(corpus(name)) {
        Ok(reader) => reader,
        Err(refusal) => return format!("refused {}: {refusal}", refusal.code),
    };
    let mut mapper = match Mapper::new(town(), reader.header(), now(), None) {
        Ok(mapper) => mapper,
        Err(refusal) => return format!("refused {}: {refusal}", refusal.code),
    };
    let mut row = Row::default();
    loop {
        match reader.read(&mut row) {
            Ok(false) => break,
            Err(refusal) => {
                let _ = writeln!(report, "stopped {}: {refusal}", refusal.code);
                break;
            }
            Ok(true) => match mapper.map(reader.header(), &row) {
                Ok(taken) => {
                    let class = taken.incoming.class.map_or(String::new(), |class| class.0);
                    let _ = writeln!(
                        report,
                        "line {} in {} {class}",
                        row.line(),
                        taken.incoming.external_id.unwrap()
                    );
                    say(&mut report, "noted", &taken.warnings);
                }
                Err(back) => say(&mut report, "kept back", &back.faults),
            },
        }
    }
    report
}

#[test]
fn every_file_of_the_corpus() {
    let mut names: Vec<String> =
        std::fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("town."))
            .collect();
    names.sort();
    for name in names {
        insta::assert_snapshot!(name.clone(), report(&name));
    }
}

const HEADER: &str = "id,at,closed,what,lon,lat,address,state\n";

fn line(id: &str) -> String {
    format!("{id},2011-07-01 08:00:00,,Trees,-71.06,42.36,Elm St,open\n")
}

#[test]
fn a_field_of_ten_megabytes_costs_one_row_and_little_memory() {
    let huge = "x".repeat(10 << 20);
    for quote in ["", "\""] {
        let text = format!(
            "{HEADER}{}2,2011-07-01,,{quote}{huge}{quote},,,Elm St,open\n{}",
            line("1"),
            line("3")
        );
        let rows: Vec<Row> = open(text.into_bytes()).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1].faults()[0].code, "row.too_long");
        assert!(rows[1].faults()[0].message.contains(&ROW_BYTES_MAX.to_string()));
        assert!(rows[1].fields().all(|field| field.len() < 1100));
        assert_eq!(rows[2].field(0), Some("3"));
        assert_eq!((rows[1].line(), rows[2].line()), (3, 4));
    }
}

#[test]
fn an_open_quote_costs_one_row_unless_it_swallows_megabytes() {
    let text = format!(
        "{HEADER}1,2011-07-01,,\"Trees,,,Elm St,open\n{}{}",
        line("2"),
        line("3")
    );
    let rows: Vec<Row> = open(text.into_bytes()).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        rows.iter().map(|row| row.faults().len()).collect::<Vec<_>>(),
        [1, 0, 0]
    );
    assert_eq!(rows[0].faults()[0].code, "quote.unterminated");
    assert_eq!(rows[2].line(), 4);
    let text = format!(
        "{HEADER}1,2011-07-01,,\"Trees,,,Elm St,open\n{}",
        line("2").repeat(40_000)
    );
    let rows: Vec<Row> = open(text.into_bytes()).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    assert!(
        rows[0].faults()[0].message.contains("40001 lines"),
        "{}",
        rows[0].faults()[0].message
    );
}

#[test]
fn a_packed_file_cut_off_says_how_many_rows_were_read() {
    let text = HEADER.to_owned()
        + &(0..20_000)
            .map(|n| line(&format!("{n}-{}", n * 7919 % 10_007)))
            .collect::<String>();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for packed in [gz.finish().unwrap(), zst] {
        let half = packed[..packed.len() / 2].to_vec();
        assert_eq!(open(half.clone()).unwrap_err().code, "compression.truncated");
        let mut reader = RowReader::open(Cursor::new(half), &Stated::default()).unwrap();
        let mut rows = 0;
        let refusal = loop {
            match reader.next().unwrap() {
                Ok(row) => {
                    assert!(row.faults().is_empty(), "no row is made of half a row");
                    rows += 1;
                }
                Err(refusal) => break refusal,
            }
        };
        assert_eq!(
            (refusal.code, refusal.rows_before),
            ("compression.truncated", Some(rows))
        );
        assert!(reader.next().is_none());
    }
}

#[test]
fn rows_can_be_skipped_to_go_on_where_a_run_stopped() {
    let text = HEADER.to_owned() + &(0..50).map(|n| line(&n.to_string())).collect::<String>();
    let mut reader = open(text.into_bytes()).unwrap();
    assert_eq!(reader.skip_rows(30).unwrap(), 30);
    let row = reader.next().unwrap().unwrap();
    assert_eq!((row.number(), row.line(), row.field(0)), (31, 32, Some("30")));
    assert_eq!(reader.skip_rows(100).unwrap(), 19);
}

#[test]
fn empty_and_nearly_empty_files() {
    for (bytes, code) in [
        (&b""[..], "file.empty"),
        (b"\xEF\xBB\xBF", "file.empty"),
        (b" \n\n ", "file.empty"),
        (b"\x1f\x8b", "compression.truncated"),
        (b"%PDF-1.7", "format.pdf"),
        (b"PK\x03\x04abc", "format.zip"),
        (b"\x00\x01\x02\x03\x04\x05", "format.unknown"),
        (b"<html>", "format.markup"),
    ] {
        assert_eq!(open(bytes.to_vec()).unwrap_err().code, code, "{bytes:?}");
    }
    let mut reader = open(HEADER.as_bytes().to_vec()).unwrap();
    assert!(reader.next().is_none());
    let mut old_mac = open(b"a,b\r1,2\r3,4\r".to_vec()).unwrap();
    assert_eq!(old_mac.next().unwrap().unwrap().field(1), Some("2"));
    assert_eq!(old_mac.rows_read(), 1);
}

#[test]
fn a_mended_row_goes_in_by_the_same_rules() {
    let mapping = town();
    let mut reader =
        open(format!("{HEADER}1,2011-02-30,,Trees,-71.06,42.36,Elm St,open\n9,x\n").into_bytes()).unwrap();
    let mut mapper = Mapper::new(Arc::clone(&mapping), reader.header(), now(), None).unwrap();
    let mut row = Row::default();
    reader.read(&mut row).unwrap();
    let mut back = mapper.map(reader.header(), &row).unwrap_err();
    assert_eq!(back.faults[0].code, "date.impossible");
    assert_eq!(remap(&mapping, &back.fields, 2, now(), None).unwrap_err(), back);
    back.fields[1].1 = "2011-02-28".to_owned();
    let taken = remap(&mapping, &back.fields, 2, now(), None).unwrap();
    assert_eq!(taken.incoming.external_id.as_deref(), Some("1"));

    reader.read(&mut row).unwrap();
    let mut back = mapper.map(reader.header(), &row).unwrap_err();
    assert_eq!(
        back.fields.last().unwrap(),
        &(ROW_FAULT_COLUMN.to_owned(), "row.too_few_fields".to_owned())
    );
    let again = remap(&mapping, &back.fields, 3, now(), None).unwrap_err();
    assert_eq!(
        again.faults[0].code, "row.too_few_fields",
        "an unmended row does not slip in"
    );
    let mended = ["9", "2011-02-28", "", "Trees", "", "", "Elm St", "open"];
    back.fields = HEADER
        .trim()
        .split(',')
        .map(str::to_owned)
        .zip(mended.map(str::to_owned))
        .collect();
    assert!(remap(&mapping, &back.fields, 3, now(), None).is_ok());
}

#[test]
fn the_template_comes_back_in_both_languages() {
    let mapping = Arc::new(Mapping::named("anlan").unwrap());
    for language in [Language::Zh, Language::En] {
        let [header, example] = template_rows(language).unwrap();
        assert_eq!(template_header(language).unwrap(), header);
        let csv = format!("{}\n{}\n", header.join(","), example.join(","));
        let (gb, ..) = encoding_rs::GB18030.encode(&csv);
        for bytes in [csv.clone().into_bytes(), gb.into_owned()] {
            let mut reader = open(bytes).unwrap();
            assert_eq!(
                Mapper::new(Arc::clone(&mapping), reader.header(), now(), None)
                    .unwrap_err()
                    .code,
                "datum.unstated"
            );
            let later: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
            let mut mapper =
                Mapper::new(Arc::clone(&mapping), reader.header(), later, Some(Datum::Gcj02)).unwrap();
            let row = reader.next().unwrap().unwrap();
            let taken = mapper.map(&header, &row).unwrap();
            assert_eq!(taken.warnings, []);
            let point = taken.incoming.point.unwrap();
            assert_eq!((point.datum, point.error_m), (Datum::Gcj02, Some(20.0)));
            assert_eq!(taken.incoming.reported_at.to_string(), "2026-03-05T00:30:00Z");
            assert!(taken.incoming.class.unwrap().as_str().ends_with("01037"));
            assert_eq!(taken.local_class, None);
            assert!(!taken.incoming.history.unwrap().is_closed);
            assert!(taken.incoming.contact.is_none());
        }
    }
}

#[test]
fn a_fault_names_the_column_as_the_file_does() {
    let mapping = Arc::new(Mapping::named("anlan").unwrap());
    for (id, time, title, place) in [
        ("工单编号", "受理时间", "标题", "地址"),
        ("id", "reported_at", "title", "address"),
    ] {
        let csv = format!("{id},{time},{title},{place}\nA1,2026-02-30 08:00,井盖松动,示范路1号\n");
        let mut reader = open(csv.into_bytes()).unwrap();
        let header = reader.header().to_vec();
        let row = reader.next().unwrap().unwrap();
        let mut mapper = Mapper::new(Arc::clone(&mapping), &header, now(), Some(Datum::Wgs84)).unwrap();
        let back = mapper.map(&header, &row).unwrap_err();
        let columns: Vec<_> = back.faults.iter().map(|fault| fault.column.as_deref()).collect();
        assert_eq!(columns, [Some(time)]);
    }
}

#[test]
fn every_shipped_mapping_is_sound_and_says_what_it_is() {
    for (name, _) in shipped() {
        let mapping = Mapping::named(name).unwrap();
        assert_eq!(mapping.name, *name);
        assert!(!mapping.description.is_empty());
        assert_eq!(mapping.attribution.is_empty(), *name == "anlan");
    }
    assert!(companion("boston.classes.csv").is_some());
    assert_eq!(Mapping::named("atlantis").unwrap_err().code, "mapping.invalid");
}

#[test]
fn mapping_files_are_refused_with_what_to_write_instead() {
    let good = String::from_utf8(corpus("town.toml")).unwrap();
    let mut report = String::new();
    for (from, to) in [
        ("name = \"town\"", "name = 7"),
        ("name = \"town\"", "nam = \"town\""),
        ("America/New_York", "Boston"),
        ("[\"ymd\"]", "[\"american\"]"),
        ("[\"ymd\"]", "[]"),
        ("columns = [\"id\"]", "columns = []"),
        ("lat = \"lat\"\n", ""),
        ("title = \"what\"", "title = { lower = true }"),
        (
            "title = \"what\"",
            "title = { column = \"what\", constant = \"x\" }",
        ),
        ("\"date.gap\"", "\"date.gip\""),
        ("-71.20, 42.22, -70.92, 42.41", "-70.92, 42.22, -71.20, 42.41"),
        ("optional = [\"closed\"]", "optional = [\"clothed\"]"),
        ("closed_words = [\"closed\"]\n", ""),
        ("town.classes.csv", "village.classes.csv"),
        ("2008-01-01", "January"),
    ] {
        assert!(good.contains(from), "{from}");
        let broken = good.replace(from, to);
        let refusal = Mapping::parse(&broken, &|name| {
            (name == "town.classes.csv").then(|| "word,class\n".to_owned())
        });
        let refusal = refusal.unwrap_err();
        let _ = writeln!(report, "{to:?} at {:?}: {refusal}", refusal.line);
    }
    insta::assert_snapshot!(report);
}

proptest::proptest! {
    /// Whatever the bytes: rows, faults or a refusal, and every row counted once.
    #[test]
    fn no_bytes_make_it_fall_over(
        front in proptest::sample::select(vec!["", HEADER, "\u{feff}id;at\n", "[{\"id\":1},", "{\"id\":1}\n", "PK\u{3}\u{4}xl/", "\u{1f}\u{8b}"]),
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
    ) {
        let mut whole = front.as_bytes().to_vec();
        whole.extend(bytes);
        let Ok(mut reader) = open(whole) else { return Ok(()) };
        let mapper = Mapper::new(town(), reader.header(), now(), None);
        let mut row = Row::default();
        let mut rows = 0;
        if let Ok(mut mapper) = mapper {
            while let Ok(true) = reader.read(&mut row) {
                rows += 1;
                let _ = mapper.map(reader.header(), &row);
            }
            proptest::prop_assert_eq!(rows, reader.rows_read());
        } else {
            let _ = anlan_intake::profile::profile(&mut reader, None, &mut |_, _| {}).map(|found| found.to_string());
        }
    }
}
