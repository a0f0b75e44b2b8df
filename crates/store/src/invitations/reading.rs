//! Invitations as they are shown: to who invited, and to the office.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::invitation::State;
use school::{ContactId, EmailAddress, EveningId, InvitationId, Name, Note, Refusal, StudentId};

use super::{Declined, Invitation, Invitations};
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::outbox::Delivery;
use crate::store::Store;
use crate::value::{Value, columns, values};

/// Two statements for the invitations of which `$where` is true: what they are, and what became of
/// the e-mails that carry their links.
macro_rules! invitations {
    ($where:literal) => {
        (
            concat!(
                "SELECT invitations.id, invitations.evening, invitations.inviter,
                   inviters.name AS inviter_name, invitations.name, invitations.email,
                   invitations.state, invitations.created_at, invitations.joined_at,
                   students.id AS student, students.name AS student_name, given_at, wording
                 FROM invitations
                 JOIN consents ON consents.school = invitations.school
                   AND consents.invitation = invitations.id
                 JOIN contacts AS inviters ON inviters.school = invitations.school
                   AND inviters.id = invitations.inviter
                 LEFT JOIN coverage ON coverage.school = invitations.school
                   AND coverage.invitation = invitations.id
                 LEFT JOIN students ON students.school = invitations.school
                   AND students.id = coverage.student
                 WHERE invitations.school = $1 AND invitations.state <> 'removed' AND ",
                $where,
                " ORDER BY invitations.created_at, invitations.id, students.name_key"
            ),
            concat!(
                "SELECT mail.holder AS invitation, mail.state, mail.reason, mail.queued_at FROM mail
                 WHERE mail.school = $1 AND kind IN ('invitation', 'resend')
                   AND mail.holder IN (
                     SELECT invitations.id FROM invitations
                     WHERE invitations.school = $1 AND invitations.state <> 'removed' AND ",
                $where,
                ") ORDER BY mail.queued_at"
            ),
        )
    };
}

/// Those that wait for the office.
const HELD: (&str, &str) = invitations!("invitations.state = 'held'");

columns! {
    struct InvitationRow {
        id: InvitationId,
        evening: EveningId,
        inviter: ContactId,
        inviter_name: Name,
        name: Name,
        email: EmailAddress,
        state: State,
        created_at: Timestamp,
        joined_at: Option<Timestamp>,
        student: Option<StudentId>,
        student_name: Option<Name>,
        given_at: Timestamp,
        wording: u32,
    }
}

columns! {
    struct MailRow {
        invitation: InvitationId,
        state: String,
        reason: String,
        queued_at: Timestamp,
    }
}

columns! {
    struct CoveredRow {
        id: StudentId,
        name: Name,
        invitation: Option<InvitationId>,
    }
}

columns! {
    struct DeclinedRow {
        name: Name,
        reason: Note,
    }
}

impl From<DeclinedRow> for Declined {
    fn from(row: DeclinedRow) -> Self {
        Self {
            name: row.name,
            reason: row.reason,
        }
    }
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
        let invitations = read_invitations(
            &mut work,
            invitations!("invitations.evening = $2 AND invitations.inviter = $3"),
            values![self.school, evening, parent],
        )
        .await?;
        let declined: Vec<DeclinedRow> = work
            .rows(
                "SELECT name, reason FROM approvals
                 JOIN invitations ON invitations.school = approvals.school
                   AND invitations.id = approvals.invitation
                 WHERE approvals.school = $1 AND evening = $2 AND inviter = $3
                   AND outcome = 'declined' AND decided_at > COALESCE((
                     SELECT MAX(newer.created_at) FROM invitations AS newer
                     WHERE newer.school = $1 AND newer.evening = $2 AND newer.inviter = $3
                       AND newer.state <> 'removed'), 0)
                 ORDER BY decided_at DESC, invitations.id LIMIT 5",
                values![self.school, evening, parent],
            )
            .await?;
        Ok(Invitations {
            students,
            invitations,
            declined: declined.into_iter().map(Declined::from).collect(),
        })
    }

    /// Whom the office declined by deciding about that invitation; nobody where it did not.
    pub(crate) async fn declined(
        &self,
        work: &mut Work,
        id: InvitationId,
    ) -> Read<Option<Declined>> {
        let row: Option<DeclinedRow> = work
            .row(
                "SELECT name, reason FROM approvals
                 JOIN invitations ON invitations.school = approvals.school
                   AND invitations.id = approvals.invitation
                 WHERE approvals.school = $1 AND invitation = $2 AND outcome = 'declined'",
                values![self.school, id],
            )
            .await?;
        Ok(row.map(Declined::from))
    }

    /// All invitations of an evening, for the office (INV-9).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn invitations_of_evening(&self, evening: EveningId) -> Result<Vec<Invitation>> {
        let mut work = self.read().await?;
        let all = read_invitations(
            &mut work,
            invitations!("invitations.evening = $2"),
            values![self.school, evening],
        );
        Ok(Box::pin(all).await?)
    }

    /// An invitation, for the office (INV-9).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is unknown or was removed.
    pub async fn one_invitation(&self, id: InvitationId) -> Result<Invitation> {
        let mut work = self.read().await?;
        let one = self.invitation(&mut work, id).await?;
        Ok(one.ok_or(Refusal::NotFound)?)
    }

    /// The parent's students in the evening, and which invitation covers each.
    pub(crate) async fn coverage(
        &self,
        work: &mut Work,
        parent: ContactId,
        evening: EveningId,
    ) -> Read<Vec<(StudentId, Name, Option<InvitationId>)>> {
        let rows: Vec<CoveredRow> = work
            .rows(
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
        let rows = rows.into_iter();
        Ok(rows.map(|row| (row.id, row.name, row.invitation)).collect())
    }

    /// An invitation, unless it was removed.
    pub(super) async fn invitation(
        &self,
        work: &mut Work,
        id: InvitationId,
    ) -> Read<Option<Invitation>> {
        let one = read_invitations(
            work,
            invitations!("invitations.id = $2"),
            values![self.school, id],
        );
        Ok(one.await?.pop())
    }

    /// Those that wait for the office.
    pub(super) async fn held_invitations(&self, work: &mut Work) -> Read<Vec<Invitation>> {
        read_invitations(work, HELD, values![self.school]).await
    }
}

