//! The page as a browser asks for it, over sockets.

mod client;
mod doors;
mod looks;
mod numbers;
