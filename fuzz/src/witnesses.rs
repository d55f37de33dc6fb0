//! Arbitrary bytes as a request to a witness, its answer, a proof file, a policy: refused, or read in the one spelling there is. A
//! witness that has seen a tree never cosigns one that does not continue it.

use crate::notes::{ORIGIN, TIME, log, signed, witness};
use anlan_tlog::hashes::Hash;
use anlan_tlog::policies::Policy;
use anlan_tlog::proof_files::ProofFile;
use anlan_tlog::proofs::Plan;
use anlan_tlog::tiles::Tile;
use anlan_tlog::trees::{Head, Tree};
use anlan_tlog::witnesses::{Answer, Known, RefusedRequest, Reply, Request, judge};
use std::collections::HashMap;

/// Sizes of the log of all inputs: what the witness has seen, and what it may be shown.
const SEEN: u64 = 5;
const SIZE: u64 = 9;

fn tree(size: u64) -> (Head, HashMap<Tile, Vec<u8>>) {
    let mut tree = Tree::new();
    let new = tree.grow((0..size).map(|number| Hash::of_leaf(&number.to_be_bytes()))).expect("small");
    (tree.head(), new.into_iter().map(|new| (new.tile, new.bytes)).collect())
}

fn policy() -> Policy {
    let text = format!("log {}\nwitness w {}\nquorum w\n", log().key(), witness().key());
    text.parse().expect("a policy")
}

fn ask(data: &[u8]) -> Option<u16> {
    let request = match Request::decode(data) {
        Ok(request) => request,
        Err(error) => {
            let answer = Answer::Refused(RefusedRequest::from(error));
            assert_eq!(answer.status(), 400);
            assert!(answer.body().ends_with('\n'));
            return None;
        }
    };
    assert_eq!(request.to_string().as_bytes(), data);
    let keys = [log().key().clone()];
    let (seen, whole) = (tree(SEEN).0, tree(SIZE).0);
    let known = (request.origin() == ORIGIN).then_some(Known { keys: &keys, head: seen });
    let answer = match judge(&request, known) {
        // Nothing but these two was ever signed by the log.
        Ok(accepted) => {
            assert!(accepted.head == seen || accepted.head == whole);
            accepted.cosign(&[witness()], TIME).expect("a time")
        }
        Err(refused) => Answer::Refused(refused),
    };
    let body = answer.body();
    let reply = Reply { status: answer.status(), content_type: answer.content_type(), body: body.as_bytes() };
    let next = request.next(reply, &[witness().key().clone()], TIME);
    assert_eq!(next.is_ok(), matches!(answer.status(), 200 | 409));
    Some(answer.status())
}

/// The bytes as an answer to a good request, with the status that the first byte says.
fn answered(data: &[u8]) {
    let Some((status, body)) = data.split_first() else { return };
    let status = [200, 409, 422][usize::from(*status) % 3];
    let request = Request::new(0, Vec::new(), signed(tree(SIZE).0)).expect("a request");
    let reply = Reply { status, content_type: "text/x.tlog.size", body };
    let _ = request.next(reply, &[witness().key().clone()], TIME);
}

/// Whether it was a request, a proof file or a policy.
pub fn run(data: &[u8]) -> bool {
    answered(data);
    let asked = ask(data).is_some();
    let Ok(text) = std::str::from_utf8(data) else { return asked };
    let read = text.parse::<Policy>();
    if let Ok(read) = &read {
        assert_eq!(read.to_string().parse::<Policy>().as_ref(), Ok(read));
    }
    let Ok(file) = text.parse::<ProofFile>() else { return asked || read.is_ok() };
    assert_eq!(file.to_string(), text);
    let entry = file.index.to_be_bytes();
    if let Ok(believed) = file.verify(&entry, &policy(), TIME) {
        assert!(file.index < believed.head.size);
    }
    assert!(file.verify(b"never logged", &policy(), TIME).is_err());
    true
}

/// Inputs that come far.
pub fn seeds() -> Vec<Vec<u8>> {
    let ((seen, _), (whole, tiles)) = (tree(SEEN), tree(SIZE));
    let proof = |plan: Plan| plan.prove(&tiles).expect("tiles");
    let growth = proof(Plan::consistency(SEEN, SIZE).expect("it grew"));
    let note = signed(whole);
    let requests = [
        Request::new(SEEN, growth, note.clone()),
        Request::new(0, Vec::new(), note.clone()),
        Request::new(SEEN, Vec::new(), signed(seen)),
    ];
    let mut all: Vec<Vec<u8>> = requests.into_iter().flatten().map(|request| request.to_string().into_bytes()).collect();
    for (index, extra) in [(0, None), (8, Some(b"more".to_vec()))] {
        let proof = proof(Plan::inclusion(index, SIZE).expect("a leaf"));
        let file = ProofFile { extra, index, proof, checkpoint: note.clone() };
        all.push(file.to_string().into_bytes());
    }
    all.push(policy().to_string().into_bytes());
    all
}
