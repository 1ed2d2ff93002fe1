//! A machine that does what a text says.
//!
//! A line of a book is `state event: action; action`, with `*` for any state; the first line that fits counts, and an event
//! without a line keeps the state. The lines `init: …` and `state enter: …` are for those two. An event is known by its name,
//! whatever its kind.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::state_machine::Due;
use otp_core::test::Probe;

pub(crate) type State = String;

/// The name of a time-out: `t`, or `t#new` with something in it that is not compared.
#[derive(Debug, Clone, Eq)]
pub(crate) struct Bell(pub(crate) String);

impl Bell {
    fn name(&self) -> &str {
        self.0.split('#').next().expect("a text has a first part")
    }
}

impl PartialEq for Bell {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Hash for Bell {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.name().hash(hasher);
    }
}

#[derive(Debug)]
pub(crate) struct Ask(pub(crate) String, pub(crate) ReplyTo<String>);

#[derive(Clone)]
pub(crate) struct Book {
    lines: Vec<(String, Vec<String>)>,
    pub(crate) probe: Probe<String>,
    /// The state in which the machine starts.
    pub(crate) first: String,
    pub(crate) traps: bool,
}

impl Book {
    pub(crate) fn new(text: &str, probe: &Probe<String>) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = |line: &str| {
            let (key, actions) = line.split_once(':').expect("a line has a colon");
            let actions = actions.split(';').map(|action| action.trim().to_owned());
            (key.trim().to_owned(), actions.collect())
        };
        Self {
            lines: lines.map(line).collect(),
            probe: probe.clone(),
            first: "a".to_owned(),
            traps: false,
        }
    }

    fn actions(&self, state: &str, event: &str) -> Vec<String> {
        let keys = [format!("{state} {event}"), format!("* {event}")];
        let fits = |key: &String| keys.contains(key);
        let line = self.lines.iter().find(|(key, _)| fits(key));
        line.map(|(_, actions)| actions.clone()).unwrap_or_default()
    }

    fn first_actions(&self) -> Vec<String> {
        let line = self.lines.iter().find(|(key, _)| key == "init");
        line.map(|(_, actions)| actions.clone()).unwrap_or_default()
    }
}

pub(crate) struct Player {
    pub(crate) book: Book,
    pub(crate) count: u32,
    held: Vec<Ask>,
}

/// Words of an action.
struct Words(Vec<String>);

impl Words {
    fn of(action: &str) -> Self {
        Self(action.split_whitespace().map(str::to_owned).collect())
    }

    fn get(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |word| word)
    }

    fn due(&self) -> Due {
        match self.get(2) {
            "never" => Due::Never,
            "update" => Due::Update,
            "past" => Due::At(tokio::time::Instant::now()),
            number => {
                let millis = number.parse().expect("a number of milliseconds");
                Due::After(Duration::from_millis(millis))
            }
        }
    }

    fn bell(&self) -> Bell {
        Bell(self.get(1).to_owned())
    }
}

fn reason(text: &str) -> ExitReason {
    match text {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        other => ExitReason::other(other.to_owned()),
    }
}

impl Player {
    pub(crate) fn with_book(book: Book) -> Self {
        Self {
            book,
            count: 0,
            held: Vec::new(),
        }
    }

    fn say(&self, line: String) {
        self.book.probe.report(line);
    }

    async fn plain(&mut self, words: &Words) {
        match words.get(0) {
            "add" => self.count += 1,
            "panic" => panic!("{}", words.get(1)),
            "exit" => otp_core::process::exit_self(reason(words.get(1))),
            "wait" => tokio::time::sleep(Duration::from_millis(50)).await,
            "answer" => {
                let at = self.held.iter().position(|ask| ask.0 == words.get(1));
                let Ask(_, from) = self.held.remove(at.expect("it is held"));
                from.send(words.get(2).to_owned());
            }
            "flood" => unreachable!("only tests of what has no end know it"),
            _ => {}
        }
    }
}

pub(crate) fn name(event: &Event<Player>) -> &str {
    match event {
        Event::Call(Ask(name, _)) => name,
        Event::Cast(name) | Event::Internal(name) | Event::Info(name) => name,
        Event::Timeout(bell) => &bell.0,
        Event::Down(_) => "DOWN",
        Event::Exit(_) => "EXIT",
    }
}

pub(crate) fn kind(event: &Event<Player>) -> &'static str {
    match event {
        Event::Call(_) => "call",
        Event::Cast(_) => "cast",
        Event::Info(_) | Event::Down(_) | Event::Exit(_) => "info",
        Event::Internal(_) => "internal",
        Event::Timeout(_) => "timeout",
    }
}

#[state_machine]
impl StateMachine for Player {
    type Args = Book;
    type State = State;
    type Call = Ask;
    type Cast = String;
    type Info = String;
    type Internal = String;
    type Timer = Bell;

