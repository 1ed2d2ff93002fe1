//! The vocabulary of histories.
//!
//! | command | what it does |
//! |---|---|
//! | `spawn P` | a new process of this name, which does not trap exits; not if one lives |
//! | `spawn_link P Q`, `spawn_monitor P Q M` | P spawns Q |
//! | `trap P on`, `trap P off` | |
//! | `link P Q`, `unlink P Q` | |
//! | `monitor P Q M`, `monitor P @NAME M`, `demonitor P M` | M is the label of the monitor |
//! | `exit P Q REASON` | P sends Q an exit signal |
//! | `end P REASON`, `crash P` | P ends itself: with this reason, by a panic |
//! | `send P Q WORD`, `send P @NAME WORD` | |
//! | `volley P Q ITEM...` | P sends Q words, and exit signals `!REASON`, in this order |
//! | `register NAME P`, `unregister NAME`, `whereis NAME` | |
//! | `define S STRATEGY INTENSITY AUTO_SHUTDOWN CHILD...` | the specification of supervisor S from its next start on |
//! | `define_dynamic S INTENSITY MAX_CHILDREN` | the same, for a dynamic supervisor |
//! | `start P S` | P starts supervisor S, linked |
//! | `mood C MOOD TIMES` | how child C answers its next starts: fails, panics, ignores, or ends (`normal`) |
//! | `start_child S CHILD` | |
//! | `terminate_child S ID`, `restart_child S ID`, `delete_child S ID` | a dynamic supervisor knows only the first |
//! | `which_children S`, `count_children S`, `stop S REASON` | |
//!
//! A child is `ID/RESTART/TEMPER/SHUTDOWN`, with `/significant` or without. Its temper is `plain`, `trap` (it traps exits)
//! or `stubborn` (and does not end when it is told to), or `sup`: then it is the supervisor that is defined under its
//! id. SHUTDOWN is `brutal`, `infinity` or a number of milliseconds.
//!
//! A name stands for the newest process that has borne it, dead or alive. Children can be told everything that other
//! processes can.

mod spec;

use std::str::FromStr;

use otp_core::supervisor::{AutoShutdown, Strategy};
pub use spec::{Spec, Temper};
use thiserror::Error;

/// One step of a history.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the table above says what they are")]
pub enum Command {
    Spawn(String),
    Order(String, Deed),
    Register(String, String),
    Unregister(String),
    Whereis(String),
    Define(String, Definition),
    DefineDynamic(String, Dynamic),
    Mood(String, Mood, usize),
    Ask(String, Request),
}

/// What a process is told to do.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the table above says what they are")]
pub enum Deed {
    SpawnLink(String),
    SpawnMonitor(String, String),
    Trap(bool),
    Link(String),
    Unlink(String),
    Monitor(Address, String),
    Demonitor(String),
    Exit(String, String),
    End(String),
    Crash,
    Send(Address, String),
    Volley(String, Vec<Item>),
    Start(String),
}

/// The target of a message or a monitor.
#[derive(Debug, Clone, PartialEq)]
pub enum Address {
    /// A process.
    Process(String),
    /// Who is registered under this name.
    Name(String),
}

/// Something that is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A message.
    Word(String),
    /// An exit signal with this reason.
    Exit(String),
}

/// What a supervisor is asked.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the table above says what they are")]
pub enum Request {
    StartChild(Spec),
    TerminateChild(String),
    RestartChild(String),
    DeleteChild(String),
    WhichChildren,
    CountChildren,
    Stop(String),
}

/// How a child answers a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// With an error, `bad`.
    Fails,
    /// With the error `normal`.
    Ends,
    /// By a panic.
    Panics,
    /// It chooses not to start.
    Ignores,
}

/// A supervisor.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the words are OTP's")]
pub struct Definition {
    pub strategy: Strategy,
    pub intensity: usize,
    pub auto_shutdown: AutoShutdown,
    pub children: Vec<Spec>,
}

/// A dynamic supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are OTP's")]
pub struct Dynamic {
    pub intensity: usize,
    pub max_children: usize,
}

/// A text that is no command.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no {1}")]
pub struct ParseError(String, &'static str);

impl FromStr for Command {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let owned = |word: &str| word.to_owned();
        Ok(match words[..] {
            ["spawn", who] => Self::Spawn(owned(who)),
            ["register", name, who] => Self::Register(owned(name), owned(who)),
            ["unregister", name] => Self::Unregister(owned(name)),
            ["whereis", name] => Self::Whereis(owned(name)),
            [
                "define",
                visor,
                strategy,
                intensity,
                auto_shutdown,
                ref children @ ..,
            ] => {
                let definition = Definition {
                    strategy: parse_strategy(strategy)?,
                    intensity: number(intensity)?,
                    auto_shutdown: parse_auto_shutdown(auto_shutdown)?,
                    children: children
                        .iter()
                        .map(|child| child.parse())
                        .collect::<Result<_, _>>()?,
                };
                Self::Define(owned(visor), definition)
            }
            ["define_dynamic", visor, intensity, max_children] => {
                let dynamic = Dynamic {
                    intensity: number(intensity)?,
                    max_children: number(max_children)?,
                };
                Self::DefineDynamic(owned(visor), dynamic)
            }
            ["mood", child, mood, times] => Self::Mood(owned(child), mood.parse()?, number(times)?),
            [_, who, ..] => match (deed(&words), request(&words)) {
                (Some(deed), _) => Self::Order(owned(who), deed?),
                (_, Some(request)) => Self::Ask(owned(who), request?),
                (None, None) => return Err(ParseError(owned(text), "command")),
            },
            _ => return Err(ParseError(owned(text), "command")),
        })
    }
}

