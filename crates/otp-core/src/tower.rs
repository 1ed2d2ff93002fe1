//! A node for the services of tower, such as the handlers of an axum router; feature `tower`.
//!
//! A web server runs a handler in a task that is no process. With this layer a node is the current one there, as in
//! [`Node::scope`]: names are looked up and servers are started on it.

use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use crate::node::Node;
use crate::scope::NodeScope;

/// Makes a node the current one in services, also while their futures are awaited and dropped. Tasks that they spawn do not
/// inherit it, and neither does the body of a response that is made later, such as a stream of events: take the node with
/// [`process::node`](crate::process::node) in the handler, and use it there.
///
/// In an axum router it is one line: `.layer(NodeLayer::new(&node))`.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use std::future::Ready;
/// use std::task::{Context, Poll};
///
/// use otp_core::tower::NodeLayer;
/// use otp_core::{Node, NodeId, process};
/// use tower_layer::Layer;
/// use tower_service::Service;
///
/// /// Answers each request with the node that is current.
/// struct Where;
///
/// impl Service<()> for Where {
///     type Response = NodeId;
///     type Error = Infallible;
///     type Future = Ready<Result<NodeId, Infallible>>;
///
///     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
///         Poll::Ready(Ok(()))
///     }
///
///     fn call(&mut self, (): ()) -> Self::Future {
///         std::future::ready(Ok(process::node().id()))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let node = Node::new();
/// let mut service = NodeLayer::new(&node).layer(Where);
/// assert_eq!(service.call(()).await, Ok(node.id()));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NodeLayer {
    node: Node,
}

impl NodeLayer {
    /// A layer for this node.
    #[must_use]
    pub fn new(node: &Node) -> Self {
        Self { node: node.clone() }
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }
}

impl<S> Layer<S> for NodeLayer {
    type Service = NodeService<S>;

    fn layer(&self, service: S) -> NodeService<S> {
        NodeService {
            node: self.node.clone(),
            service,
        }
    }
}

/// A service with a current node: see [`NodeLayer`], which makes it.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
///
/// use otp_core::tower::{NodeLayer, NodeService};
/// use otp_core::{Node, process};
/// # use std::future::{Ready, ready};
/// # use std::task::{Context, Poll};
/// use tower_layer::Layer;
/// use tower_service::Service;
///
/// /// Counts the processes of the current node.
/// struct Count;
/// #
/// # impl Service<()> for Count {
/// #     type Response = usize;
/// #     type Error = Infallible;
/// #     type Future = Ready<Result<usize, Infallible>>;
/// #     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> { Poll::Ready(Ok(())) }
/// #     fn call(&mut self, (): ()) -> Self::Future { ready(Ok(process::node().processes().len())) }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let mut service: NodeService<Count> = NodeLayer::new(&Node::new()).layer(Count);
/// assert_eq!(service.call(()).await, Ok(0));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NodeService<S> {
    node: Node,
    service: S,
}

impl<S: Service<R>, R> Service<R> for NodeService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = NodeScope<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let _entered = self.node.enter();
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let _entered = self.node.enter();
        self.node.scope(self.service.call(request))
    }
}
