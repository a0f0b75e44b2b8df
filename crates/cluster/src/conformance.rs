//! What every implementation of [`Cluster`] has to pass. Each check begins with a cluster of its own in
//! which nothing has happened yet.
#![expect(clippy::panic, reason = "whoever does not pass is told so by a panic")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use call::{
    AttemptId, CallId, Claim, Epoch, LinkId, Moment, Parting, SeatNumber, SessionId, Whereabouts,
};
use futures_util::future::join_all;
use links::ResumeSecrets;
use tokio::time::timeout;

use crate::{Cluster, Known, NotClaimed, Notice, Press, Seat, Standing, Term};

/// Nothing here may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

const LINK: LinkId = LinkId(11);
const HERE: CallId = CallId(1);
const ELSEWHERE: CallId = CallId(2);

/// Makes a cluster in which nothing has happened yet.
pub trait Fresh {
    /// What is made.
    type Cluster: Cluster;
    /// Another one.
    fn fresh(&self) -> impl Future<Output = Arc<Self::Cluster>>;
}

impl<C: Cluster, M: Future<Output = Arc<C>>, F: Fn() -> M> Fresh for F {
    type Cluster = C;

    fn fresh(&self) -> impl Future<Output = Arc<C>> {
        self()
    }
}

/// All of it.
pub async fn passes(fresh: &impl Fresh) {
    one_press_is_one_session_however_often_it_is_retried(&*fresh.fresh().await).await;
    of_presses_that_race_one_wins(&*fresh.fresh().await).await;
    epochs_only_rise(&*fresh.fresh().await).await;
    the_same_press_for_another_meeting_moves_the_link(&*fresh.fresh().await).await;
    what_ended_a_session_stands(&*fresh.fresh().await).await;
    nobody_releases_a_session_but_their_own(&*fresh.fresh().await).await;
    a_link_that_changes_hands_too_often_is_refused(&*fresh.fresh().await).await;
    a_withdrawn_link_claims_nothing(&*fresh.fresh().await).await;
    seats_are_handed_to_the_next_owner(&*fresh.fresh().await).await;
    an_owner_of_the_past_counts_for_nothing(&*fresh.fresh().await).await;
    secrets_are_kept(&*fresh.fresh().await).await;
    every_notice_comes_in_its_order(&*fresh.fresh().await).await;
}

/// A moment so many seconds in.
const fn at(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}

const fn press(link: LinkId, call: CallId, attempt: u128) -> Press {
    let attempt = AttemptId(attempt);
    Press {
        link,
        call,
        attempt,
    }
}

async fn claim(cluster: &impl Cluster, press: Press, now: Moment) -> (SessionId, Epoch, bool) {
    match cluster.claim(press, now).await {
        Ok(Claim::New { session, epoch, .. }) => (session, epoch, true),
        Ok(Claim::Again { session, epoch }) => (session, epoch, false),
        other => panic!("{press:?} is given {other:?}"),
    }
}

async fn find(cluster: &impl Cluster, session: SessionId) -> Option<Known> {
    match cluster.find(session).await {
        Ok(found) => found,
        Err(unavailable) => panic!("{unavailable}"),
    }
}

/// Nobody else is there who could own it.
async fn owned(cluster: &impl Cluster) -> (Term, Vec<Seat>) {
    match cluster.own(HERE).await {
        Ok(owned) => owned,
        Err(refused) => panic!("{refused:?}"),
    }
}

async fn one_press_is_one_session_however_often_it_is_retried(cluster: &impl Cluster) {
    let press = press(LINK, HERE, 1);
    let claims = join_all((0..32).map(|_| claim(cluster, press, at(0)))).await;
    let sessions: BTreeSet<_> = claims
        .iter()
        .map(|(session, epoch, _)| (*session, *epoch))
        .collect();
    assert_eq!(sessions.len(), 1, "one press, one session");
    assert_eq!(claims.iter().filter(|(_, _, is_new)| *is_new).count(), 1);
    assert!(cluster.is_in_use(LINK));
}

