//! What a file of changes says of people whom it does not name with all that is theirs: a contact whose
//! students are as they were, and a student who comes into a class or leaves one.

use super::contacts::{Words, has_namesake};
use super::draft::Draft;
use super::staff::anothers_id;
use super::{Outcome, Step, Which};
use crate::deed::Person;
use crate::ids::{ClassId, ContactId, StudentId};
use crate::import::{ChangedPlace, Guardian, ListedContact};
use crate::text::id_key;

impl Draft<'_> {
    /// A contact, and whose contact they are as far as that is said.
    pub(super) fn take_contact(&mut self, listed: &ListedContact) -> Result<Outcome, String> {
        let guardian = &listed.guardian;
        let by_id = self.by_id(guardian)?;
        let students = listed.students.iter();
        let students: Vec<_> = students.filter_map(|it| self.student_of_id(it)).collect();
        let email = guardian.email.as_ref();
        if by_id.is_none() {
            for student in &students {
                self.check_contact(*student, guardian)?;
            }
        }
        // Whoever was kept without an id is known as in a student's row.
        let known = by_id.or_else(|| {
            let is_namesake = has_namesake(guardian, &self.rows.alone_with(&listed.students));
            let mut students = students.iter();
            students.find_map(|it| self.find_contact(*it, (guardian, is_namesake)))
        });
        if known.is_none() && students.is_empty() {
            return Err(
                "None of their students is known here: they come with the next export of everybody."
                    .to_owned(),
            );
        }
        if known.is_none()
            && self.has_anothers_id(guardian)
            && let Some(id) = &guardian.source
        {
            return Err(anothers_id("In sourcedId", id, "guardian"));
        }
        if known.is_none() && self.was_erased(guardian) {
            self.stays_erased(&guardian.name);
            return Ok(Outcome::Unchanged);
        }
        let before = self.done();
        let contact = known.unwrap_or_else(|| self.add_contact(guardian));
        let name = guardian.name.reveal();
        if let Which::Kept(id) = contact {
            self.seen.contacts.insert(id);
            self.welcome(Person::Contact(id), name);
            let words = self.words_of(contact, guardian);
            if words == Words::Own {
                self.know_better(contact, guardian, by_id.is_some());
            }
            if let Some(email) = email.filter(|_| words != Words::Known) {
                self.readdress(contact, email);
            }
        }
        self.hear_numbers(contact, guardian);
        for student in students {
            self.add_guardian(contact, student, guardian);
        }
        Ok(match (known, self.done() > before) {
            (None, _) => Outcome::Created,
            (Some(_), true) => Outcome::Updated,
            (Some(_), false) => Outcome::Unchanged,
        })
    }

    /// Makes a contact the student's guardian who is not yet; who is stays what they are.
    fn add_guardian(
        &mut self,
        contact: Which<ContactId>,
        which: Which<StudentId>,
        guardian: &Guardian,
    ) {
        let student = self.students.get(&which);
        let is_linked = student.is_none_or(|it| it.contacts.contains_key(&contact));
        if is_linked || self.stays_apart(contact, which, &guardian.name) {
            return;
        }
        let Some(student) = self.students.get_mut(&which) else {
            return;
        };
        let relationship = guardian.relationship.clone();
        student.contacts.insert(contact, relationship.clone());
        let (name, of) = (guardian.name.reveal(), student.name.reveal());
        self.does.push(format!("Makes {name} a guardian of {of}"));
        self.steps.push(Step::Link {
            contact,
            student: which,
            relationship,
        });
    }

    /// A student who comes into a class; nothing where either is not known.
    pub(super) fn take_place(&mut self, place: &ChangedPlace) -> Outcome {
        let Some((student, class)) = self.place_of_ids(place) else {
            return Outcome::Unchanged;
        };
        let before = self.done();
        self.place(student, &[class]);
        if self.done() > before {
            Outcome::Updated
        } else {
            Outcome::Unchanged
        }
    }

    /// Whom and which class a place names, where both are known by these ids.
    pub(super) fn place_of_ids(
        &self,
        place: &ChangedPlace,
    ) -> Option<(Which<StudentId>, Which<ClassId>)> {
        let class = self.classes.get(&place.class).copied()?;
        Some((self.student_of_id(&place.student)?, class))
    }

    /// The student of a place.
    pub(super) fn name_of(&self, place: &ChangedPlace) -> String {
        let student = self.student_of_id(&place.student);
        let student = student.and_then(|it| self.students.get(&it));
        student.map_or_else(String::new, |it| it.name.reveal().to_owned())
    }

    fn student_of_id(&self, source: &str) -> Option<Which<StudentId>> {
        match self.by_source.get(&id_key(source)).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            Some(_) | None => None,
        }
    }
}
