//! Makes proofs for those who have not the whole log: for one entry, for every access to a case, and that a head continues
//! an earlier one. Nothing is handed out that does not verify.

use super::Fault;
use super::case_proofs::{CaseProof, FORMAT, ProvenCase, ProvenEntry};
use super::files::{CHECKPOINT, Folder, KEY};
use super::keeping::{chain, cosigned_head, told};
use crate::accesses::{Chain, History, Kept, Leaf};
use crate::store::Store;
use anlan_tlog::bundles::Bundle;
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, VerifierKey};
use anlan_tlog::proof_files::ProofFile;
use anlan_tlog::proofs::{Plan, ReadTile as _, verify_inclusion};
use anlan_tlog::trees::Head;
use jiff::Timestamp;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The proof for an entry, with the entry itself as extra data, in the newest head.
pub fn prove_entry(store: &Store, entry: u64) -> Result<ProofFile, Fault> {
    let folder = Folder::of(store);
    let (head, checkpoint) = newest(&folder, &key_of(&folder)?)?;
    let Some((bundle, at)) = Bundle::with_entry(entry, head.size) else {
        let reason = format!("the log has {} entries; the first is 0", head.size);
        return Err(Fault::wrong(format!("entry {entry}"), reason));
    };
    let leaf = folder.entries(bundle)?.into_iter().nth(at).unwrap_or_default();
    let outside = |e| Fault::wrong(format!("entry {entry}"), e);
    let plan = Plan::inclusion(entry, head.size).map_err(outside)?;
    let proof = plan.prove(&folder).map_err(told)?;
    verify_inclusion(Hash::of_leaf(&leaf), entry, &head, &proof).map_err(outside)?;
    Ok(ProofFile {
        extra: Some(leaf),
        index: entry,
        proof,
        checkpoint,
    })
}

/// The proof that the log of a later size continues that of an earlier one; no hashes where there is nothing to prove.
pub fn prove_growth(store: &Store, earlier: u64, later: u64) -> Result<Vec<Hash>, Fault> {
    if earlier == 0 {
        return Ok(Vec::new());
    }
    let plan = Plan::consistency(earlier, later).map_err(|e| Fault::wrong(CHECKPOINT, e))?;
    plan.prove(&Folder::of(store)).map_err(told)
}

/// The proofs for every access to these cases. They lead to the newest head that enough witnesses have cosigned, unless that
/// lacks an access made before `settled`; then to the newest one there is.
pub fn prove_cases(store: &Store, cases: &[History], settled: Timestamp) -> Result<CaseProof, Fault> {
    let folder = Folder::of(store);
    let key = key_of(&folder)?;
    let looks = cases.iter().flat_map(|case| &case.looks);
    let due = looks
        .filter(|look| look.access.at < settled)
        .filter_map(|look| look.entry)
        .max();
    let cosigned = cosigned_head(&folder, &key)?;
    let (head, checkpoint) = match cosigned {
        Some(cosigned) if due.is_none_or(|due| due < cosigned.0.size) => cosigned,
        _ => newest(&folder, &key)?,
    };
    let mut tiles = HashMap::new();
    let proven = cases
        .iter()
        .map(|case| prove_case(&folder, &head, case, &mut tiles));
    let file = CaseProof {
        format: FORMAT.to_owned(),
        log: key.to_string(),
        checkpoint: checkpoint.to_string(),
        cases: proven.collect::<Result<_, _>>()?,
    };
    file.verify(&key)?;
    Ok(file)
}

type Tiles = HashMap<anlan_tlog::tiles::Tile, Vec<u8>>;

fn prove_case(
    folder: &Folder,
    head: &Head,
    history: &History,
    tiles: &mut Tiles,
) -> Result<ProvenCase, Fault> {
    let case = history.case.0;
    let Kept::Key(key) = &history.kept else {
        return Ok(ProvenCase {
            case,
            key: String::new(),
            ended: history.is_ended,
            entries: Vec::new(),
        });
    };
    let mut chain = Chain::new(history.case, key.clone());
    let mut entries = Vec::new();
    for look in &history.looks {
        let Some((index, leaf)) = look.entry.zip(look.leaf.as_ref()) else {
            continue;
        };
        let wrong = |reason: String| Fault::wrong(format!("entry {index}, about case {case}"), reason);
        let read = Leaf::decode(leaf).map_err(|e| wrong(e.to_string()))?;
        // From before the case had a key, or the log a place for it: in no chain.
        if read.subject.is_none() && entries.is_empty() {
            continue;
        }
        chain.check(&read).map_err(wrong)?;
        chain = chain.with(leaf);
        if index >= head.size {
            continue;
        }
        let proof = inclusion(folder, head, index, tiles)?;
        entries.push(ProvenEntry {
            index,
            leaf: String::from_utf8_lossy(leaf).into_owned(),
            proof: proof.iter().map(ToString::to_string).collect(),
        });
    }
    let key = Hash::new(*key.as_bytes()).to_string();
    Ok(ProvenCase {
        case,
        key,
        ended: history.is_ended,
        entries,
    })
}

/// An inclusion proof; each tile is read once for all of them.
fn inclusion(folder: &Folder, head: &Head, index: u64, tiles: &mut Tiles) -> Result<Vec<Hash>, Fault> {
    let outside = |e| Fault::wrong(format!("entry {index}"), e);
    let plan = Plan::inclusion(index, head.size).map_err(outside)?;
    for tile in plan.tiles() {
        if let Entry::Vacant(place) = tiles.entry(tile) {
            place.insert(folder.tile(tile)?.into_owned());
        }
    }
    plan.prove(tiles)
        .map_err(|e| Fault::wrong(format!("entry {index}"), chain(&e)))
}

/// The newest head, as the log has signed it.
fn newest(folder: &Folder, key: &VerifierKey) -> Result<(Head, Note), Fault> {
    let opened = Checkpoint::open(&folder.needed(CHECKPOINT)?, key);
    let (checkpoint, note) = opened.map_err(|e| Fault::wrong(CHECKPOINT, chain(&e)))?;
    Ok((checkpoint.head(), note))
}

/// The key that the keeper signs with.
pub(super) fn key_of(folder: &Folder) -> Result<VerifierKey, Fault> {
    let bytes = folder.needed(KEY)?;
    let text = String::from_utf8_lossy(&bytes);
    text.trim().parse().map_err(|e| Fault::wrong(KEY, chain(&e)))
}
