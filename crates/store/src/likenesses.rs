//! Records that may be those of somebody with a court order (DIR-13): they have no link, and nobody
//! writes to them, until the office has said whose they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::court_order::{self, Barred, Match};
use school::deed::Deed;
use school::one_person::Record;
use school::{Actor, ContactId, Name, Refusal, StudentId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::Touched;
use crate::fault::{Read, Result};
use crate::one_person::AliasOf;
use crate::store::Store;
use crate::value::{columns, values};

/// Somebody with a court order whom a contact may be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MayBe {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
}

/// A contact who waits for the office.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Suspended {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// One of their students.
    pub student: StudentId,
    /// Whom they may be.
    pub may_be: MayBe,
}

columns! {
    struct ContactRow {
        id: ContactId,
    }
}

/// A contact without an order.
struct Compared {
    /// What is compared of their record.
    own: Record,
    /// What is compared of others that were made one with it.
    others: Vec<Record>,
    may_be: Option<ContactId>,
}

impl Compared {
    const fn id(&self) -> ContactId {
        self.own.contact
    }

    /// The order that they are most likely under, of these.
    fn find<'a>(&self, orders: &'a [Barred]) -> Option<(&'a Barred, Match)> {
        let all = std::iter::once(&self.own).chain(&self.others);
        all.filter_map(|it| court_order::find_of_record(orders, it))
            .max_by_key(|(_, how)| *how)
    }
}

impl Store {
    /// Compares all contacts with those on whom a court order is in force. The links of one who may
    /// be barred die; what they booked stays until the office decides.
    pub(crate) async fn compare_with_orders(
        &self,
        work: &mut Work,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let barred = self.barred(work).await?;
        let decided = self.decided(work).await?;
        let mut aftermath = Aftermath::default();
        if barred.is_empty() {
            let freed: Vec<ContactRow> = work
                .rows(
                    "UPDATE contacts SET may_be = NULL WHERE school = $1 AND may_be IS NOT NULL
                     RETURNING id",
                    values![self.school],
                )
                .await?;
            let touched = Touched {
                parents: freed.into_iter().map(|row| row.id).collect(),
                ..Touched::default()
            };
            aftermath.changed = self.entitle(work, touched, now).await?;
            return Ok(aftermath);
        }
        let mut is_new = false;
        let mut freed = Touched::default();
        for record in self.records(work).await? {
            let others: Vec<_> = barred
                .iter()
                .filter(|it| !decided.contains(&(it.contact, record.id())))
                .cloned()
                .collect();
            let may_be = record.find(&others).map(|(barred, _)| barred.contact);
            if may_be == record.may_be {
                continue;
            }
            work.run(
                "UPDATE contacts SET may_be = $3 WHERE school = $1 AND id = $2",
                values![self.school, record.id(), may_be],
            )
            .await?;
            if let Some(barred) = may_be {
                is_new = true;
                let contact = record.id();
                let suspended = Deed::Suspended { contact, barred };
                aftermath.extend(self.perform(work, &suspended, actor, now).await?);
            } else {
                freed.parents.insert(record.id());
            }
        }
        if is_new {
            self.end_fallen_hats(work, now).await?;
            self.tell_office(work, now).await?;
        }
        aftermath
            .changed
            .extend(self.entitle(work, freed, now).await?);
        Ok(aftermath)
    }

    async fn records(&self, work: &mut Work) -> Read<Vec<Compared>> {
        let guardians = work
            .all(
                "SELECT contact, student FROM guardians WHERE school = $1",
                values![self.school],
            )
            .await?;
        let mut students: BTreeMap<ContactId, BTreeSet<StudentId>> = BTreeMap::new();
        for row in &guardians {
            students.entry(row.get(0)?).or_default().insert(row.get(1)?);
        }
        let rows = work
            .all(
                "SELECT id, name, email, may_be FROM contacts
                 WHERE school = $1 AND court_order_at IS NULL
                   AND id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
                 ORDER BY id",
                values![self.school],
            )
            .await?;
        let mut homerooms = self.homerooms(work).await?;
        let mut aliases: BTreeMap<ContactId, Vec<AliasOf>> = BTreeMap::new();
        for alias in self.aliases(work).await? {
            // What the office has said is not theirs makes them nobody else.
            if !alias.is_set_aside() {
                aliases.entry(alias.kept).or_default().push(alias);
            }
        }
        rows.iter()
            .map(|row| {
                let id = row.named("id")?;
                let own = Record {
                    contact: id,
                    name: row.named("name")?,
                    email: row.named("email")?,
                    students: students.remove(&id).unwrap_or_default(),
                    homerooms: homerooms.remove(&id).unwrap_or_default(),
                };
                let others = aliases.remove(&id).unwrap_or_default().into_iter();
                let others = others.map(|it| Record {
                    name: it.name,
                    email: it.email,
                    ..own.clone()
                });
                Ok(Compared {
                    others: others.collect(),
                    own,
                    may_be: row.named("may_be")?,
                })
            })
            .collect()
    }

