//! Reading an offer.

use std::io::Cursor;

use forward::allocation::STREAMS;
use forward::codec::{Codec, Kind, PayloadTypes};
use forward::extension::{Extension, ExtensionIds};
use rtc_sdp::MediaDescription;
use rtc_sdp::SessionDescription;

use super::{LONGEST_OFFER, SECTIONS, meaning};
use crate::handle::OfferRefused;

/// What an offer says, as far as it matters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Offer {
    /// The number that names the peer connection as long as it lives (RFC 8866 §5.2).
    pub(crate) connection: u64,
    pub(crate) credentials: Credentials,
    /// SHA-256 of the certificate that DTLS must present.
    pub(crate) fingerprint: [u8; 32],
    pub(crate) sections: Vec<Section>,
}

/// ICE user fragment and password of the browser (RFC 8839 §5.4).
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Credentials {
    pub(crate) fragment: String,
    pub(crate) password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .finish_non_exhaustive()
    }
}

/// One media section.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Section {
    pub(crate) mid: String,
    pub(crate) payload_types: PayloadTypes,
    /// The format parameters that the offer gave each codec, to be answered as they are.
    pub(crate) parameters: Vec<(Codec, String)>,
    pub(crate) extensions: ExtensionIds,
    /// The SSRCs announced, where they are.
    pub(crate) ssrcs: Option<StreamSsrcs>,
    /// The names of its simulcast layers, the smallest first; empty where it has but one.
    pub(crate) layers: Vec<String>,
}

/// The SSRCs of one track.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct StreamSsrcs {
    pub(crate) media: u32,
    pub(crate) retransmission: Option<u32>,
}

/// Says that elements of the one-byte and of the two-byte form may come in one stream.
pub(super) const MIXED: &str = "extmap-allow-mixed";

fn refused(why: impl Into<String>) -> OfferRefused {
    OfferRefused::Malformed(why.into())
}

impl Offer {
    /// Reads an offer in the layout of this module's parent.
    ///
    /// # Errors
    ///
    /// [`OfferRefused::Malformed`] with what is wrong.
    pub(crate) fn read(text: &str) -> Result<Self, OfferRefused> {
        if text.len() > LONGEST_OFFER {
            return Err(refused("it is longer than 64 KiB"));
        }
        let sections = text.lines().filter(|line| line.starts_with("m=")).count();
        if sections != SECTIONS {
            return Err(refused(format!(
                "it has {sections} media sections, not {SECTIONS}"
            )));
        }
        let session = SessionDescription::unmarshal(&mut Cursor::new(text.as_bytes()))
            .map_err(|error| refused(format!("it is no SDP: {error}")))?;
        let media = &session.media_descriptions;
        let first = media
            .first()
            .ok_or_else(|| refused("it has no media section"))?;
        let common = |key: &str| {
            attribute(first, key).or_else(|| session.attribute(key).map(String::as_str))
        };
        let text_of = |key: &str, longest: usize| {
            common(key)
                .filter(|value| (4..=longest).contains(&value.len()))
                .map(str::to_owned)
                .ok_or_else(|| refused(format!("a={key} is missing or of a wrong length")))
        };
        let credentials = Credentials {
            fragment: text_of("ice-ufrag", 256)?,
            password: text_of("ice-pwd", 256)?,
        };
        let fingerprint = common("fingerprint")
            .and_then(read_fingerprint)
            .ok_or_else(|| refused("a=fingerprint:sha-256 is missing or malformed"))?;
        if !matches!(common("setup"), Some("actpass" | "active")) {
            return Err(refused("a=setup must be actpass or active"));
        }
        let mixed = session.has_attribute(MIXED);
        let sections = media
            .iter()
            .enumerate()
            .map(|(index, media)| Section::read(index, media, mixed))
            .collect::<Result<Vec<_>, _>>()?;
        for (index, section) in sections.iter().enumerate() {
            if sections
                .iter()
                .skip(index + 1)
                .any(|other| other.mid == section.mid)
            {
                return Err(refused("two sections have the same a=mid"));
            }
        }
        Ok(Self {
            connection: session.origin.session_id,
            credentials,
            fingerprint,
            sections,
        })
    }
}

