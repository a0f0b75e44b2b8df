//! What follows from a deed.

mod away;
mod join;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::facts::{Appointment, Engagement, Facts, Invited, Span};
use super::{Deed, Ending, Person};
use crate::evening::Slot;
use crate::holder::{Actor, Holder};
use crate::ids::{
    BookingId, ClassId, ContactId, EveningId, InvitationId, MeetingId, StopId, StudentId,
    TeacherId, VisitorId,
};
use crate::invitation::State;
use crate::people::JointTeachers;
use crate::refusal::Refusal;
use crate::stop::KeptOut;

/// One thing that becomes of the records.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// An invitation ends: its students may be covered by another.
    EndInvitation(InvitationId),
    /// An invitation covers a student no longer, and others still.
    Uncover(InvitationId, StudentId),
    /// A guest invited out of a meeting may come to it no longer: their link is dead, and what waits
    /// for them is not sent.
    EndVisit(VisitorId),
    /// An appointment is cancelled, and its teachers are free.
    Cancel(BookingId),
    /// An appointment is at another time.
    Move(BookingId, Slot),
    /// Others take an appointment.
    GiveTo(BookingId, JointTeachers),
    /// The office is to say what becomes of an appointment whose new teachers are busy then.
    AskOffice(BookingId),
    /// Somebody takes a teacher's appointments in an evening, or nobody does.
    Substitute {
        /// Which evening.
        evening: EveningId,
        /// Who cannot come.
        teacher: TeacherId,
        /// Who does.
        instead: Option<TeacherId>,
    },
    /// A teacher takes their own appointments in an evening again.
    Back {
        /// Which evening.
        evening: EveningId,
        /// Who.
        teacher: TeacherId,
    },
    /// E-mails that wait for somebody are not sent.
    DropMail(EveningId, Holder),
    /// Somebody else reads at the address now: they have been told nothing.
    ForgetTold(EveningId, Holder),
    /// A link is dead for ever, and its sessions end.
    KillLink(EveningId, Holder),
    /// Somebody who shall have a link has one that lives.
    EnsureLink(EveningId, Holder),
    /// Everything that a record has is another's from now on, where that has not the like.
    JoinRecords {
        /// The one that stays.
        kept: ContactId,
        /// The one that goes.
        gone: ContactId,
    },
    /// The call in a meeting ends at once, and these people come there no more.
    Stop(StopId, MeetingId, KeptOut),
    /// Whom a stop kept out of a meeting may come there again.
    LetBack(StopId, MeetingId),
    /// A person is erased, after everything else.
    Erase(Person),
}

/// What somebody is told by e-mail.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Word {
    /// Their appointments as they are now.
    Appointments,
    /// What has become of one appointment: its time, its teachers, or that it is cancelled.
    Changed(BookingId),
    /// Their link.
    Link,
    /// Their invitation was withdrawn.
    Withdrawn,
    /// The evening is at another time, and so are their appointments.
    EveningMoved,
    /// The evening does not take place.
    EveningCancelled,
    /// The office declined whom they wished to invite.
    Declined(InvitationId),
}

/// Who is told what.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Told {
    /// Of which evening.
    pub evening: EveningId,
    /// Who.
    pub who: Holder,
    /// What.
    pub word: Word,
}

/// A row of the audit log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// An invitation was removed, or ended with something else.
    InvitationRemoved(InvitationId, Ending),
    /// A guest invited out of a meeting was removed.
    VisitEnded(VisitorId),
    /// An appointment was cancelled.
    Cancelled(BookingId, EveningId),
    /// An appointment was moved.
    Moved(BookingId, EveningId, Slot),
    /// An appointment was given to other teachers.
    Given(BookingId, JointTeachers),
    /// The office is asked about an appointment.
    Asked(BookingId),
    /// A teacher is replaced for one evening.
    Replaced(EveningId, TeacherId, Option<TeacherId>),
    /// A teacher who was replaced for one evening comes after all.
    Back(EveningId, TeacherId),
    /// Somebody's link was replaced because their address is another.
    Readdressed(Holder),
    /// A court order was entered.
    OrderSet(ContactId),
    /// A contact waits for the office.
    Held(ContactId, ContactId),
    /// A class has other teachers.
    TeachersChanged(ClassId, JointTeachers),
    /// An evening was moved.
    EveningMoved(EveningId),
    /// An evening was cancelled.
    EveningCancelled(EveningId),
    /// Two records were made one: the one that stays, and the one that went.
    Joined(ContactId, ContactId),
    /// A guardianship ended.
    GuardianshipEnded(ContactId, StudentId),
    /// A person has left the school.
    Left(Person),
    /// A call was stopped.
    CallStopped(StopId, MeetingId),
    /// Whom that kept out may come again.
    LetBack(StopId, MeetingId),
    /// A person was erased.
    Erased(Person),
}

