//! Takes a school's people from its information system: every night at the school, and at once where
//! the office asks (DIR-1).
//!
//! A run reads everybody, and then writes down all of it at once; where the system breaks off, or this
//! program ends, nothing has changed. More than a fifth of the people leave only where the office has
//! read who: no night does that by itself.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use school::import::{Incoming, Leaving, Outcome};
use sources::wonde::{Account, Door, Records, Region, Trouble, Why};
use store::{Actor, Doing as How, Imported, SystemResult, Then};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::deeds::Doing;
use crate::house::House;
use crate::settings;

/// The hours at the school in which it is done by itself.
const NIGHT: Range<i8> = 2..6;

/// How often it is looked whether the night has come.
const LOOK: Duration = Duration::from_secs(30);

/// How long until it is tried again in the same night; twice that the next time.
const AGAIN: Duration = Duration::from_mins(15);

/// The longest that it waits for that.
const AGAIN_AT_MOST: Duration = Duration::from_hours(1);

/// The part of the program that says how it went.
const PART: &str = "information_system";

/// What tokens are locked for.
const PURPOSE: &str = "token of an information system";

/// What is done where it was tried, and where somebody must say that so many leave.
const TRIED: &str = "tried";
const DONE: &str = "done";
const ASKS: &str = "asks";

/// Who asks for a run, and for which.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Who asks.
    pub(crate) by: Actor,
    /// Whether it is done, or only tried.
    pub(crate) apply: bool,
    /// How many people may leave at most, where that may be more than a fifth.
    pub(crate) leaving: Option<usize>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Progress {
    /// It begins.
    Beginning,
    /// It has read so many of these.
    Reading(Records, usize),
    /// It compares, and writes down.
    Taking,
}

#[derive(Default)]
struct State {
    wish: Option<Wish>,
    progress: Option<Progress>,
    /// What the last run came to, row by row.
    imported: Option<Arc<Imported>>,
}

impl State {
    /// Takes a wish, unless a run goes on.
    fn takes(&mut self, wish: Wish) -> bool {
        let is_free = self.progress.is_none();
        if is_free {
            self.progress = Some(Progress::Beginning);
            self.wish = Some(wish);
        }
        is_free
    }
}

/// Runs, and who asks for them.
pub(crate) struct Intake {
    /// Where the API is, where that is not the region's own address.
    address: Option<String>,
    state: Mutex<State>,
    wake: Notify,
}

impl Intake {
    pub(crate) fn new(settings: &settings::Import) -> Self {
        Self {
            address: settings.wonde_url.clone(),
            state: Mutex::default(),
            wake: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // It is whole at every step, whatever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a run; where one goes on, that is it.
    pub(crate) fn ask(&self, wish: Wish) {
        if self.state().takes(wish) {
            self.wake.notify_one();
        }
    }

    /// How far the run is that goes on.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.state().progress
    }

    /// What the last run came to, row by row: nothing where it broke off, or was one of an earlier
    /// program.
    pub(crate) fn imported(&self) -> Option<Arc<Imported>> {
        self.state().imported.clone()
    }

    fn is_at(&self, progress: Progress) {
        self.state().progress = Some(progress);
    }

    fn begins(&self) {
        let mut state = self.state();
        state.progress = Some(Progress::Beginning);
        state.imported = None;
    }

    fn ends(&self, imported: Option<Imported>) {
        let mut state = self.state();
        state.progress = None;
        state.imported = imported.map(Arc::new);
    }
}

impl House {
    /// A token as the records keep it.
    pub(crate) fn lock_token(&self, token: &str) -> Option<Vec<u8>> {
        self.keyring.lock(PURPOSE, token, &mut ambient::rng())
    }

    /// What went wrong with a system that is no longer connected is nobody's to look at.
    pub(crate) fn forget_trouble(&self) {
        drop(self.health.part(PART).well());
    }

    /// The zone of the school.
    pub(crate) async fn zone(&self) -> store::Result<TimeZone> {
        let school = self.store.school().await?;
        Ok(TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC))
    }
}

