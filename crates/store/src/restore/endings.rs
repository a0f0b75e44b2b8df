//! What had ended before a backup was put back, and stands in it still. Pure.

use std::collections::{BTreeMap, BTreeSet};

use school::{
    AccountId, AreaId, BookingId, ClassId, ContactId, EveningId, HolderId, InvitationId, MailId,
    Note, RoomId, StaffId, StopId, StudentId, TeacherId, VisitorId, deed,
};

use super::known::{Held, HeldAtDoor, UnenteredOrder, changed};
use super::settings::{Settings, System, Taught};
use super::standing::{
    Account, Invited, KnownAs, Logged, NameOf, Otherwise, ParentAccount, Person, Posted, Said,
    SaidName, Standing, Stopped,
};
use crate::audit::Action;
use crate::decided::ErasedId;

/// How two records have to do with each other, by their audit logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kinship {
    /// The present ones went on from the backup.
    Continued,
    /// They have a beginning in common, and then each its own.
    Branched,
    /// They have nothing in common.
    Strangers,
}

impl Kinship {
    pub(super) fn of(present: &Standing, restored: &Standing) -> Self {
        let shared = present
            .log
            .iter()
            .zip(&restored.log)
            .take_while(|(one, other)| one.hash == other.hash)
            .count();
        if shared == 0 {
            Self::Strangers
        } else if shared == restored.log.len() {
            Self::Continued
        } else {
            Self::Branched
        }
    }
}

