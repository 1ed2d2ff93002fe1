//! The operations of registries with unique keys.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;

use super::via::Key;
use super::{Registry, Unique};
use crate::address::via::Via;
use crate::name::Name;
use crate::pid::Pid;
use crate::process::current;
use crate::process::panic::Contained;

impl<K, V> Registry<K, V, Unique>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A key as a name, for starts, calls, monitors, timers: wherever a [`Name`] is taken. A process that is
    /// registered by it gets the default value.
    ///
    /// Two names are equal if they are the same key of the same registry.
    ///
    /// A registry with duplicate keys has no such names:
    ///
    /// ```compile_fail
    /// let topics = otp_core::Registry::<String>::duplicate("topics");
    /// topics.via("news");
    /// ```
    ///
    /// # OTP
    ///
    /// `{via, Registry, {Registry, Key}}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Agent, Registry};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let games = Registry::<u32>::unique("games");
    /// games.start_link().await?;
    /// Agent::options().name(games.via(7_u32)).start_link(|| "white to move").await?;
    /// let game = Agent::<&str>::named(games.via(7_u32));
    /// assert_eq!(game.get(|state| *state).await?, "white to move");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn via(&self, key: impl Into<K>) -> Name
    where
        V: Default,
    {
        self.via_with(key, V::default())
    }

    /// As [`via`](Self::via); a process that is registered by it gets this value.
    ///
    /// # OTP
    ///
    /// `{via, Registry, {Registry, Key, Value}}`.
    #[must_use]
    pub fn via_with(&self, key: impl Into<K>, value: V) -> Name {
        Name::Via(Via::new(Key {
            shared: self.shared.clone(),
            key: Contained::new(key.into()),
            value: Contained::new(value),
        }))
    }

    /// The owner of a key.
    ///
    /// # OTP
    ///
    /// `Registry.whereis_name/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{Registry, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let rooms = Registry::<String>::unique("rooms");
    /// rooms.start_link().await?;
    /// rooms.register("blue", ())?;
    /// assert_eq!(rooms.whereis("blue"), Some(process::current()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn whereis<Q>(&self, key: &Q) -> Option<Pid>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.shared.tables.whereis(key)
    }

    /// Changes the value of a key that the current process has; returns the new value and the old one, or `None` if
    /// the process does not have the key. Code outside of processes has none.
    ///
    /// # OTP
    ///
    /// `Registry.update_value/3`.
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
    /// let scores = Registry::<&str, u32>::unique("scores");
    /// scores.start_link().await?;
    /// scores.register("ann", 1)?;
    /// assert_eq!(scores.update_value("ann", |score| score + 1), Some((2, 1)));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn update_value<Q>(&self, key: &Q, f: impl FnOnce(&V) -> V) -> Option<(V, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let pid = current::try_process()?.head().pid;
        let (_, old) = self.shared.tables.values(pid, key).pop()?;
        // No other process changes the entry meanwhile: it belongs to this process.
        let new = f(&old);
        let updated = self.shared.tables.update(pid, key, new.clone());
        updated.then_some((new, old))
    }
}
