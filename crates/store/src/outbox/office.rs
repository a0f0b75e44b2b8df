//! E-mails to the people of the office themselves: about no evening, and carrying nobody's link.

use jiff::{SignedDuration, Timestamp};
use links::Secret;
use school::known_time::FAR;
use school::{Actor, EmailAddress, MailId, Name, StaffId};

use super::{Address, Channel, Letter, Mail, SignInChange, Waiting};
use crate::audit::Action;
use crate::database::{Row, Work};
use crate::fault::{Fault, Read, Result};
use crate::set_up::digest;
use crate::store::Store;
use crate::value::{Kept, columns, values};

/// For how long somebody may choose a new password by a link that was sent to them. Whoever asked
/// waits as long for it, and no longer.
const NEW_PASSWORD: SignedDuration = SignedDuration::from_hours(1);

/// How often somebody of the office is told at most of what waits: all that came meanwhile is one
/// e-mail.
const WAITING_EVERY: SignedDuration = SignedDuration::from_hours(4);

/// How long the first of several waits, beside a confirmation.
const WAITING_SETTLES: i32 = 10;

/// What an e-mail to somebody of the office is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum OfficeMail {
    /// A link by which they choose a new password.
    NewPassword,
    /// What waits for them.
    Waiting,
    /// The last row of the audit log, for them to keep.
    AuditHead,
    /// That the school's provider signs them in from now on.
    Identified,
    /// That they show a second factor from now on.
    SecondFactorAdded,
    /// That they show none any more.
    SecondFactorRemoved,
    /// That a passkey is good as well.
    PasskeyAdded,
    /// That it is no longer.
    PasskeyRemoved,
}

impl OfficeMail {
    const ALL: [Self; 8] = [
        Self::NewPassword,
        Self::Waiting,
        Self::AuditHead,
        Self::Identified,
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::NewPassword => "new_password",
            Self::Waiting => "waiting",
            Self::AuditHead => "audit_head",
            Self::Identified => "identified",
            Self::SecondFactorAdded => "second_factor_added",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
        }
    }
}

impl Kept for OfficeMail {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.at(column)?;
        let kind = Self::ALL.into_iter().find(|it| it.code() == code);
        kind.ok_or(Fault::Broken("an e-mail to the office of no kind"))
    }
}

/// Whether somebody waits still for the link that they asked for.
pub(super) fn is_awaited(asked: Timestamp, now: Timestamp) -> bool {
    now.duration_since(asked) < NEW_PASSWORD
}

/// Somebody of the office.
struct OfficeAccount {
    id: StaffId,
    email: EmailAddress,
    /// When they were last written to.
    last: Option<Timestamp>,
}

/// An e-mail to the office that was just claimed.
pub(super) struct ToOffice {
    kind: OfficeMail,
    staff: StaffId,
    mail: Envelope,
}

columns! {
    struct AddressRow {
        email: EmailAddress,
    }
}

/// What every e-mail has.
pub(super) struct Envelope {
    pub(super) id: MailId,
    pub(super) lease: i64,
    pub(super) name: Name,
    pub(super) address: Address,
    pub(super) message_id: String,
    pub(super) attempts: i64,
    pub(super) doubts: i64,
    pub(super) queued: Timestamp,
}

impl Envelope {
    /// Reads the columns `lease, name, address, message_id, attempts, doubts, queued_at,
    /// channel`.
    pub(super) fn read(id: MailId, row: &Row) -> Read<Self> {
        Ok(Self {
            id,
            lease: row.named("lease")?,
            name: row.named("name")?,
            address: match row.named("channel")? {
                Channel::Email => Address::Email(row.named("address")?),
                Channel::Text => Address::Mobile(row.named("address")?),
            },
            message_id: row.named("message_id")?,
            attempts: row.named("attempts")?,
            doubts: row.named("doubts")?,
            queued: row.named("queued_at")?,
        })
    }

    pub(super) fn with(self, letter: Letter) -> Mail {
        Mail {
            id: self.id,
            lease: self.lease,
            name: self.name,
            address: self.address,
            message_id: self.message_id,
            attempts: self.attempts,
            doubts: self.doubts,
            queued: self.queued,
            language: None,
            letter,
        }
    }
}

