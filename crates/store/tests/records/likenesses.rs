//! Records that may be those of somebody with a court order wait for the office (DIR-13, DIR-4).

use jiff::SignedDuration;
use school::import::{self, Incoming};
use school::invitation::State;
use school::{ContactId, Note, Refusal, StudentId};
use store::{Doing, Guardian, Holder, MailKind, NewContact, Store, Then};

use crate::places::on_both;
use crate::world::{OFFICE, World, email, later, letter, name, now, refused};

on_both!(
    a_second_record_has_no_link,
    a_second_record_out_of_a_file_has_no_link,
    an_order_finds_the_records_that_are_there,
    the_office_tells_two_people_apart,
    an_address_that_is_shared_is_no_other_persons,
    every_way_to_write_a_barred_guest_waits,
    other_guests_do_not_wait,
    a_wish_that_waits_stays_in_the_queue,
    an_order_ends_calls_that_run_over,
);

fn contact(who: &str, at: &str, students: &[StudentId]) -> NewContact {
    NewContact {
        mobile: None,
        name: name(who),
        email: (!at.is_empty()).then(|| email(at)),
        students: students
            .iter()
            .map(|student| Guardian {
                student: *student,
                relationship: String::new(),
            })
            .collect(),
    }
}

async fn add(world: &World, who: &str, at: &str, students: &[StudentId]) -> ContactId {
    let new = contact(who, at, students);
    let added = world.store.add_contact(&new, OFFICE, now()).await;
    added.expect("added")
}

async fn order(world: &World, on: ContactId) -> store::Aftermath {
    let died = world.store.set_court_order(on, OFFICE, now()).await;
    died.expect("set")
}

async fn may_be(world: &World, who: ContactId) -> Option<ContactId> {
    let contact = world.store.contact(who).await.expect("there");
    contact.may_be.map(|it| it.contact)
}

async fn hand_out(world: &World, who: ContactId) -> store::Result<links::Record> {
    let holder = Holder::Parent(who);
    let store = &world.store;
    store
        .hand_out_link(world.evening, holder, OFFICE, now())
        .await
}

async fn a_second_record_has_no_link(store: Store) {
    let world = World::new(store).await;
    order(&world, world.paul).await;
    let twins = [
        add(&world, "P\u{e1}ul  COSTA", "new@home.example", &[world.ana]).await,
        // A brother's record, and the same mailbox.
        add(&world, "Costa, Paul", "", &[world.ben]).await,
        add(&world, "Somebody", "paul+school@home.example", &[world.cem]).await,
        add(&world, "Uncle", "PAUL@home.example", &[]).await,
    ];
    for twin in twins {
        assert_eq!(may_be(&world, twin).await, Some(world.paul));
        assert_eq!(refused(hand_out(&world, twin).await), Refusal::MayBeBarred);
    }
    let store = &world.store;
    store
        .send_confirmations(world.evening, OFFICE, now())
        .await
        .expect("sent");
    let minute = SignedDuration::from_mins(1);
    let mails = store
        .claim_mail(store::Channel::Email, 99, minute, later(1))
        .await
        .expect("read");
    let mut to: Vec<_> = mails.iter().map(|it| it.address.reveal()).collect();
    to.sort_unstable();
    assert_eq!(to, ["maria@home.example", "omar@home.example"]);
    let waiting = store.suspended().await.expect("read");
    assert_eq!(waiting.len(), 3, "who has no student waits for nothing");
    // A namesake in the same homeroom; somebody else of that family, and a namesake of another homeroom.
    let near = add(&world, "Paul Costa", "other@x.example", &[world.cem]).await;
    assert_eq!(may_be(&world, near).await, Some(world.paul));
    let far = school::Name::read("Dan Elsewhere").expect("a name");
    let far = store::NewStudent {
        name: far,
        form: "9A".to_owned(),
        year: None,
        source: None,
        classes: Some(vec![world.french]),
    };
    let far = world.store.add_student(&far, OFFICE, now()).await;
    let others = [
        add(&world, "Maria Costa", "mc@home.example", &[world.ana]).await,
        add(
            &world,
            "Paul Costa",
            "third@x.example",
            &[far.expect("added")],
        )
        .await,
    ];
    for other in others {
        assert_eq!(may_be(&world, other).await, None);
        hand_out(&world, other).await.expect("a link");
    }
}

