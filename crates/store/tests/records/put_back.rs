//! A backup can be put back whatever became of it since, and whoever had what is somebody else's by now.

use jiff::civil::date;
use school::retention::Period;
use school::{Countries, EmailAddress, Mobile, Rank, StaffId};
use store::{
    Address, Channel, Guardian, Holder, Hook, Identity, Mail, NewContact, NewStaff, NewTeacher,
    Place, Reach, Recognised, Store, SystemDraft,
};

use crate::call_guests::{invite, new, room};
use crate::places::{OPTIONS, fresh_folder, fresh_postgres};
use crate::restored::{MINUTE, copied, passkey};
use crate::stops::{stop, stopped, who_may_come};
use crate::webhooks::heard_by;
use crate::world::{OFFICE, World, email, later, name, now};

/// Where copies of records are put: files of a folder, or schemas beside that of the records.
pub(crate) enum Copies {
    Files(tempfile::TempDir),
    Schemas,
}

impl Copies {
    /// The records as they are, once more.
    pub(crate) async fn take(&self, store: &Store, name: &str) -> Store {
        let place = match self {
            Self::Files(folder) => {
                let file = folder.path().join(name);
                store.backup(&file).await.expect("copied");
                Place::Sqlite(file)
            }
            Self::Schemas => fresh_postgres().await,
        };
        let copy = Store::open(&place, OPTIONS).await.expect("open");
        if matches!(self, Self::Schemas) {
            copied(store.place(), &place).await;
        }
        copy
    }
}

pub(crate) async fn in_files(story: impl AsyncFnOnce(World, Copies)) {
    let folder = fresh_folder();
    let place = Place::Sqlite(folder.path().join("records"));
    let store = Store::open(&place, OPTIONS).await.expect("open");
    story(World::new(store).await, Copies::Files(folder)).await;
}

pub(crate) async fn in_schemas(story: impl AsyncFnOnce(World, Copies)) {
    let place = fresh_postgres().await;
    let store = Store::open(&place, OPTIONS).await.expect("open");
    story(World::new(store).await, Copies::Schemas).await;
}

/// Tells each story twice: of records in files, and in PostgreSQL.
macro_rules! with_copies {
    ($($story:ident),* $(,)?) => {
        mod of_files {
            $(#[tokio::test]
            async fn $story() {
                crate::put_back::in_files(super::$story).await;
            })*
        }
        mod of_schemas {
            $(#[tokio::test]
            async fn $story() {
                crate::put_back::in_schemas(super::$story).await;
            })*
        }
    };
}
pub(crate) use with_copies;

with_copies!(
    whom_the_provider_signs_in_by_now_is_not_who_was_erased,
    a_passkey_is_whose_it_is_by_now,
    a_call_that_stands_stopped_is_stopped_where_it_was_let_back,
    one_e_mail_of_a_kind_waits,
    without_the_records_of_before_everybody_signs_in_again,
    what_the_office_entered_since_stays_so,
);

/// Ends in `backup` what had ended in `last`.
async fn put_back(backup: &Store, last: &Store) {
    let last = last.last_standing().await.expect("read");
    let carried = backup.carry_over(&last, later(60)).await;
    carried.expect("it can be put back");
    backup.check_integrity().await.expect("whole");
    assert!(backup.check_audit_log(None).await.expect("read").is_ok());
}

async fn member(store: &Store, who: &str) -> StaffId {
    let account = NewStaff {
        name: name("A Member"),
        email: address(who),
        password_hash: hash(who),
        rank: Rank::Owner,
    };
    let added = store.add_staff(&account, OFFICE, now()).await;
    added.expect("added")
}

fn address(who: &str) -> EmailAddress {
    email(&format!("{who}@school.example"))
}

fn hash(who: &str) -> String {
    format!("hash of {who}")
}

/// Signs in by the provider, as whom it calls so, whose address is that of `who`.
async fn by_provider(store: &Store, subject: &str, who: &str) -> Option<StaffId> {
    let whom = Identity {
        issuer: "https://login.school.example",
        subject,
        client: "homeroom",
    };
    match store.recognise(whom, &[address(who)], now()).await {
        Ok(Recognised::As(account)) => Some(account.id),
        other => {
            assert!(matches!(other, Ok(Recognised::Nobody)), "{other:?}");
            None
        }
    }
}

async fn whom_the_provider_signs_in_by_now_is_not_who_was_erased(world: World, copies: Copies) {
    let store = &world.store;
    // She marries: another address, so another account here, and the same one at the provider.
    let before = member(store, "ada.before").await;
    let after = member(store, "ada.after").await;
    // Two whom the provider has mixed up, until somebody looks.
    let [bo, cy] = [member(store, "bo").await, member(store, "cy").await];
    for (subject, who, id) in [
        ("ada", "ada.before", before),
        ("first", "bo", bo),
        ("second", "cy", cy),
    ] {
        assert_eq!(by_provider(store, subject, who).await, Some(id));
    }
    let backup = copies.take(store, "backup").await;
    let erased = store.erase_staff(before, OFFICE, later(1)).await;
    erased.expect("erased");
    for id in [bo, cy] {
        let unbound = store.unbind(id, OFFICE, later(2)).await;
        unbound.expect("unbound");
    }
    let are_now = [
        ("ada", "ada.after", after),
        ("second", "bo", bo),
        ("first", "cy", cy),
    ];
    for (subject, who, id) in are_now {
        assert_eq!(by_provider(store, subject, who).await, Some(id));
    }
    put_back(&backup, store).await;
    for (subject, _, id) in are_now {
        let found = by_provider(&backup, subject, "nobody").await;
        assert_eq!(found, Some(id), "{subject}");
    }
    let staff = backup.staff().await.expect("read");
    assert!(staff.iter().all(|it| it.id != before), "erased");
}

