//! What the office is sent itself: links to choose a new password by (EVE-18), and word of what waits
//! for it (DIR-4).

use jiff::SignedDuration;
use school::{Note, Refusal, StaffId};
use store::{Action, Letter, Mail, NewStaff, Store, Waiting, digest};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, email, later, name, now, refused};

on_both!(
    a_forgotten_password_is_chosen_anew_by_email,
    another_password_voids_what_was_sent,
    a_link_that_nobody_waits_for_is_not_sent,
    the_office_hears_once_of_what_waits,
    the_office_keeps_the_last_row_of_the_log,
);

async fn account(store: &Store, who: &str, at: &str) -> StaffId {
    let staff = NewStaff {
        name: name(who),
        email: email(at),
        password_hash: "$old".to_owned(),
        rank: school::Rank::Owner,
    };
    let added = store.add_staff(&staff, OFFICE, now()).await;
    added.expect("added")
}

/// Whether anybody signs in with that address.
async fn ask(store: &Store, at: &str, minutes: i64) -> bool {
    let asked = store.send_new_password(&email(at), later(minutes)).await;
    asked.expect("asked")
}

async fn claim(store: &Store, minutes: i64) -> Vec<Mail> {
    let minute = SignedDuration::from_mins(1);
    let claimed = store
        .claim_mail(store::Channel::Email, 100, minute, later(minutes))
        .await;
    claimed.expect("claimed")
}

async fn sent(store: &Store, mail: &Mail, minutes: i64) {
    let sent = store.mail_sent(mail.id, mail.lease, later(minutes)).await;
    assert!(sent.expect("said"));
}

fn secret(mail: &Mail) -> [u8; 32] {
    match &mail.letter {
        Letter::NewPassword { secret } => digest(secret),
        other @ (Letter::Evening(_)
        | Letter::Waiting(_)
        | Letter::AuditHead { .. }
        | Letter::SignIn { .. }
        | Letter::Registration(_)
        | Letter::Guest(_)
        | Letter::AccountLink { .. }
        | Letter::StudentAdded { .. }
        | Letter::Address(_)) => panic!("another letter: {other:?}"),
    }
}

async fn a_forgotten_password_is_chosen_anew_by_email(store: Store) {
    let ida = account(&store, "Ida Office", "ida@school.example").await;
    let bo = account(&store, "Bo Office", "bo@school.example").await;
    for (session, staff) in [([1; 32], ida), ([2; 32], bo)] {
        let begun = store.begin_session((staff, None), (&session, &[0; 32]), later(900), now());
        begun.await.expect("signed in");
    }
    assert!(!ask(&store, "nobody@school.example", 0).await);
    assert!(claim(&store, 0).await.is_empty(), "nobody is written to");
    // Pressed twice, it is one e-mail.
    assert!(ask(&store, "IDA@school.example", 0).await);
    assert!(ask(&store, "ida@school.example", 0).await);
    let first = claim(&store, 0).await;
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].address.reveal(), "ida@school.example");
    // The mail server makes it wait: what comes next is another link, and both are good.
    let later_on = (later(1), ("later", true));
    let put_off = store.mail_later(first[0].id, first[0].lease, later_on.0, later_on.1);
    assert!(put_off.await.expect("said"));
    let second = claim(&store, 2).await.remove(0);
    sent(&store, &second, 2).await;
    let (first, second) = (secret(&first[0]), secret(&second));
    assert_ne!(first, second);
    for link in [first, second] {
        let offered = store.check_set_up(&link, later(59)).await.expect("good");
        assert_eq!(
            offered.map(|it| (it.name, it.email)),
            Some((name("Ida Office"), email("ida@school.example")))
        );
    }
    let too_late = store.check_set_up(&first, later(60)).await;
    assert_eq!(refused(too_late), Refusal::SetUpDone, "an hour");
    // Used once, and all of that account's are void; only its own sessions end.
    let taken = store.take_up(&second, "$new", later(10)).await;
    assert_eq!(taken.expect("chosen"), ida);
    for link in [first, second] {
        let again = store.take_up(&link, "$other", later(11)).await;
        assert_eq!(refused(again), Refusal::SetUpDone, "once");
    }
    let of_ida = store.session(&[1; 32], later(11)).await.expect("read");
    assert!(of_ida.is_none(), "it has ended");
    let of_bo = store.session(&[2; 32], later(11)).await.expect("read");
    assert!(of_bo.is_some(), "it goes on");
}

