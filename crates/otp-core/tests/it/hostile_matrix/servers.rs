//! Servers whose messages, answers and states misbehave, and what is asked of them as servers.

use std::time::Duration;

use otp_core::gen_server::{MessageView, Status, abcast, enter_loop, multi_call};
use otp_core::prelude::*;
use otp_core::sys::{self, Keep, Switch};
use otp_core::{Never, ProcessRef, StartError, proc_lib, process};

use super::hostile::{Case, Hostile, Stage, case, look_around, settle};

struct Host {
    kept: Hostile,
    waiting: Vec<ReplyTo<Hostile>>,
}

enum Ask {
    Echo(Hostile, ReplyTo<Hostile>),
    Keep(Hostile, ReplyTo<Hostile>),
    Stop(ExitReason, Hostile, ReplyTo<Hostile>),
}

impl GenServer for Host {
    type Args = (Hostile, bool);
    type Call = Ask;
    type Cast = Hostile;
    type Info = Hostile;
    type Continue = Hostile;

    async fn init(
        (kept, starts): (Hostile, bool),
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        if !starts {
            return Ok(Init::error(ExitReason::other(kept)));
        }
        context.trap_exit(true);
        let next = Next::Continue(kept.clone());
        let waiting = Vec::new();
        Ok(Init::state(Self { kept, waiting }).then(next))
    }

    async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match ask {
            Ask::Echo(value, from) => from.reply(value),
            Ask::Keep(value, from) => {
                self.kept = value;
                self.waiting.push(from);
                Reply::later()
            }
            Ask::Stop(reason, answer, from) => from.reply(answer).then(Next::Stop(reason)),
        }
    }

    async fn handle_cast(&mut self, value: Hostile, context: &mut Context<Self>) -> Next<Self> {
        let ms = Duration::from_millis(1);
        let (a, b, c) = (value.clone(), value.clone(), value);
        let _ = context.send_after(ms, a);
        let _ = context.start_timer(ms, move |_| b);
        let interval = context.send_interval(ms, c);
        let _ = interval.cancel();
        for from in self.waiting.drain(..) {
            from.send(self.kept.clone());
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Hostile>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(value) = info {
            self.kept = value;
        }
        Next::NoReply
    }

    async fn handle_continue(&mut self, value: Hostile, _: &mut Context<Self>) -> Next<Self> {
        self.kept = value;
        Next::NoReply
    }

    fn format_status(&self, status: &mut Status) {
        status.state = Some(format!("{:?}", self.kept));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Cast(value) => Some(format!("{value:?}")),
            _ => None,
        }
    }
}

/// A server; started while nothing is armed.
async fn host(stage: &Stage, name: &'static str) -> ServerRef<Host> {
    let host = Host::options()
        .name(name)
        .start((stage.value(0), true))
        .await;
    settle().await;
    host.unwrap()
}

fn arm(stage: &Stage, host: &ServerRef<Host>) {
    let (again, host) = (stage.clone(), host.clone());
    stage.arm(move || {
        look_around(&again.node);
        host.cast(again.value(90));
        host.send(again.value(91));
        let _ = host.is_alive();
    });
}

/// Does this in a process of its own, and waits for its end.
async fn apart<F>(job: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let apart = process::spawn(move |_: Mailbox<Never>| async move { job().await });
    let reason = apart.wait().await;
    drop(reason);
}

async fn use_starts(stage: Stage) {
    let first = host(&stage, "first").await;
    arm(&stage, &first);
    for starts in [true, false] {
        let args = move |stage: &Stage| (stage.value(1), starts);
        let there = stage.clone();
        apart(move || async move {
            let started = Host::start(args(&there)).await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let started = Host::options().name("first").start(args(&there)).await;
            // Refused: the name is taken.
            let _ = matches!(started, Err(StartError::AlreadyStarted(_)));
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let started = Host::options().start_link(args(&there)).await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let started = Host::options().start_monitor(args(&there)).await;
            there.let_go(started);
        })
        .await;
    }
}

