//! What follows from a deed, in the records: who is told, what dies, what the log says (EVE-13,
//! LINK-2). The rules themselves are tried in `school`, with many thousands of random deeds.

use jiff::civil::date;
use school::timetable::SlotState;
use school::{JointTeachers, Note, Refusal, SlotNumber, TeacherId};
use store::{Actor, AskedDecision, Holder, Mail, MailKind, NewClass, Store};

use crate::by_hand::{self, FILE, import};
use crate::places::on_both;
use crate::world::{OFFICE, World, draft, email, label, letter, name, now, refused, request};

on_both!(
    an_evening_moves_with_its_appointments,
    an_evening_that_is_made_longer_is_news_to_nobody,
    an_evening_is_cancelled_in_the_offices_words,
    nobody_is_moved_to_two_places_at_once,
    no_evening_is_moved_into_what_is_past,
    what_is_over_holds_no_time_of_a_new_day,
    other_teachers_take_what_was_booked,
    teachers_who_are_busy_are_the_offices_to_decide,
    what_waits_is_moved_to_those_who_take_it_now,
    what_was_kept_is_moved_with_those_who_have_it,
    what_is_booked_for_a_class_that_a_student_leaves_is_the_offices,
    an_ill_teacher_is_replaced_for_one_evening,
    who_comes_after_all_takes_what_is_theirs,
    on_another_date_nobody_is_away,
    without_anybody_instead_families_are_told,
    new_teachers_of_a_class_are_stood_in_for_too,
    a_class_that_is_booked_stays_in_the_evening,
    every_ending_of_an_invitation_is_told_and_logged,
    a_guests_new_address_is_news_to_who_invites,
);

fn whom(mails: &[Mail]) -> Vec<(MailKind, &str)> {
    let mut whom: Vec<_> = mails
        .iter()
        .map(|it| (letter(it).kind, it.address.reveal()))
        .collect();
    whom.sort_unstable_by_key(|(_, address)| *address);
    whom
}

async fn actions(store: &Store) -> Vec<String> {
    let rows = store.audit_log(None, 1_000).await.expect("read");
    rows.into_iter()
        .map(|row| format!("{} {}", row.action, row.subject))
        .collect()
}

/// Maria's Ana has French at 17:10, and Rui comes to it; the teachers have their links.
async fn with_a_guest(store: Store) -> (World, store::Appointment, school::InvitationId) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let guest = world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await;
    let sent = world
        .store
        .send_teacher_links(world.evening, OFFICE, now())
        .await;
    assert_eq!(sent.expect("queued").queued, 3);
    assert_eq!(world.send_all().await.len(), 5);
    (world, booked.expect("booked"), guest.expect("invited").id)
}

async fn an_evening_moves_with_its_appointments(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    let links = world.store.links_of_evening(world.evening, now()).await;
    let before: Vec<_> = links.expect("read").iter().map(|it| it.record.id).collect();
    let mut to = draft();
    to.date = date(2026, 12, 1);
    let both = [world.french, world.maths];
    let aftermath = world
        .store
        .change_evening(world.evening, to, &both, OFFICE, now())
        .await
        .expect("moved");
    assert_eq!(aftermath.links, []);
    assert_eq!(aftermath.changed, [booked.meeting].into());
    assert_eq!(aftermath.pages.len(), 5);
    let moved = world
        .store
        .appointments_of_parent(world.maria, world.evening)
        .await
        .expect("read");
    let week = jiff::SignedDuration::from_hours(7 * 24);
    assert_eq!(moved[0].start, booked.start + week);
    assert_eq!(
        (moved[0].id, moved[0].slot),
        (booked.id, SlotNumber(1)),
        "the same appointment"
    );
    let mails = world.send_all().await;
    assert_eq!(
        whom(&mails),
        [
            (MailKind::EveningMoved, "maria@home.example"),
            (MailKind::EveningMoved, "rui@x.example"),
            (MailKind::EveningMoved, "teacher0@school.example"),
            (MailKind::EveningMoved, "teacher1@school.example"),
            (MailKind::EveningMoved, "teacher2@school.example"),
        ]
    );
    for mail in &mails {
        let link = letter(mail).link.as_ref().expect("the link stays");
        assert!(before.contains(&link.id));
    }
    let of_maria = mails
        .iter()
        .map(letter)
        .find(|it| it.to == Holder::Parent(world.maria))
        .expect("hers");
    assert_eq!(of_maria.appointments[0].start, booked.start + week);
    let log = actions(&world.store).await;
    assert!(log.contains(&format!("moved booking:{}", booked.id)));
    assert!(log.contains(&format!("evening_moved evening:{}", world.evening)));
}

