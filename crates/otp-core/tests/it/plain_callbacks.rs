//! Callbacks that never wait, which the attribute makes plain functions, beside callbacks that do.

use std::sync::{Arc, Mutex};

use otp_core::prelude::*;

use crate::support::in_process;

/// What happened, in order.
type Log = Arc<Mutex<Vec<&'static str>>>;

/// An argument with a destructor.
struct Held(Log);

impl Drop for Held {
    fn drop(&mut self) {
        self.0
            .lock()
            .expect("no test panics with it")
            .push("dropped");
    }
}

fn note(log: &Log, event: &'static str) {
    log.lock().expect("no test panics with it").push(event);
}

/// Hides what it does from the attribute.
macro_rules! pause {
    () => {
        tokio::task::yield_now().await
    };
}

macro_rules! server {
    ($name:ident, $wait:block) => {
        struct $name(Log);

        #[gen_server]
        impl GenServer for $name {
            type Args = Log;
            type Call = ReplyTo<Vec<&'static str>>;
            type Cast = Held;

            async fn init(log: Log, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
                Ok(Init::state(Self(log)))
            }

            async fn handle_call(
                &mut self,
                from: ReplyTo<Vec<&'static str>>,
                _: &mut Context<Self>,
            ) -> Reply<Self> {
                $wait
                let log = self.0.lock().expect("no test panics with it").clone();
                from.reply(log)
            }

            async fn handle_cast(&mut self, _held: Held, _: &mut Context<Self>) -> Next<Self> {
                $wait
                note(&self.0, "handled");
                Next::NoReply
            }
        }
    };
}

server!(Plain, {});
server!(Waiting, {
    tokio::task::yield_now().await;
});
server!(Hidden, {
    pause!();
});

async fn argument_lives<S>()
where
    S: GenServer<Args = Log, Call = ReplyTo<Vec<&'static str>>, Cast = Held>,
{
    let log = Log::default();
    let server = S::start_link(log.clone()).await.expect("it starts");
    server.cast(Held(log));
    let seen = server.call(|from| from).await.expect("it answers");
    assert_eq!(seen, ["handled", "dropped"]);
}

#[tokio::test(start_paused = true)]
async fn an_argument_that_is_not_used_lives_to_the_end_of_the_callback() {
    in_process(async {
        argument_lives::<Plain>().await;
        argument_lives::<Waiting>().await;
        argument_lives::<Hidden>().await;
    })
    .await;
}
