//! Booking, moving, cancelling and booking automatically, against a table of who is where.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;
use school::timetable::{Booked, SlotState, Timetable, Window, Wish};
use school::{
    BookingId, ClassId, ContactId, Evening, JointTeachers, Refusal, SlotNumber, StudentId,
    TeacherId,
};

use crate::world::{SLOTS, config, evening, minute};

/// Who takes which class: alone, jointly, and all of them.
const CLASSES: [&[u64]; 4] = [&[1], &[2], &[1, 2], &[3, 1, 2]];

#[derive(Clone, Debug)]
enum Op {
    Book {
        parent: u64,
        student: u64,
        class: usize,
        slot: u16,
    },
    Move {
        id: u64,
        parent: u64,
        slot: u16,
    },
    Cancel {
        id: u64,
        parent: u64,
    },
    Automatic {
        parent: u64,
        student: u64,
        classes: Vec<usize>,
    },
    /// So many minutes pass.
    Pass {
        minutes: i64,
    },
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let parent = || 1..4_u64;
    let class = || 0..CLASSES.len();
    let slot = || 0..SLOTS + 1;
    let op = prop_oneof![
        6 => (parent(), 1..3_u64, class(), slot())
            .prop_map(|(parent, student, class, slot)| Op::Book { parent, student, class, slot }),
        3 => (0..12_u64, parent(), slot()).prop_map(|(id, parent, slot)| Op::Move { id, parent, slot }),
        2 => (0..12_u64, parent()).prop_map(|(id, parent)| Op::Cancel { id, parent }),
        2 => (parent(), 1..3_u64, prop::collection::vec(class(), 0..4))
            .prop_map(|(parent, student, classes)| Op::Automatic { parent, student, classes }),
        1 => (0..15_i64).prop_map(|minutes| Op::Pass { minutes }),
    ];
    prop::collection::vec(op, 0..25)
}

fn wish(student: u64, class: usize) -> Wish {
    let teachers = CLASSES[class].iter().copied().map(TeacherId).collect();
    Wish {
        student: StudentId(student),
        class: ClassId(u64::try_from(class).expect("few")),
        teachers: JointTeachers::new(teachers).expect("1 to 3"),
        place: i64::try_from(CLASSES[class][0]).expect("few"),
    }
}

/// A chair for everybody at every slot, with the appointment that sits in it.
#[derive(Clone, Debug, Default)]
struct Model {
    parents: BTreeMap<(u64, u16), u64>,
    teachers: BTreeMap<(u64, u16), u64>,
    about: BTreeMap<u64, (u64, u64, usize, u16)>,
}

impl Model {
    fn check_chairs(
        &self,
        parent: u64,
        class: usize,
        slot: u16,
        own: Option<u64>,
    ) -> Result<(), Refusal> {
        let is_others = |it: Option<&u64>| it.is_some_and(|it| Some(*it) != own);
        if is_others(self.parents.get(&(parent, slot))) {
            return Err(Refusal::ParentBusy);
        }
        if CLASSES[class]
            .iter()
            .any(|it| is_others(self.teachers.get(&(*it, slot))))
        {
            return Err(Refusal::SlotTaken);
        }
        Ok(())
    }

    /// Nobody ever meets: what is over was missed.
    fn has(&self, now: i64, parent: u64, student: u64, class: usize) -> bool {
        self.about.values().any(|it| {
            (it.0, it.1, it.2) == (parent, student, class) && now < i64::from(it.3 + 1) * 10
        })
    }

    fn sit(&mut self, id: u64, (parent, student, class, slot): (u64, u64, usize, u16)) {
        self.parents.insert((parent, slot), id);
        for teacher in CLASSES[class] {
            self.teachers.insert((*teacher, slot), id);
        }
        self.about.insert(id, (parent, student, class, slot));
    }

    fn rise(&mut self, id: u64) {
        self.parents.retain(|_, it| *it != id);
        self.teachers.retain(|_, it| *it != id);
        self.about.remove(&id);
    }

    /// What `book` should say: the evening's clock first, then the chairs.
    fn book(&mut self, now: i64, id: u64, one: (u64, u64, usize, u16)) -> Result<(), Refusal> {
        clock(now, one.3)?;
        if self.has(now, one.0, one.1, one.2) {
            return Err(Refusal::AlreadyBooked);
        }
        self.check_chairs(one.0, one.2, one.3, None)?;
        self.sit(id, one);
        Ok(())
    }

    fn shift(&mut self, now: i64, id: u64, parent: u64, slot: u16) -> Result<(), Refusal> {
        let one = self.own(id, parent)?;
        clock(now, one.3)?;
        clock(now, slot)?;
        self.check_chairs(parent, one.2, slot, Some(id))?;
        self.rise(id);
        self.sit(id, (one.0, one.1, one.2, slot));
        Ok(())
    }

    fn cancel(&mut self, now: i64, id: u64, parent: u64) -> Result<(), Refusal> {
        let one = self.own(id, parent)?;
        clock(now, one.3)?;
        self.rise(id);
        Ok(())
    }

    fn own(&self, id: u64, parent: u64) -> Result<(u64, u64, usize, u16), Refusal> {
        let one = self.about.get(&id).filter(|it| it.0 == parent);
        one.copied().ok_or(Refusal::NotFound)
    }
}

