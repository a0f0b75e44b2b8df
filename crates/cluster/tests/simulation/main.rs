//! Three nodes in a world of its own: the code of [`cluster::Shared`], over records, a Redis, a network and clocks
//! that are played, with every fault they may have. What a run comes to follows from its seed alone.
//!
//! `cargo test -p cluster --test simulation` plays 2,000, and 500 races for the last seats; with
//! `HOMEROOM_SEEDS=100000` so many. `HOMEROOM_SEED=7` plays that one, which is what a failure names.
#![expect(
    clippy::significant_drop_tightening,
    reason = "one thread plays a world: nobody waits for its locks"
)]

#[cfg(test)]
mod cut_off;
#[cfg(test)]
mod lost_commits;
#[cfg(test)]
mod moved;
#[cfg(test)]
mod namesake;
#[cfg(test)]
mod newcomers;
#[cfg(test)]
mod play;
#[cfg(test)]
mod program;
#[cfg(test)]
mod race;
#[cfg(test)]
mod records;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod twice;
#[cfg(test)]
mod unsaid;
#[cfg(test)]
mod world;