/// What is to be ended in the restored records.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Endings {
    pub(super) orders: Vec<ContactId>,
    /// People with a court order, or who may be one of them, who were entered after the backup, with their
    /// students.
    pub(super) barred: Vec<(ContactId, Person, Vec<StudentId>)>,
    /// What is kept of who contacts were since the backup, where they were reached, and with whom; and who waits
    /// for the office since.
    pub(super) known_as: Vec<KnownAs>,
    pub(super) known_with: Vec<(ContactId, StudentId)>,
    pub(super) known_numbers: Vec<(ContactId, String)>,
    /// Guests who wait so since, and those at doors; and orders of nobody who is known, as they were last.
    pub(super) held: Vec<(VisitorId, Held)>,
    pub(super) held_at_doors: Vec<(VisitorId, HeldAtDoor)>,
    pub(super) unentered: Vec<(String, UnenteredOrder)>,
    /// Orders that were lifted and entered anew: what was decided under the first holds no longer.
    pub(super) renewed: Vec<(ContactId, i64)>,
    pub(super) waiting: Vec<(ContactId, ContactId)>,
    /// Contacts as they were last.
    pub(super) contacts: Vec<(ContactId, Person)>,
    /// Accounts of parents as they were last; nothing where they closed theirs.
    pub(super) accounts: Vec<(AccountId, Option<ParentAccount>)>,
    /// What they say of themselves: what they no longer share, and what was decided of their number.
    pub(super) said: Vec<(ContactId, Said)>,
    /// What they say otherwise than the school's records; nothing where they do no longer.
    pub(super) otherwise: Vec<((ContactId, String), Option<Otherwise>)>,
    /// Names that they say; nothing where they do no longer.
    pub(super) names: Vec<(NameOf, Option<SaidName>)>,
    pub(super) removed: Vec<InvitationId>,
    /// Guests of meetings who were removed, turned away at a door, or erased.
    pub(super) visits: Vec<VisitorId>,
    /// Meeting rooms that were closed.
    pub(super) closed_rooms: Vec<RoomId>,
    /// Who belongs to a meeting room no more.
    pub(super) members: Vec<(RoomId, StaffId)>,
    pub(super) erased_visits: BTreeSet<VisitorId>,
    /// Calls that were stopped, and whom that keeps out.
    pub(super) stopped: BTreeMap<StopId, Stopped>,
    pub(super) kept_out: Vec<(StopId, HolderId)>,
    /// Who takes callers in a waiting area no more.
    pub(super) providers: Vec<(AreaId, StaffId)>,
    /// Callers whose visit was over, and by which stage.
    pub(super) over: Vec<(VisitorId, String)>,
    /// Callers whose words were set aside.
    pub(super) set_aside: Vec<VisitorId>,
    /// Invitations whose address was changed.
    pub(super) readdressed: Vec<(InvitationId, Invited)>,
    pub(super) guardians: Vec<(ContactId, StudentId)>,
    /// What the office has decided since against what a source says: who is not whose guardian, who is not
    /// in which class, and who is still here.
    pub(super) apart: Vec<(ContactId, StudentId)>,
    pub(super) out: Vec<(StudentId, ClassId)>,
    pub(super) stays: Vec<deed::Person>,
    /// Ids in sources of those whom it has erased.
    pub(super) erased_ids: Vec<ErasedId>,
    pub(super) cancelled: Vec<BookingId>,
    /// Evenings that do not take place, in the office's words.
    pub(super) cancelled_evenings: Vec<(EveningId, Note)>,
    /// Evenings whose booking was closed, by a press or because it was told so.
    pub(super) closed_evenings: Vec<EveningId>,
    /// Those of which it is still to be told, once the moment that was set has passed.
    pub(super) still_to_close: BTreeSet<EveningId>,
    pub(super) links: Vec<i64>,
    pub(super) erased_contacts: Vec<ContactId>,
    pub(super) erased_students: Vec<StudentId>,
    pub(super) erased_guests: Vec<InvitationId>,
    pub(super) erased_teachers: Vec<TeacherId>,
    /// Teachers who are called or reached otherwise, and those who were removed.
    pub(super) teachers: Vec<(TeacherId, Taught)>,
    pub(super) removed_teachers: Vec<TeacherId>,
    /// Accounts of parents that open no more of somebody's.
    pub(super) parted: Vec<(ContactId, AccountId)>,
    /// The information system, where it is another or is reached otherwise; nothing where it was disconnected.
    pub(super) system: Option<Option<System>>,
    /// The school's settings, where they were changed.
    pub(super) settings: Option<Settings>,
    pub(super) erased_staff: Vec<StaffId>,
    pub(super) staff: Vec<(StaffId, Account)>,
    /// Who manages an evening no more.
    pub(super) managers: Vec<(EveningId, StaffId)>,
    /// How many of them may do less than in the backup.
    pub(super) staff_ended: usize,
    /// Who of them has two sign-ins again.
    pub(super) hats: Vec<StaffId>,
    pub(super) set_up_links: Vec<Vec<u8>>,
    pub(super) mail: Vec<(MailId, Posted)>,
    /// E-mails that wait in the backup and were dropped since.
    pub(super) dropped_mail: Vec<MailId>,
    /// Links that were sent after the backup, and appointments made after it.
    pub(super) lost_links: usize,
    pub(super) lost_bookings: usize,
}

impl Endings {
    /// Those with a court order who were entered after the backup.
    pub(super) fn newly_barred(&self) -> impl Iterator<Item = &ContactId> {
        let barred = self.barred.iter();
        let barred = barred.filter(|(_, it, _)| it.court_order_at.is_some());
        barred.map(|(id, ..)| id)
    }
}

