//! What can go wrong with the records.

use std::path::PathBuf;

use school::Refusal;

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
    /// A file beside the database cannot be read or written.
    #[error("cannot use {}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A statement failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
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
    /// The world failed: nothing has changed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(Fault::Database(error))
    }
}

impl Error {
    /// The refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(*refusal),
            Self::Fault(_) => None,
        }
    }
}

/// What the methods of the store give.
pub type Result<T> = std::result::Result<T, Error>;

/// What reading a row gives.
pub(crate) type Read<T> = std::result::Result<T, Fault>;
