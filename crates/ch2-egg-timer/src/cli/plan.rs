//! From the words of the command line to the alarms that are meant.

use crate::core::{AlarmName, InvalidLength, InvalidName, Length};
use otp_text::visible::is_control;
use std::collections::HashSet;

/// Why the words make no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PlanError {
    #[error(transparent)]
    Name(#[from] InvalidName),
    #[error(transparent)]
    Length(#[from] InvalidLength),
    #[error("missing duration after {0:?}: expected a number and a unit, such as 90s, 5m or 1h30m")]
    NoLength(String),
    #[error(
        "invalid name {0:?}: expected a name where a duration stands \
         (a duration of several parts is one word, such as 1h30m)"
    )]
    LengthForName(String),
    #[error("name {0:?} is given twice: expected a different name for each alarm")]
    Twice(String),
    #[error("invalid message {0:?}: expected one line of text without control characters")]
    Message(String),
}

/// Reads `NAME DURATION NAME DURATION ...`. All of it has to be right: half a plan is none.
pub(super) fn alarms(words: &[String]) -> Result<Vec<(AlarmName, Length)>, PlanError> {
    let mut alarms = Vec::new();
    let mut taken = HashSet::new();
    for pair in words.chunks(2) {
        let word = &pair[0];
        // `eggs 1h 30m` would otherwise be an alarm "eggs", and the beginning of an alarm "30m".
        if word.parse::<Length>().is_ok() {
            return Err(PlanError::LengthForName(word.clone()));
        }
        let name: AlarmName = word.parse()?;
        let length = pair
            .get(1)
            .ok_or_else(|| PlanError::NoLength(word.clone()))?
            .parse()?;
        if !taken.insert(name.clone()) {
            return Err(PlanError::Twice(word.clone()));
        }
        alarms.push((name, length));
    }
    Ok(alarms)
}

/// Looks for a negative duration among the words of a command line that schedules something.
///
/// The command line parser would take `-5m` for a heap of options and say so, which helps nobody.
pub(super) fn negative_duration(words: &[String]) -> Option<InvalidLength> {
    let schedule = words.iter().position(|word| word == "schedule")?;
    let words = &words[schedule..];
    let negative = |word: &String| {
        word.strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()))
    };
    let words = words.split(|word| word == "--").next()?;
    let at = words.iter().position(negative)?;
    let after_option = at > 0 && words[at - 1].starts_with("--");
    if after_option {
        None
    } else {
        words[at].parse::<Length>().err()
    }
}

/// Checks what an alarm is to say: it must fit into one line, and leave the terminal alone.
pub(super) fn message(text: String) -> Result<String, PlanError> {
    if text.contains(is_control) {
        Err(PlanError::Message(text))
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn names_and_durations_alternate() {
        let alarms = alarms(&words("eggs 5m tea 1h30m")).expect("a plan");
        let alarms: Vec<_> = alarms
            .iter()
            .map(|(name, length)| format!("{name} {length}"))
            .collect();
        assert_eq!(alarms, ["eggs 5m", "tea 1h 30m"]);
    }

    #[test]
    fn one_wrong_word_spoils_the_plan() {
        fn check(line: &str, error: &str) {
            assert_eq!(alarms(&words(line)).expect_err(line).to_string(), error);
        }

        let example = "such as 90s, 5m or 1h30m";
        check(
            "eggs",
            &format!(r#"missing duration after "eggs": expected a number and a unit, {example}"#),
        );
        check(
            "eggs 5m tea",
            &format!(r#"missing duration after "tea": expected a number and a unit, {example}"#),
        );
        check(
            "eggs 5m tea 5x",
            &format!(r#"invalid duration "5x": expected a number and a unit, {example}"#),
        );
        check(
            "eggs 1h 30m",
            r#"invalid name "30m": expected a name where a duration stands (a duration of several parts is one word, such as 1h30m)"#,
        );
        check(
            "eggs 5m tea 3m eggs 1s",
            r#"name "eggs" is given twice: expected a different name for each alarm"#,
        );
    }

    #[test]
    fn a_negative_duration_is_found_where_one_may_stand() {
        fn check(line: &str, found: Option<&str>) {
            let found = found.map(|word| InvalidLength::Malformed(word.to_owned()));
            assert_eq!(negative_duration(&words(line)), found, "{line}");
        }

        check("schedule eggs -5m", Some("-5m"));
        check("calculator add -5", None);
        check("schedule eggs 5m", None);
        check("schedule -x 5m", None);
        check("schedule eggs 5m --message -5", None);
        check("schedule eggs 5m -- -5 5m", None);
    }

    #[test]
    fn a_message_is_one_line() {
        assert_eq!(message("ready, now!".into()), Ok("ready, now!".into()));
        assert!(message("a\u{202e}b".into()).is_err());
        let error = message("a\u{7}b".into()).expect_err("a bell");
        assert_eq!(
            error.to_string(),
            r#"invalid message "a\u{7}b": expected one line of text without control characters"#
        );
    }
}
