//! Whom of the staff the school's provider signs in (OPS-7): found by an address once, and then by what the
//! provider calls them for good.

use jiff::SignedDuration;
use school::{Refusal, StaffId};
use store::{Channel, Identity, Letter, NewStaff, Recognised, Shown, Store};

use crate::places::on_both;
use crate::world::{OFFICE, email, later, name, now, refused};

on_both!(
    whoever_has_the_address_is_bound_and_known_without_it,
    an_address_that_is_anothers_by_now_opens_nothing,
    whoever_is_of_no_staff_or_has_left_is_nobody,
    a_session_begins_only_while_it_is_them,
    the_office_unbinds_and_the_next_is_bound,
    two_presses_at_once_bind_once,
    whoever_signs_in_so_is_there_already_and_can_sign_in,
    whatever_opened_before_is_over_and_the_address_hears_of_it,
    a_second_step_is_not_gone_round,
    a_server_that_is_registered_anew_binds_anew,
    what_the_machine_made_is_a_last_resort_until_another_is_chosen,
    an_office_that_signs_in_by_the_provider_alone_is_one,
);

const ISSUER: &str = "https://login.school.example";
const ADA: &str = "ada@school.example";

const fn sub(subject: &str) -> Identity<'_> {
    Identity {
        issuer: ISSUER,
        subject,
        client: "homeroom",
    }
}

async fn add(store: &Store, who: &str, address: &str, hash: &str) -> StaffId {
    let new = NewStaff {
        name: name(who),
        email: email(address),
        password_hash: hash.to_owned(),
        rank: school::Rank::Owner,
    };
    store.add_staff(&new, OFFICE, now()).await.expect("added")
}

/// Whom the provider names and says these addresses of.
async fn asks(store: &Store, whom: Identity<'_>, addresses: &[&str]) -> Result<StaffId, bool> {
    let addresses: Vec<_> = addresses.iter().map(|it| email(it)).collect();
    let recognised = store.recognise(whom, &addresses, now()).await;
    match recognised.expect("read") {
        Recognised::As(account) => Ok(account.id),
        Recognised::Otherwise | Recognised::SecondStep => Err(true),
        Recognised::Nobody => Err(false),
    }
}

async fn logged(store: &Store, action: &str) -> usize {
    let log = store.audit_log(None, 100).await.expect("read");
    log.iter().filter(|it| it.action == action).count()
}

async fn whoever_has_the_address_is_bound_and_known_without_it(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let addresses = ["nobody@school.example", "Ada@School.example"];
    assert_eq!(asks(&store, sub("1"), &addresses).await, Ok(ada));
    assert_eq!(asks(&store, sub("1"), &[]).await, Ok(ada));
    // Whatever it says of them later: it is them.
    add(&store, "Bo Diddley", "bo@school.example", "").await;
    let moved = ["bo@school.example"];
    assert_eq!(asks(&store, sub("1"), &moved).await, Ok(ada));
    assert_eq!(logged(&store, "identity_bound").await, 1);
    assert_eq!(store.identified_by(ISSUER).await.expect("read"), [ada]);
    // Another provider is another.
    let other = Identity {
        issuer: "https://elsewhere.example",
        subject: "1",
        client: "homeroom",
    };
    assert_eq!(asks(&store, other, &[]).await, Err(false));
    assert_eq!(asks(&store, other, &[ADA]).await, Ok(ada));
}

async fn an_address_that_is_anothers_by_now_opens_nothing(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "").await;
    assert_eq!(asks(&store, sub("1"), &[ADA]).await, Ok(ada));
    for _twice in 0..2 {
        assert_eq!(asks(&store, sub("2"), &[ADA]).await, Err(true));
    }
    assert_eq!(asks(&store, sub("2"), &[]).await, Err(false));
    assert_eq!(asks(&store, sub("1"), &[]).await, Ok(ada));
}

async fn whoever_is_of_no_staff_or_has_left_is_nobody(store: Store) {
    add(&store, "Head", "head@school.example", "hash").await;
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let stranger = asks(&store, sub("1"), &["zoe@school.example"]).await;
    assert_eq!(stranger, Err(false));
    assert_eq!(asks(&store, sub("1"), &[ADA]).await, Ok(ada));
    let left = store.disable_staff(ada, OFFICE, now()).await;
    left.expect("disabled");
    assert_eq!(asks(&store, sub("1"), &[ADA]).await, Err(false));
    assert_eq!(store.identified_by(ISSUER).await.expect("read"), []);
    // The office enters somebody new, who has the address by now: the one before is nobody still.
    let (who, link) = (name("Ada Lovelace"), (&[7; 32], later(600)));
    let who = (&who, &email(ADA), school::Rank::Member);
    let again = store.invite_staff(who, link, OFFICE, now()).await;
    let again = again.expect("entered");
    assert_eq!(asks(&store, sub("1"), &[]).await, Err(false));
    assert_eq!(asks(&store, sub("2"), &[ADA]).await, Ok(again));
    assert_eq!(asks(&store, sub("1"), &[ADA]).await, Err(true));
}