async fn an_evening_that_is_made_longer_is_news_to_nobody(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    let mut to = draft();
    to.end = jiff::civil::time(19, 0, 0, 0);
    let both = [world.french, world.maths];
    let aftermath = world
        .store
        .change_evening(world.evening, to, &both, OFFICE, now())
        .await
        .expect("longer");
    assert_eq!(aftermath.changed, [].into());
    assert!(world.send_all().await.is_empty());
    let later = world.book(world.omar, world.cem, world.french, 8).await;
    assert!(later.expect("there is room").start > booked.start);
}

async fn an_evening_is_cancelled_in_the_offices_words(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    let words = Note::read("The heating has failed.").expect("words");
    let aftermath = world
        .store
        .cancel_evening(world.evening, &words, OFFICE, now())
        .await
        .expect("cancelled");
    assert_eq!(aftermath.ended, [booked.meeting].into());
    let mails = world.send_all().await;
    assert_eq!(mails.len(), 5);
    for mail in mails.iter().map(letter) {
        assert_eq!(mail.kind, MailKind::EveningCancelled);
        assert_eq!(mail.evening.words.reveal(), "The heating has failed.");
        let takes_out = usize::from(!matches!(mail.to, Holder::Teacher(_)));
        assert_eq!(mail.cancelled.len(), takes_out, "{:?}", mail.to);
    }
    let late = world.book(world.omar, world.cem, world.french, 2).await;
    assert_eq!(refused(late), Refusal::EveningCancelled);
    let invited = world
        .invite(world.omar, "Eva", "eva@x.example", &[world.cem])
        .await;
    assert_eq!(refused(invited), Refusal::EveningCancelled);
    let again = world
        .store
        .cancel_evening(world.evening, &words, OFFICE, now())
        .await;
    assert_eq!(again.expect("it is"), store::Aftermath::default());
    assert!(world.send_all().await.is_empty());
}

async fn nobody_is_moved_to_two_places_at_once(store: Store) {
    let (world, _, _) = with_a_guest(store).await;
    let mut other = draft();
    other.date = date(2026, 12, 1);
    other.name = label("Another");
    let second = world
        .store
        .add_evening(other, &[world.french], OFFICE, now())
        .await
        .expect("an evening");
    world
        .store
        .open_booking(second, OFFICE, now())
        .await
        .expect("open");
    let request = request(world.cem, world.french, 1);
    let actor = Actor::Parent(world.omar);
    world
        .store
        .book(world.omar, second, &request, None, actor, now())
        .await
        .expect("booked");
    world.send_all().await;
    let mut to = draft();
    to.date = date(2026, 12, 1);
    let both = [world.french, world.maths];
    let moved = world
        .store
        .change_evening(world.evening, to, &both, OFFICE, now())
        .await;
    assert_eq!(refused(moved), Refusal::BusyElsewhere);
    assert!(world.send_all().await.is_empty());
}

/// At so many minutes after five, when the evening begins.
fn at(minutes: i64) -> jiff::Timestamp {
    let begins: jiff::Timestamp = "2026-11-24T17:00:00Z".parse().expect("a time");
    begins + jiff::SignedDuration::from_mins(minutes)
}

