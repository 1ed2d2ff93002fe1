//! How a server takes messages of other nodes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use otp_core::gen_server::answering::{self, AnswerSink};
use otp_core::{ExitReason, GenServer, Pid, ReplyTo, ServerName, ServerRef, sys};
use otp_etf::{Deserializer, Term};
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;

use crate::contain::contained;
use crate::core::Core;
use crate::load::{Load, LoadLimit};
use crate::receive::limits;

/// A call to a server that takes any term.
#[derive(Debug)]
pub struct TermCall {
    /// The request.
    pub request: Term,
    /// Where the answer goes.
    pub from: ReplyTo<Term>,
}

/// How a server of type `S` is exposed: how its messages are decoded, and whether it answers system messages.
pub struct Exposure<S: GenServer> {
    call: DecodeCall<S>,
    cast: fn(&[u8]) -> Result<S::Cast, String>,
    info: fn(&[u8]) -> Result<S::Info, String>,
    state: Option<StateView<S>>,
    limit: LoadLimit,
}

type DecodeCall<S> = fn(&[u8], Arc<dyn AnswerSink>) -> Result<<S as GenServer>::Call, String>;
type StateView<S> = Arc<dyn Fn(&S, &Arc<Core>) -> Vec<u8> + Send + Sync>;

impl<S: GenServer> Exposure<S> {
    /// Messages are decoded by serde. A call that does not fit is answered with `{error, {undecodable, Why}}` and does not reach
    /// the server; a cast or an info that does not fit is dropped. For an answer that has no term, such as a float that is not a number,
    /// the caller gets `{error, {unencodable, Why}}`.
    #[must_use]
    pub fn typed() -> Self
    where
        S::Call: DeserializeOwned,
        S::Cast: DeserializeOwned,
        S::Info: DeserializeOwned,
    {
        Self {
            call: |request, sink| answering::answering(sink, || decode(request)),
            cast: decode,
            info: decode,
            state: None,
            limit: LoadLimit::default(),
        }
    }

    /// The server takes any term: [`TermCall`] for a call, [`Term`] for casts and infos.
    #[must_use]
    pub fn terms() -> Self
    where
        S::Call: From<TermCall>,
        S::Cast: From<Term>,
        S::Info: From<Term>,
    {
        Self {
            call: |request, sink| {
                let request = decode(request)?;
                let from = answering::answering(sink, || decode(&[]))?;
                Ok(TermCall { request, from }.into())
            },
            cast: |message| decode::<Term>(message).map(Into::into),
            info: |message| decode::<Term>(message).map(Into::into),
            state: None,
            limit: LoadLimit::default(),
        }
    }

    /// The number of messages that may wait in the server's mailbox before it takes no more from other nodes, and the
    /// number of their bytes. By default 1,048,576 messages and 256 MiB.
    ///
    /// A refused call is answered with `{error, overloaded}`; other messages are dropped. An exit signal is a message to a server that
    /// traps exits; one over a link cannot be dropped, and ends the connection. The limit with which the server was started counts, too. The bytes are those that have arrived; the decoded values may need more memory.
    ///
    /// # OTP
    ///
    /// Nothing corresponds to it: a mailbox there has no bound.
    #[must_use]
    pub fn mailbox_limit(self, messages: usize, bytes: usize) -> Self {
        let limit = LoadLimit { messages, bytes };
        Self { limit, ..self }
    }

    /// Lets other nodes stop the server, and read `view` of its state: `GenServer.stop`, and of `:sys` `get_state`,
    /// `get_status`, `suspend`, `resume`, `statistics`, `log`, `trace` and `no_debug`.
    ///
    /// # OTP
    ///
    /// The counterpart of `sys:handle_system_msg/6`, which every process has.
    ///
    /// # Differences from OTP
    ///
    /// - A server has to opt in; one that has not answers `{error, {not_allowed, Why}}`, with which `GenServer.stop` fails at once.
    /// - Functions cannot be sent: `replace_state` and `install` are answered as unknown requests.
    /// - Events of a log are texts, of which a server keeps at most 1,000 for another node, and a trace goes to
    ///   `tracing`.
    /// - Statistics have no reductions.
    #[must_use]
    pub fn sys<V: Serialize>(self, view: impl Fn(&S) -> V + Send + Sync + 'static) -> Self {
        let view = move |state: &S, core: &Arc<Core>| {
            let mut bytes = Vec::new();
            core.write_answer(&view(state), &mut bytes);
            bytes
        };
        Self {
            state: Some(Arc::new(view)),
            ..self
        }
    }
}

