//! Webhooks: programs of the school's are told of what happens (OPS-3), signed as Standard Webhooks has it.
//!
//! What is to be told stands in the records already. Each receiver has a line of its own: what is of one subject is
//! told in its order, and a receiver that is away is asked ever less often, by one request at a time.

mod secret;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, Url, redirect};
use sha2::{Digest as _, Sha256};
use store::{Webhook, WebhookBacklog, WebhookOutcome};
use tokio::time::sleep;

use crate::health::{Part, State};
use crate::house::House;
use crate::openid::is_way;
use crate::private::Private;
use crate::settings;
use secret::Secrets;
pub use secret::SecretsError;

/// The most receivers.
const MOST: usize = 4;

/// How long it may take to connect, and to answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

/// How many are told at a time.
const AT_ONCE: u16 = 8;

/// For how long what is being told is nobody else's: longer than it may take. Of nodes that cannot hear each other
/// two may tell for a while.
const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// How often it is looked whether there is something to tell.
const LOOK: Duration = Duration::from_millis(500);

/// How long until the records are asked again, where they cannot be used.
const FAILED: Duration = Duration::from_secs(2);

/// How long until something is tried again: the first time, and at most; each time four times as long.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);
const AGAIN_AT_MOST: SignedDuration = SignedDuration::from_mins(10);

/// How long a receiver is let be that takes nothing: each time twice as long.
const LET_BE: Duration = Duration::from_millis(500);
const LET_BE_AT_MOST: Duration = Duration::from_mins(1);

/// After how long something is given up.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);

/// After how long somebody should look.
const LONG: SignedDuration = SignedDuration::from_hours(1);

/// Whether that can be a receiver: `https`, without a password in it; `http` where it leads nowhere but to this
/// machine.
pub(crate) fn is_receiver(text: &str) -> bool {
    let url = Url::parse(text).ok();
    url.is_some_and(|it| is_way(&it) && it.fragment().is_none())
}

/// As many receivers as there may be.
pub(crate) const fn may_be_so_many(receivers: usize) -> bool {
    receivers <= MOST
}

/// What a receiver is called in the records, in which its URL is not: who knows it may be able to write there.
pub(crate) fn name_of(url: &Private<String>) -> String {
    let digest = Sha256::digest(url.reveal().as_bytes());
    let digest = digest.iter().take(16);
    digest.map(|byte| format!("{byte:02x}")).collect()
}

/// The receivers, and what they are told by.
pub(crate) struct Webhooks {
    receivers: Vec<Receiver>,
    client: Client,
    secrets: Secrets,
    told: Family<Label, Counter>,
    given_up: Family<Label, Counter>,
}

/// The label of a receiver: its place in the settings.
type Label = [(&'static str, usize); 1];

struct Receiver {
    number: usize,
    name: String,
    url: Private<String>,
    /// What is to be said of it.
    trouble: Mutex<Option<String>>,
}

/// Why something was not told; it names nobody, and not where to.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Untold {
    Unreachable,
    Silent,
    Says(u16),
}

impl Untold {
    /// Whether the receiver takes nothing now, rather than this one not.
    const fn is_of_receiver(&self) -> bool {
        match self {
            Self::Unreachable | Self::Silent => true,
            Self::Says(code) => *code >= 500 || *code == 429,
        }
    }
}

impl std::fmt::Display for Untold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable => f.write_str("it cannot be reached"),
            Self::Silent => f.write_str("it does not answer in time, or breaks off"),
            Self::Says(code) => write!(f, "it answers {code}"),
        }
    }
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhooks")
    }
}

