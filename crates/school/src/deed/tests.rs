//! Random deeds over a small school, held to the rules of who is told, what dies and what is
//! logged.

mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::evening::LINKS_OUTLIVE;
use crate::holder::Actor;
use crate::invitation::State;
use world::{World, span_of};

/// 1,700 cases of 60 draws in the mean, over 100,000 deeds.
const CASES: u32 = 1_700;
const DRAWS: usize = 60;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn every_deed_keeps_the_rules(draws in prop::collection::vec(any::<[u8; 6]>(), 1..2 * DRAWS)) {
        let mut world = World::new();
        for draw in draws {
            world.live(draw);
            let (deed, by) = world.deed(draw);
            let facts = world.facts(&deed);
            let follows = match consequences(&deed, &facts, by, world.now) {
                Ok(follows) => follows,
                // Nothing has changed.
                Err(_refused) => continue,
            };
            let again = consequences(&deed, &facts, by, world.now);
            prop_assert_eq!(Ok(&follows), again.as_ref());
            let before = world.clone();
            world.apply(&deed, &follows);
            check_who_is_told(&deed, &facts, &before, &world, &follows)?;
            check_told(&deed, (by, &facts), &before, &world, &follows)?;
            check_links(&world)?;
            check_places(&world)?;
            check_log(&deed, &before, &world, &follows)?;
            check_stops(&deed, &before, &world, &follows)?;
        }
    }
}

/// What somebody can see of an evening that is to come: their appointments, each with its time and
/// its teachers.
type Seen = Vec<(BookingId, Span, Vec<TeacherId>)>;

fn seen(world: &World, evening: EveningId, who: Holder) -> Seen {
    let is_theirs = |one: &Appointment| match who {
        Holder::Parent(parent) => one.parent == parent,
        Holder::Guest(guest) => world.invitations.get(&guest).is_some_and(|it| {
            it.state == State::Sent
                && it.inviter == Some(one.parent)
                && it.students.contains(&one.student)
        }),
        Holder::Teacher(teacher) => one.teachers.as_slice().contains(&teacher),
        Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => false,
    };
    let all = world.appointments.iter();
    all.filter(|(_, it)| it.evening == evening && is_theirs(it) && world.now < it.span.end)
        .map(|(id, it)| (*id, it.span, it.teachers.as_slice().to_vec()))
        .collect()
}

/// Nobody whom an order keeps away, or who is not there, is told anything.
fn check_who_is_told(
    deed: &Deed,
    facts: &Facts,
    before: &World,
    after: &World,
    follows: &Consequences,
) -> Result<(), TestCaseError> {
    for told in &follows.told {
        match told.who {
            Holder::Parent(contact) => {
                prop_assert!(!after.is_barred(contact), "{deed:?} tells a barred parent");
                prop_assert!(
                    after.contacts.contains_key(&contact),
                    "{deed:?} tells nobody"
                );
            }
            Holder::Guest(guest) => {
                prop_assert!(
                    !facts.alike.contains_key(&guest),
                    "{deed:?} tells one alike"
                );
                prop_assert!(before.invitations.contains_key(&guest));
            }
            Holder::Teacher(teacher) => prop_assert!(before.teachers.contains(&teacher)),
            Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => {
                prop_assert!(false, "{deed:?} tells somebody of a room");
            }
        }
    }
    Ok(())
}

