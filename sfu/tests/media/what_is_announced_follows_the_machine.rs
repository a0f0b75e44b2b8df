//! The machine's addresses change while the program runs: answers and the relay's addresses tell
//! those that it has now.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use sfu::{CallKey, PeerKey, Settings, Sfu};
use tokio::time::Instant;

use crate::client::{Client, Style};
use crate::log;
use crate::meeting::answer;

static ADDRESSES: Mutex<Vec<IpAddr>> = Mutex::new(Vec::new());

fn have(addresses: &[&str]) {
    let addresses = addresses.iter().map(|it| it.parse().expect("an address"));
    *ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner) = addresses.collect();
}

/// The host candidates of an answer, UDP, in their order.
fn candidates(answer: &str) -> Vec<String> {
    let lines = answer
        .lines()
        .filter(|line| line.starts_with("a=candidate:"));
    lines
        .filter(|line| line.contains(" udp "))
        .filter_map(|line| line.split(' ').nth(4).map(str::to_owned))
        .collect()
}

fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed().as_secs() < 20, "never came true: {what}");
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
}

#[test]
fn from_loopback_alone_to_a_network_and_to_another() {
    log::begin();
    have(&["127.0.0.1", "::1", "169.254.7.7"]);
    let (sfu, _events) = Sfu::start(&Settings {
        listen: ([0, 0, 0, 0], 0).into(),
        workers: 2,
        announce: Vec::new(),
        machine: || {
            Ok(ADDRESSES
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone())
        },
    })
    .expect("a free port is free");
    let offer = Client::new(0, &Style::default()).offer();
    let announced = |call| {
        let answered = answer(sfu.attach(CallKey(call), PeerKey(call), 0, &offer));
        candidates(&answered.expect("the offer fits"))
    };
    let relayed = |call| -> Vec<String> {
        let grant = sfu.grant_relay(CallKey(call), None, "name");
        grant
            .addresses
            .iter()
            .map(|it| it.ip().to_string())
            .collect()
    };
    assert_eq!(announced(1), ["127.0.0.1"]);
    until("it is said", || log::has(&["no network address"]));

    for (have_now, expected) in [
        (
            &["127.0.0.1", "192.0.2.7", "2001:db8::7"][..],
            &["192.0.2.7", "127.0.0.1"][..],
        ),
        (
            &["127.0.0.1", "198.51.100.3", "192.0.2.7"],
            &["198.51.100.3", "192.0.2.7", "127.0.0.1"],
        ),
        (
            &["127.0.0.1", "198.51.100.3"],
            &["198.51.100.3", "127.0.0.1"],
        ),
    ] {
        have(have_now);
        // The two calls are on different workers.
        until("both workers announce them", || {
            announced(1) == expected && announced(2) == expected
        });
        until("so does the relay", || {
            relayed(1) == expected && relayed(2) == expected
        });
        assert!(log::has(&["addresses have changed", have_now[1]]));
    }
    sfu.stop();
}

#[test]
fn what_is_set_by_hand_stays() {
    let announce: Vec<IpAddr> = vec!["203.0.113.9".parse().expect("an address")];
    let (sfu, _events) = Sfu::start(&Settings {
        listen: ([0, 0, 0, 0], 0).into(),
        workers: 1,
        announce,
        machine: || Err(std::io::ErrorKind::Unsupported.into()),
    })
    .expect("nobody is asked");
    let offer = Client::new(0, &Style::default()).offer();
    let answered = answer(sfu.attach(CallKey(1), PeerKey(1), 0, &offer)).expect("it fits");
    assert_eq!(candidates(&answered), ["203.0.113.9"]);
    sfu.stop();
}
