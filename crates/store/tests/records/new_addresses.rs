//! Whoever has an account signs in with another address once they have shown that they read there, and the school's
//! records' stands beside it until the office decides (DIR-9, DIR-12, DIR-4).

use std::path::Path;

use jiff::SignedDuration;
use school::import::{self, Incoming, Outcome};
use school::{AccountId, EmailAddress, Note, Refusal};
use store::{
    Action, AddressLetter, Channel, Detail, Doing, Keep, Letter, Mail, NewAddress, NewStudent,
    Place, Registering, Store, Then, Wearer, digest,
};

use crate::hats::Person;
use crate::places::{OPTIONS, fresh_folder, on_both};
use crate::registrations::{invited, register};
use crate::said::Ivy;
use crate::world::{OFFICE, World, contact, email, later, name, now, refused};

on_both!(
    an_address_counts_once_it_is_confirmed,
    only_the_last_link_works_for_a_day_and_for_its_account_alone,
    nobody_learns_whose_an_address_is,
    an_order_stands_in_its_way_at_each_step,
    no_import_undoes_it_and_the_office_decides,
    what_was_asked_for_ends_with_the_account,
    with_another_address_they_have_two_sign_ins,
    what_was_shown_must_stand_when_it_is_used,
    two_records_of_one_person_have_it_and_are_parted,
    what_waits_to_be_sent_goes_to_the_confirmed_address,
);

const HOME: &str = "ivy@home.example";
const NEW: &str = "ivy@new.example";
const OTHER: &str = "ivy@other.example";

impl Ivy {
    async fn ask(&self, at: &str, minutes: i64) -> store::Result<()> {
        let email = email(at);
        let asked =
            self.store
                .ask_new_address((self.account, "a hash"), (&email, true), later(minutes));
        asked.await
    }

    /// Asks, and gives the link that was sent there.
    async fn link(&self, at: &str, minutes: i64) -> [u8; 32] {
        self.ask(at, minutes).await.expect("asked");
        link_to(&posted(&self.store, minutes).await, at).expect("a link")
    }

    async fn confirm(&self, link: &[u8; 32], minutes: i64) -> store::Result<EmailAddress> {
        let whose = (self.account, &[1; 32]);
        let confirmed = self
            .store
            .confirm_new_address(whose, link, later(minutes))
            .await;
        confirmed.map(|(email, _)| email)
    }

    async fn waits_for(&self, minutes: i64) -> Option<NewAddress> {
        let home = self.store.account_home(self.account, later(minutes)).await;
        home.expect("read").new_address
    }

    /// With what she signs in, and where what is sent to her goes.
    async fn signs_in_with(&self, store: &Store) -> (Option<String>, Option<String>) {
        let mut own = None;
        for at in [HOME, NEW, OTHER] {
            let account = store.account_by_email(&email(at)).await.expect("read");
            if account.is_some_and(|it| it.id == self.account) {
                assert_eq!(own, None, "one address");
                own = Some(at.to_owned());
            }
        }
        let contact = store.contact(self.contact).await.expect("there");
        (own, contact.about.email.map(|it| it.reveal().to_owned()))
    }

    async fn import_at_address(&self, at: &str) -> Outcome {
        let file = format!("student,homeroom,guardian,e-mail\nZoe Park,8B,Ivy Park,{at}\n");
        let rows = import::read(file.as_bytes()).expect("readable").rows;
        let what = (Doing::Surely, Then::Nothing);
        let done = self.store.import(Incoming::some(rows), what, OFFICE, now());
        let outcome = done.await.expect("done").results[0].outcome;
        let contacts = self.store.contacts().await.expect("read");
        let hers = contacts
            .iter()
            .filter(|it| it.about.name == name("Ivy Park"));
        assert_eq!(hers.count(), 1, "nobody is doubled");
        outcome
    }

    async fn decide_address(&self, keep: Keep, shown: (&str, &str)) {
        let (of, word) = ((self.contact, Detail::Email), Note::default());
        let decided = self
            .store
            .decide_detail(of, (keep, &word), shown, OFFICE, now());
        decided.await.expect("decided");
    }
}

