//! The port itself: how it is opened, copied and closed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use links::{KeyId, Keyring};
use rand::RngExt as _;
use school::meeting::Margins;
use school::powers::RolePowers;
use school::{SchoolId, ids};

use crate::database::{Database, Work};
use crate::fault::{Fault, Result};
use crate::health::Deed;
use crate::keys::Keys;
use crate::nodes::AsOwner;
use crate::value::values;
use crate::webhooks::Subscribers;
use crate::{migrations, schools};

/// Where the records are.
#[derive(Clone, Eq, PartialEq)]
pub enum Place {
    /// A file of SQLite's, made where there is none: `homeroom.sqlite` in the data folder.
    Sqlite(PathBuf),
    /// The URL of a database of PostgreSQL's, with its password: `postgres://user:password@host/name`.
    Postgres(String),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => f.debug_tuple("Sqlite").field(file).finish(),
            Self::Postgres(_) => f.write_str("Postgres"),
        }
    }
}

/// How the store goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The key that new links are made with: the keyring's current one.
    pub key: KeyId,
    /// How long a confirmation waits after a parent booked, so that five bookings in a row make
    /// one e-mail.
    pub settle: SignedDuration,
    /// How many text messages are sent in a day at most: each costs money. None where nobody carries
    /// them.
    pub texts_a_day: i64,
    /// What people of each role may do in meetings that are made from now on.
    pub powers: RolePowers,
    /// For how long appointments can be joined beside their own time.
    pub margins: Margins,
}

/// The records of one school. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    place: Place,
    pub(crate) school: SchoolId,
    pub(crate) options: Options,
    /// What seals the audit log; none while there are no keys, or these records know others.
    pub(crate) seals: Option<Arc<Keyring>>,
    /// Why the keys cannot be used that should seal it.
    pub(crate) unsealable: Option<Arc<str>>,
    /// By what provider the staff sign in.
    pub(crate) provider: Option<Arc<str>>,
    /// Who hears of what happens.
    pub(crate) subscribers: Subscribers,
    /// Whose word is written, where that is to be asked.
    owner: Option<AsOwner>,
}

impl Store {
    /// Opens the records, brings them to this program's version, and makes a school where there
    /// is none.
    ///
    /// # Errors
    ///
    /// [`Fault`]: one sentence, as for a database that a newer program has used.
    pub async fn open(place: &Place, options: Options) -> std::result::Result<Self, Fault> {
        let (database, name) = match place {
            Place::Sqlite(file) => (
                Database::open_sqlite(file).await?,
                file.display().to_string(),
            ),
            Place::Postgres(url) => (
                Database::open_postgres(url).await?,
                "in PostgreSQL".to_owned(),
            ),
        };
        let of_the_start = |fault| {
            if let Fault::Database(error) = &fault {
                Fault::unopened(name.clone(), error)
            } else {
                fault
            }
        };
        migrations::run(&database, &name)
            .await
            .map_err(of_the_start)?;
        let school = schools::first(&database).await.map_err(of_the_start)?;
        Ok(Self {
            database,
            place: place.clone(),
            school,
            options,
            seals: None,
            unsealable: None,
            provider: None,
            subscribers: Subscribers::default(),
            owner: None,
        })
    }

    /// Whether the server of these records can be reached, and no newer program has used them. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`Fault::Unopened`], [`Fault::Newer`].
    pub async fn look(place: &Place) -> std::result::Result<(), Fault> {
        migrations::look(place).await
    }

    /// The school whose records these are.
    #[must_use]
    pub const fn school_id(&self) -> SchoolId {
        self.school
    }

    /// The records of another school in the same database.
    #[must_use]
    pub fn of_school(&self, school: SchoolId) -> Self {
        Self {
            school,
            ..self.clone()
        }
    }

    /// The same records, as the owner of a meeting writes in them: refused is what comes too late.
    #[must_use]
    pub fn as_owner(&self, owner: AsOwner) -> Self {
        Self {
            owner: Some(owner),
            ..self.clone()
        }
    }

