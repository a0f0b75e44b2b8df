//! What is handed on, against a plain list of the messages that were cut up.

use proptest::prelude::*;

use super::*;

/// The messages of a client, by type and content.
fn messages() -> Vec<(u8, Vec<u8>)> {
    let content = |seed: u8, length: usize| {
        (0..length)
            .map(|at| u8::try_from(at % 251).expect("small") ^ seed)
            .collect()
    };
    vec![
        (CLIENT_HELLO, content(1, 150)),
        (CLIENT_HELLO, content(2, 1_700)),
        (CERTIFICATE, content(3, 3_000)),
        (CLIENT_KEY_EXCHANGE, content(4, 66)),
        (CERTIFICATE_VERIFY, content(5, 78)),
    ]
}

fn three(value: usize) -> [u8; 3] {
    let [_, three @ ..] = u32::try_from(value).expect("small").to_be_bytes();
    three
}

/// A fragment as it stands in a record.
fn fragment(kind: u8, length: usize, number: u16, offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut fragment = vec![kind];
    fragment.extend(three(length));
    fragment.extend(number.to_be_bytes());
    fragment.extend(three(offset));
    fragment.extend(three(bytes.len()));
    fragment.extend(bytes);
    fragment
}

fn record(kind: u8, epoch: u16, content: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 0xfe, 0xfd];
    record.extend(epoch.to_be_bytes());
    record.extend([0, 0, 0, 0, 0, 7]);
    record.extend(u16::try_from(content.len()).expect("short").to_be_bytes());
    record.extend(content);
    record
}

/// All fragments of all messages, each at most `most` bytes long, each in a record of its own.
fn cut(most: usize) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for (number, (kind, content)) in (0..).zip(messages()) {
        for (at, bytes) in content.chunks(most).enumerate() {
            let fragment = fragment(kind, content.len(), number, at * most, bytes);
            records.push(record(HANDSHAKE, 0, &fragment));
        }
    }
    records
}

/// The messages among records that were handed on, each of which must be whole.
fn handed_on(mut records: &[u8]) -> Vec<(u8, u16, Vec<u8>)> {
    let mut messages = Vec::new();
    let mut last = None;
    while let Some((record, rest)) = Record::read(records) {
        records = rest;
        if record.epoch > 0 {
            messages.push((record.kind, 0, record.content.to_vec()));
            continue;
        }
        let number = record.whole[5..11].to_vec();
        assert!(
            last.replace(number.clone()) < Some(number),
            "record numbers rise"
        );
        if record.kind == HANDSHAKE {
            let (fragment, behind) = Fragment::read(record.content).expect("one message");
            assert_eq!((fragment.offset, behind.len()), (0, 0));
            assert_eq!(fragment.length, fragment.bytes.len());
            messages.push((fragment.kind, fragment.number, fragment.bytes.to_vec()));
        } else {
            messages.push((record.kind, 0, record.content.to_vec()));
        }
    }
    assert!(records.is_empty());
    messages
}

fn take_all(intake: &mut Intake, datagrams: &[Vec<u8>]) -> Vec<(u8, u16, Vec<u8>)> {
    let records: Vec<u8> = datagrams
        .iter()
        .flat_map(|datagram| intake.take(datagram).expect("not too many"))
        .collect();
    handed_on(&records)
}

fn whole() -> Vec<(u8, u16, Vec<u8>)> {
    (0..)
        .zip(messages())
        .map(|(number, (kind, content))| (kind, number, content))
        .collect()
}

fn change() -> Vec<u8> {
    record(CHANGE_CIPHER_SPEC, 0, &[1])
}

fn sealed(seed: u8) -> Vec<u8> {
    record(HANDSHAKE, 1, &[seed; 48])
}

proptest! {
    /// However messages are cut, repeated and reordered within what is kept, each is handed on
    /// once, whole and in its order, and what is encrypted comes after them.
    #[test]
    fn each_message_is_handed_on_once_and_in_its_order(
        most in 40usize..4_000,
        repeats in 1usize..3,
        seed in any::<u64>(),
    ) {
        use rand::{SeedableRng as _, seq::SliceRandom as _};
        let mut chance = rand::rngs::StdRng::seed_from_u64(seed);
        let records = cut(most);
        prop_assume!(records.len() * (repeats + 1) < usize::from(MOST_RECORDS));
        let mut intake = Intake::new();
        let mut datagrams = vec![change(), sealed(9)];
        for _ in 0..repeats {
            datagrams.extend(records.clone());
        }
        datagrams.shuffle(&mut chance);
        let mut got = take_all(&mut intake, &datagrams);
        // Whatever was too far ahead comes again, as a client sends it.
        got.extend(take_all(&mut intake, &records));
        let mut expected = whole();
        expected.push((CHANGE_CIPHER_SPEC, 0, vec![1]));
        expected.push((HANDSHAKE, 0, vec![9; 48]));
        prop_assert_eq!(got, expected);
    }

    /// Whatever comes, little is kept, and what is handed on is whole.
    #[test]
    fn little_is_kept_whatever_comes(
        fragments in prop::collection::vec(
            (any::<u8>(), 0usize..20_000, 0u16..12, 0usize..20_000, 0usize..1_400, 0u8..4),
            1..200,
        ),
    ) {
        let mut intake = Intake::new();
        for (kind, length, number, offset, bytes, what) in fragments {
            let kind = if kind < 128 { [1, 11, 16, 15][usize::from(kind) % 4] } else { kind };
            let datagram = match what {
                0 => sealed(kind),
                1 => record(kind, u16::from(kind) % 3, &vec![kind; bytes]),
                _ => record(
                    HANDSHAKE,
                    0,
                    &fragment(kind, length, number, offset % length.max(1), &vec![kind; bytes]),
                ),
            };
            let out = intake.take(&datagram).expect("few");
            handed_on(&out);
            let kept: usize = intake.partial.iter().flatten().map(|it| it.bytes.len()).sum();
            prop_assert!(kept <= MOST_KEPT);
            prop_assert!(intake.sealed.len() <= MOST_SEALED);
        }
    }
}