impl Section {
    fn read(index: usize, media: &MediaDescription, mixed: bool) -> Result<Self, OfferRefused> {
        let (kind, slot) = meaning(index);
        let name = if kind.is_video() { "video" } else { "audio" };
        let direction = if slot.is_some() {
            "recvonly"
        } else {
            "sendonly"
        };
        let wrong = |what: &str| refused(format!("media section {index} {what}"));
        if media.media_name.media != name || !media.has_attribute(direction) {
            return Err(wrong(&format!("must be {name} and {direction}")));
        }
        // A port of 0 means no media, but with BUNDLE that it shares another's (RFC 8843 §6).
        if media.media_name.port.value == 0 && !media.has_attribute("bundle-only") {
            return Err(wrong("is switched off"));
        }
        if !media.has_attribute("rtcp-mux") {
            return Err(wrong("has no a=rtcp-mux"));
        }
        let mid = attribute(media, "mid")
            .filter(|mid| (1..=16).contains(&mid.len()) && mid.bytes().all(is_token))
            .ok_or_else(|| wrong("has no proper a=mid"))?
            .to_owned();
        let (payload_types, parameters) = read_codecs(media, kind.is_video());
        if Codec::ALL
            .iter()
            .all(|codec| payload_types.media(*codec).is_none())
        {
            return Err(wrong("offers no codec that is forwarded here"));
        }
        Ok(Self {
            mid,
            payload_types,
            parameters,
            extensions: read_extensions(media, mixed),
            ssrcs: read_ssrcs(media),
            layers: if kind == Kind::Camera && slot.is_none() {
                read_layers(media)
            } else {
                Vec::new()
            },
        })
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~{}".contains(&byte)
}

fn attribute<'media>(media: &'media MediaDescription, key: &str) -> Option<&'media str> {
    media.attribute(key).flatten()
}

fn values<'media>(
    media: &'media MediaDescription,
    key: &'media str,
) -> impl Iterator<Item = &'media str> {
    media
        .attributes
        .iter()
        .filter(move |attribute| attribute.key == key)
        .filter_map(|attribute| attribute.value.as_deref())
}

fn read_fingerprint(value: &str) -> Option<[u8; 32]> {
    let (hash, hex) = value.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let mut fingerprint = [0; 32];
    let mut bytes = hex.trim().split(':');
    for place in &mut fingerprint {
        *place = u8::from_str_radix(bytes.next()?, 16).ok()?;
    }
    bytes.next().is_none().then_some(fingerprint)
}

/// The codecs that are forwarded, each by its first payload type, with the retransmission type
/// that points to it.
fn read_codecs(media: &MediaDescription, video: bool) -> (PayloadTypes, Vec<(Codec, String)>) {
    let by_type = |key: &'static str, payload_type: u8| {
        values(media, key).find_map(move |value| {
            let (number, rest) = value.split_once(' ')?;
            (number.parse() == Ok(payload_type)).then_some(rest)
        })
    };
    let formats: Vec<u8> = media
        .media_name
        .formats
        .iter()
        .filter_map(|format| format.parse().ok())
        .filter(|payload_type| *payload_type < 128)
        .collect();
    let mut payload_types = PayloadTypes::default();
    let mut parameters = Vec::new();
    let by_map = |payload_type: u8, name: &str| {
        by_type("rtpmap", payload_type).is_some_and(|map| map.eq_ignore_ascii_case(name))
    };
    for payload_type in &formats {
        let format = by_type("fmtp", *payload_type).unwrap_or_default();
        let Some(codec) = by_type("rtpmap", *payload_type).and_then(|map| read_codec(map, format))
        else {
            continue;
        };
        if codec.is_video() != video || payload_types.media(codec).is_some() {
            continue;
        }
        let retransmission = formats.iter().copied().find(|other| {
            by_map(*other, "rtx/90000")
                && by_type("fmtp", *other)
                    .and_then(|format| parameter(format, "apt"))
                    .is_some_and(|apt| apt.parse() == Ok(*payload_type))
        });
        payload_types.set(codec, *payload_type, retransmission);
        parameters.push((codec, format.to_owned()));
    }
    // Every block of it must be Opus (RFC 2198 §5).
    if let Some(opus) = payload_types.media(Codec::Opus) {
        payload_types.redundant = formats.iter().copied().find(|payload_type| {
            by_map(*payload_type, "red/48000/2")
                && by_type("fmtp", *payload_type).is_some_and(|format| {
                    let mut blocks = format.trim().split('/');
                    blocks.all(|block| block.parse() == Ok(opus))
                })
        });
    }
    (payload_types, parameters)
}

fn parameter<'format>(format: &'format str, name: &str) -> Option<&'format str> {
    format.split(';').find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

