//! What runs under valgrind: so many operations of a workload on one side, and nothing else.

use clap::ValueEnum;
use otp_core::process;

use crate::cli::Side;
use crate::runtime::RuntimeKind;
use crate::workload::{self, Workload};

/// The workloads that are guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Guarded {
    /// A call and its answer
    Call,
    /// A cast in a flood of casts
    Cast,
    /// The life of a server, from its start to its end
    Life,
    /// A process that does nothing is spawned and waited for
    Process,
    /// A task is spawned and awaited
    Task,
    /// A child crashes, and answers again
    Restart,
    /// The life of a child of a dynamic supervisor
    Dynamic,
    /// A cast to a mailbox with a limit
    Limited,
    /// A number in a table is added to
    Counter,
    /// A call while cycles of calls are detected
    Detected,
    /// A call of a state machine
    EventCall,
    /// A cast to a state machine
    EventCast,
    /// An event to one of a thousand handlers
    Notify,
}

impl Guarded {
    pub(super) const ALL: [Self; 13] = [
        Self::Call,
        Self::Cast,
        Self::Life,
        Self::Process,
        Self::Task,
        Self::Restart,
        Self::Dynamic,
        Self::Limited,
        Self::Counter,
        Self::Detected,
        Self::EventCall,
        Self::EventCast,
        Self::Notify,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Cast => "cast",
            Self::Life => "start and stop",
            Self::Process => "process",
            Self::Task => "task",
            Self::Restart => "restart",
            Self::Dynamic => "dynamic child",
            Self::Limited => "limited cast",
            Self::Counter => "table counter",
            Self::Detected => "detected call",
            Self::EventCall => "machine call",
            Self::EventCast => "machine cast",
            Self::Notify => "notify of 1,000",
        }
    }

    /// How many operations the shorter of two runs has: enough for the growth of a table or a queue, which
    /// comes at certain numbers, to be spread thin, and for no more than a second of valgrind's time.
    pub(super) fn operations(self) -> u64 {
        match self {
            Self::Call | Self::Detected | Self::EventCall => 20_000,
            Self::Cast | Self::Limited | Self::Counter | Self::EventCast | Self::Notify => 100_000,
            Self::Life | Self::Dynamic | Self::Restart => 4_000,
            Self::Process | Self::Task => 10_000,
        }
    }

    fn workload(self) -> &'static Workload {
        match self {
            Self::Call => &workload::CALL,
            Self::Cast => &workload::CAST,
            // Whether its starts or its stops are timed, it does both.
            Self::Life => &workload::START,
            Self::Process => &workload::PROCESS,
            Self::Task => &workload::TASK,
            Self::Restart => &workload::RESTART,
            Self::Dynamic => &workload::DYNAMIC_START,
            Self::Limited => &workload::CAST_LIMITED,
            Self::Counter => &workload::TABLE_COUNT,
            Self::Detected => &workload::CALL_DETECTED,
            Self::EventCall => &workload::EVENT_CALL,
            Self::EventCast => &workload::EVENT_CAST,
            Self::Notify => &workload::NOTIFY,
        }
    }
}

/// Runs the operations in this process.
pub(crate) fn run(side: Side, guarded: Guarded, operations: u64) {
    process::ignore_time_of_turns();
    let workload = guarded.workload();
    let run = match side {
        Side::Floor => workload.floor,
        Side::Ours => workload.ours,
    };
    run(&RuntimeKind::CurrentThread.build(), operations);
}
