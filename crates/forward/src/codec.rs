//! The codecs that are forwarded, and the payload types each connection gave them.

/// What a source is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Sound from a microphone.
    Microphone,
    /// Picture from a camera.
    Camera,
    /// Picture of a screen.
    Screen,
}

impl Kind {
    /// In the order of the media sections of an offer.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    /// Its place in [`Kind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Microphone => 0,
            Self::Camera => 1,
            Self::Screen => 2,
        }
    }

    /// Whether it is a picture.
    #[must_use]
    pub const fn is_video(self) -> bool {
        match self {
            Self::Microphone => false,
            Self::Camera | Self::Screen => true,
        }
    }
}

/// A codec that is forwarded.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Codec {
    /// RFC 7587.
    Opus,
    /// RFC 7741. Every browser decodes it (RFC 7742 §5), so it comes first.
    Vp8,
    /// RFC 6184, constrained baseline, packetization mode 1. Every browser should decode it too.
    H264,
    /// RFC 9628, profile 0.
    Vp9,
    /// RTP Payload Format For AV1, profile 0.
    Av1,
}

impl Codec {
    /// All of them, the preferred first.
    pub const ALL: [Self; 5] = [Self::Opus, Self::Vp8, Self::H264, Self::Vp9, Self::Av1];

    /// Ticks of the RTP timestamp a second.
    #[must_use]
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::Vp8 | Self::H264 | Self::Vp9 | Self::Av1 => 90_000,
        }
    }

    /// Whether it carries a picture.
    #[must_use]
    pub const fn is_video(self) -> bool {
        match self {
            Self::Opus => false,
            Self::Vp8 | Self::H264 | Self::Vp9 | Self::Av1 => true,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Opus => 0,
            Self::Vp8 => 1,
            Self::H264 => 2,
            Self::Vp9 => 3,
            Self::Av1 => 4,
        }
    }
}

/// What a payload type stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Payload {
    /// The codec itself.
    Media(Codec),
    /// A retransmission of it (RFC 4588).
    Retransmission(Codec),
    /// Opus, and before it the packets sent just before (RFC 2198).
    Redundant,
}

/// The payload types that one connection gave to the codecs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PayloadTypes {
    media: [Option<u8>; 5],
    retransmission: [Option<u8>; 5],
    /// Of redundant audio (RFC 2198).
    pub redundant: Option<u8>,
}

impl PayloadTypes {
    /// Gives `codec` a payload type, and its retransmissions another where there is one.
    pub fn set(&mut self, codec: Codec, media: u8, retransmission: Option<u8>) {
        if let Some(place) = self.media.get_mut(codec.index()) {
            *place = Some(media);
        }
        if let Some(place) = self.retransmission.get_mut(codec.index()) {
            *place = retransmission;
        }
    }

    /// The payload type of `codec`, where the connection can take it.
    #[must_use]
    pub fn media(&self, codec: Codec) -> Option<u8> {
        self.media.get(codec.index()).copied().flatten()
    }

    /// The payload type of retransmissions of `codec`.
    #[must_use]
    pub fn retransmission(&self, codec: Codec) -> Option<u8> {
        self.retransmission.get(codec.index()).copied().flatten()
    }

    /// What a payload type stands for.
    #[must_use]
    pub fn read(&self, payload_type: u8) -> Option<Payload> {
        if self.redundant == Some(payload_type) {
            return Some(Payload::Redundant);
        }
        Codec::ALL.into_iter().find_map(|codec| {
            if self.media(codec) == Some(payload_type) {
                Some(Payload::Media(codec))
            } else if self.retransmission(codec) == Some(payload_type) {
                Some(Payload::Retransmission(codec))
            } else {
                None
            }
        })
    }
}
