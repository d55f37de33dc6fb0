//! A log and its witnesses: every status with its reason, forged, replayed, truncated and split-view checkpoints refused,
//! and what a log does with each answer.
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

mod signed;

use anlan_tlog::checkpoints::{Checkpoint, GrowthError};
use anlan_tlog::cosignatures::TimeBeyond;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, NoteError, Refusal, VerifierKey};
use anlan_tlog::proofs::Plan;
use anlan_tlog::tiles::Tile;
use anlan_tlog::trees::{Head, Tree};
use anlan_tlog::witnesses::{
    Answer, GaveUp, Known, Next, RefusedRequest, Reply, Request, RequestError, judge,
};
use proptest::prelude::*;
use signed::{cosigner, head, signed, signer};
use std::collections::HashMap;

const ORIGIN: &str = "log.example/a";
const NOW: u64 = 1_800_000_000;

/// A log with the tiles of every size it had.
struct Log {
    tree: Tree,
    heads: Vec<Head>,
    tiles: HashMap<Tile, Vec<u8>>,
}

impl Log {
    /// Of so many entries, which differ from those of other logs from entry `same` on.
    fn new(size: u64, same: u64, salt: u8) -> Self {
        let (mut tree, mut tiles, mut heads) = (Tree::new(), HashMap::new(), vec![Head::EMPTY]);
        for number in 0..size {
            let salt = if number < same { 0 } else { salt };
            let new = tree.grow([Hash::of_leaf(
                &[number.to_be_bytes().as_slice(), &[salt]].concat(),
            )]);
            tiles.extend(new.unwrap().into_iter().map(|new| (new.tile, new.bytes)));
            heads.push(tree.head());
        }
        Self { tree, heads, tiles }
    }

    fn head(&self, size: u64) -> Head {
        *self.heads.get(usize::try_from(size).unwrap()).unwrap()
    }

    fn note(&self, size: u64) -> Note {
        let checkpoint = Checkpoint::new(ORIGIN, self.head(size)).unwrap();
        checkpoint.sign(&signer(ORIGIN, 1)).unwrap()
    }

    fn request(&self, old: u64, size: u64) -> Request {
        let plan = Plan::consistency(old, size).ok();
        let proof = plan.map_or(Vec::new(), |plan| plan.prove(&self.tiles).unwrap());
        Request::new(old, proof, self.note(size)).unwrap()
    }
}

/// A witness that keeps one head.
struct Witness {
    keys: Vec<VerifierKey>,
    head: Head,
}

impl Witness {
    fn new() -> Self {
        let keys = vec![signer(ORIGIN, 1).key().clone()];
        Self {
            keys,
            head: Head::EMPTY,
        }
    }

    fn answer(&mut self, body: &[u8]) -> Answer {
        let (keys, head) = (self.keys.as_slice(), self.head);
        let judged = Request::decode(body).map_err(RefusedRequest::from);
        let request = match judged {
            Ok(request) => request,
            Err(refused) => return Answer::Refused(refused),
        };
        let known = (request.origin() == ORIGIN).then_some(Known { keys, head });
        match judge(&request, known) {
            Ok(accepted) => {
                self.head = accepted.head;
                accepted.cosign(&[cosigner("w.example/1", 2)], NOW).unwrap()
            }
            Err(refused) => Answer::Refused(refused),
        }
    }

    fn ask(&mut self, request: &Request) -> Answer {
        self.answer(request.to_string().as_bytes())
    }
}

fn reply(answer: &Answer, body: &str) -> (u16, &'static str, Vec<u8>) {
    (answer.status(), answer.content_type(), body.as_bytes().to_vec())
}

/// What the log makes of an answer.
fn next(request: &Request, answer: &Answer) -> Result<Next, GaveUp> {
    let (status, content_type, body) = reply(answer, &answer.body());
    let body = body.as_slice();
    let keys = [cosigner("w.example/1", 2).key().clone()];
    request.next(
        Reply {
            status,
            content_type,
            body,
        },
        &keys,
        NOW + 60,
    )
}

#[test]
fn a_log_grows_under_a_witness() {
    let (log, mut witness) = (Log::new(700, 700, 0), Witness::new());
    let mut known = 0;
    for size in [0, 1, 2, 2, 255, 256, 257, 700] {
        let request = log.request(known, size);
        let answer = witness.ask(&request);
        assert_eq!(
            (answer.status(), answer.content_type()),
            (200, "text/plain; charset=utf-8"),
            "{size}"
        );
        assert_eq!(witness.head, log.head(size));
        let Next::Add(signatures) = next(&request, &answer).unwrap() else {
            unreachable!()
        };
        let mut note = log.note(size);
        for signature in signatures {
            note.add(signature);
        }
        let key = cosigner("w.example/1", 2).key().clone();
        assert_eq!(note.verify(&[key]).unwrap().first().unwrap().time, Some(NOW));
        known = size;
    }
    assert_eq!(log.tree.size(), 700);
}

