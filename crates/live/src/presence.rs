//! Who is in which call now, told by the calls, and who says that they are here for one; for the pages that
//! show it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::{CallId, LinkId};
use wire::http::teacher::Presence as State;

use crate::abroad::{Abroad, CallTold};

/// Who is there, by link.
pub type There = Vec<(LinkId, State)>;

/// A call in which somebody is.
#[derive(Debug, Default)]
struct InCall {
    there: There,
    /// Whose pages show it.
    followers: Vec<LinkId>,
    /// Whoever has held a seat in it since it began.
    were: BTreeSet<LinkId>,
}

impl InCall {
    /// Who is there now. Whether that is news.
    fn take(&mut self, there: There, followers: Vec<LinkId>) -> bool {
        let is_news = self.there != there;
        let seated = there.iter().filter(|(_, state)| *state != State::Waiting);
        self.were.extend(seated.map(|(link, _)| *link));
        self.there = there;
        self.followers = followers;
        is_news
    }
}

/// The calls in which somebody is, and those for which somebody is here.
#[derive(Debug, Default)]
pub struct Presence {
    calls: Mutex<HashMap<CallId, InCall>>,
    here: Mutex<HashSet<(CallId, LinkId)>>,
    /// What other nodes tell, by the streams that they tell it on.
    told: Mutex<BTreeMap<u64, HashMap<CallId, CallTold>>>,
    /// Where there are other nodes, they hear of it.
    abroad: Option<Arc<Abroad>>,
}

impl Presence {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, InCall>> {
        // The map is whole at every step, whatever panicked.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn here(&self) -> MutexGuard<'_, HashSet<(CallId, LinkId)>> {
        // So is this.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told_by_others(&self) -> MutexGuard<'_, BTreeMap<u64, HashMap<CallId, CallTold>>> {
        // And this.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody is anywhere yet; where there are other nodes, they hear of whoever comes.
    pub(crate) fn heard_by(abroad: Option<Arc<Abroad>>) -> Self {
        Self {
            abroad,
            ..Self::default()
        }
    }

    fn tell_others(&self, call: CallId) {
        if let Some(abroad) = &self.abroad {
            abroad.call(call);
        }
    }

    /// Who is there now, and whose pages show it. Whether that is news.
    pub fn tell(&self, call: CallId, there: There, followers: Vec<LinkId>) -> bool {
        self.have_come(call, &there.iter().map(|(link, _)| *link).collect());
        let is_news = if there.is_empty() {
            self.calls().remove(&call).is_some()
        } else {
            let mut calls = self.calls();
            calls.entry(call).or_default().take(there, followers)
        };
        if is_news {
            self.tell_others(call);
        }
        is_news
    }

    /// Whoever has come is there, and need not say it.
    fn have_come(&self, call: CallId, links: &BTreeSet<LinkId>) {
        let mut here = self.here();
        let before = here.len();
        here.retain(|(of, link)| *of != call || !links.contains(link));
        let has_changed = here.len() != before;
        drop(here);
        if has_changed {
            self.tell_others(call);
        }
    }

    /// Somebody says that they are here for a call, or no longer. Those whose page `is_open` no more are
    /// forgotten: so there are never more of them than pages. Whether that is news.
    pub fn say_here(
        &self,
        (call, link): (CallId, LinkId),
        is_here: bool,
        is_open: impl Fn(LinkId) -> bool,
    ) -> bool {
        let is_news = {
            let mut here = self.here();
            here.retain(|(_, link)| is_open(*link));
            if is_here {
                here.insert((call, link))
            } else {
                here.remove(&(call, link))
            }
        };
        if is_news {
            self.tell_others(call);
        }
        is_news
    }

    /// Whether somebody has said here that they are here for a call.
    pub fn has_said_here(&self, call: CallId, link: LinkId) -> bool {
        self.here().contains(&(call, link))
    }

    /// Whether somebody has said so at another node, and their page is open there.
    pub fn is_here_elsewhere(&self, call: CallId, link: LinkId) -> bool {
        let is_here = |it: &HashMap<CallId, CallTold>| {
            let told = it.get(&call);
            told.is_some_and(|it| it.here.contains(&link))
        };
        self.told_by_others().values().any(is_here)
    }

