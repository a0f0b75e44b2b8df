//! What can go wrong with the records.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use school::{EveningId, Refusal};
use sqlx::error::ErrorKind;

/// The world failed: the database or the disk. One sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database cannot be opened or reached.
    #[error("cannot open the database {place}: {reason}")]
    Unopened {
        /// Which, without its password.
        place: String,
        /// What it said.
        reason: String,
        /// Whether that may pass without anybody mending it here, as a server that is yet to begin.
        may_pass: bool,
    },
    /// A node runs that has another key: neither would hear the other, and each would hold it to be gone.
    #[error(
        "the node {name} runs with another key than this one: put the same file that cluster.key_file names on \
         both; to change the key, end all nodes, put the new one on each and start them (a node that was lost \
         without a word counts for a minute)"
    )]
    OtherNodesKey {
        /// What that one is called.
        name: String,
    },
    /// A newer program has used the database.
    #[error(
        "the database {place} was made by a newer homeroom (its version is {found}, this program \
         knows {known}): start that homeroom, or restore a backup from before"
    )]
    Newer {
        /// Which, without its password.
        place: String,
        /// The version it has.
        found: i64,
        /// The version this program brings.
        known: i64,
    },
    /// Programs of an earlier version serve the records, and may not go on with what this one changes.
    #[error(
        "these records are served by a homeroom of an earlier version, which would not go on with what \
         this one changes in them: end it, at every node, and then start this one (a node that was lost without a \
         word counts for a minute, or for 16 where it may live by Redis)"
    )]
    InUse,
    /// A file beside the database cannot be read or written.
    #[error("cannot use {}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The records know keys, and what opens the links that these made is not there.
    #[error(
        "the file {} is missing, and without it no link that was sent opens: put it back from the \
         backup, or from another node, or run `homeroom new-keys`, which ends every link that was sent",
        path.display()
    )]
    KeysMissing {
        /// Where it belongs.
        path: PathBuf,
    },
    /// Other keys made the links of these records.
    #[error(
        "the file {} is not the one that these records were used with (key {id} is another, or not \
         in it): put back the file that belongs to them, from the backup or from another node, or run \
         `homeroom new-keys`, which ends every link that was sent",
        path.display()
    )]
    OtherKeys {
        /// The file.
        path: PathBuf,
        /// Which key.
        id: u32,
    },
    /// Rows of the audit log are sealed, and another one cannot be: the keys cannot be used.
    #[error("{why}")]
    Unsealed {
        /// Why they cannot, and what to do.
        why: Arc<str>,
    },
    /// Another program serves the records.
    #[error(
        "these records are served by another homeroom already: end that one, give this one a \
         database of its own with database.url, or make both nodes, of different names, with \
         cluster.name (a machine that has vanished is believed gone within \
         a minute, a node that was lost without a word after a minute, or 16 where it may live by Redis)"
    )]
    Served,
    /// A node of that name serves the records, or its session of before stands in PostgreSQL still.
    #[error(
        "a node named {name} has these records already: give this one another cluster.name. Where that was this one, on a \
         machine or a line that was lost, wait: PostgreSQL lets go of it after half a minute at most"
    )]
    NodeServes {
        /// What both are called.
        name: String,
    },
    /// It was asked, and said nothing for too long; or all connections to it are busy.
    #[error("the database did not answer in time")]
    NoAnswer,
    /// A statement failed.
    #[error("{}", of_database(.0))]
    Database(#[source] sqlx::Error),
    /// Something was read that this program never wrote.
    #[error("the database holds {0}, which homeroom never wrote: restore a backup")]
    Broken(&'static str),
    /// Not with this kind of database.
    #[error("{0}")]
    Unsupported(&'static str),
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// By the rules: nothing has changed.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A parent has set off as much e-mail as one day allows: nothing has changed but that the
    /// office can read so.
    #[error("a day's e-mails are spent until {again}")]
    Spent {
        /// From when on another is allowed.
        again: Timestamp,
        /// The evening it was about.
        evening: EveningId,
        /// The zone that its times are in.
        zone: String,
    },
    /// The world failed: nothing has changed, unless what failed was the answer to a COMMIT.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    /// As [`Fault::may_pass`].
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Spent { .. } => false,
            Self::Fault(fault) => fault.may_pass(),
        }
    }
}

/// What SQLite calls a disk that fails, may not be written, is full, or a file it cannot open
/// (<https://www.sqlite.org/rescode.html>).
const DISK: [u32; 4] = [10, 8, 13, 14];

/// What PostgreSQL calls a disk that is full.
const POSTGRES_FULL: &str = "53100";

/// What is to be done where nothing more fits.
const FULL: &str = "the disk is full: make room there";

/// A statement that failed, and what to do about it where that is known.
fn of_database(error: &sqlx::Error) -> String {
    if is_full(error) {
        return "nothing more can be kept: the disk that the records are on is full. Make room there, and do it again"
            .to_owned();
    }
    let disk = sqlite_code(error).is_some_and(|it| DISK.contains(&(it & 0xff)));
    let advice = if disk { WRITABLE } else { "" };
    format!("the database failed: {error}{advice}")
}