async fn of_presses_that_race_one_wins(cluster: &impl Cluster) {
    for round in 0..50 {
        let link = LinkId(100 + round);
        let presses = [press(link, HERE, 1), press(link, ELSEWHERE, 2)];
        let racing = presses.map(|it| claim(cluster, it, at(0)));
        let claims = join_all(racing).await;
        let live: Vec<_> = claims
            .iter()
            .filter(|(session, ..)| cluster.standing(link, *session) == Standing::Live)
            .collect();
        assert_eq!(live.len(), 1, "one live session a link");
        let highest = claims.iter().map(|(_, epoch, _)| *epoch).max();
        assert_eq!(live.first().map(|(_, epoch, _)| *epoch), highest);
        for (session, ..) in &claims {
            let standing = cluster.standing(link, *session);
            assert!(matches!(standing, Standing::Live | Standing::Replaced));
        }
        // The one that lost hears of it, wherever it is.
        let told = timeout(PATIENCE, cluster.next_notice()).await;
        assert!(matches!(told, Ok(Notice::Moved { link: it, .. }) if it == link));
    }
}

async fn epochs_only_rise(cluster: &impl Cluster) {
    let mut last = None;
    for round in 0..40 {
        let link = LinkId(200 + round % 8);
        let call = CallId(1 + round % 3);
        let now = at(round * 60);
        let (session, epoch, is_new) = claim(cluster, press(link, call, round.into()), now).await;
        assert!(is_new);
        assert!(Some(epoch) > last, "an epoch that fell, or came twice");
        last = Some(epoch);
        if round % 2 == 0 {
            cluster.release(session, Parting::Left, now);
        }
    }
}

async fn the_same_press_for_another_meeting_moves_the_link(cluster: &impl Cluster) {
    let (here, ..) = claim(cluster, press(LINK, HERE, 1), at(0)).await;
    let (there, epoch, is_new) = claim(cluster, press(LINK, ELSEWHERE, 1), at(1)).await;
    assert!(is_new, "one attempt for two meetings holds one seat");
    assert_eq!(cluster.standing(LINK, here), Standing::Replaced);
    assert_eq!(cluster.standing(LINK, there), Standing::Live);
    let moved = Notice::Moved {
        link: LINK,
        call: HERE,
        epoch,
    };
    assert_eq!(timeout(PATIENCE, cluster.next_notice()).await, Ok(moved));
    let parting = find(cluster, here).await.and_then(|it| it.parting);
    assert_eq!(parting, Some(Parting::Replaced));
}

async fn what_ended_a_session_stands(cluster: &impl Cluster) {
    let press = press(LINK, HERE, 1);
    let (session, ..) = claim(cluster, press, at(0)).await;
    cluster.release(session, Parting::Left, at(1));
    assert!(!cluster.is_in_use(LINK));
    assert_eq!(cluster.standing(LINK, session), Standing::Over);
    let again = cluster.claim(press, at(2)).await;
    assert_eq!(again, Ok(Claim::Over(Parting::Left)));
    // Nobody ended a session that was lost: whoever pressed may still be on the way.
    let press = Press {
        attempt: AttemptId(2),
        ..press
    };
    let (lost, ..) = claim(cluster, press, at(3)).await;
    cluster.release(lost, Parting::TimedOut, at(4));
    let (anew, _, is_new) = claim(cluster, press, at(5)).await;
    assert!(is_new && anew > lost);
}

async fn nobody_releases_a_session_but_their_own(cluster: &impl Cluster) {
    let (older, ..) = claim(cluster, press(LINK, HERE, 1), at(0)).await;
    let (newer, ..) = claim(cluster, press(LINK, HERE, 2), at(1)).await;
    cluster.release(older, Parting::TimedOut, at(2));
    assert_eq!(cluster.standing(LINK, newer), Standing::Live);
    let parting = find(cluster, older).await.and_then(|it| it.parting);
    assert_eq!(parting, Some(Parting::Replaced), "it was over already");
    cluster.release(newer, Parting::Left, at(3));
    assert!(!cluster.is_in_use(LINK));
}

async fn a_link_that_changes_hands_too_often_is_refused(cluster: &impl Cluster) {
    for attempt in 1..=32 {
        let press = press(LINK, HERE, attempt);
        let checked = cluster.check(press, at(0)).await;
        let claimed = cluster.claim(press, at(0)).await;
        assert_eq!(
            checked.is_ok(),
            claimed.is_ok(),
            "what is said before holds"
        );
        if let Err(refused) = claimed {
            let NotClaimed::TooSoon(too_soon) = refused else {
                panic!("{refused:?}");
            };
            assert!(too_soon.retry_after <= Duration::from_secs(60));
            let later = Moment(too_soon.retry_after);
            assert_eq!(cluster.check(press, later).await, Ok(()));
            return;
        }
    }
    panic!("it is never refused");
}

