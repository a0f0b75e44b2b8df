//! Webhooks (OPS-3): receivers of the school's, which answer as they are told to.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signaling::private::Private;
use signaling::settings::Settings;
use store::Actor;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use wire::close::Close;
use wire::message::ClientMessage;

use crate::support::request::get;
use crate::support::{Home, PATIENCE, a_moment, seeded, settings};

const SECRET: [u8; 32] = [7; 32];

/// What a receiver does with what it is sent.
#[derive(Clone, Debug)]
enum Does {
    Take,
    Answer(u16),
    /// Refuses those of this type, and takes the others.
    Refuse(&'static str),
    Redirect(String),
    Hang,
}

/// What it was sent.
#[derive(Clone, Debug)]
struct Heard {
    id: String,
    body: Value,
    is_taken: bool,
}

struct Plan {
    does: Does,
    heard: Vec<Heard>,
}

type Shared = Arc<Mutex<Plan>>;

struct Receiver {
    address: SocketAddr,
    plan: Shared,
    serving: Option<AbortHandle>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.go_away();
    }
}

/// Whoever sends this knows the secret, and means this body at this time.
fn check_signature(headers: &HeaderMap, body: &str) -> String {
    let text = |name: &str| headers[name].to_str().expect("text").to_owned();
    let (id, at) = (text("webhook-id"), text("webhook-timestamp"));
    let seconds: i64 = at.parse().expect("seconds");
    assert!((ambient::now().as_second() - seconds).abs() < 60, "{at}");
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).expect("any length");
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    let signature = data_encoding::BASE64.encode(&mac.finalize().into_bytes());
    assert_eq!(text("webhook-signature"), format!("v1,{signature}"));
    assert_eq!(text("content-type"), "application/json");
    id
}

async fn hear(State(plan): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let id = check_signature(&headers, &body);
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let does = {
        let mut plan = plan.lock().expect("whole");
        let does = match plan.does.clone() {
            Does::Refuse(what) if body.get("type").is_some_and(|it| it == what) => {
                Does::Answer(410)
            }
            Does::Refuse(_) => Does::Take,
            other => other,
        };
        let is_taken = matches!(does, Does::Take);
        plan.heard.push(Heard { id, body, is_taken });
        does
    };
    match does {
        Does::Take => StatusCode::NO_CONTENT.into_response(),
        Does::Answer(code) => StatusCode::from_u16(code)
            .expect("a status")
            .into_response(),
        Does::Redirect(to) => Redirect::temporary(&to).into_response(),
        Does::Refuse(_) => unreachable!("it is one of the others"),
        Does::Hang => std::future::pending().await,
    }
}

impl Receiver {
    fn open(does: Does) -> Self {
        let heard = Vec::new();
        let mut receiver = Self {
            address: "127.0.0.1:0".parse().expect("an address"),
            plan: Arc::new(Mutex::new(Plan { does, heard })),
            serving: None,
        };
        receiver.come_back();
        receiver
    }

    fn come_back(&mut self) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("it may");
        socket.bind(self.address).expect("its port is free");
        let listener: TcpListener = socket.listen(64).expect("it listens");
        self.address = listener.local_addr().expect("bound");
        let router = Router::new()
            .route("/hook", post(hear))
            .with_state(Arc::clone(&self.plan));
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        self.serving = Some(serving.abort_handle());
    }

    fn go_away(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
        }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    fn does(&self, does: Does) {
        self.plan.lock().expect("whole").does = does;
    }

    fn heard(&self) -> Vec<Heard> {
        self.plan.lock().expect("whole").heard.clone()
    }

    /// The types of what it took, in their order.
    fn taken(&self) -> Vec<Value> {
        let heard = self.heard().into_iter().filter(|it| it.is_taken);
        heard.map(|it| it.body).collect()
    }

    /// Waits until it is so.
    async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let waits = async {
            while !is_so(self) {
                a_moment().await;
            }
        };
        let heard = || self.heard();
        let so = timeout(PATIENCE, waits).await;
        so.unwrap_or_else(|_late| panic!("{what}: {:?}", heard()));
    }

    /// Waits until it is asked once more, which is to be soon.
    async fn is_asked_again(&self, home: &Home) {
        let before = self.heard().len();
        self.is_asked_until(home, |it| it.heard().len() > before)
            .await;
    }

    /// Is asked without a pause until it is so.
    async fn is_asked_until(&self, home: &Home, is_so: impl Fn(&Self) -> bool) {
        let waits = async {
            while !is_so(self) {
                home.change_records("UPDATE webhooks SET due_at = 0").await;
            }
        };
        timeout(PATIENCE, waits).await.expect("it is asked again");
    }
}

