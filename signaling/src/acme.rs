//! A certificate from an ACME server (RFC 8555), asked for and renewed by this program.

mod account;
mod door;
mod order;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use instant_acme::ChallengeType;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::health::Part;
use crate::house::House;
use crate::settings::{self, Settings};
use crate::tls::Tls;

/// How often is looked whether the next certificate is due.
const LOOK: Duration = Duration::from_hours(1);

/// How long one certificate may take.
const ONE: Duration = Duration::from_mins(5);

/// How long until it is tried again: the longest from then on. Let's Encrypt lets five tries fail in
/// an hour.
const AGAIN: [Duration; 5] = [
    Duration::from_mins(2),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(3),
    Duration::from_hours(6),
];

/// The least time between two certificates, whatever the clock and the server say.
const BETWEEN: Duration = Duration::from_hours(12);

/// Whom to ask, and what of it is kept where.
#[derive(Clone, Debug)]
pub(crate) struct Acme {
    settings: settings::Acme,
    host: String,
    /// The certificate and its key, in one file: it is replaced at once.
    certificate: PathBuf,
    account: PathBuf,
    /// How this server may show that it is at its name, the first tried first.
    ways: Vec<ChallengeType>,
}

/// Why there is no certificate: words for the log, some of them the server's.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the file {} cannot be written: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the file {} of acme.root cannot be used: {reason}", path.display())]
    Root { path: PathBuf, reason: String },
    #[error("{0}")]
    Server(String),
    #[error("{0}; it asked for {way}", way = named(.1))]
    Refused(String, ChallengeType),
    #[error("no end came of it in time")]
    Late,
    #[error("what was issued cannot be used, or is worse than what there is: see above")]
    Unusable,
}

impl From<instant_acme::Error> for Trouble {
    fn from(error: instant_acme::Error) -> Self {
        Self::Server(order::words(&error))
    }
}

/// What there is of an ACME server's way to look.
fn named(way: &ChallengeType) -> &'static str {
    if *way == ChallengeType::Http01 {
        "this server at its name, by HTTP at port 80 (http.plain_listen)"
    } else {
        "this server at its name, by TLS at port 443"
    }
}

impl Acme {
    /// By the settings; none where none is set.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let acme = settings.acme.clone();
        let _directory = acme.directory.as_ref()?;
        let public_url = settings.http.public_url.as_ref()?;
        let by_http = settings.http.plain_listen.is_some();
        Some(Self {
            host: public_url.host().to_owned(),
            certificate: settings.tls()?.certificate,
            account: settings.data.folder.join("acme.json"),
            ways: by_http
                .then_some(ChallengeType::Http01)
                .into_iter()
                .chain([ChallengeType::TlsAlpn01])
                .collect(),
            settings: acme,
        })
    }

    /// Has a certificate whenever one is due, until the server closes.
    pub(crate) async fn run(&self, house: &House, part: &Part) {
        let Some(tls) = &house.tls else {
            return house.closing.cancelled().await;
        };
        let mut failed = 0;
        loop {
            let wait = if tls.is_due(ambient::now()) {
                match self.try_once(tls, failed).await {
                    Ok(()) => {
                        failed = 0;
                        part.well();
                        BETWEEN
                    }
                    Err(trouble) => {
                        let last = AGAIN.len() - 1;
                        let wait = AGAIN.get(failed.min(last)).copied().unwrap_or(LOOK);
                        failed += 1;
                        self.say(&trouble, wait, part);
                        wait
                    }
                }
            } else {
                LOOK
            };
            tokio::select! {
                () = house.closing.cancelled() => return,
                () = tls.asked_anew() => {}
                () = sleep(wait) => {}
            }
        }
    }

    fn say(&self, trouble: &Trouble, wait: Duration, part: &Part) {
        let minutes = wait.as_secs() / 60;
        tracing::warn!(
            host = self.host,
            again_in_min = minutes,
            "no certificate was issued: {trouble}"
        );
        part.doubtful(format!(
            "No certificate was issued when it was last asked for: the log says why. It is tried \
             again within {minutes} minutes, and when the settings are read anew."
        ));
    }

    async fn try_once(&self, tls: &Tls, failed: usize) -> Result<(), Trouble> {
        // What fails by one way is tried by the other.
        let way = self.ways.iter().cycle().nth(failed % self.ways.len());
        let way = way.cloned().unwrap_or(ChallengeType::TlsAlpn01);
        tracing::info!(host = self.host, "a certificate is asked for");
        let issued = timeout(ONE, order::place(self, way, tls.challenges())).await;
        tls.challenges().clear();
        let issued = issued.unwrap_or(Err(Trouble::Late))?;
        write(self.certificate.clone(), issued).await?;
        if tls.renew(ambient::now()).await {
            Ok(())
        } else {
            Err(Trouble::Unusable)
        }
    }
}

/// Writes a file that only this program's user reads, the whole of it or nothing.
async fn write(path: PathBuf, text: String) -> Result<(), Trouble> {
    let its = path.clone();
    let written = spawn_blocking(move || write_whole(&its, &text)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(source)) => Err(Trouble::File { path, source }),
        Err(broken) => Err(Trouble::File {
            path,
            source: io::Error::other(broken),
        }),
    }
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
