//! Datagrams from addresses that no check has proved, during and after the handshake, and a client
//! with another certificate than the one it promised.

use forward::codec::Kind;
use rtc::crypto::default_provider;
use sfu::{CallKey, MediaEvent, PeerKey};

use crate::answer::value;
use crate::client::{Client, Fate, Style, Way};
use crate::continuity::assert_one_stream;
use crate::meeting::{CALL, Meeting, answer, is_long};
use crate::stranger::{self, Stranger};
use crate::wire::Datagram;

/// Clients at a time.
const AT_ONCE: usize = 10;

/// Connections to make: 50, or 1,000 where all the time in the world is given.
fn connections() -> usize {
    if is_long() { 1_000 } else { 50 }
}

/// Attaches clients in calls of two; gives the names and passwords of both sides' ICE.
fn attach_pairs(meeting: &mut Meeting, round: usize) -> Vec<String> {
    let mut fragments = Vec::new();
    for index in 0..AT_ONCE {
        let mut client = Client::new(u8::try_from(index).expect("few"), &Style::default());
        client.copies = Some(Vec::new());
        let offer = client.offer();
        let theirs = value(&offer, "ice-ufrag").to_owned();
        let call = CallKey((round * AT_ONCE + index / 2) as u64);
        let key = PeerKey((round * AT_ONCE + index) as u64);
        let seat = u8::try_from(index % 2).expect("two");
        let text = answer(meeting.sfu.attach(call, key, seat, &offer)).expect("it fits");
        fragments.push(format!("{}:{theirs}", value(&text, "ice-ufrag")));
        client.take_answer(&text);
        meeting.add(client);
    }
    fragments
}

#[test]
fn every_handshake_completes_and_media_goes_on_and_they_get_no_answer() {
    let mut meeting = Meeting::new();
    let mut stranger = Stranger::new();
    for round in 0..connections() / AT_ONCE {
        let fragments = attach_pairs(&mut meeting, round);
        let mut begun = false;
        meeting.until(
            "everybody is connected and gets all of the other",
            |meeting| {
                for (client, fragment) in meeting.clients.iter_mut().zip(&fragments) {
                    let copies = client.copies.replace(Vec::new()).unwrap_or_default();
                    let to = client.server();
                    stranger.copy(to, &copies);
                    stranger.junk(to);
                    stranger.check(to, fragment, "not the password of anybody");
                    stranger.check(to, "nobody:here", "not the password of anybody");
                }
                if !begun && meeting.clients.iter().all(Client::is_connected) {
                    begun = true;
                    for client in &mut meeting.clients {
                        client.start_publishing();
                    }
                }
                let has_all =
                    |client: &Client| Kind::ALL.iter().all(|kind| client.count(0, *kind) >= 10);
                meeting.clients.iter().all(has_all)
            },
        );
        for (index, client) in meeting.clients.iter().enumerate() {
            for kind in Kind::ALL {
                let arrived = client.arrived(0, kind);
                assert!(
                    arrived
                        .iter()
                        .all(|it| usize::from(it.mark.maker) == index ^ 1)
                );
                assert_one_stream(&arrived);
            }
        }
        for index in 0..AT_ONCE {
            meeting
                .sfu
                .detach(PeerKey((round * AT_ONCE + index) as u64));
        }
        meeting.clients.clear();
    }
    meeting.obeyed();
    meeting.turn();
    assert!(
        stranger.sent > connections() * 100,
        "{} strays",
        stranger.sent
    );
    assert_eq!(stranger.heard(), 0, "datagrams that a stranger got");
    let connected = |event: &&MediaEvent| matches!(event, MediaEvent::Connected { .. });
    assert_eq!(
        meeting.events.iter().filter(connected).count(),
        connections()
    );
    let lost = |event: &MediaEvent| matches!(event, MediaEvent::Lost { .. });
    assert!(!meeting.events.iter().any(lost));
}

