//! The command `die`, for programs whose processes can be ordered to die.

use crate::aftermath::Aftermath;
use crate::failure::Failure;
use crate::shell::Shell;
use crate::value::name;
use clap::{Args, value_parser};
use otp_core::Pid;
use std::future::Future;

/// Tells the process of a name to die. The command waits for what supervisors do about its end.
#[derive(Debug, Args)]
pub struct Die {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// Call it, and wait for the answer that cannot come
    #[arg(long, conflicts_with = "times")]
    call: bool,
    /// How often, each time when it is back
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(value_parser = value_parser!(u32).range(1..=1000))]
    times: u32,
}

impl Die {
    /// The name of the process.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Orders the process that `find` returns for the name to die, with `cast` or with `call`.
    ///
    /// # Errors
    ///
    /// That of the call; or the name is that of a process which `find` does not know.
    pub async fn run<C, E>(
        self,
        find: impl Fn() -> Option<Pid>,
        cast: impl Fn(),
        call: impl Fn() -> C,
        shell: &mut Shell,
    ) -> Result<(), Failure>
    where
        C: Future<Output = Result<(), E>>,
        Failure: From<E>,
    {
        let name = &self.name;
        for _ in 0..self.times {
            // So that `await NAME --back` knows which process it was.
            let target = shell.target(name);
            match find() {
                Some(pid) if self.call => Aftermath::of_end(pid, call()).await?,
                None if target.is_ok() => {
                    return Err(Failure::new(format_args!(
                        "{name} understands no such message"
                    )));
                }
                None if self.call => call().await?,
                pid => Aftermath::of_cast(name, pid, &cast, shell).await?,
            }
        }
        Ok(())
    }
}
