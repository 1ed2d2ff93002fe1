//! A supervisor, as it was defined.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};

use super::child::Child;
use super::look::parent;
use super::world::{Handle, World};
use crate::command::{Spec, Temper};

/// No restart is ever forgotten.
const PERIOD: Duration = Duration::from_secs(1_000_000);

pub(super) struct Visor;

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

pub(super) fn spec(world: &World, child: &Spec) -> ChildSpec {
    let (world, name, temper) = (world.clone(), child.id.clone(), child.temper);
    let spec = match temper {
        Temper::Supervisor => ChildSpec::supervisor(name.clone(), move || {
            Visor::start_link((world.clone(), name.clone()))
        }),
        _ => ChildSpec::worker(name.clone(), move || {
            Child::start_link((world.clone(), name.clone(), temper))
        }),
    };
    spec.restart(child.restart)
        .shutdown(child.shutdown)
        .significant(child.significant)
}
