//! Somebody of the staff who is a parent has one sign-in for both (DIR-9).

use jiff::SignedDuration;
use school::{AccountId, ContactId, Refusal, SchoolId, StaffId};
use store::{
    Channel, Guardian, Hat, Letter, NewContact, NewStaff, Registering, Store, Wearer, digest,
};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, email, later, name, now, refused};

on_both!(
    whoever_holds_both_sessions_has_one_sign_in_and_nobody_else,
    the_password_of_the_staff_opens_both_and_a_press_closes_both,
    two_sign_ins_again_are_two,
    whatever_changes_who_they_are_ends_it,
    two_records_that_are_parted_have_two_sign_ins,
    a_hat_of_another_school_is_nobodys,
);

/// Somebody who works here and has a child here, signed in to both, each by its own password.
pub(crate) struct Person {
    store: Store,
    address: String,
    pub(crate) contact: ContactId,
    pub(crate) staff: StaffId,
    pub(crate) account: AccountId,
    /// Of the password of the staff.
    pub(crate) hash: String,
    /// By which they are signed in to the staff, and to the account.
    pub(crate) both: [[u8; 32]; 2],
    /// By which they sign in again, and once more.
    again: [[u8; 32]; 2],
    once_more: [[u8; 32]; 2],
}

async fn add_staff(store: &Store, who: &str, address: &str) -> StaffId {
    let staff = NewStaff {
        name: name(who),
        email: email(address),
        password_hash: format!("hash of {address}"),
        rank: school::Rank::Owner,
    };
    let added = store.add_staff(&staff, OFFICE, now()).await;
    added.expect("added")
}

/// Registers a contact, by the e-mail that comes.
async fn register(store: &Store, who: ContactId, address: &str) -> AccountId {
    let sent = store.send_registrations(&[who], OFFICE, now()).await;
    assert_eq!(sent.expect("sent").refused, []);
    let minute = SignedDuration::from_mins(1);
    let mails = store.claim_mail(Channel::Email, 100, minute, now()).await;
    let mut link = None;
    for mail in mails.expect("claimed") {
        if let Letter::Registration(letter) = &mail.letter
            && mail.address.reveal() == address
        {
            link = Some(digest(&letter.secret));
        }
        let sent = store.mail_sent(mail.id, mail.lease, now()).await;
        assert!(sent.expect("said"));
    }
    let how = Registering::Anew("hash of the account".to_owned());
    let link = link.expect("an e-mail");
    let (registered, _) = store.register(&link, how, now()).await.expect("taken");
    registered.expect("registered").0
}

impl Person {
    /// The `n`th one.
    pub(crate) async fn signed_in(world: &World, n: u8) -> Self {
        let store = &world.store;
        let (who, address) = (
            format!("Person{n} Adler"),
            format!("person{n}@home.example"),
        );
        let contact = contact(store, &who, &address, &[world.cem]).await;
        // As the office typed it.
        let staff = add_staff(store, &who, &address.to_uppercase()).await;
        let account = register(store, contact, &address).await;
        let it = Self {
            store: store.clone(),
            hash: format!("hash of {}", address.to_uppercase()),
            address,
            contact,
            staff,
            account,
            both: [[n; 32], [n + 50; 32]],
            again: [[n + 100; 32], [n + 150; 32]],
            once_more: [[n + 200; 32], [n + 200; 32]],
        };
        assert!(
            !it.sign_in(&[it.both[0], it.again[1]]).await,
            "they are two"
        );
        let begun = store.begin_account_session(account, &it.both[1], later(600), now());
        begun.await.expect("begun");
        it
    }

    /// The same, who has one sign-in for both.
    pub(crate) async fn with_hat(world: &World, n: u8) -> Self {
        let it = Self::signed_in(world, n).await;
        it.make().await;
        it
    }

    async fn make(&self) {
        let both = (&self.both[0], &self.both[1]);
        let made = self.store.make_hat(both, now()).await;
        made.expect("made");
    }

