//! What had ended stays so when a backup takes the place of the records, and keys are known again.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use call::SeatNumber;
use jiff::SignedDuration;
use school::evening::EveningDraft;
use school::{
    BookingId, ContactId, EveningId, InvitationId, Label, MeetingId, Note, Rank, Refusal, StaffId,
    StudentId, TeacherId, VisitorId,
};
use store::{
    AreaDraft, BookingPress, By, FactorOutcome, Guardian, Hat, Holder, Identity, LinkState,
    NewContact, NewPasskey, NewStaff, NewStudent, NewTeacher, Place, Recognised, Store, Tried,
    Wearer, Whereabouts,
};

use crate::by_hand::{FILE, fill, import, says, student, take_off};
use crate::call_guests::{self, by_email, new, room};
use crate::hats::Person;
use crate::places::{OPTIONS, fresh_folder, fresh_keys, fresh_postgres};
use crate::sessions::record;
use crate::world::{OFFICE, World, contact, draft, email, label, later, name, now};

pub(crate) const MINUTE: SignedDuration = SignedDuration::from_mins(1);

pub(crate) fn passkey(credential: &[u8]) -> NewPasskey<'_> {
    static NAME: LazyLock<Label> = LazyLock::new(|| label("A key"));
    NewPasskey {
        credential,
        public_key: b"a key",
        algorithm: -7,
        sign_count: 0,
        transports: "usb",
        name: &NAME,
    }
}

async fn open(folder: &tempfile::TempDir, file: &str) -> Store {
    let place = Place::Sqlite(folder.path().join(file));
    Store::open(&place, OPTIONS).await.expect("open")
}

fn account(who: &str) -> NewStaff {
    NewStaff {
        name: name(who),
        email: email(&format!("{who}@school.example")),
        password_hash: format!("hash of {who}"),
        rank: Rank::Owner,
    }
}

/// Who that is whom the school's provider names so, and whose address it says is ada's.
async fn is_known(store: &Store, subject: &str) -> Option<StaffId> {
    let whom = Identity {
        issuer: "https://login.school.example",
        subject,
        client: "homeroom",
    };
    let addresses = [email("ada@school.example")];
    match store.recognise(whom, &addresses, now()).await {
        Ok(Recognised::As(account)) => Some(account.id),
        other => {
            assert!(
                matches!(other, Ok(Recognised::Otherwise | Recognised::SecondStep)),
                "{other:?}"
            );
            None
        }
    }
}

async fn state_of(store: &Store, holder: Holder, evening: EveningId) -> Vec<LinkState> {
    let links = store.links_of_evening(evening, now()).await.expect("read");
    links
        .iter()
        .filter(|it| it.holder == holder)
        .map(|it| it.state)
        .collect()
}

/// Copies all tables from one schema of PostgreSQL's into another, as `pg_restore` would.
pub(crate) async fn copied(from: &Place, into: &Place) {
    let schema = |place: &Place| {
        let Place::Postgres(url) = place else {
            panic!("PostgreSQL");
        };
        let (_, name) = url.split_once("search_path]=").expect("a schema");
        (url.clone(), name.to_owned())
    };
    let ((_, from), (url, into)) = (schema(from), schema(into));
    let pool = sqlx::PgPool::connect(&url).await.expect("it answers");
    let tables: Vec<(String,)> =
        sqlx::query_as("SELECT tablename::text FROM pg_tables WHERE schemaname = $1")
            .bind(&from)
            .fetch_all(&pool)
            .await
            .expect("read");
    let mut copy = "SET session_replication_role = replica;".to_owned();
    for (table,) in tables {
        copy.push_str(&format!(
            "DELETE FROM {into}.{table}; INSERT INTO {into}.{table} SELECT * FROM {from}.{table};"
        ));
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(copy))
        .execute(&pool)
        .await
        .expect("copied");
    pool.close().await;
}

#[tokio::test]
async fn everything_that_had_ended_ends_in_the_backup_too() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    what_had_ended_ends_again(world, async |store| {
        let copy = folder.path().join("copy");
        store.backup(&copy).await.expect("copied");
        open(&folder, "copy").await
    })
    .await;
}

