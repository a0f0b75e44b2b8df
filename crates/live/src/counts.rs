//! What is counted of meetings since the program began; nothing of it tells of a person.

use std::time::Duration;

use call::Parting;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The bounds of what is counted together, seconds.
const BOUNDS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The same, of people who wait for their turn.
const WAITS: [f64; 8] = [1.0, 5.0, 15.0, 60.0, 180.0, 300.0, 600.0, 1800.0];

/// The label of a parting.
type How = [(&'static str, &'static str); 1];

/// What is counted. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Counts {
    seated: Counter,
    over: Family<How, Counter>,
    joining: Histogram,
    queueing: Histogram,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            seated: Counter::default(),
            over: Family::default(),
            joining: Histogram::new(BOUNDS),
            queueing: Histogram::new(WAITS),
        }
    }
}

impl Counts {
    /// Somebody was given a seat.
    pub(crate) fn seat(&self) {
        self.seated.inc();
    }

    /// A session that had a seat or waited for one is over.
    pub(crate) fn part(&self, why: Parting) {
        self.over.get_or_create(&[("why", why.word())]).inc();
    }

    /// A socket that asked for its session was told `joined`, so long after.
    pub(crate) fn join(&self, took: Duration) {
        self.joining.observe(took.as_secs_f64());
    }

    /// Somebody who waited for a seat was given one, so long after.
    pub(crate) fn wait(&self, took: Duration) {
        self.queueing.observe(took.as_secs_f64());
    }

    /// Has `registry` show them.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "homeroom_seats_given",
            "Times that somebody was given a seat in a call",
            self.seated.clone(),
        );
        registry.register(
            "homeroom_sessions_over",
            "Sessions that had a seat or waited for one and are over, by why: replaced is an eviction by the same link",
            self.over.clone(),
        );
        registry.register(
            "homeroom_join_seconds",
            "From the first word of a socket, or from its turn where it waited for a seat, to its being told that it has joined; returns count too",
            self.joining.clone(),
        );
        registry.register(
            "homeroom_queue_seconds",
            "From being told to wait for a seat to being given one",
            self.queueing.clone(),
        );
    }
}
