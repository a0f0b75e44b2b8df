//! Pages that wait to hear that what they show has changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::LinkId;
use school::StaffId;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::abroad::Abroad;

/// How often what somebody is shown has changed, by which run of which node.
pub type Counts = Vec<(u64, u64)>;

/// Of how many runs that is known, the newest.
const RUNS: usize = 64;

/// Of how many readers it is known who have no page here.
const READERS: usize = 200_000;

/// From how many readers on those are forgotten whose pages are shut.
const FEW: usize = 1_024;

/// For how long nobody has asked where a page is held to be shut. One that asks later is told once too often that
/// something has changed.
const SHUT: Duration = Duration::from_hours(1);

/// For how long after all were told to look whoever comes to wait is told too: their page may have waited at a node that is
/// gone, and hears so when its connection ends, or its time is up.
const LATE: Duration = Duration::from_secs(90);

/// How what a page shows stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It has changed since it was another.
    Changed(u64),
    /// The link is dead for ever.
    Withdrawn,
}

/// Whose page it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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
    asked: Option<Instant>,
    counts: Counts,
    /// How often all had been told to look when they were told last.
    looked: u64,
}

/// The readers of whom something is known.
#[derive(Debug)]
struct Readers {
    of: HashMap<Reader, Pages>,
    /// From how many changes on those are counted of whom nothing is known: what they saw before was of fewer.
    from: u64,
    /// How many there may be until it is looked who of them has no page any more.
    most: usize,
    /// How often all have been told to look, and when that was last.
    looks: u64,
    told_to_look: Option<Instant>,
}

impl Default for Readers {
    fn default() -> Self {
        Self {
            of: HashMap::new(),
            from: 0,
            most: FEW,
            looks: 0,
            told_to_look: None,
        }
    }
}

impl Readers {
    /// What is known of a reader who opens a page.
    fn open(&mut self, reader: Reader, run: u64, among_nodes: bool) -> &mut Pages {
        if self.of.len() >= self.most && !self.of.contains_key(&reader) {
            self.forget(run, among_nodes);
        }
        let from = self.from;
        let begin = || Pages::after(run, from);
        self.of.entry(reader).or_insert_with(begin)
    }

    /// Forgets those whose pages are shut. Among nodes what a reader has seen at one is what it would have seen at all:
    /// there those are known still whom something was told.
    fn forget(&mut self, run: u64, among_nodes: bool) {
        let from = &mut self.from;
        self.of.retain(|_, pages| {
            let is_told = !pages.counts.is_empty();
            let is_kept = pages.is_open(SHUT) || (among_nodes && is_told);
            if !is_kept && is_told {
                *from = (*from).max(pages.count_of(run) + 1);
            }
            is_kept
        });
        self.most = (2 * self.of.len()).max(FEW);
    }
}

/// Counts the changes of what each reader is shown: of those who have a page open, and of others until they are too many.
#[derive(Debug)]
pub struct News {
    /// Tells counts of this run of the program from those of another.
    run: u64,
    readers: Mutex<Readers>,
    /// Where there are other nodes, they hear of it. A page may ask any of them what is new: what it has seen at one is
    /// what it would have seen at all.
    abroad: Option<Arc<Abroad>>,
}

impl Default for News {
    fn default() -> Self {
        Self {
            run: a_run(),
            readers: Mutex::default(),
            abroad: None,
        }
    }
}

/// A number that no other run has, and that is above those of runs that began before it.
fn a_run() -> u64 {
    let began = u64::try_from(ambient::now().as_millisecond()).unwrap_or(0);
    let chance: u32 = ambient::random();
    (began << 20) | u64::from(chance >> 12)
}

impl News {
    /// Nobody waits yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nobody waits yet at this node, which is one of several.
    #[must_use]
    pub fn among_nodes() -> Self {
        Self {
            abroad: Some(Arc::default()),
            ..Self::default()
        }
    }

