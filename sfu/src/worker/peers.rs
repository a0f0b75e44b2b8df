//! The peers of one worker: which datagram is whose, and who receives what.

use std::collections::HashMap;
use std::net::SocketAddr;

use forward::codec::Codec;
use forward::seats::{self, SEATS, SLOTS};
use forward::time::Micros;
use forward::track::{Sent, TrackKey};
use tokio::sync::mpsc;

use super::calls::Calls;
#[cfg(any(test, feature = "fuzzing"))]
use crate::dtls::Keys;
use crate::dtls::{self, Identity};
use crate::handle::{CallKey, MediaEvent, OfferRefused, Paused, PeerKey, View};
use crate::ice::{self, Request};
use crate::path::Path;
use crate::peer::{self, Content, Handshake, Incoming, Peer, Place};
use crate::rtcp::Message;
use crate::sdp::Offer;
use crate::stun::Reading;
use crate::udp::Outbox;

/// How often who speaks is told at most, milliseconds.
const SPEAKING_INTERVAL: u64 = 100;

/// How often who receives which layer is decided, milliseconds.
const ALLOCATION_INTERVAL: u64 = 100;

/// How often a peer is looked at that has no seat and says nothing, milliseconds: nothing is due but to
/// ask now and then whether it is still there.
const SILENT_INTERVAL: u64 = 250;

/// The peers of one worker.
pub(super) struct Peers {
    identity: Identity,
    candidates: Vec<SocketAddr>,
    events: mpsc::Sender<MediaEvent>,
    /// The table; places are used again.
    table: Vec<Option<Box<Peer>>>,
    /// From when on each of them is looked at, beside the table: of a thousand that wait before the
    /// press only those are touched whose turn it is.
    looks: Vec<Micros>,
    free: Vec<u32>,
    by_key: HashMap<PeerKey, u32>,
    /// Whose datagrams come from where: only addresses that a check has proved.
    by_address: HashMap<Path, u32>,
    by_fragment: HashMap<String, u32>,
    /// The connections of peers that were detached: nobody else is served by them.
    left: Vec<Path>,
    calls: Calls,
    next_source: u64,
    next_speaking: Micros,
    speaking: HashMap<CallKey, Vec<PeerKey>>,
    next_allocation: Micros,
    paused: HashMap<PeerKey, Paused>,
    /// Packets that readers said were lost.
    lost: u64,
    /// Readers whose way is estimated, and all of them together.
    estimated: (u64, u64),
    /// Room for arrival reports.
    came: Vec<Option<Micros>>,
}

impl Peers {
    pub(super) fn new(
        identity: Identity,
        candidates: Vec<SocketAddr>,
        events: mpsc::Sender<MediaEvent>,
    ) -> Self {
        Self {
            identity,
            candidates,
            events,
            table: Vec::new(),
            looks: Vec::new(),
            free: Vec::new(),
            by_key: HashMap::new(),
            by_address: HashMap::new(),
            by_fragment: HashMap::new(),
            left: Vec::new(),
            calls: Calls::default(),
            next_source: 0,
            next_speaking: Micros::default(),
            speaking: HashMap::new(),
            next_allocation: Micros::default(),
            paused: HashMap::new(),
            lost: 0,
            estimated: (0, 0),
            came: Vec::new(),
        }
    }

