//! What an idle server occupies, when there are 100,000 of them.
//!
//! Each sample comes from a fresh process of this program: an allocator that has already given and taken
//! back memory would hide a part of the cost.

use std::io;

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use crate::child::{self, Idle};
use crate::cli::{Options, Side};
use crate::contender::{FLOOR, OURS};
use crate::goal::Goal;
use crate::harness::{Figure, Rounds};
use crate::row::{Row, Unit};
use crate::runtime::RuntimeKind;
use crate::server::{self, Adder};
use crate::{counter, floor, memory};

const SERVERS: u64 = 100_000;

/// Memory hardly differs from round to round: more of them would only take longer.
const ROUNDS: u32 = 3;

/// What an idle server is to occupy.
pub const IDLE: Goal = Goal::ours(800.0, 1_000.0);

/// A task is the same on both runtimes, and on this one every allocation is made by one thread.
const RUNTIME: RuntimeKind = RuntimeKind::CurrentThread;

/// Resident bytes a server, and the bytes asked of the allocator.
///
/// # Errors
///
/// Fails when the program cannot start itself again, or a child cannot measure itself.
pub(crate) fn rows(options: &Options) -> io::Result<Vec<Row>> {
    let servers = options.scaled(SERVERS);
    let rounds = ROUNDS.min(options.rounds);
    let take = |side| -> io::Result<Vec<Idle>> {
        (0..rounds).map(|_| child::measure(side, servers)).collect()
    };
    let (floor, ours) = (take(Side::Floor)?, take(Side::Ours)?);
    let row = |name, figure: fn(&Idle) -> f64| {
        let figures = |side: &[Idle]| side.iter().map(figure).map(Figure::counted).collect();
        Row {
            workload: name,
            runtime: RUNTIME,
            unit: Unit::Bytes,
            rounds: Rounds::new([(FLOOR.name, figures(&floor)), (OURS.name, figures(&ours))]),
            goal: IDLE,
        }
    };
    Ok(vec![
        row("idle, resident", |idle| idle.resident),
        row("idle, requested", |idle| idle.requested),
    ])
}

/// Starts so many idle servers in this process and measures what each of them occupies.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub(crate) fn measure_here(side: Side, count: u64) -> io::Result<Idle> {
    match side {
        Side::Floor => idle_floor(count),
        Side::Ours => idle_ours(count),
    }
}

/// Starts so many idle servers of bare tokio in this process and measures what each of them occupies.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub fn idle_floor(count: u64) -> io::Result<Idle> {
    let runtime = RUNTIME.build();
    grown(count, |servers| floor_servers(&runtime, servers))
}

/// Starts so many idle GenServers in this process and measures what each of them occupies.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub fn idle_ours(count: u64) -> io::Result<Idle> {
    let runtime = RUNTIME.build();
    let node = Node::new();
    grown(count, |servers| our_servers(&runtime, &node, servers))
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
    mut servers: Vec<Option<floor::Server>>,
) -> Vec<Option<floor::Server>> {
    runtime.block_on(floor::run(async move {
        for place in &mut servers {
            *place = Some(floor::Server::start().await);
        }
        servers
    }))
}

fn our_servers(
    runtime: &Runtime,
    node: &Node,
    mut servers: Vec<Option<ServerRef<Adder>>>,
) -> Vec<Option<ServerRef<Adder>>> {
    let client = async move {
        for place in &mut servers {
            *place = Some(server::start().await);
        }
        servers
    };
    runtime
        .block_on(node.run(client))
        .expect("a client of the benchmark does not crash")
}
