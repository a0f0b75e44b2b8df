//! Who is entitled to which call: a view of the records.
//!
//! Nothing is kept in memory beside the records. A link is looked up by its key, so that what was
//! withdrawn a moment ago opens nothing, and the page of a whole class of parents costs the
//! database less than their sound.

use std::sync::Arc;

use call::{CallId, LinkId};
use jiff::{SignedDuration, Timestamp};
use links::Record;
use school::BookingId;
use store::Holder;
use wire::message::Role;

use crate::house::House;
use crate::private::Private;

/// Somebody entitled to a call.
#[derive(Clone, Debug)]
pub(crate) struct Entitled {
    /// What is kept of their link.
    pub(crate) record: Record,
    /// Who they are in the records.
    pub(crate) holder: Holder,
    /// Their number in the call, from 1: the same over every session.
    pub(crate) participant: u32,
    /// Their name as others see it.
    pub(crate) name: Private<String>,
    /// Their role as others see it.
    pub(crate) role: Role,
    /// Who invited them, where somebody did.
    pub(crate) invited_by: Option<LinkId>,
}

impl Entitled {
    /// Their link, as the rules of calls know it.
    pub(crate) const fn link(&self) -> LinkId {
        link_of(self.record.id)
    }
}

/// A link, as the rules of calls know it.
pub(crate) const fn link_of(id: links::LinkId) -> LinkId {
    LinkId(id.number())
}

/// The role of somebody by their link.
pub(crate) const fn role_of(holder: Holder) -> Role {
    match holder {
        Holder::Parent(_) => Role::Parent,
        Holder::Guest(_) => Role::Guest,
        Holder::Teacher(_) => Role::Teacher,
    }
}

/// A call that some are entitled to.
#[derive(Clone, Debug)]
pub(crate) struct Appointment {
    /// Its number.
    pub(crate) call: CallId,
    /// What to call it on the page.
    pub(crate) title: Private<String>,
    /// Everybody entitled to it.
    pub(crate) people: Vec<Entitled>,
}

impl Appointment {
    /// Who holds this link.
    pub(crate) fn holder(&self, link: LinkId) -> Option<&Entitled> {
        self.people.iter().find(|one| one.link() == link)
    }

    /// The link of the parent who booked.
    pub(crate) fn parent(&self) -> Option<LinkId> {
        self.people
            .iter()
            .find(|one| one.role == Role::Parent)
            .map(Entitled::link)
    }
}

impl From<store::Call> for Appointment {
    fn from(call: store::Call) -> Self {
        let booked = call.appointment;
        let title = format!(
            "{}: {}",
            booked.subject.as_str(),
            booked.student_name.reveal()
        );
        Self {
            call: CallId(booked.id.0),
            title: Private::new(title),
            people: call
                .people
                .into_iter()
                .map(|one| Entitled {
                    record: one.record,
                    holder: one.holder,
                    participant: one.participant,
                    name: Private::new(one.name.reveal().to_owned()),
                    role: role_of(one.holder),
                    invited_by: one.invited_by.map(link_of),
                })
                .collect(),
        }
    }
}

/// When an appointment can be joined.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// From so long before it begins.
    pub before: SignedDuration,
    /// Until so long after it ends.
    pub after: SignedDuration,
}

impl Window {
    /// From when on it can be joined.
    #[must_use]
    pub fn opens(&self, booked: &store::Appointment) -> Timestamp {
        booked
            .start
            .checked_sub(self.before)
            .unwrap_or(Timestamp::MIN)
    }

    /// From when on it cannot be joined any more.
    #[must_use]
    pub fn closes(&self, booked: &store::Appointment) -> Timestamp {
        booked.end.checked_add(self.after).unwrap_or(Timestamp::MAX)
    }
}

impl House {
    /// Who may be in a call; none where it is unknown or cancelled.
    pub(crate) async fn appointment(
        &self,
        call: CallId,
    ) -> store::Result<Option<Arc<Appointment>>> {
        let call = self.store.call(BookingId(call.0)).await?;
        Ok(call.map(|call| Arc::new(Appointment::from(call))))
    }
}
