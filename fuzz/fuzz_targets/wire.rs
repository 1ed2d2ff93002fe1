//! What a peer or a daemon of Erlang's may send.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otp_fuzz_tests::input::Target;

fuzz_target!(|input: &[u8]| Target::Wire.check(input));
