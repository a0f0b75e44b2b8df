//! What nodes say over Redis: a second place to say that a node lives, and notices, beside what they tell each other
//! themselves. What is lost here, because Redis is away or was started anew, the records find a little later; so nothing
//! waits for it, and nothing is kept for it.

mod trial;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Epoch, LinkId};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use redis::aio::{MultiplexedConnection, PubSubSink};
use redis::{Client, RedisResult};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};
use tokio::time::{sleep, timeout};

use crate::Notice;
use crate::lease::{BEAT, SILENCE};
use crate::shared::Shared;
use crate::truth::Boot;
pub use trial::Unfit;

/// How long Redis may take for anything.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long until it is tried again, where Redis is away.
const AGAIN: Duration = Duration::from_millis(500);

/// The longest notice there is, written.
const LONGEST: usize = 160;

/// How long a connection that hears may take to be made, and to show that it is still there.
const HEARING: Duration = Duration::from_secs(2);

/// For how long Redis remembers that a run is gone.
const GONE: Duration = Duration::from_hours(1);

/// A run says that it lives: what has heard it, unless that holds it to be gone; and how many of the others that has
/// heard. From the first that is said to it on a Redis remembers, and knows since when.
///
/// A run `lives` here only where its row names this Redis: only such a one counts for others. Whoever's row names another,
/// or none yet, `comes`: the records may have it that it is elsewhere, by which others hold to be gone whoever counts it here.
///
/// All of it is one key. A Redis that has no room left may let go of any: with this one it forgets since when it remembers,
/// and is to remember for [`SILENCE`] anew. A run has a field, which is what it is there and when that was said.
///
/// What vouches is one run of a Redis under one name, that of the key, which is of a key of nodes and of a database in that
/// Redis: whoever has another name there, as a version that keeps it otherwise, hears nothing of what is said under this one,
/// and is at another Redis.
const LIVES: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local shown, silence, gone = string.format('%.0f', now), tonumber(ARGV[2]), tonumber(ARGV[3])
local function said(node)
  local what, at = string.match(redis.call('HGET', KEYS[1], node) or '', '^(%a+) (%d+)$')
  return what, now - (tonumber(at) or 0)
end
local what, ago = said(ARGV[1])
if what == 'gone' and ago < gone then return {'gone', 0} end
if not what then
  local all = redis.call('HGETALL', KEYS[1])
  for field = 1, #all, 2 do
    local what, ago = said(all[field])
    if what and ago >= gone then redis.call('HDEL', KEYS[1], all[field]) end
  end
end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
run = redis.sha1hex(run .. ' ' .. KEYS[1])
if redis.call('HGET', KEYS[1], 'run') ~= run then
  redis.call('HSET', KEYS[1], 'run', run, 'since', shown)
end
local how = string.sub(run, 1, 32) == ARGV[4] and 'lives ' or 'comes '
redis.call('HSET', KEYS[1], ARGV[1], how .. shown)
redis.call('PEXPIRE', KEYS[1], gone)
local others = 0
for other = 5, #ARGV do
  local what, ago = said(ARGV[other])
  if what == 'lives' and ago >= 0 and ago < silence then others = others + 1 end
end
return {run, others}";

/// Holds a run to be gone that has not said for long that it lives, where this is the Redis that vouches for it. One that
/// was emptied knows nothing of what was said before: it is to have remembered for as long itself.
///
/// Where the clock of its machine was set back, what was said before that counts as said now.
const DENY: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local shown, silence, gone = string.format('%.0f', now), tonumber(ARGV[2]), tonumber(ARGV[3])
local what, at = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%a+) (%d+)$')
if what and what ~= 'gone' then
  if tonumber(at) > now then redis.call('HSET', KEYS[1], ARGV[1], what .. ' ' .. shown) end
  if now - tonumber(at) < silence then return 2 end
