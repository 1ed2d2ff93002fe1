//! An observer in the browser: what happens inside a [`Node`], live.
//!
//! [`serve`] opens a page beside the program, on this machine alone. It shows the processes and whom they wait for, the
//! supervision trees with what has crashed, the states of servers, and the runtime's reports. All of it is in the program:
//! the page loads nothing from anywhere else.
//!
//! ```
//! use otp_core::Node;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), otp_observer::ServeError> {
//! let node = Node::new();
//! let observer = otp_observer::serve(&node, ([127, 0, 0, 1], 0).into()).await?;
//! println!("look inside: {}", observer.link());
//! # Ok(())
//! # }
//! ```
//!
//! # What it costs
//!
//! Nothing, while no page is open. While one is, the node's processes [count](Node::observe) what they do, and the page
//! itself takes less than a hundredth of one core: what takes long to gather is gathered seldom. A visitor who opens more pages or
//! asks without end waits: there are 16 pages and 128 connections at a time, 50 requests a second after the first 200, and all looks
//! together have a fiftieth of a core after the first two seconds of work. A page that nobody sees is fed every ten seconds, and a
//! connection on which nothing comes or goes for 20 seconds is closed. Texts are cut: names, keys and values after 2,000 characters,
//! states after 100,000.
//!
//! # Who may look
//!
//! The page shows what servers show of themselves by [`format_status`](otp_core::GenServer::format_status), and what they
//! hide there stays hidden. It is for the eyes of those who run the program:
//!
//! - It listens on a loopback address, unless [told otherwise](Options::from_anywhere).
//! - The [link](Observer::link) has a token in it, and nobody is let in without.
//! - It only shows, unless [it may act](Options::with_actions), too: kill, stop and suspend processes, have supervisors
//!   restart children.
//! - Pages of other sites cannot use it: the host and the origin of a request are checked, and the site that a browser says
//!   it comes from. What acts needs a second token, which only the page itself can read.
//!
//! There is no encryption: where the network is not yours, use a tunnel.
//!
//! # OTP
//!
//! `observer` and `observer_cli`, and the pages of Phoenix's LiveDashboard.

mod act;
mod assets;
#[cfg(feature = "dist")]
mod clock;
#[cfg(feature = "dist")]
mod dist;
mod door;
mod far;
mod gate;
mod history;
mod inquiry;
mod metrics;
mod observer;
mod pace;
mod places;
mod reports;
mod state;
mod stream;
mod trace;
mod views;
mod web;

pub use metrics::Metrics;
pub use observer::{Observer, Options, ServeError};
pub use reports::{Reports, ReportsFilter, ReportsLayer};

use std::net::SocketAddr;

use otp_core::Node;

/// Serves the page of a node, with the usual [`Options`]: on a loopback address, and only to look. The port 0 is any that
/// is free.
///
/// The page is there until what this returns is dropped.
///
/// # Cancel safety
///
/// Dropped, it serves nothing.
///
/// # Errors
///
/// [`ServeError`]: the address is not a loopback one, or cannot be listened on.
pub async fn serve(node: &Node, address: SocketAddr) -> Result<Observer, ServeError> {
    Options::new().serve(node, address).await
}

/// The example of the crate's README, which is run as all others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
