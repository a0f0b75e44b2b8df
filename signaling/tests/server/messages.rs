//! What a socket may say, and what becomes of what it may not.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use wire::close::Close;
use wire::message::{ClientMessage, RefusedCode, Sends, ServerMessage};

use crate::support::client::{Client, Heard};
use crate::support::media::{Order, answer_to};
use crate::support::{Home, settings};

/// Malformed messages, one a file.
fn malformed() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/wire/samples/malformed");
    let mut samples: Vec<_> = std::fs::read_dir(folder)
        .expect("the samples are there")
        .map(|entry| {
            let path = entry.expect("it can be read").path();
            let name = path.file_name().expect("a file").to_string_lossy();
            (
                name.into_owned(),
                std::fs::read(&path).expect("it can be read"),
            )
        })
        .collect();
    samples.sort();
    assert!(samples.len() > 20, "they are there");
    samples
}

fn offer(text: &str) -> ClientMessage {
    ClientMessage::Offer {
        offer: text.to_owned(),
    }
}

#[tokio::test]
async fn malformed_messages_close_the_socket() {
    let home = Home::open(&settings()).await;
    let mut witness = home.join(2).await;
    witness.joined().await;
    for (name, bytes) in malformed() {
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let mut first = home.socket().await;
        first.say_raw(Message::text(text.clone())).await;
        let end = first.hear().await;
        assert_eq!(end, Heard::Closed(Close::BadMessage.code()), "{name}");
    }
    assert_eq!(witness.settled().await, []);
}

#[tokio::test]
async fn malformed_messages_of_the_seated_cost_them_their_socket_and_not_their_seat() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let mut session = client.joined().await.session;
    for (name, bytes) in malformed() {
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        client.say_raw(Message::text(text)).await;
        let (messages, end) = client.rest().await;
        assert_eq!(end, Heard::Closed(Close::BadMessage.code()), "{name}");
        let is_news = |message: &ServerMessage| !matches!(message, ServerMessage::People { .. });
        assert!(!messages.iter().any(is_news), "{name}: {messages:?}");
        client = home.socket().await;
        client.resume(&session, None).await;
        session = client.joined().await.session;
    }
}

#[tokio::test]
async fn what_is_not_text_closes_the_socket() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    client.say_raw(Message::binary(b"{}".to_vec())).await;
    assert_eq!(client.closed(Close::BadMessage).await, None);
}

#[tokio::test]
async fn what_is_larger_than_64_kib_closes_the_socket() {
    let home = Home::open(&settings()).await;
    for length in [wire::MAX_MESSAGE + 1, 1024 * 1024] {
        let mut client = home.socket().await;
        client.try_say_raw(Message::text("x".repeat(length))).await;
        assert_eq!(client.closed(Close::TooBig).await, None);
        let mut client = home.join(1).await;
        client.joined().await;
        client.try_say_raw(Message::text("x".repeat(length))).await;
        assert_eq!(client.closed(Close::TooBig).await, None);
    }
}

#[tokio::test]
async fn what_is_64_kib_is_taken() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    let shell = serde_json::to_string(&offer("")).expect("plain").len();
    let text = "o".repeat(wire::MAX_MESSAGE - shell);
    client.say(&offer(&text)).await;
    let answer = client.message().await;
    assert!(matches!(answer, ServerMessage::Answer { .. }), "{answer:?}");
}

#[tokio::test]
async fn out_of_order_messages_close_the_socket() {
    let home = Home::open(&settings()).await;
    let before_joining = [
        ClientMessage::Ping { n: 1 },
        ClientMessage::Leave {},
        offer("offer"),
        ClientMessage::Sends {
            sends: Sends::default(),
        },
    ];
    for message in before_joining {
        let mut client = home.socket().await;
        client.say(&message).await;
        assert_eq!(client.closed(Close::BadMessage).await, None, "{message:?}");
    }
    let mut client = home.join(1).await;
    client.joined().await;
    client.join("6bq2v0x9pdm4k8tswhn3e7rzcy", "offer").await;
    assert_eq!(client.closed(Close::BadMessage).await, None);
    let mut client = home.join(1).await;
    let session = client.joined().await.session;
    client.resume(&session, None).await;
    assert_eq!(client.closed(Close::BadMessage).await, None);
}

