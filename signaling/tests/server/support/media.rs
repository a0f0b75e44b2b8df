//! A media plane that is played: it answers any offer, and remembers what was ordered.
//!
//! An offer that holds `bad` is refused, `busy` finds no room, and `fresh` is no restart of what is
//! attached; `gone` restarts what ended with its worker; what was prepared by one with `unfit` gets no seat. An offer that holds `later` is answered when the test says so; with `bug` it panics.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sfu::{Answering, CallKey, OfferRefused, PeerKey, RelayGrant, Seating, Standing, View};
use signaling::media::MediaPlane;
use tokio::sync::oneshot;

/// One order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    Attach { peer: u64, seat: u8, offer: String },
    Prepare { peer: u64, offer: String },
    Seat { prepared: u64, peer: u64, seat: u8 },
    Rise { peer: u64, kept: u64 },
    Restart { peer: u64, offer: String },
    Detach { peer: u64 },
    Stop,
}

#[derive(Debug, Default)]
pub(crate) struct PlayedMedia {
    played: Mutex<Played>,
}

#[derive(Debug, Default)]
struct Played {
    orders: Vec<Order>,
    standing: Standing,
    /// Which credentials of the relay were granted, by user name.
    granted: Vec<String>,
    /// Those that sessions hold, and whose they are.
    relays: Vec<(String, u64)>,
    waiting: Vec<(oneshot::Sender<Result<String, OfferRefused>>, String)>,
}

impl PlayedMedia {
    fn played(&self) -> MutexGuard<'_, Played> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its workers are so.
    pub(crate) fn set_standing(&self, standing: Standing) {
        self.played().standing = standing;
    }

    /// Everything ordered until now.
    pub(crate) fn orders(&self) -> Vec<Order> {
        self.played().orders.clone()
    }

    /// Which credentials of the relay have been held, and by whom.
    pub(crate) fn relays(&self) -> Vec<(String, u64)> {
        self.played().relays.clone()
    }

    /// Who is attached now, and where.
    pub(crate) fn attached(&self) -> Vec<(u64, u8)> {
        let mut attached: Vec<(u64, u8)> = Vec::new();
        for order in self.orders() {
            match order {
                Order::Attach { peer, seat, .. } | Order::Seat { peer, seat, .. } => {
                    attached.retain(|(other, _)| *other != peer);
                    attached.push((peer, seat));
                }
                Order::Detach { peer } | Order::Rise { peer, .. } => {
                    attached.retain(|(other, _)| *other != peer);
                }
                Order::Prepare { .. } | Order::Restart { .. } | Order::Stop => {}
            }
        }
        attached
    }

    /// Answers the offers that were to be answered later; says how many.
    pub(crate) fn answer_now(&self) -> usize {
        let waiting = std::mem::take(&mut self.played().waiting);
        let count = waiting.len();
        for (answer, text) in waiting {
            // Whoever asked may have gone.
            drop(answer.send(Ok(text)));
        }
        count
    }

    fn answer(&self, offer: &str, is_restart: bool) -> Answering {
        let (answer, answering) = oneshot::channel();
        let text = answer_to(offer);
        if offer.contains("later") {
            self.played().waiting.push((answer, text));
            return answering;
        }
        let outcome = if offer.contains("bad") {
            Err(OfferRefused::Malformed("bad".to_owned()))
        } else if offer.contains("busy") {
            Err(OfferRefused::Busy)
        } else if is_restart && offer.contains("fresh") {
            Err(OfferRefused::NotTheSame)
        } else if is_restart && offer.contains("gone") {
            Err(OfferRefused::Gone)
        } else {
            Ok(text)
        };
        // The receiver is beside it.
        drop(answer.send(outcome));
        answering
    }
}

/// What an offer is answered with; an offer that holds `huge` gets much.
pub(crate) fn answer_to(offer: &str) -> String {
    let padding = if offer.contains("huge") { 60_000 } else { 0 };
    format!("answer to {offer}{}", "-".repeat(padding))
}

impl live::Media for PlayedMedia {
    fn attach(&self, _call: CallKey, peer: PeerKey, seat: u8, offer: &str) -> Answering {
        assert!(!offer.contains("bug"), "a bug that this test played");
        self.played().orders.push(Order::Attach {
            peer: peer.0,
            seat,
            offer: offer.to_owned(),
        });
        self.answer(offer, false)
    }

    fn prepare(&self, _call: CallKey, peer: PeerKey, offer: &str) -> Answering {
        self.played().orders.push(Order::Prepare {
            peer: peer.0,
            offer: offer.to_owned(),
        });
        self.answer(offer, false)
    }

    fn seat(&self, _call: CallKey, prepared: PeerKey, peer: PeerKey, seat: u8) -> Seating {
        let mut played = self.played();
        let fits = played.orders.iter().any(|order| match order {
            Order::Prepare { peer, offer } => *peer == prepared.0 && !offer.contains("unfit"),
            Order::Rise { kept, .. } => *kept == prepared.0,
            _other => false,
        });
        if fits {
            played.orders.push(Order::Seat {
                prepared: prepared.0,
                peer: peer.0,
                seat,
            });
        }
        drop(played);
        let (answer, answering) = oneshot::channel();
        let outcome = if fits {
            Ok(())
        } else {
            Err(OfferRefused::Gone)
        };
        // The receiver is beside it.
        drop(answer.send(outcome));
        answering
    }

    fn rise(&self, peer: PeerKey, kept: PeerKey) -> bool {
        self.played().orders.push(Order::Rise {
            peer: peer.0,
            kept: kept.0,
        });
        true
    }

    fn restart(&self, peer: PeerKey, offer: &str) -> Answering {
        self.played().orders.push(Order::Restart {
            peer: peer.0,
            offer: offer.to_owned(),
        });
        self.answer(offer, true)
    }

    fn grant_relay(
        &self,
        _call: CallKey,
        _beside: Option<CallKey>,
        name: &str,
    ) -> Option<RelayGrant> {
        self.played().granted.push(name.to_owned());
        Some(RelayGrant {
            username: name.to_owned(),
            password: "password".to_owned(),
            addresses: vec!["127.0.0.1:3478".parse().expect("an address")],
        })
    }

    fn hold_relay(&self, name: &str, peer: PeerKey) -> bool {
        let mut played = self.played();
        played.relays.push((name.to_owned(), peer.0));
        played.granted.iter().any(|it| it == name)
    }

    fn view(&self, _peer: PeerKey, _view: View) {}

    fn detach(&self, peer: PeerKey) {
        self.played().orders.push(Order::Detach { peer: peer.0 });
    }
}

impl MediaPlane for PlayedMedia {
    fn standing(&self) -> Standing {
        self.played().standing.clone()
    }

    fn stop(&self) {
        self.played().orders.push(Order::Stop);
    }
}