/// What is sent now.
async fn posted(store: &Store, minutes: i64) -> Vec<Mail> {
    let minute = SignedDuration::from_mins(1);
    let mut all = Vec::new();
    let mut turns_without = 0;
    loop {
        let claimed = store.claim_mail(Channel::Email, 100, minute, later(minutes));
        let claimed = claimed.await.expect("claimed");
        // One that had nothing to say any more may have stood before another.
        turns_without = if claimed.is_empty() {
            turns_without + 1
        } else {
            0
        };
        if turns_without > 3 {
            return all;
        }
        for mail in &claimed {
            let sent = store.mail_sent(mail.id, mail.lease, later(minutes)).await;
            assert!(sent.expect("said"));
        }
        all.extend(claimed);
    }
}

/// The e-mail to that address, which is claimed and not sent.
async fn claimed_to(store: &Store, at: &str, minutes: i64) -> Mail {
    let minute = SignedDuration::from_mins(1);
    loop {
        let claimed = store.claim_mail(Channel::Email, 100, minute, later(minutes));
        for mail in claimed.await.expect("claimed") {
            if mail.address.reveal() == at {
                return mail;
            }
            let sent = store.mail_sent(mail.id, mail.lease, later(minutes)).await;
            assert!(sent.expect("said"));
        }
    }
}

fn link_to(mails: &[Mail], at: &str) -> Option<[u8; 32]> {
    let mut theirs = mails.iter().filter(|it| it.address.reveal() == at);
    theirs.find_map(|mail| {
        let Letter::Address(AddressLetter::New { secret, .. }) = &mail.letter else {
            return None;
        };
        Some(digest(secret))
    })
}

/// To whom it is written, in order of their addresses: of a link, that it is taken, asked for, or another now.
fn letters(mails: &[Mail]) -> Vec<(String, &'static str, String)> {
    let mut letters: Vec<_> = mails
        .iter()
        .filter_map(|mail| {
            let Letter::Address(letter) = &mail.letter else {
                return None;
            };
            let says = match letter {
                AddressLetter::New { .. } => "new",
                AddressLetter::InUse => "in use",
                AddressLetter::Asked => "asked",
                AddressLetter::Changed => "changed",
            };
            let name = mail.name.reveal().to_owned();
            Some((mail.address.reveal().to_owned(), says, name))
        })
        .collect();
    letters.sort();
    letters
}

fn to(at: &str, says: &'static str, who: &str) -> (String, &'static str, String) {
    (at.to_owned(), says, who.to_owned())
}

async fn begin(store: &Store, account: AccountId, session: u8) {
    let digest = [session; 32];
    let begun = store.begin_account_session(account, &digest, later(9_000), now());
    begun.await.expect("signed in");
}

async fn lives(store: &Store, session: u8) -> bool {
    let session = store.account_session(&[session; 32], later(10)).await;
    session.expect("read").is_some()
}

async fn logged(store: &Store, action: Action) -> usize {
    let log = store.audit_log(None, 2_000).await.expect("read");
    log.iter().filter(|it| it.action == action.code()).count()
}

/// Somebody else who has an account at that address.
async fn other(ivy: &Ivy, who: &str, at: &str) -> AccountId {
    let other = contact(&ivy.store, who, at, &[ivy.zoe]).await;
    let link = invited(&ivy.store, other, now()).await;
    let how = Registering::Anew("another hash".to_owned());
    let registered = register(&ivy.store, &link, how, now()).await;
    registered.expect("registered").0
}

