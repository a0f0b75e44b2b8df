//! The fast way from node to node: notices, over Redis. What is lost here, because Redis is away or was
//! started anew, the records find a little later; so nothing waits for it, and nothing is kept for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Epoch, LinkId};
use futures_util::StreamExt as _;
use redis::aio::MultiplexedConnection;
use redis::{Client, RedisResult};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::Notice;
use crate::shared::Shared;
use crate::truth::Boot;

/// How long Redis may take for anything.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long until it is tried again, where Redis is away.
const AGAIN: Duration = Duration::from_millis(500);

/// The longest notice there is, written.
const LONGEST: usize = 160;

/// For how long a node that has said so is held to live. It has stopped all that it does before, where it
/// can say so nowhere.
const LEASE: Duration = Duration::from_secs(20);

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
        Ok(Self {
            client: Client::open(url).map_err(|_shows_password| BusError)?,
            records: format!("homeroom:{records}"),
            connection: Mutex::new(None),
        })
    }

    /// Whether Redis answers now.
    pub async fn is_there(&self) -> bool {
        self.ask(&redis::cmd("PING")).await.is_some()
    }

    /// Says that a run lives; whether it was heard.
    pub(crate) async fn keep_lease(&self, boot: Boot) -> bool {
        let mut set = redis::cmd("SET");
        set.arg(self.lease(boot)).arg(1);
        set.arg("PX").arg(millis(LEASE));
        self.ask(&set).await.is_some()
    }

    /// Whether a run has said lately that it lives; none where nobody knows.
    pub(crate) async fn has_lease(&self, boot: Boot) -> Option<bool> {
        let mut exists = redis::cmd("EXISTS");
        exists.arg(self.lease(boot));
        let there = self.ask(&exists).await?;
        Some(there != redis::Value::Int(0))
    }

    fn lease(&self, boot: Boot) -> String {
        format!("{}:node:{boot}", self.records)
    }

    fn channel(&self) -> String {
        format!("{}:notices", self.records)
    }

    /// Tells the other nodes, where Redis can be reached.
    pub(crate) async fn tell(&self, from: Boot, notice: Notice) {
        let Some(said) = write(notice) else {
            return;
        };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.channel()).arg(format!("{from} {said}"));
        if self.ask(&publish).await.is_none() {
            tracing::debug!("Redis is away: other nodes find out by the records");
        }
    }

    async fn ask(&self, command: &redis::Cmd) -> Option<redis::Value> {
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
        timeout(PATIENCE, asked).await.ok()?.ok()
    }

    /// Hears what other nodes tell, for as long as the program runs.
    pub async fn listen(self: Arc<Self>, node: Arc<Shared>) {
        loop {
            if let Err(error) = self.listen_once(&node).await {
                tracing::debug!(%error, "Redis is away: tried again");
            }
            sleep(AGAIN).await;
        }
    }

    async fn listen_once(&self, node: &Shared) -> RedisResult<()> {
        let mut heard = self.client.get_async_pubsub().await?;
        heard.subscribe(self.channel()).await?;
        let mut messages = heard.into_on_message();
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
