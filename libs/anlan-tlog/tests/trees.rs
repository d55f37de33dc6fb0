//! Trees, tiles and proofs of any size: what grows by steps is what is hashed at once, every proof made from tiles
//! verifies, and nothing else does.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panic, and its trees are small"
)]

use anlan_tlog::bundles::{self, Bundle, LastBundle};
use anlan_tlog::hashes::Hash;
use anlan_tlog::proofs::{
    Plan, TileError, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
use anlan_tlog::tiles::{self, Tile};
use anlan_tlog::trees::{Head, Tree};
use proptest::prelude::*;
use std::collections::HashMap;
use std::ops::Range;

type Tiles = HashMap<Tile, Vec<u8>>;

fn leaves(range: Range<u64>) -> impl Iterator<Item = Hash> {
    range.map(|number| Hash::of_leaf(&number.to_be_bytes()))
}

/// `MTH` of RFC 6962, section 2.1, as it stands there.
fn mth(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Hash::EMPTY_ROOT,
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(hashes.len().next_power_of_two() / 2);
            Hash::of_node(&mth(left), &mth(right))
        }
    }
}

fn naive(range: Range<u64>) -> Hash {
    mth(&leaves(range).collect::<Vec<_>>())
}

fn head(size: u64) -> Head {
    Head {
        size,
        root: naive(0..size),
    }
}

/// The tree grown at these sizes, and every tile that it ever gave.
fn grown(steps: &[u64]) -> (Tree, Tiles) {
    let (mut tree, mut tiles) = (Tree::new(), HashMap::new());
    for size in steps {
        let before = tree.size();
        let new = tree.grow(leaves(before..*size)).unwrap();
        let names: Vec<Tile> = new.iter().map(|new| new.tile).collect();
        let mut wanted: Vec<Tile> = tiles::between(before, *size).collect();
        wanted.sort_unstable();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, wanted, "from {before} to {size}");
        tiles.extend(new.into_iter().map(|new| (new.tile, new.bytes)));
    }
    (tree, tiles)
}

/// Sizes near what is special: one, powers of two, whole tiles.
fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..40_u64,
        0..3000_u64,
        (0..6_u64, 0..5_u64).prop_map(|(tiles, more)| (tiles * 256 + more).saturating_sub(2)),
        (0..12_u32, 0..5_u64).prop_map(|(log2, more)| ((1 << log2) + more).saturating_sub(2)),
    ]
}

fn steps() -> impl Strategy<Value = [u64; 3]> {
    [sizes(), sizes(), sizes()].prop_map(|mut sizes| {
        sizes.sort_unstable();
        sizes
    })
}