#[tokio::test]
async fn everything_that_had_ended_ends_in_a_dump_too() {
    let place = fresh_postgres().await;
    let store = Store::open(&place, OPTIONS).await.expect("open");
    what_had_ended_ends_again(World::new(store).await, async |_| {
        let other = fresh_postgres().await;
        let store = Store::open(&other, OPTIONS).await.expect("open");
        copied(&place, &other).await;
        store
    })
    .await;
}

/// A school, and what is to end in it.
struct Story {
    world: World,
    /// By Maria, by Omar, by Paul.
    invited: Vec<InvitationId>,
    /// The first is to be cancelled.
    booked: [BookingId; 2],
    dora: StudentId,
    theirs: ContactId,
    /// A teacher who had left before.
    tess: TeacherId,
    ada: StaffId,
    bo: StaffId,
    /// One who is erased.
    vera: StaffId,
    /// A room, who belongs to it, and their guest.
    room: (Holder, MeetingId, VisitorId),
    /// One who is erased.
    erased_guest: VisitorId,
    /// Who have one sign-in for the staff and for a parent's account: one has two again afterwards, one's
    /// password is another then, and one goes on.
    hats: [Person; 3],
}

const COOKIE: [u8; 32] = [7; 32];

async fn begin(world: World) -> Story {
    let mut invited = Vec::new();
    for (parent, who, student) in [
        (world.maria, "Rui", world.ana),
        (world.omar, "Deniz", world.cem),
        (world.paul, "Ines", world.ana),
    ] {
        let at = format!("{who}@guests.example");
        let invitation = world.invite(parent, who, &at, &[student]).await;
        invited.push(invitation.expect("invited").id);
    }
    let first = world.book(world.maria, world.ana, world.maths, 0).await;
    let second = world.book(world.omar, world.cem, world.maths, 1).await;
    let store = &world.store;
    let child = NewStudent {
        name: name("Dora Demir"),
        form: "7A".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    let dora = store.add_student(&child, OFFICE, now()).await;
    let dora = dora.expect("added");
    let theirs = contact(store, "Gone Person", "gone@home.example", &[dora]).await;
    let tess = NewTeacher {
        name: name("Tess Former"),
        email: Some(email("tess@hillroad.example")),
        place: None,
    };
    let tess = store.add_teacher(&tess, OFFICE, now()).await;
    let tess = tess.expect("added");
    let left = store.remove_teacher(tess, OFFICE, now()).await;
    left.expect("removed");
    let ada = store.add_staff(&account("ada"), OFFICE, now()).await;
    let bo = store.add_staff(&account("bo"), OFFICE, now()).await;
    let vera = store.add_staff(&account("vera"), OFFICE, now()).await;
    let ada = ada.expect("added");
    assert_eq!(is_known(store, "of before").await, Some(ada));
    let signed_in = store
        .begin_session((ada, None), (&COOKIE, &[0; 32]), later(600), now())
        .await;
    signed_in.expect("signed in");
    let paul = Holder::Parent(world.paul);
    let link = store
        .hand_out_link(world.evening, paul, OFFICE, now())
        .await;
    link.expect("handed out");
    let seat = Whereabouts::Seated(SeatNumber(1));
    let talking = store.keep_sessions(&[record(1, 1, seat)]).await;
    talking.expect("kept");
    let (ann, meeting) = room(store).await;
    let gus = new(by_email("gus@guests.example"), "press 1");
    let gus = call_guests::invite(store, meeting, ann, &gus).await;
    let gone = new(by_email("gone@home.example"), "press 2");
    let erased_guest = call_guests::invite(store, meeting, ann, &gone).await;
    let hats = [
        Person::with_hat(&world, 1).await,
        Person::with_hat(&world, 2).await,
        Person::with_hat(&world, 3).await,
    ];
    let factor = (b"of before".as_slice(), 100);
    let [.., third] = &hats;
    let own = (third.staff, third.hash.as_str());
    let added = store.add_second_factor(own, factor, &[], &third.both[0], now());
    added.await.expect("added");
    let added = store.add_passkey(own, passkey(b"before"), &[], &third.both[0], now());
    added.await.expect("added");
    let both = BTreeSet::from([ada, third.staff]);
    let named = store
        .set_managers(world.evening, &both, OFFICE, now())
        .await;
    named.expect("named");
    Story {
        room: (ann, meeting, gus),
        erased_guest,
        hats,
        booked: [first.expect("booked").id, second.expect("booked").id],
        invited,
        dora,
        theirs,
        tess,
        ada,
        bo: bo.expect("added"),
        vera: vera.expect("added"),
        world,
    }
}

impl Story {
    /// What ends after the backup; gives somebody who is barred and was not there before.
    async fn end(&self) -> ContactId {
        let (world, store) = (&self.world, &self.world.store);
        let removed = store.remove_invitation(self.invited[2], OFFICE, now());
        removed.await.expect("removed");
        let (ann, meeting, gus) = self.room;
        let removed = store.remove_guest(meeting, gus, ann, now()).await;
        removed.expect("removed");
        let other = email("deniz@other.example");
        let moved = store.change_address(self.invited[1], &other, OFFICE, now());
        moved.await.expect("changed");
        let cancelled = store.cancel_booking(world.maria, self.booked[0], OFFICE, now());
        cancelled.await.expect("cancelled");
        let barred = contact(store, "New Person", "new@home.example", &[world.ben]).await;
        for one in [world.paul, barred] {
            let entered = store.set_court_order(one, OFFICE, now()).await;
            entered.expect("entered");
        }
        let erased = store.erase_contact(self.theirs, OFFICE, now()).await;
        erased.expect("erased");
        let erased = store.erase_student(self.dora, OFFICE, now()).await;
        erased.expect("erased");
        let erased = store.erase_teacher(self.tess, OFFICE, now()).await;
        erased.expect("erased");
        let without_ben = NewContact {
            mobile: None,
            name: name("Maria Santos"),
            email: Some(email("maria@home.example")),
            students: vec![Guardian {
                student: world.ana,
                relationship: "Parent".to_owned(),
            }],
        };
        let changed = store.change_contact(world.maria, &without_ben, OFFICE, now());
        changed.await.expect("changed");
        let ended = store.disable_staff(self.bo, OFFICE, now()).await;
        ended.expect("ended");
        let erased = store.erase_staff(self.vera, OFFICE, now()).await;
        erased.expect("erased");
        let changed = store.change_password(self.ada, "another hash", OFFICE, now());
        changed.await.expect("changed");
        let unbound = store.unbind(self.ada, OFFICE, now()).await;
        unbound.expect("unbound");
        assert_eq!(is_known(store, "another").await, Some(self.ada));
        let factor = (b"locked".as_slice(), 100);
        let begun = store.begin_session((self.ada, None), (&COOKIE, &[0; 32]), later(600), now());
        begun.await.expect("begun");
        let own = (self.ada, "another hash");
        let added = store.add_second_factor(own, factor, &[[1; 32], [2; 32]], &COOKIE, now());
        added.await.expect("added");
        let key = passkey(b"since");
        let added = store.add_passkey(own, key, &[], &COOKIE, now()).await;
        assert!(!added.expect("added"));
        let id = store.passkeys(self.ada).await.expect("read")[0].id;
        let used = store.use_passkey(self.ada, (id, 7), later(1)).await;
        assert!(used.expect("used"));
        let used = store.try_second_factor(self.ada, (Tried::Recovery(&[1; 32]), By::Known), now());
        assert_eq!(used.await.expect("tried"), FactorOutcome::Right);
        let removed = store.remove_second_factor(self.hats[2].staff, OFFICE, now());
        removed.await.expect("removed");
        let lowered = store.set_rank(self.hats[2].staff, Rank::Viewer, OFFICE, now());
        lowered.await.expect("lowered");
        let left = BTreeSet::from([self.ada]);
        let named = store.set_managers(world.evening, &left, OFFICE, now());
        named.await.expect("named");
        let [undone, renewed, _] = &self.hats;
        let whose = Wearer::Account(undone.account);
        let ended = store.unmake_hat(whose, &[0; 32], now()).await;
        ended.expect("undone");
        let changed = store.change_password(renewed.staff, "renewed", OFFICE, now());
        changed.await.expect("changed");
        self.send_all().await;
        barred
    }

    async fn send_all(&self) {
        let store = &self.world.store;
        for _ in 0..5 {
            let claimed = store
                .claim_mail(store::Channel::Email, 50, MINUTE, later(5))
                .await;
            for mail in claimed.expect("claimed") {
                let sent = store.mail_sent(mail.id, mail.lease, later(5)).await;
                sent.expect("sent");
            }
        }
    }

    async fn links_are_as_they_were_last(&self, restored: &Store) {
        let evening = self.world.evening;
        for guest in [self.invited[2], self.invited[1]] {
            let states = state_of(restored, Holder::Guest(guest), evening).await;
            let are_dead = states.iter().all(|it| *it == LinkState::Withdrawn);
            assert!(are_dead, "{states:?}");
        }
        let states = state_of(restored, Holder::Guest(self.invited[0]), evening).await;
        assert_eq!(states, [LinkState::Live], "what had not ended stands");
        let states = state_of(restored, Holder::Parent(self.world.paul), evening).await;
        let are_dead = states.iter().all(|it| *it == LinkState::Withdrawn);
        assert!(are_dead, "{states:?}");
        let all = restored.invitations_of_evening(evening).await;
        let all = all.expect("read");
        let moved = all.iter().find(|it| it.id == self.invited[1]);
        let address = email("deniz@other.example");
        assert_eq!(moved.expect("there").email, address);
        let all = restored.appointments_of_evening(evening).await;
        let booked: Vec<_> = all.expect("read").iter().map(|it| it.id).collect();
        assert_eq!(booked, [self.booked[1]]);
        let again = restored
            .claim_mail(store::Channel::Email, 50, MINUTE, later(60))
            .await;
        let again = again.expect("claimed");
        assert!(again.is_empty(), "nothing is sent twice: {again:?}");
    }

    async fn people_are_as_they_were_last(&self, restored: &Store, barred: ContactId) {
        let maria = self.world.maria;
        for who in [self.world.paul, barred, maria] {
            let contact = restored.contact(who).await.expect("there");
            assert_eq!(contact.court_order_at.is_some(), who != maria);
            assert_eq!(contact.about.students.len(), 1);
        }
        let gone = restored.contact(self.theirs).await;
        gone.expect_err("erased");
        let left = restored.teachers_who_left().await.expect("read");
        assert!(left.iter().all(|it| it.id != self.tess), "erased");
        let back = restored.bring_back_teacher(self.tess, OFFICE, now()).await;
        back.expect_err("erased");
        let staff = restored.staff().await.expect("read");
        let of = |id| staff.iter().find(|it| it.id == id).expect("there");
        assert_eq!(of(self.ada).password_hash, "another hash");
        assert!(of(self.bo).disabled_at.is_some());
        assert!(staff.iter().all(|it| it.id != self.vera), "erased");
        assert_eq!(of(self.ada).rank, Rank::Owner);
        assert_eq!(of(self.hats[2].staff).rank, Rank::Viewer);
        let managers = restored.managers(self.world.evening).await;
        assert_eq!(managers.expect("read"), BTreeSet::from([self.ada]));
        let factor = restored.second_factor(self.ada).await.expect("read");
        assert_eq!(factor.map(|it| it.codes_left), Some(1));
        let passkeys = restored.passkeys(self.ada).await.expect("read");
        assert_eq!(passkeys.len(), 1);
        assert_eq!(
            (&*passkeys[0].credential, passkeys[0].used_at),
            (&b"since"[..], Some(later(1)))
        );
        let counts_less = restored.use_passkey(self.ada, (passkeys[0].id, 7), now());
        assert!(!counts_less.await.expect("read"));
        let taken = restored.passkeys(self.hats[2].staff).await;
        assert_eq!(taken.expect("read"), []);
        let older = restored.try_second_factor(self.ada, (Tried::Step(100), By::Known), now());
        assert_eq!(older.await.expect("tried"), FactorOutcome::Wrong);
        // Whoever has her address at the provider by now is not who had it then.
        assert_eq!(is_known(restored, "of before").await, None);
        assert_eq!(is_known(restored, "another").await, Some(self.ada));
        let had = restored.second_factor(self.hats[2].staff).await;
        assert_eq!(had.expect("read"), None);
        for (person, log, hat) in [
            (&self.hats[0], [1, 1], None),
            (&self.hats[1], [1, 1], None),
            (&self.hats[2], [1, 0], Some(Hat::Stands)),
        ] {
            assert_eq!(person.logged(restored).await, log);
            let stands = restored.hat(Wearer::Staff(person.staff), None, now()).await;
            assert_eq!(stands.expect("read"), hat);
        }
        let session = restored.session(&COOKIE, now()).await;
        assert!(session.expect("read").is_none(), "everybody signs in again");
        let talking = self.world.store.sessions().await.expect("read");
        assert_eq!(talking.len(), 1, "it is there in what was copied");
        let talking = restored.sessions().await.expect("read");
        assert_eq!(talking, [], "nobody is in a call of then");
    }
}

async fn what_had_ended_ends_again(world: World, copy: impl AsyncFnOnce(&Store) -> Store) {
    let story = begin(world).await;
    let store = &story.world.store;
    let restored = copy(store).await;
    let barred = story.end().await;

    let last = store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    let carried = carried.expect("carried");
    assert!(!carried.are_strangers && !carried.have_branched);
    assert_eq!((carried.orders, carried.erased, carried.staff), (2, 4, 4));
    assert_eq!(carried.hats, 2);
    assert_eq!((carried.cancelled, carried.guardians), (1, 1));
    assert_eq!(carried.teachers_left, 0);
    story.links_are_as_they_were_last(&restored).await;
    story.people_are_as_they_were_last(&restored, barred).await;
    assert!(restored.check_audit_log(None).await.expect("read").is_ok());
    restored.check_integrity().await.expect("whole");

    // Again, from the records that were put back: nothing is left to end.
    let twice = restored.last_standing().await.expect("read");
    let carried = restored.carry_over(&twice, later(11)).await;
    let carried = carried.expect("carried");
    assert_eq!((carried.orders, carried.removed, carried.erased), (0, 0, 0));

    // Whoever was removed since is invited as anybody else.
    let (ann, meeting, gus) = story.room;
    let gone = restored.is_visitor(story.erased_guest).await;
    assert!(!gone.expect("read"), "nothing is left of who was erased");
    let again = new(by_email("gus@guests.example"), "press 3");
    let invited = restored.invite_guest(meeting, &again, ann, later(12)).await;
    assert_ne!(invited.expect("invited").0, gus);
    let mails = restored
        .claim_mail(store::Channel::Email, 50, MINUTE, later(60))
        .await;
    assert_eq!(mails.expect("claimed").len(), 1, "it is sent");
}

/// Records that went another way, and others altogether.
#[tokio::test]
async fn nobody_is_erased_because_other_records_do_not_know_them() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let mut staff = Vec::new();
    for who in ["bo", "cy"] {
        let added = world.store.add_staff(&account(who), OFFICE, now()).await;
        staff.push(added.expect("added"));
    }
    let copy = folder.path().join("copy");
    world.store.backup(&copy).await.expect("copied");
    // The backup went on by itself: both have what the other has not.
    let other = open(&folder, "copy").await;
    let here = contact(&other, "Only Here", "here@home.example", &[world.ana]).await;
    world
        .store
        .erase_contact(world.paul, OFFICE, now())
        .await
        .expect("erased");
    let (gone, stays) = (staff[0], staff[1]);
    let erased = world.store.erase_staff(gone, OFFICE, now()).await;
    erased.expect("erased");
    let only_here = other.add_staff(&account("di"), OFFICE, now()).await;
    let only_here = only_here.expect("added");
    let last = world.store.last_standing().await.expect("read");
    let carried = other.carry_over(&last, later(1)).await.expect("carried");
    assert!(carried.have_branched, "{carried:?}");
    other.contact(here).await.expect("nobody erased them");
    other
        .contact(world.paul)
        .await
        .expect_err("the log says so");
    let left = other.staff().await.expect("read");
    let left: BTreeSet<_> = left.iter().map(|it| it.id).collect();
    assert_eq!(left, BTreeSet::from([stays, only_here]));

    let strangers = World::new(open(&folder, "b").await).await;
    let last = strangers.store.last_standing().await.expect("read");
    let carried = other.carry_over(&last, later(2)).await.expect("carried");
    assert!(carried.are_strangers);
    other.contact(here).await.expect("there");
}

