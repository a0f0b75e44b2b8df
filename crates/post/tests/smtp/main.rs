//! The outbox against a mail server that speaks SMTP (RFC 5321): one that takes everything, one that
//! is busy, one that knows nobody.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod hanging;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use links::KeyId;
use post::{Carrier, Office, Patience, Postman, Security, Sender, Server};
use school::meeting::Margins;
use school::powers::RolePowers;
use store::{Delivery, Keys, Options, Place, Store};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

/// What the server says to each recipient.
#[derive(Clone, Copy)]
enum Mood {
    Takes,
    Busy,
    KnowsNobody,
    /// It refuses the account, whoever is written to.
    RefusesUs,
    /// It takes a few a day.
    Takes3,
    /// It knows no such account.
    RefusesPasswords,
}

/// The messages that were taken, as they came.
type Taken = Arc<Mutex<Vec<String>>>;

async fn serve(mood: Mood) -> (u16, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    (port, serve_at(listener, mood))
}

async fn serve_on(port: u16, mood: Mood) -> Taken {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    serve_at(listener.expect("nobody took it"), mood)
}

fn serve_at(listener: TcpListener, mood: Mood) -> Taken {
    let taken = Taken::default();
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, mood, Arc::clone(&kept)));
        }
    });
    taken
}

async fn converse(stream: TcpStream, mood: Mood, taken: Taken) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 here\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let verb = line.get(..4).unwrap_or_default().to_uppercase();
        let answer = match (verb.as_str(), mood) {
            ("EHLO", Mood::RefusesPasswords) => "250-here\r\n250 AUTH PLAIN LOGIN\r\n",
            ("AUTH", Mood::RefusesPasswords) => "535 5.7.8 bad credentials\r\n",
            ("EHLO", _) => "250-here\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            ("RCPT", Mood::Busy) => "451 4.3.0 try later\r\n",
            ("RCPT", Mood::KnowsNobody) => "550 5.1.1 nobody of that name\r\n",
            ("MAIL", Mood::RefusesUs) => {
                "550 5.7.60 SMTP; Client does not have permissions to send as this sender\r\n"
            }
            ("RCPT", Mood::Takes3) if taken.lock().expect("no panic").len() > 2 => {
                "554 5.7.0 Your message could not be sent: quota exceeded\r\n"
            }
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                let message = data(&mut stream).await?;
                taken.lock().expect("no panic").push(message);
                "250 taken\r\n"
            }
            ("QUIT", _) => return stream.write_all(b"221 bye\r\n").await,
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let before = message.len();
        stream.read_line(&mut message).await?;
        if message.get(before..) == Some(".\r\n") {
            message.truncate(before);
            return Ok(message);
        }
    }
}

/// A demonstration whose e-mails all wait, and what sends them.
struct House {
    store: Store,
    /// 0 where there is none.
    evening: school::EveningId,
    closing: CancellationToken,
    sending: JoinHandle<()>,
    wake: Arc<Notify>,
    /// What was said of the mail server, in order.
    heard: Arc<Mutex<Vec<Option<String>>>>,
    folder: TempDir,
}

async fn house(postman: Postman) -> House {
    house_of(postman, true).await
}

/// One in which nothing is to be sent.
async fn idle_house(postman: Postman) -> House {
    house_of(postman, false).await
}

async fn house_of(postman: Postman, is_busy: bool) -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = Keys::make(folder.path(), KeyId(1)).expect("a new key");
    let place = Place::Sqlite(folder.path().join("homeroom.sqlite"));
    let options = Options {
        key: keys.current,
        settle: SignedDuration::ZERO,
        texts_a_day: 50,
        powers: RolePowers::DEFAULT,
        margins: Margins::DEFAULT,
    };
    let store = Store::open(&place, options).await.expect("a new file");
    let now = ambient::now();
    let mut evening = school::EveningId(0);
    if is_busy {
        let seeded = store.seed_demonstration(1, 30, now).await;
        evening = seeded.expect("empty").evening;
    }
    let closing = CancellationToken::new();
    let wake: Arc<Notify> = Arc::default();
    let heard: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let told = Arc::clone(&heard);
    let office = Office {
        store: store.clone(),
        keyring: keys.ring,
        sender: Sender::new("", "https://calls.example.org", "calls.example.org"),
        carrier: Carrier::Email(postman),
        wake: Arc::clone(&wake),
        heard: Box::new(move |said| {
            let said = said.map(str::to_owned);
            told.lock().expect("no panic").push(said);
        }),
    };
    let sending = tokio::spawn(post::run(Arc::new(office), closing.clone()));
    House {
        store,
        evening,
        closing,
        sending,
        wake,
        heard,
        folder,
    }
}

