//! A session at a prompt.

use crate::driver::{Driver, Inside, Stop, broken_output};
use crate::failure::Failure;
use crate::program::Program;
use crate::prompt::{Prompt, Typed};
use crate::terminal;

/// Runs the typed commands until the user leaves or the program is asked to end.
pub(crate) async fn run<P: Program>(driver: &mut Driver<P>, prompt: Prompt) -> Stop {
    let stop = until_left(driver, prompt).await;
    // A signal to end decides, whatever was seen first of its consequences.
    match driver.birth.interrupts.ending() {
        Some(signal) => Failure::ended(signal).into(),
        None => stop,
    }
}

async fn until_left<P: Program>(driver: &mut Driver<P>, mut prompt: Prompt) -> Stop {
    let greeting = "Type help to see the commands, exit or Ctrl-D to leave.";
    driver.birth.printer.line(greeting);
    let mut count = 1;
    loop {
        prompt.show(count);
        let typed = match typed(driver, &mut prompt, &mut count).await {
            Ok(typed) => typed,
            // The line editor is not informed yet, and must not draw its prompt below the last line.
            Err(stop) => {
                driver.birth.printer.take_over(terminal::mute());
                if terminal::restore() {
                    // Bracketed paste off, and a new line for the following output.
                    driver.birth.printer.escape_codes("\x1b[?2004l\r\n");
                }
                driver.tell(&stop, None);
                return stop;
            }
        };
        let stop = match typed {
            Typed::Line(text) => lines(driver, &text, &mut count).await,
            Typed::Cleared => Ok(()),
            Typed::Left => Err(Stop::Exit(Some(0))),
            Typed::Gone => Err(Failure::hung_up().into()),
            Typed::Failed(error) => {
                let failure = Failure::new(format_args!("cannot read the terminal: {error}"));
                let stop = Stop::Failed(failure);
                driver.tell(&stop, None);
                Err(stop)
            }
        };
        if let Err(stop) = stop {
            return match stop {
                Stop::Exit(code) => driver.leave(code).await,
                stop => stop,
            };
        }
    }
}

/// Waits for the next input of the user, while the shell process may die.
async fn typed<P: Program>(
    driver: &mut Driver<P>,
    prompt: &mut Prompt,
    count: &mut u64,
) -> Result<Typed, Stop> {
    loop {
        let mut interrupts = driver.birth.interrupts.clone();
        let mut signals = interrupts.clone();
        let stop = tokio::select! {
            biased;
            signal = signals.ended() => return Err(Failure::ended(signal).into()),
            stop = driver.death() => stop,
            broken = driver.birth.printer.broken() => return Err(broken_output(&broken)),
            () = interrupts.first() => return Err(interrupts.failure().into()),
            typed = prompt.typed() => return Ok(typed),
        };
        *count = 1;
        prompt.renumber(1);
        driver.tell(&stop, None);
        driver.revive(&stop)?;
    }
}

/// Runs the lines, usually one; text that was pasted may have more.
///
/// # Errors
///
/// The program is to end.
async fn lines<P: Program>(
    driver: &mut Driver<P>,
    text: &str,
    count: &mut u64,
) -> Result<(), Stop> {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(stop) = driver.dead().await {
            *count = 1;
            driver.tell(&stop, None);
            driver.revive(&stop)?;
        }
        *count += 1;
        driver.birth.interrupts.begin();
        let done = driver.typed(line, Inside::default()).await;
        driver.birth.interrupts.end();
        if let Some(signal) = driver.birth.interrupts.ending() {
            let stop = Stop::Failed(Failure::ended(signal));
            driver.tell(&stop, None);
            return Err(stop);
        }
        let Err(stop) = done else { continue };
        driver.tell(&stop, None);
        match &stop {
            Stop::Exit(_) => return Err(stop),
            Stop::Failed(failure) if failure.is_closed() || failure.is_end() => return Err(stop),
            Stop::Died(..) => *count = 1,
            _ => {}
        }
        driver.revive(&stop)?;
    }
    Ok(())
}
