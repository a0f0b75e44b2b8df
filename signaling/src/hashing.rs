//! What is kept of passwords, and how one is checked: slow by design, so that it is done by few at
//! a time, behind everything else.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{
    PasswordHash, PasswordHasher as _, PasswordVerifier as _, Salt, SaltString,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, sleep};

use crate::private::Private;

/// How many passwords may wait for their turn in each line.
const MOST_WAITING: usize = 64;

/// How many of those who are known may wait for one account, or by one secret: whoever has signed in with many browsers
/// leaves the others their places.
const MOST_OF_ONE: usize = 4;

/// How willingly the work gives way to calls (nice(2)).
const NICENESS: i32 = 10;

/// What a hash begins with that was made of a password in its one form. Where it does not, the password may have
/// been hashed as its keyboard wrote it.
const ONE_FORM: &str = "nfkc";

/// Checked where there is no such account, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// Where the passwords that somebody types at a server wait for their turn.
#[derive(Debug)]
pub(crate) struct Passwords {
    /// Each takes 19 MiB and a core: half of the cores, at least one.
    turns: Arc<Semaphore>,
    /// As many strangers as there are turns wait among those who are known, and the others behind them.
    strangers: Arc<Semaphore>,
    /// Who may wait in the line of those who are known, and in that of strangers.
    known_waiting: Semaphore,
    strangers_waiting: Semaphore,
    /// How many of the known wait for each.
    of_one: Mutex<HashMap<Vec<u8>, usize>>,
}

/// A place among those who are known, of one account or secret.
struct Place<'p> {
    passwords: &'p Passwords,
    of: &'p [u8],
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let turns = (cores / 2).max(1);
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            strangers: Arc::new(Semaphore::new(turns)),
            known_waiting: Semaphore::new(MOST_WAITING),
            strangers_waiting: Semaphore::new(MOST_WAITING),
            of_one: Mutex::default(),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.passwords.of_one();
        if let Some(waiting) = all.get_mut(self.of) {
            *waiting -= 1;
            if *waiting == 0 {
                all.remove(self.of);
            }
        }
    }
}

/// In which line a password waits for its turn. Whoever is known waits for no more strangers than there are turns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Line<'w> {
    /// Of whoever is signed in, shows a right secret, or has signed in with the same browser before: for what account, or
    /// by what secret.
    Known(&'w [u8]),
    /// Of everybody else.
    Strangers,
}

/// Why a password was not looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Undone {
    /// As many wait as may.
    Busy,
    /// The system has no room for it.
    Failed,
}

impl Passwords {
    /// What is kept of a password, when it is its turn, of whoever may choose one by that secret: they are known.
    pub(crate) async fn hashed(&self, secret: &[u8], password: String) -> Result<String, Undone> {
        let password = Private::new(password);
        let hash = self.in_turn(Line::Known(secret), move || hash(password.reveal()));
        hash.await?.ok_or(Undone::Failed)
    }

    /// Whether a password is the one that was kept; where none was, nobody's is.
    pub(crate) async fn is_password(
        &self,
        line: Line<'_>,
        shown: String,
        kept: Option<String>,
    ) -> Result<bool, Undone> {
        Ok(self.which_password(line, shown, [kept]).await?.is_some())
    }

    /// Which of those that were kept a password is, the first that is right. Where one was not kept it is
    /// tried all the same, so that a wrong password takes as long however many there are.
    pub(crate) async fn which_password<const N: usize>(
        &self,
        line: Line<'_>,
        shown: String,
        kept: [Option<String>; N],
    ) -> Result<Option<usize>, Undone> {
        let shown = Private::new(shown);
        let tried = self.in_turn(line, move || Tried::of(shown.reveal(), &kept));
        let tried = tried.await?;
        // How old a hash is, or that there is none, nobody is to tell by the time.
        sleep(tried.spared).await;
        Ok(tried.right)
    }

    fn of_one(&self) -> MutexGuard<'_, HashMap<Vec<u8>, usize>> {
        // The map is whole at every step, whatever panicked.
        self.of_one.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place<'p>(&'p self, of: &'p [u8]) -> Result<Place<'p>, Undone> {
        let mut all = self.of_one();
        let waiting = all.entry(of.to_owned()).or_default();
        if *waiting == MOST_OF_ONE {
            return Err(Undone::Busy);
        }
        *waiting += 1;
        drop(all);
        Ok(Place {
            passwords: self,
            of,
        })
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        line: Line<'_>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let (waiting, _place) = match line {
            Line::Known(of) => (&self.known_waiting, Some(self.place(of)?)),
            Line::Strangers => (&self.strangers_waiting, None),
        };
        let _waiting = waiting.try_acquire().map_err(|_full| Undone::Busy)?;
        let among_known = match line {
            Line::Known(_) => None,
            Line::Strangers => Some(turn(&self.strangers).await?),
        };
        // It goes with the work: whoever asked may be gone before it is done.
        let turn = turn(&self.turns).await?;
        let (done, result) = oneshot::channel();
        // A thread of its own, because niceness is a thread's for life.
        let begun = thread::Builder::new()
            .name("password".to_owned())
            .spawn(move || {
                let _turn = (turn, among_known);
                if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
                    tracing::debug!(%error, "passwords are hashed as urgently as all else");
                }
                // Whoever asked may be gone.
                let _heard_or_not = done.send(work());
            });
        begun.map_err(|_no_thread| Undone::Failed)?;
        result.await.map_err(|_panicked| Undone::Failed)
    }
}

