//! Countdown bars, below the lines that a program prints on a terminal.

use crate::canvas::Canvas;
use crate::colours::Colours;
use crate::printer::Printer;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use otp_text::duration::hms;
use std::collections::HashMap;
use std::fmt::Display;
use std::future::{Future, pending};
use std::time::Duration;
use tokio::time::sleep;

/// How many bars there are at most. Each printed line draws all of them again, and more of them than
/// the terminal has rows could not be seen.
const MOST: usize = 16;

/// How often the bars are brought up to date: often enough that no second is skipped.
const REFRESH: Duration = Duration::from_millis(100);

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Its label. Two bars have different labels.
    pub name: String,
    /// The whole time.
    pub whole: Duration,
    /// The time that is left of it, also shown behind the bar.
    pub left: Duration,
}

impl Bar {
    /// A bar with this label.
    pub fn new(name: impl Display, whole: Duration, left: Duration) -> Self {
        let name = name.to_string();
        Self { name, whole, left }
    }
}

/// Draws the bars that `look` returns, again and again, until the future is dropped. While they are drawn, the output
/// of `printer` appears above them. Without a terminal that can draw it does nothing.
///
/// # Errors
///
/// The first error of `look`.
///
/// # Cancel safety
///
/// Dropping it takes the bars away.
pub async fn count_down<F, E>(printer: Printer, mut look: impl FnMut() -> F) -> Result<(), E>
where
    F: Future<Output = Result<Vec<Bar>, E>>,
{
    let Some(canvas) = Canvas::open() else {
        return pending().await;
    };
    let mut bars = Bars::new(canvas.bars().clone(), Colours::for_stdout());
    printer.draw_on(Some(canvas.clone()));
    let drawing = Drawing { canvas, printer };
    loop {
        if drawing.canvas.look() {
            bars.show(&look().await?);
        }
        sleep(REFRESH).await;
    }
}

struct Drawing {
    canvas: Canvas,
    printer: Printer,
}

impl Drop for Drawing {
    fn drop(&mut self) {
        self.printer.draw_on(None);
        self.canvas.close();
    }
}

/// If there are more countdowns than bars, a free bar goes to the countdown that ends next.
struct Bars {
    all: MultiProgress,
    style: ProgressStyle,
    by_name: HashMap<String, ProgressBar>,
}

impl Bars {
    fn new(all: MultiProgress, colours: Colours) -> Self {
        let template = match colours {
            Colours::On => "{prefix:16!} {wide_bar:.cyan} {msg}",
            Colours::Off => "{prefix:16!} {wide_bar} {msg}",
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is a constant that has been tried")
            .progress_chars("━╸─");
        Self {
            all,
            style,
            by_name: HashMap::new(),
        }
    }

    fn show(&mut self, bars: &[Bar]) {
        self.by_name.retain(|name, drawn| {
            let stays = bars.iter().any(|bar| bar.name == *name);
            if !stays {
                drawn.finish_and_clear();
                self.all.remove(drawn);
            }
            stays
        });
        let mut without = Vec::new();
        for bar in bars {
            match self.by_name.get(&bar.name) {
                Some(drawn) => {
                    drawn.set_message(hms(bar.left));
                    drawn.set_position(millis(bar.left));
                }
                None => without.push(bar),
            }
        }
        without.sort_by_key(|bar| bar.left);
        for bar in without.into_iter().take(MOST - self.by_name.len()) {
            let drawn = ProgressBar::new(millis(bar.whole))
                .with_style(self.style.clone())
                .with_prefix(bar.name.clone())
                .with_message(hms(bar.left))
                .with_position(millis(bar.left));
            let drawn = self.all.add(drawn);
            drawn.tick();
            self.by_name.insert(bar.name.clone(), drawn);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::ProgressDrawTarget;

    fn bar(number: u64) -> Bar {
        let seconds = Duration::from_secs;
        Bar::new(
            format_args!("egg {number}"),
            seconds(1000),
            seconds(1000 - number),
        )
    }

    #[test]
    fn a_bar_that_becomes_free_goes_to_what_ends_next() {
        let hidden = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let mut bars = Bars::new(hidden, Colours::Off);
        let mut all: Vec<_> = (0..1000).map(bar).collect();
        bars.show(&all);
        assert_eq!(bars.by_name.len(), MOST);
        assert!(bars.by_name.contains_key(&bar(999).name));
        assert!(!bars.by_name.contains_key(&bar(0).name));

        all.pop();
        bars.show(&all);
        assert_eq!(bars.by_name.len(), MOST);
        assert!(!bars.by_name.contains_key(&bar(999).name));
        assert!(bars.by_name.contains_key(&bar(999 - MOST as u64).name));
    }
}
