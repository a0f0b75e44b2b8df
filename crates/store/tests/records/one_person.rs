//! Two records of one person are shown, made one, parted again, or told apart (DIR-13).

use school::import::{self, Incoming, Outcome};
use school::one_person::Alike;
use school::{ContactId, Countries, Mobile, Refusal};
use store::{Doing, Guardian, Holder, Joined, JoinedAccount, NewContact, Store, Then};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, later, name, now, refused};

on_both!(
    what_one_record_has_comes_to_the_other_and_goes_back,
    what_one_person_can_have_once_is_decided_first,
    an_order_on_either_of_one_person_is_on_both,
    an_import_that_names_both_means_one,
    two_people_are_not_shown_again,
    nothing_of_either_is_left_when_one_person_is_erased,
    whoever_is_parted_has_a_link_that_no_other_has_read,
    what_was_decided_of_one_holds_for_the_other_while_they_are_one,
    by_what_only_the_one_that_goes_is_reached_the_other_is_from_then_on,
    what_parting_does_to_orders_is_in_the_audit_log,
    what_is_cancelled_is_no_appointment_that_comes,
);

const DAY: i64 = 24 * 60;

/// Maria once more, by another address, as the contact of Cem too.
async fn twin(world: &World) -> ContactId {
    let students = [world.ana, world.cem];
    contact(
        &world.store,
        "MARIA  Santos",
        "maria@work.example",
        &students,
    )
    .await
}

async fn join(world: &World, gone: ContactId) -> Joined {
    let both = (world.maria, gone);
    let joined = world.store.join_records(both, OFFICE, now()).await;
    joined.expect("joined")
}

async fn alike(store: &Store) -> Vec<(ContactId, ContactId, Alike)> {
    let (pairs, more) = store.alike_records().await.expect("read");
    assert_eq!(pairs.len(), more);
    pairs
        .iter()
        .map(|it| (it.one.contact, it.other.contact, it.alike))
        .collect()
}

async fn stands(store: &Store, who: ContactId) -> bool {
    let all = store.contacts().await.expect("read");
    all.iter().any(|it| it.id == who)
}

async fn has_order(store: &Store, who: ContactId) -> bool {
    let one = store.contact(who).await.expect("there");
    one.court_order_at.is_some()
}

async fn what_one_record_has_comes_to_the_other_and_goes_back(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    let pair = if world.maria < twin {
        (world.maria, twin, Alike::Name)
    } else {
        (twin, world.maria, Alike::Name)
    };
    assert_eq!(alike(store).await, [pair]);
    world
        .book(twin, world.cem, world.maths, 2)
        .await
        .expect("booked");
    let guest = world
        .invite(twin, "Gran", "gran@x.example", &[world.cem])
        .await
        .expect("invited");
    let hand_out = async |who| {
        let holder = Holder::Parent(who);
        let out = store.hand_out_link(world.evening, holder, OFFICE, now());
        out.await.expect("a link").id
    };
    let (own, theirs) = (hand_out(world.maria).await, hand_out(twin).await);

    let both = (world.maria, twin);
    let shown = store.preview_join(both, OFFICE, now()).await;
    let shown = shown.expect("shown");
    assert!(stands(store, twin).await, "nothing has changed");
    assert_eq!(hand_out(twin).await, theirs);
    let joined = join(&world, twin).await;
    for it in [&shown, &joined] {
        assert_eq!(it.students, [name("Cem Demir")]);
        assert_eq!((it.appointments, it.invitations), (1, 1));
        assert_eq!((it.links, it.links_ended), (0, 1));
        assert_eq!(it.account, JoinedAccount::None);
        assert!(!it.has_order && !it.details);
    }
    assert_eq!(joined.aftermath.links, [theirs]);
    assert!(!stands(store, twin).await);
    assert_eq!(alike(store).await, []);
    assert_eq!(hand_out(world.maria).await, own);
    let again = world.book(world.maria, world.cem, world.maths, 4).await;
    assert_eq!(refused(again), Refusal::AlreadyBooked);
    let left = store.invitations(world.maria, world.evening).await;
    let left = left.expect("read").invitations;
    assert_eq!(left.iter().map(|it| it.id).collect::<Vec<_>>(), [guest.id]);
    // She reads of it.
    let told: Vec<_> = world.send_all().await;
    let maria = Holder::Parent(world.maria);
    assert!(told.iter().any(|it| crate::world::letter(it).to == maria));
    let undo = store.joined_records(now()).await.expect("read");
    assert_eq!(undo.len(), 1);
    goes_back(&world, twin).await;
}