/// Everything that follows from a deed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Consequences {
    /// What becomes of the records, in order.
    pub changes: Vec<Change>,
    /// Who is told what: each reader of each thing once.
    pub told: BTreeSet<Told>,
    /// What the audit log says, in order.
    pub log: Vec<Entry>,
    /// Whose open pages show something else from now on.
    pub pages: BTreeSet<(EveningId, Holder)>,
}

/// Everything that follows from `deed`, done by `by`: who is told what, which links die, which
/// appointments end, what the audit log says. Equal inputs give equal consequences.
///
/// # Errors
///
/// [`Refusal::TimesAreBooked`] where an evening that is moved has no room for an appointment,
/// [`Refusal::TimesOver`] where one that is to come would be over or have begun,
/// [`Refusal::BusyElsewhere`] where somebody would be in two places at once, and
/// [`Refusal::RecordsClash`] where two records have what one person can have once.
pub fn consequences(
    deed: &Deed,
    facts: &Facts,
    by: Actor,
    now: Timestamp,
) -> Result<Consequences, Refusal> {
    let mut follows = Following {
        facts,
        by,
        now,
        ended: BTreeSet::new(),
        done: Consequences::default(),
    };
    follows.play(deed)?;
    follows.tell_at_once();
    follows.show();
    Ok(follows.done)
}

/// How long before the end of a talk everybody in it hears of it.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

struct Following<'f> {
    facts: &'f Facts,
    by: Actor,
    now: Timestamp,
    /// Invitations that end with this deed.
    ended: BTreeSet<InvitationId>,
    done: Consequences,
}