/// Settings with these receivers, who hear of calls; the file of the secret lives as long as the folder.
fn told(receivers: &[&Receiver]) -> (TempDir, Settings) {
    let folder = seeded::folder();
    let file = folder.path().join("webhooks");
    let secret = data_encoding::BASE64.encode(&SECRET);
    std::fs::write(&file, format!("whsec_{secret}\n")).expect("room");
    let mut settings = settings();
    let urls = receivers.iter().map(|it| Private::new(it.url()));
    settings.webhooks.urls = urls.collect();
    settings.webhooks.secret_file = Some(file);
    (folder, settings)
}

/// Only of calls.
fn of_calls(settings: &mut Settings) {
    settings
        .webhooks
        .events
        .retain(|it| it.code().starts_with("call."));
}

fn types(bodies: &[Value]) -> Vec<String> {
    let types = bodies.iter().map(|it| it["type"].as_str().expect("a type"));
    types.map(str::to_owned).collect()
}

/// What it stands at by the metrics.
async fn figure(home: &Home, name: &str) -> Option<u64> {
    let metrics = get(home.address, "/metrics").await.body;
    let mut lines = metrics.lines();
    let found = lines.find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
    found.map(|it| it.parse().expect("a whole number"))
}

#[expect(
    clippy::too_many_lines,
    reason = "a story tells its steps one after the other"
)]
#[tokio::test]
async fn what_happens_is_told_in_its_order_signed_and_names_nobody() {
    let receiver = Receiver::open(Does::Take);
    let (_folder, settings) = told(&[&receiver]);
    let home = Home::open(&settings).await;
    let mut parent = home.join(4).await;
    parent.joined().await;
    let mut older = home.join(1).await;
    older.joined().await;
    let mut newer = home.join(1).await;
    newer.joined().await;
    older.closed(Close::Replaced).await;
    parent.say(&ClientMessage::Leave {}).await;
    parent.closed(Close::Left).await;
    newer.say(&ClientMessage::Leave {}).await;
    newer.closed(Close::Left).await;
    receiver.until("the end", |it| it.taken().len() >= 8).await;
    let all = receiver.taken();
    let (invited, calls): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|it| it["type"] == "invitation.sent");
    assert_eq!(invited.len(), 1, "{invited:?}");
    assert_eq!(
        invited[0]["data"]["invitation"],
        home.invitation.to_string()
    );
    let call = home.call.to_string();
    let appointment = calls[0]["data"]["appointment"].clone();
    assert!(
        appointment
            .as_str()
            .is_some_and(|it| it.parse::<u64>().is_ok())
    );
    let of = |it: &Value, more: Value| {
        let mut data = json!({"call": call, "kind": "appointment", "appointment": appointment});
        for (name, value) in more.as_object().expect("members") {
            data[name] = value.clone();
        }
        assert_eq!(it["data"], data, "nothing more is told");
    };
    let parent = json!({"participant": 4, "role": "parent"});
    let teacher = json!({"participant": 1, "role": "teacher"});
    let why = |mut who: Value, why: &str| {
        who["why"] = json!(why);
        who
    };
    // Of a takeover the two are one moment.
    let both = types(&calls[2..4]).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(
        both.into_iter().collect::<Vec<_>>(),
        ["call.evicted", "call.joined"]
    );
    for it in &calls[2..4] {
        if it["type"] == "call.evicted" {
            of(it, why(teacher.clone(), "replaced"));
        } else {
            of(it, teacher.clone());
        }
    }
    let others = [&calls[..2], &calls[4..]].concat();
    assert_eq!(
        types(&others),
        [
            "call.joined",
            "call.joined",
            "call.left",
            "call.left",
            "call.ended"
        ]
    );
    of(&others[0], parent.clone());
    of(&others[1], teacher.clone());
    of(&others[2], why(parent, "left"));
    of(&others[3], why(teacher, "left"));
    of(&others[4], json!({}));
    for it in &calls {
        let at: jiff::Timestamp = it["timestamp"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a time");
        assert!(ambient::now().duration_since(at).as_secs().abs() < 60);
    }
    let ids: BTreeSet<String> = receiver.heard().into_iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), receiver.heard().len(), "each has its own");
    // Deleted once its answer is known.
    let waiting = "homeroom_webhooks_waiting{receiver=\"1\"}";
    let waits = async { while figure(&home, waiting).await != Some(0) {} };
    timeout(PATIENCE, waits).await.expect("nothing waits");
    let told = "homeroom_webhooks_told_total{receiver=\"1\"}";
    assert_eq!(figure(&home, told).await, Some(8));
}

