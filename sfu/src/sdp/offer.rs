//! Reading an offer: one pass over its lines, in which each is looked at once, whatever stands
//! there. So what an offer costs is bounded by its length.

use forward::allocation::STREAMS;
use forward::codec::{Codec, Kind, PayloadTypes};
use forward::extension::{Extension, ExtensionIds};

use super::formats::Formats;
use super::lines::{self, Line};
use super::transport::Transport;
use super::{LONGEST_OFFER, SECTIONS, meaning};
use crate::handle::OfferRefused;

/// What an offer says, as far as it matters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Offer {
    /// The number that names the peer connection as long as it lives (RFC 8866 §5.2).
    pub(crate) connection: u64,
    pub(crate) credentials: Credentials,
    /// SHA-256 of the certificates of which DTLS must present one.
    pub(crate) fingerprints: Vec<[u8; 32]>,
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

pub(super) fn refused(why: impl Into<String>) -> OfferRefused {
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
        let mut lines = lines::read(text);
        let sections = lines::read(text)
            .filter(|line| matches!(line, Some(Line::Media(_))))
            .count();
        if sections != SECTIONS {
            return Err(refused(format!(
                "it has {sections} media sections, not {SECTIONS}"
            )));
        }
        if lines.next() != Some(Some(Line::Version("0"))) {
            return Err(refused("it is no SDP: it does not begin with v=0"));
        }
        let mut origin = None;
        let mut session = Common::default();
        let mut sections: Vec<Reading<'_>> = Vec::with_capacity(SECTIONS);
        for line in lines {
            match line.ok_or_else(|| refused("it is no SDP: a line has no type"))? {
                Line::Version(_) | Line::Other => {}
                Line::Origin(value) => _ = origin.get_or_insert(value),
                Line::Media(value) => sections.push(Reading::begin(sections.len(), value)?),
                Line::Attribute(key, value) => match sections.last_mut() {
                    None => session.take(key, value),
                    Some(section) => section.take(key, value),
                },
            }
        }
        let connection = origin
            .and_then(|origin| origin.split_ascii_whitespace().nth(1)?.parse().ok())
            .ok_or_else(|| refused("it is no SDP: o= names no session"))?;
        // All share one transport. It stands in the first section or above, or else wherever it
        // does: only one of a bundle must have it (RFC 8843 §7.1.3).
        let mut transports = sections.iter().map(|section| &section.common.transport);
        let first = transports.next().cloned().unwrap_or_default();
        let (credentials, fingerprints) = transports
            .fold(first.or(&session.transport), Transport::or)
            .finish()?;
        let sections = sections
            .into_iter()
            .enumerate()
            .map(|(index, section)| section.finish(index, &session))
            .collect::<Result<Vec<_>, _>>()?;
        for (index, section) in sections.iter().enumerate() {
            let mut others = sections.iter().skip(index + 1);
            if others.any(|other| other.mid == section.mid) {
                return Err(refused("two sections have the same a=mid"));
            }
        }
        Ok(Self {
            connection,
            credentials,
            fingerprints,
            sections,
        })
    }
}

/// What may stand in a section or, for all of them, above.
#[derive(Debug, Default)]
struct Common<'text> {
    transport: Transport<'text>,
    direction: Option<&'text str>,
    is_mixed: bool,
}

impl<'text> Common<'text> {
    fn take(&mut self, key: &'text str, value: &'text str) {
        match key {
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => {
                self.direction.get_or_insert(key);
            }
            MIXED => self.is_mixed = true,
            _ => self.transport.take(key, value),
        }
    }
}

/// A media section of which not all lines have been read. Of an attribute that may stand there
/// once the first counts.
#[derive(Debug)]
struct Reading<'text> {
    media: &'text str,
    /// Its port is 0.
    has_no_port: bool,
    formats: Formats<'text>,
    common: Common<'text>,
    mid: Option<&'text str>,
    is_multiplexed: bool,
    is_bundle_only: bool,
    extensions: Vec<(Extension, u8)>,
    simulcast: Option<&'text str>,
    group: Option<StreamSsrcs>,
    ssrc: Option<u32>,
}

/// What is wrong with a section.
fn wrong(index: usize, what: &str) -> OfferRefused {
    refused(format!("media section {index} {what}"))
}

