//! Every way in which a server can end, and whether `terminate` runs.

use crate::endings::boundary::{Heard, Mortal, Ping};
use otp_core::prelude::*;
use otp_core::{TimeLimit, process};

pub use crate::endings::boundary::{End, Signals};

/// A way to bring about the end of a server.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// From within one of its callbacks.
    Callback(End),
    /// `server.stop_with(reason)`.
    Stop(ExitReason),
    /// An exit signal from a process that it has nothing to do with.
    Signal(ExitReason),
    /// The end of a process that it is linked to.
    Link(ExitReason),
    /// The end of the process that started it, with a link.
    Parent(ExitReason),
}

/// What became of a server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ending {
    /// The exit signal that `handle_info` got.
    pub exit: Option<ExitReason>,
    /// The reason that `terminate` got.
    pub terminate: Option<ExitReason>,
    /// The reason of its end; `None` if it lives.
    pub down: Option<ExitReason>,
}

/// All the ways.
pub fn ways() -> Vec<Way> {
    let oops = ExitReason::other("oops");
    let ends = [ExitReason::Normal, ExitReason::Shutdown, oops.clone()];
    let signals = [&ends[..], &[ExitReason::Kill]].concat();
    let mut ways = vec![
        Way::Callback(End::Panic),
        Way::Callback(End::ExitSelf(oops.clone())),
        Way::Callback(End::Stop(ExitReason::Normal)),
        Way::Callback(End::Stop(oops)),
    ];
    ways.extend(ends.map(Way::Stop));
    for via in [Way::Signal, Way::Link, Way::Parent] {
        ways.extend(signals.iter().cloned().map(via));
    }
    ways
}

/// Starts a server, brings about its end in this way, and looks what became of it.
///
/// # Errors
///
/// The reason, when there was no server to look at.
///
/// # Panics
///
/// Outside of a process.
pub async fn end(way: Way, signals: Signals) -> Result<Ending, ExitReason> {
    let scene = async move |mut mailbox: Mailbox<Heard>| {
        let args = (signals, mailbox.me());
        let linked = matches!(way, Way::Parent(_));
        let parent = process::spawn(async move |mut orders: Mailbox<ExitReason>| {
            // It cannot fail: `init` has nothing to refuse, and there is no name to be taken.
            let _ = match linked {
                true => Mortal::start_link(args).await,
                false => Mortal::start(args).await,
            };
            orders.receive().await
        });
        let Heard::Started(server) = mailbox.receive().await else {
            unreachable!("the server says first that it has started");
        };
        mailbox.monitor(server.pid(), |down| Heard::Down(down.reason));
        bring_about(way, &server, &parent).await;
        let lives = server.call(Ping).timeout(TimeLimit::Infinity).await.is_ok();
        let ending = collect(&mut mailbox, lives).await;
        for pid in [server.pid(), parent.pid()] {
            process::exit(pid, ExitReason::Kill);
        }
        ending
    };
    process::node().run_with(scene).await
}

/// Ends a process that waits for orders with this reason.
async fn finish(process: &ProcessRef<ExitReason>, reason: ExitReason) {
    match reason {
        // Nobody can end with `kill`: it can only be sent.
        ExitReason::Kill => process::exit(process.pid(), ExitReason::Kill),
        reason => process.send(reason),
    }
    process.wait().await;
}

async fn bring_about(way: Way, server: &ServerRef<Mortal>, parent: &ProcessRef<ExitReason>) {
    let pid = server.pid();
    match way {
        Way::Callback(end) => server.cast(end),
        Way::Stop(reason) => {
            // What became of the server is heard from itself, and from the monitor.
            let _ = server.stop_with(reason).await;
        }
        Way::Signal(reason) => {
            let signal = async move |_: Mailbox<Never>| process::exit(pid, reason);
            process::spawn(signal).wait().await;
        }
        Way::Link(reason) => {
            // A process that is killed before it runs is linked to nobody.
            let linked = process::spawn(async |mut mailbox: Mailbox<()>| mailbox.receive().await);
            let tell = linked.clone();
            let stranger = process::spawn(async move |mut orders: Mailbox<ExitReason>| {
                process::link(pid);
                tell.send(());
                orders.receive().await
            });
            linked.wait().await;
            finish(&stranger, reason).await;
        }
        Way::Parent(reason) => finish(parent, reason).await,
    }
}

/// What has been heard of a server: everything until its end, or everything there is if it lives.
async fn collect(mailbox: &mut Mailbox<Heard>, lives: bool) -> Ending {
    let mut ending = Ending::default();
    while !lives || !mailbox.is_empty() {
        match mailbox.receive().await {
            Heard::Started(_) => {}
            Heard::Exit(reason) => ending.exit = Some(reason),
            Heard::Terminate(reason) => ending.terminate = Some(reason),
            Heard::Down(reason) => {
                ending.down = Some(reason);
                break;
            }
        }
    }
    ending
}
