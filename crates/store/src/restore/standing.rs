//! What stands in records, as far as somebody could end it.

use std::collections::{BTreeMap, BTreeSet};

use school::{
    AccountId, AreaId, BookingId, ClassId, ContactId, EveningId, HolderId, InvitationId, MailId,
    MeetingId, Note, Rank, RoomId, StaffId, StopId, StudentId, TeacherId, VisitorId, deed,
};

use super::known::{Held, HeldAtDoor, UnenteredOrder};
use super::settings::{Settings, System, Taught};
use crate::database::{Row, Work};
use crate::decided::ErasedId;
use crate::fault::Read;
use crate::second_factors::KeptPasskey;
use crate::store::Store;
use crate::value::{Kept, values};

/// A contact, as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) name_key: String,
    pub(super) records_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_key: Option<String>,
    /// Where text messages go, and what else the school's records have.
    pub(super) mobile: Option<String>,
    pub(super) telephone: String,
    /// Of a record that was made one with another: the order on that one, which is on both.
    pub(super) court_order_at: Option<i64>,
}

/// What a contact says of themselves, as far as it is decided or taken back: their number, beside which
/// one of the school's it was accepted, and what they share.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Said {
    pub(super) telephone: String,
    pub(super) accepted_beside: Option<String>,
    /// The number with the school, the address and the number with other families.
    pub(super) shares: [bool; 3],
}

/// What a contact says of themselves and the school's records say otherwise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Otherwise {
    pub(super) own: String,
    pub(super) records: Option<String>,
    pub(super) accepted_beside: Option<String>,
    pub(super) said_at: i64,
}

/// What a contact was called and where they were reached: name and address, each followed by how it is compared.
pub(super) type KnownAs = (ContactId, String, String, Option<String>, String);

/// By whom a name is said, and of which student, or of themselves.
pub(super) type NameOf = (ContactId, Option<StudentId>);

/// A name that a contact says, and whether the office has kept another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SaidName {
    pub(super) name: String,
    pub(super) is_kept: i64,
    pub(super) word: String,
    pub(super) said_at: i64,
}

/// An invitation: whom it is for, and whether it was removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Invited {
    pub(super) is_removed: bool,
    pub(super) email: String,
    pub(super) email_key: String,
}

/// An evening: whether parents may book, until when, and what was said where it does not take place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Door {
    pub(super) booking: String,
    pub(super) closes_at: Option<i64>,
    pub(super) words: Note,
}

/// An account of a parent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ParentAccount {
    pub(super) email: String,
    pub(super) email_key: String,
    pub(super) password_hash: String,
}

/// An account of the office.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Account {
    pub(super) password_hash: String,
    pub(super) last_resort: i64,
    pub(super) disabled_at: Option<i64>,
    pub(super) rank: Rank,
    pub(super) factor: Option<Factor>,
    /// By issuer: what it calls them and this server, and since when it signs them in.
    pub(super) identities: BTreeMap<String, (String, String, i64)>,
}

/// Their second factor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Factor {
    pub(super) secret: Vec<u8>,
    pub(super) used_step: i64,
    pub(super) wrong: i64,
    pub(super) wrong_at: Option<i64>,
    pub(super) added_at: i64,
    /// Recovery codes, and when each was used.
    pub(super) codes: BTreeMap<Vec<u8>, Option<i64>>,
    pub(super) passkeys: Vec<KeptPasskey>,
}

/// An e-mail, and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Posted {
    pub(super) state: String,
    pub(super) sent_at: Option<i64>,
}

/// A caller of a waiting area: how far their visit has come, and whether words that they left are there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Called {
    pub(super) stage: String,
    pub(super) has_words: bool,
}

impl Called {
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage.as_str(), "ended" | "left")
    }
}

/// A call that was stopped, and stands so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Stopped {
    pub(super) meeting: MeetingId,
    pub(super) attempt: String,
    pub(super) by: HolderId,
    pub(super) at: i64,
    pub(super) note: String,
    pub(super) shuts: i64,
    pub(super) decided_at: Option<i64>,
}

