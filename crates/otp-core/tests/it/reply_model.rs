//! Random histories of calls: however they are polled, moved, answered and dropped, each ends when it has to.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use otp_core::gen_server::TimeLimit;
use otp_core::prelude::*;
use otp_core::process;
use proptest::prelude::*;
use proptest::strategy::Strategy;
use tokio::time::{Instant, sleep};

const MS: Duration = Duration::from_millis(1);

/// A server that answers when it is told to.
struct Vault(HashMap<usize, ReplyTo<usize>>);

enum Ask {
    Keep(usize, ReplyTo<usize>),
    AtOnce(ReplyTo<usize>),
}

enum Order {
    Answer(usize),
    Abandon(usize),
}

impl GenServer for Vault {
    type Args = ();
    type Call = Ask;
    type Cast = Order;
    type Info = Never;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(HashMap::new())))
    }

    async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Ask::Keep(id, from) => {
                self.0.insert(id, from);
                Reply::later()
            }
            Ask::AtOnce(from) => from.reply(0),
        }
    }

    async fn handle_cast(&mut self, order: Order, _: &mut Context<Self>) -> Next<Self> {
        match order {
            Order::Answer(id) => {
                if let Some(from) = self.0.remove(&id) {
                    from.send(id);
                }
            }
            Order::Abandon(id) => drop(self.0.remove(&id)),
        }
        Next::NoReply
    }
}

/// Who polls a call.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The process, with the waker of its task.
    Body,
    /// The process, in a `FuturesUnordered`, which has a waker for each future.
    Apart,
    /// A task that is no process.
    Task,
    /// Another process.
    Process,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Call,
    Request,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Make(Kind, Limit, Place),
    Move(usize, Place),
    /// Polls a call with a waker that does nothing; then its place polls it again.
    Spurious(usize),
    Answer(usize),
    Abandon(usize),
    Drop(usize),
    /// Makes a call that is answered at once.
    AtOnce,
    Pass(u64),
}

/// In milliseconds; none is for ever.
type Limit = Option<u64>;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let limit = prop_oneof![
        8 => prop::sample::select(vec![0, 1, 2, 19, 100, 255, 256, 1000, 4999, 5000, 5001, 60_000]).prop_map(Some),
        8 => Just(Some(5000)),
        1 => Just(None),
    ];
    let kind = prop_oneof![3 => Just(Kind::Call), 1 => Just(Kind::Request)];
    let place = || {
        prop_oneof![
            2 => Just(Place::Body),
            2 => Just(Place::Apart),
            1 => Just(Place::Task),
            1 => Just(Place::Process)
        ]
    };
    let pass = prop::sample::select(vec![0, 1, 2, 19, 20, 21, 100, 1000, 4990, 5000, 10_000]);
    let step = prop_oneof![
        6 => (kind, limit, place()).prop_map(|(kind, limit, place)| Step::Make(kind, limit, place)),
        3 => (0..40_usize, place()).prop_map(|(call, place)| Step::Move(call, place)),
        3 => (0..40_usize).prop_map(Step::Spurious),
        2 => (0..40_usize).prop_map(Step::Answer),
        1 => (0..40_usize).prop_map(Step::Abandon),
        2 => (0..40_usize).prop_map(Step::Drop),
        4 => Just(Step::AtOnce),
        6 => pass.prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..24)
}

type Answer = Result<usize, CallError>;

/// A call, wherever it is polled.
struct Pending {
    future: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
    /// How often it has been moved: the place that it has left drops it.
    moved: usize,
    /// The waker of its place.
    waker: Option<Waker>,
    limit: Limit,
    made: Instant,
    /// When the server was told to answer it, or to give it up.
    settled: Option<Instant>,
    ended: Option<(Instant, Answer)>,
    dropped: bool,
}

#[derive(Clone)]
struct Call(Arc<Mutex<Pending>>);

impl Call {
    fn make(server: &ServerRef<Vault>, kind: Kind, id: usize, limit: Limit) -> Self {
        let server = server.clone();
        let time = limit.map_or(TimeLimit::Infinity, |limit| {
            TimeLimit::After(limit as u32 * MS)
        });
        let future: Pin<Box<dyn Future<Output = Answer> + Send>> = match kind {
            Kind::Call => {
                Box::pin(async move { server.call(|from| Ask::Keep(id, from)).timeout(time).await })
            }
            Kind::Request => {
                let request = server.send_request(|from| Ask::Keep(id, from));
                Box::pin(request.timeout(time))
            }
        };
        Self(Arc::new(Mutex::new(Pending {
            future: Some(future),
            moved: 0,
            waker: None,
            limit,
            made: Instant::now(),
            settled: None,
            ended: None,
            dropped: false,
        })))
    }

    fn poll(&self, cx: &mut TaskContext<'_>) -> Poll<()> {
        let mut pending = self.0.lock().expect("no poll panics");
        let Some(future) = &mut pending.future else {
            return Poll::Ready(());
        };
        let Poll::Ready(answer) = future.as_mut().poll(cx) else {
            return Poll::Pending;
        };
        pending.future = None;
        pending.ended = Some((Instant::now(), answer));
        Poll::Ready(())
    }

