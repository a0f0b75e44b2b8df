//! A mail server that says nothing more at some step, or never stops, or breaks off.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;

use super::*;

/// Where it fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum At {
    Handshake,
    Banner,
    Hello,
    StartTls,
    UpgradedTls,
    SignIn,
    Mail,
    Recipient,
    Data,
    Taking,
    Quit,
}

/// How it fails there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum By {
    /// It says nothing, until the other side has gone.
    Silence,
    /// It closes the connection.
    Closing,
    /// It says one line that never ends.
    ALongLine,
    /// It says lines without end.
    ManyLines,
}

/// A mail server that fails while it is told to.
#[derive(Debug)]
struct Failing {
    at: At,
    by: By,
    /// Only for recipients with this in their address.
    to: &'static str,
    fails: AtomicBool,
    /// How many conversations failed, and how many of them the other side has ended.
    failed: AtomicUsize,
    left: AtomicUsize,
    taken: Taken,
}

impl Failing {
    async fn serve(at: At, by: By, to: &'static str) -> (u16, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let this = Arc::new(Self {
            at,
            by,
            to,
            fails: AtomicBool::new(true),
            failed: AtomicUsize::new(0),
            left: AtomicUsize::new(0),
            taken: Taken::default(),
        });
        let its = Arc::clone(&this);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let its = Arc::clone(&its);
                tokio::spawn(async move { its.converse(BufReader::new(stream)).await });
            }
        });
        (port, this)
    }

    /// Whether it failed here; then the conversation is over.
    async fn fails(&self, at: At, stream: &mut BufReader<TcpStream>) -> bool {
        if at != self.at || !self.fails.load(Ordering::Relaxed) {
            return false;
        }
        self.failed.fetch_add(1, Ordering::Relaxed);
        let mut rest = vec![0; 4096];
        match self.by {
            By::Closing => {}
            By::Silence => while stream.read(&mut rest).await.is_ok_and(|length| length > 0) {},
            By::ALongLine => while stream.write_all(&[b'2'; 4096]).await.is_ok() {},
            By::ManyLines => while stream.write_all(&b"250-and\r\n".repeat(99)).await.is_ok() {},
        }
        self.left.fetch_add(1, Ordering::Relaxed);
        true
    }

    async fn converse(&self, mut stream: BufReader<TcpStream>) -> std::io::Result<()> {
        if self.fails(At::Handshake, &mut stream).await || self.fails(At::Banner, &mut stream).await
        {
            return Ok(());
        }
        stream.write_all(b"220 here\r\n").await?;
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            let verb = line.get(..4).unwrap_or_default().to_uppercase();
            let at = match verb.as_str() {
                "EHLO" => Some(At::Hello),
                "STAR" => Some(At::StartTls),
                "AUTH" => Some(At::SignIn),
                "MAIL" => Some(At::Mail),
                "RCPT" if line.contains(self.to) => Some(At::Recipient),
                "DATA" => Some(At::Data),
                "QUIT" => Some(At::Quit),
                _ => None,
            };
            if let Some(at) = at
                && self.fails(at, &mut stream).await
            {
                return Ok(());
            }
            let answer = match verb.as_str() {
                "EHLO" => {
                    "250-here\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
                }
                "STAR" => "220 go on\r\n",
                "AUTH" => "235 welcome\r\n",
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let message = data(&mut stream).await?;
                    self.taken.lock().expect("no panic").push(message);
                    if self.fails(At::Taking, &mut stream).await {
                        return Ok(());
                    }
                    "250 taken\r\n"
                }
                "QUIT" => return stream.write_all(b"221 bye\r\n").await,
                _ => "250 ok\r\n",
            };
            stream.write_all(answer.as_bytes()).await?;
            if verb == "STAR" && self.fails(At::UpgradedTls, &mut stream).await {
                return Ok(());
            }
            line.clear();
        }
        Ok(())
    }

    /// How often each message was taken, by its Message-ID.
    fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for message in self.taken.lock().expect("no panic").iter() {
            let id = message.lines().find(|it| it.starts_with("Message-ID: "));
            *copies.entry(id.expect("one").to_owned()).or_default() += 1;
        }
        copies
    }
}

fn count(what: &AtomicUsize) -> usize {
    what.load(Ordering::Relaxed)
}

