//! The kept door of a room, the time in which a member must come, and what members do for guests.
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use std::time::Duration;

use serde_json::{Value, json};
use wire::close::Close;
use wire::message::{
    ClientMessage, GoodbyeReason, Knocker, Notice, RefusedCode, Role, ServerMessage,
};

use crate::support::client::Client;
use crate::support::school::{Key, School, attempt};

/// A room whose only member is signed in: its id, and the address of its link.
async fn room(school: &School, kept: bool) -> (String, String) {
    let staff = school.done("GET", "/members", &Value::Null).await;
    let own = &staff["members"][0]["id"];
    let draft = json!({"name": "Counselling", "kept": kept, "members": [own]});
    let made = school.done("POST", "/rooms", &draft).await;
    assert_eq!(made["kept"].as_bool().unwrap_or(false), kept);
    (text(&made["id"]), text(&made["url"]))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn guest(school: &School, url: &str, name: &str) -> Key {
    let body = json!({"name": name, "attempt": attempt()});
    let came = school.granted(&Key::read(url), "/visitors", body).await;
    Key::read(&text(&came["path"]))
}

async fn member(school: &School, room: &str) -> Key {
    let path = format!("/staff/rooms/{room}/enter");
    let entered = school.done("POST", &path, &Value::Null).await;
    Key::read(&text(&entered["url"]))
}

/// Reads until somebody knocks as they are wanted.
async fn knocking(client: &mut Client, names: &[&str]) -> Vec<Knocker> {
    client
        .until(|message| match message {
            ServerMessage::Knocking { people }
                if people.iter().map(|it| &it.name).eq(names.iter()) =>
            {
                Some(people.clone())
            }
            _other => None,
        })
        .await
}

/// Reads until the reader is told that somebody must let them in.
async fn knocks(client: &mut Client) {
    let knocks = client
        .until(|message| match message {
            ServerMessage::Queued { knocks, .. } => Some(*knocks),
            _other => None,
        })
        .await;
    assert!(knocks, "the door is kept");
}

async fn countdown(client: &mut Client) -> Option<u32> {
    client
        .until(|message| match message {
            ServerMessage::Countdown { ends_in_ms } => Some(*ends_in_ms),
            _other => None,
        })
        .await
}

async fn refused(client: &mut Client) -> RefusedCode {
    client
        .until(|message| match message {
            ServerMessage::Refused { code, .. } => Some(*code),
            _other => None,
        })
        .await
}

#[tokio::test]
async fn guests_knock_and_a_member_lets_them_in_or_turns_them_away() {
    let school = School::open().await;
    let (id, url) = room(&school, true).await;
    let mut keys = Vec::new();
    for name in ["Ann Guest", "Bob Guest", "Cleo Guest"] {
        keys.push(guest(&school, &url, name).await);
    }
    let mut ann = school.join(&keys[0]).await;
    knocks(&mut ann).await;
    assert!(
        countdown(&mut ann).await.is_some(),
        "nobody can let her in yet"
    );
    let mut host = school.join(&member(&school, &id).await).await;
    host.joined().await;
    assert_eq!(countdown(&mut ann).await, None);
    let at_door = knocking(&mut host, &["Ann Guest"]).await;
    // Whoever is not let in does nothing, and lets nobody in.
    let participants = vec![at_door[0].participant];
    ann.say(&ClientMessage::LetIn {
        participants: participants.clone(),
    })
    .await;
    assert_eq!(refused(&mut ann).await, RefusedCode::NotSeated);
    host.say(&ClientMessage::LetIn { participants }).await;
    let joined = ann.joined().await;
    assert_eq!(joined.people.len(), 2);
    // A guest who is in has not the power either.
    let mut bob = school.join(&keys[1]).await;
    knocks(&mut bob).await;
    let mut cleo = school.join(&keys[2]).await;
    knocks(&mut cleo).await;
    let both = knocking(&mut host, &["Bob Guest", "Cleo Guest"]).await;
    let participants: Vec<u32> = both.iter().map(|it| it.participant).collect();
    ann.say(&ClientMessage::LetIn {
        participants: participants.clone(),
    })
    .await;
    assert_eq!(refused(&mut ann).await, RefusedCode::NotAllowed);
    host.say(&ClientMessage::TurnAway {
        participants: vec![participants[0]],
    })
    .await;
    let goodbye = bob.closed(Close::TurnedAway).await;
    assert_eq!(goodbye, Some(GoodbyeReason::TurnedAway));
    // The link still works: he knocks again, and both are let in at once.
    let mut bob = school.join(&keys[1]).await;
    knocks(&mut bob).await;
    knocking(&mut host, &["Cleo Guest", "Bob Guest"]).await;
    host.say(&ClientMessage::LetIn { participants }).await;
    assert!(cleo.joined().await.people.len() >= 3);
    assert_eq!(bob.joined().await.people.len(), 4);
}

#[tokio::test]
async fn a_door_that_is_opened_while_somebody_knocks_lets_them_in() {
    let school = School::open().await;
    let (id, url) = room(&school, true).await;
    let mut ann = school.join(&guest(&school, &url, "Ann Guest").await).await;
    knocks(&mut ann).await;
    assert!(countdown(&mut ann).await.is_some());
    let all = school.done("GET", "/rooms", &Value::Null).await;
    let draft = json!({"name": "Counselling", "members": all["rooms"][0]["members"]});
    school.done("PUT", &format!("/rooms/{id}"), &draft).await;
    ann.joined().await;
}

#[tokio::test]
async fn guests_wait_for_a_member_until_the_countdown_is_over() {
    let mut settings = School::settings();
    settings.calls.member_within = Duration::from_millis(800);
    let school = School::open_with(settings).await;
    let (_, url) = room(&school, false).await;
    let mut ann = school.join(&guest(&school, &url, "Ann Guest").await).await;
    ann.joined().await;
    let left = countdown(&mut ann).await.expect("it began");
    assert!((1..=800).contains(&left), "{left}");
    let mut bob = school.join(&guest(&school, &url, "Bob Guest").await).await;
    bob.joined().await;
    for client in [&mut ann, &mut bob] {
        let goodbye = client.closed(Close::NobodyCame).await;
        assert_eq!(goodbye, Some(GoodbyeReason::NobodyCame));
    }
}

/// Whoever has no power over somebody is refused, whatever their page shows.
async fn ask_in_vain(client: &mut Client, participant: u32) {
    for message in [
        ClientMessage::Disconnect { participant },
        ClientMessage::Hold {
            participant,
            on_hold: true,
        },
    ] {
        client.say(&message).await;
        assert_eq!(refused(client).await, RefusedCode::NotAllowed);
    }
}

#[tokio::test]
async fn a_member_holds_and_disconnects_a_guest_and_no_guest_does() {
    let school = School::open().await;
    let (id, url) = room(&school, false).await;
    let mut host = school.join(&member(&school, &id).await).await;
    let own = host.joined().await.you;
    let key = guest(&school, &url, "Ann Guest").await;
    let mut ann = school.join(&key).await;
    let joined = ann.joined().await;
    assert!(
        joined
            .people
            .iter()
            .all(|it| !it.may_hold && !it.may_disconnect)
    );
    let participant = joined.you;
    let people = host.people(|people| people.len() == 2).await;
    let shown = people.iter().find(|it| it.role == Role::Guest);
    assert!(shown.is_some_and(|it| it.may_hold && it.may_disconnect));
    ask_in_vain(&mut ann, own).await;
    let hold = |on_hold| ClientMessage::Hold {
        participant,
        on_hold,
    };
    let attached = || school.media.attached().len();
    assert_eq!(attached(), 2);
    host.say(&hold(true)).await;
    let is_held = |people: &[wire::message::Person]| people.iter().any(|it| it.on_hold);
    ann.people(is_held).await;
    assert_eq!(attached(), 1, "nothing goes to her or comes from her");
    // What is written meanwhile is not for her.
    let text = "for us alone".to_owned();
    host.say(&ClientMessage::Write { text }).await;
    let said = ann.settled().await;
    assert!(
        !said
            .iter()
            .any(|it| matches!(it, ServerMessage::Chat { .. }))
    );
    let offer = "an offer".to_owned();
    ann.say(&ClientMessage::Offer { offer }).await;
    assert_eq!(refused(&mut ann).await, RefusedCode::NotSeated);
    host.say(&hold(false)).await;
    let back = ann.joined().await;
    assert!(back.answer.is_none() && back.people.iter().all(|it| !it.on_hold));
    ann.until(|message| match message {
        ServerMessage::Notice {
            notice: Notice::ConnectionGone { .. },
        } => Some(()),
        _other => None,
    })
    .await;
    host.say(&ClientMessage::Disconnect { participant }).await;
    let goodbye = ann.closed(Close::Disconnected).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Disconnected));
    let mut again = school.join(&key).await;
    again.joined().await;
}

