//! EVE-5: who hears that booking has opened or closed, and that it is once.

use jiff::Timestamp;
use school::evening::EveningDraft;
use school::{EveningId, Holder, JointTeachers, Refusal};
use store::{BookingPress, Channel, Delivery, Mail, NewClass, Place, Store};

use crate::places::{OPTIONS, fresh_folder, fresh_postgres, on_both, run_beside};
use crate::world::{OFFICE, World, contact, draft, label, later, letter, now, refused};

on_both!(
    a_press_and_its_telling_are_one_and_a_retry_does_nothing,
    many_hear_of_a_press_some_at_a_time,
    a_retry_does_nothing_though_somebody_else_pressed_since,
    of_what_was_opened_quietly_those_hear_who_know_of_it,
    whoever_has_booked_hears_of_it_though_they_left_the_class,
    what_closes_at_its_time_is_told_once_for_each_time,
    nobody_is_told_at_night_or_of_what_is_over,
    what_closed_more_than_a_day_ago_is_closed_and_told_to_nobody,
    what_was_told_is_so_whatever_is_edited_since,
    an_edit_neither_closes_booking_now_nor_tells_of_what_had_closed,
    what_a_clock_that_ran_ahead_has_told_is_so,
);

fn press(opens: bool, tells: bool, attempt: u128) -> BookingPress {
    BookingPress {
        opens,
        closes: None,
        tells,
        attempt: Some(links::AttemptId(attempt)),
    }
}

fn readers(mails: &[Mail]) -> Vec<Holder> {
    let mut all: Vec<_> = mails.iter().map(|it| letter(it).to).collect();
    all.sort_unstable();
    all
}

fn sorted<const N: usize>(mut all: [Holder; N]) -> Vec<Holder> {
    all.sort_unstable();
    all.into()
}

async fn a_press_and_its_telling_are_one_and_a_retry_does_nothing(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    let press_at = |press| it.press_booking(world.evening, press, OFFICE, now());
    let told = press_at(press(true, true, 1)).await.expect("open");
    assert_eq!(told, None, "it was open");
    assert!(world.send_all().await.is_empty());
    press_at(press(false, false, 2)).await.expect("closed");
    let told = press_at(press(true, true, 3)).await.expect("open");
    assert_eq!(told.map(|it| (it.queued, it.without_address)), Some((3, 0)));
    assert_eq!(world.send_all().await.len(), 3);
    // Its answer was lost.
    let again = press_at(press(true, true, 3)).await.expect("open");
    assert_eq!(again, told);
    assert!(world.send_all().await.is_empty(), "once");
    // Two of the office close it at one time.
    let (one, other) = tokio::join!(
        press_at(press(false, true, 4)),
        press_at(press(false, true, 5))
    );
    let told = [one.expect("closed"), other.expect("closed")];
    assert_eq!(told.iter().flatten().count(), 1, "{told:?}");
    assert_eq!(world.send_all().await.len(), 3);
}

/// So that nobody waits long for the records; it is one press all the same.
async fn many_hear_of_a_press_some_at_a_time(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    for nth in 0..200 {
        let at = format!("parent{nth}@home.example");
        contact(it, &format!("Parent Number{nth}"), &at, &[world.ana]).await;
    }
    let press_at = |press| it.press_booking(world.evening, press, OFFICE, now());
    press_at(press(false, false, 1)).await.expect("closed");
    let told = press_at(press(true, true, 2)).await.expect("open");
    assert_eq!(told.map(|it| it.queued), Some(203));
    let again = press_at(press(true, true, 2)).await.expect("done");
    assert_eq!(again, told);
    let log = it.audit_log(None, 20).await.expect("read");
    let rows = log.iter().filter(|it| it.action == "parent_links_sent");
    let mut rows: Vec<_> = rows.map(|it| it.detail.as_str()).collect();
    rows.sort_unstable();
    assert_eq!(rows, ["sent=200", "sent=3"], "so many at once");
    assert_eq!(world.send_all().await.len(), 203, "each once");
    assert!(told_at(&world, 1).await.is_empty(), "all have been told");
}

async fn a_retry_does_nothing_though_somebody_else_pressed_since(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    let press_at = |press| it.press_booking(world.evening, press, OFFICE, now());
    press_at(press(false, false, 1)).await.expect("closed");
    let told = press_at(press(true, true, 2)).await.expect("open");
    assert_eq!(world.send_all().await.len(), 3);
    press_at(press(false, false, 3)).await.expect("closed");
    // An attempt is for what it was made for.
    for other in [
        press(true, false, 2),
        press(false, true, 2),
        BookingPress {
            closes: Some(later(9)),
            ..press(true, true, 2)
        },
    ] {
        assert_eq!(refused(press_at(other).await), Refusal::ChangedMeanwhile);
    }
    // The answer to the second was lost, and comes to a page that asks for it again.
    let again = press_at(press(true, true, 2)).await.expect("it was done");
    assert_eq!(again, told);
    assert!(world.send_all().await.is_empty(), "once");
    assert_eq!(state_at(&world, now()).await, Err(Refusal::BookingClosed));
}

