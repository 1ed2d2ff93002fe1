//! A number, a length, a name, a limit, a chance or a choice.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp_fuzz_tests::input::Target;

fuzz_target!(|input: &[u8]| Target::Value.check(input));
