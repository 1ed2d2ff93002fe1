//! GenServer: casts, and everything else that arrives.

use std::time::Duration;

use otp_core::gen_server::MessageView;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use otp_core::{Target, TimerRef};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Level;

use crate::collector::collect;
use crate::support::{
    Event, Gate, Lab, Order, act, echo, in_process, lab, panic_of, quiet, settle, via,
};

// CST-001
#[tokio::test(start_paused = true)]
async fn a_cast_to_anyone_or_nobody_returns_at_once() {
    in_process(async {
        let begun = Instant::now();
        let server = Lab::start(quiet()).await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        for n in 0..1_000 {
            server.cast(Order::Note(n));
        }
        drop(open);
        server.stop().await.unwrap();
        server.cast(Order::Note(1));
        server.send(Order::Note(1));
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            ServerName::<Lab>::new(name).cast(Order::Note(1));
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    })
    .await;
}

// CST-001: a plain message by name tells its sender, as `!` does in OTP
#[tokio::test(start_paused = true)]
async fn a_plain_message_by_an_unknown_name_fails_at_its_sender() {
    in_process(async {
        let nobody = ServerName::<Lab>::new("egg");
        let error = nobody.send(Order::Note(1)).unwrap_err();
        assert_eq!(error.to_string(), "no process egg to call");
    })
    .await;
}

// CST-002, INF-001
#[tokio::test(start_paused = true)]
async fn casts_and_messages_are_handled_in_their_order_of_arrival() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        let (open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        let mut expected = vec![Event::Init];
        for n in (0..900).step_by(3) {
            server.cast(Order::Note(n));
            server.send(Order::Note(n + 1));
            server.cast(Order::Note(n + 2));
            expected.extend([Event::Cast(n), Event::Message(n + 1), Event::Cast(n + 2)]);
        }
        drop(open);
        assert_eq!(server.call(echo(1)).await, Ok(1));
        expected.push(Event::Call(1));
        assert_eq!(probe.drain(), expected);
    })
    .await;
}

// INF-003
#[tokio::test(start_paused = true)]
async fn exits_downs_timers_and_messages_all_reach_handle_info() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe).trapping(true)).await.unwrap();
        let other = process::spawn(|mut mailbox: Mailbox<()>| async move {
            mailbox.receive().await;
            ExitReason::other("gone")
        });
        let pid = other.pid();
        let (monitor, made) = oneshot::channel();
        server.cast(act(move |_, context| {
            context.link(pid);
            monitor.send(context.monitor(pid)).unwrap();
            context.monitor("nobody");
            context.send_after(Duration::from_secs(3), Order::Note(3));
            Next::NoReply
        }));
        let monitor = made.await.unwrap();
        server.send(Order::Note(1));
        settle().await;
        let mut seen = probe.drain();
        let Event::Down(nobody) = seen.remove(1) else {
            panic!("{seen:?}");
        };
        assert_eq!(nobody.target, Target::Name("nobody".into()));
        assert_eq!(nobody.reason, ExitReason::NoProcess);
        assert_eq!(seen, [Event::Init, Event::Message(1)]);

        other.send(());
        let reason = ExitReason::other("gone");
        let exit = Exit {
            from: pid,
            reason: reason.clone(),
        };
        let down = Down {
            monitor,
            target: Target::Pid(pid),
            reason,
        };
        assert_eq!(probe.next().await, Event::Exit(exit));
        assert_eq!(probe.next().await, Event::Down(down));
        assert_eq!(probe.next().await, Event::Message(3));
        assert!(server.is_alive());
    })
    .await;
}

/// A server that tells a stale timer from its present one.
struct Clock {
    probe: Probe<TimerRef>,
}

#[gen_server]
impl GenServer for Clock {
    type Args = Probe<TimerRef>;
    type Cast = Duration;
    type Info = TimerRef;

    async fn init(probe: Probe<TimerRef>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { probe }))
    }

    async fn handle_cast(&mut self, delay: Duration, context: &mut Context<Self>) -> Next<Self> {
        self.probe.report(context.start_timer(delay, |timer| timer));
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<TimerRef>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(timer) = info {
            self.probe.report(timer);
        }
        Next::NoReply
    }
}

// INF-003, TIM-007
#[tokio::test(start_paused = true)]
async fn a_timer_message_may_carry_its_own_timer() {
    in_process(async {
        let probe = Probe::new();
        let clock = Clock::start(probe.clone()).await.unwrap();
        clock.cast(Duration::from_secs(2));
        clock.cast(Duration::from_secs(1));
        let (slow, fast) = (probe.next().await, probe.next().await);
        assert_ne!(slow, fast);
        assert_eq!(probe.next().await, fast);
        assert_eq!(probe.next().await, slow);
    })
    .await;
}

/// A server that takes plain messages and has no `handle_info`, which the attribute would not let pass.
#[derive(Debug)]
struct Deaf;

impl GenServer for Deaf {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = &'static str;
    type Continue = Never;

    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self))
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Info(info) => Some(format!("{info:?}")),
            _ => None,
        }
    }
}

// INF-002
#[tokio::test(start_paused = true)]
async fn without_a_handle_info_a_message_is_logged_as_a_warning_and_dropped() {
    let (reports, _guard) = collect();
    in_process(async move {
        let server = Deaf::start(()).await.unwrap();
        server.send("sqrt");
        process::exit(&server, ExitReason::Shutdown);
        settle().await;
        assert!(server.is_alive());
        server.stop().await.unwrap();

        let reports = reports.take();
        assert_eq!(reports.len(), 2, "{reports:?}");
        for report in &reports {
            assert_eq!(report.level, Level::WARN);
            assert_eq!(report.target, otp_core::report::TARGET);
            assert_eq!(report.field("kind"), Some("unexpected"));
            assert!(report.field("server").unwrap().ends_with("Deaf"));
            assert_eq!(report.field("pid"), Some(&*server.pid().to_string()));
        }
        let text = |n: usize| {
            let text = reports[n].text();
            let (server, what) = text.split_once(" received an unexpected message ").unwrap();
            assert!(server.contains("Deaf <"), "{text}");
            what.to_owned()
        };
        assert_eq!(text(0), "in handle_info: Message(\"sqrt\")");
        assert!(
            text(1).starts_with("in handle_info: EXIT from <"),
            "{}",
            text(1)
        );
        assert!(text(1).ends_with(">: shutdown"), "{}", text(1));
    })
    .await;
}

// INF-002
#[tokio::test(start_paused = true)]
async fn a_panic_in_handle_info_is_a_crash() {
    in_process(async {
        let probe = Probe::new();
        let server = Lab::start(lab(&probe)).await.unwrap();
        server.send(crate::support::boom());
        let reason = server.wait().await;
        assert_eq!(panic_of(&reason).message, "boom");
        assert_eq!(probe.drain(), [Event::Init, Event::Terminate(reason)]);
    })
    .await;
}
