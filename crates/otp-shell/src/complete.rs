//! Completions of the word that is being typed.

use crate::grammar;
use crate::line::{self, LastWord, Quotes};
use crate::session::Names;
use crate::unseen;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use otp_core::Node;

/// Knows the grammar, the live processes and the program's own names.
pub(crate) struct Completions {
    grammar: Command,
    node: Node,
    names: Names,
}

/// The completions of a word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// Whole words.
    Words(Vec<String>),
    /// The files that there are.
    Files,
}

impl Completions {
    pub(crate) fn new(mut grammar: Command, node: Node, names: Names) -> Self {
        grammar.build();
        Self {
            grammar,
            node,
            names,
        }
    }

    /// The begin of the text's last word, and its completions.
    pub(crate) fn of(&self, text: &str) -> (usize, Candidates) {
        // Nothing is completed in a comment.
        let Some(begun) = line::last_word(text) else {
            return (text.len(), Candidates::Words(Vec::new()));
        };
        let candidates = match line::words(&text[..begun.start]) {
            Ok(words) => match self.next_word(&words, &begun) {
                Candidates::Words(mut candidates) => {
                    // A complete word stays as it is; any other word is extended.
                    if begun.quotes == Quotes::Closed && !candidates.is_empty() {
                        candidates = vec![text[begun.start..].to_owned()];
                    }
                    candidates.retain(|word| word.starts_with(&text[begun.start..]));
                    Candidates::Words(self.accepted(&words, candidates))
                }
                files => files,
            },
            Err(_) => Candidates::Words(Vec::new()),
        };
        (begun.start, candidates)
    }

    fn next_word(&self, words: &[String], begun: &LastWord) -> Candidates {
        let mut command = &self.grammar;
        let mut given = Vec::new();
        for word in words {
            match command.find_subcommand(word) {
                Some(inner) if given.is_empty() => command = inner,
                _ => given.push(word),
            }
        }
        let hyphen = begun.value.starts_with('-');
        let mut words = if let Some(option) = given.last().and_then(|word| option(command, word)) {
            values(option)
        } else if command.has_subcommands() {
            subcommands(command)
        } else if command.get_name() == "run" && !hyphen {
            return Candidates::Files;
        } else {
            self.arguments(command)
        };
        if hyphen {
            words.extend(flags(command));
        }
        words.retain(|word| match begun.quotes {
            Quotes::Closed => *word == begun.value,
            Quotes::None | Quotes::Open(_) => word.starts_with(&begun.value),
        });
        let quotes = match begun.quotes {
            // A word that begins here is quoted as a whole, if necessary.
            Quotes::None if begun.value.is_empty() => Quotes::Closed,
            quotes => quotes,
        };
        let mut words: Vec<String> = words
            .iter()
            .filter_map(|word| line::quoted(word, quotes))
            .collect();
        words.sort_unstable();
        words.dedup();
        Candidates::Words(words)
    }

    /// Those of the words that the grammar takes after the others: there may be no room for another argument, a number
    /// is expected and not a name, or a character before them cannot be seen.
    fn accepted(&self, before: &[String], mut candidates: Vec<String>) -> Vec<String> {
        let mut grammar = self.grammar.clone();
        candidates.retain(|candidate| {
            let Ok(last) = line::words(candidate) else {
                return false;
            };
            match grammar::matches(&mut grammar, [before, &last].concat()) {
                Ok(matches) => unseen::refuse(&grammar, &matches).is_ok(),
                Err(error) => !is_refused(&error),
            }
        });
        candidates
    }

    /// The values that an argument can have, or else every name that there is.
    fn arguments(&self, command: &Command) -> Vec<String> {
        let fixed: Vec<_> = command.get_positionals().flat_map(values).collect();
        let open = command
            .get_positionals()
            .any(|argument| values(argument).is_empty());
        if !open {
            return fixed;
        }
        let mut words = self.node.registered();
        words.extend(self.names.get());
        words.extend(fixed);
        words
    }
}