impl Store {
    /// Writes to whoever signs in with that address a link by which they choose a new password.
    /// Whether there is anybody. Whoever is signed in by the school's provider alone has none to forget.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn send_new_password(&self, address: &EmailAddress, now: Timestamp) -> Result<bool> {
        let mut work = self.write().await?;
        let account = work
            .one(
                "SELECT id, email FROM staff
                 WHERE school = $1 AND email_key = $2 AND disabled_at IS NULL
                   AND (password_hash <> '' OR NOT EXISTS (SELECT 1 FROM identities
                     WHERE identities.school = staff.school AND identities.staff = staff.id))",
                values![self.school, address.key()],
            )
            .await?;
        let Some(account) = account else {
            return Ok(false);
        };
        let staff: StaffId = account.get(0)?;
        let kind = OfficeMail::NewPassword;
        // To the address as it is kept: one that is written alike may be somebody else's.
        let email: EmailAddress = account.get(1)?;
        self.queue_to_office(&mut work, kind, (staff, &email), (now, now))
            .await?;
        let subject = format!("staff:{staff}");
        let action = Action::PasswordLinkSent;
        self.audit(&mut work, Actor::Unknown, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Tells somebody that they sign in otherwise from now on.
    pub(crate) async fn tell_sign_in(
        &self,
        work: &mut Work,
        (staff, change): (StaffId, SignInChange),
        now: Timestamp,
    ) -> Result<()> {
        let row: Option<AddressRow> = work
            .row(
                "SELECT email FROM staff WHERE school = $1 AND id = $2",
                values![self.school, staff],
            )
            .await?;
        let Some(AddressRow { email }) = row else {
            return Ok(());
        };
        let kind = match change {
            SignInChange::ByProvider => OfficeMail::Identified,
            SignInChange::SecondFactorAdded => OfficeMail::SecondFactorAdded,
            SignInChange::SecondFactorRemoved => OfficeMail::SecondFactorRemoved,
            SignInChange::PasskeyAdded => OfficeMail::PasskeyAdded,
            SignInChange::PasskeyRemoved => OfficeMail::PasskeyRemoved,
        };
        self.queue_to_office(work, kind, (staff, &email), (now, now))
            .await?;
        Ok(())
    }

    /// Tells everybody of the office who signs in that something waits for them, once for all that
    /// comes in a while.
    pub(crate) async fn tell_office(&self, work: &mut Work, now: Timestamp) -> Result<()> {
        let kind = OfficeMail::Waiting;
        for account in self.offices(work, kind).await? {
            let soon = later(now, self.options.settle * WAITING_SETTLES);
            let last = account.last;
            let due = last.map_or(soon, |last| soon.max(later(last, WAITING_EVERY)));
            self.queue_to_office(work, kind, (account.id, &account.email), (due, now))
                .await?;
        }
        Ok(())
    }

    /// Sends everybody of the office who signs in the last row of the audit log, unless they were sent
    /// one within that time. How many are.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_audit_head(&self, every: SignedDuration, now: Timestamp) -> Result<u64> {
        let kind = OfficeMail::AuditHead;
        let mut work = self.write().await?;
        if self.doubts_clock_in(&mut work, now).await? {
            return Ok(0);
        }
        let mut due = self.offices(&mut work, kind).await?;
        // One that a clock sent which was ahead is none.
        let is_due = |last| later(last, every) <= now || last > later(now, FAR);
        due.retain(|it| it.last.is_none_or(is_due));
        for account in &due {
            self.queue_to_office(&mut work, kind, (account.id, &account.email), (now, now))
                .await?;
        }
        work.commit().await?;
        Ok(u64::try_from(due.len()).unwrap_or(u64::MAX))
    }

