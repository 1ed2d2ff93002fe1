//! The arguments of a program, one a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp_fuzz_tests::input::Target;

fuzz_target!(|input: &[u8]| Target::Args.check(input));
