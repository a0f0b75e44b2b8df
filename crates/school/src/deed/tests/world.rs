//! A small school in memory: what the records are to the program.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::deed::{
    Appointment, Change, Consequences, Deed, Ending, Engagement, Facts, Invited, Person, Span, Word,
};
use crate::evening::{Slot, SlotNumber};
use crate::holder::{Actor, Holder};
use crate::ids::{
    BookingId, ClassId, ContactId, EveningId, InvitationId, MeetingId, StaffId, StopId, StudentId,
    TeacherId, VisitorId,
};
use crate::invitation::State;
use crate::people::JointTeachers;
use crate::stop::KeptOut;

const EVENINGS: u64 = 2;
const CONTACTS: u64 = 4;
const STUDENTS: u64 = 3;
const TEACHERS: u64 = 4;
const CLASSES: u64 = 3;
const SLOTS: u16 = 4;
const SLOT: SignedDuration = SignedDuration::from_mins(10);

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) evenings: BTreeMap<EveningId, Span>,
    pub(super) cancelled: BTreeSet<EveningId>,
    pub(super) contacts: BTreeMap<ContactId, BTreeSet<StudentId>>,
    pub(super) orders: BTreeSet<ContactId>,
    pub(super) suspended: BTreeMap<ContactId, ContactId>,
    pub(super) teachers: BTreeSet<TeacherId>,
    /// Who cannot come to which evening, and who does instead.
    pub(super) ill: BTreeMap<(EveningId, TeacherId), Option<TeacherId>>,
    pub(super) classes: BTreeMap<ClassId, JointTeachers>,
    pub(super) appointments: BTreeMap<BookingId, Appointment>,
    pub(super) asked: BTreeSet<BookingId>,
    pub(super) invitations: BTreeMap<InvitationId, Invited>,
    /// Who a guest is, where they are a contact of the school too.
    pub(super) guests: BTreeMap<InvitationId, ContactId>,
    pub(super) ended: BTreeSet<InvitationId>,
    /// Guests invited out of a meeting, and which contact each of them is.
    pub(super) visits: BTreeMap<VisitorId, ContactId>,
    /// Calls that were stopped, and nobody was let back since.
    pub(super) stopped: BTreeMap<StopId, (MeetingId, KeptOut)>,
    pub(super) erased_guests: BTreeSet<InvitationId>,
    pub(super) links: BTreeSet<(EveningId, Holder)>,
    pub(super) written_to: BTreeSet<(EveningId, Holder)>,
    next: u64,
}

fn slots(evening: Span) -> Vec<Slot> {
    (0..SLOTS)
        .map(|number| {
            let start = evening.start + SLOT * i32::from(number);
            Slot {
                number: SlotNumber(number),
                start,
                end: start + SLOT,
            }
        })
        .collect()
}

/// When an appointment is by its evening and slot.
pub(super) fn span_of(world: &World, one: &Appointment) -> Span {
    let slot = slots(world.evenings[&one.evening])[usize::from(one.slot.0)];
    Span {
        start: slot.start,
        end: slot.end,
    }
}

fn joint(one: u64, other: u64) -> JointTeachers {
    let teachers = if one == other {
        vec![TeacherId(one)]
    } else {
        vec![TeacherId(one), TeacherId(other)]
    };
    JointTeachers::new(teachers).expect("one or two different teachers")
}

