//! A sorted persistent map: it is never changed, and a changed version shares the unchanged parts with it.
//!
//! So a reader needs no lock, and can compare keys, which is the user's code, as long as it likes.
//!
//! It is a weight-balanced tree: of two siblings none has more than three times the nodes of the other, so that a map of
//! a million entries is some thirty nodes deep.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::process::panic::{self, Shared};

/// A map, or a part of one.
pub(crate) struct Tree<K, V>(Option<Arc<TreeNode<K, V>>>);

struct TreeNode<K, V> {
    /// Empty only as the node is dropped.
    entry: Option<TreeEntry<K, V>>,
    size: usize,
    left: Tree<K, V>,
    right: Tree<K, V>,
}

pub(crate) struct TreeEntry<K, V> {
    pub(crate) key: Shared<K>,
    pub(crate) value: Shared<V>,
}

/// The greatest ratio of the sizes of two siblings, and the ratio from which on a double rotation is needed in place
/// of a single one.
const WEIGHT: usize = 3;
const RATIO: usize = 2;

impl<K, V> Clone for Tree<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Tree<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K, V> Clone for TreeEntry<K, V> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            value: self.value.clone(),
        }
    }
}

impl<K, V> TreeNode<K, V> {
    fn entry(&self) -> &TreeEntry<K, V> {
        self.entry.as_ref().expect("the node is not being dropped")
    }
}

/// The last holder of a tree may be any thread that has read it. The values that are dropped with it must not end the
/// operation of that thread, and several of them may panic.
impl<K, V> Drop for TreeNode<K, V> {
    fn drop(&mut self) {
        if let Some(TreeEntry { key, value }) = self.entry.take() {
            if std::mem::needs_drop::<K>() {
                panic::run_quietly(|| drop(key));
            }
            if std::mem::needs_drop::<V>() {
                panic::run_quietly(|| drop(value));
            }
        }
    }
}

