//! The port mapper daemon: asking it, being registered with it, and being one where there is none.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use otp_core::{Mailbox, Never};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::core::Core;
use crate::wire::epmd::{Alive, EpmdError, Node, NodeType, Request, read_alive, read_port};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long after the loss of the daemon it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// The longest answer: a port with the longest name and as many extra bytes.
const LONGEST: usize = 4096;

/// A registration, which lasts as long as this connection.
pub(crate) struct Registration {
    stream: TcpStream,
    pub(crate) creation: u32,
}

pub(crate) fn entry(name: &str, port: u16, is_visible: bool) -> Node {
    let kind = match is_visible {
        true => NodeType::Normal,
        false => NodeType::Hidden,
    };
    Node::new(name, port, kind)
}

/// Registers a node.
pub(crate) async fn register(epmd: SocketAddr, node: Node) -> Result<Registration, String> {
    let registering = async {
        let (mut stream, reply) = ask(epmd, &Request::Alive(node), read_alive).await?;
        let Alive { creation, .. } = reply;
        // Nothing is expected any more.
        stream.flush().await.map_err(|error| error.to_string())?;
        Ok(Registration { stream, creation })
    };
    timed(registering).await
}

/// The port of a node, by its name without the host.
pub(crate) async fn port(epmd: SocketAddr, name: &str) -> Result<u16, String> {
    let request = Request::PortPlease(name.to_owned());
    match timed(ask(epmd, &request, read_port)).await? {
        (_, Some(node)) => Ok(node.port),
        (_, None) => Err(format!("the epmd does not know {name}")),
    }
}

async fn timed<T>(asking: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    match timeout(LIMIT, asking).await {
        Ok(answer) => answer,
        Err(_) => Err("the epmd does not answer".to_owned()),
    }
}

async fn ask<T>(
    epmd: SocketAddr,
    request: &Request,
    read: impl Fn(&[u8]) -> Result<Option<T>, EpmdError>,
) -> Result<(TcpStream, T), String> {
    let failed = |error: std::io::Error| format!("the epmd at {epmd} cannot be reached: {error}");
    let mut stream = TcpStream::connect(epmd).await.map_err(failed)?;
    stream.write_all(&request.encode()).await.map_err(failed)?;
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.map_err(failed)? == 0 {
            return Err("the epmd has closed the connection".to_owned());
        }
        if bytes.len() > LONGEST {
            return Err("the epmd answers nonsense".to_owned());
        }
        match read(&bytes) {
            Ok(Some(answer)) => return Ok((stream, answer)),
            Ok(None) => {}
            Err(error) => return Err(format!("the epmd answers nonsense: {error}")),
        }
    }
}

/// Keeps a node registered: when the daemon is gone, waits for its return. The creation of the pids stays the one of the first time.
pub(crate) async fn stay(core: Arc<Core>, epmd: SocketAddr, node: Node, first: Registration) {
    let mut registration = first;
    loop {
        let mut byte = [0];
        // It sends nothing: a read returns at the end of the connection.
        while matches!(registration.stream.read(&mut byte).await, Ok(1..)) {}
        tracing::warn!(node = %core.me.name, "the epmd is lost");
        registration = loop {
            sleep(AGAIN).await;
            match register(epmd, node.clone()).await {
                Ok(registration) => break registration,
                Err(why) => tracing::debug!(%why, "not registered again"),
            }
        };
    }
}

/// Serves names to this host until the node ends.
pub(crate) async fn serve(node: otp_core::Node, listener: TcpListener) {
    use crate::wire::epmd::Names;
    use parking_lot::Mutex;

    let port = listener.local_addr().map_or(0, |address| address.port());
    let names = Arc::new(Mutex::new(Names::new(port)));
    loop {
        let Ok((mut stream, _)) = listener.accept().await else {
            sleep(AGAIN).await;
            continue;
        };
        let names = names.clone();
        node.spawn(async move |_: Mailbox<Never>| {
            let request = timeout(LIMIT, request(&mut stream)).await;
            let Ok(Some(request)) = request else {
                return;
            };
            let Ok(number) = crate::dial::challenge() else {
                return;
            };
            let (reply, registered) = names.lock().answer(request, number.max(4));
            // A client that has gone in the meantime is not registered any more in a moment.
            let _written = stream.write_all(&reply).await;
            if let Some(registered) = registered {
                let mut byte = [0];
                while matches!(stream.read(&mut byte).await, Ok(1..)) {}
                names.lock().forget(registered);
            }
        });
    }
}

async fn request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if let Some((request, _)) = Request::read(&bytes).ok()? {
            return Some(request);
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
