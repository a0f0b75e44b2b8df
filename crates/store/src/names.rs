//! What those are called that the audit log names by their ids.

use std::collections::BTreeMap;

use crate::fault::Result;
use crate::store::Store;
use crate::value::values;

/// Reads the name of one thing of a kind.
const fn query(kind: &str) -> Option<&'static str> {
    Some(match kind.as_bytes() {
        b"staff" => "SELECT name FROM staff WHERE school = $1 AND id = $2",
        b"contact" => "SELECT name FROM contacts WHERE school = $1 AND id = $2",
        b"teacher" => "SELECT name FROM teachers WHERE school = $1 AND id = $2",
        b"student" => "SELECT name FROM students WHERE school = $1 AND id = $2",
        b"class" => "SELECT name FROM classes WHERE school = $1 AND id = $2",
        b"evening" => "SELECT name FROM evenings WHERE school = $1 AND id = $2",
        b"invitation" => "SELECT name FROM invitations WHERE school = $1 AND id = $2",
        b"booking" => {
            "SELECT students.name || ', ' || classes.subject FROM bookings
             JOIN students ON students.school = bookings.school AND students.id = bookings.student
             JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
             WHERE bookings.school = $1 AND bookings.id = $2"
        }
        _ => return None,
    })
}

impl Store {
    /// What each of `subjects` (`contact:2`, as rows of the audit log have them) is called now, by
    /// subject. What is erased, and what has no name, is left out.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn names_of(
        &self,
        subjects: impl IntoIterator<Item = String> + Send,
    ) -> Result<BTreeMap<String, String>> {
        let wanted: Vec<(String, &'static str, i64)> = subjects
            .into_iter()
            .filter_map(|subject| {
                let (kind, id) = subject.split_once(':')?;
                let (sql, id) = (query(kind)?, id.parse().ok()?);
                Some((subject, sql, id))
            })
            .collect();
        let mut work = self.read().await?;
        let mut names = BTreeMap::new();
        for (subject, sql, id) in wanted {
            if let Some(row) = work.one(sql, values![self.school, id]).await? {
                names.insert(subject, row.at(0)?);
            }
        }
        Ok(names)
    }
}