    /// Media is received at these addresses from now on.
    pub(super) fn announce(&mut self, candidates: Vec<SocketAddr>) {
        self.candidates = candidates;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    fn get_mut(&mut self, index: u32) -> Option<&mut Box<Peer>> {
        self.table.get_mut(index as usize)?.as_mut()
    }

    fn get(&self, index: u32) -> Option<&Peer> {
        self.table.get(index as usize)?.as_deref()
    }

    /// Takes a peer out of the table, to work on it beside others; it is put back by
    /// [`Peers::put`].
    fn take(&mut self, index: u32) -> Option<Box<Peer>> {
        self.table.get_mut(index as usize)?.take()
    }

    fn put(&mut self, index: u32, peer: Box<Peer>) {
        if let Some(place) = self.table.get_mut(index as usize) {
            *place = Some(peer);
        }
    }

    /// A user fragment that no peer has.
    fn fragment(&self) -> String {
        use rand::distr::{Alphanumeric, SampleString as _};
        loop {
            let fragment = Alphanumeric.sample_string(&mut ambient::rng(), 8);
            if !self.by_fragment.contains_key(&fragment) {
                return fragment;
            }
        }
    }

    /// Attaches a peer, in place of what was attached under its key and of who sat on its seat;
    /// gives the answer to its offer.
    pub(super) fn attach(
        &mut self,
        call: CallKey,
        key: PeerKey,
        seat: usize,
        offer: &Offer,
        now: Micros,
    ) -> String {
        let index = self.make(call, key, offer, now);
        self.sit(index, seat);
        self.answer(index, offer)
    }

    /// Makes a peer without a seat, in place of what was attached under its key: it connects, and
    /// nothing is forwarded from it or to it. The answer tells nothing of who is in the call.
    pub(super) fn prepare(
        &mut self,
        call: CallKey,
        key: PeerKey,
        offer: &Offer,
        now: Micros,
    ) -> String {
        let index = self.make(call, key, offer, now);
        tracing::debug!(call = call.0, peer = key.0, "prepared");
        self.answer(index, offer)
    }

    /// Gives the peer that was prepared or kept a seat of `call`, and its lasting key.
    pub(super) fn seat(
        &mut self,
        prepared: PeerKey,
        key: PeerKey,
        (call, seat): (CallKey, usize),
        now: Micros,
    ) -> Result<(), OfferRefused> {
        let index = *self.by_key.get(&prepared).ok_or(OfferRefused::Gone)?;
        let peer = self.get(index).ok_or(OfferRefused::Gone)?;
        let sends = peer.uplink.first_codecs();
        let decodable = self.decodable(call);
        if peer.seat.is_some() || sends.iter().any(|codec| !decodable.contains(codec)) {
            self.detach(prepared);
            return Err(OfferRefused::Gone);
        }
        self.detach(key);
        self.by_key.remove(&prepared);
        self.by_key.insert(key, index);
        if let Some(peer) = self.get_mut(index) {
            peer.key = key;
            peer.call = call;
        }
        self.sit(index, seat);
        if self.get_mut(index).is_some_and(|peer| peer.take_part(now)) {
            self.begin(index);
        }
        Ok(())
    }

    /// Takes the seat from a peer, which is kept as `kept`: what it sends is accounted for, and nothing
    /// is forwarded.
    pub(super) fn rise(&mut self, key: PeerKey, kept: PeerKey) {
        let Some(index) = self.by_key.remove(&key) else {
            return;
        };
        self.by_key.insert(kept, index);
        self.paused.remove(&key);
        let Some(peer) = self.get_mut(index) else {
            return;
        };
        peer.key = kept;
        if let Some((call, seat)) = peer.rise() {
            self.calls.rise(call, seat, index);
        }
    }

    fn make(&mut self, call: CallKey, key: PeerKey, offer: &Offer, now: Micros) -> u32 {
        self.detach(key);
        let index = self.free.pop().unwrap_or_else(|| {
            self.table.push(None);
            self.looks.push(Micros::default());
            u32::try_from(self.table.len() - 1).expect("fewer peers than 2^32")
        });
        let local = peer::credentials(self.fragment());
        self.by_fragment.insert(local.fragment.clone(), index);
        self.by_key.insert(key, index);
        let place = Place {
            key,
            call,
            index,
            sources: self.next_source,
        };
        self.next_source += peer::SOURCES;
        let peer = Peer::new(place, offer.clone(), local, &self.identity, now);
        self.put(index, Box::new(peer));
        self.look_soon(index);
        index
    }

    /// Has a peer looked at in the next tick.
    fn look_soon(&mut self, index: u32) {
        if let Some(look) = self.looks.get_mut(index as usize) {
            *look = Micros::default();
        }
    }

    /// Puts a peer on a seat of its call, in place of who sat there.
    fn sit(&mut self, index: u32, seat: usize) {
        let Some(peer) = self.get_mut(index) else {
            return;
        };
        peer.seat = Some(seat);
        let (call, key) = (peer.call, peer.key);
        self.look_soon(index);
        if let Some(before) = self.calls.sit(call, seat, index)
            && let Some(before) = self.get(before).map(|peer| peer.key)
        {
            self.detach(before);
        }
        tracing::debug!(call = call.0, peer = key.0, seat, "attached");
        for (other_seat, other) in self.calls.seated(call).into_iter().enumerate() {
            if let Some(slot) = seats::slot(other_seat, seat)
                && let Some(other) = other.and_then(|other| self.get_mut(other))
            {
                other.downlink.begin_slot(slot);
            }
        }
    }

    /// Gives the peer keys that no handshake agreed on.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn connect_by(&mut self, key: PeerKey, keys: Keys) {
        let index = self.by_key.get(&key).copied();
        if let Some(peer) = index.and_then(|index| self.get_mut(index)) {
            peer.transport.connect_by(keys);
        }
    }

