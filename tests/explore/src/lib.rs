//! Small systems of otp-core, each played in many orders.
//!
//! A system is the body of a process: it starts others, lets them meet, and asserts what OTP's rules say of it whatever the
//! order was. [`otp_core::explore`] draws the order from a seed. A seed that fails is played again by
//! `OTP_SEED=17 cargo test -p otp-explore-tests links`, or by `just explore --system links --from 17 --seeds 1`.

mod cast;
mod net;
pub mod system;
mod systems;

pub use system::{Found, System};
pub use systems::ALL;
