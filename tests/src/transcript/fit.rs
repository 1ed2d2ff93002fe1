//! Compares an output with the expected lines.

use std::fmt;

use super::Expected;

/// A difference between an output and the expected lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The output has another line in place of an expected one, or none.
    Line {
        /// The expected line.
        expected: String,
        /// The line of the output.
        found: Option<String>,
    },
    /// The output has further lines.
    More(String),
    /// The program ended with another exit code, or by a signal.
    Code {
        /// The expected exit code.
        expected: i32,
        /// The exit code of the program.
        found: Option<i32>,
    },
    /// The program did not end.
    Endless,
    /// The program could not be run.
    NotRun(String),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { expected, found } => write!(
                f,
                "\n  expected: {expected}\n  found:    {}",
                found.as_deref().unwrap_or("(the end of the output)")
            ),
            Self::More(found) => write!(
                f,
                "\n  expected: (the end of the output)\n  found:    {found}"
            ),
            Self::Code { expected, found } => match found {
                Some(found) => write!(f, "expected exit code {expected}, found {found}"),
                None => write!(f, "expected exit code {expected}, found a signal"),
            },
            Self::Endless => f.write_str("the program does not end"),
            Self::NotRun(why) => write!(f, "cannot run the program: {why}"),
        }
    }
}

/// Compares an output with the expected lines, line by line.
pub(super) fn compare(expected: &[Expected], output: &str) -> Result<(), Mismatch> {
    let mut found = output
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .peekable();
    let mut pids = Pids::default();
    let mut anything = false;
    let mut rest = expected;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match first {
            Expected::Anything => anything = true,
            Expected::Line(line) => {
                while anything && found.next_if(|it| !fits(line, it, &mut pids)).is_some() {}
                anything = false;
                let it = found.next();
                if !it.is_some_and(|it| fits(line, it, &mut pids)) {
                    return Err(mismatch(line, it));
                }
            }
            Expected::InAnyOrder(line) => {
                let mut open = vec![line];
                while let Some((Expected::InAnyOrder(line), others)) = rest.split_first() {
                    open.push(line);
                    rest = others;
                }
                while !open.is_empty() {
                    let fits_one =
                        |it: &&str| open.iter().any(|line| fits(line, it, &mut pids.clone()));
                    while anything && found.next_if(|it| !fits_one(it)).is_some() {}
                    let it = found.next();
                    let place = open
                        .iter()
                        .position(|line| it.is_some_and(|it| fits(line, it, &mut pids)));
                    match place {
                        Some(place) => drop(open.remove(place)),
                        None => return Err(mismatch(open[0], it)),
                    }
                }
                anything = false;
            }
        }
    }
    match found.next() {
        Some(line) if !anything => Err(Mismatch::More(line.to_owned())),
        _ => Ok(()),
    }
}

fn mismatch(expected: &str, found: Option<&str>) -> Mismatch {
    Mismatch::Line {
        expected: expected.to_owned(),
        found: found.map(str::to_owned),
    }
}

/// The pids of the output by the pids of the transcript. The relation is one to one.
#[derive(Debug, Clone, Default)]
struct Pids(Vec<(String, String)>);

impl Pids {
    fn agree(&mut self, expected: &str, found: &str) -> bool {
        let known = self
            .0
            .iter()
            .find(|(ours, theirs)| ours == expected || theirs == found);
        match known {
            Some((ours, theirs)) => ours == expected && theirs == found,
            None => {
                self.0.push((expected.to_owned(), found.to_owned()));
                true
            }
        }
    }
}

/// Whether a line matches a pattern. Only a line that matches adds pids to `pids`.
fn fits(mut pattern: &str, mut line: &str, pids: &mut Pids) -> bool {
    const ANY: &str = "[..]";
    let mut learnt = pids.clone();
    let fit = loop {
        if let Some(rest) = pattern.strip_prefix(ANY) {
            break (0..=line.len())
                .filter(|at| line.is_char_boundary(*at))
                .any(|at| fits(rest, &line[at..], &mut learnt));
        }
        if let (Some(ours), Some(theirs)) = (pid(pattern), pid(line)) {
            if !learnt.agree(ours, theirs) {
                break false;
            }
            (pattern, line) = (&pattern[ours.len()..], &line[theirs.len()..]);
            continue;
        }
        let (mut ours, mut theirs) = (pattern.chars(), line.chars());
        match (ours.next(), theirs.next()) {
            (None, None) => break true,
            (one, other) if one != other => break false,
            _ => (pattern, line) = (ours.as_str(), theirs.as_str()),
        }
    };
    if fit {
        *pids = learnt;
    }
    fit
}

/// The pid at the beginning of a text: `<0.42.0>`.
fn pid(text: &str) -> Option<&str> {
    let number = text.strip_prefix("<0.")?;
    let (number, _) = number.split_once(".0>")?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| &text[.."<0.".len() + number.len() + ".0>".len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: &[&str], output: &[&str], fit: bool) {
        let expected: Vec<Expected> = expected
            .iter()
            .map(|line| match line.strip_prefix("~ ") {
                Some(line) => Expected::InAnyOrder(line.to_owned()),
                None if *line == "..." => Expected::Anything,
                None => Expected::Line((*line).to_owned()),
            })
            .collect();
        let result = compare(&expected, &output.join("\n"));
        assert_eq!(result.is_ok(), fit, "{result:?}");
    }

    #[test]
    fn lines_are_compared_one_by_one() {
        check(&["a", "b"], &["a", "", "b "], true);
        check(&["a", "b"], &["a"], false);
        check(&["a"], &["a", "b"], false);
        check(&["a", "b"], &["b", "a"], false);
        check(&["[..] [error] x"], &["12:00 [error] x"], true);
        check(&["[..] [error] x"], &["12:00 [error] y"], false);
        check(&["é[..]ü"], &["éßü"], true);
    }

    #[test]
    fn an_ellipsis_is_any_number_of_lines() {
        check(&["a", "...", "d"], &["a", "b", "c", "d"], true);
        check(&["a", "...", "d"], &["a", "d"], true);
        check(&["a", "..."], &["a", "b"], true);
        check(&["a", "...", "d"], &["a", "b"], false);
    }

    #[test]
    fn marked_neighbours_may_come_in_any_order() {
        check(&["~ a", "~ b", "c"], &["b", "a", "c"], true);
        check(&["~ a", "~ b", "c"], &["b", "c", "a"], false);
        check(&["~ a", "~ b"], &["a", "a"], false);
        check(&["~ a", "~ b"], &["a"], false);
        check(
            &["...", "~ a", "~ b", "c"],
            &["x", "b", "y", "a", "c"],
            true,
        );
        check(&["...", "~ a", "~ b"], &["x", "b", "y"], false);
    }

    #[test]
    fn a_pid_matches_the_same_process_in_the_whole_run() {
        check(&["<0.1.0>", "x <0.1.0>."], &["<0.7.0>", "x <0.7.0>."], true);
        check(&["<0.1.0>", "<0.1.0>"], &["<0.7.0>", "<0.8.0>"], false);
        check(&["<0.1.0>", "<0.2.0>"], &["<0.7.0>", "<0.7.0>"], false);
        check(&["<0.1.0> a"], &["<0.7.0> b"], false);
        check(&["[..] <0.1.0>"], &["<0.7.0> <0.8.0>"], true);
        check(&["<0.x.0>"], &["<0.7.0>"], false);
    }
}