/// A row of the audit log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Logged {
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) hash: Vec<u8>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    pub(super) contacts: BTreeMap<ContactId, Person>,
    pub(super) accounts: BTreeMap<AccountId, ParentAccount>,
    pub(super) said: BTreeMap<ContactId, Said>,
    /// By whom, and what it is.
    pub(super) otherwise: BTreeMap<(ContactId, String), Otherwise>,
    /// By whom, and of which student, or of themselves.
    pub(super) names: BTreeMap<NameOf, SaidName>,
    pub(super) guardians: BTreeSet<(ContactId, StudentId)>,
    pub(super) students: BTreeSet<StudentId>,
    /// Whom the office has taken off a student, and whom out of a class.
    pub(super) apart: BTreeSet<(ContactId, StudentId)>,
    pub(super) out: BTreeSet<(StudentId, ClassId)>,
    /// What is kept of who contacts were, and with whom.
    pub(super) known_as: BTreeSet<KnownAs>,
    pub(super) known_with: BTreeSet<(ContactId, StudentId)>,
    pub(super) known_numbers: BTreeSet<(ContactId, String)>,
    /// Who waits for the office, and whom with a court order they may be.
    pub(super) waiting: BTreeSet<(ContactId, ContactId)>,
    /// Guests of meetings, and those at doors, who wait so; those who were turned away at a door, too.
    pub(super) held: BTreeMap<VisitorId, Held>,
    pub(super) held_at_doors: BTreeMap<VisitorId, HeldAtDoor>,
    /// Orders that a source says of nobody who is known, by what it knows each again.
    pub(super) unentered: BTreeMap<String, UnenteredOrder>,
    /// Who is here, by the office's word.
    pub(super) stays: BTreeSet<deed::Person>,
    /// Whom the office has erased, by what is kept of their ids in sources.
    pub(super) erased_ids: BTreeSet<ErasedId>,
    pub(super) teachers: BTreeMap<TeacherId, Taught>,
    /// Which account of a parent's opens what of whom.
    pub(super) opened: BTreeSet<(ContactId, AccountId)>,
    /// Whose record was made one with another.
    pub(super) joined: BTreeSet<ContactId>,
    pub(super) system: Option<System>,
    /// None before they are read.
    pub(super) settings: Option<Settings>,
    pub(super) invitations: BTreeMap<InvitationId, Invited>,
    /// Whether a guest of a meeting was removed, or turned away at a door.
    pub(super) visits: BTreeMap<VisitorId, bool>,
    /// Whether a meeting room is closed.
    pub(super) rooms: BTreeMap<RoomId, bool>,
    pub(super) members: BTreeSet<(RoomId, StaffId)>,
    pub(super) areas: BTreeSet<AreaId>,
    pub(super) providers: BTreeSet<(AreaId, StaffId)>,
    pub(super) callers: BTreeMap<VisitorId, Called>,
    /// Calls that were stopped, where nobody was let back since.
    pub(super) stops: BTreeMap<StopId, Stopped>,
    /// Whom they keep out.
    pub(super) kept_out: BTreeSet<(StopId, HolderId)>,
    /// Whether a link was withdrawn.
    pub(super) links: BTreeMap<i64, bool>,
    pub(super) evenings: BTreeMap<EveningId, Door>,
    /// Whether an appointment was cancelled.
    pub(super) bookings: BTreeMap<BookingId, bool>,
    pub(super) staff: BTreeMap<StaffId, Account>,
    /// Who manages an evening.
    pub(super) managers: BTreeSet<(EveningId, StaffId)>,
    /// Who of them has one sign-in with a parent's account.
    pub(super) hats: BTreeSet<(StaffId, AccountId)>,
    /// Whether a set-up link can be used no longer.
    pub(super) set_up_links: BTreeMap<Vec<u8>, bool>,
    pub(super) mail: BTreeMap<MailId, Posted>,
    /// In order: the first is row 1.
    pub(super) log: Vec<Logged>,
}

