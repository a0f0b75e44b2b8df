//! Whether nodes can go by a Redis at all: one may answer, and refuse each thing that they ask of it.

use redis::RedisError;
use tokio::time::timeout;

use super::{Bus, DENY, FORGIVE, HEARING, LIVES, eval, read_lease};
use crate::truth::Boot;

/// How much of what Redis says is shown, in characters.
const SHOWN: usize = 200;

/// What is to be done where Redis says such a word.
const ADVICE: [(&str, &str); 15] = [
    ("READONLY", REPLICA),
    ("MOVED", CLUSTER),
    ("CROSSSLOT", CLUSTER),
    ("CLUSTERDOWN", CLUSTER),
    (
        "OOM",
        "it has no room: give it more with maxmemory, and nothing else to do",
    ),
    (
        "MISCONF",
        "it cannot write its copies to disk: nodes need none, so set save \"\"",
    ),
    (
        "NOREPLICAS",
        "it waits for replicas: set min-replicas-to-write 0",
    ),
    (
        "LOADING",
        "it has just been started: look again in a moment",
    ),
    ("WRONGPASS", PASSWORD),
    ("NOAUTH", PASSWORD),
    ("invalid password", PASSWORD),
    ("authentication failed", PASSWORD),
    ("NOPERM", MAY),
    ("script can't run this command", MAY),
    ("script can't access", MAY),
];

const REPLICA: &str = "it is a replica: name the one that is written to with cluster.redis_url";

const CLUSTER: &str =
    "it is a part of a cluster of Redis: name one that is none with cluster.redis_url";

const PASSWORD: &str = "see user and password in cluster.redis_url";

const MAY: &str = "let its user do what nodes do there: EVAL, INFO, TIME, what there is for hashes, PEXPIRE, PUBLISH and \
                   SUBSCRIBE, with keys and channels that begin with homeroom:";

/// What is to be done where nothing is known of it.
const OTHERWISE: &str = "nodes need a Redis that they may write to, with nothing else to do";

/// Why no node can go by a Redis.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// It does not answer.
    #[error("Redis does not answer")]
    Silent,
    /// It refuses what nodes ask of it.
    #[error("{}", refused(.0))]
    Refuses(String),
}

fn refused(said: &str) -> String {
    let known = ADVICE.iter().find(|(word, _)| said.contains(word));
    let advice = known.map_or(OTHERWISE, |(_, advice)| advice);
    format!("Redis answers, and refuses what nodes ask of it ({said}): {advice}")
}

impl Unfit {
    pub(super) fn of(error: &RedisError) -> Self {
        if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() {
            return Self::Silent;
        }
        let words = [error.code(), error.detail()];
        let words: Vec<_> = words.into_iter().flatten().collect();
        let said = if words.is_empty() {
            error.to_string()
        } else {
            words.join(" ")
        };
        let said = said.chars().filter(|it| !it.is_control());
        Self::Refuses(said.take(SHOWN).collect())
    }
}

impl Bus {
    /// Does once what nodes do there again and again, beside what they say.
    ///
    /// # Errors
    ///
    /// [`Unfit`] where no node can go by this Redis.
    pub async fn try_out(&self) -> Result<(), Unfit> {
        let (key, run) = (format!("{}:trial", self.records), Boot(1));
        let mut lives = eval(LIVES, &key, run);
        lives.arg("");
        let lives = self.try_to_ask(&lives).await?;
        if read_lease(&lives).is_none() {
            return Err(Unfit::Refuses("what it answers is no Redis's".to_owned()));
        }
        let mut deny = eval(DENY, &key, run);
        deny.arg("");
        self.try_to_ask(&deny).await?;
        self.try_to_ask(&eval(FORGIVE, &key, run)).await?;
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(&key).arg("");
        self.try_to_ask(&publish).await?;
        let hears = async {
            let mut heard = self.client.get_async_pubsub().await?;
            heard.subscribe(&key).await
        };
        let hears = timeout(HEARING, hears).await;
        hears
            .map_err(|_elapsed| Unfit::Silent)?
            .map_err(|error| Unfit::of(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Redis 7 and 6 say it.
    #[test]
    fn what_is_to_be_done_is_said_with_what_redis_says() {
        for (said, expected) in [
            (
                "READONLY You can't write against a read only replica.",
                "replica",
            ),
            (
                "ERR Error running script (call to f_7b): @user_script:5: -READONLY You can't write",
                "replica",
            ),
            ("MOVED 3999 10.0.0.7:6379", "a cluster of Redis"),
            (
                "OOM command not allowed when used memory > 'maxmemory'.",
                "maxmemory",
            ),
            (
                "WRONGPASS invalid username-password pair or user is disabled.",
                "password",
            ),
            ("NOAUTH Authentication required.", "password"),
            (
                "NOPERM User a has no permissions to run the 'eval' command",
                "EVAL, INFO",
            ),
            (
                "ERR The user executing the script can't run this command or subcommand script: 7b",
                "EVAL, INFO",
            ),
            ("ERR unknown command", "nothing else to do"),
        ] {
            let unfit = Unfit::Refuses(said.to_owned()).to_string();
            assert!(unfit.contains(said) && unfit.contains(expected), "{unfit}");
        }
    }
}
