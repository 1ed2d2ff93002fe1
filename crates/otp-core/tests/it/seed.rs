//! The seed of a test with random numbers: another one each time, shown when the test fails, and taken from the environment
//! to do it again.

use std::env;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Where a seed is taken from.
const VARIABLE: &str = "OTP_TEST_SEED";

/// Says how to repeat the test if that fails.
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn new() -> Self {
        Self(match env::var(VARIABLE) {
            Ok(text) => text
                .parse()
                .unwrap_or_else(|_| panic!("{VARIABLE} is {text:?}: expected a number")),
            Err(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(1, |now| now.as_nanos() as u64),
        })
    }

    /// Numbers without rhyme or reason, the same ones for the same seed (SplitMix64).
    pub(crate) fn random(&self) -> Random {
        Random(self.0)
    }

    /// Plays what `strategy` draws, and shows the shortest of it that fails.
    pub(crate) fn play<S: Strategy>(&self, config: Config, strategy: &S, play: impl Fn(S::Value)) {
        let mut bytes = [0; 32];
        let mut random = self.random();
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&random.next().to_le_bytes());
        }
        let numbers = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let played = TestRunner::new_with_rng(config, numbers).run(strategy, |drawn| {
            play(drawn);
            Ok(())
        });
        if let Err(error) = played {
            panic!("{error}");
        }
    }
}

impl Drop for Seed {
    #[allow(clippy::print_stderr, reason = "it is what a failed test prints")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{VARIABLE}={} does it again", self.0);
        }
    }
}

pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() >> 16) as usize % n
    }
}

#[test]
fn the_same_seed_draws_the_same() {
    let drawn = |seed| {
        let drawn = std::cell::RefCell::new(Vec::new());
        let config = Config::with_cases(20);
        Seed(seed).play(config, &proptest::num::u64::ANY, |n| {
            drawn.borrow_mut().push(n);
        });
        drawn.into_inner()
    };
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
    assert_ne!(drawn(7)[..10], drawn(7)[10..]);
}