end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
run = redis.sha1hex(run .. ' ' .. KEYS[1])
if string.sub(run, 1, 32) ~= ARGV[4] then return 0 end
local since = redis.call('HMGET', KEYS[1], 'run', 'since')
if since[1] ~= run or not since[2] or now < tonumber(since[2]) then
  redis.call('HSET', KEYS[1], 'run', run, 'since', shown)
  redis.call('PEXPIRE', KEYS[1], gone)
  return 0
end
if now - tonumber(since[2]) < silence then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], 'gone ' .. shown)
redis.call('PEXPIRE', KEYS[1], gone)
return 1";

/// A run that was held to be gone is heard again.
const FORGIVE: &str = "
local said = redis.call('HGET', KEYS[1], ARGV[1])
if said and string.sub(said, 1, 4) == 'gone' then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1";

/// One run of one Redis, under one name: what it was told before it began, and what another was told or this one under
/// another name, it does not know.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RedisRun(pub u128);

/// How many digits of its name are looked at.
const DIGITS: usize = 32;

impl RedisRun {
    /// Of its name, 40 hexadecimal digits.
    fn read(name: &[u8]) -> Option<Self> {
        let digits = str::from_utf8(name.get(..DIGITS)?).ok()?;
        u128::from_str_radix(digits, 16).ok().map(Self)
    }
}

impl fmt::Display for RedisRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What Redis says to a run that says that it lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lease {
    /// It is heard.
    Kept {
        /// By which.
        by: RedisRun,
        /// How many of the others that was asked for are heard there too, and named it in the records.
        others: usize,
    },
    /// It is held to be gone.
    Denied,
}

/// What Redis says of a run that is to be held gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denial {
    /// It is held to be gone there from now on.
    Denied,
    /// It has said there for less than [`SILENCE`] that it lives.
    Lives,
    /// That Redis does not answer, or does not know.
    Unknown,
}

/// The second place, as [`Shared`] asks it.
pub trait Fast: Send + Sync + fmt::Debug + 'static {
    /// A run says that it lives, and which Redis its row certainly names, and is held to for [`SILENCE`]; and asks for
    /// others, of whom those count whose rows name this one. None where nobody answers.
    fn keep_lease(
        &self,
        boot: Boot,
        vouched: Option<RedisRun>,
        others: Vec<Boot>,
    ) -> BoxFuture<'_, Option<Lease>>;

    /// Holds a run to be gone from now on, where it has not said for [`SILENCE`] to this Redis that it lives.
    /// Another than this does not know, unless it hears the run itself.
    fn deny(&self, boot: Boot, by: RedisRun) -> BoxFuture<'_, Denial>;

    /// Forgets that a run was held to be gone, which itself says so; whether that was heard.
    fn forgive(&self, boot: Boot) -> BoxFuture<'_, bool>;
}

/// The way to the other nodes over one Redis.
pub struct Bus {
    client: Client,
    /// What everything of these nodes is called by.
    records: String,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bus")
    }
}

/// The URL is none of Redis.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write it like redis://:password@host:6379, or rediss:// for TLS")]
pub struct BusError;

impl Bus {
    /// The way over the Redis at this URL, for the nodes that share the records of this name. Nothing is
    /// connected yet.
    ///
    /// # Errors
    ///
    /// [`BusError`].
    pub fn new(url: &str, records: &str) -> Result<Self, BusError> {
        let client = Client::open(url).map_err(|_shows_password| BusError)?;
        let database = client.get_connection_info().redis_settings().db();
        Ok(Self {
            client,
            // What is between the braces is by what a cluster of Redis has one place for all of it.
            records: format!("homeroom:{{{records}:{database}}}"),
            connection: Mutex::new(None),
        })
    }

    /// What all that is said of these nodes is under.
    fn runs(&self) -> String {
        format!("{}:runs", self.records)
    }

    fn channel(&self) -> String {
        format!("{}:notices", self.records)
    }

    async fn ask(&self, command: &redis::Cmd) -> Option<redis::Value> {
        self.try_to_ask(command).await.ok()
    }

