//! Passkeys of the staff (OPS-7): what each was asked is asked once, and what it counts goes up.

use school::{PasskeyId, Refusal, StaffId};
use store::{FactorOutcome, MOST_PASSKEYS, NewPasskey, NewStaff, Passkey, Store, Tried};

use crate::places::on_both;
use crate::world::{OFFICE, email, label, later, name, now, refused};

on_both!(
    it_is_a_second_factor_by_itself_and_the_last_one_takes_it_along,
    beside_an_app_it_changes_nothing_for_the_others,
    a_challenge_is_good_once_for_its_person_and_what_it_is_for,
    the_newest_challenges_are_kept,
    one_that_counts_counts_up,
    one_that_counts_nothing_is_good_again_and_again,
    there_are_so_many_and_each_is_somebodys,
    it_is_added_by_who_shows_the_password_in_a_session,
    it_ends_with_the_account_and_is_anothers_never,
);

const CODES: [[u8; 32]; 2] = [[1; 32], [2; 32]];

struct Ada {
    store: Store,
    id: StaffId,
    session: [u8; 32],
}

impl Ada {
    async fn named(store: &Store, who: &str) -> Self {
        let new = NewStaff {
            name: name(who),
            email: email(&format!("{who}@school.example")),
            password_hash: "hash".to_owned(),
            rank: school::Rank::Owner,
        };
        let id = store.add_staff(&new, OFFICE, now()).await.expect("added");
        let ada = Self {
            store: store.clone(),
            id,
            session: [who.as_bytes()[0]; 32],
        };
        ada.begin(&ada.session).await;
        ada
    }

    async fn begin(&self, session: &[u8; 32]) {
        let who = (self.id, None);
        let begun = self
            .store
            .begin_session(who, (session, &[0; 32]), later(600), now());
        begun.await.expect("begun");
    }

    async fn add_counting(&self, credential: &[u8], count: u32) -> Result<bool, store::Error> {
        let new = NewPasskey {
            credential,
            public_key: b"a key",
            algorithm: -7,
            sign_count: count,
            transports: "internal,hybrid",
            name: &label("My laptop"),
        };
        let own = (self.id, "hash");
        let added = self
            .store
            .add_passkey(own, new, &CODES, &self.session, now());
        added.await
    }

    async fn add(&self, credential: &[u8]) -> Result<bool, store::Error> {
        self.add_counting(credential, 0).await
    }

    async fn all(&self) -> Vec<Passkey> {
        self.store.passkeys(self.id).await.expect("read")
    }

    async fn codes_left(&self) -> Option<u32> {
        let factor = self.store.second_factor(self.id).await.expect("read");
        factor.map(|it| it.codes_left)
    }

    async fn takes(&self, digest: u8, bound: u8, at: i64) -> bool {
        let asked = (&[digest; 32], &[bound; 32]);
        let taken = self.store.take_challenge(self.id, asked, later(at)).await;
        taken.expect("taken")
    }

    async fn asks(&self, digest: u8, bound: u8, until: i64) {
        let asked = (&[digest; 32], &[bound; 32]);
        let asked = self.store.ask_passkey(self.id, asked, later(until), now());
        asked.await.expect("asked");
    }

    /// The rows of the log about her that begin so, the oldest first.
    async fn logged(&self, of: &str) -> Vec<String> {
        let log = self.store.audit_log(None, 200).await.expect("read");
        let about = format!("staff:{}", self.id);
        let own = log.into_iter().filter(|it| it.subject == about);
        let mut own: Vec<_> = own.map(|it| it.action).collect();
        own.retain(|it| it.starts_with(of));
        own.reverse();
        own
    }
}

