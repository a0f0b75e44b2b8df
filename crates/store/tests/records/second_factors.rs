//! A second factor of the staff (OPS-7): what is taken is taken once, and whoever guesses is stopped.

use jiff::Timestamp;
use school::{Refusal, StaffId};
use store::{By, FactorOutcome, NewStaff, Shown, Store, Tried};

use crate::places::on_both;
use crate::world::{OFFICE, email, later, name, now, refused};

on_both!(
    a_code_is_taken_once_and_an_older_one_never,
    a_recovery_code_is_taken_once,
    wrong_codes_stop_strangers_for_longer_and_longer_and_nobody_else,
    what_was_shown_must_stand_where_it_is_used,
    it_is_taken_away_with_the_password,
    sessions_that_began_without_it_are_over,
    it_ends_with_the_account_and_is_anothers_never,
);

const LOCKED: &[u8] = b"what was locked";
const CODES: [[u8; 32]; 2] = [[1; 32], [2; 32]];

/// Who signs in so.
struct Ada {
    store: Store,
    id: StaffId,
}

impl Ada {
    async fn without(store: &Store) -> Self {
        let new = NewStaff {
            name: name("Ada Byron"),
            email: email("ada@school.example"),
            password_hash: "hash".to_owned(),
            rank: school::Rank::Owner,
        };
        let id = store.add_staff(&new, OFFICE, now()).await.expect("added");
        Self {
            store: store.clone(),
            id,
        }
    }

    /// The code of step 100 was shown.
    async fn with(store: &Store) -> Self {
        let ada = Self::without(store).await;
        ada.begin(&[9; 32]).await;
        ada.add(&[9; 32]).await.expect("added");
        ada
    }

    async fn begin(&self, session: &[u8; 32]) {
        let both = (session, &[0; 32]);
        let begun = self
            .store
            .begin_session((self.id, None), both, later(600), now());
        assert!(!begun.await.expect("begun"));
    }

    async fn add(&self, session: &[u8; 32]) -> Result<(), store::Error> {
        let own = (self.id, "hash");
        let added = self
            .store
            .add_second_factor(own, (LOCKED, 100), &CODES, session, now());
        added.await.map(drop)
    }

    async fn tries_by(&self, by: By, tried: Tried<'_>, at: Timestamp) -> FactorOutcome {
        let tried = self.store.try_second_factor(self.id, (tried, by), at).await;
        tried.expect("tried")
    }

    async fn tries(&self, tried: Tried<'_>, at: Timestamp) -> FactorOutcome {
        self.tries_by(By::Stranger, tried, at).await
    }

    async fn codes_left(&self) -> Option<u32> {
        let factor = self.store.second_factor(self.id).await.expect("read");
        factor.map(|it| it.codes_left)
    }
}

async fn a_code_is_taken_once_and_an_older_one_never(store: Store) {
    let ada = Ada::with(&store).await;
    let factor = store.second_factor(ada.id).await.expect("read");
    let factor = factor.expect("one");
    assert_eq!(
        (factor.locked.as_deref(), factor.since),
        (Some(LOCKED), now())
    );
    for (step, outcome) in [
        (100, FactorOutcome::Wrong),
        (102, FactorOutcome::Right),
        (102, FactorOutcome::Wrong),
        (101, FactorOutcome::Wrong),
        (103, FactorOutcome::Right),
    ] {
        assert_eq!(ada.tries(Tried::Step(step), now()).await, outcome, "{step}");
    }
    // Two presses at once, with one code.
    let both =
        [0, 1].map(|_| store.try_second_factor(ada.id, (Tried::Step(200), By::Known), now()));
    let [one, other] = both;
    let (one, other) = tokio::join!(one, other);
    let mut outcomes = [one.expect("tried"), other.expect("tried")];
    outcomes.sort_by_key(|it| *it != FactorOutcome::Right);
    assert_eq!(outcomes, [FactorOutcome::Right, FactorOutcome::Wrong]);
}

async fn a_recovery_code_is_taken_once(store: Store) {
    let ada = Ada::with(&store).await;
    assert_eq!(ada.codes_left().await, Some(2));
    for (code, outcome) in [
        ([1; 32], FactorOutcome::Right),
        ([1; 32], FactorOutcome::Wrong),
        ([3; 32], FactorOutcome::Wrong),
    ] {
        assert_eq!(ada.tries(Tried::Recovery(&code), now()).await, outcome);
    }
    assert_eq!(ada.codes_left().await, Some(1));
    let renewed = store.renew_recovery_codes(ada.id, &[[4; 32]; 1], now());
    renewed.await.expect("renewed");
    let old = ada.tries(Tried::Recovery(&[2; 32]), now()).await;
    let new = ada.tries(Tried::Recovery(&[4; 32]), now()).await;
    assert_eq!([old, new], [FactorOutcome::Wrong, FactorOutcome::Right]);
}

