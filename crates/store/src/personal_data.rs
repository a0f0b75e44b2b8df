//! What the records hold of one person, for them to have (DIR-10; GDPR, Article 15): every column that says
//! something of them, and nothing of other people, no secret and nothing that opens anything.
//!
//! Each kind of person has a list of parts, one a table. A test goes through all tables of the records, for each
//! kind: a table, and a column, that somebody adds is in a part or has a reason not to be.

use std::fmt;

use jiff::Timestamp;
use school::{
    Actor, ContactId, HolderId, InvitationId, Refusal, StaffId, StudentId, TeacherId, VisitorId,
};
use serde_json::{Map, Value, json};

use crate::audit::Action;
use crate::database::{Row, Work};
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::values;

/// How a value is written.
#[derive(Clone, Copy, Debug)]
enum As {
    Text,
    Number,
    /// What is more than 0.
    Claim,
    /// As text: others have 53 bits for a number.
    Id,
    Time,
}

/// Some rows of the records.
#[derive(Debug)]
struct Part {
    name: &'static str,
    sql: &'static str,
    columns: &'static [(&'static str, As)],
}

/// Parts: of each its name, its columns, what each is called and how it is written, and where they are from.
macro_rules! parts {
    ($($name:literal from $from:literal { $($column:literal as $called:literal $as:ident),+ $(,)? })*) => {
        &[$(Part {
            name: $name,
            sql: concat!(
                "SELECT ", $($column, " AS ", $called, ", ",)+ "0 AS ended FROM ", $from
            ),
            columns: &[$(($called, As::$as)),+],
        }),*]
    };
}

/// What the audit log says of a kind of person: as who did it or whom it is about, and by what its details call them.
macro_rules! logged {
    ($kind:literal $(, $detail:literal)*) => {
        &[Part {
            name: "audit_log",
            sql: concat!(
                "SELECT audit.number AS row, audit.at AS at, audit.action AS action, 0 AS ended FROM audit
                 WHERE audit.school = $1 AND ('", $kind, ":' || CAST($2 AS TEXT) IN (audit.actor, audit.subject)",
                $("
                   OR ' ' || audit.detail || ' ' LIKE '% ", $detail, "=' || CAST($2 AS TEXT) || ' %'",)*
                ") ORDER BY audit.number"
            ),
            columns: &[("row", As::Number), ("at", As::Time), ("action", As::Text)],
        }]
    };
}

mod contact;
mod guest;
mod holder;
mod staff;
mod student;
mod teacher;
#[cfg(test)]
mod tests;
mod visitor;

/// Whose data it is (GDPR, Article 4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DataSubject {
    /// A parent, a guardian or another contact.
    Contact(ContactId),
    /// A student.
    Student(StudentId),
    /// A teacher.
    Teacher(TeacherId),
    /// Somebody of the staff.
    Staff(StaffId),
    /// The guest of an invitation.
    Guest(InvitationId),
    /// A guest of a meeting, or a caller.
    Visitor(VisitorId),
}

/// As the audit log names them.
impl fmt::Display for DataSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(id) => write!(f, "contact:{id}"),
            Self::Student(id) => write!(f, "student:{id}"),
            Self::Teacher(id) => write!(f, "teacher:{id}"),
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::Guest(id) => write!(f, "invitation:{id}"),
            Self::Visitor(id) => write!(f, "visitor:{id}"),
        }
    }
}

impl DataSubject {
    const fn id(self) -> HolderId {
        match self {
            Self::Contact(ContactId(id))
            | Self::Student(StudentId(id))
            | Self::Teacher(TeacherId(id))
            | Self::Staff(StaffId(id))
            | Self::Guest(InvitationId(id))
            | Self::Visitor(VisitorId(id)) => HolderId(id),
        }
    }

    /// Counts them.
    const fn is_there(self) -> &'static str {
        match self {
            Self::Contact(_) => "SELECT COUNT(*) FROM contacts WHERE school = $1 AND id = $2",
            Self::Student(_) => "SELECT COUNT(*) FROM students WHERE school = $1 AND id = $2",
            Self::Teacher(_) => "SELECT COUNT(*) FROM teachers WHERE school = $1 AND id = $2",
            Self::Staff(_) => "SELECT COUNT(*) FROM staff WHERE school = $1 AND id = $2",
            Self::Guest(_) => "SELECT COUNT(*) FROM invitations WHERE school = $1 AND id = $2",
            Self::Visitor(_) => {
                "SELECT COUNT(*) FROM (SELECT school, id FROM visitors
                   UNION ALL SELECT school, id FROM call_guests
                   UNION ALL SELECT school, id FROM callers
                   UNION ALL SELECT school, id FROM held_at_doors) AS came
                 WHERE school = $1 AND id = $2"
            }
        }
    }

    /// What there is of such a person: their own, what whoever may hold a link has, and what the log says.
    const fn parts(self) -> [&'static [Part]; 3] {
        match self {
            Self::Contact(_) => [contact::OWN, holder::OWN, contact::LOGGED],
            Self::Student(_) => [student::OWN, &[], student::LOGGED],
            Self::Teacher(_) => [teacher::OWN, holder::OWN, teacher::LOGGED],
            Self::Staff(_) => [staff::OWN, holder::OWN, staff::LOGGED],
            Self::Guest(_) => [guest::OWN, holder::OWN, guest::LOGGED],
            Self::Visitor(_) => [visitor::OWN, holder::OWN, visitor::LOGGED],
        }
    }
}

impl Part {
    async fn read(&self, work: &mut Work, values: Vec<crate::value::Value>) -> Read<Value> {
        let rows = work.all(self.sql, values).await?;
        let rows = rows.iter().map(|row| self.row(row));
        Ok(Value::Array(rows.collect::<Read<_>>()?))
    }

    /// A row, without what is empty in it.
    fn row(&self, row: &Row) -> Read<Value> {
        let mut members = Map::new();
        for (called, how) in self.columns {
            let value = match how {
                As::Text => row
                    .named::<Option<String>>(called)?
                    .filter(|it| !it.is_empty())
                    .map(Value::from),
                As::Number => row.named::<Option<i64>>(called)?.map(Value::from),
                As::Claim => row.named::<Option<i64>>(called)?.map(|it| (it > 0).into()),
                As::Id => row
                    .named::<Option<i64>>(called)?
                    .map(|it| it.to_string().into()),
                As::Time => row
                    .named::<Option<Timestamp>>(called)?
                    .map(|it| it.to_string().into()),
            };
            if let Some(value) = value {
                members.insert((*called).to_owned(), value);
            }
        }
        Ok(Value::Object(members))
    }
}

impl Store {
    /// All that the records hold of somebody, as JSON that people can read; that somebody took it is in the audit log.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn personal_data(
        &self,
        subject: DataSubject,
        actor: Actor,
        now: Timestamp,
    ) -> Result<String> {
        let mut work = self.write().await?;
        work.at_length().await?;
        let whose = || values![self.school, subject.id()];
        if work.count(subject.is_there(), whose()).await? == 0 {
            return Err(Refusal::NotFound.into());
        }
        let about = subject.to_string();
        self.audit(&mut work, actor, Action::DataTaken, &about, &[], now)
            .await?;
        let mut parts = Map::new();
        for part in subject.parts().into_iter().flatten() {
            let rows = part.read(&mut work, whose()).await?;
            parts.insert(part.name.to_owned(), rows);
        }
        work.commit().await?;
        let all = json!({"about": about, "made_at": now.to_string(), "data": parts});
        let text = serde_json::to_string_pretty(&all);
        Ok(text.map_err(|_never| Fault::Broken("what is no JSON"))?)
    }
}
