//! Takes a school's people from its information system, and from the folder in which another system leaves
//! them: every night at the school, and at once where the office asks (DIR-1).
//!
//! A run reads everybody, and then writes down all of it at once; where the system breaks off, or this
//! program ends, nothing has changed. More than a fifth of the people leave only where the office has
//! read who: no night does that by itself.

mod everywhere;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use school::import::{Incoming, Leaving, Outcome};
use sha2::{Digest as _, Sha256};
use sources::wonde::{Account, Door, Records, Region, Trouble, Why};
use store::{Actor, Doing as How, FolderRun, Imported, SystemResult, SystemRun, Then};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::deeds::Doing;
use crate::dropped::{Dropped, Part, Place, hex, kept, read_kept};
use crate::house::House;
use crate::settings;
pub(crate) use everywhere::{AtNode, Everywhere, Source};

/// The hours at the school in which it is done by itself.
const NIGHT: Range<i8> = 2..6;

/// From one night to the next.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How often it is looked whether the night has come.
const LOOK: Duration = Duration::from_secs(30);

/// How soon it is tried again what somebody waits for, while another node is at it.
const SOON: Duration = Duration::from_secs(1);

/// How long until it is tried again in the same night; twice that the next time.
const AGAIN: Duration = Duration::from_mins(15);

/// The longest that it waits for that.
const AGAIN_AT_MOST: Duration = Duration::from_hours(1);

/// The parts of the program that say how it went.
const PART: &str = "information_system";
const FOLDER_PART: &str = "dropped_files";

/// What tokens are locked for.
const PURPOSE: &str = "token of an information system";

/// What is done where it was tried, and where somebody must say that so many leave.
const TRIED: &str = "tried";
const DONE: &str = "done";
const ASKS: &str = "asks";

/// Who asks for a run, and for which.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Who asks.
    pub(crate) by: Actor,
    /// Whether it is done, or only tried.
    pub(crate) apply: bool,
    /// What somebody has seen, where more than a fifth of the people may leave with it: see [`seen_as`].
    pub(crate) seen: Option<String>,
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
    /// When the last run here began.
    began: Option<Timestamp>,
    /// What it came to, row by row.
    imported: Option<Arc<Imported>>,
    /// Where it asks, what was read and who would leave.
    seen: Option<String>,
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

/// Where people are taken from.
enum From {
    /// The information system that the office has connected; where its API is, where that is not the
    /// region's own address.
    System(Option<String>),
    /// A folder of the settings, if there is one.
    Folder(Option<Place>),
}

/// What was read of an information system, or of the folder.
struct Read {
    /// In the order in which they are taken.
    parts: Vec<Part>,
    /// How the files are known again.
    digest: Option<String>,
    /// When the newest export was written that was taken before.
    before: Option<i64>,
}

/// Runs, and who asks for them.
pub(crate) struct Intake {
    from: From,
    state: Mutex<State>,
    wake: Notify,
}

/// Both of a house.
pub(crate) struct Intakes {
    /// From the information system.
    pub(crate) system: Intake,
    /// From the folder.
    pub(crate) folder: Intake,
}

impl Intakes {
    pub(crate) fn new(settings: &settings::Import) -> Self {
        Self {
            system: Intake::new(From::System(settings.wonde_url.clone())),
            folder: Intake::new(From::Folder(Place::new(settings))),
        }
    }
}