#[test]
fn cosignatures_that_others_made_do_not_matter() {
    let keys = [signer(ORIGIN, 1).key().clone()];
    let known = Known {
        keys: &keys,
        head: Head::EMPTY,
    };
    let request = Request::new(0, Vec::new(), signed()).unwrap();
    assert_eq!(judge(&request, Some(known)).unwrap().head, head(9));
}

#[test]
fn every_refusal_has_its_status_and_changes_nothing() {
    let (log, mut witness) = (Log::new(20, 20, 0), Witness::new());
    let (split, forged) = (Log::new(20, 5, 1), signer("log.example/a", 9));
    assert_eq!(witness.ask(&log.request(0, 10)).status(), 200);
    let before = witness.head;
    let foreign = Checkpoint::new("log.example/b", log.head(12)).unwrap();
    let foreign = Request::new(10, Vec::new(), foreign.sign(&signer("log.example/b", 1)).unwrap()).unwrap();
    let unsigned = Checkpoint::new(ORIGIN, log.head(12))
        .unwrap()
        .sign(&forged)
        .unwrap();
    let unsigned = Request::new(10, log.request(10, 12).proof().to_vec(), unsigned).unwrap();
    let wrong_proof = Request::new(10, split.request(10, 12).proof().to_vec(), split.note(12)).unwrap();
    let same_size = Request::new(10, Vec::new(), split.note(10)).unwrap();
    let no_proof = Request::new(10, Vec::new(), log.note(12)).unwrap();
    let far = Request::new(13, Vec::new(), log.note(12)).unwrap();
    for (what, request, status) in [
        ("unknown origin", foreign, 404),
        ("forged", unsigned, 403),
        ("old beyond", far, 400),
        ("unknown state", log.request(0, 12), 409),
        ("behind", log.request(9, 12), 409),
        ("replayed", log.request(8, 9), 409),
        ("another view", wrong_proof, 422),
        ("another root", same_size, 422),
        ("no proof", no_proof, 422),
    ] {
        let answer = witness.ask(&request);
        assert_eq!(answer.status(), status, "{what}: {answer:?}");
        assert_eq!(witness.head, before, "{what}");
        match (&answer, next(&request, &answer)) {
            (Answer::Refused(RefusedRequest::Conflict { size: 10 }), Ok(Next::AskFrom(10))) => {
                assert_eq!(
                    (answer.body().as_str(), answer.content_type()),
                    ("10\n", "text/x.tlog.size")
                );
            }
            (Answer::Refused(RefusedRequest::Conflict { size: 10 }), Ok(Next::Ahead { size: 10 })) => {
                assert_eq!(what, "replayed");
            }
            (_, Err(GaveUp::Refused { status: told, reason })) => {
                assert_eq!(told, status);
                assert_eq!(reason, answer.body().trim());
            }
            (_, next) => unreachable!("{what}: {next:?}"),
        }
    }
    assert_eq!(witness.ask(&log.request(10, 12)).status(), 200);
}

#[test]
fn malformed_and_cut_requests_are_400() {
    let (log, mut witness) = (Log::new(20, 20, 0), Witness::new());
    let body = log.request(0, 10).to_string();
    for end in 0..body.len() {
        let answer = witness.answer(body.as_bytes().get(..end).unwrap());
        assert_eq!(answer.status(), 400, "cut at {end}");
    }
    let answer = witness.answer(b"old 1\nxyz\n");
    assert_eq!(
        answer.body(),
        "malformed: line 2 is neither a hash nor the blank line after the proof\n"
    );
    assert_eq!(witness.head, Head::EMPTY);
}

#[test]
fn empty_logs_have_the_empty_root_and_no_proof() {
    let known = Known {
        keys: &[signer(ORIGIN, 1).key().clone()],
        head: Head::EMPTY,
    };
    let note = |head| {
        Checkpoint::new(ORIGIN, head)
            .unwrap()
            .sign(&signer(ORIGIN, 1))
            .unwrap()
    };
    let root = Hash::of_leaf(b"");
    let request = Request::new(0, Vec::new(), note(Head { size: 0, root })).unwrap();
    let refused = judge(&request, Some(known)).unwrap_err();
    assert_eq!((refused.status(), refused.is_evidence()), (422, true));
    let request = Request::new(0, vec![root], note(Head { size: 1, root })).unwrap();
    let refused = judge(&request, Some(known)).unwrap_err();
    assert!(matches!(refused, RefusedRequest::NoGrowth(GrowthError::Proof(_))));
    assert_eq!((refused.status(), refused.is_evidence()), (422, false));
    let request = Request::new(0, Vec::new(), note(Head { size: 1, root })).unwrap();
    assert_eq!(
        judge(&request, Some(known))
            .unwrap()
            .cosign(&[cosigner("w", 2)], u64::MAX),
        Err(TimeBeyond(u64::MAX))
    );
    let nobody = Known {
        keys: &[],
        head: Head::EMPTY,
    };
    assert_eq!(judge(&request, Some(nobody)).unwrap_err().status(), 403);
    assert_eq!(
        judge(&request, None).unwrap_err(),
        RefusedRequest::UnknownOrigin(ORIGIN.into())
    );
    assert_eq!(
        Request::new(0, Vec::new(), Note::new("a\n").unwrap()),
        Err(RequestError::Note(NoteError::NoSignatures))
    );
}

