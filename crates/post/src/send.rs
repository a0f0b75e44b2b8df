//! Into a mail server, or into files where there is none.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Message;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::answer;

/// How long a mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the way to the mail server is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Security {
    /// Plain at first, then TLS, or nothing is sent (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314 §3).
    Tls,
    /// Plain: for a mail server on this machine.
    None,
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is protected.
    pub security: Security,
    /// Who sends, and their password, where it asks for that.
    pub account: Option<(String, String)>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The mail server cannot be used as it is set.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the mail server {host}: {reason}; check mail.smtp_host and mail.smtp_security")]
pub struct SetUpError {
    host: String,
    reason: String,
}

/// Sends messages.
#[derive(Debug)]
pub enum Postman {
    /// By a mail server.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    /// As files in that folder, one a message.
    Files(PathBuf),
}

/// What became of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// Not now: why.
    Later(String),
    /// Not before the account that sends, or its server, is put in order: why.
    Waits(String),
    /// Nobody knows: the way to the mail server failed, and why.
    Lost(String),
    /// Never: why.
    Refused(String),
}

impl Postman {
    /// One that goes to that server.
    ///
    /// # Errors
    ///
    /// [`SetUpError`] where TLS cannot be had.
    pub fn to(server: Server) -> Result<Self, SetUpError> {
        let Server {
            host,
            port,
            security,
            account,
        } = server;
        let builder = match security {
            Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&host),
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&host),
            Security::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(
                &host,
            )),
        };
        let builder = builder.map_err(|error| SetUpError {
            host,
            reason: error.to_string(),
        })?;
        let mut builder = builder
            .port(port)
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(4));
        if let Some((user, password)) = account {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self::Smtp(Box::new(builder.build())))
    }

    /// The folder that e-mails are kept in, where they are.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        match self {
            Self::Files(folder) => Some(folder),
            Self::Smtp(_) => None,
        }
    }

    /// Sends one. `name` is the same for the same message: a file that is there is written over.
    pub(crate) async fn send(&self, name: &str, message: Message) -> Outcome {
        match self {
            Self::Files(folder) => match write(folder, name, &message.formatted()).await {
                Ok(()) => Outcome::Sent,
                Err(error) => Outcome::Later(format!("{}: {error}", folder.display())),
            },
            Self::Smtp(transport) => {
                let mut to = message.envelope().to().iter();
                let is_plain = to.all(|it| AsRef::<str>::as_ref(it).is_ascii());
                match transport.send(message).await {
                    Ok(_taken) => Outcome::Sent,
                    // The mail server has no RFC 6531, and will not have it tomorrow.
                    Err(error) if error.is_client() && !is_plain => {
                        Outcome::Refused(error.to_string())
                    }
                    Err(error) => answer::judge(&error),
                }
            }
        }
    }
}

/// Beside the file first, so that nobody reads half of it.
async fn write(folder: &std::path::Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder).await?;
    let unfinished = folder.join(format!(".{name}.new"));
    // The links in it are for whoever may read this folder as the program, and for nobody else.
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .await?;
    file.write_all(bytes).await?;
    file.flush().await?;
    drop(file);
    fs::rename(&unfinished, folder.join(format!("{name}.eml"))).await
}
