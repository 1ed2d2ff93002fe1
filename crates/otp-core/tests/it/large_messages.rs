//! Messages of the greatest size that compiles go every way through a thread of 2 MiB, in a debug build too.

use std::future::Future;
use std::time::Duration;

use otp_core::event_manager::{
    EventHandler, EventManager, HandleCall, Handled, HandlerId, ManagerContext,
};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{PubSub, Recipient, process, timer};

/// As much as compiles with what the runtime puts beside it.
const SIZE: usize = 32 * 1024 + 32;

/// The same for events.
const EVENT: usize = 16 * 1024 + 32;

/// A message of this size, and its number.
#[derive(Clone)]
struct Large<const N: usize>([u8; N]);

type Most = Large<SIZE>;
/// With room for where the answer goes.
type MostOfCall = Large<{ SIZE - 8 }>;

type MostOfEvent = Large<EVENT>;
type MostOfCalledEvent = Large<{ EVENT - 8 }>;

impl<const N: usize> Large<N> {
    fn new(n: u8) -> Self {
        let mut bytes = [0; N];
        bytes[N - 1] = n;
        Self(bytes)
    }

    fn number(&self) -> u8 {
        self.0[self.0.len() - 1]
    }
}

/// Runs a process on a thread with a stack as that of tokio's workers.
fn on_a_small_stack<F>(body: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let ended = runtime.block_on(Node::new().run(async move { body().await }));
        assert_eq!(ended, Ok(()));
    };
    thread
        .spawn(run)
        .expect("a thread starts")
        .join()
        .expect("all is well");
}

/// The next six numbers.
async fn reported(probe: &Probe<u8>) -> [u8; 6] {
    let mut numbers = [0; 6];
    for number in &mut numbers {
        *number = probe.next().await;
    }
    numbers
}

struct Server(Probe<u8>);

impl GenServer for Server {
    type Args = Probe<u8>;
    type Call = (MostOfCall, ReplyTo<u8>);
    type Cast = Most;
    type Info = Most;
    type Continue = Large<{ 4 * 1024 }>;

    async fn init(probe: Probe<u8>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(probe)))
    }

    async fn handle_call(
        &mut self,
        (call, from): Self::Call,
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        from.reply(call.number())
            .then(Next::Continue(Large::new(10 + call.number())))
    }

    async fn handle_cast(&mut self, cast: Most, _: &mut Context<Self>) -> Next<Self> {
        self.0.report(cast.number());
        Next::Continue(Large::new(cast.number()))
    }

    async fn handle_info(&mut self, info: Info<Most>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(message) = info {
            self.0.report(message.number());
        }
        Next::NoReply
    }

    async fn handle_continue(
        &mut self,
        with: Large<{ 4 * 1024 }>,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        self.0.report(with.number());
        Next::NoReply
    }
}

#[test]
fn servers_take_large_messages() {
    on_a_small_stack(|| async {
        let probe = Probe::new();
        let server = Server::start(probe.clone()).await.expect("it starts");
        assert_eq!(server.call(|from| (Large::new(1), from)).await, Ok(1));
        let request = server.send_request(|from| (Large::new(2), from));
        assert_eq!(request.await, Ok(2));
        server.cast(Large::new(3));
        server.send(Large::new(4));
        timer::send_after(&server, Duration::from_millis(1), Large::new(5));
        assert_eq!(reported(&probe).await, [11, 12, 3, 3, 4, 5]);
    });
}

/// Its handler sends messages to itself, on a thread of its own.
struct Alone(Probe<u8>);

#[otp_core::gen_server]
impl GenServer for Alone {
    type Args = Probe<u8>;
    type Cast = Most;

    async fn init(probe: Probe<u8>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(probe)))
    }

    async fn handle_cast(&mut self, mut cast: Most, context: &mut Context<Self>) -> Next<Self> {
        self.0.report(cast.number());
        if cast.number() < 3 {
            cast.0[SIZE - 1] += 1;
            context.me().cast(cast);
        }
        Next::NoReply
    }
}

#[test]
fn a_server_with_its_own_thread_casts_large_messages_to_itself() {
    on_a_small_stack(|| async {
        let probe = Probe::new();
        let started = Alone::options().own_thread().start(probe.clone()).await;
        started.expect("it starts").cast(Large::new(1));
        for number in 1..=3 {
            assert_eq!(probe.next().await, number);
        }
    });
}

struct Moves(Probe<u8>);