impl<K, V> Tree<K, V> {
    /// Whether this is the very same map, and not only an equal one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |node| node.size)
    }

    pub(crate) fn first(&self) -> Option<&TreeEntry<K, V>> {
        let mut node = self.0.as_ref()?;
        while let Some(left) = &node.left.0 {
            node = left;
        }
        Some(node.entry())
    }

    pub(crate) fn last(&self) -> Option<&TreeEntry<K, V>> {
        let mut node = self.0.as_ref()?;
        while let Some(right) = &node.right.0 {
            node = right;
        }
        Some(node.entry())
    }

    /// Shows all entries in the order of their keys.
    pub(crate) fn each(&self, f: &mut impl FnMut(&TreeEntry<K, V>)) {
        if let Some(node) = &self.0 {
            node.left.each(f);
            f(node.entry());
            node.right.each(f);
        }
    }

    /// A node over two trees whose sizes are about those of a balanced one.
    fn node(entry: TreeEntry<K, V>, left: Self, right: Self) -> Self {
        Self(Some(Arc::new(TreeNode {
            size: left.len() + right.len() + 1,
            entry: Some(entry),
            left,
            right,
        })))
    }

    /// A node over two balanced trees one of which has got or lost an entry.
    fn balanced(entry: TreeEntry<K, V>, left: Self, right: Self) -> Self {
        let (smaller, larger) = (left.len(), right.len());
        if smaller + larger > 1 {
            if larger > WEIGHT * smaller
                && let Some(node) = &right.0
            {
                return Self::rotated_left(entry, left, node);
            }
            if smaller > WEIGHT * larger
                && let Some(node) = &left.0
            {
                return Self::rotated_right(entry, node, right);
            }
        }
        Self::node(entry, left, right)
    }

    fn rotated_left(entry: TreeEntry<K, V>, left: Self, right: &TreeNode<K, V>) -> Self {
        match &right.left.0 {
            Some(inner) if right.left.len() >= RATIO * right.right.len() => Self::node(
                inner.entry().clone(),
                Self::node(entry, left, inner.left.clone()),
                Self::node(
                    right.entry().clone(),
                    inner.right.clone(),
                    right.right.clone(),
                ),
            ),
            _ => Self::node(
                right.entry().clone(),
                Self::node(entry, left, right.left.clone()),
                right.right.clone(),
            ),
        }
    }

    fn rotated_right(entry: TreeEntry<K, V>, left: &TreeNode<K, V>, right: Self) -> Self {
        match &left.right.0 {
            Some(inner) if left.right.len() >= RATIO * left.left.len() => Self::node(
                inner.entry().clone(),
                Self::node(left.entry().clone(), left.left.clone(), inner.left.clone()),
                Self::node(entry, inner.right.clone(), right),
            ),
            _ => Self::node(
                left.entry().clone(),
                left.left.clone(),
                Self::node(entry, left.right.clone(), right),
            ),
        }
    }

    /// As [`with`](Self::with), by the path of the key.
    pub(crate) fn put(
        &self,
        path: &[Ordering],
        new: &TreeEntry<K, V>,
    ) -> (Self, Option<Shared<V>>) {
        let (Some(node), Some((way, rest))) = (&self.0, path.split_first()) else {
            return (Self::node(new.clone(), Self(None), Self(None)), None);
        };
        let entry = node.entry().clone();
        match way {
            Ordering::Less => {
                let (left, former) = node.left.put(rest, new);
                (Self::balanced(entry, left, node.right.clone()), former)
            }
            Ordering::Greater => {
                let (right, former) = node.right.put(rest, new);
                (Self::balanced(entry, node.left.clone(), right), former)
            }
            Ordering::Equal => {
                let (key, value) = (entry.key, new.value.clone());
                let changed = TreeEntry { key, value };
                let tree = Self::node(changed, node.left.clone(), node.right.clone());
                (tree, Some(entry.value))
            }
        }
    }

    /// Without the first entry, which it returns.
    fn split_first(node: &TreeNode<K, V>) -> (TreeEntry<K, V>, Self) {
        match &node.left.0 {
            None => (node.entry().clone(), node.right.clone()),
            Some(left) => {
                let (first, rest) = Self::split_first(left);
                let rest = Self::balanced(node.entry().clone(), rest, node.right.clone());
                (first, rest)
            }
        }
    }

    /// Without the last entry, which it returns.
    fn split_last(node: &TreeNode<K, V>) -> (TreeEntry<K, V>, Self) {
        match &node.right.0 {
            None => (node.entry().clone(), node.left.clone()),
            Some(right) => {
                let (last, rest) = Self::split_last(right);
                let rest = Self::balanced(node.entry().clone(), node.left.clone(), rest);
                (last, rest)
            }
        }
    }

    /// One tree of two neighbours.
    fn joined(left: &Self, right: &Self) -> Self {
        match (&left.0, &right.0) {
            (None, _) => right.clone(),
            (_, None) => left.clone(),
            (Some(node), Some(_)) if left.len() > right.len() => {
                let (last, rest) = Self::split_last(node);
                Self::balanced(last, rest, right.clone())
            }
            (Some(_), Some(node)) => {
                let (first, rest) = Self::split_first(node);
                Self::balanced(first, left.clone(), rest)
            }
        }
    }
}

