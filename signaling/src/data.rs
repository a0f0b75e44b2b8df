//! The data folder: the records, the keys of links, and e-mails where no mail server is set.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use links::{Keyring, Secret};
use post::{Postman, SetUpError};
use school::{EmailAddress, Name};
use store::{Actor, Fault, Options, Place, Store};

use crate::origin::PublicUrl;
use crate::private::Private;
use crate::settings::Settings;
use crate::staff_session;

/// The name of SQLite's file.
const DATABASE: &str = "homeroom.sqlite";

/// The name of the file that whoever serves the folder holds.
const LOCK: &str = "lock";

/// For how long a set-up link is good: until somebody starts the program again, and at most so long.
const SET_UP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why the data folder cannot be used: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The folder cannot be made.
    #[error("cannot make the data folder {}: {source}; give another with data.folder", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another program serves it.
    #[error("{} is served by another homeroom already: end that one, or give another folder with data.folder", path.display())]
    Held {
        /// Which.
        path: PathBuf,
    },
    /// There are records already where a demonstration wants to begin.
    #[error("{} holds records already: give an empty folder with --data", path.display())]
    Taken {
        /// Which.
        path: PathBuf,
    },
    /// The records or the keys cannot be used.
    #[error(transparent)]
    Store(#[from] Fault),
    /// What was asked of them failed.
    #[error(transparent)]
    Records(#[from] store::Error),
    /// The mail server cannot be used as it is set.
    #[error(transparent)]
    Mail(#[from] SetUpError),
}

/// As long as this is kept, nobody else serves the folder; killed, a program lets go of it.
#[derive(Debug)]
#[must_use = "dropped, it lets go of the folder"]
pub struct Hold {
    _lock: Option<File>,
}

/// An open data folder.
#[derive(Debug)]
pub struct Data {
    /// The records.
    pub store: Store,
    /// What links are made with.
    pub keyring: Keyring,
    folder: PathBuf,
}

impl Data {
    /// Opens the folder of the settings, and makes it where there is none, for its owner alone.
    ///
    /// # Errors
    ///
    /// [`DataError`] names what to change.
    pub async fn open(settings: &Settings) -> Result<Self, DataError> {
        let folder = settings.data.folder.clone();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| DataError::Folder {
                path: folder.clone(),
                source,
            })?;
        let (keyring, key) = store::open_keyring(&folder)?;
        let place = match &settings.database.url {
            Some(url) => Place::Postgres(url.reveal().clone()),
            None => Place::Sqlite(folder.join(DATABASE)),
        };
        let options = Options {
            key,
            settle: settings.mail.settle,
        };
        let store = Store::open(&place, options).await?;
        Ok(Self {
            store,
            keyring,
            folder,
        })
    }

    /// Makes the folder this program's own to serve. What a program that was killed had on its way
    /// to a mail server is to be sent again at once: nobody else can be at it. In PostgreSQL another
    /// may, and its claims run out by themselves.
    ///
    /// # Errors
    ///
    /// [`DataError::Held`] where another program serves it.
    pub async fn hold(&self) -> Result<Hold, DataError> {
        match self.store.place() {
            Place::Postgres(_) => return Ok(Hold { _lock: None }),
            Place::Sqlite(_) => {}
        }
        let unusable = |source| DataError::Folder {
            path: self.folder.clone(),
            source,
        };
        let lock = File::create(self.folder.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataError::Held {
                    path: self.folder.clone(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let left = self.store.void_mail_claims(Timestamp::now()).await?;
        if left > 0 {
            tracing::info!(
                left,
                "sending again what was on its way when the program ended"
            );
        }
        Ok(Hold { _lock: Some(lock) })
    }

    /// Checks that a folder holds no records yet.
    ///
    /// # Errors
    ///
    /// [`DataError::Taken`] where it does.
    pub fn check_empty(folder: &Path) -> Result<(), DataError> {
        if folder.join(DATABASE).exists() {
            return Err(DataError::Taken {
                path: folder.to_owned(),
            });
        }
        Ok(())
    }

    /// Who carries e-mails: the mail server that is set, or else files in this folder.
    ///
    /// # Errors
    ///
    /// [`DataError::Mail`].
    pub fn postman(&self, settings: &Settings) -> Result<Postman, DataError> {
        match settings.mail.server() {
            Some(server) => Ok(Postman::to(server)?),
            None => {
                let folder = self.folder.join("mail");
                tracing::warn!(
                    folder = %folder.display(),
                    "no mail server is set: e-mails are written to files; set mail.smtp_host to send them"
                );
                Ok(Postman::Files(folder))
            }
        }
    }

    /// A link by which the first administrator is made, while there is none; the one before is
    /// void. It is to be shown to whoever starts the program, and to nobody else.
    ///
    /// # Errors
    ///
    /// [`DataError::Records`].
    pub async fn set_up_link(
        &self,
        public_url: &PublicUrl,
    ) -> Result<Option<Private<String>>, DataError> {
        if !self.store.needs_set_up().await? {
            return Ok(None);
        }
        let secret = Secret::random(&mut rand::rng());
        let until = Timestamp::now()
            .checked_add(SET_UP)
            .unwrap_or(Timestamp::MAX);
        self.store
            .offer_set_up(&staff_session::digest(&secret), until)
            .await?;
        Ok(Some(set_up_url(public_url, &secret)))
    }

    /// Adds an account of the office, and gives the link by which its holder chooses a password.
    ///
    /// # Errors
    ///
    /// [`DataError::Records`].
    pub async fn staff_link(
        &self,
        who: (&Name, &EmailAddress),
        public_url: &PublicUrl,
    ) -> Result<Private<String>, DataError> {
        let secret = Secret::random(&mut rand::rng());
        let now = Timestamp::now();
        let until = now.checked_add(SET_UP).unwrap_or(Timestamp::MAX);
        let digest = staff_session::digest(&secret);
        self.store
            .invite_staff(who, (&digest, until), Actor::Program, now)
            .await?;
        Ok(set_up_url(public_url, &secret))
    }
}

fn set_up_url(public_url: &PublicUrl, secret: &Secret) -> Private<String> {
    Private::new(format!("{public_url}/setup#{}", secret.expose()))
}
