//! Copies the records every night into the folder of the settings, for as long as the program runs,
//! and keeps the copies of so many days. A night that was missed is made up for at the start.
//!
//! A copy holds no keys: `keys` and a copy together open every link, and belong in two places.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Time;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::health::Part;
use crate::house::House;
use crate::settings::Backup;

/// How often it is looked whether a copy is due.
const LOOK: Duration = Duration::from_secs(30);

/// How long until it is tried again where it failed.
const AGAIN: Duration = Duration::from_mins(10);

/// By how much the moment of a copy may be later than now: clocks are set right by little.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(1);

/// The names of copies: the moment of each, UTC.
const NAME: &str = "homeroom-%Y%m%dT%H%M%SZ.sqlite";

/// What a copy is called that is not whole yet.
const UNFINISHED: &str = "homeroom.sqlite.unfinished";

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
enum NoCopy {
    #[error("{0}")]
    Folder(#[from] io::Error),
    #[error("{0}")]
    Copy(#[from] store::Fault),
}

/// Copies what is due, until the program ends.
pub(crate) async fn run(house: &House, settings: &Backup, folder: &Path, part: &Part) {
    if let Err(error) = in_background(folder, |folder| clear_unfinished(&folder)).await {
        tracing::warn!(%error, "a copy that was broken off cannot be removed yet");
    }
    loop {
        let pause = match copy_if_due(house, settings, folder).await {
            Ok(()) => {
                part.well();
                LOOK
            }
            Err(error) => {
                tracing::warn!(%error, folder = %folder.display(), "the records are not copied");
                part.doubtful(
                    "The records could not be copied last night: see that the folder of backup.folder \
                     is there and has room, and that the service may write in it. Outside /var/lib/homeroom the \
                     service of the package also needs it in ReadWritePaths.",
                );
                AGAIN
            }
        };
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(pause) => {}
        }
    }
}

async fn copy_if_due(house: &House, settings: &Backup, folder: &Path) -> Result<(), NoCopy> {
    // Without records there is nothing to copy, which is said of them.
    let Ok(zone) = house.zone().await else {
        return Ok(());
    };
    let now = ambient::now();
    // A copy that bears a wrong moment is in the way of others, and by a wrong one all of them are old.
    if house.store.doubts_clock(now).await.unwrap_or(true) {
        return Ok(());
    }
    let there = in_background(folder, move |folder| copies(&folder, now)).await?;
    if there
        .iter()
        .any(|(moment, _)| *moment >= last_due(now, &zone, settings.at))
    {
        return Ok(());
    }
    let kept = SignedDuration::from_hours(24 * i64::from(settings.keep_days));
    let oldest = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
    let unfinished = in_background(folder, move |folder| make_room(&folder, there, oldest)).await?;
    house.store.backup(&unfinished).await?;
    let name = strtime::format(NAME, now).map_err(io::Error::other)?;
    in_background(folder, move |folder| {
        fs::rename(&unfinished, folder.join(name))?;
        fs::File::open(&folder)?.sync_all()
    })
    .await?;
    tracing::info!(folder = %folder.display(), "the records are copied");
    Ok(())
}

/// When a copy was last due.
fn last_due(now: Timestamp, zone: &TimeZone, at: Time) -> Timestamp {
    let here = now.to_zoned(zone.clone());
    let on = |day: &Zoned| day.with().time(at).build().map(|it| it.timestamp());
    let yesterday = here.checked_sub(1.day());
    let days = [Ok(here), yesterday].into_iter().flatten();
    let mut moments = days.filter_map(|day| on(&day).ok());
    moments.find(|it| *it <= now).unwrap_or(Timestamp::MIN)
}

/// The copies in the folder, with the moment of each; what is not ours is not among them. One whose moment is
/// yet to come counts for nothing: a clock that was ahead gave it its name.
fn copies(folder: &Path, now: Timestamp) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let latest = now.checked_add(AT_ONCE).unwrap_or(now);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str());
        let moment = name.and_then(|it| strtime::parse(NAME, it).ok()?.to_datetime().ok());
        let moment = moment.and_then(|it| TimeZone::UTC.to_timestamp(it).ok());
        let moment = moment.filter(|it| *it <= latest);
        found.extend(moment.map(|it| (it, path)));
    }
    Ok(found)
}

/// Makes the folder where there is none, for its owner alone, and removes copies from before `oldest` but
/// the last; gives where the next copy is made, where one that was broken off is gone.
fn make_room(
    folder: &Path,
    mut copies: Vec<(Timestamp, PathBuf)>,
    oldest: Timestamp,
) -> io::Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    copies.sort();
    copies.pop();
    for (_, old) in copies.iter().filter(|(moment, _)| *moment < oldest) {
        if let Err(error) = fs::remove_file(old) {
            tracing::warn!(%error, file = %old.display(), "an old copy cannot be removed");
        }
    }
    clear_unfinished(folder)
}

/// Removes a copy that was broken off, with what SQLite had beside it: whoever was erased since is in it still. Gives
/// where the next is made.
fn clear_unfinished(folder: &Path) -> io::Result<PathBuf> {
    for end in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(folder.join(format!("{UNFINISHED}{end}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(folder.join(UNFINISHED))
}

async fn in_background<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce(PathBuf) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let folder = folder.to_owned();
    spawn_blocking(move || work(folder)).await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_due_at_its_time_of_the_schools_day_in_summer_and_in_winter() {
        let zone = TimeZone::get("Europe/London").expect("a zone");
        let at = jiff::civil::time(2, 30, 0, 0);
        let due = |now: &str| {
            let now: Timestamp = now.parse().expect("a moment");
            last_due(now, &zone, at).to_string()
        };
        assert_eq!(due("2026-11-29T02:29:59Z"), "2026-11-28T02:30:00Z");
        assert_eq!(due("2026-11-29T02:30:00Z"), "2026-11-29T02:30:00Z");
        assert_eq!(due("2026-07-01T01:29:59Z"), "2026-06-30T01:30:00Z");
        assert_eq!(due("2026-07-01T01:30:00Z"), "2026-07-01T01:30:00Z");
    }

    #[test]
    fn only_what_is_ours_counts_as_a_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a moment");
        let none = copies(&folder.path().join("none"), now);
        assert_eq!(none.expect("none").len(), 0);
        let ours = "homeroom-20261129T023000Z.sqlite";
        for name in [
            ours,
            "homeroom.sqlite",
            "homeroom-2026.sqlite",
            "homeroom-20261129T120101Z.sqlite",
            "homeroom-20281129T023000Z.sqlite",
            UNFINISHED,
            "keys",
        ] {
            fs::write(folder.path().join(name), "").expect("room");
        }
        let found = copies(folder.path(), now).expect("read");
        let moment: Timestamp = "2026-11-29T02:30:00Z".parse().expect("a moment");
        assert_eq!(found, [(moment, folder.path().join(ours))]);
    }
}
