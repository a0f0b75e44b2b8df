//! What the office has decided against what a source says: an import does not undo it (DIR-11).

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use links::KeyId;
use school::deed::Person;
use school::import::{Decided, Incoming};
use school::text::id_key;
use school::{ClassId, ContactId, EmailAddress, Label, Mobile, Name, StudentId, TeacherId};

use crate::database::Work;
use crate::fault::Read;
use crate::store::Store;
use crate::value::{columns, list, listed, values};

columns! {
    struct ApartRow {
        contact: ContactId,
        student: StudentId,
    }
}

columns! {
    struct OutRow {
        student: StudentId,
        class: ClassId,
    }
}

columns! {
    /// What is kept of an id of somebody whom the office has erased.
    #[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
    pub(crate) struct ErasedId {
        kind: String,
        digest: Vec<u8>,
        key: u32,
    }
}

columns! {
    struct SourceRow {
        source: String,
        name: Name,
        records_name: Option<Name>,
    }
}

columns! {
    /// What the records said when the office decided how a contact is reached.
    struct ByHandRow {
        contact: ContactId,
        email: Option<EmailAddress>,
        address: Option<EmailAddress>,
        number: Option<Mobile>,
    }
}

columns! {
    /// A class that the office has removed.
    struct RemovedRow {
        name: Label,
        source: Option<String>,
    }
}

columns! {
    struct TakenRow {
        class: ClassId,
        teacher: TeacherId,
    }
}

columns! {
    struct BeforeRow {
        own: Option<EmailAddress>,
        records: Option<EmailAddress>,
        is_said: i64,
    }
}

columns! {
    struct NumberRow {
        own: Option<Mobile>,
        records: Option<Mobile>,
    }
}

/// Whose ids are remembered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Student,
    Contact,
    Teacher,
}

/// An id and a word of the name of whoever had it, as they are remembered; that words are, where it is empty. No
/// id has a line break.
fn with_word(id: &str, word: &str) -> String {
    format!("{id}\n{word}")
}

impl Kind {
    const fn code(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Contact => "contact",
            Self::Teacher => "teacher",
        }
    }
}

impl Store {
    /// All of it, as far as it concerns those whom a source names.
    pub(crate) async fn decided_by_hand(
        &self,
        work: &mut Work,
        incoming: &Incoming,
    ) -> Read<Decided> {
        let apart: Vec<ApartRow> = work
            .rows(
                "SELECT contact, student FROM kept_apart WHERE school = $1",
                values![self.school],
            )
            .await?;
        let out: Vec<OutRow> = work
            .rows(
                "SELECT student, class FROM kept_out_of_classes WHERE school = $1",
                values![self.school],
            )
            .await?;
        let mut decided = Decided {
            apart: apart.iter().map(|it| (it.contact, it.student)).collect(),
            out: out.iter().map(|it| (it.student, it.class)).collect(),
            ..Decided::default()
        };
        self.stays_by_hand(work, &mut decided).await?;
        self.reached_by_hand(work, &mut decided).await?;
        self.classes_by_hand(work, &mut decided).await?;
        let erased = self.erased_ids(work).await?;
        self.erased_of(&mut decided, &erased, incoming);
        Ok(decided)
    }

    /// Which ids of a source somebody had who was erased, and which of these somebody else has now.
    fn erased_of(&self, decided: &mut Decided, erased: &[ErasedId], incoming: &Incoming) {
        let rows = incoming.students.iter();
        let entries = rows.filter_map(|it| it.entry.as_ref().ok());
        let of_students = entries
            .clone()
            .flat_map(|it| it.source.iter().chain(&it.other_ids));
        let orders = incoming.orders.iter().flatten();
        let of_students = of_students.chain(orders.clone().flat_map(|it| &it.student_ids));
        let ids = of_students.map(|it| id_key(it)).collect();
        decided.erased_students = self.erased_among(erased, Kind::Student, &ids);
        let alone = incoming.contacts.iter();
        let alone = alone.filter_map(|it| Some(&it.entry.as_ref().ok()?.guardian));
        let guardians = entries.clone().flat_map(|it| &it.guardians).chain(alone);
        let of_contacts = guardians.clone().filter_map(|it| it.source.as_ref());
        let of_contacts = of_contacts.chain(orders.filter_map(|it| it.source.as_ref()));
        let ids = of_contacts.map(|it| id_key(it)).collect();
        decided.erased_contacts = self.erased_among(erased, Kind::Contact, &ids);
        let listed = incoming.teachers.iter();
        let listed = listed.filter_map(|it| it.entry.as_ref().ok()?.source.as_ref());
        let named = incoming.named_teachers.iter();
        let named = named.filter_map(|it| it.entry.as_ref().ok()?.source.as_ref());
        let ids = listed.chain(named).map(|it| id_key(it)).collect();
        decided.erased_teachers = self.erased_among(erased, Kind::Teacher, &ids);
        let students = entries.clone().flat_map(|it| {
            let ids = it.source.iter().chain(&it.other_ids);
            ids.map(|id| (id, &it.student))
        });
        decided.other_students =
            self.others_among(erased, (Kind::Student, &decided.erased_students), students);
        let contacts = guardians.filter_map(|it| Some((it.source.as_ref()?, &it.name)));
        decided.other_contacts =
            self.others_among(erased, (Kind::Contact, &decided.erased_contacts), contacts);
        let listed = incoming.teachers.iter().filter_map(|it| {
            let entry = it.entry.as_ref().ok()?;
            Some((entry.source.as_ref()?, &entry.name))
        });
        let named = incoming.named_teachers.iter().filter_map(|it| {
            let entry = it.entry.as_ref().ok()?;
            Some((entry.source.as_ref()?, entry.name.as_ref()?))
        });
        let teachers = listed.chain(named);
        decided.other_teachers =
            self.others_among(erased, (Kind::Teacher, &decided.erased_teachers), teachers);
    }

