//! `homeroom setup`: three questions, each answer tried, and the settings written.

mod ask;
mod file;
mod mail;
mod name;

use std::fs;
use std::io::{BufRead, ErrorKind, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::settings::{DEFAULT_FILES, Settings, SettingsError};
use ask::Talk;
use file::Change;

/// Why nothing was set up: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no file to write.
    #[error("there is no settings file {}: name one with --config", .0.display())]
    NoFile(PathBuf),
    /// It may not be changed.
    #[error("cannot change the settings file {}: {source}; nothing was changed{}", path.display(), way_out(.source))]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its tables stand in another form than setup can change.
    #[error(
        "cannot change {key} in {}: [{table}] must stand there once, on a line with nothing behind it, and its keys below it, \
         without quotation marks. Write the settings so and run this again, or change them by hand",
        path.display(),
        table = table_of(.key)
    )]
    Form {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
    },
    /// What stands in it cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The answers ended before the questions.
    #[error("the answers ended before the last question: nothing was changed")]
    Ended,
    /// An answer cannot be read.
    #[error("an answer is too long, or not UTF-8: nothing was changed")]
    Unreadable,
    /// Nobody can be asked.
    #[error("cannot ask: {0}")]
    Talk(std::io::Error),
}

/// What to do where the system refuses a file.
fn way_out(source: &std::io::Error) -> &'static str {
    if source.kind() == ErrorKind::PermissionDenied {
        ". Run this as root, or name another file with --config"
    } else if source.kind() == ErrorKind::StorageFull {
        ". Make room on its disk, and run this again"
    } else {
        ""
    }
}

/// In which table a key is.
fn table_of(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// Asks, tries, and writes the settings file. `input` is where answers come from, `hidden` reads one
/// that is not to be seen.
///
/// # Errors
///
/// [`SetupError`]: then nothing was changed.
pub fn run(
    config: Option<&Path>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    hidden: Option<fn() -> std::io::Result<String>>,
) -> Result<(), SetupError> {
    // That of the service is meant, where there is one.
    let mut known = DEFAULT_FILES.map(Path::new).into_iter().rev();
    let named = config.or_else(|| known.find(|it| it.exists()));
    let named = named.unwrap_or_else(|| Path::new(DEFAULT_FILES[1]));
    let path = &fs::canonicalize(named).unwrap_or_else(|_none| named.to_owned());
    if !path.is_file() {
        return Err(SetupError::NoFile(named.to_owned()));
    }
    let unwritable = |source| SetupError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let text = fs::read_to_string(path).map_err(unwritable)?;
    let _writable = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(unwritable)?;
    let mut standing = Settings::read_text(path, &text)?;
    let group = fs::metadata(path).map_err(unwritable)?.gid();
    if let Some(key) = file::unchangeable(&text) {
        return Err(SetupError::Form {
            path: path.to_owned(),
            key,
        });
    }
    let mut talk = Talk::new(input, output, hidden);
    talk.say(&format!(
        "Three questions for {}, and each answer is tried.\n\
         An empty line takes what stands in brackets. Until the end nothing is changed.",
        path.display()
    ))?;
    let mut changes: Vec<Change> = Vec::new();
    let take = |changes: &mut Vec<Change>, more: Vec<Change>| {
        changes.extend(more);
        Settings::read_text(path, &file::change(&text, changes))
    };
    let answers = name::ask(&mut talk, &standing, group)?;
    standing = take(&mut changes, answers)?;
    loop {
        let answers = mail::ask(&mut talk, &standing)?;
        let mut tried = changes.clone();
        standing = take(&mut tried, answers)?;
        if mail::is_right(&mut talk, &standing)? {
            changes = tried;
            break;
        }
    }
    let answers = mail::ask_who_writes(&mut talk, &standing)?;
    let _checked = take(&mut changes, answers)?;
    file::replace(path, &file::change(&text, &changes)).map_err(unwritable)?;
    talk.say(&format!(
        "\nWritten to {}; what stood there before is in {}.\n\
         Restart:        sudo systemctl restart homeroom\n\
         Check it all:   sudo -u homeroom homeroom doctor\n\
         Then open the link in the log, by which the office makes its account:\n\
         \x20               sudo journalctl -u homeroom | grep /setup | tail -n 1",
        path.display(),
        file::before(path).display()
    ))
}
