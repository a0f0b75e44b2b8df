//! A worker that fails, or stands still, is noticed: whoever was on it is told, another begins on its
//! port, and nobody else notices anything.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use forward::codec::Kind;
use sfu::{CallKey, MediaEvent, OfferRefused, PeerKey, Settings, Standing};
use tokio::sync::oneshot::error::TryRecvError;

use crate::answer::address;
use crate::client::{Client, Style};
use crate::continuity::assert_one_stream;
use crate::log;
use crate::meeting::{Meeting, answer};

const DOOMED: CallKey = CallKey(700);
const OTHER: CallKey = CallKey(701);
const FROZEN: CallKey = CallKey(702);
const WARM: CallKey = CallKey(703);
const STUCK: CallKey = CallKey(704);
const UNKEPT: CallKey = CallKey(705);
const KEPT: CallKey = CallKey(706);

/// Seats a new client in `call`; gives its index.
fn seat(meeting: &mut Meeting, call: CallKey, seat: u8) -> usize {
    let index = meeting.clients.len();
    let maker = u8::try_from(index).expect("a meeting is small");
    let mut client = Client::new(maker, &Style::default());
    let offer = client.offer();
    let answering = meeting.sfu.attach(call, Meeting::key(index), seat, &offer);
    client.take_answer(&answer(answering).expect("the offer fits"));
    meeting.add(client);
    index
}

/// Everybody in `clients` gets `more` packets of somebody's camera.
fn until_more_comes(meeting: &mut Meeting, clients: [usize; 2], more: usize) {
    let before = clients.map(|index| meeting.clients[index].count(0, Kind::Camera));
    meeting.until("more comes", |meeting| {
        clients
            .iter()
            .zip(before)
            .all(|(index, before)| meeting.clients[*index].count(0, Kind::Camera) >= before + more)
    });
}

/// Two calls of two on a worker each, who see each other; gives those of the first and of the other.
fn two_calls(calls: [CallKey; 2]) -> (Meeting, [usize; 2], [usize; 2]) {
    two_calls_at(
        calls,
        &Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            workers: 2,
            announce: Vec::new(),
            machine: sfu::machine,
        },
    )
}

/// The same, with these settings.
fn two_calls_at(
    [doomed, other]: [CallKey; 2],
    settings: &Settings,
) -> (Meeting, [usize; 2], [usize; 2]) {
    log::begin();
    let mut meeting = Meeting::at(settings);
    let doomed = [0, 1].map(|place| seat(&mut meeting, doomed, place));
    let others = [0, 1].map(|place| seat(&mut meeting, other, place));
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    until_more_comes(&mut meeting, doomed, 5);
    until_more_comes(&mut meeting, others, 5);
    (meeting, doomed, others)
}

/// The worker of the first call fails.
fn sabotage(meeting: &mut Meeting, doomed: CallKey) {
    log::sabotage(doomed);
    let offer = Client::new(9, &Style::default()).offer();
    let unanswered = meeting.sfu.attach(doomed, PeerKey(9), 2, &offer);
    let answered = unanswered.blocking_recv();
    assert!(answered.is_err(), "nobody is left to answer");
    meeting.until("everybody on it is told", |meeting| {
        let is_told = |peer| {
            meeting
                .events
                .contains(&MediaEvent::Gone { call: doomed, peer })
        };
        let bereft = [Meeting::key(0), Meeting::key(1), PeerKey(9)];
        bereft.into_iter().all(is_told)
    });
    meeting.until("it serves again", |meeting| {
        meeting.sfu.standing().down.is_empty()
    });
    let is_said = log::has(&["has failed", "sabotaged"]);
    assert!(is_said, "with the reason");
    assert!(log::has(&["serves again"]));
}

/// The two of `call`, whose worker is gone, come back by fresh connections at the same port, and the
/// others have noticed nothing; gives what becomes of a restart of the first one's old connection.
fn both_come_back(
    meeting: &mut Meeting,
    call: CallKey,
    others: [usize; 2],
    port: SocketAddr,
) -> impl Fn(&Meeting) -> Result<String, OfferRefused> + use<> {
    // A restart of what is gone says so; a fresh connection is at the same port.
    let restart = meeting.clients[0].restart_offer();
    let restarted = move |meeting: &Meeting| answer(meeting.sfu.restart(Meeting::key(0), &restart));
    assert_eq!(restarted(meeting), Err(OfferRefused::Gone));
    let fresh = [0, 1].map(|place| seat(meeting, call, place));
    assert_eq!(address(&meeting.clients[fresh[0]].answer), port);
    let is_connected = |meeting: &Meeting, index: usize| meeting.clients[index].is_connected();
    meeting.until("both are connected", |meeting| {
        fresh.iter().all(|index| is_connected(meeting, *index))
    });
    for index in fresh {
        meeting.clients[index].start_publishing();
    }
    until_more_comes(meeting, fresh, 5);
    until_more_comes(meeting, others, 5);
    for index in others {
        assert_one_stream(&meeting.clients[index].arrived(0, Kind::Camera));
        assert_one_stream(&meeting.clients[index].arrived(0, Kind::Microphone));
    }
    restarted
}

