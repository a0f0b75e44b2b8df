//! The one offer: twelve sections, three sent and nine received.

use forward::codec::{Codec, Kind};
use rand::RngExt as _;
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::{
    Registry, Slot, configure_nack, configure_rtcp_reports, configure_twcc_sender_only,
};
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_H264, MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters,
    RTCRtpEncodingParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::rtp_transceiver::{
    RTCRtpReceiverId, RTCRtpSenderId, RTCRtpTransceiverDirection, RTCRtpTransceiverInit,
};
use std::time::Duration;
use tokio::time::Instant;

use super::publisher::Publisher;
use crate::tap::{Log, Tap};

/// How a client is made.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// The SRTP profiles it offers.
    pub(crate) profiles: Vec<SrtpProtectionProfile>,
    /// Whether it asks for what it misses and sends again what it is asked for.
    pub(crate) repairs: bool,
    /// Whether it sends sender and receiver reports.
    pub(crate) reports: bool,
    /// Whether it numbers its packets over all streams.
    pub(crate) transport_numbers: bool,
    pub(crate) opus: u8,
    /// The payload type of its pictures.
    pub(crate) picture: u8,
    /// The codec of its pictures: VP8 or H.264.
    pub(crate) codec: Codec,
    /// The payload type of retransmissions of pictures, where it takes them.
    pub(crate) retransmission: Option<u8>,
    /// The id of the extension that says how loud a sound is: 1, or 2.
    pub(crate) level: u8,
}

impl Style {
    /// One that numbers everything otherwise than the default.
    pub(crate) fn unlike() -> Self {
        Self {
            opus: 109,
            picture: 120,
            retransmission: Some(124),
            level: 2,
            ..Self::default()
        }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self {
            profiles: vec![
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            ],
            repairs: false,
            reports: false,
            transport_numbers: false,
            opus: 111,
            picture: 96,
            codec: Codec::Vp8,
            retransmission: Some(97),
            level: 1,
        }
    }
}

/// A peer connection with its twelve transceivers.
pub(super) struct Made {
    pub(super) connection: RTCPeerConnection,
    pub(super) tapped_inward: Log,
    pub(super) tapped_outward: Log,
    pub(super) senders: Vec<RTCRtpSenderId>,
    pub(super) receivers: Vec<RTCRtpReceiverId>,
    pub(super) publisher: Publisher,
}

const BASELINE: &str = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
const SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

fn codec(name: &str, clock_rate: u32, format: String) -> RTCRtpCodec {
    let feedback = |typ: &str, parameter: &str| RTCPFeedback {
        typ: typ.to_owned(),
        parameter: parameter.to_owned(),
    };
    RTCRtpCodec {
        mime_type: name.to_owned(),
        clock_rate,
        channels: if name == MIME_TYPE_OPUS { 2 } else { 0 },
        sdp_fmtp_line: format,
        rtcp_feedback: if name == MIME_TYPE_VP8 || name == MIME_TYPE_H264 {
            vec![
                feedback("ccm", "fir"),
                feedback("nack", ""),
                feedback("nack", "pli"),
            ]
        } else {
            Vec::new()
        },
    }
}

/// The codecs of a kind, retransmissions last.
fn codecs(style: &Style, kind: Kind) -> Vec<RTCRtpCodecParameters> {
    let with = |payload_type, rtp_codec| RTCRtpCodecParameters {
        rtp_codec,
        payload_type,
    };
    if !kind.is_video() {
        let format = "minptime=10;useinbandfec=1".to_owned();
        return vec![with(style.opus, codec(MIME_TYPE_OPUS, 48_000, format))];
    }
    let picture = if style.codec == Codec::H264 {
        codec(MIME_TYPE_H264, 90_000, BASELINE.to_owned())
    } else {
        codec(MIME_TYPE_VP8, 90_000, String::new())
    };
    let mut codecs = vec![with(style.picture, picture)];
    codecs.extend(style.retransmission.map(|payload_type| {
        let format = format!("apt={}", style.picture);
        with(payload_type, codec(MIME_TYPE_RTX, 90_000, format))
    }));
    codecs
}

