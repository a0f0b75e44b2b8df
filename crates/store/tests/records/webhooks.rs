//! What programs of the school's are yet to be told (OPS-3).

use std::collections::BTreeSet;

use call::Parting;
use jiff::SignedDuration;
use school::Holder;
use serde_json::{Value, json};
use store::{Hook, Place, Store, Subscribers, Webhook, WebhookOutcome};

use crate::places::{OPTIONS, fresh_folder, on_both, run_beside};
use crate::world::{World, later, now};

on_both!(
    of_one_subject_the_first_is_due_and_of_each_subscriber_its_own,
    what_is_told_says_ids_and_no_more,
    no_more_waits_than_may_and_what_nobody_hears_of_is_not_kept,
    what_is_refused_gives_way_to_what_was_not_tried,
    two_who_claim_at_once_get_none_twice,
);

const ONE: &str = "one";
const TWO: &str = "two";

pub(crate) fn heard_by(store: Store, names: &[&str], hears: &[Hook]) -> Store {
    let names = names.iter().map(|it| (*it).to_owned()).collect();
    store.with_subscribers(Subscribers::new(names, hears.to_vec()))
}

const LEASE: SignedDuration = SignedDuration::from_mins(1);

async fn claimed(store: &Store, whom: &str, minutes: i64) -> Vec<Webhook> {
    let how = (100, LEASE);
    let claimed = store.claim_webhooks(whom, how, later(minutes)).await;
    claimed.expect("claimed")
}

fn body(it: &Webhook) -> Value {
    serde_json::from_str(&it.body).expect("JSON")
}

/// The types of what is claimed then.
async fn types(store: &Store, whom: &str, minutes: i64) -> Vec<String> {
    let claimed = claimed(store, whom, minutes).await;
    let types = claimed.iter().map(body);
    let types = types.map(|it| it["type"].as_str().map(str::to_owned));
    types.map(|it| it.expect("a type")).collect()
}

/// Writes down that so many are due to the first subscriber, each of a subject of its own.
async fn fill(store: &Store, many: u32) {
    let school = store.school_id();
    let fill = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many})
         INSERT INTO webhooks
           (school, id, subscriber, subject, message, body, queued_at, due_at, attempts)
         SELECT {school}, n, 'one', 'meeting:' || n, 'msg_' || n, '{{}}', 0, 0, 0 FROM numbers"
    );
    run_beside(store.place(), fill).await;
}

async fn of_one_subject_the_first_is_due_and_of_each_subscriber_its_own(store: Store) {
    let world = World::new(heard_by(store, &[ONE, TWO], Hook::ALL)).await;
    let store = &world.store;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    let maria = Holder::Parent(world.maria);
    let other = world.book(world.omar, world.cem, world.french, 1).await;
    let other = other.expect("booked").meeting;
    store.joined(maria, meeting, now()).await.expect("noted");
    let how = (Parting::Left, true);
    store
        .parted(maria, meeting, how, now())
        .await
        .expect("noted");
    store.call_ended(meeting, now()).await.expect("noted");
    let omar = Holder::Parent(world.omar);
    store.joined(omar, other, now()).await.expect("noted");
    let first = claimed(store, ONE, 0).await;
    assert_eq!(first.len(), 2);
    assert_eq!(types(store, ONE, 0).await, [""; 0], "it is being told");
    assert_eq!(types(store, TWO, 0).await, ["call.joined"; 2]);
    let settled = [
        (first[0].clone(), WebhookOutcome::Over),
        (first[1].clone(), WebhookOutcome::Again(later(5))),
    ];
    store.settle_webhooks(&settled).await.expect("settled");
    assert_eq!(types(store, ONE, 0).await, ["call.left"], "the other waits");
    // Whoever claimed this is gone.
    let second = claimed(store, ONE, 5).await;
    let found = second
        .iter()
        .map(|it| (body(it)["type"].clone(), it.attempts));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [(json!("call.left"), 0), (json!("call.joined"), 1)]
    );
    assert_eq!(types(store, TWO, 5).await, ["call.joined"; 2]);
    // What an id was before counts for nothing.
    let stale = Webhook {
        message: "msg_of_before".to_owned(),
        ..second[0].clone()
    };
    for outcome in [WebhookOutcome::Over, WebhookOutcome::Again(later(50))] {
        let settled = [(stale.clone(), outcome)];
        store.settle_webhooks(&settled).await.expect("settled");
    }
    assert_eq!(types(store, ONE, 7).await, ["call.left", "call.joined"]);
    let backlog = store.webhook_backlog(ONE).await.expect("read");
    assert_eq!(
        (backlog.number, backlog.oldest, backlog.refused),
        (3, Some(now()), Some(now()))
    );
    // Whoever is no subscriber any more leaves nothing behind.
    let alone = heard_by(store.clone(), &[ONE], Hook::ALL);
    assert_eq!(alone.forget_unsubscribed().await.expect("done"), 4);
    assert_eq!(store.webhook_backlog(TWO).await.expect("read").number, 0);
    assert_eq!(store.webhook_backlog(ONE).await.expect("read").number, 3);
}

