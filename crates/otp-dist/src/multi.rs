//! One request to the servers of many nodes.

use futures_util::stream::{FuturesUnordered, StreamExt};
use otp_core::{GenServer, ReplyTo, TimeLimit};
use otp_etf::SerializeError;
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;

use crate::call::CallError;
use crate::handles::{RemoteProcess, RemoteServer};

impl RemoteProcess {
    /// Calls all of these servers at once, and waits for their answers for at most `limit`.
    ///
    /// Returns the answers in the order of their arrival, each with its server, and the servers without an answer, each with the
    /// reason. A slow server or node holds up no other one.
    ///
    /// # OTP
    ///
    /// `gen_server:multi_call/4`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the answers are lost; the servers may still handle the requests.
    pub async fn multi_call<R: DeserializeOwned>(
        servers: &[Self],
        limit: impl Into<TimeLimit>,
        request: &(impl Serialize + ?Sized),
    ) -> (Vec<(Self, R)>, Vec<(Self, CallError)>) {
        let limit = limit.into();
        let calls = servers.iter().map(|server| async move {
            let answer = server.call(request).timeout(limit).await;
            (server.clone(), answer)
        });
        all(calls).await
    }

    /// Sends a cast to all of these servers, as [`cast`](Self::cast). A busy connection, or a node that is dialled, holds up no other
    /// one.
    ///
    /// # OTP
    ///
    /// `gen_server:abcast/3`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, some of the servers have got the cast.
    ///
    /// # Errors
    ///
    /// When the request cannot be written as a term. No server has got it then.
    pub async fn abcast(
        servers: &[Self],
        request: &(impl Serialize + ?Sized),
    ) -> Result<(), SerializeError> {
        sent(servers.iter().map(|server| server.cast(request))).await
    }
}

impl<S: GenServer> RemoteServer<S> {
    /// Calls all of these servers at once, as [`RemoteProcess::multi_call`].
    ///
    /// # OTP
    ///
    /// `gen_server:multi_call/4`.
    ///
    /// # Cancel safety
    ///
    /// As for [`RemoteProcess::multi_call`].
    pub async fn multi_call<T>(
        servers: &[Self],
        limit: impl Into<TimeLimit>,
        request: impl Fn(ReplyTo<T>) -> S::Call,
    ) -> (Vec<(Self, T)>, Vec<(Self, CallError)>)
    where
        S::Call: Serialize,
        T: DeserializeOwned + Send + 'static,
    {
        let (limit, request) = (limit.into(), &request);
        let calls = servers.iter().map(|server| async move {
            let answer = server.call(request).timeout(limit).await;
            (server.clone(), answer)
        });
        all(calls).await
    }

    /// Sends a cast to all of these servers, as [`RemoteProcess::abcast`].
    ///
    /// # OTP
    ///
    /// `gen_server:abcast/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`RemoteProcess::abcast`].
    ///
    /// # Errors
    ///
    /// When the request cannot be written as a term. No server has got it then.
    pub async fn abcast(servers: &[Self], request: &S::Cast) -> Result<(), SerializeError>
    where
        S::Cast: Serialize,
    {
        sent(servers.iter().map(|server| server.cast(request))).await
    }
}

/// The answers, and the failures, in the order in which they come.
async fn all<S, T>(
    calls: impl Iterator<Item = impl Future<Output = (S, Result<T, CallError>)>>,
) -> (Vec<(S, T)>, Vec<(S, CallError)>) {
    let mut calls: FuturesUnordered<_> = calls.collect();
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    while let Some((server, answer)) = calls.next().await {
        match answer {
            Ok(answer) => answers.push((server, answer)),
            Err(error) => failures.push((server, error)),
        }
    }
    (answers, failures)
}

/// Waits until all casts are sent, or one of them cannot be written.
async fn sent(
    casts: impl Iterator<Item = impl Future<Output = Result<(), SerializeError>>>,
) -> Result<(), SerializeError> {
    let mut casts: FuturesUnordered<_> = casts.collect();
    while let Some(cast) = casts.next().await {
        cast?;
    }
    Ok(())
}
