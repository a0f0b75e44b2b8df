//! A server with a played media plane, and clients of it.

pub(crate) mod client;
pub(crate) mod media;
pub(crate) mod request;
pub(crate) mod school;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use call::{CallId, LinkId};
use links::{Key, KeyId, Keyring};
use sfu::MediaEvent;
use signaling::private::Private;
use signaling::roster::{Appointment, Entitled, Roster};
use signaling::server::{Bound, Media, Server};
use signaling::settings::Settings;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Error;
use wire::http::{TicketGranted, TicketRequest};
use wire::message::Role;

use client::Client;
use media::PlayedMedia;
use request::Answer;

/// Nothing here may take longer; what does hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The call everybody is entitled to.
pub(crate) const CALL: CallId = CallId(1);

/// A link, as its holder has it.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) link: LinkId,
    pub(crate) participant: u32,
    pub(crate) name: String,
}

/// A server and everything around it.
pub(crate) struct Home {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    pub(crate) doors: Vec<Door>,
    pub(crate) media: Arc<PlayedMedia>,
    pub(crate) media_events: mpsc::Sender<MediaEvent>,
}

/// Settings on a port of the system's choosing.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.http.listen = "127.0.0.1:0".parse().expect("an address");
    settings
}

impl Home {
    /// Five people, as at a joint appointment: three teachers, a parent, the guest they invited.
    pub(crate) fn open(settings: &Settings) -> Self {
        Self::open_for(settings, 5)
    }

    /// So many people: three teachers, a parent, and guests whom the parent invited.
    pub(crate) fn open_for(settings: &Settings, people: u32) -> Self {
        let mut rng = ambient::rng();
        let keyring = Keyring::new(KeyId(1), Key::random(&mut rng));
        let mut entitled: Vec<Entitled> = Vec::new();
        let mut doors = Vec::new();
        for participant in 1..=people {
            let id = links::LinkId::random(&mut rng);
            let record = keyring.record(id);
            let path = keyring.path(&record).expect("the key is there").expose();
            let (_, secret) = path.split_once('#').expect("a secret stands behind it");
            let name = format!("Person {participant}");
            doors.push(Door {
                id: id.to_string(),
                secret: secret.to_owned(),
                link: LinkId(id.number()),
                participant,
                name: name.clone(),
            });
            entitled.push(Entitled {
                record,
                holder: None,
                participant,
                name: Private::new(name),
                role: match participant {
                    1..=3 => Role::Teacher,
                    4 => Role::Parent,
                    _ => Role::Guest,
                },
                invited_by: (participant > 4)
                    .then(|| entitled.get(3).map(Entitled::link))
                    .flatten(),
            });
        }
        let roster = Roster::new(vec![Appointment {
            call: CALL,
            title: Private::new("An appointment".to_owned()),
            people: entitled,
            booked: None,
        }]);
        let media = Arc::new(PlayedMedia::default());
        let (media_events, events) = mpsc::channel(16);
        let bound = Bound::new(settings).expect("a free port");
        let address = bound.address();
        let plane = Media {
            plane: Arc::clone(&media) as Arc<_>,
            events,
        };
        Self {
            server: bound.serve(settings, keyring, roster, plane, None),
            address,
            doors,
            media,
            media_events,
        }
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
            appointment: None,
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
        let mut seated = Vec::new();
        for participant in 1..=4 {
            let mut client = self.join(participant).await;
            client.joined().await;
            seated.push(client);
        }
        seated.try_into().expect("four were pushed")
    }
}