async fn wrong_codes_stop_strangers_for_longer_and_longer_and_nobody_else(store: Store) {
    let ada = Ada::with(&store).await;
    let mut at = 60;
    for (stop, minutes) in [15, 60, 240, 960, 24 * 60, 24 * 60].into_iter().enumerate() {
        for guess in 0..10 {
            let outcome = ada.tries(Tried::Wrong, later(at)).await;
            assert_eq!(outcome, FactorOutcome::Wrong, "{stop} {guess}");
        }
        let stopped = FactorOutcome::Stopped(later(at + minutes));
        // Not even the right one is looked at.
        for tried in [Tried::Step(101), Tried::Wrong] {
            let last = later(at + minutes - 1);
            assert_eq!(ada.tries(tried, last).await, stopped, "{stop}");
        }
        at += minutes;
    }
    let log = store.audit_log(None, 100).await.expect("read");
    let guessed = log.iter().filter(|it| it.action == "second_factor_guessed");
    assert_eq!(guessed.count(), 6);
    // Where she is known she types on, and a recovery code is taken anywhere.
    for _ in 0..10 {
        ada.tries(Tried::Wrong, later(at)).await;
    }
    let right = FactorOutcome::Right;
    let wrong = ada.tries_by(By::Known, Tried::Wrong, later(at)).await;
    assert_eq!(wrong, FactorOutcome::Wrong);
    let known = ada.tries_by(By::Known, Tried::Step(101), later(at)).await;
    assert_eq!(known, right);
    // One that is right forgets those before it.
    for _ in 0..10 {
        let outcome = ada.tries(Tried::Wrong, later(at)).await;
        assert_eq!(outcome, FactorOutcome::Wrong);
    }
    let recovery = Tried::Recovery(&CODES[0]);
    assert_eq!(ada.tries(recovery, later(at)).await, right);
    assert_eq!(ada.tries(Tried::Step(102), later(at)).await, right);
}

async fn what_was_shown_must_stand_where_it_is_used(store: Store) {
    let ada = Ada::without(&store).await;
    ada.begin(&[8; 32]).await;
    // A session that is over, another password, and one that stands already.
    assert_eq!(refused(ada.add(&[7; 32]).await), Refusal::ChangedMeanwhile);
    let own = (ada.id, "another hash");
    let added = store.add_second_factor(own, (LOCKED, 100), &CODES, &[8; 32], now());
    assert_eq!(refused(added.await), Refusal::ChangedMeanwhile);
    ada.add(&[8; 32]).await.expect("added");
    assert_eq!(refused(ada.add(&[8; 32]).await), Refusal::ChangedMeanwhile);
    for (n, (hash, factor, stands)) in [
        ("hash", Some(now()), true),
        ("hash", None, false),
        ("hash", Some(later(1)), false),
        ("another hash", Some(now()), false),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = Shown::Password { hash, factor };
        let session = [u8::try_from(n).expect("few"); 32];
        let who = (ada.id, Some(shown));
        let begun = store.begin_session(who, (&session, &[0; 32]), later(600), now());
        assert_eq!(begun.await.is_ok(), stands, "{n}");
        let lives = store.session(&session, now()).await.expect("read");
        assert_eq!(lives.is_some(), stands, "{n}");
    }
}

async fn it_is_taken_away_with_the_password(store: Store) {
    let ada = Ada::with(&store).await;
    let link = (&[5; 32], later(600));
    let taken = store.take_second_factor(ada.id, link, OFFICE, now()).await;
    taken.expect("taken");
    assert_eq!(ada.codes_left().await, None);
    let session = store.session(&[9; 32], now()).await.expect("read");
    assert!(session.is_none(), "every session is over");
    let account = store.staff_by_email(&email("ada@school.example")).await;
    let account = account.expect("read").expect("there");
    assert_eq!(account.password_hash, "");
    let chosen = store.take_up(&[5; 32], "new hash", now()).await;
    assert_eq!(chosen.expect("chosen"), ada.id);
    let again = store.take_second_factor(ada.id, link, OFFICE, now()).await;
    assert_eq!(refused(again), Refusal::NotFound);
}

async fn sessions_that_began_without_it_are_over(store: Store) {
    let ada = Ada::without(&store).await;
    for session in [[7; 32], [8; 32]] {
        ada.begin(&session).await;
    }
    ada.add(&[8; 32]).await.expect("added");
    let lives = [[7; 32], [8; 32]].map(|it| {
        let store = store.clone();
        async move { store.session(&it, now()).await.expect("read").is_some() }
    });
    let [other, own] = lives;
    assert_eq!([other.await, own.await], [false, true]);
}

async fn it_ends_with_the_account_and_is_anothers_never(store: Store) {
    let ada = Ada::with(&store).await;
    let new = NewStaff {
        name: name("Bo Ek"),
        email: email("bo@school.example"),
        password_hash: "hash".to_owned(),
        rank: school::Rank::Owner,
    };
    let bo = store.add_staff(&new, OFFICE, now()).await.expect("added");
    assert_eq!(store.second_factor(bo).await.expect("read"), None);
    let tried = store.try_second_factor(bo, (Tried::Recovery(&CODES[0]), By::Known), now());
    assert_eq!(tried.await.expect("tried"), FactorOutcome::Wrong);
    let renewed = store.renew_recovery_codes(bo, &CODES, now()).await;
    assert_eq!(refused(renewed), Refusal::NotFound);
    assert_eq!(store.second_factors().await.expect("read"), [ada.id]);
    let elsewhere = store.of_school(school::SchoolId(2));
    assert_eq!(elsewhere.second_factor(ada.id).await.expect("read"), None);
    let removed = elsewhere.remove_second_factor(ada.id, OFFICE, now()).await;
    assert_eq!(refused(removed), Refusal::NotFound);
    let ended = store.disable_staff(ada.id, OFFICE, now()).await;
    ended.expect("ended");
    assert_eq!(ada.codes_left().await, None);
    let removed = store.remove_second_factor(ada.id, OFFICE, now()).await;
    assert_eq!(refused(removed), Refusal::NotFound);
}
