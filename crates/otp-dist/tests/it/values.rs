//! Pids, names and reasons of exit in messages.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use otp_dist::{CallError, Exposure};
use otp_etf::{Term, term};
use serde::{Deserialize, Serialize};

use crate::raw::Raw;
use crate::support::{B, Pair, atom};

/// Gives back what it gets, tells who it is, and watches others.
struct Mirror(Probe<ExitReason>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Call {
    Pid(Pid, ReplyTo<Pid>),
    Name(Name, ReplyTo<Name>),
    Reason(ExitReason, ReplyTo<ExitReason>),
    Me(ReplyTo<Pid>),
    Watch(Pid, ReplyTo<()>),
    Nan(ReplyTo<f64>),
    Nowhere(ReplyTo<Name>),
    Even(Even, ReplyTo<u32>),
}

/// Half of an even number. Of an odd one its code panics.
#[derive(Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
#[derive(Clone)]
struct Even(u32);

impl From<u32> for Even {
    fn from(number: u32) -> Self {
        assert!(number.is_multiple_of(2), "{number} is odd");
        Self(number / 2)
    }
}

impl From<Even> for u32 {
    fn from(Even(half): Even) -> Self {
        2 * half
    }
}

#[gen_server]
impl GenServer for Mirror {
    type Args = Probe<ExitReason>;
    type Call = Call;

    async fn init(
        told: Probe<ExitReason>,
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(told)))
    }

    async fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Pid(pid, from) => from.reply(pid),
            Call::Name(name, from) => from.reply(name),
            Call::Reason(reason, from) => from.reply(reason),
            Call::Me(from) => from.reply(ctx.pid()),
            Call::Watch(pid, from) => {
                ctx.monitor(pid);
                from.reply(())
            }
            Call::Even(Even(half), from) => from.reply(half),
            Call::Nan(from) => from.reply(f64::NAN),
            Call::Nowhere(from) => {
                let registry = otp_core::Registry::<&str>::unique("mirrors");
                from.reply(registry.via("one"))
            }
        }
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Down(down) = info {
            self.0.report(down.reason);
        }
        Next::NoReply
    }
}

async fn mirror(pair: &Pair) -> (ServerRef<Mirror>, Probe<ExitReason>) {
    let told = Probe::new();
    let mirror = Mirror::options().on(&pair.b).name("mirror");
    let mirror = mirror.start(told.clone()).await.expect("it starts");
    pair.on_b.expose_with(
        "mirror",
        Exposure::<Mirror>::typed().sys(|_| process::current()),
    );
    (mirror, told)
}

#[tokio::test]
async fn a_pid_means_the_same_process_on_both_nodes() {
    let pair = Pair::start().await;
    let (there, told) = mirror(&pair).await;
    let mirror = pair.on_a.server::<Mirror>("mirror", B);
    // Of the server over there: the pid by which this node knows it.
    let theirs = mirror.call(Call::Me).await.expect("it answers");
    assert_ne!(theirs.node(), pair.a.id());
    assert_eq!(theirs.id(), there.pid().id());
    let back = mirror.call(|from| Call::Pid(theirs, from)).await;
    assert_eq!(back.expect("it answers"), theirs);
    // Of a process here.
    let ours = Mirror::options().on(&pair.a).start(Probe::new()).await;
    let ours = ours.expect("it starts");
    pair.on_a.export(&ours, Exposure::typed());
    let back = mirror.call(|from| Call::Pid(ours.pid(), from)).await;
    assert_eq!(back.expect("it answers"), ours.pid());
    let watches = mirror.call(|from| Call::Watch(ours.pid(), from)).await;
    watches.expect("it answers");
    // The monitor comes before the answer to a later call on the same connection.
    pair.a.exit(ours.pid(), ExitReason::other("gone"));
    assert_eq!(told.next().await, ExitReason::other(term!("gone")));
    // And the other way round.
    let ended = Probe::new();
    let reported = ended.clone();
    pair.a.spawn(async move |mut mailbox: Mailbox<ExitReason>| {
        mailbox.monitor(theirs, |down| down.reason);
        reported.report(mailbox.receive().await);
    });
    while pair
        .b
        .process_info(there.pid())
        .expect("it lives")
        .monitored_by
        .is_empty()
    {
        tokio::task::yield_now().await;
    }
    pair.b.exit(there.pid(), ExitReason::Kill);
    assert_eq!(ended.next().await, ExitReason::Killed);
}

