//! Empties the outbox, for as long as the program runs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use links::Keyring;
use store::{Address, Channel, Mail, School, Store};
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::backoff;
use crate::compose::{self, Sender, Unwritable};
use crate::send::{Outcome, Postman, Trouble};
use crate::texts::Messenger;
use crate::way::{News, Way, YOUNG};

/// For how long a claim counts: longer than sending takes, whatever the mail server does.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// How long to rest where nothing is due: another program may have queued something.
const REST: Duration = Duration::from_secs(10);

/// What is due so soon tells by itself how the mail server is.
const SOON: SignedDuration = SignedDuration::from_mins(1);

/// How often a mail server is tried to which nothing is sent: what is wrong with it is known before
/// somebody waits for an e-mail.
const TRIED_IDLE: Duration = Duration::from_mins(10);

/// How long to rest when the records cannot be read or written.
const FAILED: Duration = Duration::from_secs(2);

/// Hears what is wrong with the mail server, or that nothing is.
pub type Heard = Box<dyn Fn(Option<&str>) + Send + Sync>;

/// Who carries what.
#[derive(Debug)]
pub enum Carrier {
    /// E-mails.
    Email(Postman),
    /// Text messages.
    Text(Messenger),
}

impl Carrier {
    const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Text(_) => Channel::Text,
        }
    }

    /// Says goodbye to the mail server: nothing is to be sent for a while.
    async fn part(&self) {
        if let Self::Email(postman) = self {
            postman.part().await;
        }
    }

    /// Tries whether what carries it is there, and sends nothing.
    async fn try_it(&self) -> Told {
        match self {
            // It lets nobody in whom it does not take.
            Self::Email(postman) => Some(Said::Wholly(postman.try_it().await)),
            Self::Text(messenger) => Some(Said::Tried(messenger.try_it(ambient::now()).await)),
        }
    }

    /// Whether there is anybody to say goodbye to.
    fn is_connected(&self) -> bool {
        matches!(self, Self::Email(postman) if postman.is_connected())
    }
}

/// What sending needs.
pub struct Office {
    /// The outbox.
    pub store: Store,
    /// What the links are made with.
    pub keyring: Keyring,
    /// Who writes.
    pub sender: Sender,
    /// Who carries it.
    pub carrier: Carrier,
    /// Somebody queued something.
    pub wake: Arc<Notify>,
    /// Is told whenever the mail server's state changes: what is wrong, in a sentence that names
    /// nobody, or that nothing is.
    pub heard: Heard,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.carrier.fmt(f)
    }
}

/// Sends what is due, until `closing`; what is on its way then is let arrive.
pub async fn run(office: Arc<Office>, closing: CancellationToken) {
    let mut round = Round {
        office,
        way: Way::default(),
        under_way: JoinSet::new(),
        begun: HashMap::new(),
        try_idle: Instant::now(),
        closing: closing.clone(),
    };
    // What was put off by a program before this one may go now.
    round.hurry(u16::MAX).await;
    while !closing.is_cancelled() {
        let rest = round.begin_what_is_due().await;
        let until = Instant::now() + rest;
        tokio::select! {
            () = closing.cancelled() => {}
            () = round.office.wake.notified() => {}
            Some(ended) = round.under_way.join_next_with_id() => round.end(ended).await,
            () = sleep_until(until) => {}
        }
    }
    while let Some(ended) = round.under_way.join_next_with_id().await {
        round.end(ended).await;
    }
    round.office.carrier.part().await;
}

/// What became of a conversation, and what it says of the mail server.
type Told = Option<Said>;

/// How it went.
enum Said {
    /// As far as it goes where something is sent.
    Wholly(Result<(), Trouble>),
    /// As far as it goes without anything to send.
    Tried(Result<(), Trouble>),
}

/// A conversation that is going on.
struct Begun {
    since: Instant,
    /// The e-mail, and its claim; none where nothing is sent.
    claim: Option<Claim>,
}

/// What is needed to write down what became of a claim.
#[derive(Clone, Copy)]
struct Claim {
    mail: school::MailId,
    lease: i64,
    attempts: i64,
}

/// The conversations that are going on.
struct Round {
    office: Arc<Office>,
    way: Way,
    under_way: JoinSet<Told>,
    begun: HashMap<Id, Begun>,
    /// When the mail server is tried where nothing is to be sent.
    try_idle: Instant,
    closing: CancellationToken,
}

