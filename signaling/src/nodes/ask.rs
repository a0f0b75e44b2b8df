//! What a node asks another: credentials of the relay there, which leads to that node's media alone; who was
//! in a call there; whether somebody is there who comes back; whose pages are open there; how it stands with people who
//! are taken in; and that it hears what is told.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use call::{CallId, LinkId, SessionId};
use cluster::Boot;
use live::OPEN;
use school::StaffId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use store::Actor;
use tokio::time::timeout;
use wire::http::RelayAccess;
use wire::http::people::ImportReport;

use super::stream::{Channel, Speaker, Stream, Unsaid};
use super::tell::{Done, Teller, Words};
use crate::counted::Counted;
use crate::house::House;
use crate::intake::{AtNode, Source, Wish};
use crate::settings::Digests;

/// How long the other node may take. Without an answer a page joins without a relay.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it may take where somebody waits meanwhile.
const SOON: Duration = Duration::from_millis(500);

/// How long it may take to say row by row what an import came to, and how much that may be, bytes: many times what
/// there is of the largest school.
const AT_LENGTH: Duration = Duration::from_secs(10);
const LONGEST_REPORT: usize = 64 * 1024 * 1024;

/// How much of an answer is said at once, bytes.
const PIECE: usize = 128 * 1024;

/// How a question ends that was answered (RFC 6455 §7.4.1).
pub(super) const ANSWERED: u16 = 1000;

/// A question.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
enum Question {
    /// Credentials for a press of this link on the way to this meeting, under the name of its ticket.
    Relay {
        link: u64,
        meeting: u64,
        name: String,
    },
    /// Whether a session is in a meeting that lives here.
    Holds { session: u64 },
    /// Which links were in a call of this meeting that goes on.
    WereIn { meeting: u64 },
    /// Whether this node takes new meetings: it is not drained, and the records hear it.
    TakesMeetings {},
    /// Whether the records have heard this node just now: they do not hear the one that asks.
    DoRecordsHearYou {},
    /// That a run has ended, which cannot write that down itself.
    HasEnded { boot: String },
    /// That something may have been committed of which nobody was told: every page that is open there looks once more.
    Look {},
    /// Whose of these links have a page open.
    AreOpen { links: Vec<u64> },
    /// What it has of the settings that are to be the same at all nodes, as digests by the key of the nodes.
    SettingsByKey {},
    /// How it stands there with people who are taken in from this source.
    Intake { from: Source },
    /// What the run that began then has come to there, row by row.
    ImportReport { from: Source, began: i64 },
    /// That it looks into its import folder, as somebody of the office asks.
    TakeFromFolder {
        staff: u64,
        apply: bool,
        seen: Option<String>,
    },
    /// That it has heard this.
    Told(Words),
    /// The same.
    Counted {
        #[serde(deserialize_with = "known")]
        all: Vec<Counted>,
    },
    /// The same; where it `begins`, more was done before that it may not have heard.
    Done { begins: bool, all: Vec<Done> },
}

/// Those of many that this version knows: what another says beside them is lost alone.
fn known<'de, D: Deserializer<'de>>(all: D) -> Result<Vec<Counted>, D::Error> {
    let all: Vec<serde_json::Value> = Vec::deserialize(all)?;
    let known = all.into_iter().map(serde_json::from_value);
    Ok(known.filter_map(Result::ok).collect())
}

/// Asks for credentials of the relay of the node that `call` lives at; none where it gives none.
pub(crate) async fn relay(
    stream: &Arc<Stream>,
    (link, call): (LinkId, CallId),
    ticket: &str,
) -> Option<RelayAccess> {
    let question = Question::Relay {
        link: link.0,
        meeting: call.0,
        name: live::relay_name(ticket),
    };
    ask(stream, &question).await
}

/// Whether a session is in a meeting of the other node's, as far as it says so.
pub(super) async fn holds(stream: &Arc<Stream>, session: SessionId) -> bool {
    let session = session.0;
    let answer = ask(stream, &Question::Holds { session }).await;
    answer == Some(true)
}

/// Whether the other node takes new meetings, as far as it says so.
pub(super) async fn takes_meetings(stream: &Arc<Stream>) -> bool {
    ask(stream, &Question::TakesMeetings {}).await == Some(true)
}

