//! What is made of a STUN datagram.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sfu::fuzzing::stun(data));
