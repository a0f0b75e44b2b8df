//! Whether the mail server takes e-mails: known from what became of those that were tried, and said
//! once.

use std::time::Duration;

use tokio::time::Instant;

use crate::send::Trouble;

/// How many conversations may be young at once; each ends soon, or becomes a slow one.
const MOST_YOUNG: usize = 4;

/// How long a conversation is young: one that takes longer holds up no other.
pub(crate) const YOUNG: Duration = Duration::from_secs(10);

/// How many conversations may be going on at once, slow ones among them. So many that a mail server
/// that hangs is still tried again every few seconds while the ones before wait for it.
const MOST: usize = 40;

/// How often a mail server that does not answer, or cannot be reached, is tried.
const TRY: Duration = Duration::from_secs(3);

/// How often one is that answers, and refuses us: accounts are locked where that is often.
const TRY_REFUSED: Duration = Duration::from_mins(1);

/// How often a trouble that lasts is said again.
const REMIND: Duration = Duration::from_hours(1);

/// The mail server, as far as is known.
#[derive(Debug, Default)]
pub(crate) struct Way {
    trouble: Option<Troubled>,
    /// When it last answered as it should.
    answered: Option<Instant>,
}

#[derive(Debug)]
struct Troubled {
    trouble: Trouble,
    next_try: Instant,
    said: Instant,
    /// Whether it was a try that was refused: then a try says when that is over.
    is_seen_by_tries: bool,
}

/// What there is to say of a change.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum News {
    /// It takes e-mails again.
    Well,
    /// It does not; to be said in the log too where `is_new`.
    Troubled { sentence: String, is_new: bool },
}

impl Way {
    /// How many conversations may begin now, where these have begun at those moments.
    pub(crate) fn room(&self, begun: impl Iterator<Item = Instant>, now: Instant) -> usize {
        let (mut all, mut young) = (0_usize, 0_usize);
        for moment in begun {
            all += 1;
            young += usize::from(now.duration_since(moment) < YOUNG);
        }
        let room = MOST.saturating_sub(all);
        match &self.trouble {
            None => room.min(MOST_YOUNG.saturating_sub(young)),
            Some(troubled) if now >= troubled.next_try => room.min(1),
            Some(_) => 0,
        }
    }

    /// Whether it is in trouble, and until when nothing is tried.
    pub(crate) fn next_try(&self) -> Option<Instant> {
        self.trouble.as_ref().map(|it| it.next_try)
    }

    /// One is tried now, in trouble.
    pub(crate) fn tries(&mut self, now: Instant) {
        if let Some(troubled) = &mut self.trouble {
            let pause = if troubled.trouble.is_refusal {
                TRY_REFUSED
            } else {
                TRY
            };
            troubled.next_try = now + pause;
        }
    }

    /// A conversation that began then ended as it should, whatever was said of the e-mail.
    pub(crate) fn answered(&mut self, now: Instant) -> Option<News> {
        self.answered = Some(now);
        self.trouble.take().map(|_over| News::Well)
    }

    /// A try in which nothing was sent, that began then, has ended. That the server is there does not say that it
    /// takes what it has refused.
    pub(crate) fn tried(
        &mut self,
        began: Instant,
        told: Result<(), Trouble>,
        now: Instant,
    ) -> Option<News> {
        let stays = self
            .trouble
            .as_ref()
            .is_some_and(|it| it.trouble.is_refusal && !it.is_seen_by_tries);
        match told {
            Ok(()) if stays => None,
            Ok(()) => self.trouble.take().map(|_over| News::Well),
            Err(trouble) if stays && !trouble.is_refusal => None,
            Err(trouble) => {
                let is_refusal = trouble.is_refusal;
                let news = self.failed(began, trouble, now);
                if let Some(troubled) = &mut self.trouble {
                    troubled.is_seen_by_tries |= is_refusal && news.is_some();
                }
                news
            }
        }
    }

