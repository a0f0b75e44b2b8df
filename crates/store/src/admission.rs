//! Who may be in which call, and when: what the running program admits by.

use std::collections::BTreeMap;

use jiff::Timestamp;
use links::{LinkId, Record};
use school::{BookingId, ContactId, EveningId, Holder, Name, TeacherId};

use crate::appointments::Appointment;
use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::holders::{HeldLink, read_record};
use crate::scope::{Scope, scoped};
use crate::store::Store;
use crate::value::{columns, values};

/// Somebody entitled to a call, by a link that lives.
#[derive(Clone, Debug)]
pub struct Entitled {
    /// What is kept of their link.
    pub record: Record,
    /// Who they are.
    pub holder: Holder,
    /// Their number in the call, the same over every session: teachers from 1, the parent 4,
    /// guests from 5 on, each invitation its own.
    pub participant: u32,
    /// Their name.
    pub name: Name,
    /// The link of the parent who invited them, for a guest.
    pub invited_by: Option<LinkId>,
}

/// A call: an appointment, and those who may be in it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The appointment; the call has its id.
    pub appointment: Appointment,
    /// Who may be in it, by number.
    pub people: Vec<Entitled>,
}

columns! {
    struct LinkRow {
        link: LinkId,
    }
}

/// Those who may be in each of several calls.
type People = BTreeMap<BookingId, Vec<Entitled>>;

/// What a link admits to.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The link, whose it is, and whether it lives.
    pub link: HeldLink,
    /// The calls it is for, in order of time; none where it does not live.
    pub calls: Vec<Call>,
}

