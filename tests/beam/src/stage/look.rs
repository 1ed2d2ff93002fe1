//! What can be seen of processes.

use otp_core::supervisor::{ChildCounts, ChildInfo, ChildStatus};
use otp_core::{DynamicSupervisorRef, Pid, SupervisorRef};

use super::world::{Handle, World};

/// Who has started this process.
pub(super) fn parent(world: &World, pid: Pid) -> Option<Pid> {
    world.node().process_info(pid)?.ancestors.first().copied()
}

/// Those who live, with what can be seen of them.
pub(super) async fn look(world: &World) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    for pid in world.alive() {
        if let Some((label, handle)) = world.known(pid) {
            let mut how = look_at(world, pid);
            let children = match handle {
                Handle::Visor => visor(world, pid).await,
                Handle::Dynamic => dynamic(world, pid).await,
                Handle::Puppet(_) | Handle::Child(_) => None,
            };
            if let Some((children, counts)) = children {
                how = format!("{how} children={children} {}", count(counts));
            }
            seen.push((label, how));
        }
    }
    seen
}

pub(super) fn which(world: &World, children: &[ChildInfo]) -> String {
    show(world, children).join(",")
}

/// In an order of our own, as none is promised.
pub(super) fn which_dynamic(world: &World, children: &[ChildInfo]) -> String {
    let mut shown = show(world, children);
    shown.sort();
    shown.join(",")
}

fn show(world: &World, children: &[ChildInfo]) -> Vec<String> {
    let shown = children.iter().map(|child| {
        let id = match &child.id {
            Some(id) => id.to_string(),
            None => "undefined".to_owned(),
        };
        let pid = match child.status {
            ChildStatus::Running(pid) => world.label(pid),
            ChildStatus::Restarting => "restarting".to_owned(),
            ChildStatus::Stopped => "undefined".to_owned(),
        };
        format!("{id}:{pid}:{}", child.child_type)
    });
    shown.collect()
}

async fn visor(world: &World, pid: Pid) -> Option<(String, ChildCounts)> {
    let visor = SupervisorRef::find(world.node(), pid)?;
    let children = visor.which_children().await.ok()?;
    Some((which(world, &children), visor.count_children().await.ok()?))
}

async fn dynamic(world: &World, pid: Pid) -> Option<(String, ChildCounts)> {
    let visor = DynamicSupervisorRef::find(world.node(), pid)?;
    let children = visor.which_children().await.ok()?;
    let children = which_dynamic(world, &children);
    Some((children, visor.count_children().await.ok()?))
}

pub(super) fn count(counts: ChildCounts) -> String {
    let ChildCounts {
        specs,
        active,
        supervisors,
        workers,
        ..
    } = counts;
    format!("specs={specs} active={active} supervisors={supervisors} workers={workers}")
}

fn look_at(world: &World, pid: Pid) -> String {
    let Some(info) = world.node().process_info(pid) else {
        return "ends".to_owned();
    };
    let labels = |pids: &[Pid]| {
        let known = pids.iter().filter_map(|pid| world.known(*pid));
        let mut labels: Vec<String> = known.map(|(label, _)| label).collect();
        labels.sort();
        labels.join(",")
    };
    let name = match info.names.first() {
        Some(name) => name.to_string(),
        None => "-".to_owned(),
    };
    format!(
        "traps={} name={name} links={} monitors={} watched={}",
        info.trap_exit,
        labels(&info.links),
        info.monitors.len(),
        labels(&info.monitored_by),
    )
}
