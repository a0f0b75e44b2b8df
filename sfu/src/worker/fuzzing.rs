//! A worker's peers without a worker: what came off the wire is played to them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::LazyLock;

use forward::bytes::{read_u16, read_u32};
use forward::rtp::Header;
use forward::sequence::Unwrapper;
use forward::time::Micros;
use tokio::sync::mpsc;

use super::peers::Peers;
use crate::dtls::{Identity, Keys};
use crate::fuzzing::request;
use crate::handle::{CallKey, PeerKey};
use crate::ice;
use crate::sdp::{Credentials, Offer};
use crate::srtp::{Inbound, MasterKey, Outbound, Profile};
use crate::udp::Outbox;

static IDENTITY: LazyLock<Identity> =
    LazyLock::new(|| Identity::generate().expect("a certificate can be made"));

/// What the three peers offer.
const TEXTS: [&str; 3] = [
    include_str!("../../tests/offers/chromium.sdp"),
    include_str!("../../tests/offers/firefox.sdp"),
    include_str!("../../tests/offers/aiortc.sdp"),
];

static OFFERS: LazyLock<[Offer; 3]> =
    LazyLock::new(|| TEXTS.map(|text| Offer::read(text).expect("a browser's")));

const CALL: CallKey = CallKey(1);

/// In a record, `f0 f0 f0 n` stands for the `n`th SSRC of the answer to its peer, which is new each
/// time.
const PLACEHOLDER: u32 = 0xf0f0_f000;

/// One peer, seen from the other end.
struct Far {
    address: SocketAddr,
    local: Credentials,
    remote: Credentials,
    ssrcs: Vec<u32>,
    outbound: Outbound,
    places: HashMap<u32, Unwrapper>,
}

/// How many streams of one peer are numbered on its end.
const MOST_STREAMS: usize = 64;

/// No longer datagram is taken off the wire.
const LONGEST: usize = 2_048;

/// The peers of one call, for as long as it is played to them.
pub struct Stage {
    peers: Peers,
    outbox: Outbox,
    now: Micros,
    far: Vec<Far>,
    sent: Vec<Vec<u8>>,
    /// Held so that events are taken.
    _events: mpsc::Receiver<crate::handle::MediaEvent>,
}

/// Plays `data` as records to the peers of one call: an operation, the peer it is of, a length of
/// two bytes, and so many bytes. The first peer has no keys yet; the others have. Gives what the
/// peers sent.
pub fn datagrams(data: &[u8]) -> Vec<Vec<u8>> {
    let mut stage = Stage::new();
    stage.play_all(data);
    stage.sent
}

/// The offer of peer `who` with an edit: where, how much is cut out there, and what is put in.
fn edited(who: usize, record: &[u8]) -> Option<Offer> {
    let text = TEXTS.get(who)?;
    let at = |index| read_u16(record, index).map_or(0, usize::from);
    let from = text.floor_char_boundary(at(0).min(text.len()));
    let to = text.floor_char_boundary((from + at(2)).min(text.len()));
    let put = String::from_utf8_lossy(record.get(4..).unwrap_or_default());
    Offer::read(&format!("{}{put}{}", text.get(..from)?, text.get(to..)?)).ok()
}

/// Answers `offer` as that of the only peer.
pub(crate) fn answer(offer: &Offer) {
    let (events, _taken) = mpsc::channel(1);
    let mut peers = Peers::new(IDENTITY.clone(), Vec::new(), events);
    let answer = peers.attach(CALL, PeerKey(1), 0, offer, Micros(0));
    let read = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(
        read(&answer),
        offer.sections.len(),
        "an answer for each section"
    );
    let restarted = peers.restart(PeerKey(1), offer);
    assert!(restarted.is_ok(), "it is the same connection");
}

/// Both ends' keys for one peer.
fn keys(profile: Profile) -> (Keys, Outbound) {
    let salt = if profile == Profile::Gcm { 12 } else { 14 };
    let master = || MasterKey {
        key: [7; 16],
        salt: vec![9; salt],
    };
    let crypto = IDENTITY.crypto.crypto();
    let outbound = || Outbound::new(profile, &master(), crypto).expect("a good key");
    let inbound = Inbound::new(profile, &master(), crypto).expect("a good key");
    let near = Keys {
        inbound,
        outbound: outbound(),
    };
    (near, outbound())
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stage").finish_non_exhaustive()
    }
}

impl Stage {
    /// Three peers, of whom two have keys.
    #[must_use]
    pub fn new() -> Self {
        let (sender, events) = mpsc::channel(64);
        let mut stage = Self {
            peers: Peers::new(IDENTITY.clone(), Vec::new(), sender),
            outbox: Outbox::new(),
            now: Micros(1_000_000),
            far: Vec::new(),
            sent: Vec::new(),
            _events: events,
        };
        for (seat, offer) in OFFERS.iter().enumerate() {
            let far = stage.attach(seat, offer);
            stage.far.push(far);
            stage.play(3, seat, &[]);
        }
        stage
    }

    /// Plays `data` as [`datagrams`] does; gives how many datagrams the peers sent.
    pub fn play_all(&mut self, data: &[u8]) -> usize {
        let before = self.sent.len();
        let mut rest = data;
        while let Some((&[operation, who], after)) = rest.split_first_chunk()
            && let Some(length) = read_u16(after, 0)
        {
            let after = after.get(2..).unwrap_or_default();
            let (record, after) = after.split_at(after.len().min(usize::from(length)));
            rest = after;
            self.play(operation, usize::from(who) % OFFERS.len(), record);
        }
        self.sent.len() - before
    }

    /// Forgets what was sent.
    pub fn clear(&mut self) {
        self.sent.clear();
    }

