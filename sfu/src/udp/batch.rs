//! `recvmmsg` and `sendmmsg` with `UDP_SEGMENT` (Linux udp(7)): the one place that speaks to the
//! kernel through raw pointers, because no safe wrapper sets a segment size for each message of a
//! batch. Every pointer handed over points into a value that outlives the call.
#![expect(
    unsafe_code,
    reason = "recvmmsg, sendmmsg and setsockopt take raw pointers"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "sizes of C structures and address families fit the types C gave them"
)]

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::ptr;

use mio::net::UdpSocket;

/// How many datagrams are received at once.
pub(super) const BATCH: usize = 64;

/// The longest datagram taken: more than any path's MTU. Longer ones are dropped.
const LONGEST: usize = 2_048;

/// How many messages are handed to the kernel at once (`UIO_MAXIOV` is 1,024).
const SEND_BATCH: usize = 256;

/// Room for the one control message a datagram has here: a segment size or a time.
const CONTROL: usize = 64;

/// The same, aligned as the kernel wants it.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; CONTROL]);

/// Asks the kernel to say when each datagram came (`SO_TIMESTAMPNS`, socket(7)).
pub(super) fn stamp_arrivals(socket: &UdpSocket) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: `on` is a c_int that lives through the call, and its length is given.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TIMESTAMPNS,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// One datagram that was received.
#[derive(Clone, Copy, Debug)]
struct Arrived {
    source: SocketAddr,
    length: usize,
    /// Nanoseconds since 1970, where the kernel was asked to say.
    stamp: Option<u64>,
}

/// Room for one batch of datagrams.
#[derive(Debug)]
pub struct Inbox {
    buffers: Box<[[u8; LONGEST]]>,
    arrived: Vec<Option<Arrived>>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Inbox {
    /// Room for whole batches.
    pub fn new() -> Self {
        Self::of(BATCH)
    }

    /// Room for batches of at most `count`, itself at most [`BATCH`].
    pub fn of(count: usize) -> Self {
        Self {
            buffers: vec![[0; LONGEST]; count.min(BATCH)].into_boxed_slice(),
            arrived: Vec::with_capacity(BATCH),
        }
    }

    /// Receives a batch; gives how many datagrams came. Fewer than a whole batch
    /// ([`Inbox::is_full`]) mean that no more is waiting.
    ///
    /// # Errors
    ///
    /// What the system says, but for nothing being there.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.arrived.clear();
        let mut names = [const { MaybeUninit::<libc::sockaddr_storage>::uninit() }; BATCH];
        let mut segments = [const { MaybeUninit::<libc::iovec>::uninit() }; BATCH];
        let mut controls = [const { MaybeUninit::<Control>::uninit() }; BATCH];
        let mut messages = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; BATCH];
        let rows = self
            .buffers
            .iter_mut()
            .zip(&mut names)
            .zip(&mut segments)
            .zip(&mut controls)
            .zip(&mut messages);
        for ((((buffer, name), segment), control), message) in rows {
            let segment = segment.write(libc::iovec {
                iov_base: buffer.as_mut_ptr().cast(),
                iov_len: buffer.len(),
            });
            let message = &mut message.write(empty_header()).msg_hdr;
            message.msg_name = name.as_mut_ptr().cast();
            message.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            message.msg_iov = segment;
            message.msg_iovlen = 1;
            message.msg_control = control.as_mut_ptr().cast();
            message.msg_controllen = CONTROL;
        }
        // SAFETY: as many headers as there are buffers were written; they point into `names`,
        // `segments`, `controls` and `self.buffers`, all of which live through the call, with their
        // true lengths; no time-out is given.
        let came = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                messages.as_mut_ptr().cast(),
                self.buffers.len() as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let Ok(came) = usize::try_from(came) else {
            let error = io::Error::last_os_error();
            let nothing = matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            );
            return if nothing { Ok(0) } else { Err(error) };
        };
        for (message, name) in messages.iter().zip(&names).take(came) {
            // SAFETY: the kernel filled as many headers as datagrams came, and all were written.
            let message = unsafe { message.assume_init_ref() };
            let whole = message.msg_hdr.msg_flags & libc::MSG_TRUNC == 0;
            // SAFETY: the kernel wrote a socket address of `msg_namelen` bytes into `name`.
            let source = unsafe { read_address(name, message.msg_hdr.msg_namelen) };
            let length = message.msg_len as usize;
            // SAFETY: the kernel wrote the control messages, and their true length.
            let stamp = unsafe { read_stamp(&message.msg_hdr) };
            self.arrived
                .push(source.filter(|_| whole).map(|source| Arrived {
                    source: super::plain(source),
                    length,
                    stamp,
                }));
        }
        Ok(came)
    }

    /// Whether the last batch was whole, so that more may be waiting.
    pub fn is_full(&self) -> bool {
        self.arrived.len() == self.buffers.len()
    }

    /// The datagrams of the last batch, each with where it came from.
    pub fn datagrams(&mut self) -> impl Iterator<Item = (SocketAddr, &mut [u8])> {
        self.stamped()
            .map(|(source, _, datagram)| (source, datagram))
    }

    /// The same, each with when it came, nanoseconds since 1970.
    pub fn stamped(&mut self) -> impl Iterator<Item = (SocketAddr, Option<u64>, &mut [u8])> {
        self.arrived
            .iter()
            .zip(&mut self.buffers)
            .filter_map(|(arrived, buffer)| {
                let Arrived {
                    source,
                    length,
                    stamp,
                } = (*arrived)?;
                Some((source, stamp, buffer.get_mut(..length)?))
            })
    }
}