/// Waits for a night, or for whoever asks, for as long as the program runs.
pub(crate) async fn run(house: Arc<House>) {
    *house.intake.state() = State::default();
    if let Err(error) = settle(&house).await {
        tracing::warn!(%error, "what an earlier run came to cannot be written down");
    }
    let mut nights = Nights::default();
    loop {
        let asked = house.intake.state().wish.take();
        let next = match asked {
            Some(wish) => Some((wish, None)),
            None if house.is_on_duty() => nights.due(&house).await,
            None => None,
        };
        if let Some((wish, night)) = next {
            if let Some(outcome) = one(&house, wish, night).await {
                nights.went(night, &outcome);
            }
            if house.closing.is_cancelled() {
                return;
            }
            continue;
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = house.intake.wake.notified() => {}
            () = sleep(LOOK) => {}
        }
    }
}

/// What the program before this one left in the middle.
async fn settle(house: &House) -> store::Result<()> {
    let system = house.store.information_system().await?;
    let last = system.and_then(|it| it.last);
    if last.is_some_and(|it| it.ended_at.is_none()) {
        let stopped = broken("stopped", String::new());
        let now = ambient::now();
        house.store.system_run_ended(&stopped, None, now).await?;
    }
    Ok(())
}

/// When a night is tried again.
#[derive(Default)]
struct Nights {
    /// The night that did not go well.
    night: Option<Date>,
    not_before: Option<Instant>,
    wait: Duration,
}

impl Nights {
    /// The night that has come and is not done.
    async fn due(&self, house: &House) -> Option<(Wish, Option<Date>)> {
        if self.not_before.is_some_and(|it| Instant::now() < it) {
            return None;
        }
        let system = house.store.information_system().await.ok()??;
        if !system.nightly {
            return None;
        }
        let here = ambient::now().to_zoned(house.zone().await.ok()?);
        let is_due = NIGHT.contains(&here.hour()) && system.night < here.date();
        let wish = Wish {
            by: Actor::Program,
            apply: true,
            leaving: None,
        };
        is_due.then(|| (wish, Some(here.date())))
    }

    /// What a run came to, of that night or of whoever asked. Every night begins anew, and so does
    /// the one after a system is connected: the night of that day is done.
    fn went(&mut self, night: Option<Date>, outcome: &str) {
        if has_read(outcome) {
            *self = Self::default();
        } else if night.is_some() {
            let wait = if self.night == night {
                (self.wait * 2).min(AGAIN_AT_MOST)
            } else {
                AGAIN
            };
            *self = Self {
                night,
                not_before: Some(Instant::now() + wait),
                wait,
            };
        }
    }
}

/// Whether a night that came to this is done: it is not tried again.
fn is_over(outcome: &str) -> bool {
    [DONE, ASKS].contains(&outcome)
}

/// Whether a run that came to this has read everybody.
fn has_read(outcome: &str) -> bool {
    outcome == TRIED || is_over(outcome)
}

/// One run, and what it came to; nothing where nothing is connected, or the program ends meanwhile.
async fn one(house: &Arc<House>, wish: Wish, night: Option<Date>) -> Option<String> {
    house.intake.begins();
    let began = ambient::now();
    if let Err(error) = house.store.system_run_began(began).await {
        tracing::warn!(%error, "people are not taken from the information system");
        house.intake.ends(None);
        return Some(String::new());
    }
    let read = tokio::select! {
        biased;
        () = house.closing.cancelled() => return None,
        read = read(house) => read,
    };
    let (result, imported) = match read {
        Ok(Some(incoming)) => take(house, incoming, wish).await,
        Ok(None) => {
            house.intake.ends(None);
            return None;
        }
        Err(result) => (result, None),
    };
    let (outcome, detail) = (result.outcome.clone(), &result.detail);
    tracing::info!(
        outcome,
        detail,
        "people were asked of the information system"
    );
    let night = night.filter(|_| is_over(&outcome));
    let now = ambient::now();
    let written = house.store.system_run_ended(&result, night, now).await;
    tell(house, &outcome);
    house.intake.ends(imported);
    if let Err(error) = written {
        tracing::warn!(%error, "what a run came to cannot be written down");
        // Its night is not done for whoever looks next: it waits like one that went wrong.
        return Some(String::new());
    }
    Some(outcome)
}

/// Says so where others look, until the next run.
fn tell(house: &House, outcome: &str) {
    let part = house.health.part(PART);
    drop(if [DONE, TRIED].contains(&outcome) {
        part.well()
    } else {
        part.doubtful("People could not be taken from the information system: \"Import\" says why.")
    });
}

