//! Waiting areas, their providers and their callers.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use links::{LinkId, Record};
use school::meeting::{Door, MeetingKind, Role};
use school::rooms::Terms;
use school::waiting::{MOST_A_DAY, MOST_WAITING, Says, Stage};
use school::{AreaId, MeetingId, Name, Note, Refusal, StaffId, VisitorId};
use store::{Aftermath, AreaDraft, Holder, LinkState, NewStaff, Place, Purpose, RoomDraft, Store};

use crate::places::{OPTIONS, fresh_folder, fresh_postgres, on_both, run_beside};
use crate::world::{OFFICE, World, email, label, later, name, now, refused};

on_both!(
    callers_wait_in_the_order_of_their_coming_and_one_provider_takes_each,
    a_visit_ends_with_a_word_and_whoever_is_in_a_call_is_out_of_it,
    a_caller_is_added_to_a_call_that_is_not_full,
    a_caller_who_was_taken_waits_again_with_their_turn,
    a_provider_takes_one_caller_at_a_time,
    an_area_without_providers_is_closed,
    a_caller_who_is_passed_on_keeps_their_link_and_their_turn,
    a_message_is_read_by_who_waits_and_by_nobody_else,
    two_providers_at_once_and_one_of_them_has_the_caller,
    who_takes_callers_no_more_reaches_nothing_of_the_area,
    a_caller_comes_for_a_day_and_is_forgotten_after_the_schools_period,
    what_a_provider_says_stands_until_its_end,
    those_who_were_seen_last_say_how_long_it_takes,
    a_caller_leaves_words_that_a_provider_sets_aside,
    everybody_who_waits_is_written_to_and_sent_home,
    a_caller_of_another_area_is_added_to_the_call,
    a_caller_is_added_to_the_call_of_a_room_and_of_an_appointment,
    the_newest_words_are_always_to_be_read,
    whoever_came_is_found_by_name_and_erased,
    an_account_with_the_address_of_a_teacher_is_theirs,
);

/// Of the callers nobody is in a call.
static NOBODY: BTreeSet<LinkId> = BTreeSet::new();

pub(crate) async fn provider(store: &Store, who: &str) -> StaffId {
    let staff = NewStaff {
        name: name(who),
        email: email(&format!("{who}@school.example")),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Member,
    };
    store.add_staff(&staff, OFFICE, now()).await.expect("added")
}

fn draft(providers: &[StaffId]) -> AreaDraft {
    AreaDraft {
        name: label("Front desk"),
        purpose: Note::read("Anything").expect("a note"),
        hours: None,
        providers: providers.iter().copied().collect::<BTreeSet<_>>(),
    }
}

pub(crate) async fn area(store: &Store, providers: &[StaffId]) -> AreaId {
    let added = store.add_area(&draft(providers), OFFICE, now()).await;
    added.expect("added")
}

/// Somebody comes, so many seconds later.
pub(crate) async fn come(
    store: &Store,
    area: AreaId,
    who: &str,
    seconds: i64,
) -> (VisitorId, Record) {
    let then = now() + SignedDuration::from_secs(seconds);
    let reason = Note::read("Lunch money").expect("a note");
    let (called, attempt) = (name(who), format!("press of {who}"));
    let came = store.come_to_area(area, (&called, &reason), &attempt, then);
    let (link, aftermath) = came.await.expect("came");
    assert!(!aftermath.staff.is_empty(), "the providers hear of it");
    let held = store.link(link.id, now()).await.expect("read");
    let Holder::Visitor(caller) = held.expect("known").holder else {
        panic!("a caller");
    };
    (caller, link)
}

async fn place(store: &Store, caller: VisitorId) -> Option<usize> {
    let wait = store.wait_of(caller, now()).await.expect("read");
    wait.expect("a caller").place
}

async fn listed(store: &Store, staff: StaffId) -> Vec<String> {
    let all = store.callers_of(staff, now()).await.expect("read");
    all.iter().map(|it| it.name.reveal().to_owned()).collect()
}

async fn callers_wait_in_the_order_of_their_coming_and_one_provider_takes_each(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let nobody = store.add_area(&draft(&[]), OFFICE, now()).await;
    assert_eq!(refused(nobody), Refusal::NoMember);
    let strange = store.add_area(&draft(&[StaffId(7)]), OFFICE, now()).await;
    assert_eq!(refused(strange), Refusal::NotFound);
    let desk = area(&store, &[ann, ben]).await;
    let (khan, first) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, second) = come(&store, desk, "Mr Lee", 1).await;
    assert_eq!(come_again(&store, desk, "Mr Lee").await, second);
    assert_eq!(place(&store, khan).await, Some(1));
    assert_eq!(place(&store, lee).await, Some(2));
    assert_eq!(listed(&store, ann).await, ["Mrs Khan", "Mr Lee"]);

    let (link, aftermath) = store
        .take_caller((ann, desk, khan), &NOBODY, now())
        .await
        .expect("taken");
    // Who is taken is told so, and who waits behind has another place.
    assert_eq!(aftermath.pages, BTreeSet::from([first.id, second.id]));
    assert_eq!(aftermath.staff, BTreeSet::from([ann, ben]));
    assert_eq!(place(&store, lee).await, Some(1));
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    let meeting = meeting.expect("a call");
    assert_eq!(store.called_by(ben, desk, now()).await.expect("read"), None);
    let gathering = store.gathering(meeting, now()).await.expect("read");
    let gathering = gathering.expect("a meeting");
    let people: Vec<_> = gathering.meeting.entitled.iter().collect();
    let people: Vec<_> = people
        .iter()
        .map(|it| (it.name.reveal(), it.number.0, it.role))
        .collect();
    assert_eq!(
        people,
        [("Ann", 1, Role::Member), ("Mrs Khan", 2, Role::Guest)]
    );
    assert_eq!(gathering.meeting.kind, MeetingKind::Area);
    assert_eq!(gathering.link(Holder::Staff(ann)), Some(link.id));
    assert_eq!(gathering.link(Holder::Visitor(khan)), Some(first.id));
    // Pressed again it is the same, and told again: the first press may have been told to nobody. Another provider is refused.
    let again = store.take_caller((ann, desk, khan), &NOBODY, now()).await;
    assert_eq!(again.expect("taken"), (link, aftermath));
    let late = store.take_caller((ben, desk, khan), &NOBODY, now()).await;
    assert_eq!(refused(late), Refusal::CallerTaken);
    let callers = store.callers_of(ben, now()).await.expect("read");
    let taken_by = callers[0].taken_by.as_ref().map(Name::reveal);
    assert_eq!(taken_by, Some("Ann"));
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn come_again(store: &Store, area: AreaId, who: &str) -> Record {
    let (called, reason, attempt) = (name(who), Note::default(), format!("press of {who}"));
    let again = store.come_to_area(area, (&called, &reason), &attempt, now());
    let (link, aftermath) = again.await.expect("came");
    assert!(!aftermath.staff.is_empty(), "the providers hear of it");
    link
}

