//! The file `keys`: what the secrets of links are made with.
//!
//! A line is a number and 64 hexadecimal digits; the last line makes new links, those before open
//! theirs still. It is a file and no table, so that a dump of the database opens no link. The records
//! know its keys again by their prints: with other keys no link that is out would open, and nobody
//! would hear why.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use links::{Key, KeyId, Keyring};

use school::Actor;

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Fault, Result, of_file};
use crate::store::Store;
use crate::value::values;

/// Its name in the data folder.
const NAME: &str = "keys";

/// The longest file that is read: many times over what the most keys take.
const LONGEST: u64 = 16 * 1024;

/// How many keys it may hold: a secret is tried with each.
const MOST: usize = 16;

/// The number of the first.
const FIRST: KeyId = KeyId(1);

/// The keys of a data folder.
#[derive(Clone, Debug)]
pub struct Keys {
    /// What opens and makes links.
    pub ring: Keyring,
    /// The key that makes new links.
    pub current: KeyId,
    prints: BTreeMap<KeyId, [u8; 32]>,
    path: PathBuf,
}

impl Keys {
    /// Those in the file `keys` of that data folder; none where there is no such file.
    ///
    /// # Errors
    ///
    /// [`Fault::File`] where the file cannot be read, others may read it too, or it holds something
    /// else.
    pub fn read(folder: &Path) -> std::result::Result<Option<Self>, Fault> {
        let path = folder.join(NAME);
        let broken = |reason: &str| Fault::File {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        let about = match fs::metadata(&path) {
            Ok(about) => about,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(&of_file(&error))),
        };
        if !about.is_file() {
            return Err(broken("it is no file: put it back from a backup"));
        }
        if about.permissions().mode() & 0o077 != 0 {
            return Err(broken(
                "others may read it; every link could be opened with it: run chmod 600 on it",
            ));
        }
        let mut text = String::new();
        File::open(&path)
            .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
            .map_err(|error| broken(&of_file(&error)))?;
        if text.len() as u64 > LONGEST {
            return Err(broken(
                "it is too long for a file of keys: put it back from a backup",
            ));
        }
        Self::of(&text, &path).map(Some).map_err(broken)
    }

    /// What the text of such a file holds, else what is wrong with it.
    fn of(text: &str, path: &Path) -> std::result::Result<Self, &'static str> {
        let mut keys: Option<Self> = None;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (id, key) = read(line).ok_or(
                "it holds a line that is no key, or was cut off: put it back from a backup",
            )?;
            let print = key.print();
            match &mut keys {
                None => {
                    keys = Some(Self {
                        ring: Keyring::new(id, key),
                        current: id,
                        prints: BTreeMap::from([(id, print)]),
                        path: path.to_owned(),
                    });
                }
                Some(keys) => {
                    if keys.prints.insert(id, print).is_some() {
                        return Err("two of its keys have the same number");
                    }
                    keys.ring.rotate(id, key);
                    keys.current = id;
                }
            }
        }
        let keys =
            keys.ok_or("it is empty: put it back from a backup; without it no link opens")?;
        if keys.prints.len() > MOST {
            return Err("it holds more than 16 keys: take out the oldest, whose links then die");
        }
        Ok(keys)
    }

    /// Makes the file, with one key of that number. It is written beside first, so that a crash
    /// leaves all of it or nothing; of two programs that start at once, one makes it.
    ///
    /// # Errors
    ///
    /// [`Fault::File`].
    pub fn make(folder: &Path, id: KeyId) -> std::result::Result<Self, Fault> {
        let path = folder.join(NAME);
        let broken = |error: std::io::Error| Fault::File {
            path: path.clone(),
            reason: of_file(&error),
        };
        write_first(&path, id).map_err(broken)?;
        Self::read(folder)?.ok_or_else(|| broken(ErrorKind::NotFound.into()))
    }

    /// Puts another file in the place of the one that is there, if one is: with one new key, of
    /// that number. The one before stays beside it, under another name.
    ///
    /// # Errors
    ///
    /// [`Fault::File`].
    pub fn renew(
        folder: &Path,
        id: KeyId,
        now: Timestamp,
    ) -> std::result::Result<(Self, Option<PathBuf>), Fault> {
        let path = folder.join(NAME);
        let before = folder.join(format!("keys.before-{}", now.strftime("%Y%m%dT%H%M%SZ")));
        let kept = match fs::rename(&path, &before) {
            Ok(()) => Some(before),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                return Err(Fault::File {
                    path,
                    reason: of_file(&error),
                });
            }
        };
        Ok((Self::make(folder, id)?, kept))
    }

    /// None has the number of another that the records know.
    fn check_prints(&self, known: &[(KeyId, Vec<u8>)]) -> std::result::Result<(), Fault> {
        for (id, print) in known {
            if self.prints.get(id).is_some_and(|it| it[..] != print[..]) {
                return Err(self.others(*id));
            }
        }
        Ok(())
    }

    fn others(&self, KeyId(id): KeyId) -> Fault {
        Fault::OtherKeys {
            path: self.path.clone(),
            id,
        }
    }
}

