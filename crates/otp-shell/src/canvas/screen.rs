//! Draws bars so that they survive a change of the terminal's size.
//!
//! A terminal that becomes narrower or wider may break and join its rows, or cut them; a program gets to know neither. But each terminal
//! keeps the cursor at its character. So after each drawing the cursor is at the beginning of the first bar, and before the next one
//! all from there on is cleared. `indicatif` itself leaves the cursor behind the last bar, and counts the rows back to the first
//! one as they were when it drew them.

use crate::terminal;
use indicatif::TermLike;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// A terminal on standard output that takes whole drawings.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// The texts of the next drawing: each bar, and what fills its row.
    texts: Mutex<Vec<String>>,
}

/// Rows do not wrap.
const BEGIN: &str = "\x1b[?7l";
const END: &str = "\x1b[?7h\r";

/// Clears a row and all below. Not from its first column: some terminals keep a screen that is cleared from its beginning.
const CLEAR: &str = "\r \x1b[J\r\x1b[K";

fn drawing(texts: &[String]) -> String {
    let bars: Vec<_> = texts.iter().step_by(2).map(String::as_str).collect();
    let (last, others) = bars.split_last().unwrap_or((&"", &[]));
    let others: String = others
        .iter()
        .map(|bar| format!("\r\x1b[K{bar}\r\n"))
        .collect();
    let up = match bars.len() {
        0 | 1 => String::new(),
        rows => format!("\x1b[{}A", rows - 1),
    };
    format!("{BEGIN}{others}{CLEAR}{last}{END}{up}")
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        terminal::size().0
    }

    fn height(&self) -> u16 {
        terminal::size().1
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.push(text.to_owned());
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let drawing = drawing(&std::mem::take(&mut *texts));
        let mut out = io::stdout().lock();
        out.write_all(drawing.as_bytes())?;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_before_the_first_bar_after_each_drawing() {
        let draw =
            |texts: &[&str]| drawing(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(draw(&[]), format!("{BEGIN}{CLEAR}{END}"));
        assert_eq!(draw(&["eggs", "  "]), format!("{BEGIN}{CLEAR}eggs{END}"));
        let two = format!("{BEGIN}\r\x1b[Keggs\r\n{CLEAR}tea{END}\x1b[1A");
        assert_eq!(draw(&["eggs", "  ", "tea", ""]), two);
    }
}
