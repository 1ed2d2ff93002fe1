//! What the runtime calls of rooms that no model needs.

pub(crate) mod time {
    use std::time::Duration;

    use tokio::time::Instant;

    pub(crate) fn after(start: Instant, delay: Duration) -> Instant {
        start + delay
    }

    pub(crate) fn can_wait_here() -> bool {
        true
    }
}
