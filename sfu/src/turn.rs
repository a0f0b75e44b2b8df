//! A relay for those who reach the server by no other way (TURN, RFC 8656), that leads to this
//! worker's own media and nowhere else.
//!
//! No socket stands behind a relayed address. What a client sends through its allocation is taken
//! as a datagram that came from there ([`Path::Relay`]), and what the worker sends there is wrapped
//! for the client. So there is nothing that it could be made to reach: an address that is not
//! exactly one of those announced is refused, whatever it looks like.
//!
//! Whoever asks must hold credentials that were granted for one session; they, and all that was
//! allocated with them, end with it.

mod allocation;
mod credit;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod message;
mod nonce;
mod ours;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use forward::time::Micros;
use rtc_crypto::RTCCryptoProvider;
use rtc_stun::attributes::{ATTR_XOR_RELAYED_ADDRESS, ATTR_XORMAPPED_ADDRESS};
use rtc_stun::error_code::{
    CODE_ADDR_FAMILY_NOT_SUPPORTED, CODE_ALLOC_MISMATCH, CODE_ALLOC_QUOTA_REACHED,
    CODE_BAD_REQUEST, CODE_FORBIDDEN, CODE_INSUFFICIENT_CAPACITY, CODE_PEER_ADDR_FAMILY_MISMATCH,
    CODE_STALE_NONCE, CODE_UNAUTHORIZED, CODE_UNKNOWN_ATTRIBUTE, CODE_UNSUPPORTED_TRANS_PROTO,
    CODE_WRONG_CREDENTIALS, ErrorCode,
};
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::CLASS_SUCCESS_RESPONSE;

use crate::allowance::Allowance;
use crate::path::{AllocationId, Path};
use crate::relays::TO_BE_HELD;
use allocation::{Allocation, CHANNELS};
use credit::Credit;
use message::{Answer, Asked, Reading};
use nonce::Nonces;
use ours::Ours;

pub(crate) use message::is_turn;

/// The realm (RFC 8489 §9.2). Short, because the answer that brings it goes to strangers.
const REALM: &str = "home";

/// How long an allocation lasts without being refreshed, seconds, whatever is asked for.
const LIFETIME: u32 = 600;

/// The number of UDP in IP (REQUESTED-TRANSPORT, RFC 8656 §18.7).
const UDP: u8 = 17;

/// How many allocations one session may have: a browser makes one for each way and network.
const MOST_OF_ONE: usize = 16;

/// How many allocations there may be.
const MOST: usize = 4_096;

/// How many credentials may be out.
const MOST_CREDENTIALS: usize = 65_536;

/// How many permissions one request may ask for.
const MOST_PEERS: usize = 16;

/// The longest that credentials are good for, milliseconds.
const LONGEST_HELD: u64 = 12 * 3_600_000;

/// How often is looked whose time has run out, milliseconds.
const SWEEP: u64 = 1_000;

/// How many requests a second are looked at of those who have allocated nothing: five times what
/// comes when a whole school opens its links within two seconds, and little for one core.
const STRANGERS: u64 = 2_000;

/// The first of the ports that relayed addresses have.
const FIRST_PORT: u16 = 49_152;

/// The user that a message to the relay names, proved or not.
pub(crate) fn username(message: &[u8]) -> Option<&str> {
    Reading::read(message)?.text(message::USERNAME)
}

/// What a client proves itself with.
struct Credential {
    key: Vec<u8>,
    until: Micros,
    allocations: Vec<AllocationId>,
}

/// What came of a datagram.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Taken {
    /// Nothing.
    Nothing,
    /// An answer, for where it came from.
    Answer(Vec<u8>),
    /// A datagram that stands in it, as if it came from the relayed address.
    Relayed {
        /// From there.
        from: Path,
        /// Where it stands.
        at: Range<usize>,
    },
}

/// What stands before and behind a datagram on its way to a client.
#[derive(Debug)]
pub(crate) struct Wrapping {
    /// Where it goes.
    pub(crate) client: Path,
    pub(crate) head: Vec<u8>,
    /// Zeroes behind it.
    pub(crate) padding: usize,
}

