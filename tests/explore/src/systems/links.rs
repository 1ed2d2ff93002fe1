//! Everyone links itself with everyone, some trap exits, and one fails.

use otp_core::prelude::*;
use otp_core::process;

use crate::cast::{Heard, Log, boom, rest, settle};

enum Order {
    Link(Vec<Pid>),
    Exit(Exit),
}

type Exits = Log<(Pid, Exit)>;

/// These end when one they are linked with does.
const PLAIN: [usize; 2] = [2, 4];
/// This one fails.
const FAILS: usize = 3;

async fn member(
    mut mailbox: Mailbox<Order>,
    number: usize,
    root: ProcessRef<Heard>,
    exits: Exits,
) -> ExitReason {
    if !PLAIN.contains(&number) {
        mailbox.trap_exit(Order::Exit);
    }
    root.send(Heard::Note(0));
    loop {
        match mailbox.receive().await {
            Order::Link(others) => {
                for other in others {
                    process::link(other);
                    rest(1).await;
                }
                if number == FAILS {
                    return boom();
                }
            }
            Order::Exit(exit) => exits.add((mailbox.pid(), exit)),
        }
    }
}

pub(super) async fn system(mut mailbox: Mailbox<Heard>) {
    let exits = Exits::new();
    let crew: Vec<ProcessRef<Order>> = (0..6)
        .map(|number| {
            let (root, exits) = (mailbox.me(), exits.clone());
            process::spawn(move |mailbox| member(mailbox, number, root, exits))
        })
        .collect();
    for _ in &crew {
        mailbox.receive().await;
    }
    let pids: Vec<Pid> = crew.iter().map(ProcessRef::pid).collect();
    for member in &crew {
        member.send(Order::Link(pids.clone()));
    }
    settle().await;

    let node = process::node();
    let lives: Vec<bool> = crew.iter().map(ProcessRef::is_alive).collect();
    assert_eq!(lives, [true, true, false, false, false, true]);
    let survivors = [0, 1, 5].map(|number| pids[number]);
    for survivor in survivors {
        let info = node.process_info(survivor).expect("it lives");
        let others = survivors.iter().filter(|other| **other != survivor);
        assert_eq!(
            info.links,
            Vec::from_iter(others.copied()),
            "links of {survivor}"
        );
    }
    let exits = exits.take();
    for survivor in survivors {
        for dead in [2, 3, 4].map(|number| pids[number]) {
            let told = exits
                .iter()
                .filter(|(who, exit)| (*who, exit.from) == (survivor, dead));
            let reasons: Vec<&ExitReason> = told.map(|(_, exit)| &exit.reason).collect();
            // There is one link between two. A second exit is for a link that was asked for when the first had come.
            match reasons[..] {
                [ExitReason::NoProcess] | [_, ExitReason::NoProcess] => {}
                [reason] if *reason == boom() => {}
                _ => panic!("{survivor} is told of {dead}: {reasons:?}"),
            }
        }
    }
}