    /// Everybody of the office who signs in, and when an e-mail of that kind was last queued for them.
    async fn offices(&self, work: &mut Work, kind: OfficeMail) -> Result<Vec<OfficeAccount>> {
        let accounts = work
            .all(
                "SELECT staff.id AS id, staff.email AS email, MAX(mail.queued_at) AS last FROM staff
                 LEFT JOIN mail ON mail.school = staff.school AND mail.holder = staff.id
                   AND mail.kind = $2
                 WHERE staff.school = $1 AND disabled_at IS NULL AND rank IN ('owner', 'office')
                   AND (password_hash <> '' OR EXISTS (SELECT 1 FROM identities
                     WHERE identities.school = staff.school AND identities.staff = staff.id))
                 GROUP BY staff.id, staff.email ORDER BY staff.id",
                values![self.school, kind.code()],
            )
            .await?;
        let read = |it: &Row| {
            Ok(OfficeAccount {
                id: it.named("id")?,
                email: it.named("email")?,
                last: it.named("last")?,
            })
        };
        Ok(accounts.iter().map(read).collect::<Read<_>>()?)
    }

    /// Queues it, unless one waits already.
    async fn queue_to_office(
        &self,
        work: &mut Work,
        kind: OfficeMail,
        (staff, address): (StaffId, &EmailAddress),
        (due, now): (Timestamp, Timestamp),
    ) -> Read<()> {
        let id = MailId(Self::new_id());
        work.run(
            "INSERT INTO mail (school, id, kind, holder, address, says, message_id, state, once,
               attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, '', $6, 'queued', $7, 0, $8, 0, '', $9)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                kind.code(),
                staff,
                address,
                Self::new_message_id(id),
                format!("{} {staff}", kind.code()),
                due,
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// An e-mail that was just claimed, where it is to the office.
    pub(super) async fn office_mail(&self, work: &mut Work, id: MailId) -> Read<Option<ToOffice>> {
        let row = work
            .one(
                "SELECT kind, staff.id AS staff, lease, name, address, message_id, attempts, doubts,
                   queued_at, channel
                 FROM mail
                 JOIN staff ON staff.school = mail.school AND staff.id = mail.holder
                 WHERE mail.school = $1 AND mail.id = $2",
                values![self.school, id],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ToOffice {
            kind: row.named("kind")?,
            staff: row.named("staff")?,
            mail: Envelope::read(id, &row)?,
        }))
    }

    /// What it says now; none where nobody waits for it any more.
    pub(super) async fn to_office(
        &self,
        work: &mut Work,
        ToOffice { kind, staff, mail }: ToOffice,
        now: Timestamp,
    ) -> Result<Option<Mail>> {
        let letter = match kind {
            OfficeMail::NewPassword if !is_awaited(mail.queued, now) => return Ok(None),
            OfficeMail::NewPassword => {
                // Nobody has seen it before, nor will but in this e-mail: it is made for each try.
                let secret = Secret::random(&mut ambient::rng());
                self.offer_new_password(work, &digest(&secret), staff, later(now, NEW_PASSWORD))
                    .await?;
                Letter::NewPassword { secret }
            }
            OfficeMail::Waiting => match self.waits(work, now).await? {
                waiting if waiting == Waiting::default() => return Ok(None),
                waiting => Letter::Waiting(waiting),
            },
            OfficeMail::AuditHead => match self.audit_head_in(work).await? {
                None => return Ok(None),
                Some(head) => Letter::AuditHead { head, at: now },
            },
            OfficeMail::Identified => changed(SignInChange::ByProvider, &mail),
            OfficeMail::SecondFactorAdded => changed(SignInChange::SecondFactorAdded, &mail),
            OfficeMail::SecondFactorRemoved => changed(SignInChange::SecondFactorRemoved, &mail),
            OfficeMail::PasskeyAdded => changed(SignInChange::PasskeyAdded, &mail),
            OfficeMail::PasskeyRemoved => changed(SignInChange::PasskeyRemoved, &mail),
        };
        Ok(Some(mail.with(letter)))
    }
}

fn changed(change: SignInChange, mail: &Envelope) -> Letter {
    let at = mail.queued;
    Letter::SignIn { change, at }
}

pub(super) fn later(now: Timestamp, after: SignedDuration) -> Timestamp {
    now.checked_add(after).unwrap_or(now)
}