    /// Of ids that somebody had who was erased, with names: those where the words of that one's names are
    /// remembered, and none is in this name.
    fn others_among<'n>(
        &self,
        erased: &[ErasedId],
        (kind, ids): (Kind, &HashSet<String>),
        named: impl Iterator<Item = (&'n String, &'n Name)>,
    ) -> HashSet<(String, String)> {
        let erased = erased.iter().filter(|it| it.kind == kind.code());
        let digests: HashSet<&[u8]> = erased.clone().map(|it| it.digest.as_slice()).collect();
        let keys: BTreeSet<u32> = erased.map(|it| it.key).collect();
        let is_kept = |text: &str| {
            let mut of = keys
                .iter()
                .filter_map(|key| self.digest_of(KeyId(*key), kind, text));
            of.any(|it| digests.contains(it.as_slice()))
        };
        let other = |(id, name): (&String, &Name)| {
            let id = id_key(id);
            let is_known = |word: &String| is_kept(&with_word(&id, word));
            let is_other = ids.contains(&id)
                && is_kept(&with_word(&id, ""))
                && !name.words().iter().any(is_known);
            is_other.then(|| (id, name.person_key()))
        };
        named.filter_map(other).collect()
    }

    pub(crate) async fn erased_ids(&self, work: &mut Work) -> Read<Vec<ErasedId>> {
        work.rows(
            "SELECT kind, digest, key FROM erased_ids WHERE school = $1",
            values![self.school],
        )
        .await
    }

    pub(crate) async fn note_erased_id(&self, work: &mut Work, id: &ErasedId) -> Read<()> {
        work.run(
            "INSERT INTO erased_ids (school, kind, digest, key) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id.kind.as_str(),
                id.digest.as_slice(),
                i64::from(id.key)
            ],
        )
        .await?;
        Ok(())
    }

    /// Which of these ids somebody had who was erased, as they are compared.
    fn erased_among(
        &self,
        erased: &[ErasedId],
        kind: Kind,
        ids: &HashSet<String>,
    ) -> HashSet<String> {
        let erased = erased.iter().filter(|it| it.kind == kind.code());
        let digests: HashSet<&[u8]> = erased.clone().map(|it| it.digest.as_slice()).collect();
        let keys: BTreeSet<u32> = erased.map(|it| it.key).collect();
        if keys.is_empty() {
            return HashSet::new();
        }
        let is_erased = |id: &String| {
            let mut digests_of = keys
                .iter()
                .filter_map(|key| self.digest_of(KeyId(*key), kind, id));
            digests_of.any(|it| digests.contains(it.as_slice()))
        };
        ids.iter().filter(|it| is_erased(it)).cloned().collect()
    }

    /// What is kept of an id: by a key that is not in the records, so that nobody finds it by trying all.
    /// No row of the audit log has these fields.
    fn digest_of(&self, key: KeyId, kind: Kind, id: &str) -> Option<[u8; 32]> {
        let fields: [&[u8]; 3] = [b"erased id", kind.code().as_bytes(), id.as_bytes()];
        self.seals.as_ref()?.audit_seal(key, &fields)
    }

    /// Somebody is about to be erased whom a source may go on naming.
    pub(crate) async fn remember_erased(&self, work: &mut Work, person: Person) -> Read<()> {
        let (kind, rows): (_, Vec<SourceRow>) = match person {
            Person::Student(id) => {
                let sql = "SELECT source, name, records_name FROM students
                           WHERE school = $1 AND id = $2 AND source IS NOT NULL";
                (
                    Kind::Student,
                    work.rows(sql, values![self.school, id]).await?,
                )
            }
            Person::Contact(id) => {
                let sql = "SELECT source, name, records_name FROM contacts
                           WHERE school = $1 AND source IS NOT NULL AND (id = $2
                             OR id IN (SELECT gone FROM joined_records
                               WHERE school = $1 AND kept = $2))";
                (
                    Kind::Contact,
                    work.rows(sql, values![self.school, id]).await?,
                )
            }
            Person::Teacher(id) => {
                let sql = "SELECT source, name, NULL AS records_name FROM teachers
                           WHERE school = $1 AND id = $2 AND source IS NOT NULL";
                (
                    Kind::Teacher,
                    work.rows(sql, values![self.school, id]).await?,
                )
            }
            Person::Guest(_) => return Ok(()),
        };
        let key = self.options.key;
        for row in rows {
            let id = id_key(&row.source);
            let names = [Some(row.name), row.records_name].into_iter().flatten();
            let words = names.flat_map(|it| it.words());
            let named = words.map(|it| with_word(&id, &it));
            let all = named.chain([with_word(&id, ""), id.clone()]);
            for digest in all.filter_map(|it| self.digest_of(key, kind, &it)) {
                let id = ErasedId {
                    kind: kind.code().to_owned(),
                    digest: digest.to_vec(),
                    key: key.0,
                };
                self.note_erased_id(work, &id).await?;
            }
        }
        Ok(())
    }

    /// The office has taken a contact off these students.
    pub(crate) async fn keep_apart(
        &self,
        work: &mut Work,
        contact: ContactId,
        students: &BTreeSet<StudentId>,
    ) -> Read<()> {
        let sql = listed!(
            work,
            "INSERT INTO kept_apart (school, contact, student)
             SELECT school, CAST($3 AS BIGINT), id FROM students WHERE school = $1 AND id IN",
            "ON CONFLICT (contact, student, school) DO NOTHING"
        );
        work.run(sql, values![self.school, list(students), contact])
            .await?;
        Ok(())
    }

    /// Who is still here, though a source does not name them.
    async fn stays_by_hand(&self, work: &mut Work, decided: &mut Decided) -> Read<()> {
        let students = work
            .all(
                "SELECT id FROM students WHERE school = $1 AND stays = 1",
                values![self.school],
            )
            .await?;
        for row in &students {
            decided.stays.insert(Person::Student(row.named("id")?));
        }
        let contacts = work
            .all(
                "SELECT id FROM contacts WHERE school = $1 AND stays = 1",
                values![self.school],
            )
            .await?;
        for row in &contacts {
            decided.stays.insert(Person::Contact(row.named("id")?));
        }
        let teachers = work
            .all(
                "SELECT id FROM teachers WHERE school = $1 AND stays = 1",
                values![self.school],
            )
            .await?;
        for row in &teachers {
            decided.stays.insert(Person::Teacher(row.named("id")?));
        }
        Ok(())
    }

    /// How the office has decided that contacts are reached, whatever a source says.
    async fn reached_by_hand(&self, work: &mut Work, decided: &mut Decided) -> Read<()> {
        let rows: Vec<ByHandRow> = work
            .rows(
                "SELECT contact, email, CASE WHEN what = 'email' THEN records END AS address,
                   CASE WHEN what = 'mobile' THEN records END AS number
                 FROM said_otherwise
                 JOIN contacts ON contacts.school = said_otherwise.school
                   AND contacts.id = said_otherwise.contact
                 WHERE said_otherwise.school = $1 AND (what = 'mobile' OR (what = 'email'
                   AND contact NOT IN (SELECT contact FROM account_contacts WHERE school = $1)))",
                values![self.school],
            )
            .await?;
        for row in rows {
            if let Some(number) = row.number {
                decided.mobiles.insert(row.contact, number);
            } else if row.email.is_some() {
                decided.addressed.insert(row.contact);
            } else if let Some(address) = row.address {
                decided.unaddressed.insert(row.contact, address);
            }
        }
        Ok(())
    }

    /// What the office has decided of classes.
    async fn classes_by_hand(&self, work: &mut Work, decided: &mut Decided) -> Read<()> {
        let removed: Vec<RemovedRow> = work
            .rows(
                "SELECT name, source FROM classes
                 WHERE school = $1 AND removed_at IS NOT NULL AND stays_out = 1",
                values![self.school],
            )
            .await?;
        decided.removed = removed.into_iter().map(|it| (it.name, it.source)).collect();
        let taken: Vec<TakenRow> = work
            .rows(
                "SELECT class, teacher FROM taken_otherwise WHERE school = $1",
                values![self.school],
            )
            .await?;
        for row in taken {
            let takers = decided.takers.entry(row.class).or_default();
            takers.insert(row.teacher);
        }
        Ok(())
    }

    /// The office has removed a class that a source knows.
    pub(crate) async fn keep_removed(&self, work: &mut Work, class: ClassId) -> Read<()> {
        work.run(
            "UPDATE classes SET stays_out = 1
             WHERE school = $1 AND id = $2 AND (source IS NOT NULL OR from_source = 1)",
            values![self.school, class],
        )
        .await?;
        Ok(())
    }

    /// The office has given a class that a source knows to others.
    pub(crate) async fn give_class_by_hand(
        &self,
        work: &mut Work,
        class: ClassId,
        (before, now): (&[TeacherId], &[TeacherId]),
    ) -> Read<()> {
        let set = |it: &[TeacherId]| it.iter().copied().collect::<BTreeSet<_>>();
        if set(before) == set(now) {
            return Ok(());
        }
        let said: Vec<TakenRow> = work
            .rows(
                "SELECT class, teacher FROM taken_otherwise WHERE school = $1 AND class = $2",
                values![self.school, class],
            )
            .await?;
        let said: BTreeSet<_> = said.into_iter().map(|it| it.teacher).collect();
        let said = if said.is_empty() { set(before) } else { said };
        self.forget_takers(work, class).await?;
        if said == set(now) {
            return Ok(());
        }
        let sql = listed!(
            work,
            "INSERT INTO taken_otherwise (school, class, teacher)
             SELECT classes.school, classes.id, teachers.id FROM classes
             JOIN teachers ON teachers.school = classes.school
             WHERE classes.school = $1 AND classes.id = $3
               AND (classes.source IS NOT NULL OR classes.from_source = 1) AND teachers.id IN",
            ""
        );
        work.run(sql, values![self.school, list(&said), class])
            .await?;
        Ok(())
    }

    /// A source says of a class what the office does, or a third.
    pub(crate) async fn forget_takers(&self, work: &mut Work, class: ClassId) -> Read<()> {
        work.run(
            "DELETE FROM taken_otherwise WHERE school = $1 AND class = $2",
            values![self.school, class],
        )
        .await?;
        Ok(())
    }

    /// The office says by hand what a contact's address is, or that they have none: what they said counts no
    /// more. What the source says of whom it knows stands beside it as decided; nothing does where it is the
    /// same.
    pub(crate) async fn address_by_hand(
        &self,
        work: &mut Work,
        contact: ContactId,
        email: Option<&EmailAddress>,
        now: Timestamp,
    ) -> Read<()> {
        let row: Option<BeforeRow> = work
            .row(
                "SELECT email AS own, records, CAST(CASE WHEN said_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_said
                 FROM contacts
                 LEFT JOIN said_otherwise ON said_otherwise.school = contacts.school
                   AND said_otherwise.contact = contacts.id AND what = 'email'
                 WHERE contacts.school = $1 AND contacts.id = $2",
                values![self.school, contact],
            )
            .await?;
        let Some(row) = row else {
            return Ok(());
        };
        let key = |it: Option<&EmailAddress>| it.map(EmailAddress::key);
        if key(row.own.as_ref()) == key(email) {
            return Ok(());
        }
        self.forget_said_address(work, contact).await?;
        let records = if row.is_said == 1 {
            row.records
        } else {
            row.own
        };
        let is_other = key(records.as_ref()) != key(email);
        if is_other {
            let own = email.map(EmailAddress::reveal);
            let words = (own, records.as_ref().map(EmailAddress::reveal));
            self.note_by_hand(work, (contact, "email"), words, now)
                .await?;
        }
        Ok(())
    }

    /// The same of where text messages reach a contact.
    pub(crate) async fn call_by_hand(
        &self,
        work: &mut Work,
        contact: ContactId,
        mobile: Option<&Mobile>,
        now: Timestamp,
    ) -> Read<()> {
        let row: Option<NumberRow> = work
            .row(
                "SELECT mobile AS own, records FROM contacts
                 LEFT JOIN said_otherwise ON said_otherwise.school = contacts.school
                   AND said_otherwise.contact = contacts.id AND what = 'mobile'
                 WHERE contacts.school = $1 AND contacts.id = $2",
                values![self.school, contact],
            )
            .await?;
        let Some(row) = row.filter(|it| it.own.as_ref() != mobile) else {
            return Ok(());
        };
        let records = row.records.or(row.own);
        self.forget_mobile_by_hand(work, contact).await?;
        if records.as_ref() != mobile {
            let own = mobile.map(Mobile::reveal);
            let words = (own, records.as_ref().map(Mobile::reveal));
            self.note_by_hand(work, (contact, "mobile"), words, now)
                .await?;
        }
        Ok(())
    }

    /// What the office has entered in place of what the records said, of whom a source knows.
    async fn note_by_hand(
        &self,
        work: &mut Work,
        (contact, what): (ContactId, &str),
        (own, records): (Option<&str>, Option<&str>),
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "INSERT INTO said_otherwise (school, contact, what, own, records, accepted_beside, said_at)
             SELECT school, id, $3, $4, $5, $5, $6 FROM contacts
             WHERE school = $1 AND id = $2 AND (from_source = 1 OR source IS NOT NULL
               OR EXISTS (SELECT 1 FROM guardians WHERE guardians.school = contacts.school
                 AND guardians.contact = contacts.id AND guardians.from_source = 1))",
            values![self.school, contact, what, own.unwrap_or_default(), records, now],
        )
        .await?;
        Ok(())
    }

    /// A source has another mobile number of a contact than when the office decided.
    pub(crate) async fn forget_mobile_by_hand(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<()> {
        work.run(
            "DELETE FROM said_otherwise WHERE school = $1 AND contact = $2 AND what = 'mobile'",
            values![self.school, contact],
        )
        .await?;
        Ok(())
    }

    /// The office says whose contact they are.
    pub(crate) async fn keep_together(
        &self,
        work: &mut Work,
        contact: ContactId,
        student: StudentId,
    ) -> Read<()> {
        work.run(
            "DELETE FROM kept_apart WHERE school = $1 AND contact = $2 AND student = $3",
            values![self.school, contact, student],
        )
        .await?;
        Ok(())
    }

    /// The office says that a student is in these classes, and in no other of those they were in.
    pub(crate) async fn keep_in_classes(
        &self,
        work: &mut Work,
        student: StudentId,
        classes: &[ClassId],
    ) -> Read<()> {
        let sql = listed!(
            work,
            "INSERT INTO kept_out_of_classes (school, student, class)
             SELECT school, student, class FROM class_students
             WHERE school = $1 AND student = $3 AND class NOT IN",
            "ON CONFLICT (student, class, school) DO NOTHING"
        );
        work.run(sql, values![self.school, list(classes), student])
            .await?;
        let sql = listed!(
            work,
            "DELETE FROM kept_out_of_classes WHERE school = $1 AND student = $3 AND class IN",
            ""
        );
        work.run(sql, values![self.school, list(classes), student])
            .await?;
        Ok(())
    }

    /// The same of a class.
    pub(crate) async fn keep_in_class(
        &self,
        work: &mut Work,
        class: ClassId,
        students: &[StudentId],
    ) -> Read<()> {
        let sql = listed!(
            work,
            "INSERT INTO kept_out_of_classes (school, student, class)
             SELECT school, student, class FROM class_students
             WHERE school = $1 AND class = $3 AND student NOT IN",
            "ON CONFLICT (student, class, school) DO NOTHING"
        );
        work.run(sql, values![self.school, list(students), class])
            .await?;
        let sql = listed!(
            work,
            "DELETE FROM kept_out_of_classes WHERE school = $1 AND class = $3 AND student IN",
            ""
        );
        work.run(sql, values![self.school, list(students), class])
            .await?;
        Ok(())
    }

    /// Whether the office says that somebody is still here, whom a source does not name.
    pub(crate) async fn note_stay(&self, work: &mut Work, person: Person, stays: bool) -> Read<()> {
        let stays = i64::from(stays);
        match person {
            Person::Student(id) => {
                let sql = "UPDATE students SET stays = $3 WHERE school = $1 AND id = $2";
                work.run(sql, values![self.school, id, stays]).await?;
            }
            Person::Contact(id) => {
                let sql = "UPDATE contacts SET stays = $3 WHERE school = $1 AND id = $2";
                work.run(sql, values![self.school, id, stays]).await?;
            }
            Person::Teacher(id) => {
                let sql = "UPDATE teachers SET stays = $3 WHERE school = $1 AND id = $2";
                work.run(sql, values![self.school, id, stays]).await?;
            }
            Person::Guest(_) => {}
        }
        Ok(())
    }
}
