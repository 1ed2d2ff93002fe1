//! GenServer: unwanted answers, answers that come too late for their caller, and answers that are large.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as TaskContext, Waker};

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Task, process, sys};
use tokio::task::yield_now;

use crate::support::{Event, Lab, ask, echo, in_process, lab, panic_of_call};

/// An answer that panics as it is dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("an answer was dropped");
        }
    }
}

/// What a server does with a call that is answered with a [`Bomb`].
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Answers it, when the caller may be gone.
    Answer,
    /// Answers it, and panics then.
    Panic,
    /// Answers it and takes the answer back.
    Retract,
}

struct Bomber(Vec<ReplyTo<Bomb>>);

enum Ask {
    Do(Way, ReplyTo<Bomb>),
    Keep(ReplyTo<Bomb>),
    Answer(ReplyTo<()>),
    HandOn(ProcessRef<ReplyTo<Bomb>>, ReplyTo<Bomb>),
}

impl GenServer for Bomber {
    type Args = ();
    type Call = Ask;
    type Cast = Never;
    type Info = Never;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Vec::new())))
    }

    async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Ask::Do(Way::Answer, from) => from.reply(Bomb),
            Ask::Do(Way::Panic, from) => {
                let _reply: Reply<Self> = from.reply(Bomb);
                panic!("after the answer");
            }
            Ask::Do(Way::Retract, from) => {
                drop(from.reply::<Self>(Bomb));
                Reply::later()
            }
            Ask::HandOn(to, from) => {
                to.send(from);
                Reply::later()
            }
            Ask::Keep(from) => {
                self.0.push(from);
                Reply::later()
            }
            Ask::Answer(from) => {
                for kept in self.0.drain(..) {
                    kept.send(Bomb);
                }
                from.reply(())
            }
        }
    }
}

/// Polls a future once, and drops it.
fn poll_and_drop(future: impl Future) {
    let polled = pin!(future).poll(&mut TaskContext::from_waker(Waker::noop()));
    assert!(polled.is_pending());
}

// CAL-010
#[tokio::test(start_paused = true)]
async fn an_answer_that_panics_as_it_is_dropped_is_nobodys_end() {
    in_process(async {
        let server = Bomber::start(()).await.unwrap();
        poll_and_drop(server.call(|from| Ask::Do(Way::Answer, from)));
        poll_and_drop(server.call(Ask::Keep));
        assert_eq!(server.call(Ask::Answer).await, Ok(()));
        let retracted = server.call(|from| Ask::Do(Way::Retract, from)).await;
        assert!(
            matches!(retracted, Err(CallError::ReplyDropped { .. })),
            "{retracted:?}"
        );
        let failed = server.call(|from| Ask::Do(Way::Panic, from)).await;
        assert_eq!(panic_of_call(&failed).message, "after the answer");
        let ended = server.wait().await;
        assert!(
            matches!(&ended, ExitReason::Panic(info) if info.message == "after the answer"),
            "{ended:?}"
        );
    })
    .await;
}

// CAL-010
#[tokio::test(start_paused = true)]
async fn a_plain_process_that_takes_such_an_answer_back_goes_on() {
    in_process(async {
        let server = Bomber::start(()).await.unwrap();
        let plain = process::spawn(|mut mailbox: Mailbox<ReplyTo<Bomb>>| async move {
            for _ in 0..2 {
                drop(mailbox.receive().await.reply::<Bomber>(Bomb));
                yield_now().await;
            }
        });
        for _ in 0..2 {
            let to = plain.clone();
            let failed = server.call(|from| Ask::HandOn(to, from)).await;
            assert!(
                matches!(failed, Err(CallError::ReplyDropped { .. })),
                "{failed:?}"
            );
        }
        assert_eq!(plain.wait().await, ExitReason::Normal);
    })
    .await;
}

// EXR-005
#[tokio::test(start_paused = true)]
async fn a_process_that_has_ended_itself_passes_no_await_and_sends_no_request() {
    in_process(async {
        let reached = Probe::new();
        for way in 0..8 {
            let (probe, told) = (Probe::new(), reached.clone());
            let server = Lab::start(lab(&probe)).await.unwrap();
            let its = server.clone();
            let ended = process::spawn(move |_: Mailbox<Never>| async move {
                let mut ready = its.send_request(ask(|_, from| from.reply(1)));
                let mut task = Task::spawn(async { 1 });
                sys::get_status(&its).await.expect("it lives");
                process::exit(process::current(), ExitReason::Normal);
                match way {
                    0 => drop(ready.wait(std::time::Duration::ZERO).await),
                    1 => drop(ready.await),
                    2 => drop(its.call(echo(2)).await),
                    3 => drop(task.wait(std::time::Duration::ZERO).await),
                    4 => drop(its.stop().await),
                    5 => drop(sys::suspend(&its).await),
                    6 => drop(Lab::start(lab(&told)).await),
                    _ => drop(its.wait().await),
                }
                told.report(Event::Note("went on"));
            });
            assert_eq!(ended.wait().await, ExitReason::Normal);
            let status = sys::get_status(&server)
                .await
                .expect("nobody has stopped it");
            assert_eq!(status.mode, sys::Mode::Running);
            assert_eq!(probe.drain(), [Event::Init], "way {way}");
            assert_eq!(reached.drain(), [], "way {way}");
        }
    })
    .await;
}

/// A server whose messages are large.
struct Hauler(u64);

type Load = [u8; 8 * 1024];

enum Haul {
    Weigh(Load, ReplyTo<u64>),
    Copy(Load, ReplyTo<Load>),
}

const WEIGHT: u64 = 8 * 1024;

fn load() -> Load {
    [1; 8 * 1024]
}

fn weight(load: &Load) -> u64 {
    load.iter().map(|byte| u64::from(*byte)).sum()
}

impl GenServer for Hauler {
    type Args = ();
    type Call = Haul;
    type Cast = Load;
    type Info = Load;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_call(&mut self, call: Haul, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Haul::Weigh(load, from) => from.reply(self.0 + weight(&load)),
            Haul::Copy(load, from) => from.reply(load),
        }
    }

    async fn handle_cast(&mut self, load: Load, _: &mut Context<Self>) -> Next<Self> {
        self.0 += weight(&load);
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Load>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(load) = info {
            self.0 += weight(&load);
        }
        Next::NoReply
    }
}

#[test]
fn messages_of_8_kib_by_value_do_not_overflow_the_stack() {
    let one = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let many = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build();
    for runtime in [one, many] {
        let runtime = runtime.expect("a runtime can be built");
        let total = runtime.block_on(in_process(async {
            let server = Hauler::options()
                .name("hauler")
                .start_link(())
                .await
                .unwrap();
            let name = ServerName::<Hauler>::new("hauler");
            server.cast(load());
            name.cast(load());
            server.send(load());
            // Each in a box of its own: what is awaited one after the other in one body is copied with that.
            let copy = Box::pin(server.call(|from| Haul::Copy(load(), from))).await;
            assert_eq!(copy.map(|copy| weight(&copy)), Ok(WEIGHT));
            let copy = Box::pin(name.call(|from| Haul::Copy(load(), from))).await;
            assert_eq!(copy.map(|copy| weight(&copy)), Ok(WEIGHT));
            let request = Box::pin(server.send_request(|from| Haul::Copy(load(), from)));
            assert_eq!(request.await.map(|copy| weight(&copy)), Ok(WEIGHT));
            Box::pin(server.call(|from| Haul::Weigh(load(), from))).await
        }));
        assert_eq!(total, Ok(4 * WEIGHT));
    }
}
