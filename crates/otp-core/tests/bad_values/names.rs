//! A registry of the user's that panics as it is to register a name.

use std::sync::Arc;

use otp_core::gen_server::StartOptions;
use otp_core::prelude::*;
use otp_core::{NameRegistry, Pid, process};

struct Broken;

impl NameRegistry for Broken {
    fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> {
        panic!("on purpose")
    }

    fn unregister_name(&self, _: &str, _: Pid) {}

    fn whereis_name(&self, _: &str) -> Option<Pid> {
        None
    }
}

struct Quiet;

#[gen_server]
impl GenServer for Quiet {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }
}

fn options() -> StartOptions<Quiet> {
    Quiet::options().name(Name::via(Arc::new(Broken), "quiet"))
}

#[otp_core::test]
async fn a_server_whose_registry_panics_leaves_no_process() {
    let before = process::node().processes();
    let child = ChildSpec::worker("quiet", || options().start_link(()));
    let tree = Supervisor::new(Strategy::OneForOne).child(child);
    assert!(tree.start().await.is_err());
    let alone = process::spawn(async |_: Mailbox<Never>| drop(options().start(()).await));
    assert!(alone.wait().await.is_abnormal());
    assert_eq!(process::node().processes(), before);
}
