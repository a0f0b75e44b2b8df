//! A line to PostgreSQL that can be frozen and cut.

use std::sync::Arc;

use store::Place;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Well,
    /// Whoever comes is let in, and nothing is carried: as where the server was stopped.
    Frozen,
    /// Every connection is closed.
    Cut,
}

/// Stands before the server of a place. Dropped, it is gone.
pub(crate) struct WeakLine {
    place: Place,
    state: Arc<watch::Sender<State>>,
    accepting: JoinHandle<()>,
}

impl Drop for WeakLine {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl WeakLine {
    /// Before a server that listens on a socket of the file system.
    pub(crate) async fn to(place: &Place) -> Self {
        let Place::Postgres(url) = place else {
            panic!("a line to PostgreSQL");
        };
        let (start, query) = url.split_once('?').expect("the folder of the socket");
        let mut folder = None;
        let mut rest = Vec::new();
        for part in query.split('&') {
            match part.strip_prefix("host=") {
                Some(it) => folder = Some(it.to_owned()),
                None => rest.push(part),
            }
        }
        let socket = format!("{}/.s.PGSQL.5432", folder.expect("its folder"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let start = start.replace("@localhost", &format!("@127.0.0.1:{port}"));
        let state = Arc::new(watch::Sender::new(State::Well));
        let states = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = UnixStream::connect(&socket).await.expect("the server");
                tokio::spawn(carry(near, far, states.subscribe()));
            }
        });
        Self {
            place: Place::Postgres(format!("{start}?{}", rest.join("&"))),
            state,
            accepting,
        }
    }

    /// The way to the server over it.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    pub(crate) fn freeze(&self) {
        self.state.send_replace(State::Frozen);
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn thaw(&self) {
        self.state.send_replace(State::Well);
    }
}

async fn carry(mut near: TcpStream, mut far: UnixStream, mut state: watch::Receiver<State>) {
    let (mut to_far, mut to_near) = ([0; 4096], [0; 4096]);
    loop {
        let now = *state.borrow_and_update();
        if now == State::Cut {
            return;
        }
        let is_well = now == State::Well;
        let carried = tokio::select! {
            changed = state.changed() => {
                if changed.is_err() {
                    return;
                }
                continue;
            }
            read = near.read(&mut to_far), if is_well => match read {
                Ok(0) | Err(_) => return,
                Ok(read) => far.write_all(to_far.get(..read).expect("as many")).await,
            },
            read = far.read(&mut to_near), if is_well => match read {
                Ok(0) | Err(_) => return,
                Ok(read) => near.write_all(to_near.get(..read).expect("as many")).await,
            },
        };
        if carried.is_err() {
            return;
        }
    }
}