#[expect(
    clippy::cognitive_complexity,
    reason = "every assertion counts as a branch"
)]
async fn an_address_counts_once_it_is_confirmed(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    for session in [1, 2] {
        begin(store, ivy.account, session).await;
    }
    let sun = other(&ivy, "Sun Hill", "sun@x.example").await;
    begin(store, sun, 3).await;
    let same = ivy.ask("IVY@home.example", 0).await;
    assert_eq!(refused(same), Refusal::EmailTaken, "she has it");
    ivy.ask(NEW, 0).await.expect("asked");
    let mails = posted(store, 0).await;
    let both = [to(HOME, "asked", "Ivy Park"), to(NEW, "new", "Ivy Park")];
    assert_eq!(letters(&mails), both);
    let as_before = (Some(HOME.to_owned()), Some(HOME.to_owned()));
    assert_eq!(ivy.signs_in_with(store).await, as_before);
    let waits = ivy.waits_for(0).await.expect("it waits");
    assert_eq!(waits.email, email(NEW));
    // A link to sign in by that is out at the old address, and one that waits to be sent there.
    assert!(
        store
            .send_account_link(&email(HOME), later(1))
            .await
            .expect("sent")
    );
    let mails_of_link = posted(store, 1).await;
    let [
        Mail {
            letter: Letter::AccountLink { secret },
            ..
        },
    ] = &*mails_of_link
    else {
        panic!("{mails_of_link:?}")
    };
    let out = digest(secret);
    assert!(
        store
            .send_account_link(&email(HOME), later(2))
            .await
            .expect("sent")
    );

    let link = link_to(&mails, NEW).expect("a link");
    assert_eq!(ivy.confirm(&link, 2).await.expect("confirmed"), email(NEW));
    let now_so = (Some(NEW.to_owned()), Some(NEW.to_owned()));
    assert_eq!(ivy.signs_in_with(store).await, now_so);
    assert_eq!(ivy.waits_for(2).await, None);
    // The browser that confirmed stays in, others of hers do not, and nobody else's is ended.
    assert_eq!(
        [
            lives(store, 1).await,
            lives(store, 2).await,
            lives(store, 3).await
        ],
        [true, false, true]
    );
    let by_link = store.account_of_link(&out, later(2)).await.expect("read");
    assert!(by_link.is_none(), "nobody signs in by what was sent there");
    let mails = posted(store, 2).await;
    assert_eq!(letters(&mails), [to(HOME, "changed", "Ivy Park")]);
    assert!(
        mails
            .iter()
            .all(|it| !matches!(it.letter, Letter::AccountLink { .. }))
    );
    let again = ivy.confirm(&link, 3).await;
    assert_eq!(refused(again), Refusal::SetUpDone, "once");
    assert_eq!(logged(store, Action::NewAddressAsked).await, 1);
    assert_eq!(logged(store, Action::NewAddressConfirmed).await, 1);
    // The office sees it as it sees a number.
    let asked = store.changed_details().await.expect("read");
    let [one] = &*asked else { panic!("{asked:?}") };
    let shown = (one.what, one.school.as_str(), one.own.as_str());
    assert_eq!(shown, (Detail::Email, HOME, NEW));
    // And once more: each address that she had hears of it.
    let link = ivy.link(OTHER, 4).await;
    ivy.confirm(&link, 4).await.expect("confirmed");
    let mails = posted(store, 4).await;
    assert_eq!(letters(&mails), [to(NEW, "changed", "Ivy Park")]);
    let asked = store.changed_details().await.expect("read");
    assert_eq!((asked[0].school.as_str(), asked.len()), (HOME, 1));
}