/// Whether nothing that may follow could help.
pub(crate) fn is_refused(error: &clap::Error) -> bool {
    // An option without its value counts as one with an empty value.
    let is_begun = error.kind() == ErrorKind::InvalidValue
        && error.get(ContextKind::InvalidValue) == Some(&ContextValue::String(String::new()));
    let is_open = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingRequiredArgument
            | ErrorKind::MissingSubcommand
            | ErrorKind::TooFewValues
            | ErrorKind::WrongNumberOfValues
    );
    !is_begun && !is_open
}

fn subcommands(command: &Command) -> Vec<String> {
    let inner = command.get_subcommands();
    inner.map(|inner| inner.get_name().to_owned()).collect()
}

fn flags(command: &Command) -> Vec<String> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    shown
        .filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
        .collect()
}

/// The option that the word is, if it takes a value.
fn option<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let long = word.strip_prefix("--")?;
    let mut options = command.get_opts();
    options.find(|option| option.get_long() == Some(long))
}

fn values(argument: &Arg) -> Vec<String> {
    let values = argument.get_possible_values().into_iter();
    values.map(|value| value.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Builtin;
    use clap::Subcommand;

    fn check(text: &str, start: usize, expected: &[&str]) {
        let grammar = Builtin::augment_subcommands(Command::new("demo").multicall(true));
        let names = Names::default();
        names.set(
            ["eggs", "soft eggs", "œufs", "bad\u{1b}"]
                .map(str::to_owned)
                .to_vec(),
        );
        let (at, candidates) = Completions::new(grammar, Node::new(), names).of(text);
        let expected = expected.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(at, start, "{text:?}");
        assert_eq!(candidates, Candidates::Words(expected), "{text:?}");
    }

    #[test]
    fn the_first_word_is_a_command() {
        check("mon", 0, &["monitor"]);
        check("  tr", 2, &["trap_exit", "tree"]);
        check("nothing", 0, &[]);
    }

    #[test]
    fn help_knows_the_commands() {
        check("help fl", 5, &["flush"]);
    }

    #[test]
    fn an_argument_is_one_of_its_values_or_a_name() {
        check("trap_exit o", 10, &["off", "on"]);
        check("kill ", 5, &["'soft eggs'", "eggs", "œufs"]);
        check("kill e", 5, &["eggs"]);
    }

    #[test]
    fn a_name_is_completed_in_the_quotes_that_were_typed() {
        check("kill so", 5, &[r"soft\ eggs"]);
        check(r"kill soft\ e", 5, &[r"soft\ eggs"]);
        check("kill 'soft e", 5, &["'soft eggs'"]);
        check("kill \"so", 5, &["\"soft eggs\""]);
        check("kill 'soft eggs'", 5, &["'soft eggs'"]);
        check("kill 'soft'", 5, &[]);
        check("kill œ", 5, &["œufs"]);
        check("kill 'œ", 5, &["'œufs'"]);
        check("kill # so", 9, &[]);
        // It cannot be typed.
        check("kill ba", 5, &[]);
    }

    #[test]
    fn what_the_grammar_would_refuse_is_not_offered() {
        check("sleep ", 6, &[]);
        check("kill eggs normal e", 17, &[]);
        check("monitor eggs e", 13, &[]);
        check("trap_exit on o", 13, &[]);
        check("await eggs --gone --", 18, &["--help", "--limit"]);
        check("nothing e", 8, &[]);
    }

    #[test]
    fn a_flag_begins_with_a_hyphen() {
        check(
            "await eggs --",
            11,
            &["--back", "--gone", "--help", "--limit"],
        );
        check("await --limit ", 14, &[]);
    }

    #[test]
    fn so_does_a_word_where_any_may_stand() {
        let grammar = Builtin::augment_subcommands(Command::new("demo").multicall(true));
        let names = Names::default();
        names.set(vec!["-x".to_owned()]);
        let words = Candidates::Words(vec!["--help".to_owned(), "-x".to_owned()]);
        let completions = Completions::new(grammar, Node::new(), names);
        assert_eq!(completions.of("send self -"), (10, words));
    }

    #[test]
    fn a_script_is_a_file() {
        let grammar = Builtin::augment_subcommands(Command::new("demo").multicall(true));
        let completions = Completions::new(grammar, Node::new(), Names::default());
        assert_eq!(completions.of("run de"), (4, Candidates::Files));
    }
}
