//! TLS on the port of the pages: the certificate, and its renewal without a new start.

mod challenges;
mod files;
mod standing;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::CertificateParams;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::health::{Part, State};
use crate::settings;

use challenges::Presented;
pub(crate) use challenges::{ACME_TLS, Challenges, vouch_for_itself};
pub use files::TlsError;
pub(crate) use standing::{Age, SOON_DAYS, Standing, moment};

/// How often is looked whether the files have changed, and how old the certificate is.
const LOOK: Duration = Duration::from_secs(5);

/// How often what is wrong with the certificate is said in the log.
const REMIND: SignedDuration = SignedDuration::from_hours(24);

/// HTTP/2 (RFC 9113 §3.2).
pub(crate) const HTTP_2: &[u8] = b"h2";

/// What may be spoken behind the handshake (RFC 7301, RFC 7443): HTTP, the newer first, and a relay's
/// own protocol. A WebSocket asks for HTTP/1.1 by itself. Last what an ACME server asks for, alone.
const PROTOCOLS: [&[u8]; 4] = [HTTP_2, b"http/1.1", b"stun.turn", ACME_TLS];

/// The certificate in use.
#[derive(Debug)]
pub(crate) struct Tls {
    files: settings::Tls,
    /// The name that people go to.
    host: String,
    part: Part,
    /// It is asked for and renewed by this program.
    is_renewed_here: bool,
    challenges: Challenges,
    /// Somebody asks to look at the files now.
    look: Notify,
    ask: Notify,
    current: RwLock<Current>,
}

#[derive(Clone, Debug)]
struct Current {
    pair: Arc<CertifiedKey>,
    handshake: Arc<ServerConfig>,
    standing: Option<Standing>,
}

impl Tls {
    /// Reads both files. `host` is the name that people go to; `part` is told of what is wrong.
    pub(crate) fn read(files: settings::Tls, host: &str, part: Part) -> Result<Self, TlsError> {
        let pair = files::open(&files)?;
        Ok(Self::with(files, host, part, |challenges| {
            Current::of(pair, challenges)
        }))
    }

    /// The same, of files that this program writes itself: until there is one that can be used, a
    /// certificate that nobody vouches for stands in, which an ACME server does not mind.
    ///
    /// # Errors
    ///
    /// [`TlsError::None`] where not even that can be made.
    pub(crate) fn read_or_await(
        files: settings::Tls,
        host: &str,
        part: Part,
    ) -> Result<Self, TlsError> {
        let opened = match files::open(&files) {
            Ok(pair) => Ok(pair),
            Err(error) => {
                if files.certificate.exists() {
                    tracing::warn!(%error, "another certificate is asked for");
                }
                let params = CertificateParams::new([host.to_owned()]);
                Err(params
                    .and_then(|it| vouch_for_itself(&it))
                    .map_err(|odd| TlsError::None {
                        host: host.to_owned(),
                        reason: odd.to_string(),
                    })?)
            }
        };
        let mut tls = Self::with(files, host, part, |challenges| match opened {
            Ok(pair) => Current::of(pair, challenges),
            Err(substitute) => Current {
                standing: None,
                ..Current::of(substitute, challenges)
            },
        });
        tls.is_renewed_here = true;
        tls.judge(ambient::now(), false);
        Ok(tls)
    }

    fn with(
        files: settings::Tls,
        host: &str,
        part: Part,
        current: impl FnOnce(&Challenges) -> Current,
    ) -> Self {
        let challenges = Challenges::default();
        let tls = Self {
            current: RwLock::new(current(&challenges)),
            files,
            host: host.to_owned(),
            part,
            is_renewed_here: false,
            challenges,
            look: Notify::new(),
            ask: Notify::new(),
        };
        tls.judge(ambient::now(), false);
        tls
    }

    /// What an ACME server is to find.
    pub(crate) const fn challenges(&self) -> &Challenges {
        &self.challenges
    }

