//! Ctrl-C, and its relatives SIGTERM and SIGHUP.

use crate::failure::Failure;
use crate::system::{self, Signal};
use crate::terminal;
use std::io;
use tokio::sync::watch;

/// The interrupts of what runs now. Clones see the same.
#[derive(Debug, Clone)]
pub(crate) struct Interrupts {
    sender: watch::Sender<Pressed>,
    receiver: watch::Receiver<Pressed>,
}

#[derive(Debug, Clone, Copy)]
struct Pressed {
    /// Whether anything runs that can be interrupted.
    active: bool,
    /// How often the user has interrupted it.
    count: u32,
    /// Whether it ends in its own way at the first interrupt.
    claimed: bool,
    /// Whether a prompt comes back after it.
    interactive: bool,
    /// The signal that asks the program to end, and not only what runs.
    ending: Option<Signal>,
}

impl Pressed {
    /// Forgets the interrupts of what has ended; not what the whole program was asked.
    fn forget(&mut self) {
        match self.ending {
            None => self.count = 0,
            Some(_) => self.active = true,
        }
    }
}

impl Interrupts {
    /// No interrupts yet, and none that come by themselves: see [`listen`](Self::listen).
    pub(crate) fn new(interactive: bool) -> Self {
        let (sender, receiver) = watch::channel(Pressed {
            // Before the first prompt an interrupt ends the program.
            active: true,
            count: 0,
            claimed: false,
            interactive,
            ending: None,
        });
        Self { sender, receiver }
    }

    /// Hears the system's signals from now on. An interrupt that comes on top of one that
    /// should have been enough ends the program on the spot.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses to tell us of interrupts.
    pub(crate) fn listen(&self) -> io::Result<()> {
        let all = self.clone();
        system::listen(move |signal| {
            if all.press(signal) == Patience::Gone {
                end_at_once(all.ending().unwrap_or(signal));
            }
        })
    }

    /// At a prompt: what was typed begins to run, or the line editor has taken the terminal. Former
    /// interrupts are forgotten.
    pub(crate) fn begin(&self) {
        self.sender.send_modify(|pressed| {
            pressed.active = true;
            pressed.forget();
        });
    }

    /// At a prompt: between one and the other an interrupt comes too late for the one and is not
    /// meant for the other.
    pub(crate) fn end(&self) {
        self.sender.send_modify(|pressed| {
            pressed.active = false;
            pressed.forget();
        });
    }

    /// A command begins, which has not asked for anything yet.
    pub(crate) fn unclaim(&self) {
        self.sender.send_modify(|pressed| pressed.claimed = false);
    }

    /// The running command ends in its own way at the first interrupt.
    pub(crate) fn claim(&self) {
        self.sender.send_if_modified(|pressed| {
            let first = !pressed.claimed;
            pressed.claimed = true;
            first
        });
    }

    /// Waits for the first interrupt.
    pub(crate) async fn first(&mut self) {
        self.wait_for(|pressed| pressed.count > 0).await;
    }

    /// Whether there was an interrupt.
    pub(crate) fn is_pressed(&self) -> bool {
        self.receiver.borrow().count > 0
    }

    /// Waits for the moment to drop the running command.
    pub(crate) async fn enough(&mut self) {
        self.wait_for(|pressed| pressed.count > u32::from(pressed.claimed))
            .await;
    }

    /// The signal that ends the program, if there was one: SIGTERM or SIGHUP.
    pub(crate) fn ending(&self) -> Option<Signal> {
        self.receiver.borrow().ending
    }

    /// The end of an interrupted command: a signal that ends the program is an interrupt, too, whichever part sees it first.
    pub(crate) fn failure(&self) -> Failure {
        self.ending()
            .map_or_else(Failure::interrupted, Failure::ended)
    }

    /// Waits for a signal that ends the program.
    pub(crate) async fn ended(&mut self) -> Signal {
        self.wait_for(|pressed| pressed.ending.is_some()).await;
        self.ending().expect("that is what was waited for")
    }

    /// Interrupts what runs, as the user does; a test may do so once.
    pub(crate) fn press_once(&self) {
        // It is the first, so there is patience left.
        let _ = self.press(Signal::Interrupt);
    }

