//! A server whose people come from the records: a school made from nothing, by its own API.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;
use links::Keyring;
use serde_json::{Value, json};
use sfu::MediaEvent;
use signaling::data::Data;
use signaling::private::Private;
use signaling::server::{Bound, Media, Server};
use signaling::settings::Settings;
use sqlx::{AssertSqlSafe, SqlitePool};
use store::{Holder, Store};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::PATIENCE;
use super::client::Client;
use super::media::PlayedMedia;
use super::request::{self, Answer};
use super::seeded;

/// A link, as its holder has it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Key {
    /// Out of a whole address.
    pub(crate) fn read(url: &str) -> Self {
        let (_, rest) = url.split_once("/j/").expect("a link");
        let (id, secret) = rest.split_once('#').expect("a secret");
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        }
    }
}

/// A server, its records, and the administrator's session.
pub(crate) struct School {
    server: Server,
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) keyring: Keyring,
    pub(crate) folder: TempDir,
    /// The cookie and the proof of whoever signed in last.
    pub(crate) session: (String, String),
    pub(crate) media: Arc<PlayedMedia>,
    _media_events: mpsc::Sender<MediaEvent>,
}

/// An attempt that no other has.
pub(crate) fn attempt() -> String {
    format!("{:032x}", ambient::random::<u128>())
}

/// What a page sends at a press on Join, beside the ground rules.
pub(crate) fn press() -> Value {
    json!({"attempt": attempt(), "accepts_rules": wire::limits::GROUND_RULES})
}

impl School {
    /// With nothing in it but its first administrator.
    pub(crate) async fn open() -> Self {
        Self::open_with(Self::settings()).await
    }

    /// The same, with its records in the PostgreSQL of that URL.
    pub(crate) async fn open_on(database: String) -> Self {
        let mut settings = Self::settings();
        settings.database.url = Some(Private::new(database));
        Self::open_with(settings).await
    }

    /// Settings under which e-mails wait for nothing.
    pub(crate) fn settings() -> Settings {
        let mut settings = super::settings();
        settings.mail.settle = SignedDuration::ZERO;
        settings
    }

    /// The same, by settings of its own.
    pub(crate) async fn open_with(mut settings: Settings) -> Self {
        let folder = seeded::empty_school().await;
        folder.path().clone_into(&mut settings.data.folder);
        Self::open_in(folder, &settings).await
    }

    /// The same, on this media plane.
    pub(crate) async fn open_on_media(plane: Media) -> Self {
        let folder = seeded::empty_school().await;
        let mut settings = Self::settings();
        folder.path().clone_into(&mut settings.data.folder);
        let (unused, _) = mpsc::channel(16);
        Self::serve(folder, &settings, (Arc::default(), unused), plane).await
    }

    /// The same, with what lies in a folder already.
    pub(crate) async fn open_in(folder: TempDir, settings: &Settings) -> Self {
        let (media_events, events) = mpsc::channel(16);
        let media = Arc::new(PlayedMedia::default());
        let plane = Media {
            plane: Arc::clone(&media) as Arc<_>,
            events,
        };
        Self::serve(folder, settings, (media, media_events), plane).await
    }

    async fn serve(
        folder: TempDir,
        settings: &Settings,
        media: (Arc<PlayedMedia>, mpsc::Sender<MediaEvent>),
        plane: Media,
    ) -> Self {
        // As large as most of what waits for it is small.
        let opened = Box::pin(Data::open(settings));
        let data = opened.await.expect("an empty folder");
        let bound = Bound::new(settings).expect("a free port");
        let url = settings.public_url(bound.address());
        let link = data.set_up_link(&url).await.expect("records");
        let link = link.expect("nobody is there yet").reveal().clone();
        let nobody = (String::new(), String::new());
        let run = Self::run((folder, nobody), settings, (bound, data), (media, plane));
        let mut school = Box::pin(run).await;
        let (_, secret) = link.split_once("/setup#").expect("a set-up link");
        let asked = json!({
            "secret": secret, "school": "Hill Road School", "name": "Ada Office",
            "email": "ada@hillroad.example", "password": "correct horse battery",
        });
        let answer = school.ask("POST", "/setup", &asked).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        school.remember(&answer);
        school
    }

    async fn run(
        (folder, session): (TempDir, (String, String)),
        settings: &Settings,
        (bound, data): (Bound, Data),
        ((media, _media_events), plane): ((Arc<PlayedMedia>, mpsc::Sender<MediaEvent>), Media),
    ) -> Self {
        let address = bound.address();
        let carriers = data.carriers(settings).expect("files");
        let keyring = data.keyring.clone();
        let server = bound
            .serve(settings, data.keyring, data.store.clone(), plane, carriers)
            .await
            .expect("records");
        Self {
            server,
            address,
            store: data.store,
            keyring,
            folder,
            session,
            media,
            _media_events,
        }
    }

