//! The shell, around the small program in `examples/demo.rs`.

mod hostile;
mod interrupts;
mod log;
mod mail;
mod modes;
#[cfg(unix)]
mod prompt;
mod shell_process;
mod support;
mod waiting;