    pub(crate) const fn abroad(&self) -> Option<&Arc<Abroad>> {
        self.abroad.as_ref()
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        // The map is whole at every step, whatever panicked.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a page remembers of a standing that it has seen.
    pub fn write(&self, standing: Standing) -> String {
        match standing {
            Standing::Changed(of) if self.abroad.is_some() => format!("{of:x}"),
            Standing::Changed(of) => format!("{:x}-{of:x}", self.run),
            Standing::Withdrawn => String::new(),
        }
    }

    /// Follows the changes of what somebody is shown.
    pub fn listen(&self, reader: impl Into<Reader>) -> watch::Receiver<Standing> {
        let mut readers = self.readers();
        let pages = readers.open(reader.into(), self.run, self.abroad.is_some());
        pages.asked = Some(pages.asked.unwrap_or_else(Instant::now));
        let following = pages.standing.subscribe();
        drop(readers);
        following
    }

    /// The same for a page that waits, where no more than `most` do already.
    pub fn listen_once_more(
        &self,
        reader: impl Into<Reader>,
        most: usize,
    ) -> Option<watch::Receiver<Standing>> {
        let reader = reader.into();
        let mut readers = self.readers();
        let told_to_look = readers.told_to_look;
        let pages = readers.open(reader, self.run, self.abroad.is_some());
        pages.asked = Some(Instant::now());
        let listening =
            (pages.standing.receiver_count() < most).then(|| pages.standing.subscribe());
        drop(readers);
        if told_to_look.is_some_and(|it| it.elapsed() < LATE) {
            self.tell_to_look(&[reader]);
        }
        listening
    }

    /// Somebody has pressed on a page of theirs, which is open then, though it may wait at another node.
    pub(crate) fn note_press(&self, reader: impl Into<Reader>) {
        let mut readers = self.readers();
        let pages = readers.open(reader.into(), self.run, self.abroad.is_some());
        pages.asked = Some(Instant::now());
        drop(readers);
    }

    /// Whether a page of theirs waits, or began to within that time: between one question and the next
    /// none does.
    pub fn is_open(&self, reader: impl Into<Reader>, within: Duration) -> bool {
        let is_open = |pages: &Pages| pages.is_open(within);
        self.readers().of.get(&reader.into()).is_some_and(is_open)
    }

    /// How many pages wait now.
    pub fn waiting(&self) -> u64 {
        let waiting = self
            .readers()
            .of
            .values()
            .map(|pages| pages.standing.receiver_count())
            .sum::<usize>();
        u64::try_from(waiting).unwrap_or(u64::MAX)
    }

    /// What these are shown has changed.
    pub fn tell<R: Into<Reader>>(&self, to: impl IntoIterator<Item = R>) {
        let to: Vec<Reader> = to.into_iter().map(Into::into).collect();
        {
            let mut readers = self.readers();
            for reader in &to {
                if let Some(pages) = self.of(&mut readers, *reader) {
                    let before = pages.count_of(self.run);
                    pages.hear(&[(self.run, before + 1)]);
                }
            }
        }
        if let Some(abroad) = &self.abroad
            && !to.is_empty()
        {
            abroad.readers(&to);
        }
    }

    /// Something may have changed of which nobody was told: from now on everybody who comes to wait is told once that they
    /// are to look, for a while; and those are to be told of whom a page waits now, or did within that time.
    pub(crate) fn have_all_look(&self, within: Duration) -> Vec<Reader> {
        let mut readers = self.readers();
        readers.looks += 1;
        readers.told_to_look = Some(Instant::now());
        let open = readers.of.iter().filter(|(_, it)| it.is_open(within));
        let open = open.map(|(reader, _)| *reader).collect();
        drop(readers);
        open
    }

    /// These are to look, unless they were told so since it was said of all.
    pub(crate) fn tell_to_look(&self, of: &[Reader]) {
        let untold: Vec<_> = {
            let mut readers = self.readers();
            let looks = readers.looks;
            let mut is_untold = |reader: &Reader| {
                let pages = readers.of.get_mut(reader);
                pages.is_some_and(|it| std::mem::replace(&mut it.looked, looks) < looks)
            };
            let untold = of.iter().copied().filter(|it| is_untold(it)).collect();
            drop(readers);
            untold
        };
        self.tell(untold);
    }

    /// How often what somebody is shown has changed, as another node tells it.
    pub(crate) fn hear(&self, reader: Reader, counts: &[(u64, u64)]) {
        if let Some(pages) = self.of(&mut self.readers(), reader) {
            pages.hear(counts);
        }
    }

    /// What is known of a reader; among nodes of one too who has no page here, and may have one next.
    fn of<'a>(&self, readers: &'a mut Readers, reader: Reader) -> Option<&'a mut Pages> {
        if self.abroad.is_some() && readers.of.len() < READERS {
            return Some(readers.open(reader, self.run, true));
        }
        readers.of.get_mut(&reader)
    }

    /// Those who were told of anything.
    pub(crate) fn all(&self) -> Vec<Reader> {
        let readers = self.readers();
        let told = readers.of.iter().filter(|(_, it)| !it.counts.is_empty());
        let told = told.map(|(reader, _)| *reader).collect();
        drop(readers);
        told
    }

    /// How often what these are shown has changed; and those of them of whom that is too `much` for one message.
    pub(crate) fn counts(
        &self,
        of: Vec<Reader>,
        much: usize,
    ) -> (Vec<(Reader, Counts)>, Vec<Reader>) {
        let readers = self.readers();
        let (mut counts, mut rest, mut so_far) = (Vec::new(), Vec::new(), 0);
        for reader in of {
            let its = readers.of.get(&reader).map(|it| it.counts.clone());
            let its = its.unwrap_or_default();
            if so_far < much {
                so_far += its.len();
                counts.push((reader, its));
            } else {
                rest.push(reader);
            }
        }
        drop(readers);
        (counts, rest)
    }

    /// A link is dead for ever.
    pub fn tell_withdrawn(&self, link: LinkId) {
        if let Some(pages) = self.readers().of.get(&link.into()) {
            pages.standing.send_replace(Standing::Withdrawn);
        }
    }
}