impl<'text> Reading<'text> {
    /// Begins with the value of an `m=` line (RFC 8866 §5.14).
    fn begin(index: usize, value: &'text str) -> Result<Self, OfferRefused> {
        let mut words = value.split_ascii_whitespace();
        let (Some(media), Some(port), Some(_protocol)) = (words.next(), words.next(), words.next())
        else {
            return Err(wrong(index, "has no proper m="));
        };
        Ok(Self {
            media,
            has_no_port: port == "0",
            formats: Formats::read(words)
                .ok_or_else(|| wrong(index, "has more than 128 formats"))?,
            common: Common::default(),
            mid: None,
            is_multiplexed: false,
            is_bundle_only: false,
            extensions: Vec::new(),
            simulcast: None,
            group: None,
            ssrc: None,
        })
    }

    fn take(&mut self, key: &'text str, value: &'text str) {
        match key {
            "mid" => _ = self.mid.get_or_insert(value),
            "rtcp-mux" => self.is_multiplexed = true,
            "bundle-only" => self.is_bundle_only = true,
            "rtpmap" => self.formats.map(value),
            "fmtp" => self.formats.describe(value),
            "extmap" => self.extend(value),
            "simulcast" => _ = self.simulcast.get_or_insert(value),
            "ssrc-group" => self.group = self.group.or_else(|| read_group(value)),
            "ssrc" => self.ssrc = self.ssrc.or_else(|| read_ssrc(value)),
            _ => self.common.take(key, value),
        }
    }

    /// Takes an `a=extmap`: the first of an extension counts, and of those with one id the first.
    fn extend(&mut self, value: &str) {
        let mut words = value.split_ascii_whitespace();
        let (Some(id), Some(uri)) = (words.next(), words.next()) else {
            return;
        };
        let id = id.split_once('/').map_or(id, |(id, _direction)| id);
        let known = Extension::ALL
            .into_iter()
            .find(|extension| extension.uri() == uri);
        if let (Ok(id @ 1..=14), Some(extension)) = (id.parse::<u8>(), known)
            && !self
                .extensions
                .iter()
                .any(|(before, of)| *before == extension || *of == id)
        {
            self.extensions.push((extension, id));
        }
    }

