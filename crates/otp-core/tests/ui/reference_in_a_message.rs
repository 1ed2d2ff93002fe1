//! A message borrows from its sender.
//! Says: hold a `String`

use otp_core::prelude::*;

struct Log<'a>(Vec<&'a str>);

#[gen_server]
impl<'a> GenServer for Log<'a> {
    type Cast = &'a str;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Vec::new())))
    }

    async fn handle_cast(&mut self, line: &'a str, _: &mut Context<Self>) -> Next<Self> {
        self.0.push(line);
        Next::NoReply
    }
}

fn main() {}
