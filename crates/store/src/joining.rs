//! Two records of one person are made one, and parted again the same day (DIR-13).

mod rows;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use links::LinkId;
use school::deed::Person;
use school::one_person::Orders;
use school::{
    AccountId, Actor, ContactId, Deed, EmailAddress, EveningId, Holder, Name, Refusal, StudentId,
};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::Touched;
use crate::fault::{Error, Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

use rows::{
    CARRIED, DECIDED, INVITED_SINCE, MOVED, READ_BY_BOTH, READ_SINCE, RETURNED, SAID_SINCE,
    SET_ASIDE, TAKEN, UNSAID, WAITING_SINCE,
};

/// For how long two records that were made one can be parted again.
pub(crate) const PARTED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What becomes of an account of two records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JoinedAccount {
    /// Neither has one.
    None,
    /// That of the one that stays goes on.
    Kept,
    /// That of the one that goes is theirs from now on.
    Comes,
    /// They have two: that of the one that goes shows nothing any more.
    Two,
}

impl JoinedAccount {
    fn of(kept: Option<AccountId>, gone: Option<AccountId>) -> Self {
        match (kept, gone) {
            (None, None) => Self::None,
            (None, Some(_)) => Self::Comes,
            (Some(own), Some(theirs)) if own != theirs => Self::Two,
            (Some(_), _) => Self::Kept,
        }
    }
}

/// What comes from one record to another.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Students whose guardian the other one was not yet.
    pub students: Vec<Name>,
    /// How many appointments.
    pub appointments: usize,
    /// How many invitations of guests, with the consent given for them.
    pub invitations: usize,
    /// How many links that go on to work.
    pub links: usize,
    /// How many links end, because the other one has a link for the same evening.
    pub links_ended: usize,
    /// What becomes of accounts.
    pub account: JoinedAccount,
    /// Whether what they said of themselves comes, because the other one has said nothing.
    pub details: bool,
    /// Whether a court order is in force on both from now on.
    pub has_order: bool,
    /// How many appointments to come an order cancels, where it was on one of them alone.
    pub cancelled: usize,
    /// What ended with it.
    pub aftermath: Aftermath,
}

columns! {
    struct TwoRow {
        court_order_at: Option<Timestamp>,
        gone_at: Option<Timestamp>,
        may_be: Option<ContactId>,
        account: Option<AccountId>,
    }
}

columns! {
    struct JoinedRow {
        kept: ContactId,
        joined_at: Timestamp,
        kept_order_at: Option<Timestamp>,
        gone_order_at: Option<Timestamp>,
        gone_left_at: Option<Timestamp>,
        order_now: Option<Timestamp>,
    }
}

columns! {
    struct SaidSinceRow {
        own: EmailAddress,
        records: Option<EmailAddress>,
        said_at: Timestamp,
    }
}

columns! {
    struct StudentRow {
        name: Name,
    }
}

columns! {
    struct AddedRow {
        student: StudentId,
    }
}

columns! {
    struct ScopeRow {
        scope: EveningId,
        holder: ContactId,
    }
}

columns! {
    struct ReadRow {
        id: LinkId,
        scope: EveningId,
        holder: ContactId,
    }
}

columns! {
    struct MovedRow {
        evening: EveningId,
    }
}

impl JoinedRow {
    /// The orders on each once they are parted.
    fn orders_apart(&self) -> Orders<Timestamp> {
        let before = Orders {
            kept: self.kept_order_at,
            gone: self.gone_order_at,
        };
        Orders::parted(before, self.order_now)
    }
}