#[tokio::test]
async fn a_receiver_that_refuses_hangs_and_is_away_hears_all_in_order_and_delays_no_other() {
    let other = Receiver::open(Does::Take);
    let mut receiver = Receiver::open(Does::Answer(500));
    let (_folder, mut settings) = told(&[&receiver, &other]);
    of_calls(&mut settings);
    let home = Home::open(&settings).await;
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    receiver
        .until("it is asked", |it| !it.heard().is_empty())
        .await;
    teacher.say(&ClientMessage::Leave {}).await;
    teacher.closed(Close::Left).await;
    let story = ["call.joined", "call.left", "call.ended"];
    other.until("all of it", |it| it.taken().len() == 3).await;
    assert_eq!(types(&other.taken()), story);
    receiver.does(Does::Redirect(other.url()));
    receiver.is_asked_again(&home).await;
    receiver.does(Does::Hang);
    receiver.is_asked_again(&home).await;
    receiver.does(Does::Answer(410));
    receiver.is_asked_again(&home).await;
    receiver.go_away();
    assert_eq!(
        figure(&home, "homeroom_webhooks_waiting{receiver=\"1\"}").await,
        Some(3)
    );
    let first = receiver.heard();
    let tried: BTreeSet<&str> = first.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(tried.len(), 1, "what is later waits: {first:?}");
    assert!(first.iter().all(|it| it.body == first[0].body));
    // The records have it, whatever becomes of the program.
    receiver.does(Does::Take);
    let home = home.begin_again(&settings).await;
    receiver.come_back();
    receiver
        .is_asked_until(&home, |it| it.taken().len() == 3)
        .await;
    assert_eq!(types(&receiver.taken()), story);
    assert_eq!(
        receiver.heard()[first.len()].id,
        first[0].id,
        "the same by name"
    );
    assert_eq!(other.taken().len(), 3, "no redirect was followed");
    home.server.stop().await;
}

