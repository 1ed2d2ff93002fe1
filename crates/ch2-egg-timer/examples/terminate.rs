//! The ways in which a server can end, and whether its `terminate` runs.

use clap::Subcommand;
use otp_core::prelude::*;
use otp_core::{TimeLimit, process};
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::process::ExitCode;

/// Whether the server traps exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Signals {
    /// Exit signals end the server.
    Obeyed,
    /// `ctx.trap_exit(true)`: exit signals become messages.
    Trapped,
}

/// The call of the server, to which it answers at once.
#[derive(Debug)]
struct Ping(ReplyTo<()>);

/// The casts of the server: the ways in which a callback can end it.
#[derive(Clone, Debug, PartialEq)]
enum End {
    /// The callback panics.
    Panic,
    /// The callback calls `process::exit_self`.
    ExitSelf(ExitReason),
    /// The callback returns `Next::Stop`.
    Stop(ExitReason),
}

/// A message about the server.
#[derive(Clone, Debug)]
enum Observed {
    /// The server has started.
    Started(ServerRef<Server>),
    /// `handle_info` got an exit signal with this reason.
    Exit(ExitReason),
    /// `terminate` ran, with this reason.
    Terminate(ExitReason),
    /// The server has ended, with this reason.
    Down(ExitReason),
}

/// The server.
#[derive(Debug)]
struct Server {
    observer: ProcessRef<Observed>,
}

#[gen_server]
impl GenServer for Server {
    type Args = (Signals, ProcessRef<Observed>);
    type Call = Ping;
    type Cast = End;

    async fn init(
        (signals, observer): (Signals, ProcessRef<Observed>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(signals == Signals::Trapped);
        observer.send(Observed::Started(ctx.me()));
        Ok(Init::state(Self { observer }))
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
            self.observer.send(Observed::Exit(exit.reason));
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.observer.send(Observed::Terminate(reason.clone()));
    }
}

/// A way to end a server.
#[derive(Clone, Debug, PartialEq)]
enum Way {
    /// One of its callbacks ends it.
    Callback(End),
    /// `server.stop_with(reason)`.
    Stop(ExitReason),
    /// An exit signal from a process without a link.
    Signal(ExitReason),
    /// The end of a process that it is linked to.
    Link(ExitReason),
    /// The end of the parent: the process that started it, with a link.
    Parent(ExitReason),
}

/// The effect of a way on a server.
#[derive(Clone, Debug, Default, PartialEq)]
struct Effect {
    /// The exit signal that `handle_info` got.
    exit: Option<ExitReason>,
    /// The reason that `terminate` got.
    terminate: Option<ExitReason>,
    /// The exit reason, or `None` if the server is alive.
    down: Option<ExitReason>,
}

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

/// Starts a server, ends it in this way, and returns the effect.
async fn try_way(way: Way, signals: Signals) -> Result<Effect, ExitReason> {
    let observer = async move |mut mailbox: Mailbox<Observed>| {
        let args = (signals, mailbox.me());
        let linked = matches!(way, Way::Parent(_));
        let parent = process::spawn(async move |mut orders: Mailbox<ExitReason>| {
            // The start cannot fail: `init` returns no error, and the server has no name.
            let _ = match linked {
                true => Server::start_link(args).await,
                false => Server::start(args).await,
            };
            orders.receive().await
        });
        let Observed::Started(server) = mailbox.receive().await else {
            unreachable!("`init` sends the first message");
        };
        mailbox.monitor(server.pid(), |down| Observed::Down(down.reason));
        end(way, &server, &parent).await;
        let alive = server.call(Ping).timeout(TimeLimit::Infinity).await.is_ok();
        let effect = collect(&mut mailbox, alive).await;
        for pid in [server.pid(), parent.pid()] {
            process::exit(pid, ExitReason::Kill);
        }
        effect
    };
    process::node().run_with(observer).await
}

/// Ends a process that waits for an exit reason.
async fn finish(process: &ProcessRef<ExitReason>, reason: ExitReason) {
    match reason {
        // The reason `kill` is only a signal; no process can return it.
        ExitReason::Kill => process::exit(process.pid(), ExitReason::Kill),
        reason => process.send(reason),
    }
    process.wait().await;
}

async fn end(way: Way, server: &ServerRef<Server>, parent: &ProcessRef<ExitReason>) {
    let pid = server.pid();
    match way {
        Way::Callback(end) => server.cast(end),
        Way::Stop(reason) => {
            // The messages of the server and of the monitor show the effect.
            let _ = server.stop_with(reason).timeout(TimeLimit::Infinity).await;
        }
        Way::Signal(reason) => {
            let signal = async move |_: Mailbox<Never>| process::exit(pid, reason);
            process::spawn(signal).wait().await;
        }
        Way::Link(reason) => {
            // Waits for the link: a process that is killed before it runs has none.
            let linked = process::spawn(async |mut mailbox: Mailbox<()>| mailbox.receive().await);
            let notify = linked.clone();
            let other = process::spawn(async move |mut orders: Mailbox<ExitReason>| {
                process::link(pid);
                notify.send(());
                orders.receive().await
            });
            linked.wait().await;
            finish(&other, reason).await;
        }
        Way::Parent(reason) => finish(parent, reason).await,
    }
}

/// The effect on a server, from the messages until its end, or from the messages so far if it is alive.
async fn collect(mailbox: &mut Mailbox<Observed>, alive: bool) -> Effect {
    let mut effect = Effect::default();
    while !alive || !mailbox.is_empty() {
        match mailbox.receive().await {
            Observed::Started(_) => {}
            Observed::Exit(reason) => effect.exit = Some(reason),
            Observed::Terminate(reason) => effect.terminate = Some(reason),
            Observed::Down(reason) => {
                effect.down = Some(reason);
                break;
            }
        }
    }
    effect
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
            let effect = try_way(way.clone(), signals).await;
            let effect = effect
                .map_err(|reason| Failure::new(format_args!("the server failed: {reason}")))?;
            shell.print(format_args!("{}: {}", name(&way), text(&effect)))?;
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
        Way::Signal(reason) => format!("signal {reason} from a process without a link"),
        Way::Link(reason) => format!("end of a linked process with {reason}"),
        Way::Parent(reason) => format!("end of the parent with {reason}"),
    }
}

fn text(effect: &Effect) -> String {
    let part = |event: &str, reason: &Option<ExitReason>| {
        let reason = reason.as_ref()?;
        Some(format!("{event} {}", plain(reason)))
    };
    let parts = [
        part("handle_info EXIT", &effect.exit),
        part("terminate", &effect.terminate),
        Some(part("down", &effect.down).unwrap_or_else(|| "alive".to_owned())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The text of a reason, without the place of a panic in the source.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