    async fn init(book: Book, context: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
        context.trap_exit(book.traps);
        let (first, actions) = (book.first.clone(), book.first_actions());
        let player = Self::with_book(book);
        let mut initial = Initial::state(first, player);
        for action in actions {
            let words = Words::of(&action);
            initial = match words.get(0) {
                "ignore" => return Ok(Initial::ignore()),
                "error" => return Ok(Initial::error(reason(words.get(1)))),
                "stop" => return Err(reason(words.get(1)).into()),
                "panic" => panic!("{}", words.get(1)),
                "pause" => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    initial
                }
                "insert" => initial.insert(words.get(1).to_owned()),
                "insert_cast" => initial.insert_event(Event::Cast(words.get(1).to_owned())),
                "timeout" => initial.timeout(words.bell(), words.due()),
                "state_timeout" => initial.state_timeout(words.bell(), words.due()),
                "event_timeout" => initial.event_timeout(words.bell(), words.due()),
                "hibernate" => initial.hibernate(),
                other => panic!("an unknown action {other}"),
            };
        }
        Ok(initial)
    }

    async fn handle(
        &mut self,
        state: &State,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Transition<Self>, Stop> {
        let unwanted = match &event {
            Event::Call(Ask(_, from)) if !from.is_wanted() => ", given up",
            _ => "",
        };
        let (kind, named) = (kind(&event), name(&event));
        self.say(format!("{state} {kind} {named}{unwanted}"));
        let actions = self.book.actions(state, name(&event));
        let mut transition = Transition::keep();
        for action in &actions {
            let words = Words::of(action);
            match words.get(0) {
                "next" => transition = Transition::next(words.get(1).to_owned()),
                "repeat" => transition = Transition::repeat(),
                "stop" => transition = Transition::stop(reason(words.get(1))),
                "fail" => Err(words.get(1).to_owned())?,
                _ => self.plain(&words).await,
            }
        }
        let mut event = Some(event);
        for action in &actions {
            let words = Words::of(action);
            transition = match words.get(0) {
                "reply" => match event.take() {
                    Some(Event::Call(Ask(_, from))) => {
                        transition.reply(from, words.get(1).to_owned())
                    }
                    other => panic!("no call to answer: {other:?}"),
                },
                "reply_held" => {
                    let Ask(_, from) = self.held.remove(0);
                    transition.reply(from, words.get(1).to_owned())
                }
                "hold" => {
                    if let Some(Event::Call(ask)) = event.take() {
                        self.held.push(ask);
                    }
                    transition
                }
                "postpone_cast" => transition.postpone(Event::Cast(words.get(1).to_owned())),
                "postpone" => transition.postpone(event.take().expect("the event is there")),
                "insert" => transition.insert(words.get(1).to_owned()),
                "insert_cast" => transition.insert_event(Event::Cast(words.get(1).to_owned())),
                "insert_bell" => transition.insert_event(Event::Timeout(words.bell())),
                "insert_it" => transition.insert_event(event.take().expect("the event is there")),
                "timeout" => transition.timeout(words.bell(), words.due()),
                "state_timeout" => transition.state_timeout(words.bell(), words.due()),
                "event_timeout" => transition.event_timeout(words.bell(), words.due()),
                "cancel" => transition.cancel_timeout(words.bell()),
                "hibernate" => transition.hibernate(),
                _ => transition,
            };
        }
        Ok(transition)
    }

    async fn enter(
        &mut self,
        state: &State,
        from: &State,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Entered<Self>, Stop> {
        let actions = self.book.actions(state, "enter");
        if actions.is_empty() {
            return Ok(Entered::done());
        }
        self.say(format!("{state} enter from {from}"));
        let mut entered = Entered::done();
        for action in &actions {
            let words = Words::of(action);
            match words.get(0) {
                "again" if self.count < 2 => {
                    self.count += 1;
                    entered = Entered::again();
                }
                "forever" => entered = Entered::again(),
                "stop" => entered = Entered::stop(reason(words.get(1))),
                "fail" => Err(words.get(1).to_owned())?,
                _ => self.plain(&words).await,
            }
        }
        for action in &actions {
            let words = Words::of(action);
            entered = match words.get(0) {
                "reply_held" => {
                    let Ask(_, from) = self.held.remove(0);
                    entered.reply(from, words.get(1).to_owned())
                }
                "timeout" => entered.timeout(words.bell(), words.due()),
                "state_timeout" => entered.state_timeout(words.bell(), words.due()),
                "event_timeout" => entered.event_timeout(words.bell(), words.due()),
                "cancel" => entered.cancel_timeout(words.bell()),
                "hibernate" => entered.hibernate(),
                _ => entered,
            };
        }
        Ok(entered)
    }

    async fn terminate(
        &mut self,
        state: &State,
        reason: &ExitReason,
        _: &mut Context<Machine<Self>>,
    ) {
        self.say(format!("terminate in {state}, n={}: {reason}", self.count));
        for action in self.book.actions(state, "terminate") {
            self.plain(&Words::of(&action)).await;
        }
    }

    fn format_status(&self, state: &State, status: &mut otp_core::gen_server::Status) {
        assert!(
            self.book.actions(state, "format").is_empty(),
            "it is secret"
        );
        status.state = Some(format!("{state}, n={}", self.count));
    }

    fn format_event(event: &Event<Self>) -> Option<String> {
        Some(name(event).to_owned())
    }
}
