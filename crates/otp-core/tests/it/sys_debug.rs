//! sys: watching a server at its work.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::sys::{self, Keep, Switch, SysEvent};
use otp_core::test::Probe;

use crate::collector::collect;
use crate::support::{
    Call, Event, Lab, Order, act, ask, echo, in_process, lab, quiet, settle, stop,
};

/// A server that starts unobserved.
pub(crate) async fn start() -> ServerRef<Lab> {
    Lab::start(quiet()).await.expect("init does not fail")
}

/// Installs a hook that tells what it sees.
async fn watch(server: &ServerRef<Lab>, id: &str) -> Probe<String> {
    let probe = Probe::new();
    let seen = probe.clone();
    let hook = move |event: &SysEvent| {
        seen.report(event.to_string());
        Keep::Yes
    };
    sys::install(server, id, hook)
        .await
        .expect("the server answers");
    probe
}

/// The log as text.
pub(crate) async fn logged(server: &ServerRef<Lab>) -> Vec<String> {
    let log = sys::get_log(server).await.expect("the server answers");
    log.iter().map(ToString::to_string).collect()
}

// SYS-007
#[tokio::test(start_paused = true)]
async fn statistics_count_what_goes_in_and_what_comes_out() {
    in_process(async {
        let server = start().await;
        server.cast(Order::Note(1));
        assert_eq!(sys::get_statistics(&server).await, Ok(None));
        sys::statistics(&server, Switch::On).await.unwrap();
        let first = sys::get_statistics(&server).await.unwrap().unwrap();
        assert_eq!((first.messages_in, first.messages_out), (0, 0));
        assert_eq!(first.start_time, first.current_time);

        assert_eq!(server.call(echo(1)).await, Ok(1));
        server.cast(Order::Note(2));
        server.send(Order::Note(3));
        let kept = server.send_request(Call::Keep);
        // A late answer is none of the server's own, and a system request no message.
        let answer = ask(|lab, from| {
            lab.kept.pop().expect("one call is kept").send(9);
            from.reply(0).then(Next::Continue(Order::Note(4)))
        });
        assert_eq!(server.call(answer).await, Ok(0));
        assert_eq!(sys::get_state(&server, |lab| lab.kept.len()).await, Ok(0));
        // That there was no message is one.
        let wait = |_: &mut Lab, from: ReplyTo<u32>| {
            from.reply(0).then(Next::Timeout(Duration::from_millis(10)))
        };
        assert_eq!(server.call(ask(wait)).await, Ok(0));
        settle().await;
        drop(kept);
        // To turn them on again changes nothing.
        sys::statistics(&server, Switch::On).await.unwrap();
        let last = sys::get_statistics(&server).await.unwrap().unwrap();
        assert_eq!((last.messages_in, last.messages_out), (7, 3));
        assert_eq!(last.start_time, first.start_time);
        assert!(last.current_time >= first.current_time + Duration::from_secs(1));
        assert!(last.busy > first.busy, "{first:?}, {last:?}");

        sys::statistics(&server, Switch::Off).await.unwrap();
        assert_eq!(sys::get_statistics(&server).await, Ok(None));
        sys::statistics(&server, Switch::On).await.unwrap();
        let anew = sys::get_statistics(&server).await.unwrap().unwrap();
        assert_eq!((anew.messages_in, anew.messages_out), (0, 0));
    })
    .await;
}