#[tokio::test]
async fn it_is_said_after_an_hour_and_given_up_after_a_day() {
    let receiver = Receiver::open(Does::Answer(503));
    let (_folder, mut settings) = told(&[&receiver]);
    of_calls(&mut settings);
    let home = Home::open(&settings).await;
    let ready = async || get(home.address, "/readyz").await.body;
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    receiver
        .until("it is asked", |it| !it.heard().is_empty())
        .await;
    assert!(ready().await.contains("webhook_receivers: well"));
    home.change_records("CREATE TABLE kept AS SELECT * FROM webhooks")
        .await;
    home.change_records("UPDATE webhooks SET queued_at = queued_at - 3660000, due_at = 0")
        .await;
    let said = "webhook_receivers: doubtful: What receiver 1 of webhooks.urls is to be told has waited for more \
                than an hour: it answers 503.";
    let waits = async { while !ready().await.contains(said) {} };
    timeout(PATIENCE, waits).await.expect("it is said");
    home.change_records("UPDATE webhooks SET queued_at = queued_at - 86400000, due_at = 0")
        .await;
    let waits = async { while !ready().await.contains("webhook_receivers: well") {} };
    timeout(PATIENCE, waits).await.expect("it is over");
    assert_eq!(
        figure(&home, "homeroom_webhooks_given_up_total{receiver=\"1\"}").await,
        Some(1)
    );
    receiver.does(Does::Take);
    teacher.say(&ClientMessage::Leave {}).await;
    teacher.closed(Close::Left).await;
    receiver
        .until("what came after it", |it| it.taken().len() == 2)
        .await;
    assert_eq!(types(&receiver.taken()), ["call.left", "call.ended"]);
    // Nor is it told where nobody could try before it was a day old.
    home.change_records(
        "INSERT INTO webhooks
           (school, id, subscriber, subject, message, body, queued_at, due_at, attempts)
         SELECT school, id, subscriber, subject, message, body, queued_at - 86400000, 0, 0 FROM kept",
    )
    .await;
    let given_up = "homeroom_webhooks_given_up_total{receiver=\"1\"}";
    let waits = async { while figure(&home, given_up).await != Some(2) {} };
    timeout(PATIENCE, waits).await.expect("it is given up");
    assert_eq!(receiver.taken().len(), 2);
}

/// OPS-3: what a receiver does not take is between it and that one event.
#[tokio::test]
async fn a_receiver_that_refuses_some_is_told_the_others() {
    let receiver = Receiver::open(Does::Refuse("invitation.sent"));
    let (_folder, settings) = told(&[&receiver]);
    let home = Home::open(&settings).await;
    receiver
        .until("it is asked", |it| !it.heard().is_empty())
        .await;
    home.change_records(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
         INSERT INTO webhooks
           (school, id, subscriber, subject, message, body, queued_at, due_at, attempts)
         SELECT school, id + n, subscriber, 'invitation:' || n, 'msg_' || n, body, queued_at, 0, 0
         FROM webhooks, numbers",
    )
    .await;
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    receiver
        .until("it is told the other", |it| it.taken().len() == 1)
        .await;
    assert_eq!(types(&receiver.taken()), ["call.joined"]);
}

/// How long the records are away in a story: longer than until it is tried again to write.
const AWAY: Duration = Duration::from_secs(4);