async fn what_is_told_says_ids_and_no_more(store: Store) {
    let world = World::new(heard_by(store, &[ONE], Hook::ALL)).await;
    let store = &world.store;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked");
    let (who, at) = ("Paulo Santos", "paulo@guests.example");
    let invited = world.invite(world.maria, who, at, &[world.ana]).await;
    let invited = invited.expect("invited");
    let guest = Holder::Guest(invited.id);
    store
        .joined(guest, booked.meeting, now())
        .await
        .expect("noted");
    let how = (Parting::TurnedAway, false);
    store
        .parted(guest, booked.meeting, how, now())
        .await
        .expect("noted");
    let how = (Parting::Withdrawn, true);
    store
        .parted(guest, booked.meeting, how, now())
        .await
        .expect("noted");
    let mails = world.send_all().await;
    let mail = mails.first().expect("one").clone();
    let ids = [mail.message_id.clone()];
    for bounced in [None, Some("no such mailbox of paulo@guests.example")] {
        let reported = store.mail_reported((&ids, &[]), bounced, now()).await;
        assert!(reported.expect("said"));
    }
    let mut all = Vec::new();
    loop {
        let due = claimed(store, ONE, 0).await;
        if due.is_empty() {
            break;
        }
        let over = due.iter().map(|it| (it.clone(), WebhookOutcome::Over));
        let over: Vec<_> = over.collect();
        store.settle_webhooks(&over).await.expect("settled");
        all.extend(due.iter().map(body));
    }
    let find = |code: &str| {
        let mut of = all.iter().filter(|it| it["type"] == code);
        let one = of.next().unwrap_or_else(|| panic!("{code}: {all:?}"));
        assert!(of.next().is_none(), "{code} once");
        assert_eq!(one["timestamp"], now().to_string());
        one["data"].clone()
    };
    let (call, booking) = (booked.meeting.to_string(), booked.id.to_string());
    let id = invited.id.to_string();
    let evening = world.evening.to_string();
    assert_eq!(
        find("invitation.sent"),
        json!({"invitation": id, "evening": evening})
    );
    let joined = json!({"call": call, "kind": "appointment", "appointment": booking,
                        "participant": 3, "role": "guest"});
    assert_eq!(find("call.joined"), joined);
    let mut evicted = joined;
    evicted["why"] = json!("withdrawn");
    assert_eq!(find("call.evicted"), evicted, "and not who had no seat");
    let bounced = find("mail.bounced");
    assert_eq!(bounced["mail"], mail.id.to_string());
    assert_eq!(
        (&bounced["by"], &bounced["scope"]),
        (&json!("email"), &json!(evening))
    );
    let text = Value::from(all).to_string();
    for personal in ["Paulo", "Santos", "@", "mailbox", "example", "/j/"] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

async fn no_more_waits_than_may_and_what_nobody_hears_of_is_not_kept(store: Store) {
    let world = World::new(heard_by(store, &[ONE, TWO], &[Hook::Ended])).await;
    let store = &world.store;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    store
        .joined(Holder::Parent(world.maria), meeting, now())
        .await
        .expect("noted");
    assert_eq!(types(store, ONE, 0).await, [""; 0]);
    let waiting = async || store.webhook_backlog(ONE).await.expect("read").number;
    fill(store, 9_998).await;
    for _ in 0..3 {
        store.call_ended(meeting, now()).await.expect("noted");
    }
    assert_eq!(waiting().await, 10_000);
    assert_eq!(
        types(store, TWO, 0).await,
        ["call.ended"],
        "the other has room"
    );
    assert_eq!(store.subscribers().dropped(), 1);
    // It is seen soon that there is room again.
    let some = "DELETE FROM webhooks WHERE id <= 500".to_owned();
    run_beside(store.place(), some).await;
    for _ in 0..200 {
        store.call_ended(meeting, now()).await.expect("noted");
    }
    assert!((9_501..10_000).contains(&waiting().await));
}

/// However many are refused, each time they are tried: what comes after them comes in between.
async fn what_is_refused_gives_way_to_what_was_not_tried(store: Store) {
    let store = heard_by(store, &[ONE], Hook::ALL);
    fill(&store, 3).await;
    let one = async |minutes| {
        let claimed = store.claim_webhooks(ONE, (1, LEASE), later(minutes)).await;
        let [it] = &claimed.expect("claimed")[..] else {
            panic!("there is one");
        };
        let settled = [(it.clone(), WebhookOutcome::Again(later(minutes + 1)))];
        store.settle_webhooks(&settled).await.expect("settled");
        it.id
    };
    for minutes in [0, 10] {
        let tried = [
            one(minutes).await,
            one(minutes + 2).await,
            one(minutes + 4).await,
        ];
        assert_eq!(tried, [1, 2, 3]);
    }
}

/// As where two nodes both hold themselves to be the one who tells.
async fn two_who_claim_at_once_get_none_twice(store: Store) {
    let store = heard_by(store, &[ONE], Hook::ALL);
    fill(&store, 60).await;
    let claims = async || {
        let mut mine = Vec::new();
        loop {
            let claimed = store.claim_webhooks(ONE, (8, LEASE), later(0)).await;
            mine.extend(claimed.expect("claimed").into_iter().map(|it| it.id));
            // The other may have got all of those that were seen to be due.
            let left = store.claim_webhooks(ONE, (8, LEASE), later(0)).await;
            let left = left.expect("claimed");
            if left.is_empty() {
                return mine;
            }
            mine.extend(left.into_iter().map(|it| it.id));
        }
    };
    let (first, second) = tokio::join!(claims(), claims());
    let both: Vec<i64> = first.into_iter().chain(second).collect();
    let different: BTreeSet<i64> = both.iter().copied().collect();
    assert_eq!((both.len(), different.len()), (60, 60));
}

/// Receivers were told since, or it is of another day.
#[tokio::test]
async fn a_backup_that_is_restored_tells_nobody_of_what_waited_in_it() {
    let folder = fresh_folder();
    let place = |name: &str| Place::Sqlite(folder.path().join(name));
    let store = Store::open(&place("a"), OPTIONS).await.expect("open");
    let world = World::new(heard_by(store, &[ONE], Hook::ALL)).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let meeting = booked.expect("booked").meeting;
    world.store.call_ended(meeting, now()).await.expect("noted");
    let copy = folder.path().join("copy");
    world.store.backup(&copy).await.expect("copied");
    let last = world.store.last_standing().await.expect("read");
    let restored = Store::open(&place("copy"), OPTIONS).await.expect("open");
    let waiting = async || restored.webhook_backlog(ONE).await.expect("read").number;
    assert_eq!(waiting().await, 1);
    restored
        .carry_over(&last, later(10))
        .await
        .expect("carried");
    assert_eq!(waiting().await, 0);
}
