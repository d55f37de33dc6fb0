//! A log of a million entries, as it would lie on disk: proofs in it by another's reader, and a thousand random bits flipped
//! in tiles, bundles and checkpoint, each found. Long: run with `--run-ignored all`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod signed;

use anlan_tlog::bundles::{self, Bundle, LastBundle};
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::cosignatures::Cosigner;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::proofs::{Plan, verify_inclusion};
use anlan_tlog::tiles::{self, Tile};
use anlan_tlog::trees::Tree;
use signed::{cosigner, head, signed, signer};
use std::collections::HashMap;

const ENTRIES: u64 = 1_000_000;
const FLIPS: usize = 1000;
const PROOFS: usize = 1000;
const ORIGIN: &str = "log.example/a";

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

fn entry(number: u64) -> Vec<u8> {
    format!("{{\"ts\":{number},\"action\":\"read\"}}").into_bytes()
}

/// All that is published of a log.
struct Log {
    tiles: HashMap<Tile, Vec<u8>>,
    bundles: HashMap<Bundle, Vec<u8>>,
    checkpoint: Vec<u8>,
}

fn made() -> Log {
    let (mut tree, mut last) = (Tree::new(), LastBundle::new());
    let (mut tiles, mut bundles) = (HashMap::new(), HashMap::new());
    for from in (0..ENTRIES).step_by(12_345) {
        let entries: Vec<Vec<u8>> = (from..ENTRIES.min(from + 12_345)).map(entry).collect();
        let new = tree
            .grow(entries.iter().map(|entry| Hash::of_leaf(entry)))
            .unwrap();
        tiles.extend(new.into_iter().map(|new| (new.tile, new.bytes)));
        let new = last.grow(entries.iter().map(Vec::as_slice)).unwrap();
        bundles.extend(new.into_iter().map(|new| (new.bundle, new.bytes)));
    }
    // What a log may delete once it is full.
    tiles.retain(|tile, _| Tile::in_tree(tile.level(), tile.index(), ENTRIES) == Some(*tile));
    bundles.retain(|bundle, _| Bundle::in_log(bundle.index(), ENTRIES) == Some(*bundle));
    let checkpoint = Checkpoint::new(ORIGIN, tree.head()).unwrap();
    let mut note = checkpoint.sign(&signer(ORIGIN, 1)).unwrap();
    note.add(cosigner("w.example/1", 2).cosign(&note, 1_700_000_000).unwrap());
    let checkpoint = note.to_string().into_bytes();
    Log {
        tiles,
        bundles,
        checkpoint,
    }
}

/// Checks a whole log, whatever is wrong in it. What was computed of a tile or bundle is kept until that one changes: the
/// comparisons are all made each time.
struct Auditor {
    keys: Vec<VerifierKey>,
    /// The tile that the entries of a bundle make.
    made: HashMap<Bundle, Option<Vec<u8>>>,
    /// The root of a full tile.
    roots: HashMap<Tile, Hash>,
}

impl Auditor {
    fn new(log: &Log) -> Self {
        let witness: Cosigner = cosigner("w.example/1", 2);
        let keys = vec![signer(ORIGIN, 1).key().clone(), witness.key().clone()];
        let (made, roots) = (HashMap::new(), HashMap::new());
        let mut auditor = Self { keys, made, roots };
        log.bundles
            .iter()
            .for_each(|(bundle, bytes)| auditor.look_at_bundle(*bundle, bytes));
        log.tiles
            .iter()
            .for_each(|(tile, bytes)| auditor.look_at_tile(*tile, bytes));
        auditor
    }

    fn look_at_bundle(&mut self, bundle: Bundle, bytes: &[u8]) {
        let row = |entries: Vec<&[u8]>| {
            let hashes = entries.into_iter().map(|entry| *Hash::of_leaf(entry).as_bytes());
            hashes.collect::<Vec<_>>().concat()
        };
        self.made.insert(bundle, bundle.entries(bytes).ok().map(row));
    }

    fn look_at_tile(&mut self, tile: Tile, bytes: &[u8]) {
        let mut small = Tree::new();
        small.grow(tile.hashes(bytes).unwrap()).unwrap();
        self.roots.insert(tile, small.root());
    }

