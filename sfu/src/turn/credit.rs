//! What clients are answered: so many requests a second, and strangers never more bytes than came
//! from their address, so that nobody makes a relay shout at somebody whose address was forged.

use std::collections::HashMap;
use std::net::SocketAddr;

use forward::time::Micros;

use crate::allowance::Allowance;

/// How many addresses are kept account of. One more begins all anew.
const MOST: usize = 4_096;

/// What is known of one address.
#[derive(Debug)]
struct Account {
    /// Bytes that came and were not yet answered.
    came: usize,
    requests: Allowance,
}

/// The accounts of addresses.
#[derive(Debug, Default)]
pub(super) struct Credit {
    accounts: HashMap<SocketAddr, Account>,
}

impl Credit {
    /// Whether one more request of so many bytes from there is looked at: a browser sends a handful
    /// to begin with, and then one every few minutes.
    pub(super) fn admits(&mut self, from: SocketAddr, bytes: usize, now: Micros) -> bool {
        if self.accounts.len() >= MOST && !self.accounts.contains_key(&from) {
            self.accounts.clear();
        }
        let account = self.accounts.entry(from).or_insert_with(|| Account {
            came: 0,
            requests: Allowance::new(20, 100),
        });
        account.came = (account.came + bytes).min(2_048);
        account.requests.take(now)
    }

    /// Whether so many bytes may go back: a client whose first request was too short for its
    /// answer asks again before long.
    pub(super) fn pays(&mut self, to: SocketAddr, bytes: usize) -> bool {
        let Some(account) = self.accounts.get_mut(&to) else {
            return false;
        };
        let pays = account.came >= bytes;
        if pays {
            account.came -= bytes;
        }
        pays
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
        assert!(credit.admits(address(1), 28, Micros(0)));
        assert!(!credit.pays(address(1), 56));
        assert!(
            !credit.pays(address(2), 28),
            "nor anybody for somebody else"
        );
        assert!(credit.admits(address(1), 28, Micros(0)));
        assert!(credit.pays(address(1), 56));
        assert!(!credit.pays(address(1), 1));
        for n in 0..60_000 {
            assert!(credit.admits(address(n), 28, Micros(0)));
            assert!(credit.accounts.len() <= MOST);
        }
    }

    #[test]
    fn nobody_has_more_than_a_few_requests_a_second_looked_at() {
        let mut credit = Credit::default();
        let from = SocketAddr::from(([192, 0, 2, 1], 1));
        let admitted = (0..10_000_000u64)
            .step_by(100)
            .filter(|now| credit.admits(from, 100, Micros(*now)))
            .count();
        assert!((290..=300).contains(&admitted), "{admitted} of 100,000");
    }
}
