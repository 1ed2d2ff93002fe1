//! The way to a node: its addresses, and which of them is taken.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use otp_etf::Atom;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::Why;
use crate::core::Core;
use crate::epmd;

/// How long an address has before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Where a node may be.
pub(super) struct Places {
    addresses: Vec<SocketAddr>,
    /// Its name in the epmd at each address, which knows the port.
    name: Option<String>,
}

impl Places {
    /// Those of a node that this node may dial.
    pub(super) async fn of(core: &Core, node: &Atom) -> Result<Self, Why> {
        let known = core.config.peers.get(node).cloned();
        let mut places = match known.or_else(|| core.found.get(node)) {
            Some(addresses) => Self {
                addresses,
                name: None,
            },
            None => Self::looked_up(core, node).await?,
        };
        let first = places.addresses.first().copied();
        let first = first.ok_or_else(|| Why::other("the host has no address"))?;
        // Before the first byte leaves this host.
        let may_dial = |it: &SocketAddr| core.config.may_dial(it.ip());
        places.addresses.retain(may_dial);
        if places.name.is_none() && !places.addresses.is_empty() {
            let begin = core.found.unfinished(node) % places.addresses.len();
            places.addresses.rotate_left(begin);
        }
        if places.addresses.is_empty() {
            let why = format!("{first} is another host, and there is no TLS");
            return Err(Why::Other(why));
        }
        Ok(places)
    }

    /// At how many addresses the node is said to be, without a look-up of its name.
    pub(super) fn known(&self) -> usize {
        match self.name {
            Some(_) => 0,
            None => self.addresses.len(),
        }
    }

    async fn looked_up(core: &Core, node: &Atom) -> Result<Self, Why> {
        let unknown = || Why::Other(format!("{node} is no name of a node"));
        let (name, host) = node.as_str().split_once('@').ok_or_else(unknown)?;
        let no_epmd = || Why::other("there is no epmd, and no static peer");
        let epmd = core.config.epmd.ok_or_else(no_epmd)?;
        let hosts = tokio::net::lookup_host((host, epmd.port())).await?;
        let mut addresses: Vec<SocketAddr> = hosts.collect();
        // By default a node listens on IPv4.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        addresses.dedup();
        Ok(Self {
            addresses,
            name: Some(name.to_owned()),
        })
    }

    /// What `then` makes of a connection with the first place where it can.
    pub(super) async fn connect<T, F>(&self, then: impl Fn(TcpStream) -> F) -> Result<T, Why>
    where
        F: Future<Output = Result<T, Why>>,
    {
        let attempt = async |mut at: SocketAddr| {
            if let Some(name) = &self.name {
                at.set_port(epmd::port(at, name).await.map_err(Why::Other)?);
            }
            then(TcpStream::connect(at).await?).await
        };
        first(&self.addresses, attempt).await
    }
}

/// Tries addresses in their order until an attempt succeeds. The next one begins when one has failed, or after a head start.
async fn first<T, F>(addresses: &[SocketAddr], attempt: impl Fn(SocketAddr) -> F) -> Result<T, Why>
where
    F: Future<Output = Result<T, Why>>,
{
    let mut left = addresses.iter();
    let mut attempts: Vec<(SocketAddr, Pin<Box<F>>)> = Vec::new();
    let mut failures: Vec<(SocketAddr, Why)> = Vec::new();
    loop {
        match left.next() {
            Some(address) => attempts.push((*address, Box::pin(attempt(*address)))),
            None if attempts.is_empty() => return Err(all_of(failures)),
            None => {}
        }
        let ended = poll_fn(|cx| {
            for place in 0..attempts.len() {
                if let Poll::Ready(ended) = attempts[place].1.as_mut().poll(cx) {
                    let (address, _) = attempts.remove(place);
                    return Poll::Ready((address, ended));
                }
            }
            Poll::Pending
        });
        tokio::select! {
            biased;
            (address, ended) = ended => match ended {
                Ok(connected) => return Ok(connected),
                Err(why) => failures.push((address, why)),
            },
            () = sleep(HEAD_START), if left.len() > 0 => {}
        }
    }
}

fn all_of(mut failures: Vec<(SocketAddr, Why)>) -> Why {
    if failures.len() == 1
        && let Some((_, why)) = failures.pop()
    {
        return why;
    }
    let failures = failures.iter().map(|(at, why)| format!("{at}: {why}"));
    Why::Other(failures.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::net::SocketAddr;
    use std::time::Duration;

    use parking_lot::Mutex;
    use tokio::time::Instant;

    use super::{HEAD_START, Why, first};

    /// What becomes of attempts: an address fails after its port in milliseconds, is silent (0), or answers (1). And when each begins.
    async fn try_all(ports: &[u16]) -> (Result<u16, String>, Vec<Duration>) {
        let address = |port: &u16| SocketAddr::from(([127, 0, 0, 1], *port));
        let addresses: Vec<SocketAddr> = ports.iter().map(address).collect();
        let (begun, begins) = (Instant::now(), Mutex::new(Vec::new()));
        let ended = first(&addresses, async |at: SocketAddr| {
            begins.lock().push(begun.elapsed());
            match at.port() {
                0 => pending().await,
                1 => Ok(1),
                port => {
                    tokio::time::sleep(Duration::from_millis(port.into())).await;
                    Err(Why::other("refused"))
                }
            }
        });
        let ended = ended.await.map_err(|why| why.to_string());
        (ended, begins.into_inner())
    }

    // DST-027
    #[tokio::test(start_paused = true)]
    async fn the_next_address_is_tried_when_one_fails_or_is_silent() {
        let ms = Duration::from_millis;
        let zero = Duration::ZERO;
        assert_eq!(try_all(&[1, 1]).await, (Ok(1), vec![zero]));
        assert_eq!(try_all(&[5, 1]).await, (Ok(1), vec![zero, ms(5)]));
        assert_eq!(try_all(&[0, 1]).await, (Ok(1), vec![zero, HEAD_START]));
        let begins = vec![zero, HEAD_START, HEAD_START + ms(7)];
        assert_eq!(try_all(&[0, 7, 1]).await, (Ok(1), begins));
        let one = Err("refused".to_owned());
        assert_eq!(try_all(&[5]).await, (one, vec![zero]));
        let both = Err("127.0.0.1:5: refused; 127.0.0.1:6: refused".to_owned());
        assert_eq!(try_all(&[5, 6]).await, (both, vec![zero, ms(5)]));
    }
}