async fn a_visit_ends_with_a_word_and_whoever_is_in_a_call_is_out_of_it(store: Store) {
    let ann = provider(&store, "Ann").await;
    let desk = area(&store, &[ann]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, link) = come(&store, desk, "Mr Lee", 1).await;
    store
        .take_caller((ann, desk, khan), &NOBODY, now())
        .await
        .expect("taken");
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    let meeting = meeting.expect("a call");
    let word = Note::read("Come back on Monday.").expect("a note");
    for caller in [khan, lee] {
        let ended = store.end_wait((ann, desk, caller), &word, now()).await;
        let ended = ended.expect("ended");
        let of_call = ended.changed.iter().copied().collect::<Vec<_>>();
        assert_eq!(
            of_call,
            if caller == khan {
                vec![meeting]
            } else {
                vec![]
            }
        );
        let wait = store.wait_of(caller, now()).await.expect("read");
        let wait = wait.expect("a caller");
        assert_eq!(wait.caller.visit.stage, Stage::Ended);
        assert_eq!(wait.caller.word, word);
    }
    // Ended again it is as it was: the first word stands.
    let other = Note::read("Something else.").expect("a note");
    let again = store.end_wait((ann, desk, lee), &other, later(1)).await;
    assert!(again.expect("ended").pages.contains(&link.id), "told again");
    let wait = store.wait_of(lee, now()).await.expect("read");
    assert_eq!(wait.expect("a caller").caller.word, word);
    let gathering = store.gathering(meeting, now()).await.expect("read");
    let left = gathering.expect("a meeting").meeting.entitled;
    assert_eq!((left.len(), left[0].holder), (1, Holder::Staff(ann)));
    assert!(listed(&store, ann).await.is_empty());
    // Their link lives, so that they read the word.
    let held = store.link(link.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Live);
    let late = store.take_caller((ann, desk, lee), &NOBODY, now()).await;
    assert_eq!(refused(late), Refusal::CallerGone);
    let gone = store.leave_area(lee, &Note::default(), now()).await;
    assert_eq!(refused(gone), Refusal::CallerGone);
    let (mo, _) = come(&store, desk, "Mo", 2).await;
    let left = store.leave_area(mo, &Note::default(), now()).await;
    let again = store.leave_area(mo, &Note::default(), now()).await;
    assert_eq!(again.expect("left"), left.expect("left"), "told again");
    assert!(listed(&store, ann).await.is_empty());
}

/// Their call, and who is in it: a provider, and so many others.
async fn call_of(store: &Store, staff: StaffId, desk: AreaId) -> (MeetingId, BTreeSet<LinkId>) {
    let meeting = store.called_by(staff, desk, now()).await.expect("read");
    let own = store.provider_links(staff).await.expect("read");
    (
        meeting.expect("a call"),
        BTreeSet::from([*own.areas.get(&desk).expect("theirs")]),
    )
}

async fn a_caller_is_added_to_a_call_that_is_not_full(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let mut callers = Vec::new();
    for (who, seconds) in [("Khan", 0), ("Lee", 1), ("Mo", 2), ("Noa", 3), ("Oz", 4)] {
        callers.push(come(&store, desk, who, seconds).await);
    }
    let [(khan, first), (lee, second), (mo, _), (noa, fourth), _] = callers[..] else {
        panic!("five came");
    };
    store
        .take_caller((ann, desk, khan), &NOBODY, now())
        .await
        .expect("taken");
    let (meeting, mut seated) = call_of(&store, ann, desk).await;
    seated.insert(first.id);
    // Not into a call that they are not in.
    let foreign = store.add_caller((ben, desk, lee), (meeting, &seated), now());
    assert_eq!(refused(foreign.await), Refusal::NotFound);
    let added = store.add_caller((ann, desk, lee), (meeting, &seated), now());
    let added = added.await.expect("added");
    assert!(added.changed.contains(&meeting));
    assert!(added.pages.contains(&second.id));
    let wait = store.wait_of(lee, now()).await.expect("read");
    let stage = wait.expect("a caller").caller.visit.stage;
    assert_eq!(stage, Stage::Taken { by: ann, meeting });
    // She is on her way, and the next takes the last seat.
    let added = store.add_caller((ann, desk, mo), (meeting, &seated), now());
    added.await.expect("added");
    let full = store.add_caller((ann, desk, noa), (meeting, &seated), now());
    assert_eq!(refused(full.await), Refusal::CallFull);
    assert_eq!(place(&store, noa).await, Some(1));
    let gathering = store.gathering(meeting, now()).await.expect("read");
    let gathering = gathering.expect("a meeting");
    assert_eq!(gathering.meeting.entitled.len(), 4);
    assert_eq!(gathering.link(Holder::Visitor(lee)), Some(second.id));
    assert_eq!(gathering.link(Holder::Visitor(noa)), None);
    // Whoever has come is counted once.
    seated.insert(second.id);
    let full = store.add_caller((ann, desk, noa), (meeting, &seated), now());
    assert_eq!(refused(full.await), Refusal::CallFull);
    seated.insert(fourth.id);
    store
        .end_wait((ann, desk, mo), &Note::default(), now())
        .await
        .expect("ended");
    let full = store.add_caller((ann, desk, noa), (meeting, &seated), now());
    assert_eq!(refused(full.await), Refusal::CallFull);
    seated.remove(&fourth.id);
    let added = store.add_caller((ann, desk, noa), (meeting, &seated), now());
    added.await.expect("added");
}