async fn only_the_last_link_works_for_a_day_and_for_its_account_alone(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    let sun = other(&ivy, "Sun Hill", "sun@x.example").await;
    begin(store, sun, 3).await;
    let first = ivy.link(NEW, 0).await;
    let foreign = store
        .confirm_new_address((sun, &[3; 32]), &first, later(1))
        .await;
    assert_eq!(
        refused(foreign.map(|_| ())),
        Refusal::SetUpDone,
        "hers alone"
    );
    let nobody = store.resend_new_address(sun, true, later(1)).await;
    assert_eq!(refused(nobody), Refusal::NotFound);
    // Once more to the same address: the first opens nothing, and the old address hears of it once.
    let again = store.resend_new_address(ivy.account, true, later(2)).await;
    again.expect("sent again");
    let mails = posted(store, 2).await;
    assert_eq!(letters(&mails), [to(NEW, "new", "Ivy Park")]);
    let second = link_to(&mails, NEW).expect("a link");
    assert_eq!(refused(ivy.confirm(&first, 3).await), Refusal::SetUpDone);
    // To another: neither does the second.
    let third = ivy.link(OTHER, 4).await;
    assert_eq!(refused(ivy.confirm(&second, 5).await), Refusal::SetUpDone);
    let day = 24 * 60;
    let late = ivy.confirm(&third, 4 + day).await;
    assert_eq!(refused(late), Refusal::SetUpDone, "a day");
    let shown = ivy.waits_for(4 + day).await.expect("shown as over");
    assert!(shown.until <= later(4 + day));
    assert_eq!(ivy.waits_for(4 + 8 * day).await, None);
    let confirmed = ivy.confirm(&third, 3 + day).await;
    assert_eq!(confirmed.expect("just in time"), email(OTHER));
    // A mail server that was away delivers nothing that was asked for otherwise since.
    ivy.ask(NEW, 10).await.expect("asked");
    let mail = claimed_to(store, NEW, 10).await;
    let lost = link_to(std::slice::from_ref(&mail), NEW).expect("a link");
    let withdrawn = store.withdraw_new_address(ivy.account, later(11)).await;
    withdrawn.expect("withdrawn");
    assert_eq!(refused(ivy.confirm(&lost, 11).await), Refusal::SetUpDone);
    let put_off = store
        .mail_later(mail.id, mail.lease, later(12), ("later", true))
        .await;
    assert!(put_off.expect("said"));
    let mails = posted(store, 12).await;
    assert!(letters(&mails).iter().all(|(to, ..)| to == OTHER));
    assert_eq!(logged(store, Action::NewAddressWithdrawn).await, 1);
    store
        .withdraw_new_address(ivy.account, later(12))
        .await
        .expect("nothing to do");
    assert_eq!(logged(store, Action::NewAddressWithdrawn).await, 1);
}

async fn nobody_learns_whose_an_address_is(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    other(&ivy, "Sun Hill", "sun@x.example").await;
    let sean = contact(store, "Sean O'Brien", "sean@x.example", &[]).await;
    let ordered = store.set_court_order(sean, OFFICE, now()).await;
    ordered.expect("ordered");
    posted(store, 0).await;
    let addresses = ["sun@x.example", "sean@x.example", "s.ean@x.example", NEW];
    for (minute, at) in (1_i64..).zip(addresses) {
        ivy.ask(at, minute).await.expect("all the same");
        let waits = ivy.waits_for(minute).await.expect("it waits");
        assert_eq!(
            (waits.email, waits.until),
            (email(at), later(minute + 24 * 60))
        );
        let mut written = letters(&posted(store, minute).await);
        written.retain(|(to, ..)| to != HOME);
        let expected = match at {
            // By their own name, and without a link.
            "sun@x.example" => vec![to(at, "in use", "Sun Hill")],
            "sean@x.example" => Vec::new(),
            at => vec![to(at, "new", "Ivy Park")],
        };
        assert_eq!(written, expected, "{at}");
    }
    assert_eq!(
        logged(store, Action::NewAddressRefused).await,
        1,
        "the office can read why"
    );
    // Somebody makes an account there in between.
    let link = ivy.link("late@x.example", 20).await;
    other(&ivy, "Late Hill", "late@x.example").await;
    assert_eq!(refused(ivy.confirm(&link, 21).await), Refusal::EmailTaken);
    let as_before = (Some(HOME.to_owned()), Some(HOME.to_owned()));
    assert_eq!(ivy.signs_in_with(store).await, as_before);
}

