//! Parents who are named from a student's profile: by the office, and by another parent of the same
//! student (DIR-6, DIR-8). Whom a court order may concern waits for the office at every step (DIR-4).

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::court_order::{self, Match};
use school::registration::{ParentsInvite, Wish};
use school::{AccountId, Actor, ContactId, EmailAddress, Name, Note, Refusal, StudentId, WishId};

use crate::audit::Action;
use crate::contacts::Guardian;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::registrations::RegistrationState;
use crate::store::Store;
use crate::value::{columns, values};

/// By what somebody shows that they are a parent.
#[derive(Clone, Copy, Debug)]
pub enum Naming<'a> {
    /// By their invitation to register, which asks for details.
    Link(&'a [u8; 32]),
    /// By their account, and one of its contacts.
    Account(AccountId, ContactId),
}

/// Another parent whom a parent has named, as that parent sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedParent {
    /// The student's name.
    pub student: Name,
    /// Their name, as it was entered.
    pub name: Name,
    /// What has become of it.
    pub wish: Wish,
    /// Why it was declined; may be empty.
    pub reason: Note,
}

/// One that waits for the office.
#[derive(Clone, Debug)]
pub struct WaitingParent {
    /// Names it.
    pub id: WishId,
    /// Who named them.
    pub inviter: Name,
    /// The student.
    pub student: Name,
    /// Their name, as it was entered.
    pub name: Name,
    /// Their address, as it was entered.
    pub email: EmailAddress,
    /// When.
    pub asked_at: Timestamp,
    /// The contact with a court order whom they may be, and what they share.
    pub may_be: Option<(Name, Match)>,
}

columns! {
    struct WaitingRow {
        id: WishId,
        inviter: ContactId,
        inviter_name: Name,
        student: StudentId,
        student_name: Name,
        name: Name,
        email: EmailAddress,
        asked_at: Timestamp,
        outcome: Option<String>,
    }
}

columns! {
    struct NamedRow {
        student: Name,
        name: Name,
        outcome: Option<String>,
        reason: Note,
    }
}

columns! {
    struct EarlierRow {
        inviter: ContactId,
        name: Name,
        email: EmailAddress,
        outcome: Option<String>,
    }
}

macro_rules! waiting {
    ($where:literal) => {
        concat!(
            "SELECT named_parents.id AS id, inviter, contacts.name AS inviter_name, student,
               students.name AS student_name, named_parents.name AS name,
               named_parents.email AS email, asked_at, outcome
             FROM named_parents
             JOIN contacts ON contacts.school = named_parents.school
               AND contacts.id = named_parents.inviter
             JOIN students ON students.school = named_parents.school
               AND students.id = named_parents.student
             WHERE named_parents.school = $1 AND ",
            $where
        )
    };
}

const SENT: &str = "sent";
const DECLINED: &str = "declined";