async fn a_caller_who_was_taken_waits_again_with_their_turn(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let other = area(&store, &[ann]).await;
    let (khan, link) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, behind) = come(&store, desk, "Mr Lee", 1).await;
    let take = async |staff| {
        let taken = store.take_caller((staff, desk, khan), &NOBODY, now()).await;
        taken.expect("taken");
        let meeting = store.called_by(staff, desk, now()).await.expect("read");
        meeting.expect("a call")
    };
    let stands = async || {
        let wait = store.wait_of(khan, now()).await.expect("read");
        let wait = wait.expect("a caller");
        (wait.caller.visit.stage, wait.caller.has_joined, wait.place)
    };
    let meeting = take(ann).await;
    let foreign = store.put_back((ann, other, khan), now()).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    // A colleague may, where Ann's page is lost.
    let back = store.put_back((ben, desk, khan), now()).await;
    let back = back.expect("back");
    assert_eq!(back.changed, BTreeSet::from([meeting]));
    assert_eq!(back.pages, BTreeSet::from([link.id, behind.id]));
    assert_eq!(back.staff, BTreeSet::from([ann, ben]));
    assert_eq!(stands().await, (Stage::Waiting, false, Some(1)));
    assert_eq!(place(&store, lee).await, Some(2));
    assert_eq!(store.called_by(ann, desk, now()).await.expect("read"), None);
    let gathering = store.gathering(meeting, now()).await.expect("read");
    let left = gathering.expect("a meeting").meeting.entitled;
    assert_eq!((left.len(), left[0].holder), (1, Holder::Staff(ann)));
    let again = store.put_back((ben, desk, khan), now()).await;
    let again = again.expect("back");
    assert_eq!((again.pages, again.staff), (back.pages, back.staff));

    // They come into the next call, where nobody comes to them.
    let meeting = take(ben).await;
    let holder = Holder::Visitor(khan);
    store.joined(holder, meeting, now()).await.expect("joined");
    let taken = Stage::Taken { by: ben, meeting };
    assert_eq!(stands().await, (taken, true, None));
    let elsewhere = store.nobody_came(khan, MeetingId(7), now()).await;
    assert_eq!(elsewhere.expect("nothing"), Aftermath::default());
    assert_eq!(stands().await, (taken, true, None));
    let back = store.nobody_came(khan, meeting, now()).await;
    assert!(back.expect("back").pages.contains(&link.id));
    assert_eq!(stands().await, (Stage::Waiting, false, Some(1)));
    // What is written late changes nothing.
    store.joined(holder, meeting, now()).await.expect("joined");
    assert_eq!(stands().await, (Stage::Waiting, false, Some(1)));
    store
        .leave_area(khan, &Note::default(), now())
        .await
        .expect("left");
    let gone = store.put_back((ben, desk, khan), now()).await;
    assert_eq!(refused(gone), Refusal::CallerGone);
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn a_provider_takes_one_caller_at_a_time(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let (khan, first) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, second) = come(&store, desk, "Mr Lee", 1).await;
    let (mo, _) = come(&store, desk, "Mo", 2).await;
    let leads_to = async || store.called_by(ann, desk, now()).await.expect("read");
    let joins = async |caller, meeting: Option<MeetingId>| {
        let meeting = meeting.expect("a call");
        let joined = store.joined(Holder::Visitor(caller), meeting, now()).await;
        joined.expect("joined");
    };
    let take = async |caller, there: &BTreeSet<LinkId>, minute| {
        let taken = store.take_caller((ann, desk, caller), there, later(minute));
        taken.await.map(drop)
    };
    take(khan, &NOBODY, 0).await.expect("taken");
    let meeting = leads_to().await;
    // She is on her way.
    assert_eq!(refused(take(lee, &NOBODY, 1).await), Refusal::HasCaller);
    assert_eq!(place(&store, lee).await, Some(1));
    assert_eq!(leads_to().await, meeting);
    take(khan, &NOBODY, 1).await.expect("the same again");
    // A colleague is free.
    let taken = store.take_caller((ben, desk, mo), &NOBODY, later(1)).await;
    taken.expect("taken");
    // She is there.
    joins(khan, meeting).await;
    let there = BTreeSet::from([first.id]);
    assert_eq!(refused(take(lee, &there, 2).await), Refusal::HasCaller);
    // She has come out of it.
    take(lee, &NOBODY, 3).await.expect("taken");
    let next = leads_to().await;
    assert_ne!(next, meeting);
    assert_eq!(refused(take(khan, &NOBODY, 4).await), Refusal::HasCaller);
    joins(lee, next).await;
    let there = BTreeSet::from([second.id]);
    assert_eq!(refused(take(khan, &there, 5).await), Refusal::HasCaller);
    // He has too: taken once more, she is whom the link leads to.
    take(khan, &NOBODY, 6).await.expect("the same again");
    assert_eq!(leads_to().await, meeting);
}