async fn no_evening_is_moved_into_what_is_past(store: Store) {
    let world = World::new(store).await;
    let (store, both) = (&world.store, [world.french, world.maths]);
    // 17:20 and 17:40; it is 17:25.
    for (class, slot) in [(world.french, 2), (world.maths, 4)] {
        let booked = world.book(world.maria, world.ana, class, slot).await;
        booked.expect("booked");
    }
    world.send_all().await;
    let change = async |change: fn(&mut school::EveningDraft)| {
        let mut draft = draft();
        change(&mut draft);
        store
            .change_evening(world.evening, draft, &both, OFFICE, at(25))
            .await
    };
    let starts = async || {
        let all = store
            .appointments_of_parent(world.maria, world.evening)
            .await;
        let all = all.expect("read").into_iter();
        all.map(|it| it.start).collect::<Vec<_>>()
    };
    let shorter = change(|it| it.slot_minutes = 5).await;
    assert_eq!(refused(shorter), Refusal::TimesOver, "17:10 and 17:20");
    let earlier = change(|it| it.start = jiff::civil::time(8, 0, 0, 0)).await;
    assert_eq!(refused(earlier), Refusal::TimesOver, "08:20 and 08:40");
    // 17:13 is over, and 17:26 is to come.
    let is_over = change(|it| (it.slot_minutes, it.gap_minutes) = (6, 0)).await;
    assert_eq!(refused(is_over), Refusal::TimesOver);
    assert_eq!(starts().await, [at(20), at(40)]);
    assert!(world.send_all().await.is_empty());
    let later = change(|it| it.start = jiff::civil::time(17, 10, 0, 0)).await;
    later.expect("both are to come then");
    assert_eq!(starts().await, [at(30), at(50)]);
}

async fn what_is_over_holds_no_time_of_a_new_day(store: Store) {
    let world = World::new(store).await;
    let (store, both) = (&world.store, [world.french, world.maths]);
    let first = world.book(world.maria, world.ana, world.french, 0).await;
    let first = first.expect("booked");
    let left = world.book(world.omar, world.cem, world.french, 3).await;
    let left = left.expect("booked");
    // A fire alarm at 17:15: the rest is a week later.
    let mut to = draft();
    to.date = date(2026, 12, 1);
    store
        .change_evening(world.evening, to, &both, OFFICE, at(15))
        .await
        .expect("moved");
    let moved = store
        .move_booking(world.maria, first.id, SlotNumber(5), OFFICE, at(16))
        .await;
    assert_eq!(refused(moved), Refusal::SlotOver);
    let cancelled = store
        .cancel_booking(world.maria, first.id, OFFICE, at(16))
        .await;
    assert_eq!(refused(cancelled), Refusal::SlotOver);
    // Its time of the new day is for whoever likes it, of the teacher and of the family.
    let parent = Actor::Parent(world.omar);
    let moved = store
        .move_booking(world.omar, left.id, SlotNumber(0), parent, at(16))
        .await;
    let (moved, _) = moved.expect("it is free");
    let week = jiff::SignedDuration::from_hours(7 * 24);
    assert_eq!(moved.start, first.start + week);
    let request = request(world.ana, world.maths, 0);
    let parent = Actor::Parent(world.maria);
    let booked = store
        .book(world.maria, world.evening, &request, None, parent, at(16))
        .await;
    assert_eq!(booked.expect("she is free").slot, SlotNumber(0));
    let theirs = store
        .appointments_of_parent(world.maria, world.evening)
        .await;
    let theirs = theirs.expect("read");
    assert_eq!(theirs[0].start, first.start, "what was stays in the list");
    // And again, with another one over by then.
    let mut to = draft();
    to.date = date(2026, 12, 8);
    store
        .change_evening(world.evening, to, &both, OFFICE, at(7 * 24 * 60 + 15))
        .await
        .expect("moved once more");
}

