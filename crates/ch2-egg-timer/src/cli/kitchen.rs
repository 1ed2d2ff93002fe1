//! The egg timer of a session, and the alarms of a single command.

use super::command::{Format, Schedule};
use super::lines;
use crate::api::EggTimer;
use crate::boundary::{Action, Event, OnRing};
use crate::core::{AlarmName, Status};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::timer::WallClock;
use otp_shell::{Bar, Failure, Mode, Shell, count_down};
use otp_text::pairs::pairs;
use std::collections::BTreeSet;

/// The registered name of the timer.
const NAME: &str = "egg_timer";

/// The state of a session: the egg timer and its alarms.
pub(super) struct Kitchen {
    pub(super) clock: WallClock,
    pub(super) timer: Option<EggTimer>,
    /// The alarms of this timer that were not cancelled. They are pending or have rung.
    pub(super) scheduled: BTreeSet<AlarmName>,
}

impl Kitchen {
    pub(super) async fn start(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        let pid = self.start_new(shell).await?.pid();
        shell.print(format_args!("started {pid}"))
    }

    /// Sets alarms, and starts the timer if none runs. As the only command it waits until the last alarm has rung.
    pub(super) async fn schedule(
        &mut self,
        schedule: Schedule,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        let alarms = pairs(&schedule.alarms).map_err(Failure::usage)?;
        let timer = match self.timer().cloned() {
            Ok(timer) => timer,
            Err(_) => self.start_new(shell).await?,
        };
        for (name, length) in alarms {
            self.scheduled.insert(name.clone());
            let on_ring = match schedule.panic {
                true => OnRing::Run(Action::new(async { panic!("the alarm is on fire") })),
                false => OnRing::Tell(schedule.message.clone().map(String::from)),
            };
            timer.schedule(name, length, on_ring)?;
        }
        // The casts are handled before this call, so its answer comes after their events.
        timer.status().await?;
        match shell.mode() {
            Mode::OneShot => self.wait_for_all(&timer, shell).await,
            Mode::Script | Mode::Interactive => Ok(()),
        }
    }

    /// Waits until the last alarm has rung. A terminal shows countdown bars meanwhile.
    async fn wait_for_all(&self, timer: &EggTimer, shell: &mut Shell) -> Result<(), Failure> {
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
        // The timer passes an event for each pending alarm.
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

    /// Prints the alarms that will not ring because the user leaves the prompt.
    pub(super) async fn pending(&self, shell: &mut Shell) -> Result<(), Failure> {
        let alarms = self.timer()?.status().await?;
        let print = |alarm| shell.print(format_args!("pending {alarm}"));
        alarms.iter().try_for_each(print)
    }

    /// Stops the timer, and waits until it has ended.
    pub(super) async fn stop(&self, reason: Option<ExitReason>) -> Result<(), Failure> {
        let timer = self.timer()?;
        match reason {
            Some(reason) => timer.stop_because(reason),
            None => timer.stop().await?,
        }
        timer.ended().await;
        Ok(())
    }

    /// The running timer.
    pub(super) fn timer(&self) -> Result<&EggTimer, Failure> {
        let timer = self.timer.as_ref();
        let timer = timer.filter(|timer| process::node().is_alive(timer.pid()));
        timer.ok_or_else(|| Failure::missing("there is no egg timer"))
    }

    async fn start_new(&mut self, shell: &mut Shell) -> Result<EggTimer, Failure> {
        // Only a terminal has a bell.
        let (bell, one_shot) = (shell.is_terminal(), shell.mode() == Mode::OneShot);
        let printer = shell.printer();
        let start = || {
            let (printer, clock) = (printer.clone(), self.clock.clone());
            EggTimer::start_link(NAME, clock.clone(), move |event| {
                let line = lines::event(&event, clock.now());
                match event {
                    Event::Stopped(_) if one_shot => {}
                    Event::Rang(..) if bell => printer.line_with_bell(line),
                    _ => printer.line(line),
                }
            })
        };
        let timer = shell.start_linked(start).await?;
        self.scheduled.clear();
        Ok(self.timer.insert(timer).clone())
    }
}

fn bar(alarm: &Status) -> Bar {
    Bar::new(&alarm.name, alarm.duration, alarm.remaining)
}
