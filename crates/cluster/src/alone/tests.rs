use std::collections::BTreeMap;
use std::sync::Arc;

use call::{AttemptId, SeatNumber, Whereabouts};

use super::*;
use crate::conformance;

/// One whose changes are written down as they come.
fn written_down() -> Arc<Alone> {
    let (alone, _) = Alone::restored(1, &[], Moment::default());
    let alone = Arc::new(alone);
    let writes = Arc::clone(&alone);
    tokio::spawn(async move {
        loop {
            writes.changed().await;
            writes.changes((ambient::now(), Moment::default()));
            writes.are_written();
        }
    });
    alone
}

#[tokio::test]
async fn a_program_on_its_own_passes() {
    conformance::passes(&async || written_down()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_program_on_its_own_passes_on_several_threads() {
    conformance::passes(&async || written_down()).await;
}

const HERE: CallId = CallId(1);

fn press(link: u64, attempt: u128) -> Press {
    Press {
        link: LinkId(link),
        call: HERE,
        attempt: AttemptId(attempt),
    }
}

/// What could not be written is written with what comes after it, and what was written is what the next
/// run begins with.
#[tokio::test]
async fn what_is_written_down_outlives_the_program() {
    let now = Moment::default();
    let (alone, nobody) = Alone::restored(1, &[], now);
    assert_eq!(nobody, []);
    let (term, _) = alone.own(HERE).await.expect("nobody else is there");
    let mut sessions = Vec::new();
    for link in [1, 2] {
        let claim = alone.claim(press(link, 1), now).await;
        let Ok(Claim::New { session, .. }) = claim else {
            panic!("{claim:?}");
        };
        sessions.push(session);
        alone.keep_secrets(session, ResumeSecrets::of_numbers(2, 3));
    }
    let mut kept = BTreeMap::new();
    let first = alone.changes((ambient::now(), now));
    assert_eq!(first.len(), 2);
    let here = vec![(sessions[1], Whereabouts::Seated(SeatNumber(3)))];
    alone.keep(HERE, term, here);
    let second = alone.changes((ambient::now(), now));
    for record in second {
        kept.insert(record.session, record);
    }
    alone.are_written();
    assert_eq!(kept.len(), 2, "what failed comes again");
    let records: Vec<_> = kept.into_values().collect();
    let (next, left_behind) = Alone::restored(2, &records, now);
    assert_eq!(left_behind, [HERE]);
    let (_, seats) = next.own(HERE).await.expect("nobody else is there");
    let [seat] = seats.as_slice() else {
        panic!("{seats:?}");
    };
    assert_eq!(seat.kept.session, sessions[1]);
    assert_eq!(seat.kept.seat, Some(SeatNumber(3)));
    assert_eq!(seat.known.secrets, ResumeSecrets::of_numbers(2, 3));
    // Whoever had not come in is given up, and their press begins another session, above all others.
    let again = next.claim(press(1, 1), now).await;
    assert!(matches!(again, Ok(Claim::New { session, .. }) if session > sessions[1]));
}

/// Whoever hears that they have a seat finds it again, whatever becomes of the program a moment later.
#[tokio::test(start_paused = true)]
async fn whoever_waits_for_their_seat_to_be_written_waits_until_it_is() {
    let now = Moment::default();
    let (alone, _) = Alone::restored(1, &[], now);
    let (term, _) = alone.own(HERE).await.expect("nobody else is there");
    let claim = alone.claim(press(1, 1), now).await;
    let Ok(Claim::New { session, .. }) = claim else {
        panic!("{claim:?}");
    };
    let seated = vec![(session, Whereabouts::Seated(SeatNumber(0)))];
    alone.keep(HERE, term, seated);
    let mut written = alone.written(session);
    assert!((&mut written).now_or_never().is_none(), "it is not written");
    alone.changes((ambient::now(), now));
    assert!(
        (&mut written).now_or_never().is_none(),
        "it is being written"
    );
    alone.are_written();
    assert!(written.now_or_never().is_some(), "it is written");
    assert!(
        alone.written(session).now_or_never().is_some(),
        "it still is"
    );
    alone.keep(
        HERE,
        term,
        vec![(session, Whereabouts::OnHold(SeatNumber(0)))],
    );
    // Nobody writes: it ends all the same.
    alone.written(session).await;
}

/// There are always more of them: a meeting is one evening's, and over.
#[tokio::test]
async fn a_meeting_that_is_over_is_forgotten() {
    let alone = written_down();
    let (term, _) = alone.own(HERE).await.expect("nobody else is there");
    let claim = alone.claim(press(1, 1), Moment::default()).await;
    let Ok(Claim::New { session, .. }) = claim else {
        panic!("{claim:?}");
    };
    alone.keep(HERE, term, vec![(session, Whereabouts::Coming)]);
    alone.leave(HERE, term).await;
    assert!(alone.state().memory.owned.is_empty());
    assert!(!alone.state().memory.holds_anybody());
}
