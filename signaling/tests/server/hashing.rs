//! What a password costs that somebody types at a door, and who waits for whom there. The program has a process of its
//! own: its passwords wait in lines that no other test stands in.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, SaltString};
use jiff::SignedDuration;
use school::{EmailAddress, Name, Rank};
use serde_json::{Value, json};
use store::{Actor, NewStaff};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, timeout};

use super::keeping::{homeroom, open, ran};
use crate::support::PATIENCE;
use crate::support::request::{Answer, request};

/// A password of which all four forms of Unicode differ, and the same as another keyboard writes it.
const TYPED: &str = "Zo\u{eb} Jose\u{301} \u{bd} and four words";
const TYPED_BEFORE: &str = "Zoe\u{308} Jose\u{301} \u{bd} and four words";

/// Who chose their password before all were brought to one form.
const ADA: &str = "ada@fairview.example";

/// Who has one of today.
const BO: &str = "bo@fairview.example";

/// A program, behind a proxy, that serves a school with two of the staff.
struct Served {
    program: Child,
    address: SocketAddr,
    folder: TempDir,
    /// Bo's password.
    password: String,
}

impl Served {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path(), "homeroom.sqlite").await;
        let salt = SaltString::encode_b64(&[7; 16]).expect("a salt");
        let older = Argon2::default().hash_password(TYPED_BEFORE.as_bytes(), &salt);
        let older = older.expect("it can be hashed").to_string();
        for (email, name) in [(ADA, "Ada Hill"), (BO, "Bo Adams")] {
            let staff = NewStaff {
                name: Name::read(name).expect("a name"),
                email: EmailAddress::read(email).expect("an address"),
                password_hash: older.clone(),
                rank: Rank::Owner,
            };
            let now = ambient::now() - SignedDuration::from_mins(1);
            let added = store.add_staff(&staff, Actor::Program, now).await;
            added.expect("records");
        }
        store.close().await;
        let (code, password) = ran(folder.path(), &["password", BO], "").await;
        assert_eq!(code, Some(0), "{password}");

        let port = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = port.local_addr().expect("an address");
        drop(port);
        let program = homeroom(folder.path(), &["serve"])
            .env("HOMEROOM__HTTP__LISTEN", address.to_string())
            .env("HOMEROOM__HTTP__TRUSTED_PROXIES", "127.0.0.1")
            .spawn()
            .expect("it starts");
        let there = timeout(PATIENCE, async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        });
        there.await.expect("it listens");
        Self {
            program,
            address,
            folder,
            password: password.trim().to_owned(),
        }
    }

    /// What the program has had the processors do so far, in hundredths of a second (proc(5)).
    fn ticks(&self) -> u64 {
        let id = self.program.id().expect("it runs");
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("it runs");
        let (_, fields) = stat.rsplit_once(") ").expect("a name");
        let mut times = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
        let mut time = || times.next().expect("a field").expect("a number");
        time() + time()
    }
}

/// Signs in from that address, at one of the doors.
async fn sign_in(at: (SocketAddr, &str), who: (&str, &str), from: &str, cookie: &str) -> Answer {
    let (email, password) = who;
    let body = json!({"email": email, "password": password});
    post(at, &body, from, cookie).await
}

async fn post(at: (SocketAddr, &str), body: &Value, from: &str, cookie: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Forwarded-For", from),
        ("Cookie", cookie),
    ];
    let (address, path) = at;
    let path = format!("/api/v1{path}");
    request(address, "POST", &path, &headers, &body.to_string()).await
}

#[tokio::test]
async fn a_password_costs_one_hash_however_many_spellings_it_has() {
    let served = Served::begin().await;
    let before = async |path, email: &str, password, n| {
        let from = format!("203.0.113.{n}");
        let at = (served.address, path);
        let answer = sign_in(at, (email, password), &from, "").await;
        assert_eq!(answer.status, 401, "{email}: {}", answer.body);
        served.ticks()
    };
    for (path, email) in [
        ("/session", BO),
        ("/session", "nobody@fairview.example"),
        ("/account/session", "nobody@home.example"),
    ] {
        let begun = before(path, email, "first, as nobody's is hashed once", 1).await;
        let mut plain = begun;
        for n in 2..6 {
            plain = before(path, email, "plain and four words more", n).await;
        }
        let mut four = plain;
        for n in 6..10 {
            four = before(path, email, TYPED, n).await;
        }
        let (plain, four) = (plain - begun, four - plain);
        assert!(plain > 0, "something is hashed");
        assert!(four < 2 * plain, "{path} {email}: {four}, and not {plain}");
    }
    // Whoever chose theirs before there was one form has it still, also with another keyboard.
    for typed in [TYPED, TYPED_BEFORE] {
        let at = (served.address, "/session");
        let right = sign_in(at, (ADA, typed), "203.0.113.11", "").await;
        assert_eq!(right.status, 200, "{typed:?}: {}", right.body);
    }
}

