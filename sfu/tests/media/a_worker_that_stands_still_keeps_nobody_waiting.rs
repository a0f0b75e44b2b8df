//! A worker that stands still keeps nobody waiting who tells it something, and what must not be
//! lost is done as soon as it goes on.

use forward::codec::Kind;
use sfu::{CallKey, OfferRefused, PeerKey, Shown, View};

use crate::client::{Client, Style};
use crate::log;
use crate::meeting::{Meeting, answer};

const STILL: CallKey = CallKey(720);

/// More than find room with a worker.
const MANY: u64 = 1_500;

#[test]
fn and_loses_nothing_that_must_not_be_lost() {
    log::begin();
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they see each other", |meeting| {
        let mut clients = meeting.clients.iter();
        clients.all(|client| client.count(0, Kind::Camera) >= 5)
    });
    let offer = Client::new(9, &Style::default()).offer();
    log::freeze(STILL);
    let first = meeting.sfu.attach(STILL, PeerKey(1), 0, &offer);
    log::until_frozen(STILL);
    // This thread tells it much, and comes to the end of that.
    let shown = Shown {
        camera: 720,
        screen: 0,
    };
    for _ in 0..MANY {
        meeting
            .sfu
            .view(Meeting::key(0), View { slots: [shown; 3] });
    }
    let without_room = meeting.sfu.attach(STILL, PeerKey(2), 1, &offer);
    assert_eq!(answer(without_room), Err(OfferRefused::Busy));
    let restart = meeting.sfu.restart(Meeting::key(0), &offer);
    assert_eq!(answer(restart), Err(OfferRefused::Busy));
    for n in 0..MANY {
        let name = format!("name{n}");
        drop(meeting.sfu.grant_relay(STILL, None, &name));
        meeting.sfu.hold_relay(&name, PeerKey(1_000 + n));
        meeting.sfu.end_relay(PeerKey(1_000 + n));
    }
    // What found no room has left no trace, and a detachment is not lost.
    meeting.sfu.detach(PeerKey(2));
    meeting.sfu.detach(Meeting::key(1));
    log::thaw(STILL);
    assert!(answer(first).is_ok());
    // Behind all that it was told before.
    meeting.until("it takes offers again", |meeting| {
        answer(meeting.sfu.attach(STILL, PeerKey(3), 2, &offer)).is_ok()
    });
    let before = meeting.clients[1].media_datagrams();
    let third = meeting.seat(2, &Style::default());
    meeting.until("the third is connected", |meeting| {
        meeting.clients[third].is_connected()
    });
    meeting.until("the first is seen by the third", |meeting| {
        meeting.clients[third].count(0, Kind::Camera) >= 20
    });
    // What was on its way when the worker went on may still have come.
    assert!(meeting.clients[1].media_datagrams() <= before + 200);
    assert_eq!(
        meeting.clients[third].count(1, Kind::Camera),
        0,
        "it is gone"
    );
}
