//! ICE restarts (RFC 8445 §9): new credentials and addresses, the same keys and streams.

use forward::codec::Kind;
use rtc::crypto::default_provider;
use sfu::{OfferRefused, PeerKey};

use crate::answer::value;
use crate::client::{Client, Style};
use crate::continuity::assert_one_stream;
use crate::meeting::{Meeting, answer};
use crate::stranger;
use crate::wire::Datagram;

fn count(client: &Client) -> usize {
    Kind::ALL
        .iter()
        .map(|kind| client.count(0, *kind))
        .min()
        .unwrap_or_default()
}

fn dtls_datagrams(client: &Client) -> usize {
    let copies = client.copies.iter().flatten();
    copies
        .filter(|bytes| Datagram::of(bytes) == Datagram::Dtls)
        .count()
}

#[test]
fn media_goes_on_from_a_new_address_without_another_handshake() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they see each other", |meeting| {
        meeting.clients.iter().all(|client| count(client) >= 20)
    });
    for round in 0..3 {
        let moved = &mut meeting.clients[0];
        let offer = moved.restart_offer();
        moved.copies = Some(Vec::new());
        let text = answer(meeting.sfu.restart(Meeting::key(0), &offer)).expect("it is the same");
        let moved = &mut meeting.clients[0];
        let before = moved.slots[0];
        moved.take_answer(&text);
        for kind in Kind::ALL {
            assert_eq!(moved.slots[0].of(kind), before.of(kind), "SSRCs stay");
        }
        // The network that it was in is gone at once.
        moved.open_socket();
        moved.close_oldest_socket();
        meeting.watch(0);
        let seen: Vec<usize> = meeting.clients.iter().map(count).collect();
        meeting.until("they see each other again", |meeting| {
            let now = meeting.clients.iter().map(count);
            now.zip(&seen).all(|(now, before)| now >= before + 20)
        });
        assert_eq!(dtls_datagrams(&meeting.clients[0]), 0, "round {round}");
        assert!(meeting.clients[0].is_connected());
    }
    // What was sent while nothing came through is lost, but no order is.
    for kind in Kind::ALL {
        let arrived = meeting.clients[1].arrived(0, kind);
        let first = &arrived[0];
        for arrived in &arrived {
            let numbers = arrived.mark.number - first.mark.number;
            let sequences = arrived.sequence.wrapping_sub(first.sequence);
            assert_eq!(u32::from(sequences), numbers, "one stream through it all");
        }
    }
}

#[test]
fn until_the_new_credentials_are_used_the_old_ones_serve() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they see each other", |meeting| {
        meeting.clients.iter().all(|client| count(client) >= 20)
    });
    // The answer never reaches the client, so it goes on as it was.
    let offer = {
        let mut twin = String::new();
        for line in meeting.clients[0].last_offer().lines() {
            twin.push_str(if line.starts_with("a=ice-ufrag:") {
                "a=ice-ufrag:other"
            } else if line.starts_with("a=ice-pwd:") {
                "a=ice-pwd:anotherpasswordofthelength"
            } else {
                line
            });
            twin.push_str("\r\n");
        }
        twin
    };
    answer(meeting.sfu.restart(Meeting::key(0), &offer)).expect("it is the same");
    let mut check = stranger::Stranger::new();
    let client = &meeting.clients[0];
    let (ours, theirs) = (value(&client.answer, "ice-ufrag"), client.last_offer());
    let fragment = format!("{ours}:{}", value(&theirs, "ice-ufrag"));
    check.check(client.server(), &fragment, value(&client.answer, "ice-pwd"));
    meeting.until("a check under the old ones is answered", |_| {
        check.heard() > 0
    });
    let seen: Vec<usize> = meeting.clients.iter().map(count).collect();
    meeting.until("they go on seeing each other", |meeting| {
        let now = meeting.clients.iter().map(count);
        now.zip(&seen).all(|(now, before)| now >= before + 20)
    });
    for kind in Kind::ALL {
        assert_one_stream(&meeting.clients[1].arrived(0, kind));
    }
}

#[test]
fn another_connections_offer_is_refused_and_changes_nothing() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    let other = Client::new(9, &Style::default()).offer();
    let own = meeting.clients[0].last_offer();
    let fingerprint = value(&other, "fingerprint");
    let forged = own.replace(value(&own, "fingerprint"), fingerprint);
    for (key, offer) in [
        (Meeting::key(0), &other),
        (Meeting::key(0), &forged),
        (Meeting::key(1), &own),
        (PeerKey(999), &own),
    ] {
        let refused = answer(meeting.sfu.restart(key, offer));
        assert_eq!(refused, Err(OfferRefused::NotTheSame));
    }
    let malformed = answer(meeting.sfu.restart(Meeting::key(0), "v=0\r\n"));
    assert!(matches!(malformed, Err(OfferRefused::Malformed(_))));
    meeting.until("they see each other", |meeting| {
        meeting.clients.iter().all(|client| count(client) >= 20)
    });
}

#[test]
fn checks_under_credentials_of_two_restarts_ago_are_not_answered() {
    let mut meeting = Meeting::of(&[0], &Style::default());
    let crypto = default_provider().expect("one is built in");
    let mut credentials = Vec::new();
    for _ in 0..3 {
        let client = &mut meeting.clients[0];
        let offer = client.restart_offer();
        let text = answer(meeting.sfu.restart(Meeting::key(0), &offer)).expect("it is the same");
        let fragment = format!(
            "{}:{}",
            value(&text, "ice-ufrag"),
            value(&offer, "ice-ufrag")
        );
        credentials.push((fragment, value(&text, "ice-pwd").to_owned()));
        client.take_answer(&text);
    }
    let server = meeting.clients[0].server();
    let mut old = stranger::Stranger::new();
    let (fragment, password) = &credentials[0];
    old.send(
        server,
        &stranger::check(fragment, password, crypto.as_ref()),
    );
    let mut current = stranger::Stranger::new();
    let (fragment, password) = &credentials[2];
    current.send(
        server,
        &stranger::check(fragment, password, crypto.as_ref()),
    );
    meeting.until("the current one is answered", |_| current.heard() > 0);
    assert_eq!(old.heard(), 0);
}
