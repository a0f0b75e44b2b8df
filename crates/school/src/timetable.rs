//! Who is where at which slot of one evening, and what may be booked, moved and cancelled.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::automatic;
use crate::evening::{Evening, Slot, SlotNumber};
use crate::ids::{BookingId, ClassId, ContactId, StudentId, TeacherId};
use crate::people::JointTeachers;
use crate::refusal::Refusal;

/// A talk that was made longer gives up to so much of a time that comes after it to whoever books that, as long as it
/// has so much of its own left: whoever is in it hears in time that it ends sooner.
const YIELDS: SignedDuration = SignedDuration::from_mins(1);

/// Whether a talk that was to be over at `end`, and goes on until `until`, keeps a time that starts then from others.
#[must_use]
pub fn talk_reaches(
    (end, until): (Timestamp, Timestamp),
    start: Timestamp,
    now: Timestamp,
) -> bool {
    let goes_into = end <= start && start < until && now < until;
    let yields = until.duration_since(start) <= YIELDS && start.duration_since(now) >= YIELDS;
    goes_into && !yields
}

/// What a parent wants: an appointment about a student with the teachers of a class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wish {
    /// About whom.
    pub student: StudentId,
    /// Which class.
    pub class: ClassId,
    /// Who takes it.
    pub teachers: JointTeachers,
    /// Where the first of them stands in walking order; the lowest is visited first.
    pub place: i64,
}

/// An appointment that was booked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Booked {
    /// Its id.
    pub id: BookingId,
    /// Who booked it.
    pub parent: ContactId,
    /// About whom.
    pub student: StudentId,
    /// Which class.
    pub class: ClassId,
    /// Who takes it.
    pub teachers: JointTeachers,
    /// Whether it waits for the office, because others are to take it: at another time they do.
    pub waits: bool,
    /// When.
    pub slot: SlotNumber,
    /// The moment after it: of one that is over, also where the evening has other times since.
    pub end: Timestamp,
    /// Until when its talk may go on: later than its end where it was made longer.
    pub until: Timestamp,
    /// Whether both sides met, or its call was stopped: what it was for has been.
    pub was_held: bool,
}

impl Booked {
    /// Whether it is over and was not held: then it is in nobody's way.
    fn is_missed(&self, now: Timestamp) -> bool {
        self.until <= now && !self.was_held
    }

    /// Whether it is then, or its talk, which was made longer and is not over, reaches into that slot.
    fn is_at(&self, slot: Slot, now: Timestamp) -> bool {
        self.slot == slot.number || talk_reaches((self.end, self.until), slot.start, now)
    }

    /// Its own time counts, and not that of its number, which an evening that was moved may have at
    /// another.
    fn check_to_come(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.end <= now {
            return Err(Refusal::SlotOver);
        }
        Ok(())
    }
}

/// Whether a parent may have a slot of a class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SlotState {
    /// It is free.
    Free,
    /// It is free, but the parent has another appointment then.
    Clash,
    /// It is the parent's appointment for that student and class.
    Yours,
    /// Somebody else has one of the teachers then.
    Taken,
    /// A talk that one of the teachers is in was made longer, and goes on into it.
    TalkGoesOn,
    /// Its time has passed.
    Past,
}

/// When automatic booking may book.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// Nothing that starts before this.
    pub from: Timestamp,
    /// Nothing that ends after this.
    pub until: Timestamp,
}

impl Window {
    /// Any time.
    pub const ALWAYS: Self = Self {
        from: Timestamp::MIN,
        until: Timestamp::MAX,
    };
}

/// What booking automatically came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The wishes that can be met, each with its slot, in the order of slots.
    pub met: Vec<(Wish, SlotNumber)>,
    /// The others, each with the reason.
    pub unmet: Vec<(Wish, Refusal)>,
}

/// An appointment of another evening that is held at the same time (EVE-19).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Elsewhere {
    /// Who booked it.
    pub parent: ContactId,
    /// One of those who take it.
    pub teacher: TeacherId,
    /// Its first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
    /// Until when its talk may go on.
    pub until: Timestamp,
}

impl Elsewhere {
    fn is_at(&self, slot: Slot, now: Timestamp) -> bool {
        self.is_then(slot) || talk_reaches((self.end, self.until), slot.start, now)
    }

    fn is_then(&self, slot: Slot) -> bool {
        self.start < slot.end && slot.start < self.end
    }
}