async fn what_is_booked_for_a_class_that_a_student_leaves_is_the_offices(store: Store) {
    let world = World::new(store).await;
    let (store, evening) = (&world.store, world.evening);
    import(store, FILE, 0).await;
    let ada = by_hand::student(store, "ada").await;
    let eve = ada.contacts[0].id;
    let wanted = request(ada.id, world.french, 0);
    let booked = store.book(eve, evening, &wanted, None, OFFICE, now()).await;
    let booked = booked.expect("booked").id;
    let asked = async || {
        let all = store.asked(now()).await.expect("read").into_iter();
        let all = all.map(|it| (it.appointment.id, it.has_left_class, it.may_be_kept));
        all.collect::<Vec<_>>()
    };
    let stands = async || {
        let all = store.appointments_of_parent(eve, evening).await;
        all.expect("read").len()
    };
    let both = async || (asked().await, stands().await);
    let waits = vec![(booked, true, true)];
    assert_eq!(asked().await, []);
    // By an import; back in the class nothing is left to decide.
    let fewer = FILE.replace("7A,8B French;8B Maths,Eve", "7A,8B Maths,Eve");
    assert_ne!(fewer, FILE);
    import(store, &fewer, 1).await;
    assert_eq!(both().await, (waits.clone(), 1));
    import(store, FILE, 2).await;
    assert_eq!(both().await, (vec![], 1));
    // By hand, at the class and at the student.
    let theirs = ada.id;
    by_hand::fill(store, world.french, |it| it.retain(|it| *it != theirs)).await;
    assert_eq!(asked().await, waits);
    let kept = store
        .decide_asked(booked, AskedDecision::Keep, OFFICE, now())
        .await;
    kept.expect("kept");
    assert_eq!(both().await, (vec![], 1));
    by_hand::fill(store, world.french, |it| it.push(theirs)).await;
    let mut about = by_hand::student(store, "ada").await.about;
    about.classes = Some(vec![world.maths]);
    let changed = store.change_student(theirs, &about, OFFICE, now()).await;
    assert_eq!(changed.expect("changed").asked, [booked]);
    assert_eq!(asked().await, waits);
    about.name = name("Ada Mary Hill");
    let changed = store.change_student(theirs, &about, OFFICE, now()).await;
    assert_eq!(changed.expect("changed").asked, []);
    assert_eq!(asked().await, waits, "it waits still");
    taken_by(&world, world.french, &[world.teachers[2]]).await;
    assert_eq!(asked().await, waits, "whoever takes the class");
    let start = "2026-11-24T17:20:00Z".parse().expect("a time");
    let moved = store
        .decide_asked(booked, AskedDecision::Move(start), OFFICE, now())
        .await;
    moved.expect("moved");
    assert_eq!(both().await, (vec![], 1));
    by_hand::fill(store, world.french, |it| it.push(theirs)).await;
    by_hand::fill(store, world.french, |it| it.retain(|it| *it != theirs)).await;
    let cancelled = store
        .decide_asked(booked, AskedDecision::Cancel, OFFICE, now())
        .await;
    cancelled.expect("cancelled");
    assert_eq!(both().await, (vec![], 0));
    let log = actions(store).await;
    let of = |action: &str| {
        let row = format!("{action} booking:{booked}");
        log.iter().filter(|it| **it == row).count()
    };
    assert_eq!((of("office_asked"), of("teachers_kept")), (4, 2));
}

pub(crate) async fn taken_by(world: &World, class: school::ClassId, teachers: &[TeacherId]) {
    let class_now = NewClass {
        name: label("8B French"),
        subject: label("French"),
        teachers: JointTeachers::new(teachers.to_vec()).expect("teachers"),
        students: None,
    };
    world
        .store
        .change_class(class, &class_now, OFFICE, now())
        .await
        .expect("changed");
}