impl Store {
    /// Checks that these are the keys that these records were used with, and remembers those that are new beside one that
    /// is known. Without any: whether the records need none, because they know none and no link is out.
    ///
    /// # Errors
    ///
    /// [`Fault::KeysMissing`] and [`Fault::OtherKeys`], which say the way back.
    pub async fn know_keys(&self, keys: Option<&Keys>, folder: &Path) -> Result<()> {
        let mut work = self.write().await?;
        let (used, known) = (used(&mut work).await?, known(&mut work).await?);
        let Some(keys) = keys else {
            return if used.is_empty() && known.is_empty() {
                Ok(())
            } else {
                Err(missing(folder).into())
            };
        };
        keys.check_prints(&known)?;
        if let Some(id) = used.iter().find(|id| !keys.prints.contains_key(id)) {
            return Err(keys.others(*id).into());
        }
        // Made beside those of the school, as by a machine that began without them: what is made with one opens nowhere else.
        if let Some((newest, _)) = known.last()
            && !known.iter().any(|(id, _)| keys.prints.contains_key(id))
        {
            return Err(keys.others(*newest).into());
        }
        remember(&mut work, keys).await?;
        Ok(work.commit().await?)
    }

    /// The first keys of these records, made in that folder while nobody else makes any for them; or those that another
    /// program on this folder has just made. Whoever comes later is to bring these.
    ///
    /// # Errors
    ///
    /// [`Fault::KeysMissing`] where the records know keys already, and [`Fault::File`].
    pub async fn make_keys(&self, folder: &Path) -> Result<Keys> {
        let mut work = self.write().await?;
        if used(&mut work).await?.is_empty() && known(&mut work).await?.is_empty() {
            let keys = Keys::make(folder, FIRST)?;
            remember(&mut work, &keys).await?;
            work.commit().await?;
            return Ok(keys);
        }
        drop(work);
        let keys = Keys::read(folder)?.ok_or_else(|| missing(folder))?;
        self.know_keys(Some(&keys), folder).await?;
        Ok(keys)
    }

    /// Remembers keys that were made in the place of those of before, once [all links have ended](Self::end_all_links).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn remember_new_keys(&self, keys: &Keys) -> Result<()> {
        let mut work = self.write().await?;
        remember(&mut work, keys).await?;
        Ok(work.commit().await?)
    }

    /// Checks that these keys may seal what is written in these records, a backup's, and remembers them: they are those
    /// that it was used with, or newer ones. Links that are out in it, and that they do not open, may have ended since.
    ///
    /// # Errors
    ///
    /// [`Fault::OtherKeys`], which says the way back.
    pub async fn follow_keys(&self, keys: &Keys) -> Result<()> {
        let mut work = self.write().await?;
        let known = known(&mut work).await?;
        keys.check_prints(&known)?;
        if let Some((highest, _)) = known.last()
            && *highest > keys.current
        {
            return Err(keys.others(*highest).into());
        }
        remember(&mut work, keys).await?;
        Ok(work.commit().await?)
    }

    /// Ends every link, because the keys that they were made with are gone, and gives the number
    /// for a new key. How many there were.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn end_all_links(&self, now: Timestamp) -> Result<(KeyId, u64)> {
        let mut work = self.write().await?;
        work.at_length().await?;
        let highest = work
            .count(
                "SELECT COALESCE(MAX(id), 0) FROM
                   (SELECT id FROM known_keys UNION ALL SELECT key AS id FROM links) AS all_keys",
                values![],
            )
            .await?;
        let ended = work
            .run(
                "UPDATE links SET withdrawn_at = $1 WHERE withdrawn_at IS NULL",
                values![now],
            )
            .await?;
        let detail = [("links", ended)];
        let action = Action::KeysRenewed;
        self.audit(&mut work, Actor::Program, action, "keys", &detail, now)
            .await?;
        work.commit().await?;
        let next = u32::try_from(highest).unwrap_or(u32::MAX);
        Ok((KeyId(next.saturating_add(1)), ended))
    }
}

