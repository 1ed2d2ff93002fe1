//! What a library must be able to do to take part, and one file for each that can.
//!
//! The workloads are written once, against these traits, so that every library does exactly the same. What differs
//! is how a server is written, started, reached, stopped and supervised: that stands in the library's file, as its
//! documentation recommends it.

pub(crate) mod beam;
pub(crate) mod hydra;
pub(crate) mod joerl;
pub(crate) mod kameo;
pub(crate) mod ractor;
pub(crate) mod spawned;
pub(crate) mod tokio_actors;

use std::future::Future;

use tokio::sync::mpsc::UnboundedSender;

/// A library with servers that add numbers up.
///
/// The value holds what the library needs to be held: most of them have one world a program and need nothing.
pub(crate) trait Peer: Clone + Send + Sync + 'static {
    /// What others hold of a server.
    type Server: Clone + Send + Sync + 'static;

    /// A world to start servers in.
    fn new() -> Self;

    /// Starts a client at once: a process where only a process may call, a task where anybody may.
    fn client<F>(client: F) -> impl Future<Output = F::Output> + Send
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        task(client)
    }

    /// Starts a server and waits until it says that it runs.
    fn start(&self) -> impl Future<Output = Self::Server> + Send;

    /// Stops a server and waits until it has ended.
    fn stop(&self, server: Self::Server) -> impl Future<Output = ()> + Send;

    /// Adds a number and waits for the sum.
    fn call(server: &Self::Server, n: u64) -> impl Future<Output = u64> + Send;

    /// Adds a number and does not wait, except for room in a mailbox that has a limit.
    fn cast(server: &Self::Server, n: u64) -> impl Future<Output = ()> + Send;
}

/// A library whose servers can send each other messages from within a handler.
pub(crate) trait Members: Peer {
    /// What others hold of a member.
    type Member: Clone + Send + Sync + 'static;

    /// Starts a member that tells `rest` when a token has come to rest with it.
    fn member(&self, rest: UnboundedSender<()>) -> impl Future<Output = Self::Member> + Send;

    /// Tells a member to whom it passes tokens on.
    fn introduce(member: &Self::Member, next: Self::Member) -> impl Future<Output = ()> + Send;

    /// Hands a member a token that is to be passed on so many times.
    fn hand(member: &Self::Member, left: u64) -> impl Future<Output = ()> + Send;
}

/// A library with names for servers.
pub(crate) trait Names: Peer {
    /// Starts a server with a name; it lives on without anybody holding it.
    fn start_named(&self, name: &str) -> impl Future<Output = ()> + Send;

    /// Finds a server by its name and casts to it.
    fn cast_to(&self, name: &str, n: u64) -> impl Future<Output = ()> + Send;

    /// Finds a server by its name and calls it: nothing if nobody has the name just now, or ends before it answers.
    fn call_to(&self, name: &str, n: u64) -> impl Future<Output = Option<u64>> + Send;
}

/// A library with supervisors that restart a named server.
pub(crate) trait Restarts: Names {
    /// What is held so that the supervisor goes on.
    type Supervisor: Send;

    /// Starts a supervisor whose one child is a server with this name, to be restarted without limit.
    fn supervise(&self, name: &str) -> impl Future<Output = Self::Supervisor> + Send;

    /// Makes the server with this name fail, in the cheapest way the library calls a failure. Does not wait for it.
    fn crash(&self, name: &str) -> impl Future<Output = ()> + Send;
}

/// A library with supervisors whose children come and go.
pub(crate) trait Dynamic: Peer {
    /// What is held of the supervisor.
    type Supervisor: Send + Sync;
    /// What is held of a child.
    type Child: Send;

    /// Starts a supervisor without children.
    fn supervisor(&self) -> impl Future<Output = Self::Supervisor> + Send;

    /// Starts a server as a child of the supervisor that is not to be restarted.
    fn start_child(
        &self,
        supervisor: &Self::Supervisor,
    ) -> impl Future<Output = Self::Child> + Send;

    /// Ends a child and waits until it has ended and the supervisor has forgotten it.
    fn terminate_child(
        &self,
        supervisor: &Self::Supervisor,
        child: Self::Child,
    ) -> impl Future<Output = ()> + Send;
}

/// Starts a task at once; the future waits for its result.
#[allow(
    clippy::disallowed_methods,
    reason = "clients of these libraries are tasks"
)]
fn task<F>(client: F) -> impl Future<Output = F::Output> + Send
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let task = tokio::spawn(client);
    async {
        task.await
            .expect("a client of the benchmark does not panic")
    }
}