#[test]
fn one_whose_certificate_is_not_the_promised_one_gets_no_media() {
    let style = Style::default();
    let mut meeting = Meeting::new();
    let mut liar = Client::new(0, &style);
    let offer = liar.offer();
    let promised = value(&offer, "fingerprint").to_owned();
    let digit = if promised.ends_with('0') { "1" } else { "0" };
    let other = format!("{}{digit}", &promised[..promised.len() - 1]);
    let altered = offer.replace(&promised, &other);
    assert_ne!(altered, offer);
    let text = answer(meeting.sfu.attach(CALL, PeerKey(66), 0, &altered)).expect("it fits");
    liar.take_answer(&text);
    meeting.add(liar);
    meeting.seat(1, &style);
    meeting.seat(2, &style);
    let lost = MediaEvent::Lost { peer: PeerKey(66) };
    meeting.until(
        "the handshake fails and the others are connected",
        |meeting| {
            meeting.events.contains(&lost) && meeting.clients[1..].iter().all(Client::is_connected)
        },
    );
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("the others get each other, and the liar tries", |meeting| {
        let liar = &meeting.clients[0];
        meeting.clients[1].count(1, Kind::Camera) >= 30
            && meeting.clients[2].count(1, Kind::Camera) >= 30
            && (!liar.is_connected() || liar.publisher.made(Kind::Camera) >= 30)
    });
    meeting.obeyed();
    meeting.turn();
    assert_eq!(
        meeting.clients[0].media_datagrams(),
        0,
        "the liar got media"
    );
    for kind in Kind::ALL {
        assert_eq!(meeting.clients[1].count(0, kind), 0, "the liar was heard");
    }
    let connected = MediaEvent::Connected { peer: PeerKey(66) };
    assert!(!meeting.events.contains(&connected));
}

#[test]
fn who_has_not_shaken_hands_gets_no_media() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    let late = meeting.seat(2, &Style::default());
    meeting.clients[late].outward = Box::new(|datagram| match datagram {
        Datagram::Dtls => Fate::IsLost,
        Datagram::Stun | Datagram::Rtp { .. } | Datagram::Rtcp | Datagram::Other => Fate::Arrives,
    });
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("it has tried to, and the others go on", |meeting| {
        !meeting.clients[late].lost.is_empty() && meeting.clients[0].count(0, Kind::Camera) >= 30
    });
    meeting.obeyed();
    meeting.turn();
    assert_eq!(meeting.clients[late].media_datagrams(), 0);
    meeting.clients[late].outward = Box::new(|_| Fate::Arrives);
    meeting.until("it gets media once it has", |meeting| {
        meeting.clients[late].count(0, Kind::Camera) >= 10
    });
}

/// Loses the DTLS datagram at `place`, and no other.
fn losing(place: usize) -> Way {
    let mut seen = 0;
    Box::new(move |datagram| {
        seen += usize::from(datagram == Datagram::Dtls);
        if datagram == Datagram::Dtls && seen == place + 1 {
            Fate::IsLost
        } else {
            Fate::Arrives
        }
    })
}

/// Each of five datagrams is lost in a connection of its own: hello, hello with cookie, what the
/// server says to either, and how it ends. The client's certificate is not among them: this client
/// never sends it twice once the server has repeated itself.
#[test]
fn a_handshake_survives_the_loss_of_a_datagram() {
    let mut meeting = Meeting::new();
    for index in 0..5 {
        let mut client = Client::new(index, &Style::default());
        match index {
            0 | 1 => client.outward = losing(usize::from(index)),
            _ => client.inward = losing(usize::from(index) - 2),
        }
        let (call, key) = (CallKey(u64::from(index)), PeerKey(u64::from(index)));
        let text = answer(meeting.sfu.attach(call, key, 0, &client.offer())).expect("it fits");
        client.take_answer(&text);
        meeting.add(client);
    }
    meeting.until_connected();
    meeting.until("the media plane says so, too", |meeting| {
        let connected = |event: &&MediaEvent| matches!(event, MediaEvent::Connected { .. });
        meeting.events.iter().filter(connected).count() == 5
    });
}

/// A browser whose hello is not answered at once sends it again (Chromium after 50 ms): when the
/// answer to the first was lost, the second must be answered.
#[test]
fn a_hello_that_comes_again_is_answered_again() {
    let mut meeting = Meeting::new();
    let client = meeting.seat(0, &Style::default());
    let client = &mut meeting.clients[client];
    client.inward = losing(1);
    client.copies = Some(Vec::new());
    let mut hello = Vec::new();
    meeting.until(
        "the second hello, which has a cookie, is answered in vain",
        |meeting| {
            let client = &meeting.clients[0];
            let copies = client.copies.iter().flatten();
            let mut sent = copies.filter(|bytes| Datagram::of(bytes) == Datagram::Dtls);
            hello = sent.nth(1).cloned().unwrap_or_default();
            let got = client.datagrams.iter();
            got.filter(|it| it.datagram == Datagram::Dtls).count() == 2
        },
    );
    // The same message in a record of a later number (RFC 6347 §4.1).
    hello[10] += 7;
    meeting.clients[0].send_raw(&hello);
    meeting.until_connected();
}

