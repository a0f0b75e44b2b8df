//! Consent (RFC 7675 §5.1): it lasts 30 s, so this is looked at where there is time for it.

use std::time::Duration;

use sfu::{MediaEvent, PeerKey};

use crate::answer::{address, value};
use crate::client::{Client, Style};
use crate::meeting::{CALL, Meeting, answer, is_long};
use crate::stranger::Stranger;

/// Longer than consent lasts.
const LONG: Duration = Duration::from_secs(45);

#[test]
fn each_time_and_once() {
    if !is_long() {
        return;
    }
    let mut meeting = Meeting::new();
    let offer = Client::new(0, &Style::default()).offer();
    let text = answer(meeting.sfu.attach(CALL, PeerKey(1), 0, &offer)).expect("it fits");
    let lost = MediaEvent::Lost { peer: PeerKey(1) };
    let mut voice = Stranger::new();
    for time in 1..3 {
        meeting.until_within(LONG, "the silence is reported", |meeting| {
            meeting.events.len() == time
        });
        assert_eq!(meeting.events, vec![lost.clone(); time]);
        let fragment = format!(
            "{}:{}",
            value(&text, "ice-ufrag"),
            value(&offer, "ice-ufrag")
        );
        voice.check(address(&text), &fragment, value(&text, "ice-pwd"));
        meeting.until("it is heard again", |_| voice.heard() > 0);
    }
}
