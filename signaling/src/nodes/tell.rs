//! What a node tells the others without being asked: what is new to whom, who is where, and what was done above
//! meetings. Each message is answered before the next is said, so they are heard in their order; where one is not, all is
//! told anew. It goes on until the streams end: those of a program that ends do so after its last deed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use call::{CallId, Epoch, LinkId};
use cluster::Notice;
use live::abroad::{CallTold, Told};
use live::news::{Counts, Reader};
use school::StaffId;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{interval, sleep};
use wire::http::teacher::Presence;

use super::ask;
use super::stream::Stream;
use crate::house::House;

/// For how long changes are gathered before they are told.
const TOGETHER: Duration = Duration::from_millis(50);

/// How often it is told again who says that they are here: they are so while their pages are open.
const HERE: Duration = Duration::from_secs(10);

/// How long until all is told anew that was not heard.
const AGAIN: Duration = Duration::from_secs(2);

/// How much of what was done is told at a time, so that it has room in one message.
const DONE: usize = 100;

/// For how long what is counted is gathered: somebody may ask elsewhere meanwhile.
const COUNTED_TOGETHER: Duration = Duration::from_millis(10);

/// How much of that is told at a time, so that it has room in one message.
const COUNTED: usize = 100;

/// [`Told`], as it is said.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Words {
    begins: bool,
    links: Vec<(u64, Counts)>,
    staff: Vec<(u64, Counts)>,
    calls: Vec<Call>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Call {
    call: u64,
    there: Vec<(u64, Presence)>,
    here: Vec<u64>,
    /// A node of an earlier version says none.
    #[serde(default)]
    said: Vec<(u64, (u64, bool))>,
    followers: Vec<u64>,
}

/// A notice, as it is said.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Done {
    Withdrawn { link: u64 },
    Moved { link: u64, call: u64, epoch: u64 },
    Changed { call: u64 },
}

impl Done {
    /// None of what each node knows of itself.
    pub(super) const fn of(notice: Notice) -> Option<Self> {
        Some(match notice {
            Notice::Withdrawn { link, call: _ } => Self::Withdrawn { link: link.0 },
            Notice::Moved { link, call, epoch } => Self::Moved {
                link: link.0,
                call: call.0,
                epoch: epoch.0,
            },
            Notice::Changed { call } => Self::Changed { call: call.0 },
            Notice::Lost { .. } => return None,
        })
    }
}

impl From<Done> for Notice {
    fn from(done: Done) -> Self {
        match done {
            Done::Withdrawn { link } => Self::Withdrawn {
                link: LinkId(link),
                call: None,
            },
            Done::Moved { link, call, epoch } => Self::Moved {
                link: LinkId(link),
                call: CallId(call),
                epoch: Epoch(epoch),
            },
            Done::Changed { call } => Self::Changed { call: CallId(call) },
        }
    }
}

impl From<Told> for Words {
    fn from(told: Told) -> Self {
        let (mut links, mut staff) = (Vec::new(), Vec::new());
        for (reader, counts) in told.news {
            match reader {
                Reader::Link(link) => links.push((link.0, counts)),
                Reader::Staff(it) => staff.push((it.0, counts)),
            }
        }
        let calls = told.calls.into_iter().map(|it| Call {
            call: it.call,
            there: it.there.into_iter().map(|(it, is)| (it.0, is)).collect(),
            here: it.here.into_iter().map(|it| it.0).collect(),
            said: it.said.into_iter().map(|(it, is)| (it.0, is)).collect(),
            followers: it.followers.into_iter().map(|it| it.0).collect(),
        });
        Self {
            begins: told.begins,
            links,
            staff,
            calls: calls.collect(),
        }
    }
}

impl From<Words> for Told {
    fn from(words: Words) -> Self {
        let links = words.links.into_iter();
        let links = links.map(|(it, counts)| (Reader::Link(LinkId(it)), counts));
        let staff = words.staff.into_iter();
        let staff = staff.map(|(it, counts)| (Reader::Staff(StaffId(it)), counts));
        let calls = words.calls.into_iter().map(|it| CallTold {
            call: it.call,
            there: it
                .there
                .into_iter()
                .map(|(it, is)| (LinkId(it), is))
                .collect(),
            here: it.here.into_iter().map(LinkId).collect(),
            said: it
                .said
                .into_iter()
                .map(|(it, is)| (LinkId(it), is))
                .collect(),
            followers: it.followers.into_iter().map(LinkId).collect(),
        });
        Self {
            begins: words.begins,
            news: links.chain(staff).collect(),
            calls: calls.collect(),
        }
    }
}

/// Tells the node at the other end of a stream, until that ends.
pub(super) async fn tell(house: Arc<House>, stream: Arc<Stream>) {
    let Some(listener) = house.live.listen_abroad() else {
        return;
    };
    // However often there is something to tell besides.
    let mut again = interval(HERE);
    loop {
        tokio::select! {
            () = stream.has_ended_by_now() => return,
            () = listener.changed() => sleep(TOGETHER).await,
            _ = again.tick() => house.live.tell_again(&listener),
        }
        while let Some(told) = house.live.next_told(&listener) {
            if !ask::tell(&stream, told.into()).await {
                tokio::select! {
                    () = stream.has_ended_by_now() => return,
                    () = sleep(AGAIN) => {}
                }
                house.live.tell_all(&listener);
                break;
            }
        }
    }
}

