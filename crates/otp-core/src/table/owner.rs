//! The operations on a table as a whole: its name, its owner, its end.

use std::borrow::Cow;

use super::error::{Receiver, TableError};
use super::inner::{Heir, Need};
use super::kind::Kind;
use super::{Access, Table, Transfer};
use crate::node::Node;
use crate::pid::Pid;
use crate::process;
use crate::process::block::Entry;
use crate::timer::Destination;

impl<K, V, S> Table<K, V, S>
where
    K: 'static,
    V: 'static,
    S: Kind<K, V>,
{
    /// The table's name, whether it is found by it or not.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        self.inner().name()
    }

    /// The process that owns the table; `None` when the table is gone.
    ///
    /// # OTP
    ///
    /// `ets:info(Table, owner)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{process, table};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = table::set::<u8, u8>("notes").create()?;
    /// assert_eq!(notes.owner(), Some(process::current()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn owner(&self) -> Option<Pid> {
        self.inner().owner()
    }

    /// Whether the table is there. It goes with its owner, unless an heir gets it.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.inner().is_gone()
    }

    /// The access of processes that do not own the table.
    #[must_use]
    pub fn access(&self) -> Access {
        self.inner().access()
    }

    /// Changes the access of processes that do not own the table. Only the owner may do this.
    ///
    /// # OTP
    ///
    /// `ets:setopts/2`, with another option.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    pub fn set_access(&self, access: Access) -> Result<(), TableError> {
        self.inner().open(Need::Own)?;
        self.inner().set_access(access);
        Ok(())
    }

    /// Gives the table another name. A process that may write to it may do so.
    ///
    /// # OTP
    ///
    /// `ets:rename/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`], also if it is found by its name and the new one is taken.
    pub fn rename(&self, name: impl Into<Cow<'static, str>>) -> Result<(), TableError> {
        self.inner().open(Need::Write)?;
        self.inner().rename(name.into())
    }

    /// Gives the table to another process, which gets the message that `to_message` makes of the [`Transfer`], however
    /// [full](crate::MailboxLimit) its mailbox is. Only the owner may do this.
    ///
    /// If `to_message` panics the table stays where it is.
    ///
    /// # OTP
    ///
    /// `ets:give_away/3`.
    ///
    /// # Errors
    ///
    /// [`TableError`], also if the process does not live, or has the table already.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::table::{self, Transfer};
    /// use otp_core::{Table, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Transfer<Table<u8, u8>>>| async move {
    /// let me = mailbox.me();
    /// process::spawn(move |_: Mailbox<Never>| async move {
    ///     let notes = table::set("notes").create()?;
    ///     Ok::<_, Stop>(notes.give_away(&me, |transfer| transfer)?)
    /// });
    /// let notes = mailbox.receive().await.table;
    /// assert_eq!(notes.owner(), Some(mailbox.pid()));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn give_away<M: Send + 'static>(
        &self,
        to: impl Into<Destination<M>>,
        to_message: impl FnOnce(Transfer<Self>) -> M,
    ) -> Result<(), TableError> {
        self.inner().open(Need::Own)?;
        // The current process is the owner.
        let (from, node) = (process::current(), process::node());
        let Some((receiver, mut send)) = to.into().resolve(&node) else {
            return Err(TableError::NoReceiver {
                table: self.name(),
                receiver: Receiver::NoProcess,
            });
        };
        // Made first: it is the user's code, and a process that gets the table must get its message.
        let message = to_message(Transfer {
            table: self.clone(),
            from,
        });
        self.inner().give(&receiver)?;
        send(message, Entry::Always);
        Ok(())
    }

    /// Gives the table to another process without a message. Only the owner may do this.
    ///
    /// For a process that asks for the table and gets it as the answer. For others use [`give_away`](Self::give_away).
    ///
    /// # OTP
    ///
    /// `ets:give_away/3`, without its message.
    ///
    /// # Errors
    ///
    /// As for [`give_away`](Self::give_away).
    pub fn hand_over(&self, to: impl Into<Pid>) -> Result<(), TableError> {
        self.inner().open(Need::Own)?;
        let pid = to.into();
        let Some(receiver) = process::node().find(pid) else {
            return Err(TableError::NoReceiver {
                table: self.name(),
                receiver: Receiver::Process(pid),
            });
        };
        self.inner().give(&receiver)
    }

    /// Sets the process that gets the table when its owner ends. It gets the message that `to_message` makes of the
    /// [`Transfer`], before the owner's exit signals and however [full](crate::MailboxLimit) its mailbox is. If it has
    /// ended at that time, or `to_message` panics, the table ends: no process owns a table without having got its
    /// message. A name is looked up now. Only the owner may do this.
    ///
    /// # OTP
    ///
    /// `ets:setopts(Table, {heir, Pid, HeirData})`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::table::{self, Transfer};
    /// use otp_core::{Table, process};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Transfer<Table<u8, u8>>>| async move {
    /// let me = mailbox.me();
    /// process::spawn(move |_: Mailbox<Never>| async move {
    ///     let notes = table::set("notes").create()?;
    ///     notes.set_heir(&me, |transfer| transfer)?;
    ///     notes.insert(1, 10)?;
    ///     Err::<(), Stop>("it crashes".into())
    /// });
    /// let transfer = mailbox.receive().await;
    /// assert_eq!(transfer.table.lookup(&1)?, Some(10), "the table has survived");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn set_heir<M: Send + 'static>(
        &self,
        to: impl Into<Destination<M>>,
        to_message: impl FnMut(Transfer<Self>) -> M + Send + 'static,
    ) -> Result<(), TableError> {
        self.inner().open(Need::Own)?;
        self.inner()
            .set_heir(heir(&process::node(), to.into(), to_message));
        Ok(())
    }

    /// Removes the heir, so that the table ends with its owner. Only the owner may do this.
    ///
    /// # OTP
    ///
    /// `ets:setopts(Table, {heir, none})`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    pub fn set_no_heir(&self) -> Result<(), TableError> {
        self.inner().open(Need::Own)?;
        self.inner().set_heir(None);
        Ok(())
    }

    /// Deletes the table. A process that may write to it may do so.
    ///
    /// # OTP
    ///
    /// `ets:delete/1`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::table;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = table::set::<u8, u8>("notes").create()?;
    /// notes.delete_table()?;
    /// assert!(!notes.is_alive() && notes.len().is_err());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn delete_table(&self) -> Result<(), TableError> {
        self.inner().open(Need::Write)?;
        self.inner().delete();
        Ok(())
    }
}

/// The heir that a destination leads to now.
pub(crate) fn heir<K, V, S, M>(
    node: &Node,
    to: Destination<M>,
    mut to_message: impl FnMut(Transfer<Table<K, V, S>>) -> M + Send + 'static,
) -> Option<Heir<K, V, S>>
where
    K: 'static,
    V: 'static,
    S: Kind<K, V>,
    M: Send + 'static,
{
    let (process, mut send) = to.resolve(node)?;
    let pid = process.head().pid;
    Some(Heir::new(pid, move |transfer, pass| {
        let message = to_message(transfer);
        if pass(&process) {
            send(message, Entry::Always);
        }
    }))
}
