//! Who is entitled to which call: a view of the records, or a list for a load test.
//!
//! Nothing is kept in memory beside the records. A link is looked up by its key, so that what was
//! withdrawn a moment ago opens nothing, and the page of a whole class of parents costs the
//! database less than their sound.

use std::collections::HashMap;
use std::sync::Arc;

use call::{CallId, LinkId};
use jiff::{SignedDuration, Timestamp};
use links::Record;
use school::BookingId;
use store::{HeldLink, Holder, LinkState, Store};
use wire::message::Role;

use crate::private::Private;

/// Somebody entitled to a call.
#[derive(Clone, Debug)]
pub struct Entitled {
    /// What is kept of their link.
    pub record: Record,
    /// Who they are in the records; nobody in a load test.
    pub holder: Option<Holder>,
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
pub struct Appointment {
    /// Its number.
    pub call: CallId,
    /// What to call it on the page.
    pub title: Private<String>,
    /// Everybody entitled to it.
    pub people: Vec<Entitled>,
    /// What was booked; nothing in a load test.
    pub booked: Option<Arc<store::Appointment>>,
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
                    holder: Some(one.holder),
                    participant: one.participant,
                    name: Private::new(one.name.reveal().to_owned()),
                    role: role_of(one.holder),
                    invited_by: one.invited_by.map(link_of),
                })
                .collect(),
            booked: Some(Arc::new(booked)),
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

/// Everybody entitled to anything.
#[derive(Clone, Debug)]
pub struct Roster(Source);

#[derive(Clone, Debug)]
enum Source {
    Listed {
        links: HashMap<LinkId, Arc<Appointment>>,
        calls: HashMap<CallId, Arc<Appointment>>,
    },
    Records {
        store: Store,
        window: Window,
    },
}

/// A link that is known, and not yet shown to be right.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// One of a load test.
    Listed(Arc<Appointment>, Entitled),
    /// One of the records, whatever became of it.
    Held(Box<HeldLink>),
}

impl Found {
    pub(crate) const fn record(&self) -> &Record {
        match self {
            Self::Listed(_, one) => &one.record,
            Self::Held(link) => &link.record,
        }
    }

    /// What may be done with it. Nobody is told before they have shown its secret.
    pub(crate) const fn state(&self) -> LinkState {
        match self {
            Self::Listed(_, _) => LinkState::Live,
            Self::Held(link) => link.state,
        }
    }
}

impl Roster {
    /// Those entitled to these, for a load test.
    #[must_use]
    pub fn new(appointments: Vec<Appointment>) -> Self {
        let (mut links, mut calls) = (HashMap::new(), HashMap::new());
        for appointment in appointments.into_iter().map(Arc::new) {
            for one in &appointment.people {
                links.insert(one.link(), Arc::clone(&appointment));
            }
            calls.insert(appointment.call, appointment);
        }
        Self(Source::Listed { links, calls })
    }

    /// Those whom the records entitle.
    #[must_use]
    pub const fn of(store: Store, window: Window) -> Self {
        Self(Source::Records { store, window })
    }

    /// The records, where there are any.
    pub(crate) const fn records(&self) -> Option<(&Store, Window)> {
        match &self.0 {
            Source::Listed { .. } => None,
            Source::Records { store, window } => Some((store, *window)),
        }
    }

    /// A link; none where it is unknown.
    pub(crate) async fn find(
        &self,
        id: links::LinkId,
        now: Timestamp,
    ) -> store::Result<Option<Found>> {
        match &self.0 {
            Source::Listed { links, calls: _ } => Ok(links.get(&link_of(id)).and_then(|it| {
                let holder = it.holder(link_of(id))?.clone();
                Some(Found::Listed(Arc::clone(it), holder))
            })),
            Source::Records { store, window: _ } => Ok(store
                .link(id, now)
                .await?
                .map(|link| Found::Held(Box::new(link)))),
        }
    }

    /// Who may be in a call.
    pub(crate) async fn appointment(
        &self,
        call: CallId,
    ) -> store::Result<Option<Arc<Appointment>>> {
        match &self.0 {
            Source::Listed { links: _, calls } => Ok(calls.get(&call).map(Arc::clone)),
            Source::Records { store, window: _ } => Ok(store
                .call(BookingId(call.0))
                .await?
                .map(|call| Arc::new(Appointment::from(call)))),
        }
    }
}
