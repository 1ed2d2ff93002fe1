//! The client that `sys` names for an answer, if its call was held while other events came.

use otp_core::prelude::*;
use otp_core::sys::{self, Keep, SysEvent};
use otp_core::test::Probe;
use otp_core::{Pid, process};

enum Ask {
    /// Held, until another event answers it.
    Hold(ReplyTo<u32>),
    /// Held, and the first held call is answered in its place.
    Swap(ReplyTo<u32>),
    /// The same, and the server stops.
    Close(ReplyTo<u32>),
}

struct Desk {
    held: Vec<ReplyTo<u32>>,
}

#[gen_server]
impl GenServer for Desk {
    type Call = Ask;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self { held: Vec::new() }))
    }

    async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match ask {
            Ask::Hold(from) => {
                self.held.push(from);
                Reply::later()
            }
            Ask::Swap(from) => {
                self.held.push(from);
                self.held.remove(0).reply(1)
            }
            Ask::Close(from) => {
                self.held.push(from);
                let reply = self.held.remove(0).reply(2);
                reply.then(Next::Stop(ExitReason::Normal))
            }
        }
    }
}

/// Holds calls in its data while it is shut, and postpones swaps.
struct Door {
    held: Vec<ReplyTo<u32>>,
}

#[state_machine]
impl StateMachine for Door {
    type State = bool;
    type Call = Ask;
    /// Whether it opens.
    type Cast = bool;

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
        Ok(Initial::state(false, Self { held: Vec::new() }))
    }

    async fn handle(
        &mut self,
        open: &bool,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match event {
            Event::Call(Ask::Hold(from)) => {
                self.held.push(from);
                Transition::keep()
            }
            event @ Event::Call(_) if !open => Transition::keep().postpone(event),
            Event::Call(Ask::Swap(from)) => {
                self.held.push(from);
                Transition::keep().reply(self.held.remove(0), 1)
            }
            Event::Call(Ask::Close(from)) => Transition::stop(ExitReason::Normal).reply(from, 2),
            Event::Cast(true) => Transition::next(true),
            Event::Cast(false) => Transition::keep().reply(self.held.remove(0), 3),
            _ => Transition::keep(),
        }
    }
}

/// Reports the client of each call that comes in, and of each answer.
async fn watch<S: GenServer>(server: &ServerRef<S>) -> Probe<(&'static str, Option<Pid>)> {
    let probe = Probe::new();
    let seen = probe.clone();
    let hook = move |event: &SysEvent| {
        match event {
            SysEvent::In {
                client: Some(client),
                ..
            } => seen.report(("in", Some(*client))),
            SysEvent::Out { to, .. } => seen.report(("out", *to)),
            _ => {}
        }
        Keep::Yes
    };
    let installed = sys::install(server, "clients", hook).await;
    installed.expect("it lives");
    probe
}

/// A process that calls, and does not end.
fn client<S: GenServer<Call = Ask>>(server: &ServerRef<S>, ask: fn(ReplyTo<u32>) -> Ask) -> Pid {
    let server = server.clone();
    let client = process::spawn(move |_: Mailbox<()>| async move {
        let _ = server.call(ask).await;
        std::future::pending::<()>().await;
    });
    client.pid()
}

#[otp_core::test]
async fn an_answer_of_a_server_names_the_client_that_gets_it() {
    let desk = Desk::start(()).await.expect("it starts");
    let probe = watch(&desk).await;
    let first = client(&desk, Ask::Hold);
    assert_eq!(probe.next().await, ("in", Some(first)));
    let second = client(&desk, Ask::Swap);
    assert_eq!(probe.next().await, ("in", Some(second)));
    assert_eq!(probe.next().await, ("out", Some(first)));
    let third = client(&desk, Ask::Close);
    assert_eq!(probe.next().await, ("in", Some(third)));
    assert_eq!(probe.next().await, ("out", Some(second)));
}

#[otp_core::test]
async fn an_answer_of_a_machine_names_the_client_that_gets_it() {
    let door = Door::start(()).await.expect("it starts");
    let probe = watch(&door).await;
    let [first, second] = [0; 2].map(|_| client(&door, Ask::Hold));
    assert_eq!(probe.next().await.0, "in");
    assert_eq!(probe.next().await.0, "in");
    let third = client(&door, Ask::Swap);
    assert_eq!(probe.next().await, ("in", Some(third)));
    // By a cast, by a call that was postponed, and one that was postponed itself.
    door.cast(false);
    let answered = [probe.next().await, {
        door.cast(true);
        probe.next().await
    }];
    let mut clients = answered.map(|(what, client)| (what, client.expect("it is known")));
    clients.sort_unstable();
    let mut expected = [("out", first), ("out", second)];
    expected.sort_unstable();
    assert_eq!(clients, expected);
    let last = client(&door, Ask::Close);
    assert_eq!(probe.next().await, ("in", Some(last)));
    assert_eq!(probe.next().await, ("out", Some(last)));
}

#[otp_core::test]
async fn a_client_that_is_no_process_is_none() {
    let desk = Desk::start(()).await.expect("it starts");
    let probe = watch(&desk).await;
    let outside = std::thread::spawn({
        let desk = desk.clone();
        move || desk.call(Ask::Hold).blocking()
    });
    while sys::get_state(&desk, |desk| desk.held.is_empty()).await == Ok(true) {
        tokio::task::yield_now().await;
    }
    let second = client(&desk, Ask::Swap);
    assert_eq!(probe.next().await, ("in", Some(second)));
    assert_eq!(probe.next().await, ("out", None));
    assert_eq!(outside.join().expect("it ends"), Ok(1));
}
