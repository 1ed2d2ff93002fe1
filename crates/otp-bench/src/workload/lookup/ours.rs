//! Names of the node.

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use super::{FLOOD, SERVERS, name, visits};
use crate::cost::{Cost, Stopwatch};
use crate::server::{self, Adder, Call, Cast};

pub(super) fn casts(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let names: Vec<ServerName<Adder>> = (0..SERVERS).map(name).map(ServerName::new).collect();
        for name in &names {
            Adder::options()
                .name(name.name().clone())
                .start(0)
                .await
                .expect("init of the benchmark's server cannot fail");
        }
        let visits: Vec<_> = visits().into_iter().map(|index| &names[index]).collect();
        flood(&visits, &names).await;
        let watch = Stopwatch::start();
        for _ in 0..operations / FLOOD {
            flood(&visits, &names).await;
        }
        watch.stop()
    }))
}

async fn flood(visits: &[&ServerName<Adder>], names: &[ServerName<Adder>]) {
    for name in visits {
        name.cast(Cast::Add(1));
    }
    for name in names {
        name.call(|from| Call::Total(0, from))
            .await
            .expect("the benchmark's server runs and answers at once");
    }
}