async fn a_withdrawn_link_claims_nothing(cluster: &impl Cluster) {
    let (session, ..) = claim(cluster, press(LINK, HERE, 1), at(0)).await;
    cluster.withdraw(LINK).await;
    assert!(cluster.is_withdrawn(LINK));
    assert_eq!(cluster.standing(LINK, session), Standing::Withdrawn);
    let again = press(LINK, HERE, 2);
    assert_eq!(
        cluster.check(again, at(1)).await,
        Err(NotClaimed::Withdrawn)
    );
    let claimed = cluster.claim(again, at(1)).await;
    assert_eq!(claimed, Err(NotClaimed::Withdrawn));
    assert!(!cluster.is_withdrawn(LinkId(12)));
}

async fn seats_are_handed_to_the_next_owner(cluster: &impl Cluster) {
    let (term, nobody) = owned(cluster).await;
    assert!(nobody.is_empty());
    let mut sessions = Vec::new();
    for number in 0..5 {
        let press = press(LinkId(300 + number), HERE, 1);
        sessions.push(claim(cluster, press, at(0)).await.0);
    }
    let whereabouts = [
        Whereabouts::Seated(SeatNumber(2)),
        Whereabouts::Waiting(1),
        Whereabouts::Seated(SeatNumber(0)),
        Whereabouts::Waiting(0),
    ];
    let here: Vec<_> = sessions.iter().copied().zip(whereabouts).collect();
    cluster.keep(HERE, term, here);
    let (_, seats) = owned(cluster).await;
    let handed: Vec<_> = seats
        .iter()
        .map(|it| (it.kept.session, it.kept.seat))
        .collect();
    let wanted = [
        (sessions.first(), Some(SeatNumber(2))),
        (sessions.get(2), Some(SeatNumber(0))),
        (sessions.get(3), None),
        (sessions.get(1), None),
    ];
    let wanted: Vec<_> = wanted
        .into_iter()
        .filter_map(|(session, seat)| Some((*session?, seat)))
        .collect();
    assert_eq!(handed, wanted, "in their seats, and the queue in its order");
    for seat in &seats {
        assert_eq!(seat.known.press.link, seat.kept.link);
        assert_eq!(seat.known.parting, None);
    }
}

async fn an_owner_of_the_past_counts_for_nothing(cluster: &impl Cluster) {
    let (session, ..) = claim(cluster, press(LINK, HERE, 1), at(0)).await;
    let (past, _) = owned(cluster).await;
    let seated = |seat| vec![(session, Whereabouts::Seated(SeatNumber(seat)))];
    cluster.keep(HERE, past, seated(1));
    let (term, _) = owned(cluster).await;
    assert!(term > past, "terms only rise");
    cluster.keep(HERE, past, seated(3));
    cluster.leave(HERE, past).await;
    let (next, seats) = owned(cluster).await;
    assert!(next > term);
    let seats: Vec<_> = seats.iter().map(|it| it.kept.seat).collect();
    assert_eq!(seats, [Some(SeatNumber(1))]);
    cluster.keep(HERE, next, seated(2));
    let (_, seats) = owned(cluster).await;
    let seats: Vec<_> = seats.iter().map(|it| it.kept.seat).collect();
    assert_eq!(seats, [Some(SeatNumber(2))]);
}

async fn secrets_are_kept(cluster: &impl Cluster) {
    let press = press(LINK, HERE, 1);
    let (session, ..) = claim(cluster, press, at(0)).await;
    let found = find(cluster, session).await;
    assert_eq!(found.map(|it| it.secrets), Some(ResumeSecrets::begin()));
    let further = ResumeSecrets::of_numbers(3, 4);
    cluster.keep_secrets(session, further);
    let found = find(cluster, session).await;
    assert_eq!(
        found.map(|it| (it.press, it.secrets)),
        Some((press, further))
    );
    assert_eq!(find(cluster, SessionId(session.0 + 1)).await, None);
}

async fn every_notice_comes_in_its_order(cluster: &impl Cluster) {
    let (session, ..) = claim(cluster, press(LINK, HERE, 1), at(0)).await;
    cluster.withdraw(LINK).await;
    cluster.release(session, Parting::Withdrawn, at(1));
    cluster.withdraw(LinkId(12)).await;
    cluster.tell(Notice::Changed { call: ELSEWHERE }).await;
    let wanted = [
        Notice::Withdrawn {
            link: LINK,
            call: Some(HERE),
        },
        Notice::Withdrawn {
            link: LinkId(12),
            call: None,
        },
        Notice::Changed { call: ELSEWHERE },
    ];
    for notice in wanted {
        assert_eq!(timeout(PATIENCE, cluster.next_notice()).await, Ok(notice));
    }
}