async fn use_calls(stage: Stage) {
    let server = host(&stage, "host").await;
    let other = host(&stage, "other").await;
    arm(&stage, &other);
    let limit = Duration::from_millis(20);
    for named in [false, true] {
        for dead in [false, true] {
            let (there, host) = (stage.clone(), server.clone());
            apart(move || async move {
                let name = ServerName::<Host>::new("host");
                let echo = |from| Ask::Echo(there.value(1), from);
                let keep = |from| Ask::Keep(there.value(2), from);
                let answers = match named {
                    false => (host.call(echo).await, host.call_timeout(limit, keep).await),
                    true => (name.call(echo).await, name.call_timeout(limit, keep).await),
                };
                there.let_go(answers);
            })
            .await;
            let (there, target) = (stage.clone(), ServerName::<Host>::new("host"));
            apart(move || async move {
                let keep = |from| Ask::Keep(there.value(3), from);
                let mut waited = target.send_request(keep);
                let answer = waited.wait(limit).await;
                there.let_go(answer);
                let received = target.send_request(keep).receive(limit).await;
                there.let_go(received);
                // Nobody takes these.
                drop(target.send_request(keep));
                drop(target.send_request(|from| Ask::Echo(there.value(4), from)));
                target.cast(there.value(5));
                let refused = target.send(there.value(6));
                there.let_go(refused);
                let servers = [ServerName::<Host>::new("host"), ServerName::new("nobody")];
                abcast(&servers, &there.value(7));
                let answers =
                    multi_call(&servers, limit, |from| Ask::Echo(there.value(8), from)).await;
                there.let_go(answers);
            })
            .await;
            let (there, host) = (stage.clone(), server.clone());
            apart(move || async move {
                host.cast(there.value(9));
                host.send(there.value(10));
                let _ = host.send_request(|from| Ask::Keep(there.value(10), from));
            })
            .await;
            if !dead {
                let (there, host) = (stage.clone(), server.clone());
                apart(move || async move {
                    let reason = ExitReason::other(there.value(11));
                    let answer = match named {
                        false => host
                            .call(|from| Ask::Stop(reason, there.value(12), from))
                            .await
                            .map(drop),
                        true => Ok(drop(host.stop_with(reason, limit).await)),
                    };
                    there.let_go(answer);
                })
                .await;
            }
        }
        settle().await;
        if !named && !server.is_alive() {
            // Once more, under the name.
            let there = stage.clone();
            apart(move || async move {
                let again = Host::options()
                    .name("host")
                    .start((there.value(0), true))
                    .await;
                there.let_go(again);
            })
            .await;
        }
    }
    let there = stage.clone();
    apart(move || async move {
        let name = ServerName::<Host>::new("host");
        let stopped = name
            .stop_with(ExitReason::other(there.value(13)), limit)
            .await;
        there.let_go(stopped);
    })
    .await;
}

async fn use_sys(stage: Stage) {
    let server = host(&stage, "watched").await;
    arm(&stage, &server);
    let limit = Duration::from_millis(20);
    for round in 0..2 {
        let (there, host) = (stage.clone(), server.clone());
        apart(move || async move {
            let target = host.pid();
            let hook = there.value(1);
            let _ = sys::install(target, "hook", move |event| {
                drop((format!("{event:?}"), hook.clone()));
                Keep::Yes
            })
            .await;
            let hook = there.value(2);
            // Refused: there is one of this name.
            let _ = sys::install(target, "hook", move |_| {
                drop(hook.clone());
                Keep::No
            })
            .await;
            let _ = sys::log(target, 5).await;
            let _ = sys::trace(target, Switch::On).await;
            let _ = sys::statistics(target, Switch::On).await;
            host.cast(there.value(3));
            let answer = host.call(|from| Ask::Echo(there.value(4), from)).await;
            there.let_go(answer);
            let _ = sys::get_log(target).await;
            let _ = sys::get_status(target).await;
            let _ = sys::get_statistics(target).await;
        })
        .await;
        let (there, host) = (stage.clone(), server.clone());
        apart(move || async move {
            let state = sys::get_state(&host, |host| host.kept.clone()).await;
            there.let_go(state);
            let state = sys::get_state_timeout(&host, limit, |host| host.kept.clone()).await;
            there.let_go(state);
            let (a, b) = (there.value(5), there.value(6));
            let replace = |kept| {
                move |_: &Host| Host {
                    kept,
                    waiting: Vec::new(),
                }
            };
            let state = sys::replace_state(&host, replace(a)).await;
            there.let_go(state);
            let state = sys::replace_state_timeout(&host, limit, replace(b)).await;
            there.let_go(state);
        })
        .await;
        let (there, host) = (stage.clone(), server.clone());
        apart(move || async move {
            let target = host.pid();
            let _ = sys::suspend(target).await;
            host.cast(there.value(7));
            let kept = there.value(8);
            let changed = sys::change_code(&host, move |_| match round {
                0 => Ok(Host {
                    kept,
                    waiting: Vec::new(),
                }),
                _ => Err(kept),
            })
            .await;
            there.let_go(changed);
            let kept = there.value(9);
            let refused = sys::change_code_timeout(&host, limit, |_| Err(kept)).await;
            there.let_go(refused);
            let _ = sys::resume(target).await;
            let _ = sys::remove(target, "hook").await;
            let _ = sys::no_debug(target).await;
        })
        .await;
    }
    process::exit(&server, ExitReason::Kill);
}

