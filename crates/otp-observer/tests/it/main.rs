//! The page as a browser asks for it, over sockets.

mod client;
mod contents;
mod doors;
mod guards;
mod hostile;
mod looks;
mod nodes;
mod numbers;
mod stuck;