    fn attach(&mut self, seat: usize, offer: &Offer) -> Far {
        let key = PeerKey(seat as u64);
        let answer = self.peers.attach(CALL, key, seat, offer, self.now);
        let profile = if seat == 1 {
            Profile::Gcm
        } else {
            Profile::CmSha1
        };
        let (near, outbound) = keys(profile);
        if seat > 0 {
            self.peers.connect_by(key, near);
        }
        let port = 1_000 + u16::try_from(seat).expect("few");
        Far {
            address: ([192, 0, 2, 1], port).into(),
            local: credentials_of(&answer),
            remote: offer.credentials.clone(),
            ssrcs: ssrcs_of(&answer),
            outbound,
            places: HashMap::new(),
        }
    }

    /// Attaches a peer anew by an edited offer, or restarts it.
    fn offer(&mut self, who: usize, record: &[u8], is_restart: bool) {
        let Some(offer) = edited(who, record) else {
            return;
        };
        if !is_restart {
            let fresh = self.attach(who, &offer);
            if let Some(far) = self.far.get_mut(who) {
                *far = fresh;
            }
        } else if let Ok(answer) = self.peers.restart(PeerKey(who as u64), &offer)
            && let Some(far) = self.far.get_mut(who)
        {
            far.local = credentials_of(&answer);
            far.remote = offer.credentials;
        }
        self.play(3, who, &[]);
    }

    /// Answers what the far ends were asked since `before` datagrams were sent.
    fn agree(&mut self, before: usize) {
        for datagram in self.sent.get(before..).unwrap_or_default() {
            for far in &self.far {
                let password = &far.remote.password;
                let crypto = IDENTITY.crypto.crypto();
                if let Some(mut answer) = ice::agree(datagram, far.address, password, crypto) {
                    let source = far.address.into();
                    let (now, outbox) = (self.now, &mut self.outbox);
                    self.peers.handle(source, &mut answer, now, outbox);
                }
            }
        }
    }

    fn play(&mut self, operation: u8, who: usize, record: &[u8]) {
        let record = record.get(..LONGEST).unwrap_or(record);
        if let restart @ 8..=9 = operation % 10 {
            self.offer(who, record, restart == 9);
            return;
        }
        let Some(far) = self.far.get_mut(who) else {
            return;
        };
        let mut source: SocketAddr = far.address;
        let mut datagram = match operation % 10 {
            0 => record.to_vec(),
            1 => {
                source.set_port(9);
                record.to_vec()
            }
            2 => far.seal_rtp(record).unwrap_or_default(),
            3 => request(&far.local, &far.remote, record),
            4 => far.seal_rtcp(record).unwrap_or_default(),
            5 => {
                let passed = u64::from(read_u16(record, 0).unwrap_or(10));
                self.now = self.now.after_ms(passed);
                Vec::new()
            }
            6 => {
                self.peers.detach(PeerKey(who as u64));
                Vec::new()
            }
            _ => {
                source.set_port(2_000 + u16::from(record.len() > 9));
                request(&far.local, &far.remote, record)
            }
        };
        let (now, outbox) = (self.now, &mut self.outbox);
        if datagram.is_empty() {
            self.peers.tick(now, outbox);
        } else {
            self.peers.handle(source.into(), &mut datagram, now, outbox);
        }
        let before = self.sent.len();
        let sent = &mut self.sent;
        outbox.divert(|datagram| {
            assert!(datagram.len() <= 2_048 + 64, "nothing grows on its way");
            sent.push(datagram.to_vec());
        });
        self.agree(before);
    }
}

impl Far {
    /// `record` with the answer's SSRCs in their places.
    fn filled(&self, record: &[u8]) -> Vec<u8> {
        let mut out = record.to_vec();
        for at in 0..out.len() {
            if let Some(word) = read_u32(&out, at)
                && word & 0xffff_ff00 == PLACEHOLDER
                && let Some(ssrc) = self.ssrcs.get((word & 0xff) as usize)
                && let Some(place) = out.get_mut(at..at + 4)
            {
                place.copy_from_slice(&ssrc.to_be_bytes());
            }
        }
        out
    }

    fn seal_rtp(&mut self, record: &[u8]) -> Option<Vec<u8>> {
        let mut packet = self.filled(record);
        let header = Header::read(&packet)?;
        if self.places.len() >= MOST_STREAMS {
            self.places.clear();
        }
        let unwrapper = self.places.entry(header.ssrc).or_default();
        let place = unwrapper.extend(header.sequence);
        unwrapper.saw(place);
        self.outbound
            .protect_rtp(&mut packet, 0, header.length, header.ssrc, place)
            .ok()?;
        Some(packet)
    }

    fn seal_rtcp(&mut self, record: &[u8]) -> Option<Vec<u8>> {
        let mut packet = self.filled(record);
        self.outbound.protect_rtcp(&mut packet, 0).ok()?;
        Some(packet)
    }
}

fn credentials_of(answer: &str) -> Credentials {
    let value = |key: &str| {
        let found = answer.lines().find_map(|line| line.strip_prefix(key));
        found.unwrap_or_default().trim_end().to_owned()
    };
    Credentials {
        fragment: value("a=ice-ufrag:"),
        password: value("a=ice-pwd:"),
    }
}

fn ssrcs_of(answer: &str) -> Vec<u32> {
    let mut ssrcs: Vec<u32> = answer
        .lines()
        .filter_map(|line| {
            line.strip_prefix("a=ssrc:")?
                .split(' ')
                .next()?
                .parse()
                .ok()
        })
        .collect();
    ssrcs.dedup();
    ssrcs
}
