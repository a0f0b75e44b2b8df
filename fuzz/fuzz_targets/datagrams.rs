//! What a worker makes of datagrams: ICE, DTLS records, SRTP and RTCP of peers with keys.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sfu::fuzzing::datagrams(data);
});
