//! Against `rtc-srtp`, which others wrote: what one seals the other opens.

use proptest::prelude::*;
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;

use super::*;

const PROFILES: [(Profile, ProtectionProfile, usize); 2] = [
    (Profile::Gcm, ProtectionProfile::AeadAes128Gcm, 12),
    (Profile::CmSha1, ProtectionProfile::Aes128CmHmacSha1_80, 14),
];

fn key(salt: usize) -> MasterKey {
    MasterKey {
        key: *b"sixteen key byte",
        salt: (0..).take(salt).collect(),
    }
}

fn theirs(profile: ProtectionProfile, key: &MasterKey) -> Context {
    let provider = AwsLcRsProvider::new();
    Context::new(&key.key, &key.salt, profile, None, None, provider.crypto()).expect("good keys")
}

fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    forward::rtp::Fields {
        marker: true,
        payload_type: 96,
        sequence,
        timestamp: 7,
        ssrc: 0xdead_beef,
    }
    .write(&[0x10, 0x55], &mut out);
    out.extend_from_slice(payload);
    out
}

#[test]
fn what_we_seal_another_implementation_opens_over_a_rollover() {
    let provider = AwsLcRsProvider::new();
    for (profile, name, salt) in PROFILES {
        let key = key(salt);
        let mut ours = Outbound::new(profile, &key, provider.crypto()).expect("good keys");
        let mut other = theirs(name, &key);
        for extended in 0x1_ff00u64..0x2_0100 {
            let plain = packet(
                (extended & 0xffff).try_into().expect("16 bits"),
                &extended.to_be_bytes(),
            );
            let mut arena = vec![1, 2, 3];
            arena.extend_from_slice(&plain);
            let header = Header::read(&plain).expect("we wrote it").length;
            ours.protect_rtp(&mut arena, 3, header, 0xdead_beef, extended)
                .expect("sealed");
            assert_eq!(other.decrypt_rtp(&arena[3..]).expect("opened"), plain);
        }
    }
}

#[test]
fn what_another_implementation_seals_we_open_once_over_a_rollover() {
    let provider = AwsLcRsProvider::new();
    for (profile, name, salt) in PROFILES {
        let key = key(salt);
        let mut other = theirs(name, &key);
        let mut ours = Inbound::new(profile, &key, provider.crypto()).expect("good keys");
        for extended in 0xff00u64..0x1_0100 {
            let plain = packet(
                (extended & 0xffff).try_into().expect("16 bits"),
                &extended.to_be_bytes(),
            );
            let mut sealed = other.encrypt_rtp(&plain).expect("sealed");
            let header = Header::read(&sealed).expect("headers stay in the clear");
            let again = sealed.clone();
            let length = ours.open_rtp(&mut sealed, &header).expect("opened");
            assert_eq!(sealed[..length], plain[..]);
            assert_eq!(
                ours.open_rtp(&mut again.clone(), &header),
                Err(Rejected),
                "a replay"
            );
        }
    }
}

#[test]
fn rtcp_goes_both_ways_and_only_once() {
    let provider = AwsLcRsProvider::new();
    let plain = [
        0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 1,
    ];
    for (profile, name, salt) in PROFILES {
        let key = key(salt);
        let mut ours = Outbound::new(profile, &key, provider.crypto()).expect("good keys");
        let mut other = theirs(name, &key);
        for _ in 0..3 {
            let mut arena = plain.to_vec();
            ours.protect_rtcp(&mut arena, 0).expect("sealed");
            assert_eq!(other.decrypt_rtcp(&arena).expect("opened"), plain[..]);
        }
        let mut other = theirs(name, &key);
        let mut ours = Inbound::new(profile, &key, provider.crypto()).expect("good keys");
        for _ in 0..3 {
            let mut sealed = other.encrypt_rtcp(&plain).expect("sealed");
            let mut again = sealed.clone();
            let length = ours.open_rtcp(&mut sealed).expect("opened");
            assert_eq!(sealed[..length], plain);
            assert_eq!(ours.open_rtcp(&mut again), Err(Rejected), "a replay");
        }
    }
}

#[test]
fn a_forged_packet_changes_nothing_for_the_true_one() {
    let provider = AwsLcRsProvider::new();
    for (profile, name, salt) in PROFILES {
        let key = key(salt);
        let mut other = theirs(name, &key);
        let mut ours = Inbound::new(profile, &key, provider.crypto()).expect("good keys");
        let sealed = other.encrypt_rtp(&packet(9, b"hello")).expect("sealed");
        let header = Header::read(&sealed).expect("headers stay in the clear");
        for at in 0..sealed.len() {
            let mut forged = sealed.to_vec();
            forged[at] ^= 1;
            if let Some(header) = Header::read(&forged) {
                assert_eq!(
                    ours.open_rtp(&mut forged, &header),
                    Err(Rejected),
                    "byte {at}"
                );
            }
        }
        assert!(ours.open_rtp(&mut sealed.to_vec(), &header).is_ok());
    }
}

proptest! {
    #[test]
    fn junk_is_rejected_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let provider = AwsLcRsProvider::new();
        for (profile, _, salt) in PROFILES {
            let mut ours = Inbound::new(profile, &key(salt), provider.crypto()).expect("good keys");
            prop_assert_eq!(ours.open_rtcp(&mut bytes), Err(Rejected));
            if let Some(header) = Header::read(&bytes) {
                prop_assert_eq!(ours.open_rtp(&mut bytes, &header), Err(Rejected));
            }
        }
    }
}
