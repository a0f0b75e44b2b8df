//! What is made of a message of a client: it is refused, or says the same once it is written.
#![no_main]

use wire::parse::parse_client;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(message) = parse_client(&String::from_utf8_lossy(data)) else {
        return;
    };
    let text = serde_json::to_string(&message).expect("a message has a text");
    assert_eq!(parse_client(&text), Ok(message));
});
