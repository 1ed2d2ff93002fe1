//! Destructors of the user's that panic, wherever they run: at most the process they run in ends.

use std::future::{Future, poll_fn};
use std::panic::panic_any;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use otp_core::gen_server::MessageView;
use otp_core::prelude::*;
use otp_core::table::{self, Access, Set, Table};
use otp_core::task::TaskError;
use otp_core::{Task, process};

use crate::puppet::{Puppet, Seen, down};
use crate::support::{Lab, act, boom, echo, in_process, panic_of, quiet, settle};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

/// A server whose state panics when it is dropped, and that can make more of the kind.
struct Arsenal {
    _state: Bomb,
}

enum Call {
    Make(ReplyTo<Bomb>),
    Keep(ReplyTo<Bomb>),
}

enum Cast {
    Stop,
}

#[gen_server]
impl GenServer for Arsenal {
    type Call = Call;
    type Cast = Cast;
    type Info = ReplyTo<Bomb>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { _state: Bomb }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Make(from) => from.reply(Bomb),
            Call::Keep(from) => {
                context.me().send(from);
                Reply::later()
            }
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Stop = cast;
        Next::Stop(ExitReason::Normal)
    }

    async fn handle_info(
        &mut self,
        info: Info<ReplyTo<Bomb>>,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        if let Info::Message(from) = info {
            from.send(Bomb);
        }
        Next::NoReply
    }
}

