//! A calculator that lives from one command to the next.

use super::command::{Options, SessionCommand, Start};
use super::plain;
use crate::api::{ApplyError, Calculator, Client, Op, StateError};
use otp_core::{CallError, process};
use otp_shell::{Failure, Shell};
use std::time::Duration;

/// The name by which `await` knows the calculator, whatever its own is.
const CALCULATOR: &str = "calculator";

/// The name of the process that asks for totals. What it has been sent too late can be counted with `info`.
const CLIENT: &str = "client";

/// What one life of the shell remembers.
#[derive(Debug, Default)]
pub(super) struct Session {
    calculator: Option<Calculator>,
    /// The name that the calculator was given.
    name: Option<String>,
    /// Present once a total has been asked for.
    client: Option<Client>,
}

impl Session {
    /// Runs a command that needs the calculator, or starts one.
    pub(super) async fn run(
        &mut self,
        command: SessionCommand,
        options: &Options,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        match command {
            SessionCommand::Start(start) => self.start(start, options, shell).await,
            SessionCommand::State { limit } => self.state(limit, shell).await,
            SessionCommand::Call { operation } => {
                let done = self.calculator()?.apply_and_wait(operation.into()).await;
                done.map_err(|error| match error {
                    ApplyError::Call(error) => call_failed(error),
                    other => other.into(),
                })?;
                shell.print("ok")
            }
            SessionCommand::Busy { time } => {
                self.calculator()?.busy(time);
                Ok(())
            }
            SessionCommand::Forge(total) => {
                self.client().forge(total.n);
                Ok(())
            }
            SessionCommand::Stop => {
                let calculator = self.calculator()?.clone();
                calculator.stop().await?;
                self.calculator = None;
                Ok(())
            }
        }
    }

    /// Asks for an operation. Nobody answers, so there is nothing to print.
    pub(super) fn apply(&self, op: Op) -> Result<(), Failure> {
        self.calculator()?.apply(op);
        Ok(())
    }

    /// Waits for the end of the calculator, if that is what the name means.
    pub(super) async fn wait_for(&self, name: &str) -> Option<Result<(), Failure>> {
        let is_meant = name == CALCULATOR || self.name.as_deref() == Some(name);
        let calculator = self.calculator.as_ref().filter(|_| is_meant)?;
        calculator.wait().await;
        Some(Ok(()))
    }

    /// What `await` completes.
    pub(super) fn names(&self) -> Vec<String> {
        let calculator = self.calculator.as_ref().map(|_| CALCULATOR.to_owned());
        calculator.into_iter().collect()
    }

    async fn start(
        &mut self,
        start: Start,
        options: &Options,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        let boundary = start.boundary.unwrap_or(options.boundary).into();
        let total = start.total.unwrap_or_else(|| options.initial.clone());
        let calculator = match start.unlinked {
            true => Calculator::start(boundary, total).await?,
            false => Calculator::start_link(boundary, total).await?,
        };
        if let Some(name) = &start.name
            && let Err(error) = calculator.register(name.clone())
        {
            calculator.stop().await?;
            return Err(error.into());
        }
        let pid = calculator.pid();
        self.calculator = Some(calculator);
        self.name = start.name;
        shell.print(format_args!("started {pid}"))
    }

    async fn state(&mut self, limit: Duration, shell: &mut Shell) -> Result<(), Failure> {
        let calculator = self.calculator()?.clone();
        let state = calculator.state_through(|| self.client(), limit).await;
        let total = state.map_err(|error| match error {
            StateError::Call(error) => call_failed(error),
            other => other.into(),
        })?;
        shell.print(total)
    }

    fn calculator(&self) -> Result<&Calculator, Failure> {
        let calculator = self.calculator.as_ref();
        calculator.ok_or_else(|| {
            Failure::new("no calculator: start one first, with a command such as `start 10`")
        })
    }

    /// The client, started when it is needed for the first time.
    fn client(&mut self) -> Client {
        let alive = self.client.take().filter(Client::is_alive);
        let client = alive.unwrap_or_else(|| {
            let client = Client::start_link();
            // Without the name it does its work as well: somebody else may have taken it.
            let _ = process::register(CLIENT, client.pid());
            client
        });
        self.client.insert(client).clone()
    }
}

/// Why a calculator did not answer, without the place in our source.
fn call_failed(error: CallError) -> Failure {
    match error {
        CallError::Exited { reason, .. } => Failure::new(format_args!(
            "the calculator has crashed: {}",
            plain(&reason)
        )),
        other => other.into(),
    }
}