impl Store {
    /// The office names a parent of a student: they are their contact from now on, and are sent an
    /// invitation to register that asks for their details. Whose record waits for the office is sent
    /// none until it has decided.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::CourtOrderStands`] where the address is that of somebody
    /// with a court order.
    pub async fn invite_parent(
        &self,
        student: StudentId,
        (name, email): (&Name, &EmailAddress),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let students = BTreeSet::from([student]);
        let barred = self.barred_and_alike(&mut work).await?;
        if let Some((_, Match::Email)) = court_order::find(&barred, name, Some(email), &students) {
            return Err(Refusal::CourtOrderStands.into());
        }
        let added = self.add_parent(&mut work, student, (name, email), actor, now);
        let (_, _, aftermath) = added.await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// A parent names another parent of a student of theirs. What becomes of it is the school's to
    /// say; the parent learns nothing of anybody by it (DIR-4).
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where their invitation is good no longer, [`Refusal::NotFound`] where the
    /// student is not theirs, [`Refusal::SchoolInvites`] and [`Refusal::ParentsSpent`].
    pub async fn name_parent(
        &self,
        by: Naming<'_>,
        student: StudentId,
        (name, email): (&Name, &EmailAddress),
        now: Timestamp,
    ) -> Result<(Wish, Aftermath)> {
        let mut work = self.write().await?;
        let inviter = self.who_names(&mut work, by, now).await?;
        if !self
            .students_of(&mut work, inviter)
            .await?
            .contains(&student)
        {
            return Err(Refusal::NotFound.into());
        }
        let earlier: Vec<EarlierRow> = work
            .rows(
                "SELECT inviter, name, email, outcome FROM named_parents
                 WHERE school = $1 AND student = $2 ORDER BY asked_at, id",
                values![self.school, student],
            )
            .await?;
        let is_again = |it: &EarlierRow| {
            it.name.likeness(name).is_some() || it.email.mailbox_key() == email.mailbox_key()
        };
        // Pressed twice, it is one wish.
        let waits = |it: &&EarlierRow| {
            it.outcome.is_none() && it.inviter == inviter && it.email.key() == email.key()
        };
        if earlier.iter().any(|it| waits(&it)) {
            return Ok((Wish::Waits, Aftermath::default()));
        }
        let setting = self.parents_invite(&mut work).await?;
        let students = BTreeSet::from([student]);
        let barred = self.barred_and_alike(&mut work).await?;
        let is_barred = court_order::find(&barred, name, Some(email), &students).is_some();
        let is_open = |it: &EarlierRow| it.outcome.as_deref() != Some(SENT);
        let is_in_doubt = is_barred || earlier.iter().any(|it| is_open(it) && is_again(it));
        let named = earlier.iter().filter(|it| it.inviter == inviter).count();
        let named = i64::try_from(named).unwrap_or(i64::MAX);
        let wish = setting.check(named, is_in_doubt)?;
        let whose = (inviter, student);
        self.enter_wish(&mut work, whose, (name, email), (wish, now))
            .await?;
        let actor = Actor::Parent(inviter);
        let subject = format!("student:{student}");
        self.audit(&mut work, actor, Action::ParentNamed, &subject, &[], now)
            .await?;
        let mut aftermath = Aftermath::default();
        if wish == Wish::Sent {
            let added = self.add_parent(&mut work, student, (name, email), actor, now);
            (_, _, aftermath) = added.await?;
        } else {
            self.tell_office(&mut work, now).await?;
        }
        work.commit().await?;
        Ok((wish, aftermath))
    }

    async fn enter_wish(
        &self,
        work: &mut Work,
        (inviter, student): (ContactId, StudentId),
        (name, email): (&Name, &EmailAddress),
        (wish, now): (Wish, Timestamp),
    ) -> Read<()> {
        let decided = (wish == Wish::Sent).then_some(now);
        work.run(
            "INSERT INTO named_parents (school, id, student, inviter, name, email, email_key,
               asked_at, outcome, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                self.school,
                WishId(Self::new_id()),
                student,
                inviter,
                name,
                email,
                email.key(),
                now,
                decided.map(|_| SENT),
                decided
            ],
        )
        .await?;
        Ok(())
    }

    /// Who it is that names somebody.
    async fn who_names(
        &self,
        work: &mut Work,
        by: Naming<'_>,
        now: Timestamp,
    ) -> Result<ContactId> {
        match by {
            Naming::Link(digest) => {
                let open = self.find_registration(work, digest, now).await?;
                let open = open
                    .filter(|it| it.state == RegistrationState::Open)
                    .filter(|it| it.asks.as_ref().is_some_and(|it| it.given.is_some()));
                Ok(open.ok_or(Refusal::SetUpDone)?.contact)
            }
            Naming::Account(account, contact) => {
                self.own_contact(work, account, contact).await?;
                Ok(contact)
            }
        }
    }

