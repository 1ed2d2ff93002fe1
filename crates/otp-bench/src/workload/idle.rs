//! What an idle server occupies, when there are 100,000 of them: one that has had nothing to do yet, and one that has.
//!
//! Each sample comes from a fresh process of this program: an allocator that has already given and taken
//! back memory would hide a part of the cost.

use std::fmt;
use std::io;

use clap::ValueEnum;
use otp_core::prelude::*;
use tokio::runtime::Runtime;

use crate::child::{self, Idle};
use crate::cli::{Options, Side};
use crate::contender::{FLOOR, OURS};
use crate::floor::Message;
use crate::goal::Goal;
use crate::harness::{Figure, Rounds};
use crate::row::{Row, Unit};
use crate::runtime::RuntimeKind;
use crate::server::{self, Adder, Cast};
use crate::{counter, floor, memory};

const SERVERS: u64 = 100_000;

/// Memory hardly differs from round to round: more of them would only take longer.
const ROUNDS: u32 = 3;

/// What servers have had to do before they are idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Past {
    /// Nothing
    Fresh,
    /// A cast and a call
    Used,
}

impl Past {
    /// Both of them, in the order of the table.
    pub const ALL: [Self; 2] = [Self::Fresh, Self::Used];

    /// What the row is called in which the system counts the pages.
    pub fn resident(self) -> &'static str {
        match self {
            Self::Fresh => "idle, resident",
            Self::Used => "used and idle, resident",
        }
    }

    /// What a server is to occupy.
    pub fn goal(self) -> Goal {
        match self {
            Self::Fresh => Goal::ours(1_000.0, 1_100.0),
            Self::Used => Goal::ours(1_100.0, 1_200.0),
        }
    }

    fn requested(self) -> &'static str {
        match self {
            Self::Fresh => "idle, requested",
            Self::Used => "used and idle, requested",
        }
    }
}

/// A task is the same on both runtimes, and on this one every allocation is made by one thread.
const RUNTIME: RuntimeKind = RuntimeKind::CurrentThread;

/// As on the command line.
impl fmt::Display for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fresh => "fresh",
            Self::Used => "used",
        })
    }
}

/// Resident bytes a server, and the bytes asked of the allocator.
///
/// # Errors
///
/// Fails when the program cannot start itself again, or a child cannot measure itself.
pub(crate) fn rows(options: &Options) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for past in Past::ALL {
        rows.extend(rows_of(past, options)?);
    }
    Ok(rows)
}

fn rows_of(past: Past, options: &Options) -> io::Result<[Row; 2]> {
    let servers = options.scaled(SERVERS);
    let rounds = ROUNDS.min(options.rounds);
    let take = |side| -> io::Result<Vec<Idle>> {
        let measure = |_| child::measure(side, past, servers);
        (0..rounds).map(measure).collect()
    };
    let (floor, ours) = (take(Side::Floor)?, take(Side::Ours)?);
    let row = |name, figure: fn(&Idle) -> f64| {
        let figures = |side: &[Idle]| side.iter().map(figure).map(Figure::counted).collect();
        Row {
            workload: name,
            runtime: RUNTIME,
            unit: Unit::Bytes,
            rounds: Rounds::new([(FLOOR.name, figures(&floor)), (OURS.name, figures(&ours))]),
            goal: past.goal(),
        }
    };
    Ok([
        row(past.resident(), |idle| idle.resident),
        row(past.requested(), |idle| idle.requested),
    ])
}

/// Starts so many idle servers in this process and measures what each of them occupies.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub(crate) fn measure_here(side: Side, past: Past, count: u64) -> io::Result<Idle> {
    match side {
        Side::Floor => idle_floor(past, count),
        Side::Ours => idle_ours(past, count),
    }
}

/// Starts so many idle servers of bare tokio in this process and measures what each of them occupies.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub fn idle_floor(past: Past, count: u64) -> io::Result<Idle> {
    let runtime = RUNTIME.build();
    grown(count, |servers| floor_servers(&runtime, past, servers))
}

/// Starts so many idle GenServers in this process and measures what each of them occupies.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub fn idle_ours(past: Past, count: u64) -> io::Result<Idle> {
    let runtime = RUNTIME.build();
    let node = Node::new();
    grown(count, |servers| our_servers(&runtime, &node, past, servers))
}

/// Measures how much this process grows by while `start` fills so many places, all of them on this thread.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub fn grown<S>(count: u64, start: impl Fn(Vec<Option<S>>) -> Vec<Option<S>>) -> io::Result<Idle> {
    // The first servers also pay for what all share. Their places are written, and so resident, before.
    let first = start(places(100));
    let empty = places(count);
    let before = memory::resident()?;
    let mut filled = Vec::new();
    let requested = counter::held_bytes(|| filled = start(empty));
    let after = memory::resident()?;
    drop((first, filled));
    Ok(Idle {
        resident: after.saturating_sub(before) as f64 / count as f64,
        requested: requested as f64 / count as f64,
    })
}

fn places<S>(count: u64) -> Vec<Option<S>> {
    (0..count).map(|_| None).collect()
}

fn floor_servers(
    runtime: &Runtime,
    past: Past,
    mut servers: Vec<Option<floor::Server>>,
) -> Vec<Option<floor::Server>> {
    runtime.block_on(floor::run(async move {
        for place in &mut servers {
            let server = floor::Server::start().await;
            if past == Past::Used {
                floor::send(&server.sender, Message::Add(1));
                floor::call(&server.sender, 1).await;
            }
            *place = Some(server);
        }
        servers
    }))
}

fn our_servers(
    runtime: &Runtime,
    node: &Node,
    past: Past,
    mut servers: Vec<Option<ServerRef<Adder>>>,
) -> Vec<Option<ServerRef<Adder>>> {
    let client = async move {
        for place in &mut servers {
            let server = server::start().await;
            if past == Past::Used {
                server.cast(Cast::Add(1));
                server::call(&server, 1).await;
            }
            *place = Some(server);
        }
        servers
    };
    runtime
        .block_on(node.run(client))
        .expect("a client of the benchmark does not crash")
}