async fn it_is_a_second_factor_by_itself_and_the_last_one_takes_it_along(store: Store) {
    let ada = Ada::named(&store, "ada").await;
    ada.begin(&[7; 32]).await;
    assert!(ada.add(b"first").await.expect("added"), "it begins with it");
    let other = store.session(&[7; 32], now()).await.expect("read");
    assert!(other.is_none(), "it began without");
    ada.begin(&[7; 32]).await;
    assert!(!ada.add(b"second").await.expect("added"));
    let other = store.session(&[7; 32], now()).await.expect("read");
    assert!(other.is_some(), "it began with one");
    assert_eq!(ada.codes_left().await, Some(2));
    let factor = store.second_factor(ada.id).await.expect("read");
    assert_eq!(factor.expect("one").locked, None);
    let all = ada.all().await;
    let [first, second] = all.as_slice() else {
        panic!("two: {all:?}");
    };
    let mut credentials = [&*first.credential, &*second.credential];
    credentials.sort_unstable();
    assert_eq!(credentials, [&b"first"[..], b"second"]);
    assert_eq!((first.name.as_str(), first.used_at), ("My laptop", None));
    // A recovery code is good in its place.
    let by = (Tried::Recovery(&CODES[0]), store::By::Known);
    let tried = store.try_second_factor(ada.id, by, now()).await;
    assert_eq!(tried.expect("tried"), FactorOutcome::Right);
    for (passkey, left) in [(first.id, Some(1)), (second.id, None)] {
        let removed = store.remove_passkey(ada.id, passkey, now()).await;
        removed.expect("removed");
        assert_eq!(ada.codes_left().await, left);
        let again = store.remove_passkey(ada.id, passkey, now()).await;
        assert_eq!(refused(again), Refusal::NotFound);
    }
    let rows = ["added", "added", "removed", "removed"].map(|it| format!("passkey_{it}"));
    assert_eq!(ada.logged("passkey").await, rows);
    let rows = ["second_factor_added", "second_factor_removed"];
    assert_eq!(ada.logged("second_factor").await, rows);
}

async fn beside_an_app_it_changes_nothing_for_the_others(store: Store) {
    let ada = Ada::named(&store, "ada").await;
    let app = (b"locked".as_slice(), 100);
    let own = (ada.id, "hash");
    let added = store.add_second_factor(own, app, &CODES, &ada.session, now());
    assert!(added.await.expect("added"));
    let since = store.second_factor(ada.id).await.expect("read");
    assert!(!ada.add(b"one").await.expect("added"));
    assert_eq!(store.second_factor(ada.id).await.expect("read"), since);
    let id = ada.all().await[0].id;
    let removed = store.remove_passkey(ada.id, id, now()).await;
    removed.expect("removed");
    assert_eq!(store.second_factor(ada.id).await.expect("read"), since);
    // And an app beside a passkey.
    let bo = Ada::named(&store, "bo").await;
    bo.add(b"two").await.expect("added");
    let own = (bo.id, "hash");
    let added = store.add_second_factor(own, app, &[[5; 32]], &bo.session, later(1));
    assert!(!added.await.expect("added"));
    assert_eq!(bo.codes_left().await, Some(2), "those before are good");
    let factor = store.second_factor(bo.id).await.expect("read");
    let factor = factor.expect("one");
    assert_eq!(factor.locked.as_deref(), Some(&b"locked"[..]));
    assert_eq!(factor.since, now());
    let again = store.add_second_factor(own, app, &CODES, &bo.session, later(1));
    assert_eq!(refused(again.await), Refusal::ChangedMeanwhile);
    // All of it goes at once.
    let removed = store.remove_second_factor(bo.id, OFFICE, now()).await;
    removed.expect("removed");
    assert_eq!(bo.all().await, []);
}

async fn a_challenge_is_good_once_for_its_person_and_what_it_is_for(store: Store) {
    let [ada, bo] = [
        Ada::named(&store, "ada").await,
        Ada::named(&store, "bo").await,
    ];
    ada.asks(1, 2, 5).await;
    assert!(!bo.takes(1, 2, 0).await, "another's");
    assert!(!ada.takes(1, 3, 0).await, "for something else");
    assert!(!ada.takes(4, 2, 0).await, "nobody was asked");
    let elsewhere = Ada {
        store: store.of_school(school::SchoolId(2)),
        id: ada.id,
        session: ada.session,
    };
    assert!(!elsewhere.takes(1, 2, 0).await, "another school's");
    assert!(!ada.takes(1, 2, 5).await, "too late");
    let both = [0, 1].map(|_| ada.takes(1, 2, 4));
    let [one, other] = both;
    let (one, other) = tokio::join!(one, other);
    assert!(one != other, "once");
}

async fn the_newest_challenges_are_kept(store: Store) {
    let [ada, bo] = [
        Ada::named(&store, "ada").await,
        Ada::named(&store, "bo").await,
    ];
    bo.asks(100, 0, 5).await;
    for nth in 0..20 {
        ada.asks(nth, 0, 5 + i64::from(nth)).await;
    }
    for nth in 0..20 {
        assert_eq!(ada.takes(nth, 0, 0).await, nth >= 10, "{nth}");
    }
    assert!(bo.takes(100, 0, 0).await);
}