#[test]
fn one_byte_at_a_time_is_a_message_in_the_end() {
    let mut intake = Intake::new();
    let (kind, content) = messages().remove(0);
    let mut out = Vec::new();
    for (at, byte) in content.iter().enumerate().rev() {
        assert!(out.is_empty());
        let fragment = fragment(kind, content.len(), 0, at, &[*byte]);
        out = intake.take(&record(HANDSHAKE, 0, &fragment)).expect("few");
    }
    assert_eq!(handed_on(&out), [(kind, 0, content)]);
}

#[test]
fn several_fragments_share_a_record_and_several_records_a_datagram() {
    let mut intake = Intake::new();
    let records: Vec<u8> = cut(500).concat();
    assert_eq!(take_all(&mut intake, &[records]), whole());
    let both: Vec<u8> = messages()
        .iter()
        .zip(0..)
        .flat_map(|((kind, content), number)| {
            let half = content.len() / 2;
            let mut two = fragment(*kind, content.len(), number, half, &content[half..]);
            two.extend(fragment(*kind, content.len(), number, 0, &content[..half]));
            record(HANDSHAKE, 0, &two)
        })
        .collect();
    assert_eq!(take_all(&mut Intake::new(), &[both]), whole());
}

#[test]
fn a_fragment_that_does_not_lie_within_its_message_is_dropped() {
    for fragment in [
        fragment(CERTIFICATE, 0, 0, 5, &[1]),
        fragment(CLIENT_HELLO, 10, 0, 8, &[1; 3]),
        fragment(CLIENT_HELLO, LONGEST_MESSAGE + 1, 0, 0, &[1; 100]),
        fragment(
            CLIENT_HELLO,
            10,
            u16::try_from(AHEAD).expect("few"),
            0,
            &[1; 10],
        ),
        fragment(CLIENT_HELLO, 10, 0, 0, &[]),
    ] {
        let mut intake = Intake::new();
        let out = intake.take(&record(HANDSHAKE, 0, &fragment)).expect("one");
        assert!(out.is_empty());
        assert!(intake.partial.iter().all(Option::is_none));
    }
}

#[test]
fn nothing_is_believed_that_anybody_could_write() {
    let mut intake = Intake::new();
    let others = [
        record(21, 0, &[1, 0]),
        record(21, 0, &[2, 40]),
        record(23, 0, &[7; 100]),
        record(21, 1, &[7; 26]),
        record(23, 1, &[7; 100]),
        record(HANDSHAKE, 2, &[7; 48]),
        record(HANDSHAKE, 1, &[7; 400]),
        record(CHANGE_CIPHER_SPEC, 0, &[2]),
        record(CHANGE_CIPHER_SPEC, 0, &[]),
        vec![22, 254, 253, 0, 0],
        vec![22; 40],
        Vec::new(),
    ];
    assert_eq!(take_all(&mut intake, &others), []);
    assert_eq!(take_all(&mut intake, &cut(1_000)), whole());
    assert_eq!(take_all(&mut intake, &others), []);
}

#[test]
fn a_message_out_of_turn_makes_room_for_the_right_one() {
    let mut intake = Intake::new();
    let wrong = fragment(CERTIFICATE_VERIFY, 4, 0, 0, &[9; 4]);
    assert_eq!(take_all(&mut intake, &[record(HANDSHAKE, 0, &wrong)]), []);
    assert_eq!(take_all(&mut intake, &cut(1_000)), whole());
    assert_eq!(take_all(&mut intake, &cut(1_000)), [], "and never again");
}

#[test]
fn more_records_than_a_handshake_has_end_it() {
    let mut intake = Intake::new();
    let datagrams = std::iter::repeat_n(sealed(1), usize::from(MOST_RECORDS));
    for datagram in datagrams {
        assert!(intake.take(&datagram).expect("not too many yet").is_empty());
    }
    assert_eq!(intake.take(&sealed(1)), Err(TooMany));
}
