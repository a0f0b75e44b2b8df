//! Who is written to, and what for.

use jiff::{SignedDuration, Timestamp};
use school::{
    Actor, ContactId, EmailAddress, EveningId, Holder, InvitationId, MailId, Name, Refusal,
    StudentId, TeacherId,
};

use school::allowance::DAY;

use super::{MailKind, NewMail, Queued};
use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// How many e-mails somebody may have in a day before what is news in them waits for more.
const PROMPT_A_DAY: i64 = 20;

/// How long it waits then; after twice as many, twelve times as long.
const A_WHILE: SignedDuration = SignedDuration::from_mins(30);

/// Which parents of an evening are written to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whom {
    All,
    /// Who has booked nothing.
    Unbooked,
    /// Who has booked, or has a link.
    WhoKnows,
}

/// A parent who may be written to about an evening.
#[derive(Clone, Debug)]
pub(crate) struct Addressee {
    pub(crate) contact: ContactId,
    pub(crate) name: Name,
    pub(crate) email: Option<EmailAddress>,
    /// Whether a link of theirs lives.
    pub(crate) has_link: bool,
}

columns! {
    struct AddresseeRow {
        id: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        link: Option<links::LinkId>,
    }
}

columns! {
    struct CountRow {
        queued: i64,
        without_address: i64,
    }
}

columns! {
    struct GuestRow {
        id: InvitationId,
        email: EmailAddress,
        // How many e-mails are about to invite them.
        invited: i64,
    }
}

/// Something of the parents of an evening `$2` who may be written to: of those who know of it alone where
/// `$3` is 1, and of those who have booked nothing where `$4` is.
macro_rules! of_parents {
    ($select:expr, $after:expr) => {
        concat!(
            "SELECT ",
            $select,
            "
                 FROM contacts
                 LEFT JOIN links ON links.school = contacts.school AND links.scope = $2
                   AND links.holder = contacts.id AND links.withdrawn_at IS NULL
                 WHERE contacts.school = $1 AND court_order_at IS NULL AND may_be IS NULL
                   AND contacts.id IN (
                     SELECT guardians.contact FROM evening_classes
                     JOIN class_students ON class_students.school = evening_classes.school
                       AND class_students.class = evening_classes.class
                     JOIN guardians ON guardians.school = evening_classes.school
                       AND guardians.student = class_students.student
                     JOIN classes ON classes.school = evening_classes.school
                       AND classes.id = evening_classes.class
                     WHERE evening_classes.school = $1 AND evening_classes.evening = $2
                       AND classes.removed_at IS NULL
                     UNION
                     SELECT parent FROM bookings
                     WHERE school = $1 AND evening = $2 AND cancelled_at IS NULL)
                   AND ($3 = 0 OR links.id IS NOT NULL OR EXISTS (
                     SELECT 1 FROM bookings
                     WHERE bookings.school = $1 AND bookings.evening = $2
                       AND bookings.parent = contacts.id AND cancelled_at IS NULL))
                   AND ($4 = 0 OR NOT EXISTS (
                     SELECT 1 FROM bookings
                     WHERE bookings.school = $1 AND bookings.evening = $2
                       AND bookings.parent = contacts.id AND cancelled_at IS NULL))",
            $after
        )
    };
}

impl From<AddresseeRow> for Addressee {
    fn from(row: AddresseeRow) -> Self {
        Self {
            contact: row.id,
            name: row.name,
            email: row.email,
            has_link: row.link.is_some(),
        }
    }
}