async fn one_that_counts_counts_up(store: Store) {
    let ada = Ada::named(&store, "ada").await;
    ada.add_counting(b"counts", 7).await.expect("added");
    let id = ada.all().await[0].id;
    for (nth, (count, is_good)) in [
        (7, false),
        (8, true),
        (8, false),
        (0, false),
        (u32::MAX, true),
    ]
    .into_iter()
    .enumerate()
    {
        let at = later(i64::try_from(nth).expect("few"));
        let used = store.use_passkey(ada.id, (id, count), at).await;
        assert_eq!(used.expect("read"), is_good, "{count}");
        assert_eq!(ada.all().await[0].used_at == Some(at), is_good);
    }
    assert_eq!(ada.logged("passkey_copied").await.len(), 3);
}

async fn one_that_counts_nothing_is_good_again_and_again(store: Store) {
    let ada = Ada::named(&store, "ada").await;
    ada.add(b"synced").await.expect("added");
    let id = ada.all().await[0].id;
    for (count, is_good) in [(0, true), (0, true), (1, true), (0, false)] {
        let used = store.use_passkey(ada.id, (id, count), now()).await;
        assert_eq!(used.expect("read"), is_good, "{count}");
    }
    // What is gone signs nobody in, and nobody has copied it.
    store
        .remove_passkey(ada.id, id, now())
        .await
        .expect("removed");
    let used = store.use_passkey(ada.id, (id, 2), now()).await;
    assert!(!used.expect("read"));
    assert_eq!(ada.logged("passkey_copied").await.len(), 1);
}

async fn there_are_so_many_and_each_is_somebodys(store: Store) {
    let [ada, bo] = [
        Ada::named(&store, "ada").await,
        Ada::named(&store, "bo").await,
    ];
    for nth in 0..MOST_PASSKEYS {
        let credential = format!("credential {nth}");
        ada.add(credential.as_bytes()).await.expect("added");
    }
    let more = ada.add(b"one more").await;
    assert_eq!(refused(more), Refusal::ChangedMeanwhile);
    let same = bo.add(b"credential 3").await;
    assert_eq!(refused(same), Refusal::ChangedMeanwhile);
    assert_eq!(bo.codes_left().await, None, "nothing is begun");
    bo.add(b"one more").await.expect("added");
}

async fn it_is_added_by_who_shows_the_password_in_a_session(store: Store) {
    let ada = Ada::named(&store, "ada").await;
    let new = NewPasskey {
        credential: b"one",
        public_key: b"a key",
        algorithm: -7,
        sign_count: 0,
        transports: "",
        name: &label("One"),
    };
    for (hash, session) in [("hash", [7; 32]), ("another hash", ada.session)] {
        let own = (ada.id, hash);
        let added = store.add_passkey(own, new, &CODES, &session, now()).await;
        assert_eq!(refused(added), Refusal::ChangedMeanwhile);
    }
    let over = store.add_passkey((ada.id, "hash"), new, &CODES, &ada.session, later(600));
    assert_eq!(refused(over.await), Refusal::ChangedMeanwhile);
    assert_eq!(ada.codes_left().await, None);
}

async fn it_ends_with_the_account_and_is_anothers_never(store: Store) {
    let [ada, bo] = [
        Ada::named(&store, "ada").await,
        Ada::named(&store, "bo").await,
    ];
    ada.add(b"one").await.expect("added");
    let id = ada.all().await[0].id;
    for (store, who, passkey) in [
        (store.clone(), bo.id, id),
        (store.clone(), ada.id, PasskeyId(id.0 + 1)),
        (store.of_school(school::SchoolId(2)), ada.id, id),
    ] {
        let removed = store.remove_passkey(who, passkey, now()).await;
        assert_eq!(refused(removed), Refusal::NotFound);
        let used = store.use_passkey(who, (passkey, 1), now()).await;
        assert!(!used.expect("read"));
    }
    assert_eq!(ada.all().await.len(), 1);
    bo.add(b"two").await.expect("added");
    let ended = store.disable_staff(bo.id, OFFICE, now()).await;
    ended.expect("ended");
    assert_eq!(bo.all().await, []);
    let link = (&[5; 32], later(600));
    let taken = store.take_second_factor(ada.id, link, OFFICE, now()).await;
    taken.expect("taken");
    assert_eq!(ada.all().await, []);
}