fn deed(words: &[&str]) -> Option<Result<Deed, ParseError>> {
    let owned = |word: &str| word.to_owned();
    Some(Ok(match *words {
        ["spawn_link", _, who] => Deed::SpawnLink(owned(who)),
        ["spawn_monitor", _, who, label] => Deed::SpawnMonitor(owned(who), owned(label)),
        ["trap", _, "on"] => Deed::Trap(true),
        ["trap", _, "off"] => Deed::Trap(false),
        ["link", _, to] => Deed::Link(owned(to)),
        ["unlink", _, to] => Deed::Unlink(owned(to)),
        ["monitor", _, to, label] => Deed::Monitor(to.into(), owned(label)),
        ["demonitor", _, label] => Deed::Demonitor(owned(label)),
        ["exit", _, to, reason] => Deed::Exit(owned(to), owned(reason)),
        ["end", _, reason] => Deed::End(owned(reason)),
        ["crash", _] => Deed::Crash,
        ["send", _, to, word] => Deed::Send(to.into(), owned(word)),
        ["volley", _, to, ref items @ ..] => {
            Deed::Volley(owned(to), items.iter().map(|item| (*item).into()).collect())
        }
        ["start", _, visor] => Deed::Start(owned(visor)),
        _ => return None,
    }))
}

fn request(words: &[&str]) -> Option<Result<Request, ParseError>> {
    let owned = |word: &str| word.to_owned();
    Some(Ok(match *words {
        ["start_child", _, spec] => return Some(spec.parse().map(Request::StartChild)),
        ["terminate_child", _, id] => Request::TerminateChild(owned(id)),
        ["restart_child", _, id] => Request::RestartChild(owned(id)),
        ["delete_child", _, id] => Request::DeleteChild(owned(id)),
        ["which_children", _] => Request::WhichChildren,
        ["count_children", _] => Request::CountChildren,
        ["stop", _, reason] => Request::Stop(owned(reason)),
        _ => return None,
    }))
}

impl FromStr for Mood {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(match text {
            "fails" => Self::Fails,
            "ends" => Self::Ends,
            "panics" => Self::Panics,
            "ignores" => Self::Ignores,
            _ => return Err(ParseError(text.to_owned(), "mood")),
        })
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        match text.strip_prefix('@') {
            Some(name) => Self::Name(name.to_owned()),
            None => Self::Process(text.to_owned()),
        }
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        match text.strip_prefix('!') {
            Some(reason) => Self::Exit(reason.to_owned()),
            None => Self::Word(text.to_owned()),
        }
    }
}

fn parse_strategy(text: &str) -> Result<Strategy, ParseError> {
    Ok(match text {
        "one_for_one" => Strategy::OneForOne,
        "one_for_all" => Strategy::OneForAll,
        "rest_for_one" => Strategy::RestForOne,
        _ => return Err(ParseError(text.to_owned(), "strategy")),
    })
}

fn parse_auto_shutdown(text: &str) -> Result<AutoShutdown, ParseError> {
    Ok(match text {
        "never" => AutoShutdown::Never,
        "any_significant" => AutoShutdown::AnySignificant,
        "all_significant" => AutoShutdown::AllSignificant,
        _ => return Err(ParseError(text.to_owned(), "auto_shutdown")),
    })
}

fn number<T: FromStr>(text: &str) -> Result<T, ParseError> {
    text.parse()
        .map_err(|_| ParseError(text.to_owned(), "number"))
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn what_is_no_command_is_refused_by_name() {
        for (text, fault) in [
            ("jump p", "\"jump p\" is no command"),
            ("spawn", "\"spawn\" is no command"),
            ("trap p maybe", "\"trap p maybe\" is no command"),
            ("mood a sad 1", "\"sad\" is no mood"),
            ("mood a fails often", "\"often\" is no number"),
            ("define s all 1 never", "\"all\" is no strategy"),
            (
                "define s one_for_one 1 ever",
                "\"ever\" is no auto_shutdown",
            ),
            ("start_child s a/b", "\"a/b\" is no child"),
            (
                "start_child s a/permanent/stubborn/infinity",
                "\"a/permanent/stubborn/infinity\" is no child that can be stopped",
            ),
        ] {
            let refused = text.parse::<Command>().unwrap_err();
            assert_eq!(refused.to_string(), fault);
        }
    }
}
