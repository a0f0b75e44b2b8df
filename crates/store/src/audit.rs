//! The audit log: who did what, each row bound to the one before.

mod chain;

use std::sync::Arc;

use jiff::Timestamp;
use links::KeyId;
use school::Actor;

pub use self::chain::{AuditHead, BrokenAudit, BrokenChain, HeldAudit, NoHead, UnsealedRows};
use crate::database::{Row, Work};
use crate::fault::{Fault, Result};
use crate::store::Store;
use crate::value::values;

/// The hash before the first row.
pub(crate) const FIRST: [u8; 32] = [0; 32];

/// How many rows are read at a time.
const PAGE: u16 = 2_000;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Its stable name in the log.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

actions! {
    /// The first administrator was made.
    SetUp = "set_up";
    /// A staff account was made.
    StaffAdded = "staff_added";
    /// A staff account can no longer sign in.
    StaffDisabled = "staff_disabled";
    /// Somebody of the staff is an owner now.
    MadeOwner = "made_owner";
    /// Somebody of the staff works in the office now.
    MadeOffice = "made_office";
    /// Somebody of the staff is a viewer now.
    MadeViewer = "made_viewer";
    /// Somebody of the staff is no more than a member now.
    MadeMember = "made_member";
    /// Somebody of the staff manages an evening.
    ManagerAdded = "manager_added";
    /// They do no longer.
    ManagerRemoved = "manager_removed";
    /// A password was changed.
    PasswordChanged = "password_changed";
    /// A link to choose a new password was sent to somebody of the office.
    PasswordLinkSent = "password_link_sent";
    /// Somebody of the office signed in.
    SignedIn = "signed_in";
    /// The school's provider signed somebody of the staff in.
    SignedInByProvider = "signed_in_by_provider";
    /// Somebody of the staff signed out.
    SignedOut = "signed_out";
    /// A sign-in failed.
    SignInFailed = "sign_in_failed";
    /// From now on the school's provider signs somebody of the staff in, by what it calls them for good.
    IdentityBound = "identity_bound";
    /// It does no longer, until it shows their address again.
    IdentityUnbound = "identity_unbound";
    /// Somebody of the staff signs in with a second factor.
    SecondFactorAdded = "second_factor_added";
    /// They do no longer.
    SecondFactorRemoved = "second_factor_removed";
    /// Somebody with their password showed too many wrong codes.
    SecondFactorGuessed = "second_factor_guessed";
    /// A passkey of theirs is good as well.
    PasskeyAdded = "passkey_added";
    /// It is no longer.
    PasskeyRemoved = "passkey_removed";
    /// A passkey was shown that counts less than it did: somebody may have a copy.
    PasskeyCopied = "passkey_copied";
    /// They have new recovery codes.
    RecoveryCodesRenewed = "recovery_codes_renewed";
    /// They signed in by one.
    RecoveryCodeUsed = "recovery_code_used";
    /// The school's details were changed.
    SchoolChanged = "school_changed";
    /// A teacher, class, student or contact was added.
    Added = "added";
    /// One of them was changed.
    Changed = "changed";
    /// One of them was removed.
    Removed = "removed";
    /// Somebody asked for an import from an information system or a folder, which goes on in the background.
    ImportAsked = "import_asked";
    /// Students and contacts were imported.
    Imported = "imported";
    /// An information system was connected that people are taken from, or that was changed.
    SystemConnected = "system_connected";
    /// It was forgotten.
    SystemDisconnected = "system_disconnected";
    /// An evening was made.
    EveningAdded = "evening_added";
    /// An evening was changed.
    EveningChanged = "evening_changed";
    /// Parents may book.
    BookingOpened = "booking_opened";
    /// Parents may book no longer.
    BookingClosed = "booking_closed";
    /// Links were sent to the parents of an evening: to book by, or with what they had booked.
    ParentLinksSent = "parent_links_sent";
    /// Links were sent to the teachers of an evening.
    TeacherLinksSent = "teacher_links_sent";
    /// The office was shown somebody's link.
    LinkHandedOut = "link_handed_out";
    /// A parent's or teacher's link was sent again.
    LinkResent = "link_resent";
    /// A meeting room was made.
    RoomAdded = "room_added";
    /// A meeting room was changed.
    RoomChanged = "room_changed";
    /// A meeting room was closed: its links open nothing.
    RoomClosed = "room_closed";
    /// A meeting room that was closed is open again, with the links it had.
    RoomReopened = "room_reopened";
    /// A meeting room has another link; the one before is dead.
    RoomLinkRenewed = "room_link_renewed";
    /// A guest of a meeting said who they are: they came by a room's link, or were invited.
    VisitorCame = "visitor_came";
    /// A guest was invited out of a meeting.
    GuestInvited = "guest_invited";
    /// They were written to again.
    GuestResent = "guest_resent";
    /// They were removed; their link is dead.
    GuestRemoved = "guest_removed";
    /// They may be somebody with a court order: their link opens nothing until the office decides.
    GuestHeld = "guest_held";
    /// The office let them in.
    GuestLetIn = "guest_let_in";
    /// Somebody with a court order was not invited.
    GuestRefused = "guest_refused";
    /// A waiting area was made.
    AreaAdded = "area_added";
    /// A waiting area was changed.
    AreaChanged = "area_changed";
    /// A waiting area has another link; the one before is dead.
    AreaLinkRenewed = "area_link_renewed";
    /// Somebody came to a waiting area by its link.
    CallerCame = "caller_came";
    /// A provider took a caller into a call.
    CallerTaken = "caller_taken";
    /// A caller who was taken waits again.
    CallerBack = "caller_back";
    /// A provider passed a caller on to another area.
    CallerPassed = "caller_passed";
    /// A provider wrote a message to who waits.
    CallerMessaged = "caller_messaged";
    /// A provider ended a caller's visit.
    WaitEnded = "wait_ended";
    /// A provider said how it stands with them, or took back what they had said.
    ProviderSaid = "provider_said";
    /// A provider set aside what a caller had left to say.
    WordsSetAside = "words_set_aside";
    /// A caller went by themselves.
    CallerLeft = "caller_left";
    /// An appointment was booked.
    Booked = "booked";
    /// What is written with an appointment was changed: by the parent to the teachers, or by a teacher to those who
    /// take it.
    NoteChanged = "note_changed";
    /// An appointment was moved.
    Moved = "moved";
    /// An appointment was cancelled.
    Cancelled = "cancelled";
    /// Consent was given to inviting somebody.
    Consented = "consented";
    /// An invitation was sent.
    Invited = "invited";
    /// An invitation waits for the office.
    InvitationHeld = "invitation_held";
    /// The office approved an invitation.
    InvitationApproved = "invitation_approved";
    /// The office declined an invitation.
    InvitationDeclined = "invitation_declined";
    /// An invitation was sent again.
    InvitationResent = "invitation_resent";
    /// An invitation was sent to another address, by a new link.
    InvitationReaddressed = "invitation_readdressed";
    /// An invitation was removed; its link is dead.
    InvitationRemoved = "invitation_removed";
    /// A parent has set off as much e-mail as one day allows.
    EmailsRefused = "too_many_emails";
    /// A court order was entered on a contact.
    CourtOrderSet = "court_order_set";
    /// It was lifted.
    CourtOrderLifted = "court_order_lifted";
    /// The office said of an order that could not be entered that it is about nobody here.
    OrderDismissed = "order_dismissed";
    /// It is to be looked at again.
    OrderShownAgain = "order_shown_again";
    /// A contact may be somebody with a court order, and waits for the office.
    ContactHeld = "contact_held";
    /// The office said that two contacts are two people.
    ToldApart = "told_apart";
    /// Two records of one person were made one.
    RecordsJoined = "records_joined";
    /// They were parted again.
    RecordsParted = "records_parted";
    /// Other teachers take an appointment.
    Given = "given";
    /// The office is to say what becomes of an appointment whose new teachers are busy then.
    OfficeAsked = "office_asked";
    /// The office left it with the teachers who take it.
    Kept = "teachers_kept";
    /// A class has other teachers.
    TeachersChanged = "teachers_changed";
    /// A teacher is replaced for one evening.
    TeacherReplaced = "teacher_replaced";
    /// They come after all.
    TeacherBack = "teacher_back";
    /// A link was replaced, because its holder's address is another.
    LinkReplaced = "link_replaced";
    /// Somebody is no longer the guardian of a student.
    GuardianshipEnded = "guardianship_ended";
    /// An evening was moved to another time.
    EveningMoved = "evening_moved";
    /// An evening was cancelled.
    EveningCancelled = "evening_cancelled";
    /// Somebody joined a call.
    Joined = "joined";
    /// Somebody's session was taken over by another device.
    Evicted = "evicted";
    /// Somebody left a call.
    Left = "left";
    /// Somebody was disconnected from a call.
    Disconnected = "disconnected";
    /// Somebody stopped a call, for abuse.
    CallStopped = "call_stopped";
    /// The office looked at it, and it stands.
    StopKept = "stop_kept";
    /// The office let back whom it kept out.
    LetBack = "let_back";
    /// An invitation to register was sent.
    RegistrationSent = "registration_sent";
    /// Somebody who has not registered was reminded.
    RegistrationReminded = "registration_reminded";
    /// A letter with an invitation to register was printed.
    RegistrationPrinted = "registration_printed";
    /// A parent named another parent of a student.
    ParentNamed = "parent_named";
    /// The office had that parent invited.
    ParentApproved = "parent_approved";
    /// The office declined it.
    ParentDeclined = "parent_declined";
    /// Somebody gave their contact details.
    DetailsGiven = "details_given";
    /// The office accepted the telephone number that somebody gives.
    TelephoneAccepted = "telephone_accepted";
    /// It kept that of the school's records.
    TelephoneKept = "telephone_kept";
    /// The school's records say another address of somebody who goes on with theirs.
    AddressNoted = "address_noted";
    /// Whoever has an account wishes to sign in with another address.
    NewAddressAsked = "new_address_asked";
    /// They go on with the one they have.
    NewAddressWithdrawn = "new_address_withdrawn";
    /// Somebody with a court order reads there: nothing was sent.
    NewAddressRefused = "new_address_refused";
    /// They read there, and sign in with it.
    NewAddressConfirmed = "new_address_confirmed";
    /// The office accepted the address that somebody says of themselves.
    AddressAccepted = "address_accepted";
    /// It kept that of the school's records.
    AddressKept = "address_kept";
    /// A parent said that a name is another: their own, or a student's of theirs.
    NameGiven = "name_given";
    /// They took it back.
    NameWithdrawn = "name_withdrawn";
    /// The office accepted it.
    NameAccepted = "name_accepted";
    /// It kept that of the school's records.
    NameKept = "name_kept";
    /// Somebody registered.
    Registered = "registered";
    /// Somebody of the staff who is a parent has one sign-in for both.
    HatMade = "one_sign_in";
    /// They have two again.
    HatEnded = "two_sign_ins";
    /// Somebody closed their account.
    AccountClosed = "account_closed";
    /// Somebody whom an import brought has left the school.
    LeftSchool = "left_school";
    /// Somebody who had left is back.
    BackAtSchool = "back_at_school";
    /// A person was erased.
    Erased = "erased";
    /// Personal data past its period was erased.
    Expired = "expired";
    /// New keys were made; every link that was out is dead.
    KeysRenewed = "keys_renewed";
    /// Somebody on the machine itself said that the clock is right.
    ClockConfirmed = "clock_confirmed";
    /// Somebody on the machine itself copied the records.
    BackedUp = "backed_up";
    /// A backup was put in the place of the records.
    Restored = "restored";
    /// What the records hold of somebody was taken away as a file.
    DataTaken = "data_taken";
    /// The audit log was exported.
    AuditExported = "audit_exported";
}