async fn of_what_was_opened_quietly_those_hear_who_know_of_it(store: Store) {
    let world = World::new(store).await;
    // One has booked by themselves, and one has a letter.
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    booked.expect("booked");
    world.send_all().await;
    let paul = Holder::Parent(world.paul);
    let it = &world.store;
    let by_letter = it.hand_out_link(world.evening, paul, OFFICE, now()).await;
    by_letter.expect("a link");
    let closed = it.press_booking(world.evening, press(false, true, 1), OFFICE, later(3));
    assert_eq!(closed.await.expect("closed").expect("told").queued, 2);
    let people = it.participants(world.evening).await.expect("read").parents;
    let knows = people
        .iter()
        .filter(|it| it.has_link || it.appointments > 0);
    assert_eq!(knows.count(), 2, "what the office is told before");
    let readers = readers(&world.send_all().await);
    assert_eq!(readers, sorted([Holder::Parent(world.maria), paul]));
}

async fn whoever_has_booked_hears_of_it_though_they_left_the_class(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.omar, world.cem, world.french, 0).await;
    booked.expect("booked");
    for (class, subject, teachers) in [
        (world.french, "French", &world.teachers[..1]),
        (world.maths, "Maths", &world.teachers[1..]),
    ] {
        let left = NewClass {
            name: label("8B"),
            subject: label(subject),
            teachers: JointTeachers::new(teachers.to_vec()).expect("1 to 3"),
            students: Some(vec![world.ana, world.ben]),
        };
        let changed = world.store.change_class(class, &left, OFFICE, now()).await;
        changed.expect("changed");
    }
    world.send_all().await;
    let it = &world.store;
    let closed = it.press_booking(world.evening, press(false, true, 1), OFFICE, later(3));
    closed.await.expect("closed");
    assert_eq!(
        readers(&world.send_all().await),
        [Holder::Parent(world.omar)]
    );
    let sent = it.send_confirmations(world.evening, OFFICE, later(4)).await;
    assert_eq!(sent.expect("queued").queued, 3);
    let people = it.participants(world.evening).await.expect("read").parents;
    let omar = people
        .iter()
        .find(|it| it.holder == Holder::Parent(world.omar));
    assert_eq!(omar.map(|it| it.appointments), Some(1));
}

/// The evening with booking open until then.
pub(crate) async fn open_until(world: &World, closes: Timestamp) {
    let changed = closes_at(world, Some(closes), now()).await;
    changed.expect("changed");
}

/// The office edits when booking closes by itself.
async fn closes_at(
    world: &World,
    closes: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), store::Error> {
    let draft = EveningDraft { closes, ..draft() };
    let classes = [world.french, world.maths];
    let it = &world.store;
    let changed = it.change_evening(world.evening, draft, &classes, OFFICE, now);
    changed.await.map(drop)
}

async fn state_at(world: &World, now: Timestamp) -> Result<(), Refusal> {
    let evening = world.store.evening(world.evening).await.expect("read");
    evening.check_booking(now)
}

/// Every parent has their link.
pub(crate) async fn send_links(world: &World) {
    let sent = world.store.send_confirmations(world.evening, OFFICE, now());
    sent.await.expect("queued");
    world.send_all().await;
}

pub(crate) async fn told_at(world: &World, minutes: i64) -> Vec<EveningId> {
    let told = world.store.tell_of_closing(later(minutes)).await;
    told.expect("looked")
}