/// Whether a client is who it must be, and if not, what it is told.
enum Claim {
    Proved { username: String, key: Vec<u8> },
    Refused { code: ErrorCode, challenge: bool },
}

/// The relay of one worker.
pub(crate) struct Turn {
    /// Where this worker receives media.
    ours: Ours,
    crypto: Arc<dyn RTCCryptoProvider>,
    nonces: Nonces,
    credit: Credit,
    strangers: Allowance,
    credentials: HashMap<String, Credential>,
    allocations: HashMap<AllocationId, Allocation>,
    by_client: HashMap<Path, AllocationId>,
    next: u64,
    next_sweep: Micros,
    /// What has ended since it was last asked.
    ended: Vec<Path>,
}

impl Turn {
    /// A relay to media at `ours`.
    pub(crate) fn new(ours: Vec<SocketAddr>, crypto: Arc<dyn RTCCryptoProvider>) -> Self {
        Self {
            ours: Ours::new(ours),
            crypto,
            nonces: Nonces::new(),
            credit: Credit::default(),
            strangers: Allowance::new(STRANGERS, STRANGERS),
            credentials: HashMap::new(),
            allocations: HashMap::new(),
            by_client: HashMap::new(),
            next: 0,
            next_sweep: Micros::default(),
            ended: Vec::new(),
        }
    }

    /// Media is received at these addresses from now on. What was allocated lives on: its own
    /// address is behind none of them, and those of them that stay are what they were.
    pub(crate) fn announce(&mut self, ours: Vec<SocketAddr>) {
        self.ours.announce(ours);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.allocations.is_empty()
    }

    /// Lets whoever has these credentials allocate, for a while; [`Turn::hold`] makes it longer.
    pub(crate) fn grant(&mut self, username: String, password: String, now: Micros) {
        if self.credentials.len() >= MOST_CREDENTIALS {
            self.sweep(now);
        }
        if self.credentials.len() >= MOST_CREDENTIALS {
            tracing::warn!("too many relay credentials are out: one was not granted");
            return;
        }
        let key = MessageIntegrity::long_term_integrity_key(
            username.clone(),
            REALM.to_owned(),
            password,
            self.crypto.crypto(),
        )
        .expect("MD5 is built in");
        let to_be_held = u64::try_from(TO_BE_HELD.as_micros()).unwrap_or(u64::MAX);
        let credential = Credential {
            key,
            until: Micros(now.0 + to_be_held),
            allocations: Vec::new(),
        };
        self.credentials.insert(username, credential);
    }

    /// A session holds these credentials: they are good until it ends.
    pub(crate) fn hold(&mut self, username: &str, now: Micros) {
        if let Some(credential) = self.credentials.get_mut(username)
            && credential.until > now
        {
            credential.until = now.after_ms(LONGEST_HELD);
        }
    }

    /// The session has ended: so have its credentials, and what was allocated with them.
    pub(crate) fn revoke(&mut self, username: &str) {
        if let Some(credential) = self.credentials.remove(username) {
            for id in credential.allocations {
                self.delete(id);
            }
        }
    }

    /// Whether somebody with credentials is at `client`.
    pub(crate) fn knows(&self, client: Path) -> bool {
        self.by_client.contains_key(&client)
    }

    /// A client's connection is no more, or a peer behind a relayed address was detached.
    pub(crate) fn forget(&mut self, path: Path) {
        let id = match path {
            Path::Relay { allocation, .. } => Some(allocation),
            Path::Udp(_) | Path::Stream { .. } => self.by_client.get(&path).copied(),
        };
        if let Some(id) = id {
            self.delete(id);
        }
    }

    fn delete(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.remove(&id) else {
            return;
        };
        self.by_client.remove(&allocation.client);
        if let Some(credential) = self.credentials.get_mut(&allocation.username) {
            credential.allocations.retain(|other| *other != id);
        }
        for at in 0..self.ours.len() {
            self.ended.push(relay(id, &allocation, at));
        }
        // The address of UDP lives on: a browser uses one for media with and without the relay.
        if matches!(allocation.client, Path::Stream { .. }) {
            self.ended.push(allocation.client);
        }
    }

