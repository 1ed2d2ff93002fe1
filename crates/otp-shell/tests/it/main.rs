//! The shell, around the small program in `examples/demo.rs`.

#[cfg(unix)]
mod endings;
#[cfg(target_os = "linux")]
mod hang_up;
#[cfg(unix)]
mod history;
mod hostile;
mod interrupts;
#[cfg(unix)]
mod job_control;
mod log;
mod mail;
mod modes;
mod observe;
#[cfg(unix)]
mod prompt;
#[cfg(unix)]
mod pty;
mod shell_process;
mod support;
mod waiting;
