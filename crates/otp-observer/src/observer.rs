//! How a page is served, and for how long.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use otp_core::Node;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::gate::Gate;
use crate::reports::Reports;
use crate::state::State;
use crate::web;

/// How a node is shown.
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing until something is served"]
pub struct Options {
    title: Option<String>,
    acts: bool,
    anywhere: bool,
    reports: Reports,
    #[cfg(feature = "dist")]
    cluster: Option<otp_dist::Distribution>,
}

/// A page that is not served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Other machines could reach the address, and that was not asked for.
    #[error(
        "{0} is no loopback address: other machines could look, which `Options::from_anywhere` permits"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The system gives no random numbers, of which the token would be made.
    #[error("there are no random numbers for a token")]
    NoToken,
}

impl Options {
    /// A page that only shows, on a loopback address.
    pub fn new() -> Self {
        Self::default()
    }

    /// What stands at the top of the page: the program's name, say. By default the name of the program's file.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Lets the page act on processes: kill, exit, stop, suspend and resume them, and terminate and restart the children of
    /// supervisors.
    pub fn with_actions(mut self) -> Self {
        self.acts = true;
        self
    }

    /// Lets other machines reach the page. Whoever has the link may look, and who reads the network can, too.
    pub fn from_anywhere(mut self) -> Self {
        self.anywhere = true;
        self
    }

    /// Shows these reports. Without, the page has none.
    pub fn reports(mut self, reports: &Reports) -> Self {
        self.reports = reports.clone();
        self
    }

    /// Shows the other nodes of a cluster, too. Nodes of ours that are served with this option show the same pages to each other, and a
    /// page acts on another node if both pages [may act](Self::with_actions). Nodes that know the cookie can look, as well as those who
    /// have the link. Of a BEAM the page shows its release, its memory, and how many processes it has.
    #[cfg(feature = "dist")]
    #[cfg_attr(docsrs, doc(cfg(feature = "dist")))]
    pub fn cluster(mut self, dist: &otp_dist::Distribution) -> Self {
        self.cluster = Some(dist.clone());
        self
    }

    /// Serves the page of a node at this address; the port 0 is any that is free.
    ///
    /// The page runs on the current runtime. Processes that block all threads of that runtime hold up the page, too. A service in which
    /// that may happen serves the page on another runtime, with a thread of its own.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it serves nothing.
    ///
    /// # Errors
    ///
    /// [`ServeError`]: the address is not a loopback one and need be, or cannot be listened on.
    pub async fn serve(self, node: &Node, address: SocketAddr) -> Result<Observer, ServeError> {
        if !self.anywhere && !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let gate = Gate::new(address, self.anywhere).ok_or(ServeError::NoToken)?;
        let link = gate.link();
        let (open, closed) = watch::channel(());
        let title = self.title.unwrap_or_else(program);
        self.reports.listen();
        let state = Arc::new(State::new(
            node.clone(),
            title,
            self.acts,
            gate,
            self.reports,
            closed,
        ));
        #[cfg(feature = "dist")]
        if let Some(cluster) = &self.cluster {
            state.reach(crate::dist::show(cluster, &state));
        }
        background(web::run(listener, state));
        Ok(Observer {
            address,
            link,
            _open: open,
        })
    }
}

/// A page that is served. It ends when this is dropped, and its readers are told so.
#[must_use = "the page ends when this is dropped"]
pub struct Observer {
    address: SocketAddr,
    link: String,
    _open: watch::Sender<()>,
}

impl Observer {
    /// Where the page is, with the token that lets one in.
    #[must_use]
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The address that is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Debug for Observer {
    /// Without the token, as it may end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_ref().and_then(|path| path.file_stem());
    name.map_or_else(
        || "otp".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Starts a task that is no process: what shows a node is not to be among what it shows.
#[allow(
    clippy::disallowed_methods,
    reason = "the observer is no process of the node that it shows"
)]
pub(crate) fn background(task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    tokio::spawn(task).abort_handle()
}