async fn an_area_without_providers_is_closed(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann]).await;
    let other = area(&store, &[ben]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    let door = store.area(other).await.expect("it is there").link;
    let is_staffed = async || {
        let held = store.link(door.id, now()).await.expect("read");
        let Purpose::Area(place) = held.expect("known").purpose else {
            panic!("an area");
        };
        place.is_staffed
    };
    assert!(is_staffed().await);
    let office = NewStaff {
        name: name("Ada"),
        email: email("ada@school.example"),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Owner,
    };
    let added = store.add_staff(&office, OFFICE, now()).await;
    added.expect("added");
    let disabled = store.disable_staff(ben, OFFICE, now()).await;
    disabled.expect("disabled");
    assert!(!is_staffed().await);
    let passed = store.pass_caller((ann, desk, khan), other, now()).await;
    assert_eq!(refused(passed), Refusal::AreaClosed);
    assert_eq!(place(&store, khan).await, Some(1));
    let (who, reason) = (name("Mr Lee"), Note::default());
    let came = store.come_to_area(other, (&who, &reason), "a press", now());
    assert_eq!(refused(came.await), Refusal::AreaClosed);
}

async fn a_caller_who_is_passed_on_keeps_their_link_and_their_turn(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann]).await;
    let other = area(&store, &[ben]).await;
    let (khan, link) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, behind) = come(&store, desk, "Mr Lee", 1).await;
    let (mo, _) = come(&store, other, "Mo", 2).await;
    let nowhere = store.pass_caller((ann, desk, khan), AreaId(7), now()).await;
    assert_eq!(refused(nowhere), Refusal::NotFound);
    let foreign = store.pass_caller((ben, desk, khan), other, now()).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    let passed = store.pass_caller((ann, desk, khan), other, now()).await;
    let passed = passed.expect("passed");
    assert_eq!(passed.staff, BTreeSet::from([ann, ben]));
    assert!(
        passed
            .pages
            .is_superset(&BTreeSet::from([link.id, behind.id]))
    );
    assert_eq!(listed(&store, ann).await, ["Mr Lee"]);
    assert_eq!(listed(&store, ben).await, ["Mrs Khan", "Mo"]);
    let held = store.link(link.id, now()).await.expect("read");
    let held = held.expect("known");
    let Purpose::Area(place_now) = held.purpose else {
        panic!("an area");
    };
    assert_eq!((place_now.id, held.record), (other, link));
    assert_eq!(place(&store, khan).await, Some(1));
    assert_eq!(place(&store, mo).await, Some(2));
    assert_eq!(place(&store, lee).await, Some(1));
    store
        .take_caller((ben, other, khan), &NOBODY, now())
        .await
        .expect("taken");
    let late = store.pass_caller((ben, other, khan), desk, now()).await;
    assert_eq!(refused(late), Refusal::CallerTaken);
}

async fn a_message_is_read_by_who_waits_and_by_nobody_else(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann]).await;
    let (khan, link) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, _) = come(&store, desk, "Mr Lee", 1).await;
    let words = Note::read("Two minutes more.").expect("a note");
    let foreign = store.message_caller((ben, desk, khan), &words, now()).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    let sent = store.message_caller((ann, desk, khan), &words, now()).await;
    assert_eq!(sent.expect("sent").pages, BTreeSet::from([link.id]));
    let read = async |caller| {
        let wait = store.wait_of(caller, now()).await.expect("read");
        wait.expect("a caller").caller.message
    };
    assert_eq!(read(khan).await, words);
    assert_eq!(read(lee).await, Note::default());
    store
        .take_caller((ann, desk, khan), &NOBODY, now())
        .await
        .expect("taken");
    let late = store.message_caller((ann, desk, khan), &words, now()).await;
    assert_eq!(refused(late), Refusal::CallerTaken);
    store
        .leave_area(lee, &Note::default(), now())
        .await
        .expect("left");
    let late = store.message_caller((ann, desk, lee), &words, now()).await;
    assert_eq!(refused(late), Refusal::CallerGone);
}

async fn two_providers_at_once_and_one_of_them_has_the_caller(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    let (one, two) = tokio::join!(
        store.take_caller((ann, desk, khan), &NOBODY, now()),
        store.take_caller((ben, desk, khan), &NOBODY, now())
    );
    let late = if one.is_ok() { two } else { one };
    assert_eq!(refused(late), Refusal::CallerTaken);
    let calls = [
        store.called_by(ann, desk, now()).await.expect("read"),
        store.called_by(ben, desk, now()).await.expect("read"),
    ];
    assert_eq!(calls.iter().flatten().count(), 1);
}

async fn who_takes_callers_no_more_reaches_nothing_of_the_area(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann]).await;
    let other = area(&store, &[ben]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    for (staff, at) in [(ben, desk), (ben, other), (ann, other)] {
        let foreign = store.take_caller((staff, at, khan), &NOBODY, now()).await;
        assert_eq!(refused(foreign), Refusal::NotFound);
        let foreign = store
            .end_wait((staff, at, khan), &Note::default(), now())
            .await;
        assert_eq!(refused(foreign), Refusal::NotFound);
    }
    assert!(listed(&store, ben).await.is_empty());
    let (link, _) = store
        .take_caller((ann, desk, khan), &NOBODY, now())
        .await
        .expect("taken");
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    let changed = store.change_area(desk, &draft(&[ben]), OFFICE, now()).await;
    let changed = changed.expect("changed");
    assert_eq!(changed.links, [link.id]);
    assert_eq!(changed.changed.iter().copied().next(), meeting);
    assert!(listed(&store, ann).await.is_empty());
    assert_eq!(listed(&store, ben).await, ["Mrs Khan"]);
    let door = store.area(desk).await.expect("it is there").link;
    let renewed = store.renew_area_link(desk, OFFICE, now()).await;
    assert_eq!(renewed.expect("renewed").links, [door.id]);
    let office = NewStaff {
        name: name("Ada"),
        email: email("ada@school.example"),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Owner,
    };
    store
        .add_staff(&office, OFFICE, now())
        .await
        .expect("added");
    let (_, waits) = come(&store, desk, "Mr Ode", 0).await;
    let disabled = store.disable_staff(ben, OFFICE, now()).await;
    let heard = disabled.expect("disabled").pages;
    assert!(heard.contains(&waits.id), "nobody takes them any more");
    let left = store.area(desk).await.expect("it is there").providers;
    assert!(left.is_empty());
}