impl<S: GenServer> Clone for Exposure<S> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            ..*self
        }
    }
}

impl<S: GenServer> fmt::Debug for Exposure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exposure")
            .field("sys", &self.state.is_some())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Reads one term, which has no version byte. A panic of the type's own code is an error as any other: a peer that has found the bytes for
/// it would end its connection by them, and with it the links and monitors of all of its processes.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let read = || {
        let mut deserializer = Deserializer::new(bytes, limits(bytes));
        let value = T::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
        deserializer.finish().map_err(|error| error.to_string())?;
        Ok(value)
    };
    contained(read).unwrap_or_else(Err)
}

/// The way to one server.
pub(crate) trait Gate: Send + Sync {
    /// The server's pid, while it lives.
    fn pid(&self) -> Option<Pid>;
    /// Hands a call on. One that it has taken is a term.
    fn call(&self, request: &[u8], sink: Arc<dyn AnswerSink>) -> Result<(), Refused>;
    fn cast(&self, request: &[u8]);
    fn info(&self, message: &[u8]);
    /// Whether a message of this size has room in the server's mailbox; it counts from then on.
    fn has_room(&self, message: &[u8]) -> bool;
    /// Whether the server has opted in to system messages.
    fn has_sys(&self) -> bool;
    /// The state as others see it, a term without version byte, if the server has opted in.
    fn state(&self, core: &Arc<Core>) -> Option<Doing<Option<Vec<u8>>>>;
    /// Stops the server, if it has opted in. The signal is sent when it is first polled.
    fn stop(&self, reason: ExitReason) -> Option<Doing<()>>;
}

/// Why a call does not reach its server.
#[derive(Debug)]
pub(crate) enum Refused {
    Undecodable(String),
    Overloaded,
    /// There is no server at this moment. The caller learns that from its monitor.
    Absent,
}

/// Work for a process.
pub(crate) type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(crate) struct ServerGate<S: GenServer> {
    server: Server<S>,
    exposure: Exposure<S>,
    load: Load,
}

enum Server<S: GenServer> {
    Name(ServerName<S>),
    Ref(ServerRef<S>),
}

impl<S: GenServer> ServerGate<S> {
    pub(crate) fn by_name(name: ServerName<S>, exposure: Exposure<S>) -> Self {
        Self {
            server: Server::Name(name),
            exposure,
            load: Load::default(),
        }
    }

    pub(crate) fn by_ref(server: ServerRef<S>, exposure: Exposure<S>) -> Self {
        Self {
            server: Server::Ref(server),
            exposure,
            load: Load::default(),
        }
    }

    fn find(&self) -> Option<ServerRef<S>> {
        match &self.server {
            Server::Name(name) => name.whereis(),
            Server::Ref(server) => Some(server.clone()).filter(ServerRef::is_alive),
        }
    }
}

impl<S: GenServer> ServerGate<S> {
    /// The server, if there is one and it has room for this message.
    fn admit(&self, message: &[u8]) -> Option<Result<ServerRef<S>, Refused>> {
        let server = self.find()?;
        let waiting = server.message_queue_len();
        let limit = self.exposure.limit;
        Some(match self.load.admits(waiting, message.len(), limit) {
            true => Ok(server),
            false => Err(Refused::Overloaded),
        })
    }
}

impl<S: GenServer> Gate for ServerGate<S> {
    fn pid(&self) -> Option<Pid> {
        Some(self.find()?.pid())
    }

    fn call(&self, request: &[u8], sink: Arc<dyn AnswerSink>) -> Result<(), Refused> {
        let server = self.admit(request).ok_or(Refused::Absent)??;
        let client = sink.client();
        let request = (self.exposure.call)(request, sink).map_err(Refused::Undecodable)?;
        answering::call(&server, request, client);
        Ok(())
    }

