//! What is no message is refused, whatever it is, and nothing of it is repeated.

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use wire::{BadMessage, MAX_MESSAGE, parse_client};

use crate::files::texts;

#[test]
fn every_malformed_sample_is_refused() {
    for (name, text) in texts("malformed", "txt") {
        let refused = parse_client(&text);
        assert!(
            matches!(refused, Err(BadMessage::Malformed { .. })),
            "{name}: {refused:?}"
        );
    }
}

#[test]
fn a_message_may_have_64_kib_and_no_more() {
    let frame = r#"{"type":"offer","offer":""}"#;
    let fill = "x".repeat(MAX_MESSAGE - frame.len());
    let longest = format!(r#"{{"type":"offer","offer":"{fill}"}}"#);
    assert_eq!(longest.len(), MAX_MESSAGE);
    assert!(parse_client(&longest).is_ok());
    assert_eq!(
        parse_client(&format!("{longest} ")),
        Err(BadMessage::TooBig)
    );
}

#[test]
fn a_message_may_be_nested_127_deep_and_no_more() {
    let nested = |lists: usize| {
        let (open, close) = ("[".repeat(lists), "]".repeat(lists));
        parse_client(&format!(r#"{{"type":"leave","new":{open}{close}}}"#))
    };
    assert!(nested(126).is_ok());
    assert!(matches!(nested(127), Err(BadMessage::Malformed { .. })));
}

#[test]
fn a_refusal_repeats_nothing() {
    let secret = "1vr4k3ty90mn7q0a4zpyw5dbwx";
    for text in [
        format!(r#"{{"type":"resume","session":"1","secret":"{secret}"}}"#),
        format!(r#"{{"type":"{secret}"}}"#),
        format!(r#"{{"type":"ping","n":"{secret}"}}"#),
    ] {
        let refused = parse_client(&text).expect_err("it is no message");
        assert!(!format!("{refused} {refused:?}").contains(secret));
    }
}

/// Any JSON there is, with our own words in it.
fn json() -> impl Strategy<Value = String> {
    let words =
        "type|join|resume|offer|sends|leave|ping|ticket|session|secret|epoch|camera|n|[a-z]";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|it| it.to_string()),
        any::<i64>().prop_map(|it| it.to_string()),
        any::<f64>().prop_map(|it| format!("{it:e}")),
        words.prop_map(|it| format!("{it:?}")),
    ];
    leaf.prop_recursive(6, 40, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..6);
        let fields = prop::collection::vec((words, inner), 0..6);
        prop_oneof![
            list.prop_map(|it| format!("[{}]", it.join(","))),
            fields.prop_map(|it| {
                let fields: Vec<_> = it.iter().map(|(key, of)| format!("{key:?}:{of}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// A sample of ours with a few bytes changed.
fn nearly_right() -> impl Strategy<Value = String> {
    let samples: Vec<String> = texts("", "json").into_values().collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::sample::select(samples), changes).prop_map(|(sample, changes)| {
        let mut bytes = sample.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Whatever is taken for a message is one: written, it is read as the same.
fn is_refused_or_a_message(text: &str) -> Result<(), TestCaseError> {
    if let Ok(message) = parse_client(text) {
        let written = serde_json::to_string(&message).expect("it can be written");
        prop_assert_eq!(parse_client(&written), Ok(message));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/malformed.txt",
        ))),
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_refused_or_a_message(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        is_refused_or_a_message(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_json_is_refused_or_a_message(text in json()) {
        is_refused_or_a_message(&text)?;
    }

    #[test]
    fn anything_nearly_right_is_refused_or_a_message(text in nearly_right()) {
        is_refused_or_a_message(&text)?;
    }
}