/// Whoever sees something else afterwards hears of it in one e-mail a thing; nobody else hears
/// anything.
#[expect(
    clippy::too_many_lines,
    reason = "the rules of one table, one after the other"
)]
fn check_told(
    deed: &Deed,
    (by, facts): (Actor, &Facts),
    before: &World,
    after: &World,
    follows: &Consequences,
) -> Result<(), TestCaseError> {
    for (evening, span) in &before.evenings {
        for who in before.people() {
            let words: BTreeSet<Word> = follows
                .told
                .iter()
                .filter(|it| it.evening == *evening && it.who == who)
                .map(|it| it.word)
                .collect();
            let changed: BTreeSet<BookingId> = words
                .iter()
                .filter_map(|it| match it {
                    Word::Changed(id) => Some(*id),
                    Word::Appointments
                    | Word::Link
                    | Word::Withdrawn
                    | Word::EveningMoved
                    | Word::EveningCancelled
                    | Word::Declined(_) => None,
                })
                .collect();
            // One e-mail, or one for each appointment.
            prop_assert!(
                words.len() <= 1 || words.len() == changed.len(),
                "{words:?}"
            );
            let may_hear = match who {
                Holder::Parent(contact) => {
                    after.contacts.contains_key(&contact) && !after.is_barred(contact)
                }
                Holder::Guest(guest) => {
                    !facts.alike.contains_key(&guest)
                        && before
                            .invitations
                            .get(&guest)
                            .is_some_and(|it| it.state == State::Sent && it.evening == *evening)
                        && !after.erased_guests.contains(&guest)
                }
                // They read their list on their page.
                Holder::Teacher(_) => continue,
                Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => false,
            };
            let was_ended = matches!(who, Holder::Guest(guest)
                if before.invitations.contains_key(&guest) && after.is_ended(guest));
            if was_ended {
                let is_to_come = after.now < span.end.checked_add(LINKS_OUTLIVE)?;
                let is_reason = follows.log.iter().any(|it| {
                    matches!(
                        it,
                        Entry::InvitationRemoved(
                            id,
                            Ending::GuestBarred(_) | Ending::GuestErased | Ending::Declined,
                        ) if who == Holder::Guest(*id)
                    )
                });
                let hears = words.contains(&Word::Withdrawn);
                prop_assert_eq!(
                    hears,
                    may_hear && is_to_come && !is_reason,
                    "{:?} {:?}",
                    deed,
                    who
                );
                continue;
            }
            let is_declined = declined(deed, before) == Some((*evening, who))
                && after.now < span.end.checked_add(LINKS_OUTLIVE)?;
            let hears_so = words.iter().any(|it| matches!(it, Word::Declined(_)));
            prop_assert_eq!(hears_so, is_declined && may_hear);
            let (had, has) = (seen(before, *evening, who), seen(after, *evening, who));
            let is_news = had != has;
            let is_their_own_doing = by == Actor::from(who);
            if is_news && may_hear {
                prop_assert!(!words.is_empty(), "{deed:?} is not told to {who:?}");
            }
            if is_news && may_hear && !is_their_own_doing && words.len() == changed.len() {
                // Each of them, where they are told one by one.
                let differs: BTreeSet<BookingId> = had
                    .iter()
                    .filter(|it| !has.contains(it))
                    .map(|(id, _, _)| *id)
                    .collect();
                prop_assert_eq!(&changed, &differs);
            }
            if !is_news && !words.is_empty() {
                let is_of_evening = matches!(
                    deed,
                    Deed::EveningChanged { .. } | Deed::EveningCancelled { .. }
                );
                let is_of_link = matches!(deed, Deed::AddressChanged { holder } if *holder == who);
                prop_assert!(
                    is_of_evening || is_of_link || is_declined,
                    "{deed:?} tells {who:?} {words:?}"
                );
            }
        }
    }
    Ok(())
}

/// Whose wish the office declines.
fn declined(deed: &Deed, before: &World) -> Option<(EveningId, Holder)> {
    let Deed::InvitationEnded {
        invitation,
        why: Ending::Declined,
    } = deed
    else {
        return None;
    };
    let one = before.invitations.get(invitation)?;
    Some((one.evening, Holder::Parent(one.inviter?)))
}

/// No link lives without a right to it.
fn check_links(world: &World) -> Result<(), TestCaseError> {
    for (evening, who) in &world.links {
        let has_right = match who {
            Holder::Parent(contact) => {
                world.contacts.contains_key(contact) && !world.is_barred(*contact)
            }
            Holder::Guest(guest) => world
                .invitations
                .get(guest)
                .is_some_and(|it| it.state == State::Sent && it.evening == *evening),
            Holder::Teacher(teacher) => {
                world.teachers.contains(teacher) && !world.ill.contains_key(&(*evening, *teacher))
            }
            Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => false,
        };
        prop_assert!(has_right, "{who:?} has a link for {evening:?}");
    }
    let covered = world.invitations.iter();
    for (id, one) in covered {
        prop_assert!(!one.students.is_empty(), "{id:?} covers nobody");
    }
    Ok(())
}

/// Nobody is in two places at once.
fn check_places(world: &World) -> Result<(), TestCaseError> {
    let to_come = |it: &&Appointment| world.now < it.span.end;
    let all: Vec<_> = world.appointments.values().filter(to_come).collect();
    for (n, one) in all.iter().enumerate() {
        for other in all
            .iter()
            .skip(n + 1)
            .filter(|it| it.span.overlaps(one.span))
        {
            prop_assert!(one.parent != other.parent, "{one:?} {other:?}");
            prop_assert!(
                !one.teachers.shares_one_with(&other.teachers),
                "{one:?} {other:?}"
            );
        }
        let teachers = one.teachers.as_slice().iter();
        for teacher in teachers {
            let is_ill = world.ill.contains_key(&(one.evening, *teacher));
            let is_asked = world
                .asked
                .iter()
                .any(|id| world.appointments.get(id) == Some(*one));
            prop_assert!(!is_ill || is_asked);
        }
        prop_assert_eq!(one.span, span_of(world, one));
    }
    Ok(())
}

