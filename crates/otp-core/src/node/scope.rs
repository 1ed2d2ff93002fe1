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

/// Makes a node the current one on this thread: see [`Node::enter`].
pub(super) fn enter(node: &Node) -> NodeGuard<'_> {
    let depth = ENTERED.with_borrow_mut(|entered| {
        entered.push(node.clone());
        entered.len()
    });
    NodeGuard {
        depth,
        node: PhantomData,
    }
}

/// The node with this number, if it is one of this program and still there.
pub(super) fn find_node(id: NodeId) -> Option<Node> {
    NODES.with(|nodes| nodes.get(&id).and_then(WeakNode::upgrade))
}

impl<F> NodeScope<F> {
    pub(super) fn new(node: Node, future: F) -> Self {
        Self {
            node,
            future: Some(future),
        }
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
        .or_else(|| find_node(pid.node()))
}

/// A name that cannot be looked up: there is no current node.
pub(crate) struct NoNode;

/// The live process that has a name, on the current node. A via name needs no node: its registry returns the pid of the
/// holder.
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
///
/// # Examples
///
/// ```
/// use otp_core::{Node, process};
///
/// let node = Node::new();
/// {
///     let _entered = node.enter();
///     assert_eq!(process::node(), node);
/// }
/// assert_eq!(process::try_node(), None);
/// ```
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
            // Dropping a guard too early also leaves the nodes that were entered after it.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let node = Node::new();
    /// let task = tokio::spawn(node.scope(async {
    ///     // In a task that is no process: names and starts work.
    ///     otp_core::Agent::options().name("settings").start(|| 1).await
    /// }));
    /// assert!(task.await.expect("it does not panic").is_ok());
    /// assert!(node.whereis("settings").is_some());
    /// # }
    /// ```
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct NodeScope<F> {
        node: Node,
        // Present until it is dropped, which runs code of the user's, too.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for NodeScope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.node.enter();
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for NodeScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.node.enter();
        let future = this.future.as_pin_mut();
        future.expect("it is there until the drop").poll(cx)
    }
}

impl<F> fmt::Debug for NodeScope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeScope")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}
