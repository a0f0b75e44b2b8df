//! Guests who are invited out of a meeting, and what is sent to them (ROOM-2, OPS-4).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use school::meeting::{Door, Role};
use school::rooms::Terms;
use school::{Countries, MeetingId, Mobile, Refusal, VisitorId};
use store::{
    Action, Address, CallGuest, Channel, Delivery, Error, Holder, Letter, LinkState, NewCallGuest,
    NewContact, NewStaff, Reach, RoomDraft, Store,
};

use crate::places::{OPTIONS, on_both};
use crate::world::{OFFICE, World, contact, email, label, later, name, now, refused};

on_both!(
    a_guest_is_invited_to_a_room_by_email_by_text_and_by_link,
    a_removed_guest_is_out_and_their_link_dead,
    a_guest_who_is_written_to_again_is_the_same_for_another_day,
    a_guest_of_an_appointment_is_in_that_one_alone_and_goes_with_the_parent,
    whoever_an_order_keeps_away_is_not_invited_and_goes_at_once,
    texts_go_by_the_same_outbox_and_neither_holds_up_the_other,
    a_school_sends_so_many_texts_a_day_and_nobody_invites_without_end,
    whoever_asks_is_counted_and_one_guest_is_written_to_a_few_times_a_day,
    a_press_that_is_repeated_sends_nothing_more,
    what_would_come_after_the_meeting_is_given_up_and_shown,
    a_guest_of_another_day_says_anew_who_they_are_and_a_bounce_is_not_hidden,
    whoever_took_the_name_of_somebody_with_an_order_goes_when_it_comes,
    a_link_at_which_such_a_name_was_given_waits_for_the_office,
    nobody_is_refused_because_nobody_has_named_them,
    guests_of_calls_are_forgotten_after_the_schools_period,
    nobody_is_led_to_a_room_that_is_closed,
);

const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// Whoever has lost their invitation gets it again while it leads somewhere.
async fn nobody_is_led_to_a_room_that_is_closed(store: Store) {
    let (ann, meeting) = room(&store).await;
    invite(&store, meeting, ann, &new(by_email("rui@x.example"), "1")).await;
    let id = store.rooms().await.expect("read").remove(0).id;
    let lost = async || {
        let address = email("rui@x.example");
        let sent = store.send_lost_invitations(&address, later(30)).await;
        sent.expect("sent")
    };
    assert_eq!(lost().await, 1);
    store.close_room(id, OFFICE, now()).await.expect("closed");
    assert_eq!(lost().await, 0);
    store.reopen_room(id, OFFICE, now()).await.expect("open");
    assert_eq!(lost().await, 1);
}

pub(crate) async fn room(store: &Store) -> (Holder, MeetingId) {
    let staff = NewStaff {
        name: name("Ann"),
        email: email("ann@school.example"),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Member,
    };
    let ann = store.add_staff(&staff, OFFICE, now()).await.expect("added");
    let draft = RoomDraft {
        name: label("Room 1"),
        door: Door::Open,
        members: BTreeSet::from([ann]),
        terms: Terms::default(),
    };
    let room = store.add_room(&draft, OFFICE, now()).await.expect("added");
    let meeting = store.room(room).await.expect("there").meeting;
    (Holder::Staff(ann), meeting)
}

pub(crate) fn by_email(address: &str) -> Reach {
    Reach::Email(email(address))
}

pub(crate) fn by_text(number: &str) -> Reach {
    Reach::Mobile(Mobile::read(number, &Countries::default()).expect("a number"))
}

pub(crate) fn new(reach: Reach, press: &str) -> NewCallGuest {
    NewCallGuest {
        reach,
        language: Some("pl".to_owned()),
        attempt: press.to_owned(),
    }
}

pub(crate) async fn invite(
    store: &Store,
    to: MeetingId,
    by: Holder,
    new: &NewCallGuest,
) -> VisitorId {
    let invited = store.invite_guest(to, new, by, now()).await;
    invited.expect("invited").0
}

