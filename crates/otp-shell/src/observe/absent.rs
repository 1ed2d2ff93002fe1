//! The page of a program that was built without it.

use crate::failure::Failure;
use otp_core::Node;
use std::future::{Future, ready};
use std::net::SocketAddr;
use tracing::Subscriber;
use tracing_subscriber::{Layer, layer::Identity};

/// The page that there is not.
#[derive(Debug, Clone)]
pub(crate) struct Observing {
    program: &'static str,
}

impl Observing {
    pub(crate) fn new(program: &'static str) -> Self {
        Self { program }
    }

    pub(crate) fn layer<S: Subscriber>(&self) -> impl Layer<S> + use<S> {
        Identity::new()
    }

    pub(crate) fn serve(
        &self,
        _: &Node,
        _: SocketAddr,
        _: bool,
    ) -> impl Future<Output = Result<String, Failure>> + use<> {
        ready(Err(Failure::usage(format_args!(
            "the page is not built in: type `cargo run -p {} --features observe -- --observe`",
            self.program
        ))))
    }

    pub(crate) fn link(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_to_type_for_the_page_is_told() {
        let at = SocketAddr::from(([127, 0, 0, 1], 0));
        let page = Observing::new("ch3-super-duper");
        let refused = page.serve(&Node::new(), at, false).await;
        let refused = refused.expect_err("there is no page");
        let command = "`cargo run -p ch3-super-duper --features observe -- --observe`";
        assert!(refused.to_string().ends_with(command), "{refused}");
        assert_eq!(refused.exit_code(), 2);
    }
}