    /// The relayed addresses, and the clients' connections, that have ended since this was last
    /// asked.
    pub(crate) fn ended(&mut self) -> Vec<Path> {
        std::mem::take(&mut self.ended)
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Micros) {
        if now >= self.next_sweep {
            self.next_sweep = now.after_ms(SWEEP);
            self.sweep(now);
        }
    }

    fn sweep(&mut self, now: Micros) {
        let over: Vec<String> = self
            .credentials
            .iter()
            .filter(|(_, credential)| credential.until <= now)
            .map(|(username, _)| username.clone())
            .collect();
        for username in over {
            self.revoke(&username);
        }
        let over: Vec<AllocationId> = self
            .allocations
            .iter()
            .filter(|(_, allocation)| allocation.until <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.delete(id);
        }
    }

    /// Takes a datagram for which [`is_turn`] is true.
    pub(crate) fn handle(&mut self, client: Path, datagram: &[u8], now: Micros) -> Taken {
        if datagram.first() != Some(&0) {
            return self.channel_data(client, datagram, now);
        }
        let Some(reading) = Reading::read(datagram).filter(|reading| reading.is_unharmed()) else {
            return Taken::Nothing;
        };
        match reading.asked {
            Asked::Send => self.send(client, reading, now),
            Asked::Allocate | Asked::Refresh | Asked::CreatePermission | Asked::ChannelBind => {
                self.request(client, reading, datagram.len(), now)
            }
        }
    }

    /// Data for the peer behind a channel (RFC 8656 §12.6).
    fn channel_data(&self, client: Path, datagram: &[u8], now: Micros) -> Taken {
        let relayed = || {
            let (head, rest) = datagram.split_first_chunk::<4>()?;
            let number = u16::from_be_bytes([head[0], head[1]]);
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            if rest.len() < length {
                return None;
            }
            let (id, allocation) = self.of(client, now)?;
            let at = allocation.behind(number, now)?;
            Some(Taken::Relayed {
                from: relay(id, allocation, at),
                at: 4..4 + length,
            })
        };
        relayed().unwrap_or(Taken::Nothing)
    }

    /// Data for a peer (RFC 8656 §11.2): dropped unless it is for one of our addresses.
    fn send(&self, client: Path, reading: Reading<'_>, now: Micros) -> Taken {
        let relayed = || {
            let data = reading.place(message::DATA)?;
            let peer = reading.peers().next()??;
            let at = self.ours.position(peer)?;
            let (id, allocation) = self.of(client, now)?;
            (allocation.permits(peer.ip(), now) && reading.unknown().is_empty()).then(|| {
                Taken::Relayed {
                    from: relay(id, allocation, at),
                    at: data,
                }
            })
        };
        relayed().unwrap_or(Taken::Nothing)
    }

    /// What the client has allocated.
    fn of(&self, client: Path, now: Micros) -> Option<(AllocationId, &Allocation)> {
        let id = *self.by_client.get(&client)?;
        let allocation = self.allocations.get(&id)?;
        (allocation.until > now).then_some((id, allocation))
    }

    fn request(&mut self, client: Path, reading: Reading<'_>, length: usize, now: Micros) -> Taken {
        let is_known = self.knows(client);
        if !self.credit.admits(client.address(), length, now)
            || !(is_known || self.strangers.take(now))
        {
            return Taken::Nothing;
        }
        match self.claim(client, reading, now) {
            Claim::Refused { code, challenge } => {
                let mut answer = Answer::refusal(reading, code);
                if challenge {
                    let nonce = self.nonces.make(client, now);
                    answer = answer
                        .with(message::REALM, REALM.as_bytes())
                        .with(message::NONCE, nonce.as_bytes());
                }
                self.answer_a_stranger(client, answer.finish(None))
            }
            Claim::Proved { username, key } => {
                let answer = self.serve(client, &username, reading, now);
                let integrity =
                    MessageIntegrity::new_raw_integrity_with_provider(key, self.crypto.crypto());
                Taken::Answer(answer.finish(Some(integrity)))
            }
        }
    }