/// A subtree that is not empty: an aligned start, a length up to that alignment.
fn subtrees(size: u64) -> impl Strategy<Value = Range<u64>> {
    (
        0..=size.max(1).ilog2(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    )
        .prop_map(move |(log2, start, length)| {
            let span = 1 << log2;
            let start = start.index((size / span).max(1) as usize) as u64 * span;
            let shortest = if span == 1 { 1 } else { span / 2 + 1 };
            let longest = span.min(size - start);
            if longest < shortest {
                return 0..size;
            }
            start..start + shortest + length.index((longest - shortest + 1) as usize) as u64
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_tree_grown_by_steps_is_that_of_the_rfc([a, b, c] in steps()) {
        let (tree, tiles) = grown(&[a, b, c]);
        prop_assert_eq!(tree.head(), head(c));
        for size in [a, b, c] {
            let resumed = Tree::from_tiles(size, &tiles).unwrap();
            prop_assert_eq!(&resumed, &grown(&[size]).0);
            let root = Plan::root(size).prove(&tiles).unwrap();
            prop_assert_eq!(root.first().copied().unwrap_or(Hash::EMPTY_ROOT), naive(0..size));
            for tile in tiles::of_tree(size) {
                prop_assert!(tiles.contains_key(&tile), "{}", tile.path());
            }
        }
    }

    #[test]
    fn tiles_hold_what_the_specification_says(size in sizes(), at in any::<prop::sample::Index>()) {
        prop_assume!(size > 0);
        let (_, tiles) = grown(&[size]);
        let names: Vec<Tile> = tiles::of_tree(size).collect();
        let tile = names[at.index(names.len())];
        let span = 256_u64.pow(tile.level().into());
        let hashes = (0..u64::from(tile.width())).map(|i| {
            let first = (tile.index() * 256 + i) * span;
            naive(first..first + span)
        });
        prop_assert_eq!(tile.hashes(&tiles[&tile]).unwrap(), hashes.collect::<Vec<_>>());
    }

    #[test]
    fn proofs_from_tiles_verify_and_a_changed_byte_does_not(
        [a, b, c] in steps(),
        at in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        prop_assume!(a > 0);
        let (_, tiles) = grown(&[c]);
        let index = at.index(c as usize) as u64;
        let leaf = Hash::of_leaf(&index.to_be_bytes());
        let proof = Plan::inclusion(index, c).unwrap().prove(&tiles).unwrap();
        prop_assert_eq!(verify_inclusion(leaf, index, &head(c), &proof), Ok(()));
        prop_assert!(verify_inclusion(leaf, index + 1, &head(c), &proof).is_err());
        prop_assert!(verify_inclusion(leaf, index, &head(b), &proof).is_err() || b == c);
        for wrong in changed(&proof, byte, flip) {
            prop_assert!(verify_inclusion(leaf, index, &head(c), &wrong).is_err());
        }
        let proof = Plan::consistency(a, c).unwrap().prove(&tiles).unwrap();
        prop_assert_eq!(verify_consistency(&head(a), &head(c), &proof), Ok(()));
        prop_assert!(verify_consistency(&head(b), &head(c), &proof).is_err() || a == b);
        prop_assert!(verify_consistency(&head(c), &head(a), &proof).is_err() || a == c);
        for wrong in changed(&proof, byte, flip) {
            prop_assert!(verify_consistency(&head(a), &head(c), &wrong).is_err());
        }
    }

    #[test]
    fn proofs_about_subtrees_verify_and_a_changed_byte_does_not(
        (size, range) in (1..1500_u64).prop_flat_map(|size| (Just(size), subtrees(size))),
        at in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let (_, tiles) = grown(&[size]);
        let root = naive(range.clone());
        let index = range.start + at.index((range.end - range.start) as usize) as u64;
        let leaf = Hash::of_leaf(&index.to_be_bytes());
        let proof = Plan::subtree_inclusion(index, range.clone(), size).unwrap().prove(&tiles).unwrap();
        prop_assert_eq!(verify_subtree_inclusion(leaf, index, range.clone(), root, &proof), Ok(()));
        for wrong in changed(&proof, byte, flip) {
            prop_assert!(verify_subtree_inclusion(leaf, index, range.clone(), root, &wrong).is_err());
        }
        let proof = Plan::subtree_consistency(range.clone(), size).unwrap().prove(&tiles).unwrap();
        prop_assert_eq!(verify_subtree_consistency(range.clone(), root, &head(size), &proof), Ok(()));
        prop_assert!(verify_subtree_consistency(range.clone(), leaf, &head(size), &proof).is_err() || leaf == root);
        for wrong in changed(&proof, byte, flip) {
            prop_assert!(verify_subtree_consistency(range.clone(), root, &head(size), &wrong).is_err());
        }
    }

    #[test]
    fn verifying_anything_is_no_panic(
        numbers in prop::array::uniform4(prop_oneof![any::<u64>(), 0..9_u64, (0..9_u64).prop_map(|less| u64::MAX - less)]),
        count in 0..70_usize,
    ) {
        let [index, start, end, size] = numbers;
        let (hash, proof) = (Hash::EMPTY_ROOT, vec![Hash::EMPTY_ROOT; count]);
        let tree = Head { size, root: hash };
        prop_assert!(verify_inclusion(hash, index, &tree, &proof).is_err() || size == 1);
        prop_assert!(verify_subtree_inclusion(hash, index, start..end, hash, &proof).is_err() || end - start == 1);
        let is_trivial = start == end || (start, end) == (0, size);
        prop_assert!(verify_subtree_consistency(start..end, hash, &tree, &proof).is_err() || is_trivial);
        for plan in [Plan::inclusion(index, size), Plan::consistency(start, size), Plan::subtree_consistency(start..end, size)] {
            prop_assert!(plan.map_or(0, |plan| plan.tiles().len()) < 700);
        }
    }

    #[test]
    fn bundles_grow_like_tiles([a, b, c] in steps(), long in 0..300_usize) {
        let entry = |number: u64| vec![b'e'; if number.is_multiple_of(7) { long } else { (number % 40) as usize }];
        let mut last = LastBundle::new();
        let mut all = HashMap::new();
        let mut before = 0;
        for size in [a, b, c] {
            let entries: Vec<Vec<u8>> = (before..size).map(entry).collect();
            let new = last.grow(entries.iter().map(Vec::as_slice)).unwrap();
            let names: Vec<Bundle> = new.iter().map(|new| new.bundle).collect();
            prop_assert_eq!(names, bundles::between(before, size).collect::<Vec<_>>());
            all.extend(new.into_iter().map(|new| (new.bundle, new.bytes)));
            let bytes = LastBundle::name(size).map_or(&[][..], |name| all[&name].as_slice());
            prop_assert_eq!(&LastBundle::resume(size, bytes).unwrap(), &last);
            before = size;
        }
        for bundle in bundles::of_log(c) {
            for (number, found) in (bundle.index() * 256..).zip(bundle.entries(&all[&bundle]).unwrap()) {
                prop_assert_eq!(found, entry(number));
            }
        }
    }
}

/// The proof with one byte changed, one hash fewer, one more.
fn changed(proof: &[Hash], byte: prop::sample::Index, flip: u8) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[Hash::EMPTY_ROOT]].concat()];
    if let Some((_, fewer)) = proof.split_last() {
        let at = byte.index(proof.len() * 32);
        let mut bytes = *proof[at / 32].as_bytes();
        bytes[at % 32] ^= flip;
        let mut other = proof.to_vec();
        other[at / 32] = Hash::new(bytes);
        all.extend([fewer.to_vec(), other]);
    }
    all
}