impl Intake {
    fn new(from: From) -> Self {
        Self {
            from,
            state: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Whether there is anything to take people from by the settings.
    pub(crate) const fn is_there(&self) -> bool {
        matches!(self.from, From::System(_) | From::Folder(Some(_)))
    }

    /// What its runs are called among programs: one goes on at a time, over all nodes.
    const fn turn(&self) -> &'static str {
        match &self.from {
            From::System(_) => "information system",
            From::Folder(_) => "import folder",
        }
    }

    /// The night that is done, and the last run, where it is to be asked every night.
    async fn nightly(
        &self,
        house: &House,
    ) -> store::Result<Option<(Option<Date>, Option<SystemRun>)>> {
        Ok(match &self.from {
            From::System(_) => {
                let system = house.store.information_system().await?;
                let system = system.filter(|it| it.nightly);
                system.map(|it| (Some(it.night), it.last))
            }
            From::Folder(None) => None,
            From::Folder(Some(_)) => {
                let folder = house.store.import_folder().await?;
                Some((folder.night, folder.last))
            }
        })
    }

    async fn began(&self, house: &House, now: Timestamp) -> store::Result<()> {
        match &self.from {
            From::System(_) => house.store.system_run_began(now).await,
            From::Folder(_) => house.store.folder_run_began(now).await,
        }
    }

    /// Writes down what a run came to. Of a folder it is known again what was taken, or asks.
    async fn ended(
        &self,
        house: &House,
        result: &SystemResult,
        (night, taken): (Option<Date>, Option<&str>),
    ) -> store::Result<()> {
        let night = night.filter(|_| is_over(&result.outcome));
        let taken = taken.filter(|_| is_over(&result.outcome));
        let now = ambient::now();
        match &self.from {
            From::System(_) => house.store.system_run_ended(result, night, now).await,
            From::Folder(_) => {
                let run = FolderRun { night, taken };
                house.store.folder_run_ended(result, run, now).await
            }
        }
    }

    /// Whether what lies in the folder is what was taken last: then that night is done without a run, and
    /// whatever lay there meanwhile is put right.
    async fn is_known(&self, house: &House, night: Option<Date>) -> bool {
        let (Some(night), From::Folder(Some(place))) = (night, &self.from) else {
            return false;
        };
        let (Ok(before), Ok(there)) = (house.store.import_folder().await, place.read(house).await)
        else {
            return false;
        };
        if read_kept(&before.taken).0 != there.digest {
            return false;
        }
        tracing::info!("nothing new lies in the import folder");
        // Of what was taken whole no row was refused.
        let done = broken(DONE, String::new());
        self.tell(house, &done);
        house.store.folder_night_done(night).await.is_ok()
    }

    /// Everybody who stands there; nothing where nothing is connected.
    async fn read(&self, house: &House) -> Result<Option<Read>, SystemResult> {
        let read = match &self.from {
            From::System(address) => {
                let read = read_system(house, self, address.as_deref()).await?;
                read.map(|incoming| {
                    let written = None;
                    Read {
                        parts: vec![Part { incoming, written }],
                        digest: None,
                        before: None,
                    }
                })
            }
            From::Folder(None) => None,
            From::Folder(Some(place)) => {
                let Dropped {
                    parts,
                    before,
                    digest,
                } = place.read(house).await?;
                let digest = Some(digest);
                Some(Read {
                    parts,
                    digest,
                    before,
                })
            }
        };
        Ok(read.map(|mut read| {
            for part in &mut read.parts {
                part.incoming.countries = house.countries.clone();
            }
            read
        }))
    }

    /// Says so where others look, until the next run.
    fn tell(&self, house: &House, result: &SystemResult) {
        let (part, from) = match &self.from {
            From::System(_) => (PART, "the information system"),
            From::Folder(_) => (FOLDER_PART, "the import folder"),
        };
        let part = house.health.part(part);
        drop(match doubt(result, from) {
            None => part.well(),
            Some(doubt) => part.doubtful(doubt),
        });
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

    fn is_at(&self, progress: Progress) {
        self.state().progress = Some(progress);
    }

    fn begins(&self, now: Timestamp) {
        let mut state = self.state();
        state.progress = Some(Progress::Beginning);
        state.began = Some(now);
        state.imported = None;
        state.seen = None;
    }

    fn ends(&self, imported: Option<Imported>, seen: Option<String>) {
        let mut state = self.state();
        state.progress = None;
        state.imported = imported.map(Arc::new);
        state.seen = seen;
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

    /// Says anew where others look what somebody should look at after the last run: some of it has been
    /// decided.
    pub(crate) async fn tell_of_last_run(&self) -> store::Result<()> {
        let system = self.store.information_system().await?;
        let last = system.and_then(|it| it.last);
        if let Some(last) = last.filter(|it| it.ended_at.is_some()) {
            self.intake.system.tell(self, &last.result);
        }
        Ok(())
    }

    /// The zone of the school.
    pub(crate) async fn zone(&self) -> store::Result<TimeZone> {
        let school = self.store.school().await?;
        Ok(TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC))
    }
}

/// From the information system, for as long as the program runs.
pub(crate) async fn run(house: Arc<House>) {
    serve(&house, &house.intake.system).await;
}

/// From the folder, for as long as the program runs.
pub(crate) async fn run_folder(house: Arc<House>) {
    if house.intake.folder.is_there() {
        serve(&house, &house.intake.folder).await;
    } else {
        house.closing.cancelled().await;
    }
}

/// Waits for a night, or for whoever asks.
async fn serve(house: &Arc<House>, intake: &Intake) {
    *intake.state() = State::default();
    if let Err(error) = settle(house, intake).await {
        tracing::warn!(%error, "what an earlier run came to cannot be written down");
    }
    let mut nights = Nights::default();
    loop {
        let mut is_asked = intake.state().wish.is_some();
        if is_asked || nights.next(house, intake).await.is_some() {
            match house.store.turn(intake.turn()).await {
                Ok(Some(turn)) => {
                    let is_done = run_next(house, intake, &mut nights).await;
                    drop(turn);
                    if house.closing.is_cancelled() {
                        return;
                    }
                    if is_done {
                        continue;
                    }
                    is_asked = false;
                }
                Ok(None) => tracing::debug!("another node takes people in just now"),
                Err(error) => tracing::debug!(%error, "people are taken in later"),
            }
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = intake.wake.notified() => {}
            () = sleep(if is_asked { SOON } else { LOOK }) => {}
        }
    }
}

/// Does what is asked for, or what has come, now that nobody else is at it; whether there was anything. Somebody else may
/// have done it before.
async fn run_next(house: &Arc<House>, intake: &Intake, nights: &mut Nights) -> bool {
    let asked = intake.state().wish.take();
    let next = match asked {
        Some(wish) => Some((wish, None)),
        None => nights.next(house, intake).await,
    };
    let Some((wish, night)) = next else {
        return false;
    };
    if let Some(outcome) = one(house, intake, wish, night).await {
        nights.went(night, &outcome);
    }
    true
}

/// What the program before this one left in the middle. Where another node is just at it, nobody has left it.
async fn settle(house: &House, intake: &Intake) -> store::Result<()> {
    let Some(_turn) = house.store.turn(intake.turn()).await? else {
        return Ok(());
    };
    let last = match &intake.from {
        From::System(_) => house
            .store
            .information_system()
            .await?
            .and_then(|it| it.last),
        From::Folder(_) => house.store.import_folder().await?.last,
    };
    if last.is_some_and(|it| it.ended_at.is_none()) {
        let stopped = broken("stopped", String::new());
        intake.ended(house, &stopped, (None, None)).await?;
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
    /// The same, where it is this program's to do.
    async fn next(&self, house: &House, intake: &Intake) -> Option<(Wish, Option<Date>)> {
        let is_ours = match &intake.from {
            From::System(_) => house.is_on_duty(),
            // It lies on one machine, whichever node is on duty: of two that have one, whoever is first that night.
            From::Folder(place) => place.is_some(),
        };
        if !is_ours {
            return None;
        }
        self.due(house, intake).await
    }

    /// The night that has come and is not done.
    async fn due(&self, house: &House, intake: &Intake) -> Option<(Wish, Option<Date>)> {
        if self.not_before.is_some_and(|it| Instant::now() < it) {
            return None;
        }
        // Before somebody has set the school up it is in no zone, and there is nobody to read what came in.
        if house.store.needs_set_up().await.ok()? {
            return None;
        }
        let (done, _last) = intake.nightly(house).await.ok()??;
        let now = ambient::now();
        if house.store.doubts_clock(now).await.ok()? {
            return None;
        }
        let here = now.to_zoned(house.zone().await.ok()?);
        let is_due = NIGHT.contains(&here.hour()) && !is_done(done, here.date());
        let wish = Wish {
            by: Actor::Program,
            apply: true,
            seen: None,
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

/// Whether today's night is done, where `done` is the last that was; one that is yet to come is none, but that of a
/// clock that was ahead: in another zone it may be tomorrow.
fn is_done(done: Option<Date>, today: Date) -> bool {
    done.is_some_and(|done| done >= today && done.duration_since(today) <= DAY)
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
async fn one(
    house: &Arc<House>,
    intake: &Intake,
    wish: Wish,
    night: Option<Date>,
) -> Option<String> {
    if intake.is_known(house, night).await {
        return Some(DONE.to_owned());
    }
    let began = ambient::now();
    intake.begins(began);
    if let Err(error) = intake.began(house, began).await {
        tracing::warn!(%error, "people are not taken in");
        intake.ends(None, None);
        return Some(String::new());
    }
    let read = tokio::select! {
        biased;
        () = house.closing.cancelled() => return None,
        read = intake.read(house) => read,
    };
    let (mut files, mut written) = (None, None);
    let (result, imported) = match read {
        Ok(Some(read)) => {
            files = read.digest;
            let taken = take(house, intake, (read.parts, files.as_deref()), wish).await;
            written = taken.2.or(read.before);
            (taken.0, taken.1)
        }
        Ok(None) => {
            intake.ends(None, None);
            return None;
        }
        Err(result) => (result, None),
    };
    let outcome = result.outcome.clone();
    let asks = imported.as_ref().filter(|_| outcome == ASKS);
    let seen = asks.map(|it| seen_as(files.as_deref(), &it.leaving));
    // Rows that were refused may be taken another night, as it is then.
    let digest = files
        .as_deref()
        .map(|it| if result.refused == 0 { it } else { "-" });
    let taken = digest.map(|it| kept(it, written));
    // What files are called, and what stands in them, is for the office's page alone.
    let detail = matches!(intake.from, From::System(_)).then_some(&result.detail);
    tracing::info!(outcome, detail, "people were asked for");
    let done = (night, taken.as_deref());
    let written = intake.ended(house, &result, done).await;
    intake.tell(house, &result);
    intake.ends(imported, seen);
    if let Err(error) = written {
        tracing::warn!(%error, "what a run came to cannot be written down");
        // Its night is not done for whoever looks next: it waits like one that went wrong.
        return Some(String::new());
    }
    Some(outcome)
}

/// Everybody who stands in the system; nothing where none is connected.
async fn read_system(
    house: &House,
    intake: &Intake,
    address: Option<&str>,
) -> Result<Option<Incoming>, SystemResult> {
    let system = house.store.information_system().await;
    let Some(system) = system.map_err(|_fault| broken("records", String::new()))? else {
        return Ok(None);
    };
    let token = house.keyring.unlock(PURPOSE, &system.token);
    let account = token.and_then(|it| Account::read(&system.id_there, &it));
    let account = account.ok_or_else(|| broken("keys", String::new()))?;
    let region = Region::of_code(&system.region).unwrap_or(Region::World);
    let address = address.unwrap_or_else(|| region.address());
    let door = post::trusting()
        .map_err(|error| Trouble {
            why: Why::Unreachable,
            detail: error.to_string(),
        })
        .and_then(|tls| Door::new(tls, address, &account))
        .map_err(missed)?;
    let heard = |records, count| intake.is_at(Progress::Reading(records, count));
    door.read(heard).await.map(Some).map_err(missed)
}

/// Takes everybody in, or tries to.
async fn take(
    house: &Arc<House>,
    intake: &Intake,
    (parts, files): (Vec<Part>, Option<&str>),
    wish: Wish,
) -> (SystemResult, Option<Imported>, Option<i64>) {
    intake.is_at(Progress::Taking);
    let mut written = None;
    let mut all: Option<Imported> = None;
    for part in parts {
        let Some(imported) = take_part(house, part.incoming, (files, &wish)).await else {
            return (broken("records", String::new()), None, written);
        };
        let is_done = imported.is_done;
        if is_done {
            written = part.written;
        }
        all = Some(match all {
            None => imported,
            Some(before) => before.followed_by(imported),
        });
        // What comes behind it builds on it.
        if wish.apply && !is_done {
            break;
        }
    }
    let Some(imported) = all else {
        return (broken("records", String::new()), None, None);
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
        kept_back: number(imported.kept_back),
        unentered: number(imported.unentered.len()),
    };
    (result, Some(imported), written)
}

/// Takes in what is taken at once; nothing where the records do not have it.
async fn take_part(
    house: &Arc<House>,
    incoming: Incoming,
    (files, wish): (Option<&str>, &Wish),
) -> Option<Imported> {
    let (incoming, now) = (Arc::new(incoming), ambient::now());
    let first = if wish.apply { How::Surely } else { How::Trying };
    let imported = import(house, (&incoming, first), wish.by, now).await.ok()?;
    let is_seen = || wish.seen == Some(seen_as(files, &imported.leaving));
    if !wish.apply || imported.is_done || !is_seen() {
        return Some(imported);
    }
    let all_the_same = (&incoming, How::AllTheSame);
    import(house, all_the_same, wish.by, now).await.ok()
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

/// What stands for these files, as far as it was files, and for these who would leave: whoever has read
/// who, has said nothing of others.
fn seen_as(files: Option<&str>, leaving: &[Leaving]) -> String {
    let mut digest = Sha256::new();
    digest.update(files.unwrap_or_default());
    for one in leaving {
        digest.update(format!("\n{one:?}"));
    }
    hex(&digest.finalize())
}

/// What somebody should look at after a run.
fn doubt(result: &SystemResult, from: &str) -> Option<String> {
    if ![DONE, TRIED].contains(&result.outcome.as_str()) {
        return Some(format!(
            "People could not be taken from {from}: \"Import\" says why."
        ));
    }
    if result.unentered > 0 {
        return Some(format!(
            "A court order that {from} says could not be entered: \"Approvals\" says which."
        ));
    }
    let refused = match result.refused {
        1 => "1 row is refused".to_owned(),
        more => format!("{more} rows are refused"),
    };
    (result.kept_back > 0).then(|| match result.gone {
        0 => format!("Nobody has left by {from}, because {refused}: \"Import\" says which."),
        _ => format!(
            "Not everybody who is missing in {from} has left, because {refused}: \"Import\" says which."
        ),
    })
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
    fn a_night_that_is_yet_to_come_is_not_done() {
        let today = jiff::civil::date(2026, 11, 30);
        let in_days = |days: i64| Some(today + SignedDuration::from_hours(24 * days));
        assert!(!is_done(None, today));
        for (days, done) in [(-1, false), (0, true), (1, true), (2, false), (731, false)] {
            assert_eq!(is_done(in_days(days), today), done, "{days}");
        }
    }

    #[test]
    fn what_was_seen_is_these_files_and_these_people() {
        let leaving = |name: &str| vec![Leaving::Student(school::StudentId(1), name.to_owned())];
        let seen = seen_as(Some("a"), &leaving("Ana"));
        assert_eq!(seen, seen_as(Some("a"), &leaving("Ana")));
        for (files, who) in [(Some("b"), "Ana"), (None, "Ana"), (Some("a"), "Ben")] {
            assert_ne!(seen, seen_as(files, &leaving(who)), "{files:?} {who}");
        }
        assert_ne!(seen, seen_as(Some("a"), &[]));
    }

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
