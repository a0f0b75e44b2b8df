//! What a peer sends.

mod receive;
mod report;

use forward::codec::{Codec, Kind};
use forward::extension::{Extension, ExtensionIds};
use forward::leg::SourceId;
use forward::source::Source;
use forward::speaker::Speaker;
use forward::time::Micros;
use forward::track::{Sent, Track, TrackKey, Tracks};
use forward::twcc::Recorder;
use forward::watched::Watched;

use crate::sdp::Section;

pub(crate) use receive::Incoming;

/// What one SSRC of a peer carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stream {
    Media(TrackKey),
    Retransmission(TrackKey),
}

/// The sending side of one peer.
#[derive(Debug)]
pub(crate) struct Uplink {
    /// One for each kind.
    sections: Vec<Section>,
    /// The ids of the extensions over all sections: BUNDLE makes them one space (RFC 8285 §7.1).
    extensions: ExtensionIds,
    tracks: Tracks,
    /// The id of the first of their sources.
    sources: u64,
    streams: Vec<(u32, Stream)>,
    twcc: Recorder,
    twcc_reports: u8,
    watched: Watched,
    speaker: Speaker,
    /// The SSRC of our own reports.
    ssrc: u32,
    next_report: Micros,
    next_twcc: Micros,
}

/// The SSRCs that an offer announced, and what each carries.
pub(super) fn announced(sections: &[Section]) -> Vec<(u32, Stream)> {
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

/// The ids of the extensions over all `sections`.
pub(super) fn merged_extensions(sections: &[Section]) -> ExtensionIds {
    let mut merged = ExtensionIds::default();
    for extension in Extension::ALL {
        let ids = sections
            .iter()
            .map(|section| section.extensions.of(extension));
        merged.set(extension, ids.max().unwrap_or(0));
    }
    merged
}

impl Uplink {
    /// Of a peer that sends `sections`, by `streams` as far as they were announced; its sources
    /// have the ids from `sources` on, and our reports of them come from `ssrc`.
    pub(super) fn new(
        sections: Vec<Section>,
        extensions: ExtensionIds,
        streams: Vec<(u32, Stream)>,
        (sources, ssrc): (u64, u32),
        now: Micros,
    ) -> Self {
        let mut ids = (sources..).map(SourceId);
        let mut id = || ids.next().expect("they do not end");
        Self {
            sections,
            extensions,
            tracks: std::array::from_fn(|_| std::array::from_fn(|_| Track::new(id()))),
            sources,
            streams,
            twcc: Recorder::default(),
            twcc_reports: 0,
            watched: Watched::default(),
            speaker: Speaker::default(),
            ssrc,
            next_report: now.after_ms(1_000),
            next_twcc: now,
        }
    }

    /// What the peer sends by an answer that knew of nobody: the first codec of each section.
    pub(crate) fn first_codecs(&self) -> Vec<Codec> {
        let first = |section: &Section| {
            let mut all = Codec::ALL.into_iter();
            all.find(|codec| section.payload_types.media(*codec).is_some())
        };
        self.sections.iter().filter_map(first).collect()
    }

    /// Nothing that came is sent again to anybody, nor asked for.
    pub(super) fn forget(&mut self) {
        for track in self.tracks.as_flattened_mut() {
            track.source.forget();
        }
    }

    /// What the peer sends now.
    pub(crate) fn sent(&self, now: Micros) -> Sent {
        let offered = self.sections.get(Kind::Camera.index());
        let offered = offered.map_or(0, |section| section.layers.len());
        Sent::of(&self.tracks, offered, now)
    }

    /// The others watch so many layers of this peer's camera: gives what to tell it, if anything.
    pub(crate) fn watched(&mut self, layers: u8, now: Micros) -> Option<u8> {
        self.watched.set(layers, now)
    }

    /// Whether the peer speaks.
    pub(crate) fn speaks(&self, now: Micros) -> bool {
        self.speaker.speaks(now)
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

    /// What the peer sends as `key`.
    pub(crate) fn source(&self, key: TrackKey) -> (SourceId, &Source) {
        let track = self.track(key);
        (track.id, &track.source)
    }

    /// Which of its tracks is under that id, if it is the peer's own.
    fn track_of(&self, id: SourceId) -> Option<TrackKey> {
        let index = usize::try_from(id.0.checked_sub(self.sources)?).ok()?;
        let layers = self.tracks.first()?.len();
        let kind = *Kind::ALL.get(index / layers)?;
        let layer = u8::try_from(index % layers).ok()?;
        Some(TrackKey { kind, layer })
    }

    /// What the peer sends under that id, if it is its own.
    pub(crate) fn source_of(&self, id: SourceId) -> Option<&Source> {
        Some(&self.track(self.track_of(id)?).source)
    }

    /// A receiver needs a key frame.
    pub(crate) fn want_keyframe(&mut self, key: TrackKey) {
        if key.kind.is_video() {
            self.track_mut(key).source.requests.want();
        }
    }

    /// A receiver needs a key frame of what is under that id, if it is the peer's own.
    pub(crate) fn want_keyframe_of(&mut self, id: SourceId) {
        if let Some(key) = self.track_of(id) {
            self.want_keyframe(key);
        }
    }
}
