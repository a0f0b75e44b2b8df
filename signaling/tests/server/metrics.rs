//! `/metrics`: who may read it, what it counts, and that what is made of it finds it there.

use std::collections::BTreeSet;

use sfu::Standing;
use signaling::private::Private;
use wire::close::Close;

use crate::support::request::{raw, request};
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
        home.media.set_standing(Standing {
            left_behind: 1,
            ..Standing::default()
        });
        assert!(figures(&home).await.contains("homeroom_calls 0"));
        // A proxy on this machine speaks for somebody elsewhere.
        let read = async |shown: Option<&str>| {
            let mut headers = vec![("X-Forwarded-For", "192.0.2.1")];
            headers.extend(shown.map(|it| ("Authorization", it)));
            let answer = request(home.address, "GET", "/metrics", &headers, "").await;
            assert_eq!(answer.body.contains("homeroom_calls"), answer.status == 200);
            // Who may not read figures reads of each part how it is, and no more.
            let ready = request(home.address, "GET", "/readyz", &headers, "").await;
            assert_eq!(ready.status, 200);
            let said = if answer.status == 200 {
                "\nmedia: doubtful: A worker that stood still"
            } else {
                "\nmedia: doubtful\n"
            };
            assert!(ready.body.contains(said), "{}", ready.body);
            answer.status
        };
        let right = format!("Bearer {TOKEN}");
        assert_eq!(
            read(Some(&right)).await,
            if is_readable { 200 } else { 404 }
        );
        // One that does not say for whom it speaks is known by the name at which it was asked.
        let by_name = async |name: &str| {
            let asked = |path: &str| {
                format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n")
            };
            let answer = raw(home.address, asked("/metrics").as_bytes()).await;
            let status = answer.split(' ').nth(1).map(str::to_owned);
            let ready = raw(home.address, asked("/readyz").as_bytes()).await;
            let is_said = ready.contains("A worker that stood still");
            assert_eq!(is_said, status.as_deref() == Some("200"), "{ready}");
            status
        };
        assert_eq!(
            by_name("calls.school.example").await.as_deref(),
            Some("404")
        );
        assert_eq!(by_name("localhost:8080").await.as_deref(), Some("200"));
        assert_eq!(by_name("[::1]").await.as_deref(), Some("200"));
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
        asked.extend(names(text));
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

/// The words of a text that are names of figures.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    words.filter(|it| it.starts_with("homeroom_")).collect()
}

#[tokio::test]
async fn every_figure_is_told_of_by_its_name() {
    let rows = include_str!("../../../docs/operations.md").lines();
    let rows: Vec<&str> = rows.filter(|it| it.starts_with("| `homeroom_")).collect();
    let told = rows.join("\n");
    let told = names(&told);
    // Some are there only where there are several nodes, or receivers of webhooks: all of them stand here.
    let written = [
        include_str!("../../src/metrics.rs"),
        include_str!("../../../crates/live/src/counts.rs"),
    ];
    let written: BTreeSet<&str> = written.iter().flat_map(|it| names(it)).collect();
    assert!(written.len() > 30, "{written:?}");
    let bare = told
        .iter()
        .map(|name| name.strip_suffix("_total").unwrap_or(*name));
    assert_eq!(bare.collect::<BTreeSet<_>>(), written);
    let home = Home::open(&settings()).await;
    for line in figures(&home).await.lines() {
        let Some(name) = line
            .strip_prefix("# TYPE ")
            .and_then(|it| it.split(' ').next())
        else {
            continue;
        };
        assert!(told.contains(name), "{name} is not told of");
    }
}