/// What ended in `present` and stands in `restored`. What is missing there without a row in the log
/// counts as erased only where all of the present records is there to read, and they went on from
/// the backup.
pub(super) fn endings(present: &Standing, restored: &Standing, may_lack: bool) -> Endings {
    let erased: BTreeSet<&str> = present
        .log
        .iter()
        .filter(|row| row.action == "erased")
        .map(|row| row.subject.as_str())
        .collect();
    let is_erased = |is_there: bool, subject: String| {
        !is_there && (may_lack || erased.contains(subject.as_str()))
    };
    let mut it = Endings::default();
    for (id, before) in &restored.contacts {
        match present.contacts.get(id) {
            Some(now) => {
                if now.court_order_at.is_some() && before.court_order_at.is_none() {
                    it.orders.push(*id);
                }
                if let (Some(now), Some(before)) = (now.court_order_at, before.court_order_at)
                    && now > before
                {
                    it.renewed.push((*id, now));
                }
                let mut last = now.clone();
                last.court_order_at = before.court_order_at;
                if last != *before {
                    it.contacts.push((*id, last));
                }
            }
            None if is_erased(false, format!("contact:{id}")) => it.erased_contacts.push(*id),
            None => {}
        }
    }
    add_barred(&mut it, present, restored);
    add_known(&mut it, present, restored);
    add_decided(&mut it, present, restored, may_lack);
    let students = restored.students.iter().copied();
    let is_gone =
        |id: &StudentId| is_erased(present.students.contains(id), format!("student:{id}"));
    it.erased_students.extend(students.filter(is_gone));
    add_teachers(&mut it, present, restored);
    add_settings(&mut it, present, restored, may_lack);
    let staff = restored.staff.keys().copied();
    let is_gone = |id: &StaffId| is_erased(present.staff.contains_key(id), format!("staff:{id}"));
    it.erased_staff.extend(staff.filter(is_gone));
    add_accounts(&mut it, present, restored, may_lack);
    add_said(&mut it, present, restored, may_lack);
    add_what_is_out(&mut it, present, restored, may_lack, &is_erased);
    add_rooms(&mut it, present, restored, may_lack);
    add_areas(&mut it, present, restored, (may_lack, &is_erased));
    add_stops(&mut it, present, restored);
    it
}

fn add_teachers(it: &mut Endings, present: &Standing, restored: &Standing) {
    for (id, before) in &restored.teachers {
        let Some(now) = present.teachers.get(id) else {
            continue;
        };
        match (now.is_erased(), before.is_erased()) {
            (_, true) => {}
            (true, false) => it.erased_teachers.push(*id),
            (false, false) => {
                if (&now.name, &now.email) != (&before.name, &before.email) {
                    it.teachers.push((*id, now.clone()));
                }
                if now.is_removed && !before.is_removed {
                    it.removed_teachers.push(*id);
                }
            }
        }
    }
}

/// Whoever was entered after the backup and is kept away, or may be.
fn add_barred(it: &mut Endings, present: &Standing, restored: &Standing) {
    let in_doubt: BTreeSet<_> = present.waiting.iter().map(|(contact, _)| contact).collect();
    for (id, now) in &present.contacts {
        let is_kept_away = now.court_order_at.is_some() || in_doubt.contains(id);
        if is_kept_away && !restored.contacts.contains_key(id) {
            let students = present
                .guardians
                .iter()
                .filter(|(contact, student)| contact == id && restored.students.contains(student))
                .map(|(_, student)| *student)
                .collect();
            it.barred.push((*id, now.clone(), students));
        }
    }
}

/// A system that was connected since is not there, as what was begun is not.
fn add_settings(it: &mut Endings, present: &Standing, restored: &Standing, may_lack: bool) {
    let ended = |row: &Logged| row.action == Action::SystemDisconnected.code();
    match (&present.system, &restored.system) {
        (Some(now), Some(before)) if now != before => it.system = Some(Some(now.clone())),
        (None, Some(_)) if may_lack || present.log.iter().any(ended) => it.system = Some(None),
        (Some(_) | None, Some(_) | None) => {}
    }
    if present.settings != restored.settings {
        it.settings.clone_from(&present.settings);
    }
}