impl<K: Ord, V> Tree<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&TreeEntry<K, V>> {
        let mut tree = self;
        while let Some(node) = &tree.0 {
            tree = match key.cmp(&node.entry().key) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some(node.entry()),
            };
        }
        None
    }

    /// The first entry after a key.
    pub(crate) fn after(&self, key: &K) -> Option<&TreeEntry<K, V>> {
        let (mut tree, mut found) = (self, None);
        while let Some(node) = &tree.0 {
            tree = match key.cmp(&node.entry().key) {
                Ordering::Less => {
                    found = Some(node.entry());
                    &node.left
                }
                Ordering::Greater | Ordering::Equal => &node.right,
            };
        }
        found
    }

    /// The last entry before a key.
    pub(crate) fn before(&self, key: &K) -> Option<&TreeEntry<K, V>> {
        let (mut tree, mut found) = (self, None);
        while let Some(node) = &tree.0 {
            tree = match key.cmp(&node.entry().key) {
                Ordering::Greater => {
                    found = Some(node.entry());
                    &node.right
                }
                Ordering::Less | Ordering::Equal => &node.left,
            };
        }
        found
    }

    /// The way to a key, or to where it would be. This compares; to go the way again does not.
    pub(crate) fn path(&self, key: &K) -> Vec<Ordering> {
        let (mut tree, mut path) = (self, Vec::new());
        while let Some(node) = &tree.0 {
            let way = key.cmp(&node.entry().key);
            path.push(way);
            tree = match way {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => break,
            };
        }
        path
    }

    /// With this entry, and the value that it takes the place of. The key that was there stays.
    pub(crate) fn with(&self, new: &TreeEntry<K, V>) -> (Self, Option<Shared<V>>) {
        self.put(&self.path(&new.key), new)
    }

    /// Without a key, and the value that it had; `None` if there is none.
    pub(crate) fn without(&self, key: &K) -> Option<(Self, Shared<V>)> {
        let node = self.0.as_ref()?;
        let entry = node.entry();
        Some(match key.cmp(&entry.key) {
            Ordering::Less => {
                let (left, former) = node.left.without(key)?;
                let right = node.right.clone();
                (Self::balanced(entry.clone(), left, right), former)
            }
            Ordering::Greater => {
                let (right, former) = node.right.without(key)?;
                let left = node.left.clone();
                (Self::balanced(entry.clone(), left, right), former)
            }
            Ordering::Equal => (Self::joined(&node.left, &node.right), entry.value.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::{Tree, TreeEntry, WEIGHT};
    use crate::util::panic::shared;

    fn check(tree: &Tree<u16, u16>) {
        let Some(node) = &tree.0 else { return };
        let (left, right) = (node.left.len(), node.right.len());
        assert_eq!(node.size, left + right + 1);
        let balanced = left + right <= 1 || (left <= WEIGHT * right && right <= WEIGHT * left);
        assert!(balanced, "{left} beside {right}");
        check(&node.left);
        check(&node.right);
    }

    fn entries(tree: &Tree<u16, u16>) -> Vec<(u16, u16)> {
        let mut entries = Vec::new();
        tree.each(&mut |entry| entries.push((**entry.key, **entry.value)));
        entries
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_map_and_stays_balanced(
            steps in vec((0..200_u16, any::<Option<u16>>()), 0..400)
        ) {
            let (mut tree, mut map) = (Tree::default(), BTreeMap::new());
            for (key, value) in steps {
                let before = (tree.clone(), entries(&tree));
                match value {
                    Some(value) => {
                        let entry = TreeEntry { key: shared(key), value: shared(value) };
                        let (changed, former) = tree.with(&entry);
                        assert_eq!(former.as_deref().map(|former| **former), map.insert(key, value));
                        tree = changed;
                    }
                    None => {
                        let removed = tree.without(&key);
                        assert_eq!(removed.as_ref().map(|(_, value)| ***value), map.remove(&key));
                        tree = removed.map_or(tree, |(changed, _)| changed);
                    }
                }
                check(&tree);
                assert_eq!(entries(&before.0), before.1, "what was seen stays as it was");
                assert_eq!(tree.len(), map.len());
                assert_eq!(tree.get(&key).map(|it| **it.value), map.get(&key).copied());
                let key_of = |entry: Option<&TreeEntry<u16, u16>>| entry.map(|entry| **entry.key);
                let after = map.range(key + 1..).next().map(|(key, _)| *key);
                let before = map.range(..key).next_back().map(|(key, _)| *key);
                assert_eq!((key_of(tree.after(&key)), key_of(tree.before(&key))), (after, before));
                assert_eq!(key_of(tree.first()), map.keys().next().copied());
                assert_eq!(key_of(tree.last()), map.keys().next_back().copied());
            }
            assert_eq!(entries(&tree), map.into_iter().collect::<Vec<_>>());
        }
    }
}
