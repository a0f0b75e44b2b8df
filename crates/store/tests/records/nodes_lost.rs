//! What nodes do where PostgreSQL has lost what was written last, as a replica may that has taken over.

use std::time::Duration;

use call::{LinkId, Moment, SeatNumber, SessionId, Whereabouts};
use cluster::{Cluster as _, Notice, Said, SessionRecord, Shared, Standing, Truth};
use links::ResumeSecrets;
use store::Place;
use tokio::time::timeout;

use crate::nodes::{ELSEWHERE, HERE, PATIENCE, a_run, claim, now, press, truth_of, two};
use crate::places::{fresh_postgres, run_beside};

const STAYS: LinkId = LinkId(31);
const LOST: LinkId = LinkId(32);

/// How a node finds out that there is no row of a session of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Finds {
    /// It says that it lives.
    Looking,
    /// It writes down something of that session.
    Writing,
}

/// The row of a session is lost, and that its number was given.
async fn lose(place: &Place, session: SessionId) {
    let number = session.0;
    let lose = format!(
        "DELETE FROM sessions WHERE id = {number};
         UPDATE session_numbers SET newest = {}",
        number - 1
    );
    run_beside(place, lose).await;
}

async fn hears_that_it_is_over(node: &Shared, lost: SessionId) {
    let is_it =
        |it| matches!(it, Notice::Moved { link: LOST, call: HERE, epoch } if epoch.0 > lost.0);
    let waiting = async { while !is_it(node.next_notice().await) {} };
    timeout(PATIENCE, waiting).await.expect("it hears of it");
}

async fn row_of(truth: &impl Truth, session: SessionId) -> Option<SessionRecord> {
    let found = truth.session(session).await.expect("answered");
    found.map(|(row, _)| row)
}

/// Whoever has it would go on with it for ever, and a press for another meeting finds nothing that it replaces.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_which_there_is_no_row_is_over_and_its_meeting_goes_on() {
    for finds in [Finds::Looking, Finds::Writing] {
        for is_given_again in [false, true] {
            let (place, one, other) = two(false).await;
            let truth = truth_of(&place).await;
            let (term, _) = one.own(HERE).await.expect("nobody's");
            let stays = claim(&one, press(STAYS, HERE, 1)).await;
            let lost = claim(&one, press(LOST, HERE, 2)).await;
            let sits = |session, seat| (session, Whereabouts::Seated(SeatNumber(seat)));
            one.keep(HERE, term, vec![sits(stays, 0), sits(lost, 1)]);
            one.flush(now()).await.expect("written");
            lose(&place, lost).await;
            if is_given_again {
                // In another meeting, and nobody hears of the older one.
                let newer = claim(&other, press(LOST, ELSEWHERE, 3)).await;
                assert_eq!(newer, lost, "by the same number");
            }
            match finds {
                Finds::Looking => {
                    one.renew(&now).await.expect("answered");
                }
                Finds::Writing => one.keep_secrets(lost, ResumeSecrets::of_numbers(1, 2)),
            }
            hears_that_it_is_over(&one, lost).await;
            assert_eq!(one.standing(LOST, lost), Standing::Over);
            one.keep(HERE, term, vec![sits(stays, 0)]);
            one.flush(now()).await.expect("answered");
            one.renew(&now).await.expect("answered");
            assert!(
                one.may_act(HERE, term, Moment::default()),
                "the call goes on"
            );
            assert_eq!(one.standing(STAYS, stays), Standing::Live);
            // What it wrote of the one that was lost counts for nothing of the one that has its number.
            let row = row_of(&truth, lost).await;
            let is_there = row.is_some_and(|it| {
                it.meeting.0 == ELSEWHERE.0 && it.whereabouts == cluster::Whereabouts::Coming
            });
            assert_eq!(is_there, is_given_again, "{row:?}");
            // The link is as good as before, by a higher number.
            let next = claim(&one, press(LOST, HERE, 4)).await;
            assert!(next > lost, "{finds:?}");
            assert_eq!(one.standing(LOST, next), Standing::Live);
        }
    }
}

/// A run that had just begun is no more, and ends, to begin anew: also where nobody else runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_which_there_is_no_row_is_gone() {
    let place = fresh_postgres().await;
    let truth = truth_of(&place).await;
    let run = a_run(&truth, "north").await;
    run_beside(&place, "DELETE FROM nodes".to_owned()).await;
    let renewed = timeout(Duration::from_secs(5), truth.renew(run, Said::default()));
    let renewed = renewed.await.expect("in time").expect("answered");
    assert!(renewed.is_gone);
    assert_eq!(renewed.living, []);
}
