//! Whoever may act for some time only, as one of several nodes, sends nothing after that, whatever else of it stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use forward::codec::Kind;
use tokio::time::Instant;

use crate::client::Style;
use crate::meeting::Meeting;

fn both_get(meeting: &Meeting, more: usize, than: [usize; 2]) -> bool {
    let counts = [0, 1].map(|it| meeting.clients[it].count(0, Kind::Camera));
    counts
        .iter()
        .zip(than)
        .all(|(count, than)| *count > than + more)
}

fn counts(meeting: &Meeting) -> [usize; 2] {
    [0, 1].map(|it| meeting.clients[it].count(0, Kind::Camera))
}

#[test]
fn nothing_is_sent_after_a_moment_that_nobody_moves_on() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("everybody gets all", |it| both_get(it, 20, [0, 0]));
    let in_an_hour = Duration::from_hours(1).as_micros();
    let in_an_hour = u64::try_from(in_an_hour).expect("it is small");
    let (began, until) = (Instant::now(), Arc::new(AtomicU64::new(in_an_hour)));
    meeting.sfu.send_until(began, Arc::clone(&until));
    let before = counts(&meeting);
    meeting.until("it goes on until then", |it| both_get(it, 20, before));
    // It passes, and nobody tells the workers anything.
    until.store(0, Ordering::Relaxed);
    meeting.obeyed();
    // What the kernel held.
    meeting.turn();
    let before = [0, 1].map(|it| meeting.clients[it].datagrams.len());
    let made = |it: &Meeting| [0, 1].map(|index| it.clients[index].publisher.made(Kind::Camera));
    let made_before = made(&meeting);
    meeting.until("they go on sending", |it| {
        made(it)
            .iter()
            .zip(made_before)
            .all(|(made, before)| *made > before + 20)
    });
    meeting.obeyed();
    meeting.turn();
    let after = [0, 1].map(|it| meeting.clients[it].datagrams.len());
    assert_eq!(after, before, "nothing is sent");
    until.store(in_an_hour, Ordering::Relaxed);
    let before = counts(&meeting);
    meeting.until("it may again", |it| both_get(it, 5, before));
}
