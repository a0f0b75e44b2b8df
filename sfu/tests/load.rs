//! Our own load clients against our own server: what is sent arrives, also where much is lost.
#![expect(clippy::expect_used, reason = "a test")]

use std::time::Duration;

use sfu::client::{Role, Swarm};
use sfu::{CallKey, PeerKey, Settings, Sfu};
use tokio::sync::mpsc;

/// Long enough for a handshake whose every flight is lost several times.
const PATIENCE: Duration = Duration::from_secs(30);

async fn everybody_hears_somebody(loss: f64, calls: u32) {
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        workers: 1,
        announce: Vec::new(),
    };
    let (sfu, _events) = Sfu::start(&settings).expect("loopback");
    let (arrivals, mut arrived) = mpsc::channel(64);
    let swarm = Swarm::start(arrivals, false, loss).expect("a thread");
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
    let tally = swarm.take().await.expect("the swarm lives");
    assert_eq!(tally.misrouted, 0);
    sfu.stop();
}

#[tokio::test]
async fn everybody_hears_somebody_on_a_good_network() {
    everybody_hears_somebody(0.0, 2).await;
}

#[tokio::test]
async fn everybody_hears_somebody_where_a_fifth_is_lost() {
    everybody_hears_somebody(0.2, 3).await;
}
