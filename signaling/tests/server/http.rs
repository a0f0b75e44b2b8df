//! The requests around a link, the pages, and what every answer carries.

use std::time::Duration;

use futures_util::future::join_all;
use sfu::Standing;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Error;
use wire::SOCKET_PATH;
use wire::close::Close;
use wire::http::{LinkRequest, LinkView, Problem, ProblemCode, TicketGranted, TicketRequest};
use wire::message::Role;

use crate::support::client::Client;
use crate::support::request::{Answer, get, post_json, request};
use crate::support::{Home, PATIENCE, TITLE, settings};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn secret_of(home: &Home, participant: u32) -> LinkRequest {
    LinkRequest {
        time_zone: None,
        language: None,
        secret: home.door(participant).secret.clone(),
    }
}

async fn view(home: &Home, participant: u32) -> LinkView {
    let path = format!("/api/v1/links/{}", home.door(participant).id);
    let answer = home.post(&path, &secret_of(home, participant)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Asks for a ticket by a page that shows these ground rules.
async fn press(home: &Home, participant: u32, shown: Option<u32>, prepares: bool) -> Answer {
    let door = home.door(participant);
    let request = TicketRequest {
        secret: door.secret.clone(),
        attempt: format!("{:032x}", ambient::random::<u128>()),
        meeting: None,
        accepts_rules: shown,
        prepares,
    };
    home.post(&format!("/api/v1/links/{}/tickets", door.id), &request)
        .await
}

#[tokio::test]
async fn nobody_is_given_a_ticket_before_they_accepted_the_ground_rules_of_today() {
    let home = Home::open(&settings()).await;
    for participant in 1..=5 {
        let rules = view(&home, participant).await.rules.expect("to be read");
        for shown in [None, Some(rules - 1), Some(rules + 1)] {
            let answer = press(&home, participant, shown, false).await;
            let code = answer.json::<Problem>().code;
            assert_eq!((answer.status, code), (409, ProblemCode::RulesNotAccepted));
        }
        assert_eq!(view(&home, participant).await.rules, Some(rules), "still");
        assert_eq!(
            press(&home, participant, Some(rules), false).await.status,
            200
        );
        assert_eq!(view(&home, participant).await.rules, None);
        assert_eq!(press(&home, participant, None, false).await.status, 200);
    }
}

#[tokio::test]
async fn what_was_made_ready_is_entered_by_whoever_accepts_the_ground_rules() {
    let home = Home::open(&settings()).await;
    let rules = view(&home, 4).await.rules.expect("to be read");
    let ticket = async || {
        let answer = press(&home, 4, None, true).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json::<TicketGranted>().ticket
    };
    let mut client = home.socket().await;
    client.join(&ticket().await, "offer of 4").await;
    client.closed(Close::Unused).await;
    for shown in [None, Some(rules + 1)] {
        let mut client = home.socket().await;
        client.prepare(&ticket().await, "offer of 4").await;
        client.enter_accepting(shown).await;
        client.closed(Close::Unused).await;
    }
    assert_eq!(view(&home, 4).await.rules, Some(rules), "none was accepted");
    assert!(!view(&home, 4).await.in_use);
    let mut client = home.socket().await;
    client.prepare(&ticket().await, "offer of 4").await;
    client.enter_accepting(Some(rules)).await;
    client.joined().await;
    assert_eq!(view(&home, 4).await.rules, None);
}

#[tokio::test]
async fn link_says_whose_it_is_and_whether_it_is_in_use() {
    let home = Home::open(&settings()).await;
    let seen = view(&home, 4).await;
    assert_eq!(seen.name, "Person 4");
    assert_eq!(seen.role, Role::Parent);
    assert_eq!(seen.title, TITLE);
    let others: Vec<&str> = seen.others.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(others, ["Person 1", "Person 2", "Person 3", "Person 5"]);
    assert!(!seen.in_use);
    let mut client = home.join(4).await;
    client.joined().await;
    assert!(view(&home, 4).await.in_use);
    assert!(!view(&home, 5).await.in_use);
    client.say(&wire::message::ClientMessage::Leave {}).await;
    client.closed(Close::Left).await;
    assert!(!view(&home, 4).await.in_use);
}

#[tokio::test]
async fn there_is_one_answer_for_every_wrong_link() {
    let home = Home::open(&settings()).await;
    let door = home.door(1).clone();
    let other = home.door(2).clone();
    let mut answers = Vec::new();
    for (id, secret) in [
        (door.id.as_str(), other.secret.as_str()),
        ("00000000", door.secret.as_str()),
        ("nonsense!", door.secret.as_str()),
        (door.id.as_str(), ""),
        (door.id.as_str(), "6bq2v0x9pdm4k8tswhn3e7rzcy"),
        ("0", "0"),
    ] {
        for (path, body) in [
            ("", format!("{{\"secret\":\"{secret}\"}}")),
            (
                "/tickets",
                format!("{{\"secret\":\"{secret}\",\"attempt\":\"{:032x}\"}}", 1),
            ),
        ] {
            let path = format!("/api/v1/links/{id}{path}");
            let mut answer = post_json(home.address, &path, &body).await;
            answer
                .headers
                .retain(|(name, _)| name != "date" && name != "x-request-id");
            answers.push(answer);
        }
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]));
    assert_eq!(answers[0].status, 404);
    assert_eq!(
        answers[0].header("content-type"),
        Some("application/problem+json")
    );
    let problem: Problem = answers[0].json();
    assert_eq!(problem.code, ProblemCode::NoSuchLink);
    assert_eq!(problem.status, 404);
}

