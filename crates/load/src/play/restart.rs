//! The program is killed in the middle of calls and started again, round after round: how soon
//! everybody is back, and whether anybody lost their seat.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use wire::message::{GoodbyeReason, Person, Session};

use super::joining::Door;
use super::server::{Place, Server};
use super::stay::{Stayer, Told, Word};
use super::{SEATS, progress, read_links};
use crate::client::{Arrival, Histogram, Link, Role, Swarm};

/// How many calls of four there are.
const CALLS: usize = 2;

/// How long anything may take: what does is a fault to be looked at, and no figure.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was found.
#[derive(Debug)]
pub struct Restarts {
    /// From the kill until media of somebody else came to each of those seated.
    back: Histogram,
    /// Who lost their seat, or their place in the queue.
    lost_seats: u64,
    rounds: u32,
}

impl Restarts {
    /// As one line for a program.
    #[must_use]
    pub fn json(&self) -> Value {
        let (p50, p95) = self.quantiles();
        json!({
            "back_ms": { "p50": p50, "p95": p95 },
            "lost_seats": self.lost_seats,
            "rounds": self.rounds,
        })
    }

    /// For people.
    #[must_use]
    pub fn table(&self) -> String {
        let Self {
            rounds, lost_seats, ..
        } = self;
        let (p50, p95) = self.quantiles();
        format!(
            "  {rounds} times killed and started again: people were back after {p50:.0} ms (half), \
             {p95:.0} ms (19 of 20)\n  seats lost: {lost_seats}"
        )
    }

    /// Of how soon people were back, milliseconds.
    fn quantiles(&self) -> (f64, f64) {
        #[expect(clippy::cast_precision_loss, reason = "a time of minutes")]
        let ms = |share| self.back.quantile(share) as f64 / 1_000.0;
        (ms(0.5), ms(0.95))
    }
}

/// Plays it so many times, with servers of its own.
///
/// # Errors
///
/// Where a server cannot be started, or somebody neither comes back nor is told why not.
pub async fn restarts(rounds: u32) -> anyhow::Result<Restarts> {
    let place = Place::new()?;
    let links = Server::fill(&place, CALLS).await?;
    let calls = read_links(&links, None, CALLS)?;
    let mut server = Server::serve(&place)?;
    let mut cast = Cast::new()?;
    cast.come(&calls).await?;
    let mut found = Restarts {
        back: Histogram::default(),
        lost_seats: 0,
        rounds,
    };
    for round in 0..rounds {
        progress(&format!("round {} of {rounds}", round + 1));
        cast.swarm.take().await?;
        server.end().await?;
        let killed = Instant::now();
        server = Server::serve(&place)?;
        cast.come_back(killed, &mut found).await?;
        cast.evicted_is_told().await?;
    }
    progress("");
    server.end().await?;
    Ok(found)
}

/// Who sits where, as one of them sees it: slots by participant.
type Seating = BTreeMap<u32, Option<u32>>;

fn seating(people: &[Person]) -> Seating {
    people.iter().map(|it| (it.participant, it.slot)).collect()
}

/// Whether everybody sits, and those where they sat who were there before.
fn is_kept(before: &Seating, people: &[Person]) -> bool {
    let now = seating(people);
    let mut before = before.iter();
    now.len() == SEATS && before.all(|(participant, slot)| now.get(participant) == Some(slot))
}

/// One of those who play.
struct Player {
    door: Door,
    /// Who plays their media.
    participant: usize,
    /// How they saw the call when they sat down; none where they wait.
    seating: Option<Seating>,
}

/// What became of a player in one round.
#[derive(Default)]
struct Return {
    /// What they were told when they were there again.
    word: Option<Word>,
    /// When media of somebody else came.
    heard: Option<Instant>,
}

impl Return {
    /// Whether they are where they will be.
    const fn is_over(&self) -> bool {
        match &self.word {
            Some(Word::Seated(_)) => self.heard.is_some(),
            Some(Word::Waits(_) | Word::Over(_)) => true,
            Some(Word::Renews | Word::ComesBack) | None => false,
        }
    }
}

/// Everybody who plays.
struct Cast {
    swarm: Arc<Swarm>,
    arrived: mpsc::Receiver<Arrival>,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    staying: JoinSet<anyhow::Result<Option<Session>>>,
    players: Vec<Player>,
    /// The link, and the session, of a page that was evicted before anything was killed.
    evicted: Option<(Door, Session)>,
}

impl Cast {
    fn new() -> anyhow::Result<Self> {
        let (arrivals, arrived) = mpsc::channel(1_024);
        let (tell, told) = mpsc::channel(1_024);
        Ok(Self {
            swarm: Arc::new(Swarm::start(arrivals, false, Link::default())?),
            arrived,
            tell,
            told,
            staying: JoinSet::new(),
            players: Vec::new(),
            evicted: None,
        })
    }

