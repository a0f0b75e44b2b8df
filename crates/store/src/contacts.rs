//! Contacts: the parents and guardians of students.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::deed::Person;
use school::{Actor, ContactId, Deed, EmailAddress, Holder, Mobile, Name, Refusal, StudentId};

use crate::addresses::has_changed;
use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::likenesses::MayBe;
use crate::store::Store;
use crate::value::{list, listed, values};

/// A student whose guardian a contact is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Guardian {
    /// The student.
    pub student: StudentId,
    /// What the contact is to them, such as `Mother`; may be empty.
    pub relationship: String,
}

/// What the office says of a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewContact {
    /// Their name.
    pub name: Name,
    /// Where their link is sent; without it, it goes by letter. Two may share one.
    pub email: Option<EmailAddress>,
    /// Where text messages reach them, where they have no address.
    pub mobile: Option<Mobile>,
    /// Whose guardian they are.
    pub students: Vec<Guardian>,
}

/// A parent or guardian.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contact {
    /// Their id.
    pub id: ContactId,
    /// What the office says of them.
    pub about: NewContact,
    /// Their name in the school's records, where the office has accepted another from them.
    pub records_name: Option<Name>,
    /// Since when a court order is in force on them.
    pub court_order_at: Option<Timestamp>,
    /// Somebody with a court order whom they may be: they wait for the office.
    pub may_be: Option<MayBe>,
    /// Since when they have left the school.
    pub gone_at: Option<Timestamp>,
}