// SYS-008
#[tokio::test(start_paused = true)]
async fn a_hook_sees_what_a_server_does_until_it_is_removed() {
    in_process(async {
        let server = start().await;
        let me = process::current();
        let probe = watch(&server, "all").await;
        assert_eq!(server.call(echo(1)).await, Ok(1));
        server.cast(Order::Note(2));
        server.send(act(|_, _| Next::Timeout(Duration::from_millis(10))));
        settle().await;
        server.cast(act(|_, _| Next::Continue(Order::Note(3))));
        let _kept = server.send_request(Call::Keep);
        settle().await;
        sys::suspend(&server).await.unwrap();
        sys::resume(&server).await.unwrap();
        let expected = [
            &format!("got call Echo(1) from {me}"),
            &format!("sent answer to {me}, new state 0 kept"),
            "got cast Note(2)",
            "new state 0 kept",
            "got message Message(Do)",
            "new state 0 kept",
            "got message Timeout",
            "new state 0 kept",
            "got cast Do",
            "new state 0 kept",
            "continues",
            "new state 0 kept",
            &format!("got call Keep from {me}"),
            "new state 1 kept",
        ];
        assert_eq!(probe.drain(), expected);

        sys::remove(&server, "another").await.unwrap();
        server.cast(Order::Note(4));
        settle().await;
        assert_eq!(probe.drain(), ["got cast Note(4)", "new state 1 kept"]);
        sys::remove(&server, "all").await.unwrap();
        assert_eq!(server.call(echo(5)).await, Ok(5));
        assert_eq!(probe.drain(), Vec::<String>::new());
    })
    .await;
}

// SYS-008
#[tokio::test(start_paused = true)]
async fn the_same_id_is_installed_once_and_the_latest_hook_sees_an_event_first() {
    in_process(async {
        let server = start().await;
        let order = Probe::new();
        for (id, name) in [("a", "first"), ("b", "second"), ("a", "third")] {
            let seen = order.clone();
            let mut events = 0;
            let hook = move |_: &SysEvent| {
                events += 1;
                seen.report((name, events));
                Keep::Yes
            };
            sys::install(&server, id, hook).await.unwrap();
        }
        server.cast(Order::Note(1));
        settle().await;
        let seen = [("second", 1), ("first", 1), ("second", 2), ("first", 2)];
        assert_eq!(order.drain(), seen);
    })
    .await;
}

// SYS-008
#[tokio::test(start_paused = true)]
async fn a_hook_that_is_done_or_panics_is_removed_and_hurts_nobody() {
    in_process(async {
        let server = start().await;
        let (runs, probe) = (Probe::new(), watch(&server, "all").await);
        let (done, fails, exits) = (runs.clone(), runs.clone(), runs.clone());
        let hook = move |_: &SysEvent| {
            done.report("done");
            Keep::No
        };
        sys::install(&server, "done", hook).await.unwrap();
        let hook = move |_: &SysEvent| {
            fails.report("fails");
            panic!("the hook is broken")
        };
        sys::install(&server, "fails", hook).await.unwrap();
        let hook = move |_: &SysEvent| {
            exits.report("exits");
            process::exit_self(ExitReason::Shutdown)
        };
        sys::install(&server, "exits", hook).await.unwrap();
        assert_eq!(server.call(echo(1)).await, Ok(1));
        assert_eq!(server.call(echo(2)).await, Ok(2));
        assert_eq!(runs.drain(), ["exits", "fails", "done"]);
        assert_eq!(probe.drain().len(), 4, "the others see all");
    })
    .await;
}

// SYS-008
#[tokio::test(start_paused = true)]
async fn what_a_hook_holds_is_dropped_with_it_even_if_that_panics() {
    struct Mine(Probe<()>);
    impl Drop for Mine {
        fn drop(&mut self) {
            self.0.report(());
            panic!("dropped");
        }
    }

    in_process(async {
        let server = start().await;
        let dropped = Probe::new();
        let hook = |keep| {
            let mine = Mine(dropped.clone());
            move |_: &SysEvent| {
                let _ = &mine;
                keep
            }
        };
        sys::install(&server, "a", hook(Keep::Yes)).await.unwrap();
        sys::install(&server, "a", hook(Keep::Yes)).await.unwrap();
        assert_eq!(dropped.drain().len(), 1, "not installed");
        sys::remove(&server, "a").await.unwrap();
        assert_eq!(dropped.drain().len(), 1);
        sys::install(&server, "b", hook(Keep::No)).await.unwrap();
        assert_eq!(server.call(echo(1)).await, Ok(1));
        settle().await;
        assert_eq!(dropped.drain().len(), 1);
        sys::install(&server, "c", hook(Keep::Yes)).await.unwrap();
        sys::install(&server, "d", hook(Keep::Yes)).await.unwrap();
        sys::no_debug(&server).await.unwrap();
        assert_eq!(dropped.drain().len(), 2);
        assert_eq!(server.call(echo(2)).await, Ok(2));
    })
    .await;
}

