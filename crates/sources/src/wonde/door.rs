//! The way in: HTTP with a bearer token ("Authentication"), page after page.

use std::panic::resume_unwind;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use rustls::ClientConfig;
use school::import::Incoming;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::{Account, People, Records, Trouble, Why};
use What::{All, Ids};

/// How many records are asked for at once.
const AT_ONCE: usize = 200;

/// The largest page, bytes: many times what so many records take.
const LARGEST_PAGE: usize = 4 * 1024 * 1024;

/// The most pages of one kind of record.
const MOST_PAGES: usize = 2_000;

/// How often all of one kind is read where it changes meanwhile.
const MOST_PASSES: usize = 4;

/// How long it may take to connect, and to answer with one page.
const CONNECT: Duration = Duration::from_secs(10);
const ONE_PAGE: Duration = Duration::from_secs(60);

/// How long everything may take.
const IN_ALL: Duration = Duration::from_mins(45);

/// How often a page is asked for.
const TRIES: u32 = 4;

/// How long to wait before a page is asked for again; twice that the next time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The longest that we wait when we are asked to, and what we wait where it is not said how long.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
const UNSAID_WAIT: Duration = Duration::from_secs(10);

/// The way to the records of one school.
#[derive(Debug)]
pub struct Door {
    client: Client,
    base: Url,
}

/// What of records is read.
#[derive(Clone, Copy, Debug)]
enum What {
    All,
    Ids,
}

/// Why a page did not come, and whether to ask again.
enum Missed {
    /// After so long.
    Later(Option<Duration>, Why, String),
    /// Not at all.
    Never(Why, String),
}

