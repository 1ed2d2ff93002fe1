//! A first version of the egg timer, with faults: it does not cancel timers.
//!
//! A ring contains only the name of its alarm. So the ring of a cancelled alarm finds no alarm, and the server panics. The ring
//! of a replaced alarm rings the new alarm, too early. And an alarm's action runs in the server's process.

use ch2_egg_timer::core::{Alarm, AlarmName, Length, after};
use clap::Subcommand;
use otp_core::gen_server::{self, MessageView};
use otp_core::prelude::*;
use otp_shell::{Failure, NoOptions, Printer, Program, Shell};
use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;
use std::time::SystemTime;

/// The effect of a ring.
#[derive(Debug)]
enum OnRing {
    Tell(Option<String>),
    Panic,
}

#[derive(Debug)]
enum Call {
    Status(ReplyTo<Vec<String>>),
    Wait(AlarmName, ReplyTo<()>),
}

#[derive(Debug)]
enum Cast {
    Schedule(Alarm<OnRing>),
    Cancel(AlarmName),
}

#[derive(Debug)]
struct Ring(AlarmName);

struct Naive {
    printer: Printer,
    alarms: BTreeMap<AlarmName, Alarm<OnRing>>,
    waiting: HashMap<AlarmName, ReplyTo<()>>,
}

#[gen_server]
impl GenServer for Naive {
    type Args = Printer;
    type Call = Call;
    type Cast = Cast;
    type Info = Ring;

    async fn init(printer: Printer, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let (alarms, waiting) = (BTreeMap::new(), HashMap::new());
        Ok(Init::state(Self {
            printer,
            alarms,
            waiting,
        }))
    }

    // ANCHOR: callbacks
    async fn handle_cast(&mut self, cast: Cast, ctx: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Schedule(alarm) => {
                ctx.send_after(alarm.length.duration(), Ring(alarm.name.clone()));
                self.alarms.insert(alarm.name.clone(), alarm);
            }
            Cast::Cancel(name) => {
                self.alarms.remove(&name);
            }
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Ring>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Ring(name)) = info {
            let alarm = self.alarms.remove(&name).expect("every ring has its alarm");
            match &alarm.action {
                OnRing::Tell(Some(text)) => self.printer.line(format_args!("ring {name} {text}")),
                OnRing::Tell(None) | OnRing::Panic => {
                    self.printer.line(format_args!("ring {name}"));
                }
            }
            if let Some(from) = self.waiting.remove(&name) {
                from.send(());
            }
            if let OnRing::Panic = alarm.action {
                panic!("the alarm is on fire");
            }
        }
        Next::NoReply
    }
    // ANCHOR_END: callbacks

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Status(from) => {
                let now = SystemTime::now();
                let alarms = self.alarms.values();
                from.reply(alarms.map(|it| it.status(now).to_string()).collect())
            }
            Call::Wait(name, from) if self.alarms.contains_key(&name) => {
                self.waiting.insert(name, from);
                Reply::later()
            }
            Call::Wait(_, from) => from.reply(()),
        }
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.printer.line(format_args!("terminate: {reason}"));
    }

    fn format_status(&self, status: &mut gen_server::Status) {
        let pending: Vec<_> = self.alarms.keys().map(AlarmName::as_str).collect();
        status.state = Some(format!("pending {pending:?}"));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        Some(match message {
            MessageView::Call(call) => format!("{call:?}"),
            MessageView::Cast(cast) => format!("{cast:?}"),
            MessageView::Info(info) => format!("{info:?}"),
        })
    }
}

#[derive(Subcommand)]
enum Command {
    /// Start the timer, linked with the shell
    Start,
    /// Set an alarm
    Schedule {
        /// The name of the alarm
        name: AlarmName,
        /// The duration from the start to the ring
        length: Length,
        /// A message to print when the alarm rings
        #[arg(long)]
        message: Option<String>,
        /// Panic when the alarm rings
        #[arg(long)]
        panic: bool,
    },
    /// Remove an alarm, but not its timer
    Cancel {
        /// The name of the alarm
        name: AlarmName,
    },
    /// Print the pending alarms
    Status,
}

/// The registered name of the timer.
const NAME: &str = "egg_timer";

struct Session(ServerName<Naive>);

impl Program for Session {
    const NAME: &'static str = "naive";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self(ServerName::new(NAME))
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Start => {
                let options = Naive::options().name(NAME);
                let timer = options.start_link(shell.printer()).await?;
                shell.print(format_args!("started {}", timer.pid()))
            }
            Command::Schedule {
                name,
                length,
                message,
                panic,
            } => {
                shell.print(format_args!("set {name} {length}"))?;
                let due = after(SystemTime::now(), length.duration()).map_err(Failure::new)?;
                let action = match panic {
                    true => OnRing::Panic,
                    false => OnRing::Tell(message),
                };
                self.0.cast(Cast::Schedule(Alarm {
                    name,
                    length,
                    due,
                    action,
                }));
                Ok(())
            }
            Command::Cancel { name } => {
                shell.print(format_args!("cancelled {name}"))?;
                self.0.cast(Cast::Cancel(name));
                Ok(())
            }
            Command::Status => {
                let alarms = self.0.call(Call::Status).await?;
                match alarms.is_empty() {
                    true => shell.print("no alarms"),
                    false => shell.print_lines(alarms.join("\n")),
                }
            }
        }
    }

    async fn wait_for(&mut self, name: &str, _: &mut Shell) -> Option<Result<(), Failure>> {
        let name: AlarmName = name.parse().ok().filter(|_| name != NAME)?;
        let rung = self.0.call(|from| Call::Wait(name, from));
        Some(rung.await.map_err(Failure::from))
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
