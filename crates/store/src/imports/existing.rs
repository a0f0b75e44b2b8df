//! All that an import is compared with.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use school::deed::Person;
use school::import::{
    Alias, Existing, ExistingClass, ExistingContact, ExistingStudent, ExistingTeacher, Incoming,
};
use school::said::Both;
use school::telephone::Telephones;
use school::{ClassId, ContactId, EmailAddress, Label, Mobile, Name, StudentId, TeacherId};

use crate::database::Work;
use crate::fault::Read;
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct StudentRow {
        id: StudentId,
        name: Name,
        records_name: Option<Name>,
        form: String,
        year: String,
        source: Option<String>,
        from_source: i64,
        gone_at: Option<Timestamp>,
    }
}

columns! {
    struct PlaceRow {
        student: StudentId,
        class: ClassId,
        from_source: i64,
    }
}

columns! {
    struct ContactRow {
        id: ContactId,
        name: Name,
        records_name: Option<Name>,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        source: Option<String>,
        from_source: i64,
        gone_at: Option<Timestamp>,
        court_order_at: Option<Timestamp>,
        telephone: String,
        own: Option<String>,
        accepted_beside: Option<String>,
        records: Option<EmailAddress>,
        address_beside: Option<EmailAddress>,
        says_address: i64,
    }
}

columns! {
    /// A record that was made one with another.
    struct AliasRow {
        kept: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        source: Option<String>,
    }
}

columns! {
    struct GuardianRow {
        contact: ContactId,
        student: StudentId,
        relationship: String,
        from_source: i64,
    }
}

columns! {
    struct TeacherRow {
        id: TeacherId,
        name: Name,
        email: Option<EmailAddress>,
        source: Option<String>,
        from_source: i64,
        removed_at: Option<Timestamp>,
    }
}

columns! {
    struct ClassRow {
        id: ClassId,
        name: Label,
        subject: Label,
        source: Option<String>,
        from_source: i64,
    }
}

columns! {
    struct TakenBy {
        class: ClassId,
        teacher: TeacherId,
    }
}

impl Store {
    pub(super) async fn existing(&self, work: &mut Work, incoming: &Incoming) -> Read<Existing> {
        let mut existing = Existing {
            decided: self.decided_by_hand(work, incoming).await?,
            ..Existing::default()
        };
        self.gather_teachers_and_classes(work, &mut existing)
            .await?;
        self.gather_students(work, &mut existing).await?;
        self.gather_contacts(work, &mut existing).await?;
        Ok(existing)
    }

    async fn gather_teachers_and_classes(
        &self,
        work: &mut Work,
        existing: &mut Existing,
    ) -> Read<()> {
        // Who was entered and removed by hand is nobody any more; whom a source brought may be back.
        let teachers: Vec<TeacherRow> = work
            .rows(
                "SELECT id, name, email, source, from_source, removed_at FROM teachers
                 WHERE school = $1 AND (removed_at IS NULL OR source IS NOT NULL OR from_source = 1) ORDER BY id",
                values![self.school],
            )
            .await?;
        for row in teachers {
            if row.from_source == 1 {
                existing.from_source.teachers.insert(row.id);
            }
            if row.removed_at.is_some() {
                existing.gone.insert(Person::Teacher(row.id));
            }
            existing.teachers.push(ExistingTeacher {
                id: row.id,
                name: row.name,
                email: row.email,
                source: row.source,
            });
        }
        let taken: Vec<TakenBy> = work
            .rows(
                "SELECT class, teacher FROM class_teachers WHERE school = $1
                 ORDER BY class, position",
                values![self.school],
            )
            .await?;
        let mut teachers: BTreeMap<ClassId, Vec<TeacherId>> = BTreeMap::new();
        for row in taken {
            teachers.entry(row.class).or_default().push(row.teacher);
        }
        let classes: Vec<ClassRow> = work
            .rows(
                "SELECT id, name, subject, source, from_source FROM classes
                 WHERE school = $1 AND removed_at IS NULL ORDER BY id",
                values![self.school],
            )
            .await?;
        for row in classes {
            if row.from_source == 1 {
                existing.from_source.classes.insert(row.id);
            }
            existing.classes.push(ExistingClass {
                id: row.id,
                name: row.name,
                subject: row.subject,
                teachers: teachers.remove(&row.id).unwrap_or_default(),
                source: row.source,
            });
        }
        Ok(())
    }

    async fn gather_students(&self, work: &mut Work, existing: &mut Existing) -> Read<()> {
        let known: HashSet<ClassId> = existing.classes.iter().map(|it| it.id).collect();
        let placed: Vec<PlaceRow> = work
            .rows(
                "SELECT student, class, from_source FROM class_students WHERE school = $1",
                values![self.school],
            )
            .await?;
        let mut classes: BTreeMap<StudentId, Vec<ClassId>> = BTreeMap::new();
        for row in placed.iter().filter(|it| known.contains(&it.class)) {
            classes.entry(row.student).or_default().push(row.class);
            if row.from_source == 1 {
                existing.from_source.places.insert((row.student, row.class));
            }
        }
        let students: Vec<StudentRow> = work
            .rows(
                "SELECT id, name, records_name, form, year, source, from_source, gone_at
                 FROM students
                 WHERE school = $1 ORDER BY id",
                values![self.school],
            )
            .await?;
        for row in students {
            if row.from_source == 1 {
                existing.from_source.students.insert(row.id);
            }
            if row.gone_at.is_some() {
                existing.gone.insert(Person::Student(row.id));
            }
            existing.students.push(ExistingStudent {
                id: row.id,
                name: row.name,
                records_name: row.records_name,
                form: row.form,
                year: row.year,
                source: row.source,
                classes: classes.remove(&row.id).unwrap_or_default(),
            });
        }
        Ok(())
    }