/// What an order goes by outlives going back.
fn add_known(it: &mut Endings, present: &Standing, restored: &Standing) {
    let comes = |id: &ContactId| it.barred.iter().any(|(barred, ..)| barred == id);
    let has_contact = |id: &ContactId| restored.contacts.contains_key(id) || comes(id);
    let known_as = present.known_as.difference(&restored.known_as);
    let known_as = known_as.filter(|(id, ..)| has_contact(id)).cloned();
    let known_with = present.known_with.difference(&restored.known_with);
    let waiting = present.waiting.difference(&restored.waiting);
    let waiting = waiting.filter(|(id, order)| has_contact(id) && has_contact(order));
    let (known_as, waiting) = (known_as.collect(), waiting.copied().collect());
    let numbers = present.known_numbers.difference(&restored.known_numbers);
    let numbers = numbers.filter(|(id, _)| has_contact(id)).cloned();
    it.known_numbers = numbers.collect();
    it.known_with = known_with.copied().collect();
    (it.known_as, it.waiting) = (known_as, waiting);
    let held = changed(&present.held, &restored.held).into_iter();
    it.held = held
        .filter(|(id, _)| restored.visits.contains_key(id))
        .collect();
    it.held_at_doors = changed(&present.held_at_doors, &restored.held_at_doors);
    it.unentered = changed(&present.unentered, &restored.unentered);
}

/// Guardianships that had ended, and what the office has decided. One that an import ended may come again
/// with the next.
fn add_decided(it: &mut Endings, present: &Standing, restored: &Standing, may_lack: bool) {
    let is_over = |pair: &&(ContactId, StudentId)| {
        let (contact, student) = pair;
        let are_there =
            present.contacts.contains_key(contact) && present.students.contains(student);
        present.apart.contains(*pair) || (may_lack && are_there)
    };
    let ended = restored.guardians.difference(&present.guardians);
    it.guardians.extend(ended.filter(is_over));
    let comes = |id: &ContactId| it.barred.iter().any(|(barred, ..)| barred == id);
    let has_contact = |id: &ContactId| restored.contacts.contains_key(id) || comes(id);
    let has_student = |id: &StudentId| restored.students.contains(id);
    let apart = present.apart.difference(&restored.apart);
    let apart = apart.filter(|(contact, student)| has_contact(contact) && has_student(student));
    let out = present.out.difference(&restored.out);
    let out = out.filter(|(student, _)| has_student(student));
    let stays = present.stays.difference(&restored.stays);
    let stays = stays.filter(|it| match it {
        deed::Person::Contact(id) => has_contact(id),
        deed::Person::Student(id) => has_student(id),
        deed::Person::Teacher(id) => restored.teachers.contains_key(id),
        deed::Person::Guest(_) => false,
    });
    let erased_ids = present.erased_ids.difference(&restored.erased_ids);
    it.erased_ids.extend(erased_ids.cloned());
    let (apart, out) = (apart.copied().collect(), out.copied().collect());
    let stays = stays.copied().collect();
    (it.apart, it.out, it.stays) = (apart, out, stays);
}

/// With what parents sign in by now. Who closed their account is written down in the log; what ended it otherwise is
/// not.
fn add_accounts(it: &mut Endings, present: &Standing, restored: &Standing, may_lack: bool) {
    let closed: BTreeSet<&str> = present
        .log
        .iter()
        .filter(|row| row.action == Action::AccountClosed.code())
        .map(|row| row.subject.as_str())
        .collect();
    for (id, before) in &restored.accounts {
        match present.accounts.get(id) {
            Some(now) if now != before => it.accounts.push((*id, Some(now.clone()))),
            Some(_) => {}
            None if may_lack || closed.contains(format!("account:{id}").as_str()) => {
                it.accounts.push((*id, None));
            }
            None => {}
        }
    }
    if may_lack {
        // What an account opens of a record that was made one with another, it opens of that one.
        let is_over = |(contact, account): &&(ContactId, AccountId)| {
            present.contacts.contains_key(contact)
                && !present.joined.contains(contact)
                && present.accounts.contains_key(account)
        };
        let ended = restored.opened.difference(&present.opened);
        it.parted.extend(ended.filter(is_over));
    }
}

fn add_evenings(it: &mut Endings, present: &Standing, restored: &Standing) {
    for (id, before) in &restored.evenings {
        let Some(now) = present.evenings.get(id) else {
            continue;
        };
        match (before.booking.as_str(), now.booking.as_str()) {
            ("cancelled", _) => {}
            (_, "cancelled") => it.cancelled_evenings.push((*id, now.words.clone())),
            ("not_yet" | "open", "closed") => it.closed_evenings.push(*id),
            ("open", "open") if before.closes_at == now.closes_at => {
                it.still_to_close.insert(*id);
            }
            _ => {}
        }
    }
}