#[tokio::test]
async fn too_many_messages_are_dropped_and_said_so() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    for n in 0..100 {
        client.ping(n).await;
    }
    let mut refused = 0;
    let mut answered = 0;
    while refused + answered < 100 {
        match client.message().await {
            ServerMessage::Pong { .. } => answered += 1,
            ServerMessage::Refused {
                code: RefusedCode::TooFast,
                ..
            } => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(answered >= 60, "{answered} answered");
    assert!(refused > 0);
}

#[tokio::test]
async fn who_waits_may_not_offer_again() {
    let home = Home::open(&settings()).await;
    let _four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    fifth.say(&offer("another")).await;
    let refused = fifth.message().await;
    assert!(
        matches!(
            refused,
            ServerMessage::Refused {
                code: RefusedCode::NotSeated,
                ..
            }
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_sent_is_told_to_all() {
    let home = Home::open(&settings()).await;
    let [mut one, mut two, _three, _four] = home.four().await;
    let sends = Sends {
        microphone: true,
        camera: false,
        screen: true,
    };
    one.say(&ClientMessage::Sends { sends }).await;
    for client in [&mut one, &mut two] {
        client
            .people(|people| {
                people
                    .iter()
                    .any(|it| it.participant == 1 && it.sends == sends)
            })
            .await;
    }
    // Said again it is no news.
    one.say(&ClientMessage::Sends { sends }).await;
    assert_eq!(one.settled().await, []);
}

#[tokio::test]
async fn unusable_offer_leaves_a_seat_without_media() {
    let home = Home::open(&settings()).await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut client = home.socket().await;
    client.join(&ticket, "bad offer").await;
    let joined = client.joined().await;
    assert_eq!(joined.answer, None);
    let refused = client.message().await;
    assert!(
        matches!(
            refused,
            ServerMessage::Refused {
                code: RefusedCode::BadOffer,
                ..
            }
        ),
        "{refused:?}"
    );
    client.say(&offer("fresh and good")).await;
    let answer = answer_to("fresh and good");
    assert_eq!(client.message().await, ServerMessage::Answer { answer });
}

#[tokio::test]
async fn offer_is_a_restart_where_it_is_the_same_connection() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    let before = home.media.orders().len();
    client.say(&offer("restart")).await;
    let answer = answer_to("restart");
    assert_eq!(client.message().await, ServerMessage::Answer { answer });
    client.say(&offer("fresh")).await;
    let answer = answer_to("fresh");
    assert_eq!(client.message().await, ServerMessage::Answer { answer });
    let [restart, fresh] = ["restart".to_owned(), "fresh".to_owned()];
    assert_eq!(
        home.media.orders().split_off(before),
        [
            Order::Restart {
                peer: 1,
                offer: restart
            },
            Order::Restart {
                peer: 1,
                offer: fresh.clone()
            },
            Order::Detach { peer: 1 },
            Order::Attach {
                peer: 1,
                seat: 0,
                offer: fresh
            },
        ]
    );
    client.say(&offer("bad")).await;
    let refused = client.message().await;
    assert!(matches!(
        refused,
        ServerMessage::Refused {
            code: RefusedCode::BadOffer,
            ..
        }
    ));
}

#[tokio::test]
async fn a_connection_that_ended_with_its_worker_is_not_restarted() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    client.joined().await;
    let before = home.media.orders().len();
    client.say(&offer("gone")).await;
    let ServerMessage::Refused { code, detail } = client.message().await else {
        panic!("it is refused")
    };
    assert_eq!(code, RefusedCode::BadOffer);
    assert!(detail.contains("fresh"), "{detail}");
    let restart = Order::Restart {
        peer: 1,
        offer: "gone".to_owned(),
    };
    assert_eq!(home.media.orders().split_off(before), [restart]);
    client.say(&offer("fresh")).await;
    let answer = answer_to("fresh");
    assert_eq!(client.message().await, ServerMessage::Answer { answer });
}

#[tokio::test]
async fn busy_media_plane_costs_the_socket_and_not_the_seat() {
    let home = Home::open(&settings()).await;
    let mut other = home.join(2).await;
    other.joined().await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut client = home.socket().await;
    client.join(&ticket, "busy").await;
    assert_eq!(client.closed(Close::Failed).await, None);
    other
        .people(|people| people.iter().any(|one| one.reconnecting))
        .await;
    // The press, retried, is the same press.
    let mut again = home.join_with(1, 1).await;
    assert_eq!(again.joined().await.people.len(), 2);
}

#[tokio::test]
async fn pictures_that_are_held_back_are_told_to_whom_they_are_held_back_from() {
    let home = Home::open(&settings()).await;
    let [mut one, mut two, _three, _four] = home.four().await;
    let event = |paused: sfu::Paused| sfu::MediaEvent::Paused {
        call: sfu::CallKey(home.call.0),
        peer: sfu::PeerKey(1),
        paused,
    };
    let held = sfu::Paused {
        cameras: [true, false, false],
        screens: [false, false, true],
    };
    let picture = |slot, kind| wire::message::Picture { slot, kind };
    let camera = picture(0, wire::message::PictureKind::Camera);
    let screen = picture(2, wire::message::PictureKind::Screen);
    for (paused, told) in [
        (held, vec![camera, screen]),
        (sfu::Paused::default(), Vec::new()),
    ] {
        home.media_events
            .send(event(paused))
            .await
            .expect("it listens");
        let heard = one
            .until(|message| match message {
                ServerMessage::Paused { paused } => Some(paused.clone()),
                _other => None,
            })
            .await;
        assert_eq!(heard, told);
    }
    assert!(
        two.settled()
            .await
            .iter()
            .all(|message| !matches!(message, ServerMessage::Paused { .. })),
        "it is nobody else's network"
    );
}

#[tokio::test]
async fn who_speaks_is_told_by_number() {
    let home = Home::open(&settings()).await;
    let [mut one, mut two, _three, _four] = home.four().await;
    let speaking = |peers: &[u64]| sfu::MediaEvent::Speaking {
        call: sfu::CallKey(home.call.0),
        peers: peers.iter().map(|peer| sfu::PeerKey(*peer)).collect(),
    };
    home.media_events
        .send(speaking(&[3, 1]))
        .await
        .expect("it listens");
    for client in [&mut one, &mut two] {
        let heard = client
            .until(|message| match message {
                ServerMessage::Speaking { speaking } => Some(speaking.clone()),
                _other => None,
            })
            .await;
        assert_eq!(heard, [1, 3]);
    }
    home.media_events
        .send(speaking(&[77]))
        .await
        .expect("it listens");
    let heard = one.message().await;
    assert_eq!(
        heard,
        ServerMessage::Speaking {
            speaking: Vec::new()
        }
    );
}

#[tokio::test]
async fn socket_that_says_nothing_is_closed() {
    let home = Home::open(&settings()).await;
    let mut client = home.socket().await;
    assert_eq!(client.closed(Close::Silent).await, None);
}

#[tokio::test]
async fn socket_without_heartbeat_is_lost_and_keeps_its_seat() {
    let mut settings = settings();
    settings.calls.heartbeat = Duration::from_millis(200);
    let home = Home::open(&settings).await;
    let mut client = home.join(1).await;
    let session = client.joined().await.session;
    assert_eq!(client.closed(Close::HeartbeatLost).await, None);
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.joined().await.people.len(), 1);
}

#[tokio::test]
async fn slow_reader_is_closed_and_holds_up_nobody() {
    let home = Home::open(&settings()).await;
    let mut other = home.join(2).await;
    other.joined().await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut slow = Client::open_narrow(home.address).await;
    slow.join(&ticket, "offer").await;
    other.people(|people| people.len() == 2).await;
    // It asks for much and reads none of it.
    let asking = serde_json::to_string(&offer("huge")).expect("plain");
    let lost = async {
        while slow.try_say_raw(Message::text(asking.clone())).await {
            tokio::task::yield_now().await;
        }
    };
    let seen = other.people(|people| people.iter().any(|one| one.reconnecting));
    tokio::pin!(lost);
    tokio::select! {
        _people = seen => {}
        () = &mut lost => {
            panic!("it is closed with a word, and others see it");
        }
    }
}

#[tokio::test]
async fn slow_reader_who_is_replaced_is_not_waited_for() {
    let mut settings = settings();
    settings.limits.connections = 3;
    let home = Home::open(&settings).await;
    let tickets = [
        home.ticket(home.door(1), 1).await,
        home.ticket(home.door(1), 2).await,
    ];
    let mut slow = Client::open_narrow(home.address).await;
    slow.join(&tickets[0], "offer").await;
    // It has the seat before the newer one comes, else it would be the newer one.
    slow.joined().await;
    let asking = serde_json::to_string(&offer("huge")).expect("plain");
    for _much in 0..30 {
        slow.try_say_raw(Message::text(asking.clone())).await;
    }
    let mut newer = home.socket().await;
    newer.join(&tickets[1], "offer").await;
    newer.joined().await;
    let began = Instant::now();
    // Its connection gives up its place long before a write to it would time out.
    let _other = home.socket().await;
    while home.try_socket().await.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(newer.settled().await, []);
}
