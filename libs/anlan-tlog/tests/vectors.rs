//! The outside vectors: 518 proofs (transparency-dev/merkle), a golden log (transparency-dev/tessera), 914 Ed25519
//! signatures (C2SP/CCTV). They lie in the shared data; without it each test says so and passes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod shared;

use anlan_tlog::bundles::{self, LastBundle};
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Algorithm, Note, VerifierKey};
use anlan_tlog::proofs::{
    Plan, ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
use anlan_tlog::tiles::{self, Tile};
use anlan_tlog::trees::{Head, Tree};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

/// One case of a proof.
struct Case(Value);

impl Case {
    fn number(&self, key: &str) -> u64 {
        self.0[key].as_u64().unwrap()
    }

    /// `None` where it is not even a hash.
    fn leaf(&self) -> Option<Hash> {
        self.0["leafHash"].as_str().unwrap().parse().ok()
    }

    /// A root. Some vectors have a few words there ("don't matter"), because only equality counts: a hash of these stands
    /// for them.
    fn root(&self, key: &str) -> Hash {
        let text = self.0[key].as_str().unwrap();
        text.parse().unwrap_or_else(|_| Hash::of_leaf(text.as_bytes()))
    }

    fn head(&self, size: &str, root: &str) -> Head {
        Head {
            size: self.number(size),
            root: self.root(root),
        }
    }

    /// `None` where a hash is not even one.
    fn proof(&self) -> Option<Vec<Hash>> {
        let hashes = self.0["proof"].as_array().cloned().unwrap_or_default();
        hashes
            .iter()
            .map(|hash| hash.as_str().unwrap().parse().ok())
            .collect()
    }

    fn verdict(&self, kind: &str) -> Option<Result<(), ProofError>> {
        let proof = self.proof()?;
        Some(match kind {
            "inclusion" => {
                let tree = self.head("treeSize", "root");
                verify_inclusion(self.leaf()?, self.number("leafIdx"), &tree, &proof)
            }
            "consistency" => {
                let (one, two) = (self.head("size1", "root1"), self.head("size2", "root2"));
                verify_consistency(&one, &two, &proof)
            }
            "subtreeinclusion" => {
                let range = self.number("start")..self.number("end");
                let (leaf, index) = (self.leaf()?, self.number("leafIdx"));
                verify_subtree_inclusion(leaf, index, range, self.root("root"), &proof)
            }
            _ => {
                let range = self.number("start")..self.number("end");
                let tree = self.head("size", "root2");
                verify_subtree_consistency(range, self.root("root1"), &tree, &proof)
            }
        })
    }
}

#[test]
fn all_518_proofs_have_the_verdict_they_should() {
    let Some(folder) = shared::vectors("tlog/rfc6962") else {
        return;
    };
    let (mut right, mut wrong, mut reasons) = (0, 0, HashMap::new());
    for kind in [
        "inclusion",
        "consistency",
        "subtreeinclusion",
        "subtreeconsistency",
    ] {
        for file in files(&folder.join(kind)) {
            let case = Case(serde_json::from_slice(&fs::read(&file).unwrap()).unwrap());
            let is_refused = case.0["wantErr"].as_bool().unwrap();
            let verdict = case.verdict(kind);
            assert_eq!(
                verdict == Some(Ok(())),
                !is_refused,
                "{}: {verdict:?}",
                file.display()
            );
            let reason = verdict.map(|verdict| verdict.map_err(|error| std::mem::discriminant(&error)));
            *reasons.entry(reason).or_insert(0) += 1;
            *(if is_refused { &mut wrong } else { &mut right }) += 1;
        }
    }
    assert_eq!((right, wrong), (36, 482));
    assert!(reasons.len() >= 7, "refused for different reasons: {reasons:?}");
}

#[test]
fn the_golden_log_verifies_and_is_made_again_byte_for_byte() {
    let Some(folder) = shared::vectors("tlog/tessera-golden/log") else {
        return;
    };
    let key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    let key: VerifierKey = key.parse().unwrap();
    let (mut tree, mut bundle) = (Tree::new(), LastBundle::new());
    for size in 0..=15 {
        let bytes = fs::read(folder.join(format!("checkpoint.{size}"))).unwrap();
        let (checkpoint, note) = Checkpoint::open(&bytes, &key).unwrap();
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert_eq!(checkpoint.to_string(), note.text());
        if size > 0 {
            let bundle_now = bundles::of_log(size).next().unwrap();
            let theirs = fs::read(folder.join(bundle_now.path())).unwrap();
            let entry = *bundle_now.entries(&theirs).unwrap().last().unwrap();
            let tile = tree.grow([Hash::of_leaf(entry)]).unwrap();
            assert_eq!(tile.len(), 1);
            assert_eq!(tile[0].bytes, fs::read(folder.join(tile[0].tile.path())).unwrap());
            assert_eq!(bundle.grow([entry]).unwrap()[0].bytes, theirs);
        }
        assert_eq!(tree.head(), checkpoint.head(), "size {size}");
    }
    assert_eq!(
        fs::read(folder.join("checkpoint")).unwrap(),
        fs::read(folder.join("checkpoint.15")).unwrap()
    );
}

#[test]
fn every_proof_in_the_golden_log_leads_to_its_checkpoints() {
    let Some(folder) = shared::vectors("tlog/tessera-golden/log") else {
        return;
    };
    let head = |size: u64| {
        let bytes = fs::read(folder.join(format!("checkpoint.{size}"))).unwrap();
        Checkpoint::of_note(&Note::parse(&bytes).unwrap()).unwrap().head()
    };
    let read = |tile: Tile| (tile, fs::read(folder.join(tile.path())).unwrap());
    for size in 1..=15 {
        let tiles: HashMap<Tile, Vec<u8>> = tiles::of_tree(size).map(read).collect();
        let bundle = bundles::of_log(size).next().unwrap();
        let bytes = fs::read(folder.join(bundle.path())).unwrap();
        for (index, entry) in (0..).zip(bundle.entries(&bytes).unwrap()) {
            let proof = Plan::inclusion(index, size).unwrap().prove(&tiles).unwrap();
            verify_inclusion(Hash::of_leaf(entry), index, &head(size), &proof).unwrap();
        }
        for earlier in 1..=size {
            let proof = Plan::consistency(earlier, size).unwrap().prove(&tiles).unwrap();
            verify_consistency(&head(earlier), &head(size), &proof).unwrap();
        }
    }
}

fn from_hex<const N: usize>(text: &str) -> [u8; N] {
    let pairs = text
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    bytes.try_into().unwrap()
}

/// The table at the top of `notes`, by the vectors' own flags.
fn documented(flags: &[&str]) -> bool {
    let refused = [
        "low_order_A",
        "low_order_R",
        "low_order_residue",
        "non_canonical_A",
        "non_canonical_R",
    ];
    !flags.iter().any(|flag| refused.contains(flag))
}

#[test]
fn all_914_ed25519_signatures_have_the_documented_verdict() {
    let Some(file) = shared::vectors("ed25519/ed25519vectors.json") else {
        return;
    };
    let all: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let (mut accepted, mut weak, mut low_order) = (0, 0, 0);
    for vector in all.as_array().unwrap() {
        let flags: Vec<&str> = vector["flags"].as_array().map_or(Vec::new(), |flags| {
            flags.iter().map(|flag| flag.as_str().unwrap()).collect()
        });
        let public = from_hex(vector["key"].as_str().unwrap());
        let signature: [u8; 64] = from_hex(vector["sig"].as_str().unwrap());
        let name = "example.com/vectors".parse().unwrap();
        let key = VerifierKey::new(name, Algorithm::Ed25519, &public).ok();
        assert!(
            key.is_some() || flags.contains(&"low_order_A"),
            "only weak keys are refused as keys: {vector}"
        );
        weak += usize::from(key.is_none());
        let message = vector["msg"].as_str().unwrap().as_bytes();
        let verdict = key.is_some_and(|key| key.verify(message, &signature).is_ok());
        assert_eq!(verdict, documented(&flags), "{vector}");
        accepted += usize::from(verdict);
        low_order += usize::from(flags.contains(&"low_order_A"));
    }
    assert_eq!(all.as_array().unwrap().len(), 914);
    assert_eq!((accepted, weak), (43, low_order));
}