async fn takers(world: &World) -> Vec<TeacherId> {
    let mut booked = world
        .store
        .appointments_of_parent(world.maria, world.evening)
        .await
        .expect("read");
    let booked = booked.remove(0);
    booked.teachers.into_iter().map(|(id, _)| id).collect()
}

async fn other_teachers_take_what_was_booked(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    let teacher = store::NewTeacher {
        name: name("Mrs Newcomer"),
        email: Some(email("new@school.example")),
        place: None,
    };
    let newcomer = world
        .store
        .add_teacher(&teacher, OFFICE, now())
        .await
        .expect("a teacher");
    taken_by(&world, world.french, &[newcomer]).await;
    assert_eq!(takers(&world).await, [newcomer]);
    let list = world
        .store
        .appointments_of(Holder::Teacher(newcomer), world.evening)
        .await
        .expect("read");
    assert_eq!(list.len(), 1);
    let mails = world.send_all().await;
    assert_eq!(
        whom(&mails),
        [
            (MailKind::Changed, "maria@home.example"),
            (MailKind::TeacherLink, "new@school.example"),
            (MailKind::Changed, "rui@x.example"),
        ]
    );
    let about = mails.iter().find_map(|it| letter(it).about.as_ref());
    let about = about.expect("what has changed");
    let to = about.to.as_ref().expect("it is not cancelled");
    let names = |names: &[school::Name]| {
        let names = names.iter().map(|it| it.reveal().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&about.teachers), ["Ms Adeyemi"]);
    assert_eq!(names(&to.teachers), ["Mrs Newcomer"]);
    assert_eq!(to.start, booked.start);
    let log = actions(&world.store).await;
    assert!(log.contains(&format!("given booking:{}", booked.id)));
}

async fn teachers_who_are_busy_are_the_offices_to_decide(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    world
        .book(world.omar, world.cem, world.maths, 1)
        .await
        .expect("booked");
    world.send_all().await;
    let brandt = world.teachers[1];
    taken_by(&world, world.french, &[brandt]).await;
    assert_eq!(takers(&world).await, [world.teachers[0]], "as it was");
    assert!(world.send_all().await.is_empty());
    let asked = world.store.asked(now()).await.expect("read");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].appointment.id, booked.id);
    let teachers: Vec<_> = asked[0].teachers.iter().map(|(id, _)| *id).collect();
    assert_eq!(teachers, [brandt]);
    // At another time, when the new one is free.
    let starts = booked.start + jiff::SignedDuration::from_mins(20);
    assert!(asked[0].free.contains(&starts) && !asked[0].free.contains(&booked.start));
    let decide = |decision| world.store.decide_asked(booked.id, decision, OFFICE, now());
    let taken = decide(AskedDecision::Move(booked.start)).await;
    assert_eq!(refused(taken), Refusal::SlotTaken);
    let done = decide(AskedDecision::Move(starts)).await.expect("moved");
    assert_eq!(done.changed, [booked.meeting].into());
    assert_eq!(takers(&world).await, [brandt]);
    assert!(world.store.asked(now()).await.expect("read").is_empty());
    let mails = world.send_all().await;
    assert_eq!(whom(&mails).len(), 2, "the parent and the guest");
    let gone = decide(AskedDecision::Keep).await;
    assert_eq!(refused(gone), Refusal::DecidedAlready);
}

/// How the slots of Ana's French stand for Maria.
async fn shown(world: &World) -> Vec<SlotState> {
    let view = world
        .store
        .parent_evening(world.maria, world.evening, now())
        .await
        .expect("seen");
    let ana = view.students.iter().find(|it| it.id == world.ana);
    let mut classes = ana.expect("hers").classes.iter();
    let french = classes.find(|it| it.class == world.french);
    let slots = french.expect("offered").slots.iter();
    slots.map(|it| it.1).collect()
}