/// When the kernel says the datagram came, nanoseconds since 1970.
///
/// # Safety
///
/// `header` was filled by the kernel: its control messages lie where it says.
unsafe fn read_stamp(header: &libc::msghdr) -> Option<u64> {
    // SAFETY: as promised by the caller; CMSG_FIRSTHDR gives null where there is none.
    let first = unsafe { libc::CMSG_FIRSTHDR(header).as_ref() }?;
    if first.cmsg_level != libc::SOL_SOCKET || first.cmsg_type != libc::SCM_TIMESTAMPNS {
        return None;
    }
    // SAFETY: this control message carries a timespec.
    let at = unsafe { ptr::read_unaligned(libc::CMSG_DATA(first).cast::<libc::timespec>()) };
    let seconds = u64::try_from(at.tv_sec).ok()?;
    Some(seconds * 1_000_000_000 + u64::try_from(at.tv_nsec).ok()?)
}

/// The address in `name`.
///
/// # Safety
///
/// The first `length` bytes of `name` hold a socket address.
unsafe fn read_address(
    name: &MaybeUninit<libc::sockaddr_storage>,
    length: libc::socklen_t,
) -> Option<SocketAddr> {
    let length = length as usize;
    if length < size_of::<libc::sockaddr_in>() {
        return None;
    }
    // SAFETY: at least a sockaddr_in was written, so the family can be read.
    let family = unsafe { (*name.as_ptr()).ss_family };
    if i32::from(family) == libc::AF_INET {
        // SAFETY: the family says that it is a sockaddr_in, and enough bytes were written.
        let v4 = unsafe { &*name.as_ptr().cast::<libc::sockaddr_in>() };
        let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
        Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
    } else if i32::from(family) == libc::AF_INET6 && length >= size_of::<libc::sockaddr_in6>() {
        // SAFETY: the family says that it is a sockaddr_in6, and enough bytes were written.
        let v6 = unsafe { &*name.as_ptr().cast::<libc::sockaddr_in6>() };
        let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
        Some(SocketAddrV6::new(ip, u16::from_be(v6.sin6_port), 0, v6.sin6_scope_id).into())
    } else {
        None
    }
}

/// One message to send: one datagram, or several of `segment` bytes each (the last may be
/// shorter), cut by the kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) to: SocketAddr,
    pub(super) start: usize,
    pub(super) length: usize,
    /// Bytes of each datagram; `None` for a single one.
    pub(super) segment: Option<u16>,
}

