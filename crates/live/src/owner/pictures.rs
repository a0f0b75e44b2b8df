//! What sessions and the media plane tell each other of pictures.

use call::SessionId;
use sfu::{CallKey, Paused, PeerKey, View};
use wire::message::{Notice, Picture, PictureKind, ServerMessage, Shown};

use super::{Owner, Told};
use crate::relay;

impl Owner {
    /// A session tells how it shows what it receives.
    pub(super) fn view(&self, session: SessionId, slots: &[Shown]) {
        let view = View {
            slots: std::array::from_fn(|slot| {
                let shown = slots.get(slot).copied().unwrap_or_default();
                sfu::Shown {
                    camera: shown.camera,
                    screen: shown.screen,
                }
            }),
        };
        self.live.ports.media.view(PeerKey(session.0), view);
    }

    /// Which pictures are held back from a peer.
    pub(super) fn tell_paused(&mut self, peer: PeerKey, paused: Paused) {
        let session = SessionId(peer.0);
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        held.pictures.paused = paused;
        if held.told == Told::Joined {
            let paused = pictures(paused);
            self.say(session, ServerMessage::Paused { paused });
        }
        self.settle();
    }

    /// A peer's connection is gone.
    pub(super) fn tell_gone(&mut self, peer: PeerKey) {
        let session = SessionId(peer.0);
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        held.pictures.is_gone = true;
        if held.told == Told::Joined {
            self.say_gone(session);
        }
        self.settle();
    }

    /// Nothing is left of a session's connection: the fresh one may need the relay, whose credentials
    /// of before may have gone with it.
    fn say_gone(&mut self, session: SessionId) {
        let peer = PeerKey(session.0);
        let name = relay::name(&format!("{:032x}", ambient::random::<u128>()));
        let relay = self.live.grant_relay(CallKey(self.id().0), None, &name);
        if relay.is_some() {
            self.live.ports.media.hold_relay(&name, peer);
        }
        if let Some(held) = self.held.get_mut(&session) {
            held.lacks_relay = false;
        }
        let notice = Notice::ConnectionGone { relay };
        self.say(session, ServerMessage::Notice { notice });
    }

    /// How many layers of a peer's camera anybody watches.
    pub(super) fn tell_watched(&mut self, peer: PeerKey, layers: u8) {
        let session = SessionId(peer.0);
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        held.pictures.watched = Some(layers);
        if held.told == Told::Joined {
            let layers = u32::from(layers);
            self.say(session, ServerMessage::Watched { layers });
        }
        self.settle();
    }

    /// What is attached anew begins with all pictures and all layers.
    pub(super) fn forget_pictures(&mut self, session: SessionId) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        let before = std::mem::take(&mut held.pictures);
        if before.paused != Paused::default() && held.told == Told::Joined {
            let paused = Vec::new();
            self.say(session, ServerMessage::Paused { paused });
        }
    }

    /// All of it, to a socket that has just been told `joined`.
    pub(super) fn tell_pictures(&mut self, session: SessionId) {
        let Some(held) = self.held.get(&session) else {
            return;
        };
        let told = held.pictures;
        // What it offered with credentials that lead nowhere here may have found no way.
        if told.is_gone || held.lacks_relay {
            self.say_gone(session);
        }
        if told.paused != Paused::default() {
            let paused = pictures(told.paused);
            self.say(session, ServerMessage::Paused { paused });
        }
        if let Some(layers) = told.watched {
            let layers = u32::from(layers);
            self.say(session, ServerMessage::Watched { layers });
        }
    }
}

fn pictures(paused: Paused) -> Vec<Picture> {
    let of = |kind, slots: &[bool]| {
        (0u32..)
            .zip(slots.to_vec())
            .filter(|(_, paused)| *paused)
            .map(move |(slot, _)| Picture { slot, kind })
            .collect::<Vec<_>>()
    };
    let mut all = of(PictureKind::Camera, &paused.cameras);
    all.extend(of(PictureKind::Screen, &paused.screens));
    all
}
