//! What is erased is gone (DIR-10).

use jiff::SignedDuration;
use school::meeting::Door;
use school::rooms::Terms;
use school::{JointTeachers, MeetingId, Rank, Refusal, StaffId};
use store::{
    Actor, Channel, Holder, Identity, MailKind, NewClass, NewPasskey, NewStaff, Place, Recognised,
    RoomDraft, Store,
};

use crate::call_guests::{by_email, by_text, invite, new, room};
use crate::places::on_both;
use crate::world::{OFFICE, World, email, label, later, letter, name, now, refused};

on_both!(
    a_contact_leaves_nothing_behind,
    a_student_leaves_nothing_behind,
    a_guest_leaves_nothing_behind,
    a_teacher_leaves_nothing_behind,
    somebody_of_the_staff_leaves_nothing_behind,
    staff_who_left_go_after_the_schools_period,
    a_contact_leaves_nothing_behind_as_a_guest,
    a_contact_who_sits_in_a_room_is_out_and_leaves_nothing_behind,
    nobody_knows_where_a_removed_guest_was_written_to,
    what_is_past_its_period_goes,
);

/// Every text and byte in the database: SQLite's file, or all rows of PostgreSQL's tables.
async fn dump(store: &Store) -> Vec<u8> {
    match store.place() {
        Place::Sqlite(file) => {
            // The log too: what was overwritten is nowhere.
            let copy = file.with_extension("copy");
            store.backup(&copy).await.expect("copied");
            let dump = std::fs::read(&copy).expect("read");
            std::fs::remove_file(&copy).expect("removed");
            dump
        }
        Place::Postgres(url) => {
            let pool = sqlx::PgPool::connect(url).await.expect("connected");
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT table_name::text FROM information_schema.tables
                 WHERE table_schema = current_schema()",
            )
            .fetch_all(&pool)
            .await
            .expect("tables");
            assert!(tables.len() > 10);
            let mut dump = Vec::new();
            for table in tables {
                let sql = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
                let rows: Vec<String> = sqlx::query_scalar(sql)
                    .fetch_all(&pool)
                    .await
                    .expect("rows");
                dump.extend(rows.join("\n").into_bytes());
            }
            pool.close().await;
            dump
        }
    }
}

/// Whether the files of SQLite's database hold that word, its log among them.
fn files_hold(store: &Store, word: &str) -> bool {
    let Place::Sqlite(file) = store.place() else {
        return false;
    };
    ["", "-wal"].iter().any(|ending| {
        let path = format!("{}{ending}", file.display());
        let bytes = std::fs::read(path).expect("it is there");
        is_in(&bytes, word)
    })
}

async fn holds(store: &Store, word: &str) -> bool {
    is_in(&dump(store).await, word)
}

fn is_in(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|it| it.eq_ignore_ascii_case(word.as_bytes()))
}

async fn a_contact_who_sits_in_a_room_is_out_and_leaves_nothing_behind(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (ann, meeting) = room(store).await;
    let maria = new(by_email("maria@home.example"), "press");
    let id = invite(store, meeting, ann, &maria).await;
    let named = store
        .name_guest(id, (&name("Marissima"), "their press"), now())
        .await;
    named.expect("named");
    let link = store.call_guest(meeting, id).await.expect("there").link.id;
    assert!(holds(store, "Marissima").await, "before");
    let erased = store.erase_contact(world.maria, OFFICE, now()).await;
    let erased = erased.expect("erased");
    assert!(erased.links.contains(&link), "they lose their seat");
    assert!(erased.changed.contains(&meeting));
    assert!(store.overwrite_erased().await.expect("overwritten"));
    for word in ["Marissima", "maria@home"] {
        assert!(!holds(store, word).await, "{word} after");
        assert!(!files_hold(store, word), "{word} in files");
    }
    assert!(store.check_integrity().await.is_ok());
}

async fn nobody_knows_where_a_removed_guest_was_written_to(store: Store) {
    let (ann, meeting) = room(&store).await;
    let email = invite(
        &store,
        meeting,
        ann,
        &new(by_email("gus@guests.example"), "one"),
    )
    .await;
    let text = invite(&store, meeting, ann, &new(by_text("07400 123456"), "two")).await;
    for channel in [Channel::Email, Channel::Text] {
        let lease = SignedDuration::from_mins(1);
        let sent = store.claim_mail(channel, 9, lease, now()).await;
        let sent = sent.expect("claimed").remove(0);
        let said = store.mail_sent(sent.id, sent.lease, now()).await;
        assert!(said.expect("said"));
    }
    for word in ["gus@guests", "+447400123456"] {
        assert!(holds(&store, word).await, "{word} before");
    }
    for id in [email, text] {
        let removed = store.remove_guest(meeting, id, ann, later(1)).await;
        removed.expect("removed");
    }
    for word in ["gus@guests", "+447400123456"] {
        assert!(!holds(&store, word).await, "{word} after");
    }
    let sent = store.texts_in_a_day(later(1)).await.expect("read");
    assert_eq!(sent, 1, "it cost what it cost");
    // A mail server that writes back of another finds nothing here.
    let nobody = [school::EmailAddress::read("else@x.example").expect("an address")];
    let reported = store.mail_reported((&[], &nobody), Some("no"), now()).await;
    assert!(!reported.expect("read"));
}

