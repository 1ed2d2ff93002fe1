//! The page of a program that was built with it.

use crate::failure::Failure;
use otp_core::Node;
use otp_observer::{Observer, Options, Reports};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

/// The page of a program, which lives as long as the program does.
#[derive(Debug, Clone)]
pub(crate) struct Observing {
    title: &'static str,
    reports: Reports,
    served: Arc<Mutex<Option<Observer>>>,
}

impl Observing {
    pub(crate) fn new(title: &'static str) -> Self {
        Self {
            title,
            reports: Reports::new(),
            served: Arc::default(),
        }
    }

    /// The layer that keeps the runtime's reports for the page.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        self.reports.layer()
    }

    /// Serves the page, in the place of one that was served before; returns its link.
    pub(crate) async fn serve(
        &self,
        node: &Node,
        at: SocketAddr,
        acts: bool,
    ) -> Result<String, Failure> {
        // It may have had the same port.
        drop(self.replace(None));
        let mut options = Options::new().title(self.title).reports(&self.reports);
        if acts {
            options = options.with_actions();
        }
        if !at.ip().is_loopback() {
            // Such an address is not typed by accident.
            options = options.from_anywhere();
        }
        let observer = options.serve(node, at).await?;
        let link = observer.link().to_owned();
        self.replace(Some(observer));
        Ok(link)
    }

    /// The link of the page that is served.
    pub(crate) fn link(&self) -> Option<String> {
        let served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.as_ref().map(|observer| observer.link().to_owned())
    }

    fn replace(&self, observer: Option<Observer>) -> Option<Observer> {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *served, observer)
    }
}
