//! Several calls, the register above them and everything that can go late between: it plays the
//! program's part, is killed and begins again, and shows whatever happens to those who check.

use std::collections::BTreeMap;
use std::time::Duration;

use call::{AttemptId, Call, CallId, Claim, Effect, Epoch, Event, LinkId, Parting};
use call::{Moment, Refusal, Register, Rules, Session, SessionId, TooSoon, Whereabouts};

use crate::model::Model;
use crate::ops::{Op, ROOMS, What};
use crate::stage::{is_host, may_hold};

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

/// One press, decided by the register.
pub(crate) struct Press<'a> {
    pub(crate) link: LinkId,
    pub(crate) call: CallId,
    pub(crate) attempt: AttemptId,
    pub(crate) now: Moment,
    pub(crate) outcome: Result<Claim, TooSoon>,
    pub(crate) before: &'a Register,
    pub(crate) after: &'a Register,
}

/// What those who check are shown.
pub(crate) enum Happening<'a> {
    Stepped(Step<'a>),
    Pressed(Press<'a>),
    /// Nothing is under way.
    Settled {
        calls: Vec<&'a Call>,
        register: &'a Register,
    },
    /// The program was killed and has begun again, with what was written down.
    Restarted {
        calls: Vec<(CallId, &'a Call)>,
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
    epoch: Epoch,
}

/// The whole.
pub(crate) struct World {
    now: Moment,
    register: Register,
    /// What outlives the program.
    written: BTreeMap<SessionId, Session>,
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
            register: Register::default(),
            written: BTreeMap::new(),
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
            Op::Disconnect { .. }
            | Op::Answer { .. }
            | Op::Hold { .. }
            | Op::Door { .. }
            | Op::Withdraw { .. }
            | Op::Wake { .. } => {
                let (room, event) = op.told().expect("something that a call is told");
                self.tell(self.open[room], event);
            }
            Op::Tick {
                milliseconds,
                on_time,
            } => self.tick(milliseconds, on_time),
            Op::Settle => self.settle(),
            Op::Write => self.write(),
            Op::Restart => self.restart(),
            Op::End { room } => {
                let at = self.open[room];
                // Each way, in turn.
                let event = match self.rooms.len() % 3 {
                    0 => Event::Ended,
                    1 => Event::TimeUp,
                    _ => Event::Stopped,
                };
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
        let before = self.register.clone();
        let outcome = self.register.claim(link, call, attempt, now);
        self.events += 1;
        let press = Press {
            link,
            call,
            attempt,
            now,
            outcome,
            before: &before,
            after: &self.register,
        };
        show(&mut self.checks, &Happening::Pressed(press));
        let (session, epoch) = match outcome {
            Ok(Claim::New {
                session,
                epoch,
                earlier,
                contested: _,
            }) => {
                if earlier.is_some() {
                    // No call hears of it before it is written down.
                    self.write();
                }
                if let Some(earlier) = earlier
                    && earlier.call != call
                {
                    self.under_way
                        .push((earlier.call, Event::Superseded { link, epoch }));
                }
                self.sessions.push(Known { session, epoch });
                (session, epoch)
            }
            Ok(Claim::Again { session, epoch }) => (session, epoch),
            Ok(Claim::Over(_)) | Err(_) => return,
        };
        self.under_way.push((
            call,
            Event::JoinAsked {
                session,
                link,
                epoch,
                is_host: is_host(link),
                may_hold: may_hold(link),
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
        let register = &self.register;
        show(&mut self.checks, &Happening::Settled { calls, register });
    }

    /// What changed is written down, all of it as it is at this moment.
    fn write(&mut self) {
        self.written.extend(self.register.take_changed());
    }

    /// The program is killed, and begins again with what was written down: whatever was under way is
    /// lost, and every socket.
    fn restart(&mut self) {
        self.under_way.clear();
        self.delivered.clear();
        let highest = self.sessions.iter().map(|it| it.session.0).max();
        let written = std::mem::take(&mut self.written);
        let (register, mut kept) =
            Register::restored(highest.unwrap_or(0) + 1000, written.clone(), self.now);
        (self.register, self.written) = (register, written);
        for at in self.open {
            let room = &mut self.rooms[at];
            let kept = kept.remove(&room.id).unwrap_or_default();
            let rules = room.model.rules;
            room.call = Call::restored(rules, &kept, is_host, may_hold, self.now);
            room.model = Model::restored(rules, &kept, self.now);
            room.timer = None;
        }
        // Nobody is kept in a call that has ended.
        for it in kept.into_values().flatten() {
            self.register.release(it.session, Parting::Ended, self.now);
        }
        let calls = self.rooms.iter().map(|it| (it.id, &it.call)).collect();
        show(&mut self.checks, &Happening::Restarted { calls });
        for at in self.open {
            self.tell(at, Event::DeadlinePassed);
        }
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
        let (call, here) = (room.id, whereabouts(&room.call));
        self.release(&effects, event);
        self.register.arrange(call, here);
    }

    /// Tells the register of sessions that are over, or never began.
    fn release(&mut self, effects: &[Effect], event: Event) {
        for effect in effects {
            let never_began = matches!(event, Event::JoinAsked { .. });
            let (over, why) = if let Effect::Evict { session, reason } = *effect {
                (session, reason)
            } else if let Effect::Refuse { session, .. } = *effect
                && never_began
            {
                (session, Parting::TimedOut)
            } else {
                continue;
            };
            self.register.release(over, why, self.now);
        }
    }
}

/// Where a call holds everybody.
fn whereabouts(call: &Call) -> Vec<(SessionId, Whereabouts)> {
    let seated = call.people().map(|it| {
        let is_in = if it.on_hold {
            Whereabouts::OnHold
        } else {
            Whereabouts::Seated
        };
        (it.session, is_in(it.seat))
    });
    let waiting = (0..)
        .zip(call.waiting())
        .map(|(place, it)| (it.session, Whereabouts::Waiting(place)));
    seated.chain(waiting).collect()
}

fn show(checks: &mut [Box<dyn Check>], happening: &Happening<'_>) {
    for check in checks {
        check.see(happening);
    }
}
