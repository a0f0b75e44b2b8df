//! The data folder: the records, the keys of links, and e-mails where no mail server is set.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use links::{Keyring, Secret};
use post::{Postman, SetUpError};
use store::{Fault, Options, Place, Store};

use crate::origin::PublicUrl;
use crate::private::Private;
use crate::settings::Settings;
use crate::staff_session;

/// The name of SQLite's file.
const DATABASE: &str = "homeroom.sqlite";

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
        let now = Timestamp::now();
        let until = now.checked_add(SET_UP).unwrap_or(Timestamp::MAX);
        self.store
            .offer_set_up(&staff_session::digest(&secret), until)
            .await?;
        let url = format!("{public_url}/setup#{}", secret.expose());
        Ok(Some(Private::new(url)))
    }
}
