//! The clock of a talk, and what its people say in writing.

use serde_json::{Value, json};
use wire::close::Close;
use wire::http::LinkView;
use wire::http::link::{Outcome, SchoolState};
use wire::http::teacher::{Presence, TeacherView};
use wire::message::{
    ClientMessage, Clock, GoodbyeReason, Notice, RefusedCode, Sends, ServerMessage,
};

use crate::support::client::Client;
use crate::support::media::Order;
use crate::support::school::{Evening, attempt};
use crate::support::{Home, settings};

const MINUTE_MS: u32 = 60_000;

/// The next that is said of the clock.
async fn clock(client: &mut Client) -> Clock {
    client
        .until(|message| match message {
            ServerMessage::Clock { clock } => *clock,
            _other => None,
        })
        .await
}

async fn notice(client: &mut Client) -> Notice {
    client
        .until(|message| match message {
            ServerMessage::Notice { notice } => Some(notice.clone()),
            _other => None,
        })
        .await
}

async fn refused(client: &mut Client) -> RefusedCode {
    client
        .until(|message| match message {
            ServerMessage::Refused { code, .. } => Some(*code),
            _other => None,
        })
        .await
}

async fn view(home: &Home, participant: u32) -> LinkView {
    let door = home.door(participant);
    let body = json!({"secret": door.secret});
    let path = format!("/api/v1/links/{}", door.id);
    home.post(&path, &body).await.json()
}