/// The way to it, with so little patience.
fn hurried(port: u16, security: Security, step: Duration, taking: Duration) -> Postman {
    Postman::to(Server {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        account: Some(("school".to_owned(), "secret".to_owned())),
        patience: Patience {
            step,
            taking,
            goodbye: step.min(Duration::from_millis(300)),
        },
    })
    .expect("TLS can be had")
}

const SHORT: Duration = Duration::from_millis(300);

/// So long that nothing in a test waits for it.
const LONG: Duration = Duration::from_hours(1);

#[tokio::test]
async fn hanging_at_any_step_is_said_and_over_when_the_server_is_well() {
    // Each is tried again every few seconds: all at once.
    let mut all = JoinSet::new();
    for (at, words) in [
        (At::Banner, "does not answer with a greeting"),
        (At::Hello, "does not answer with a greeting"),
        (At::SignIn, "does not answer to AUTH"),
        (At::Mail, "does not answer to MAIL"),
        (At::Recipient, "does not answer to RCPT"),
        (At::Data, "does not answer to DATA"),
        (At::Taking, "does not answer once it has the message"),
    ] {
        all.spawn(hanging_at(at, words));
    }
    while let Some(ended) = all.join_next().await {
        ended.expect("it holds");
    }
}

async fn hanging_at(at: At, words: &'static str) {
    let (port, server) = Failing::serve(at, By::Silence, "").await;
    // A message that is given up once the server has it is in doubt: only where that is meant.
    let taking = if at == At::Taking { SHORT } else { LONG };
    let house = house(hurried(port, Security::None, SHORT, taking)).await;
    house
        .hears(|said| said.is_some_and(|it| it.contains(words)))
        .await;
    server.fails.store(false, Ordering::Relaxed);
    house.hears(|said| said.is_none()).await;
    // Each connection that hung was closed from here.
    house
        .until("all that hung is closed", || {
            count(&server.left) == count(&server.failed)
        })
        .await;
    let doubts = if at == At::Taking {
        count(&server.failed)
    } else {
        0
    };
    // Those that may have arrived wait for longer than any claim lasts.
    let sent = async {
        let soon = SignedDuration::from_mins(12);
        while house
            .store
            .next_mail(store::Channel::Email, ambient::now())
            .await
            .expect("records")
            .is_some_and(|due| due < ambient::now() + soon)
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    house.patiently("all others are sent", sent).await;
    house.closing.cancel();
    let copies = server.copies();
    assert!(copies.len() > 15, "{at:?} {copies:?}");
    assert!(copies.values().all(|it| *it == 1), "{at:?} {copies:?}");
    let left = house
        .store
        .next_mail(store::Channel::Email, ambient::now())
        .await
        .expect("records");
    assert_eq!(left.is_some(), doubts > 0, "{at:?}");
}

#[tokio::test]
async fn hanging_where_tls_begins_is_said() {
    for (at, security, words) in [
        (At::Handshake, Security::Tls, "when a TLS connection begins"),
        (At::StartTls, Security::StartTls, "to STARTTLS"),
        (At::UpgradedTls, Security::StartTls, "to STARTTLS"),
    ] {
        let (port, server) = Failing::serve(at, By::Silence, "").await;
        let house = house(hurried(port, security, SHORT, SHORT)).await;
        house
            .hears(|said| said.is_some_and(|it| it.contains(words)))
            .await;
        house
            .until("it is closed", || count(&server.left) > 0)
            .await;
        house.closing.cancel();
    }
}

#[tokio::test]
async fn what_was_typed_wrongly_is_named() {
    let (port, _) = Failing::serve(At::Quit, By::Silence, "").await;
    let (silent, _) = Failing::serve(At::Banner, By::Silence, "").await;
    let (ends, _) = Failing::serve(At::UpgradedTls, By::Closing, "").await;
    let host = "127.0.0.1";
    for (host, port, security, begins, settings) in [
        // RFC 6761: this name is nobody's.
        (
            "mail.invalid",
            port,
            Security::None,
            "The name of the mail server leads nowhere",
            ["smtp_host"].as_slice(),
        ),
        (
            host,
            silent,
            Security::None,
            "The mail server does not answer with a greeting",
            &["smtp_port", "smtp_security"],
        ),
        // It speaks, and not TLS.
        (
            host,
            port,
            Security::Tls,
            "No TLS connection to the mail server can be made (",
            &["smtp_port", "smtp_security", "smtp_host"],
        ),
        (
            host,
            ends,
            Security::StartTls,
            "No TLS connection to the mail server can be made (",
            &["smtp_port", "smtp_security", "smtp_host"],
        ),
    ] {
        let server = Server {
            host: host.to_owned(),
            port,
            security,
            account: None,
            patience: Patience {
                step: Duration::from_secs(3),
                ..Patience::default()
            },
        };
        let tried = Postman::to(server).expect("TLS can be had").try_it().await;
        let said = tried.expect_err("it is no good").sentence;
        assert!(said.starts_with(begins), "{said}");
        for setting in settings {
            assert!(said.contains(&format!("mail.{setting}")), "{said}");
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let mut all = JoinSet::new();
    for by in [By::ALongLine, By::ManyLines] {
        for at in [At::Banner, At::Hello, At::Mail, At::Taking] {
            all.spawn(endless_at(at, by));
        }
    }
    while let Some(ended) = all.join_next().await {
        ended.expect("it holds");
    }
}

async fn endless_at(at: At, by: By) {
    let (port, server) = Failing::serve(at, by, "").await;
    let house = house(hurried(port, Security::None, LONG, LONG)).await;
    // By its length alone: nobody waits for its time.
    house.until("it is left", || count(&server.left) > 0).await;
    house.hears(|said| said.is_some()).await;
    house.end().await;
}

#[tokio::test]
async fn recipients_at_whom_the_server_hangs_hold_up_no_others() {
    // Nobody's patience ends here, and there are as many of them as are sent to at once.
    let (port, server) = Failing::serve(At::Recipient, By::Silence, "TO:<m").await;
    let house = house(hurried(port, Security::None, LONG, LONG)).await;
    house
        .until("four hang, and the others are sent", || {
            count(&server.failed) >= 4 && server.copies().len() > 10
        })
        .await;
    house.closing.cancel();
}

#[tokio::test]
async fn a_server_that_breaks_off_once_it_has_a_message_gets_no_copy_soon_and_few_ever() {
    let (port, server) = Failing::serve(At::Taking, By::Closing, "").await;
    let house = house(hurried(port, Security::None, LONG, LONG)).await;
    house
        .hears(|said| said.is_some_and(|it| it.contains("breaks off, once it has the message")))
        .await;
    // It had one at least, and is well now.
    server.fails.store(false, Ordering::Relaxed);
    house.hears(|said| said.is_none()).await;
    let doubtful = || async {
        let later = ambient::now() + SignedDuration::from_hours(24);
        let lease = SignedDuration::from_secs(1);
        let claimed = house
            .store
            .claim_mail(store::Channel::Email, 100, lease, later)
            .await;
        claimed.expect("records")
    };
    let sent = async {
        let minutes = SignedDuration::from_mins(13);
        while house
            .store
            .next_mail(store::Channel::Email, ambient::now())
            .await
            .expect("records")
            .is_some_and(|due| due < ambient::now() + minutes)
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    house.patiently("all others are sent", sent).await;
    house.closing.cancel();
    assert!(server.copies().values().all(|it| *it == 1));
    let left = doubtful().await;
    assert!(!left.is_empty());
    assert!(
        left.iter()
            .all(|mail| mail.doubts == 1 && mail.attempts == 2)
    );
    // Its third doubt is the last, whoever tries.
    let mail = left.first().expect("one");
    let now = ambient::now();
    let lost = ("it broke off", false);
    let put_off = house.store.mail_later(mail.id, mail.lease, now, lost).await;
    assert!(put_off.expect("records"));
}

#[tokio::test]
async fn whoever_does_not_say_goodbye_is_left() {
    let (port, server) = Failing::serve(At::Quit, By::Silence, "").await;
    let house = house(hurried(port, Security::None, LONG, LONG)).await;
    house.all_sent().await;
    house
        .until("all that hung is closed", || {
            let failed = count(&server.failed);
            failed > 0 && count(&server.left) == failed
        })
        .await;
    assert!(house.heard.lock().expect("no panic").is_empty());
    house.closing.cancel();
}