    /// Whether the signed checkpoint, all tiles and all entries agree.
    fn is_whole(&self, log: &Log) -> bool {
        let Ok((checkpoint, note)) = Checkpoint::open(&log.checkpoint, &self.keys[0]) else {
            return false;
        };
        let is_cosigned = note.verify(&self.keys).is_ok_and(|verified| verified.len() == 2);
        let size = checkpoint.head().size;
        let are_entries_right = bundles::of_log(size).all(|bundle| {
            let tile = Tile::in_tree(0, bundle.index(), size).unwrap();
            self.made[&bundle].as_ref() == Some(&log.tiles[&tile])
        });
        let are_parents_right = tiles::of_tree(size)
            .filter(|tile| !tile.is_partial())
            .all(|tile| {
                let parent = Tile::in_tree(tile.level() + 1, tile.index() / 256, size).unwrap();
                let hashes = parent.hashes(&log.tiles[&parent]).unwrap();
                hashes[usize::try_from(tile.index() % 256).unwrap()] == self.roots[&tile]
            });
        let root = Plan::root(size).prove(&log.tiles).unwrap();
        is_cosigned && are_entries_right && are_parents_right && root == [checkpoint.head().root]
    }
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

#[test]
#[ignore = "hashes a million entries and looks a thousand times at all tiles"]
fn long_each_of_a_thousand_flipped_bits_is_found() {
    let mut log = made();
    let mut auditor = Auditor::new(&log);
    assert!(auditor.is_whole(&log));
    let (mut tiles, mut bundles): (Vec<Tile>, Vec<Bundle>) = (
        log.tiles.keys().copied().collect(),
        log.bundles.keys().copied().collect(),
    );
    tiles.sort_unstable();
    bundles.sort_unstable();
    // Most tiles are of level 0; half of the flips there are to hit the few above.
    let above = tiles.iter().position(|tile| tile.level() > 0).unwrap();
    let (mut dice, mut found) = (Dice(1), 0);
    for number in 0..FLIPS {
        let is_found = match number % 5 {
            0 | 1 => {
                let tile = tiles[if number % 5 == 0 {
                    dice.below(above)
                } else {
                    above + dice.below(tiles.len() - above)
                }];
                let bit = dice.below(log.tiles[&tile].len() * 8);
                flip(log.tiles.get_mut(&tile).unwrap(), bit);
                auditor.look_at_tile(tile, &log.tiles[&tile]);
                let is_found = !auditor.is_whole(&log);
                flip(log.tiles.get_mut(&tile).unwrap(), bit);
                auditor.look_at_tile(tile, &log.tiles[&tile]);
                is_found
            }
            2 | 3 => {
                let bundle = bundles[dice.below(bundles.len())];
                let bit = dice.below(log.bundles[&bundle].len() * 8);
                flip(log.bundles.get_mut(&bundle).unwrap(), bit);
                auditor.look_at_bundle(bundle, &log.bundles[&bundle]);
                let is_found = !auditor.is_whole(&log);
                flip(log.bundles.get_mut(&bundle).unwrap(), bit);
                auditor.look_at_bundle(bundle, &log.bundles[&bundle]);
                is_found
            }
            _ => {
                let bit = dice.below(log.checkpoint.len() * 8);
                flip(&mut log.checkpoint, bit);
                let is_found = !auditor.is_whole(&log);
                flip(&mut log.checkpoint, bit);
                is_found
            }
        };
        found += usize::from(is_found);
    }
    assert_eq!(found, FLIPS);
    assert!(auditor.is_whole(&log), "and nothing else is");
}

/// Our tiles to the reader of `tlog_tiles`, whose paths have the height in them.
struct Served<'l>(&'l Log);

impl tlog_tiles::TileReader for Served<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let own =
            |tile: &tlog_tiles::Tile| Tile::parse(&tile.path().replacen("tile/8/", "tile/", 1)).unwrap();
        Ok(tiles
            .iter()
            .map(|tile| self.0.tiles[&own(tile)].clone())
            .collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
#[ignore = "hashes a million entries"]
fn long_another_reader_finds_entries_in_a_million() {
    let log = made();
    let key = signer(ORIGIN, 1);
    let verifier = signed_note::StandardVerifier::new(&key.key().to_string()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    let note = signed_note::Note::from_bytes(&log.checkpoint).unwrap();
    note.verify(&known).unwrap();
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    assert_eq!((size, checkpoint.origin()), (ENTRIES, ORIGIN));
    let served = Served(&log);
    let reader = tlog_tiles::TileHashReader::new(size, root, &served);
    let (own, _) = Checkpoint::open(&log.checkpoint, key.key()).unwrap();
    let mut dice = Dice(2);
    for _ in 0..PROOFS {
        let index = dice.below(usize::try_from(size).unwrap()) as u64;
        let (bundle, at) = Bundle::with_entry(index, size).unwrap();
        let entry = bundle.entries(&log.bundles[&bundle]).unwrap()[at];
        let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
        tlog_tiles::check_record(&proof, size, root, index, tlog_tiles::record_hash(entry)).unwrap();
        let ours = Plan::inclusion(index, size).unwrap().prove(&log.tiles).unwrap();
        verify_inclusion(Hash::of_leaf(entry), index, &own.head(), &ours).unwrap();
        assert!(
            ours.iter()
                .map(|hash| tlog_tiles::Hash(*hash.as_bytes()))
                .eq(proof)
        );
    }
    assert!(
        Checkpoint::open(signed().to_string().as_bytes(), key.key())
            .unwrap()
            .0
            .head()
            == head(9)
    );
}