/// Evenings with booking open, until so many minutes later.
async fn opened<const N: usize>(world: &World, closes: [Option<i64>; N]) -> [EveningId; N] {
    let store = &world.store;
    let mut evenings = Vec::new();
    for closes in closes {
        let draft = EveningDraft {
            closes: closes.map(later),
            ..draft()
        };
        let added = store
            .add_evening(draft, &[world.french], OFFICE, now())
            .await;
        let id = added.expect("added");
        store.open_booking(id, OFFICE, now()).await.expect("open");
        evenings.push(id);
    }
    evenings.try_into().expect("as many")
}

/// EVE-5: what closed after the backup is closed in it, and nobody reads so once more.
#[tokio::test]
async fn booking_that_had_closed_is_closed_and_not_told_again() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let store = &world.store;
    // At its time, by a press, with the evening, at another time than then, and at night.
    let night = 10 * 60;
    let closes = [Some(30), None, None, Some(31), Some(night)];
    let [timed, pressed, cancelled, put_off, at_night] = opened(&world, closes).await;
    store
        .backup(&folder.path().join("copy"))
        .await
        .expect("copied");

    let put_off_to = EveningDraft {
        closes: Some(later(5 * night)),
        ..draft()
    };
    let classes = [world.french];
    let changed = store.change_evening(put_off, put_off_to, &classes, OFFICE, later(1));
    changed.await.expect("changed");
    assert_eq!(
        store.tell_of_closing(later(32)).await.expect("looked"),
        [timed]
    );
    let closes = BookingPress {
        opens: false,
        closes: None,
        tells: true,
        attempt: None,
    };
    let closed = store
        .press_booking(pressed, closes, OFFICE, later(33))
        .await;
    closed.expect("closed");
    let words = Note::read("The hall is flooded.").expect("a note");
    let gone = store
        .cancel_evening(cancelled, &words, OFFICE, later(34))
        .await;
    gone.expect("cancelled");

    let restored = open(&folder, "copy").await;
    let last = store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(night + 1)).await;
    carried.expect("carried");
    let morning = later(19 * 60);
    let told = restored.tell_of_closing(morning).await.expect("looked");
    assert_eq!(told, [at_night], "of it nobody had heard");
    for id in [timed, pressed, put_off] {
        let evening = restored.evening(id).await.expect("there");
        assert_eq!(evening.check_booking(now()), Err(Refusal::BookingClosed));
    }
    let evening = restored.evening(cancelled).await.expect("there");
    assert_eq!(evening.check_booking(now()), Err(Refusal::EveningCancelled));
    assert_eq!(evening.words.reveal(), words.reveal());
    assert!(restored.check_audit_log(None).await.expect("read").is_ok());
}

