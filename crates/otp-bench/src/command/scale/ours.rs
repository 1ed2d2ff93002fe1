//! The servers under one dynamic supervisor.

use std::io;
use std::time::Duration;

use otp_core::gen_server::Envelope;
use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, process};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::bar::Bar;
use super::life::{Life, Phase};
use crate::cost::Stopwatch;
use crate::memory;
use crate::server::{Adder, Call};

/// Nothing that ends many servers at once takes longer, unless one of them does not end.
const LIMIT: Duration = Duration::from_secs(600);

/// Lets so many servers live and die, and looks that they do.
///
/// # Errors
///
/// Says what was not as it should be.
pub(super) fn live(runtime: &Runtime, servers: u64, bar: &Bar) -> io::Result<Life> {
    let before = memory::resident()?;
    let node = Node::new();
    let bar = bar.clone();
    let client = node.run_with(move |mailbox| {
        Client {
            mailbox,
            bar,
            servers,
        }
        .live(before)
    });
    let life = runtime.block_on(client);
    let mut life = life.map_err(|reason| failed("the client", &reason))??;
    check(
        "processes on the node at the end",
        node.processes().len(),
        0,
    )?;
    drop(node);
    life.left = memory::resident()?.saturating_sub(before);
    Ok(life)
}

/// The process that does it all to them.
struct Client {
    mailbox: Mailbox<Down>,
    bar: Bar,
    servers: u64,
}

impl Client {
    async fn live(mut self, before: u64) -> io::Result<Life> {
        let mut life = Life::default();
        let supervisor = DynamicSupervisor::new().start_link().await;
        let supervisor = supervisor.map_err(|error| failed("the supervisor", &error))?;

        let watch = self.begin(Phase::Start);
        let mut running = self.start(&supervisor).await?;
        life.enter(Phase::Start, watch.stop());

        let watch = self.begin(Phase::Call);
        let answered = self.call(&running).await;
        life.enter(Phase::Call, watch.stop());
        check("calls answered", answered, running.len())?;
        life.grown = memory::resident()?.saturating_sub(before);

        let watch = self.begin(Phase::Kill);
        let deaths = self.kill(&mut running).await;
        // It hears of a death before we do, and answers when it has forgotten them all.
        let counts = supervisor.count_children().await;
        life.enter(Phase::Kill, watch.stop());
        let counts = counts.map_err(|error| failed("the supervisor", &error))?;
        check("deaths seen", deaths, answered / 2)?;
        check("children counted", counts.specs, running.len())?;
        check("children counted active", counts.active, running.len())?;
        // With the supervisor and this one.
        let processes = process::node().processes().len();
        check("processes on the node", processes, running.len() + 2)?;

        drop(running);
        let watch = self.begin(Phase::Stop);
        let stopped = supervisor
            .stop_with(ExitReason::Normal)
            .timeout(LIMIT)
            .await;
        life.enter(Phase::Stop, watch.stop());
        stopped.map_err(|error| failed("the stop of the supervisor", &error))?;
        Ok(life)
    }

    fn begin(&self, phase: Phase) -> Stopwatch {
        self.bar.begin(phase, self.servers);
        Stopwatch::start()
    }

    async fn start(
        &mut self,
        supervisor: &DynamicSupervisorRef,
    ) -> io::Result<Vec<ServerRef<Adder>>> {
        let node = process::node();
        let mut running = Vec::new();
        for number in 0..self.servers {
            let spec = ChildSpec::worker("server", move || Adder::start_link(number))
                .restart(Restart::Temporary);
            let child = supervisor.start_child(spec).await;
            let child = child.map_err(|error| failed("a start", &error))?;
            let server = child
                .pid()
                .and_then(|pid| node.process_ref::<Envelope<Adder>>(pid));
            let server = server.ok_or_else(|| failed("a start", &"no such process"))?;
            running.push(server.into());
            self.bar.show(number);
        }
        Ok(running)
    }

    /// How many answer rightly: each began with its own number.
    async fn call(&mut self, running: &[ServerRef<Adder>]) -> usize {
        let mut answered = 0;
        for (number, server) in (0..).zip(running) {
            let answer = server.call(|from| Call::Total(1, from)).await;
            answered += usize::from(answer == Ok(number + 1));
            self.bar.show(number);
        }
        answered
    }

    /// Kills every second one, and keeps the others; how many were seen to be killed.
    async fn kill(&mut self, running: &mut Vec<ServerRef<Adder>>) -> usize {
        let all = running.len();
        let mut is_spared = false;
        running.retain(|server| {
            is_spared = !is_spared;
            if !is_spared {
                self.mailbox.monitor(server, |down| down);
                process::exit(server, ExitReason::Kill);
            }
            is_spared
        });
        let mut killed = 0;
        let deaths = async {
            for seen in 0..all - running.len() {
                let down = self.mailbox.receive().await;
                killed += usize::from(down.reason == ExitReason::Killed);
                self.bar.show(seen as u64);
            }
        };
        // In vain only when one has not ended: the number tells.
        let _ = timeout(LIMIT, deaths).await;
        killed
    }
}

/// That there are as many of something as there should be.
fn check(what: &str, found: usize, expected: usize) -> io::Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{what}: {found}, expected {expected}"
    )))
}

fn failed(what: &str, why: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("{what} failed: {why}"))
}

#[cfg(test)]
mod tests {
    use otp_core::prelude::*;

    use super::{Bar, Client, check, live};
    use crate::cli::Side;
    use crate::command::scale::life::Phase;
    use crate::runtime::RuntimeKind;

    const RUNTIME: RuntimeKind = RuntimeKind::CurrentThread;

    #[test]
    fn a_life_without_trouble_costs_something_in_each_phase() {
        let bar = Bar::new(RUNTIME, Side::Ours);
        let life = live(&RUNTIME.build(), 7, &bar).unwrap();
        for phase in Phase::ALL {
            assert!(!life.cost(phase).wall.is_zero(), "{phase:?}");
        }
    }

    #[test]
    fn a_server_that_has_ended_by_itself_neither_answers_nor_counts_as_killed() {
        let client = Node::new().run_with(|mailbox| async {
            let bar = Bar::new(RUNTIME, Side::Ours);
            let servers = 7;
            let mut client = Client {
                mailbox,
                bar,
                servers,
            };
            let supervisor = DynamicSupervisor::new().start_link().await.unwrap();
            let mut running = client.start(&supervisor).await.unwrap();
            let all_answered = client.call(&running).await;
            // One of those whose turn it would be.
            running[3].stop().await.unwrap();
            let answered = client.call(&running).await;
            let killed = client.kill(&mut running).await;
            let counts = supervisor.count_children().await.unwrap();
            (all_answered, answered, killed, running.len(), counts.active)
        });
        // The second time each is one further, so that no answer is as expected.
        assert_eq!(RUNTIME.build().block_on(client), Ok((7, 0, 2, 4, 4)));
    }

    #[test]
    fn what_is_not_as_expected_is_named() {
        assert!(check("deaths seen", 5, 5).is_ok());
        let error = check("deaths seen", 4, 5).unwrap_err();
        assert_eq!(error.to_string(), "deaths seen: 4, expected 5");
    }
}
