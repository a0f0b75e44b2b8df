//! Records that may be of one person, and what the office says of them (DIR-13).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::one_person::{self, Alike, MOST_PAIRS, Pair, Record};
use school::said::Word as _;
use school::{Actor, ContactId, EmailAddress, Name, Refusal, StudentId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::joining::PARTED_WITHIN;
use crate::store::Store;
use crate::value::{columns, values};

/// One of two records that may be of one person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlikeRecord {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their students, by name.
    pub students: Vec<(StudentId, Name)>,
    /// Whether a court order is in force on them.
    pub has_order: bool,
    /// Whether they have an account.
    pub is_registered: bool,
}

/// Two records that may be of one person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlikeRecords {
    /// Why.
    pub alike: Alike,
    /// One.
    pub one: AlikeRecord,
    /// The other.
    pub other: AlikeRecord,
}

/// Two records that were made one, and can still be parted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JoinedRecord {
    /// The one that stays.
    pub kept: ContactId,
    /// Their name.
    pub name: Name,
    /// The one that went.
    pub gone: ContactId,
    /// Its name.
    pub gone_name: Name,
    /// Until when they can be parted.
    pub until: Timestamp,
}

columns! {
    /// What a record said that was made one with another.
    pub(crate) struct AliasOf {
        pub(crate) kept: ContactId,
        pub(crate) name: Name,
        pub(crate) email: Option<EmailAddress>,
        accepted_beside: Option<EmailAddress>,
    }
}

impl AliasOf {
    /// Whether the office has said that another address is theirs, and not this.
    pub(crate) fn is_set_aside(&self) -> bool {
        let keys = (&self.email, &self.accepted_beside);
        matches!(keys, (Some(email), Some(beside)) if email.is_same(beside))
    }
}

columns! {
    struct HomeroomRow {
        contact: ContactId,
        form_key: String,
    }
}

columns! {
    struct ContactRow {
        id: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        court_order_at: Option<Timestamp>,
        has_account: i64,
    }
}

columns! {
    struct ChildRow {
        contact: ContactId,
        student: StudentId,
        name: Name,
    }
}

columns! {
    struct PairRow {
        one: ContactId,
        other: ContactId,
    }
}

columns! {
    struct JoinedRow {
        kept: ContactId,
        name: Name,
        gone: ContactId,
        gone_name: Name,
        joined_at: Timestamp,
    }
}

columns! {
    struct GoneRow {
        gone: ContactId,
    }
}