impl World {
    pub(super) fn new() -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let evening = |n: u64| {
            let start = now + SLOT * i32::try_from(6 + 2 * n).expect("small");
            let end = start + SLOT * i32::from(SLOTS);
            (EveningId(n), Span { start, end })
        };
        let contact = |n: u64| {
            let students = [n % STUDENTS, (n + 1) % STUDENTS];
            (ContactId(n), students.into_iter().map(StudentId).collect())
        };
        Self {
            now,
            evenings: (0..EVENINGS).map(evening).collect(),
            cancelled: BTreeSet::new(),
            contacts: (0..CONTACTS).map(contact).collect(),
            orders: BTreeSet::new(),
            suspended: BTreeMap::new(),
            teachers: (0..TEACHERS).map(TeacherId).collect(),
            ill: BTreeMap::new(),
            classes: (0..CLASSES)
                .map(|n| (ClassId(n), joint(n, (n * 2) % TEACHERS)))
                .collect(),
            appointments: BTreeMap::new(),
            asked: BTreeSet::new(),
            invitations: BTreeMap::new(),
            guests: BTreeMap::new(),
            ended: BTreeSet::new(),
            visits: (0..2 * CONTACTS)
                .map(|id| (VisitorId(id), ContactId(id % CONTACTS)))
                .collect(),
            stopped: BTreeMap::new(),
            erased_guests: BTreeSet::new(),
            links: BTreeSet::new(),
            written_to: BTreeSet::new(),
            next: 100,
        }
    }

    pub(super) fn is_barred(&self, contact: ContactId) -> bool {
        self.orders.contains(&contact) || self.suspended.contains_key(&contact)
    }

    pub(super) fn is_ended(&self, invitation: InvitationId) -> bool {
        self.ended.contains(&invitation)
    }

    pub(super) fn people(&self) -> Vec<Holder> {
        let contacts = self.contacts.keys().copied().map(Holder::Parent);
        let guests = self.invitations.keys().copied().map(Holder::Guest);
        let teachers = self.teachers.iter().copied().map(Holder::Teacher);
        contacts.chain(guests).chain(teachers).collect()
    }

    fn is_open(&self, evening: EveningId) -> bool {
        self.now < self.evenings[&evening].end && !self.cancelled.contains(&evening)
    }

    /// What people do between deeds: parents book and invite, the office writes, time passes.
    pub(super) fn live(&mut self, draw: [u8; 6]) {
        let [what, a, b, c, d, e] = draw.map(u64::from);
        self.now += SignedDuration::from_secs(i64::from(draw[5]) / 4);
        let evening = EveningId(a % EVENINGS);
        let contact = ContactId(b % CONTACTS);
        if !self.is_open(evening) {
            return;
        }
        if what.is_multiple_of(2)
            && !self.is_barred(contact)
            && self.contacts.contains_key(&contact)
        {
            let students = self.contacts[&contact].clone();
            let Some(student) = students.iter().nth(usize::try_from(c).expect("small") % 2) else {
                return;
            };
            self.links.insert((evening, Holder::Parent(contact)));
            self.written_to.insert((evening, Holder::Parent(contact)));
            self.book(evening, contact, *student, (ClassId(d % CLASSES), e));
            self.invite(evening, contact, &students, d);
        } else {
            let teacher = TeacherId(d % TEACHERS);
            let is_there =
                self.teachers.contains(&teacher) && !self.ill.contains_key(&(evening, teacher));
            if is_there {
                self.links.insert((evening, Holder::Teacher(teacher)));
                self.written_to.insert((evening, Holder::Teacher(teacher)));
            }
        }
    }

    fn book(
        &mut self,
        evening: EveningId,
        parent: ContactId,
        student: StudentId,
        (class, slot): (ClassId, u64),
    ) {
        let number = u16::try_from(slot).expect("a byte") % SLOTS;
        let slot = slots(self.evenings[&evening])[usize::from(number)];
        let span = Span {
            start: slot.start,
            end: slot.end,
        };
        let teachers = self.classes[&class].clone();
        let is_ill = |it: &TeacherId| self.ill.contains_key(&(evening, *it));
        let is_gone = |it: &TeacherId| !self.teachers.contains(it);
        let is_taken = self.appointments.values().any(|it| {
            it.span.overlaps(span)
                && (it.parent == parent || it.teachers.shares_one_with(&teachers))
        });
        let cannot = teachers
            .as_slice()
            .iter()
            .any(|it| is_ill(it) || is_gone(it));
        if is_taken || cannot || span.end <= self.now {
            return;
        }
        self.next += 1;
        for teacher in teachers.as_slice() {
            self.links.insert((evening, Holder::Teacher(*teacher)));
        }
        self.appointments.insert(
            BookingId(self.next),
            Appointment {
                meeting: MeetingId(self.next),
                evening,
                parent,
                student,
                class,
                teachers,
                slot: slot.number,
                span,
            },
        );
    }

    fn invite(
        &mut self,
        evening: EveningId,
        inviter: ContactId,
        students: &BTreeSet<StudentId>,
        draw: u64,
    ) {
        let covered: BTreeSet<StudentId> = self
            .invitations
            .values()
            .filter(|it| it.evening == evening && it.inviter == Some(inviter))
            .flat_map(|it| it.students.iter().copied())
            .collect();
        let mut left: BTreeSet<StudentId> = students.difference(&covered).copied().collect();
        if draw.is_multiple_of(3) {
            left = left.into_iter().take(1).collect();
        }
        if left.is_empty() {
            return;
        }
        self.next += 1;
        let id = InvitationId(self.next);
        let guest = ContactId(draw % (2 * CONTACTS));
        let is_held = self.orders.contains(&guest);
        self.guests.insert(id, guest);
        self.invitations.insert(
            id,
            Invited {
                evening,
                inviter: Some(inviter),
                state: if is_held { State::Held } else { State::Sent },
                students: left,
            },
        );
        if !is_held {
            self.links.insert((evening, Holder::Guest(id)));
            self.written_to.insert((evening, Holder::Guest(id)));
        }
    }

    /// A deed, and who does it.
    #[expect(clippy::too_many_lines, reason = "a table, one arm a deed")]
    pub(super) fn deed(&self, draw: [u8; 6]) -> (Deed, Actor) {
        let [a, b, c, d, what, _] = draw.map(u64::from);
        let pick = |len: usize| usize::try_from(a).expect("a byte") % len.max(1);
        let booking = self.appointments.keys().nth(pick(self.appointments.len()));
        let invitation = self.invitations.keys().nth(pick(self.invitations.len()));
        let (evening, contact) = (EveningId(b % EVENINGS), ContactId(c % CONTACTS));
        let teacher = TeacherId(d % TEACHERS);
        let office = Actor::Staff(StaffId(1));
        let deed = match what % 21 {
            16 => {
                let gone = ContactId(a % CONTACTS);
                let is_there =
                    |it: &ContactId| self.contacts.contains_key(it) && !self.is_barred(*it);
                let are_two = gone != contact && is_there(&gone) && is_there(&contact);
                are_two.then_some(Deed::RecordsJoined {
                    kept: contact,
                    gone,
                })
            }
            17 => booking.map(|id| Deed::CallStopped {
                stop: StopId(a),
                meeting: self.appointments[id].meeting,
                keeps_out: if b.is_multiple_of(2) {
                    KeptOut::Everybody
                } else {
                    KeptOut::These(BTreeSet::from([Holder::Visitor(VisitorId(c))]))
                },
            })
            .filter(|it| !matches!(it, Deed::CallStopped { stop, .. } if self.stopped.contains_key(stop))),
            18 => {
                let stopped = self.stopped.iter().nth(pick(self.stopped.len()));
                stopped.map(|(stop, (meeting, _))| Deed::LetBack {
                    stop: *stop,
                    meeting: *meeting,
                })
            }
            19 => {
                let away = self.ill.keys().nth(pick(self.ill.len()));
                away.map(|(evening, teacher)| Deed::TeacherBack {
                    evening: *evening,
                    teacher: *teacher,
                    classes: self
                        .classes
                        .iter()
                        .filter(|(_, it)| it.as_slice().contains(teacher))
                        .map(|(id, it)| (*id, it.clone()))
                        .collect(),
                })
            }
            20 => booking.map(|id| {
                let one = &self.appointments[id];
                Deed::PlacesEnded {
                    places: BTreeSet::from([(one.student, one.class)]),
                }
            }),
            15 => {
                let visitor = self.visits.keys().nth(pick(self.visits.len()));
                visitor.map(|id| Deed::VisitEnded { visitor: *id })
            }
            13 => self.asked.iter().next().and_then(|id| {
                let one = self.appointments.get(id)?;
                let to = *slots(self.evenings[&one.evening]).get(pick(4))?;
                let away = Facts {
                    away: self.ill.clone(),
                    ..Facts::default()
                };
                let teachers = away.meant(one.evening, &self.classes[&one.class])?;
                let teachers = self.teachers_are_there(&teachers)?;
                (self.now < to.end && self.now < one.span.end).then_some(Deed::AppointmentGiven {
                    booking: *id,
                    to,
                    teachers,
                })
            }),
            14 => Some(Deed::Left {
                person: if a.is_multiple_of(2) {
                    Person::Contact(contact)
                } else {
                    Person::Student(StudentId(d % STUDENTS))
                },
            }),
            0 => invitation.map(|id| Deed::InvitationEnded {
                invitation: *id,
                why: if self.invitations[id].state == State::Held {
                    Ending::Declined
                } else {
                    Ending::Removed
                },
            }),
            1 | 2 => booking
                .filter(|id| self.now < self.appointments[id].span.end)
                .map(|id| Deed::AppointmentCancelled { booking: *id }),
            3 => self.free_move(booking, b),
            4 => self
                .teachers_are_there(&joint(d % TEACHERS, c % TEACHERS))
                .map(|teachers| Deed::TeachersChanged {
                    class: ClassId(b % CLASSES),
                    teachers,
                }),
            5 => Some(TeacherId(a % TEACHERS))
                .filter(|it| *it != teacher && self.teachers.contains(it))
                .filter(|it| !self.ill.contains_key(&(evening, *it)))
                .map(|instead| Deed::TeacherIll {
                    evening,
                    teacher,
                    instead: (a.is_multiple_of(2)).then_some(instead),
                }),
            6 => Some(Deed::AddressChanged {
                holder: if a.is_multiple_of(2) {
                    Holder::Parent(contact)
                } else {
                    Holder::Teacher(teacher)
                },
            }),
            7 => Some(Deed::OrderEntered { contact }),
            8 => (!self.orders.contains(&contact)).then_some(Deed::Suspended {
                contact,
                barred: ContactId(a % CONTACTS),
            }),
            9 => Some(Deed::GuardianshipEnded {
                contact,
                students: BTreeSet::from([StudentId(a % STUDENTS)]),
            }),
            10 => Some(Deed::Erased {
                person: match a % 3 {
                    0 => Person::Contact(contact),
                    1 => Person::Student(StudentId(d % STUDENTS)),
                    _ => invitation.map_or(Person::Contact(contact), |id| Person::Guest(*id)),
                },
            }),
            11 => Some(Deed::EveningChanged {
                evening,
                slots: self.moved(a),
            }),
            _ => Some(Deed::EveningCancelled { evening }),
        };
        let by_parent = match &deed {
            Some(
                Deed::AppointmentCancelled { booking }
                | Deed::AppointmentMoved { booking, .. }
                | Deed::AppointmentGiven { booking, .. },
            ) if d.is_multiple_of(2) => Some(Actor::Parent(self.appointments[booking].parent)),
            _ => None,
        };
        let is_known = |it: &Deed| {
            !matches!(it, Deed::OrderEntered { contact }
            | Deed::Suspended { contact, .. }
            | Deed::GuardianshipEnded { contact, .. }
            | Deed::Left { person: Person::Contact(contact) }
            | Deed::Erased { person: Person::Contact(contact) } if !self.contacts.contains_key(contact))
        };
        let deed = deed.filter(is_known).unwrap_or(Deed::AddressChanged {
            holder: Holder::Teacher(teacher),
        });
        (deed, by_parent.unwrap_or(office))
    }

    fn teachers_are_there(&self, teachers: &JointTeachers) -> Option<JointTeachers> {
        let are_there = teachers
            .as_slice()
            .iter()
            .all(|it| self.teachers.contains(it));
        are_there.then(|| teachers.clone())
    }

    fn free_move(&self, booking: Option<&BookingId>, draw: u64) -> Option<Deed> {
        let id = *booking?;
        let one = &self.appointments[&id];
        let all = slots(self.evenings[&one.evening]);
        let to = all[usize::try_from(draw).expect("a byte") % all.len()];
        let span = Span {
            start: to.start,
            end: to.end,
        };
        let is_free = self.appointments.iter().all(|(other, it)| {
            *other == id
                || !it.span.overlaps(span)
                || (it.parent != one.parent && !it.teachers.shares_one_with(&one.teachers))
        });
        let is_other = to.number != one.slot && self.now < to.end && self.now < one.span.end;
        (is_free && is_other).then_some(Deed::AppointmentMoved { booking: id, to })
    }

    fn moved(&self, draw: u64) -> Vec<Slot> {
        // Also into what is past.
        let start = self.now + SLOT * (i32::try_from(draw % 12).expect("small") - 2);
        let end = start + SLOT * i32::from(SLOTS);
        let mut slots = slots(Span { start, end });
        // Sometimes there is less room.
        slots.truncate(if draw.is_multiple_of(5) {
            2
        } else {
            slots.len()
        });
        slots
    }

    pub(super) fn facts(&self, deed: &Deed) -> Facts {
        let mut orders = self.orders.clone();
        let mut barred: BTreeSet<ContactId> = orders.clone();
        barred.extend(self.suspended.keys());
        if let Deed::OrderEntered { contact } = deed {
            orders.insert(*contact);
            barred.insert(*contact);
        }
        let is_erased = |who: &ContactId| {
            let person = Person::Contact(*who);
            *deed == Deed::Erased { person }
        };
        let is_alike = |who: &ContactId| orders.contains(who) || is_erased(who);
        let engaged = |is_of: &dyn Fn(&Appointment) -> bool| {
            let all = self.appointments.iter().filter(|(_, it)| is_of(it));
            all.map(|(id, it)| Engagement {
                booking: *id,
                span: it.span,
                until: it.span.end,
            })
            .collect::<Vec<_>>()
        };
        let of_teacher = |id: &TeacherId| {
            let id = *id;
            (id, engaged(&|it| it.teachers.as_slice().contains(&id)))
        };
        let of_parent = |id: &ContactId| {
            let id = *id;
            (id, engaged(&|it| it.parent == id))
        };
        Facts {
            evenings: self.evenings.clone(),
            appointments: self.appointments.clone(),
            invitations: self.invitations.clone(),
            visits: self
                .visits
                .iter()
                .filter(|(id, who)| {
                    matches!(deed, Deed::VisitEnded { visitor } if visitor == *id)
                        || matches!(deed, Deed::OrderEntered { contact } if contact == *who)
                        || matches!(deed, Deed::Erased { person: Person::Contact(contact) }
                            if contact == *who)
                })
                .map(|(id, _)| *id)
                .collect(),
            links: self.links.clone(),
            written_to: self.written_to.clone(),
            barred,
            alike: self
                .guests
                .iter()
                .filter(|(id, who)| self.invitations.contains_key(id) && is_alike(who))
                .map(|(id, who)| (*id, *who))
                .collect(),
            away: self.ill.clone(),
            engaged: self.teachers.iter().map(of_teacher).collect(),
            attending: self.contacts.keys().map(of_parent).collect(),
        }
    }

    /// Carries a deed and its consequences out, as the records do.
    pub(super) fn apply(&mut self, deed: &Deed, follows: &Consequences) {
        match deed {
            Deed::TeachersChanged { class, teachers } => {
                self.classes.insert(*class, teachers.clone());
            }
            Deed::OrderEntered { contact } => {
                self.orders.insert(*contact);
                self.suspended.remove(contact);
            }
            Deed::Suspended { contact, barred } => {
                self.suspended.insert(*contact, *barred);
            }
            Deed::GuardianshipEnded { contact, students } => {
                let theirs = self.contacts.get_mut(contact).into_iter();
                theirs.for_each(|it| it.retain(|one| !students.contains(one)));
            }
            Deed::RecordsJoined { kept, gone } => {
                let students = self.contacts.remove(gone).expect("they are there");
                let theirs = self.contacts.get_mut(kept).expect("they are there");
                theirs.extend(students);
            }
            Deed::EveningChanged { evening, slots } => {
                let start = slots[0].start;
                let end = start + SLOT * i32::from(SLOTS);
                self.evenings.insert(*evening, Span { start, end });
            }
            Deed::EveningCancelled { evening } => {
                self.cancelled.insert(*evening);
            }
            Deed::Left {
                person: Person::Contact(contact),
            } => drop(self.contacts.remove(contact)),
            Deed::Left {
                person: Person::Student(student),
            } => {
                for students in self.contacts.values_mut() {
                    students.remove(student);
                }
            }
            Deed::Left {
                person: Person::Guest(_) | Person::Teacher(_),
            }
            | Deed::InvitationEnded { .. }
            | Deed::VisitEnded { .. }
            | Deed::AppointmentCancelled { .. }
            | Deed::AppointmentMoved { .. }
            | Deed::AppointmentGiven { .. }
            | Deed::PlacesEnded { .. }
            | Deed::TeacherIll { .. }
            | Deed::TeacherBack { .. }
            | Deed::AddressChanged { .. }
            | Deed::CallStopped { .. }
            | Deed::LetBack { .. }
            | Deed::Erased { .. } => {}
        }
        for change in &follows.changes {
            self.change(change);
        }
        self.write(follows);
    }

    /// Everybody who is told is written to.
    fn write(&mut self, follows: &Consequences) {
        for told in &follows.told {
            assert!(
                told.word != Word::Link || self.links.contains(&(told.evening, told.who)),
                "{told:?} has no link"
            );
            self.written_to.insert((told.evening, told.who));
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table, one arm a change")]
    fn change(&mut self, change: &Change) {
        match change {
            Change::EndInvitation(id) => {
                self.invitations.remove(id).expect("it had not ended");
                self.ended.insert(*id);
            }
            Change::Uncover(id, student) => {
                let one = self.invitations.get_mut(id).expect("it stands");
                assert!(one.students.remove(student), "it was covered");
            }
            Change::EndVisit(id) => {
                self.visits.remove(id).expect("it had not ended");
            }
            Change::Cancel(id) => {
                self.appointments.remove(id).expect("it was booked");
                self.asked.remove(id);
            }
            Change::Move(id, slot) => {
                let one = self.appointments.get_mut(id).expect("it is booked");
                one.slot = slot.number;
                one.span = Span {
                    start: slot.start,
                    end: slot.end,
                };
            }
            Change::GiveTo(id, teachers) => {
                let one = self.appointments.get_mut(id).expect("it is booked");
                one.teachers = teachers.clone();
                self.asked.remove(id);
            }
            Change::AskOffice(id) => {
                self.asked.insert(*id);
            }
            Change::Substitute {
                evening,
                teacher,
                instead,
            } => {
                for ((of, _), who) in &mut self.ill {
                    if of == evening && *who == Some(*teacher) {
                        *who = *instead;
                    }
                }
                self.ill.insert((*evening, *teacher), *instead);
            }
            Change::Back { evening, teacher } => {
                self.ill
                    .remove(&(*evening, *teacher))
                    .expect("they were away");
            }
            Change::Stop(stop, meeting, whom) => {
                let is_new = self.stopped.insert(*stop, (*meeting, whom.clone()));
                assert_eq!(is_new, None, "it was not stopped");
            }
            Change::LetBack(stop, _) => {
                self.stopped.remove(stop).expect("it was stopped");
            }
            Change::DropMail(..) | Change::ForgetTold(..) => {}
            Change::KillLink(evening, who) => {
                self.links.remove(&(*evening, *who));
            }
            Change::EnsureLink(evening, who) => {
                self.links.insert((*evening, *who));
            }
            Change::JoinRecords { kept, gone } => {
                for one in self
                    .appointments
                    .values_mut()
                    .filter(|it| it.parent == *gone)
                {
                    one.parent = *kept;
                }
                let invitations = self.invitations.values_mut();
                for one in invitations.filter(|it| it.inviter == Some(*gone)) {
                    one.inviter = Some(*kept);
                }
                let (kept, gone) = (Holder::Parent(*kept), Holder::Parent(*gone));
                let theirs = self.links.iter().filter(|it| it.1 == gone);
                let theirs: Vec<EveningId> = theirs.map(|it| it.0).collect();
                for evening in theirs {
                    self.links.remove(&(evening, gone));
                    assert!(
                        self.links.insert((evening, kept)),
                        "two links for one evening"
                    );
                }
            }
            Change::Erase(Person::Contact(contact)) => {
                self.contacts.remove(contact);
                self.orders.remove(contact);
                self.suspended.remove(contact);
                let past = self.appointments.iter();
                let past: Vec<_> = past
                    .filter(|(_, it)| it.parent == *contact)
                    .map(|(id, _)| *id)
                    .collect();
                for id in past {
                    self.appointments.remove(&id);
                }
            }
            Change::Erase(Person::Guest(guest)) => {
                self.invitations.remove(guest);
                self.guests.remove(guest);
                self.erased_guests.insert(*guest);
            }
            Change::Erase(Person::Student(student)) => {
                for students in self.contacts.values_mut() {
                    students.remove(student);
                }
                self.appointments.retain(|_, it| it.student != *student);
            }
            Change::Erase(Person::Teacher(teacher)) => {
                self.teachers.remove(teacher);
            }
        }
    }
}
