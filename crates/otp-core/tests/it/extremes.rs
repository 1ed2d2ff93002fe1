//! The shortest and the longest time, and the smallest and the largest number, wherever one is given. Those of guards,
//! pools, drains and schedules are in `kept`, and limits of zero that decide something in other modules.

use std::future::pending;
use std::time::{Duration, SystemTime};

use otp_core::application::{Application, Applications, Ended};
use otp_core::prelude::*;
use otp_core::process::ProcessQuery;
use otp_core::registry::Registry;
use otp_core::sys::Tracer;
use otp_core::task::{self, YieldMany};
use otp_core::test::{Probe, idle};
use otp_core::timer::{self, MissedTicks, WallClock};
use otp_core::{
    Agent, Child, Event, EventManager, Machine, MailboxLimit, PartitionSupervisor, ProcessRef,
    PubSub, StateMachine, Task, TaskSupervisor, Transition, proc_lib, process, sys,
};
use tokio::time::{Instant, sleep};

const EXTREMES: [Duration; 2] = [Duration::ZERO, Duration::MAX];
const NUMBERS: [usize; 2] = [0, usize::MAX];

/// A process that passes each message to the probe.
fn ear() -> (ProcessRef<u8>, Probe<u8>) {
    let probe = Probe::new();
    let tell = probe.clone();
    let ear = process::spawn(|mut mailbox: Mailbox<u8>| async move {
        loop {
            tell.report(mailbox.receive().await);
        }
    });
    (ear, probe)
}

#[otp_core::test]
async fn of_timers() {
    let (ear, heard) = ear();
    for after in EXTREMES {
        let timers = [
            timer::send_after(&ear, after, 1),
            timer::start_timer(&ear, after, |_| 1),
            timer::send_interval(&ear, after, 1),
            timer::send_interval_with(&ear, after, MissedTicks::CatchUp(u32::MAX), 1),
            timer::send_interval_with(&ear, after, MissedTicks::Delay, 1),
            timer::apply_after(after, async {}),
        ];
        sleep(Duration::from_millis(5)).await;
        assert_eq!(heard.drain().is_empty(), after == Duration::MAX);
        for timer in &timers {
            let left = timer.read();
            // A timer is due in thirty years at the latest.
            assert!(
                after.is_zero() || left.is_some_and(|left| left > Duration::from_secs(900_000_000))
            );
            timer.cancel();
        }
    }
    idle().await;
    let _ = heard.drain();
    let (now, day) = (Instant::now(), Duration::from_secs(86_400));
    timer::send_at(&ear, now.checked_sub(day).unwrap_or(now), 2);
    assert_eq!(heard.next().await, 2);
    timer::kill_after(&ear, Duration::MAX);
    timer::exit_after(&ear, Duration::MAX, "late");
    sleep(Duration::from_secs(1)).await;
    assert!(ear.is_alive());
    timer::kill_after(&ear, Duration::ZERO);
    assert_eq!(ear.wait().await, ExitReason::Killed);
}

#[otp_core::test(real_clock)]
async fn of_the_wall_clock() {
    let (ear, heard) = ear();
    let clock = WallClock::system();
    let far = |add: u64| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(add));
    for add in [0, 1 << 40, 1 << 60, i64::MAX as u64] {
        let Some(due) = far(add) else { continue };
        let timer = clock.send_at(&ear, due, 1);
        assert!(add == 0 || timer.read().is_some());
        timer.cancel();
        clock.start_timer(&ear, due, |_| 1).cancel();
    }
    let past = SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(i64::MAX as u64));
    clock.send_at(&ear, past.unwrap_or(SystemTime::UNIX_EPOCH), 3);
    loop {
        if heard.next().await == 3 {
            break;
        }
    }
    assert!(ear.is_alive());
}

