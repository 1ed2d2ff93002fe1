//! The attribute macros of `otp-core`, which re-exports them; use them from there.
//!
//! They read and write tokens with the compiler's own `proc_macro` alone. A parser of all of Rust would double the
//! first build of `otp-core`, and the macros only need the names of items and the results of callbacks.

mod body;
mod gen_server;
mod lifetimes;
mod members;
mod misuse;
mod plain;
mod results;
mod state_machine;
mod tails;
mod test;
mod tokens;

use proc_macro::TokenStream;

/// Completes an `impl GenServer`: message kinds that the server does not use are left out.
///
/// The documentation is with its re-export, `otp_core::gen_server`.
#[proc_macro_attribute]
pub fn gen_server(arguments: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(arguments, item)
}

/// Completes an `impl StateMachine`: supplies the items that the machine does not use.
///
/// The documentation is with its re-export, `otp_core::state_machine`.
#[proc_macro_attribute]
pub fn state_machine(arguments: TokenStream, item: TokenStream) -> TokenStream {
    state_machine::expand(arguments, item)
}

/// Runs an async test inside a process, on a paused clock.
///
/// The documentation is with its re-export, `otp_core::test`.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(arguments, item)
}