impl Pages {
    /// Of somebody for whom so much has changed in this run, whether they know or not.
    fn after(run: u64, changes: u64) -> Self {
        let mut pages = Self {
            standing: watch::Sender::new(Standing::Changed(0)),
            asked: None,
            counts: Counts::new(),
            looked: 0,
        };
        if changes > 0 {
            pages.hear(&[(run, changes)]);
        }
        pages
    }

    /// Whether one of them waits, or began to within that time.
    fn is_open(&self, within: Duration) -> bool {
        let asked = self.asked.is_some_and(|it| it.elapsed() < within);
        self.standing.receiver_count() > 0 || asked
    }

    fn count_of(&self, run: u64) -> u64 {
        let found = self.counts.iter().find(|(it, _)| *it == run);
        found.map_or(0, |(_, count)| *count)
    }

    /// It has changed so often, by these runs. In whatever order that is heard, and however often, it comes to the same.
    fn hear(&mut self, counts: &[(u64, u64)]) {
        let before = self.counts.clone();
        for (run, count) in counts {
            let known = self.counts.iter_mut().find(|(it, _)| it == run);
            if let Some((_, known)) = known {
                *known = (*known).max(*count);
            } else {
                self.counts.push((*run, *count));
            }
        }
        // The newest, wherever they are known.
        self.counts.sort_unstable_by(|one, other| other.cmp(one));
        self.counts.truncate(RUNS);
        if self.counts == before {
            return;
        }
        let parts = self.counts.iter().map(|(run, count)| mixed(*run, *count));
        let sum = parts.fold(0, u64::wrapping_add);
        self.standing.send_modify(|standing| {
            if let Standing::Changed(of) = standing {
                *of = sum;
            }
        });
    }
}

