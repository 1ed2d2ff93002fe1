//! Servers with names: local, global and those of a registry of the user's own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard};

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Down, NameRegistry, RegisterError, process};

use crate::puppet::{Puppet, as_process, boom};

/// A registry of the test's own.
#[derive(Debug, Default)]
struct Registry(Mutex<HashMap<String, Pid>>);

impl Registry {
    fn table(&self) -> MutexGuard<'_, HashMap<String, Pid>> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

impl NameRegistry for Registry {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        match self.table().entry(key.to_owned()) {
            Entry::Occupied(entry) => Err(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(pid);
                Ok(())
            }
        }
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        self.table()
            .retain(|held, holder| held != key || *holder != pid);
    }

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        self.table().get(key).copied()
    }
}

struct Echo;

enum Ask {
    Pid(ReplyTo<Pid>),
}

#[gen_server]
impl GenServer for Echo {
    type Args = Probe<Pid>;
    type Call = Ask;
    type Cast = Probe<Pid>;
    type Info = Probe<Pid>;

    async fn init(
        probe: Probe<Pid>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        probe.report(context.pid());
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, call: Ask, context: &mut Context<Self>) -> Reply<Self> {
        let Ask::Pid(from) = call;
        from.reply(context.pid())
    }

    async fn handle_cast(&mut self, probe: Probe<Pid>, context: &mut Context<Self>) -> Next<Self> {
        probe.report(context.pid());
        Next::NoReply
    }

    async fn handle_info(
        &mut self,
        info: Info<Probe<Pid>>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        if let Info::Message(probe) = info {
            probe.report(context.pid());
        }
        Next::NoReply
    }
}

// NAM-006
#[tokio::test(start_paused = true)]
async fn a_server_is_started_and_addressed_by_local_global_and_via_names() {
    as_process(|mut mailbox: Mailbox<Down>| async move {
        let registry = Arc::new(Registry::default());
        let names = [
            Name::local("echo"),
            Name::global("echo"),
            Name::via(registry.clone(), "echo"),
            Name::via(Arc::new(Registry::default()), "echo"),
        ];
        let node = process::node();
        let mut pids = Vec::new();
        for name in &names {
            let server = Echo::options()
                .name(name.clone())
                .start(Probe::new())
                .await
                .expect("it is free");
            pids.push(server.pid());
        }
        for (name, pid) in names.iter().zip(&pids) {
            let server = ServerName::<Echo>::new(name.clone());
            let probe = Probe::new();
            assert_eq!(server.call(Ask::Pid).await, Ok(*pid), "{name}");
            server.cast(probe.clone());
            assert_eq!(probe.next().await, *pid);
            assert_eq!(server.send(probe.clone()), Ok(()));
            assert_eq!(probe.next().await, *pid);
            assert_eq!(server.send_request(Ask::Pid).await, Ok(*pid));
            assert_eq!(node.whereis(name.clone()), Some(*pid));
            let again = Echo::options().name(name.clone()).start(Probe::new()).await;
            assert_eq!(again, Err(StartError::AlreadyStarted(*pid)));
            mailbox.monitor(name.clone(), |down| down);
            assert_eq!(server.stop().await, Ok(()));
            let down = mailbox.receive().await;
            assert_eq!(down.target, name.clone().into());
            assert_eq!(node.whereis(name.clone()), None);
            assert!(matches!(
                server.call(Ask::Pid).await,
                Err(CallError::NoProcess { .. })
            ));
        }
        assert!(registry.table().is_empty());
    })
    .await;
}

// NAM-006
#[tokio::test(start_paused = true)]
async fn local_and_global_names_are_two_name_spaces() {
    let node = Node::new();
    let (one, other) = (Puppet::new(&node), Puppet::new(&node));
    assert_eq!(node.register("name", &one), Ok(()));
    assert_eq!(node.register(Name::global("name"), &other), Ok(()));
    assert_eq!(node.whereis("name"), Some(one.pid()));
    assert_eq!(node.whereis(Name::global("name")), Some(other.pid()));
    assert_eq!(node.registered(), ["name"], "the local ones");
    // A process may have one of each.
    assert_eq!(node.register(Name::global("also"), &one), Ok(()));
    assert_eq!(node.unregister(Name::global("name")), Ok(()));
    assert_eq!(node.whereis("name"), Some(one.pid()));
    one.ends(boom()).await;
    assert_eq!(node.whereis(Name::global("also")), None);
}