async fn a_caller_comes_for_a_day_and_is_forgotten_after_the_schools_period(store: Store) {
    let ann = provider(&store, "Ann").await;
    let desk = area(&store, &[ann]).await;
    let (khan, link) = come(&store, desk, "Mrs Khan", 0).await;
    store
        .take_caller((ann, desk, khan), &NOBODY, now())
        .await
        .expect("taken");
    let tomorrow = now() + SignedDuration::from_hours(25);
    let held = store.link(link.id, tomorrow).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Expired);
    let over = store.called_by(ann, desk, tomorrow).await.expect("read");
    assert_eq!(over, None);
    assert!(
        store
            .callers_of(ann, tomorrow)
            .await
            .expect("read")
            .is_empty()
    );
    let after = now() + SignedDuration::from_hours(24 * 501);
    store.erase_expired(after).await.expect("erased");
    assert!(store.link(link.id, now()).await.expect("read").is_none());
    assert!(listed(&store, ann).await.is_empty());
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn what_a_provider_says_stands_until_its_end(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let other = area(&store, &[ben]).await;
    let (_, link) = come(&store, desk, "Mrs Khan", 0).await;
    let says = async |then| {
        let stands = store.area_stands(desk, then).await.expect("read");
        stands
            .providers
            .iter()
            .map(|it| it.says)
            .collect::<Vec<_>>()
    };
    assert_eq!(says(now()).await, [None, None]);
    let late = Says::late(10).expect("late");
    let said = store.say_in_area((ann, desk), Some(late), now()).await;
    let said = said.expect("said");
    assert_eq!(said.pages, BTreeSet::from([link.id]));
    assert_eq!(said.staff, BTreeSet::from([ann, ben]));
    let away = Says::Away { until: later(30) };
    let said = store.say_in_area((ben, desk), Some(away), now()).await;
    said.expect("said");
    assert_eq!(says(later(29)).await, [Some(late), Some(away)]);
    assert_eq!(says(later(30)).await, [Some(late), None]);
    assert_eq!(says(later(12 * 60)).await, [None, None]);
    // Who stays in the area keeps it; who is taken out and put back does not.
    for providers in [vec![ann], vec![ann, ben]] {
        let draft = AreaDraft {
            name: label("Front desk"),
            purpose: Note::default(),
            hours: None,
            providers: providers.into_iter().collect(),
        };
        let changed = store.change_area(desk, &draft, OFFICE, now()).await;
        changed.expect("changed");
    }
    assert_eq!(says(now()).await, [Some(late), None]);
    let said = store.say_in_area((ann, desk), None, now()).await;
    said.expect("said");
    assert_eq!(says(now()).await, [None, None]);
    let foreign = store.say_in_area((ann, other), Some(late), now()).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
}

async fn those_who_were_seen_last_say_how_long_it_takes(store: Store) {
    let ann = provider(&store, "Ann").await;
    let desk = area(&store, &[ann]).await;
    let other = area(&store, &[ann]).await;
    let waited = async |at, then| {
        let stands = store.area_stands(at, then).await.expect("read");
        (stands.waited.map(|it| it.as_mins()), stands.taken.len())
    };
    for (nth, wait) in [(0, 90), (1, 5), (2, 7)] {
        let (caller, link) = come(&store, desk, &format!("Caller {nth}"), 0).await;
        let then = later(wait);
        let taken = store.take_caller((ann, desk, caller), &NOBODY, then).await;
        taken.expect("taken");
        assert_eq!(waited(desk, then).await.1, 1);
        let meeting = store.called_by(ann, desk, then).await.expect("read");
        let meeting = meeting.expect("a call");
        let joined = store.joined(Holder::Visitor(caller), meeting, then).await;
        assert!(joined.expect("joined").pages.contains(&link.id));
        let stands = store.area_stands(desk, then).await.expect("read");
        let own = store.provider_links(ann).await.expect("read");
        assert_eq!(stands.providers[0].link, own.areas.get(&desk).copied());
        store
            .end_wait((ann, desk, caller), &Note::default(), then)
            .await
            .expect("ended");
    }
    assert_eq!(waited(desk, later(100)).await, (Some(7), 0));
    assert_eq!(waited(other, later(100)).await, (None, 0));
    // It is long ago.
    assert_eq!(waited(desk, later(211)).await, (None, 0));
}

