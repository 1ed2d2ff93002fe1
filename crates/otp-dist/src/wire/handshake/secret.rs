//! The cookie, and the proof that a node has it.

use std::fmt;

use md5::{Digest, Md5};

/// The secret that all nodes of a cluster share. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie(Box<[u8]>);

impl Cookie {
    /// Makes a cookie of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().into())
    }

    /// The proof of the cookie for the sender of this challenge.
    pub(super) fn digest(&self, challenge: u32) -> [u8; 16] {
        let mut digest = Md5::new();
        digest.update(&self.0);
        digest.update(challenge.to_string());
        digest.finalize().into()
    }

    /// Whether the digest was made with this cookie. The time it takes does not depend on how much of it is right.
    pub(super) fn proves(&self, challenge: u32, digest: [u8; 16]) -> bool {
        constant_time_eq::constant_time_eq_16(&self.digest(challenge), &digest)
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Cookie")
    }
}
