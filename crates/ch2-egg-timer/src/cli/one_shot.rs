//! `schedule` as the only command: a process that owns the egg timer, and prints what it hears from it.

use super::screen::Screen;
use crate::api::EggTimer;
use crate::boundary::{Event, OnRing};
use crate::core::{AlarmName, Length};
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::out::OutError;
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;

/// How often the bars are brought up to date: often enough that no second is skipped.
const REFRESH: Duration = Duration::from_millis(100);

/// What the process hears.
pub(super) enum Heard {
    Timer(Event),
    Interrupt,
}

/// How it went, if nothing failed.
pub(super) enum Outcome {
    /// The last alarm has rung, or nobody reads of it any more.
    Done,
    Interrupted,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("cannot start the egg timer: {0}")]
    Start(#[from] StartError),
    #[error("the egg timer does not answer: {0}")]
    Call(#[from] CallError),
    #[error("the egg timer stopped by itself: {0}")]
    Stopped(ExitReason),
    #[error("the action of alarm {:?} failed: {reason}", .name.as_str())]
    Action { name: AlarmName, reason: ExitReason },
    #[error(transparent)]
    Out(#[from] OutError),
}

struct Session<W> {
    timer: EggTimer,
    screen: Screen<W>,
    /// How many alarms have not rung yet.
    waiting: usize,
    interrupted: bool,
}

/// Sets all alarms, and returns when the last one has rung or the program is interrupted.
pub(super) async fn run<W: Write>(
    mailbox: Mailbox<Heard>,
    alarms: Vec<(AlarmName, Length, OnRing)>,
    interrupted: impl Future<Output = ()> + Send + 'static,
    screen: Screen<W>,
) -> Result<Outcome, Trouble> {
    match ring_all(mailbox, alarms, interrupted, screen).await {
        // Nobody reads what rings.
        Err(Trouble::Out(OutError::Closed)) => Ok(Outcome::Done),
        other => other,
    }
}

async fn ring_all<W: Write>(
    mut mailbox: Mailbox<Heard>,
    alarms: Vec<(AlarmName, Length, OnRing)>,
    interrupted: impl Future<Output = ()> + Send + 'static,
    screen: Screen<W>,
) -> Result<Outcome, Trouble> {
    let me = mailbox.me();
    process::spawn(async move |_: Mailbox<Never>| {
        interrupted.await;
        me.send(Heard::Interrupt);
    });
    let me = mailbox.me();
    let timer = EggTimer::start_link(move |event| me.send(Heard::Timer(event))).await?;

    let mut session = Session {
        timer,
        screen,
        waiting: alarms.len(),
        interrupted: false,
    };
    for (name, length, on_ring) in alarms {
        let start = session.timer.now();
        session.screen.set(&name, length, start.wall)?;
        session.timer.schedule_from(start, name, length, on_ring);
    }
    let mut refresh_at = Instant::now();
    loop {
        let heard = if session.screen.is_live() {
            receive_until(&mut mailbox, refresh_at).await
        } else {
            Some(mailbox.receive().await)
        };
        let outcome = match heard {
            Some(heard) => session.hear(heard).await,
            None => {
                let outcome = session.refresh().await;
                refresh_at = Instant::now() + REFRESH;
                outcome
            }
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(outcome)) => return Ok(outcome),
            // Ctrl-C in a pipeline ends the reader as well.
            Err(Trouble::Out(OutError::Closed)) if session.interrupted => {
                return Ok(Outcome::Interrupted);
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// The next message, or `None` when it is time for something else, even if messages wait: a kitchen
/// in which something always rings would never see its bars move.
async fn receive_until<M: Send + 'static>(mailbox: &mut Mailbox<M>, moment: Instant) -> Option<M> {
    let wait = moment.saturating_duration_since(Instant::now());
    if wait.is_zero() {
        return None;
    }
    mailbox.receive().timeout(wait).await
}

impl<W: Write> Session<W> {
    async fn hear(&mut self, heard: Heard) -> Result<Option<Outcome>, Trouble> {
        match heard {
            // It was told as it was set.
            Heard::Timer(Event::Scheduled { .. }) => {}
            Heard::Timer(Event::Moved { name, due }) => self.screen.moved(&name, due)?,
            Heard::Timer(Event::Rang { name, message }) => {
                self.waiting -= 1;
                self.screen.ring(&name, message.as_deref())?;
                if self.waiting == 0 && !self.interrupted {
                    self.timer.stop().await?;
                    return Ok(Some(Outcome::Done));
                }
            }
            Heard::Timer(Event::Failed { name, reason }) => {
                return Err(Trouble::Action { name, reason });
            }
            Heard::Timer(Event::Pending(status)) => self.screen.pending(&status)?,
            Heard::Timer(Event::Stopped(_)) => return Ok(Some(Outcome::Interrupted)),
            Heard::Interrupt => {
                self.interrupted = true;
                self.screen.interrupted()?;
                self.timer.stop().await?;
            }
        }
        Ok(None)
    }

    async fn refresh(&mut self) -> Result<Option<Outcome>, Trouble> {
        if self.screen.look() {
            self.screen.show(&self.timer.status().await?);
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use otp_core::Node;

    #[tokio::test(start_paused = true)]
    async fn messages_that_wait_do_not_hold_up_the_bars() {
        let node = Node::new();
        let session = node.run_with(async |mut mailbox: Mailbox<u8>| {
            mailbox.me().send(1);
            let now = Instant::now();
            assert_eq!(receive_until(&mut mailbox, now).await, None);
            assert_eq!(receive_until(&mut mailbox, now + REFRESH).await, Some(1));
            assert_eq!(receive_until(&mut mailbox, now + REFRESH).await, None);
            assert_eq!(now.elapsed(), REFRESH);
        });
        session.await.expect("the session ends well");
    }
}
