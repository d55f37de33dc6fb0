//! Arbitrary bytes as a path, a bundle of entries, and as numbers from which tiles, plans and proofs follow: refused, or read in the
//! one spelling there is, and never more work than a tree of 64 levels makes.

use anlan_tlog::bundles::{Bundle, LastBundle, Resource, append};
use anlan_tlog::hashes::Hash;
use anlan_tlog::proofs::{self, Plan};
use anlan_tlog::tiles::Tile;
use anlan_tlog::trees::{Head, Tree};

/// Tiles of one plan: a part of each range on each level.
const TILES_MAX: usize = 700;

fn numbers(data: &[u8]) -> Option<([u64; 4], &[u8])> {
    let (first, rest) = data.split_first_chunk::<32>()?;
    let (chunks, _) = first.as_chunks::<8>();
    let mut numbers = chunks.iter().map(|bytes| u64::from_le_bytes(*bytes));
    Some(([numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?], rest))
}

fn plans([index, start, end, size]: [u64; 4]) {
    let all = [
        Plan::inclusion(index, size),
        Plan::consistency(start, size),
        Plan::subtree_inclusion(index, start..end, size),
        Plan::subtree_consistency(start..end, size),
    ];
    for tile in all.into_iter().flatten().flat_map(|plan| {
        let tiles = plan.tiles();
        assert!(tiles.len() <= TILES_MAX);
        tiles
    }) {
        assert_eq!(Tile::parse(&tile.path()), Ok(tile));
        assert_eq!(Tile::in_tree(tile.level(), tile.index(), size), Some(tile));
    }
    assert!(Tree::tiles_of_edge(size).count() <= 8);
}

fn verify([index, start, end, size]: [u64; 4], data: &[u8]) {
    let (chunks, _) = data.as_chunks::<32>();
    let hashes: Vec<Hash> = chunks.iter().copied().map(Hash::new).collect();
    let Some((root, proof)) = hashes.split_first() else { return };
    let tree = Head { size, root: *root };
    let is_proved = proofs::verify_inclusion(*root, index, &tree, proof).is_ok();
    assert!(!is_proved || (size == 1 && proof.is_empty()), "a root cannot be below itself");
    let _ = proofs::verify_consistency(&Head { size: start, root: *root }, &tree, proof);
    let _ = proofs::verify_subtree_inclusion(*root, index, start..end, *root, proof);
    let _ = proofs::verify_subtree_consistency(start..end, *root, &tree, proof);
}

/// Whether it was a path, or a bundle of the width that its first byte says.
pub fn run(data: &[u8]) -> bool {
    let path = std::str::from_utf8(data).ok();
    let resource = path.and_then(|path| Some((path, Resource::parse(path).ok()?)));
    if let Some((path, resource)) = resource {
        assert_eq!(resource.path(), path);
        return true;
    }
    if let Some((numbers, rest)) = numbers(data) {
        plans(numbers);
        verify(numbers, rest);
    }
    let Some((width, bytes)) = data.split_first() else { return false };
    let size = u64::from(*width) + 1;
    let Some(bundle) = Bundle::in_log(0, size) else { return false };
    let Ok(entries) = bundle.entries(bytes) else { return false };
    assert_eq!(entries.len(), usize::from(bundle.width()));
    let mut again = Vec::new();
    for entry in entries {
        append(&mut again, entry).expect("it was in a bundle");
    }
    assert_eq!(again, bytes);
    assert!(bundle.width() == 256 || LastBundle::resume(size, bytes).is_ok());
    true
}

/// Inputs that come far.
pub fn seeds() -> Vec<Vec<u8>> {
    let paths = ["checkpoint", "tile/0/x001/x234/067", "tile/7/000.p/255", "tile/entries/x001/234.p/56", "tile/2/000"];
    let mut all: Vec<Vec<u8>> = paths.iter().map(|path| path.as_bytes().to_vec()).collect();
    for width in [1_u8, 2, 200] {
        let mut bundle = vec![width - 1];
        for entry in 0..width {
            append(&mut bundle, &vec![entry; usize::from(entry) % 9]).expect("short");
        }
        all.push(bundle);
    }
    for numbers in [[0_u64, 0, 1, 1], [5, 4, 7, 70_000], [u64::MAX - 1, 0, u64::MAX, u64::MAX], [9, 8, 16, 257]] {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        all.push(bytes.chain([7; 96]).collect());
    }
    all
}
