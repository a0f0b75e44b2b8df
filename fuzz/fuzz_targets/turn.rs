//! What a relay makes of STUN and channel data, of strangers and of those with credentials.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sfu::fuzzing::turn(data);
});
