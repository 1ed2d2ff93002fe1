//! The names that nearly every server needs.
//!
//! ```
//! use otp_core::prelude::*;
//! ```

pub use crate::child_spec::{ChildSpec, Restart, Shutdown};
pub use crate::dynamic_supervisor::DynamicSupervisor;
pub use crate::exit::ExitReason;
pub use crate::gen_server::{
    CallError, Context, GenServer, Info, Init, Next, Reply, ReplyTo, ServerName, ServerRef,
    StartError,
};
pub use crate::name::Name;
pub use crate::never::Never;
pub use crate::node::Node;
pub use crate::pid::Pid;
pub use crate::process::{Down, Exit, Mailbox, ProcessRef};
pub use crate::state_machine::{Entered, Event, Initial, Machine, StateMachine, Transition};
pub use crate::stop::Stop;
pub use crate::supervisor::{Strategy, Supervisor};
pub use otp_macros::{gen_server, state_machine};
