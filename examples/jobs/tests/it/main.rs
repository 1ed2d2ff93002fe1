//! The job runner from outside: in a node, and as a program.

mod folder;
#[cfg(unix)]
mod program;
mod runner;