    /// The server ends, and begins again with what it has.
    pub(crate) async fn begin_again(self, mut settings: Settings) -> Self {
        let Self {
            server,
            store,
            folder,
            session,
            ..
        } = self;
        server.stop().await;
        drop(store);
        folder.path().clone_into(&mut settings.data.folder);
        let data = Data::open(&settings).await.expect("its folder");
        let bound = Bound::new(&settings).expect("a free port");
        let (media_events, events) = mpsc::channel(16);
        let media = Arc::new(PlayedMedia::default());
        let plane = Media {
            plane: Arc::clone(&media) as Arc<_>,
            events,
        };
        let media = ((media, media_events), plane);
        Self::run((folder, session), &settings, (bound, data), media).await
    }

    /// Keeps the session that an answer began.
    pub(crate) fn remember(&mut self, answer: &Answer) {
        let cookie = answer.header("set-cookie").expect("a cookie");
        let (cookie, _) = cookie.split_once(';').expect("attributes");
        let csrf = answer.json::<Value>()["csrf"].as_str().map(str::to_owned);
        self.session = (cookie.to_owned(), csrf.expect("the proof"));
    }

    /// A request of the office's, under `/api/v1`.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = [
            ("Content-Type", "application/json"),
            ("Cookie", self.session.0.as_str()),
            ("X-Homeroom-Csrf", self.session.1.as_str()),
        ];
        let path = format!("/api/v1{path}");
        request::request(self.address, method, &path, &headers, &body).await
    }

    /// The same, where it is granted.
    pub(crate) async fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.ask(method, path, body).await;
        assert!(
            answer.status == 200 || answer.status == 204,
            "{method} {path}: {} {}",
            answer.status,
            answer.body
        );
        serde_json::from_str(&answer.body).unwrap_or(Value::Null)
    }

    /// Writes in the records beside the server.
    pub(crate) async fn wrote(&self, sql: &str) {
        let file = self.folder.path().join("homeroom.sqlite");
        let url = format!("sqlite://{}", file.display());
        let pool = SqlitePool::connect(&url).await.expect("the records");
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query(sql).execute(&pool).await.expect("written");
        pool.close().await;
    }

    /// Makes something, and gives its id.
    pub(crate) async fn made(&self, path: &str, body: &Value) -> String {
        let made = self.done("POST", path, body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A request with a link.
    pub(crate) async fn by(&self, key: &Key, path: &str, mut body: Value) -> Answer {
        body["secret"] = json!(key.secret);
        let path = format!("/api/v1/links/{}{path}", key.id);
        request::post_json(self.address, &path, &body.to_string()).await
    }

    /// Waits until a page waits to hear of a change.
    pub(crate) async fn page_waits(&self) {
        let waits = async {
            while !request::get(self.address, "/metrics")
                .await
                .body
                .contains("\nhomeroom_pages_waiting 1\n")
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waits).await.expect("a page waits");
    }

    /// The same, where it is granted.
    pub(crate) async fn granted(&self, key: &Key, path: &str, body: Value) -> Value {
        let answer = self.by(key, path, body).await;
        assert!(
            answer.status == 200 || answer.status == 204,
            "{path}: {} {}",
            answer.status,
            answer.body
        );
        serde_json::from_str(&answer.body).unwrap_or(Value::Null)
    }

    /// The link of a parent, as the office hands it over.
    pub(crate) async fn parent(&self, evening: &str, contact: &str) -> Key {
        let path = format!("/evenings/{evening}/parents/{contact}/link");
        let shown = self.done("POST", &path, &Value::Null).await;
        Key::read(shown["url"].as_str().expect("an address"))
    }

    /// The same of a teacher.
    pub(crate) async fn teacher(&self, evening: &str, teacher: &str) -> Key {
        let path = format!("/evenings/{evening}/teachers/{teacher}/link");
        let shown = self.done("POST", &path, &Value::Null).await;
        Key::read(shown["url"].as_str().expect("an address"))
    }

    /// The links of guests that live, as their e-mails carry them.
    pub(crate) async fn guests(&self, evening: &str) -> Vec<Key> {
        let evening = evening.parse().expect("an id");
        let links = self.store.links_of_evening(evening, ambient::now()).await;
        let links = links.expect("records");
        links
            .iter()
            .filter(|link| matches!(link.holder, Holder::Guest(_)))
            .filter(|link| link.state == store::LinkState::Live)
            .map(|link| {
                let path = self.keyring.path(&link.record).expect("the key is there");
                Key::read(&path.expose())
            })
            .collect()
    }

    /// A socket that has said nothing yet.
    pub(crate) async fn socket(&self) -> Client {
        let headers = [("sec-websocket-protocol", wire::SUBPROTOCOL)];
        let client = Client::try_open(self.address, &headers).await;
        client.expect("it is let in")
    }

    /// A press on Join, and the socket it was used on.
    pub(crate) async fn join(&self, key: &Key) -> Client {
        self.join_with(key, "an offer").await
    }

    pub(crate) async fn join_with(&self, key: &Key, offer: &str) -> Client {
        let ticket = self.granted(key, "/tickets", press()).await;
        let mut client = self.socket().await;
        client
            .join(ticket["ticket"].as_str().expect("a ticket"), offer)
            .await;
        client
    }
}

/// An evening that runs now, with two students of Maria's and one of Omar's in one class of two
/// teachers, and Maria's two in another.
pub(crate) struct Evening {
    pub(crate) school: School,
    pub(crate) evening: String,
    pub(crate) teachers: [String; 2],
    pub(crate) french: String,
    pub(crate) maths: String,
    pub(crate) ana: String,
    pub(crate) ben: String,
    pub(crate) cem: String,
    pub(crate) maria: Key,
    pub(crate) omar: Key,
    /// Ana's other parent.
    pub(crate) paul: Key,
    pub(crate) contacts: [String; 3],
}

impl Evening {
    pub(crate) async fn open() -> Self {
        Self::open_with(School::settings()).await
    }

    pub(crate) async fn open_with(settings: Settings) -> Self {
        Self::of(Box::pin(School::open_with(settings)).await).await
    }

    pub(crate) async fn of(school: School) -> Self {
        Self::begun(school, 1).await
    }

    /// The same, begun so many minutes ago.
    pub(crate) async fn begun(school: School, minutes: i64) -> Self {
        let teacher = async |name: &str| {
            let body = json!({"name": name, "email": "t@hillroad.example"});
            school.made("/teachers", &body).await
        };
        let teachers = [teacher("Ms Okafor").await, teacher("Mr Brandt").await];
        let class = async |subject: &str, teachers: &[String]| {
            let body = json!({"name": subject, "subject": subject, "teachers": teachers});
            school.made("/classes", &body).await
        };
        let french = class("French", &teachers[..1]).await;
        let maths = class("Mathematics", &teachers).await;
        let student = async |name: &str, classes: &[&String]| {
            let body = json!({"name": name, "classes": classes});
            school.made("/students", &body).await
        };
        let ana = student("Ana Santos", &[&french, &maths]).await;
        let ben = student("Ben Santos", &[&french, &maths]).await;
        let cem = student("Cem Demir", &[&maths]).await;
        let contact = async |name: &str, email: &str, students: &[&String]| {
            let body = json!({"name": name, "email": email, "students": students});
            school.made("/contacts", &body).await
        };
        let maria = contact("Maria Santos", "maria@x.example", &[&ana, &ben]).await;
        let omar = contact("Omar Demir", "omar@x.example", &[&cem]).await;
        let paul = contact("Paul Santos", "paul@x.example", &[&ana]).await;
        let evening = school.made("/evenings", &draft_begun(minutes)).await;
        let path = format!("/evenings/{evening}/booking");
        school.done("PUT", &path, &json!({"open": true})).await;
        Self {
            maria: school.parent(&evening, &maria).await,
            omar: school.parent(&evening, &omar).await,
            paul: school.parent(&evening, &paul).await,
            contacts: [maria, omar, paul],
            school,
            evening,
            teachers,
            french,
            maths,
            ana,
            ben,
            cem,
        }
    }

    /// The moments at which slots begin.
    pub(crate) async fn starts(&self) -> Vec<String> {
        let slots = self.school.granted(&self.maria, "/slots", json!({})).await;
        let slots = slots["slots"][0]["slots"].as_array().expect("slots");
        let starts = slots.iter().map(|slot| slot["starts"].as_str());
        starts.map(|it| it.expect("a moment").to_owned()).collect()
    }

    /// Asks for a booking.
    pub(crate) async fn book(
        &self,
        key: &Key,
        student: &str,
        class: &str,
        starts: &str,
        attempt: &str,
    ) -> Answer {
        let body = json!({
            "student": student, "class": class, "starts": starts, "attempt": attempt,
        });
        self.school.by(key, "/bookings", body).await
    }

    /// Asks for an invitation.
    pub(crate) async fn invite(&self, key: &Key, who: &str, students: &[&str]) -> Answer {
        let body = json!({
            "attempt": attempt(), "name": who, "consent": true, "wording": "1",
            "email": format!("{}@guests.example", who.to_lowercase().replace(' ', ".")),
            "students": students,
        });
        self.school.by(key, "/invitations", body).await
    }
}

/// An evening of the day that it is somewhere, which began a minute ago and lasts hours.
pub(crate) fn draft() -> Value {
    draft_begun(1)
}

/// The same, which began so many minutes ago.
pub(crate) fn draft_begun(minutes: i64) -> Value {
    let now = ambient::now();
    let zones = [
        "Europe/London",
        "America/New_York",
        "Asia/Tokyo",
        "Pacific/Auckland",
    ];
    let (zone, start, end) = zones
        .into_iter()
        .filter_map(|name| {
            let zone = jiff::tz::TimeZone::get(name).ok()?;
            let start = zone.to_datetime(now - SignedDuration::from_mins(minutes));
            let end = zone.to_datetime(now + SignedDuration::from_mins(240 - minutes));
            (start.date() == end.date()).then_some((name, start, end))
        })
        .next()
        .expect("it is day somewhere");
    json!({
        "name": "Year 8 parents' evening", "date": start.date().to_string(), "time_zone": zone,
        "starts": start.strftime("%H:%M").to_string(), "ends": end.strftime("%H:%M").to_string(),
        "slot_minutes": 20, "gap_minutes": 0,
        "booking_closes": (now + SignedDuration::from_mins(200 - minutes)).to_string(),
    })
}
