//! What follows where two records of one person are made one (DIR-13).

use super::{Change, Entry, Following, Word};
use crate::deed::{Appointment, Invited};
use crate::holder::Holder;
use crate::ids::{ContactId, InvitationId};
use crate::invitation::State;
use crate::refusal::Refusal;

impl Following<'_> {
    /// What the record that goes has comes to the one that stays. Of two links for an evening that of
    /// the one that stays lives on. Whoever sees more than before is told what they have now.
    pub(super) fn join(&mut self, kept: ContactId, gone: ContactId) -> Result<(), Refusal> {
        self.check_once(kept, gone)?;
        let facts = self.facts;
        let (to, from) = (Holder::Parent(kept), Holder::Parent(gone));
        for evening in self.evenings_of(from) {
            self.change(Change::DropMail(evening, from));
            let has_link = |who| facts.links.contains(&(evening, who));
            if has_link(from) && has_link(to) {
                self.change(Change::KillLink(evening, from));
            }
        }
        self.change(Change::JoinRecords { kept, gone });
        for (_, one) in self.to_come(|it| it.parent == gone) {
            self.tell(one.evening, to, Word::Appointments);
        }
        for (whose, others) in [(kept, gone), (gone, kept)] {
            for (id, invited) in self.invited_by(whose) {
                let is_new = |it: &Appointment| {
                    it.parent == others
                        && it.evening == invited.evening
                        && invited.students.contains(&it.student)
                };
                let is_guests_to_know =
                    invited.state == State::Sent && !facts.alike.contains_key(&id);
                if is_guests_to_know && !self.to_come(is_new).is_empty() {
                    self.tell(invited.evening, Holder::Guest(id), Word::Appointments);
                }
            }
        }
        self.done.log.push(Entry::Joined(kept, gone));
        Ok(())
    }

    /// One person is in one place at a time, has one appointment for a student and class, and one
    /// invitation for a student.
    fn check_once(&self, kept: ContactId, gone: ContactId) -> Result<(), Refusal> {
        let theirs = self.to_come(|it| it.parent == kept);
        let clashes = |one: &Appointment| {
            theirs.iter().any(|(_, it)| {
                let is_same =
                    (it.evening, it.student, it.class) == (one.evening, one.student, one.class);
                is_same || it.span.overlaps(one.span)
            })
        };
        let is_booked_twice = !self
            .to_come(|it| it.parent == gone && clashes(it))
            .is_empty();
        let invited = self.invited_by(kept);
        let is_invited_twice = self.invited_by(gone).iter().any(|(_, one)| {
            invited
                .iter()
                .any(|(_, it)| it.evening == one.evening && !it.students.is_disjoint(&one.students))
        });
        if is_booked_twice || is_invited_twice {
            Err(Refusal::RecordsClash)
        } else {
            Ok(())
        }
    }

    /// The invitations of a contact that are to come.
    fn invited_by(&self, contact: ContactId) -> Vec<(InvitationId, Invited)> {
        let all = self.facts.invitations.iter();
        all.filter(|(_, it)| {
            it.inviter == Some(contact)
                && it.state != State::Removed
                && self.facts.is_to_come(it.evening, self.now)
        })
        .map(|(id, it)| (*id, it.clone()))
        .collect()
    }
}