#[test]
fn the_examples_of_the_specification_hold() {
    let counted = |size: u64| {
        let mut counts: HashMap<(u8, u16), u64> = HashMap::new();
        for tile in tiles::of_tree(size) {
            *counts.entry((tile.level(), tile.width())).or_default() += 1;
        }
        counts
    };
    let expected = [
        ((0, 256), 273),
        ((0, 112), 1),
        ((1, 256), 1),
        ((1, 17), 1),
        ((2, 1), 1),
    ];
    assert_eq!(counted(70_000), HashMap::from(expected));
    assert_eq!(counted(256), HashMap::from([((0, 256), 1), ((1, 1), 1)]));
    assert!(counted(0).is_empty());
}

#[test]
fn the_largest_tree_has_tiles_and_plans() {
    let all = u64::MAX;
    assert!(
        tiles::of_tree(all)
            .take(1000)
            .all(|tile| tile.level() == 0 && tile.width() == 256)
    );
    let plan = Plan::inclusion(all - 1, all).unwrap();
    assert!(
        plan.tiles()
            .iter()
            .all(|tile| Tile::parse(&tile.path()) == Ok(*tile))
    );
    assert!(plan.tiles().len() <= 64);
    assert_eq!(Tree::tiles_of_edge(all).count(), 8);
    assert_eq!(tiles::between(all, all).count() + tiles::between(5, 4).count(), 0);
}

#[test]
fn tiles_that_are_absent_or_short_are_named() {
    let (_, mut tiles) = grown(&[700]);
    let plan = Plan::inclusion(600, 700).unwrap();
    let tile = Tile::in_tree(0, 2, 700).unwrap();
    tiles.insert(tile, vec![0; 100]);
    let error = plan.prove(&tiles).unwrap_err();
    assert_eq!(error, TileError::Wrong(tile.hashes(&[0; 100]).unwrap_err()));
    tiles.remove(&tile);
    assert!(matches!(plan.prove(&tiles), Err(TileError::Unread(absent)) if absent.0 == tile));
    // A log that has grown keeps the full tile only.
    let (_, later) = grown(&[900]);
    tiles.insert(tile.full(), later[&tile.full()].clone());
    let proof = plan.prove(&tiles).unwrap();
    assert_eq!(
        verify_inclusion(Hash::of_leaf(&600_u64.to_be_bytes()), 600, &head(700), &proof),
        Ok(())
    );
}
