//! Contacts are invited to register, and have an account (DIR-2 to DIR-5, DIR-9).

use jiff::{SignedDuration, Timestamp};
use links::Secret;
use school::registration::GOOD_FOR;
use school::{ContactId, Refusal};
use store::{
    Letter, Mail, NewContact, Registering, Registration, RegistrationState, Store, digest,
};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, email, later, name, now, refused};

on_both!(
    an_invitation_is_good_for_fourteen_days_and_only_the_last,
    an_order_stops_it_at_each_step,
    whoever_has_not_registered_is_reminded_twice_by_day,
    one_person_in_two_rows_has_one_account,
    another_address_is_anothers,
    all_parents_are_those_who_may_be_invited,
    an_account_is_closed_and_a_link_signs_in_once
);

fn secret(mail: &Mail) -> &Secret {
    match &mail.letter {
        Letter::Registration(letter) => &letter.secret,
        Letter::AccountLink { secret } => secret,
        other @ (Letter::Evening(_)
        | Letter::Guest(_)
        | Letter::Waiting(_)
        | Letter::NewPassword { .. }) => {
            panic!("another letter: {other:?}")
        }
    }
}

/// Sends an invitation, and gives what its link opens things by.
async fn invited(store: &Store, contact: ContactId, at: Timestamp) -> [u8; 32] {
    let sent = store.send_registrations(&[contact], OFFICE, at).await;
    assert_eq!(sent.expect("sent").refused, []);
    let mails = posted(store, at).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    digest(secret(mail))
}

async fn posted(store: &Store, at: Timestamp) -> Vec<Mail> {
    let minute = SignedDuration::from_mins(1);
    let mails = store
        .claim_mail(store::Channel::Email, 100, minute, at)
        .await
        .expect("claimed");
    for mail in &mails {
        let sent = store.mail_sent(mail.id, mail.lease, at).await;
        assert!(sent.expect("said"));
    }
    mails
}

async fn opened(store: &Store, link: &[u8; 32], at: Timestamp) -> Option<Registration> {
    store.registration(link, at).await.expect("read")
}

async fn state(store: &Store, link: &[u8; 32], at: Timestamp) -> Option<RegistrationState> {
    opened(store, link, at).await.map(|it| it.state)
}

fn anew() -> Registering {
    Registering::Anew("a hash".to_owned())
}

async fn an_invitation_is_good_for_fourteen_days_and_only_the_last(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let first = invited(store, world.maria, now()).await;
    let open = opened(store, &first, now()).await.expect("known");
    assert_eq!(open.until, now() + GOOD_FOR);
    assert_eq!(open.students, [name("Ana Santos"), name("Ben Santos")]);
    let minute = SignedDuration::from_mins(1);
    let end = now() + GOOD_FOR;
    let just_before = state(store, &first, end - minute).await;
    assert_eq!(just_before, Some(RegistrationState::Open));
    let after = end + minute;
    let just_after = state(store, &first, after).await;
    assert_eq!(just_after, Some(RegistrationState::Expired));
    let too_late = store.register(&first, anew(), after).await;
    assert_eq!(refused(too_late.map(|_| ())), Refusal::SetUpDone);

    let second = invited(store, world.maria, after).await;
    let old = state(store, &first, after).await;
    assert_eq!(old, Some(RegistrationState::Replaced));
    let old = store.register(&first, anew(), after).await;
    assert_eq!(refused(old.map(|_| ())), Refusal::SetUpDone);
    let registered = store.register(&second, anew(), after).await;
    let (account, address) = registered.expect("registered");
    assert_eq!(address, email("maria@home.example"));
    let used = state(store, &second, after).await;
    assert_eq!(used, Some(RegistrationState::Registered));
    let again = store.register(&second, anew(), after).await;
    assert_eq!(refused(again.map(|_| ())), Refusal::SetUpDone);
    let again = store
        .send_registrations(&[world.maria], OFFICE, after)
        .await;
    let again = again.expect("done");
    assert_eq!((again.sent, again.refused[0].2), (0, Refusal::EmailTaken));
    let page = store.students("ana", None, 9).await.expect("read");
    let contacts = page.students[0].contacts.iter();
    let registered: Vec<_> = contacts.map(|it| (it.id, it.is_registered)).collect();
    assert!(registered.contains(&(world.maria, true)));
    assert!(registered.contains(&(world.paul, false)));
    let home = store.account_home(account, now()).await.expect("read");
    assert_eq!(home.people.len(), 1);
    assert_eq!(home.people[0].students.len(), 2);
    assert_eq!(home.evenings.len(), 1, "booking is open");
}

