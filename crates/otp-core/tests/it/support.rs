//! What the tests of this crate share: a server that does as it is told, and processes to run tests in.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp_core::gen_server::{Address, MessageView, Status};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{NameRegistry, PanicInfo};
use tokio::sync::oneshot;

/// What a [`Lab`] tells the test.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Init,
    Call(u32),
    Cast(u32),
    Message(u32),
    Continue(u32),
    Timeout,
    Exit(Exit),
    Down(Down),
    Terminate(ExitReason),
    /// Whatever a test wants to say.
    Note(&'static str),
}

/// A callback waits for this until the other half is used or dropped.
pub(crate) type Gate = oneshot::Receiver<()>;

pub(crate) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

type Step = Box<dyn FnOnce(&mut Lab, &mut Context<Lab>) -> Next<Lab> + Send>;
type Job = Box<dyn FnOnce(ServerRef<Lab>) -> Boxed<Next<Lab>> + Send>;
type Handler = Box<dyn FnOnce(&mut Lab, ReplyTo<u32>) -> Reply<Lab> + Send>;
type Opening = Box<dyn FnOnce(Lab, &mut Context<Lab>) -> Result<Init<Lab>, ExitReason> + Send>;
type Closing = Box<dyn FnOnce(ExitReason) -> Boxed<()> + Send>;

/// A server that does what its messages say and reports what happens to it.
pub(crate) struct Lab {
    pub(crate) probe: Probe<Event>,
    /// Calls to be answered later.
    pub(crate) kept: Vec<ReplyTo<u32>>,
    terminate: Option<Closing>,
}

/// A request that is answered with a number.
pub(crate) enum Call {
    /// Reports the number and answers with it.
    Echo(u32, ReplyTo<u32>),
    /// Keeps the handle.
    Keep(ReplyTo<u32>),
    /// Does this; see [`ask`].
    Do(Handler, ReplyTo<u32>),
}

/// A cast, a plain message or what a continue goes on with.
pub(crate) enum Order {
    /// Reports the number.
    Note(u32),
    /// Waits inside the callback.
    Hold(Gate),
    /// Does this; see [`act`].
    Do(Step),
    /// Does this, and may wait; see [`run`].
    Run(Job),
}

/// A call that is handled by `handler`.
pub(crate) fn ask(
    handler: impl FnOnce(&mut Lab, ReplyTo<u32>) -> Reply<Lab> + Send + 'static,
) -> impl FnOnce(ReplyTo<u32>) -> Call {
    |from| Call::Do(Box::new(handler), from)
}

/// A call that is reported as, and answered with, `n`.
pub(crate) fn echo(n: u32) -> impl FnOnce(ReplyTo<u32>) -> Call {
    move |from| Call::Echo(n, from)
}

/// An order to do this at once.
pub(crate) fn act(
    step: impl FnOnce(&mut Lab, &mut Context<Lab>) -> Next<Lab> + Send + 'static,
) -> Order {
    Order::Do(Box::new(step))
}

/// An order to do this, which may wait. It gets the server's own reference.
pub(crate) fn run<F>(job: impl FnOnce(ServerRef<Lab>) -> F + Send + 'static) -> Order
where
    F: Future<Output = Next<Lab>> + Send + 'static,
{
    Order::Run(Box::new(|me| Box::pin(job(me))))
}

/// An order to stop with this reason.
pub(crate) fn stop(reason: impl Into<ExitReason>) -> Order {
    let reason = reason.into();
    act(|_, _| Next::Stop(reason))
}

/// An order to panic.
pub(crate) fn boom() -> Order {
    act(|_, _| panic!("boom"))
}

/// How a [`Lab`] is to start.
pub(crate) struct Setup {
    probe: Probe<Event>,
    traps: bool,
    gate: Option<Gate>,
    init: Option<Opening>,
    terminate: Option<Closing>,
}

/// A plain start that reports to `probe`.
pub(crate) fn lab(probe: &Probe<Event>) -> Setup {
    Setup {
        probe: probe.clone(),
        traps: false,
        gate: None,
        init: None,
        terminate: None,
    }
}

/// A plain start without a reader of its reports.
pub(crate) fn quiet() -> Setup {
    lab(&Probe::new())
}

impl Setup {
    /// Traps exits.
    pub(crate) fn trapping(self, traps: bool) -> Self {
        Self { traps, ..self }
    }

    /// `init` waits for this.
    pub(crate) fn gate(self, gate: Gate) -> Self {
        Self {
            gate: Some(gate),
            ..self
        }
    }

    /// What `init` returns.
    pub(crate) fn init(
        self,
        init: impl FnOnce(Lab, &mut Context<Lab>) -> Result<Init<Lab>, ExitReason> + Send + 'static,
    ) -> Self {
        Self {
            init: Some(Box::new(init)),
            ..self
        }
    }

    /// What the server does first.
    pub(crate) fn then(self, next: Next<Lab>) -> Self {
        self.init(|lab, _| Ok(Init::state(lab).then(next)))
    }

    /// What `terminate` does with the reason, after it has reported it.
    pub(crate) fn terminate<F>(
        self,
        terminate: impl FnOnce(ExitReason) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            terminate: Some(Box::new(|reason| Box::pin(terminate(reason)))),
            ..self
        }
    }

    /// The state for a process that becomes a server by itself.
    pub(crate) fn state(self) -> Lab {
        Lab {
            probe: self.probe,
            kept: Vec::new(),
            terminate: self.terminate,
        }
    }
}