/// One more peer, who comes by nothing of its own; gives what checks name and prove it by.
fn claimant(meeting: &Meeting) -> (String, String) {
    let offer = Client::new(9, &Style::default()).offer();
    let text = answer(meeting.sfu.attach(CallKey(99), PeerKey(9), 0, &offer)).expect("it fits");
    let fragment = format!(
        "{}:{}",
        value(&text, "ice-ufrag"),
        value(&offer, "ice-ufrag")
    );
    (fragment, value(&text, "ice-pwd").to_owned())
}

#[test]
fn an_address_that_anothers_checks_claimed_before_is_whose_it_is() {
    let mut meeting = Meeting::new();
    let (fragment, password) = claimant(&meeting);
    for seat in [0, 1] {
        meeting.seat(seat, &Style::default());
    }
    let crypto = default_provider().expect("one is built in");
    // Before its first check, and between all that it sends from there.
    let claim = |meeting: &mut Meeting| {
        let claim = stranger::check(&fragment, &password, crypto.as_ref());
        meeting.clients[0].send_raw(&claim);
    };
    claim(&mut meeting);
    let mut marker = Stranger::new();
    marker.check(meeting.clients[0].server(), &fragment, &password);
    while marker.heard() == 0 {
        std::thread::yield_now();
    }
    meeting.until("both are connected all the same", |meeting| {
        claim(meeting);
        meeting.clients.iter().all(Client::is_connected)
    });
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they see each other", |meeting| {
        claim(meeting);
        let mut clients = meeting.clients.iter();
        clients.all(|client| client.count(0, Kind::Camera) >= 30)
    });
    for kind in Kind::ALL {
        assert_one_stream(&meeting.clients[1].arrived(0, kind));
    }
}

#[test]
fn packets_from_a_forged_address_do_not_use_up_what_its_peer_may_send() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they see each other", |meeting| {
        let mut clients = meeting.clients.iter();
        clients.all(|client| client.count(0, Kind::Camera) >= 10)
    });
    meeting.clients[0].copies = Some(Vec::new());
    let (mut forged, seen) = (0u32, meeting.clients[1].count(0, Kind::Camera));
    meeting.until("nothing is missed meanwhile", |meeting| {
        // Packets of sources that nobody has, reports of such, and all that was sent before.
        for _ in 0..50 {
            forged += 1;
            let [a, b, c, d] = forged.to_be_bytes();
            let kind = if forged.is_multiple_of(2) { 111 } else { 201 };
            let mut packet = vec![0x80, kind, c, d, 0, 0, 0, 0, a, b, c, d];
            packet.extend([7; 60]);
            meeting.clients[0].send_raw(&packet);
        }
        let copies = meeting.clients[0].copies.iter().flatten();
        let media: Vec<_> = copies
            .filter(|it| Datagram::of(it).is_media())
            .cloned()
            .collect();
        for copy in media.iter().rev().take(50) {
            meeting.clients[0].send_raw(copy);
        }
        forged > 20_000 && meeting.clients[1].count(0, Kind::Camera) >= seen + 60
    });
    for kind in Kind::ALL {
        assert_one_stream(&meeting.clients[1].arrived(0, kind));
    }
}

#[test]
fn an_address_that_a_peer_lives_by_is_not_taken_by_anothers_checks() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they see each other", |meeting| {
        meeting
            .clients
            .iter()
            .all(|client| client.count(0, Kind::Camera) >= 10)
    });
    let (fragment, password) = claimant(&meeting);
    let crypto = default_provider().expect("one is built in");
    let claim = stranger::check(&fragment, &password, crypto.as_ref());
    meeting.clients[0].send_raw(&claim);
    // Datagrams are handled in the order they come: when this one is answered, the claim was.
    let mut marker = Stranger::new();
    marker.check(meeting.clients[0].server(), &fragment, &password);
    meeting.until("the claim is handled", |_| marker.heard() > 0);
    let seen = meeting.clients[1].count(0, Kind::Camera);
    meeting.until("they go on seeing each other", |meeting| {
        meeting.clients[1].count(0, Kind::Camera) >= seen + 30
    });
    for kind in Kind::ALL {
        assert_one_stream(&meeting.clients[1].arrived(0, kind));
    }
}
