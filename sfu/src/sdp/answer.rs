//! Writing the answer, line by line, to an offer.

use std::fmt::Write as _;
use std::net::SocketAddr;

use forward::codec::{Codec, Kind};
use forward::extension::Extension;
use forward::seats::SLOTS;

use super::meaning;
use super::offer::{Credentials, MIXED, Offer, Section, StreamSsrcs};

/// What the answer says of this side.
#[derive(Clone, Debug)]
pub(crate) struct Local<'local> {
    pub(crate) credentials: &'local Credentials,
    /// SHA-256 of the certificate presented.
    pub(crate) fingerprint: [u8; 32],
    /// Where media is received, the best first.
    pub(crate) candidates: &'local [SocketAddr],
    /// The SSRCs of each slot, by kind.
    pub(crate) slots: &'local [[StreamSsrcs; 3]; SLOTS],
    /// The codecs that everybody in the call can decode.
    pub(crate) decodable: &'local [Codec],
}

/// How voices are to be sent (RFC 7587 §7.1): wideband voice is clear at this rate, and somebody
/// with 60 kbit/s still hears it.
const VOICE: &str = "minptime=10;useinbandfec=1;maxaveragebitrate=24000";

/// The priority of a host candidate, the first of `rank` 0 (RFC 8445 §5.1.2.1).
fn priority(rank: usize) -> u32 {
    (126 << 24) | (65_535 - u32::try_from(rank).unwrap_or(0).min(65_535)) << 8 | 255
}

/// The priority of a passive host candidate of TCP, the first of `rank` 0: below those of UDP
/// (RFC 6544 §4.2).
fn tcp_priority(rank: usize) -> u32 {
    const PASSIVE: u32 = 4;
    let other = 8_191 - u32::try_from(rank).unwrap_or(0).min(8_191);
    (90 << 24) | (PASSIVE << 13 | other) << 8 | 255
}

/// Writes the answer.
///
/// # Panics
///
/// Never: writing to a `String` cannot fail.
pub(crate) fn write(offer: &Offer, local: &Local<'_>) -> String {
    let mut out = String::with_capacity(8 * 1024);
    head(&mut out, offer, local).expect("a String takes everything");
    for (index, section) in offer.sections.iter().enumerate() {
        media(&mut out, index, section, local).expect("a String takes everything");
        if index == 0 {
            candidates(&mut out, local).expect("a String takes everything");
        }
    }
    out
}

fn head(out: &mut String, offer: &Offer, local: &Local<'_>) -> std::fmt::Result {
    write!(
        out,
        "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
        offer.connection
    )?;
    write!(out, "a=ice-lite\r\na=group:BUNDLE")?;
    for section in &offer.sections {
        write!(out, " {}", section.mid)?;
    }
    write!(out, "\r\na=msid-semantic: WMS *\r\na=fingerprint:sha-256 ")?;
    for (n, byte) in local.fingerprint.iter().enumerate() {
        let colon = if n == 0 { "" } else { ":" };
        write!(out, "{colon}{byte:02X}")?;
    }
    write!(out, "\r\n")
}

fn candidates(out: &mut String, local: &Local<'_>) -> std::fmt::Result {
    for (rank, address) in local.candidates.iter().enumerate() {
        let (ip, port, priority) = (address.ip(), address.port(), priority(rank));
        write!(
            out,
            "a=candidate:{} 1 udp {priority} {ip} {port} typ host\r\n",
            rank + 1
        )?;
    }
    for (rank, address) in local.candidates.iter().enumerate() {
        let (ip, port, priority) = (address.ip(), address.port(), tcp_priority(rank));
        write!(
            out,
            "a=candidate:{} 1 tcp {priority} {ip} {port} typ host tcptype passive\r\n",
            local.candidates.len() + rank + 1
        )?;
    }
    write!(out, "a=end-of-candidates\r\n")
}

/// The codecs to answer, the preferred first: what everybody decodes before what some do not.
fn codecs(section: &Section, decodable: &[Codec]) -> Vec<(Codec, u8)> {
    let mut codecs: Vec<_> = Codec::ALL
        .into_iter()
        .filter_map(|codec| Some((codec, section.payload_types.media(codec)?)))
        .collect();
    codecs.sort_by_key(|(codec, _)| !decodable.contains(codec));
    codecs
}

