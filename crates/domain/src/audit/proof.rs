//! Proofs about the tree: that an event is in it, and that a later tree continues an earlier one (RFC 9162, 2.1.3
//! and 2.1.4).
//!
//! A proof is a list of roots of subtrees. Which ones is computed here; their roots come from whoever has the
//! leaves, in any order and without keeping them.

use std::ops::Range;

use crate::audit::tree::{Frontier, node};
use crate::digest::Digest;

/// A proof that is being made while the leaves go by.
#[derive(Debug)]
pub struct Prover {
    parts: Vec<(Range<u64>, Frontier)>,
}

impl Prover {
    /// That the leaf at `index` is in the tree of `size` leaves; `None` if it cannot be.
    #[must_use]
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let (mut start, mut end, mut parts) = (0, size, Vec::new());
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                parts.push(middle..end);
                end = middle;
            } else {
                parts.push(start..middle);
                start = middle;
            }
        }
        Some(Self::of(parts))
    }

    /// That the tree of `new` leaves begins with the tree of `old` ones; `None` if it cannot.
    #[must_use]
    pub fn consistency(old: u64, new: u64) -> Option<Self> {
        if old == 0 || old > new {
            return None;
        }
        let (mut start, mut end, mut parts) = (0, new, Vec::new());
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                parts.push(middle..end);
                end = middle;
            } else {
                parts.push(start..middle);
                start = middle;
            }
        }
        // The verifier knows the root of the old tree itself.
        if start > 0 {
            parts.push(start..end);
        }
        Some(Self::of(parts))
    }

    fn of(mut parts: Vec<Range<u64>>) -> Self {
        parts.reverse();
        Self {
            parts: parts
                .into_iter()
                .map(|range| (range, Frontier::default()))
                .collect(),
        }
    }

    /// Adds the hash of the leaf at `index`. Each leaf comes once, in order.
    pub fn push(&mut self, index: u64, leaf: Digest) {
        let part = self.parts.iter_mut().find(|(range, _)| range.contains(&index));
        if let Some((_, frontier)) = part {
            frontier.push(leaf);
        }
    }

    /// The proof; `None` if leaves are missing.
    #[must_use]
    pub fn finish(self) -> Option<Vec<Digest>> {
        let parts = self.parts.into_iter();
        parts
            .map(|(range, frontier)| (frontier.size() == range.end - range.start).then(|| frontier.root()))
            .collect()
    }
}

/// The largest power of two that is smaller than `size`, which is at least two.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// A tree as somebody vouches for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    /// How many leaves it has.
    pub size: u64,
    /// Its hash.
    pub hash: Digest,
}

