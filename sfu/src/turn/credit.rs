//! What strangers are answered: never more bytes than came from their address, so that nobody
//! makes a relay shout at somebody whose address was forged.

use std::collections::HashMap;
use std::net::SocketAddr;

/// How many addresses are kept account of. One more begins all anew.
const MOST: usize = 4_096;

/// The bytes that came from each address and were not yet answered.
#[derive(Debug, Default)]
pub(super) struct Credit {
    came: HashMap<SocketAddr, usize>,
}

impl Credit {
    /// So many bytes came.
    pub(super) fn came(&mut self, from: SocketAddr, bytes: usize) {
        if self.came.len() >= MOST && !self.came.contains_key(&from) {
            self.came.clear();
        }
        let came = self.came.entry(from).or_default();
        *came = (*came + bytes).min(2_048);
    }

    /// Whether so many bytes may go back: a client whose first request was too short for its
    /// answer asks again before long.
    pub(super) fn pays(&mut self, to: SocketAddr, bytes: usize) -> bool {
        let Some(came) = self.came.get_mut(&to) else {
            return false;
        };
        if *came < bytes {
            return false;
        }
        *came -= bytes;
        if *came == 0 {
            self.came.remove(&to);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_more_than_came_from_there() {
        let mut credit = Credit::default();
        let address = |n: u16| SocketAddr::from(([192, 0, 2, 1], n));
        assert!(!credit.pays(address(1), 1));
        credit.came(address(1), 28);
        assert!(!credit.pays(address(1), 56));
        assert!(
            !credit.pays(address(2), 28),
            "nor anybody for somebody else"
        );
        credit.came(address(1), 28);
        assert!(credit.pays(address(1), 56));
        assert!(!credit.pays(address(1), 1));
        for n in 0..60_000 {
            credit.came(address(n), 28);
            assert!(credit.came.len() <= MOST);
        }
    }
}
