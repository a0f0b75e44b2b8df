//! Which slot each wish gets.

use std::collections::{BTreeMap, BTreeSet};

use crate::evening::SlotNumber;

/// Gives each wish one of its free slots, no slot twice. `free` holds the slots of each wish, the
/// wishes in walking order. If all can be met one after the other in that order, they are; else as
/// many are met as can be, and those in walking order where that can be.
pub(crate) fn assign(free: &[BTreeSet<SlotNumber>]) -> Vec<Option<SlotNumber>> {
    let mut chosen: Vec<usize> = (0..free.len()).collect();
    if let Some(slots) = in_order(free, &chosen) {
        return slots;
    }
    let most = most(free);
    chosen.retain(|wish| most.get(*wish).is_some_and(Option::is_some));
    in_order(free, &chosen).unwrap_or(most)
}

/// The chosen wishes one after the other, each as early as can be; none if one of them cannot be
/// met so. Taking the earliest leaves the most to those that follow.
fn in_order(free: &[BTreeSet<SlotNumber>], chosen: &[usize]) -> Option<Vec<Option<SlotNumber>>> {
    let mut slots = vec![None; free.len()];
    let mut next = SlotNumber(0);
    for wish in chosen {
        let slot = *free.get(*wish)?.range(next..).next()?;
        *slots.get_mut(*wish)? = Some(slot);
        next = SlotNumber(slot.0.saturating_add(1));
    }
    Some(slots)
}

/// As many as can be, by augmenting paths (Kuhn's algorithm): each wish in turn takes a slot, and
/// who held it moves on if it can.
fn most(free: &[BTreeSet<SlotNumber>]) -> Vec<Option<SlotNumber>> {
    let mut holders = BTreeMap::new();
    for wish in 0..free.len() {
        seat(wish, free, &mut holders, &mut BTreeSet::new());
    }
    let mut slots = vec![None; free.len()];
    for (slot, wish) in holders {
        if let Some(of_wish) = slots.get_mut(wish) {
            *of_wish = Some(slot);
        }
    }
    slots
}

fn seat(
    wish: usize,
    free: &[BTreeSet<SlotNumber>],
    holders: &mut BTreeMap<SlotNumber, usize>,
    tried: &mut BTreeSet<SlotNumber>,
) -> bool {
    let slots = free.get(wish).into_iter().flatten();
    for slot in slots {
        if !tried.insert(*slot) {
            continue;
        }
        let holder = holders.get(slot).copied();
        if holder.is_none_or(|holder| seat(holder, free, holders, tried)) {
            holders.insert(*slot, wish);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The most that can be met, by trying everything.
    fn most_by_trying(free: &[BTreeSet<SlotNumber>], used: &BTreeSet<SlotNumber>) -> usize {
        let Some((first, rest)) = free.split_first() else {
            return 0;
        };
        let without = most_by_trying(rest, used);
        let with = first.difference(used).map(|slot| {
            let mut used = used.clone();
            used.insert(*slot);
            1 + most_by_trying(rest, &used)
        });
        with.max().unwrap_or(0).max(without)
    }

    /// Whether all can be met in order, by trying everything.
    fn can_be_in_order(free: &[BTreeSet<SlotNumber>], after: Option<SlotNumber>) -> bool {
        let Some((first, rest)) = free.split_first() else {
            return true;
        };
        first
            .iter()
            .filter(|slot| after.is_none_or(|after| **slot > after))
            .any(|slot| can_be_in_order(rest, Some(*slot)))
    }

    fn wishes() -> impl Strategy<Value = Vec<BTreeSet<SlotNumber>>> {
        let slots = prop::collection::btree_set((0..6_u16).prop_map(SlotNumber), 0..5);
        prop::collection::vec(slots, 0..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1),
            cases: 2000,
            ..ProptestConfig::default()
        })]

        #[test]
        fn as_many_as_can_be_each_at_its_own_time(free in wishes()) {
            let slots = assign(&free);
            prop_assert_eq!(slots.len(), free.len());
            for (slot, free) in slots.iter().zip(&free) {
                prop_assert!(slot.is_none_or(|slot| free.contains(&slot)));
            }
            let met: Vec<_> = slots.iter().copied().flatten().collect();
            let different: BTreeSet<_> = met.iter().copied().collect();
            prop_assert_eq!(different.len(), met.len());
            prop_assert_eq!(met.len(), most_by_trying(&free, &BTreeSet::new()));
            if can_be_in_order(&free, None) {
                prop_assert!(met.is_sorted());
                prop_assert_eq!(met.len(), free.len());
            }
        }
    }
}
