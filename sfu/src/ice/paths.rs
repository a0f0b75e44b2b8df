//! The paths by which a peer was heard, and which of them is used.
//!
//! A check proves who sent it, not where: its source may be forged. So nothing but answers to
//! checks goes to an address until it has itself answered a check of ours, whose transaction nobody
//! else can know, and nothing more once it has not done so for [`CONSENT`] (RFC 7675 §5.1). Among
//! the paths that agree, the one is used by which the peer's own media and checks come: an answer
//! of ours may be lost where its checks arrive, and a peer that nominates with every check
//! (RFC 5245 §8.1.1.2) means none of them by it.

use forward::time::Micros;

use crate::path::Path;

/// How many paths of one peer are known at once.
pub(super) const MOST: usize = 16;

/// How long an answer is good for, microseconds.
pub(super) const CONSENT: u64 = 10_000_000;

/// How old an answer becomes before the next is asked for, microseconds: 2 to 3 s, so that those
/// of many peers spread.
const ASK_AFTER: u64 = 2_000_000;
const ASK_AFTER_SPREAD: u64 = 1_000_000;

/// How soon an ask that is not answered is repeated first; each further time after twice as long.
const ASK_AGAIN: u64 = 50_000;
const ASK_AGAIN_LONGEST: u64 = 1_000_000;

/// How many asks of one path wait for their answers: enough for a round trip of a second.
const ASKS: usize = 6;

/// For how long the path that is used may be silent while media comes by another, microseconds.
const MEDIA_ELSEWHERE: u64 = 250_000;

/// For how long it may be silent while another is checked, microseconds: longer than browsers wait
/// between two checks.
const CHECKS_ELSEWHERE: u64 = 5_000_000;

/// How long the handshake may go to a path that has not answered yet, microseconds.
const HANDSHAKE: u64 = 10_000_000;

/// What is known of one path.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) path: Path,
    /// When it was checked first.
    since: Micros,
    /// The latest credentials that it was checked with: how many restarts there had been.
    pub(super) generation: u32,
    priority: u32,
    is_nominated: bool,
    /// When it was checked last, and when authentic media came by it last.
    checked: Micros,
    media: Option<Micros>,
    /// When it answered an ask last.
    agreed: Option<Micros>,
    /// When to ask next, and how long to wait then.
    next_ask: Micros,
    wait: u64,
    /// The transactions of the latest asks.
    asks: [Option<[u8; 12]>; ASKS],
}

impl Known {
    /// Whether it may be sent to.
    fn agrees(&self, now: Micros) -> bool {
        self.agreed.is_some_and(|at| now.since(at) <= CONSENT)
    }

    fn heard(&self) -> Micros {
        self.media.unwrap_or_default().max(self.checked)
    }

    /// Which is preferred where nothing else tells.
    const fn rank(&self) -> (u32, bool, u32) {
        (self.generation, self.is_nominated, self.priority)
    }

    /// Whether it is to be used in place of `used`, which agrees as well.
    fn supersedes(&self, used: &Self) -> bool {
        if self.generation != used.generation {
            return self.is_nominated && self.generation > used.generation;
        }
        match (self.media, used.media) {
            (Some(here), there) if here.since(there.unwrap_or_default()) > MEDIA_ELSEWHERE => true,
            (None, None) => self.rank() > used.rank(),
            (None | Some(_), None | Some(_)) => {
                self.is_nominated && self.heard().since(used.heard()) > CHECKS_ELSEWHERE
            }
        }
    }
}

/// A check, as far as paths are concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    pub(super) path: Path,
    pub(super) generation: u32,
    pub(super) priority: u32,
    pub(super) nominates: bool,
}

/// The paths of one peer.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// The latest checked last.
    known: Vec<Known>,
    used: Option<Path>,
}