async fn whoever_has_not_registered_is_reminded_twice_by_day(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let first = invited(store, world.maria, now()).await;
    let link = invited(store, world.omar, now()).await;
    let registered = store.register(&link, anew(), now()).await;
    registered.expect("registered");
    let after = |days: i64, hours: i64| now() + SignedDuration::from_hours(24 * days + hours);
    let reminded = async |at| store.remind(at).await.expect("looked");
    assert_eq!(reminded(after(5, 0)).await, 0, "off by default");
    let mut school = store.school().await.expect("read");
    school.reminds = true;
    let changed = store.change_school(&school, OFFICE, now()).await;
    changed.expect("changed");
    assert_eq!(reminded(after(4, 23)).await, 0, "not yet");
    assert_eq!(reminded(after(5, 9)).await, 0, "21:00");
    assert_eq!(reminded(after(5, 22)).await, 1, "10:00");
    assert_eq!(reminded(after(6, 0)).await, 0, "once");
    let mails = posted(store, after(6, 0)).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    let Letter::Registration(letter) = &mail.letter else {
        panic!("{mail:?}")
    };
    assert!(letter.is_reminder);
    assert_eq!(letter.until, now() + GOOD_FOR, "it is no new invitation");
    // Both links are of the one invitation.
    for link in [first, digest(secret(mail))] {
        let open = state(store, &link, after(6, 0)).await;
        assert_eq!(open, Some(RegistrationState::Open));
    }
    assert_eq!(reminded(after(10, 0)).await, 1);
    assert_eq!(reminded(after(13, 0)).await, 0, "twice");
    // Sent anew, it begins again; an order ends it.
    let again = [world.maria];
    let sent = store.send_registrations(&again, OFFICE, after(13, 0)).await;
    sent.expect("sent");
    assert_eq!(reminded(after(14, 0)).await, 0);
    let order = store.set_court_order(world.maria, OFFICE, after(14, 0));
    order.await.expect("set");
    assert_eq!(reminded(after(18, 0)).await, 0);
}

async fn an_order_stops_it_at_each_step(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    // After it is sent.
    let link = invited(store, world.paul, now()).await;
    let set = store.set_court_order(world.paul, OFFICE, now()).await;
    set.expect("set");
    assert!(opened(store, &link, now()).await.is_none());
    let tried = store.register(&link, anew(), now()).await;
    assert_eq!(refused(tried.map(|_| ())), Refusal::SetUpDone);
    // Before it is sent.
    let sent = store.send_registrations(&[world.paul], OFFICE, now()).await;
    let sent = sent.expect("done");
    assert_eq!(
        (sent.sent, sent.refused[0].2),
        (0, Refusal::CourtOrderStands)
    );
    // While it waits to be sent.
    let sent = store.send_registrations(&[world.omar], OFFICE, now()).await;
    assert_eq!(sent.expect("queued").sent, 1);
    let set = store.set_court_order(world.omar, OFFICE, now()).await;
    set.expect("set");
    assert!(posted(store, now()).await.is_empty());
    // Once they have an account.
    let link = invited(store, world.maria, now()).await;
    let registered = store.register(&link, anew(), now()).await;
    let (account, _) = registered.expect("registered");
    let of = (world.evening, world.maria);
    let has = store.check_takes_part(account, of, now()).await;
    has.expect("hers");
    let set = store.set_court_order(world.maria, OFFICE, now()).await;
    set.expect("set");
    let home = store.account_home(account, now()).await.expect("read");
    assert!(home.people.is_empty() && home.evenings.is_empty());
    let has = store.check_takes_part(account, of, now()).await;
    assert_eq!(refused(has), Refusal::NotFound);
}

