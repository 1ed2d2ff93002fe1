//! Who comes in: so many at a time, and so many in a second.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use crate::state::State;

/// The most connections at a time: a browser has up to six for a page.
const MOST: usize = 128;

/// How long nothing may come or go on a connection: who asks for nothing is not to keep the place of another one.
pub(crate) const IDLE: Duration = Duration::from_secs(20);

pub(crate) struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
    state: Arc<State>,
}

impl Door {
    pub(crate) fn new(listener: TcpListener, state: Arc<State>) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(MOST)),
            state,
        }
    }
}

impl Listener for Door {
    type Io = Guest;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guest, SocketAddr) {
        // Nobody closes it.
        let place = self.places.clone().acquire_owned().await.ok();
        self.state.admit().await;
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let guest = Guest {
            stream,
            last: Instant::now(),
            end: Box::pin(sleep(IDLE)),
            _place: place,
        };
        (guest, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection, with its place.
pub(crate) struct Guest {
    stream: TcpStream,
    /// When something came or went last.
    last: Instant,
    /// It ends if that was so long ago by then.
    end: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Guest {
    /// Notes that something has come or gone; else it is an error if that is missed for too long.
    fn note<T>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.last = Instant::now();
            return polled;
        }
        while self.end.as_mut().poll(cx).is_ready() {
            let end = self.last + IDLE;
            if end <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.end.as_mut().reset(end);
        }
        Poll::Pending
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.note(cx, polled)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