    /// Whether another certificate is to be asked for.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.standing()
            .is_none_or(|it| !it.is_for(&self.host) || it.is_due(now))
    }

    /// How to shake hands now.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current.handshake)
    }

    fn standing(&self) -> Option<Standing> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.standing.clone()
    }

    /// When the certificate ends.
    pub(crate) fn ends(&self) -> Option<Timestamp> {
        self.standing().map(|it| it.ends_at())
    }

    /// Looks at the files at once, and asks for a certificate at once where one is due.
    pub(crate) fn look_now(&self) {
        self.look.notify_one();
        self.ask.notify_one();
    }

    /// Comes where somebody wants a certificate to be asked for now.
    pub(crate) async fn asked_anew(&self) {
        self.ask.notified().await;
    }

    /// Takes up a new certificate whenever the files change, until the server closes. Files that
    /// cannot be used, or are worse, leave the one before in use. What is wrong is said at once, and
    /// once a day.
    pub(crate) async fn follow(&self, closing: CancellationToken) {
        let mut seen = self.held().await;
        let mut is_refused = false;
        let mut said = (State::Well, Timestamp::MIN);
        loop {
            let now = ambient::now();
            let state = self.judge(now, is_refused);
            if state != said.0 || now.duration_since(said.1) >= REMIND {
                if let Some(sentence) = state.sentence() {
                    tracing::warn!("{sentence}");
                }
                said = (state, now);
            }
            let is_asked = tokio::select! {
                () = closing.cancelled() => return,
                () = self.look.notified() => true,
                () = sleep(LOOK) => false,
            };
            let held = self.held().await;
            let has_changed = held != seen;
            if has_changed || is_asked {
                seen = held;
                is_refused = !self.renew(ambient::now()).await;
                if !has_changed && !is_refused {
                    tracing::info!("nothing has changed in the files of the certificate");
                }
            }
        }
    }

    async fn held(&self) -> Option<files::Held> {
        let files = self.files.clone();
        spawn_blocking(move || files::look(&files)).await.ok()
    }

    /// How long the certificate lives in all.
    pub(crate) fn life(&self) -> Option<Duration> {
        let seconds = self.standing()?.life_s();
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// Takes up what the files hold now, if it is no worse. Whether it did, or has it already.
    async fn renew(&self, now: Timestamp) -> bool {
        if self.is_renewed_here && matches!(self.files.certificate.try_exists(), Ok(false)) {
            if self.standing().is_some() {
                tracing::warn!(
                    "the file of the certificate is gone: the one in use stays, and another is asked for"
                );
            }
            return true;
        }
        let taken = self.take_up(self.files.clone(), now).await;
        match &taken {
            Ok(_is_another) => {}
            Err(reason) => tracing::warn!("the certificate before stays in use: {reason}"),
        }
        taken.is_ok()
    }

    /// Takes up what these files hold, and says how it is now; whether it is another than before. Else, why not.
    pub(crate) async fn take_up(
        &self,
        files: settings::Tls,
        now: Timestamp,
    ) -> Result<bool, String> {
        let opened = spawn_blocking(move || files::open(&files)).await;
        let pair = opened
            .map_err(|broken| broken.to_string())?
            .map_err(|error| error.to_string())?;
        let new = Current::of(pair, &self.challenges);
        if let (Some(its), Some(before)) = (&new.standing, self.standing()) {
            its.replaces(&before, &self.host, now).map_err(|reason| {
                format!(
                    "a new one is worse than it: {reason} (it ends on {}); start anew to use it all \
                     the same",
                    its.ends()
                )
            })?;
        }
        let ends = new.standing.as_ref().map(Standing::ends);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // One that was issued here is read once more as soon as its file is in its place.
        let is_another = current.pair.cert != new.pair.cert;
        *current = new;
        drop(current);
        self.judge(now, false);
        if is_another {
            tracing::info!(ends, "another certificate is in use");
        }
        Ok(is_another)
    }

    /// Says how the certificate is.
    fn judge(&self, now: Timestamp, is_refused: bool) -> State {
        let state = match self.standing() {
            Some(standing) if self.is_renewed_here => {
                how_it_renews(&standing, &self.host, now, is_refused)
            }
            Some(standing) => how(&standing, &self.host, now, is_refused),
            None if self.is_renewed_here => State::Unwell(
                "There is no certificate yet, so browsers refuse this server: it is asked for, and \
                 the log says how that goes."
                    .to_owned(),
            ),
            None => State::Unwell("The certificate is none that browsers can read.".to_owned()),
        };
        self.part.set(state.clone());
        state
    }
}

/// The same of one that this program renews: nobody else can.
fn how_it_renews(standing: &Standing, host: &str, now: Timestamp, is_refused: bool) -> State {
    let ends = standing.ends();
    match standing.age(now) {
        Age::Over => State::Unwell(format!(
            "The certificate ended on {ends}, and no new one was issued, so browsers refuse this \
             server: the log says why."
        )),
        Age::Valid(_) if standing.is_for(host) && !is_refused => {
            if standing.is_late(now) {
                State::Doubtful(format!(
                    "The certificate ends on {ends}, and no new one was issued yet: the log says why."
                ))
            } else {
                State::Well
            }
        }
        Age::Early | Age::Valid(_) => how(standing, host, now, is_refused),
    }
}

fn how(standing: &Standing, host: &str, now: Timestamp, is_refused: bool) -> State {
    let ends = standing.ends();
    match standing.age(now) {
        Age::Over => State::Unwell(format!(
            "The certificate ended on {ends}, so browsers refuse this server: renew it; no new \
             start is needed."
        )),
        Age::Early => State::Unwell(
            "The certificate is not valid yet, so browsers refuse this server: check this \
             machine's clock."
                .to_owned(),
        ),
        Age::Valid(_) if !standing.is_for(host) => State::Unwell(
            "The certificate is not for this server's name, so browsers refuse it.".to_owned(),
        ),
        Age::Valid(_) if is_refused => State::Doubtful(
            "A new certificate cannot be used, or is worse than the one before, which stays in \
             use: the log says why."
                .to_owned(),
        ),
        Age::Valid(0) => State::Doubtful(format!(
            "The certificate ends within a day, on {ends}: renew it; no new start is needed."
        )),
        Age::Valid(days) if days < SOON_DAYS => State::Doubtful(format!(
            "The certificate ends in {days} {}, on {ends}: renew it; no new start is needed.",
            if days == 1 { "day" } else { "days" }
        )),
        Age::Valid(_) => State::Well,
    }
}

impl Current {
    #[expect(clippy::expect_used, reason = "both versions are part of the provider")]
    fn of(pair: CertifiedKey, challenges: &Challenges) -> Self {
        let standing = pair.cert.first().and_then(Standing::of);
        let pair = Arc::new(pair);
        let mut handshake =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("the provider has TLS 1.2 and 1.3")
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(Presented {
                    own: Arc::clone(&pair),
                    challenges: challenges.clone(),
                }));
        handshake.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Self {
            pair,
            handshake: Arc::new(handshake),
            standing,
        }
    }
}

/// Checks that both files can be used together; gives the chain.
pub(crate) fn check(files: &settings::Tls) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    Ok(files::open(files)?.cert)
}
