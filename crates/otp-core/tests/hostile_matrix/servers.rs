//! Servers whose messages, answers and states misbehave.

use std::time::Duration;

use otp_core::StartError;
use otp_core::gen_server::{MessageView, Priority, Status, abcast, multi_call};
use otp_core::prelude::*;
use otp_core::{process, sys};

use super::hostile::{Case, Hostile, Small, Stage, apart, case, look_around, settle};

pub(crate) struct Host {
    pub(crate) kept: Hostile,
    pub(crate) waiting: Vec<ReplyTo<Hostile>>,
}

pub(crate) enum Ask {
    Echo(Hostile, ReplyTo<Hostile>),
    Keep(Hostile, ReplyTo<Hostile>),
    Stop(ExitReason, Hostile, ReplyTo<Hostile>),
    Priority(ReplyTo<Priority<Host>>),
}

impl GenServer for Host {
    type Args = (Hostile, bool);
    type Call = Ask;
    type Cast = Hostile;
    type Info = Hostile;
    type Continue = Small;

    async fn init(
        (kept, starts): (Hostile, bool),
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        if !starts {
            return Ok(Init::error(ExitReason::other(kept)));
        }
        context.trap_exit(true);
        let next = Next::Continue(kept.sized());
        let waiting = Vec::new();
        Ok(Init::state(Self { kept, waiting }).then(next))
    }

    async fn handle_call(&mut self, ask: Ask, context: &mut Context<Self>) -> Reply<Self> {
        match ask {
            Ask::Priority(from) => from.reply(context.priority()),
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
        let skip = otp_core::timer::MissedTicks::Skip;
        let interval = context.send_interval_with(ms, skip, self.kept.clone());
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

    async fn handle_continue(&mut self, value: Small, _: &mut Context<Self>) -> Next<Self> {
        self.kept = value.sized();
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
pub(crate) async fn host(stage: &Stage, name: &'static str) -> ServerRef<Host> {
    let host = Host::options()
        .name(name)
        .start((stage.value(0), true))
        .await;
    settle().await;
    host.expect("nothing misbehaves yet")
}

pub(crate) fn arm(stage: &Stage, host: &ServerRef<Host>) {
    let (again, host) = (stage.clone(), host.clone());
    stage.arm(move || {
        look_around(&again.node);
        host.cast(again.value(90));
        host.send(again.value(91));
        let _ = host.is_alive();
    });
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
            let started = Host::start_link(args(&there)).await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        apart(move || async move {
            let started = Host::start_monitor(args(&there)).await;
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
                    false => (host.call(echo).await, host.call(keep).timeout(limit).await),
                    true => (name.call(echo).await, name.call(keep).timeout(limit).await),
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
                let received = target.send_request(keep).timeout(limit).await;
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
                drop(host.send_request(|from| Ask::Keep(there.value(10), from)));
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
                        true => {
                            let _ = host.stop_with(reason).timeout(limit).await;
                            Ok(())
                        }
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
            .stop_with(ExitReason::other(there.value(13)))
            .timeout(limit)
            .await;
        there.let_go(stopped);
    })
    .await;
}

async fn use_priority(stage: Stage) {
    let server = host(&stage, "host").await;
    let urgent = server.call(Ask::Priority).await;
    let urgent = urgent.expect("nothing misbehaves yet");
    let other = host(&stage, "other").await;
    arm(&stage, &other);
    let limit = Duration::from_millis(20);
    for suspended in [false, true] {
        if suspended {
            let _ = sys::suspend(&server).await;
        }
        let (there, host, urgent) = (stage.clone(), server.clone(), urgent.clone());
        apart(move || async move {
            host.cast(there.value(1));
            urgent.cast(there.value(2));
            urgent.send(there.value(3));
            let echo = |from| Ask::Echo(there.value(4), from);
            let answer = urgent.call(echo).timeout(limit).await;
            there.let_go(answer);
            let keep = |from| Ask::Keep(there.value(5), from);
            let answer = urgent.call(keep).timeout(limit).await;
            there.let_go(answer);
            let _ = sys::get_status(&host).await;
        })
        .await;
    }
    // What waits is dropped with it, and what comes is not taken.
    process::exit(&server, ExitReason::Kill);
    server.wait().await;
    let there = stage.clone();
    apart(move || async move {
        urgent.cast(there.value(6));
        urgent.send(there.value(7));
        let answer = urgent.call(|from| Ask::Echo(there.value(8), from)).await;
        there.let_go(answer);
    })
    .await;
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "starts of servers",
            &[
                "gen_server.rs::start",
                "gen_server.rs::start_link",
                "gen_server.rs::start_monitor",
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
                "gen_server/server_ref.rs::send_request",
                "gen_server/server_ref.rs::cast",
                "gen_server/server_ref.rs::send",
                "gen_server/server_ref.rs::stop_with",
                "gen_server/server_name.rs::call",
                "gen_server/server_name.rs::send_request",
                "gen_server/server_name.rs::cast",
                "gen_server/server_name.rs::send",
                "gen_server/server_name.rs::stop_with",
                "gen_server/request.rs::wait",
                "gen_server/request.rs::timeout",
                "gen_server/call.rs::reply",
                "gen_server/call.rs::send",
                "gen_server/multi.rs::multi_call",
                "gen_server/multi.rs::abcast",
                "gen_server/context.rs::send_after",
                "gen_server/context.rs::start_timer",
                "gen_server/context.rs::send_interval",
                "gen_server/context.rs::send_interval_with",
            ],
            use_calls,
        ),
        case(
            "messages with priority",
            &[
                "gen_server/priority.rs::call",
                "gen_server/priority.rs::cast",
                "gen_server/priority.rs::send",
            ],
            use_priority,
        ),
    ]
}
