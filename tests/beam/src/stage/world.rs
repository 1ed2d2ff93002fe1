//! What is known of the processes of a history, and what they say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_core::supervisor::{AutoShutdown, Strategy};
use otp_core::{Down, Mailbox, Node, Pid, ProcessRef, ServerRef, process};
use tokio::sync::oneshot;

use super::actor::Message;
use super::child::Child;
use super::words::of_reason;
use crate::command::{Definition, Dynamic, Mood};
use crate::reports::Report;

/// Knows every process of the history, watches all of them, and collects what they say.
///
/// Everything passes through the mailbox of one process, so that the lines stand in the order in which things happened.
#[derive(Clone)]
pub(super) struct World {
    node: Node,
    notes: ProcessRef<Note>,
    state: Arc<Mutex<State>>,
}

/// How a process is told to do something.
#[derive(Clone)]
pub(super) enum Handle {
    Puppet(ProcessRef<Message>),
    Child(ServerRef<Child>),
    /// Supervisors cannot be told to.
    Visor,
    /// Nor can dynamic ones.
    Dynamic,
}

#[derive(Default)]
struct State {
    /// The newest process of each name, and how many there have been.
    newest: HashMap<String, (Pid, u32)>,
    known: HashMap<Pid, (String, Handle)>,
    alive: Vec<Pid>,
    lines: Vec<String>,
    moods: HashMap<String, (Mood, usize)>,
    definitions: HashMap<String, Definition>,
    dynamics: HashMap<String, Dynamic>,
}

enum Note {
    Line(String),
    Enter(Entrance, oneshot::Sender<()>),
    Down(Pid, Down),
}

struct Entrance {
    name: String,
    pid: Pid,
    handle: Handle,
    parent: Option<Pid>,
}

impl World {
    pub(super) fn new() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let kept = state.clone();
        let notes = process::spawn(|mut mailbox: Mailbox<Note>| async move {
            loop {
                let note = mailbox.receive().await;
                listen(&kept, &mut mailbox, note);
            }
        });
        Self {
            node: process::node(),
            notes,
            state,
        }
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    pub(super) fn say(&self, line: impl Into<String>) {
        self.notes.send(Note::Line(line.into()));
    }

    /// Says which report the current process makes, if it is a supervisor.
    pub(super) fn tell(&self, report: Report) {
        // Other kinds of reports have no context.
        let Some(context) = report.context else {
            return;
        };
        let Some(visor) = process::try_current() else {
            return;
        };
        let undefined = || "undefined".to_owned();
        let child = report.child.unwrap_or_else(undefined);
        let pid = report
            .pid
            .map_or_else(undefined, |pid| self.label_of_shown(&pid));
        let visor = self.label(visor);
        self.say(format!("report {visor} {context} {child} {pid}"));
    }

    /// For the current process to introduce itself.
    pub(super) async fn enter(&self, name: &str, handle: Handle, parent: Option<Pid>) {
        self.introduce(process::current(), name, handle, parent)
            .await;
    }

    pub(super) async fn introduce(
        &self,
        pid: Pid,
        name: &str,
        handle: Handle,
        parent: Option<Pid>,
    ) {
        let (done, is_done) = oneshot::channel();
        let entrance = Entrance {
            name: name.to_owned(),
            pid,
            handle,
            parent,
        };
        self.notes.send(Note::Enter(entrance, done));
        is_done.await.expect("the world outlives its processes");
    }

    /// What has been said since this was last asked.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.state().lines)
    }

    pub(super) fn alive(&self) -> Vec<Pid> {
        self.state().alive.clone()
    }

    pub(super) fn label(&self, pid: Pid) -> String {
        self.known(pid).map_or("?".to_owned(), |(label, _)| label)
    }

    /// The label of a process that is known by how its pid is shown.
    pub(super) fn label_of_shown(&self, pid: &str) -> String {
        let state = self.state();
        let mut known = state.known.iter();
        known
            .find(|(other, _)| other.to_string() == pid)
            .map_or("?".to_owned(), |(_, (label, _))| label.clone())
    }

    /// Label and handle; those who are no part of the history have none.
    pub(super) fn known(&self, pid: Pid) -> Option<(String, Handle)> {
        self.state().known.get(&pid).cloned()
    }

    /// The newest process of this name, dead or alive.
    pub(super) fn find(&self, name: &str) -> Option<Pid> {
        self.state().newest.get(name).map(|(pid, _)| *pid)
    }

    pub(super) fn send(&self, pid: Pid, message: Message) {
        match self.known(pid) {
            Some((_, Handle::Puppet(puppet))) => puppet.send(message),
            Some((_, Handle::Child(child))) => child.send(message),
            // A supervisor drops what it does not understand.
            Some((_, Handle::Visor | Handle::Dynamic)) | None => {}
        }
    }

    pub(super) fn define(&self, name: String, definition: Definition) {
        let mut state = self.state();
        state.dynamics.remove(&name);
        state.definitions.insert(name, definition);
    }

    pub(super) fn define_dynamic(&self, name: String, dynamic: Dynamic) {
        self.state().dynamics.insert(name, dynamic);
    }

    /// The specification of this dynamic supervisor, if it is one.
    pub(super) fn dynamic(&self, name: &str) -> Option<Dynamic> {
        self.state().dynamics.get(name).cloned()
    }

    /// The specification of this supervisor; without children if none was given.
    pub(super) fn definition(&self, name: &str) -> Definition {
        let found = self.state().definitions.get(name).cloned();
        found.unwrap_or(Definition {
            strategy: Strategy::OneForOne,
            intensity: 0,
            auto_shutdown: AutoShutdown::Never,
            children: Vec::new(),
        })
    }

    pub(super) fn set_mood(&self, child: String, mood: Mood, times: usize) {
        self.state().moods.insert(child, (mood, times));
    }

    /// What is to come of the next start of this child, if not a process.
    pub(super) fn next_mood(&self, child: &str) -> Option<Mood> {
        match self.state().moods.get_mut(child) {
            Some((mood, times @ 1..)) => {
                *times -= 1;
                Some(*mood)
            }
            _ => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the process of the world does about a note.
fn listen(state: &Mutex<State>, mailbox: &mut Mailbox<Note>, note: Note) {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    match note {
        Note::Line(line) => state.lines.push(line),
        Note::Enter(entrance, done) => {
            let pid = entrance.pid;
            mailbox.monitor(pid, move |down| Note::Down(pid, down));
            state.enter(entrance);
            // If it has died meanwhile, its DOWN is here already.
            let _ = done.send(());
        }
        Note::Down(pid, down) => {
            state.alive.retain(|other| *other != pid);
            let label = &state.known[&pid].0;
            let line = format!("dead {label} {}", of_reason(&down.reason));
            state.lines.push(line);
        }
    }
}

impl State {
    fn enter(&mut self, entrance: Entrance) {
        let Entrance {
            name,
            pid,
            handle,
            parent,
        } = entrance;
        let n = self.newest.get(&name).map_or(1, |(_, n)| n + 1);
        let label = format!("{name}#{n}");
        let parent = match parent.and_then(|parent| self.known.get(&parent)) {
            Some((label, _)) => label,
            None => "-",
        };
        let kind = match handle {
            Handle::Puppet(_) => "puppet",
            Handle::Child(_) => "child",
            Handle::Visor => "visor",
            Handle::Dynamic => "dynamic",
        };
        self.lines.push(format!("start {label} {parent} {kind}"));
        self.newest.insert(name, (pid, n));
        self.known.insert(pid, (label, handle));
        self.alive.push(pid);
    }
}
