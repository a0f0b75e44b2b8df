//! Invitations as they are shown: to who invited, and to the office.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{ContactId, EveningId, InvitationId, Name, Refusal, StudentId};

use super::{Invitation, Invitations};
use crate::database::{Row, Work};
use crate::fault::{Read, Result};
use crate::outbox::Delivery;
use crate::store::Store;
use crate::value::values;

macro_rules! invitations {
    ($where:literal) => {
        concat!(
            "SELECT invitations.id, invitations.evening, invitations.inviter, inviters.name,
               invitations.name, invitations.email, invitations.state, invitations.created_at,
               invitations.joined_at, students.id, students.name, given_at, wording
             FROM invitations
             JOIN consents ON consents.school = invitations.school
               AND consents.invitation = invitations.id
             JOIN contacts AS inviters ON inviters.school = invitations.school
               AND inviters.id = invitations.inviter
             LEFT JOIN coverage ON coverage.school = invitations.school
               AND coverage.invitation = invitations.id
             LEFT JOIN students ON students.school = invitations.school
               AND students.id = coverage.student
             WHERE invitations.school = $1 AND invitations.evening = $2
               AND invitations.state <> 'removed' AND ",
            $where,
            " ORDER BY invitations.created_at, invitations.id, students.name_key"
        )
    };
}

impl Store {
    /// A parent's students and invitations in an evening.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the evening is unknown.
    pub async fn invitations(&self, parent: ContactId, evening: EveningId) -> Result<Invitations> {
        let mut work = self.read().await?;
        self.find_evening(&mut work, evening).await?;
        let students = self.coverage(&mut work, parent, evening).await?;
        let rows = work
            .all(
                invitations!("invitations.inviter = $3"),
                values![self.school, evening, parent],
            )
            .await?;
        let invitations = self.read_invitations(&mut work, &rows).await?;
        Ok(Invitations {
            students,
            invitations,
        })
    }

    /// All invitations of an evening, for the office (INV-9).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn invitations_of_evening(&self, evening: EveningId) -> Result<Vec<Invitation>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                invitations!("invitations.evening = $3"),
                values![self.school, evening, evening],
            )
            .await?;
        Ok(self.read_invitations(&mut work, &rows).await?)
    }

    /// An invitation, for the office (INV-9).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is unknown or was removed.
    pub async fn one_invitation(&self, id: InvitationId) -> Result<Invitation> {
        let mut work = self.read().await?;
        let found = self.found(&mut work, id).await?;
        let one = self.invitation(&mut work, found.evening, id).await?;
        Ok(one.ok_or(Refusal::NotFound)?)
    }

    /// The parent's students in the evening, and which invitation covers each.
    pub(crate) async fn coverage(
        &self,
        work: &mut Work,
        parent: ContactId,
        evening: EveningId,
    ) -> Read<Vec<(StudentId, Name, Option<InvitationId>)>> {
        let rows = work
            .all(
                "SELECT DISTINCT students.name_key, students.id, students.name,
                   coverage.invitation
                 FROM guardians
                 JOIN contacts ON contacts.school = guardians.school
                   AND contacts.id = guardians.contact
                 JOIN students ON students.school = guardians.school
                   AND students.id = guardians.student
                 JOIN class_students ON class_students.school = guardians.school
                   AND class_students.student = students.id
                 JOIN evening_classes ON evening_classes.school = guardians.school
                   AND evening_classes.class = class_students.class
                 JOIN classes ON classes.school = guardians.school
                   AND classes.id = evening_classes.class AND classes.removed_at IS NULL
                 LEFT JOIN coverage ON coverage.school = guardians.school
                   AND coverage.evening = evening_classes.evening
                   AND coverage.inviter = guardians.contact
                   AND coverage.student = students.id
                 WHERE guardians.school = $1 AND guardians.contact = $2
                   AND evening_classes.evening = $3 AND court_order_at IS NULL AND may_be IS NULL
                 ORDER BY students.name_key, students.id",
                values![self.school, parent, evening],
            )
            .await?;
        rows.iter()
            .map(|row| Ok((row.get(1)?, row.get(2)?, row.maybe(3)?)))
            .collect()
    }

    /// An invitation of an evening, unless it was removed.
    pub(super) async fn invitation(
        &self,
        work: &mut Work,
        evening: EveningId,
        id: InvitationId,
    ) -> Read<Option<Invitation>> {
        let rows = work
            .all(
                invitations!("invitations.id = $3"),
                values![self.school, evening, id],
            )
            .await?;
        Ok(self.read_invitations(work, &rows).await?.pop())
    }

    async fn read_invitations(&self, work: &mut Work, rows: &[Row]) -> Read<Vec<Invitation>> {
        let mut invitations: Vec<Invitation> = Vec::new();
        for row in rows {
            let id = row.get(0)?;
            let student = match row.maybe(9)? {
                Some(student) => Some((student, row.get(10)?)),
                None => None,
            };
            match invitations.last_mut() {
                Some(last) if last.id == id => last.students.extend(student),
                Some(_) | None => invitations.push(Invitation {
                    id,
                    evening: row.get(1)?,
                    inviter: row.get(2)?,
                    inviter_name: row.get(3)?,
                    name: row.get(4)?,
                    email: row.get(5)?,
                    students: student.into_iter().collect(),
                    state: row.get(6)?,
                    delivery: None,
                    created_at: row.get(7)?,
                    sent_at: row.get(7)?,
                    consented_at: row.get(11)?,
                    wording: row.get(12)?,
                    joined_at: row.maybe(8)?,
                }),
            }
        }
        let Some(evening) = invitations.first().map(|it| it.evening) else {
            return Ok(invitations);
        };
        let mut newest = self.deliveries(work, evening).await?;
        for one in &mut invitations {
            if let Some((queued_at, delivery)) = newest.remove(&one.id) {
                one.sent_at = queued_at;
                one.delivery = Some(delivery);
            }
        }
        Ok(invitations)
    }

    /// What became of the newest e-mail of each invitation of an evening.
    async fn deliveries(
        &self,
        work: &mut Work,
        evening: EveningId,
    ) -> Read<BTreeMap<InvitationId, (Timestamp, Delivery)>> {
        let rows = work
            .all(
                "SELECT invitation, state, reason, queued_at FROM mail
                 WHERE school = $1 AND evening = $2 AND kind IN ('invitation', 'resend')
                   AND invitation IS NOT NULL
                 ORDER BY queued_at",
                values![self.school, evening],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let state: String = row.get(1)?;
                let delivery = Delivery::of(&state, row.get(2)?)?;
                Ok((row.get(0)?, (row.get(3)?, delivery)))
            })
            .collect()
    }
}