    /// Of whom the office said, under the order that is in force, that they are two people.
    pub(crate) async fn decided(&self, work: &mut Work) -> Read<BTreeSet<(ContactId, ContactId)>> {
        let rows = work
            .all(
                "SELECT barred, contact FROM two_people
                 JOIN contacts ON contacts.school = two_people.school
                   AND contacts.id = two_people.barred
                 WHERE two_people.school = $1 AND decided_at >= court_order_at",
                values![self.school],
            )
            .await?;
        rows.iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .collect()
    }

    /// The office says that a contact is not the person with a court order whom they may be.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they may not be that person, and [`Refusal::CourtOrderStands`]
    /// where they are under an order themselves by now, or share an address: what is sent there reaches that person.
    pub async fn tell_apart(
        &self,
        contact: ContactId,
        barred: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let record = self.records(&mut work).await?;
        let record = record
            .into_iter()
            .find(|it| it.id() == contact && it.may_be == Some(barred));
        let orders = self.barred(&mut work).await?;
        let Some(record) = record else {
            if orders.iter().any(|it| it.contact == contact) {
                return Err(Refusal::CourtOrderStands.into());
            }
            let told = "SELECT COUNT(*) FROM two_people
                        WHERE school = $1 AND barred = $2 AND contact = $3";
            let told = work.count(told, values![self.school, barred, contact]);
            return if told.await? > 0 {
                Ok(())
            } else {
                Err(Refusal::NotFound.into())
            };
        };
        let theirs: Vec<_> = orders
            .into_iter()
            .filter(|it| it.contact == barred)
            .collect();
        let how = record.find(&theirs).map(|(_, how)| how);
        if how == Some(Match::Email) {
            return Err(Refusal::CourtOrderStands.into());
        }
        self.enter_two_people(&mut work, (barred, contact), actor, now)
            .await?;
        self.compare_with_orders(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(())
    }

    async fn enter_two_people(
        &self,
        work: &mut Work,
        (barred, contact): (ContactId, ContactId),
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        work.run(
            "INSERT INTO two_people (school, barred, contact, decided_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (barred, contact, school) DO UPDATE SET decided_at = excluded.decided_at",
            values![self.school, barred, contact, now],
        )
        .await?;
        let subject = format!("contact:{contact}");
        let detail = [("contact", barred.0)];
        self.audit(work, actor, Action::ToldApart, &subject, &detail, now)
            .await
    }

    /// The office has decided that a contact is nobody with a court order, whomever they may be; not
    /// where an address is shared.
    pub(crate) async fn tell_apart_from_all(
        &self,
        work: &mut Work,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let records = self.records(work).await?;
        let record = records.into_iter().find(|it| it.id() == contact);
        let record = record.ok_or(Refusal::NotFound)?;
        let orders = self.barred(work).await?;
        let whose: BTreeSet<ContactId> = orders.iter().map(|it| it.contact).collect();
        for barred in whose {
            let theirs = orders.iter().filter(|it| it.contact == barred);
            let theirs: Vec<_> = theirs.cloned().collect();
            match record.find(&theirs).map(|(_, how)| how) {
                Some(Match::Name | Match::Mailbox) => {
                    self.enter_two_people(work, (barred, contact), actor, now)
                        .await?;
                }
                Some(Match::Email) | None => {}
            }
        }
        self.compare_with_orders(work, actor, now).await
    }

    /// Those who wait for the office, by name. Without a student nothing waits.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn suspended(&self) -> Result<Vec<Suspended>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT contacts.id, contacts.name, barred.id AS barred,
                   barred.name AS barred_name, MIN(student) AS student
                 FROM contacts
                 JOIN contacts AS barred ON barred.school = contacts.school
                   AND barred.id = contacts.may_be
                 JOIN guardians ON guardians.school = contacts.school
                   AND guardians.contact = contacts.id
                 WHERE contacts.school = $1
                 GROUP BY contacts.id, contacts.name, contacts.name_key, barred.id, barred.name
                 ORDER BY contacts.name_key, contacts.id",
                values![self.school],
            )
            .await?;
        let suspended = rows.iter().map(|row| {
            Ok(Suspended {
                contact: row.named("id")?,
                name: row.named("name")?,
                student: row.named("student")?,
                may_be: MayBe {
                    contact: row.named("barred")?,
                    name: row.named("barred_name")?,
                },
            })
        });
        Ok(suspended.collect::<Read<_>>()?)
    }

    /// Those with a court order, and the records that may be theirs, as far as a guest may be one
    /// of them: what is in doubt stays in doubt.
    pub(crate) async fn barred_and_alike(&self, work: &mut Work) -> Read<Vec<Barred>> {
        let mut barred = self.barred(work).await?;
        if barred.is_empty() {
            return Ok(barred);
        }
        for record in self.records(work).await? {
            let of = record
                .may_be
                .and_then(|id| barred.iter().find(|it| it.contact == id));
            if let Some(of) = of.cloned() {
                let mut students = of.students;
                students.extend(&record.own.students);
                for one in record.others.into_iter().chain([record.own]) {
                    barred.push(Barred {
                        contact: of.contact,
                        name: one.name,
                        email: one.email,
                        students: students.clone(),
                        homerooms: of.homerooms.clone(),
                        is_certain: false,
                    });
                }
            }
        }
        Ok(barred)
    }
}
