//! The way of packets from a source to a leg.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| forward::fuzzing::rewrite(data));
