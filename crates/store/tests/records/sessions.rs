//! Sessions outlive the program (SESS-8).

use call::{Parting, SeatNumber, SessionId};
use jiff::SignedDuration;
use links::{AttemptId, LinkId, ResumeSecrets};
use school::MeetingId;
use store::{SessionRecord, Store, Whereabouts};

use crate::places::on_both;
use crate::world::later;

on_both!(
    runs_are_counted,
    what_is_kept_is_read_again,
    a_seat_goes_on_in_one_step,
    a_link_holds_one_session_and_a_seat_one_person,
    what_is_long_over_is_forgotten,
);

pub(crate) fn record(session: u64, link: u64, whereabouts: Whereabouts) -> SessionRecord {
    SessionRecord {
        session: SessionId(session),
        link: LinkId::from_number(link).expect("a link"),
        meeting: MeetingId(7),
        attempt: AttemptId(u128::MAX - u128::from(session)),
        secrets: ResumeSecrets::of_numbers(2, 3),
        whereabouts,
    }
}

fn over(why: Parting, minutes: i64) -> Whereabouts {
    Whereabouts::Over {
        why,
        since: later(minutes),
    }
}

async fn runs_are_counted(store: Store) {
    assert_eq!(store.begin_run().await.expect("counted"), 1);
    assert_eq!(store.begin_run().await.expect("counted"), 2);
}

async fn what_is_kept_is_read_again(store: Store) {
    let whys = [
        Parting::Replaced,
        Parting::Withdrawn,
        Parting::Disconnected,
        Parting::TurnedAway,
        Parting::NobodyCame,
        Parting::Left,
        Parting::TimedOut,
        Parting::Ended,
        Parting::TimeUp,
        Parting::Stopped,
    ];
    let mut all = vec![
        record(1, 1, Whereabouts::Coming),
        record(2, 2, Whereabouts::Seated(SeatNumber(3))),
        record(3, 3, Whereabouts::Waiting(1)),
        record(4, 4, Whereabouts::OnHold(SeatNumber(1))),
    ];
    all.extend(
        (10..)
            .zip(whys)
            .map(|(session, why)| record(session, 1, over(why, 0))),
    );
    store.keep_sessions(&all).await.expect("kept");
    assert_eq!(store.sessions().await.expect("read"), all);
    all[3].whereabouts = over(Parting::Left, 5);
    all[3].secrets = ResumeSecrets::of_numbers(4, 4);
    store.keep_sessions(&all[3..4]).await.expect("kept");
    assert_eq!(store.sessions().await.expect("read"), all);
}

/// The newer session has the older's seat at once: that the older one is over is written first.
async fn a_seat_goes_on_in_one_step(store: Store) {
    let seat = Whereabouts::Seated(SeatNumber(0));
    let first = record(1, 1, seat);
    store.keep_sessions(&[first]).await.expect("kept");
    let replaced = record(1, 1, over(Parting::Replaced, 0));
    let second = record(2, 1, seat);
    store
        .keep_sessions(&[second, replaced])
        .await
        .expect("kept");
    assert_eq!(store.sessions().await.expect("read"), [replaced, second]);
}

async fn a_link_holds_one_session_and_a_seat_one_person(store: Store) {
    let seat = Whereabouts::Seated(SeatNumber(0));
    store
        .keep_sessions(&[record(1, 1, seat)])
        .await
        .expect("kept");
    let same_link = record(2, 1, Whereabouts::Coming);
    let same_seat = record(2, 2, seat);
    for wrong in [same_link, same_seat] {
        let good = record(3, 3, Whereabouts::Coming);
        assert!(store.keep_sessions(&[good, wrong]).await.is_err());
    }
    assert_eq!(
        store.sessions().await.expect("read"),
        [record(1, 1, seat)],
        "all or none"
    );
}

async fn what_is_long_over_is_forgotten(store: Store) {
    let over = |session, minutes| record(session, 1, over(Parting::Left, minutes));
    let lives = record(9, 1, Whereabouts::Coming);
    let all = [over(1, 0), over(2, 10), over(3, 11), over(4, 12), lives];
    store.keep_sessions(&all).await.expect("kept");
    store
        .forget_sessions((later(10), SignedDuration::ZERO), 9)
        .await
        .expect("forgotten");
    assert_eq!(store.sessions().await.expect("read"), all[1..]);
    // The newest that are over are kept, and who lives.
    store
        .forget_sessions((later(10), SignedDuration::ZERO), 1)
        .await
        .expect("forgotten");
    assert_eq!(store.sessions().await.expect("read"), all[2..]);
}
