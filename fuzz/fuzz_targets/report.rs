//! What is made of an e-mail that may be a mail server's report.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(report) = post::read_report(data) {
        assert!(!report.message_ids.is_empty() || !report.recipients.is_empty());
        assert!(report.message_ids.len() <= 50 && report.recipients.len() <= 50);
    }
});
