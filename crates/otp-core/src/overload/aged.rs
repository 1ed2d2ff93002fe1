//! Messages that know how long they have waited.

use std::time::Duration;

use tokio::time::Instant;

/// A message with the time at which it was made, so that its receiver can ignore it if it is too old.
///
/// For a call this is seldom needed: [`ReplyTo::is_wanted`](crate::ReplyTo::is_wanted) says whether its caller still waits.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::overload::Aged;
/// use otp_core::prelude::*;
///
/// struct Screen(Vec<u32>);
///
/// #[gen_server]
/// impl GenServer for Screen {
///     type Cast = Aged<u32>;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self(Vec::new())))
///     }
///
///     async fn handle_cast(&mut self, price: Aged<u32>, _: &mut Context<Self>) -> Next<Self> {
///         // A value of a second ago is not worth showing.
///         if let Some(price) = price.within(Duration::from_secs(1)) {
///             self.0.push(price);
///         }
///         Next::NoReply
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// let screen = Screen::start_link(()).await?;
/// screen.cast(Aged::new(42));
/// assert_eq!(otp_core::sys::get_state(&screen, |it| it.0.clone()).await?, [42]);
/// # Ok(())
/// # }).await.expect("it lives");
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Aged<M> {
    made: Instant,
    message: M,
}

impl<M> Aged<M> {
    /// A message that is made now.
    #[must_use]
    pub fn new(message: M) -> Self {
        Self {
            made: Instant::now(),
            message,
        }
    }

    /// The age of the message.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.made.elapsed()
    }

    /// The message, if it is not older than this.
    #[must_use]
    pub fn within(self, limit: Duration) -> Option<M> {
        (self.age() <= limit).then_some(self.message)
    }

    /// The message, whatever its age.
    #[must_use]
    pub fn into_inner(self) -> M {
        self.message
    }
}
