//! A solution of exercise 3.5: a new process with a new state: the eggs are forgotten.

use otp_core::prelude::*;

pub struct EggTimer {
    alarms: Vec<String>,
}

pub enum Call {
    Schedule(String, ReplyTo<()>),
    Status(ReplyTo<Vec<String>>),
}

pub enum Cast {
    Stop(ExitReason),
}

#[gen_server]
impl GenServer for EggTimer {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let alarms = Vec::new();
        Ok(Init::state(Self { alarms }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Schedule(name, from) => {
                self.alarms.push(name);
                from.reply(())
            }
            Call::Status(from) => from.reply(self.alarms.clone()),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Stop(reason) => Next::Stop(reason),
        }
    }
}

/// Starts a supervisor, and under it an egg timer with the name `egg_timer`.
pub async fn start() -> Result<Pid, StartError> {
    let start = || EggTimer::options().name("egg_timer").start_link(());
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("egg_timer", start))
        .start_link()
        .await?;
    Ok(supervisor.pid())
}

/// What has become of the alarms once the egg timer is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarms {
    Kept,
    Forgotten,
    /// Not answered yet.
    Unknown,
}

/// The question: an egg timer with eggs pending crashes, and its supervisor starts it again. What about the eggs?
pub const AFTER_A_CRASH: Alarms = Alarms::Forgotten;

// The API, by name.

pub async fn schedule(name: &str) -> Result<(), CallError> {
    let timer = ServerName::<EggTimer>::new("egg_timer");
    timer
        .call(|from| Call::Schedule(name.to_owned(), from))
        .await
}

pub async fn status() -> Result<Vec<String>, CallError> {
    ServerName::<EggTimer>::new("egg_timer")
        .call(Call::Status)
        .await
}

pub fn stop(reason: ExitReason) {
    ServerName::<EggTimer>::new("egg_timer").cast(Cast::Stop(reason));
}
