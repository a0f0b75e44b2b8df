//! Who is in which call now: told by the calls, for the pages that show it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{CallId, LinkId};
use wire::http::teacher::Presence as State;

/// Who is there, by link.
pub type There = Vec<(LinkId, State)>;

/// The calls in which somebody is.
#[derive(Debug, Default)]
pub struct Presence(Mutex<HashMap<CallId, There>>);

impl Presence {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, There>> {
        // The map is whole at every step, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is there now. Whether that is news.
    pub fn tell(&self, call: CallId, there: There) -> bool {
        let mut calls = self.calls();
        let known = calls.get(&call).map_or(&[][..], Vec::as_slice);
        let is_news = known != there;
        if there.is_empty() {
            calls.remove(&call);
        } else {
            calls.insert(call, there);
        }
        is_news
    }

    /// Whether anybody is in a call.
    pub fn is_anybody_in(&self, call: CallId) -> bool {
        self.calls().contains_key(&call)
    }

    /// Whether somebody holds a seat in any call.
    pub fn is_seated(&self, link: LinkId) -> bool {
        let is = |(it, state): &(LinkId, State)| *it == link && *state != State::Waiting;
        self.calls().values().any(|there| there.iter().any(is))
    }

    /// The call in which somebody holds a seat, and who else does.
    pub fn seat_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        let calls = self.calls();
        let seats = calls.iter().map(|(call, there)| {
            let seated = there.iter().filter(|(_, state)| *state != State::Waiting);
            (*call, seated.map(|(it, _)| *it).collect::<Vec<_>>())
        });
        let mut seats = seats.into_iter();
        let found = seats.find(|(_, seated)| seated.contains(&link));
        drop(calls);
        found
    }

    /// Who is in a call.
    pub fn of(&self, call: CallId) -> There {
        self.calls().get(&call).cloned().unwrap_or_default()
    }
}
