//! The egg timer of a session: started on demand, linked with the shell, and rung above the prompt.

use super::lines;
use crate::api::{Design, EggTimer, WaitError};
use crate::boundary::{Event, OnRing};
use crate::core::{AlarmName, Format, InvalidName, Length};
use otp_core::prelude::*;
use otp_shell::{Failure, Shell};
use std::collections::BTreeSet;

/// The name under which the timer can be looked at and killed.
const NAME: &str = "egg_timer";

/// The timer, if it was started, and what was scheduled with it.
#[derive(Default)]
pub(super) struct Kitchen {
    timer: Option<EggTimer>,
    /// The alarms of this session that were not cancelled. One that is not pending any more has rung.
    scheduled: BTreeSet<AlarmName>,
}

impl Kitchen {
    /// Starts the timer.
    pub(super) async fn start(&mut self, design: Design, shell: &mut Shell) -> Result<(), Failure> {
        if let Some(timer) = self.timer.as_ref().filter(|timer| timer.is_alive()) {
            let pid = timer.pid();
            return Err(Failure::new(format_args!(
                "the egg timer has been started already, as {pid}"
            )));
        }
        let pid = self.start_new(design, shell).await?.pid();
        shell.print(format_args!("started {pid}"))
    }

    /// Sets alarms, and starts the timer if there is none.
    pub(super) async fn schedule(
        &mut self,
        alarms: Vec<(AlarmName, Length, OnRing)>,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        let timer = match self.timer.clone().filter(EggTimer::is_alive) {
            Some(timer) => timer,
            None => self.start_new(Design::Sane, shell).await?,
        };
        for (name, length, on_ring) in alarms {
            // First this line, then the cast: an alarm of no length rings at once.
            let start = timer.now();
            shell.print(lines::set(&name, length, start.wall))?;
            self.scheduled.insert(name.clone());
            timer.schedule_from(start, name, length, on_ring);
        }
        Ok(())
    }

    /// Takes an alarm back.
    pub(super) async fn cancel(&mut self, name: &str, shell: &mut Shell) -> Result<(), Failure> {
        let name: AlarmName = name
            .parse()
            .map_err(|error: InvalidName| Failure::usage(error))?;
        self.timer()?.cancel(name.clone()).await?;
        self.scheduled.remove(&name);
        shell.print(format_args!("cancelled {name}"))
    }

    /// Prints how the alarms stand.
    pub(super) async fn status(&self, format: Format, shell: &mut Shell) -> Result<(), Failure> {
        let alarms = self.timer()?.status().await?;
        for line in format.lines(&alarms) {
            shell.print(line)?;
        }
        Ok(())
    }

    /// Stops the timer, and returns when it has ended; if the reason is a bad one, the shell has
    /// ended with it.
    pub(super) async fn stop(&self, reason: Option<ExitReason>) -> Result<(), Failure> {
        let timer = self.timer()?;
        match reason {
            Some(reason) => timer.stop_because(reason),
            None => timer.stop().await?,
        }
        timer.ended().await;
        Ok(())
    }

    /// Waits until an alarm has rung or the timer has ended.
    pub(super) async fn wait_for(&self, name: &str) -> Option<Result<(), Failure>> {
        let timer = self.timer.as_ref()?;
        let alarm = name.parse().ok();
        let alarm = alarm.and_then(|name: AlarmName| self.scheduled.get(&name));
        Some(match alarm {
            Some(alarm) => match timer.wait(alarm.clone()).await {
                Ok(_) | Err(WaitError::Unknown(_)) => Ok(()),
                Err(error) => Err(error.into()),
            },
            None if name == NAME => {
                timer.ended().await;
                Ok(())
            }
            None => return None,
        })
    }

    /// The names of the alarms that were scheduled.
    pub(super) fn names(&self) -> Vec<String> {
        self.scheduled.iter().map(ToString::to_string).collect()
    }

    fn timer(&self) -> Result<&EggTimer, Failure> {
        self.timer
            .as_ref()
            .ok_or_else(|| Failure::new("there is no egg timer: expected start or schedule before"))
    }

    async fn start_new(&mut self, design: Design, shell: &mut Shell) -> Result<EggTimer, Failure> {
        // A bell is for people.
        let bell = shell.is_terminal();
        let timer = loop {
            let printer = shell.printer();
            let tell = move |event| match (lines::event(&event), &event) {
                (Some(line), Event::Rang { .. }) if bell => printer.line_with_bell(line),
                (Some(line), _) => printer.line(line),
                (None, _) => {}
            };
            match EggTimer::start_link_as(NAME, design, tell).await {
                // That of a shell which has died is still saying its last words.
                Err(StartError::AlreadyStarted(pid)) => end_of(pid, shell).await,
                started => break started?,
            }
        };
        self.scheduled.clear();
        Ok(self.timer.insert(timer).clone())
    }
}

/// Waits until a process has ended.
async fn end_of(pid: Pid, shell: &mut Shell) {
    let watch = async move |mut mailbox: Mailbox<()>| {
        mailbox.monitor(pid, |_| ());
        mailbox.receive().await;
    };
    // It does nothing that could fail.
    let _ = shell.node().run_with(watch).await;
}