impl Round {
    /// Begins as many conversations as there is room for and something to say; gives how long to
    /// rest after it.
    async fn begin_what_is_due(&mut self) -> Duration {
        loop {
            let now = Instant::now();
            let sending = self.begun.values().filter(|it| it.claim.is_some());
            let room = self.way.room(sending.map(|it| it.since), now);
            let Ok(most @ 1..) = u16::try_from(room) else {
                return self.until_there_is_room(now);
            };
            let claimed = match self.claim(most).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::warn!(%error, "cannot read the outbox");
                    return FAILED;
                }
            };
            if claimed.is_empty() {
                return self.rest(now).await;
            }
            self.way.tries(now);
            for mail in claimed {
                self.begin(mail, now);
            }
        }
    }

    /// What is due; where the mail server is in trouble and nothing is, one that was put off.
    async fn claim(&self, most: u16) -> store::Result<Vec<Mail>> {
        let (store, now) = (&self.office.store, ambient::now());
        let channel = self.office.carrier.channel();
        let claimed = store.claim_mail(channel, most, LEASE, now).await?;
        if claimed.is_empty()
            && self.way.next_try().is_some()
            && store.hurry_mail(channel, 1, now).await? > 0
        {
            return store.claim_mail(channel, most, LEASE, now).await;
        }
        Ok(claimed)
    }

    fn until_there_is_room(&self, now: Instant) -> Duration {
        let old = self.begun.values().map(|it| it.since + YOUNG);
        let next = self
            .way
            .next_try()
            .or_else(|| old.filter(|it| *it > now).min());
        next.map_or(REST, |next| next.duration_since(now)).min(REST)
    }

    fn begin(&mut self, mail: Mail, now: Instant) {
        let claim = Claim {
            mail: mail.id,
            lease: mail.lease,
            attempts: mail.attempts,
        };
        let office = Arc::clone(&self.office);
        let task = self
            .under_way
            .spawn(async move { office.deliver(&mail).await });
        let begun = Begun {
            since: now,
            claim: Some(claim),
        };
        self.begun.insert(task.id(), begun);
    }

    /// Nothing is due: ends the connections that wait for more, and where nothing is due soon either tries the mail server now and then. Gives how long to rest.
    async fn rest(&mut self, now: Instant) -> Duration {
        let channel = self.office.carrier.channel();
        let clock = ambient::now();
        let wait = match self.office.store.next_mail(channel, clock).await {
            Ok(Some(due)) if due.duration_since(clock) <= SOON => {
                Duration::try_from(due.duration_since(clock)).unwrap_or_default()
            }
            Ok(_) => {
                let next_try = self.way.next_try().unwrap_or(self.try_idle);
                if !self.begun.is_empty() {
                    return REST;
                }
                if now >= next_try {
                    self.try_idle = now + TRIED_IDLE;
                    self.way.tries(now);
                    self.begin_to_try(now);
                    return REST;
                }
                next_try.duration_since(now)
            }
            Err(_) => FAILED,
        };
        if self.begun.is_empty() && self.office.carrier.is_connected() {
            let office = Arc::clone(&self.office);
            self.begin_aside(now, async move {
                office.carrier.part().await;
                None
            });
        }
        wait.min(REST)
    }

    fn begin_to_try(&mut self, now: Instant) {
        let (office, closing) = (Arc::clone(&self.office), self.closing.clone());
        self.begin_aside(now, async move {
            tokio::select! {
                told = office.carrier.try_it() => told,
                () = closing.cancelled() => None,
            }
        });
    }

    /// A conversation in which nothing is sent.
    fn begin_aside(&mut self, now: Instant, talk: impl Future<Output = Told> + Send + 'static) {
        let task = self.under_way.spawn(talk);
        let begun = Begun {
            since: now,
            claim: None,
        };
        self.begun.insert(task.id(), begun);
    }

    /// A conversation has ended.
    async fn end(&mut self, ended: Result<(Id, Told), JoinError>) {
        let now = Instant::now();
        let news = match ended {
            Ok((id, told)) => {
                let began = self.begun.remove(&id).map_or(now, |it| it.since);
                if told.is_some() {
                    self.try_idle = now + TRIED_IDLE;
                }
                match told {
                    Some(Said::Wholly(Ok(()))) => self.way.answered(now),
                    Some(Said::Wholly(Err(trouble))) => self.way.failed(began, trouble, now),
                    Some(Said::Tried(told)) => self.way.tried(began, told, now),
                    None => None,
                }
            }
            Err(error) => {
                if let Some(Begun {
                    claim: Some(claim), ..
                }) = self.begun.remove(&error.id())
                {
                    self.office.put_off_after_a_fault(claim).await;
                }
                None
            }
        };
        match news {
            None => {}
            Some(News::Well) => {
                match self.office.carrier {
                    Carrier::Email(_) => tracing::info!("the mail server takes e-mails again"),
                    Carrier::Text(_) => tracing::info!("text messages go out again"),
                }
                (self.office.heard)(None);
                self.hurry(u16::MAX).await;
            }
            Some(News::Troubled { sentence, is_new }) => {
                if is_new {
                    match self.office.carrier {
                        Carrier::Email(_) => tracing::warn!("e-mails wait. {sentence}"),
                        Carrier::Text(_) => tracing::warn!("text messages wait. {sentence}"),
                    }
                }
                (self.office.heard)(Some(&sentence));
            }
        }
    }

    async fn hurry(&self, most: u16) {
        if let Err(error) = self.office.hurry(most).await {
            tracing::debug!(%error, "what was put off waits for its time");
        }
    }
}

impl Office {
    async fn hurry(&self, most: u16) -> store::Result<u64> {
        let channel = self.carrier.channel();
        self.store.hurry_mail(channel, most, ambient::now()).await
    }

