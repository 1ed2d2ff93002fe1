//! Functions that another node spawns: processes like any other for it.

use otp_dist::Raised;
use otp_dist::wire::control::{Control, Spawn, Target};
use otp_etf::{Pid, Term, term};

use crate::raw::Raw;
use crate::support::{Pair, atom};

/// Offers `m:wait/0`, which waits for ever, and `m:raise/2`.
async fn start() -> (Pair, Raw) {
    let pair = Pair::start().await;
    let wait = async |(): ()| -> Result<(), Raised> { std::future::pending().await };
    pair.on_b.async_function("m", "wait", wait);
    pair.on_b
        .async_function("m", "raise", async |(how, why): (String, Term)| {
            Err::<(), _>(match &*how {
                "error" => Raised::Error(why),
                "exit" => Raised::Exit(why),
                _ => Raised::Throw(why),
            })
        });
    let raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    (pair, raw)
}

impl Raw {
    /// Process 1 spawns a function of `m`. Returns the answer.
    async fn spawn(&mut self, name: &str, arguments: Term, options: Term) -> Control {
        let count = arguments.as_list().expect("a list").len() as u8;
        let request = Control::SpawnRequest(Box::new(Spawn {
            id: self.reference(1),
            from: self.pid(1),
            group_leader: self.pid(1),
            function: (atom("m"), atom(name), count),
            options,
        }));
        self.carry(&request, &arguments).await;
        self.next().await.0
    }

    /// Process 1 spawns `m:wait/0`, linked. Returns its pid.
    async fn spawn_waiting(&mut self) -> Pid {
        match self.spawn("wait", term!([]), term!([link])).await {
            Control::SpawnReply {
                is_linked: true,
                is_monitored: false,
                result: Ok(pid),
                ..
            } => pid,
            other => panic!("{other:?}"),
        }
    }
}

// DST-019
#[tokio::test]
async fn what_is_spawned_ends_with_the_reason_of_its_function() {
    let (_pair, mut raw) = start().await;
    for (how, reason) in [
        ("exit", term!(bad)),
        ("error", term!({bad, [{m, raise, ["error", bad], []}]})),
        (
            "throw",
            term!({{nocatch, bad}, [{m, raise, ["throw", bad], []}]}),
        ),
    ] {
        let arguments = term!([(how), bad]);
        let reply = raw.spawn("raise", arguments, term!([monitor, link])).await;
        let Control::SpawnReply {
            is_linked: true,
            is_monitored: true,
            result: Ok(pid),
            ..
        } = reply
        else {
            panic!("{reply:?}");
        };
        let (mut exits, mut downs) = (0, 0);
        for _ in 0..2 {
            let (control, why) = raw.next().await;
            assert_eq!(why, reason);
            match control {
                Control::Exit { from, .. } if from == pid => exits += 1,
                Control::MonitorExit { from, .. } if from == Target::Pid(pid.clone()) => downs += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((exits, downs), (1, 1));
    }
    let refused = raw.spawn("nothing", term!([]), term!([link])).await;
    let is_refused = matches!(&refused, Control::SpawnReply { is_linked: false, result: Err(why), .. } if *why == "notsup");
    assert!(is_refused, "{refused:?}");
}

// DST-019
#[tokio::test]
async fn what_is_spawned_is_reached_by_exits_links_and_monitors() {
    let (_pair, mut raw) = start().await;
    // The parent ends.
    let (me, pid) = (raw.pid(1), raw.spawn_waiting().await);
    raw.watch(&pid, 2).await;
    let (from, to) = (me.clone(), pid.clone());
    raw.carry(&Control::Exit { from, to }, &term!(bye)).await;
    assert_eq!(raw.next().await, down(&raw, &pid, 2, term!(bye)));
    // It is killed: the parent hears of it.
    let pid = raw.spawn_waiting().await;
    let (from, to) = (me.clone(), pid.clone());
    raw.carry(&Control::Exit2 { from, to }, &term!(kill)).await;
    let (from, to) = (pid.clone(), me);
    let exit = (Control::Exit { from, to }, term!(killed));
    assert_eq!(raw.next().await, exit);
    raw.watch(&pid, 3).await;
    assert_eq!(raw.next().await, down(&raw, &pid, 3, term!(noproc)));
}

impl Raw {
    /// Process 1 monitors a process.
    async fn watch(&mut self, pid: &Pid, id: u32) {
        let monitor = Control::Monitor {
            from: self.pid(1),
            to: Target::Pid(pid.clone()),
            reference: self.reference(id),
        };
        self.signal(&monitor).await;
    }
}

fn down(raw: &Raw, pid: &Pid, id: u32, reason: Term) -> (Control, Term) {
    let control = Control::MonitorExit {
        from: Target::Pid(pid.clone()),
        to: raw.pid(1),
        reference: raw.reference(id),
    };
    (control, reason)
}
