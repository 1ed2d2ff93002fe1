//! Listeners, which get a message of every registration.

use otp_core::prelude::*;
use otp_core::registry::{Listener, RegistryEvent};
use otp_core::test::Probe;
use otp_core::{Registry, process};

use crate::puppet::{Puppet, boom};
use crate::support::{Event, Lab, Order, in_process, lab, settle, with_mailbox};

// REG-012
#[tokio::test(start_paused = true)]
async fn listeners_are_told_of_each_registration_and_each_giving_up() {
    with_mailbox(|mailbox| async move {
        let told = Probe::new();
        let report = told.clone();
        let listener = process::spawn(
            move |mut mailbox: Mailbox<RegistryEvent<String, u32>>| async move {
                loop {
                    report.report(mailbox.receive().await);
                }
            },
        );
        process::register("listener", &listener).unwrap();
        let keys = Registry::<String, u32>::options("keys")
            .listener(Listener::process("nobody", |event| event))
            .listener(Listener::process("listener", |event| event))
            .unique();
        keys.start_link().await.unwrap();

        let me = mailbox.pid();
        let register = |key: &str, pid, value| RegistryEvent::Register {
            key: key.to_owned(),
            pid,
            value,
        };
        let unregister = |key: &str, pid| RegistryEvent::Unregister {
            key: key.to_owned(),
            pid,
        };
        keys.unregister("k");
        assert_eq!(told.next().await, unregister("k", me), "also for no entry");
        keys.register("k", 1).unwrap();
        assert_eq!(told.next().await, register("k", me, 1));
        keys.register("k", 2).unwrap_err();
        keys.unregister_matching("k", |value| *value == 2);
        keys.unregister_matching("k", |value| *value == 1);
        assert_eq!(told.next().await, unregister("k", me));
        let puppet = Puppet::new(&process::node());
        process::register(keys.via_with("via", 5), puppet.pid()).unwrap();
        assert_eq!(told.next().await, register("via", puppet.pid(), 5));
        process::unregister(keys.via("via")).unwrap();
        assert_eq!(told.next().await, unregister("via", puppet.pid()));
        process::register(keys.via("via"), puppet.pid()).unwrap();
        assert_eq!(told.next().await, register("via", puppet.pid(), 0));
        puppet.ends(boom()).await;
        settle().await;
        assert_eq!(told.drain(), [], "an end is no giving up");
    })
    .await;
}

// REG-012
#[tokio::test(start_paused = true)]
async fn a_server_may_be_a_listener() {
    in_process(async {
        let keys = Registry::<u32>::options("keys")
            .listener(Listener::server::<Lab>("lab", |event| match event {
                RegistryEvent::Register { key, .. } => Order::Note(key),
                RegistryEvent::Unregister { key, .. } => Order::Note(key + 100),
            }))
            .duplicate();
        keys.start_link().await.unwrap();
        keys.register(1_u32, ()).unwrap();
        let probe = Probe::new();
        let options = Lab::options().name("lab");
        options.start(lab(&probe)).await.unwrap();
        keys.register(2_u32, ()).unwrap();
        keys.unregister(2_u32);
        settle().await;
        let told = [Event::Init, Event::Message(2), Event::Message(102)];
        assert_eq!(probe.drain(), told, "the first came before it");
    })
    .await;
}
