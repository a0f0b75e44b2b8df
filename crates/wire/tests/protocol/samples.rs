//! Each sample is read and written again unchanged, and everything there is to say has one.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::close::Close;
use wire::http::{LinkRequest, LinkView, Problem, TicketGranted, TicketRequest};
use wire::message::{ClientMessage, GoodbyeReason, Notice, RefusedCode, ServerMessage};
use wire::parse_client;

use crate::files::texts;

fn value(name: &str, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// Reads a sample, checks that it is written the same again, and gives it.
fn round_trip<T: Serialize + DeserializeOwned>(name: &str, text: &str) -> T {
    let message: T = serde_json::from_str(text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    let written = serde_json::to_value(&message).expect("it can be written");
    assert_eq!(written, value(name, text), "{name}");
    message
}

fn named(prefix: &str) -> Vec<(String, String)> {
    let all = texts("", "json").into_iter();
    all.filter(|(name, _)| name.starts_with(prefix)).collect()
}

/// The `type` of each, as samples' names begin.
const fn client_type(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Join { .. } => "join",
        ClientMessage::Prepare { .. } => "prepare",
        ClientMessage::Enter { .. } => "enter",
        ClientMessage::Next { .. } => "next",
        ClientMessage::Resume { .. } => "resume",
        ClientMessage::Offer { .. } => "offer",
        ClientMessage::Sends { .. } => "sends",
        ClientMessage::View { .. } => "view",
        ClientMessage::AddMinute {} => "add-minute",
        ClientMessage::Write { .. } => "write",
        ClientMessage::Mute { .. } => "mute",
        ClientMessage::LetIn { .. } => "let-in",
        ClientMessage::TurnAway { .. } => "turn-away",
        ClientMessage::Disconnect { .. } => "disconnect",
        ClientMessage::Hold { .. } => "hold",
        ClientMessage::Leave {} => "leave",
        ClientMessage::Ping { .. } => "ping",
    }
}

const CLIENT_TYPES: [&str; 17] = [
    "join",
    "prepare",
    "enter",
    "next",
    "resume",
    "offer",
    "sends",
    "view",
    "add-minute",
    "write",
    "mute",
    "let-in",
    "turn-away",
    "disconnect",
    "hold",
    "leave",
    "ping",
];

fn server_types(message: &ServerMessage) -> Vec<&'static str> {
    match message {
        ServerMessage::Joined { .. } => vec!["joined"],
        ServerMessage::Prepared { .. } => vec!["prepared"],
        ServerMessage::Queued { .. } => vec!["queued"],
        ServerMessage::Knocking { .. } => vec!["knocking"],
        ServerMessage::Countdown { .. } => vec!["countdown"],
        ServerMessage::People { .. } => vec!["people"],
        ServerMessage::Speaking { .. } => vec!["speaking"],
        ServerMessage::Paused { .. } => vec!["paused"],
        ServerMessage::Watched { .. } => vec!["watched"],
        ServerMessage::Clock { .. } => vec!["clock"],
        ServerMessage::Chat { .. } => vec!["chat"],
        ServerMessage::Answer { .. } => vec!["answer"],
        ServerMessage::Notice { notice } => match notice {
            Notice::LinkContested { .. } => vec!["notice", "notice-link-contested"],
            Notice::ConnectionGone { .. } => vec!["notice", "notice-connection-gone"],
            Notice::MinuteAdded { .. } => vec!["notice", "notice-minute-added"],
            Notice::TimeGivenBack { .. } => vec!["notice", "notice-time-given-back"],
            Notice::Muted { .. } => vec!["notice", "notice-muted"],
        },
        ServerMessage::Refused { code, .. } => match code {
            RefusedCode::BadOffer => vec!["refused", "refused-bad-offer"],
            RefusedCode::NotSeated => vec!["refused", "refused-not-seated"],
            RefusedCode::TooFast => vec!["refused", "refused-too-fast"],
            RefusedCode::NotAllowed => vec!["refused", "refused-not-allowed"],
            RefusedCode::NoRoom => vec!["refused", "refused-no-room"],
            RefusedCode::BadText => vec!["refused", "refused-bad-text"],
        },
        ServerMessage::Pong { .. } => vec!["pong"],
        ServerMessage::Goodbye { reason } => match reason {
            GoodbyeReason::Replaced => vec!["goodbye", "goodbye-replaced"],
            GoodbyeReason::Withdrawn => vec!["goodbye", "goodbye-withdrawn"],
            GoodbyeReason::Disconnected => vec!["goodbye", "goodbye-disconnected"],
            GoodbyeReason::Left => vec!["goodbye", "goodbye-left"],
            GoodbyeReason::Ended => vec!["goodbye", "goodbye-ended"],
            GoodbyeReason::TimeUp => vec!["goodbye", "goodbye-time-up"],
            GoodbyeReason::TurnedAway => vec!["goodbye", "goodbye-turned-away"],
            GoodbyeReason::NobodyCame => vec!["goodbye", "goodbye-nobody-came"],
            GoodbyeReason::Stopped => vec!["goodbye", "goodbye-stopped"],
            GoodbyeReason::Shutdown => vec!["goodbye", "goodbye-shutdown"],
        },
    }
}

