//! Others read what we write, and we read what others write: `signed_note` and `tlog_tiles` of Cloudflare, two crates that
//! share no code with this one.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod signed;

use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{KeyError, Note, VerifierKey};
use anlan_tlog::proofs::{Plan, verify_consistency, verify_inclusion};
use anlan_tlog::tiles::{self, Tile};
use anlan_tlog::trees::{Head, Tree};
use base64ct::{Base64, Encoding as _};
use proptest::prelude::*;
use signed::{head, signed, signer};
use signed_note::{Signer as _, Verifier as _};
use std::cell::RefCell;
use std::collections::HashMap;
use tlog_tiles::HashReader as _;

type Tiles = HashMap<Tile, Vec<u8>>;

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn ours(size: u64) -> (Head, Tiles) {
    let mut tree = Tree::new();
    let new = tree
        .grow((0..size).map(|number| Hash::of_leaf(&entry(number))))
        .unwrap();
    (
        tree.head(),
        new.into_iter().map(|new| (new.tile, new.bytes)).collect(),
    )
}

/// Their name of a tile, `tile/8/L/N`, is ours with the height put in.
fn our_path(theirs: &str) -> String {
    theirs.replacen("tile/8/", "tile/", 1)
}

/// Our tiles to their reader.
struct Served {
    tiles: Tiles,
    asked: RefCell<usize>,
}

impl tlog_tiles::TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        *self.asked.borrow_mut() += tiles.len();
        let named = tiles
            .iter()
            .map(|tile| Tile::parse(&our_path(&tile.path())).unwrap());
        let found = |tile: Tile| {
            let bytes = self.tiles.get(&tile).or_else(|| self.tiles.get(&tile.full()));
            bytes.unwrap().clone()
        };
        Ok(named.map(found).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn theirs(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(*hash.as_bytes())
}

fn back(proof: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    proof.into_iter().map(|hash| Hash::new(hash.0)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn their_reader_takes_our_tiles_and_our_proofs_are_theirs(
        size in prop_oneof![1..600_u64, 1..9000_u64],
        at in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
    ) {
        let (whole, tiles) = ours(size);
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let earlier = from.index(usize::try_from(size).unwrap()) as u64 + 1;
        let (before, _) = ours(earlier);
        let asked = RefCell::new(0);
        let served = Served { tiles, asked };
        let reader = tlog_tiles::TileHashReader::new(size, theirs(whole.root), &served);
        let inclusion = tlog_tiles::prove_record(size, index, &reader).unwrap();
        let consistency = tlog_tiles::prove_tree(size, earlier, &reader).unwrap();
        prop_assert!(*served.asked.borrow() > 0);

        let our_inclusion = Plan::inclusion(index, size).unwrap().prove(&served.tiles).unwrap();
        let our_consistency = Plan::consistency(earlier, size).unwrap().prove(&served.tiles).unwrap();
        let leaf = Hash::of_leaf(&entry(index));
        prop_assert_eq!(&back(inclusion.clone()), &our_inclusion);
        prop_assert_eq!(&back(consistency.clone()), &our_consistency);
        prop_assert!(verify_inclusion(leaf, index, &whole, &our_inclusion).is_ok());
        prop_assert!(verify_consistency(&before, &whole, &our_consistency).is_ok());
        let record = tlog_tiles::record_hash(&entry(index));
        prop_assert!(tlog_tiles::check_record(&inclusion, size, theirs(whole.root), index, record).is_ok());
        prop_assert!(
            tlog_tiles::check_tree(&consistency, size, theirs(whole.root), earlier, theirs(before.root)).is_ok()
        );
    }

    #[test]
    fn the_same_tiles_are_new_to_both(before in 0..70_000_u64, more in 1..70_000_u64) {
        let after = before + more;
        let mut own: Vec<String> = tiles::between(before, after).map(Tile::path).collect();
        let all = tlog_tiles::Tile::new_tiles(8, before, after);
        let mut others: Vec<String> = all.iter().map(|tile| our_path(&tile.path())).collect();
        own.sort();
        others.sort();
        prop_assert_eq!(own, others);
    }
}

/// Some bytes of a text replaced, taken out and put in.
fn edited(text: &str, edits: &[(prop::sample::Index, usize, String)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, less, more) in edits {
        let at = at.index(bytes.len() + 1);
        let end = (at + less).min(bytes.len());
        bytes.splice(at..end, more.bytes());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_notes_are_well_formed_to_both(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, "[ -~\n\u{7f}\u{85}\u{a0}—]{0,3}"), 0..3),
    ) {
        let bytes = edited(&signed().to_string(), &edits);
        let (own, other) = (Note::parse(&bytes), signed_note::Note::from_bytes(&bytes));
        prop_assert_eq!(own.is_ok(), other.is_ok(), "{:?} {:?}", own, other);
        if let (Ok(own), Ok(other)) = (own, other) {
            prop_assert_eq!(own.text().as_bytes(), other.text());
        }
    }

    #[test]
    fn the_same_texts_are_checkpoints_to_both(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, "[ -~\n]{0,2}"), 0..3),
    ) {
        let text = Checkpoint::new("log.example/a", head(9)).unwrap().to_string() + "one more line\n";
        let text = String::from_utf8(edited(&text, &edits)).unwrap();
        let (own, other) = (text.parse::<Checkpoint>(), tlog_tiles::Checkpoint::from_bytes(text.as_bytes()));
        if let Ok(own) = &own {
            let other = other.unwrap();
            prop_assert_eq!((own.origin(), own.head().size), (other.origin(), other.size()));
            prop_assert_eq!(theirs(own.head().root), *other.hash());
        } else if let Ok(other) = other {
            prop_assert_ne!(String::from_utf8(other.to_bytes()).unwrap(), text, "one spelling");
        }
    }

    // Without a width of 0: their reader panics there.
    #[test]
    fn the_same_paths_are_tiles_to_both(level in 0..8_u8, path in "(x[0-9]{2,3}/){0,3}[0-9]{2,3}(\\.p/(0?[1-9]{1,2}|1[0-9]{2}))?") {
        let own = Tile::parse(&format!("tile/{level}/{path}"));
        let other = tlog_tiles::Tile::from_path(&format!("tile/8/{level}/{path}"));
        if let Ok(own) = own {
            let other = other.unwrap();
            prop_assert_eq!((own.level(), own.index()), (other.level(), other.level_index()));
            prop_assert_eq!(u32::from(own.width()), other.width());
        } else if let Ok(other) = other {
            // Theirs knows tiles of trees that have more leaves than can be counted.
            let largest = Tile::in_tree(other.level(), other.level_index(), u64::MAX);
            let is_beyond = largest.is_none_or(|largest| u32::from(largest.width()) < other.width());
            prop_assert!(is_beyond, "{}", path);
        }
    }
}