async fn an_order_stands_in_its_way_at_each_step(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    let link = ivy.link(NEW, 0).await;
    // On whoever reads there.
    let sean = contact(store, "Sean O'Brien", NEW, &[]).await;
    let order = async |on, stands: bool| {
        let done = match stands {
            true => store.set_court_order(on, OFFICE, now()).await,
            false => store.lift_court_order(on, OFFICE, now()).await,
        };
        done.expect("done");
    };
    order(sean, true).await;
    let barred = ivy.confirm(&link, 1).await;
    assert_eq!(refused(barred), Refusal::SetUpDone, "no more is said");
    order(sean, false).await;
    // On her.
    order(ivy.contact, true).await;
    assert_eq!(refused(ivy.confirm(&link, 2).await), Refusal::NotFound);
    assert_eq!(refused(ivy.ask(OTHER, 2).await), Refusal::NotFound);
    let again = store.resend_new_address(ivy.account, true, later(2)).await;
    assert_eq!(refused(again), Refusal::NotFound);
    order(ivy.contact, false).await;
    ivy.ask(OTHER, 3).await.expect("asked");
    order(ivy.contact, true).await;
    assert_eq!(letters(&posted(store, 3).await), [], "nobody writes to her");
    order(ivy.contact, false).await;
    let link = ivy.link(OTHER, 4).await;
    ivy.confirm(&link, 4).await.expect("confirmed");
    // One that comes after it counts on both.
    order(ivy.contact, true).await;
    for (who, at) in [("Old Hill", HOME), ("New Hill", OTHER)] {
        let like = contact(store, who, at, &[ivy.zoe]).await;
        let like = store.contact(like).await.expect("there");
        assert_eq!(like.may_be.map(|it| it.contact), Some(ivy.contact), "{at}");
    }
}

async fn no_import_undoes_it_and_the_office_decides(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    ivy.import_at_address(HOME).await;
    let link = ivy.link(NEW, 0).await;
    ivy.confirm(&link, 0).await.expect("confirmed");
    let is_so = (Some(NEW.to_owned()), Some(NEW.to_owned()));
    assert_eq!(ivy.import_at_address(HOME).await, Outcome::Unchanged);
    assert_eq!(ivy.signs_in_with(store).await, is_so);
    ivy.decide_address(Keep::Own, (HOME, NEW)).await;
    assert_eq!(store.changed_details().await.expect("read"), []);
    assert_eq!(ivy.import_at_address(HOME).await, Outcome::Unchanged);
    assert_eq!(store.changed_details().await.expect("read"), []);
    // What was accepted of one address is not accepted of the next.
    let link = ivy.link(OTHER, 1).await;
    ivy.confirm(&link, 1).await.expect("confirmed");
    let asked = store.changed_details().await.expect("read");
    assert_eq!(
        (asked[0].school.as_str(), asked[0].own.as_str()),
        (HOME, OTHER)
    );
    // The school's address ends what the other opened.
    ivy.decide_address(Keep::School, (HOME, OTHER)).await;
    assert_eq!(
        ivy.signs_in_with(store).await,
        (None, Some(HOME.to_owned()))
    );
    assert!(!lives(store, 1).await);
    let nobody = store.account_by_email(&email(OTHER)).await.expect("read");
    assert!(nobody.is_none());
}

async fn what_was_asked_for_ends_with_the_account(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    let link = ivy.link(NEW, 0).await;
    ivy.ask(OTHER, 1).await.expect("asked");
    store
        .close_account(ivy.account, later(1))
        .await
        .expect("closed");
    assert_eq!(refused(ivy.confirm(&link, 1).await), Refusal::SetUpDone);
    let written = letters(&posted(store, 1).await);
    assert!(written.iter().all(|(to, ..)| to == HOME), "{written:?}");
    // Whoever has one anew waits for nothing.
    let link = invited(store, ivy.contact, later(2)).await;
    let how = Registering::Anew("a hash".to_owned());
    let (account, _) = register(store, &link, how, later(2))
        .await
        .expect("registered");
    let home = store.account_home(account, later(2)).await.expect("read");
    assert_eq!(home.new_address, None);
    let asked = store
        .ask_new_address((account, "a hash"), (&email(NEW), true), later(3))
        .await;
    asked.expect("asked");
    store
        .erase_contact(ivy.contact, OFFICE, later(4))
        .await
        .expect("erased");
    assert_eq!(letters(&posted(store, 4).await), []);
}

async fn with_another_address_they_have_two_sign_ins(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let it = Person::with_hat(&world, 1).await;
    let account = it.account;
    let asked = store
        .ask_new_address((account, "hash of the account"), (&email(NEW), true), now())
        .await;
    asked.expect("asked");
    let link = link_to(&posted(store, 0).await, NEW).expect("a link");
    let session = (account, &it.both[1]);
    let confirmed = store.confirm_new_address(session, &link, now()).await;
    confirmed.expect("confirmed");
    let hat = store.hat(Wearer::Account(account), None, now()).await;
    assert_eq!(hat.expect("read"), None);
    assert_eq!(
        it.live(&it.both).await,
        [true, true],
        "this browser stays in both"
    );
    assert_eq!(it.logged(store).await, [1, 1]);
    let opened = store.account_by_email(&email(NEW)).await.expect("read");
    assert!(opened.expect("an account").hat.is_none());
}