impl Store {
    /// Records that may be of one person, the likeliest first, and how many pairs there are: at most
    /// [`MOST_PAIRS`] are given. Those who have left are not compared.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn alike_records(&self) -> Result<(Vec<AlikeRecords>, usize)> {
        let mut work = self.read().await?;
        let people = self.all_compared(&mut work).await?;
        let decided = self.two_people_told(&mut work).await?;
        let mut records: Vec<Record> = people.values().map(|(record, _)| record.clone()).collect();
        for alias in self.aliases(&mut work).await? {
            // What the office has said is not theirs makes them nobody else.
            let is_theirs = !alias.is_set_aside();
            let of = people.get(&alias.kept).filter(|_| is_theirs);
            records.extend(of.map(|(own, _)| Record {
                name: alias.name,
                email: alias.email,
                ..own.clone()
            }));
        }
        let found = one_person::find(&records, &decided);
        let all = found.len();
        let shown = found.into_iter().take(MOST_PAIRS);
        let shown = shown.filter_map(|(pair, alike)| {
            Some(AlikeRecords {
                alike,
                one: people.get(&pair.one)?.1.clone(),
                other: people.get(&pair.other)?.1.clone(),
            })
        });
        Ok((shown.collect(), all))
    }

    async fn all_compared(
        &self,
        work: &mut Work,
    ) -> Read<BTreeMap<ContactId, (Record, AlikeRecord)>> {
        let children: Vec<ChildRow> = work
            .rows(
                "SELECT guardians.contact AS contact, students.id AS student, students.name AS name
                 FROM guardians
                 JOIN students ON students.school = guardians.school
                   AND students.id = guardians.student
                 WHERE guardians.school = $1 ORDER BY students.name_key, students.id",
                values![self.school],
            )
            .await?;
        let mut students: BTreeMap<ContactId, Vec<(StudentId, Name)>> = BTreeMap::new();
        for row in children {
            let theirs = students.entry(row.contact).or_default();
            theirs.push((row.student, row.name));
        }
        let mut homerooms = self.homerooms(work).await?;
        let contacts: Vec<ContactRow> = work
            .rows(
                "SELECT contacts.id AS id, contacts.name AS name, contacts.email AS email,
                   court_order_at,
                   CAST(CASE WHEN account_contacts.account IS NULL THEN 0 ELSE 1 END AS BIGINT)
                     AS has_account
                 FROM contacts
                 LEFT JOIN account_contacts ON account_contacts.school = contacts.school
                   AND account_contacts.contact = contacts.id
                 WHERE contacts.school = $1 AND gone_at IS NULL ORDER BY contacts.id",
                values![self.school],
            )
            .await?;
        let people = contacts.into_iter().map(|row| {
            let theirs = students.remove(&row.id).unwrap_or_default();
            let record = Record {
                contact: row.id,
                name: row.name.clone(),
                email: row.email.clone(),
                students: theirs.iter().map(|(id, _)| *id).collect(),
                homerooms: homerooms.remove(&row.id).unwrap_or_default(),
            };
            let shown = AlikeRecord {
                contact: row.id,
                name: row.name,
                email: row.email,
                students: theirs,
                has_order: row.court_order_at.is_some(),
                is_registered: row.has_account == 1,
            };
            (row.id, (record, shown))
        });
        Ok(people.collect())
    }

    async fn two_people_told(&self, work: &mut Work) -> Read<BTreeSet<Pair>> {
        let rows: Vec<PairRow> = work
            .rows(
                "SELECT one, other FROM told_apart WHERE school = $1",
                values![self.school],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| Pair::of(row.one, row.other))
            .collect())
    }

    /// The office says that two contacts are two people: they are not shown again as one. What an order
    /// on either says of the other is decided for itself.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn tell_records_apart(
        &self,
        (one, other): (ContactId, ContactId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        if one == other {
            return Err(Refusal::NotFound.into());
        }
        for id in [one, other] {
            self.check_stands(&mut work, id).await?;
        }
        let pair = Pair::of(one, other);
        work.run(
            "INSERT INTO told_apart (school, one, other, decided_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (one, other, school) DO UPDATE SET decided_at = excluded.decided_at",
            values![self.school, pair.one, pair.other, now],
        )
        .await?;
        let subject = format!("contact:{}", pair.one);
        let detail = [("contact", pair.other.0)];
        self.audit(&mut work, actor, Action::ToldApart, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Records that were made one within the last day, the newest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn joined_records(&self, now: Timestamp) -> Result<Vec<JoinedRecord>> {
        let mut work = self.read().await?;
        let since = now.checked_sub(PARTED_WITHIN).unwrap_or(Timestamp::MIN);
        let rows: Vec<JoinedRow> = work
            .rows(
                "SELECT kept, contacts.name AS name, gone, went.name AS gone_name, joined_at
                 FROM joined_records
                 JOIN contacts ON contacts.school = joined_records.school
                   AND contacts.id = joined_records.kept
                 JOIN contacts AS went ON went.school = joined_records.school
                   AND went.id = joined_records.gone
                 WHERE joined_records.school = $1 AND joined_at > $2
                   AND NOT EXISTS (SELECT 1 FROM joined_rows
                     WHERE joined_rows.school = joined_records.school
                       AND joined_rows.kind = 'alias' AND joined_rows.id = joined_records.gone)
                 ORDER BY joined_at DESC, gone",
                values![self.school, since],
            )
            .await?;
        let joined = rows.into_iter().map(|row| JoinedRecord {
            kept: row.kept,
            name: row.name,
            gone: row.gone,
            gone_name: row.gone_name,
            until: row
                .joined_at
                .checked_add(PARTED_WITHIN)
                .unwrap_or(Timestamp::MAX),
        });
        Ok(joined.collect())
    }

    /// The keys of the homerooms of each contact's own students.
    pub(crate) async fn homerooms(
        &self,
        work: &mut Work,
    ) -> Read<BTreeMap<ContactId, BTreeSet<String>>> {
        let rows: Vec<HomeroomRow> = work
            .rows(
                "SELECT DISTINCT guardians.contact AS contact, students.form_key AS form_key
                 FROM guardians
                 JOIN students ON students.school = guardians.school
                   AND students.id = guardians.student
                 WHERE guardians.school = $1 AND students.form_key <> ''",
                values![self.school],
            )
            .await?;
        let mut homerooms: BTreeMap<ContactId, BTreeSet<String>> = BTreeMap::new();
        for row in rows {
            homerooms
                .entry(row.contact)
                .or_default()
                .insert(row.form_key);
        }
        Ok(homerooms)
    }

    /// What records said that were made one with others, and the addresses and names that the school's
    /// records say of whoever goes on with their own; of those with a court order also the names that they
    /// have said themselves, but for one that the office has refused, or that was another parent's when they
    /// said it.
    pub(crate) async fn aliases(&self, work: &mut Work) -> Read<Vec<AliasOf>> {
        work.rows(
            "SELECT kept, name, email, CAST(NULL AS TEXT) AS accepted_beside FROM joined_records
             JOIN contacts ON contacts.school = joined_records.school
               AND contacts.id = joined_records.gone
             WHERE joined_records.school = $1
             UNION ALL
             SELECT COALESCE(kept, contact) AS kept, name, records AS email, accepted_beside
             FROM said_otherwise
             JOIN contacts ON contacts.school = said_otherwise.school
               AND contacts.id = said_otherwise.contact
             LEFT JOIN joined_records ON joined_records.school = said_otherwise.school
               AND joined_records.gone = said_otherwise.contact
             WHERE said_otherwise.school = $1 AND records IS NOT NULL
               AND (what = 'email' OR (what LIKE 'email %' AND court_order_at IS NOT NULL))
             UNION ALL
             SELECT COALESCE(kept, contacts.id) AS kept, records_name AS name, email,
               CAST(NULL AS TEXT) AS accepted_beside
             FROM contacts
             LEFT JOIN joined_records ON joined_records.school = contacts.school
               AND joined_records.gone = contacts.id
             WHERE contacts.school = $1 AND records_name IS NOT NULL
             UNION ALL
             SELECT standing.id AS kept, said_names.name AS name, contacts.email AS email,
               CAST(NULL AS TEXT) AS accepted_beside
             FROM said_names
             JOIN contacts ON contacts.school = said_names.school
               AND contacts.id = said_names.contact
             LEFT JOIN joined_records ON joined_records.school = said_names.school
               AND joined_records.gone = said_names.contact
             JOIN contacts AS standing ON standing.school = said_names.school
               AND standing.id = COALESCE(joined_records.kept, said_names.contact)
             WHERE said_names.school = $1 AND student IS NULL AND is_kept = 0
               AND standing.court_order_at IS NOT NULL
             ORDER BY kept, name, email",
            values![self.school],
        )
        .await
    }

    /// The records that were made one with a contact's.
    pub(crate) async fn joined_with(
        &self,
        work: &mut Work,
        kept: ContactId,
    ) -> Read<Vec<ContactId>> {
        let rows: Vec<GoneRow> = work
            .rows(
                "SELECT gone FROM joined_records WHERE school = $1 AND kept = $2 ORDER BY gone",
                values![self.school, kept],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.gone).collect())
    }

    /// The contact that an id means: the one that stays, where it is that of a record that was made one
    /// with another.
    pub(crate) async fn standing_for(&self, work: &mut Work, id: ContactId) -> Read<ContactId> {
        let row = work
            .one(
                "SELECT kept FROM joined_records WHERE school = $1 AND gone = $2",
                values![self.school, id],
            )
            .await?;
        Ok(row.map(|row| row.named("kept")).transpose()?.unwrap_or(id))
    }

    /// Refuses whom nobody is, or is no longer: their record was made one with another.
    pub(crate) async fn check_stands(&self, work: &mut Work, id: ContactId) -> Result<()> {
        let stands = work
            .count(
                "SELECT COUNT(*) FROM contacts WHERE school = $1 AND id = $2
                   AND id NOT IN (SELECT gone FROM joined_records WHERE school = $1)",
                values![self.school, id],
            )
            .await?;
        if stands == 0 {
            return Err(Refusal::NotFound.into());
        }
        Ok(())
    }
}