async fn a_second_record_out_of_a_file_has_no_link(store: Store) {
    let world = World::new(store).await;
    order(&world, world.paul).await;
    let file = "student,homeroom,guardian,e-mail\n\
                Ana Santos,8B,Pau\u{301}l Costa,new@x.example\n\
                Ben Santos,8B,PAUL COSTA,other@x.example\n\
                Ben Santos,8B,Maria Santos,maria@home.example\n";
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    let done = world
        .store
        .import(
            Incoming::some(rows),
            (Doing::Surely, Then::Nothing),
            OFFICE,
            now(),
        )
        .await;
    done.expect("done");
    let all = world.store.contacts().await.expect("read");
    let new = all.iter().filter(|it| {
        let address = it.about.email.as_ref().map(|it| it.reveal().to_owned());
        address.is_some_and(|it| it.ends_with("@x.example")) && it.id != world.paul
    });
    let new: Vec<_> = new.collect();
    assert_eq!(new.len(), 1, "Ana's contact is Paul himself");
    for one in new {
        assert_eq!(may_be(&world, one.id).await, Some(world.paul));
        assert_eq!(
            refused(hand_out(&world, one.id).await),
            Refusal::MayBeBarred
        );
    }
}

async fn an_order_finds_the_records_that_are_there(store: Store) {
    let world = World::new(store).await;
    let twin = add(&world, "Paul Costa", "second@x.example", &[world.ana]).await;
    let link = hand_out(&world, twin).await.expect("a link");
    let booked = world
        .book(twin, world.ana, world.maths, 2)
        .await
        .expect("booked");
    // The twin's address is theirs too, as far as anybody knows.
    let invited = world
        .invite(world.maria, "Uncle", "second@x.example", &[world.ana])
        .await
        .expect("invited");
    assert_eq!(invited.state, State::Sent);
    let died = order(&world, world.paul).await;
    assert!(died.links.contains(&link.id));
    assert!(
        !died.ended.contains(&booked.meeting),
        "the office decides first"
    );
    let left = world.store.invitations(world.maria, world.evening).await;
    assert!(left.expect("read").invitations.is_empty());
    assert_eq!(may_be(&world, twin).await, Some(world.paul));
    // Lifted, nobody waits.
    world
        .store
        .lift_court_order(world.paul, OFFICE, now())
        .await
        .expect("lifted");
    assert_eq!(may_be(&world, twin).await, None);
    hand_out(&world, twin).await.expect("a link");
}

async fn the_office_tells_two_people_apart(store: Store) {
    let world = World::new(store).await;
    order(&world, world.paul).await;
    let junior = add(&world, "Paul Costa Jr", "junior@x.example", &[world.ana]).await;
    assert_eq!(may_be(&world, junior).await, Some(world.paul));
    let store = &world.store;
    let wrong = store.tell_apart(junior, world.maria, OFFICE, now()).await;
    assert_eq!(refused(wrong), Refusal::NotFound);
    store
        .tell_apart(junior, world.paul, OFFICE, now())
        .await
        .expect("told");
    assert_eq!(may_be(&world, junior).await, None);
    let again = store.tell_apart(junior, world.paul, OFFICE, now()).await;
    again.expect("a colleague said the same");
    hand_out(&world, junior).await.expect("a link");
    // It holds over every change, and for this order alone.
    add(&world, "Gran", "", &[world.ana]).await;
    assert_eq!(may_be(&world, junior).await, None);
    store
        .lift_court_order(world.paul, OFFICE, now())
        .await
        .expect("lifted");
    store
        .set_court_order(world.paul, OFFICE, later(60))
        .await
        .expect("set");
    assert_eq!(may_be(&world, junior).await, Some(world.paul));
}

async fn an_address_that_is_shared_is_no_other_persons(store: Store) {
    let world = World::new(store).await;
    order(&world, world.paul).await;
    let wife = add(&world, "Rita Costa", "paul@home.example", &[world.ana]).await;
    let apart = world
        .store
        .tell_apart(wife, world.paul, OFFICE, now())
        .await;
    assert_eq!(refused(apart), Refusal::CourtOrderStands);
    let other = contact("Rita Costa", "rita@home.example", &[world.ana]);
    let changed = world
        .store
        .change_contact(wife, &other, OFFICE, now())
        .await;
    changed.expect("changed");
    // Another address alone tells nobody that they are two.
    assert_eq!(may_be(&world, wife).await, Some(world.paul));
    let apart = world
        .store
        .tell_apart(wife, world.paul, OFFICE, now())
        .await;
    apart.expect("told apart");
    assert_eq!(may_be(&world, wife).await, None);
}

/// The world of an order on Sean O'Brien, who is Ana's contact.
async fn with_order(store: Store) -> World {
    let world = World::new(store).await;
    let about = contact("Sean O'Brien", "sean@b\u{fc}cher.example", &[world.ana]);
    let changed = world
        .store
        .change_contact(world.paul, &about, OFFICE, now())
        .await;
    changed.expect("changed");
    order(&world, world.paul).await;
    world
}