    /// Whether anybody has, here or there.
    pub fn is_anybody_here(&self, call: CallId) -> bool {
        let is_here = self.here().iter().any(|(of, _)| *of == call);
        let is_elsewhere = |it: &HashMap<CallId, CallTold>| {
            let told = it.get(&call);
            told.is_some_and(|it| !it.here.is_empty())
        };
        is_here || self.told_by_others().values().any(is_elsewhere)
    }

    /// Whether anybody is in a call, wherever it is.
    pub fn is_anybody_in(&self, call: CallId) -> bool {
        !self.of(call).is_empty()
    }

    /// Whether somebody holds a seat in any call, wherever it is.
    pub fn is_seated(&self, link: LinkId) -> bool {
        self.seat_of(link).is_some()
    }

    /// The call in which somebody holds a seat, wherever it is, and who else does.
    pub fn seat_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        self.seat_here_of(link).or_else(|| {
            let find = |(call, told): (&CallId, &CallTold)| seated_with(link, (*call, &told.there));
            self.told_by_others()
                .values()
                .rev()
                .flatten()
                .find_map(find)
        })
    }

    /// The call of this node's in which somebody holds a seat, and who else does.
    pub fn seat_here_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        let find = |(call, known): (&CallId, &InCall)| seated_with(link, (*call, &known.there));
        self.calls().iter().find_map(find)
    }

    /// Who is in a call, wherever it is.
    pub fn of(&self, call: CallId) -> There {
        let here = self.calls().get(&call).map(|it| it.there.clone());
        here.unwrap_or_else(|| {
            let find = |it: &HashMap<CallId, CallTold>| {
                let told = it.get(&call).filter(|it| !it.there.is_empty());
                told.map(|it| it.there.clone())
            };
            // Of two who tell of one call, whoever began to tell last has it, or will.
            let found = self.told_by_others().values().rev().find_map(find);
            found.unwrap_or_default()
        })
    }

    /// Whoever has held a seat in a call since it began, those who have left it included. Of who had left
    /// before the program was started nothing is known.
    pub fn were_in(&self, call: CallId) -> BTreeSet<LinkId> {
        let calls = self.calls();
        calls
            .get(&call)
            .map_or_else(BTreeSet::new, |it| it.were.clone())
    }

    /// What another node tells on the stream of that number.
    pub(crate) fn hear(&self, from: u64, told: Vec<CallTold>) {
        for it in told {
            let call = CallId(it.call);
            self.have_come(call, &it.there.iter().map(|(link, _)| *link).collect());
            let is_nothing = it.there.is_empty() && it.here.is_empty();
            let mut all = self.told_by_others();
            let its = all.entry(from).or_default();
            if is_nothing {
                its.remove(&call);
            } else {
                its.insert(call, it);
            }
            drop(all);
        }
    }

    /// That stream has ended: whose pages showed what was told on it.
    pub(crate) fn forget(&self, from: u64) -> BTreeSet<LinkId> {
        let told = self.told_by_others().remove(&from).unwrap_or_default();
        let followers = told.into_values().flat_map(|it| it.followers);
        followers.collect()
    }

    /// The calls of which there is anything to tell.
    pub(crate) fn all(&self) -> BTreeSet<CallId> {
        let mut all = self.awaited();
        all.extend(self.calls().keys());
        all
    }

    /// Those for which somebody has said here that they are.
    pub(crate) fn awaited(&self) -> BTreeSet<CallId> {
        self.here().iter().map(|(call, _)| *call).collect()
    }

    /// What this node knows of a call by itself.
    pub(crate) fn told(&self, call: CallId) -> CallTold {
        let its = |(of, link): &(CallId, LinkId)| (*of == call).then_some(*link);
        let here = self.here().iter().filter_map(its).collect();
        let (there, followers) = self.calls().get(&call).map_or_else(Default::default, |it| {
            (it.there.clone(), it.followers.clone())
        });
        CallTold {
            call: call.0,
            there,
            here,
            followers,
        }
    }
}

/// That call, and who holds a seat in it, where somebody does.
fn seated_with(link: LinkId, (call, there): (CallId, &There)) -> Option<(CallId, Vec<LinkId>)> {
    let seated = there.iter().filter(|(_, it)| *it != State::Waiting);
    let seated: Vec<_> = seated.map(|(it, _)| *it).collect();
    seated.contains(&link).then_some((call, seated))
}