/// Adds a second factor, and a passkey that the authenticator calls so.
async fn adds(store: &Store, (id, who): (StaffId, &str), credential: &[u8]) {
    let (mut cookie, hash) = ([0; 32], hash(who));
    cookie[..who.len()].copy_from_slice(who.as_bytes());
    cookie[31] = credential[0];
    let begun = store.begin_session((id, None), (&cookie, &[0; 32]), later(600), now());
    begun.await.expect("begun");
    let own = (id, hash.as_str());
    let factor = (b"locked".as_slice(), 100);
    let added = store.add_second_factor(own, factor, &[], &cookie, now());
    added.await.expect("added");
    let added = store.add_passkey(own, passkey(credential), &[], &cookie, now());
    added.await.expect("added");
}

async fn a_passkey_is_whose_it_is_by_now(world: World, copies: Copies) {
    let store = &world.store;
    let vera = (member(store, "vera").await, "vera");
    let bo = (member(store, "bo").await, "bo");
    let cy = (member(store, "cy").await, "cy");
    for (whose, credential) in [(vera, b"1"), (bo, b"2"), (cy, b"3")] {
        adds(store, whose, credential).await;
    }
    let backup = copies.take(store, "backup").await;
    let erased = store.erase_staff(vera.0, OFFICE, later(1)).await;
    erased.expect("erased");
    for (id, _) in [bo, cy] {
        let removed = store.remove_second_factor(id, OFFICE, later(1)).await;
        removed.expect("removed");
    }
    for (whose, credential) in [(bo, b"3"), (cy, b"1")] {
        adds(store, whose, credential).await;
    }
    put_back(&backup, store).await;
    for ((id, who), credential) in [(bo, b"3"), (cy, b"1")] {
        let theirs = backup.passkeys(id).await.expect("read");
        let theirs: Vec<_> = theirs.iter().map(|it| &*it.credential).collect();
        assert_eq!(theirs, [credential], "{who}");
    }
}

/// It is let back between two backups; the first is put back, and then the second.
async fn a_call_that_stands_stopped_is_stopped_where_it_was_let_back(world: World, copies: Copies) {
    let store = &world.store;
    let (member, meeting) = room(store).await;
    let guest = invite(store, meeting, member, &new(Reach::Link, "1")).await;
    let guest = Holder::Visitor(guest);
    stopped(store, meeting, member, &stop("1", "", &[member, guest])).await;
    let stands = copies.take(store, "stands").await;
    for one in &store.stopped_calls().await.expect("read") {
        store.let_back(one.id, OFFICE, now()).await.expect("back");
    }
    assert_eq!(who_may_come(store, meeting).await, [member, guest]);
    let let_back = copies.take(store, "let back").await;
    put_back(&stands, store).await;
    assert_eq!(who_may_come(&stands, meeting).await, [member]);
    put_back(&let_back, &stands).await;
    assert_eq!(who_may_come(&let_back, meeting).await, [member]);
}

fn is_to_maria(mail: &Mail) -> bool {
    mail.address == Address::Email(email("maria@home.example"))
}

/// One is being sent when the backup is made, and waits again in the last records; meanwhile another of its kind
/// waits in the backup, which was used for a while.
async fn one_e_mail_of_a_kind_waits(world: World, copies: Copies) {
    let booked = world.book(world.maria, world.ana, world.maths, 0).await;
    booked.expect("booked");
    let claimed = world
        .store
        .claim_mail(Channel::Email, 50, MINUTE, later(5))
        .await;
    let claimed = claimed.expect("claimed");
    let mail = claimed.iter().find(|it| is_to_maria(it));
    let mail = mail.expect("a confirmation");
    let backup = copies.take(&world.store, "backup").await;
    let busy = world
        .store
        .mail_later(mail.id, mail.lease, later(9), ("busy", true))
        .await;
    assert!(busy.expect("put off"));
    let (last, world) = (
        world.store,
        World {
            store: backup,
            ..world
        },
    );
    let booked = world.book(world.maria, world.ana, world.french, 3).await;
    booked.expect("booked");
    put_back(&world.store, &last).await;
    let again = world
        .store
        .claim_mail(Channel::Email, 50, MINUTE, later(90))
        .await;
    let to = again.expect("claimed");
    let to = to.iter().filter(|it| is_to_maria(it));
    assert_eq!(to.count(), 1);
}