fn add_said(it: &mut Endings, present: &Standing, restored: &Standing, may_lack: bool) {
    for (id, before) in &restored.said {
        let Some(now) = present.said.get(id) else {
            continue;
        };
        let newest = if may_lack { now } else { before };
        let mut shares = before.shares;
        for (share, still) in shares.iter_mut().zip(now.shares) {
            *share &= still;
        }
        let said = Said {
            shares,
            ..newest.clone()
        };
        if said != *before {
            it.said.push((*id, said));
        }
    }
    let is_new = |id: &ContactId| it.barred.iter().any(|(barred, ..)| barred == id);
    let brought = present.otherwise.iter().filter(|((id, _), _)| is_new(id));
    let brought: Vec<_> = brought
        .map(|(key, now)| (key.clone(), Some(now.clone())))
        .collect();
    it.otherwise.extend(brought);
    let own = present.names.iter();
    let own = own.filter(|((id, student), _)| student.is_none() && is_new(id));
    it.names
        .extend(own.map(|(of, now)| (*of, Some(now.clone()))));
    if !may_lack {
        return;
    }
    let keys: BTreeSet<_> = present
        .otherwise
        .keys()
        .chain(restored.otherwise.keys())
        .collect();
    for key in keys {
        let is_in_both = [present, restored].map(|it| it.contacts.contains_key(&key.0));
        let now = present.otherwise.get(key);
        if is_in_both == [true, true] && now != restored.otherwise.get(key) {
            it.otherwise.push((key.clone(), now.cloned()));
        }
    }
    let keys: BTreeSet<_> = present.names.keys().chain(restored.names.keys()).collect();
    for key in keys {
        let (contact, student) = key;
        let are_in_both = [present, restored].map(|it| {
            let has_student = student.is_none_or(|student| it.students.contains(&student));
            it.contacts.contains_key(contact) && has_student
        });
        let now = present.names.get(key);
        if are_in_both == [true, true] && now != restored.names.get(key) {
            it.names.push((*key, now.cloned()));
        }
    }
}

/// Whoever signs in no longer, or by another password, or has two sign-ins again.
fn add_staff(it: &mut Endings, present: &Standing, restored: &Standing, may_lack: bool) {
    for (id, before) in &restored.staff {
        if let Some(now) = present.staff.get(id)
            && now != before
        {
            it.staff.push((*id, now.clone()));
            // A code that was used since is no more than that.
            let secret = |it: &Account| it.factor.as_ref().map(|it| it.secret.clone());
            let subjects = |it: &Account| {
                let subjects = it.identities.values().map(|(subject, ..)| subject.clone());
                subjects.collect::<BTreeSet<_>>()
            };
            let is_the_same = now.password_hash == before.password_hash
                && now.disabled_at == before.disabled_at
                && now.rank == before.rank
                && secret(now) == secret(before)
                && subjects(now) == subjects(before);
            it.staff_ended += usize::from(!is_the_same);
        }
    }
    if may_lack {
        let is_known =
            |(evening, _): &&(EveningId, StaffId)| present.evenings.contains_key(evening);
        let ended = restored.managers.difference(&present.managers);
        it.managers.extend(ended.filter(is_known));
    }
    for hat @ (staff, _) in &restored.hats {
        let ended = |row: &Logged| {
            row.action == Action::HatEnded.code() && row.subject == format!("staff:{staff}")
        };
        if !present.hats.contains(hat) && (may_lack || present.log.iter().any(ended)) {
            it.hats.push(*staff);
        }
    }
}

fn add_rooms(it: &mut Endings, present: &Standing, restored: &Standing, may_lack: bool) {
    for (id, was_closed) in &restored.rooms {
        if present.rooms.get(id) == Some(&true) && !was_closed {
            it.closed_rooms.push(*id);
        }
    }
    if may_lack {
        let is_known = |(room, _): &&(RoomId, StaffId)| present.rooms.contains_key(room);
        let ended = restored.members.difference(&present.members);
        it.members.extend(ended.filter(is_known));
    }
}

