//! Pages that wait to hear that what they show has changed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::LinkId;
use school::StaffId;
use tokio::sync::watch;
use tokio::time::Instant;

/// How what a page shows stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It has changed so often since the program began.
    Changed(u64),
    /// The link is dead for ever.
    Withdrawn,
}

/// Whose page it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Reader {
    /// Whoever holds a link.
    Link(LinkId),
    /// Somebody of the staff, who signed in.
    Staff(StaffId),
}

impl From<LinkId> for Reader {
    fn from(link: LinkId) -> Self {
        Self::Link(link)
    }
}

impl From<StaffId> for Reader {
    fn from(staff: StaffId) -> Self {
        Self::Staff(staff)
    }
}

#[derive(Debug)]
struct Pages {
    standing: watch::Sender<Standing>,
    /// When one of them last began to wait.
    asked: Instant,
}

/// Counts the changes of what each reader is shown. It holds one small entry for each reader who opened
/// a page, and those are as many as there are people.
#[derive(Debug)]
pub struct News {
    /// Tells counts of this run of the program from those of another.
    run: u32,
    readers: Mutex<HashMap<Reader, Pages>>,
}

impl Default for News {
    fn default() -> Self {
        Self {
            run: ambient::random(),
            readers: Mutex::default(),
        }
    }
}

impl News {
    /// Nobody waits yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<Reader, Pages>> {
        // The map is whole at every step, whatever panicked.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page remembers of a standing that it has seen.
    pub fn write(&self, standing: Standing) -> String {
        match standing {
            Standing::Changed(count) => format!("{:08x}-{count}", self.run),
            Standing::Withdrawn => String::new(),
        }
    }

    /// Follows the changes of what somebody is shown.
    pub fn listen(&self, reader: impl Into<Reader>) -> watch::Receiver<Standing> {
        self.readers()
            .entry(reader.into())
            .or_insert_with(Pages::new)
            .standing
            .subscribe()
    }

    /// The same for a page that waits, where no more than `most` do already.
    pub fn listen_once_more(
        &self,
        reader: impl Into<Reader>,
        most: usize,
    ) -> Option<watch::Receiver<Standing>> {
        let mut readers = self.readers();
        let pages = readers.entry(reader.into()).or_insert_with(Pages::new);
        pages.asked = Instant::now();
        let listening =
            (pages.standing.receiver_count() < most).then(|| pages.standing.subscribe());
        drop(readers);
        listening
    }

    /// Whether a page of theirs waits, or began to within that time: between one question and the next
    /// none does.
    pub fn is_open(&self, reader: impl Into<Reader>, within: Duration) -> bool {
        self.readers().get(&reader.into()).is_some_and(|pages| {
            pages.standing.receiver_count() > 0 || pages.asked.elapsed() < within
        })
    }

    /// How many pages wait now.
    pub fn waiting(&self) -> u64 {
        let waiting = self
            .readers()
            .values()
            .map(|pages| pages.standing.receiver_count())
            .sum::<usize>();
        u64::try_from(waiting).unwrap_or(u64::MAX)
    }

    /// What these are shown has changed.
    pub fn tell<R: Into<Reader>>(&self, to: impl IntoIterator<Item = R>) {
        let readers = self.readers();
        for pages in to.into_iter().filter_map(|it| readers.get(&it.into())) {
            pages.standing.send_modify(|standing| {
                if let Standing::Changed(count) = standing {
                    *count += 1;
                }
            });
        }
    }

    /// A link is dead for ever.
    pub fn tell_withdrawn(&self, link: LinkId) {
        if let Some(pages) = self.readers().get(&link.into()) {
            pages.standing.send_replace(Standing::Withdrawn);
        }
    }
}

impl Pages {
    fn new() -> Self {
        Self {
            standing: watch::Sender::new(Standing::Changed(0)),
            asked: Instant::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use call::LinkId;
    use school::StaffId;

    use super::{News, Standing};

    #[tokio::test]
    async fn a_page_hears_of_its_own_link_only() {
        let news = News::new();
        let seen = |link| news.write(*news.listen(link).borrow());
        let before = seen(LinkId(1));
        let mut mine = news.listen(LinkId(1));
        news.tell([LinkId(2)]);
        news.tell([StaffId(1)]);
        assert_eq!(seen(LinkId(1)), before);
        assert!(!mine.has_changed().expect("it is kept"));
        news.tell([LinkId(1), LinkId(2)]);
        mine.changed().await.expect("it is kept");
        assert_ne!(seen(LinkId(1)), before);
        news.tell_withdrawn(LinkId(1));
        assert_eq!(*mine.borrow_and_update(), Standing::Withdrawn);
        news.tell([LinkId(1)]);
        assert_eq!(*mine.borrow_and_update(), Standing::Withdrawn);
    }

    #[test]
    fn another_run_of_the_program_has_other_news() {
        let standing = Standing::Changed(0);
        assert_ne!(News::new().write(standing), News::new().write(standing));
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_waits_no_more_is_shut_after_a_while() {
        let (news, link) = (News::new(), LinkId(1));
        let within = Duration::from_secs(30);
        assert!(!news.is_open(link, within));
        let waits = news.listen_once_more(link, 1).expect("the first");
        assert!(news.listen_once_more(link, 1).is_none());
        tokio::time::advance(2 * within).await;
        assert!(news.is_open(link, within));
        drop(waits);
        assert!(!news.is_open(link, within));
        drop(news.listen_once_more(link, 1).expect("the next"));
        assert!(news.is_open(link, within));
        tokio::time::advance(within).await;
        assert!(!news.is_open(link, within));
    }
}
