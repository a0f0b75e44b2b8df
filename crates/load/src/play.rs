//! Calls that are played against any Homeroom by its own doors, as browsers would, and what comes
//! back, measured.

pub mod flood;
pub mod harm;
pub mod joining;
pub mod prepared;
pub mod processes;
pub mod report;
pub mod restart;
mod server;
pub mod stampede;
pub mod stay;
pub mod talk;
pub mod vigil;

use std::collections::HashMap;
use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::client::{Arrival, Histogram, Link, Role, Swarm};
use anyhow::{Context as _, bail, ensure};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use flood::Flood;
use harm::{Guest, Harm};
use joining::{Door, Seat};
use prepared::Early;
use processes::Usage;
use report::Report;
use server::Server;

/// How many sit in each call.
const SEATS: usize = 4;

/// How many links a call of a demonstration has.
const LINKS: usize = 5;

/// How long media flows before it is measured.
const WARM_UP: Duration = Duration::from_secs(2);

/// How long one join may take.
const JOIN_WITHIN: Duration = Duration::from_secs(15);

/// What to play.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For each call, the links of its people, at least four.
    pub calls: Vec<Vec<Door>>,
    /// How long to measure.
    pub window: Duration,
    /// The server's process, where it runs on this machine.
    pub server: Option<u32>,
    /// AES-CM-HMAC-SHA1, as Chromium chooses, rather than AES-GCM.
    pub aes_cm: bool,
    /// What lies between each participant and the server.
    pub link: Link,
    /// Datagrams a second that nobody sent, at the media port.
    pub junk: Option<u32>,
    /// Somebody with a seat in another call who does harm, and the link of that seat.
    pub harm: Option<(Harm, Door)>,
    /// Whose connections are there before the press, and stay so.
    pub prepared: Vec<Door>,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'wish> {
    /// Calls of four.
    pub calls: usize,
    /// How long to measure.
    pub window: Duration,
    /// A file of links; none starts a server for the test.
    pub links: Option<&'wish Path>,
    /// The server to go to instead of the links'.
    pub url: Option<&'wish str>,
    /// The server's process.
    pub server: Option<u32>,
    /// As [`Plan::aes_cm`].
    pub aes_cm: bool,
    /// As [`Plan::link`].
    pub link: Link,
    /// As [`Plan::junk`].
    pub junk: Option<u32>,
    /// What somebody with a seat in one more call is to do.
    pub harm: Option<Harm>,
    /// How many connections of others, in calls of their own, are there before the press.
    pub prepared: usize,
}

/// Plays what was asked for, with a server of its own where none is named.
///
/// # Errors
///
/// Where the links cannot be read, the server cannot be started, or [`run`] fails.
pub async fn play(wish: &Wish<'_>) -> anyhow::Result<Report> {
    let pages = wish.prepared.div_ceil(prepared::OF_A_LINK * LINKS);
    let (own, mut calls) = cast(wish, usize::from(wish.harm.is_some()) + pages).await?;
    let mut others = calls.split_off(wish.calls);
    let early = others.split_off(others.len() - pages).into_iter().flatten();
    let early = early.flat_map(|door| vec![door; prepared::OF_A_LINK]);
    let server = wish.server.or_else(|| own.as_ref().and_then(Server::id));
    let plan = Plan {
        calls,
        window: wish.window,
        server,
        aes_cm: wish.aes_cm,
        link: wish.link,
        junk: wish.junk,
        harm: wish.harm.zip(others.into_iter().flatten().next()),
        prepared: early.take(wish.prepared).collect(),
    };
    let report = run(plan).await;
    if let Some(own) = own {
        own.end().await?;
    }
    report
}