impl Following<'_> {
    fn play(&mut self, deed: &Deed) -> Result<(), Refusal> {
        match deed {
            Deed::InvitationEnded { invitation, why } => self.end_invitation(*invitation, *why),
            Deed::VisitEnded { .. } => self.end_visits(),
            Deed::AppointmentCancelled { booking } => self.cancel(*booking),
            Deed::AppointmentMoved { booking, to } => self.move_to(*booking, *to),
            Deed::AppointmentGiven {
                booking,
                to,
                teachers,
            } => return self.give_at(*booking, *to, teachers),
            Deed::TeachersChanged { class, teachers } => self.change_teachers(*class, teachers),
            Deed::PlacesEnded { places } => self.ask_of_places(places),
            Deed::TeacherIll {
                evening,
                teacher,
                instead,
            } => self.replace(*evening, *teacher, *instead),
            Deed::TeacherBack {
                evening,
                teacher,
                classes,
            } => self.bring_back(*evening, *teacher, classes),
            Deed::AddressChanged { holder } => self.readdress(*holder),
            Deed::OrderEntered { contact } => self.enter_order(*contact),
            Deed::Suspended { contact, barred } => {
                self.kill_links(Holder::Parent(*contact));
                self.done.log.push(Entry::Held(*contact, *barred));
            }
            Deed::RecordsJoined { kept, gone } => return self.join(*kept, *gone),
            Deed::GuardianshipEnded { contact, students } => {
                self.end_guardianship(*contact, students);
            }
            Deed::Left { person } => self.leave(*person),
            Deed::Erased { person } => self.erase(*person),
            Deed::EveningChanged { evening, slots } => return self.move_evening(*evening, slots),
            Deed::EveningCancelled { evening } => self.cancel_evening(*evening),
            Deed::CallStopped {
                stop,
                meeting,
                keeps_out,
            } => {
                self.change(Change::Stop(*stop, *meeting, keeps_out.clone()));
                self.done.log.push(Entry::CallStopped(*stop, *meeting));
            }
            Deed::LetBack { stop, meeting } => {
                self.change(Change::LetBack(*stop, *meeting));
                self.done.log.push(Entry::LetBack(*stop, *meeting));
            }
        }
        Ok(())
    }

    fn change(&mut self, change: Change) {
        self.done.changes.push(change);
    }

    /// Nobody writes to whom an order keeps away, nor to whom an erasure leaves no address.
    fn tell(&mut self, evening: EveningId, who: Holder, word: Word) {
        if let Holder::Parent(contact) = who
            && self.facts.barred.contains(&contact)
        {
            return;
        }
        self.done.told.insert(Told { evening, who, word });
    }

    /// Ends an invitation, once. Its guest hears of it if they were invited to something that is
    /// still to come, and are not the reason.
    fn end_invitation(&mut self, id: InvitationId, why: Ending) {
        let Some(one) = self.facts.invitations.get(&id) else {
            return;
        };
        if one.state == State::Removed || !self.ended.insert(id) {
            return;
        }
        let guest = Holder::Guest(id);
        self.change(Change::EndInvitation(id));
        self.change(Change::DropMail(one.evening, guest));
        self.change(Change::KillLink(one.evening, guest));
        let is_guests_to_know = match why {
            Ending::Removed | Ending::NotGuardian | Ending::InviterBarred | Ending::Erased => {
                !self.facts.alike.contains_key(&id)
            }
            Ending::Declined | Ending::GuestBarred(_) | Ending::GuestErased => false,
        };
        let was_out = one.state == State::Sent;
        if was_out && is_guests_to_know && self.facts.is_to_come(one.evening, self.now) {
            self.tell(one.evening, guest, Word::Withdrawn);
        }
        if let (Ending::Declined, State::Held, Some(inviter)) = (why, one.state, one.inviter)
            && self.facts.is_to_come(one.evening, self.now)
        {
            self.tell(one.evening, Holder::Parent(inviter), Word::Declined(id));
        }
        self.done.log.push(Entry::InvitationRemoved(id, why));
    }

    /// Whoever booked and did not do it themselves reads what has changed; who did it, what they
    /// have now.
    fn tell_of(&mut self, id: BookingId, one: &Appointment) {
        let word = if self.by == Actor::Parent(one.parent) {
            Word::Appointments
        } else {
            Word::Changed(id)
        };
        self.tell(one.evening, Holder::Parent(one.parent), word);
        self.tell_guests_of(id, one);
    }

    fn tell_guests_of(&mut self, id: BookingId, one: &Appointment) {
        let facts = self.facts;
        for guest in facts.guests_of(one) {
            let is_theirs = !self.ended.contains(&guest) && !facts.alike.contains_key(&guest);
            if is_theirs {
                self.tell(one.evening, Holder::Guest(guest), Word::Changed(id));
            }
        }
    }

    /// A parent of whose appointments several have changed reads of all of them in one e-mail.
    fn tell_at_once(&mut self) {
        let told = &mut self.done.told;
        let is_changed = |it: &&Told| matches!(it.word, Word::Changed(_));
        let mut parents: BTreeMap<(EveningId, Holder), u32> = BTreeMap::new();
        let all = told.iter().filter(is_changed);
        for one in all.filter(|it| matches!(it.who, Holder::Parent(_))) {
            *parents.entry((one.evening, one.who)).or_default() += 1;
        }
        for ((evening, who), _) in parents.into_iter().filter(|(_, changes)| *changes > 1) {
            told.retain(|it| !((it.evening, it.who) == (evening, who) && is_changed(&it)));
            told.insert(Told {
                evening,
                who,
                word: Word::Appointments,
            });
        }
    }

    /// Notes whose open pages show something else now.
    fn show(&mut self) {
        let mut pages: BTreeSet<_> = self
            .done
            .told
            .iter()
            .map(|it| (it.evening, it.who))
            .collect();
        for change in &self.done.changes {
            match change {
                Change::EndInvitation(id) | Change::Uncover(id, _) => {
                    if let Some(one) = self.facts.invitations.get(id) {
                        pages.insert((one.evening, Holder::Guest(*id)));
                        pages.extend(one.inviter.map(|it| (one.evening, Holder::Parent(it))));
                    }
                }
                Change::Cancel(id) | Change::Move(id, _) | Change::AskOffice(id) => {
                    pages.extend(self.people_of(*id));
                }
                Change::GiveTo(id, teachers) => {
                    pages.extend(self.people_of(*id));
                    if let Some(one) = self.facts.appointments.get(id) {
                        let teachers = teachers.as_slice().iter();
                        pages.extend(teachers.map(|it| (one.evening, Holder::Teacher(*it))));
                    }
                }
                Change::Substitute { evening, .. } | Change::Back { evening, .. } => {
                    let of_evening = self.facts.links.iter().filter(|(of, _)| of == evening);
                    pages.extend(of_evening.copied());
                }
                Change::Stop(_, meeting, _) | Change::LetBack(_, meeting) => {
                    pages.extend(self.people_in(*meeting));
                }
                Change::EndVisit(_)
                | Change::DropMail(..)
                | Change::ForgetTold(..)
                | Change::EnsureLink(..)
                | Change::Erase(_) => {}
                Change::JoinRecords { kept, gone } => {
                    let (kept, gone) = (Holder::Parent(*kept), Holder::Parent(*gone));
                    let mut evenings = self.evenings_of(kept);
                    evenings.extend(self.evenings_of(gone));
                    pages.extend(evenings.into_iter().map(|it| (it, kept)));
                }
                Change::KillLink(evening, who) => {
                    pages.insert((*evening, *who));
                    if let Holder::Guest(id) = who {
                        let invited = self.facts.invitations.get(id);
                        let inviter = invited.and_then(|it| it.inviter);
                        pages.extend(inviter.map(|it| (*evening, Holder::Parent(it))));
                    }
                }
            }
        }
        for entry in &self.done.log {
            if let Entry::EveningMoved(evening) | Entry::EveningCancelled(evening) = entry {
                let of_evening = self.facts.links.iter().filter(|(of, _)| of == evening);
                pages.extend(of_evening.copied());
            }
        }
        self.done.pages = pages;
    }

    fn people_in(&self, meeting: MeetingId) -> Vec<(EveningId, Holder)> {
        let all = self.facts.appointments.iter();
        let booked = all.filter(|(_, it)| it.meeting == meeting);
        booked.flat_map(|(id, _)| self.people_of(*id)).collect()
    }

    fn people_of(&self, id: BookingId) -> Vec<(EveningId, Holder)> {
        let Some(one) = self.facts.appointments.get(&id) else {
            return Vec::new();
        };
        let mut people = vec![Holder::Parent(one.parent)];
        people.extend(one.teachers.as_slice().iter().copied().map(Holder::Teacher));
        people.extend(self.facts.guests_of(one).map(Holder::Guest));
        people.into_iter().map(|it| (one.evening, it)).collect()
    }

    /// The appointments of `is_meant` that are not over.
    fn to_come(&self, is_meant: impl Fn(&Appointment) -> bool) -> Vec<(BookingId, Appointment)> {
        let all = self.facts.appointments.iter();
        all.filter(|(_, it)| self.now < it.span.end && is_meant(it))
            .map(|(id, it)| (*id, it.clone()))
            .collect()
    }

    fn cancel(&mut self, id: BookingId) {
        if let Some(one) = self.facts.appointments.get(&id) {
            self.free(id, one.evening);
            self.tell_of(id, one);
        }
    }

    fn free(&mut self, id: BookingId, evening: EveningId) {
        self.change(Change::Cancel(id));
        self.done.log.push(Entry::Cancelled(id, evening));
    }

    fn move_to(&mut self, id: BookingId, to: Slot) {
        if let Some(one) = self.facts.appointments.get(&id) {
            self.change(Change::Move(id, to));
            self.done.log.push(Entry::Moved(id, one.evening, to));
            self.tell_of(id, one);
        }
    }

    fn change_teachers(&mut self, class: ClassId, teachers: &JointTeachers) {
        for (id, one) in self.to_come(|it| it.class == class) {
            match self.facts.meant(one.evening, teachers) {
                Some(meant) if meant != one.teachers => self.give_to(id, &one, &meant),
                Some(_) => {}
                None => self.ask_office(id),
            }
        }
        let entry = Entry::TeachersChanged(class, teachers.clone());
        self.done.log.push(entry);
    }

    /// Nobody but the office knows whether they are still to talk.
    fn ask_of_places(&mut self, places: &BTreeSet<(StudentId, ClassId)>) {
        for (id, _) in self.to_come(|it| places.contains(&(it.student, it.class))) {
            self.ask_office(id);
        }
    }

    /// Moves an appointment and gives it to others at once.
    fn give_at(
        &mut self,
        id: BookingId,
        to: Slot,
        teachers: &JointTeachers,
    ) -> Result<(), Refusal> {
        let Some(one) = self.facts.appointments.get(&id) else {
            return Ok(());
        };
        let span = Span {
            start: to.start,
            end: to.end,
        };
        let mut all = teachers.as_slice().iter();
        if !all.all(|it| self.facts.is_free(*it, id, span, self.now)) {
            return Err(Refusal::SlotTaken);
        }
        let attending = self.facts.attending.get(&one.parent);
        let is_busy = |it: &Engagement| it.booking != id && it.is_at(span, self.now);
        if attending.is_some_and(|all| all.iter().any(is_busy)) {
            return Err(Refusal::ParentBusy);
        }
        if span != one.span {
            self.change(Change::Move(id, to));
            self.done.log.push(Entry::Moved(id, one.evening, to));
        }
        self.hand_over(id, one, teachers);
        Ok(())
    }

    /// Gives an appointment to others, if all of them are free then; else the office is asked.
    fn give_to(&mut self, id: BookingId, one: &Appointment, teachers: &JointTeachers) {
        let is_free = |it: &TeacherId| {
            one.teachers.as_slice().contains(it) || self.is_free_still(*it, id, one.span)
        };
        if !teachers.as_slice().iter().all(is_free) {
            self.ask_office(id);
            return;
        }
        self.hand_over(id, one, teachers);
    }

    fn ask_office(&mut self, id: BookingId) {
        self.change(Change::AskOffice(id));
        self.done.log.push(Entry::Asked(id));
    }

    fn hand_over(&mut self, id: BookingId, one: &Appointment, teachers: &JointTeachers) {
        let newcomers = teachers.as_slice().iter();
        for newcomer in newcomers.filter(|it| !one.teachers.as_slice().contains(it)) {
            self.ensure_link_of(one.evening, *newcomer);
        }
        self.change(Change::GiveTo(id, teachers.clone()));
        let entry = Entry::Given(id, teachers.clone());
        self.done.log.push(entry);
        let is_moved = |it: &Change| matches!(it, Change::Move(moved, _) if *moved == id);
        // Those who took it before may take it again, at the same time.
        if *teachers != one.teachers || self.done.changes.iter().any(is_moved) {
            self.tell_of(id, one);
        }
    }

    fn ensure_link_of(&mut self, evening: EveningId, teacher: TeacherId) {
        let holder = Holder::Teacher(teacher);
        let has_link = self.facts.links.contains(&(evening, holder));
        self.change(Change::EnsureLink(evening, holder));
        // Colleagues were sent theirs already: whoever comes in late gets one too.
        if !has_link && self.teachers_were_written_to(evening) {
            self.tell(evening, holder, Word::Link);
        }
    }

    fn teachers_were_written_to(&self, evening: EveningId) -> bool {
        let all = self.facts.written_to.iter();
        all.filter(|(of, _)| *of == evening)
            .any(|(_, who)| matches!(who, Holder::Teacher(_)))
    }

    /// Whether a teacher takes nothing else then, also of what this deed gave them already.
    fn is_free_still(&self, teacher: TeacherId, id: BookingId, span: Span) -> bool {
        let is_given_then = |change: &Change| match change {
            Change::GiveTo(other, teachers) => {
                *other != id
                    && teachers.as_slice().contains(&teacher)
                    && self
                        .facts
                        .appointments
                        .get(other)
                        .is_some_and(|it| it.span.overlaps(span))
            }
            Change::EndInvitation(_)
            | Change::Stop(..)
            | Change::LetBack(..)
            | Change::EndVisit(_)
            | Change::Uncover(..)
            | Change::Cancel(_)
            | Change::Move(..)
            | Change::AskOffice(_)
            | Change::Substitute { .. }
            | Change::Back { .. }
            | Change::DropMail(..)
            | Change::ForgetTold(..)
            | Change::KillLink(..)
            | Change::EnsureLink(..)
            | Change::JoinRecords { .. }
            | Change::Erase(_) => false,
        };
        self.facts.is_free(teacher, id, span, self.now)
            && !self.done.changes.iter().any(is_given_then)
    }

    /// Everything that a holder has of an evening, and every evening they have something of.
    fn evenings_of(&self, holder: Holder) -> Vec<EveningId> {
        let links = self.facts.links.iter();
        let mails = self.facts.written_to.iter();
        let all: BTreeSet<_> = links
            .chain(mails)
            .filter(|(_, who)| *who == holder)
            .map(|(evening, _)| *evening)
            .collect();
        all.into_iter().collect()
    }

    fn kill_links(&mut self, holder: Holder) {
        for evening in self.evenings_of(holder) {
            self.change(Change::DropMail(evening, holder));
            self.change(Change::KillLink(evening, holder));
        }
    }

    fn readdress(&mut self, holder: Holder) {
        let is_barred =
            matches!(holder, Holder::Parent(contact) if self.facts.barred.contains(&contact));
        // Their links are dead since the order, and nobody writes to them.
        if is_barred {
            return;
        }
        self.done.log.push(Entry::Readdressed(holder));
        for evening in self.evenings_of(holder) {
            if !self.facts.is_to_come(evening, self.now) {
                continue;
            }
            self.change(Change::DropMail(evening, holder));
            self.change(Change::ForgetTold(evening, holder));
            if !self.facts.links.contains(&(evening, holder)) {
                continue;
            }
            self.change(Change::KillLink(evening, holder));
            // A guest's new link goes out when it is known that they may have one.
            if matches!(holder, Holder::Guest(_)) {
                continue;
            }
            self.change(Change::EnsureLink(evening, holder));
            if self.facts.written_to.contains(&(evening, holder)) {
                self.tell(evening, holder, Word::Link);
            }
        }
    }

    fn enter_order(&mut self, contact: ContactId) {
        self.done.log.push(Entry::OrderSet(contact));
        self.end_contact(contact, Ending::InviterBarred);
        for (id, whom) in &self.facts.alike {
            self.end_invitation(*id, Ending::GuestBarred(*whom));
        }
        self.end_visits();
    }

    /// Whoever was invited out of a meeting hears of it from their page alone: nobody was to write
    /// to them but the one who invited them.
    fn end_visits(&mut self) {
        for id in &self.facts.visits {
            self.change(Change::EndVisit(*id));
            self.done.log.push(Entry::VisitEnded(*id));
        }
    }

    /// Ends what a contact has: links, invitations, and appointments to come. They hear nothing.
    fn end_contact(&mut self, contact: ContactId, why: Ending) {
        self.kill_links(Holder::Parent(contact));
        let facts = self.facts;
        for (id, one) in &facts.invitations {
            if one.inviter == Some(contact) {
                self.end_invitation(*id, why);
            }
        }
        for (id, one) in self.to_come(|it| it.parent == contact) {
            self.free(id, one.evening);
        }
    }

    fn end_guardianship(&mut self, contact: ContactId, students: &BTreeSet<StudentId>) {
        for student in students {
            let entry = Entry::GuardianshipEnded(contact, *student);
            self.done.log.push(entry);
        }
        self.uncover(students, Some(contact), Ending::NotGuardian);
        let theirs = self.to_come(|it| it.parent == contact && students.contains(&it.student));
        for (id, one) in theirs {
            self.free(id, one.evening);
            self.tell_of(id, &one);
        }
    }

    /// These students are covered no longer; an invitation that covers nobody else ends.
    fn uncover(&mut self, students: &BTreeSet<StudentId>, by: Option<ContactId>, why: Ending) {
        let facts = self.facts;
        let is_by = |one: &Invited| by.is_none() || one.inviter == by;
        for (id, one) in facts.invitations.iter().filter(|(_, it)| is_by(it)) {
            if one.students.is_disjoint(students) || !facts.is_to_come(one.evening, self.now) {
                continue;
            }
            if one.students.is_subset(students) {
                self.end_invitation(*id, why);
                continue;
            }
            for student in one.students.intersection(students) {
                self.change(Change::Uncover(*id, *student));
            }
        }
    }

    /// Whoever has left keeps no link and hears nothing; those who are left hear what has changed.
    fn leave(&mut self, person: Person) {
        match person {
            Person::Contact(contact) => self.end_contact(contact, Ending::NotGuardian),
            Person::Student(student) => self.end_student(student, Ending::NotGuardian),
            Person::Guest(invitation) => self.end_invitation(invitation, Ending::Removed),
            Person::Teacher(teacher) => self.kill_links(Holder::Teacher(teacher)),
        }
        self.done.log.push(Entry::Left(person));
    }

    /// Ends what is about a student: appointments to come, and their place in invitations.
    fn end_student(&mut self, student: StudentId, why: Ending) {
        self.uncover(&BTreeSet::from([student]), None, why);
        for (id, one) in self.to_come(|it| it.student == student) {
            self.free(id, one.evening);
            self.tell_of(id, &one);
        }
    }

    fn erase(&mut self, person: Person) {
        match person {
            Person::Contact(contact) => {
                for (id, one) in &self.facts.invitations {
                    // By alike are those whose guest the contact is.
                    if one.inviter != Some(contact) && self.facts.alike.get(id) == Some(&contact) {
                        self.end_invitation(*id, Ending::GuestErased);
                        self.change(Change::Erase(Person::Guest(*id)));
                    }
                }
                self.end_contact(contact, Ending::Erased);
                self.end_visits();
            }
            Person::Student(student) => self.end_student(student, Ending::Erased),
            Person::Guest(invitation) => self.end_invitation(invitation, Ending::GuestErased),
            Person::Teacher(teacher) => self.kill_links(Holder::Teacher(teacher)),
        }
        self.change(Change::Erase(person));
        self.done.log.push(Entry::Erased(person));
    }

    fn move_evening(&mut self, evening: EveningId, slots: &[Slot]) -> Result<(), Refusal> {
        let mut told = BTreeSet::new();
        for (id, one) in self.to_come(|it| it.evening == evening) {
            let to = slots.get(usize::from(one.slot.0)).copied();
            let to = to.ok_or(Refusal::TimesAreBooked)?;
            let span = Span {
                start: to.start,
                end: to.end,
            };
            // Once over, nothing brings it back; nobody is told in time of what has begun; and whoever is in a
            // talk hears a minute before that it ends.
            let has_begun = one.span.start <= self.now;
            let ends_soon = span.end < one.span.end && span.end.duration_since(self.now) < MINUTE;
            if span.end <= self.now
                || (has_begun && ends_soon)
                || (!has_begun && span.start < self.now)
            {
                return Err(Refusal::TimesOver);
            }
            self.check_free(evening, &one, span)?;
            if span != one.span {
                self.change(Change::Move(id, to));
                self.done.log.push(Entry::Moved(id, evening, to));
                told.insert(Holder::Parent(one.parent));
                let guests = self.facts.guests_of(&one);
                told.extend(guests.map(Holder::Guest));
            }
        }
        // Made longer, it is at no other time for anybody.
        let starts = self.facts.evenings.get(&evening).map(|it| it.start);
        if starts != slots.first().map(|it| it.start) {
            told.extend(self.written_to(evening));
        }
        for who in told {
            let is_alike = matches!(who, Holder::Guest(id) if self.facts.alike.contains_key(&id));
            if !is_alike {
                self.tell(evening, who, Word::EveningMoved);
            }
        }
        self.done.log.push(Entry::EveningMoved(evening));
        Ok(())
    }

    /// Whoever has read of an evening in an e-mail, and has a link that lives.
    fn written_to(&self, evening: EveningId) -> impl Iterator<Item = Holder> {
        let facts = self.facts;
        let all = facts.written_to.intersection(&facts.links);
        all.filter(move |(of, _)| *of == evening)
            .map(|(_, who)| *who)
    }

    /// Nobody is in two places at once, also across evenings that overlap (EVE-19).
    fn check_free(&self, evening: EveningId, one: &Appointment, span: Span) -> Result<(), Refusal> {
        let facts = self.facts;
        // What is in the same evening moves along.
        let is_elsewhere = |it: &&Engagement| {
            let of = facts.appointments.get(&it.booking);
            of.is_none_or(|it| it.evening != evening)
        };
        let teachers = one.teachers.as_slice().iter();
        let engaged = teachers.filter_map(|it| facts.engaged.get(it));
        let attending = facts.attending.get(&one.parent);
        let is_busy = engaged
            .chain(attending)
            .flatten()
            .filter(is_elsewhere)
            .any(|it| it.is_at(span, self.now));
        if is_busy {
            Err(Refusal::BusyElsewhere)
        } else {
            Ok(())
        }
    }

    fn cancel_evening(&mut self, evening: EveningId) {
        let facts = self.facts;
        let mut told = BTreeSet::new();
        for (id, one) in self.to_come(|it| it.evening == evening) {
            self.free(id, evening);
            told.insert(Holder::Parent(one.parent));
            told.extend(facts.guests_of(&one).map(Holder::Guest));
        }
        told.extend(self.written_to(evening));
        for who in told {
            let is_alike = matches!(who, Holder::Guest(id) if facts.alike.contains_key(&id));
            self.change(Change::DropMail(evening, who));
            if !is_alike {
                self.tell(evening, who, Word::EveningCancelled);
            }
        }
        self.done.log.push(Entry::EveningCancelled(evening));
    }
}