/// Whether there is no room for what was to be kept.
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|it| it.code());
    code.is_some_and(|it| it == POSTGRES_FULL)
        || sqlite_code(error).is_some_and(|it| it & 0xff == 13)
        || matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull)
}

/// SQLite's own number: those have fewer figures than the five letters and digits of PostgreSQL.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    (code.len() < 5).then(|| code.parse().ok()).flatten()
}

/// What is wrong with a file, in a sentence without its stop.
pub(crate) fn of_file(error: &io::Error) -> String {
    let kind = error.kind();
    if kind == io::ErrorKind::StorageFull {
        FULL.to_owned()
    } else if kind == io::ErrorKind::PermissionDenied {
        format!("{error}; let it belong to the user whom this program runs as (chown)")
    } else {
        error.to_string()
    }
}

/// The same of a copy of the records.
pub(crate) fn of_copy(error: &sqlx::Error) -> String {
    if is_full(error) {
        FULL.to_owned()
    } else {
        error.to_string()
    }
}

/// What to do where a disk cannot be used.
const WRITABLE: &str = "; see that its folder is there and has room, and that the user of this program may write in it and in the \
     file itself";

/// What to do where a file is no database of SQLite's, or is one no more.
const RUINED: &str = "; put a backup in its place: homeroom restore FILE";

/// SQLite's numbers for such a file (<https://sqlite.org/rescode.html>: CORRUPT, NOTADB).
const NO_DATABASE: [u32; 2] = [11, 26];

impl Fault {
    /// A database that cannot be opened, and what to do about it where that is known.
    pub(crate) fn unopened(place: String, error: &sqlx::Error) -> Self {
        let code = sqlite_code(error);
        let is_locked = code.is_some_and(|it| it & 0xff == 5);
        let text = error.as_database_error().and_then(|it| it.code());
        let passes =
            is_locked || text.is_some_and(|it| it.len() == 5 && !is_refused_by_postgres(error));
        let is_disk = matches!(error, sqlx::Error::Io(_))
            || code.is_some_and(|it| DISK.contains(&(it & 0xff)));
        let is_ruined = code.is_some_and(|it| NO_DATABASE.contains(&(it & 0xff)));
        let advice = match (is_disk, is_ruined) {
            (true, _) => WRITABLE,
            (false, true) => RUINED,
            (false, false) => "",
        };
        Self::Unopened {
            place,
            reason: format!("{error}{advice}"),
            may_pass: is_disk || passes,
        }
    }

    /// Whether what was to be kept breaks a rule of the schema, and would break it again.
    pub(crate) fn breaks_a_rule(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        let error = error.as_database_error();
        error.is_some_and(|it| !matches!(it.kind(), ErrorKind::Other))
    }

    /// Whether it may pass without anybody mending the settings or the records: whoever began is to
    /// begin again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unopened { may_pass, .. } => *may_pass,
            Self::Served
            | Self::NodeServes { .. }
            | Self::InUse
            | Self::OtherNodesKey { .. }
            | Self::NoAnswer
            | Self::Database(_) => true,
            Self::Newer { .. }
            | Self::File { .. }
            | Self::KeysMissing { .. }
            | Self::OtherKeys { .. }
            | Self::Unsealed { .. }
            | Self::Broken(_)
            | Self::Unsupported(_) => false,
        }
    }
}

/// Whether PostgreSQL refuses what is set, which will be refused again; else it is not there, or has
/// no room or no time (<https://www.postgresql.org/docs/15/errcodes-appendix.html>).
pub(crate) fn is_refused_by_postgres(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|it| it.code());
    let passing = ["08", "40", "53", "55", "57"];
    code.is_some_and(|code| !passing.iter().any(|class| code.starts_with(class)))
}

/// What to do where PostgreSQL is not to be had.
pub(crate) const RUNS: &str = "see that PostgreSQL runs there, or change database.url";

/// Why PostgreSQL takes no connection, and what to do.
pub(crate) fn of_postgres(error: &sqlx::Error) -> String {
    let Some(said) = error.as_database_error() else {
        return format!("{error}; {RUNS}");
    };
    let code = said.code().unwrap_or_default();
    let advice = if code.starts_with("28") {
        "see user and password in database.url, and what pg_hba.conf lets in"
    } else if code == "3D000" {
        "make that database, or change database.url"
    } else if is_refused_by_postgres(error) {
        "see database.url"
    } else {
        "see PostgreSQL's own log"
    };
    format!("{}; {advice}", said.message())
}

impl From<sqlx::Error> for Fault {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other errors are told alike"
    )]
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::NoAnswer,
            other => Self::Database(other),
        }
    }
}

impl Error {
    /// The refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            Self::Spent { .. } | Self::Fault(_) => None,
        }
    }
}

/// What the methods of the store give.
pub type Result<T> = std::result::Result<T, Error>;

/// What reading a row gives.
pub(crate) type Read<T> = std::result::Result<T, Fault>;
