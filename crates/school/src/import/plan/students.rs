//! Which student a row means.

use super::Which;
use super::draft::{Draft, Student};
use super::rows::Claim;
use crate::ids::{ContactId, StudentId};
use crate::import::{Entry, Guardian, MOST_NAMESAKES};
use crate::text::{Likeness, Name, id_key};

/// A student who may be meant.
type Found<'s> = (Which<StudentId>, &'s Student);

impl Draft<'_> {
    /// The student that a row means.
    pub(super) fn find(&self, entry: &Entry) -> Result<Option<Which<StudentId>>, String> {
        if let Some(source) = &entry.source
            && let Some(which) = self.find_by_id(source, entry)?
        {
            return Ok(Some(which));
        }
        let others = entry.other_ids.iter();
        let known = others.filter_map(|it| Some((it, self.of_id(it).ok()??)));
        // Another system's id that is somebody else's here says nothing.
        let mut known = known.filter(|(_, (_, it))| may_be_renamed(it, &entry.student));
        let Some((id, (which, student))) = known.next() else {
            return self.find_by_name(entry);
        };
        if may_be_called(student, &entry.student) || self.shares_guardian(student, entry) {
            return Ok(Some(which));
        }
        // Of one first name: it is somebody else, unless nobody is.
        let found = self.find_by_name(entry)?;
        let (name, now) = (student.name.reveal(), entry.student.reveal());
        if found.is_some() || self.is_named(student) {
            return Ok(found);
        }
        Err(format!(
            "In student id: {id} is the id of {name} here. If that is who this is, change the name on their page first; if not, add {now} by hand first."
        ))
    }

    /// Refused where somebody of the homeroom may be whom a row calls otherwise, who is in no row: with a guardian
    /// in common, and more or less of the name, or letters that are written as two.
    pub(super) fn check_new(&self, entry: &Entry) -> Result<(), String> {
        let form = entry.form.as_deref().map(id_key).unwrap_or_default();
        let of_form = self.of_form.get(&form);
        let of_form = of_form.filter(|it| !form.is_empty() && it.len() <= MOST_NAMESAKES);
        let kept = of_form.into_iter().flatten();
        let mut kept = kept.filter_map(|it| self.students.get(&Which::Kept(*it)));
        let may_be = kept.find(|it| {
            let own = it.source.as_deref().map(id_key);
            !has_another_id(it, entry)
                && it.is_of_form_of(entry)
                && self.shares_guardian(it, entry)
                && may_be_called(it, &entry.student)
                && !self.is_named(it)
                && !own.is_some_and(|own| self.has_id_in_file(it, &own))
        });
        match may_be {
            None => Ok(()),
            Some(student) => {
                let (name, now) = (student.name.reveal(), entry.student.reveal());
                Err(format!(
                    "In student: this may be {name} of {}, who has the same guardian. If they are called {now} now, change the name on their page first; if not, add this student by hand first.",
                    student.form
                ))
            }
        }
    }

    fn find_by_id(&self, source: &str, entry: &Entry) -> Result<Option<Which<StudentId>>, String> {
        let Some((which, student)) = self.of_id(source)? else {
            return Ok(None);
        };
        let is_so_called = student.names().any(|it| may_be_one(it, &entry.student));
        let is_renamed = || may_be_renamed(student, &entry.student);
        if is_so_called || (is_renamed() && self.has_family_of(student, entry)) {
            Ok(Some(which))
        } else {
            Err(format!(
                "In student id: {source} is the id of {}. If that is who this is, change the name on their page first; if not, correct the id.",
                student.name.reveal()
            ))
        }
    }

    /// Whose id that is.
    fn of_id(&self, source: &str) -> Result<Option<Found<'_>>, String> {
        let Some(same) = self.by_source.get(&id_key(source)) else {
            return Ok(None);
        };
        let students = same
            .iter()
            .filter_map(|it| Some((*it, self.students.get(it)?)));
        let exact = |(_, it): &(_, &Student)| it.source.as_deref() == Some(source);
        let students: Vec<_> = students.collect();
        let found = students.iter().find(|it| exact(it)).or(match &*students {
            [only] => Some(only),
            _ => None,
        });
        let Some((which, student)) = found else {
            return Err(format!(
                "In student id: {source} is the id of several students, but for zeros at its beginning. Give it whole."
            ));
        };
        Ok(Some((*which, *student)))
    }

    fn find_by_name(&self, entry: &Entry) -> Result<Option<Which<StudentId>>, String> {
        let key = entry.student.person_key();
        let namesakes = self.by_name.get(&key).into_iter().flatten();
        let namesakes = namesakes
            .filter_map(|which| Some((*which, self.students.get(which)?)))
            .filter(|(which, it)| !self.is_somebody_else(*which, it, entry));
        // Before a name that the office has accepted, what the school's records say.
        let is_so_in_records = |(_, it): &(_, &Student)| {
            let records_name = it.records_name.as_ref().unwrap_or(&it.name);
            records_name.person_key() == key
        };
        let (named, mut called): (Vec<_>, Vec<_>) = namesakes.partition(is_so_in_records);
        // Whom the file calls as the records do has a row of their own.
        called.retain(|(_, it)| !self.is_named_as_in_records(it, entry));
        let namesakes = if named.is_empty() { called } else { named }.into_iter();
        let (others, namesakes): (Vec<_>, Vec<_>) =
            namesakes.partition(|(_, it)| has_another_id(it, entry));
        let form = entry.form.as_deref();
        let is_of_form = |it: &Student| form.is_none_or(|form| id_key(form) == id_key(&it.form));
        // An earlier row brought them and did not say their form: who has the same guardian.
        let is_of_none = |which: &Which<_>, it: &Student| {
            matches!(which, Which::New(_)) && it.form.is_empty() && self.shares_guardian(it, entry)
        };
        let fits = |(which, it): &&(_, &Student)| is_of_form(it) || is_of_none(which, it);
        let fitting: Vec<_> = namesakes.iter().filter(fits).copied().collect();
        let (strangers, fitting) = self.strangers(fitting, entry);
        if let ([], [(_, stranger), ..]) = (&*fitting, &*strangers) {
            return match &*self.moved(&namesakes, entry) {
                [which] => Ok(Some(*which)),
                [] => Err(other_guardians(stranger)),
                _ => Err(SEVERAL.to_owned()),
            };
        }
        if let Some(which) = self.one_of(&fitting, entry)? {
            return Ok(Some(which));
        }
        if let Some(renumbered) = self.find_renumbered(&others, entry)? {
            return Ok(Some(renumbered));
        }
        match others.first() {
            Some((Which::Kept(_), other)) => Err(format!(
                "In student id: {} has the id {} here. If this is another student, add them by hand first; if not, give that id.",
                other.name.reveal(),
                other.source.as_deref().unwrap_or_default()
            )),
            Some((Which::New(_), _)) | None => self.find_moved(&namesakes, entry),
        }
    }

    /// Who of these is kept in the homeroom of a row and has other guardians than all rows of its student, and
    /// the others.
    fn strangers<'s>(
        &self,
        fitting: Vec<Found<'s>>,
        entry: &Entry,
    ) -> (Vec<Found<'s>>, Vec<Found<'s>>) {
        let names_guardians = || !self.rows.guardians_of(entry).is_empty();
        if entry.form.is_none() || fitting.is_empty() || !names_guardians() {
            return (Vec::new(), fitting);
        }
        let is_stranger = |(which, it): &Found<'_>| {
            let is_kept = matches!(which, Which::Kept(_));
            is_kept && !it.contacts.is_empty() && !self.is_of_family(it, entry)
        };
        fitting.into_iter().partition(is_stranger)
    }

    /// Whether the rows of one student name a guardian of that one, or an address of theirs.
    fn is_of_family(&self, student: &Student, entry: &Entry) -> bool {
        let named = self.rows.guardians_of(entry);
        named.iter().any(|it| self.is_guardian_of(student, it))
    }

    fn is_guardian_of(&self, student: &Student, guardian: &Guardian) -> bool {
        let mut contacts = student.contacts.keys();
        contacts.any(|it| self.is_contact(*it, guardian) || self.is_at_address_of(*it, guardian))
    }

    /// Who of these is kept elsewhere, and has a guardian of a row: they have moved, where no row has them
    /// with a guardian where they are.
    fn moved(&self, namesakes: &[Found<'_>], entry: &Entry) -> Vec<Which<StudentId>> {
        let has_moved = |(which, it): &&Found<'_>| {
            matches!(which, Which::Kept(_))
                && !it.is_of_form_of(entry)
                && self.is_of_family(it, entry)
                && !self.has_row_with_guardian(it)
        };
        let moved = namesakes.iter().filter(has_moved);
        moved.map(|(which, _)| *which).collect()
    }

    /// Which of these a row means, none of whom has another id.
    fn one_of(
        &self,
        fitting: &[Found<'_>],
        entry: &Entry,
    ) -> Result<Option<Which<StudentId>>, String> {
        let (which, _) = match fitting {
            [] => return Ok(None),
            [only] if entry.form.is_some() => *only,
            several => self.nearest(several, entry)?,
        };
        let is_unclear = self.claim_on(which) == Some(&Claim::Unclear);
        if is_unclear && entry.source.is_some() {
            return Err(format!(
                "In student id: several students of this file are called {}, and one is here without an id. Give the homeroom and a guardian of that one as they are here.",
                entry.student.reveal()
            ));
        }
        Ok(Some(which))
    }

    /// Which of several a row means, or whether it is one whom it means by the name alone: whoever has the
    /// same guardian, and nobody who has others.
    fn nearest<'s>(&self, several: &[Found<'s>], entry: &Entry) -> Result<Found<'s>, String> {
        let sharing = several.iter();
        let sharing = sharing.filter(|(_, it)| self.shares_guardian(it, entry));
        if let [only] = &*sharing.collect::<Vec<_>>() {
            return Ok(**only);
        }
        // Whoever is here by the name alone, as in the row.
        let is_as_bare = |it: &Student| it.source.is_none() && it.form.is_empty();
        let bare = several.iter().filter(|(_, it)| is_as_bare(it));
        if let ([only], true) = (&*bare.collect::<Vec<_>>(), is_bare(entry)) {
            return Ok(**only);
        }
        let near = several.iter().filter(|(_, it)| self.is_near(it, entry));
        let near: Vec<_> = near.collect();
        if let [only] = &*near {
            return Ok(**only);
        }
        let is_stranger = |(which, it): &(Which<_>, &Student)| {
            let is_kept = matches!(which, Which::Kept(_));
            is_kept && near.is_empty() && !it.contacts.is_empty() && !entry.guardians.is_empty()
        };
        let (strangers, may_be): (Vec<_>, Vec<_>) = several.iter().copied().partition(is_stranger);
        match (&*may_be, &*strangers) {
            ([only], _) => Ok(*only),
            ([], [(_, stranger)]) => Err(other_guardians(stranger)),
            (_, _) => Err(SEVERAL.to_owned()),
        }
    }

    /// Who has another id here, which a whole source no longer knows, and is the same in all else: the name,
    /// the homeroom and a guardian.
    fn find_renumbered(
        &self,
        others: &[Found<'_>],
        entry: &Entry,
    ) -> Result<Option<Which<StudentId>>, String> {
        let [(which @ Which::Kept(_), student)] = others else {
            return Ok(None);
        };
        let is_same = student.is_of_form_of(entry) && self.shares_guardian(student, entry);
        if !self.is_whole || student.form.is_empty() || !is_same {
            return Ok(None);
        }
        match self.claim_on(*which) {
            Some(Claim::Of(_)) => Ok(Some(*which)),
            Some(Claim::Unclear) => Err(format!(
                "In student id: {} has the id {} here, and several rows may mean them. Give that id, or another homeroom.",
                student.name.reveal(),
                student.source.as_deref().unwrap_or_default()
            )),
            None => Ok(None),
        }
    }

    /// Somebody of that name in another form: who has the same guardian has moved there.
    fn find_moved(
        &self,
        namesakes: &[Found<'_>],
        entry: &Entry,
    ) -> Result<Option<Which<StudentId>>, String> {
        if let [which] = &*self.moved(namesakes, entry) {
            return Ok(Some(*which));
        }
        // Two rows of one file tell two students apart by their forms.
        let is_elsewhere = |(which, it): &&(_, &Student)| {
            matches!(which, Which::Kept(_)) && !self.is_named_in_form(it)
        };
        let kept: Vec<_> = namesakes.iter().filter(is_elsewhere).collect();
        let Some((which, student)) = kept.first() else {
            return Ok(None);
        };
        if kept.len() == 1 && self.shares_guardian(student, entry) {
            return Ok(Some(*which));
        }
        Err(format!(
            "In homeroom: there is a {} in {} already. If they have moved, change their homeroom first; if this is another student, give the ids of both.",
            student.name.reveal(),
            if student.form.is_empty() {
                "no homeroom"
            } else {
                &student.form
            }
        ))
    }

    /// Whether a row names a guardian of that student.
    pub(super) fn shares_guardian(&self, student: &Student, entry: &Entry) -> bool {
        entry.guardians.iter().any(|guardian| {
            let mut contacts = student.contacts.keys();
            contacts.any(|it| self.is_contact(*it, guardian))
        })
    }

    /// Whether a student whom a row calls otherwise has something of it beside the id: a guardian, or the
    /// homeroom and no other guardians.
    fn has_family_of(&self, student: &Student, entry: &Entry) -> bool {
        let named = self.rows.guardians_of(entry);
        let is_own = |which: Which<ContactId>, guardian: &Guardian| {
            self.is_contact(which, guardian) || self.is_known_by_id(which, guardian)
        };
        let shares = student.contacts.keys().any(|which| {
            let mut named = named.iter();
            named.any(|it| is_own(*which, it))
        });
        let has_others = !named.is_empty() && !student.contacts.is_empty();
        shares || (student.is_of_form_of(entry) && !has_others)
    }

    /// Whether both have ids, and the file has the other's too, or says elsewhere who they are: they are two
    /// people.
    fn is_somebody_else(&self, which: Which<StudentId>, student: &Student, entry: &Entry) -> bool {
        if let (Some(Claim::Of(id)), Some(given)) = (self.claim_on(which), &entry.source)
            && *id != id_key(given)
        {
            return true;
        }
        match (&student.source, &entry.source) {
            (Some(kept), Some(given)) => {
                let kept = id_key(kept);
                kept != id_key(given) && self.has_id_in_file(student, &kept)
            }
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    }

    /// Whether the file has that id of a student: as its own, or as another system's of one who is called so.
    pub(super) fn has_id_in_file(&self, student: &Student, id: &str) -> bool {
        let others = self.other_ids_in_file.get(id);
        let mut others = others.into_iter().flatten();
        self.ids_in_file.contains(id) || others.any(|it| may_be_called(student, it))
    }

    /// Whether a row of the file names that student, wherever.
    fn is_named(&self, student: &Student) -> bool {
        let mut names = student.names();
        names.any(|it| self.names_in_file.contains(&it.person_key()))
    }

    /// Whether the file calls a student what the school's records do, where the office has accepted another
    /// name: where they are kept, where a row is that has the other name, or wherever they are.
    fn is_named_as_in_records(&self, student: &Student, entry: &Entry) -> bool {
        let Some(records_name) = &student.records_name else {
            return false;
        };
        let of_entry = entry.form.as_deref().unwrap_or_default();
        [&student.form, of_entry, ""].into_iter().any(|form| {
            let named = (records_name.person_key(), id_key(form));
            self.named_in_file.contains(&named)
        })
    }

    /// Whether another row of the file names that student where they are kept.
    fn is_named_in_form(&self, student: &Student) -> bool {
        student.names().any(|name| {
            let named = (name.person_key(), id_key(&student.form));
            self.named_in_file.contains(&named)
        })
    }
}

/// Whether a row says a student's name alone: no id, no homeroom and no guardian.
const fn is_bare(entry: &Entry) -> bool {
    entry.source.is_none() && entry.form.is_none() && entry.guardians.is_empty()
}

/// Why a row is refused that may mean any of several.
const SEVERAL: &str =
    "Two students have this name. Give their student id, their homeroom, or a guardian as here.";

/// Why a row is refused that means somebody by the name, and has none of their guardians.
fn other_guardians(stranger: &Student) -> String {
    let form = match &*stranger.form {
        "" => String::new(),
        form => format!(" of {form}"),
    };
    format!(
        "In student: {}{form} has other guardians here. If that is who this is, add one of this row to them first; if not, add this student by hand first.",
        stranger.name.reveal()
    )
}

/// Whether both have ids, which are not the same.
fn has_another_id(student: &Student, entry: &Entry) -> bool {
    match (&student.source, &entry.source) {
        (Some(kept), Some(given)) => id_key(kept) != id_key(given),
        (Some(_) | None, None) | (None, Some(_)) => false,
    }
}

/// Whether a student is called so, with more or less of the name.
fn may_be_called(student: &Student, name: &Name) -> bool {
    let mut names = student.names();
    names.any(|it| it.likeness(name).is_some())
}

/// The same, or their first name is the same.
fn may_be_renamed(student: &Student, name: &Name) -> bool {
    let mut names = student.names();
    names.any(|it| is_renamed(it, name))
}

/// Whether both may be one name: in another spelling, or with more or less of it. A Mrs is no Mr.
pub(super) fn may_be_one(before: &Name, now: &Name) -> bool {
    before.likeness(now).is_some() && !before.has_another_title(now)
}

/// Whether somebody of one name may be called by the other now: it may be the same, or their first name
/// is. That alone makes nobody the one before.
pub(super) fn is_renamed(before: &Name, now: &Name) -> bool {
    let given = before.given();
    may_be_one(before, now) || (given.is_some() && given == now.given())
}

/// What somebody is called once a source has said a name, and what the school's records call them where
/// that is another: a name that the office has accepted stays while the source says what it said then, in
/// whatever letters.
/// Where it says a third, that is theirs, and the office is asked again (DIR-12).
pub(super) fn hear_name(
    stands: &Name,
    records: Option<&Name>,
    given: &Name,
) -> (Name, Option<Name>) {
    match records {
        Some(records) if better_name(records, given) == *records => {
            (stands.clone(), Some(records.clone()))
        }
        Some(records) if stands != given && records.key() == given.key() => {
            (stands.clone(), Some(given.clone()))
        }
        Some(_) | None => (better_name(stands, given), None),
    }
}

/// The name to keep: what a system without accents or small letters says again changes nothing.
pub(super) fn better_name(kept: &Name, given: &Name) -> Name {
    let richness = |name: &Name| {
        let name = name.reveal();
        let has_case = name.chars().any(char::is_lowercase) && name.chars().any(char::is_uppercase);
        let marked = name
            .chars()
            .filter(|it| it.is_alphabetic() && !it.is_ascii());
        (marked.count(), has_case)
    };
    if kept.key() == given.key() {
        if richness(given) > richness(kept) {
            given.clone()
        } else {
            kept.clone()
        }
    } else {
        match kept.likeness(given) {
            Some(Likeness::Same) => kept.clone(),
            Some(Likeness::Maybe) if given.reveal().len() < kept.reveal().len() => kept.clone(),
            Some(Likeness::Maybe) | None => given.clone(),
        }
    }
}