async fn goes_back(world: &World, twin: ContactId) {
    let store = &world.store;
    let both = (world.maria, twin);
    // The other way, or of others: nothing to part.
    let wrong = store.part_records((twin, world.maria), OFFICE, now()).await;
    assert_eq!(refused(wrong), Refusal::NotFound);
    let parted = store.part_records(both, OFFICE, later(DAY - 1)).await;
    parted.expect("parted");
    assert!(stands(store, twin).await);
    let again = world.book(twin, world.cem, world.maths, 4).await;
    assert_eq!(refused(again), Refusal::AlreadyBooked);
    let hers = store.contact(world.maria).await.expect("there");
    let hers: Vec<_> = hers.about.students.iter().map(|it| it.student).collect();
    assert!(!hers.contains(&world.cem) && hers.contains(&world.ana));
    let left = store.invitations(world.maria, world.evening).await;
    assert!(left.expect("read").invitations.is_empty());
    let back = store.invitations(twin, world.evening).await;
    assert_eq!(back.expect("read").invitations.len(), 1);

    // Once more, and too late.
    join(world, twin).await;
    let late = store.part_records(both, OFFICE, later(DAY)).await;
    assert_eq!(refused(late), Refusal::JoinedTooLong);
    assert_eq!(store.joined_records(later(DAY)).await.expect("read"), []);
}

async fn what_one_person_can_have_once_is_decided_first(store: Store) {
    let world = World::new(store).await;
    let twin = twin(&world).await;
    let both = (world.maria, twin);
    let clashes = async || {
        let joined = world.store.join_records(both, OFFICE, now()).await;
        assert_eq!(refused(joined.map(|_| ())), Refusal::RecordsClash);
        assert!(stands(&world.store, twin).await);
    };
    // At one time.
    let book = async |who, student, class, slot| {
        let booked = world.book(who, student, class, slot).await;
        booked.expect("booked").id
    };
    let cancel = async |id| {
        let cancelled = world.store.cancel_booking(twin, id, OFFICE, now()).await;
        cancelled.expect("cancelled");
    };
    book(world.maria, world.ana, world.french, 1).await;
    let same_time = book(twin, world.cem, world.maths, 1).await;
    clashes().await;
    cancel(same_time).await;
    // For one class.
    let same_class = book(twin, world.ana, world.french, 3).await;
    clashes().await;
    cancel(same_class).await;
    // For one student.
    for (who, guest) in [(world.maria, "gran@x.example"), (twin, "aunt@x.example")] {
        let invited = world.invite(who, "Gran", guest, &[world.ana]).await;
        invited.expect("invited");
    }
    clashes().await;
    let wrong = world.store.join_records((twin, twin), OFFICE, now()).await;
    assert_eq!(refused(wrong.map(|_| ())), Refusal::NotFound);
}

async fn an_order_on_either_of_one_person_is_on_both(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    let both = (world.maria, twin);
    // Before they are one: the other waits for the office.
    let order = store.set_court_order(twin, OFFICE, now()).await;
    order.expect("set");
    let waits = store.contact(world.maria).await.expect("there").may_be;
    assert_eq!(waits.map(|it| it.contact), Some(twin));
    let joined = join(&world, twin).await;
    assert!(joined.has_order);
    assert!(has_order(store, world.maria).await);
    // Parted, it is on whom it was on, and the other waits again.
    let parted = store.part_records(both, OFFICE, now()).await;
    parted.expect("parted");
    assert!(has_order(store, twin).await && !has_order(store, world.maria).await);
    let waits = store.contact(world.maria).await.expect("there").may_be;
    assert_eq!(waits.map(|it| it.contact), Some(twin));
    store
        .lift_court_order(twin, OFFICE, now())
        .await
        .expect("lifted");
    // On the record that went, as a page that is still open names it: on them, and on both for good.
    join(&world, twin).await;
    let order = store.set_court_order(twin, OFFICE, later(1)).await;
    order.expect("set");
    assert!(has_order(store, world.maria).await);
    // What the other record said is theirs: its address, in a guest.
    let uncle = world
        .invite(world.omar, "Uncle", "maria@work.example", &[world.cem])
        .await;
    let uncle = uncle.expect("kept");
    assert_eq!(uncle.state, school::invitation::State::Held);
    let parted = store.part_records(both, OFFICE, later(2)).await;
    parted.expect("parted");
    assert!(has_order(store, twin).await && has_order(store, world.maria).await);
}