// NAM-007
#[tokio::test(start_paused = true)]
async fn a_start_with_a_name_that_is_none_is_refused_before_anything_runs() {
    as_process(|mailbox: Mailbox<Never>| async move {
        let probe = Probe::new();
        for name in [
            Name::local(""),
            Name::global(""),
            Name::via(Arc::new(Registry::default()), ""),
        ] {
            let refused = Echo::options().name(name).start_link(probe.clone()).await;
            assert_eq!(refused, Err(StartError::Name(RegisterError::Reserved)));
        }
        assert_eq!(probe.drain(), []);
        assert_eq!(process::node().processes(), [mailbox.pid()]);
    })
    .await;
}

/// Asks the holder of the name, often enough for the name to remember it.
async fn holder(name: &ServerName<Echo>) -> Option<Pid> {
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(name.call(Ask::Pid).await.ok());
        assert_eq!(name.whereis().map(|server| server.pid()), answers[0]);
        let probe = Probe::new();
        name.cast(probe.clone());
        assert_eq!(name.send(probe.clone()).is_ok(), answers[0].is_some());
        if let Some(pid) = answers[0] {
            assert_eq!((probe.next().await, probe.next().await), (pid, pid));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers[0]
}

async fn echo(name: Option<Name>) -> ServerRef<Echo> {
    let options = match name {
        Some(name) => Echo::options().name(name),
        None => Echo::options(),
    };
    options.start(Probe::new()).await.expect("the name is free")
}

// NAM-001
#[tokio::test(start_paused = true)]
async fn a_name_in_use_finds_nobody_once_it_is_taken_back_and_then_whoever_gets_it() {
    as_process(|_: Mailbox<Never>| async move {
        for name in [Name::local("echo"), Name::global("echo")] {
            let used = ServerName::<Echo>::new(name.clone());
            let (one, other) = (echo(Some(name.clone())).await, echo(None).await);
            assert_eq!(holder(&used).await, Some(one.pid()));
            assert_eq!(process::unregister(name.clone()), Ok(()));
            assert_eq!(holder(&used).await, None);
            assert_eq!(process::register(name.clone(), &other), Ok(()));
            assert_eq!(holder(&used).await, Some(other.pid()));
            assert_eq!(process::unregister(name.clone()), Ok(()));
            assert_eq!(process::register(name.clone(), &one), Ok(()));
            assert_eq!(holder(&used).await, Some(one.pid()), "it has it again");
            // Its other name has gone once; this one has not.
            assert_eq!(holder(&used.clone()).await, Some(one.pid()));
        }
    })
    .await;
}

// NAM-005
#[tokio::test(start_paused = true)]
async fn a_name_in_use_finds_the_next_incarnation() {
    as_process(|_: Mailbox<Never>| async move {
        for name in [Name::local("echo"), Name::global("echo")] {
            let used = ServerName::<Echo>::new(name.clone());
            assert_eq!(holder(&used).await, None);
            for _ in 0..3 {
                let server = echo(Some(name.clone())).await;
                assert_eq!(holder(&used).await, Some(server.pid()));
                process::exit(&server, ExitReason::Kill);
                assert_eq!(used.whereis().map(|server| server.pid()), None);
                server.wait().await;
                assert_eq!(holder(&used).await, None);
            }
        }
    })
    .await;
}

// NAM-006
#[tokio::test(start_paused = true)]
async fn a_name_in_use_in_a_registry_of_the_users_own_is_asked_for_each_time() {
    as_process(|_: Mailbox<Never>| async move {
        let registry = Arc::new(Registry::default());
        let used = ServerName::<Echo>::new(Name::via(registry.clone(), "echo"));
        let (one, other) = (echo(None).await, echo(None).await);
        for server in [&one, &other, &one] {
            registry.table().insert("echo".to_owned(), server.pid());
            assert_eq!(holder(&used).await, Some(server.pid()));
        }
    })
    .await;
}

// NAM-001
#[tokio::test(start_paused = true)]
async fn a_name_in_use_on_two_nodes_finds_two_servers() {
    let used = Arc::new(ServerName::<Echo>::new("echo"));
    let [one, other] = [Node::new(), Node::new()];
    for node in [&one, &other, &one, &other] {
        let used = used.clone();
        let seen = node.run(async move {
            if process::whereis("echo").is_none() {
                echo(Some(Name::local("echo"))).await;
            }
            (holder(&used).await, process::whereis("echo"))
        });
        let (found, expected) = seen.await.expect("it does not crash");
        assert_eq!(found, expected);
        assert_eq!(expected.map(Pid::node), Some(node.id()));
    }
    // Bound to a node later, it forgets the other one.
    let bound = Arc::into_inner(used).expect("nobody else has it").on(&one);
    let server = bound.whereis().expect("it is there still");
    assert_eq!(server.pid().node(), one.id());
}
