//! What the word that is being typed could become.

use crate::line;
use crate::session::Names;
use clap::{Arg, Command};
use otp_core::Node;

/// Knows the grammar, the live processes and the program's own names.
pub(crate) struct Completions {
    grammar: Command,
    node: Node,
    names: Names,
}

/// What a word is completed with.
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

    /// Where the last word of the text begins, and what it could become.
    pub(crate) fn of(&self, text: &str) -> (usize, Candidates) {
        let start = text.rfind(char::is_whitespace).map_or(0, |at| {
            at + text[at..].chars().next().map_or(0, char::len_utf8)
        });
        let (before, begun) = text.split_at(start);
        let candidates = match line::words(before) {
            Ok(words) => self.next_word(&words, begun),
            // Inside quotes anything may come.
            Err(_) => Candidates::Words(Vec::new()),
        };
        (start, candidates)
    }

    fn next_word(&self, words: &[String], begun: &str) -> Candidates {
        let mut command = &self.grammar;
        let mut given = Vec::new();
        for word in words {
            match command.find_subcommand(word) {
                Some(inner) if given.is_empty() => command = inner,
                _ => given.push(word),
            }
        }
        let mut words = if begun.starts_with('-') {
            flags(command)
        } else if let Some(option) = given.last().and_then(|word| option(command, word)) {
            values(option)
        } else if command.has_subcommands() {
            subcommands(command)
        } else if command.get_name() == "run" {
            return Candidates::Files;
        } else {
            self.arguments(command)
        };
        words.retain(|word| word.starts_with(begun));
        words.sort_unstable();
        words.dedup();
        Candidates::Words(words)
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
        let words = words.into_iter().filter_map(|name| quoted(&name));
        words.chain(fixed).collect()
    }
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

/// A name as it must be typed.
fn quoted(name: &str) -> Option<String> {
    let quoted = shlex::try_quote(name).ok()?;
    Some(quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Builtin;
    use clap::Subcommand;

    fn check(text: &str, start: usize, expected: &[&str]) {
        let grammar = Builtin::augment_subcommands(Command::new("demo").multicall(true));
        let names = Names::default();
        names.set(vec!["eggs".to_owned(), "soft eggs".to_owned()]);
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
        check("kill ", 5, &["'soft eggs'", "eggs"]);
        check("kill e", 5, &["eggs"]);
        check("kill 'soft e", 11, &[]);
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
    fn a_script_is_a_file() {
        let grammar = Builtin::augment_subcommands(Command::new("demo").multicall(true));
        let completions = Completions::new(grammar, Node::new(), Names::default());
        assert_eq!(completions.of("run de"), (4, Candidates::Files));
    }
}