async fn what_closes_at_its_time_is_told_once_for_each_time(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    open_until(&world, later(30)).await;
    send_links(&world).await;
    assert!(told_at(&world, 29).await.is_empty());
    // Long after, as after a restart; and of several nodes one is the faster.
    let (one, other) = tokio::join!(told_at(&world, 95), told_at(&world, 95));
    assert_eq!([one, other].concat(), [world.evening]);
    let mails = world.send_all().await;
    assert_eq!(mails.len(), 3);
    assert!(mails.iter().all(|it| letter(it).link.is_some()));
    // The clock is put back, and comes there once more.
    for minutes in [96, 20, 31] {
        assert!(told_at(&world, minutes).await.is_empty(), "{minutes}");
    }
    // Closed by hand as well, it is no news.
    let closed = it.press_booking(world.evening, press(false, true, 1), OFFICE, later(97));
    assert_eq!(closed.await.expect("closed"), None);
    let until = BookingPress {
        closes: Some(later(110)),
        ..press(true, false, 2)
    };
    let open = it.press_booking(world.evening, until, OFFICE, later(98));
    open.await.expect("open");
    assert!(told_at(&world, 109).await.is_empty());
    assert_eq!(told_at(&world, 110).await, [world.evening]);
    assert_eq!(world.send_all().await.len(), 3);
    let people = it.participants(world.evening).await.expect("read").parents;
    let is_sent = |mail: &Option<(Timestamp, Delivery)>| matches!(mail, Some((_, Delivery::Sent)));
    assert!(people.iter().all(|it| is_sent(&it.mail)));
}

async fn nobody_is_told_at_night_or_of_what_is_over(store: Store) {
    let world = World::new(store).await;
    // Of the 24th, at 17:00 in London; it is noon of the 10th.
    let (night, morning) = (10 * 60, 19 * 60);
    open_until(&world, later(night)).await;
    assert!(told_at(&world, night).await.is_empty());
    assert!(told_at(&world, morning - 1).await.is_empty());
    assert_eq!(told_at(&world, morning).await, [world.evening]);
    let day = 24 * 60;
    let until = BookingPress {
        closes: Some(later(13 * day + 5 * 60)),
        ..press(true, false, 1)
    };
    let it = &world.store;
    let open = it.press_booking(world.evening, until, OFFICE, now());
    open.await.expect("open");
    assert!(told_at(&world, 14 * day + 6 * 60).await.is_empty(), "over");
}

async fn what_closed_more_than_a_day_ago_is_closed_and_told_to_nobody(store: Store) {
    let world = World::new(store).await;
    open_until(&world, later(30)).await;
    send_links(&world).await;
    // At 13:30 of the next day, as where a copy of the records is brought back.
    assert!(told_at(&world, 25 * 60 + 30).await.is_empty());
    assert!(world.send_all().await.is_empty());
    let is_open = state_at(&world, later(29)).await;
    assert_eq!(is_open, Err(Refusal::BookingClosed), "as by a press");
}

/// EVE-5: a program that ended while parents were told goes on behind the last of them.
async fn a_telling_that_broke_off_goes_on(place: Place) {
    let store = Store::open(&place, OPTIONS).await.expect("it opens");
    let world = World::new(store).await;
    let it = &world.store;
    open_until(&world, later(30)).await;
    send_links(&world).await;
    // The first of three has been told.
    let sql = "UPDATE evenings SET booking = 'closed', closing_told = (
                 SELECT MIN(holder) FROM links
                 JOIN contacts ON contacts.school = links.school AND contacts.id = links.holder
                 WHERE links.school = evenings.school AND scope = evenings.id)";
    run_beside(&place, sql.to_owned()).await;
    let night = 10 * 60;
    assert!(
        told_at(&world, night).await.is_empty(),
        "it waits for the morning"
    );
    assert_eq!(told_at(&world, 31).await, [world.evening]);
    assert_eq!(world.send_all().await.len(), 2);
    assert!(told_at(&world, 32).await.is_empty());
    // Opened again meanwhile, nobody is told that it has closed.
    run_beside(
        &place,
        "UPDATE evenings SET booking = 'open', closes_at = end_at, closing_told = 0".to_owned(),
    )
    .await;
    assert!(told_at(&world, 33).await.is_empty());
    assert!(world.send_all().await.is_empty());
    // Of a press they are told at any hour, all of them where it has opened.
    let sql = "UPDATE evenings SET told_by_press = 1, closing_told = (
                 SELECT MIN(id) FROM contacts WHERE contacts.school = evenings.school)";
    run_beside(&place, sql.to_owned()).await;
    assert_eq!(told_at(&world, night).await, [world.evening]);
    let minute = jiff::SignedDuration::from_mins(1);
    let mails = it.claim_mail(Channel::Email, 9, minute, later(night)).await;
    assert_eq!(mails.expect("claimed").len(), 2);
    assert!(told_at(&world, night).await.is_empty());
    it.close().await;
}

#[tokio::test]
async fn a_telling_that_broke_off_goes_on_on_sqlite() {
    let folder = fresh_folder();
    a_telling_that_broke_off_goes_on(Place::Sqlite(folder.path().join("homeroom.sqlite"))).await;
}

#[tokio::test]
async fn a_telling_that_broke_off_goes_on_on_postgres() {
    a_telling_that_broke_off_goes_on(fresh_postgres().await).await;
}

