//! Telephone numbers that contacts give and the school's records say otherwise (DIR-12): both stand
//! until the office says which is kept.

use jiff::Timestamp;
use school::said::Standing;
use school::telephone::Telephones;
use school::{ContactId, Mobile, Name, Refusal};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::said::{ChangedDetail, Detail, Keep};
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct BothRow {
        contact: ContactId,
        name: Name,
        mobile: Option<Mobile>,
        telephone: String,
        own: String,
        accepted_beside: Option<String>,
        given_at: Timestamp,
        /// Of several students each is a row.
        student: Option<Name>,
    }
}

columns! {
    struct TelephonesRow {
        mobile: Option<Mobile>,
        telephone: String,
        own: Option<String>,
        accepted_beside: Option<String>,
    }
}

impl Store {
    /// Numbers of which the office has not said which is kept, the oldest first.
    pub(crate) async fn asked_telephones(&self, work: &mut Work) -> Read<Vec<ChangedDetail>> {
        let rows: Vec<BothRow> = work
            .rows(
                "SELECT contacts.id AS contact, contacts.name AS name, mobile,
                   contacts.telephone AS telephone, contact_details.telephone AS own,
                   accepted_beside, given_at, students.name AS student
                 FROM contact_details
                 JOIN contacts ON contacts.school = contact_details.school
                   AND contacts.id = contact_details.contact
                 LEFT JOIN guardians ON guardians.school = contacts.school
                   AND guardians.contact = contacts.id
                 LEFT JOIN students ON students.school = guardians.school
                   AND students.id = guardians.student
                 WHERE contact_details.school = $1 AND school_telephone = 1
                   AND contacts.gone_at IS NULL
                   AND contacts.telephone <> '' AND contact_details.telephone <> ''
                   AND contacts.telephone <> contact_details.telephone
                   AND (accepted_beside IS NULL OR accepted_beside <> contacts.telephone)
                 ORDER BY given_at, contacts.id, students.name_key, students.id",
                values![self.school],
            )
            .await?;
        let mut asked: Vec<ChangedDetail> = Vec::new();
        for row in rows {
            let both = Telephones {
                mobile: row.mobile,
                school: row.telephone,
                own: row.own,
                accepted_beside: row.accepted_beside,
            };
            if both.standing() != Standing::Asked {
                continue;
            }
            match asked.last_mut().filter(|it| it.contact == row.contact) {
                Some(same) => same.students.extend(row.student),
                None => asked.push(ChangedDetail {
                    what: Detail::Telephone,
                    contact: row.contact,
                    name: row.name,
                    students: row.student.into_iter().collect(),
                    school: both.school,
                    own: both.own,
                    since: row.given_at,
                }),
            }
        }
        Ok(asked)
    }

    /// What the school's records and somebody themselves say of their number.
    pub(crate) async fn telephones_of(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<Telephones> {
        let row: Option<TelephonesRow> = work
            .row(
                "SELECT mobile, contacts.telephone AS telephone,
                   CASE WHEN school_telephone = 1 THEN contact_details.telephone END AS own,
                   accepted_beside
                 FROM contacts
                 LEFT JOIN contact_details ON contact_details.school = contacts.school
                   AND contact_details.contact = contacts.id
                 WHERE contacts.school = $1 AND contacts.id = $2",
                values![self.school, contact],
            )
            .await?;
        let telephones = row.map(|row| Telephones {
            mobile: row.mobile,
            school: row.telephone,
            own: row.own.unwrap_or_default(),
            accepted_beside: row.accepted_beside,
        });
        Ok(telephones.unwrap_or_default())
    }

    /// The same, for the office.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn telephones(&self, contact: ContactId) -> Result<Telephones> {
        let mut work = self.read().await?;
        Ok(self.telephones_of(&mut work, contact).await?)
    }

    /// The office says which number is kept, of the two that it was `shown`: the school's, and theirs.
    /// Theirs is kept until a source says a third; where the school's is, they have that from now on.
    /// Text messages go to the mobile number of the school's records either way.
    pub(crate) async fn decide_telephone(
        &self,
        work: &mut Work,
        contact: ContactId,
        keep: Keep,
        shown: (&str, &str),
    ) -> Result<Action> {
        let both = self.telephones_of(work, contact).await?;
        let is_shown = (both.school.as_str(), both.own.as_str()) == shown;
        if both.standing() != Standing::Asked || !is_shown {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let (telephone, beside, action) = match keep {
            Keep::Own => (&both.own, Some(&both.school), Action::TelephoneAccepted),
            Keep::School => (&both.school, None, Action::TelephoneKept),
        };
        // Other families were shown the parent's own number, and not this one.
        work.run(
            "UPDATE contact_details SET telephone = $3, accepted_beside = $4,
               families_telephone = CASE WHEN CAST($4 AS TEXT) IS NULL THEN 0
                 ELSE families_telephone END
             WHERE school = $1 AND contact = $2",
            values![
                self.school,
                contact,
                telephone.as_str(),
                beside.map(String::as_str)
            ],
        )
        .await?;
        Ok(action)
    }
}
