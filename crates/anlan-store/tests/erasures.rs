//! Erasing leaves no byte: marks are put into every field that can be erased, many cases of many sizes are written and changed
//! so that pages divide, the marked ones are erased, and then every byte of the folder is looked at.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must fail")]

mod support;

use anlan_model::cases::{Case, Closing, Phase, Rating};
use anlan_model::erasures::{Erasure, ErasureGround, ErasureKind};
use anlan_model::events::{Event, Moved};
use anlan_model::ids::{CaseId, ImportId};
use anlan_model::imports::{Fault, Import, ImportState};
use anlan_model::incoming::{Channel, Contact};
use anlan_model::places::Place;
use anlan_store::reports::{Facts, NewReport};
use anlan_store::{Error, Tx, accesses, cases, contacts, erasures, jobs, photos, quarantine, search};
use std::collections::BTreeMap;
use std::path::Path;
use support::{Bench, Sketch, at, stamp};

/// What a marked case's texts hold: rare enough to be there for no other reason, and searched for in parts.
const MARK: &str = "zqxvjkwyhh";
const HAN: &str = "鬱龘麤";

/// Everything that would tell: the mark in UTF-8, in UTF-16 of both orders, and each half of it.
fn telling() -> Vec<Vec<u8>> {
    let wide =
        |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let mut all: Vec<Vec<u8>> = ["zqxvj", "kwyhh", "ZQXVJ", HAN, "鬱龘", "龘麤"]
        .map(|part| part.as_bytes().to_vec())
        .into();
    for text in ["zqxvj", "kwyhh", "鬱龘"] {
        all.extend([wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)]);
    }
    all
}

/// Every place in a folder where one of these stands.
fn found(folder: &Path, telling: &[Vec<u8>]) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(found(&path, telling));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for part in telling {
            let places = memchr::memmem::find_iter(&bytes, part);
            all.extend(
                places.map(|at| format!("{}: {} at {at}", path.display(), String::from_utf8_lossy(part))),
            );
        }
    }
    all
}

fn marked(number: i64) -> String {
    format!("{MARK}{number} {HAN} ")
}

/// A number that looks drawn, the same each time.
fn drawn(seed: u64) -> usize {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40).unwrap()
}

fn open(tx: &mut Tx<'_>, number: i64) -> Result<Case, Error> {
    let is_marked = number % 3 == 0;
    let mark = if is_marked {
        marked(number)
    } else {
        format!("plain{number} ")
    };
    let seed = number.unsigned_abs();
    // Some have pages of their own.
    let length = if number % 17 == 0 { 9000 } else { drawn(seed) % 300 };
    let description = format!("{mark}{}", "lamp 灯 ".repeat(length / 5));
    let contact = Contact {
        name: Some(mark.clone()),
        ..Contact::default()
    };
    let mut opened = Sketch {
        title: mark.clone(),
        ..Sketch::default()
    }
    .opened();
    opened.place.address = Some(format!("{mark}{}", "road ".repeat(drawn(seed) % 60)));
    let track = [u8::try_from(seed % 251).unwrap(); 32];
    let report = NewReport {
        channel: Channel::Web,
        source: "web",
        external_id: None,
        description: &description,
        reported_at: at(0),
        received_at: at(0),
        facts: &Facts::new(&BTreeMap::from([("ward".to_owned(), mark.clone())]))?,
        contact: Some(contacts::insert(tx, &contact)?),
        track: (number < 200).then_some(&track),
    };
    let beginning = cases::Beginning::new(opened, &description, stamp(0))?;
    let beginning = &beginning;
    Ok(cases::open(tx, cases::NewCase { beginning, report })?.0)
}