    /// What could not be done with the records lately, in a sentence; nothing where all is well.
    /// It asks nobody. The log says why: that may name files.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        self.database.trouble().map(|deed| match deed {
            Deed::Read => "The records cannot be read: the log says why.",
            Deed::Write => "The records cannot be written: the log says why.",
        })
    }

    /// How many statements the database was sent since this was opened.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.database.health().statements()
    }

    /// Waits until something cannot be done any more. One may wait.
    pub async fn trouble_begins(&self) {
        self.database.health().trouble_begins().await;
    }

    /// Finds out whether the records can be read and, where they could not be written lately,
    /// whether they can be again. What it finds, [`Self::trouble`] tells.
    ///
    /// # Errors
    ///
    /// [`Fault`] where they cannot.
    pub async fn check(&self) -> std::result::Result<(), Fault> {
        match self.database.trouble() {
            None | Some(Deed::Read) => {
                let mut work = self.database.read().await?;
                work.count("SELECT COUNT(*) FROM schema_version", values![])
                    .await?;
            }
            Some(Deed::Write) => {
                self.database.check_room().await?;
                let mut work = self.database.write().await?;
                work.run("UPDATE schema_version SET version = version", values![])
                    .await?;
                work.commit().await?;
            }
        }
        Ok(())
    }

    /// Sees that what was erased is nowhere in SQLite's files any more. Whether that is so: while
    /// somebody reads what was so before, it is not, and is to be asked for again.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn overwrite_erased(&self) -> std::result::Result<bool, Fault> {
        self.database.empty_log().await
    }

    /// Copies everything as it is at one moment into a new file of SQLite's, while all goes on.
    /// The file `keys` is not in it: whoever has both can open every link.
    ///
    /// # Errors
    ///
    /// [`Fault::File`] where the file exists or cannot be written; [`Fault::Unsupported`] with
    /// PostgreSQL, which has `pg_dump`.
    pub async fn backup(&self, file: &Path) -> std::result::Result<(), Fault> {
        self.database.backup(file).await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Where the records are.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The same records, where new links are made with these keys, and rows of the audit log sealed.
    #[must_use]
    pub fn with_keys(mut self, keys: &Keys) -> Self {
        self.options.key = keys.current;
        self.seals = Some(Arc::new(keys.ring.clone()));
        self.unsealable = None;
        self
    }

    /// The same records, whose keys cannot be used: where rows of the audit log are sealed, whatever would add one is
    /// refused, for that reason. It may say that new keys were made.
    #[must_use]
    pub fn without_keys(mut self, why: &str) -> Self {
        self.seals = None;
        self.unsealable = Some(why.into());
        self
    }

    /// Why the keys of these records cannot be used, where that was tried.
    #[must_use]
    pub fn why_without_keys(&self) -> Option<&str> {
        self.unsealable.as_deref()
    }

    /// The same records, where the staff sign in by that provider, if by any.
    #[must_use]
    pub fn with_provider(mut self, issuer: Option<&str>) -> Self {
        self.provider = issuer.map(Arc::from);
        self
    }

    /// The same records, where appointments can be joined for that long.
    #[must_use]
    pub const fn with_margins(mut self, margins: Margins) -> Self {
        self.options.margins = margins;
        self
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// Begins what reads.
    pub(crate) async fn read(&self) -> Result<Work> {
        Ok(self.database.read().await?)
    }

    /// Begins what one statement reads: whoever asks a second one needs [`Self::read`], for both to
    /// be of one moment.
    pub(crate) async fn glance(&self) -> Result<Work> {
        // As small as the two ways to begin are large.
        Ok(Box::pin(self.database.glance()).await?)
    }

    /// Begins what writes. One at a time for each school, with both databases alike: the rules are
    /// checked against records that nobody changes meanwhile. What nodes write beside it, sessions and whose a
    /// meeting is, waits for nobody: a row of theirs refers to the school, whose key stays.
    pub(crate) async fn write(&self) -> Result<Work> {
        let mut work = self.database.write().await?;
        if work.is_postgres() {
            work.run(
                "SELECT id FROM schools WHERE id = $1 FOR NO KEY UPDATE",
                values![self.school],
            )
            .await?;
        }
        if let Some(owner) = self.owner {
            owner.check(&mut work).await?;
        }
        Ok(work)
    }

    /// A number for something new.
    pub(crate) fn new_id() -> u64 {
        ambient::rng().random_range(1..ids::END)
    }
}
