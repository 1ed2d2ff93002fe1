//! The processes.

use otp_core::prelude::*;

/// A server that asks the next one, if there is one.
#[derive(Debug)]
pub struct Desk(Option<ServerRef<Desk>>);

#[gen_server]
impl GenServer for Desk {
    type Args = Option<ServerRef<Desk>>;
    type Call = ReplyTo<u32>;

    async fn init(next: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(next)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
        let asked = match &self.0 {
            Some(next) => next.call(|from| from).await.unwrap_or_default(),
            None => 0,
        };
        from.reply(asked + 1)
    }
}