/// A row of the audit log. It names people by their ids only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditRow {
    /// Counted from 1, without a gap.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who, as `staff:1`, `contact:2`, `teacher:3`, `invitation:4`, `program` or `unknown`.
    pub actor: String,
    /// What, one of [`Action::code`].
    pub action: String,
    /// To what, as `invitation:4`.
    pub subject: String,
    /// More of it, as `evening=5 student=6`.
    pub detail: String,
    before: Vec<u8>,
    hash: Vec<u8>,
    /// The key that its hash was made with; none of rows from before there were keys.
    sealed_by: Option<KeyId>,
}

impl AuditRow {
    fn of(row: &Row) -> std::result::Result<Self, Fault> {
        Ok(Self {
            number: row.named("number")?,
            at: row.named("at")?,
            actor: row.named("actor")?,
            action: row.named("action")?,
            subject: row.named("subject")?,
            detail: row.named("detail")?,
            before: row.named("before")?,
            hash: row.named("hash")?,
            sealed_by: row.named::<Option<u32>>("sealed_by")?.map(KeyId),
        })
    }

    /// The row's hash, in hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Store {
    /// Adds a row by itself, for what happens outside the records: joins, evictions, sign-ins.
    /// `subject` is a kind and an id, `detail` are names and ids; neither names a person.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn note(
        &self,
        actor: Actor,
        action: Action,
        subject: &str,
        detail: &[(&str, u64)],
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.audit(&mut work, actor, action, subject, detail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Adds a row to what is being done. Where others are sealed, and the keys cannot be used, it is not done.
    pub(crate) async fn audit(
        &self,
        work: &mut Work,
        actor: Actor,
        action: Action,
        subject: &str,
        detail: &[(&str, u64)],
        now: Timestamp,
    ) -> Result<()> {
        if action != Action::KeysRenewed {
            self.check_can_seal_in(work).await?;
        }
        let last = work
            .one(
                "SELECT audit_count, audit_hash FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?
            .ok_or(school::Refusal::NotFound)?;
        let detail: Vec<_> = detail
            .iter()
            .map(|(name, id)| format!("{name}={id}"))
            .collect();
        let mut row = AuditRow {
            number: last.get::<i64>(0)?.saturating_add(1),
            at: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            actor: actor.to_string(),
            action: action.code().to_owned(),
            subject: subject.to_owned(),
            detail: detail.join(" "),
            before: last.at(1)?,
            hash: Vec::new(),
            sealed_by: self.seals.is_some().then_some(self.options.key),
        };
        row.hash = row
            .digest(self.seals.as_deref())
            .ok_or(Fault::Broken("a ring without its own key"))?
            .to_vec();
        work.run(
            "INSERT INTO audit
               (school, number, at, actor, action, subject, detail, before, hash, sealed_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                self.school,
                row.number,
                row.at,
                row.actor.as_str(),
                row.action.as_str(),
                row.subject.as_str(),
                row.detail.as_str(),
                row.before.as_slice(),
                row.hash.as_slice(),
                row.sealed_by.map(|KeyId(id)| i64::from(id))
            ],
        )
        .await?;
        work.run(
            "UPDATE schools SET audit_count = $2, audit_hash = $3 WHERE id = $1",
            values![self.school, row.number, row.hash.as_slice()],
        )
        .await?;
        Ok(())
    }

    /// Checks that a row may be added to the log: it can be sealed, or none is.
    ///
    /// # Errors
    ///
    /// [`Fault::Unsealed`], which says why the keys cannot be used.
    pub async fn check_can_seal(&self) -> Result<()> {
        let mut work = self.glance().await?;
        self.check_can_seal_in(&mut work).await
    }

    async fn check_can_seal_in(&self, work: &mut Work) -> Result<()> {
        let Some(why) = &self.unsealable else {
            return Ok(());
        };
        let sealed = work
            .one(
                "SELECT number FROM audit WHERE school = $1 AND sealed_by IS NOT NULL LIMIT 1",
                values![self.school],
            )
            .await?;
        match sealed {
            Some(_) => Err(Fault::Unsealed {
                why: Arc::clone(why),
            }
            .into()),
            None => Ok(()),
        }
    }

    /// The newest rows below `before`, the newest first, at most `most`.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn audit_log(&self, before: Option<i64>, most: u16) -> Result<Vec<AuditRow>> {
        let mut work = self.glance().await?;
        self.newest_rows(&mut work, before.unwrap_or(i64::MAX), most)
            .await
    }

    async fn newest_rows(&self, work: &mut Work, before: i64, most: u16) -> Result<Vec<AuditRow>> {
        let rows = work
            .all(
                "SELECT number, at, actor, action, subject, detail, before, hash, sealed_by
                 FROM audit
                 WHERE school = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
                values![self.school, before, most],
            )
            .await?;
        Ok(rows
            .iter()
            .map(AuditRow::of)
            .collect::<std::result::Result<_, _>>()?)
    }

    /// Shows all rows in order, as they are at one moment; gives the hash that the last one should have.
    /// A page at a time: a log that grew for years need not fit into memory.
    async fn walk_audit_log(&self, mut see: impl FnMut(AuditRow) -> Result<()>) -> Result<Vec<u8>> {
        let mut work = self.read().await?;
        work.at_length().await?;
        let last = work
            .one(
                "SELECT audit_hash FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?
            .ok_or(school::Refusal::NotFound)?
            .at(0)?;
        let mut seen = 0_i64;
        loop {
            let rows = work
                .all(
                    "SELECT number, at, actor, action, subject, detail, before, hash, sealed_by
                 FROM audit
                     WHERE school = $1 AND number > $2 ORDER BY number LIMIT $3",
                    values![self.school, seen, PAGE],
                )
                .await?;
            for row in &rows {
                let row = AuditRow::of(row)?;
                seen = row.number;
                see(row)?;
            }
            if rows.len() < usize::from(PAGE) {
                return Ok(last);
            }
        }
    }

    /// The whole log as CSV (RFC 4180) with a header, the oldest row first. No cell begins with
    /// what a spreadsheet would take for a formula.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn audit_csv(&self) -> Result<String> {
        let mut text = csv::Writer::from_writer(Vec::new());
        let broken = |_: csv::Error| Fault::Broken("an audit row that is no text");
        text.write_record([
            "number", "at", "actor", "action", "subject", "detail", "hash",
        ])
        .map_err(broken)?;
        self.walk_audit_log(|row| {
            let hash = row.hash();
            let cells = [
                row.number.to_string(),
                row.at.to_string(),
                row.actor,
                row.action,
                row.subject,
                row.detail,
                hash,
            ];
            text.write_record(cells.map(|cell| unarmed(&cell)))
                .map_err(broken)?;
            Ok(())
        })
        .await?;
        let bytes = text
            .into_inner()
            .map_err(|_unflushed| Fault::Broken("a log that is no text"))?;
        Ok(String::from_utf8(bytes).map_err(|_no_text| Fault::Broken("a log that is no text"))?)
    }
}

/// The cell with an apostrophe before it where a spreadsheet would run it (OWASP, CSV injection).
fn unarmed(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::unarmed;

    #[test]
    fn no_cell_is_a_formula() {
        for armed in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"] {
            assert!(unarmed(armed).starts_with('\''), "{armed:?}");
        }
        assert_eq!(unarmed("staff:1"), "staff:1");
    }
}
