//! The data folder: the records, the keys of links, and e-mails and text messages where nothing is set that
//! sends them.

mod last_run;
pub mod restore;

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use links::{KeyId, Keyring, Secret};
use post::{GatewayError, Messenger, Postman, SetUpError};
use rustix::process::geteuid;
use school::{EmailAddress, Name, Rank, StaffId};
use store::{Actor, Fault, Keys, Options, Place, Sole, Store, Trial};

use crate::origin::PublicUrl;
use crate::plain_file;
use crate::private::Private;
use crate::settings::Settings;
use crate::staff_session;

/// The name of SQLite's file.
pub(crate) const DATABASE: &str = "homeroom.sqlite";

/// How a backup ends that is made ready to take the place of the records.
const RESTORING: &str = "restoring";

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
    /// Nothing can be written in it.
    #[error("cannot write in the data folder {}: {source}; make room there, or let the user of this program write in it", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is somebody else's, and what root writes there they could not use.
    #[error("the data folder {} belongs to another user: what root writes there, they cannot use. Run this as them: sudo -u {} homeroom ...", path.display(), user(*.owner))]
    Another {
        /// Which.
        path: PathBuf,
        /// Whose it is, by number.
        owner: u32,
    },
    /// Another program serves it.
    #[error("{} is served by another homeroom already: end that one (sudo systemctl stop homeroom), or give another folder with data.folder", path.display())]
    Held {
        /// Which.
        path: PathBuf,
    },
    /// Another program serves the records, which are not in the folder.
    #[error(
        "the records are served by a homeroom that runs, here or on another machine: end it first, and where there are \
         several nodes all of them"
    )]
    Served,
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
    /// The gateway for text messages cannot be used as it is set.
    #[error(transparent)]
    Texts(#[from] GatewayError),
}

/// Who has that number, as sudo takes it.
fn user(number: u32) -> String {
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = known.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == number.to_string()).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("'#{number}'"))
}

impl DataError {
    /// Whether it may pass without anybody mending the settings or the records.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Folder { source, .. } | Self::Unwritable { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::ReadOnlyFilesystem
            ),
            Self::Held { .. } | Self::Served => true,
            Self::Store(fault) => fault.may_pass(),
            Self::Records(error) => error.may_pass(),
            Self::Another { .. } | Self::Taken { .. } | Self::Mail(_) | Self::Texts(_) => false,
        }
    }
}

/// Who carries what is sent.
#[derive(Debug)]
pub struct Carriers {
    /// E-mails.
    pub emails: Postman,
    /// Text messages.
    pub texts: Option<Messenger>,
}

/// Where e-mails and text messages are kept as files in a data folder, or once were: those that lie there since go as well.
pub(crate) fn message_folders(data: &Path) -> [PathBuf; 2] {
    [data.join("mail"), data.join("texts")]
}

/// As long as this is kept, nobody else serves the records; killed, a program lets go of them.
#[derive(Debug)]
#[must_use = "dropped, it lets go of the records"]
pub struct Hold {
    _lock: Option<File>,
    /// Where they are in PostgreSQL.
    sole: Option<Sole>,
}

impl Hold {
    /// Ends where another program serves the records by now, and says so: the line to PostgreSQL was broken for long,
    /// and the other was there first.
    pub async fn lost(&mut self) -> Fault {
        match &mut self.sole {
            Some(sole) => sole.until_lost().await,
            None => std::future::pending().await,
        }
    }

    /// The program serves them no more: whoever comes next waits for nothing.
    pub async fn end(self) {
        if let Some(sole) = self.sole {
            sole.end().await;
        }
    }
}

/// An open data folder.
#[derive(Debug)]
pub struct Data {
    /// The records.
    pub store: Store,
    /// What links are made with.
    pub keyring: Keyring,
    folder: PathBuf,
    /// What keeps others from the folder, until it is held.
    lock: Option<File>,
}

impl Data {
    /// Opens the folder of the settings, to serve it, and makes it where there is none, for its owner alone.
    /// Records in SQLite are brought to this program's version, which nobody else may be serving.
    ///
    /// # Errors
    ///
    /// [`DataError`] names what to change; [`DataError::Held`] where another program serves them.
    pub async fn open(settings: &Settings) -> Result<Self, DataError> {
        let folder = make_folder(settings)?;
        let lock = match place(settings) {
            Place::Postgres(_) => None,
            Place::Sqlite(_) => match lock(&folder) {
                Err(held @ DataError::Held { .. }) => return Err(held),
                // What is wrong with the disk is said by the records.
                other => other.ok(),
            },
        };
        let store = open_records(settings).await?;
        let keys = match Keys::read(&folder)? {
            Some(keys) => {
                store.know_keys(Some(&keys), &folder).await?;
                keys
            }
            None => first_keys(&store, &folder, settings).await?,
        };
        Ok(Self {
            store: store
                .with_keys(&keys)
                .with_provider(settings.openid.issuer.as_deref()),
            keyring: keys.ring,
            folder,
            lock,
        })
    }

