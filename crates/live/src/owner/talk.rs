//! The clock of the call's talk, and what its people say beside sound and picture.

use std::time::Duration;

use call::{Event, MINUTE, Moment, SessionId, Talk, TalkEffect, TalkEvent, There};
use jiff::{SignedDuration, Timestamp};
use school::Note as Text;
use tokio::time::Instant;
use wire::message::{Clock, Notice, Power, RefusedCode, ServerMessage};

use super::{Held, Owner, Told};
use crate::ports::Note;
use crate::private::Private;
use crate::roster::Roster;

/// What is written may come so fast, and so far ahead of that.
const CHAT_EVERY: Duration = Duration::from_secs(1);
const CHAT_AHEAD: Duration = Duration::from_secs(8);

/// The clock of a call's talk, where it has its hours or a limit, and when to look at it next.
#[derive(Debug)]
pub(super) struct TalkClock {
    talk: Option<Talk>,
    /// When the call began, and the limit that its time is counted to from then.
    began: Timestamp,
    limit: Option<SignedDuration>,
    pub(super) wake: Option<Instant>,
}

/// Who is in a call whose limit is nearer than that, or passed already, has so long before it ends: nobody
/// is out without a warning.
fn warned(now: Timestamp) -> Timestamp {
    now.checked_add(MINUTE).unwrap_or(Timestamp::MAX)
}

impl TalkClock {
    /// Of a call that begins now, or that `began` then and goes on.
    pub(super) fn of(roster: &Roster, began: Option<Timestamp>, now: Timestamp) -> Self {
        let soonest = began.map_or(now, |_| warned(now));
        let began = began.unwrap_or(now);
        Self {
            talk: roster.talk(began, soonest),
            began,
            limit: roster.limit,
            wake: None,
        }
    }

    /// How it stands now.
    pub(super) fn tell(&self) -> Option<Clock> {
        let talk = self.talk.as_ref()?;
        let now = ambient::now();
        let until = |moment: Timestamp| {
            u32::try_from(moment.duration_since(now).as_millis()).unwrap_or_default()
        };
        Some(Clock {
            begins_in_ms: until(talk.starts()),
            ends_in_ms: until(talk.ends()),
            may_be_longer: talk.may_be_longer(),
        })
    }
}

impl Owner {
    /// Who is there may have changed.
    pub(super) fn see_talk(&mut self) {
        let mut there = There::default();
        for person in self.call.people() {
            match self.roster.holder(person.link) {
                Some(holder) if holder.role.is_of_the_school() => there.school = true,
                Some(_) => there.family = true,
                None => {}
            }
        }
        self.talk(TalkEvent::Seen(there));
    }

    /// What the records say of it may have changed.
    pub(super) fn read_talk(&mut self) {
        if let Some((hours, course)) = self.roster.talk {
            self.talk(TalkEvent::Read(hours, course));
        } else if self.clock.limit != self.roster.limit {
            let now = ambient::now();
            self.clock = TalkClock::of(&self.roster, Some(self.clock.began), now);
            self.see_talk();
            self.tell_clock();
        }
    }

    /// Hands something to the clock of the talk, and does what follows.
    pub(super) fn talk(&mut self, event: TalkEvent) {
        let now = ambient::now();
        let Some(talk) = &mut self.clock.talk else {
            return;
        };
        let effects = talk.handle(event, now);
        let (starts, wake) = (talk.starts(), talk.wake(now));
        for effect in effects {
            match effect {
                // What has no hours begins anew each time.
                TalkEffect::Keep(_) if self.roster.talk.is_none() => {}
                TalkEffect::Keep(course) => {
                    let note = Note::Talked { starts, course };
                    self.note(note);
                }
                TalkEffect::Tell => self.tell_clock(),
                TalkEffect::GivenBack(by) => {
                    let by_ms = u32::try_from(by.as_millis()).unwrap_or(u32::MAX);
                    self.tell_all(&Notice::TimeGivenBack { by_ms });
                }
                // Said where it was asked for.
                TalkEffect::Added | TalkEffect::NoRoom => {}
                TalkEffect::End => self.backlog.push_back(Event::TimeUp),
            }
        }
        // A moment beyond what a timer can hold is looked at again long before it comes.
        self.clock.wake = wake.and_then(|at| {
            Instant::now().checked_add(at.duration_since(now).try_into().unwrap_or_default())
        });
    }

