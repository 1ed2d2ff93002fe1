//! A server whose name fails to show itself.

use std::fmt;

use otp_core::prelude::*;
use otp_core::registry::Registry;

use super::support::{Call, Hop, keep_lines, line_of};

#[derive(Clone, PartialEq, Eq, Hash)]
struct Shy;

impl fmt::Debug for Shy {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("it does not show itself");
    }
}

#[otp_core::test]
async fn a_server_whose_name_cannot_be_shown_handles_its_messages() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let registry = Registry::<Shy, ()>::unique("shy");
    registry.start_link().await?;
    let server = Hop::options().name(registry.via(Shy)).start(()).await?;
    assert_eq!(server.call(|from| Call::Do("shy", from)).await, Ok(()));
    let line = line_of("shy");
    assert!(line.starts_with("handle_call{name=\"not shown"), "{line}");
    Ok(())
}