/// The links of the calls, and of so many more; and the server that was started for them.
async fn cast(wish: &Wish<'_>, more: usize) -> anyhow::Result<(Option<Server>, Vec<Vec<Door>>)> {
    let needed = wish.calls + more;
    if let Some(file) = wish.links {
        let json = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        return Ok((None, read_links(&json, wish.url, needed)?));
    }
    progress("starting a server");
    let (server, json) = Server::start(needed).await?;
    Ok((Some(server), read_links(&json, wish.url, needed)?))
}

/// Plays the plan.
///
/// # Errors
///
/// Where a call cannot be joined, or the server's process cannot be read.
pub async fn run(plan: Plan) -> anyhow::Result<Report> {
    let mut stage = Stage::set(plan.aes_cm, plan.link)?;
    let usage = |when| {
        plan.server
            .map(|pid| Usage::read(pid).context(when))
            .transpose()
    };
    let bare = usage("before the calls")?;
    let early = if plan.prepared.is_empty() {
        None
    } else {
        Some(Early::prepare(&plan.prepared, plan.aes_cm).await?)
    };
    let idle = usage("before the calls")?;
    stage.fill(&plan.calls).await?;
    tokio::time::sleep(WARM_UP).await;
    let flood = plan.junk.map(|rate| Flood::start(&stage.answer, rate));
    let flood = flood.transpose()?;
    let guest = match &plan.harm {
        Some((harm, door)) => Some(Guest::seat(*harm, door).await?),
        None => None,
    };
    stage.swarm.take().await?;
    let before = usage("before measuring")?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    say_to_programs("all have joined: measuring");
    let window = count_down(plan.window, &mut interrupts).await;
    let tally = stage.swarm.take().await?;
    let after = usage("after measuring")?;
    let flooded = flood.map(Flood::end);
    let harmed = guest.map(Guest::end);
    let prepared = match early {
        Some(early) => Some(early.end(bare, idle).await?),
        None => None,
    };
    progress("");
    // A socket that ended early ended its session too.
    if let Some(how) = stage.sockets.try_join_next() {
        bail!("a session ended before the measuring did: {how:?}");
    }
    Ok(Report {
        calls: plan.calls.len(),
        window,
        joins: stage.joins,
        tally,
        flooded,
        harmed,
        prepared,
        usage: report::compare(idle, before, after),
    })
}

/// Waits so long, or until somebody presses Ctrl-C; gives how long that was.
async fn count_down(window: Duration, interrupts: &mut Signal) -> Duration {
    let began = Instant::now();
    while let Some(left) = window
        .checked_sub(began.elapsed())
        .filter(|left| !left.is_zero())
    {
        progress(&format!("measuring, {} s left", left.as_secs() + 1));
        let wait = left.min(Duration::from_secs(1));
        if timeout(wait, interrupts.recv()).await.is_ok() {
            break;
        }
    }
    began.elapsed()
}

/// Everybody who plays.
struct Stage {
    swarm: Swarm,
    arrived: mpsc::Receiver<Arrival>,
    sockets: JoinSet<String>,
    joins: Histogram,
    /// The last answer of the server.
    answer: String,
}

impl Stage {
    /// With nobody on it yet.
    fn set(aes_cm: bool, link: Link) -> anyhow::Result<Self> {
        let (arrivals, arrived) = mpsc::channel(1_024);
        Ok(Self {
            swarm: Swarm::start(arrivals, aes_cm, link)?,
            arrived,
            sockets: JoinSet::new(),
            joins: Histogram::default(),
            answer: String::new(),
        })
    }

    /// Seats four in each call.
    async fn fill(&mut self, calls: &[Vec<Door>]) -> anyhow::Result<()> {
        let mut joined = 0;
        for (call, doors) in (0..).zip(calls) {
            ensure!(
                doors.len() >= SEATS,
                "a call has {} links, not {SEATS}",
                doors.len()
            );
            for (seat, door) in (0..).zip(doors.iter().take(SEATS)) {
                self.seat(Role { call, seat }, door).await?;
                joined += 1;
                progress(&format!("joined {joined} of {}", calls.len() * SEATS));
            }
        }
        Ok(())
    }

