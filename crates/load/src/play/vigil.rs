//! People who stay in calls whatever becomes of the servers, for whoever does something to these meanwhile:
//! what each is told and hears is printed as it comes, a line of JSON each. Times are milliseconds since 1970.
//!
//! `{"at","who","call","is"}` for each word, where `is` is `seated` (then `people`, each the number of a
//! participant and their slot), `waits` (then `place`), `hears` (first media over a connection), `renews`,
//! `lost` (the socket; they come back) or `over` (then `why`; they press Join again a second later).
//! `{"at","came","silence"}` every 100 ms: for each person how many packets of media came, and how long none
//! did, ms. `{"at","ready":true}` once all are where they are to be.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use wire::message::Session;

use super::joining::Door;
use super::stay::{Stayer, Told, Word};
use super::{SEATS, Wish, links};
use crate::client::{Arrival, Role, Swarm};

/// How often it is told what came.
const PULSE: Duration = Duration::from_millis(100);

/// How long somebody waits for whom it is over, before they press Join again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long the first word may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many words may wait to be printed.
const WORDS: usize = 65_536;

/// Has `people` of each call stay until Ctrl-C. They send sound alone, so that many cost little.
///
/// # Errors
///
/// Where the links cannot be read, or somebody is not let in at the beginning.
pub async fn vigil(wish: &Wish<'_>, people: usize) -> anyhow::Result<()> {
    let calls = links(wish, people)?;
    let (arrivals, arrived) = mpsc::channel(WORDS);
    let (tell, told) = mpsc::channel(WORDS);
    let mut vigil = Vigil {
        swarm: Arc::new(Swarm::talking(arrivals, wish.aes_cm, wish.link)?),
        arrived,
        tell,
        told,
        staying: JoinSet::new(),
        calls: Vec::new(),
    };
    let mut interrupts = signal(SignalKind::interrupt())?;
    let goes_on = async {
        for (call, doors) in (0..).zip(calls) {
            for (place, door) in doors.into_iter().enumerate() {
                vigil.come(call, place, door).await?;
            }
        }
        print(&json!({ "at": since_1970(Instant::now()), "ready": true }))?;
        vigil.tell_on().await
    };
    tokio::select! {
        ended = goes_on => ended,
        _ = interrupts.recv() => Ok(()),
    }
}

struct Vigil {
    swarm: Arc<Swarm>,
    arrived: mpsc::Receiver<Arrival>,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    staying: JoinSet<()>,
    /// The call of each person, by their number.
    calls: Vec<u32>,
}

impl Vigil {
    /// One more presses Join, and is told where they are.
    async fn come(&mut self, call: u32, place: usize, door: Door) -> anyhow::Result<()> {
        // Who waits has no seat whose media could be known.
        let seat = u32::try_from(place % SEATS)?;
        let (who, offer) = self.swarm.add(Role { call, seat }).await?;
        self.calls.push(call);
        let swarm = Arc::clone(&self.swarm);
        let tell = self.tell.clone();
        self.staying.spawn(stay(who, door, (swarm, tell), offer));
        let began = Instant::now();
        loop {
            let told = timeout(PATIENCE, self.told.recv()).await;
            let told = told
                .context("somebody is not let in")?
                .context("it ended")?;
            let is_in = matches!(told.what, Word::Seated(_) | Word::Waits(_)) && told.who == who;
            self.print_word(&told)?;
            if is_in {
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "somebody is not let in");
        }
    }

    /// Prints what comes, until the load ends.
    async fn tell_on(&mut self) -> anyhow::Result<()> {
        let mut pulse = interval(PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                told = self.told.recv() => self.print_word(&told.context("it ended")?)?,
                arrival = self.arrived.recv() => {
                    let Arrival { participant, at } = arrival.context("it ended")?;
                    print(&self.line(participant, at, "hears"))?;
                }
                _ = pulse.tick() => self.print_pulse().await?,
            }
        }
    }

    async fn print_pulse(&self) -> anyhow::Result<()> {
        let all = self.swarm.feel().await?;
        let came: Vec<u64> = all.iter().map(|it| it.packets).collect();
        let silence: Vec<u64> = all.iter().map(|it| it.silence / 1_000).collect();
        let at = since_1970(Instant::now());
        print(&json!({ "at": at, "came": came, "silence": silence }))
    }

    fn print_word(&self, Told { who, at, what }: &Told) -> anyhow::Result<()> {
        let line = |is| self.line(*who, *at, is);
        print(&match what {
            Word::Seated(people) => {
                let mut line = line("seated");
                let seats = people.iter().map(|it| json!([it.participant, it.slot]));
                put(&mut line, "people", seats.collect());
                line
            }
            Word::Waits(place) => {
                let mut line = line("waits");
                put(&mut line, "place", json!(place));
                line
            }
            Word::Renews => line("renews"),
            Word::ComesBack => line("lost"),
            Word::Over(why) => {
                let mut line = line("over");
                put(&mut line, "why", json!(format!("{why:?}")));
                line
            }
        })
    }

    fn line(&self, who: usize, at: Instant, is: &str) -> Value {
        json!({ "at": since_1970(at), "who": who, "call": self.calls.get(who), "is": is })
    }
}

/// Stays in the call by a link, and presses Join again wherever it is over.
async fn stay(
    who: usize,
    door: Door,
    (swarm, tell): (Arc<Swarm>, mpsc::Sender<Told>),
    first: String,
) {
    let mut offer = first;
    loop {
        let stayer = Stayer {
            who,
            door: door.clone(),
            swarm: Arc::clone(&swarm),
            participant: who,
            told: tell.clone(),
            held: None::<Session>,
        };
        if let Err(error) = stayer.stay(offer).await {
            // What PROTOCOL.md does not know.
            drop(writeln!(std::io::stderr(), "{who}: {error:#}"));
            let (at, what) = (Instant::now(), Word::Over(None));
            drop(tell.try_send(Told { who, at, what }));
        }
        sleep(AGAIN).await;
        let Ok(fresh) = swarm.renew(who).await else {
            return;
        };
        offer = fresh;
    }
}

fn put(line: &mut Value, key: &str, value: Value) {
    if let Some(fields) = line.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

/// Milliseconds since 1970.
fn since_1970(at: Instant) -> i64 {
    let ago = i64::try_from(at.elapsed().as_millis()).unwrap_or_default();
    ambient::now().as_millisecond() - ago
}

fn print(line: &Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