#[cfg(test)]
mod tests {
    use call::{CallId, LinkId};
    use wire::http::teacher::Presence as State;

    use super::{Presence, There};
    use crate::abroad::CallTold;

    #[test]
    fn whoever_says_so_is_here_until_they_come_or_their_page_is_shut() {
        let (presence, call) = (Presence::default(), CallId(1));
        let (maria, omar) = (LinkId(1), LinkId(2));
        let all = |_| true;
        assert!(presence.say_here((call, maria), true, all));
        assert!(!presence.say_here((call, maria), true, all), "no news");
        assert!(presence.has_said_here(call, maria) && presence.is_anybody_here(call));
        assert!(!presence.has_said_here(CallId(2), maria));
        assert!(presence.say_here((call, omar), true, all));
        presence.tell(call, vec![(maria, State::Seated)], Vec::new());
        assert!(!presence.has_said_here(call, maria));
        assert!(presence.has_said_here(call, omar));
        presence.say_here((CallId(2), maria), true, |link| link == maria);
        assert!(!presence.is_anybody_here(call));
        assert!(presence.say_here((CallId(2), maria), false, all));
        assert!(!presence.is_anybody_here(CallId(2)));
    }

    #[test]
    fn what_other_nodes_tell_counts_until_they_are_gone() {
        let (presence, call, before) = (Presence::default(), CallId(1), CallId(2));
        let (maria, omar, leyla) = (LinkId(1), LinkId(2), LinkId(3));
        let there = |call: CallId, there: There| CallTold {
            call: call.0,
            there,
            followers: vec![leyla],
            ..CallTold::default()
        };
        // Maria says here that she is, and comes in there.
        assert!(presence.say_here((call, maria), true, |_| true));
        let seated = vec![(maria, State::Seated), (omar, State::Waiting)];
        presence.hear(7, vec![there(call, seated.clone())]);
        assert!(!presence.has_said_here(call, maria));
        assert_eq!(presence.of(call), seated);
        assert!(presence.is_anybody_in(call) && !presence.is_anybody_in(before));
        assert_eq!(presence.seat_of(maria), Some((call, vec![maria])));
        assert!(presence.is_seated(maria) && !presence.is_seated(omar));
        assert_eq!(presence.seat_here_of(maria), None);
        // Another says that she is here for what is there; and the meeting comes here.
        let here = CallTold {
            here: vec![omar],
            ..there(call, Vec::new())
        };
        presence.hear(8, vec![here]);
        assert_eq!(presence.of(call), seated);
        assert!(presence.is_here_elsewhere(call, omar) && presence.is_anybody_here(call));
        presence.tell(call, vec![(omar, State::Seated)], Vec::new());
        assert_eq!(presence.of(call), vec![(omar, State::Seated)]);
        assert_eq!(presence.told(call).there, vec![(omar, State::Seated)]);
        // Each is gone, and whose pages showed it hears so.
        presence.hear(7, vec![there(call, Vec::new()), there(before, seated)]);
        assert_eq!(presence.forget(7), [leyla].into());
        assert!(!presence.is_anybody_in(before) && presence.is_anybody_in(call));
        presence.hear(8, vec![there(call, Vec::new())]);
        assert!(presence.forget(8).is_empty() && !presence.is_here_elsewhere(call, omar));
    }

    /// Until the call is over: the next one there is another.
    #[test]
    fn whoever_has_held_a_seat_was_in_the_call() {
        let (maria, omar, leyla) = (LinkId(1), LinkId(2), LinkId(3));
        let (presence, call) = (Presence::default(), CallId(1));
        presence.tell(
            call,
            vec![(maria, State::Seated), (leyla, State::Waiting)],
            Vec::new(),
        );
        presence.tell(
            call,
            vec![(maria, State::Seated), (omar, State::Seated)],
            Vec::new(),
        );
        assert!(presence.tell(call, vec![(maria, State::Reconnecting)], Vec::new()));
        assert_eq!(presence.of(call), vec![(maria, State::Reconnecting)]);
        assert_eq!(presence.were_in(call), [maria, omar].into());
        assert!(
            presence.tell(call, Vec::new(), Vec::new())
                && !presence.tell(call, Vec::new(), Vec::new())
        );
        presence.tell(call, vec![(leyla, State::Seated)], Vec::new());
        assert_eq!(presence.were_in(call), [leyla].into());
    }
}