#[test]
fn a_log_takes_only_what_the_witness_signed() {
    let log = Log::new(20, 20, 0);
    let request = log.request(0, 10);
    let (own, other) = (cosigner("w.example/1", 2), cosigner("w.example/9", 9));
    let keys = [own.key().clone()];
    let ask = |body: String| {
        let (status, content_type, body) = (200, "text/plain", body.as_bytes());
        request.next(
            Reply {
                status,
                content_type,
                body,
            },
            &keys,
            NOW,
        )
    };
    let right = own.cosign(request.note(), NOW).unwrap();
    let foreign = other.cosign(request.note(), NOW).unwrap();
    let of_another = own.cosign(&log.note(11), NOW).unwrap();
    let late = own.cosign(request.note(), NOW + 1).unwrap();
    assert_eq!(ask(format!("{right}\n")), Ok(Next::Add(vec![right.clone()])));
    assert_eq!(
        ask(format!("{foreign}\n{right}\n")),
        Ok(Next::Add(vec![right.clone()])),
        "unknown ones are ignored"
    );
    assert!(matches!(
        ask(format!("{foreign}\n")),
        Err(GaveUp::Cosignatures(Refusal::NoKnownKey { .. }))
    ));
    assert!(matches!(
        ask(format!("{right}\n{of_another}\n")),
        Err(GaveUp::Cosignatures(_))
    ));
    assert_eq!(ask(format!("{late}\n")), Err(GaveUp::NotByThen { time_max: NOW }));
    for body in [
        String::new(),
        right.to_string(),
        "thanks\n".into(),
        format!("more\n\n{right}\n"),
        format!("\n{right}\n"),
    ] {
        assert!(matches!(ask(body.clone()), Err(GaveUp::Lines(_))), "{body:?}");
    }
}

#[test]
fn a_log_reads_conflicts_and_refusals() {
    let request = Log::new(20, 20, 0).request(0, 10);
    let keys = [cosigner("w.example/1", 2).key().clone()];
    let conflict = |content_type, body: &str| {
        let (status, body) = (409, body.as_bytes());
        request.next(
            Reply {
                status,
                content_type,
                body,
            },
            &keys,
            NOW,
        )
    };
    let size = "text/x.tlog.size";
    assert_eq!(conflict(size, "7\n"), Ok(Next::AskFrom(7)));
    assert_eq!(conflict(size, "11\n"), Ok(Next::Ahead { size: 11 }));
    for (kind, body) in [
        (size, "0\n"),
        (size, "07\n"),
        (size, "7"),
        (size, ""),
        ("text/plain", "7\n"),
    ] {
        assert_eq!(conflict(kind, body), Err(GaveUp::NoSize), "{kind} {body:?}");
    }
    let (status, content_type, body) = (500, "", b"a\x1b[31m\xff".as_slice());
    let reason = "a [31m\u{fffd}".to_owned();
    let told = request.next(
        Reply {
            status,
            content_type,
            body,
        },
        &keys,
        NOW,
    );
    assert_eq!(told, Err(GaveUp::Refused { status, reason }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_asked_a_witness_never_leaves_its_view(
        asked in prop::collection::vec((0..3_usize, 0..30_u64, 0..30_u64), 1..20),
    ) {
        let logs = [Log::new(30, 30, 0), Log::new(30, 11, 1), Log::new(30, 25, 2)];
        let mut witness = Witness::new();
        let mut cosigned = vec![Head::EMPTY];
        for (which, old, size) in asked {
            let log = logs.get(which).unwrap();
            // Half of the requests begin where the witness is.
            let old = if old % 2 == 0 { witness.head.size } else { old };
            if witness.ask(&log.request(old, size)).status() == 200 {
                cosigned.push(witness.head);
            }
        }
        prop_assert!(cosigned.windows(2).all(|pair| matches!(pair, [one, two] if one.size <= two.size)));
        let in_one = |log: &Log| cosigned.iter().all(|head| log.head(head.size) == *head);
        prop_assert!(logs.iter().any(in_one), "all of one log: {cosigned:?}");
    }
}