async fn a_contact_leaves_nothing_behind(store: Store) {
    let world = World::new(store).await;
    let booked = world
        .book(world.maria, world.ana, world.maths, 0)
        .await
        .expect("booked");
    world
        .invite(world.maria, "Ruivo", "ruivo@x.example", &[world.ana])
        .await
        .expect("invited");
    for word in ["Maria", "maria@home", "Ruivo"] {
        assert!(holds(&world.store, word).await, "{word} before");
    }
    let died = world
        .store
        .erase_contact(world.maria, OFFICE, now())
        .await
        .expect("erased");
    assert_eq!((died.links.len(), died.ended), (2, [booked.meeting].into()));
    for word in ["Maria", "maria@home"] {
        assert!(!holds(&world.store, word).await, "{word} after");
    }
    // Their guest hears that it has ended, and is forgotten then.
    let told = world.send_all().await;
    let told: Vec<_> = told
        .iter()
        .map(letter)
        .map(|it| (it.kind, &it.inviter))
        .collect();
    assert_eq!(told, [(MailKind::Withdrawn, &None)]);
    world.store.erase_expired(now()).await.expect("erased");
    assert!(!holds(&world.store, "Ruivo").await, "Ruivo after");
    let again = world.store.erase_contact(world.maria, OFFICE, now()).await;
    assert_eq!(refused(again), Refusal::NotFound);
    world
        .book(world.paul, world.ana, world.maths, 0)
        .await
        .expect("free again");
    assert!(
        world
            .store
            .check_audit_log(None)
            .await
            .expect("read")
            .is_ok()
    );
}

async fn a_student_leaves_nothing_behind(store: Store) {
    let world = World::new(store).await;
    let booked = world
        .book(world.maria, world.ben, world.maths, 0)
        .await
        .expect("booked");
    world
        .invite(world.maria, "Ruivo", "ruivo@x.example", &[world.ben])
        .await
        .expect("invited");
    let minute = SignedDuration::from_mins(1);
    let claimed = world
        .store
        .claim_mail(Channel::Email, 9, minute, later(1))
        .await;
    for mail in claimed.expect("claimed") {
        let sent = world.store.mail_sent(mail.id, mail.lease, later(1));
        assert!(sent.await.expect("said"));
    }
    let actor = Actor::Parent(world.maria);
    world
        .store
        .cancel_booking(world.maria, booked.id, actor, now())
        .await
        .expect("cancelled");
    let booked = world
        .book(world.maria, world.ben, world.maths, 1)
        .await
        .expect("booked");
    // One about the cancelled appointment is on its way.
    let sending = world
        .store
        .claim_mail(Channel::Email, 9, minute, later(2))
        .await;
    let sending = sending.expect("claimed");
    let tells = |it: &store::Mail| letter(it).about.is_some() || !letter(it).cancelled.is_empty();
    assert!(sending.iter().any(tells));
    assert!(holds(&world.store, "Ben Santos").await);
    let died = world
        .store
        .erase_student(world.ben, OFFICE, now())
        .await
        .expect("erased");
    assert_eq!((died.links.len(), died.ended), (1, [booked.meeting].into()));
    assert!(!holds(&world.store, "Ben Santos").await);
    let left = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    assert!(left.can_invite() && left.invitations.is_empty());
}

async fn a_guest_leaves_nothing_behind(store: Store) {
    let world = World::new(store).await;
    let guest = world
        .invite(world.maria, "Ruivo", "ruivo@x.example", &[world.ana])
        .await
        .expect("invited");
    assert!(holds(&world.store, "ruivo").await);
    let died = world.store.erase_guest(guest.id, OFFICE, now()).await;
    assert_eq!(died.expect("erased").links.len(), 1);
    assert!(!holds(&world.store, "ruivo").await);
    let again = world.store.erase_guest(guest.id, OFFICE, now()).await;
    assert_eq!(refused(again), Refusal::NotFound);
    let left = world.store.invitations(world.maria, world.evening).await;
    assert!(left.expect("read").can_invite());
}

