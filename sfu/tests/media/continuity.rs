//! What a receiver must find in a slot, whoever sends into it.

use crate::client::Arrived;

/// Asserts that `arrived` is one stream without gap, step back or repetition, each of whose
/// sources begins its pictures with a key frame.
pub(crate) fn assert_one_stream(arrived: &[Arrived]) {
    for pair in arrived.windows(2) {
        let [before, after] = pair else {
            unreachable!("windows of two")
        };
        let here = format!("{:?} after {:?}", after.mark, before.mark);
        assert_eq!(
            after.sequence,
            before.sequence.wrapping_add(1),
            "sequence numbers go on: {here}"
        );
        let step = after.timestamp.wrapping_sub(before.timestamp);
        assert!(
            (1..0x8000_0000).contains(&step),
            "timestamps go on: {here}, step {step}"
        );
        if let (Some(before), Some(after)) = (before.picture, after.picture) {
            let next = (
                before.number.wrapping_add(1) & 0x7fff,
                before.base_layer.wrapping_add(1),
            );
            assert_eq!(
                (after.number, after.base_layer),
                next,
                "picture numbers go on: {here}"
            );
        }
        if before.mark.maker == after.mark.maker {
            assert_eq!(after.mark.number, before.mark.number + 1, "{here}");
        } else {
            assert_begins_with_key_frame(after);
        }
    }
    if let Some(first) = arrived.first() {
        assert_begins_with_key_frame(first);
    }
}

fn assert_begins_with_key_frame(first: &Arrived) {
    assert!(
        first.picture.is_none_or(|picture| picture.is_key),
        "a picture begins with a key frame: {first:?}"
    );
}