impl Webhooks {
    /// Those of these settings, where there are any.
    ///
    /// # Errors
    ///
    /// [`SecretsError`] where there is nothing to sign with.
    pub(crate) fn of(settings: &settings::Webhooks) -> Result<Option<Self>, SecretsError> {
        let file = settings.secret_file.as_deref();
        let Some(file) = file.filter(|_| !settings.urls.is_empty()) else {
            return Ok(None);
        };
        let secrets = Secrets::read(file)?;
        let client = client().ok_or(SecretsError::Tls)?;
        let receivers = (1..).zip(&settings.urls).map(|(number, url)| Receiver {
            number,
            name: name_of(url),
            url: url.clone(),
            trouble: Mutex::default(),
        });
        Ok(Some(Self {
            receivers: receivers.collect(),
            client,
            secrets,
            told: Family::default(),
            given_up: Family::default(),
        }))
    }

    /// How many were told, and how many given up, since the program began.
    pub(crate) fn counted(&self) -> (Family<Label, Counter>, Family<Label, Counter>) {
        (self.told.clone(), self.given_up.clone())
    }

    /// What waits, by the place of the receiver.
    pub(crate) async fn backlogs(
        &self,
        store: &store::Store,
    ) -> store::Result<Vec<(usize, WebhookBacklog)>> {
        let mut all = Vec::new();
        for it in &self.receivers {
            all.push((it.number, store.webhook_backlog(&it.name).await?));
        }
        Ok(all)
    }

    /// Tells every receiver something that is nothing, and what each makes of it, by its place.
    pub(crate) async fn try_them(&self, now: Timestamp) -> Vec<(usize, Option<String>)> {
        let test = Webhook {
            id: 0,
            message: format!("msg_{:032x}", ambient::random::<u128>()),
            body: serde_json::json!({"type": "test", "timestamp": now.to_string(), "data": {}})
                .to_string(),
            queued_at: now,
            attempts: 0,
        };
        let all = self.receivers.iter().map(async |it| {
            let tried = self.tell(it, &test, now).await;
            (it.number, tried.err().map(|why| why.to_string()))
        });
        join_all(all).await
    }

