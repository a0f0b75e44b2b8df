//! The name that people type: where it leads.

use std::net::{IpAddr, ToSocketAddrs as _, UdpSocket};

use super::ports::is_private;
use super::{Finding, Health};
use crate::origin::PublicUrl;
use crate::settings::Settings;

/// Where a name leads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Leads {
    /// Nobody knows it.
    Nowhere,
    /// To this machine, by its own list: that says nothing of where others are led.
    ByItsOwnList(Vec<IpAddr>),
    /// To this machine.
    Here(Vec<IpAddr>),
    /// To these addresses, some of which are not this machine's.
    Elsewhere {
        /// All of them.
        all: Vec<IpAddr>,
        /// Those that are not.
        foreign: Vec<IpAddr>,
    },
}

/// Where a name leads, as this machine is told.
pub(crate) fn look_up(host: &str) -> Leads {
    let found = (host, 0).to_socket_addrs();
    let mut found: Vec<IpAddr> = found.into_iter().flatten().map(|it| it.ip()).collect();
    found.sort_unstable();
    found.dedup();
    Leads::of(found, |it| UdpSocket::bind((it, 0)).is_ok())
}

impl Leads {
    fn of(all: Vec<IpAddr>, is_here: impl Fn(IpAddr) -> bool) -> Self {
        if all.is_empty() {
            return Self::Nowhere;
        }
        if all.iter().any(IpAddr::is_loopback) {
            return Self::ByItsOwnList(all);
        }
        let foreign = all.iter().copied().filter(|it| !is_here(*it));
        let foreign: Vec<IpAddr> = foreign.collect();
        if foreign.is_empty() {
            Self::Here(all)
        } else {
            Self::Elsewhere { all, foreign }
        }
    }

    /// A sentence of it, and what to do where it should be otherwise.
    pub(crate) fn sentence(&self, host: &str) -> String {
        const MEND: &str = "whoever looks after that name has it lead to this machine's public address, by a \
                            record A or AAAA";
        match self {
            Self::Nowhere => format!("{host} leads nowhere: {MEND}."),
            Self::ByItsOwnList(all) => format!(
                "{host} leads to {}, by this machine's own list (/etc/hosts): {MEND}.",
                listed(all)
            ),
            Self::Here(all) => format!("{host} leads to this machine, at {}.", listed(all)),
            Self::Elsewhere { all, foreign } => {
                let (foreign, is_all) = (listed(foreign), foreign.len() == all.len());
                let how = if is_all {
                    format!("{foreign}, and not to this machine{}", own())
                } else {
                    format!("this machine, and to {foreign} too")
                };
                format!(
                    "{host} leads to {how}. That is right where a router or a proxy there passes on what comes; \
                     where there is none, {MEND}{}.",
                    if is_all { "" } else { ", and nowhere else" }
                )
            }
        }
    }
}

fn listed(addresses: &[IpAddr]) -> String {
    let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    all.join(" and ")
}

/// The addresses of this machine, in brackets; nothing where the system does not tell them.
fn own() -> String {
    let is_of_a_network = |it: &IpAddr| match it {
        IpAddr::V4(it) => !it.is_loopback() && !it.is_link_local(),
        IpAddr::V6(it) => !it.is_loopback() && !it.is_unicast_link_local(),
    };
    let mut all = sfu::machine().unwrap_or_default();
    all.retain(is_of_a_network);
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        String::new()
    } else {
        format!(" ({})", listed(&all))
    }
}

/// Nothing where people type no name, or one that this machine alone was asked about.
pub(super) fn examine(settings: &Settings) -> Option<Finding> {
    let url = settings.http.public_url.as_ref();
    let host = url.filter(|it| PublicUrl::can_be_certified(it))?.host();
    of(host, &look_up(host), &settings.media.announce)
}

fn of(host: &str, leads: &Leads, announce: &[IpAddr]) -> Option<Finding> {
    let health = match leads {
        Leads::ByItsOwnList(_) => return None,
        Leads::Nowhere => Health::Doubtful,
        Leads::Here(all) => {
            let is_public = all.iter().any(|it| !is_private(*it));
            if is_public && !announce.is_empty() && !all.iter().any(|it| announce.contains(it)) {
                let says = format!(
                    "{host} leads to this machine, at {}, but sound and picture are announced at {}: see that \
                     media.announce is right, or take it out.",
                    listed(all),
                    listed(announce)
                );
                return Some(Finding::new(Health::Doubtful, says));
            }
            Health::Good
        }
        Leads::Elsewhere { foreign, .. } => {
            if foreign.iter().all(|it| announce.contains(it)) {
                let says = format!(
                    "{host} leads to {}, where sound and picture are announced too.",
                    listed(foreign)
                );
                return Some(Finding::new(Health::Good, says));
            }
            Health::Doubtful
        }
    };
    Some(Finding::new(health, leads.sentence(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "calls.hillroad.example";

    #[test]
    fn where_a_name_leads_is_said_with_what_to_do() {
        let address = |last| IpAddr::from([192, 0, 2, last]);
        let (ours, theirs) = (address(1), address(2));
        let leads = |to: &[IpAddr]| Leads::of(to.to_vec(), |it| it == ours);
        let found = |to: &[IpAddr], announce: &[IpAddr]| of(HOST, &leads(to), announce);
        let health = |to: &[IpAddr]| found(to, &[]).map(|it| it.health);
        assert_eq!(health(&[]), Some(Health::Doubtful));
        assert_eq!(health(&[ours]), Some(Health::Good));
        assert_eq!(health(&[theirs]), Some(Health::Doubtful));
        assert_eq!(health(&[ours, theirs]), Some(Health::Doubtful));
        // Debian's own line for the name of the machine: it may be right for everybody else.
        assert_eq!(health(&[IpAddr::from([127, 0, 1, 1])]), None);
        let says = |to: &[IpAddr]| found(to, &[]).expect("it is said").says;
        assert!(says(&[]).contains("record A"), "{}", says(&[]));
        let elsewhere = says(&[theirs]);
        assert!(
            elsewhere.contains("leads to 192.0.2.2, and not to this machine"),
            "{elsewhere}"
        );
        let both = says(&[ours, theirs]);
        assert!(both.contains("and to 192.0.2.2 too"), "{both}");
        // A router that passes it on is where sound and picture are announced.
        let passed_on = found(&[theirs], &[theirs]).expect("it is said");
        assert_eq!(passed_on.health, Health::Good, "{}", passed_on.says);
        // What was announced while the name led to another machine is not forgotten.
        let moved = found(&[ours], &[theirs]).expect("it is said");
        assert!(moved.says.contains("media.announce"), "{}", moved.says);
        let inside = IpAddr::from([10, 0, 0, 5]);
        let split = of(HOST, &Leads::Here(vec![inside]), &[theirs]);
        assert_eq!(split.map(|it| it.health), Some(Health::Good));
    }
}
