//! Sound that did not come, sent once more: as soon as the receiver tells of it, the same bytes.

use std::collections::VecDeque;

use crate::time::Micros;

/// For how long sound is worth sending again, microseconds: what waits behind a queue that long
/// may still be heard.
const WORTH: u64 = 1_000_000;

/// The most packets kept: three voices, for that long.
const MOST: usize = 160;

/// One packet as it was sent.
#[derive(Debug)]
struct Packet {
    /// Its transport-wide number.
    number: u16,
    at: Micros,
    bytes: Vec<u8>,
    missed: bool,
    repeated: bool,
}

/// The sound sent to one receiver lately.
#[derive(Debug, Default)]
pub struct Voice {
    packets: VecDeque<Packet>,
}

impl Voice {
    /// Keeps a packet that is sent now.
    pub fn keep(&mut self, number: u16, bytes: &[u8], now: Micros) {
        let spare = if self.packets.len() < MOST {
            None
        } else {
            self.packets.pop_front()
        };
        let mut kept = spare.map_or_else(Vec::new, |packet| packet.bytes);
        kept.clear();
        kept.extend_from_slice(bytes);
        self.packets.push_back(Packet {
            number,
            at: now,
            bytes: kept,
            missed: false,
            repeated: false,
        });
    }

    /// The receiver tells what came of the numbers from `first` on.
    pub fn reported(&mut self, first: u16, came: &[Option<i64>]) {
        for packet in &mut self.packets {
            let index = usize::from(packet.number.wrapping_sub(first));
            packet.missed |= came.get(index).is_some_and(Option::is_none);
        }
    }

    /// Calls `send` with each packet to send again: once, and the same bytes, so that no nonce
    /// serves twice (RFC 7714 §8.4).
    pub fn repeat(&mut self, now: Micros, mut send: impl FnMut(&[u8])) {
        for packet in &mut self.packets {
            if packet.missed && !packet.repeated && now.since(packet.at) < WORTH {
                packet.repeated = true;
                send(&packet.bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(voice: &mut Voice, now: u64) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        voice.repeat(Micros(now), |bytes| out.push(bytes.to_vec()));
        out
    }

    #[test]
    fn what_was_missed_is_sent_once_more_and_nothing_else_is() {
        let mut voice = Voice::default();
        voice.keep(65_535, b"a", Micros(0));
        voice.keep(0, b"b", Micros(0));
        voice.keep(2, b"c", Micros(0));
        assert_eq!(repeated(&mut voice, 1), Vec::<Vec<u8>>::new());
        voice.reported(65_535, &[None, Some(1), None, None]);
        assert_eq!(repeated(&mut voice, 1), [b"a", b"c"]);
        voice.reported(65_535, &[None, Some(1), None, None]);
        assert_eq!(repeated(&mut voice, 1), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn what_is_old_is_not_sent_again_and_only_so_much_is_kept() {
        let mut voice = Voice::default();
        voice.keep(1, b"a", Micros(0));
        voice.reported(1, &[None]);
        assert_eq!(repeated(&mut voice, WORTH), Vec::<Vec<u8>>::new());
        for number in 0..1_000 {
            voice.keep(number, b"b", Micros(0));
        }
        assert_eq!(voice.packets.len(), MOST);
    }
}