fn to(port: u16) -> Postman {
    by_account(port, None)
}

fn by_account(port: u16, account: Option<(String, String)>) -> Postman {
    Postman::to(Server {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        account,
        patience: Patience::default(),
    })
    .expect("no TLS is asked for")
}

impl House {
    /// Sends no more, and has hung up on every server.
    async fn end(self) {
        self.closing.cancel();
        self.sending.await.expect("no panic");
    }

    /// Waits for it. Where it never comes, says whether the records had room: on a full disk no
    /// e-mail is claimed, and none is sent.
    async fn patiently<T>(&self, what: &str, coming: impl Future<Output = T>) -> T {
        let came = timeout(PATIENCE, coming).await;
        came.unwrap_or_else(|_elapsed| {
            let folder = self.folder.path();
            let room = std::fs::write(folder.join("room"), vec![0; 1 << 20]);
            panic!("never: {what}; a megabyte written beside the records, in {folder:?}: {room:?}")
        })
    }

    /// Waits until it is so.
    async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        self.patiently(what, async {
            while !is_so() {
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }

    /// How many e-mails the demonstration makes: one to everybody who has a link.
    async fn waiting(&self) -> i64 {
        let now = ambient::now();
        let links = self.store.links_of_evening(self.evening, now).await;
        i64::try_from(links.expect("records").len()).expect("few")
    }

    /// Waits until nothing is left to send.
    async fn all_sent(&self) {
        let sending = async {
            loop {
                let next = self
                    .store
                    .next_mail(store::Channel::Email, ambient::now())
                    .await;
                if next.expect("records").is_none() {
                    return;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        self.patiently("all are sent", sending).await;
    }

    /// Waits until that is the last that was said of the mail server.
    async fn hears(&self, wanted: impl Fn(Option<&str>) -> bool) {
        let hearing = async {
            loop {
                let last = self.heard.lock().expect("no panic").last().cloned();
                if last.is_some_and(|said| wanted(said.as_deref())) {
                    return;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        self.patiently("it is said", hearing).await;
    }

    /// How the e-mail of the one invitation stands, once it is no longer waiting to be tried.
    async fn delivery(&self, wanted: impl Fn(Option<&Delivery>) -> bool) -> Option<Delivery> {
        let looking = async {
            loop {
                let all = self.store.invitations_of_evening(self.evening).await;
                let delivery = all.expect("records").remove(0).delivery;
                if wanted(delivery.as_ref()) {
                    return delivery;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        self.patiently("it is tried", looking).await
    }
}

#[tokio::test]
async fn each_email_is_sent_once_with_its_link_and_its_calendar() {
    let (port, taken) = serve(Mood::Takes).await;
    let house = house(to(port)).await;
    house
        .delivery(|it| matches!(it, Some(Delivery::Sent)))
        .await;
    house.all_sent().await;
    house.closing.cancel();
    let messages = taken.lock().expect("no panic").clone();
    let mut ids: Vec<_> = messages
        .iter()
        .filter_map(|text| text.lines().find(|line| line.starts_with("Message-ID: ")))
        .collect();
    let all = ids.len();
    assert_eq!(all, messages.len());
    assert!(all > 15, "{all}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "none was sent twice");
    let guests = messages
        .iter()
        .find(|text| text.contains("paulo.santos@hillside.example"))
        .expect("the invitation");
    for part in [
        "Subject: You are invited: Year 8 parents' evening",
        "text/calendar; charset=utf-8; method=REQUEST",
        "https://calls.example.org/j/",
        "text/html",
    ] {
        assert!(guests.contains(part), "{part}: {guests}");
    }
}

/// The calendar entries of a booking in a message, each unfolded.
fn entries(message: &str, booking: school::BookingId) -> Vec<String> {
    let text = message.replace("\r\n ", "");
    let uid = format!("UID:booking-{booking}@calls.example.org\r\n");
    let all = text.split("BEGIN:VEVENT\r\n").skip(1);
    all.filter_map(|it| it.split("END:VEVENT").next())
        .filter(|it| it.contains(&uid))
        .map(str::to_owned)
        .collect()
}

fn sequence(entry: &str) -> i64 {
    let line = entry.lines().find_map(|it| it.strip_prefix("SEQUENCE:"));
    line.and_then(|it| it.parse().ok()).expect("a SEQUENCE")
}

#[tokio::test]
async fn a_cancelled_appointment_is_taken_out_of_calendars() {
    let (port, taken) = serve(Mood::Takes).await;
    let house = house(to(port)).await;
    house.all_sent().await;
    let before = taken.lock().expect("no panic").clone();
    let all = house.store.appointments_of_evening(house.evening).await;
    let guest = house.store.invitations_of_evening(house.evening).await;
    let guest = guest.expect("records").remove(0);
    let covered = |it: &&store::Appointment| {
        it.parent == guest.inviter
            && guest
                .students
                .iter()
                .any(|(student, _)| *student == it.student)
    };
    let all = all.expect("records");
    let one = all.iter().find(covered).expect("it covers one");
    let published: Vec<_> = before.iter().flat_map(|it| entries(it, one.id)).collect();
    assert!(published.iter().all(|it| it.contains("STATUS:CONFIRMED")));
    let newest = published.iter().map(|it| sequence(it)).max();
    let newest = newest.expect("it was told of");
    let office = store::Actor::Program;
    let now = ambient::now();
    let cancelled = house
        .store
        .cancel_booking(one.parent, one.id, office, now)
        .await;
    cancelled.expect("cancelled");
    house.wake.notify_one();
    house.all_sent().await;
    house.closing.cancel();
    let after = taken.lock().expect("no panic").clone();
    let news = after.get(before.len()..).expect("more");
    let mut told = 0;
    for message in news {
        assert!(message.contains("text/calendar; charset=utf-8; method=CANCEL"));
        assert!(message.contains("METHOD:CANCEL\r\n"));
        for entry in entries(message, one.id) {
            assert!(entry.contains("STATUS:CANCELLED\r\n"), "{entry}");
            assert!(entry.contains("ORGANIZER;CN="), "{entry}");
            assert!(entry.contains(":mailto:homeroom@calls.example.org\r\n"));
            assert!(sequence(&entry) > newest, "{entry}");
            told += 1;
        }
    }
    // The parent and the guest.
    assert_eq!(told, 2);
}

#[tokio::test]
async fn a_busy_server_is_tried_again_later_with_the_same_message_id() {
    let (port, taken) = serve(Mood::Busy).await;
    let began = ambient::now();
    let house = house(to(port)).await;
    let due = timeout(PATIENCE, async {
        loop {
            let next = house
                .store
                .next_mail(store::Channel::Email, ambient::now())
                .await
                .expect("records");
            let next = next.expect("nothing was sent");
            if next > began + SignedDuration::from_secs(20) {
                return next;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    let due = due.await.expect("all were tried");
    house.closing.cancel();
    assert!(due < ambient::now() + SignedDuration::from_secs(40));
    assert!(taken.lock().expect("no panic").is_empty());
    house
        .delivery(|it| matches!(it, Some(Delivery::Waiting)))
        .await;
    let hour = ambient::now() + SignedDuration::from_hours(1);
    let lease = SignedDuration::from_secs(1);
    let again = house
        .store
        .claim_mail(store::Channel::Email, 50, lease, hour)
        .await;
    let again = again.expect("records");
    assert!(again.iter().all(|mail| mail.attempts == 2));
    let later = hour + SignedDuration::from_hours(1);
    let third = house
        .store
        .claim_mail(store::Channel::Email, 50, lease, later)
        .await;
    let id = |mails: &[store::Mail]| {
        let mut ids: Vec<_> = mails.iter().map(|it| it.message_id.clone()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(id(&again), id(&third.expect("records")));
}

#[tokio::test]
async fn a_refused_address_shows_as_bounced_and_is_let_be() {
    let (port, taken) = serve(Mood::KnowsNobody).await;
    let house = house(to(port)).await;
    let bounced = house
        .delivery(|it| matches!(it, Some(Delivery::Bounced { .. })))
        .await;
    let Some(Delivery::Bounced { reason }) = bounced else {
        return assert!(bounced.is_none(), "waited for something else");
    };
    assert!(
        reason.contains("550") || reason.contains("nobody"),
        "{reason}"
    );
    assert!(taken.lock().expect("no panic").is_empty());
    house.closing.cancel();
}

#[tokio::test]
async fn a_server_that_is_not_there_loses_nothing_and_all_is_sent_once_it_comes() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let house = house(to(port)).await;
    house
        .hears(|said| said.is_some_and(|it| it.contains("cannot be reached")))
        .await;
    house
        .delivery(|it| matches!(it, Some(Delivery::Waiting)))
        .await;
    let taken = serve_on(port, Mood::Takes).await;
    house.hears(|said| said.is_none()).await;
    house.all_sent().await;
    assert!(taken.lock().expect("no panic").len() > 15);
    house.closing.cancel();
}

#[tokio::test]
async fn a_server_to_which_nothing_is_to_be_sent_is_tried_all_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let house = idle_house(to(port)).await;
    house
        .hears(|said| said.is_some_and(|it| it.contains("cannot be reached")))
        .await;
    let taken = serve_on(port, Mood::Takes).await;
    house.hears(|said| said.is_none()).await;
    assert!(taken.lock().expect("no panic").is_empty());
    house.end().await;
}

#[tokio::test]
async fn an_account_that_is_refused_is_known_before_anything_is_sent() {
    let (port, _) = serve(Mood::RefusesPasswords).await;
    let account = ("us".to_owned(), "wrong".to_owned());
    let house = idle_house(by_account(port, Some(account))).await;
    house
        .hears(|said| said.is_some_and(|it| it.contains("password")))
        .await;
    house.end().await;
}

/// Waits until the office reads why e-mail waits.
async fn trouble(house: &House, waiting: i64) -> String {
    let looking = async {
        loop {
            let waits = house
                .store
                .attention(ambient::now())
                .await
                .expect("records");
            if waits.mail_waiting == waiting {
                return waits.mail_reason;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, looking).await.expect("all are tried")
}

#[tokio::test]
async fn mail_that_our_account_is_refused_waits_and_the_office_reads_why() {
    let (port, taken) = serve(Mood::RefusesUs).await;
    let house = house(to(port)).await;
    let all = house.waiting().await;
    let reason = trouble(&house, all).await;
    house.closing.cancel();
    assert!(reason.contains("the account or server"), "{reason}");
    assert!(reason.contains("550 5.7.60"), "{reason}");
    assert!(taken.lock().expect("no panic").is_empty());
    house
        .delivery(|it| matches!(it, Some(Delivery::Waiting)))
        .await;
}

#[tokio::test]
async fn what_is_over_the_quota_is_not_lost() {
    let (port, taken) = serve(Mood::Takes3).await;
    let house = house(to(port)).await;
    let all = house.waiting().await;
    let sent = |taken: &Taken| i64::try_from(taken.lock().expect("no panic").len());
    let looking = async {
        loop {
            let waits = house
                .store
                .attention(ambient::now())
                .await
                .expect("records");
            if waits.mail_waiting + sent(&taken).expect("few") == all {
                return waits;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let waits = timeout(PATIENCE, looking).await.expect("all are tried");
    house.closing.cancel();
    assert!(waits.mail_waiting > 0);
    assert!(waits.mail_reason.contains("quota"), "{}", waits.mail_reason);
    house
        .delivery(|it| !matches!(it, Some(Delivery::Bounced { .. })))
        .await;
}