/// What was stopped is stopped still.
fn add_stops(it: &mut Endings, present: &Standing, restored: &Standing) {
    for (id, stopped) in &present.stops {
        if !restored.stops.contains_key(id) {
            it.stopped.insert(*id, stopped.clone());
        }
    }
    let is_new = |(stop, _): &&(StopId, HolderId)| {
        present.stops.contains_key(stop) && !restored.stops.contains_key(stop)
    };
    it.kept_out.extend(present.kept_out.iter().filter(is_new));
}

fn add_areas(
    it: &mut Endings,
    present: &Standing,
    restored: &Standing,
    (may_lack, is_erased): (bool, &dyn Fn(bool, String) -> bool),
) {
    if may_lack {
        let is_known = |(area, _): &&(AreaId, StaffId)| present.areas.contains(area);
        let ended = restored.providers.difference(&present.providers);
        it.providers.extend(ended.filter(is_known));
    }
    for (id, before) in &restored.callers {
        let Some(now) = present.callers.get(id) else {
            if is_erased(false, format!("visitor:{id}")) {
                it.erased_visits.insert(*id);
            }
            continue;
        };
        if now.is_over() && !before.is_over() {
            it.over.push((*id, now.stage.clone()));
        }
        if before.has_words && !now.has_words {
            it.set_aside.push(*id);
        }
    }
}

fn add_what_is_out(
    it: &mut Endings,
    present: &Standing,
    restored: &Standing,
    may_lack: bool,
    is_erased: &dyn Fn(bool, String) -> bool,
) {
    for (id, before) in &restored.invitations {
        match present.invitations.get(id) {
            Some(now) if now.is_removed && !before.is_removed => it.removed.push(*id),
            Some(now) if now.email_key != before.email_key => {
                it.readdressed.push((*id, now.clone()));
            }
            Some(_) => {}
            None if is_erased(false, format!("invitation:{id}")) => it.erased_guests.push(*id),
            None => {}
        }
    }
    for (id, was_removed) in &restored.visits {
        let is_removed = present.visits.get(id).copied();
        if !was_removed && is_removed.unwrap_or(may_lack) {
            it.visits.push(*id);
        }
        if is_erased(is_removed.is_some(), format!("visitor:{id}")) {
            it.erased_visits.insert(*id);
        }
    }
    for (id, was_dead) in &restored.links {
        let is_dead = present.links.get(id).copied().unwrap_or(may_lack);
        if is_dead && !was_dead {
            it.links.push(*id);
        }
    }
    for (id, was_cancelled) in &restored.bookings {
        if present.bookings.get(id) == Some(&true) && !was_cancelled {
            it.cancelled.push(*id);
        }
    }
    add_evenings(it, present, restored);
    add_staff(it, present, restored, may_lack);
    for (digest, was_used) in &restored.set_up_links {
        let is_used = present.set_up_links.get(digest).copied();
        if is_used.unwrap_or(may_lack) && !was_used {
            it.set_up_links.push(digest.clone());
        }
    }
    for (id, before) in &restored.mail {
        match present.mail.get(id) {
            Some(now) if now != before => it.mail.push((*id, now.clone())),
            Some(_) => {}
            None if may_lack && matches!(before.state.as_str(), "queued" | "sending") => {
                it.dropped_mail.push(*id);
            }
            None => {}
        }
    }
    let lives = |(id, is_dead): (&i64, &bool)| !is_dead && !restored.links.contains_key(id);
    it.lost_links = present.links.iter().filter(|it| lives(*it)).count();
    let stands = |(id, is_cancelled): (&BookingId, &bool)| {
        !is_cancelled && !restored.bookings.contains_key(id)
    };
    it.lost_bookings = present.bookings.iter().filter(|it| stands(*it)).count();
}
