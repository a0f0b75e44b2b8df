//! What the media plane logs; and a way to have a worker fail, or stand still, while it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write as _};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};

use sfu::CallKey;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The calls whose next attached peer is their worker's end.
static SABOTAGED: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The calls whose next attached peer has its worker stand still, and whether it does.
static STILL: Mutex<BTreeMap<u64, bool>> = Mutex::new(BTreeMap::new());
static CHANGED: Condvar = Condvar::new();

struct Log;

/// An event in one line, and the call it names.
#[derive(Default)]
struct Line {
    text: String,
    call: Option<u64>,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.text, "{}={value:?} ", field.name()).expect("a String takes everything");
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "call" {
            self.call = Some(value);
        }
        self.record_debug(field, &value);
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sfu")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        if line.text.contains("attached") {
            let is_sabotaged = line.call.is_some_and(|call| sabotaged().remove(&call));
            assert!(!is_sabotaged, "sabotaged");
            stand_still(line.call);
        }
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        said.push(line.text);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn sabotaged() -> MutexGuard<'static, BTreeSet<u64>> {
    SABOTAGED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn still() -> MutexGuard<'static, BTreeMap<u64, bool>> {
    STILL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stand_still(call: Option<u64>) {
    let Some(call) = call else { return };
    match still().get_mut(&call) {
        Some(is_still) if !*is_still => *is_still = true,
        Some(_) | None => return,
    }
    CHANGED.notify_all();
    let thawed = CHANGED.wait_while(still(), |still| still.contains_key(&call));
    drop(thawed.unwrap_or_else(PoisonError::into_inner));
}

/// The worker to which the next peer of `call` is attached stands still until [`thaw`].
pub(crate) fn freeze(call: CallKey) {
    still().insert(call.0, false);
}

/// Returns when it does.
pub(crate) fn until_frozen(call: CallKey) {
    let frozen = CHANGED.wait_while(still(), |still| still.get(&call.0) != Some(&true));
    drop(frozen.unwrap_or_else(PoisonError::into_inner));
}

/// It goes on.
pub(crate) fn thaw(call: CallKey) {
    still().remove(&call.0);
    CHANGED.notify_all();
}

/// Takes in what is logged from now on.
pub(crate) fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| tracing::subscriber::set_global_default(Log).expect("there is no other"));
}

/// Whether a line was logged that has all of `words`.
pub(crate) fn has(words: &[&str]) -> bool {
    let said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.iter()
        .any(|line| words.iter().all(|word| line.contains(word)))
}

/// The worker to which the next peer of `call` is attached panics.
pub(crate) fn sabotage(call: CallKey) {
    sabotaged().insert(call.0);
}