    fn cast(&self, request: &[u8]) {
        if let Some(Ok(server)) = self.admit(request) {
            match (self.exposure.cast)(request) {
                Ok(request) => server.cast(request),
                Err(why) => {
                    tracing::debug!(server = %server.pid(), %why, "a cast cannot be decoded");
                }
            }
        }
    }

    fn info(&self, message: &[u8]) {
        if let Some(Ok(server)) = self.admit(message) {
            match (self.exposure.info)(message) {
                Ok(message) => server.send(message),
                Err(why) => {
                    tracing::debug!(server = %server.pid(), %why, "a message cannot be decoded");
                }
            }
        }
    }

    fn has_room(&self, message: &[u8]) -> bool {
        !matches!(self.admit(message), Some(Err(_)))
    }

    fn has_sys(&self) -> bool {
        self.exposure.state.is_some()
    }

    fn state(&self, core: &Arc<Core>) -> Option<Doing<Option<Vec<u8>>>> {
        let (view, core) = (self.exposure.state.clone()?, core.clone());
        let server = self.find()?;
        Some(Box::pin(async move {
            let state = sys::get_state(&server, move |state| view(state, &core)).await;
            state.ok().filter(|state| !state.is_empty())
        }))
    }

    fn stop(&self, reason: ExitReason) -> Option<Doing<()>> {
        self.exposure.state.as_ref()?;
        let server = self.find()?;
        Some(Box::pin(async move {
            // The caller learns of the end by a monitor.
            let _ended = server.stop_with(reason).await;
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use otp_core::ReplyTo;
    use otp_core::gen_server::answering::{AnswerSink, answering};
    use otp_etf::{Term, term, to_bytes_into, to_term};
    use parking_lot::Mutex;
    use serde::{Deserialize, Serialize};

    use super::decode;

    #[derive(Default)]
    struct Answers(Mutex<Vec<Term>>);

    impl AnswerSink for Answers {
        fn answer(&self, answer: &dyn erased_serde::Serialize) {
            let term = to_term(&answer).expect("it can be written");
            self.0.lock().push(term);
        }
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Call {
        Total(ReplyTo<i64>),
        Divide(i64, i64, ReplyTo<Result<i64, String>>),
        Twice(ReplyTo<i64>, ReplyTo<i64>),
    }

    fn read(term: &Term, answers: &Arc<Answers>) -> Result<Call, String> {
        let mut bytes = Vec::new();
        to_bytes_into(term, &mut bytes).expect("it can be written");
        answering(answers.clone(), || decode(&bytes))
    }

    #[test]
    fn the_answer_of_a_decoded_call_goes_to_its_sink() {
        let answers = Arc::new(Answers::default());
        let Ok(Call::Total(from)) = read(&term!(total), &answers) else {
            panic!("it is a call");
        };
        from.send(42);
        let Ok(Call::Divide(10, 4, from)) = read(&term!({divide, 10, 4}), &answers) else {
            panic!("it is a call");
        };
        std::thread::spawn(move || from.send(Err("no".into())))
            .join()
            .expect("it is sent from any thread");
        assert_eq!(*answers.0.lock(), [term!(42), term!({error, "no"})]);
        assert_eq!(Arc::strong_count(&answers), 1, "no slot is left");
    }

    #[test]
    fn a_call_that_is_dropped_is_not_answered() {
        let answers = Arc::new(Answers::default());
        drop(read(&term!(total), &answers));
        assert_eq!(*answers.0.lock(), []);
        assert_eq!(Arc::strong_count(&answers), 1, "no slot is left");
    }

    #[test]
    fn a_call_has_one_handle_and_only_where_it_is_answered() {
        let answers = Arc::new(Answers::default());
        assert!(read(&term!(twice), &answers).is_err());
        let mut bytes = Vec::new();
        to_bytes_into(&term!(total), &mut bytes).expect("it can be written");
        assert!(decode::<Call>(&bytes).is_err());
    }
}