    async fn try_to_ask(&self, command: &redis::Cmd) -> Result<redis::Value, Unfit> {
        let asked = async {
            let mut held = self.connection.lock().await;
            let mut connection = match held.take() {
                Some(connection) => connection,
                None => self.client.get_multiplexed_async_connection().await?,
            };
            let answer: redis::Value = command.query_async(&mut connection).await?;
            *held = Some(connection);
            drop(held);
            RedisResult::Ok(answer)
        };
        let answer = timeout(PATIENCE, asked).await;
        answer
            .map_err(|_elapsed| Unfit::Silent)?
            .map_err(|error| Unfit::of(&error))
    }

    /// Passes on what this node tells from now on, and hears what other nodes tell, for as long as the program runs.
    pub fn carry(self: Arc<Self>, node: Arc<Shared>) -> impl Future<Output = ()> {
        let told = node.told();
        async move {
            tokio::join!(self.listen(&node), self.pass_on(&node, told));
        }
    }

    async fn pass_on(&self, node: &Shared, mut told: broadcast::Receiver<Notice>) {
        loop {
            match told.recv().await {
                Ok(notice) => self.tell(node.node().boot, notice).await,
                Err(RecvError::Lagged(_)) => {
                    tracing::debug!("Redis is slow: other nodes find out by the records");
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn tell(&self, from: Boot, notice: Notice) {
        let Some(said) = write(notice) else {
            return;
        };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.channel()).arg(format!("{from} {said}"));
        if self.ask(&publish).await.is_none() {
            tracing::debug!("Redis is away: other nodes are not told by it");
        }
    }

    async fn listen(&self, node: &Shared) {
        loop {
            if let Err(error) = self.listen_once(node).await {
                tracing::debug!(%error, "Redis is away: tried again");
            }
            sleep(AGAIN).await;
        }
    }

    async fn listen_once(&self, node: &Shared) -> RedisResult<()> {
        let made = timeout(HEARING, async {
            let mut heard = self.client.get_async_pubsub().await?;
            heard.subscribe(self.channel()).await?;
            RedisResult::Ok(heard.split())
        });
        let (asks, mut messages) = made.await.map_err(|_elapsed| silent())??;
        let hears = async {
            while let Some(message) = messages.next().await {
                let said = message.get_payload_bytes();
                let Some((from, notice)) = read(said) else {
                    tracing::warn!("Redis passes on what no node said");
                    continue;
                };
                if from != node.node().boot {
                    node.hear(notice).await;
                }
            }
            Ok(())
        };
        // Whoever only hears does not notice that there is nobody to hear.
        tokio::select! {
            ended = hears => ended,
            ended = stays(asks) => ended,
        }
    }
}

/// Ends where Redis does not answer on a connection that hears.
async fn stays(mut asks: PubSubSink) -> RedisResult<()> {
    loop {
        sleep(BEAT).await;
        let asked = timeout(HEARING, asks.ping::<redis::Value>()).await;
        asked.map_err(|_elapsed| silent())??;
    }
}

fn silent() -> redis::RedisError {
    redis::RedisError::from((redis::ErrorKind::Io, "it does not answer"))
}

/// Runs one of the scripts of a run, on what is under that key.
fn eval(script: &str, key: &str, boot: Boot) -> redis::Cmd {
    let mut eval = redis::cmd("EVAL");
    eval.arg(script).arg(1).arg(key).arg(boot.to_string());
    eval.arg(millis(SILENCE)).arg(millis(GONE));
    eval
}

impl Fast for Bus {
    fn keep_lease(
        &self,
        boot: Boot,
        vouched: Option<RedisRun>,
        others: Vec<Boot>,
    ) -> BoxFuture<'_, Option<Lease>> {
        async move {
            let mut lives = eval(LIVES, &self.runs(), boot);
            // No Redis has an empty name: whoever's row names none counts for nobody.
            let vouched = vouched.map_or_else(String::new, |it| it.to_string());
            lives.arg(vouched);
            for other in others {
                lives.arg(other.to_string());
            }
            read_lease(&self.ask(&lives).await?)
        }
        .boxed()
    }

    fn deny(&self, boot: Boot, by: RedisRun) -> BoxFuture<'_, Denial> {
        async move {
            let mut deny = eval(DENY, &self.runs(), boot);
            deny.arg(by.to_string());
            match self.ask(&deny).await {
                Some(redis::Value::Int(1)) => Denial::Denied,
                Some(redis::Value::Int(2)) => Denial::Lives,
                Some(_) | None => Denial::Unknown,
            }
        }
        .boxed()
    }

    fn forgive(&self, boot: Boot) -> BoxFuture<'_, bool> {
        async move {
            let forgive = eval(FORGIVE, &self.runs(), boot);
            self.ask(&forgive).await == Some(redis::Value::Int(1))
        }
        .boxed()
    }
}

