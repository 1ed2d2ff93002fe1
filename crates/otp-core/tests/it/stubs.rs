//! A stub answers by a closure under the protocol of a server, and is addressed and stopped as that is.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::{StubMessage, stub};
use otp_core::{process, timer};

struct Desk;

enum Ask {
    Length(String, ReplyTo<usize>),
    Never(ReplyTo<()>),
}

#[gen_server]
impl GenServer for Desk {
    type Call = Ask;
    type Cast = String;
    type Info = u8;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::ignore())
    }

    async fn handle_call(&mut self, _: Ask, _: &mut Context<Self>) -> Reply<Self> {
        Reply::later()
    }

    async fn handle_cast(&mut self, _: String, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    async fn handle_info(&mut self, _: Info<u8>, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }
}

fn desk(me: ProcessRef<String>) -> ServerRef<Desk> {
    stub::<Desk>(move |message| match message {
        StubMessage::Call(Ask::Length(text, from)) => from.send(text.len()),
        StubMessage::Call(Ask::Never(from)) => drop(from),
        StubMessage::Cast(text) => me.send(text),
        StubMessage::Info(number) => me.send(number.to_string()),
    })
}

#[tokio::test(start_paused = true)]
async fn a_stub_takes_all_that_its_server_takes() -> Result<(), ExitReason> {
    let node = Node::new();
    node.run_with(|mut mailbox: Mailbox<String>| async move {
        let desk = desk(mailbox.me());
        process::register("desk", &desk)?;
        let named = ServerName::<Desk>::new("desk");
        let length = named.call(|from| Ask::Length("four".to_owned(), from));
        assert_eq!(length.await, Ok(4));
        let dropped = desk.call(Ask::Never).await;
        assert!(matches!(dropped, Err(CallError::ReplyDropped { .. })));
        named.cast("cast".to_owned());
        timer::send_after(&desk, Duration::from_secs(1), 7);
        assert_eq!(mailbox.receive().await, "cast");
        assert_eq!(mailbox.receive().await, "7");
        Ok::<_, Stop>(())
    })
    .await?
    .map_err(Stop::into_reason)
}

#[tokio::test(start_paused = true)]
async fn a_stub_stops_as_its_server_does() -> Result<(), ExitReason> {
    let node = Node::new();
    node.run_with(|mut mailbox: Mailbox<String>| async move {
        let first = desk(mailbox.me());
        // What was sent before is handled before.
        first.cast("last words".to_owned());
        assert_eq!(first.stop().await, Ok(()));
        assert_eq!(mailbox.receive().await, "last words");
        let second = desk(mailbox.me());
        assert_eq!(second.stop_with(ExitReason::Shutdown).await, Ok(()));
        assert_eq!(second.wait().await, ExitReason::Shutdown);
        Ok::<_, Stop>(())
    })
    .await?
    .map_err(Stop::into_reason)
}
