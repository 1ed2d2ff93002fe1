//! A cluster of three nodes of ours and two BEAMs, each on a host of its own, to which everything happens that happens to clusters. After each
//! fault everything has to be as if it had not been, and each link and monitor has fired once.
//!
//! A test run plays some of the faults, for half a minute. `just soak-cluster 0` plays one of each kind, and `just soak-cluster 10 7` goes on at
//! random for ten minutes. It needs root on Linux, and Erlang.

mod host;
mod judge;
mod member;
mod net;
mod relay;

use std::env;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{Instant, sleep};

use self::host::Hosts;
use self::net::tell;
use self::relay::{End, Quality, To};

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
    /// Between the first host and another one bytes are late in one direction, or held, or come a few at a time.
    Late,
    Held,
    Split,
    /// A connection between them ends within a frame.
    Cut,
    /// A program stands still.
    Stop,
    /// A program ends without a word, and starts anew.
    Kill,
    /// The clock of a host jumps, an hour back or forth.
    Clock,
}

const ALL: [Trouble; 14] = [
    Trouble::Kill,
    Trouble::Cut,
    Trouble::Alone,
    Trouble::Stop,
    Trouble::Lossy,
    Trouble::Pair,
    Trouble::Deaf,
    Trouble::Mute,
    Trouble::Flaky,
    Trouble::Slow,
    Trouble::Late,
    Trouble::Held,
    Trouble::Split,
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
        let quality = relayed(trouble, rng);
        let one = quality.map_or(rng.usize(..count), |_| 0);
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
            Trouble::Late | Trouble::Held | Trouble::Split | Trouble::Cut => {
                let quality = quality.expect("it is one of these");
                self.relay(other, quality).await;
            }
            Trouble::Clock => self.turn_clock(one, ["-3600", "+3600"][rng.usize(..2)]),
        }
        if !matches!(trouble, Trouble::Flaky | Trouble::Stop | Trouble::Kill) {
            sleep(long).await;
        }
        self.net.heal();
        if quality.is_some() {
            self.relay(other, Quality::default()).await;
        }
        let name = &self.members[one].name;
        tell(&format!("{trouble:?} for {long:?}: {name}"));
    }
}

/// What happens to connections and not to packets.
fn relayed(trouble: Trouble, rng: &mut Rng) -> Option<Quality> {
    let good = Quality::default();
    let way = rng.usize(..2);
    Some(match trouble {
        Trouble::Late => {
            let mut late = good.late;
            late[way] = Duration::from_millis(rng.u64(1..500));
            Quality { late, ..good }
        }
        Trouble::Held => {
            let held = [way == 0, way == 1];
            Quality { held, ..good }
        }
        Trouble::Split => Quality {
            is_split: true,
            ..good
        },
        Trouble::Cut => {
            let to = [To::Target, To::Dialler][way];
            let end = [End::Reset, End::Closed][rng.usize(..2)];
            let cut = Some((to, rng.usize(..2_000), end));
            Quality { cut, ..good }
        }
        _ => return None,
    })
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
