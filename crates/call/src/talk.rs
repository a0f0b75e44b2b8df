//! The clock of a talk that has its hours: when it ends, what makes it longer, and who was there.
//!
//! It counts by the clock on the wall, as people do: whoever steps the machine's clock steps the
//! evening.

use jiff::{SignedDuration, Timestamp};

/// By how much it is made longer at a time.
pub const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The hours of a talk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hours {
    /// Its first moment.
    pub starts: Timestamp,
    /// The moment after it, as it was planned.
    pub ends: Timestamp,
    /// Until when it may be made longer: what its people have next begins then.
    pub latest: Timestamp,
}

/// How a talk went so far: what outlives the call it is held in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Course {
    /// When somebody of the school was first there.
    pub school_at: Option<Timestamp>,
    /// When somebody of the family first was, of the time that is theirs: whoever comes early is
    /// there when it begins.
    pub family_at: Option<Timestamp>,
    /// When both first were.
    pub met_at: Option<Timestamp>,
    /// By how much it was made longer.
    pub longer: SignedDuration,
}

impl Course {
    /// When it ends, as things stand: never earlier than planned, and never later than may be.
    #[must_use]
    pub fn ends(&self, hours: &Hours) -> Timestamp {
        let longer = hours.ends.checked_add(self.longer);
        let latest = hours.latest.max(hours.ends);
        longer.unwrap_or(latest).clamp(hours.ends, latest)
    }
}

/// Which sides have somebody there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct There {
    /// The school's.
    pub school: bool,
    /// The family's.
    pub family: bool,
}

/// What happened to a talk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TalkEvent {
    /// Who is there may have changed.
    Seen(There),
    /// Its hours, what begins after it, or what is kept of how it went may have changed.
    Read(Hours, Course),
    /// Somebody who may do so asks for a minute more.
    MinuteAsked,
    /// The moment of [`Talk::wake`] has come.
    DeadlinePassed,
}

/// What follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TalkEffect {
    /// It goes on differently than what was kept of it: keep this.
    Keep(Course),
    /// It has other hours than everybody was told, or may be made longer no more, or again.
    Tell,
    /// It is a minute longer, as somebody asked.
    Added,
    /// What was lost while the family waited for the school is given back, as far as it can be.
    GivenBack(SignedDuration),
    /// A minute more does not fit before what comes next.
    NoRoom,
    /// It is over.
    End,
}

/// One talk, as it goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Talk {
    hours: Hours,
    course: Course,
    there: There,
    /// It ends no sooner: nobody is cut off by what is booked behind it without a minute's warning.
    warned: Option<Timestamp>,
    /// Since when, of the time that is theirs, the family waits for somebody of the school who has
    /// not been there yet.
    waits_since: Option<Timestamp>,
    is_over: bool,
}

impl Talk {
    /// A talk in which nobody is, and how it went before.
    #[must_use]
    pub fn new(hours: Hours, course: Course) -> Self {
        Self {
            hours,
            course,
            there: There::default(),
            warned: None,
            waits_since: None,
            is_over: false,
        }
    }

    /// When it begins.
    #[must_use]
    pub const fn starts(&self) -> Timestamp {
        self.hours.starts
    }

    /// When it ends, as things stand.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        let ends = self.course.ends(&self.hours);
        self.warned.map_or(ends, |it| it.max(ends))
    }

    /// Whether a minute more fits before what comes next.
    #[must_use]
    pub fn may_be_longer(&self) -> bool {
        let longer = self.ends().checked_add(MINUTE);
        !self.is_over && longer.is_ok_and(|it| it <= self.hours.latest)
    }

    /// When [`TalkEvent::DeadlinePassed`] is to be handed in: when it begins, and when it ends.
    #[must_use]
    pub fn wake(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_over {
            None
        } else if now < self.hours.starts {
            Some(self.hours.starts)
        } else {
            Some(self.ends())
        }
    }

    /// Takes one event and gives all its consequences, in the order to perform them.
    pub fn handle(&mut self, event: TalkEvent, now: Timestamp) -> Vec<TalkEffect> {
        let before = (self.hours.starts, self.ends(), self.may_be_longer());
        let kept = self.course;
        let mut effects = Vec::new();
        match event {
            TalkEvent::Seen(there) => self.there = there,
            TalkEvent::Read(hours, course) => self.read(hours, course, now),
            TalkEvent::MinuteAsked => effects.push(self.add_minute()),
            TalkEvent::DeadlinePassed => {}
        }
        effects.extend(self.look(now));
        if self.course != kept {
            effects.push(TalkEffect::Keep(self.course));
        }
        if now >= self.ends() && !self.is_over {
            self.is_over = true;
            effects.push(TalkEffect::End);
        } else if (self.hours.starts, self.ends(), self.may_be_longer()) != before {
            effects.push(TalkEffect::Tell);
        }
        effects
    }

    /// What is kept may lag behind, or be of a call before this one. A talk that was moved begins anew.
    fn read(&mut self, hours: Hours, kept: Course, now: Timestamp) {
        if hours.starts == self.hours.starts {
            let (told, planned) = (self.ends(), self.hours.ends);
            self.hours = hours;
            self.course = Course {
                school_at: self.course.school_at.or(kept.school_at),
                family_at: self.course.family_at.or(kept.family_at),
                met_at: self.course.met_at.or(kept.met_at),
                longer: self.course.longer.max(kept.longer),
            };
            if hours.ends == planned && self.ends() < told {
                let soonest = now.checked_add(MINUTE).unwrap_or(told);
                self.warned = Some(soonest.min(told));
            }
        } else {
            let there = self.there;
            *self = Self::new(hours, kept);
            self.there = there;
        }
    }

    fn add_minute(&mut self) -> TalkEffect {
        if !self.may_be_longer() {
            return TalkEffect::NoRoom;
        }
        self.make_longer(MINUTE);
        TalkEffect::Added
    }

    /// Writes down who is there, and gives back what the school's coming late has cost.
    fn look(&mut self, now: Timestamp) -> Option<TalkEffect> {
        let There { school, family } = self.there;
        let is_their_time = self.hours.starts <= now && now < self.ends();
        if family && is_their_time {
            self.course.family_at.get_or_insert(now);
        }
        if school && family {
            self.course.met_at.get_or_insert(now);
        }
        let is_first = school && self.course.school_at.is_none();
        if is_first {
            self.course.school_at = Some(now);
        }
        let waited = self.waits_since.filter(|_| is_first && is_their_time);
        let waits = family && self.course.school_at.is_none() && is_their_time;
        self.waits_since = waits.then(|| self.waits_since.unwrap_or(now));
        let lost = now.duration_since(waited?);
        let before = self.ends();
        self.make_longer(lost);
        let given = self.ends().duration_since(before);
        (given > SignedDuration::ZERO).then_some(TalkEffect::GivenBack(given))
    }

    /// Longer by that, as far as there is room.
    fn make_longer(&mut self, by: SignedDuration) {
        let so_far = self.ends().duration_since(self.hours.ends);
        self.course.longer = so_far.saturating_add(by);
        self.course.longer = self.ends().duration_since(self.hours.ends);
    }
}
