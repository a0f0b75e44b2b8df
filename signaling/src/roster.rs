//! Who is entitled to which call.

use std::collections::HashMap;
use std::sync::Arc;

use call::{CallId, LinkId};
use links::Record;
use wire::message::Role;

use crate::private::Private;

/// Somebody entitled to a call.
#[derive(Clone, Debug)]
pub struct Entitled {
    /// What is kept of their link.
    pub record: Record,
    /// Their number in the call, from 1: the same over every session.
    pub participant: u32,
    /// Their name as others see it.
    pub name: Private<String>,
    /// Their role as others see it.
    pub role: Role,
    /// Who invited them, where somebody did.
    pub invited_by: Option<LinkId>,
}

impl Entitled {
    /// Their link, as the rules of calls know it.
    #[must_use]
    pub const fn link(&self) -> LinkId {
        link_of(self.record.id)
    }
}

/// A link, as the rules of calls know it.
pub(crate) const fn link_of(id: links::LinkId) -> LinkId {
    LinkId(id.number())
}

/// A call that some are entitled to.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// Its number.
    pub call: CallId,
    /// What to call it on the page.
    pub title: Private<String>,
    /// Everybody entitled to it.
    pub people: Vec<Entitled>,
}

impl Appointment {
    /// Who holds this link.
    #[must_use]
    pub fn holder(&self, link: LinkId) -> Option<&Entitled> {
        self.people.iter().find(|one| one.link() == link)
    }

    /// The link of the parent who booked.
    #[must_use]
    pub fn parent(&self) -> Option<LinkId> {
        self.people
            .iter()
            .find(|one| one.role == Role::Parent)
            .map(Entitled::link)
    }
}

/// Everybody entitled to anything.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    appointments: HashMap<LinkId, Arc<Appointment>>,
    calls: HashMap<CallId, Arc<Appointment>>,
}

impl Roster {
    /// Those entitled to these.
    #[must_use]
    pub fn new(appointments: Vec<Appointment>) -> Self {
        let mut roster = Self::default();
        for appointment in appointments.into_iter().map(Arc::new) {
            for one in &appointment.people {
                roster
                    .appointments
                    .insert(one.link(), Arc::clone(&appointment));
            }
            roster.calls.insert(appointment.call, appointment);
        }
        roster
    }

    /// What a link admits to.
    #[must_use]
    pub fn appointment_of(&self, link: LinkId) -> Option<&Arc<Appointment>> {
        self.appointments.get(&link)
    }

    /// Who may be in a call.
    #[must_use]
    pub fn appointment(&self, call: CallId) -> Option<&Arc<Appointment>> {
        self.calls.get(&call)
    }
}