    /// Restarts ICE of a peer; gives the answer.
    pub(super) fn restart(&mut self, key: PeerKey, offer: &Offer) -> Result<String, OfferRefused> {
        let index = *self.by_key.get(&key).ok_or(OfferRefused::NotTheSame)?;
        let local = peer::credentials(self.fragment());
        let peer = self.get_mut(index).ok_or(OfferRefused::NotTheSame)?;
        if !peer.transport.is_same_connection(offer) {
            return Err(OfferRefused::NotTheSame);
        }
        let fragment = local.fragment.clone();
        let forgotten = peer.transport.ice.restart(local, offer.credentials.clone());
        self.by_fragment.insert(fragment, index);
        if let Some(forgotten) = forgotten {
            self.by_fragment.remove(&forgotten);
        }
        Ok(self.answer(index, offer))
    }

    fn answer(&self, index: u32, offer: &Offer) -> String {
        let peer = self.get(index).expect("it was just put there");
        let decodable = match peer.seat {
            Some(_) => self.decodable(peer.call),
            None => Codec::ALL.to_vec(),
        };
        peer.answer(offer, &self.identity, &self.candidates, &decodable)
    }

    /// What everybody who sits in the call can decode.
    fn decodable(&self, call: CallKey) -> Vec<Codec> {
        let seated = self.calls.seated(call);
        let seated = || seated.iter().flatten().filter_map(|index| self.get(*index));
        Codec::ALL
            .into_iter()
            .filter(|codec| seated().all(|peer| peer.downlink.decodes(*codec)))
            .collect()
    }

    /// Detaches a peer: nothing that it sends is forwarded any more, and nothing is sent to it.
    pub(super) fn detach(&mut self, key: PeerKey) {
        let Some(index) = self.by_key.remove(&key) else {
            return;
        };
        let Some(peer) = self.take(index) else { return };
        for address in peer.transport.ice.valid() {
            if self.by_address.get(&address) == Some(&index) {
                self.by_address.remove(&address);
            }
            if !matches!(address, Path::Udp(_)) {
                self.left.push(address);
            }
        }
        for fragment in peer.transport.ice.fragments() {
            self.by_fragment.remove(fragment);
        }
        if let Some(seat) = peer.seat {
            self.calls.rise(peer.call, seat, index);
        }
        self.free.push(index);
        self.paused.remove(&key);
    }

    /// How many pictures are held back from somebody for want of bandwidth.
    pub(super) fn paused(&self) -> u64 {
        self.paused.values().copied().map(Paused::count).sum()
    }

    /// How many packets readers said were lost.
    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    /// How many readers' ways were estimated when bandwidth was last given out, and all of them together.
    pub(super) const fn estimated(&self) -> (u64, u64) {
        self.estimated
    }

    /// A peer tells how it shows what it receives.
    pub(super) fn view(&mut self, key: PeerKey, view: &View) {
        if let Some(index) = self.by_key.get(&key).copied()
            && let Some(peer) = self.get_mut(index)
        {
            peer.downlink.view(view);
            self.next_allocation = Micros::default();
        }
    }

    /// The connections of peers that were detached since this was last asked.
    pub(super) fn left(&mut self) -> Vec<Path> {
        std::mem::take(&mut self.left)
    }

    /// Whether a check has proved that a peer is there.
    pub(super) fn knows(&self, path: Path) -> bool {
        self.by_address.contains_key(&path)
    }

    /// A path is no more.
    pub(super) fn forget(&mut self, path: Path, now: Micros) {
        if let Some(index) = self.by_address.remove(&path)
            && let Some(peer) = self.get_mut(index)
        {
            peer.transport.ice.forget(path, now);
        }
    }