async fn what_waits_is_moved_to_those_who_take_it_now(store: Store) {
    use SlotState::{Free, Taken, Yours};

    let (world, booked, _) = with_a_guest(store).await;
    let (ill, instead) = (world.teachers[0], world.teachers[1]);
    for (parent, student, slot) in [(world.omar, world.cem, 1), (world.paul, world.ana, 3)] {
        let busy = world.book(parent, student, world.maths, slot).await;
        busy.expect("booked");
    }
    world
        .store
        .replace_teacher(world.evening, ill, Some(instead), OFFICE, now())
        .await
        .expect("replaced");
    world.send_all().await;
    assert_eq!(takers(&world).await, [ill], "it waits");
    assert_eq!(shown(&world).await, [Free, Yours, Free, Taken, Free, Free]);
    let parent = Actor::Parent(world.maria);
    let to = async |slot| {
        let slot = SlotNumber(slot);
        let moved = world
            .store
            .move_booking(world.maria, booked.id, slot, parent, now());
        moved.await
    };
    assert_eq!(refused(to(3).await), Refusal::SlotTaken);
    let (moved, _) = to(4).await.expect("moved");
    assert_eq!((moved.slot, moved.teachers[0].0), (SlotNumber(4), instead));
    assert!(world.store.asked(now()).await.expect("read").is_empty());
    let mails = world.send_all().await;
    let mut kinds = whom(&mails);
    kinds.sort_unstable_by_key(|(_, address)| *address);
    assert_eq!(
        kinds,
        [
            (MailKind::Confirmation, "maria@home.example"),
            (MailKind::Changed, "rui@x.example"),
        ]
    );
}

async fn what_was_kept_is_moved_with_those_who_have_it(store: Store) {
    use SlotState::{Free, Yours};

    let (world, booked, _) = with_a_guest(store).await;
    for (parent, student, slot) in [(world.omar, world.cem, 1), (world.paul, world.ana, 3)] {
        let busy = world.book(parent, student, world.maths, slot).await;
        busy.expect("booked");
    }
    taken_by(&world, world.french, &[world.teachers[1]]).await;
    world
        .store
        .decide_asked(booked.id, AskedDecision::Keep, OFFICE, now())
        .await
        .expect("kept");
    assert_eq!(shown(&world).await, [Free, Yours, Free, Free, Free, Free]);
    let parent = Actor::Parent(world.maria);
    let moved = world
        .store
        .move_booking(world.maria, booked.id, SlotNumber(3), parent, now())
        .await;
    let (moved, _) = moved.expect("they are free");
    assert_eq!(moved.teachers[0].0, world.teachers[0]);
}

async fn an_ill_teacher_is_replaced_for_one_evening(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    let (ill, instead) = (world.teachers[0], world.teachers[1]);
    let aftermath = world
        .store
        .replace_teacher(world.evening, ill, Some(instead), OFFICE, now())
        .await
        .expect("replaced");
    assert_eq!(aftermath.links.len(), 1, "the link of who is ill");
    assert_eq!(aftermath.changed, [booked.meeting].into());
    assert_eq!(takers(&world).await, [instead]);
    let mails = world.send_all().await;
    assert_eq!(
        whom(&mails),
        [
            (MailKind::Changed, "maria@home.example"),
            (MailKind::Changed, "rui@x.example"),
        ]
    );
    // Who books later comes to the same.
    let later = world.book(world.omar, world.cem, world.french, 4).await;
    let later = later.expect("booked");
    assert_eq!(later.teachers[0].0, instead);
    let people = world.store.participants(world.evening).await.expect("read");
    let is_ill = |it: &store::Participant| it.holder == Holder::Teacher(ill);
    assert!(!people.teachers.iter().any(is_ill));
    assert_eq!(people.away, [ill]);
    let back = world
        .store
        .replace_teacher(world.evening, instead, Some(ill), OFFICE, now())
        .await;
    assert_eq!(refused(back), Refusal::TeacherAway);
}

async fn replaced(world: &World, teacher: TeacherId, instead: TeacherId) {
    world
        .store
        .replace_teacher(world.evening, teacher, Some(instead), OFFICE, now())
        .await
        .expect("replaced");
}