    /// How it stands by the page of the staff, and by that of the account.
    async fn hats(&self) -> [Option<Hat>; 2] {
        let both = Some((&self.both[0], &self.both[1]));
        let [staff, account] = [Wearer::Staff(self.staff), Wearer::Account(self.account)];
        let staff = self.store.hat(staff, both, now()).await;
        let account = self.store.hat(account, both, now()).await;
        [staff.expect("read"), account.expect("read")]
    }

    /// Whether these sessions of the staff and of the account live.
    pub(crate) async fn live(&self, [staff, account]: &[[u8; 32]; 2]) -> [bool; 2] {
        let staff = self.store.session(staff, now()).await;
        let account = self.store.account_session(account, now()).await;
        [
            staff.expect("read").is_some(),
            account.expect("read").is_some(),
        ]
    }

    /// Whether the password of the staff is one at the door of the account.
    async fn is_taken_at_the_account(&self) -> bool {
        let account = self.store.account_by_email(&email(&self.address)).await;
        let hat = account.expect("read").and_then(|it| it.hat);
        if let Some((staff, hash)) = &hat {
            let of_staff = format!("hash of {}", self.address.to_uppercase());
            assert_eq!((*staff, hash), (self.staff, &of_staff));
        }
        hat.is_some()
    }

    /// Signs in with the password of the staff: whether that opens the account too.
    async fn sign_in(&self, [staff, account]: &[[u8; 32]; 2]) -> bool {
        let both = (staff, account);
        let begun = self
            .store
            .begin_session((self.staff, None), both, later(600), now());
        begun.await.expect("begun")
    }

    /// How often one sign-in was made of two, and two of one, by the log of that school.
    pub(crate) async fn logged(&self, store: &Store) -> [usize; 2] {
        let rows = store.audit_log(None, 2_000).await.expect("read");
        let subject = format!("staff:{}", self.staff);
        ["one_sign_in", "two_sign_ins"].map(|action| {
            let rows = rows.iter().filter(|it| it.action == action);
            rows.filter(|it| it.subject == subject).count()
        })
    }
}

async fn whoever_holds_both_sessions_has_one_sign_in_and_nobody_else(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let it = Person::signed_in(&world, 1).await;
    let other = Person::signed_in(&world, 2).await;
    let [staff, account] = &it.both;
    for both in [
        (staff, &other.both[1]),
        (&other.both[0], account),
        (staff, &[99; 32]),
        (&[99; 32], account),
        (account, staff),
    ] {
        let made = store.make_hat(both, now()).await;
        assert_eq!(refused(made), Refusal::NotFound);
        let shown = store.hat(Wearer::Staff(it.staff), Some(both), now()).await;
        assert_eq!(shown.expect("read"), None);
    }
    let too_late = store.make_hat((staff, account), later(600)).await;
    assert_eq!(refused(too_late), Refusal::NotFound);
    assert!(!it.sign_in(&it.again).await);
    assert!(!it.is_taken_at_the_account().await);
    assert_eq!(it.hats().await, [Some(Hat::Offered); 2]);
    let alone = store.hat(Wearer::Staff(it.staff), None, now()).await;
    assert_eq!(alone.expect("read"), None);

    it.make().await;
    it.make().await;
    assert_eq!(it.hats().await, [Some(Hat::Stands); 2]);
    let alone = store.hat(Wearer::Account(it.account), None, now()).await;
    assert_eq!(alone.expect("read"), Some(Hat::Stands));
    assert_eq!(it.logged(store).await, [1, 0]);
    assert_eq!(other.hats().await, [Some(Hat::Offered); 2]);
}