/// The same, while somebody waits.
pub(super) async fn takes_meetings_soon(stream: &Arc<Stream>) -> bool {
    let asked = timeout(SOON, takes_meetings(stream)).await;
    asked.unwrap_or(false)
}

/// Whether the records hear the other node, as far as it says so.
pub(super) async fn do_records_hear(stream: &Arc<Stream>) -> bool {
    ask(stream, &Question::DoRecordsHearYou {}).await == Some(true)
}

/// Has the other node write down that a run has ended; whether it has.
pub(super) async fn write_end(stream: &Arc<Stream>, boot: Boot) -> bool {
    let boot = boot.to_string();
    ask(stream, &Question::HasEnded { boot }).await == Some(true)
}

/// Has every page that is open at the other node look once more; whether it has heard that.
pub(super) async fn look(stream: &Arc<Stream>) -> bool {
    ask(stream, &Question::Look {}).await == Some(true)
}

/// Who was in a call that the other node has; none where it does not say.
pub(crate) async fn were_in(stream: &Arc<Stream>, call: CallId) -> Option<Vec<LinkId>> {
    let meeting = call.0;
    let links: Vec<u64> = ask(stream, &Question::WereIn { meeting }).await?;
    Some(links.into_iter().map(LinkId).collect())
}

/// Whose of these have a page open at the other node, as far as it says so.
pub(super) async fn are_open(stream: &Arc<Stream>, links: &[LinkId]) -> Vec<LinkId> {
    let links = links.iter().map(|it| it.0).collect();
    let question = Question::AreOpen { links };
    let asked = ask(stream, &question);
    let open: Option<Vec<u64>> = timeout(SOON, asked).await.ok().flatten();
    open.unwrap_or_default().into_iter().map(LinkId).collect()
}

/// What the other node has of the settings that are to be the same at all.
pub(super) async fn settings(stream: &Arc<Stream>) -> Option<Digests> {
    ask(stream, &Question::SettingsByKey {}).await
}

/// How it stands at the other node with people who are taken in.
pub(super) async fn intake(stream: &Arc<Stream>, from: Source) -> Option<AtNode> {
    ask(stream, &Question::Intake { from }).await
}

/// What the run that began then has come to at the other node, row by row.
pub(super) async fn import_report(
    stream: &Arc<Stream>,
    from: Source,
    began: i64,
) -> Option<ImportReport> {
    let question = serde_json::to_string(&Question::ImportReport { from, began }).ok()?;
    let asked = stream.ask_at_length(question.into(), LONGEST_REPORT);
    let answer = timeout(AT_LENGTH, asked).await.ok()??;
    serde_json::from_str(&answer).ok()?
}

/// Has the other node look into its import folder; whether it has one.
pub(super) async fn take_from_folder(stream: &Arc<Stream>, wish: &Wish) -> bool {
    let Actor::Staff(StaffId(staff)) = wish.by else {
        return false;
    };
    let (apply, seen) = (wish.apply, wish.seen.clone());
    let question = Question::TakeFromFolder { staff, apply, seen };
    ask(stream, &question).await == Some(true)
}

/// Tells the other node this; whether it has heard it.
pub(super) async fn tell(stream: &Arc<Stream>, words: Words) -> bool {
    ask(stream, &Question::Told(words)).await == Some(true)
}

/// Tells the other node what was counted here; whether it has heard it.
pub(super) async fn tell_counted(stream: &Arc<Stream>, counted: Vec<Counted>) -> bool {
    ask(stream, &Question::Counted { all: counted }).await == Some(true)
}

/// Tells the other node what was done here; whether it has heard it.
pub(super) async fn tell_done(stream: &Arc<Stream>, begins: bool, all: Vec<Done>) -> bool {
    ask(stream, &Question::Done { begins, all }).await == Some(true)
}

async fn ask<T: DeserializeOwned>(stream: &Arc<Stream>, question: &Question) -> Option<T> {
    let question = serde_json::to_string(question).ok()?;
    let answer = timeout(PATIENCE, stream.ask(question.into()))
        .await
        .ok()??;
    serde_json::from_str(&answer).ok()
}

