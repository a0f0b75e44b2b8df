//! The async `webrtc` crate with all its default codecs and interceptors, in a call with the other
//! client.

use std::sync::Arc;

use forward::codec::Kind;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::rtp;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use sfu::PeerKey;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCPeerConnectionState,
    Registry,
};

use crate::answer::{self, Streams};
use crate::client::Style;
use crate::meeting::{CALL, Meeting};
use crate::picture::Mark;

/// What the client tells.
enum News {
    State(RTCPeerConnectionState),
    Packet(rtp::Packet),
}

/// Passes on what happens to the client.
struct Listener(mpsc::Sender<News>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Listener {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        // Who listens may have gone.
        drop(self.0.send(News::State(state)).await);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let news = self.0.clone();
        // It ends with the track.
        drop(tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event
                    && news.send(News::Packet(packet)).await.is_err()
                {
                    return;
                }
            }
        }));
    }
}

/// The first of the SSRCs that it sends under.
const SSRC: u32 = 7_000;

fn track(kind: Kind, ssrc: u32) -> Arc<TrackLocalStaticRTP> {
    let (mime_type, clock_rate, channels, format) = if kind.is_video() {
        (MIME_TYPE_VP8, 90_000, 0, "")
    } else {
        (MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1")
    };
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..RTCRtpCodingParameters::default()
        },
        codec: RTCRtpCodec {
            mime_type: mime_type.to_owned(),
            clock_rate,
            channels,
            sdp_fmtp_line: format.to_owned(),
            rtcp_feedback: Vec::new(),
        },
        ..RTCRtpEncodingParameters::default()
    };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "stream".to_owned(),
        format!("{kind:?}"),
        format!("{kind:?}"),
        media(kind),
        vec![encoding],
    )))
}

const fn media(kind: Kind) -> RtpCodecKind {
    if kind.is_video() {
        RtpCodecKind::Video
    } else {
        RtpCodecKind::Audio
    }
}

const fn facing(direction: RTCRtpTransceiverDirection) -> RTCRtpTransceiverInit {
    RTCRtpTransceiverInit {
        direction,
        streams: Vec::new(),
        send_encodings: Vec::new(),
    }
}

/// The client, its three tracks, and its news.
async fn make() -> (
    impl PeerConnection,
    Vec<Arc<TrackLocalStaticRTP>>,
    mpsc::Receiver<News>,
) {
    let mut engine = MediaEngine::default();
    engine.register_default_codecs().expect("they fit");
    let registry = register_default_interceptors(Registry::new(), &mut engine).expect("they fit");
    let (sender, news) = mpsc::channel(4_096);
    let building = PeerConnectionBuilder::new()
        .with_media_engine(engine)
        .with_interceptor_registry(registry)
        .with_handler(Arc::new(Listener(sender)))
        .with_udp_addrs(vec!["127.0.0.1:0"])
        .build();
    let connection = Box::pin(building).await.expect("loopback");
    let mut tracks = Vec::new();
    for (ssrc, kind) in (SSRC..).zip(Kind::ALL) {
        let track = track(kind, ssrc);
        let init = facing(RTCRtpTransceiverDirection::Sendonly);
        connection
            .add_transceiver_from_track(Arc::clone(&track) as Arc<dyn TrackLocal>, Some(init))
            .await
            .expect("the track fits");
        tracks.push(track);
    }
    for kind in (0..3).flat_map(|_slot| Kind::ALL) {
        let init = facing(RTCRtpTransceiverDirection::Recvonly);
        connection
            .add_transceiver_from_kind(media(kind), Some(init))
            .await
            .expect("both kinds are there");
    }
    (connection, tracks, news)
}

/// The packet of `kind` numbered `number`; each eighth picture is a key frame.
fn packet(kind: Kind, number: u16) -> rtp::Packet {
    let mark = Mark {
        maker: 200,
        kind,
        number: u32::from(number),
    };
    let [base_layer, _] = number.to_le_bytes();
    rtp::Packet {
        header: rtp::Header {
            version: 2,
            marker: kind.is_video(),
            payload_type: if kind.is_video() { 96 } else { 111 },
            sequence_number: number,
            timestamp: u32::from(number) * 480,
            ssrc: SSRC + u32::try_from(kind.index()).expect("three kinds"),
            ..rtp::Header::default()
        },
        payload: if kind.is_video() {
            mark.frame(number, base_layer, number.is_multiple_of(8))
        } else {
            mark.sound()
        },
    }
}

/// The kind of the slot's stream that a packet came on.
fn kind_in(slot: &Streams, packet: &rtp::Packet) -> Option<Kind> {
    Kind::ALL
        .into_iter()
        .find(|kind| slot.of(*kind).media == packet.header.ssrc)
}

#[test]
fn and_the_other_hear_and_see_each_other() {
    let runtime = Runtime::new().expect("threads can be started");
    let (connection, tracks, mut news) = runtime.block_on(make());
    let mut meeting = Meeting::new();
    meeting.seat(0, &Style::default());
    let slot = runtime.block_on(async {
        let offer = connection.create_offer(None).await.expect("it may offer");
        let text = offer.sdp.clone();
        connection
            .set_local_description(offer)
            .await
            .expect("it is its own");
        let answering = meeting.sfu.attach(CALL, PeerKey(1), 1, &text);
        let text = answering.await.expect("it is answered").expect("it fits");
        let answer = RTCSessionDescription::answer(text.clone()).expect("it is SDP");
        connection
            .set_remote_description(answer)
            .await
            .expect("it fits");
        answer::slots(&text)[0]
    });
    meeting.clients[0].start_publishing();
    let (mut is_connected, mut number) = (false, 0);
    let mut came: Vec<(Kind, Mark)> = Vec::new();
    meeting.until("each gets every kind of the other", |meeting| {
        while let Ok(news) = news.try_recv() {
            match news {
                News::State(state) => is_connected = state == RTCPeerConnectionState::Connected,
                News::Packet(packet) => {
                    let kind = kind_in(&slot, &packet).expect("an SSRC of the slot");
                    came.push((kind, Mark::of(&packet.payload).expect("it has a mark")));
                }
            }
        }
        if is_connected && meeting.clients[0].is_connected() {
            for (track, kind) in tracks.iter().zip(Kind::ALL) {
                let sent = runtime.block_on(track.write_rtp(packet(kind, number)));
                sent.expect("what it offered it may send");
            }
            number += 1;
        }
        Kind::ALL.iter().all(|kind| {
            came.iter().filter(|(of, _)| of == kind).count() >= 20
                && meeting.clients[0].count(0, *kind) >= 20
        })
    });
    for (kind, mark) in came {
        assert_eq!((mark.maker, mark.kind), (0, kind));
    }
    for kind in Kind::ALL {
        let arrived = meeting.clients[0].arrived(0, kind);
        assert!(
            arrived
                .iter()
                .all(|it| it.mark.maker == 200 && it.mark.kind == kind)
        );
        assert!(arrived[0].picture.is_none_or(|picture| picture.is_key));
    }
    runtime.block_on(connection.close()).expect("it closes");
}
