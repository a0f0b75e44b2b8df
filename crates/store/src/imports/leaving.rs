//! Who has left the source, and who is back (DIR-11).
//!
//! Whoever has left is kept for the school's period, without a link, and is found by a search; what
//! they were to others is so again when they are back. Whom a court order concerns keeps their
//! family: it is by that that they are known again as somebody's guest.

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::deed::Person;
use school::import::Leaving;
use school::{Actor, ContactId, Deed, Refusal, StudentId, TeacherId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::{Aftermath, subject};
use crate::fault::{Error, Result};
use crate::store::Store;
use crate::value::values;

impl Store {
    pub(super) async fn take_leave(
        &self,
        work: &mut Work,
        leaving: &Leaving,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        match leaving {
            Leaving::Student(id, _) => {
                let left = self.leave(work, Person::Student(*id), actor, now).await?;
                work.run(
                    "UPDATE students SET gone_at = $3 WHERE school = $1 AND id = $2",
                    values![self.school, *id, now],
                )
                .await?;
                work.run(
                    "DELETE FROM class_students
                     WHERE school = $1 AND student = $2 AND from_source = 1",
                    values![self.school, *id],
                )
                .await?;
                self.part(work, None, Some(*id)).await?;
                Ok(left)
            }
            Leaving::Contact(id, _) => {
                let left = self.leave(work, Person::Contact(*id), actor, now).await?;
                work.run(
                    "UPDATE contacts SET gone_at = $3 WHERE school = $1 AND id = $2",
                    values![self.school, *id, now],
                )
                .await?;
                self.part(work, Some(*id), None).await?;
                Ok(left)
            }
            Leaving::Teacher(id, _) => self.take_leave_of_teacher(work, *id, actor, now).await,
            Leaving::Class(id, _) => match self.drop_class(work, *id, actor, now).await {
                Ok(()) | Err(Error::Refused(Refusal::HasAppointments)) => Ok(Aftermath::default()),
                Err(other) => Err(other),
            },
            Leaving::Guardian(who, _) => self.take_leave_of_guardian(work, *who, actor, now).await,
            Leaving::Place((student, class), _) => {
                work.run(
                    "DELETE FROM class_students WHERE school = $1 AND student = $2 AND class = $3",
                    values![self.school, *student, *class],
                )
                .await?;
                Ok(Aftermath::default())
            }
        }
    }

    async fn take_leave_of_guardian(
        &self,
        work: &mut Work,
        (contact, student): (ContactId, StudentId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        // Whom a court order concerns is known again by it.
        work.run(
            "INSERT INTO former_guardians (school, contact, student, relationship, from_source)
             SELECT guardians.school, contact, student, relationship, guardians.from_source
             FROM guardians
             JOIN contacts ON contacts.school = guardians.school
               AND contacts.id = guardians.contact
             WHERE guardians.school = $1 AND contact = $2 AND student = $3
               AND (court_order_at IS NOT NULL OR may_be IS NOT NULL)
             ON CONFLICT DO NOTHING",
            values![self.school, contact, student],
        )
        .await?;
        work.run(
            "DELETE FROM guardians WHERE school = $1 AND contact = $2 AND student = $3",
            values![self.school, contact, student],
        )
        .await?;
        let students = BTreeSet::from([student]);
        self.end_guardianship(work, (contact, &students), actor, now)
            .await
    }

    async fn take_leave_of_teacher(
        &self,
        work: &mut Work,
        id: TeacherId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        // Whoever still takes a class or an appointment is needed: the next import looks again.
        match self.check_not_needed(work, id, now).await {
            Ok(()) => {}
            Err(Error::Refused(Refusal::TakesClasses)) => return Ok(Aftermath::default()),
            Err(other) => return Err(other),
        }
        let left = self.leave(work, Person::Teacher(id), actor, now).await?;
        work.run(
            "UPDATE teachers SET removed_at = $3 WHERE school = $1 AND id = $2",
            values![self.school, id, now],
        )
        .await?;
        Ok(left)
    }

    /// Keeps aside whose guardian somebody was who has left.
    async fn part(
        &self,
        work: &mut Work,
        contact: Option<ContactId>,
        student: Option<StudentId>,
    ) -> Result<()> {
        for sql in [
            "INSERT INTO former_guardians (school, contact, student, relationship, from_source)
             SELECT guardians.school, contact, student, relationship, guardians.from_source
             FROM guardians
             JOIN contacts ON contacts.school = guardians.school
               AND contacts.id = guardians.contact
             WHERE guardians.school = $1 AND (contact = $2 OR student = $3)
               AND court_order_at IS NULL AND may_be IS NULL
             ON CONFLICT DO NOTHING",
            "DELETE FROM guardians WHERE school = $1 AND (contact = $2 OR student = $3)
               AND EXISTS (SELECT 1 FROM former_guardians AS former
                 WHERE former.school = guardians.school AND former.contact = guardians.contact
                   AND former.student = guardians.student)",
        ] {
            work.run(sql, values![self.school, contact, student])
                .await?;
        }
        Ok(())
    }

    async fn leave(
        &self,
        work: &mut Work,
        person: Person,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        self.perform(work, &Deed::Left { person }, actor, now).await
    }

    /// Somebody who had left is named again.
    pub(crate) async fn welcome_back(
        &self,
        work: &mut Work,
        person: Person,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let back = match person {
            Person::Student(id) => {
                let sql = "UPDATE students SET gone_at = NULL WHERE school = $1 AND id = $2";
                work.run(sql, values![self.school, id]).await?
            }
            Person::Contact(id) => {
                let sql = "UPDATE contacts SET gone_at = NULL WHERE school = $1 AND id = $2";
                work.run(sql, values![self.school, id]).await?
            }
            Person::Teacher(id) => {
                let sql = "UPDATE teachers SET removed_at = NULL WHERE school = $1 AND id = $2";
                work.run(sql, values![self.school, id]).await?
            }
            Person::Guest(_) => 0,
        };
        if back == 0 {
            return Err(Refusal::NotFound.into());
        }
        let (contact, student) = match person {
            Person::Contact(id) => (Some(id), None),
            Person::Student(id) => (None, Some(id)),
            Person::Guest(_) | Person::Teacher(_) => (None, None),
        };
        // A guardianship that ended while a court order concerns them stays ended.
        for sql in [
            "INSERT INTO guardians (school, contact, student, relationship, from_source)
             SELECT school, contact, student, relationship, from_source FROM former_guardians
             WHERE school = $1 AND (contact = $2 OR student = $3)
               AND contact IN (SELECT id FROM contacts WHERE school = $1 AND gone_at IS NULL
                 AND court_order_at IS NULL AND may_be IS NULL)
               AND student IN (SELECT id FROM students WHERE school = $1 AND gone_at IS NULL)
             ON CONFLICT DO NOTHING",
            "DELETE FROM former_guardians WHERE school = $1 AND (contact = $2 OR student = $3)
               AND contact IN (SELECT id FROM contacts WHERE school = $1 AND gone_at IS NULL
                 AND court_order_at IS NULL AND may_be IS NULL)
               AND student IN (SELECT id FROM students WHERE school = $1 AND gone_at IS NULL)",
        ] {
            work.run(sql, values![self.school, contact, student])
                .await?;
        }
        self.audit(
            work,
            actor,
            Action::BackAtSchool,
            &subject(person),
            &[],
            now,
        )
        .await
    }
}