/// Moves the case on with words of some length, and closes it in the end.
fn handle(tx: &mut Tx<'_>, id: CaseId, turn: u64) -> Result<(), Error> {
    let case = cases::get(tx, id)?;
    let mark = if id.0 % 3 == 0 {
        marked(id.0)
    } else {
        "plain ".to_owned()
    };
    let note = format!("{mark}{}", "note ".repeat(drawn(turn) % 140));
    let support_move = support::moved(&case, "handle");
    let Event::CaseMoved(moved) = support_move else {
        return Err(Error::Conflict);
    };
    let closing = Closing {
        reason: "fixed".into(),
        note: note.clone(),
        at: at(50),
        by: None,
        forced: false,
    };
    let moved = Moved {
        phase: Phase::Closed,
        note: note.clone(),
        rule_cited: Some(note.clone()),
        closing: Some(closing),
        ..*moved
    };
    let rating = Rating {
        stars: 2,
        is_fixed: false,
        comment: note.clone(),
        at: at(60),
    };
    let place = Place {
        address: Some(note.clone()),
        ..case.place.clone()
    };
    let happened = [
        Event::NoteAdded { note: note.clone() },
        Event::CasePlaced {
            place,
            office: case.office,
            route: None,
        },
        Event::CaseMoved(Box::new(moved)),
        Event::CaseRated { rating },
    ];
    cases::record(tx, &case, &happened, &stamp(60))?;
    Ok(())
}

fn furnish(bench: &Bench, cases: i64) {
    for first in (1..=cases).step_by(40) {
        let some = first..(first + 40).min(cases + 1);
        let numbers = some.clone();
        bench
            .write(move |tx| numbers.clone().try_for_each(|number| open(tx, number).map(drop)))
            .unwrap();
        // Older cases grow while new ones come: that is what divides pages.
        bench
            .write(move |tx| {
                for number in some.clone() {
                    let turn = number.unsigned_abs();
                    let older = 1 + i64::try_from(drawn(turn)).unwrap() % number;
                    handle(tx, CaseId(older), turn)?;
                }
                Ok(())
            })
            .unwrap();
    }
    for first in (1..=cases).step_by(40) {
        let some = first..(first + 40).min(cases + 1);
        bench
            .write(move |tx| {
                some.clone()
                    .try_for_each(|number| handle(tx, CaseId(number), number.unsigned_abs()))
            })
            .unwrap();
    }
}

fn merge_away(bench: &Bench) {
    let mut is_first = true;
    while bench.write(move |tx| search::merge(tx, is_first)).unwrap() {
        is_first = false;
    }
}

fn erase(bench: &Bench, ids: &[CaseId]) {
    for some in ids.chunks(20) {
        let some = some.to_vec();
        let erase = move |tx: &mut Tx<'_>| {
            some.iter().try_for_each(|id| {
                let case = cases::get(tx, *id)?;
                erasures::erase_case(tx, &case, ErasureGround::Period, &stamp(99))?;
                erasures::erase_photos(tx, *id)?;
                accesses::erase_key(tx, *id).map(drop)
            })
        };
        bench.write(erase).unwrap();
    }
    let ending = bench.read(|tx| erasures::ending_blobs(tx, 1000));
    bench.write(move |tx| erasures::end_blobs(tx, &ending)).unwrap();
    merge_away(bench);
    erasures::scrub(&bench.store).unwrap();
}

fn due(bench: &Bench) -> Vec<CaseId> {
    let mut all = bench.read(|tx| erasures::due_cases(tx, at(61), CaseId(0), 100_000));
    all.retain(|id| id.0 % 3 == 0);
    all
}

/// Two photos: one of a marked case, whose small size another case has too. Both files.
fn photographed(bench: &Bench) -> (String, String) {
    let full = bench.store.put_blob(marked(3).as_bytes()).unwrap();
    let shared = bench.store.put_blob(b"plain picture").unwrap();
    for case in [CaseId(3), CaseId(4)] {
        let (full, thumb) = (full.clone(), shared.clone());
        let full = if case.0 == 3 { full } else { thumb.clone() };
        bench
            .write(move |tx| {
                let new = photos::NewPhoto {
                    case,
                    shows: "after",
                    full: &full,
                    thumb: &thumb,
                    width: 1,
                    height: 1,
                    at: at(1),
                };
                photos::insert(tx, &new)
            })
            .unwrap();
    }
    (full, shared)
}

