//! What looks as if the rows of a list were mixed up, as by sorting some of its columns: the office is asked first.

use std::collections::{HashMap, HashSet};

use super::students::may_be_one;
use super::teachers::address_key;
use super::{Existing, Leaving, Plan, StaffStep, Step, Which};
use crate::ids::{ContactId, StudentId};
use crate::text::{EmailAddress, Name};

/// The fewest of a kind that are many.
const FEW: usize = 3;

/// Somebody who is kept, and the address that is to be theirs.
struct Readdressed<'p> {
    name: &'p Name,
    before: Option<&'p EmailAddress>,
    now: &'p EmailAddress,
}

/// Why a plan should be looked at before it is carried out, a sentence for each reason.
pub(super) fn mixed(plan: &Plan, existing: &Existing) -> Vec<String> {
    let contacts = contacts(plan, existing);
    let teachers = teachers(plan, existing);
    let with_address = existing.contacts.iter().filter(|it| it.email.is_some());
    let with_address = with_address.filter(|it| existing.from_source.contacts.contains(&it.id));
    let of_teachers = existing.teachers.iter().filter(|it| it.email.is_some());
    let reasons = [
        passed_on(&contacts),
        passed_on(&teachers),
        changed(&contacts, with_address.count(), "parents'"),
        changed(&teachers, of_teachers.count(), "teachers'"),
        guardianships(plan, existing),
    ];
    reasons.into_iter().flatten().collect()
}

fn contacts<'p>(plan: &'p Plan, existing: &'p Existing) -> Vec<Readdressed<'p>> {
    let by_id: HashMap<_, _> = existing.contacts.iter().map(|it| (it.id, it)).collect();
    let mut all = Vec::new();
    for step in &plan.steps {
        if let Step::ChangeContact { id, email } = step
            && let Some(contact) = by_id.get(id)
        {
            all.push(Readdressed {
                name: &contact.name,
                before: contact.email.as_ref(),
                now: email,
            });
        }
    }
    all
}

fn teachers<'p>(plan: &'p Plan, existing: &'p Existing) -> Vec<Readdressed<'p>> {
    let by_id: HashMap<_, _> = existing.teachers.iter().map(|it| (it.id, it)).collect();
    let mut all = Vec::new();
    for step in &plan.staff {
        if let StaffStep::ChangeTeacher {
            id,
            to,
            is_readdressed: true,
        } = step
            && let (Some(teacher), Some(now)) = (by_id.get(id), &to.email)
        {
            all.push(Readdressed {
                name: &teacher.name,
                before: teacher.email.as_ref(),
                now,
            });
        }
    }
    all
}

/// Addresses that one person gives up and another gets.
fn passed_on(all: &[Readdressed<'_>]) -> Option<String> {
    let mut owners: HashMap<String, Vec<&Name>> = HashMap::new();
    for one in all {
        if let Some(key) = address_key(one.before) {
            owners.entry(key).or_default().push(one.name);
        }
    }
    let mut passed = all.iter().filter_map(|one| {
        let owners = owners.get(&address_key(Some(one.now))?)?;
        let owner = owners.iter().find(|it| !may_be_one(it, one.name))?;
        Some((owner.reveal(), one.name.reveal()))
    });
    let (owner, name) = passed.next()?;
    let more = match passed.count() {
        0 => String::new(),
        more => format!(" (and {more} more like it)"),
    };
    Some(format!(
        "The email address that {owner} has here would be {name}'s{more}. A list does so that was sorted by some of its columns: look at the rows before you go on."
    ))
}

fn changed(all: &[Readdressed<'_>], known: usize, whose: &str) -> Option<String> {
    let changed = all.iter().filter(|it| it.before.is_some()).count();
    is_many(changed, known).then(|| {
        format!("{changed} of {known} {whose} email addresses would change: look at the rows before you go on.")
    })
}

/// Who is whose guardian no longer, or is that of another who is here.
fn guardianships(plan: &Plan, existing: &Existing) -> Option<String> {
    let known = existing.from_source.guardians.len();
    let ended = plan.leaving.iter();
    let ended = ended.filter(|it| matches!(it, Leaving::Guardian(..)));
    let before: HashSet<(ContactId, StudentId)> = existing
        .contacts
        .iter()
        .flat_map(|it| it.students.iter().map(|(student, _)| (it.id, *student)))
        .collect();
    let is_new = |it: &&Step| {
        let Step::Link {
            contact, student, ..
        } = it
        else {
            return false;
        };
        let (Which::Kept(contact), Which::Kept(student)) = (contact, student) else {
            return false;
        };
        !before.contains(&(*contact, *student))
    };
    let count = ended.count().max(plan.steps.iter().filter(is_new).count());
    is_many(count, known).then(|| {
        format!("Of {known} guardianships {count} would be others: look at the rows, and at the list below, before you go on.")
    })
}

const fn is_many(count: usize, known: usize) -> bool {
    count >= FEW && count * 5 > known
}
