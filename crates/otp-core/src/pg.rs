//! Process groups: any number of processes under a name that they share.
//!
//! A [`Scope`] is a set of groups. A process may be in many groups, and several times in one: then it has to leave it
//! as often. When it ends, it is in none of them any more. A caller that needs a group looks up its members, without
//! asking any process; a process that needs the changes sets a monitor, on a group or on the scope.
//!
//! Take a group where processes of different kinds do the same thing, or to reach all of them; take a
//! [`Registry`](crate::Registry) to find one.
//!
//! # OTP
//!
//! The module `pg`.
//!
//! # Differences from OTP
//!
//! - Groups are of one node, unless a distribution shares the scope: otp-dist's `Distribution::share`.
//! - There is no default scope.
//! - A member that has ended is never found, although monitors of its groups may get the event later.
//! - [`Scope::demonitor`] leaves messages that have come before in the mailbox; they carry the number of their monitor.
//!
//! # Examples
//!
//! ```
//! use otp_core::pg::Scope;
//! use otp_core::{process, CallError, Mailbox, Node};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let members = node.run_with(|mailbox: Mailbox<&'static str>| async move {
//!     let rooms = Scope::<&str>::new("rooms");
//!     rooms.start_link().await.expect("the name is free");
//!
//!     let guest = process::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
//!     rooms.join("kitchen", mailbox.pid()).await?;
//!     rooms.join("kitchen", &guest).await?;
//!
//!     guest.send(());
//!     guest.wait().await;
//!     assert_eq!(rooms.groups(), ["kitchen"]);
//!     Ok::<_, CallError>(rooms.members("kitchen") == [mailbox.pid()])
//! });
//! assert_eq!(members.await, Ok(Ok(true)));
//! # }
//! ```

mod event;
mod groups;
mod monitor;
mod server;

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

pub use event::{Change, GroupEvent};

use self::groups::Groups;
use self::server::{PgCall, PgServer};
use crate::exit::ExitReason;
use crate::gen_server::{
    Begin, CallError, GenServer, Limited, ReplyTo, ServerName, StartError, StopError, TimeLimit,
};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::contents::text;
use crate::util::handle::unwind_safe;

/// A set of groups, each with a name of type `G`; see the [module's documentation](self).
///
/// Clones are handles on the same scope. They outlive its process, and work again when it has been restarted;
/// the groups are empty then.
///
/// # OTP
///
/// A scope of `pg`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::pg::Scope;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let crews = Scope::<&str>::new("crews");
/// crews.start_link().await?;
/// crews.join("night", process::current()).await?;
/// crews.join("night", process::current()).await?;
/// // It has joined twice, and has to leave twice.
/// crews.leave("night", process::current()).await?;
/// assert_eq!(crews.members("night"), [process::current()]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Scope<G> {
    groups: Arc<Groups<G>>,
}

