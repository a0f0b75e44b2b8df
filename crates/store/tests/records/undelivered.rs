//! Invitations to register that did not arrive: it is seen, and there are ways on (DIR-5).

use jiff::{SignedDuration, Timestamp};
use school::registration::ReachedBy;
use school::{ContactId, Countries, Mobile};
use store::{
    Channel, Guardian, Letter, Mail, NewContact, Registering, RegistrationState, Store,
    Undelivered, digest,
};

use crate::places::on_both;
use crate::registrations::register;
use crate::world::{OFFICE, World, email, later, name, now};

on_both!(
    what_was_refused_or_came_back_is_seen_until_another_is_sent,
    a_letter_or_a_text_goes_on_at_an_address_that_its_reader_says,
    no_report_frees_a_letter_that_was_sent_before_it,
    a_reminder_hides_nothing_that_did_not_arrive,
    how_somebody_is_reached_is_said_as_it_is_done,
    a_reminder_that_is_late_waits_for_the_morning
);

/// What is sent now, of which nothing is said yet.
async fn claimed(store: &Store, channel: Channel, at: Timestamp) -> Mail {
    let minute = SignedDuration::from_mins(1);
    let mails = store.claim_mail(channel, 100, minute, at).await;
    let mut mails = mails.expect("claimed");
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

fn opens(mail: &Mail) -> [u8; 32] {
    match &mail.letter {
        Letter::Registration(letter) => digest(&letter.secret),
        other @ (Letter::Evening(_)
        | Letter::NewPassword { .. }
        | Letter::Waiting(_)
        | Letter::AuditHead { .. }
        | Letter::Guest(_)
        | Letter::AccountLink { .. }
        | Letter::StudentAdded { .. }
        | Letter::SignIn { .. }
        | Letter::Address(_)) => panic!("another letter: {other:?}"),
    }
}

/// An invitation is sent, and the mail server wants nothing of it.
async fn refused_at(store: &Store, contact: ContactId, at: Timestamp) {
    let sent = store.send_registrations(&[contact], OFFICE, at).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let mail = claimed(store, Channel::Email, at).await;
    let said = store.mail_refused(mail.id, mail.lease, "550 no such mailbox", now());
    assert!(said.await.expect("said"));
}

/// What the office reads of them: in their list, among all that did not arrive, and among those who may be
/// invited; and whether every page of the office says so.
async fn seen(store: &Store, contact: ContactId, at: Timestamp) -> Option<Undelivered> {
    let page = store.students("ana", None, 9).await.expect("read");
    let mut contacts = page.students[0].contacts.iter();
    let one = contacts.find(|it| it.id == contact).expect("a contact");
    let of = async |all: Vec<store::Invitable>| {
        let one = all.into_iter().find(|it| it.contact == contact);
        one.map(|it| it.undelivered)
    };
    let all = store.undelivered_registrations(at).await.expect("read");
    let listed = of(all).await;
    assert_eq!(listed.clone().flatten(), one.undelivered);
    let open = store.invitable(at).await.expect("read");
    let invitable = of(open.contacts).await;
    assert_eq!(invitable.flatten(), one.undelivered);
    let attention = store.attention(at).await.expect("read");
    assert_eq!(attention.undelivered, i64::from(listed.is_some()));
    one.undelivered.clone()
}

fn by_letter(reason: &str) -> Undelivered {
    Undelivered {
        reason: reason.to_owned(),
        otherwise: ReachedBy::Letter,
    }
}

async fn change(world: &World, address: &str, mobile: &str) {
    let students = [world.ana, world.ben].map(|student| Guardian {
        student,
        relationship: String::new(),
    });
    let about = NewContact {
        mobile: Mobile::read(mobile, &Countries::default()).ok(),
        name: name("Maria Santos"),
        email: Some(email(address)),
        students: students.to_vec(),
    };
    let changed = world
        .store
        .change_contact(world.maria, &about, OFFICE, now())
        .await;
    changed.expect("changed");
}

async fn what_was_refused_or_came_back_is_seen_until_another_is_sent(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    assert_eq!(seen(store, world.maria, now()).await, None);
    refused_at(store, world.maria, now()).await;
    let reason = by_letter("550 no such mailbox");
    assert_eq!(seen(store, world.maria, now()).await, Some(reason.clone()));
    // Another is on its way, arrives, and comes back.
    let whom = [world.maria];
    let again = store.send_registrations(&whom, OFFICE, later(1)).await;
    assert_eq!(again.expect("sent").sent, 1);
    assert_eq!(seen(store, world.maria, later(1)).await, None);
    let mail = claimed(store, Channel::Email, later(1)).await;
    let sent = store.mail_sent(mail.id, mail.lease, later(1)).await;
    assert!(sent.expect("said"));
    assert_eq!(seen(store, world.maria, later(1)).await, None);
    let ids = [mail.message_id];
    let reported = store
        .mail_reported((&ids, &[]), Some("mailbox full"), now())
        .await;
    assert!(reported.expect("said"));
    let came_back = by_letter("mailbox full");
    assert_eq!(
        seen(store, world.maria, later(1)).await,
        Some(came_back.clone())
    );
    // A letter that is printed is another invitation.
    let printed = store.print_registrations(&whom, OFFICE, later(2)).await;
    assert_eq!(printed.expect("printed").letters.len(), 1);
    assert_eq!(seen(store, world.maria, later(2)).await, None);
    // At another address nothing was sent yet.
    refused_at(store, world.maria, later(3)).await;
    assert_eq!(
        seen(store, world.maria, later(3)).await,
        Some(reason.clone())
    );
    change(&world, "maria.santos@home.example", "").await;
    assert_eq!(seen(store, world.maria, later(3)).await, None);
    let open = store.invitable(later(3)).await.expect("read");
    assert!(open.contacts.iter().any(|it| it.contact == world.maria));
}

async fn a_letter_or_a_text_goes_on_at_an_address_that_its_reader_says(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    change(&world, "maria@home.example", "07700 900321").await;
    refused_at(store, world.maria, now()).await;
    let otherwise = seen(store, world.maria, now()).await.map(|it| it.otherwise);
    assert_eq!(otherwise, Some(ReachedBy::Text));
    let whom = [world.maria];
    let texted = store.text_registrations(&whom, OFFICE, later(1)).await;
    assert_eq!(texted.expect("sent").sent, 1);
    let by_text = opens(&claimed(store, Channel::Text, later(1)).await);
    let printed = store.print_registrations(&whom, OFFICE, later(2)).await;
    let printed = printed.expect("printed").letters;
    let by_letter = digest(&printed.first().expect("a letter").secret);
    let open = store.registration(&by_text, later(2)).await.expect("read");
    let state = open.expect("known").state;
    assert_eq!(state, RegistrationState::Replaced);
    let open = store
        .registration(&by_letter, later(2))
        .await
        .expect("read");
    let open = open.expect("known");
    assert_eq!((open.email, open.known_email), (None, None));
    let says = email("maria.santos@home.example");
    let asked = store
        .mail_registration(&by_letter, Some(&says), later(2))
        .await;
    asked.expect("sent");
    let mail = claimed(store, Channel::Email, later(2)).await;
    assert_eq!(mail.address.reveal(), says.reveal());
    let sent = store.mail_sent(mail.id, mail.lease, later(2)).await;
    assert!(sent.expect("said"));
    let anew = Registering::Anew("a hash".to_owned());
    let registered = register(store, &opens(&mail), anew, later(3)).await;
    let (account, address) = registered.expect("registered");
    assert_eq!(address, says);
    let home = store.account_home(account, later(3)).await.expect("read");
    assert_eq!(home.people.len(), 1);
    let kept = store.contact(world.maria).await.expect("read").about.email;
    assert_eq!(kept, Some(says));
}

/// No text goes where somebody with a court order reads it too, and no page says that it does.
async fn how_somebody_is_reached_is_said_as_it_is_done(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let without_address = |who: &str| NewContact {
        mobile: Mobile::read("07700 900321", &Countries::default()).ok(),
        name: name(who),
        email: None,
        students: vec![Guardian {
            student: world.ana,
            relationship: String::new(),
        }],
    };
    let mut ids = Vec::new();
    for who in ["Zoe Park", "Ivan Park"] {
        let about = without_address(who);
        let added = store.add_contact(&about, OFFICE, now()).await;
        ids.push(added.expect("added"));
    }
    let listed = async || {
        let page = store.students("ana", None, 9).await.expect("read");
        let mut contacts = page.students[0].contacts.iter();
        let one = contacts.find(|it| it.id == ids[0]);
        one.expect("listed").by
    };
    assert_eq!(listed().await, ReachedBy::Text);
    let set = store.set_court_order(ids[1], OFFICE, now()).await;
    set.expect("set");
    assert_eq!(listed().await, ReachedBy::Letter);
    let open = store.invitable(now()).await.expect("read");
    let one = open.contacts.iter().find(|it| it.contact == ids[0]);
    assert_eq!(one.expect("listed").by, ReachedBy::Letter);
    for sent in [
        store.send_registrations(&ids[..1], OFFICE, now()).await,
        store.text_registrations(&ids[..1], OFFICE, now()).await,
    ] {
        let sent = sent.expect("done");
        assert_eq!((sent.sent, sent.by_letter), (0, vec![ids[0]]));
    }
}

/// A mail server that is down until night is no reason to wake anybody; whoever asks at night is answered.
async fn a_reminder_that_is_late_waits_for_the_morning(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let mut school = store.school().await.expect("read");
    school.reminds = true;
    let changed = store.change_school(&school, OFFICE, now()).await;
    changed.expect("changed");
    let whom = [world.maria];
    let sent = store.send_registrations(&whom, OFFICE, now()).await;
    assert_eq!(sent.expect("sent").sent, 1);
    let first = claimed(store, Channel::Email, now()).await;
    let sent = store.mail_sent(first.id, first.lease, now()).await;
    assert!(sent.expect("said"));
    let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
    let evening = at("2026-11-15T17:59:00Z");
    assert_eq!(store.remind(evening).await.expect("looked"), 1);
    let mail = claimed(store, Channel::Email, evening).await;
    let night = at("2026-11-16T02:00:00Z");
    let later = store.mail_later(mail.id, mail.lease, night, ("no route", true));
    assert!(later.await.expect("said"));
    let minute = SignedDuration::from_mins(1);
    let nothing = store.claim_mail(Channel::Email, 100, minute, night).await;
    assert!(nothing.expect("claimed").is_empty());
    let morning = at("2026-11-16T09:00:00Z");
    let due = store.next_mail(Channel::Email, night).await.expect("read");
    assert_eq!(due, Some(morning));
    // Maria asks for it herself, at night: that is not put off, and is the only one.
    let asked = store
        .send_lost_invitations(&email("maria@home.example"), night)
        .await;
    assert_eq!(asked.expect("sent"), 1);
    let mail = claimed(store, Channel::Email, night).await;
    let sent = store.mail_sent(mail.id, mail.lease, night).await;
    assert!(sent.expect("said"));
    let nothing = store.claim_mail(Channel::Email, 100, minute, morning).await;
    assert!(nothing.expect("claimed").is_empty());
    // The second reminder is due by day, and late: it goes in the morning.
    let second = at("2026-11-20T17:59:00Z");
    assert_eq!(store.remind(second).await.expect("looked"), 1);
    let nothing = store
        .claim_mail(Channel::Email, 100, minute, at("2026-11-21T03:00:00Z"))
        .await;
    assert!(nothing.expect("claimed").is_empty());
    claimed(store, Channel::Email, at("2026-11-21T09:00:00Z")).await;
}

/// Whoever carries a letter home, and says by a forged report that nothing arrives, has said no address.
async fn no_report_frees_a_letter_that_was_sent_before_it(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let whom = [world.maria];
    let printed = store.print_registrations(&whom, OFFICE, now()).await;
    let printed = printed.expect("printed").letters;
    let by_letter = digest(&printed.first().expect("a letter").secret);
    let own = email("pupil@home.example");
    let known = async |at| {
        let open = store.registration(&by_letter, at).await.expect("read");
        open.expect("known").known_email
    };
    let maria = Some(email("maria@home.example"));
    for (minute, by_id) in [(1, false), (2, true)] {
        let asked = store.mail_registration(&by_letter, Some(&own), later(minute));
        asked.await.expect("sent");
        let mail = claimed(store, Channel::Email, later(minute)).await;
        assert_eq!(mail.address.reveal(), "maria@home.example");
        let sent = store.mail_sent(mail.id, mail.lease, later(minute)).await;
        assert!(sent.expect("said"));
        let ids = [mail.message_id];
        let ids = if by_id { &ids[..] } else { &[] };
        let to = [email("maria@home.example")];
        let reported = store
            .mail_reported((ids, &to), Some("no mailbox"), later(minute))
            .await;
        assert_eq!(reported.expect("read"), by_id, "not by the address alone");
        assert_eq!(known(later(minute)).await, maria);
    }
    let asked = store.mail_registration(&by_letter, Some(&own), later(3));
    asked.await.expect("sent");
    let mail = claimed(store, Channel::Email, later(3)).await;
    assert_eq!(mail.address.reveal(), "maria@home.example");
}

async fn a_reminder_hides_nothing_that_did_not_arrive(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let mut school = store.school().await.expect("read");
    school.reminds = true;
    let changed = store.change_school(&school, OFFICE, now()).await;
    changed.expect("changed");
    refused_at(store, world.maria, now()).await;
    let days = now() + SignedDuration::from_hours(24 * 6);
    assert_eq!(store.remind(days).await.expect("looked"), 0);
    let reason = by_letter("550 no such mailbox");
    assert_eq!(seen(store, world.maria, days).await, Some(reason.clone()));
    // Nor does she who asks at the same address.
    let asked = store
        .send_lost_invitations(&email("maria@home.example"), days)
        .await;
    assert_eq!(asked.expect("sent"), 1);
    assert_eq!(seen(store, world.maria, days).await, Some(reason.clone()));
}
