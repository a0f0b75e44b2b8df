//! What is said of a backup that was put back.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use signaling::data::restore::{self, Carried, Restored};
use signaling::settings::Settings;
use store::CarriedOver;

use crate::say;

/// Puts back a file, or ends in PostgreSQL what had ended in the database of before.
pub(crate) fn restore(
    config: Option<&Path>,
    file: Option<&Path>,
    before: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?;
    let now = ambient::now();
    match (file, before) {
        (Some(file), None) => {
            let restored = runtime.block_on(restore::restore(&settings, file, now))?;
            say(&words(file, &restored))?;
            let is_whole = match &restored.carried {
                Carried::NothingThere => true,
                Carried::Unreadable(_) => false,
                Carried::Over(carried) => !carried.are_strangers,
            };
            // Nobody can seal by hand what was not sealed.
            let log = restored.log.as_ref();
            let log_holds = log.is_none_or(|it| it.broken.is_none());
            Ok(code(is_whole && restored.keys.is_none() && log_holds))
        }
        (None, Some(url)) => {
            let carried = runtime.block_on(restore::carry_over(&settings, url, now))?;
            say(&of_what_ended(&carried))?;
            Ok(code(!carried.are_strangers))
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(anyhow!("name the backup, as in `homeroom restore FILE`"))
        }
    }
}

/// 0 where nothing is left to do by hand, else 1.
const fn code(is_done: bool) -> ExitCode {
    if is_done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn words(file: &Path, restored: &Restored) -> String {
    let mut text = format!("{} is in use from the next start on.\n", file.display());
    // A String takes everything.
    if let Some(aside) = &restored.aside {
        let _infallible = writeln!(
            text,
            "The records of before are kept in {}: remove them once you need them no longer.",
            aside.display()
        );
    }
    text.push_str(&match &restored.carried {
        Carried::NothingThere => {
            "There were no records here: whatever was removed, cancelled or erased since the backup \
             stands again. If you know of something, start the server and do it again, before anything else.\n"
                .to_owned()
        }
        Carried::Unreadable(why) => format!(
            "The records of before cannot be read ({why}). So whatever was removed, cancelled or \
             erased since the backup, and every court order since, stands as the backup has it: start the \
             server and do it again, before anything else.\n"
        ),
        Carried::Over(carried) => of_what_ended(carried),
    });
    if let Some(broken) = &restored.log {
        let _infallible = writeln!(text, "In the backup {broken}.");
    }
    if let Some(keys) = &restored.keys {
        let _infallible = writeln!(text, "The server will not start yet: {keys}.");
    }
    text
}

fn of_what_ended(it: &CarriedOver) -> String {
    if it.are_strangers {
        return "The records of before are not those that this backup was made of: nothing was \
                carried over from them. If you know of something that was removed, cancelled or erased \
                since the backup, or of a court order, start the server and do it again, before anything \
                else.\n"
            .to_owned();
    }
    let mut text = String::new();
    let ended = counted(it);
    if ended.is_empty() {
        text.push_str("Nothing had ended since the backup that stood in it still.\n");
    } else {
        let _infallible = writeln!(
            text,
            "What had ended since the backup has ended in it too: {}.",
            ended.join(", ")
        );
    }
    if it.teachers_left > 0 {
        let _infallible = writeln!(
            text,
            "{} of the teachers who were removed or erased since take classes in the backup: take them \
             out of those, and do it again.",
            it.teachers_left
        );
    }
    if it.have_branched {
        text.push_str(
            "The records of before did not simply go on from this backup, or are not whole: if \
             somebody was erased or somebody's guardianship ended, see that it is so.\n",
        );
    }
    if it.lost_bookings > 0 || it.lost_links > 0 {
        let _infallible = writeln!(
            text,
            "{} appointments made since the backup are not in it, and {} links sent since do not \
             open: send the links of the evening again once the server runs.",
            it.lost_bookings, it.lost_links
        );
    }
    text
}

/// What had ended, in words.
fn counted(it: &CarriedOver) -> Vec<String> {
    let ended = [
        (it.orders, "court order", "court orders"),
        (it.removed, "removed invitation", "removed invitations"),
        (
            it.cancelled,
            "cancelled appointment",
            "cancelled appointments",
        ),
        (
            it.evenings,
            "evening that was cancelled or closed for booking",
            "evenings that were cancelled or closed for booking",
        ),
        (it.guardians, "ended guardianship", "ended guardianships"),
        (it.erased, "erased person", "erased people"),
        (it.links, "withdrawn link", "withdrawn links"),
        (it.staff, "account of the office", "accounts of the office"),
        (it.hats, "shared sign-in", "shared sign-ins"),
    ];
    ended
        .iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect()
}
