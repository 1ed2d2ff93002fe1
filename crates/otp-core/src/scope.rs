//! Nodes for code that is no process: which node is the current one there, and which node a pid belongs to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::name::Name;
use crate::node::{Node, WeakNode};
use crate::pid::{NodeId, Pid};
use crate::process::block::Process;
use crate::process::current;
use crate::process::lock::Lock;

thread_local! {
    /// The nodes that this thread has entered and not left, the last one last.
    static ENTERED: RefCell<Vec<Node>> = const { RefCell::new(Vec::new()) };
}

/// All nodes of the program. Nothing else is locked and nothing is dropped while it is.
static NODES: LazyLock<Lock<BTreeMap<NodeId, WeakNode>>> = LazyLock::new(Lock::default);

impl Node {
    /// Makes this node the current one on this thread, for code that is no process, until the guard is dropped.
    ///
    /// What needs a node and no process works then: starts without a link, spawns, names, timers, system requests. What acts
    /// on behalf of a process, such as a link, still panics. Inside of a process the guard changes nothing: there the
    /// process's own node is the current one.
    ///
    /// Guards are dropped in the reverse order. Async code uses [`scope`](Self::scope): a guard must not be held across an
    /// `await`, and is not `Send`, so that the compiler says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::{Node, process};
    ///
    /// let node = Node::new();
    /// let entered = node.enter();
    /// assert_eq!(process::node(), node);
    /// assert_eq!(process::whereis("nobody"), None);
    /// drop(entered);
    /// assert_eq!(process::try_node(), None);
    /// ```
    #[must_use = "the node is left when the guard is dropped"]
    pub fn enter(&self) -> NodeGuard<'_> {
        let depth = ENTERED.with_borrow_mut(|entered| {
            entered.push(self.clone());
            entered.len()
        });
        NodeGuard {
            depth,
            node: PhantomData,
        }
    }

    /// Runs a future with this node as the current one, without making a process of it: see [`enter`](Self::enter).
    ///
    /// For handlers of a web server and other tasks that are spawned by others: wrap the task, or each request, in it.
    ///
    /// # Cancel safety
    ///
    /// That of the future.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Counter(u64);
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Call = ReplyTo<u64>;
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(42)))
    /// #     }
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let node = Node::new();
    /// let started = Counter::options().name("counter").on(&node).start(()).await;
    /// let counter = started.expect("it starts");
    /// let handler = node.scope(async {
    ///     ServerName::<Counter>::new("counter").call(|from| from).await
    /// });
    /// assert_eq!(tokio::spawn(handler).await.expect("it does not panic"), Ok(42));
    /// # drop(counter);
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> NodeScope<F> {
        NodeScope {
            node: self.clone(),
            future,
        }
    }

    /// The node with this number, if it is one of this program and still there. A [`Pid`] names its node by that
    /// number.
    #[must_use]
    pub fn find_node(id: NodeId) -> Option<Self> {
        NODES.with(|nodes| nodes.get(&id).and_then(WeakNode::upgrade))
    }
}

/// Has a new node found by its number.
pub(crate) fn publish(node: &Node) {
    let former = NODES.with(|nodes| nodes.insert(node.id(), node.downgrade()));
    debug_assert!(former.is_none(), "no number is given out twice");
}

/// Forgets a node that is gone.
pub(crate) fn forget(id: NodeId) {
    drop(NODES.with(|nodes| nodes.remove(&id)));
}

/// The node of a pid, if it is one of this program. It is looked for where it usually is first.
pub(crate) fn node_of(pid: Pid) -> Option<Node> {
    current_node()
        .filter(|node| node.id() == pid.node())
        .or_else(|| Node::find_node(pid.node()))
}

/// A name that cannot be looked up: there is no current node.
pub(crate) struct NoNode;

/// The live process that has a name, on the current node. A via name needs none: its registry says which pid has it.
pub(crate) fn resolve(name: &Name) -> Result<Option<Arc<dyn Process>>, NoNode> {
    match (current_node(), name) {
        (Some(node), name) => Ok(node.resolve(name)),
        (None, Name::Via(via)) => {
            let found = via.whereis().and_then(|pid| node_of(pid)?.find(pid));
            Ok(found.filter(|process| !process.head().is_exiting()))
        }
        (None, _) => Err(NoNode),
    }
}

/// The current node: that of the current process, or the one that this thread has entered last.
pub(crate) fn current_node() -> Option<Node> {
    let own = current::with(|current| current.process.head().node.clone());
    own.or_else(|| ENTERED.with_borrow(|entered| entered.last().cloned()))
}

/// Keeps a node entered on this thread: see [`Node::enter`].
#[must_use = "the node is left when the guard is dropped"]
pub struct NodeGuard<'a> {
    depth: usize,
    /// Not `Send`: it belongs to its thread.
    node: PhantomData<(&'a Node, *const ())>,
}

impl Drop for NodeGuard<'_> {
    fn drop(&mut self) {
        let left = ENTERED.with_borrow_mut(|entered| {
            let in_order = entered.len() == self.depth;
            // One that is dropped too early leaves what was entered after it, too.
            (
                in_order,
                entered.split_off(self.depth.min(entered.len() + 1) - 1),
            )
        });
        let (in_order, nodes) = left;
        drop(nodes);
        debug_assert!(
            in_order || std::thread::panicking(),
            "guards of `Node::enter` are dropped in the reverse order"
        );
    }
}

impl fmt::Debug for NodeGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeGuard")
    }
}

pin_project! {
    /// A future that runs with a node as the current one: see [`Node::scope`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct NodeScope<F> {
        node: Node,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for NodeScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.node.enter();
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for NodeScope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeScope")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}