    /// Sends an e-mail and writes down what became of it; what that says of the mail server.
    async fn deliver(&self, mail: &Mail) -> Told {
        let ends = Instant::now() + Duration::try_from(LEASE).unwrap_or_default();
        let school = insist(ends, || self.store.school()).await?;
        let now = ambient::now();
        let (outcome, told) = match self.hand_over(mail, &school, now).await {
            Ok((outcome, trouble)) => {
                let told = trouble.map_or(Ok(()), Err);
                (outcome, Some(Said::Wholly(told)))
            }
            Err(unwritable) => (Outcome::Refused(unwritable.to_string()), None),
        };
        // It would be sent once more where this is not written down.
        let counted = insist(ends, || self.write_down(mail, &outcome)).await;
        tell(mail, &outcome, counted == Some(true));
        told
    }

    async fn hand_over(
        &self,
        mail: &Mail,
        school: &School,
        now: Timestamp,
    ) -> Result<(Outcome, Option<Trouble>), Unwritable> {
        let (sender, keyring) = (&self.sender, &self.keyring);
        match (&self.carrier, &mail.address) {
            (Carrier::Email(postman), Address::Email(to)) => {
                let message = compose::message((mail, to), school, sender, keyring, now)?;
                Ok(postman.send(&mail.message_id, &message).await)
            }
            (Carrier::Text(messenger), Address::Mobile(to)) => {
                let text = compose::text((mail, to), school, sender, keyring)?;
                Ok(messenger.send(&text, now).await)
            }
            (Carrier::Email(_) | Carrier::Text(_), _) => Err(Unwritable::Address),
        }
    }

    /// Writes down what became of it. Whether the claim still counted.
    async fn write_down(&self, mail: &Mail, outcome: &Outcome) -> store::Result<bool> {
        let (id, lease, now) = (mail.id, mail.lease, ambient::now());
        match outcome {
            Outcome::Sent => self.store.mail_sent(id, lease, now).await,
            // The office mends it, as long as there is something to be told.
            Outcome::Waits(reason) if mail.is_wanted(now) => {
                let due = later(now, backoff::wait(mail.attempts, ambient::random()));
                self.store.mail_later(id, lease, due, (reason, true)).await
            }
            Outcome::Waits(reason) | Outcome::Refused(reason) => {
                self.store.mail_refused(id, lease, reason, now).await
            }
            Outcome::Lost(reason) if mail.doubts + 1 >= backoff::MOST_DOUBTS => {
                let reason = format!(
                    "it may have arrived: the mail server had it {} times, and never said whether \
                     it took it: {reason}",
                    mail.doubts + 1
                );
                self.store.mail_refused(id, lease, &reason, now).await
            }
            Outcome::Later(reason) if now.duration_since(mail.queued) >= backoff::LONGEST_TRIED => {
                let reason = format!("it could not be sent for two days: {reason}");
                self.store.mail_refused(id, lease, &reason, now).await
            }
            Outcome::Lost(reason) => {
                let due = later(now, backoff::wait_in_doubt(mail.doubts + 1));
                self.store.mail_later(id, lease, due, (reason, false)).await
            }
            Outcome::Later(reason) => {
                let due = later(now, backoff::wait(mail.attempts, ambient::random()));
                self.store.mail_later(id, lease, due, (reason, true)).await
            }
        }
    }

    /// Sending it broke off by a fault of this program: it is not to be tried at once again.
    async fn put_off_after_a_fault(&self, claim: Claim) {
        let Claim {
            mail,
            lease,
            attempts,
        } = claim;
        tracing::error!(
            mail = mail.0,
            "sending an e-mail broke off by a fault of the program"
        );
        let due = later(ambient::now(), backoff::wait(attempts.max(6), 0.5));
        let why = ("a fault of the program", false);
        if let Err(error) = self.store.mail_later(mail, lease, due, why).await {
            tracing::debug!(%error, "its claim runs out by itself");
        }
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(now)
}

/// Asks the records until they answer, or until then: they may be away for a while.
async fn insist<T, F>(ends: Instant, ask: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = store::Result<T>>,
{
    loop {
        match ask().await {
            Ok(answer) => return Some(answer),
            Err(error) if Instant::now() + FAILED < ends => {
                tracing::debug!(%error, "the records do not answer; asked again");
                sleep(FAILED).await;
            }
            Err(error) => {
                tracing::warn!(%error, "what became of an e-mail could not be written down");
                return None;
            }
        }
    }
}

/// Neither the address nor what the mail server says of it belongs in a log.
fn tell(mail: &Mail, outcome: &Outcome, counted: bool) {
    let (mail, tries) = (mail.id.0, mail.attempts);
    match outcome {
        Outcome::Sent => tracing::debug!(mail, "e-mail sent"),
        Outcome::Later(_) | Outcome::Waits(_) => {
            tracing::debug!(mail, tries, "e-mail not sent yet");
        }
        Outcome::Lost(_) => {
            tracing::warn!(
                mail,
                "the mail server had an e-mail and did not say whether it took it"
            );
        }
        Outcome::Refused(_) => tracing::info!(mail, "e-mail refused"),
    }
    if !counted {
        tracing::warn!(mail, "an e-mail took longer than its claim");
    }
}
