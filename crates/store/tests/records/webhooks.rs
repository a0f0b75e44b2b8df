//! What programs of the school's are yet to be told (OPS-3).

use call::Parting;
use school::Holder;
use serde_json::{Value, json};
use store::{Hook, Store, Subscribers, Webhook, WebhookOutcome};

use crate::places::{on_both, run_beside};
use crate::world::{World, later, now};

on_both!(
    of_one_subject_the_first_is_due_and_of_each_subscriber_its_own,
    what_is_told_says_ids_and_no_more,
    no_more_waits_than_may_and_what_nobody_hears_of_is_not_kept,
);

const ONE: &str = "one";
const TWO: &str = "two";

fn heard_by(store: Store, names: &[&str], hears: &[Hook]) -> Store {
    let names = names.iter().map(|it| (*it).to_owned()).collect();
    store.with_subscribers(Subscribers::new(names, hears.to_vec()))
}

async fn due(store: &Store, whom: &str, minutes: i64) -> Vec<Webhook> {
    let due = store.due_webhooks(whom, 100, later(minutes)).await;
    due.expect("read")
}

fn body(it: &Webhook) -> Value {
    serde_json::from_str(&it.body).expect("JSON")
}

async fn types(store: &Store, whom: &str, minutes: i64) -> Vec<String> {
    let due = due(store, whom, minutes).await;
    let types = due.iter().map(body);
    let types = types.map(|it| it["type"].as_str().map(str::to_owned));
    types.map(|it| it.expect("a type")).collect()
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
    for whom in [ONE, TWO] {
        assert_eq!(types(store, whom, 0).await, ["call.joined"; 2], "{whom}");
    }
    let first = due(store, ONE, 0).await;
    let settled = [
        (first[0].clone(), WebhookOutcome::Over),
        (first[1].clone(), WebhookOutcome::Again(later(5))),
    ];
    store.settle_webhooks(&settled).await.expect("settled");
    assert_eq!(types(store, ONE, 0).await, ["call.left"], "the other waits");
    assert_eq!(types(store, ONE, 5).await, ["call.left", "call.joined"]);
    assert_eq!(due(store, ONE, 5).await[1].attempts, 1);
    assert_eq!(types(store, TWO, 5).await, ["call.joined"; 2]);
    // What an id was before counts for nothing.
    let stale = Webhook {
        message: "msg_of_before".to_owned(),
        ..due(store, ONE, 0).await[0].clone()
    };
    for outcome in [WebhookOutcome::Over, WebhookOutcome::Again(later(50))] {
        let settled = [(stale.clone(), outcome)];
        store.settle_webhooks(&settled).await.expect("settled");
    }
    assert_eq!(types(store, ONE, 0).await, ["call.left"]);
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
        let due = due(store, ONE, 0).await;
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
    assert_eq!(types(store, ONE, 0).await, Vec::<String>::new());
    let school = store.school_id();
    let fill = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
         INSERT INTO webhooks
           (school, id, subscriber, subject, message, body, queued_at, due_at, attempts)
         SELECT {school}, n, 'one', 'meeting:' || n, 'msg_' || n, '{{}}', 0, 0, 0 FROM numbers"
    );
    run_beside(store.place(), fill).await;
    store.call_ended(meeting, now()).await.expect("noted");
    assert_eq!(
        store.webhook_backlog(ONE).await.expect("read").number,
        10_000
    );
    assert_eq!(
        types(store, TWO, 0).await,
        ["call.ended"],
        "the other has room"
    );
    assert_eq!(store.subscribers().dropped(), 1);
}
