//! Tests of the job runner in a node and of the program.

mod folder;
#[cfg(unix)]
mod program;
mod runner;