async fn a_caller_leaves_words_that_a_provider_sets_aside(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann]).await;
    let other = area(&store, &[ben]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, _) = come(&store, desk, "Mr Lee", 1).await;
    let words = Note::read("Please ring me on 020 7946 0000.").expect("a note");
    let left = store.leave_area(khan, &words, later(3)).await;
    assert_eq!(left.expect("left").staff, BTreeSet::from([ann]));
    // The first words stand, and who leaves none left none.
    let more = Note::read("Never mind.").expect("a note");
    store.leave_area(khan, &more, later(4)).await.expect("left");
    store
        .leave_area(lee, &Note::default(), later(4))
        .await
        .expect("left");
    let listed = async |staff| store.words_left(staff).await.expect("read");
    let [one] = listed(ann).await.try_into().expect("one left words");
    assert_eq!((one.caller, one.area, one.at), (khan, desk, later(3)));
    assert_eq!((one.name.reveal(), &one.words), ("Mrs Khan", &words));
    assert!(listed(ben).await.is_empty());
    for (staff, at) in [(ben, desk), (ben, other), (ann, other)] {
        let foreign = store.set_words_aside((staff, at, khan), now()).await;
        assert_eq!(refused(foreign), Refusal::NotFound);
    }
    // They are there when the caller's link is long dead.
    let next_week = later(7 * 24 * 60);
    let aside = store.set_words_aside((ann, desk, khan), next_week).await;
    assert_eq!(aside.expect("set aside").staff, BTreeSet::from([ann]));
    assert!(listed(ann).await.is_empty());
    let again = store.set_words_aside((ann, desk, khan), next_week).await;
    assert_eq!(again.expect("set aside"), Aftermath::default());
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn everybody_who_waits_is_written_to_and_sent_home(store: Store) {
    let ann = provider(&store, "Ann").await;
    let ben = provider(&store, "Ben").await;
    let (desk, other) = (area(&store, &[ann]).await, area(&store, &[ben]).await);
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, second) = come(&store, desk, "Mr Lee", 1).await;
    let (mo, third) = come(&store, desk, "Mo", 2).await;
    let taken = store.take_caller((ann, desk, khan), &NOBODY, now()).await;
    taken.expect("taken");
    let stands = async |caller| {
        let wait = store.wait_of(caller, now()).await.expect("read");
        let caller = wait.expect("a caller").caller;
        let (message, word) = (caller.message.reveal(), caller.word.reveal());
        (caller.visit.waits(), message.to_owned(), word.to_owned())
    };
    let of = |waits, message: &str, word: &str| (waits, message.to_owned(), word.to_owned());
    let words = Note::read("Ten minutes more.").expect("a note");
    let told = store.message_waiting((ann, desk), &words, now()).await;
    let told = told.expect("sent");
    assert_eq!(told.pages, BTreeSet::from([second.id, third.id]));
    assert_eq!(told.staff, BTreeSet::from([ann]));
    for caller in [lee, mo] {
        assert_eq!(stands(caller).await, of(true, "Ten minutes more.", ""));
    }
    assert_eq!(stands(khan).await, of(false, "", ""));
    let word = Note::read("We are closed until Monday.").expect("a note");
    let ended = store.end_waiting((ann, desk), &word, now()).await;
    assert_eq!(
        ended.expect("ended").pages,
        BTreeSet::from([second.id, third.id])
    );
    for caller in [lee, mo] {
        let (waits, _, said) = stands(caller).await;
        assert_eq!((waits, said.as_str()), (false, word.reveal()));
    }
    // Whoever is in a call stays in it.
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    assert!(meeting.is_some());
    for foreign in [
        store.message_waiting((ann, other), &words, now()).await,
        store.end_waiting((ann, other), &word, now()).await,
    ] {
        assert_eq!(refused(foreign), Refusal::NotFound);
    }
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn a_caller_of_another_area_is_added_to_the_call(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann]).await;
    let nurse = area(&store, &[ann, ben]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, link) = come(&store, nurse, "Mr Lee", 1).await;
    let (mo, behind) = come(&store, nurse, "Mo", 2).await;
    let taken = store.take_caller((ann, desk, khan), &NOBODY, now()).await;
    taken.expect("taken");
    let (meeting, seated) = call_of(&store, ann, desk).await;
    let add = async |staff, caller| {
        let call = (meeting, &seated);
        store.add_caller((staff, nurse, caller), call, now()).await
    };
    // Ben is not in it.
    assert_eq!(refused(add(ben, lee).await), Refusal::NotFound);
    let added = add(ann, lee).await.expect("added");
    assert_eq!(added.changed, BTreeSet::from([meeting]));
    assert_eq!(added.pages, BTreeSet::from([link.id, behind.id]));
    assert_eq!(added.staff, BTreeSet::from([ann, ben]));
    let wait = store.wait_of(lee, now()).await.expect("read");
    let visit = wait.expect("a caller").caller.visit;
    let stage = Stage::Taken { by: ann, meeting };
    assert_eq!((visit.area, visit.stage), (desk, stage));
    assert_eq!(place(&store, mo).await, Some(1));
    // His link is the same, and leads into the call.
    let held = store.link(link.id, now()).await.expect("read");
    let held = held.expect("known");
    assert_eq!(held.state, LinkState::Live);
    assert!(matches!(held.purpose, Purpose::Area(place) if place.id == desk));
    let gathering = store.gathering(meeting, now()).await.expect("read");
    let gathering = gathering.expect("a meeting");
    assert_eq!(gathering.link(Holder::Visitor(lee)), Some(link.id));
}