    async fn tell(&self, to: &Receiver, it: &Webhook, now: Timestamp) -> Result<(), Untold> {
        let seconds = now.as_second();
        let signatures = self.secrets.sign(&it.message, seconds, &it.body);
        let request = self
            .client
            .post(to.url.reveal())
            .header("webhook-id", &it.message)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures)
            .body(it.body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(Untold::Says(answer.status().as_u16())),
            Err(error) if error.is_connect() || error.is_builder() => Err(Untold::Unreachable),
            Err(_) => Err(Untold::Silent),
        }
    }

    /// Tells one receiver what is due, of each subject the first.
    async fn round(&self, house: &House, to: &Receiver, most: u16) -> store::Result<Round> {
        let due = house
            .store
            .claim_webhooks(&to.name, (most, LEASE), ambient::now())
            .await?;
        let now = ambient::now();
        let is_late = |it: &Webhook| now.duration_since(it.queued_at) >= GIVEN_UP;
        // Nobody is told what is a day old.
        let (late, due): (Vec<_>, Vec<_>) = due.into_iter().partition(is_late);
        let given_up = late.len();
        let tried = due.into_iter().map(async |it| {
            let told = self.tell(to, &it, ambient::now()).await;
            (it, told)
        });
        let late = late.into_iter().map(|it| (it, WebhookOutcome::Over));
        let (mut settled, mut told, mut failed): (Vec<_>, _, _) = (late.collect(), 0_u64, None);
        for (it, answer) in join_all(tried).await {
            let outcome = match answer {
                Ok(()) => {
                    told += 1;
                    WebhookOutcome::Over
                }
                Err(why) => {
                    failed = Some(why);
                    WebhookOutcome::Again(again(it.attempts, ambient::now()))
                }
            };
            settled.push((it, outcome));
        }
        // Before they are gone from the records: whoever sees there that nothing waits finds all of them counted.
        let label = [("receiver", to.number)];
        self.told.get_or_create(&label).inc_by(told);
        if given_up > 0 {
            let count = u64::try_from(given_up).unwrap_or(u64::MAX);
            self.given_up.get_or_create(&label).inc_by(count);
            tracing::warn!(receiver = to.number, given_up, "webhooks are given up");
        }
        settle(house, &settled).await?;
        Ok(Round {
            tried: settled.len(),
            failed,
        })
    }

    /// Tells one receiver whatever is due, until the server closes.
    async fn attend(&self, house: &House, to: &Receiver, part: &Part) {
        let mut in_a_row = 0_u32;
        let mut why = None;
        loop {
            let most = if in_a_row > 0 { 1 } else { AT_ONCE };
            let rest = if house.is_on_duty() {
                match self.round(house, to, most).await {
                    Ok(round) => {
                        if round.tried > 0 {
                            let is_away = round.failed.as_ref().is_some_and(Untold::is_of_receiver);
                            in_a_row = if is_away { in_a_row + 1 } else { 0 };
                            why = round.failed.clone().or(why);
                        }
                        self.look(house, to, (part, &round, why.as_ref())).await;
                        rest(&round, in_a_row)
                    }
                    Err(error) => {
                        tracing::debug!(%error, "webhooks are sent later");
                        FAILED
                    }
                }
            } else {
                // Whoever is on duty says how it goes.
                self.say(to, part, None);
                LOOK
            };
            tokio::select! {
                () = house.closing.cancelled() => return,
                () = sleep(rest) => {}
            }
        }
    }

    /// Says so where something has waited long for that receiver, and no longer once that is over.
    async fn look(
        &self,
        house: &House,
        to: &Receiver,
        (part, round, why): (&Part, &Round, Option<&Untold>),
    ) {
        let was = to.trouble();
        if round.tried == 0 && was.is_none() {
            return;
        }
        let Ok(backlog) = house.store.webhook_backlog(&to.name).await else {
            return;
        };
        let is = trouble(to.number, &backlog, why, ambient::now());
        self.say(to, part, is);
    }

    /// What is wrong with that receiver from now on, or that nothing is.
    fn say(&self, to: &Receiver, part: &Part, is: Option<String>) {
        if is == to.trouble() {
            return;
        }
        *to.trouble.lock().unwrap_or_else(PoisonError::into_inner) = is;
        let all: Vec<String> = self
            .receivers
            .iter()
            .filter_map(Receiver::trouble)
            .collect();
        let before = if all.is_empty() {
            part.well()
        } else {
            part.doubtful(all.join(" "))
        };
        if before == State::Well && !all.is_empty() {
            tracing::warn!("{}", all.join(" "));
        }
    }
}

impl Receiver {
    fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone()
    }
}

/// Writes down what became of those that were tried: before that nothing more is told, or they would be told again.
async fn settle(house: &House, settled: &[(Webhook, WebhookOutcome)]) -> store::Result<()> {
    while !settled.is_empty() {
        let Err(error) = house.store.settle_webhooks(settled).await else {
            break;
        };
        tracing::debug!(%error, "what was told is written down later");
        tokio::select! {
            () = house.closing.cancelled() => return Err(error),
            () = sleep(FAILED) => {}
        }
    }
    Ok(())
}

/// What became of what was due.
#[derive(Clone, Debug)]
struct Round {
    tried: usize,
    failed: Option<Untold>,
}

/// How long to rest after a round, and so many in a row that failed.
fn rest(round: &Round, in_a_row: u32) -> Duration {
    if round.failed.is_some() {
        let times = 2_u32.saturating_pow(in_a_row.saturating_sub(1));
        return LET_BE.saturating_mul(times).min(LET_BE_AT_MOST);
    }
    // There may be more, of those subjects too.
    if round.tried > 0 {
        Duration::ZERO
    } else {
        LOOK
    }
}