/// So many changes by one run, as a number of which a sum is like no other (`SplitMix64`: Steele, Lea, Flood 2014).
const fn mixed(run: u64, count: u64) -> u64 {
    let it = run.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
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

    /// A page may ask one node now, and another next.
    #[test]
    fn what_was_seen_at_one_node_is_what_is_seen_at_all() {
        let (one, other, third) = (
            News::among_nodes(),
            News::among_nodes(),
            News::among_nodes(),
        );
        let link = LinkId(1);
        let seen = |news: &News| news.write(*news.listen(link).borrow());
        let tell = |from: &News, to: &News| {
            for (reader, counts) in from.counts(from.all(), usize::MAX).0 {
                to.hear(reader, &counts);
            }
        };
        assert_eq!(seen(&one), seen(&other));
        one.tell([link]);
        assert_ne!(seen(&one), seen(&other));
        tell(&one, &other);
        assert_eq!(seen(&one), seen(&other));
        // Both at a time, and in whatever order they hear of it.
        one.tell([link]);
        other.tell([link, LinkId(2)]);
        let before = seen(&one);
        tell(&other, &third);
        tell(&one, &other);
        tell(&other, &one);
        tell(&one, &third);
        tell(&one, &third);
        assert_ne!(seen(&one), before);
        assert!(seen(&one) == seen(&other) && seen(&one) == seen(&third));
        let within = Duration::from_secs(30);
        assert!(!one.is_open(LinkId(2), within), "nobody has asked");
        // However many runs there were.
        for run in 0..100 {
            third.hear(link.into(), &[(run, 1)]);
            one.hear(link.into(), &[(99 - run, 1)]);
        }
        assert_eq!(seen(&one), seen(&third));
        let (some, rest) = one.counts(vec![link.into(), LinkId(2).into()], 1);
        assert_eq!((some.len(), rest), (1, vec![LinkId(2).into()]));
        assert_eq!(some.first().map(|(_, it)| it.len()), Some(super::RUNS));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_no_page_is_forgotten_and_told_of_a_change_at_the_next() {
        let news = News::new();
        let seen = |link| news.write(*news.listen(link).borrow());
        let known = |news: &News| news.readers().of.len();
        let first = seen(LinkId(1));
        let waits = news.listen_once_more(LinkId(2), 1).expect("the first");
        news.tell([LinkId(1), LinkId(2)]);
        let second = seen(LinkId(1));
        let of_the_second = seen(LinkId(2));
        tokio::time::advance(super::SHUT).await;
        for link in 0..100 * super::FEW as u64 {
            drop(news.listen(LinkId(1_000 + link)));
            tokio::time::advance(Duration::from_secs(60)).await;
        }
        assert!(known(&news) <= super::FEW, "{}", known(&news));
        // Who waits is known, whoever asks again sees a change, and what changes from now on is another.
        assert_eq!(seen(LinkId(2)), of_the_second);
        let third = seen(LinkId(1));
        assert!(third != first && third != second);
        news.tell([LinkId(1)]);
        assert_ne!(seen(LinkId(1)), third);
        drop(waits);
    }

    /// What a node committed that was killed before it could say so is told by nobody.
    #[tokio::test(start_paused = true)]
    async fn all_look_once_more_also_who_comes_from_a_node_that_is_gone() {
        let (one, other) = (News::among_nodes(), News::among_nodes());
        let seen = |news: &News, link| news.write(*news.listen(link).borrow());
        let waits = |news: &News, link| {
            let waits = news.listen_once_more(link, 1).expect("the first");
            news.write(*waits.borrow())
        };
        let tell = |from: &News, to: &News| {
            for (reader, counts) in from.counts(from.all(), usize::MAX).0 {
                to.hear(reader, &counts);
            }
        };
        let (here, there, shut) = (LinkId(1), LinkId(2), LinkId(3));
        let [first, second, third] = [here, there, shut].map(|link| seen(&one, link));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(waits(&one, here), first);
        let open = one.have_all_look(Duration::from_secs(30));
        assert_eq!(open, [here.into()], "nobody else has a page open");
        one.tell_to_look(&open);
        let again = seen(&one, here);
        assert_ne!(again, first);
        one.tell_to_look(&open);
        assert_eq!(waits(&one, here), again, "they are told once");
        // Whose page waited at a node that is gone asks here next, and is told once.
        let came = waits(&one, there);
        assert_ne!(came, second);
        assert_eq!(waits(&one, there), came);
        tell(&one, &other);
        assert_eq!(waits(&other, there), came, "at each node");
        // Long after that nothing is new.
        tokio::time::advance(super::LATE).await;
        assert_eq!(waits(&one, shut), third);
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
