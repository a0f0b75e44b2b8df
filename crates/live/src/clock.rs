//! The time since the program began, which tests can pause.

use call::Moment;
use tokio::time::Instant;

/// A monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// Now.
    #[must_use]
    pub fn now(self) -> Moment {
        Moment(self.began.elapsed())
    }

    /// The instant at which `moment` comes.
    #[must_use]
    pub fn instant(self, moment: Moment) -> Instant {
        self.began + moment.0
    }
}
