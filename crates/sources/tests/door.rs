//! The way to Wonde's records, beside a server that answers page after page while its records change.
#![expect(clippy::expect_used, reason = "a test that finds nothing fails")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use school::import::Incoming;
use serde_json::{Value, json};
use sources::wonde::{Account, Door, Records, Trouble};

/// What goes, by the address that was asked for and how often: the id of a record.
type Goes = fn(&str, usize) -> Option<&'static str>;

fn records() -> Vec<(&'static str, Value)> {
    let person = |id: &str| {
        json!({ "id": id, "forename": format!("Ada{id}"), "surname": "Reed",
            "contacts": { "data": [] }, "classes": { "data": [] } })
    };
    let class = |id: &str| json!({ "id": id, "name": format!("8B {id}"), "employees": { "data": [{ "id": "E1" }] } });
    let mut all = Vec::new();
    all.extend(["E1", "E2", "E3", "E4", "E5"].map(|it| ("employees", person(it))));
    all.extend(["K1", "K2", "K3", "K4", "K5"].map(|it| ("classes", class(it))));
    all.extend(["A1", "A2", "A3", "A4", "A5"].map(|it| ("students", person(it))));
    all
}

/// Answers one address, two records a page.
fn answer(stream: &mut TcpStream, all: &[(&str, Value)], origin: &str, path: &str) {
    let url = reqwest::Url::parse(&format!("{origin}{path}")).expect("an address");
    let kind = url.path().rsplit('/').next().unwrap_or_default();
    let page = url.query_pairs().find(|(name, _)| name == "page");
    let page: usize = page.map_or(1, |(_, nth)| nth.parse().expect("a number"));
    let of_kind = all.iter().filter(|(it, _)| *it == kind);
    let of_kind: Vec<_> = of_kind.map(|(_, record)| record).collect();
    let here: Vec<_> = of_kind.iter().skip((page - 1) * 2).take(2).collect();
    let more = of_kind.len() > page * 2;
    let next = more.then(|| {
        let mut next = url.clone();
        next.set_query(Some(&format!("per_page=2&page={}", page + 1)));
        next.to_string()
    });
    let body = json!({ "data": here, "meta": { "pagination": {
        "next": next, "more": more, "current_page": page } } });
    let body = body.to_string();
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}");
    write!(stream, "{head}\r\n\r\n{body}").expect("it is written");
}

/// Answers until nobody asks any more, and counts what was asked for.
fn serve(listener: &TcpListener, origin: &str, goes: Goes) {
    let mut all = records();
    let mut asked: Vec<String> = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("read") == 1 {
            head.extend(byte);
        }
        let head = String::from_utf8(head).expect("text");
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        if path.is_empty() {
            return;
        }
        let place = path.rsplit('/').next().unwrap_or_default();
        let place = match place.split_once("page=2&page=") {
            Some((kind, nth)) => format!("{} {nth}", kind.split('?').next().unwrap_or_default()),
            None => format!("{} 1", place.split('?').next().unwrap_or_default()),
        };
        asked.push(place.clone());
        let times = asked.iter().filter(|it| **it == place).count();
        let gone = goes(&place, times);
        all.retain(|(_, it)| gone.is_none_or(|id| it.get("id") != Some(&json!(id))));
        answer(&mut stream, &all, origin, &path);
    }
}

fn read(goes: Goes) -> Result<Incoming, Trouble> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let origin = format!("http://{address}");
    let server = thread::spawn({
        let origin = origin.clone();
        move || serve(&listener, &origin, goes)
    });
    let account = Account::read("A1", "secret").expect("an account");
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let tls = tls.with_safe_default_protocol_versions().expect("versions");
    let tls = tls.with_root_certificates(RootCertStore::empty());
    let door = Door::new(tls.with_no_client_auth(), &origin, &account).expect("a way");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let read = runtime
        .expect("a runtime")
        .block_on(door.read(|_: Records, _| {}));
    // Nothing more is asked for.
    drop(TcpStream::connect(address));
    server.join().expect("the server ends");
    read
}

fn names(incoming: &Incoming) -> (Vec<&str>, Vec<&str>) {
    let students = incoming.students.iter().map(|it| it.student.as_str());
    let classes = incoming.classes.iter().map(|it| it.name.as_str());
    (students.collect(), classes.collect())
}

#[test]
fn a_record_that_goes_between_two_pages_takes_no_other_along() {
    let all = read(|_, _| None).expect("read");
    let (students, classes) = names(&all);
    let every = [
        "AdaA1 Reed",
        "AdaA2 Reed",
        "AdaA3 Reed",
        "AdaA4 Reed",
        "AdaA5 Reed",
    ];
    assert_eq!(students, every);
    assert_eq!(classes, ["8B K1", "8B K2", "8B K3", "8B K4", "8B K5"]);
    // The third slips onto the first page while the second is asked for.
    let some = read(|place, times| match (place, times) {
        ("students 2", 1) => Some("A1"),
        ("classes 2", 1) => Some("K1"),
        _ => None,
    });
    let some = some.expect("read");
    let (mut students, classes) = names(&some);
    students.sort_unstable();
    assert_eq!(students, every, "the first goes with the next run");
    assert_eq!(classes, ["8B K1", "8B K2", "8B K3", "8B K4", "8B K5"]);
}
