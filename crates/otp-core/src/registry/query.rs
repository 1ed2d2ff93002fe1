//! Operations on many entries.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use super::Registry;
use super::held::Snapshot;
use crate::never::Never;
use crate::pid::Pid;
use crate::process::panic::{OneByOne, OneOfMany};
use crate::process::{self, Mailbox, ProcessRef, current, relations};

impl<K, V, M> Registry<K, V, M>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Calls `f` with the entries under a key, in the current process; not if there are none.
    ///
    /// `f` gets the entries as they are at that time, and no copies of their values. It may change the registry. A value
    /// that is removed meanwhile is dropped when `f` has returned.
    ///
    /// Where keys are not unique and there are several partitions, `f` is called for each that has entries.
    ///
    /// # OTP
    ///
    /// `Registry.dispatch/3`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Registry;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let topics = Registry::<&str, ProcessRef<u32>>::duplicate("topics");
    /// topics.start_link().await?;
    /// topics.register("eggs", mailbox.me())?;
    /// topics.dispatch("eggs", |subscribers| {
    ///     for (_, subscriber) in subscribers {
    ///         subscriber.send(42);
    ///     }
    /// });
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn dispatch<Q>(&self, key: &Q, mut f: impl FnMut(Vec<(Pid, &V)>))
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        for entries in self.shared.tables.snapshots(key) {
            let alive = entries.alive();
            if !alive.is_empty() {
                f(alive);
            }
        }
    }

    /// As [`dispatch`](Self::dispatch), but calls `f` for all partitions at a time, each in a process of its own that
    /// is linked with the current one; returns when all are done.
    ///
    /// # OTP
    ///
    /// `Registry.dispatch/4` with `parallel: true`.
    ///
    /// # Cancel safety
    ///
    /// The calls begin at once. If the future is dropped, they continue.
    ///
    /// # Panics
    ///
    /// Panics outside of a process, if a process is registered under the key.
    #[track_caller]
    pub fn dispatch_parallel<Q, F>(
        &self,
        key: &Q,
        f: F,
    ) -> impl Future<Output = ()> + Send + use<K, V, M, Q, F>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        F: Fn(Vec<(Pid, &V)>) + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let calls: Vec<ProcessRef<Never>> = self
            .shared
            .tables
            .snapshots(key)
            .filter(Snapshot::has_alive)
            .map(|entries| {
                let f = f.clone();
                process::spawn_link(move |_: Mailbox<Never>| async move {
                    // They may have ended since.
                    let alive = entries.alive();
                    if !alive.is_empty() {
                        f(alive);
                    }
                })
            })
            .collect();
        async move {
            current::goes_on().await;
            for call in calls {
                call.wait().await;
            }
        }
    }

    /// The entries under a key whose value `matches`.
    ///
    /// # OTP
    ///
    /// `Registry.match/3,4`.
    #[must_use]
    pub fn matching<Q>(&self, key: &Q, mut matches: impl FnMut(&V) -> bool) -> Vec<(Pid, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut entries = OneByOne::new(self.lookup(key));
        entries.retain(|(_, value)| matches(value));
        entries.into_vec()
    }

    /// How many entries under a key have a value that `matches`.
    ///
    /// # OTP
    ///
    /// `Registry.count_match/3,4`.
    #[must_use]
    pub fn count_matching<Q>(&self, key: &Q, matches: impl FnMut(&V) -> bool) -> usize
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        OneByOne::new(self.matching(key, matches)).len()
    }

    /// Removes those entries of the current process under a key whose value `matches`. Code outside of processes has none.
    ///
    /// # OTP
    ///
    /// `Registry.unregister_match/3,4`.
    pub fn unregister_matching(&self, key: impl Into<K>, mut matches: impl FnMut(&V) -> bool) {
        let key = OneOfMany::new(key.into());
        let Some(process) = current::try_process() else {
            return;
        };
        let pid = process.head().pid;
        let own = self.shared.tables.values(pid, &key);
        let mut gone = HashSet::new();
        for (number, value) in own.iter() {
            if matches(value) {
                gone.insert(*number);
            }
        }
        let removed = self
            .shared
            .unregister(pid, &key, |number| gone.contains(&number));
        if removed == 0 {
            return;
        }
        if removed == own.len() {
            relations::forget_names(&process, |name| self.is_name_of(name, &key));
        }
        self.shared.tell_unregistered(pid, &key);
    }

    /// The values that `f` returns for entries, in no particular order.
    ///
    /// # OTP
    ///
    /// `Registry.select/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Registry;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let seats = Registry::<&str, u32>::unique("seats");
    /// seats.start_link().await?;
    /// seats.register("window", 1)?;
    /// seats.register("aisle", 9)?;
    /// assert_eq!(seats.select(|key, _, row| (*row > 5).then_some(*key)), ["aisle"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn select<T>(&self, mut f: impl FnMut(&K, Pid, &V) -> Option<T>) -> Vec<T> {
        let entries = self.shared.tables.all();
        let selected: OneByOne<_> = entries
            .iter()
            .filter_map(|(key, pid, value)| f(key.key(), *pid, value.get()))
            .collect();
        selected.into_vec()
    }

    /// How many entries `matches` picks.
    ///
    /// # OTP
    ///
    /// `Registry.count_select/2`.
    #[must_use]
    pub fn count_select(&self, mut matches: impl FnMut(&K, Pid, &V) -> bool) -> usize {
        let picked = self.select(|key, pid, value| matches(key, pid, value).then_some(()));
        picked.len()
    }
}