#[tokio::test]
async fn values_are_what_erlang_has_for_them() {
    let pair = Pair::start().await;
    let (there, _) = mirror(&pair).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let pid = Term::from(pair.on_b.pid(there.pid()).expect("a process of b"));
    let stranger = Term::from(otp_etf::Pid {
        node: atom("third@127.0.0.1"),
        ..raw.pid(9)
    });
    for (request, answer) in [
        (term!(me), pid.clone()),
        (term!({pid, (pid.clone())}), pid),
        (term!({pid, (raw.pid(9))}), raw.pid(9).into()),
        (term!({pid, (stranger.clone())}), stranger),
        (term!({name, echo}), term!({echo, @"b@127.0.0.1"})),
        (
            term!({name, {echo, @"b@127.0.0.1"}}),
            term!({echo, @"b@127.0.0.1"}),
        ),
        (
            term!({name, {echo, @"raw@127.0.0.1"}}),
            term!({echo, @"raw@127.0.0.1"}),
        ),
        (
            term!({name, {echo, @"third@127.0.0.1"}}),
            term!({echo, @"third@127.0.0.1"}),
        ),
        (term!({name, {global, echo}}), term!({global, echo})),
        (term!({reason, normal}), term!(normal)),
        (
            term!({reason, {shutdown, [1, 2]}}),
            term!({shutdown, [1, 2]}),
        ),
        (term!({reason, {badarg, []}}), term!({badarg, []})),
    ] {
        raw.call("mirror", term!(1), request).await;
        assert_eq!(raw.next().await.1, term!({1, (answer)}));
    }
    for request in [
        term!({pid, 1}),
        term!({pid, {echo, @"b@127.0.0.1"}}),
        term!({name, 1}),
        term!({name, {1, 2}}),
        term!({name, {a, b, c}}),
    ] {
        raw.call("mirror", term!(1), request).await;
        let (_, answer) = raw.next().await;
        let text = answer.to_string();
        assert!(text.contains("undecodable"), "{text}");
        assert!(text.contains("expected a"), "{text}");
    }
}

#[tokio::test]
async fn functions_and_views_of_states_have_them_too() {
    let pair = Pair::start().await;
    let (there, _) = mirror(&pair).await;
    let pid = pair.on_b.pid(there.pid()).expect("a process of b");
    pair.on_b
        .function("mirror", "reason", |(reason,): (ExitReason,)| reason);
    let (node, called) = (atom(B), (atom("mirror"), atom("reason")));
    let reason = ExitReason::shutdown_with(term!(7));
    let limit = crate::support::LONG;
    let back = pair
        .on_a
        .rpc::<ExitReason>(&node, called, (reason.clone(),))
        .timeout(limit);
    assert_eq!(back.await.expect("it returns"), reason);
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let from = term!({(raw.pid(1)), 1});
    let get_state = term!({system, (from), get_state});
    let control = otp_dist::wire::control::Control::RegSend {
        from: raw.pid(1),
        to: atom("mirror"),
    };
    raw.carry(&control, &get_state).await;
    // It asks for the version of this node.
    let (control, _) = raw.next().await;
    let otp_dist::wire::control::Control::SpawnRequest(request) = control else {
        panic!("{control:?}");
    };
    let refused = otp_dist::wire::control::Control::SpawnReply {
        id: request.id,
        to: request.from,
        is_linked: false,
        is_monitored: false,
        result: Err(atom("notsup")),
    };
    raw.signal(&refused).await;
    assert_eq!(raw.next().await.1, term!({1, {ok, (pid)}}));
}

// DST-013
#[tokio::test]
async fn the_caller_is_told_of_an_answer_that_has_no_term() {
    let pair = Pair::start().await;
    let (_there, _) = mirror(&pair).await;
    // From another node, and from the same one.
    for dist in [&pair.on_a, &pair.on_b] {
        let mirror = dist.process("mirror", B);
        for request in [term!(nan), term!(nowhere)] {
            let answer = mirror.call::<Term>(&request).await;
            let answer = answer.expect("it is answered").to_string();
            assert!(answer.starts_with("{error,{unencodable,<<"), "{answer}");
        }
        let typed = mirror.call::<f64>(&term!(nan)).await;
        assert!(matches!(typed, Err(CallError::Answer(_))), "{typed:?}");
    }
}

// THR-004
#[tokio::test]
async fn a_type_whose_code_panics_costs_no_connection() {
    let pair = Pair::start().await;
    let (_there, _) = mirror(&pair).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    raw.call("mirror", term!(1), term!({even, 7})).await;
    let why = term!({undecodable, "it has panicked: 7 is odd"});
    assert_eq!(raw.next().await.1, term!({1, {error, (why)}}));
    raw.call("mirror", term!(2), term!({even, 8})).await;
    assert_eq!(raw.next().await.1, term!({2, 4}));
}

// DST-020
#[tokio::test]
async fn a_state_that_has_no_term_is_told_as_one() {
    let pair = Pair::start().await;
    let nan = Exposure::<crate::support::Server>::typed().sys(|_| f64::NAN);
    pair.on_b.expose_with("server", nan);
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let from = term!({(raw.pid(1)), 1});
    raw.tell("server", &term!({system, (from), get_status}))
        .await;
    let (_, status) = raw.next().await;
    assert!(status.to_string().contains("unencodable"), "{status}");
}

#[test]
fn outside_of_messages_only_people_can_read_them() {
    let pid: Pid = "<0.42.0>".parse().expect("it is a pid");
    assert!(otp_etf::to_bytes(&pid).is_err());
    let error = otp_etf::to_bytes(&ExitReason::Normal).expect_err("nobody reads it");
    assert!(error.to_string().contains("between nodes only"), "{error}");
}
