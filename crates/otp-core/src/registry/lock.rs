//! Critical sections by key.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::{NotRunning, Registry};
use crate::process::current;
use crate::process::keyed::{Hashed, Keyed, Right};
use crate::process::panic::Alone;
use crate::process::sync::PARTS;

impl<K, V, M> Registry<K, V, M>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Runs `f` while no other process runs one under the same key in this registry. Waiting processes have their turn
    /// in the order in which they came. The key need not be registered.
    ///
    /// The turn ends when the future of `f` has returned, also by a panic or because the process ends. A process that
    /// locks a key inside of its own `f` waits for ever.
    ///
    /// # OTP
    ///
    /// `Registry.lock/3`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, it leaves the queue; or, in its turn, it drops the future of `f`, and the turn ends.
    ///
    /// # Errors
    ///
    /// [`NotRunning`].
    pub fn lock<T, F>(
        &self,
        key: impl Into<K>,
        f: impl FnOnce() -> F + Send,
    ) -> impl Future<Output = Result<T, NotRunning>> + Send
    where
        T: Send,
        F: Future<Output = T> + Send,
    {
        let (shared, key) = (self.shared.clone(), key.into());
        async move {
            current::goes_on().await;
            shared.running()?;
            Ok(current::guarded(shared.locks.run(key, f)).await)
        }
    }
}

/// The critical sections that are entered or waited for.
pub(crate) struct Locks<K>(Keyed<K, Arc<Turns>>);

/// First come, first served; a waiter that is dropped has left the line.
type Turns = Mutex<()>;

impl<K> Default for Locks<K> {
    fn default() -> Self {
        Self(Keyed::new(PARTS))
    }
}

impl<K: Eq + Hash + 'static> Locks<K> {
    /// Runs `f` while no other process runs one under the key.
    pub(crate) async fn run<T, F>(&self, key: K, f: impl FnOnce() -> F) -> T
    where
        F: Future<Output = T>,
    {
        let place = LockPlace::new(self, key);
        // Released before the place is given up.
        let _turn = current::harmless(place.turns.lock()).await;
        Alone::new(f()).await
    }
}

/// A place in the line for a key, or at its head.
struct LockPlace<'a, K> {
    locks: &'a Locks<K>,
    key: Arc<Hashed<K>>,
    turns: Arc<Turns>,
}

impl<'a, K: Eq + Hash + 'static> LockPlace<'a, K> {
    fn new(locks: &'a Locks<K>, key: K) -> Self {
        let (key, turns) = locks.0.entry(key, |key, turns| {
            (key.clone(), turns.get_or_insert_default().clone())
        });
        Self { locks, key, turns }
    }
}

impl<K> Drop for LockPlace<'_, K> {
    fn drop(&mut self) {
        let left = self.locks.0.at(&self.key, Right::Change, |turns| {
            // The map's reference and this one: no other thread holds one, and in the critical section none can be
            // made.
            turns.take_if(|turns| Arc::strong_count(turns) == 2)
        });
        drop(left);
    }
}
