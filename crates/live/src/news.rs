//! Pages that wait to hear that what they show has changed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::LinkId;
use tokio::sync::watch;

/// How what a link shows stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It has changed so often since the program began.
    Changed(u64),
    /// The link is dead for ever.
    Withdrawn,
}

/// Counts the changes of what each link shows. It holds one small entry for each link that somebody
/// opened, and those are as many as there are people.
#[derive(Debug)]
pub struct News {
    /// Tells counts of this run of the program from those of another.
    run: u32,
    links: Mutex<HashMap<LinkId, watch::Sender<Standing>>>,
}

impl Default for News {
    fn default() -> Self {
        Self {
            run: ambient::random(),
            links: Mutex::default(),
        }
    }
}

impl News {
    /// Nobody waits yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn links(&self) -> MutexGuard<'_, HashMap<LinkId, watch::Sender<Standing>>> {
        // The map is whole at every step, whatever panicked.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page remembers of a standing that it has seen.
    pub fn write(&self, standing: Standing) -> String {
        match standing {
            Standing::Changed(count) => format!("{:08x}-{count}", self.run),
            Standing::Withdrawn => String::new(),
        }
    }

    /// Follows the changes of a link.
    pub fn listen(&self, link: LinkId) -> watch::Receiver<Standing> {
        self.links()
            .entry(link)
            .or_insert_with(|| watch::Sender::new(Standing::Changed(0)))
            .subscribe()
    }

    /// The same, where no more than `most` do already.
    pub fn listen_once_more(&self, link: LinkId, most: usize) -> Option<watch::Receiver<Standing>> {
        let mut links = self.links();
        let sender = links
            .entry(link)
            .or_insert_with(|| watch::Sender::new(Standing::Changed(0)));
        let listening = (sender.receiver_count() < most).then(|| sender.subscribe());
        drop(links);
        listening
    }

    /// How many pages wait now.
    pub fn waiting(&self) -> u64 {
        let waiting = self
            .links()
            .values()
            .map(watch::Sender::receiver_count)
            .sum::<usize>();
        u64::try_from(waiting).unwrap_or(u64::MAX)
    }

    /// What these links show has changed.
    pub fn tell(&self, links: impl IntoIterator<Item = LinkId>) {
        let map = self.links();
        for sender in links.into_iter().filter_map(|link| map.get(&link)) {
            sender.send_modify(|standing| {
                if let Standing::Changed(count) = standing {
                    *count += 1;
                }
            });
        }
    }

    /// A link is dead for ever.
    pub fn tell_withdrawn(&self, link: LinkId) {
        if let Some(sender) = self.links().get(&link) {
            sender.send_replace(Standing::Withdrawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use call::LinkId;

    use super::{News, Standing};

    #[tokio::test]
    async fn a_page_hears_of_its_own_link_only() {
        let news = News::new();
        let seen = |link| news.write(*news.listen(link).borrow());
        let before = seen(LinkId(1));
        let mut mine = news.listen(LinkId(1));
        news.tell([LinkId(2)]);
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
}