/// Answers what another node asks on the stream of that number.
pub(super) async fn answer(house: &House, from: &Teller, channel: Channel, asked: &Utf8Bytes) {
    let Channel { mut speaker, .. } = channel;
    let Ok(question) = serde_json::from_str(asked) else {
        from.asks_else();
        return;
    };
    let said = match reply(house, from, question).await {
        Ok(answer) => say(&speaker, &answer).await,
        Err(_) => Ok(()),
    };
    if said.is_err() || speaker.close(ANSWERED).await.is_err() {
        tracing::debug!("a node that asked is gone");
    }
}

/// Says it, in pieces where it is long.
async fn say(speaker: &Speaker, answer: &str) -> Result<(), Unsaid> {
    let mut rest = answer;
    while !rest.is_empty() {
        let mut end = rest.len().min(PIECE);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, more) = rest.split_at(end);
        speaker.say(piece.to_owned().into()).await?;
        rest = more;
    }
    Ok(())
}

async fn reply(house: &House, from: &Teller, question: Question) -> serde_json::Result<String> {
    let nodes = house.nodes.as_ref();
    match question {
        Question::Relay {
            link,
            meeting,
            name,
        } => {
            let (link, call) = (LinkId(link), CallId(meeting));
            serde_json::to_string(&house.live.relay_for(call, link, &name).await)
        }
        Question::Holds { session } => {
            let holds = nodes.is_some_and(|it| it.holds(SessionId(session)));
            serde_json::to_string(&holds)
        }
        Question::TakesMeetings {} => serde_json::to_string(&nodes.is_some_and(|it| it.takes_up())),
        Question::DoRecordsHearYou {} => {
            serde_json::to_string(&nodes.is_some_and(|it| it.answers_cut_off(&from.name)))
        }
        Question::HasEnded { boot } => serde_json::to_string(&has_ended(house, &boot).await),
        Question::WereIn { meeting } => {
            let were = house.live.presence.were_in(CallId(meeting)).into_iter();
            serde_json::to_string(&were.map(|it| it.0).collect::<Vec<_>>())
        }
        Question::Look {} => {
            house.have_all_look();
            serde_json::to_string(&true)
        }
        Question::AreOpen { mut links } => {
            links.retain(|link| house.live.news.is_open(LinkId(*link), OPEN));
            serde_json::to_string(&links)
        }
        Question::SettingsByKey {} => serde_json::to_string(&nodes.map(|it| it.alike.own())),
        Question::Intake { from } => serde_json::to_string(&house.intake.of(from).stands()),
        Question::ImportReport { from, began } => {
            serde_json::to_string(&house.intake.of(from).report(began))
        }
        Question::TakeFromFolder { staff, apply, seen } => {
            let by = Actor::Staff(StaffId(staff));
            let wish = Wish { by, apply, seen };
            serde_json::to_string(&house.intake.folder.ask_here(wish))
        }
        Question::Told(words) => {
            house.live.hear_told(from.number, words.into());
            serde_json::to_string(&true)
        }
        Question::Counted { all } => {
            all.iter().for_each(|it| house.hear_counted(it));
            serde_json::to_string(&true)
        }
        Question::Done { begins, all } => {
            hear_done(house, begins, all).await;
            serde_json::to_string(&true)
        }
    }
}

/// A run has ended, as it says itself and cannot write down; whether that is written now.
async fn has_ended(house: &House, boot: &str) -> bool {
    match (&house.nodes, u128::from_str_radix(boot, 16)) {
        (Some(nodes), Ok(boot)) => nodes.write_end(Boot(boot)).await.is_ok(),
        (_, Err(_)) | (None, _) => false,
    }
}

/// What is done at another node, which may have done more before its stream to this one began.
async fn hear_done(house: &House, begins: bool, all: Vec<Done>) {
    if let Some(nodes) = &house.nodes {
        for it in all {
            nodes.shared.hear(it.into()).await;
        }
    }
    if begins {
        let live = Arc::clone(&house.live);
        house.tasks.spawn(async move { live.compare_all().await });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_words_one_that_is_unknown_is_lost_alone() {
        let asked = r#"{"ask":"counted","all":[
            {"door":"joins","deed":"take","key":"a"},
            {"door":"of_a_later_version","deed":"take","key":"b"},
            {"door":"joins","deed":"take","key":"c"}]}"#;
        let Ok(Question::Counted { all }) = serde_json::from_str(asked) else {
            panic!("it is a question");
        };
        let keys: Vec<_> = all.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, ["a", "c"]);
    }
}
