//! Thousands of random operations on links, monitors and lives: nothing is lost and nothing comes
//! twice.

mod crowd;
mod model;
mod stage;

use std::future::Future;

use otp_core::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Strategy;

use crate::puppet::boom;
use crate::seed::Seed;
use crowd::Crowd;
use stage::Stage;

const OPERATIONS: usize = 2000;

/// Processes that there are at any time, some of them dead.
const CAST: usize = 40;

/// One operation; processes are places in the cast, monitors are counted from the newest.
#[derive(Debug, Clone)]
enum Op {
    Link(usize, usize),
    Unlink(usize, usize),
    Monitor(usize, usize),
    Demonitor(usize, usize),
    Exit(usize, usize, Why),
    End(usize, Why),
    Trap(usize, bool),
    /// A new process takes the place of this one, if that is dead.
    Replace(usize),
}

#[derive(Debug, Clone, Copy)]
enum Why {
    Normal,
    Shutdown,
    Boom,
    Kill,
}

impl Why {
    fn reason(self) -> ExitReason {
        match self {
            Self::Normal => ExitReason::Normal,
            Self::Shutdown => ExitReason::Shutdown,
            Self::Boom => boom(),
            Self::Kill => ExitReason::Kill,
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    let one = 0..CAST;
    let two = (0..CAST, 0..CAST);
    let why = prop_oneof![
        4 => Just(Why::Normal),
        2 => Just(Why::Shutdown),
        2 => Just(Why::Boom),
        1 => Just(Why::Kill),
    ];
    prop_oneof![
        6 => two.clone().prop_map(|(a, b)| Op::Link(a, b)),
        3 => two.clone().prop_map(|(a, b)| Op::Unlink(a, b)),
        6 => two.clone().prop_map(|(a, b)| Op::Monitor(a, b)),
        3 => two.clone().prop_map(|(a, n)| Op::Demonitor(a, n)),
        2 => (two, why.clone()).prop_map(|((a, b), why)| Op::Exit(a, b, why)),
        1 => (one.clone(), why).prop_map(|(a, why)| Op::End(a, why)),
        2 => (one.clone(), any::<bool>()).prop_map(|(a, on)| Op::Trap(a, on)),
        6 => one.prop_map(Op::Replace),
    ]
}

fn few_cases() -> ProptestConfig {
    ProptestConfig {
        cases: 2,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn block_on(mut runtime: tokio::runtime::Builder, test: impl Future<Output = ()>) {
    let runtime = runtime
        .enable_time()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(test);
}

// LNK-001, LNK-002, LNK-004, LNK-009, MON-001, MON-003, MON-004, MON-005, MON-008, TRP-003: one operation after the
// other, each compared with what the model says.
#[test]
fn random_operations_do_what_a_model_of_otp_does() {
    Seed::new().play(few_cases(), &vec(op(), OPERATIONS), |ops| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.start_paused(true);
        block_on(runtime, async {
            let mut stage = Stage::new();
            for some in ops.chunks(10) {
                for op in some {
                    stage.perform(op.clone()).await;
                }
                stage.check().await;
            }
        });
    });
}

// MON-011, LNK-008: many operations at a time, on several threads; whatever order they come in, nothing is lost, doubled
// or half. The seed draws the operations; the order in which the threads come to them is another one each time.
#[test]
fn random_operations_at_once_lose_and_double_nothing() {
    Seed::new().play(few_cases(), &vec(op(), OPERATIONS), |ops| {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(4);
        block_on(runtime, async {
            let mut crowd = Crowd::new();
            for burst in ops.chunks(100) {
                for op in burst {
                    crowd.perform(op);
                }
                crowd.check().await;
            }
        });
    });
}
