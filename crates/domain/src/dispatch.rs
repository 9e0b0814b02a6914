//! Who corrects which copy: copies shared out among the correctors of an exam.
//!
//! The same copies and the same correctors give the same shares, whatever the order they are named in.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{CopyId, UserId};

/// How many copies each corrector has already.
pub type Loads = BTreeMap<UserId, u64>;

/// Gives each copy to who has the fewest at that moment, in the order of the copies; of several, to the first.
/// Nobody is given a copy who then has two more than somebody else. Without correctors nothing is shared out.
#[must_use]
pub fn share(loads: &Loads, copies: &BTreeSet<CopyId>) -> BTreeMap<CopyId, UserId> {
    let mut order: BTreeSet<(u64, UserId)> = loads.iter().map(|(user, load)| (*load, *user)).collect();
    let mut shares = BTreeMap::new();
    for copy in copies {
        let Some((load, corrector)) = order.pop_first() else {
            break;
        };
        order.insert((load + 1, corrector));
        shares.insert(*copy, corrector);
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn loads() -> impl Strategy<Value = Loads> {
        prop::collection::btree_map(0..1000u128, 0..30u64, 0..8).prop_map(|loads| {
            let known = |(id, load)| (Uuid::from_u128(id).into(), load);
            loads.into_iter().map(known).collect()
        })
    }

    fn copies() -> impl Strategy<Value = BTreeSet<CopyId>> {
        prop::collection::btree_set(any::<u128>(), 0..120)
            .prop_map(|copies| copies.into_iter().map(|id| Uuid::from_u128(id).into()).collect())
    }

    fn after(loads: &Loads, shares: &BTreeMap<CopyId, UserId>) -> Loads {
        let mut after = loads.clone();
        for corrector in shares.values() {
            *after.entry(*corrector).or_default() += 1;
        }
        after
    }

    #[test]
    fn who_has_fewer_catches_up_first() {
        let [one, two, three] = [1, 2, 3].map(|id| UserId::from(Uuid::from_u128(id)));
        let loads = Loads::from([(one, 4), (two, 0), (three, 2)]);
        let copies: BTreeSet<CopyId> = (10..17).map(|id| Uuid::from_u128(id).into()).collect();
        let shares = share(&loads, &copies);
        let given: Vec<UserId> = shares.into_values().collect();
        assert_eq!(given, [two, two, two, three, two, three, one]);
    }

    proptest! {
        #[test]
        fn every_copy_is_given_to_one_of_the_correctors(loads in loads(), copies in copies()) {
            let shares = share(&loads, &copies);
            if loads.is_empty() {
                prop_assert!(shares.is_empty());
            } else {
                prop_assert!(shares.keys().eq(copies.iter()));
                prop_assert!(shares.values().all(|corrector| loads.contains_key(corrector)));
            }
        }

        #[test]
        fn nobody_is_given_a_copy_who_then_has_two_more_than_somebody_else(
            loads in loads(),
            copies in copies(),
        ) {
            let shares = share(&loads, &copies);
            let after = after(&loads, &shares);
            let fewest = after.values().min().copied().unwrap_or_default();
            for corrector in shares.values() {
                prop_assert!(after[corrector] <= fewest + 1);
            }
        }

        #[test]
        fn from_nothing_the_shares_differ_by_one_at_most(loads in loads(), copies in copies()) {
            let loads: Loads = loads.into_keys().map(|corrector| (corrector, 0)).collect();
            let after = after(&loads, &share(&loads, &copies));
            let (fewest, most) = (after.values().min(), after.values().max());
            prop_assert!(most.copied().unwrap_or_default() - fewest.copied().unwrap_or_default() <= 1);
        }

        #[test]
        fn the_same_is_shared_the_same(loads in loads(), copies in copies()) {
            prop_assert_eq!(share(&loads, &copies), share(&loads, &copies));
        }

        #[test]
        fn what_comes_later_makes_no_difference_to_what_came_first(
            loads in loads(),
            copies in copies(),
            first in 0..120usize,
        ) {
            let early: BTreeSet<CopyId> = copies.iter().copied().take(first).collect();
            let late: BTreeSet<CopyId> = copies.iter().copied().skip(first).collect();
            let mut in_two = share(&loads, &early);
            in_two.extend(share(&after(&loads, &in_two), &late));
            prop_assert_eq!(in_two, share(&loads, &copies));
        }
    }
}
