//! A cluster of three nodes of ours and two BEAMs, each on a host of its own, to which everything happens that happens to clusters. After each
//! fault everything has to be as if it had not been, and each link and monitor has fired once.
//!
//! It takes two minutes at least and waits for clocks of the hosts, so it is played on request: `just soak-cluster 0` plays one fault of
//! each kind, and `just soak-cluster 10 7` goes on at random for ten minutes. It needs root on Linux, and Erlang.

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
    /// What two hosts send each other is lost at times.
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

const ALL: [Trouble; 9] = [
    Trouble::Alone,
    Trouble::Deaf,
    Trouble::Mute,
    Trouble::Pair,
    Trouble::Lossy,
    Trouble::Slow,
    Trouble::Stop,
    Trouble::Kill,
    Trouble::Clock,
];

fn number(name: &str) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is {text:?}: expected a number")),
        Err(_) => 0,
    }
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
            Trouble::Lossy => {
                let end = Instant::now() + long;
                while Instant::now() < end {
                    self.net.cut(one, other);
                    sleep(Duration::from_millis(rng.u64(10..300))).await;
                    self.net.mend(one, other);
                    sleep(Duration::from_millis(rng.u64(10..300))).await;
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
        if !matches!(trouble, Trouble::Lossy | Trouble::Stop | Trouble::Kill) {
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
    if env::var_os("OTP_MINUTES").is_none() {
        println!("skipped: it is played by `just soak-cluster`");
        return;
    }
    let (minutes, seed) = (number("OTP_MINUTES"), number("OTP_SEED"));
    let Some(mut hosts) = Hosts::start().await else {
        return;
    };
    hosts.converge().await;
    hosts.remember().await;
    let mut rng = Rng::with_seed(seed);
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let mut rounds = 0;
    for trouble in ALL {
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
