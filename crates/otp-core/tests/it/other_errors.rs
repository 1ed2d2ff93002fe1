//! Errors of the crates `anyhow` and `eyre` in callbacks and bodies.

use std::convert::Infallible;
use std::error::Error;
use std::num::ParseIntError;

use otp_core::prelude::*;
use otp_core::{process, sys};

/// Adds numbers that are read with `anyhow`, `eyre` and boxed errors.
struct Sum(u32);

enum Call {
    Anyhow(&'static str, ReplyTo<u32>),
    Eyre(&'static str, ReplyTo<u32>),
    Boxed(&'static str, ReplyTo<u32>),
}

fn by_anyhow(text: &str) -> anyhow::Result<u32> {
    use anyhow::Context as _;

    text.parse().with_context(|| format!("cannot read {text}"))
}

fn by_eyre(text: &str) -> eyre::Result<u32> {
    use eyre::WrapErr as _;

    text.parse().wrap_err_with(|| format!("cannot read {text}"))
}

fn boxed(text: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(text.parse()?)
}

#[gen_server]
impl GenServer for Sum {
    type Args = &'static str;
    type Call = Call;
    type Cast = &'static str;
    type Info = &'static str;

    async fn init(first: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(by_anyhow(first)?)))
    }

    async fn handle_call(
        &mut self,
        call: Call,
        _: &mut Context<Self>,
    ) -> Result<Reply<Self>, Stop> {
        let (more, from) = match call {
            Call::Anyhow(text, from) => (by_anyhow(text)?, from),
            Call::Eyre(text, from) => (by_eyre(text)?, from),
            Call::Boxed(text, from) => (boxed(text)?, from),
        };
        self.0 += more;
        Ok(from.reply(self.0))
    }

    async fn handle_cast(
        &mut self,
        text: &'static str,
        _: &mut Context<Self>,
    ) -> anyhow::Result<Next<Self>> {
        self.0 += by_anyhow(text)?;
        Ok(Next::NoReply)
    }

    async fn handle_info(
        &mut self,
        info: Info<&'static str>,
        _: &mut Context<Self>,
    ) -> eyre::Result<Next<Self>> {
        if let Info::Message(text) = info {
            self.0 += by_eyre(text)?;
        }
        Ok(Next::NoReply)
    }
}

/// The causes of all these ends, as reports show them.
const CAUSES: &str = "cannot read x: invalid digit found in string";

async fn sum() -> ServerRef<Sum> {
    Sum::start("1").await.expect("it is a number")
}

/// How a server ends over a call.
async fn over(call: impl FnOnce(ReplyTo<u32>) -> Call) -> ExitReason {
    let sum = sum().await;
    let answer = sum.call(call).await.expect_err("it cannot read x");
    let reason = sum.wait().await;
    assert!(matches!(answer, CallError::Exited { reason: told, .. } if told == reason));
    reason
}

/// How a process with this body ends.
async fn of<E>(body: fn(&str) -> Result<u32, E>) -> ExitReason
where
    E: Into<Stop> + Send + 'static,
{
    let process = process::spawn(move |_: Mailbox<Never>| async move { body("x").map(drop) });
    process.wait().await
}

#[otp_core::test(reports)]
async fn callbacks_and_bodies_end_with_errors_of_other_crates() {
    let cast = async {
        let sum = sum().await;
        sum.cast("x");
        sum.wait().await
    };
    let message = async {
        let sum = sum().await;
        sum.send("x");
        sum.wait().await
    };
    let StartError::Init(init) = Sum::start("x").await.expect_err("init cannot read x") else {
        unreachable!("init fails");
    };
    for reason in [
        init,
        over(|from| Call::Anyhow("x", from)).await,
        over(|from| Call::Eyre("x", from)).await,
        cast.await,
        message.await,
        of(by_anyhow).await,
        of(by_eyre).await,
    ] {
        assert_eq!(reason.to_string(), "cannot read x");
        assert_eq!(format!("{reason:#}"), CAUSES);
    }
    let reports = otp_core::test::reports().take();
    for kind in ["crash", "gen_server"] {
        let of_kind: Vec<_> = reports.iter().filter(|it| it.kind() == kind).collect();
        let show_causes = of_kind.iter().all(|it| it.field("reason") == Some(CAUSES));
        assert!(of_kind.len() > 3 && show_causes, "{of_kind:?}");
    }
    for reason in [over(|from| Call::Boxed("x", from)).await, of(boxed).await] {
        assert!(reason.downcast_error::<ParseIntError>().is_some());
        assert_eq!(format!("{reason:#}"), "invalid digit found in string");
    }
}

/// Both crates hide the type of what an error was made of, as the documentation of [`Stop`] says.
#[test]
fn a_reason_inside_an_error_of_another_crate_is_taken_out_with_its_own_downcast() {
    let error = anyhow::Error::from(ExitReason::Shutdown);
    assert_eq!(error.downcast_ref(), Some(&ExitReason::Shutdown));
    let inside = Stop::from(error).into_reason();
    assert!(matches!(inside, ExitReason::Error(error) if error.to_string() == "shutdown"));
    let report = eyre::Report::from(ExitReason::Shutdown);
    assert_eq!(report.downcast_ref(), Some(&ExitReason::Shutdown));
    let inside = Stop::from(report).into_reason();
    assert!(matches!(inside, ExitReason::Error(error) if error.to_string() == "shutdown"));
}

/// A cause stands once in the text of an error of another crate: as the text of the reason, and not as its source again.
#[test]
fn a_chain_of_causes_shows_each_cause_once() {
    let reasons = [
        by_anyhow("x").map_err(Stop::from),
        by_eyre("x").map_err(Stop::from),
        boxed("x").map_err(Stop::from),
    ];
    let expected = [
        "cannot start: cannot read x: invalid digit found in string",
        "cannot start: cannot read x: invalid digit found in string",
        "cannot start: invalid digit found in string",
    ];
    for (reason, expected) in reasons.into_iter().zip(expected) {
        let reason = reason.expect_err("x is no number").into_reason();
        let error = anyhow::Error::from(reason.clone()).context("cannot start");
        assert_eq!(format!("{error:#}"), expected);
        let text = format!("{error:?}");
        assert_eq!(
            text.matches("cannot read x").count(),
            expected.matches("cannot read x").count(),
            "{text}"
        );
        let report = eyre::Report::from(reason).wrap_err("cannot start");
        assert_eq!(format!("{report:#}"), expected);
    }
}

fn check_chain(error: impl Error + Clone + Send + Sync + 'static) {
    let source = error.source().expect("the cause of the error");
    assert_eq!(source.to_string(), "invalid digit found in string");
    for text in [
        format!("{:#}", anyhow::Error::from(error.clone())),
        format!("{:?}", anyhow::Error::from(error.clone())),
        format!("{:#}", eyre::Report::from(error.clone())),
        format!("{:#}", ExitReason::error(error)),
    ] {
        for cause in ["cannot read x", "invalid digit"] {
            assert_eq!(text.matches(cause).count(), 1, "{text}");
        }
    }
}

#[otp_core::test(reports)]
async fn an_error_that_contains_a_reason_has_the_source_of_the_reason() {
    let reason = || Stop::from(by_anyhow("x").expect_err("x is no number")).into_reason();
    let sum = Sum::start("1").await.expect("it starts");
    check_chain(
        sum.call(|from| Call::Anyhow("x", from))
            .await
            .expect_err("it ends"),
    );
    check_chain(Sum::start("x").await.expect_err("it does not start"));
    let sum = Sum::start("1").await.expect("it starts");
    let (stopped, ()) = tokio::join!(sum.stop(), async { process::exit(&sum, reason()) });
    check_chain(stopped.expect_err("it has ended before"));

    let tasks = otp_core::TaskSupervisor::new()
        .start()
        .await
        .expect("it starts");
    let task = tasks
        .spawn_nolink(async move { process::exit_self(reason()) })
        .await;
    let value: Result<(), _> = task.expect("it starts").await;
    check_chain(value.expect_err("it has none"));

    let children = DynamicSupervisor::new().start().await.expect("it starts");
    let child = || ChildSpec::worker("child", || async { Sum::start_link("x").await });
    check_chain(
        children
            .start_child(child())
            .await
            .expect_err("it does not start"),
    );

    let sum = Sum::start("1").await.expect("it starts");
    sys::suspend(&sum).await.expect("it lives");
    let fails = move |_: &Sum| -> Result<Sum, Infallible> { process::exit_self(reason()) };
    check_chain(sys::change_code(&sum, fails).await.expect_err("it fails"));
}

#[test]
fn the_long_form_of_a_term_is_one_line() {
    #[derive(Debug, PartialEq)]
    struct Burnt {
        minutes: u8,
    }

    let text = "Burnt { minutes: 12 }";
    let burnt = || Burnt { minutes: 12 };
    assert_eq!(format!("{:#}", ExitReason::other(burnt())), text);
    assert_eq!(
        format!("{:#}", ExitReason::shutdown_with(burnt())),
        format!("shutdown: {text}")
    );
}
