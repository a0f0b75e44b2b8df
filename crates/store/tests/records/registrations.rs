//! Contacts are invited to register, and have an account (DIR-2 to DIR-5, DIR-9).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use links::{LinkId, Secret};
use school::registration::{GOOD_FOR, ReachedBy};
use school::{AccountId, ContactId, Countries, EmailAddress, Mobile, Refusal};
use store::{
    Address, AddressLetter, Channel, ContactDetails, Guardian, Holder, Letter, Mail, NewContact,
    Registering, Registration, RegistrationState, Store, digest,
};

use crate::call_guests::{by_email, by_text, new as guest, room};
use crate::places::{OPTIONS, on_both};
use crate::world::{OFFICE, World, contact, email, later, name, now, refused};

on_both!(
    an_invitation_is_good_for_fourteen_days_and_only_the_last,
    an_order_stops_it_at_each_step,
    whoever_has_not_registered_is_reminded_twice_by_day,
    one_person_in_two_rows_has_one_account,
    another_address_is_anothers,
    all_parents_are_those_who_may_be_invited,
    a_text_or_a_letter_leads_to_the_address_that_its_reader_says,
    of_letters_and_texts_only_the_last_works_and_an_order_ends_each,
    an_address_that_is_said_may_be_that_of_somebody_with_an_order,
    texts_that_invite_are_of_the_texts_of_a_day,
    no_text_goes_where_somebody_with_a_court_order_reads,
    nor_at_a_number_that_they_have_said_however_it_is_written,
    a_letter_goes_on_at_the_address_that_the_records_have,
    an_account_is_closed_and_a_link_signs_in_once,
    whoever_is_parted_keeps_nothing_that_the_other_reads,
    whoever_is_parted_has_no_address_that_the_other_has_said,
    details_that_are_saved_unchanged_say_the_language_again,
    what_was_lost_comes_again_while_it_is_good
);

fn secret(mail: &Mail) -> &Secret {
    match &mail.letter {
        Letter::Registration(letter) => &letter.secret,
        Letter::AccountLink { secret } | Letter::Address(AddressLetter::New { secret, .. }) => {
            secret
        }
        other @ (Letter::Evening(_)
        | Letter::Guest(_)
        | Letter::Waiting(_)
        | Letter::AuditHead { .. }
        | Letter::SignIn { .. }
        | Letter::NewPassword { .. }
        | Letter::StudentAdded { .. }
        | Letter::Address(
            AddressLetter::InUse | AddressLetter::Asked | AddressLetter::Changed,
        )) => {
            panic!("another letter: {other:?}")
        }
    }
}

/// Sends an invitation, and gives what its link opens things by.
pub(crate) async fn invited(store: &Store, contact: ContactId, at: Timestamp) -> [u8; 32] {
    let sent = store.send_registrations(&[contact], OFFICE, at).await;
    assert_eq!(sent.expect("sent").refused, []);
    let mails = posted(store, at).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    digest(secret(mail))
}

async fn posted(store: &Store, at: Timestamp) -> Vec<Mail> {
    let minute = SignedDuration::from_mins(1);
    let mails = store
        .claim_mail(Channel::Email, 100, minute, at)
        .await
        .expect("claimed");
    for mail in &mails {
        let sent = store.mail_sent(mail.id, mail.lease, at).await;
        assert!(sent.expect("said"));
    }
    mails
}