    /// Takes one datagram.
    pub(super) fn handle(
        &mut self,
        source: Path,
        datagram: &mut [u8],
        now: Micros,
        outbox: &mut Outbox,
    ) {
        let owner = self.by_address.get(&source).copied();
        if ice::is_stun(datagram) {
            match Request::read(datagram) {
                Some(request) => self.check(source, request, now, outbox),
                None => self.answered(source, datagram, now),
            }
            return;
        }
        // All else counts only from where a check has come from.
        let Some(index) = owner else {
            return;
        };
        if dtls::is_dtls(datagram) {
            self.handshake(index, datagram, now, outbox);
        } else if forward::rtp::is_rtcp(datagram) {
            self.receive_rtcp(index, (source, datagram), now, outbox);
        } else {
            self.receive_rtp(index, (source, datagram), now, outbox);
        }
    }

    /// Takes what may be the answer to an ask. Whose ask it was is whose address it comes from,
    /// whoever else has claimed that: only who is there has seen the ask.
    fn answered(&mut self, source: Path, datagram: &[u8], now: Micros) {
        let Some(answer) = Reading::read(datagram) else {
            return;
        };
        let index = ice::asker(answer);
        if self
            .get_mut(index)
            .is_some_and(|peer| peer.transport.ice.answered(answer, source, now))
        {
            self.by_address.insert(source, index);
        }
    }

    fn check(&mut self, source: Path, request: Request<'_>, now: Micros, outbox: &mut Outbox) {
        let Some(&index) = self.by_fragment.get(request.fragment()) else {
            return;
        };
        self.look_soon(index);
        let Some(peer) = self.get_mut(index) else {
            return;
        };
        let Some(checked) = peer.transport.check(request, source, now, outbox) else {
            return;
        };
        let is_valid = peer.transport.ice.valid().any(|valid| valid == source);
        if is_valid && self.may_own(index, source, now) {
            self.by_address.insert(source, index);
        }
        if let Some(dropped) = checked.dropped
            && self.by_address.get(&dropped) == Some(&index)
        {
            self.by_address.remove(&dropped);
            if !matches!(dropped, Path::Udp(_)) {
                self.left.push(dropped);
            }
        }
    }

    /// Whether `source` may count as the peer's: nobody takes an address from a peer that has
    /// answered from it, or one participant could silence another by checks from a forged address.
    /// A check alone keeps nobody out, for the same reason.
    fn may_own(&self, index: u32, source: Path, now: Micros) -> bool {
        self.by_address.get(&source).is_none_or(|owner| {
            let owned = || {
                self.get(*owner)
                    .is_some_and(|owner| owner.transport.ice.agrees(source, now))
            };
            *owner == index || !owned()
        })
    }

    fn handshake(&mut self, index: u32, datagram: &[u8], now: Micros, outbox: &mut Outbox) {
        self.look_soon(index);
        let Some(peer) = self.get_mut(index) else {
            return;
        };
        let key = peer.key;
        match peer.handshake(datagram, now, outbox) {
            Handshake::Going => {}
            Handshake::Done => {
                if peer.take_part(now) {
                    self.begin(index);
                }
            }
            Handshake::Failed(why) => {
                tracing::info!(peer = key.0, why, "handshake failed");
                self.tell(MediaEvent::Lost { peer: key });
            }
        }
    }

    /// Media can flow to a peer on a seat: whoever else sits there begins with a picture that it
    /// can begin with.
    fn begin(&mut self, index: u32) {
        let Some((key, call)) = self.get(index).map(|peer| (peer.key, peer.call)) else {
            return;
        };
        for other in self.calls.seated(call).into_iter().flatten() {
            if other != index
                && let Some(other) = self.get_mut(other)
            {
                for key in TrackKey::FIRST_PICTURES {
                    other.uplink.want_keyframe(key);
                }
            }
        }
        self.tell(MediaEvent::Connected { peer: key });
    }

