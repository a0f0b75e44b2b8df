//! H.264 payloads (RFC 6184 §5): which NAL units begin in one, wherever they stand in it.

/// The types that matter (RFC 6184 §5.2 and §1.3).
const IDR: u8 = 5;
const SEQUENCE_PARAMETERS: u8 = 7;
const STAP_A: u8 = 24;
const STAP_B: u8 = 25;
const MTAP16: u8 = 26;
const MTAP24: u8 = 27;
const FU_A: u8 = 28;
const FU_B: u8 = 29;

/// Whether a picture that needs no other begins in `payload`, or what it is decoded by.
#[must_use]
pub fn begins_key(payload: &[u8]) -> bool {
    let Some((&header, rest)) = payload.split_first() else {
        return false;
    };
    match unit_type(header) {
        // Behind the number that says in which order to decode, units of a length of two bytes
        // each; in between what says when to show it.
        STAP_A => has_key(rest, 0, 0),
        STAP_B => has_key(rest, 2, 0),
        MTAP16 => has_key(rest, 2, 3),
        MTAP24 => has_key(rest, 2, 4),
        FU_A | FU_B => rest
            .first()
            .is_some_and(|fragment| fragment & 0x80 != 0 && is_key(*fragment)),
        _ => is_key(header),
    }
}

const fn unit_type(header: u8) -> u8 {
    header & 0x1f
}

const fn is_key(header: u8) -> bool {
    matches!(unit_type(header), IDR | SEQUENCE_PARAMETERS)
}

/// Whether one of the units of an aggregate is of a key frame: `order` bytes stand before all of
/// them, `time` bytes between each one's length and itself.
fn has_key(aggregate: &[u8], order: usize, time: usize) -> bool {
    let mut rest = aggregate.get(order..).unwrap_or_default();
    while let Some((&[high, low], after)) = rest.split_first_chunk() {
        let unit = after.get(time..).unwrap_or_default();
        if unit.first().is_some_and(|header| is_key(*header)) {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        rest = unit.get(length..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DELIMITER: &[u8] = &[9, 0xf0];
    const INFORMATION: &[u8] = &[6, 5, 1, 0, 0x80];
    const PARAMETERS: [&[u8]; 2] = [&[0x67, 0x42, 0xe0, 0x1f], &[0x68, 0xce, 0x3c, 0x80]];
    const KEY: &[u8] = &[0x65, 0x88, 0x84];
    const DELTA: &[u8] = &[0x41, 0x9a, 0x24];

    /// An aggregate of each form.
    fn aggregates(units: &[&[u8]]) -> [Vec<u8>; 4] {
        [
            (STAP_A, 0, 0),
            (STAP_B, 2, 0),
            (MTAP16, 2, 3),
            (MTAP24, 2, 4),
        ]
        .map(|(form, order, time)| {
            let mut payload = vec![0x60 | form];
            payload.extend(std::iter::repeat_n(0x65, order));
            for unit in units {
                let length = u16::try_from(unit.len()).expect("short");
                payload.extend(length.to_be_bytes());
                payload.extend(std::iter::repeat_n(0x65, time));
                payload.extend(*unit);
            }
            payload
        })
    }

    #[test]
    fn a_key_frame_is_seen_wherever_it_stands_in_an_aggregate() {
        let [sequence, picture] = PARAMETERS;
        let keys: [&[&[u8]]; 8] = [
            &[DELIMITER, sequence, picture],
            &[DELIMITER, INFORMATION, sequence, picture, KEY],
            &[picture, INFORMATION, DELIMITER, sequence],
            &[picture, KEY],
            &[INFORMATION, KEY, KEY],
            &[sequence],
            &[KEY],
            &[&[], DELIMITER, &[], KEY],
        ];
        for units in keys {
            for payload in aggregates(units) {
                assert!(begins_key(&payload), "{payload:02x?}");
            }
        }
        let others: [&[&[u8]]; 5] = [
            &[DELIMITER, INFORMATION, DELTA],
            &[picture, DELTA],
            &[DELTA, DELTA],
            &[&[], &[]],
            &[],
        ];
        for units in others {
            for payload in aggregates(units) {
                assert!(!begins_key(&payload), "{payload:02x?}");
            }
        }
    }

    #[test]
    fn of_a_unit_in_parts_the_first_part_tells() {
        for form in [FU_A, FU_B] {
            for unit in [IDR, SEQUENCE_PARAMETERS] {
                assert!(begins_key(&[0x60 | form, 0x80 | unit, 0, 0]));
                assert!(!begins_key(&[0x60 | form, unit, 0, 0]));
                assert!(!begins_key(&[0x60 | form, 0x40 | unit, 0, 0]));
            }
            assert!(!begins_key(&[0x60 | form, 0x81]));
            assert!(!begins_key(&[0x60 | form]));
        }
    }

    #[test]
    fn a_unit_alone_is_what_its_header_says() {
        for (payload, expected) in [
            (KEY, true),
            (PARAMETERS[0], true),
            (PARAMETERS[1], false),
            (DELTA, false),
            (DELIMITER, false),
            (INFORMATION, false),
            (&[][..], false),
        ] {
            assert_eq!(begins_key(payload), expected, "{payload:02x?}");
        }
    }

    #[test]
    fn a_length_that_is_a_lie_ends_it() {
        for payload in [
            &[0x78, 0xff, 0xff, 9, 0, 4, 0x65][..],
            &[0x78, 0, 1],
            &[0x78, 0],
            &[0x79, 0],
            &[0x7a, 0, 0, 0, 1, 0x65, 0x65, 0x65],
        ] {
            assert!(!begins_key(payload), "{payload:02x?}");
        }
    }

    proptest! {
        #[test]
        fn junk_never_panics(payload in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _either = begins_key(&payload);
        }
    }
}
