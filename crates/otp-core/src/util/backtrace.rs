//! The part of a backtrace that belongs to the process.

/// The frames between the machinery of the panic and that of the runtime, without their numbers.
///
/// The text is std's: a line for the frame, and one more for its place in the source, if that is known. If
/// it is of another form, or nothing is left, it stays as it is.
pub(crate) fn of_process(text: &str) -> String {
    let frames = frames(text);
    let panics = |frame: &&Frame| {
        ["core::panicking::", "std::panicking::", "__rustc::"]
            .iter()
            .any(|machinery| frame.symbol.starts_with(machinery))
    };
    let first = frames
        .iter()
        .position(|frame| panics(&frame))
        .map_or(0, |at| {
            at + frames[at..]
                .iter()
                .take_while(|frame| panics(frame) || frame.is_of_std())
                .count()
        });
    let own: Vec<&Frame> = frames[first..]
        .iter()
        .take_while(|frame| !frame.runs_processes())
        .collect();
    if own.is_empty() {
        return text.to_owned();
    }
    let mut kept = String::new();
    for frame in own {
        kept.push_str("    ");
        kept.push_str(frame.symbol);
        kept.push('\n');
        for place in &frame.places {
            kept.push_str("        ");
            kept.push_str(place);
            kept.push('\n');
        }
    }
    kept
}

/// The modules whose code runs that of processes.
const RUNNERS: [&str; 2] = [
    "otp_core::gen_server::serve::",
    "otp_core::process::life::run::",
];

struct Frame<'a> {
    symbol: &'a str,
    places: Vec<&'a str>,
}

impl Frame<'_> {
    fn is_of_std(&self) -> bool {
        ["std::", "core::", "alloc::"]
            .iter()
            .any(|of| self.symbol.starts_with(of))
    }

    /// Below it there is nothing of the user's.
    fn runs_processes(&self) -> bool {
        let symbol = self.symbol.trim_start_matches('<');
        RUNNERS.iter().any(|runner| symbol.starts_with(runner))
    }
}

fn frames(text: &str) -> Vec<Frame<'_>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        let numbered = line
            .split_once(": ")
            .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
        match (numbered, frames.last_mut()) {
            (Some((_, symbol)), _) => frames.push(Frame {
                symbol,
                places: Vec::new(),
            }),
            (None, Some(frame)) => frame.places.push(line),
            (None, None) => {}
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{RUNNERS, of_process};

    #[test]
    fn the_machinery_above_and_below_is_left_out() {
        let text = "   0: otp_core::process::panic::remember
   1: std::panicking::panic_with_hook
             at /rustc/std/src/panicking.rs:833:13
   2: __rustc::rust_begin_unwind
   3: core::panicking::panic_fmt
   4: core::option::expect_failed
   5: calculator::core::divide
             at ./src/core.rs:51:9
   6: <calculator::Server as otp_core::gen_server::GenServer>::handle_cast::{{closure}}
   7: otp_core::gen_server::serve::handle_messages::{{closure}}
   8: tokio::runtime::task::raw::poll
";
        assert_eq!(
            of_process(text),
            "    calculator::core::divide
        at ./src/core.rs:51:9
    <calculator::Server as otp_core::gen_server::GenServer>::handle_cast::{{closure}}
"
        );
    }

    #[test]
    fn what_cannot_be_understood_stays() {
        for text in [
            "",
            "unsupported backtrace",
            "   0: otp_core::process::life::run::x\n",
        ] {
            assert_eq!(of_process(text), text);
        }
    }

    #[test]
    fn the_runners_are_modules_of_this_crate() {
        for runner in RUNNERS {
            let module = runner
                .trim_start_matches("otp_core::")
                .trim_end_matches("::");
            let file = format!("src/{}.rs", module.replace("::", "/"));
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
            assert!(path.exists(), "{runner} has no {file}");
        }
    }
}
