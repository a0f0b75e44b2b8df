//! A stream that has layers, read and thinned.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| forward::fuzzing::layers(data));
