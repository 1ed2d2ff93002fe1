//! The state belongs to one thread.
//! Says: within `Counter`, the trait `Send` is not implemented for `Rc<u64>`

use std::rc::Rc;

use otp_core::prelude::*;

struct Counter(Rc<u64>);

#[gen_server]
impl GenServer for Counter {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Rc::new(0))))
    }
}

fn main() {}