/// The cookie by which a browser is known in which somebody has signed in.
async fn known_browser(address: SocketAddr, who: (&str, &str), n: u8) -> String {
    let from = format!("203.0.113.{n}");
    let known = sign_in((address, "/session"), who, &from, "").await;
    assert_eq!(known.status, 200, "{}", known.body);
    let mut cookies = known
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    let device = cookies.find(|(_, value)| value.starts_with("homeroom-device="));
    let (_, device) = device.expect("the browser is known from now on");
    device.split(';').next().expect("a cookie").to_owned()
}

/// Whoever has signed in with many browsers has as many attempts in each as anybody, and may make all of them at once.
#[tokio::test]
async fn one_account_leaves_the_others_their_places_among_those_who_are_known() {
    let served = Served::begin().await;
    let (address, password) = (served.address, served.password.as_str());
    let at = (address, "/session");
    let ada = known_browser(address, (ADA, TYPED), 1).await;
    let mut browsers = Vec::new();
    for n in 2..12 {
        browsers.push((n, known_browser(address, (BO, password), n).await));
    }
    let sent_away = Arc::new(AtomicUsize::new(0));
    let mut pressing = JoinSet::new();
    for (n, device) in browsers {
        for _press in 0..10 {
            let (device, sent_away) = (device.clone(), Arc::clone(&sent_away));
            pressing.spawn(async move {
                let from = format!("203.0.113.{n}");
                let answer = sign_in(at, (BO, "a guess"), &from, &device).await;
                match answer.status {
                    401 => {}
                    429 => {
                        let problem: Value = serde_json::from_str(&answer.body).expect("a problem");
                        assert!(problem["retry_after_ms"].as_u64() > Some(0), "{problem}");
                        sent_away.fetch_add(1, Ordering::SeqCst);
                    }
                    other => panic!("{other}: {}", answer.body),
                }
            });
        }
    }
    let full = timeout(PATIENCE, async {
        while sent_away.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    });
    full.await.expect("as many of them wait as may");
    let other = sign_in(at, (ADA, TYPED), "203.0.113.1", &ada).await;
    assert_eq!(other.status, 200, "{}", other.body);
    pressing.join_all().await;
}

#[tokio::test]
async fn strangers_by_the_hundred_let_those_past_who_are_known() {
    let served = Served::begin().await;
    let (address, password) = (served.address, served.password.as_str());
    let at = (address, "/session");
    let device = known_browser(address, (BO, password), 1).await;
    let adding = ["staff", "add", "cy@fairview.example", "Cy Young"];
    let (code, said) = ran(served.folder.path(), &adding, "").await;
    assert_eq!(code, Some(0), "{said}");
    let (_, secret) = said.split_once("/setup#").expect("a link");
    let chosen = json!({
        "secret": secret.trim(), "school": "", "name": "", "email": "",
        "password": "a kettle on the hob",
    });

    let [looked_at, sent_away] = [0; 2].map(|_| Arc::new(AtomicUsize::new(0)));
    let mut strangers = JoinSet::new();
    for n in 0..160 {
        let (looked_at, sent_away) = (Arc::clone(&looked_at), Arc::clone(&sent_away));
        strangers.spawn(async move {
            let (email, from) = (format!("u{n}@home.example"), format!("198.51.100.{n}"));
            let answer = sign_in((address, "/session"), (&email, "a guess"), &from, "").await;
            let count = match answer.status {
                401 => looked_at,
                429 => sent_away,
                other => panic!("{other}: {}", answer.body),
            };
            count.fetch_add(1, Ordering::SeqCst);
        });
    }
    // As many of them wait as may.
    let full = timeout(PATIENCE, async {
        while sent_away.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    });
    full.await.expect("the line is full");
    let before = looked_at.load(Ordering::SeqCst);
    let (known, chosen) = tokio::join!(
        sign_in(at, (BO, password), "203.0.113.1", &device),
        post((address, "/setup"), &chosen, "203.0.113.2", ""),
    );
    let since = looked_at.load(Ordering::SeqCst) - before;
    for answer in [known, chosen] {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert!(since < 32, "{since} of the 64 who waited went before them");
}