/// The keys of links that are out.
async fn used(work: &mut Work) -> Result<Vec<KeyId>> {
    let sql = "SELECT DISTINCT key FROM links WHERE withdrawn_at IS NULL ORDER BY key";
    let rows = work.all(sql, values![]).await?;
    let ids = rows.iter().map(|row| Ok(KeyId(row.get(0)?)));
    ids.collect()
}

/// The keys that these records were used with, the newest last, and their prints.
async fn known(work: &mut Work) -> Result<Vec<(KeyId, Vec<u8>)>> {
    let sql = "SELECT id, print FROM known_keys ORDER BY id";
    let rows = work.all(sql, values![]).await?;
    let known = rows.iter().map(|row| Ok((KeyId(row.get(0)?), row.at(1)?)));
    known.collect()
}

async fn remember(work: &mut Work, keys: &Keys) -> Result<()> {
    for (KeyId(id), print) in &keys.prints {
        let sql = "INSERT INTO known_keys (id, print) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        work.run(sql, values![*id, print.as_slice()]).await?;
    }
    Ok(())
}

fn missing(folder: &Path) -> Fault {
    Fault::KeysMissing {
        path: folder.join(NAME),
    }
}

fn write_first(path: &Path, KeyId(id): KeyId) -> std::io::Result<()> {
    let key = Key::random(&mut ambient::rng());
    let digits: String = key
        .expose()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = format!("{id} {digits}\n");
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Not by rename: of two programs that start at once, one makes the file.
    match fs::hard_link(&unfinished, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    fs::remove_file(&unfinished)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn read(line: &str) -> Option<(KeyId, Key)> {
    let (id, digits) = line.trim().split_once(' ')?;
    if digits.len() != 64 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (n, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some((KeyId(id.parse().ok()?), Key::from_bytes(key)))
}

#[cfg(test)]
mod tests {
    use links::LinkId;

    use super::*;

    #[test]
    fn links_open_after_a_restart_and_a_new_key()
    -> std::result::Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        assert!(Keys::read(folder.path())?.is_none());
        let keys = Keys::make(folder.path(), KeyId(1))?;
        assert_eq!(keys.current, KeyId(1));
        let record = keys.ring.record(LinkId::random(&mut ambient::rng()));
        let path = keys.ring.path(&record);
        assert!(path.is_some());
        // Whoever makes it again finds it.
        let again = Keys::make(folder.path(), KeyId(7))?;
        assert_eq!(again.ring.path(&record), path);

        let file = folder.path().join(NAME);
        assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
        let mut text = fs::read_to_string(&file)?;
        text.push_str(&format!("2 {}\n", "ab".repeat(32)));
        fs::write(&file, text)?;
        let keys = Keys::read(folder.path())?.ok_or("it is there")?;
        assert_eq!(keys.current, KeyId(2));
        assert_eq!(keys.ring.path(&record), path);

        let (renewed, before) = Keys::renew(folder.path(), KeyId(3), Timestamp::UNIX_EPOCH)?;
        assert_eq!(renewed.current, KeyId(3));
        assert_eq!(renewed.ring.path(&record), None);
        let kept = fs::read_to_string(before.ok_or("it was kept")?)?;
        assert_eq!(kept.lines().count(), 2);
        Ok(())
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_no_keys_is_refused()
    -> std::result::Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        Keys::make(folder.path(), KeyId(1))?;
        let file = folder.path().join(NAME);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640))?;
        assert!(Keys::read(folder.path()).is_err_and(|it| it.to_string().contains("chmod 600")));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        let key = "ab".repeat(32);
        let many: String = (1..=17).map(|n| format!("{n} {key}\n")).collect();
        for bad in [
            "",
            "1 abc\n",
            "x\n",
            &format!("one {key}\n"),
            &format!("1 {key}\n2 {}", &key[..40]),
            &format!("1 {key}\n1 {}\n", "cd".repeat(32)),
            &many,
            &"1".repeat(1_000_000),
            "\u{fffd}",
        ] {
            fs::write(&file, bad)?;
            assert!(Keys::read(folder.path()).is_err(), "{bad:?}");
        }
        fs::write(&file, [0xff, 0xfe])?;
        assert!(Keys::read(folder.path()).is_err());
        fs::remove_file(&file)?;
        fs::create_dir(&file)?;
        assert!(Keys::read(folder.path()).is_err_and(|it| it.to_string().contains("no file")));
        Ok(())
    }
}
