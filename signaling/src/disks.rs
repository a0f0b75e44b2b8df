//! How much room is left where the program writes: the data folder, the folder of the nightly copies, and wherever
//! SQLite's file lies if that is elsewhere.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{self, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::statvfs;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::data;
use crate::health::{Part, State};
use crate::house::House;
use crate::settings::Settings;

/// With less than so many bytes free a disk is as good as full, and with less than so many it soon will be.
const AS_GOOD_AS_FULL: u64 = 50_000_000;
const SOON_FULL: u64 = 1_000_000_000;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(5);

/// What lies on a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Holds {
    /// What `data.folder` names.
    Data,
    /// The records, elsewhere than `data.folder`.
    Database,
    /// What `backup.folder` names.
    Copies,
}

impl Holds {
    /// For whoever reads figures.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Database => "database",
            Self::Copies => "backup",
        }
    }
}

/// A disk that the program writes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Disk {
    pub(crate) holds: Holds,
    /// How many bytes this program may still write there.
    pub(crate) free: u64,
    /// How many of them the next copy of the records takes.
    pub(crate) copy: u64,
}

/// How much room there is on a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Room {
    Enough,
    /// Somebody should look.
    Little,
    /// Next to nothing.
    None,
}

impl Disk {
    pub(crate) const fn room(&self) -> Room {
        let free = self.free.saturating_sub(self.copy);
        if free < AS_GOOD_AS_FULL {
            Room::None
        } else if free < SOON_FULL {
            Room::Little
        } else {
            Room::Enough
        }
    }

    /// What is to be said of it, and done.
    pub(crate) fn sentence(&self) -> String {
        let free = self.free / 1_000_000;
        let copy = match self.copy / 1_000_000 {
            0 => String::new(),
            size => format!(", and the next copy of the records takes {size} MB"),
        };
        match self.holds {
            Holds::Data => format!(
                "{free} MB are free on the disk of data.folder{copy}: make room there, or move the folder to a larger \
                 disk. On one that is full nothing can be booked, invited or changed."
            ),
            Holds::Database => format!(
                "{free} MB are free on the disk that homeroom.sqlite is on{copy}: make room there, or move it to a \
                 larger disk. On one that is full nothing can be booked, invited or changed."
            ),
            Holds::Copies => format!(
                "{free} MB are free on the disk of backup.folder{copy}: make room there, keep fewer copies with \
                 backup.keep_days, or name a folder on a larger disk. On one that is full the records are not copied."
            ),
        }
    }
}

/// The disks as they are now: each once, by what is most needed there. One that cannot be looked at is left out:
/// whoever writes there says so.
pub(crate) fn look(settings: &Settings) -> Vec<Disk> {
    let data = &settings.data.folder;
    let mut places = vec![(Holds::Data, data.clone())];
    let file = fs::canonicalize(data.join(data::DATABASE)).ok();
    let file = file.filter(|_| settings.database.url.is_none());
    let size = file.as_ref().and_then(|it| fs::metadata(it).ok());
    let size = size.map_or(0, |it| it.len());
    places.extend(file.and_then(|it| Some((Holds::Database, it.parent()?.to_owned()))));
    let copies = settings.backup.folder.as_deref();
    places.extend(copies.map(|it| (Holds::Copies, it.to_owned())));
    let mut seen: Vec<(u64, Disk)> = Vec::new();
    for (holds, place) in places {
        let Some((device, free)) = free(&place) else {
            continue;
        };
        let copy = if holds == Holds::Copies { size } else { 0 };
        match seen.iter_mut().find(|(other, _)| *other == device) {
            Some((_, disk)) => disk.copy = disk.copy.max(copy),
            None => seen.push((device, Disk { holds, free, copy })),
        }
    }
    seen.into_iter().map(|(_, disk)| disk).collect()
}

