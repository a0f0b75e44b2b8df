//! E-mails that are to be sent (OPS-4).

use jiff::SignedDuration;
use school::JointTeachers;
use store::{Actor, Delivery, Holder, Mail, MailKind, NewClass, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, draft, email, label, later, letter, now};

on_both!(
    what_is_claimed_is_nobody_elses_until_its_lease_ends,
    claims_of_the_dead_are_ended,
    who_died_sending_leaves_one_to_be_sent,
    a_clock_that_is_set_moves_what_waits,
    two_who_send_never_get_the_same,
    what_failed_comes_again_and_what_was_refused_does_not,
    five_bookings_in_a_row_make_one_confirmation,
    a_report_that_names_no_email_is_of_the_newest_at_most,
    a_guest_hears_of_what_is_booked_later,
    everybody_of_an_evening_gets_their_link,
    what_somebody_reads_goes_with_all_that_is_written_to_them,
    who_is_in_removed_classes_alone_gets_none,
);

const LEASE: SignedDuration = SignedDuration::from_mins(1);

async fn claim(world: &World, minutes: i64) -> Vec<Mail> {
    world
        .store
        .claim_mail(store::Channel::Email, 100, LEASE, later(minutes))
        .await
        .expect("claimed")
}

async fn what_is_claimed_is_nobody_elses_until_its_lease_ends(store: Store) {
    let world = World::new(store).await;
    world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    assert_eq!(
        world
            .store
            .next_mail(store::Channel::Email, now())
            .await
            .expect("read"),
        Some(now())
    );
    let first = claim(&world, 0).await;
    assert_eq!(first.len(), 1);
    assert!(claim(&world, 0).await.is_empty());
    assert_eq!(
        world
            .store
            .next_mail(store::Channel::Email, now())
            .await
            .expect("read"),
        Some(later(1))
    );
    // Whoever claimed it died: another takes it over, and it is the same e-mail.
    let second = claim(&world, 1).await;
    assert_eq!(second[0].message_id, first[0].message_id);
    assert_eq!((first[0].attempts, second[0].attempts), (1, 2));
    // Back from the dead, the first has no say any more.
    let (old, new) = (&first[0], &second[0]);
    assert!(
        !world
            .store
            .mail_sent(old.id, old.lease, later(1))
            .await
            .expect("said")
    );
    assert!(
        !world
            .store
            .mail_refused(old.id, old.lease, "no", now())
            .await
            .expect("said")
    );
    assert!(
        world
            .store
            .mail_sent(new.id, new.lease, later(1))
            .await
            .expect("said")
    );
    assert!(claim(&world, 60).await.is_empty());
    assert_eq!(
        world
            .store
            .next_mail(store::Channel::Email, later(60))
            .await
            .expect("read"),
        None
    );
}

async fn a_clock_that_is_set_moves_what_waits(store: Store) {
    let world = World::new(store).await;
    for guest in ["Rui", "Eva"] {
        let student = if guest == "Rui" { world.ana } else { world.ben };
        world
            .invite(world.maria, guest, "guest@x.example", &[student])
            .await
            .expect("invited");
    }
    let sending = world
        .store
        .claim_mail(store::Channel::Email, 1, LEASE, now())
        .await
        .expect("claimed");
    let hour = SignedDuration::from_hours(1);
    // Back by an hour: what was due is due, and who sends one has it no longer than before.
    assert_eq!(world.store.clock_was_set(-hour).await.expect("told"), 2);
    let waiting = claim(&world, -60).await;
    assert_eq!(waiting.len(), 1);
    assert!(claim(&world, -60).await.is_empty());
    // Forward again: nobody else takes it meanwhile.
    assert_eq!(world.store.clock_was_set(hour).await.expect("told"), 2);
    assert!(claim(&world, 0).await.is_empty());
    let (id, lease) = (sending[0].id, sending[0].lease);
    assert!(world.store.mail_sent(id, lease, now()).await.expect("said"));
    assert_eq!(claim(&world, 1).await.len(), 1, "its lease has ended");
}

