//! A server with a played media plane, and clients of it.

pub(crate) mod client;
pub(crate) mod mailbox;
pub(crate) mod media;
pub(crate) mod request;
pub(crate) mod school;
pub(crate) mod security_key;
pub(crate) mod seeded;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::school::{InvitationId, MeetingId};
use call::LinkId;
use links::Keyring;
use sfu::MediaEvent;
use signaling::data::Data;
use signaling::server::{Bound, Media, Server};
use signaling::settings::Settings;
use store::{HeldLink, Holder, Store};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Error;
use wire::http::{TicketGranted, TicketRequest};
use wire::limits::GROUND_RULES;

use client::Client;
use media::PlayedMedia;
use request::Answer;
use school::Key;
use seeded::seed;

/// Nothing here may take longer; what does hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks at what is to become so: meanwhile the cores are for those who bring it about.
pub(crate) async fn a_moment() {
    sleep(Duration::from_millis(2)).await;
}

/// What the appointment is called in the call.
pub(crate) const TITLE: &str = "An appointment: A student";

/// A link, as its holder has it.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) link: LinkId,
    pub(crate) participant: u32,
    pub(crate) name: String,
}

impl Door {
    fn of(participant: u32, held: &HeldLink, keyring: &Keyring) -> Self {
        let key = Key::read(
            &keyring
                .path(&held.record)
                .expect("the key is there")
                .expose(),
        );
        Self {
            id: key.id,
            secret: key.secret,
            link: LinkId(held.record.id.number()),
            participant,
            name: held.name.reveal().to_owned(),
        }
    }
}

/// A server and everything around it.
pub(crate) struct Home {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    /// The appointment that everybody is entitled to.
    pub(crate) call: MeetingId,
    pub(crate) doors: Vec<Door>,
    pub(crate) media: Arc<PlayedMedia>,
    pub(crate) media_events: mpsc::Sender<MediaEvent>,
    /// The guest's invitation.
    pub(crate) invitation: InvitationId,
    pub(crate) store: Store,
    folder: TempDir,
}

/// Settings on a port of the system's choosing.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.http.listen = "127.0.0.1:0".parse().expect("an address");
    settings
}

impl Home {
    /// Five people, as at a joint appointment: three teachers, a parent, the guest they invited.
    pub(crate) async fn open(settings: &Settings) -> Self {
        let folder = seeded::empty_school().await;
        let mut settings = settings.clone();
        folder.path().clone_into(&mut settings.data.folder);
        let data = Data::open(&settings).await.expect("an empty folder");
        let seeded = seed(&data.store).await;
        let Some(Holder::Guest(invitation)) = seeded.people.last().map(|held| held.holder) else {
            panic!("the guest comes last")
        };
        let keyring = data.keyring.clone();
        let doors = (1..).zip(&seeded.people);
        let doors = doors.map(|(participant, held)| Door::of(participant, held, &keyring));
        let doors = doors.collect();
        let whose = (seeded.call, doors, invitation);
        Self::serve(&settings, data, whose, folder).await
    }

    /// The program ends, and begins again with the same records.
    pub(crate) async fn begin_again(self, settings: &Settings) -> Self {
        self.server.stop().await;
        let mut settings = settings.clone();
        self.folder.path().clone_into(&mut settings.data.folder);
        let data = Data::open(&settings).await.expect("its folder");
        let whose = (self.call, self.doors, self.invitation);
        Self::serve(&settings, data, whose, self.folder).await
    }

    async fn serve(
        settings: &Settings,
        data: Data,
        (call, doors, invitation): (MeetingId, Vec<Door>, InvitationId),
        folder: TempDir,
    ) -> Self {
        let media = Arc::new(PlayedMedia::default());
        let (media_events, events) = mpsc::channel(16);
        let bound = Bound::new(settings).expect("a free port");
        let address = bound.address();
        let plane = Media {
            plane: Arc::clone(&media) as Arc<_>,
            events,
        };
        let carriers = data.carriers(settings).expect("files");
        let server = bound
            .serve(settings, data.keyring, data.store.clone(), plane, carriers)
            .await
            .expect("records");
        Self {
            server,
            address,
            call,
            doors,
            media,
            media_events,
            invitation,
            store: data.store,
            folder,
        }
    }

    /// Changes the records beside the program, as if it had been so all along.
    pub(crate) async fn change_records(&self, sql: &'static str) {
        let file = self.folder.path().join("homeroom.sqlite");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
        let pool = sqlx::SqlitePool::connect_with(options).await.expect("open");
        sqlx::raw_sql(sql).execute(&pool).await.expect("changed");
        pool.close().await;
    }

    pub(crate) fn door(&self, participant: u32) -> &Door {
        self.doors
            .iter()
            .find(|door| door.participant == participant)
            .expect("somebody of that number")
    }

    /// `POST` with JSON.
    pub(crate) async fn post(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        let body = serde_json::to_string(body).expect("plain fields");
        request::post_json(self.address, path, &body).await
    }

    /// Asks for a ticket.
    pub(crate) async fn press(&self, door: &Door, attempt: u128) -> Answer {
        let request = TicketRequest {
            secret: door.secret.clone(),
            attempt: format!("{attempt:032x}"),
            meeting: None,
            accepts_rules: Some(GROUND_RULES),
            prepares: false,
        };
        self.post(&format!("/api/v1/links/{}/tickets", door.id), &request)
            .await
    }

    /// A ticket for a press.
    pub(crate) async fn ticket(&self, door: &Door, attempt: u128) -> String {
        let answer = self.press(door, attempt).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json::<TicketGranted>().ticket
    }

    /// A socket that has said nothing yet.
    pub(crate) async fn socket(&self) -> Client {
        self.try_socket().await.expect("it is let in")
    }

    /// The same, where it may be cut.
    pub(crate) async fn try_socket(&self) -> Result<Client, Error> {
        let headers = [("sec-websocket-protocol", wire::SUBPROTOCOL)];
        Client::try_open(self.address, &headers).await
    }

    /// A press on Join by this person, and the socket it was used on.
    pub(crate) async fn join(&self, participant: u32) -> Client {
        self.join_with(participant, ambient::random()).await
    }

    /// The same, for one press in particular.
    pub(crate) async fn join_with(&self, participant: u32, attempt: u128) -> Client {
        let ticket = self.ticket(self.door(participant), attempt).await;
        let mut client = self.socket().await;
        client
            .join(&ticket, &format!("offer of {participant}"))
            .await;
        client
    }

    /// The first four, seated.
    pub(crate) async fn four(&self) -> [Client; 4] {
        self.seated([1, 2, 3, 4]).await
    }

    /// These, seated in this order.
    pub(crate) async fn seated<const N: usize>(&self, participants: [u32; N]) -> [Client; N] {
        let mut seated = Vec::new();
        for participant in participants {
            let mut client = self.join(participant).await;
            client.joined().await;
            seated.push(client);
        }
        seated.try_into().expect("as many as were asked for")
    }
}
