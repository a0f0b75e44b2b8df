//! Plays sequences of records to three peers for as long as it is told to, all to the same peers,
//! and prints what the program holds in memory meanwhile. It fails where that has grown.
//!
//! `cargo run --release -p sfu --features fuzzing --example soak -- FOLDER SECONDS`: the folder holds
//! what to begin from, such as `fuzz/seeds/datagrams`.

use std::io::Write as _;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use sfu::fuzzing::Stage;
use tokio::time::Instant;

/// How much more may be held at the end than after the first tenth, KiB.
const MOST_GROWN: u64 = 10 * 1_024;

/// What the program holds in memory, KiB.
fn held() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the system does not tell")?.parse()?)
}

/// `seed` with a few bytes changed, and somewhere cut and put together anew.
fn changed(seed: &[u8], chance: &mut StdRng) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..chance.random_range(0..8) {
        let length = data.len().max(1);
        if let Some(byte) = data.get_mut(chance.random_range(0..length)) {
            *byte = chance.random();
        }
    }
    data
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let seconds: u64 = arguments.next().ok_or("how many seconds?")?.parse()?;
    let mut seeds = Vec::new();
    for file in std::fs::read_dir(folder)? {
        seeds.push(std::fs::read(file?.path())?);
    }
    let mut chance = StdRng::seed_from_u64(1);
    let mut stage = Stage::new();
    let mut out = std::io::stdout().lock();
    let (began, length) = (Instant::now(), Duration::from_secs(seconds));
    let (mut played, mut sent, mut first) = (0u64, 0usize, None);
    let mut next = length / 10;
    while began.elapsed() < length {
        let seed = seeds.choose(&mut chance).ok_or("nothing to begin from")?;
        sent += stage.play_all(&changed(seed, &mut chance));
        stage.clear();
        played += 1;
        if began.elapsed() >= next {
            next += length / 10;
            let held = held()?;
            first.get_or_insert(held);
            writeln!(
                out,
                "{played} sequences played, {sent} datagrams sent, {held} KiB held"
            )?;
        }
    }
    let grown = held()?.saturating_sub(first.unwrap_or(u64::MAX));
    writeln!(out, "{grown} KiB more than after the first tenth")?;
    if grown > MOST_GROWN {
        return Err("what is held has grown".into());
    }
    Ok(())
}
