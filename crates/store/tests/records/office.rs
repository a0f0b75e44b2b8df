//! What the office sets up: accounts, evenings, classes, and the log of it all.

use jiff::SignedDuration;
use school::{JointTeachers, Refusal};
use store::{
    Action, Actor, BookingPress, Holder, LinkState, NewClass, NewStaff, NewStudent, Store,
};

use crate::places::on_both;
use crate::world::{OFFICE, World, draft, email, label, later, name, now, refused};

on_both!(
    a_set_up_link_works_once,
    sessions_end,
    an_added_account_chooses_its_password_once,
    an_evening_keeps_its_times_under_appointments,
    booking_opens_and_closes,
    a_teacher_who_is_needed_stays,
    the_log_follows_row_by_row,
    a_link_for_a_letter,
    what_is_longer_than_a_line_is_refused,
    schools_do_not_see_each_other,
);

fn administrator() -> NewStaff {
    NewStaff {
        name: name("Ida Office"),
        email: email("ida@school.example"),
        password_hash: "$argon2id$not-a-hash".to_owned(),
        rank: school::Rank::Owner,
    }
}

async fn a_set_up_link_works_once(store: Store) {
    assert!(store.needs_set_up().await.expect("read"));
    let staff = administrator();
    let unknown = store.set_up(&[1; 32], &staff, now()).await;
    assert_eq!(refused(unknown), Refusal::SetUpDone);
    store
        .offer_set_up(&[1; 32], later(60))
        .await
        .expect("offered");
    store
        .offer_set_up(&[2; 32], later(60))
        .await
        .expect("offered");
    let replaced = store.check_set_up(&[1; 32], now()).await;
    assert_eq!(refused(replaced), Refusal::SetUpDone);
    let too_late = store.check_set_up(&[2; 32], later(60)).await;
    assert_eq!(refused(too_late), Refusal::SetUpDone);
    store
        .set_up(&[2; 32], &staff, later(59))
        .await
        .expect("set up");
    assert_eq!(
        refused(store.set_up(&[2; 32], &staff, later(59)).await),
        Refusal::SetUpDone
    );
    assert!(!store.needs_set_up().await.expect("read"));
    store
        .offer_set_up(&[3; 32], later(90))
        .await
        .expect("offered");
    assert_eq!(
        refused(store.check_set_up(&[3; 32], later(60)).await),
        Refusal::SetUpDone
    );
    let twice = store.add_staff(&staff, OFFICE, now()).await;
    assert_eq!(refused(twice), Refusal::EmailTaken);
    let found = store
        .staff_by_email(&email("IDA@school.example"))
        .await
        .expect("read");
    assert_eq!(found.expect("known").password_hash, staff.password_hash);
}

