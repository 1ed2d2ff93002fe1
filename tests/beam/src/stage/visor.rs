//! A supervisor, as it was defined.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{Child as Started, DynamicSupervisor, process};

use super::child::Child;
use super::look::parent;
use super::world::{Handle, World};
use crate::command::{Spec, Temper};

/// No restart is ever forgotten.
const PERIOD: Duration = Duration::from_secs(1_000_000);

/// Starts the supervisor of this name, linked with the current process.
pub(super) async fn start(world: World, name: String) -> Result<Started, StartError> {
    let Some(dynamic) = world.dynamic(&name) else {
        return Visor::start_link((world, name)).await.map(Started::from);
    };
    let visor = DynamicSupervisor::new()
        .max_restarts(dynamic.intensity, PERIOD)
        .max_children(dynamic.max_children)
        .start_link()
        .await?;
    // It cannot do that itself; but nothing can have happened to it yet.
    let parent = Some(process::current());
    world
        .introduce(visor.pid(), &name, Handle::Dynamic, parent)
        .await;
    Ok(visor.into())
}

pub(super) fn spec(world: &World, child: &Spec) -> ChildSpec {
    let (world, name, temper) = (world.clone(), child.id.clone(), child.temper);
    let spec = match temper {
        Temper::Supervisor => {
            ChildSpec::supervisor(name.clone(), move || start(world.clone(), name.clone()))
        }
        _ => ChildSpec::worker(name.clone(), move || {
            Child::start_link((world.clone(), name.clone(), temper))
        }),
    };
    spec.restart(child.restart)
        .shutdown(child.shutdown)
        .significant(child.significant)
}

struct Visor;

impl SupervisorModule for Visor {
    type Args = (World, String);

    async fn init((world, name): Self::Args) -> Result<SupervisorInit, ExitReason> {
        let parent = parent(&world, process::current());
        world.enter(&name, Handle::Visor, parent).await;
        let definition = world.definition(&name);
        let children = definition.children.iter().map(|child| spec(&world, child));
        let supervisor = Supervisor::new(definition.strategy)
            .max_restarts(definition.intensity, PERIOD)
            .auto_shutdown(definition.auto_shutdown)
            .children(children);
        Ok(supervisor.into())
    }
}
