//! A call that is stopped for abuse (SCR-14): whom that keeps out of its meeting from then on.

use std::collections::BTreeSet;

use crate::holder::Holder;
use crate::meeting::{MeetingKind, Role};

/// Whom a stop keeps out of a meeting until the office lets them back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeptOut {
    /// Nobody comes to it any more.
    Everybody,
    /// These people; everybody else comes to it as before.
    These(BTreeSet<Holder>),
}

/// Whom a stop of a call in such a meeting keeps out, of those who `were` in it: an appointment is over for
/// everybody; of a room or a waiting area those who came as guests, and nobody of the school. Whoever has
/// left by then, was disconnected or waits again was in it all the same.
#[must_use]
pub fn keeps_out(kind: MeetingKind, were: &BTreeSet<Holder>) -> KeptOut {
    match kind {
        MeetingKind::Appointment => KeptOut::Everybody,
        MeetingKind::Room | MeetingKind::Area => {
            let guests = were.iter().copied();
            let guests = guests.filter(|it| !Role::of(*it).is_of_the_school());
            KeptOut::These(guests.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ContactId, StaffId, TeacherId, VisitorId};

    #[test]
    fn an_appointment_is_over_for_everybody() {
        let (teacher, parent) = (Holder::Teacher(TeacherId(1)), Holder::Parent(ContactId(2)));
        // Whoever was there, and whoever was not.
        for were in [vec![teacher], vec![teacher, parent]] {
            let were = were.into_iter().collect();
            let kept = keeps_out(MeetingKind::Appointment, &were);
            assert_eq!(kept, KeptOut::Everybody);
        }
    }

    #[test]
    fn a_room_keeps_out_the_guests_who_were_there_and_no_member() {
        let guests = BTreeSet::from([
            Holder::Visitor(VisitorId(2)),
            Holder::Parent(ContactId(3)),
            Holder::Visitor(VisitorId(4)),
        ]);
        let mut were = guests.clone();
        were.extend([Holder::Staff(StaffId(1)), Holder::Teacher(TeacherId(1))]);
        for kind in [MeetingKind::Room, MeetingKind::Area] {
            assert_eq!(keeps_out(kind, &were), KeptOut::These(guests.clone()));
        }
    }
}