/// Hands `messages`, whose bytes are in `arena`, to the kernel; gives how many it took. Fewer than
/// all means that the next one met the error given.
pub(super) fn send(
    socket: &UdpSocket,
    arena: &[u8],
    messages: &[Message],
) -> (usize, Option<io::Error>) {
    let mut sent = 0;
    while sent < messages.len() {
        let part = messages.get(sent..).unwrap_or_default();
        match send_part(socket, arena, part.get(..SEND_BATCH).unwrap_or(part)) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (sent, Some(error)),
        }
    }
    (sent, None)
}

fn send_part(socket: &UdpSocket, arena: &[u8], messages: &[Message]) -> io::Result<usize> {
    // What is not used is not written: a turn mostly has few messages.
    let mut names = [const { MaybeUninit::<libc::sockaddr_storage>::uninit() }; SEND_BATCH];
    let mut parts = [const { MaybeUninit::<libc::iovec>::uninit() }; SEND_BATCH];
    let mut headers = [const { MaybeUninit::<libc::mmsghdr>::uninit() }; SEND_BATCH];
    let mut controls = [const { MaybeUninit::<Control>::uninit() }; SEND_BATCH];
    let rows = messages
        .iter()
        .zip(&mut names)
        .zip(&mut parts)
        .zip(&mut controls)
        .zip(&mut headers);
    let mut count = 0;
    for ((((message, name), part), control), header) in rows {
        let bytes = arena
            .get(message.start..message.start + message.length)
            .expect("a message lies in its arena");
        let part = part.write(libc::iovec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        });
        let header = &mut header.write(empty_header()).msg_hdr;
        header.msg_namelen = write_address(name, message.to);
        header.msg_name = name.as_mut_ptr().cast();
        header.msg_iov = part;
        header.msg_iovlen = 1;
        if let Some(segment) = message.segment {
            let control = control.write(Control([0; CONTROL]));
            header.msg_control = (&raw mut *control).cast();
            header.msg_controllen = size_of::<Control>();
            // SAFETY: `control` is aligned and large enough for one header and two bytes, and
            // `msg_control` and `msg_controllen` describe it, so CMSG_FIRSTHDR is not null and
            // CMSG_DATA lies within.
            unsafe {
                let first = libc::CMSG_FIRSTHDR(header);
                (*first).cmsg_level = libc::SOL_UDP;
                (*first).cmsg_type = libc::UDP_SEGMENT;
                (*first).cmsg_len = libc::CMSG_LEN(2) as usize;
                ptr::write_unaligned(libc::CMSG_DATA(first).cast::<u16>(), segment);
                header.msg_controllen = libc::CMSG_SPACE(2) as usize;
            }
        }
        count += 1;
    }
    // SAFETY: the first `count` headers were written; they point into `names`, `parts`, `controls` and `arena`, which
    // live through the call; the kernel only reads what the pointers show.
    let sent = unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            headers.as_mut_ptr().cast(),
            count,
            libc::MSG_DONTWAIT,
        )
    };
    usize::try_from(sent).map_err(|_negative| io::Error::last_os_error())
}

/// A header that describes nothing.
fn empty_header() -> libc::mmsghdr {
    // SAFETY: mmsghdr is a plain C structure for which all zeroes is a valid value.
    unsafe { mem::zeroed() }
}

/// Writes `address` into `name`; gives how many bytes of it are written.
fn write_address(
    name: &mut MaybeUninit<libc::sockaddr_storage>,
    address: SocketAddr,
) -> libc::socklen_t {
    match address {
        SocketAddr::V4(v4) => {
            let place = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr {
                    s_addr: u32::from(*v4.ip()).to_be(),
                },
                sin_zero: [0; 8],
            };
            // SAFETY: sockaddr_storage is large enough and aligned for every socket address.
            unsafe { name.as_mut_ptr().cast::<libc::sockaddr_in>().write(place) };
            size_of::<libc::sockaddr_in>() as libc::socklen_t
        }
        SocketAddr::V6(v6) => {
            let place = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr {
                    s6_addr: v6.ip().octets(),
                },
                sin6_scope_id: v6.scope_id(),
            };
            // SAFETY: as above.
            unsafe { name.as_mut_ptr().cast::<libc::sockaddr_in6>().write(place) };
            size_of::<libc::sockaddr_in6>() as libc::socklen_t
        }
    }
}
