//! One conversation with a mail server (RFC 5321), a step at a time, each within a limit of time:
//! `lettre` speaks, and has none but for connecting.
//!
//! A connection is used again for the next message, unless a step of it failed: what comes late
//! would be read as the answer to the next command.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::guarded::{Guarded, Secured};
use crate::send::{Security, Server, SetUpError};

/// How long the mail server may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    /// For one step of a conversation.
    pub step: Duration,
    /// For the last, when it has the message: it may look into it first, and whoever gives up too
    /// early sends it twice (RFC 5321 §4.5.3.2.6).
    pub taking: Duration,
    /// For saying goodbye, which nothing depends on.
    pub goodbye: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(30),
            taking: Duration::from_mins(2),
            goodbye: Duration::from_secs(2),
        }
    }
}

/// How long a connection is kept for the next message.
const KEPT: Duration = Duration::from_secs(10);

/// The most connections that are kept.
const MOST_KEPT: usize = 4;

/// The most addresses of one mail server that are tried.
const MOST_ADDRESSES: usize = 4;

/// A step of a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Its name is looked up.
    Name,
    /// It is called.
    Connect,
    /// TLS from the first byte.
    Handshake,
    /// It greets, and is greeted: 220, EHLO.
    Greeting,
    /// STARTTLS, and TLS.
    StartTls,
    /// AUTH.
    SignIn,
    /// MAIL.
    From,
    /// RCPT.
    To,
    /// DATA, until it wants the message.
    Data,
    /// The message, until it says that it has it.
    Taking,
}

impl Step {
    /// Where in the conversation it is, after "the mail server …".
    pub(crate) const fn when(self) -> &'static str {
        match self {
            Self::Name => "when its name is looked up",
            Self::Connect => "when it is called",
            Self::Handshake => "when a TLS connection begins",
            Self::Greeting => "with a greeting",
            Self::StartTls => "to STARTTLS",
            Self::SignIn => "to AUTH",
            Self::From => "to MAIL",
            Self::To => "to RCPT",
            Self::Data => "to DATA",
            Self::Taking => "once it has the message",
        }
    }
}

/// A step that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) step: Step,
    pub(crate) how: How,
}

impl Failed {
    /// Whether the connection can be used again: an answer came, and what it is an answer to is
    /// known.
    fn leaves_it_well(&self) -> bool {
        match &self.how {
            How::Silence | How::Broken(_) | How::Missing(_) => false,
            How::Said(_) | How::Cannot => true,
        }
    }
}

/// How a step failed.
#[derive(Debug)]
pub(crate) enum How {
    /// Nothing came in time.
    Silence,
    /// The way to it failed: no such name, nobody there, no TLS, the connection broken, or what came
    /// is no answer.
    Broken(String),
    /// It said no.
    Said(Error),
    /// It does not offer what this step needs: STARTTLS, or a way to sign in.
    Missing(String),
    /// It takes no addresses, or no text, beyond ASCII (RFC 6531, RFC 6152), and will not tomorrow.
    Cannot,
}

/// A mail server, and the connections to it that are kept.
pub struct Smtp {
    server: Server,
    hello: ClientId,
    /// For STARTTLS.
    upgrade: Option<TlsParameters>,
    /// For TLS from the first byte.
    handshake: Option<(TlsConnector, ServerName<'static>)>,
    kept: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.server.fmt(f)
    }
}

impl Smtp {
    pub(crate) fn new(server: Server) -> Result<Self, SetUpError> {
        let wrong = |reason: String| SetUpError {
            host: server.host.clone(),
            reason,
        };
        let (mut upgrade, mut handshake) = (None, None);
        match server.security {
            Security::StartTls => {
                let parameters = TlsParameters::new(server.host.clone());
                upgrade = Some(parameters.map_err(|error| wrong(error.to_string()))?);
            }
            Security::Tls => {
                let name = ServerName::try_from(server.host.clone());
                let name = name.map_err(|error| wrong(error.to_string()))?;
                let trusting = trusting().map_err(|error| wrong(error.to_string()))?;
                handshake = Some((TlsConnector::from(Arc::new(trusting)), name));
            }
            Security::None => {}
        }
        Ok(Self {
            server,
            hello: ClientId::default(),
            upgrade,
            handshake,
            kept: Mutex::default(),
        })
    }

    /// Has the mail server take a message.
    pub(crate) async fn send(&self, message: &Message) -> Result<(), Failed> {
        let mut connection = match self.take_kept().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let handed = self.hand(&mut connection, message).await;
        match &handed {
            Ok(()) => self.keep(connection),
            // It is well, and said no to this message.
            Err(failed) if failed.leaves_it_well() => {
                if timeout(self.server.patience.step, connection.command(Rset))
                    .await
                    .is_ok_and(|said| said.is_ok())
                {
                    self.keep(connection);
                }
            }
            // Dropped, it is closed.
            Err(_) => drop(connection),
        }
        handed
    }

    /// Has the mail server greet us and take our account, and sends nothing.
    pub(crate) async fn try_it(&self) -> Result<(), Failed> {
        if let Some(connection) = self.take_kept().await {
            self.keep(connection);
            return Ok(());
        }
        let mut connection = self.connect().await?;
        drop(timeout(self.server.patience.goodbye, connection.quit()).await);
        Ok(())
    }