    async fn gather_contacts(&self, work: &mut Work, existing: &mut Existing) -> Read<()> {
        let guardians: Vec<GuardianRow> = work
            .rows(
                "SELECT contact, student, relationship, from_source FROM guardians
                 WHERE school = $1 ORDER BY contact, student",
                values![self.school],
            )
            .await?;
        let mut students: BTreeMap<ContactId, Vec<(StudentId, String)>> = BTreeMap::new();
        for row in guardians {
            if row.from_source == 1 {
                let pair = (row.contact, row.student);
                existing.from_source.guardians.insert(pair);
            }
            let theirs = students.entry(row.contact).or_default();
            theirs.push((row.student, row.relationship));
        }
        let contacts = self.contact_rows(work).await?;
        let mut aliases = self.gather_aliases(work).await?;
        for row in contacts {
            if row.from_source == 1 {
                existing.from_source.contacts.insert(row.id);
            }
            if row.gone_at.is_some() {
                existing.gone.insert(Person::Contact(row.id));
            }
            if row.court_order_at.is_some() {
                existing.barred.insert(row.id);
            }
            let own = row.email.clone().filter(|_| row.says_address != 0);
            existing.contacts.push(ExistingContact {
                id: row.id,
                name: row.name,
                records_name: row.records_name,
                address: own.map(|own| Both {
                    // What a source says of whoever has an account was theirs before they had one.
                    school: row.records.or_else(|| Some(own.clone())),
                    own,
                    accepted_beside: row.address_beside,
                }),
                email: row.email,
                students: students.remove(&row.id).unwrap_or_default(),
                source: row.source,
                aliases: aliases.remove(&row.id).unwrap_or_default(),
                telephones: Telephones {
                    mobile: row.mobile,
                    school: row.telephone,
                    own: row.own.unwrap_or_default(),
                    accepted_beside: row.accepted_beside,
                },
            });
        }
        Ok(())
    }

    async fn contact_rows(&self, work: &mut Work) -> Read<Vec<ContactRow>> {
        work.rows(
            "SELECT contacts.id AS id, name, records_name, email, mobile, source, from_source, gone_at,
               court_order_at, contacts.telephone AS telephone,
               CASE WHEN school_telephone = 1 THEN contact_details.telephone END AS own,
               contact_details.accepted_beside AS accepted_beside, records,
               said_otherwise.accepted_beside AS address_beside,
               CAST(CASE WHEN said_otherwise.contact IS NOT NULL
                 OR court_order_at IS NOT NULL OR EXISTS (
               SELECT 1 FROM account_contacts
               WHERE account_contacts.school = contacts.school
                 AND account_contacts.contact = contacts.id)
             THEN 1 ELSE 0 END AS BIGINT) AS says_address
             FROM contacts
             LEFT JOIN contact_details ON contact_details.school = contacts.school
               AND contact_details.contact = contacts.id
             LEFT JOIN said_otherwise ON said_otherwise.school = contacts.school
               AND said_otherwise.contact = contacts.id AND what = 'email'
             WHERE contacts.school = $1
               AND contacts.id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
             ORDER BY contacts.id",
            values![self.school],
        )
        .await
    }

    async fn gather_aliases(&self, work: &mut Work) -> Read<BTreeMap<ContactId, Vec<Alias>>> {
        let rows: Vec<AliasRow> = work
            .rows(
                "SELECT kept, name, email, source FROM joined_records
                 JOIN contacts ON contacts.school = joined_records.school
                   AND contacts.id = joined_records.gone
                 WHERE joined_records.school = $1
                 UNION ALL
                 SELECT kept, records_name AS name, email, source FROM joined_records
                 JOIN contacts ON contacts.school = joined_records.school
                   AND contacts.id = joined_records.gone
                 WHERE joined_records.school = $1 AND records_name IS NOT NULL
                 UNION ALL
                 SELECT kept, name, records AS email, source FROM joined_records
                 JOIN contacts ON contacts.school = joined_records.school
                   AND contacts.id = joined_records.gone
                 JOIN said_otherwise ON said_otherwise.school = joined_records.school
                   AND said_otherwise.contact = joined_records.gone
                   AND what = 'email' AND records IS NOT NULL
                 WHERE joined_records.school = $1
                 ORDER BY kept, name, email",
                values![self.school],
            )
            .await?;
        let mut aliases: BTreeMap<ContactId, Vec<Alias>> = BTreeMap::new();
        for row in rows {
            aliases.entry(row.kept).or_default().push(Alias {
                name: row.name,
                email: row.email,
                source: row.source,
            });
        }
        Ok(aliases)
    }
}
