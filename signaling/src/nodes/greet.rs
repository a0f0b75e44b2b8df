//! The first words on a stream: who is at either end, and that both hold the key.

use cluster::Boot;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{accept_async_with_config, client_async_with_config};

use super::frame;
use super::proof::{Greeting, Key, Side};
use super::secret::Secrecy;
use super::stream::Socket;

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(frame::LONGEST))
        .max_frame_size(Some(frame::LONGEST))
        .write_buffer_size(0)
        .max_write_buffer_size(2 * frame::LONGEST)
}

/// Says on a line who this is, and sees who the other is; none where that is not the node of that boot.
pub(super) async fn dial(
    line: TcpStream,
    (key, secrecy): (&Key, &Secrecy),
    me: Greeting,
    boot: Boot,
) -> Option<Socket> {
    line.set_nodelay(true).ok()?;
    let (line, binding) = secrecy.dial(line).await?;
    let dialled = client_async_with_config("ws://node/", line, Some(config())).await;
    let (mut socket, _response) = dialled.ok()?;
    socket.send(Message::Text(me.write().into())).await.ok()?;
    let said = text(&mut socket).await?;
    let (greeting, shown) = said.split_once('\n')?;
    let other = Greeting::read(greeting)?;
    let both = (&me, &other);
    if !key.holds(Side::Answers, both, (&binding, shown)) {
        tracing::warn!("a node is not reached: who answers there has another key");
        return None;
    }
    if other.boot != boot {
        // Begun anew, it is known by its own row within a second, and the one before is forgotten.
        tracing::debug!(
            name = other.name,
            "a node is not reached: a later run is there"
        );
        return None;
    }
    let shown = key.show(Side::Dials, both, &binding);
    socket.send(Message::Text(shown.into())).await.ok()?;
    Some(socket)
}

/// The same, on the other side; and what the node that dialled is called.
pub(super) async fn answer(
    line: TcpStream,
    (key, secrecy): (&Key, &Secrecy),
    me: Greeting,
) -> Option<(Socket, String)> {
    line.set_nodelay(true).ok()?;
    let (line, binding) = secrecy.answer(line).await?;
    let mut socket = accept_async_with_config(line, Some(config())).await.ok()?;
    let other = Greeting::read(&text(&mut socket).await?)?;
    let both = (&other, &me);
    let shown = key.show(Side::Answers, both, &binding);
    let said = format!("{}\n{shown}", me.write());
    socket.send(Message::Text(said.into())).await.ok()?;
    let shown = text(&mut socket).await?;
    if !key.holds(Side::Dials, both, (&binding, &shown)) {
        tracing::warn!("somebody who does not hold the key of these nodes was turned away");
        return None;
    }
    Some((socket, other.name))
}

/// The next text of somebody who is not known yet.
async fn text(socket: &mut Socket) -> Option<String> {
    match socket.next().await? {
        Ok(Message::Text(text)) => Some(text.as_str().to_owned()),
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Two ends that may know each other by now.
    pub(in super::super) async fn meet(
        (dials, answers): (&Key, &Key),
        boot: Boot,
    ) -> (Option<Socket>, Option<(Socket, String)>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (line, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (line, (other, _)) = (line.expect("connected"), accepted.expect("accepted"));
        let (one, another) = (secrecy(), secrecy());
        tokio::join!(
            Box::pin(dial(line, (dials, &one), Greeting::of(Boot(1), "a"), boot)),
            Box::pin(answer(
                other,
                (answers, &another),
                Greeting::of(Boot(2), "b")
            )),
        )
    }

    fn secrecy() -> Secrecy {
        Secrecy::new().expect("a certificate")
    }

    /// Whoever is between two nodes, and passes on all that they say, is found out.
    #[tokio::test]
    async fn nobody_is_between_two_nodes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let between = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (there, here) = (listener.local_addr(), between.local_addr());
        let (there, here) = (there.expect("an address"), here.expect("an address"));
        let key = Key::of_tests(1);
        let listens = async {
            let (line, _) = between.accept().await.expect("accepted");
            let its = secrecy();
            let (mut one, _) = its.answer(line).await.expect("a stream");
            let line = TcpStream::connect(there).await.expect("connected");
            let (mut other, _) = its.dial(line).await.expect("a stream");
            drop(tokio::io::copy_bidirectional(&mut one, &mut other).await);
        };
        let dials = async {
            let line = TcpStream::connect(here).await.expect("connected");
            dial(
                line,
                (&key, &secrecy()),
                Greeting::of(Boot(1), "a"),
                Boot(2),
            )
            .await
        };
        let answers = async {
            let (line, _) = listener.accept().await.expect("accepted");
            answer(line, (&key, &secrecy()), Greeting::of(Boot(2), "b")).await
        };
        let (_held, dialled, answered) = tokio::join!(listens, dials, answers);
        assert!(dialled.is_none() && answered.is_none());
    }

    #[tokio::test]
    async fn two_that_hold_one_key_know_each_other_and_no_others_do() {
        let (key, other) = (Key::of_tests(1), Key::of_tests(2));
        let (dialled, answered) = meet((&key, &key), Boot(2)).await;
        assert!(dialled.is_some());
        assert_eq!(answered.map(|(_, name)| name).as_deref(), Some("a"));
        for keys in [(&key, &other), (&other, &key)] {
            let (dialled, answered) = meet(keys, Boot(2)).await;
            assert!(dialled.is_none() && answered.is_none());
        }
        // Another run is there by now than the one that was looked for.
        let (dialled, answered) = meet((&key, &key), Boot(3)).await;
        assert!(dialled.is_none() && answered.is_none());
    }

    /// Whoever does not look at what the other shows, and shows anything itself, is turned away.
    #[tokio::test]
    async fn a_stranger_who_shows_back_what_was_shown_is_turned_away() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stranger = async {
            let line = TcpStream::connect(address).await.expect("connected");
            let (line, _) = secrecy().dial(line).await.expect("a stream");
            let dialled = client_async_with_config("ws://node/", line, Some(config())).await;
            let (mut socket, _) = dialled.expect("a WebSocket");
            let me = Greeting::of(Boot(1), "a").write();
            socket.send(Message::Text(me.into())).await.expect("sent");
            let said = text(&mut socket).await.expect("it answers");
            let (_, shown) = said
                .split_once('\n')
                .expect("it shows that it holds the key");
            let shown = shown.to_owned();
            socket
                .send(Message::Text(shown.into()))
                .await
                .expect("sent");
            socket
        };
        let answers = async {
            let (line, _) = listener.accept().await.expect("accepted");
            answer(
                line,
                (&Key::of_tests(1), &secrecy()),
                Greeting::of(Boot(2), "b"),
            )
            .await
        };
        let (_held, answered) = tokio::join!(stranger, answers);
        assert!(answered.is_none());
    }
}
