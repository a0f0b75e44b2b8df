//! Who asks what of the records. Of those that ask the same thing one asks at a time, and whoever came before it was asked
//! may take its answer: what was so then was so after they came. Where the records do not answer, that is for all who wait:
//! each would wait as long again, one after another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is asked, by its key.
#[derive(Debug)]
pub struct Turns<K, V>(Mutex<BTreeMap<K, Arc<Question<V>>>>);

impl<K, V> Default for Turns<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// For whom an answer is, beside who asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IsFor {
    /// Nobody.
    Asker,
    /// Whoever came before it was asked.
    Earlier,
    /// Whoever came before it was answered: it says nothing but that the records do not answer.
    Waiting,
}

#[derive(Debug)]
struct Question<V> {
    /// How often it was asked.
    asked: AtomicU64,
    /// How many of those times it was answered.
    answers: AtomicU64,
    /// Held by who asks it: the last answer that is for others, to which of the questions, and for whom.
    answered: tokio::sync::Mutex<Option<(u64, V, IsFor)>>,
}

/// Somebody who asks it, or waits for their turn.
struct Place<'a, K: Copy + Ord, V> {
    turns: &'a Turns<K, V>,
    key: K,
    question: Arc<Question<V>>,
}

impl<K: Copy + Ord, V: Clone> Turns<K, V> {
    /// Asks as soon as nobody else asks that, unless somebody was answered meanwhile whose answer is for them too.
    pub async fn ask(
        &self,
        key: K,
        question: impl Future<Output = V>,
        is_for: impl FnOnce(&V) -> IsFor,
    ) -> V {
        let place = self.come(key);
        let Question { asked, answers, .. } = &*place.question;
        let asked_before = asked.load(Ordering::Relaxed);
        let answered_before = answers.load(Ordering::Relaxed);
        let mut answered = place.question.answered.lock().await;
        if let Some((number, answer, is_for)) = &*answered {
            let is_theirs = match is_for {
                IsFor::Asker => false,
                IsFor::Earlier => *number > asked_before,
                IsFor::Waiting => *number > answered_before,
            };
            if is_theirs {
                return answer.clone();
            }
        }
        let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = question.await;
        answers.store(number, Ordering::Relaxed);
        *answered = Some((number, answer.clone(), is_for(&answer)));
        drop(answered);
        answer
    }
}

impl<K: Copy + Ord, V> Turns<K, V> {
    fn all(&self) -> MutexGuard<'_, BTreeMap<K, Arc<Question<V>>>> {
        // The map is whole at every step, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn come(&self, key: K) -> Place<'_, K, V> {
        let new = || {
            Arc::new(Question {
                asked: AtomicU64::new(0),
                answers: AtomicU64::new(0),
                answered: tokio::sync::Mutex::new(None),
            })
        };
        let question = Arc::clone(self.all().entry(key).or_insert_with(new));
        Place {
            turns: self,
            key,
            question,
        }
    }
}

impl<K: Copy + Ord, V> Drop for Place<'_, K, V> {
    fn drop(&mut self) {
        let mut all = self.turns.all();
        // The map's and this one: nobody else asks.
        if Arc::strong_count(&self.question) == 2 {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::task::{JoinHandle, yield_now};

    use super::*;

    type Answer = Result<u32, u32>;

    /// Says that the records do not answer.
    const AWAY: Answer = Err(u32::MAX);

    /// Those who ask, and what was asked so far.
    #[derive(Clone, Default)]
    struct Asking {
        turns: Arc<Turns<u32, Answer>>,
        asked: Arc<AtomicU64>,
    }

    impl Asking {
        /// Somebody asks, and is answered when it is said what; refusals are for others.
        fn comes(&self, key: u32) -> (oneshot::Sender<Answer>, JoinHandle<Answer>) {
            let (say, said) = oneshot::channel();
            let Self { turns, asked } = self.clone();
            let asks = tokio::spawn(async move {
                let question = async {
                    asked.fetch_add(1, Ordering::Relaxed);
                    said.await.expect("it is said")
                };
                let is_for = |answer: &Answer| match answer {
                    Ok(_) => IsFor::Asker,
                    answer if *answer == AWAY => IsFor::Waiting,
                    Err(_) => IsFor::Earlier,
                };
                turns.ask(key, question, is_for).await
            });
            (say, asks)
        }

        fn asked(&self) -> u64 {
            self.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn whoever_came_before_it_was_asked_takes_the_answer() {
        let asking = Asking::default();
        let (say_first, first) = asking.comes(1);
        yield_now().await;
        // These come while the first asks: what it hears may have been so before they came.
        let [(say_second, second), (_third, third), (_fourth, fourth)] =
            [(); 3].map(|()| asking.comes(1));
        yield_now().await;
        assert_eq!(asking.asked(), 1, "one at a time");
        let (say, elsewhere) = asking.comes(2);
        say.send(Ok(7)).expect("it asks");
        let heard = elsewhere.await.expect("no panic");
        assert_eq!(
            heard,
            Ok(7),
            "what is asked by another key waits for nobody"
        );
        say_first.send(Err(1)).expect("it asks");
        assert_eq!(first.await.expect("no panic"), Err(1));
        say_second.send(Err(2)).expect("it asks");
        for it in [second, third, fourth] {
            assert_eq!(it.await.expect("no panic"), Err(2));
        }
        assert_eq!(asking.asked(), 3, "once for all who waited");
        // What was said before is nothing to whoever comes now.
        let (say, last) = asking.comes(1);
        say.send(Ok(3)).expect("it asks");
        assert_eq!(last.await.expect("no panic"), Ok(3));
        assert!(asking.turns.all().is_empty(), "nothing is kept");
    }

    #[tokio::test]
    async fn whoever_waits_hears_that_the_records_do_not_answer_and_whoever_comes_then_asks() {
        let asking = Asking::default();
        let (say_first, first) = asking.comes(1);
        yield_now().await;
        let [(_second, second), (_third, third)] = [(); 2].map(|()| asking.comes(1));
        yield_now().await;
        say_first.send(AWAY).expect("it asks");
        for it in [first, second, third] {
            assert_eq!(it.await.expect("no panic"), AWAY);
        }
        assert_eq!(asking.asked(), 1, "once for all who waited");
        // Of two that come at once, as the one is answered, the other waits.
        let (say_fourth, fourth) = asking.comes(1);
        yield_now().await;
        let (say_fifth, fifth) = asking.comes(1);
        yield_now().await;
        say_fourth.send(Ok(4)).expect("it asks");
        assert_eq!(fourth.await.expect("no panic"), Ok(4));
        let (_sixth, sixth) = asking.comes(1);
        say_fifth.send(AWAY).expect("it asks");
        for it in [fifth, sixth] {
            assert_eq!(it.await.expect("no panic"), AWAY);
        }
        assert_eq!(asking.asked(), 3);
        assert!(asking.turns.all().is_empty(), "nothing is kept");
    }

    #[tokio::test]
    async fn what_is_not_for_all_is_asked_again_and_so_is_what_was_broken_off() {
        let asking = Asking::default();
        let (_never, first) = asking.comes(1);
        yield_now().await;
        let (say_second, second) = asking.comes(1);
        let (say_third, third) = asking.comes(1);
        yield_now().await;
        first.abort();
        say_second.send(Ok(2)).expect("it asks");
        assert_eq!(second.await.expect("no panic"), Ok(2));
        say_third.send(Ok(3)).expect("it asks");
        assert_eq!(third.await.expect("no panic"), Ok(3));
        assert_eq!(asking.asked(), 3);
        assert!(asking.turns.all().is_empty(), "nothing is kept");
    }
}