/// The folder itself, or the nearest above it where it is yet to be made.
pub(crate) fn nearest(folder: &Path) -> Option<PathBuf> {
    let whole = path::absolute(folder).ok()?;
    let there = whole.ancestors().find(|it| it.exists())?;
    Some(there.to_owned())
}

/// Which disk a folder is on, or will be once it is made, and how much this program may still write there.
fn free(folder: &Path) -> Option<(u64, u64)> {
    let there = nearest(folder)?;
    let disk = statvfs(&there).ok()?;
    let device = fs::metadata(there).ok()?.dev();
    Some((device, disk.f_bavail.saturating_mul(disk.f_frsize)))
}

/// The disks as they were when they were last looked at. Clones are the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disks(Arc<Mutex<Vec<Disk>>>);

impl Disks {
    // The list is whole at every step, whatever panicked.
    fn list(&self) -> MutexGuard<'_, Vec<Disk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<Disk> {
        self.list().clone()
    }

    fn keep(&self, disks: Vec<Disk>) {
        *self.list() = disks;
    }
}

/// Looks until the server closes.
pub(crate) async fn run(house: &House, settings: &Settings, part: &Part) {
    loop {
        let its = settings.clone();
        let looked = spawn_blocking(move || look(&its));
        let disks = tokio::select! {
            () = house.closing.cancelled() => return,
            disks = looked => disks.unwrap_or_default(),
        };
        say(&disks, part);
        house.disks.keep(disks);
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
}

/// Says how they are; in the log where it has changed what is said of which.
fn say(disks: &[Disk], part: &Part) {
    let narrow = disks.iter().filter(|it| it.room() != Room::Enough);
    let sentences: Vec<_> = narrow.map(Disk::sentence).collect();
    let state = if sentences.is_empty() {
        State::Well
    } else {
        State::Doubtful(sentences.join(" "))
    };
    let before = part.set(state.clone());
    if before == State::Well
        && let Some(sentence) = state.sentence()
    {
        tracing::warn!("{sentence}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(holds: Holds, free: u64, copy: u64) -> Disk {
        Disk { holds, free, copy }
    }

    #[test]
    fn a_disk_is_narrow_before_it_is_full_and_sooner_where_a_copy_goes_there() {
        let room = |free, copy| disk(Holds::Data, free, copy).room();
        assert_eq!(room(0, 0), Room::None);
        assert_eq!(room(300_000_000, 0), Room::Little);
        assert_eq!(room(300_000_000, 280_000_000), Room::None);
        assert_eq!(room(20_000_000_000, 0), Room::Enough);
        assert_eq!(room(20_000_000_000, 19_500_000_000), Room::Little);
    }

    #[test]
    fn each_says_what_to_do() {
        let said = disk(Holds::Copies, 70_000_000, 40_000_000).sentence();
        assert!(
            said.starts_with("70 MB are free on the disk of backup.folder, and the next copy of"),
            "{said}"
        );
        assert!(said.contains("backup.keep_days"), "{said}");
        let said = disk(Holds::Data, 70_000_000, 0).sentence();
        assert!(!said.contains("copy"), "{said}");
    }

    #[test]
    fn folders_on_one_disk_are_looked_at_once_and_copies_before_they_are_made() {
        let folder = tempfile::tempdir().expect("room");
        let mut settings = Settings::default();
        settings.data.folder = folder.path().join("data");
        settings.backup.folder = Some(folder.path().join("copies/of/every/night"));
        fs::create_dir(&settings.data.folder).expect("room");
        fs::write(settings.data.folder.join(data::DATABASE), [0; 5_000]).expect("room");
        let disks = look(&settings);
        assert_eq!(disks.len(), 1, "{disks:?}");
        assert_eq!((disks[0].holds, disks[0].copy), (Holds::Data, 5_000));
        assert!(disks[0].free > 0);
        settings.backup.folder = None;
        assert_eq!(look(&settings)[0].copy, 0);
    }
}