/// When something is tried again that was tried before so often, and now.
fn again(attempts: u32, now: Timestamp) -> Timestamp {
    let times = 4_i32.saturating_pow(attempts.min(10));
    let wait = AGAIN.saturating_mul(times).min(AGAIN_AT_MOST);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// What is to be said of a receiver.
fn trouble(
    number: usize,
    backlog: &WebhookBacklog,
    why: Option<&Untold>,
    now: Timestamp,
) -> Option<String> {
    let since = backlog.refused?;
    if now.duration_since(since) < LONG {
        return None;
    }
    let why = why.map_or_else(|| "it took nothing".to_owned(), Untold::to_string);
    Some(format!(
        "What receiver {number} of webhooks.urls is to be told has waited for more than an hour: {why}."
    ))
}

fn client() -> Option<Client> {
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("homeroom")),
    ]);
    Client::builder()
        .tls_backend_preconfigured(post::trusting().ok()?)
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .build()
        .ok()
}

/// Forgets what waits for receivers that are none any more.
pub(crate) async fn forget(house: &House) {
    loop {
        // Of several nodes, where one may name others than this one does, it is one's to say.
        if house.is_on_duty() {
            match house.store.forget_unsubscribed().await {
                Ok(0) => return,
                Ok(count) => {
                    return tracing::info!(
                        count,
                        "what waited for receivers of before is forgotten"
                    );
                }
                Err(error) => tracing::debug!(%error, "it is forgotten later"),
            }
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
}

/// Tells all receivers, each in its own line, until the server closes.
pub(crate) async fn run(house: Arc<House>, webhooks: Arc<Webhooks>, part: Part) {
    let all = webhooks.receivers.iter();
    join_all(all.map(|it| webhooks.attend(&house, it, &part))).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_https_or_this_machine_and_has_no_password() {
        for good in [
            "https://hooks.school.example/homeroom?a=1",
            "http://127.0.0.1:9000/x",
            "http://[::1]:9000",
            "http://localhost/",
        ] {
            assert!(is_receiver(good), "{good}");
        }
        for bad in [
            "http://hooks.school.example/",
            "https://ada:secret@hooks.school.example/",
            "https://ada@hooks.school.example/",
            "https://hooks.school.example/#a",
            "ftp://hooks.school.example/",
            "https://",
            "hooks.school.example",
            "",
        ] {
            assert!(!is_receiver(bad), "{bad}");
        }
    }

    #[test]
    fn each_try_waits_longer_and_none_longer_than_ten_minutes() {
        let now = Timestamp::UNIX_EPOCH;
        let waits = [0, 1, 2, 3, 4, 5, 40].map(|it| again(it, now).as_second());
        assert_eq!(waits, [1, 4, 16, 64, 256, 600, 600]);
    }

    #[test]
    fn a_receiver_that_takes_nothing_is_let_be_ever_longer() {
        let bad = Round {
            tried: 1,
            failed: Some(Untold::Says(500)),
        };
        let rests = [1, 2, 3, 40].map(|it| rest(&bad, it).as_millis());
        assert_eq!(rests, [500, 1000, 2000, 60_000]);
        let good = Round {
            tried: 1,
            failed: None,
        };
        assert_eq!(rest(&good, 0), Duration::ZERO);
    }

    #[test]
    fn it_is_said_after_an_hour_that_a_receiver_takes_nothing() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(2);
        let since = |minutes: i64| WebhookBacklog {
            number: 1,
            oldest: Some(Timestamp::UNIX_EPOCH),
            refused: Some(now - SignedDuration::from_mins(minutes)),
        };
        let why = Untold::Says(500);
        assert_eq!(trouble(1, &since(59), Some(&why), now), None);
        let said = trouble(2, &since(60), Some(&why), now).expect("it is said");
        assert_eq!(
            said,
            "What receiver 2 of webhooks.urls is to be told has waited for more than an hour: it answers 500."
        );
        assert_eq!(
            trouble(1, &WebhookBacklog::default(), Some(&why), now),
            None
        );
    }
}