    /// An address of UDP may be forged, a connection may not.
    fn answer_a_stranger(&mut self, client: Path, answer: Vec<u8>) -> Taken {
        match client {
            Path::Udp(address) => {
                if !self.credit.pays(address, answer.len()) {
                    return Taken::Nothing;
                }
            }
            Path::Stream { .. } => {}
            // A relay is asked through none.
            Path::Relay { .. } => return Taken::Nothing,
        }
        Taken::Answer(answer)
    }

    /// Whether the request is proved (RFC 8489 §9.2.4).
    fn claim(&self, client: Path, reading: Reading<'_>, now: Micros) -> Claim {
        let refused = |code, challenge| Claim::Refused { code, challenge };
        if !reading.has(message::MESSAGE_INTEGRITY) {
            return refused(CODE_UNAUTHORIZED, true);
        }
        let (Some(username), Some(_realm), Some(nonce)) = (
            reading.text(message::USERNAME),
            reading.text(message::REALM),
            reading.text(message::NONCE),
        ) else {
            return refused(CODE_BAD_REQUEST, false);
        };
        if !self.nonces.is_fresh(nonce, client, now) {
            return refused(CODE_STALE_NONCE, true);
        }
        let proved = self
            .credentials
            .get(username)
            .filter(|credential| credential.until > now)
            .filter(|credential| reading.is_authentic(&credential.key, self.crypto.crypto()));
        match proved {
            Some(credential) => Claim::Proved {
                username: username.to_owned(),
                key: credential.key.clone(),
            },
            None => refused(CODE_UNAUTHORIZED, true),
        }
    }

    /// Does what a proved client asks.
    fn serve(&mut self, client: Path, username: &str, reading: Reading<'_>, now: Micros) -> Answer {
        let unknown = reading.unknown();
        if !unknown.is_empty() {
            let list: Vec<u8> = unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect();
            return Answer::refusal(reading, CODE_UNKNOWN_ATTRIBUTE)
                .with(rtc_stun::attributes::ATTR_UNKNOWN_ATTRIBUTES.0, &list);
        }
        let done = match reading.asked {
            Asked::Allocate => self.allocate(client, username, reading, now),
            Asked::Refresh | Asked::CreatePermission | Asked::ChannelBind | Asked::Send => self
                .allocated(client, username, now)
                .and_then(|id| match reading.asked {
                    Asked::Refresh => self.refresh(id, reading, now),
                    Asked::CreatePermission => self.permit(id, reading, now),
                    Asked::ChannelBind => self.bind(id, reading, now),
                    Asked::Allocate | Asked::Send => Err(CODE_BAD_REQUEST),
                }),
        };
        done.unwrap_or_else(|code| Answer::refusal(reading, code))
    }

    /// What the client has allocated with these credentials (RFC 8656 §5).
    fn allocated(
        &self,
        client: Path,
        username: &str,
        now: Micros,
    ) -> Result<AllocationId, ErrorCode> {
        match self.of(client, now) {
            None => Err(CODE_ALLOC_MISMATCH),
            Some((_, allocation)) if allocation.username != username => Err(CODE_WRONG_CREDENTIALS),
            Some((id, _)) => Ok(id),
        }
    }

