//! The counterpart of a code change: a state that is migrated.

use std::mem;

use super::error::ChangeCodeError;
use super::status::Mode;
use super::{Server, guarded, with_state};
use crate::gen_server::{Begin, GenServer, Limited, TimeLimit};
use crate::process::panic;

/// Replaces the state of a [suspended](super::suspend) server: `migrate` runs in the server and makes the new state
/// from the present one, or refuses. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
///
/// For changes during which servers must handle no message, such as a change of several servers together: suspend them,
/// change each, resume them.
///
/// # OTP
///
/// `sys:change_code/4` and `Module:code_change/3`.
///
/// # Differences from OTP
///
/// The code of a running Rust program does not change, and neither does the type of a state. There remains the
/// migration of the state, which is given with the request.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the state may still change.
///
/// # Errors
///
/// [`ChangeCodeError`]; then the server goes on with the state that it has. So it does if `migrate` panics.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, ChangeCodeError};
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().run(async {
/// let counter = Counter::start_link(42).await?;
/// let halve = |counter: &Counter| match counter.0 % 2 {
///     0 => Ok(Counter(counter.0 / 2)),
///     _ => Err("an odd number cannot be halved"),
/// };
/// sys::suspend(&counter).await?;
/// assert_eq!(sys::change_code(&counter, halve).await, Ok(()));
/// let refused = ChangeCodeError::Refused("an odd number cannot be halved");
/// assert_eq!(sys::change_code(&counter, halve).await, Err(refused));
/// sys::resume(&counter).await?;
/// assert_eq!(sys::get_state(&counter, |counter| counter.0).await, Ok(21));
/// # Ok::<_, ExitReason>(())
/// # }).await.expect("the example does not crash").expect("the counter lives");
/// # }
/// ```
pub fn change_code<A: Server, E: Send + 'static>(
    server: &A,
    migrate: impl FnOnce(&A::State) -> Result<A::State, E> + Send + 'static,
) -> Limited<impl Begin<Output = Result<(), ChangeCodeError<E>>>> {
    let change = |state: &mut A::State, mode| {
        if mode != Mode::Suspended {
            return Err(ChangeCodeError::NotSuspended);
        }
        // As for a state that is replaced: the present one stays until there is another.
        let next = guarded(|| migrate(state)).map_err(ChangeCodeError::Function)?;
        let mut next = next.map_err(ChangeCodeError::Refused)?;
        next.take_over(state);
        let former = mem::replace(state, next);
        panic::run_quietly(|| drop(former));
        Ok(())
    };
    Limited::new(TimeLimit::DEFAULT, |limit| {
        with_state(server, limit, change)
    })
}
