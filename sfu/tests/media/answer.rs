//! What clients read out of the server's answer, line by line.

use std::net::{IpAddr, SocketAddr};

use forward::codec::Kind;

/// The SSRCs of one stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stream {
    pub(crate) media: u32,
    pub(crate) retransmission: Option<u32>,
}

/// The streams of one slot, by kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams([Stream; 3]);

impl Streams {
    pub(crate) const fn of(&self, kind: Kind) -> Stream {
        self.0[kind.index()]
    }
}

/// The streams of the three slots.
pub(crate) fn slots(answer: &str) -> Vec<Streams> {
    let sections: Vec<&str> = answer.split("\nm=").skip(1).collect();
    assert_eq!(sections.len(), 12, "three sent, nine received");
    sections[3..]
        .chunks(3)
        .map(|slot| Streams([stream(slot[0]), stream(slot[1]), stream(slot[2])]))
        .collect()
}

fn stream(section: &str) -> Stream {
    let numbers = |key: &str| -> Vec<u32> {
        section
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .map(|rest| {
                rest.split_ascii_whitespace()
                    .map_while(|word| word.parse().ok())
                    .collect()
            })
            .unwrap_or_default()
    };
    match numbers("a=ssrc-group:FID ")[..] {
        [media, retransmission] => Stream {
            media,
            retransmission: Some(retransmission),
        },
        _ => Stream {
            media: *numbers("a=ssrc:")
                .first()
                .expect("a received section announces an SSRC"),
            retransmission: None,
        },
    }
}

/// The first candidate's address.
pub(crate) fn address(answer: &str) -> SocketAddr {
    let candidate = answer
        .lines()
        .find_map(|line| line.strip_prefix("a=candidate:"))
        .expect("an answer has a candidate");
    let words: Vec<&str> = candidate.split_ascii_whitespace().collect();
    let ip: IpAddr = words[4].parse().expect("an address");
    SocketAddr::new(ip, words[5].parse().expect("a port"))
}

/// The value of the first `a=<key>:` line.
pub(crate) fn value<'answer>(answer: &'answer str, key: &str) -> &'answer str {
    answer
        .lines()
        .find_map(|line| {
            line.strip_prefix("a=")?
                .strip_prefix(key)?
                .strip_prefix(':')
        })
        .expect("the answer has that line")
}