/// EVE-5: where the records of before cannot be read, or are others.
#[tokio::test]
async fn without_the_records_of_before_nobody_reads_of_what_had_closed() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let [_, to_come] = opened(&world, [Some(30), Some(90)]).await;
    let strangers = World::new(open(&folder, "b").await).await;
    for name in ["alone", "strangers"] {
        let copy = folder.path().join(name);
        world.store.backup(&copy).await.expect("copied");
        let restored = open(&folder, name).await;
        if name == "alone" {
            let counted = restored.begin_anew(later(40)).await;
            counted.expect("counted");
        } else {
            let last = strangers.store.last_standing().await.expect("read");
            let carried = restored.carry_over(&last, later(40)).await;
            assert!(carried.expect("carried").are_strangers);
        }
        let told = restored.tell_of_closing(later(41)).await.expect("looked");
        assert_eq!(told, [], "{name}");
        let told = restored.tell_of_closing(later(91)).await.expect("looked");
        assert_eq!(told, [to_come], "{name}");
    }
}

/// Their links are in no backup that was made before they were renewed.
#[tokio::test]
async fn two_records_that_were_made_one_since_keep_their_students() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let students = [world.ana];
    let again = contact(
        &world.store,
        "Maria Santos",
        "maria@work.example",
        &students,
    );
    let twin = again.await;
    let copy = folder.path().join("copy");
    world.store.backup(&copy).await.expect("copied");
    let both = (world.maria, twin);
    let joined = world.store.join_records(both, OFFICE, now()).await;
    joined.expect("joined");
    let restored = open(&folder, "copy").await;
    let last = world.store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    assert_eq!(carried.expect("carried").guardians, 0);
    let other = restored.contact(twin).await.expect("there");
    assert_eq!(other.about.students.len(), 1);
}