    fn receive_rtp(
        &mut self,
        index: u32,
        (source, datagram): (Path, &mut [u8]),
        now: Micros,
        outbox: &mut Outbox,
    ) {
        let Some(sender) = self.get_mut(index) else {
            return;
        };
        // Who has no seat is not heard, and does not learn who is (NET-3).
        let Some(seat) = sender.seat else {
            sender.pass_over((source, datagram), now);
            return;
        };
        let Some(mut sender) = self.take(index) else {
            return;
        };
        let [own, earlier @ ..] = sender.receive_rtp((source, datagram), now);
        for incoming in earlier.into_iter().chain([own]).flatten() {
            if let Some(payload) = datagram.get(incoming.payload.clone())
                && let Some(dependencies) = datagram.get(incoming.dependencies.clone())
                && self.forward(
                    (&sender, seat),
                    &incoming,
                    (payload, dependencies),
                    now,
                    outbox,
                )
            {
                sender.uplink.want_keyframe(incoming.key);
            }
        }
        self.put(index, sender);
    }

    /// Forwards a packet to everybody else in the call; gives whether somebody needs a key frame.
    fn forward(
        &mut self,
        (sender, sender_seat): (&Peer, usize),
        incoming: &Incoming,
        (payload, dependencies): (&[u8], &[u8]),
        now: Micros,
        outbox: &mut Outbox,
    ) -> bool {
        let mut wanted = false;
        let content = Content {
            payload,
            dependencies,
            before: sender.uplink.sound_before(incoming),
        };
        for (seat, receiver) in self.calls.seated(sender.call).into_iter().enumerate() {
            if let Some(slot) = seats::slot(seat, sender_seat)
                && let Some(receiver) = receiver.and_then(|index| self.get_mut(index))
            {
                wanted |= receiver.forward(slot, incoming, content, outbox, now);
            }
        }
        wanted
    }

    fn receive_rtcp(
        &mut self,
        index: u32,
        (source, datagram): (Path, &mut [u8]),
        now: Micros,
        outbox: &mut Outbox,
    ) {
        if self.get(index).is_none_or(|peer| peer.seat.is_none()) {
            return;
        }
        let Some(mut peer) = self.take(index) else {
            return;
        };
        let reports = peer.receive_rtcp((source, datagram), now, outbox);
        for report in reports {
            match report {
                Message::SenderReport { ssrc, .. } => {
                    if let Some(key) = peer.uplink.key_of(ssrc) {
                        self.pass_clock(&peer, key, outbox);
                    }
                }
                Message::Pli { ssrc } => {
                    if let Some((slot, kind)) = peer.downlink.leg_of(ssrc)
                        && let Some(source) = peer.downlink.source_on(slot, kind)
                        && peer.downlink.may_send_pli(slot, kind, now)
                        && let Some(sender) = self.in_slot(&peer, slot)
                    {
                        sender.uplink.want_keyframe_of(source);
                    }
                }
                Message::Nack { ssrc, sequences } => {
                    self.repair(&mut peer, ssrc, &sequences, now, outbox);
                }
                Message::TransportCc { .. } => {}
            }
        }
        self.put(index, peer);
    }

    /// Whom `peer` receives in `slot`.
    fn in_slot(&mut self, peer: &Peer, slot: usize) -> Option<&mut Box<Peer>> {
        let seated = self.calls.seated(peer.call);
        let index = seated
            .get(seats::seat_in(peer.seat?, slot))
            .copied()
            .flatten()?;
        self.get_mut(index)
    }

    fn pass_clock(&mut self, sender: &Peer, key: TrackKey, outbox: &mut Outbox) {
        let (source, state) = sender.uplink.source(key);
        let (Some(clock), Some(sender_seat)) = (state.report, sender.seat) else {
            return;
        };
        for (seat, receiver) in self.calls.seated(sender.call).into_iter().enumerate() {
            if let Some(slot) = seats::slot(seat, sender_seat)
                && let Some(receiver) = receiver.and_then(|index| self.get_mut(index))
            {
                receiver.report_clock((slot, key.kind), (source, clock), outbox);
            }
        }
    }

