//! How the squares of the tree are kept: packed nodes and leaves in one run of words.
//! It must not know polygons; it stores what `build` hands it and gives the same back.
//!
//! A look-up at a random place waits for memory, not for arithmetic, so a node is one word and everything a leaf
//! needs lies in a row: first owners that hold where no edge is crossed, then owners, then edges.

use super::edges::{Edge, Spot};

/// Payload bits of a node.
const PAYLOAD: u32 = (1 << 30) - 1;
const WORDS_PER_EDGE: usize = 5;

/// A square of the tree in one word: two bits of kind, thirty of payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Node(u32);

/// A node, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No cell anywhere.
    Empty,
    /// One cell everywhere, by its place in the list of cells.
    Whole(u32),
    /// A leaf, by its first word.
    Leaf(u32),
    /// Four nodes, by their place in the list of quarters.
    Quarters(u32),
}

impl Node {
    /// Payloads beyond thirty bits, which would be four gigabytes of leaves, become the last one there is.
    pub(super) fn pack(kind: Kind) -> Self {
        let word = |tag: u32, payload: u32| Self(tag << 30 | payload.min(PAYLOAD));
        match kind {
            Kind::Empty => Self(0),
            Kind::Whole(area) => word(1, area),
            Kind::Leaf(at) => word(2, at),
            Kind::Quarters(at) => word(3, at),
        }
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        let payload = self.0 & PAYLOAD;
        match self.0 >> 30 {
            0 => Kind::Empty,
            1 => Kind::Whole(payload),
            2 => Kind::Leaf(payload),
            _ => Kind::Quarters(payload),
        }
    }
}

/// A leaf as it lies in the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'a> {
    /// Owners that have a point from which no edge is crossed, as bits.
    pub(super) base: u32,
    /// Where the leaf with further owners of the same square begins; 0 for none.
    pub(super) next: u32,
    /// Places in the list of cells, ascending; bit `n` of a mask is the owner at `n`.
    pub(super) owners: &'a [u32],
    edges: &'a [[u32; WORDS_PER_EDGE]],
}

/// All leaves.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaves {
    words: Vec<u32>,
}

impl Leaves {
    /// Where the next leaf will begin; never 0, which stands for none.
    pub(super) fn next_place(&self) -> u32 {
        u32::try_from(self.words.len().max(1)).unwrap_or(u32::MAX)
    }

    /// Words that a leaf takes.
    pub(super) fn words_for(owners: usize, edges: usize) -> u32 {
        u32::try_from(4 + owners + edges * WORDS_PER_EDGE).unwrap_or(u32::MAX)
    }

    /// Adds a leaf at `next_place`.
    pub(super) fn push(&mut self, base: u32, next: u32, owners: &[u32], edges: &[(Edge, u32)]) {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let place = self.next_place() as usize;
        self.words.resize(place, 0);
        self.words
            .extend([base, next, count(owners.len()), count(edges.len())]);
        self.words.extend(owners);
        for (Edge { lo, hi }, mask) in edges {
            self.words
                .extend([lo.x, lo.y, hi.x, hi.y].map(i32::cast_unsigned));
            self.words.push(*mask);
        }
    }

    /// The leaf that begins there.
    #[inline]
    pub(super) fn get(&self, place: u32) -> Option<Leaf<'_>> {
        let [base, next, owners, edges, rest @ ..] = self.words.get(place as usize..)? else {
            return None;
        };
        let (owners, rest) = rest.split_at_checked(*owners as usize)?;
        let (edges, _) = rest.get(..*edges as usize * WORDS_PER_EDGE)?.as_chunks();
        Some(Leaf {
            base: *base,
            next: *next,
            owners,
            edges,
        })
    }
}

impl<'a> Leaf<'a> {
    /// Its edges, each with the owners it turns.
    #[inline]
    pub(super) fn edges(self) -> impl Iterator<Item = (Edge, u32)> + 'a {
        self.edges.iter().map(|[a, b, c, d, owners]| {
            let [ax, ay, bx, by] = [a, b, c, d].map(|word| word.cast_signed());
            (
                Edge {
                    lo: Spot { x: ax, y: ay },
                    hi: Spot { x: bx, y: by },
                },
                *owners,
            )
        })
    }

    /// The owners that have the spot, as bits.
    #[inline]
    pub(super) fn mask(self, spot: Spot) -> u32 {
        self.edges().fold(self.base, |mask, (edge, owners)| {
            mask ^ (owners * u32::from(edge.is_east_of(spot)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_unpack_to_what_was_packed() {
        for kind in [
            Kind::Empty,
            Kind::Whole(0),
            Kind::Whole(77),
            Kind::Leaf(PAYLOAD),
            Kind::Quarters(1),
        ] {
            assert_eq!(Node::pack(kind).kind(), kind);
        }
        assert_eq!(Node::default().kind(), Kind::Empty);
    }

    #[test]
    fn leaves_come_back_as_they_were_pushed() {
        let edge = Edge::new(Spot { x: -5, y: -7 }, Spot { x: 3, y: 9 }).unwrap();
        let mut leaves = Leaves::default();
        leaves.push(1, 0, &[10, 20], &[(edge, 3)]);
        let second = leaves.next_place();
        assert_eq!(second, 1 + Leaves::words_for(2, 1));
        leaves.push(0, 1, &[30], &[]);
        let first = leaves.get(1).unwrap();
        assert_eq!(
            (first.base, first.next, first.owners),
            (1, 0, [10, 20].as_slice())
        );
        assert_eq!(first.edges().collect::<Vec<_>>(), [(edge, 3)]);
        assert_eq!(leaves.get(second).unwrap().owners, [30]);
        assert!(leaves.get(1_000).is_none());
    }
}
