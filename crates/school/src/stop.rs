//! A call that is stopped for abuse (SCR-14): whom that keeps out of its meeting from then on.

use std::collections::BTreeSet;

use crate::holder::Holder;
use crate::meeting::{Meeting, MeetingKind};

/// Whom a stop keeps out of a meeting until the office lets them back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeptOut {
    /// Nobody comes to it any more.
    Everybody,
    /// These people; everybody else comes to it as before.
    These(BTreeSet<Holder>),
}

/// Whom a stop keeps out of `meeting` when those are `here`: an appointment is over for everybody; of a
/// room or a waiting area those who are guests in the call, and nobody of the school.
#[must_use]
pub fn keeps_out(meeting: &Meeting, here: &BTreeSet<Holder>) -> KeptOut {
    match meeting.kind {
        MeetingKind::Appointment => KeptOut::Everybody,
        MeetingKind::Room | MeetingKind::Area => {
            let all = meeting.entitled.iter();
            let guests = all.filter(|it| here.contains(&it.holder) && !it.role.is_of_the_school());
            KeptOut::These(guests.map(|it| it.holder).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ContactId, MeetingId, StaffId, TeacherId, VisitorId};
    use crate::meeting::{CAP, Door, Entitled, Number, Role, Title};
    use crate::powers::RolePowers;
    use crate::text::{Label, Name};

    fn meeting(kind: MeetingKind, people: &[Holder]) -> Meeting {
        let entitled = (1..).zip(people).map(|(number, holder)| {
            let role = Role::of(*holder);
            Entitled {
                holder: *holder,
                number: Number(number),
                role,
                powers: RolePowers::DEFAULT.of(role),
                name: Name::read("Ann Bell").expect("a name"),
                invited_by: None,
            }
        });
        Meeting {
            id: MeetingId(1),
            kind,
            title: Title::of_room(&Label::read("Room").expect("a label")),
            window: None,
            cap: CAP,
            door: Door::Open,
            entitled: entitled.collect(),
        }
    }

    #[test]
    fn an_appointment_is_over_for_everybody() {
        let (teacher, parent) = (Holder::Teacher(TeacherId(1)), Holder::Parent(ContactId(2)));
        let meeting = meeting(MeetingKind::Appointment, &[teacher, parent]);
        // Whoever was there, and whoever was not.
        let here = BTreeSet::from([teacher]);
        assert_eq!(keeps_out(&meeting, &here), KeptOut::Everybody);
    }

    #[test]
    fn a_room_keeps_out_the_guests_who_were_there_and_no_member() {
        let (member, there, elsewhere) = (
            Holder::Staff(StaffId(1)),
            Holder::Visitor(VisitorId(2)),
            Holder::Visitor(VisitorId(3)),
        );
        // Somebody is there who was entitled no longer.
        let here = BTreeSet::from([member, there, Holder::Visitor(VisitorId(4))]);
        for kind in [MeetingKind::Room, MeetingKind::Area] {
            let meeting = meeting(kind, &[member, there, elsewhere]);
            let kept = KeptOut::These(BTreeSet::from([there]));
            assert_eq!(keeps_out(&meeting, &here), kept);
        }
    }
}
