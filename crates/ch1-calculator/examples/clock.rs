//! Exercise 1.5 at a prompt: a clock that ticks by sending a message to itself, in three ways.

use clap::{Subcommand, ValueEnum};
use otp_core::TimerRef;
use otp_core::prelude::*;
use otp_shell::{Failure, NoOptions, Printer, Program, Shell};
use otp_text::time::time_of_day;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// How the clock schedules its ticks. The three ways differ when another process sends a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Chain {
    /// Each tick cancels the timer and starts the next, so there is one timer
    Rearm,
    /// Each tick starts the next timer, so an extra tick adds a second chain of timers
    Naive,
    /// One timer sends all ticks
    Interval,
}

struct Clock {
    every: Duration,
    chain: Chain,
    printer: Printer,
    ticks: u64,
    next: TimerRef,
}

enum Call {
    State(ReplyTo<u64>),
}

#[derive(Debug, Clone)]
struct Tick;

#[gen_server]
impl GenServer for Clock {
    type Args = (Duration, Chain, Printer);
    type Call = Call;
    type Info = Tick;

    async fn init(
        (every, chain, printer): Self::Args,
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let next = match chain {
            Chain::Interval => ctx.send_interval(every, Tick),
            Chain::Rearm | Chain::Naive => ctx.send_after(every, Tick),
        };
        Ok(Init::state(Self {
            every,
            chain,
            printer,
            ticks: 0,
            next,
        }))
    }

    async fn handle_call(&mut self, Call::State(from): Call, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.ticks)
    }

    async fn handle_info(&mut self, info: Info<Tick>, ctx: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Tick) = info {
            self.ticks += 1;
            let (number, time) = (
                self.ticks,
                time_of_day(SystemTime::now()).format("%H:%M:%S"),
            );
            self.printer.line(format_args!("tick {number}: {time}"));
            if self.chain == Chain::Rearm {
                // If the timer has fired, its tick is in the mailbox. That tick cancels the timer that is started now.
                self.next.cancel();
            }
            if self.chain != Chain::Interval {
                self.next = ctx.send_after(self.every, Tick);
            }
        }
        Next::NoReply
    }
}

#[derive(Subcommand)]
enum Command {
    /// Start the clock, which prints the time once each period
    Start {
        /// The period
        #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = period)]
        every: Duration,
        /// How the clock schedules its ticks
        #[arg(long, value_enum, default_value_t = Chain::Rearm)]
        chain: Chain,
    },
    /// Stop the clock
    Stop,
    /// Send an extra tick to the clock
    Tick,
    /// Print the number of ticks
    State,
}

fn period(text: &str) -> Result<Duration, String> {
    let period = otp_text::duration::parse(text).map_err(|error| error.to_string())?;
    match period < Duration::from_millis(1) {
        true => Err("expected at least 1ms".to_owned()),
        false => Ok(period),
    }
}

struct Session(ServerName<Clock>);

impl Program for Session {
    const NAME: &'static str = "clock";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self(ServerName::new("clock"))
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Start { every, chain } => {
                let options = Clock::options().name("clock");
                let clock = options.start_link((every, chain, shell.printer())).await?;
                shell.print(format_args!("started {}", clock.pid()))
            }
            Command::Stop => Ok(self.0.stop().await?),
            Command::Tick => Ok(self.0.send(Tick)?),
            Command::State => {
                let ticks = self.0.call(Call::State).await?;
                shell.print(ticks)
            }
        }
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
