//! One peer: the peer connection of one session, and what it sends and receives.

mod picture;
mod probe;
mod receive;
mod report;
mod send;
mod voice;

use std::net::SocketAddr;

use forward::allocation::{Allocation, STREAMS};
use forward::bandwidth::Bandwidth;
use forward::codec::{Codec, Kind};
use forward::congestion::Arrivals;
use forward::extension::{Extension, ExtensionIds};
use forward::leg::{Leg, SourceId};
use forward::meter::Meter;
use forward::repair::{Repairs, Wishes};
use forward::scalable::Layers;
use forward::source::Source;
use forward::speaker::Speaker;
use forward::time::Micros;

use tokio::time::Instant;

use crate::allowance::Allowance;
use crate::dtls::{Dtls, Identity, Keys, Progress};
use crate::handle::{CallKey, PeerKey};
use crate::ice::{Checked, Ice, Request};
use crate::path::Path;
use crate::sdp::{self, Credentials, Local, Offer, SLOTS, Section, StreamSsrcs};
use crate::srtp::Claim;
use crate::udp::Outbox;

pub(crate) use picture::Sent;
use picture::Watched;
use probe::Prober;
pub(crate) use receive::Incoming;
pub(crate) use send::Content;
use voice::Voice;

/// How many source ids a peer has.
pub(crate) const SOURCES: u64 = (Kind::ALL.len() * STREAMS) as u64;

/// What a peer sends of one kind, or of a simulcast camera one layer.
#[derive(Debug)]
struct Track {
    id: SourceId,
    source: Source,
    /// When the last packet came, and under which SSRC.
    last: Option<(Micros, u32)>,
    meter: Meter,
    /// Pixels, from the last key frame that said so.
    height: Option<u16>,
    /// The layers within it, where its codec may have such.
    layers: Option<Box<Layers>>,
}

/// A kind, and which of its layers; 0 is the smallest, and the only one where there is but one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TrackKey {
    pub(crate) kind: Kind,
    pub(crate) layer: u8,
}

impl TrackKey {
    /// All that are pictures.
    pub(crate) const PICTURES: [Self; STREAMS + 1] = [
        Self::camera(0),
        Self::camera(1),
        Self::camera(2),
        Self {
            kind: Kind::Screen,
            layer: 0,
        },
    ];

    /// What pictures begin with.
    pub(crate) const FIRST_PICTURES: [Self; 2] = [
        Self::camera(0),
        Self {
            kind: Kind::Screen,
            layer: 0,
        },
    ];

    const fn camera(layer: u8) -> Self {
        Self {
            kind: Kind::Camera,
            layer,
        }
    }
}

/// What one SSRC of a peer carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stream {
    Media(TrackKey),
    Retransmission(TrackKey),
}

/// One leg, and under which SSRCs it is written.
#[derive(Debug)]
struct Out {
    leg: Leg,
    /// The layer to forward; none while the picture is held back.
    layer: Option<u8>,
    /// Whether it is held back for want of bandwidth.
    paused: bool,
    /// How high the picture is shown, device pixels; 0 where nobody sees it.
    shown: u16,
    ssrcs: StreamSsrcs,
    retransmissions: u64,
    repairs: Repairs,
    wishes: Wishes,
}

/// One peer.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) key: PeerKey,
    pub(crate) call: CallKey,
    pub(crate) seat: usize,
    pub(crate) ice: Ice,
    /// Its place in the worker's table, which marks its datagrams.
    index: u32,
    connection: u64,
    dtls: Dtls,
    keys: Option<Keys>,
    sections: Vec<Section>,
    /// The ids of the extensions over all sections: BUNDLE makes them one space (RFC 8285 §7.1).
    extensions: ExtensionIds,
    tracks: [[Track; STREAMS]; 3],
    /// The id of the first of them.
    sources: u64,
    streams: Vec<(u32, Stream)>,
    outs: [[Out; 3]; SLOTS],
    arrivals: Arrivals,
    arrival_reports: u8,
    bandwidth: Bandwidth,
    allocation: Allocation,
    prober: Prober,
    watched: Watched,
    voice: Voice,
    /// Since when media can be sent to it.
    connected: Option<Micros>,
    speaker: Speaker,
    /// The SSRC of our own reports.
    ssrc: u32,
    next_report: Micros,
    next_arrivals: Micros,
    told_lost: bool,
    allowed: Allowed,
}

