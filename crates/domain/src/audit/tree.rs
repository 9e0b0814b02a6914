//! The Merkle tree over the events of all trails, as RFC 9162 defines it in section 2.1.

use crate::digest::{Digest, Hasher};

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The hash of a leaf.
#[must_use]
pub fn leaf(data: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[LEAF]);
    hasher.update(data);
    hasher.finish()
}

/// The hash of two trees side by side.
#[must_use]
pub fn node(left: Digest, right: Digest) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[NODE]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// All that is needed of a tree to add leaves to it: the roots of its perfect subtrees, the largest first. There are
/// as many as its size has bits that are set, so 50 million leaves need less than a kilobyte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Digest>,
}

impl Frontier {
    /// From what [`Frontier::nodes`] gave; `None` if it does not fit the size.
    #[must_use]
    pub fn restore(size: u64, nodes: &[u8]) -> Option<Self> {
        let mut parts = nodes.chunks_exact(32);
        let nodes: Vec<Digest> = parts
            .by_ref()
            .map(Digest::try_from)
            .collect::<Result<_, _>>()
            .ok()?;
        let expected = usize::try_from(size.count_ones()).ok()?;
        (parts.remainder().is_empty() && nodes.len() == expected).then_some(Self { size, nodes })
    }

    /// The hashes, one after the other.
    #[must_use]
    pub fn nodes(&self) -> Vec<u8> {
        self.nodes.iter().flat_map(|node| *node.as_bytes()).collect()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of a leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut whole = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                whole = node(left, whole);
            }
        }
        self.nodes.push(whole);
        self.size += 1;
    }

    /// The hash of the whole tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut smallest_first = self.nodes.iter().rev();
        smallest_first.next().map_or_else(
            || Digest::of(&[]),
            |last| smallest_first.fold(*last, |right, left| node(*left, right)),
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The inputs of the test vectors that implementations of RFC 6962 and RFC 9162 share.
    pub(in crate::audit) const INPUTS: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f,
        ],
    ];

    /// The root of the first one, two, … eight inputs.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// The tree as the RFC writes it down, which nobody would run on millions of leaves.
    pub(in crate::audit) fn by_the_book(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::of(&[]),
            [leaf] => *leaf,
            more => {
                let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
                node(by_the_book(left), by_the_book(right))
            }
        }
    }

    pub(in crate::audit) fn leaves(count: u8) -> Vec<Digest> {
        (0..count).map(|number| leaf(&[number])).collect()
    }

    #[test]
    fn the_roots_are_those_of_the_known_test_vectors() {
        let mut frontier = Frontier::default();
        assert_eq!(
            frontier.root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (input, root) in INPUTS.iter().zip(ROOTS) {
            frontier.push(leaf(input));
            assert_eq!(frontier.root().to_string(), root, "{} leaves", frontier.size());
        }
    }

    proptest! {
        #[test]
        fn leaves_one_by_one_give_the_tree_of_the_book(count in 0_u8..130) {
            let leaves = leaves(count);
            let mut frontier = Frontier::default();
            for leaf in &leaves {
                frontier.push(*leaf);
            }
            prop_assert_eq!(frontier.root(), by_the_book(&leaves));
            let restored = Frontier::restore(frontier.size(), &frontier.nodes());
            prop_assert_eq!(restored, Some(frontier));
        }

        #[test]
        fn what_does_not_fit_the_size_is_no_frontier(size: u64, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let fits = bytes.len() == 32 * usize::try_from(size.count_ones()).unwrap();
            prop_assert_eq!(Frontier::restore(size, &bytes).is_some(), fits);
        }
    }
}
