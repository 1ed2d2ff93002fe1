//! One request to many servers.

use super::GenServer;
use super::call::ReplyTo;
use super::error::{Address, CallError};
use super::request::RequestSet;
use super::server_name::ServerName;
use crate::process::current;
use crate::process::panic::OneByOne;
use crate::process::slot::Limit;
use crate::time_limit::TimeLimit;

/// Calls all servers at once and waits for their answers, for at most `limit` in all.
///
/// Returns the answers in the order of their arrival, each with its server, and the servers without an answer, each
/// with the reason: it does not exist, has ended, or was too late; or there is no node on which its name could be looked up. A slow server holds up no other; answers that come
/// too late are dropped.
///
/// # OTP
///
/// `gen_server:multi_call/4`, over names in place of nodes.
///
/// # Cancel safety
///
/// If the future is dropped, the answers are lost; the servers still handle the requests.
///
/// # Panics
///
/// The future panics with a limit outside of a tokio runtime with timers. No server has got the request then.
pub async fn multi_call<S, T, R>(
    servers: &[ServerName<S>],
    limit: impl Into<TimeLimit>,
    request: R,
) -> (Vec<(ServerName<S>, T)>, Vec<(ServerName<S>, CallError)>)
where
    S: GenServer,
    T: Send + 'static,
    R: Fn(ReplyTo<T>) -> S::Call,
{
    current::goes_on().await;
    let limit = limit.into();
    limit.assert();
    let mut requests = RequestSet::new();
    for (index, server) in servers.iter().enumerate() {
        requests.add(index, server.send_request(&request));
    }
    let mut time = Limit::default();
    let mut answered = vec![false; servers.len()];
    let mut replies = OneByOne::new(Vec::new());
    let mut bad = OneByOne::new(Vec::new());
    while let Some(Some((index, answer))) = limit.within(&mut time, requests.next()).await {
        answered[index] = true;
        let server = servers[index].clone();
        match answer {
            Ok(answer) => replies.push((server, answer)),
            Err(error) => bad.push((server, error)),
        }
    }
    if let TimeLimit::After(limit) = limit {
        let late = servers
            .iter()
            .zip(answered)
            .filter(|(_, answered)| !answered);
        bad.extend(late.map(|(server, _)| {
            let address = Address::Name(server.name().clone());
            (
                server.clone(),
                CallError::Timeout {
                    server: address,
                    limit,
                },
            )
        }));
    }
    (replies.into_vec(), bad.into_vec())
}

/// Casts to all servers; those that do not exist are passed over. So are names that are not bound to a node where no node is current.
///
/// # OTP
///
/// `gen_server:abcast/3`, over names in place of nodes.
pub fn abcast<S>(servers: &[ServerName<S>], request: &S::Cast)
where
    S: GenServer<Cast: Clone>,
{
    for server in servers {
        server.cast(request.clone());
    }
}