/// Reads a table, row by row, into whatever takes them.
pub(super) async fn each<T: Extend<K>, K>(
    store: &Store,
    work: &mut Work,
    sql: &'static str,
    into: &mut T,
    read: impl Fn(&Row) -> Read<K>,
) -> Read<()> {
    let rows = work.all(sql, values![store.school]).await?;
    for row in &rows {
        into.extend([read(row)?]);
    }
    Ok(())
}

fn pair<A: Kept, B: Kept>(row: &Row) -> Read<(A, B)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn flag<A: Kept>(row: &Row) -> Read<(A, bool)> {
    Ok((row.get(0)?, row.get::<i64>(1)? != 0))
}

impl Standing {
    /// Reads it, all of one moment.
    pub(super) async fn read(store: &Store) -> Read<Self> {
        let mut work = store.database().read().await?;
        work.at_length().await?;
        let mut it = Self::default();
        it.read_people(store, &mut work).await?;
        it.read_teachers(store, &mut work).await?;
        it.read_settings(store, &mut work).await?;
        it.read_decided(store, &mut work).await?;
        it.read_known(store, &mut work).await?;
        it.read_what_is_out(store, &mut work).await?;
        it.read_evenings(store, &mut work).await?;
        it.read_rooms(store, &mut work).await?;
        it.read_areas(store, &mut work).await?;
        it.read_stops(store, &mut work).await?;
        it.read_hats(store, &mut work).await?;
        it.read_the_office(store, &mut work).await?;
        Ok(it)
    }