impl<G> Scope<G>
where
    G: Eq + Hash + Clone + Send + Sync + 'static,
{
    /// A scope without groups. Its process, once started, has `name` as its local name.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::Scope;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// crews.join("night", process::current()).await?;
    /// // The name finds the same scope.
    /// let found = Scope::<&str>::find(&process::node(), "crews").expect("it runs");
    /// assert_eq!(found.members(&"night"), [process::current()]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            groups: Arc::new(Groups::new(name.into())),
        }
    }

    /// Lets others see the names of the groups: by [`Node::entries`], and on the page of an observer. Without it they see the members
    /// only.
    #[must_use]
    pub fn visible(self) -> Self
    where
        G: fmt::Debug,
    {
        self.groups.shows.get_or_init(|| |group| text(group));
        self
    }

    /// The scope that runs under this name; `None` if none does, or if its groups have names of another type.
    ///
    /// # OTP
    ///
    /// The name of a scope, which all functions of `pg` take.
    #[must_use]
    pub fn find(node: &Node, name: impl Into<Cow<'static, str>>) -> Option<Self> {
        let server = node.resolve(&Name::local(name))?;
        let groups = server.head().shown::<Weak<Groups<G>>>()?.upgrade()?;
        Some(Self { groups })
    }

    /// The scope's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.groups.name
    }

    /// The scope's process; `None` if it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        let process = self.groups.running.process();
        process.map(|process| process.head().pid)
    }

    /// Whether the scope runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.pid().is_some()
    }

    /// Starts the scope's process, linked with the current one.
    ///
    /// # OTP
    ///
    /// `pg:start_link/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`StartOptions::start_link`](crate::gen_server::StartOptions::start_link).
    ///
    /// # Errors
    ///
    /// [`StartError`]: its name is taken, or it runs on another node.
    pub fn start_link(&self) -> impl Future<Output = Result<Pid, StartError>> + Send + use<G> {
        let options = PgServer::<G>::options().name(self.local_name());
        let groups = self.groups.clone();
        async move { Ok(options.start_link(groups).await?.pid()) }
    }

    /// Starts the scope's process, without a link.
    ///
    /// # OTP
    ///
    /// `pg:start/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`StartOptions::start`](crate::gen_server::StartOptions::start).
    ///
    /// # Errors
    ///
    /// As for [`start_link`](Self::start_link).
    pub fn start(&self) -> impl Future<Output = Result<Pid, StartError>> + Send + use<G> {
        let options = PgServer::<G>::options().name(self.local_name());
        let groups = self.groups.clone();
        async move { Ok(options.start(groups).await?.pid()) }
    }

    /// Stops the scope's process; its groups end, their members do not.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`](crate::ServerRef::stop).
    ///
    /// # Errors
    ///
    /// [`StopError`] if it does not run.
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>> + use<G>> {
        self.end(ExitReason::Normal)
    }

    /// As [`stop`](Self::stop), with another reason.
    ///
    /// # Cancel safety
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// As for [`stop`](Self::stop).
    pub fn stop_with<R: Into<ExitReason>>(
        &self,
        reason: R,
    ) -> Limited<impl Begin<Output = Result<(), StopError>> + use<G, R>> {
        self.end(reason.into())
    }

    fn end(
        &self,
        reason: ExitReason,
    ) -> Limited<impl Begin<Output = Result<(), StopError>> + use<G>> {
        let server = self.server();
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            server.stop_with(reason).timeout(limit).await
        })
    }

    /// Adds a process to a group, even if it is a member already. A process that does not live is not added.
    ///
    /// # OTP
    ///
    /// `pg:join/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the process joins nevertheless.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the scope does not run.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::Scope;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// let guard = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// crews.join("night", guard.pid()).await?;
    /// assert_eq!(crews.members(&"night"), [guard.pid()]);
    /// process::exit(&guard, ExitReason::Kill);
    /// guard.wait().await;
    /// assert!(crews.members(&"night").is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn join(
        &self,
        group: impl Into<G>,
        member: impl Into<Pid>,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        self.join_all(group, [member.into()])
    }

    /// Adds several processes to a group at once: a monitor gets them in one message.
    ///
    /// # OTP
    ///
    /// `pg:join/3` with a list.
    ///
    /// # Cancel safety
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::Scope;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// let idle = || process::spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
    /// crews.join_all("night", [idle(), idle()]).await?;
    /// assert_eq!(crews.members(&"night").len(), 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn join_all(
        &self,
        group: impl Into<G>,
        members: impl IntoIterator<Item = Pid>,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        let group = self.groups.group(group.into());
        let members = members.into_iter().collect();
        self.call(|from| PgCall::Join(group, members, from))
    }

    /// Removes a process from a group, once. Returns whether it was a member.
    ///
    /// # OTP
    ///
    /// `pg:leave/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::Scope;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// let me = process::current();
    /// crews.join("night", me).await?;
    /// crews.leave("night", me).await?;
    /// assert!(crews.members(&"night").is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn leave(
        &self,
        group: impl Into<G>,
        member: impl Into<Pid>,
    ) -> impl Future<Output = Result<bool, CallError>> + Send {
        self.leave_all(group, [member.into()])
    }

    /// Removes several processes from a group at once. A process that is listed twice is removed twice. Returns
    /// whether any of them was a member.
    ///
    /// # OTP
    ///
    /// `pg:leave/3` with a list.
    ///
    /// # Cancel safety
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// As for [`join`](Self::join).
    pub fn leave_all(
        &self,
        group: impl Into<G>,
        members: impl IntoIterator<Item = Pid>,
    ) -> impl Future<Output = Result<bool, CallError>> + Send {
        let group = self.groups.group(group.into());
        let members = members.into_iter().collect();
        self.call(|from| PgCall::Leave(group, members, from))
    }

    /// The members of a group, each as often as it has joined, in the order in which they did.
    ///
    /// # OTP
    ///
    /// `pg:get_members/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::Scope;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// let me = process::current();
    /// crews.join("night", me).await?;
    /// crews.join("night", me).await?;
    /// assert_eq!(crews.members(&"night"), [me, me], "it has joined twice");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn members<Q>(&self, group: &Q) -> Vec<Pid>
    where
        G: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.groups.alive(group)
    }

    /// The members of a group that are processes of the scope's own node. Where a distribution shares the scope,
    /// [`members`](Self::members) contains those of other nodes, too. Use these for work that must stay on this machine.
    ///
    /// # OTP
    ///
    /// `pg:get_local_members/2`.
    #[must_use]
    pub fn local_members<Q>(&self, group: &Q) -> Vec<Pid>
    where
        G: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let node = self.pid().map(Pid::node);
        let mut members = self.members(group);
        members.retain(|member| Some(member.node()) == node);
        members
    }

    /// Adds processes of other nodes that have joined a group there: for a distribution that shares the scope.
    ///
    /// Those of a node that is lost are found no more; they stay entered until they are [taken out](Self::leave_remote).
    ///
    /// # OTP
    ///
    /// The messages between the scopes of `pg`.
    ///
    /// # Cancel safety
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// As for [`join`](Self::join).
    pub fn join_remote(
        &self,
        group: impl Into<G>,
        members: Vec<Pid>,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        let group = self.groups.group(group.into());
        self.call(|from| PgCall::JoinRemote(group, members, from))
    }

    /// Takes processes of other nodes out of a group, each once: for a distribution that shares the scope.
    ///
    /// # OTP
    ///
    /// The messages between the scopes of `pg`.
    ///
    /// # Cancel safety
    ///
    /// As for [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// As for [`join`](Self::join).
    pub fn leave_remote(
        &self,
        group: impl Into<G>,
        members: Vec<Pid>,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        let group = self.groups.group(group.into());
        self.call(|from| PgCall::LeaveRemote(group, members, from))
    }

    /// The groups that have members, in no particular order.
    ///
    /// # OTP
    ///
    /// `pg:which_groups/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::Scope;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// crews.join("night", process::current()).await?;
    /// assert_eq!(crews.groups(), ["night"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn groups(&self) -> Vec<G> {
        self.groups.names()
    }

    fn call<T: Send + 'static>(
        &self,
        request: impl FnOnce(ReplyTo<T>) -> PgCall<G> + Send,
    ) -> impl Future<Output = Result<T, CallError>> + Send {
        let server = self.server();
        async move { server.call(request).timeout(TimeLimit::Infinity).await }
    }

    fn server(&self) -> ServerName<PgServer<G>> {
        ServerName::new(self.local_name())
    }

    fn local_name(&self) -> Name {
        Name::local(self.groups.name.clone())
    }
}

impl<G> Clone for Scope<G> {
    fn clone(&self) -> Self {
        Self {
            groups: self.groups.clone(),
        }
    }
}

impl<G> fmt::Debug for Scope<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.groups.name)
    }
}

impl<G> PartialEq for Scope<G> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.groups, &other.groups)
    }
}

impl<G> Eq for Scope<G> {}

impl<G> Hash for Scope<G> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.groups).hash(state);
    }
}

unwind_safe!(Scope<G>);
