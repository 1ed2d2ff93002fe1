//! System messages of a peer: what a server that has opted in answers, and what one that has not does.

use otp_core::prelude::*;
use otp_core::sys;
use otp_dist::Exposure;
use otp_dist::wire::control::Control;
use otp_etf::{Term, term};

use crate::raw::Raw;
use crate::support::{Pair, Server, atom};

/// Sends a system message to the server, and returns the answer.
async fn ask(raw: &mut Raw, request: Term) -> Term {
    send(raw, "server", 1, request).await;
    let (_, answer) = raw.next().await;
    match answer.as_tuple() {
        Some([tag, answer]) if *tag == term!(1) => answer.clone(),
        _ => panic!("{answer} is no answer"),
    }
}

async fn send(raw: &mut Raw, name: &str, tag: i64, request: Term) {
    let from = raw.pid(1);
    let message = term!({system, {(from.clone()), (tag)}, (request)});
    let to = atom(name);
    raw.carry(&Control::RegSend { from, to }, &message).await;
}

// DST-020
#[tokio::test]
async fn a_suspended_server_handles_nothing_but_system_messages() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    assert_eq!(ask(&mut raw, term!(suspend)).await, term!(ok));
    pair.server.cast(crate::support::Cast::Add(7));
    let state = sys::get_state(&pair.server, |server| server.0).await;
    assert_eq!(state, Ok(0), "the cast waits");
    assert_eq!(
        mode(&ask(&mut raw, term!(get_status)).await),
        term!(suspended)
    );
    assert_eq!(ask(&mut raw, term!(resume)).await, term!(ok));
    assert_eq!(
        mode(&ask(&mut raw, term!(get_status)).await),
        term!(running)
    );
    let state = sys::get_state(&pair.server, |server| server.0).await;
    assert_eq!(state, Ok(7));
}

fn mode(status: &Term) -> Term {
    let parts = status.as_tuple().expect("a status");
    let described = parts[3].as_list().expect("its parts");
    described[1].clone()
}

// DST-020
#[tokio::test]
async fn a_status_has_the_shape_of_a_gen_servers() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let logs = ask(&mut raw, term!({debug, {log, {true, 1}}})).await;
    assert_eq!(logs, term!(ok));
    raw.until_answered("server").await;
    let status = ask(&mut raw, term!(get_status)).await;
    let pid = pair.on_b.pid(pair.server.pid()).expect("a process of b");
    let name = std::any::type_name::<Server>();
    let server = atom(name);
    let text = Term::charlist;
    let header = format!("Status for {name}");
    let logged = ask(&mut raw, term!({debug, {log, get}})).await;
    let [_, logged] = logged.as_tuple().expect("ok and the log") else {
        panic!("{logged}");
    };
    assert_eq!(logged.as_list().map(<[Term]>::len), Some(1));
    let expected = term!({
        status,
        (pid.clone()),
        {module, gen_server},
        [
            [{@"$initial_call", {(server), init, 1}}],
            running,
            (pid.clone()),
            [],
            [
                {header, (text(&header))},
                {data, [
                    {(text("Status")), running},
                    {(text("Parent")), (pid)},
                    {(text("Logged events")), (logged.clone())},
                ]},
                {data, [{(text("State")), 0}]},
            ],
        ],
    });
    assert_eq!(status, expected);
}

// DST-020
#[tokio::test]
async fn statistics_count_from_when_they_are_turned_on() {
    let pair = Pair::start().await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let get = || term!({debug, {statistics, get}});
    assert_eq!(ask(&mut raw, get()).await, term!({ok, no_statistics}));
    let on = ask(&mut raw, term!({debug, {statistics, true}})).await;
    assert_eq!(on, term!(ok));
    raw.until_answered("server").await;
    let answer = ask(&mut raw, get()).await;
    let counted = answer.as_tuple().expect("ok and a list")[1].clone();
    let counted = counted.as_list().expect("a list");
    assert_eq!(
        counted[2..],
        [term!({messages_in, 1}), term!({messages_out, 1})]
    );
    assert_eq!(ask(&mut raw, term!({debug, no_debug})).await, term!(ok));
    assert_eq!(ask(&mut raw, get()).await, term!({ok, no_statistics}));
}

// DST-020, THR-003
#[tokio::test]
async fn a_server_that_has_not_opted_in_refuses_system_messages() {
    let pair = Pair::start().await;
    let closed = Server::options().on(&pair.b).name("closed");
    let closed = closed.start(()).await.expect("it starts");
    pair.on_b.expose::<Server>("closed");
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    for request in [
        term!(get_state),
        term!(get_status),
        term!(suspend),
        term!({debug, {statistics, true}}),
        term!({terminate, shutdown}),
        term!(what),
    ] {
        send(&mut raw, "closed", 1, request).await;
        let (_, answer) = raw.next().await;
        let why = "the server takes no system messages";
        assert_eq!(answer, term!({1, {error, {not_allowed, (why)}}}));
    }
    assert!(closed.is_alive());
    let status = sys::get_status(&closed).await.expect("it answers here");
    assert_eq!(status.mode, sys::Mode::Running);
    assert_eq!(sys::get_statistics(&closed).await, Ok(None));
}

/// Never comes to an end with a message.
struct Busy;

#[gen_server]
impl GenServer for Busy {
    type Info = Term;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_info(&mut self, _: Info<Term>, _: &mut Context<Self>) -> Next<Self> {
        std::future::pending().await
    }
}

// DST-020, THR-006
#[tokio::test]
async fn requests_do_not_pile_up_behind_a_server_at_its_work() {
    /// How many processes a peer may cause.
    const MOST: usize = 10_000;

    let pair = Pair::start().await;
    let busy = Busy::options().on(&pair.b).name("busy");
    let busy = busy.start(()).await.expect("it starts");
    pair.on_b
        .expose_with("busy", Exposure::<Busy>::typed().sys(|_| 0));
    busy.send(term!(work));
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let before = pair.b.processes().len();
    for _ in 0..MOST + 100 {
        send(&mut raw, "busy", 2, term!(get_status)).await;
    }
    assert_eq!(raw.until_answered("server").await, []);
    assert_eq!(pair.b.processes().len() - before, MOST);
}
