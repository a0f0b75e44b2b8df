//! What is kept of passwords, and how one is checked: slow by design, so that it is done by few at
//! a time, behind everything else.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use argon2::Argon2;
use argon2::password_hash::{
    PasswordHash, PasswordHasher as _, PasswordVerifier as _, Salt, SaltString,
};
use tokio::sync::{Semaphore, oneshot};

use crate::private::Private;

/// How many passwords may wait for their turn.
const MOST_WAITING: usize = 64;

/// How willingly the work gives way to calls (nice(2)).
const NICENESS: i32 = 10;

/// Each takes 19 MiB and a core: half of the cores, at least one.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((cores / 2).max(1))
});

static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Checked where there is no such account, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// Why a password was not looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Undone {
    /// As many wait as may.
    Busy,
    /// The system has no room for it.
    Failed,
}

/// What is kept of a password.
pub(crate) fn hash(password: &str) -> Option<String> {
    let salt = salt()?;
    let password = Private::new(school::text::password(password));
    let hash = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
    hash.ok().map(|hash| hash.to_string())
}

/// A new one for each password (PHC string format: 16 bytes are what it recommends).
fn salt() -> Option<SaltString> {
    let bytes: [u8; Salt::RECOMMENDED_LENGTH] = ambient::random();
    SaltString::encode_b64(&bytes).ok()
}

/// The same, when it is its turn.
pub(crate) async fn hashed(password: String) -> Result<String, Undone> {
    let password = Private::new(password);
    let hash = in_turn(move || hash(password.reveal())).await?;
    hash.ok_or(Undone::Failed)
}

/// Whether a password is the one that was kept; where none was, nobody's is.
pub(crate) async fn is_password(shown: String, kept: Option<String>) -> Result<bool, Undone> {
    Ok(which_password(shown, [kept]).await?.is_some())
}

/// Which of those that were kept a password is, the first that is right. Where one was not kept it is
/// tried all the same, so that a wrong password takes as long however many there are.
pub(crate) async fn which_password<const N: usize>(
    shown: String,
    kept: [Option<String>; N],
) -> Result<Option<usize>, Undone> {
    let shown = Private::new(shown);
    in_turn(move || {
        let spellings = Private::new(school::text::password_spellings(shown.reveal()));
        kept.into_iter()
            .position(|kept| is_one_of(spellings.reveal(), kept))
    })
    .await
}

fn is_one_of(spellings: &[String], kept: Option<String>) -> bool {
    let is_anybodys = kept.is_some();
    let kept = kept.unwrap_or_else(|| NOBODY.clone());
    let is_right = PasswordHash::new(&kept).is_ok_and(|kept| {
        spellings.iter().any(|shown| {
            let right = Argon2::default().verify_password(shown.as_bytes(), &kept);
            right.is_ok()
        })
    });
    is_anybodys && is_right
}

/// One of those that wait.
struct Waiting;

impl Waiting {
    fn begin() -> Result<Self, Undone> {
        let before = WAITING.fetch_add(1, Ordering::Relaxed);
        let waiting = Self;
        if before < MOST_WAITING {
            Ok(waiting)
        } else {
            Err(Undone::Busy)
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Undone> {
    let _waiting = Waiting::begin()?;
    // It goes with the work: whoever asked may be gone before it is done.
    let turn = HASHING.acquire().await.map_err(|_closed| Undone::Failed)?;
    let (done, result) = oneshot::channel();
    // A thread of its own, because niceness is a thread's for life.
    let begun = thread::Builder::new()
        .name("password".to_owned())
        .spawn(move || {
            let _turn = turn;
            if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
                tracing::debug!(%error, "passwords are hashed as urgently as all else");
            }
            // Whoever asked may be gone.
            let _heard_or_not = done.send(work());
        });
    begun.map_err(|_no_thread| Undone::Failed)?;
    result.await.map_err(|_panicked| Undone::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_the_one_that_was_kept() {
        let kept = hashed("correct horse battery".to_owned())
            .await
            .expect("room");
        for (shown, kept, is_right) in [
            ("correct horse battery", Some(kept.clone()), true),
            ("correct horse batterie", Some(kept), false),
            ("nobody has this password", None, false),
            ("", Some(String::new()), false),
        ] {
            let found = is_password(shown.to_owned(), kept).await;
            assert_eq!(found, Ok(is_right), "{shown}");
        }
    }

    #[tokio::test]
    async fn of_two_passwords_the_one_that_is_right_is_told() {
        let mut kept = Vec::new();
        for password in ["correct horse battery", "a kettle on the hob"] {
            kept.push(hashed(password.to_owned()).await.expect("room"));
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
            let found = which_password(shown.to_owned(), kept).await;
            assert_eq!(found, Ok(right), "{shown}");
        }
    }

    const COMPOSED: &str = "Zo\u{eb} Jos\u{e9} and four words";
    const DECOMPOSED: &str = "Zoe\u{308} Jose\u{301} and four words";

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
                    let is_right = is_password(typed.to_owned(), Some(kept.clone())).await;
                    assert!(
                        is_right.expect("it can be checked"),
                        "{typed_first:?} {typed:?}"
                    );
                }
                let is_right = is_password("Zoe Jose and four words".to_owned(), Some(kept)).await;
                assert!(!is_right.expect("it can be checked"));
            }
        }
    }
}