impl Store {
    pub(crate) async fn queue(
        &self,
        work: &mut Work,
        mail: NewMail<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let id = MailId(Self::new_id());
        // It says what is so by the time that it goes out: whoever had much of it today has it later.
        let is_news = matches!(
            mail.kind,
            MailKind::Confirmation | MailKind::Booked | MailKind::Changed
        );
        let (a_while, a_day_ago) = (
            if is_news {
                A_WHILE
            } else {
                SignedDuration::ZERO
            },
            now.checked_sub(DAY).unwrap_or(Timestamp::MIN),
        );
        work.run(
            "INSERT INTO mail (school, id, kind, scope, holder, address, booking, says,
               message_id, state, once, attempts, due_at, lease, reason, queued_at, declined)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11,
               $12 + CASE WHEN earlier < $17 THEN 0 WHEN earlier < 2 * $17 THEN $18
                 ELSE 12 * $18 END,
               $13, $14, $15, $19
             FROM (SELECT COUNT(*) AS earlier FROM mail
               WHERE school = $1 AND holder = $5 AND queued_at > $16) AS before
             WHERE 0 = 0
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                mail.kind.code(),
                mail.scope,
                mail.to,
                mail.address,
                mail.booking,
                "",
                Self::new_message_id(id),
                mail.once,
                0_i64,
                mail.due,
                0_i64,
                "",
                now,
                a_day_ago,
                PROMPT_A_DAY,
                i64::try_from(a_while.as_millis()).unwrap_or_default(),
                mail.declined
            ],
        )
        .await?;
        Ok(())
    }

    /// The part of a Message-ID before the `@`.
    pub(crate) fn new_message_id(id: MailId) -> String {
        format!("{:x}.{:x}", id.0, Self::new_id())
    }

    /// Queues the confirmation of a parent who has an address, unless one waits already.
    pub(crate) async fn queue_confirmation(
        &self,
        work: &mut Work,
        evening: EveningId,
        parent: ContactId,
        after: SignedDuration,
        now: Timestamp,
    ) -> Result<bool> {
        let row: AddresseeRow = work
            .row(
                "SELECT contacts.id, contacts.name, contacts.email, links.id AS link FROM contacts
                 LEFT JOIN links ON links.school = contacts.school AND links.scope = $3
                   AND links.holder = contacts.id AND links.withdrawn_at IS NULL
                 WHERE contacts.school = $1 AND contacts.id = $2
                   AND court_order_at IS NULL AND may_be IS NULL",
                values![self.school, parent, evening],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        self.queue_confirmation_to(work, evening, &row.into(), after, now)
            .await
    }

    /// The same, of a parent who is known and neither barred nor held.
    pub(crate) async fn queue_confirmation_to(
        &self,
        work: &mut Work,
        evening: EveningId,
        to: &Addressee,
        after: SignedDuration,
        now: Timestamp,
    ) -> Result<bool> {
        let parent = to.contact;
        if !to.has_link {
            self.ensure_link(work, evening.into(), Holder::Parent(parent))
                .await?;
        }
        let Some(address) = &to.email else {
            return Ok(false);
        };
        let mail = NewMail {
            kind: MailKind::Confirmation,
            scope: evening.into(),
            to: Holder::Parent(parent),
            address,
            booking: None,
            declined: None,
            once: format!("confirmation {evening} {parent}"),
            due: now.checked_add(after).unwrap_or(now),
        };
        self.queue(work, mail, now).await?;
        Ok(true)
    }

    /// Tells the guests whom a parent invited for a student that they are invited to more now: once
    /// for several bookings in a row, and not where an invitation is about to say so itself. Gives
    /// those guests.
    pub(crate) async fn tell_guests_of_booking(
        &self,
        work: &mut Work,
        evening: EveningId,
        (parent, student): (ContactId, StudentId),
        now: Timestamp,
    ) -> Result<Vec<InvitationId>> {
        let guests: Vec<GuestRow> = work
            .rows(
                "SELECT invitations.id, invitations.email, (
                   SELECT COUNT(*) FROM mail
                   WHERE mail.school = coverage.school AND mail.holder = invitations.id
                     AND mail.state = 'queued' AND kind IN ('invitation', 'resend')) AS invited
                 FROM coverage
                 JOIN invitations ON invitations.school = coverage.school
                   AND invitations.id = coverage.invitation
                 WHERE coverage.school = $1 AND coverage.evening = $2 AND coverage.inviter = $3
                   AND student = $4 AND state = 'sent'
                 ORDER BY invitations.ordinal",
                values![self.school, evening, parent, student],
            )
            .await?;
        for guest in guests.iter().filter(|it| it.invited == 0) {
            let id = guest.id;
            let mail = NewMail {
                kind: MailKind::Booked,
                scope: evening.into(),
                to: Holder::Guest(id),
                address: &guest.email,
                booking: None,
                declined: None,
                once: format!("{} {id}", MailKind::Booked.code()),
                due: now.checked_add(self.options.settle).unwrap_or(now),
            };
            self.queue(work, mail, now).await?;
        }
        Ok(guests.into_iter().map(|it| it.id).collect())
    }

    /// Queues a confirmation, with their own link, for every parent of an evening (EVE-3) who has an
    /// address and no court order. Parents without an address get a link too, for a letter.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::EveningOver`].
    pub async fn send_confirmations(
        &self,
        evening: EveningId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Queued> {
        self.send_to_parents(evening, Whom::All, actor, now).await
    }

    /// The same for those who have booked nothing.
    ///
    /// # Errors
    ///
    /// Those of [`Self::send_confirmations`].
    pub async fn send_to_unbooked(
        &self,
        evening: EveningId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Queued> {
        self.send_to_parents(evening, Whom::Unbooked, actor, now)
            .await
    }

    async fn send_to_parents(
        &self,
        evening: EveningId,
        whom: Whom,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Queued> {
        let mut work = self.write().await?;
        self.find_evening(&mut work, evening)
            .await?
            .check_not_over(now)?;
        let done = self
            .tell_parents(&mut work, evening, whom, actor, now)
            .await?;
        work.commit().await?;
        Ok(done)
    }

    /// Queues a confirmation for the parents of an evening: those of its classes, and those who have
    /// booked and are of none any more.
    pub(crate) async fn tell_parents(
        &self,
        work: &mut Work,
        evening: EveningId,
        whom: Whom,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Queued> {
        let parents = self
            .parents_to_tell(work, evening, (whom, 0, i64::MAX))
            .await?;
        self.tell_these(work, evening, parents, (actor, now)).await
    }

    /// Tells up to so many of these parents, those after the one with that id. The last of them, unless all
    /// are told with it.
    pub(crate) async fn tell_some_parents(
        &self,
        work: &mut Work,
        evening: EveningId,
        (whom, after, most): (Whom, i64, i64),
        (actor, now): (Actor, Timestamp),
    ) -> Result<Option<i64>> {
        let parents = self
            .parents_to_tell(work, evening, (whom, after, most))
            .await?;
        let is_full = i64::try_from(parents.len()).unwrap_or(i64::MAX) >= most;
        let last = parents
            .last()
            .map(|it| i64::try_from(it.id.0).unwrap_or(i64::MAX));
        self.tell_these(work, evening, parents, (actor, now))
            .await?;
        Ok(last.filter(|_| is_full))
    }

    /// The parents of an evening after the one with that id, so many at most, by their ids.
    async fn parents_to_tell(
        &self,
        work: &mut Work,
        evening: EveningId,
        (whom, after, most): (Whom, i64, i64),
    ) -> Read<Vec<AddresseeRow>> {
        work.rows(
            of_parents!(
                "contacts.id, contacts.name, contacts.email, links.id AS link",
                " AND contacts.id > $5 ORDER BY contacts.id LIMIT $6"
            ),
            values![
                self.school,
                evening,
                i64::from(whom == Whom::WhoKnows),
                i64::from(whom == Whom::Unbooked),
                after,
                most
            ],
        )
        .await
    }

    /// How many parents are to be told of something, and how many of them without an address.
    pub(crate) async fn count_parents_to_tell(
        &self,
        work: &mut Work,
        evening: EveningId,
        whom: Whom,
    ) -> Result<Queued> {
        let count: CountRow = work
            .row(
                of_parents!(
                    "COUNT(contacts.email) AS queued,
                     COUNT(*) - COUNT(contacts.email) AS without_address",
                    ""
                ),
                values![
                    self.school,
                    evening,
                    i64::from(whom == Whom::WhoKnows),
                    i64::from(whom == Whom::Unbooked)
                ],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let number = |it: i64| u64::try_from(it).unwrap_or_default();
        Ok(Queued {
            queued: number(count.queued),
            without_address: number(count.without_address),
        })
    }

    async fn tell_these(
        &self,
        work: &mut Work,
        evening: EveningId,
        parents: Vec<AddresseeRow>,
        (actor, now): (Actor, Timestamp),
    ) -> Result<Queued> {
        let mut done = Queued::default();
        for parent in parents {
            let at_once = SignedDuration::ZERO;
            let is_queued = self
                .queue_confirmation_to(work, evening, &parent.into(), at_once, now)
                .await?;
            done.count(is_queued);
        }
        let subject = format!("evening:{evening}");
        let (action, detail) = (Action::ParentLinksSent, [("sent", done.queued)]);
        self.audit(work, actor, action, &subject, &detail, now)
            .await?;
        Ok(done)
    }

    /// Queues an e-mail with their own link for every teacher of an evening who has an address;
    /// those without get a link too.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::EveningOver`].
    pub async fn send_teacher_links(
        &self,
        evening: EveningId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Queued> {
        let mut work = self.write().await?;
        self.find_evening(&mut work, evening)
            .await?
            .check_not_over(now)?;
        let teachers = work
            .all(
                "SELECT DISTINCT teachers.id FROM evening_classes
                 JOIN evening_teachers ON evening_teachers.school = evening_classes.school
                   AND evening_teachers.evening = evening_classes.evening
                   AND evening_teachers.class = evening_classes.class
                 JOIN teachers ON teachers.school = evening_classes.school
                   AND teachers.id = evening_teachers.teacher
                 JOIN classes ON classes.school = evening_classes.school
                   AND classes.id = evening_classes.class
                 WHERE evening_classes.school = $1 AND evening_classes.evening = $2
                   AND teachers.removed_at IS NULL AND classes.removed_at IS NULL
                 ORDER BY teachers.id",
                values![self.school, evening],
            )
            .await?;
        let mut done = Queued::default();
        for row in &teachers {
            let is_queued = self
                .queue_teacher_link(&mut work, evening, row.get(0)?, now)
                .await?;
            done.count(is_queued);
        }
        let subject = format!("evening:{evening}");
        let detail = [("sent", done.queued)];
        let action = Action::TeacherLinksSent;
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(done)
    }

    /// Queues the e-mail with their own link of a teacher who has an address, unless one waits
    /// already; without an address they get the link alone.
    pub(crate) async fn queue_teacher_link(
        &self,
        work: &mut Work,
        evening: EveningId,
        teacher: TeacherId,
        now: Timestamp,
    ) -> Result<bool> {
        self.ensure_link(work, evening.into(), Holder::Teacher(teacher))
            .await?;
        let Some(address) = self.address_of_teacher(work, teacher).await? else {
            return Ok(false);
        };
        let mail = NewMail {
            kind: MailKind::TeacherLink,
            scope: evening.into(),
            to: Holder::Teacher(teacher),
            address: &address,
            booking: None,
            declined: None,
            once: format!("teacher_link {evening} {teacher}"),
            due: now,
        };
        self.queue(work, mail, now).await?;
        Ok(true)
    }
}
