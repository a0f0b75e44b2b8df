//! Several calls, the directory above them and everything that can go late between: it plays the
//! program's part, and shows whatever happens to those who check.

use std::time::Duration;

use call::{AttemptId, Call, CallId, Claim, Directory, Effect, Epoch, Event, LinkId};
use call::{Moment, Refusal, Rules, SessionId, TooSoon};

use crate::model::Model;
use crate::ops::{Op, ROOMS, What};

/// One event, handled by one call.
pub(crate) struct Step<'a> {
    pub(crate) call: CallId,
    pub(crate) event: Event,
    pub(crate) now: Moment,
    pub(crate) before: &'a Call,
    pub(crate) after: &'a Call,
    pub(crate) effects: &'a [Effect],
    pub(crate) model_before: &'a Model,
    pub(crate) model: &'a Model,
    pub(crate) refusal: Option<Refusal>,
    /// The wake that is to come.
    pub(crate) timer: Option<Moment>,
}

/// One press, decided by the directory.
pub(crate) struct Press<'a> {
    pub(crate) link: LinkId,
    pub(crate) call: CallId,
    pub(crate) attempt: AttemptId,
    pub(crate) now: Moment,
    pub(crate) outcome: Result<Claim, TooSoon>,
    pub(crate) before: &'a Directory,
    pub(crate) after: &'a Directory,
}