#[tokio::test]
async fn what_an_order_goes_by_outlives_going_back() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let about = |who: &str, at: &str, student| NewContact {
        mobile: None,
        name: name(who),
        email: Some(email(at)),
        students: vec![Guardian {
            student,
            relationship: String::new(),
        }],
    };
    let second = contact(&world.store, "Uncle Ted", "ted@x.example", &[world.ana]).await;
    let copy = folder.path().join("copy");
    world.store.backup(&copy).await.expect("copied");
    // Paul is called otherwise for a while, and somebody else so too, who waits since.
    for (who, to) in [
        (world.paul, about("Paul Zorn", "zorn@x.example", world.ana)),
        (world.paul, about("Paul Meyer", "paul@x.example", world.ana)),
        (second, about("Paul Zorn", "ted@x.example", world.ana)),
        (second, about("Uncle Ted", "ted@x.example", world.ana)),
    ] {
        let changed = world.store.change_contact(who, &to, OFFICE, now()).await;
        changed.expect("changed");
        let set = world.store.set_court_order(world.paul, OFFICE, now()).await;
        set.expect("set");
    }
    let waits = async |store: &Store, who| {
        let it = store.contact(who).await.expect("there");
        it.may_be.is_some()
    };
    assert!(waits(&world.store, second).await);
    let restored = open(&folder, "copy").await;
    assert!(!waits(&restored, second).await, "before");
    let last = world.store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    carried.expect("carried");
    assert!(waits(&restored, second).await);
    let third = about("Paul Zorn", "third@x.example", world.ben);
    let third = restored.add_contact(&third, OFFICE, later(11)).await;
    assert!(waits(&restored, third.expect("added")).await);
}