    /// Makes somebody a contact of a student, with an invitation to register where they may have one;
    /// why not, where not. Whoever is registered is written to that the student is in their account.
    /// Whoever is in the records already by that name and address is not entered again. Gives who it is.
    async fn add_parent(
        &self,
        work: &mut Work,
        student: StudentId,
        (name, email): (&Name, &EmailAddress),
        actor: Actor,
        now: Timestamp,
    ) -> Result<(ContactId, Option<Refusal>, Aftermath)> {
        let known = self.same_person(work, name, email).await?;
        let contact = match known.first() {
            Some(id) => *id,
            None => {
                let id = self.insert_contact(work, name, Some(email)).await?;
                let subject = format!("contact:{id}");
                self.audit(work, actor, Action::Added, &subject, &[], now)
                    .await?;
                id
            }
        };
        let is_new = !self.students_of(work, contact).await?.contains(&student);
        if is_new {
            let guardian = Guardian {
                student,
                relationship: String::new(),
            };
            self.set_guardian(work, contact, &[guardian]).await?;
        }
        let aftermath = self.look_again(work, actor, now).await?;
        let why_not = self
            .invite_with_details(work, contact, actor, now)
            .await?
            .err();
        // Whoever has an account hears that there is one more student in it.
        if is_new && why_not == Some(Refusal::EmailTaken) {
            self.tell_of_student(work, contact, now).await?;
        }
        Ok((contact, why_not, aftermath))
    }

    /// What a parent has named, in order.
    pub(crate) async fn named_by(
        &self,
        work: &mut Work,
        inviter: ContactId,
    ) -> Read<Vec<NamedParent>> {
        let rows: Vec<NamedRow> = work
            .rows(
                "SELECT students.name AS student, named_parents.name AS name, outcome, reason
                 FROM named_parents
                 JOIN students ON students.school = named_parents.school
                   AND students.id = named_parents.student
                 WHERE named_parents.school = $1 AND inviter = $2
                 ORDER BY asked_at, named_parents.id",
                values![self.school, inviter],
            )
            .await?;
        let named = rows.into_iter().map(|row| NamedParent {
            student: row.student,
            name: row.name,
            wish: match row.outcome.as_deref() {
                Some(SENT) => Wish::Sent,
                Some(_) => Wish::Declined,
                None => Wish::Waits,
            },
            reason: row.reason,
        });
        Ok(named.collect())
    }

