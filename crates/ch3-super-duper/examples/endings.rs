//! Exercise 3.4 and scenario S56: ten ways to end a child, with each restart type.
//!
//! `cargo run -p ch3-super-duper --example endings`

use otp_core::prelude::*;
use otp_core::process;
use std::io::Write;

/// A child that ends on request.
struct Subject;

enum Cast {
    Panic,
    Stop(ExitReason),
}

#[gen_server]
impl GenServer for Subject {
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Panic => panic!("boom"),
            Cast::Stop(reason) => Next::Stop(reason),
        }
    }
}

/// A way to end the child.
#[derive(Clone, Copy)]
enum Ending {
    Panics,
    StopsItself(fn() -> ExitReason),
    IsStopped,
    Signal(fn() -> ExitReason),
}

const ENDINGS: [(&str, Ending); 10] = [
    ("panics", Ending::Panics),
    (
        "stops itself: normal",
        Ending::StopsItself(|| ExitReason::Normal),
    ),
    (
        "stops itself: shutdown",
        Ending::StopsItself(|| ExitReason::Shutdown),
    ),
    (
        "stops itself: shutdown: done",
        Ending::StopsItself(|| ExitReason::shutdown_with("done")),
    ),
    (
        "stops itself: oops",
        Ending::StopsItself(|| ExitReason::other("oops")),
    ),
    ("is stopped: normal", Ending::IsStopped),
    ("exit signal: kill", Ending::Signal(|| ExitReason::Kill)),
    (
        "exit signal: shutdown",
        Ending::Signal(|| ExitReason::Shutdown),
    ),
    ("exit signal: normal", Ending::Signal(|| ExitReason::Normal)),
    (
        "exit signal: oops",
        Ending::Signal(|| ExitReason::other("oops")),
    ),
];

/// Ends a child under a supervisor, and returns the state of the child after that.
async fn state_after(ending: Ending, restart: Restart) -> Result<&'static str, ExitReason> {
    const ID: &str = "subject";
    let child = ChildSpec::worker(ID, || Subject::start_link(())).restart(restart);
    let supervisor = Supervisor::new(Strategy::OneForOne).child(child);
    let supervisor = supervisor.start_link().await?;
    let child = supervisor.which_child(ID).await?.and_then(|it| it.pid());
    let first = child.ok_or_else(|| ExitReason::other("the child has not started"))?;
    let process = process::node().process_ref(first);
    let subject: ServerRef<Subject> = process.ok_or(ExitReason::NoProcess)?.into();
    match ending {
        Ending::Panics => subject.cast(Cast::Panic),
        Ending::StopsItself(reason) => subject.cast(Cast::Stop(reason())),
        Ending::IsStopped => subject.stop().await.unwrap_or_default(),
        Ending::Signal(reason) => process::exit(first, reason()),
    }
    if !matches!(ending, Ending::Signal(reason) if reason() == ExitReason::Normal) {
        subject.wait().await;
    }
    let state = match supervisor.which_child(ID).await? {
        None => "forgotten",
        Some(child) => match child.pid() {
            None => "stopped",
            Some(pid) if pid == first => "lives on",
            Some(_) => "restarted",
        },
    };
    supervisor.stop().await?;
    Ok(state)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ExitReason> {
    // The panic of this program is intended, so it is not reported.
    std::panic::set_hook(Box::new(|_| ()));
    let types = [Restart::Permanent, Restart::Transient, Restart::Temporary];
    let [a, b, c] = types;
    let mut table = format!("{:28}  {a:9}  {b:9}  {c}\n", "a child that");
    for (name, ending) in ENDINGS {
        let states = Node::new().run(async move {
            let [a, b, c] = types.map(|restart| state_after(ending, restart));
            Ok::<_, ExitReason>((a.await?, b.await?, c.await?))
        });
        let (a, b, c) = states.await??;
        table += &format!("{name:28}  {a:9}  {b:9}  {c}\n");
    }
    let printed = std::io::stdout().write_all(table.as_bytes());
    printed.map_err(ExitReason::error)
}
