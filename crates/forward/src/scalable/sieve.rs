//! What of a scalable source one receiver gets: always frames that it can decode.

use super::{Frame, Level};
use crate::time::Micros;

/// How many frames are remembered; those before are taken to have been forwarded.
const REMEMBERED: usize = 128;

/// How long a higher temporal layer is waited for before a key frame brings it, microseconds.
const PATIENCE: u64 = 1_000_000;

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It is forwarded.
    Keep {
        /// Whether it is the last that is forwarded of its picture.
        ends: bool,
    },
    /// It is not.
    Drop,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    /// Nothing was decided.
    #[default]
    Unknown,
    /// It has not come, and one that needs it was forwarded: it will be.
    Promised,
    /// It is forwarded; where it `ends`, nothing of its picture is after it.
    Kept {
        ends: bool,
    },
    Dropped,
}

/// Forwards the frames of one source up to a level: down to a lower one as soon as a picture
/// begins, up to a higher one where that can be decoded from what was forwarded.
#[derive(Clone, Debug)]
pub struct Sieve {
    level: Level,
    /// The timestamp of the newest picture.
    picture: Option<u32>,
    newest: Option<u64>,
    frames: [(u64, State); REMEMBERED],
    /// Whether something was wanted that can no longer be decoded.
    is_broken: bool,
    /// Whether a larger picture is wanted.
    wants_sharper: bool,
    /// Since when more frames are.
    wants_smoother: Option<Micros>,
}

impl Default for Sieve {
    fn default() -> Self {
        Self {
            level: Level::default(),
            picture: None,
            newest: None,
            frames: [(0, State::Unknown); REMEMBERED],
            is_broken: false,
            wants_sharper: false,
            wants_smoother: None,
        }
    }
}

impl Sieve {
    /// For a receiver who has had the frames up to `level`.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// Decides on a packet of `frame`, which shows at `timestamp`, for a receiver that is to get
    /// the level `target`.
    pub fn sift(&mut self, frame: &Frame, timestamp: u32, target: Level, now: Micros) -> Fate {
        let state = match self.state(frame.number) {
            state @ (State::Kept { .. } | State::Dropped) => state,
            State::Promised => State::Kept {
                ends: self.ends(frame),
            },
            State::Unknown => self.decide(frame, timestamp, target.min(frame.most), now),
        };
        self.remember(frame.number, state);
        match state {
            State::Kept { ends } => Fate::Keep {
                ends: ends && frame.ends,
            },
            State::Unknown | State::Promised | State::Dropped => Fate::Drop,
        }
    }

    fn decide(&mut self, frame: &Frame, timestamp: u32, target: Level, now: Micros) -> State {
        let is_newest = self.newest.is_none_or(|newest| frame.number > newest);
        let opens = is_newest && self.picture != Some(timestamp);
        if opens {
            self.picture = Some(timestamp);
            self.level = self.level.min(target);
        }
        let is_decodable = self.has_references(frame);
        if is_newest {
            self.newest = Some(frame.number);
            if is_decodable {
                self.climb(frame, opens, target);
            }
            self.judge(target, now);
        }
        if !self.level.holds(frame.level) {
            return State::Dropped;
        }
        if !is_decodable {
            self.is_broken = true;
            return State::Dropped;
        }
        for back in frame.references.iter() {
            self.promise(frame.number, back);
        }
        State::Kept {
            ends: self.ends(frame),
        }
    }

    /// Goes up from a frame that can be decoded, as far as all that follows can be decoded too.
    /// A larger picture begins with one: never behind what may have been told to be its end.
    fn climb(&mut self, frame: &Frame, opens: bool, target: Level) {
        let goal = self.level.max(target);
        let smoother = Level {
            spatial: self.level.spatial,
            ..goal
        };
        let sharper = Level {
            temporal: self.level.temporal,
            ..goal
        };
        let reached = [goal, sharper, smoother].into_iter().find(|level| {
            let may = opens || level.spatial == self.level.spatial;
            may && level.holds(frame.level) && frame.switches.contain(*level)
        });
        self.level = reached.unwrap_or(self.level);
        self.is_broken &= !frame.is_key;
    }

    fn judge(&mut self, target: Level, now: Micros) {
        self.wants_sharper = self.level.spatial < target.spatial;
        if self.level.temporal < target.temporal {
            self.wants_smoother.get_or_insert(now);
        } else {
            self.wants_smoother = None;
        }
    }

    /// Whether the receiver waits for what only a key frame brings.
    #[must_use]
    pub fn needs_key(&self, now: Micros) -> bool {
        let waited = self.wants_smoother.map_or(0, |since| now.since(since));
        self.is_broken || self.wants_sharper || waited > PATIENCE
    }

    const fn ends(&self, frame: &Frame) -> bool {
        frame.level.spatial == self.level.spatial
    }

    /// Whether everything that a frame is decoded from was forwarded, or may still be.
    fn has_references(&self, frame: &Frame) -> bool {
        frame.references.iter().all(|back| {
            frame
                .number
                .checked_sub(back.into())
                .is_some_and(|number| self.state(number) != State::Dropped)
        })
    }

    /// A frame was forwarded that needs the one so many back: it is too, when it comes.
    fn promise(&mut self, number: u64, back: u16) {
        let number = number - u64::from(back);
        if usize::from(back) < REMEMBERED && self.state(number) == State::Unknown {
            self.remember(number, State::Promised);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a remainder is below the length"
    )]
    const fn place(number: u64) -> usize {
        (number % REMEMBERED as u64) as usize
    }

    fn state(&self, number: u64) -> State {
        match self.frames.get(Self::place(number)) {
            Some((at, state)) if *at == number => *state,
            Some(_) | None => State::Unknown,
        }
    }

    /// A frame so old that another has its place is not remembered.
    fn remember(&mut self, number: u64, state: State) {
        if let Some(place) = self.frames.get_mut(Self::place(number))
            && (place.0 <= number || place.1 == State::Unknown)
        {
            *place = (number, state);
        }
    }
}
