//! Sends every text back that comes by the program's own kind of WebSocket, for suites that judge such:
//! `scripts/bench autobahn`. It prints where it listens.

use std::io::Write as _;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::any;
use futures_util::{SinkExt as _, StreamExt as _};
use signaling::socket::frames::{self, Heard, In, Out};
use tokio::net::TcpListener;

async fn echo(socket: WebSocket) {
    let (sink, stream) = socket.split();
    let (mut sink, mut stream): (Out, In) = (Box::pin(sink), Box::pin(stream));
    loop {
        match frames::next(&mut stream).await {
            Heard::Message(text) => {
                if sink.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
            Heard::Wrong(close) => {
                return frames::close(&mut sink, &mut stream, close.code()).await;
            }
            Heard::Nothing(_gone) => return frames::hang_up(&mut sink).await,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "ws://{}", listener.local_addr()?)?;
    let door = any(|upgrade: WebSocketUpgrade| async { frames::bounded(upgrade).on_upgrade(echo) });
    axum::serve(listener, Router::new().fallback(door)).await?;
    Ok(())
}