impl Door {
    /// The way to that school, at an address such as that of a [`Region`](super::Region).
    ///
    /// # Errors
    ///
    /// [`Why::Unreachable`] where the address is none.
    pub fn new(tls: ClientConfig, address: &str, account: &Account) -> Result<Self, Trouble> {
        let unusable = || Trouble {
            why: Why::Unreachable,
            detail: "the address of the API is none".to_owned(),
        };
        let path = format!("v1.0/schools/{}/", account.school());
        let base = Url::parse(address).and_then(|it| it.join(&path));
        let base = base.map_err(|_none| unusable())?;
        let bearer = format!("Bearer {}", account.token());
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_none| unusable())?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (USER_AGENT, HeaderValue::from_static("homeroom")),
        ]);
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(ONE_PAGE)
            .build()
            .map_err(|_none| unusable())?;
        Ok(Self { client, base })
    }

    /// Reads everybody there is. `progress` hears how many records of which kind there are so far.
    ///
    /// # Errors
    ///
    /// [`Trouble`]: then nothing was read.
    pub async fn read(
        &self,
        mut progress: impl FnMut(Records, usize) + Send,
    ) -> Result<Incoming, Trouble> {
        let reading = async {
            let mut people = People::default();
            for records in Records::ALL {
                people = self.read_all(records, people, &mut progress).await?;
            }
            Ok(aside(move || people.incoming()).await)
        };
        timeout(IN_ALL, reading).await.unwrap_or_else(|_late| {
            Err(Trouble {
                why: Why::Unreachable,
                detail: "it took too long in all".to_owned(),
            })
        })
    }

    /// Reads all of one kind. Where a record goes while page after page is read, the others move up, and one
    /// comes onto a page that was read before: it would seem to have left. So their ids are asked for once
    /// more, and everything again where one of these was not read.
    async fn read_all(
        &self,
        records: Records,
        mut people: People,
        progress: &mut (impl FnMut(Records, usize) + Send),
    ) -> Result<People, Trouble> {
        progress(records, 0);
        for _ in 0..MOST_PASSES {
            let pages;
            (people, pages) = self.read_pages((records, All), people, progress).await?;
            if pages == 1 {
                return Ok(people);
            }
            (people, _) = self.read_pages((records, Ids), people, progress).await?;
            if !people.misses_some() {
                return Ok(people);
            }
        }
        let what = "they change faster than they can be read";
        Err(odd(format!("{}: {what}", records.path())))
    }

    /// Reads page after page, and says how many there are.
    async fn read_pages(
        &self,
        (records, what): (Records, What),
        mut people: People,
        progress: &mut (impl FnMut(Records, usize) + Send),
    ) -> Result<(People, usize), Trouble> {
        let include = match what {
            All => format!("&include={}", records.include()),
            Ids => String::new(),
        };
        let first = format!("{}?per_page={AT_ONCE}{include}", records.path());
        let first = self.base.join(&first);
        let mut url = first.map_err(|_none| odd("an address that is none".to_owned()))?;
        for nth in 1..=MOST_PAGES {
            let place = |what: &str| format!("{}, page {nth}: {what}", records.path());
            let bytes = self.page(&url).await.map_err(|(why, what)| Trouble {
                why,
                detail: place(&what),
            })?;
            let taken = aside(move || {
                let next = match what {
                    All => people.take(records, nth, &bytes),
                    Ids => people.look_for(records, nth, &bytes),
                };
                (people, next)
            });
            let (so_far, next) = taken.await;
            people = so_far;
            let next = next.map_err(|what| odd(place(&what)))?;
            if people.are_too_many() {
                break;
            }
            progress(records, people.count(records));
            match next {
                None => return Ok((people, nth)),
                Some(next) => {
                    let followed = self.follow(&next, records);
                    url = followed.map_err(|what| odd(place(what)))?;
                }
            }
        }
        Err(Trouble {
            why: Why::TooLarge,
            detail: format!("{}: more than a school has", records.path()),
        })
    }

    /// The next page's address, which is where the first was: the token goes nowhere else.
    fn follow(&self, next: &str, records: Records) -> Result<Url, &'static str> {
        let url = Url::parse(next).map_err(|_none| "the next page's address is none")?;
        let is_same = url.origin() == self.base.origin()
            && url.username().is_empty()
            && url.path().trim_end_matches('/')
                == format!("{}{}", self.base.path(), records.path());
        if is_same {
            Ok(url)
        } else {
            Err("the next page is somewhere else")
        }
    }

    /// A page's bytes, asked for again where that helps.
    async fn page(&self, url: &Url) -> Result<Vec<u8>, (Why, String)> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            let (asked, why, what) = match self.once(url.clone()).await {
                Ok(bytes) => return Ok(bytes),
                Err(Missed::Never(why, what)) => return Err((why, what)),
                Err(Missed::Later(asked, why, what)) => (asked, why, what),
            };
            let rest = asked.unwrap_or(wait);
            if tries == TRIES || rest > LONGEST_WAIT {
                return Err((why, what));
            }
            sleep(rest).await;
            tries += 1;
            wait *= 2;
        }
    }

    async fn once(&self, url: Url) -> Result<Vec<u8>, Missed> {
        let broken = |error: reqwest::Error| {
            let what = if error.is_timeout() {
                "no answer in time"
            } else if error.is_connect() {
                "no connection"
            } else {
                "the answer broke off"
            };
            Missed::Later(None, Why::Unreachable, what.to_owned())
        };
        let mut answer = self.client.get(url).send().await.map_err(broken)?;
        judge(&answer)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > LARGEST_PAGE {
                let what = "the answer is far larger than a page".to_owned();
                return Err(Missed::Never(Why::TooLarge, what));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// On a thread of its own: whoever talks does not wait for a large page.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let working = spawn_blocking(work).await;
    working.unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
}

fn odd(detail: String) -> Trouble {
    Trouble {
        why: Why::Odd,
        detail,
    }
}

/// Whether an answer is a page ("Errors", "Rate Limiting").
fn judge(answer: &Response) -> Result<(), Missed> {
    let status = answer.status();
    let what = format!("status {}", status.as_u16());
    match status {
        StatusCode::OK => Ok(()),
        StatusCode::UNAUTHORIZED => Err(Missed::Never(Why::Token, what)),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(Missed::Never(Why::School, what)),
        StatusCode::TOO_MANY_REQUESTS => {
            let after = answer.headers().get(RETRY_AFTER);
            let after = after.and_then(|it| it.to_str().ok()?.trim().parse().ok());
            let after = after.map_or(UNSAID_WAIT, Duration::from_secs);
            Err(Missed::Later(Some(after), Why::Busy, what))
        }
        other if other.is_server_error() => Err(Missed::Later(None, Why::Failing, what)),
        _ => Err(Missed::Never(Why::Odd, what)),
    }
}