    /// Takes one seat, and times it where others are there to be heard.
    async fn seat(&mut self, role: Role, door: &Door) -> anyhow::Result<()> {
        let (participant, offer) = self.swarm.add(role).await?;
        let ticket = door.ticket().await?;
        let began = Instant::now();
        let (seat, answer) = Seat::take(door, ticket, offer).await?;
        ensure!(
            seat.others == role.seat as usize,
            "the call was not empty before"
        );
        self.swarm.accept(participant, &answer)?;
        self.answer = answer;
        self.sockets.spawn(seat.stay());
        if role.seat > 0 {
            let heard = timeout(JOIN_WITHIN, self.heard(participant)).await;
            let at = heard.context("no media came within 15 s of joining")??;
            let taken = at.saturating_duration_since(began).as_micros();
            self.joins.count(u64::try_from(taken).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    /// When the first media came to `participant`.
    async fn heard(&mut self, participant: usize) -> anyhow::Result<Instant> {
        loop {
            let arrival = self.arrived.recv().await.context("the load has ended")?;
            if arrival.participant == participant {
                return Ok(arrival.at);
            }
        }
    }
}

/// Says on a line of standard error what another program waits for.
fn say_to_programs(what: &str) {
    let mut out = std::io::stderr().lock();
    if !out.is_terminal() {
        // Where nobody reads it, nobody misses it.
        drop(writeln!(out, "{what}"));
    }
}

/// Says how far it is, on one line of standard error, where a person reads it.
fn progress(what: &str) {
    let mut out = std::io::stderr().lock();
    if !out.is_terminal() {
        return;
    }
    // Where nobody reads it, nobody misses it.
    drop(write!(out, "\r\x1b[K{what}").and_then(|()| out.flush()));
}

/// The links of so many calls of `people`, from the file that was named.
fn links(wish: &Wish<'_>, people: usize) -> anyhow::Result<Vec<Vec<Door>>> {
    let file = wish.links.context("no links are named")?;
    let json =
        fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    read_links_of(&json, wish.url, (wish.calls, people))
}

/// The links of so many calls, from what `homeroom demo --calls N --json` prints: five a call. What
/// follows them, as in the demonstration of a whole evening, is for others.
///
/// # Errors
///
/// Where it is not such a list, or too short.
pub fn read_links(json: &str, url: Option<&str>, calls: usize) -> anyhow::Result<Vec<Vec<Door>>> {
    read_links_of(json, url, (calls, LINKS))
}

fn read_links_of(
    json: &str,
    url: Option<&str>,
    (calls, people): (usize, usize),
) -> anyhow::Result<Vec<Vec<Door>>> {
    let links: Vec<HashMap<String, String>> = serde_json::from_str(json)
        .context("the links must be what `homeroom demo --json` prints")?;
    let wanted = links.get(..calls * people).with_context(|| {
        let there = links.len() / people;
        format!("there are links for {there} calls only")
    })?;
    let doors = wanted
        .iter()
        .map(|link| Door::read(link.get("url").context("a link has no url")?, url))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(doors.chunks(people).map(<[Door]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_behind_those_of_the_calls_are_for_others() {
        let secret = "0".repeat(26);
        let link = format!("{{\"url\":\"http://localhost/j/abc#{secret}\"}}");
        let links = |count| vec![link.clone(); count].join(",");
        let office = "{\"url\":\"http://localhost/setup#secret\"}";
        let json = format!("[{},{office}]", links(5));
        let calls = read_links(&json, None, 1).expect("one call");
        assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [5]);
        let error = read_links(&json, None, 2).expect_err("there is one");
        assert_eq!(error.to_string(), "there are links for 1 calls only");
        let error = read_links(&format!("[{office},{}]", links(4)), None, 1);
        assert!(error.is_err(), "the office is in no call");
    }
}