/// Whom a stop keeps out stays out until the office lets them back, and both are in the log; whoever has
/// the appointment sees it on their page.
fn check_stops(
    deed: &Deed,
    before: &World,
    after: &World,
    follows: &Consequences,
) -> Result<(), TestCaseError> {
    let mut stopped = before.stopped.clone();
    let mut rows = Vec::new();
    if let Deed::CallStopped {
        stop,
        meeting,
        keeps_out,
    } = deed
    {
        stopped.insert(*stop, (*meeting, keeps_out.clone()));
        rows.push(Entry::CallStopped(*stop, *meeting));
    }
    if let Deed::LetBack { stop, meeting } = deed {
        stopped.remove(stop);
        rows.push(Entry::LetBack(*stop, *meeting));
    }
    prop_assert_eq!(&after.stopped, &stopped);
    let is_row = |it: &&Entry| matches!(it, Entry::CallStopped(..) | Entry::LetBack(..));
    let logged: Vec<Entry> = follows.log.iter().filter(is_row).cloned().collect();
    prop_assert_eq!(&logged, &rows);
    if let Deed::CallStopped { meeting, .. } | Deed::LetBack { meeting, .. } = deed {
        prop_assert!(follows.told.is_empty());
        for one in before
            .appointments
            .values()
            .filter(|it| it.meeting == *meeting)
        {
            let parent = (one.evening, Holder::Parent(one.parent));
            prop_assert!(follows.pages.contains(&parent));
        }
    }
    Ok(())
}

/// Nothing ends, moves or dies without its row in the log.
fn check_log(
    deed: &Deed,
    before: &World,
    after: &World,
    follows: &Consequences,
) -> Result<(), TestCaseError> {
    let has = |is_it: &dyn Fn(&Entry) -> bool| follows.log.iter().filter(|it| is_it(it)).count();
    for id in before.invitations.keys().filter(|id| after.is_ended(**id)) {
        let rows = has(&|it| matches!(it, Entry::InvitationRemoved(of, _) if of == id));
        prop_assert_eq!(rows, 1);
    }
    for id in before.visits.keys() {
        let rows = has(&|it| matches!(it, Entry::VisitEnded(of) if of == id));
        prop_assert_eq!(rows, usize::from(!after.visits.contains_key(id)));
    }
    for (id, who) in &before.visits {
        let is_out = matches!(deed, Deed::OrderEntered { contact } if contact == who)
            || matches!(deed, Deed::Erased { person: Person::Contact(contact) } if contact == who);
        prop_assert!(!is_out || !after.visits.contains_key(id));
    }
    for (id, one) in &before.appointments {
        let cancelled = has(&|it| matches!(it, Entry::Cancelled(of, _) if of == id));
        let moved = has(&|it| matches!(it, Entry::Moved(of, ..) if of == id));
        let given = has(&|it| matches!(it, Entry::Given(of, _) if of == id));
        match after.appointments.get(id) {
            // What is over goes with whom it was about.
            None => prop_assert_eq!(cancelled, usize::from(before.now < one.span.end)),
            Some(now) => {
                prop_assert_eq!(cancelled, 0);
                let was_to_come = before.now < one.span.end;
                prop_assert!(!was_to_come || after.now < now.span.end, "{deed:?} ends it");
                prop_assert_eq!(moved, usize::from(now.span != one.span));
                let is_given = matches!(
                    deed,
                    Deed::AppointmentGiven { .. } | Deed::TeacherBack { .. }
                ) || now.teachers != one.teachers;
                prop_assert!(given <= 1 && (given == 1) >= (now.teachers != one.teachers));
                prop_assert!(given == 0 || is_given);
            }
        }
    }
    if let Deed::PlacesEnded { places } = deed {
        for (id, one) in &before.appointments {
            let is_of = places.contains(&(one.student, one.class)) && before.now < one.span.end;
            let asked = has(&|it| *it == Entry::Asked(*id));
            prop_assert_eq!(asked, usize::from(is_of));
        }
        prop_assert!(follows.told.is_empty());
    }
    prop_assert!(!follows.log.is_empty() || follows.changes.is_empty());
    Ok(())
}