async fn an_import_that_names_both_means_one(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    join(&world, twin).await;
    let before = store.contacts().await.expect("read");
    let file = "student,homeroom,guardian,e-mail\n\
                Ana Santos,8B,Maria Santos,maria@home.example\n\
                Ana Santos,8B,MARIA Santos,maria@work.example\n\
                Cem Demir,8B,MARIA Santos,maria@work.example\n";
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    let what = (Doing::Surely, Then::Nothing);
    let done = store
        .import(Incoming::some(rows), what, OFFICE, now())
        .await
        .expect("done");
    let outcomes: Vec<_> = done.results.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unchanged; 3]);
    assert_eq!(store.contacts().await.expect("read"), before);
    assert_eq!(alike(store).await, []);
    // Nobody changes what is no longer a record of its own.
    let about = store.contact(twin).await.expect("kept").about;
    let changed = store.change_contact(twin, &about, OFFICE, now()).await;
    assert_eq!(refused(changed), Refusal::NotFound);
    let back = store.bring_back_contact(twin, OFFICE, now()).await;
    assert_eq!(refused(back), Refusal::NotFound);
}

async fn two_people_are_not_shown_again(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    assert_eq!(alike(store).await.len(), 1);
    let said = store
        .tell_records_apart((twin, world.maria), OFFICE, now())
        .await;
    said.expect("said");
    assert_eq!(alike(store).await, []);
    let again = store
        .tell_records_apart((world.maria, twin), OFFICE, now())
        .await;
    again.expect("a colleague said the same");
    // An order is looked at for itself.
    let order = store.set_court_order(twin, OFFICE, later(1)).await;
    order.expect("set");
    let waits = store.contact(world.maria).await.expect("there").may_be;
    assert_eq!(waits.map(|it| it.contact), Some(twin));
}

async fn nothing_of_either_is_left_when_one_person_is_erased(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    world
        .book(twin, world.cem, world.maths, 2)
        .await
        .expect("booked");
    join(&world, twin).await;
    let erased = store.erase_contact(world.maria, OFFICE, now()).await;
    erased.expect("erased");
    for who in [world.maria, twin] {
        assert_eq!(refused(store.contact(who).await), Refusal::NotFound);
    }
}

async fn link_of(world: &World, who: ContactId) -> links::LinkId {
    let holder = Holder::Parent(who);
    let out = world
        .store
        .hand_out_link(world.evening, holder, OFFICE, now());
    out.await.expect("a link").id
}

async fn whoever_is_parted_has_a_link_that_no_other_has_read(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    let both = (world.maria, twin);
    let is_told = async |who| {
        let letters = world.send_all().await;
        let holder = Holder::Parent(who);
        letters
            .iter()
            .any(|it| crate::world::letter(it).to == holder)
    };
    // The link of the one came over, and was sent to the other's address.
    let theirs = link_of(&world, twin).await;
    let joined = join(&world, twin).await;
    assert_eq!((joined.links, joined.links_ended), (1, 0));
    assert_eq!(link_of(&world, world.maria).await, theirs);
    is_told(world.maria).await;
    let parted = store.part_records(both, OFFICE, now()).await;
    assert_eq!(parted.expect("parted").links, [theirs]);
    assert!(is_told(twin).await);
    let theirs_now = link_of(&world, twin).await;
    assert_ne!(theirs_now, theirs);
    // Of two links one ended: nobody has booked, and there is another all the same.
    link_of(&world, world.maria).await;
    let joined = join(&world, twin).await;
    assert_eq!(joined.aftermath.links, [theirs_now]);
    is_told(world.maria).await;
    let parted = store.part_records(both, OFFICE, now()).await;
    parted.expect("parted");
    assert!(is_told(twin).await);
}

async fn may_be(world: &World, who: ContactId) -> Option<ContactId> {
    let one = world.store.contact(who).await.expect("there");
    one.may_be.map(|it| it.contact)
}

