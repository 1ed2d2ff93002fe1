//! The counts of observed processes, and the processes that they wait for.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process::{self, Activity, Callback, ProcessOrder, ProcessQuery, ProcessState};
use otp_core::{Pid, ServerRef, sys};
use tokio::sync::{mpsc, oneshot};

/// A server that is stuck when it is told to be.
struct Clerk;

enum Ask {
    Quick(ReplyTo<()>),
    /// Tells that it has begun, and waits until it may go on.
    Slow(
        mpsc::UnboundedSender<()>,
        oneshot::Receiver<()>,
        ReplyTo<()>,
    ),
    /// Has another clerk do that.
    Forward(
        ServerRef<Clerk>,
        mpsc::UnboundedSender<()>,
        oneshot::Receiver<()>,
        ReplyTo<()>,
    ),
}

#[gen_server]
impl GenServer for Clerk {
    type Call = Ask;
    type Cast = ();
    /// For how long it waits for the next message.
    type Info = Option<Duration>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_info(&mut self, info: Info<Self::Info>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(Some(limit)) => Next::Timeout(limit),
            _ => Next::NoReply,
        }
    }

    async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match ask {
            Ask::Quick(from) => from.reply(()),
            Ask::Slow(begun, go_on, from) => {
                begun.send(()).expect("somebody listens");
                let _ = go_on.await;
                from.reply(())
            }
            Ask::Forward(to, begun, go_on, from) => {
                to.call(|from| Ask::Slow(begun, go_on, from))
                    .await
                    .expect("it answers");
                from.reply(())
            }
        }
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }
}

fn activity(pid: Pid) -> Option<Activity> {
    let info = process::node().process_info(pid);
    info.expect("it lives").activity
}