/// Whose media is not answered yet has not been told `joined`: without any to wait for they are.
#[tokio::test]
async fn a_guest_who_is_put_on_hold_while_they_come_is_in_the_call_and_on_hold() {
    let school = School::open().await;
    let (id, url) = room(&school, false).await;
    let mut host = school.join(&member(&school, &id).await).await;
    host.joined().await;
    let key = guest(&school, &url, "Ann Guest").await;
    let mut ann = school.join_with(&key, "an offer, answered later").await;
    let people = host.people(|people| people.len() == 2).await;
    let of_ann = people.iter().find(|it| it.role == Role::Guest);
    let participant = of_ann.expect("she is there").participant;
    let hold = |on_hold| ClientMessage::Hold {
        participant,
        on_hold,
    };
    host.say(&hold(true)).await;
    let joined = ann.joined().await;
    assert!(joined.answer.is_none() && joined.people.iter().any(|it| it.on_hold));
    // The answer comes to nobody.
    assert_eq!(school.media.answer_now(), 1);
    let said = ann.settled().await;
    let is_answer = |it: &ServerMessage| matches!(it, ServerMessage::Answer { .. });
    assert!(!said.iter().any(is_answer), "{said:?}");
    host.say(&hold(false)).await;
    assert!(ann.joined().await.people.iter().all(|it| !it.on_hold));
}

