//! The egg timer of a session, and the alarms of a single command.

use super::command::{Format, Schedule};
use super::lines;
use crate::api::EggTimer;
use crate::boundary::{Action, Event, OnRing};
use crate::core::{AlarmName, Status};
use otp_core::prelude::*;
use otp_shell::{Bar, Failure, Mode, Shell, count_down};
use otp_text::duration::hms;
use otp_text::pairs::pairs;
use otp_text::visible::is_control;
use std::collections::BTreeSet;
use std::time::SystemTime;

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
    pub(super) async fn start(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        if let Some(timer) = self.running(shell) {
            let pid = timer.pid();
            return Err(Failure::new(format_args!(
                "the egg timer has been started already, as {pid}"
            )));
        }
        let pid = self.start_new(shell).await?.pid();
        shell.print(format_args!("started {pid}"))
    }

    /// Sets alarms, and starts the timer if there is none. As the only command it waits until the last one has rung.
    pub(super) async fn schedule(
        &mut self,
        schedule: Schedule,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        let alarms = pairs(&schedule.alarms).map_err(Failure::usage)?;
        if let Some(text) = schedule
            .message
            .as_ref()
            .filter(|text| text.contains(is_control))
        {
            let right = "expected one line of text without control characters";
            return Err(Failure::usage(format_args!(
                "invalid message {text:?}: {right}"
            )));
        }
        let alone = shell.mode() == Mode::OneShot;
        let timer = match self.running(shell) {
            Some(timer) => timer,
            None => self.start_new(shell).await?,
        };
        for (name, length) in alarms {
            // First this line, then the cast: an alarm of no length rings at once.
            shell.print(lines::set(&name, length, SystemTime::now()))?;
            self.scheduled.insert(name.clone());
            let on_ring = match schedule.panic {
                true => OnRing::Run(Action::new(async { panic!("the alarm is on fire") })),
                false => OnRing::Tell(schedule.message.clone()),
            };
            timer.schedule(name, length, on_ring);
        }
        match alone {
            true => self.ring_all(&timer, shell).await,
            false => Ok(()),
        }
    }

    /// Waits until the last alarm has rung, with countdown bars on a terminal.
    async fn ring_all(&self, timer: &EggTimer, shell: &mut Shell) -> Result<(), Failure> {
        let interrupted = shell.interrupted();
        let rung = async {
            for name in &self.scheduled {
                timer.wait(name.clone()).await?;
            }
            Ok::<_, CallError>(())
        };
        let bars = count_down(shell.printer(), || async {
            let alarms = timer.status().await?;
            Ok::<_, CallError>(alarms.iter().map(bar).collect())
        });
        tokio::select! {
            biased;
            () = interrupted => {}
            done = rung => return Ok(done?),
            failed = bars => return Ok(failed?),
        }
        // It tells what is pending.
        timer.stop().await?;
        Err(Failure::interrupted())
    }

    pub(super) async fn cancel(&mut self, name: &str, shell: &mut Shell) -> Result<(), Failure> {
        let name = name.parse::<AlarmName>().map_err(Failure::usage)?;
        self.timer()?.cancel(name.clone()).await?;
        self.scheduled.remove(&name);
        shell.print(format_args!("cancelled {name}"))
    }

    pub(super) async fn status(&self, format: Format, shell: &mut Shell) -> Result<(), Failure> {
        let alarms = self.timer()?.status().await?;
        if alarms.is_empty() {
            return shell.print("no alarms");
        }
        for alarm in alarms {
            match format {
                Format::Plain => shell.print(alarm)?,
                Format::Hms => shell.print(alarm.hms())?,
            }
        }
        Ok(())
    }

    /// Stops the timer, and returns when it has ended.
    pub(super) async fn stop(&self, reason: Option<ExitReason>) -> Result<(), Failure> {
        let timer = self.timer()?;
        match reason {
            Some(reason) => timer.stop_because(reason),
            None => timer.stop().await?,
        }
        timer.ended().await;
        Ok(())
    }

    /// Waits until an alarm of this session has rung, or the timer has ended.
    pub(super) async fn wait(&self, name: &str) -> Option<Result<(), Failure>> {
        let timer = self.timer.as_ref()?;
        let alarm = self.scheduled.iter().find(|alarm| alarm.as_str() == name);
        match alarm {
            Some(alarm) => Some(timer.wait(alarm.clone()).await.map_err(Failure::from)),
            None if name == NAME => {
                timer.ended().await;
                Some(Ok(()))
            }
            None => None,
        }
    }

    /// The names of the alarms that were scheduled.
    pub(super) fn scheduled(&self) -> Vec<String> {
        self.scheduled.iter().map(ToString::to_string).collect()
    }

    fn running(&self, shell: &Shell) -> Option<EggTimer> {
        let is_alive = |timer: &EggTimer| shell.node().is_alive(timer.pid());
        self.timer.clone().filter(is_alive)
    }

    fn timer(&self) -> Result<&EggTimer, Failure> {
        let timer = self.timer.as_ref();
        timer.ok_or_else(|| Failure::new("there is no egg timer: type `start` or `schedule` first"))
    }

    async fn start_new(&mut self, shell: &mut Shell) -> Result<EggTimer, Failure> {
        // A bell is for people.
        let (bell, alone) = (shell.is_terminal(), shell.mode() == Mode::OneShot);
        let timer = loop {
            let printer = shell.printer();
            let tell = move |event| match (lines::event(&event), &event) {
                (_, Event::Stopped(_)) if alone => {}
                (Some(line), Event::Rang(..)) if bell => printer.line_with_bell(line),
                (Some(line), _) => printer.line(line),
                (None, _) => {}
            };
            match EggTimer::start_link_as(NAME, tell).await {
                // That of a shell which has died has not finished.
                Err(StartError::AlreadyStarted(pid)) => drop(shell.node().wait(pid).await),
                started => break started?,
            }
        };
        self.scheduled.clear();
        Ok(self.timer.insert(timer).clone())
    }
}

fn bar(alarm: &Status) -> Bar {
    Bar {
        name: alarm.name.to_string(),
        whole: alarm.duration,
        left: alarm.remaining,
        text: hms(alarm.remaining),
    }
}