/// What those who check are shown.
pub(crate) enum Happening<'a> {
    Stepped(Step<'a>),
    Pressed(Press<'a>),
    /// Nothing is under way.
    Settled {
        calls: Vec<&'a Call>,
        directory: &'a Directory,
    },
    /// Every call has ended.
    Over {
        calls: Vec<&'a Call>,
    },
}

/// Watches whatever happens, and panics where one rule is broken.
pub(crate) trait Check {
    fn see(&mut self, happening: &Happening<'_>);
}

struct Room {
    id: CallId,
    call: Call,
    model: Model,
    timer: Option<Moment>,
}

impl Room {
    fn new(id: u64, rules: Rules) -> Self {
        Self {
            id: CallId(id),
            call: Call::new(rules),
            model: Model::new(rules),
            timer: None,
        }
    }
}

#[derive(Clone, Copy)]
struct Known {
    session: SessionId,
    link: LinkId,
    epoch: Epoch,
}

/// The whole.
pub(crate) struct World {
    now: Moment,
    directory: Directory,
    /// Those that ended included; the last [`ROOMS`] are open.
    rooms: Vec<Room>,
    /// The open ones, as indices.
    open: [usize; ROOMS],
    under_way: Vec<(CallId, Event)>,
    delivered: Vec<(CallId, Event)>,
    attempts: Vec<(LinkId, AttemptId)>,
    sessions: Vec<Known>,
    checks: Vec<Box<dyn Check>>,
    /// How many events were handled and presses decided.
    pub(crate) events: usize,
}

impl World {
    pub(crate) fn new(rules: [Rules; ROOMS], checks: Vec<Box<dyn Check>>) -> Self {
        let rooms = (0..).zip(rules).map(|(id, it)| Room::new(id, it)).collect();
        Self {
            now: Moment::default(),
            directory: Directory::default(),
            rooms,
            open: [0, 1, 2],
            under_way: Vec::new(),
            delivered: Vec::new(),
            attempts: Vec::new(),
            sessions: Vec::new(),
            checks,
            events: 0,
        }
    }

    pub(crate) fn run(&mut self, ops: &[Op]) {
        for op in ops {
            self.perform(*op);
        }
        self.settle();
        for room in 0..self.rooms.len() {
            self.tell(room, Event::Ended);
        }
        let calls = self.rooms.iter().map(|it| &it.call).collect();
        show(&mut self.checks, &Happening::Over { calls });
    }

    fn perform(&mut self, op: Op) {
        match op {
            Op::Press {
                link,
                room,
                retries,
            } => self.press(LinkId(link), self.open[room], retries),
            Op::Fight {
                link,
                room,
                seconds,
            } => {
                for _ in 0..8 {
                    self.press(LinkId(link), self.open[room], None);
                    self.tick(seconds * 1000, true);
                }
            }
            Op::Deliver { pick } => {
                if !self.under_way.is_empty() {
                    let (call, event) = self.under_way.remove(pick % self.under_way.len());
                    self.deliver(call, event);
                }
            }
            Op::Replay { pick } => {
                if !self.delivered.is_empty() {
                    let late = self.delivered.len().min(40);
                    let at = self.delivered.len() - 1 - pick % late;
                    let (call, event) = self.delivered[at];
                    self.deliver(call, event);
                }
            }
            Op::Say { room, who, what } => self.say(self.open[room], who, what),
            Op::Disconnect { room, link } => {
                let link = LinkId(link);
                self.tell(self.open[room], Event::Disconnected { link });
            }
            Op::Withdraw { room, link } => {
                let link = LinkId(link);
                self.tell(self.open[room], Event::Withdrawn { link });
            }
            Op::Tick {
                milliseconds,
                on_time,
            } => self.tick(milliseconds, on_time),
            Op::Wake { room } => self.tell(self.open[room], Event::DeadlinePassed),
            Op::Settle => self.settle(),
            Op::End { room } => {
                let at = self.open[room];
                // Either way, in turn.
                let ended = self.rooms.len().is_multiple_of(2);
                let event = if ended { Event::Ended } else { Event::TimeUp };
                self.tell(at, event);
                self.open[room] = self.rooms.len();
                let rules = self.rooms[at].model.rules;
                self.rooms.push(Room::new(self.rooms.len() as u64, rules));
            }
        }
    }

    fn press(&mut self, link: LinkId, room: usize, retries: Option<usize>) {
        let earlier: Vec<_> = self.attempts.iter().filter(|it| it.0 == link).collect();
        let attempt = match retries {
            Some(back) if !earlier.is_empty() => {
                earlier[earlier.len() - 1 - back % earlier.len().min(4)].1
            }
            Some(_) | None => AttemptId(self.attempts.len() as u128),
        };
        self.attempts.push((link, attempt));
        let (call, now) = (self.rooms[room].id, self.now);
        let before = self.directory.clone();
        let outcome = self.directory.claim(link, call, attempt, now);
        self.events += 1;
        let press = Press {
            link,
            call,
            attempt,
            now,
            outcome,
            before: &before,
            after: &self.directory,
        };
        show(&mut self.checks, &Happening::Pressed(press));
        let (session, epoch) = match outcome {
            Ok(Claim::New {
                session,
                epoch,
                earlier,
                contested: _,
            }) => {
                if let Some(earlier) = earlier
                    && earlier.call != call
                {
                    self.under_way
                        .push((earlier.call, Event::Superseded { link, epoch }));
                }
                self.sessions.push(Known {
                    session,
                    link,
                    epoch,
                });
                (session, epoch)
            }
            Ok(Claim::Again { session, epoch }) => (session, epoch),
            Ok(Claim::Replaced) | Err(_) => return,
        };
        self.under_way.push((
            call,
            Event::JoinAsked {
                session,
                link,
                epoch,
            },
        ));
    }

    /// Tells a room's call of somebody: mostly of one who is in it, else of any session ever.
    fn say(&mut self, room: usize, who: usize, what: What) {
        let members = &self.rooms[room].model.members;
        let (session, epoch) = if who % 5 < 4 && !members.is_empty() {
            let it = members[who / 5 % members.len()];
            (it.session, it.epoch)
        } else if !self.sessions.is_empty() {
            let recent = self.sessions.len().min(20);
            let it = self.sessions[self.sessions.len() - 1 - who % recent];
            (it.session, it.epoch)
        } else {
            return;
        };
        self.tell(room, what.event(session, epoch));
    }

    fn tick(&mut self, milliseconds: u64, on_time: bool) {
        let end = self.now.after(Duration::from_millis(milliseconds));
        let next = |rooms: &[Room]| {
            let timers = (0..).zip(rooms).filter_map(|(n, it)| Some((it.timer?, n)));
            timers.min().filter(|(at, _)| on_time && *at <= end)
        };
        while let Some((at, room)) = next(&self.rooms) {
            self.now = at.max(self.now);
            self.tell(room, Event::DeadlinePassed);
        }
        self.now = end;
    }

    fn settle(&mut self) {
        while !self.under_way.is_empty() {
            let (call, event) = self.under_way.remove(0);
            self.deliver(call, event);
        }
        let calls = self.rooms.iter().map(|it| &it.call).collect();
        let directory = &self.directory;
        show(&mut self.checks, &Happening::Settled { calls, directory });
    }

    fn deliver(&mut self, call: CallId, event: Event) {
        let room = self
            .rooms
            .iter()
            .position(|it| it.id == call)
            .expect("no room is forgotten");
        self.delivered.push((call, event));
        self.tell(room, event);
    }

    fn tell(&mut self, room: usize, event: Event) {
        let now = self.now;
        let room = &mut self.rooms[room];
        let before = room.call.clone();
        let model_before = room.model.clone();
        if event == Event::DeadlinePassed {
            room.timer = None;
        }
        let effects = room.call.handle(event, now);
        let refusal = room.model.tell(event, now);
        for effect in &effects {
            if let Effect::WakeAt(at) = effect {
                room.timer = Some(*at);
            }
        }
        self.events += 1;
        let step = Step {
            call: room.id,
            event,
            now,
            before: &before,
            after: &room.call,
            effects: &effects,
            model_before: &model_before,
            model: &room.model,
            refusal,
            timer: room.timer,
        };
        show(&mut self.checks, &Happening::Stepped(step));
        self.release(&effects, event);
    }

    /// Tells the directory of sessions that are over, or never began.
    fn release(&mut self, effects: &[Effect], event: Event) {
        for effect in effects {
            let never_began = matches!(event, Event::JoinAsked { .. });
            let over = if let Effect::Evict { session, .. } = *effect {
                session
            } else if let Effect::Refuse { session, .. } = *effect
                && never_began
            {
                session
            } else {
                continue;
            };
            let known = self.sessions.iter().find(|it| it.session == over);
            let known = known.expect("no session is forgotten");
            self.directory.release(known.link, over);
        }
    }
}

fn show(checks: &mut [Box<dyn Check>], happening: &Happening<'_>) {
    for check in checks {
        check.see(happening);
    }
}
