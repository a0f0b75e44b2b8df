//! What logs must never hold.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use signaling::settings::Settings;
use tokio::time::timeout;
use tracing_subscriber::fmt::MakeWriter;
use wire::http::link::TicketGranted;
use wire::message::{ClientMessage, Session};

use crate::support::request::get;
use crate::support::{Home, PATIENCE, settings};

/// Keeps every line.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let kept = &self.0;
        kept.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for Kept {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}

/// What another test's thread meets for the first time while a log begins counts as something that nobody wants to
/// read, until it is looked at anew when that thread is done with it.
async fn until_read(kept: &Kept, home: &Home) {
    let is_read = async {
        loop {
            tracing::callsite::rebuild_interest_cache();
            let asked = get(home.address, "/healthz").await;
            let id = asked.header("x-request-id").expect("every answer has one");
            if kept.text().contains(id) {
                break;
            }
        }
    };
    timeout(PATIENCE, is_read).await.expect("it is a log");
}

#[tokio::test]
async fn logs_hold_no_link_no_secret_no_name_and_no_address() {
    let kept = Kept::default();
    let mut loud = Settings::default();
    loud.log.filter = "trace".to_owned();
    // This thread's alone, on which all of this server runs: other tests have logs of their own.
    let log = tracing_subscriber::fmt()
        .with_env_filter(loud.log_filter())
        .with_ansi(false)
        .with_writer(kept.clone())
        .finish();
    let _ours = tracing::subscriber::set_default(log);

    let home = Home::open(&settings()).await;
    until_read(&kept, &home).await;
    let mut secrets: Vec<String> = Vec::new();
    let pressed = home.press(home.door(1), 0xfeed_face_feed).await;
    let request = pressed.header("x-request-id").map(str::to_owned);
    let ticket = pressed.json::<TicketGranted>().ticket;
    let mut client = home.socket().await;
    client.join(&ticket, "a private offer").await;
    secrets.push(ticket);
    let mut session = client.joined().await.session;
    let keep = |session: &Session, secrets: &mut Vec<String>| secrets.push(session.secret.clone());
    keep(&session, &mut secrets);
    drop(client);
    let mut client = home.socket().await;
    client.resume(&session, Some("another private offer")).await;
    session = client.joined().await.session;
    keep(&session, &mut secrets);
    let mut newer = home.join(1).await;
    keep(&newer.joined().await.session, &mut secrets);
    let bad = "{\"type\":\"join\",\"ticket\":\"a private ticket\"}";
    let mut malformed = home.socket().await;
    malformed.try_say_raw(bad.into()).await;
    malformed.rest().await;
    newer.say(&ClientMessage::Leave {}).await;
    newer.rest().await;
    home.server.stop().await;

    let log = kept.text();
    assert!(log.contains("joined"), "it is a log: {log}");
    // What is said of a request carries the number that its answer has.
    let request = request.expect("every answer has a number");
    let about = format!("request{{id=\"{request}\"}}");
    assert!(log.contains(&about), "{about} is not in it");
    for door in &home.doors {
        secrets.extend([door.id.clone(), door.secret.clone(), door.name.clone()]);
        secrets.push(door.link.0.to_string());
    }
    secrets.extend(
        [
            "An appointment",
            "A student",
            "private",
            "127.0.0.1",
            "feedfacefeed",
        ]
        .map(str::to_owned),
    );
    for secret in secrets {
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "it holds {secret:?}");
    }
}