/// Everybody who stands in the system; nothing where none is connected.
async fn read(house: &House) -> Result<Option<Incoming>, SystemResult> {
    let system = house.store.information_system().await;
    let Some(system) = system.map_err(|_fault| broken("records", String::new()))? else {
        return Ok(None);
    };
    let token = house.keyring.unlock(PURPOSE, &system.token);
    let account = token.and_then(|it| Account::read(&system.id_there, &it));
    let account = account.ok_or_else(|| broken("keys", String::new()))?;
    let region = Region::of_code(&system.region).unwrap_or(Region::World);
    let address = house.intake.address.as_deref();
    let address = address.unwrap_or_else(|| region.address());
    let door = post::trusting()
        .map_err(|error| Trouble {
            why: Why::Unreachable,
            detail: error.to_string(),
        })
        .and_then(|tls| Door::new(tls, address, &account))
        .map_err(missed)?;
    let heard = |records, count| house.intake.is_at(Progress::Reading(records, count));
    let incoming = door.read(heard).await.map_err(missed)?;
    Ok(Some(Incoming {
        countries: house.countries.clone(),
        ..incoming
    }))
}

/// Takes everybody in, or tries to.
async fn take(
    house: &Arc<House>,
    incoming: Incoming,
    wish: Wish,
) -> (SystemResult, Option<Imported>) {
    house.intake.is_at(Progress::Taking);
    let (incoming, now) = (Arc::new(incoming), ambient::now());
    let first = if wish.apply { How::Surely } else { How::Trying };
    let mut taken = import(house, (&incoming, first), wish.by, now).await;
    if let Ok(imported) = &taken
        && wish.apply
        && !imported.is_done
        && wish.leaving.is_some_and(|most| gone(imported) <= most)
    {
        taken = import(house, (&incoming, How::AllTheSame), wish.by, now).await;
    }
    let Ok(imported) = taken else {
        return (broken("records", String::new()), None);
    };
    let outcome = match (wish.apply, imported.is_done) {
        (true, true) => DONE,
        (true, false) => ASKS,
        (false, _) => TRIED,
    };
    let count = |outcome| {
        let same = imported.results.iter().filter(|it| it.outcome == outcome);
        number(same.count())
    };
    let result = SystemResult {
        outcome: outcome.to_owned(),
        detail: String::new(),
        created: count(Outcome::Created),
        updated: count(Outcome::Updated),
        unchanged: count(Outcome::Unchanged),
        refused: count(Outcome::Refused),
        gone: number(gone(&imported)),
    };
    (result, Some(imported))
}

async fn import(
    house: &Arc<House>,
    (incoming, how): (&Arc<Incoming>, How),
    by: Actor,
    now: Timestamp,
) -> Result<Imported, crate::api::Refused> {
    let doing = Doing {
        house: Arc::clone(house),
        store: house.store.clone(),
        by,
        now,
    };
    let incoming = Arc::clone(incoming);
    doing
        .perform(|it| async move {
            let how = (how, Then::Nothing);
            it.store.import(incoming, how, it.by, it.now).await
        })
        .await
}

/// How many people leave.
fn gone(imported: &Imported) -> usize {
    let leaving = imported.leaving.iter();
    leaving.filter(|it| Leaving::is_person(it)).count()
}

fn missed(trouble: Trouble) -> SystemResult {
    broken(trouble.why.code(), trouble.detail)
}

/// What a run came to that changed nothing.
fn broken(outcome: &str, detail: String) -> SystemResult {
    SystemResult {
        outcome: outcome.to_owned(),
        detail,
        ..SystemResult::default()
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_waits_longer_each_time_and_the_next_begins_anew() {
        let night = |day| Some(Date::constant(2026, 11, day));
        let mut nights = Nights::default();
        let minutes = [15, 30, 60, 60].map(Duration::from_mins);
        for expected in minutes {
            nights.went(night(1), "unreachable");
            assert_eq!(nights.wait, expected);
        }
        nights.went(None, "unreachable");
        assert_eq!(nights.wait, AGAIN_AT_MOST);
        nights.went(night(2), "unreachable");
        assert_eq!(nights.wait, AGAIN);
        nights.went(None, TRIED);
        assert_eq!(nights.not_before, None);
    }
}
