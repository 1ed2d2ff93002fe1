//! The tests of state machines, rule by rule.

mod book;
mod calls;
mod ends;
mod entering;
mod exits;
mod order;
mod postponing;
mod reports;
mod settings;
mod stage;
mod start;
mod supervised;
mod system;
mod timeouts;
mod transitions;
mod watched;
