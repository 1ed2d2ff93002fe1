//! What can be seen of processes from outside, without asking them.

mod activity;
mod pages;
