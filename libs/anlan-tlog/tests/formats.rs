//! Paths, bundles, requests and proof files as text: one spelling each, nothing that makes a reader panic.
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

mod signed;

use anlan_tlog::bundles::{Bundle, BundleError, ENTRY_BYTES_MAX, Resource, append};
use anlan_tlog::checkpoints::{Checkpoint, CheckpointError};
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, NoteError};
use anlan_tlog::proof_files::ProofFile;
use anlan_tlog::tiles::{PathError, Tile};
use anlan_tlog::witnesses::{Request, RequestError};
use proptest::prelude::*;
use signed::signed;

#[test]
fn paths_have_one_spelling() {
    for path in [
        "checkpoint",
        "tile/0/000",
        "tile/0/x001/x234/067",
        "tile/7/000.p/255",
        "tile/0/999",
        "tile/0/x001/000.p/1",
        "tile/entries/000.p/1",
        "tile/entries/x001/x234/067",
    ] {
        assert_eq!(Resource::parse(path).unwrap().path(), path);
    }
    for (path, error) in [
        ("", PathError::Prefix),
        ("checkpoint/", PathError::Prefix),
        ("/tile/0/000", PathError::Prefix),
        ("tile/0", PathError::Level),
        ("tile/00/000", PathError::Level),
        ("tile/-1/000", PathError::Level),
        ("tile/256/000", PathError::Level),
        ("tile/data/000", PathError::Level),
        ("tile/8/000", PathError::Beyond),
        ("tile/7/001", PathError::Beyond),
        ("tile/7/000", PathError::Beyond),
        ("tile/0/0", PathError::Index),
        ("tile/0/0000", PathError::Index),
        ("tile/0/x000/001", PathError::Index),
        ("tile/0/001/002", PathError::Index),
        ("tile/0/x001", PathError::Index),
        ("tile/0/x001/", PathError::Index),
        ("tile/0/x001/x002", PathError::Index),
        ("tile/0/+01", PathError::Index),
        ("tile/0/000/", PathError::Index),
        ("tile/0/000.p", PathError::Index),
        ("tile/0/000.p/0", PathError::Width),
        ("tile/0/000.p/01", PathError::Width),
        ("tile/0/000.p/256", PathError::Width),
        ("tile/0/000.p/", PathError::Width),
        ("tile/0/000.p/1.p/2", PathError::Width),
        ("tile/entries/0", PathError::Index),
        ("tile/0/x999/x999/x999/x999/x999/x999/999", PathError::Beyond),
        ("tile/0/x072/x057/x594/x037/x927/936", PathError::Beyond),
    ] {
        assert_eq!(Resource::parse(path), Err(error), "{path}");
    }
}

#[test]
fn bundles_are_refused_where_they_end_too_early_or_go_on() {
    let mut bytes = Vec::new();
    for entry in [b"one".as_slice(), b"", &vec![7; ENTRY_BYTES_MAX]] {
        append(&mut bytes, entry).unwrap();
    }
    assert_eq!(&bytes[..7], [0, 3, b'o', b'n', b'e', 0, 0]);
    assert_eq!(
        append(&mut bytes, &vec![0; ENTRY_BYTES_MAX + 1])
            .unwrap_err()
            .bytes,
        ENTRY_BYTES_MAX + 1
    );
    let bundle = Bundle::in_log(0, 3).unwrap();
    assert_eq!(bundle.entries(&bytes).unwrap()[1], b"");
    for end in 0..9 {
        assert!(matches!(
            bundle.entries(&bytes[..end]),
            Err(BundleError::Cut { .. })
        ));
    }
    let (width, at) = (3, 7);
    let cut = BundleError::Cut {
        entry: 2,
        width,
        at,
        bytes: 100,
    };
    assert_eq!(bundle.entries(&bytes[..100]), Err(cut));
    assert_eq!(
        Bundle::in_log(0, 2).unwrap().entries(&bytes),
        Err(BundleError::Rest {
            width: 2,
            bytes: 2 + ENTRY_BYTES_MAX
        })
    );
    assert_eq!(Bundle::in_log(0, 0), None);
    assert_eq!(
        Bundle::with_entry(300, 301).map(|(bundle, at)| (bundle.path(), at)),
        Some(("tile/entries/001.p/45".into(), 44))
    );
    assert_eq!(Bundle::with_entry(301, 301), None);
}

fn request() -> Request {
    Request::new(3, vec![Hash::EMPTY_ROOT, Hash::of_leaf(b"")], signed()).unwrap()
}

fn proof_file() -> ProofFile {
    let (extra, proof) = (
        Some(b"extra".to_vec()),
        vec![Hash::EMPTY_ROOT, Hash::of_leaf(b"")],
    );
    ProofFile {
        extra,
        index: 7,
        proof,
        checkpoint: signed(),
    }
}

