//! A node among Erlang's: the distribution protocol of Erlang/OTP.
//!
//! The [`guide`] has a page for [Elixir clusters](guide::elixir_cluster) and one for [Rust nodes](guide::rust_nodes) alone.
//!
//! A [`Distribution`] makes a [`Node`](otp_core::Node) a member of a cluster of Elixir, Erlang and other Rust nodes. Servers that are
//! [exposed](Distribution::expose) are called, cast to, monitored and linked from there like any other, and the processes here do
//! the same with those over there.
//!
//! The same message enums serve locally and across the cluster: a server is written once, and two derives make it reachable.
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_dist::{Config, Distribution};
//! use serde::{Deserialize, Serialize};
//!
//! struct Calculator;
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Call {
//!     /// `{divide, 10, 4}` -> `{ok, 2} | {error, division_by_zero}`
//!     Divide(i64, i64, ReplyTo<Result<i64, Error>>),
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Error {
//!     DivisionByZero,
//! }
//!
//! #[gen_server]
//! impl GenServer for Calculator {
//!     type Call = Call;
//!
//!     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::state(Self))
//!     }
//!
//!     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
//!         let Call::Divide(a, b, from) = call;
//!         from.reply(a.checked_div(b).ok_or(Error::DivisionByZero))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Two nodes in one program. In a cluster with an epmd, neither needs the address of the other.
//! let (here, there) = (Node::new(), Node::new());
//! let config = |name| Config::new(name).cookie("secret").without_epmd();
//! let other = Distribution::start(&there, config("other@127.0.0.1")).await?;
//! Calculator::options().on(&there).name("calc").start(()).await?;
//! other.expose::<Calculator>("calc");
//!
//! let config = config("rust@127.0.0.1").peer("other@127.0.0.1", other.address());
//! let dist = Distribution::start(&here, config).await?;
//! let calc = dist.server::<Calculator>("calc", "other@127.0.0.1");
//! assert_eq!(calc.call(|from| Call::Divide(10, 4, from)).await?, Ok(2));
//! assert_eq!(calc.call(|from| Call::Divide(1, 0, from)).await?, Err(Error::DivisionByZero));
//! # Ok(())
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod answer;
mod backend;
mod call;
mod channel;
mod config;
mod connection;
mod contain;
mod cookie;
mod core;
mod counting;
mod crossing;
mod dashboard;
mod dial;
mod discovery;
mod distribution;
mod epmd;
mod exception;
mod exposed;
mod functions;
mod gate;
pub mod guide;
mod handles;
mod identity;
mod inspection;
mod load;
mod multi;
mod nodes;
mod peers;
mod pg;
#[cfg(feature = "phoenix")]
mod phoenix;
mod queue;
mod reason;
mod receive;
mod registry;
mod rex;
mod spans;
mod spawned;
mod system;
#[cfg(feature = "tls")]
mod tls;
mod traffic;
mod transport;
mod well_known;
pub mod wire;

pub use call::{CallError, Destination, RpcError};
pub use config::Config;
pub use cookie::{CookieError, read_cookie};
pub use discovery::{Discovery, Finding, Found, NodeFile, Source};
#[cfg(feature = "dns")]
pub use discovery::{Dns, DnsError};
pub use distribution::{Distribution, StartError};
pub use exception::Exception;
pub use functions::{Arguments, Raised};
pub use gate::{Exposure, TermCall};
pub use handles::{RemoteProcess, RemoteServer};
pub use inspection::RemoteInfo;
pub use nodes::{NodeEvent, NodeMonitor};
pub use otp_etf::Atom;
pub use peers::ConnectError;
pub use reason::{reason_from_term, reason_to_term};
pub use registry::ClusterRegistry;
#[cfg(feature = "spans")]
pub use spans::SpanContext;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};
pub use traffic::ConnectionInfo;
pub use transport::{Connecting, Streams, Transport};