/// How much of each kind a peer may have this side do: a multiple of what any browser sends, and a
/// few hundredths of a core. What comes beyond it is dropped before any work is done on it.
///
/// Datagrams from a forged address count as the peer's until they are opened. So copies of what came
/// before count for nothing, and what begins a source has an allowance of its own: whoever does not
/// see what the peer sends cannot use up what it needs.
#[derive(Debug)]
struct Allowed {
    /// Connectivity checks.
    checks: Allowance,
    /// RTP packets: a camera in three layers and a screen are some 900 a second.
    media: Allowance,
    /// RTCP packets.
    reports: Allowance,
    /// RTP and RTCP packets of sources that have not been heard.
    beginnings: Allowance,
}

impl Allowed {
    const fn new() -> Self {
        Self {
            checks: Allowance::new(100, 200),
            media: Allowance::new(3_000, 3_000),
            reports: Allowance::new(200, 400),
            beginnings: Allowance::new(200, 200),
        }
    }

    /// Whether an RTP packet that says this of itself is looked at.
    fn admits_media(&mut self, claim: Claim, now: Micros) -> bool {
        match claim {
            Claim::Continues => self.media.take(now),
            Claim::Begins => self.beginnings.take(now),
            Claim::Old => false,
        }
    }

    /// Whether an RTCP packet that says this of itself is looked at.
    fn admits_report(&mut self, claim: Claim, now: Micros) -> bool {
        match claim {
            Claim::Continues => self.reports.take(now),
            Claim::Begins => self.beginnings.take(now),
            Claim::Old => false,
        }
    }
}

/// What a datagram of the handshake led to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Handshake {
    /// It goes on.
    Going,
    /// Media can flow.
    Done,
    /// It failed for good.
    Failed(&'static str),
}

/// Fresh ICE credentials; `fragment` names this side.
pub(crate) fn credentials(fragment: String) -> Credentials {
    use rand::distr::{Alphanumeric, SampleString as _};
    Credentials {
        fragment,
        password: Alphanumeric.sample_string(&mut ambient::rng(), 24),
    }
}

/// A random SSRC that `taken` does not have.
fn ssrc(taken: &mut Vec<u32>) -> u32 {
    loop {
        let ssrc = ambient::random::<u32>();
        if ssrc != 0 && !taken.contains(&ssrc) {
            taken.push(ssrc);
            return ssrc;
        }
    }
}

/// The SSRCs that an offer announced, and what each carries.
fn announced(sections: &[Section]) -> Vec<(u32, Stream)> {
    let mut streams = Vec::new();
    for (kind, section) in Kind::ALL.into_iter().zip(sections) {
        // Layers are told apart by their names, which every packet carries at first.
        let Some(ssrcs) = section.ssrcs.filter(|_| section.layers.is_empty()) else {
            continue;
        };
        let key = TrackKey { kind, layer: 0 };
        streams.push((ssrcs.media, Stream::Media(key)));
        let retransmission = ssrcs.retransmission;
        streams.extend(retransmission.map(|ssrc| (ssrc, Stream::Retransmission(key))));
    }
    streams
}

impl Out {
    /// A leg into `section`, under SSRCs that are not yet `taken`.
    fn new(section: Option<&Section>, taken: &mut Vec<u32>) -> Self {
        let repairs = section.is_some_and(|section| {
            Codec::ALL
                .iter()
                .any(|codec| section.payload_types.retransmission(*codec).is_some())
        });
        let media = ssrc(taken);
        let retransmission = repairs.then(|| ssrc(taken));
        // Both numbers begin in the lower half, so that nobody misses an early rollover.
        Self {
            leg: Leg::new(ambient::random::<u16>() & 0x7fff),
            layer: Some(0),
            paused: false,
            shown: u16::MAX,
            ssrcs: StreamSsrcs {
                media,
                retransmission,
            },
            retransmissions: 0x1_0000 | u64::from(ambient::random::<u16>() & 0x7fff),
            repairs: Repairs::default(),
            wishes: Wishes::default(),
        }
    }
}

fn merged_extensions(sections: &[Section]) -> ExtensionIds {
    let mut merged = ExtensionIds::default();
    for extension in Extension::ALL {
        let ids = sections
            .iter()
            .map(|section| section.extensions.of(extension));
        merged.set(extension, ids.max().unwrap_or(0));
    }
    merged
}

