//! Who the parent of a server is, whose exit ends it even if it traps exits; and who the ancestors of a process are.

use std::time::Duration;

use otp_core::gen_server::{Envelope, enter_loop};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::puppet::boom;
use crate::support::{Event, Lab, act, in_process, lab, settle};

type Events = Probe<Event>;

/// A trapping process that becomes a server by itself, linked with the caller or not.
async fn enters_the_loop(events: &Events, linked: bool) -> ServerRef<Lab> {
    let (state, there) = (lab(events).state(), events.clone());
    let body = move |mut mailbox: Mailbox<Envelope<Lab>>| async move {
        mailbox.trap_exit(|_| unreachable!("a server gets its exits as infos"));
        there.report(Event::Note("traps"));
        enter_loop(mailbox, state, Next::NoReply, None).await
    };
    let process = match linked {
        true => process::spawn_link(body),
        false => process::spawn(body),
    };
    assert_eq!(events.next().await, Event::Note("traps"));
    ServerRef::from(process)
}

fn exit_of(from: impl Into<Pid>) -> Event {
    Event::Exit(Exit {
        from: from.into(),
        reason: boom(),
    })
}

/// Has the server send itself an exit signal.
fn exits_itself(server: &ServerRef<Lab>) {
    server.cast(act(|_, context| {
        process::exit(context.pid(), boom());
        Next::NoReply
    }));
}

// TRM-006: the first ancestor, as `gen_server:enter_loop` takes it from the process dictionary.
#[tokio::test(start_paused = true)]
async fn a_process_that_enters_the_loop_keeps_its_starter_as_parent_linked_or_not() {
    for linked in [true, false] {
        in_process(async move {
            let events = Events::new();
            let server = enters_the_loop(&events, linked).await;
            exits_itself(&server);
            settle().await;
            assert_eq!(events.drain(), [exit_of(&server)], "it is not its own");
            process::unlink(&server);
            process::exit(&server, boom());
            assert_eq!(server.wait().await, boom());
            assert_eq!(events.drain(), [Event::Terminate(boom())]);
        })
        .await;
    }
}

// TRM-006
#[tokio::test(start_paused = true)]
async fn a_supervised_process_that_has_entered_the_loop_terminates_when_it_is_told_to_stop() {
    in_process(async {
        let events = Events::new();
        let there = events.clone();
        let child = ChildSpec::worker("loop", move || {
            let events = there.clone();
            async move { Ok::<_, ExitReason>(enters_the_loop(&events, true).await) }
        });
        let child = child.shutdown(Shutdown::Within(Duration::from_secs(3600)));
        let supervisor = Supervisor::new(Strategy::OneForOne).child(child);
        let supervisor = supervisor.start_link().await.unwrap();
        let begun = tokio::time::Instant::now();
        supervisor.terminate_child("loop").await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(events.drain(), [Event::Terminate(ExitReason::Shutdown)]);
    })
    .await;
}

// TRM-006: `gen` makes the starter the parent for a link and for a monitor, and else the server itself.
#[tokio::test(start_paused = true)]
async fn a_server_started_without_a_tie_is_its_own_parent() {
    in_process(async {
        let events = Events::new();
        let setup = || lab(&events).trapping(true);

        let alone = Lab::start(setup()).await.unwrap();
        exits_itself(&alone);
        assert_eq!(alone.wait().await, boom());
        assert_eq!(events.drain(), [Event::Init, Event::Terminate(boom())]);

        let linked = Lab::start_link(setup()).await.unwrap();
        exits_itself(&linked);
        settle().await;
        assert_eq!(events.drain(), [Event::Init, exit_of(&linked)]);

        let (monitored, _) = Lab::start_monitor(setup()).await.unwrap();
        exits_itself(&monitored);
        settle().await;
        assert_eq!(events.drain(), [Event::Init, exit_of(&monitored)]);
        process::exit(&monitored, boom());
        assert_eq!(monitored.wait().await, boom());
        assert_eq!(events.drain(), [Event::Terminate(boom())]);
    })
    .await;
}

// TRM-006: a signal from outside of all processes has no sender, and so is no parent's.
#[tokio::test(start_paused = true)]
async fn an_exit_from_outside_is_not_the_servers_own() {
    let node = Node::new();
    let events = Events::new();
    let options = Lab::options().on(&node);
    let server = options.start(lab(&events).trapping(true)).await.unwrap();
    node.exit(&server, boom());
    settle().await;
    assert_eq!(events.drain(), [Event::Init, exit_of(&server)]);
}

// A line of processes that each start their successor would keep all of them in memory.
#[tokio::test(start_paused = true)]
async fn a_process_knows_its_nearest_ancestors_and_no_more() {
    fn generation(left: usize, mut line: Vec<Pid>, last: Probe<Vec<Pid>>) {
        process::spawn(move |mailbox: Mailbox<Never>| async move {
            if left == 0 {
                let known = process::node().process_info(mailbox.pid());
                let known = known.expect("it runs").ancestors;
                line.reverse();
                assert_eq!(known, line[..known.len()], "nearest first");
                last.report(known);
            } else {
                line.push(mailbox.pid());
                generation(left - 1, line, last);
            }
        });
    }

    for (length, known) in [(3, 4), (31, 32), (32, 32), (100, 32)] {
        let last = Probe::new();
        let there = last.clone();
        in_process(async move {
            generation(length, vec![process::current()], there);
        })
        .await;
        assert_eq!(last.next().await.len(), known, "{length} generations");
    }
}