const SERVER_TYPES: [&str; 37] = [
    "joined",
    "prepared",
    "queued",
    "knocking",
    "countdown",
    "people",
    "speaking",
    "paused",
    "watched",
    "clock",
    "chat",
    "answer",
    "notice",
    "notice-link-contested",
    "notice-connection-gone",
    "notice-minute-added",
    "notice-time-given-back",
    "notice-muted",
    "refused",
    "refused-bad-offer",
    "refused-not-seated",
    "refused-too-fast",
    "refused-not-allowed",
    "refused-no-room",
    "refused-bad-text",
    "pong",
    "goodbye",
    "goodbye-replaced",
    "goodbye-withdrawn",
    "goodbye-disconnected",
    "goodbye-left",
    "goodbye-ended",
    "goodbye-time-up",
    "goodbye-turned-away",
    "goodbye-nobody-came",
    "goodbye-stopped",
    "goodbye-shutdown",
];

#[test]
fn every_client_message_has_a_sample() {
    let mut seen = BTreeSet::new();
    for (name, text) in named("client.") {
        let message: ClientMessage = round_trip(&name, &text);
        assert_eq!(parse_client(&text).as_ref(), Ok(&message), "{name}");
        let kind = client_type(&message);
        assert!(name.starts_with(&format!("client.{kind}")), "{name}");
        seen.insert(kind);
    }
    assert_eq!(seen, BTreeSet::from(CLIENT_TYPES));
}

#[test]
fn every_server_message_has_a_sample() {
    let mut seen = BTreeSet::new();
    for (name, text) in named("server.") {
        let message: ServerMessage = round_trip(&name, &text);
        assert_eq!(value(&name, &message.to_json()), value(&name, &text));
        for kind in server_types(&message) {
            assert!(name.starts_with(&format!("server.{kind}")), "{name}");
            seen.insert(kind);
        }
    }
    assert_eq!(seen, BTreeSet::from(SERVER_TYPES));
}

#[test]
fn every_http_body_has_a_sample() {
    let mut problems = BTreeSet::new();
    let mut bodies = BTreeSet::new();
    for (name, text) in named("http.") {
        let body = name.trim_start_matches("http.");
        if body.starts_with("problem-") {
            let problem: Problem = round_trip(&name, &text);
            let code = serde_json::to_value(problem.code).expect("a plain name");
            let code = code.as_str().expect("a name").replace('_', "-");
            assert_eq!(body, format!("problem-{code}"));
            assert_eq!(problem.status, problem.code.status(), "{name}");
            problems.insert(code);
            continue;
        }
        match body {
            "link-request" => drop(round_trip::<LinkRequest>(&name, &text)),
            "link-view" => drop(round_trip::<LinkView>(&name, &text)),
            "ticket-request" => drop(round_trip::<TicketRequest>(&name, &text)),
            "ticket-granted" => drop(round_trip::<TicketGranted>(&name, &text)),
            unknown => panic!("{unknown} is no body"),
        }
        bodies.insert(body.to_owned());
    }
    assert_eq!((problems.len(), bodies.len()), (6, 4));
}

#[test]
fn every_close_code_is_in_the_sample() {
    let table: Vec<Value> = Close::ALL
        .iter()
        .map(|close| {
            serde_json::json!({
                "code": close.code(),
                "close": close,
                "come_back": close.come_back(),
            })
        })
        .collect();
    let (name, text) = named("close-codes").remove(0);
    assert_eq!(value(&name, &text), Value::Array(table));
}

#[test]
fn no_sample_is_of_nothing() {
    for name in texts("", "json").keys() {
        let kinds = ["client.", "server.", "http.", "close-codes"];
        assert!(kinds.iter().any(|it| name.starts_with(it)), "{name}");
    }
}

#[test]
fn what_is_new_is_passed_over_and_what_is_optional_may_be_absent() {
    let text = r#"{"type":"join","ticket":"t","offer":"o","new":[{"deep":null}]}"#;
    let join = ClientMessage::Join {
        ticket: "t".to_owned(),
        offer: "o".to_owned(),
        sends: wire::message::Sends::default(),
    };
    assert_eq!(parse_client(text), Ok(join));
    assert_eq!(
        parse_client(r#"{"n":7,"type":"ping"}"#),
        Ok(ClientMessage::Ping { n: 7 }),
        "the order of fields does not count"
    );
}
