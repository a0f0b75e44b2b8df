//! The addresses that the relay leads to: each keeps its place for as long as it is announced, so
//! that what was allocated, permitted and bound goes on when others come and go.

use std::net::{IpAddr, SocketAddr};

/// How many are known, announced or not; then one that is announced takes the place of one that is
/// no more.
const MOST: usize = 64;

/// Our addresses, by their places.
#[derive(Debug)]
pub(super) struct Ours {
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    address: SocketAddr,
    is_announced: bool,
}

impl Ours {
    pub(super) fn new(announced: Vec<SocketAddr>) -> Self {
        let mut ours = Self { places: Vec::new() };
        ours.announce(announced);
        ours
    }

    /// Media is received at these from now on, and at no other.
    pub(super) fn announce(&mut self, announced: Vec<SocketAddr>) {
        for place in &mut self.places {
            place.is_announced = announced.contains(&place.address);
        }
        for address in announced {
            if self.position(address).is_some() {
                continue;
            }
            let place = Place {
                address,
                is_announced: true,
            };
            let is_full = self.places.len() >= MOST;
            let mut gone = self.places.iter_mut().filter(|it| !it.is_announced);
            match gone.next().filter(|_| is_full) {
                Some(gone) => *gone = place,
                None => self.places.push(place),
            }
        }
    }

    /// How many places there are.
    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    /// What is, or was, announced at this place.
    pub(super) fn get(&self, at: usize) -> Option<SocketAddr> {
        Some(self.places.get(at)?.address)
    }

    /// Those that are announced.
    pub(super) fn announced(&self) -> impl Iterator<Item = SocketAddr> {
        let announced = self.places.iter().filter(|place| place.is_announced);
        announced.map(|place| place.address)
    }

    /// The place of an address that is announced.
    pub(super) fn position(&self, address: SocketAddr) -> Option<usize> {
        let is_there = |place: &Place| place.is_announced && place.address == address;
        self.places.iter().position(is_there)
    }

    /// Whether one that is announced has this address, at whatever port.
    pub(super) fn has(&self, ip: IpAddr) -> bool {
        self.announced().any(|address| address.ip() == ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> SocketAddr {
        ([192, 0, 2, number], 8081).into()
    }

    #[test]
    fn who_stays_keeps_the_place_and_who_comes_back_has_it_again() {
        let [a, b, c] = [1, 2, 3].map(address);
        let mut ours = Ours::new(vec![a, b]);
        ours.announce(vec![c, b]);
        assert_eq!(
            [a, b, c].map(|it| ours.position(it)),
            [None, Some(1), Some(2)]
        );
        assert_eq!(
            ours.get(0),
            Some(a),
            "what goes there may still be on its way"
        );
        assert!(!ours.has(a.ip()) && ours.has(b.ip()));
        ours.announce(vec![b, a]);
        assert_eq!(
            [a, b, c].map(|it| ours.position(it)),
            [Some(0), Some(1), None]
        );
        assert_eq!(ours.announced().collect::<Vec<_>>(), [a, b]);
    }

    #[test]
    fn however_often_they_change_few_are_known() {
        let mut ours = Ours::new(vec![address(0)]);
        for number in 1..=255 {
            ours.announce(vec![address(0), address(number)]);
            assert_eq!(ours.position(address(0)), Some(0));
            assert!(ours.position(address(number)).is_some());
        }
        assert_eq!(ours.len(), MOST);
    }
}
