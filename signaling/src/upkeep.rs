//! What is done with the records from the command line, beside a server that runs.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Subcommand;
use jiff::Timestamp;
use school::{EmailAddress, Name};
use signaling::data::Data;
use signaling::renew_password;
use signaling::settings::Settings;
use store::{Actor, StaffAccount, Store};

use crate::say;

/// What was asked for is not so.
const NO: u8 = 1;

/// `sysexits`: the sender is to try again later.
const TRY_AGAIN: u8 = 75;

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

/// Does something with the records, and closes them.
fn with_records<T>(
    config: Option<&Path>,
    work: impl AsyncFnOnce(&Settings, &Data) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let settings = Settings::read(config)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?
        .block_on(async {
            let data = Data::open(&settings).await?;
            let done = work(&settings, &data).await;
            data.store.close().await;
            done
        })
}

pub(crate) fn backup(config: Option<&Path>, file: &Path) -> anyhow::Result<ExitCode> {
    with_records(config, async |_, data| {
        data.store.backup(file).await?;
        match data.store.check_audit_log().await? {
            Ok(_rows) => Ok(ExitCode::SUCCESS),
            Err(broken) => {
                say(&format!("The copy is made, but {broken}."))?;
                Ok(ExitCode::from(NO))
            }
        }
    })
}

pub(crate) fn audit_check(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let checked = with_records(config, async |_, data| {
        Ok(data.store.check_audit_log().await?)
    })?;
    match checked {
        Ok(rows) => {
            say(&format!("All {rows} rows of the audit log hold."))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            say(&broken.to_string())?;
            Ok(ExitCode::from(NO))
        }
    }
}

pub(crate) fn password(config: Option<&Path>, email: &str) -> anyhow::Result<()> {
    let password = with_records(config, async |_, data| {
        Ok(renew_password(&data.store, email).await?)
    })?;
    say(&password)
}

pub(crate) fn staff(command: Staff) -> anyhow::Result<()> {
    match command {
        Staff::Add {
            email,
            name,
            config,
        } => {
            let name = Name::read(&name)?;
            let address = EmailAddress::read(&email)?;
            let link = with_records(config.as_deref(), async |settings, data| {
                let url = settings.public_url(settings.http.listen);
                Ok(data.staff_link((&name, &address), &url).await?)
            })?;
            say(&format!(
                "{email} chooses a password by this link. It works once, for a week:\n\n  {}\n",
                link.reveal()
            ))
        }
        Staff::List { config } => {
            let accounts = with_records(config.as_deref(), async |_, data| {
                Ok(data.store.staff().await?)
            })?;
            let lines: Vec<_> = accounts.iter().map(line).collect();
            say(&lines.join("\n"))
        }
        Staff::Remove { email, config } => {
            with_records(config.as_deref(), async |_, data| {
                remove(&data.store, &email).await
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
        "{}\t{}\t{state}",
        account.email.reveal(),
        account.name.reveal()
    )
}

async fn remove(store: &Store, email: &str) -> anyhow::Result<()> {
    let nobody = || anyhow!("nobody signs in to the office with the address {email}");
    let address = EmailAddress::read(email).map_err(|_none| nobody())?;
    let account = store.staff_by_email(&address).await?.ok_or_else(nobody)?;
    store
        .disable_staff(account.id, Actor::Program, Timestamp::now())
        .await?;
    Ok(())
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
    let known = with_records(config, async |_, data| {
        let bounced = report.bounced.as_deref();
        Ok(data
            .store
            .mail_reported((&report.message_ids, &report.recipients), bounced)
            .await?)
    })?;
    say(if known {
        "taken in"
    } else {
        "this report is of none of our e-mails"
    })
}