    fn repair(
        &mut self,
        receiver: &mut Peer,
        ssrc: u32,
        sequences: &[u16],
        now: Micros,
        outbox: &mut Outbox,
    ) {
        let Some((slot, kind)) = receiver.downlink.leg_of(ssrc) else {
            return;
        };
        self.lost += sequences.len() as u64;
        let wanted = receiver.downlink.find_lost(slot, kind, sequences, now);
        let Some(sender) = self.in_slot(receiver, slot) else {
            return;
        };
        for (of, number) in wanted {
            if let Some(source) = sender.uplink.source_of(of)
                && let Some(kept) = source.history.find(number)
            {
                receiver
                    .downlink
                    .resend(&mut receiver.transport, slot, kind, kept, outbox, now);
            }
        }
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Micros, outbox: &mut Outbox) {
        let mut lost = Vec::new();
        for (peer, look) in self.table.iter_mut().zip(&mut self.looks) {
            if now < *look {
                continue;
            }
            let Some(peer) = peer else { continue };
            peer.transport.ask(now, outbox);
            let failed = peer.transport.tick_handshake(now, outbox);
            if peer.seat.is_none() {
                if !peer.transport.is_connecting(now) {
                    *look = now.after_ms(SILENT_INTERVAL);
                }
                continue;
            }
            peer.report(&mut self.came, now, outbox);
            if failed || peer.transport.has_just_gone_stale(now) {
                lost.push(peer.key);
            }
        }
        for peer in lost {
            self.tell(MediaEvent::Lost { peer });
        }
        if now >= self.next_allocation {
            self.next_allocation = now.after_ms(ALLOCATION_INTERVAL);
            self.allocate(now);
        }
        if now >= self.next_speaking {
            self.next_speaking = now.after_ms(SPEAKING_INTERVAL);
            self.tell_speaking(now);
        }
    }

    /// Decides who receives which layer, and tells whom it concerns.
    fn allocate(&mut self, now: Micros) {
        let calls: Vec<CallKey> = self.calls.keys().collect();
        let mut estimated = (0, 0);
        for call in calls {
            let seated = self.calls.seated(call);
            let sent: [Option<Sent>; SEATS] =
                seated.map(|index| index.and_then(|index| Some(self.get(index)?.uplink.sent(now))));
            let mut watched = [0u8; SEATS];
            for (seat, receiver) in seated.into_iter().enumerate() {
                let Some(receiver) = receiver.and_then(|index| self.get_mut(index)) else {
                    continue;
                };
                let slots: [Option<Sent>; SLOTS] = std::array::from_fn(|slot| {
                    sent.get(seats::seat_in(seat, slot)).copied().flatten()
                });
                let layers = receiver.downlink.allocate(&slots, now);
                if let Some(bits) = receiver.downlink.estimate() {
                    estimated = (estimated.0 + 1, estimated.1 + bits);
                }
                let (peer, paused) = (receiver.key, receiver.downlink.paused());
                for (slot, layers) in layers.into_iter().enumerate() {
                    if let Some(most) = watched.get_mut(seats::seat_in(seat, slot)) {
                        *most = layers.max(*most);
                    }
                }
                let before = self.paused.entry(peer).or_default();
                if *before != paused {
                    *before = paused;
                    self.tell(MediaEvent::Paused { call, peer, paused });
                }
            }
            self.tell_watched(call, &seated, watched, now);
        }
        self.estimated = estimated;
    }

    fn tell_watched(
        &mut self,
        call: CallKey,
        seated: &[Option<u32>; SEATS],
        watched: [u8; SEATS],
        now: Micros,
    ) {
        for (index, layers) in seated.iter().zip(watched) {
            // Who is alone is asked for nothing less: somebody may come at any moment.
            if layers > 0
                && let Some(peer) = index.and_then(|index| self.get_mut(index))
                && let Some(layers) = peer.uplink.watched(layers, now)
            {
                let peer = peer.key;
                self.tell(MediaEvent::Watched { call, peer, layers });
            }
        }
    }

    fn tell_speaking(&mut self, now: Micros) {
        let calls: Vec<CallKey> = self.calls.keys().collect();
        self.speaking.retain(|call, _| calls.contains(call));
        for call in calls {
            let mut peers = Vec::with_capacity(SEATS);
            let seated = self.calls.seated(call);
            for peer in seated
                .into_iter()
                .flatten()
                .filter_map(|index| self.get(index))
            {
                if peer.uplink.speaks(now) {
                    peers.push(peer.key);
                }
            }
            let before = self.speaking.entry(call).or_default();
            if *before != peers {
                before.clone_from(&peers);
                self.tell(MediaEvent::Speaking { call, peers });
            }
        }
    }

    /// Events are news, not state: where nobody takes them they are dropped.
    fn tell(&self, event: MediaEvent) {
        if let Err(error) = self.events.try_send(event) {
            tracing::debug!(%error, "a media event was dropped");
        }
    }
}
