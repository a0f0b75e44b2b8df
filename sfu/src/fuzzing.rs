//! What the fuzz targets and the replay of their seeds drive.

mod dear;

use std::net::SocketAddr;
use std::sync::Arc;

use forward::time::Micros;
use rtc_stun::attributes::{ATTR_USERNAME, AttrType, RawAttribute};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, Message, Setter, TransactionId};
use rtc_stun::textattrs::TextAttribute;

use crate::ice::{Ice, Request};
use crate::sdp::{Credentials, Offer};

pub use crate::turn::fuzzing::turn;
pub use crate::worker::fuzzing::{Stage, datagrams};

/// Reads `data` as an offer, and answers it where it can be used.
pub fn offer(data: &[u8]) {
    if let Ok(offer) = Offer::read(&String::from_utf8_lossy(data)) {
        crate::worker::fuzzing::answer(&offer);
    }
}

/// Offers as dear to read and to answer as can be, each by its shape, up to the longest that is
/// read and somewhat above.
#[must_use]
pub fn dear_offers() -> Vec<(&'static str, String)> {
    dear::offers()
}

/// Takes `data` as a STUN datagram from anywhere; then as the attributes of a request that is
/// authentic.
pub fn stun(data: &[u8]) {
    let local = credentials("fuzz");
    let remote = credentials("peer");
    let crypto = Arc::new(rtc_crypto::providers::AwsLcRsProvider::new());
    let mut ice = Ice::new(crypto, local.clone(), remote.clone(), Micros(0));
    let source = SocketAddr::from(([192, 0, 2, 1], 9)).into();
    for datagram in [data.to_vec(), request(&local, &remote, data)] {
        if let Some(request) = Request::read(&datagram) {
            let checked = ice.check(request, source, Micros(1));
            let answer = checked.map_or(0, |checked| checked.answer.len());
            assert!(answer <= 128, "an answer is short");
        }
    }
}

/// Credentials of 24 bytes of password.
pub(crate) fn credentials(fragment: &str) -> Credentials {
    Credentials {
        fragment: fragment.to_owned(),
        password: "0123456789abcdefghijklmn".to_owned(),
    }
}

/// An authentic request from `remote` to `local`. Each attribute more is a type of two bytes, a
/// length of one, and so many bytes.
pub(crate) fn request(local: &Credentials, remote: &Credentials, attributes: &[u8]) -> Vec<u8> {
    use rtc_crypto::RTCCryptoProvider as _;
    let crypto = rtc_crypto::providers::AwsLcRsProvider::new();
    let username = format!("{}:{}", local.fragment, remote.fragment);
    let mut setters: Vec<Box<dyn Setter + '_>> = vec![
        Box::new(TransactionId::new()),
        Box::new(BINDING_REQUEST),
        Box::new(TextAttribute::new(ATTR_USERNAME, username)),
    ];
    let mut rest = attributes;
    while let Some(([high, low, length], after)) = rest.split_first_chunk() {
        let (value, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        setters.push(Box::new(RawAttribute {
            typ: AttrType(u16::from_be_bytes([*high, *low])),
            length: value.len().try_into().unwrap_or_default(),
            value: value.to_vec(),
        }));
    }
    let password = local.password.clone();
    let integrity =
        MessageIntegrity::new_short_term_integrity_with_provider(password, crypto.crypto());
    setters.push(Box::new(integrity));
    setters.push(Box::new(FINGERPRINT));
    let mut message = Message::new();
    match message.build(&setters) {
        Ok(()) => message.raw,
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    fn replay(folder: &str, play: fn(&[u8])) {
        let folder = format!("{}/../fuzz/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut replayed = 0;
        for file in std::fs::read_dir(folder).expect("the seeds are there") {
            let seed = std::fs::read(file.expect("a file").path()).expect("a seed");
            play(&seed);
            replayed += 1;
        }
        assert!(replayed > 0, "there is none");
    }

    #[test]
    fn every_seed_and_every_crash_found_of_datagrams_is_replayed() {
        replay("seeds/datagrams", |seed| drop(super::datagrams(seed)));
    }

    #[test]
    fn the_seeds_of_datagrams_are_forwarded_repaired_and_shaken_hands_with() {
        let sent = |seed: &[u8]| super::datagrams(seed);
        let media = sent(include_bytes!("../../fuzz/seeds/datagrams/media-of-two"));
        assert!(media.len() > 20, "{}", media.len());
        let reports = sent(include_bytes!("../../fuzz/seeds/datagrams/reports"));
        assert!(reports.len() > 10, "{}", reports.len());
        let offers = sent(include_bytes!(
            "../../fuzz/seeds/datagrams/offers-between-packets"
        ));
        assert!(offers.len() > 10, "{}", offers.len());
        let handshake = sent(include_bytes!("../../fuzz/seeds/datagrams/handshake"));
        assert!(
            handshake
                .iter()
                .any(|datagram| datagram.first() == Some(&22))
        );
    }

    #[test]
    fn every_seed_and_every_crash_found_of_stun_is_replayed() {
        replay("seeds/stun", super::stun);
    }

    #[test]
    fn every_seed_and_every_crash_found_of_the_relay_is_replayed() {
        replay("seeds/turn", |seed| {
            super::turn(seed);
        });
        let session = super::turn(include_bytes!("../../fuzz/seeds/turn/session"));
        assert_eq!(session, (5, 2), "answers, and datagrams relayed");
    }

    #[test]
    fn every_seed_and_every_crash_found_of_offers_is_replayed() {
        replay("seeds/offer", super::offer);
        replay("../sfu/tests/offers", super::offer);
    }
}
