//! Who is entitled, and what they may.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ids::{ContactId, HolderId, InvitationId, TeacherId};

/// Writes down what follows.
fn write(rows: &mut Vec<Standing>, written: Vec<Written>) {
    for one in written {
        match rows.iter_mut().find(|it| it.number == one.number) {
            Some(row) => *row = one,
            None => rows.push(one),
        }
    }
}

proptest! {
    #[test]
    fn a_number_is_for_life(
        steps in vec((vec(1_u64..8, 0..6), proptest::option::of(1_u64..8)), 1..30),
    ) {
        let mut rows: Vec<Standing> = Vec::new();
        let mut numbers: BTreeMap<Number, HolderId> = BTreeMap::new();
        for (who, erased) in steps {
            for row in &mut rows {
                if erased.is_some() && row.holder == erased.map(HolderId) {
                    row.holder = None;
                }
            }
            let unique: BTreeSet<_> = who.into_iter().map(HolderId).collect();
            let due: Vec<_> = unique
                .iter()
                .map(|holder| Due { holder: *holder, role: Role::Guest })
                .collect();
            let before = rows.len();
            let written = reconcile(&due, &rows);
            write(&mut rows, written);
            // They and nobody else are entitled, and nothing is left to write.
            let entitled: BTreeSet<_> = rows
                .iter()
                .filter(|it| !it.has_ended)
                .map(|it| it.holder.expect("nobody is entitled"))
                .collect();
            prop_assert_eq!(&entitled, &unique);
            prop_assert_eq!(reconcile(&due, &rows), vec![]);
            prop_assert!(rows.len() >= before);
            // Nobody has the number that somebody else had.
            for row in &rows {
                if let Some(holder) = row.holder {
                    let owner = *numbers.entry(row.number).or_insert(holder);
                    prop_assert_eq!(owner, holder);
                }
            }
        }
    }
}

fn one(holder: Holder, number: u32, powers: Powers) -> Entitled {
    Entitled {
        holder,
        number: Number(number),
        role: Role::of(holder),
        powers,
        name: Name::read("Somebody").expect("a name"),
        invited_by: None,
    }
}

#[test]
fn whoever_could_act_hears_of_a_contest_and_whoever_invited() {
    let (teacher, other) = (Holder::Teacher(TeacherId(1)), Holder::Teacher(TeacherId(2)));
    let (parent, guest) = (Holder::Parent(ContactId(3)), Holder::Guest(InvitationId(4)));
    let mut invited = one(guest, 4, Powers::NONE);
    invited.invited_by = Some(parent);
    let meeting = Meeting {
        id: MeetingId(1),
        kind: MeetingKind::Appointment,
        title: Title::of_appointment(
            &Label::read("French").expect("a label"),
            &Name::read("Ana").expect("a name"),
        ),
        window: None,
        cap: CAP,
        door: Door::Open,
        entitled: vec![
            one(teacher, 1, Powers::of([Power::Disconnect])),
            one(other, 2, Powers::of([Power::Mute])),
            one(parent, 3, Powers::NONE),
            invited,
        ],
    };
    let hears = |reader, contested| meeting.may_disconnect(reader, contested);
    assert!(hears(teacher, guest) && hears(teacher, parent) && hears(teacher, other));
    assert!(!hears(other, guest), "they may not disconnect");
    assert!(hears(parent, guest), "they invited them");
    assert!(!hears(guest, parent) && !hears(teacher, teacher));
    assert_eq!(meeting.seat_kept_for(), Some(parent));
}

#[test]
fn a_guest_sees_nothing_of_the_family() {
    let seen =
        |reader: Role| [Role::Teacher, Role::Parent, Role::Guest].map(|other| reader.sees(other));
    assert_eq!(seen(Role::Teacher), [true; 3]);
    assert_eq!(seen(Role::Parent), [true; 3]);
    assert_eq!(seen(Role::Guest), [true, false, false]);
}

#[test]
fn codes_are_read_as_they_are_written() {
    for door in [Door::Open, Door::Kept] {
        assert_eq!(Door::of_code(door.code()), Some(door));
    }
    for role in [Role::Teacher, Role::Parent, Role::Guest, Role::Member] {
        assert_eq!(Role::of_code(role.code()), Some(role));
    }
    for kind in [
        MeetingKind::Appointment,
        MeetingKind::Room,
        MeetingKind::Area,
    ] {
        assert_eq!(MeetingKind::of_code(kind.code()), Some(kind));
    }
    assert_eq!(MeetingKind::of_code("party"), None);
}

#[test]
fn it_can_be_joined_from_its_opening_to_its_closing() {
    let at = |second| Timestamp::from_second(second).expect("a moment");
    let margins = Margins {
        before: SignedDuration::from_secs(10),
        after: SignedDuration::from_secs(5),
    };
    let window = margins.before(at(100), at(200));
    assert_eq!((window.opens, window.closes), (at(90), at(200)));
    assert_eq!(margins.latest(at(200)), at(205));
    for (moment, is_open) in [(89, false), (90, true), (199, true), (200, false)] {
        assert_eq!(window.is_open(at(moment)), is_open, "{moment}");
    }
}