impl Store {
    /// All contacts, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn contacts(&self) -> Result<Vec<Contact>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                "SELECT contacts.id, contacts.name, contacts.records_name, contacts.email, contacts.mobile,
                   contacts.court_order_at, barred.id AS barred, barred.name AS barred_name, contacts.gone_at
                 FROM contacts
                 LEFT JOIN contacts AS barred ON barred.school = contacts.school
                   AND barred.id = contacts.may_be
                 WHERE contacts.school = $1
                   AND contacts.id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
                 ORDER BY contacts.name_key, contacts.id",
                values![self.school],
            )
            .await?;
        let guardians = work
            .all(
                "SELECT contact, student, relationship FROM guardians WHERE school = $1
                 ORDER BY contact, student",
                values![self.school],
            )
            .await?;
        let mut of_contact: BTreeMap<ContactId, Vec<Guardian>> = BTreeMap::new();
        for row in &guardians {
            let contact = row.named("contact")?;
            of_contact.entry(contact).or_default().push(Guardian {
                student: row.named("student")?,
                relationship: row.named("relationship")?,
            });
        }
        let contacts = rows.iter().map(|row| {
            let id = row.named("id")?;
            Ok(Contact {
                id,
                about: NewContact {
                    name: row.named("name")?,
                    email: row.named("email")?,
                    mobile: row.named("mobile")?,
                    students: of_contact.remove(&id).unwrap_or_default(),
                },
                records_name: row.named("records_name")?,
                court_order_at: row.named("court_order_at")?,
                may_be: read_may_be(row)?,
                gone_at: row.named("gone_at")?,
            })
        });
        Ok(contacts.collect::<Read<_>>()?)
    }

    /// A contact.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn contact(&self, id: ContactId) -> Result<Contact> {
        let mut work = self.read().await?;
        let row = work
            .one(
                "SELECT contacts.name, contacts.records_name, contacts.email, contacts.mobile,
                   contacts.court_order_at, barred.id AS barred, barred.name AS barred_name, contacts.gone_at
                 FROM contacts
                 LEFT JOIN contacts AS barred ON barred.school = contacts.school
                   AND barred.id = contacts.may_be
                 WHERE contacts.school = $1 AND contacts.id = $2",
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let students = work
            .all(
                "SELECT student, relationship FROM guardians
                 WHERE school = $1 AND contact = $2 ORDER BY student",
                values![self.school, id],
            )
            .await?;
        let students = students.iter().map(|row| {
            Ok(Guardian {
                student: row.named("student")?,
                relationship: row.named("relationship")?,
            })
        });
        Ok(Contact {
            id,
            about: NewContact {
                name: row.named("name")?,
                email: row.named("email")?,
                mobile: row.named("mobile")?,
                students: students.collect::<Read<_>>()?,
            },
            records_name: row.named("records_name")?,
            court_order_at: row.named("court_order_at")?,
            may_be: read_may_be(&row)?,
            gone_at: row.named("gone_at")?,
        })
    }

    /// Adds a contact.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where a student is unknown, and [`Refusal::TextNotPlain`].
    pub async fn add_contact(
        &self,
        contact: &NewContact,
        actor: Actor,
        now: Timestamp,
    ) -> Result<ContactId> {
        let mut work = self.write().await?;
        let id = self
            .insert_contact(&mut work, &contact.name, contact.email.as_ref())
            .await?;
        let mobile = contact.mobile.as_ref();
        self.note_mobile(&mut work, id, mobile).await?;
        self.set_guardian(&mut work, id, &contact.students).await?;
        let subject = format!("contact:{id}");
        self.audit(&mut work, actor, Action::Added, &subject, &[], now)
            .await?;
        self.look_again(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(id)
    }

    /// A contact who has left is here again.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn bring_back_contact(
        &self,
        id: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        self.check_stands(&mut work, id).await?;
        self.welcome_back(&mut work, Person::Contact(id), actor, now)
            .await?;
        self.note_stay(&mut work, Person::Contact(id), true).await?;
        let aftermath = self.look_again(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Changes a contact. Whose guardian they no longer are, they can no longer book for; what they
    /// booked for them and is to come is cancelled, and their guests come to it no longer. Another address gets another link, and the old one is dead (LINK-3); a court
    /// order on them is looked at again (DIR-4).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::TextNotPlain`].
    pub async fn change_contact(
        &self,
        id: ContactId,
        contact: &NewContact,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        self.check_stands(&mut work, id).await?;
        let before = self.address_of(&mut work, id).await?;
        let is_readdressed = has_changed(before.as_ref(), contact.email.as_ref());
        // Before anything is compared with it.
        self.address_by_hand(&mut work, id, contact.email.as_ref(), now)
            .await?;
        self.call_by_hand(&mut work, id, contact.mobile.as_ref(), now)
            .await?;
        self.rename_contact_by_hand(&mut work, id, &contact.name)
            .await?;
        work.run(
            "UPDATE contacts SET name = $3, name_key = $4, email = $5, email_key = $6
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                &contact.name,
                contact.name.key(),
                contact.email.as_ref(),
                contact.email.as_ref().map(EmailAddress::key)
            ],
        )
        .await?;
        let mobile = contact.mobile.as_ref();
        self.note_mobile(&mut work, id, mobile).await?;
        let mut lost = self.students_of(&mut work, id).await?;
        // What stays is the source's, where it was: a later import may end it.
        let sql = listed!(
            work,
            "DELETE FROM guardians WHERE school = $1 AND contact = $3 AND student NOT IN",
            ""
        );
        let stay = list(contact.students.iter().map(|it| it.student));
        work.run(sql, values![self.school, stay, id]).await?;
        self.set_guardian(&mut work, id, &contact.students).await?;
        let subject = format!("contact:{id}");
        self.audit(&mut work, actor, Action::Changed, &subject, &[], now)
            .await?;
        let kept = self.students_of(&mut work, id).await?;
        lost.retain(|it| !kept.contains(it));
        self.keep_apart(&mut work, id, &lost).await?;
        let mut aftermath = self
            .end_guardianship(&mut work, (id, &lost), actor, now)
            .await?;
        aftermath.extend(self.look_again(&mut work, actor, now).await?);
        if is_readdressed {
            let addresses = (before.as_ref(), contact.email.as_ref());
            self.part_account(&mut work, id, addresses, now).await?;
            let holder = Holder::Parent(id);
            let changed = Deed::AddressChanged { holder };
            aftermath.extend(self.perform(&mut work, &changed, actor, now).await?);
        }
        work.commit().await?;
        Ok(aftermath)
    }

    pub(crate) async fn note_mobile(
        &self,
        work: &mut Work,
        id: ContactId,
        mobile: Option<&Mobile>,
    ) -> Read<()> {
        work.run(
            "UPDATE contacts SET mobile = $3 WHERE school = $1 AND id = $2",
            values![self.school, id, mobile.map(Mobile::reveal)],
        )
        .await?;
        Ok(())
    }

    pub(crate) async fn insert_contact(
        &self,
        work: &mut Work,
        name: &Name,
        email: Option<&EmailAddress>,
    ) -> Result<ContactId> {
        let id = ContactId(Self::new_id());
        let holder = Holder::Parent(id);
        self.enter_holder(work, holder.kind(), holder.id()).await?;
        work.run(
            "INSERT INTO contacts (school, id, name, name_key, email, email_key)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                self.school,
                id,
                name,
                name.key(),
                email,
                email.map(EmailAddress::key)
            ],
        )
        .await?;
        Ok(id)
    }

    /// Makes a contact the guardian of these students; what was said of one before is replaced.
    pub(crate) async fn set_guardian(
        &self,
        work: &mut Work,
        contact: ContactId,
        students: &[Guardian],
    ) -> Result<()> {
        for one in students {
            let relationship = school::text::read_line(&one.relationship)?;
            let is_there = work
                .count(
                    "SELECT COUNT(*) FROM students WHERE school = $1 AND id = $2",
                    values![self.school, one.student],
                )
                .await?;
            if is_there == 0 {
                return Err(Refusal::NotFound.into());
            }
            work.run(
                "INSERT INTO guardians (school, contact, student, relationship)
                 VALUES ($1, $2, $3, $4)
                 ON CONFLICT (school, contact, student)
                 DO UPDATE SET relationship = excluded.relationship",
                values![self.school, contact, one.student, relationship],
            )
            .await?;
            self.keep_together(work, contact, one.student).await?;
        }
        Ok(())
    }
}

/// Whom a contact may be, out of `barred` and `barred_name`.
pub(crate) fn read_may_be(row: &Row) -> Read<Option<MayBe>> {
    match row.named("barred")? {
        Some(contact) => Ok(Some(MayBe {
            contact,
            name: row.named("barred_name")?,
        })),
        None => Ok(None),
    }
}