/// Tells the node at the other end of a stream what is counted here, until that ends. What it does not hear it goes
/// without.
pub(super) async fn tell_counted(house: Arc<House>, stream: Arc<Stream>) {
    let Some(mut counted) = house.tells.listen() else {
        return;
    };
    loop {
        let first = tokio::select! {
            () = stream.has_ended_by_now() => return,
            first = counted.recv() => first,
        };
        let first = match first {
            Ok(first) => first,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        sleep(COUNTED_TOGETHER).await;
        let more = gathered(&mut counted, COUNTED);
        let all: Vec<_> = std::iter::once(first).chain(more).collect();
        if !ask::tell_counted(&stream, all).await {
            tracing::debug!("another node has not heard what was counted");
        }
    }
}

/// Tells the node at the other end of a stream what was done here, until that ends. Where it has not heard something, as
/// before the stream began, it is told to look for itself; and again what has `ended` lately, for one that does not reach
/// the records does not find it there.
pub(super) async fn tell_done(
    stream: Arc<Stream>,
    (ended, mut notices): (impl Fn() -> Vec<Notice>, Receiver<Notice>),
) {
    let (mut begins, mut all) = (true, Vec::new());
    loop {
        while begins || !all.is_empty() {
            if begins {
                all = ended().into_iter().filter_map(Done::of).collect();
            }
            let is_heard = say_done(&stream, begins, &std::mem::take(&mut all)).await;
            stream.note_whether_heard(is_heard);
            begins = !is_heard;
            if begins {
                tokio::select! {
                    () = stream.has_ended_by_now() => return,
                    () = sleep(AGAIN) => {}
                }
            }
        }
        let first = tokio::select! {
            () = stream.has_ended_by_now() => return,
            first = notices.recv() => first,
        };
        match first {
            Ok(first) => {
                let more = gathered(&mut notices, DONE);
                let done = std::iter::once(first).chain(more);
                all = done.filter_map(Done::of).collect();
            }
            Err(RecvError::Lagged(_)) => begins = true,
            Err(RecvError::Closed) => return,
        }
    }
}

/// Says all of it, as much at a time as has room in one message; whether it was heard.
async fn say_done(stream: &Arc<Stream>, begins: bool, all: &[Done]) -> bool {
    let mut parts = all.chunks(DONE);
    let first = parts.next().unwrap_or_default();
    if !ask::tell_done(stream, begins, first.to_vec()).await {
        return false;
    }
    for part in parts {
        if !ask::tell_done(stream, false, part.to_vec()).await {
            return false;
        }
    }
    true
}

/// What has come meanwhile, beside one.
fn gathered<T: Clone>(told: &mut Receiver<T>, most: usize) -> impl Iterator<Item = T> {
    std::iter::from_fn(|| told.try_recv().ok()).take(most - 1)
}

/// Another node's stream here: what was told on it counts while this is there.
pub(super) struct Teller {
    house: Arc<House>,
    pub(super) number: u64,
    /// What that node is called.
    pub(super) name: String,
    /// Whether it was said that it asks what this node does not know.
    has_asked_else: AtomicBool,
}

impl Teller {
    pub(super) fn new(house: &Arc<House>, name: &str) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        if let Some(nodes) = &house.nodes {
            nodes.tellers.come(number, name);
        }
        Self {
            house: Arc::clone(house),
            number,
            name: name.to_owned(),
            has_asked_else: AtomicBool::new(false),
        }
    }

    /// It asks what this node does not know, as it may again and again: it is said once.
    pub(super) fn asks_else(&self) {
        if !self.has_asked_else.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "another node asks what this one does not know: is it of another version?"
            );
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if let Some(nodes) = &self.house.nodes {
            nodes.tellers.go(self.number);
        }
        self.house.live.forget_told(self.number);
        // It may have been killed between a commit and telling of it.
        self.house.have_all_look();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast;
    use tokio::time::timeout;

    use super::super::stream::Begun;
    use super::super::stream::tests::streams;
    use super::*;

    const TIME: Duration = Duration::from_secs(20);

    /// What was not heard, as while there was no way or no answer, is said again: whoever hears it may be without the
    /// records.
    #[tokio::test]
    async fn what_has_ended_is_told_until_it_is_heard() {
        let (one, _other, mut begun) = streams().await;
        let (tells, notices) = broadcast::channel(10);
        let withdrawn = |link| Notice::Withdrawn {
            link: LinkId(link),
            call: None,
        };
        // More than has room in one message.
        let before: Vec<_> = (0..150).map(withdrawn).collect();
        let ended = move || before.clone();
        let tells_done = tell_done(Arc::clone(&one), (ended, notices));
        let telling = tokio::spawn(tells_done);
        let mut heard = Vec::new();
        let mut asked = 0;
        while heard.len() < 151 {
            let question = timeout(TIME, begun.recv()).await;
            let Ok(Some(Begun::Question(channel, text))) = question else {
                panic!("{question:?}");
            };
            asked += 1;
            if asked == 1 {
                // It is lost.
                drop(channel);
                continue;
            }
            let said: serde_json::Value = serde_json::from_str(&text).expect("a question");
            assert_eq!(said["begins"], asked == 2, "{said}");
            for it in said["all"].as_array().expect("a list") {
                heard.push(it["withdrawn"]["link"].as_u64().expect("a number"));
            }
            let mut speaker = channel.speaker;
            speaker.say("true".into()).await.expect("said");
            speaker.close(1000).await.expect("said");
            if heard.len() == 150 {
                tells.send(withdrawn(150)).expect("it listens");
            }
        }
        assert_eq!(heard, (0..151).collect::<Vec<_>>());
        one.end();
        timeout(TIME, telling)
            .await
            .expect("in time")
            .expect("no panic");
    }
}
