//! One active session a link, across all calls.

mod swaps;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::event::Parting;
use crate::ids::{AttemptId, CallId, Epoch, LinkId, Moment, SessionId};
use swaps::Swaps;

/// How many presses of a link whose sessions are over are known.
const PAST: usize = 16;

/// How long a link without a live session is remembered, for its past presses and its swaps:
/// far longer than a ticket or a retry lives.
const MEMORY: Duration = Duration::from_mins(10);

/// How many links may be known before those that can be forgotten are first looked for.
const SWEEP: usize = 1024;

/// A session a link held before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Earlier {
    /// The session that is over now.
    pub session: SessionId,
    /// The call that holds it.
    pub call: CallId,
}

/// What a press on Join was given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    /// A new session. `earlier`, if any, must hear of it: by [`crate::Event::JoinAsked`] where it
    /// is in the same call, by [`crate::Event::Superseded`] where it is in another.
    New {
        /// The new session.
        session: SessionId,
        /// Its epoch.
        epoch: Epoch,
        /// The session it replaces.
        earlier: Option<Earlier>,
        /// Whether the link has changed hands so often that inviter and teacher should know
        /// (SESS-3).
        contested: bool,
    },
    /// A retry of the press that made the live session: the same session again. A press that asks
    /// for another call is another press, whatever attempt it claims to be of: it moves the link
    /// there (SESS-7).
    Again {
        /// The live session.
        session: SessionId,
        /// Its epoch.
        epoch: Epoch,
    },
    /// A retry of a press whose session is over, for this reason: that outcome stands, and nothing
    /// was changed. To be answered like a resume of that session.
    Over(Parting),
}

/// The link changed hands too often; nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this link was opened on several devices in turn; try again in {} s", retry_after.as_secs())]
pub struct TooSoon {
    /// When to try again.
    pub retry_after: Duration,
}

/// Which session of each link is the live one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Directory {
    /// One count for all links: it numbers the sessions, and so no session's name is used twice;
    /// it is their epoch too, and so no link's epoch falls, however much is forgotten of it.
    count: u64,
    links: BTreeMap<LinkId, Entry>,
    /// Look for what can be forgotten when so many links are known.
    sweep_at: usize,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Entry {
    live: Option<Live>,
    swaps: Swaps,
    /// Presses whose sessions are over, and why; not of those that were lost, whose retry is welcome.
    past: VecDeque<(Press, Parting)>,
    touched: Moment,
}

/// One press on Join, however often it is retried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Press {
    /// Its name.
    pub attempt: AttemptId,
    /// The call that it asks for.
    pub call: CallId,
}

impl Entry {
    /// The session of that press is over.
    fn remember(&mut self, press: Press, why: Parting) {
        match why {
            // Nobody ended it: whoever pressed may still be on the way.
            Parting::TimedOut => {}
            Parting::Replaced
            | Parting::Withdrawn
            | Parting::Disconnected
            | Parting::TurnedAway
            | Parting::NobodyCame
            | Parting::Left
            | Parting::Ended
            | Parting::TimeUp
            | Parting::Stopped => {
                if self.past.len() == PAST {
                    self.past.pop_front();
                }
                self.past.push_back((press, why));
            }
        }
    }

