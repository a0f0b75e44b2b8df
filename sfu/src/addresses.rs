//! Where media is announced: the addresses of this machine, which change while the program runs.

use std::io;
use std::net::{IpAddr, SocketAddr};

/// Tells the addresses of this machine.
pub type Machine = fn() -> io::Result<Vec<IpAddr>>;

/// Every address that this machine's network interfaces have now.
///
/// # Errors
///
/// Where the system does not tell.
pub fn machine() -> io::Result<Vec<IpAddr>> {
    let interfaces = rtc_shared::ifaces::ifaces()?;
    let addresses = interfaces.into_iter().filter_map(|it| it.addr);
    Ok(addresses.map(|address| address.ip()).collect())
}

/// The addresses that are announced for the port bound at `bound`, where `announce` is as in
/// [`crate::Settings`].
///
/// # Errors
///
/// Where the system does not tell its addresses.
pub fn announced_at(announce: &[IpAddr], bound: SocketAddr) -> io::Result<Vec<SocketAddr>> {
    announced(announce, machine, bound)
}

/// As [`announced_at`], of the addresses that `machine` tells.
pub(crate) fn announced(
    announce: &[IpAddr],
    machine: Machine,
    bound: SocketAddr,
) -> io::Result<Vec<SocketAddr>> {
    let ips = if !announce.is_empty() {
        announce.to_vec()
    } else if bound.ip().is_unspecified() {
        let mut ips: Vec<IpAddr> = machine()?
            .into_iter()
            .filter(|ip| is_announceable(*ip, bound.is_ipv6()))
            .collect();
        ips.sort_by_key(IpAddr::is_loopback);
        ips.dedup();
        ips
    } else {
        vec![bound.ip()]
    };
    Ok(ips
        .into_iter()
        .map(|ip| SocketAddr::new(ip, bound.port()))
        .collect())
}

/// Link-local addresses mean nothing elsewhere, and an IPv4 socket hears no IPv6.
fn is_announceable(ip: IpAddr, v6: bool) -> bool {
    match ip {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6_address) => v6 && !v6_address.is_unicast_link_local(),
    }
}

/// Whether none of them can be reached from another machine.
pub(crate) fn is_alone(addresses: &[SocketAddr]) -> bool {
    addresses.iter().all(|address| address.ip().is_loopback())
}
