//! The command line of `homeroom`.

mod service_manager;
mod signals;
mod upkeep;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use clap::{Parser, Subcommand};
use sfu::Sfu;
use signaling::PublicUrl;
use signaling::data::{Data, DataError, Hold};
use signaling::demo::{self, Demo};
use signaling::doctor;
use signaling::log::{self, Log};
use signaling::nodes::NodesError;
use signaling::open_files;
use signaling::server::{Bound, Media, Server, StartError};
use signaling::settings::Settings;
use store::{AuditHead, Store};
use tempfile::TempDir;
use tokio::time::timeout;

use signals::{Signals, Wish};

/// What `sysexits` and clap mean by a wrong way to start.
const WRONG_START: u8 = 2;

/// What `sysexits` means by a failure that passes: whoever began the server is to begin it again.
const TRY_AGAIN: u8 = 75;

/// How nice all that is not media is to it (setpriority(2)): with a third of its claim to a processor
/// that both want.
const NICENESS: i32 = 5;

/// How long the records may take to close, and what still turns may take to end.
const ENDING: Duration = Duration::from_secs(1);

/// How long the log may take for its last lines.
const LAST_LINES: Duration = Duration::from_millis(300);

/// Which program this is: of a package, what its version is, so that one tells what is installed.
pub(crate) const VERSION: &str = match option_env!("HOMEROOM_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// School video appointments on your own server.
#[derive(Debug, Parser)]
#[command(name = "homeroom", version = VERSION)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves by the settings in /etc/homeroom/homeroom.toml, or else config/homeroom.toml, and the environment.
    Serve {
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The address to listen on, 127.0.0.1:8080 unless set otherwise.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// Goes by a clock that is so many seconds ahead: for trying out, with records that are not a
        /// school's own, what happens days later.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        clock_ahead: u32,
    },
    /// Serves a school that is made up, with an evening that runs now, and prints everybody's links.
    Demo {
        /// The address to listen on, 127.0.0.1:8080 unless set otherwise.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// The folder of its records and e-mails, empty at first; without it, one that is removed
        /// at the end.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Prints the links as one JSON array, and nothing else.
        #[arg(long)]
        json: bool,
        /// How many joint appointments of five people: more than one is for a load test, and
        /// prints the links of these alone.
        #[arg(long, value_name = "N", default_value_t = 1)]
        #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
        calls: u16,
    },
    /// Asks for the name of this server, the mail server and the school, tries each, and writes the
    /// settings file.
    Setup {
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Looks whether this machine is ready, and says what the firewall must open.
    Doctor {
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Print one JSON object instead of sentences.
        #[arg(long)]
        json: bool,
    },
    /// Says whether the records can be brought to this version, of which the program is that is asked:
    /// tried on a copy, while a server of an older one goes on. Ends with 2 where they cannot.
    Upgrade {
        /// Only this: the records are brought to this version when it serves.
        #[arg(long, required = true)]
        check: bool,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Copies the records into a new file while the server runs. Keep the file `keys` of the data
    /// folder with it, elsewhere: both together open every link. Ends with 1 where the copy is made and a
    /// row of the audit log is not what it was, or the file `keys` cannot be used.
    Backup {
        /// The new file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Puts a backup in the place of the records, while no server runs. Those of before are kept, and
    /// what had ended in them since the backup, as removed invitations, court orders and erased
    /// people, has ended in it too. Ends with 1 where something is left to do by hand, which it says.
    Restore {
        /// What `homeroom backup` wrote.
        #[arg(value_name = "FILE", required_unless_present = "before")]
        file: Option<PathBuf>,
        /// With PostgreSQL, where `pg_restore` puts the backup back: the URL of the database of
        /// before, to end in the restored one what had ended there.
        #[arg(long, value_name = "URL", conflicts_with = "file")]
        before: Option<String>,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Makes new keys where the file `keys` is lost, while no server runs: every link that was sent
    /// ends, and is to be sent anew.
    NewKeys {
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Checks that no row of the audit log was changed or taken out: says how many hold, or the first
    /// that does not and which are not sealed, and then ends with 1.
    AuditCheck {
        /// A row's number and hash that were kept: whether that row is still there, and the same.
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<AuditHead>,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Says that the clock is right where `/readyz` doubts it, as after a summer in which the server was off: what
    /// waits for that is done. Look at the clock first; it prints what it shows.
    ClockIsRight(upkeep::ClockIsRight),
    /// Takes in what a mail server reports of an e-mail that came back or arrived (RFC 3464), from
    /// standard input: for a mail server's pipe. Ends with 0 for all other mail too, and with 75 where
    /// the mail server is to try again.
    Bounce {
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Adds, lists and removes accounts of the staff, and says what each may do.
    Staff {
        #[command(subcommand)]
        command: upkeep::Staff,
    },
    /// Gives somebody of the office who has forgotten theirs a new password, and prints it.
    Password {
        /// The e-mail address they sign in with.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Takes their second step at sign-in away as well: they have lost what makes its codes.
        #[arg(long)]
        without_second_step: bool,
        /// Another settings file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Prints the description of the HTTP API (`OpenAPI` 3.1).
    Openapi,
    /// Plays calls of four against a Homeroom and measures it: what it costs, how fast it is.
    Loadtest(load::Arguments),
}

/// What to serve.
enum Occasion {
    Serve,
    Demo {
        json: bool,
        calls: u16,
        /// Removed with all it holds when the program ends.
        _folder: Option<TempDir>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => end_with(&error, WRONG_START),
    }
}

fn end_with(error: &anyhow::Error, code: u8) -> ExitCode {
    // Standard error may be closed; there is nowhere else to say it.
    let said = writeln!(std::io::stderr(), "homeroom: {error}");
    drop(said);
    ExitCode::from(code)
}

/// Whether a server that could not begin, or had to end, may be able to later as things are set.
fn may_pass(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(StartError::may_pass)
        || error.downcast_ref().is_some_and(DataError::may_pass)
        || error.downcast_ref().is_some_and(sfu::StartError::may_pass)
        || error.downcast_ref().is_some_and(store::Fault::may_pass)
}

fn done(what: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    what.map(|()| ExitCode::SUCCESS)
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (mut settings, listen, occasion) = match arguments.command {
        Command::Serve {
            config,
            listen,
            clock_ahead,
        } => {
            ambient::go_ahead_by(clock_ahead);
            (Settings::read(config.as_deref())?, listen, Occasion::Serve)
        }
        Command::Setup { config } => return done(upkeep::set_up(config.as_deref())),
        Command::Doctor { config, json } => return doctor(config.as_deref(), json),
        Command::Loadtest(arguments) => {
            return say(&load::measure(&arguments)?).map(|()| ExitCode::SUCCESS);
        }
        Command::Backup { file, config } => return upkeep::backup(config.as_deref(), &file),
        Command::Restore {
            file,
            before,
            config,
        } => return upkeep::restore(config.as_deref(), file.as_deref(), before.as_deref()),
        Command::NewKeys { config } => return done(upkeep::new_keys(config.as_deref())),
        Command::Upgrade { check: _, config } => {
            return done(upkeep::try_upgrade(config.as_deref()));
        }
        Command::AuditCheck { head, config } => {
            return upkeep::audit_check(config.as_deref(), head.as_ref());
        }
        Command::ClockIsRight(arguments) => return done(upkeep::confirm_clock(&arguments)),
        Command::Bounce { config } => return Ok(upkeep::bounce(config.as_deref())),
        Command::Staff { command } => return done(upkeep::staff(command)),
        Command::Password {
            email,
            without_second_step,
            config,
        } => {
            let changed = upkeep::password(config.as_deref(), &email, without_second_step);
            return done(changed);
        }
        Command::Openapi => return done(say(&signaling::description())),
        Command::Demo {
            listen,
            data,
            json,
            calls,
        } => {
            let (settings, _folder) = for_demonstration(data, listen)?;
            let occasion = Occasion::Demo {
                json,
                calls,
                _folder,
            };
            (settings, listen, occasion)
        }
    };
    if let Some(listen) = listen {
        settings.http.listen = listen;
    }
    settings.check_listening()?;
    serve_until_the_end(&settings, &occasion)
}

fn serve_until_the_end(settings: &Settings, occasion: &Occasion) -> anyhow::Result<ExitCode> {
    let log = log::begin(settings).map_err(|error| anyhow!("cannot begin the log: {error}"))?;
    open_files::raise_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(yield_to_media)
        .build()
        .map_err(|error| anyhow!("cannot start threads: {error}"))?;
    let served = runtime.block_on(serve(settings, occasion, &log));
    // Who waits for the system, for a name say, is not waited for.
    runtime.shutdown_timeout(ENDING);
    log.finish(LAST_LINES);
    match served {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if may_pass(&error) => Ok(end_with(&error, TRY_AGAIN)),
        Err(error) => Err(error),
    }
}

/// Has this thread, and those that it begins, give way to media, whose threads are begun by the first
/// one of the program: while many come in at once, those who talk are still heard in time.
fn yield_to_media() {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "media has to share the processor evenly");
    }
}

/// The settings of a demonstration, and its folder where that is to go with it.
fn for_demonstration(
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
) -> anyhow::Result<(Settings, Option<TempDir>)> {
    let mut settings = Settings::read_environment()?;
    let folder = match data {
        Some(folder) => {
            Data::check_empty(&folder)?;
            settings.data.folder = folder;
            None
        }
        None => {
            let folder = tempfile::tempdir()
                .map_err(|error| anyhow!("cannot make a temporary folder: {error}"))?;
            folder.path().clone_into(&mut settings.data.folder);
            Some(folder)
        }
    };
    settings.texts.to_files = true;
    // No certificate is issued for what goes with its folder.
    settings.acme = signaling::settings::Acme::default();
    if settings.media.listen.is_none() {
        // Any free port will do, so that two demonstrations do not meet.
        let ip = listen.unwrap_or(settings.http.listen).ip();
        settings.media.listen = Some(SocketAddr::new(ip, 0));
    }
    Ok((settings, folder))
}

async fn serve(settings: &Settings, occasion: &Occasion, log: &Log) -> anyhow::Result<()> {
    // Asked for before anything can be used, so that none who could use it goes without goodbye.
    let mut signals = Signals::listen().map_err(cannot_hear)?;
    let (server, mut hold, store) = tokio::select! {
        begun = begin(settings, occasion, log) => begun?,
        () = signals.end() => return Ok(()),
    };
    service_manager::ready();
    let lost: Option<anyhow::Error> = loop {
        let wish = tokio::select! {
            wish = signals.next() => wish,
            fault = hold.lost() => break Some(fault.into()),
            () = server.is_gone() => break Some(StartError::from(NodesError::Gone).into()),
            () = server.is_drained() => break None,
        };
        match wish {
            Wish::Reload => server.reload(),
            Wish::Drain => server.drain(),
            Wish::End => break None,
        }
    };
    tracing::info!("ending");
    service_manager::stopping();
    let end = async {
        server.stop().await;
        if timeout(ENDING, store.close()).await.is_err() {
            tracing::warn!("the records did not close in time");
        }
        hold.end().await;
    };
    tokio::select! {
        () = end => {}
        () = signals.end() => tracing::warn!("asked again: ending at once"),
    }
    lost.map_or(Ok(()), Err)
}

/// Begins to serve, and says what is to be said at the start.
async fn begin(
    settings: &Settings,
    occasion: &Occasion,
    log: &Log,
) -> anyhow::Result<(Server, Hold, Store)> {
    let bound = Bound::new(settings)?;
    log.report_to(bound.health().part("log"));
    let mut data = Data::open(settings).await?;
    let hold = data.hold(settings.cluster.name.as_deref()).await?;
    let (sfu, events) = Sfu::start(&sfu::Settings {
        listen: settings.media_listen(),
        workers: settings.media.workers(),
        announce: settings.media.announce.clone(),
        machine: sfu::machine,
    })?;
    let media = Media {
        plane: Arc::new(sfu),
        events,
    };
    let public_url = settings.public_url(bound.address());
    tracing::info!(listen = %bound.address(), "serving");
    if public_url.is_loopback() {
        tracing::info!("only browsers of this machine can join: set http.public_url for others");
    }
    let carriers = data.carriers(settings)?;
    let (said, margins) = match occasion {
        Occasion::Serve => (set_up_words(&data, &public_url).await?, settings.margins()),
        Occasion::Demo { json, calls, .. } => {
            let demo = Demo::fill(&data, &public_url, *calls).await?;
            let said = if *json { demo.json()? } else { demo.table() };
            (Some(said), demo::MARGINS)
        }
    };
    let store = data.store.with_margins(margins);
    let server = bound
        .serve(settings, data.keyring, store.clone(), media, carriers)
        .await?;
    if let Some(said) = said {
        say_aside(said);
    }
    Ok((server, hold, store))
}

fn doctor(config: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let diagnosis = doctor::examine(&Settings::read(config)?);
    let said = if json {
        serde_json::to_string(&diagnosis)?
    } else {
        let by = match Settings::file_of(config) {
            Some(file) => format!("By the settings in {}:", file.display()),
            None => "By no file of settings:".to_owned(),
        };
        format!("{by}\n\n{}", diagnosis.text())
    };
    writeln!(std::io::stdout(), "{}", said.trim_end())
        .map_err(|error| anyhow!("cannot write to standard output: {error}"))?;
    Ok(if diagnosis.is_well() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What to say at the first start: how the office gets in.
async fn set_up_words(data: &Data, public_url: &PublicUrl) -> anyhow::Result<Option<String>> {
    let link = data.set_up_link(public_url).await?;
    Ok(link.map(|link| {
        format!(
            "This school has no administrator yet. Open this link once, and make the first:\n\n  {}\n",
            link.reveal()
        )
    }))
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{}", text.trim_end())
        .and_then(|()| out.flush())
        .map_err(|error| anyhow!("cannot write to standard output: {error}"))
}

/// Says it from a thread of its own: whoever was to read it may not read, or be gone, and the server
/// serves all the same.
fn say_aside(text: String) {
    thread::spawn(move || {
        if let Err(error) = say(&text) {
            tracing::warn!(%error, "what was to be printed at the start was not");
        }
    });
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn cannot_hear(error: std::io::Error) -> anyhow::Error {
    anyhow!("cannot wait for Ctrl-C: {error}")
}
