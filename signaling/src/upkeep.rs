//! What is done with the records from the command line, beside a server that runs.

mod restore;

pub(crate) use restore::restore;

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use school::{EmailAddress, Name, Rank};
use signaling::data;
use signaling::renew_password;
use signaling::settings::Settings;
use signaling::setup;
use store::{Action, Actor, AuditHead, BrokenAudit, Fault, HeldAudit, StaffAccount, Store, Trial};

use crate::{VERSION, say};

/// What was asked for is not so.
const NO: u8 = 1;

/// `sysexits`: the sender is to try again later.
const TRY_AGAIN: u8 = 75;

#[derive(Debug, Args)]
pub(crate) struct ClockIsRight {
    /// Another settings file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Of a clock that is so many seconds ahead, as `homeroom serve` was told.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    clock_ahead: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Staff {
    /// Adds an account, and prints the link by which its holder chooses a password. It works once,
    /// for a week; for an account that was removed, or whose link ran out, it makes another.
    Add {
        /// The e-mail address to sign in with.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Their name.
        #[arg(value_name = "NAME")]
        name: String,
        /// What they are in the school: owner, office, viewer or member. Where nothing is said, the owner
        /// of a school that has none, else of the office.
        #[arg(long, value_name = "ROLE", value_parser = rank)]
        role: Option<Rank>,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Makes somebody something else in the school: owner, office, viewer or member. One owner stays.
    Role {
        /// The e-mail address they sign in with.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// What they are to be.
        #[arg(value_name = "ROLE", value_parser = rank)]
        role: Rank,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Lists the accounts.
    List {
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Lets an account sign in no longer, and signs it out everywhere. The last one stays.
    Remove {
        /// The e-mail address they sign in with.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// What somebody may be in the school, by its name.
fn rank(text: &str) -> anyhow::Result<Rank> {
    Rank::of_code(text).ok_or_else(|| anyhow!("it is owner, office, viewer or member"))
}

/// Does something with the records, and closes them.
fn with_records<T>(
    config: Option<&Path>,
    work: impl AsyncFnOnce(&Settings, &Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let settings = Settings::read(config)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?
        .block_on(async {
            let store = data::records(&settings).await?;
            let done = work(&settings, &store).await;
            store.close().await;
            done
        })
}

pub(crate) fn set_up(config: Option<&Path>) -> anyhow::Result<()> {
    let mut input = std::io::stdin().lock();
    // Where answers come from a file, so does the password.
    let is_typed = std::io::stdin().is_terminal();
    let hidden = is_typed.then_some(rpassword::read_password as fn() -> std::io::Result<String>);
    Ok(setup::run(
        config,
        &mut input,
        &mut std::io::stdout(),
        hidden,
    )?)
}

/// Whether this program can take the settings and the records as they are.
pub(crate) fn try_upgrade(config: Option<&Path>) -> anyhow::Result<()> {
    let settings = Settings::read(config)?;
    settings.check_listening()?;
    let trial = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?
        .block_on(data::try_upgrade(&settings))?;
    let Some(Trial { found, known, took }) = trial else {
        return say("The settings are right. There are no records yet.");
    };
    let mut said = "The settings are right.".to_owned();
    if found == known {
        let _infallible = write!(
            said,
            " The records are at step {found}, as those of this version ({VERSION}) are: older \
             programs of that step take them too."
        );
        return say(&said);
    }
    let _infallible = write!(
        said,
        " The records are at step {found}, and this version ({VERSION}) brings them to step {known} \
         when it serves."
    );
    said.push_str(&match took {
        Some(took) => format!(
            " With a copy of them that took {:.1} s, and the copy was whole.",
            took.as_secs_f64()
        ),
        None => {
            " They are in PostgreSQL, and no copy was tried: restore a dump into a database of \
                  its own, and ask again with its address."
                .to_owned()
        }
    });
    said.push_str(
        "\nOlder programs do not take them after that. Make a backup first, which is the way back: \
         homeroom backup FILE, or pg_dump.",
    );
    say(&said)
}

pub(crate) fn backup(config: Option<&Path>, file: &Path) -> anyhow::Result<ExitCode> {
    with_records(config, async |settings, store| {
        store.backup(file).await?;
        let (actor, action) = (Actor::Program, Action::BackedUp);
        let noted = store
            .note(actor, action, "records", &[], ambient::now())
            .await;
        say(&format!(
            "The records are copied. Without the file {} no link in them opens, and it is not in the \
             copy: keep a copy of it too, in another place.",
            settings.data.folder.join("keys").display()
        ))?;
        match noted {
            Ok(()) => {}
            Err(store::Error::Fault(Fault::Unsealed { why })) => {
                warn(&format!(
                    "the copy is made, and the audit log does not say so: {why}"
                ));
                return Ok(ExitCode::from(NO));
            }
            Err(other) => return Err(other.into()),
        }
        let Err(broken) = store.check_audit_log(None).await? else {
            return Ok(ExitCode::SUCCESS);
        };
        warn(&format!("the copy is made, but {broken}"));
        // What was not sealed stays so for ever: that is said, and ends no nightly script.
        Ok(if broken.broken.is_some() {
            ExitCode::from(NO)
        } else {
            ExitCode::SUCCESS
        })
    })
}

/// Says what is to be looked at, where whoever reads only errors finds it.
fn warn(text: &str) {
    // There is nowhere else to say it.
    drop(writeln!(std::io::stderr(), "homeroom: {text}."));
}

pub(crate) fn audit_check(
    config: Option<&Path>,
    kept: Option<&AuditHead>,
) -> anyhow::Result<ExitCode> {
    let (checked, without_keys) = with_records(config, async |_, store| {
        let without_keys = store.why_without_keys().map(str::to_owned);
        Ok((store.check_audit_log(kept).await?, without_keys))
    })?;
    let has_seals = checked.as_ref().map_or(true, |it| it.of_lost_keys > 0);
    let unproved = without_keys.filter(|_| has_seals);
    if let Some(why) = &unproved {
        say(&format!("No seal of the audit log can be checked: {why}."))?;
    }
    match checked {
        Ok(_) if unproved.is_some() => Ok(ExitCode::from(NO)),
        Ok(held) => {
            say(&of_held(&held, kept))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            say(&of_broken(&broken))?;
            Ok(ExitCode::from(NO))
        }
    }
}

/// What is known of one that does not.
fn of_broken(broken: &BrokenAudit) -> String {
    let mut said = format!("{broken}.");
    if broken.broken.is_none()
        && let Some(head) = &broken.head
    {
        let _infallible = write!(
            said,
            "\nEach row follows from the one before. The last, to be kept elsewhere: {head}"
        );
    }
    said
}

/// Somebody has looked at the clock, and says that it is right.
pub(crate) fn confirm_clock(arguments: &ClockIsRight) -> anyhow::Result<()> {
    ambient::go_ahead_by(arguments.clock_ahead);
    with_records(arguments.config.as_deref(), async |_, store| {
        let now = ambient::now();
        store.confirm_clock(Actor::Program, now).await?;
        let here =
            now.to_zoned(TimeZone::get(&store.school().await?.zone).unwrap_or(TimeZone::UTC));
        say(&format!(
            "The clock shows {}, and is taken as right from now on.",
            here.strftime("%A, %-d %B %Y, %H:%M (%Z)")
        ))
    })
}

/// What is known of a log that holds.
fn of_held(held: &HeldAudit, kept: Option<&AuditHead>) -> String {
    let HeldAudit {
        rows,
        sealed,
        of_lost_keys,
        lost_until,
        head,
    } = held;
    let mut said = format!(
        "All {rows} rows of the audit log hold. {sealed} of them are sealed with the file keys."
    );
    if let Some(last) = lost_until {
        let _infallible = write!(
            said,
            " {of_lost_keys}, the last of them row {last}, are sealed with keys that are not in it any more: that \
             they follow from each other is all that can be said of them."
        );
    }
    if let Some(kept) = kept {
        let _infallible = write!(said, " Row and hash {kept} are among them.");
    }
    if let Some(head) = head {
        let _infallible = write!(
            said,
            "\nThe last, to be kept elsewhere: {head}\nThat this row is still there says later: \
             homeroom audit-check --head {head}"
        );
    }
    said
}

pub(crate) fn password(
    config: Option<&Path>,
    email: &str,
    without_second_step: bool,
) -> anyhow::Result<()> {
    let password = with_records(config, async |_, store| {
        Ok(renew_password(store, email, without_second_step).await?)
    })?;
    say(&password)
}

pub(crate) fn staff(command: Staff) -> anyhow::Result<()> {
    match command {
        Staff::Add {
            email,
            name,
            role,
            config,
        } => {
            let name = Name::read(&name)?;
            let address = EmailAddress::read(&email)?;
            let link = with_records(config.as_deref(), async |settings, store| {
                let url = settings.public_url(settings.http.listen);
                Ok(data::staff_link(store, (&name, &address, role), &url).await?)
            })?;
            say(&format!(
                "{email} chooses a password by this link. It works once, for a week:\n\n  {}\n",
                link.reveal()
            ))
        }
        Staff::Role {
            email,
            role,
            config,
        } => {
            with_records(config.as_deref(), async |_, store| {
                let account = account(store, &email).await?;
                let now = ambient::now();
                Ok(store
                    .set_rank(account.id, role, Actor::Program, now)
                    .await?)
            })?;
            say(&format!("The role of {email} is {} now.", role.code()))
        }
        Staff::List { config } => {
            let accounts = with_records(config.as_deref(), async |_, store| {
                Ok(store.staff().await?)
            })?;
            let lines: Vec<_> = accounts.iter().map(line).collect();
            say(&lines.join("\n"))
        }
        Staff::Remove { email, config } => {
            with_records(config.as_deref(), async |_, store| {
                remove(store, &email).await
            })?;
            say(&format!("{email} can no longer sign in."))
        }
    }
}

fn line(account: &StaffAccount) -> String {
    let state = if account.disabled_at.is_some() {
        "removed"
    } else if account.password_hash.is_empty() {
        "has not chosen a password yet"
    } else {
        "signs in"
    };
    format!(
        "{}\t{}\t{}\t{state}",
        account.email.reveal(),
        account.name.reveal(),
        account.rank.code()
    )
}

/// The account of whoever signs in with that address.
async fn account(store: &Store, email: &str) -> anyhow::Result<StaffAccount> {
    let nobody = || anyhow!("nobody of the staff signs in with the address {email}");
    let address = EmailAddress::read(email).map_err(|_none| nobody())?;
    store.staff_by_email(&address).await?.ok_or_else(nobody)
}

async fn remove(store: &Store, email: &str) -> anyhow::Result<()> {
    let account = account(store, email).await?;
    store
        .disable_staff(account.id, Actor::Program, ambient::now())
        .await?;
    Ok(())
}

/// Makes new keys where the old ones are lost.
pub(crate) fn new_keys(config: Option<&Path>) -> anyhow::Result<()> {
    let settings = Settings::read(config)?;
    let (ended, before) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?
        .block_on(data::renew_keys(&settings, ambient::now()))?;
    let kept = before.map_or_else(String::new, |before| {
        format!(" The keys of before are kept in {}.", before.display())
    });
    say(&format!(
        "There are new keys, and {ended} links that were sent are dead.{kept} Start the server, and \
         send the links of the evening again."
    ))
}

/// Takes in what a mail server reports of an e-mail. Mail that is no such report, or of none of
/// ours, is let be: a pipe of a mail server must not send it back.
pub(crate) fn bounce(config: Option<&Path>) -> ExitCode {
    match take_in_report(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere else to say it.
            drop(say(&format!("homeroom: {error}")));
            ExitCode::from(TRY_AGAIN)
        }
    }
}

fn take_in_report(config: Option<&Path>) -> anyhow::Result<()> {
    let mut message = Vec::new();
    std::io::stdin()
        .take(post::LARGEST_REPORT)
        .read_to_end(&mut message)?;
    // The rest is let be, but read: whoever writes it must not find a closed pipe.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    let Some(report) = post::read_report(&message) else {
        return say("this is no report of a delivery that failed or succeeded");
    };
    let known = with_records(config, async |_, store| {
        let bounced = report.bounced.as_deref();
        let about = (&*report.message_ids, &*report.recipients);
        Ok(store.mail_reported(about, bounced, ambient::now()).await?)
    })?;
    say(if known {
        "taken in"
    } else {
        "this report is of none of our e-mails"
    })
}
