//! What `rpc` and `erpc` find here.

use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{Distribution, Raised};
use otp_etf::{Atom, Term, term};

use crate::opaque::Log;

const MODULE: &str = "Elixir.Rust";

pub(crate) fn offer(node: &Node, dist: &Distribution) {
    dist.function(MODULE, "hello", |(name,): (String,)| {
        format!("Hello, {name}!")
    });
    dist.async_function(MODULE, "add", async |(a, b): (i128, i128)| {
        a.checked_add(b).ok_or(Raised::Error(term!(badarg)))
    });
    dist.async_function(MODULE, "fail", async |(why,): (Term,)| {
        failed(Raised::Error(why))
    });
    dist.async_function(MODULE, "throw", async |(why,): (Term,)| {
        failed(Raised::Throw(why))
    });
    dist.async_function(MODULE, "exit", async |(why,): (Term,)| {
        failed(Raised::Exit(why))
    });
    dist.async_function(MODULE, "sleep", async |(ms,): (u64,)| {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok(Atom::constant("ok"))
    });
    let log = ServerName::<Log>::new("log").on(node);
    dist.function(MODULE, "note", move |(what,): (Term,)| {
        // Nobody is told if there is no log.
        let _sent = log.send(term!({rpc, (what)}));
        Atom::constant("ok")
    });
    let name = dist.name().clone();
    dist.function("erlang", "node", move |()| name.clone());
}

fn failed(how: Raised) -> Result<Term, Raised> {
    Err(how)
}
