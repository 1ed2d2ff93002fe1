//! State machines whose states, events, names of time-outs and data are bad.

use std::mem::forget;
use std::time::Duration;

use otp_core::gen_server::Status;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::state_machine::Due;
use otp_core::sys;

use crate::bad::{Bad, arm, disarm, good, play, settle};

const MS: Duration = Duration::from_millis(1);

/// Does what its casts say. What it gets as an event it forgets: what a callback drops is the callback's affair.
struct Actor {
    data: Bad,
    patience: u32,
}

type Order = Box<dyn FnOnce() -> Transition<Actor> + Send>;

impl StateMachine for Actor {
    type Args = ();
    type State = Bad;
    type Call = (Bad, ReplyTo<Bad>);
    type Cast = Order;
    type Info = Bad;
    type Internal = Bad;
    type Timer = Bad;

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        let data = Self {
            data: Bad(0),
            patience: 3,
        };
        Ok(Initial::state(Bad(1), data))
    }

    async fn handle(
        &mut self,
        _: &Bad,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match event {
            Event::Cast(order) => order(),
            Event::Call((value, from)) => {
                forget(value);
                Transition::next(Bad(7)).reply(from, Bad(8))
            }
            event @ Event::Info(_) if self.patience > 0 => {
                self.patience -= 1;
                Transition::keep().timeout(Bad(1), MS).postpone(event)
            }
            Event::Info(value) | Event::Internal(value) | Event::Timeout(value) => {
                forget(value);
                Transition::keep()
            }
            Event::Down(_) | Event::Exit(_) => Transition::keep(),
        }
    }

    async fn enter(
        &mut self,
        state: &Bad,
        _: &Bad,
        _: &mut Context<Machine<Self>>,
    ) -> Entered<Self> {
        match state.0 {
            0..9 => Entered::done()
                .state_timeout(Bad(5), MS)
                .timeout(Bad(6), MS),
            _ => panic!("not to be entered"),
        }
    }

    fn format_status(&self, state: &Bad, status: &mut Status) {
        status.state = Some(format!("{state:?}, {:?}", self.data));
    }

    fn format_event(event: &Event<Self>) -> Option<String> {
        match event {
            Event::Info(value) | Event::Internal(value) | Event::Timeout(value) => {
                Some(format!("{value:?}"))
            }
            _ => None,
        }
    }
}

type Actors = ServerRef<Machine<Actor>>;

/// A machine with events and time-outs of every kind inside.
async fn full() -> Actors {
    good(async {
        let machine = Actor::start(()).await.expect("nothing is bad yet");
        for n in 0..3 {
            machine.send(Bad(n));
        }
        order(&machine, || {
            Transition::keep()
                .timeout(Bad(1), MS * 3)
                .timeout(Bad(2), MS * 3)
                .state_timeout(Bad(3), MS * 2)
                .event_timeout(Bad(4), MS)
        });
        drop(sys::get_state(&machine, |_| ()).await);
        machine
    })
    .await
}

fn order(machine: &Actors, order: impl FnOnce() -> Transition<Actor> + Send + 'static) {
    machine.cast(Box::new(order));
}

/// Gives a full machine an order, and ends it in two ways.
fn ordered(order_of: fn() -> Transition<Actor>) {
    for ends in [ExitReason::Kill, ExitReason::Shutdown] {
        play(|| {
            let ends = ends.clone();
            async move {
                let machine = full().await;
                arm();
                order(&machine, order_of);
                settle().await;
                process::exit(&machine, ends);
                machine.wait().await;
            }
        });
    }
}

#[test]
fn names_of_time_outs_are_set_again_updated_and_cancelled() {
    ordered(|| {
        Transition::keep()
            .timeout(Bad(1), MS)
            .timeout(Bad(2), Due::Update)
            .event_timeout(Bad(4), Due::Update)
            .state_timeout(Bad(1), Duration::ZERO)
            .event_timeout(Bad(3), Due::Never)
            .timeout(Bad(9), MS)
            .cancel_timeout(Bad(2))
            .cancel_timeout(Bad(8))
            .insert(Bad(10))
            .insert(Bad(11))
    });
}

#[test]
fn a_state_changes_with_all_that_belongs_to_it() {
    ordered(|| {
        Transition::next(Bad(2))
            .state_timeout(Bad(1), Duration::ZERO)
            .timeout(Bad(2), Duration::ZERO)
            .insert(Bad(3))
            .insert(Bad(4))
    });
}

#[test]
fn a_state_that_equals_the_present_one_is_dropped() {
    ordered(|| Transition::next(Bad(1)).insert(Bad(3)).timeout(Bad(2), MS));
}

#[test]
fn a_state_cannot_be_entered() {
    ordered(|| Transition::next(Bad(9)).insert(Bad(3)).timeout(Bad(2), MS));
}

#[test]
fn a_state_is_entered_again() {
    ordered(|| Transition::repeat().insert(Bad(3)).cancel_timeout(Bad(2)));
}

#[test]
fn a_machine_stops_with_orders_left() {
    ordered(|| {
        Transition::stop(ExitReason::other("enough"))
            .insert(Bad(3))
            .insert(Bad(4))
            .timeout(Bad(2), MS)
            .timeout(Bad(3), MS)
    });
}

#[test]
fn a_callback_fails_with_a_transition_in_its_hands() {
    ordered(|| {
        let transition = Transition::<Actor>::next(Bad(2)).insert(Bad(3));
        let _held = transition.timeout(Bad(4), MS).postpone(Event::Info(Bad(6)));
        panic!("in the middle")
    });
}

#[test]
fn events_are_handled_and_time_outs_ring() {
    play(|| async {
        let machine = full().await;
        arm();
        let called = machine.call(|from| (Bad(1), from)).await;
        forget(called);
        machine.send(Bad(2));
        drop(machine.send_request(|from| (Bad(3), from)));
        settle().await;
    });
}

#[test]
fn a_machine_is_looked_into_watched_and_replaced() {
    play(|| async {
        let machine = full().await;
        arm();
        drop(sys::log(&machine, 5).await);
        drop(sys::get_status(&machine).await);
        order(&machine, || {
            Transition::keep()
                .insert(Bad(3))
                .insert(Bad(4))
                .timeout(Bad(5), MS)
        });
        machine.send(Bad(2));
        settle().await;
        forget(sys::update_state(&machine, |it| it.set_state(Bad(4))).await);
        let data = Actor {
            data: Bad(1),
            patience: 0,
        };
        let new = Machine::new(Bad(3), data);
        forget(sys::replace_state(&machine, |_| new).await);
        drop(sys::get_status(&machine).await);
        settle().await;
    });
}

// What its destructors do is no part of what a machine does.
#[test]
fn names_that_panic_as_they_are_dropped_disturb_nobody() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime can be made");
    let done = runtime.block_on(Node::new().run(async {
        let machine = full().await;
        arm();
        order(&machine, || {
            Transition::keep()
                .timeout(Bad(1), MS)
                .timeout(Bad(2), Due::Update)
                .cancel_timeout(Bad(3))
        });
        settle().await;
        let alive = machine.is_alive();
        disarm();
        (alive, machine.stop().await)
    }));
    assert_eq!(done, Ok((true, Ok(()))));
}