    /// Makes the records this program's own to serve, or this node's and its others'. What a program that was killed had on its way
    /// to a mail server is to be sent again at once: nobody else can be at it.
    ///
    /// # Errors
    ///
    /// [`DataError::Held`] and [`Fault::Served`] where another program serves them.
    pub async fn hold(&mut self, node: Option<&str>) -> Result<Hold, DataError> {
        let (lock, ended) = match self.store.place() {
            Place::Postgres(_) => share(&self.folder)?,
            Place::Sqlite(_) => match self.lock.take() {
                Some(lock) => (Some(lock), None),
                None => (Some(lock(&self.folder)?), None),
            },
        };
        clear_copies(&self.folder);
        let sole = match node {
            Some(name) => Some(self.store.serve_as_node(name, ended.as_deref()).await?),
            None => self.store.serve_alone(ended.as_deref()).await?,
        };
        if let (Some(lock), Some(sole)) = (&lock, &sole) {
            last_run::write(&self.folder, lock, sole.run());
        }
        if node.is_some() {
            // What another node has on its way to a mail server is not this one's to send again.
            return Ok(Hold { _lock: lock, sole });
        }
        let left = self.store.void_mail_claims(ambient::now()).await?;
        if left > 0 {
            tracing::info!(
                left,
                "sending again what was on its way when the program ended"
            );
        }
        // What a program before this one erased, and had no time to overwrite.
        if let Err(error) = self.store.overwrite_erased().await {
            tracing::warn!(%error, "what was erased cannot be overwritten yet");
        }
        Ok(Hold { _lock: lock, sole })
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

    /// Who carries e-mails and text messages: the mail server and the gateway that are set, or else
    /// files in this folder; nobody carries text messages where neither is set.
    ///
    /// # Errors
    ///
    /// [`DataError::Mail`] and [`DataError::Texts`].
    pub fn carriers(&self, settings: &Settings) -> Result<Carriers, DataError> {
        let emails = match settings.mail.server() {
            Some(server) => Postman::to(server)?,
            None => {
                let [folder, _] = message_folders(&self.folder);
                tracing::warn!(
                    folder = %folder.display(),
                    "no mail server is set: e-mails are written to files; set mail.smtp_host to send them"
                );
                Postman::Files(folder)
            }
        };
        let texts = match settings.texts.gateway() {
            Some(gateway) => Some(Messenger::to(gateway)?),
            None if settings.texts.to_files => {
                let [_, folder] = message_folders(&self.folder);
                tracing::warn!(
                    folder = %folder.display(),
                    "text messages are written to files; set texts.url to send them"
                );
                Some(Messenger::Files(folder))
            }
            None => {
                tracing::warn!(
                    "no gateway for text messages is set: nobody is invited by text message; set \
                     texts.url to send them"
                );
                None
            }
        };
        Ok(Carriers { emails, texts })
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
        let secret = Secret::random(&mut ambient::rng());
        let until = ambient::now().checked_add(SET_UP).unwrap_or(Timestamp::MAX);
        self.store
            .offer_set_up(&staff_session::digest(&secret), until)
            .await?;
        Ok(Some(set_up_url(public_url, &secret)))
    }
}

/// Makes the folder of the settings where there is none, for its owner alone.
fn make_folder(settings: &Settings) -> Result<PathBuf, DataError> {
    let folder = settings.data.folder.clone();
    match DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .and_then(|()| fs::metadata(&folder))
    {
        Ok(made) if made.uid() != 0 && geteuid().is_root() => Err(DataError::Another {
            owner: made.uid(),
            path: folder,
        }),
        Ok(_) => Ok(folder),
        Err(source) => Err(DataError::Folder {
            path: folder,
            source,
        }),
    }
}

/// Whether there are records in the data folder.
pub(crate) fn are_begun(settings: &Settings) -> bool {
    settings.data.folder.join(DATABASE).exists()
}

/// Where the records of these settings are.
pub(crate) fn place(settings: &Settings) -> Place {
    match &settings.database.url {
        Some(url) => Place::Postgres(url.reveal().clone()),
        None => Place::Sqlite(settings.data.folder.join(DATABASE)),
    }
}

/// The records alone, for what makes no link and opens none. Where the file `keys` cannot be used they can be read, and
/// whatever would add a row without a seal to a sealed audit log is refused.
///
/// # Errors
///
/// [`DataError`] names what to change; [`Fault::InUse`] where a program of an earlier version serves them, which could
/// not go on with what this one changes in them.
pub async fn records(settings: &Settings) -> Result<Store, DataError> {
    let folder = make_folder(settings)?;
    let _alone = match place(settings) {
        // What is wrong with the file is said where it is opened.
        Place::Sqlite(file) if store::are_older(&file).await.unwrap_or(false) => {
            Some(lock(&folder).map_err(|error| {
                if matches!(error, DataError::Held { .. }) {
                    Fault::InUse.into()
                } else {
                    error
                }
            })?)
        }
        // PostgreSQL is asked by whoever takes the steps.
        Place::Sqlite(_) | Place::Postgres(_) => None,
    };
    open_records(settings).await
}

/// The same, by whoever has the folder.
async fn open_records(settings: &Settings) -> Result<Store, DataError> {
    make_folder(settings)?;
    let store = Store::open(&place(settings), without_links(settings)).await?;
    let store = sealing(store, &settings.data.folder).await;
    Ok(store
        .with_provider(settings.openid.issuer.as_deref())
        .with_subscribers(settings.webhooks.subscribers()))
}

/// How the records are opened for what makes no link: whoever has the keys gives the one that does.
fn without_links(settings: &Settings) -> Options {
    Options {
        key: KeyId(0),
        settle: settings.mail.settle,
        texts_a_day: settings.texts.in_a_day(),
        powers: settings.powers.table(),
        margins: settings.margins(),
    }
}

/// Whether the records can be brought to this program's version, tried on a copy; none where there are
/// none yet.
///
/// # Errors
///
/// [`DataError`] names what to change.
pub async fn try_upgrade(settings: &Settings) -> Result<Option<Trial>, DataError> {
    let folder = make_folder(settings)?;
    let place = place(settings);
    if matches!(place, Place::Sqlite(_)) && !are_begun(settings) {
        return Ok(None);
    }
    // Whoever begins to serve meanwhile leaves the copy alone.
    let _trying = File::open(&folder)
        .ok()
        .filter(|it| it.lock_shared().is_ok());
    let trial = Store::try_steps(&place, without_links(settings), &folder).await?;
    Ok(Some(trial))
}

/// The first keys of these records. Whoever comes second to records that another serves alone reads so, and not that they
/// are to bring the keys.
async fn first_keys(store: &Store, folder: &Path, settings: &Settings) -> Result<Keys, DataError> {
    let made = store.make_keys(folder).await;
    let are_missing = matches!(made, Err(store::Error::Fault(Fault::KeysMissing { .. })));
    if are_missing && settings.cluster.name.is_none() && store.is_served().await? {
        return Err(Fault::Served.into());
    }
    Ok(made?)
}

/// The same records, with the keys of the folder where they are theirs.
async fn sealing(store: Store, folder: &Path) -> Store {
    let keys = known_keys(&store, folder).await;
    with_keys(store, &keys)
}

async fn known_keys(store: &Store, folder: &Path) -> store::Result<Keys> {
    let keys = keys(folder)?;
    store.know_keys(Some(&keys), folder).await?;
    Ok(keys)
}

/// The same records, with these keys, or with none, for that reason.
fn with_keys(store: Store, keys: &store::Result<Keys>) -> Store {
    match keys {
        Ok(keys) => store.with_keys(keys),
        Err(why) => store.without_keys(&why.to_string()),
    }
}

/// Those of the folder.
fn keys(folder: &Path) -> store::Result<Keys> {
    let keys = Keys::read(folder)?;
    Ok(keys.ok_or_else(|| Fault::KeysMissing {
        path: folder.join("keys"),
    })?)
}

/// Takes the folder for this program alone, until the file is closed.
fn lock(folder: &Path) -> Result<File, DataError> {
    let unwritable = |source| DataError::Unwritable {
        path: folder.to_owned(),
        source,
    };
    let lock = plain_file::create(&folder.join(LOCK)).map_err(unwritable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DataError::Held {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

/// Removes whole copies of the records that a program left which was killed over them: whoever was erased since is in
/// them still. Whoever restores has the lock of the folder, and whoever tries an upgrade the folder itself.
fn clear_copies(folder: &Path) {
    let trials = File::open(folder).ok().filter(|it| it.try_lock().is_ok());
    let mut starts = vec![format!("{DATABASE}.{RESTORING}")];
    if trials.is_some() {
        starts.push(Store::TRIAL.to_owned());
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for file in entries.map(|it| it.path()) {
        let name = file.file_name().and_then(|it| it.to_str());
        if !name.is_some_and(|name| starts.iter().any(|it| name.starts_with(it))) {
            continue;
        }
        match fs::remove_file(&file) {
            Ok(()) => tracing::info!(file = %file.display(), "removed a copy that was broken off"),
            Err(error) => {
                tracing::warn!(%error, file = %file.display(), "a copy that was broken off cannot be removed");
            }
        }
    }
}

/// Has it seen that the folder is served, as several programs may at once whose records are in PostgreSQL, and finds the
/// run that did last, where it has ended. Where the folder takes no file it is not seen.
fn share(folder: &Path) -> Result<(Option<File>, Option<String>), DataError> {
    let Ok(lock) = plain_file::create(&folder.join(LOCK)) else {
        return Ok((None, None));
    };
    let mut ended = None;
    if lock.try_lock().is_ok() {
        ended = last_run::read(folder, &lock);
        // To be had with others again.
        lock.unlock().map_err(|source| DataError::Unwritable {
            path: folder.to_owned(),
            source,
        })?;
    }
    match lock.try_lock_shared() {
        Ok(()) => Ok((Some(lock), ended)),
        Err(TryLockError::WouldBlock) => Err(DataError::Held {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(_)) => Ok((None, None)),
    }
}

/// Whether a program serves this folder now; no, where this user may not look.
pub(crate) fn is_served(settings: &Settings) -> bool {
    let lock = plain_file::open(&settings.data.folder.join(LOCK));
    lock.is_ok_and(|it| matches!(it.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Has nobody serve these records while it is kept, whatever folder they would do it from.
///
/// # Errors
///
/// [`DataError::Served`] where somebody does.
pub(crate) async fn alone(store: &Store) -> Result<Option<Sole>, DataError> {
    match store.keep_alone().await {
        Err(Fault::Served) => Err(DataError::Served),
        held => Ok(held?),
    }
}

/// Makes new keys where the old ones are lost: every link that was sent ends. Gives how many those
/// are, and where the file of before is kept, if there was one.
///
/// # Errors
///
/// [`DataError::Held`] while a server serves the folder, [`DataError::Served`] while one serves the records.
pub async fn renew_keys(
    settings: &Settings,
    now: Timestamp,
) -> Result<(u64, Option<PathBuf>), DataError> {
    let folder = make_folder(settings)?;
    let _lock = lock(&folder)?;
    let store = open_records(settings).await?;
    let _alone = alone(&store).await?;
    let (id, ended) = store.end_all_links(now).await?;
    let (keys, before) = Keys::renew(&folder, id, now)?;
    store.remember_new_keys(&keys).await?;
    store.close().await;
    Ok((ended, before))
}

/// Adds an account of the staff, and gives the link by which its holder chooses a password. Where no rank is
/// said, an account that is there keeps its own; a new one is the owner's of a school that has none, else of
/// the office.
///
/// # Errors
///
/// [`DataError::Records`].
pub async fn staff_link(
    store: &Store,
    (name, email, rank): (&Name, &EmailAddress, Option<Rank>),
    public_url: &PublicUrl,
) -> Result<Private<String>, DataError> {
    let by = (Actor::Program, ambient::now());
    let rank = match (rank, store.staff_by_email(email).await?) {
        (Some(rank), _) => rank,
        (None, Some(account)) => account.rank,
        (None, None) if store.has_owner().await? => Rank::Office,
        (None, None) => Rank::Owner,
    };
    Ok(member_link(store, (name, email, rank), public_url, by).await?)
}

/// The same, of that rank.
pub(crate) async fn member_link(
    store: &Store,
    who: (&Name, &EmailAddress, Rank),
    public_url: &PublicUrl,
    (by, now): (Actor, Timestamp),
) -> store::Result<Private<String>> {
    let secret = Secret::random(&mut ambient::rng());
    let until = now.checked_add(SET_UP).unwrap_or(Timestamp::MAX);
    let digest = staff_session::digest(&secret);
    store.invite_staff(who, (&digest, until), by, now).await?;
    Ok(set_up_url(public_url, &secret))
}

/// The link by which somebody chooses another password whose second factor was taken away.
///
/// # Errors
///
/// [`Refusal::NotFound`](school::Refusal::NotFound) where they have none.
pub(crate) async fn without_second_factor(
    store: &Store,
    staff: StaffId,
    public_url: &PublicUrl,
    (by, now): (Actor, Timestamp),
) -> store::Result<Private<String>> {
    let secret = Secret::random(&mut ambient::rng());
    let until = now.checked_add(SET_UP).unwrap_or(Timestamp::MAX);
    let digest = staff_session::digest(&secret);
    store
        .take_second_factor(staff, (&digest, until), by, now)
        .await?;
    Ok(set_up_url(public_url, &secret))
}

fn set_up_url(public_url: &PublicUrl, secret: &Secret) -> Private<String> {
    Private::new(format!("{public_url}/setup#{}", secret.expose()))
}
