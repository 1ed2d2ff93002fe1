//! Handles on processes of other nodes.

use std::fmt;
use std::marker::PhantomData;

use otp_core::gen_server::{Begin, Limited, answering};
use otp_core::remote::crossing;
use otp_core::{GenServer, Pid, ReplyTo, Target, TimeLimit};
use otp_etf::{Deserializer, SerializeError};
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;

use crate::call::{self, CallError, Destination};
use crate::distribution::Distribution;
use crate::receive::limits;

/// A process of the cluster, whose messages are terms: any type of serde's.
///
/// A handle is an address: it is made without a check that there is such a process, and the node is dialled when the
/// handle is used.
///
/// # OTP
///
/// A pid, or `{Name, Node}`.
#[derive(Clone)]
pub struct RemoteProcess {
    dist: Distribution,
    to: Destination,
}

impl RemoteProcess {
    pub(crate) fn new(dist: Distribution, to: Destination) -> Self {
        Self { dist, to }
    }

    /// The address.
    #[must_use]
    pub fn destination(&self) -> &Destination {
        &self.to
    }

    /// Calls the server. It waits for the answer for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `gen_server:call/2`, and `call/3`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped after its first poll, the server may still handle the request. A late answer is
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub fn call<R: DeserializeOwned>(
        &self,
        request: &(impl Serialize + ?Sized),
    ) -> Limited<impl Begin<Output = Result<R, CallError>>> {
        let mut bytes = Vec::new();
        let written = self.dist.core().write(request, &mut bytes);
        self.call_written(written.map(|()| bytes))
    }

    /// The request is a term without version byte.
    fn call_written<R: DeserializeOwned>(
        &self,
        request: Result<Vec<u8>, SerializeError>,
    ) -> Limited<impl Begin<Output = Result<R, CallError>> + use<R>> {
        let (core, to) = (self.dist.core().clone(), self.to.clone());
        Limited::new(TimeLimit::DEFAULT, |limit| async move {
            let answer = call::call(&core, &to, request?, limit).await?;
            let mut deserializer = Deserializer::new(&answer, limits(&answer));
            let value = crossing(core, || R::deserialize(&mut deserializer))?;
            deserializer.finish()?;
            Ok(value)
        })
    }

    /// Sends a cast. It waits while the connection is busy. A cast that does not arrive is lost.
    ///
    /// # OTP
    ///
    /// `gen_server:cast/2`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits it has sent nothing.
    ///
    /// # Errors
    ///
    /// When the request cannot be written as a term.
    pub async fn cast(&self, request: &(impl Serialize + ?Sized)) -> Result<(), SerializeError> {
        // `{'$gen_cast', Request}`.
        let mut bytes = vec![104, 2, 119, 9];
        bytes.extend_from_slice(b"$gen_cast");
        self.dist.core().write(request, &mut bytes)?;
        call::send(self.dist.core(), &self.to, bytes).await;
        Ok(())
    }

    /// Sends a message. It waits while the connection is busy. A message that does not arrive is lost.
    ///
    /// # OTP
    ///
    /// `Dest ! Message`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits it has sent nothing.
    ///
    /// # Errors
    ///
    /// When the message cannot be written as a term.
    pub async fn send(&self, message: &(impl Serialize + ?Sized)) -> Result<(), SerializeError> {
        let mut bytes = Vec::new();
        self.dist.core().write(message, &mut bytes)?;
        call::send(self.dist.core(), &self.to, bytes).await;
        Ok(())
    }

    /// The target for a monitor: `context.monitor(process.target().await)`. The node is dialled if it is not connected;
    /// if it cannot be reached the monitor fires at once, with [`NoConnection`](otp_core::ExitReason::NoConnection). One of a process of
    /// a former life of the node fires with [`NoProcess`](otp_core::ExitReason::NoProcess).
    ///
    /// # Cancel safety
    ///
    /// It can be dropped at any time.
    pub async fn target(&self) -> Target {
        let core = self.dist.core();
        match &self.to {
            Destination::Pid(pid) => match core.pid_in(pid).await {
                Some(pid) => pid.into(),
                None => core.unreachable(&pid.node).name("").into(),
            },
            Destination::Name(name, node) => core.name_in(name, node).await.into(),
        }
    }

    /// The pid in this program, for links, monitors and exits, if this is a process and no name. The node is dialled if it is not
    /// connected; a pid of a node that cannot be reached is one of a process that does not live.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped at any time.
    pub async fn pid(&self) -> Option<Pid> {
        match &self.to {
            Destination::Pid(pid) => self.dist.core().pid_in(pid).await,
            Destination::Name(..) => None,
        }
    }
}

impl fmt::Debug for RemoteProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteProcess").field(&self.to).finish()
    }
}

/// A server of type `S` on another node: the same messages as for one of this node.
pub struct RemoteServer<S> {
    process: RemoteProcess,
    server: PhantomData<fn() -> S>,
}

impl<S: GenServer> RemoteServer<S> {
    pub(crate) fn new(process: RemoteProcess) -> Self {
        Self {
            process,
            server: PhantomData,
        }
    }

    /// The process, whose messages are terms.
    #[must_use]
    pub fn process(&self) -> &RemoteProcess {
        &self.process
    }

    /// Calls the server, as [`ServerRef::call`](otp_core::ServerRef::call). It waits for the answer for at most 5 s, or for as long
    /// as [`timeout`](Limited::timeout) says.
    ///
    /// # Cancel safety
    ///
    /// As for [`RemoteProcess::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub fn call<T>(
        &self,
        request: impl FnOnce(ReplyTo<T>) -> S::Call,
    ) -> Limited<impl Begin<Output = Result<T, CallError>>>
    where
        S::Call: Serialize,
        T: DeserializeOwned + Send + 'static,
    {
        // The encoded bytes are kept, and not the request: its handle has no use here.
        let mut bytes = Vec::new();
        let request = request(answering::unanswered());
        let written = self.process.dist.core().write(&request, &mut bytes);
        self.process.call_written(written.map(|()| bytes))
    }

    /// Sends a cast, as [`RemoteProcess::cast`].
    ///
    /// # Cancel safety
    ///
    /// As for [`RemoteProcess::cast`].
    ///
    /// # Errors
    ///
    /// When the request cannot be written as a term.
    pub async fn cast(&self, request: &S::Cast) -> Result<(), SerializeError>
    where
        S::Cast: Serialize,
    {
        self.process.cast(request).await
    }

    /// Sends a message for [`GenServer::handle_info`], as [`RemoteProcess::send`].
    ///
    /// # Cancel safety
    ///
    /// As for [`RemoteProcess::send`].
    ///
    /// # Errors
    ///
    /// When the message cannot be written as a term.
    pub async fn send(&self, message: &S::Info) -> Result<(), SerializeError>
    where
        S::Info: Serialize,
    {
        self.process.send(message).await
    }

    /// The target for a monitor, as [`RemoteProcess::target`].
    ///
    /// # Cancel safety
    ///
    /// It can be dropped at any time.
    pub async fn target(&self) -> Target {
        self.process.target().await
    }
}

impl<S> Clone for RemoteServer<S> {
    fn clone(&self) -> Self {
        Self {
            process: self.process.clone(),
            server: PhantomData,
        }
    }
}

impl<S> fmt::Debug for RemoteServer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.process, f)
    }
}
