//! A counter as its users see it.

use crate::counter::boundary::{Call, Cast, Server};
use otp_core::prelude::*;
use otp_core::process;

/// Whichever counter has a name, looked up each time.
#[derive(Debug, Clone)]
pub struct CounterServer {
    server: ServerName<Server>,
}

impl CounterServer {
    /// The counter of this name.
    pub fn named(name: impl Into<Name>) -> Self {
        Self {
            server: ServerName::new(name),
        }
    }

    /// Starts it at this count, linked to the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is taken.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn start_link(&self, count: u64) -> Result<Pid, StartError> {
        let options = Server::options().name(self.server.name().clone());
        Ok(options.start_link(count).await?.pid())
    }

    /// Whether there is a counter of this name.
    pub fn is_running(&self) -> bool {
        self.server.whereis().is_some()
    }

    /// Counts one more, and does not wait for it. Without a counter it is lost.
    pub fn inc(&self) {
        self.server.cast(Cast::Inc);
    }

    /// The count.
    ///
    /// # Errors
    ///
    /// [`CallError`] if there is no counter, or no answer.
    pub async fn state(&self) -> Result<u64, CallError> {
        self.server.call(Call::State).await
    }

    /// Starts so many clients, each a process that counts so often, and returns when all of them have said what they had to.
    ///
    /// What they have sent is in the counter's mailbox then: a question that is asked afterwards comes behind it.
    pub async fn stress(&self, clients: usize, each: usize) {
        let clients: Vec<ProcessRef<Never>> =
            (0..clients).map(|_| self.clone().client(each)).collect();
        for client in clients {
            client.wait().await;
        }
    }

    fn client(self, times: usize) -> ProcessRef<Never> {
        process::spawn(async move |_: Mailbox<Never>| {
            for _ in 0..times {
                self.inc();
                // All clients at once, not one after the other.
                tokio::task::yield_now().await;
            }
        })
    }
}