async fn another_password_voids_what_was_sent(store: Store) {
    let ida = account(&store, "Ida Office", "ida@school.example").await;
    account(&store, "Bo Office", "bo@school.example").await;
    assert!(ask(&store, "ida@school.example", 20).await);
    let third = claim(&store, 20).await.remove(0);
    let changed = store.change_password(ida, "$newest", OFFICE, later(21));
    changed.await.expect("changed");
    let void = store.check_set_up(&secret(&third), later(21)).await;
    assert_eq!(refused(void), Refusal::SetUpDone);
    // Who signs in no longer is written to no longer.
    store
        .disable_staff(ida, OFFICE, later(22))
        .await
        .expect("disabled");
    assert!(!ask(&store, "ida@school.example", 30).await);
    let log = store.audit_log(None, 100).await.expect("read");
    let written = log
        .iter()
        .filter(|it| it.action == Action::PasswordLinkSent.code());
    assert_eq!(written.count(), 1);
}

async fn a_link_that_nobody_waits_for_is_not_sent(store: Store) {
    account(&store, "Ida Office", "ida@school.example").await;
    let ida = email("ida@school.example");
    let asked = store.send_new_password(&ida, now()).await;
    assert!(asked.expect("asked"));
    // The mail server was away for an hour.
    assert!(claim(&store, 60).await.is_empty());
    assert!(claim(&store, 61).await.is_empty());
}

async fn the_office_keeps_the_last_row_of_the_log(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    account(store, "Ida Office", "ida@school.example").await;
    account(store, "Bo Office", "bo@school.example").await;
    let week = SignedDuration::from_hours(7 * 24);
    let queued = async |minutes| {
        let queued = store.mail_audit_head(week, later(minutes)).await;
        queued.expect("queued")
    };
    assert_eq!(queued(0).await, 2);
    assert_eq!(queued(10).await, 0, "they have one of this week");
    let mails = claim(store, 10).await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let Letter::AuditHead { head, .. } = &mail.letter else {
            panic!("another letter: {:?}", mail.letter);
        };
        let found = store.check_audit_log(Some(head)).await.expect("read");
        assert_eq!(found.expect("it holds").head.as_ref(), Some(head));
        sent(store, mail, 10).await;
    }
    assert_eq!(queued(7 * 24 * 60 - 1).await, 0);
    assert_eq!(queued(7 * 24 * 60).await, 2);
}

async fn the_office_hears_once_of_what_waits(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    account(store, "Ida Office", "ida@school.example").await;
    account(store, "Bo Office", "bo@school.example").await;
    let barred = contact(store, "Rui Costa", "rui@x.example", &[world.ana]).await;
    let order = store.set_court_order(barred, OFFICE, now()).await;
    order.expect("entered");
    let wish = async |parent, at, student| {
        let wished = world.invite(parent, "Rui Costa", at, &[student]).await;
        wished.expect("a wish")
    };
    wish(world.maria, "rui@x.example", world.ana).await;
    wish(world.paul, "rui2@x.example", world.ana).await;
    let mut mails = claim(store, 30).await;
    mails.retain(|it| matches!(it.letter, Letter::Waiting(_)));
    let mut to: Vec<_> = mails.iter().map(|it| it.address.reveal()).collect();
    to.sort_unstable();
    assert_eq!(to, ["bo@school.example", "ida@school.example"]);
    for mail in &mails {
        let Letter::Waiting(waiting) = mail.letter else {
            panic!("another letter");
        };
        let two = Waiting {
            invitations: 2,
            records: 0,
            appointments: 0,
        };
        assert_eq!(waiting, two);
        sent(store, mail, 30).await;
    }
    // A third comes soon after: not before some hours, and not at all once all is decided.
    wish(world.maria, "rui@x.example", world.ben).await;
    assert!(
        claim(store, 120).await.is_empty(),
        "they were told just now"
    );
    for approval in store.approvals(now()).await.expect("read") {
        let nothing = Note::default();
        let declined = store
            .decline(approval.invitation.id, &nothing, OFFICE, later(130))
            .await;
        declined.expect("declined");
    }
    let told = claim(store, 600).await;
    let is_digest = |it: &Mail| matches!(it.letter, Letter::Waiting(_));
    assert!(!told.iter().any(is_digest), "nothing waits any more");
}
