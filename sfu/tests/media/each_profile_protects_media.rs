//! The SRTP profiles that browsers choose (RFC 5764 §4.1.2, RFC 7714): alone, and mixed in a call.

use forward::codec::Kind;
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;

use crate::client::{Client, Style};
use crate::continuity::assert_one_stream;
use crate::meeting::Meeting;
use crate::wire::Datagram;

const CM: SrtpProtectionProfile = SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80;
const GCM: SrtpProtectionProfile = SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm;

/// Bytes of a sound without its tag: header, extension, payload.
const SOUND: usize = 12 + 8 + 36;

fn sounds(client: &Client) -> Vec<usize> {
    let wire = client.slots[0].of(Kind::Microphone).media;
    let received = client.datagrams.iter();
    received
        .filter(|it| matches!(it.datagram, Datagram::Rtp { ssrc, .. } if ssrc == wire))
        .map(|it| it.length)
        .collect()
}

/// A call of two who offer these profiles; each must get datagrams with tags of this length.
fn call_of(profiles: [&[SrtpProtectionProfile]; 2], tags: [usize; 2]) {
    let mut meeting = Meeting::new();
    for (seat, profiles) in (0..).zip(profiles) {
        let style = Style {
            profiles: profiles.to_vec(),
            reports: true,
            ..Style::default()
        };
        meeting.seat(seat, &style);
    }
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they get every kind of each other", |meeting| {
        let all = |client: &Client| Kind::ALL.iter().all(|kind| client.count(0, *kind) >= 20);
        meeting.clients.iter().all(all)
    });
    for (client, tag) in meeting.clients.iter().zip(tags) {
        let lengths = sounds(client);
        assert!(
            lengths.iter().all(|length| *length == SOUND + tag),
            "{tag}: {lengths:?}"
        );
        for kind in Kind::ALL {
            assert_one_stream(&client.arrived(0, kind));
        }
        // A key frame came, so reports were read both ways.
        assert!(client.publisher.keyframe_requests(Kind::Camera) > 0);
    }
}

#[test]
fn counter_mode_alone() {
    call_of([&[CM], &[CM]], [10, 10]);
}

#[test]
fn galois_counter_mode_alone() {
    call_of([&[GCM], &[GCM]], [16, 16]);
}

#[test]
fn one_of_each_in_a_call() {
    call_of([&[CM], &[GCM]], [10, 16]);
}

#[test]
fn of_two_that_are_offered_the_first_is_taken() {
    call_of([&[CM, GCM], &[GCM, CM]], [10, 16]);
}
