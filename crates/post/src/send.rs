//! Into a mail server, or into files where there is none.

use std::path::PathBuf;

use lettre::message::Message;
use lettre::transport::smtp::Error;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::answer;
use crate::smtp::{Failed, How, Patience, Smtp, Step};

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
    /// How long it may take.
    pub patience: Patience,
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
    pub(crate) host: String,
    pub(crate) reason: String,
}

/// Sends messages.
#[derive(Debug)]
pub enum Postman {
    /// By a mail server.
    Smtp(Box<Smtp>),
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
    /// Nobody knows: the mail server had it, and did not say that it takes it; and why.
    Lost(String),
    /// Never: why.
    Refused(String),
}

/// The mail server itself is at fault, or the way to it: one sentence that names nobody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    /// What to say of it.
    pub sentence: String,
    /// Whether it answers, and wants nothing of us: then it is asked less often.
    pub(crate) is_refusal: bool,
}

impl Postman {
    /// One that goes to that server.
    ///
    /// # Errors
    ///
    /// [`SetUpError`] where TLS cannot be had.
    pub fn to(server: Server) -> Result<Self, SetUpError> {
        Ok(Self::Smtp(Box::new(Smtp::new(server)?)))
    }

    /// Sends one. `name` is the same for the same message: a file that is there is written over.
    pub(crate) async fn send(&self, name: &str, message: &Message) -> (Outcome, Option<Trouble>) {
        match self {
            Self::Files(folder) => {
                match write(folder, &format!("{name}.eml"), &message.formatted()).await {
                    Ok(()) => (Outcome::Sent, None),
                    Err(error) => {
                        let trouble = Trouble {
                            sentence: "E-mails cannot be written to files in the data folder: see \
                                   that there is room, and that the program may write there."
                                .to_owned(),
                            is_refusal: false,
                        };
                        let reason = format!("{}: {error}", folder.display());
                        (Outcome::Later(reason), Some(trouble))
                    }
                }
            }
            Self::Smtp(smtp) => match smtp.send(message).await {
                Ok(()) => (Outcome::Sent, None),
                Err(failed) => judge(&failed),
            },
        }
    }

    /// Tries whether the mail server is there and takes our account, and sends nothing. With files
    /// there is nothing to try.
    ///
    /// # Errors
    ///
    /// [`Trouble`], as where an e-mail is sent.
    pub async fn try_it(&self) -> Result<(), Trouble> {
        let Self::Smtp(smtp) = self else {
            return Ok(());
        };
        match smtp.try_it().await.as_ref().map_err(judge) {
            Ok(()) | Err((_, None)) => Ok(()),
            Err((_, Some(trouble))) => Err(trouble),
        }
    }

    /// Says goodbye to the mail server: nothing is to be sent for a while.
    pub(crate) async fn part(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.part().await;
        }
    }

    /// Whether there is anybody to say goodbye to.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self, Self::Smtp(smtp) if smtp.keeps_any())
    }
}

/// A refusal of this recipient is for good; a refusal of ourselves, by a wrong password say, is for
/// the office to mend, and the e-mail waits.
fn judge(failed: &Failed) -> (Outcome, Option<Trouble>) {
    let Failed { step, how } = failed;
    let when = step.when();
    let trouble = |sentence: String| {
        Some(Trouble {
            sentence,
            is_refusal: false,
        })
    };
    match how {
        How::Silence => {
            let said = format!("the mail server does not answer {when}");
            let sentence = format!("The mail server does not answer {when}{}.", advice(*step));
            (unknown(*step, said), trouble(sentence))
        }
        How::Broken(why) => {
            let sentence = of_broken(*step, why);
            let said = format!("the mail server cannot be reached, or breaks off, {when}: {why}");
            (unknown(*step, said), trouble(sentence))
        }
        How::Missing(why) => {
            let sentence = format!(
                "The mail server does not offer what is needed {when}: check mail.smtp_security \
                 and mail.smtp_user."
            );
            let refusal = Trouble {
                sentence,
                is_refusal: true,
            };
            (unknown(*step, why.clone()), Some(refusal))
        }
        How::Cannot => {
            let says = "the mail server takes no such address, or no text beyond plain ASCII";
            (Outcome::Refused(says.to_owned()), None)
        }
        How::Said(error) => judge_answer(*step, error),
    }
}

/// What to check where a step fails without a word of the mail server's.
const fn advice(step: Step) -> &'static str {
    match step {
        Step::Name => ": check mail.smtp_host, and that this machine can look up names",
        Step::Connect => {
            ": check mail.smtp_host and mail.smtp_port, and that the firewall lets this machine out to it"
        }
        Step::Handshake | Step::Greeting | Step::StartTls => {
            ": check mail.smtp_port and mail.smtp_security"
        }
        Step::SignIn | Step::From | Step::To | Step::Data | Step::Taking => "",
    }
}

/// The longest reason in a sentence, in characters: a certificate may have any number of names.
const LONGEST_REASON: usize = 200;

/// The sentence for a way to it that failed, by the step at which it did.
fn of_broken(step: Step, why: &str) -> String {
    let advice = advice(step);
    match step {
        Step::Name => format!("The name of the mail server leads nowhere{advice}."),
        Step::Connect => format!("The mail server cannot be reached{advice}."),
        Step::Handshake | Step::StartTls => {
            // The library says so once or twice before the reason.
            let why = why.trim_start_matches("Connection error: ");
            let why: String = why.chars().take(LONGEST_REASON).collect();
            format!(
                "No TLS connection to the mail server can be made ({why}){advice}, and that its certificate \
                 is for the name in mail.smtp_host."
            )
        }
        Step::Greeting | Step::SignIn | Step::From | Step::To | Step::Data | Step::Taking => {
            let when = step.when();
            format!("The mail server cannot be reached, or breaks off, {when}{advice}.")
        }
    }
}

/// What came was an answer, or should have been.
fn judge_answer(step: Step, error: &Error) -> (Outcome, Option<Trouble>) {
    // One without a code is no answer, and comes as a broken way.
    let code = error.status().map_or(0, u16::from);
    let outcome = answer::judge(error);
    let is_before = matches!(
        step,
        Step::Name
            | Step::Connect
            | Step::Handshake
            | Step::Greeting
            | Step::StartTls
            | Step::SignIn
    );
    if !is_before && code != 421 {
        return (outcome, None);
    }
    let advice = if step == Step::SignIn {
        ": check mail.smtp_user and mail.smtp_password"
    } else {
        ""
    };
    let refusal = Trouble {
        sentence: format!(
            "The mail server says {code} {}, and accepts no e-mail from us{advice}.",
            step.when()
        ),
        is_refusal: true,
    };
    // Nothing was said of any e-mail yet: none is at fault.
    let outcome = match outcome {
        Outcome::Refused(reason) => Outcome::Waits(reason),
        other @ (Outcome::Sent | Outcome::Later(_) | Outcome::Waits(_) | Outcome::Lost(_)) => other,
    };
    (outcome, Some(refusal))
}

/// What became of it where nobody says: whether it has arrived is known until it was handed over.
fn unknown(step: Step, reason: String) -> Outcome {
    if step == Step::Taking {
        Outcome::Lost(reason)
    } else {
        Outcome::Later(reason)
    }
}

/// Beside the file first, so that nobody reads half of it.
pub(crate) async fn write(
    folder: &std::path::Path,
    name: &str,
    bytes: &[u8],
) -> std::io::Result<()> {
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
    fs::rename(&unfinished, folder.join(name)).await
}