async fn every_way_to_write_a_barred_guest_waits(store: Store) {
    let world = with_order(store).await;
    let wishes = [
        ("Sean O\u{2019}Brien", "a@x.example"),
        ("Sea\u{301}n O'Brien", "a@x.example"),
        ("SEAN O\u{2bc}BRIEN", "a@x.example"),
        ("O'Brien, Sean", "a@x.example"),
        ("Sean O Brien", "a@x.example"),
        ("Sean OBrien", "a@x.example"),
        ("Sean O\u{2010}Brien", "a@x.example"),
        ("Mr Sean O'Brien", "a@x.example"),
        ("Sean Patrick O'Brien", "a@x.example"),
        ("S. O'Brien", "a@x.example"),
        ("S\u{435}an O'Bri\u{435}n", "a@x.example"),
        (
            "\u{ff33}\u{ff45}\u{ff41}\u{ff4e} O\u{ff07}Brien",
            "a@x.example",
        ),
        ("Somebody", "SEAN@b\u{fc}cher.example"),
        ("Somebody", "sean@xn--bcher-kva.example"),
        ("Somebody", "sean@bu\u{308}cher.example"),
        ("Somebody", "sean+evening@b\u{fc}cher.example"),
    ];
    for (who, at) in wishes {
        let held = world.invite(world.maria, who, at, &[world.ana]).await;
        let held = held.expect("kept");
        assert_eq!(held.state, State::Held, "{who} {at}");
        world
            .store
            .decline(held.id, &Note::default(), OFFICE, now())
            .await
            .expect("declined");
    }
    // A brother's appointment is the family's too.
    let held = world
        .invite(world.maria, "Sean O'Brien", "a@x.example", &[world.ben])
        .await;
    assert_eq!(held.expect("kept").state, State::Held);
}

async fn other_guests_do_not_wait(store: Store) {
    let world = with_order(store).await;
    for (who, at) in [
        ("Sheila O'Brien", "sheila@b\u{fc}cher.example"),
        ("Sean Murphy", "murphy@x.example"),
    ] {
        let sent = world
            .invite(world.maria, who, at, &[world.ana])
            .await
            .expect("sent");
        assert_eq!(sent.state, State::Sent, "{who}");
        let actor = store::Actor::Parent(world.maria);
        world
            .store
            .remove_invitation(sent.id, actor, now())
            .await
            .expect("removed");
    }
    // A namesake in another family.
    let sent = world
        .invite(world.omar, "Sean O'Brien", "b@x.example", &[])
        .await;
    assert_eq!(sent.expect("sent").state, State::Sent);
}

async fn a_wish_that_waits_stays_in_the_queue(store: Store) {
    let world = with_order(store).await;
    let actor = store::Actor::Parent(world.maria);
    let wish = |who: &'static str, at: &'static str| {
        let world = &world;
        async move {
            let made = world.invite(world.maria, who, at, &[world.ana]).await;
            made.expect("kept")
        }
    };
    let held = wish("Uncle", "sean@b\u{fc}cher.example").await;
    let other = email("other@x.example");
    let changed = world
        .store
        .change_address(held.id, &other, actor, now())
        .await;
    assert_eq!(refused(changed), Refusal::NeedsApproval);
    // Taken back and wished anew under another name and address, it still waits.
    world
        .store
        .remove_invitation(held.id, actor, now())
        .await
        .expect("removed");
    let again = wish("Aunt", "other@x.example").await;
    assert_eq!(again.state, State::Held);
    // The office declines it: the same again waits, and somebody else does not.
    world
        .store
        .decline(again.id, &Note::default(), OFFICE, now())
        .await
        .expect("declined");
    // Nobody but the parent hears of it.
    let minute = SignedDuration::from_mins(1);
    let mails = world
        .store
        .claim_mail(store::Channel::Email, 9, minute, later(1))
        .await;
    let mails = mails.expect("read");
    let told: Vec<_> = mails
        .iter()
        .map(letter)
        .map(|it| (it.kind, it.to))
        .collect();
    assert_eq!(told, [(MailKind::Declined, Holder::Parent(world.maria))]);
}

async fn an_order_ends_calls_that_run_over(store: Store) {
    let world = World::new(store).await;
    let own = hand_out(&world, world.paul).await.expect("a link");
    let as_guest = world
        .invite(world.maria, "Dad", "paul@home.example", &[world.ana])
        .await
        .expect("invited");
    let of_his = world
        .invite(world.paul, "Friend", "friend@x.example", &[world.ana])
        .await
        .expect("invited");
    let evening = world.store.evening(world.evening).await.expect("there");
    let late = evening.end + SignedDuration::from_hours(3);
    let links = world
        .store
        .links_of_evening(world.evening, now())
        .await
        .expect("read");
    let mut expected: Vec<_> = links
        .iter()
        .filter(|it| {
            [
                Holder::Parent(world.paul),
                Holder::Guest(as_guest.id),
                Holder::Guest(of_his.id),
            ]
            .contains(&it.holder)
        })
        .map(|it| it.record.id)
        .collect();
    assert!(expected.contains(&own.id) && expected.len() == 3);
    expected.sort_unstable();
    let died = world.store.set_court_order(world.paul, OFFICE, late).await;
    let mut died = died.expect("set").links;
    died.sort_unstable();
    assert_eq!(died, expected);
}