async fn sessions_end(store: Store) {
    let ida = store
        .add_staff(&administrator(), OFFICE, now())
        .await
        .expect("added");
    store
        .begin_session((ida, None), (&[7; 32], &[0; 32]), later(60), now())
        .await
        .expect("begun");
    let held = store.session(&[7; 32], later(59)).await.expect("read");
    assert_eq!(held.map(|it| it.staff), Some(ida));
    assert!(
        store
            .session(&[8; 32], now())
            .await
            .expect("read")
            .is_none()
    );
    assert!(
        store
            .session(&[7; 32], later(60))
            .await
            .expect("read")
            .is_none()
    );
    store
        .change_password(ida, "$new", OFFICE, now())
        .await
        .expect("changed");
    assert!(
        store
            .session(&[7; 32], now())
            .await
            .expect("read")
            .is_none()
    );
    store
        .begin_session((ida, None), (&[9; 32], &[0; 32]), later(60), now())
        .await
        .expect("begun");
    store.end_session(&[9; 32], now()).await.expect("ended");
    assert!(
        store
            .session(&[9; 32], now())
            .await
            .expect("read")
            .is_none()
    );
    // One that is used lives longer, and never shorter.
    store
        .begin_session((ida, None), (&[6; 32], &[0; 32]), later(60), now())
        .await
        .expect("begun");
    for until in [later(90), later(70)] {
        store
            .lengthen_session(&[6; 32], until)
            .await
            .expect("written");
    }
    for (at, lives) in [(later(89), true), (later(90), false)] {
        let held = store.session(&[6; 32], at).await.expect("read");
        assert_eq!(held.is_some(), lives, "{at}");
    }
    let last = store.disable_staff(ida, OFFICE, now()).await;
    assert_eq!(refused(last), Refusal::LastAccount);
    let other = NewStaff {
        email: email("bo@school.example"),
        ..administrator()
    };
    let bo = store.add_staff(&other, OFFICE, now()).await.expect("added");
    store
        .begin_session((ida, None), (&[5; 32], &[0; 32]), later(60), now())
        .await
        .expect("begun");
    store
        .disable_staff(ida, OFFICE, now())
        .await
        .expect("disabled");
    let gone = store.session(&[5; 32], now()).await.expect("read");
    assert!(gone.is_none());
    // An account that signs in again and again keeps the newest sessions.
    for n in 0..55_u8 {
        let (at, until) = (later(n.into()), later(600));
        store
            .begin_session((bo, None), (&[n + 100; 32], &[0; 32]), until, at)
            .await
            .expect("begun");
    }
    for (n, lives) in [(100, false), (104, false), (105, true), (154, true)] {
        let held = store.session(&[n; 32], later(60)).await.expect("read");
        assert_eq!(held.is_some(), lives, "{n}");
    }
    let last = store.disable_staff(bo, OFFICE, now()).await;
    assert_eq!(refused(last), Refusal::LastAccount);
    let gone = store
        .staff_by_email(&email("ida@school.example"))
        .await
        .expect("read");
    assert!(gone.is_none());
}

async fn an_added_account_chooses_its_password_once(store: Store) {
    let (who, at) = (name("Bo Office"), email("bo@school.example"));
    let invite = |digest: [u8; 32]| {
        let (store, who, at) = (store.clone(), who.clone(), at.clone());
        async move {
            let link = (&digest, later(60));
            store
                .invite_staff((&who, &at, school::Rank::Owner), link, OFFICE, now())
                .await
        }
    };
    let first = invite([1; 32]).await.expect("added");
    // Nobody has signed in yet: the first administrator may still be made.
    assert!(store.needs_set_up().await.expect("read"));
    store
        .offer_set_up(&[3; 32], later(60))
        .await
        .expect("offered");
    assert_eq!(invite([2; 32]).await.expect("again"), first);
    let as_member = store
        .invite_staff(
            (&who, &at, school::Rank::Member),
            (&[4; 32], later(60)),
            OFFICE,
            now(),
        )
        .await;
    assert_eq!(refused(as_member.map(|_| ())), Refusal::EmailTaken);
    let replaced = store.check_set_up(&[1; 32], now()).await;
    assert_eq!(refused(replaced), Refusal::SetUpDone);
    let offered = store.check_set_up(&[2; 32], now()).await.expect("good");
    assert_eq!(
        offered.map(|it| (it.name, it.email)),
        Some((who.clone(), at.clone()))
    );
    let of_nobody = store.check_set_up(&[3; 32], now()).await;
    assert!(of_nobody.expect("good").is_none());
    // It makes no other account.
    let other = store.set_up(&[2; 32], &administrator(), now()).await;
    assert_eq!(refused(other), Refusal::SetUpDone);
    let too_late = store.take_up(&[2; 32], "$hash", later(60)).await;
    assert_eq!(refused(too_late), Refusal::SetUpDone);
    let taken = store.take_up(&[2; 32], "$hash", now()).await;
    assert_eq!(taken.expect("taken up"), first);
    let again = store.take_up(&[2; 32], "$other", now()).await;
    assert_eq!(refused(again), Refusal::SetUpDone);
    let account = store.staff_by_email(&at).await.expect("read");
    assert_eq!(account.expect("known").password_hash, "$hash");
    assert_eq!(refused(invite([4; 32]).await), Refusal::EmailTaken);
    let first_link = store.check_set_up(&[3; 32], now()).await;
    assert_eq!(refused(first_link), Refusal::SetUpDone, "it is set up");
    // Removed and added again, it is the same account with another password.
    let ida = store.add_staff(&administrator(), OFFICE, now()).await;
    ida.expect("added");
    store
        .disable_staff(first, OFFICE, now())
        .await
        .expect("disabled");
    assert_eq!(invite([5; 32]).await.expect("back"), first);
    let account = store.staff_by_email(&at).await.expect("read");
    assert_eq!(account.expect("known").password_hash, "");
}