#[tokio::test]
async fn what_the_office_decided_since_stays_so_in_the_backup() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    what_was_decided_stays_so(world, async |store| {
        let copy = folder.path().join("copy");
        store.backup(&copy).await.expect("copied");
        open(&folder, "copy").await
    })
    .await;
}

#[tokio::test]
async fn what_the_office_decided_since_stays_so_in_a_dump() {
    let place = fresh_postgres().await;
    let store = Store::open(&place, OPTIONS).await.expect("open");
    what_was_decided_stays_so(World::new(store).await, async |_| {
        let other = fresh_postgres().await;
        let store = Store::open(&other, OPTIONS).await.expect("open");
        copied(&place, &other).await;
        store
    })
    .await;
}

/// And what an import ended may begin again by one.
async fn what_was_decided_stays_so(world: World, copy: impl AsyncFnOnce(&Store) -> Store) {
    let store = &world.store;
    import(store, FILE, 0).await;
    let restored = copy(store).await;
    // Eve is taken off Ada and Leo out of French by hand; Jo is no longer Max's by the list, and is still
    // here by the office's word.
    let (ada, leo) = (student(store, "ada").await, student(store, "leo").await);
    let jo = student(store, "max").await.contacts[0].id;
    take_off(store, ada.contacts[0].id, ada.id).await;
    fill(store, world.french, |it| it.retain(|one| *one != leo.id)).await;
    let without_jo = FILE.replace("Jo Ott,jo@home.example,Father", ",,");
    assert_eq!(
        says(&import(store, &without_jo, 1).await),
        ["Jo Ott has left"]
    );
    let back = store.bring_back_contact(jo, OFFICE, later(1)).await;
    back.expect("back");
    take_off(store, jo, student(store, "max").await.id).await;
    let moved = FILE.replace(
        "S2,Leo Hill,9C,8B French,Eve Hill,eve@home.example,Mother",
        "S2,Leo Hill,9C,8B French,,,",
    );
    let moved = moved.replace(
        "Jo Ott,jo@home.example,Father",
        "Eve Hill,eve@home.example,Aunt",
    );
    let ended = says(&import(store, &moved, 2).await);
    assert_eq!(ended, ["Eve Hill is no longer a guardian of Leo Hill"]);

    let last = store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    assert_eq!(carried.expect("carried").guardians, 3);
    // Jo is here, and nobody's.
    let away = says(&import(&restored, &without_jo, 3).await);
    assert_eq!(away, Vec::<String>::new());
    let again = import(&restored, FILE, 4).await;
    let mut remarks: Vec<_> = again.results.iter().flat_map(|it| &it.does).collect();
    remarks.retain(|it| it.contains("as you have decided"));
    assert_eq!(
        remarks,
        [
            "Eve Hill stays taken off Ada Hill, as you have decided",
            "Leo Hill stays out of 8B French, as you have decided",
            "Jo Ott stays taken off Max Ott, as you have decided",
        ]
    );
    let leo = student(&restored, "leo").await;
    assert_eq!(leo.about.classes, Some(vec![]));
    assert_eq!(leo.contacts.len(), 1, "no decision has ended it");
}

