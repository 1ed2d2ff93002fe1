//! The values that a callback can return, and their effects: one demonstration for each value.

use clap::Subcommand;
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::fmt::{self, Display};
use std::process::ExitCode;
use std::time::Duration;

/// Calls of the responder.
#[derive(Debug)]
enum Call {
    /// The number of callbacks that have run.
    Count(ReplyTo<u64>),
    /// Answer, then run `handle_continue`.
    ThenContinue(ReplyTo<&'static str>),
    /// Answer, and hibernate.
    ThenHibernate(ReplyTo<&'static str>),
    /// Answer when a `Hello` arrives, and handle other messages until then.
    Later(ReplyTo<&'static str>),
}

/// The cast of the responder: set a timeout for the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WaitAtMost(Duration);

/// A plain message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hello;

/// The reasons for `handle_continue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continue {
    /// `init` has returned it.
    Boot,
    /// `handle_call` has returned it with an answer.
    AfterReply,
}

/// The value that `init` returns with the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// None.
    Nothing,
    /// A timeout of zero.
    Timeout,
    /// `Continue::Boot`, while a message is in the mailbox.
    Continue,
}

/// A callback that has run, with the number of callbacks so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ran {
    /// `handle_info`, with a timeout.
    Timeout(u64),
    /// `handle_info`, with a message.
    Hello(u64),
    /// `handle_continue`.
    Continue(Continue, u64),
}

impl Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(count) => write!(f, "handle_info timeout, count {count}"),
            Self::Hello(count) => write!(f, "handle_info hello, count {count}"),
            Self::Continue(Continue::Boot, count) => {
                write!(f, "handle_continue boot, count {count}")
            }
            Self::Continue(Continue::AfterReply, count) => {
                write!(f, "handle_continue after the reply, count {count}")
            }
        }
    }
}

/// The responder.
#[derive(Debug)]
struct Responder {
    observer: ProcessRef<Ran>,
    count: u64,
    /// The caller that waits for an answer.
    later: Option<ReplyTo<&'static str>>,
}

#[gen_server]
impl GenServer for Responder {
    type Args = (First, ProcessRef<Ran>);
    type Call = Call;
    type Cast = WaitAtMost;
    type Info = Hello;
    type Continue = Continue;

    async fn init(
        (first, observer): (First, ProcessRef<Ran>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let init = Init::state(Self {
            observer,
            count: 0,
            later: None,
        });
        Ok(match first {
            First::Nothing => init,
            First::Timeout => init.then(Next::Timeout(Duration::ZERO)),
            First::Continue => {
                ctx.me().send(Hello);
                init.then(Next::Continue(Continue::Boot))
            }
        })
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Count(from) => from.reply(self.count),
            Call::ThenContinue(from) => from
                .reply("at once")
                .then(Next::Continue(Continue::AfterReply)),
            Call::ThenHibernate(from) => from.reply("good night").then(Next::Hibernate),
            Call::Later(from) => {
                self.later = Some(from);
                Reply::later()
            }
        }
    }

    async fn handle_cast(&mut self, cast: WaitAtMost, _: &mut Context<Self>) -> Next<Self> {
        Next::Timeout(cast.0)
    }

    async fn handle_info(&mut self, info: Info<Hello>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Timeout => self.ran(Ran::Timeout),
            Info::Message(Hello) => {
                self.ran(Ran::Hello);
                if let Some(from) = self.later.take() {
                    from.send("at last");
                }
            }
            // The responder has no monitors and traps no exits.
            Info::Down(_) | Info::Exit(_) => {}
        }
        Next::NoReply
    }

    async fn handle_continue(&mut self, what: Continue, _: &mut Context<Self>) -> Next<Self> {
        self.ran(|count| Ran::Continue(what, count));
        Next::NoReply
    }
}

impl Responder {
    fn ran(&mut self, callback: impl FnOnce(u64) -> Ran) {
        self.count += 1;
        self.observer.send(callback(self.count));
    }
}

/// A value that a callback can return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
enum Value {
    /// `Next::Timeout`, from a callback and from `init`.
    Timeout,
    /// `Next::Continue`, from `init` and together with an answer.
    Continue,
    /// `Next::Hibernate`.
    Hibernate,
    /// `Reply::later`.
    Later,
}

/// The timeout that passes without a message.
const SHORT: Duration = Duration::from_millis(30);

/// Demonstrates a value, and passes each line of output to `print`.
async fn show(value: Value, print: impl FnMut(String) + Send + 'static) -> Result<(), ExitReason> {
    let demonstration = async move |mailbox: Mailbox<Ran>| {
        let mut client = Client { mailbox, print };
        match value {
            Value::Timeout => client.timeout().await,
            Value::Continue => client.r#continue().await,
            Value::Hibernate => client.hibernate().await,
            Value::Later => client.later().await,
        }
    };
    process::node().run_with(demonstration).await?
}

/// The client of the server. It gets the answers, and a message for each callback.
struct Client<P> {
    mailbox: Mailbox<Ran>,
    print: P,
}

impl<P: FnMut(String) + Send> Client<P> {
    async fn timeout(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Timeout).await?;
        self.print("init returns Timeout(0ms)");
        self.print_next().await;
        self.print("cast: return Timeout(30ms)");
        server.cast(WaitAtMost(SHORT));
        self.print_next().await;
        self.print("cast: return Timeout(1h); send: hello");
        server.cast(WaitAtMost(Duration::from_secs(3600)));
        server.send(Hello);
        self.print_next().await;
        let count = server.call(Call::Count).await?;
        self.print(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn r#continue(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Continue).await?;
        self.print("init sends hello to itself and returns Continue(Boot)");
        self.print_next().await;
        self.print_next().await;
        let answer = server.call(Call::ThenContinue).await?;
        self.print(format!("call: reply \"{answer}\" and Continue(AfterReply)"));
        let count = server.call(Call::Count).await?;
        self.print_next().await;
        self.print(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn hibernate(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Nothing).await?;
        let answer = server.call(Call::ThenHibernate).await?;
        self.print(format!("call: reply \"{answer}\" and Hibernate"));
        let count = server.call(Call::Count).await?;
        self.print(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn later(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Nothing).await?;
        self.print("call: Reply::later()");
        let mut late = server.send_request(Call::Later);
        let count = server.call(Call::Count).await?;
        self.print(format!("call: count, reply {count}"));
        if late.wait(Duration::ZERO).await.is_none() {
            self.print("the first call: no reply yet");
        }
        self.print("send: hello");
        server.send(Hello);
        self.print_next().await;
        let answer = late.await?;
        self.print(format!("the first call: reply \"{answer}\""));
        Ok(server.stop().await?)
    }

    async fn start(&mut self, first: First) -> Result<ServerRef<Responder>, StartError> {
        Responder::start_link((first, self.mailbox.me())).await
    }

    /// Prints the next callback that has run.
    async fn print_next(&mut self) {
        let ran = self.mailbox.receive().await;
        self.print(ran);
    }

    fn print(&mut self, line: impl Display) {
        (self.print)(line.to_string());
    }
}

struct Session;

impl Program for Session {
    const NAME: &'static str = "responses";
    type Options = NoOptions;
    type Command = Value;

    fn new(_: &NoOptions) -> Self {
        Self
    }

    async fn run(&mut self, value: Value, shell: &mut Shell) -> Result<(), Failure> {
        let printer = shell.printer();
        let shown = show(value, move |line| printer.line(line)).await;
        shown.map_err(|reason| Failure::new(format_args!("the server failed: {reason}")))
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