fn read_codec(map: &str, format: &str) -> Option<Codec> {
    let map = map.to_ascii_lowercase();
    match map.as_str() {
        "opus/48000/2" => Some(Codec::Opus),
        "vp8/90000" => Some(Codec::Vp8),
        "vp9/90000" => {
            matches!(parameter(format, "profile-id"), None | Some("0")).then_some(Codec::Vp9)
        }
        "av1/90000" => {
            matches!(parameter(format, "profile"), None | Some("0")).then_some(Codec::Av1)
        }
        "h264/90000" => {
            let baseline = parameter(format, "profile-level-id").is_some_and(|level| {
                level
                    .get(..4)
                    .is_some_and(|profile| profile.eq_ignore_ascii_case("42e0"))
            });
            (baseline && parameter(format, "packetization-mode") == Some("1"))
                .then_some(Codec::H264)
        }
        _ => None,
    }
}

/// The ids of the extensions. Descriptors of dependencies may be long, so that they are taken only
/// where elements of both forms are (RFC 8285 §6).
fn read_extensions(media: &MediaDescription, mixed: bool) -> ExtensionIds {
    let mixed = mixed || media.has_attribute(MIXED);
    let mut ids = ExtensionIds::default();
    for value in values(media, "extmap") {
        let mut words = value.split_ascii_whitespace();
        let (Some(id), Some(uri)) = (words.next(), words.next()) else {
            continue;
        };
        let id = id.split('/').next().and_then(|id| id.parse::<u8>().ok());
        let known = Extension::ALL
            .into_iter()
            .find(|extension| extension.uri() == uri);
        if let (Some(id @ 1..=14), Some(extension)) = (id, known)
            && (mixed || extension != Extension::Dependencies)
        {
            ids.set(extension, id);
        }
    }
    ids
}

/// The layers of `a=simulcast:send` (RFC 8853 §5.1), in its order: at most [`STREAMS`], and none
/// where there are fewer than two. Of alternatives the first is taken.
fn read_layers(media: &MediaDescription) -> Vec<String> {
    let Some(list) = attribute(media, "simulcast").and_then(|value| {
        let mut words = value.split_ascii_whitespace();
        words.find(|word| *word == "send")?;
        words.next()
    }) else {
        return Vec::new();
    };
    let names: Vec<_> = list
        .split(';')
        .filter_map(|alternatives| alternatives.split(',').next())
        .map(|name| name.trim_start_matches('~'))
        .filter(|name| (1..=16).contains(&name.len()))
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .take(STREAMS)
        .map(str::to_owned)
        .collect();
    if names.len() < 2 { Vec::new() } else { names }
}