// As a terminate that panics: that is what the server ends with. After a kill it is too late for reasons.
#[tokio::test(start_paused = true)]
async fn a_state_that_panics_as_it_is_dropped_is_a_crash_unless_the_server_is_killed() {
    in_process(async {
        for kill in [false, true] {
            let node = process::node();
            let server = Arsenal::options().name("arsenal").start(()).await.unwrap();
            let watcher = Puppet::new(&node);
            let monitor = watcher.monitors(server.pid()).await;
            match kill {
                false => server.cast(Cast::Stop),
                true => process::exit(&server, ExitReason::Kill),
            }
            settle().await;
            let seen = watcher.seen().await;
            match (kill, &seen[..]) {
                (false, [Seen::Down(down)]) => assert_eq!(panic_of(&down.reason).message, "bomb"),
                _ => assert_eq!(seen, [down(monitor, server.pid(), ExitReason::Killed)]),
            }
            assert_eq!(process::whereis("arsenal"), None);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dictionary_that_panics_as_it_is_dropped_holds_up_nobody() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        server.cast(act(|_, _| {
            process::put(Bomb);
            Next::Stop(ExitReason::Shutdown)
        }));
        assert_eq!(server.wait().await, ExitReason::Shutdown);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_whose_payload_panics_is_a_panic() {
    in_process(async {
        let server = Lab::start(quiet()).await.unwrap();
        server.cast(act(|_, _| panic_any(Bomb)));
        let process = process::spawn(|_: Mailbox<Never>| async { panic_any(Bomb) });
        for reason in [server.wait().await, process.wait().await] {
            let said = &panic_of(&reason).message;
            assert_eq!(said, "a panic whose payload is no text");
        }
    })
    .await;
}

// The caller has given up, so its answer is dropped where it comes from: that is not the server's fault.
#[tokio::test(start_paused = true)]
async fn an_answer_that_panics_as_it_is_dropped_ends_only_the_caller_that_has_taken_it() {
    in_process(async {
        for request in [Call::Make, Call::Keep] {
            let server = Arsenal::start(()).await.unwrap();
            drop(server.send_request(request));
            settle().await;
            assert!(server.is_alive());
            std::mem::forget(server.call(Call::Make).await);
        }

        let server = Arsenal::start(()).await.unwrap();
        let caller = process::spawn({
            let server = server.clone();
            move |_: Mailbox<Never>| async move {
                let answer = server.call(Call::Make).await;
                drop(answer);
            }
        });
        assert_eq!(panic_of(&caller.wait().await).message, "bomb");
        assert!(server.is_alive());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_value_of_a_task_that_nobody_takes_may_panic_as_it_is_dropped() {
    in_process(async {
        let task = Task::spawn(async { Bomb });
        let pid = task.pid().unwrap();
        settle().await;
        let owner = process::spawn(|_: Mailbox<Never>| async {
            let task = Task::spawn(async { Bomb });
            settle().await;
            drop(task);
        });
        // It is the task's value, so its panic does not end the owner.
        assert_eq!(owner.wait().await, ExitReason::Normal);
        assert!(!process::node().is_alive(pid));
        std::mem::forget(task.await);

        // One that panics has no value, whatever its payload does.
        process::spawn(|mut mailbox: Mailbox<()>| async move {
            mailbox.trap_exit(|_| ());
            let task: Task<()> = Task::spawn(async { panic_any(Bomb) });
            let failed = task.await;
            assert!(
                matches!(failed, Err(TaskError::Exited { .. })),
                "{failed:?}"
            );
        })
        .wait()
        .await;
    })
    .await;
}

/// A value whose copies panic when they are dropped, once it is armed.
#[derive(Clone)]
struct Mine(Arc<AtomicBool>);

impl Drop for Mine {
    fn drop(&mut self) {
        assert!(!self.0.load(Ordering::Relaxed), "mine");
    }
}

#[tokio::test(start_paused = true)]
async fn values_that_panic_as_they_are_dropped_leave_the_table_usable_and_its_end_an_end() {
    in_process(async {
        let node = process::node();
        let armed = Arc::new(AtomicBool::new(false));
        let (owner, mine) = (Puppet::new(&node), armed.clone());
        let field: Table<u32, Mine, Set> = owner
            .does(move |_| {
                let field = table::set("field").named().access(Access::Public);
                let field = field.create().unwrap();
                for n in 0..10 {
                    field.insert(n, Mine(mine.clone())).unwrap();
                }
                field
            })
            .await;
        armed.store(true, Ordering::Relaxed);
        let stranger = process::spawn({
            let field = field.clone();
            move |_: Mailbox<Never>| async move {
                let deleted = field.delete(&0);
                unreachable!("{deleted:?}");
            }
        });
        assert_eq!(panic_of(&stranger.wait().await).message, "mine");
        // Its operation is done, and no process waits for it.
        assert_eq!(field.len(), Ok(9));
        assert_eq!(field.contains(&0), Ok(false));

        node.exit(&owner, ExitReason::Kill);
        settle().await;
        assert!(field.len().is_err());
        assert!(table::named::<u32, Mine, Set>("field").is_err());
        armed.store(false, Ordering::Relaxed);
    })
    .await;
}

/// A server that cannot say what it is handling.
struct Mute;

#[gen_server]
impl GenServer for Mute {
    type Cast = ();
    type Info = ();

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    async fn handle_info(&mut self, _: Info<()>, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    fn format_message(_: MessageView<'_, Self>) -> Option<String> {
        panic!("speechless")
    }
}

#[tokio::test(start_paused = true)]
async fn a_format_message_that_panics_changes_nothing() {
    in_process(async {
        let server = Mute::start(()).await.unwrap();
        server.cast(());
        server.send(());
        assert_eq!(server.stop().await, Ok(()));
        assert_eq!(server.wait().await, ExitReason::Normal);
    })
    .await;
}

// What is left of a server after its panic panics again, and again
#[tokio::test(start_paused = true)]
async fn a_server_may_panic_in_its_callback_in_its_terminate_and_in_its_destructors() {
    in_process(async {
        let setup = quiet().terminate(|_| async { panic_any(Bomb) });
        let server = Lab::start(setup).await.unwrap();
        server.cast(act(|_, _| {
            process::put(Bomb);
            Next::NoReply
        }));
        let waiting = server.send_request(echo(1));
        server.cast(boom());
        let late = server.send_request(echo(2));
        assert_eq!(waiting.await, Ok(1));
        let reason = server.wait().await;
        assert_eq!(
            panic_of(&reason).message,
            "a panic whose payload is no text"
        );
        assert!(matches!(late.await, Err(CallError::Exited { .. })));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_does_not_end_the_caller() {
    in_process(async {
        let arsenal = Arsenal::start(()).await.unwrap();
        let mut call = arsenal.call(Call::Make);
        assert!(poll_once(&mut call).await.is_pending());
        let request = arsenal.send_request(Call::Make);
        settle().await;
        // Both answers are there.
        drop(call);
        drop(request);
        assert!(arsenal.is_alive());
        process::exit(&arsenal, ExitReason::Kill);
        assert_eq!(arsenal.wait().await, ExitReason::Killed);
    })
    .await;
}

/// What a future comes to at once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    let mut future = Some(future);
    poll_fn(|cx| {
        let future = future.take().expect("this is ready at its first poll");
        Poll::Ready(Pin::new(future).poll(cx))
    })
    .await
}