#[test]
fn malformed_requests_are_refused_with_the_place() {
    let whole = request().to_string();
    assert_eq!(Request::decode(whole.as_bytes()).unwrap(), request());
    let hash = Hash::EMPTY_ROOT;
    for (text, error) in [
        (String::new(), RequestError::Old),
        ("old 3".into(), RequestError::Old),
        (whole.replace("old 3", "old 03"), RequestError::Old),
        (whole.replace("old 3", "old  3"), RequestError::Old),
        (whole.replace("old 3", "Old 3"), RequestError::Old),
        ("old 3\n".into(), RequestError::NoBlankLine),
        (format!("old 3\n{hash}\n"), RequestError::NoBlankLine),
        (whole.replacen('=', "", 1), RequestError::Proof { number: 2 }),
        (
            format!("old 3\n{}\n", format!("{hash}\n").repeat(64)),
            RequestError::LongProof,
        ),
        ("old 3\n\n".into(), RequestError::Note(NoteError::NoBlankLine)),
    ] {
        assert_eq!(Request::decode(text.as_bytes()), Err(error), "{text}");
    }
    let other = format!("old 0\n\nnot a checkpoint\n\n{}\n", signed().signatures()[0]);
    assert_eq!(
        Request::decode(other.as_bytes()),
        Err(RequestError::Checkpoint(CheckpointError::Cut))
    );
    assert_eq!(Request::decode(b"old \xff"), Err(RequestError::NotUtf8 { at: 4 }));
}

#[test]
fn malformed_proof_files_are_refused_with_the_line() {
    let whole = proof_file().to_string();
    assert_eq!(whole.parse::<ProofFile>().unwrap(), proof_file());
    let plain = ProofFile {
        extra: None,
        ..proof_file()
    };
    assert_eq!(plain.to_string().parse::<ProofFile>().unwrap(), plain);
    for (from, to, words) in [
        ("@v1", "@v2", "line 1 "),
        ("extra ", "extra  ", "line 2 "),
        ("extra ZXh0cmE=", "extra ", "line 2 "),
        ("index 7", "index 07", "line 3 "),
        ("index 7\n", "", "line 3 "),
        ("47DEQ", "47DE", "line 4 "),
        ("extra ZXh0cmE=\n", "\n", "line 2 "),
        ("\n\n", "\n", "line 6 "),
    ] {
        let error = whole
            .replacen(from, to, 1)
            .parse::<ProofFile>()
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{from}: {error}");
    }
    let long = whole.replacen(
        "47DEQ",
        &format!("{}\n47DEQ", vec![Hash::EMPTY_ROOT.to_string(); 64].join("\n")),
        1,
    );
    assert!(
        long.parse::<ProofFile>()
            .unwrap_err()
            .to_string()
            .contains("more than 64")
    );
}

proptest! {
    #[test]
    fn what_is_read_is_what_is_written(
        which in 0..3_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, "[ -~\n—]{0,3}"), 0..3),
    ) {
        let mut bytes = [signed().to_string(), request().to_string(), proof_file().to_string()][which].clone().into_bytes();
        for (at, less, more) in cuts {
            let at = at.index(bytes.len());
            let end = (at + less).min(bytes.len());
            bytes.splice(at..end, more.bytes());
        }
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes.as_slice());
            if let Ok(checkpoint) = Checkpoint::of_note(&note) {
                prop_assert_eq!(checkpoint.to_string(), note.text());
            }
        }
        if let Ok(request) = Request::decode(&bytes) {
            prop_assert_eq!(request.to_string().into_bytes(), bytes.as_slice());
        }
        if let Some(file) = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<ProofFile>().ok()) {
            prop_assert_eq!(file.to_string().into_bytes(), bytes.as_slice());
        }
    }

    #[test]
    fn every_path_that_is_read_is_written_again(path in "(tile/)?(entries|[0-9]{1,2})/(x[0-9]{3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(found) = Resource::parse(&path) {
            prop_assert_eq!(found.path(), path);
        }
    }

    #[test]
    fn every_tile_has_a_path(level in 0..8_u8, index in any::<u64>(), size in any::<u64>()) {
        let index = index >> (8 * level + 8).min(63);
        if let Some(tile) = Tile::in_tree(level, index, size) {
            prop_assert_eq!(Tile::parse(&tile.path()), Ok(tile));
            prop_assert!((1..=256).contains(&tile.width()));
        }
        if let Some(bundle) = Bundle::in_log(index, size) {
            prop_assert_eq!(Bundle::parse(&bundle.path()), Ok(bundle));
        }
    }

    #[test]
    fn bundles_go_both_ways(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..256)) {
        let mut bytes = Vec::new();
        for entry in &entries {
            append(&mut bytes, entry).unwrap();
        }
        let bundle = Bundle::in_log(0, entries.len() as u64).unwrap();
        prop_assert_eq!(bundle.entries(&bytes).unwrap(), entries);
    }
}