impl Store {
    /// What a link is for; none where it is unknown. Its secret is to be checked by the keyring
    /// before anything of this is told to anybody.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn admission(&self, link: LinkId, now: Timestamp) -> Result<Option<Admission>> {
        let mut work = self.read().await?;
        let Some(link) = self.find_link(&mut work, link, now).await? else {
            return Ok(None);
        };
        let evening = link.evening.id;
        let scope = match link.holder {
            Holder::Parent(id) => Scope::Parent(evening, id),
            Holder::Guest(id) => Scope::Guest(evening, id),
            Holder::Teacher(id) => Scope::Teacher(evening, id),
        };
        let calls = match link.state {
            crate::LinkState::Live => self.find_calls(&mut work, scope).await?,
            crate::LinkState::Withdrawn | crate::LinkState::Expired => Vec::new(),
        };
        Ok(Some(Admission { link, calls }))
    }

    /// A call; none where it is unknown or cancelled.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn call(&self, id: BookingId) -> Result<Option<Call>> {
        let mut work = self.read().await?;
        let calls = self.find_calls(&mut work, Scope::One(id)).await?;
        Ok(calls.into_iter().next())
    }

    /// The links that live of all who may be in a call: whoever sees it by them.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn links_of_call(&self, id: BookingId) -> Result<Vec<LinkId>> {
        let mut work = self.glance().await?;
        let links: Vec<LinkRow> = work
            .rows(
                "SELECT links.id AS link FROM bookings
                 JOIN links ON links.school = bookings.school AND links.evening = bookings.evening
                   AND links.holder = bookings.parent AND links.withdrawn_at IS NULL
                 WHERE bookings.school = $1 AND bookings.id = $2 AND cancelled_at IS NULL
                 UNION ALL
                 SELECT links.id FROM booking_teachers
                 JOIN links ON links.school = booking_teachers.school
                   AND links.evening = booking_teachers.evening
                   AND links.holder = booking_teachers.teacher AND links.withdrawn_at IS NULL
                 WHERE booking_teachers.school = $1 AND booking = $2
                 UNION ALL
                 SELECT links.id FROM bookings
                 JOIN coverage ON coverage.school = bookings.school
                   AND coverage.evening = bookings.evening AND coverage.inviter = bookings.parent
                   AND coverage.student = bookings.student
                 JOIN links ON links.school = bookings.school AND links.evening = bookings.evening
                   AND links.holder = coverage.invitation AND links.withdrawn_at IS NULL
                 WHERE bookings.school = $1 AND bookings.id = $2 AND cancelled_at IS NULL",
                values![self.school, id],
            )
            .await?;
        Ok(links.into_iter().map(|row| row.link).collect())
    }

    /// All calls of an evening, in order of time: for the office's live view.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn calls_of_evening(&self, evening: EveningId) -> Result<Vec<Call>> {
        let mut work = self.read().await?;
        Ok(self.find_calls(&mut work, Scope::Evening(evening)).await?)
    }

    /// The calls that a teacher takes in an evening, in order of time.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn calls_of_teacher(
        &self,
        teacher: TeacherId,
        evening: EveningId,
    ) -> Result<Vec<Call>> {
        let mut work = self.read().await?;
        let scope = Scope::Teacher(evening, teacher);
        Ok(self.find_calls(&mut work, scope).await?)
    }

    /// The holder of a link joined a call: in the audit log each time, and on a guest's invitation
    /// the first time (INV-6).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn joined(&self, holder: Holder, call: BookingId, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        if let Holder::Guest(invitation) = holder {
            work.run(
                "UPDATE invitations SET joined_at = $3
                 WHERE school = $1 AND id = $2 AND joined_at IS NULL",
                values![self.school, invitation, now],
            )
            .await?;
        }
        let subject = format!("booking:{call}");
        self.audit(&mut work, holder.into(), Action::Joined, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    async fn find_calls(&self, work: &mut Work, scope: Scope) -> Read<Vec<Call>> {
        let appointments = self.appointments(work, scope).await?;
        let mut people = People::new();
        self.add_teachers(work, scope, &mut people).await?;
        self.add_parents(work, scope, &mut people).await?;
        self.add_guests(work, scope, &mut people).await?;
        Ok(appointments
            .into_iter()
            .map(|appointment| Call {
                people: people.remove(&appointment.id).unwrap_or_default(),
                appointment,
            })
            .collect())
    }

    async fn add_teachers(&self, work: &mut Work, scope: Scope, people: &mut People) -> Read<()> {
        let sql = scoped!(
            scope,
            "SELECT bookings.id, links.id, links.version, links.key, teachers.id, teachers.name,
               booking_teachers.position
             FROM bookings
             JOIN booking_teachers ON booking_teachers.school = bookings.school
               AND booking_teachers.booking = bookings.id
             JOIN teachers ON teachers.school = bookings.school
               AND teachers.id = booking_teachers.teacher
             JOIN links ON links.school = bookings.school AND links.evening = bookings.evening
               AND links.holder = teachers.id AND links.withdrawn_at IS NULL
             WHERE",
            "ORDER BY bookings.id, booking_teachers.position"
        );
        for row in work.all(sql, scope.values(self.school)).await? {
            let teacher: TeacherId = row.get(4)?;
            let position: u32 = row.get(6)?;
            let one = Entitled {
                record: read_record(&row, 1)?,
                holder: Holder::Teacher(teacher),
                participant: position + 1,
                name: row.get(5)?,
                invited_by: None,
            };
            people.entry(row.get(0)?).or_default().push(one);
        }
        Ok(())
    }

    async fn add_parents(&self, work: &mut Work, scope: Scope, people: &mut People) -> Read<()> {
        let sql = scoped!(
            scope,
            "SELECT bookings.id, links.id, links.version, links.key, contacts.id, contacts.name
             FROM bookings
             JOIN contacts ON contacts.school = bookings.school AND contacts.id = bookings.parent
             JOIN links ON links.school = bookings.school AND links.evening = bookings.evening
               AND links.holder = contacts.id AND links.withdrawn_at IS NULL
             WHERE contacts.court_order_at IS NULL AND contacts.may_be IS NULL AND",
            "ORDER BY bookings.id"
        );
        for row in work.all(sql, scope.values(self.school)).await? {
            let parent: ContactId = row.get(4)?;
            let one = Entitled {
                record: read_record(&row, 1)?,
                holder: Holder::Parent(parent),
                participant: PARENT,
                name: row.get(5)?,
                invited_by: None,
            };
            people.entry(row.get(0)?).or_default().push(one);
        }
        Ok(())
    }

    async fn add_guests(&self, work: &mut Work, scope: Scope, people: &mut People) -> Read<()> {
        let sql = scoped!(
            scope,
            "SELECT bookings.id, links.id, links.version, links.key, invitations.id,
               invitations.name, invitations.ordinal, inviters.id
             FROM bookings
             JOIN coverage ON coverage.school = bookings.school
               AND coverage.evening = bookings.evening AND coverage.inviter = bookings.parent
               AND coverage.student = bookings.student
             JOIN invitations ON invitations.school = bookings.school
               AND invitations.id = coverage.invitation AND invitations.state = 'sent'
             JOIN links ON links.school = bookings.school AND links.evening = bookings.evening
               AND links.holder = invitations.id AND links.withdrawn_at IS NULL
             LEFT JOIN links AS inviters ON inviters.school = bookings.school
               AND inviters.evening = bookings.evening AND inviters.holder = bookings.parent
               AND inviters.withdrawn_at IS NULL
             WHERE",
            "ORDER BY bookings.id, invitations.ordinal"
        );
        for row in work.all(sql, scope.values(self.school)).await? {
            let ordinal: u32 = row.get(6)?;
            let one = Entitled {
                record: read_record(&row, 1)?,
                holder: Holder::Guest(row.get(4)?),
                participant: PARENT + ordinal,
                name: row.get(5)?,
                invited_by: row.maybe(7)?,
            };
            people.entry(row.get(0)?).or_default().push(one);
        }
        Ok(())
    }
}

/// The parent's number in a call: after three teachers.
const PARENT: u32 = 4;
