//! A term of Erlang's as bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp_fuzz_tests::input::Target;

fuzz_target!(|input: &[u8]| Target::Term.check(input));