    /// Somebody asks for a minute more.
    pub(super) fn add_minute(&mut self, session: SessionId) {
        let Some(by) = self.participant_with(session, Power::Extend) else {
            return;
        };
        let talk = self.clock.talk.as_ref();
        if !talk.is_some_and(Talk::may_be_longer) {
            let detail = "a minute more does not fit before what comes next";
            return self.refuse(session, RefusedCode::NoRoom, detail);
        }
        self.talk(TalkEvent::MinuteAsked);
        self.tell_all(&Notice::MinuteAdded { participant: by });
        // Pages outside show when it ends.
        self.live.news.tell(self.roster.all_links());
    }

    /// Somebody mutes another.
    pub(super) fn mute(&mut self, session: SessionId, whom: u32) {
        let Some(participant) = self.participant_with(session, Power::Mute) else {
            return;
        };
        let muted = self.held.iter().find(|(_, held)| {
            held.participant == whom && held.told == Told::Joined && held.participant != participant
        });
        if let Some(muted) = muted.map(|(session, _)| *session) {
            let notice = Notice::Muted { participant };
            self.say(muted, ServerMessage::Notice { notice });
        }
    }

    /// Somebody says something in writing. Nobody keeps it, and no log has it.
    pub(super) fn chat(&mut self, session: SessionId, text: &Private<String>) {
        let (now, on_hold) = (self.live.clock.now(), self.is_on_hold(session));
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        if held.told != Told::Joined || on_hold {
            let detail = "only who holds a seat, and is not on hold, may write";
            return self.refuse(session, RefusedCode::NotSeated, detail);
        }
        if !held.may_write(now) {
            let detail = "too much is written: this was dropped";
            return self.refuse(session, RefusedCode::TooFast, detail);
        }
        let participant = held.participant;
        let note = Text::read(text.reveal()).ok();
        let Some(note) = note.filter(|it| !it.reveal().is_empty()) else {
            let detail = "what was written is empty or too long";
            return self.refuse(session, RefusedCode::BadText, detail);
        };
        for (reader, _) in self.readers() {
            if self.is_on_hold(reader) {
                continue;
            }
            let text = note.reveal().to_owned();
            self.say(reader, ServerMessage::Chat { participant, text });
        }
    }

    /// The participant of a seated session that has this power; refused otherwise.
    pub(super) fn participant_with(&mut self, session: SessionId, power: Power) -> Option<u32> {
        let held = self.held.get(&session)?;
        if held.told != Told::Joined {
            let detail = "only who holds a seat may do that";
            self.refuse(session, RefusedCode::NotSeated, detail);
            return None;
        }
        let participant = held.participant;
        let powers = self.roster.holder(held.link).map(|it| it.powers);
        if powers.is_some_and(|it| it.iter().any(|it| Power::from(it) == power)) {
            return Some(participant);
        }
        let detail = "nobody gave you the power for that";
        self.refuse(session, RefusedCode::NotAllowed, detail);
        None
    }

    fn tell_clock(&mut self) {
        let clock = self.clock.tell();
        for (session, _) in self.readers() {
            self.say(session, ServerMessage::Clock { clock });
        }
    }

    fn tell_all(&mut self, notice: &Notice) {
        for (session, _) in self.readers() {
            let notice = notice.clone();
            self.say(session, ServerMessage::Notice { notice });
        }
    }
}

impl Held {
    /// Whether more may be written now; what may is counted.
    fn may_write(&mut self, now: Moment) -> bool {
        let due = self.writes_from.max(now);
        let may = due.since(now) <= CHAT_AHEAD;
        if may {
            self.writes_from = due.after(CHAT_EVERY);
        }
        may
    }
}