async fn a_contact_leaves_nothing_behind_as_a_guest(store: Store) {
    let world = World::new(store).await;
    world
        .invite(world.maria, "Papa", "PAUL@home.example", &[world.ana])
        .await
        .expect("invited");
    let died = world.store.erase_contact(world.paul, OFFICE, now()).await;
    assert_eq!(died.expect("erased").links.len(), 1);
    for word in ["paul@home", "Papa"] {
        assert!(!holds(&world.store, word).await, "{word}");
    }
}

async fn a_teacher_leaves_nothing_behind(store: Store) {
    let world = World::new(store).await;
    let sent = world
        .store
        .send_teacher_links(world.evening, OFFICE, now())
        .await;
    sent.expect("queued");
    let teacher = world.teachers[0];
    let needed = world.store.erase_teacher(teacher, OFFICE, now()).await;
    assert_eq!(refused(needed), Refusal::TakesClasses);
    let removed = world.store.remove_class(world.french, OFFICE, now()).await;
    removed.expect("removed");
    assert!(holds(&world.store, "Adeyemi").await);
    let died = world.store.erase_teacher(teacher, OFFICE, now()).await;
    assert_eq!(died.expect("erased").links.len(), 1);
    for word in ["Adeyemi", "teacher0@"] {
        assert!(!holds(&world.store, word).await, "{word}");
    }
    assert_eq!(world.store.teachers().await.expect("read").len(), 2);
    // One who was removed goes after the school's period.
    let class = NewClass {
        name: label("8B Maths"),
        subject: label("Maths"),
        teachers: JointTeachers::new(vec![world.teachers[2]]).expect("one"),
        students: None,
    };
    let changed = world.store.change_class(world.maths, &class, OFFICE, now());
    changed.await.expect("changed");
    let gone = world.teachers[1];
    let removed = world.store.remove_teacher(gone, OFFICE, now()).await;
    removed.expect("removed");
    let days = i64::from(world.store.school().await.expect("read").keep.days());
    let period = SignedDuration::from_hours(24 * days);
    let swept = world.store.erase_expired(now() + period).await;
    swept.expect("swept");
    assert!(holds(&world.store, "Brandt").await);
    let after = now() + period + SignedDuration::from_secs(1);
    world.store.erase_expired(after).await.expect("swept");
    assert!(!holds(&world.store, "Brandt").await);
}

async fn account(store: &Store, who: &str, rank: Rank) -> StaffId {
    let staff = NewStaff {
        name: name(&format!("{who} Staffperson")),
        email: email(&format!("{who}@staff.example")),
        password_hash: format!("hash of {who}"),
        rank,
    };
    let added = store.add_staff(&staff, OFFICE, now()).await;
    added.expect("added")
}

/// All that somebody of the staff may have: a session, a second step, an account of the provider's, a room with a
/// call that others are in, an evening, a guest they invited, and an e-mail.
async fn fill(world: &World, staff: StaffId, who: &str) -> MeetingId {
    let store = &world.store;
    let session = [9; 32];
    let begun = store.begin_session((staff, None), (&session, &[0; 32]), later(60), now());
    begun.await.expect("begun");
    let identity = Identity {
        issuer: "https://login.school.example",
        subject: "subject of theirs",
        client: "homeroom",
    };
    let addresses = [email(&format!("{who}@staff.example"))];
    let known = store.recognise(identity, &addresses, now()).await;
    assert!(matches!(known, Ok(Recognised::As(_))), "{known:?}");
    let begun = store.begin_session((staff, None), (&session, &[0; 32]), later(60), now());
    begun.await.expect("begun");
    let hash = format!("hash of {who}");
    let own = (staff, hash.as_str());
    let added = store.add_second_factor(own, (b"locked", 1), &[[3; 32]], &session, now());
    added.await.expect("added");
    let passkey = NewPasskey {
        credential: b"jade credential",
        public_key: b"jade key",
        algorithm: -7,
        sign_count: 0,
        transports: "usb",
        name: &label("jade fob"),
    };
    let added = store.add_passkey(own, passkey, &[], &session, now());
    added.await.expect("added");
    let asked = store.ask_passkey(staff, (&[7; 32], &[8; 32]), later(5), now());
    asked.await.expect("asked");
    let (ann, meeting) = room(store).await;
    let Holder::Staff(ann) = ann else {
        panic!("a member");
    };
    let draft = RoomDraft {
        name: label("Room 1"),
        door: Door::Open,
        members: [ann, staff].into(),
        terms: Terms::default(),
    };
    let rooms = store.rooms().await.expect("read");
    let changed = store.change_room(rooms[0].id, &draft, OFFICE, now()).await;
    changed.expect("changed");
    let guest = new(by_email("gus@guests.example"), "press");
    invite(store, meeting, Holder::Staff(staff), &guest).await;
    let named = store
        .set_managers(world.evening, &[staff].into(), OFFICE, now())
        .await;
    named.expect("named");
    meeting
}