/// Ten minutes a slot; after the last the evening is over, and booking with it.
fn clock(now: i64, slot: u16) -> Result<(), Refusal> {
    if now >= i64::from(SLOTS) * 10 {
        Err(Refusal::BookingClosed)
    } else if slot >= SLOTS {
        Err(Refusal::NoSuchSlot)
    } else if now >= i64::from(slot + 1) * 10 {
        Err(Refusal::SlotOver)
    } else {
        Ok(())
    }
}

/// Whether it has begun: then it may be chosen, and is chosen for nobody.
fn has_begun(now: i64, slot: u16) -> bool {
    now > i64::from(slot) * 10
}

fn check_same(timetable: &Timetable<'_>, model: &Model) -> Result<(), TestCaseError> {
    let all: BTreeMap<_, _> = timetable
        .booked()
        .iter()
        .map(|it| {
            let class = usize::try_from(it.class.0).expect("few");
            (it.id.0, (it.parent.0, it.student.0, class, it.slot.0))
        })
        .collect();
    prop_assert_eq!(&all, &model.about);
    Ok(())
}

fn check_states(
    timetable: &Timetable<'_>,
    model: &Model,
    evening: &Evening,
    minutes: i64,
) -> Result<(), TestCaseError> {
    for parent in 1..4 {
        for (class, teachers) in CLASSES.iter().enumerate() {
            let states =
                timetable.states(ContactId(parent), &wish(1, class), minute(evening, minutes));
            for (slot, state) in states {
                let number = slot.number.0;
                let own = model
                    .about
                    .values()
                    .any(|it| *it == (parent, 1, class, number));
                let taken = |it: &&u64| model.teachers.contains_key(&(**it, number));
                let expected = if minutes >= i64::from(number + 1) * 10 {
                    SlotState::Past
                } else if own {
                    SlotState::Yours
                } else if teachers.iter().any(|it| taken(&it)) {
                    SlotState::Taken
                } else if model.parents.contains_key(&(parent, number)) {
                    SlotState::Clash
                } else {
                    SlotState::Free
                };
                prop_assert_eq!(state, expected);
            }
        }
    }
    Ok(())
}

/// Books a plan in both, and checks it: nothing clashes, and what is left over cannot be met.
fn check_plan(
    timetable: &mut Timetable<'_>,
    model: &mut Model,
    next: &mut u64,
    (parent, wishes): (u64, &[Wish]),
    (now, minutes): (Timestamp, i64),
) -> Result<(), TestCaseError> {
    let who = ContactId(parent);
    let plan = match timetable.plan(who, wishes, Window::ALWAYS, now) {
        Ok(plan) => plan,
        Err(refusal) => {
            prop_assert_eq!(Err(refusal), clock(minutes, 0));
            return Ok(());
        }
    };
    prop_assert_eq!(plan.met.len() + plan.unmet.len(), wishes.len());
    prop_assert!(plan.met.is_sorted_by_key(|it| it.1));
    for (wish, slot) in plan.met {
        let class = usize::try_from(wish.class.0).expect("few");
        prop_assert!(!has_begun(minutes, slot.0));
        prop_assert_eq!(
            model.book(minutes, *next, (parent, wish.student.0, class, slot.0)),
            Ok(())
        );
        prop_assert_eq!(
            timetable.book(BookingId(*next), who, &wish, slot, now),
            Ok(())
        );
        *next += 1;
    }
    for (wish, refusal) in plan.unmet {
        let class = usize::try_from(wish.class.0).expect("few");
        if model.has(minutes, parent, wish.student.0, class) {
            prop_assert_eq!(refusal, Refusal::AlreadyBooked);
            continue;
        }
        prop_assert_eq!(refusal, Refusal::NoTimeLeft);
        let fits = (0..SLOTS).any(|slot| {
            clock(minutes, slot).is_ok()
                && !has_begun(minutes, slot)
                && model.check_chairs(parent, class, slot, None).is_ok()
        });
        prop_assert!(!fits, "a wish was left over that still fits");
    }
    Ok(())
}

proptest! {
    #![proptest_config(config("proptest-regressions/bookings.txt"))]

    #[test]
    fn the_timetable_is_a_table_of_chairs(ops in ops()) {
        let evening = evening();
        let mut timetable = Timetable::new(&evening, Vec::<Booked>::new());
        let mut model = Model::default();
        let (mut next, mut minutes) = (0, -5);
        for op in ops {
            let now = minute(&evening, minutes);
            match op {
                Op::Book { parent, student, class, slot } => {
                    let said = timetable.book(
                        BookingId(next), ContactId(parent), &wish(student, class), SlotNumber(slot), now,
                    );
                    prop_assert_eq!(said, model.book(minutes, next, (parent, student, class, slot)));
                    next += 1;
                }
                Op::Move { id, parent, slot } => {
                    let said = timetable.move_to(BookingId(id), ContactId(parent), SlotNumber(slot), None, now);
                    prop_assert_eq!(said, model.shift(minutes, id, parent, slot));
                }
                Op::Cancel { id, parent } => {
                    let said = timetable.cancel(BookingId(id), ContactId(parent), now);
                    prop_assert_eq!(said, model.cancel(minutes, id, parent));
                }
                Op::Automatic { parent, student, classes } => {
                    let classes: BTreeSet<_> = classes.into_iter().collect();
                    let wishes: Vec<_> = classes.into_iter().map(|it| wish(student, it)).collect();
                    check_plan(&mut timetable, &mut model, &mut next, (parent, &wishes), (now, minutes))?;
                }
                Op::Pass { minutes: more } => minutes += more,
            }
            check_same(&timetable, &model)?;
            check_states(&timetable, &model, &evening, minutes)?;
        }
    }
}