async fn an_evening_keeps_its_times_under_appointments(store: Store) {
    let world = World::new(store).await;
    let both = [world.french, world.maths];
    let change = |change: fn(&mut school::EveningDraft)| {
        let mut draft = draft();
        change(&mut draft);
        world
            .store
            .change_evening(world.evening, draft, &both, OFFICE, now())
    };
    change(|it| it.slot_minutes = 15)
        .await
        .expect("nothing is booked");
    change(|_| {}).await.expect("and back");
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    world
        .book(world.maria, world.ana, world.maths, 4)
        .await
        .expect("booked");
    let no_room = change(|it| it.slot_minutes = 15).await;
    assert_eq!(refused(no_room), Refusal::TimesAreBooked);
    change(|it| it.name = label("Year 8 and 9"))
        .await
        .expect("only its name");
    let summary = world
        .store
        .evening_summary(world.evening)
        .await
        .expect("read");
    assert_eq!((summary.booked, summary.classes.len()), (2, 2));
    assert_eq!(summary.evening.draft.name, label("Year 8 and 9"));
}

async fn booking_opens_and_closes(store: Store) {
    let world = World::new(store).await;
    let booked = world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    let closes = BookingPress {
        opens: false,
        closes: None,
        tells: false,
        attempt: None,
    };
    let closed = world
        .store
        .press_booking(world.evening, closes, OFFICE, now());
    closed.await.expect("closed");
    let late = world.book(world.omar, world.cem, world.french, 1).await;
    assert_eq!(refused(late), Refusal::BookingClosed);
    let actor = Actor::Parent(world.maria);
    let cancelled = world
        .store
        .cancel_booking(world.maria, booked.id, actor, now())
        .await;
    assert_eq!(refused(cancelled), Refusal::BookingClosed);
    // The office may still.
    world
        .store
        .cancel_booking(world.maria, booked.id, OFFICE, now())
        .await
        .expect("cancelled");
    world
        .store
        .open_booking(world.evening, OFFICE, now())
        .await
        .expect("open");
    world
        .book(world.omar, world.cem, world.french, 1)
        .await
        .expect("booked");
}

async fn a_teacher_who_is_needed_stays(store: Store) {
    let world = World::new(store).await;
    let teacher = world.teachers[0];
    let taking = world.store.remove_teacher(teacher, OFFICE, now()).await;
    assert_eq!(refused(taking), Refusal::TakesClasses);
    let class = NewClass {
        name: label("8B French"),
        subject: label("French"),
        teachers: JointTeachers::new(vec![world.teachers[1]]).expect("one"),
        students: None,
    };
    world
        .store
        .change_class(world.french, &class, OFFICE, now())
        .await
        .expect("changed");
    let classes = world.store.classes().await.expect("read");
    assert_eq!(classes[0].students.len(), 3, "its students stay");
    world
        .store
        .remove_teacher(teacher, OFFICE, now())
        .await
        .expect("removed");
    assert_eq!(world.store.teachers().await.expect("read").len(), 2);
    let back = NewClass {
        teachers: JointTeachers::new(vec![teacher]).expect("one"),
        ..class
    };
    let again = world.store.change_class(world.french, &back, OFFICE, now());
    assert_eq!(refused(again.await), Refusal::NotFound);
}

