//! Pages that are connected before the press (SCR-11), and stay so: what each costs.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::message::{ClientMessage, ServerMessage};

use super::joining::{Door, open, stay};
use super::processes::Usage;
use super::{JOIN_WITHIN, progress};
use crate::client::{Arrival, Role, Swarm};

/// How many connections of one link are kept ready at most (PROTOCOL.md, limits).
pub(super) const OF_A_LINK: usize = 2;

/// A call that nobody is in.
const NONE: u32 = u32::MAX;

/// What those cost who were connected before the press.
#[derive(Clone, Copy, Debug)]
pub struct Prepared {
    /// How many there were.
    pub count: usize,
    /// The server's memory for each, KiB, where that runs on this machine.
    pub kib_each: Option<f64>,
    /// Packets of media that came to them: none may.
    pub packets: u64,
}

impl Prepared {
    /// For a person.
    pub(super) fn rows(&self) -> Vec<(String, String)> {
        let mut rows = vec![(
            "connected before the press / packets to them".to_owned(),
            format!("{} / {}", self.count, self.packets),
        )];
        rows.extend(self.kib_each.map(|kib| {
            (
                "server: KB for each of them".to_owned(),
                format!("{kib:.0}"),
            )
        }));
        rows
    }
}

/// Pages that are connected.
pub(super) struct Early {
    swarm: Swarm,
    sockets: JoinSet<String>,
    count: usize,
}

impl Early {
    /// Opens a page by each of `doors`, one after another, until all are connected.
    pub(super) async fn prepare(doors: &[Door], aes_cm: bool) -> anyhow::Result<Self> {
        let (arrivals, mut arrived) = mpsc::channel(doors.len().max(1));
        let swarm = Swarm::silent(arrivals, aes_cm)?;
        let mut sockets = JoinSet::new();
        let mut waiting = HashSet::new();
        for (nth, door) in doors.iter().enumerate() {
            let role = Role {
                call: NONE,
                seat: 0,
            };
            let (participant, offer) = swarm.add(role).await?;
            let (socket, answer, heartbeat) = connect(door, offer)
                .await
                .with_context(|| format!("connection {} of {}", nth + 1, doors.len()))?;
            swarm.accept(participant, &answer)?;
            waiting.insert(participant);
            sockets.spawn(stay(socket, heartbeat));
            progress(&format!("prepared {} of {}", nth + 1, doors.len()));
        }
        let all = async {
            while !waiting.is_empty() {
                let Arrival { participant, .. } =
                    arrived.recv().await.context("the load has ended")?;
                waiting.remove(&participant);
            }
            anyhow::Ok(())
        };
        let connected = timeout(JOIN_WITHIN, all).await;
        connected.context("not everybody was connected within 15 s")??;
        Ok(Self {
            swarm,
            sockets,
            count: doors.len(),
        })
    }

    /// Ends it: what they cost, by what the server used before and after they came.
    pub(super) async fn end(
        mut self,
        before: Option<Usage>,
        after: Option<Usage>,
    ) -> anyhow::Result<Prepared> {
        if let Some(how) = self.sockets.try_join_next() {
            bail!("a connection was not kept ready: {how:?}");
        }
        let tally = self.swarm.take().await?;
        let used = before.zip(after);
        let added =
            used.map(|(before, after)| after.resident_kib.saturating_sub(before.resident_kib));
        #[expect(
            clippy::cast_precision_loss,
            reason = "a figure for people, of three digits"
        )]
        let kib_each = added.map(|added| added as f64 / self.count as f64);
        Ok(Prepared {
            count: self.count,
            kib_each,
            packets: tally.received + tally.misrouted,
        })
    }
}

/// Has the connection of `offer` prepared; gives the socket, the answer and how often to beat.
async fn connect(
    door: &Door,
    offer: String,
) -> anyhow::Result<(WebSocketStream<TcpStream>, String, Duration)> {
    let ticket = door.ticket_to_prepare().await?;
    let mut socket = open(door).await?;
    let prepare = serde_json::to_string(&ClientMessage::Prepare { ticket, offer })?;
    socket.send(Message::text(prepare)).await?;
    let message = socket
        .next()
        .await
        .context("the server closed the socket")??;
    let Message::Text(text) = message else {
        bail!("the server said {message:?}")
    };
    let ServerMessage::Prepared {
        answer,
        heartbeat_ms,
        ..
    } = serde_json::from_str(&text)?
    else {
        bail!("the server said {text}")
    };
    let heartbeat = Duration::from_millis(u64::from(heartbeat_ms));
    Ok((socket, answer, heartbeat))
}