async fn claims_of_the_dead_are_ended(store: Store) {
    let world = World::new(store).await;
    assert_eq!(world.store.void_mail_claims(now()).await.expect("none"), 0);
    for guest in ["Rui", "Eva"] {
        let student = if guest == "Rui" { world.ana } else { world.ben };
        world
            .invite(world.maria, guest, "one@x.example", &[student])
            .await
            .expect("invited");
    }
    let first = claim(&world, 0).await;
    assert_eq!(first.len(), 2);
    // One that takes its place waits already.
    let resent = world.store.invitations(world.maria, world.evening).await;
    let id = resent.expect("read").invitations[0].id;
    let actor = Actor::Parent(world.maria);
    let again = world.store.resend(id, actor, now()).await;
    again.expect("resent");
    assert!(
        claim(&world, 0).await.is_empty(),
        "one goes after the other"
    );
    assert_eq!(
        world
            .store
            .next_mail(store::Channel::Email, now())
            .await
            .expect("read"),
        Some(later(1))
    );
    assert_eq!(world.store.void_mail_claims(now()).await.expect("said"), 2);
    let again = claim(&world, 0).await;
    assert_eq!(again.len(), 2);
    for one in &first {
        let same = again.iter().find(|it| it.message_id == one.message_id);
        let is_resent = letter(one).to == Holder::Guest(id);
        assert_eq!(same.map(|it| it.attempts), (!is_resent).then_some(2));
    }
    let kinds = again.iter().map(|it| (letter(it).kind, letter(it).to));
    assert!(
        kinds
            .into_iter()
            .any(|it| it == (MailKind::Resend, Holder::Guest(id)))
    );
}

/// One booking is confirmed, another is made meanwhile, and whoever sends dies: what comes next says
/// both, and nothing after it. Where the other booking is gone again by then, it is the first e-mail
/// once more.
async fn who_died_sending_leaves_one_to_be_sent(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    let first = claim(&world, 1).await;
    world
        .book(world.maria, world.ben, world.maths, 2)
        .await
        .expect("booked");
    world.store.void_mail_claims(later(1)).await.expect("ended");
    let both = claim(&world, 2).await;
    assert_eq!(both.len(), 1);
    assert_eq!(letter(&both[0]).appointments.len(), 2);
    assert_ne!(both[0].message_id, first[0].message_id, "other words");
    // One that is cancelled at once: nothing is to be said but what may have been.
    let third = world.book(world.maria, world.ana, world.maths, 4).await;
    let actor = Actor::Parent(world.maria);
    let cancelled = world
        .store
        .cancel_booking(world.maria, third.expect("booked").id, actor, now())
        .await;
    cancelled.expect("cancelled");
    world.store.void_mail_claims(later(2)).await.expect("ended");
    let again = claim(&world, 3).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].message_id, both[0].message_id, "the same words");
    let sent = world
        .store
        .mail_sent(again[0].id, again[0].lease, later(3))
        .await;
    assert!(sent.expect("said"));
    assert!(claim(&world, 60).await.is_empty(), "nothing is left to say");
}

