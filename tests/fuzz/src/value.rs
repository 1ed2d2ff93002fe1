//! The values that are typed: numbers, lengths, names, limits, chances, choices.

use ch1_calculator::core::Number;
use ch2_egg_timer::core::{AlarmName, Length};
use ch4_nodes::core::Address;
use otp_text::limit::Limit;
use rock_paper_scissors::core::{Choice, Probability};
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// Reads a text as each kind of value.
///
/// # Panics
///
/// When a value that was read is another one after it has been shown and read again, or when an error does not say
/// what would be right.
pub fn check(text: &str) {
    match round::<Length>(text) {
        Ok(length) => assert!(length.duration() <= Length::MAX, "{text:?}"),
        Err(error) => names_its_text(&error, text),
    }
    match round::<AlarmName>(text) {
        Ok(name) => assert_eq!(name.as_str(), text),
        Err(error) => names_its_text(&error, text),
    }
    // The parser of the command line names the text of these.
    let _ = round::<Number>(text);
    let _ = round::<Limit>(text);
    let _ = round::<Probability>(text);
    let _ = round::<Choice>(text);
    let _ = round::<Address>(text);
}

/// Reads a value, shows it and reads it again; the error as a text.
fn round<T>(text: &str) -> Result<T, String>
where
    T: FromStr<Err: Display> + Display + Debug + PartialEq,
{
    match text.parse::<T>() {
        Ok(value) => {
            let shown = value.to_string();
            match shown.parse::<T>() {
                Ok(again) => assert_eq!(again, value, "{text:?} is shown as {shown:?}"),
                Err(error) => panic!("{text:?} is shown as {shown:?}, which is refused: {error}"),
            }
            Ok(value)
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains("expected"), "{text:?}: {error}");
            Err(error)
        }
    }
}

/// A long text may be shortened.
fn names_its_text(error: &str, text: &str) {
    let beginning: String = text.chars().take(40).collect();
    let quoted = format!("{beginning:?}");
    let quoted = quoted.strip_suffix('"').unwrap_or(&quoted);
    assert!(error.contains(quoted), "{text:?}: {error}");
}