async fn what_was_shown_must_stand_when_it_is_used(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    let link = ivy.link(NEW, 0).await;
    // A new password forgets what somebody else may have asked for, and what waits to be.
    let sent = store.send_account_link(&email(HOME), later(1)).await;
    assert!(sent.expect("sent"));
    let mails = posted(store, 1).await;
    let Letter::AccountLink { secret } = &mails[0].letter else {
        panic!("{mails:?}")
    };
    let (own, session) = (digest(secret), (&[2; 32], later(9_000)));
    let chosen = store.sign_in_by_link(&own, Some("a newer hash"), session, later(2));
    chosen.await.expect("chosen");
    assert_eq!(ivy.waits_for(2).await, None);
    let whose = (ivy.account, &[2; 32]);
    let late = store.confirm_new_address(whose, &link, later(2)).await;
    assert_eq!(refused(late.map(|_| ())), Refusal::SetUpDone);
    assert_eq!(refused(ivy.ask(NEW, 2).await), Refusal::ChangedMeanwhile);
    // A session that ended meanwhile confirms nothing, and ends nobody's.
    let of = (ivy.account, "a newer hash");
    let asked = store
        .ask_new_address(of, (&email(NEW), true), later(3))
        .await;
    asked.expect("asked");
    let link = link_to(&posted(store, 3).await, NEW).expect("a link");
    assert_eq!(refused(ivy.confirm(&link, 3).await), Refusal::SetUpDone);
    assert!(lives(store, 2).await);
    // Of one that ran out the old address hears again; where nothing more is sent, it waits all the same.
    let day = 24 * 60;
    let asked = store
        .ask_new_address(of, (&email(NEW), true), later(4 + day))
        .await;
    asked.expect("asked");
    let written = letters(&posted(store, 4 + day).await);
    assert_eq!(written[0], to(HOME, "asked", "Ivy Park"));
    let quiet = store
        .resend_new_address(ivy.account, false, later(5 + day))
        .await;
    quiet.expect("it waits");
    assert_eq!(letters(&posted(store, 5 + day).await), []);
    assert!(ivy.waits_for(5 + day).await.is_some());
}

async fn two_records_of_one_person_have_it_and_are_parted(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    let kept = contact(store, "Ivy Park", "ivy@work.example", &[ivy.zoe]).await;
    let joined = store.join_records((kept, ivy.contact), OFFICE, now()).await;
    joined.expect("joined");
    let link = ivy.link(NEW, 1).await;
    ivy.confirm(&link, 1).await.expect("confirmed");
    let address = async |of| {
        let contact = store.contact(of).await.expect("there");
        contact.about.email.map(|it| it.reveal().to_owned())
    };
    assert_eq!(address(kept).await.as_deref(), Some(NEW));
    let parted = store
        .part_records((kept, ivy.contact), OFFICE, later(2))
        .await;
    parted.expect("parted");
    assert_eq!(address(kept).await.as_deref(), Some("ivy@work.example"));
    let is_so = (Some(NEW.to_owned()), Some(NEW.to_owned()));
    assert_eq!(ivy.signs_in_with(store).await, is_so);
    let asked = store.changed_details().await.expect("read");
    let asked: Vec<_> = asked
        .iter()
        .map(|it| (it.contact, it.own.as_str()))
        .collect();
    assert_eq!(asked, [(ivy.contact, NEW)]);
}