/// Who a new peer is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) key: PeerKey,
    pub(crate) call: CallKey,
    pub(crate) seat: usize,
    pub(crate) index: u32,
    /// The first of its [`SOURCES`] source ids.
    pub(crate) sources: u64,
}

impl Peer {
    pub(crate) fn new(
        place: Place,
        offer: Offer,
        local: Credentials,
        identity: &Identity,
        now: Micros,
    ) -> Self {
        let streams = announced(&offer.sections);
        let mut taken: Vec<u32> = streams.iter().map(|(ssrc, _)| *ssrc).collect();
        let outs = std::array::from_fn(|slot| {
            Kind::ALL
                .map(|kind| Out::new(offer.sections.get(sdp::section_of(slot, kind)), &mut taken))
        });
        Self {
            key: place.key,
            call: place.call,
            seat: place.seat,
            index: place.index,
            connection: offer.connection,
            ice: Ice::new(
                std::sync::Arc::clone(&identity.crypto),
                local,
                offer.credentials,
                now,
            )
            .marked(place.index),
            dtls: Dtls::new(identity, offer.fingerprints, Instant::now()),
            keys: None,
            extensions: merged_extensions(&offer.sections),
            sections: offer.sections,
            tracks: std::array::from_fn(|kind| {
                std::array::from_fn(|layer| Track {
                    id: SourceId(place.sources + (kind * STREAMS + layer) as u64),
                    source: Source::default(),
                    last: None,
                    meter: Meter::default(),
                    height: None,
                    layers: None,
                })
            }),
            sources: place.sources,
            streams,
            outs,
            arrivals: Arrivals::default(),
            arrival_reports: 0,
            bandwidth: Bandwidth::default(),
            allocation: Allocation::default(),
            prober: Prober::default(),
            watched: Watched::default(),
            voice: Voice::default(),
            connected: None,
            speaker: Speaker::default(),
            ssrc: ssrc(&mut taken),
            next_report: now.after_ms(1_000),
            next_arrivals: now,
            told_lost: false,
            allowed: Allowed::new(),
        }
    }

    /// The answer to `offer`, which this peer was made from or restarted with.
    pub(crate) fn answer(
        &self,
        offer: &Offer,
        identity: &Identity,
        candidates: &[SocketAddr],
        decodable: &[Codec],
    ) -> String {
        let slots = std::array::from_fn(|slot| {
            std::array::from_fn(|kind| {
                let out = self.outs.get(slot).and_then(|slot| slot.get(kind));
                out.expect("as many legs as slots and kinds").ssrcs
            })
        });
        let local = Local {
            credentials: self.ice.local(),
            fingerprint: identity.fingerprint,
            candidates,
            slots: &slots,
            decodable,
        };
        sdp::answer(offer, &local)
    }

    /// Whether `offer` is of the peer connection that is attached.
    pub(crate) fn is_same_connection(&self, offer: &Offer) -> bool {
        self.connection == offer.connection && self.dtls.expected() == offer.fingerprints
    }

    /// Whether this peer's browser can decode `codec`.
    pub(crate) fn decodes(&self, codec: Codec) -> bool {
        self.sections
            .iter()
            .skip(Kind::ALL.len())
            .any(|section| section.payload_types.media(codec).is_some())
    }

    /// Takes a DTLS datagram from a valid address.
    pub(crate) fn handshake(
        &mut self,
        datagram: &[u8],
        (since_start, now): (Micros, Instant),
        outbox: &mut Outbox,
    ) -> Handshake {
        let progress = self.dtls.handle(datagram, now);
        self.transmit_handshake((since_start, now), outbox);
        match progress {
            Progress::None => Handshake::Going,
            Progress::Agreed(keys) => {
                self.keys = Some(*keys);
                self.connected = Some(since_start);
                Handshake::Done
            }
            Progress::Failed(why) => Handshake::Failed(why),
        }
    }

