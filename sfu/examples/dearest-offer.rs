//! Prints what the dearest offers cost that anybody has thought of: how long whoever hands one in
//! is kept, and how long it takes until it is answered (on a busy machine others' work too),
//! milliseconds.
//!
//! `cargo run --release -p sfu --features fuzzing --example dearest-offer`

use std::io::Write as _;
use std::time::Duration;

use sfu::{CallKey, PeerKey, Settings, Sfu};
use tokio::time::Instant;

/// How often each is handed in: the middle counts.
const ROUNDS: u64 = 21;

/// What one offer cost.
struct Cost {
    shape: &'static str,
    bytes: usize,
    handed_in: Duration,
    answered: Duration,
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn measure(sfu: &Sfu, shape: &'static str, offer: &str) -> Cost {
    let (mut handed_in, mut answered) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let began = Instant::now();
        let answering = sfu.attach(CallKey(round), PeerKey(round), 0, offer);
        handed_in.push(began.elapsed());
        // Refused or not: either is an answer.
        let _answered_or_refused = answering.blocking_recv();
        answered.push(began.elapsed());
    }
    Cost {
        shape,
        bytes: offer.len(),
        handed_in: middle(handed_in),
        answered: middle(answered),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (sfu, _events) = Sfu::start(&Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        workers: 1,
        announce: Vec::new(),
        machine: sfu::machine,
    })?;
    let mut costs: Vec<Cost> = sfu::fuzzing::dear_offers()
        .iter()
        .map(|(shape, offer)| measure(&sfu, shape, offer))
        .collect();
    sfu.stop();
    costs.sort_by_key(|cost| cost.handed_in);
    let mut out = std::io::stdout().lock();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    for cost in costs.iter().rev() {
        writeln!(
            out,
            "{:6.3} ms handed in, {:6.3} ms answered: {} ({} bytes)",
            ms(cost.handed_in),
            ms(cost.answered),
            cost.shape,
            cost.bytes
        )?;
    }
    let dearest = costs.iter().map(|cost| cost.handed_in).max();
    writeln!(
        out,
        "dearest_offer_ms {:.3}",
        ms(dearest.unwrap_or_default())
    )?;
    Ok(())
}
