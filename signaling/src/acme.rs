//! A certificate from an ACME server (RFC 8555), ordered and renewed by this program.

mod account;
mod client;
mod failures;
mod file;
mod order;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use instant_acme::ChallengeType;
use jiff::Timestamp;
use tokio::time::{sleep, timeout};

use crate::health::Part;
use crate::house::House;
use crate::settings::{self, Settings};
use crate::tls::Tls;
use failures::Failures;

/// How often to check whether the next certificate is due.
const CHECK_EVERY: Duration = Duration::from_hours(1);

/// How long one order may take.
const ORDER_TIMEOUT: Duration = Duration::from_mins(15);

/// How long to wait after an order that failed, the first time, the second, and so on. Let's Encrypt
/// lets five fail in an hour.
const RETRY_AFTER: [Duration; 5] = [
    Duration::from_mins(2),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(3),
    Duration::from_hours(6),
];

/// The least time between two orders for which a certificate was issued, or may have been. Let's Encrypt
/// issues five for one name in a week.
const MIN_BETWEEN_ISSUES: Duration = Duration::from_hours(36);

/// Whom to ask, and what of it is kept where.
#[derive(Clone, Debug)]
pub(crate) struct Acme {
    settings: settings::Acme,
    host: String,
    /// The certificate and its key, in one file: it is replaced at once.
    certificate: PathBuf,
    account: PathBuf,
    failures: PathBuf,
    /// The challenges that this server can answer, the first tried first.
    challenges: Vec<ChallengeType>,
}

/// Why there is no certificate: words for the log, some of them the server's.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the file {} cannot be used: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the file {} of acme.root cannot be used: {reason}", path.display())]
    Root { path: PathBuf, reason: String },
    #[error("{0}")]
    Server(String),
    /// The server looked for this one at its name, and did not find it.
    #[error("{0}; the ACME server looked for this server at its name, {where_}: that name must lead here, and the firewall let that port in", where_ = place_of(.1))]
    Refused(String, ChallengeType),
    #[error("the ACME server did not finish in time")]
    Late,
    /// One was issued, or may have been, and cannot be used.
    #[error("a certificate may have been issued, and is not in use: {0}")]
    Spent(String),
}

impl From<instant_acme::Error> for Trouble {
    fn from(error: instant_acme::Error) -> Self {
        Self::Server(order::words(&error))
    }
}

/// Where a challenge is looked for.
fn place_of(challenge: &ChallengeType) -> &'static str {
    if *challenge == ChallengeType::Http01 {
        "by HTTP at port 80 (http.plain_listen)"
    } else {
        "by TLS at port 443"
    }
}

impl Acme {
    /// By the settings; none where none is set.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let acme = settings.acme.clone();
        let _directory = acme.directory.as_ref()?;
        let public_url = settings.http.public_url.as_ref()?;
        let by_http = settings.http.plain_listen.is_some();
        let folder = &settings.data.folder;
        Some(Self {
            host: public_url.host().to_owned(),
            certificate: settings.tls()?.certificate,
            account: folder.join("acme.json"),
            failures: folder.join("acme-failures.json"),
            challenges: by_http
                .then_some(ChallengeType::Http01)
                .into_iter()
                .chain([ChallengeType::TlsAlpn01])
                .collect(),
            settings: acme,
        })
    }

    fn directory(&self) -> &str {
        self.settings.directory.as_deref().unwrap_or_default()
    }

    /// Has a certificate whenever one is due, until the server closes.
    pub(crate) async fn run(&self, house: &House, part: &Part) {
        let Some(tls) = &house.tls else {
            return house.closing.cancelled().await;
        };
        // What failed before a new start counts as before.
        let mut failures = Failures::read(&self.failures, self.directory()).await;
        let mut rest = failures.rest(ambient::now());
        loop {
            let is_due = tls.is_due(ambient::now()) || !file::is_issued_by(self).await;
            let wait = if !is_due {
                failures = Failures::at(self.directory());
                part.well();
                CHECK_EVERY
            } else if let Some(rest) = rest.take() {
                part.doubtful(words_of(rest));
                rest
            } else {
                let tried = tokio::select! {
                    () = house.closing.cancelled() => return,
                    tried = self.try_once(tls, failures.refused) => tried,
                };
                match tried {
                    Ok(()) => {
                        failures = Failures::at(self.directory());
                        part.well();
                        // Unless it lives for hours only.
                        MIN_BETWEEN_ISSUES.min(tls.life().unwrap_or(MIN_BETWEEN_ISSUES) / 3)
                    }
                    Err(trouble) => self.say(&trouble, &mut failures, part),
                }
            };
            failures.keep(&self.failures).await;
            tokio::select! {
                () = house.closing.cancelled() => return,
                () = tls.asked_anew() => {}
                () = sleep(wait) => {}
            }
        }
    }

    /// Says why none was issued; how long to wait.
    fn say(&self, trouble: &Trouble, failures: &mut Failures, part: &Part) -> Duration {
        let last = RETRY_AFTER.len() - 1;
        let wait = if matches!(trouble, Trouble::Spent(_)) {
            MIN_BETWEEN_ISSUES
        } else {
            let wait = RETRY_AFTER.get(failures.count.min(last));
            wait.copied().unwrap_or(CHECK_EVERY)
        };
        // Where it looked in vain one way, it may find this server by the other.
        failures.refused += usize::from(matches!(trouble, Trouble::Refused(..)));
        failures.add(trouble.to_string(), ambient::now(), wait);
        tracing::warn!(
            host = self.host,
            again_in_min = wait.as_secs() / 60,
            "no certificate was issued: {trouble}"
        );
        part.doubtful(words_of(wait));
        wait
    }

    async fn try_once(&self, tls: &Tls, refused: usize) -> Result<(), Trouble> {
        // Nothing is ordered that could not be kept.
        file::prepare(&self.certificate).await?;
        tracing::info!(host = self.host, "a certificate is ordered");
        let mut challenges = self.challenges.clone();
        let first = refused % challenges.len();
        challenges.rotate_left(first);
        let issued = timeout(
            ORDER_TIMEOUT,
            order::place(self, &challenges, tls.challenges()),
        )
        .await;
        tls.challenges().clear();
        let issued = issued.unwrap_or(Err(Trouble::Late))?;
        file::put(self, tls, &issued).await
    }
}

/// When a certificate was last asked for, and why none was issued, as a server that runs, or has run, keeps it; none
/// where one was issued since.
pub(crate) fn last_failure(settings: &Settings) -> Option<(Timestamp, String)> {
    let acme = Acme::of(settings)?;
    let kept = file::read_now(&acme.failures).ok().flatten();
    let failures = Failures::of(kept, acme.directory());
    failures.last().map(|(at, reason)| (at, reason.to_owned()))
}

fn words_of(wait: Duration) -> String {
    format!(
        "No certificate was issued when it was last asked for: the log says why. It is tried again \
         within {} min, and at once after `systemctl reload homeroom`.",
        wait.as_secs().div_ceil(60)
    )
}
