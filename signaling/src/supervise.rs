//! Tasks that live as long as the program: whoever ends too early is begun anew, and that is said
//! (OPS-10).

use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::health::Part;

/// How long until a task that ended is begun anew, the first time.
const FIRST: Duration = Duration::from_millis(250);

/// The longest that is waited.
const LONGEST: Duration = Duration::from_secs(4);

/// How long a task must have lived to count as well again.
const STEADY: Duration = Duration::from_secs(2);

/// How long a task must have lived for the next wait to be the first one again.
const FORGIVEN: Duration = Duration::from_mins(1);

/// Runs what `begin` gives for as long as the program runs, and begins it anew where it panics or
/// ends before `closing`. `part` is unwell from that moment until the new one has lived for a while.
pub(crate) async fn supervise<F>(
    part: Part,
    closing: CancellationToken,
    mut begin: impl FnMut() -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut wait = FIRST;
    let mut is_first = true;
    loop {
        let began = Instant::now();
        // Aborted with the set, should this future be dropped.
        let mut task = JoinSet::new();
        task.spawn(begin());
        let ended = if is_first {
            task.join_next().await
        } else {
            match timeout(STEADY, task.join_next()).await {
                Ok(ended) => ended,
                Err(_steady) => {
                    part.well();
                    tracing::info!(part = part.name(), "it runs again");
                    task.join_next().await
                }
            }
        };
        if closing.is_cancelled() {
            return;
        }
        is_first = false;
        if began.elapsed() >= FORGIVEN {
            wait = FIRST;
        }
        let how = how_it_ended(ended);
        part.unwell(format!("It {how} and is begun anew."));
        tracing::error!(part = part.name(), again_in = ?wait, "it {how} and is begun anew");
        tokio::select! {
            () = closing.cancelled() => return,
            () = sleep(wait) => {}
        }
        wait = wait.saturating_mul(2).min(LONGEST);
    }
}

fn how_it_ended(ended: Option<Result<(), JoinError>>) -> &'static str {
    match ended {
        Some(Err(error)) if error.is_panic() => "broke off by a fault of the program",
        Some(Ok(()) | Err(_)) | None => "ended too early",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;
    use crate::health::{Health, State};

    /// A part whose task does each time what `act` does by its number.
    struct Stage {
        health: Health,
        closing: CancellationToken,
        begun: Arc<AtomicUsize>,
        supervisor: tokio::task::JoinHandle<()>,
    }

    fn stage<F>(act: impl Fn(usize) -> F + Send + 'static) -> Stage
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (health, closing) = (Health::default(), CancellationToken::new());
        let begun = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&begun);
        let supervisor = tokio::spawn(supervise(health.part("part"), closing.clone(), move || {
            act(count.fetch_add(1, Ordering::Relaxed))
        }));
        Stage {
            health,
            closing,
            begun,
            supervisor,
        }
    }

    impl Stage {
        fn is_unwell(&self) -> bool {
            matches!(self.health.all().as_slice(), [(_, State::Unwell(_))])
        }

        async fn until(&self, what: impl Fn(&Self) -> bool) {
            while !what(self) {
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_panics_or_ends_is_begun_anew_within_five_seconds_and_is_unwell_meanwhile() {
        let die = Arc::new(Notify::new());
        let told = Arc::clone(&die);
        let stage = stage(move |number| {
            let die = Arc::clone(&told);
            async move {
                die.notified().await;
                // Every other one ends without a word.
                assert!(number % 2 == 1, "the belief that is false");
            }
        });
        for round in 1..8 {
            stage
                .until(|it| it.begun.load(Ordering::Relaxed) == round)
                .await;
            stage.until(|it| !it.is_unwell()).await;
            let died = Instant::now();
            die.notify_one();
            stage.until(Stage::is_unwell).await;
            stage
                .until(|it| it.begun.load(Ordering::Relaxed) > round)
                .await;
            assert!(died.elapsed() < Duration::from_secs(5));
            assert!(stage.is_unwell(), "not before it has lived for a while");
        }
        stage.closing.cancel();
    }

    #[tokio::test(start_paused = true)]
    async fn who_always_dies_at_once_is_tried_seldom_and_never_well() {
        let stage = stage(|_| async { panic!("the belief that is false") });
        stage.until(Stage::is_unwell).await;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            assert!(stage.is_unwell());
            sleep(Duration::from_millis(10)).await;
        }
        let begun = stage.begun.load(Ordering::Relaxed);
        assert!((15..=20).contains(&begun), "{begun}");
        stage.closing.cancel();
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_end_nobody_is_begun_anew() {
        let stage = stage(|_| std::future::pending());
        stage
            .until(|it| it.begun.load(Ordering::Relaxed) == 1)
            .await;
        let Stage {
            closing,
            begun,
            supervisor,
            ..
        } = stage;
        closing.cancel();
        drop(begun);
        supervisor.abort();
    }
}