#[gen_server]
impl GenServer for Lab {
    type Args = Setup;
    type Call = Call;
    type Cast = Order;
    type Info = Order;
    type Continue = Order;

    async fn init(mut setup: Setup, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        setup.probe.report(Event::Init);
        context.trap_exit(setup.traps);
        if let Some(gate) = setup.gate.take() {
            let _ = gate.await;
        }
        match setup.init.take() {
            Some(init) => init(setup.state(), context),
            None => Ok(Init::state(setup.state())),
        }
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Echo(n, from) => {
                self.probe.report(Event::Call(n));
                from.reply(n)
            }
            Call::Keep(from) => {
                self.kept.push(from);
                Reply::later()
            }
            Call::Do(handler, from) => handler(self, from),
        }
    }

    async fn handle_cast(&mut self, order: Order, context: &mut Context<Self>) -> Next<Self> {
        self.obey(order, Event::Cast, context).await
    }

    async fn handle_info(&mut self, info: Info<Order>, context: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(order) => return self.obey(order, Event::Message, context).await,
            Info::Timeout => self.probe.report(Event::Timeout),
            Info::Exit(exit) => self.probe.report(Event::Exit(exit)),
            Info::Down(down) => self.probe.report(Event::Down(down)),
        }
        Next::NoReply
    }

    async fn handle_continue(&mut self, order: Order, context: &mut Context<Self>) -> Next<Self> {
        self.obey(order, Event::Continue, context).await
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.probe.report(Event::Terminate(reason.clone()));
        if let Some(terminate) = self.terminate.take() {
            terminate(reason.clone()).await;
        }
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{} kept", self.kept.len()));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(order) => format!("{order:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}

impl Lab {
    async fn obey(
        &mut self,
        order: Order,
        event: fn(u32) -> Event,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        match order {
            Order::Note(n) => self.probe.report(event(n)),
            Order::Hold(gate) => {
                let _ = gate.await;
            }
            Order::Do(step) => return step(self, context),
            Order::Run(job) => return job(context.me()).await,
        }
        Next::NoReply
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo(n, _) => write!(f, "Echo({n})"),
            Self::Keep(_) => f.write_str("Keep"),
            Self::Do(..) => f.write_str("Do"),
        }
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(n) => write!(f, "Note({n})"),
            Self::Hold(_) => f.write_str("Hold"),
            Self::Do(_) => f.write_str("Do"),
            Self::Run(_) => f.write_str("Run"),
        }
    }
}

/// What a test's own process receives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Exit(Exit),
    Down(Down),
    Note(u32),
}

/// Runs a test as a process of a new node. Its failed assertions fail the test.
pub(crate) async fn in_process<F>(body: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    with_mailbox(|_| body).await
}

/// As [`in_process`], for a test whose process receives messages.
pub(crate) async fn with_mailbox<B, F>(body: B) -> F::Output
where
    B: FnOnce(Mailbox<Heard>) -> F + Send + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    run_boxed(Box::new(|mailbox| Box::pin(body(mailbox)))).await
}

type BoxedBody<T> =
    Box<dyn FnOnce(Mailbox<Heard>) -> Pin<Box<dyn Future<Output = T> + Send>> + Send>;

/// In boxes: the code of a process is compiled once for hundreds of tests.
async fn run_boxed<T: Send + 'static>(body: BoxedBody<T>) -> T {
    crate::collector::keep_listening();
    let running = Node::new().run_with(body);
    // With a paused clock this is over as soon as nothing can happen any more.
    let ended = tokio::time::timeout(Duration::from_secs(365 * 24 * 60 * 60), running).await;
    match ended.expect("the test's process waits for something that never comes") {
        Ok(output) => output,
        Err(ExitReason::Panic(info)) => panic!("{info}"),
        Err(reason) => panic!("the test's process ended with {reason:?}"),
    }
}

/// Passes time until nothing can happen any more but by a timer of more than a second.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// The error of a call to a server that ended first.
pub(crate) fn exited(server: &ServerRef<Lab>, reason: impl Into<ExitReason>) -> CallError {
    CallError::Exited {
        server: Address::Pid(server.pid()),
        reason: reason.into(),
    }
}

/// The panic behind an exit reason.
#[track_caller]
pub(crate) fn panic_of(reason: &ExitReason) -> &PanicInfo {
    match reason {
        ExitReason::Panic(info) => info,
        other => panic!("{other:?} is no panic"),
    }
}

/// The panic behind a failed call.
#[track_caller]
pub(crate) fn panic_of_call<T: fmt::Debug>(answer: &Result<T, CallError>) -> &PanicInfo {
    match answer {
        Err(CallError::Exited { reason, .. }) => panic_of(reason),
        other => panic!("{other:?} is no panic of the server"),
    }
}

/// A registry for names by way of it.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<HashMap<String, Pid>>);

/// A name in a new registry.
pub(crate) fn via(key: &'static str) -> Name {
    Name::via(Arc::new(Keys::default()), key)
}

impl NameRegistry for Keys {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        let mut keys = self.0.lock().expect("no registry panics");
        match keys.get(key) {
            Some(holder) => Err(*holder),
            None => {
                keys.insert(key.to_owned(), pid);
                Ok(())
            }
        }
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        let mut keys = self.0.lock().expect("no registry panics");
        if keys.get(key) == Some(&pid) {
            keys.remove(key);
        }
    }

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        self.0.lock().expect("no registry panics").get(key).copied()
    }
}
