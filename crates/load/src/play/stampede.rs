//! A whole evening presses Join within a moment, while others talk: how soon each is in, and what those
//! others notice of it.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::joining::{Door, Seat};
use super::report::milliseconds;
use super::{JOIN_WITHIN, SEATS, Stage, WARM_UP, Wish, cast, progress};
use crate::client::{Arrival, Histogram, Role, Swarm};

/// How many calls of four talk meanwhile.
const TALKING: usize = 5;

/// What was found.
#[derive(Debug)]
pub struct Stampede {
    /// From the press until the first media of somebody else came, or until the seat was there where
    /// nobody else was yet.
    joins: Histogram,
    /// Who was not let in.
    refused: u64,
    /// One way, of those who talked already.
    latency: Histogram,
}

impl Stampede {
    /// As one line for a program.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "join_ms": {
                "p50": milliseconds(self.joins.quantile(0.5)),
                "p95": milliseconds(self.joins.quantile(0.95)),
            },
            "refused": self.refused,
            "talking_latency_us": { "p99": self.latency.quantile(0.99) },
        })
    }

    /// For people.
    #[must_use]
    pub fn table(&self) -> String {
        format!(
            "  from the press to the call: {:.0} ms (half), {:.0} ms (19 of 20); refused: {}\n  \
             latency of those who talked already: {} µs (99 of 100)\n",
            milliseconds(self.joins.quantile(0.5)),
            milliseconds(self.joins.quantile(0.95)),
            self.refused,
            self.latency.quantile(0.99),
        )
    }
}

/// Everybody of so many calls presses Join within `moment`.
///
/// # Errors
///
/// Where the others cannot talk, or the load ends.
pub async fn stampede(wish: &Wish<'_>, moment: Duration) -> anyhow::Result<Stampede> {
    let (own, mut calls) = cast(wish, TALKING).await?;
    let talking = calls.split_off(wish.calls);
    let mut others = Stage::set(wish.aes_cm, wish.link)?;
    others.fill(&talking).await?;
    tokio::time::sleep(WARM_UP).await;
    let mut crowd = Crowd::gather(wish, &calls).await?;
    others.swarm.take().await?;
    crowd.press(moment).await?;
    let latency = others.swarm.take().await?.latency;
    let Crowd { joins, refused, .. } = crowd;
    if let Some(own) = own {
        own.end().await?;
    }
    progress("");
    Ok(Stampede {
        joins,
        refused,
        latency,
    })
}

/// Who is to press: everybody has the page open, and an offer at hand.
struct Crowd {
    swarm: Swarm,
    arrived: mpsc::Receiver<Arrival>,
    waiting: Vec<(usize, String, Door)>,
    sockets: JoinSet<String>,
    joins: Histogram,
    refused: u64,
}

/// One press, and what came of it.
type Pressed = (usize, Instant, anyhow::Result<(Seat, String)>);

impl Crowd {
    /// The first of each call, then the second of each.
    async fn gather(wish: &Wish<'_>, calls: &[Vec<Door>]) -> anyhow::Result<Self> {
        let (arrivals, arrived) = mpsc::channel(4_096);
        let swarm = Swarm::start(arrivals, wish.aes_cm, wish.link)?;
        let mut waiting = Vec::new();
        for (seat, place) in (0..SEATS).zip(0..) {
            for (call, doors) in (0..).zip(calls) {
                let door = doors.get(seat).context("a call has too few links")?;
                let (participant, offer) = swarm.add(Role { call, seat: place }).await?;
                waiting.push((participant, offer, door.clone()));
            }
        }
        Ok(Self {
            swarm,
            arrived,
            waiting,
            sockets: JoinSet::new(),
            joins: Histogram::default(),
            refused: 0,
        })
    }

    /// All press, at even distances, and each is waited for.
    async fn press(&mut self, moment: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        let all = u32::try_from(self.waiting.len()).context("too many people")?;
        let mut pressing = JoinSet::new();
        for (nth, (participant, offer, door)) in (0..).zip(self.waiting.drain(..)) {
            pressing.spawn(async move {
                sleep_until(began + moment * nth / all).await;
                let pressed = Instant::now();
                (participant, pressed, take(&door, offer).await)
            });
        }
        let latest = began + moment + JOIN_WITHIN;
        let mut unheard = HashMap::new();
        while !pressing.is_empty() || !unheard.is_empty() {
            let more = async {
                tokio::select! {
                    Some(pressed) = pressing.join_next() => {
                        self.seated(pressed?, &mut unheard)?;
                    }
                    arrival = self.arrived.recv() => {
                        let Arrival { participant, at } = arrival.context("the load has ended")?;
                        if let Some(pressed) = unheard.remove(&participant) {
                            self.joins.count(micros(pressed, at));
                        }
                    }
                }
                anyhow::Ok(())
            };
            timeout_at(latest, more)
                .await
                .context("no media came within 15 s of joining")??;
        }
        Ok(())
    }

    fn seated(
        &mut self,
        (participant, pressed, outcome): Pressed,
        unheard: &mut HashMap<usize, Instant>,
    ) -> anyhow::Result<()> {
        match outcome {
            Ok((seat, answer)) => {
                self.swarm.accept(participant, &answer)?;
                if seat.others == 0 {
                    self.joins.count(micros(pressed, Instant::now()));
                } else {
                    unheard.insert(participant, pressed);
                }
                self.sockets.spawn(seat.stay());
            }
            Err(error) => {
                progress(&format!("refused: {error:#}"));
                self.refused += 1;
            }
        }
        Ok(())
    }
}

async fn take(door: &Door, offer: String) -> anyhow::Result<(Seat, String)> {
    let ticket = door.ticket().await?;
    Seat::take(door, ticket, offer).await
}

fn micros(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
}
