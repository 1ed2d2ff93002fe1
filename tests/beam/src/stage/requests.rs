//! What supervisors are asked, and what they answer.

use otp_core::{Child, DynamicSupervisorRef, Pid, SupervisorRef, process};

use super::words::{Refusal, to_reason};
use super::world::{Handle, World};
use super::{look, visor};
use crate::command::Request;

/// Asks the supervisor with this pid.
pub(super) async fn ask(world: &World, pid: Pid, request: Request) -> String {
    let is_static = matches!(request, Request::RestartChild(_) | Request::DeleteChild(_));
    let words = match world.known(pid) {
        Some((_, Handle::Dynamic)) if is_static => Ok("no supervisor".to_owned()),
        Some((_, Handle::Visor)) => match SupervisorRef::find(world.node(), pid) {
            Some(visor) => ask_visor(world, &visor, request).await,
            None => Ok("noproc".to_owned()),
        },
        Some((_, Handle::Dynamic)) => match DynamicSupervisorRef::find(world.node(), pid) {
            Some(visor) => ask_dynamic(world, &visor, request).await,
            None => Ok("noproc".to_owned()),
        },
        _ => Ok("no supervisor".to_owned()),
    };
    words.unwrap_or_else(|refusal| refusal.words(world))
}

/// A start that has been successful.
pub(super) fn answer_with(world: &World, started: Option<Pid>) -> String {
    match started {
        Some(pid) => format!("ok {}", world.label(pid)),
        None => "ok undefined".to_owned(),
    }
}

type Answer = Result<String, Box<dyn Refusal + Send>>;

async fn ask_visor(world: &World, visor: &SupervisorRef, request: Request) -> Answer {
    Ok(match request {
        Request::StartChild(spec) => {
            started(world, &visor.start_child(visor::spec(world, &spec)).await?)
        }
        Request::TerminateChild(id) => done(visor.terminate_child(id).await?),
        Request::RestartChild(id) => started(world, &visor.restart_child(id).await?),
        Request::DeleteChild(id) => done(visor.delete_child(id).await?),
        Request::WhichChildren => look::which(world, &visor.which_children().await?),
        Request::CountChildren => look::count(visor.count_children().await?),
        Request::Stop(reason) => done(visor.stop_with(to_reason(&reason)).await?),
    })
}

async fn ask_dynamic(world: &World, visor: &DynamicSupervisorRef, request: Request) -> Answer {
    Ok(match request {
        Request::StartChild(spec) => {
            started(world, &visor.start_child(visor::spec(world, &spec)).await?)
        }
        Request::TerminateChild(name) => {
            // The director is no child.
            let pid = world.find(&name).unwrap_or_else(process::current);
            done(visor.terminate_child(pid).await?)
        }
        Request::RestartChild(_) | Request::DeleteChild(_) => {
            unreachable!("a dynamic supervisor has no such request")
        }
        Request::WhichChildren => look::which_dynamic(world, &visor.which_children().await?),
        Request::CountChildren => look::count(visor.count_children().await?),
        Request::Stop(reason) => done(visor.stop_with(to_reason(&reason)).await?),
    })
}

fn started(world: &World, child: &Child) -> String {
    answer_with(world, child.pid())
}

fn done((): ()) -> String {
    "ok".to_owned()
}

impl<R: Refusal + Send + 'static> From<R> for Box<dyn Refusal + Send> {
    fn from(refusal: R) -> Self {
        Box::new(refusal)
    }
}
