//! What is counted at all nodes alike (OPS-2): whoever asks at one of them has asked at every other. Each node counts by
//! itself and tells the others what it has counted, so nobody waits for another node, and where none is reached each goes
//! by its own count.

use std::fmt;

use call::LinkId;
use school::AccountId;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::device::Device;
use crate::limits::Source;

/// How much may wait to be told to one node: more is lost to it, and counted here all the same.
const WAITS: usize = 4096;

/// The longest key that is heard.
const LONGEST: usize = 512;

/// What a count is of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Door {
    Joins,
    JoinsFrom,
    Guesses,
    Visitors,
    VisitorsByLink,
    LostLinks,
    LostPasswords,
    NewAddresses,
    NewAddressesAt,
    Changes,
    Tickets,
    Secrets,
    SignInsFrom,
    SignInsAtFrom,
    SignInsAt,
    LinksAskedFrom,
    ByDevice,
    BySecret,
    Again,
    Codes,
}

/// What was done with it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// One more.
    Take,
    /// One of them does not count.
    GiveBack,
    /// None of them counts.
    Forget,
}

/// What a node has counted.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Counted {
    pub(crate) door: Door,
    pub(crate) deed: Deed,
    /// Whose.
    pub(crate) key: String,
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.deed, self.door)
    }
}

/// By whom it is counted, as one node writes it and another reads it.
pub(crate) trait Key: Clone + Eq + std::hash::Hash {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

/// Tells the other nodes what is counted here; nobody, where there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tells(Option<broadcast::Sender<Counted>>);

impl Tells {
    /// Where there are other nodes.
    pub(crate) fn others() -> Self {
        Self(Some(broadcast::Sender::new(WAITS)))
    }

    /// What is counted from now on; none where there are no others.
    pub(crate) fn listen(&self) -> Option<broadcast::Receiver<Counted>> {
        self.0.as_ref().map(broadcast::Sender::subscribe)
    }

    /// What a count of that tells by.
    pub(crate) fn of(&self, door: Door) -> Teller {
        Teller(self.0.clone().map(|it| (it, door)))
    }
}

/// What one count tells by.
#[derive(Debug, Default)]
pub(crate) struct Teller(Option<(broadcast::Sender<Counted>, Door)>);

impl Teller {
    pub(crate) fn tell(&self, deed: Deed, key: &impl Key) {
        if let Some((others, door)) = &self.0 {
            let (door, key) = (*door, key.write());
            // Nobody may be reached.
            drop(others.send(Counted { door, deed, key }));
        }
    }
}

/// The key that another node wrote.
pub(crate) fn read<K: Key>(text: &str) -> Option<K> {
    if text.len() > LONGEST {
        return None;
    }
    K::read(text)
}

impl Key for LinkId {
    fn write(&self) -> String {
        self.0.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Key for AccountId {
    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Key for String {
    fn write(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Key for [u8; 32] {
    fn write(&self) -> String {
        self.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn read(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        if text.len() != 2 * key.len() {
            return None;
        }
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(key)
    }
}

impl Key for Source {
    fn write(&self) -> String {
        self.number()
    }

    fn read(text: &str) -> Option<Self> {
        Self::of_number(text)
    }
}

impl Key for Device {
    fn write(&self) -> String {
        self.number()
    }

    fn read(text: &str) -> Option<Self> {
        Self::of_number(text)
    }
}

impl Key for (LinkId, Source) {
    fn write(&self) -> String {
        format!("{} {}", self.0.write(), self.1.write())
    }

    fn read(text: &str) -> Option<Self> {
        let (link, source) = text.split_once(' ')?;
        Some((LinkId::read(link)?, Source::read(source)?))
    }
}

impl Key for (String, Source) {
    fn write(&self) -> String {
        format!("{} {}", self.1.write(), self.0)
    }

    fn read(text: &str) -> Option<Self> {
        let (source, account) = text.split_once(' ')?;
        Some((account.to_owned(), Source::read(source)?))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::net::IpAddr;

    use super::*;

    fn comes_back<K: Key + Debug>(key: K) {
        assert_eq!(read(&key.write()), Some(key));
    }

    #[test]
    fn what_one_node_writes_another_reads() {
        let four: IpAddr = "192.0.2.1".parse().expect("an address");
        let six: IpAddr = "2001:db8::1".parse().expect("an address");
        for source in [four, six].map(Source::from) {
            comes_back(source);
            comes_back((LinkId(7), source));
            comes_back(("ada lovelace@school.example".to_owned(), source));
        }
        comes_back(LinkId(u64::MAX));
        comes_back(AccountId(7));
        comes_back(Device::random());
        comes_back([7_u8; 32]);
        comes_back("é".to_owned());
        for wrong in ["", "x", "ü".repeat(32).as_str(), "1 2 3"] {
            assert!(read::<[u8; 32]>(wrong).is_none() && read::<Source>(wrong).is_none());
            assert!(read::<LinkId>(wrong).is_none() && read::<Device>(wrong).is_none());
        }
        assert!(read::<String>(&"x".repeat(LONGEST + 1)).is_none());
    }
}