    async fn read_contacts(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, name, name_key, records_name, email, email_key, mobile, telephone,
               COALESCE(court_order_at, (SELECT kept.court_order_at FROM joined_records
                 JOIN contacts AS kept ON kept.school = joined_records.school
                   AND kept.id = joined_records.kept
                 WHERE joined_records.school = contacts.school
                   AND joined_records.gone = contacts.id)) AS court_order_at
             FROM contacts WHERE school = $1",
            &mut self.contacts,
            |row| {
                let person = Person {
                    name: row.named("name")?,
                    name_key: row.named("name_key")?,
                    records_name: row.named("records_name")?,
                    email: row.named("email")?,
                    email_key: row.named("email_key")?,
                    mobile: row.named("mobile")?,
                    telephone: row.named("telephone")?,
                    court_order_at: row.named("court_order_at")?,
                };
                Ok((row.named("id")?, person))
            },
        )
        .await
    }

    async fn read_people(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        self.read_contacts(store, work).await?;
        // A record that was made one with another has not ended: its students are that one's.
        each(
            store,
            work,
            "SELECT contact, student FROM guardians WHERE school = $1
             UNION SELECT joined_records.gone, guardians.student FROM joined_records
             JOIN guardians ON guardians.school = joined_records.school
               AND guardians.contact = joined_records.kept
             JOIN former_guardians ON former_guardians.school = joined_records.school
               AND former_guardians.contact = joined_records.gone
               AND former_guardians.student = guardians.student
             WHERE joined_records.school = $1",
            &mut self.guardians,
            pair,
        )
        .await?;
        self.read_accounts(store, work).await?;
        self.read_said(store, work).await?;
        each(
            store,
            work,
            "SELECT id FROM students WHERE school = $1",
            &mut self.students,
            |row| row.get::<StudentId>(0),
        )
        .await?;
        Ok(())
    }

    async fn read_known(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT contact, name, name_key, email, email_key FROM known_as WHERE school = $1",
            &mut self.known_as,
            |row| {
                Ok((
                    row.named("contact")?,
                    row.named("name")?,
                    row.named("name_key")?,
                    row.named("email")?,
                    row.named("email_key")?,
                ))
            },
        )
        .await?;
        let sql = "SELECT contact, student FROM known_with WHERE school = $1";
        each(store, work, sql, &mut self.known_with, pair).await?;
        each(
            store,
            work,
            "SELECT contact, number FROM known_numbers WHERE school = $1
             UNION SELECT id, mobile FROM contacts WHERE school = $1 AND mobile <> ''
             UNION SELECT id, telephone FROM contacts WHERE school = $1 AND telephone <> ''
             UNION SELECT contact, telephone FROM contact_details
             WHERE school = $1 AND telephone <> ''",
            &mut self.known_numbers,
            pair,
        )
        .await?;
        // What is in doubt of a record is so of one that was made one with it.
        let sql = "SELECT id, may_be FROM contacts WHERE school = $1 AND may_be IS NOT NULL
                   UNION SELECT gone, may_be FROM joined_records
                   JOIN contacts ON contacts.school = joined_records.school
                     AND contacts.id = joined_records.kept
                   WHERE joined_records.school = $1 AND may_be IS NOT NULL";
        each(store, work, sql, &mut self.waiting, pair).await?;
        self.read_held(store, work).await
    }

    async fn read_decided(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        // Off whom the office has taken one of two records that were one then, both are, as where they are parted.
        let sql = "SELECT contact, student FROM kept_apart WHERE school = $1
                   UNION SELECT gone, student FROM joined_records
                   JOIN kept_apart ON kept_apart.school = joined_records.school
                     AND kept_apart.contact = joined_records.kept
                   WHERE joined_records.school = $1 AND NOT EXISTS (SELECT 1 FROM joined_rows
                     WHERE joined_rows.school = joined_records.school
                       AND joined_rows.gone = joined_records.gone
                       AND joined_rows.kind IN ('off', 'own') AND joined_rows.id = student)";
        each(store, work, sql, &mut self.apart, pair).await?;
        let sql = "SELECT student, class FROM kept_out_of_classes WHERE school = $1";
        each(store, work, sql, &mut self.out, pair).await?;
        let sql = "SELECT id FROM students WHERE school = $1 AND stays = 1 AND gone_at IS NULL";
        each(store, work, sql, &mut self.stays, |row| {
            Ok(deed::Person::Student(row.named("id")?))
        })
        .await?;
        let sql = "SELECT id FROM contacts WHERE school = $1 AND stays = 1 AND gone_at IS NULL";
        each(store, work, sql, &mut self.stays, |row| {
            Ok(deed::Person::Contact(row.named("id")?))
        })
        .await?;
        let sql = "SELECT id FROM teachers WHERE school = $1 AND stays = 1 AND removed_at IS NULL";
        each(store, work, sql, &mut self.stays, |row| {
            Ok(deed::Person::Teacher(row.named("id")?))
        })
        .await?;
        self.erased_ids.extend(store.erased_ids(work).await?);
        Ok(())
    }

    async fn read_accounts(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, email, email_key, password_hash FROM accounts WHERE school = $1",
            &mut self.accounts,
            |row| {
                let account = ParentAccount {
                    email: row.named("email")?,
                    email_key: row.named("email_key")?,
                    password_hash: row.named("password_hash")?,
                };
                Ok((row.named("id")?, account))
            },
        )
        .await?;
        let sql = "SELECT contact, account FROM account_contacts WHERE school = $1";
        each(store, work, sql, &mut self.opened, pair).await?;
        let sql = "SELECT gone FROM joined_records WHERE school = $1";
        each(store, work, sql, &mut self.joined, |row| {
            row.named::<ContactId>("gone")
        })
        .await
    }

    async fn read_said(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT contact, telephone, accepted_beside, school_telephone, families_email,
               families_telephone
             FROM contact_details WHERE school = $1",
            &mut self.said,
            |row| {
                let shares = ["school_telephone", "families_email", "families_telephone"];
                let [school, email, telephone] = shares.map(|it| row.named::<i64>(it));
                let said = Said {
                    telephone: row.named("telephone")?,
                    accepted_beside: row.named("accepted_beside")?,
                    shares: [school? != 0, email? != 0, telephone? != 0],
                };
                Ok((row.named("contact")?, said))
            },
        )
        .await?;
        each(
            store,
            work,
            "SELECT contact, what, own, records, accepted_beside, said_at FROM said_otherwise
             WHERE school = $1",
            &mut self.otherwise,
            |row| {
                let otherwise = Otherwise {
                    own: row.named("own")?,
                    records: row.named("records")?,
                    accepted_beside: row.named("accepted_beside")?,
                    said_at: row.named("said_at")?,
                };
                let key = (row.named("contact")?, row.named("what")?);
                Ok((key, otherwise))
            },
        )
        .await?;
        each(
            store,
            work,
            "SELECT contact, student, name, is_kept, word, said_at FROM said_names
             WHERE school = $1",
            &mut self.names,
            |row| {
                let said = SaidName {
                    name: row.named("name")?,
                    is_kept: row.named("is_kept")?,
                    word: row.named("word")?,
                    said_at: row.named("said_at")?,
                };
                Ok(((row.named("contact")?, row.named("student")?), said))
            },
        )
        .await
    }

    async fn read_what_is_out(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, state, email, email_key FROM invitations WHERE school = $1",
            &mut self.invitations,
            |row| {
                let invited = Invited {
                    is_removed: row.named::<String>("state")? == "removed",
                    email: row.named("email")?,
                    email_key: row.named("email_key")?,
                };
                Ok((row.named("id")?, invited))
            },
        )
        .await?;
        each(
            store,
            work,
            "SELECT id, CAST(CASE WHEN over_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM (
               SELECT school, id, removed_at AS over_at FROM call_guests
               UNION ALL SELECT school, id, removed_at FROM visitors
               UNION ALL SELECT school, id, turned_away_at FROM held_at_doors
                 WHERE let_in_at IS NULL) AS came
             WHERE school = $1",
            &mut self.visits,
            flag,
        )
        .await?;
        each(
            store,
            work,
            "SELECT id, CAST(CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM links
             WHERE school = $1",
            &mut self.links,
            flag,
        )
        .await?;
        each(
            store,
            work,
            "SELECT id, CAST(CASE WHEN cancelled_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM bookings
             WHERE school = $1",
            &mut self.bookings,
            flag,
        )
        .await?;
        Ok(())
    }

    async fn read_evenings(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, booking, closes_at, cancelled_words FROM evenings WHERE school = $1",
            &mut self.evenings,
            |row| {
                let door = Door {
                    booking: row.named("booking")?,
                    closes_at: row.named("closes_at")?,
                    words: row.named("cancelled_words")?,
                };
                Ok((row.named("id")?, door))
            },
        )
        .await
    }

    async fn read_rooms(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, CAST(CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM rooms
             WHERE school = $1",
            &mut self.rooms,
            flag,
        )
        .await?;
        each(
            store,
            work,
            "SELECT room, staff FROM room_members WHERE school = $1",
            &mut self.members,
            pair,
        )
        .await
    }

    async fn read_areas(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id FROM areas WHERE school = $1",
            &mut self.areas,
            |row| row.get::<AreaId>(0),
        )
        .await?;
        each(
            store,
            work,
            "SELECT area, staff FROM area_providers WHERE school = $1",
            &mut self.providers,
            pair,
        )
        .await?;
        each(
            store,
            work,
            "SELECT id, stage, left_words FROM callers WHERE school = $1",
            &mut self.callers,
            |row| {
                let called = Called {
                    stage: row.named("stage")?,
                    has_words: !row.named::<String>("left_words")?.is_empty(),
                };
                Ok((row.named("id")?, called))
            },
        )
        .await
    }

    async fn read_stops(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, meeting, attempt, stopped_by, stopped_at, note, shuts, decided_at
             FROM stopped_calls WHERE school = $1 AND let_back_at IS NULL",
            &mut self.stops,
            |row| {
                let stopped = Stopped {
                    meeting: row.named("meeting")?,
                    attempt: row.named("attempt")?,
                    by: row.named("stopped_by")?,
                    at: row.named("stopped_at")?,
                    note: row.named("note")?,
                    shuts: row.named("shuts")?,
                    decided_at: row.named("decided_at")?,
                };
                Ok((row.named("id")?, stopped))
            },
        )
        .await?;
        each(
            store,
            work,
            "SELECT stop, holder FROM kept_out WHERE school = $1",
            &mut self.kept_out,
            pair,
        )
        .await
    }

    async fn read_hats(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        let sql = "SELECT staff, account FROM hats WHERE school = $1";
        each(store, work, sql, &mut self.hats, pair).await
    }

    async fn read_second_factors(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        let sql = "SELECT staff, secret, used_step, wrong, wrong_at, added_at FROM second_factors
                   WHERE school = $1";
        for row in &work.all(sql, values![store.school]).await? {
            let staff: StaffId = row.named("staff")?;
            if let Some(account) = self.staff.get_mut(&staff) {
                account.factor = Some(Factor {
                    secret: row.named("secret")?,
                    used_step: row.named("used_step")?,
                    wrong: row.named("wrong")?,
                    wrong_at: row.named("wrong_at")?,
                    added_at: row.named("added_at")?,
                    codes: BTreeMap::new(),
                    passkeys: Vec::new(),
                });
            }
        }
        let sql = "SELECT staff, digest, used_at FROM recovery_codes WHERE school = $1";
        for row in &work.all(sql, values![store.school]).await? {
            let staff: StaffId = row.named("staff")?;
            let account = self.staff.get_mut(&staff);
            if let Some(factor) = account.and_then(|it| it.factor.as_mut()) {
                factor
                    .codes
                    .insert(row.named("digest")?, row.named("used_at")?);
            }
        }
        for passkey in store.kept_passkeys(work).await? {
            let account = self.staff.get_mut(&passkey.staff);
            if let Some(factor) = account.and_then(|it| it.factor.as_mut()) {
                factor.passkeys.push(passkey);
            }
        }
        Ok(())
    }

    async fn read_identities(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        let sql =
            "SELECT staff, issuer, subject, client, bound_at FROM identities WHERE school = $1";
        for row in &work.all(sql, values![store.school]).await? {
            let staff: StaffId = row.named("staff")?;
            if let Some(account) = self.staff.get_mut(&staff) {
                let whom = (
                    row.named("subject")?,
                    row.named("client")?,
                    row.named("bound_at")?,
                );
                account.identities.insert(row.named("issuer")?, whom);
            }
        }
        Ok(())
    }

    async fn read_the_office(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, password_hash, last_resort, disabled_at, rank FROM staff WHERE school = $1",
            &mut self.staff,
            |row| {
                let account = Account {
                    password_hash: row.named("password_hash")?,
                    last_resort: row.named("last_resort")?,
                    disabled_at: row.named("disabled_at")?,
                    rank: row.named("rank")?,
                    factor: None,
                    identities: BTreeMap::new(),
                };
                Ok((row.named("id")?, account))
            },
        )
        .await?;
        let sql = "SELECT evening, staff FROM evening_managers WHERE school = $1";
        each(store, work, sql, &mut self.managers, pair).await?;
        self.read_second_factors(store, work).await?;
        self.read_identities(store, work).await?;
        each(
            store,
            work,
            "SELECT digest, CAST(CASE WHEN used_at IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM set_up_links
             WHERE school = $1",
            &mut self.set_up_links,
            |row| Ok((row.at(0)?, row.get::<i64>(1)? != 0)),
        )
        .await?;
        each(
            store,
            work,
            "SELECT id, state, sent_at FROM mail WHERE school = $1",
            &mut self.mail,
            |row| {
                let posted = Posted {
                    state: row.named("state")?,
                    sent_at: row.named("sent_at")?,
                };
                Ok((row.named("id")?, posted))
            },
        )
        .await?;
        self.read_the_log(store, work).await
    }

    async fn read_the_log(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT action, subject, hash FROM audit WHERE school = $1 ORDER BY number",
            &mut self.log,
            |row| {
                Ok(Logged {
                    action: row.named("action")?,
                    subject: row.named("subject")?,
                    hash: row.named("hash")?,
                })
            },
        )
        .await
    }
}