async fn guest(store: &Store, meeting: MeetingId, id: VisitorId) -> Option<CallGuest> {
    match store.call_guest(meeting, id).await {
        Ok(guest) => Some(guest),
        Err(Error::Refused(Refusal::NotFound)) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn who_may_come(store: &Store, meeting: MeetingId) -> Vec<(String, Role)> {
    let found = store.gathering(meeting, now()).await.expect("read");
    let all = found.expect("a meeting").meeting.entitled;
    all.iter()
        .map(|it| (it.name.reveal().to_owned(), it.role))
        .collect()
}

async fn a_guest_is_invited_to_a_room_by_email_by_text_and_by_link(store: Store) {
    let (ann, meeting) = room(&store).await;
    let gus = new(by_email("gus@example.com"), "press 1");
    let gus_id = invite(&store, meeting, ann, &gus).await;
    assert_eq!(
        invite(&store, meeting, ann, &gus).await,
        gus_id,
        "one press"
    );
    let tess = new(by_text("07400 123456"), "press 2");
    invite(&store, meeting, ann, &tess).await;
    let lea = invite(&store, meeting, ann, &new(Reach::Link, "press 3")).await;
    let guests = || ("Guest".to_owned(), Role::Guest);
    let ann_too = ("Ann".to_owned(), Role::Member);
    let all = [ann_too.clone(), guests(), guests(), guests()];
    assert_eq!(who_may_come(&store, meeting).await, all);
    let mails = store.claim_mail(Channel::Email, 9, LEASE, now()).await;
    let mails = mails.expect("claimed");
    let Letter::Guest(letter) = &mails[0].letter else {
        panic!("an invitation");
    };
    assert_eq!(mails.len(), 1, "a press that is repeated writes once");
    assert_eq!(mails[0].address, Address::Email(email("gus@example.com")));
    assert_eq!(letter.inviter, Some(name("Ann")));
    assert_eq!(letter.room, Some(label("Room 1")));
    assert_eq!(mails[0].language.as_deref(), Some("pl"));
    let gus = guest(&store, meeting, gus_id).await.expect("invited");
    assert_eq!(gus.link, letter.link);
    assert_eq!(gus.delivery, Some(Delivery::Waiting));
    let texts = store.claim_mail(Channel::Text, 9, LEASE, now()).await;
    let texts = texts.expect("claimed");
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].address.reveal(), "+447400123456");
    let lea = guest(&store, meeting, lea).await.expect("invited");
    assert_eq!((lea.delivery, lea.reach), (None, Reach::Link));
    // They say who they are; then they are called so.
    let held = store.link(gus.link.id, now()).await.expect("read");
    let held = held.expect("known");
    assert!(held.is_nameless && held.holder == Holder::Visitor(gus_id));
    let named = store
        .name_guest(gus_id, (&name("Gus"), "their press"), now())
        .await;
    assert_eq!(named.expect("named").changed, BTreeSet::from([meeting]));
    let held = store.link(gus.link.id, now()).await.expect("read");
    assert!(!held.expect("known").is_nameless);
    assert_eq!(who_may_come(&store, meeting).await[1].0, "Gus");
    store
        .joined(Holder::Visitor(gus_id), meeting, now())
        .await
        .expect("joined");
    assert!(
        guest(&store, meeting, gus_id)
            .await
            .expect("there")
            .has_joined
    );
}

