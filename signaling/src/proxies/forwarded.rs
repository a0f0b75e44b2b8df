//! `Forwarded` (RFC 7239) and `X-Forwarded-For`, read as bytes: whoever asks wrote some of it.

use std::net::IpAddr;

/// Who asked one proxy, as it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hop {
    Address(IpAddr),
    /// `unknown`, a made-up name, or nothing that is an address.
    Unreadable,
}

impl Hop {
    /// An address, in brackets where it is IPv6 with a port behind it.
    fn of(node: &[u8]) -> Self {
        std::str::from_utf8(node)
            .ok()
            .and_then(address)
            .map_or(Self::Unreadable, |it| Self::Address(it.to_canonical()))
    }
}

fn address(node: &str) -> Option<IpAddr> {
    if let Some(rest) = node.strip_prefix('[') {
        let (inner, port) = rest.split_once(']')?;
        let ip: std::net::Ipv6Addr = inner.parse().ok()?;
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then(|| ip.into());
    }
    if let Ok(ip) = node.parse() {
        return Some(ip);
    }
    let (ip, port) = node.split_once(':')?;
    let ip: std::net::Ipv4Addr = ip.parse().ok()?;
    is_port(port).then(|| ip.into())
}

/// A number, or a made-up name for one (RFC 7239 §6.2).
fn is_port(port: &str) -> bool {
    let is_number = port.len() <= 5 && port.bytes().all(|it| it.is_ascii_digit());
    let is_made_up = port.strip_prefix('_').is_some_and(|name| {
        name.bytes()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'))
    });
    !port.is_empty() && port != "_" && (is_number || is_made_up)
}

/// The hops of one `X-Forwarded-For`. What cannot be read is one hop, as far as the next comma.
pub(super) fn read_list(value: &[u8]) -> Vec<Hop> {
    value
        .split(|it| *it == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|it| !it.is_empty())
        .map(Hop::of)
        .collect()
}

/// The hops of one `Forwarded`. One mistake makes all of the header unreadable: with a quotation
/// mark that is never closed, whoever asks could swallow what a proxy wrote behind it.
pub(super) fn read(value: &[u8]) -> Vec<Hop> {
    elements(value).unwrap_or_else(|| vec![Hop::Unreadable])
}

fn elements(value: &[u8]) -> Option<Vec<Hop>> {
    let mut rest = Rest(value);
    let mut hops = Vec::new();
    loop {
        let (mut hop, mut is_empty) = (None, true);
        loop {
            rest.skip_blanks();
            if !matches!(rest.next_byte(), None | Some(b',' | b';')) {
                is_empty = false;
                let name = rest.token()?;
                rest.expect(b'=')?;
                let said = rest.value()?;
                if name.eq_ignore_ascii_case(b"for") && hop.replace(Hop::of(&said)).is_some() {
                    return None;
                }
                rest.skip_blanks();
            }
            if rest.expect(b';').is_none() {
                break;
            }
        }
        if !is_empty {
            hops.push(hop.unwrap_or(Hop::Unreadable));
        }
        match rest.next_byte() {
            None => return Some(hops),
            Some(_) => rest.expect(b',')?,
        }
    }
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn next_byte(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn skip_blanks(&mut self) {
        while let Some((b' ' | b'\t', after)) = self.0.split_first() {
            self.0 = after;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// RFC 9110 §5.6.2; an address without quotation marks is read too, though its colons make it
    /// none.
    fn token(&mut self) -> Option<&'a [u8]> {
        let is_in_it = |it: &u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:[]".contains(it);
        let length = self.0.iter().take_while(|it| is_in_it(it)).count();
        let (token, after) = self.0.split_at_checked(length)?;
        self.0 = after;
        (length > 0).then_some(token)
    }

    /// A token, or a text in quotation marks (RFC 9110 §5.6.4).
    fn value(&mut self) -> Option<Vec<u8>> {
        if self.expect(b'"').is_none() {
            return self.token().map(<[u8]>::to_vec);
        }
        let mut said = Vec::new();
        loop {
            let (byte, after) = self.0.split_first()?;
            self.0 = after;
            match byte {
                b'"' => return Some(said),
                b'\\' => {
                    let (escaped, after) = self.0.split_first()?;
                    self.0 = after;
                    said.push(*escaped);
                }
                other => said.push(*other),
            }
        }
    }
}