/// Neither way out of a hold is the guest's; and they are not left in one that nobody can end.
#[tokio::test]
async fn a_guest_on_hold_who_joins_again_is_on_hold_until_no_member_is_there() {
    let school = School::open().await;
    let (id, url) = room(&school, false).await;
    let mut host = school.join(&member(&school, &id).await).await;
    host.joined().await;
    let key = guest(&school, &url, "Ann Guest").await;
    let mut ann = school.join(&key).await;
    let participant = ann.joined().await.you;
    host.say(&ClientMessage::Hold {
        participant,
        on_hold: true,
    })
    .await;
    let is_held = |people: &[wire::message::Person]| people.iter().any(|it| it.on_hold);
    ann.people(is_held).await;
    ann.say(&ClientMessage::Leave {}).await;
    ann.closed(Close::Left).await;
    host.people(|people| people.len() == 1).await;

    let mut again = school.join(&key).await;
    let joined = again.joined().await;
    assert!(joined.answer.is_none() && is_held(&joined.people));
    host.people(|people| people.len() == 2 && is_held(people))
        .await;
    assert_eq!(school.media.attached().len(), 1, "the host alone");
    let text = "for us alone".to_owned();
    host.say(&ClientMessage::Write { text }).await;
    let said = again.settled().await;
    let is_chat = |it: &ServerMessage| matches!(it, ServerMessage::Chat { .. });
    assert!(!said.iter().any(is_chat), "{said:?}");

    host.say(&ClientMessage::Leave {}).await;
    host.closed(Close::Left).await;
    again
        .people(|people| people.len() == 1 && !is_held(people))
        .await;
    assert_eq!(school.media.attached().len(), 1, "the guest alone");
    // Nobody is on hold anew when a member comes.
    let mut host = school.join(&member(&school, &id).await).await;
    assert!(!is_held(&host.joined().await.people));
}