    /// Four sit down in each call; in the first one a page is evicted, and a fifth waits.
    async fn come(&mut self, calls: &[Vec<Door>]) -> anyhow::Result<()> {
        for (call, doors) in (0..).zip(calls) {
            let is_first = call == 0;
            for (seat, door) in (0..).zip(doors.iter().take(SEATS)) {
                let role = Role { call, seat };
                if is_first && seat == 0 {
                    self.enter(role, door).await?;
                    self.players.clear();
                }
                self.enter(role, door).await?;
                if is_first && seat == 0 {
                    let held = self.staying.join_next().await;
                    let held = held.context("the evicted page stays")???;
                    let held = held.context("the evicted page had no session")?;
                    self.evicted = Some((door.clone(), held));
                }
            }
            if is_first {
                let door = doors.get(SEATS).context("there are five links a call")?;
                self.enter(Role { call, seat: 0 }, door).await?;
            }
        }
        let seated = self.players.iter().filter(|it| it.seating.is_some());
        let mut unheard: Vec<usize> = seated.map(|it| it.participant).collect();
        while !unheard.is_empty() {
            let arrival = timeout(PATIENCE, self.arrived.recv()).await;
            let arrival = arrival.context("no media comes")?.context("it ended")?;
            unheard.retain(|participant| *participant != arrival.participant);
        }
        Ok(())
    }

    /// One more presses Join.
    async fn enter(&mut self, role: Role, door: &Door) -> anyhow::Result<()> {
        let (participant, offer) = self.swarm.add(role).await?;
        let who = self.players.len();
        self.players.push(Player {
            door: door.clone(),
            participant,
            seating: None,
        });
        self.press(who, offer).await
    }

    /// A player presses Join, and is told where they are.
    async fn press(&mut self, who: usize, offer: String) -> anyhow::Result<()> {
        let player = self.players.get(who).context("nobody has that number")?;
        let (door, participant) = (player.door.clone(), player.participant);
        self.stays(who, (door, participant, None), offer);
        loop {
            let told = timeout(PATIENCE, self.told.recv()).await;
            let told = told.context("no word after Join")?.context("it ended")?;
            let Some(player) = self.players.get_mut(who).filter(|_| told.who == who) else {
                continue;
            };
            match told.what {
                Word::Seated(people) => player.seating = Some(seating(&people)),
                Word::Waits(_) => player.seating = None,
                // Of the page that this one evicts.
                Word::Over(Some(GoodbyeReason::Replaced)) => continue,
                Word::Over(why) => bail!("nobody is let in: {why:?}"),
                Word::Renews | Word::ComesBack => continue,
            }
            return Ok(());
        }
    }

    fn stays(&mut self, who: usize, from: (Door, usize, Option<Session>), offer: String) {
        let (door, participant, held) = from;
        let stayer = Stayer {
            who,
            door,
            swarm: Arc::clone(&self.swarm),
            participant,
            told: self.tell.clone(),
            held,
        };
        self.staying.spawn(stayer.stay(offer));
    }

    /// Everybody comes back, or is told why not: those press Join again, for the next round.
    async fn come_back(&mut self, killed: Instant, found: &mut Restarts) -> anyhow::Result<()> {
        let mut returns: Vec<Return> = self.players.iter().map(|_| Return::default()).collect();
        while !returns.iter().all(Return::is_over) {
            let (who, word, heard) = tokio::select! {
                told = self.told.recv() => {
                    let told = told.context("it ended")?;
                    (told.who, Some((told.what, told.at)), None)
                }
                arrival = self.arrived.recv() => {
                    let arrival = arrival.context("it ended")?;
                    let mut players = self.players.iter();
                    let who = players.position(|it| it.participant == arrival.participant);
                    (who.unwrap_or(usize::MAX), None, Some(arrival.at))
                }
                () = tokio::time::sleep_until(killed + PATIENCE) => {
                    bail!("after a minute somebody is neither back nor told why not")
                }
            };
            let Some(its) = returns.get_mut(who) else {
                continue;
            };
            its.heard = heard.filter(|at| *at > killed).or(its.heard);
            match word {
                // They stay where they are, and hear anew on the fresh connection.
                Some((Word::Renews, when)) => its.heard = its.heard.filter(|at| *at > when),
                Some((word, _)) => its.word = Some(word),
                None => {}
            }
        }
        let mut lost = Vec::new();
        for (who, (player, its)) in self.players.iter().zip(&returns).enumerate() {
            let is_there = match (&player.seating, &its.word) {
                (Some(before), Some(Word::Seated(people))) => is_kept(before, people),
                (None, Some(Word::Waits(1))) => true,
                _ => false,
            };
            if !is_there {
                found.lost_seats += 1;
            }
            if matches!(its.word, Some(Word::Over(_))) {
                lost.push(who);
            } else if let (Some(heard), Some(_)) = (its.heard, &player.seating) {
                let took = heard.duration_since(killed).as_micros();
                found.back.count(u64::try_from(took).unwrap_or(u64::MAX));
            }
        }
        for who in lost {
            let player = self.players.get(who).context("nobody has that number")?;
            let offer = self.swarm.renew(player.participant).await?;
            self.press(who, offer).await?;
        }
        Ok(())
    }

    /// The page that was evicted before asks again, and is told so.
    async fn evicted_is_told(&mut self) -> anyhow::Result<()> {
        let (door, held) = self.evicted.clone().context("nobody was evicted")?;
        let nowhere = Role { call: 99, seat: 0 };
        let (participant, offer) = self.swarm.add(nowhere).await?;
        let who = usize::MAX;
        self.stays(who, (door, participant, Some(held)), offer);
        loop {
            let told = timeout(PATIENCE, self.told.recv()).await;
            let told = told.context("the evicted page hears nothing")?;
            let told = told.context("it ended")?;
            if told.who == who {
                let is_told = told.what == Word::Over(Some(GoodbyeReason::Replaced));
                ensure!(is_told, "the evicted page is told {:?}", told.what);
                return Ok(());
            }
        }
    }
}
