//! Changes of many keys of a hashed table in one step.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::store::{Attempts, Gate};
use crate::process::keyed::{Hashed, Keyed, Sought};
use crate::process::panic::{Pair, Shared};

/// Objects that have the same key, in their order.
pub(crate) type KeyGroup<K, V> = (Arc<Hashed<K>>, Vec<Shared<V>>);

pub(crate) fn group<K: Eq + Hash + 'static, V, T>(
    map: &Keyed<K, T>,
    objects: Vec<Pair<K, V>>,
) -> Vec<KeyGroup<K, V>> {
    let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut groups: Vec<KeyGroup<K, V>> = Vec::new();
    for Pair { key, value } in objects {
        let value = Arc::new(value);
        let key = map.hashed(key.into_inner());
        let alike = by_hash.entry(key.hash()).or_default();
        match alike.iter().find(|nth| groups[**nth].0.key() == key.key()) {
            Some(nth) => groups[*nth].1.push(value),
            None => {
                alike.push(groups.len());
                groups.push((key, vec![value]));
            }
        }
    }
    groups
}

/// Runs `section`, in which all these keys change in one step, once it is known which of them exist. `is_current`
/// checks the caller's other assumptions. Returns `None` if they do not hold any more, and then nothing has changed.
pub(crate) fn change_all<K: Eq + Hash + 'static, T, R>(
    map: &Keyed<K, T>,
    gate: &Gate,
    sought: &mut [Sought<K>],
    is_current: impl Fn(&[Sought<K>]) -> bool,
    section: impl FnOnce(&[Sought<K>]) -> R,
) -> Option<R> {
    let (mut section, mut attempts) = (Some(section), Attempts::new(gate));
    loop {
        let parts: Vec<usize> = map.parts_of(sought.iter()).collect();
        let attempt = map.all_at_once(parts, || {
            let unsettled: Vec<usize> = (0..sought.len())
                .filter(|nth| !map.is_settled(&sought[*nth]))
                .collect();
            if !unsettled.is_empty() {
                return Err(unsettled);
            }
            Ok(is_current(sought).then(|| section.take().expect("it runs once")(sought)))
        });
        match attempt {
            Ok(result) => return result,
            Err(unsettled) => {
                for nth in unsettled {
                    map.seek_again(&mut sought[nth]);
                }
                attempts.failed();
            }
        }
    }
}
