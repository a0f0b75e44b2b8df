//! Who is in which call now, told by the calls, and who says that they are here for one; for the pages that
//! show it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{CallId, LinkId};
use wire::http::teacher::Presence as State;

/// Who is there, by link.
pub type There = Vec<(LinkId, State)>;

/// A call in which somebody is.
#[derive(Debug, Default)]
struct InCall {
    there: There,
    /// Whoever has held a seat in it since it began.
    were: BTreeSet<LinkId>,
}

impl InCall {
    /// Who is there now. Whether that is news.
    fn take(&mut self, there: There) -> bool {
        let is_news = self.there != there;
        let seated = there.iter().filter(|(_, state)| *state != State::Waiting);
        self.were.extend(seated.map(|(link, _)| *link));
        self.there = there;
        is_news
    }
}

/// The calls in which somebody is, and those for which somebody is here.
#[derive(Debug, Default)]
pub struct Presence {
    calls: Mutex<HashMap<CallId, InCall>>,
    here: Mutex<HashSet<(CallId, LinkId)>>,
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

    /// Who is there now. Whether that is news.
    pub fn tell(&self, call: CallId, there: There) -> bool {
        // Whoever has come is there, and need not say it.
        self.here()
            .retain(|(of, link)| *of != call || !there.iter().any(|(it, _)| it == link));
        if there.is_empty() {
            return self.calls().remove(&call).is_some();
        }
        self.calls().entry(call).or_default().take(there)
    }

    /// Somebody says that they are here for a call, or no longer. Those whose page `is_open` no more are
    /// forgotten: so there are never more of them than pages. Whether that is news.
    pub fn say_here(
        &self,
        (call, link): (CallId, LinkId),
        is_here: bool,
        is_open: impl Fn(LinkId) -> bool,
    ) -> bool {
        let mut here = self.here();
        here.retain(|(_, link)| is_open(*link));
        if is_here {
            here.insert((call, link))
        } else {
            here.remove(&(call, link))
        }
    }

    /// Whether somebody has said that they are here for a call.
    pub fn has_said_here(&self, call: CallId, link: LinkId) -> bool {
        self.here().contains(&(call, link))
    }

    /// Whether anybody has.
    pub fn is_anybody_here(&self, call: CallId) -> bool {
        self.here().iter().any(|(of, _)| *of == call)
    }

    /// Whether anybody is in a call.
    pub fn is_anybody_in(&self, call: CallId) -> bool {
        self.calls().contains_key(&call)
    }

    /// Whether somebody holds a seat in any call.
    pub fn is_seated(&self, link: LinkId) -> bool {
        let is = |(it, state): &(LinkId, State)| *it == link && *state != State::Waiting;
        self.calls().values().any(|call| call.there.iter().any(is))
    }

    /// The call in which somebody holds a seat, and who else does.
    pub fn seat_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        let calls = self.calls();
        let seats = calls.iter().map(|(call, known)| {
            let seated = known
                .there
                .iter()
                .filter(|(_, state)| *state != State::Waiting);
            (*call, seated.map(|(it, _)| *it).collect::<Vec<_>>())
        });
        let mut seats = seats.into_iter();
        let found = seats.find(|(_, seated)| seated.contains(&link));
        drop(calls);
        found
    }

    /// Who is in a call.
    pub fn of(&self, call: CallId) -> There {
        let calls = self.calls();
        calls
            .get(&call)
            .map_or_else(Vec::new, |it| it.there.clone())
    }

    /// Whoever has held a seat in a call since it began, those who have left it included. Of who had left
    /// before the program was started nothing is known.
    pub fn were_in(&self, call: CallId) -> BTreeSet<LinkId> {
        let calls = self.calls();
        calls
            .get(&call)
            .map_or_else(BTreeSet::new, |it| it.were.clone())
    }
}

#[cfg(test)]
mod tests {
    use call::{CallId, LinkId};
    use wire::http::teacher::Presence as State;

    use super::Presence;

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
        presence.tell(call, vec![(maria, State::Seated)]);
        assert!(!presence.has_said_here(call, maria));
        assert!(presence.has_said_here(call, omar));
        presence.say_here((CallId(2), maria), true, |link| link == maria);
        assert!(!presence.is_anybody_here(call));
        assert!(presence.say_here((CallId(2), maria), false, all));
        assert!(!presence.is_anybody_here(CallId(2)));
    }

    /// Until the call is over: the next one there is another.
    #[test]
    fn whoever_has_held_a_seat_was_in_the_call() {
        let (maria, omar, leyla) = (LinkId(1), LinkId(2), LinkId(3));
        let (presence, call) = (Presence::default(), CallId(1));
        presence.tell(call, vec![(maria, State::Seated), (leyla, State::Waiting)]);
        presence.tell(call, vec![(maria, State::Seated), (omar, State::Seated)]);
        assert!(presence.tell(call, vec![(maria, State::Reconnecting)]));
        assert_eq!(presence.of(call), vec![(maria, State::Reconnecting)]);
        assert_eq!(presence.were_in(call), [maria, omar].into());
        assert!(presence.tell(call, Vec::new()) && !presence.tell(call, Vec::new()));
        presence.tell(call, vec![(leyla, State::Seated)]);
        assert_eq!(presence.were_in(call), [leyla].into());
    }
}
