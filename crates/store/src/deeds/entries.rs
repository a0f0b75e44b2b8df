//! What the audit log says of a deed.

use jiff::Timestamp;
use school::Actor;
use school::deed::{Ending, Entry, Person};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::Result;
use crate::store::Store;

impl Store {
    /// Writes a row of the audit log.
    pub(super) async fn enter(
        &self,
        work: &mut Work,
        actor: Actor,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<()> {
        let (action, subject, detail) = row(entry);
        self.audit(work, actor, action, &subject, &detail, now)
            .await
    }
}

/// A row of the audit log: what, to whom, and more of it.
#[expect(clippy::too_many_lines, reason = "a table, one arm an entry")]
fn row(entry: &Entry) -> (Action, String, Vec<(&'static str, u64)>) {
    let of = |kind: &str, id: u64| format!("{kind}:{id}");
    match entry {
        Entry::InvitationRemoved(id, why) => {
            let action = match why {
                Ending::Declined => Action::InvitationDeclined,
                Ending::Removed
                | Ending::NotGuardian
                | Ending::InviterBarred
                | Ending::GuestBarred(_)
                | Ending::Erased
                | Ending::GuestErased => Action::InvitationRemoved,
            };
            let detail = match why {
                Ending::GuestBarred(contact) => vec![("contact", contact.0)],
                Ending::Removed
                | Ending::Declined
                | Ending::NotGuardian
                | Ending::InviterBarred
                | Ending::Erased
                | Ending::GuestErased => Vec::new(),
            };
            (action, of("invitation", id.0), detail)
        }
        Entry::VisitEnded(id) => (Action::GuestRemoved, of("visitor", id.0), Vec::new()),
        Entry::Cancelled(id, evening) => (
            Action::Cancelled,
            of("booking", id.0),
            vec![("evening", evening.0)],
        ),
        Entry::Moved(id, evening, to) => (
            Action::Moved,
            of("booking", id.0),
            vec![("evening", evening.0), ("slot", u64::from(to.number.0))],
        ),
        Entry::Given(id, teachers) => {
            let teachers = teachers.as_slice().iter().map(|it| ("teacher", it.0));
            (Action::Given, of("booking", id.0), teachers.collect())
        }
        Entry::Asked(id) => (Action::OfficeAsked, of("booking", id.0), Vec::new()),
        Entry::Replaced(evening, teacher, instead) => {
            let mut detail = vec![("teacher", teacher.0)];
            detail.extend(instead.map(|it| ("instead", it.0)));
            (Action::TeacherReplaced, of("evening", evening.0), detail)
        }
        Entry::Back(evening, teacher) => (
            Action::TeacherBack,
            of("evening", evening.0),
            vec![("teacher", teacher.0)],
        ),
        Entry::Readdressed(holder) => (
            Action::LinkReplaced,
            Actor::from(*holder).to_string(),
            Vec::new(),
        ),
        Entry::OrderSet(id) => (Action::CourtOrderSet, of("contact", id.0), Vec::new()),
        Entry::Held(id, barred) => (
            Action::ContactHeld,
            of("contact", id.0),
            vec![("contact", barred.0)],
        ),
        Entry::TeachersChanged(id, teachers) => {
            let teachers = teachers.as_slice().iter().map(|it| ("teacher", it.0));
            (
                Action::TeachersChanged,
                of("class", id.0),
                teachers.collect(),
            )
        }
        Entry::EveningMoved(id) => (Action::EveningMoved, of("evening", id.0), Vec::new()),
        Entry::EveningCancelled(id) => (Action::EveningCancelled, of("evening", id.0), Vec::new()),
        Entry::Joined(kept, gone) => (
            Action::RecordsJoined,
            of("contact", kept.0),
            vec![("contact", gone.0)],
        ),
        Entry::GuardianshipEnded(id, student) => (
            Action::GuardianshipEnded,
            of("contact", id.0),
            vec![("student", student.0)],
        ),
        Entry::CallStopped(stop, meeting) => (
            Action::CallStopped,
            of("meeting", meeting.0),
            vec![("stop", stop.0)],
        ),
        Entry::LetBack(stop, meeting) => (
            Action::LetBack,
            of("meeting", meeting.0),
            vec![("stop", stop.0)],
        ),
        Entry::Left(person) => (Action::LeftSchool, subject(*person), Vec::new()),
        Entry::Erased(person) => (Action::Erased, subject(*person), Vec::new()),
    }
}

/// A person, as the audit log names them.
pub(crate) fn subject(person: Person) -> String {
    match person {
        Person::Contact(id) => format!("contact:{id}"),
        Person::Student(id) => format!("student:{id}"),
        Person::Guest(id) => format!("invitation:{id}"),
        Person::Teacher(id) => format!("teacher:{id}"),
    }
}