/// A server with a limit for each message.
struct Host(Duration, Probe<&'static str>);

#[otp_core::gen_server]
impl GenServer for Host {
    type Args = (Duration, Probe<&'static str>);
    type Call = ReplyTo<u8>;

    async fn init((limit, probe): Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(limit, probe)).then(Next::Timeout(limit)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u8>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(1).then(Next::Timeout(self.0))
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Timeout = info {
            self.1.report("timeout");
        }
        Next::NoReply
    }
}

#[otp_core::test]
async fn of_servers() {
    for limit in EXTREMES {
        let probe = Probe::new();
        let args = || (limit, probe.clone());
        let server = Host::options().timeout(Duration::MAX).start(args()).await;
        let server = server.expect("it starts");
        assert_eq!(server.call(|from| from).timeout(Duration::MAX).await, Ok(1));
        sleep(Duration::from_secs(60)).await;
        assert_eq!(probe.drain().is_empty(), limit == Duration::MAX);
        let request = server.send_request(|from| from);
        assert_eq!(request.timeout(Duration::MAX).await, Ok(1));
        for number in NUMBERS {
            sys::log(&server, number)
                .timeout(Duration::MAX)
                .await
                .expect("it answers");
            assert_eq!(server.call(|from| from).await, Ok(1));
            sys::get_log(&server).await.expect("it answers");
            sys::no_debug(&server).await.expect("it answers");
        }
        let state = sys::get_state(&server, |_| ())
            .timeout(Duration::ZERO)
            .await;
        assert!(state.is_err());
        server
            .stop()
            .timeout(Duration::MAX)
            .await
            .expect("it stops");
        let started = Host::options().timeout(Duration::ZERO).start(args()).await;
        assert!(matches!(started, Err(StartError::Timeout(_))));
        let started = proc_lib::options()
            .timeout(limit)
            .start(|_: Mailbox<Never>, ack| async {
                ack.ok();
                ExitReason::Normal
            });
        assert_eq!(started.await.is_ok(), limit == Duration::MAX);
        let agent = Agent::options().timeout(limit).start(|| 1).await;
        assert_eq!(agent.is_ok(), limit == Duration::MAX);
    }
}

/// A machine with timers of this length.
struct Clock(Duration, Probe<&'static str>);

#[otp_core::state_machine]
impl StateMachine for Clock {
    type Args = (Duration, Probe<&'static str>);
    type State = u8;
    type Cast = ();
    type Timer = &'static str;

    async fn init(
        (limit, probe): Self::Args,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, Stop> {
        Ok(Initial::state(0, Self(limit, probe))
            .timeout("init", limit)
            .state_timeout("state", limit)
            .event_timeout("event", limit))
    }

    async fn handle(
        &mut self,
        _: &u8,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match event {
            Event::Cast(()) => Transition::next(1)
                .timeout("cast", self.0)
                .state_timeout("state", self.0),
            Event::Timeout(name) => {
                self.1.report(name);
                Transition::keep()
            }
            _ => Transition::keep(),
        }
    }
}

#[otp_core::test]
async fn of_machines() {
    for limit in EXTREMES {
        let probe = Probe::new();
        let machine = Clock::start((limit, probe.clone()))
            .await
            .expect("it starts");
        sleep(Duration::from_secs(1)).await;
        machine.cast(());
        sleep(Duration::from_secs(1)).await;
        assert_eq!(probe.drain().is_empty(), limit == Duration::MAX);
        machine.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn of_tasks() {
    let tasks = TaskSupervisor::new()
        .max_children(usize::MAX)
        .max_restarts(usize::MAX, Duration::MAX);
    let tasks = tasks.start_link().await.expect("it starts");
    for limit in EXTREMES {
        let done = || async {
            let task = Task::spawn(async { 1 });
            idle().await;
            task
        };
        assert_eq!(done().await.timeout(limit).await, Ok(1));
        assert_eq!(done().await.wait(limit).await, Some(Ok(1)));
        assert_eq!(done().await.shutdown(limit).await, Some(Ok(1)));
        let both = [done().await, done().await];
        assert_eq!(task::await_many(both, limit).await, Ok(vec![1, 1]));
        for number in NUMBERS {
            let mut all = [done().await];
            let came = task::yield_many(&mut all, YieldMany::new(limit).at_most(number)).await;
            assert_eq!(came[0].is_some(), number > 0);
            let mut stream = task::async_stream([1], |n| async move { n })
                .max_concurrency(number.max(1))
                .timeout(Duration::MAX);
            assert_eq!(stream.next().await, Some(Ok(1)));
            let mut stream = tasks.async_stream_nolink([1], |n| async move { n });
            assert_eq!(stream.next().await, Some(Ok(1)));
        }
    }
    for number in NUMBERS {
        let (to, heard) = ear();
        let items = futures_util::stream::iter([1, 2]);
        task::attach_stream(&to, items, number, |event| match event {
            task::StreamEvent::Item(item) => item.into_inner(),
            _ => 0,
        });
        assert_eq!(
            [heard.next().await, heard.next().await, heard.next().await],
            [1, 2, 0]
        );
    }
    let full = TaskSupervisor::new()
        .max_children(0)
        .start_link()
        .await
        .expect("it starts");
    assert!(full.spawn_nolink(async {}).await.is_err());
}

fn quick(shutdown: Duration) -> ChildSpec {
    let start = || async { process::spawn_link(|_: Mailbox<Never>| pending::<()>()) };
    ChildSpec::worker("quick", start).shutdown(Shutdown::Within(shutdown))
}

#[otp_core::test(reports)]
async fn of_supervisors() {
    for shutdown in EXTREMES {
        for period in [Duration::from_nanos(1), Duration::MAX] {
            for most in NUMBERS {
                let top = Supervisor::new(Strategy::OneForOne)
                    .max_restarts(most, period)
                    .child(quick(shutdown));
                let top = top.start().await.expect("it starts");
                let child = top.which_child("quick").await.expect("it runs");
                let child = child.and_then(|child| child.pid()).expect("it runs");
                process::exit(child, ExitReason::Kill);
                sleep(Duration::from_secs(1)).await;
                assert_eq!(top.is_alive(), most > 0);
                let _ = top.stop().timeout(Duration::MAX).await;

                let crowd = DynamicSupervisor::new()
                    .max_restarts(most, period)
                    .max_children(most);
                let crowd = crowd.start().await.expect("it starts");
                let child = crowd.start_child(quick(shutdown)).await;
                assert_eq!(child.is_ok(), most > 0);
                crowd.stop().timeout(Duration::MAX).await.expect("it stops");

                let parts = PartitionSupervisor::new("parts", move |_| quick(shutdown))
                    .partitions(2)
                    .max_restarts(most, period);
                let parts = parts.start().await.expect("it starts");
                for number in NUMBERS {
                    assert!(parts.resize(number).await.is_err());
                    assert!(parts.whereis(7_u64).is_some());
                }
                parts.stop().await.expect("it stops");
            }
        }
    }
    // A period must be longer than zero, as in OTP.
    let zero = Supervisor::new(Strategy::OneForOne).max_restarts(1, Duration::ZERO);
    assert!(zero.start().await.is_err());
    let none = PartitionSupervisor::new("none", |_| quick(Duration::ZERO)).partitions(0);
    assert!(none.start().await.is_err());
}

struct App;

impl Application for App {
    type Args = Duration;

    async fn start(shutdown: Duration) -> Result<(Child, Self), ExitReason> {
        let top = Supervisor::new(Strategy::OneForOne).child(quick(shutdown));
        Ok((top.start_link().await?.into(), Self))
    }
}

#[otp_core::test]
async fn of_applications() {
    for shutdown in EXTREMES {
        for limit in EXTREMES {
            let node = Node::new();
            let all = Applications::on(&node);
            let app = otp_core::ApplicationSpec::new::<App>("app", shutdown);
            all.start(app).await.expect("it starts");
            assert_eq!(all.shutdown(limit).await, Ended::Stopped);
            idle().await;
            assert_eq!(node.processes().len(), 1, "the controller");
        }
    }
}

#[otp_core::test]
async fn of_mailboxes() {
    for number in NUMBERS {
        for limit in [
            MailboxLimit::refuse(number),
            MailboxLimit::drop_newest(number),
            MailboxLimit::drop_oldest(number),
            MailboxLimit::end(number),
            MailboxLimit::kill(number),
        ] {
            let probe = Probe::new();
            let tell = probe.clone();
            let process = process::spawn(move |mut mailbox: Mailbox<u8>| async move {
                mailbox.set_limit(Some(limit));
                tell.report(0);
                for patience in [Duration::ZERO, Duration::from_secs(1)] {
                    if let Some(n) = mailbox.receive().timeout(patience).await {
                        tell.report(n);
                    }
                    let _ = mailbox
                        .receive_match(|_| false)
                        .timeout(Duration::ZERO)
                        .await;
                }
                let _ = mailbox.receive().timeout(Duration::MAX).await;
            });
            assert_eq!(probe.next().await, 0);
            process.send(1);
            let _ = process.try_send(2);
            let wait = process.send_wait(3);
            let _ = tokio::time::timeout(Duration::from_millis(1), wait).await;
            let room = tokio::time::timeout(Duration::from_millis(1), process.reserve()).await;
            drop(room);
            sleep(Duration::from_secs(2)).await;
            process::exit(&process, ExitReason::Kill);
            process.wait().await;
        }
    }
}

#[otp_core::test]
async fn of_what_is_looked_at() {
    let node = process::node();
    for number in NUMBERS {
        for other in NUMBERS {
            let page = node.process_page(&ProcessQuery::new().offset(number).limit(other));
            assert!(page.processes.len() <= other);
        }
        assert!(node.timer_infos(number).len() <= number);
        let mut tracer = Tracer::new(&node, number);
        let server = Host::start((Duration::MAX, Probe::new()))
            .await
            .expect("it starts");
        tracer.add(&server).await.expect("it is a server");
        assert_eq!(server.call(|from| from).await, Ok(1));
        drop(tracer);
        server.stop().await.expect("it stops");
    }
    for limit in EXTREMES {
        node.monitor_long_schedule(limit);
        sleep(Duration::from_millis(1)).await;
    }
}

#[otp_core::test]
async fn of_registries_and_events() {
    let keys = Registry::<u8>::options("keys").partitions(0).unique();
    keys.start().await.expect("it starts");
    keys.register(1, ()).expect("it is free");
    keys.dispatch_parallel(&1, |_| ()).await;
    let topics = PubSub::<u8>::options("topics").partitions(0).build();
    topics.start().await.expect("it starts");
    topics.broadcast("topic", 1).expect("it runs");
    let events = EventManager::<u8>::start().await.expect("it starts");
    for limit in EXTREMES {
        let told = events.sync_notify(1).timeout(limit).await;
        assert_eq!(told.is_ok(), limit == Duration::MAX);
    }
    events
        .stop()
        .timeout(Duration::MAX)
        .await
        .expect("it stops");
}
