//! Every way in which a server can end, and whether its `terminate` runs.

use clap::Subcommand;
use otp_core::prelude::*;
use otp_core::{TimeLimit, process};
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::process::ExitCode;

/// Whether the server asks to hear of exit signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Signals {
    /// They end it.
    Obeyed,
    /// `ctx.trap_exit(true)`: they become messages.
    Trapped,
}

/// Are you there?
#[derive(Debug)]
struct Ping(ReplyTo<()>);

/// An end that the server brings about itself.
#[derive(Clone, Debug, PartialEq)]
enum End {
    /// The callback panics.
    Panic,
    /// The callback calls `process::exit_self`.
    ExitSelf(ExitReason),
    /// The callback returns `Next::Stop`.
    Stop(ExitReason),
}

/// What is heard of the server.
#[derive(Clone, Debug)]
enum Heard {
    /// It has started.
    Started(ServerRef<Mortal>),
    /// `handle_info` got an exit signal with this reason.
    Exit(ExitReason),
    /// `terminate` ran, with this reason.
    Terminate(ExitReason),
    /// It has ended, with this reason.
    Down(ExitReason),
}

/// The server.
#[derive(Debug)]
struct Mortal {
    audience: ProcessRef<Heard>,
}

#[gen_server]
impl GenServer for Mortal {
    type Args = (Signals, ProcessRef<Heard>);
    type Call = Ping;
    type Cast = End;

    async fn init(
        (signals, audience): (Signals, ProcessRef<Heard>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(signals == Signals::Trapped);
        audience.send(Heard::Started(ctx.me()));
        Ok(Init::state(Self { audience }))
    }

    async fn handle_call(&mut self, Ping(from): Ping, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(())
    }

    async fn handle_cast(&mut self, end: End, _: &mut Context<Self>) -> Next<Self> {
        match end {
            End::Panic => panic!("boom"),
            End::ExitSelf(reason) => process::exit_self(reason),
            End::Stop(reason) => Next::Stop(reason),
        }
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Exit(exit) = info {
            self.audience.send(Heard::Exit(exit.reason));
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.audience.send(Heard::Terminate(reason.clone()));
    }
}

/// A way to bring about the end of a server.
#[derive(Clone, Debug, PartialEq)]
enum Way {
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
struct Ending {
    /// The exit signal that `handle_info` got.
    exit: Option<ExitReason>,
    /// The reason that `terminate` got.
    terminate: Option<ExitReason>,
    /// The reason of its end; `None` if it lives.
    down: Option<ExitReason>,
}

/// All the ways.
fn ways() -> Vec<Way> {
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
async fn end(way: Way, signals: Signals) -> Result<Ending, ExitReason> {
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
            let _ = server.stop_with(reason).timeout(TimeLimit::Infinity).await;
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

struct Session;

impl Program for Session {
    const NAME: &'static str = "terminate";
    type Options = NoOptions;
    type Command = Signals;

    fn new(_: &NoOptions) -> Self {
        Self
    }

    async fn run(&mut self, signals: Signals, shell: &mut Shell) -> Result<(), Failure> {
        for way in ways() {
            let ending = end(way.clone(), signals).await;
            let ending =
                ending.map_err(|reason| Failure::new(format_args!("the server: {reason}")))?;
            shell.print(format_args!("{}: {}", name(&way), tell(&ending)))?;
        }
        Ok(())
    }
}

fn name(way: &Way) -> String {
    match way {
        Way::Callback(End::Panic) => "panic in a callback".to_owned(),
        Way::Callback(End::ExitSelf(reason)) => format!("exit_self({reason}) in a callback"),
        Way::Callback(End::Stop(reason)) => format!("Stop({reason}) from a callback"),
        Way::Stop(reason) => format!("stop_with({reason})"),
        Way::Signal(reason) => format!("signal {reason} from a stranger"),
        Way::Link(reason) => format!("end of a linked stranger with {reason}"),
        Way::Parent(reason) => format!("end of the parent with {reason}"),
    }
}

fn tell(ending: &Ending) -> String {
    let part = |event: &str, reason: &Option<ExitReason>| {
        let reason = reason.as_ref()?;
        Some(format!("{event} {}", plain(reason)))
    };
    let parts = [
        part("handle_info EXIT", &ending.exit),
        part("terminate", &ending.terminate),
        Some(part("down", &ending.down).unwrap_or_else(|| "alive".to_owned())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A reason without the place in our source that the report names.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