    /// Gives the peer keys that no handshake agreed on.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn connect_by(&mut self, keys: Keys) {
        self.keys = Some(keys);
    }

    /// Repeats the handshake's last flight where that is due; gives whether it has just failed.
    pub(crate) fn tick_handshake(&mut self, now: (Micros, Instant), outbox: &mut Outbox) -> bool {
        self.transmit_handshake(now, outbox);
        self.dtls.has_just_failed(now.1)
    }

    fn transmit_handshake(&mut self, (since_start, now): (Micros, Instant), outbox: &mut Outbox) {
        let Some(to) = self.ice.for_handshake(since_start) else {
            return;
        };
        for datagram in self.dtls.transmit(now) {
            outbox.push(self.index, to, datagram);
        }
    }

    /// Answers a connectivity check, if it is one of the peer's and not one too many.
    pub(crate) fn check(
        &mut self,
        request: Request<'_>,
        source: Path,
        now: Micros,
        outbox: &mut Outbox,
    ) -> Option<Checked> {
        if !self.allowed.checks.take(now) {
            return None;
        }
        let checked = self.ice.check(request, source, now)?;
        outbox.push(self.index, source, &checked.answer);
        self.ask(now, outbox);
        Some(checked)
    }

    /// Asks, where that is due, whether the peer agrees to be sent to.
    pub(crate) fn ask(&mut self, now: Micros, outbox: &mut Outbox) {
        self.ice.tick(now);
        for (to, ask) in self.ice.asks(now) {
            outbox.push(self.index, to, &ask);
        }
    }

    /// Whether the peer speaks.
    pub(crate) fn speaks(&self, now: Micros) -> bool {
        self.speaker.speaks(now)
    }

    /// Whether consent has just run out; told once, until the peer is heard again.
    pub(crate) fn has_just_gone_stale(&mut self, now: Micros) -> bool {
        let stale = self.ice.is_stale(now);
        let told = std::mem::replace(&mut self.told_lost, stale);
        stale && !told
    }

    /// The leg written under `ssrc`: its slot and kind.
    pub(crate) fn leg_of(&self, ssrc: u32) -> Option<(usize, Kind)> {
        (0..SLOTS)
            .flat_map(|slot| Kind::ALL.map(|kind| (slot, kind)))
            .find(|(slot, kind)| {
                self.out(*slot, *kind).is_some_and(|out| {
                    out.ssrcs.media == ssrc || out.ssrcs.retransmission == Some(ssrc)
                })
            })
    }

    /// The receiver of the leg in that place wishes for a key frame; gives whether that counts.
    pub(crate) fn may_wish(&mut self, slot: usize, kind: Kind, now: Micros) -> bool {
        self.out_mut(slot, kind)
            .is_some_and(|out| out.wishes.may(now))
    }

    /// What the leg in that place carries.
    pub(crate) fn source_on(&self, slot: usize, kind: Kind) -> Option<SourceId> {
        self.out(slot, kind)?.leg.source()
    }

    fn out(&self, slot: usize, kind: Kind) -> Option<&Out> {
        self.outs.get(slot)?.get(kind.index())
    }

    fn out_mut(&mut self, slot: usize, kind: Kind) -> Option<&mut Out> {
        self.outs.get_mut(slot)?.get_mut(kind.index())
    }

    fn track(&self, key: TrackKey) -> &Track {
        self.tracks
            .get(key.kind.index())
            .and_then(|layers| layers.get(usize::from(key.layer)))
            .expect("as many tracks as kinds and layers")
    }

    fn track_mut(&mut self, key: TrackKey) -> &mut Track {
        self.tracks
            .get_mut(key.kind.index())
            .and_then(|layers| layers.get_mut(usize::from(key.layer)))
            .expect("as many tracks as kinds and layers")
    }

    /// What this peer sends as `key`.
    pub(crate) fn source(&self, key: TrackKey) -> (SourceId, &Source) {
        let track = self.track(key);
        (track.id, &track.source)
    }

    /// What this peer sends under that id, if it is its own.
    pub(crate) fn source_of(&self, id: SourceId) -> Option<&Source> {
        let index = usize::try_from(id.0.checked_sub(self.sources)?).ok()?;
        let track = self.tracks.get(index / STREAMS)?.get(index % STREAMS)?;
        Some(&track.source)
    }

    /// A receiver needs a key frame.
    pub(crate) fn want_keyframe(&mut self, key: TrackKey) {
        if key.kind.is_video() {
            self.track_mut(key).source.requests.want();
        }
    }

    /// A receiver needs a key frame of what is under that id, if it is this peer's own.
    pub(crate) fn want_keyframe_of(&mut self, id: SourceId) {
        let Some(index) =
            id.0.checked_sub(self.sources)
                .and_then(|index| usize::try_from(index).ok())
        else {
            return;
        };
        if let Some(kind @ (Kind::Camera | Kind::Screen)) = Kind::ALL.get(index / STREAMS).copied()
            && let Ok(layer) = u8::try_from(index % STREAMS)
        {
            self.want_keyframe(TrackKey { kind, layer });
        }
    }
}