#[test]
fn and_the_others_notice_nothing() {
    let (mut meeting, _, others) = two_calls([DOOMED, OTHER]);
    let port = meeting.clients[0].server();
    let counted = meeting.sfu.counted();
    sabotage(&mut meeting, DOOMED);
    let is_other = |event: &MediaEvent| {
        let keys = others.map(Meeting::key);
        matches!(event, MediaEvent::Lost { peer } | MediaEvent::Gone { peer, .. } if keys.contains(peer))
    };
    assert!(!meeting.events.iter().any(is_other));
    assert!(
        meeting.sfu.counted().received >= counted.received,
        "nothing is counted back"
    );

    let restarted = both_come_back(&mut meeting, DOOMED, others, port);
    assert_eq!(restarted(&meeting), Err(OfferRefused::Gone), "as before");
    meeting.sfu.detach(Meeting::key(0));
    assert_eq!(restarted(&meeting), Err(OfferRefused::NotTheSame));
}

#[test]
fn one_that_stands_still_is_replaced_and_changes_nothing_once_it_goes_on() {
    let (mut meeting, frozen, others) = two_calls([FROZEN, WARM]);
    let port = meeting.clients[0].server();
    log::freeze(FROZEN);
    let offer = Client::new(9, &Style::default()).offer();
    let mut unanswered = meeting.sfu.attach(FROZEN, PeerKey(9), 2, &offer);
    log::until_frozen(FROZEN);
    meeting.until("it is said", |meeting| {
        !meeting.sfu.standing().still.is_empty()
    });
    meeting.until("everybody on it is told", |meeting| {
        let is_told = |peer| {
            meeting
                .events
                .contains(&MediaEvent::Gone { call: FROZEN, peer })
        };
        let bereft = [Meeting::key(0), Meeting::key(1), PeerKey(9)];
        bereft.into_iter().all(is_told)
    });
    let replaced = Standing {
        left_behind: 1,
        ..Standing::default()
    };
    meeting.until("another serves", |meeting| {
        meeting.sfu.standing() == replaced
    });
    assert!(log::has(&["stands still", "another takes its place"]));
    drop(both_come_back(&mut meeting, FROZEN, others, port));
    let back = [frozen[1] + 3, frozen[1] + 4];

    // It goes on, and ends: it answers nothing, and takes nothing from who is in its place.
    log::thaw(FROZEN);
    meeting.until("nothing is left of it", |meeting| {
        meeting.sfu.standing() == Standing::default()
    });
    let ended = unanswered.try_recv();
    assert!(matches!(ended, Err(TryRecvError::Closed)), "{ended:?}");
    until_more_comes(&mut meeting, back, 20);
    until_more_comes(&mut meeting, others, 20);
    for index in [back, others].concat() {
        assert_one_stream(&meeting.clients[index].arrived(0, Kind::Camera));
    }
    meeting.sfu.stop();
}

static IS_BROKEN: AtomicBool = AtomicBool::new(false);

#[test]
fn also_where_its_keeper_has_broken_off_before() {
    let settings = Settings {
        listen: ([0, 0, 0, 0], 0).into(),
        workers: 2,
        announce: Vec::new(),
        machine: || {
            assert!(!IS_BROKEN.load(Ordering::SeqCst), "the machine is broken");
            Ok(vec![IpAddr::from([127, 0, 0, 1])])
        },
    };
    let (mut meeting, _, others) = two_calls_at([UNKEPT, KEPT], &settings);
    let port = meeting.clients[0].server();
    IS_BROKEN.store(true, Ordering::SeqCst);
    meeting.until("its keeper breaks off", |_| {
        log::has(&["broke off, and goes on", "the machine is broken"])
    });
    IS_BROKEN.store(false, Ordering::SeqCst);
    sabotage(&mut meeting, UNKEPT);
    drop(both_come_back(&mut meeting, UNKEPT, others, port));
}

#[test]
fn nobody_waits_at_the_end_for_one_that_stands_still() {
    log::begin();
    let meeting = Meeting::new();
    let offer = Client::new(9, &Style::default()).offer();
    log::freeze(STUCK);
    drop(meeting.sfu.attach(STUCK, PeerKey(9), 0, &offer));
    log::until_frozen(STUCK);
    meeting.sfu.stop();
    assert!(log::has(&["does not end: it is left"]));
    log::thaw(STUCK);
}
