//! A multiset in order: values, each with how often it is there.
//!
//! A few values are kept sorted in one piece, many in a B-tree. Within a tick a
//! count may be negative (a retraction before its insertion); such values are
//! kept, but passed over by [`Ordered::first`] and [`Ordered::last`].
use std::collections::BTreeMap;
use std::ops::Bound;

/// From how many values on a B-tree is used.
const FEW_VALUES_MAX: usize = 64;

/// Values in ascending order, none with a count of zero.
#[derive(Clone, Debug)]
pub(crate) enum Ordered<K> {
    /// Sorted.
    Few(Vec<(K, i64)>),
    /// More than [`FEW_VALUES_MAX`] at some time.
    Many(BTreeMap<K, i64>),
}

impl<K> Default for Ordered<K> {
    fn default() -> Self {
        Self::Few(vec![])
    }
}

impl<K: Ord> Ordered<K> {
    /// Adds `weight` to the count of a value.
    pub(crate) fn add(&mut self, key: K, weight: i64) {
        match self {
            Self::Few(pairs) => match pairs.binary_search_by(|(other, _)| other.cmp(&key)) {
                Ok(place) => {
                    if let Some((_, count)) = pairs.get_mut(place) {
                        *count = count.wrapping_add(weight);
                        if *count == 0 {
                            pairs.remove(place);
                        }
                    }
                }
                Err(place) if weight != 0 => {
                    pairs.insert(place, (key, weight));
                    if pairs.len() > FEW_VALUES_MAX {
                        *self = Self::Many(std::mem::take(pairs).into_iter().collect());
                    }
                }
                Err(_) => {}
            },
            Self::Many(tree) => {
                use std::collections::btree_map::Entry;
                match tree.entry(key) {
                    Entry::Occupied(mut entry) => {
                        *entry.get_mut() = entry.get().wrapping_add(weight);
                        if *entry.get() == 0 {
                            entry.remove();
                        }
                    }
                    Entry::Vacant(entry) if weight != 0 => {
                        entry.insert(weight);
                    }
                    Entry::Vacant(_) => {}
                }
                if tree.len() < FEW_VALUES_MAX / 2 {
                    *self = Self::Few(std::mem::take(tree).into_iter().collect());
                }
            }
        }
    }

    /// How often a value is there.
    pub(crate) fn count(&self, key: &K) -> i64 {
        let found = match self {
            Self::Few(pairs) => pairs
                .binary_search_by(|(other, _)| other.cmp(key))
                .ok()
                .and_then(|place| pairs.get(place))
                .map(|(_, count)| *count),
            Self::Many(tree) => tree.get(key).copied(),
        };
        found.unwrap_or_default()
    }

    /// Makes a value be there so often.
    pub(crate) fn set(&mut self, key: K, count: i64) {
        let before = self.count(&key);
        self.add(key, count.wrapping_sub(before));
    }

    /// The least value that is there.
    pub(crate) fn first(&self) -> Option<&K> {
        self.iter().find(|(_, count)| *count > 0).map(|(key, _)| key)
    }

    /// The greatest value that is there.
    pub(crate) fn last(&self) -> Option<&K> {
        match self {
            Self::Few(pairs) => pairs.iter().rev().find(|(_, count)| *count > 0).map(|(k, _)| k),
            Self::Many(tree) => tree.iter().rev().find(|(_, count)| **count > 0).map(|(k, _)| k),
        }
    }

    /// The values and their counts, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, i64)> {
        let (few, many) = match self {
            Self::Few(pairs) => (Some(pairs.iter().map(|(key, count)| (key, *count))), None),
            Self::Many(tree) => (None, Some(tree.iter().map(|(key, count)| (key, *count)))),
        };
        few.into_iter().flatten().chain(many.into_iter().flatten())
    }

    /// The value that comes next after another, or the first of all, and its count.
    pub(crate) fn after(&self, key: Option<&K>) -> Option<(&K, i64)> {
        match self {
            Self::Few(pairs) => {
                let place = key.map_or(0, |key| pairs.partition_point(|(other, _)| other <= key));
                pairs.get(place).map(|(key, count)| (key, *count))
            }
            Self::Many(tree) => {
                let from = key.map_or(Bound::Unbounded, Bound::Excluded);
                tree.range((from, Bound::Unbounded)).next().map(|(key, count)| (key, *count))
            }
        }
    }

    /// How many different values there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(pairs) => pairs.len(),
            Self::Many(tree) => tree.len(),
        }
    }

    /// Whether there is no value.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes allocated, without what values own themselves; a B-tree's are estimated.
    pub(crate) fn bytes(&self) -> usize {
        let pair = size_of::<(K, i64)>();
        match self {
            Self::Few(pairs) => pairs.capacity() * pair,
            Self::Many(tree) => tree.len() * pair * 3 / 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_whatever_the_size() {
        let mut ordered = Ordered::default();
        for value in (0..1000).map(|n| n * 37 % 1000) {
            ordered.add(value, 2);
            ordered.add(value, -1);
        }
        assert!(matches!(ordered, Ordered::Many(_)));
        assert_eq!((ordered.first(), ordered.last(), ordered.len()), (Some(&0), Some(&999), 1000));
        for value in 10..1000 {
            ordered.add(value, -1);
        }
        assert!(matches!(ordered, Ordered::Few(_)));
        assert_eq!((ordered.first(), ordered.last(), ordered.len()), (Some(&0), Some(&9), 10));
        assert!(ordered.iter().map(|(value, _)| *value).eq(0..10));
    }

    #[test]
    fn a_retraction_may_come_before_its_insertion() {
        let mut ordered = Ordered::default();
        ordered.add(1, 1);
        ordered.add(2, -1);
        assert_eq!(ordered.last(), Some(&1));
        ordered.add(2, 2);
        assert_eq!(ordered.last(), Some(&2));
        ordered.add(2, -1);
        ordered.add(1, -1);
        assert!(ordered.is_empty());
    }
}
