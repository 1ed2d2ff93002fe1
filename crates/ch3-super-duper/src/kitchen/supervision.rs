//! The egg timer as a child.

use crate::boundary::{Event, Stage};
use crate::supervision::Lives;
use ch2_egg_timer::api::EggTimer;
use otp_core::prelude::*;

/// The name of the egg timer, and its id among the children.
pub const EGG_TIMER: &str = "egg_timer";

/// The child specification of the egg timer.
pub fn egg_timer(stage: Stage) -> ChildSpec {
    let lives = Lives::default();
    ChildSpec::worker(EGG_TIMER, move || {
        let (stage, again) = (stage.clone(), lives.next() > 0);
        async move {
            let tell = stage.clone();
            let told = move |event| tell.tell(Event::Kitchen(event));
            let timer = EggTimer::start_link_as(EGG_TIMER, told).await?;
            stage.tell(Event::Start {
                name: EGG_TIMER.to_owned(),
                pid: timer.pid(),
                again,
            });
            Ok::<_, StartError>(timer.pid())
        }
    })
}