fn media(out: &mut String, index: usize, section: &Section, local: &Local<'_>) -> std::fmt::Result {
    let (kind, slot) = meaning(index);
    let name = if kind.is_video() { "video" } else { "audio" };
    let codecs = codecs(section, local.decodable);
    write!(out, "m={name} 9 UDP/TLS/RTP/SAVPF")?;
    // First, so that it is what the browser sends: what it loses on its way here is whole again.
    if let Some(redundant) = section.payload_types.redundant {
        write!(out, " {redundant}")?;
    }
    for (codec, payload_type) in &codecs {
        write!(out, " {payload_type}")?;
        if let Some(retransmission) = section.payload_types.retransmission(*codec) {
            write!(out, " {retransmission}")?;
        }
    }
    let Credentials { fragment, password } = local.credentials;
    write!(out, "\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\n", section.mid)?;
    write!(
        out,
        "a=ice-ufrag:{fragment}\r\na=ice-pwd:{password}\r\na=setup:passive\r\n"
    )?;
    write!(
        out,
        "a={}\r\n",
        if slot.is_some() {
            "sendonly"
        } else {
            "recvonly"
        }
    )?;
    write!(out, "a=rtcp-mux\r\na=rtcp-rsize\r\n")?;
    extensions(out, section, slot.is_some())?;
    for (codec, payload_type) in codecs {
        self::codec(out, section, codec, payload_type)?;
    }
    redundant(out, section)?;
    layers(out, section)?;
    match slot.and_then(|slot| Some((slot, local.slots.get(slot)?.get(kind.index())?))) {
        Some((slot, ssrcs)) => source(out, slot, kind, *ssrcs),
        None => Ok(()),
    }
}

fn extensions(out: &mut String, section: &Section, received: bool) -> std::fmt::Result {
    for extension in Extension::ALL {
        let id = section.extensions.of(extension);
        // What is sent to a slot needs no MID and has no layers: its SSRC is known.
        let used = match extension {
            Extension::Mid => !received,
            Extension::Rid | Extension::RepairedRid => !section.layers.is_empty(),
            // Of a camera in several streams each is one layer.
            Extension::Dependencies => section.layers.is_empty(),
            Extension::TransportSequence | Extension::AudioLevel | Extension::VideoOrientation => {
                true
            }
        };
        if id != 0 && used && extension == Extension::Dependencies {
            write!(out, "a={MIXED}\r\n")?;
        }
        if id != 0 && used {
            write!(out, "a=extmap:{id} {}\r\n", extension.uri())?;
        }
    }
    Ok(())
}

fn codec(out: &mut String, section: &Section, codec: Codec, payload_type: u8) -> std::fmt::Result {
    let name = match codec {
        Codec::Opus => "opus/48000/2",
        Codec::Vp8 => "VP8/90000",
        Codec::H264 => "H264/90000",
        Codec::Vp9 => "VP9/90000",
        Codec::Av1 => "AV1/90000",
    };
    write!(out, "a=rtpmap:{payload_type} {name}\r\n")?;
    let format = match codec {
        Codec::Opus => Some(VOICE),
        Codec::Vp8 => None,
        Codec::H264 | Codec::Vp9 | Codec::Av1 => section
            .parameters
            .iter()
            .find_map(|(of, format)| (*of == codec).then_some(format.as_str())),
    };
    if let Some(format) = format.filter(|format| !format.is_empty()) {
        write!(out, "a=fmtp:{payload_type} {format}\r\n")?;
    }
    write!(out, "a=rtcp-fb:{payload_type} transport-cc\r\n")?;
    if codec.is_video() {
        for feedback in ["ccm fir", "nack", "nack pli"] {
            write!(out, "a=rtcp-fb:{payload_type} {feedback}\r\n")?;
        }
    }
    if let Some(retransmission) = section.payload_types.retransmission(codec) {
        write!(out, "a=rtpmap:{retransmission} rtx/90000\r\n")?;
        write!(out, "a=fmtp:{retransmission} apt={payload_type}\r\n")?;
    }
    Ok(())
}

/// Takes redundant audio, where it is offered (RFC 2198 §5).
fn redundant(out: &mut String, section: &Section) -> std::fmt::Result {
    let types = &section.payload_types;
    if let (Some(redundant), Some(opus)) = (types.redundant, types.media(Codec::Opus)) {
        write!(out, "a=rtpmap:{redundant} red/48000/2\r\n")?;
        write!(out, "a=fmtp:{redundant} {opus}/{opus}\r\n")?;
    }
    Ok(())
}

/// Takes the layers offered (RFC 8853 §5.3.2).
fn layers(out: &mut String, section: &Section) -> std::fmt::Result {
    for name in &section.layers {
        write!(out, "a=rid:{name} recv\r\n")?;
    }
    if !section.layers.is_empty() {
        write!(out, "a=simulcast:recv {}\r\n", section.layers.join(";"))?;
    }
    Ok(())
}

