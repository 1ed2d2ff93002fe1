//! Maps and lists that nearly always have one entry, or none.

use std::collections::HashMap;
use std::hash::Hash;
use std::iter::Chain;
use std::mem;
use std::option;
use std::vec;

use crate::util::numbered::Numbered;

/// A map that needs no room elsewhere for its first entry.
///
/// A process is linked with its supervisor, watched by one caller, or monitors one server, for the most part.
#[derive(Debug, Default)]
#[allow(
    clippy::box_collection,
    reason = "it is part of processes, and seldom used"
)]
pub(crate) enum Few<K, V> {
    #[default]
    None,
    One(K, V),
    Many(Box<HashMap<K, V, Numbered>>),
}

impl<K: Hash + Ord, V> Few<K, V> {
    /// Returns the former value.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self {
            Self::None => *self = Self::One(key, value),
            Self::One(present, old) if *present == key => return Some(mem::replace(old, value)),
            Self::One(..) => {
                let mut many = HashMap::default();
                many.extend(mem::take(self));
                many.insert(key, value);
                *self = Self::Many(Box::new(many));
            }
            Self::Many(many) => return many.insert(key, value),
        }
        None
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        match self {
            Self::One(present, _) if present == key => match mem::take(self) {
                Self::One(_, value) => Some(value),
                Self::None | Self::Many(_) => None,
            },
            Self::Many(many) => many.remove(key),
            Self::None | Self::One(..) => None,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        match self {
            Self::One(present, value) if present == key => Some(value),
            Self::Many(many) => many.get(key),
            Self::None | Self::One(..) => None,
        }
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(..) => 1,
            Self::Many(many) => many.len(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (one, many) = match self {
            Self::None => (None, None),
            Self::One(key, value) => (Some((key, value)), None),
            Self::Many(many) => (None, Some(&**many)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

/// In the order of the keys: that of a map of numbers is another one in each run, and a seed of a simulation is to give one history.
impl<K: Ord, V> IntoIterator for Few<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        match self {
            Self::None => IntoIter::One(None),
            Self::One(key, value) => IntoIter::One(Some((key, value))),
            Self::Many(many) => {
                let mut entries = Vec::from_iter(*many);
                entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
                IntoIter::Many(entries.into_iter())
            }
        }
    }
}

pub(crate) enum IntoIter<K, V> {
    One(Option<(K, V)>),
    Many(vec::IntoIter<(K, V)>),
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        match self {
            Self::One(entry) => entry.take(),
            Self::Many(entries) => entries.next(),
        }
    }
}

/// A list that needs no room elsewhere for its first item.
pub(crate) struct FewList<T> {
    first: Option<T>,
    further: Vec<T>,
}

impl<T> FewList<T> {
    /// `further` has none if there is no first item.
    pub(crate) fn new(first: Option<T>, further: Vec<T>) -> Self {
        Self { first, further }
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.first {
            None => self.first = Some(item),
            Some(_) => self.further.push(item),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.further)
    }

    /// Takes items out.
    pub(crate) fn extract(&mut self, goes: impl FnMut(&T) -> bool) -> Vec<T> {
        let (gone, stay): (_, Vec<T>) = mem::take(self).into_iter().partition(goes);
        stay.into_iter().for_each(|item| self.push(item));
        gone
    }
}

impl<T> Default for FewList<T> {
    fn default() -> Self {
        Self::new(None, Vec::new())
    }
}

impl<T> IntoIterator for FewList<T> {
    type Item = T;
    type IntoIter = Chain<option::IntoIter<T>, vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.further)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::{Few, FewList};

    proptest! {
        #[test]
        fn it_is_a_list(items in vec(0..4_u64, 0..6), gone in 0..4_u64) {
            let (mut few, mut list) = (FewList::default(), items.clone());
            items.into_iter().for_each(|item| few.push(item));
            assert_eq!(few.extract(|item| *item == gone), Vec::from_iter(list.extract_if(.., |item| *item == gone)));
            assert!(few.iter().eq(&list));
            assert!(few.into_iter().eq(list));
        }

        #[test]
        fn it_is_a_map(steps in vec((0..4_u64, any::<Option<u8>>()), 0..20)) {
            let mut few = Few::default();
            let mut map = BTreeMap::new();
            for (key, value) in steps {
                match value {
                    Some(value) => assert_eq!(few.insert(key, value), map.insert(key, value)),
                    None => assert_eq!(few.remove(&key), map.remove(&key)),
                }
                assert_eq!(few.get(&key), map.get(&key));
                assert_eq!(few.contains_key(&key), map.contains_key(&key));
                assert_eq!(few.len(), map.len());
                assert_eq!(few.iter().collect::<BTreeMap<_, _>>(), map.iter().collect());
            }
            assert!(few.into_iter().eq(map), "in the order of the keys");
        }
    }
}
