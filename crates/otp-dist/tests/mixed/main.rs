//! A cluster of three nodes of ours and two BEAMs, each on a host of its own, to which everything happens that happens to clusters. After each
//! fault everything has to be as if it had not been, and each link and monitor has fired once.
//!
//! A test run plays some of the faults, for half a minute. `just soak-cluster 0` plays one of each kind, and `just soak-cluster 10 7` goes on at
//! random for ten minutes. It needs root on Linux, and Erlang.

mod host;
mod judge;
mod member;
mod net;

use std::env;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{Instant, sleep};

use self::host::Hosts;
use self::net::tell;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    /// A host and all others do not hear each other.
    Alone,
    /// Nothing of what a host sends arrives, or nothing of what is sent to it.
    Deaf,
    Mute,
    /// Two hosts do not hear each other; all others hear both.
    Pair,
    /// Two hosts hear each other at times, and at times not.
    Flaky,
    /// A quarter of what a host sends is lost.
    Lossy,
    /// What a host sends comes late.
    Slow,
    /// A program stands still.
    Stop,
    /// A program ends without a word, and starts anew.
    Kill,
    /// The clock of a host jumps, an hour back or forth.
    Clock,
}

const ALL: [Trouble; 10] = [
    Trouble::Kill,
    Trouble::Alone,
    Trouble::Stop,
    Trouble::Lossy,
    Trouble::Pair,
    Trouble::Deaf,
    Trouble::Mute,
    Trouble::Flaky,
    Trouble::Slow,
    Trouble::Clock,
];

/// For how long faults begin where nothing is said.
const SHORT: Duration = Duration::from_secs(15);

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is {text:?}: expected a number")))
}

impl Hosts {
    async fn suffer(&mut self, trouble: Trouble, rng: &mut Rng) {
        let count = self.members.len();
        let one = rng.usize(..count);
        let other = (one + rng.usize(1..count)) % count;
        let others = (0..count).filter(|it| *it != one);
        // Some are noticed before they end, and some are not.
        let long = Duration::from_millis(rng.u64(1_000..3 * 1_000 * member::TICK));
        match trouble {
            Trouble::Alone => others.for_each(|other| {
                self.net.cut(one, other);
                self.net.cut(other, one);
            }),
            Trouble::Deaf => others.for_each(|other| self.net.cut(other, one)),
            Trouble::Mute => others.for_each(|other| self.net.cut(one, other)),
            Trouble::Pair => {
                self.net.cut(one, other);
                self.net.cut(other, one);
            }
            Trouble::Flaky => {
                let end = Instant::now() + long;
                while Instant::now() < end {
                    self.net.cut(one, other);
                    sleep(Duration::from_millis(rng.u64(10..300))).await;
                    self.net.mend(one, other);
                    sleep(Duration::from_millis(rng.u64(10..300))).await;
                }
            }
            Trouble::Lossy => {
                if !self.net.lose(one) {
                    tell("skipped: there is no iptables, nothing is lost by chance");
                }
            }
            Trouble::Slow => {
                if !self.net.slow(one) {
                    tell("skipped: the system delays nothing");
                }
            }
            Trouble::Stop => {
                net::signal(self.members[one].id(), "STOP");
                sleep(long).await;
                net::signal(self.members[one].id(), "CONT");
            }
            Trouble::Kill => {
                self.members[one].kill().await;
                if rng.bool() {
                    sleep(long).await;
                }
                self.restart(one).await;
            }
            Trouble::Clock => self.turn_clock(one, ["-3600", "+3600"][rng.usize(..2)]),
        }
        if !matches!(trouble, Trouble::Flaky | Trouble::Stop | Trouble::Kill) {
            sleep(long).await;
        }
        self.net.heal();
        let name = &self.members[one].name;
        tell(&format!("{trouble:?} for {long:?}: {name}"));
    }
}

// DST-033
#[tokio::test]
async fn a_mixed_cluster_comes_together_after_whatever_happens() {
    let Some(mut hosts) = Hosts::start().await else {
        return;
    };
    hosts.converge().await;
    hosts.remember().await;
    let minutes = number("OTP_MINUTES");
    let mut rng = Rng::with_seed(number("OTP_SEED").unwrap_or(1));
    let time = minutes.map_or(SHORT, |minutes| Duration::from_secs(60 * minutes));
    let end = Instant::now() + time;
    let mut rounds = 0;
    for trouble in ALL {
        if minutes.is_none() && Instant::now() > end {
            break;
        }
        hosts.suffer(trouble, &mut rng).await;
        hosts.converge().await;
        rounds += 1;
    }
    while Instant::now() < end {
        let trouble = ALL[rng.usize(..ALL.len())];
        hosts.suffer(trouble, &mut rng).await;
        // One more before it has come together.
        if rng.bool() {
            let next = ALL[rng.usize(..ALL.len())];
            hosts.suffer(next, &mut rng).await;
        }
        hosts.converge().await;
        rounds += 1;
    }
    tell(&format!("{rounds} rounds, and 0 differences"));
}

/// What runs on another host, if this program is started for that.
#[tokio::test]
async fn the_member() {
    member::run_if_asked().await;
}