    /// A conversation that began then ended in trouble. Where another ended as it should since, it
    /// is no trouble of the mail server's, but of that one e-mail.
    pub(crate) fn failed(
        &mut self,
        began: Instant,
        trouble: Trouble,
        now: Instant,
    ) -> Option<News> {
        if self.answered.is_some_and(|answered| answered >= began) {
            return None;
        }
        let sentence = trouble.sentence.clone();
        let is_new = match &mut self.trouble {
            Some(before) => {
                before.trouble = trouble;
                let is_due = now.duration_since(before.said) >= REMIND;
                if is_due {
                    before.said = now;
                }
                is_due
            }
            None => {
                let pause = if trouble.is_refusal { TRY_REFUSED } else { TRY };
                self.trouble = Some(Troubled {
                    trouble,
                    next_try: now + pause,
                    said: now,
                    is_seen_by_tries: false,
                });
                true
            }
        };
        Some(News::Troubled { sentence, is_new })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(is_refusal: bool) -> Trouble {
        Trouble {
            sentence: "no.".to_owned(),
            is_refusal,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_is_said_once_tried_often_and_over_with_the_first_answer() {
        let began = Instant::now();
        let mut way = Way::default();
        assert_eq!(way.room(std::iter::empty(), began), MOST_YOUNG);
        let said = |is_new| {
            Some(News::Troubled {
                sentence: "no.".to_owned(),
                is_new,
            })
        };
        assert_eq!(way.failed(began, trouble(false), began), said(true));
        for second in 1..3600 {
            let now = began + Duration::from_secs(second);
            if way.room(std::iter::empty(), now) > 0 {
                assert_eq!(second % TRY.as_secs(), 0);
                way.tries(now);
            }
            assert_eq!(way.failed(now, trouble(false), now), said(false));
        }
        let hour = began + REMIND;
        assert_eq!(way.failed(hour, trouble(true), hour), said(true));
        way.tries(hour);
        assert_eq!(way.next_try(), Some(hour + TRY_REFUSED));
        assert_eq!(way.answered(hour), Some(News::Well));
        assert_eq!(way.answered(hour), None);
        assert_eq!(way.next_try(), None);
        // What began before that says nothing new.
        assert_eq!(way.failed(began, trouble(false), hour), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_refused_is_not_over_because_somebody_is_there() {
        let now = Instant::now();
        let said = |is_new| {
            Some(News::Troubled {
                sentence: "no.".to_owned(),
                is_new,
            })
        };
        let mut way = Way::default();
        assert_eq!(way.tried(now, Ok(()), now), None);
        // It was away, and is there.
        let later = now + Duration::from_secs(1);
        assert_eq!(way.tried(later, Err(trouble(false)), later), said(true));
        assert_eq!(way.tried(later, Ok(()), later), Some(News::Well));
        // A message was refused: a try does not see why, and only the next message says that it is over.
        let later = now + Duration::from_secs(2);
        assert_eq!(way.failed(later, trouble(true), later), said(true));
        assert_eq!(way.tried(later, Ok(()), later), None);
        assert_eq!(way.tried(later, Err(trouble(false)), later), None);
        assert_eq!(way.tried(later, Ok(()), later), None);
        assert_eq!(way.answered(later), Some(News::Well));
        // A try was refused, so the next one says when that is over.
        let later = now + Duration::from_secs(3);
        assert_eq!(way.failed(later, trouble(true), later), said(true));
        assert_eq!(way.tried(later, Err(trouble(true)), later), said(false));
        assert_eq!(way.tried(later, Ok(()), later), Some(News::Well));
    }

    #[tokio::test(start_paused = true)]
    async fn slow_conversations_hold_up_no_others_but_are_bounded() {
        let now = Instant::now() + Duration::from_secs(60);
        let way = Way::default();
        let old = now - YOUNG;
        assert_eq!(way.room(vec![now; 4].into_iter(), now), 0);
        assert_eq!(way.room(vec![old; 4].into_iter(), now), MOST_YOUNG);
        assert_eq!(way.room(vec![old; MOST - 1].into_iter(), now), 1);
        assert_eq!(way.room(vec![old; MOST].into_iter(), now), 0);
    }
}
