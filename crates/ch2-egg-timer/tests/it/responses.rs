//! What callbacks return, scene by scene.

use crate::kitchen::in_process;
use ch2_egg_timer::responses::api::{Value, show};
use otp_core::{prelude::*, process};

async fn check(value: Value, lines: &'static [&'static str]) {
    in_process(async move |mailbox: Mailbox<String>| {
        let mut mailbox = mailbox;
        let me = mailbox.me();
        show(value, move |line| me.send(line))
            .await
            .expect("the server lives");
        let mut told = Vec::new();
        while !mailbox.is_empty() {
            told.push(mailbox.receive().await);
        }
        assert_eq!(told, lines);
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

// S41
#[tokio::test(start_paused = true)]
async fn a_timeout_comes_when_nothing_else_does() {
    check(
        Value::Timeout,
        &[
            "init returns Timeout(0ms)",
            "handle_info timeout, count 1",
            "cast: return Timeout(30ms)",
            "handle_info timeout, count 2",
            "cast: return Timeout(1h); send: hello",
            "handle_info hello, count 3",
            "call: count, reply 3",
        ],
    )
    .await;
}

// S41
#[tokio::test(start_paused = true)]
async fn a_continue_comes_before_messages_that_wait_and_after_the_answer() {
    check(
        Value::Continue,
        &[
            "init sends hello to itself and returns Continue(Boot)",
            "handle_continue boot, count 1",
            "handle_info hello, count 2",
            r#"call: reply "at once" and Continue(AfterReply)"#,
            "handle_continue after the reply, count 3",
            "call: count, reply 3",
        ],
    )
    .await;
}

// S41
#[tokio::test(start_paused = true)]
async fn a_server_that_hibernates_answers() {
    check(
        Value::Hibernate,
        &[
            r#"call: reply "good night" and Hibernate"#,
            "call: count, reply 0",
        ],
    )
    .await;
}

// S41
#[tokio::test(start_paused = true)]
async fn an_answer_may_come_later_and_others_before_it() {
    check(
        Value::Later,
        &[
            "call: Reply::later()",
            "call: count, reply 0",
            "the first call: no reply yet",
            "send: hello",
            "handle_info hello, count 1",
            r#"the first call: reply "at last""#,
        ],
    )
    .await;
}