/// The appointments of one evening that bear on what somebody asks, and those of evenings that
/// overlap with it.
///
/// It answers rightly about a parent and a class if it knows all appointments of that parent and
/// all of the class's teachers, and of those who take what the parent has.
#[derive(Clone, Debug)]
pub struct Timetable<'a> {
    evening: &'a Evening,
    booked: Vec<Booked>,
    elsewhere: Vec<Elsewhere>,
}

impl<'a> Timetable<'a> {
    /// These appointments of that evening.
    #[must_use]
    pub const fn new(evening: &'a Evening, booked: Vec<Booked>) -> Self {
        Self {
            evening,
            booked,
            elsewhere: Vec::new(),
        }
    }

    /// With appointments of other evenings.
    #[must_use]
    pub fn beside(mut self, elsewhere: Vec<Elsewhere>) -> Self {
        self.elsewhere = elsewhere;
        self
    }

    /// The appointments.
    #[must_use]
    pub fn booked(&self) -> &[Booked] {
        &self.booked
    }

    /// How every slot stands for a parent who wishes this, in order. What they have is moved with those who take it.
    #[must_use]
    pub fn states(&self, parent: ContactId, wish: &Wish, now: Timestamp) -> Vec<(Slot, SlotState)> {
        let own = self.own(parent, wish, now);
        let takers = own
            .filter(|it| !it.waits)
            .map_or(&wish.teachers, |it| &it.teachers);
        let state = |slot: Slot| match self.check_free(parent, takers, slot, None, now) {
            _ if own.is_some_and(|it| it.slot == slot.number) => SlotState::Yours,
            _ if slot.end <= now => SlotState::Past,
            Ok(()) => SlotState::Free,
            Err(Refusal::ParentBusy) if !self.is_taken(takers, slot, now) => SlotState::Clash,
            Err(Refusal::SlotTaken) if !self.is_booked(takers, slot) => SlotState::TalkGoesOn,
            Err(_) => SlotState::Taken,
        };
        self.evening
            .slots()
            .map(|slot| (slot, state(slot)))
            .collect()
    }

    /// The slots that have not begun, within `window`, at which all these teachers are free, and the parent too.
    fn free(
        &self,
        parent: ContactId,
        teachers: &JointTeachers,
        window: Window,
        now: Timestamp,
    ) -> BTreeSet<SlotNumber> {
        self.evening
            .slots()
            .filter(|it| now <= it.start && window.from <= it.start && it.end <= window.until)
            .filter(|slot| self.check_free(parent, teachers, *slot, None, now).is_ok())
            .map(|slot| slot.number)
            .collect()
    }

    /// Whether `parent` may book `wish` at `slot` now.
    ///
    /// # Errors
    ///
    /// Those of [`Evening::check_booking`] and [`Evening::slot_to_come`];
    /// [`Refusal::AlreadyBooked`], [`Refusal::ParentBusy`] and [`Refusal::SlotTaken`].
    pub fn check_book(
        &self,
        parent: ContactId,
        wish: &Wish,
        slot: SlotNumber,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.evening.check_booking(now)?;
        let slot = self.evening.slot_to_come(slot, now)?;
        if self.own(parent, wish, now).is_some() {
            return Err(Refusal::AlreadyBooked);
        }
        self.check_free(parent, &wish.teachers, slot, None, now)
    }

    /// Books `wish` at `slot` under that id.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check_book`]; nothing has changed then.
    pub fn book(
        &mut self,
        id: BookingId,
        parent: ContactId,
        wish: &Wish,
        slot: SlotNumber,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_book(parent, wish, slot, now)?;
        let end = self.evening.slot(slot)?.end;
        self.booked.push(Booked {
            id,
            parent,
            student: wish.student,
            class: wish.class,
            teachers: wish.teachers.clone(),
            waits: false,
            slot,
            end,
            until: end,
            was_held: false,
        });
        Ok(())
    }

    /// Moves an appointment of `parent` to another slot; to the one it has changes nothing. One that
    /// waits for the office goes to those who are `meant` to take it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the parent has no such appointment, [`Refusal::SlotOver`] where
    /// it is over, and those of [`Self::check_book`].
    pub fn move_to(
        &mut self,
        id: BookingId,
        parent: ContactId,
        slot: SlotNumber,
        meant: Option<&JointTeachers>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let booked = self.find(id, parent)?;
        self.evening.check_booking(now)?;
        booked.check_to_come(now)?;
        let takers = meant.unwrap_or(&booked.teachers).clone();
        let to = self.evening.slot_to_come(slot, now)?;
        self.check_free(parent, &takers, to, Some(id), now)?;
        for one in self.booked.iter_mut().filter(|it| it.id == id) {
            one.teachers = takers.clone();
            one.slot = slot;
            one.end = to.end;
            one.until = to.end;
        }
        Ok(())
    }