impl Paths {
    pub(super) const fn used(&self) -> Option<Path> {
        self.used
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Path> {
        self.known.iter().map(|known| known.path)
    }

    fn get_mut(&mut self, path: Path) -> Option<&mut Known> {
        self.known.iter_mut().find(|known| known.path == path)
    }

    /// An authentic check came; gives a path that is forgotten to make room.
    pub(super) fn checked(&mut self, check: Check, now: Micros) -> Option<Path> {
        let place = self.known.iter().position(|it| it.path == check.path);
        let mut known = match place {
            Some(place) => self.known.remove(place),
            None => Known {
                path: check.path,
                since: now,
                generation: check.generation,
                priority: 0,
                is_nominated: false,
                checked: now,
                media: None,
                agreed: None,
                next_ask: now,
                wait: ASK_AGAIN,
                asks: [None; ASKS],
            },
        };
        if check.generation > known.generation {
            known.generation = check.generation;
            known.is_nominated = false;
        }
        if check.generation == known.generation {
            known.priority = check.priority;
            known.is_nominated |= check.nominates;
        }
        known.checked = now;
        let dropped = (self.known.len() >= MOST)
            .then(|| self.known.iter().position(|it| Some(it.path) != self.used))
            .flatten()
            .map(|oldest| self.known.remove(oldest).path);
        self.known.push(known);
        self.choose(now);
        dropped
    }

    /// An ask with this transaction was answered from `path`; gives whether there was such a one.
    pub(super) fn asked(&self, path: Path, transaction: [u8; 12]) -> Option<u32> {
        let known = self.known.iter().find(|known| known.path == path)?;
        known
            .asks
            .contains(&Some(transaction))
            .then_some(known.generation)
    }

    /// The answer was authentic: the path agrees.
    pub(super) fn agreed(&mut self, path: Path, now: Micros) {
        if let Some(known) = self.get_mut(path) {
            known.agreed = Some(now);
            known.asks = [None; ASKS];
            known.wait = ASK_AGAIN;
            let spread = ambient::random::<u64>() % ASK_AFTER_SPREAD;
            known.next_ask = Micros(now.0 + ASK_AFTER + spread);
        }
        self.choose(now);
    }

    /// Whether `path` may be sent to.
    pub(super) fn agrees(&self, path: Path, now: Micros) -> bool {
        let known = self.known.iter().find(|known| known.path == path);
        known.is_some_and(|known| known.agrees(now))
    }

    /// The paths to ask now, and with which transaction, which begins with `mark`: those that are
    /// checked or used, and whose last answer is old.
    pub(super) fn due(&mut self, mark: u32, now: Micros) -> Vec<(Path, u32, [u8; 12])> {
        let used = self.used;
        let mut due = Vec::new();
        for known in &mut self.known {
            let matters = Some(known.path) == used || now.since(known.checked) <= CONSENT;
            if now < known.next_ask || !matters {
                continue;
            }
            let mut transaction: [u8; 12] = ambient::random();
            for (byte, mark) in transaction.iter_mut().zip(mark.to_be_bytes()) {
                *byte = mark;
            }
            known.asks.rotate_right(1);
            known.asks[0] = Some(transaction);
            known.next_ask = Micros(now.0 + known.wait);
            known.wait = (known.wait * 2).min(ASK_AGAIN_LONGEST);
            due.push((known.path, known.generation, transaction));
        }
        due
    }

    /// Authentic media of the peer came by `path`.
    pub(super) fn media(&mut self, path: Path, now: Micros) {
        // By the path that is used it comes thousands of times a second.
        if let Some(known) = self.get_mut(path) {
            known.media = Some(now);
        }
        if self.used != Some(path) {
            self.choose(now);
        }
    }

    /// A path is no more.
    pub(super) fn forget(&mut self, path: Path, now: Micros) {
        self.known.retain(|known| known.path != path);
        self.choose(now);
    }

    /// Looks again which path is to be used.
    pub(super) fn choose(&mut self, now: Micros) {
        let agreeing = || self.known.iter().filter(|known| known.agrees(now));
        let used = agreeing().find(|known| Some(known.path) == self.used);
        let best = match used {
            None => agreeing().max_by_key(|known| known.rank()),
            Some(used) => agreeing()
                .filter(|known| known.supersedes(used))
                .max_by_key(|known| (known.media, known.rank()))
                .or(Some(used)),
        };
        self.used = best.map(|known| known.path);
    }

    /// Where the handshake goes: where media would, or in its first seconds to the best path of
    /// those that have not answered yet. What is sent so is little, and what the peer must have got
    /// before it can go on.
    pub(super) fn for_handshake(&self, now: Micros) -> Option<Path> {
        self.used.or_else(|| {
            self.known
                .iter()
                .filter(|known| now.since(known.since) <= HANDSHAKE)
                .max_by_key(|known| (known.rank(), known.checked))
                .map(|known| known.path)
        })
    }
}