/// Sound and camera of a slot share a stream and a CNAME, so that they are played in step.
fn source(out: &mut String, slot: usize, kind: Kind, ssrcs: StreamSsrcs) -> std::fmt::Result {
    let (stream, track) = match kind {
        Kind::Microphone => ("person", "microphone"),
        Kind::Camera => ("person", "camera"),
        Kind::Screen => ("screen", "screen"),
    };
    write!(out, "a=msid:{stream}{slot} {track}{slot}\r\n")?;
    if let Some(retransmission) = ssrcs.retransmission {
        write!(out, "a=ssrc-group:FID {} {retransmission}\r\n", ssrcs.media)?;
    }
    for ssrc in [Some(ssrcs.media), ssrcs.retransmission]
        .into_iter()
        .flatten()
    {
        write!(out, "a=ssrc:{ssrc} cname:{stream}{slot}\r\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rtc_sdp::SessionDescription;

    use super::*;

    fn answer_to(text: &str, decodable: &[Codec]) -> SessionDescription {
        let offer = Offer::read(text).expect("a real offer");
        let credentials = Credentials {
            fragment: "abcd".to_owned(),
            password: "p".repeat(24),
        };
        let slots = std::array::from_fn(|slot| {
            std::array::from_fn(|kind| {
                let media = u32::try_from(slot * 10 + kind * 2).expect("small");
                StreamSsrcs {
                    media,
                    retransmission: (kind > 0).then_some(media + 1),
                }
            })
        });
        let local = Local {
            credentials: &credentials,
            fingerprint: [0xab; 32],
            candidates: &[SocketAddr::from(([192, 0, 2, 1], 4_000))],
            slots: &slots,
            decodable,
        };
        let text = write(&offer, &local);
        SessionDescription::unmarshal(&mut std::io::Cursor::new(text.as_bytes()))
            .expect("an answer is SDP")
    }

    const OFFERS: [&str; 2] = [
        include_str!("../../tests/offers/chromium.sdp"),
        include_str!("../../tests/offers/firefox.sdp"),
    ];

    #[test]
    fn every_section_is_answered_in_place_and_the_other_way_round() {
        for text in OFFERS {
            let offer = Offer::read(text).expect("a real offer");
            let answer = answer_to(text, &Codec::ALL);
            assert_eq!(answer.media_descriptions.len(), offer.sections.len());
            for (index, media) in answer.media_descriptions.iter().enumerate() {
                assert_eq!(
                    media.attribute("mid"),
                    Some(Some(offer.sections[index].mid.as_str()))
                );
                assert!(media.has_attribute(if index < 3 { "recvonly" } else { "sendonly" }));
                assert_eq!(media.attribute("setup"), Some(Some("passive")));
            }
        }
    }

    /// Chromium's offer with the extension in every picture's section, as it has it where layers
    /// come in one stream.
    fn offer_of_dependencies(more: &str) -> String {
        let uri = Extension::Dependencies.uri();
        let orientation = "urn:3gpp:video-orientation\r\n";
        let text = OFFERS[0].replace(orientation, &format!("{orientation}a=extmap:12 {uri}\r\n"));
        text.replacen("a=mid:1\r\n", &format!("a=mid:1\r\n{more}"), 1)
    }

    #[test]
    fn dependencies_are_taken_where_layers_come_in_one_stream() {
        let taken = |text: &str| -> Vec<bool> {
            let answer = answer_to(text, &Codec::ALL);
            let sections = answer.media_descriptions.iter();
            sections
                .map(|media| {
                    let mut maps = media.attributes.iter().filter(|line| line.key == "extmap");
                    let is_taken = maps.any(|line| {
                        let value = line.value.as_deref().unwrap_or_default();
                        value.ends_with(Extension::Dependencies.uri())
                    });
                    assert_eq!(is_taken, media.has_attribute(MIXED), "long ones need that");
                    is_taken
                })
                .collect()
        };
        let pictures: Vec<bool> = (0..12).map(|index| meaning(index).0.is_video()).collect();
        assert_eq!(taken(&offer_of_dependencies("")), pictures);
        assert_eq!(taken(OFFERS[0]), [false; 12]);
        let streams = taken(&offer_of_dependencies("a=simulcast:send l0;l1\r\n"));
        assert_eq!(streams[..3], [false, false, true]);
        let short = offer_of_dependencies("").replace(&format!("a={MIXED}\r\n"), "");
        assert_eq!(taken(&short), [false; 12]);
    }

    #[test]
    fn a_codec_that_somebody_cannot_decode_comes_last() {
        for (decodable, expected) in [
            (&[Codec::Opus, Codec::Vp8, Codec::H264][..], Codec::Vp8),
            (&[Codec::Opus, Codec::H264][..], Codec::H264),
        ] {
            let offer = Offer::read(OFFERS[0]).expect("a real offer");
            let answer = answer_to(OFFERS[0], decodable);
            let first = answer.media_descriptions[1].media_name.formats[0].clone();
            let payload_type = offer.sections[1].payload_types.media(expected);
            assert_eq!(first.parse().ok(), payload_type);
        }
    }
}
