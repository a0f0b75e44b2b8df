//! AV1 payloads (RTP Payload Format For AV1 §4.4): whether a coded video sequence begins in one.

/// The types of OBUs that matter (AV1 §6.2.2).
const SEQUENCE_HEADER: u8 = 1;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;

/// What stands in the aggregation header: the first OBU was begun before, how many OBUs there are
/// (0: each tells its length), and a coded video sequence begins.
const CONTINUES: u8 = 0x80;
const COUNT: u8 = 0x30;
const NEW_SEQUENCE: u8 = 0x08;

/// Whether a key frame begins in `payload`: as the sender says, or else by its OBUs, in whatever
/// order they stand. A sequence header is repeated by some before frames that are none.
#[must_use]
pub fn begins_key(payload: &[u8]) -> bool {
    let Some((&header, rest)) = payload.split_first() else {
        return false;
    };
    if header & (NEW_SEQUENCE | CONTINUES) == NEW_SEQUENCE {
        return true;
    }
    let elements = Elements {
        rest,
        left: (header & COUNT != 0).then_some(header >> 4 & 3),
    };
    let mut has_sequence = false;
    for element in elements.skip(usize::from(header & CONTINUES != 0)) {
        let Some((kind, body)) = read_obu(element) else {
            continue;
        };
        match (kind, body.first()) {
            (SEQUENCE_HEADER, _) => has_sequence = true,
            // `show_existing_frame` and `frame_type`, of which 0 is a key frame (AV1 §5.9.2).
            (FRAME | FRAME_HEADER, Some(first)) => return has_sequence && first & 0xe0 == 0,
            _ => {}
        }
    }
    has_sequence
}

/// The OBUs, or parts of OBUs, of a payload.
struct Elements<'bytes> {
    rest: &'bytes [u8],
    /// How many there are, where that is told: then the last has no length.
    left: Option<u8>,
}

impl<'bytes> Iterator for Elements<'bytes> {
    type Item = &'bytes [u8];

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.left == Some(0) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        if self.left == Some(0) {
            return Some(std::mem::take(&mut self.rest));
        }
        let (length, after) = read_length(self.rest)?;
        let (element, rest) = after.split_at_checked(length)?;
        self.rest = rest;
        Some(element)
    }
}

/// `leb128()` (AV1 §4.10.5), of no more than a packet may hold.
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    for (index, byte) in bytes.iter().take(8).enumerate() {
        length |= usize::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((length, bytes.get(index + 1..)?));
        }
    }
    None
}

/// An OBU's type, and what stands behind its header (AV1 §5.3.2).
fn read_obu(element: &[u8]) -> Option<(u8, &[u8])> {
    let (header, mut rest) = element.split_first()?;
    if header & 0x04 != 0 {
        rest = rest.get(1..)?;
    }
    if header & 0x02 != 0 {
        (_, rest) = read_length(rest)?;
    }
    Some((header >> 3 & 0x0f, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DELIMITER: &[u8] = &[0x10];
    const SEQUENCE: &[u8] = &[0x08, 0, 0, 0];
    const METADATA: &[u8] = &[0x28, 1, 2];
    const KEY: &[u8] = &[0x30, 0x10, 7, 7];
    const DELTA: &[u8] = &[0x30, 0x30, 7, 7];
    const SHOWN_AGAIN: &[u8] = &[0x18, 0x80];

    /// The OBUs as each packet may hold them: told how many there are, or not; with sizes of their
    /// own and with an extension, or without.
    fn payloads(obus: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut payloads = Vec::new();
        for form in 0..8 {
            let is_counted = form & 1 == 1;
            if is_counted && obus.len() > 3 {
                continue;
            }
            let count = if is_counted { obus.len() } else { 0 };
            let mut payload = vec![u8::try_from(count).expect("few") << 4];
            for (index, obu) in obus.iter().enumerate() {
                let mut element = vec![obu[0]];
                if form & 2 != 0 {
                    element[0] |= 4;
                    element.push(0x20);
                }
                if form & 4 != 0 {
                    element[0] |= 2;
                    element.push(u8::try_from(obu.len() - 1).expect("short"));
                }
                element.extend(&obu[1..]);
                if !is_counted || index + 1 < obus.len() {
                    // One byte would do.
                    payload.extend([u8::try_from(element.len()).expect("short") | 0x80, 0]);
                }
                payload.extend(element);
            }
            payloads.push(payload);
        }
        payloads
    }

    #[test]
    fn a_key_frame_is_seen_whatever_stands_before_it() {
        let keys: [&[&[u8]]; 6] = [
            &[SEQUENCE, KEY],
            &[DELIMITER, SEQUENCE, KEY],
            &[DELIMITER, METADATA, SEQUENCE, METADATA, KEY],
            &[DELIMITER, SEQUENCE],
            &[SEQUENCE],
            &[METADATA, SEQUENCE, KEY, DELTA],
        ];
        for obus in keys {
            for payload in payloads(obus) {
                assert!(begins_key(&payload), "{payload:02x?}");
            }
        }
        let others: [&[&[u8]]; 6] = [
            &[DELTA],
            &[DELIMITER, DELTA],
            &[SEQUENCE, DELTA],
            &[SEQUENCE, SHOWN_AGAIN],
            &[KEY],
            &[METADATA],
        ];
        for obus in others {
            for mut payload in payloads(obus) {
                assert!(!begins_key(&payload), "{payload:02x?}");
                payload[0] |= NEW_SEQUENCE;
                assert!(begins_key(&payload), "it is told");
                payload[0] |= CONTINUES;
                assert!(!begins_key(&payload), "and not of one begun before");
            }
        }
    }

    #[test]
    fn what_goes_on_from_the_packet_before_is_not_looked_into() {
        for mut payload in payloads(&[SEQUENCE, METADATA]) {
            payload[0] |= CONTINUES;
            assert!(!begins_key(&payload), "{payload:02x?}");
        }
        for mut payload in payloads(&[&[7], SEQUENCE, KEY]) {
            payload[0] |= CONTINUES;
            assert!(begins_key(&payload), "{payload:02x?}");
        }
    }

    proptest! {
        #[test]
        fn junk_never_panics(payload in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _either = begins_key(&payload);
        }
    }
}
