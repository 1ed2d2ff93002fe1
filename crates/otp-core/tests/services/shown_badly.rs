//! Texts for reports that panic, ask the very thing that they are of, or end it: the reports come, and say why it ended.

use std::time::Duration;

use futures_util::FutureExt;
use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerId, ManagerContext};
use otp_core::gen_server::Status;
use otp_core::prelude::*;
use otp_core::test::{Probe, Report, reports};
use otp_core::{process, sys};

/// What happens when a text is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    Panics,
    /// It asks for the status, and does not wait.
    Asks,
    /// It exits, as far as a text can.
    Exits,
    Kills,
}

const REPORTED: [Way; 3] = [Way::Panics, Way::Asks, Way::Exits];

impl Way {
    fn text(self) -> Option<String> {
        match self {
            Self::Panics => panic!("no text"),
            Self::Asks => {
                let me = ServerName::<Machine<Shy>>::new("asked");
                let asked = sys::get_status(&me).now_or_never();
                Some(format!("answered at once: {}", asked.is_some()))
            }
            Self::Exits => process::exit_self(ExitReason::other("exit of a text")),
            Self::Kills => {
                process::exit(process::current(), ExitReason::Kill);
                Some("killed".to_owned())
            }
        }
    }
}

/// A machine with such states, time-outs and events, that fails over a cast.
struct Shy;

impl StateMachine for Shy {
    type Args = Way;
    type State = Way;
    type Call = ReplyTo<()>;
    type Cast = Way;
    type Info = Way;
    type Internal = Way;
    type Timer = Way;

    async fn init(way: Way, _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        let first = Initial::state(way, Self);
        Ok(first.timeout(way, Duration::from_secs(60)).insert(way))
    }

    async fn handle(
        &mut self,
        _: &Way,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match event {
            Event::Cast(_) => panic!("boom"),
            event @ Event::Info(_) => Transition::keep().postpone(event),
            Event::Call(from) => Transition::keep().reply(from, ()),
            _ => Transition::keep(),
        }
    }

    fn format_status(&self, state: &Way, status: &mut Status) {
        status.state = state.text();
    }

    fn format_event(event: &Event<Self>) -> Option<String> {
        match event {
            Event::Cast(way) | Event::Info(way) | Event::Internal(way) | Event::Timeout(way) => {
                way.text()
            }
            _ => None,
        }
    }
}

type Machines = ServerRef<Machine<Shy>>;

async fn machine(way: Way) -> Machines {
    let machine = Shy::options().name("asked").start(way).await;
    machine.expect("the name is free")
}

#[otp_core::test(reports)]
async fn a_machine_ends_for_its_own_reason_and_is_reported() {
    for way in REPORTED {
        let machine = machine(way).await;
        machine.send(way);
        assert_eq!(
            machine.call(|from| from).await,
            Ok(()),
            "{way:?}: it goes on"
        );
        assert!(sys::log(&machine, 10).await.is_ok());
        assert!(sys::get_status(&machine).await.is_ok(), "{way:?}");
        machine.cast(way);
        let reason = machine.wait().await;
        let ExitReason::Panic(info) = &reason else {
            panic!("{way:?}: {reason:?}");
        };
        assert_eq!(info.message, "boom", "{way:?}");
        let reports = reports().take();
        let kinds: Vec<_> = reports.iter().map(Report::kind).collect();
        assert_eq!(kinds, ["gen_statem", "crash"], "{way:?}");
        let told = reports[0].field("reason").expect("it has one");
        assert!(told.contains("boom"), "{way:?}: {told}");
    }
}

#[otp_core::test]
async fn a_machine_that_a_text_kills_is_killed() {
    let machine = machine(Way::Kills).await;
    machine.cast(Way::Kills);
    assert_eq!(machine.wait().await, ExitReason::Killed);
}

/// A handler with such a state, that fails over an event.
struct Mumbler(Way);

impl EventHandler<Way> for Mumbler {
    type Args = Way;

    async fn init(way: Way, _: &mut ManagerContext<Way>) -> Result<Self, Stop> {
        Ok(Self(way))
    }

    async fn handle_event(&mut self, _: &Way, _: &mut ManagerContext<Way>) -> Handled<Way> {
        panic!("boom")
    }

    fn format_status(&self) -> Option<String> {
        self.0.text()
    }

    fn format_event(event: &Way) -> Option<String> {
        event.text()
    }
}

#[otp_core::test(reports)]
async fn a_handler_fails_for_its_own_reason_and_is_reported() {
    for way in REPORTED {
        let manager = EventManager::<Way>::start().await.expect("it starts");
        let probe = Probe::new();
        let told = probe.clone();
        let counts = move |_: &Way| {
            told.report(());
            Handled::Keep
        };
        assert!(manager.add_fn("counts", counts).await.is_ok());
        let added = manager.add_handler(HandlerId::<Mumbler>::new(), way).await;
        assert_eq!(added, Ok(()));
        sys::Server::find(&manager).expect("it lives").send(way);
        let status = sys::get_status(&manager).await.expect("it lives");
        let shown = status.state.expect("it has handlers");
        assert!(shown.contains("counts"), "{way:?}: {shown}");
        assert_eq!(manager.sync_notify(way).await, Ok(()));
        assert_eq!(probe.drain(), [()], "{way:?}: the others go on");
        let reports = reports().take();
        let kinds: Vec<_> = reports.iter().map(Report::kind).collect();
        assert_eq!(kinds, ["unexpected", "unexpected", "gen_event"], "{way:?}");
        let told = reports[2].field("reason").expect("it has one");
        assert!(told.contains("boom"), "{way:?}: {told}");
        assert_eq!(manager.stop().await, Ok(()));
    }
}

#[otp_core::test]
async fn a_manager_that_a_text_kills_is_killed() {
    let manager = EventManager::<Way>::start().await.expect("it starts");
    let added = manager
        .add_handler(HandlerId::<Mumbler>::new(), Way::Kills)
        .await;
    assert_eq!(added, Ok(()));
    let server = sys::Server::find(&manager).expect("it lives");
    server.send(Way::Kills);
    assert_eq!(server.wait().await, ExitReason::Killed);
}
