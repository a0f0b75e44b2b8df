//! The database is taken away and given back while people talk.
#![expect(
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a story told in order; a field that is missing from an answer is a failure"
)]

use serde_json::{Value, json};
use store::Place;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::close::Close;

use crate::support::PATIENCE;
use crate::support::client::Client;
use crate::support::request::Answer;
use crate::support::school::{Evening, Key, School, attempt, press};
use crate::weak_line::WeakLine;

/// The URL of a schema of its own in the PostgreSQL of the tests.
pub(crate) async fn schema() -> String {
    let url = std::env::var_os("HOMEROOM_TEST_POSTGRES")
        .and_then(|it| it.into_string().ok())
        .expect(
            "HOMEROOM_TEST_POSTGRES is the URL of a PostgreSQL for tests: scripts/test sets it",
        );
    let name = format!("server_{:x}", ambient::random::<u64>());
    let pool = sqlx::PgPool::connect(&url).await.expect("it answers");
    let make = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::raw_sql(make).execute(&pool).await.expect("a schema");
    pool.close().await;
    format!("{url}&options[search_path]={name}")
}

/// Such a schema over a line that can be frozen.
async fn weak_line() -> (WeakLine, String) {
    let line = WeakLine::to(&Place::Postgres(schema().await)).await;
    let Place::Postgres(url) = line.place() else {
        panic!("it is PostgreSQL's");
    };
    (line, url)
}

fn is_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.header("retry-after").is_some());
    let problem: Value = answer.json();
    assert_eq!(problem["code"], "unavailable");
    let title = problem["title"].as_str().expect("a sentence");
    assert!(title.contains("records cannot be used"), "{title}");
}

async fn socket(it: &Evening) -> Client {
    let headers = [("sec-websocket-protocol", wire::SUBPROTOCOL)];
    Client::try_open(it.school.address, &headers)
        .await
        .expect("it is let in")
}

async fn ticket(it: &Evening, key: &Key) -> String {
    let granted = it.school.granted(key, "/tickets", press()).await;
    granted["ticket"].as_str().expect("a ticket").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_or_is_gone_is_said_and_nobody_in_a_call_hears_of_it() {
    let (line, url) = weak_line().await;
    let it = Evening::of(School::open_on(url).await).await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.maths, &starts[0], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let mut talking = it.school.join(&it.maria).await;
    talking.joined().await;
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;

    for is_frozen in [true, false] {
        let late = ticket(&it, &teacher).await;
        if is_frozen {
            line.freeze();
        } else {
            line.cut();
        }
        let mut waiting = socket(&it).await;
        waiting.join(&late, "an offer").await;
        let mut asked = JoinSet::new();
        let requests = [
            ("/slots", json!({})),
            ("/tickets", json!({"attempt": attempt()})),
            ("", json!({})),
        ];
        let key = it.omar.clone();
        for (path, body) in requests {
            let mut body = body.clone();
            body["secret"] = json!(key.secret);
            let path = format!("/api/v1/links/{}{path}", key.id);
            let address = it.school.address;
            asked.spawn(async move {
                crate::support::request::post_json(address, &path, &body.to_string()).await
            });
        }
        is_unavailable(&it.school.ask("GET", "/teachers", &Value::Null).await);
        let answered = async {
            while let Some(answer) = asked.join_next().await {
                is_unavailable(&answer.expect("no panic"));
            }
        };
        timeout(PATIENCE, answered).await.expect("all are answered");
        // A wrong secret costs the records nothing, and is answered as ever.
        let wrong = Key {
            secret: it.omar.secret.clone(),
            ..it.maria.clone()
        };
        let refused = it.school.by(&wrong, "", json!({})).await;
        assert_eq!(refused.status, 404, "{}", refused.body);
        // Who was on the way in hears a word for it, and the link is free.
        assert_eq!(waiting.closed(Close::Unavailable).await, None);
        talking.settled().await;
        line.thaw();

        let view = it.school.granted(&teacher, "", json!({})).await;
        assert_eq!(view["in_use"], false);
        let mut client = it.school.join(&teacher).await;
        client.joined().await;
        client.say(&wire::message::ClientMessage::Leave {}).await;
        client.closed(Close::Left).await;
        talking.settled().await;
    }
    // The teacher came late, and the talk is given that back: the time behind it is not free yet.
    let booked = it
        .book(&it.omar, &it.cem, &it.maths, &starts[2], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
}