async fn who_comes_after_all_takes_what_is_theirs(store: Store) {
    let (world, _, _) = with_a_guest(store).await;
    let (ill, instead) = (world.teachers[0], world.teachers[1]);
    // At 17:00 the colleague has another, which waits; at 17:10 they take Ana's.
    let busy = world.book(world.paul, world.ana, world.maths, 0).await;
    busy.expect("booked");
    let waits = world.book(world.omar, world.cem, world.french, 0).await;
    let waits = waits.expect("booked").id;
    world.send_all().await;
    replaced(&world, ill, instead).await;
    world.send_all().await;
    assert_eq!(takers(&world).await, [instead]);
    let holder = Holder::Teacher(ill);
    let shown = world
        .store
        .hand_out_link(world.evening, holder, OFFICE, now());
    assert_eq!(refused(shown.await), Refusal::TeacherAway);
    let sent = world
        .store
        .resend_link(world.evening, holder, OFFICE, now());
    assert_eq!(refused(sent.await), Refusal::TeacherAway);
    let asked = world.store.asked(now()).await.expect("read");
    assert_eq!(asked[0].appointment.id, waits);
    replaced(&world, ill, ill).await;
    assert_eq!(takers(&world).await, [ill]);
    assert!(world.store.asked(now()).await.expect("read").is_empty());
    let people = world.store.participants(world.evening).await.expect("read");
    assert!(people.away.is_empty());
    let is_back = |it: &store::Participant| it.holder == Holder::Teacher(ill);
    assert!(people.teachers.iter().any(is_back));
    let mails = world.send_all().await;
    assert_eq!(
        whom(&mails),
        [
            (MailKind::Changed, "maria@home.example"),
            (MailKind::Changed, "rui@x.example"),
            (MailKind::TeacherLink, "teacher0@school.example"),
        ]
    );
    let later = world.book(world.paul, world.ana, world.french, 4).await;
    assert_eq!(later.expect("booked").teachers[0].0, ill);
    let log = actions(&world.store).await;
    assert!(log.contains(&format!("teacher_back evening:{}", world.evening)));
    // Whoever is there is no news.
    replaced(&world, ill, ill).await;
    assert_eq!(actions(&world.store).await, log);
    assert_eq!(takers(&world).await, [ill]);
}

async fn on_another_date_nobody_is_away(store: Store) {
    let (world, _, _) = with_a_guest(store).await;
    let (ill, instead) = (world.teachers[0], world.teachers[1]);
    replaced(&world, ill, instead).await;
    let both = [world.french, world.maths];
    let change = async |change: fn(&mut school::EveningDraft)| {
        let mut to = draft();
        change(&mut to);
        let changed = world
            .store
            .change_evening(world.evening, to, &both, OFFICE, now());
        changed.await.expect("moved");
        let people = world.store.participants(world.evening).await;
        people.expect("read").away
    };
    let later = change(|it| it.start = jiff::civil::time(16, 0, 0, 0)).await;
    assert_eq!(later, [ill], "the same day");
    assert_eq!(change(|it| it.date = date(2026, 12, 1)).await, []);
    // The family was told who takes theirs; who books now comes to their own.
    assert_eq!(takers(&world).await, [instead]);
    let booked = world.book(world.paul, world.ana, world.french, 4).await;
    assert_eq!(booked.expect("booked").teachers[0].0, ill);
}

async fn without_anybody_instead_families_are_told(store: Store) {
    let (world, booked, _) = with_a_guest(store).await;
    let aftermath = world
        .store
        .replace_teacher(world.evening, world.teachers[0], None, OFFICE, now())
        .await
        .expect("replaced");
    assert_eq!(aftermath.ended, [booked.meeting].into());
    let mails = world.send_all().await;
    assert_eq!(
        whom(&mails),
        [
            (MailKind::Changed, "maria@home.example"),
            (MailKind::Changed, "rui@x.example"),
        ]
    );
    assert!(mails.iter().all(|it| {
        let about = letter(it).about.as_ref();
        about.is_some_and(|about| about.to.is_none())
    }));
    let again = world.book(world.maria, world.ana, world.french, 4).await;
    assert_eq!(refused(again), Refusal::NotFound, "nobody takes it");
}

