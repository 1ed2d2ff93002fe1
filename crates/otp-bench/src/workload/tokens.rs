//! Tokens go around rings of servers: what `ring hop` and `pairs` have in common.

pub(super) mod floor;
pub(super) mod ours;

/// How many rings there are, and of how many servers each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) rings: u64,
    pub(super) members: u64,
}