async fn what_was_told_is_so_whatever_is_edited_since(store: Store) {
    let world = World::new(store).await;
    open_until(&world, later(30)).await;
    send_links(&world).await;
    assert_eq!(told_at(&world, 31).await, [world.evening]);
    let mails = world.send_all().await;
    assert_eq!(mails.len(), 3);
    // Whoever sends it may have a clock that is behind.
    let says = |mail: &Mail| letter(mail).evening.check_booking(later(29));
    assert!(
        mails
            .iter()
            .all(|it| says(it) == Err(Refusal::BookingClosed))
    );
    // Earlier, later, at the evening's start: it stays closed, and nobody reads so twice.
    for closes in [Some(later(20)), Some(later(60)), None] {
        closes_at(&world, closes, later(40)).await.expect("changed");
        let is_open = state_at(&world, later(41)).await;
        assert_eq!(is_open, Err(Refusal::BookingClosed), "{closes:?}");
        assert!(told_at(&world, 61).await.is_empty(), "{closes:?}");
    }
    let opened = press(true, true, 1);
    let it = &world.store;
    let told = it.press_booking(world.evening, opened, OFFICE, later(62));
    assert_eq!(told.await.expect("open").map(|it| it.queued), Some(3));
}

async fn an_edit_neither_closes_booking_now_nor_tells_of_what_had_closed(store: Store) {
    let world = World::new(store).await;
    send_links(&world).await;
    // Whoever is to hear of it is asked about by the press alone.
    for closes in [later(-10), later(5)] {
        let slip = closes_at(&world, Some(closes), later(5)).await;
        assert_eq!(refused(slip), Refusal::ClosesPast);
    }
    // The evening has begun, and booking has closed with that.
    let begun = later(14 * 24 * 60 + 5 * 60 + 10);
    let before = later(14 * 24 * 60 + 4 * 60);
    closes_at(&world, Some(before), begun)
        .await
        .expect("changed");
    let told = world.store.tell_of_closing(begun).await.expect("looked");
    assert!(
        told.is_empty(),
        "it had closed, and nobody was to hear of it"
    );
    // Of what closed at its time and waits for the morning, they hear in the morning.
    let evening = 10 * 60;
    let until = BookingPress {
        closes: Some(later(evening)),
        ..press(true, false, 1)
    };
    let it = &world.store;
    let open = it.press_booking(world.evening, until, OFFICE, now());
    open.await.expect("open");
    closes_at(&world, Some(later(evening - 60)), later(evening + 1))
        .await
        .expect("changed");
    assert_eq!(told_at(&world, 19 * 60).await, [world.evening]);
}

async fn what_a_clock_that_ran_ahead_has_told_is_so(store: Store) {
    let world = World::new(store).await;
    let days = |count: i64| count * 24 * 60;
    open_until(&world, later(days(5))).await;
    send_links(&world).await;
    assert_eq!(told_at(&world, days(6)).await, [world.evening]);
    // The clock is right again: booking is as they read it, until the office opens it.
    assert_eq!(
        state_at(&world, later(1)).await,
        Err(Refusal::BookingClosed)
    );
    let it = &world.store;
    let told = it.press_booking(world.evening, press(true, true, 1), OFFICE, later(2));
    assert_eq!(told.await.expect("open").map(|it| it.queued), Some(3));
    assert_eq!(told_at(&world, days(5)).await, [world.evening]);
}

/// An evening that cannot be read does not keep those of others from hearing.
async fn one_that_fails_holds_up_none(place: Place) {
    let store = Store::open(&place, OPTIONS).await.expect("a database");
    let world = World::new(store).await;
    open_until(&world, later(30)).await;
    send_links(&world).await;
    let it = &world.store;
    for number in 0..25 {
        let draft = EveningDraft {
            name: label(&format!("Broken {number}")),
            closes: Some(later(10)),
            ..draft()
        };
        let added = it.add_evening(draft, &[world.french], OFFICE, now()).await;
        let id = added.expect("added");
        it.open_booking(id, OFFICE, now()).await.expect("open");
    }
    let sql = "UPDATE evenings SET on_date = 'never' WHERE name LIKE 'Broken %'";
    run_beside(&place, sql.to_owned()).await;
    assert_eq!(told_at(&world, 31).await, [world.evening]);
    it.close().await;
}

#[tokio::test]
async fn one_that_fails_holds_up_none_on_sqlite() {
    let folder = fresh_folder();
    one_that_fails_holds_up_none(Place::Sqlite(folder.path().join("homeroom.sqlite"))).await;
}

#[tokio::test]
async fn one_that_fails_holds_up_none_on_postgres() {
    one_that_fails_holds_up_none(fresh_postgres().await).await;
}