async fn what_the_office_entered_since_stays_so(world: World, copies: Copies) {
    let store = &world.store;
    let [moved, ..] = world.teachers;
    let about = |who: &str, at: &str| NewTeacher {
        name: name(who),
        email: Some(email(at)),
        place: None,
    };
    let gone = about("Ms Gone", "gone@school.example");
    let gone = store
        .add_teacher(&gone, OFFICE, now())
        .await
        .expect("added");
    let system = |token: &[u8]| SystemDraft {
        region: "world".to_owned(),
        id_there: "A1".to_owned(),
        token: Some(token.to_vec()),
        nightly: true,
    };
    let today = (date(2026, 11, 10), now());
    let connected = store.connect_system(&system(b"old"), today, OFFICE).await;
    connected.expect("connected");
    let calls = |number: &str| NewContact {
        name: name("Omar Demir"),
        email: Some(email("omar@home.example")),
        mobile: Mobile::read(number, &Countries::default()).ok(),
        students: vec![Guardian {
            student: world.cem,
            relationship: "Parent".to_owned(),
        }],
    };
    let old = calls("07700 900001");
    let changed = store.change_contact(world.omar, &old, OFFICE, now()).await;
    changed.expect("changed");
    let [backup, later_backup] = [
        copies.take(store, "backup").await,
        copies.take(store, "later").await,
    ];

    let elsewhere = about("Ms Adeyemi-Cole", "cole@school.example");
    let changed = store.change_teacher(moved, &elsewhere, OFFICE, later(1));
    changed.await.expect("changed");
    let removed = store.remove_teacher(gone, OFFICE, later(1)).await;
    removed.expect("removed");
    let new = calls("07700 900002");
    let changed = store
        .change_contact(world.omar, &new, OFFICE, later(1))
        .await;
    changed.expect("changed");
    let mut school = store.school().await.expect("read");
    school.keep = Period::of_days(700);
    school.contact_email = "desk@school.example".to_owned();
    let changed = store.change_school(&school, OFFICE, later(1)).await;
    changed.expect("changed");
    let renewed = store.connect_system(&system(b"new"), today, OFFICE).await;
    renewed.expect("renewed");
    put_back(&backup, store).await;
    let system = backup.information_system().await.expect("read");
    assert_eq!(system.expect("it is there").token, b"new");

    let ended = store.disconnect_system(OFFICE, later(2)).await;
    ended.expect("disconnected");
    put_back(&later_backup, store).await;
    let system = later_backup.information_system().await.expect("read");
    assert_eq!(system, None);
    for backup in [backup, later_backup] {
        let teachers = backup.teachers().await.expect("read");
        let found = teachers.iter().find(|it| it.id == moved).expect("there");
        assert_eq!(found.about.name, elsewhere.name);
        assert_eq!(found.about.email, elsewhere.email);
        assert!(teachers.iter().all(|it| it.id != gone), "removed");
        let omar = backup.contact(world.omar).await.expect("there");
        assert!(new.mobile.is_some() && omar.about.mobile == new.mobile);
        assert_eq!(backup.school().await.expect("read"), school);
    }
}

/// Where they are others, and where they are missing or cannot be read.
async fn without_the_records_of_before_everybody_signs_in_again(world: World, copies: Copies) {
    let store = heard_by(world.store, &["hook"], Hook::ALL);
    let world = World { store, ..world };
    let ada = member(&world.store, "ada").await;
    let begun = (&[7; 32], &[0; 32]);
    let begun = world
        .store
        .begin_session((ada, None), begun, later(600), now());
    begun.await.expect("begun");
    let who = (&name("Bo"), &address("bo"), Rank::Office);
    let link = (&[8; 32], later(600));
    let invited = world.store.invite_staff(who, link, OFFICE, now()).await;
    invited.expect("invited");
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    world.store.call_ended(meeting, now()).await.expect("noted");
    let [alone, beside] = [
        copies.take(&world.store, "alone").await,
        copies.take(&world.store, "beside").await,
    ];
    let folder = fresh_folder();
    let strangers = Place::Sqlite(folder.path().join("strangers"));
    let strangers = Store::open(&strangers, OPTIONS).await.expect("open");
    let strangers = World::new(strangers).await;

    alone.begin_anew(later(60)).await.expect("begun");
    put_back(&beside, &strangers.store).await;
    for backup in [alone, beside] {
        let waiting = backup.webhook_backlog("hook").await.expect("read");
        assert_eq!(
            waiting.number, 0,
            "they were told since, or it is of another day"
        );
        let session = backup.session(&[7; 32], now()).await;
        assert!(session.expect("read").is_none(), "they may have signed out");
        let link = backup.check_set_up(&[8; 32], now()).await;
        link.expect_err("it may have been used");
        let log = backup.audit_log(None, 1).await.expect("read");
        assert_eq!(log[0].action, "restored");
        assert!(backup.check_audit_log(None).await.expect("read").is_ok());
    }
    let before = world.store.webhook_backlog("hook").await;
    assert_eq!(before.expect("read").number, 1);
}
