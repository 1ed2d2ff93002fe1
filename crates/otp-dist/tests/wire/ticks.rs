//! Idle and silent connections.

use std::time::{Duration, Instant};

use otp_dist::wire::tick::{Due, Ticker};
use proptest::collection::vec;
use proptest::prelude::*;

const TIME: Duration = Duration::from_secs(4);

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn a_tick_is_due_after_a_quarter_of_the_tick_time_without_a_write() {
    let start = Instant::now();
    let mut ticker = Ticker::new(TIME, start);
    let at = |after| start + seconds(after);
    ticker.read(at(0.9));
    assert_eq!(ticker.due(at(0.9)), Due::At(at(1.0)));
    ticker.wrote(at(0.9));
    assert_eq!(ticker.due(at(1.0)), Due::At(at(1.9)));
    assert_eq!(ticker.due(at(1.9)), Due::Tick);
    // It stays due until something was written.
    assert_eq!(ticker.due(at(2.0)), Due::Tick);
    ticker.wrote(at(2.0));
    assert_eq!(ticker.due(at(2.0)), Due::At(at(3.0)));
}

#[test]
fn a_peer_is_down_after_the_tick_time_without_a_read() {
    let start = Instant::now();
    let mut ticker = Ticker::new(TIME, start);
    let at = |after| start + seconds(after);
    ticker.read(at(1.0));
    ticker.wrote(at(4.5));
    // What we write is no sign of the peer's life.
    assert_eq!(ticker.due(at(4.5)), Due::At(at(5.0)));
    assert_eq!(ticker.due(at(5.0)), Due::Down);
    // Down comes before a tick.
    assert_eq!(ticker.due(at(9.0)), Due::Down);
    ticker.read(at(9.0));
    assert_eq!(ticker.due(at(9.0)), Due::Tick);
}

#[test]
fn a_report_that_comes_late_does_not_turn_a_clock_back() {
    let start = Instant::now();
    let mut ticker = Ticker::new(TIME, start);
    ticker.read(start + seconds(3.0));
    ticker.read(start + seconds(1.0));
    ticker.wrote(start + seconds(3.0));
    ticker.wrote(start);
    assert_eq!(
        ticker.due(start + seconds(3.5)),
        Due::At(start + seconds(4.0))
    );
}

#[test]
fn a_tick_time_beyond_the_clock_never_ends() {
    let start = Instant::now();
    let ticker = Ticker::new(Duration::MAX, start);
    assert!(matches!(ticker.due(start), Due::At(at) if at > start));
}

proptest! {
    /// An owner that sleeps until the time it is told, with a connection that is slow by a little, is never taken for dead by a peer with
    /// the same tick time, and never takes it for dead.
    #[test]
    fn two_idle_nodes_keep_their_connection(delays in vec(0u64..900, 1..100)) {
        let start = Instant::now();
        let mut now = start;
        let mut nodes = [Ticker::new(TIME, start), Ticker::new(TIME, start)];
        // Ticks on their way: when, and to whom.
        let mut ticks: Vec<(Instant, usize)> = Vec::new();
        for delay in delays {
            let mut next = ticks.iter().map(|(at, _)| *at).min();
            for (at, node) in nodes.iter_mut().enumerate() {
                match node.due(now) {
                    Due::At(time) => next = Some(next.map_or(time, |next| next.min(time))),
                    Due::Tick => {
                        node.wrote(now);
                        ticks.push((now + Duration::from_millis(delay), 1 - at));
                        next = Some(now);
                    }
                    Due::Down => prop_assert!(false, "node {at} was taken for dead"),
                }
            }
            now = next.unwrap_or(now);
            let (arrived, left): (Vec<_>, Vec<_>) = ticks.into_iter().partition(|(at, _)| *at <= now);
            ticks = left;
            for (_, to) in arrived {
                nodes[to].read(now);
            }
        }
    }
}