async fn begin(store: &Store, staff: StaffId, whom: Identity<'_>, session: u8) -> bool {
    let who = (staff, Some(Shown::Identity(whom)));
    let both = (&[session; 32], &[0; 32]);
    let begun = store.begin_session(who, both, later(600), now()).await;
    let lives = store.session(&[session; 32], now()).await.expect("read");
    assert_eq!(begun.is_ok(), lives.is_some());
    begun.is_ok()
}

async fn a_session_begins_only_while_it_is_them(store: Store) {
    add(&store, "Head", "head@school.example", "hash").await;
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let bo = add(&store, "Bo Diddley", "bo@school.example", "").await;
    asks(&store, sub("1"), &[ADA]).await.expect("bound");
    assert!(begin(&store, ada, sub("1"), 1).await);
    assert_eq!(logged(&store, "signed_in_by_provider").await, 1);
    assert!(!begin(&store, ada, sub("2"), 2).await);
    assert!(!begin(&store, bo, sub("1"), 3).await);
    store.unbind(ada, OFFICE, now()).await.expect("unbound");
    assert!(!begin(&store, ada, sub("1"), 4).await);
    asks(&store, sub("1"), &[ADA]).await.expect("bound anew");
    assert!(begin(&store, ada, sub("1"), 5).await);
    store.disable_staff(ada, OFFICE, now()).await.expect("left");
    assert!(!begin(&store, ada, sub("1"), 6).await);
    let session = store.session(&[5; 32], now()).await.expect("read");
    assert!(session.is_none(), "whoever has left is out");
}

async fn the_office_unbinds_and_the_next_is_bound(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let none = store.unbind(ada, OFFICE, now()).await;
    assert_eq!(refused(none), Refusal::NotFound);
    asks(&store, sub("1"), &[ADA]).await.expect("bound");
    assert!(begin(&store, ada, sub("1"), 1).await);
    store.unbind(ada, OFFICE, now()).await.expect("unbound");
    let session = store.session(&[1; 32], now()).await.expect("read");
    assert!(session.is_none(), "its sessions are over");
    assert_eq!(asks(&store, sub("2"), &[ADA]).await, Ok(ada));
    assert_eq!(asks(&store, sub("1"), &[ADA]).await, Err(true));
    assert_eq!(logged(&store, "identity_unbound").await, 1);
}

async fn two_presses_at_once_bind_once(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let addresses = [email(ADA)];
    let [one, other] = [0, 1].map(|_| store.recognise(sub("1"), &addresses, now()));
    let (one, other) = tokio::join!(one, other);
    for recognised in [one, other] {
        let recognised = recognised.expect("read");
        assert!(matches!(recognised, Recognised::As(it) if it.id == ada));
    }
    assert_eq!(logged(&store, "identity_bound").await, 1);
}

/// It is written to, and nobody sets the school up beside it.
async fn an_office_that_signs_in_by_the_provider_alone_is_one(store: Store) {
    add(&store, "Ada Byron", ADA, "").await;
    let day = SignedDuration::from_hours(24);
    assert!(store.needs_set_up().await.expect("read"));
    let sent = store.mail_audit_head(day, now()).await;
    assert_eq!(sent.expect("queued"), 0);
    asks(&store, sub("1"), &[ADA]).await.expect("bound");
    assert!(!store.needs_set_up().await.expect("read"));
    let sent = store.mail_audit_head(day, now()).await;
    assert_eq!(sent.expect("queued"), 1);
}

async fn whoever_signs_in_so_is_there_already_and_can_sign_in(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let bo = add(&store, "Bo Diddley", "bo@school.example", "hash").await;
    let alone = store.disable_staff(bo, OFFICE, now()).await;
    assert_eq!(refused(alone.map(|_| ())), Refusal::LastAccount);
    asks(&store, sub("1"), &[ADA]).await.expect("bound");
    let (who, link) = (name("Ada Byron"), (&[7; 32], later(600)));
    let who = (&who, &email(ADA), school::Rank::Member);
    let again = store.invite_staff(who, link, OFFICE, now()).await;
    assert_eq!(refused(again.map(|_| ())), Refusal::EmailTaken);
    let left = store.disable_staff(bo, OFFICE, now()).await;
    assert_eq!(
        refused(left.map(|_| ())),
        Refusal::LastAccount,
        "it is no longer set"
    );
    let store = store.with_provider(Some(ISSUER));
    store.disable_staff(bo, OFFICE, now()).await.expect("left");
    let alone = store.disable_staff(ada, OFFICE, now()).await;
    assert_eq!(refused(alone.map(|_| ())), Refusal::LastAccount);
}