    /// Says goodbye on all connections that are kept.
    pub(crate) async fn part(&self) {
        let all = std::mem::take(&mut *self.kept());
        for (mut connection, _) in all {
            // Whether it answers is no matter: it is closed then.
            drop(timeout(self.server.patience.goodbye, connection.quit()).await);
        }
    }

    /// Whether any connection is kept.
    pub(crate) fn keeps_any(&self) -> bool {
        !self.kept().is_empty()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept();
        if kept.len() < MOST_KEPT {
            kept.push((connection, Instant::now()));
        }
    }

    /// A connection from before that still answers.
    async fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.kept().pop()?;
            if since.elapsed() < KEPT
                && timeout(self.server.patience.goodbye, connection.command(Noop))
                    .await
                    .is_ok_and(|said| said.is_ok())
            {
                return Some(connection);
            }
        }
    }

    /// Does a step within its time.
    async fn step<T>(
        &self,
        step: Step,
        doing: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failed> {
        let patience = match step {
            Step::Taking => self.server.patience.taking,
            Step::Name
            | Step::Connect
            | Step::Handshake
            | Step::Greeting
            | Step::StartTls
            | Step::SignIn
            | Step::From
            | Step::To
            | Step::Data => self.server.patience.step,
        };
        let how = match timeout(patience, doing).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) if error.status().is_some() => How::Said(error),
            Ok(Err(error)) if error.is_client() => How::Missing(error.to_string()),
            Ok(Err(error)) => How::Broken(with_causes(&error)),
            Err(_elapsed) => How::Silence,
        };
        Err(Failed { step, how })
    }

    /// The same, where what is done is not `lettre`'s.
    async fn own<T>(
        &self,
        step: Step,
        doing: impl Future<Output = io::Result<T>>,
    ) -> Result<T, Failed> {
        let how = match timeout(self.server.patience.step, doing).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => How::Broken(error.to_string()),
            Err(_elapsed) => How::Silence,
        };
        Err(Failed { step, how })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failed> {
        let stream = Guarded::new(self.call().await?);
        let stream: Box<dyn AsyncTokioStream> = match &self.handshake {
            None => Box::new(stream),
            Some((connector, name)) => {
                let shaking = connector.connect(name.clone(), stream);
                Box::new(Secured(self.own(Step::Handshake, shaking).await?))
            }
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        let mut connection = self.step(Step::Greeting, greeting).await?;
        if let Some(parameters) = &self.upgrade {
            let upgrading = connection.starttls(parameters.clone(), &self.hello);
            self.step(Step::StartTls, upgrading).await?;
        }
        if let Some((user, password)) = &self.server.account {
            let credentials = Credentials::new(user.clone(), password.clone());
            let signing_in = connection.auth(DEFAULT_MECHANISMS, &credentials);
            self.step(Step::SignIn, signing_in).await?;
        }
        Ok(connection)
    }

    /// Calls one address of it after another.
    async fn call(&self) -> Result<TcpStream, Failed> {
        let place = (self.server.host.as_str(), self.server.port);
        let addresses = self.own(Step::Name, lookup_host(place)).await?;
        let mut failed = Failed {
            step: Step::Name,
            how: How::Broken("its name has no address".to_owned()),
        };
        for address in addresses.take(MOST_ADDRESSES) {
            match self.own(Step::Connect, TcpStream::connect(address)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    async fn hand(
        &self,
        connection: &mut AsyncSmtpConnection,
        message: &Message,
    ) -> Result<(), Failed> {
        let envelope = message.envelope();
        let bytes = message.formatted();
        if !can_take(connection, envelope, &bytes) {
            return Err(Failed {
                step: Step::From,
                how: How::Cannot,
            });
        }
        let options = options(envelope, &bytes);
        let mail = Mail::new(envelope.from().cloned(), options);
        self.step(Step::From, connection.command(mail)).await?;
        for to in envelope.to() {
            let recipient = Rcpt::new(to.clone(), Vec::new());
            self.step(Step::To, connection.command(recipient)).await?;
        }
        self.step(Step::Data, connection.command(Data)).await?;
        self.step(Step::Taking, connection.message(&bytes)).await?;
        Ok(())
    }
}

/// Whether it takes what stands in a message.
fn can_take(connection: &AsyncSmtpConnection, envelope: &Envelope, bytes: &[u8]) -> bool {
    let can = |extension| connection.server_info().supports_feature(extension);
    (is_plain(envelope) || can(Extension::SmtpUtfEight))
        && (bytes.is_ascii() || can(Extension::EightBitMime))
}

fn is_plain(envelope: &Envelope) -> bool {
    let mut all = envelope.from().into_iter().chain(envelope.to());
    all.all(|it| AsRef::<str>::as_ref(it).is_ascii())
}

/// What MAIL must say of a message (RFC 6152, RFC 6531).
fn options(envelope: &Envelope, bytes: &[u8]) -> Vec<MailParameter> {
    let mut options = Vec::new();
    if !is_plain(envelope) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !bytes.is_ascii() {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    options
}

/// How TLS is spoken to servers of others: it trusts whom this machine does.
///
/// # Errors
///
/// What the library says of its own defaults.
pub fn trusting() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let _counts = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// What `lettre` says leaves out what the system said.
fn with_causes(error: &Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        let one_said = one.to_string();
        if !said.contains(&one_said) {
            said = format!("{said}: {one_said}");
        }
        cause = one.source();
    }
    said
}
