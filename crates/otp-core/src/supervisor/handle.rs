//! The parts that the handles of all kinds of supervisors share.

/// A handle on a supervisor of any kind, which leads to it by way of another handle.
macro_rules! supervisor_handle {
    ($handle:ident, self.$inner:tt) => {
        crate::util::handle::handle!($handle, self.$inner.pid());

        impl $handle {
            /// The supervisor's pid.
            #[must_use]
            pub fn pid(&self) -> crate::pid::Pid {
                self.$inner.pid()
            }

            /// Whether the supervisor lives. It is false as soon as its end is decided.
            #[must_use]
            pub fn is_alive(&self) -> bool {
                self.$inner.is_alive()
            }

            /// Stops the supervisor with `Normal`, after its children, and waits until it is dead, for as long as that takes
            /// unless [`timeout`](crate::gen_server::Limited::timeout) sets a limit.
            ///
            /// # OTP
            ///
            /// `supervisor:stop/1`, Elixir's `DynamicSupervisor.stop/1`.
            ///
            /// # Cancel safety
            ///
            /// Dropped after its first poll it no longer waits; the supervisor stops nevertheless.
            ///
            /// # Errors
            ///
            /// [`StopError`](crate::gen_server::StopError).
            pub fn stop(
                &self,
            ) -> crate::gen_server::Limited<
                impl crate::gen_server::Begin<Output = Result<(), crate::gen_server::StopError>>,
            > {
                self.$inner.stop()
            }

            /// As [`stop`](Self::stop), with another reason. The children end with `Shutdown`, whatever this reason is.
            ///
            /// # OTP
            ///
            /// `supervisor:stop/3`, Elixir's `DynamicSupervisor.stop/3`.
            ///
            /// # Cancel safety
            ///
            /// As for [`stop`](Self::stop).
            ///
            /// # Errors
            ///
            /// [`StopError`](crate::gen_server::StopError).
            pub fn stop_with(
                &self,
                reason: impl Into<crate::exit::ExitReason>,
            ) -> crate::gen_server::Limited<
                impl crate::gen_server::Begin<Output = Result<(), crate::gen_server::StopError>>,
            > {
                self.$inner.stop_with(reason)
            }

            /// Waits until the supervisor is dead, and returns why it ended.
            ///
            /// # Cancel safety
            ///
            /// May be dropped and called again.
            pub async fn wait(&self) -> crate::exit::ExitReason {
                self.$inner.wait().await
            }
        }
    };
}

/// The handle on a supervisor whose server is of this type: how it is made, its requests, and itself as a child.
macro_rules! supervisor_server {
    ($handle:ident, $server:ident) => {
        supervisor_handle!($handle, self.0);

        impl $handle {
            pub(crate) fn new(server: ServerRef<$server>) -> Self {
                Self(server)
            }

            /// Sends a request, and waits for the answer as long as it takes.
            async fn ask<T: Send + 'static>(
                &self,
                request: impl FnOnce(
                    crate::gen_server::ReplyTo<T>,
                ) -> <$server as crate::gen_server::GenServer>::Call,
            ) -> Result<T, crate::gen_server::CallError> {
                self.0
                    .call(request)
                    .timeout(crate::gen_server::TimeLimit::Infinity)
                    .await
            }
        }

        impl From<$handle> for crate::child_spec::Child {
            fn from(supervisor: $handle) -> Self {
                supervisor.0.into()
            }
        }
    };
}

pub(crate) use {supervisor_handle, supervisor_server};