#[test]
fn no_byte_of_an_erased_case_remains_in_the_folder() {
    let bench = Bench::new();
    furnish(&bench, 900);
    let (full, shared) = photographed(&bench);
    let telling = telling();
    assert!(
        found(bench.folder.path(), &telling).len() > 3000,
        "the marks are there before"
    );
    let ids = due(&bench);
    assert_eq!(ids.len(), 300);
    erase(&bench, &ids);
    assert_eq!(found(bench.folder.path(), &telling), Vec::<String>::new());
    assert!(
        bench.store.blob(&full).is_err() && bench.store.blob(&shared).is_ok(),
        "what another photo names stays"
    );
    assert_eq!(due(&bench), [], "nothing is due twice");
    let verified = bench.read(|tx| anlan_store::verify::state(tx, &mut |_| {}));
    assert_eq!(
        (verified.cases, verified.wrong),
        (900, 0),
        "{:?}",
        verified.first_wrong
    );
    for id in [CaseId(3), CaseId(900)] {
        let stored = bench.read(|tx| cases::get(tx, id));
        assert_eq!(bench.read(|tx| cases::replay(tx, id)), Some(stored.clone()));
        assert_eq!(
            (
                stored.class.is_some(),
                stored.place.division.is_some(),
                stored.closing.is_some()
            ),
            (true, true, true)
        );
        let report = bench.read(|tx| anlan_store::reports::of_case(tx, id)).remove(0);
        assert_eq!(
            (
                report.has_contact,
                report.description.as_str(),
                report.facts.len()
            ),
            (false, "", 0)
        );
    }
    let words = |text: &'static str| bench.read(|tx| search::words_in(tx, text, search::Part::Any));
    let of = |text: &'static str| {
        let mut all = Vec::new();
        bench.read(|tx| search::each(tx, &words(text).unwrap(), |id| all.push(id)));
        all
    };
    assert_eq!(of("plain4 lamp"), [CaseId(4)]);
    assert_eq!(of(MARK), []);
}

#[test]
fn without_scrubbing_bytes_would_remain() {
    // What `secure_delete` alone leaves: if the engine ever stops leaving it, scrubbing can go.
    let bench = Bench::new();
    furnish(&bench, 900);
    for some in due(&bench).chunks(20) {
        let some = some.to_vec();
        let erase = move |tx: &mut Tx<'_>| {
            some.iter().try_for_each(|id| {
                let case = cases::get(tx, *id)?;
                erasures::erase_case(tx, &case, ErasureGround::Period, &stamp(99)).map(drop)
            })
        };
        bench.write(erase).unwrap();
    }
    merge_away(&bench);
    let mut bench = bench;
    bench.stop();
    let left = found(bench.folder.path(), &telling());
    assert!(!left.is_empty(), "nothing was left in gaps");
}

/// A run whose rows were kept back, and a job given up, all marked.
fn run_with_marks(bench: &Bench) -> Import {
    let import = Import {
        id: ImportId(0),
        file: marked(1),
        digest: String::new(),
        mapping: "town".into(),
        state: ImportState::Done,
        rows: 60,
        imported: 0,
        known: 0,
        quarantined: 60,
        bytes_done: 1,
        bytes_total: 1,
        started_at: at(0),
        ended_at: Some(at(1)),
        error: Some(marked(1)),
        error_zh: None,
    };
    let import = bench
        .write(move |tx| anlan_store::imports::insert(tx, &import, "{}"))
        .unwrap();
    let id = import.id;
    bench
        .write(move |tx| {
            for line in 1..=60 {
                let value = format!("{}{}", marked(1), "x ".repeat(drawn(line) % 400));
                let fault = Fault {
                    line,
                    column: Some(marked(2)),
                    value: Some(value.clone()),
                    code: "id.missing".into(),
                    message: value.clone(),
                };
                quarantine::add(tx, id, line, &[fault], &[("a".into(), value)])?;
            }
            let job = jobs::enqueue(tx, "import.run", &marked(5), at(0))?;
            let claimed = jobs::claim(tx, &["import.run"], at(1), at(2))?.unwrap();
            assert_eq!(claimed.id, job);
            let last = jobs::Job {
                attempt: 1,
                ..claimed
            };
            jobs::fail(tx, &last, &marked(6), at(1))?;
            tx.exec("UPDATE jobs SET dead_at = 5", &[])
        })
        .unwrap();
    import
}

