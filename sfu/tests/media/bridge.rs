//! A network that lets no UDP through: between a client and the server stands a TCP connection, in
//! which datagrams stand as ICE frames them (RFC 4571).

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::answer;

/// How long a side waits before it looks whether all is over.
const LOOK: Duration = Duration::from_millis(20);

/// Takes the datagrams of one client, and hands it those of the server.
pub(crate) struct Bridge {
    udp: Arc<UdpSocket>,
    line: TcpStream,
    /// Datagrams that came from the server.
    pub(crate) came: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

impl Bridge {
    /// A connection to the server whose answer this is.
    pub(crate) fn to(answer: &str) -> Self {
        let server = answer::address(answer);
        let udp = Arc::new(UdpSocket::bind("127.0.0.1:0").expect("loopback"));
        let line = TcpStream::connect(server).expect("it listens on TCP too");
        line.set_nodelay(true).expect("it is open");
        let came = Arc::new(AtomicUsize::new(0));
        let over = Arc::new(AtomicBool::new(false));
        // The client's first check comes before anything is sent to it.
        udp.set_read_timeout(None).expect("the system can");
        let inward = {
            let (udp, mut line) = (Arc::clone(&udp), clone(&line));
            let (came, over) = (Arc::clone(&came), Arc::clone(&over));
            thread::spawn(move || {
                let mut length = [0; 2];
                let mut datagram = [0; 65_535];
                while line.read_exact(&mut length).is_ok() {
                    let length = usize::from(u16::from_be_bytes(length));
                    if line.read_exact(&mut datagram[..length]).is_err() {
                        break;
                    }
                    came.fetch_add(1, Ordering::Relaxed);
                    // The client may be gone.
                    drop(udp.send(&datagram[..length]));
                }
                over.store(true, Ordering::Relaxed);
            })
        };
        let outward = {
            let (udp, mut line) = (Arc::clone(&udp), clone(&line));
            thread::spawn(move || {
                let mut frame = vec![0; 65_537];
                let Ok((length, client)) = udp.recv_from(&mut frame[2..]) else {
                    return;
                };
                udp.connect(client).expect("loopback");
                udp.set_read_timeout(Some(LOOK)).expect("the system can");
                let mut next = Some(length);
                while !over.load(Ordering::Relaxed) {
                    if let Some(length) = next {
                        frame[..2].copy_from_slice(
                            &u16::try_from(length).expect("a datagram").to_be_bytes(),
                        );
                        if line.write_all(&frame[..length + 2]).is_err() {
                            return;
                        }
                    }
                    next = udp.recv(&mut frame[2..]).ok();
                }
            })
        };
        Self {
            udp,
            line,
            came,
            threads: vec![inward, outward],
        }
    }

    /// The answer as the client is to have it: it knows of no way but the bridge.
    pub(crate) fn rewrite(&self, answer: &str) -> String {
        let here = self.udp.local_addr().expect("it is bound");
        let mut text = String::new();
        for line in answer.lines() {
            if !line.starts_with("a=candidate:") {
                text.push_str(line);
                text.push_str("\r\n");
            } else if line.contains(" udp ") {
                let SocketAddr::V4(here) = here else {
                    panic!("it is bound to an address of IPv4");
                };
                text.push_str(&format!(
                    "a=candidate:1 1 udp 2130706431 {} {} typ host\r\n",
                    here.ip(),
                    here.port()
                ));
            }
        }
        text
    }

    /// Cuts the connection.
    pub(crate) fn cut(&self) {
        // The server may have cut it before.
        drop(self.line.shutdown(Shutdown::Both));
    }

    /// Whether the server has cut the connection.
    pub(crate) fn is_cut(&self) -> bool {
        self.threads.first().is_some_and(JoinHandle::is_finished)
    }
}

fn clone(line: &TcpStream) -> TcpStream {
    line.try_clone().expect("the system has room")
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.cut();
        // Whoever still waits for the client's first datagram gets one.
        if let Ok(here) = self.udp.local_addr()
            && let Ok(waker) = UdpSocket::bind("127.0.0.1:0")
        {
            drop(waker.send_to(&[0], here));
        }
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}