    /// Why the session of that press is over, where it is and that is known.
    fn outcome(&self, press: Press) -> Option<Parting> {
        let found = self.past.iter().find(|(past, _)| *past == press);
        found.map(|(_, why)| *why)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Live {
    session: SessionId,
    epoch: Epoch,
    press: Press,
}

impl Directory {
    /// One whose sessions are numbered from `above` on, all earlier ones being below.
    #[must_use]
    pub fn beginning_above(above: u64) -> Self {
        Self {
            count: above,
            ..Self::default()
        }
    }

    /// `session`, of before the program began, is the live one of its link.
    pub fn restore_live(&mut self, link: LinkId, session: SessionId, press: Press) {
        self.count = self.count.max(session.0);
        self.links.entry(link).or_default().live = Some(Live {
            session,
            epoch: Epoch(session.0),
            press,
        });
    }

    /// The session of that press was over before the program began: its retries are told so. Handed
    /// in oldest first.
    pub fn restore_past(&mut self, link: LinkId, press: Press, why: Parting) {
        self.links.entry(link).or_default().remember(press, why);
    }

    /// The link changed hands at that moment, before the program began. Handed in oldest first.
    pub fn restore_swap(&mut self, link: LinkId, at: Moment) {
        let entry = self.links.entry(link).or_default();
        // What was done then was allowed: with less known of before, it is now.
        if let Ok((swaps, _contested)) = entry.swaps.swap(at) {
            entry.swaps = swaps;
        }
    }

    /// Gives a press on Join its session.
    ///
    /// # Errors
    ///
    /// [`TooSoon`] where the link changed hands more than three times in the last minute: the
    /// first swap beyond must wait 15 s after the one before it, the next 30 s, further ones 60 s,
    /// until a minute has passed without any.
    pub fn claim(
        &mut self,
        link: LinkId,
        call: CallId,
        attempt: AttemptId,
        now: Moment,
    ) -> Result<Claim, TooSoon> {
        let press = Press { attempt, call };
        let mut entry = self.links.get(&link).cloned().unwrap_or_default();
        if let Some(why) = entry.outcome(press) {
            return Ok(Claim::Over(why));
        }
        let mut contested = false;
        if let Some(live) = entry.live {
            if live.press == press {
                return Ok(Claim::Again {
                    session: live.session,
                    epoch: live.epoch,
                });
            }
            (entry.swaps, contested) = entry.swaps.swap(now)?;
            entry.remember(live.press, Parting::Replaced);
        }
        self.count += 1;
        let (session, epoch) = (SessionId(self.count), Epoch(self.count));
        let earlier = entry.live.replace(Live {
            session,
            epoch,
            press,
        });
        entry.touched = now;
        self.forget(now);
        self.links.insert(link, entry);
        Ok(Claim::New {
            session,
            epoch,
            earlier: earlier.map(|it| Earlier {
                session: it.session,
                call: it.press.call,
            }),
            contested,
        })
    }

    /// Whether a claim would be refused now; it claims nothing.
    ///
    /// # Errors
    ///
    /// [`TooSoon`] where [`Directory::claim`] would say so.
    pub fn check(
        &self,
        link: LinkId,
        call: CallId,
        attempt: AttemptId,
        now: Moment,
    ) -> Result<(), TooSoon> {
        let press = Press { attempt, call };
        let Some(entry) = self.links.get(&link) else {
            return Ok(());
        };
        let swaps = entry.live.is_some_and(|it| it.press != press);
        if swaps && entry.outcome(press).is_none() {
            entry.swaps.swap(now)?;
        }
        Ok(())
    }

    /// The live session of a link, if there is one.
    #[must_use]
    pub fn live(&self, link: LinkId) -> Option<(SessionId, CallId, Epoch)> {
        let live = self.links.get(&link)?.live?;
        Some((live.session, live.press.call, live.epoch))
    }

    /// `session` is over; a later claim of its link has no earlier session. Late news of a
    /// replaced session changes nothing.
    pub fn release(&mut self, link: LinkId, session: SessionId, why: Parting) {
        if let Some(entry) = self.links.get_mut(&link)
            && let Some(live) = entry.live.take_if(|it| it.session == session)
        {
            entry.remember(live.press, why);
        }
    }

    /// Forgets links without a live session that nobody pressed for long. It looks only when twice
    /// as many are known as it left the last time, so that a claim stays cheap.
    fn forget(&mut self, now: Moment) {
        if self.links.len() < self.sweep_at.max(SWEEP) {
            return;
        }
        self.links
            .retain(|_, it| it.live.is_some() || now.since(it.touched) < MEMORY);
        self.sweep_at = self.links.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    #[test]
    fn memory_is_bounded_and_the_forgotten_get_higher_epochs() {
        let mut directory = Directory::default();
        let call = CallId(1);
        let mut last = Epoch(0);
        for n in 0..100_000_u64 {
            let link = LinkId(n % 50_000);
            let claim = directory.claim(link, call, AttemptId(u128::from(n)), at(n));
            let Ok(Claim::New { session, epoch, .. }) = claim else {
                panic!("{claim:?}")
            };
            assert!(epoch > last);
            last = epoch;
            directory.release(link, session, Parting::TimedOut);
            assert!(directory.links.len() <= 2 * SWEEP);
        }
    }

    /// That many links were pressed at the beginning, and each session is over unless it stays.
    fn pressed(links: u64, stays: bool) -> Directory {
        let mut directory = Directory::default();
        press(&mut directory, 0..links, at(0), stays);
        directory
    }

    fn press(directory: &mut Directory, links: std::ops::Range<u64>, now: Moment, stays: bool) {
        for n in links {
            let claim = directory.claim(LinkId(n), CallId(1), AttemptId(u128::from(n)), now);
            let Ok(Claim::New { session, .. }) = claim else {
                panic!("{claim:?}")
            };
            if !stays {
                directory.release(LinkId(n), session, Parting::Left);
            }
        }
    }

    #[test]
    fn links_are_forgotten_when_many_are_known_and_their_time_is_over() {
        let many = SWEEP as u64;
        let another = |mut directory: Directory, now: Moment| {
            press(&mut directory, many..many + 1, now, true);
            directory.links.len()
        };
        let a_moment_before = Moment(MEMORY.saturating_sub(Duration::from_millis(1)));
        assert_eq!(another(pressed(many, false), Moment(MEMORY)), 1);
        assert_eq!(another(pressed(many, false), a_moment_before), SWEEP + 1);
        assert_eq!(another(pressed(many - 1, false), Moment(MEMORY)), SWEEP);
    }

    #[test]
    fn what_is_kept_is_looked_through_again_when_twice_as_many_are_known() {
        let many = SWEEP as u64;
        let mut directory = pressed(many, true);
        press(&mut directory, many..2 * many, at(0), false);
        press(&mut directory, 2 * many..2 * many + 1, Moment(MEMORY), true);
        assert_eq!(
            directory.links.len(),
            SWEEP + 1,
            "those who are still there"
        );
        let mut directory = pressed(many, true);
        press(&mut directory, many..2 * many - 1, at(0), false);
        press(&mut directory, 2 * many..2 * many + 1, Moment(MEMORY), true);
        assert_eq!(directory.links.len(), 2 * SWEEP, "nobody was looked for");
    }

    #[test]
    fn a_live_link_is_never_forgotten() {
        let mut directory = Directory::default();
        let (call, link) = (CallId(1), LinkId(0));
        assert!(directory.claim(link, call, AttemptId(0), at(0)).is_ok());
        let live = directory.live(link);
        assert!(live.is_some());
        for n in 1..10_000 {
            let (link, attempt) = (LinkId(n), AttemptId(u128::from(n)));
            assert!(directory.claim(link, call, attempt, at(n)).is_ok());
            directory.release(link, SessionId(n + 1), Parting::TimedOut);
        }
        assert_eq!(directory.live(link), live);
    }
}