#[test]
fn rows_kept_back_jobs_given_up_and_contacts_leave_no_byte() {
    let bench = Bench::new();
    furnish(&bench, 90);
    let import = run_with_marks(&bench);
    let id = import.id;
    bench
        .write(move |tx| {
            assert_eq!(quarantine::erase(tx, id, 40)?, 40);
            assert_eq!(quarantine::erase(tx, id, 40)?, 20);
            let bare = Import {
                file: String::new(),
                error: None,
                ..import.clone()
            };
            anlan_store::imports::update(tx, &bare)?;
            assert_eq!(
                (jobs::count_dead(tx, at(0))?, jobs::erase_dead(tx, at(0))?),
                (1, 1)
            );
            Ok(())
        })
        .unwrap();
    let sealed: Vec<Vec<u8>> = bench.read(|tx| {
        tx.query("SELECT sealed FROM contacts", &[], |row| {
            Ok(row.blob(0)?.to_vec())
        })
    });
    assert!(sealed.iter().all(|sealed| sealed.len() > 40));
    let none = bench.read(|tx| erasures::due_contacts(tx, at(60), contacts::SubjectId(0), 1000));
    assert_eq!(none, [], "the last entry is from second 60");
    let subjects = bench.read(|tx| erasures::due_contacts(tx, at(61), contacts::SubjectId(0), 1000));
    assert_eq!(subjects.len(), 90);
    bench
        .write(move |tx| {
            subjects.iter().try_for_each(|subject| {
                erasures::erase_due_contact(tx, *subject, at(61), at(70)).map(|was| assert!(was))
            })
        })
        .unwrap();
    let ids = due(&bench);
    erase(&bench, &ids);
    let mut telling = telling();
    telling.extend(sealed);
    assert_eq!(found(bench.folder.path(), &telling), Vec::<String>::new());
}

#[test]
fn a_file_named_again_and_a_photo_whose_file_is_gone() {
    let bench = Bench::new();
    bench.open(&Sketch::default());
    let digest = bench.store.put_blob(b"picture").unwrap();
    let keep = |digest: String| {
        bench.write(move |tx| {
            let new = photos::NewPhoto {
                case: CaseId(1),
                shows: "after",
                full: &digest,
                thumb: &digest,
                width: 1,
                height: 1,
                at: at(1),
            };
            photos::insert(tx, &new)
        })
    };
    keep(digest.clone()).unwrap();
    bench.write(|tx| erasures::erase_photos(tx, CaseId(1))).unwrap();
    keep(digest.clone()).unwrap();
    let end = |digest: String| {
        bench
            .write(move |tx| erasures::end_blobs(tx, std::slice::from_ref(&digest)))
            .unwrap()
    };
    assert_eq!(end(digest.clone()), 0, "a photo names it again");
    bench.write(|tx| erasures::erase_photos(tx, CaseId(1))).unwrap();
    assert_eq!(end(digest.clone()), 1);
    assert!(matches!(keep(digest), Err(Error::Unavailable(_))));
    let orphan = bench.store.put_blob(b"never kept").unwrap();
    let found = |age| erasures::orphan_blobs(&bench.store, std::time::Duration::from_secs(age)).unwrap();
    assert_eq!((found(3600), found(0)), (vec![], vec![orphan]));
}

#[test]
fn events_lose_words_only_while_their_case_is_erased_and_the_register_only_grows() {
    let bench = Bench::new();
    bench.open(&Sketch::default());
    bench.open(&Sketch::default());
    let line = Erasure {
        at: at(1),
        by: None,
        kind: ErasureKind::Contact,
        ground: ErasureGround::Request,
        case: Some(CaseId(1)),
        count: 2,
    };
    let written = line.clone();
    bench.write(move |tx| erasures::note(tx, &written)).unwrap();
    assert_eq!(bench.read(|tx| erasures::list(tx, 9)), [line]);
    for sql in [
        "UPDATE events SET body = ''",
        "UPDATE events SET body = '' WHERE case_id = 2",
        "UPDATE events SET at = 0 WHERE case_id = 1",
        "UPDATE events SET by = 7 WHERE case_id = 1",
        "UPDATE events SET kind = 'x' WHERE case_id = 1",
        "UPDATE events SET case_id = 2 WHERE case_id = 1",
        "DELETE FROM events WHERE case_id = 1",
        "UPDATE erasures SET count = 0",
        "DELETE FROM erasures",
    ] {
        let answer = bench.write(move |tx| {
            tx.exec("INSERT INTO erasing (case_id) VALUES (1)", &[])?;
            tx.exec(sql, &[])
        });
        assert!(matches!(answer, Err(Error::Sql(_))), "{sql}: {answer:?}");
    }
    bench.write(|tx| accesses::erase_key(tx, CaseId(1))).unwrap();
}