#[tokio::test]
async fn what_was_told_is_not_told_again_before_that_is_written_down() {
    let receiver = Receiver::open(Does::Take);
    let (_folder, mut settings) = told(&[&receiver]);
    of_calls(&mut settings);
    let home = Home::open(&settings).await;
    home.change_records(
        "CREATE TRIGGER away BEFORE DELETE ON webhooks BEGIN SELECT RAISE(ABORT, 'away'); END",
    )
    .await;
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    receiver
        .until("it is told", |it| it.taken().len() == 1)
        .await;
    let until = Instant::now() + AWAY;
    while Instant::now() < until {
        home.change_records("UPDATE webhooks SET due_at = 0").await;
        assert_eq!(receiver.heard().len(), 1);
    }
    home.change_records("DROP TRIGGER away").await;
    let waiting = "homeroom_webhooks_waiting{receiver=\"1\"}";
    let waits = async { while figure(&home, waiting).await != Some(0) {} };
    timeout(PATIENCE, waits).await.expect("it is written down");
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn a_parting_is_told_once_where_it_cannot_be_read_who_hears_of_it() {
    let receiver = Receiver::open(Does::Take);
    let (_folder, mut settings) = told(&[&receiver]);
    of_calls(&mut settings);
    let home = Home::open(&settings).await;
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    receiver
        .until("it is told", |it| it.taken().len() == 1)
        .await;
    home.change_records("ALTER TABLE areas RENAME TO away")
        .await;
    teacher.say(&ClientMessage::Leave {}).await;
    teacher.closed(Close::Left).await;
    receiver
        .until("all of it", |it| it.taken().len() == 3)
        .await;
    let story = ["call.joined", "call.left", "call.ended"];
    assert_eq!(types(&receiver.taken()), story);
}

/// What waits for a receiver, by what it is called in the records.
async fn waiting_for(home: &Home, receiver: &Receiver) -> u32 {
    let digest = Sha256::digest(receiver.url().as_bytes());
    let name = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    let backlog = home.store.webhook_backlog(&name.collect::<String>()).await;
    backlog.expect("read").number
}

#[tokio::test]
async fn what_waits_for_receivers_that_are_taken_out_is_forgotten() {
    let stays = Receiver::open(Does::Answer(503));
    let goes = Receiver::open(Does::Answer(503));
    let (_folder, settings) = told(&[&stays, &goes]);
    let home = Home::open(&settings).await;
    for it in [&stays, &goes] {
        it.until("it is asked", |it| !it.heard().is_empty()).await;
        assert_eq!(waiting_for(&home, it).await, 1);
    }
    let (_folder, fewer) = told(&[&stays]);
    let home = home.begin_again(&fewer).await;
    let waits = async { while waiting_for(&home, &goes).await > 0 {} };
    timeout(PATIENCE, waits).await.expect("it is forgotten");
    assert_eq!(waiting_for(&home, &stays).await, 1);
    // Also where there are none any more.
    let home = home.begin_again(&crate::support::settings()).await;
    let waits = async { while waiting_for(&home, &stays).await > 0 {} };
    timeout(PATIENCE, waits).await.expect("it is forgotten");
}

/// As where a node dies: whoever has the call next finds that somebody may not be in it any more.
#[tokio::test]
async fn whoever_loses_their_seat_while_nobody_owns_the_call_is_told_of() {
    let receiver = Receiver::open(Does::Take);
    let (_folder, mut settings) = told(&[&receiver]);
    of_calls(&mut settings);
    let home = Home::open(&settings).await;
    let [mut guest, mut parent] = [home.join(5).await, home.join(4).await];
    guest.joined().await;
    parent.joined().await;
    receiver.until("both", |it| it.taken().len() == 2).await;
    // Committed, and the program ends before anybody hears of it.
    let (removed, by) = (home.invitation, Actor::Program);
    let now = ambient::now();
    let done = home.store.remove_invitation(removed, by, now).await;
    done.expect("it is removed");
    let home = home.begin_again(&settings).await;
    receiver
        .until("the guest", |it| it.taken().len() == 3)
        .await;
    home.change_records(
        "INSERT INTO stopped_calls (school, id, meeting, attempt, stopped_by, stopped_at, note, shuts)
         SELECT school, id, meeting, '', parent, start_at, '', 1 FROM bookings",
    )
    .await;
    let home = home.begin_again(&settings).await;
    receiver.until("the end", |it| it.taken().len() == 5).await;
    let told = receiver.taken().into_iter().skip(2).map(|it| {
        let data = &it["data"];
        json!([it["type"], data["participant"], data["role"], data["why"]])
    });
    let told: Vec<_> = told.collect();
    let expected = [
        json!(["call.evicted", 5, "guest", "withdrawn"]),
        json!(["call.evicted", 4, "parent", "stopped"]),
        json!(["call.ended", null, null, null]),
    ];
    assert_eq!(told, expected);
    home.server.stop().await;
}
