//! Options on the first line, and a script that is run.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp_fuzz_tests::input::Target;

fuzz_target!(|input: &[u8]| Target::Script.check(input));