    /// Polls it for as long as it stays in this place.
    fn stay(&self) -> impl Future<Output = ()> + Send + use<> {
        let call = self.clone();
        let here = {
            let mut pending = call.0.lock().expect("no poll panics");
            pending.moved += 1;
            if let Some(waker) = pending.waker.take() {
                waker.wake();
            }
            pending.moved
        };
        poll_fn(move |cx| {
            {
                let mut pending = call.0.lock().expect("no poll panics");
                if pending.moved != here {
                    return Poll::Ready(());
                }
                pending.waker = Some(cx.waker().clone());
            }
            call.poll(cx)
        })
    }

    fn poll_spuriously(&self) {
        let _ = self.poll(&mut TaskContext::from_waker(Waker::noop()));
        let waker = self.0.lock().expect("no poll panics").waker.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn drop_it(&self) {
        let future = {
            let mut pending = self.0.lock().expect("no poll panics");
            pending.dropped |= pending.future.is_some();
            pending.future.take()
        };
        drop(future);
    }

    fn settle(&self) {
        let mut pending = self.0.lock().expect("no poll panics");
        pending.settled.get_or_insert_with(Instant::now);
    }

    /// Checks how the call ended, or why it may wait still.
    #[track_caller]
    fn check(&self, id: usize) {
        let pending = self.0.lock().expect("no poll panics");
        if pending.dropped {
            return;
        }
        let limit = pending.limit.map(|limit| limit as u32 * MS);
        let Some((ended, answer)) = &pending.ended else {
            assert!(
                limit.is_none() && pending.settled.is_none(),
                "call {id} with limit {limit:?} waits for ever"
            );
            return;
        };
        let took = *ended - pending.made;
        match answer {
            Err(CallError::Timeout { .. }) => {
                let limit = limit.expect("there is a limit to reach");
                // As the documentation of `call` says, and two roundings to the grain of tokio's timers.
                let latest = limit + (limit.min(5000 * MS) / 256).max(MS) + 2 * MS;
                assert!(
                    (limit..=latest).contains(&took),
                    "call {id} with limit {limit:?} ended after {took:?}"
                );
            }
            _ => {
                let settled = pending.settled.expect("the server was told to");
                assert_eq!(*ended, settled, "call {id} ended when it was settled");
            }
        }
    }
}

/// What the process polls itself.
#[derive(Default)]
struct Body {
    direct: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
    apart: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Body {
    fn poll(&mut self, cx: &mut TaskContext<'_>) {
        self.direct
            .retain_mut(|call| call.as_mut().poll(cx).is_pending());
        while let Poll::Ready(Some(())) = self.apart.poll_next_unpin(cx) {}
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "it is about tasks that are no processes"
    )]
    fn put(&mut self, call: &Call, place: Place) {
        let stay = call.stay();
        match place {
            Place::Body => self.direct.push(Box::pin(stay)),
            Place::Apart => self.apart.push(Box::pin(stay)),
            Place::Task => drop(tokio::spawn(stay)),
            Place::Process => drop(process::spawn(|_: Mailbox<Never>| stay)),
        }
    }

    /// Does something else, while the process goes on to poll its calls.
    async fn beside<F: Future>(&mut self, other: F) -> F::Output {
        let mut other = std::pin::pin!(other);
        poll_fn(|cx| {
            self.poll(cx);
            other.as_mut().poll(cx)
        })
        .await
    }
}

async fn play(steps: Vec<Step>) {
    let server = Vault::start(()).await.expect("nothing hinders it");
    let mut body = Body::default();
    let mut calls: Vec<Call> = Vec::new();
    for step in steps {
        // What is done to a call is done to one that waits. The clock moves when nothing else can happen any more. After
        // other steps a call is only polled by what wakes it.
        if !matches!(step, Step::Make(..) | Step::AtOnce | Step::Pass(_)) {
            body.beside(sleep(MS)).await;
        }
        let found = |at: usize| (!calls.is_empty()).then(|| at % calls.len());
        match step {
            Step::Make(kind, limit, place) => {
                let call = Call::make(&server, kind, calls.len(), limit);
                body.put(&call, place);
                calls.push(call);
            }
            Step::Move(at, place) => {
                if let Some(at) = found(at) {
                    body.put(&calls[at], place);
                }
            }
            Step::Spurious(at) => found(at)
                .into_iter()
                .for_each(|at| calls[at].poll_spuriously()),
            Step::Answer(at) => {
                if let Some(at) = found(at) {
                    calls[at].settle();
                    server.cast(Order::Answer(at));
                }
            }
            Step::Abandon(at) => {
                if let Some(at) = found(at) {
                    calls[at].settle();
                    server.cast(Order::Abandon(at));
                }
            }
            Step::Drop(at) => found(at).into_iter().for_each(|at| calls[at].drop_it()),
            Step::AtOnce => {
                assert_eq!(body.beside(server.call(Ask::AtOnce)).await, Ok(0));
            }
            Step::Pass(time) => body.beside(sleep(time as u32 * MS)).await,
        }
    }
    body.beside(sleep(Duration::from_secs(3600))).await;
    for (id, call) in calls.iter().enumerate() {
        call.check(id);
    }
}

fn run(steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be built");
    runtime.block_on(crate::support::in_process(play(steps)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    // CAL-002, CAL-003
    #[test]
    fn every_call_of_any_history_ends_when_it_has_to(steps in steps()) {
        run(steps);
    }
}
