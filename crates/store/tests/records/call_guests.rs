//! Guests who are invited out of a meeting, and what is sent to them (ROOM-2, OPS-4).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use school::meeting::{Door, Role};
use school::{Countries, MeetingId, Mobile, Refusal, VisitorId};
use store::{
    Action, Address, CallGuest, Channel, Delivery, Holder, Letter, LinkState, NewCallGuest,
    NewStaff, Reach, RoomDraft, Store,
};

use crate::places::{OPTIONS, on_both};
use crate::world::{OFFICE, World, email, label, later, name, now, refused};

on_both!(
    a_guest_is_invited_to_a_room_by_email_by_text_and_by_link,
    a_removed_guest_is_out_and_their_link_dead,
    a_guest_who_is_written_to_again_is_the_same_for_another_day,
    a_guest_of_an_appointment_is_in_that_one_alone_and_goes_with_the_parent,
    whoever_an_order_keeps_away_is_not_invited_and_goes_at_once,
    texts_go_by_the_same_outbox_and_neither_holds_up_the_other,
    a_school_sends_so_many_texts_a_day_and_nobody_invites_without_end,
    guests_of_calls_are_forgotten_after_the_schools_period,
);

const LEASE: SignedDuration = SignedDuration::from_mins(10);

async fn room(store: &Store) -> (Holder, MeetingId) {
    let staff = NewStaff {
        name: name("Ann"),
        email: email("ann@school.example"),
        password_hash: "$some".to_owned(),
        is_office: false,
    };
    let ann = store.add_staff(&staff, OFFICE, now()).await.expect("added");
    let draft = RoomDraft {
        name: label("Room 1"),
        door: Door::Open,
        members: BTreeSet::from([ann]),
    };
    let room = store.add_room(&draft, OFFICE, now()).await.expect("added");
    let meeting = store.room(room).await.expect("there").meeting;
    (Holder::Staff(ann), meeting)
}

fn by_email(address: &str) -> Reach {
    Reach::Email(email(address))
}

fn by_text(number: &str) -> Reach {
    Reach::Mobile(Mobile::read(number, &Countries::default()).expect("a number"))
}

fn new(reach: Reach, press: &str) -> NewCallGuest {
    NewCallGuest {
        reach,
        language: Some("pl".to_owned()),
        attempt: press.to_owned(),
    }
}

async fn invite(store: &Store, to: MeetingId, by: Holder, new: &NewCallGuest) -> VisitorId {
    let invited = store.invite_guest(to, new, by, now()).await;
    invited.expect("invited").0
}

async fn guest(store: &Store, meeting: MeetingId, id: VisitorId) -> Option<CallGuest> {
    let all = store.call_guests(meeting).await.expect("read");
    all.into_iter().find(|it| it.id == id)
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
    assert_eq!(letter.language.as_deref(), Some("pl"));
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
    let named = store.name_guest(gus_id, &name("Gus"), now()).await;
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
    let again = store.resend_to_guest(meeting, id, ann, later(2)).await;
    assert_eq!(refused(again), Refusal::NotFound);
    let twice = store.remove_guest(meeting, id, ann, later(2)).await;
    assert_eq!(twice.expect("nothing").links, []);
    let log = store.audit_log(None, 100).await.expect("read");
    let rows = log
        .iter()
        .filter(|it| it.action == Action::GuestRemoved.code());
    assert_eq!(rows.count(), 1);
    assert!(store.check_audit_log().await.expect("read").is_ok());
}

async fn a_guest_who_is_written_to_again_is_the_same_for_another_day(store: Store) {
    let (ann, meeting) = room(&store).await;
    let tess = new(by_text("07400 123456"), "press 1");
    let id = invite(&store, meeting, ann, &tess).await;
    let again = new(by_text("+44 7400 123456"), "press 2");
    assert_eq!(invite(&store, meeting, ann, &again).await, id);
    assert_eq!(store.call_guests(meeting).await.expect("read").len(), 1);
    let tess = guest(&store, meeting, id).await.expect("there");
    let state = async |minutes| {
        let held = store
            .link(tess.link.id, later(minutes))
            .await
            .expect("read");
        held.expect("known").state
    };
    assert_eq!(state(24 * 60 + 1).await, LinkState::Expired);
    let resent = store.resend_to_guest(meeting, id, ann, later(60)).await;
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
    let named = store.name_guest(other, &paul.name, now()).await;
    assert_eq!(refused(named), Refusal::NeedsApproval);
    store
        .name_guest(other, &name("Tess Small"), now())
        .await
        .expect("somebody else");
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
        .mail_reported((&[], &[email("a@b.example")]), Some("no"))
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
    let all = store.call_guests(meeting).await.expect("read");
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
    assert!(store.call_guests(meeting).await.expect("read").is_empty());
    let left = store.claim_mail(Channel::Text, 9, LEASE, then).await;
    assert!(left.expect("read").is_empty());
    assert_eq!(who_may_come(&store, meeting).await.len(), 1);
    let gone = store.remove_guest(meeting, id, ann, then).await;
    assert_eq!(refused(gone), Refusal::NotFound);
}
