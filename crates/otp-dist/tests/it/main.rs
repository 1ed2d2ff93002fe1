//! The tests of otp-dist, over real connections on the loopback interface: one module a subject.

mod bounds;
mod calls;
mod clusters;
mod hostile;
mod signals;
mod support;