async fn what_the_machine_made_is_a_last_resort_until_another_is_chosen(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "hash").await;
    let stands = async || {
        let account = store.staff_by_email(&email(ADA)).await.expect("read");
        account.expect("there").is_last_resort
    };
    assert!(!stands().await);
    let made = store.change_password(ada, "of the machine", OFFICE, now());
    made.await.expect("changed");
    assert!(stands().await);
    let begun = store.begin_session((ada, None), (&[1; 32], &[0; 32]), later(600), now());
    begun.await.expect("begun");
    let own = (ada, "of the machine");
    let added = store.add_second_factor(own, (b"locked", 1), &[], &[1; 32], now());
    added.await.expect("added");
    let taken = store.take_second_factor(ada, (&[5; 32], later(600)), OFFICE, now());
    taken.await.expect("taken");
    assert!(!stands().await);
    let made = store.change_password(ada, "of the machine", OFFICE, now());
    made.await.expect("changed");
    let (who, address) = (name("Bo Diddley"), email("bo@school.example"));
    let invited = (&who, &address, school::Rank::Member);
    let invited = store.invite_staff(invited, (&[6; 32], later(600)), OFFICE, now());
    let bo = invited.await.expect("invited");
    let took = store.take_up(&[6; 32], "chosen", now()).await;
    assert_eq!(took.expect("taken up"), bo);
    let account = store.staff_by_email(&address).await.expect("read");
    assert!(!account.expect("there").is_last_resort);
    assert!(stands().await);
}

async fn whatever_opened_before_is_over_and_the_address_hears_of_it(store: Store) {
    let (who, address) = (name("Ada Byron"), email(ADA));
    let link = (&[7; 32], later(600));
    let invited = store.invite_staff((&who, &address, school::Rank::Owner), link, OFFICE, now());
    let ada = invited.await.expect("invited");
    let begun = store.begin_session((ada, None), (&[1; 32], &[0; 32]), later(600), now());
    begun.await.expect("begun");
    asks(&store, sub("1"), &[ADA]).await.expect("bound");
    let session = store.session(&[1; 32], now()).await.expect("read");
    assert!(session.is_none(), "it was not known whose it was");
    let link = store.check_set_up(&[7; 32], now()).await;
    assert_eq!(refused(link.map(|_| ())), Refusal::SetUpDone);
    // Whoever has no password has none to forget.
    let sent = store.send_new_password(&address, now()).await;
    assert!(!sent.expect("looked for"));
    let claimed = store.claim_mail(Channel::Email, 50, SignedDuration::from_mins(1), later(1));
    let claimed = claimed.await.expect("claimed");
    let told = claimed
        .iter()
        .filter(|it| matches!(it.letter, Letter::SignIn { .. }));
    assert_eq!(told.count(), 1, "{claimed:?}");
    // She signs in again, and nothing more is said or ended.
    assert!(begin(&store, ada, sub("1"), 2).await);
    asks(&store, sub("1"), &[ADA]).await.expect("known");
    let session = store.session(&[2; 32], now()).await.expect("read");
    assert!(session.is_some());
}

async fn a_second_step_is_not_gone_round(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "hash").await;
    let begun = store.begin_session((ada, None), (&[1; 32], &[0; 32]), later(600), now());
    begun.await.expect("begun");
    let added = store.add_second_factor((ada, "hash"), (b"locked", 1), &[], &[1; 32], now());
    added.await.expect("added");
    let recognised = store.recognise(sub("1"), &[email(ADA)], now()).await;
    assert!(matches!(recognised, Ok(Recognised::SecondStep)));
    assert_eq!(store.identified_by(ISSUER).await.expect("read"), []);
    let session = store.session(&[1; 32], now()).await.expect("read");
    assert!(session.is_some(), "nothing was ended");
    let removed = store.remove_second_factor(ada, OFFICE, now()).await;
    removed.expect("removed");
    assert_eq!(asks(&store, sub("1"), &[ADA]).await, Ok(ada));
}

async fn a_server_that_is_registered_anew_binds_anew(store: Store) {
    let ada = add(&store, "Ada Byron", ADA, "").await;
    let bo = add(&store, "Bo Diddley", "bo@school.example", "").await;
    asks(&store, sub("1"), &[ADA]).await.expect("bound");
    asks(&store, sub("2"), &["bo@school.example"])
        .await
        .expect("bound");
    let anew = |subject| Identity {
        client: "homeroom anew",
        ..sub(subject)
    };
    // The provider calls her otherwise now, and him as before.
    assert_eq!(asks(&store, anew("one"), &[ADA]).await, Ok(ada));
    assert_eq!(asks(&store, anew("2"), &[]).await, Ok(bo));
    for whom in [anew("of another"), sub("of another")] {
        let taken = asks(&store, whom, &["bo@school.example"]).await;
        assert_eq!(taken.is_err(), whom.client == "homeroom anew");
    }
    assert_eq!(asks(&store, sub("1"), &[]).await, Err(false));
    assert_eq!(logged(&store, "identity_bound").await, 4);
}