async fn a_caller_is_added_to_the_call_of_a_room_and_of_an_appointment(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    // The account of Ms Adeyemi, who teaches French.
    let (ann, ben) = (
        provider(store, "teacher0").await,
        provider(store, "Ben").await,
    );
    let desk = area(store, &[ann, ben]).await;
    let draft = RoomDraft {
        name: label("Room 1"),
        door: Door::Kept,
        members: BTreeSet::from([ann]),
        terms: Terms::default(),
    };
    let room = store.add_room(&draft, OFFICE, now()).await.expect("added");
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let appointment = booked.expect("booked").meeting;
    let room = store.room(room).await.expect("it is there").meeting;
    for (nth, (who, meeting)) in [("Mrs Khan", room), ("Mr Lee", appointment)]
        .iter()
        .enumerate()
    {
        let (caller, link) = come(store, desk, who, i64::try_from(nth).expect("few")).await;
        let add = async |staff| {
            let call = (*meeting, &NOBODY);
            store.add_caller((staff, desk, caller), call, now()).await
        };
        // Ben is not in it.
        assert_eq!(refused(add(ben).await), Refusal::NotFound);
        assert!(add(ann).await.expect("added").changed.contains(meeting));
        let wait = store.wait_of(caller, now()).await.expect("read");
        let visit = wait.expect("a caller").caller.visit;
        assert_eq!((visit.area, visit.meeting()), (desk, Some(*meeting)));
        let found = store.gathering(*meeting, now()).await.expect("read");
        let found = found.expect("a meeting");
        assert_eq!(found.link(Holder::Visitor(caller)), Some(link.id));
        let guest = found
            .meeting
            .entitled(Holder::Visitor(caller))
            .expect("due");
        assert_eq!(guest.invited_by, Some(Holder::Staff(ann)));
        let links = store.links_of_call(*meeting).await.expect("read");
        assert!(links.contains(&link.id));
        // Pressed again it is done already, and from another call they are not fetched away.
        let again = add(ann).await.expect("added before");
        assert!(again.changed.contains(meeting) && again.pages.contains(&link.id));
        let other = if *meeting == room { appointment } else { room };
        let away = store.add_caller((ann, desk, caller), (other, &NOBODY), now());
        assert_eq!(refused(away.await), Refusal::CallerTaken);
        // Whoever has an account hears of their coming and going.
        let heard = store.who_hears_of_parting((*meeting, Holder::Staff(ben)), now());
        assert_eq!(heard.await.expect("read").staff, BTreeSet::from([ben]));
    }
    // Another guest of the family comes and goes, and the caller stays.
    let invited = world
        .invite(world.maria, "Gus", "gus@home.example", &[world.ana])
        .await;
    invited.expect("invited");
    let found = store.gathering(appointment, now()).await.expect("read");
    let all = found.expect("a meeting").meeting.entitled;
    assert!(all.iter().any(|it| it.name.reveal() == "Mr Lee"), "{all:?}");
    // What is erased takes nobody's wait with it, nor is it kept from being erased.
    let erased = store.erase_student(world.ana, OFFICE, now()).await;
    erased.expect("erased");
    let left = store.call(appointment).await.expect("read");
    assert!(left.is_none());
    assert_eq!(listed(store, ann).await, ["Mrs Khan", "Mr Lee"]);
    // Put back, she is of the area again, and of the room no more.
    let waiting = store.callers_of(ann, now()).await.expect("read").remove(0);
    let back = store.put_back((ben, desk, waiting.id), now()).await;
    assert_eq!(back.expect("back").changed, BTreeSet::from([room]));
    let found = store.gathering(room, now()).await.expect("read");
    assert_eq!(found.expect("a room").meeting.entitled.len(), 1);
}

async fn an_account_with_the_address_of_a_teacher_is_theirs(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    // The account of Ms Adeyemi, who teaches French.
    let (ann, ben) = (
        provider(store, "teacher0").await,
        provider(store, "Ben").await,
    );
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let appointment = booked.expect("booked").meeting;
    let teacher = Holder::Teacher(world.teachers[0]);
    let link = store.hand_out_link(world.evening, teacher, OFFICE, now());
    let link = link.await.expect("handed out").id;
    let own = store.provider_links(ann).await.expect("read");
    assert_eq!(own.elsewhere, [link]);
    let evenings = async |staff, then| -> Vec<LinkId> {
        let all = store.evenings_of_staff(staff, then).await.expect("read");
        all.iter().map(|it| it.link.id).collect()
    };
    assert_eq!(evenings(ann, now()).await, [link]);
    let over = now() + SignedDuration::from_hours(24 * 400);
    assert!(evenings(ann, over).await.is_empty());
    assert!(evenings(ben, now()).await.is_empty());
    let heard = store.joined(teacher, appointment, now()).await;
    assert_eq!(heard.expect("joined").staff, BTreeSet::from([ann]));
}

async fn whoever_came_is_found_by_name_and_erased(store: Store) {
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let (khan, link) = come(&store, desk, "Mrs Khan", 0).await;
    let (lee, _) = come(&store, desk, "Mr Lee", 1).await;
    let words = Note::read("Please ring me.").expect("a note");
    store.leave_area(lee, &words, now()).await.expect("left");
    let taken = store.take_caller((ann, desk, khan), &NOBODY, now()).await;
    taken.expect("taken");
    let found = async |words: &str| -> Vec<VisitorId> {
        let found = store.came_by(words).await.expect("read");
        found.iter().map(|it| it.id).collect()
    };
    assert_eq!(found("").await, [lee, khan], "the newest first");
    assert_eq!(found("KHAN").await, [khan]);
    for nobody in ["Mo", &"Khan ".repeat(100)] {
        assert!(found(nobody).await.is_empty());
    }
    let erased = store.erase_visit(khan, OFFICE, now()).await;
    let erased = erased.expect("erased");
    assert_eq!(erased.links, [link.id], "she is out of the call");
    let erased = store.erase_visit(lee, OFFICE, now()).await;
    assert!(erased.expect("erased").staff.contains(&ben));
    assert!(found("").await.is_empty());
    assert!(store.words_left(ann).await.expect("read").is_empty());
    assert!(store.link(link.id, now()).await.expect("read").is_none());
    let again = store.erase_visit(lee, OFFICE, now()).await;
    assert_eq!(refused(again), Refusal::NotFound);
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn the_newest_words_are_always_to_be_read(store: Store) {
    let ann = provider(&store, "Ann").await;
    let (desk, nurse) = (area(&store, &[ann]).await, area(&store, &[ann]).await);
    let words = Note::read("Please ring me.").expect("a note");
    let leave = async |at, who: &str, then| {
        let (caller, _) = come(&store, at, who, 0).await;
        store
            .leave_area(caller, &words, later(then))
            .await
            .expect("left");
        caller
    };
    let at_nurse = leave(nurse, "Nia", 0).await;
    let mut all = Vec::new();
    for nth in 0..=200 {
        all.push(leave(desk, &format!("Caller {nth}"), nth + 1).await);
    }
    let listed = async || -> Vec<VisitorId> {
        let words = store.words_left(ann).await.expect("read");
        words.iter().map(|it| it.caller).collect()
    };
    let shown = listed().await;
    assert_eq!(shown.first(), Some(&at_nurse));
    assert_eq!(shown[1..], all[1..], "all but the oldest, in their order");
    // It is read when another is set aside.
    let aside = store.set_words_aside((ann, desk, all[5]), now()).await;
    aside.expect("set aside");
    assert!(listed().await.contains(&all[0]));
}

/// So many callers more like one who came, as one statement each for all of them.
async fn more_like(place: &Place, caller: VisitorId, many: i64, from: u64) {
    let count =
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})");
    run_beside(
        place,
        format!(
            "INSERT INTO holders (school, id, kind)
               {count} SELECT school, {from} + i, kind FROM holders, n WHERE id = {caller};
             INSERT INTO callers (school, id, area, name, reason, attempt, came_at, stage,
               stage_at, message, word, door)
               {count} SELECT school, {from} + i, area, name, reason,
                 attempt || CAST({from} + i AS TEXT), came_at, stage, stage_at, message, word, door
               FROM callers, n WHERE id = {caller};"
        ),
    )
    .await;
}