async fn new_teachers_of_a_class_are_stood_in_for_too(store: Store) {
    let (world, _, _) = with_a_guest(store).await;
    let [_, brandt, chen] = world.teachers;
    world
        .store
        .replace_teacher(world.evening, chen, Some(brandt), OFFICE, now())
        .await
        .expect("replaced");
    taken_by(&world, world.french, &[chen]).await;
    assert_eq!(takers(&world).await, [brandt]);
    // Where nobody stands in, the office decides.
    world
        .store
        .replace_teacher(world.evening, brandt, None, OFFICE, now())
        .await
        .expect("replaced");
    let again = world.book(world.maria, world.ana, world.french, 1).await;
    assert_eq!(refused(again), Refusal::NotFound);
}

async fn a_class_that_is_booked_stays_in_the_evening(store: Store) {
    let (world, _, _) = with_a_guest(store).await;
    let left = world
        .store
        .change_evening(world.evening, draft(), &[world.maths], OFFICE, now())
        .await;
    assert_eq!(refused(left), Refusal::HasAppointments);
    world
        .store
        .change_evening(world.evening, draft(), &[world.french], OFFICE, now())
        .await
        .expect("nobody booked maths");
}

async fn every_ending_of_an_invitation_is_told_and_logged(store: Store) {
    let (world, _, _) = with_a_guest(store).await;
    let guest = async |parent, who: &str, student| {
        let at = format!("{who}@x.example");
        let invited = world.invite(parent, who, &at, &[student]).await;
        invited.expect("invited").id
    };
    let of_ben = guest(world.maria, "bea", world.ben).await;
    let of_paul = guest(world.paul, "pia", world.ana).await;
    let of_omar = guest(world.omar, "ora", world.cem).await;
    world.send_all().await;
    let told = async || {
        let mut mails = world.send_all().await;
        mails.retain(|it| letter(it).kind == MailKind::Withdrawn);
        let told: Vec<_> = mails.iter().map(|it| letter(it).to).collect();
        told
    };
    world
        .store
        .erase_student(world.ben, OFFICE, now())
        .await
        .expect("erased");
    assert_eq!(told().await, [Holder::Guest(of_ben)]);
    world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    assert_eq!(told().await, [Holder::Guest(of_paul)]);
    world
        .store
        .erase_contact(world.omar, OFFICE, now())
        .await
        .expect("erased");
    assert_eq!(told().await, [Holder::Guest(of_omar)]);
    let log = actions(&world.store).await;
    for id in [of_ben, of_paul, of_omar] {
        let row = format!("invitation_removed invitation:{id}");
        assert_eq!(log.iter().filter(|it| **it == row).count(), 1, "{row}");
    }
    assert!(
        world
            .store
            .check_audit_log(None)
            .await
            .expect("read")
            .is_ok()
    );
}

async fn a_guests_new_address_is_news_to_who_invites(store: Store) {
    let (world, _, guest) = with_a_guest(store).await;
    let links = world.store.links_of_evening(world.evening, now()).await;
    let links = links.expect("read");
    let maria = links
        .iter()
        .find(|it| it.holder == Holder::Parent(world.maria))
        .expect("she has a link");
    let changed = world
        .store
        .change_address(guest, &email("rui@work.example"), OFFICE, now())
        .await
        .expect("changed");
    assert_eq!(changed.links.len(), 1, "the old link");
    assert!(changed.pages.contains(&maria.record.id));
    let sent = world.store.resend(guest, OFFICE, now()).await;
    assert!(sent.expect("sent").pages.contains(&maria.record.id));
}