fn chat(text: &str) -> ClientMessage {
    ClientMessage::Write {
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn whoever_has_the_power_adds_minutes_while_they_fit() {
    let home = Home::open(&settings()).await;
    let mut teacher = home.join(1).await;
    let mut before = teacher.joined().await.clock.expect("it has its hours");
    let [mut parent] = home.seated([4]).await;
    assert!(
        before.begins_in_ms == 0 && before.may_be_longer,
        "{before:?}"
    );
    assert!(before.ends_in_ms <= 30 * MINUTE_MS, "{before:?}");
    parent.say(&ClientMessage::AddMinute {}).await;
    assert_eq!(refused(&mut parent).await, RefusedCode::NotAllowed);
    // Nothing is booked behind it, and talks run over by five minutes at most.
    for minute in 1..=5 {
        teacher.say(&ClientMessage::AddMinute {}).await;
        for client in [&mut teacher, &mut parent] {
            let after = clock(client).await;
            let later = after.ends_in_ms.abs_diff(before.ends_in_ms + MINUTE_MS);
            assert!(later < MINUTE_MS / 2, "{before:?} {after:?}");
            assert_eq!(after.may_be_longer, minute < 5);
            assert_eq!(notice(client).await, Notice::MinuteAdded { participant: 1 });
        }
        before.ends_in_ms += MINUTE_MS;
    }
    teacher.say(&ClientMessage::AddMinute {}).await;
    assert_eq!(refused(&mut teacher).await, RefusedCode::NoRoom);
}

#[tokio::test]
async fn a_minute_more_gives_way_to_who_books_the_next_time_and_more_does_not() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.maths, &starts[0], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let contact = it.contacts[0].parse().expect("an id");
    let evening = it.evening.parse().expect("an id");
    let lengthened = async |minutes: i64| loop {
        let store = &it.school.store;
        let all = store.appointments_of_parent(contact, evening).await;
        let all = all.expect("records");
        if all[0].course.longer == jiff::SignedDuration::from_mins(minutes) {
            return;
        }
        tokio::task::yield_now().await;
    };
    let next = async || {
        let slots = it.school.granted(&it.omar, "/slots", json!({})).await;
        slots["slots"][0]["slots"][1]["state"].clone()
    };
    let okafor = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let mut teacher = it.school.join(&okafor).await;
    teacher.joined().await;
    for (minutes, state) in [(1, "free"), (2, "talk_goes_on")] {
        teacher.say(&ClientMessage::AddMinute {}).await;
        lengthened(minutes).await;
        assert_eq!(next().await, state, "{minutes}");
    }
    let refused = it
        .book(&it.omar, &it.cem, &it.maths, &starts[1], &attempt())
        .await;
    assert_eq!(refused.status, 409, "{}", refused.body);

    let booked = it
        .book(&it.omar, &it.cem, &it.maths, &starts[2], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
}

/// As every talk is to which a teacher goes on from the one before: they are there a moment late.
#[tokio::test]
async fn a_page_hears_that_a_talk_is_over_which_was_made_longer_by_less_than_a_second() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.maths, &starts[0], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let end = (ambient::now().as_second() + 2) * 1_000;
    let times = format!("start_at = {end} - 600000, end_at = {end}");
    it.school
        .wrote(&format!("UPDATE bookings SET {times}"))
        .await;
    it.school
        .wrote(
            "INSERT INTO talks (school, meeting, start_at, longer)
             SELECT school, meeting, start_at, 400 FROM bookings",
        )
        .await;
    let view = async || it.school.granted(&it.maria, "", json!({})).await;
    let mut shown = view().await;
    assert_eq!(shown["appointments"][0]["phase"], "now");
    while shown["appointments"][0]["phase"] != "over" {
        let asked = json!({"seen": shown["seen"]});
        let heard = it.school.granted(&it.maria, "/changes", asked).await;
        assert_eq!(heard["type"], "changed", "{heard}");
        shown = view().await;
    }
}

#[tokio::test]
async fn whoever_is_in_a_talk_hears_that_a_minute_more_was_booked_by_others() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.maths, &starts[0], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let okafor = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let mut teacher = it.school.join(&okafor).await;
    let planned = teacher.joined().await.clock.expect("it has its hours");
    teacher.say(&ClientMessage::AddMinute {}).await;
    let longer = clock(&mut teacher).await;
    assert!(longer.ends_in_ms > planned.ends_in_ms, "{longer:?}");
    let booked = it
        .book(&it.omar, &it.cem, &it.maths, &starts[1], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let now = clock(&mut teacher).await;
    assert!(
        !now.may_be_longer && now.ends_in_ms <= planned.ends_in_ms,
        "{now:?}"
    );
}

#[tokio::test]
async fn at_its_end_everybody_is_sent_on_and_nobody_comes_back() {
    let home = Home::open(&settings()).await;
    let [mut teacher, mut parent] = home.seated([1, 4]).await;
    let mut guest = home.join(5).await;
    let session = guest.joined().await.session;
    drop(guest);
    // A moment that has passed: the calls are compared with the records again and again.
    home.change_records("UPDATE bookings SET end_at = start_at + 30000")
        .await;
    for client in [&mut teacher, &mut parent] {
        let goodbye = client.closed(Close::TimeUp).await;
        assert_eq!(goodbye, Some(GoodbyeReason::TimeUp));
    }
    let mut late = home.socket().await;
    late.resume(&session, None).await;
    let goodbye = late.closed(Close::TimeUp).await;
    assert_eq!(goodbye, Some(GoodbyeReason::TimeUp));
    assert_eq!(home.press(home.door(4), 9).await.status, 409);
}

/// The time of the talk is up, and then it is not: what follows at once is the same meeting.
const SHORT: &str = "UPDATE bookings SET end_at = start_at + 30000";
const LONG: &str = "UPDATE bookings SET end_at = start_at + 1800000";

async fn told_that_time_is_up(client: &mut Client) {
    let said = client
        .until(|message| match message {
            ServerMessage::Goodbye { reason } => Some(*reason),
            _other => None,
        })
        .await;
    assert_eq!(said, GoodbyeReason::TimeUp);
}

#[tokio::test]
async fn whoever_has_said_what_comes_next_goes_on_with_the_connection_they_have() {
    let home = Home::open(&settings()).await;
    let mut teacher = home.join(1).await;
    let first = teacher.joined().await.session;
    let ticket = home.ticket(home.door(1), 21).await;
    teacher.say(&ClientMessage::Next { ticket }).await;
    teacher.settled().await;
    home.change_records(SHORT).await;
    told_that_time_is_up(&mut teacher).await;
    // Meant for whom the talk was with.
    teacher.say(&chat("Goodbye!")).await;
    teacher.say(&ClientMessage::Ping { n: 1 }).await;
    home.change_records(LONG).await;
    teacher.enter().await;
    let next = teacher.joined().await;
    assert_eq!(next.answer, None);
    assert_ne!(next.session.id, first.id);
    let said = teacher.settled().await;
    let is_chat = |message: &ServerMessage| matches!(message, ServerMessage::Chat { .. });
    assert!(!said.iter().any(is_chat), "{said:?}");
    let orders = home.media.orders();
    let kept = orders.iter().find_map(|order| match order {
        Order::Rise { peer, kept } if peer.to_string() == first.id => Some(*kept),
        _other => None,
    });
    let kept = kept.expect("it rose from its seat");
    let sat = |order: &Order| matches!(order, Order::Seat { prepared, .. } if *prepared == kept);
    assert!(orders.iter().any(sat), "{orders:?}");
}

#[tokio::test]
async fn whoever_is_withdrawn_between_two_talks_goes_on_to_none() {
    let home = Home::open(&settings()).await;
    let [mut guest] = home.seated([5]).await;
    let ticket = home.ticket(home.door(5), 24).await;
    guest.say(&ClientMessage::Next { ticket }).await;
    guest.settled().await;
    home.change_records(SHORT).await;
    told_that_time_is_up(&mut guest).await;
    let parent = home.door(4);
    let path = format!(
        "/api/v1/links/{}/invitations/{}/remove",
        parent.id, home.invitation
    );
    let removed = home.post(&path, &json!({"secret": parent.secret})).await;
    assert!(removed.status < 300, "{}", removed.body);
    // At once, though it says nothing.
    let word = guest.closed(Close::Withdrawn).await;
    assert_eq!(word, Some(GoodbyeReason::Withdrawn));
    assert_eq!(home.media.attached(), []);
}

#[tokio::test]
async fn what_comes_next_is_kept_for_nobody_without_a_ticket_of_their_own_that_is_good() {
    let home = Home::open(&settings()).await;
    let [mut teacher, mut parent, mut guest] = home.seated([1, 4, 5]).await;
    let foreign = home.ticket(home.door(2), 22).await;
    let early = home.ticket(home.door(5), 23).await;
    for (client, ticket) in [
        (&mut teacher, "no ticket".to_owned()),
        (&mut parent, foreign),
        (&mut guest, early),
    ] {
        client.say(&ClientMessage::Next { ticket }).await;
        client.settled().await;
    }
    home.change_records(SHORT).await;
    for client in [&mut teacher, &mut parent] {
        let goodbye = client.closed(Close::TimeUp).await;
        assert_eq!(goodbye, Some(GoodbyeReason::TimeUp));
    }
    told_that_time_is_up(&mut guest).await;
    guest.enter().await;
    guest.closed(Close::Unused).await;
    assert_eq!(home.media.attached(), []);
}

#[tokio::test]
async fn a_minute_that_was_added_outlives_the_call() {
    let home = Home::open(&settings()).await;
    let [mut teacher] = home.seated([1]).await;
    teacher.say(&ClientMessage::AddMinute {}).await;
    let longer = clock(&mut teacher).await.ends_in_ms;
    teacher.say(&ClientMessage::Leave {}).await;
    assert_eq!(teacher.closed(Close::Left).await, Some(GoodbyeReason::Left));
    let mut parent = home.join(4).await;
    let mut clock = parent.joined().await.clock.expect("it has its hours");
    // It is written down beside the call, which did not wait; then compared with.
    while clock.ends_in_ms.abs_diff(longer) > MINUTE_MS / 2 {
        clock = self::clock(&mut parent).await;
    }
}

#[tokio::test]
async fn what_is_written_is_read_by_whoever_is_there_and_by_nobody_later() {
    let home = Home::open(&settings()).await;
    let [mut teacher, mut parent] = home.seated([1, 4]).await;
    parent.say(&chat(" Cafe\u{301} & <b>\r\ntea\t")).await;
    for client in [&mut teacher, &mut parent] {
        let said = client
            .until(|message| match message {
                ServerMessage::Chat { participant, text } => Some((*participant, text.clone())),
                _other => None,
            })
            .await;
        assert_eq!(said, (4, "Café & <b>\ntea".to_owned()));
    }
    let mut guest = home.join(5).await;
    guest.joined().await;
    let later = guest.settled().await;
    let hears = |it: &ServerMessage| matches!(it, ServerMessage::Chat { .. });
    assert!(!later.iter().any(hears), "{later:?}");
    for text in ["", "  ", &"x".repeat(1_001), "\u{202e}x"] {
        guest.say(&chat(text)).await;
        assert_eq!(refused(&mut guest).await, RefusedCode::BadText, "{text}");
    }
}

#[tokio::test]
async fn nobody_writes_faster_than_others_read_and_nobody_without_a_seat() {
    let home = Home::open(&settings()).await;
    let _four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    fifth.say(&chat("hello")).await;
    assert_eq!(refused(&mut fifth).await, RefusedCode::NotSeated);
    let home = Home::open(&settings()).await;
    let [mut parent] = home.seated([4]).await;
    for count in 0..12 {
        parent.say(&chat(&count.to_string())).await;
    }
    let said = parent.settled().await;
    let heard = said
        .iter()
        .filter(|it| matches!(it, ServerMessage::Chat { .. }));
    let heard = heard.count();
    assert!((8..12).contains(&heard), "{said:?}");
    assert!(said.iter().any(|it| matches!(
        it,
        ServerMessage::Refused {
            code: RefusedCode::TooFast,
            ..
        }
    )));
}

#[tokio::test]
async fn whoever_has_the_power_mutes_and_nobody_unmutes() {
    let home = Home::open(&settings()).await;
    let [mut teacher, mut parent] = home.seated([1, 4]).await;
    let sends = Sends {
        microphone: true,
        ..Sends::default()
    };
    parent.say(&ClientMessage::Sends { sends }).await;
    parent.say(&ClientMessage::Mute { participant: 1 }).await;
    assert_eq!(refused(&mut parent).await, RefusedCode::NotAllowed);
    teacher.say(&ClientMessage::Mute { participant: 4 }).await;
    assert_eq!(notice(&mut parent).await, Notice::Muted { participant: 1 });
    // Itself it cannot; whoever is not there, neither.
    teacher.say(&ClientMessage::Mute { participant: 1 }).await;
    teacher.say(&ClientMessage::Mute { participant: 5 }).await;
    let said = teacher.settled().await;
    assert!(
        !said
            .iter()
            .any(|it| matches!(it, ServerMessage::Notice { .. })),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_family_reads_where_the_school_is() {
    let home = Home::open(&settings()).await;
    let expected = async || view(&home, 4).await.expected.expect("it can be joined");
    let before = expected().await;
    assert_eq!(before.school, SchoolState::Away);
    // Whoever is waited for is not told of themselves.
    assert_eq!(view(&home, 1).await.expected, None);
    // It began a minute ago.
    assert!((60_000..180_000).contains(&before.late_ms), "{before:?}");
    let [_parent, mut teacher] = home.seated([4, 1]).await;
    let there = expected().await;
    assert_eq!((there.school, there.late_ms), (SchoolState::There, 0));
    teacher.say(&ClientMessage::Leave {}).await;
    assert_eq!(teacher.closed(Close::Left).await, Some(GoodbyeReason::Left));
    assert_eq!(expected().await.school, SchoolState::Away);
}

#[tokio::test]
async fn whoever_waits_says_that_they_are_here_and_reads_who_comes_first() {
    let home = Home::open(&settings()).await;
    let expected = async || view(&home, 4).await.expected.expect("it is near");
    let say = async |participant: u32, here: bool| {
        let door = home.door(participant);
        let meeting = view(&home, 4).await.appointments[0].meeting.clone();
        let body = json!({"secret": door.secret, "meeting": meeting, "here": here});
        home.post(&format!("/api/v1/links/{}/here", door.id), &body)
            .await
            .status
    };
    let teacher = home.door(1);
    let list = async || {
        let path = format!("/api/v1/links/{}/teacher", teacher.id);
        let view = home.post(&path, &json!({"secret": teacher.secret})).await;
        view.json::<TeacherView>()
    };
    let before = expected().await;
    assert_eq!((before.is_here, before.before), (false, None));
    let seen = list().await.seen;
    assert_eq!(say(1, true).await, 404, "nobody waits for themselves");
    assert_eq!(say(4, true).await, 204);
    assert!(expected().await.is_here);
    let after = list().await;
    assert_ne!(after.seen, seen, "their page is told");
    let present = &after.appointments[0].present;
    assert_eq!(present.len(), 1);
    assert_eq!(present[0].state, Presence::Here);
    assert!(
        after.late_ms.is_some_and(|late| late >= 60_000),
        "{after:?}"
    );
    // Whoever comes in is there, and so is not late.
    let [_parent, _teacher] = home.seated([4, 1]).await;
    let there = list().await;
    let states = there.appointments[0].present.iter();
    assert!(
        states.clone().all(|one| one.state == Presence::Seated),
        "{there:?}"
    );
    assert_eq!((states.count(), there.late_ms), (2, None));
    assert!(!expected().await.is_here);
    assert_eq!(say(5, true).await, 204);
    assert_eq!(say(5, false).await, 204);
    assert_eq!(list().await.appointments[0].present.len(), 2);
}

#[tokio::test]
async fn a_teachers_line_is_read_by_those_who_take_the_appointment_alone() {
    let home = Home::open(&settings()).await;
    let ask = async |participant: u32, rest: &str, with: Value| {
        let door = home.door(participant);
        let mut body = with;
        body["secret"] = json!(door.secret);
        home.post(&format!("/api/v1/links/{}{rest}", door.id), &body)
            .await
    };
    let list = async |participant: u32| {
        let answer = ask(participant, "/teacher", json!({})).await;
        answer.json::<TeacherView>().appointments
    };
    let id = list(1).await[0].appointment.id.clone();
    let line = format!("/teacher/{id}/note");
    let long = "x".repeat(1_001);
    assert_eq!(ask(1, &line, json!({"note": long})).await.status, 422);
    let words = json!({"note": " Reads well; fractions next "});
    assert_eq!(ask(1, &line, words).await.status, 204);
    for participant in [1, 2] {
        let found = list(participant).await;
        let own = found[0].own_note.as_deref();
        assert_eq!(own, Some("Reads well; fractions next"), "{participant}");
    }
    for (participant, rest) in [(4, ""), (4, "/parent"), (5, ""), (1, "")] {
        let answer = ask(participant, rest, json!({})).await;
        assert!(!answer.body.contains("fractions"), "{participant} {rest}");
    }
    assert_eq!(ask(4, &line, json!({"note": "x"})).await.status, 404);
    // Two who take it write at a time: nothing is lost, and each page is told.
    let view = ask(2, "", json!({})).await.json::<Value>();
    let own = json!({"note": "Reads aloud", "before": "Reads well; fractions next"});
    assert_eq!(ask(1, &line, own).await.status, 204);
    let news = ask(2, "/changes", json!({"seen": view["seen"]})).await;
    assert_eq!(news.json::<Value>()["type"], "changed");
    let late = json!({"note": "Shy", "before": "Reads well; fractions next"});
    let late = ask(2, &line, late).await;
    assert_eq!(late.status, 409, "{}", late.body);
    assert_eq!(late.json::<Value>()["code"], "changed_meanwhile");
    assert_eq!(list(2).await[0].own_note.as_deref(), Some("Reads aloud"));
    assert_eq!(ask(2, &line, json!({"note": ""})).await.status, 204);
    assert_eq!(list(1).await[0].own_note, None);
}

#[tokio::test]
async fn a_teacher_reads_their_own_page_after_the_evening_and_nobody_joins() {
    let home = Home::open(&settings()).await;
    let ask = async |participant: u32, rest: &str, with: Value| {
        let door = home.door(participant);
        let mut body = with;
        body["secret"] = json!(door.secret);
        home.post(&format!("/api/v1/links/{}{rest}", door.id), &body)
            .await
    };
    let list = async || {
        let answer = ask(1, "/teacher", json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json::<TeacherView>().appointments
    };
    let first = list().await.remove(0).appointment;
    let line = format!("/teacher/{}/note", first.id);
    assert_eq!(
        ask(1, &line, json!({"note": "Reads well"})).await.status,
        204
    );
    // Yesterday.
    home.change_records(
        "UPDATE evenings SET start_at = start_at - 86400000, end_at = end_at - 86400000;
         UPDATE bookings SET start_at = start_at - 86400000, end_at = end_at - 86400000",
    )
    .await;
    let view = ask(1, "", json!({})).await;
    assert_eq!(view.status, 200, "{}", view.body);
    let view: LinkView = view.json();
    assert!(view.evening.is_some_and(|it| it.is_over));
    assert!(view.appointments.iter().all(|it| !it.joinable));
    assert_eq!(list().await[0].own_note.as_deref(), Some("Reads well"));
    assert_eq!(
        ask(1, &line, json!({"note": "Reads aloud"})).await.status,
        204
    );
    assert_eq!(list().await[0].own_note.as_deref(), Some("Reads aloud"));
    let guests = format!("/meetings/{}/guests", first.meeting);
    let stop = format!("/meetings/{}/stop", first.meeting);
    let press = json!({"attempt": attempt(), "accepts_rules": wire::limits::GROUND_RULES});
    let stopped = json!({"attempt": attempt(), "note": ""});
    for (participant, rest, with) in [
        (1, "/tickets", &press),
        (1, "/network", &json!({})),
        (1, guests.as_str(), &json!({})),
        (1, stop.as_str(), &stopped),
        (4, "", &json!({})),
        (4, "/parent", &json!({})),
        (5, "", &json!({})),
    ] {
        let answer = ask(participant, rest, with.clone()).await;
        assert_eq!(answer.status, 409, "{participant} {rest} {}", answer.body);
        assert!(answer.body.contains("evening_over"), "{}", answer.body);
    }
    // A month later.
    home.change_records(
        "UPDATE evenings SET start_at = start_at - 2592000000, end_at = end_at - 2592000000",
    )
    .await;
    for rest in ["", "/teacher"] {
        let answer = ask(1, rest, json!({})).await;
        assert!(answer.body.contains("evening_over"), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_became_of_a_talk_is_told_once_it_is_over() {
    let home = Home::open(&settings()).await;
    let outcome = async || {
        let view = view(&home, 4).await;
        view.appointments.first().and_then(|one| one.outcome)
    };
    let mut parent = home.join(4).await;
    parent.joined().await;
    assert_eq!(outcome().await, None);
    home.change_records("UPDATE bookings SET end_at = start_at + 30000")
        .await;
    parent.closed(Close::TimeUp).await;
    // It is written down beside the call.
    while outcome().await != Some(Outcome::MissedBySchool) {
        tokio::task::yield_now().await;
    }
    home.change_records("UPDATE talks SET met_at = family_at")
        .await;
    assert_eq!(outcome().await, Some(Outcome::Held));
    home.change_records("UPDATE talks SET met_at = NULL, school_at = family_at, family_at = NULL")
        .await;
    assert_eq!(outcome().await, Some(Outcome::MissedByFamily));
    home.change_records("DELETE FROM talks").await;
    assert_eq!(outcome().await, None, "nobody came: nothing is known");
}
