//! What has happened, in words that do not depend on the side that tells it.
//!
//! | line | meaning |
//! |---|---|
//! | `> COMMAND` | a step begins |
//! | `reply WHO WORDS` | what came of a command, told by who carried it out; `-` is the director |
//! | `start P#N PARENT KIND` | the N-th process of this name; KIND is puppet, child, visor or dynamic |
//! | `refuse C PARENT MOOD` | a child did not start |
//! | `terminate C#N REASON` | its terminate runs |
//! | `dead P#N REASON` | |
//! | `report S#N CONTEXT ID C#N` | supervisor S makes an error report about a child, which is or was this process |
//! | `exit P#N FROM REASON`, `down P#N LABEL WHAT REASON`, `word P#N FROM WORD` | what a process has received |
//! | `look P#N SEEN` | what can be seen of it now, if it is not what was seen before |
//!
//! Both sides write these lines as things happen. OTP does not promise every order in which they come, so that
//! [`Trace::of`] puts in order, or leaves out, what may be one way or the other.

use std::collections::{BTreeMap, BTreeSet};

/// A history as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What each command brought about.
    pub steps: Vec<Step>,
}

/// A command and what it brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command.
    pub command: String,
    /// What has happened.
    pub lines: Vec<String>,
}

impl Trace {
    /// Puts the lines that one side has written into the order in which they can be compared.
    #[must_use]
    pub fn of(lines: &[String]) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        for line in lines {
            match (line.strip_prefix("> "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    command: command.to_owned(),
                    lines: Vec::new(),
                }),
                (None, Some(step)) => step.lines.push(line.clone()),
                (None, None) => {}
            }
        }
        let mut families = Families::default();
        for step in &mut steps {
            step.lines = families.sort(&step.lines);
        }
        Self { steps }
    }
}

/// Who is whose child; over the whole history.
#[derive(Default)]
struct Families {
    supervisors: BTreeSet<String>,
    /// Those among them that stop all their children at the same time.
    dynamic: BTreeSet<String>,
    /// The supervisor of each supervised process, by their labels.
    parents: BTreeMap<String, String>,
    alive: BTreeSet<String>,
}

/// What has become of a step's lines.
#[derive(Default)]
struct Sorted {
    replies: Vec<String>,
    /// With what they are sorted by.
    heard: Vec<((String, bool, String), String)>,
    /// Of processes outside of all supervision trees.
    free: Vec<String>,
    trees: BTreeMap<String, Vec<String>>,
    /// The trees in which a supervisor has died and left children behind, or has stopped all of them at once.
    unordered: BTreeSet<String>,
    looks: Vec<String>,
}

impl Families {
    fn sort(&mut self, lines: &[String]) -> Vec<String> {
        let dead: BTreeSet<&str> = lines
            .iter()
            .filter_map(|line| line.strip_prefix("dead ")?.split(' ').next())
            .collect();
        let mut sorted = Sorted::default();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                // What a process that dies in this step had done before is a matter of speed.
                ["reply" | "exit" | "down" | "word", who, ..] if dead.contains(who) => {}
                ["reply", ..] => sorted.replies.push(line.clone()),
                // An order is promised for what comes from one sender; but not for what comes from its death.
                [kind @ ("exit" | "word" | "down"), who, from, ..] => {
                    let key = (who.to_owned(), kind == "down", from.to_owned());
                    sorted.heard.push((key, line.clone()));
                }
                // A child that had unlinked itself and has ended before is told to stop. OTP cannot know why it had ended,
                // and reports `noproc`; otp-core does know, and reports that if it is worth it.
                ["report", _, "shutdown_error", id, _]
                    if !dead.iter().any(|who| is_of(id, who)) => {}
                ["look", ..] => sorted.looks.push(line.clone()),
                _ => self.life(&words, line, &mut sorted),
            }
        }
        sorted.into_lines()
    }

    /// A process has started, or not, or it ends.
    fn life(&mut self, words: &[&str], line: &str, sorted: &mut Sorted) {
        let tree = match *words {
            ["start", who, parent, kind] => {
                self.alive.insert(who.to_owned());
                if kind == "visor" || kind == "dynamic" {
                    self.supervisors.insert(who.to_owned());
                }
                if kind == "dynamic" {
                    self.dynamic.insert(who.to_owned());
                }
                if kind != "puppet" && self.supervisors.contains(parent) {
                    self.parents.insert(who.to_owned(), parent.to_owned());
                }
                self.tree(who)
            }
            ["refuse", _, parent, _] => self.tree(parent),
            ["dead", who, ..] => {
                self.alive.remove(who);
                let tree = self.tree(who);
                let is_left = |(child, parent): (&String, &String)| {
                    parent == who && self.alive.contains(child)
                };
                if self.dynamic.contains(who) || self.parents.iter().any(is_left) {
                    sorted.unordered.extend(tree.clone());
                }
                tree
            }
            [_, who, ..] => self.tree(who),
            _ => None,
        };
        match tree {
            Some(tree) => sorted.trees.entry(tree).or_default().push(line.to_owned()),
            None => sorted.free.push(line.to_owned()),
        }
    }

    /// The topmost supervisor above this process.
    fn tree(&self, who: &str) -> Option<String> {
        match self.parents.get(who) {
            Some(parent) => self.tree(parent),
            None => self.supervisors.get(who).cloned(),
        }
    }
}