/// Records in a folder, and a backup of them from before.
async fn before_and_after(folder: &Path, change: impl AsyncFnOnce(&Ivy)) -> (Ivy, Store) {
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.join(file));
        Store::open(&place, OPTIONS).await.expect("open")
    };
    let ivy = Ivy::new(open("now").await).await;
    begin(&ivy.store, ivy.account, 1).await;
    ivy.store
        .backup(&folder.join("copy"))
        .await
        .expect("copied");
    change(&ivy).await;
    let last = ivy.store.last_standing().await.expect("read");
    let restored = open("copy").await;
    restored
        .carry_over(&last, later(60))
        .await
        .expect("carried over");
    (ivy, restored)
}

#[tokio::test]
async fn a_backup_brings_back_no_address_no_password_and_no_account() {
    let is_so = (Some(NEW.to_owned()), Some(NEW.to_owned()));
    let folders = [fresh_folder(), fresh_folder(), fresh_folder()];
    let (ivy, restored) = before_and_after(folders[0].path(), async |ivy| {
        let link = ivy.link(NEW, 0).await;
        ivy.confirm(&link, 0).await.expect("confirmed");
        ivy.ask(OTHER, 1).await.expect("asked");
    })
    .await;
    assert_eq!(ivy.signs_in_with(&restored).await, is_so);
    let home = restored
        .account_home(ivy.account, later(60))
        .await
        .expect("read");
    assert_eq!(home.new_address, None, "it is asked for again");
    assert_eq!(home.people.len(), 1);
    let asked = restored.changed_details().await.expect("read");
    assert_eq!(
        (asked[0].school.as_str(), asked[0].own.as_str()),
        (HOME, NEW)
    );

    let hash = async |store: &Store| {
        let account = store.account_by_email(&email(HOME)).await.expect("read");
        account.map(|it| it.password_hash)
    };
    let (_, restored) = before_and_after(folders[1].path(), async |ivy| {
        let sent = ivy.store.send_account_link(&email(HOME), now()).await;
        assert!(sent.expect("sent"));
        let mails = posted(&ivy.store, 0).await;
        let Letter::AccountLink { secret } = &mails[0].letter else {
            panic!("{mails:?}")
        };
        let (link, session) = (digest(secret), (&[2; 32], later(60)));
        let chosen = ivy
            .store
            .sign_in_by_link(&link, Some("a newer hash"), session, now());
        chosen.await.expect("signed in");
    })
    .await;
    assert_eq!(hash(&restored).await.as_deref(), Some("a newer hash"));

    let (_, restored) = before_and_after(folders[2].path(), async |ivy| {
        let closed = ivy.store.close_account(ivy.account, later(1)).await;
        closed.expect("closed");
    })
    .await;
    assert_eq!(hash(&restored).await, None);

    // Nor one that ended otherwise, and whose address is another account's by now.
    let folder = fresh_folder();
    let (ivy, restored) = before_and_after(folder.path(), async |ivy| {
        let mut about = ivy.store.contact(ivy.contact).await.expect("there").about;
        about.email = Some(email(OTHER));
        let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
        changed.await.expect("changed");
        other(ivy, "Sun Hill", HOME).await;
    })
    .await;
    assert_eq!(ivy.signs_in_with(&restored).await.0, None);
}

async fn what_waits_to_be_sent_goes_to_the_confirmed_address(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    begin(store, ivy.account, 1).await;
    let link = ivy.link(NEW, 1).await;
    // The mail server is down: a child of hers is entered, and she confirms meanwhile.
    let child = NewStudent {
        name: name("Leo Park"),
        form: "8B".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    let leo = store.add_student(&child, OFFICE, later(2)).await;
    let of = (&name("Ivy Park"), &email(HOME));
    let entered = store.invite_parent(leo.expect("added"), of, OFFICE, later(2));
    entered.await.expect("entered");
    ivy.confirm(&link, 3).await.expect("confirmed");
    let sent = posted(store, 4).await;
    let to = |is: fn(&Letter) -> bool| -> Vec<&str> {
        let mails = sent.iter().filter(|it| is(&it.letter));
        mails.map(|it| it.address.reveal()).collect()
    };
    let added = to(|it| matches!(it, Letter::StudentAdded { .. }));
    assert_eq!(added, [NEW]);
    let warned = to(|it| matches!(it, Letter::Address(AddressLetter::Changed)));
    assert_eq!(warned, [HOME], "that one is for the address she had");
}
