//! Our own load clients against our own server: what is sent arrives, also where much is lost.
#![expect(clippy::expect_used, reason = "a test")]

use std::time::Duration;

use load::client::{Link, Passage, Role, Swarm};
use sfu::{CallKey, PeerKey, Settings, Sfu};
use tokio::sync::mpsc;

/// Long enough for a handshake whose every flight is lost several times.
const PATIENCE: Duration = Duration::from_secs(30);

/// Plays `calls` of four over `link` until everybody has heard somebody, and then until `enough` of
/// what came since.
async fn everybody_hears_somebody(link: Link, calls: u32, enough: impl Fn(&Passage) -> bool) {
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        workers: 1,
        announce: Vec::new(),
        machine: sfu::machine,
    };
    let (sfu, _events) = Sfu::start(&settings).expect("loopback");
    let (arrivals, mut arrived) = mpsc::channel(64);
    let swarm = Swarm::start(arrivals, false, link).expect("a thread");
    let mut waiting = std::collections::BTreeSet::new();
    for call in 0..calls {
        for seat in 0..4u8 {
            let role = Role {
                call,
                seat: seat.into(),
            };
            let (participant, offer) = swarm.add(role).await.expect("a port");
            let peer = PeerKey(u64::from(call) * 4 + u64::from(seat));
            let answer = sfu.attach(CallKey(call.into()), peer, seat, &offer);
            let answer = answer.await.expect("an answer").expect("in the layout");
            swarm.accept(participant, &answer).expect("our own answer");
            waiting.insert(participant);
        }
    }
    let all = async {
        while !waiting.is_empty() {
            let arrival = arrived.recv().await.expect("the swarm lives");
            waiting.remove(&arrival.participant);
        }
    };
    let heard = tokio::time::timeout(PATIENCE, all).await;
    assert!(heard.is_ok(), "nobody heard by {waiting:?}");
    let play = async {
        let mut look = tokio::time::interval(Duration::from_millis(100));
        let mut passage = Passage::default();
        loop {
            let tally = swarm.take().await.expect("the swarm lives");
            assert_eq!(tally.misrouted, 0);
            passage = passage.and(tally.passage);
            if enough(&passage) {
                return;
            }
            look.tick().await;
        }
    };
    let played = tokio::time::timeout(PATIENCE, play).await;
    assert!(played.is_ok(), "it never was enough");
    sfu.stop();
}

#[tokio::test]
async fn everybody_hears_somebody_on_a_good_network() {
    let nothing_lost = |passage: &Passage| *passage == Passage::default();
    everybody_hears_somebody(Link::default(), 2, nothing_lost).await;
}

#[tokio::test]
async fn everybody_hears_somebody_where_a_fifth_is_lost() {
    let link = Link {
        loss: 0.2,
        ..Link::default()
    };
    everybody_hears_somebody(link, 3, |_| true).await;
}

#[tokio::test]
async fn what_a_bad_link_loses_is_sent_again_and_counted() {
    let link = Link {
        loss: 0.05,
        jitter: Duration::from_millis(15),
        rate: Some(8_000),
    };
    let enough = |passage: &Passage| {
        passage.lost_up > 20 && passage.pictures_lost > 20 && passage.retransmitted > 20
    };
    everybody_hears_somebody(link, 1, enough).await;
}