#[tokio::test]
async fn get_and_head_change_nothing() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    let door = home.door(1);
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
        for path in [
            format!("/j/{}", door.id),
            format!("/api/v1/links/{}", door.id),
            format!("/api/v1/links/{}/tickets", door.id),
            format!("/api/v1/links/{}/tickets?secret={}", door.id, door.secret),
        ] {
            let answer = request(home.address, method, &path, &[], "").await;
            let expected = if path.starts_with("/j/") && (method == "GET" || method == "HEAD") {
                200
            } else {
                405
            };
            assert_eq!(answer.status, expected, "{method} {path}");
        }
    }
    assert_eq!(client.settled().await, []);
    assert!(!view(&home, 2).await.in_use);
    assert_eq!(home.media.orders().len(), 1);
}

#[tokio::test]
async fn ticket_that_is_not_used_changes_nothing() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    for attempt in 0..5 {
        home.ticket(home.door(1), attempt).await;
    }
    assert_eq!(client.settled().await, []);
}

#[tokio::test]
async fn bodies_that_are_not_expected_are_refused() {
    let home = Home::open(&settings()).await;
    let door = home.door(1);
    let right = format!("{{\"secret\":\"{}\"}}", door.secret);
    let path = format!("/api/v1/links/{}", door.id);
    let tickets = format!("{path}/tickets");
    let deep = "[".repeat(4000);
    let upper = format!(
        "{{\"secret\":\"{}\",\"attempt\":\"{}\"}}",
        door.secret,
        "A".repeat(32)
    );
    for (path, kind, body) in [
        (&path, "text/plain", right.as_str()),
        (&path, "application/x-www-form-urlencoded", right.as_str()),
        (&path, "application/json", "{}"),
        (&path, "application/json", "nonsense"),
        (&path, "application/json", deep.as_str()),
        (&tickets, "application/json", right.as_str()),
        (&tickets, "application/json", upper.as_str()),
    ] {
        let kind = [("Content-Type", kind)];
        let answer = request(home.address, "POST", path, &kind, body).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json::<Problem>().code, ProblemCode::BadRequest);
    }
    let answer = request(home.address, "POST", &path, &[], "").await;
    assert_eq!(answer.status, 400);
    let huge = format!("{{\"secret\":\"{}\"}}", "x".repeat(70_000));
    let answer = post_json(home.address, &path, &huge).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json::<Problem>().code, ProblemCode::TooLarge);
}

