//! Parts that can be appended to bytes without a [`Term`](crate::Term) around them.

use super::leaf;
use crate::term::{Atom, Pid, Reference};

impl Atom {
    /// Appends the atom as a term without the version byte.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        leaf::atom(out, self);
    }
}

impl Pid {
    /// Appends the pid as a term without the version byte.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{Atom, Pid, Term};
    ///
    /// let pid = Pid { id: 90, serial: 0, node: Atom::new("a@b")?, creation: 1 };
    /// let mut bytes = vec![131];
    /// pid.encode_into(&mut bytes);
    /// assert_eq!(Term::decode(&bytes)?, Term::from(pid));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        leaf::pid(out, self);
    }
}

impl Reference {
    /// Appends the reference as a term without the version byte.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        leaf::reference(out, self);
    }
}
