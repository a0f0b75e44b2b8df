use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn gateway(url: &str, headers: &[&str], body: &str) -> Gateway {
    Gateway {
        url: url.to_owned(),
        headers: headers.iter().map(|it| (*it).to_owned()).collect(),
        body: body.to_owned(),
        account: None,
        token: Some(("service".to_owned(), "secret".to_owned())),
    }
}

fn refused(gateway: Gateway) -> String {
    match Door::new(gateway) {
        Ok(_) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_put_in_is_written_as_the_place_asks_and_not_looked_at_again() {
    let to = Mobile::kept("+447700900123".to_owned());
    let words = "Ms \"O\u{2019}Neill\" & {to}:\nhttps://h.example/j/a#b".to_owned();
    let text = Text {
        to: &to,
        words,
        id: "1a.2b",
    };
    let put = |template, escape| fill(template, &text, "token", escape);
    assert_eq!(
        put("to={to}&n={number}&text={text}&id={id}", Escape::Percent),
        "to=%2B447700900123&n=447700900123&text=Ms%20%22O%E2%80%99Neill%22%20%26%20%7Bto%7D%3A%0A\
         https%3A%2F%2Fh.example%2Fj%2Fa%23b&id=1a.2b"
    );
    let json = put(r#"{"to":"{to}","m":{"text":"{text}"}}"#, Escape::Json);
    let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(read["to"], "+447700900123");
    assert_eq!(read["m"]["text"], text.words.as_str());
    assert_eq!(
        put("<t>{text}</t>", Escape::Xml),
        format!("<t>{}</t>", text.words.replace('&', "&amp;"))
    );
    assert_eq!(put("Bearer {jwt} {", Escape::Percent), "Bearer token {");
}

#[test]
fn a_wrong_setting_is_one_sentence_that_says_what_to_change() {
    let form = "To={to}&Body={text}";
    assert_eq!(refused(gateway("https://h.example/s", &[], form)), "none");
    assert!(refused(gateway("h.example", &[], form)).contains("texts.url is no URL"));
    assert!(refused(gateway("ftp://h.example/", &[], form)).contains("texts.url is no URL"));
    // It may be part of a password.
    let unknown = refused(gateway("https://h.example/{nummer}", &[], form));
    assert!(
        unknown.starts_with("texts.url has a word in braces"),
        "{unknown}"
    );
    assert!(!unknown.contains("nummer"), "{unknown}");
    assert!(refused(gateway("https://h.example/", &[], "Body={text}")).contains("{to}"));
    assert!(refused(gateway("https://h.example/?t={to}", &[], "")).contains("{text}"));
    assert!(refused(gateway("https://h.example/", &["nothing"], form)).contains("texts.headers"));
    let mut unsigned = gateway("https://h.example/", &["Authorization: Bearer {jwt}"], form);
    unsigned.token = None;
    assert!(refused(unsigned).contains("texts.jwt_issuer"));
}

#[test]
fn a_token_is_what_other_programs_read() {
    let now = Timestamp::from_second(1_700_000_000).expect("a moment");
    let signed = ("service".to_owned(), "secret".to_owned());
    let token = token(&signed, now).expect("a token");
    let parts: Vec<_> = token.split('.').collect();
    let read = |part: &str| {
        let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64");
        serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON")
    };
    assert_eq!(read(parts[0])["alg"], "HS256");
    assert_eq!(read(parts[1])["iss"], "service");
    assert_eq!(read(parts[1])["iat"], 1_700_000_000);
    assert_eq!(parts.len(), 3);
}

#[test]
fn what_the_gateway_says_of_the_number_is_for_good_and_of_ourselves_waits() {
    let of = |code| judge(StatusCode::from_u16(code).expect("a status"), "why");
    assert_eq!(of(202), (Outcome::Sent, None));
    let (outcome, trouble) = of(400);
    assert_eq!(
        outcome,
        Outcome::Refused("the gateway says 400 why".to_owned())
    );
    assert_eq!(trouble, None);
    for code in [401, 403, 402, 404] {
        assert!(
            matches!(of(code), (Outcome::Waits(_), Some(it)) if it.is_refusal),
            "{code}"
        );
    }
    for code in [429, 503] {
        assert!(matches!(of(code), (Outcome::Later(_), Some(_))), "{code}");
    }
    assert!(
        matches!(of(500), (Outcome::Lost(_), Some(_))),
        "it may have gone out"
    );
}

/// A gateway that reads one request, does that with the connection, and gives what it read.
async fn asked<F>(template: &Gateway, answer: impl FnOnce(TcpStream) -> F) -> (String, Outcome)
where
    F: Future<Output = ()>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let mut gateway = template.clone();
    gateway.url = gateway.url.replace("HERE", &format!("127.0.0.1:{port}"));
    let messenger = Messenger::to(gateway).expect("right settings");
    let text = Text {
        to: &Mobile::kept("+447700900123".to_owned()),
        words: "Ann invites you. Open:\nhttps://h.example/j/a#b".to_owned(),
        id: "1a.2b",
    };
    let served = async {
        let (mut stream, _) = listener.accept().await.expect("it comes");
        let mut read = Vec::new();
        while !is_whole(&read) {
            let mut piece = [0; 1024];
            let count = stream.read(&mut piece).await.expect("it is sent");
            assert_ne!(count, 0, "cut off");
            read.extend_from_slice(&piece[..count]);
        }
        answer(stream).await;
        String::from_utf8(read).expect("text")
    };
    let now = Timestamp::from_second(1_700_000_000).expect("a moment");
    let (read, (outcome, _)) = tokio::join!(served, messenger.send(&text, now));
    (read, outcome)
}

/// Whether a request is there with its body.
fn is_whole(read: &[u8]) -> bool {
    let read = String::from_utf8_lossy(read);
    let Some((head, body)) = read.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_lowercase();
    let length = head.split_once("content-length: ").map(|(_, rest)| rest);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

async fn says(mut stream: TcpStream, answer: &str) {
    stream
        .write_all(answer.as_bytes())
        .await
        .expect("it listens");
}

#[tokio::test]
async fn a_request_is_made_as_kannel_twilio_and_govuk_notify_take_it() {
    let well = |stream| says(stream, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    let kannel = gateway("http://HERE/sendsms?to={to}&text={text}", &[], "");
    let (read, outcome) = asked(&kannel, well).await;
    let line = "GET /sendsms?to=%2B447700900123&text=Ann%20invites%20you.%20Open%3A%0Ahttps";
    assert!(read.starts_with(line), "{read}");
    assert_eq!(outcome, Outcome::Sent);

    let mut twilio = gateway("http://HERE/Messages.json", &[], "To={to}&Body={text}");
    twilio.account = Some(("AC1".to_owned(), "token".to_owned()));
    let (read, outcome) = asked(&twilio, well).await;
    let head = read.to_lowercase();
    assert!(read.starts_with("POST /Messages.json "), "{read}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(read.contains("Basic QUMxOnRva2Vu\r\n"), "{read}");
    assert!(read.contains("\r\n\r\nTo=%2B447700900123&Body=Ann%20"));
    assert_eq!(outcome, Outcome::Sent);

    let headers = [
        "Content-Type: application/json",
        "Authorization: Bearer {jwt}",
    ];
    let body = r#"{"phone_number":"{to}","personalisation":{"text":"{text}"}}"#;
    let notify = gateway("http://HERE/v2/notifications/sms", &headers, body);
    let (read, outcome) = asked(&notify, well).await;
    let (_, body) = read.split_once("\r\n\r\n").expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["phone_number"], "+447700900123");
    let text = body["personalisation"]["text"].as_str().expect("a text");
    assert_eq!(text.lines().nth(1), Some("https://h.example/j/a#b"));
    assert!(read.contains("Bearer eyJ"), "{read}");
    assert_eq!(outcome, Outcome::Sent);
}

#[tokio::test]
async fn what_a_gateway_does_not_say_is_doubtful_and_what_it_says_of_itself_waits() {
    let kannel = gateway("http://HERE/sendsms?to={to}&text={text}", &[], "");
    let hangs_up = async |stream: TcpStream| drop(stream);
    let (_, outcome) = asked(&kannel, hangs_up).await;
    assert!(matches!(outcome, Outcome::Lost(_)), "{outcome:?}");
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let (_, outcome) = asked(&kannel, |stream| says(stream, moved)).await;
    assert!(matches!(outcome, Outcome::Waits(_)), "{outcome:?}");
    let wrong = "HTTP/1.1 400 Bad\r\nContent-Length: 10\r\n\r\nno such no";
    let (_, outcome) = asked(&kannel, |stream| says(stream, wrong)).await;
    let reason = "the gateway says 400 no such no".to_owned();
    assert_eq!(outcome, Outcome::Refused(reason));
    // Nobody listens at the first port.
    let nobody = gateway("http://127.0.0.1:1/s?to={to}&text={text}", &[], "");
    let messenger = Messenger::to(nobody).expect("right settings");
    let text = Text {
        to: &Mobile::kept("+447700900123".to_owned()),
        words: String::new(),
        id: "1a.2b",
    };
    let (outcome, trouble) = messenger.send(&text, Timestamp::UNIX_EPOCH).await;
    assert!(matches!(outcome, Outcome::Later(_)), "{outcome:?}");
    assert!(trouble.is_some_and(|it| it.sentence.contains("cannot be reached")));
}

#[tokio::test]
async fn a_gateway_is_tried_with_nothing_for_nobody_and_says_whether_it_lets_us_in() {
    let tried = async |template: &Gateway, answer: &'static str| {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let mut gateway = template.clone();
        gateway.url = gateway.url.replace("HERE", &format!("127.0.0.1:{port}"));
        let messenger = Messenger::to(gateway).expect("right settings");
        let served = async {
            let (mut stream, _) = listener.accept().await.expect("it comes");
            let mut read = [0; 1024];
            let count = stream.read(&mut read).await.expect("it is sent");
            says(stream, answer).await;
            String::from_utf8_lossy(&read[..count]).into_owned()
        };
        let (read, told) = tokio::join!(served, messenger.try_it(Timestamp::UNIX_EPOCH));
        (read, told)
    };
    let kannel = gateway("http://HERE/sendsms?to={to}&text={text}", &[], "");
    let lacks = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
    let (read, told) = tried(&kannel, lacks).await;
    assert!(
        read.starts_with("GET /sendsms?to=&text= HTTP/1.1\r\n"),
        "{read}"
    );
    assert_eq!(told, Ok(()));
    let refuses = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    let (_, told) = tried(&kannel, refuses).await;
    let trouble = told.expect_err("it refuses us");
    assert!(trouble.is_refusal && trouble.sentence.contains("check the account"));
    let nobody = gateway("http://127.0.0.1:1/s?to={to}&text={text}", &[], "");
    let messenger = Messenger::to(nobody).expect("right settings");
    let trouble = messenger.try_it(Timestamp::UNIX_EPOCH).await;
    let trouble = trouble.expect_err("nobody is there");
    assert!(!trouble.is_refusal && trouble.sentence.contains("cannot be reached"));
}

#[tokio::test]
async fn a_gateway_that_answers_without_end_is_not_read_to_its_end() {
    let kannel = gateway("http://HERE/sendsms?to={to}&text={text}", &[], "");
    let endless = async |mut stream: TcpStream| {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.expect("it listens");
        let chunk = [b"400\r\n".as_slice(), &[b'x'; 1024], b"\r\n"].concat();
        let mut written = 0_usize;
        while stream.write_all(&chunk).await.is_ok() {
            written += chunk.len();
            assert!(written < 64 << 20, "it is read without end");
        }
    };
    let (_, outcome) = asked(&kannel, endless).await;
    assert_eq!(outcome, Outcome::Sent);
}
