//! The demonstration (OPS-1).

use jiff::SignedDuration;
use school::EveningId;
use store::{Call, Holder, LinkState, Store};

use crate::places::on_both;
use crate::world::now;

on_both!(the_first_five_meet_now);

async fn the_first_five_meet_now(store: Store) {
    // Whatever the hour, the evening is of one day.
    for hours in [0, 5, 11, 17, 23] {
        let now = now() + SignedDuration::from_hours(hours);
        let demonstration = store.seed_demonstration(1, 30, now).await.expect("seeded");
        let people = demonstration.people;
        let names: Vec<_> = people.iter().map(|it| it.name.reveal()).take(5).collect();
        let expected = [
            "Ms Okafor",
            "Mr Lindqvist",
            "Dr Haddad",
            "Maria Santos",
            "Paulo Santos",
        ];
        assert_eq!(names, expected);
        assert_eq!(people.len(), 5 + 3 + 11);
        assert!(people.iter().all(|it| it.state == LinkState::Live));
        let calls = store
            .calls_of_evening(demonstration.evening)
            .await
            .expect("read");
        some_of_them(&store, demonstration.evening, &calls).await;
        let joint = calls
            .iter()
            .find(|it| it.meeting.entitled.len() == 5)
            .expect("the joint one");
        let entitled = joint.meeting.entitled.iter();
        let links: Vec<_> = entitled.filter_map(|it| joint.link(it.holder)).collect();
        let first: Vec<_> = people.iter().map(|it| it.record.id).take(5).collect();
        assert_eq!(links, first);
        assert!(joint.appointment.start <= now && now < joint.appointment.end);
        let Holder::Parent(other) = people[8].holder else {
            panic!("a parent")
        };
        let invitations = store
            .invitations(other, demonstration.evening)
            .await
            .expect("read");
        assert!(invitations.can_invite());
    }
}

/// Asked for some of the calls, or for when each is held, it answers as it does for all.
async fn some_of_them(store: &Store, evening: EveningId, all: &[Call]) {
    let times = store.times_of_evening(evening).await.expect("read");
    let held = times.iter().map(|it| (it.meeting, it.start, it.end));
    let expected = all.iter().map(|it| {
        let booked = &it.appointment;
        (it.meeting.id, booked.start, booked.end)
    });
    assert!(held.eq(expected));
    let wanted: Vec<_> = times.iter().step_by(2).map(|it| it.meeting).collect();
    let some = store.calls_among(evening, &wanted).await.expect("read");
    assert!(some.iter().map(|it| it.meeting.id).eq(wanted));
    let expected = all.iter().step_by(2).map(|it| &it.meeting);
    assert!(some.iter().map(|it| &it.meeting).eq(expected));
    let none = store.calls_among(evening, &[]).await.expect("read");
    assert!(none.is_empty());
}