/// What Redis says of a lease.
fn read_lease(said: &redis::Value) -> Option<Lease> {
    let redis::Value::Array(said) = said else {
        return None;
    };
    match said.as_slice() {
        [redis::Value::BulkString(gone), _] if gone == b"gone" => Some(Lease::Denied),
        [redis::Value::BulkString(name), redis::Value::Int(others)] => Some(Lease::Kept {
            by: RedisRun::read(name)?,
            others: usize::try_from(*others).ok()?,
        }),
        _ => None,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A notice, as it is told; none of what each node knows of itself.
fn write(notice: Notice) -> Option<String> {
    Some(match notice {
        Notice::Withdrawn { link, call: _ } => format!("withdrawn {}", link.0),
        Notice::Moved { link, call, epoch } => {
            format!("moved {} {} {}", link.0, call.0, epoch.0)
        }
        Notice::Changed { call } => format!("changed {}", call.0),
        Notice::Lost { .. } => return None,
    })
}

/// Who said what.
fn read(said: &[u8]) -> Option<(Boot, Notice)> {
    let said = str::from_utf8(said).ok().filter(|it| it.len() <= LONGEST)?;
    let mut words = said.split(' ');
    let from = Boot(u128::from_str_radix(words.next()?, 16).ok()?);
    let kind = words.next()?;
    let numbers = words.map(|it| it.parse().ok());
    let numbers: Vec<u64> = numbers.collect::<Option<_>>()?;
    let notice = match (kind, numbers.as_slice()) {
        ("withdrawn", [link]) => Notice::Withdrawn {
            link: LinkId(*link),
            call: None,
        },
        ("moved", [link, call, epoch]) => Notice::Moved {
            link: LinkId(*link),
            call: CallId(*call),
            epoch: Epoch(*epoch),
        },
        ("changed", [call]) => Notice::Changed {
            call: CallId(*call),
        },
        _ => return None,
    };
    Some((from, notice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_redis_is_known_by_its_name() {
        let name = b"0123456789abcdef0123456789abcdef01234567";
        let run = RedisRun::read(name).expect("it is one");
        assert_eq!(run.to_string().as_bytes(), &name[..DIGITS]);
        for wrong in ["", "0123", "x123456789abcdef0123456789abcdef01234567"] {
            assert_eq!(RedisRun::read(wrong.as_bytes()), None);
        }
    }

    #[test]
    fn what_is_told_is_what_is_heard() {
        let (link, call, epoch) = (LinkId(1 << 39), CallId(7), Epoch(1 << 52));
        let from = Boot(u128::MAX);
        for notice in [
            Notice::Withdrawn { link, call: None },
            Notice::Moved { link, call, epoch },
            Notice::Changed { call },
        ] {
            let said = write(notice).expect("it is told");
            let said = format!("{from} {said}");
            assert_eq!(read(said.as_bytes()), Some((from, notice)));
            assert_eq!(read(format!("{said} 1").as_bytes()), None);
        }
        assert_eq!(write(Notice::Lost { call }), None);
        for wrong in [
            "",
            "1",
            "1 moved 1 2",
            "x changed 1",
            "1 changed x",
            "1 lost 1",
        ] {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(read(&[b'1'; LONGEST + 1]), None);
    }
}