    /// Cancels an appointment of `parent`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::SlotOver`], and those of [`Evening::check_booking`].
    pub fn cancel(
        &mut self,
        id: BookingId,
        parent: ContactId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let booked = self.find(id, parent)?;
        self.evening.check_booking(now)?;
        booked.check_to_come(now)?;
        self.booked.retain(|it| it.id != id);
        Ok(())
    }

    /// A plan for all these wishes within `window` without clashes: in walking order where that can be, else as
    /// many of them as can be. It books nothing.
    ///
    /// # Errors
    ///
    /// Those of [`Evening::check_booking`]. Wishes are refused singly, in the plan.
    pub fn plan(
        &self,
        parent: ContactId,
        wishes: &[Wish],
        window: Window,
        now: Timestamp,
    ) -> Result<Plan, Refusal> {
        self.evening.check_booking(now)?;
        let mut plan = Plan {
            met: Vec::new(),
            unmet: Vec::new(),
        };
        let mut open: Vec<(Wish, BTreeSet<SlotNumber>)> = Vec::new();
        for wish in wishes {
            let is_twice = open
                .iter()
                .any(|(it, _)| it.student == wish.student && it.class == wish.class);
            if is_twice || self.own(parent, wish, now).is_some() {
                plan.unmet.push((wish.clone(), Refusal::AlreadyBooked));
            } else {
                open.push((wish.clone(), self.free(parent, &wish.teachers, window, now)));
            }
        }
        open.sort_by_key(|(wish, _)| (wish.place, wish.student, wish.class));
        let free: Vec<_> = open.iter().map(|(_, free)| free.clone()).collect();
        for ((wish, _), slot) in open.into_iter().zip(automatic::assign(&free)) {
            match slot {
                Some(slot) => plan.met.push((wish, slot)),
                None => plan.unmet.push((wish, Refusal::NoTimeLeft)),
            }
        }
        plan.met.sort_by_key(|(_, slot)| *slot);
        Ok(plan)
    }

    fn find(&self, id: BookingId, parent: ContactId) -> Result<&Booked, Refusal> {
        self.booked
            .iter()
            .find(|it| it.id == id && it.parent == parent)
            .ok_or(Refusal::NotFound)
    }

    /// The parent's appointment for that student and class, but for one that was missed.
    fn own(&self, parent: ContactId, wish: &Wish, now: Timestamp) -> Option<&Booked> {
        self.booked.iter().find(|it| {
            (it.parent, it.student, it.class) == (parent, wish.student, wish.class)
                && !it.is_missed(now)
        })
    }

    /// Whether one of these teachers is taken then.
    fn is_taken(&self, teachers: &JointTeachers, slot: Slot, now: Timestamp) -> bool {
        self.booked
            .iter()
            .any(|it| it.is_at(slot, now) && it.teachers.shares_one_with(teachers))
            || self
                .elsewhere_at(slot, now)
                .any(|it| teachers.as_slice().contains(&it.teacher))
    }

    /// Whether one of these teachers has an appointment of that time itself.
    fn is_booked(&self, teachers: &JointTeachers, slot: Slot) -> bool {
        self.booked
            .iter()
            .any(|it| it.slot == slot.number && it.teachers.shares_one_with(teachers))
            || self
                .elsewhere
                .iter()
                .any(|it| it.is_then(slot) && teachers.as_slice().contains(&it.teacher))
    }

    /// What is held elsewhere during a slot.
    fn elsewhere_at(&self, slot: Slot, now: Timestamp) -> impl Iterator<Item = &Elsewhere> {
        self.elsewhere.iter().filter(move |it| it.is_at(slot, now))
    }

    /// Whether the parent and all teachers are free at `slot`, `except` for one appointment.
    fn check_free(
        &self,
        parent: ContactId,
        teachers: &JointTeachers,
        slot: Slot,
        except: Option<BookingId>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut then = self
            .booked
            .iter()
            .filter(|it| it.is_at(slot, now) && Some(it.id) != except);
        let is_busy = then.clone().any(|it| it.parent == parent)
            || self.elsewhere_at(slot, now).any(|it| it.parent == parent);
        if is_busy {
            return Err(Refusal::ParentBusy);
        }
        let is_taken = then.any(|it| it.teachers.shares_one_with(teachers))
            || self
                .elsewhere_at(slot, now)
                .any(|it| teachers.as_slice().contains(&it.teacher));
        if is_taken {
            return Err(Refusal::SlotTaken);
        }
        Ok(())
    }
}