/// Whether this process is the child with this id; those of a dynamic supervisor have none.
fn is_of(id: &str, who: &str) -> bool {
    id == "undefined" || who.split('#').next() == Some(id)
}

impl Sorted {
    fn into_lines(mut self) -> Vec<String> {
        let mut lines = self.replies;
        // Stable: what one sender has sent stays in its order.
        self.heard.sort_by(|(a, _), (b, _)| a.cmp(b));
        lines.extend(self.heard.into_iter().map(|(_, line)| line));
        self.free.sort();
        lines.append(&mut self.free);
        for (tree, mut events) in self.trees {
            // Children whose supervisor has died end while its successor starts.
            if self.unordered.contains(&tree) {
                events.sort();
            }
            lines.append(&mut events);
        }
        self.looks.sort();
        lines.append(&mut self.looks);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::Trace;

    /// The state of the last step's lines.
    #[track_caller]
    fn check(lines: &str, expected: &[&str]) {
        let lines: Vec<String> = lines.lines().map(|line| line.trim().to_owned()).collect();
        let trace = Trace::of(&lines);
        assert_eq!(trace.steps.last().unwrap().lines, expected);
    }

    #[test]
    fn what_a_supervisor_does_stays_in_its_order() {
        check(
            "> start h s
             start s#1 h#1 visor
             start b#1 s#1 child
             start a#1 s#1 child
             > crash b
             terminate b#1 panic
             dead b#1 panic
             dead a#1 shutdown
             start b#2 s#1 child",
            &[
                "terminate b#1 panic",
                "dead b#1 panic",
                "dead a#1 shutdown",
                "start b#2 s#1 child",
            ],
        );
    }

    #[test]
    fn orphans_end_in_any_order() {
        check(
            "> start h s
             start s#1 h#1 visor
             start b#1 s#1 child
             start a#1 s#1 child
             > exit h s kill
             dead s#1 killed
             dead b#1 killed
             dead a#1 killed",
            &["dead a#1 killed", "dead b#1 killed", "dead s#1 killed"],
        );
    }

    #[test]
    fn what_one_sender_sends_stays_in_its_order_and_what_many_send_is_sorted() {
        check(
            "> x
             word w#1 q#1 first
             exit w#1 p#1 second
             word w#1 p#1 first
             down w#1 m p#1 boom
             word w#1 q#1 a",
            &[
                "exit w#1 p#1 second",
                "word w#1 p#1 first",
                "word w#1 q#1 first",
                "word w#1 q#1 a",
                "down w#1 m p#1 boom",
            ],
        );
    }

    #[test]
    fn what_the_dead_have_heard_and_said_is_left_out() {
        check(
            "> x
             word p#1 q#1 hello
             reply p#1 true
             dead p#1 boom
             reply - ok",
            &["reply - ok", "dead p#1 boom"],
        );
    }
}