async fn somebody_of_the_staff_leaves_nothing_behind(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let ada = account(store, "ada", Rank::Owner).await;
    let vera = account(store, "vera", Rank::Owner).await;
    let meeting = fill(&world, vera, "vera").await;
    let words = [
        "vera Staffperson",
        "vera@staff",
        "subject of theirs",
        "jade fob",
        "hash of vera",
    ];
    for word in words {
        assert!(holds(store, word).await, "{word} before");
    }
    let oneself = store.erase_staff(vera, Actor::Staff(vera), now()).await;
    assert_eq!(refused(oneself), Refusal::OwnAccount);
    let link = store
        .enter_room(vera, store.rooms().await.expect("read")[0].id)
        .await;
    let link = link.expect("a link").id;
    let erased = store.erase_staff(vera, Actor::Staff(ada), now()).await;
    let erased = erased.expect("erased");
    assert!(erased.links.contains(&link), "they are out of calls");
    assert!(erased.changed.contains(&meeting) && erased.staff.contains(&vera));
    assert!(store.overwrite_erased().await.expect("overwritten"));
    for word in words {
        assert!(!holds(store, word).await, "{word} after");
        assert!(!files_hold(store, word), "{word} in files");
    }
    // What others had is there, and the guest still has their link.
    let guests = store.call_guests(meeting, now()).await.expect("read");
    assert_eq!(guests.len(), 1);
    assert_eq!(store.rooms().await.expect("read")[0].members.len(), 1);
    let again = store.erase_staff(vera, Actor::Staff(ada), now()).await;
    assert_eq!(refused(again), Refusal::NotFound);
    let last = store.erase_staff(ada, OFFICE, now()).await;
    assert_eq!(refused(last), Refusal::LastAccount);
    let log = store.audit_log(None, 2).await.expect("read");
    let log: Vec<_> = log.iter().map(|it| (&*it.action, &*it.subject)).collect();
    let subject = format!("staff:{vera}");
    assert_eq!(log, [("erased", &*subject), ("staff_disabled", &*subject)]);
    let holds_still = store.check_audit_log(None).await.expect("read");
    assert!(holds_still.is_ok());
    store.check_integrity().await.expect("whole");
    // Their address is free for somebody new.
    account(store, "vera", Rank::Member).await;
}

async fn staff_who_left_go_after_the_schools_period(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    account(store, "ada", Rank::Owner).await;
    let vera = account(store, "vera", Rank::Office).await;
    fill(&world, vera, "vera").await;
    store
        .disable_staff(vera, OFFICE, now())
        .await
        .expect("left");
    let days = i64::from(store.school().await.expect("read").keep.days());
    let period = SignedDuration::from_hours(24 * days);
    store.erase_expired(now() + period).await.expect("swept");
    assert!(holds(store, "vera@staff").await);
    let after = now() + period + SignedDuration::from_secs(1);
    store.erase_expired(after).await.expect("swept");
    assert!(store.overwrite_erased().await.expect("overwritten"));
    for word in ["vera Staffperson", "vera@staff"] {
        assert!(!holds(store, word).await, "{word}");
        assert!(!files_hold(store, word), "{word} in files");
    }
    let all = store.staff().await.expect("read");
    assert!(
        all.iter().any(|it| it.name.reveal() == "ada Staffperson"),
        "who works here stays"
    );
}

async fn what_is_past_its_period_goes(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.maria, world.ana, world.maths, 0)
        .await
        .expect("booked");
    world
        .invite(world.maria, "Ruivo", "ruivo@x.example", &[world.ana])
        .await
        .expect("invited");
    let end = world.store.evening(world.evening).await.expect("read").end;
    let days = i64::from(world.store.school().await.expect("read").keep.days());
    let period = SignedDuration::from_hours(24 * days);
    assert_eq!(
        world
            .store
            .erase_expired(end + period)
            .await
            .expect("swept"),
        0
    );
    assert!(holds(&world.store, "ruivo").await);
    let is_sqlite = matches!(world.store.place(), Place::Sqlite(_));
    assert_eq!(files_hold(&world.store, "ruivo"), is_sqlite);
    let after = end + period + SignedDuration::from_secs(1);
    assert_eq!(world.store.erase_expired(after).await.expect("swept"), 1);
    assert!(!holds(&world.store, "ruivo").await);
    assert!(world.store.overwrite_erased().await.expect("overwritten"));
    assert!(!files_hold(&world.store, "ruivo"));
    assert_eq!(world.store.erase_expired(after).await.expect("swept"), 0);
    let left = world
        .store
        .appointments_of_evening(world.evening)
        .await
        .expect("read");
    assert!(left.is_empty());
}