/// Keeps every hash that their way of storing a log asks for.
struct Stored(Vec<tlog_tiles::Hash>);

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes
            .iter()
            .map(|at| self.0[usize::try_from(*at).unwrap()])
            .collect())
    }
}

#[test]
fn our_plans_read_tiles_that_they_made() {
    let size = 1000;
    let mut stored = Stored(Vec::new());
    for number in 0..size {
        let new = tlog_tiles::stored_hashes(number, &entry(number), &stored).unwrap();
        stored.0.extend(new);
    }
    let root = Hash::new(tlog_tiles::tree_hash(size, &stored).unwrap().0);
    let (whole, own) = ours(size);
    assert_eq!(whole.root, root);
    let mut made = HashMap::new();
    for tile in tlog_tiles::Tile::new_tiles(8, 0, size) {
        let name = Tile::parse(&our_path(&tile.path())).unwrap();
        made.insert(name, tile.read_data(&stored).unwrap());
    }
    assert_eq!(made, own);
    assert_eq!(stored.read_hashes(&[]).unwrap(), []);
    for index in [0, 255, 256, 999] {
        let proof = Plan::inclusion(index, size).unwrap().prove(&made).unwrap();
        verify_inclusion(Hash::of_leaf(&entry(index)), index, &whole, &proof).unwrap();
    }
}

#[test]
fn they_verify_our_notes_and_we_verify_theirs() {
    let own = signer("log.example/a", 1);
    let verifier = signed_note::StandardVerifier::new(&own.key().to_string()).unwrap();
    let note = signed_note::Note::from_bytes(signed().to_string().as_bytes()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier.clone())]);
    let (verified, unknown) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 2));
    assert_eq!(verifier.key_id(), own.key().id());

    let secret = signed_note::StandardSigner::new(&own.secret_text()).unwrap();
    let mut theirs = signed_note::Note::new(b"their text\n", &[]).unwrap();
    theirs.add_sigs(&[&secret]).unwrap();
    assert_eq!(secret.name(), "log.example/a");
    let read = Note::parse(&theirs.to_bytes()).unwrap();
    let key: VerifierKey = own.key().to_string().parse().unwrap();
    assert_eq!(read.verify(std::slice::from_ref(&key)).unwrap().len(), 1);
    assert_eq!(read.to_string().into_bytes(), theirs.to_bytes());
}

#[test]
fn they_read_our_checkpoints_and_we_read_theirs() {
    let own = Checkpoint::new("log.example/a", head(9)).unwrap();
    let hash = theirs(head(9).root);
    let other = tlog_tiles::Checkpoint::new("log.example/a", 9, hash, "more\n").unwrap();
    let text = String::from_utf8(other.to_bytes()).unwrap();
    assert_eq!(text, format!("{own}more\n"));
    assert_eq!(text.parse::<Checkpoint>().unwrap().extensions(), ["more"]);
}

/// What ADR 7 says of their notes. Once this fails, the decision may be looked at again.
#[test]
fn they_are_less_strict_with_known_keys() {
    let own = signer("log.example/a", 1);
    let known = signed_note::StandardVerifier::new(&own.key().to_string()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(known)]);
    let right = own.sign(&Note::new("text\n").unwrap());
    let wrong = own.sign(&Note::new("another text\n").unwrap());
    let twice = format!("text\n\n{right}\n{wrong}\n");
    assert!(
        signed_note::Note::from_bytes(twice.as_bytes())
            .unwrap()
            .verify(&known)
            .is_ok()
    );
    assert!(
        Note::parse(twice.as_bytes())
            .unwrap()
            .verify(std::slice::from_ref(own.key()))
            .is_err()
    );

    // Not of the curve's large group: order 4.
    let weak = [[1].as_slice(), &[0; 32]].concat();
    let id = signed_note::key_id("weak", &weak);
    let text = format!("weak+{id:08x}+{}", Base64::encode_string(&weak));
    assert!(signed_note::StandardVerifier::new(&text).is_ok());
    assert_eq!(text.parse::<VerifierKey>(), Err(KeyError::Weak));
}