impl Store {
    /// What would follow where two records were made one: nothing changes.
    ///
    /// # Errors
    ///
    /// Those of [`Store::join_records`].
    pub async fn preview_join(
        &self,
        (kept, gone): (ContactId, ContactId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Joined> {
        let mut work = self.write().await?;
        self.try_join(&mut work, (kept, gone), actor, now).await
    }

    /// Two records of one person are one from now on: what the one that goes has comes to the one that
    /// stays. An order on either is on both (DIR-4).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where either is nobody, or has been made one with another,
    /// [`Refusal::MayBeBarred`] where either may be somebody else with a court order, and
    /// [`Refusal::RecordsClash`].
    pub async fn join_records(
        &self,
        (kept, gone): (ContactId, ContactId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Joined> {
        let mut work = self.write().await?;
        let joined = self.try_join(&mut work, (kept, gone), actor, now).await?;
        work.commit().await?;
        Ok(joined)
    }

    async fn try_join(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Joined> {
        if kept == gone {
            return Err(Refusal::NotFound.into());
        }
        for id in [kept, gone] {
            self.check_stands(work, id).await?;
        }
        let (one, other) = (self.two(work, kept).await?, self.two(work, gone).await?);
        // Whether they are somebody else with an order is decided first: it may end more than is shown.
        let is_in_doubt = |it: &TwoRow, but: ContactId| it.may_be.is_some_and(|who| who != but);
        if is_in_doubt(&one, gone) || is_in_doubt(&other, kept) {
            return Err(Refusal::MayBeBarred.into());
        }
        if one.gone_at.is_some() && other.gone_at.is_none() {
            self.welcome_back(work, Person::Contact(kept), actor, now)
                .await?;
        }
        self.note_join(work, ((kept, &one), (gone, &other)), now)
            .await?;
        let mut aftermath = Aftermath::default();
        let order = one.court_order_at.or(other.court_order_at);
        if let Some(since) = order {
            for id in [kept, gone] {
                let entered = self.enter_court_order_of(work, (id, since), actor, now);
                aftermath.extend(entered.await?.unwrap_or_default());
            }
        }
        let cancelled = aftermath.ended.len();
        let deed = Deed::RecordsJoined { kept, gone };
        aftermath.extend(self.perform(work, &deed, actor, now).await?);
        // Whoever is not the one is not the other.
        let decided = self.told_apart(work).await?.from(kept);
        aftermath.extend(self.look_again_at(work, &decided, actor, now).await?);
        let links_ended: BTreeSet<LinkId> = aftermath.links.iter().copied().collect();
        Ok(Joined {
            students: self.students_taken(work, gone).await?,
            appointments: self.appointments_taken(work, gone).await?,
            invitations: self.taken(work, gone, "invitation").await?,
            links: self.taken(work, gone, "link").await?,
            links_ended: links_ended.len(),
            account: JoinedAccount::of(one.account, other.account),
            details: self.taken(work, gone, "details").await? > 0,
            has_order: order.is_some(),
            cancelled,
            aftermath,
        })
    }

    /// Writes down what was so before, and what the office has decided of the one under its order: it has
    /// decided it of both.
    async fn note_join(
        &self,
        work: &mut Work,
        ((kept, one), (gone, other)): ((ContactId, &TwoRow), (ContactId, &TwoRow)),
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "INSERT INTO joined_records (school, gone, kept, joined_at, kept_order_at,
               gone_order_at, gone_left_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                self.school,
                gone,
                kept,
                now,
                one.court_order_at,
                other.court_order_at,
                other.gone_at
            ],
        )
        .await?;
        self.keep_known(work).await?;
        for &sql in DECIDED.iter().chain(CARRIED) {
            work.run(sql, values![self.school, gone, kept]).await?;
        }
        Ok(())
    }

    async fn two(&self, work: &mut Work, id: ContactId) -> Result<TwoRow> {
        let row = work
            .row(
                "SELECT court_order_at, gone_at, may_be, account_contacts.account AS account
                 FROM contacts
                 LEFT JOIN account_contacts ON account_contacts.school = contacts.school
                   AND account_contacts.contact = contacts.id
                 WHERE contacts.school = $1 AND contacts.id = $2",
                values![self.school, id],
            )
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?)
    }

    async fn students_taken(&self, work: &mut Work, gone: ContactId) -> Read<Vec<Name>> {
        let rows: Vec<StudentRow> = work
            .rows(
                "SELECT students.name AS name FROM joined_rows
                 JOIN students ON students.school = joined_rows.school
                   AND students.id = joined_rows.id
                 WHERE joined_rows.school = $1 AND gone = $2 AND kind = 'student'
                 ORDER BY students.name_key, students.id",
                values![self.school, gone],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// Those that are not cancelled.
    async fn appointments_taken(&self, work: &mut Work, gone: ContactId) -> Read<usize> {
        let taken = work
            .count(
                "SELECT COUNT(*) FROM joined_rows
                 JOIN bookings ON bookings.school = joined_rows.school
                   AND bookings.id = joined_rows.id AND bookings.cancelled_at IS NULL
                 WHERE joined_rows.school = $1 AND gone = $2 AND kind = 'booking'",
                values![self.school, gone],
            )
            .await?;
        Ok(usize::try_from(taken).unwrap_or_default())
    }

    async fn taken(&self, work: &mut Work, gone: ContactId, kind: &str) -> Read<usize> {
        let taken = work
            .count(
                "SELECT COUNT(*) FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = $3",
                values![self.school, gone, kind],
            )
            .await?;
        Ok(usize::try_from(taken).unwrap_or_default())
    }

    /// Carries out that one record is another's from now on.
    pub(crate) async fn move_records(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        now: Timestamp,
    ) -> Read<()> {
        for &sql in TAKEN.iter().chain(MOVED) {
            work.run(sql, values![self.school, gone, kept]).await?;
        }
        for &sql in SET_ASIDE {
            work.run(sql, values![self.school, gone]).await?;
        }
        work.run(
            "UPDATE contacts SET court_order_at = NULL, may_be = NULL,
               gone_at = COALESCE(gone_at, $3)
             WHERE school = $1 AND id = $2",
            values![self.school, gone, now],
        )
        .await?;
        Ok(())
    }

    /// Two records that were made one are two again: what came from the one goes back, as far as it is
    /// there. Links that ended stay dead, and what was cancelled stays cancelled.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they are not one, and [`Refusal::JoinedTooLong`].
    pub async fn part_records(
        &self,
        (kept, gone): (ContactId, ContactId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let joined = self.how_joined(&mut work, (kept, gone), now).await?;
        let added: Vec<AddedRow> = work
            .rows(
                "SELECT id AS student FROM joined_rows
                 WHERE school = $1 AND gone = $2 AND kind = 'student'",
                values![self.school, gone],
            )
            .await?;
        let mut told = self
            .whom_parting_changes(&mut work, (kept, gone), joined.joined_at)
            .await?;
        let orders = joined.orders_apart();
        self.end_hats_of(&mut work, [kept, gone], actor, now)
            .await?;
        let read = self
            .take_back(&mut work, (kept, gone), (&joined, orders), now)
            .await?;
        // What was booked since for students of the other record alone.
        let added: BTreeSet<StudentId> = added.into_iter().map(|row| row.student).collect();
        let mut aftermath = self
            .end_guardianship(&mut work, (kept, &added), actor, now)
            .await?;
        self.note_parting(&mut work, (kept, gone), (&joined, orders), (actor, now))
            .await?;
        let touched = Touched {
            parents: BTreeSet::from([kept, gone]),
            ..Touched::default()
        };
        aftermath
            .changed
            .extend(self.entitle(&mut work, touched, now).await?);
        aftermath.extend(self.look_again(&mut work, actor, now).await?);
        aftermath.links.extend(read.iter().map(|row| row.id));
        told.extend(read.iter().map(|row| (row.scope, row.holder)));
        let to_come = self.evenings_to_come(&mut work, now).await?;
        for (evening, id) in told {
            if to_come.contains(&evening) {
                self.confirm(&mut work, evening, id, now).await?;
            }
        }
        let pages = self.places_of(&mut work, (kept, gone)).await?;
        aftermath.pages.extend(self.pages(&mut work, &pages).await?);
        work.commit().await?;
        Ok(aftermath)
    }

    /// That they are two again, and what that does to orders: of the one that went nothing was in force while
    /// it was gone.
    async fn note_parting(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        (joined, orders): (&JoinedRow, Orders<Timestamp>),
        (actor, now): (Actor, Timestamp),
    ) -> Result<()> {
        let is_lifted = orders.kept.is_none() && joined.order_now.is_some();
        let all = [
            Some((Action::RecordsParted, kept, Some(("contact", gone.0)))),
            is_lifted.then_some((Action::CourtOrderLifted, kept, None)),
            orders.gone.map(|_| (Action::CourtOrderSet, gone, None)),
        ];
        for (action, id, detail) in all.into_iter().flatten() {
            let (subject, detail) = (format!("contact:{id}"), Vec::from_iter(detail));
            self.audit(work, actor, action, &subject, &detail, now)
                .await?;
        }
        Ok(())
    }

    /// How two records were made one that can be parted.
    async fn how_joined(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        now: Timestamp,
    ) -> Result<JoinedRow> {
        let row: Option<JoinedRow> = work
            .row(
                "SELECT kept, joined_at, kept_order_at, gone_order_at, gone_left_at,
                   contacts.court_order_at AS order_now
                 FROM joined_records
                 JOIN contacts ON contacts.school = joined_records.school
                   AND contacts.id = joined_records.kept
                 WHERE joined_records.school = $1 AND gone = $2",
                values![self.school, gone],
            )
            .await?;
        let row = row.filter(|it| it.kept == kept).ok_or(Refusal::NotFound)?;
        let passed_on = work
            .count(
                "SELECT COUNT(*) FROM joined_rows
                 WHERE school = $1 AND kind = 'alias' AND id = $2",
                values![self.school, gone],
            )
            .await?;
        if passed_on > 0 || now.duration_since(row.joined_at) >= PARTED_WITHIN {
            return Err(Refusal::JoinedTooLong.into());
        }
        Ok(row)
    }

    async fn take_back(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        (joined, orders): (&JoinedRow, Orders<Timestamp>),
        now: Timestamp,
    ) -> Result<Vec<ReadRow>> {
        self.take_said_address_back(work, (kept, gone)).await?;
        for &sql in RETURNED {
            work.run(sql, values![self.school, gone, kept]).await?;
        }
        self.forget_other_reader(work, (kept, gone), joined.joined_at, now)
            .await?;
        let read = work
            .rows(READ_BY_BOTH, values![self.school, gone, kept, now])
            .await?;
        work.run(UNSAID, values![self.school, gone, kept]).await?;
        for (id, order) in [(kept, orders.kept), (gone, orders.gone)] {
            work.run(
                "UPDATE contacts SET court_order_at = $3 WHERE school = $1 AND id = $2",
                values![self.school, id, order],
            )
            .await?;
        }
        // Whoever waits because of an order that goes back waits on.
        if orders.kept.is_none() && orders.gone.is_some() {
            work.run(
                "UPDATE contacts SET may_be = $2 WHERE school = $1 AND may_be = $3",
                values![self.school, gone, kept],
            )
            .await?;
        }
        work.run(
            "UPDATE contacts SET gone_at = $3 WHERE school = $1 AND id = $2",
            values![self.school, gone, joined.gone_left_at],
        )
        .await?;
        work.run(
            "DELETE FROM joined_records WHERE school = $1 AND gone = $2",
            values![self.school, gone],
        )
        .await?;
        Ok(read)
    }

    /// An address that whoever has the account that came over has said since (DIR-9) is theirs alone: the one that
    /// stays has what the school's records say again.
    async fn take_said_address_back(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
    ) -> Result<()> {
        let said: Option<SaidSinceRow> = work
            .row(
                "SELECT accounts.email AS own, records, said_at FROM joined_rows
                 JOIN accounts ON accounts.school = joined_rows.school
                   AND accounts.id = joined_rows.id
                 JOIN contacts ON contacts.school = joined_rows.school AND contacts.id = $3
                   AND contacts.email_key = accounts.email_key
                 JOIN contacts AS went ON went.school = joined_rows.school AND went.id = $2
                   AND went.email_key IS DISTINCT FROM accounts.email_key
                 JOIN said_otherwise ON said_otherwise.school = joined_rows.school
                   AND said_otherwise.contact = $3 AND what = 'email'
                 WHERE joined_rows.school = $1 AND joined_rows.gone = $2
                   AND joined_rows.kind = 'account'",
                values![self.school, gone, kept],
            )
            .await?;
        let Some(said) = said else { return Ok(()) };
        self.forget_said_address(work, kept).await?;
        self.say_address(work, gone, &said.own, said.said_at)
            .await?;
        work.run(
            "UPDATE contacts SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![
                self.school,
                kept,
                said.records.as_ref(),
                said.records.as_ref().map(EmailAddress::key)
            ],
        )
        .await?;
        Ok(())
    }

    /// Whoever reads at the address or number that came over and went back is shown nothing of the one that
    /// stays any more: neither by an account that they made since then, nor by a link to register, nor by an
    /// e-mail or text that waits; nor is an address that they said the one's.
    async fn forget_other_reader(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        joined_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let said = (Actor::Parent(kept).to_string(), Action::Changed.code());
        work.run(
            SAID_SINCE,
            values![self.school, gone, kept, joined_at, said.0, said.1],
        )
        .await?;
        for &sql in READ_SINCE {
            work.run(sql, values![self.school, gone, kept, joined_at])
                .await?;
        }
        work.run(WAITING_SINCE, values![self.school, gone, kept])
            .await?;
        work.run(
            INVITED_SINCE,
            values![self.school, gone, kept, joined_at, now],
        )
        .await?;
        self.forget_accounts_of_nobody(work, now).await
    }

    /// Who hears of which evening when two are parted: both of what was booked by the one, and the one of
    /// what their link was for that ended as one too many.
    async fn whom_parting_changes(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
        joined_at: Timestamp,
    ) -> Read<BTreeSet<(EveningId, ContactId)>> {
        let booked: Vec<MovedRow> = work
            .rows(
                "SELECT DISTINCT bookings.evening AS evening FROM joined_rows
                 JOIN bookings ON bookings.school = joined_rows.school
                   AND bookings.id = joined_rows.id
                 WHERE joined_rows.school = $1 AND gone = $2 AND kind = 'booking'
                   AND cancelled_at IS NULL",
                values![self.school, gone],
            )
            .await?;
        let linkless: Vec<MovedRow> = work
            .rows(
                "SELECT scope AS evening FROM links
                 WHERE school = $1 AND holder = $2 AND withdrawn_at = $3",
                values![self.school, gone, joined_at],
            )
            .await?;
        let both = booked
            .iter()
            .flat_map(|row| [(row.evening, kept), (row.evening, gone)]);
        let one = linkless.iter().map(|row| (row.evening, gone));
        Ok(both.chain(one).collect())
    }

    async fn evenings_to_come(&self, work: &mut Work, now: Timestamp) -> Read<BTreeSet<EveningId>> {
        let rows: Vec<MovedRow> = work
            .rows(
                "SELECT id AS evening FROM evenings WHERE school = $1 AND end_at > $2",
                values![self.school, now],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.evening).collect())
    }

    /// Sends somebody their appointments as they are, who may be written to.
    async fn confirm(
        &self,
        work: &mut Work,
        evening: EveningId,
        parent: ContactId,
        now: Timestamp,
    ) -> Result<()> {
        let queued = self
            .queue_confirmation(work, evening, parent, SignedDuration::ZERO, now)
            .await;
        match queued {
            Ok(_) | Err(Error::Refused(Refusal::NotFound)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// The evenings for which either has a link.
    async fn places_of(
        &self,
        work: &mut Work,
        (kept, gone): (ContactId, ContactId),
    ) -> Read<BTreeSet<(EveningId, Holder)>> {
        let rows: Vec<ScopeRow> = work
            .rows(
                "SELECT scope, holder FROM links
                 WHERE school = $1 AND withdrawn_at IS NULL AND (holder = $2 OR holder = $3)",
                values![self.school, kept, gone],
            )
            .await?;
        let places = rows.into_iter();
        Ok(places
            .map(|row| (row.scope, Holder::Parent(row.holder)))
            .collect())
    }
}