    /// RFC 8656 §7.2.
    fn allocate(
        &mut self,
        client: Path,
        username: &str,
        reading: Reading<'_>,
        now: Micros,
    ) -> Result<Answer, ErrorCode> {
        if let Some((_, allocation)) = self.of(client, now) {
            // The answer was lost, most likely.
            return if allocation.transaction == reading.transaction() {
                Ok(allocated_answer(reading, allocation))
            } else {
                Err(CODE_ALLOC_MISMATCH)
            };
        }
        match reading.value(message::REQUESTED_TRANSPORT) {
            Some([UDP, _, _, _]) => {}
            Some([_, _, _, _]) => return Err(CODE_UNSUPPORTED_TRANS_PROTO),
            Some(_) | None => return Err(CODE_BAD_REQUEST),
        }
        let is_even = reading.has(message::EVEN_PORT);
        if reading.has(message::RESERVATION_TOKEN) {
            let is_contradicted = is_even || reading.has(message::REQUESTED_ADDRESS_FAMILY);
            return Err(if is_contradicted {
                CODE_BAD_REQUEST
            } else {
                // Nothing is ever reserved.
                CODE_INSUFFICIENT_CAPACITY
            });
        }
        if matches!(reading.value(message::EVEN_PORT), Some([0x80..=0xff, ..])) {
            return Err(CODE_INSUFFICIENT_CAPACITY);
        }
        let is_v6 = match reading.value(message::REQUESTED_ADDRESS_FAMILY) {
            None | Some([1, ..]) => false,
            Some([2, ..]) => true,
            Some(_) => return Err(CODE_ADDR_FAMILY_NOT_SUPPORTED),
        };
        let ip = self
            .ours
            .announced()
            .find(|ours| ours.is_ipv6() == is_v6)
            .ok_or(CODE_ADDR_FAMILY_NOT_SUPPORTED)?
            .ip();
        if self.allocations.len() >= MOST {
            return Err(CODE_INSUFFICIENT_CAPACITY);
        }
        let credential = self
            .credentials
            .get_mut(username)
            .filter(|credential| credential.allocations.len() < MOST_OF_ONE)
            .ok_or(CODE_ALLOC_QUOTA_REACHED)?;
        let id = AllocationId(self.next);
        self.next += 1;
        credential.allocations.push(id);
        let allocation = Allocation::new(
            client,
            username.to_owned(),
            SocketAddr::new(ip, port(id, is_even)),
            now.after_ms(u64::from(LIFETIME) * 1_000),
            reading.transaction(),
        );
        let answer = allocated_answer(reading, &allocation);
        self.by_client.insert(client, id);
        self.allocations.insert(id, allocation);
        Ok(answer)
    }

    /// RFC 8656 §8.2.
    fn refresh(
        &mut self,
        id: AllocationId,
        reading: Reading<'_>,
        now: Micros,
    ) -> Result<Answer, ErrorCode> {
        let allocation = self.allocations.get_mut(&id).ok_or(CODE_ALLOC_MISMATCH)?;
        let is_v6 = match reading.value(message::REQUESTED_ADDRESS_FAMILY) {
            None => allocation.relayed.is_ipv6(),
            Some([family, ..]) => *family == 2,
            Some([]) => return Err(CODE_BAD_REQUEST),
        };
        if is_v6 != allocation.relayed.is_ipv6() {
            return Err(CODE_PEER_ADDR_FAMILY_MISMATCH);
        }
        let lifetime = match reading.value(message::LIFETIME) {
            Some([0, 0, 0, 0]) => 0,
            Some([_, _, _, _]) | None => LIFETIME,
            Some(_) => return Err(CODE_BAD_REQUEST),
        };
        if lifetime == 0 {
            self.delete(id);
        } else {
            allocation.until = now.after_ms(u64::from(lifetime) * 1_000);
        }
        Ok(Answer::to(reading, CLASS_SUCCESS_RESPONSE)
            .with(message::LIFETIME, &lifetime.to_be_bytes()))
    }

