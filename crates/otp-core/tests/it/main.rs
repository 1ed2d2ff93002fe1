//! The tests of otp-core, through its public interface: one module a subject.

mod smoke;
