//! The offer of a load participant, and what it needs of the answer.

use std::fmt::Write as _;
use std::net::SocketAddr;

use forward::codec::Kind;
use forward::extension::Extension;
use forward::seats::SLOTS;
use rand::distr::{Alphanumeric, SampleString as _};

/// Sections of an offer, in the layout of PROTOCOL.md: what is sent, and the same for each slot.
const SECTIONS: usize = Kind::ALL.len() * (1 + SLOTS);

/// The kind of the section at `index`, and its slot where it is received.
fn meaning(index: usize) -> Option<(Kind, Option<usize>)> {
    let kind = *Kind::ALL.get(index % Kind::ALL.len())?;
    Some((kind, (index / Kind::ALL.len()).checked_sub(1)))
}

pub(super) const OPUS: u8 = 111;
pub(super) const VP8: u8 = 96;
pub(super) const VP8_REPAIR: u8 = 97;

/// The ids this side gives to extensions.
pub(super) const AUDIO_LEVEL: u8 = 1;
pub(super) const TRANSPORT_SEQUENCE: u8 = 3;

/// What this side's ICE is known by (RFC 8445 §5.3).
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) fragment: String,
    pub(super) password: String,
}

impl Credentials {
    /// Some of chance.
    pub(super) fn fresh() -> Self {
        let text = |length| Alphanumeric.sample_string(&mut ambient::rng(), length);
        Self {
            fragment: text(8),
            password: text(24),
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .finish_non_exhaustive()
    }
}

/// What the offer says of this side.
pub(super) struct Offering<'offering> {
    pub(super) credentials: &'offering Credentials,
    pub(super) fingerprint: [u8; 32],
    /// Microphone, camera, camera's retransmissions.
    pub(super) ssrcs: [u32; 3],
}

/// Writes the offer in the layout of PROTOCOL.md.
pub(super) fn offer(offering: &Offering<'_>) -> String {
    let mut out = String::new();
    write(&mut out, offering).expect("a String takes everything");
    out
}

fn write(out: &mut String, offering: &Offering<'_>) -> std::fmt::Result {
    write!(
        out,
        "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
        offering.ssrcs[0]
    )?;
    write!(out, "a=group:BUNDLE")?;
    for mid in 0..SECTIONS {
        write!(out, " {mid}")?;
    }
    write!(out, "\r\na=fingerprint:sha-256 ")?;
    for (n, byte) in offering.fingerprint.iter().enumerate() {
        write!(out, "{}{byte:02X}", if n == 0 { "" } else { ":" })?;
    }
    write!(out, "\r\n")?;
    for index in 0..SECTIONS {
        section(out, index, offering)?;
    }
    Ok(())
}

fn section(out: &mut String, index: usize, offering: &Offering<'_>) -> std::fmt::Result {
    let Some((kind, slot)) = meaning(index) else {
        return Ok(());
    };
    codecs(out, kind)?;
    let sequence = Extension::TransportSequence.uri();
    write!(out, "a=extmap:{TRANSPORT_SEQUENCE} {sequence}\r\n")?;
    let Credentials { fragment, password } = offering.credentials;
    write!(out, "a=ice-ufrag:{fragment}\r\na=ice-pwd:{password}\r\n")?;
    write!(
        out,
        "a=setup:active\r\na=mid:{index}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
    )?;
    let direction = if slot.is_some() {
        "recvonly"
    } else {
        "sendonly"
    };
    write!(out, "a={direction}\r\n")?;
    let [microphone, camera, repair] = offering.ssrcs;
    match (slot, kind) {
        (None, Kind::Microphone) => write!(out, "a=ssrc:{microphone} cname:load\r\n"),
        (None, Kind::Camera) => {
            write!(out, "a=ssrc-group:FID {camera} {repair}\r\n")?;
            write!(out, "a=ssrc:{camera} cname:load\r\n")
        }
        (None, Kind::Screen) | (Some(_), _) => Ok(()),
    }
}

fn codecs(out: &mut String, kind: Kind) -> std::fmt::Result {
    if kind.is_video() {
        write!(out, "m=video 9 UDP/TLS/RTP/SAVPF {VP8} {VP8_REPAIR}\r\n")?;
        write!(out, "c=IN IP4 0.0.0.0\r\na=rtpmap:{VP8} VP8/90000\r\n")?;
        for feedback in ["nack", "nack pli", "transport-cc"] {
            write!(out, "a=rtcp-fb:{VP8} {feedback}\r\n")?;
        }
        write!(out, "a=rtpmap:{VP8_REPAIR} rtx/90000\r\n")?;
        write!(out, "a=fmtp:{VP8_REPAIR} apt={VP8}\r\n")
    } else {
        let level = Extension::AudioLevel.uri();
        write!(out, "m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\n")?;
        write!(out, "c=IN IP4 0.0.0.0\r\na=rtpmap:{OPUS} opus/48000/2\r\n")?;
        write!(out, "a=rtcp-fb:{OPUS} transport-cc\r\n")?;
        write!(out, "a=extmap:{AUDIO_LEVEL} {level}\r\n")
    }
}

/// What the answer says.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) fragment: String,
    pub(super) password: String,
    pub(super) fingerprint: [u8; 32],
    pub(super) address: SocketAddr,
    /// For each SSRC: slot, kind, and whether it carries retransmissions.
    pub(super) streams: Vec<(u32, usize, Kind, bool)>,
}

impl Answer {
    /// Reads an answer of any Homeroom; `None` where something is missing.
    pub(super) fn read(text: &str) -> Option<Self> {
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.trim_end().strip_prefix(key))
        };
        let mut fingerprint = [0; 32];
        let mut bytes = value("a=fingerprint:sha-256 ")?.split(':');
        for place in &mut fingerprint {
            *place = u8::from_str_radix(bytes.next()?, 16).ok()?;
        }
        let mut words = value("a=candidate:")?.split(' ').skip(4);
        let ip = words.next()?.parse().ok()?;
        let port = words.next()?.parse().ok()?;
        let mut streams = Vec::new();
        for (index, section) in text.split("\r\nm=").skip(1).enumerate() {
            let Some((kind, Some(slot))) = meaning(index % SECTIONS) else {
                continue;
            };
            for line in section.lines() {
                if let Some(group) = line.strip_prefix("a=ssrc-group:FID ") {
                    let mut ssrcs = group.split(' ').filter_map(|ssrc| ssrc.parse().ok());
                    streams.push((ssrcs.next()?, slot, kind, false));
                    streams.push((ssrcs.next()?, slot, kind, true));
                } else if let (Kind::Microphone, Some(ssrc)) = (kind, line.strip_prefix("a=ssrc:"))
                {
                    streams.push((ssrc.split(' ').next()?.parse().ok()?, slot, kind, false));
                }
            }
        }
        (streams.len() >= SLOTS).then_some(())?;
        Some(Self {
            fragment: value("a=ice-ufrag:")?.to_owned(),
            password: value("a=ice-pwd:")?.to_owned(),
            fingerprint,
            address: SocketAddr::new(ip, port),
            streams,
        })
    }
}
