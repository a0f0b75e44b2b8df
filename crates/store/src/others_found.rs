//! Who is found beside students: teachers, whoever else of the staff signs in, and contacts who are no
//! student's.

use school::text::{Sought, sought};
use school::{ContactId, EmailAddress, Name, StaffId, TeacherId};

use crate::fault::Result;
use crate::store::Store;
use crate::students::patterns;
use crate::value::{columns, values};

/// How many of each kind are found at once.
const AT_MOST: usize = 20;

/// Teachers, staff, and contacts who are no student's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OthersFound {
    /// At most 20 teachers, in walking order.
    pub teachers: Vec<(TeacherId, Name)>,
    /// At most 20 of those of the staff who sign in: the office, members of rooms, providers of waiting
    /// areas; by name.
    pub staff: Vec<(StaffId, Name)>,
    /// At most 20 contacts, by name.
    pub contacts: Vec<(ContactId, Name)>,
}

columns! {
    struct FoundRow {
        id: ContactId,
        name: Name,
    }
}

impl Store {
    /// Whose name or address holds each part of `search`, however it is written; nobody where nothing
    /// is searched for.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn others_found(&self, search: &str) -> Result<OthersFound> {
        let parts = sought(search);
        if parts.is_empty() {
            return Ok(OthersFound::default());
        }
        // Of these no key is kept, and they are few.
        let is_meant = |name: &Name, email: Option<&EmailAddress>| {
            let (name, email) = (name.key(), email.map(EmailAddress::key));
            let is_in_email = |part: &str| email.as_ref().is_some_and(|it| it.contains(part));
            parts.iter().all(|part| match part {
                Sought::Words(words) => name.contains(words.as_str()) || is_in_email(words),
                Sought::Address(part) => is_in_email(part),
            })
        };
        let staff = self.staff().await?.into_iter();
        let staff = staff
            .filter(|it| it.disabled_at.is_none() && is_meant(&it.name, Some(&it.email)))
            .map(|it| (it.id, it.name))
            .take(AT_MOST);
        let teachers = self.teachers().await?.into_iter();
        let teachers = teachers.filter(|it| is_meant(&it.about.name, it.about.email.as_ref()));
        let teachers = teachers.map(|it| (it.id, it.about.name)).take(AT_MOST);
        let mut values = values![self.school];
        for (words, address) in patterns(search) {
            values.push(words.into());
            values.push(address.into());
        }
        let mut work = self.glance().await?;
        let contacts: Vec<FoundRow> = work
            .rows(
                "SELECT id, name FROM contacts
                 LEFT JOIN said_otherwise ON said_otherwise.school = contacts.school
                   AND said_otherwise.contact = contacts.id AND what = 'email'
                 WHERE contacts.school = $1
                   AND (name_key LIKE $2 OR email_key LIKE $3 ESCAPE '!'
                     OR LOWER(records) LIKE $3 ESCAPE '!')
                   AND (name_key LIKE $4 OR email_key LIKE $5 ESCAPE '!'
                     OR LOWER(records) LIKE $5 ESCAPE '!')
                   AND (name_key LIKE $6 OR email_key LIKE $7 ESCAPE '!'
                     OR LOWER(records) LIKE $7 ESCAPE '!')
                   AND NOT EXISTS (SELECT 1 FROM guardians
                     WHERE guardians.school = $1 AND guardians.contact = contacts.id)
                   AND id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
                 ORDER BY name_key, id LIMIT 20",
                values,
            )
            .await?;
        Ok(OthersFound {
            teachers: teachers.collect(),
            staff: staff.collect(),
            contacts: contacts.into_iter().map(|it| (it.id, it.name)).collect(),
        })
    }
}