async fn read_invitations(
    work: &mut Work,
    (them, their_mail): (&'static str, &'static str),
    values: Vec<Value>,
) -> Read<Vec<Invitation>> {
    let rows: Vec<InvitationRow> = work.rows(them, values.clone()).await?;
    let mut invitations: Vec<Invitation> = Vec::new();
    for row in rows {
        let student = row.student.zip(row.student_name);
        match invitations.last_mut() {
            Some(last) if last.id == row.id => last.students.extend(student),
            Some(_) | None => invitations.push(Invitation {
                id: row.id,
                evening: row.evening,
                inviter: row.inviter,
                inviter_name: row.inviter_name,
                name: row.name,
                email: row.email,
                students: student.into_iter().collect(),
                state: row.state,
                delivery: None,
                created_at: row.created_at,
                sent_at: row.created_at,
                consented_at: row.given_at,
                wording: row.wording,
                joined_at: row.joined_at,
            }),
        }
    }
    if invitations.is_empty() {
        return Ok(invitations);
    }
    // The newest comes last, and stays.
    let mut newest: BTreeMap<InvitationId, (Timestamp, Delivery)> = BTreeMap::new();
    for row in work.rows::<MailRow>(their_mail, values).await? {
        let delivery = Delivery::of(&row.state, row.reason)?;
        newest.insert(row.invitation, (row.queued_at, delivery));
    }
    for one in &mut invitations {
        if let Some((queued_at, delivery)) = newest.remove(&one.id) {
            one.sent_at = queued_at;
            one.delivery = Some(delivery);
        }
    }
    Ok(invitations)
}