async fn the_log_follows_row_by_row(store: Store) {
    let world = World::new(store).await;
    let actor = Actor::Parent(world.maria);
    world
        .store
        .note(actor, Action::Joined, "booking:1", &[("evening", 5)], now())
        .await
        .expect("noted");
    assert!(
        world
            .store
            .check_audit_log(None)
            .await
            .expect("read")
            .is_ok()
    );
    let newest = world
        .store
        .audit_log(None, 1)
        .await
        .expect("read")
        .remove(0);
    let expected = (format!("contact:{}", world.maria), "joined", "evening=5");
    assert_eq!(
        (
            newest.actor.clone(),
            newest.action.as_str(),
            newest.detail.as_str()
        ),
        expected
    );
    let before = world
        .store
        .audit_log(Some(newest.number), 2)
        .await
        .expect("read");
    let numbers: Vec<_> = before.iter().map(|it| newest.number - it.number).collect();
    assert_eq!(numbers, [1, 2]);
    let subject = newest.actor.clone();
    let subjects = [subject.clone(), "contact:1".to_owned(), "school".to_owned()];
    let names = world.store.names_of(subjects).await.expect("read");
    assert_eq!(names, [(subject, "Maria Santos".to_owned())].into());
    let csv = world.store.audit_csv().await.expect("read");
    let rows = csv.lines().count();
    assert_eq!(i64::try_from(rows).expect("few"), newest.number + 1);
    for name in ["Maria", "Santos", "@"] {
        assert!(!csv.contains(name), "{name}");
    }
}

async fn what_is_longer_than_a_line_is_refused(store: Store) {
    let world = World::new(store).await;
    let long = |length| "x".repeat(length);
    let student = |form: String| {
        let student = NewStudent {
            name: name("Ada Hill"),
            form,
            year: None,
            source: None,
            classes: None,
        };
        let store = world.store.clone();
        async move { store.add_student(&student, OFFICE, now()).await }
    };
    student(long(100)).await.expect("added");
    assert_eq!(refused(student(long(101)).await), Refusal::TextTooLong);
    let mut school = world.store.school().await.expect("read");
    school.contact_phone = long(101);
    let changed = world.store.change_school(&school, OFFICE, now()).await;
    assert_eq!(refused(changed), Refusal::TextTooLong);
}

async fn a_link_for_a_letter(store: Store) {
    let world = World::new(store).await;
    let hand = |holder| {
        world
            .store
            .hand_out_link(world.evening, holder, OFFICE, now())
    };
    let first = hand(Holder::Parent(world.paul)).await.expect("handed");
    assert_eq!(
        hand(Holder::Parent(world.paul)).await.expect("handed"),
        first
    );
    let died = world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    assert_eq!(died.links, [first.id]);
    let barred = hand(Holder::Parent(world.paul)).await;
    assert_eq!(refused(barred), Refusal::CourtOrderStands);
    world
        .store
        .lift_court_order(world.paul, OFFICE, now())
        .await
        .expect("lifted");
    let second = hand(Holder::Parent(world.paul)).await.expect("handed");
    assert_ne!(second.id, first.id);
    let old = world
        .store
        .link(first.id, now())
        .await
        .expect("read")
        .expect("known");
    assert_eq!(old.state, LinkState::Withdrawn);
    let after = world.store.evening(world.evening).await.expect("read").end;
    let over = world
        .store
        .hand_out_link(world.evening, Holder::Parent(world.paul), OFFICE, after)
        .await;
    assert_eq!(refused(over), Refusal::EveningOver);
    let last = after + SignedDuration::from_mins(14);
    let link = world
        .store
        .link(second.id, last)
        .await
        .expect("read")
        .expect("known");
    assert_eq!(link.state, LinkState::Live);
}

async fn schools_do_not_see_each_other(store: Store) {
    let world = World::new(store).await;
    let link = world
        .store
        .hand_out_link(world.evening, Holder::Parent(world.maria), OFFICE, now())
        .await
        .expect("handed");
    let other = world.store.of_school(school::SchoolId(2));
    assert!(other.link(link.id, now()).await.expect("read").is_none());
    assert!(other.teachers().await.expect("read").is_empty());
    assert!(other.evenings().await.expect("read").is_empty());
    assert_eq!(other.students("", None, 9).await.expect("read").total, 0);
    assert_eq!(refused(other.contact(world.maria).await), Refusal::NotFound);
    assert_eq!(
        refused(other.evening(world.evening).await),
        Refusal::NotFound
    );
    let order = other.set_court_order(world.paul, OFFICE, now()).await;
    assert_eq!(refused(order), Refusal::NotFound);
    let erased = other.erase_student(world.ana, OFFICE, now()).await;
    assert_eq!(refused(erased), Refusal::NotFound);
    assert!(
        other
            .claim_mail(
                store::Channel::Email,
                9,
                SignedDuration::from_mins(1),
                later(9)
            )
            .await
            .expect("read")
            .is_empty()
    );
}
