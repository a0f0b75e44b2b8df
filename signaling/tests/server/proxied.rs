//! Behind a proxy: every limit counts whoever asks, by the word of proxies that are named.

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::Instant;
use wire::http::TicketRequest;

use crate::support::request::{Answer, request};
use crate::support::school::School;
use crate::support::{Home, settings};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A wrong link, asked for with these headers.
async fn guess(home: &Home, headers: &[(&str, &str)]) -> u16 {
    let path = format!("/api/v1/links/{}", home.door(1).id);
    let body = r#"{"secret":"6bq2v0x9pdm4k8tswhn3e7rzcy"}"#;
    let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
    request(home.address, "POST", &path, &headers, body)
        .await
        .status
}

async fn behind(proxies: &[&str]) -> Home {
    let mut settings = settings();
    let networks = proxies.iter().map(|it| it.parse().expect("a network"));
    settings.http.trusted_proxies = networks.collect::<Vec<_>>().into();
    settings.limits.guesses_per_address = 3;
    Home::open(&settings).await
}

#[tokio::test]
async fn everybody_behind_a_named_proxy_has_limits_of_their_own() {
    let home = behind(&["127.0.0.0/8", "10.0.0.0/8"]).await;
    let listed = |address| [("X-Forwarded-For", address)];
    for _guess in 0..3 {
        assert_eq!(guess(&home, &listed("203.0.113.7")).await, 404);
    }
    // However it is said, and whatever whoever asks wrote before it.
    for same in [
        "203.0.113.7",
        "203.0.113.7:4711",
        "198.51.100.1, 203.0.113.7",
        "unknown, 203.0.113.7, 10.0.0.1",
        "::ffff:203.0.113.7",
    ] {
        assert_eq!(guess(&home, &listed(same)).await, 429, "{same}");
    }
    let forwarded = [("Forwarded", "for=203.0.113.7;proto=https")];
    assert_eq!(guess(&home, &forwarded).await, 429);
    for other in ["203.0.113.8", "2001:db8::7"] {
        assert_eq!(guess(&home, &listed(other)).await, 404, "{other}");
    }
    // A household's network is one, in IPv6.
    for host in ["2001:db8::8", "[2001:db8::9]:1"] {
        assert_eq!(guess(&home, &listed(host)).await, 404, "{host}");
    }
    assert_eq!(guess(&home, &listed("2001:db8::a")).await, 429);
    // Who adds the header that the proxy does not write is one with all who do so.
    for n in 0..4 {
        let forged = format!("for=192.0.2.{n}");
        let both = [("X-Forwarded-For", "203.0.113.7"), ("Forwarded", &forged)];
        let expected = if n < 3 { 404 } else { 429 };
        assert_eq!(guess(&home, &both).await, expected, "{n}");
    }
}

#[tokio::test]
async fn whoever_is_not_named_is_not_believed() {
    for home in [behind(&[]).await, behind(&["192.0.2.1"]).await] {
        for n in 0..4 {
            let said = format!("203.0.113.{n}");
            let listed = [("X-Forwarded-For", said.as_str())];
            let expected = if n < 3 { 404 } else { 429 };
            assert_eq!(guess(&home, &listed).await, expected);
        }
    }
}

#[tokio::test]
async fn one_client_of_a_proxy_has_so_many_requests_at_a_time() {
    let mut settings = settings();
    settings.http.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")].into();
    settings.limits.connections_of_address = 2;
    let home = Home::open(&settings).await;
    let socket = async |from| {
        let headers = [
            ("sec-websocket-protocol", wire::SUBPROTOCOL),
            ("x-forwarded-for", from),
        ];
        crate::support::client::Client::try_open(home.address, &headers).await
    };
    let held = [
        socket("203.0.113.7").await.expect("room"),
        socket("203.0.113.7").await.expect("room"),
    ];
    assert!(socket("203.0.113.7").await.is_err());
    assert!(socket("203.0.113.8").await.is_ok());
    drop(held);
    while socket("203.0.113.7").await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nothing_else_that_a_proxy_may_say_is_believed() {
    let home = behind(&["127.0.0.1"]).await;
    let door = home.door(1);
    let path = format!("/api/v1/links/{}/tickets", door.id);
    let body = TicketRequest {
        secret: door.secret.clone(),
        attempt: format!("{:032x}", 1),
        meeting: None,
        accepts_rules: Some(wire::limits::GROUND_RULES),
        prepares: false,
    };
    let body = serde_json::to_string(&body).expect("plain fields");
    let asked = async |headers: &[(&str, &str)]| {
        let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
        request(home.address, "POST", &path, &headers, &body)
            .await
            .status
    };
    let evil = ("Origin", "https://evil.example");
    assert_eq!(asked(&[evil]).await, 403);
    for said in [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
    ] {
        assert_eq!(asked(&[evil, said]).await, 403, "{said:?}");
        assert_eq!(asked(&[said]).await, 200, "{said:?}");
        let page = request(home.address, "GET", "/", &[said], "").await;
        assert!(page.header("strict-transport-security").is_none());
        assert!(page.header("location").is_none());
    }
}

#[tokio::test]
async fn whoever_guesses_at_a_password_locks_out_nobody_else() {
    let began = Instant::now();
    let mut settings = School::settings();
    settings.http.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")].into();
    let school = School::open_with(settings).await;
    let sign_in = async |password: &str, from: &str, cookie: &str| -> Answer {
        let body = json!({"email": "ada@hillroad.example", "password": password}).to_string();
        let headers = [JSON, ("X-Forwarded-For", from), ("Cookie", cookie)];
        request(school.address, "POST", "/api/v1/session", &headers, &body).await
    };
    let right = "correct horse battery";
    let known = sign_in(right, "203.0.113.1", "").await;
    assert_eq!(known.status, 200, "{}", known.body);
    let device = known
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .find(|(_, value)| value.starts_with("homeroom-device="))
        .and_then(|(_, value)| value.split(';').next())
        .expect("the browser is known from now on")
        .to_owned();
    // From one address as often as it may, and from ten others.
    let guesses = join_all((0..40).map(|_| sign_in("guess", "203.0.113.2", ""))).await;
    let refused = guesses.iter().filter(|answer| answer.status == 429);
    assert!(refused.count() >= 15, "guesses are throttled");
    let others: Vec<String> = (10..20).map(|n| format!("203.0.113.{n}")).collect();
    let guesses = others.iter().map(|from| sign_in("guess", from, ""));
    for guess in join_all(guesses).await {
        assert_eq!(guess.status, 401);
    }
    // Whoever comes from elsewhere waits a little; who has been here before does not, though a
    // stranger behind the same address has used up all that it may ask.
    assert_eq!(sign_in(right, "203.0.113.99", "").await.status, 200);
    let forged = "homeroom-device=00000000000000000000000000000001.00000000000000000000000000";
    let guesses = join_all((0..40).map(|_| sign_in("guess", "203.0.113.2", forged)));
    let known = async {
        while sign_in(right, "203.0.113.2", "").await.status != 429 {
            tokio::task::yield_now().await;
        }
        sign_in(right, "203.0.113.2", &device).await.status
    };
    let (_guesses, known) = tokio::join!(guesses, known);
    assert_eq!(known, 200);

    let audit = school.done("GET", "/audit", &serde_json::Value::Null).await;
    let failed = audit.to_string().matches("sign_in_failed").count();
    // Ten at once, and then one in ten minutes.
    let most = 11 + began.elapsed().as_secs() / 600;
    assert!((1..=most).contains(&(failed as u64)), "{failed}");
}