async fn what_was_decided_of_one_holds_for_the_other_while_they_are_one(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    let order = async |who, at| {
        let set = store.set_court_order(who, OFFICE, at).await;
        set.expect("set");
    };
    let apart = async |contact, barred| {
        let told = store.tell_apart(contact, barred, OFFICE, now()).await;
        told.expect("told apart");
    };
    let part = async |both| {
        let parted = store.part_records(both, OFFICE, later(3)).await;
        parted.expect("parted");
    };
    // Somebody else is not the one, who has an order; of the other, who has one too, nobody said so.
    order(twin, now()).await;
    let namesake = contact(store, "Maria Santos", "third@x.example", &[world.ana]).await;
    assert_eq!(may_be(&world, namesake).await, Some(twin));
    apart(namesake, twin).await;
    apart(world.maria, twin).await;
    order(world.maria, now()).await;
    assert_eq!(may_be(&world, namesake).await, Some(world.maria));
    join(&world, twin).await;
    assert_eq!(may_be(&world, namesake).await, None);
    part((world.maria, twin)).await;
    assert_eq!(may_be(&world, namesake).await, Some(world.maria));
    for barred in [twin, world.maria] {
        let lifted = store.lift_court_order(barred, OFFICE, now()).await;
        lifted.expect("lifted");
    }
    // The one is not somebody with an order: nor is the other, who has their name from then on.
    order(world.maria, later(1)).await;
    assert_eq!(may_be(&world, twin).await, Some(world.maria));
    let told = store.tell_apart(twin, world.maria, OFFICE, later(2)).await;
    told.expect("told apart");
    let joined = store
        .join_records((world.omar, twin), OFFICE, later(2))
        .await;
    joined.expect("joined");
    assert_eq!(may_be(&world, world.omar).await, None);
    part((world.omar, twin)).await;
    assert_eq!(may_be(&world, twin).await, None);
}

/// Who is reached by nothing.
async fn unreached(world: &World) -> ContactId {
    let new = NewContact {
        mobile: None,
        name: name("Maria Santos"),
        email: None,
        students: vec![Guardian {
            student: world.ana,
            relationship: String::new(),
        }],
    };
    let added = world.store.add_contact(&new, OFFICE, now()).await;
    added.expect("added")
}

async fn by_what_only_the_one_that_goes_is_reached_the_other_is_from_then_on(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let kept = unreached(&world).await;
    let hers = store.contact(world.maria).await.expect("there").about;
    let with_number = NewContact {
        mobile: Mobile::read("07700 900321", &Countries::default()).ok(),
        ..hers.clone()
    };
    let changed = store.change_contact(world.maria, &with_number, OFFICE, now());
    changed.await.expect("changed");
    let both = (kept, world.maria);
    let joined = store.join_records(both, OFFICE, now()).await;
    joined.expect("joined");
    let stays = store.contact(kept).await.expect("there").about;
    assert_eq!(
        (stays.email, stays.mobile),
        (hers.email.clone(), with_number.mobile.clone())
    );
    let holder = Holder::Parent(kept);
    let link = store
        .hand_out_link(world.evening, holder, OFFICE, now())
        .await;
    let link = link.expect("a link").id;

    let parted = store.part_records(both, OFFICE, now()).await;
    // It was read where only the other one reads from now on.
    assert!(parted.expect("parted").links.contains(&link));
    let stays = store.contact(kept).await.expect("there").about;
    assert_eq!((stays.email, stays.mobile), (None, None));
    let back = store.contact(world.maria).await.expect("there").about;
    assert_eq!((back.email, back.mobile), (hers.email, with_number.mobile));
}

async fn what_parting_does_to_orders_is_in_the_audit_log(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    let ordered = store.set_court_order(twin, OFFICE, now()).await;
    ordered.expect("entered");
    join(&world, twin).await;
    assert!(has_order(store, world.maria).await);
    let before = store.audit_log(None, 99).await.expect("read").len();
    let parted = store.part_records((world.maria, twin), OFFICE, now()).await;
    parted.expect("parted");
    assert!(has_order(store, twin).await && !has_order(store, world.maria).await);
    let log = store.audit_log(None, 99).await.expect("read");
    let new = log.get(..log.len() - before).expect("the newest first");
    let is_said = |action: &str, who: ContactId| {
        let subject = format!("contact:{who}");
        new.iter()
            .any(|it| it.action == action && it.subject == subject)
    };
    assert!(is_said("court_order_lifted", world.maria));
    assert!(is_said("court_order_set", twin));
}

async fn what_is_cancelled_is_no_appointment_that_comes(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = twin(&world).await;
    let booked = world.book(twin, world.cem, world.maths, 2).await;
    let booked = booked.expect("booked");
    let cancelled = store.cancel_booking(twin, booked.id, OFFICE, now()).await;
    cancelled.expect("cancelled");
    assert_eq!(join(&world, twin).await.appointments, 0);
}