async fn use_raw_servers(stage: Stage) {
    let server = host(&stage, "other").await;
    arm(&stage, &server);
    let there = stage.clone();
    let process: ProcessRef<otp_core::gen_server::Envelope<Host>> =
        process::spawn(move |mailbox| async move {
            let kept = there.value(1);
            let next = Next::Continue(there.value(2));
            enter_loop(
                mailbox,
                Host {
                    kept,
                    waiting: Vec::new(),
                },
                next,
                None,
            )
            .await
        });
    let looping = ServerRef::from(process.clone());
    looping.cast(stage.value(3));
    settle().await;
    process::exit(&process, ExitReason::other(stage.value(4)));
    settle().await;
    for fails in [false, true] {
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(5);
            let started = proc_lib::start(move |_: Mailbox<Hostile>, ack| async move {
                if fails {
                    return ack.fail(ExitReason::other(value));
                }
                drop(value);
                drop(ack);
                ExitReason::Normal
            })
            .await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let value = there.value(5);
            let started = proc_lib::start_link(move |_: Mailbox<Hostile>, ack| async move {
                ack.fail(ExitReason::other(value))
            })
            .await;
            there.let_go(started);
        })
        .await;
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "starts of servers",
            &[
                "gen_server/start.rs::start",
                "gen_server/start.rs::start_link",
                "gen_server/start.rs::start_monitor",
                "gen_server/outcome.rs::error",
            ],
            use_starts,
        ),
        case(
            "calls and casts",
            &[
                "gen_server/server_ref.rs::call",
                "gen_server/server_ref.rs::call_timeout",
                "gen_server/server_ref.rs::send_request",
                "gen_server/server_ref.rs::cast",
                "gen_server/server_ref.rs::send",
                "gen_server/server_ref.rs::stop_with",
                "gen_server/server_name.rs::call",
                "gen_server/server_name.rs::call_timeout",
                "gen_server/server_name.rs::send_request",
                "gen_server/server_name.rs::cast",
                "gen_server/server_name.rs::send",
                "gen_server/server_name.rs::stop_with",
                "gen_server/request.rs::wait",
                "gen_server/request.rs::receive",
                "gen_server/reply_to.rs::reply",
                "gen_server/reply_to.rs::send",
                "gen_server/multi.rs::multi_call",
                "gen_server/multi.rs::abcast",
                "gen_server/context.rs::send_after",
                "gen_server/context.rs::start_timer",
                "gen_server/context.rs::send_interval",
            ],
            use_calls,
        ),
        case(
            "what is asked of servers as such",
            &[
                "sys.rs::get_state",
                "sys.rs::get_state_timeout",
                "sys.rs::replace_state",
                "sys.rs::replace_state_timeout",
                "sys/code.rs::change_code",
                "sys/code.rs::change_code_timeout",
                "sys/debug.rs::install",
            ],
            use_sys,
        ),
        case(
            "processes that become servers",
            &[
                "gen_server/serve.rs::enter_loop",
                "proc_lib.rs::start",
                "proc_lib.rs::start_link",
                "proc_lib.rs::fail",
            ],
            use_raw_servers,
        ),
    ]
}