    /// RFC 8656 §10.2.
    fn permit(
        &mut self,
        id: AllocationId,
        reading: Reading<'_>,
        now: Micros,
    ) -> Result<Answer, ErrorCode> {
        let allocation = self.allocations.get_mut(&id).ok_or(CODE_ALLOC_MISMATCH)?;
        let peers: Option<Vec<SocketAddr>> = reading.peers().take(MOST_PEERS + 1).collect();
        let peers = peers.ok_or(CODE_BAD_REQUEST)?;
        if peers.is_empty() || peers.len() > MOST_PEERS {
            return Err(CODE_BAD_REQUEST);
        }
        for peer in &peers {
            // A permission is for all ports of an address; data is for exactly ours.
            if !self.ours.has(peer.ip()) {
                return Err(CODE_FORBIDDEN);
            }
            if peer.is_ipv6() != allocation.relayed.is_ipv6() {
                return Err(CODE_PEER_ADDR_FAMILY_MISMATCH);
            }
        }
        for peer in peers {
            allocation.permit(peer.ip(), now);
        }
        Ok(Answer::to(reading, CLASS_SUCCESS_RESPONSE))
    }

    /// RFC 8656 §12.2.
    fn bind(
        &mut self,
        id: AllocationId,
        reading: Reading<'_>,
        now: Micros,
    ) -> Result<Answer, ErrorCode> {
        let allocation = self.allocations.get_mut(&id).ok_or(CODE_ALLOC_MISMATCH)?;
        let Some(&[high, low, _, _]) = reading.value(message::CHANNEL_NUMBER) else {
            return Err(CODE_BAD_REQUEST);
        };
        let number = u16::from_be_bytes([high, low]);
        let peer = reading.peers().next().flatten().ok_or(CODE_BAD_REQUEST)?;
        if !CHANNELS.contains(&number) {
            return Err(CODE_BAD_REQUEST);
        }
        let at = self.ours.position(peer).ok_or(CODE_FORBIDDEN)?;
        if peer.is_ipv6() != allocation.relayed.is_ipv6() {
            return Err(CODE_PEER_ADDR_FAMILY_MISMATCH);
        }
        if !allocation.bind(number, at, now) {
            return Err(CODE_BAD_REQUEST);
        }
        allocation.permit(peer.ip(), now);
        Ok(Answer::to(reading, CLASS_SUCCESS_RESPONSE))
    }

    /// How a datagram of `length` bytes goes from the address of ours at `at` to a client;
    /// `None` where the client takes none from there.
    pub(crate) fn wrap(
        &self,
        id: AllocationId,
        at: usize,
        length: usize,
        now: Micros,
    ) -> Option<Wrapping> {
        let allocation = self.allocations.get(&id)?;
        let peer = self.ours.get(at)?;
        if allocation.until <= now {
            return None;
        }
        let client = allocation.client;
        let padding = length.next_multiple_of(4) - length;
        if let Some(number) = allocation.channel_to(at, now) {
            let mut head = number.to_be_bytes().to_vec();
            head.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
            // A datagram of UDP has its own end (RFC 8656 §12.5).
            let padding = if matches!(client, Path::Udp(_)) {
                0
            } else {
                padding
            };
            return Some(Wrapping {
                client,
                head,
                padding,
            });
        }
        if !allocation.permits(peer.ip(), now) {
            return None;
        }
        Some(Wrapping {
            client,
            head: message::data_head(peer, length)?,
            padding,
        })
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Turn").finish_non_exhaustive()
    }
}

/// The path from which data of an allocation comes that was for the address of ours at `at`.
const fn relay(id: AllocationId, allocation: &Allocation, at: usize) -> Path {
    Path::Relay {
        allocation: id,
        at,
        relayed: allocation.relayed,
    }
}

/// The port of a relayed address: nobody listens there, so it may stand for several.
fn port(id: AllocationId, is_even: bool) -> u16 {
    let number = u16::try_from(id.0 % u64::from(u16::MAX - FIRST_PORT)).unwrap_or_default();
    let port = FIRST_PORT + number;
    if is_even { port & !1 } else { port }
}

fn allocated_answer(reading: Reading<'_>, allocation: &Allocation) -> Answer {
    Answer::to(reading, CLASS_SUCCESS_RESPONSE)
        .with_address(ATTR_XOR_RELAYED_ADDRESS, allocation.relayed)
        .with(message::LIFETIME, &LIFETIME.to_be_bytes())
        .with_address(ATTR_XORMAPPED_ADDRESS, allocation.client.address())
}

#[cfg(test)]
mod tests;
