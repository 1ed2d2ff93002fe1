//! Commands that show one thing each: backpressure, return values, ends.

use crate::endings::api::{self as endings, End, Ending, Signals, Way};
use crate::flood::api as flood;
use crate::responses::api as responses;
use clap::ValueEnum;
use otp_core::ExitReason;
use otp_shell::{Failure, Shell};

/// How much work there is at most: a few seconds of it, and it goes on when the command is interrupted.
const MOST_WORK: u64 = 100_000;

/// Give a worker more work than it has time for, and look at its queue
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flood 100 --call --clients 4")]
pub(super) struct FloodArgs {
    /// How many pieces of work; with calls, for each client
    count: u32,
    #[command(flatten)]
    kind: FloodKind,
    /// How many clients call
    #[arg(long, value_name = "N", default_value = "1", conflicts_with = "cast")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    clients: u16,
}

/// One of the two.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct FloodKind {
    /// As casts: whoever sends them goes on at once
    #[arg(long)]
    cast: bool,
    /// As calls: whoever sends them waits until the work is done
    #[arg(long)]
    call: bool,
}

/// A value that a callback returns.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Value {
    /// Next::Timeout, from init and from a callback
    Timeout,
    /// Next::Continue, from init and together with an answer
    Continue,
    /// Next::Hibernate, together with an answer
    Hibernate,
    /// Reply::later
    Later,
}

pub(super) async fn flood(args: &FloodArgs, shell: &mut Shell) -> Result<(), Failure> {
    let count = usize::try_from(args.count)?;
    let all = u64::from(args.count) * u64::from(args.clients);
    if all > MOST_WORK {
        return Err(Failure::usage(format_args!(
            "{all} pieces of work are too many: expected at most {MOST_WORK} in all"
        )));
    }
    let flood = if args.kind.cast {
        flood::casts(count).await
    } else {
        flood::calls(count, args.clients.into()).await
    };
    let flood = flood.map_err(|reason| Failure::new(format_args!("the worker: {reason}")))?;
    shell.print(format_args!(
        "queue before the worker begins: {}",
        flood.waiting
    ))?;
    shell.print(format_args!("queue at its longest: {}", flood.longest))?;
    shell.print(format_args!(
        "handled: {}, queue in the end: {}",
        flood.handled, flood.left
    ))
}

pub(super) async fn respond(value: Value, shell: &mut Shell) -> Result<(), Failure> {
    let value = match value {
        Value::Timeout => responses::Value::Timeout,
        Value::Continue => responses::Value::Continue,
        Value::Hibernate => responses::Value::Hibernate,
        Value::Later => responses::Value::Later,
    };
    let printer = shell.printer();
    let shown = responses::show(value, move |line| printer.line(line)).await;
    shown.map_err(|reason| Failure::new(format_args!("the server: {reason}")))
}

pub(super) async fn endings(trap: bool, shell: &mut Shell) -> Result<(), Failure> {
    let signals = if trap {
        Signals::Trapped
    } else {
        Signals::Obeyed
    };
    for way in endings::ways() {
        let ending = endings::end(way.clone(), signals).await;
        let ending = ending.map_err(|reason| Failure::new(format_args!("the server: {reason}")))?;
        shell.print(format_args!("{}: {}", name(&way), tell(&ending)))?;
    }
    Ok(())
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