/// Whether `proof` shows that the leaf at `index` is in the tree.
#[must_use]
pub fn includes(root: Root, index: u64, leaf: Digest, proof: &[Digest]) -> bool {
    if index >= root.size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, root.size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node(*sibling, hash);
            climb_to_right_child(&mut place, &mut last);
        } else {
            hash = node(hash, *sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == root.hash
}

/// Whether `proof` shows that the tree `new` begins with the tree `old`.
#[must_use]
pub fn continues(old: Root, new: Root, proof: &[Digest]) -> bool {
    if old.size == 0 || old.size >= new.size {
        return old == new && proof.is_empty();
    }
    let whole = old.size.is_power_of_two().then_some(old.hash);
    let mut path = whole.into_iter().chain(proof.iter().copied());
    let Some(first) = path.next() else { return false };
    let (mut place, mut last) = (old.size - 1, new.size - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (first, first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            of_old = node(sibling, of_old);
            of_new = node(sibling, of_new);
            climb_to_right_child(&mut place, &mut last);
        } else {
            of_new = node(of_new, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && of_old == old.hash && of_new == new.hash
}

/// A node at the right edge has no sibling on some levels: up to where it is a right child.
fn climb_to_right_child(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        (*place, *last) = (*place >> 1, *last >> 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tree::leaf;
    use crate::audit::tree::tests::{INPUTS, by_the_book, leaves};
    use proptest::prelude::*;

    fn made(prover: Option<Prover>, leaves: &[Digest]) -> Vec<Digest> {
        let mut prover = prover.expect("it can be proven");
        for (index, leaf) in (0..).zip(leaves) {
            prover.push(index, *leaf);
        }
        prover.finish().expect("no leaf is missing")
    }

    fn root(leaves: &[Digest]) -> Root {
        Root {
            size: leaves.len().try_into().unwrap(),
            hash: by_the_book(leaves),
        }
    }

    fn known() -> Vec<Digest> {
        INPUTS.iter().map(|input| leaf(input)).collect()
    }

    fn texts(proof: &[Digest]) -> Vec<String> {
        proof.iter().map(Digest::to_string).collect()
    }

    #[test]
    fn inclusion_proofs_are_those_of_the_known_test_vectors() {
        let leaves = known();
        let first = made(Prover::inclusion(0, 8), &leaves);
        assert_eq!(
            texts(&first),
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        );
        let third = made(Prover::inclusion(2, 3), &leaves[..3]);
        assert_eq!(
            texts(&third),
            ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]
        );
    }

    #[test]
    fn consistency_proofs_are_those_of_the_known_test_vectors() {
        let leaves = known();
        let from_one = made(Prover::consistency(1, 8), &leaves);
        assert_eq!(
            texts(&from_one),
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        );
        let from_six = made(Prover::consistency(6, 8), &leaves);
        assert_eq!(
            texts(&from_six),
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
    }

    #[test]
    fn nothing_is_proven_that_cannot_be() {
        for prover in [
            Prover::inclusion(3, 3),
            Prover::consistency(0, 3),
            Prover::consistency(4, 3),
        ] {
            assert!(prover.is_none());
        }
        assert_eq!(Prover::inclusion(0, 2).unwrap().finish(), None);
        let tree = root(&leaves(3));
        assert!(!includes(tree, 3, leaf(&[3]), &[]));
        assert!(continues(tree, tree, &[]) && !continues(tree, tree, &[tree.hash]));
    }

    proptest! {
        #[test]
        fn every_inclusion_proof_of_every_size_verifies_and_no_other_does(size in 1_u8..40, bit in 0_usize..256) {
            let leaves = leaves(size);
            let tree = root(&leaves);
            for index in 0..u64::from(size) {
                let leaf = leaves[usize::try_from(index).unwrap()];
                let proof = made(Prover::inclusion(index, tree.size), &leaves);
                prop_assert!(includes(tree, index, leaf, &proof));
                prop_assert!(!includes(tree, index, flipped(leaf, bit), &proof));
                prop_assert!(!includes(other(tree, bit), index, leaf, &proof));
                prop_assert!(!includes(tree, (index + 1) % (tree.size + 1), leaf, &proof));
                for place in 0..proof.len() {
                    let mut forged = proof.clone();
                    forged[place] = flipped(forged[place], bit);
                    prop_assert!(!includes(tree, index, leaf, &forged));
                }
                prop_assert!(!includes(tree, index, leaf, &[proof.as_slice(), &[leaf]].concat()));
            }
        }

        #[test]
        fn every_consistency_proof_of_every_size_verifies_and_no_other_does(size in 1_u8..40, bit in 0_usize..256) {
            let leaves = leaves(size);
            let tree = root(&leaves);
            for length in 1..leaves.len() {
                let old = root(&leaves[..length]);
                let proof = made(Prover::consistency(old.size, tree.size), &leaves);
                prop_assert!(continues(old, tree, &proof));
                prop_assert!(!continues(other(old, bit), tree, &proof));
                prop_assert!(!continues(old, other(tree, bit), &proof));
                for place in 0..proof.len() {
                    let mut forged = proof.clone();
                    forged[place] = flipped(forged[place], bit);
                    prop_assert!(!continues(old, tree, &forged));
                }
            }
        }
    }

    fn other(root: Root, bit: usize) -> Root {
        let hash = flipped(root.hash, bit);
        Root { hash, ..root }
    }

    fn flipped(digest: Digest, bit: usize) -> Digest {
        let mut bytes = *digest.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes.into()
    }
}
