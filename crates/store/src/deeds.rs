//! Deeds, carried out: what the rules say follows is done in the deed's own transaction, and what
//! the living part must do comes back.

mod carry;
mod entries;
mod facts;
mod tell;

pub(crate) use carry::FORMER_TEACHER;
pub(crate) use entries::subject;

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::LinkId;
use school::deed::{self, Change, Consequences, Deed, Facts};
use school::{Actor, BookingId, InvitationId, MeetingId, StaffId};

use crate::database::Work;
use crate::entitled::Touched;
use crate::fault::Result;
use crate::store::Store;

/// What is to be done among the living after a deed: sessions of these links and these calls end at
/// once, and these pages show something else.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Aftermath {
    /// Links that are dead for ever.
    pub links: Vec<LinkId>,
    /// Meetings that are cancelled.
    pub ended: BTreeSet<MeetingId>,
    /// Meetings that others are entitled to from now on, or at another time: they are read again.
    pub changed: BTreeSet<MeetingId>,
    /// Appointments of which the office is to say what becomes of them.
    pub asked: Vec<BookingId>,
    /// Links whose open pages show something else.
    pub pages: BTreeSet<LinkId>,
    /// Those of the staff whose open start pages do.
    pub staff: BTreeSet<StaffId>,
}

impl Aftermath {
    pub(crate) fn extend(&mut self, other: Self) {
        self.links.extend(other.links);
        self.ended.extend(other.ended);
        self.changed.extend(other.changed);
        self.asked.extend(other.asked);
        self.pages.extend(other.pages);
        self.staff.extend(other.staff);
    }
}

impl Store {
    /// Does everything that follows from a deed, in the transaction of the deed.
    ///
    /// # Errors
    ///
    /// What [`deed::consequences`] refuses.
    pub(crate) async fn perform(
        &self,
        work: &mut Work,
        deed: &Deed,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let facts = self.facts(work, deed, now).await?;
        let follows = deed::consequences(deed, &facts, actor, now)?;
        let mut aftermath = self.carry_out(work, &follows, &facts, now).await?;
        if !aftermath.asked.is_empty() {
            self.tell_office(work, now).await?;
        }
        for told in &follows.told {
            self.tell(work, told, &facts, now).await?;
        }
        // Last: what is said of people who are erased was read from what is erased.
        for change in &follows.changes {
            if let Change::Erase(person) = change {
                self.erase_visits(work, &facts.visits).await?;
                self.erase(work, *person, now).await?;
            }
        }
        let entitled = self.entitle(work, touched(deed, &follows, &facts), now);
        let entitled = entitled.await?;
        let ended = &aftermath.ended;
        aftermath
            .changed
            .extend(entitled.into_iter().filter(|it| !ended.contains(it)));
        for entry in &follows.log {
            self.enter(work, actor, entry, now).await?;
        }
        let pages = self.pages(work, &follows.pages).await?;
        aftermath.pages.extend(pages);
        Ok(aftermath)
    }
}

/// What of the appointments may have others entitled to it after a deed.
fn touched(deed: &Deed, follows: &Consequences, facts: &Facts) -> Touched {
    let mut touched = Touched::default();
    let inviter = |id: &InvitationId| facts.invitations.get(id).and_then(|it| it.inviter);
    for change in &follows.changes {
        match change {
            Change::Cancel(id) | Change::GiveTo(id, _) => {
                touched.bookings.insert(*id);
            }
            Change::EndInvitation(id) | Change::Uncover(id, _) => {
                touched.parents.extend(inviter(id));
            }
            Change::EndVisit(_)
            | Change::Move(..)
            | Change::AskOffice(_)
            | Change::Substitute { .. }
            | Change::Back { .. }
            | Change::DropMail(..)
            | Change::ForgetTold(..)
            | Change::KillLink(..)
            | Change::EnsureLink(..)
            | Change::JoinRecords { .. }
            | Change::Stop(..)
            | Change::LetBack(..)
            | Change::Erase(_) => {}
        }
    }
    match deed {
        // They are barred.
        Deed::OrderEntered { contact } | Deed::Suspended { contact, .. } => {
            touched.parents.insert(*contact);
        }
        // Guests of either may come to what the other booked.
        Deed::RecordsJoined { kept, .. } => {
            touched.parents.insert(*kept);
        }
        Deed::InvitationEnded { .. }
        | Deed::VisitEnded { .. }
        | Deed::AppointmentCancelled { .. }
        | Deed::AppointmentMoved { .. }
        | Deed::AppointmentGiven { .. }
        | Deed::TeachersChanged { .. }
        | Deed::PlacesEnded { .. }
        | Deed::TeacherIll { .. }
        | Deed::TeacherBack { .. }
        | Deed::AddressChanged { .. }
        | Deed::GuardianshipEnded { .. }
        | Deed::Left { .. }
        | Deed::Erased { .. }
        | Deed::EveningChanged { .. }
        | Deed::EveningCancelled { .. }
        | Deed::CallStopped { .. }
        | Deed::LetBack { .. } => {}
    }
    touched
}