    fn finish(self, index: usize, session: &Common<'_>) -> Result<Section, OfferRefused> {
        let (kind, slot) = meaning(index);
        let name = if kind.is_video() { "video" } else { "audio" };
        let direction = if slot.is_some() {
            "recvonly"
        } else {
            "sendonly"
        };
        let wrong = |what: &str| wrong(index, what);
        let offered = self.common.direction.or(session.direction);
        if self.media != name || offered != Some(direction) {
            return Err(wrong(&format!("must be {name} and {direction}")));
        }
        // A port of 0 means no media, but with BUNDLE that it shares another's (RFC 8843 §6).
        if self.has_no_port && !self.is_bundle_only {
            return Err(wrong("is switched off"));
        }
        if !self.is_multiplexed {
            return Err(wrong("has no a=rtcp-mux"));
        }
        let mid = self
            .mid
            .filter(|mid| (1..=16).contains(&mid.len()) && mid.bytes().all(is_token))
            .ok_or_else(|| wrong("has no proper a=mid"))?
            .to_owned();
        let (payload_types, parameters) = self.formats.finish(kind.is_video());
        if Codec::ALL
            .iter()
            .all(|codec| payload_types.media(*codec).is_none())
        {
            return Err(wrong("offers no codec that is forwarded here"));
        }
        let mut layers = Vec::new();
        if kind == Kind::Camera && slot.is_none() {
            layers = self.simulcast.map_or_else(Vec::new, read_layers);
        }
        let ssrc = self.ssrc.map(|media| StreamSsrcs {
            media,
            retransmission: None,
        });
        Ok(Section {
            mid,
            payload_types,
            parameters,
            extensions: ids(&self.extensions, self.common.is_mixed || session.is_mixed),
            ssrcs: self.group.or(ssrc),
            layers,
        })
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~{}".contains(&byte)
}

/// The ids of the extensions. Descriptors of dependencies may be long, so that they are taken only
/// where elements of both forms are (RFC 8285 §6).
fn ids(extensions: &[(Extension, u8)], is_mixed: bool) -> ExtensionIds {
    let mut ids = ExtensionIds::default();
    for (extension, id) in extensions {
        if is_mixed || *extension != Extension::Dependencies {
            ids.set(*extension, *id);
        }
    }
    ids
}

/// The layers of `a=simulcast:send` (RFC 8853 §5.1), in its order: at most [`STREAMS`], and none
/// where there are fewer than two. Of alternatives the first is taken.
fn read_layers(simulcast: &str) -> Vec<String> {
    let mut words = simulcast.split_ascii_whitespace();
    let list = words
        .find(|word| *word == "send")
        .and_then(|_| words.next());
    let names: Vec<_> = list
        .unwrap_or_default()
        .split(';')
        .filter_map(|alternatives| alternatives.split(',').next())
        .map(|name| name.trim_start_matches('~'))
        .filter(|name| (1..=16).contains(&name.len()))
        .filter(|name| name.bytes().all(is_rid))
        .take(STREAMS)
        .map(str::to_owned)
        .collect();
    if names.len() < 2 { Vec::new() } else { names }
}

/// RFC 8851 §10.
fn is_rid(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

/// The SSRCs of a track and its retransmissions, of `a=ssrc-group:FID` (RFC 5576 §4.2).
fn read_group(value: &str) -> Option<StreamSsrcs> {
    let mut words = value.split_ascii_whitespace();
    (words.next()? == "FID").then_some(())?;
    Some(StreamSsrcs {
        media: words.next()?.parse().ok()?,
        retransmission: words.next().and_then(|word| word.parse().ok()),
    })
}

fn read_ssrc(value: &str) -> Option<u32> {
    value.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lines::LOOKED_AT;
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
    fn other_stacks_offers_are_read() {
        for text in [
            include_str!("../../tests/offers/aiortc.sdp"),
            include_str!("../../tests/offers/werift.sdp"),
        ] {
            let offer = Offer::read(text).expect("a real offer");
            assert!(offer.sections[0].ssrcs.is_some());
            let pictures = offer.sections.iter().skip(1).step_by(3);
            for camera in pictures {
                assert!(camera.payload_types.media(Codec::Vp8).is_some());
            }
        }
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
            assert_eq!(first.fingerprints, restart.fingerprints);
            assert_ne!(first.credentials, restart.credentials);
        }
    }

    /// Chromium's offer with `lines` put before the first that begins with `before`.
    fn with(lines: &str, before: &str) -> String {
        let at = CHROMIUM.find(before).expect("it is there");
        format!("{}{lines}{}", &CHROMIUM[..at], &CHROMIUM[at..])
    }

    #[test]
    fn the_sha_256_of_a_certificate_counts_wherever_it_stands() {
        let plain = Offer::read(CHROMIUM).expect("a real offer").fingerprints;
        let line = CHROMIUM
            .lines()
            .find(|line| line.starts_with("a=fingerprint:"))
            .expect("it has one");
        let own = format!("{line}\r\n");
        let sha_512 = format!("a=fingerprint:sha-512 {}AB\r\n", "AB:".repeat(63));
        let sha_1 = format!("a=fingerprint:sha-1 {}AB\r\n", "AB:".repeat(19));
        let short = "a=fingerprint:sha-256 AB:CD\r\n";
        let bare = CHROMIUM.replace(&own, "");
        let above = |lines: &str| bare.replacen("m=audio", &format!("{lines}m=audio"), 1);
        let hex = line.rsplit(' ').next().expect("it has hex");
        let cases = [
            with(&sha_512, "a=fingerprint:"),
            with(&format!("{sha_1}{sha_512}{short}"), "a=fingerprint:"),
            CHROMIUM.replace(&own, &format!("{own}{sha_512}")),
            with(&format!("{sha_512}{sha_1}"), "m=audio"),
            above(&own),
            above(&format!("{sha_512}{own}{sha_1}")),
            CHROMIUM.replace("sha-256", "SHA-256"),
            CHROMIUM.replace(hex, &hex.to_ascii_lowercase()),
            CHROMIUM
                .replace(&own, &sha_512)
                .replacen("m=audio", &format!("{own}m=audio"), 1),
            CHROMIUM.replace(&own, &format!("a=fingerprint: sha-256   {hex}  \r\n")),
        ];
        for text in cases {
            let offer = Offer::read(&text).expect("one of them is of use");
            assert_eq!(offer.fingerprints, plain);
        }
        let other = format!("a=fingerprint:sha-256 {}AB\r\n", "AB:".repeat(31));
        let both = Offer::read(&with(&other, "a=fingerprint:")).expect("two certificates");
        assert_eq!(both.fingerprints, [[0xab; 32], plain[0]]);
        let signed = format!("a=fingerprint:sha-256 {}+B\r\n", "AB:".repeat(31));
        for useless in ["", &sha_512, &sha_1, short, &signed] {
            Offer::read(&CHROMIUM.replace(&own, useless)).expect_err("none is of use");
        }
    }

    #[test]
    fn what_may_stand_once_counts_the_first_time_and_what_is_not_known_is_passed_over() {
        let plain = Offer::read(CHROMIUM).expect("a real offer");
        let twice = "a=ice-ufrag:wrong\r\na=ice-pwd:wrongwrongwrongwrongwrong\r\na=setup:passive\r\n\
                     a=mid:wrong\r\na=sendrecv\r\na=ssrc:1 cname:x\r\na=ssrc-group:FID 1 2\r\n\
                     a=extmap:14 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
        let known = "a=ice-ufrag a=ice-pwd a=setup a=mid a=sendonly a=ssrc a=extmap";
        assert!(known.split(' ').all(|key| CHROMIUM.contains(key)));
        for (index, line) in CHROMIUM.match_indices("m=").map(|(at, _)| at).enumerate() {
            let end = CHROMIUM[line..]
                .find("\r\nm=")
                .map_or(CHROMIUM.len(), |at| line + at + 2);
            let text = format!("{}{twice}{}", &CHROMIUM[..end], &CHROMIUM[end..]);
            let mut offer = Offer::read(&text).expect("the first of each is good");
            if !(1..=2).contains(&index) {
                offer.sections[index].ssrcs = plain.sections[index].ssrcs;
            }
            assert_eq!(offer, plain, "section {index}");
        }
        let unknown = "a=group:LS 0 1\r\na=group:BUNDLE\r\na=x\r\na=:\r\na=\r\nb=AS:1\r\n\
                       a=ice-options:trickle renomination\r\na=ice-lite\r\nk=prompt\r\n\
                       a=candidate:1 1 udp 1 x.local 9 typ host\r\na=end-of-candidates\r\n\
                       a=rtcp-fb:* nack\r\na=rtcp-fb:96 transport-cc\r\na=rtpmap:x\r\na=fmtp:300 x\r\n\
                       a=extmap:0 x\r\na=extmap:4097 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
                       a=ssrc-group:SIM 1 2 3\r\na=rid:q send pt=96\r\na=msid:- -\r\na=rtcp-rsize\r\n";
        for before in ["m=audio", "a=mid:0", "a=rtcp-mux", "a=fingerprint"] {
            assert_eq!(
                Offer::read(&with(unknown, before)).as_ref(),
                Ok(&plain),
                "{before}"
            );
        }
    }

    #[test]
    fn the_transport_may_stand_in_any_section() {
        let plain = Offer::read(CHROMIUM).expect("a real offer");
        let is_transport = |line: &str| {
            let keys = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:"];
            keys.iter().any(|key| line.starts_with(key))
        };
        let (own, bare): (Vec<&str>, Vec<&str>) = CHROMIUM
            .split_inclusive("\r\n")
            .partition(|line| is_transport(line));
        let (own, bare) = (own[..4].concat(), bare.concat());
        for mid in [0, 1, 7, 11] {
            let place = format!("a=mid:{mid}\r\n");
            let text = bare.replace(&place, &format!("{place}{own}"));
            assert_eq!(Offer::read(&text).as_ref(), Ok(&plain), "section {mid}");
        }
        Offer::read(&bare).expect_err("nowhere");
    }

    #[test]
    fn payload_types_that_look_like_rtcp_are_not_taken() {
        for (number, expected) in [
            (63, Some(63)),
            (64, None),
            (72, None),
            (95, None),
            (35, Some(35)),
        ] {
            let lines = format!(
                "a=rtpmap:{number} H264/90000\r\na=fmtp:{number} packetization-mode=1;profile-level-id=42e01f\r\n"
            );
            let text = CHROMIUM
                .replace(" H264/90000", " other/90000")
                .replacen(
                    "m=video 9 UDP/TLS/RTP/SAVPF ",
                    &format!("m=video 9 UDP/TLS/RTP/SAVPF {number} "),
                    1,
                )
                .replacen("a=mid:1\r\n", &format!("a=mid:1\r\n{lines}"), 1);
            let camera = &Offer::read(&text).expect("VP8 is there too").sections[1];
            assert_eq!(
                camera.payload_types.media(Codec::H264),
                expected,
                "{number}"
            );
        }
    }

    #[test]
    fn a_direction_may_stand_above_the_sections() {
        let text = with("a=sendonly\r\n", "m=audio");
        let (above, rest) = text.split_at(text.find("m=audio").expect("it is there"));
        let text = format!("{above}{}", rest.replace("a=sendonly\r\n", ""));
        assert_eq!(Offer::read(&text), Offer::read(CHROMIUM));
    }

    #[test]
    fn constrained_baseline_is_known_by_each_of_its_names() {
        let taken = |format: &str| {
            let map = "a=rtpmap:35 H264/90000\r\n";
            let lines = CHROMIUM.replace(" H264/90000", " other/90000");
            let text = lines
                .replacen(
                    "m=video 9 UDP/TLS/RTP/SAVPF ",
                    "m=video 9 UDP/TLS/RTP/SAVPF 35 ",
                    1,
                )
                .replacen("a=mid:1\r\n", &format!("a=mid:1\r\n{map}{format}"), 1);
            let camera = &Offer::read(&text).expect("VP8 is there too").sections[1];
            camera.payload_types.media(Codec::H264)
        };
        for profile in [
            "42e01f", "42E01F", "42c015", "42d00a", "42401f", "4d801f", "58c01f",
        ] {
            let one = format!("a=fmtp:35 packetization-mode=1;profile-level-id={profile}\r\n");
            assert_eq!(taken(&one), Some(35), "{profile}");
            let lines = format!(
                "a=fmtp:35 Packetization-Mode = 1 ; x\r\na=fmtp:35 profile-level-id={profile}\r\n"
            );
            assert_eq!(taken(&lines), Some(35), "{profile}, a parameter a line");
        }
        for profile in ["42001f", "4d001f", "640c1f", "42e0", "42e01f00", "", "x"] {
            let format = format!("a=fmtp:35 packetization-mode=1;profile-level-id={profile}\r\n");
            assert_eq!(taken(&format), None, "{profile}");
        }
        assert_eq!(
            taken("a=fmtp:35 profile-level-id=42e01f\r\n"),
            None,
            "one unit a packet"
        );
        assert_eq!(taken(""), None);
    }

    #[test]
    fn the_dearest_offers_are_looked_at_a_few_times_and_no_more() {
        let mut dearest = 0;
        for (shape, text) in crate::fuzzing::dear_offers() {
            LOOKED_AT.set(0);
            let read = Offer::read(&text);
            let looked_at = LOOKED_AT.get();
            assert!(
                looked_at <= 6 * text.len(),
                "{shape}: {looked_at} of {}",
                text.len()
            );
            if text.len() > LONGEST_OFFER {
                assert_eq!(looked_at, 0, "{shape}: it is not looked at");
            }
            if let Ok(offer) = read {
                let echoed: usize = offer
                    .sections
                    .iter()
                    .flat_map(|section| &section.parameters)
                    .map(|(_, parameters)| parameters.len())
                    .sum();
                assert!(echoed <= text.len(), "{shape}: {echoed} bytes come back");
            }
            dearest = dearest.max(looked_at);
        }
        assert!(dearest > LONGEST_OFFER / 2, "they are long: {dearest}");
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
            (&with("xx=y\r\n", "m=audio"), "a line has no type"),
            (&CHROMIUM.replace("v=0", "v=1"), "v=0"),
            (&CHROMIUM.replace("o=- ", "o=- x"), "o="),
            (
                &CHROMIUM.replacen(" 111", &" 111".repeat(129), 1),
                "more than 128 formats",
            ),
            (&CHROMIUM.replacen("m=audio 9 ", "m=audio\r\na=", 1), "m="),
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