pub(crate) async fn register(
    store: &Store,
    link: &[u8; 32],
    how: Registering,
    at: Timestamp,
) -> store::Result<(AccountId, EmailAddress)> {
    let (registered, _) = store.register(link, how, at).await?;
    Ok(registered?)
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
    let too_late = register(store, &first, anew(), after).await;
    assert_eq!(refused(too_late.map(|_| ())), Refusal::SetUpDone);

    let second = invited(store, world.maria, after).await;
    let old = state(store, &first, after).await;
    assert_eq!(old, Some(RegistrationState::Replaced));
    let old = register(store, &first, anew(), after).await;
    assert_eq!(refused(old.map(|_| ())), Refusal::SetUpDone);
    let registered = register(store, &second, anew(), after).await;
    let (account, address) = registered.expect("registered");
    assert_eq!(address, email("maria@home.example"));
    let used = state(store, &second, after).await;
    assert_eq!(used, Some(RegistrationState::Registered));
    let again = register(store, &second, anew(), after).await;
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

async fn what_was_lost_comes_again_while_it_is_good(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let again = async |whom: &str, at| {
        let sent = store.send_lost_invitations(&email(whom), at).await;
        let mails = posted(store, at).await;
        assert_eq!(sent.expect("sent"), mails.len(), "{mails:?}");
        mails
    };
    let first = invited(store, world.maria, now()).await;
    let mails = again("MARIA@home.example", later(60)).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    for link in [first, digest(secret(mail))] {
        let open = opened(store, &link, later(60)).await.expect("known");
        assert_eq!(open.state, RegistrationState::Open);
        assert_eq!(open.until, now() + GOOD_FOR, "it is no new invitation");
    }
    assert_eq!(again("nobody@home.example", later(60)).await.len(), 0);
    let over = again("maria@home.example", now() + GOOD_FOR).await;
    assert_eq!(over.len(), 0);
    let registered = register(store, &first, anew(), later(60)).await;
    registered.expect("registered");
    assert_eq!(again("maria@home.example", later(61)).await.len(), 0);
    // Nor while an order is in force.
    invited(store, world.omar, now()).await;
    let omar = store.contact(world.omar).await.expect("there").about.email;
    let omar = omar.expect("an address");
    assert_eq!(again(omar.reveal(), later(60)).await.len(), 1);
    let order = store.set_court_order(world.omar, OFFICE, later(61)).await;
    order.expect("set");
    assert_eq!(again(omar.reveal(), later(62)).await.len(), 0);

    let (ann, meeting) = room(store).await;
    let gus = "gus@example.com";
    let new = guest(by_email(gus), "press");
    let invited = store.invite_guest(meeting, &new, ann, now()).await;
    let (id, _) = invited.expect("invited");
    assert_eq!(posted(store, now()).await.len(), 1);
    let mails = again(gus, later(60)).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    let Letter::Guest(letter) = &mail.letter else {
        panic!("{mail:?}")
    };
    let day = SignedDuration::from_hours(24);
    assert_eq!(letter.until, now() + day, "no longer than before");
    assert_eq!(again(gus, now() + day).await.len(), 0);
    let removed = store.remove_guest(meeting, id, ann, later(61)).await;
    removed.expect("removed");
    assert_eq!(again(gus, later(62)).await.len(), 0);
}

async fn whoever_has_not_registered_is_reminded_twice_by_day(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let first = invited(store, world.maria, now()).await;
    let link = invited(store, world.omar, now()).await;
    let registered = register(store, &link, anew(), now()).await;
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
    let tried = register(store, &link, anew(), now()).await;
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
    let registered = register(store, &link, anew(), now()).await;
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
    let registered = register(store, &link, anew(), now()).await;
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
    let second = register(store, &link, anew(), now()).await;
    assert_eq!(refused(second.map(|_| ())), Refusal::EmailTaken);
    let added = register(store, &link, Registering::With(account), now());
    added.await.expect("added");
    // Somebody else who shares the address has none of it.
    let shares = contact(store, "Luis Santos", "maria@home.example", &[world.ana]).await;
    let link = invited(store, shares, now()).await;
    let known = opened(store, &link, now()).await.expect("known").account;
    assert!(known.is_some_and(|it| it.is_anothers));
    let tried = register(store, &link, Registering::With(account), now());
    assert_eq!(refused(tried.await.map(|_| ())), Refusal::EmailTaken);
}

async fn another_address_is_anothers(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let link = invited(store, world.maria, now()).await;
    let registered = register(store, &link, anew(), now()).await;
    let (account, _) = registered.expect("registered");
    let waits = invited(store, world.paul, now()).await;
    for (who, called, student) in [
        (world.maria, "Maria Santos", world.ana),
        (world.paul, "Paul Costa", world.ana),
    ] {
        let changed = NewContact {
            mobile: None,
            name: name(called),
            email: Some(email("other@home.example")),
            students: vec![Guardian {
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
    // With the old one again there is no account, and no invitation that she has answered.
    let as_before = NewContact {
        mobile: None,
        name: name("Maria Santos"),
        email: Some(email("maria@home.example")),
        students: vec![Guardian {
            student: world.ana,
            relationship: String::new(),
        }],
    };
    let changed = store.change_contact(world.maria, &as_before, OFFICE, now());
    changed.await.expect("changed");
    let all = store.invitable(now()).await.expect("read");
    assert!(all.contacts.iter().any(|it| it.contact == world.maria));
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
    let registered = register(store, &link, anew(), now()).await;
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
    // Asked for once more, and again: one has come, and one is on its way.
    let hour = SignedDuration::from_mins(30);
    let mut others = Vec::new();
    for at in [now() + hour, now() + hour + hour] {
        let sent = store.send_account_link(&address, at).await;
        assert!(sent.expect("sent"));
        if others.is_empty() {
            others.push(digest(secret(&posted(store, at).await[0])));
        }
    }
    let over = SignedDuration::from_hours(1);
    let late = store.account_of_link(&link, now() + over).await;
    assert!(late.expect("read").is_none());
    let session = (&[2; 32], later(60));
    let hash = Some("another hash");
    let signed_in = store.sign_in_by_link(&link, hash, session, now()).await;
    assert_eq!(signed_in.expect("signed in"), account);
    let again = store.sign_in_by_link(&link, None, session, now()).await;
    assert_eq!(refused(again.map(|_| ())), Refusal::SetUpDone);
    // Another password ends the sessions there were, and every other link.
    let other = store.account_of_link(&others[0], now()).await;
    assert!(other.expect("read").is_none());
    assert!(posted(store, now() + over).await.is_empty());
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

/// Somebody without an address, with that mobile number or with none.
async fn without_address(world: &World, who: &str, mobile: &str) -> ContactId {
    let contact = NewContact {
        mobile: Mobile::read(mobile, &Countries::default()).ok(),
        name: name(who),
        email: None,
        students: vec![Guardian {
            student: world.ana,
            relationship: String::new(),
        }],
    };
    let added = world.store.add_contact(&contact, OFFICE, now()).await;
    added.expect("added")
}

/// The texts that are sent now: to which number, and what their link opens things by.
async fn texted(store: &Store, at: Timestamp) -> Vec<(String, [u8; 32])> {
    let minute = SignedDuration::from_mins(1);
    let claimed = store.claim_mail(Channel::Text, 100, minute, at).await;
    let mut texts = Vec::new();
    for mail in claimed.expect("claimed") {
        let sent = store.mail_sent(mail.id, mail.lease, at).await;
        assert!(sent.expect("said"));
        assert!(matches!(mail.address, Address::Mobile(_)));
        texts.push((mail.address.reveal().to_owned(), digest(secret(&mail))));
    }
    texts
}

/// Prints a letter, and gives what its code opens things by.
async fn printed(store: &Store, contact: ContactId, at: Timestamp) -> [u8; 32] {
    let printed = store.print_registrations(&[contact], OFFICE, at).await;
    let printed = printed.expect("printed");
    assert_eq!((printed.until, printed.refused), (at + GOOD_FOR, vec![]));
    let [letter] = &*printed.letters else {
        panic!("{:?}", printed.letters)
    };
    digest(&letter.secret)
}

async fn a_text_or_a_letter_leads_to_the_address_that_its_reader_says(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let zoe = without_address(&world, "Zoe Park", "07700 900321").await;
    let ivy = without_address(&world, "Ivy Park", "").await;
    let all = store.invitable(now()).await.expect("read");
    let by = |who| {
        let one = all.contacts.iter().find(|it| it.contact == who);
        one.expect("listed").by
    };
    assert_eq!(by(world.maria), ReachedBy::Email);
    assert_eq!((by(zoe), by(ivy)), (ReachedBy::Text, ReachedBy::Letter));

    let whom = [world.maria, zoe, ivy];
    let sent = store.send_registrations(&whom, OFFICE, now()).await;
    let sent = sent.expect("sent");
    assert_eq!((sent.sent, sent.by_letter), (2, vec![ivy]));
    assert_eq!(posted(store, now()).await.len(), 1, "Maria's");
    let texts = texted(store, now()).await;
    let [(number, by_text)] = &*texts else {
        panic!("{texts:?}")
    };
    assert_eq!(number, "+447700900321");
    let by_letter = printed(store, ivy, now()).await;
    let page = store.students("ana", None, 9).await.expect("read");
    for who in [zoe, ivy] {
        let one = page.students[0].contacts.iter().find(|it| it.id == who);
        let until = one.expect("a contact").invited_until;
        assert_eq!(until, Some(now() + GOOD_FOR));
    }

    for (who, link, says) in [
        (zoe, *by_text, "zoe@home.example"),
        (ivy, by_letter, "ivy@home.example"),
    ] {
        let open = opened(store, &link, now()).await.expect("known");
        assert_eq!((open.state, open.email), (RegistrationState::Open, None));
        let tried = register(store, &link, anew(), now()).await;
        assert_eq!(refused(tried.map(|_| ())), Refusal::SetUpDone);
        // Mistyped at first: nothing of it is kept, and its link is good no longer.
        let mut mailed = Vec::new();
        for address in ["wrong@home.example", says] {
            let asked = store
                .mail_registration(&link, Some(&email(address)), now())
                .await;
            asked.expect("sent");
            let mails = posted(store, now()).await;
            let [mail] = &*mails else { panic!("{mails:?}") };
            assert_eq!(mail.address.reveal(), address);
            let kept = store.contact(who).await.expect("read").about.email;
            assert_eq!(kept, None);
            let link = digest(secret(mail));
            mailed.push(link);
            if address == says {
                let wrong = state(store, &mailed[0], now()).await;
                assert_eq!(wrong, Some(RegistrationState::Replaced));
                let (_, address) = register(store, &link, anew(), now()).await.expect("made");
                assert_eq!(address, email(says));
                let again = store.mail_registration(&link, Some(&address), now()).await;
                assert_eq!(refused(again.map(|_| ())), Refusal::SetUpDone);
            }
        }
        let kept = store.contact(who).await.expect("read").about.email;
        assert_eq!(kept, Some(email(says)));
        let used = state(store, &link, now()).await;
        assert_eq!(used, Some(RegistrationState::Registered));
        // Where the office takes the address away, so does what came by it.
        let without = NewContact {
            mobile: None,
            name: name("Zoe Park"),
            email: None,
            students: vec![Guardian {
                student: world.ana,
                relationship: String::new(),
            }],
        };
        let changed = store.change_contact(who, &without, OFFICE, now()).await;
        changed.expect("changed");
        mailed.push(link);
        for link in &mailed {
            assert!(opened(store, link, now()).await.is_none());
        }
    }
}

async fn of_letters_and_texts_only_the_last_works_and_an_order_ends_each(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let zoe = without_address(&world, "Zoe Park", "07700 900321").await;
    let sent = store.send_registrations(&[zoe], OFFICE, now()).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let by_text = texted(store, now()).await[0].1;
    // A text that waits is not sent once a letter is printed.
    let sent = store.send_registrations(&[zoe], OFFICE, later(1)).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let first = printed(store, zoe, later(2)).await;
    assert_eq!(texted(store, later(2)).await, []);
    let second = printed(store, zoe, later(3)).await;
    for (link, expected) in [
        (by_text, RegistrationState::Replaced),
        (first, RegistrationState::Replaced),
        (second, RegistrationState::Open),
    ] {
        assert_eq!(state(store, &link, later(3)).await, Some(expected));
    }
    let end = later(3) + GOOD_FOR;
    let minute = SignedDuration::from_mins(1);
    for (at, expected) in [
        (end - minute, RegistrationState::Open),
        (end + minute, RegistrationState::Expired),
    ] {
        assert_eq!(state(store, &second, at).await, Some(expected));
    }
    // Of an address that the school has by now, that counts.
    let known = NewContact {
        email: Some(email("zoe@home.example")),
        ..store.contact(zoe).await.expect("read").about
    };
    let changed = store.change_contact(zoe, &known, OFFICE, later(4)).await;
    changed.expect("changed");
    let said = email("else@home.example");
    let asked = store
        .mail_registration(&second, Some(&said), later(5))
        .await;
    asked.expect("sent");
    let mails = posted(store, later(5)).await;
    assert_eq!(mails[0].address.reveal(), "zoe@home.example");
    let by_mail = digest(secret(&mails[0]));
    let set = store.set_court_order(zoe, OFFICE, later(6)).await;
    set.expect("set");
    for link in [second, by_mail] {
        assert!(opened(store, &link, later(6)).await.is_none());
    }
    let printed = store.print_registrations(&[zoe], OFFICE, later(7)).await;
    let printed = printed.expect("done");
    assert!(printed.letters.is_empty());
    assert_eq!(printed.refused[0].2, Refusal::CourtOrderStands);
}

async fn an_address_that_is_said_may_be_that_of_somebody_with_an_order(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let set = store.set_court_order(world.paul, OFFICE, now()).await;
    set.expect("set");
    for (who, says, is_said_again) in [
        ("Zoe Park", "paul@home.example", false),
        ("Ivy Park", "ivy@home.example", true),
    ] {
        let contact = without_address(&world, who, "").await;
        let link = printed(store, contact, now()).await;
        let asked = store
            .mail_registration(&link, Some(&email(says)), now())
            .await;
        asked.expect("it is answered alike");
        let mails = posted(store, now()).await;
        let to_them = |it: &&Mail| it.address.reveal() == says;
        let theirs = mails.iter().filter(to_them).count();
        assert_eq!(theirs, usize::from(is_said_again), "{who}");
        let opens = opened(store, &link, now()).await.is_some();
        assert_eq!(opens, is_said_again, "{who}");
        let waiting = store.suspended().await.expect("read");
        let waits = waiting.iter().any(|it| it.contact == contact);
        assert_eq!(waits, !is_said_again, "{who}");
    }
    // One that comes in between: the address is that of somebody with an order when it is opened.
    let contact = without_address(&world, "Max Hill", "").await;
    let link = printed(store, contact, now()).await;
    let address = email("omar@home.example");
    let asked = store.mail_registration(&link, Some(&address), now()).await;
    asked.expect("sent");
    let mails = posted(store, now()).await;
    let mail = mails
        .iter()
        .find(|it| it.address.reveal() == address.reveal());
    let by_mail = digest(secret(mail.expect("sent")));
    let set = store.set_court_order(world.omar, OFFICE, now()).await;
    set.expect("set");
    let tried = register(store, &by_mail, anew(), now()).await;
    assert_eq!(refused(tried.map(|_| ())), Refusal::SetUpDone);
    let waiting = store.suspended().await.expect("read");
    assert!(waiting.iter().any(|it| it.contact == contact));
    // Nobody writes to addresses without end.
    let contact = without_address(&world, "Nia Stone", "").await;
    let link = printed(store, contact, now()).await;
    for number in 0..5 {
        let address = email(&format!("nia{number}@home.example"));
        let asked = store
            .mail_registration(&link, Some(&address), later(number))
            .await;
        asked.expect("sent");
        let mails = posted(store, later(number)).await;
        let mut theirs = mails.iter().map(|it| it.address.reveal());
        assert!(theirs.any(|it| it == address.reveal()));
    }
    let asked = store
        .mail_registration(&link, Some(&address), later(6))
        .await;
    assert_eq!(refused(asked.map(|_| ())), Refusal::AddressesSpent);
}

/// DIR-4: by any of their records, and also where the order is entered while the text waits.
async fn no_text_goes_where_somebody_with_a_court_order_reads(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let zoe = without_address(&world, "Zoe Park", "07700 900321").await;
    let ivan = without_address(&world, "Ivan Park", "07700 900321").await;
    let sent = store.send_registrations(&[zoe], OFFICE, now()).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let (inviter, talk) = room(store).await;
    let before = guest(by_text("07700 900321"), "0");
    let invited = store.invite_guest(talk, &before, inviter, now()).await;
    invited.expect("invited");
    let entered = store.set_court_order(ivan, OFFICE, now()).await;
    entered.expect("entered");
    assert_eq!(texted(store, now()).await, []);
    // She is to be invited again, by a letter.
    let all = store.invitable(now()).await.expect("read");
    let hers = all.contacts.iter().find(|it| it.contact == zoe);
    assert_eq!(hers.expect("listed").by, ReachedBy::Letter);
    let sent = store.send_registrations(&[zoe], OFFICE, later(1)).await;
    let sent = sent.expect("done");
    assert_eq!((sent.sent, sent.by_letter), (0, vec![zoe]));
    // Nor where the records say their number no longer.
    let without = store.contact(ivan).await.expect("read").about;
    let without = NewContact {
        mobile: None,
        ..without
    };
    let changed = store.change_contact(ivan, &without, OFFICE, later(1)).await;
    changed.expect("changed");
    let sent = store.send_registrations(&[zoe], OFFICE, later(1)).await;
    let sent = sent.expect("done");
    assert_eq!((sent.sent, sent.by_letter), (0, vec![zoe]));
    // Nor is a guest invited there.
    let guest = guest(by_text("07700 900321"), "1");
    let invited = store.invite_guest(talk, &guest, inviter, now()).await;
    assert_eq!(refused(invited), Refusal::NeedsApproval);
    let lifted = store.lift_court_order(ivan, OFFICE, later(2)).await;
    lifted.expect("lifted");
    let sent = store.send_registrations(&[zoe], OFFICE, later(3)).await;
    assert_eq!(sent.expect("sent").sent, 1);
}

async fn nor_at_a_number_that_they_have_said_however_it_is_written(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let link = invited(store, world.maria, now()).await;
    let registered = register(store, &link, anew(), now()).await;
    let own = (registered.expect("registered").0, world.maria);
    let details = ContactDetails {
        telephone: "(07700) 900 321".to_owned(),
        ..ContactDetails::default()
    };
    let saved = store.change_details(own, &details, now()).await;
    saved.expect("saved");
    let zoe = without_address(&world, "Zoe Park", "07700 900321").await;
    let sent = store.send_registrations(&[zoe], OFFICE, now()).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let entered = store.set_court_order(world.maria, OFFICE, now()).await;
    entered.expect("entered");
    assert_eq!(texted(store, now()).await, []);
}

/// The address that the records have is said by nobody who holds a letter.
async fn a_letter_goes_on_at_the_address_that_the_records_have(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let link = printed(store, world.maria, now()).await;
    let known = store.contact(world.maria).await.expect("read").about.email;
    let asked = store.mail_registration(&link, None, now()).await;
    asked.expect("sent");
    let mails = posted(store, now()).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    assert_eq!(
        Some(mail.address.reveal()),
        known.as_ref().map(EmailAddress::reveal)
    );
    let zoe = without_address(&world, "Zoe Park", "").await;
    let link = printed(store, zoe, now()).await;
    let asked = store.mail_registration(&link, None, now()).await;
    assert_eq!(refused(asked.map(|_| ())), Refusal::EmailMissing);
}

async fn texts_that_invite_are_of_the_texts_of_a_day(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let zoe = without_address(&world, "Zoe Park", "07700 900321").await;
    let send = async |at| {
        let sent = store.send_registrations(&[zoe], OFFICE, at).await;
        sent.expect("done")
    };
    for number in 0..OPTIONS.texts_a_day {
        assert_eq!(send(later(number)).await.sent, 1);
        assert_eq!(texted(store, later(number)).await.len(), 1);
    }
    let spent = send(later(100)).await;
    assert_eq!(spent.sent, 0);
    assert_eq!(spent.refused[0].2, Refusal::TextsTomorrow);
    // As it says there, a letter can be printed in its place.
    assert_eq!(spent.by_letter, [zoe]);
    let last = store.texts_in_a_day(later(100)).await.expect("counted");
    assert_eq!(last, OPTIONS.texts_a_day);
    let tomorrow = later(100) + SignedDuration::from_hours(24);
    assert_eq!(send(tomorrow).await.sent, 1);
}

async fn joined(store: &Store, both: (ContactId, ContactId), at: Timestamp) {
    let joined = store.join_records(both, OFFICE, at).await;
    joined.expect("joined");
}

async fn parted(store: &Store, both: (ContactId, ContactId), at: Timestamp) -> Vec<LinkId> {
    let parted = store.part_records(both, OFFICE, at).await;
    parted.expect("parted").links
}

/// What came to a record while it was one with another that alone had an address.
async fn whoever_is_parted_keeps_nothing_that_the_other_reads(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let ivy = without_address(&world, "Ivy Park", "").await;
    let both = (ivy, world.maria);
    // A letter from before goes on at the address that came: by that nobody registers any more.
    let letter = printed(store, ivy, now()).await;
    joined(store, both, later(1)).await;
    let asked = store.mail_registration(&letter, None, later(2)).await;
    asked.expect("sent");
    let mails = posted(store, later(2)).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    let theirs = digest(secret(mail));
    assert_eq!(mail.address.reveal(), "maria@home.example");
    parted(store, both, later(3)).await;
    assert!(opened(store, &theirs, later(3)).await.is_none());
    let own = state(store, &letter, later(3)).await;
    assert_eq!(own, Some(RegistrationState::Open));
    // Nor is what waits sent there.
    joined(store, both, later(4)).await;
    let sent = store.send_registrations(&[ivy], OFFICE, later(5)).await;
    assert_eq!(sent.expect("sent").sent, 1);
    parted(store, both, later(6)).await;
    assert!(posted(store, later(6)).await.is_empty());
    // Whoever has registered there is shown nothing of them.
    joined(store, both, later(7)).await;
    let link = invited(store, ivy, later(8)).await;
    let registered = register(store, &link, anew(), later(8)).await;
    let (account, _) = registered.expect("registered");
    store.check_own(account, ivy).await.expect("theirs");
    parted(store, both, later(9)).await;
    let own = store.check_own(account, ivy).await;
    assert_eq!(refused(own), Refusal::NotFound);
    assert!(opened(store, &link, later(9)).await.is_none());
}

/// Of two without an address one has a number: whoever is sent a text there says an address.
async fn whoever_is_parted_has_no_address_that_the_other_has_said(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let ivy = without_address(&world, "Ivy Park", "").await;
    let zoe = without_address(&world, "Zoe Park", "07700 900321").await;
    let both = (ivy, zoe);
    joined(store, both, later(10)).await;
    let sent = store.send_registrations(&[ivy], OFFICE, later(11)).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let texts = texted(store, later(11)).await;
    let [(_, text)] = &*texts else {
        panic!("{texts:?}")
    };
    let says = email("zoe@home.example");
    let asked = store.mail_registration(text, Some(&says), later(12)).await;
    asked.expect("sent");
    let mails = posted(store, later(12)).await;
    let [mail] = &*mails else { panic!("{mails:?}") };
    let link = digest(secret(mail));
    let registered = register(store, &link, anew(), later(12)).await;
    let (account, _) = registered.expect("registered");
    let holder = Holder::Parent(ivy);
    let read = store.hand_out_link(world.evening, holder, OFFICE, later(12));
    let read = read.await.expect("a link").id;
    let ended = parted(store, both, later(13)).await;
    assert!(ended.contains(&read));
    let own = store.check_own(account, ivy).await;
    assert_eq!(refused(own), Refusal::NotFound);
    let kept = store.contact(ivy).await.expect("read").about;
    assert_eq!((kept.email, kept.mobile), (None, None));
    for link in [text, &link] {
        assert!(opened(store, link, later(13)).await.is_none());
    }
    // They may be invited again.
    let all = store.invitable(later(13)).await.expect("read");
    assert!(all.contacts.iter().any(|it| it.contact == ivy));
}

async fn details_that_are_saved_unchanged_say_the_language_again(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let link = invited(store, world.maria, now()).await;
    let registered = register(store, &link, anew(), now()).await;
    let own = (registered.expect("registered").0, world.maria);
    let details = ContactDetails {
        telephone: String::new(),
        language: "pl".to_owned(),
        school_telephone: false,
        families_email: false,
        families_telephone: false,
        lives_with: BTreeSet::new(),
    };
    let holder = Holder::Parent(world.maria);
    let page = store.hand_out_link(world.evening, holder, OFFICE, now());
    let page = page.await.expect("a link").id;
    // Said for the first time, and the same again after a page was read in another.
    for another in ["uk", "de"] {
        store.reads_language(page, another).await.expect("said");
        let saved = store.change_details(own, &details, now()).await;
        saved.expect("saved");
        let held = store.link(page, now()).await.expect("read");
        assert_eq!(held.expect("known").language.as_deref(), Some("pl"));
    }
}