async fn one_person_in_two_rows_has_one_account(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let twin = contact(store, "MARIA SANTOS", "Maria@home.example", &[world.cem]).await;
    let link = invited(store, world.maria, now()).await;
    let registered = store.register(&link, anew(), now()).await;
    let (account, _) = registered.expect("registered");
    let home = store.account_home(account, now()).await.expect("read");
    assert_eq!(home.people.len(), 2);
    store.check_own(account, twin).await.expect("theirs too");
    let other = store.check_own(account, world.paul).await;
    assert_eq!(refused(other), Refusal::NotFound);
    // A third row, entered since, adds itself by the password that they have.
    let third = contact(store, "Maria Santos", "maria@home.example", &[world.cem]).await;
    let link = invited(store, third, now()).await;
    let known = opened(store, &link, now()).await.expect("known").account;
    assert!(known.is_some_and(|it| it.id == account && !it.is_anothers));
    let second = store.register(&link, anew(), now()).await;
    assert_eq!(refused(second.map(|_| ())), Refusal::EmailTaken);
    let added = store.register(&link, Registering::With(account), now());
    added.await.expect("added");
    // Somebody else who shares the address has none of it.
    let shares = contact(store, "Luis Santos", "maria@home.example", &[world.ana]).await;
    let link = invited(store, shares, now()).await;
    let known = opened(store, &link, now()).await.expect("known").account;
    assert!(known.is_some_and(|it| it.is_anothers));
    let tried = store.register(&link, Registering::With(account), now());
    assert_eq!(refused(tried.await.map(|_| ())), Refusal::EmailTaken);
}

async fn another_address_is_anothers(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let link = invited(store, world.maria, now()).await;
    let registered = store.register(&link, anew(), now()).await;
    let (account, _) = registered.expect("registered");
    let waits = invited(store, world.paul, now()).await;
    for (who, called, student) in [
        (world.maria, "Maria Santos", world.ana),
        (world.paul, "Paul Costa", world.ana),
    ] {
        let changed = NewContact {
            name: name(called),
            email: Some(email("other@home.example")),
            students: vec![store::Guardian {
                student,
                relationship: String::new(),
            }],
        };
        let changed = store.change_contact(who, &changed, OFFICE, now()).await;
        changed.expect("changed");
    }
    assert!(opened(store, &waits, now()).await.is_none());
    let home = store.account_home(account, now()).await.expect("read");
    assert!(home.people.is_empty());
    let gone = store.account_by_email(&email("maria@home.example")).await;
    assert!(gone.expect("read").is_none());
}

async fn all_parents_are_those_who_may_be_invited(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let set = store.set_court_order(world.paul, OFFICE, now()).await;
    set.expect("set");
    let all = store.invitable(now()).await.expect("read");
    let whom: Vec<_> = all.contacts.iter().map(|it| it.contact).collect();
    assert_eq!(whom, [world.maria, world.omar]);
    assert_eq!((all.total, all.invited), (2, 0));
    invited(store, world.maria, now()).await;
    let all = store.invitable(now()).await.expect("read");
    assert_eq!((all.total, all.invited), (1, 1));
    // Whoever was never invited comes before those whose invitation has expired.
    let all = store.invitable(now() + GOOD_FOR).await.expect("read");
    let whom: Vec<_> = all.contacts.iter().map(|it| it.contact).collect();
    assert_eq!(whom, [world.omar, world.maria]);
}

async fn an_account_is_closed_and_a_link_signs_in_once(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let address = email("MARIA@home.example");
    let nobody = store.send_account_link(&address, now()).await;
    assert!(!nobody.expect("looked"));
    let link = invited(store, world.maria, now()).await;
    let registered = store.register(&link, anew(), now()).await;
    let (account, _) = registered.expect("registered");
    let begun = store.begin_account_session(account, &[1; 32], later(60), now());
    begun.await.expect("signed in");
    assert!(
        store
            .send_account_link(&address, now())
            .await
            .expect("sent")
    );
    let mails = posted(store, now()).await;
    let link = digest(secret(&mails[0]));
    let over = SignedDuration::from_hours(1);
    let late = store.account_of_link(&link, now() + over).await;
    assert!(late.expect("read").is_none());
    let session = (&[2; 32], later(60));
    let hash = Some("another hash");
    let signed_in = store.sign_in_by_link(&link, hash, session, now()).await;
    assert_eq!(signed_in.expect("signed in"), account);
    let again = store.sign_in_by_link(&link, None, session, now()).await;
    assert_eq!(refused(again.map(|_| ())), Refusal::SetUpDone);
    // Another password ends the sessions there were.
    for (digest, is_in) in [([1; 32], false), ([2; 32], true)] {
        let session = store.account_session(&digest, now()).await;
        assert_eq!(session.expect("read").is_some(), is_in);
    }
    store.close_account(account, now()).await.expect("closed");
    let session = store.account_session(&[2; 32], now()).await;
    assert!(session.expect("read").is_none());
    let all = store.invitable(now()).await.expect("read");
    assert!(all.contacts.iter().any(|it| it.contact == world.maria));
}
