//! Records that may be those of somebody with a court order (DIR-13): they have no link, and nobody
//! writes to them, until the office has said whose they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::court_order::{Barred, Match};
use school::deed::Deed;
use school::one_person::Record;
use school::{Actor, ContactId, EmailAddress, Name, Refusal, StudentId};

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

    /// The order that they are most likely under, of these, but for what the office has told apart: never where an
    /// address is the same.
    fn find<'a>(&self, orders: &'a [Barred], told: &ToldApart) -> Option<(&'a Barred, Match)> {
        let all = std::iter::once(&self.own).chain(&self.others);
        let pairs = all.flat_map(|one| orders.iter().map(move |order| (order, one)));
        let alike = pairs.filter_map(|(order, one)| {
            let how = order.matches_record(one)?;
            let stands = how == Match::Email || !told.covers(order, one);
            stands.then_some((order, how))
        });
        alike.max_by_key(|(_, how)| *how)
    }
}

/// A name and an address, folded as they are compared.
pub(crate) type SelfKey = (String, String);

/// By what somebody is told apart from others of the same name or address.
pub(crate) fn self_key(name: &Name, email: Option<&EmailAddress>) -> SelfKey {
    let email = email.map(EmailAddress::key);
    (name.key(), email.unwrap_or_default())
}

/// Of whom the office said, under the order that is in force, that they are two people: of those with the order, of
/// the others, and as whom each was looked at.
#[derive(Debug, Default)]
pub(crate) struct ToldApart(BTreeMap<(ContactId, ContactId), BTreeSet<(SelfKey, SelfKey)>>);

impl ToldApart {
    fn covers(&self, order: &Barred, record: &Record) -> bool {
        let looked_at = (
            self_key(&order.name, order.email.as_ref()),
            self_key(&record.name, record.email.as_ref()),
        );
        let told = self.0.get(&(order.contact, record.contact));
        told.is_some_and(|it| it.contains(&looked_at))
    }

    /// Who is not somebody with an order.
    pub(crate) fn from(&self, barred: ContactId) -> BTreeSet<ContactId> {
        let all = self.0.keys().filter(|(order, _)| *order == barred);
        all.map(|(_, contact)| *contact).collect()
    }

    /// Whether a contact was looked at with that address.
    pub(crate) fn covers_address(
        &self,
        order: &Barred,
        contact: ContactId,
        address: &EmailAddress,
    ) -> bool {
        let barred = self_key(&order.name, order.email.as_ref());
        let told = self.0.get(&(order.contact, contact));
        told.is_some_and(|it| {
            let mut all = it.iter();
            all.any(|(order, (_, email))| *order == barred && *email == address.key())
        })
    }
}

columns! {
    struct ToldRow {
        barred: ContactId,
        contact: ContactId,
        barred_name_key: String,
        barred_email_key: String,
        name_key: String,
        email_key: String,
    }
}

impl Store {
    /// Compares all contacts with those on whom a court order is in force. The links of one who may
    /// be barred die; what they booked stays until the office decides. Whoever waits does so until it has, or that
    /// order ends, whatever their record says by then.
    pub(crate) async fn compare_with_orders(
        &self,
        work: &mut Work,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        self.compare(work, &BTreeSet::new(), actor, now).await
    }

    /// The same, where the office has just decided of these.
    pub(crate) async fn compare(
        &self,
        work: &mut Work,
        decided: &BTreeSet<ContactId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        self.keep_known(work).await?;
        let barred = self.barred(work).await?;
        let told = self.told_apart(work).await?;
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
            let waits = record.may_be.filter(|order| {
                !decided.contains(&record.id()) && barred.iter().any(|it| it.contact == *order)
            });
            let found = record.find(&barred, &told).map(|(order, _)| order.contact);
            let may_be = waits.or(found);
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
        let mut students = self.students_known_with(work).await?;
        let mut former = self.former_names(work).await?;
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
                let others = others.map(|it| (it.name, it.email));
                let former = former.remove(&id).unwrap_or_default().into_iter();
                let former = former.map(|it| (it.name, it.email));
                let others = others.chain(former).map(|(name, email)| Record {
                    name,
                    email,
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

    pub(crate) async fn told_apart(&self, work: &mut Work) -> Read<ToldApart> {
        let rows: Vec<ToldRow> = work
            .rows(
                "SELECT barred, contact, barred_name_key, barred_email_key,
                   two_people.name_key AS name_key, two_people.email_key AS email_key
                 FROM two_people
                 JOIN contacts ON contacts.school = two_people.school
                   AND contacts.id = two_people.barred
                 WHERE two_people.school = $1 AND decided_at >= court_order_at",
                values![self.school],
            )
            .await?;
        let mut told = ToldApart::default();
        for row in rows {
            let of = told.0.entry((row.barred, row.contact)).or_default();
            of.insert((
                (row.barred_name_key, row.barred_email_key),
                (row.name_key, row.email_key),
            ));
        }
        Ok(told)
    }

    /// The office says that a contact is not the person with a court order whom they may be, as both are called and
    /// reached now: under another name or address they are looked at again.
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
        let alike = record.find(&theirs, &ToldApart::default());
        if alike.is_some_and(|(_, how)| how == Match::Email) {
            return Err(Refusal::CourtOrderStands.into());
        }
        self.enter_two_people(&mut work, (&theirs, &record), actor, now)
            .await?;
        let decided = BTreeSet::from([contact]);
        self.compare(&mut work, &decided, actor, now).await?;
        work.commit().await?;
        Ok(())
    }

    /// Whoever has an order, by all that they are known by, is not the other one, by all of that.
    async fn enter_two_people(
        &self,
        work: &mut Work,
        (orders, record): (&[Barred], &Compared),
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let contact = record.id();
        for order in orders {
            for one in std::iter::once(&record.own).chain(&record.others) {
                let of_order = self_key(&order.name, order.email.as_ref());
                let own = self_key(&one.name, one.email.as_ref());
                work.run(
                    "INSERT INTO two_people (school, barred, contact, barred_name_key,
                       barred_email_key, name_key, email_key, decided_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                     ON CONFLICT (barred, contact, barred_name_key, barred_email_key, name_key,
                       email_key, school) DO UPDATE SET decided_at = excluded.decided_at",
                    values![
                        self.school,
                        order.contact,
                        contact,
                        of_order.0,
                        of_order.1,
                        own.0,
                        own.1,
                        now
                    ],
                )
                .await?;
            }
        }
        let subject = format!("contact:{contact}");
        let whose = orders.first().map(|it| ("contact", it.contact.0));
        let detail = Vec::from_iter(whose);
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
            let alike = record.find(&theirs, &ToldApart::default());
            match alike.map(|(_, how)| how) {
                Some(Match::Name | Match::Mailbox) => {
                    self.enter_two_people(work, (&theirs, &record), actor, now)
                        .await?;
                }
                Some(Match::Email) | None => {}
            }
        }
        let decided = BTreeSet::from([contact]);
        self.compare(work, &decided, actor, now).await
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
