//! Errors by `?`: from callbacks and bodies into reasons, and from reasons into other errors.

use std::error::Error;
use std::num::ParseIntError;

use otp_core::prelude::*;
use otp_core::process;

use crate::support::in_process;

/// Parses what it is told, in each of its callbacks.
struct Parser(u64);

enum Call {
    Add(String, ReplyTo<u64>),
}

/// An error type of the program's own.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("out of eggs")]
struct OutOfEggs;

#[gen_server]
impl GenServer for Parser {
    type Args = String;
    type Call = Call;
    type Cast = String;
    type Info = String;
    type Continue = String;

    async fn init(text: String, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        let first = text.parse()?;
        Ok(Init::state(Self(first)))
    }

    async fn handle_call(
        &mut self,
        call: Call,
        _: &mut Context<Self>,
    ) -> Result<Reply<Self>, Stop> {
        let Call::Add(text, from) = call;
        self.0 += text.parse::<u64>()?;
        Ok(from.reply(self.0))
    }

    async fn handle_cast(
        &mut self,
        text: String,
        _: &mut Context<Self>,
    ) -> Result<Next<Self>, Box<dyn Error + Send + Sync>> {
        if text == "early" {
            return Ok(Next::Continue("7".to_owned()));
        }
        self.0 += text.parse::<u64>()?;
        Ok(Next::Continue(text))
    }

    async fn handle_info(
        &mut self,
        info: Info<String>,
        _: &mut Context<Self>,
    ) -> Result<Next<Self>, ParseIntError> {
        if let Info::Message(text) = info {
            self.0 += text.parse::<u64>()?;
        }
        Ok(Next::NoReply)
    }

    async fn handle_continue(
        &mut self,
        text: String,
        _: &mut Context<Self>,
    ) -> Result<Next<Self>, Stop> {
        self.0 += text.parse::<u64>()?;
        match self.0 {
            0 => Err(ExitReason::Shutdown)?,
            13 => Err(OutOfEggs)?,
            _ => Ok(Next::NoReply),
        }
    }
}

async fn parser(first: &str) -> ServerRef<Parser> {
    Parser::start(first.to_owned()).await.expect("it starts")
}

fn no_number() -> ExitReason {
    ExitReason::error("x".parse::<u64>().expect_err("x is no number"))
}

#[tokio::test(start_paused = true)]
async fn every_callback_may_use_question_marks() {
    in_process(async {
        let failed = Parser::start("x".to_owned()).await;
        assert_eq!(
            failed.expect_err("init fails"),
            StartError::Init(no_number())
        );

        let by_call = parser("1").await;
        assert_eq!(
            by_call.call(|from| Call::Add("2".to_owned(), from)).await,
            Ok(3)
        );
        let answer = by_call.call(|from| Call::Add("x".to_owned(), from)).await;
        assert!(matches!(answer, Err(CallError::Exited { reason, .. }) if reason == no_number()));
        assert_eq!(by_call.wait().await, no_number());

        let by_cast = parser("1").await;
        by_cast.cast("early".to_owned());
        by_cast.cast("x".to_owned());
        assert_eq!(by_cast.wait().await, no_number());

        let by_message = parser("1").await;
        by_message.send("x".to_owned());
        assert_eq!(by_message.wait().await, no_number());

        // A continue runs after the cast that asked for it, with its text once more.
        let by_continue = parser("5").await;
        by_continue.cast("4".to_owned());
        assert_eq!(by_continue.wait().await, ExitReason::error(OutOfEggs));
        let by_continue = parser("0").await;
        by_continue.cast("0".to_owned());
        assert_eq!(by_continue.wait().await, ExitReason::Shutdown);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_body_takes_any_error_and_gives_reasons_back_unchanged() {
    in_process(async {
        let of_error = process::spawn(|_: Mailbox<Never>| async {
            "x".parse::<u64>()?;
            Ok::<_, Stop>(())
        });
        assert_eq!(of_error.wait().await, no_number());
        let of_reason = process::spawn(|_: Mailbox<Never>| async {
            Err::<(), Stop>(ExitReason::Killed.into())
        });
        assert_eq!(of_reason.wait().await, ExitReason::Killed);
        let of_box = process::spawn(|_: Mailbox<Never>| async {
            let refused: Result<(), Box<dyn Error + Send + Sync>> = Err("no".into());
            refused?;
            Ok::<_, Stop>(())
        });
        assert_eq!(of_box.wait().await.to_string(), "no");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_node_runs_a_body_that_may_fail_and_flattens_its_result() {
    let node = Node::new();
    assert_eq!(
        node.try_run(async { Ok("42".parse::<u32>()?) }).await,
        Ok(42)
    );
    let failed = node.try_run(async { Ok("x".parse::<u32>()?) }).await;
    assert_eq!(failed, Err(no_number()));
    let panicked = node
        .try_run(async {
            if true {
                panic!("boom");
            }
            Ok(())
        })
        .await;
    assert!(matches!(panicked, Err(ExitReason::Panic(_))));
}

#[test]
fn a_reason_is_an_error_with_the_text_and_the_source_of_its_error() {
    fn fails() -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(ExitReason::error(OutOfEggs))?
    }
    let error = fails().expect_err("it fails");
    assert_eq!(error.to_string(), "out of eggs");
    assert!(error.source().is_none(), "the error has none");
    let reason: &ExitReason = error.downcast_ref().expect("it is taken in as it is");
    assert_eq!(reason.downcast_error(), Some(&OutOfEggs));
    assert!(ExitReason::Killed.source().is_none());
}

#[test]
fn reasons_of_equal_values_are_equal() {
    assert_eq!(ExitReason::error(OutOfEggs), ExitReason::error(OutOfEggs));
    assert_ne!(ExitReason::error(OutOfEggs), no_number());
    assert_eq!(
        ExitReason::other("late"),
        ExitReason::other("late".to_owned())
    );
    assert_eq!(
        ExitReason::from("late"),
        ExitReason::other("late".to_owned())
    );
    assert_ne!(
        ExitReason::other("late"),
        ExitReason::other("early".to_owned())
    );
    assert_ne!(ExitReason::other("1"), ExitReason::other(1));
    assert_eq!(
        ExitReason::shutdown_with("drained"),
        ExitReason::shutdown_with("drained".to_owned())
    );
}

/// A server whose callbacks return no `Result`, and use `?` in code that does.
struct Careful;

#[gen_server]
impl GenServer for Careful {
    type Call = (String, ReplyTo<Option<u8>>);

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_call(
        &mut self,
        (text, from): (String, ReplyTo<Option<u8>>),
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        fn first<T: ?Sized + AsRef<str>>(text: &T) -> Option<char> {
            let first = text.as_ref().chars().next()?;
            Some(first)
        }
        let half = |text: &str| Some(text.parse::<u8>().ok()? / 2);
        let later = async {
            let half = half(&text)?;
            first(&text)?;
            Some(half)
        };
        from.reply(later.await)
    }
}

#[otp_core::test]
async fn a_question_mark_in_a_closure_or_a_block_of_a_callback_is_no_mistake() {
    let server = Careful::start(()).await.expect("it starts");
    let ask = |text: &str| {
        let text = text.to_owned();
        server.call(|from| (text, from))
    };
    assert_eq!(ask("42").await, Ok(Some(21)));
    assert_eq!(ask("none").await, Ok(None));
}