async fn the_password_of_the_staff_opens_both_and_a_press_closes_both(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let it = Person::with_hat(&world, 1).await;
    assert!(it.is_taken_at_the_account().await);
    assert!(it.sign_in(&it.again).await);
    assert_eq!(it.live(&it.again).await, [true, true]);
    assert!(store.end_session(&it.again[0], now()).await.expect("ended"));
    assert_eq!(it.live(&it.again).await, [false, false]);
    // Those of another browser, by which it was made, belong together too.
    assert_eq!(it.live(&it.both).await, [true, true]);
    let ended = store.end_account_session(&it.both[1]).await;
    assert!(ended.expect("ended"));
    assert_eq!(it.live(&it.both).await, [false, false]);
    // The password of the account, and a link to it, open the account alone.
    let begun = store.begin_account_session(it.account, &[90; 32], later(600), now());
    begun.await.expect("begun");
    assert!(it.sign_in(&it.once_more).await);
    assert!(
        store
            .end_session(&it.once_more[0], now())
            .await
            .expect("ended")
    );
    assert_eq!(it.live(&[it.once_more[0], [90; 32]]).await, [false, true]);
    let alone = store.end_account_session(&[90; 32]).await;
    assert!(!alone.expect("ended"));
}

async fn two_sign_ins_again_are_two(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    for (n, at_the_account) in [(1, true), (2, false)] {
        let it = Person::with_hat(&world, n).await;
        assert!(it.sign_in(&it.again).await);
        let (whose, session) = if at_the_account {
            (Wearer::Account(it.account), it.both[1])
        } else {
            (Wearer::Staff(it.staff), it.both[0])
        };
        let undone = store.unmake_hat(whose, &session, now()).await;
        undone.expect("undone");
        assert_eq!(it.logged(store).await, [1, 1]);
        assert_eq!(it.live(&it.both).await, [true, true], "who pressed it");
        assert_eq!(it.live(&it.again).await, [true, false], "another browser");
        assert_eq!(it.hats().await, [Some(Hat::Offered); 2]);
        assert!(!it.is_taken_at_the_account().await);
        let again = store.unmake_hat(whose, &session, now()).await;
        assert_eq!(refused(again), Refusal::NotFound);
        assert!(!store.end_session(&it.both[0], now()).await.expect("ended"));
        assert_eq!(it.live(&it.both).await, [false, true], "each by itself");
        assert!(!it.sign_in(&it.once_more).await);
    }
}

/// What ends it.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Disabled,
    Password,
    PasswordByLink,
    Closed,
    Address,
    Order,
    MayBeBarred,
    Erased,
}

const ENDINGS: [Ending; 8] = [
    Ending::Disabled,
    Ending::Password,
    Ending::PasswordByLink,
    Ending::Closed,
    Ending::Address,
    Ending::Order,
    Ending::MayBeBarred,
    Ending::Erased,
];

async fn end(world: &World, it: &Person, n: u8, how: Ending) {
    let store = &world.store;
    let moved = NewContact {
        mobile: None,
        name: name(&format!("Person{n} Adler")),
        email: Some(email("another@home.example")),
        students: vec![Guardian {
            student: world.cem,
            relationship: String::new(),
        }],
    };
    match how {
        Ending::Disabled => {
            let done = store.disable_staff(it.staff, OFFICE, now()).await;
            done.expect("disabled");
        }
        Ending::Password => {
            let done = store.change_password(it.staff, "another", OFFICE, now());
            done.await.expect("changed");
        }
        Ending::PasswordByLink => {
            let asked = store.send_new_password(&email(&it.address), now()).await;
            assert!(asked.expect("sent"));
            let minute = SignedDuration::from_mins(1);
            let mails = store.claim_mail(Channel::Email, 100, minute, now()).await;
            let mails = mails.expect("claimed");
            let mut secrets = mails.iter().filter_map(|mail| match &mail.letter {
                Letter::NewPassword { secret } => Some(digest(secret)),
                Letter::Evening(_)
                | Letter::Waiting(_)
                | Letter::AuditHead { .. }
                | Letter::SignIn { .. }
                | Letter::Registration(_)
                | Letter::Guest(_)
                | Letter::AccountLink { .. }
                | Letter::StudentAdded { .. }
                | Letter::Address(_) => None,
            });
            let secret = secrets.next_back().expect("a link");
            let taken = store.take_up(&secret, "chosen anew", now()).await;
            assert_eq!(taken.expect("chosen"), it.staff);
        }
        Ending::Closed => {
            let done = store.close_account(it.account, now()).await;
            done.expect("closed");
        }
        Ending::Address => {
            let done = store.change_contact(it.contact, &moved, OFFICE, now());
            done.await.expect("changed");
        }
        Ending::Order => {
            let done = store.set_court_order(it.contact, OFFICE, now()).await;
            done.expect("set");
        }
        Ending::MayBeBarred => {
            let (who, at) = (format!("Person{n} Adler"), "elsewhere@home.example");
            let twin = contact(store, &who, at, &[world.cem]).await;
            let done = store.set_court_order(twin, OFFICE, now()).await;
            done.expect("set");
            let held = store.contact(it.contact).await.expect("there").may_be;
            assert_eq!(held.map(|it| it.contact), Some(twin));
        }
        Ending::Erased => {
            let done = store.erase_contact(it.contact, OFFICE, now()).await;
            done.expect("erased");
        }
    }
}