/// The SSRCs of the section's track: those of `a=ssrc-group:FID` (RFC 5576 §4.2), else the first.
fn read_ssrcs(media: &MediaDescription) -> Option<StreamSsrcs> {
    let group = values(media, "ssrc-group").find_map(|value| {
        let mut words = value.split_ascii_whitespace();
        (words.next()? == "FID").then_some(())?;
        Some(StreamSsrcs {
            media: words.next()?.parse().ok()?,
            retransmission: words.next().and_then(|word| word.parse().ok()),
        })
    });
    group.or_else(|| {
        let value = values(media, "ssrc").next()?;
        let media = value.split_ascii_whitespace().next()?.parse().ok()?;
        Some(StreamSsrcs {
            media,
            retransmission: None,
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHROMIUM: &str = include_str!("../../tests/offers/chromium.sdp");
    const FIREFOX: &str = include_str!("../../tests/offers/firefox.sdp");

    #[test]
    fn chromiums_offer_is_read() {
        let offer = Offer::read(CHROMIUM).expect("a real offer");
        assert_eq!(offer.sections.len(), SECTIONS);
        let camera = &offer.sections[1];
        for codec in [Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1] {
            assert!(camera.payload_types.media(codec).is_some(), "{codec:?}");
            assert!(
                camera.payload_types.retransmission(codec).is_some(),
                "{codec:?}"
            );
        }
        assert!(
            camera
                .ssrcs
                .is_some_and(|ssrcs| ssrcs.retransmission.is_some())
        );
        assert!(camera.extensions.video_orientation != 0);
        let microphone = &offer.sections[0];
        assert!(microphone.payload_types.media(Codec::Opus).is_some());
        assert!(microphone.extensions.audio_level != 0);
        assert!(microphone.extensions.transport_sequence != 0);
    }

    #[test]
    fn firefoxs_offer_is_read() {
        let offer = Offer::read(FIREFOX).expect("a real offer");
        let camera = &offer.sections[1];
        assert!(camera.payload_types.media(Codec::Vp8).is_some());
        assert!(camera.payload_types.retransmission(Codec::Vp8).is_some());
        assert!(camera.ssrcs.is_some());
        assert!(offer.sections[3].payload_types.media(Codec::Opus).is_some());
    }

    #[test]
    fn redundant_audio_is_read_where_all_of_it_is_opus() {
        let redundant = |blocks: &str| {
            let text = CHROMIUM.replace("a=fmtp:63 111/111", &format!("a=fmtp:63 {blocks}"));
            let offer = Offer::read(&text).expect("a real offer");
            offer.sections[0].payload_types.redundant
        };
        assert_eq!(redundant("111/111"), Some(63));
        assert_eq!(redundant("111/111/111"), Some(63));
        assert_eq!(redundant("111/9"), None);
        assert_eq!(redundant(""), None);
    }

    #[test]
    fn simulcast_layers_are_read_in_their_order() {
        let camera = |lines: &str| {
            let text = CHROMIUM.replacen("a=mid:1\r\n", &format!("a=mid:1\r\n{lines}"), 1);
            Offer::read(&text).expect("a real offer").sections[1]
                .layers
                .clone()
        };
        assert_eq!(camera("a=simulcast:send q;h;f\r\n"), ["q", "h", "f"]);
        assert_eq!(
            camera("a=simulcast:recv x send ~0,9;1;2;3;4\r\n"),
            ["0", "1", "2"]
        );
        assert_eq!(camera("a=simulcast:send q\r\n"), [""; 0]);
        assert_eq!(camera("a=simulcast:send\r\n"), [""; 0]);
        assert_eq!(camera(""), [""; 0]);
    }

    #[test]
    fn a_restart_is_of_the_same_connection() {
        for (first, restart) in [
            (
                CHROMIUM,
                include_str!("../../tests/offers/chromium-restart.sdp"),
            ),
            (
                FIREFOX,
                include_str!("../../tests/offers/firefox-restart.sdp"),
            ),
        ] {
            let first = Offer::read(first).expect("a real offer");
            let restart = Offer::read(restart).expect("a real offer");
            assert_eq!(first.connection, restart.connection);
            assert_eq!(first.fingerprint, restart.fingerprint);
            assert_ne!(first.credentials, restart.credentials);
        }
    }

    #[test]
    fn what_is_not_in_the_layout_is_refused_with_the_reason() {
        let cases = [
            ("", "0 media sections"),
            (
                &CHROMIUM.replace("a=sendonly", "a=sendrecv"),
                "must be audio and sendonly",
            ),
            (&CHROMIUM.replace("a=rtcp-mux\r\n", ""), "no a=rtcp-mux"),
            (
                &CHROMIUM.replace("a=setup:actpass", "a=setup:passive"),
                "a=setup",
            ),
            (&CHROMIUM.replace("sha-256 ", "sha-1 "), "fingerprint"),
            (&CHROMIUM.replace("a=mid:3", "a=mid:2"), "same a=mid"),
            (
                &CHROMIUM.replace("opus/48000/2", "other/48000/2"),
                "no codec",
            ),
            (
                &CHROMIUM.replace("m=audio 9 ", "m=audio 0 "),
                "switched off",
            ),
            (
                &CHROMIUM.replace("a=ice-ufrag:", "a=ice-ufrag:\r\na=x:"),
                "ice-ufrag",
            ),
            (
                &"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(1_000),
                "1000 media sections",
            ),
            (&"x".repeat(70_000), "longer than 64 KiB"),
        ];
        for (text, reason) in cases {
            let refusal = Offer::read(text).expect_err(reason).to_string();
            assert!(
                refusal.contains(reason),
                "{refusal:?} does not say {reason:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_mangled_offer_is_read_or_refused_and_never_panics(
            at in 0usize..40_000, cut in 0usize..400, insert in "\\PC{0,40}",
        ) {
            let from = CHROMIUM.floor_char_boundary(at.min(CHROMIUM.len()));
            let to = CHROMIUM.floor_char_boundary((from + cut).min(CHROMIUM.len()));
            let mangled = format!("{}{insert}{}", &CHROMIUM[..from], &CHROMIUM[to..]);
            let _read_or_refused = Offer::read(&mangled);
        }
    }
}