async fn turn(of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Undone> {
    let turn = Arc::clone(of).acquire_owned().await;
    turn.map_err(|_closed| Undone::Failed)
}

/// What is kept of a password.
pub(crate) fn hash(password: &str) -> Option<String> {
    let salt = salt()?;
    let password = Private::new(school::text::password(password));
    let hash = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
    hash.ok().map(|hash| format!("{ONE_FORM}{hash}"))
}

/// A new one for each password (PHC string format: 16 bytes are what it recommends).
fn salt() -> Option<SaltString> {
    let bytes: [u8; Salt::RECOMMENDED_LENGTH] = ambient::random();
    SaltString::encode_b64(&bytes).ok()
}

/// What came of a password.
struct Tried {
    right: Option<usize>,
    /// How much longer a wrong one would have taken had all hashes been from before the one form.
    spared: Duration,
}

impl Tried {
    fn of(shown: &str, kept: &[Option<String>]) -> Self {
        let spellings = Private::new(school::text::password_spellings(shown));
        let spellings = spellings.reveal();
        let begun = Instant::now();
        let mut tried = 0_u32;
        let right = kept.iter().position(|kept| {
            let hash = kept.as_ref().unwrap_or(&NOBODY);
            let is_right = spellings_for(hash, spellings).iter().any(|shown| {
                tried += 1;
                is_hash_of(hash, shown)
            });
            is_right && kept.is_some()
        });
        let most = u32::try_from(spellings.len() * kept.len()).unwrap_or(u32::MAX);
        let each = begun.elapsed().checked_div(tried).unwrap_or_default();
        Self {
            right,
            spared: match right {
                Some(_) => Duration::ZERO,
                None => each.saturating_mul(most.saturating_sub(tried)),
            },
        }
    }
}

/// Those of the spellings that a hash may be of: that of today is the first.
fn spellings_for<'s>(hash: &str, spellings: &'s [String]) -> &'s [String] {
    if hash.starts_with(ONE_FORM) {
        spellings.get(..1).unwrap_or_default()
    } else {
        spellings
    }
}

fn is_hash_of(hash: &str, password: &str) -> bool {
    let hash = PasswordHash::new(hash.strip_prefix(ONE_FORM).unwrap_or(hash));
    hash.is_ok_and(|hash| {
        let right = Argon2::default().verify_password(password.as_bytes(), &hash);
        right.is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_the_one_that_was_kept() {
        let passwords = Passwords::default();
        let kept = passwords.hashed(b"a secret", "correct horse battery".to_owned());
        let kept = kept.await.expect("room");
        for (shown, kept, is_right) in [
            ("correct horse battery", Some(kept.clone()), true),
            ("correct horse batterie", Some(kept), false),
            ("nobody has this password", None, false),
            ("", Some(String::new()), false),
        ] {
            let found = passwords.is_password(Line::Strangers, shown.to_owned(), kept);
            assert_eq!(found.await, Ok(is_right), "{shown}");
        }
    }

    #[tokio::test]
    async fn so_many_of_one_account_wait_and_the_others_are_not_sent_away() {
        let passwords = Passwords::default();
        let try_it =
            |of: &'static [u8]| passwords.is_password(Line::Known(of), "a guess".to_owned(), None);
        let ada = || try_it(b"ada");
        let (one, two, three, four, five, bo) =
            tokio::join!(ada(), ada(), ada(), ada(), ada(), try_it(b"bo"));
        for waited in [one, two, three, four, bo] {
            assert_eq!(waited, Ok(false));
        }
        assert_eq!(five, Err(Undone::Busy));
        assert_eq!(ada().await, Ok(false));
        assert!(passwords.of_one().is_empty());
    }

    #[tokio::test]
    async fn of_two_passwords_the_one_that_is_right_is_told() {
        let passwords = Passwords::default();
        let mut kept = Vec::new();
        for password in ["correct horse battery", "a kettle on the hob"] {
            let hash = passwords.hashed(b"a secret", password.to_owned()).await;
            kept.push(hash.expect("room"));
        }
        let [one, other] = [0, 1].map(|it| kept.get(it).cloned());
        for (shown, kept, right) in [
            (
                "correct horse battery",
                [one.clone(), other.clone()],
                Some(0),
            ),
            ("a kettle on the hob", [one.clone(), other.clone()], Some(1)),
            ("a kettle on the hob", [None, other.clone()], Some(1)),
            ("a kettle on the hob", [one, None], None),
            ("nobody has this password", [None, None], None),
        ] {
            let found = passwords.which_password(Line::Strangers, shown.to_owned(), kept);
            assert_eq!(found.await, Ok(right), "{shown}");
        }
    }

    const COMPOSED: &str = "Zo\u{eb} Jos\u{e9} and four words";
    const DECOMPOSED: &str = "Zoe\u{308} Jose\u{301} and four words";

    async fn is_right(typed: &str, kept: &str) -> bool {
        let passwords = Passwords::default();
        let checked =
            passwords.is_password(Line::Strangers, typed.to_owned(), Some(kept.to_owned()));
        checked.await.expect("it can be checked")
    }

    #[tokio::test]
    async fn a_password_is_one_however_the_keyboard_writes_its_accents() {
        for typed_first in [COMPOSED, DECOMPOSED] {
            // As it is hashed today, and as it was before passwords were brought to one form.
            let salt = salt().expect("so many bytes are a salt");
            let older = Argon2::default().hash_password(typed_first.as_bytes(), &salt);
            let older = older.expect("it can be hashed").to_string();
            let today = hash(typed_first).expect("it can be hashed");
            for kept in [older, today] {
                for typed in [COMPOSED, DECOMPOSED] {
                    let is_right = is_right(typed, &kept).await;
                    assert!(is_right, "{typed_first:?} {typed:?}");
                }
                assert!(!is_right("Zoe Jose and four words", &kept).await);
            }
        }
    }
}
