//! An agent that gets its state as a value: it is made in the agent's process.
//! Says: in a closure with no arguments: `|| { /* code */ }`

use otp_core::prelude::*;
use otp_core::Agent;

async fn count() -> Result<Agent<u64>, StartError> {
    Agent::start(0).await
}

fn main() {}
