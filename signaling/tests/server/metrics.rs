//! `/metrics`: who may read it, what it counts, and that what is made of it finds it there.

use std::collections::BTreeSet;

use signaling::private::Private;
use wire::close::Close;

use crate::support::request::request;
use crate::support::{Home, settings};

const TOKEN: &str = "a-token-of-twenty-four-letters";

/// The figures, as a program on this machine reads them.
async fn figures(home: &Home) -> String {
    let answer = request(home.address, "GET", "/metrics", &[], "").await;
    assert_eq!(answer.status, 200);
    answer.body
}

/// The value of a figure by its whole name with labels; none where it does not stand there.
async fn figure(home: &Home, name: &str) -> Option<u64> {
    let all = figures(home).await;
    let found = all
        .lines()
        .find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
    found.map(|it| it.parse().expect("a whole number"))
}

#[tokio::test]
async fn programs_elsewhere_read_them_by_the_token_alone() {
    let mut with_token = settings();
    with_token.metrics.token = Some(Private::new(TOKEN.to_owned()));
    for (settings, is_readable) in [(settings(), false), (with_token, true)] {
        let home = Home::open(&settings).await;
        assert!(figures(&home).await.contains("homeroom_calls 0"));
        // A proxy on this machine speaks for somebody elsewhere.
        let read = async |shown: Option<&str>| {
            let mut headers = vec![("X-Forwarded-For", "192.0.2.1")];
            headers.extend(shown.map(|it| ("Authorization", it)));
            let answer = request(home.address, "GET", "/metrics", &headers, "").await;
            assert_eq!(answer.body.contains("homeroom_calls"), answer.status == 200);
            answer.status
        };
        let right = format!("Bearer {TOKEN}");
        assert_eq!(
            read(Some(&right)).await,
            if is_readable { 200 } else { 404 }
        );
        let longer = format!("{right}s");
        for wrong in [
            None,
            Some(""),
            Some("Bearer "),
            Some(TOKEN),
            Some(&*right.to_lowercase()),
            Some(&*longer),
        ] {
            assert_eq!(read(wrong).await, 404, "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn what_happens_in_calls_is_counted() {
    let home = Home::open(&settings()).await;
    let _four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    for (name, value) in [
        ("homeroom_calls", 1),
        ("homeroom_seats_taken", 4),
        ("homeroom_people_waiting", 1),
        ("homeroom_people_on_hold", 0),
        ("homeroom_seats_given_total", 4),
        ("homeroom_join_seconds_count", 4),
        ("homeroom_queue_seconds_count", 0),
        ("homeroom_media_packets_lost_total", 0),
        ("homeroom_media_readers_estimated", 0),
        ("homeroom_outbox_waiting{by=\"email\"}", 0),
    ] {
        assert_eq!(figure(&home, name).await, Some(value), "{name}");
    }
    let wrong = request(home.address, "POST", "/api/v1/session", &[], "?").await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let refusals = "homeroom_http_refusals_total{code=\"bad_request\"}";
    assert_eq!(figure(&home, refusals).await, Some(1));
    let mut newer = home.join(5).await;
    newer.queued().await;
    fifth.closed(Close::Replaced).await;
    let replaced = "homeroom_sessions_over_total{why=\"replaced\"}";
    assert_eq!(figure(&home, replaced).await, Some(1));
    let missing = "homeroom_http_answers_total{status=\"4xx\"}";
    let before = figure(&home, missing).await.unwrap_or_default();
    let answer = request(home.address, "GET", "/nothing/here", &[], "").await;
    assert_eq!(answer.status, 404);
    assert_eq!(figure(&home, missing).await, Some(before + 1));
}

#[tokio::test]
async fn alerts_and_the_dashboard_ask_for_figures_that_are_there() {
    let home = Home::open(&settings()).await;
    let mut older = home.join(1).await;
    older.joined().await;
    let mut newer = home.join(1).await;
    newer.joined().await;
    older.closed(Close::Replaced).await;
    let all = figures(&home).await;
    let mut asked = BTreeSet::new();
    for text in [
        include_str!("../../../config/prometheus/homeroom.rules.yml"),
        include_str!("../../../config/grafana/homeroom.json"),
    ] {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        asked.extend(words.filter(|it| it.starts_with("homeroom_")));
    }
    assert!(asked.len() > 10, "{asked:?}");
    // Here there is no certificate.
    asked.remove("homeroom_certificate_ends_seconds");
    for name in asked {
        let is_there = |line: &str| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '{']))
        };
        assert!(all.lines().any(is_there), "{name}");
    }
}