async fn two_who_send_never_get_the_same(store: Store) {
    let world = World::new(store).await;
    world
        .store
        .send_confirmations(world.evening, OFFICE, now())
        .await
        .expect("queued");
    world
        .store
        .send_teacher_links(world.evening, OFFICE, now())
        .await
        .expect("queued");
    let claim = || {
        world
            .store
            .claim_mail(store::Channel::Email, 2, LEASE, later(0))
    };
    let (a, b, c) = tokio::join!(claim(), claim(), claim());
    let mut ids: Vec<_> = [a, b, c]
        .into_iter()
        .flat_map(|it| it.expect("claimed"))
        .map(|it| it.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

async fn what_failed_comes_again_and_what_was_refused_does_not(store: Store) {
    let world = World::new(store).await;
    world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    let mail = claim(&world, 0).await.remove(0);
    let due = later(5);
    let said = world
        .store
        .mail_later(mail.id, mail.lease, due, ("451\r\ntry later", true))
        .await;
    assert!(said.expect("said"));
    assert!(claim(&world, 4).await.is_empty());
    let again = claim(&world, 5).await.remove(0);
    assert_eq!(again.message_id, mail.message_id);
    let refused = world
        .store
        .mail_refused(again.id, again.lease, "550 no such user", now())
        .await;
    assert!(refused.expect("said"));
    assert!(claim(&world, 60).await.is_empty());
    let all = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    let reason = "550 no such user".to_owned();
    assert_eq!(
        all.invitations[0].delivery,
        Some(Delivery::Bounced { reason })
    );
    // A resend is a new try, and what became of it is what is shown.
    let id = all.invitations[0].id;
    let actor = Actor::Parent(world.maria);
    world
        .store
        .resend(id, actor, later(61))
        .await
        .expect("resent");
    let resent = claim(&world, 61).await.remove(0);
    assert_eq!(
        (letter(&resent).kind, letter(&resent).link),
        (MailKind::Resend, letter(&mail).link)
    );
    assert!(
        world
            .store
            .mail_sent(resent.id, resent.lease, later(61))
            .await
            .expect("said")
    );
    let all = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    assert_eq!(all.invitations[0].delivery, Some(Delivery::Sent));
    let bounced = world
        .store
        .mail_reported(
            (std::slice::from_ref(&resent.message_id), &[]),
            Some("mailbox full"),
            now(),
        )
        .await;
    assert!(bounced.expect("said"));
    let all = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    assert!(matches!(
        all.invitations[0].delivery,
        Some(Delivery::Bounced { .. })
    ));
}

/// Anybody can write to whoever sends: neither do they choose words for the office, nor walk back through what was sent.
async fn a_report_that_names_no_email_is_of_the_newest_at_most(store: Store) {
    let world = World::new(store).await;
    let invites = [
        (0, "Rui", world.maria, world.ana),
        (1, "Rosa", world.omar, world.cem),
    ];
    for (minute, name, parent, own) in invites {
        let own = [own];
        let asked = world.invite(parent, name, "home@x.example", &own);
        asked.await.expect("invited");
        let mail = claim(&world, minute).await.remove(0);
        let sent = world.store.mail_sent(mail.id, mail.lease, later(minute));
        assert!(sent.await.expect("said"));
    }
    let to = [email("home@x.example")];
    let report = async |minute| {
        let words = Some("call 0900 now");
        let reported = world.store.mail_reported((&[], &to), words, later(minute));
        reported.await.expect("said")
    };
    assert!(!report(62).await, "none went out in the hour before");
    assert!(report(30).await);
    assert!(
        !report(31).await,
        "the one before it is not said to have come back"
    );
    let delivery = async |parent| {
        let all = world.store.invitations(parent, world.evening).await;
        all.expect("read").invitations.remove(0).delivery
    };
    assert_eq!(delivery(world.maria).await, Some(Delivery::Sent));
    let Some(Delivery::Bounced { reason }) = delivery(world.omar).await else {
        panic!("the newest came back");
    };
    assert!(!reason.contains("0900"), "{reason}");
}

async fn five_bookings_in_a_row_make_one_confirmation(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    world
        .book(world.maria, world.ben, world.french, 1)
        .await
        .expect("booked");
    world
        .book(world.maria, world.ana, world.maths, 2)
        .await
        .expect("booked");
    assert!(
        claim(&world, 0).await.is_empty(),
        "it waits for more to come"
    );
    let mails = claim(&world, 1).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (letter(&mails[0]).kind, letter(&mails[0]).to),
        (MailKind::Confirmation, Holder::Parent(world.maria))
    );
    assert_eq!(letter(&mails[0]).appointments.len(), 3);
    // One more while it is being sent: another is due, and a failed first gives way to it.
    world
        .book(world.maria, world.ben, world.maths, 3)
        .await
        .expect("booked");
    let later_on = world
        .store
        .mail_later(mails[0].id, mails[0].lease, later(9), ("451", true))
        .await;
    assert!(later_on.expect("said"));
    let mails = claim(&world, 60).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(letter(&mails[0]).appointments.len(), 4);
}

async fn a_guest_hears_of_what_is_booked_later(store: Store) {
    let world = World::new(store).await;
    world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    let book = async |student, class, slot| {
        let booked = world.book(world.maria, student, class, slot).await;
        booked.expect("booked")
    };
    let to_guest = |mails: Vec<Mail>| -> Vec<Mail> {
        let is_guests = |it: &Mail| matches!(letter(it).to, Holder::Guest(_));
        mails.into_iter().filter(is_guests).collect()
    };
    // The invitation waits yet: it will say so itself.
    book(world.ana, world.french, 0).await;
    let mails = to_guest(claim(&world, 0).await);
    assert_eq!(
        (mails.len(), letter(&mails[0]).kind),
        (1, MailKind::Invitation)
    );
    assert_eq!(letter(&mails[0]).appointments.len(), 1);
    // Ben is not covered, and no other parent's booking is.
    book(world.ben, world.french, 1).await;
    let pauls = world.book(world.paul, world.ana, world.maths, 2).await;
    pauls.expect("booked");
    let sent = world.store.mail_sent(mails[0].id, mails[0].lease, now());
    assert!(sent.await.expect("said"));
    assert!(to_guest(claim(&world, 5).await).is_empty());
    book(world.ana, world.maths, 3).await;
    let mails = to_guest(claim(&world, 5).await);
    assert_eq!((mails.len(), letter(&mails[0]).kind), (1, MailKind::Booked));
    assert_eq!(letter(&mails[0]).appointments.len(), 2);
    assert!(letter(&mails[0]).link.is_some());
}

async fn everybody_of_an_evening_gets_their_link(store: Store) {
    let world = World::new(store).await;
    world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    let parents = world
        .store
        .send_confirmations(world.evening, OFFICE, now())
        .await;
    assert_eq!(parents.expect("queued").queued, 2);
    let teachers = world
        .store
        .send_teacher_links(world.evening, OFFICE, now())
        .await;
    assert_eq!(teachers.expect("queued").queued, 3);
    let mails = claim(&world, 0).await;
    assert!(mails.iter().all(|it| letter(it).link.is_some()));
    let mut to: Vec<_> = mails.iter().map(|it| letter(it).to).collect();
    to.sort_unstable();
    let mut expected = vec![Holder::Parent(world.maria), Holder::Parent(world.omar)];
    expected.extend(world.teachers.map(Holder::Teacher));
    expected.sort_unstable();
    assert_eq!(to, expected);
    let people = world.store.participants(world.evening).await.expect("read");
    assert_eq!((people.teachers.len(), people.parents.len()), (3, 2));
    let waiting = |it: &store::Participant| it.mail == Some((now(), Delivery::Waiting));
    assert!(people.parents.iter().all(waiting));
}

async fn who_is_in_removed_classes_alone_gets_none(store: Store) {
    let world = World::new(store).await;
    let removed = world.store.remove_class(world.french, OFFICE, now()).await;
    removed.expect("removed");
    let class = NewClass {
        name: label("8B Maths"),
        subject: label("Maths"),
        teachers: JointTeachers::new(vec![world.teachers[1]]).expect("one"),
        students: Some(vec![world.cem]),
    };
    let changed = world.store.change_class(world.maths, &class, OFFICE, now());
    changed.await.expect("changed");
    let parents = world
        .store
        .send_confirmations(world.evening, OFFICE, now())
        .await;
    assert_eq!(parents.expect("queued").queued, 1);
    let teachers = world
        .store
        .send_teacher_links(world.evening, OFFICE, now())
        .await;
    assert_eq!(teachers.expect("queued").queued, 1);
    let to: Vec<_> = claim(&world, 0)
        .await
        .iter()
        .map(|it| letter(it).to)
        .collect();
    assert!(to.contains(&Holder::Parent(world.omar)), "{to:?}");
    assert!(to.contains(&Holder::Teacher(world.teachers[1])), "{to:?}");
    let people = world.store.participants(world.evening).await.expect("read");
    assert_eq!((people.teachers.len(), people.parents.len()), (1, 1));
}

async fn what_somebody_reads_goes_with_all_that_is_written_to_them(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let sent = store.send_confirmations(world.evening, OFFICE, now()).await;
    assert_eq!(sent.expect("queued").queued, 3);
    let mails = world.send_all().await;
    assert!(mails.iter().all(|it| it.language.is_none()));
    let is_hers = |it: &&Mail| letter(it).to == Holder::Parent(world.maria);
    let hers = mails.iter().find(is_hers).expect("hers");
    let link = letter(hers).link.as_ref().expect("her link").id;
    store.reads_language(link, "pl").await.expect("said");
    // A guest of whom nobody knows it reads what whoever invites them reads.
    world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    // Of another evening she has opened no link yet.
    let later_on = draft();
    let classes = [world.french, world.maths];
    let other = store.add_evening(later_on, &classes, OFFICE, now()).await;
    let sent = store
        .send_confirmations(other.expect("added"), OFFICE, now())
        .await;
    assert_eq!(sent.expect("queued").queued, 3);
    let mails = world.send_all().await;
    let languages = |is: fn(&Mail, &World) -> bool| -> Vec<_> {
        let some = mails.iter().filter(|it| is(it, &world));
        some.map(|it| it.language.as_deref()).collect()
    };
    let is_guests = |it: &Mail, _: &World| matches!(letter(it).to, Holder::Guest(_));
    assert_eq!(languages(is_guests), [Some("pl")]);
    let is_marias = |it: &Mail, world: &World| letter(it).to == Holder::Parent(world.maria);
    assert_eq!(languages(is_marias), [Some("pl")]);
    let is_omars = |it: &Mail, world: &World| letter(it).to == Holder::Parent(world.omar);
    assert_eq!(languages(is_omars), [None]);
    // By any of her links she may say another.
    let hers = mails.iter().find(is_hers).expect("hers");
    let link = letter(hers).link.as_ref().expect("her link").id;
    store.reads_language(link, "uk").await.expect("said");
    for mail in &mails {
        if let Some(link) = letter(mail).link.as_ref() {
            let held = store
                .link(link.id, now())
                .await
                .expect("read")
                .expect("known");
            let wanted = is_hers(&mail).then_some("uk");
            assert_eq!(held.language.as_deref(), wanted);
        }
    }
}
