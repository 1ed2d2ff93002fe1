//! What a callback can return, and what comes of it: one small scene for each value.

use clap::Subcommand;
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::fmt::{self, Display};
use std::process::ExitCode;
use std::time::Duration;

/// What the responder is asked.
#[derive(Debug)]
enum Call {
    /// How many callbacks have run.
    Count(ReplyTo<u64>),
    /// Answer, and go on in `handle_continue`.
    ThenContinue(ReplyTo<&'static str>),
    /// Answer, and hibernate.
    ThenHibernate(ReplyTo<&'static str>),
    /// Answer when a `Hello` comes, and take other messages until then.
    Later(ReplyTo<&'static str>),
}

/// Wait for the next message for this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WaitAtMost(Duration);

/// A plain message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hello;

/// What is done before the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continue {
    /// Asked for by `init`.
    Boot,
    /// Asked for together with an answer.
    AfterReply,
}

/// What `init` returns beside the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// Nothing.
    Nothing,
    /// A timeout of no time at all.
    Timeout,
    /// `Continue::Boot`, while a message waits in the mailbox already.
    Continue,
}

/// A callback that has run, and how many have, with this one.
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
    audience: ProcessRef<Ran>,
    count: u64,
    /// A caller who has no answer yet.
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
        (first, audience): (First, ProcessRef<Ran>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let init = Init::state(Self {
            audience,
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
            // It watches nobody and traps no exits.
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
        self.audience.send(callback(self.count));
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

/// How long nothing comes, where something is to happen because nothing comes.
const SHORT: Duration = Duration::from_millis(30);

/// Starts a server that returns this value, and tells line by line what happens.
async fn show(value: Value, tell: impl FnMut(String) + Send + 'static) -> Result<(), ExitReason> {
    let play = async move |mailbox: Mailbox<Ran>| {
        let mut scene = Scene { mailbox, tell };
        match value {
            Value::Timeout => scene.timeout().await,
            Value::Continue => scene.r#continue().await,
            Value::Hibernate => scene.hibernate().await,
            Value::Later => scene.later().await,
        }
    };
    process::node().run_with(play).await?
}

/// The client of the server, which hears of its callbacks and gets its answers.
struct Scene<T> {
    mailbox: Mailbox<Ran>,
    tell: T,
}

impl<T: FnMut(String) + Send> Scene<T> {
    async fn timeout(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Timeout).await?;
        self.say("init returns Timeout(0ms)");
        self.hear().await;
        self.say("cast: return Timeout(30ms)");
        server.cast(WaitAtMost(SHORT));
        self.hear().await;
        self.say("cast: return Timeout(1h); send: hello");
        server.cast(WaitAtMost(Duration::from_secs(3600)));
        server.send(Hello);
        self.hear().await;
        let count = server.call(Call::Count).await?;
        self.say(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn r#continue(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Continue).await?;
        self.say("init sends hello to itself and returns Continue(Boot)");
        self.hear().await;
        self.hear().await;
        let answer = server.call(Call::ThenContinue).await?;
        self.say(format!("call: reply \"{answer}\" and Continue(AfterReply)"));
        let count = server.call(Call::Count).await?;
        self.hear().await;
        self.say(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn hibernate(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Nothing).await?;
        let answer = server.call(Call::ThenHibernate).await?;
        self.say(format!("call: reply \"{answer}\" and Hibernate"));
        let count = server.call(Call::Count).await?;
        self.say(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn later(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Nothing).await?;
        self.say("call: Reply::later()");
        let mut late = server.send_request(Call::Later);
        let count = server.call(Call::Count).await?;
        self.say(format!("call: count, reply {count}"));
        if late.wait(Duration::ZERO).await.is_none() {
            self.say("the first call: no reply yet");
        }
        self.say("send: hello");
        server.send(Hello);
        self.hear().await;
        let answer = late.await?;
        self.say(format!("the first call: reply \"{answer}\""));
        Ok(server.stop().await?)
    }

    async fn start(&mut self, first: First) -> Result<ServerRef<Responder>, StartError> {
        Responder::start_link((first, self.mailbox.me())).await
    }

    /// Tells the next callback that has run.
    async fn hear(&mut self) {
        let ran = self.mailbox.receive().await;
        self.say(ran);
    }

    fn say(&mut self, line: impl Display) {
        (self.tell)(line.to_string());
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
        shown.map_err(|reason| Failure::new(format_args!("the server: {reason}")))
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