fn media_engine(style: &Style) -> MediaEngine {
    let mut engine = MediaEngine::default();
    for kind in [Kind::Microphone, Kind::Camera] {
        for parameters in codecs(style, kind) {
            engine
                .register_codec(parameters, media(kind))
                .expect("a codec of that kind");
        }
    }
    let before = (style.level > 1).then_some(SEND_TIME);
    for uri in before.into_iter().chain([AUDIO_LEVEL]) {
        let extension = RTCRtpHeaderExtensionCapability {
            uri: uri.to_owned(),
        };
        engine
            .register_header_extension(extension, RtpCodecKind::Audio, None)
            .expect("there are ids left");
    }
    engine
}

/// Makes the peer connection.
pub(super) fn make(maker: u8, style: &Style, now: Instant) -> Made {
    let mut engine = media_engine(style);
    let tap = Tap::default();
    let (tapped_inward, tapped_outward) = (tap.inward.clone(), tap.outward.clone());
    let mut registry = Registry::new().with(Slot::from(1), tap);
    if style.repairs {
        registry = configure_nack(registry, &mut engine);
    }
    if style.reports {
        registry = configure_rtcp_reports(registry);
    }
    if style.transport_numbers {
        registry = configure_twcc_sender_only(registry, &mut engine).expect("there are ids left");
    }
    let settings = SettingEngineBuilder::new()
        .with_srtp_protection_profiles(style.profiles.clone())
        .with_ice_connection_attempts(Some(Duration::from_millis(20)), None)
        .with_host_acceptance_min_wait(Some(Duration::ZERO))
        .with_include_loopback_candidate(true)
        .with_discard_local_candidates_during_ice_restart(true)
        .build();
    let mut connection = RTCPeerConnectionBuilder::new()
        .with_setting_engine(settings)
        .with_media_engine(engine)
        .with_interceptor_registry(registry)
        .build(now.into_std())
        .expect("its settings agree");
    let publisher = Publisher::new(style);
    let senders = Kind::ALL.map(|kind| {
        let ssrc = publisher.ssrc(kind);
        add_sender(&mut connection, maker, kind, ssrc, codecs(style, kind))
    });
    let receivers = (0..3)
        .flat_map(|_slot| Kind::ALL)
        .map(|kind| add_receiver(&mut connection, kind))
        .collect();
    Made {
        connection,
        tapped_inward,
        tapped_outward,
        senders: senders.to_vec(),
        receivers,
        publisher,
    }
}

const fn media(kind: Kind) -> RtpCodecKind {
    if kind.is_video() {
        RtpCodecKind::Video
    } else {
        RtpCodecKind::Audio
    }
}

fn add_sender(
    connection: &mut RTCPeerConnection,
    maker: u8,
    kind: Kind,
    ssrc: u32,
    codecs: Vec<RTCRtpCodecParameters>,
) -> RTCRtpSenderId {
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..RTCRtpCodingParameters::default()
        },
        codec: codecs.first().expect("each kind has one").rtp_codec.clone(),
        ..RTCRtpEncodingParameters::default()
    };
    let track = MediaStreamTrack::new(
        format!("stream{maker}"),
        format!("{kind:?}{maker}"),
        format!("{kind:?}"),
        media(kind),
        vec![encoding],
    );
    let init = RTCRtpTransceiverInit {
        direction: RTCRtpTransceiverDirection::Sendonly,
        streams: Vec::new(),
        send_encodings: Vec::new(),
    };
    let transceiver = connection
        .add_transceiver_from_track(track, Some(init))
        .expect("the track fits");
    let mut transceiver = connection
        .rtp_transceiver(transceiver)
        .expect("it was just added");
    transceiver
        .set_codec_preferences(codecs)
        .expect("they are registered");
    transceiver.sender().expect("it sends")
}

fn add_receiver(connection: &mut RTCPeerConnection, kind: Kind) -> RTCRtpReceiverId {
    let transceiver = connection
        .add_transceiver_from_kind(media(kind), None)
        .expect("codecs of both kinds are there");
    connection
        .rtp_transceiver(transceiver)
        .and_then(|transceiver| transceiver.receiver())
        .expect("it receives")
}

/// A number that is no other's.
pub(super) fn random_ssrc() -> u32 {
    ambient::rng().random_range(1..=u32::MAX)
}