    /// Those who wait for the office, the oldest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn waiting_parents(&self) -> Result<Vec<WaitingParent>> {
        let mut work = self.read().await?;
        let rows: Vec<WaitingRow> = work
            .rows(
                waiting!("outcome IS NULL ORDER BY asked_at, named_parents.id"),
                values![self.school],
            )
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let barred = self.barred_and_alike(&mut work).await?;
        let waiting = rows.into_iter().map(|row| {
            let students = BTreeSet::from([row.student]);
            let found = court_order::find(&barred, &row.name, Some(&row.email), &students);
            // Of whom a record only may be: the name is that of whom the order is on.
            let may_be = found.and_then(|(it, how)| {
                let one = barred.iter().find(|one| one.contact == it.contact)?;
                Some((one.name.clone(), how))
            });
            WaitingParent {
                id: row.id,
                inviter: row.inviter_name,
                student: row.student_name,
                name: row.name,
                email: row.email,
                asked_at: row.asked_at,
                may_be,
            }
        });
        Ok(waiting.collect())
    }

    /// How many wait for the office.
    pub(crate) async fn count_waiting_parents(&self, work: &mut Work) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM named_parents WHERE school = $1 AND outcome IS NULL",
            values![self.school],
        )
        .await
    }

    /// Whether that is the id of a parent whom a parent has named.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn is_named_parent(&self, id: WishId) -> Result<bool> {
        let mut work = self.glance().await?;
        let found = work
            .count(
                "SELECT COUNT(*) FROM named_parents WHERE school = $1 AND id = $2",
                values![self.school, id],
            )
            .await?;
        Ok(found > 0)
    }

    /// The office has a parent invited whom another parent named. Where they only may be somebody with
    /// a court order, it says by that that they are not.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::DeclinedAlready`], and [`Refusal::CourtOrderStands`] where the
    /// address is that of somebody with a court order.
    ///
    /// Whether they are registered already: no invitation is sent to them.
    pub async fn approve_parent(
        &self,
        id: WishId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(bool, Aftermath)> {
        let mut work = self.write().await?;
        let row = self.waiting_parent(&mut work, id).await?;
        match row.outcome.as_deref() {
            None => {}
            Some(SENT) => return Ok((false, Aftermath::default())),
            Some(_) => return Err(Refusal::DeclinedAlready.into()),
        }
        // By the word of a parent who may see the student still.
        let may = work
            .count(
                "SELECT COUNT(*) FROM guardians
                 JOIN contacts ON contacts.school = guardians.school
                   AND contacts.id = guardians.contact
                 WHERE guardians.school = $1 AND guardians.contact = $2 AND guardians.student = $3
                   AND contacts.court_order_at IS NULL AND contacts.may_be IS NULL",
                values![self.school, row.inviter, row.student],
            )
            .await?;
        if may == 0 {
            return Err(Refusal::NotFound.into());
        }
        let students = BTreeSet::from([row.student]);
        let barred = self.barred_and_alike(&mut work).await?;
        let doubt = court_order::find(&barred, &row.name, Some(&row.email), &students);
        if let Some((_, Match::Email)) = doubt {
            return Err(Refusal::CourtOrderStands.into());
        }
        let of = (&row.name, &row.email);
        // Sent by the office's word, in the name of the parent who named them.
        let by = Actor::Parent(row.inviter);
        let (contact, mut why_not, mut aftermath) =
            self.add_parent(&mut work, row.student, of, by, now).await?;
        if why_not == Some(Refusal::MayBeBarred) {
            let told = self.tell_apart_from_all(&mut work, contact, actor, now);
            aftermath.extend(told.await?);
            let sent = self.invite_with_details(&mut work, contact, by, now);
            why_not = sent.await?.err();
            match why_not {
                None => {}
                // Whoever has an account sees the student in it.
                Some(Refusal::EmailTaken) => self.tell_of_student(&mut work, contact, now).await?,
                Some(why) => return Err(why.into()),
            }
        }
        self.decide_parent(&mut work, id, (SENT, &Note::default()), now)
            .await?;
        let subject = format!("student:{}", row.student);
        let action = Action::ParentApproved;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok((why_not == Some(Refusal::EmailTaken), aftermath))
    }

    /// The office declines a parent whom another parent named; that parent reads why.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::ApprovedAlready`].
    pub async fn decline_parent(
        &self,
        id: WishId,
        reason: &Note,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let row = self.waiting_parent(&mut work, id).await?;
        match row.outcome.as_deref() {
            None => {}
            Some(SENT) => return Err(Refusal::ApprovedAlready.into()),
            Some(_) => return Ok(Aftermath::default()),
        }
        self.decide_parent(&mut work, id, (DECLINED, reason), now)
            .await?;
        let subject = format!("student:{}", row.student);
        let action = Action::ParentDeclined;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(Aftermath::default())
    }

    async fn waiting_parent(&self, work: &mut Work, id: WishId) -> Result<WaitingRow> {
        let row = work
            .row(waiting!("named_parents.id = $2"), values![self.school, id])
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?)
    }

    async fn decide_parent(
        &self,
        work: &mut Work,
        id: WishId,
        (outcome, reason): (&str, &Note),
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "UPDATE named_parents SET outcome = $3, reason = $4, decided_at = $5
             WHERE school = $1 AND id = $2",
            values![self.school, id, outcome, reason, now],
        )
        .await?;
        Ok(())
    }

    /// Whether parents may invite other parents of their children.
    pub(crate) async fn parents_invite(&self, work: &mut Work) -> Read<ParentsInvite> {
        let row = work
            .one(
                "SELECT parents_invite FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?;
        match row {
            Some(row) => row.named("parents_invite"),
            None => Ok(ParentsInvite::default()),
        }
    }
}
