//! What concerns the table as a whole: its name, its owner, its end.

use std::any::type_name;
use std::borrow::Cow;

use super::error::{Receiver, TableError};
use super::inner::{Heir, Need};
use super::kind::Kind;
use super::{Access, Table, Transfer};
use crate::node::Node;
use crate::pid::Pid;
use crate::process;
use crate::process::mailbox::send::Entry;
use crate::timer::Destination;

/// The table that has this name on the current node.
///
/// # OTP
///
/// A table's name as its identifier, `ets:whereis/1`.
///
/// # Errors
///
/// [`TableError::NoTable`], or [`TableError::WrongType`] if that table has other keys, other values or is of another
/// kind; [`TableError::Outside`] without a current [`node`](process::node); there, use [`Node::table`].
pub fn named<K, V, S>(name: &str) -> Result<Table<K, V, S>, TableError>
where
    K: 'static,
    V: 'static,
    S: Kind<K, V>,
{
    process::try_node().ok_or(TableError::Outside)?.table(name)
}

impl Node {
    /// The table that has this name, as [`table::named`](named) finds it.
    ///
    /// # Errors
    ///
    /// As for [`table::named`](named).
    pub fn table<K, V, S>(&self, name: &str) -> Result<Table<K, V, S>, TableError>
    where
        K: 'static,
        V: 'static,
        S: Kind<K, V>,
    {
        let found = self.tables().get(name);
        let table = || Cow::Owned(name.to_owned());
        let Some(found) = found else {
            return Err(TableError::NoTable { table: table() });
        };
        match found.downcast_ref::<Table<K, V, S>>() {
            Some(table) => Ok(table.clone()),
            None => Err(TableError::WrongType {
                table: table(),
                expected: type_name::<Table<K, V, S>>(),
            }),
        }
    }
}

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
    #[must_use]
    pub fn owner(&self) -> Option<Pid> {
        self.inner().owner()
    }

    /// Whether the table is there. It goes with its owner, unless an heir gets it.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.inner().is_gone()
    }

    /// What processes may do that do not own the table.
    #[must_use]
    pub fn access(&self) -> Access {
        self.inner().access()
    }

    /// Changes what processes may do that do not own the table. Only the owner may.
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

    /// Gives the table to another process, which gets what `to_message` makes of the [`Transfer`], however
    /// [full](crate::MailboxLimit) its mailbox is. Only the owner may.
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
                receiver: Receiver::Nobody,
            });
        };
        // Made first: it is the user's code, and who gets the table must be told.
        let message = to_message(Transfer {
            table: self.clone(),
            from,
        });
        self.inner().give(&receiver)?;
        send(message, Entry::Always);
        Ok(())
    }

    /// Gives the table to another process, which is not told. Only the owner may.
    ///
    /// For a process that asks for the table and gets it as the answer. Others are told by
    /// [`give_away`](Self::give_away).
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

    /// Says who gets the table when its owner ends: it gets what `to_message` makes of the [`Transfer`], before it is
    /// told of the end and however [full](crate::MailboxLimit) its mailbox is. If it has ended by then, or `to_message`
    /// panics, the table ends: no process owns one that it was not told of. A name is looked up now. Only the owner may.
    ///
    /// # OTP
    ///
    /// `ets:setopts(Table, {heir, Pid, HeirData})`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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

    /// Lets the table end with its owner. Only the owner may.
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
    pub fn delete_table(&self) -> Result<(), TableError> {
        self.inner().open(Need::Write)?;
        self.inner().delete();
        Ok(())
    }
}

/// The process that this is now, as an heir.
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
