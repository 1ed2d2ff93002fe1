//! What can be seen of processes and of what they keep from outside, without asking them.

mod activity;
mod contents;
mod counts;
mod memory;
mod pages;
mod receiving;
mod totals;
