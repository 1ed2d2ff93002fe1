//! The calculator with calls: functions, no messages.

use crate::calculator::boundary::{Call, Server};
use otp_core::prelude::*;

pub use ch1_calculator::core::{Number, Op};

/// A running calculator, whose every operation has an answer.
///
/// # Examples
///
/// ```
/// use ch2_egg_timer::calculator::api::{Calculator, Number, Op};
/// use otp_core::{ExitReason, Node};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let session = async {
///     let calculator = Calculator::start(Number::from(10)).await?;
///     calculator.apply(Op::Add(Number::from(5))).await?;
///     assert!(calculator.apply(Op::Divide(Number::from(0))).await.is_err());
///     Ok::<_, ExitReason>(calculator.state().await.is_err())
/// };
/// assert_eq!(Node::new().run(session).await, Ok(Ok(true)));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Calculator {
    server: ServerRef<Server>,
}

impl Calculator {
    /// Starts a calculator that is linked to nobody.
    ///
    /// # Errors
    ///
    /// Fails as every start of a server does; the calculator's own `init` never fails.
    pub async fn start(initial: Number) -> Result<Self, StartError> {
        Ok(Self {
            server: Server::start(initial).await?,
        })
    }

    /// Starts a calculator that is linked to the calling process.
    ///
    /// # Errors
    ///
    /// The same as for [`start`](Self::start).
    pub async fn start_link(initial: Number) -> Result<Self, StartError> {
        Ok(Self {
            server: Server::start_link(initial).await?,
        })
    }

    /// Does an operation, and returns when it has been done.
    ///
    /// # Errors
    ///
    /// [`CallError`] with the reason when the operation has ended the calculator, when it had ended
    /// before, or when it does not answer within five seconds.
    pub async fn apply(&self, op: Op) -> Result<(), CallError> {
        self.server.call(|from| Call::Apply(op, from)).await
    }

    /// The total.
    ///
    /// # Errors
    ///
    /// [`CallError`], as for [`apply`](Self::apply).
    pub async fn state(&self) -> Result<Number, CallError> {
        self.server.call(Call::State).await
    }

    /// The pid of the calculator's process.
    pub fn pid(&self) -> Pid {
        self.server.pid()
    }

    /// Whether the calculator is still running.
    pub fn is_alive(&self) -> bool {
        self.server.is_alive()
    }
}
