//! The check of exercise 4.2.

#![allow(dead_code)]

#[cfg(feature = "solution")]
#[path = "solution.rs"]
mod exercise;
#[cfg(feature = "start")]
#[path = "start.rs"]
mod exercise;
#[cfg(not(any(feature = "solution", feature = "start")))]
#[path = "src/lib.rs"]
mod exercise;

use std::sync::Arc;

use exercise::{Directory, name};
use otp_core::prelude::*;
use otp_core::{NameRegistry, process};

struct Yoshi;

enum Call {
    Say(ReplyTo<&'static str>),
}

#[gen_server]
impl GenServer for Yoshi {
    type Call = Call;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply("Yoshi!"),
        }
    }
}

#[otp_core::test]
async fn a_server_is_found_by_its_via_name() {
    let directory = Arc::new(Directory::default());
    let name = name(&directory, "yoshi");
    let yoshi = Yoshi::options()
        .name(name.clone())
        .start(())
        .await
        .expect("yoshi starts");
    let found = process::whereis(name.clone());
    assert_eq!(
        found,
        Some(yoshi.pid()),
        "yoshi was registered, but is not found"
    );
    assert_eq!(
        ServerName::<Yoshi>::new(name).call(Call::Say).await,
        Ok("Yoshi!")
    );
}

#[otp_core::test]
async fn a_name_in_use_is_refused() {
    let directory = Arc::new(Directory::default());
    let name = name(&directory, "yoshi");
    let first = Yoshi::options()
        .name(name.clone())
        .start(())
        .await
        .expect("yoshi starts");
    let second = Yoshi::options().name(name.clone()).start(()).await;
    assert!(
        matches!(second, Err(StartError::AlreadyStarted(pid)) if pid == first.pid()),
        "yoshi runs already, so a second start must fail: {second:?}"
    );
    assert_eq!(
        process::whereis(name),
        Some(first.pid()),
        "the first process keeps the name"
    );
}

#[otp_core::test]
async fn a_name_is_free_once_its_process_has_ended() {
    let directory = Arc::new(Directory::default());
    let name = name(&directory, "yoshi");
    let first = Yoshi::options()
        .name(name.clone())
        .start(())
        .await
        .expect("yoshi starts");
    first.stop().await.expect("yoshi stops");
    assert_eq!(
        process::whereis(name.clone()),
        None,
        "yoshi has ended, but still has the name"
    );
    let second = Yoshi::options()
        .name(name.clone())
        .start(())
        .await
        .expect("the name is free");
    directory.unregister_name("yoshi", first.pid());
    assert_eq!(
        process::whereis(name),
        Some(second.pid()),
        "the first yoshi was removed late, and the second one has lost its name"
    );
}
