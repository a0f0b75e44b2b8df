//! The transforms of the two profiles, and the derivation of their keys.

use aes::Aes128;
use aes::cipher::{BlockEncrypt, InnerIvInit, KeyInit, StreamCipherCore};
use ctr::CtrCore;
use ctr::flavors::Ctr128BE;
use forward::rtp::Header;
use rtc_crypto::{AeadAlgorithm, AeadCipher, HmacAlgorithm, Mac, RTCCrypto, constant_time_eq};

use super::{RTCP_CLEAR, RTCP_INDEX, Rejected};

const GCM_TAG: usize = 16;
const GCM_SALT: usize = 12;
/// Of the HMAC's 20 bytes, how many are sent (RFC 3711 §5.2).
const CM_TAG: usize = 10;
const CM_SALT: usize = 14;
const HMAC_KEY: usize = 20;
const HMAC: usize = 20;
const KEY: usize = 16;
/// The flag in front of the SRTCP index: the packet is encrypted (RFC 3711 §3.4).
const ENCRYPTED: u32 = 0x8000_0000;

/// A protection profile (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// `SRTP_AEAD_AES_128_GCM`.
    Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`.
    CmSha1,
}

/// The master key and salt of one direction.
pub struct MasterKey {
    /// The key.
    pub key: [u8; KEY],
    /// 12 bytes for GCM, 14 for CM.
    pub salt: Vec<u8>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MasterKey").finish_non_exhaustive()
    }
}

/// What a derived key is for (RFC 3711 §4.3.2, table).
#[derive(Clone, Copy)]
enum Label {
    Encryption = 0,
    Authentication = 1,
    Salt = 2,
}

/// One direction of SRTP, or of SRTCP. Key schedules lie in place: they are read for every packet.
#[expect(
    clippy::large_enum_variant,
    reason = "two of each a peer, and no detour to the key schedule"
)]
pub(super) enum Cipher {
    Gcm {
        aead: Box<dyn AeadCipher>,
        salt: [u8; GCM_SALT],
    },
    CmSha1 {
        aes: Aes128,
        salt: [u8; CM_SALT],
        mac: Box<dyn Mac>,
    },
}

impl Cipher {
    pub(super) fn rtp(profile: Profile, key: &MasterKey, crypto: &dyn RTCCrypto) -> Option<Self> {
        Self::derive(profile, key, 0, crypto)
    }

    pub(super) fn rtcp(profile: Profile, key: &MasterKey, crypto: &dyn RTCCrypto) -> Option<Self> {
        Self::derive(profile, key, 3, crypto)
    }

    /// Derives the session keys (RFC 3711 §4.3); SRTCP's labels come `labels` after SRTP's.
    fn derive(
        profile: Profile,
        master: &MasterKey,
        labels: u8,
        crypto: &dyn RTCCrypto,
    ) -> Option<Self> {
        let mut encryption = [0; KEY];
        derive(master, Label::Encryption as u8 + labels, &mut encryption);
        match profile {
            Profile::Gcm => {
                let mut salt = [0; GCM_SALT];
                derive(master, Label::Salt as u8 + labels, &mut salt);
                let aead = crypto
                    .new_aead(AeadAlgorithm::Aes128Gcm, &encryption)
                    .ok()?;
                Some(Self::Gcm { aead, salt })
            }
            Profile::CmSha1 => {
                let mut salt = [0; CM_SALT];
                derive(master, Label::Salt as u8 + labels, &mut salt);
                let mut authentication = [0; HMAC_KEY];
                derive(
                    master,
                    Label::Authentication as u8 + labels,
                    &mut authentication,
                );
                let mac = crypto.new_hmac(HmacAlgorithm::Sha1, &authentication).ok()?;
                Some(Self::CmSha1 {
                    aes: Aes128::new(&encryption.into()),
                    salt,
                    mac,
                })
            }
        }
    }

    pub(super) fn seal_rtp(
        &mut self,
        arena: &mut Vec<u8>,
        start: usize,
        header: usize,
        ssrc: u32,
        rollover: u32,
        sequence: u16,
    ) -> Result<(), Rejected> {
        let packet = arena.get_mut(start..).ok_or(Rejected)?;
        let (clear, payload) = packet.split_at_mut_checked(header).ok_or(Rejected)?;
        match self {
            Self::Gcm { aead, salt } => {
                let nonce = gcm_nonce(salt, ssrc, rollover, sequence);
                let mut tag = [0; GCM_TAG];
                aead.seal_in_place(&nonce, clear, payload, &mut tag)
                    .map_err(rejected)?;
                arena.extend_from_slice(&tag);
            }
            Self::CmSha1 { aes, salt, mac } => {
                counter_mode(
                    aes,
                    &cm_counter(salt, ssrc, rtp_index(rollover, sequence)),
                    payload,
                );
                let mut tag = [0; HMAC];
                mac.sign(&[packet, &rollover.to_be_bytes()], &mut tag)
                    .map_err(rejected)?;
                arena.extend(tag.iter().take(CM_TAG));
            }
        }
        Ok(())
    }

    pub(super) fn open_rtp(
        &mut self,
        packet: &mut [u8],
        header: &Header,
        rollover: u32,
    ) -> Result<usize, Rejected> {
        let tag_length = match self {
            Self::Gcm { .. } => GCM_TAG,
            Self::CmSha1 { .. } => CM_TAG,
        };
        let length = packet.len().checked_sub(tag_length).ok_or(Rejected)?;
        let (body, tag) = packet.split_at_mut_checked(length).ok_or(Rejected)?;
        match self {
            Self::Gcm { aead, salt } => {
                let nonce = gcm_nonce(salt, header.ssrc, rollover, header.sequence);
                let (clear, payload) = body.split_at_mut_checked(header.length).ok_or(Rejected)?;
                aead.open_in_place(&nonce, clear, payload, tag)
                    .map_err(rejected)?;
            }
            Self::CmSha1 { aes, salt, mac } => {
                let mut expected = [0; HMAC];
                mac.sign(&[body, &rollover.to_be_bytes()], &mut expected)
                    .map_err(rejected)?;
                check(&expected, tag)?;
                let payload = body.get_mut(header.length..).ok_or(Rejected)?;
                let index = rtp_index(rollover, header.sequence);
                counter_mode(aes, &cm_counter(salt, header.ssrc, index), payload);
            }
        }
        Ok(length)
    }

    pub(super) fn seal_rtcp(
        &mut self,
        arena: &mut Vec<u8>,
        start: usize,
        index: u32,
    ) -> Result<(), Rejected> {
        let trailer = (index | ENCRYPTED).to_be_bytes();
        let packet = arena.get_mut(start..).ok_or(Rejected)?;
        let (clear, payload) = packet.split_at_mut_checked(RTCP_CLEAR).ok_or(Rejected)?;
        let ssrc = forward::bytes::read_u32(clear, 4).ok_or(Rejected)?;
        match self {
            Self::Gcm { aead, salt } => {
                let nonce = gcm_rtcp_nonce(salt, ssrc, index);
                let mut tag = [0; GCM_TAG];
                let aad = gcm_rtcp_aad(clear, trailer)?;
                aead.seal_in_place(&nonce, &aad, payload, &mut tag)
                    .map_err(rejected)?;
                arena.extend_from_slice(&tag);
                arena.extend_from_slice(&trailer);
            }
            Self::CmSha1 { aes, salt, mac } => {
                counter_mode(aes, &cm_counter(salt, ssrc, u64::from(index)), payload);
                let mut tag = [0; HMAC];
                mac.sign(&[packet, &trailer], &mut tag).map_err(rejected)?;
                arena.extend_from_slice(&trailer);
                arena.extend(tag.iter().take(CM_TAG));
            }
        }
        Ok(())
    }

    /// The index in the trailer of `packet`, not yet proved authentic.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Result<u32, Rejected> {
        let behind = match self {
            Self::Gcm { .. } => RTCP_INDEX,
            Self::CmSha1 { .. } => RTCP_INDEX + CM_TAG,
        };
        let at = packet.len().checked_sub(behind).ok_or(Rejected)?;
        let trailer = forward::bytes::read_u32(packet, at).ok_or(Rejected)?;
        // What is not encrypted is not taken, authentic or not.
        if trailer & ENCRYPTED == 0 {
            Err(Rejected)
        } else {
            Ok(trailer & !ENCRYPTED)
        }
    }

    pub(super) fn open_rtcp(&mut self, packet: &mut [u8], index: u32) -> Result<usize, Rejected> {
        let trailer = (index | ENCRYPTED).to_be_bytes();
        match self {
            Self::Gcm { aead, salt } => {
                let end = packet
                    .len()
                    .checked_sub(RTCP_INDEX + GCM_TAG)
                    .ok_or(Rejected)?;
                let (body, rest) = packet.split_at_mut_checked(end).ok_or(Rejected)?;
                let tag = rest.get(..GCM_TAG).ok_or(Rejected)?;
                let (clear, payload) = body.split_at_mut_checked(RTCP_CLEAR).ok_or(Rejected)?;
                let ssrc = forward::bytes::read_u32(clear, 4).ok_or(Rejected)?;
                let aad = gcm_rtcp_aad(clear, trailer)?;
                let nonce = gcm_rtcp_nonce(salt, ssrc, index);
                aead.open_in_place(&nonce, &aad, payload, tag)
                    .map_err(rejected)?;
                Ok(end)
            }
            Self::CmSha1 { aes, salt, mac } => {
                let end = packet
                    .len()
                    .checked_sub(RTCP_INDEX + CM_TAG)
                    .ok_or(Rejected)?;
                let (body, rest) = packet.split_at_mut_checked(end).ok_or(Rejected)?;
                let tag = rest.get(RTCP_INDEX..).ok_or(Rejected)?;
                let mut expected = [0; HMAC];
                mac.sign(&[body, &trailer], &mut expected)
                    .map_err(rejected)?;
                check(&expected, tag)?;
                let (clear, payload) = body.split_at_mut_checked(RTCP_CLEAR).ok_or(Rejected)?;
                let ssrc = forward::bytes::read_u32(clear, 4).ok_or(Rejected)?;
                counter_mode(aes, &cm_counter(salt, ssrc, u64::from(index)), payload);
                Ok(end)
            }
        }
    }
}

fn rejected(_error: rtc_crypto::CryptoError) -> Rejected {
    Rejected
}

fn check(expected: &[u8; HMAC], tag: &[u8]) -> Result<(), Rejected> {
    let expected = expected.get(..CM_TAG).unwrap_or_default();
    if constant_time_eq(expected, tag) {
        Ok(())
    } else {
        Err(Rejected)
    }
}

/// AES-CM as a pseudo-random function (RFC 3711 §4.3.3), with a derivation rate of 0.
fn derive(master: &MasterKey, label: u8, out: &mut [u8]) {
    let aes = Aes128::new(&master.key.into());
    let mut input = [0u8; KEY];
    for (place, byte) in input.iter_mut().zip(&master.salt) {
        *place = *byte;
    }
    input[7] ^= label;
    for (n, part) in out.chunks_mut(KEY).enumerate() {
        let mut block = input;
        block[15] = u8::try_from(n).expect("session keys are two blocks at most");
        let mut block = block.into();
        aes.encrypt_block(&mut block);
        for (place, byte) in part.iter_mut().zip(block) {
            *place = byte;
        }
    }
}

/// The SRTP packet index (RFC 3711 §3.3.1).
fn rtp_index(rollover: u32, sequence: u16) -> u64 {
    u64::from(rollover) << 16 | u64::from(sequence)
}

/// RFC 3711 §4.1.1.
fn cm_counter(salt: &[u8; CM_SALT], ssrc: u32, index: u64) -> [u8; KEY] {
    let mut counter = (u128::from(ssrc) << 64 | u128::from(index) << 16).to_be_bytes();
    for (place, byte) in counter.iter_mut().zip(salt) {
        *place ^= byte;
    }
    counter
}

/// The key schedule is made once for all packets; only the counter is new.
fn counter_mode(aes: &Aes128, counter: &[u8; KEY], data: &mut [u8]) {
    let core = CtrCore::<&Aes128, Ctr128BE>::inner_iv_init(aes, counter.into());
    // A packet is far shorter than the counter is long.
    core.apply_keystream_partial(data.into());
}

/// RFC 7714 §8.1.
fn gcm_nonce(salt: &[u8; GCM_SALT], ssrc: u32, rollover: u32, sequence: u16) -> [u8; GCM_SALT] {
    let value = u128::from(ssrc) << 48 | u128::from(rtp_index(rollover, sequence));
    salted(salt, value)
}

/// RFC 7714 §9.1.
fn gcm_rtcp_nonce(salt: &[u8; GCM_SALT], ssrc: u32, index: u32) -> [u8; GCM_SALT] {
    salted(salt, u128::from(ssrc) << 48 | u128::from(index))
}

fn salted(salt: &[u8; GCM_SALT], value: u128) -> [u8; GCM_SALT] {
    let mut nonce = *salt;
    for (place, byte) in nonce.iter_mut().zip(value.to_be_bytes().iter().skip(4)) {
        *place ^= byte;
    }
    nonce
}

/// RFC 7714 §9.2: the clear header, then flag and index.
fn gcm_rtcp_aad(
    clear: &[u8],
    trailer: [u8; RTCP_INDEX],
) -> Result<[u8; RTCP_CLEAR + RTCP_INDEX], Rejected> {
    let mut aad = [0; RTCP_CLEAR + RTCP_INDEX];
    let (head, tail) = aad.split_at_mut(RTCP_CLEAR);
    head.copy_from_slice(clear.get(..RTCP_CLEAR).ok_or(Rejected)?);
    tail.copy_from_slice(&trailer);
    Ok(aad)
}