#[tokio::test]
async fn foreign_pages_may_not_ask() {
    let home = Home::open(&settings()).await;
    let door = home.door(1);
    let path = format!("/api/v1/links/{}", door.id);
    let body = format!("{{\"secret\":\"{}\"}}", door.secret);
    let own = format!("http://{}", home.address);
    for (header, value, status) in [
        ("Origin", own.as_str(), 200),
        ("Origin", "http://evil.example", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "same-origin", 200),
        ("Sec-Fetch-Site", "cross-site", 403),
    ] {
        let headers = [JSON, (header, value)];
        let answer = request(home.address, "POST", &path, &headers, &body).await;
        assert_eq!(answer.status, status, "{header}: {value}");
        let socket = Client::try_open(
            home.address,
            &[
                ("sec-websocket-protocol", wire::SUBPROTOCOL),
                if header == "Origin" {
                    ("origin", value)
                } else {
                    ("sec-fetch-site", value)
                },
            ],
        )
        .await;
        match socket {
            Ok(_socket) => assert_eq!(status, 200, "{header}: {value}"),
            Err(Error::Http(answer)) => assert_eq!(answer.status().as_u16(), status),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn socket_needs_its_subprotocol() {
    let home = Home::open(&settings()).await;
    for headers in [
        Vec::new(),
        vec![("sec-websocket-protocol", "homeroom.v0")],
        vec![("sec-websocket-protocol", "chat")],
    ] {
        match Client::try_open(home.address, &headers).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status().as_u16(), 400),
            other => panic!("{other:?}"),
        }
    }
    let among_others = [("sec-websocket-protocol", "chat, homeroom.v1")];
    assert!(Client::try_open(home.address, &among_others).await.is_ok());
    assert_eq!(get(home.address, SOCKET_PATH).await.status, 400);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let home = Home::open(&settings()).await;
    for path in [
        "/",
        "/j/00000000",
        "/readyz",
        "/nothing/here",
        "/assets/nothing.js",
        "/nothing.js",
        "/api/v1/links/00000000",
        SOCKET_PATH,
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
    ] {
        let answer = get(home.address, path).await;
        let policy = answer.header("content-security-policy").expect("a policy");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let permissions = answer.header("permissions-policy").expect("a policy");
        for part in ["camera=(self)", "microphone=(self)", "geolocation=()"] {
            assert!(permissions.contains(part), "{permissions}");
        }
        assert!(answer.header("set-cookie").is_none());
        assert!(answer.header("access-control-allow-origin").is_none());
    }
}

#[tokio::test]
async fn the_frame_that_blurs_is_of_no_origin_and_reaches_nothing_but_its_files() {
    let home = Home::open(&settings()).await;
    let answer = get(home.address, "/blur").await;
    let policy = answer.header("content-security-policy").expect("a policy");
    let parts: Vec<_> = policy.split(';').map(str::trim).collect();
    assert_eq!(
        parts,
        [
            "sandbox allow-scripts",
            "default-src 'none'",
            "script-src 'self' 'unsafe-eval'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        ]
    );
    // Pages frame nothing else.
    let page = get(home.address, "/").await;
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-src 'self';"), "{policy}");
}

#[tokio::test]
async fn pages_and_health_are_there() {
    let home = Home::open(&settings()).await;
    for path in ["/", "/j/00000000", "/j/a/b"] {
        let answer = get(home.address, path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(answer.body.contains("<!doctype html>"));
    }
    assert_eq!(get(home.address, "/readyz").await.status, 200);
    for (standing, status, words) in [
        (
            Standing {
                down: vec![1, 2],
                anew: vec![0],
                still: vec![0],
                left_behind: 1,
            },
            503,
            "media: unwell: Worker 1, 2 ended and is started anew",
        ),
        (
            Standing {
                anew: vec![1],
                ..Standing::default()
            },
            503,
            "media: unwell: Worker 1 ended and was started anew just now",
        ),
        (
            Standing {
                still: vec![0],
                left_behind: 1,
                ..Standing::default()
            },
            503,
            "media: unwell: Worker 0 stands still",
        ),
        (
            Standing {
                left_behind: 1,
                ..Standing::default()
            },
            200,
            "media: doubtful: A worker that stood still was replaced",
        ),
        (Standing::default(), 200, "ok"),
    ] {
        home.media.set_standing(standing);
        let health = get(home.address, "/readyz").await;
        assert_eq!(health.status, status, "{}", health.body);
        assert!(health.body.contains(words), "{}", health.body);
        assert!(health.body.contains("records: well\n"), "{}", health.body);
        let alive = get(home.address, "/healthz").await;
        assert_eq!((alive.status, alive.body.as_str()), (200, "ok\n"));
    }
    for path in ["/nothing", "/assets/nothing.js", "/api/v1/nothing"] {
        assert_eq!(get(home.address, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn one_link_may_not_ask_without_end() {
    let mut settings = settings();
    settings.limits.joins_per_link = 3;
    let home = Home::open(&settings).await;
    for attempt in 0..3 {
        home.ticket(home.door(1), attempt).await;
    }
    let answer = home.press(home.door(1), 4).await;
    assert_eq!(answer.status, 429);
    let problem: Problem = answer.json();
    assert_eq!(problem.code, ProblemCode::TooMany);
    assert!(problem.retry_after_ms.is_some());
    home.ticket(home.door(2), 1).await;
}

#[tokio::test]
async fn guesses_are_throttled_and_stop_nobody_else() {
    let mut settings = settings();
    settings.limits.guesses_per_address = 5;
    let home = Home::open(&settings).await;
    let path = format!("/api/v1/links/{}", home.door(1).id);
    let guess = "{\"secret\":\"6bq2v0x9pdm4k8tswhn3e7rzcy\"}";
    for _guess in 0..5 {
        assert_eq!(post_json(home.address, &path, guess).await.status, 404);
    }
    let answer = post_json(home.address, &path, guess).await;
    assert_eq!(answer.status, 429);
    let unknown = post_json(home.address, "/api/v1/links/00000000", guess).await;
    assert_eq!(unknown.status, 429, "whether the link exists or not");
    view(&home, 1).await;
}

#[tokio::test]
async fn head_that_does_not_come_is_not_waited_for() {
    let home = Home::open(&settings()).await;
    for beginning in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(home.address).await.expect("it listens");
        stream
            .write_all(beginning.as_bytes())
            .await
            .expect("it takes that");
        let mut answer = Vec::new();
        let within = Duration::from_secs(8);
        timeout(within, stream.read_to_end(&mut answer))
            .await
            .expect("it is cut")
            .expect("in order");
    }
}

#[tokio::test]
async fn body_that_does_not_come_is_not_waited_for() {
    let home = Home::open(&settings()).await;
    let mut stream = TcpStream::connect(home.address).await.expect("it listens");
    let head = format!(
        "POST /api/v1/links/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        home.door(1).id
    );
    stream
        .write_all(head.as_bytes())
        .await
        .expect("it takes that");
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("it is answered")
        .expect("in order");
    assert!(answer.starts_with(b"HTTP/1.1 400"));
}

/// As Apache does: all of the body goes first, and whatever was answered is read after that.
#[tokio::test]
async fn whoever_sends_all_before_they_read_hears_why_it_was_refused() {
    let home = Home::open(&settings()).await;
    let head = |path: &str, length: usize, more: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n{more}Content-Length: {length}\r\n\r\n"
        )
    };
    // Of nobody who is signed in, to where nothing is, and too large for whoever asks.
    for (path, status) in [
        ("/api/v1/import/students", 401),
        ("/nothing/here", 404),
        (&*format!("/api/v1/links/{}", home.door(1).id), 400),
    ] {
        for connection in ["", "Connection: close\r\n"] {
            let size = 12_000_000;
            let mut stream = TcpStream::connect(home.address).await.expect("it listens");
            let asked = head(path, size, connection);
            stream
                .write_all(asked.as_bytes())
                .await
                .expect("it takes that");
            let sent = timeout(PATIENCE, stream.write_all(&vec![b'x'; size])).await;
            sent.expect("in time").expect("it takes all of it");
            let mut answer = [0; 12];
            let read = timeout(PATIENCE, stream.read_exact(&mut answer)).await;
            read.expect("in time").expect("it is answered");
            let expected = format!("HTTP/1.1 {status}");
            assert_eq!(String::from_utf8_lossy(&answer), expected, "{path}");
        }
    }
    // The connection serves on.
    let mut stream = TcpStream::connect(home.address).await.expect("it listens");
    let asked = head("/nothing/here", 1_000_000, "");
    stream
        .write_all(asked.as_bytes())
        .await
        .expect("it takes that");
    stream.write_all(&vec![b'x'; 1_000_000]).await.expect("all");
    let again = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(again).await.expect("it takes that");
    let mut answers = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answers)).await;
    read.expect("in time").expect("both");
    let answers = String::from_utf8_lossy(&answers).into_owned();
    assert!(answers.starts_with("HTTP/1.1 404"), "{answers}");
    assert!(answers.ends_with("\r\n\r\nok\n"), "{answers}");
}

#[tokio::test]
async fn nobody_has_more_thrown_away_than_so_much_and_so_many_at_a_time() {
    let home = Home::open(&settings()).await;
    let endless = async || {
        let mut stream = TcpStream::connect(home.address).await.expect("it listens");
        let head = b"POST /nothing/here HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.expect("it takes that");
        stream
    };
    // Much: it is cut off.
    let mut stream = endless().await;
    let piece = [
        b"10000\r\n".to_vec(),
        vec![b'x'; 0x1_0000],
        b"\r\n".to_vec(),
    ]
    .concat();
    let mut sent = 0;
    let sending = async {
        while stream.write_all(&piece).await.is_ok() {
            sent += piece.len();
        }
    };
    timeout(PATIENCE, sending).await.expect("it is cut off");
    assert!((32 << 20..64 << 20).contains(&sent), "{sent}");
    // Many who say nothing more: those beyond are cut at once, and the others when they have said nothing for a while.
    let before = Instant::now();
    let mut silent = Vec::new();
    for _ in 0..24 {
        silent.push(endless().await);
    }
    let ends = silent.into_iter().map(async |mut stream| {
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        // An end, or a reset.
        drop(read.expect("it is cut off"));
        assert!(answer.starts_with(b"HTTP/1.1 404"));
        before.elapsed()
    });
    let ends = join_all(ends).await;
    let at_once = ends.iter().filter(|it| **it < Duration::from_secs(2));
    assert!((1..=8).contains(&at_once.count()), "{ends:?}");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_cut() {
    let mut settings = settings();
    settings.limits.connections = 3;
    let home = Home::open(&settings).await;
    let mut held = Vec::new();
    for participant in 1..=3 {
        let mut client = home.join(participant).await;
        client.joined().await;
        held.push(client);
    }
    let beyond = home.try_socket().await;
    assert!(
        !matches!(beyond, Ok(_) | Err(Error::Http(_))),
        "it is cut: {beyond:?}"
    );
    drop(held);
    // A place is free again when the others are gone.
    while home.try_socket().await.is_err() {
        tokio::task::yield_now().await;
    }
}

/// Without a built web application there is no file to look at, and the page says how to build it.
#[tokio::test]
async fn files_named_by_their_hash_are_kept_for_ever() {
    let home = Home::open(&settings()).await;
    let page = get(home.address, "/").await.body;
    let files: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .collect();
    assert!(
        !files.is_empty() || page.contains("npm run build"),
        "{page}"
    );
    for file in files {
        let answer = get(home.address, file).await;
        assert_eq!(answer.status, 200, "{file}");
        let kept = answer.header("cache-control").expect("it says so");
        assert!(kept.contains("immutable"), "{file}: {kept}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}
