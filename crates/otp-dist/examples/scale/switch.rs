//! A network in memory: many nodes without sockets.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use otp_dist::{Atom, Connecting, Streams, Transport};
use parking_lot::Mutex;
use tokio::io::{DuplexStream, duplex, split};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Ports = Arc<Mutex<HashMap<Atom, UnboundedSender<DuplexStream>>>>;

#[derive(Clone, Default)]
pub(crate) struct Switch(Ports);

pub(crate) struct Port {
    switch: Switch,
    incoming: Arc<tokio::sync::Mutex<UnboundedReceiver<DuplexStream>>>,
}

impl Switch {
    /// Where a node is reached.
    pub(crate) fn port(&self, node: Atom) -> Port {
        let (sender, receiver) = unbounded_channel();
        self.0.lock().insert(node, sender);
        Port {
            switch: self.clone(),
            incoming: Arc::new(tokio::sync::Mutex::new(receiver)),
        }
    }
}

impl Transport for Port {
    fn dial(&self, node: &Atom) -> Connecting {
        let port = self.switch.0.lock().get(node).cloned();
        Box::pin(async move {
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            // As little as there is room for, so that what is measured is not this.
            let (ours, theirs) = duplex(4096);
            port.and_then(|port| port.send(theirs).ok())
                .ok_or_else(refused)?;
            Ok(streams(ours))
        })
    }

    fn accept(&self) -> Connecting {
        let incoming = self.incoming.clone();
        Box::pin(async move {
            match incoming.lock().await.recv().await {
                Some(stream) => Ok(streams(stream)),
                None => std::future::pending().await,
            }
        })
    }
}

fn streams(stream: DuplexStream) -> Streams {
    let (input, output) = split(stream);
    (Box::new(input), Box::new(output))
}
