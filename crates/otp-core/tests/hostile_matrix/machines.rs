//! State machines whose events, states, data and time-outs misbehave.

use std::time::Duration;

use otp_core::gen_server::Status;
use otp_core::prelude::*;
use otp_core::state_machine::enter_loop;
use otp_core::{process, sys};

use super::hostile::{Case, Small as Hostile, Stage, apart, case, look_around, settle};

struct Actor {
    kept: Hostile,
    /// Events that it may still postpone.
    patience: u32,
}

enum Ask {
    Echo(Hostile, ReplyTo<Hostile>),
    Go(Hostile, ReplyTo<Hostile>),
    Stop(ExitReason, Hostile, ReplyTo<Hostile>),
}

const MS: Duration = Duration::from_millis(1);

impl StateMachine for Actor {
    type Args = (Hostile, bool);
    type State = Hostile;
    type Call = Ask;
    type Cast = Hostile;
    type Info = Hostile;
    type Internal = Hostile;
    type Timer = Hostile;

    async fn init(
        (kept, starts): (Hostile, bool),
        context: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, ExitReason> {
        if !starts {
            return Ok(Initial::error(ExitReason::other(kept)));
        }
        context.trap_exit(true);
        let (state, timer, event) = (kept.clone(), kept.clone(), kept.clone());
        let (other, third) = (kept.clone(), kept.clone());
        let patience = 4;
        Ok(Initial::state(state, Self { kept, patience })
            .insert(event)
            .state_timeout(timer, MS)
            .event_timeout(other, MS)
            .timeout(third, Duration::ZERO))
    }

    async fn handle(
        &mut self,
        _: &Hostile,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        let kept = || self.kept.clone();
        match event {
            Event::Call(Ask::Echo(value, from)) => Transition::keep().reply(from, value),
            Event::Call(Ask::Go(state, from)) => Transition::next(state)
                .reply(from, kept())
                .insert(kept())
                .insert(kept())
                .state_timeout(kept(), MS)
                .event_timeout(kept(), MS)
                .timeout(kept(), Duration::ZERO)
                .cancel_timeout(kept()),
            Event::Call(Ask::Stop(reason, answer, from)) => {
                Transition::stop(reason).reply(from, answer)
            }
            event @ Event::Cast(_) if self.patience > 0 => {
                self.patience -= 1;
                Transition::keep().timeout(kept(), MS).postpone(event)
            }
            Event::Info(state) => Transition::next(state).state_timeout(kept(), MS),
            Event::Cast(value) | Event::Internal(value) => {
                self.kept = value;
                Transition::keep()
            }
            Event::Timeout(timer) => Transition::keep().insert_event(Event::Cast(timer)),
            Event::Down(_) | Event::Exit(_) => Transition::repeat(),
        }
    }

    async fn enter(
        &mut self,
        state: &Hostile,
        from: &Hostile,
        _: &mut Context<Machine<Self>>,
    ) -> Entered<Self> {
        Entered::done()
            .timeout(from.clone(), MS)
            .state_timeout(state.clone(), MS)
            .cancel_timeout(state.clone())
    }

    fn format_status(&self, state: &Hostile, status: &mut Status) {
        status.state = Some(format!("{state:?}, {:?}", self.kept));
    }

    fn format_event(event: &Event<Self>) -> Option<String> {
        match event {
            Event::Cast(value) | Event::Internal(value) | Event::Timeout(value) => {
                Some(format!("{value:?}"))
            }
            _ => None,
        }
    }
}

/// A machine; started while nothing is armed.
async fn actor(stage: &Stage) -> ServerRef<Machine<Actor>> {
    let actor = Actor::start((stage.small(0), true)).await;
    settle().await;
    actor.expect("nothing misbehaves yet")
}

fn arm(stage: &Stage, actor: &ServerRef<Machine<Actor>>) {
    let (again, actor) = (stage.clone(), actor.clone());
    stage.arm(move || {
        look_around(&again.node);
        actor.cast(again.small(90));
        actor.send(again.small(91));
    });
}

async fn use_events(stage: Stage) {
    for _ in 0..3 {
        let machine = stage.calm(|| actor(&stage)).await;
        arm(&stage, &machine);
        let (there, host) = (stage.clone(), machine.clone());
        apart(move || async move {
            for n in 1..6 {
                host.cast(there.small(n));
            }
            let answer = host.call(|from| Ask::Echo(there.small(6), from)).await;
            there.let_go(answer);
            let answer = host.call(|from| Ask::Go(there.small(7), from)).await;
            there.let_go(answer);
            host.send(there.small(8));
            // The answer is dropped.
            drop(host.send_request(|from| Ask::Go(there.small(9), from)));
        })
        .await;
        settle().await;
        let (there, host) = (stage.clone(), machine.clone());
        apart(move || async move {
            let _ = sys::get_status(&host).await;
            let value = there.small(10);
            let former = sys::update_state(&host, |host| host.set_state(value)).await;
            there.let_go(former);
            let (state, kept) = (there.small(11), there.small(12));
            let replace = |_: &Machine<Actor>| Machine::new(state, Actor { kept, patience: 2 });
            let former = sys::replace_state(&host, replace).await;
            there.let_go(former);
            host.cast(there.small(13));
        })
        .await;
        let (there, host) = (stage.clone(), machine.clone());
        apart(move || async move {
            let reason = ExitReason::other(there.small(14));
            let answer = host.call(|from| Ask::Stop(reason, there.small(15), from));
            let answer = answer.timeout(Duration::from_millis(20)).await;
            there.let_go(answer);
        })
        .await;
        settle().await;
        stage.disarm();
    }
}

async fn use_loops(stage: Stage) {
    let machine = actor(&stage).await;
    arm(&stage, &machine);
    for starts in [true, false] {
        let there = stage.clone();
        apart(move || async move {
            let started = Actor::start_link((there.small(1), starts)).await;
            there.let_go(started);
            let started = Actor::start_monitor((there.small(1), starts)).await;
            there.let_go(started);
        })
        .await;
        let there = stage.clone();
        let becomes = process::spawn(move |mailbox| async move {
            let kept = there.small(2);
            let initial = match starts {
                true => Initial::state(there.small(3), Actor { kept, patience: 1 }),
                false => Initial::error(ExitReason::other(kept)),
            };
            enter_loop(mailbox, initial, None).await
        });
        let becomes: ServerRef<Machine<Actor>> = ServerRef::from(becomes);
        becomes.cast(stage.small(4));
        becomes.send(stage.small(5));
        settle().await;
        process::exit(becomes.pid(), ExitReason::Kill);
    }
    settle().await;
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "events, states and time-outs of machines",
            &[
                "state_machine/transition.rs::next",
                "state_machine/transition.rs::stop",
                "state_machine/transition.rs::reply",
                "state_machine/transition.rs::insert",
                "state_machine/transition.rs::timeout",
                "state_machine/transition.rs::state_timeout",
                "state_machine/transition.rs::event_timeout",
                "state_machine/transition.rs::cancel_timeout",
                "state_machine/initial.rs::insert",
                "state_machine/initial.rs::timeout",
                "state_machine/initial.rs::state_timeout",
                "state_machine/initial.rs::event_timeout",
                "state_machine/machine.rs::new",
                "state_machine/machine.rs::set_state",
            ],
            use_events,
        ),
        case(
            "starts of machines",
            &[
                "state_machine.rs::start",
                "state_machine.rs::start_link",
                "state_machine.rs::start_monitor",
                "state_machine/initial.rs::state",
                "state_machine/initial.rs::error",
                "state_machine/start.rs::enter_loop",
            ],
            use_loops,
        ),
    ]
}