impl StateMachine for Moves {
    type Args = Probe<u8>;
    type State = u8;
    type Call = (MostOfCalledEvent, ReplyTo<u8>);
    type Cast = MostOfEvent;
    type Info = MostOfEvent;
    type Internal = MostOfEvent;
    type Timer = ();

    async fn init(
        probe: Probe<u8>,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state(0, Self(probe)).insert(Large::new(9)))
    }

    async fn handle(
        &mut self,
        state: &u8,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match (state, event) {
            (0, event @ (Event::Call(_) | Event::Cast(_))) => Transition::keep().postpone(event),
            (_, Event::Info(message)) => {
                self.0.report(message.number());
                Transition::next(1).insert(message)
            }
            (_, Event::Call((call, from))) => Transition::keep().reply(from, call.number()),
            (_, Event::Cast(message) | Event::Internal(message)) => {
                self.0.report(message.number());
                Transition::keep()
            }
            _ => Transition::keep(),
        }
    }
}

#[test]
fn machines_postpone_and_insert_large_events() {
    on_a_small_stack(|| async {
        let probe = Probe::new();
        let machine = Moves::start(probe.clone()).await.expect("it starts");
        let request = machine.send_request(|from| (Large::new(1), from));
        machine.cast(Large::new(2));
        machine.send(Large::new(3));
        assert_eq!(request.await, Ok(1));
        assert_eq!(machine.call(|from| (Large::new(4), from)).await, Ok(4));
        assert_eq!(probe.drain(), [9, 3, 3, 2]);
    });
}

struct Handler(Probe<u8>);

impl EventHandler<MostOfEvent> for Handler {
    type Args = Probe<u8>;

    async fn init(probe: Probe<u8>, _: &mut ManagerContext<MostOfEvent>) -> Result<Self, Stop> {
        Ok(Self(probe))
    }

    async fn handle_event(
        &mut self,
        event: &MostOfEvent,
        _: &mut ManagerContext<MostOfEvent>,
    ) -> Handled<MostOfEvent> {
        self.0.report(event.number());
        Handled::Keep
    }

    async fn handle_info(
        &mut self,
        info: &Info<MostOfEvent>,
        _: &mut ManagerContext<MostOfEvent>,
    ) -> Handled<MostOfEvent> {
        if let Info::Message(event) = info {
            self.0.report(event.number());
        }
        Handled::Keep
    }
}

impl HandleCall<MostOfEvent> for Handler {
    type Call = (MostOfCalledEvent, ReplyTo<u8>);

    async fn handle_call(
        &mut self,
        (call, from): Self::Call,
        _: &mut ManagerContext<MostOfEvent>,
    ) -> Handled<MostOfEvent> {
        from.send(call.number());
        Handled::Keep
    }
}

#[test]
fn managers_are_told_of_large_events() {
    on_a_small_stack(|| async {
        let (probe, id) = (Probe::new(), HandlerId::<Handler>::new());
        let manager = EventManager::<MostOfEvent>::start()
            .await
            .expect("it starts");
        let added = manager.add_handler(&id, probe.clone()).await;
        assert_eq!(added, Ok(()));
        manager.notify(Large::new(1));
        assert_eq!(manager.sync_notify(Large::new(2)).await, Ok(()));
        assert_eq!(manager.call(&id, |from| (Large::new(3), from)).await, Ok(3));
        let request = manager.send_request(&id, |from| (Large::new(4), from));
        assert_eq!(request.await, Ok(4));
        let server = otp_core::sys::Server::find(&manager).expect("it lives");
        server.send(Large::new(5));
        assert_eq!(manager.sync_notify(Large::new(6)).await, Ok(()));
        assert_eq!(probe.drain(), [1, 2, 5, 6]);
    });
}

#[test]
fn topics_take_large_messages() {
    on_a_small_stack(|| async {
        let topics = PubSub::<MostOfEvent>::new("topics");
        topics.start().await.expect("the name is free");
        let probe = Probe::new();
        for n in 0..3_u8 {
            let told = probe.clone();
            let ear = process::spawn(|mut mailbox: Mailbox<(u8, MostOfEvent)>| async move {
                loop {
                    let (n, message) = mailbox.receive().await;
                    told.report(n + message.number());
                }
            });
            let mapped = Recipient::from(&ear).map(move |message| (n, message));
            topics.subscribe("news", mapped).expect("it runs");
        }
        topics.broadcast("news", Large::new(10)).expect("it runs");
        topics
            .local_broadcast("news", Large::new(20))
            .expect("it runs");
        let mut heard = reported(&probe).await;
        heard.sort_unstable();
        assert_eq!(heard, [10, 11, 12, 20, 21, 22]);
    });
}
