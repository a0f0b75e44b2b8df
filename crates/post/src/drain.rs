//! Empties the outbox, for as long as the program runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use links::Keyring;
use store::{Mail, Store};
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::backoff;
use crate::compose::{self, Sender};
use crate::send::{Outcome, Postman};

/// How many e-mails are claimed at a time, and so are on their way at once.
const HANDFUL: u16 = 4;

/// For how long a claim counts: longer than sending takes, whatever the mail server does.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// How long to rest where nothing is due: another program may have queued something.
const REST: Duration = Duration::from_secs(10);

/// How long to rest when the records cannot be read.
const FAILED: Duration = Duration::from_secs(5);

/// What sending needs.
#[derive(Debug)]
pub struct Office {
    /// The outbox.
    pub store: Store,
    /// What the links are made with.
    pub keyring: Keyring,
    /// Who writes.
    pub sender: Sender,
    /// Who carries it.
    pub postman: Postman,
    /// Somebody queued something.
    pub wake: Arc<Notify>,
}

/// Sends what is due, until `closing`; what is on its way then is let arrive.
pub async fn run(office: Arc<Office>, closing: CancellationToken) {
    while !closing.is_cancelled() {
        let rest = office.turn_and_rest().await;
        tokio::select! {
            () = closing.cancelled() => return,
            () = office.wake.notified() => {}
            () = sleep(rest) => {}
        }
    }
}

impl Office {
    /// Sends a handful, and gives how long to rest after it.
    async fn turn_and_rest(&self) -> Duration {
        match Box::pin(self.turn()).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => self.rest().await,
            Err(error) => {
                tracing::warn!(%error, "cannot read the outbox");
                FAILED
            }
        }
    }

    /// Sends a handful. Whether there was anything.
    async fn turn(&self) -> store::Result<bool> {
        let claimed = self
            .store
            .claim_mail(HANDFUL, LEASE, Timestamp::now())
            .await?;
        if claimed.is_empty() {
            return Ok(false);
        }
        let mut claimed = claimed.into_iter();
        let mut next = || claimed.next();
        let (one, two, three, four) = (next(), next(), next(), next());
        let (one, two, three, four) = tokio::join!(
            self.deal(one),
            self.deal(two),
            self.deal(three),
            self.deal(four)
        );
        one.and(two).and(three).and(four)?;
        Ok(true)
    }

    /// How long nothing is due.
    async fn rest(&self) -> Duration {
        match self.store.next_mail(Timestamp::now()).await {
            Ok(Some(due)) => {
                let wait = due.duration_since(Timestamp::now());
                Duration::try_from(wait).unwrap_or_default().min(REST)
            }
            Ok(None) | Err(_) => REST,
        }
    }

    async fn deal(&self, mail: Option<Mail>) -> store::Result<()> {
        match mail {
            Some(mail) => self.deliver(&mail).await,
            None => Ok(()),
        }
    }

    async fn deliver(&self, mail: &Mail) -> store::Result<()> {
        let school = self.store.school().await?;
        let now = Timestamp::now();
        let written = compose::message(mail, &school, &self.sender, &self.keyring, now);
        let outcome = match written {
            Ok(message) => self.postman.send(&mail.message_id, message).await,
            Err(unwritable) => Outcome::Refused(unwritable.to_string()),
        };
        let counted = self.write_down(mail, &outcome).await?;
        tell(mail, &outcome, counted);
        Ok(())
    }

    /// Writes down what became of it. Whether the claim still counted.
    async fn write_down(&self, mail: &Mail, outcome: &Outcome) -> store::Result<bool> {
        let (id, lease, now) = (mail.id, mail.lease, Timestamp::now());
        match outcome {
            Outcome::Sent => self.store.mail_sent(id, lease, now).await,
            Outcome::Later(reason) | Outcome::Lost(reason)
                if mail.attempts >= backoff::MOST_TRIES =>
            {
                let reason = format!("it could not be sent for two days: {reason}");
                self.store.mail_refused(id, lease, &reason).await
            }
            Outcome::Later(reason) | Outcome::Lost(reason) => {
                let wait = backoff::wait(mail.attempts, rand::random());
                let due = now.checked_add(wait).unwrap_or(now);
                let why = (reason.as_str(), matches!(outcome, Outcome::Later(_)));
                self.store.mail_later(id, lease, due, why).await
            }
            // The office mends it, as long as there is something to be told.
            Outcome::Waits(reason) if now < mail.evening.end => {
                let wait = backoff::wait(mail.attempts, rand::random());
                let due = now.checked_add(wait).unwrap_or(now);
                self.store.mail_later(id, lease, due, (reason, true)).await
            }
            Outcome::Waits(reason) | Outcome::Refused(reason) => {
                self.store.mail_refused(id, lease, reason).await
            }
        }
    }
}

/// Neither the address nor what the mail server says of it belongs in a log.
fn tell(mail: &Mail, outcome: &Outcome, counted: bool) {
    let (mail, tries) = (mail.id.0, mail.attempts);
    match outcome {
        Outcome::Sent => tracing::debug!(mail, "e-mail sent"),
        Outcome::Later(_) | Outcome::Lost(_) | Outcome::Waits(_) => {
            tracing::warn!(mail, tries, "e-mail not sent yet");
        }
        Outcome::Refused(_) => tracing::info!(mail, "e-mail refused"),
    }
    if !counted {
        tracing::warn!(mail, "an e-mail took longer than its claim");
    }
}