async fn whatever_changes_who_they_are_ends_it(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let stays = Person::with_hat(&world, 40).await;
    for (n, how) in (1..).zip(ENDINGS) {
        let it = Person::with_hat(&world, n).await;
        assert!(it.sign_in(&it.again).await);
        end(&world, &it, n, how).await;
        assert_eq!(it.logged(store).await, [1, 1], "{how:?}");
        assert!(!it.is_taken_at_the_account().await, "{how:?}");
        // What it opened ends with it.
        for both in [&it.both, &it.again] {
            let [_, account] = it.live(both).await;
            assert!(!account, "{how:?}");
        }
        assert!(!it.sign_in(&it.once_more).await, "{how:?}");
    }
    assert!(stays.is_taken_at_the_account().await);
    assert_eq!(stays.live(&stays.both).await, [true, true]);
    assert_eq!(stays.logged(store).await, [1, 0]);
}

async fn two_records_that_are_parted_have_two_sign_ins(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let it = Person::signed_in(&world, 1).await;
    let students = [world.ana];
    let twin = contact(store, "Person1 Adler", "work@home.example", &students).await;
    let both = (twin, it.contact);
    let joined = store.join_records(both, OFFICE, now()).await;
    joined.expect("joined");
    // Now that of the record that stays.
    it.make().await;
    let parted = store.part_records(both, OFFICE, later(1)).await;
    parted.expect("parted");
    assert_eq!(it.logged(store).await, [1, 1]);
    assert_eq!(it.live(&it.both).await, [true, false]);
}

async fn a_hat_of_another_school_is_nobodys(store: Store) {
    let world = World::new(store).await;
    let it = Person::signed_in(&world, 1).await;
    let other = world.store.of_school(SchoolId(2));
    let both = (&it.both[0], &it.both[1]);
    assert_eq!(
        refused(other.make_hat(both, now()).await),
        Refusal::NotFound
    );
    it.make().await;
    let [staff, account] = [Wearer::Staff(it.staff), Wearer::Account(it.account)];
    for (whose, session) in [(staff, both.0), (account, both.1)] {
        let shown = other.hat(whose, Some(both), now()).await;
        assert_eq!(shown.expect("read"), None);
        let undone = other.unmake_hat(whose, session, now()).await;
        assert_eq!(refused(undone), Refusal::NotFound);
    }
    assert!(!other.end_session(both.0, now()).await.expect("nobody's"));
    assert!(!other.end_account_session(both.1).await.expect("nobody's"));
    assert_eq!(it.live(&it.both).await, [true, true]);
    assert_eq!(it.hats().await, [Some(Hat::Stands); 2]);
}