#[tokio::test]
async fn whom_retention_erased_may_be_named_anew_and_whom_the_office_did_may_not() {
    let folder = fresh_folder();
    // The keys lie beside the records.
    let keys = fresh_keys();
    let world = World::new(open(&folder, "a").await.with_keys(&keys)).await;
    let store = &world.store;
    import(store, FILE, 0).await;
    // Ada's record is in the backup, Zoe's is not: the office erases both. Max leaves, and his time ends.
    let copy = folder.path().join("copy");
    store.backup(&copy).await.expect("copied");
    let with_zoe = format!("{FILE}S4,Zoe Park,9C,,Ivy Park,ivy@home.example,Mother\n");
    import(store, &with_zoe, 1).await;
    for who in ["ada", "zoe"] {
        let id = student(store, who).await.id;
        let erased = store.erase_student(id, OFFICE, later(1)).await;
        erased.expect("erased");
    }
    let max = "S3,Max Ott,9C,8B French,Jo Ott,jo@home.example,Father\n";
    let left = says(&import(store, &FILE.replace(max, ""), 2).await);
    assert!(left.contains(&"Max Ott has left".to_owned()), "{left:?}");
    let years = SignedDuration::from_hours(24 * 365 * 10);
    store.erase_expired(now() + years).await.expect("erased");

    let restored = open(&folder, "copy").await.with_keys(&keys);
    let last = store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, now() + years).await;
    assert_eq!(carried.expect("carried").erased, 3, "Ada, Max and Jo Ott");
    let found = async |who: &str| restored.students(who, None, 9).await.expect("read").total;
    for who in ["ada", "max", "zoe"] {
        assert_eq!(found(who).await, 0, "{who}");
    }
    let again = import(&restored, &with_zoe, 4000).await;
    let mut remarks: Vec<_> = again.results.iter().flat_map(|it| &it.does).collect();
    remarks.retain(|it| it.contains("was erased here"));
    let names: Vec<_> = remarks.iter().map(|it| &it[..8]).collect();
    assert_eq!(names, ["Ada Hill", "Zoe Park"]);
    assert_eq!(found("max").await, 1, "the list names him anew");
}

#[tokio::test]
async fn rooms_and_areas_whose_links_were_renewed_have_links_again() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let store = &world.store;
    let (ann, _) = room(store).await;
    let Holder::Staff(ann) = ann else {
        panic!("a member");
    };
    let draft = AreaDraft {
        name: label("Front desk"),
        purpose: Note::default(),
        hours: None,
        providers: BTreeSet::from([ann]),
    };
    let desk = store.add_area(&draft, OFFICE, now()).await.expect("added");
    let copy = folder.path().join("copy");
    store.backup(&copy).await.expect("copied");
    let [counselling] = store.rooms().await.expect("read").try_into().expect("one");
    let renewed = store.renew_room_link(counselling.id, OFFICE, now()).await;
    renewed.expect("renewed");
    let renewed = store.renew_area_link(desk, OFFICE, now()).await;
    renewed.expect("renewed");

    let restored = open(&folder, "copy").await;
    let last = store.last_standing().await.expect("read");
    restored.carry_over(&last, later(1)).await.expect("carried");
    let again = restored.room(counselling.id).await.expect("it is there");
    assert_ne!(again.link.id, counselling.link.id, "the old one stays dead");
    restored.area(desk).await.expect("it is there");
}
