//! A server is called by its name while it fails, is killed, and is started again by its supervisor.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::ChildInfo;

use crate::cast::{Heard, Log, Open, Port, assert_alone, boom, rest, settle, someone};

struct Server {
    _port: Open,
}

enum Call {
    Echo(u32, ReplyTo<u32>),
    Fail(ReplyTo<()>),
}

#[gen_server]
impl GenServer for Server {
    type Args = Port;
    type Call = Call;

    async fn init(port: Port, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let port = port.open();
        rest(1).await;
        Ok(Init::state(Self { _port: port }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        rest(1).await;
        match call {
            Call::Echo(number, from) => from.reply(number),
            Call::Fail(from) => {
                // Not an answer that is forgotten, since what follows ends the server.
                drop(from);
                rest(1).await;
                process::exit_self(boom())
            }
        }
    }
}

fn server() -> ServerName<Server> {
    ServerName::new("server")
}

/// A call gets its answer, or is told the truth.
fn check(error: &CallError) {
    match error {
        CallError::NoProcess { .. } => {}
        CallError::Exited { reason, .. } => {
            assert!([boom(), ExitReason::Killed].contains(reason), "{error}");
        }
        other => panic!("{other}"),
    }
}

pub(super) async fn system(_: Mailbox<Heard>) {
    let port = Port::default();
    let ports = port.clone();
    let start = move || Server::options().name("server").start_link(ports.clone());
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .max_restarts(10, Duration::from_secs(1))
        .child(ChildSpec::worker("server", start));
    let supervisor = supervisor.start_link().await.expect("it starts");
    let done = Log::new();
    for number in 0..3 {
        let done = done.clone();
        someone(async move {
            for _ in 0..4 {
                match server().call(|from| Call::Echo(number, from)).await {
                    Ok(answer) => assert_eq!(answer, number),
                    Err(error) => check(&error),
                }
                rest(1).await;
            }
            done.add(());
        });
    }
    let failing = done.clone();
    someone(async move {
        for _ in 0..2 {
            let failed = server().call(Call::Fail).await;
            check(&failed.expect_err("it fails"));
            rest(2).await;
        }
        failing.add(());
    });
    let killing = done.clone();
    someone(async move {
        for _ in 0..2 {
            rest(3).await;
            if let Some(pid) = process::whereis("server") {
                process::exit(pid, ExitReason::Kill);
            }
        }
        killing.add(());
    });
    settle().await;
    assert_eq!(done.take().len(), 5, "somebody has failed, or waits");
    let children = supervisor.which_children().await.expect("it lives");
    let pids: Vec<Option<Pid>> = children.iter().map(ChildInfo::pid).collect();
    assert_eq!(pids, [process::whereis("server")]);
    assert_eq!(server().call(|from| Call::Echo(1, from)).await, Ok(1));
    supervisor.stop().await.expect("it lives");
    assert_eq!(
        port.most(),
        1,
        "a server was started before its predecessor was gone"
    );
    assert_alone();
}