async fn so_many_wait_and_so_many_come_by_one_link(place: Place) {
    let store = Store::open(&place, OPTIONS).await.expect("a database");
    let ann = provider(&store, "Ann").await;
    let desk = area(&store, &[ann]).await;
    let (mo, reason) = (name("Mo"), Note::default());
    let come = async |press: &str, then| {
        let came = store.come_to_area(desk, (&mo, &reason), press, then).await;
        came.map(drop)
    };
    let (first, _) = self::come(&store, desk, "Mo", 0).await;
    more_like(&place, first, MOST_WAITING - 2, 1000).await;
    come("the last seat", now()).await.expect("came");
    assert_eq!(refused(come("one more", now()).await), Refusal::AreaCrowded);
    // Whoever has come comes once.
    come("the last seat", now()).await.expect("the same");
    let nothing = Note::default();
    store
        .leave_area(first, &nothing, now())
        .await
        .expect("left");
    come("in their place", now()).await.expect("came");
    assert_eq!(refused(come("one more", now()).await), Refusal::AreaCrowded);
    store
        .end_waiting((ann, desk), &nothing, now())
        .await
        .expect("ended");
    more_like(&place, first, MOST_A_DAY - MOST_WAITING - 2, 2000).await;
    come("the last of the day", now()).await.expect("came");
    assert_eq!(refused(come("too late", now()).await), Refusal::AreaCrowded);
    let tomorrow = now() + SignedDuration::from_hours(25);
    come("tomorrow", tomorrow).await.expect("came");
    assert_eq!(refused(come("too late", now()).await), Refusal::AreaCrowded);
    // Who had the link that was passed on has it no more, and others come by the new one.
    let renewed = store.renew_area_link(desk, OFFICE, now()).await;
    renewed.expect("another link");
    come("by the new link", now()).await.expect("came");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_wait_and_so_many_come_by_one_link_on_sqlite() {
    let folder = fresh_folder();
    let place = Place::Sqlite(folder.path().join("homeroom.sqlite"));
    so_many_wait_and_so_many_come_by_one_link(place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_wait_and_so_many_come_by_one_link_on_postgres() {
    so_many_wait_and_so_many_come_by_one_link(fresh_postgres().await).await;
}

#[tokio::test]
async fn what_had_ended_in_an_area_ends_in_the_backup_too() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("a database")
    };
    let store = open("a").await;
    let (ann, ben) = (provider(&store, "Ann").await, provider(&store, "Ben").await);
    let desk = area(&store, &[ann, ben]).await;
    let (khan, _) = come(&store, desk, "Mrs Khan", 0).await;
    come(&store, desk, "Mr Lee", 1).await;
    let (mo, _) = come(&store, desk, "Mo", 2).await;
    let (noa, _) = come(&store, desk, "Noa", 3).await;
    let words = Note::read("Please ring me.").expect("a note");
    store.leave_area(mo, &words, now()).await.expect("left");
    let taken = store.take_caller((ben, desk, khan), &NOBODY, now()).await;
    let (link, _) = taken.expect("taken");
    store
        .backup(&folder.path().join("copy"))
        .await
        .expect("copied");
    // All of that ends after the backup was made.
    let over = store
        .end_wait((ben, desk, khan), &Note::default(), now())
        .await;
    over.expect("ended");
    let aside = store.set_words_aside((ann, desk, mo), now()).await;
    aside.expect("set aside");
    let erased = store.erase_visit(noa, OFFICE, now()).await;
    erased.expect("erased");
    let changed = store.change_area(desk, &draft(&[ann]), OFFICE, now()).await;
    changed.expect("changed");

    let copy = open("copy").await;
    assert_eq!(listed(&copy, ben).await, ["Mrs Khan", "Mr Lee", "Noa"]);
    let last = store.last_standing().await.expect("read");
    copy.carry_over(&last, now()).await.expect("carried over");
    assert!(listed(&copy, ben).await.is_empty());
    assert_eq!(listed(&copy, ann).await, ["Mr Lee"]);
    assert!(copy.came_by("Noa").await.expect("read").is_empty());
    let wait = copy.wait_of(khan, now()).await.expect("read");
    assert_eq!(wait.expect("a caller").caller.visit.stage, Stage::Ended);
    assert!(copy.words_left(ann).await.expect("read").is_empty());
    let held = copy.link(link.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Withdrawn);
    let left = copy.area(desk).await.expect("it is there").providers;
    assert_eq!(left.iter().map(|it| it.0).collect::<Vec<_>>(), [ann]);
}