// SYS-007, SYS-008, SYS-009
#[tokio::test(start_paused = true)]
async fn no_debug_ends_all_that_watches_a_server() {
    let (reports, _guard) = collect();
    in_process(async {
        let server = start().await;
        for suspended in [false, true] {
            let probe = watch(&server, "all").await;
            sys::statistics(&server, Switch::On).await.unwrap();
            sys::log(&server, 10).await.unwrap();
            sys::trace(&server, Switch::On).await.unwrap();
            if suspended {
                sys::suspend(&server).await.unwrap();
            }
            sys::no_debug(&server).await.unwrap();
            sys::resume(&server).await.unwrap();
            assert_eq!(server.call(echo(1)).await, Ok(1));
            assert_eq!(sys::get_statistics(&server).await, Ok(None));
            assert_eq!(logged(&server).await, Vec::<String>::new());
            assert_eq!(probe.drain(), Vec::<String>::new());
        }
    })
    .await;
    assert!(reports.take().is_empty());
}

// SYS-007
#[tokio::test(start_paused = true)]
async fn debugging_that_ends_and_begins_anew_while_suspended_still_counts() {
    in_process(async {
        let server = start().await;
        sys::statistics(&server, Switch::On).await.unwrap();
        sys::suspend(&server).await.unwrap();
        sys::no_debug(&server).await.unwrap();
        sys::statistics(&server, Switch::On).await.unwrap();
        sys::resume(&server).await.unwrap();
        for n in 0..3 {
            assert_eq!(server.call(echo(n)).await, Ok(n));
        }
        let now = sys::get_statistics(&server).await.unwrap().unwrap();
        assert_eq!((now.messages_in, now.messages_out), (3, 3));
    })
    .await;
}

// SYS-008
#[tokio::test(start_paused = true)]
async fn a_debugged_server_stops_and_fails_like_any_other() {
    in_process(async {
        let began = || async {
            let probe = Probe::new();
            let server = Lab::start(lab(&probe)).await.unwrap();
            let events = watch(&server, "all").await;
            assert_eq!(probe.drain(), [Event::Init]);
            (server, probe, events)
        };

        let (server, probe, events) = began().await;
        server.cast(stop(ExitReason::Shutdown));
        assert_eq!(server.wait().await, ExitReason::Shutdown);
        assert_eq!(probe.drain(), [Event::Terminate(ExitReason::Shutdown)]);
        assert_eq!(events.drain(), ["got cast Do"]);

        // The answer that comes with a stop goes out behind terminate, and is an event nevertheless.
        let (server, probe, events) = began().await;
        let bye =
            |_: &mut Lab, from: ReplyTo<u32>| from.reply(7).then(Next::Stop(ExitReason::Normal));
        assert_eq!(server.call(ask(bye)).await, Ok(7));
        assert_eq!(server.wait().await, ExitReason::Normal);
        assert_eq!(probe.drain(), [Event::Terminate(ExitReason::Normal)]);
        let me = process::current();
        let sent = format!("sent answer to {me}, new state 0 kept");
        assert_eq!(events.drain(), [format!("got call Do from {me}"), sent]);

        let (server, _probe, events) = began().await;
        let failed = server.call(ask(|_, _| panic!("over a call"))).await;
        assert!(
            matches!(failed, Err(CallError::Exited { .. })),
            "{failed:?}"
        );
        assert_eq!(events.drain().len(), 1);

        let (server, probe, events) = began().await;
        assert_eq!(server.stop().await, Ok(()));
        assert_eq!(probe.drain(), [Event::Terminate(ExitReason::Normal)]);
        assert_eq!(events.drain(), Vec::<String>::new());

        let (server, probe, _events) = began().await;
        process::exit(&server, ExitReason::Kill);
        assert_eq!(server.wait().await, ExitReason::Killed);
        assert_eq!(probe.drain(), []);
    })
    .await;
}