    fn press(&self, signal: Signal) -> Patience {
        let mut patience = Patience::Left;
        self.sender.send_if_modified(|pressed| {
            // Ctrl-C is for what runs. The other signals are for the program, whatever it does.
            if signal != Signal::Interrupt {
                pressed.ending.get_or_insert(signal);
                pressed.active = true;
            }
            if pressed.active {
                pressed.count += 1;
                let most = 1 + u32::from(pressed.claimed && pressed.interactive);
                if pressed.count > most {
                    patience = Patience::Gone;
                }
            }
            pressed.active
        });
        patience
    }

    async fn wait_for(&mut self, wanted: impl FnMut(&Pressed) -> bool) {
        let seen = self.receiver.wait_for(wanted).await;
        seen.expect("we hold a sender ourselves");
    }
}

#[derive(PartialEq, Eq)]
enum Patience {
    Left,
    Gone,
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "whoever asks twice does not want to wait for destructors"
)]
fn end_at_once(signal: Signal) {
    terminal::restore();
    std::process::exit(signal.exit_code().into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn is_first(interrupts: &Interrupts) -> bool {
        interrupts.clone().first().now_or_never().is_some()
    }

    fn is_enough(interrupts: &Interrupts) -> bool {
        interrupts.clone().enough().now_or_never().is_some()
    }

    #[test]
    fn in_a_script_the_first_is_enough_and_the_second_too_much() {
        let interrupts = Interrupts::new(false);
        assert!(!is_first(&interrupts) && !is_enough(&interrupts));
        assert!(interrupts.press(Signal::Interrupt) == Patience::Left);
        assert!(is_first(&interrupts) && is_enough(&interrupts));
        // It stands until the script has stopped.
        interrupts.unclaim();
        assert!(is_enough(&interrupts));
        assert!(interrupts.press(Signal::Interrupt) == Patience::Gone);
    }

    #[test]
    fn a_command_that_asks_for_the_first_is_not_dropped_by_it() {
        let interrupts = Interrupts::new(false);
        interrupts.claim();
        assert!(interrupts.press(Signal::Interrupt) == Patience::Left);
        assert!(is_first(&interrupts) && !is_enough(&interrupts));
        assert!(interrupts.press(Signal::Interrupt) == Patience::Gone);
    }

    #[test]
    fn at_a_prompt_such_a_command_is_dropped_by_the_second() {
        let interrupts = Interrupts::new(true);
        interrupts.begin();
        interrupts.claim();
        assert!(interrupts.press(Signal::Interrupt) == Patience::Left && !is_enough(&interrupts));
        assert!(interrupts.press(Signal::Interrupt) == Patience::Left && is_enough(&interrupts));
        assert!(interrupts.press(Signal::Interrupt) == Patience::Gone);
    }

    #[test]
    fn before_the_first_prompt_an_interrupt_is_heard() {
        let interrupts = Interrupts::new(true);
        assert!(interrupts.press(Signal::Interrupt) == Patience::Left);
        assert!(is_first(&interrupts));
    }

    #[test]
    fn the_end_of_the_program_is_asked_for_at_any_time_and_not_forgotten() {
        for signal in [Signal::Terminate, Signal::Hangup] {
            let interrupts = Interrupts::new(true);
            interrupts.begin();
            interrupts.end();
            assert_eq!(interrupts.ending(), None);
            assert!(interrupts.press(signal) == Patience::Left);
            assert_eq!(interrupts.ending(), Some(signal));
            // What begins to run in the same moment is interrupted.
            interrupts.begin();
            assert!(is_enough(&interrupts));
            interrupts.end();
            assert_eq!(interrupts.ending(), Some(signal));
            assert!(interrupts.press(Signal::Terminate) == Patience::Gone);

            let script = Interrupts::new(false);
            assert!(script.press(signal) == Patience::Left);
            assert_eq!((script.ending(), is_enough(&script)), (Some(signal), true));
        }
    }

    #[test]
    fn between_two_commands_nothing_is_interrupted() {
        let interrupts = Interrupts::new(true);
        interrupts.begin();
        interrupts.press(Signal::Interrupt);
        interrupts.end();
        for _ in 0..3 {
            assert!(interrupts.press(Signal::Interrupt) == Patience::Left);
        }
        assert!(!is_first(&interrupts));
        interrupts.begin();
        assert!(!is_first(&interrupts));
    }
}