async fn a_removed_guest_is_out_and_their_link_dead(store: Store) {
    let (ann, meeting) = room(&store).await;
    let id = invite(
        &store,
        meeting,
        ann,
        &new(by_email("gus@example.com"), "press"),
    )
    .await;
    let gus = guest(&store, meeting, id).await.expect("invited");
    assert_eq!(who_may_come(&store, meeting).await.len(), 2);
    let removed = store.remove_guest(meeting, id, ann, later(1)).await;
    let removed = removed.expect("removed");
    assert_eq!(removed.links, [gus.link.id]);
    assert_eq!(removed.changed, BTreeSet::from([meeting]));
    let held = store.link(gus.link.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Withdrawn);
    let ann_alone = [("Ann".to_owned(), Role::Member)];
    assert_eq!(who_may_come(&store, meeting).await, ann_alone);
    assert!(guest(&store, meeting, id).await.is_none());
    let waiting = store.claim_mail(Channel::Email, 9, LEASE, later(60)).await;
    assert!(waiting.expect("read").is_empty(), "nothing is sent");
    let again = store
        .resend_to_guest((meeting, id), "again", ann, later(2))
        .await;
    assert_eq!(refused(again), Refusal::NotFound);
    let twice = store.remove_guest(meeting, id, ann, later(2)).await;
    assert_eq!(twice.expect("nothing").links, []);
    let log = store.audit_log(None, 100).await.expect("read");
    let rows = log
        .iter()
        .filter(|it| it.action == Action::GuestRemoved.code());
    assert_eq!(rows.count(), 1);
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn a_guest_who_is_written_to_again_is_the_same_for_another_day(store: Store) {
    let (ann, meeting) = room(&store).await;
    let tess = new(by_text("07400 123456"), "press 1");
    let id = invite(&store, meeting, ann, &tess).await;
    let again = new(by_text("+44 7400 123456"), "press 2");
    assert_eq!(invite(&store, meeting, ann, &again).await, id);
    assert_eq!(
        store.call_guests(meeting, now()).await.expect("read").len(),
        1
    );
    let tess = guest(&store, meeting, id).await.expect("there");
    let state = async |minutes| {
        let held = store
            .link(tess.link.id, later(minutes))
            .await
            .expect("read");
        held.expect("known").state
    };
    assert_eq!(state(24 * 60 + 1).await, LinkState::Expired);
    let resent = store
        .resend_to_guest((meeting, id), "again", ann, later(60))
        .await;
    resent.expect("sent");
    assert_eq!(state(24 * 60 + 1).await, LinkState::Live);
}

async fn a_guest_of_an_appointment_is_in_that_one_alone_and_goes_with_the_parent(store: Store) {
    let world = World::new(store).await;
    let book = async |class, slot| {
        let booked = world.book(world.maria, world.ana, class, slot).await;
        booked.expect("booked").meeting
    };
    let (one, other) = (book(world.french, 0).await, book(world.maths, 2).await);
    let store = &world.store;
    let teacher = Holder::Teacher(world.teachers[0]);
    let id = invite(
        store,
        one,
        teacher,
        &new(by_email("aunt@example.com"), "press"),
    )
    .await;
    assert_eq!(who_may_come(store, one).await.len(), 3);
    let (soon, long) = (SignedDuration::from_mins(1), SignedDuration::from_mins(5));
    let start = "2026-11-24T17:00:00Z".parse::<Timestamp>().expect("a time");
    let zone = "Europe/London".to_owned();
    for (at, begins) in [(start - soon, Some((start, zone))), (start + long, None)] {
        let mails = store.claim_mail(Channel::Email, 99, soon, at).await;
        let mails = mails.expect("claimed");
        let letter = mails.iter().find_map(|mail| {
            if let Letter::Guest(letter) = &mail.letter {
                Some(letter.begins.clone())
            } else {
                None
            }
        });
        assert_eq!(letter, Some(begins));
    }
    let elsewhere = who_may_come(store, other).await;
    assert!(elsewhere.iter().all(|(_, role)| *role != Role::Guest));
    let theirs = store
        .appointments_of(Holder::Visitor(id), world.evening)
        .await;
    let theirs: Vec<_> = theirs.expect("read").iter().map(|it| it.meeting).collect();
    assert_eq!(theirs, [one]);
    // What else changes for the appointment leaves them where they are.
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    assert_eq!(who_may_come(store, one).await.len(), 3);
    let link = guest(store, one, id).await.expect("there").link;
    store
        .erase_contact(world.maria, OFFICE, now())
        .await
        .expect("erased");
    assert!(store.link(link.id, now()).await.expect("read").is_none());
    assert!(store.gathering(one, now()).await.expect("read").is_none());
    assert!(store.check_integrity().await.is_ok());
}

async fn whoever_an_order_keeps_away_is_not_invited_and_goes_at_once(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    let store = &world.store;
    let teacher = Holder::Teacher(world.teachers[0]);
    let paul = store.contact(world.paul).await.expect("known").about;
    let address = paul.email.expect("an address");
    let him = Reach::Email(address.clone());
    let id = invite(store, meeting, teacher, &new(him.clone(), "press 1")).await;
    let link = guest(store, meeting, id).await.expect("there").link;
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    assert!(order.expect("entered").links.contains(&link.id));
    let again = store
        .invite_guest(meeting, &new(him, "press 2"), teacher, now())
        .await;
    assert_eq!(refused(again), Refusal::NeedsApproval);
    // Nor by his name, at another address.
    let other = invite(
        store,
        meeting,
        teacher,
        &new(by_text("07400123456"), "press 3"),
    )
    .await;
    let named = store
        .name_guest(other, (&paul.name, "their press"), now())
        .await;
    assert_eq!(refused(named), Refusal::NeedsApproval);
    let log = store.audit_log(None, 100).await.expect("read");
    let rows = log
        .iter()
        .filter(|it| it.action == Action::GuestRefused.code());
    let rows: Vec<_> = rows.map(|it| it.subject.clone()).collect();
    assert_eq!(rows, [format!("contact:{}", world.paul)]);
}

async fn whoever_took_the_name_of_somebody_with_an_order_goes_when_it_comes(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    let store = &world.store;
    let teacher = Holder::Teacher(world.teachers[0]);
    let (ann, room) = room(store).await;
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let mut links = Vec::new();
    for (to, by, press) in [(meeting, teacher, "press 1"), (room, ann, "press 2")] {
        let his = invite(store, to, by, &new(by_text("07400123456"), press)).await;
        let other = invite(
            store,
            to,
            by,
            &new(by_text("07400654321"), &format!("{press}b")),
        )
        .await;
        for (who, called) in [(his, &paul), (other, &name("Tess Small"))] {
            store
                .name_guest(who, (called, "their press"), now())
                .await
                .expect("named");
        }
        links.push(guest(store, to, his).await.expect("there").link.id);
    }
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    let gone = order.expect("entered").links;
    assert!(links.iter().all(|it| gone.contains(it)), "{gone:?}");
    for to in [meeting, room] {
        let left = store.call_guests(to, now()).await.expect("read");
        let left: Vec<_> = left.into_iter().map(|it| it.name).collect();
        assert_eq!(left, [Some(name("Tess Small"))]);
    }
    // Found by their address, when it is known to be his.
    let late = invite(store, room, ann, &new(by_email("p@new.example"), "press 3")).await;
    let kept = store.contact(world.paul).await.expect("known").about;
    let kept = NewContact {
        mobile: None,
        email: Some(email("p@new.example")),
        ..kept
    };
    store
        .change_contact(world.paul, &kept, OFFICE, now())
        .await
        .expect("changed");
    assert!(guest(store, room, late).await.is_none());
}

async fn a_link_at_which_such_a_name_was_given_waits_for_the_office(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    let store = &world.store;
    let teacher = Holder::Teacher(world.teachers[0]);
    store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let office = NewStaff {
        name: name("Olive"),
        email: email("olive@school.example"),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Owner,
    };
    store
        .add_staff(&office, OFFICE, now())
        .await
        .expect("added");
    let his = invite(
        store,
        meeting,
        teacher,
        &new(by_text("07400123456"), "press 1"),
    )
    .await;
    for called in [&paul, &name("Tess Small"), &paul] {
        let named = store.name_guest(his, (called, "their press"), now()).await;
        assert_eq!(refused(named), Refusal::NeedsApproval, "whatever it is");
    }
    let again = store.resend_to_guest((meeting, his), "again", teacher, now());
    assert_eq!(refused(again.await), Refusal::NeedsApproval);
    assert_eq!(guest(store, meeting, his).await.expect("there").name, None);
    assert_eq!(store.attention(now()).await.expect("read").to_decide, 1);
    let held = store.held_guests(now()).await.expect("read").remove(0);
    assert_eq!((held.id, &held.name), (his, &paul));
    assert_eq!(held.inviter, Some(name("Ms Adeyemi")));
    assert_eq!(held.student, Some(name("Ana Santos")));
    assert_eq!(held.contact, Some((world.paul, paul.clone())));
    let mails = store.claim_mail(Channel::Email, 9, LEASE, later(60)).await;
    let mails = mails.expect("claimed");
    let is_told = mails
        .iter()
        .any(|it| matches!(&it.letter, Letter::Waiting(waiting) if waiting.invitations == 1));
    assert!(is_told, "the office is written to");
    let log = store.audit_log(None, 100).await.expect("read");
    let rows = log
        .iter()
        .filter(|it| it.action == Action::GuestHeld.code());
    let rows: Vec<_> = rows.map(|it| it.detail.clone()).collect();
    let contact = format!("contact={}", world.paul);
    assert!(rows.len() == 1 && rows[0].contains(&contact), "{rows:?}");
    // A namesake; they stay so while this order stands.
    let let_in = store.let_guest_in(his, OFFICE, later(1)).await;
    assert_eq!(let_in.expect("let in").changed, BTreeSet::from([meeting]));
    let named = guest(store, meeting, his).await.expect("there").name;
    assert_eq!(named, Some(paul.clone()));
    let kept = store.contact(world.omar).await.expect("known").about;
    let changed = store.change_contact(world.omar, &kept, OFFICE, later(2));
    changed.await.expect("changed");
    assert!(guest(store, meeting, his).await.is_some());
    assert_eq!(store.attention(now()).await.expect("read").to_decide, 0);
    // Another is turned away.
    let other = invite(store, meeting, teacher, &new(Reach::Link, "press 2")).await;
    let named = store.name_guest(other, (&paul, "their press"), now()).await;
    assert_eq!(refused(named), Refusal::NeedsApproval);
    let away = store.turn_guest_away(other, OFFICE, later(3)).await;
    assert_eq!(away.expect("turned away").links.len(), 1);
    assert!(guest(store, meeting, other).await.is_none());
    assert!(store.held_guests(now()).await.expect("read").is_empty());
}

async fn nobody_is_refused_because_nobody_has_named_them(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    let store = &world.store;
    let barred = contact(store, "Guest", "barred@home.example", &[world.ana]).await;
    store
        .set_court_order(barred, OFFICE, now())
        .await
        .expect("entered");
    let teacher = Holder::Teacher(world.teachers[0]);
    let aunt = new(by_email("aunt@example.com"), "press 1");
    let invited = store.invite_guest(meeting, &aunt, teacher, now()).await;
    invited.expect("she has no name yet");
}

async fn whoever_asks_is_counted_and_one_guest_is_written_to_a_few_times_a_day(store: Store) {
    let (ann, meeting) = room(&store).await;
    let bob = NewStaff {
        name: name("Bob"),
        email: email("bob@school.example"),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Member,
    };
    let bob = store.add_staff(&bob, OFFICE, now()).await.expect("added");
    let bob = Holder::Staff(bob);
    let mut guests = Vec::new();
    for press in 0..40 {
        let link = new(Reach::Link, &format!("press {press}"));
        guests.push(invite(&store, meeting, ann, &link).await);
    }
    let one_more = new(Reach::Link, "one more");
    let spent = store.invite_guest(meeting, &one_more, ann, now()).await;
    assert_eq!(refused(spent), Refusal::InvitesSpent);
    let again = async |guest, press: &str, by, minutes| {
        let guest = (meeting, guest);
        store
            .resend_to_guest(guest, press, by, later(minutes))
            .await
    };
    for (press, guest) in guests.iter().enumerate() {
        let press = format!("bob {press}");
        again(*guest, &press, bob, 1)
            .await
            .expect("his are counted");
    }
    let spent = again(guests[0], "bob again", bob, 2).await;
    assert_eq!(refused(spent), Refusal::InvitesSpent);
    // The next day.
    let day = 24 * 60 + 5;
    for press in 0..5 {
        let press = format!("next {press}");
        again(guests[0], &press, ann, day).await.expect("a few");
    }
    for by in [ann, bob] {
        let spent = again(guests[0], &format!("too often {by:?}"), by, day).await;
        assert_eq!(refused(spent), Refusal::InvitesSpent, "whoever asks");
    }
    again(guests[1], "another", bob, day)
        .await
        .expect("another guest");
}

async fn a_press_that_is_repeated_sends_nothing_more(store: Store) {
    let (ann, meeting) = room(&store).await;
    let sent = async || {
        let texts = store.claim_mail(Channel::Text, 9, LEASE, now()).await;
        for text in texts.expect("claimed") {
            let said = store.mail_sent(text.id, text.lease, now()).await;
            said.expect("said");
        }
        store.texts_in_a_day(now()).await.expect("read")
    };
    let tess = |press| new(by_text("07400 123456"), press);
    let id = invite(&store, meeting, ann, &tess("press 1")).await;
    assert_eq!(sent().await, 1);
    invite(&store, meeting, ann, &tess("press 2")).await;
    assert_eq!(sent().await, 2);
    for press in ["press 1", "press 2"] {
        assert_eq!(invite(&store, meeting, ann, &tess(press)).await, id);
        assert_eq!(sent().await, 2, "{press} again");
    }
    for _ in 0..2 {
        let resent = store.resend_to_guest((meeting, id), "press 3", ann, now());
        resent.await.expect("sent");
        assert_eq!(sent().await, 3);
    }
    // Nor does the press of one guest write to another.
    let other = invite(&store, meeting, ann, &new(Reach::Link, "press 4")).await;
    let wrong = store.resend_to_guest((meeting, other), "press 3", ann, now());
    assert_eq!(refused(wrong.await), Refusal::NotFound);
}

async fn what_would_come_after_the_meeting_is_given_up_and_shown(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked");
    let second = world.book(world.maria, world.ben, world.french, 2).await;
    let second = second.expect("booked");
    let store = &world.store;
    let teacher = Holder::Teacher(world.teachers[0]);
    let (ann, room) = room(store).await;
    let mut invited = Vec::new();
    for (to, by) in [
        (room, ann),
        (booked.meeting, teacher),
        (second.meeting, teacher),
    ] {
        let tess = new(by_text("07400 123456"), "press");
        invited.push((to, invite(store, to, by, &tess).await));
    }
    let cancelled = store.cancel_booking(world.maria, second.id, OFFICE, now());
    cancelled.await.expect("cancelled");
    let claim = async |at| {
        let texts = store.claim_mail(Channel::Text, 9, LEASE, at).await;
        texts.expect("claimed").len()
    };
    assert_eq!(claim(now()).await, 2, "the cancelled one is not sent");
    let over = booked.window.closes.max(later(24 * 60));
    assert_eq!(claim(over).await, 0);
    for (to, id) in invited {
        let tess = guest(store, to, id).await.expect("there");
        let reason = "the meeting was over before it could be sent".to_owned();
        assert_eq!(tess.delivery, Some(Delivery::Bounced { reason }));
    }
    assert_eq!(
        store.next_mail(Channel::Text, over).await.expect("read"),
        None
    );
}

async fn a_guest_of_another_day_says_anew_who_they_are_and_a_bounce_is_not_hidden(store: Store) {
    let (ann, meeting) = room(&store).await;
    let gus = new(by_email("gus@example.com"), "press 1");
    let id = invite(&store, meeting, ann, &gus).await;
    let link = guest(&store, meeting, id).await.expect("there").link.id;
    for called in ["Gus", "Another"] {
        let named = store
            .name_guest(id, (&name(called), "their press"), now())
            .await;
        named.expect("once is enough");
    }
    let gus = async || guest(&store, meeting, id).await.expect("there");
    assert_eq!(gus().await.name, Some(name("Gus")));
    let come = store.joined(Holder::Visitor(id), meeting, later(1));
    come.await.expect("joined");
    assert!(gus().await.has_joined);
    let again = async |press: &str, minutes| {
        let guest = (meeting, id);
        let sent = store.resend_to_guest(guest, press, ann, later(minutes));
        sent.await.expect("sent");
        let mails = store.claim_mail(Channel::Email, 9, LEASE, later(minutes));
        let mail = mails.await.expect("claimed").remove(0);
        let sent = store.mail_sent(mail.id, mail.lease, later(minutes)).await;
        sent.expect("said");
        mail
    };
    let first = store.claim_mail(Channel::Email, 9, LEASE, now()).await;
    let first = first.expect("claimed").remove(0);
    let sent = store.mail_sent(first.id, first.lease, now()).await;
    sent.expect("said");
    let mail = again("press 2", 5).await;
    assert!(gus().await.has_joined, "they are in still");
    let ids = [mail.message_id];
    let reported = store
        .mail_reported((&ids, &[]), Some("unknown"), now())
        .await;
    assert!(reported.expect("said"));
    let reason = "unknown".to_owned();
    assert_eq!(gus().await.delivery, Some(Delivery::Bounced { reason }));
    assert!(!gus().await.has_joined, "what came back is newer");
    // Their day ends; the next begins with their name.
    let day = 24 * 60 + 5;
    let living = store.call_guests(meeting, later(day)).await.expect("read");
    assert!(living.is_empty(), "their number is nobody's to read");
    again("press 3", day).await;
    let gus = gus().await;
    assert_eq!((gus.name, gus.has_joined), (None, false));
    let held = store.link(link, later(day)).await.expect("read");
    let held = held.expect("known");
    assert!(held.is_nameless && held.state == LinkState::Live);
    let living = store.call_guests(meeting, later(day)).await.expect("read");
    assert_eq!(living.len(), 1);
}

async fn texts_go_by_the_same_outbox_and_neither_holds_up_the_other(store: Store) {
    let (ann, meeting) = room(&store).await;
    let id = invite(
        &store,
        meeting,
        ann,
        &new(by_text("07400123456"), "press 1"),
    )
    .await;
    let claim = async |channel, minutes| {
        let claimed = store.claim_mail(channel, 9, LEASE, later(minutes)).await;
        claimed.expect("claimed")
    };
    assert!(claim(Channel::Email, 0).await.is_empty());
    assert_eq!(
        store.next_mail(Channel::Email, now()).await.expect("read"),
        None
    );
    assert_eq!(
        store.next_mail(Channel::Text, now()).await.expect("read"),
        Some(now())
    );
    let first = claim(Channel::Text, 0).await.remove(0);
    assert!(claim(Channel::Text, 1).await.is_empty(), "it is another's");
    // Killed: whoever comes after has the claim, under the same name.
    let again = claim(Channel::Text, 11).await.remove(0);
    assert_eq!((again.id, &again.message_id), (first.id, &first.message_id));
    assert!(
        !store
            .mail_sent(first.id, first.lease, later(11))
            .await
            .expect("late")
    );
    let put_off = store
        .mail_later(again.id, again.lease, later(30), ("busy", true))
        .await;
    assert!(put_off.expect("said"));
    assert_eq!(
        store
            .hurry_mail(Channel::Email, 9, later(12))
            .await
            .expect("none"),
        0
    );
    assert_eq!(
        store
            .hurry_mail(Channel::Text, 9, later(12))
            .await
            .expect("one"),
        1
    );
    let last = claim(Channel::Text, 12).await.remove(0);
    assert!(
        store
            .mail_sent(last.id, last.lease, later(12))
            .await
            .expect("said")
    );
    let gone = guest(&store, meeting, id).await.expect("there");
    assert_eq!(gone.delivery, Some(Delivery::Sent));
    // A mail server that writes back of some e-mail says nothing of it.
    let nobody = store
        .mail_reported((&[], &[email("a@b.example")]), Some("no"), now())
        .await;
    assert!(!nobody.expect("read"));
}

async fn a_school_sends_so_many_texts_a_day_and_nobody_invites_without_end(store: Store) {
    let (ann, meeting) = room(&store).await;
    let most = OPTIONS.texts_a_day;
    let invite = async |press: i64, minutes| {
        let new = new(
            by_text(&format!("07400 1{press:05}")),
            &format!("press {press}"),
        );
        store.invite_guest(meeting, &new, ann, later(minutes)).await
    };
    // Others of the school invite as well.
    for press in 0..most {
        invite(press, 0).await.expect("invited");
    }
    assert_eq!(store.texts_in_a_day(now()).await.expect("read"), most);
    assert_eq!(refused(invite(most, 1).await), Refusal::TextsSpent);
    let all = store.call_guests(meeting, now()).await.expect("read");
    assert_eq!(
        i64::try_from(all.len()).expect("few"),
        most,
        "nobody is left half invited"
    );
    let by_mail = async |press: i64| {
        let new = new(
            by_email(&format!("g{press}@example.com")),
            &format!("mail {press}"),
        );
        store.invite_guest(meeting, &new, ann, now()).await
    };
    let mut sent = 0;
    while by_mail(sent).await.is_ok() {
        sent += 1;
        assert!(sent < 100, "without end");
    }
    assert_eq!(refused(by_mail(sent).await), Refusal::InvitesSpent);
    assert!(invite(most, 24 * 60 + 1).await.is_ok(), "the next day");
}

async fn guests_of_calls_are_forgotten_after_the_schools_period(store: Store) {
    let (ann, meeting) = room(&store).await;
    let id = invite(
        &store,
        meeting,
        ann,
        &new(by_text("07400123456"), "press 1"),
    )
    .await;
    let link = guest(&store, meeting, id).await.expect("there").link;
    let then = now() + SignedDuration::from_hours(24 * 501);
    store.erase_expired(then).await.expect("erased");
    assert!(store.link(link.id, now()).await.expect("read").is_none());
    assert!(
        store
            .call_guests(meeting, now())
            .await
            .expect("read")
            .is_empty()
    );
    let left = store.claim_mail(Channel::Text, 9, LEASE, then).await;
    assert!(left.expect("read").is_empty());
    assert_eq!(who_may_come(&store, meeting).await.len(), 1);
    let gone = store.remove_guest(meeting, id, ann, then).await;
    assert_eq!(refused(gone), Refusal::NotFound);
}