#[tokio::test]
async fn nothing_is_counted_while_nobody_observes() {
    let ran = Node::new().run(async {
        let clerk = Clerk::start_link(()).await.expect("it starts");
        clerk.call(Ask::Quick).await.expect("it answers");
        assert_eq!(activity(clerk.pid()), None);
        let observation = process::node().observe();
        clerk.call(Ask::Quick).await.expect("it answers");
        assert!(activity(clerk.pid()).is_some());
        drop(observation);
        clerk.call(Ask::Quick).await.expect("it answers");
        assert_eq!(activity(clerk.pid()), None);
        let totals = process::node().totals();
        assert_eq!(totals.process_count, 2);
        assert_eq!(totals.spawned, 2);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_server_counts_what_it_handles() {
    let ran = Node::new().run(async {
        let _observation = process::node().observe();
        let clerk = Clerk::start_link(()).await.expect("it starts");
        for _ in 0..10 {
            clerk.call(Ask::Quick).await.expect("it answers");
            clerk.cast(());
        }
        // What is handled is counted before the next message is taken, and the server was started while it counts.
        clerk.call(Ask::Quick).await.expect("it answers");
        let activity = activity(clerk.pid()).expect("it counts");
        assert!((20..=21).contains(&activity.handled), "{activity:?}");
        assert!(activity.polls > 0 && activity.busy > Duration::ZERO);
        let before = process::node().totals();
        assert!(before.handled >= activity.handled);
        clerk.stop().await.expect("it stops");
        let after = process::node().totals();
        assert!(
            after.handled >= before.handled,
            "what the dead have done counts"
        );
        assert_eq!(after.process_count, before.process_count - 1);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_second_observation_begins_anew_and_the_first_end_ends_nothing() {
    let ran = Node::new().run(async {
        let node = process::node();
        let clerk = Clerk::start_link(()).await.expect("it starts");
        let first = node.observe();
        for _ in 0..5 {
            clerk.call(Ask::Quick).await.expect("it answers");
        }
        let second = node.observe();
        drop(first);
        clerk.call(Ask::Quick).await.expect("it answers");
        let so_far = activity(clerk.pid()).expect("it counts").handled;
        assert!((4..=6).contains(&so_far), "{so_far}");
        drop(second);
        let _third = node.observe();
        clerk.call(Ask::Quick).await.expect("it answers");
        clerk.call(Ask::Quick).await.expect("it answers");
        let anew = activity(clerk.pid()).expect("it counts").handled;
        assert!(anew <= 2, "{anew}");
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_server_that_waits_as_the_observation_begins_shows_its_next_callback() {
    for limit in [None, Some(Duration::from_secs(60))] {
        let ran = Node::new().run(async move {
            let node = process::node();
            let clerk = Clerk::start_link(()).await.expect("it starts");
            clerk.call(Ask::Quick).await.expect("it answers");
            clerk.send(limit);
            while node
                .process_info(clerk.pid())
                .is_some_and(|it| it.message_queue_len > 0)
            {
                tokio::task::yield_now().await;
            }
            let _observation = node.observe();
            let (tell, mut begun) = mpsc::unbounded_channel();
            let (let_go, go_on) = oneshot::channel();
            let asked = clerk.send_request(|from| Ask::Slow(tell, go_on, from));
            begun.recv().await.expect("it has begun");
            let callback = activity(clerk.pid()).and_then(|it| it.callback);
            let callback = callback.map(|(callback, _)| callback);
            assert_eq!(callback, Some(Callback::HandleCall), "{limit:?}");
            let_go.send(()).expect("it waits");
            asked.await.expect("it answers");
        });
        ran.await.expect("nothing fails");
    }
}

/// A machine that waits in the callback that it is told to.
struct Gate(mpsc::UnboundedSender<Pid>);

impl Gate {
    /// Tells that it has come here, and stays.
    async fn stay(&self) {
        self.0.send(process::current()).expect("somebody listens");
        std::future::pending::<()>().await;
    }
}

#[state_machine]
impl StateMachine for Gate {
    type Args = (Callback, mpsc::UnboundedSender<Pid>);
    type State = Option<Callback>;
    type Internal = ();

    async fn init(
        (stays, tell): Self::Args,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, Stop> {
        let gate = Self(tell);
        if stays == Callback::Init {
            gate.stay().await;
        }
        Ok(Initial::state(Some(stays), gate).insert(()))
    }

    async fn enter(
        &mut self,
        stays: &Self::State,
        _: &Self::State,
        _: &mut Context<Machine<Self>>,
    ) -> Entered<Self> {
        if *stays == Some(Callback::Enter) {
            self.stay().await;
        }
        Entered::done()
    }

    async fn handle(
        &mut self,
        _: &Self::State,
        _: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        Transition::stop(ExitReason::Shutdown)
    }

    async fn terminate(
        &mut self,
        stays: &Self::State,
        _: &ExitReason,
        _: &mut Context<Machine<Self>>,
    ) {
        if *stays == Some(Callback::Terminate) {
            self.stay().await;
        }
    }
}

#[tokio::test]
async fn one_that_is_stuck_where_it_handles_no_message_shows_the_callback() {
    for stays in [Callback::Init, Callback::Enter, Callback::Terminate] {
        let ran = Node::new().run(async move {
            let node = process::node();
            let _observation = node.observe();
            let (tell, mut told) = mpsc::unbounded_channel();
            let starter = process::spawn_link(move |_: Mailbox<()>| async move {
                drop(Gate::start((stays, tell)).await);
            });
            let stuck = told.recv().await.expect("it is stuck");
            let activity = activity(stuck).expect("it counts");
            let callback = activity.callback.map(|(callback, _)| callback);
            assert_eq!(callback, Some(stays));
            assert_eq!(activity.handled, u64::from(stays == Callback::Terminate));
            process::exit(stuck, ExitReason::Kill);
            starter.wait().await;
        });
        ran.await.expect("nothing fails");
    }
}

#[tokio::test]
async fn a_server_that_was_stuck_before_the_observation_is_in_a_callback_since_then() {
    let ran = Node::new().run(async {
        let node = process::node();
        let [stuck, idle] = [Clerk::start_link(()).await, Clerk::start_link(()).await];
        let (stuck, idle) = (stuck.expect("it starts"), idle.expect("it starts"));
        idle.call(Ask::Quick).await.expect("it answers");
        let (tell, mut begun) = mpsc::unbounded_channel();
        let (let_go, go_on) = oneshot::channel();
        let asked = stuck.send_request(|from| Ask::Slow(tell, go_on, from));
        begun.recv().await.expect("it has begun");
        let _observation = node.observe();
        let callback = |pid| activity(pid).and_then(|it| it.callback);
        let (unknown, first) = callback(stuck.pid()).expect("it is in one");
        assert_eq!((unknown, unknown.name()), (Callback::Unknown, "unknown"));
        assert_eq!(callback(idle.pid()), None);
        let raw = process::spawn_link(|_: Mailbox<()>| std::future::pending::<()>());
        tokio::task::yield_now().await;
        assert_eq!(callback(raw.pid()), None, "it is no server");
        let by_callback = ProcessQuery::new()
            .order(ProcessOrder::Callback)
            .descending();
        let page = node.process_page(&by_callback);
        assert_eq!(page.processes[0].pid, stuck.pid());
        let (_, later) = callback(stuck.pid()).expect("it is in one");
        assert!(later >= first);
        let_go.send(()).expect("it waits");
        asked.await.expect("it answers");
        while callback(stuck.pid()).is_some() {
            tokio::task::yield_now().await;
        }
        let handled = activity(stuck.pid()).expect("it counts").handled;
        assert_eq!(handled, 0, "it began before");
        stuck.call(Ask::Quick).await.expect("it answers");
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_stuck_server_shows_its_callback_and_whom_it_waits_for() {
    let ran = Node::new().run(async {
        let node = process::node();
        let _observation = node.observe();
        let front = Clerk::start_link(()).await.expect("it starts");
        let back = Clerk::start_link(()).await.expect("it starts");
        let (tell, mut begun) = mpsc::unbounded_channel();
        let (let_go, go_on) = oneshot::channel();
        let (asked, other) = (front.clone(), back.clone());
        let asker = process::spawn_link(async move |_: Mailbox<()>| {
            let forward = |from| Ask::Forward(other, tell, go_on, from);
            asked.call(forward).await.expect("it answers");
        });
        begun.recv().await.expect("it has begun");
        for stuck in [front.pid(), back.pid()] {
            let callback = activity(stuck).and_then(|it| it.callback);
            let (callback, _) = callback.expect("it is in one");
            assert_eq!(callback, Callback::HandleCall);
            assert_eq!(callback.name(), "handle_call");
        }
        // It is noted once the calls have waited for a while.
        let waits = [(asker.pid(), front.pid()), (front.pid(), back.pid())];
        let are_noted = || {
            waits.iter().all(|(waiter, server)| {
                let info = node.process_info(*waiter);
                info.is_some_and(|info| info.waiting_for == Some(*server))
            })
        };
        let mut look = tokio::time::interval(Duration::from_millis(1));
        while !are_noted() {
            look.tick().await;
        }
        let back_waits = node.process_info(back.pid()).expect("it lives").waiting_for;
        assert_eq!(back_waits, None, "that is no call");
        let_go.send(()).expect("it waits");
        asker.wait().await;
        assert_eq!(
            node.process_info(front.pid())
                .expect("it lives")
                .waiting_for,
            None
        );
        assert_eq!(activity(front.pid()).and_then(|it| it.callback), None);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn processes_are_found_by_what_they_do() {
    let ran = Node::new().run(async {
        let node = process::node();
        let [stuck, idle, held] = [(); 3].map(|()| Clerk::start_link(()));
        let stuck = stuck.await.expect("it starts");
        let idle = idle.await.expect("it starts");
        let held = held.await.expect("it starts");
        let (tell, mut begun) = mpsc::unbounded_channel();
        let (_let_go, go_on) = oneshot::channel();
        let asked = stuck.clone();
        let asker = process::spawn_link(async move |_: Mailbox<()>| {
            let _ = asked.call(|from| Ask::Slow(tell, go_on, from)).await;
        });
        begun.recv().await.expect("it has begun");
        sys::suspend(&held).await.expect("it answers");
        held.cast(());
        let mut look = tokio::time::interval(Duration::from_millis(1));
        for (state, pids) in [
            (ProcessState::Running, vec![process::current()]),
            (ProcessState::Idle, vec![idle.pid()]),
            (ProcessState::Handling, vec![stuck.pid()]),
            (ProcessState::Behind, vec![held.pid()]),
            // It is noted once the call has waited for a while.
            (ProcessState::Calling, vec![asker.pid()]),
        ] {
            let query = ProcessQuery::new().in_state(state);
            loop {
                let page = node.process_page(&query);
                let found: Vec<Pid> = page.processes.iter().map(|info| info.pid).collect();
                if found == pids {
                    assert_eq!((page.matching, page.total), (1, 5));
                    assert_eq!(page.processes[0].state(), state);
                    break;
                }
                look.tick().await;
            }
        }
    });
    ran.await.expect("nothing fails");
}
